"""USPS payloads written by us to its documented schema; parcels and people are made up."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

HEADERS = {"content-type": "application/json"}
NUMBER = "9400100000000000000017"


def event(time: str | None, code: str, words: str, **more: Any) -> Json:
    """``time``: UTC without its Z."""
    return {
        "eventType": words,
        "eventTimestamp": "2026-04-21T09:10:00",
        "GMTTimestamp": f"{time}Z" if time else None,
        "GMTOffset": "-07:00",
        "eventCountry": None,
        "eventCity": "PORTLAND",
        "eventState": "OR",
        "eventZIP": "97201",
        "firm": None,
        "name": "R EXAMPLE",
        "authorizedAgent": "false",
        "eventCode": code,
        **more,
    }


LABEL = event("2026-04-19T22:00:00", "GX", "Shipping Label Created, USPS Awaiting Item")
TAKEN = event("2026-04-20T23:30:00", "03", "USPS in possession of item")
ARRIVED = event("2026-04-21T12:00:00", "07", "Arrived at Post Office")
OUT = event("2026-04-21T13:10:00", "OF", "Out for Delivery")
DELIVERED = event("2026-04-21T22:20:00", "01", "Delivered, Parcel Locker")
NOTICE = event("2026-04-21T22:20:00", "02", "Notice Left (No Authorized Recipient Available)")
WAITS = event("2026-04-22T15:00:00", "16", "Available for Pickup")
WAY = [OUT, ARRIVED, TAKEN, LABEL]


def tracking(category: str, status: str, events: list[Json], **more: Any) -> Json:
    return {
        "trackingNumber": NUMBER,
        "statusCategory": category,
        "status": status,
        "statusSummary": "Your item was delivered to a parcel locker at 3:20 pm on April 21, 2026 "
        "in PORTLAND, OR 97201.",
        "mailClass": "USPS Ground Advantage<SUP>&#153;</SUP>",
        "mailPieceIntakeDate": "2026-04-19 15:00:00.000000",
        "uniqueMailPieceID": "110000001",
        "trackingEvents": events,
        **more,
    }


def old(day: str, time: str, code: str, words: str) -> Json:
    return {
        "EventTime": time,
        "EventDate": day,
        "Event": words,
        "EventCity": "PORTLAND",
        "EventState": "OR",
        "EventZIPCode": "97201",
        "EventCountry": "",
        "FirmName": "",
        "Name": "",
        "EventCode": code,
    }


WEB_TOOLS = {
    "TrackResponse": {
        "TrackInfo": [
            {
                "@ID": NUMBER,
                "StatusCategory": "Delivered",
                "Status": "Delivered, Front Door/Porch",
                "TrackSummary": old("April 21, 2026", "3:20 pm", "01", "DELIVERED, FRONT DOOR"),
                "TrackDetail": [old("April 21, 2026", "6:10 am", "OF", "OUT FOR DELIVERY")],
            },
            {"@ID": "9400100000000000000024", "Error": {"Description": "not found"}},
        ]
    }
}

SAMPLES: dict[str, Any] = {
    "delivered": {
        "headers": HEADERS,
        "body": tracking("Delivered", "Delivered, Parcel Locker", [DELIVERED, *WAY]),
    },
    "attempt": tracking("Delivery Attempt", "Notice Left", [NOTICE, *WAY]),
    "pickup": tracking("Available for Pickup", "Available for Pickup", [WAITS, NOTICE, *WAY]),
    "alert": tracking(
        "Alert",
        "Insufficient Address",
        [event("2026-04-21T22:20:00", "22", "Insufficient Address")],
    ),
    "summary": tracking("Delivered", "Delivered, Parcel Locker", []),
    "web tools": {"headers": HEADERS, "body": WEB_TOOLS},
    "notification": {
        "headers": {**HEADERS, "x-hmac": "bm90aGluZw=="},
        "body": {
            "subscriptionId": "a1b2",
            "subscriptionType": "TRACKING",
            "timestamp": "2026-04-21T22:25:00Z",
            "payload": json.dumps({"trackingNumber": NUMBER, "status": "Delivered"}),
        },
    },
    "error": {
        "headers": HEADERS,
        "body": {"apiVersion": "v3", "error": {"code": "404", "message": "not found"}},
    },
    "list": [
        tracking("Delivered", "Delivered, Parcel Locker", [DELIVERED]),
        tracking("Accepted", "USPS in possession of item", [TAKEN], trackingNumber=NUMBER[::-1]),
    ],
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "track_response__delivered_parcel_locker": ["ShipmentUpdated"] * 12,
}
PUBLISHED_TOPICS: dict[str, str] = {}
