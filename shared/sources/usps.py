"""USPS: the tracking answers of its APIs, of today and of the former Web Tools.

Documentation: developers.usps.com/trackingv3 (Tracking v3), Publication 199 (postalpro.usps.com),
"Track & Confirm API", the Web Tools user guide.

- Events: none has a name. A job of the merchant posts the answer of
  ``GET /tracking/v3/tracking/...`` as it is (with ``expand=DETAIL``; the summary is taken too), or
  the older ``TrackResponse`` / ``TrackInfo`` as JSON. "Subscriptions - Tracking" v3.2 posts an
  envelope whose ``payload`` is such an answer as text (``subscriptionType`` TRACKING); of its other
  type, a single scan, no field is known.
- Signature: an answer that a job posts is unsigned: the URL ends in the secret. The envelope may
  come with ``X-HMAC``, by descriptions of others (not confirmed in the vendor's documentation; they
  disagree on what is signed), so it is not checked: USPS is given the secret URL, too.
- Retry: the job's own; of the envelope not confirmed in the vendor's documentation.
- Order: not promised; ``GMTTimestamp`` decides.
- Duplicates: no id; a scan is its number, status and time.

Readings that are ours
- ``eventCode`` is read first, else the words (``eventType``) alone: they are USPS's own fixed
  vocabulary, of which many are plain movements (arrived, departed, into customs).
- ``statusCategory`` is the summary; "Alert" is a problem, which its words may name.
- "Delivered, Parcel Locker": delivered, and what follows the comma is the place. "Delivered, To
  Original Sender" is a return. "Delivered to Agent for Final Delivery" is a handover.
- Rescheduled without a code is HELD; "USPS awaiting item" at a shipping partner is on its way.
- Undeliverable (21 to 29, 31) is on its way back: USPS's list calls these "return to sender".
- Times: ``GMTTimestamp``, else the local time at ``GMTOffset``, else local in the zone of the
  state, else UTC; the last two with a note. Without events the time in ``statusSummary``.
- ``mailPieceIntakeDate`` tells pieces with one number apart, as USPS says: it is the ship date.
- The recipient's name (``name``, ``firm``) is not kept.
- ``error`` (and Web Tools' ``Error``) is no fact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from shared.contracts import values
from shared.contracts.carriers.english import cross_check, heard_in
from shared.contracts.carriers.zones import LOCAL_TIMES, place_zone
from shared.contracts.reading import Node, load_any
from shared.contracts.signatures import PathToken
from shared.contracts.tracking import BARE_TIMES, Checkpoint, by_code, history, required_number
from shared.domain.errors import Rejected
from shared.domain.events import Fact
from shared.domain.shipments import Actor, Status
from shared.sources import Delivery, Kind, Source, make_facts, split_list

NAME = "usps"
TOPIC = "tracking"
NO_DATA = "error"
# Of an envelope, beside the answer that it held.
_SENT = "subscriptionTimestamp"

_CODES = {
    Status.LABEL_CREATED: "MA GX",
    Status.ACCEPTED: "03 TM PA OA 43 83",
    Status.IN_TRANSIT: "06 08 10 15 41 42 44 71 80 81 82 A1 L1 T1 TL EF SF PC NT DX 19 AD UA",
    Status.ARRIVED_AT_DELIVERY_DEPOT: "07",
    Status.OUT_FOR_DELIVERY: "OF",
    Status.DELIVERY_ATTEMPTED: "02 30 51 52 53 54 55 56",
    Status.AVAILABLE_FOR_PICKUP: "14 16",
    Status.DELIVERED: "01 17",
    Status.EXCEPTION: "04 05 11",
    Status.RETURNING: "09 21 22 23 24 25 26 27 28 29 31",
}
CODES = by_code(_CODES)
CATEGORIES = {
    "pre-shipment": Status.LABEL_CREATED,
    "accepted": Status.ACCEPTED,
    "in transit": Status.IN_TRANSIT,
    "in-transit": Status.IN_TRANSIT,
    "moving through network": Status.IN_TRANSIT,
    "out for delivery": Status.OUT_FOR_DELIVERY,
    "delivery attempt": Status.DELIVERY_ATTEMPTED,
    "delivery attempted": Status.DELIVERY_ATTEMPTED,
    "available for pickup": Status.AVAILABLE_FOR_PICKUP,
    "delivered": Status.DELIVERED,
    "delivered to agent": Status.DELIVERED,
    "alert": Status.EXCEPTION,
    "return to sender": Status.RETURNING,
}
# Where it was left; an individual is no place.
_PLACE = re.compile(
    r"delivered, (?!left with individual|individual |(?:back )?to )(.{2,80})", re.IGNORECASE
)
# Of words without a known code, before and after those that every carrier uses.
_OWN = (
    (re.compile(r".{2,20} shipping partner", re.IGNORECASE), Status.IN_TRANSIT),
    (re.compile(r"reminder to schedule redelivery", re.IGNORECASE), Status.DELIVERY_ATTEMPTED),
    (
        re.compile(r"rescheduled|scheduled for delivery|redelivery scheduled", re.IGNORECASE),
        Status.HELD,
    ),
)
_PLAIN = (
    (re.compile(r"usps currently awaiting", re.IGNORECASE), Status.LABEL_CREATED),
    (re.compile(r"accepted at usps", re.IGNORECASE), Status.ACCEPTED),
    (re.compile(r"awaiting delivery scan", re.IGNORECASE), Status.OUT_FOR_DELIVERY),
    (
        re.compile(r"delivery exception|vacant|unclaimed|package recalled", re.IGNORECASE),
        Status.EXCEPTION,
    ),
    (
        re.compile(
            r"(arrived|arriving|departed|processed|processing|in transit|inbound|forwarded"
            r"|tendered|sorting|customs|missent)\b",
            re.IGNORECASE,
        ),
        Status.IN_TRANSIT,
    ),
)
_MOMENT = re.compile(
    r"at (\d{1,2}):(\d{2}) ?([ap])\.?m\.? on ([A-Z][a-z]+) (\d{1,2}), (\d{4})"
    r"(?: in [^,]{1,60}, ([A-Z]{2})\b)?"
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAY = re.compile(r"([A-Z][a-z]+) (\d{1,2}), (\d{4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2}) ?([ap])\.?m\.?", re.IGNORECASE)


# --- events and topics -------------------------------------------------------


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """Told by the shape: an answer about a number, or an error."""
    if _is_envelope(body):
        return topic_of(_headers, _opened(body))
    wrapped = any(key in body for key in ("TrackResponse", "TrackInfo"))
    infos = _infos(body)
    if any("Error" in info or "error" in info for info in infos) and len(infos) == 1:
        return NO_DATA
    shaped = (
        "trackingEvents",
        "statusCategory",
        "StatusCategory",
        "TrackSummary",
        "eventSummaries",
    )
    if wrapped or any(key in body for key in shaped):
        return TOPIC
    return (
        TOPIC
        if "trackingNumber" in body and ("status" in body or "trackingEvent" in body)
        else None
    )


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """One part for each number. Raises Rejected("MALFORMED")."""
    parts: list[Mapping[str, Any]] = []
    for one in split_list(body):
        if _is_envelope(one):
            parts += split(_opened(one))
            continue
        infos = _infos(one)
        telling = [info for info in infos if "Error" not in info and "error" not in info]
        parts += telling if len(infos) > 1 and telling else [one]
    return tuple(parts)


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The events of one number. Raises Rejected."""
    (info, *_) = _infos(delivery.body)
    one = Node(info)
    if one.has("Error") or one.has("error"):
        raise Rejected("INCOMPLETE", "error: USPS has no data for the number")
    number = required_number(one, "trackingNumber", "ID", "@ID")
    notes: list[str] = []
    scans = []
    for event in _events(one):
        at, how = _time(event)
        scan, note = _checkpoint(event, at)
        scans.append(scan)
        notes += [text for text in (how, note) if text]
    found = history(
        number,
        NAME,
        scans,
        _summary(one, notes),
        otherwise=one.instant(_SENT, "UTC") or delivery.time,
        shipped_on=_shipped_on(one),
        notes=notes,
    )
    if not found:
        raise one.missing("trackingEvents", "statusCategory")
    return make_facts(delivery, found)


