"""DHL payloads written by us to its documented schema; parcels and people are made up."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

HEADERS = {"content-type": "application/json"}
AMSTERDAM = {"address": {"countryCode": "NL", "addressLocality": "AMSTERDAM - THE NETHERLANDS"}}


def event(time: str | None, code: str, words: str, description: str = "", **more: Any) -> Json:
    return {
        "timestamp": time,
        "location": AMSTERDAM,
        "statusCode": code,
        "status": words,
        "description": description,
        **more,
    }


ANNOUNCED = event("2026-04-19T18:00:00+02:00", "pre-transit", "Shipment information received")
TAKEN = event("2026-04-20T17:30:00+02:00", "transit", "Shipment picked up")
OUT = event("2026-04-21T08:10:00+02:00", "transit", "Out for delivery")
DELIVERED = event("2026-04-21T15:20:00+02:00", "delivered", "DELIVERED", "R. EXAMPLE")
NOT_THERE = event(
    "2026-04-21T15:20:00+02:00", "failure", "UNDELIVERED", remark="The recipient was not available."
)
POINT = event(
    "2026-04-21T15:20:00+02:00", "transit", "transit", "The parcel is ready for collection at Kiosk"
)
WAY = [OUT, TAKEN, ANNOUNCED]


def shipment(events: list[Json], number: Any = "00340000000000000001", **more: Any) -> Json:
    return {
        "id": number,
        "service": "parcel-nl",
        "status": events[0] if events else None,
        "estimatedTimeOfDelivery": "2026-04-21T22:00:00",
        "details": {"receiver": {"name": "R. Example"}, "references": {"number": "1001"}},
        "events": events,
        **more,
    }


def answer(*shipments: Json, **more: Any) -> Json:
    return {"headers": HEADERS, "body": {"shipments": list(shipments), **more}}


BOTH = event("2026-04-20T07:53:47", "pre-transit", "DELIVERED", "R. EXAMPLE")


def step(day: str, clock: str, code: str, words: str, **more: Any) -> Json:
    """An event of DHL Express."""
    return {
        "date": day,
        "time": clock,
        "GMTOffset": "+09:00",
        "typeCode": code,
        "description": words,
        "serviceArea": [{"code": "NRT", "description": "Tokyo-JP"}],
        "signedBy": "R EXAMPLE" if code == "OK" else "",
        **more,
    }


def express(*steps: Json) -> Json:
    one = {
        "shipmentTrackingNumber": "1234567890",
        "status": "Success",
        "shipmentTimestamp": "2026-04-20T18:00:31",
        "description": "Tea",
        "receiverDetails": {"name": "R Example"},
        "events": list(steps),
        "pieces": [{"number": 1, "trackingNumber": "JD010000000000000001", "events": []}],
        "estimatedDeliveryDate": "2026-04-23",
    }
    return {"headers": HEADERS, "body": {"shipments": [one]}}


def parcel(day: str, clock: str, code: int, words: str, **more: Any) -> Json:
    """An event of DHL eCommerce Americas."""
    return {
        "primaryEventId": code,
        "primaryEventDescription": words,
        "date": day,
        "time": clock,
        "timeZone": "ET",
        "location": "Hebron, KY, US",
        **more,
    }


def ecommerce(*events: Json, status: str = "En Route") -> Json:
    package = {"trackingId": "420000009261200000000000000017", "dhlPackageId": "GM6051000000000017"}
    one = {"package": package, "recipient": {"name": "R Example"}, "status": status}
    return {"headers": HEADERS, "body": {"packages": [{**one, "events": list(events)}]}}


SAMPLES: dict[str, Json] = {
    "express": express(
        step("2026-04-21", "13:06:00", "PU", "Shipment picked up"),
        step("2026-04-22", "08:00:00", "WC", "With delivery courier", GMTOffset=None),
        step("2026-04-22", "09:06:00", "OK", "Delivered - Signed for by: R EXAMPLE"),
    ),
    "ecommerce": ecommerce(
        parcel("2026-04-22", "14:10:00", 600, "DELIVERED", secondaryEventDescription="Porch"),
        parcel("2026-04-21", "09:49:13", 238, "LABEL CREATED"),
    ),
    "delivered": answer(shipment([DELIVERED, *WAY])),
    "numeric id": answer(shipment([OUT], 7777777770)),
    "contradictory": answer(shipment([BOTH], status={**BOTH, "timestamp": "2026-04-20T07:53:47Z"})),
    "attempt": answer(shipment([NOT_THERE, *WAY])),
    "pick-up point": answer(shipment([POINT, *WAY])),
    "two": answer(shipment([OUT]), shipment([TAKEN], "00340000000000000002")),
    "pushed": answer(
        shipment([DELIVERED]), scope="subscription.push", self="https://example.com/subscription/1"
    ),
    "validate": {
        "headers": HEADERS,
        "body": {"scope": "subscription.validate", "secret": "x", "self": "https://example.com/"},
    },
    "not found": {
        "headers": HEADERS,
        "body": {
            "title": "No result found",
            "detail": "No shipment with this number.",
            "status": 404,
        },
    },
    "local times": answer(shipment([event("2026-04-21T08:10:00", "transit", "Out for delivery")])),
    "bare": shipment([OUT]),
}
