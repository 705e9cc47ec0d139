"""ShipEngine payloads written by us to its documented schema; parcels are made up."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

HEADERS = {
    "user-agent": "ShipEngine/v1",
    "x-shipengine-timestamp": "2026-04-22T00:00:00Z",
    "x-shipengine-rsa-sha256-key-id": "0001",
    "x-shipengine-rsa-sha256-signature": "bm90aGluZw==",
}


def scan(time: str | None, code: str, detail: str, description: str, **more: Any) -> Json:
    return {
        "occurred_at": time,
        "carrier_occurred_at": "2026-04-20T09:00:00",
        "description": description,
        "city_locality": "Portland",
        "state_province": "OR",
        "postal_code": "97201",
        "country_code": "US",
        "company_name": "",
        "signer": "",
        "event_code": "OC",
        "carrier_detail_code": None,
        "status_code": code,
        "status_description": description,
        "status_detail_code": detail,
        "status_detail_description": f"Your shipment: {description}",
        "carrier_status_code": "1",
        "carrier_status_description": description,
        **more,
    }


WAY = [
    scan("2026-04-20T16:00:00Z", "NY", "ELEC_ADVICE_RECD_BY_CARRIER", "Label created"),
    scan("2026-04-20T23:30:00Z", "AC", "COLLECTION_MADE", "Picked up"),
    scan("2026-04-21T12:10:00Z", "IT", "OUT_FOR_DELIVERY", "Out for delivery"),
]
DELIVERED = scan("2026-04-21T22:20:00Z", "DE", "DELIVERED_TO_NEIGHBOUR", "Given to no. 12")
LOCKER = scan(
    "2026-04-21T22:20:00Z", "SP", "DELIVERED_TO_LOCKER_COLLECTION_POINT", "At the locker",
    company_name="Kiosk 7",
)  # fmt: skip


def tracking(code: str, detail: str, events: list[Json], **more: Any) -> Json:
    return {
        "tracking_number": "1Z999AA10123456784",
        "tracking_url": "https://www.example.com/track",
        "carrier_code": "ups",
        "carrier_id": 1,
        "status_code": code,
        "status_description": "",
        "status_detail_code": detail,
        "carrier_status_code": "1",
        "carrier_status_description": "",
        "ship_date": "2026-04-20T00:00:00Z",
        "estimated_delivery_date": "2026-04-21T00:00:00Z",
        "actual_delivery_date": None,
        "exception_description": None,
        "events": events,
        **more,
    }


def event(data: Json, **more: Any) -> Json:
    body = {
        "resource_url": "https://api.example.com/v1/tracking?carrier_code=ups&tracking_number=1Z",
        "resource_type": "API_TRACK",
        "data": data,
        **more,
    }
    return {"headers": HEADERS, "body": body}


OLD = {
    "resource_url": "https://api.example.com/v1/tracking/usps/9361269903502070406152",
    "resource_type": "API_TRACK",
    "data": {
        "tracking_number": "9361269903502070406152",
        "status_code": "DE",
        "status_description": "Delivered",
        "events": [
            {"event_date": "2026-04-21T22:20:00.000Z", "description": "Delivered, Front Door"},
            {"event_date": "2026-04-21T12:10:00.000Z", "description": "Sorting complete"},
        ],
    },
}

SAMPLES: dict[str, Json] = {
    "delivered": event(tracking("DE", "DELIVERED_TO_NEIGHBOUR", [DELIVERED, *reversed(WAY)])),
    "on its way": event(tracking("IT", "OUT_FOR_DELIVERY", WAY)),
    "locker": event(tracking("SP", "DELIVERED_TO_LOCKER_COLLECTION_POINT", [*WAY, LOCKER])),
    "unknown": event(tracking("UN", "", [])),
    "contradictory": event(tracking("DE", "DELIVERED", WAY[:1])),
    "local times": event(tracking("IT", "", [scan(None, "IT", "HUB_SCAN_OUT", "Departed")])),
    "old": {"headers": {"user-agent": "ShipEngine/v1"}, "body": OLD},
    "resource": tracking("IT", "OUT_FOR_DELIVERY", WAY),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "API_TRACK__usps_delivered_2019": ["ShipmentUpdated"],
}
PUBLISHED_TOPICS: dict[str, str] = {}
