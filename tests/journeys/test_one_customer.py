"""One customer over half a year: several orders, one voice. Through the gate, caps and ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from local.simulation import Simulation
from shared.domain.events import Fact, PaymentStatus, ReturnStatus, StockStatus
from shared.domain.ledger import EntryStatus, by_sending
from shared.domain.policy import Product
from tests.builders import (
    at,
    cancelled,
    consent,
    delivered,
    dispatched,
    line,
    placed,
    return_closed,
    return_opened,
    snoozed,
    subscribes,
    ticket_closed,
    ticket_opened,
)
from tests.player import JAPAN
from tests.worlds import Memory

POLICY = replace(
    JAPAN,
    products={
        "SENCHA-100": Product(sku="SENCHA-100", supply_days=30),
        "HOJICHA": Product(sku="HOJICHA", supply_days=20),
    },
)
YES = consent(at(), True)
MARKETING = {"review_request", "replenishment_reminder"}
Said = list[tuple[int, str, str]]


def bought(order_id: str, day: int, *, sku: str = "SENCHA-100", quantity: int = 1) -> list[Fact]:
    """An order of that day, paid, sent the next day and delivered two days later at noon."""
    order = placed(
        at(day),
        order_id=order_id,
        lines=[line(sku=sku, quantity=quantity)],
        payment_status=PaymentStatus.PAID,
        stock=StockStatus.RESERVED,
    )
    home = delivered(at(day + 3, hours=2), order_id=order_id)
    return [order, dispatched(at(day + 1), order_id=order_id), home]


def live(facts: Iterable[Fact], *, days: int = 180) -> tuple[Said, dict[tuple[str, str], str]]:
    """Play facts when they happen: (day, order, marketing message), and what was not sent."""
    memory = Memory(policy=POLICY)
    simulation = Simulation(memory.world, at())
    for fact in sorted(facts, key=lambda fact: fact.stamp):
        simulation.advance(fact.metadata.occurred_at)
        simulation.put(fact)
    simulation.advance(at(days))
    entries = [e for e in memory.ledger.entries() if e.key.lifecycle in MARKETING]
    sent = sorted((e for e in entries if e.status is EntryStatus.SENT), key=by_sending)
    assert not [e for e in entries if e.status not in {EntryStatus.SENT, EntryStatus.SKIPPED}]
    return (
        [(day_of(e.sent_at), e.key.order_id, e.key.occurrence) for e in sent],
        {
            (e.key.order_id, e.key.occurrence): e.reason
            for e in entries
            if e.status is EntryStatus.SKIPPED
        },
    )


def day_of(instant: datetime | None) -> int:
    assert instant is not None
    return (instant - at()) // timedelta(days=1)


def test_one_order_is_asked_about_twice_at_most_and_runs_out_once() -> None:
    said, skipped = live([YES, *bought("1", 0)])
    assert said == [
        (10, "1", "request"),
        (17, "1", "reminder"),
        (28, "1", "due:SENCHA-100"),
        (40, "1", "late:SENCHA-100"),
    ]
    assert skipped == {}


def test_a_re_order_moves_the_reminder_and_is_not_asked_about_again() -> None:
    said, skipped = live([YES, *bought("1", 0), *bought("2", 20)])
    assert said == [
        (10, "1", "request"),
        (17, "1", "reminder"),
        # Ten days of the first are left when the second comes: day 63, less five.
        (58, "2", "due:SENCHA-100"),
        (70, "2", "late:SENCHA-100"),
    ]
    assert skipped == {("1", "due:SENCHA-100"): "REORDERED", ("2", "request"): "ASKED_RECENTLY"}


def test_a_re_order_after_the_reminder_ends_it() -> None:
    said, skipped = live([YES, *bought("1", 0), *bought("2", 30)])
    assert [(order, what) for _, order, what in said if ":" in what] == [
        ("1", "due:SENCHA-100"),
        ("2", "due:SENCHA-100"),
        ("2", "late:SENCHA-100"),
    ]
    assert skipped["1", "late:SENCHA-100"] == "REORDERED"


def test_a_re_order_that_is_cancelled_gives_the_reminder_back() -> None:
    order, *_ = bought("2", 26)
    said, _ = live([YES, *bought("1", 0), order, cancelled(at(30, hours=3), order_id="2")])
    # The next look after the cancellation: a day after the one on day 30.
    assert (31, "1", "due:SENCHA-100") in said


def test_from_the_third_purchase_on_the_customers_own_rhythm_counts() -> None:
    said, _ = live([YES, *bought("1", 0), *bought("2", 45), *bought("3", 90)], days=240)
    reminders = [(day, order, what) for day, order, what in said if ":" in what]
    # Every 45 days, whatever the shop says of 30: day 93 + 45 - 5.
    assert reminders[-2:] == [(133, "3", "due:SENCHA-100"), (149, "3", "late:SENCHA-100")]


def test_orders_of_one_day_share_the_caps() -> None:
    said, _ = live([YES, *bought("1", 0), *bought("2", 0, sku="HOJICHA")])
    days = [day for day, _, _ in said]
    assert len(days) == len(set(days)), "one marketing message a day"
    assert {(order, what) for _, order, what in said} >= {
        ("1", "request"),
        ("2", "request"),
        ("1", "due:SENCHA-100"),
        ("2", "due:HOJICHA"),
    }
    for first in days:
        assert sum(first <= day < first + 7 for day in days) <= 3


def test_without_a_yes_nothing_is_said() -> None:
    said, skipped = live(bought("1", 0))
    assert said == []
    assert set(skipped.values()) == {"NO_CONSENT"}


def test_a_refusal_counts_at_once() -> None:
    said, skipped = live([YES, *bought("1", 0), consent(at(12), False)])
    assert said == [(10, "1", "request")]
    assert skipped == {("1", "reminder"): "OPTED_OUT", ("1", "due:SENCHA-100"): "OPTED_OUT"}


def test_a_ticket_and_a_return_hold_the_request_and_then_it_is_asked() -> None:
    held = [
        ticket_opened(at(5), order_id="1"),
        return_opened(at(6), order_id="1"),
        ticket_closed(at(12), order_id="1"),
        return_closed(at(14, hours=1), ReturnStatus.CANCELLED, order_id="1"),
    ]
    said, _ = live([YES, *bought("1", 0), *held])
    assert said[:2] == [(14, "1", "request"), (21, "1", "reminder")]


def test_who_subscribes_between_is_not_reminded() -> None:
    said, skipped = live([YES, *bought("1", 0), subscribes(at(20), "SENCHA-100")])
    assert [what for _, _, what in said] == ["request", "reminder"]
    assert skipped == {("1", "due:SENCHA-100"): "SUBSCRIBED"}


def test_a_snooze_moves_what_is_still_to_be_said() -> None:
    still_some = snoozed(at(29), "SENCHA-100", date(2026, 1, 15), order_id="1")
    said, _ = live([YES, *bought("1", 0), still_some])
    assert said[2:] == [(28, "1", "due:SENCHA-100"), (72, "1", "late:SENCHA-100")]
