"""What templates are told of an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.domain.content import order_full
from shared.domain.events import Line
from shared.domain.orders import Order, OrderLine
from shared.domain.values import Money


def gbp(amount: int) -> Money:
    return Money(amount, "GBP")


LINE = OrderLine(line=Line(line_id="1", quantity=2, title="Balm", unit_price=gbp(1400)))
AT = datetime(2026, 11, 20, tzinfo=UTC)
ORDER = Order(
    brand="linden",
    order_id="1",
    lines=(LINE,),
    shipping_fee=gbp(395),
    total=gbp(3195),
    first_recorded_at=AT,
    last_fact_at=AT,
    known=True,
    inputs_version="",
)


@pytest.mark.parametrize(
    ("order", "subtotal"),
    [
        (ORDER, {"amount": 2800, "currency": "GBP"}),
        (replace(ORDER, subtotal=gbp(2000)), {"amount": 2000, "currency": "GBP"}),
        (replace(ORDER, total=gbp(3000)), None),  # a discount that nobody told
        (replace(ORDER, shipping_fee=None), None),
    ],
)
def test_goods_and_shipping_are_the_total(order: Order, subtotal: object) -> None:
    assert order_full(order)["subtotal"] == subtotal
