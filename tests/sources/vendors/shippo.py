"""Shippo payloads written by us to its documented schema; people and parcels are made up."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

HEADERS = {"shippo-auth-signature": "t=1776816000,v1=00", "content-type": "application/json"}


def scan(time: str | None, status: str, code: str | None, details: str, **more: Any) -> Json:
    substatus = {"code": code, "text": details, "action_required": False} if code else None
    return {
        "object_id": "0001",
        "object_created": "2026-04-22T00:00:00Z",
        "object_updated": "2026-04-22T00:00:00Z",
        "status": status,
        "substatus": substatus,
        "status_date": time,
        "status_details": details,
        "location": {"city": "Portland", "state": "OR", "zip": "97201", "country": "US"},
        **more,
    }


WAY = [
    scan("2026-04-20T16:00:00Z", "PRE_TRANSIT", "information_received", "Label created"),
    scan("2026-04-20T23:30:00Z", "TRANSIT", "package_accepted", "Accepted at USPS origin"),
    scan("2026-04-21T12:10:00Z", "TRANSIT", "out_for_delivery", "Out for delivery"),
]
DELIVERED = scan("2026-04-21T22:20:00Z", "DELIVERED", "delivered", "In the parcel locker")


def track(now: Json | None, past: list[Json], **more: Any) -> Json:
    return {
        "carrier": "usps",
        "tracking_number": "9205590164917312751089",
        "address_from": {"city": "Portland", "state": "OR", "zip": "97201", "country": "US"},
        "address_to": {"city": "Austin", "state": "TX", "zip": "78721", "country": "US"},
        "eta": "2026-04-21T20:00:00Z",
        "servicelevel": {"token": "usps_priority", "name": "Priority Mail"},
        "metadata": "Order 1001",
        "tracking_status": now,
        "tracking_history": past,
        "transaction": None,
        **more,
    }


def event(data: Json, **more: Any) -> Json:
    body = {"event": "track_updated", "test": False, "data": data, **more}
    return {"headers": HEADERS, "body": body}


SAMPLES: dict[str, Json] = {
    "delivered": event(track(DELIVERED, [*WAY, DELIVERED])),
    "on its way": event(track(WAY[-1], WAY)),
    "test": event(track(WAY[-1], WAY), test=True),
    "mock carrier": event(track(WAY[-1], WAY, carrier="shippo")),
    "pending": event(track(scan(None, "UNKNOWN", None, ""), [])),
    "history lags": event(track(DELIVERED, WAY)),
    "contradictory": event(
        track(scan("2026-04-21T22:20:00Z", "DELIVERED", "information_received", "Done"), [])
    ),
    "returning": event(
        track(scan("2026-04-23T08:00:00Z", "RETURNED", "return_to_sender", "Going back"), WAY)
    ),
    "resource": track(WAY[-1], WAY),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "track_updated__docs_delivered": ["ShipmentUpdated"],
}
PUBLISHED_TOPICS: dict[str, str] = {}
