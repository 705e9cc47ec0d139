"""Shippo: tracking of parcels.

Documentation: docs.goshippo.com/docs/tracking/webhooks, .../docs/tracking/tracking.

- Events: ``track_updated``: ``{event, test, data}`` with the whole track in ``data``
  (``tracking_status`` and ``tracking_history``). A track alone, as ``GET /tracks`` gives it, is
  read as well.
- Signature: ``Shippo-Auth-Signature: t=…,v1=…``, hex HMAC-SHA256 of ``t.body``, which Shippo
  switches on for an account on request. Else unsigned: then only the URL's secret segment.
- Retry: twice, after a time-out of 3 seconds; another 4xx is final.
- Order: not promised; the scans' own times decide.
- Duplicates: there is no id of an event: carrier, number, status and ``status_date`` stand for it
  (a number that was registered twice is told twice). Every event repeats the history.

Readings that are ours
- ``status_date`` is the carrier's scan, ``object_updated`` the time of reading: the former counts.
- A substatus refines the status under which Shippo lists it. Under another it is a contradiction:
  the status counts, a note says so.
- Who has to act follows from the substatus (the house reading, shared/contracts/tracking.py); that
  it is the recipient's turn, only where ``action_required`` says so.
- Before 2018 there were no substatuses: then the scan's words make TRANSIT or FAILURE finer.
- RETURNED with ``return_to_sender`` or ``package_unclaimed`` is on its way back; alone it is back.
- UNKNOWN as the current status means that the carrier knows nothing yet (PENDING); in the history
  it is a word that Shippo could not place.
- ``test: true``, and the mock carrier ``shippo``, mark a test.
- ``metadata`` is free text of whoever created the track: the shipment is found by its number.
- ``eta`` is left out: a promise needs an order, which is not named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.contracts.carriers.english import cross_check
from shared.contracts.reading import Node
from shared.contracts.signatures import Either, PathToken, StampedHmac
from shared.contracts.tracking import (
    Checkpoint,
    carrier_token,
    history,
    joined,
    left_at,
    required_number,
    scan_time,
)
from shared.domain.events import Fact
from shared.domain.shipments import Actor, Status
from shared.sources import Delivery, Kind, Source, make_facts, split_list

NAME = "shippo"

STATUSES = {
    "UNKNOWN": Status.UNKNOWN,
    "PRE_TRANSIT": Status.LABEL_CREATED,
    "TRANSIT": Status.IN_TRANSIT,
    "DELIVERED": Status.DELIVERED,
    "RETURNED": Status.RETURNED,
    "FAILURE": Status.EXCEPTION,
}

# The substatus under each status, what it means, and who acts: the recipient only where the scan
# says that action is required.
SUBSTATUSES: dict[tuple[str, str], tuple[Status, Actor | None]] = {
    ("UNKNOWN", "other"): (Status.UNKNOWN, None),
    ("PRE_TRANSIT", "information_received"): (Status.LABEL_CREATED, None),
    ("TRANSIT", "address_issue"): (Status.EXCEPTION, Actor.SHOP),
    ("TRANSIT", "contact_carrier"): (Status.EXCEPTION, Actor.RECIPIENT),
    ("TRANSIT", "delayed"): (Status.IN_TRANSIT, Actor.CARRIER),
    ("TRANSIT", "delivery_attempted"): (Status.DELIVERY_ATTEMPTED, Actor.RECIPIENT),
    ("TRANSIT", "delivery_rescheduled"): (Status.HELD, None),
    ("TRANSIT", "delivery_scheduled"): (Status.HELD, None),
    ("TRANSIT", "location_inaccessible"): (Status.DELIVERY_ATTEMPTED, Actor.RECIPIENT),
    ("TRANSIT", "notice_left"): (Status.DELIVERY_ATTEMPTED, Actor.RECIPIENT),
    ("TRANSIT", "out_for_delivery"): (Status.OUT_FOR_DELIVERY, None),
    ("TRANSIT", "package_accepted"): (Status.ACCEPTED, None),
    ("TRANSIT", "package_arrived"): (Status.IN_TRANSIT, None),
    ("TRANSIT", "package_damaged"): (Status.EXCEPTION, Actor.SHOP),
    ("TRANSIT", "package_departed"): (Status.IN_TRANSIT, None),
    ("TRANSIT", "package_forwarded"): (Status.IN_TRANSIT, None),
    ("TRANSIT", "package_held"): (Status.EXCEPTION, Actor.RECIPIENT),
    ("TRANSIT", "package_processed"): (Status.IN_TRANSIT, None),
    ("TRANSIT", "package_processing"): (Status.IN_TRANSIT, None),
    ("TRANSIT", "pickup_available"): (Status.AVAILABLE_FOR_PICKUP, Actor.RECIPIENT),
    ("TRANSIT", "reschedule_delivery"): (Status.DELIVERY_ATTEMPTED, Actor.RECIPIENT),
    ("DELIVERED", "delivered"): (Status.DELIVERED, None),
    ("RETURNED", "return_to_sender"): (Status.RETURNING, None),
    ("RETURNED", "package_unclaimed"): (Status.RETURNING, None),
    ("FAILURE", "package_undeliverable"): (Status.EXCEPTION, Actor.SHOP),
    ("FAILURE", "package_disposed"): (Status.EXCEPTION, Actor.SHOP),
    ("FAILURE", "package_lost"): (Status.EXCEPTION, Actor.SHOP),
}
_KNOWN = frozenset(code for _, code in SUBSTATUSES)
_MISPLACED = "The substatus belongs to another status than the one that is told: the status counts."


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether Shippo's signature is there."""
    return "shippo-auth-signature" in headers


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The event; a track alone is an update."""
    event = body.get("event")
    if isinstance(event, str) and event:
        return event
    if "tracking_number" not in body:
        return None
    # A transaction (a label that was bought) has the status as a word.
    if isinstance(body.get("tracking_status"), str):
        return "transaction_updated"
    alone = "tracking_status" in body or "tracking_history" in body
    return "track_updated" if alone else None


def event_id(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """Carrier, number, status and time of the scan."""
    data = body.get("data", body)
    status = data.get("tracking_status") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(status, Mapping):
        return None
    parts = (
        data.get("carrier"),
        data.get("tracking_number"),
        status.get("status"),
        status.get("status_date"),
    )
    texts = [str(p) for p in parts if isinstance(p, str | int) and not isinstance(p, bool)]
    return ":".join(texts) if len(texts) == len(parts) else None


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The scans of a track. Raises Rejected."""
    body = Node(delivery.body)
    track = body.node("data") or body
    number = required_number(track, "tracking_number")
    carrier = track.text("carrier")
    notes: list[str] = []
    summary = track.node("tracking_status")
    current = _checkpoint(summary, notes) if summary and summary.text("status") else None
    if current and current.status is Status.UNKNOWN and current.raw in (None, "UNKNOWN"):
        current = Checkpoint(current.at, Status.PENDING, "UNKNOWN")
    found = history(
        number,
        carrier_token(carrier),
        [_checkpoint(one, []) for one in track.nodes("tracking_history")],
        current,
        otherwise=(scan_time(summary, "object_updated") if summary else None) or delivery.time,
        notes=notes,
    )
    if not found:
        raise track.missing("tracking_status.status_date", "tracking_history")
    test = body.flag("test") is True or track.flag("test") is True or carrier == "shippo"
    event = event_id(delivery.headers, delivery.body)
    return make_facts(delivery, found, dedupe_id=event, test=test)


