"""UPS: the answer of the Tracking API, and the webhook "Track Alert".

Documentation: github.com/UPS-API/api-documentation (Tracking.yaml, UPSTrackAlert.yaml,
UPSTrackAlertEnhanced.yaml), developer.ups.com/api/reference/tracking/appendix.

- Events: none has a name. A job of the merchant posts the answer of
  ``GET /track/v1/details/{inquiryNumber}`` as it is (``trackResponse``); Track Alert posts one
  event (``trackingNumber``, ``activityStatus``). Its subscription ends after 14 days and has no
  history; its user agent is ``UPSPubSubTrackingService``.
- Signature: Track Alert v1 sends the ``credential`` that was given with the subscription; v2 keeps
  credentials in the portal (OAuth; not taken here, then use the secret URL). The body is never
  signed. An answer that a job posts is unsigned: the URL ends in the secret.
- Retry: not confirmed in the vendor's documentation.
- Order: not confirmed in the vendor's documentation; the time of the activity decides.
- Duplicates: no id; a scan is its number, status and time.

Readings that are ours
- ``status.code`` (two letters) is read first, then ``statusCode`` (three digits, in a
  ``currentStatus`` in ``code`` itself), then ``type``, which may be a two-letter code as well;
  the codes beyond the documented types are not confirmed in the vendor's documentation. The words
  are heard as well (carriers/english.py): type D is "out for delivery" in Track Alert, a parcel at
  an Access Point waits for its recipient, one released by customs is no exception.
- ``simplifiedTextDescription`` is a heading, not the scan's own word: it is not read.
- Type MV is "manifest void": the label was cancelled. Type U is a new delivery date, no status: no
  fact, because a promise needs an order, which is not named.
- ``warnings`` and ``errors`` without a package are no fact. A shipment in a batch that has no
  package is left out.
- Times: ``gmtDate`` and ``gmtTime``, else the local time at ``gmtOffset``, else the local time in
  the zone of the place, else UTC; the last two with a note.
- ``pickupDate`` is the ship date: UPS gives numbers out again. ``pickupByDate`` is how long an
  Access Point keeps the parcel. Who received it is not kept.
- A number has a digit ("string" stands in UPS's own sample); without one of its own a package has
  the shipment's ``inquiryNumber``, if it is the only one there.
- 1ZCIETST... are UPS's own test numbers: test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from shared.contracts import values
from shared.contracts.carriers.english import cross_check, heard_in
from shared.contracts.carriers.zones import LOCAL_TIMES, compact_instant, place_zone
from shared.contracts.reading import Node
from shared.contracts.signatures import Either, PathToken, SharedHeader
from shared.contracts.tracking import (
    BARE_TIMES,
    Checkpoint,
    Told,
    by_code,
    history,
    joined,
    tracking_number,
)
from shared.domain.errors import Rejected
from shared.domain.events import Fact
from shared.domain.shipments import Actor, Status
from shared.sources import Delivery, Kind, Source, make_facts, split_list

NAME = "ups"
TOPIC = "tracking"
ALERT = "alert"
UPDATE = "update"
NO_DATA = "error"

TYPES = {
    "M": Status.LABEL_CREATED,
    "MP": Status.LABEL_CREATED,
    "MV": Status.CANCELLED,
    "P": Status.ACCEPTED,
    "I": Status.IN_TRANSIT,
    "D": Status.DELIVERED,
    "X": Status.EXCEPTION,
    "RS": Status.RETURNING,
    "O": Status.OUT_FOR_DELIVERY,
    # Freight: in a warehouse, or brought to a container freight station, not to its recipient.
    "W": Status.IN_TRANSIT,
    "DO": Status.IN_TRANSIT,
    "DD": Status.IN_TRANSIT,
}
_CODES = {
    Status.LABEL_CREATED: "M MP",
    Status.ACCEPTED: "OR PU OC",
    Status.IN_TRANSIT: "DP AR AF SR DY SD",
    Status.OUT_FOR_DELIVERY: "OT OD OF DL",
    Status.AVAILABLE_FOR_PICKUP: "RP AC WC",
    Status.DELIVERED: "FS KB F4",
    Status.EXCEPTION: "EX",
    Status.RETURNING: "RS RT RU",
    Status.CANCELLED: "MV VD CA",
}
CODES = by_code(_CODES)
_NUMERIC = {
    Status.LABEL_CREATED: "003",
    Status.ACCEPTED: "038",
    Status.IN_TRANSIT: "005 010 012 014 025 039 044 045 046 047 048 051 052",
    Status.OUT_FOR_DELIVERY: "006 021",
    Status.DELIVERY_ATTEMPTED: "022 023 024 060 061 062 066",
    Status.AVAILABLE_FOR_PICKUP: "017 040",
    Status.HELD: "019 020",
    Status.DELIVERED: "011 026",
    Status.EXCEPTION: "013 029 030 049 050 058 059 064",
    Status.RETURNING: "033 035 036 037",
    Status.RETURNED: "034",
    Status.CANCELLED: "007",
}
NUMBERS = by_code(_NUMERIC)
_DELAYS = frozenset({"DY", "SD", "046", "047", "048", "051", "052"})
_TEST_NUMBERS = "1ZCIETST"


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether Track Alert names itself."""
    return headers.get("user-agent", "").startswith("UPSPubSubTrackingService")


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """Told by the shape: an event, an answer with packages, or one without."""
    status = body.get("activityStatus")
    if isinstance(status, Mapping):
        return UPDATE if status.get("type") == "U" else ALERT
    if isinstance(body.get("activity"), list | tuple) or any(_packages(body)):
        return TOPIC
    response = body.get("response")
    errors = response.get("errors") if isinstance(response, Mapping) else body.get("errors")
    return NO_DATA if errors or "trackResponse" in body else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """One part for each package, with what its shipment says. Raises Rejected("MALFORMED")."""
    parts: list[Mapping[str, Any]] = []
    for one in split_list(body):
        shipments = [found for found in _shipments(one) if _list(found.get("package"))]
        packages = [(s, p) for s in shipments for p in _list(s["package"])]
        if len(packages) < 2:
            parts.append(one)
            continue
        for shipment, package in packages:
            # The number that was asked for is that of one package; the others have their own.
            alone = len(_list(shipment["package"])) == 1
            left_out = {"package", "warnings"} | (set() if alone else {"inquiryNumber"})
            kept = {key: value for key, value in shipment.items() if key not in left_out}
            parts.append({"trackResponse": {"shipment": [{**kept, "package": [package]}]}})
    return tuple(parts)


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The activities of a package, or the event of an alert. Raises Rejected."""
    body = Node(delivery.body)
    if delivery.topic == ALERT:
        return _alert(delivery, body)
    if body.has("activity"):
        return _package(delivery, body, body)
    facts: list[Fact] = []
    response = body.node("trackResponse") or body
    for shipment in response.nodes("shipment"):
        for package in shipment.nodes("package"):
            facts.extend(_package(delivery, shipment, package))
    if not facts:
        raise Rejected("INCOMPLETE", "trackResponse.shipment.package is missing: UPS has no data")
    return tuple(facts)


def _list(value: Any) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list | tuple) else ()
    return [item for item in items if isinstance(item, Mapping)]


def _shipments(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    response = body.get("trackResponse")
    return _list((response if isinstance(response, Mapping) else body).get("shipment"))


def _packages(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [package for shipment in _shipments(body) for package in _list(shipment.get("package"))]


def _number(node: Node, *keys: str) -> str | None:
    numbers = (tracking_number(node.text(key)) for key in keys)
    return next((n for n in numbers if n and any(c.isdigit() for c in n)), None)


def _package(delivery: Delivery, shipment: Node, package: Node) -> tuple[Fact, ...]:
    number = _number(package, "trackingNumber") or _number(shipment, "inquiryNumber")
    if number is None:
        raise package.missing("trackingNumber")
    notes: list[str] = []
    scans = []
    for activity in package.nodes("activity"):
        status = activity.node("status")
        if status is None or (status.text("type") or "").upper() == "U":
            continue
        at, how = _time(activity)
        scan, note = _checkpoint(status, at, activity, package, TOPIC)
        scans.append(scan)
        notes += [text for text in (how, note) if text]
    current = package.node("currentStatus")
    found = history(
        number,
        NAME,
        scans,
        _checkpoint(current, None, None, package, TOPIC)[0]
        if current and not _says_nothing(current)
        else None,
        otherwise=delivery.time,
        shipped_on=_day(package, "pickupDate") or _day(shipment, "pickupDate"),
        notes=notes,
    )
    if not found:
        raise package.missing("activity", "currentStatus")
    return _facts(delivery, number, found)


def _alert(delivery: Delivery, body: Node) -> tuple[Fact, ...]:
    number = _number(body, "trackingNumber", "inquiryNumber")
    status = body.node("activityStatus")
    if number is None:
        raise body.missing("trackingNumber")
    if status is None or _says_nothing(status):
        raise body.missing("activityStatus.code", "activityStatus.type")
    at, how = _time(body, ("gmtActivityDate", "gmtActivityTime"), "localActivity")
    if (at or delivery.time) is None:
        raise body.missing("gmtActivityDate", "localActivityDate")
    scan, note = _checkpoint(status, at or delivery.time, body, body, ALERT)
    notes = tuple(text for text in (how, note) if text)
    return _facts(delivery, number, history(number, NAME, [scan], notes=notes))


def _facts(delivery: Delivery, number: str, found: Iterable[Told]) -> tuple[Fact, ...]:
    return make_facts(delivery, found, test=number.upper().startswith(_TEST_NUMBERS))


def _says_nothing(status: Node) -> bool:
    return not any(status.text(key) for key in ("type", "code", "statusCode", "descriptionCode"))


def _meaning(
    status: Node, words: str | None, topic: str
) -> tuple[Status, Actor | None, str | None]:
    code = (status.text("code") or "").upper()
    number = status.text("statusCode") or status.text("descriptionCode") or ""
    if not number and len(code) == 3 and code.isdigit():
        number = code
    kind = (status.text("type") or "").upper()
    named = TYPES.get(kind) or CODES.get(kind, Status.UNKNOWN)
    coded = CODES.get(code) or NUMBERS.get(number.zfill(3)) or named
    if topic == ALERT and kind == "D" and code not in CODES and number.zfill(3) not in NUMBERS:
        # "loaded on delivery vehicle, out for delivery, delivered": the words have to say which.
        heard = heard_in(words)
        return (heard.status if heard else None) or Status.UNKNOWN, None, None
    meant, acts, note = cross_check(coded, words)
    if {code, number} & _DELAYS and meant in {Status.IN_TRANSIT, Status.EXCEPTION}:
        acts = acts or Actor.CARRIER
    return meant, acts, note


def _checkpoint(
    status: Node, at: datetime | None, scanned: Node | None, package: Node, topic: str
) -> tuple[Checkpoint, str | None]:
    words = status.text("description")
    meant, acts, note = _meaning(status, words, topic)
    address = _address(scanned) if scanned else None
    place, until = None, None
    if meant is Status.DELIVERED:
        left = package.node("deliveryInformation")
        place = left.text("location") if left else None
    elif meant is Status.AVAILABLE_FOR_PICKUP:
        point = package.node("accessPointInformation")
        place = joined(address, "addressLine1", "addressLine2", "city") or words
        until = _day(point, "pickupByDate") if point else None
    scan = Checkpoint(
        at,
        meant,
        words or status.text("code") or status.text("type"),
        location=_location(address),
        place=place,
        hold_until=until,
        acts=acts,
    )
    return scan, note


def _address(scanned: Node) -> Node | None:
    location = scanned.node("location")
    return location.node("address") if location else scanned.node("activityLocation")


def _location(address: Node | None) -> str | None:
    if address is None:
        return None
    country = "countryCode" if address.has("countryCode") else "country"
    return joined(address, "city", "stateProvince", country)


def _time(
    node: Node, utc_keys: tuple[str, str] = ("gmtDate", "gmtTime"), local: str = ""
) -> tuple[datetime | None, str | None]:
    """When it happened, and how a time without its offset was read."""
    day_key, time_key = (f"{local}Date", f"{local}Time") if local else ("date", "time")
    if node.text(utc_keys[0]) and node.text(utc_keys[1]):
        return _instant(node, *utc_keys, "+00:00"), None
    if node.text(day_key) is None:
        return None, None
    offset = node.text("gmtOffset")
    if offset:
        return _instant(node, day_key, time_key, offset), None
    address = _address(node)
    zone = None
    if address:
        country = address.text("countryCode") or address.text("country")
        zone = place_zone(country, address.text("stateProvince"))
    return _instant(node, day_key, time_key, zone or "UTC"), LOCAL_TIMES if zone else BARE_TIMES


def _instant(node: Node, day_key: str, time_key: str, zone: str) -> datetime:
    found = compact_instant(node.text(day_key) or "", node.text(time_key) or "000000", zone)
    if found is None or not 1990 <= found.year <= 2100:
        raise node.impossible(day_key, f"a possible date (YYYYMMDD), with {time_key} as HHMMSS")
    return found


def _day(node: Node, key: str) -> date | None:
    """A date; None for a placeholder: it is no scan's own time."""
    text = node.text(key) or ""
    return values.day(text) if len(text) in (8, 10) and text[:4].isdigit() else None


# --- declaration -------------------------------------------------------------

SOURCE = Source(
    name=NAME,
    title="UPS",
    docs_url="https://developer.ups.com/api/reference/tracking/product-info",
    kind=Kind.CARRIER,
    topics={
        TOPIC: "ShipmentUpdated, one for each activity of each package",
        ALERT: "ShipmentUpdated; an event of Track Alert",
    },
    ignored={
        UPDATE: "a new delivery date: a promise needs an order, which UPS does not name",
        NO_DATA: "UPS has no data for the number, or did not take the question: no fact",
        "*": "no parcel's way is told by it",
    },
    notes=(
        "Track Alert sends the credential it was given; an answer of a job needs a secret URL.",
        "Repetition: there is no id; equal scans are equal facts.",
        "Order of arrival is not guaranteed; the time of the activity decides.",
        "Track Alert has no history and ends after 14 days.",
    ),
    recognises=recognises,
    topic_of=topic_of,
    normalize=normalize,
    signature=Either(schemes=(SharedHeader(header="credential"), PathToken())),
    split=split,
)
