"""Amounts, dates and times as people of each language write them."""

from __future__ import annotations

import pytest
from babel import Locale

from shared.messages import formats
from shared.messages.filters import first_letter, joined, one_line, paragraphs, phrases, unbroken

JA, EN, GB = Locale.parse("ja"), Locale.parse("en"), Locale.parse("en_GB")


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "written"),
    [
        (1980, "JPY", JA, "1,980円"),
        (0, "JPY", JA, "0円"),
        (1234567, "JPY", JA, "1,234,567円"),
        (1980, "JPY", EN, "¥1,980"),
        (1980, "USD", EN, "$19.80"),
        (1980, "USD", JA, "$19.80"),
        (5, "EUR", EN, "€0.05"),
        (-1980, "USD", EN, "-$19.80"),
        (1980, "GBP", GB, "£19.80"),
        (1234567, "KWD", EN, "KWD1,234.567"),  # three decimals
        (1234, "IQD", EN, "IQD1.234"),  # ISO 4217 has three where CLDR shows none
        (50000, "KRW", EN, "₩50,000"),
    ],
)
def test_money(amount: int, currency: str, locale: Locale, written: str) -> None:
    assert formats.money({"amount": amount, "currency": currency}, locale) == written


@pytest.mark.parametrize("amount", ["1980", 19.8, None, True])
def test_an_amount_is_an_integer(amount: object) -> None:
    with pytest.raises(ValueError, match="integer in minor units"):
        formats.money({"amount": amount, "currency": "JPY"}, JA)


def test_a_currency_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="XYZ"):
        formats.money({"amount": 1, "currency": "XYZ"}, JA)


@pytest.mark.parametrize(
    ("earliest", "latest", "japanese", "english"),
    [
        ("2025-11-23", "2025-11-25", "11月23日(日)〜25日(火)", "Sun, Nov 23 – Tue, Nov 25"),
        ("2025-11-30", "2025-12-02", "11月30日(日)〜12月2日(火)", "Sun, Nov 30 – Tue, Dec 2"),
        ("2025-12-30", "2026-01-02", "12月30日(火)〜1月2日(金)", "Tue, Dec 30 – Fri, Jan 2"),
        ("2025-11-23", "2025-11-23", "11月23日(日)", "Sun, Nov 23"),
    ],
)
def test_spans_of_days(earliest: str, latest: str, japanese: str, english: str) -> None:
    value = {"earliest": earliest, "latest": latest}
    assert formats.span(value, JA) == japanese
    assert formats.span(value, EN) == english


def test_a_span_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        formats.span({"earliest": "2025-11-25", "latest": "2025-11-23"}, JA)


def test_an_instant_is_shown_by_the_clock_of_its_zone() -> None:
    instant = "2025-11-23T14:59:00Z"
    assert formats.moment(instant, JA, "Asia/Tokyo") == "11月23日(日) 23:59"
    assert formats.moment(instant, EN, "America/New_York") == "Sun, Nov 23, 9:59 AM"
    assert formats.short_moment(instant, JA, "Asia/Tokyo") == "11/23(日) 23:59"
    # Already the next day in Tokyo.
    assert formats.local_day("2025-11-23T15:00:00+00:00", "Asia/Tokyo") == "2025-11-24"


def test_a_deadline_names_its_clock_except_japan_s_own_in_japanese() -> None:
    instant = "2025-07-01T03:59:00Z"
    assert formats.deadline(instant, JA, "Asia/Tokyo") == "7月1日(火) 12:59"
    assert formats.deadline(instant, JA, "America/New_York") == "6月30日(月) 23:59 EDT"
    assert formats.deadline(instant, EN, "America/New_York") == "Mon, Jun 30, 11:59 PM EDT"
    assert formats.deadline(instant, EN, "Asia/Tokyo") == "Tue, Jul 1, 12:59 PM JST"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        formats.moment("2025-11-23T14:59:00", JA, "Asia/Tokyo")


def test_nothing_is_written_in_characters_that_break_a_short_message() -> None:
    written = formats.span({"earliest": "2025-11-23", "latest": "2025-11-25"}, EN)
    written += formats.moment("2025-11-23T14:59:00Z", EN, "America/New_York")
    assert not set(written) & {"\u2009", "\u202f", "\u00a0"}


def test_line_breaks_vanish_within_japanese_and_become_blanks_elsewhere() -> None:
    assert one_line("ご注文を\n  承りました。\nこのあと") == "ご注文を承りました。このあと"
    assert one_line("we have\n  your order") == "we have your order"
    assert one_line("詳細\nhttps://x.example/") == "詳細 https://x.example/"
    assert one_line("山田 花子") == "山田 花子"
    assert paragraphs("a\nb\n\n \nc") == ["a b", "c"]


def test_a_headline_breaks_only_between_its_phrases() -> None:
    assert joined("ご注文を|承りました") == "ご注文を承りました"
    assert phrases("<b>|x").count("<span") == 2
    assert "&lt;b&gt;" in phrases("<b>|x")
    assert unbroken("Sun, Nov 23 – Tue, Nov 25").count("<span") == 2
    assert unbroken("11月23日(日)〜25日(火)").count("<span") == 2


def test_the_letter_of_a_product() -> None:
    assert first_letter("煎茶") == "煎"
    assert first_letter("【新茶】煎茶") == "新"
    assert first_letter("(Aurora)") == "A"
    assert first_letter("***") == "・"
