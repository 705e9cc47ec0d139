"""Amazon SES: what became of a mail, and of the addresses that it went to.

Documentation: docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
(event publishing, ``eventType``) and .../notification-contents.html (feedback of an identity,
``notificationType``). The records come over EventBridge (``source: aws.ses``, the record is
``detail``), over SNS and SQS (wrapped, or raw), or bare.

- Events: Send, Delivery, Bounce, Complaint, Reject, "Rendering Failure" (with its space),
  DeliveryDelay, Open, Click, Subscription.
- Signature: none of SES's own; what comes over EventBridge and SQS is AWS's word. SES has no
  webhook.
- Retry: publishing to EventBridge is best effort. Nothing may rely on a record to come.
- Order: not promised; the record's ``timestamp`` decides.
- Duplicates: nothing may rely on a record to come once; SES's message id, the type and
  ``feedbackId`` or ``timestamp`` are the same in every repetition.

Readings that are ours
- A bounce or complaint is about the recipients that it lists, and no other addressee.
- Permanent is the end of an address, whatever the sub-type (OnAccountSuppressionList, too: it
  bounced or complained before). Transient and Undetermined are not: SOFT_BOUNCED, with type and
  sub-type as detail.
- A complaint with the sub-type OnAccountSuppressionList is no complaint about this mail: SES
  accepted and never sent it (REJECTED), because the address complained before.
- A complaint of the type "not-spam" corrects one: the provider holds the mail for no spam. OTHER.
- Message and brand stand in the tags ``yoin_message`` and ``yoin_brand``. Feedback of an identity
  has no tags: then SES's own message id leads to the message, and the ledger knows whether it is
  one of ours. The record itself does not.
- Detail is SES's word for the reason, never the diagnostic text: that quotes addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from shared.contracts.notifications import records, unwrapped
from shared.contracts.reading import Node
from shared.domain.errors import Rejected
from shared.domain.events import Channel, ContactabilityChanged, Fact, MessageReported, ProviderWord
from shared.sources import Delivery, Kind, Opened, Source, make_fact, split_list

NAME = "ses"
MESSAGE_TAG, BRAND_TAG = "yoin_message", "yoin_brand"

ON_SUPPRESSION_LIST = "OnAccountSuppressionList"
NO_SPAM = "not-spam"
_VALIDATED = "Successfully validated SNS topic"
_SUBSCRIBED = "amazonsnssubscriptionsucceeded"


@dataclass(frozen=True, slots=True)
class _Record:
    """Where a kind of record has its particulars, and the word that it is."""

    part: str
    word: ProviderWord
    recipients: str | None = None  # whom it is about, where it is not about all
    detail: str | None = None


RECORDS = {
    "send": _Record("send", ProviderWord.SENT),
    "delivery": _Record("delivery", ProviderWord.DELIVERED, "recipients"),
    "bounce": _Record("bounce", ProviderWord.SOFT_BOUNCED, "bouncedRecipients"),
    "complaint": _Record("complaint", ProviderWord.COMPLAINED, "complainedRecipients"),
    "reject": _Record("reject", ProviderWord.REJECTED, detail="reason"),
    "rendering failure": _Record("failure", ProviderWord.REJECTED, detail="errorMessage"),
    "deliverydelay": _Record(
        "deliveryDelay", ProviderWord.DELAYED, "delayedRecipients", "delayType"
    ),
    "open": _Record("open", ProviderWord.OTHER),
    "click": _Record("click", ProviderWord.OTHER),
    "subscription": _Record("subscription", ProviderWord.OTHER),
}


# --- events and topics -------------------------------------------------------


def matches(envelope: Mapping[str, Any]) -> bool:
    """An event of SES on EventBridge."""
    return envelope.get("source") == "aws.ses"


def open_envelope(envelope: Mapping[str, Any]) -> Opened:
    """The record in an event; what is about the account and no mail has its detail-type."""
    record = envelope["detail"]
    topic = topic_of({}, record) or str(envelope["detail-type"]).lower()
    return Opened(headers={}, body=record, topic=topic)


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The type of a record, in small letters."""
    for key in ("eventType", "notificationType"):
        said = body.get(key)
        if isinstance(said, str) and said:
            return said.lower()
    if str(body.get("Message", "")).startswith(_VALIDATED):
        return _SUBSCRIBED
    return None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Every record, out of SNS's envelope."""
    return split_list([unwrapped(part) for part in records(body)])


