"""Ship24: tracking of more than a thousand carriers.

Documentation: docs.ship24.com/webhooks, docs.ship24.com/status.

- Events: ``{trackings: [{metadata, tracker, shipment, events, statistics}]}``, each tracking for
  itself, with its whole history or its new events; ``metadata.topic`` is what it is about:
  ``tracking/pod`` is a proof of delivery (a picture, a signature) and no event. The API's answer
  (``data.trackings``) and one tracking alone are read as well.
- Signature: none; ``Authorization: Bearer <webhook secret>``.
- Retry: up to 20 attempts, minutes to 12 hours apart, for about six days.
- Order: not promised, and older events may arrive late; the events' own times decide.
- Duplicates: ``metadata.messageId`` is the id of one message.

Readings that are ours
- ``statusCode`` says what happened, ``statusMilestone`` how far the parcel then was: the code
  comes first, an unknown one counts as its milestone. "While statusCategory and statusCode may be
  empty, statusMilestone is provided on each event."
- ``occurrenceDatetime`` is the place's own time. With a ``utcOffset`` it is exact; else that of a
  Japanese carrier is Asia/Tokyo, any other is read as UTC and a note says so (``datetime``, which
  ends in Z, repeats the same digits).
- A message holds one event, but the shipment as it is now. Where they differ, the shipment's status
  has the time at which it was reached (``statistics.timestamps``), else that of the newest event.
- A shipment may have several numbers. Scans under another of them are told under the number that
  the merchant registered (``tracker.trackingNumber``), because that is the one which the order
  has; a note keeps the other.
- The numbers that the documentation gives for trying (SHIP24_SAMPLE_…, SHIP24TEST…, S24DEMO…) mark
  a test.
- ``shipmentReference`` is free text of whoever registered the number: the shipment is found by
  its number. ``estimatedDeliveryDate`` is left out: a promise needs an order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.contracts import values
from shared.contracts.reading import Node
from shared.contracts.signatures import SharedHeader
from shared.contracts.tracking import (
    BARE_TIMES,
    Checkpoint,
    carrier_token,
    has_offset,
    history,
    left_at,
    local_zone,
    scan_time,
    tracking_number,
)
from shared.domain.events import Fact
from shared.domain.shipments import Actor, Status
from shared.sources import Delivery, Kind, Source, make_facts, split_list

NAME = "ship24"
TOPIC = "trackings"
PROOF = "tracking/pod"

MILESTONES = {
    "pending": Status.PENDING,
    "info_received": Status.LABEL_CREATED,
    "in_transit": Status.IN_TRANSIT,
    "out_for_delivery": Status.OUT_FOR_DELIVERY,
    "failed_attempt": Status.DELIVERY_ATTEMPTED,
    "available_for_pickup": Status.AVAILABLE_FOR_PICKUP,
    "delivered": Status.DELIVERED,
    "exception": Status.EXCEPTION,
}

# statusCode; data_delivery_proposed and the like say no more than their milestone.
CODES: dict[str, tuple[Status, Actor | None]] = {
    "data_order_created": (Status.LABEL_CREATED, None),
    "data_order_cancelled": (Status.CANCELLED, None),
    "transit_handover": (Status.ACCEPTED, None),
    "transit_origin_country_departure": (Status.IN_TRANSIT, None),
    "destination_arrival": (Status.IN_TRANSIT, None),
    "customs_received": (Status.IN_TRANSIT, None),
    "customs_cleared": (Status.IN_TRANSIT, None),
    "customs_exception": (Status.EXCEPTION, Actor.CARRIER),
    "customs_rejected": (Status.EXCEPTION, Actor.SHOP),
    "delivery_available_for_pickup": (Status.AVAILABLE_FOR_PICKUP, None),
    "delivery_out_for_delivery": (Status.OUT_FOR_DELIVERY, None),
    "delivery_attempted": (Status.DELIVERY_ATTEMPTED, None),
    "delivery_exception": (Status.EXCEPTION, None),
    "delivery_refused": (Status.EXCEPTION, Actor.SHOP),
    "delivery_delivered": (Status.DELIVERED, None),
    "exception_return": (Status.RETURNING, None),
    "exception_lost": (Status.EXCEPTION, Actor.SHOP),
    "exception_discarded": (Status.EXCEPTION, Actor.SHOP),
}

# Ship24's codes of carriers that are not their names.
COURIERS = {"us-post": "usps", "jp-post": "japanpost"}
_TRYING = re.compile(r"SHIP24(TEST|_SAMPLE_)|S24DEMO")

# statistics.timestamps: when a milestone was reached for the first time.
REACHED = {
    "info_received": "infoReceivedDatetime",
    "in_transit": "inTransitDatetime",
    "out_for_delivery": "outForDeliveryDatetime",
    "failed_attempt": "failedAttemptDatetime",
    "available_for_pickup": "availableForPickupDatetime",
    "delivered": "deliveredDatetime",
    "exception": "exceptionDatetime",
}
_OFFSET = re.compile(r"[+-]\d\d:\d\d")


# --- events and topics -------------------------------------------------------


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """``metadata.topic`` of a proof of delivery; else it shows in the body's shape."""
    metadata = _first(body).get("metadata")
    topic = metadata.get("topic") if isinstance(metadata, Mapping) else None
    if topic == PROOF:
        return PROOF
    return TOPIC if "trackings" in body or ("tracker" in body and "shipment" in body) else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Each tracking for itself. Raises Rejected("MALFORMED")."""
    inside = body.get("data") if isinstance(body, Mapping) else None
    inside = inside if isinstance(inside, Mapping) else body
    if isinstance(inside, Mapping) and isinstance(inside.get("trackings"), list):
        return tuple({"trackings": [one]} for one in split_list(inside["trackings"]))
    return split_list(body)


def event_id(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """``metadata.messageId``."""
    metadata = _first(body).get("metadata")
    found = metadata.get("messageId") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, str) and found else None


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The scans of a shipment under the number that was registered. Raises Rejected."""
    tracking = _tracking(delivery.body)
    tracker, shipment = tracking.node("tracker"), tracking.node("shipment")
    events, metadata = tracking.nodes("events"), tracking.node("metadata")
    registered = tracking_number(tracker.text("trackingNumber")) if tracker else None
    others = shipment.nodes("trackingNumbers") if shipment else ()
    known = (registered, *(tracking_number(one.text("tn")) for one in others))
    number = next((one for one in known if one), None)
    if number is None:
        raise tracking.missing("tracker.trackingNumber")
    found = history(
        number,
        _carrier(events),
        [_checkpoint(event) for event in events],
        _summary(tracking, shipment, events) if shipment else None,
        otherwise=(metadata.instant("generatedAt", "UTC") if metadata else None) or delivery.time,
        notes=_notes(events, number),
    )
    if not found:
        raise tracking.missing("events", "shipment.statusMilestone")
    event = event_id(delivery.headers, delivery.body)
    return make_facts(delivery, found, dedupe_id=event, test=_TRYING.match(number) is not None)


