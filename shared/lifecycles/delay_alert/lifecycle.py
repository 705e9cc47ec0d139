"""The delay alert: one message per incident and step, and never more than the order bears.

``incidents`` says which clocks run (there is the table of the classes). Here is what is said:

    occurrence                               due                          counts as an alert
    <class>:<order or shipment>:1            the incident's deadline      yes
    <class>:<order or shipment>:2            unresolved a working day     yes
                                             later (dispatch: the breach)
    absence:<shipment>:<day>:1               a delivery was attempted     no
    absence:<shipment>:<day>:2               the day before hold_until    no
    pickup_waiting:<shipment>:1              it waits at a counter        no
    pickup_waiting:<shipment>:2              the day before hold_until    no
    moving_again:<shipment>:<class>:1        a scan after an alert        no

One alert, from above; the first line that is true speaks:

    the order is cancelled, the parcel delivered, returned,    not a candidate; what was waiting
      sent again, held or waiting for the customer             becomes SKIP with that reason
    the carrier tells the customer itself                      SKIP CARRIER_NOTIFIES
    late, and a more specific alert about it is due or out     SKIP SUPERSEDED
    the order has had its alerts                               SKIP ALERT_LIMIT
    not paid, no stock, nobody tracks it                       WAIT for facts
    the deadline is to come                                    WAIT NOT_YET_DUE
    an alert about the same parcel within a working day        WAIT NOT_YET_DUE (not: exception)
    it rests on silence and our own feed is stale              WAIT STALE_FEED, then see below
    else                                                       SEND, up to 14 days after it is due

What is due of several parcels is one message: ``merging``, before the count of alerts.

A stale feed looks like a silent carrier: nothing was received from any carrier for the brand for
``feed_stale_hours``, or ever. Then silence proves nothing. "No pickup" and "no scan" wait for the
feed to come back, and are dropped after 14 days. "Late", and the second step of an exception,
wait one working day at most: the promise is broken whatever the feed does, and a shop with few
parcels has long pauses. A parcel of which no carrier ever said a word is never called late.

Where the rules come from (docs/rules.md): escalation on the next working day [PL1], two steps
[NV2]; one notice per order, date and class [IB1]; "moving again" only after an alert [MA2];
absence is no delay of the merchant [AS2], [YM1]; holds of 7 days and of 3 at a konbini [MB1],
[KB1]; carriers that tell the customer themselves [JP1]. Ours: the cap per order, the stale feed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from shared.domain.decisions import Candidate, Situation, Verdict, send, skip, wait
from shared.domain.estimates import recipient_zone
from shared.domain.events import Channel, Purpose
from shared.domain.ledger import IN_FLIGHT, EntryStatus, LedgerEntry, Priority
from shared.domain.lifecycle import Spec
from shared.domain.reasons import Reason
from shared.domain.shipments import Shipment, Status
from shared.domain.timing import at_local, business_deadline, end_of_day, local_date
from shared.lifecycles.delay_alert import context
from shared.lifecycles.delay_alert.incidents import (
    MORNING,
    Incident,
    breached_at,
    customers_turn,
    find,
    over,
)
from shared.lifecycles.delay_alert.merging import merged
from shared.lifecycles.delay_alert.occurrences import (
    ABSENCE,
    ALERTS,
    DISPATCH_DELAYED,
    EXCEPTION,
    LATE,
    MOVING_AGAIN,
    ORDER,
    PICKUP_DELAYED,
    PICKUP_WAITING,
    TRANSIT_DELAYED,
    Token,
    subjects,
)

SPEC = Spec(
    name="delay_alert",
    purpose=Purpose.TRANSACTIONAL,
    triggers=(
        "OrderPlaced",
        "OrderChanged",
        "OrderConfirmed",
        "PaymentUpdated",
        "StockUpdated",
        "OrderCancelled",
        "OrderRefunded",
        "ShipmentDispatched",
        "ShipmentUpdated",
        "DeliveryPromised",
    ),
    channels=(Channel.EMAIL, Channel.SMS),
    messages=(
        DISPATCH_DELAYED,
        PICKUP_DELAYED,
        TRANSIT_DELAYED,
        EXCEPTION,
        LATE,
        ABSENCE,
        PICKUP_WAITING,
        MOVING_AGAIN,
    ),
    title=("お届けの遅れ・不在のお知らせ", "Delay alert"),
    summary=(
        (
            "発送や配送の遅れを、お客様がお気づきになる前にお知らせします。"
            "ご不在や店頭でのお受け取りは、遅れとは分けてご案内します。"
        ),
        (
            "Tells of late dispatch, stalled parcels and broken promises before the customer asks. "
            "A missed delivery or a parcel at a counter is told as what it is."
        ),
    ),
    watches_feed=True,
    priority=Priority.INCIDENT,
)

WAITING_MESSAGES = {
    Status.DELIVERY_ATTEMPTED: ABSENCE,
    Status.AVAILABLE_FOR_PICKUP: PICKUP_WAITING,
}
FORWARD = frozenset(
    {
        Status.ACCEPTED,
        Status.IN_TRANSIT,
        Status.ARRIVED_AT_DELIVERY_DEPOT,
        Status.OUT_FOR_DELIVERY,
    }
)

# The other half of a lifecycle stands in context.py.
content = context.content

ALERT_UNTIL = timedelta(days=14)
MOVING_AGAIN_UNTIL = timedelta(days=2)
# Between the notice of a hold and its reminder, however short the hold.
HOLD_REMINDER_AFTER = timedelta(hours=12)
HOLD_DAYS = 7
KONBINI_HOLD_DAYS = 3
FEED_RECHECK = timedelta(hours=6)
UNKNOWN_FEED_RECHECK = timedelta(days=1)


def decide(situation: Situation) -> tuple[Candidate, ...]:
    """Every candidate of this lifecycle for the order, now. See the table above."""
    order = situation.order
    if not order.known:
        return ()
    found: list[Candidate] = []
    if not order.cancelled:
        found += _alerts(situation)
        for shipment in order.active_shipments:
            found += _waits_for_customer(situation, shipment)
            found += _moving_again(situation, shipment)
    found = [_unless_carrier_tells(candidate, situation) for candidate in found]
    history = situation.history
    found = [
        c for c in found if not history.closed(c.occurrence) and not history.told(c.occurrence)
    ]
    found = _unless_limit(merged(found, situation), situation)
    found += _dropped(situation, found)
    return tuple(c for c in found if not history.closed(c.occurrence))


# --- alerts ----------------------------------------------------------------------------


def _alerts(situation: Situation) -> list[Candidate]:
    incidents = find(situation.order, situation.policy)
    candidates = [c for c in (_alert(one, situation) for one in incidents) if c is not None]
    candidates = [_unless_carrier_tells(c, situation) for c in candidates]
    return [_unless_told(c, candidates, situation) for c in candidates]


def _alert(incident: Incident, situation: Situation) -> Candidate | None:
    """The step of an incident whose turn it is; None after the last."""
    history, now = situation.history, situation.now
    first = Token(message=incident.kind, subject=incident.subject, step=1)
    told_before = history.told(str(first))
    if told_before is None and history.closed(str(first)):
        return None  # given up, so there is nothing to follow up
    step = 1 if told_before is None else 2
    occurrence = str(replace(first, step=step))
    if incident.due_at is None:
        return wait(occurrence, incident.kind, incident.blocked, incident.rule, until=None)
    due_at = _due_at(incident, incident.due_at, told_before, situation)
    rule = incident.rule if step == 1 else f"{incident.kind}: unresolved"
    if now < due_at:
        return wait(occurrence, incident.kind, Reason.NOT_YET_DUE, rule, until=due_at)
    silent = incident.by_silence or (incident.kind == EXCEPTION and step == 2)
    if silent and _feed_is_stale(situation):
        held = _held_by_feed(incident, occurrence, due_at, situation)
        if held is not None:
            return held
    return send(occurrence, incident.kind, rule, due_at=due_at, expires_at=due_at + ALERT_UNTIL)


def _due_at(
    incident: Incident, due_at: datetime, told_before: LedgerEntry | None, situation: Situation
) -> datetime:
    """When a step is due: its own deadline, and a working day after the last alert about it,
    or after the date that the carrier named instead."""
    if told_before is not None and incident.again_at is not None:
        return max(incident.again_at, _sent_at(told_before) + timedelta(days=1))
    if told_before is None and incident.kind == EXCEPTION:
        return due_at
    last = _last_alert(situation, incident.subject)
    if last is None:
        return due_at
    known = [due_at, _working_day_after(_sent_at(last), situation), incident.forecast_at]
    return max(at for at in known if at is not None)


def _working_day_after(at: datetime, situation: Situation) -> datetime:
    policy = situation.policy
    days = policy.delay.escalate_after_business_days
    return business_deadline(at, days, policy.calendar, policy.zone)


def _feed_is_stale(situation: Situation) -> bool:
    seen_at = situation.feed_seen_at
    hours = situation.policy.delay.feed_stale_hours
    return seen_at is None or situation.now - seen_at > timedelta(hours=hours)


def _held_by_feed(
    incident: Incident, occurrence: str, due_at: datetime, situation: Situation
) -> Candidate | None:
    """Wait for the feed, or None where the wait is over and the alert stands without it."""
    now, rule = situation.now, "feed: nothing from any carrier"
    patient = incident.kind in {PICKUP_DELAYED, TRANSIT_DELAYED}
    until = due_at + ALERT_UNTIL if patient else _working_day_after(due_at, situation)
    if now < until:
        pause = FEED_RECHECK if situation.feed_seen_at is not None else UNKNOWN_FEED_RECHECK
        return wait(
            occurrence, incident.kind, Reason.STALE_FEED, rule, until=min(now + pause, until)
        )
    return skip(occurrence, incident.kind, Reason.STALE_FEED, rule) if patient else None


def _unless_told(
    candidate: Candidate, candidates: Iterable[Candidate], situation: Situation
) -> Candidate:
    """Late says nothing to a person who hears, or heard, what exactly is wrong."""
    if candidate.message != LATE or candidate.verdict is Verdict.SKIP:
        return candidate
    subject = Token.parse(candidate.occurrence).subject
    due = [c.occurrence for c in candidates if c.verdict is Verdict.SEND and c.message != LATE]
    out = [e for e in _sent_alerts(situation) if e.message != LATE and subject in subjects(e)]
    about_it = any(Token.parse(occurrence).subject == subject for occurrence in due)
    if about_it or out or _told_of_breach(subject, situation):
        rule = "late: told more exactly"
        return skip(candidate.occurrence, LATE, Reason.SUPERSEDED, rule)
    return candidate


def _told_of_breach(subject: str, situation: Situation) -> bool:
    """Whether a notice of the late dispatch went out when the promise was broken already."""
    shipment_id = None if subject == ORDER else subject
    breach = breached_at(situation.order, situation.policy, shipment_id)
    return breach is not None and any(
        entry.message == DISPATCH_DELAYED and _sent_at(entry) >= breach
        for entry in _sent_alerts(situation)
    )


def _unless_limit(candidates: list[Candidate], situation: Situation) -> list[Candidate]:
    """At most so many alerts per order. What is in flight counts, but not against itself, nor
    against those for which it speaks."""
    alerts = {
        entry.key.occurrence
        for entry in situation.history.entries
        if entry.message in ALERTS and entry.status in IN_FLIGHT | {EntryStatus.SENT}
    }
    leaders = {covered: c.occurrence for c in candidates for covered in c.covers}
    room = situation.policy.delay.max_alerts_per_order

    def limited(candidate: Candidate) -> Candidate:
        occurrence = leaders.get(candidate.occurrence, candidate.occurrence)
        counts = candidate.message in ALERTS and candidate.verdict is not Verdict.SKIP
        if not counts or len(alerts - {occurrence}) < room:
            return candidate
        rule = f"alerts: {room} per order"
        return skip(candidate.occurrence, candidate.message, Reason.ALERT_LIMIT, rule)

    return [limited(candidate) for candidate in candidates]


def _sent_alerts(situation: Situation) -> list[LedgerEntry]:
    return [entry for entry in situation.history.all_sent if entry.message in ALERTS]


def _last_alert(situation: Situation, subject: str) -> LedgerEntry | None:
    about = [entry for entry in _sent_alerts(situation) if subject in subjects(entry)]
    return about[-1] if about else None


def _sent_at(entry: LedgerEntry) -> datetime:
    return entry.sent_at or entry.decided_at


# --- parcels that wait for the customer ---------------------------------------------------


def _waits_for_customer(situation: Situation, shipment: Shipment) -> list[Candidate]:
    """Absence and counter: what it is, once, and a reminder on the last day but one."""
    message, scans = WAITING_MESSAGES.get(shipment.status), customers_turn(shipment)
    if message is None or not scans or over(situation.order, shipment) is not None:
        return []
    zone = recipient_zone(situation.order, situation.policy)
    began = scans[0].at
    last_day = _last_day(shipment, zone)
    until = end_of_day(last_day, zone)
    # A second attempt is another absence; a parcel comes to its counter once.
    episode = f"{local_date(began, zone):%Y%m%d}" if message == ABSENCE else ""
    first = Token(message=message, subject=shipment.shipment_id, step=1, episode=episode)
    entry = situation.history.told(str(first))
    if entry is None:
        rule = f"{message}: the carrier says so"
        return [send(str(first), message, rule, due_at=began, expires_at=until)]
    again = str(replace(first, step=2))
    rule = f"{message}: the day before the last"
    at = at_local(last_day - timedelta(days=1), MORNING, zone)
    at = max(at, _sent_at(entry) + HOLD_REMINDER_AFTER)
    if at >= until:
        return [skip(again, message, Reason.NOTHING_TO_SAY, f"{message}: told on the last day")]
    if situation.now < at:
        return [wait(again, message, Reason.NOT_YET_DUE, rule, until=at)]
    return [send(again, message, rule, due_at=at, expires_at=until)]


def _last_day(shipment: Shipment, zone: str) -> date:
    """Until when it is kept: the carrier's word, else the usual days, its first included."""
    scans = customers_turn(shipment)
    first = local_date(scans[0].at, zone)
    said = [scan.hold_until for scan in scans if scan.hold_until is not None]
    if said:
        return max(said[-1], first)
    at_konbini = context.pickup_kind(shipment) == "konbini"
    return first + timedelta(days=(KONBINI_HOLD_DAYS if at_konbini else HOLD_DAYS) - 1)


