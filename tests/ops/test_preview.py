from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ops import pictures
from shared.brands import brand_ids, load_brand
from tests.ops.conftest import Yoin


def test_one_template_in_one_language(yoin: Yoin, tmp_path: Path) -> None:
    answer = yoin(
        "preview", "delay_alert/absence", "--locale", "ja", "--brand", "aoba",
        "--out", tmp_path / "out", "--json",
    )  # fmt: skip
    assert answer.code == 0
    email, sms = answer.records
    assert (email["channel"], sms["channel"]) == ("email", "sms")
    assert {email["template"], sms["template"]} == {"delay_alert/absence"}
    assert email["subject"]
    assert "<html" in Path(email["file"]).read_text("utf-8")
    assert Path(sms["file"]).name == "index.html"


def test_a_channel_and_a_lifecycle_can_be_asked_for(yoin: Yoin, home: Path) -> None:
    answer = yoin("preview", "review_request", "--channel", "email", "--locale", "en", "--json")
    assert {record["channel"] for record in answer.records} == {"email"}
    assert {record["locale"] for record in answer.records} == {"en"}
    assert {record["brand"] for record in answer.records} == {"aoba", "linden", "northlight"}
    assert (home / "preview" / "index.html").is_file()


def test_the_pages_of_the_preference_centre(yoin: Yoin, tmp_path: Path) -> None:
    answer = yoin("preview", "--pages", "--brand", "aoba", "--out", tmp_path, "--json")
    assert answer.code == 0
    pages = {record["page"] for record in answer.records}
    assert {"unsubscribe", "preferences", "snooze", "confirm", "expired"} <= pages
    assert len(answer.records) == 2 * len(pages)
    for record in answer.records:
        page = Path(record["file"]).read_text("utf-8")
        assert f'<html lang="{record["locale"]}">' in page
    assert yoin("preview", "--pages", "--locale", "fr").code == 2


@pytest.mark.slow
def test_the_gallery_has_every_message_in_every_language_of_every_brand(
    yoin: Yoin, tmp_path: Path
) -> None:
    from shared import lifecycles

    answer = yoin("preview", "--out", tmp_path)
    assert answer.code == 0
    page = (tmp_path / "index.html").read_text("utf-8")
    found = re.search(r'id="data">(.*?)</script>', page)
    assert found is not None
    emails = [m for m in json.loads(found[1])["messages"] if m["channel"] == "email"]
    expected = {
        (spec.name, kind, brand, locale)
        for spec in lifecycles.specs()
        for kind in spec.messages
        for brand in brand_ids()
        for locale in load_brand(brand).locales
    }
    told = {(m["lifecycle"], m["message"], m["brand"], m["mail"]["locale"]) for m in emails}
    assert told == expected
    # Where there is a marketing block, the mail is there with and without it.
    names = {path.stem for path in (tmp_path / "mails").iterdir()}
    twice = {name for name in names if name.endswith(".marketing")}
    assert len(names) - len(twice) == len(expected)
    assert len(twice) == len([one for one in expected if one[1] == "confirmed"])


def test_without_a_browser_a_picture_is_refused(
    yoin: Yoin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOIN_BROWSER", "no-such-browser")
    answer = yoin("preview", "delay_alert/absence", "--png", "--out", tmp_path)
    assert answer.code == 1
    assert "no-such-browser, which is not installed" in answer.complaint


def test_a_picture_is_as_long_as_the_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for the browser: what it is asked, and that the mail cannot break out."""
    asked: list[list[str]] = []

    def browse(_program: str, folder: str, arguments: list[str]) -> str:
        page = (Path(folder) / "page.html").read_text("utf-8")
        assert "</iframe><script>alert" not in page
        asked.append(arguments)
        for argument in arguments:
            if argument.startswith("--screenshot="):
                Path(argument.partition("=")[2]).write_bytes(b"PNG")
        return '<html data-height="1234">'

    monkeypatch.setattr(pictures, "_run", browse)
    path = tmp_path / "mail.png"
    pictures.photograph("browser", '"></iframe><script>alert(1)</script>', path)
    assert path.read_bytes() == b"PNG"
    assert f"--window-size={pictures.WIDTH},1234" in asked[1]
