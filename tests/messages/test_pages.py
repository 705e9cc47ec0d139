"""The preference centre's pages: what they say, that they need no script, who can read them."""

from __future__ import annotations

import base64
import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from shared.brands.colours import AA_TEXT, contrast
from shared.brands.directory import BrandDirectory
from shared.brands.models import READABLE_PAIRS
from shared.domain.events import Frequency
from shared.messages import pages
from shared.messages.pages import LANGUAGES, PageRenderer, RenderedPage
from shared.usecases.preferences import NEVER, PAUSES, SNOOZES

GOODS = [
    {"sku": "SENCHA-100", "title": "煎茶", "stopped": False},
    {"sku": "OLD-1", "title": "<b>\"茶\" & 'tea'</b>", "stopped": True},
]
LINKED = {"channel": "email", "preferences": "token"}
PREFERENCES = {
    "channel": "email",
    "channels": ["email", "sms"],
    "topics": [
        {
            "name": "replenishment_reminder",
            "title": ["買い足しのご案内", "Replenishment reminder"],
            "boxes": [{"channel": "email", "on": True}, {"channel": "sms", "on": False}],
        }
    ],
    "frequency": "WEEKLY",
    "frequencies": list(Frequency),
    "pauses": list(PAUSES),
    "paused_until": "2026-05-01",
    "goods": GOODS,
    "all_refused": False,
}
SNOOZE = {"channel": "email", "goods": GOODS, "choices": [*SNOOZES, NEVER]}
# Every page, with what it is shown with.
SHOWN: list[tuple[str, str, Mapping[str, Any]]] = [
    ("unsubscribe", "asking", {**LINKED, "done": False}),
    ("unsubscribe", "done", {**LINKED, "done": True}),
    ("unsubscribed", "by sms", {**LINKED, "channel": "sms"}),
    ("resubscribed", "", LINKED),
    ("preferences", "looking", PREFERENCES),
    ("preferences", "saved", {**PREFERENCES, "saved": "saved"}),
    ("preferences", "stopped", {**PREFERENCES, "saved": "stopped", "all_refused": True}),
    ("preferences", "refused", {**PREFERENCES, "all_refused": True, "paused_until": None}),
    ("snooze", "several", SNOOZE),
    ("snooze", "one", {**SNOOZE, "goods": GOODS[:1]}),
    ("snooze", "wrong", {**SNOOZE, "wrong": True}),
    ("snoozed", "a while", {**SNOOZE, "until": "2026-05-01"}),
    ("snoozed", "never", {**SNOOZE, "until": None}),
    ("confirm", "asking", {"channel": "email", "done": False}),
    ("confirm", "done", {"channel": "email", "done": True}),
    ("confirmed", "", {"channel": "email"}),
    ("expired", "", {}),
    ("unreadable", "", {}),
]
NOBODYS = ["unknown", "unreadable", "unavailable", "expired"]
SHOPS = [("ja", "aoba"), ("en", "northlight")]


@cache
def renderer(*brands: str) -> PageRenderer:
    return PageRenderer(BrandDirectory(brands or ("aoba", "northlight")))


def shown(page: str, content: Mapping[str, Any], language: str, brand: str) -> RenderedPage:
    return renderer().render(page, brand, content, asked=language)


ALL = [
    pytest.param(one[0], one[2], language, brand, id=f"{one[0]}-{one[1]}-{language}")
    for one in SHOWN
    for language, brand in SHOPS
]


