"""What is, or by waiting becomes, an incident of an order. Facts and calendars only.

``find`` lists the clocks that run for an order now. When, how often and whether at all the
customer hears of them is the business of ``lifecycle``.

    class             clock runs from             until (then it is an incident)
    dispatch_delayed  placed, paid, in stock      48 h before the promise; again at its breach
    pickup_delayed    label or dispatch           4 business days without a carrier's scan
    transit_delayed   last scan                   3 business days without one, 5 abroad
    exception         the carrier's word          at once
    late              the promised day            the morning after it

Where the rules come from (docs/rules.md): the classes [PL1], the 48 hours [IB1], the business
days [ON1], the customer's wished date before all others R25, [YM1]; an attempted delivery is the
carrier's promise kept [AS2]. Ours: the morning after, at nine, because the last scans of a day
are in by then and nobody is woken.

A date is late only at the end of that day at the destination. What the customer was told counts:
their own wish, else the shop's newest word, also our own recorded estimate; a carrier's forecast
only where nobody said anything else (it is shown as the new estimate, and never makes a parcel
late before the date that the customer knows).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from shared.domain.estimates import (
    DateRange,
    dispatch_date,
    expected,
    international,
    recipient_zone,
    transit_days,
    work_start,
)
from shared.domain.events import PromiseSource, StockStatus
from shared.domain.orders import Order, OrderLine
from shared.domain.policy import Policy
from shared.domain.reasons import Reason
from shared.domain.shipments import (
    NO_CARRIER_DATA,
    RETURN_LEG,
    WAITS_FOR_CUSTOMER,
    Actor,
    Scan,
    Shipment,
    Status,
)
from shared.domain.timing import at_local, business_deadline, end_of_day
from shared.lifecycles.delay_alert.occurrences import (
    DISPATCH_DELAYED,
    EXCEPTION,
    LATE,
    ORDER,
    PICKUP_DELAYED,
    TRANSIT_DELAYED,
)

MORNING = time(9)
STOCK_SHORT = frozenset({StockStatus.PARTIAL, StockStatus.BACKORDERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A clock that runs for an order or for one of its parcels.

    ``subject`` is the shipment's id, or ``ORDER``. ``due_at`` is when it is an incident and the
    customer may hear of it; None where only a fact can start the clock, for ``blocked``.
    ``again_at``: the deadline of the second step, where it has one of its own.
    ``forecast_at``: the end of a later date that the carrier has named; whoever was told of the
    delay was told of that date, and need not hear more before it.
    ``by_silence``: it rests on what a carrier did not say, so a feed that is down looks the same.
    """

    kind: str
    subject: str
    rule: str
    due_at: datetime | None
    again_at: datetime | None = None
    by_silence: bool = False
    forecast_at: datetime | None = None
    blocked: Reason = Reason.AWAITING_FACT


def find(order: Order, policy: Policy) -> tuple[Incident, ...]:
    """All clocks of a known order that is not cancelled, the more specific ones first."""
    found: list[Incident] = []
    for shipment in order.active_shipments:
        if over(order, shipment) is None:
            found += _of_parcel(order, policy, shipment)
    return (*found, *_of_order(order, policy))


# --- what was promised --------------------------------------------------------------


def told(order: Order, policy: Policy, shipment_id: str | None = None) -> DateRange | None:
    """The dates that the customer goes by; None only for an unknown order."""
    promises = tuple(p for p in order.promises if p.promised_by is not PromiseSource.CARRIER)
    without_carrier = replace(order, promises=promises)
    named = without_carrier.promise_for(shipment_id) is not None
    return expected(without_carrier if named else order, policy, shipment_id)


def forecast(order: Order, policy: Policy, shipment_id: str | None = None) -> DateRange | None:
    """The carrier's newest date where it is later than what the customer was told, else None."""
    dates = told(order, policy, shipment_id)
    named = [
        promise
        for promise in order.promises
        if promise.promised_by is PromiseSource.CARRIER
        and promise.shipment_id in {None, shipment_id}
    ]
    if dates is None or not named or named[-1].latest <= dates.latest:
        return None
    return DateRange(earliest=named[-1].earliest, latest=named[-1].latest)


def breached_at(order: Order, policy: Policy, shipment_id: str | None = None) -> datetime | None:
    """The end of the last day that the customer was told, at the destination."""
    dates = told(order, policy, shipment_id)
    return end_of_day(dates.latest, recipient_zone(order, policy)) if dates else None


def _wished(order: Order, shipment_id: str | None = None) -> date | None:
    promise = order.promise_for(shipment_id)
    wished = promise is not None and promise.promised_by is PromiseSource.CUSTOMER
    return promise.latest if promise is not None and wished else None