def event_id(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """What is the same in every repetition of a record."""
    topic = topic_of({}, body)
    if topic not in RECORDS or not isinstance(body.get("mail"), Mapping):
        return None
    said = body.get(RECORDS[topic].part)
    part = said if isinstance(said, Mapping) else {}
    ids = (body["mail"].get("messageId"), topic, part.get("feedbackId") or part.get("timestamp"))
    return ":".join(one for one in ids if isinstance(one, str))


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """What the record says of the mail, then of every address that can no longer be used."""
    if delivery.topic == _SUBSCRIBED:
        return ()
    return tuple(_facts(delivery))


def _facts(delivery: Delivery) -> Iterator[Fact]:
    body, record = Node(delivery.body), RECORDS[delivery.topic]
    mail = body.node("mail")
    if mail is None:
        raise body.missing("mail")
    part = body.node(record.part) or Node({}, record.part)
    at = _at(part, mail)
    addresses = _addresses(part, record.recipients) if record.recipients else ()
    word, reason, detail = _judged(delivery.topic, record, part)
    if reason is not None and not addresses:
        raise part.missing(record.recipients or "recipients")
    message_id, provider_id = _tag(mail, MESSAGE_TAG), mail.text("messageId")
    if message_id is None and provider_id is None:
        raise mail.missing("messageId")
    known: dict[str, Any] = {
        "brand": delivery.brands.find(brand=_tag(mail, BRAND_TAG)),
        "dedupe_id": event_id({}, delivery.body),
    }
    reported = MessageReported(
        channel=Channel.EMAIL,
        word=word,
        message_id=message_id,
        provider_id=provider_id,
        addresses=addresses,
        detail=detail,
    )
    yield make_fact(delivery, reported, at, **known)
    if reason is not None:
        for address in addresses:
            gone = ContactabilityChanged(
                channel=Channel.EMAIL, address=address, reachable=False, reason=reason
            )
            yield make_fact(delivery, gone, at, **known)


def _judged(topic: str, record: _Record, part: Node) -> tuple[ProviderWord, str | None, str | None]:
    """The word; why the addresses can no longer be used, if so; SES's own reason."""
    if topic == "bounce":
        kind, narrower = part.text("bounceType"), part.text("bounceSubType")
        if kind is None:
            raise part.missing("bounceType")
        detail = f"{kind}/{narrower}" if narrower else kind
        if kind.lower() == "permanent":
            return ProviderWord.BOUNCED, "BOUNCED", detail
        return record.word, None, detail
    if topic == "complaint":
        narrower, kind = part.text("complaintSubType"), part.text("complaintFeedbackType")
        if kind == NO_SPAM:
            return ProviderWord.OTHER, None, kind
        if narrower == ON_SUPPRESSION_LIST:
            return ProviderWord.REJECTED, "COMPLAINED", narrower
        return record.word, "COMPLAINED", narrower or kind
    if record.word is ProviderWord.OTHER:
        return record.word, None, topic.capitalize()
    said = part.text(record.detail) if record.detail else None
    return record.word, None, said[:200] if said else None


def _at(part: Node, mail: Node) -> datetime:
    at = part.instant("timestamp") or mail.instant("timestamp")
    if at is None:
        raise mail.missing("timestamp")
    return at


def _addresses(part: Node, key: str) -> tuple[str, ...]:
    """Bare addresses, each once: a delivery lists texts, the others objects.

    One that is none is left out beside others. Raises Rejected where none is left.
    """
    listed = part.value.get(key) or ()
    if not isinstance(listed, list | tuple):
        raise part.misshapen(key, "a list")
    found: list[str] = []
    refusal: Rejected | None = None
    for number, item in enumerate(listed):
        node = Node(
            item if isinstance(item, Mapping) else {"emailAddress": item}, f"{key}[{number}]"
        )
        address = parseaddr(node.text("emailAddress") or "")[1]
        if "@" in address:
            found.append(address)
        else:
            refusal = refusal or node.impossible("emailAddress", "an e-mail address")
    if refusal and not found:
        raise refusal
    return tuple(dict.fromkeys(found))


def _tag(mail: Node, name: str) -> str | None:
    tags = mail.node("tags")
    values = tags.texts(name) if tags else ()
    return values[0] if values else None


# --- declaration -------------------------------------------------------------

_CONSEQUENCE = "MessageReported; ContactabilityChanged for every recipient that it lists"
_NO_CONSEQUENCE = "MessageReported (OTHER), of no consequence"

SOURCE = Source(
    name=NAME,
    title="Amazon SES",
    docs_url="https://docs.aws.amazon.com/ses/latest/dg/monitor-using-event-publishing.html",
    kind=Kind.MESSAGES,
    topics={
        "send": "MessageReported (SENT)",
        "delivery": "MessageReported (DELIVERED)",
        "bounce": f"{_CONSEQUENCE}, where the bounce is permanent",
        "complaint": _CONSEQUENCE,
        "reject": "MessageReported (REJECTED)",
        "rendering failure": "MessageReported (REJECTED)",
        "deliverydelay": "MessageReported (DELAYED)",
        "open": _NO_CONSEQUENCE,
        "click": _NO_CONSEQUENCE,
        "subscription": _NO_CONSEQUENCE,
        _SUBSCRIBED: "nothing: SES tells a topic that it may publish to it",
    },
    ignored={
        "sending status*": "about the account's right to send; AWS Health and the alarms tell it",
        "advisor recommendation*": "advice about the account, not about a mail",
        "*": "not a type of record that SES documents",
    },
    event_patterns=({"source": ["aws.ses"]},),
    notes=(
        "Publishing to EventBridge is best effort: a record may be missing, late or repeated.",
        "Open and Click need a tracking pixel and rewritten links; Yoin does not ask for them.",
    ),
    matches=matches,
    recognises=lambda _headers: False,
    open=open_envelope,
    topic_of=topic_of,
    normalize=normalize,
    split=split,
    event_id=event_id,
    retries_for=timedelta(0),
)
