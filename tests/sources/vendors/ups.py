"""UPS payloads written by us to its documented schema; parcels and people are made up."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

HEADERS = {"content-type": "application/json"}
ALERT_HEADERS = {"user-agent": "UPSPubSubTrackingService", "credential": "not-the-secret"}
PLACE = {"city": "Portland", "stateProvince": "OR", "countryCode": "US", "country": "US"}


def activity(time: str, kind: str, code: str, words: str, number: str = "", **more: Any) -> Json:
    """``time``: UTC, "20260421 231500"; the place is seven hours behind."""
    day, clock = time.split()
    return {
        "date": day,
        "time": "000000",
        "gmtDate": day,
        "gmtTime": clock,
        "gmtOffset": "-07:00",
        "location": {"address": PLACE, "slic": "9721"},
        "status": {"type": kind, "code": code, "description": words, "statusCode": number},
        **more,
    }


LABEL = activity("20260419 220000", "M", "MP", "Shipper created a label, UPS has not received")
ORIGIN = activity("20260420 233000", "I", "OR", "Origin Scan")
OUT = activity("20260421 131000", "I", "OT", "Out For Delivery Today", "021")
DELIVERED = activity("20260421 222000", "D", "FS", "DELIVERED", "011")
POINT = activity(
    "20260421 222000", "D", "2Q", "Delivered to UPS Access Point, awaiting customer pickup", "040",
    location={"address": {**PLACE, "addressLine1": "1 Example Street"}},
)  # fmt: skip
LOCAL = {
    "date": "20260421",
    "time": "71356",
    "location": {"address": PLACE},
    "status": {"type": "I", "code": "AR", "description": "Arrived at Facility"},
}
WAY = [OUT, ORIGIN, LABEL]


def package(activities: list[Json], number: str | None = "1Z999AA10123456784", **more: Any) -> Json:
    return {
        "trackingNumber": number,
        "deliveryDate": [{"type": "DEL", "date": "20260421"}],
        "deliveryTime": {"type": "DEL", "endTime": "152000"},
        "deliveryInformation": {"location": "Front Door", "receivedBy": "EXAMPLE"},
        "activity": activities,
        "currentStatus": activities[0]["status"] if activities else None,
        "packageCount": 1,
        **more,
    }


def shipment(*packages: Json, **more: Any) -> Json:
    return {
        "inquiryNumber": "1Z999AA10123456784",
        "package": list(packages),
        "pickupDate": "20260420",
        **more,
    }


def answer(*shipments: Json) -> Json:
    return {"headers": HEADERS, "body": {"trackResponse": {"shipment": list(shipments)}}}


def alert(kind: str, code: str, words: str, **more: Any) -> Json:
    body = {
        "trackingNumber": "1Z999AA10123456784",
        "localActivityDate": "20260421",
        "localActivityTime": "152000",
        "activityLocation": {"city": "PORTLAND", "stateProvince": "OR", "country": "US"},
        "activityStatus": {"type": kind, "code": code, "description": words},
        "scheduledDeliveryDate": "20260421",
        "gmtActivityDate": "20260421",
        "gmtActivityTime": "222000",
        "actualDeliveryDate": "",
        "receivedBy": "EXAMPLE",
        **more,
    }
    return {"headers": ALERT_HEADERS, "body": body}


NOTHING = {
    "inquiryNumber": "1Z999AA10123456700",
    "warnings": [{"code": "TW0001", "message": "Tracking Information Not Found"}],
}

SAMPLES: dict[str, Json] = {
    "delivered": answer(shipment(package([DELIVERED, *WAY]))),
    "access point": answer(
        shipment(
            package([POINT, *WAY], accessPointInformation={"pickupByDate": "20260428"}),
        )
    ),
    "two packages": answer(
        shipment(package([DELIVERED, *WAY]), package(WAY, "1Z999AA10123456793")), NOTHING
    ),
    "local times": answer(shipment(package([LOCAL]))),
    "no data": answer(NOTHING),
    "error": {
        "headers": HEADERS,
        "body": {"response": {"errors": [{"code": "TV1002", "message": "Invalid inquiry number"}]}},
    },
    "alert": alert("D", "FS", "Delivered", actualDeliveryDate="20260421"),
    "new date": alert("U", "U2", "The delivery date has changed"),
    "test number": alert("I", "OT", "Out for Delivery", trackingNumber="1ZCIETST0111111114"),
    "bare package": package(WAY),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "track_error__invalid_number": ("UNKNOWN_TOPIC", "no data"),
    "track_response__docs_customs_released": ["ShipmentUpdated"],
}
PUBLISHED_TOPICS: dict[str, str] = {}
