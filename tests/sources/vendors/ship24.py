"""Ship24 payloads written by us to its documented schema; people and parcels are made up."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

HEADERS = {"authorization": "Bearer nothing", "content-type": "application/json"}
NUMBER, OTHER = "JD000000000001", "H0000000000002"


def scan(time: str | None, milestone: str, code: str | None, text: str, **more: Any) -> Json:
    return {
        "eventId": "0001",
        "trackingNumber": NUMBER,
        "eventTrackingNumber": NUMBER,
        "status": text,
        "occurrenceDatetime": time,
        "order": None,
        "datetime": None,
        "hasNoTime": False,
        "utcOffset": "-07:00",
        "location": "Portland, OR",
        "sourceCode": "ups-tracking",
        "courierCode": "ups",
        "statusCode": code,
        "statusCategory": None,
        "statusMilestone": milestone,
        **more,
    }


WAY = [
    scan("2026-04-20T09:00:00", "info_received", "data_order_created", "Label created"),
    scan("2026-04-20T16:30:00", "in_transit", "transit_handover", "Origin scan"),
    scan("2026-04-21T05:10:00", "out_for_delivery", "delivery_out_for_delivery", "Out"),
]
DELIVERED = scan("2026-04-21T15:20:00", "delivered", "delivery_delivered", "Left at front door")


def tracking(milestone: str, events: list[Json], number: str = NUMBER, **more: Any) -> Json:
    return {
        "metadata": {"generatedAt": "2026-04-22T00:00:00.000Z", "messageId": f"message-{number}"},
        "tracker": {
            "trackerId": "0001",
            "trackingNumber": number,
            "shipmentReference": "1001",
            "isSubscribed": True,
        },
        "shipment": {
            "shipmentId": "0002",
            "statusCode": None,
            "statusCategory": None,
            "statusMilestone": milestone,
            "delivery": {"estimatedDeliveryDate": None, "signedBy": None},
            "trackingNumbers": [{"tn": number}, {"tn": OTHER}],
            "recipient": {"name": None},
        },
        "events": events,
        "statistics": {"timestamps": {}},
        **more,
    }


def message(*trackings: Json) -> Json:
    return {"headers": HEADERS, "body": {"trackings": list(trackings)}}


_OTHERS = [{**one, "eventTrackingNumber": OTHER, "trackingNumber": OTHER} for one in WAY[1:]]
_JAPAN = scan(
    "2026-04-22T11:30:00", "failed_attempt", "delivery_attempted", "持戻（ご不在）",
    courierCode="sagawa", utcOffset=None,
)  # fmt: skip
_BARE = scan("2026-04-21T10:15:00", "in_transit", None, "Arrived", utcOffset=None)

SAMPLES: dict[str, Json] = {
    "delivered": message(tracking("delivered", [DELIVERED, *reversed(WAY)])),
    "on its way": message(tracking("out_for_delivery", WAY)),
    "two numbers": message(tracking("out_for_delivery", [WAY[0], *_OTHERS])),
    "two trackings": message(
        tracking("out_for_delivery", WAY), tracking("pending", [], "JD000000000003")
    ),
    "trying": message(tracking("out_for_delivery", WAY, "SHIP24TEST2023H1M20")),
    "pending": message(tracking("pending", [])),
    "japan": message(tracking("failed_attempt", [_JAPAN])),
    "bare time": message(tracking("in_transit", [_BARE])),
    "contradictory": message(tracking("delivered", WAY[:1])),
    "resource": tracking("out_for_delivery", WAY),
    "api answer": {"data": {"trackings": [tracking("out_for_delivery", WAY)]}},
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "tracking_events__docs_delivered_two_numbers": ["ShipmentUpdated"],
}
PUBLISHED_TOPICS: dict[str, str] = {}
