"""What follows from a provider's word: another channel, a refusal, a rest, the brake."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.memory.providers import Reconsidered
from shared.domain.controls import Brake
from shared.domain.decisions import send as due_now
from shared.domain.errors import RetryableError
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    ContactabilityChanged,
    Fact,
    MessageReported,
    ProviderWord,
    Purpose,
)
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.limits import day_of
from shared.domain.policy import BrakePolicy, ConsentBasis, SoftBouncePolicy
from shared.domain.reasons import Reason
from shared.domain.values import Party, address_key, customer_key
from shared.usecases.brake import Figure
from shared.usecases.decide import decide, entry_key
from shared.usecases.feedback import feedback
from shared.usecases.ingest import ingest
from shared.usecases.operate import unsuppress
from shared.usecases.send import send
from tests.builders import BRAND, BUYER, ORDER, POLICY, T0, consent, entry, fact, placed
from tests.worlds import Memory, Scripted, situation_in

W = ProviderWord
HANAKO, NUMBER = BUYER.email or "", "+819012345678"
REACHABLE = replace(BUYER, phone=NUMBER)
TRANSACTIONAL = Scripted(lambda _: (due_now("hello", "hello", "always"),))
MARKETING = replace(TRANSACTIONAL, purpose=Purpose.MARKETING)
LENIENT = replace(POLICY, consent_basis={"scripted": ConsentBasis.EXISTING_CUSTOMER})


def ordered(*facts: Fact, buyer: Party = REACHABLE, **more: Any) -> Memory:
    memory = Memory(policy=replace(LENIENT, **more))
    ingest(memory.world, [placed(buyer=buyer), *facts])
    memory.clock.advance(timedelta(minutes=5))
    return memory


def run(memory: Memory, lifecycle: Any, turns: int = 6) -> None:
    """What the state machine does."""
    for _ in range(turns):
        step = decide(memory.world, lifecycle, BRAND, ORDER)
        if step.action != "SEND":
            return
        key = entry_key(BRAND, ORDER, "scripted", step.occurrence, step.channel)
        send(memory.world, lifecycle, key)
    raise AssertionError("it never ends")


def of(memory: Memory, channel: Channel) -> LedgerEntry | None:
    found = [e for e in memory.ledger.entries() if e.key.channel is channel]
    return found[0] if found else None


def said(
    memory: Memory,
    word: ProviderWord,
    channel: Channel = Channel.EMAIL,
    *,
    reason: str | None = None,
    later: timedelta = timedelta(0),
) -> list[Fact]:
    """A provider's record about what was sent on a channel."""
    one = of(memory, channel)
    assert one is not None
    address = HANAKO if channel is Channel.EMAIL else NUMBER
    when = memory.clock.now() + later
    report = MessageReported(
        channel=channel,
        word=word,
        message_id=one.key.message_id(),
        provider_id=one.provider_id,
        addresses=(address,),
    )
    record = [fact(report, when)]
    if reason:
        gone = ContactabilityChanged(
            channel=channel, address=address, reachable=False, reason=reason
        )
        record.append(fact(gone, when))
    return record


