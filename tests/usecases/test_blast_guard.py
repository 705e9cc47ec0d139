"""The blast guard: whatever turns up late mails nobody about the past until somebody approves,
and then exactly what was counted goes out."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.simulation import Simulation
from shared import lifecycles
from shared.contracts import fact_to_json
from shared.domain.controls import Controls, Pause
from shared.domain.decisions import send as candidate
from shared.domain.events import Channel, ConsentSeen, Fact, Purpose
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.policy import GuardPolicy, Policy
from shared.domain.reasons import Reason
from shared.domain.values import Party
from shared.sources import normalize_event
from shared.usecases import operate
from shared.usecases.decide import decide, entry_key
from shared.usecases.ingest import ingest
from shared.usecases.limits import SMS_SPENT, spend, switch
from shared.usecases.operate import Held
from shared.usecases.send import send
from tests.builders import (
    BRAND,
    ORDER,
    POLICY,
    at,
    delivered,
    dispatched,
    fact,
    payment,
    placed,
    ticket_closed,
)
from tests.worlds import Memory, Scripted, situation_in

REVIEW = "review_request"
YES = (ConsentSeen(channel=Channel.EMAIL, granted=True),)


@dataclass
class Search:
    """Finds what is held, in memory."""

    memory: Memory

    def held(self, brand: str, reasons: Collection[Reason]) -> tuple[LedgerEntry, ...]:
        return tuple(
            entry
            for entry in self.memory.ledger.entries()
            if entry.key.brand == brand and entry.reason in reasons
        )


@dataclass
class Shop:
    """A brand on memory, from some instant on, with what people do to it."""

    start: datetime
    policy: Policy = POLICY
    memory: Memory = field(init=False)
    life: Simulation = field(init=False)

    def __post_init__(self) -> None:
        self.memory = Memory(policy=self.policy, start=self.start)
        self.life = Simulation(self.memory.world, self.start)

    @property
    def search(self) -> Search:
        return Search(self.memory)

    @property
    def mailed(self) -> int:
        return len(self.memory.mailbox.letters)

    def count(self, lifecycle: str = REVIEW, *, historical: bool = False) -> Held:
        return operate.awaiting_approval(
            self.life.world,
            self.search,
            lifecycles.load(lifecycle),
            BRAND,
            at=self.life.clock.now(),
            historical=historical,
        )

    def approve(self, lifecycle: str = REVIEW, *, historical: bool = False) -> int:
        """Approve what waits; returns the number that a person is shown."""
        now, held = self.life.clock.now(), self.count(lifecycle, historical=historical)
        operate.approve(
            self.life.world, BRAND, held, lifecycle, at=now, by="Sato", historical=historical
        )
        self.life.put()  # what was asked for is done with whatever arrives next
        return held.count

    def rules(self, policy: Policy) -> None:
        """A deployment with other rules."""
        self.life.world = replace(self.life.world, brands=Memory(policy=policy).world.brands)

    def of(self, lifecycle: str = REVIEW) -> list[LedgerEntry]:
        entries = self.memory.ledger.entries()
        return [entry for entry in entries if entry.key.lifecycle == lifecycle]


def order(
    number: int, day: float = 0, *, reaches: float = 3, historical: bool = False
) -> list[Fact]:
    """The life of an order of somebody's own, who has said yes to marketing."""
    name = f"o{number}"
    buyer = Party(email=f"person{number}@example.jp", locale="ja")
    facts = [
        placed(at(day), order_id=name, buyer=buyer, consents=YES),
        payment(at(day), order_id=name),
        dispatched(at(day + 1), order_id=name),
        delivered(at(day + reaches), order_id=name),
    ]
    marked = (replace(f, metadata=replace(f.metadata, historical=historical)) for f in facts)
    return list(marked)


def backfilled(orders: int = 3) -> Shop:
    """Old orders that are sent as if they were new: the request for a review was due long ago."""
    shop = Shop(at(16))
    for number in range(orders):
        shop.life.put(*order(number))
    shop.life.advance(at(16.5))
    return shop


def test_a_backfill_mails_nobody_until_somebody_approves_and_then_the_printed_number() -> None:
    shop = backfilled()
    assert shop.mailed == 0
    assert {entry.reason for entry in shop.of()} == {Reason.UNAPPROVED}
    held = shop.count()
    assert (held.count, held.people) == (3, 3)
    assert held.numbers == ("#o0", "#o1", "#o2")
    assert held.by(lambda entry: entry.message) == {"request": 3}
    assert shop.approve() == 3
    shop.life.advance(at(18))
    assert shop.mailed == 3
    assert shop.count().count == 0


