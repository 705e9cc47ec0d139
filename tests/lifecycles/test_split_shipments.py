"""However many parcels an order comes in: what is said of the order as a whole is said once."""

from __future__ import annotations

import pytest

from shared.domain.events import Fact, PaymentStatus, StockStatus
from shared.lifecycles import load
from tests.builders import (
    at,
    consent,
    customer_of,
    delivered,
    dispatched,
    line,
    placed,
    promised,
    scan,
)
from tests.player import as_it_happens, play

PARCELS = range(1, 6)
LAST = 8


def life(parcels: int) -> list[Fact]:
    """Each parcel leaves and arrives on a day of its own, the last on day ``LAST``."""
    facts = [
        placed(
            at(0),
            payment_status=PaymentStatus.PAID,
            stock=StockStatus.RESERVED,
            lines=[line(str(n), sku="SENCHA-100") for n in range(parcels)],
        ),
        promised(at(0), at(LAST + 4).date()),
    ]
    for n in range(parcels):
        name, late = f"S{n}", parcels - 1 - n
        facts += [
            dispatched(at(LAST - 2 - late), (str(n), 1), shipment_id=name),
            scan("IN_TRANSIT", at(LAST - late, hours=-2), shipment_id=name),
            delivered(at(LAST - late), shipment_id=name),
        ]
    return facts


@pytest.mark.parametrize("parcels", PARCELS)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("order_confirmation", ["confirmed"]),
        ("delay_alert", []),
        # A week after the last parcel, and a week later.
        ("review_request", ["request", "reminder"]),
    ],
)
def test_parcels_multiply_nothing(name: str, said: list[str], parcels: int) -> None:
    played = play(
        load(name),
        as_it_happens(*life(parcels)),
        until=at(60),
        customer=customer_of(consent(at(0), True)),
        feed=[at(n / 4) for n in range(60)],
    )
    assert played.occurrences == said
    if name == "review_request":
        assert played.sent[0][0] >= at(LAST + 7)


@pytest.mark.parametrize("parcels", PARCELS)
def test_nobody_is_asked_for_a_review_while_a_parcel_is_under_way(parcels: int) -> None:
    *arrived, _ = life(parcels)
    played = play(
        load("review_request"),
        as_it_happens(*arrived),
        until=at(60),
        customer=customer_of(consent(at(0), True)),
    )
    assert played.occurrences == []