def _is_envelope(body: Mapping[str, Any]) -> bool:
    return "subscriptionType" in body and isinstance(body.get("payload"), str | Mapping)


def _opened(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer in an envelope; without a time of its own it has the envelope's.

    Raises Rejected.
    """
    payload = body["payload"]
    answer = load_any(payload) if isinstance(payload, str) else payload
    if not isinstance(answer, Mapping) or _is_envelope(answer):
        raise Rejected("MALFORMED", "payload holds no object")
    return {_SENT: body.get("timestamp"), **answer}


def _infos(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The answers for single numbers in any wrapper; at least the body itself."""
    response = body.get("TrackResponse")
    infos = (response if isinstance(response, Mapping) else body).get("TrackInfo")
    listed = infos if isinstance(infos, list | tuple) else [infos]
    found = [info for info in listed if isinstance(info, Mapping)]
    return found or [body]


def _text(node: Node, *keys: str) -> str | None:
    return next((text for key in keys if (text := node.text(key))), None)


def _events(one: Node) -> tuple[Node, ...]:
    """The scans: a list, or with Web Tools one for the newest and one or many for the others."""
    found = list(one.nodes("trackingEvents"))
    for key in ("TrackSummary", "TrackDetail"):
        value = one.value.get(key)
        if isinstance(value, Mapping):
            found.append(Node(value, one.at(key)))
        elif isinstance(value, list | tuple):
            found += one.nodes(key)
    return tuple(found)


def _checkpoint(event: Node, at: datetime | None) -> tuple[Checkpoint, str | None]:
    words = _text(event, "eventType", "Event")
    code = (_text(event, "eventCode", "EventCode") or "").upper()
    status, acts, note = _meaning(CODES.get(code.zfill(2)), words)
    return (
        Checkpoint(
            at,
            status,
            words or code or None,
            location=_location(event),
            place=_place(status, words),
            acts=acts,
        ),
        note,
    )


def _meaning(coded: Status | None, words: str | None) -> tuple[Status, Actor | None, str | None]:
    if coded is not None:
        return cross_check(coded, words)
    own = _said(words, _OWN)
    if own is not None:
        return own, None, None
    heard = heard_in(words)
    if heard is not None and heard.status is not None:
        return heard.status, heard.acts, None
    named = CATEGORIES.get((words or "").casefold()) or _said(words, _PLAIN)
    if heard is not None and heard.acts is not None and named in {None, Status.EXCEPTION}:
        # A delay is no exception: on its way, the carrier's turn.
        return Status.IN_TRANSIT, heard.acts, None
    return named or Status.UNKNOWN, heard.acts if heard and named else None, None


def _said(words: str | None, table: tuple[tuple[re.Pattern[str], Status], ...]) -> Status | None:
    return next((status for pattern, status in table if pattern.match(words or "")), None)


def _place(status: Status, words: str | None) -> str | None:
    found = _PLACE.match(words or "") if status is Status.DELIVERED else None
    return found[1].strip() if found else None


def _location(event: Node) -> str | None:
    texts = (
        _text(event, "eventCity", "EventCity"),
        _text(event, "eventState", "EventState"),
        _text(event, "eventCountry", "EventCountry"),
    )
    return ", ".join(text for text in texts if text) or None


def _zone(event: Node) -> str | None:
    country = _text(event, "eventCountry", "EventCountry")
    return place_zone(country or "US", _text(event, "eventState", "EventState"))


def _time(event: Node) -> tuple[datetime | None, str | None]:
    """When it happened, and how a time without its offset was read."""
    at = event.instant("GMTTimestamp", "UTC")
    if at is not None:
        return at, None
    zone = _zone(event)
    how = LOCAL_TIMES if zone else BARE_TIMES
    local = event.text("eventTimestamp")
    if local is None:
        day, clock = _text(event, "eventDate", "EventDate"), _text(event, "eventTime", "EventTime")
        if day is None:
            return None, None
        return _written(event, day, clock, zone or "UTC"), how
    offset = event.text("GMTOffset")
    if values.instant(local) is None and offset:
        found = values.instant(f"{local}{offset}")
        if found is not None:
            return found, None
    bare = values.instant(local) is None
    return event.instant("eventTimestamp", zone or "UTC"), how if bare else None


def _written(event: Node, day: str, clock: str | None, zone: str) -> datetime:
    """A day as "November 22, 2024" with a time as "1:58 pm"; a day alone is its midnight."""
    on, at = _DAY.fullmatch(day), _CLOCK.fullmatch(clock or "12:00 am")
    found = None
    if on and at and on[1] in _MONTHS:
        found = _moment(on[3], on[1], on[2], at[1], at[2], at[3], zone)
    elif values.day(day) and at:
        found = values.local_instant(f"{day}T{_hour(at[1], at[3]):02}:{at[2]}:00", zone)
    if found is None or not 1990 <= found.year <= 2100:
        key = "EventDate" if event.has("EventDate") else "eventDate"
        raise event.impossible(key, "a possible date, with its time")
    return found


def _hour(hour: str, half: str) -> int:
    return int(hour) % 12 + (12 if half.lower() == "p" else 0)


def _moment(
    year: str, month: str, day: str, hour: str, minute: str, half: str, zone: str
) -> datetime | None:
    number = _MONTHS.index(month) + 1
    text = f"{year}-{number:02}-{int(day):02}T{_hour(hour, half):02}:{minute}:00"
    return values.local_instant(text, zone)


def _summary(one: Node, notes: list[str]) -> Checkpoint | None:
    category, words = _text(one, "statusCategory", "StatusCategory"), _text(one, "status", "Status")
    if category is None and words is None:
        return None
    coded = CATEGORIES.get((category or "").casefold())
    status, acts, _ = _meaning(coded, words)
    at, told = None, _text(one, "statusSummary", "StatusSummary") or ""
    found = _MOMENT.search(told) if not _events(one) else None
    if found and found[4] in _MONTHS:
        zone = place_zone("US", found[7])
        at = _moment(found[6], found[4], found[5], found[1], found[2], found[3], zone or "UTC")
        notes.append(LOCAL_TIMES if zone else BARE_TIMES)
    return Checkpoint(at, status, words or category, place=_place(status, words), acts=acts)


def _shipped_on(one: Node) -> date | None:
    keys = ("mailPieceIntakeDate", "approximateIntakeDate", "MPDATE")
    texts = (one.text(key) for key in keys)
    return next((day for text in texts if text and (day := values.day(text[:10]))), None)


# --- declaration -------------------------------------------------------------

SOURCE = Source(
    name=NAME,
    title="USPS",
    docs_url="https://developers.usps.com/trackingv3",
    kind=Kind.CARRIER,
    topics={TOPIC: "ShipmentUpdated, one for each tracking event of each number"},
    ignored={
        NO_DATA: "USPS has no data for the number, or did not take the question: no fact",
        "*": "no parcel's way is told by it",
    },
    notes=(
        "Nothing is signed: a job of your own posts the answer to the URL with the secret.",
        "Repetition: every answer repeats the history; equal events are equal facts.",
        "Times: GMTTimestamp; older answers have local times only, read by the state.",
        "Numbers are given out again: the intake date tells two pieces apart.",
    ),
    recognises=lambda headers: headers.get("x-yoin-source") == NAME,
    topic_of=topic_of,
    normalize=normalize,
    signature=PathToken(),
    split=split,
)
