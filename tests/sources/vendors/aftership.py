"""AfterShip payloads written by us to its documented schema; people and parcels are made up."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

HEADERS = {"aftership-hmac-sha256": "bm90aGluZw==", "content-type": "application/json"}
RETURNS_HEADERS = {"as-signature-hmac-sha256": "bm90aGluZw=="}


def checkpoint(time: str | None, tag: str, number: int, message: str, **more: Any) -> Json:
    return {
        "slug": "ups",
        "checkpoint_time": time,
        "tag": tag,
        "subtag": f"{tag}_{number:03d}",
        "message": message,
        "location": "Portland, OR",
        "city": "Portland",
        "state": "OR",
        **more,
    }


WAY = [
    checkpoint("2026-04-20T09:00:00-07:00", "InfoReceived", 1, "Label created"),
    checkpoint("2026-04-20T16:30:00-07:00", "InTransit", 2, "Origin scan"),
    checkpoint("2026-04-21T05:10:00-07:00", "OutForDelivery", 1, "Out for delivery"),
]


def tracking(tag: str, subtag: str, checkpoints: list[Json], **more: Any) -> Json:
    return {
        "id": "trk0001",
        "tracking_number": "1Z999AA10123456784",
        "slug": "ups",
        "tag": tag,
        "subtag": subtag,
        "title": "Order 1001",
        "order_id": "1001",
        "order_number": "#1001",
        "updated_at": "2026-04-22T00:00:00+00:00",
        "checkpoints": checkpoints,
        **more,
    }


def update(msg: Json, event: str = "tracking_update") -> Json:
    body = {
        "event": event,
        "event_id": "0b9c4c8e-0000-4000-8000-000000000001",
        "is_tracking_first_tag": True,
        "msg": msg,
        "ts": 1776816000,
    }
    return {"headers": HEADERS, "body": body}


def returned(event: str, **order: Any) -> Json:
    body = {
        "id": "9f0d0000000000000000000000000001",
        "version": "2026-07",
        "event": event,
        "created_at": "2026-04-28T07:34:56.000Z",
        "data": {"id": "ret_1", "rma_number": "RMA-1", "order": order},
    }
    return {"headers": RETURNS_HEADERS, "body": body}


DELIVERED = [
    *WAY,
    checkpoint("2026-04-21T15:20:00-07:00", "Delivered", 1, "Left at front door"),
]
JAPAN = [
    checkpoint("2026-04-21T10:15:00", "InTransit", 2, "荷物受付", location="青葉営業所"),
    checkpoint("2026-04-22T11:30:00", "AttemptFail", 2, "持戻（ご不在）", location="練馬営業所"),
]

SAMPLES: dict[str, Json] = {
    "delivered": update(tracking("Delivered", "Delivered_001", DELIVERED)),
    "on its way": update(tracking("OutForDelivery", "OutForDelivery_001", WAY)),
    "pending": update(tracking("Pending", "Pending_001", []), "tracking_pending_time"),
    "japan": update(
        tracking("AttemptFail", "AttemptFail_002", JAPAN)
        | {"slug": "taqbin-jp", "tracking_number": "123456789012"}
    ),
    "bare time": update(
        tracking(
            "InTransit",
            "InTransit_003",
            [checkpoint("2026-04-21T10:15:00", "InTransit", 3, "Arrived")],
        )
    ),
    "contradictory": update(tracking("Delivered", "Delivered_001", WAY[:1])),
    "resource": tracking("OutForDelivery", "OutForDelivery_001", WAY),
    "api list": {"data": {"trackings": [tracking("InTransit", "InTransit_002", WAY[:2])]}},
    "return approved": returned("return.approved", external_id="1001"),
    "return rejected": returned("return.rejected", external_id="1001"),
    "return without order": returned("return.approved"),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "return_approved__returns_product": ("INCOMPLETE", "order"),
    "tracking_resource__sdk_delivered_fedex_11_checkpoints": ["ShipmentUpdated"] * 11,
    "tracking_update__docs_2026-07_intransit": ["ShipmentUpdated"],
}
PUBLISHED_TOPICS: dict[str, str] = {}
