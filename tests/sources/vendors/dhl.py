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

SAMPLES: dict[str, Json] = {
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
