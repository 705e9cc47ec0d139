"""FedEx: the answer of the Track API v1, and the webhook "Advanced Integrated Visibility".

Documentation: developer.fedex.com/api/en-us/catalog/track/v1/docs.html and
.../catalog/shipment-visibility-webhook/docs.html.

- Events: none has a name. A job of the merchant posts the answer of
  ``POST /track/v1/trackingnumbers`` as it is; the webhook sends the same with ``outputMetaData``
  beside it (FedEx's own schema of the test webhook, TestWebhookOutputVO). A batch, one number, one
  result and a list of them are taken.
- Signature: the webhook has ``fdx-signature``, the base64 HMAC-SHA256 of the raw body with the
  project's security token; one page of the documentation mentions a hex digest, which is not
  taken. An answer that a job posts is unsigned: the URL ends in the secret.
- Retry: not confirmed in the vendor's documentation.
- Order: "tracking event updates [may come] out of order"; the time of the scan decides.
- Duplicates: no id. Every payload is a state update, not a new milestone, and several carry the
  same one: a scan is its number, status and time.

Readings that are ours
- Each ``scanEvents`` entry is a scan; ``latestStatusDetail`` is the summary. ``eventType`` is read
  first, ``derivedStatusCode``, FedEx's own coarser word, where the code is in no table.
- The words beside a code are heard as well (carriers/english.py): FD is "at destination facility"
  and "running late". A delay (DY, DD, PD) is no status: on its way, the carrier's turn. DE and SE
  with "customer not available" are an attempt.
- ``error`` without scan or status (TRACKING.TRACKINGNUMBER.NOTFOUND) is no fact; the other numbers
  of the batch go on. An answer that holds errors only is refused.
- Two results for one number are two parcels: FedEx gives numbers out again. Each says its ship
  date (``dateAndTimes`` SHIP, ACTUAL_TENDER or ACTUAL_PICKUP), which tells ingest whose it is.
- The number is the result's own; where the batch calls it otherwise, the one that
  ``trackingNumberUniqueId`` names, with a note.
- ``holdAtLocation`` is the place of a parcel that waits there (HL, HP), not of one on its way.
  ``locationDescription`` is where it was left. Who received it is not kept.
- Times without offset: the zone of the place scanned, else UTC, with a note.
- Estimated times are left out: a promise needs an order, which is not named.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from shared.contracts import values
from shared.contracts.carriers.english import cross_check
from shared.contracts.carriers.zones import LOCAL_TIMES, place_zone
from shared.contracts.reading import Node
from shared.contracts.signatures import BodyHmac, Either, PathToken
from shared.contracts.tracking import (
    BARE_TIMES,
    Checkpoint,
    by_code,
    has_offset,
    history,
    joined,
    scan_time,
    tracking_number,
)
from shared.domain.errors import Rejected
from shared.domain.events import Fact
from shared.domain.shipments import Actor, Status
from shared.sources import Delivery, Kind, Source, make_facts, split_list

NAME = "fedex"
TOPIC = "tracking"
NO_DATA = "error"

_CODES = {
    Status.LABEL_CREATED: "IN OC OX EP MD",
    Status.ACCEPTED: "PU PX OF AP",
    Status.IN_TRANSIT: (
        "IT IX AA AC AE AF AO AR AX CC CH CP DP DR DS EA EO FD HA LO LP PF PL PM SF SP TR RR RM RC "
        "DY DD PD"
    ),
    Status.OUT_FOR_DELIVERY: "OD AD ED",
    Status.AVAILABLE_FOR_PICKUP: "HL HP",
    Status.DELIVERED: "DL",
    Status.EXCEPTION: "DE SE CD",
    Status.RETURNING: "RS RT",
    Status.CANCELLED: "CA",
}
CODES = by_code(_CODES)
# A delay is nobody's turn but the carrier's.
_DELAYS = frozenset({"DY", "DD", "PD", "CD"})
_SHIPPED = ("SHIP", "ACTUAL_TENDER", "ACTUAL_PICKUP")
_WHEN = {
    Status.DELIVERED: ("ACTUAL_DELIVERY",),
    Status.ACCEPTED: ("ACTUAL_PICKUP", "ACTUAL_TENDER"),
}
_TWO_NUMBERS = "Batch and result name two numbers: the one that the unique id names counts."


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether FedEx's signature is there."""
    return "fdx-signature" in headers


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """Told by the shape: a result with scans or a status, or an answer that holds errors only."""
    results = _results(body)
    if any(_tells(result) for _, result in results):
        return TOPIC
    if any("error" in result for _, result in results) or _list(body.get("errors")):
        return NO_DATA
    return TOPIC if results else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """One part for each tracking result that tells something. Raises Rejected("MALFORMED")."""
    parts: list[Mapping[str, Any]] = []
    for one in split_list(body):
        results = _results(one)
        telling = [pair for pair in results if _tells(pair[1])]
        if len(results) < 2 or not telling:
            parts.append(one)
            continue
        parts += [
            {"trackingNumber": number, "trackResults": [result]} for number, result in telling
        ]
    return tuple(parts)


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The scans of one tracking result. Raises Rejected."""
    results = [pair for pair in _results(delivery.body) if _tells(pair[1])]
    if not results:
        raise Rejected("INCOMPLETE", "trackResults is missing, or holds errors only: no data")
    return tuple(
        fact for number, result in results for fact in _facts(delivery, number, Node(result))
    )


def _facts(delivery: Delivery, asked: Any, result: Node) -> tuple[Fact, ...]:
    number, notes = _number(asked, result)
    events = result.nodes("scanEvents")
    dates = {one.text("type"): one for one in result.nodes("dateAndTimes")}
    scans = []
    for event in events:
        scan, note = _checkpoint(event, result)
        scans.append(scan)
        notes += [note] if note else []
    bare = [event for event in events if not has_offset(event, "date")]
    if bare:
        notes.append(LOCAL_TIMES if all(_zone(event) for event in bare) else BARE_TIMES)
    found = history(
        number,
        NAME,
        scans,
        _summary(result, dates),
        otherwise=delivery.time,
        shipped_on=_shipped_on(dates),
        notes=notes,
    )
    if not found:
        raise result.missing("scanEvents", "latestStatusDetail.code")
    return make_facts(delivery, found)


_Numbered = tuple[Any, Mapping[str, Any]]


def _list(value: Any) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list | tuple) else ()
    return [item for item in items if isinstance(item, Mapping)]


def _results(body: Mapping[str, Any]) -> list[_Numbered]:
    """The tracking results in any wrapper, each with the number that was asked for."""
    output = body.get("output")
    inner = output if isinstance(output, Mapping) else body
    if isinstance(inner.get("completeTrackResults"), list | tuple):
        wholes = _list(inner["completeTrackResults"])
    elif isinstance(inner.get("trackResults"), list | tuple):
        wholes = [inner]
    elif "trackingNumberInfo" in inner:
        return [(None, inner)]
    else:
        return []
    return [
        (whole.get("trackingNumber"), result)
        for whole in wholes
        for result in _list(whole.get("trackResults"))
    ]


def _tells(result: Mapping[str, Any]) -> bool:
    """Whether there is more in it than an error."""
    latest = result.get("latestStatusDetail")
    coded = isinstance(latest, Mapping) and bool(latest.get("code") or latest.get("derivedCode"))
    return coded or bool(result.get("scanEvents")) or "error" not in result


def _number(asked: Any, result: Node) -> tuple[str, list[str]]:
    info = result.node("trackingNumberInfo")
    own = tracking_number(info.text("trackingNumber")) if info else None
    wanted = tracking_number(Node({"trackingNumber": asked}).text("trackingNumber"))
    if own is None and wanted is None:
        raise result.missing("trackingNumberInfo.trackingNumber", "trackingNumber")
    if own is None or wanted is None or own == wanted:
        return own or wanted or "", []
    unique = (info.text("trackingNumberUniqueId") if info else None) or ""
    return (wanted if wanted in unique.split("~") else own), [_TWO_NUMBERS]


def _coded(*codes: str | None) -> tuple[Status, str]:
    """The status of the first code that is in the table, and that code."""
    plain = [code.upper() for code in codes if code]
    known = next((code for code in plain if code in CODES), plain[0] if plain else "")
    return CODES.get(known, Status.UNKNOWN), known


def _meaning(
    codes: tuple[str | None, ...], words: str | None
) -> tuple[Status, Actor | None, str | None]:
    coded, code = _coded(*codes)
    status, acts, note = cross_check(coded, words)
    if code in _DELAYS and status in {Status.IN_TRANSIT, Status.EXCEPTION}:
        acts = acts or Actor.CARRIER
    return status, acts, note


def _zone(event: Node) -> str | None:
    place = event.node("scanLocation")
    return (
        place_zone(place.text("countryCode"), place.text("stateOrProvinceCode")) if place else None
    )


def _checkpoint(event: Node, result: Node) -> tuple[Checkpoint, str | None]:
    described, problem = event.text("eventDescription"), event.text("exceptionDescription")
    code = event.text("eventType")
    coded, _ = _coded(code)
    told = (
        ": ".join(t for t in (described, problem) if t) if _is_problem(coded, code) else described
    )
    words = told or event.text("derivedStatus")
    status, acts, note = _meaning((code, event.text("derivedStatusCode")), words)
    scan = Checkpoint(
        scan_time(event, "date", _zone(event) or "UTC"),
        status,
        words or code,
        location=joined(event.node("scanLocation"), "city", "stateOrProvinceCode", "countryCode"),
        place=_place(result, status),
        acts=acts,
    )
    return scan, note


def _is_problem(coded: Status, code: str | None) -> bool:
    return coded is Status.EXCEPTION or (code or "").upper() in _DELAYS


def _summary(result: Node, dates: Mapping[str | None, Node]) -> Checkpoint | None:
    latest = result.node("latestStatusDetail")
    if latest is None:
        return None
    code, derived = latest.text("code"), latest.text("derivedCode")
    if not code and not derived:
        return None
    words = latest.text("description") or latest.text("statusByLocale")
    ancillary = latest.nodes("ancillaryDetails") if _is_problem(_coded(code)[0], code) else ()
    reasons = [one.text("reasonDescription") for one in ancillary]
    status, acts, _ = _meaning((code, derived), ": ".join(t for t in (words, *reasons) if t))
    when = (dates[kind] for kind in _WHEN.get(status, ()) if kind in dates)
    times = (one.instant("dateTime") for one in when if has_offset(one, "dateTime"))
    return Checkpoint(
        next((at for at in times if at), None),
        status,
        words or code,
        location=joined(latest.node("scanLocation"), "city", "stateOrProvinceCode", "countryCode"),
        place=_place(result, status),
        acts=acts,
    )


def _place(result: Node, status: Status) -> str | None:
    """Where the parcel waits, or was left; nothing of who it is for."""
    if status is Status.DELIVERED:
        details = result.node("deliveryDetails")
        return details.text("locationDescription") if details else None
    hold = result.node("holdAtLocation") if status is Status.AVAILABLE_FOR_PICKUP else None
    whole = hold.node("locationContactAndAddress") if hold else None
    if whole is None:
        return None
    contact, address = whole.node("contact"), whole.node("address")
    streets = address.texts("streetLines") if address else ()
    company = contact.text("companyName") if contact else None
    city = joined(address, "city", "stateOrProvinceCode", "postalCode")
    return ", ".join(text for text in (company, *streets, city) if text) or None


def _shipped_on(dates: Mapping[str | None, Node]) -> date | None:
    """The carrier's ship date, as it is written: that of the place."""
    texts = (dates[kind].text("dateTime") for kind in _SHIPPED if kind in dates)
    return next((day for text in texts if text and (day := values.day(text[:10]))), None)


# --- declaration -------------------------------------------------------------

SOURCE = Source(
    name=NAME,
    title="FedEx",
    docs_url="https://developer.fedex.com/api/en-us/catalog/track/v1/docs.html",
    kind=Kind.CARRIER,
    topics={TOPIC: "ShipmentUpdated, one for each scan of each parcel"},
    ignored={
        NO_DATA: "FedEx has no data for the number, or did not take the question: no fact",
        "*": "no parcel's way is told by it",
    },
    notes=(
        "The webhook is signed; an answer that a job of your own posts needs the secret URL.",
        "Repetition: every payload is the state again; equal scans are equal facts.",
        "Order of arrival is not guaranteed; the time of the scan decides.",
        "Numbers are given out again: the ship date tells two parcels apart.",
    ),
    recognises=recognises,
    topic_of=topic_of,
    normalize=normalize,
    signature=Either(schemes=(BodyHmac(header="fdx-signature"), PathToken())),
    split=split,
)
