"""The gate: the one place that says whether a message may go to a person now.

A lifecycle says what it would like to say; the gate says whether anybody may say it to this
person, on this channel, at this moment. Consent, suppression, quiet hours, frequency, test and
historical orders are settled here for all lifecycles alike, in this order; the first rule that
speaks decides. It is evaluated when a lifecycle decides and again inside `send`, after the
claim, against the facts of that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.customers import Customer
from shared.domain.decisions import Candidate, Situation, Verdict, skip
from shared.domain.estimates import recipient_zone
from shared.domain.events import Channel, Purpose
from shared.domain.ledger import IN_FLIGHT, EntryKey, EntryStatus, LedgerEntry
from shared.domain.lifecycle import Spec
from shared.domain.orders import Order
from shared.domain.policy import ConsentBasis
from shared.domain.reasons import Reason

# After a lease has run out, the provider's record of an accepted message may still be on its
# way (SES event publishing is best effort and usually takes seconds): wait this long for it.
RECORD_GRACE = timedelta(minutes=10)
MAX_ATTEMPTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """A candidate after the gate, with the channel and address that it would use."""

    candidate: Candidate
    channel: Channel
    address: str | None
    entry: LedgerEntry | None


def addresses(order: Order) -> dict[Channel, str]:
    """Where the buyer can be reached."""
    found = {Channel.EMAIL: order.buyer.email, Channel.SMS: order.buyer.phone}
    return {channel: address for channel, address in found.items() if address}


def evaluate(
    spec: Spec,
    decide: Callable[[Situation], tuple[Candidate, ...]],
    situation: Situation,
    *,
    claimed: EntryKey | None = None,
) -> tuple[Evaluated, ...]:
    """Every candidate of a lifecycle with the gate's verdict. Pure.

    ``claimed``: the entry that the caller itself has claimed; it is not "in flight" to it.
    What was sent or given up is no candidate any more.
    """
    if not situation.order.known:
        return ()
    evaluated = []
    for candidate in decide(situation):
        channel, address = _channel(spec, situation)
        entry = _entry(situation, candidate.occurrence, channel)
        if entry is not None:
            channel = entry.key.channel
            address = addresses(situation.order).get(channel, address)
            if entry.status in {EntryStatus.SENT, EntryStatus.FAILED}:
                continue
        mine = claimed is not None and entry is not None and entry.key == claimed
        judged = _judge(spec, candidate, channel, address, entry, situation, mine=mine)
        evaluated.append(Evaluated(candidate=judged, channel=channel, address=address, entry=entry))
    evaluated.extend(_orphans(spec, situation, evaluated, claimed))
    return tuple(evaluated)


def _orphans(
    spec: Spec, situation: Situation, evaluated: list[Evaluated], claimed: EntryKey | None
) -> list[Evaluated]:
    """Entries claimed for a reason that has gone since: their outcome still has to be learnt."""
    named = {one.candidate.occurrence for one in evaluated}
    orphans = []
    for entry in situation.history.entries:
        if entry.status not in IN_FLIGHT or entry.key.occurrence in named:
            continue
        gone = skip(entry.key.occurrence, entry.message, Reason.SUPERSEDED, "gate: gone")
        mine = claimed is not None and entry.key == claimed
        held = None if mine else _in_flight(spec, gone, entry, situation.now)
        orphans.append(
            Evaluated(candidate=held or gone, channel=entry.key.channel, address=None, entry=entry)
        )
    return orphans


def _channel(spec: Spec, situation: Situation) -> tuple[Channel, str | None]:
    """The first channel of the lifecycle on which this person can and may be reached.

    Where none is free of objections, the first with an address, so that the objection is named.
    """
    reachable = addresses(situation.order)
    usable = [channel for channel in spec.channels if channel in reachable]
    free = [
        channel
        for channel in usable
        if channel not in situation.customer.suppressions
        and (
            spec.purpose is not Purpose.MARKETING
            or consent_refusal(spec, channel, situation) is None
        )
    ]
    chosen = (free or usable or list(spec.channels))[0]
    return chosen, reachable.get(chosen)


def _entry(situation: Situation, occurrence: str, channel: Channel) -> LedgerEntry | None:
    """The ledger's entry of an occurrence: one in flight or done on any channel comes first."""
    furthest = situation.history.entry(occurrence)
    if furthest is not None and furthest.status not in {EntryStatus.WAITING, EntryStatus.SKIPPED}:
        return furthest
    own = [
        e
        for e in situation.history.entries
        if e.key.occurrence == occurrence and e.key.channel is channel
    ]
    return own[0] if own else None


def _judge(
    spec: Spec,
    candidate: Candidate,
    channel: Channel,
    address: str | None,
    entry: LedgerEntry | None,
    situation: Situation,
    *,
    mine: bool,
) -> Candidate:
    now = situation.now
    if entry is not None and not mine:
        held = _in_flight(spec, candidate, entry, now)
        if held is not None:
            return held
    never = _never(spec, situation)
    if never is not None:
        return _skip(candidate, never, "gate: order")
    if candidate.verdict is not Verdict.SEND:
        return candidate
    if candidate.expires_at is not None and now >= candidate.expires_at:
        return _skip(candidate, Reason.TOO_LATE, "gate: expiry")
    settled = settled_at(situation)
    if now < settled:
        return _wait(candidate, Reason.SETTLING, "gate: settling", settled)
    if address is None:
        return _skip(candidate, Reason.NO_ADDRESS, "gate: address")
    if channel in situation.customer.suppressions:
        return _skip(candidate, Reason.SUPPRESSED, "gate: suppression")
    if spec.purpose is Purpose.MARKETING:
        refused = consent_refusal(spec, channel, situation)
        if refused is not None:
            return _skip(candidate, refused, "gate: consent")
    return _timing(spec, candidate, channel, entry, situation)


