"""SES event publishing, as it comes over EventBridge (``source: aws.ses``).

Fields: docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html. Delivery
of these events is best effort: nothing here may be relied on to come, or to come once.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from shared.domain.errors import Rejected
from shared.domain.events import Channel, ProviderWord
from shared.domain.feedback import ProviderEvent

MESSAGE_TAG = "yoin_message"
BRAND_TAG = "yoin_brand"


class _Record(BaseModel):
    """SES adds fields over time: what is not used here is ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Recipient(_Record):
    address: str = Field(alias="emailAddress")


class _Bounce(_Record):
    kind: str = Field(alias="bounceType")
    recipients: list[_Recipient] = Field(alias="bouncedRecipients")
    timestamp: AwareDatetime


class _Complaint(_Record):
    recipients: list[_Recipient] = Field(alias="complainedRecipients")
    timestamp: AwareDatetime


class _Stamped(_Record):
    timestamp: AwareDatetime


class _Mail(_Record):
    timestamp: AwareDatetime
    message_id: str = Field(alias="messageId")
    tags: dict[str, list[str]] = {}


class _SesEvent(_Record):
    event_type: str = Field(alias="eventType")
    mail: _Mail
    bounce: _Bounce | None = None
    complaint: _Complaint | None = None
    delivery: _Stamped | None = None


class _Envelope(_Record):
    source: Literal["aws.ses"]
    detail: _SesEvent


_WORDS = {
    "Send": ProviderWord.SENT,
    "Delivery": ProviderWord.DELIVERED,
    "DeliveryDelay": ProviderWord.DELAYED,
    "Reject": ProviderWord.REJECTED,
    "Rendering Failure": ProviderWord.REJECTED,
}


def parse_ses_event(body: str) -> ProviderEvent | None:
    """An EventBridge event of SES, as JSON text; None for a mail that is not Yoin's.

    Raises Rejected("MALFORMED") for what is no such event.
    """
    try:
        loaded: Any = json.loads(body)
        event = _Envelope.model_validate(loaded).detail
    except (json.JSONDecodeError, ValidationError) as error:
        raise Rejected("MALFORMED", "not an event of SES event publishing") from error
    message_id = _tag(event, MESSAGE_TAG)
    brand = _tag(event, BRAND_TAG)
    if message_id is None or brand is None:
        return None
    word, at, recipients = _said(event)
    return ProviderEvent(
        word=word,
        brand=brand,
        channel=Channel.EMAIL,
        message_id=message_id,
        provider_id=event.mail.message_id,
        at=at,
        addresses=tuple(recipient.address for recipient in recipients),
    )


def _said(event: _SesEvent) -> tuple[ProviderWord, datetime, list[_Recipient]]:
    """What happened, when, and to which of the addressees (empty: to all)."""
    if event.bounce is not None:
        # Only a permanent bounce says that an address is no good, and only those it lists.
        permanent = event.bounce.kind == "Permanent"
        word = ProviderWord.BOUNCED if permanent else ProviderWord.SOFT_BOUNCED
        return word, event.bounce.timestamp, event.bounce.recipients
    if event.complaint is not None:
        return ProviderWord.COMPLAINED, event.complaint.timestamp, event.complaint.recipients
    word = _WORDS.get(event.event_type, ProviderWord.OTHER)
    return word, event.delivery.timestamp if event.delivery else event.mail.timestamp, []


def _tag(event: _SesEvent, name: str) -> str | None:
    values = event.mail.tags.get(name)
    return values[0] if values else None
