"""Exactly once over several parcels: a message whose outcome is unknown, and parcels that join."""

from __future__ import annotations

from datetime import timedelta

import pytest

from local.simulation import Simulation
from shared.adapters.memory.providers import Mishap
from shared.domain.customers import Suppression
from shared.domain.events import Channel, PaymentStatus, StockStatus
from shared.domain.ledger import EntryStatus
from shared.domain.reasons import Reason
from shared.domain.values import address_key
from shared.lifecycles import load
from shared.usecases.decide import decide, entry_key
from shared.usecases.ingest import ingest
from shared.usecases.send import send
from tests.builders import BRAND, ORDER, at, dispatched, placed, scan
from tests.worlds import Memory

MINUTE = timedelta(minutes=1)
STOPPED = at(days=1)


def out_for_delivery() -> tuple[Memory, Simulation]:
    """An order in three parcels, the day before one of them stops."""
    memory = Memory(start=at())
    simulation = Simulation(memory.world, at())
    simulation.put(placed(lines=(), payment_status=PaymentStatus.PAID, stock=StockStatus.RESERVED))
    for name in ("S1", "S2", "S3"):
        simulation.put(dispatched(at(hours=1), shipment_id=name))
        simulation.put(scan("IN_TRANSIT", at(hours=2), shipment_id=name))
    simulation.advance(STOPPED - MINUTE)
    memory.mailbox.letters.clear()
    return memory, simulation


def covered(memory: Memory) -> dict[str, tuple[str, ...]]:
    """What the messages of stopped parcels that went out speak for, besides their own."""
    return {
        entry.key.occurrence: entry.covers
        for entry in memory.ledger.entries()
        if entry.message == "exception" and entry.status is EntryStatus.SENT
    }


@pytest.mark.parametrize("mishap", [Mishap.LOST, Mishap.THROTTLED])
def test_a_message_that_has_to_be_sent_again(mishap: Mishap) -> None:
    """The third parcel stops between the two attempts. Where nobody knows whether the first one
    went out, the second is about the same parcels; where it surely did not, about all three."""
    memory, simulation = out_for_delivery()
    for minute, name in enumerate(("S1", "S2")):
        simulation.advance(STOPPED + minute * MINUTE)
        simulation.put(scan("EXCEPTION", STOPPED + minute * MINUTE, shipment_id=name))
    memory.mailbox.fail_next(mishap)
    sent_at = STOPPED + 60 * MINUTE
    simulation.advance(sent_at + timedelta(seconds=30))
    assert (memory.mailbox.attempts, memory.mailbox.letters) == (2, [])
    simulation.put(scan("EXCEPTION", sent_at, shipment_id="S3"))
    simulation.advance(sent_at + 3 * 60 * MINUTE)
    texts = [letter.text for letter in memory.mailbox.letters]
    if mishap is Mishap.LOST:
        assert covered(memory) == {"exception:S1:1": ("exception:S2:1",), "exception:S3:1": ()}
        assert ["T-1001-S3" in text for text in texts] == [True, False]
        assert ["T-1001-S2" in text for text in texts] == [False, True]
    else:
        assert covered(memory) == {"exception:S1:1": ("exception:S2:1", "exception:S3:1")}
        assert all(f"T-1001-{name}" in texts[0] for name in ("S1", "S2", "S3"))
    assert len(texts) == len({letter.message_id for letter in memory.mailbox.letters})


def test_a_parcel_that_stops_between_the_decision_and_the_sending_is_in_the_next_message() -> None:
    """What is in flight says what the ledger says that it covers, and no more."""
    memory, simulation = out_for_delivery()
    for minute, name in enumerate(("S1", "S2")):
        simulation.advance(STOPPED + minute * MINUTE)
        simulation.put(scan("EXCEPTION", STOPPED + minute * MINUTE, shipment_id=name))
    memory.clock.move_to(STOPPED + 60 * MINUTE)
    lifecycle = load("delay_alert")
    step = decide(memory.world, lifecycle, BRAND, ORDER)
    assert (step.action, step.occurrence) == ("SEND", "exception:S1:1")
    ingest(memory.world, [scan("EXCEPTION", STOPPED + 60 * MINUTE, shipment_id="S3")])
    key = entry_key(BRAND, ORDER, "delay_alert", step.occurrence, step.channel)
    assert send(memory.world, lifecycle, key).outcome == "SENT"
    assert covered(memory) == {"exception:S1:1": ("exception:S2:1",)}
    assert "T-1001-S3" not in memory.mailbox.letters[-1].text
    again = decide(memory.world, lifecycle, BRAND, ORDER)
    assert (again.action, again.occurrence) == ("SEND", "exception:S3:1")


def test_whoever_cannot_be_reached_about_one_parcel_cannot_be_reached_about_the_others() -> None:
    """No parcel is left waiting for a message that is not sent."""
    memory, simulation = out_for_delivery()
    bounced = address_key(BRAND, Channel.EMAIL, "hanako@example.jp")
    word = Suppression(channel=Channel.EMAIL, reason="BOUNCED", since=STOPPED)
    memory.customers.suppress(BRAND, bounced, word)
    for name in ("S1", "S2", "S3"):
        simulation.put(scan("EXCEPTION", STOPPED - MINUTE, shipment_id=name))
    simulation.advance(STOPPED + 3 * 60 * MINUTE)
    said = [e for e in memory.ledger.entries() if e.message == "exception"]
    assert {(e.status, e.reason) for e in said} == {(EntryStatus.SKIPPED, Reason.SUPPRESSED)}
    assert len(said) == 3
