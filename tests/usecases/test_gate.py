"""The gate: which rule speaks first, and that nothing slips past it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.customers import Suppression
from shared.domain.decisions import Candidate, History, Situation, Verdict, send, wait
from shared.domain.events import Channel, ConsentSeen, Fact, Purpose
from shared.domain.gate import RECORD_GRACE, Evaluated, evaluate
from shared.domain.ledger import EntryKey, EntryStatus, LedgerEntry
from shared.domain.policy import ConsentBasis
from shared.domain.reasons import Reason
from shared.domain.values import Party
from tests.builders import BRAND, BUYER, ORDER, POLICY, T0, at, customer_of, order_of, placed
from tests.worlds import Scripted

NOW = at(days=1)  # 10:00 in Tokyo, the day after


def due(situation: Situation) -> tuple[Candidate, ...]:
    return (send("hello", "hello", "always"),)


def entry(status: EntryStatus, **more: Any) -> LedgerEntry:
    return LedgerEntry(
        key=EntryKey(
            brand=BRAND,
            order_id=ORDER,
            lifecycle="scripted",
            occurrence="hello",
            channel=more.pop("channel", Channel.EMAIL),
        ),
        status=status,
        reason=Reason.DUE,
        rule="",
        message="hello",
        decided_at=T0,
        **more,
    )


def judge(
    fact: Fact | None = None,
    *,
    now: datetime = NOW,
    marketing: bool = False,
    entries: tuple[LedgerEntry, ...] = (),
    script: Any = due,
    **more: Any,
) -> Evaluated:
    order = replace(order_of(fact or placed()), first_recorded_at=more.pop("first_seen", T0))
    customer = more.pop("customer", customer_of(orders=(order,)))
    situation = Situation(
        order=order,
        customer=customer,
        history=History(entries=entries),
        policy=more.pop("policy", POLICY),
        now=now,
    )
    purpose = Purpose.MARKETING if marketing else Purpose.TRANSACTIONAL
    lifecycle = Scripted(script, purpose=purpose)
    (one,) = evaluate(lifecycle.SPEC, lifecycle.decide, situation, **more)
    return one


YES = (ConsentSeen(channel=Channel.EMAIL, granted=True),)
NO = (ConsentSeen(channel=Channel.EMAIL, granted=False),)
PHONE = Party(name="山田 花子", phone="+819012345678")


@pytest.mark.parametrize(
    ("case", "verdict", "reason"),
    [
        (judge(), Verdict.SEND, Reason.DUE),
        (judge(placed(test=True)), Verdict.SKIP, Reason.TEST_ORDER),
        (judge(placed(historical=True)), Verdict.SKIP, Reason.HISTORICAL),
        (judge(placed(notify=False)), Verdict.SKIP, Reason.SILENCED),
        (
            judge(policy=replace(POLICY, disabled_lifecycles=frozenset({"scripted"}))),
            Verdict.SKIP,
            Reason.LIFECYCLE_DISABLED,
        ),
        (judge(placed(buyer=Party())), Verdict.SKIP, Reason.NO_ADDRESS),
        (judge(now=T0 + timedelta(seconds=59)), Verdict.WAIT, Reason.SETTLING),
        (judge(now=T0 + timedelta(seconds=60)), Verdict.SEND, Reason.DUE),
        (judge(marketing=True), Verdict.SKIP, Reason.NO_CONSENT),
        (judge(placed(consents=YES), marketing=True), Verdict.SEND, Reason.DUE),
        (judge(placed(consents=NO), marketing=True), Verdict.SKIP, Reason.OPTED_OUT),
        (judge(placed(consents=NO)), Verdict.SEND, Reason.DUE),
        (judge(placed(consents=YES), marketing=True, now=at(hours=12)), Verdict.WAIT,
         Reason.QUIET_HOURS),
        (judge(now=at(hours=12)), Verdict.SEND, Reason.DUE),
        (judge(placed(buyer=PHONE), now=at(hours=12)), Verdict.WAIT, Reason.QUIET_HOURS),
    ],
)  # fmt: skip
def test_the_first_rule_that_speaks_decides(
    case: Evaluated, verdict: Verdict, reason: Reason
) -> None:
    assert (case.candidate.verdict, case.candidate.reason) == (verdict, reason)


def test_an_existing_customer_may_get_email_but_no_sms() -> None:
    policy = replace(POLICY, consent_basis={"scripted": ConsentBasis.EXISTING_CUSTOMER})
    assert judge(marketing=True, policy=policy).candidate.verdict is Verdict.SEND
    by_phone = judge(placed(buyer=PHONE), marketing=True, policy=policy)
    assert by_phone.candidate.reason is Reason.NO_CONSENT
    refused = judge(placed(consents=NO), marketing=True, policy=policy)
    assert refused.candidate.reason is Reason.OPTED_OUT


def test_a_suppressed_address_gives_way_to_the_next_channel() -> None:
    both = replace(BUYER, phone="+819012345678")
    order = order_of(placed(buyer=both))
    gone = {Channel.EMAIL: Suppression(channel=Channel.EMAIL, reason="BOUNCED", since=T0)}
    customer = replace(customer_of(orders=(order,)), suppressions=gone)
    assert judge(placed(buyer=both), customer=customer).channel is Channel.SMS
    only_mail = judge(placed(), customer=customer)
    assert (only_mail.candidate.verdict, only_mail.candidate.reason) == (
        Verdict.SKIP,
        Reason.SUPPRESSED,
    )


def test_what_is_held_past_its_expiry_is_too_late() -> None:
    def night(situation: Situation) -> tuple[Candidate, ...]:
        return (send("hello", "hello", "x", expires_at=at(hours=20)),)

    held = judge(placed(consents=YES), marketing=True, now=at(hours=12), script=night)
    assert (held.candidate.verdict, held.candidate.reason) == (Verdict.SKIP, Reason.TOO_LATE)
    gone = judge(now=at(hours=20), script=night)
    assert gone.candidate.reason is Reason.TOO_LATE


def test_a_claim_is_waited_for_then_the_record_then_the_purpose_decides() -> None:
    lease = at(days=1, minutes=2)
    claimed = (entry(EntryStatus.SENDING, lease_until=lease, attempts=1),)
    first = judge(entries=claimed)
    assert (first.candidate.reason, first.candidate.at) == (Reason.IN_FLIGHT, lease)
    second = judge(entries=claimed, now=lease)
    assert second.candidate.reason is Reason.OUTCOME_UNKNOWN
    assert second.candidate.at == lease + RECORD_GRACE
    after = lease + RECORD_GRACE
    assert judge(entries=claimed, now=after).candidate.verdict is Verdict.SEND
    dropped = judge(placed(consents=YES), entries=claimed, now=after, marketing=True)
    assert (dropped.candidate.verdict, dropped.candidate.reason) == (
        Verdict.SKIP,
        Reason.OUTCOME_UNKNOWN,
    )


def test_a_claim_on_one_channel_holds_the_others() -> None:
    other = (entry(EntryStatus.SENDING, channel=Channel.SMS, lease_until=at(days=2)),)
    assert judge(entries=other).candidate.reason is Reason.IN_FLIGHT


def test_a_claim_outlives_the_candidate_that_it_was_made_for() -> None:
    claimed = (entry(EntryStatus.SENDING, lease_until=at(days=2)),)
    orphan = judge(entries=claimed, script=lambda situation: ())
    assert (orphan.candidate.verdict, orphan.candidate.at) == (Verdict.WAIT, at(days=2))


def test_what_was_sent_is_no_candidate() -> None:
    done = (entry(EntryStatus.SENT, sent_at=T0),)
    order = order_of(placed())
    situation = Situation(
        order=order,
        customer=customer_of(orders=(order,)),
        history=History(entries=done),
        policy=POLICY,
        now=NOW,
    )
    lifecycle = Scripted(due)
    assert evaluate(lifecycle.SPEC, lifecycle.decide, situation) == ()


@given(
    hours=st.lists(st.integers(min_value=1, max_value=24 * 10), max_size=8, unique=True),
    minute=st.integers(min_value=0, max_value=24 * 60 - 1),
)
def test_marketing_never_goes_over_the_cap_or_into_the_night(hours: list[int], minute: int) -> None:
    now = at(days=20, minutes=minute)
    order = order_of(placed(consents=YES))
    sent = tuple(
        replace(one, key=replace(one.key, occurrence=f"earlier:{one.sent_at}"))
        for h in hours
        for one in [entry(EntryStatus.SENT, sent_at=now - timedelta(hours=h), marketing=True)]
    )
    customer = replace(customer_of(orders=(order,)), sent=sent)
    one = judge(placed(consents=YES), now=now, marketing=True, customer=customer)
    last_day = sum(h < 24 for h in hours)
    last_week = sum(h < 24 * 7 for h in hours)
    wall = now.astimezone(ZoneInfo("Asia/Tokyo")).time()
    night = wall >= time(21) or wall < time(8)
    allowed = not night and last_day < 1 and last_week < 3
    assert (one.candidate.verdict is Verdict.SEND) == allowed
    if not allowed:
        # Held, not lost: and where it is looked at again, the rule that held it has let go.
        assert one.candidate.verdict is Verdict.WAIT
        assert one.candidate.at is not None
        assert one.candidate.at > now
        again = judge(placed(consents=YES), now=one.candidate.at, marketing=True, customer=customer)
        assert again.candidate.reason is not one.candidate.reason


def test_a_wait_of_the_lifecycle_stays_a_wait() -> None:
    def later(situation: Situation) -> tuple[Candidate, ...]:
        return (wait("hello", "hello", Reason.NOT_YET_DUE, "later", until=at(days=9)),)

    assert judge(script=later).candidate.at == at(days=9)