# --- moving again -------------------------------------------------------------------------


def _moving_again(situation: Situation, shipment: Shipment) -> list[Candidate]:
    """Good news for those who had the bad: the newest alert about this parcel, taken back."""
    alert = _last_alert(situation, shipment.shipment_id)
    if alert is None:
        return []
    occurrence = str(
        Token(message=MOVING_AGAIN, subject=shipment.shipment_id, step=1, episode=alert.message)
    )
    gone = over(situation.order, shipment)
    if gone is not None:
        return [skip(occurrence, MOVING_AGAIN, gone, "moving again: it is over")]
    since = [
        scan.at for scan in shipment.scans if scan.status in FORWARD and scan.at > _sent_at(alert)
    ]
    if shipment.status not in FORWARD or not since:
        rule = "moving again: no scan after the alert"
        return [wait(occurrence, MOVING_AGAIN, Reason.AWAITING_FACT, rule, until=None)]
    return [
        send(
            occurrence,
            MOVING_AGAIN,
            "moving again: a scan after the alert",
            due_at=since[-1],
            expires_at=since[-1] + MOVING_AGAIN_UNTIL,
        )
    ]


# --- what is not, or no longer, said ---------------------------------------------------------


def _unless_carrier_tells(candidate: Candidate, situation: Situation) -> Candidate:
    if candidate.message not in situation.policy.carrier_notifies:
        return candidate
    rule = "policy: carrier_notifies"
    return skip(candidate.occurrence, candidate.message, Reason.CARRIER_NOTIFIES, rule)