class TestAnotherChannel:
    def test_what_bounced_is_said_by_sms(self) -> None:
        memory = ordered()
        run(memory, TRANSACTIONAL)
        feedback(memory.world, said(memory, W.BOUNCED, reason="BOUNCED"))
        (asked,) = memory.publisher.reconsidered
        assert (asked.brand, asked.order_id, asked.lifecycle) == (BRAND, ORDER, "scripted")
        run(memory, TRANSACTIONAL)
        run(memory, TRANSACTIONAL)
        assert (len(memory.mailbox.letters), len(memory.phone.letters)) == (1, 1)
        # It bounced as well: there is no third channel, and no way back to the first.
        feedback(memory.world, said(memory, W.BOUNCED, Channel.SMS, reason="INVALID"))
        run(memory, TRANSACTIONAL)
        assert (len(memory.mailbox.letters), len(memory.phone.letters)) == (1, 1)

    def test_what_the_provider_refused_is_said_by_sms_and_its_number_stays_good(self) -> None:
        memory = ordered()
        run(memory, TRANSACTIONAL)
        feedback(memory.world, said(memory, W.REJECTED))
        run(memory, TRANSACTIONAL)
        assert len(memory.phone.letters) == 1
        key = address_key(BRAND, Channel.EMAIL, HANAKO)
        assert memory.customers.suppression(BRAND, key) is None

    def test_marketing_needs_a_yes_for_the_other_channel(self) -> None:
        yes = consent(T0, granted=True, channel=Channel.SMS)
        for facts, texts in (((), 0), ((yes,), 1)):
            memory = ordered(*facts)
            run(memory, MARKETING)
            assert len(memory.mailbox.letters) == 1
            feedback(memory.world, said(memory, W.BOUNCED, reason="BOUNCED"))
            memory.clock.advance(timedelta(minutes=1))
            run(memory, MARKETING)
            assert len(memory.phone.letters) == texts

    def test_a_complaint_falls_back_to_nothing(self) -> None:
        memory = ordered()
        run(memory, TRANSACTIONAL)
        feedback(memory.world, said(memory, W.COMPLAINED, reason="COMPLAINED"))
        feedback(memory.world, said(memory, W.BOUNCED))
        assert memory.publisher.reconsidered == []
        run(memory, TRANSACTIONAL)
        assert memory.phone.letters == []

    def test_whoever_died_before_it_could_ask_asks_when_the_record_comes_again(self) -> None:
        memory = ordered()
        run(memory, TRANSACTIONAL)
        record = said(memory, W.BOUNCED)

        class Down:
            def __getattr__(self, _: str) -> Any:
                raise RetryableError("the bus is down")

        with pytest.raises(RetryableError):
            feedback(replace(memory.world, publisher=Down()), record)
        feedback(memory.world, record)
        assert [type(one) for one in memory.publisher.reconsidered] == [Reconsidered]


class TestComplaints:
    def test_a_complaint_is_a_refusal_of_marketing_on_its_channel(self) -> None:
        memory = ordered(consent(T0, granted=True))
        run(memory, MARKETING)
        assert len(memory.mailbox.letters) == 1
        record, mail = said(memory, W.COMPLAINED), memory.ledger.entries()[0]
        feedback(memory.world, record)
        feedback(memory.world, record)
        word = situation_in(memory.world, MARKETING.SPEC, BRAND, ORDER).customer.word(Channel.EMAIL)
        assert word is not None
        assert not word.granted
        refusals = [f for f in memory.publisher.published if f.data == _refusal()]
        assert {f.metadata.id for f in refusals} == {f"{mail.key.message_id()}:complaint"}
        key = customer_key(BRAND, REACHABLE) or ""
        assert [f.data for f in memory.customers.consents(BRAND, key)][-1] == _refusal()

    def test_by_the_bus_it_is_one_as_well(self) -> None:
        memory = ordered()
        run(memory, MARKETING)
        done = ingest(memory.world, said(memory, W.COMPLAINED))
        assert [f.data for f in done.published] == [_refusal()]
        assert done.unclaimed == 0

    def test_a_report_of_nobody_s_message_is_counted(self) -> None:
        memory = Memory()
        report = MessageReported(channel=Channel.EMAIL, word=W.BOUNCED, message_id="theirs")
        assert ingest(memory.world, [fact(report)]).unclaimed == 1


def _refusal() -> ConsentChanged:
    key = entry_key(BRAND, ORDER, "scripted", "hello", "email")
    return ConsentChanged(
        customer=REACHABLE,
        channel=Channel.EMAIL,
        granted=False,
        method=ConsentMethod.COMPLAINT,
        evidence=f"complaint about message {key.message_id()}",
    )


