"""EasyPost payloads written by us to its documented schema; people and parcels are made up."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

HEADERS = {"x-hmac-signature": "hmac-sha256-hex=00", "content-type": "application/json"}


def detail(time: str | None, status: str, status_detail: str, message: str, **more: Any) -> Json:
    return {
        "object": "TrackingDetail",
        "message": message,
        "description": message,
        "status": status,
        "status_detail": status_detail,
        "datetime": time,
        "source": "UPS",
        "carrier_code": "",
        "tracking_location": {
            "object": "TrackingLocation",
            "city": "PORTLAND",
            "state": "OR",
            "country": "US",
            "zip": "97201",
        },
        **more,
    }


WAY = [
    detail("2026-04-20T16:00:00Z", "pre_transit", "label_created", "Label created"),
    detail("2026-04-20T23:30:00Z", "in_transit", "arrived_at_facility", "Picked up"),
    detail("2026-04-21T12:10:00Z", "out_for_delivery", "out_for_delivery", "Out for delivery"),
]


def tracker(status: str, details: list[Json], **more: Any) -> Json:
    return {
        "id": "trk_0001",
        "object": "Tracker",
        "mode": "production",
        "tracking_code": "1Z999AA10123456784",
        "status": status,
        "status_detail": "status_update",
        "created_at": "2026-04-20T15:59:00Z",
        "updated_at": "2026-04-21T23:00:00Z",
        "signed_by": None,
        "weight": None,
        "est_delivery_date": "2026-04-21T00:00:00Z",
        "shipment_id": None,
        "carrier": "UPS",
        "tracking_details": details,
        "fees": [],
        "public_url": "https://track.example.com/trk_0001",
        **more,
    }


def event(result: Json | None, **more: Any) -> Json:
    body: Json = {
        "id": "evt_0001",
        "object": "Event",
        "description": "tracker.updated",
        "mode": "production",
        "previous_attributes": {"status": "in_transit"},
        "status": "pending",
        "created_at": "2026-04-21T23:00:01Z",
        **more,
    }
    if result is not None:
        body["result"] = result
    return {"headers": HEADERS, "body": body}


DELIVERED = detail("2026-04-21T22:20:00Z", "delivered", "arrived_at_destination", "Left at porch")

SAMPLES: dict[str, Json] = {
    "delivered": event(tracker("delivered", [*WAY, DELIVERED], signed_by="M E")),
    "on its way": event(tracker("out_for_delivery", WAY)),
    "created": event(tracker("unknown", []), description="tracker.created"),
    "test": event(tracker("out_for_delivery", WAY, mode="test"), mode="test"),
    "signed in transit": event(tracker("in_transit", WAY[:2], signed_by="M E")),
    "delivered of a label": event(tracker("delivered", WAY[:1])),
    "return label": event(tracker("delivered", [*WAY, DELIVERED], is_return=True)),
    "thin": event(None),
    "names its tracker": event({"id": "trk_0001", "object": "Tracker"}),
    "resource": tracker("out_for_delivery", WAY),
    "api list": {"trackers": [tracker("out_for_delivery", WAY)], "has_more": False},
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "event_list_item__docs_tracker_created": ("INCOMPLETE", "result"),
    "tracker_resource__docs_pre_transit": ["ShipmentUpdated"] * 2,
    "tracker_resource__old_docs_delivered_2014": ["ShipmentUpdated"] * 2,
    "tracker_updated__official_fixture_fedex_in_transit": ["ShipmentUpdated"] * 7,
}
PUBLISHED_TOPICS: dict[str, str] = {}
