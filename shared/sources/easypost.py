"""EasyPost: trackers of parcels, whether the label was bought there or not.

Documentation: docs.easypost.com/docs/trackers, .../docs/events, .../guides/webhooks-guide.

- Events: ``tracker.created`` and ``tracker.updated``: an Event with the whole Tracker in
  ``result``. A Tracker alone, or inside its Shipment, is read as well.
- Signature: ``X-Hmac-Signature: hmac-sha256-hex=`` and the hex HMAC-SHA256 of the raw body; the
  secret is brought into NFKD first.
- Retry: what is not answered with 2xx is repeated; how often is not confirmed in the vendor's
  documentation.
- Order: not promised; the details' own times decide.
- Duplicates: an Event's ``id`` is the same in its repetitions; of a Tracker alone it is its id,
  status and ``updated_at``. Every event repeats the history.
- What is fetched: the tracker, where an Event only names it.

Readings that are ours
- Every tracking detail is a scan at its ``datetime``: with an offset, or UTC.
- ``unknown`` as the tracker's status means that no carrier knows it (PENDING); as a detail's it
  is a word that EasyPost could not place (UNKNOWN).
- ``failure`` without a detail is what the carrier's words say it is (an attempt, a delay, damage),
  else a problem.
- ``is_return``: the parcel goes to the shop. Its way is RETURNING, its delivery RETURNED.
- ``signed_by`` of a tracker that is not delivered contradicts its status; the status counts.
- ``mode: "test"``, on the Event or the Tracker, marks a test.
- An Event without ``result``, as ``GET /events`` gives it, is no use: that endpoint has none
  either. Where it names its tracker, the tracker is fetched.
- ``est_delivery_date`` is left out: a promise needs an order, which is not named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.contracts.carriers.english import cross_check
from shared.contracts.fetching import Api, Fetch, segment
from shared.contracts.reading import Node
from shared.contracts.signatures import BodyHmac
from shared.contracts.tracking import (
    Checkpoint,
    carrier_token,
    history,
    joined,
    left_at,
    required_number,
    scan_time,
)
from shared.domain.errors import Rejected
from shared.domain.events import Fact
from shared.domain.shipments import BEFORE_CARRIER, Actor, Status
from shared.sources import Delivery, Kind, Source, make_facts, split_list

NAME = "easypost"

STATUSES = {
    "unknown": Status.UNKNOWN,
    "pre_transit": Status.LABEL_CREATED,
    "in_transit": Status.IN_TRANSIT,
    "out_for_delivery": Status.OUT_FOR_DELIVERY,
    "delivered": Status.DELIVERED,
    "available_for_pickup": Status.AVAILABLE_FOR_PICKUP,
    "return_to_sender": Status.RETURNING,
    "failure": Status.EXCEPTION,
    "error": Status.EXCEPTION,
    "cancelled": Status.CANCELLED,
}

# status_detail, where it says more than its status.
DETAILS: dict[tuple[str, str], tuple[Status, Actor | None]] = {
    ("in_transit", "received_at_destination_facility"): (Status.ARRIVED_AT_DELIVERY_DEPOT, None),
    ("in_transit", "return"): (Status.RETURNING, None),
    ("in_transit", "damaged"): (Status.EXCEPTION, Actor.SHOP),
    ("in_transit", "lost"): (Status.EXCEPTION, Actor.SHOP),
    ("in_transit", "refused"): (Status.EXCEPTION, Actor.SHOP),
    ("in_transit", "address_correction"): (Status.EXCEPTION, Actor.CARRIER),
    ("failure", "return"): (Status.RETURNING, None),
    ("failure", "damaged"): (Status.EXCEPTION, Actor.SHOP),
    ("failure", "lost"): (Status.EXCEPTION, Actor.SHOP),
    ("failure", "refused"): (Status.EXCEPTION, Actor.SHOP),
    ("failure", "address_correction"): (Status.EXCEPTION, Actor.SHOP),
    ("failure", "expired"): (Status.EXPIRED, None),
    ("error", "expired"): (Status.EXPIRED, None),
    ("unknown", "expired"): (Status.EXPIRED, None),
}
_SIGNED = "The tracker names who signed, but its status is not delivered: the status counts."


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether EasyPost's signature is there. The header's name is not EasyPost's alone."""
    return headers.get("x-hmac-signature", "").startswith("hmac-sha256-hex=")


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The Event's ``description``; "tracker" for a Tracker alone."""
    description = body.get("description")
    if body.get("object") == "Shipment":
        return "tracker" if isinstance(body.get("tracker"), Mapping) else "shipment"
    if body.get("object") == "Tracker" or ("tracking_code" in body and "result" not in body):
        return "tracker"
    return description if isinstance(description, str) else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Each of a list of Events or Trackers as the API gives it. Raises Rejected("MALFORMED")."""
    for key in ("events", "trackers"):
        if isinstance(body, Mapping) and isinstance(body.get(key), list):
            return split_list(body[key])
    return split_list(body)


def event_id(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The Event's id; of a Tracker its id, status and time."""
    parts = [body.get("id")]
    if body.get("object") == "Tracker" or "tracking_code" in body:
        parts += [body.get("status"), body.get("updated_at")]
    found = [part for part in parts if isinstance(part, str) and part]
    return ":".join(found) if len(found) == len(parts) else None


