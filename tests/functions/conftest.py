"""A shop on the local stack with one marketing mail that went out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.outbox import Mail
from local.runtime import LocalStack
from shared.domain.events import PaymentStatus, StockStatus
from tests.builders import BUYER, at, consent, delivered, dispatched, line, placed
from tests.workflows.machines import as_event

FACTS = [
    consent(at(), True, buyer=BUYER),
    placed(
        at(),
        lines=[line(sku="SENCHA-100", title="<b>\"煎茶\" & '茶'</b>")],
        buyer=BUYER,
        payment_status=PaymentStatus.PAID,
        stock=StockStatus.RESERVED,
    ),
    dispatched(at(1)),
    delivered(at(3, hours=2)),
]


@pytest.fixture
def asked(local_stack: LocalStack) -> Iterator[tuple[LocalStack, Mail]]:
    """An order that arrived, and the first marketing mail about it."""
    local_stack.reset(at=at())
    for fact in FACTS:
        local_stack.put_event(as_event(fact), at=fact.metadata.occurred_at + timedelta(minutes=1))
    for _ in range(20):
        local_stack.advance(timedelta(days=1))
        mails = [m for m in local_stack.outbox.mails if "List-Unsubscribe" in m.headers]
        if mails:
            yield local_stack, mails[0]
            return
    raise AssertionError([mail.subject for mail in local_stack.outbox.mails])
