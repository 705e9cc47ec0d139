"""DHL: the answer of the Shipment Tracking Unified API, and its push.

Documentation: developer.dhl.com/api-reference/shipment-tracking and
developer.dhl.com/api-reference/shipment-tracking-unified-push.

Events: the pull API has none; a job of the merchant posts the answer of `GET /track/shipments` as
it is. The push names a ``scope``: ``subscription.push`` holds shipments of the same shape (this
is not confirmed in the vendor's documentation, which says that they differ by division),
``subscription.validate`` and ``subscription.ready`` are about the subscription.
Signature: none. The push sends a header of the merchant's choice (``ApiKeyAuthentication``: give
it ``x-api-key`` and the secret); else the URL ends in the secret. The subscription's own secret
comes with ``subscription.validate`` and has to be sent back to DHL by the merchant.
Retry: after about 1 and 6 hours, then no more (DHL eCommerce Americas says so; of the unified push
it is not confirmed in the vendor's documentation). Order: not promised. Duplicates: no id; a scan
is its number, status and time.

Readings that are ours
- ``statusCode`` counts: pre-transit, transit, delivered, failure, unknown. Transit and failure are
  coarse; the words beside them (``status``, ``description``, ``remark``) make them finer.
- DHL's own sample says pre-transit and DELIVERED at once: the code counts, with a note. A delivery
  that is none cannot be taken back.
- "delivered" whose words name a pick-up point, a handover or the sender is that.
- ``status`` is kept as the carrier's word. ``description`` may be the name of who signed, so it is
  read and kept only where ``status`` says no more than the code and nothing was delivered.
- ``id`` may be a JSON number.
- Times without offset: local, in the zone of the place's country, else UTC, with a note; one whose
  digits are those of the summary's time with offset is that time.
- DHL eCommerce Americas and MyDHL+ (Express) have answers of their own, which are not read here.
- Estimated times are left out: a promise needs an order, which is not named.
- ``title`` and ``detail`` without shipments (404) are no fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.contracts import values
from shared.contracts.english_scans import cross_check
from shared.contracts.place_zones import LOCAL_TIMES, place_zone
from shared.contracts.reading import Node
from shared.contracts.signatures import Either, PathToken, SharedHeader
from shared.contracts.tracking import (
    BARE_TIMES,
    Checkpoint,
    has_offset,
    history,
    joined,
    scan_time,
    tracking_number,
)
from shared.contracts.words import left_unattended
from shared.domain.errors import Rejected
from shared.domain.events import Fact
from shared.domain.shipments import Status
from shared.sources import Delivery, Kind, Source, make_fact, split_list

NAME = "dhl"
TOPIC = "tracking"
PUSH = "subscription.push"
NO_DATA = "error"

CODES = {
    "pre-transit": Status.LABEL_CREATED,
    "transit": Status.IN_TRANSIT,
    "delivered": Status.DELIVERED,
    "failure": Status.EXCEPTION,
    "unknown": Status.UNKNOWN,
}


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The push's ``scope``; else told by the shape."""
    scope = body.get("scope")
    if isinstance(scope, str) and scope:
        return scope
    shipments = body.get("shipments")
    if shipments or _is_shipment(body):
        return TOPIC
    return NO_DATA if shipments == [] or {"title", "detail"} <= set(body) else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """One part for each shipment. Raises Rejected("MALFORMED")."""
    parts: list[Mapping[str, Any]] = []
    for one in split_list(body):
        shipments = one.get("shipments")
        if isinstance(shipments, list | tuple) and len(shipments) > 1:
            said = {key: one[key] for key in ("scope",) if key in one}
            parts += [{**said, "shipments": [each]} for each in shipments]
        else:
            parts.append(one)
    return tuple(parts)


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The events of a shipment. Raises Rejected."""
    body = Node(delivery.body)
    shipments = (body,) if _is_shipment(delivery.body) else body.nodes("shipments")
    if not shipments:
        raise Rejected("INCOMPLETE", "shipments is missing or empty: DHL has no data")
    return tuple(fact for shipment in shipments for fact in _facts(delivery, shipment))


def _is_shipment(body: Mapping[str, Any]) -> bool:
    return "id" in body and (isinstance(body.get("status"), Mapping) or "events" in body)


def _facts(delivery: Delivery, shipment: Node) -> tuple[Fact, ...]:
    number = tracking_number(shipment.text("id"))
    if number is None:
        raise shipment.missing("id")
    events, status = shipment.nodes("events"), shipment.node("status")
    notes: list[str] = []
    scans = []
    for event in events:
        at, how = _time(event, status)
        scan, note = _checkpoint(event, at)
        scans.append(scan)
        notes += [text for text in (how, note) if text]
    current = None
    if status is not None and (status.has("statusCode") or status.has("status")):
        at, how = _time(status, None)
        current, note = _checkpoint(status, at)
        notes += [text for text in (how, note) if text]
    found = history(
        number,
        NAME,
        scans,
        current,
        otherwise=delivery.time,
        notes=tuple(dict.fromkeys(notes)),
    )
    if not found:
        raise shipment.missing("events", "status.statusCode")
    return tuple(
        make_fact(delivery, one.data, one.at, brand=delivery.brands.find(), notes=one.notes)
        for one in found
    )


def _code(event: Node) -> str:
    """The code; answers of some divisions have it in ``status`` alone."""
    code = (event.text("statusCode") or "").lower()
    named = (event.text("status") or "").lower()
    return code or (named if named in CODES else "")


def _words(event: Node, code: str) -> tuple[str | None, str]:
    """The carrier's word that is kept, and all that is listened to."""
    status, remark = event.text("status"), event.text("remark")
    plain = status is None or status.lower() == code
    description = event.text("description") if plain and code != "delivered" else None
    kept = description or status or event.text("statusCode")
    heard = (status, description, remark if code == "failure" else None)
    return kept, ". ".join(text for text in heard if text)


