"""A parcel to which everything happens."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.events import Fact, PaymentStatus, StockStatus
from tests.builders import at, delivered, dispatched, placed, scan

UNTIL = timedelta(days=12)

LIVES: tuple[tuple[Fact, ...], ...] = (
    (
        placed(payment_status=PaymentStatus.PAID, stock=StockStatus.RESERVED),
        dispatched(at(days=1)),
        scan("EXCEPTION", at(days=2)),
        scan("IN_TRANSIT", at(days=2, hours=5)),
        scan("DELIVERY_ATTEMPTED", at(days=3)),
        scan("AVAILABLE_FOR_PICKUP", at(days=4)),
        delivered(at(days=5)),
    ),
)
