"""What the messages say: the context of their templates (the contract is their samples)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from shared.domain import content as view
from shared.domain.decisions import Candidate, Situation
from shared.domain.estimates import DateRange, recipient_zone, transit_days
from shared.domain.orders import Order
from shared.domain.shipments import BEFORE_CARRIER, NO_CARRIER_DATA, Shipment, Status
from shared.domain.timing import local_date
from shared.lifecycles.delay_alert import wording
from shared.lifecycles.delay_alert.incidents import (
    began,
    breached_at,
    customers_turn,
    forecast,
    over,
    run,
    told,
    units_in,
)
from shared.lifecycles.delay_alert.occurrences import (
    ABSENCE,
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


def pickup_kind(shipment: Shipment) -> str | None:
    """What kind of place a parcel waits at, as far as the carrier's words say it."""
    if shipment.status is not Status.AVAILABLE_FOR_PICKUP:
        return None
    words = [text for scan in run(shipment) for text in (scan.place, scan.raw, scan.location)]
    return wording.pickup_kind(text for text in words if text)


def content(candidate: Candidate, situation: Situation) -> dict[str, Any]:
    """The context of a message's templates (the contract is its sample)."""
    order = situation.order
    token = Token.parse(candidate.occurrence)
    context = {
        "order": view.order_slim(order),
        "customer": view.customer(order),
        "step": token.step,
        "zone": recipient_zone(order, situation.policy),
        "parcels": None,
    }
    if token.subject == ORDER:
        return context | _ORDER_PARTS[candidate.message](situation)
    about = {Token.parse(one).subject for one in (candidate.occurrence, *candidate.covers)}
    parcels = [
        {"shipment": _shipment(order, one), **_SHIPMENT_PARTS[candidate.message](situation, one)}
        for one in _in_order(order)
        if one.shipment_id in about
    ]
    earlier = _told_earlier(candidate, about, situation)
    if len(parcels) > 1 or earlier:
        context["parcels"] = {
            "affected": len(parcels),
            "total": len(order.active_shipments),
            "earlier": earlier,
            "list": [_row(parcel) for parcel in parcels],
        }
    return context | _together(parcels)


def _told_earlier(candidate: Candidate, about: set[str], situation: Situation) -> int:
    """Of how many other parcels the same was said before, and they have not arrived since."""
    token = Token.parse(candidate.occurrence)
    if token.step > 1 or token.message == MOVING_AGAIN:
        return 0
    told_of = {
        subject
        for entry in situation.history.all_sent
        if entry.message == token.message
        for subject in subjects(entry)
    }
    order = situation.order
    open_ = {one.shipment_id for one in order.active_shipments if over(order, one) is None}
    return len((told_of - about) & open_)


# --- several parcels in one message ---------------------------------------------------------


def _row(parcel: dict[str, Any]) -> dict[str, Any]:
    """A parcel in the list, with what is true of it alone."""
    waits = parcel.get("attempt") or parcel.get("pickup") or {}
    return {
        "shipment": parcel["shipment"],
        "hold_until": waits.get("hold_until"),
        "place": waits.get("place"),
        "note": parcel.get("exception", {}).get("description"),
        "estimate": parcel.get("estimate"),
    }


def _together(parcels: list[dict[str, Any]]) -> dict[str, Any]:
    """What is true of all parcels of a message: the same of each, else the careful choice."""
    if len(parcels) == 1:
        return parcels[0]
    return {name: _TOGETHER[name]([one[name] for one in parcels]) for name in parcels[0]}


def _same(values: list[Any]) -> Any:
    return values[0] if all(value == values[0] for value in values) else None


def _each_same(values: list[dict[str, Any]], **others: Any) -> dict[str, Any]:
    return {name: _same([one[name] for one in values]) for name in values[0]} | others


def _first(values: list[dict[str, Any]], name: str) -> str | None:
    return min((one[name] for one in values if one[name] is not None), default=None)


def _last(values: list[dict[str, Any]], name: str) -> str | None:
    return max((one[name] for one in values if one[name] is not None), default=None)


