"""The gate: the one place that says whether a message may go to a person now.

A lifecycle says what it would like to say; the gate says whether anybody may say it to this
person, on this channel, at this moment. The rules stand in `_judge`, the same for all lifecycles,
in their order; the first that speaks decides. It is evaluated when a lifecycle decides and again
inside `send`, after the claim, against the facts of that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.controls import ALL, MARKETING
from shared.domain.customers import Customer
from shared.domain.decisions import Candidate, History, Situation, Verdict, skip
from shared.domain.estimates import recipient_zone, recipient_zones
from shared.domain.events import Channel, Frequency, Purpose
from shared.domain.ledger import IN_FLIGHT, EntryKey, EntryStatus, LedgerEntry
from shared.domain.lifecycle import Spec
from shared.domain.limits import sms_budget
from shared.domain.orders import Order
from shared.domain.policy import ConsentBasis, Policy
from shared.domain.reasons import Reason
from shared.domain.shipments import INCIDENT
from shared.domain.timing import send_at
from shared.domain.values import digest

# After a lease has run out, the provider's record of an accepted message may still be on its
# way (SES event publishing is best effort and usually takes seconds): wait this long for it.
RECORD_GRACE = timedelta(minutes=10)
MAX_ATTEMPTS = 6
# What bounced is said on another channel only while it is news.
FALLBACK_WITHIN = timedelta(hours=24)
# What only people or other orders can change is looked at again so often; `yoin resume` and
# `yoin approve` wake what they let go.
RECHECK = timedelta(hours=12)
QUOTA_RECHECK = timedelta(hours=1)
# An incident that nobody has touched for so long will not be solved any more.
TROUBLE_LASTS = timedelta(days=60)
# What a rival waits for is the clock or the gate, not a fact that may never come.
_ABOUT_TO_SPEAK = frozenset(
    {
        Reason.DUE,
        Reason.NOT_YET_DUE,
        Reason.RETRYING,
        Reason.IN_FLIGHT,
        Reason.OUTCOME_UNKNOWN,
        Reason.QUIET_HOURS,
        Reason.SEND_TIME,
        Reason.FREQUENCY_CAP,
        Reason.OUTRANKED,
        Reason.MERGING,
    }
)
# Nobody was told anything by these.
_CAME_BACK = frozenset({Reason.BOUNCED, Reason.REFUSED_BY_PROVIDER})
# Why the gate put a message off for a while in `send`, beside a provider that was busy.
_PUT_OFF = frozenset({Reason.CEILING, Reason.QUOTA, Reason.BUDGET})


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
    dead = _dead(spec, situation)
    # What came back was not said: the lifecycle is asked again, and another channel is tried.
    history = History(
        entries=tuple(
            e
            for e in situation.history.entries
            if e.key.occurrence not in dead or e.key.channel not in dead[e.key.occurrence]
        )
    )
    evaluated = []
    for candidate in decide(replace(situation, history=history)):
        without = dead.get(candidate.occurrence, frozenset())
        if candidate.channel in without:
            continue
        channel, address = _channel(spec, situation, without)
        if candidate.channel is not None:
            channel = candidate.channel
            address = addresses(situation.order).get(channel)
        entry = _entry(history, candidate.occurrence, channel)
        if entry is not None:
            channel = entry.key.channel
            address = addresses(situation.order).get(channel, address)
            if entry.status in {EntryStatus.SENT, EntryStatus.FAILED}:
                continue
        mine = claimed is not None and entry is not None and entry.key == claimed
        judged = _judge(spec, candidate, channel, address, entry, situation, mine=mine)
        evaluated.append(Evaluated(candidate=judged, channel=channel, address=address, entry=entry))
    evaluated = _with_their_speaker(evaluated)
    evaluated.extend(_orphans(spec, situation, evaluated, claimed))
    return tuple(evaluated)


def _with_their_speaker(evaluated: list[Evaluated]) -> list[Evaluated]:
    """What another message was to speak for is not sent either where that one is not."""
    silent = {
        covered: one.candidate
        for one in evaluated
        if one.candidate.verdict is Verdict.SKIP
        for covered in one.candidate.covers
    }

    def shared(one: Evaluated) -> Evaluated:
        speaker = silent.get(one.candidate.occurrence)
        if speaker is None or one.candidate.verdict is not Verdict.WAIT:
            return one
        return replace(one, candidate=_skip(one.candidate, speaker.reason, speaker.rule))

    return [shared(one) for one in evaluated]


def _dead(spec: Spec, situation: Situation) -> dict[str, frozenset[Channel]]:
    """The channels on which an occurrence came back for good, where another one is left.

    A complaint is no such thing: who complains shall hear nothing more.
    """
    dead: dict[str, frozenset[Channel]] = {}
    for entry in situation.history.entries:
        bounced = entry.reason is Reason.BOUNCED and entry.sent_at is not None
        refused = entry.status is EntryStatus.FAILED and entry.reason is Reason.REFUSED_BY_PROVIDER
        at = entry.sent_at or entry.decided_at
        if (bounced or refused) and situation.now < at + FALLBACK_WITHIN:
            name = entry.key.occurrence
            dead[name] = dead.get(name, frozenset()) | {entry.key.channel}
    return {
        name: channels
        for name, channels in dead.items()
        if _free(spec, situation, without=channels)
    }


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


def _free(
    spec: Spec, situation: Situation, without: frozenset[Channel] = frozenset()
) -> list[Channel]:
    """The channels on which this person can be reached and nothing speaks against it."""
    return [
        channel
        for channel in spec.channels
        if channel in addresses(situation.order)
        and channel not in without
        and channel not in situation.customer.suppressions
        and not _spent(spec, channel, situation)
        and (
            spec.purpose is not Purpose.MARKETING
            or consent_refusal(spec, channel, situation) is None
        )
    ]


def _channel(
    spec: Spec, situation: Situation, without: frozenset[Channel]
) -> tuple[Channel, str | None]:
    """The first channel of the lifecycle on which this person can and may be reached.

    Where none is free of objections, the first with an address, so that the objection is named.
    """
    reachable = addresses(situation.order)
    usable = [channel for channel in spec.channels if channel in reachable]
    chosen = (_free(spec, situation, without) or usable or list(spec.channels))[0]
    return chosen, reachable.get(chosen)


def _spent(spec: Spec, channel: Channel, situation: Situation) -> bool:
    """Whether the month's budget for the channel is used up."""
    spent, guard = situation.controls.sms_spent, situation.policy.guard
    scopes = {ALL: False} | ({MARKETING: True} if spec.purpose is Purpose.MARKETING else {})
    return channel is Channel.SMS and any(
        scope in spent and spent[scope] == sms_budget(situation.now, guard, marketing=marketing)
        for scope, marketing in scopes.items()
    )


