"""The small values: money, instants, people, and keys without personal data."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.domain.values import Money, Party, address_key, customer_key, digest, instant_text, utc


def test_money_is_in_a_known_form_of_currency() -> None:
    assert Money(1980, "JPY") == Money(1980, "JPY")
    for code in ("jpy", "YEN!", "JP", "", "円円円a"):
        with pytest.raises(ValueError, match="currency"):
            Money(1, code)


def test_instants_are_utc_text() -> None:
    tokyo = datetime(2025, 11, 20, 20, 24, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert utc(tokyo).tzinfo is UTC
    assert instant_text(tokyo) == "2025-11-20T11:24:00Z"
    assert instant_text(tokyo.replace(microsecond=5)) == "2025-11-20T11:24:00.000005Z"


def test_a_time_without_a_zone_or_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        utc(datetime.fromisoformat("2025-11-20T11:24:00"))
    with pytest.raises(ValueError, match="before the year 1"):
        utc(datetime(1, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo")))


def test_a_person_is_known_by_the_address_first() -> None:
    guest = customer_key("aoba", Party(email="Hanako@Example.jp "))
    member = customer_key("aoba", Party(email="hanako@example.jp", customer_id="7", phone="+81900"))
    assert guest == member
    assert customer_key("northlight", Party(email="hanako@example.jp")) != guest
    by_phone = customer_key("aoba", Party(phone="+81900", customer_id="7"))
    assert by_phone == customer_key("aoba", Party(phone="+81900"))
    assert customer_key("aoba", Party(customer_id="7")) not in {None, by_phone}
    assert customer_key("aoba", Party(name="花子")) is None


def test_keys_hold_no_personal_data() -> None:
    keys = [
        customer_key("aoba", Party(email="hanako@example.jp")),
        address_key("aoba", "email", "hanako@example.jp"),
    ]
    for key in keys:
        assert key is not None
        assert re.fullmatch(r"[0-9a-f]{32}", key)


def test_one_address_is_one_key_however_it_is_written() -> None:
    assert address_key("aoba", "email", " Hanako@Example.jp") == (
        address_key("aoba", "email", "hanako@example.jp")
    )
    assert address_key("aoba", "sms", "+81900") != address_key("aoba", "email", "+81900")


def test_the_parts_of_a_digest_do_not_run_into_each_other() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert len(digest("a")) == 64
    assert digest("a", length=8) == digest("a")[:8]