def test_what_turns_up_after_the_approval_needs_another() -> None:
    shop = backfilled(2)
    assert shop.approve() == 2
    shop.life.advance(at(16.6))
    shop.life.put(*order(7))
    shop.life.advance(at(18))
    assert shop.mailed == 2
    assert shop.approve() == 1
    shop.life.advance(at(19))
    assert shop.mailed == 3


def test_what_expired_while_it_waited_is_not_counted_and_never_goes_out() -> None:
    shop = backfilled()
    shop.life.advance(at(120))
    assert shop.count().count == 0
    assert shop.approve() == 0
    shop.life.advance(at(150))
    assert shop.mailed == 0
    assert {entry.status for entry in shop.of()} == {EntryStatus.SKIPPED}


def test_who_refused_meanwhile_is_not_counted() -> None:
    shop = backfilled()
    world = shop.life.world
    operate.suppress(
        world, BRAND, Channel.EMAIL, "person1@example.jp", by="Sato", why="asked by telephone"
    )
    assert shop.approve() == 2
    shop.life.advance(at(18))
    assert sorted(letter.to for letter in shop.memory.mailbox.letters) == [
        "person0@example.jp",
        "person2@example.jp",
    ]


def test_an_import_mails_nobody_and_after_its_approval_what_is_still_to_come() -> None:
    shop = Shop(at(5))
    for number in range(3):
        shop.life.put(*order(number, historical=True))
    shop.life.advance(at(6))
    assert shop.mailed == 0
    assert {entry.reason for entry in shop.of()} == {Reason.HISTORICAL}
    assert shop.count().count == 0  # it is not about the past: it is about an import
    assert shop.approve(historical=True) == 3
    # The confirmation of orders that the old system confirmed is no part of it.
    shop.life.advance(at(12))
    assert [letter.subject for letter in shop.memory.mailbox.letters] == [
        "review_request/request"
    ] * 3
    shop.life.put(*order(9, 15, historical=True))
    shop.life.advance(at(40))
    assert not [letter for letter in shop.memory.mailbox.letters if "person9" in letter.to]


def test_of_an_approved_import_the_past_waits_for_an_approval_of_its_own() -> None:
    shop = Shop(at(16))
    shop.life.put(*order(0, historical=True))
    shop.life.advance(at(16.2))
    assert shop.approve(historical=True) == 0
    shop.life.advance(at(17))
    assert shop.mailed == 0


def replayed(one: Fact, **envelope: Any) -> tuple[Fact, ...]:
    """What ingest makes of a fact that EventBridge brings, from the archive with its mark."""
    event = {
        "id": one.metadata.id,
        "source": "my.shop",
        "detail-type": one.metadata.type,
        "time": one.metadata.occurred_at.isoformat(),
        "detail": fact_to_json(one),
        **envelope,
    }
    return normalize_event(json.dumps(event), brand_of=lambda _: None, known_brands=(BRAND,))


def test_a_replay_of_the_archive_is_history_for_unknown_orders_and_a_repetition_for_known() -> None:
    shop = Shop(at(0))
    for number in range(2):
        shop.life.put(*(told for one in order(number)[:2] for told in replayed(one)))
    shop.life.advance(at(0, 1))
    before = shop.mailed
    assert before == 2
    for number in range(4):  # two of them nobody has heard of
        for one in order(number)[:2]:
            shop.life.put(*replayed(one, **{"replay-name": "after-the-accident"}))
    shop.life.advance(at(2))
    assert shop.mailed == before
    orders = {entry.key.order_id: entry.reason for entry in shop.of("order_confirmation")}
    assert orders["o2"] is orders["o3"] is Reason.HISTORICAL
    assert Reason.HISTORICAL not in {orders["o0"], orders["o1"]}