def _out_of_reach(order: Order, policy: Policy, day: date) -> datetime:
    """From when on a parcel that has not left can no longer arrive on ``day``."""
    shortest, _ = transit_days(order, policy)
    return end_of_day(day - timedelta(days=shortest), recipient_zone(order, policy))


# --- the order ------------------------------------------------------------------------


def undispatched(order: Order) -> bool:
    """Whether goods have still to leave. An order without lines has, until a parcel exists."""
    if order.lines:
        return bool(order.to_ship)
    return all(s.status is Status.PENDING for s in order.active_shipments)


def _of_order(order: Order, policy: Policy) -> tuple[Incident, ...]:
    if not undispatched(order):
        return ()
    waiting = Incident(kind=DISPATCH_DELAYED, subject=ORDER, rule="dispatch: ", due_at=None)
    if not order.payment_accepted and not order.active_shipments:
        # Nobody works on an order that is not paid, unless a first parcel shows that they do.
        return (replace(waiting, rule="dispatch: not paid", blocked=Reason.NOT_YET_PAID),)
    if order.stock in STOCK_SHORT and order.confirmed_at is None:
        short = replace(waiting, rule="dispatch: no stock", blocked=Reason.STOCK_NOT_RESERVED)
        # A date that somebody named stands all the same; our own estimate knew of no shortage.
        named = order.promise_for() is not None
        return (short, _late(order, policy, None)) if named else (short,)
    breach, start = breached_at(order, policy), work_start(order)
    if breach is None or start is None:
        return ()
    wished = _wished(order)
    if wished is not None:
        due_at, rule = _out_of_reach(order, policy, wished), "dispatch: the wish is out of reach"
    else:
        hours = policy.delay.before_promise_hours
        due_at, rule = breach - timedelta(hours=hours), f"dispatch: promise - {hours} h"
        # A short promise: not before the day is over on which it should have left.
        due_at = max(due_at, end_of_day(dispatch_date(policy, start), policy.zone))
    return (replace(waiting, rule=rule, due_at=min(due_at, breach), again_at=breach),)


# --- a parcel ---------------------------------------------------------------------------


def units_in(order: Order, shipment: Shipment, line: OrderLine) -> int:
    """Units of a line in a parcel. One that does not say holds what no other says it holds."""
    line_id = line.line.line_id
    if shipment.lines:
        return sum(part.quantity for part in shipment.lines if part.line_id == line_id)
    if not line.line.requires_shipping:
        return 0
    named = sum(
        part.quantity
        for other in order.active_shipments
        for part in other.lines
        if part.line_id == line_id
    )
    return max(0, line.ordered - line.cancelled - named)


def over(order: Order, shipment: Shipment) -> Reason | None:
    """Why nothing about a parcel can be a delay any more; None while it can."""
    if shipment.status is Status.DELIVERED:
        return Reason.DELIVERED
    if shipment.status in RETURN_LEG:
        return Reason.RESOLVED
    if shipment not in order.awaited_shipments or _sent_again(order, shipment):
        return Reason.RESOLVED
    return None


def _sent_again(order: Order, shipment: Shipment) -> bool:
    """Whether newer parcels hold, beyond what was ordered, all that this one holds.

    A newer parcel that does not say what it holds may as well be the second part of the order.
    """
    named = [s for s in order.active_shipments if s.lines]
    newer = [s for s in named if began(s) > began(shipment)]
    inside = [(line, units_in(order, shipment, line)) for line in order.lines]
    inside = [(line, units) for line, units in inside if units]
    if not inside:
        return bool(newer) and not shipment.lines

    def covered(line: OrderLine, units: int) -> bool:
        ordered = line.ordered - line.cancelled
        everywhere = sum(units_in(order, s, line) for s in named)
        in_newer = sum(units_in(order, s, line) for s in newer)
        return min(in_newer, everywhere - ordered) >= units

    return all(covered(line, units) for line, units in inside)


def began(shipment: Shipment) -> tuple[bool, datetime | None]:
    """When a parcel came into being, to sort by; an unknown time is before all others."""
    at = shipment.dispatched_at or (shipment.scans[0].at if shipment.scans else None)
    return (at is not None, at)


def run(shipment: Shipment) -> tuple[Scan, ...]:
    """The newest scans that say the shipment's present status, oldest first."""
    found: list[Scan] = []
    for scan in reversed(shipment.scans):
        if scan.status in NO_CARRIER_DATA:
            continue
        if scan.status is not shipment.status:
            break
        found.insert(0, scan)
    return tuple(found)


