"""The preference centre in a real browser, as wide as a phone, without scripts.

Skipped where there is no Chromium (``YOIN_BROWSER`` names one).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from local.outbox import Mail
from local.runtime import LocalStack
from local.urls import HttpAnswer
from ops.errors import CommandError
from ops.pictures import browser
from tests.functions.browser import Browser
from tests.functions.test_preferences import link, one_click_url


@pytest.fixture
def phone(asked: tuple[LocalStack, Mail], tmp_path: Path) -> Iterator[Browser]:
    """A browser that reaches the local stack, and nothing else."""
    try:
        program = browser()
    except CommandError as missing:
        pytest.skip(str(missing))

    def serve(method: str, url: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        return asked[0].post(url, headers, body, method=method)

    with Browser(program, tmp_path, serve) as made:
        yield made


# WCAG 2.2, 2.5.5 (AAA) and the platforms' own guidelines: a finger needs 44 CSS pixels.
TARGETS = """
[...document.querySelectorAll("main a, nav a, button, label")]
  .map(e => [e.textContent.trim(), Math.round(e.getBoundingClientRect().height)])
  .filter(([_, height]) => height < 44)
"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
GROUND = "getComputedStyle(document.body).backgroundColor"


def looks_right(phone: Browser) -> None:
    assert phone.look("innerWidth") == 390
    assert phone.look(TOO_WIDE) == 0, "nothing to be scrolled sideways"
    assert phone.look(TARGETS) == []
    # The style sheet is in force: the policy of the page lets it through.
    assert phone.look(GROUND) == "rgb(243, 239, 228)"
    assert phone.complaints == []


def test_a_person_unsubscribes_and_comes_back_for_less(
    phone: Browser, asked: tuple[LocalStack, Mail]
) -> None:
    stack, mail = asked
    phone.open(one_click_url(mail))
    looks_right(phone)
    assert phone.look("document.querySelector('h1').textContent") == "配信を停止しますか"
    phone.tap("button", loads=True)
    looks_right(phone)
    assert phone.look("document.querySelector('h1').textContent") == "配信を停止しました"
    phone.tap("main a.link", loads=True)
    looks_right(phone)
    assert phone.look("location.pathname.split('/')[1]") == "preferences"
    assert phone.look("document.querySelectorAll('[name=topic]:checked').length") == 0
    stack.advance(timedelta(seconds=20))  # of two words at one instant the refusal counts
    phone.tap('[value="email:review_request"]')
    phone.tap('[value="MONTHLY"]')
    phone.tap('[value="save"]', loads=True)
    looks_right(phone)
    assert "保存しました" in phone.look("document.querySelector('[role=status]').textContent")
    ticked = phone.look("[...document.querySelectorAll(':checked')].map(e => e.value)")
    assert ticked == ["email:review_request", "MONTHLY", "none"]
    assert [method for method, _ in phone.asked] == ["GET", "POST", "GET", "POST"]


def test_every_page_fits_a_phone_in_both_languages(
    phone: Browser, asked: tuple[LocalStack, Mail]
) -> None:
    _, mail = asked
    url = link(mail, "preferences")
    for language in ("ja", "en"):
        phone.open(f"{url}?lang={language}")
        looks_right(phone)
        assert phone.look("document.documentElement.lang") == language
    phone.tap("nav a", loads=True)
    assert phone.look("document.documentElement.lang") == "ja"


def test_no_script_runs_and_nothing_else_is_loaded(
    phone: Browser, asked: tuple[LocalStack, Mail]
) -> None:
    """What would get past the escaping meets the policy of the page: here it is put in by force."""
    _, mail = asked
    phone.open(one_click_url(mail))
    before = list(phone.asked)
    for markup in ('<img src="https://evil.example/x">', '<p style="color:red">x</p>'):
        phone.look(f"document.body.insertAdjacentHTML('beforeend', {json.dumps(markup)})")
    assert phone.look("getComputedStyle(document.body.lastChild).color") != "rgb(255, 0, 0)"
    assert phone.asked == before
    assert any("Content Security Policy" in one for one in phone.complaints)
