"""ShipEngine (ShipStation API): tracking of parcels.

Documentation: www.shipengine.com/docs/tracking/webhooks, docs.shipstation.com (webhook
validation); openapi.yaml of ShipEngine/shipengine-openapi.

- Events: ``{resource_url, resource_type: "API_TRACK", data}`` with the whole tracking in ``data``;
  ``TRACK_EVENT_V2`` where a shop's ShipStation account is subscribed (API version 2).
  The tracking alone, as ``GET /v1/tracking`` gives it, is read as well.
- Signature: ``x-shipengine-rsa-sha256-signature``, base64 RSA-SHA256 of
  ``<x-shipengine-timestamp>.<raw body>``; the key set is public, at api.shipengine.com/jwks.
  Older hooks are not signed: then only the URL's secret segment.
- Retry: not confirmed in the vendor's documentation.
- Order: not promised; the events' own times decide.
- Duplicates: there is no id of an event: what is equal byte for byte is a repetition. Every event
  repeats the history.

Readings that are ours
- An event's time is ``occurred_at`` (UTC), ``event_date`` in older payloads; the place's own
  ``carrier_occurred_at`` only where both are missing, read as UTC with a note.
- ``status_detail_code`` comes before ``status_code``. Both are ShipEngine's: DE is delivered here
  and a delivery exception at FedEx.
- Delays and detours have EX there; here they are on their way, the carrier's turn (the house
  reading, shared/contracts/tracking.py).
- SP is "Delivered To Collection Location": the recipient has to collect it.
- DELIVERED_IN_PART is no delivery of the parcel yet. What a code says is "being returned" is
  RETURNING, unless something else (damage, loss) is what the customer has to know.
- In older payloads only the tracking has a status, its events have words: the newest event gets
  the tracking's status, the others are UNKNOWN with their words.
- Where no event tells a delivery that the tracking's status does, it took place at
  ``actual_delivery_date``, if that says its offset.
- UN and NY as the tracking's status mean that the carrier knows nothing yet (PENDING).
- ``estimated_delivery_date`` is left out: a promise needs an order, which is not named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.contracts import values
from shared.contracts.carriers.english import heard_in
from shared.contracts.reading import Node
from shared.contracts.signatures import Either, PathToken, StampedRsa
from shared.contracts.tracking import (
    BARE_TIMES,
    Checkpoint,
    by_code,
    carrier_token,
    has_offset,
    history,
    joined,
    left_at,
    required_number,
    scan_time,
)
from shared.domain.events import Fact
from shared.domain.shipments import Actor, Status
from shared.sources import Delivery, Kind, Source, make_facts

NAME = "shipengine"
TOPIC = "API_TRACK"
VERSION_2 = "TRACK_EVENT_V2"

CODES = {
    "UN": Status.UNKNOWN,
    "NY": Status.LABEL_CREATED,
    "AC": Status.ACCEPTED,
    "IT": Status.IN_TRANSIT,
    "AT": Status.DELIVERY_ATTEMPTED,
    "DE": Status.DELIVERED,
    "EX": Status.EXCEPTION,
    "SP": Status.AVAILABLE_FOR_PICKUP,
}

# status_detail_code, where it says more than its status_code; INFORMATION, POST_TRANSIT_STATUS,
# CARRIER_STATUS_NOT_MAPPED and notifications say no more.
_DETAILS = {
    Status.LABEL_CREATED: (
        "SHIPMENT_CREATED AWAITING_DESPATCH AWAITING_PICKUP_DROP_OFF COLLECTION_REQUESTED "
        "COLLECTION_FAILED ELEC_ADVICE_RECD_BY_CARRIER AWAITING_ELECTRONIC_ADVICE "
        "NOT_YET_RECEIVED_BY_CARRIER"
    ),
    Status.ACCEPTED: "DESPATCHED DROPPED_OFF PICKED_UP COLLECTION_MADE RECEIVED_BY_CARRIER "
    "RECD_BY_CARRIER_NO_ELEC_ADVICE",
    Status.IN_TRANSIT: (
        "IN_TRANSIT HUB_SCAN_IN HUB_SCAN_OUT HUB_PROCESSING CUSTOMS_CLEARED CUSTOMS_PROCESSING "
        "SUB_CONTRACTOR_EVENT SUB_CONTRACTOR_RECEIVED PARCEL_OVER_LABELLED PARCEL_REDIRECTED "
        "PARCEL_REPACKED COD_AMOUNT_PAID DELIVERED_IN_PART CARRIER_DELAYS DELAYED_NOT_CARRIER "
        "MISSORTED ROUTING_ERROR"
    ),
    Status.ARRIVED_AT_DELIVERY_DEPOT: "RECEIVED_LOCAL_DELIVERY_DEPOT",
    Status.HELD: "DELIVERY_ARRANGED_WITH_RECIPIENT DELIVERY_SCHEDULED DELIVERY_RESCHEDULED",
    Status.OUT_FOR_DELIVERY: "OUT_FOR_DELIVERY",
    Status.DELIVERY_ATTEMPTED: (
        "ATTEMPTED_DELIVERY ATTEMPTED_DELIVERY_2ND ATTEMPTED_DELIVERY_3RD ATTEMPTED_DELIVERY_FINAL "
        "CUSTOMER_CARDED COD_AMOUNT_NOT_PAID CUSTOMER_IDENTIFICATION_FAILED "
        "INVALID_METHOD_OF_PAYMENT NO_ACCESS_TO_RECIPIENTS_ADDRESS"
    ),
    Status.AVAILABLE_FOR_PICKUP: (
        "AWAITING_COLLECTION_FROM_PICKUP_POINT COLLECT_AT_LOCAL_PO "
        "CUSTOMER_TO_COLLECT_FROM_CARRIER DELIVERED_TO_LOCKER_COLLECTION_POINT "
        "DELIVERED_TO_ALTERNATIVE_DELIVERY_LOCATION"
    ),
    Status.DELIVERED: (
        "DELIVERED DELIVERED_DAMAGED DELIVERED_SPECIFIED_SAFE_PLACE DELIVERED_TO_NEIGHBOUR "
        "DELIVERED_TO_PO_BOX PARCEL_COLLECTED_FROM_PICKUP_POINT PROOF_OF_DELIVERY"
    ),
    Status.EXCEPTION: (
        "ADDRESS_QUERY HELD_BY_CARRIER HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING "
        "HELD_BY_CUSTOMS HELD_BY_EXPORT_CUSTOMS HELD_BY_IMPORT_CUSTOMS INCORRECT_DECLARATION "
        "HAZARDOUS_PROHIBITED NOT_DELIVERED_ADDRESSEE_DECEASED PARCEL_DAMAGED PARCEL_DISPOSED "
        "PARCEL_LOST PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY"
    ),
    Status.RETURNING: (
        "RETURN_TO_SENDER NOT_COLLECTED_FROM_PICKUP_POINT NOT_DELIVERED REFUSED_BY_CUSTOMER "
        "CUSTOMER_MOVED"
    ),
    Status.CANCELLED: "CANCELLED CANCELLED_BEFORE_DESPATCH",
    Status.EXPIRED: "TRACKING_EXPIRED",
}
DETAILS = by_code(_DETAILS)
# Who has to do something, where the status alone does not say so.
_ACTS = {
    Actor.SHOP: (
        "ADDRESS_QUERY INCORRECT_DECLARATION HAZARDOUS_PROHIBITED NOT_DELIVERED_ADDRESSEE_DECEASED "
        "PARCEL_DAMAGED PARCEL_DISPOSED PARCEL_LOST PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY"
    ),
    Actor.CARRIER: (
        "CARRIER_DELAYS DELAYED_NOT_CARRIER HELD_BY_CARRIER MISSORTED ROUTING_ERROR "
        "HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING HELD_BY_CUSTOMS HELD_BY_EXPORT_CUSTOMS "
        "HELD_BY_IMPORT_CUSTOMS"
    ),
}
ACTS = by_code(_ACTS)
_PLACES = {"DELIVERED_SPECIFIED_SAFE_PLACE", "DELIVERED_TO_NEIGHBOUR", "DELIVERED_TO_PO_BOX"}

_IN_PATH = re.compile(r"/tracking/([a-z0-9_-]{1,60})/")
_IN_QUERY = re.compile(r"[?&]carrier_code=([a-z0-9_-]{1,60})")


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether ShipEngine's signature or its name as a user agent is there."""
    agent = headers.get("user-agent", "").lower()
    return "x-shipengine-rsa-sha256-signature" in headers or agent.startswith("shipengine/")


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """``resource_type``; a tracking alone is API_TRACK."""
    kind = body.get("resource_type")
    if isinstance(kind, str) and kind:
        return kind
    if "label_id" in body:
        return "label"
    return TOPIC if "tracking_number" in body and "status_code" in body else None


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The scans of a tracking. Raises Rejected."""
    body = Node(delivery.body)
    tracking = body.node("data") or body
    number = required_number(tracking, "tracking_number")
    events = tracking.nodes("events")
    known = (_lenient(tracking, key) for key in ("actual_delivery_date", "carrier_status_date"))
    bare = any(not has_offset(e, key) for e in events if (key := _event_time_key(e)))
    found = history(
        number,
        carrier_token(tracking.text("carrier_code") or _carrier(body.text("resource_url"))),
        [_checkpoint(event) for event in events],
        _summary(tracking, events),
        otherwise=next((at for at in known if at), delivery.time),
        notes=(BARE_TIMES,) if bare else (),
    )
    if not found:
        raise tracking.missing("events", "actual_delivery_date")
    return make_facts(delivery, found)


def _carrier(url: str | None) -> str | None:
    """The carrier's code in the address of the tracking."""
    found = (_IN_PATH.search(url) or _IN_QUERY.search(url)) if url else None
    return found[1] if found else None


