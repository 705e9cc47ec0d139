"""Two orders that arrive: one for the buyer, one as a gift."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.events import Fact, PaymentStatus, StockStatus
from shared.domain.values import Party
from tests.builders import at, delivered, dispatched, placed

UNTIL = timedelta(days=60)
GIVER = Party(customer_id="c-2", name="佐藤 健", email="ken@example.jp", locale="ja")

LIVES: tuple[tuple[Fact, ...], ...] = (
    (
        placed(payment_status=PaymentStatus.PAID, stock=StockStatus.RESERVED),
        dispatched(at(days=1)),
        delivered(at(days=2)),
    ),
    (
        placed(
            order_id="2001",
            buyer=GIVER,
            gift=True,
            payment_status=PaymentStatus.PAID,
            stock=StockStatus.RESERVED,
        ),
        dispatched(at(days=1), order_id="2001"),
        delivered(at(days=2), order_id="2001"),
    ),
)
