"""From a provider's word to another channel, and from a lost claim to its message, on the local
stack: rules, queues, state machines and handlers as they are deployed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from local.runtime import LocalStack
from shared import wiring
from shared.domain.events import Channel, PaymentStatus, StockStatus
from shared.domain.ledger import EntryStatus, LedgerEntry, was_tried
from shared.domain.reasons import Reason
from shared.domain.values import Party
from tests.builders import BRAND, BUYER, ORDER, at, placed
from tests.workflows.machines import as_event


def order(stack: LocalStack, buyer: Party) -> None:
    stack.reset(at=at())
    fact = placed(
        at(),
        buyer=buyer,
        payment_status=PaymentStatus.PAID,
        stock=StockStatus.RESERVED,
    )
    stack.put_event(as_event(fact))


def tried() -> tuple[LedgerEntry, ...]:
    """What a provider may have seen of the order's messages."""
    return tuple(e for e in wiring.world().ledger.of_order(BRAND, ORDER) if was_tried(e))


def test_a_mail_that_bounces_is_said_by_sms(local_stack: LocalStack) -> None:
    order(local_stack, replace(BUYER, email="bounce@example.jp", phone="+819012345678"))
    local_stack.advance(timedelta(hours=3))
    assert len(local_stack.outbox.mails) == 1
    assert len(local_stack.outbox.texts) == 1
    found = {entry.key.channel: entry for entry in tried()}
    assert found[Channel.EMAIL].reason is Reason.BOUNCED
    assert found[Channel.SMS].status is EntryStatus.SENT
    assert not local_stack.functions.failures
    assert not local_stack.buses.undelivered


def test_a_complaint_stops_marketing_and_falls_back_to_nothing(local_stack: LocalStack) -> None:
    order(local_stack, replace(BUYER, email="complaint@example.jp", phone="+819012345678"))
    local_stack.advance(timedelta(hours=3))
    assert (len(local_stack.outbox.mails), local_stack.outbox.texts) == (1, [])
    (entry,) = tried()
    assert entry.reason is Reason.COMPLAINED
    key = entry.customer_key or ""
    (refusal,) = wiring.world().customers.consents(BRAND, key)
    assert refusal.metadata.id == f"{entry.key.message_id()}:complaint"


def test_each_way_alone_is_enough(local_stack: LocalStack) -> None:
    stories = []
    for lost in ("bus", "topic", None):
        order(local_stack, replace(BUYER, email="bounce@example.jp"))
        destinations = local_stack.outbox._destinations
        (known,) = destinations.values()
        (name,) = destinations
        destinations[name] = [one for one in known if lost is None or not getattr(one, lost)]
        assert len(destinations[name]) == (2 if lost is None else 1)
        try:
            local_stack.advance(timedelta(hours=1))
        finally:
            destinations[name] = known
        stories.append(
            [replace(entry, version=0, provider_id=None, inputs=None) for entry in tried()]
        )
    assert stories[0] == stories[1] == stories[2]
    assert [entry.reason for entry in stories[0]] == [Reason.BOUNCED]


def test_a_claim_whose_run_died_and_whose_timer_is_lost_is_swept(local_stack: LocalStack) -> None:
    order(local_stack, BUYER)
    local_stack.fail_next("sesv2.SendEmail", kind="crash")
    local_stack.advance(timedelta(minutes=5))
    (claim,) = tried()
    assert claim.status is EntryStatus.SENDING
    for group in local_stack.schedules.backend.schedule_groups.values():
        group.schedules.clear()
    local_stack.advance(timedelta(hours=6))
    assert local_stack.outbox.mails == []
    local_stack.buses.fire("yoin-local-sweep")
    local_stack.advance(timedelta(minutes=5))
    assert len(local_stack.outbox.mails) == 1
    (settled,) = tried()
    assert settled.status is EntryStatus.SENT
    local_stack.buses.fire("yoin-local-sweep")
    local_stack.advance(timedelta(hours=1))
    assert len(local_stack.outbox.mails) == 1
