"""Parts of an order that every platform tells in words of its own: people, places, goods, refunds.

A source reads its own fields and hands over what it found; here it is brought into one form, by
the same rules for all. What is said wrongly of a person or place is left out: the order stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.contracts import values
from shared.domain.errors import Rejected
from shared.domain.events import OrderChanged, OrderPlaced, PaymentStatus
from shared.domain.shipments import ShippedLine
from shared.domain.values import Address, Money, Party


def snapshot(
    kind: type[OrderPlaced | OrderChanged], said: Mapping[str, Any]
) -> OrderPlaced | OrderChanged:
    """An order as it stands. Raises Rejected("INVALID_VALUE") where its fields contradict."""
    try:
        return kind(**said)
    except ValueError as error:
        raise Rejected("INVALID_VALUE", str(error)) from None


def party(
    *,
    customer_id: str | None = None,
    name: str | None = None,
    emails: Iterable[str | None] = (),
    phones: Iterable[str | None] = (),
    phone_region: str | None = None,
    locale: str | None = None,
) -> Party:
    """A person, with the first address and the first number that are such.

    ``phone_region``: the country whose national form of numbers is meant (ISO 3166-1 alpha-2).
    """
    return Party(
        customer_id=customer_id,
        name=name,
        email=next(filter(None, map(values.email, emails)), None),
        phone=_phone(phones, phone_region),
        locale=values.locale(locale),
    )


def address(
    *,
    name: str | None,
    country: str | None,
    postal_code: str | None,
    region: str | None,
    city: str | None,
    line1: str | None,
    line2: str | None = None,
    phones: Iterable[str | None] = (),
    phone_region: str | None = None,
) -> Address | None:
    """An address with the first phone number that is one; None where nothing is said.

    ``country`` as ``values.country`` gives it; ``phone_region`` where it does not say how
    numbers are written.
    """
    found = Address(
        name=name,
        country=country,
        postal_code=postal_code,
        region=region,
        city=city,
        line1=line1,
        line2=line2,
        phone=_phone(phones, phone_region or country),
    )
    return None if found == Address() else found


def _phone(numbers: Iterable[str | None], region: str | None) -> str | None:
    return next((found for one in numbers if (found := values.e164(one, region))), None)


def shipped_lines(parts: Iterable[tuple[str | None, int | None]]) -> tuple[ShippedLine, ...]:
    """Order lines with their units in a parcel or return; one that is named twice is one.

    What names no line, or no unit of it, is left out.
    """
    units: dict[str, int] = {}
    for line_id, quantity in parts:
        if line_id and quantity:
            units[line_id] = units.get(line_id, 0) + quantity
    return tuple(ShippedLine(line_id=line_id, quantity=n) for line_id, n in units.items())


def refund_status(refunded: Money, paid: Money | None) -> PaymentStatus:
    """Refunded wholly, where at least as much went back as was paid; else, or unknown, in part."""
    whole = paid is not None and refunded.amount >= paid.amount
    return PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED
