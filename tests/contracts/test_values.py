"""Values from outside: what each library says, in Yoin's form."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts import values
from shared.domain.values import Money


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("23600", "JPY", 23600),
        ("23600.00", "JPY", 23600),
        ("19.80", "USD", 1980),
        ("19.8", "USD", 1980),
        (Decimal("19.80"), "USD", 1980),
        (5, "JPY", 5),
        ("1.234", "KWD", 1234),
        ("-5.00", "USD", -500),
        ("0", "JPY", 0),
    ],
)
def test_amounts_follow_the_currency(amount: str, currency: str, minor: int) -> None:
    assert values.money(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("19.99", "JPY"),
        ("19.999", "USD"),
        ("1", "XXX"),
        ("1", "ABC"),
        ("1", "usd"),
        ("1", ""),
        ("1e3", "USD"),
        ("NaN", "USD"),
        ("Infinity", "USD"),
        ("１２", "JPY"),
        ("12,000", "JPY"),
        ("¥12", "JPY"),
        ("", "JPY"),
        ("9" * 20, "JPY"),
        (True, "JPY"),
    ],
)
def test_impossible_amounts_are_none(amount: str, currency: str) -> None:
    assert values.money(amount, currency) is None


@settings(deadline=None)
@given(st.decimals(allow_nan=True, allow_infinity=True), st.sampled_from(["JPY", "USD", "KWD"]))
def test_an_amount_is_exact_or_none(amount: Decimal, currency: str) -> None:
    found = values.money(amount, currency)
    exponent = values.currency_exponent(currency)
    assert exponent is not None
    if found is not None:
        assert Decimal(found.amount).scaleb(-exponent) == amount


@pytest.mark.parametrize(
    ("number", "region", "e164"),
    [
        ("090-1234-5678", "JP", "+819012345678"),
        ("０９０－１２３４－５６７８", "JP", "+819012345678"),
        ("+1(502)-459-2181", "US", "+15024592181"),
        ("+819012345678", None, "+819012345678"),
        ("03-1234-5678", "JP", "+81312345678"),
        ("090-1234-5678", None, None),
        ("555-625-1199", "US", None),
        ("555-555-SHIP", "US", None),
        ("12", "JP", None),
        ("", "JP", None),
        ("090-1234-5678", "XX", None),
    ],
)
def test_phones(number: str, region: str | None, e164: str | None) -> None:
    assert values.e164(number, region) == e164
    if e164:
        assert values.is_e164(e164)


@pytest.mark.parametrize(
    ("address", "normal"),
    [
        ("jon@EXAMPLE.com", "jon@example.com"),
        (" hana@example.com ", "hana@example.com"),
        ("hana@shop.test", "hana@shop.test"),
        ("太郎@例え.jp", "太郎@例え.jp"),
        ("", None),
        ("not", None),
        ("a@b", None),
        ("a@localhost", None),
        ("a@[127.0.0.1]", None),
        ("a b@example.com", None),
        ("a@example.com\nBcc: x@example.com", None),
    ],
)
def test_emails(address: str, normal: str | None) -> None:
    assert values.email(address) == normal


def test_countries_are_iso_codes_in_capitals() -> None:
    assert [values.country(code) for code in ("jp", "US", "AQ")] == ["JP", "US", "AQ"]
    assert [values.country(code) for code in ("JPN", "ZZ", "", "日本")] == [None] * 4


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-04-02T09:01:34-05:00", datetime(2024, 4, 2, 14, 1, 34, tzinfo=UTC)),
        ("2024-08-07T22:51:19.507506882Z", datetime(2024, 8, 7, 22, 51, 19, 507506, tzinfo=UTC)),
        ("2021-11-19T18:43:41+09:00", datetime(2021, 11, 19, 9, 43, 41, tzinfo=UTC)),
        ("2018-10-08T14:05:45 +0000", datetime(2018, 10, 8, 14, 5, 45, tzinfo=UTC)),
        ("2024-04-02 09:01:34 -05:00", datetime(2024, 4, 2, 14, 1, 34, tzinfo=UTC)),
        ("2024-04-02T09:01:34", None),
        ("2024-04-02 09:00", None),
        ("2024-04-02", None),
        ("2024-02-30T00:00:00Z", None),
        ("2024-13-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1712048494", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_instants_need_their_offset(text: str, instant: datetime | None) -> None:
    assert values.instant(text) == instant


def test_days_and_locales() -> None:
    assert values.day("2026-04-16") == date(2026, 4, 16)
    assert values.day("2026-02-30") is None
    assert [values.locale(tag) for tag in ("ja", "en_US", "zh-Hant-TW")] == [
        "ja",
        "en-US",
        "zh-Hant-TW",
    ]
    assert [values.locale(tag) for tag in ("", "japanese", "j", "en US")] == [None] * 4


def test_what_was_not_written_is_nothing() -> None:
    assert values.country(None) is None
    assert values.e164(None, "JP") is None
    assert values.email(None) is None
    assert values.locale(None) is None


@pytest.mark.parametrize(
    ("text", "any_link", "secure_link"),
    [
        ("https://example.com/a", True, True),
        ("http://example.com/a", True, False),
        ("https://example.com/a b", False, False),
        ("javascript:alert(1)", False, False),
        ("example.com", False, False),
        ("", False, False),
        (None, False, False),
    ],
)
def test_links(text: str | None, any_link: bool, secure_link: bool) -> None:
    assert values.web_address(text) == (text if any_link else None)
    assert values.web_address(text, secure=True) == (text if secure_link else None)
