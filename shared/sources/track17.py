"""17TRACK: tracking of more than two thousand carriers.

Documentation: api.17track.net/en/doc (version 2.4).

Events: ``TRACKING_UPDATED``: ``{event, data: {number, carrier, track_info}}`` with the whole
history; ``TRACKING_STOPPED`` names the number alone. The answer of ``gettrackinfo``
(``data.accepted``) and one of its entries are read as well.
Signature: ``sign``, the hex SHA-256 of ``<raw body>/<API key>``: a plain hash. Retry: not confirmed
in the vendor's documentation. Order is not promised. There is no id of an event: what is equal
byte for byte is a repetition.

Readings that are ours
- Copies of the payload that others keep have what belongs into ``track_info`` beside it: both
  places are read.
- A scan's word is its ``sub_status``, else its ``stage``, else the milestone with the same time.
  One without any is UNKNOWN with its text.
- A milestone that no event tells is a scan of its own.
- ``latest_status`` is of the time of ``latest_event``. Where it contradicts that event (Exception,
  AvailableForPickup) both are told, and a note says which counts.
- Times: ``time_utc``, else ``time_iso``; ``time_raw`` is the place's own and is not read.
- The carrier's name is that of the provider; the number of the carrier is used without one (100001
  and 21051 are not confirmed in the vendor's documentation).
- ``number`` may be a JSON number. There is no mark of a test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from shared.contracts.reading import Node
from shared.contracts.signatures import BodyAndKeyHash
from shared.contracts.tracking import (
    Checkpoint,
    carrier_token,
    history,
    joined,
    scan_time,
    tracking_number,
)
from shared.contracts.words import left_unattended
from shared.domain.events import Fact
from shared.domain.shipments import Actor, Status
from shared.sources import Delivery, Kind, Source, make_fact, split_list

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
    "Exception_Rejected": (Status.EXCEPTION, Actor.SHOP),
    "Exception_Delayed": (Status.EXCEPTION, Actor.CARRIER),
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

CARRIERS = {"100001": "dhl", "100002": "ups", "100003": "fedex", "21051": "usps"}


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether a hash is there where 17TRACK puts it. The header's name is not its alone."""
    sign = headers.get("sign", "")
    return len(sign) == 64 and all(c in "0123456789abcdefABCDEF" for c in sign)


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The event; a number with its ``track_info`` alone is an update."""
    event = body.get("event")
    if isinstance(event, str) and event:
        return event
    return UPDATED if "number" in body and ("track_info" in body or "tracking" in body) else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Each of what the API accepted. Raises Rejected("MALFORMED")."""
    data = body.get("data") if isinstance(body, Mapping) else None
    if isinstance(data, Mapping) and isinstance(data.get("accepted"), list):
        return split_list(data["accepted"])
    return split_list(body)


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The scans of a number. Raises Rejected."""
    body = Node(delivery.body)
    data = body.node("data") or body
    number = tracking_number(data.text("number"))
    if number is None:
        raise data.missing("number")
    info = data.node("track_info")
    places = (info, data) if info else (data,)
    milestones = _milestones(places)
    scans = [_checkpoint(event, milestones) for event in _events(places)]
    told = {(scan.at, scan.status) for scan in scans}
    scans += [scan for scan in milestones.values() if (scan.at, scan.status) not in told]
    found = history(
        number,
        _carrier(data, places),
        scans,
        _summary(places),
        otherwise=delivery.time,
    )
    if not found:
        raise data.missing("track_info.latest_status", "track_info.tracking")
    return tuple(
        make_fact(delivery, one.data, one.at, brand=delivery.brands.find(), notes=one.notes)
        for one in found
    )


_Places = tuple[Node, ...]


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
            found[at] = Checkpoint(at, STAGES.get(stage, Status.UNKNOWN), stage)
    return found


def _meaning(word: str | None) -> tuple[Status, Actor | None] | None:
    """What a status or sub-status says; None where there is none."""
    if not word:
        return None
    main = STATUSES.get(word.partition("_")[0], Status.UNKNOWN)
    return SUB_STATUSES.get(word, (main, None))


def _checkpoint(event: Node, milestones: Mapping[datetime, Checkpoint]) -> Checkpoint:
    at, stage, text = _time(event), event.text("stage"), event.text("description")
    meant = _meaning(event.text("sub_status"))
    if meant is None and stage:
        meant = (STAGES.get(stage, Status.UNKNOWN), None)
    if meant is None and at is not None and at in milestones:
        meant = (milestones[at].status, None)
    status, acts = meant or (Status.UNKNOWN, None)
    unattended = text and status is Status.DELIVERED and left_unattended(text)
    return Checkpoint(
        at,
        status,
        text or event.text("sub_status") or stage,
        location=event.text("location")
        or joined(event.node("address"), "city", "state", "country"),
        place=text if unattended else None,
        acts=acts,
    )


def _summary(places: _Places) -> Checkpoint | None:
    latest, event = _first(places, "latest_status"), _first(places, "latest_event")
    if latest is None:
        return None
    sub_status = latest.text("sub_status")
    meant = _meaning(sub_status) or _meaning(latest.text("status"))
    if meant is None:
        return None
    words = event.text("description") if event else None
    return Checkpoint(
        _time(event) if event else None,
        meant[0],
        words or latest.text("sub_status_descr") or sub_status or latest.text("status"),
        location=event.text("location") if event else None,
        acts=meant[1],
    )


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
        "Times are UTC, or carry an offset.",
    ),
    recognises=recognises,
    topic_of=topic_of,
    normalize=normalize,
    signature=BodyAndKeyHash(header="sign"),
    split=split,
)
