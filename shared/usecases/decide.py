"""Decide what a lifecycle does now, and write the whole decision into the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.decisions import Action, Candidate, Situation, Step, Verdict, next_step
from shared.domain.errors import Conflict
from shared.domain.events import Channel, Purpose
from shared.domain.gate import RECORD_GRACE, Evaluated, evaluate, settled_at
from shared.domain.inputs import Inputs
from shared.domain.inputs import situation as situation_of
from shared.domain.ledger import IN_FLIGHT, EntryKey, EntryStatus, LedgerEntry
from shared.domain.lifecycle import Lifecycle, Spec
from shared.domain.reasons import Reason
from shared.domain.values import digest
from shared.ports import OutcomeEvent, World
from shared.usecases.situations import keep_inputs, read_inputs

# A claim outlives the longest run of the send function (its time-out is 30 s) by far.
LEASE = timedelta(seconds=120)
_UNSETTLED = frozenset({Reason.IN_FLIGHT, Reason.OUTCOME_UNKNOWN})
NO_CANDIDATE = "no longer a candidate"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideResult:
    """What the state machine does next. Every field is always there.

    ``wake_at`` is UTC without an offset, as the Scheduler's at() takes it; for SEND it is the
    guard: if the run dies after its claim, the lifecycle wakes then and puts it right.
    """

    action: str
    message: str
    occurrence: str
    channel: str
    wake_at: str
    timer: str
    reason: str


def timer_name(brand: str, order_id: str, lifecycle: str) -> str:
    """The one schedule of a lifecycle of an order: a digest, 64 characters, no personal data."""
    return digest(brand, order_id, lifecycle)


def decide(world: World, lifecycle: Lifecycle, brand: str, order_id: str) -> DecideResult:
    """Evaluate the lifecycle, record every candidate, and say what to do next."""
    spec = lifecycle.SPEC
    inputs = read_inputs(world, spec, brand, order_id)
    situation = situation_of(inputs, spec, world.brands.policy(brand))
    settled = settled_at(situation)
    if not situation.order.known:
        step = Step(action=Action.FINISH, reason=Reason.ORDER_UNKNOWN)
    elif situation.now < settled:
        # Nothing is judged, and so nothing is recorded, before the first burst is complete.
        step = Step(action=Action.WAIT, reason=Reason.SETTLING, wake_at=settled)
    else:
        evaluated = evaluate(spec, lifecycle.decide, situation)
        _record(world, spec, inputs, situation, evaluated)
        step = next_step((e.candidate, e.channel) for e in evaluated)
    wake_at = {
        Action.SEND: _guard(situation.now),
        Action.WAIT: _after(situation.now, step.wake_at),
        Action.FINISH: None,
    }[step.action]
    candidate = step.candidate
    return DecideResult(
        action=step.action,
        message=candidate.message if candidate else "",
        occurrence=candidate.occurrence if candidate else "",
        channel=step.channel or "",
        wake_at=wake_at.strftime("%Y-%m-%dT%H:%M:%S") if wake_at else "",
        timer=timer_name(brand, order_id, spec.name),
        reason=step.reason,
    )


def _guard(now: datetime) -> datetime:
    """When to look at what is sent now, should the run that sends it die after its claim."""
    return _minute(now + LEASE + RECORD_GRACE)


def _minute(instant: datetime) -> datetime:
    """Rounded up to the minute: the Scheduler is no more precise, and equal answers compare."""
    floor = instant.replace(second=0, microsecond=0)
    return floor if floor == instant else floor + timedelta(minutes=1)


def _after(now: datetime, at: datetime | None) -> datetime | None:
    """The first whole second at or after ``at`` that is still to come."""
    if at is None:
        return None
    later = max(at, now + timedelta(seconds=1))
    floor = later.replace(microsecond=0)
    return floor if floor == later else floor + timedelta(seconds=1)


def _record(
    world: World,
    spec: Spec,
    inputs: Inputs,
    situation: Situation,
    evaluated: Iterable[Evaluated],
) -> None:
    """Bring the ledger in line, keeping what every change was decided on."""
    changes = decided(spec, situation, evaluated)
    news = [(before, after) for before, after in changes if is_news(before, after)]
    if not news:
        return
    name = keep_inputs(world, inputs)
    for _, after in news:
        write_entry(world, replace(after, inputs=name))


def decided(
    spec: Spec, situation: Situation, evaluated: Iterable[Evaluated]
) -> list[tuple[LedgerEntry | None, LedgerEntry]]:
    """What a decision makes of the ledger: each candidate its entry, and none left waiting for
    nothing. Pure. Each entry as it was (None: there was none), and as it is to be."""
    changes: list[tuple[LedgerEntry | None, LedgerEntry]] = []
    seen: set[EntryKey] = set()
    for one in evaluated:
        key = EntryKey(
            brand=situation.order.brand,
            order_id=situation.order.order_id,
            lifecycle=spec.name,
            occurrence=one.candidate.occurrence,
            channel=one.channel,
        )
        seen.add(key)
        entry = _entry(key, spec, situation, one)
        if entry is not None:
            changes.append((one.entry, entry))
    for stale in situation.history.entries:
        if stale.status is EntryStatus.WAITING and stale.key not in seen:
            gone = replace(
                stale,
                status=EntryStatus.SKIPPED,
                reason=Reason.SUPERSEDED,
                rule=NO_CANDIDATE,
                next_check=None,
                decided_at=situation.now,
                inputs_version=situation.order.inputs_version,
            )
            changes.append((stale, gone))
    return changes


def _entry(key: EntryKey, spec: Spec, situation: Situation, one: Evaluated) -> LedgerEntry | None:
    """The entry that says what became of a candidate; None where another run has it in hand."""
    candidate, known = one.candidate, one.entry
    in_flight = known is not None and known.status in IN_FLIGHT
    held = candidate.verdict is Verdict.WAIT and candidate.reason not in _UNSETTLED
    if in_flight and candidate.verdict is not Verdict.SKIP and not held:
        return None
    status, next_check = {
        Verdict.SEND: (EntryStatus.WAITING, _guard(situation.now)),
        Verdict.WAIT: (EntryStatus.WAITING, candidate.at),
        # Given up while nobody knows whether it went out: that is a failure, not a choice.
        Verdict.SKIP: (EntryStatus.FAILED if in_flight else EntryStatus.SKIPPED, None),
    }[candidate.verdict]
    base = known or LedgerEntry(
        key=key,
        status=status,
        reason=candidate.reason,
        rule=candidate.rule,
        message=candidate.message,
        decided_at=situation.now,
        created_at=situation.now,
    )
    return replace(
        base,
        status=status,
        reason=candidate.reason,
        rule=candidate.rule,
        message=candidate.message,
        marketing=spec.purpose is Purpose.MARKETING,
        decided_at=situation.now,
        inputs_version=situation.order.inputs_version,
        policy_version=situation.policy.version,
        next_check=next_check,
        # Held for another reason than its claim, whose time is over: nobody has it in hand.
        lease_until=None if held else base.lease_until,
        due_at=candidate.due_at or base.due_at,
        customer_key=situation.order.customer_key,
        skus=candidate.skus,
        covers=candidate.covers,
        priority=spec.rank,
        held_since=held_since(base, candidate, situation.now),
    )


def held_since(entry: LedgerEntry, candidate: Candidate, now: datetime) -> datetime | None:
    """Since when a message waits for approval: an approval covers what was held by then."""
    if candidate.reason is Reason.UNAPPROVED:
        return entry.held_since or now
    return entry.held_since


def is_news(before: LedgerEntry | None, after: LedgerEntry) -> bool:
    """Whether an entry says something that the ledger does not say yet."""
    return before is None or _says(before) != _says(after)


def write_entry(world: World, after: LedgerEntry) -> None:
    """Write an entry, and publish an ending.

    A lost race is no harm: the other run decided on facts at least as new, and this run decides
    again after arming its timer.
    """
    try:
        world.ledger.put(after)
    except Conflict:
        return
    ended = {EntryStatus.SKIPPED: "MessageSkipped", EntryStatus.FAILED: "MessageFailed"}
    if after.status in ended:
        world.publisher.outcome(outcome(ended[after.status], after, after.decided_at))


def _says(entry: LedgerEntry) -> tuple[object, ...]:
    return (
        entry.status,
        entry.reason,
        entry.rule,
        entry.message,
        entry.next_check,
        entry.skus,
        entry.covers,
    )


def outcome(kind: str, entry: LedgerEntry, at: datetime) -> OutcomeEvent:
    """The event that tells what became of an entry."""
    return OutcomeEvent(
        type=kind,
        key=entry.key,
        message=entry.message,
        message_id=entry.key.message_id(),
        reason=entry.reason,
        at=at,
    )


def entry_key(brand: str, order_id: str, lifecycle: str, occurrence: str, channel: str) -> EntryKey:
    """The identity of a message from the words of a task. Raises ValueError for no channel."""
    return EntryKey(
        brand=brand,
        order_id=order_id,
        lifecycle=lifecycle,
        occurrence=occurrence,
        channel=Channel(channel),
    )