# --- what is fetched ---------------------------------------------------------


def missing(delivery: Delivery) -> Fetch | None:
    """The tracker, where an Event only names it. Raises Rejected("INVALID_VALUE")."""
    body = Node(delivery.body)
    result = body.node("result")
    if delivery.topic == "tracker" or result is None or result.has("tracking_code"):
        return None
    named = result.text("id")
    if named is None:
        return None
    part = segment(named)
    if part is None:
        raise result.impossible("id", "an id")
    return Fetch(path=f"/trackers/{part}", topic="tracker")


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The scans of a tracker. Raises Rejected."""
    body = Node(delivery.body)
    tracker = _tracker(body) if delivery.topic == "tracker" else body.node("result")
    if tracker is None:
        raise Rejected(
            "INCOMPLETE", "result is missing: the tracker has to be fetched, and none is named"
        )
    if not tracker.has("tracking_code") and tracker.has("id"):
        raise Rejected("INCOMPLETE", f"{tracker.path or 'the tracker'} has to be fetched")
    number = required_number(tracker, "tracking_code")
    returning = tracker.flag("is_return") is True
    status = (tracker.text("status") or "").lower()
    notes = [_SIGNED] if tracker.text("signed_by") and status != "delivered" else []
    found = history(
        number,
        carrier_token(tracker.text("carrier")),
        [_checkpoint(one, returning) for one in tracker.nodes("tracking_details")],
        _summary(tracker, status, returning) if status else None,
        otherwise=scan_time(tracker, "updated_at")
        or scan_time(body, "created_at")
        or scan_time(tracker, "created_at")
        or delivery.time,
        notes=notes,
    )
    if not found:
        raise tracker.missing("tracking_details", "status", "updated_at")
    test = "test" in (body.text("mode"), tracker.text("mode"))
    event = event_id(delivery.headers, delivery.body)
    return make_facts(delivery, found, dedupe_id=event, test=test)


def _tracker(body: Node) -> Node:
    """The tracker, alone or inside the Shipment whose label was bought."""
    return (body.node("tracker") or body) if body.text("object") == "Shipment" else body


def _summary(tracker: Node, status: str, returning: bool) -> Checkpoint:
    if status == "unknown" and tracker.text("status_detail") != "expired":
        return Checkpoint(None, Status.PENDING, status)
    meant, acts = _meaning(tracker, None, returning)
    return Checkpoint(None, meant, status, acts=acts)


def _checkpoint(detail: Node, returning: bool) -> Checkpoint:
    message = detail.text("message") or detail.text("description")
    status, acts = _meaning(detail, message, returning)
    return Checkpoint(
        scan_time(detail, "datetime"),
        status,
        message or detail.text("status"),
        location=joined(detail.node("tracking_location"), "city", "state", "country"),
        place=left_at(status, message),
        acts=acts,
    )


def _meaning(node: Node, message: str | None, returning: bool) -> tuple[Status, Actor | None]:
    word = (node.text("status") or "").lower()
    detail = (node.text("status_detail") or "").lower()
    status, acts = DETAILS.get((word, detail), (STATUSES.get(word, Status.UNKNOWN), None))
    if word == "failure" and (word, detail) not in DETAILS:
        status, acts, _ = cross_check(status, message)
    if returning and status not in BEFORE_CARRIER | {Status.CANCELLED, Status.EXPIRED}:
        status = Status.RETURNED if status is Status.DELIVERED else Status.RETURNING
    return status, acts


# --- declaration -------------------------------------------------------------

_SCANS = "ShipmentUpdated, one for each tracking detail"

SOURCE = Source(
    name=NAME,
    title="EasyPost",
    docs_url="https://docs.easypost.com/docs/trackers",
    kind=Kind.AGGREGATOR,
    topics={
        "tracker.created": _SCANS,
        "tracker.updated": _SCANS,
        "tracker": f"{_SCANS}; a Tracker alone, as it is fetched",
    },
    ignored={
        "shipment": "a Shipment without a tracker: no label was bought yet",
        "batch.*": "labels, not parcels on their way",
        "scan_form.*": "papers for the carrier",
        "shipment.invoice.*": "what a label cost",
        "insurance.*": "an insurance; the parcel's tracker tells what happened",
        "*": "no parcel's way is told by it",
    },
    notes=(
        "Repetition: what is not answered with 2xx is sent again; the Event's id is the same.",
        "Order of arrival is not guaranteed; a detail's datetime decides.",
        "Every event repeats the whole history: equal details are equal facts.",
        "Times: with an offset, or UTC.",
    ),
    recognises=recognises,
    topic_of=topic_of,
    normalize=normalize,
    signature=BodyHmac(
        header="x-hmac-signature", encoding="hex", prefix="hmac-sha256-hex=", nfkd=True
    ),
    split=split,
    event_id=event_id,
    missing=missing,
    api=Api(
        base_url="https://api.easypost.com/v2",
        auth="basic",
        docs_url="https://docs.easypost.com/docs/authentication",
    ),
)
