"""DHL: the answer of the Shipment Tracking Unified API, its push, and those of two divisions.

Documentation: developer.dhl.com/api-reference/shipment-tracking and
developer.dhl.com/api-reference/shipment-tracking-unified-push; of DHL Express
.../dhl-express-mydhl-api, of DHL eCommerce Americas .../tracking-webhooks-dhl-ecommerce-americas.

- Events: the pull API has none; a job of the merchant posts the answer of ``GET /track/shipments``
  as it is. The push names a ``scope``: ``subscription.push`` holds shipments of the same shape
  (this is not confirmed in the vendor's documentation, which says that they differ by division),
  ``subscription.validate`` and ``subscription.ready`` are about the subscription. DHL eCommerce
  Americas calls back with ``packages``, the answer of its tracking API; MyDHL answers with
  ``shipments`` that have a ``shipmentTrackingNumber``.
- Signature: none. The push sends a header of the merchant's choice (``ApiKeyAuthentication``: give
  it ``x-api-key`` and the secret); else the URL ends in the secret. The subscription's own secret
  comes with ``subscription.validate`` and has to be sent back to DHL by the merchant.
- Retry: after about 1 and 6 hours, then no more (DHL eCommerce Americas says so; of the unified
  push it is not confirmed in the vendor's documentation).
- Order: not promised; the time of the event decides.
- Duplicates: no id; a scan is its number, status and time.

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
- The codes of Express and eCommerce Americas: shared/contracts/carriers/dhl.py; the words beside
  them are heard, too. A partial delivery is on its way. Express: times at ``GMTOffset``, else in
  the zone of the country at the end of ``serviceArea``; "Signed for by ..." is not kept. eCommerce
  Americas: in the zone that is named (ET, CT, ...); the number is ``trackingId``.
- A description's HTML tags are left out. A ``location`` or ``status`` that is plain text is taken.
- Estimated times are left out: a promise needs an order, which is not named.
- ``title`` and ``detail`` without shipments (404) are no fact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.contracts import values
from shared.contracts.carriers.dhl import ACTS, ECOMMERCE, EXPRESS, ZONES
from shared.contracts.carriers.english import cross_check, heard_in
from shared.contracts.carriers.zones import LOCAL_TIMES, compact_instant, place_zone
from shared.contracts.reading import Node
from shared.contracts.signatures import Either, PathToken, SharedHeader
from shared.contracts.tracking import (
    BARE_TIMES,
    Checkpoint,
    has_offset,
    history,
    joined,
    left_at,
    required_number,
    scan_time,
)
from shared.domain.errors import Rejected
from shared.domain.events import Fact
from shared.domain.shipments import Status
from shared.sources import Delivery, Kind, Source, make_facts, split_list

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
_LISTS = ("shipments", "packages")
_NUMBERS = ("trackingId", "dhlPackageId", "deliveryConfirmationNumber", "packageId")
_TAGS = re.compile(r"<[^<>]{0,200}>")
# Tried where a run of signs begins only: at each of many it would take for ever.
_SIGNED = re.compile(r"(?<![-,:. ])[-,:. ]*\bsigned\b.*", re.IGNORECASE)
_COUNTRY = re.compile(r"- ?([A-Z]{2})")


# --- events and topics -------------------------------------------------------


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The push's ``scope``; else told by the shape."""
    scope = body.get("scope")
    if isinstance(scope, str) and scope:
        return scope
    told = [body.get(key) for key in _LISTS]
    if any(told) or _is_shipment(body):
        return TOPIC
    return NO_DATA if [] in told or {"title", "detail"} <= set(body) else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """One part for each shipment. Raises Rejected("MALFORMED")."""
    parts: list[Mapping[str, Any]] = []
    for one in split_list(body):
        said = {key: one[key] for key in ("scope",) if key in one}
        lists = {key: one[key] for key in _LISTS if isinstance(one.get(key), list | tuple)}
        if sum(map(len, lists.values())) > 1:
            parts += [{**said, key: [each]} for key, many in lists.items() for each in many]
        else:
            parts.append(one)
    return tuple(parts)


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The events of a shipment. Raises Rejected."""
    body = Node(delivery.body)
    packages = body.nodes("packages")
    shipments = (body,) if _is_shipment(delivery.body) else body.nodes("shipments")
    if not shipments and not packages:
        raise Rejected("INCOMPLETE", "shipments is missing or empty: DHL has no data")
    found = [fact for package in packages for fact in _package(delivery, package)]
    for shipment in shipments:
        read = _express if shipment.has("shipmentTrackingNumber") else _facts
        found += read(delivery, shipment)
    return tuple(found)


def _is_shipment(body: Mapping[str, Any]) -> bool:
    if "shipmentTrackingNumber" in body:
        return "events" in body
    return "id" in body and (isinstance(body.get("status"), Mapping) or "events" in body)


# --- DHL Express, DHL eCommerce Americas -------------------------------------


def _express(delivery: Delivery, shipment: Node) -> tuple[Fact, ...]:
    number = required_number(shipment, "shipmentTrackingNumber")
    scans, notes = [], []
    for event in shipment.nodes("events"):
        areas = event.nodes("serviceArea")
        area = areas[0].text("description") if areas else None
        country = _COUNTRY.fullmatch((area or "")[-3:])
        zone = event.text("GMTOffset") or place_zone(country[1] if country else None)
        if event.text("GMTOffset") is None:
            notes.append(LOCAL_TIMES if zone else BARE_TIMES)
        code = (event.text("typeCode") or "").upper()
        words = _SIGNED.sub("", _plain(event.text("description")) or "") or None
        scans.append(_scan(event, zone or "UTC", code, EXPRESS.get(code), words, area))
    return _made(delivery, number, scans, None, notes, shipment.missing("events"))


def _package(delivery: Delivery, whole: Node) -> tuple[Fact, ...]:
    one = whole.node("package") or whole
    number = required_number(one, *_NUMBERS)
    scans, notes = [], []
    for event in whole.nodes("events"):
        zone = ZONES.get((event.text("timeZone") or "").upper())
        notes += [] if zone else [BARE_TIMES]
        code = event.text("primaryEventId") or ""
        said = (event.text("primaryEventDescription"), event.text("secondaryEventDescription"))
        words = _SIGNED.sub("", ", ".join(_plain(text) or "" for text in said if text)) or None
        place = event.text("location")
        scans.append(_scan(event, zone or "UTC", code, ECOMMERCE.get(code), words, place))
    word = whole.text("status")
    heard = heard_in(word)
    current = Checkpoint(None, heard.status, word) if heard and heard.status else None
    return _made(delivery, number, scans, current, notes, whole.missing("events"))


def _scan(
    event: Node, zone: str, code: str, coded: Status | None, words: str | None, place: str | None
) -> Checkpoint:
    if coded is None:
        heard = heard_in(words)
        status, acts = (heard.status, heard.acts) if heard else (None, None)
        status = status or (Status.IN_TRANSIT if acts else Status.UNKNOWN)
    else:
        status, acts, _ = cross_check(coded, words)
    return Checkpoint(
        _clock(event, zone),
        status,
        words or code or None,
        location=place,
        place=_place(status, words),
        acts=acts or (ACTS.get(code) if status is coded else None),
    )


def _clock(event: Node, zone: str) -> datetime | None:
    day, clock = event.text("date"), event.text("time")
    if day is None:
        return None
    found = compact_instant(day, clock or "000000", zone)
    if found is None or not 1990 <= found.year <= 2100:
        raise event.impossible("date", "a possible date, with its time")
    return found


def _made(
    delivery: Delivery,
    number: str,
    scans: list[Checkpoint],
    current: Checkpoint | None,
    notes: list[str],
    nothing: Rejected,
) -> tuple[Fact, ...]:
    found = history(
        number,
        NAME,
        scans,
        current,
        otherwise=delivery.time,
        notes=notes,
    )
    if not found:
        raise nothing
    return make_facts(delivery, found)


# --- the unified answer ------------------------------------------------------


def _facts(delivery: Delivery, shipment: Node) -> tuple[Fact, ...]:
    number = required_number(shipment, "id")
    events, status = shipment.nodes("events"), shipment.value.get("status")
    if isinstance(status, str):
        status = Node({"status": status}, shipment.at("status"))
    else:
        status = shipment.node("status")
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
    nothing = shipment.missing("events", "status.statusCode")
    return _made(delivery, number, scans, current, notes, nothing)


def _plain(text: str | None) -> str | None:
    """Without HTML tags."""
    return " ".join(_TAGS.sub(" ", text).split()) or None if text else None


def _code(event: Node) -> str:
    """The code; answers of some divisions have it in ``status`` alone."""
    code = (event.text("statusCode") or "").lower()
    named = (event.text("status") or "").lower()
    return code or (named if named in CODES else "")


def _words(event: Node, code: str) -> tuple[str | None, str]:
    """The carrier's word that is kept, and all that is listened to."""
    status, remark = event.text("status"), event.text("remark")
    plain = status is None or status.lower() == code
    description = _plain(event.text("description")) if plain and code != "delivered" else None
    kept = description or status or event.text("statusCode")
    heard = (status, description, remark if code == "failure" else None)
    return kept, ". ".join(text for text in heard if text)


def _checkpoint(event: Node, at: datetime | None) -> tuple[Checkpoint, str | None]:
    code = _code(event)
    kept, heard = _words(event, code)
    status, acts, note = cross_check(CODES.get(code, Status.UNKNOWN), heard)
    return (
        Checkpoint(
            at,
            status,
            kept,
            location=_location(event),
            place=_place(status, kept),
            acts=acts,
        ),
        note,
    )


def _place(status: Status, words: str | None) -> str | None:
    return words if status is Status.AVAILABLE_FOR_PICKUP else left_at(status, words)


def _address(event: Node) -> Node | None:
    if isinstance(event.value.get("location"), str):
        return None
    location = event.node("location")
    return location.node("address") if location else None


def _location(event: Node) -> str | None:
    if isinstance(event.value.get("location"), str):
        return event.text("location")
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


# --- declaration -------------------------------------------------------------

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