def _in_flight(
    spec: Spec, candidate: Candidate, entry: LedgerEntry, now: datetime
) -> Candidate | None:
    """An entry that somebody claimed: wait for the lease, then for the provider's record."""
    if entry.status is EntryStatus.SENDING and entry.lease_until is not None:
        if now < entry.lease_until:
            return _wait(candidate, Reason.IN_FLIGHT, "gate: claim", entry.lease_until)
        record_by = entry.lease_until + RECORD_GRACE
    elif entry.status is EntryStatus.UNKNOWN and entry.next_check is not None:
        record_by = entry.next_check
    else:
        return None
    if now < record_by:
        return _wait(candidate, Reason.OUTCOME_UNKNOWN, "gate: provider's record", record_by)
    # The record never came. Transactional mail is sent again: a second copy is better than
    # none. Marketing is dropped: none is better than a second copy.
    if spec.purpose is Purpose.MARKETING or entry.attempts >= MAX_ATTEMPTS:
        return _skip(candidate, Reason.OUTCOME_UNKNOWN, "gate: no record came")
    return None


def _never(spec: Spec, situation: Situation) -> Reason | None:
    """What silences an order as a whole."""
    order = situation.order
    if order.test:
        return Reason.TEST_ORDER
    if order.historical:
        return Reason.HISTORICAL
    if not order.notify:
        return Reason.SILENCED
    if spec.name in situation.policy.disabled_lifecycles:
        return Reason.LIFECYCLE_DISABLED
    return None


def settled_at(situation: Situation) -> datetime:
    """Until when the first events of an order are let settle.

    Platforms send a burst (created, paid, updated) in any order within seconds; judged together
    they give one mail and not three, whatever the order of arrival.
    """
    first = situation.order.first_recorded_at or situation.now
    return first + timedelta(seconds=situation.policy.settle_seconds)


def consent_refusal(spec: Spec, channel: Channel, situation: Situation) -> Reason | None:
    """Why marketing to this person on this channel is not allowed; None when it is."""
    word = situation.customer.consents.get((channel, Purpose.MARKETING))
    if word is not None:
        return None if word[1] else Reason.OPTED_OUT
    basis = situation.policy.consent_basis.get(spec.name, ConsentBasis.OPT_IN)
    # The exception for existing customers covers email; an SMS needs its own yes.
    if basis is ConsentBasis.EXISTING_CUSTOMER and channel is Channel.EMAIL:
        return None
    return Reason.NO_CONSENT


def _timing(
    spec: Spec,
    candidate: Candidate,
    channel: Channel,
    entry: LedgerEntry | None,
    situation: Situation,
) -> Candidate:
    """When it may go: not before a retry is due, not at night, not too often."""
    now, policy = situation.now, situation.policy
    if entry is not None and entry.not_before is not None and now < entry.not_before:
        return _wait(candidate, Reason.RETRYING, "gate: retry", entry.not_before)
    if spec.purpose is Purpose.MARKETING or channel is Channel.SMS:
        zone = recipient_zone(situation.order, policy)
        release = policy.quiet_hours.release(now, zone)
        if release is not None:
            return _hold(candidate, Reason.QUIET_HOURS, "gate: quiet hours", release)
    if spec.purpose is Purpose.MARKETING:
        room = cap_release(situation.customer, situation)
        if room is not None:
            return _hold(candidate, Reason.FREQUENCY_CAP, "gate: frequency cap", room)
    return candidate


def cap_release(customer: Customer, situation: Situation) -> datetime | None:
    """When the person has room for another marketing message; None when there is room now.

    Windows are sliding: 24 hours and 7 days back from ``now``.
    """
    caps, now = situation.policy.marketing_caps, situation.now
    times = sorted(
        entry.sent_at for entry in customer.sent if entry.sent_at is not None and entry.marketing
    )
    releases = []
    for limit, window in ((caps.per_day, timedelta(days=1)), (caps.per_7_days, timedelta(days=7))):
        inside = [at for at in times if now - window < at]
        if len(inside) >= limit:
            releases.append(inside[len(inside) - limit] + window)
    return max(releases) if releases else None


def _hold(candidate: Candidate, reason: Reason, rule: str, until: datetime) -> Candidate:
    """Held back, unless it would expire before it is released."""
    if candidate.expires_at is not None and until >= candidate.expires_at:
        return _skip(candidate, Reason.TOO_LATE, rule)
    return _wait(candidate, reason, rule, until)


def _wait(candidate: Candidate, reason: Reason, rule: str, until: datetime) -> Candidate:
    return replace(candidate, verdict=Verdict.WAIT, reason=reason, rule=rule, at=until)


def _skip(candidate: Candidate, reason: Reason, rule: str) -> Candidate:
    return replace(candidate, verdict=Verdict.SKIP, reason=reason, rule=rule, at=None)
