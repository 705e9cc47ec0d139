"""SNS's SMS delivery status log, written by us to its documentation."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

Json = dict[str, Any]

SNS_ID = "34d9b400-0000-4000-8000-000000000001"
NUMBER = "+819012345678"


def record(status: str = "SUCCESS", reason: str | None = None, **delivery: Any) -> Json:
    return {
        "notification": {"messageId": SNS_ID, "timestamp": "2026-04-01 00:40:34.558"},
        "delivery": {
            "phoneCarrier": "My Phone Carrier",
            "mnc": 10,
            "mcc": 440,
            "numberOfMessageParts": 1,
            "destination": NUMBER,
            "priceInUSD": 0.07451,
            "smsType": "Transactional",
            "providerResponse": reason or "Message has been accepted by phone carrier",
            "dwellTimeMs": 599,
            **delivery,
        },
        "status": status,
    }


def batch(*records: Json, kind: str = "DATA_MESSAGE") -> Json:
    """Decoded, as a subscription filter hands it over."""
    return {
        "messageType": kind,
        "owner": "111122223333",
        "logGroup": "sns/ap-northeast-1/111122223333/DirectPublishToPhoneNumber",
        "logStream": "34d9b400",
        "subscriptionFilters": ["yoin"],
        "logEvents": [
            {"id": str(number), "timestamp": 1775004034558, "message": json.dumps(one)}
            for number, one in enumerate(records)
        ],
    }


def awslogs(batched: Json) -> Json:
    """As a function gets it."""
    zipped = gzip.compress(json.dumps(batched).encode(), mtime=0)
    return {"awslogs": {"data": base64.b64encode(zipped).decode()}}


SAMPLES: dict[str, Any] = {
    "delivered": record(),
    "opted out": record("FAILURE", "Phone number is opted out"),
    "unreachable": record("FAILURE", "Phone is currently unreachable/unavailable"),
    "from the logs": awslogs(
        batch(record(), record("FAILURE", "Invalid phone number", destination="+81901"))
    ),
    "decoded": batch(record("FAILURE", "Phone is on a blocked list")),
    "a control message": awslogs(batch({}, kind="CONTROL_MESSAGE")),
    "from a topic": {"Type": "Notification", "Message": json.dumps(record())},
    "an app": record(destination="arn:aws:sns:us-east-2:111122223333:endpoint/APNS/app/1"),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "delivery_status_log__docs_0": [],
    "http_notification__docs": ("UNKNOWN_TOPIC", "no record of a delivery"),
    "http_subscription_confirmation__docs": ("UNKNOWN_TOPIC", "over a queue"),
    "sms_delivery_log__docs_success": ["MessageReported"],
}
PUBLISHED_TOPICS: dict[str, str] = {}
