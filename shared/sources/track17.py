"""17TRACK: tracking of more than two thousand carriers.

Documentation: api.17track.net/en/doc (version 2.4).

- Events: ``TRACKING_UPDATED``: ``{event, data: {number, carrier, track_info}}`` with the whole
  history; ``TRACKING_STOPPED`` names the number alone. The answer of ``gettrackinfo``
  (``data.accepted``) and one of its entries are read as well. Version 1 has ``track`` instead,
  with one letter per field: ``e`` the state, ``z1`` and ``z2`` the events of the two carriers
  (``a`` time, ``c`` and ``d`` place, ``z`` words), ``z0`` the newest, ``w1`` the carrier's number.
- Signature: ``sign``, the hex SHA-256 of ``<raw body>/<API key>``: a plain hash.
- Retry: after 10, 30 and 60 minutes, then never (as integrators cite the documentation).
- Order: not promised; the events' own times decide.
- Duplicates: there is no id of an event: what is equal byte for byte is a repetition. Every event
  repeats the history.

Readings that are ours
- Copies of the payload that others keep have what belongs into ``track_info`` beside it: both
  places are read.
- A scan's word is its ``sub_status``, else its ``stage``, else the milestone with the same time.
  One without any is UNKNOWN with its text.
- A milestone that no event tells is a scan of its own.
- ``latest_status`` is of the time of ``latest_event``. Where it contradicts that event (Exception,
  AvailableForPickup) both are told, and a note says which counts.
- A delay is an Exception there; here it is on its way, the carrier's turn (the house reading,
  shared/contracts/tracking.py).
- An Exception that is not said to be any in particular is what the words of its event say it is.
- Times: ``time_utc``, else ``time_iso``; ``time_raw`` is the place's own and is not read. Version 1
  has the place's own only: that of a Japanese carrier is Asia/Tokyo, any other is read as UTC, and
  a note says so.
- Events of version 1 have words and no state: the newest gets that of the number, the others are
  UNKNOWN with their words.
- The carrier's name is that of the provider; the number of the carrier is used without one (100001
  and 21051 are not confirmed in the vendor's documentation).
- ``number`` may be a JSON number. There is no mark of a test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.contracts.carriers.english import cross_check
from shared.contracts.reading import Node
from shared.contracts.signatures import BodyAndKeyHash
from shared.contracts.tracking import (
    BARE_TIMES,
    Checkpoint,
    Told,
    carrier_token,
    history,
    joined,
    left_at,
    local_zone,
    required_number,
    scan_time,
)
from shared.domain.events import Fact
from shared.domain.shipments import Actor, Status
from shared.sources import Delivery, Kind, Source, make_facts, split_list

NAME = "track17"
UPDATED = "TRACKING_UPDATED"

STATUSES = {
    "NotFound": Status.PENDING,
    "InfoReceived": Status.LABEL_CREATED,
    "InTransit": Status.IN_TRANSIT,
    "Expired": Status.EXPIRED,
    "AvailableForPickup": Status.AVAILABLE_FOR_PICKUP,
    "OutForDelivery": Status.OUT_FOR_DELIVERY,
    "DeliveryFailure": Status.DELIVERY_ATTEMPTED,
    "Delivered": Status.DELIVERED,
    "Exception": Status.EXCEPTION,
}

# Where a sub-status says more than the status before its "_".
SUB_STATUSES: dict[str, tuple[Status, Actor | None]] = {
    "InTransit_PickedUp": (Status.ACCEPTED, None),
    "InTransit_CustomsRequiringInformation": (Status.EXCEPTION, Actor.RECIPIENT),
    "DeliveryFailure_Security": (Status.EXCEPTION, Actor.CARRIER),
    "DeliveryFailure_Rejected": (Status.EXCEPTION, Actor.SHOP),
    "DeliveryFailure_InvalidAddress": (Status.EXCEPTION, Actor.SHOP),
    "Exception_Returning": (Status.RETURNING, None),
    "Exception_Returned": (Status.RETURNED, None),
    "Exception_NoBody": (Status.EXCEPTION, Actor.RECIPIENT),
    "Exception_Security": (Status.EXCEPTION, Actor.CARRIER),
    "Exception_Damage": (Status.EXCEPTION, Actor.SHOP),
    "Exception_Damaged": (Status.EXCEPTION, Actor.SHOP),
    "Exception_Rejected": (Status.EXCEPTION, Actor.SHOP),
    "Exception_Delayed": (Status.IN_TRANSIT, Actor.CARRIER),
    "Exception_Lost": (Status.EXCEPTION, Actor.SHOP),
    "Exception_Destroyed": (Status.EXCEPTION, Actor.SHOP),
    "Exception_Cancel": (Status.CANCELLED, None),
}

STAGES = {
    "InfoReceived": Status.LABEL_CREATED,
    "PickedUp": Status.ACCEPTED,
    "Departure": Status.IN_TRANSIT,
    "Arrival": Status.IN_TRANSIT,
    "AvailableForPickup": Status.AVAILABLE_FOR_PICKUP,
    "OutForDelivery": Status.OUT_FOR_DELIVERY,
    "Delivered": Status.DELIVERED,
    "Returning": Status.RETURNING,
    "Returned": Status.RETURNED,
}

# The states of version 1; some relays write them as the status of version 2 as well.
STATES = {
    "0": Status.PENDING,
    "10": Status.IN_TRANSIT,
    "20": Status.EXPIRED,
    "30": Status.AVAILABLE_FOR_PICKUP,
    "35": Status.DELIVERY_ATTEMPTED,
    "40": Status.DELIVERED,
    "50": Status.EXCEPTION,
}

CARRIERS = {"100001": "dhl", "100002": "ups", "100003": "fedex", "21051": "usps"}

# Relays change the capitals of words.
_STATUSES = {word.lower(): status for word, status in STATUSES.items()}
_SUB_STATUSES = {word.lower(): meant for word, meant in SUB_STATUSES.items()}
_STAGES = {word.lower(): status for word, status in STAGES.items()}


# Where the parts of a number may stand.
_Places = tuple[Node, ...]


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether a hash is there where 17TRACK puts it. The header's name is not its alone."""
    sign = headers.get("sign", "")
    return len(sign) == 64 and all(c in "0123456789abcdefABCDEF" for c in sign)


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The event; a number with its ``track_info`` alone is an update."""
    event = body.get("event")
    if isinstance(event, str) and event:
        return event
    telling = ("track_info", "tracking", "track")
    return UPDATED if "number" in body and any(key in body for key in telling) else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Each of what the API accepted. Raises Rejected("MALFORMED")."""
    data = body.get("data") if isinstance(body, Mapping) else None
    if isinstance(data, Mapping) and isinstance(data.get("accepted"), list):
        return split_list(data["accepted"])
    return split_list(body)


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The scans of a number. Raises Rejected."""
    body = Node(delivery.body)
    data = body.node("data") or body
    number = required_number(data, "number")
    first = data.node("track")
    found = (
        _first_version(number, data, first, delivery.time)
        if first
        else _history(number, data, delivery.time)
    )
    if not found:
        raise data.missing(
            "track_info.latest_status", "track_info.latest_event", "track_info.tracking"
        )
    return make_facts(delivery, found)


def _history(number: str, data: Node, otherwise: datetime | None) -> tuple[Told, ...]:
    info = data.node("track_info")
    places = (info, data) if info else (data,)
    milestones = _milestones(places)
    scans = [_checkpoint(event, milestones) for event in _events(places)]
    told = {(scan.at, scan.status) for scan in scans}
    scans += [scan for scan in milestones.values() if (scan.at, scan.status) not in told]
    carrier = _carrier(data, places)
    handed_over = next((at for at in milestones if milestones[at].status is Status.DELIVERED), None)
    summary, notes = _summary(places, handed_over), []
    if summary and _is_coarse(places):
        heard, acts, _ = cross_check(summary.status, summary.raw)
        if heard is not summary.status:
            notes.append(
                f"The latest status says {summary.status}, its event's words say {heard}: "
                "the words count."
            )
            summary = replace(summary, status=heard, acts=acts)
    return history(number, carrier, scans, summary, otherwise=otherwise, notes=notes)


def _is_coarse(places: _Places) -> bool:
    """Whether the latest status is a problem of which it does not say what it is."""
    latest = _first(places, "latest_status")
    words = (latest.text("status"), latest.text("sub_status")) if latest else ()
    return {(word or "exception").lower() for word in words} <= {"exception", "exception_other"}


def _first_version(
    number: str, data: Node, track: Node, otherwise: datetime | None
) -> tuple[Told, ...]:
    carrier = CARRIERS.get(track.text("w1") or data.text("carrier") or "")
    zone = local_zone(carrier)
    newest, state = track.node("z0"), track.text("e")
    events = [*track.nodes("z1"), *track.nodes("z2"), *((newest,) if newest else ())]
    words = newest.text("z") if newest else None
    return history(
        number,
        carrier,
        [_worded(event, zone or "UTC") for event in events],
        Checkpoint(None, STATES.get(state, Status.UNKNOWN), words or state) if state else None,
        otherwise=otherwise,
        notes=(BARE_TIMES,) if zone is None and events else (),
    )


def _worded(event: Node, zone: str) -> Checkpoint:
    return Checkpoint(
        scan_time(event, "a", zone),
        Status.UNKNOWN,
        event.text("z"),
        location=joined(event, "d", "c"),
    )


def _first(places: _Places, key: str) -> Node | None:
    return next((node for place in places if (node := place.node(key))), None)


def _time(node: Node) -> datetime | None:
    return scan_time(node, "time_utc") or node.instant("time_iso")


def _events(places: _Places) -> Iterator[Node]:
    tracking = _first(places, "tracking")
    for provider in tracking.nodes("providers") if tracking else ():
        yield from provider.nodes("events")


def _carrier(data: Node, places: _Places) -> str | None:
    tracking = _first(places, "tracking")
    for one in tracking.nodes("providers") if tracking else ():
        provider = one.node("provider")
        name = (provider.text("name") or provider.text("alias")) if provider else None
        if name:
            return carrier_token(name)
    return CARRIERS.get(data.text("carrier") or "")


def _milestones(places: _Places) -> dict[datetime, Checkpoint]:
    """The milestones that were reached, by their time; of two at one time the later stage."""
    nodes = next((nodes for place in places if (nodes := place.nodes("milestone"))), ())
    found: dict[datetime, Checkpoint] = {}
    for node in nodes:
        at, stage = _time(node), node.text("key_stage")
        if at and stage:
            found[at] = Checkpoint(at, _stage(stage)[0], stage)
    return found


def _meaning(word: str | None) -> tuple[Status, Actor | None] | None:
    """What a status or sub-status says; None where there is none."""
    if not word:
        return None
    lower = word.lower()
    main = _STATUSES.get(lower.partition("_")[0], STATES.get(word, Status.UNKNOWN))
    return _SUB_STATUSES.get(lower, (main, None))


def _stage(word: str) -> tuple[Status, Actor | None]:
    """What a stage says; it may have any of the words of a sub-status, too."""
    known = _STAGES.get(word.lower())
    return (known, None) if known else _meaning(word) or (Status.UNKNOWN, None)


def _checkpoint(event: Node, milestones: Mapping[datetime, Checkpoint]) -> Checkpoint:
    at, stage, text = _time(event), event.text("stage"), event.text("description")
    meant = _meaning(event.text("sub_status"))
    if meant is None and stage:
        meant = _stage(stage)
    if meant is None and at is not None and at in milestones:
        meant = (milestones[at].status, None)
    status, acts = meant or (Status.UNKNOWN, None)
    return Checkpoint(
        at,
        status,
        text or event.text("sub_status") or stage,
        location=event.text("location")
        or joined(event.node("address"), "city", "state", "country"),
        place=left_at(status, text),
        acts=acts,
    )


def _summary(places: _Places, handed_over: datetime | None) -> Checkpoint | None:
    """The latest status; of a parcel that was handed over, at the time when it was."""
    latest, event = _first(places, "latest_status"), _first(places, "latest_event")
    if latest is None:
        return None
    sub_status = latest.text("sub_status")
    said = [m for word in (sub_status, latest.text("status")) if (m := _meaning(word))]
    meant = next((m for m in said if m[0] is not Status.UNKNOWN), said[0] if said else None)
    if meant is None:
        return None
    words = event.text("description") if event else None
    at = _time(event) if event else None
    return Checkpoint(
        (handed_over or at) if meant[0] is Status.DELIVERED else at,
        meant[0],
        words or latest.text("sub_status_descr") or sub_status or latest.text("status"),
        location=event.text("location") if event else None,
        acts=meant[1],
    )


# --- declaration -------------------------------------------------------------

SOURCE = Source(
    name=NAME,
    title="17TRACK",
    docs_url="https://api.17track.net/en/doc",
    kind=Kind.AGGREGATOR,
    topics={UPDATED: "ShipmentUpdated, one for each event and milestone"},
    ignored={
        "TRACKING_STOPPED": "17TRACK asks the carrier no longer; the parcel is where it was",
        "*": "no parcel's way is told by it",
    },
    notes=(
        "Repetition: there is no id; what is equal byte for byte is a repetition.",
        "Order of arrival is not guaranteed; an event's time_utc decides.",
        "Every event repeats the whole history: equal events are equal facts.",
        "Times are UTC, or carry an offset; those of version 1 are the place's own.",
    ),
    recognises=recognises,
    topic_of=topic_of,
    normalize=normalize,
    signature=BodyAndKeyHash(header="sign"),
    split=split,
)