def customers_turn(shipment: Shipment) -> tuple[Scan, ...]:
    """The newest scans with which a parcel waits for the customer, oldest first; else none.

    The carrier may say that it is somebody else's turn: brought back because of a storm, or
    asked to a counter where it has not arrived.
    """
    scans = run(shipment)
    if shipment.status not in WAITS_FOR_CUSTOMER or _others_turn(scans[-1]):
        return ()
    return tuple(scan for scan in scans if not _others_turn(scan))


def _others_turn(scan: Scan) -> bool:
    return scan.acts not in {None, Actor.RECIPIENT}


def _offered(scan: Scan) -> bool:
    """Whether the carrier was at the door, or keeps the parcel as the customer wants it."""
    if scan.status is Status.DELIVERY_ATTEMPTED:
        return scan.acts is not Actor.CARRIER
    return scan.status is Status.HELD or scan.status in WAITS_FOR_CUSTOMER


def _of_parcel(order: Order, policy: Policy, shipment: Shipment) -> list[Incident]:
    status, since = shipment.status, shipment.last_scan
    if status in {Status.PENDING, Status.HELD} or customers_turn(shipment):
        # Announced only, kept at the customer's wish, or the customer's turn: no clock runs.
        return []
    found: list[Incident] = []
    if status is Status.EXCEPTION:
        found.append(_exception(shipment))
    elif shipment.accepted_at is None:
        found.append(_not_picked_up(order, policy, shipment))
    else:
        found.append(_not_scanned(order, policy, shipment))
    # A parcel that was once offered to the customer has kept its promise [AS2].
    if since is None:
        blind = "late: nothing was ever heard of this parcel"
        found.append(Incident(kind=LATE, subject=shipment.shipment_id, rule=blind, due_at=None))
    elif not any(_offered(scan) for scan in shipment.scans):
        found.append(_late(order, policy, shipment))
    return found


def _exception(shipment: Shipment) -> Incident:
    return Incident(
        kind=EXCEPTION,
        subject=shipment.shipment_id,
        rule="exception: the carrier says so",
        due_at=run(shipment)[0].at,
    )


def _not_picked_up(order: Order, policy: Policy, shipment: Shipment) -> Incident:
    labels = [scan.at for scan in shipment.scans if scan.status is Status.LABEL_CREATED]
    if shipment.dispatched_at is not None:
        labels.append(shipment.dispatched_at)
    tracked = shipment.tracking_number is not None or bool(shipment.scans)
    if not tracked or not labels:
        rule = "pickup: a parcel that nobody tracks"
        return Incident(kind=PICKUP_DELAYED, subject=shipment.shipment_id, rule=rule, due_at=None)
    days = policy.delay.no_pickup_business_days
    due_at = business_deadline(min(labels), days, policy.calendar, policy.zone)
    wished = _wished(order, shipment.shipment_id)
    if wished is not None:
        due_at = max(due_at, _out_of_reach(order, policy, wished))
    return Incident(
        kind=PICKUP_DELAYED,
        subject=shipment.shipment_id,
        rule=f"pickup: no scan for {days} business days",
        due_at=due_at,
        by_silence=True,
        forecast_at=_forecast_at(order, policy, shipment),
    )


def _not_scanned(order: Order, policy: Policy, shipment: Shipment) -> Incident:
    days = policy.delay.no_scan_domestic_business_days
    if international(order, policy):
        days = policy.delay.no_scan_international_business_days
    last = shipment.last_scan
    due_at = None
    if last is not None:
        due_at = business_deadline(last.at, days, policy.calendar, policy.zone)
        wished = _wished(order, shipment.shipment_id)
        if wished is not None:
            due_at = max(due_at, end_of_day(wished, recipient_zone(order, policy)))
    return Incident(
        kind=TRANSIT_DELAYED,
        subject=shipment.shipment_id,
        rule=f"transit: no scan for {days} business days",
        due_at=due_at,
        by_silence=True,
        forecast_at=_forecast_at(order, policy, shipment),
    )


def _late(order: Order, policy: Policy, shipment: Shipment | None) -> Incident:
    dates = told(order, policy, shipment.shipment_id if shipment else None)
    return Incident(
        kind=LATE,
        subject=shipment.shipment_id if shipment else ORDER,
        rule="late: the morning after the promise",
        due_at=_morning_after(order, policy, dates),
        by_silence=shipment is not None,
        forecast_at=_forecast_at(order, policy, shipment),
    )


def _forecast_at(order: Order, policy: Policy, shipment: Shipment | None) -> datetime | None:
    shipment_id = shipment.shipment_id if shipment else None
    return _morning_after(order, policy, forecast(order, policy, shipment_id))


def _morning_after(order: Order, policy: Policy, dates: DateRange | None) -> datetime | None:
    if dates is None:
        return None
    return at_local(dates.latest + timedelta(days=1), MORNING, recipient_zone(order, policy))
