"""Somebody drinks up the tea, and says nothing."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.events import Fact, PaymentStatus, StockStatus
from tests.builders import at, consent, delivered, dispatched, placed

UNTIL = timedelta(days=70)

LIVES: tuple[tuple[Fact, ...], ...] = (
    (
        placed(payment_status=PaymentStatus.PAID, stock=StockStatus.RESERVED),
        consent(at(hours=1), True),
        dispatched(at(days=1)),
        delivered(at(days=2)),
    ),
)