class TestSoftBounces:
    POLICY = SoftBouncePolicy(limit=2, over_days=1, rest_days=10)

    def bounce(self, memory: Memory, provider_id: str) -> None:
        report = MessageReported(
            channel=Channel.EMAIL,
            word=W.SOFT_BOUNCED,
            provider_id=provider_id,
            addresses=(HANAKO, "jiro@example.jp"),
        )
        one = fact(report, memory.clock.now())
        feedback(memory.world, [one])
        feedback(memory.world, [one])

    def test_an_address_rests_and_comes_back(self) -> None:
        memory = ordered(soft_bounces=self.POLICY, buyer=BUYER)
        self.bounce(memory, "p-1")
        memory.clock.advance(timedelta(days=1))
        assert not self.stopped(memory)
        self.bounce(memory, "p-2")
        assert self.stopped(memory) == {Channel.EMAIL: "SOFT_BOUNCED"}
        run(memory, TRANSACTIONAL)
        (skipped,) = memory.ledger.entries()
        assert skipped.reason is Reason.SUPPRESSED
        memory.clock.advance(timedelta(days=10))
        assert not self.stopped(memory)
        run(memory, TRANSACTIONAL)
        assert len(memory.mailbox.letters) == 1
        feedback(memory.world, said(memory, W.DELIVERED))
        memory.clock.advance(timedelta(days=1))
        self.bounce(memory, "p-3")
        assert not self.stopped(memory)

    def test_a_person_can_say_that_it_is_good(self) -> None:
        memory = ordered(soft_bounces=self.POLICY, buyer=BUYER)
        self.bounce(memory, "p-1")
        memory.clock.advance(timedelta(days=1))
        self.bounce(memory, "p-2")
        assert self.stopped(memory)
        unsuppress(memory.world, BRAND, Channel.EMAIL, HANAKO, by="support", why="asked")
        assert not self.stopped(memory)

    def test_delays_do_not_count(self) -> None:
        memory = ordered(soft_bounces=self.POLICY)
        run(memory, TRANSACTIONAL)
        feedback(memory.world, said(memory, W.DELAYED))
        key = address_key(BRAND, Channel.EMAIL, HANAKO)
        assert memory.customers.soft_bounces(BRAND, key).bounced == {}

    def stopped(self, memory: Memory) -> dict[Channel, str]:
        customer = situation_in(memory.world, TRANSACTIONAL.SPEC, BRAND, ORDER).customer
        return {channel: word.reason for channel, word in customer.suppressions.items()}


def figures(memory: Memory) -> tuple[int, ...]:
    day = [memory.clock.now().strftime("%Y-%m-%d")]
    return tuple(sum(memory.counters.read(BRAND, figure, day)) for figure in Figure)