def _entry(history: History, occurrence: str, channel: Channel) -> LedgerEntry | None:
    """The ledger's entry of an occurrence: one in flight or done on any channel comes first."""
    furthest = history.entry(occurrence)
    if furthest is not None and furthest.status not in {EntryStatus.WAITING, EntryStatus.SKIPPED}:
        return furthest
    own = [
        e for e in history.entries if e.key.occurrence == occurrence and e.key.channel is channel
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
        if candidate.skus and situation.customer.stopped_skus.issuperset(candidate.skus):
            return _skip(candidate, Reason.PRODUCT_STOPPED, "gate: product")
    if _spent(spec, channel, situation):
        return _skip(candidate, Reason.BUDGET, "gate: SMS budget")
    if _about_the_past(spec, candidate, entry, situation):
        # An approval wakes it; looking again is only for its expiry.
        until = _recheck(situation, RECHECK)
        return _hold(candidate, Reason.UNAPPROVED, "gate: about the past", until)
    held = _switched_off(spec, candidate, situation)
    return held or _timing(spec, candidate, channel, entry, situation)


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
    recorded = order.first_recorded_at or situation.now
    if order.historical and not situation.controls.approved(spec.name, recorded, historical=True):
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
    return objection(situation.customer, channel, spec.name, situation.policy)


def objection(customer: Customer, channel: Channel, topic: str, policy: Policy) -> Reason | None:
    """Why marketing of a topic to a person on a channel is not allowed; None when it is."""
    word = customer.word(channel, topic=topic)
    if word is not None and not word.granted:
        return Reason.OPTED_OUT
    if word is not None:
        proved = word.confirmed or channel not in policy.consent.double_opt_in
        return None if proved else Reason.UNCONFIRMED
    basis = policy.consent_basis.get(topic, ConsentBasis.OPT_IN)
    # The exception for existing customers covers email; an SMS needs its own yes.
    if basis is ConsentBasis.EXISTING_CUSTOMER and channel is Channel.EMAIL:
        return None
    return Reason.NO_CONSENT


def may_advertise(spec: Spec, channel: Channel, situation: Situation) -> bool:
    """Whether a message on this channel may hold a marketing block for this person."""
    controls, customer = situation.controls, situation.customer
    paused = customer.paused_until is not None and situation.now < customer.paused_until
    return (
        consent_refusal(spec, channel, situation) is None
        and controls.brake is None
        and controls.paused(MARKETING, marketing=True) is None
        and not paused
        and open_trouble(situation) is None
    )


def _about_the_past(
    spec: Spec, candidate: Candidate, entry: LedgerEntry | None, situation: Situation
) -> bool:
    """Whether it fell due long before Yoin could know, and nobody has approved that it goes out.

    So a back-fill, a replay, a new lifecycle or a changed rule mails nobody about the past by
    itself. What was known in time and then held (quiet hours, an open return, a pause) is not
    about the past.
    """
    now, policy = situation.now, situation.policy
    if candidate.due_at is None:
        return False
    last = candidate.due_at + timedelta(hours=policy.guard.backlog_hours)
    if now <= last:
        return False
    # What was known in time stays so where another channel takes over.
    entry = entry or situation.history.entry(candidate.occurrence)
    if entry is None or entry.held_since is not None:
        late = True
    else:
        heard_late = entry.created_at is not None and entry.created_at > last
        other_rules = entry.policy_version not in {"", policy.version}
        ruled_out = entry.status is EntryStatus.SKIPPED
        not_due_then = entry.reason is Reason.NOT_YET_DUE and (
            entry.due_at is None or entry.due_at > now
        )
        late = heard_late or (other_rules and (ruled_out or not_due_then))
    known = entry.held_since if entry and entry.held_since else now
    return late and not situation.controls.approved(spec.name, known, historical=False)


def _switched_off(spec: Spec, candidate: Candidate, situation: Situation) -> Candidate | None:
    """What people or guards have switched off for the brand, or the person for themselves."""
    controls, now = situation.controls, situation.now
    marketing = spec.purpose is Purpose.MARKETING
    soon = _recheck(situation, RECHECK)
    if controls.paused(spec.name, marketing=marketing) is not None:
        return _hold(candidate, Reason.PAUSED, "gate: pause", soon)
    if not marketing:
        return None
    if controls.brake is not None:
        return _hold(candidate, Reason.BRAKED, f"gate: brake ({controls.brake.cause})", soon)
    lifted = controls.lifted.get(spec.name)
    if spec.name in controls.ceilings and not (lifted is not None and now < lifted):
        return _hold(candidate, Reason.CEILING, "gate: ceiling", soon)
    until = situation.customer.paused_until
    if until is not None and now < until:
        return _hold(candidate, Reason.SNOOZED, "gate: the customer's own pause", until)
    trouble = open_trouble(situation)
    if trouble is not None:
        later = _recheck(situation, RECHECK)
        return _hold(candidate, trouble, "gate: open trouble", later)
    return None


def open_trouble(situation: Situation) -> Reason | None:
    """An incident, return or ticket of any of the person's orders: no time for marketing."""
    for order in situation.customer.orders:
        if order.cancelled or order.last_fact_at is None:
            continue
        if situation.now > order.last_fact_at + TROUBLE_LASTS:
            continue
        if any(shipment.status in INCIDENT for shipment in order.awaited_shipments):
            return Reason.OPEN_INCIDENT
        if order.open_return is not None:
            return Reason.RETURN_OPEN
        if order.open_tickets:
            return Reason.TICKET_OPEN
    return None


def _recheck(situation: Situation, every: timedelta) -> datetime:
    """The next of the order's own instants in a fixed rhythm.

    Fixed, so that deciding twice gives one answer; the order's own, so that a brand's waiting
    messages do not all wake in the same second.
    """
    own = int(digest(situation.order.brand, situation.order.order_id, length=8), 16)
    seconds = int(every.total_seconds())
    past = (int(situation.now.timestamp()) - own) % seconds
    return situation.now.replace(microsecond=0) + timedelta(seconds=seconds - past)


def _timing(
    spec: Spec,
    candidate: Candidate,
    channel: Channel,
    entry: LedgerEntry | None,
    situation: Situation,
) -> Candidate:
    """When it may go: not before a retry is due, not at night, not too often."""
    now, policy = situation.now, situation.policy
    marketing = spec.purpose is Purpose.MARKETING
    if entry is not None and entry.not_before is not None and now < entry.not_before:
        put_off = entry.reason in _PUT_OFF
        reason = entry.reason if put_off else Reason.RETRYING
        rule = entry.rule if put_off else "gate: retry"
        return _wait(candidate, reason, rule, entry.not_before)
    zone = recipient_zone(situation.order, policy)
    if marketing and candidate.due_at is not None:
        rests = spec.name in policy.send_time.business_days
        at = policy.send_time.at.get(spec.name)
        hour = send_at(candidate.due_at, zone, at, policy.calendar if rests else None)
        if now < hour:
            return _hold(candidate, Reason.SEND_TIME, "gate: send time", hour)
    if marketing or channel is Channel.SMS:
        release = policy.quiet_hours.release_in(now, recipient_zones(situation.order, policy))
        if release is not None:
            return _hold(candidate, Reason.QUIET_HOURS, "gate: quiet hours", release)
    if marketing:
        rival = _rival(spec, situation)
        if rival is not None:
            return _hold(candidate, Reason.OUTRANKED, *rival)
        own = EntryKey(
            brand=situation.order.brand,
            order_id=situation.order.order_id,
            lifecycle=spec.name,
            occurrence=candidate.occurrence,
            channel=channel,
        )
        room = cap_release(situation, own.message_id())
        if room is not None:
            return _hold(candidate, Reason.FREQUENCY_CAP, "gate: frequency cap", room)
    return candidate


def _rival(spec: Spec, situation: Situation) -> tuple[str, datetime] | None:
    """What is more important and about to be said to this person; (rule, when to look again).

    Between equals the caps decide: who comes first goes first.
    """
    now = situation.now
    soon = now + timedelta(hours=situation.policy.give_way_hours)
    for entry in situation.rivals:
        waiting = entry.status is EntryStatus.WAITING and entry.reason in _ABOUT_TO_SPEAK
        if not waiting and entry.status not in IN_FLIGHT:
            continue
        if entry.priority <= spec.rank or (entry.due_at is not None and entry.due_at > soon):
            continue
        # Whether an alert will be needed nobody knows before its time.
        if entry.reason is Reason.NOT_YET_DUE and not entry.marketing:
            continue
        known = [at for at in (entry.next_check, entry.lease_until) if at is not None]
        again = max(known, default=now)
        # One that should long have spoken never will: its lifecycle is gone, or stuck.
        if not now - _GIVES_WAY <= again <= soon:
            continue
        minute = (max(now, again) + _GIVES_WAY).replace(second=0, microsecond=0)
        return f"gate: {entry.key.lifecycle} first", minute
    return None


# After the rival's own turn: it has been sent by then, and the caps know.
_GIVES_WAY = timedelta(minutes=15)
_WISHES = {Frequency.WEEKLY: timedelta(days=7), Frequency.MONTHLY: timedelta(days=30)}


def cap_release(situation: Situation, message_id: str = "") -> datetime | None:
    """When the person has room for another marketing message; None when there is room now.

    Windows are sliding: 24 hours and 7 days back from ``now``, and what the person wished for.
    ``message_id``: the message that asks; the room that it has claimed itself does not count.
    """
    caps, now, customer = situation.policy.marketing_caps, situation.now, situation.customer
    taken = {slot.message_id: slot.at for slot in customer.slots}
    for entry in customer.sent:
        if entry.sent_at is not None and entry.marketing:
            taken[entry.key.message_id()] = entry.sent_at
    for entry in (*customer.sent, *situation.history.entries):
        if entry.reason in _CAME_BACK:
            taken.pop(entry.key.message_id(), None)
    taken.pop(message_id, None)
    times = sorted(taken.values())
    windows = [(caps.per_day, timedelta(days=1)), (caps.per_7_days, timedelta(days=7))]
    if customer.frequency in _WISHES:
        windows.append((1, _WISHES[customer.frequency]))
    releases = []
    for limit, window in windows:
        inside = [at for at in times if now - window < at]
        if limit == 0:
            releases.append(_recheck(situation, window))
        elif len(inside) >= limit:
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
