"""Send one message at most once: claim, look again, render, hand over, commit.

Neither SES nor SNS takes an idempotency token, so the claim in the ledger is what makes a
message single. See docs/reliability.md for every crash and time-out, and for the one window
that remains: a message whose outcome is unknown, and whose `Send` record does not come within
the grace, is sent again if transactional and dropped if marketing.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from shared.domain.decisions import Candidate, Situation, Verdict
from shared.domain.errors import (
    Conflict,
    OutcomeUnknown,
    ProviderRefused,
    ProviderThrottled,
    RetryableError,
    TemplateError,
)
from shared.domain.events import DeliveryPromised, Fact, Metadata, PromiseSource, Purpose
from shared.domain.gate import (
    MAX_ATTEMPTS,
    RECORD_GRACE,
    Evaluated,
    evaluate,
    may_advertise,
)
from shared.domain.inputs import Inputs
from shared.domain.inputs import situation as situation_of
from shared.domain.ledger import FINAL, EntryKey, EntryStatus, LedgerEntry
from shared.domain.lifecycle import Lifecycle
from shared.domain.reasons import Reason
from shared.ports import Letter, World
from shared.usecases.brake import count_sent
from shared.usecases.decide import LEASE, NO_CANDIDATE, held_since, outcome
from shared.usecases.ingest import ingest
from shared.usecases.limits import Held, spend
from shared.usecases.situations import keep_inputs, read_inputs

# What must be left of the lease when the provider is called: its time-out is shorter.
SEND_MARGIN = timedelta(seconds=60)
_COMMIT_ATTEMPTS = 5
_SLOT_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """What became of it: SENT, SKIPPED, DEFERRED, FAILED, UNKNOWN, or BUSY with another run."""

    outcome: str
    reason: str
    message_id: str


def send(world: World, lifecycle: Lifecycle, key: EntryKey) -> SendResult:
    """Send the message ``key`` if it is still right to do so at this moment.

    Raises RetryableError where a store failed; then the same call may be made again. What was
    claimed and surely not handed over is given back first; anything else stays claimed, and is
    resolved when its lease has run out.
    """
    claim = _claim(world, key, marketing=lifecycle.SPEC.purpose is Purpose.MARKETING)
    if isinstance(claim, SendResult):
        return claim
    try:
        ready = _prepare(world, lifecycle, key, claim)
    except RetryableError:
        _give_back(world, claim)
        raise
    if isinstance(ready, SendResult):
        return ready
    claim, letter = ready
    try:
        provider_id = world.senders[key.channel].send(letter)
    except ProviderThrottled:
        return _later(world, claim)
    except ProviderRefused as error:
        return _end(world, claim, EntryStatus.FAILED, Reason.REFUSED_BY_PROVIDER, detail=str(error))
    except OutcomeUnknown:
        return _unknown(world, claim)
    return commit(world, claim, provider_id)


def _prepare(
    world: World, lifecycle: Lifecycle, key: EntryKey, claim: LedgerEntry
) -> tuple[LedgerEntry, Letter] | SendResult:
    """Look again, render, and write down what the letter promises. Nothing has been handed over.

    A promise is noted before it is given: a crash in between leaves at worst a date that nobody
    was shown, never one that was shown and forgotten.
    """
    spec = lifecycle.SPEC
    inputs, situation, judged = _look_again(world, lifecycle, key)
    claim = replace(claim, inputs=keep_inputs(world, inputs))
    if judged is None or judged.candidate.verdict is not Verdict.SEND or judged.address is None:
        return _release(world, claim, situation, judged.candidate if judged else None)
    candidate = judged.candidate
    claim = replace(
        claim,
        reason=candidate.reason,
        rule=candidate.rule,
        message=candidate.message,
        skus=candidate.skus,
        covers=candidate.covers,
        due_at=candidate.due_at,
        marketing=spec.purpose is Purpose.MARKETING,
        customer_key=situation.order.customer_key,
        inputs_version=situation.order.inputs_version,
        policy_version=situation.policy.version,
        priority=spec.rank,
    )
    content = lifecycle.content(candidate, situation)
    try:
        letter = world.renderer.letter(
            lifecycle=spec.name,
            message=candidate.message,
            purpose=spec.purpose,
            channel=key.channel,
            brand=key.brand,
            locale=situation.order.buyer.locale,
            to=judged.address,
            message_id=key.message_id(),
            content=content,
            marketing=may_advertise(spec, key.channel, situation),
        )
    except TemplateError as error:
        return _end(world, claim, EntryStatus.FAILED, Reason.TEMPLATE_ERROR, detail=str(error))
    held = spend(world, spec, situation, letter)
    if held is not None:
        return _put_off(world, claim, held)
    _note_promise(world, situation, key, content)
    if claim.lease_until is None or world.clock.now() > claim.lease_until - SEND_MARGIN:
        raise RetryableError("the lease is too short to send under")
    return claim, letter


def _look_again(
    world: World, lifecycle: Lifecycle, key: EntryKey
) -> tuple[Inputs, Situation, Evaluated | None]:
    """The facts of this moment and what the gate says to them. Marketing that may go has room
    under the person's caps from then on: two lifecycles at one instant cannot both take the last.

    Raises RetryableError where too many ask for the same person's room at once.
    """
    spec = lifecycle.SPEC
    for _ in range(_SLOT_ATTEMPTS):
        inputs = replace(read_inputs(world, spec, key.brand, key.order_id), claimed=key)
        situation = situation_of(inputs, spec, world.brands.policy(key.brand))
        judged = _find(evaluate(spec, lifecycle.decide, situation, claimed=key), key)
        person = situation.order.customer_key
        goes = judged is not None and judged.candidate.verdict is Verdict.SEND
        if not goes or person is None or spec.purpose is not Purpose.MARKETING:
            return inputs, situation, judged
        slots = world.customers.slots(key.brand, person)
        if slots.taken != inputs.slots:
            continue
        try:
            world.customers.save_slots(slots, slots.claim(key.message_id(), situation.now))
        except Conflict:
            continue
        return inputs, situation, judged
    raise RetryableError("too many messages to one person at once")


def _make_room(world: World, entry: LedgerEntry) -> None:
    """Give back the room of a message that is not sent now. If this fails the person hears less
    for a while, never more."""
    if not entry.marketing or entry.customer_key is None:
        return
    with contextlib.suppress(RetryableError, Conflict):
        slots = world.customers.slots(entry.key.brand, entry.customer_key)
        after = slots.release(entry.key.message_id())
        if after != slots:
            world.customers.save_slots(slots, after)


def _give_back(world: World, claim: LedgerEntry) -> None:
    """Put a claim back that came to nothing, so that the next call need not wait for the lease.

    If this fails as well, the lease runs out by itself.
    """
    waiting = replace(
        claim,
        status=EntryStatus.WAITING,
        reason=Reason.RETRYING,
        rule="store: try again",
        next_check=world.clock.now(),
        lease_until=None,
        attempts=claim.attempts - 1,
    )
    with contextlib.suppress(RetryableError):
        world.ledger.put(waiting)
    _make_room(world, waiting)


def _find(evaluated: tuple[Evaluated, ...], key: EntryKey) -> Evaluated | None:
    for one in evaluated:
        if one.candidate.occurrence == key.occurrence and one.channel is key.channel:
            return one
    return None


def _result(entry: LedgerEntry, word: str) -> SendResult:
    return SendResult(outcome=word, reason=entry.reason, message_id=entry.key.message_id())


def _claim(world: World, key: EntryKey, *, marketing: bool) -> LedgerEntry | SendResult:
    """Put SENDING with a lease, unless somebody else has the message or it is done."""
    now = world.clock.now()
    known = world.ledger.get(key)
    if known is not None:
        if known.status in FINAL:
            return _told_again(world, known)
        record_by = now
        if known.status is EntryStatus.SENDING and known.lease_until is not None:
            record_by = known.lease_until + RECORD_GRACE
        elif known.status is EntryStatus.UNKNOWN and known.next_check is not None:
            record_by = known.next_check
        if now < record_by:
            return _result(known, "BUSY")
        given_up = marketing or known.attempts >= MAX_ATTEMPTS
        if known.status in {EntryStatus.SENDING, EntryStatus.UNKNOWN} and given_up:
            return _end(world, known, EntryStatus.FAILED, Reason.OUTCOME_UNKNOWN)
    fresh = known or LedgerEntry(
        key=key,
        status=EntryStatus.SENDING,
        reason=Reason.DUE,
        rule="",
        message="",
        decided_at=now,
        created_at=now,
    )
    claim = replace(
        fresh,
        status=EntryStatus.SENDING,
        decided_at=now,
        lease_until=now + LEASE,
        next_check=now + LEASE + RECORD_GRACE,
        attempts=fresh.attempts + 1,
    )
    try:
        return world.ledger.put(claim)
    except Conflict:
        return _result(claim, "BUSY")


def _told_again(world: World, known: LedgerEntry) -> SendResult:
    """It is done. This call may be the repetition of one that could not tell anybody."""
    sent = known.status is EntryStatus.SENT
    kind, at = ("MessageSent", known.sent_at) if sent else ("MessageFailed", None)
    world.publisher.outcome(outcome(kind, known, at or known.decided_at))
    if not sent:
        return _result(known, "FAILED")
    return SendResult(outcome="SENT", reason=Reason.ALREADY_SENT, message_id=known.key.message_id())


def _release(
    world: World, claim: LedgerEntry, situation: Situation, candidate: Candidate | None
) -> SendResult:
    """Give the claim back: things have changed since the decision."""
    wait = candidate is not None and candidate.verdict is Verdict.WAIT
    entry = replace(
        claim,
        status=EntryStatus.WAITING if wait else EntryStatus.SKIPPED,
        reason=candidate.reason if candidate else Reason.SUPERSEDED,
        rule=candidate.rule if candidate else NO_CANDIDATE,
        message=candidate.message if candidate else claim.message,
        skus=candidate.skus if candidate else claim.skus,
        next_check=candidate.at if candidate else None,
        decided_at=situation.now,
        lease_until=None,
        attempts=claim.attempts - 1,
        inputs_version=situation.order.inputs_version,
        policy_version=situation.policy.version,
        held_since=held_since(claim, candidate, situation.now) if candidate else claim.held_since,
    )
    try:
        world.ledger.put(entry)
    except Conflict:
        return _result(entry, "BUSY")
    if not wait:
        world.publisher.outcome(outcome("MessageSkipped", entry, situation.now))
    return _result(entry, "DEFERRED" if wait else "SKIPPED")


def _put_off(world: World, claim: LedgerEntry, held: Held) -> SendResult:
    """A limit is reached: surely not handed over, looked at again when there may be room."""
    entry = replace(
        claim,
        status=EntryStatus.WAITING,
        reason=held.reason,
        rule=held.rule,
        decided_at=world.clock.now(),
        lease_until=None,
        attempts=claim.attempts - 1,
        not_before=held.until,
        next_check=held.until,
    )
    try:
        world.ledger.put(entry)
    except Conflict:
        return _result(entry, "BUSY")
    _make_room(world, entry)
    return _result(entry, "DEFERRED")


def _later(world: World, claim: LedgerEntry) -> SendResult:
    """Surely not accepted: try again later, further apart each time, and not for ever."""
    if claim.attempts >= MAX_ATTEMPTS:
        return _end(
            world,
            claim,
            EntryStatus.FAILED,
            Reason.REFUSED_BY_PROVIDER,
            detail="throttled too often",
        )
    now = world.clock.now()
    again = now + timedelta(minutes=2**claim.attempts)
    entry = replace(
        claim,
        status=EntryStatus.WAITING,
        reason=Reason.RETRYING,
        rule="provider: throttled",
        decided_at=now,
        lease_until=None,
        not_before=again,
        next_check=again,
    )
    world.ledger.put(entry)
    _make_room(world, entry)
    return _result(entry, "DEFERRED")


def _unknown(world: World, claim: LedgerEntry) -> SendResult:
    """Accepted or not, nobody can tell: wait for the provider's own record."""
    now = world.clock.now()
    entry = replace(
        claim,
        status=EntryStatus.UNKNOWN,
        reason=Reason.OUTCOME_UNKNOWN,
        rule="provider: no answer",
        decided_at=now,
        lease_until=None,
        next_check=now + RECORD_GRACE,
    )
    try:
        world.ledger.put(entry)
    except Conflict:
        # The provider's record was faster than its answer.
        return _result(entry, "BUSY")
    return _result(entry, "UNKNOWN")