class Read(HTMLParser):
    """A page taken apart: its tags, its text, and which label each control has."""

    VOID = frozenset({"meta", "br", "input", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.unlabelled: list[dict[str, str]] = []
        self._open: list[str] = []
        self.feed(html)
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag == "input" and "label" not in self._open:
            self.unlabelled.append(found)
        if tag not in self.VOID:
            self._open.append(tag)
        if tag in {"p", "h1", "h2", "h3", "li", "label", "legend", "button", "div", "br"}:
            self.text += "\n"
        if tag == "input":
            self.text += "[x] " if "checked" in found else "[ ] "

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text += data.strip()

    def all(self, tag: str) -> list[dict[str, str]]:
        return [found for name, found in self.tags if name == tag]


def words(html: str) -> str:
    main = html.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\n+", "\n", Read(f"<main{main}</main>").text).strip()


@pytest.mark.parametrize(("language", "brand"), SHOPS)
def test_words(language: str, brand: str, snapshot: SnapshotAssertion) -> None:
    said = [
        f"=== {page} {case}\n{words(shown(page, content, language, brand).html)}"
        for page, case, content in SHOWN
    ]
    assert "\n\n".join(said) == snapshot


def test_a_whole_page(snapshot: SnapshotAssertion) -> None:
    assert shown("unsubscribe", {**LINKED, "done": False}, "ja", "aoba").html == snapshot


@pytest.mark.parametrize("page", NOBODYS)
def test_what_belongs_to_nobody_is_said_in_every_language(page: str) -> None:
    made = renderer().render(page, None, {})
    read = Read(made.html)
    assert [section["lang"] for section in read.all("section")] == list(LANGUAGES)
    for language in LANGUAGES:
        said = tomllib.loads((Path(pages.__file__).parent / f"{language}.toml").read_text("utf-8"))[
            page
        ]
        assert said["lead"] in read.text
    for brand in ("青葉", "Northlight"):
        assert brand not in made.html, "whose links they were is nobody's business"


def test_the_only_shop_there_is_says_how_it_is_reached() -> None:
    made = renderer("aoba").render("unknown", None, {}, asked="ja")
    assert "support@aoba-chaho.example" in made.html


@pytest.mark.parametrize(("page", "content", "language", "brand"), ALL)
def test_a_page_is_whole_accessible_and_needs_no_script(
    page: str, content: Mapping[str, Any], language: str, brand: str
) -> None:
    made = shown(page, content, language, brand)
    read = Read(made.html)
    names = {tag for tag, _ in read.tags}
    assert not names & {"script", "iframe", "object", "embed", "link", "base"}
    for tag, found in read.tags:
        assert not [name for name in found if name.startswith("on") or name == "style"], tag
        assert not found.get("href", "").startswith(("javascript:", "http:", "//"))
    assert read.all("html")[0]["lang"] == language
    assert len(read.all("h1")) == 1
    assert len(read.all("main")) == 1
    assert not read.unlabelled
    assert len(read.all("fieldset")) == len(read.all("legend"))
    for form in read.all("form"):
        assert form["method"] == "post"
        assert "action" not in form, "back to where it came from: no redirect, no other site"
    assert len({found["id"] for _, found in read.tags if "id" in found}) == sum(
        "id" in found for _, found in read.tags
    )
    style = re.search(r"<style>(.*?)</style>", made.html, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert made.style == f"'sha256-{digest}'"
    assert "@" not in re.sub(r"[\w.]+@[\w-]+\.example", "", words(made.html))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_came_with_an_order_is_text_and_no_markup(language: str) -> None:
    for page, content in (("preferences", PREFERENCES), ("snooze", SNOOZE)):
        html = shown(page, content, language, "northlight").html
        assert "<b>" not in html
        assert "&lt;b&gt;&#34;茶&#34; &amp; &#39;tea&#39;&lt;/b&gt;" in html
    sku = '"><script>alert(1)</script>\u202e'
    hostile = {**SNOOZE, "goods": [{"sku": sku, "title": None, "stopped": False}] * 2}
    html = shown("snooze", hostile, language, "northlight").html
    assert "<script" not in html
    assert "\u202e" not in html


def test_the_languages_say_the_same_things() -> None:
    ja, en = (
        tomllib.loads((Path(pages.__file__).parent / f"{one}.toml").read_text("utf-8"))
        for one in LANGUAGES
    )
    keys = {name: set(value) for name, value in ja.items() if isinstance(value, dict)}
    assert keys == {name: set(value) for name, value in en.items() if isinstance(value, dict)}
    assert set(ja) == set(en)
    for name, table in ja.items():
        for key, text in table.items() if isinstance(table, dict) else ():
            filled = set(re.findall(r"%\(\w+\)s", text))
            assert filled == set(re.findall(r"%\(\w+\)s", en[name][key])), (name, key)


ACCEPTED = [
    ("", "en-GB", "ja", "en"),  # the person's own comes first
    ("ja", "en-GB", "", "ja"),  # unless they ask for another
    ("xx", "", "fr, ja;q=0.5, en;q=0.8", "en"),
    ("", "", "ja-JP,ja;q=0.9,en-US;q=0.8", "ja"),
    ("", "de", "en;q=0, *", "ja"),  # no wish that can be met: the brand's own
    ("", "", ";;q=,,", "ja"),
]


@pytest.mark.parametrize(("asked", "locale", "accepted", "language"), ACCEPTED)
def test_the_language_is_the_person_s(
    asked: str, locale: str, accepted: str, language: str
) -> None:
    made = renderer().render(
        "expired", "aoba", {}, asked=asked, locale=locale or None, accepted=accepted
    )
    assert f'<html lang="{language}">' in made.html


def test_nobody_s_colours_read_at_aa() -> None:
    for appearance in ("light", "dark"):
        palette: Any = pages._NEUTRAL[appearance]
        for text, ground in READABLE_PAIRS:
            assert contrast(palette[text], palette[ground]) >= AA_TEXT, (appearance, text, ground)


def test_a_brand_s_own_logo_and_pages() -> None:
    directory = BrandDirectory(("aoba",))
    brand = directory.brand("aoba")
    logo = brand.theme.model_copy(
        update={"logo": brand.theme.logo or _logo("https://cdn.aoba-chaho.example/logo.png")}
    )
    links = brand.links.model_copy(update={"preferences": "https://aoba-chaho.example/mail"})
    directory._brands["aoba"] = brand.model_copy(update={"theme": logo, "links": links})
    made = PageRenderer(directory).render("unsubscribed", "aoba", LINKED)
    assert made.images == "https://cdn.aoba-chaho.example"
    assert 'src="https://cdn.aoba-chaho.example/logo.png"' in made.html
    assert 'href="https://aoba-chaho.example/mail"' in made.html
    assert "../preferences/" not in made.html


def _logo(url: str) -> Any:
    from shared.brands.models import Logo

    return Logo(url=url, width=120)
