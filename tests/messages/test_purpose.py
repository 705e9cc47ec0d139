"""The purpose of every block: a marketing block is for those who agreed, and brings its opt-out."""

from __future__ import annotations

import json

import jinja2
import pytest

from shared.brands import Brand, load_brand
from shared.brands.directory import BrandDirectory
from shared.domain.errors import TemplateError
from shared.domain.events import Channel, Purpose
from shared.messages.environment import environment
from shared.messages.letters import Letters
from shared.messages.links import SamplePages, unsubscribe_link
from shared.ports import Letter
from tests.messages.mails import Page, agreed, content, email, name, sms

AOBA = load_brand("aoba")
MESSAGE = ("order_confirmation", "confirmed")
SHOPS = [("ja", AOBA, "お品物を見る"), ("en", load_brand("northlight"), "Have a look")]


def letter(*, marketing: bool, lifecycle: str = MESSAGE[0], message: str = MESSAGE[1]) -> Letter:
    transactional = lifecycle == MESSAGE[0]
    return Letters(BrandDirectory(["aoba"]), SamplePages()).letter(
        lifecycle=lifecycle,
        message=message,
        purpose=Purpose.TRANSACTIONAL if transactional else Purpose.MARKETING,
        channel=Channel.EMAIL,
        brand="aoba",
        locale="ja",
        to="hanako@example.com",
        message_id="m-1",
        content=content(lifecycle, message, "ja"),
        marketing=marketing,
    )


@pytest.mark.parametrize(("locale", "brand", "words"), SHOPS, ids=name)
def test_a_marketing_block_leaves_the_mail_of_a_person_without_consent(
    locale: str, brand: Brand, words: str
) -> None:
    plain, more = (make(*MESSAGE, locale, brand) for make in (email, agreed))
    assert (plain.marketing, more.marketing) == (False, True)
    assert words in more.html
    assert words not in plain.html
    assert (plain.subject, plain.preheader) == (more.subject, more.preheader)
    offered = {link["href"] for link in Page(more.html).links if link["name"] == "product"}
    assert len(offered) == 2
    assert all(url in more.text and url not in plain.text + plain.html for url in offered)


def test_the_opt_out_comes_and_goes_with_the_block() -> None:
    plain, more = letter(marketing=False), letter(marketing=True)
    url = unsubscribe_link(AOBA, "m-1", SamplePages())
    assert url not in plain.text + str(plain.html)
    assert not any(key.startswith("List-Unsubscribe") for key in plain.headers)
    assert url in more.text
    assert url in str(more.html)
    assert "List-Unsubscribe" in more.headers
    assert more.purpose is Purpose.TRANSACTIONAL


def test_nothing_to_suggest_is_no_block_and_no_opt_out() -> None:
    plain = email(*MESSAGE, "ja", AOBA)
    for nothing in ([], ["UNKNOWN"]):
        assert agreed(*MESSAGE, "ja", AOBA, goes_with=nothing) == plain


@pytest.mark.parametrize(
    ("lifecycle", "message"),
    [("review_request", "request"), ("replenishment_reminder", "due")],
)
def test_marketing_stays_marketing_and_needs_no_marks(lifecycle: str, message: str) -> None:
    plain = email(lifecycle, message, "ja", AOBA)
    assert plain.marketing
    assert agreed(lifecycle, message, "ja", AOBA) == plain


def _edited(monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str) -> None:
    loader = environment().loader
    assert loader is not None
    source = loader.get_source(environment(), file)[0]
    assert old in source
    edited = jinja2.DictLoader({file: source.replace(old, new)})
    monkeypatch.setattr(environment(), "loader", jinja2.ChoiceLoader([edited, loader]))


def test_a_block_in_the_text_only_is_an_error_and_never_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = "order_confirmation/templates/confirmed.mjml.j2"
    _edited(monkeypatch, file, "{% marketing %}", "{% if false %}{% marketing %}{% endmarketing %}")
    _edited(monkeypatch, file, "{% endmarketing %}\n{% endblock", "{% endif %}\n{% endblock")
    with pytest.raises(TemplateError, match="marketing blocks: 1 in the text, 0 in the HTML"):
        agreed(*MESSAGE, "ja", AOBA)
    assert email(*MESSAGE, "ja", AOBA).subject  # who gets no block gets the mail


def test_the_mark_is_the_same_in_a_short_message(monkeypatch: pytest.MonkeyPatch) -> None:
    _edited(
        monkeypatch,
        "order_confirmation/templates/ja/confirmed.sms.j2",
        "詳細 ",
        "{% marketing %}新茶が入りました。配信停止 {{ links.unsubscribe }} {% endmarketing %}詳細 ",
    )
    from shared.messages.rendering import render_sms

    whole = content(*MESSAGE, "ja")
    more = render_sms(*MESSAGE, "ja", whole, AOBA, message_id="m-1", marketing=True)
    plain = sms(*MESSAGE, "ja", AOBA)
    assert (plain.marketing, more.marketing) == (False, True)
    assert "新茶" in more.text
    assert "新茶" not in plain.text
    assert "unsubscribe" not in plain.text


def test_a_failing_block_hurts_nobody_without_consent(monkeypatch: pytest.MonkeyPatch) -> None:
    _edited(
        monkeypatch,
        "order_confirmation/templates/ja/confirmed.txt.j2",
        "{% marketing %}",
        "{% marketing %}{{ nothing }}",
    )
    assert email(*MESSAGE, "ja", AOBA, goes_with=["KYUSU-01"]).subject
    with pytest.raises(TemplateError, match="the variable nothing is undefined"):
        agreed(*MESSAGE, "ja", AOBA)


def test_content_names_products_only_by_their_codes() -> None:
    assert json.dumps(content(*MESSAGE, "ja")["goes_with"]) == '["KYUSU-01", "GENMAI-200"]'
