"""Domain values as the plain JSON data that templates get: the shapes that lifecycles share.

Money stays in minor units, dates are ISO text, instants RFC 3339 in UTC; the templates alone
turn them into words. An unknown value is None and never left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from shared.domain.estimates import DateRange
from shared.domain.orders import Order, OrderLine
from shared.domain.values import Address, Money, instant_text


def money(value: Money | None) -> dict[str, Any] | None:
    """``{"amount": minor units, "currency": code}``."""
    return None if value is None else {"amount": value.amount, "currency": value.currency}


def instant(value: datetime | None) -> str | None:
    """RFC 3339 text in UTC."""
    return None if value is None else instant_text(value)


def date_range(value: DateRange | None) -> dict[str, Any] | None:
    """``{"earliest", "latest"}``, dates at the destination."""
    if value is None:
        return None
    return {"earliest": value.earliest.isoformat(), "latest": value.latest.isoformat()}


def customer(order: Order) -> dict[str, Any]:
    """The buyer, who is the person mailed."""
    return {"name": order.buyer.name}


def order_slim(order: Order) -> dict[str, Any]:
    """An order without goods and prices."""
    return {
        "number": order.number or order.order_id,
        "placed_at": instant(order.placed_at),
        "gift": bool(order.gift),
        "status_url": order.status_url,
    }


def order_full(order: Order) -> dict[str, Any]:
    """An order with lines, amounts and address. Units that were cancelled are left out, unless
    all of them were."""

    def remaining(line: OrderLine) -> int:
        return line.ordered if order.cancelled else line.ordered - line.cancelled

    return {
        **order_slim(order),
        "lines": [line(one, remaining(one)) for one in order.lines if remaining(one) > 0],
        "subtotal": money(order.subtotal or _goods(order)),
        "shipping": money(order.shipping_fee),
        "total": money(order.total),
        "shipping_address": address(order.ship_to),
    }


def _goods(order: Order) -> Money | None:
    """What the goods cost, where no subtotal is told: their prices and the shipping are the total,
    so that nobody has to wonder what the rest of it is for."""
    prices = [one.line.unit_price for one in order.lines]
    if order.total is None or order.shipping_fee is None or None in prices:
        return None
    goods = sum(p.amount * one.ordered for p, one in zip(prices, order.lines, strict=True) if p)
    if goods + order.shipping_fee.amount != order.total.amount:
        return None
    return Money(goods, order.total.currency)


def line(one: OrderLine, quantity: int) -> dict[str, Any]:
    """So many units of a line, with their price."""
    price = one.line.unit_price
    total = Money(price.amount * quantity, price.currency) if price else None
    return {
        "title": one.line.title,
        "variant": one.line.variant,
        "sku": one.line.sku,
        "quantity": quantity,
        "unit_price": money(price),
        "line_total": money(total),
        "image_url": one.line.image_url,
    }


def items(lines: Iterable[OrderLine], units: Callable[[OrderLine], int]) -> list[dict[str, Any]]:
    """Lines without prices; those of which ``units`` leaves nothing are left out."""
    return [
        {"title": one.line.title, "variant": one.line.variant, "quantity": units(one)}
        for one in lines
        if units(one) > 0
    ]


def address(value: Address | None) -> dict[str, Any] | None:
    """A postal address, field by field."""
    if value is None:
        return None
    return {
        "name": value.name,
        "postal_code": value.postal_code,
        "region": value.region,
        "city": value.city,
        "line1": value.line1,
        "line2": value.line2,
        "country": value.country,
    }
