"""17TRACK payloads written by us to its documented schema (v2.4); parcels are made up."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

HEADERS = {"sign": "0" * 64, "content-type": "application/json"}


def scan(time: str | None, stage: str | None, sub_status: str | None, text: str) -> Json:
    return {
        "time_iso": time,
        "time_utc": time,
        "time_raw": {"date": "2026-04-20", "time": "09:00:00", "timezone": None},
        "description": text,
        "description_translation": None,
        "location": "Portland, OR, US",
        "stage": stage,
        "sub_status": sub_status,
        "address": {"country": "US", "state": "OR", "city": "Portland", "street": None},
    }


WAY = [
    scan("2026-04-20T16:00:00Z", "InfoReceived", "InfoReceived", "Label created"),
    scan("2026-04-20T23:30:00Z", "PickedUp", "InTransit_PickedUp", "Origin scan"),
    scan("2026-04-21T12:10:00Z", "OutForDelivery", "OutForDelivery_Other", "Out for delivery"),
]
DELIVERED = scan("2026-04-21T22:20:00Z", "Delivered", "Delivered_Other", "Left at front door")


def info(status: str, sub_status: str | None, events: list[Json], **more: Any) -> Json:
    provider = {"key": 100002, "name": "UPS", "alias": "UPS", "homepage": "https://www.example.com"}
    return {
        "shipping_info": {},
        "latest_status": {"status": status, "sub_status": sub_status, "sub_status_descr": None},
        "latest_event": events[-1] if events else None,
        "time_metrics": {"days_of_transit": 1},
        "milestone": [{"key_stage": "PickedUp", "time_iso": None, "time_utc": None}],
        "misc_info": {},
        "tracking": {
            "providers_hash": 1,
            "providers": [{"provider": provider, "events": list(reversed(events))}],
        },
        **more,
    }


def event(track_info: Json | None, **more: Any) -> Json:
    data: Json = {"number": "1Z999AA10123456784", "carrier": 100002, "param": None, "tag": "1001"}
    if track_info is not None:
        data["track_info"] = track_info
    return {"headers": HEADERS, "body": {"event": "TRACKING_UPDATED", "data": data | more}}


_COUNTER = scan("2026-04-21T22:20:00Z", "AvailableForPickup", None, "At the counter")
_PLAIN = scan("2026-04-20T23:30:00Z", None, None, "Origin scan")
_MILESTONES = [
    {"key_stage": "PickedUp", "time_utc": "2026-04-20T23:30:00Z"},
    {"key_stage": "OutForDelivery", "time_utc": "2026-04-21T12:10:00Z"},
]

VERSION_1 = {
    "number": "9205590164917312751089",
    "track": {
        "e": 40,
        "w1": 21051,
        "z0": {"a": "2026-04-21 15:20", "c": "", "d": "Portland, OR", "z": "In the mailbox"},
        "z1": [{"a": "2026-04-20 09:00", "c": "Portland", "d": "", "z": "Accepted"}],
        "z2": [],
    },
}

SAMPLES: dict[str, Json] = {
    "version 1": {"headers": HEADERS, "body": {"event": "TRACKING_UPDATED", "data": VERSION_1}},
    "delivered": event(info("Delivered", "Delivered_Other", [*WAY, DELIVERED])),
    "on its way": event(info("OutForDelivery", "OutForDelivery_Other", WAY)),
    "misnested": event({"shipping_info": {}}, **info("OutForDelivery", None, WAY)),
    "json number": event(info("InTransit", None, WAY[:2]), number=123456789012, carrier=100003),
    "contradictory": event(info("Exception", "Exception_Other", [*WAY, _COUNTER])),
    "milestones": event(info("OutForDelivery", None, [_PLAIN], milestone=_MILESTONES)),
    "not found": event(info("NotFound", "NotFound_Other", [], tracking=None)),
    "stopped": {
        "headers": HEADERS,
        "body": {"event": "TRACKING_STOPPED", "data": {"number": "RR000000005CN", "carrier": 3011}},
    },
    "resource": {"number": "1Z999AA10123456784", "carrier": 100002}
    | {"track_info": info("OutForDelivery", "OutForDelivery_Other", WAY)},
    "api answer": {
        "code": 0,
        "data": {
            "accepted": [
                {
                    "number": "1Z999AA10123456784",
                    "carrier": 100002,
                    "track_info": info("OutForDelivery", "OutForDelivery_Other", WAY),
                }
            ],
            "rejected": [],
        },
    },
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "TRACKING_STOPPED__docs_min": ("UNKNOWN_TOPIC", "TRACKING_STOPPED"),
    "TRACKING_UPDATED__tp_ups_delivered_misnested": ["ShipmentUpdated"] * 5,
}
PUBLISHED_TOPICS: dict[str, str] = {}
