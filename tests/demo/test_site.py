from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from infra.node import machine_node, wheel_node
from local.mailbox import site
from local.mailbox.model import Mailbox
from tests.demo import boxes

ASSETS = Path(site.__file__).with_name("assets")


class _Page(HTMLParser):
    """The elements of a page, and what stands in its data element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data = ""
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag == "script" and dict(attrs).get("id") == "data"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.data += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


def _data(text: str) -> Any:
    return json.loads(_Page(text).data)


def test_the_page_holds_all_data() -> None:
    data = _data(site.page(boxes.mailbox()))
    assert [m["status"] for m in data["messages"]] == [
        "SENT",
        "SENT",
        "SKIPPED",
        "WAITING",
        "FAILED",
    ]
    assert data["orders"][0]["customer"] == "山田 花子"
    assert data["reasons"]["ALREADY_PAID"] == ["お支払い済みです。", "The order is paid."]
    assert data["messages"][0]["mail"]["file"].startswith("mails/m-")
    assert data["messages"][1]["mail"]["segments"] == 1  # an SMS
    assert data["live"] is None


def test_nothing_from_outside_becomes_markup() -> None:
    text = site.page(boxes.hostile())
    page = _Page(text)
    # One for the data, one for the program: a third would be somebody else's.
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert "img" not in {tag for tag, _ in page.tags}
    assert "alert(1)</script>" not in text
    assert _data(text)["orders"][0]["customer"] == boxes.HOSTILE


def test_only_the_pages_own_script_may_run() -> None:
    text = site.page(boxes.hostile())
    (policy,) = [
        attrs["content"] or ""
        for tag, attrs in _Page(text).tags
        if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "unsafe-inline" not in policy
    assert "connect-src 'none'" in policy
    script = (ASSETS / "app.js").read_text("utf-8")
    assert site._digest(script) in policy
    assert "connect-src 'self'" in site.page(boxes.mailbox(), live={"token": "x"})


def test_the_program_makes_no_markup_from_text() -> None:
    script = (ASSETS / "app.js").read_text("utf-8")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert way not in script
    assert "</script" not in script
    assert 'sandbox: ""' in script


def test_every_word_has_both_languages() -> None:
    script = (ASSETS / "app.js").read_text("utf-8")
    block = script[script.index("const WORDS = {") : script.index("const t = ")]
    words = dict(re.findall(r'(\w+): \[("[^"]*", "[^"]*")\]', block))
    used = set(re.findall(r'\bt\("(\w+)"\)', script))
    assert used <= set(words), sorted(used - set(words))


@pytest.mark.slow
def test_the_program_is_valid_javascript() -> None:
    node = machine_node() or wheel_node()
    assert node is not None, "make setup brings Node.js"
    done = subprocess.run(
        [node, "--check", str(ASSETS / "app.js")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("make", [boxes.mailbox, boxes.hostile])
def test_every_link_of_the_page_leads_to_a_file(tmp_path: Path, make: Any) -> None:
    box: Mailbox = make()
    index = site.build(box, tmp_path)
    assert index == tmp_path / "index.html"
    data = _data(index.read_text("utf-8"))
    files = {m["mail"]["file"] for m in data["messages"] if m["mail"] and m["mail"]["file"]}
    assert files
    assert files == {f"mails/{path.name}" for path in (tmp_path / "mails").iterdir()}


def test_a_second_build_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    site.build(boxes.mailbox(), tmp_path)
    site.build(replace(boxes.mailbox(), mails=()), tmp_path)
    assert list((tmp_path / "mails").iterdir()) == []


def test_a_message_id_never_becomes_a_path() -> None:
    mail = replace(boxes.mailbox().mails[0], message_id="../../etc/passwd")
    assert site.mail_file(mail) == "mails/_.._etc_passwd.html"


def test_a_mail_is_shown_without_its_scripts() -> None:
    mail = boxes.mailbox().mails[0]
    page = site.mail_page(mail)
    assert page.index("Content-Security-Policy") < page.index("<title>")
    assert "default-src 'none'" in page
    assert "script-src" not in page
    bare = site.mail_page(replace(mail, html="<p>only a piece</p>"))
    assert bare.index("Content-Security-Policy") < bare.index("only a piece")


def test_the_same_mailbox_gives_the_same_page() -> None:
    assert site.page(boxes.mailbox()) == site.page(boxes.mailbox())