def _time_key(node: Node, *keys: str) -> str | None:
    return next((key for key in keys if node.has(key)), None)


def _event_time_key(event: Node) -> str | None:
    return _time_key(event, "occurred_at", "event_date", "carrier_occurred_at")


def _meaning(node: Node) -> tuple[Status | None, str]:
    """The status (None: no code at all) and the detail code."""
    code = (node.text("status_code") or "").upper()
    detail = (node.text("status_detail_code") or "").upper()
    if not code and detail not in DETAILS:
        return None, detail
    return DETAILS.get(detail) or CODES.get(code, Status.UNKNOWN), detail


def _lenient(node: Node, key: str) -> datetime | None:
    """A time that is a last resort only: one that cannot be read costs nothing else."""
    value = node.value.get(key)
    return values.local_instant(value, "UTC") if isinstance(value, str) else None


def _delivered_at(tracking: Node, events: tuple[Node, ...]) -> datetime | None:
    """When a parcel was delivered of which no event says so; None: at the newest of them."""
    key = "actual_delivery_date"
    for event in events:
        heard = heard_in(_words(event))
        told = heard.status if heard else None
        if Status.DELIVERED in (_meaning(event)[0], told):
            return None
    return _lenient(tracking, key) if has_offset(tracking, key) else None


def _summary(tracking: Node, events: tuple[Node, ...]) -> Checkpoint | None:
    status, detail = _meaning(tracking)
    if status is None:
        return None
    if detail not in DETAILS and (tracking.text("status_code") or "").upper() in {"UN", "NY"}:
        status = Status.PENDING
    words = (
        tracking.text("carrier_status_description")
        or tracking.text("status_detail_description")
        or tracking.text("status_description")
    )
    at = _delivered_at(tracking, events) if status is Status.DELIVERED else None
    return Checkpoint(at, status, words or tracking.text("status_code"), acts=ACTS.get(detail))