def _all_by(values: list[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The latest of the dates; None where one of the parcels has none."""
    known = [value for value in values if value is not None]
    return max(known, key=lambda dates: dates["latest"]) if len(known) == len(values) else None


_TOGETHER: dict[str, Callable[[list[Any]], Any]] = {
    # No one tracking page shows them all.
    "shipment": lambda all_: _each_same(
        all_,
        number_of=all_[0]["number_of"],
        status=all_[0]["status"],
        tracking_number=None,
        tracking_url=None,
        label_created_at=_first(all_, "label_created_at"),
        last_scan_at=_last(all_, "last_scan_at"),
        lines=[line for one in all_ for line in one["lines"]],
    ),
    "exception": lambda all_: _each_same(all_, occurred_at=None),
    # The first that goes back to the shop says how long there is time.
    "attempt": lambda all_: {name: _first(all_, name) for name in all_[0]},
    "pickup": lambda all_: _each_same(all_, hold_until=_first(all_, "hold_until")),
    "promise": _all_by,
    "estimate": _all_by,
    "lines": lambda all_: [line for lines in all_ for line in lines],
}


# --- what each message says -------------------------------------------------------------------


def _dispatch_parts(situation: Situation) -> dict[str, Any]:
    breach = breached_at(situation.order, situation.policy)
    return {
        "lines": _lines_to_ship(situation.order),
        "promise": view.date_range(told(situation.order, situation.policy)),
        "estimate": view.date_range(_new_date(situation, None)),
        "breached": breach is not None and situation.now >= breach,
    }


def _late_order_parts(situation: Situation) -> dict[str, Any]:
    return {
        "shipment": None,
        "lines": _lines_to_ship(situation.order),
        "promise": view.date_range(told(situation.order, situation.policy)),
        "estimate": view.date_range(_new_date(situation, None)),
    }


def _late_parts(situation: Situation, shipment: Shipment) -> dict[str, Any]:
    return {
        "lines": _lines_in(situation.order, shipment),
        **_delay_parts(situation, shipment),
    }


def _delay_parts(situation: Situation, shipment: Shipment) -> dict[str, Any]:
    dates = told(situation.order, situation.policy, shipment.shipment_id)
    return {
        "promise": view.date_range(dates),
        "estimate": view.date_range(_new_date(situation, shipment)),
    }


def _exception_parts(_: Situation, shipment: Shipment) -> dict[str, Any]:
    scans = run(shipment)
    raw = next((scan.raw for scan in reversed(scans) if scan.raw), None)
    return {
        "exception": {
            "cause": wording.exception_cause(raw) if raw else None,
            "description": raw,
            "occurred_at": view.instant(scans[0].at) if scans else None,
        },
        # Whatever was expected before, it does not hold now [AS1].
        "estimate": None,
    }


def _absence_parts(_: Situation, shipment: Shipment) -> dict[str, Any]:
    scans = customers_turn(shipment)
    return {
        "attempt": {
            "attempted_at": view.instant(scans[0].at) if scans else None,
            "hold_until": _said_hold(shipment),
        }
    }


def _pickup_parts(_: Situation, shipment: Shipment) -> dict[str, Any]:
    places = [scan.place or scan.location for scan in run(shipment)]
    place = next((place for place in reversed(places) if place), None)
    return {
        "pickup": {
            "kind": pickup_kind(shipment),
            "place": None if wording.names_no_place(place) else place,
            "address": None,
            "hold_until": _said_hold(shipment),
            "code": None,
        }
    }


def _moving_parts(situation: Situation, shipment: Shipment) -> dict[str, Any]:
    return {"estimate": view.date_range(_after_standstill(situation, shipment))}


_ORDER_PARTS: dict[str, Callable[[Situation], dict[str, Any]]] = {
    DISPATCH_DELAYED: _dispatch_parts,
    LATE: _late_order_parts,
}
_SHIPMENT_PARTS: dict[str, Callable[[Situation, Shipment], dict[str, Any]]] = {
    PICKUP_DELAYED: _delay_parts,
    TRANSIT_DELAYED: _delay_parts,
    EXCEPTION: _exception_parts,
    LATE: _late_parts,
    ABSENCE: _absence_parts,
    PICKUP_WAITING: _pickup_parts,
    MOVING_AGAIN: _moving_parts,
}


def _said_hold(shipment: Shipment) -> str | None:
    """The carrier's own date only: the usual number of days is no promise."""
    said = [scan.hold_until for scan in run(shipment) if scan.hold_until is not None]
    return said[-1].isoformat() if said else None


def _lines_to_ship(order: Order) -> list[dict[str, Any]]:
    return view.items(order.to_ship, lambda line: line.kept - line.shipped)


def _lines_in(order: Order, shipment: Shipment) -> list[dict[str, Any]]:
    return view.items(order.lines, lambda line: units_in(order, shipment, line))


def _shipment(order: Order, shipment: Shipment) -> dict[str, Any]:
    """A parcel among the order's parcels. A scan is what the carrier did, not the label."""
    parcels = _in_order(order)
    labels = [scan.at for scan in shipment.scans if scan.status is Status.LABEL_CREATED]
    no_scan = BEFORE_CARRIER | NO_CARRIER_DATA
    scans = [scan for scan in shipment.scans if scan.status not in no_scan]
    return {
        "number_of": parcels.index(shipment) + 1,
        "total": len(parcels),
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "tracking_url": shipment.tracking_url,
        "status": shipment.status.value,
        "label_created_at": view.instant(min(labels, default=shipment.dispatched_at)),
        "last_scan_at": view.instant(scans[-1].at) if scans else None,
        "last_location": next((s.location for s in reversed(scans) if s.location), None),
        "lines": _lines_in(order, shipment),
    }


def _in_order(order: Order) -> list[Shipment]:
    return sorted(order.active_shipments, key=lambda one: (*began(one), one.shipment_id))


def _today(situation: Situation) -> date:
    return local_date(situation.now, recipient_zone(situation.order, situation.policy))


def _new_date(situation: Situation, shipment: Shipment | None) -> DateRange | None:
    """A later date that a carrier has named, while it lasts; else we do not invent one."""
    shipment_id = shipment.shipment_id if shipment else None
    dates = forecast(situation.order, situation.policy, shipment_id)
    return dates if dates is not None and dates.latest >= _today(situation) else None


def _after_standstill(situation: Situation, shipment: Shipment) -> DateRange | None:
    """What to expect of a parcel that moves: a date that still holds, else the usual days."""
    order, policy = situation.order, situation.policy
    named = _new_date(situation, shipment)
    dates = told(order, policy, shipment.shipment_id)
    if named is not None or (dates is not None and dates.latest >= _today(situation)):
        return named or dates
    last = shipment.last_scan
    if last is None or shipment.status is Status.OUT_FOR_DELIVERY:
        return None
    shortest, longest = transit_days(order, policy)
    day = local_date(last.at, recipient_zone(order, policy))
    return DateRange(earliest=day + timedelta(days=shortest), latest=day + timedelta(days=longest))
