"""Orders that make the confirmation say everything that it can say."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.events import Fact, PaymentMethod, PaymentStatus, StockStatus
from tests.builders import at, cancelled, dispatched, payment, placed

UNTIL = timedelta(days=15)

LIVES: tuple[tuple[Fact, ...], ...] = (
    # To be paid at a konbini, and never paid: received, reminder, expired.
    (
        placed(
            order_id="2001",
            payment_method=PaymentMethod.KONBINI,
            payment_status=PaymentStatus.PENDING,
            stock=StockStatus.RESERVED,
        ),
    ),
    # Paid and reserved at once: confirmed. Then it is sent, and nothing is left to say.
    (
        placed(order_id="2002", stock=StockStatus.RESERVED),
        payment(at(minutes=1), order_id="2002"),
        dispatched(at(days=1), order_id="2002"),
    ),
    # Cancelled after the confirmation.
    (
        placed(order_id="2003", payment_status=PaymentStatus.PAID, stock=StockStatus.RESERVED),
        cancelled(at(hours=5), order_id="2003"),
    ),
)
