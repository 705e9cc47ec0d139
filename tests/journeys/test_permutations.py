"""Invariant 1: whatever the order of arrival and however often repeated, the same messages.

The facts happened over weeks; they arrive in every possible order within the settling minute,
and again one day late, and everything is played to the end of the order's life.

Listed exception (docs/decisions/0004-settling.md): what was sent before a later fact arrived has
been sent. Here all facts arrive within the window, so there is no exception to make.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.simulation import Simulation
from shared import lifecycles
from shared.domain.events import Fact, PaymentStatus, StockStatus
from shared.domain.folding import fold
from shared.domain.ledger import EntryStatus
from tests.builders import (
    BRAND,
    ORDER,
    at,
    cancelled,
    consent,
    delivered,
    dispatched,
    payment,
    placed,
    promised,
    refunded,
    return_closed,
    return_opened,
    scan,
    stock,
)
from tests.worlds import Memory, situation_in

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("folded_once")]

END = timedelta(days=30)

BOUGHT = placed(stock=StockStatus.RESERVED)
HISTORIES: dict[str, tuple[Fact, ...]] = {
    "bought, paid, sent, delivered, opted in": (
        BOUGHT, payment(at(minutes=1)), dispatched(at(days=1)), delivered(at(days=2)),
        consent(at(hours=1), True),
    ),
    "cancelled before it was sent": (
        BOUGHT, payment(at(minutes=1)), consent(at(hours=1), True), cancelled(at(hours=5)),
        refunded(at(hours=6), ("1", 1)),
    ),
    "stalled, then a word of the carrier": (
        BOUGHT, payment(at(minutes=1)), dispatched(at(days=1)),
        scan("IN_TRANSIT", at(days=2)), scan("EXCEPTION", at(days=3)),
    ),
    "delivered and sent back": (
        BOUGHT, dispatched(at(days=1)), delivered(at(days=2)), return_opened(at(days=4)),
        return_closed(at(days=9)),
    ),
    "two parcels, one late": (
        placed(lines=()), stock(at()), dispatched(at(days=1), shipment_id="S1"),
        dispatched(at(days=1), shipment_id="S2"), delivered(at(days=2), shipment_id="S1"),
    ),
    "three parcels, of which two stop": (
        placed(lines=(), payment_status=PaymentStatus.PAID, stock=StockStatus.RESERVED),
        dispatched(at(hours=1), shipment_id="S1"),
        scan("EXCEPTION", at(hours=20), shipment_id="S1"),
        scan("EXCEPTION", at(hours=20, minutes=5), shipment_id="S2"),
        scan("IN_TRANSIT", at(hours=20), shipment_id="S3"),
    ),
    "paid late at a konbini": (
        placed(payment_status=PaymentStatus.PENDING), stock(at(minutes=2)),
        payment(at(days=2)), promised(at(days=2), at(days=6).date()), dispatched(at(days=3)),
    ),
}  # fmt: skip


Said = list[tuple[str, str, str, str]]


class Played:
    """Facts that arrived one after another, and what came of it."""

    def __init__(
        self, facts: Sequence[Fact], arrival: datetime, every: timedelta = timedelta(seconds=5)
    ) -> None:
        self.arrival = arrival
        self.memory = Memory(start=arrival)
        self.simulation = Simulation(self.memory.world, arrival)
        for number, fact in enumerate(facts):
            self.simulation.advance(arrival + number * every)
            self.simulation.put(fact)

    @property
    def state(self) -> object:
        """All that what is to come depends on: what the stores hold, the timers, and what each
        lifecycle is given to decide on, as it reads the stores."""
        memory, simulation = self.memory, self.simulation
        return (
            vars(memory.orders),
            vars(memory.customers),
            vars(memory.ledger),
            [situation_in(simulation.world, spec, BRAND, ORDER) for spec in lifecycles.specs()],
            simulation._armed,
            memory.mailbox.letters,
            memory.phone.letters,
        )

    def to_the_end(self) -> Said:
        """Play on; what was said, and what was not and why."""
        memory = self.memory
        self.simulation.advance(self.arrival + END)
        entries = memory.ledger.entries()
        sent = [e for e in entries if e.status is EntryStatus.SENT]
        letters = memory.mailbox.letters
        assert len(sent) == len(letters) + len(memory.phone.letters)
        assert len({letter.message_id for letter in letters}) == len(letters)
        return sorted((e.key.lifecycle, e.key.occurrence, e.status, e.reason) for e in entries)


def messages(
    facts: Sequence[Fact], arrival: datetime, every: timedelta = timedelta(seconds=5)
) -> Said:
    """Play facts that arrive one after another to the end."""
    return Played(facts, arrival, every).to_the_end()


LATE = [(name, timedelta(days=1)) for name in list(HISTORIES)[:1]]


@pytest.mark.parametrize(("name", "late"), [(name, timedelta(0)) for name in HISTORIES] + LATE)
def test_all_120_permutations_give_the_same_messages(name: str, late: timedelta) -> None:
    """All are played until the settling minute is over and they were decided on; from there,
    only those that stand otherwise than one that was played to the end."""
    history = HISTORIES[name]
    arrival = max(fact.metadata.occurred_at for fact in history) + late
    expected = messages(history, arrival)
    ends: list[object] = []
    for permutation in itertools.permutations(history):
        played = Played(permutation, arrival)
        played.simulation.advance(arrival + timedelta(minutes=3))
        if played.state not in ends:
            ends.append(copy.deepcopy(played.state))
            assert played.to_the_end() == expected


@pytest.mark.parametrize("name", HISTORIES)
def test_every_event_doubled_changes_nothing(name: str) -> None:
    history = HISTORIES[name]
    arrival = max(fact.metadata.occurred_at for fact in history)
    doubled = [fact for fact in history for _ in range(2)]
    once = messages(history, arrival, timedelta(seconds=5))
    assert messages(doubled, arrival, timedelta(seconds=2.5)) == once


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_longer_histories_in_random_order_with_repetitions(data: st.DataObject) -> None:
    history = (
        *HISTORIES["bought, paid, sent, delivered, opted in"],
        scan("OUT_FOR_DELIVERY", at(days=1, hours=20)),
        scan("DELIVERY_ATTEMPTED", at(days=1, hours=22)),
        return_opened(at(days=4)),
    )
    shuffled = data.draw(st.permutations(history))
    again = data.draw(st.lists(st.sampled_from(history), max_size=4))
    arrival = at(days=5)
    step = timedelta(seconds=4)
    assert messages([*shuffled, *again], arrival, step) == messages(history, arrival, step)


def test_played_as_it_happens_every_event_doubled_changes_nothing() -> None:
    """The same life in real time: each event when it happens, once and twice."""

    def play(times: int) -> list[tuple[str, str, str]]:
        memory = Memory(start=at())
        simulation = Simulation(memory.world, at())
        facts = HISTORIES["bought, paid, sent, delivered, opted in"]
        for fact in sorted(facts, key=lambda f: f.metadata.occurred_at):
            simulation.advance(fact.metadata.occurred_at)
            for _ in range(times):
                simulation.put(fact)
        simulation.advance(at(days=150))
        order = fold(memory.orders.load(BRAND, ORDER))
        assert order.possession_at == at(days=2)
        return sorted(
            (e.key.lifecycle, e.key.occurrence, e.status) for e in memory.ledger.entries()
        )

    once = play(1)
    assert play(2) == once
    assert ("order_confirmation", "confirmed", EntryStatus.SENT) in once
    assert ("review_request", "request", EntryStatus.SENT) in once