def _checkpoint(event: Node, at: datetime | None) -> tuple[Checkpoint, str | None]:
    code = _code(event)
    kept, heard = _words(event, code)
    status, acts, note = cross_check(CODES.get(code, Status.UNKNOWN), heard)
    if status is Status.UNKNOWN:
        acts = None
    return (
        Checkpoint(
            at,
            status,
            kept,
            location=_location(event),
            place=_place(status, kept),
            acts=acts if status is not Status.DELIVERED else None,
        ),
        note,
    )


def _place(status: Status, words: str | None) -> str | None:
    waits = status is Status.AVAILABLE_FOR_PICKUP
    left = status is Status.DELIVERED and left_unattended(words or "")
    return words if waits or left else None


def _address(event: Node) -> Node | None:
    location = event.node("location")
    return location.node("address") if location else None


def _location(event: Node) -> str | None:
    address = _address(event)
    return joined(address, "addressLocality", "countryCode")


def _zone(event: Node) -> str | None:
    address = _address(event)
    return place_zone(address.text("countryCode")) if address else None


def _time(event: Node, summary: Node | None) -> tuple[datetime | None, str | None]:
    """When it happened, and how a time without its offset was read."""
    if has_offset(event, "timestamp"):
        return event.instant("timestamp"), None
    said = summary.text("timestamp") if summary else None
    bare = event.text("timestamp") or ""
    if said and said != bare and said.startswith(bare) and values.instant(said):
        return values.instant(said), None
    zone = _zone(event)
    at = scan_time(event, "timestamp", zone or "UTC")
    return at, LOCAL_TIMES if zone else BARE_TIMES


_SCANS = "ShipmentUpdated, one for each event of each shipment"

SOURCE = Source(
    name=NAME,
    title="DHL",
    docs_url="https://developer.dhl.com/api-reference/shipment-tracking",
    kind=Kind.CARRIER,
    topics={TOPIC: _SCANS, PUSH: f"{_SCANS}; as DHL pushes them"},
    ignored={
        "subscription.*": "about the subscription: its secret goes back to DHL by hand",
        NO_DATA: "DHL has no data for the number, or did not take the question: no fact",
        "*": "no parcel's way is told by it",
    },
    notes=(
        "Nothing is signed: the push sends a header with the secret; else the URL ends in it.",
        "Repetition: there is no id; equal events are equal facts.",
        "Order of arrival is not guaranteed; the event's timestamp decides.",
        "Times without offset are local: read by the country of the place.",
    ),
    recognises=lambda headers: headers.get("x-yoin-source") == NAME,
    topic_of=topic_of,
    normalize=normalize,
    signature=Either(schemes=(SharedHeader(header="x-api-key"), PathToken())),
    split=split,
)
