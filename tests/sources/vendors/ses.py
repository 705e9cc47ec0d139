"""SES's records written by us to its documentation (event publishing; feedback of an identity)."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

MESSAGE_ID = "m-" + "0123456789" * 4
SES_ID = "0106019a-sample-000000"
AT = "2026-04-01T00:00:05.250Z"


def mail(**more: Any) -> Json:
    return {
        "timestamp": "2026-04-01T00:00:01.000Z",
        "source": "Aoba <hello@aoba.example.com>",
        "messageId": SES_ID,
        "destination": ["hanako@example.com", "jiro@example.com", "saburo@example.com"],
        "headersTruncated": False,
        "tags": {
            "ses:configuration-set": ["yoin-dev"],
            "yoin_message": [MESSAGE_ID],
            "yoin_brand": ["aoba"],
        },
        **more,
    }


def event(kind: str, **part: Any) -> Json:
    """A record of event publishing."""
    return {"eventType": kind, "mail": mail(), **part}


def bounce(kind: str = "Permanent", narrower: str = "General", *addresses: str) -> Json:
    recipients = addresses or ("jiro@example.com",)
    said = {
        "bounceType": kind,
        "bounceSubType": narrower,
        "bouncedRecipients": [
            {
                "emailAddress": one,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": f"smtp; 550 5.1.1 {one} unknown",
            }
            for one in recipients
        ],
        "timestamp": AT,
        "feedbackId": "0106019a-feedback-000000",
    }
    return event("Bounce", bounce=said)


def complaint(narrower: str | None = None) -> Json:
    said = {
        "complainedRecipients": [{"emailAddress": "Jiro <jiro@example.com>"}],
        "timestamp": AT,
        "feedbackId": "0106019a-complaint-000000",
        "complaintSubType": narrower,
        "complaintFeedbackType": None if narrower else "abuse",
    }
    return event("Complaint", complaint=said)


def notification(record: Json) -> Json:
    """The same as an identity's feedback: no tags, another name of the type."""
    untagged = {key: value for key, value in mail().items() if key != "tags"}
    rest = {key: value for key, value in record.items() if key != "eventType"}
    return {**rest, "notificationType": record["eventType"], "mail": untagged}


def on_the_bus(record: Json, detail_type: str = "Email Sent") -> Json:
    return {
        "version": "0",
        "id": "5e5e5e5e-0000-4000-8000-000000000001",
        "detail-type": detail_type,
        "source": "aws.ses",
        "account": "111122223333",
        "time": "2026-04-01T00:00:06Z",
        "region": "ap-northeast-1",
        "resources": [],
        "detail": record,
    }


def from_a_topic(record: Json) -> Json:
    """What SNS puts into a queue without raw delivery."""
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-0000-4000-8000-000000000001",
        "TopicArn": "arn:aws:sns:ap-northeast-1:111122223333:ses-events",
        "Message": json.dumps(record),
        "Timestamp": "2026-04-01T00:00:06.655Z",
        "SignatureVersion": "1",
    }


SAMPLES: dict[str, Any] = {
    "sent": on_the_bus(event("Send", send={})),
    "delivered": on_the_bus(
        event("Delivery", delivery={"timestamp": AT, "recipients": ["hanako@example.com"]}),
        "Email Delivered",
    ),
    "bounced": on_the_bus(
        bounce("Permanent", "NoEmail", "hanako@example.com", "jiro@example.com"), "Email Bounced"
    ),
    "on the suppression list": bounce("Permanent", "OnAccountSuppressionList"),
    "bounced for now": from_a_topic(bounce("Transient", "MailboxFull")),
    "complained": from_a_topic(complaint()),
    "complained before": complaint("OnAccountSuppressionList"),
    "rejected": event("Reject", reject={"reason": "Bad content"}),
    "not rendered": event(
        "Rendering Failure",
        failure={"errorMessage": "Attribute 'name' is not present", "templateName": "t"},
    ),
    "delayed": event(
        "DeliveryDelay",
        deliveryDelay={
            "timestamp": AT,
            "delayType": "MailboxFull",
            "expirationTime": "2026-04-01T14:00:05.250Z",
            "delayedRecipients": [{"emailAddress": "jiro@example.com", "status": "4.2.2"}],
        },
    ),
    "opened": event("Open", open={"timestamp": AT, "ipAddress": "192.0.2.1"}),
    "clicked": event("Click", click={"timestamp": AT, "link": "https://example.com/"}),
    "subscription": event("Subscription", subscription={"timestamp": AT, "contactList": "c"}),
    "an identity's bounce": notification(bounce()),
    "an identity's complaint": from_a_topic(notification(complaint())),
    "may publish": {
        "notificationType": "AmazonSnsSubscriptionSucceeded",
        "message": "You have successfully subscribed your Amazon SNS topic",
    },
}

_REPORT, _GONE = "MessageReported", "ContactabilityChanged"
PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "bounce__docs_event_publishing": [_REPORT, _GONE],
    "bounce_notification_dsn__docs_feedback": [_REPORT, _GONE],
    "click__docs_event_publishing": [_REPORT],
    "complaint__docs_event_publishing": [_REPORT, _GONE],
    "complaint_notification__docs_feedback": [_REPORT, _GONE],
    "delivery__docs_event_publishing": [_REPORT],
    "delivery_feedback__anymail_delivery": [_REPORT],
    "eventbridge_send__wraps_docs": [_REPORT],
    "open__docs_event_publishing": [_REPORT],
    "send__docs_event_publishing": [_REPORT],
}
PUBLISHED_TOPICS: dict[str, str] = {}
