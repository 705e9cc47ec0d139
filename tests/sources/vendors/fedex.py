"""FedEx payloads written by us to its documented schema; parcels and people are made up."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

HEADERS = {"content-type": "application/json", "fdx-signature": "bm90aGluZw=="}
PLACE = {"city": "PORTLAND", "stateOrProvinceCode": "OR", "countryCode": "US"}


def scan(time: str | None, code: str, description: str, problem: str = "", **more: Any) -> Json:
    return {
        "date": time,
        "eventType": code,
        "eventDescription": description,
        "exceptionCode": "08" if problem else "",
        "exceptionDescription": problem,
        "scanLocation": PLACE,
        "derivedStatusCode": "IT",
        "derivedStatus": "In transit",
        **more,
    }


LABEL = scan("2026-04-19T15:00:00-07:00", "OC", "Shipment information sent to FedEx")
PICKED_UP = scan("2026-04-20T16:30:00-07:00", "PU", "Picked up")
ON_ITS_WAY = scan("2026-04-21T06:10:00-07:00", "OD", "On FedEx vehicle for delivery")
DELIVERED = scan("2026-04-21T15:20:00-07:00", "DL", "Delivered")
NOT_THERE = scan(
    "2026-04-21T15:20:00-07:00", "DE", "Delivery exception",
    "Customer not available or business closed",
)  # fmt: skip
READY = scan("2026-04-22T10:00:00-07:00", "HL", "Ready for pickup")
WAY = [ON_ITS_WAY, PICKED_UP, LABEL]

HOLD = {
    "locationId": "PDXK",
    "locationType": "FEDEX_AUTHORIZED_SHIP_CENTER",
    "locationContactAndAddress": {
        "contact": {"personName": "Robin Example", "companyName": "Example Copy Shop"},
        "address": {"streetLines": ["1 Example Street"], **PLACE, "postalCode": "97201"},
    },
}


def result(code: str, description: str, scans: list[Json], **more: Any) -> Json:
    return {
        "trackingNumberInfo": {
            "trackingNumber": "794600000012",
            "carrierCode": "FDXE",
            "trackingNumberUniqueId": "2461151000~794600000012~FX",
        },
        "latestStatusDetail": {
            "code": code,
            "derivedCode": code,
            "statusByLocale": description,
            "description": description,
            "scanLocation": PLACE,
        },
        "dateAndTimes": [{"type": "SHIP", "dateTime": "2026-04-20T00:00:00-06:00"}],
        "deliveryDetails": {
            "receivedByName": "R.EXAMPLE",
            "signedByName": "R.EXAMPLE",
            "locationDescription": "Receptionist/Front Desk",
        },
        "scanEvents": scans,
        **more,
    }


def failed(code: str) -> Json:
    return {
        "trackingNumberInfo": {"trackingNumber": "794600000099", "trackingNumberUniqueId": ""},
        "error": {"code": code, "message": "Tracking number cannot be found."},
    }


def whole(*results: Json, number: str | None = "794600000012") -> Json:
    return {"trackingNumber": number, "trackResults": list(results)}


def answer(*wholes: Json) -> Json:
    body = {
        "transactionId": "624deea6-b709-470c-8c39-4b5511281492",
        "output": {"completeTrackResults": list(wholes)},
    }
    return {"headers": HEADERS, "body": body}


NOT_FOUND = whole(failed("TRACKING.TRACKINGNUMBER.NOTFOUND"), number="794600000099")
ARRIVED = result("DL", "Delivered", [DELIVERED, *WAY])
EARLIER = result(
    "DL", "Delivered",
    [scan("2025-06-03T10:00:00-07:00", "DL", "Delivered")],
    dateAndTimes=[
        {"type": "ESTIMATED_DELIVERY", "dateTime": "2025-06-03T00:00:00"},
        {"type": "SHIP", "dateTime": "2025-06-01T00:00:00"},
    ],
)  # fmt: skip

SAMPLES: dict[str, Json] = {
    "delivered": answer(whole(ARRIVED)),
    "batch": answer(whole(ARRIVED), NOT_FOUND),
    "not found": answer(NOT_FOUND),
    "number given out again": answer(whole(ARRIVED, EARLIER)),
    "attempt": answer(whole(result("DE", "Delivery exception", [NOT_THERE, *WAY]))),
    "hold": answer(whole(result("HL", "Ready for pickup", [READY, *WAY], holdAtLocation=HOLD))),
    "one number": {"headers": HEADERS, "body": whole(ARRIVED)},
    "one result": ARRIVED,
    "local times": answer(
        whole(result("PU", "Picked up", [scan("2026-04-20T16:30:00", "PU", "Picked up")]))
    ),
    "label only": answer(whole(result("OC", "Label created", []))),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "track_response__docs_picked_up_and_notfound": ["ShipmentUpdated"],
}
PUBLISHED_TOPICS: dict[str, str] = {}