def _end(
    world: World,
    entry: LedgerEntry,
    status: EntryStatus,
    reason: Reason,
    *,
    detail: str | None = None,
) -> SendResult:
    now = world.clock.now()
    ended = replace(
        entry, status=status, reason=reason, decided_at=now, next_check=None, detail=detail
    )
    try:
        world.ledger.put(ended)
    except Conflict:
        return _result(ended, "BUSY")
    if reason is not Reason.OUTCOME_UNKNOWN:
        _make_room(world, ended)
    world.publisher.outcome(outcome("MessageFailed", ended, now))
    return _result(ended, "FAILED")


def commit(world: World, claim: LedgerEntry, provider_id: str) -> SendResult:
    """Write SENT. The message is out: a lost race is overwritten and a failed write repeated,
    because what is not written down may be sent again."""
    now = world.clock.now()
    sent = replace(
        claim,
        status=EntryStatus.SENT,
        provider_id=provider_id,
        sent_at=now,
        decided_at=now,
        lease_until=None,
        next_check=None,
    )
    ours = False
    for attempt in range(1, _COMMIT_ATTEMPTS + 1):
        try:
            world.ledger.put(sent)
        except Conflict:
            current = world.ledger.get(claim.key)
            if current is None:
                break
            if current.status is EntryStatus.SENT:
                # This very write, or the provider's record, which was faster.
                sent = current
                break
            sent = replace(sent, version=current.version)
        except RetryableError:
            if attempt == _COMMIT_ATTEMPTS:
                raise
        else:
            ours = True
            break
    world.publisher.outcome(outcome("MessageSent", sent, sent.sent_at or now))
    if ours:
        count_sent(world, sent, now)
    return _result(sent, "SENT")


def _note_promise(
    world: World, situation: Situation, key: EntryKey, content: dict[str, Any]
) -> None:
    """The customer will be shown a date: it goes into the promise ledger, unless it is there."""
    shown = content.get("estimate")
    if not shown:
        return
    latest = date.fromisoformat(shown["latest"])
    earliest = date.fromisoformat(shown["earliest"]) if shown.get("earliest") else latest
    fact = Fact(
        metadata=Metadata(
            id=f"{key.message_id()}:promise",
            type="DeliveryPromised",
            brand=key.brand,
            source="yoin",
            occurred_at=world.clock.now(),
            correlation_id=key.message_id(),
        ),
        data=DeliveryPromised(
            order_id=key.order_id,
            earliest=earliest,
            latest=latest,
            promised_by=PromiseSource.SHOP,
        ),
    )
    known = {(promise.earliest, promise.latest) for promise in situation.order.promises}
    if (earliest, latest) not in known:
        ingest(world, [fact])
        return
    noted = world.orders.load(key.brand, key.order_id).facts.get(fact.key)
    if noted is not None and noted.metadata.id == fact.metadata.id:
        # An earlier run of this very message noted it, and may have died before it could say so.
        world.publisher.facts([noted])