class TestTheBrake:
    POLICY = BrakePolicy(min_bounces=2, min_complaints=2, bounce_rate=0.5)

    def many(self, memory: Memory, words: Iterable[ProviderWord]) -> list[Brake | None]:
        """A mail for each word, and twice that word about it."""
        pulled = []
        for number, word in enumerate(words):
            key = entry("scripted", f"o{number}").key
            memory.ledger.put(
                replace(entry("scripted", f"o{number}"), provider_id=f"p-{number}", attempts=1)
            )
            report = MessageReported(channel=Channel.EMAIL, word=word, message_id=key.message_id())
            one = fact(report, memory.clock.now())
            pulled += [feedback(memory.world, [one]).brake for _ in range(2)]
        return pulled

    def test_what_went_out_and_came_back_is_counted_once(self) -> None:
        memory = ordered()
        run(memory, TRANSACTIONAL)
        assert figures(memory) == (1, 0, 0)
        for word in (W.SENT, W.DELIVERED, W.BOUNCED, W.BOUNCED, W.COMPLAINED, W.COMPLAINED):
            feedback(memory.world, said(memory, word))
        assert figures(memory) == (1, 1, 1)
        run(memory, TRANSACTIONAL)
        assert figures(memory) == (1, 1, 1), "an SMS is no mail"

    def test_a_mail_that_only_its_record_proves_is_counted(self) -> None:
        memory = ordered()
        memory.ledger.put(entry("scripted", "hello", EntryStatus.SENDING, attempts=1))
        for _ in range(2):
            feedback(memory.world, said(memory, W.SENT))
        assert figures(memory) == (1, 0, 0)

    def test_it_is_pulled_once_and_stops_marketing_alone(self) -> None:
        memory = ordered(brake=self.POLICY)
        pulled = self.many(memory, [W.BOUNCED] * 3)
        assert [one.cause if one else None for one in pulled] == [None, None, "bounces"] + [
            None
        ] * 3
        controls = memory.controls.load(BRAND)
        assert controls.brake is not None
        run(memory, MARKETING)
        assert memory.mailbox.letters == []
        found = of(memory, Channel.EMAIL)
        held = [e for e in memory.ledger.entries() if e.key.occurrence == "hello"]
        assert found is not None
        assert [e.reason for e in held] == [Reason.BRAKED]
        run(memory, TRANSACTIONAL)
        assert len(memory.mailbox.letters) == 1

    def test_after_a_release_only_later_days_count(self) -> None:
        memory = ordered(brake=self.POLICY)
        self.many(memory, [W.COMPLAINED] * 2)
        before = memory.controls.load(BRAND)
        assert before.brake is not None
        released = replace(before, brake=None, brake_released_at=memory.clock.now())
        memory.controls.save(before, released)
        self.again(memory, "a")
        assert memory.controls.load(BRAND).brake is None
        memory.clock.advance(timedelta(days=1))
        self.again(memory, "b")
        assert memory.controls.load(BRAND).brake is None, "one is no rate"
        self.again(memory, "c")
        assert memory.controls.load(BRAND).brake is not None

    def again(self, memory: Memory, occurrence: str) -> None:
        one = memory.ledger.put(replace(entry("scripted", occurrence), attempts=1))
        report = MessageReported(
            channel=Channel.EMAIL, word=W.COMPLAINED, message_id=one.key.message_id()
        )
        feedback(memory.world, [fact(report, memory.clock.now())])

    def test_while_the_counter_is_down_what_came_back_comes_again(self) -> None:
        """Uncounted it would never pull the brake. What went out is not worth waiting for."""
        memory = ordered()

        class Down:
            def add(self, *_: object) -> int:
                raise RetryableError("throttled")

            def read(self, _brand: str, _name: str, periods: Iterable[str]) -> tuple[int, ...]:
                return tuple(0 for _ in periods)

        world = replace(memory.world, counters=Down())
        memory.ledger.put(entry("scripted", "hello", EntryStatus.SENDING, attempts=1))
        feedback(world, said(memory, W.SENT))
        record = said(memory, W.BOUNCED)
        with pytest.raises(RetryableError):
            feedback(world, record)
        feedback(memory.world, record)
        found = of(memory, Channel.EMAIL)
        assert found is not None
        assert (found.status, found.reason) == (EntryStatus.SENT, Reason.BOUNCED)
        today = [day_of(memory.clock.now())]
        assert memory.counters.read(BRAND, Figure.BOUNCED, today) == (1,)


def test_both_ways_and_any_order_give_one_ledger() -> None:
    """Each record comes by EventBridge and by SNS, whichever is first."""
    words = [(W.SENT, 1), (W.DELIVERED, 2), (W.COMPLAINED, 3)]
    ends = set()
    for order in set(itertools.permutations(words * 2)):
        memory = ordered()
        memory.ledger.put(entry("scripted", "hello", EntryStatus.SENDING, attempts=1))
        for word, seconds in order:
            feedback(memory.world, said(memory, word, later=timedelta(seconds=seconds)))
        (end,) = memory.ledger.entries()
        key = customer_key(BRAND, REACHABLE) or ""
        person = memory.customers.load(BRAND, key)
        # The first word to come says when it was sent, if our own clock could not.
        ends.add(
            (
                replace(end, version=0, sent_at=None),
                figures(memory)[1:],
                tuple(sorted(f.metadata.id for f in person.facts.values())),
            )
        )
    assert len(ends) == 1