def test_a_newly_deployed_lifecycle_says_nothing_about_the_past(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = Shop(at(0))
    known = lifecycles.specs()
    monkeypatch.setattr(lifecycles, "specs", lambda: tuple(s for s in known if s.name != REVIEW))
    for number in range(3):
        for one in order(number):
            shop.life.advance(max(one.metadata.occurred_at, shop.life.clock.now()))
            shop.life.put(one)
    shop.life.advance(at(16))
    confirmations = shop.mailed
    monkeypatch.setattr(lifecycles, "specs", lambda: known)
    for number in range(3):  # something that wakes it
        shop.life.put(ticket_closed(at(16), order_id=f"o{number}"))
    shop.life.advance(at(17))
    assert shop.mailed == confirmations
    assert shop.approve() == 3
    shop.life.advance(at(19))
    assert shop.mailed == confirmations + 3


SOONER = replace(POLICY, review=replace(POLICY.review, usage_days=2), version="sooner")
LATER = replace(POLICY, review=replace(POLICY.review, usage_days=30), version="later")


def lived(shop: Shop, facts: list[Fact]) -> None:
    """Facts arrive when they happen."""
    for one in sorted(facts, key=lambda one: one.stamp):
        shop.life.advance(max(one.metadata.occurred_at, shop.life.clock.now()))
        shop.life.put(one)


def test_a_changed_rule_says_nothing_about_the_past() -> None:
    """Under the old rule it was not due for a month; under the new one it was due a week ago."""
    shop = Shop(at(0), LATER)
    lived(shop, [one for number in range(3) for one in order(number)])
    shop.life.advance(at(14))
    before = shop.mailed
    shop.rules(SOONER)
    for number in range(3):
        shop.life.put(ticket_closed(at(14), order_id=f"o{number}"))
    shop.life.advance(at(15))
    assert shop.mailed == before
    assert shop.approve() == 3
    shop.life.advance(at(17))
    assert shop.mailed == before + 3


def test_after_an_outage_of_two_hours_everything_goes_out() -> None:
    on_time, late = Shop(at(0)), Shop(at(0))
    facts = order(0)
    lived(on_time, facts)
    for one in facts:
        arrives = one.metadata.occurred_at + timedelta(hours=2)
        late.life.advance(arrives)
        late.life.put(one)
    for shop in (on_time, late):
        shop.life.advance(at(40))
    told = [[letter.subject for letter in s.memory.mailbox.letters] for s in (on_time, late)]
    assert told[0] == told[1]
    assert "review_request/request" in told[0]


def test_a_pause_holds_and_lets_go_what_was_due_meanwhile() -> None:
    """What was known in time and then held is not about the past."""
    shop = Shop(at(0))
    lived(shop, order(0))
    operate.pause(shop.life.world, BRAND, "marketing", by="Sato", why="a recall")
    shop.life.advance(at(14))
    assert [entry.reason for entry in shop.of()] == [Reason.PAUSED]
    before = shop.mailed
    done = operate.resume(shop.life.world, shop.search, BRAND, "marketing", brake=False)
    assert (done.held.count, done.woken) == (1, 1)
    shop.life.put()
    shop.life.advance(at(15))
    assert shop.mailed == before + 1


def test_a_pause_keeps_who_set_it_first_and_others_stand() -> None:
    shop = Shop(at(0))
    world = shop.life.world
    operate.pause(world, BRAND, "all", by="Sato", why="a recall")
    shop.life.advance(at(1))
    again = operate.pause(world, BRAND, "all", by="Mori", why="me too")
    operate.pause(world, BRAND, REVIEW, by="Mori", why="words")
    assert again.pauses["all"] == Pause(since=at(0), by="Sato", why="a recall")
    after = operate.resume(world, shop.search, BRAND, "all", brake=False).controls
    assert list(after.pauses) == [REVIEW]


def test_a_ceiling_parks_the_rest_until_it_is_lifted() -> None:
    guard = GuardPolicy(per_hour={REVIEW: 1})
    shop = Shop(at(0), replace(POLICY, guard=guard))
    lived(shop, [one for number in range(4) for one in order(number)])
    shop.life.advance(at(12))
    parked = operate.parked(shop.life.world, shop.search, BRAND, REVIEW)
    requests = [le for le in shop.memory.mailbox.letters if le.subject == "review_request/request"]
    assert (len(requests), parked.count) == (1, 3)
    done = operate.lift_ceiling(shop.life.world, BRAND, parked, REVIEW)
    assert REVIEW not in done.controls.ceilings
    shop.life.put()
    shop.life.advance(at(13.5))
    requests = [le for le in shop.memory.mailbox.letters if le.subject == "review_request/request"]
    assert len(requests) == 4


def test_who_read_the_switches_before_a_ceiling_was_lifted_does_not_park_it_again() -> None:
    memory = Memory(policy=replace(POLICY, guard=GuardPolicy(per_hour={"scripted": 0})))
    mail: Any = Scripted(lambda _: (candidate("a", "hello", "r"),), purpose=Purpose.MARKETING)
    ingest(memory.world, [placed(consents=YES)])
    memory.clock.advance(timedelta(hours=2))
    seen = situation_in(memory.world, mail.SPEC, BRAND, ORDER)
    operate.lift_ceiling(memory.world, BRAND, Held(), "scripted")
    letter: Any = SimpleNamespace(channel=Channel.EMAIL, brand=BRAND)
    held = spend(memory.world, mail.SPEC, seen, letter)
    assert held is not None
    assert held.reason is Reason.CEILING
    assert memory.controls.load(BRAND).ceilings == {}


def test_what_a_ceiling_holds_back_costs_nothing() -> None:
    guard = GuardPolicy(per_hour={"scripted": 1}, sms_monthly_usd=10)
    memory = Memory(policy=replace(POLICY, guard=guard))
    both = candidate("a", "hello", "r"), candidate("b", "hello", "r")
    texts: Any = Scripted(lambda _: both, channels=(Channel.SMS,))
    ingest(memory.world, [placed(buyer=Party(phone="+819012345678"))])
    memory.clock.advance(timedelta(hours=2))
    for occurrence in ("a", "b"):
        decide(memory.world, texts, BRAND, ORDER)
        key = entry_key(BRAND, ORDER, "scripted", occurrence, Channel.SMS)
        send(memory.world, texts, key)
    assert len(memory.phone.letters) == 1
    assert memory.counters.read(BRAND, SMS_SPENT, ["2025-11"]) == (75_000,)


@pytest.mark.slow
@settings(max_examples=12)
@given(data=st.data())
def test_whatever_the_lives_a_change_of_rules_in_the_middle_mails_nobody_about_the_past(
    data: st.DataObject,
) -> None:
    """Marketing that goes out was due less than a day before it was first known, under the rules
    that it went out by; or it was approved."""
    lives = data.draw(
        st.lists(
            st.tuples(st.integers(0, 12), st.integers(2, 9), st.integers(0, 20)),
            min_size=1,
            max_size=4,
        )
    )
    policies = data.draw(st.permutations([POLICY, SOONER, LATER]))
    changes = data.draw(st.integers(3, 25))
    shop = Shop(at(0), policies[0])
    arrivals = [
        (one.metadata.occurred_at + timedelta(days=lag), number, one)
        for number, (day, reaches, lag) in enumerate(lives)
        for one in order(number, day, reaches=reaches)
    ]
    arrivals.append((at(changes), -1, fact(placed(at(changes)).data, at(changes))))
    changed = False
    for arrives, _, one in sorted(arrivals, key=lambda a: (a[0], a[1], a[2].stamp)):
        shop.life.advance(max(arrives, shop.life.clock.now()))
        if arrives >= at(changes) and not changed:
            shop.rules(policies[1])
            changed = True
        shop.life.put(one)
    shop.life.advance(shop.life.clock.now() + timedelta(days=1))
    for entry in shop.of():
        if entry.status is EntryStatus.SENT and entry.due_at and entry.sent_at:
            known = entry.created_at or entry.sent_at
            assert min(known, entry.sent_at) <= entry.due_at + timedelta(hours=24), entry
    before = shop.mailed
    waiting = {e.key for e in shop.of() if e.reason is Reason.UNAPPROVED}
    counted = shop.approve()
    assert counted <= len(waiting)
    shop.life.advance(shop.life.clock.now() + timedelta(days=4))
    sent = {e.key for e in shop.of() if e.status is EntryStatus.SENT}
    assert len(sent & waiting) == counted, "exactly the printed number went out"
    assert shop.mailed >= before + counted


def test_controls_change_nothing_else() -> None:
    shop = backfilled(1)
    switch(shop.life.world, BRAND, lambda known: replace(known, sms_spent={"all": "2025-11"}))
    shop.approve()
    after = shop.memory.controls.load(BRAND)
    (approval,) = after.approvals
    assert (approval.by, approval.count, approval.lifecycle) == ("Sato", 1, REVIEW)
    assert replace(after, approvals=()) == Controls(
        brand=BRAND, sms_spent={"all": "2025-11"}, version=after.version
    )