def _words(event: Node) -> str | None:
    return event.text("description") or event.text("carrier_status_description")


def _checkpoint(event: Node) -> Checkpoint:
    status, detail = _meaning(event)
    words = _words(event)
    at = _event_time_key(event)
    left = words or event.text("status_detail_description") if detail in _PLACES else None
    waits = event.text("company_name") if status is Status.AVAILABLE_FOR_PICKUP else None
    return Checkpoint(
        scan_time(event, at) if at else None,
        status or Status.UNKNOWN,
        words or event.text("status_description") or event.text("status_code"),
        location=joined(event, "city_locality", "state_province", "country_code"),
        place=left or left_at(status or Status.UNKNOWN, words) or waits,
        acts=ACTS.get(detail),
    )


# --- declaration -------------------------------------------------------------

SOURCE = Source(
    name=NAME,
    title="ShipEngine",
    docs_url="https://www.shipengine.com/docs/tracking/webhooks/",
    kind=Kind.AGGREGATOR,
    topics=dict.fromkeys((TOPIC, VERSION_2), "ShipmentUpdated, one for each event of the tracking"),
    ignored={
        "label": "a label was bought; its tracking tells the parcel's way",
        "API_BATCH": "labels, not parcels on their way",
        "API_CARRIER_CONNECTED": "an account with a carrier",
        "API_*": "no parcel's way is told by it",
        "*_V2": "no parcel's way is told by it: TRACK_EVENT_V2 is",
        "*_NOTIFY": "ShipStation's version 1 names a page to ask only, and no tracking",
        "*": "no parcel's way is told by it",
    },
    notes=(
        "Repetition: there is no id; what is equal byte for byte is a repetition.",
        "Order of arrival is not guaranteed; occurred_at decides.",
        "Every event repeats the whole history: equal events are equal facts.",
        "Times: occurred_at is UTC, carrier_occurred_at the place's own.",
    ),
    recognises=recognises,
    topic_of=topic_of,
    normalize=normalize,
    keeps=("user-agent",),
    signature=Either(
        schemes=(
            StampedRsa(header="x-shipengine-rsa-sha256-signature", stamp="x-shipengine-timestamp"),
            PathToken(),
        )
    ),
)