def _checkpoint(node: Node, notes: list[str]) -> Checkpoint:
    """A scan; what it contradicts in itself goes into ``notes``."""
    word = (node.text("status") or "").upper()
    bare = isinstance(node.value.get("substatus"), str)
    substatus = None if bare else node.node("substatus")
    code = (
        (node.text("substatus") if bare else substatus and substatus.text("code")) or ""
    ).lower()
    details = node.text("status_details")
    status, acts = SUBSTATUSES.get((word, code), (STATUSES.get(word, Status.UNKNOWN), None))
    if not code:
        status, acts, note = cross_check(status, details)
        notes.extend([note] if note else [])
    if code in _KNOWN and (word, code) not in SUBSTATUSES:
        notes.append(_MISPLACED)
    required = substatus is not None and substatus.flag("action_required") is True
    return Checkpoint(
        scan_time(node, "status_date"),
        status,
        details or (substatus.text("text") if substatus else None) or node.text("status"),
        location=joined(node.node("location"), "city", "state", "country"),
        place=left_at(status, details),
        acts=acts if required or not code or acts is not Actor.RECIPIENT else None,
    )


# --- declaration -------------------------------------------------------------

SOURCE = Source(
    name=NAME,
    title="Shippo",
    docs_url="https://docs.goshippo.com/docs/tracking/webhooks",
    kind=Kind.AGGREGATOR,
    topics={"track_updated": "ShipmentUpdated, one for each scan of the history"},
    ignored={
        "transaction_*": "a label was bought; the track tells the parcel's way",
        "batch_*": "labels, not parcels on their way",
        "*": "no parcel's way is told by it",
    },
    notes=(
        "Repetition: two retries; a number that was registered twice is told twice.",
        "Order of arrival is not guaranteed; status_date decides.",
        "Every event repeats the whole history: equal scans are equal facts.",
        "Times are UTC.",
    ),
    recognises=recognises,
    topic_of=topic_of,
    normalize=normalize,
    signature=Either(schemes=(StampedHmac(header="shippo-auth-signature"), PathToken())),
    split=split_list,
    event_id=event_id,
)
