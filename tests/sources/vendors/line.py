"""LINE's webhooks, written by us to its documentation."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

ACCOUNT = "Uc0ffee0000000000000000000000c0de"
USER = "U0123456789abcdef0123456789abcdef"
EVENT_ID = "01JQS0000000000000000000A1"
TAG = "m-" + "0123456789" * 4


def event(kind: str, **more: Any) -> Json:
    return {
        "type": kind,
        "mode": "active",
        "timestamp": 1775004034558,
        "source": {"type": "user", "userId": USER},
        "webhookEventId": EVENT_ID,
        "deliveryContext": {"isRedelivery": False},
        **more,
    }


def delivered(data: str) -> Json:
    found = event("delivery", delivery={"data": data})
    del found["source"]
    return found


def webhook(*events: Json) -> Json:
    return {
        "headers": {"X-Line-Signature": "bm8gc2lnbmF0dXJlIGF0IGFsbA=="},
        "body": {"destination": ACCOUNT, "events": list(events)},
    }


SAMPLES: dict[str, Any] = {
    "follow": webhook(event("follow", follow={"isUnblocked": True}, replyToken="r")),
    "unfollow": webhook(event("unfollow")),
    "delivered": webhook(delivered(TAG)),
    "delivered, hash": webhook(delivered("ab" * 32)),
    "many": webhook(
        event("message", message={"id": "1", "type": "text", "text": "こんにちは"}),
        event("unfollow", webhookEventId="01JQS0000000000000000000A2"),
        event("something new", data={"deep": [None]}),
    ),
    "LINE's test of the URL": webhook(),
    "standby, again": webhook(
        event("follow", mode="standby", deliveryContext={"isRedelivery": True})
    ),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "account_link__sdk_java": [],
    "delivery_completion__docs_hashed_phone": [],
    "follow__sdk_java": ["ContactabilityChanged"],
    "postback__sdk_java": [],
    "text_emojis__sdk_java": [],
    "text_mention__sdk_java": [],
    "text_user__sdk_java": [],
    "unsend__sdk_java": [],
    "video_play_complete__sdk_java": [],
    "webhook_redelivery__sdk_java": [],
}
PUBLISHED_TOPICS: dict[str, str] = {}
