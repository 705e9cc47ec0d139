"""Posts about any carrier's parcels, to the shape of shared/contracts/posted_tracking.py."""

from __future__ import annotations

from typing import Any

HEADERS = {"x-yoin-signature": "sha256=00"}

CANONICAL: dict[str, Any] = {
    "tracking_number": "AB 123 456",
    "carrier": "Green Couriers",
    "order_id": "2317",
    "status": "out_for_delivery",
    "at": "2026-11-21T09:00:00-05:00",
    "estimated_delivery": "2026-11-21",
    "event_id": "run-7",
}
PLAIN: dict[str, Any] = {
    "tracking_number": "https://tracking.example.com/?trackingNumber=GC123457",
    "carrier": "Green Couriers",
    "zone": "America/New_York",
    "history": [
        {"status": "Left in safe place", "at": "2026-11-21 14:22", "location": "Portland, ME"},
        {"status": "In transit", "at": "2026-11-20 08:00", "location": "Boston, MA"},
    ],
}
JAPANESE: dict[str, Any] = {
    "tracking_number": "123456789018",
    "carrier": "クロネコヤマト",
    "service": "ネコポス",
    "status": "投函完了",
    "at": "2026-11-21T14:22:00+09:00",
}
TRIAL: dict[str, Any] = {**CANONICAL, "tracking_number": "TRIAL1", "test": True}

SAMPLES: dict[str, Any] = {
    "canonical": {"headers": HEADERS, "body": CANONICAL},
    "plain_words": {"headers": HEADERS, "body": PLAIN},
    "japanese": {"headers": HEADERS, "body": JAPANESE},
    "trial": {"headers": HEADERS, "body": TRIAL},
    "batch": {
        "headers": HEADERS,
        "body": {"carrier": "sagawa", "trackings": [{**JAPANESE, "status": "⇒配達中"}, PLAIN]},
    },
}
PUBLISHED: dict[str, list[str] | tuple[str, str]] = {}
PUBLISHED_TOPICS: dict[str, str] = {}
