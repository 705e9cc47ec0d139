"""Parts of an order: people, places, goods, refunds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts import orders
from shared.domain.errors import Rejected
from shared.domain.events import OrderChanged, OrderPlaced, PaymentStatus
from shared.domain.shipments import ShippedLine
from shared.domain.values import Address, Money, Party

NOWHERE: dict[str, Any] = dict.fromkeys(
    ("name", "country", "postal_code", "region", "city", "line1")
)
SAID: dict[str, Any] = {
    "order_id": "1",
    "placed_at": datetime(2026, 4, 10, tzinfo=UTC),
    "lines": (),
    "currency": "JPY",
}


def test_a_snapshot_is_of_the_kind_that_was_asked_for() -> None:
    assert orders.snapshot(OrderPlaced, SAID) == OrderPlaced(**SAID)
    assert orders.snapshot(OrderChanged, SAID) == OrderChanged(**SAID)


def test_a_snapshot_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        orders.snapshot(OrderPlaced, {**SAID, "total": Money(100, "USD")})
    assert refusal.value.code == "INVALID_VALUE"


def test_a_party_has_the_first_address_and_number_that_are_such() -> None:
    found = orders.party(
        customer_id="7",
        name="山田 花子",
        emails=(None, "nobody", "hanako@example.com", "other@example.com"),
        phones=(None, "12", "090-1234-5678"),
        phone_region="JP",
        locale="ja_JP",
    )
    assert found == Party(
        customer_id="7",
        name="山田 花子",
        email="hanako@example.com",
        phone="+819012345678",
        locale="ja-JP",
    )


def test_of_a_party_nothing_has_to_be_known() -> None:
    assert orders.party() == Party()
    assert orders.party(emails=("x",), phones=("1",), locale="?") == Party()


def test_a_number_is_read_as_its_country_writes_it() -> None:
    japan = {**NOWHERE, "country": "JP"}
    assert orders.address(**japan, phones=("090-1234-5678",)) == Address(
        country="JP", phone="+819012345678"
    )
    assert orders.address(**NOWHERE, phones=("090-1234-5678",), phone_region="JP") == Address(
        phone="+819012345678"
    )


def test_an_address_that_says_nothing_is_none() -> None:
    assert orders.address(**NOWHERE, phones=("not a number",)) is None
    assert orders.address(**{**NOWHERE, "city": "千代田区"}) == Address(city="千代田区")


def test_a_line_that_is_named_twice_is_shipped_once() -> None:
    parts = [("a", 1), ("b", 2), (None, 3), ("c", 0), ("d", None), ("a", 4)]
    assert orders.shipped_lines(parts) == (
        ShippedLine(line_id="a", quantity=5),
        ShippedLine(line_id="b", quantity=2),
    )


@pytest.mark.parametrize(
    ("paid", "status"),
    [
        (Money(500, "JPY"), PaymentStatus.REFUNDED),
        (Money(499, "JPY"), PaymentStatus.REFUNDED),
        (Money(501, "JPY"), PaymentStatus.PARTIALLY_REFUNDED),
        (None, PaymentStatus.PARTIALLY_REFUNDED),
    ],
)
def test_a_refund_is_whole_only_where_all_went_back(
    paid: Money | None, status: PaymentStatus
) -> None:
    assert orders.refund_status(Money(500, "JPY"), paid) is status