def _tracking(body: Mapping[str, Any]) -> Node:
    """The one tracking in a part."""
    node = Node(body)
    found = node.nodes("trackings") if "trackings" in body else (node,)
    if len(found) != 1:
        raise node.misshapen("trackings", "a list of one tracking")
    return found[0]


def _first(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one tracking in a part, whatever it looks like."""
    listed = body.get("trackings")
    one = listed[0] if isinstance(listed, list) and len(listed) == 1 else body
    return one if isinstance(one, Mapping) else {}


def _courier(event: Node) -> str | None:
    code = event.text("courierCode")
    return COURIERS.get(code or "") or carrier_token(code)


def _carrier(events: tuple[Node, ...]) -> str | None:
    """The carrier of the newest scan: the one that has the parcel."""
    timed = [(at, courier) for e in events if (at := _time(e)) and (courier := _courier(e))]
    return max(timed)[1] if timed else None


def _exact(event: Node) -> bool:
    offset = event.text("utcOffset") or ""
    return has_offset(event, "occurrenceDatetime") or _OFFSET.fullmatch(offset) is not None


def _time(event: Node) -> datetime | None:
    if not event.has("occurrenceDatetime"):
        return scan_time(event, "datetime")
    text, offset = event.text("occurrenceDatetime") or "", event.text("utcOffset") or ""
    if not has_offset(event, "occurrenceDatetime") and _OFFSET.fullmatch(offset):
        found = values.instant(f"{text}{offset}")
        if found is not None:
            return found
    return scan_time(event, "occurrenceDatetime", local_zone(_courier(event)) or "UTC")


def _notes(events: tuple[Node, ...], number: str) -> list[str]:
    notes = []
    own = (
        tracking_number(e.text("eventTrackingNumber") or e.text("trackingNumber")) for e in events
    )
    elsewhere = sorted({other for other in own if other and other != number})
    if elsewhere:
        notes.append(f"Scanned under the shipment's other number {', '.join(elsewhere)[:200]}.")
    if any(not _exact(event) and local_zone(_courier(event)) is None for event in events):
        notes.append(BARE_TIMES)
    return notes


def _meaning(node: Node) -> Checkpoint:
    milestone = (node.text("statusMilestone") or "").lower()
    code = (node.text("statusCode") or "").lower()
    status, acts = CODES.get(code, (MILESTONES.get(milestone, Status.UNKNOWN), None))
    return Checkpoint(None, status, code or milestone or None, acts=acts)


def _summary(tracking: Node, shipment: Node, events: tuple[Node, ...]) -> Checkpoint | None:
    milestone = (shipment.text("statusMilestone") or "").lower()
    if not milestone:
        return None
    meant = _meaning(shipment)
    statistics = tracking.node("statistics")
    reached = statistics.node("timestamps") if statistics else None
    text = reached.text(REACHED.get(milestone, "")) if reached else None
    timed = [(at, number) for number, event in enumerate(events) if (at := _time(event))]
    if text is None or not timed:
        return meant
    return replace(meant, at=_same_clock(text, events[max(timed)[1]]))


def _same_clock(text: str, event: Node) -> datetime | None:
    """A time as an event's own are written; None for what is none."""
    offset = event.text("utcOffset") or ""
    exact = values.instant(f"{text}{offset}") if _OFFSET.fullmatch(offset) else None
    return exact or values.local_instant(text, local_zone(_courier(event)) or "UTC")


def _checkpoint(event: Node) -> Checkpoint:
    meant, words = _meaning(event), event.text("status")
    location = event.text("location")
    waits = location if meant.status is Status.AVAILABLE_FOR_PICKUP else None
    return Checkpoint(
        _time(event),
        meant.status,
        words or meant.raw,
        location=location,
        place=left_at(meant.status, words) or waits,
        acts=meant.acts,
    )


# --- declaration -------------------------------------------------------------

SOURCE = Source(
    name=NAME,
    title="Ship24",
    docs_url="https://docs.ship24.com/webhooks/",
    kind=Kind.AGGREGATOR,
    topics={TOPIC: "ShipmentUpdated, one for each event of the shipment"},
    ignored={
        PROOF: "a picture or a signature; the event of the delivery tells that it took place",
        "*": "no parcel's way is told by it",
    },
    notes=(
        "Repetition: up to 20 attempts in about six days; metadata.messageId is one message's id.",
        "Order of arrival is not guaranteed; an event's own time decides.",
        "A message may hold several trackings, and repeat events: equal events are equal facts.",
        "Times are the place's own; a bare one is JST (Japanese carriers) or UTC.",
    ),
    recognises=lambda _headers: False,
    topic_of=topic_of,
    normalize=normalize,
    signature=SharedHeader(header="authorization", prefix="Bearer "),
    split=split,
    event_id=event_id,
    retries_for=timedelta(days=7),
)