def _dropped(situation: Situation, found: Iterable[Candidate]) -> list[Candidate]:
    """What was waited for, or is in flight, and is no candidate any more: with the reason."""
    here = {candidate.occurrence for candidate in found}
    dropped: dict[str, Candidate] = {}
    for entry in situation.history.entries:
        occurrence = entry.key.occurrence
        pending = entry.status in IN_FLIGHT | {EntryStatus.WAITING}
        if pending and occurrence not in here:
            reason, rule = _why_dropped(situation, entry)
            dropped[occurrence] = skip(occurrence, entry.message, reason, rule)
    return list(dropped.values())


def _why_dropped(situation: Situation, entry: LedgerEntry) -> tuple[Reason, str]:
    order, told = situation.order, situation.history.told(entry.key.occurrence)
    if told is not None:
        return Reason.ALREADY_SENT, f"merge: said in {told.key.occurrence}"
    if order.cancelled:
        return Reason.ORDER_CANCELLED, "order: cancelled"
    subject = Token.parse(entry.key.occurrence).subject
    shipments = {shipment.shipment_id: shipment for shipment in order.active_shipments}
    if subject in shipments and over(order, shipments[subject]) is Reason.DELIVERED:
        return Reason.DELIVERED, "parcel: delivered"
    if subject != ORDER and subject not in shipments:
        return Reason.RESOLVED, "parcel: cancelled"
    never_due = entry.due_at is None or situation.now < entry.due_at
    if entry.message in ALERTS and never_due and _last_alert(situation, subject) is None:
        return Reason.ON_TIME, "clock: stopped in time"
    return Reason.RESOLVED, "incident: over"
