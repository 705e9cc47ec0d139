"""Amazon SNS: what became of a text message, from SNS's delivery status log; and what people
answer to one (two-way SMS of AWS End User Messaging, over a topic).

Documentation: docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html. SNS writes one record
per SMS into the CloudWatch Logs groups ``sns/<region>/<account>/DirectPublishToPhoneNumber`` and
``.../Failure``. They come by a subscription filter (``awslogs.data``: base64, gzip), decoded, or
as the bare record.

- Events: records with the status SUCCESS or FAILURE; the reason of a failure is
  ``delivery.providerResponse``. Successes are logged at the rate that the account chooses (0 to
  100 %), failures always.
- Signature: none; what comes out of the account's own logs is AWS's word. SNS's signed HTTPS
  notifications are not taken: a subscription to a queue needs no address on the Internet.
- Retry: not promised.
- Order: not promised; ``notification.timestamp`` decides. It is UTC without saying so:
  "2016-06-28 00:40:34.558".
- Duplicates: each message has one record; SNS's message id is the same in a repetition.

Answers: docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-payload.html. A dedicated
number (long code, toll-free or short code) can be answered, a sender ID cannot: in Japan, where
SMS goes out under a sender ID, no answer ever comes, and the message carries a link instead.

- Events: every text that comes in. The payload says no time: the notification around it does.
- ``previousPublishedMessageId`` is the id of the message that was answered, where AWS knows it.
- AWS keeps one list of opt-outs for the whole account, unless the number manages its own.

Readings that are ours
- STOP and its like, in English and Japanese, as AWS (opt-out-list-keywords) and customers write
  them, refuse all marketing by SMS and end the number for SMS of every kind, as AWS does itself.
  STOP, UNSUBSCRIBE and the Japanese words count at the start of a text ("STOP please"), shorter
  ones only alone ("end", not "end of May?"). A keyword that AWS matched counts as well.
- START and UNSTOP, with which AWS opts a number in again, take a STOP back and nothing else.
  再開 does not: AWS would not send all the same.
- Any other text is a conversation: nothing is kept of it.
- SUCCESS is DELIVERED: that is SNS's own word for it. Whether the telephone confirmed it depends
  on the carrier (``dwellTimeMsUntilDeviceAck``).
- Reasons that will not pass are the end of the number (``PERMANENT``): BOUNCED. Those that lie with
  us or with this one message (``OURS``: the spending limit, the price, what a carrier takes for
  spam) are REJECTED: the number is not counted against, and another channel may say it. All
  others, and a reason that nobody knows, are SOFT_BOUNCED. "Phone has blocked SMS" is not among
  the permanent: a telephone's setting is changed as easily.
- The log names no brand and no id of ours: SNS's message id leads to the message, and only the
  ledger knows whether it is one of ours.
- A destination that is an ARN or a URL is an app's or a queue's delivery, no SMS.
- The price, the carrier and the number of parts are not kept.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
import zlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.contracts.notifications import records, unwrapped
from shared.contracts.reading import Node, load_any
from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ContactabilityChanged,
    Data,
    Fact,
    MessageReported,
    ProviderWord,
)
from shared.sources import Delivery, Kind, Source, make_fact, split_list

NAME = "sns"
REPLY = "reply"
MAX_LOG_BYTES = 6 * 1024 * 1024  # what Lambda takes

# The documented reasons that do not pass, in small letters, and what each says of the number.
PERMANENT = {
    "invalid phone number": "INVALID",
    "phone number is opted out": "OPTED_OUT",
    "destination is on a blocked list": "BLOCKED",
    "phone is on a blocked list": "BLOCKED",
}
# Documented reasons that lie with us or with this one message, not with the number: it was not and
# will not be delivered, and another message to the number may be. "No quota left for account" is
# not on that page; SNS writes it once the account's monthly spending limit is reached.
OURS = frozenset({
    "blocked as spam by phone carrier",
    "message body is invalid",
    "no quota left for account",
    "phone carrier has blocked this message",
    "this delivery would exceed max price",
})  # fmt: skip
# The other documented ones: the number's, for now.
PASSING = frozenset({
    "phone carrier is currently unreachable/unavailable",
    "phone has blocked sms",
    "phone is currently unreachable/unavailable",
    "unknown error attempting to reach phone",
})  # fmt: skip

# docs.aws.amazon.com/sms-voice/latest/userguide/opt-out-list-keywords.html, in small letters; and
# what Japanese customers write.
STOP_ALONE = frozenset({
    "arret", "cancel", "end", "opt-out", "optout", "quit", "remove", "stop", "td", "unsubscribe",
    "stopall", "停止", "解除", "ストップ",
})  # fmt: skip
STOP_FIRST = ("stop", "unsubscribe")
STOP_BEGINS = ("配信停止", "配信解除", "配信不要", "停止希望", "購読解除")
START_ALONE = frozenset({"start", "unstop"})

_NUMBER = re.compile(r"\+[0-9]{4,15}", re.ASCII)
_WORDS = {"SUCCESS": ProviderWord.DELIVERED, "FAILURE": ProviderWord.SOFT_BOUNCED}


# --- events and topics -------------------------------------------------------


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """What a record is about: its shape and its destination tell."""
    if _is_reply(body):
        return REPLY
    delivery = body.get("delivery")
    if isinstance(delivery, Mapping) and isinstance(body.get("notification"), Mapping):
        destination = str(delivery.get("destination", ""))
        return "endpoint" if destination.startswith(("arn:", "http")) else "sms"
    kind = body.get("Type")
    return kind if isinstance(kind, str) else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Every record of the log, out of the envelopes that it came in."""
    if not isinstance(body, Mapping):
        return split_list(body)
    if "Records" in body:
        return tuple(part for record in records(body) for part in split(record))
    inside = unwrapped(body)
    if isinstance(inside, Mapping) and _is_reply(inside):
        # Only the notification says when it came.
        return ({"receivedAt": body.get("Timestamp"), **inside},)
    if isinstance(inside, Mapping) and isinstance(inside.get("awslogs"), Mapping):
        inside = _unzipped(inside["awslogs"].get("data"))
    if not isinstance(inside, Mapping) or "logEvents" not in inside:
        return split_list(inside)
    if inside.get("messageType") == "CONTROL_MESSAGE":  # CloudWatch tries whether it can deliver
        return ()
    lines = Node(inside).nodes("logEvents")
    return split_list([load_any(line.text("message") or "") for line in lines])


def event_id(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """SNS's message id, each message has one record; of an answer its own id."""
    if _is_reply(body):
        answer = body.get("inboundMessageId")
        return answer if isinstance(answer, str) and answer else None
    told = body.get("notification")
    found = told.get("messageId") if isinstance(told, Mapping) else None
    return found if isinstance(found, str) and found else None


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """What became of the SMS, then of its number where it is the end of that."""
    if delivery.topic == "endpoint":
        return ()
    if delivery.topic == REPLY:
        return _answered(delivery)
    body = Node(delivery.body)
    told, done = body.node("notification"), body.node("delivery")
    if told is None or done is None:
        raise body.missing("notification", "delivery")
    provider_id, at = told.text("messageId"), told.instant("timestamp", zone="UTC")
    if provider_id is None or at is None:
        raise told.missing("messageId", "timestamp")
    status, detail = body.text("status"), done.text("providerResponse")
    if status is None:
        raise body.missing("status")
    word = _WORDS.get(status.upper(), ProviderWord.OTHER)
    said = (detail or "").strip().rstrip(".").lower()
    reason = PERMANENT.get(said) if word is ProviderWord.SOFT_BOUNCED else None
    if word is ProviderWord.SOFT_BOUNCED and said in OURS:
        word = ProviderWord.REJECTED
    destination = done.text("destination") or ""
    # SNS can be told to hide numbers, wholly or in part: then there is none to speak of.
    addresses = (destination,) if _NUMBER.fullmatch(destination) else ()
    reported = MessageReported(
        channel=Channel.SMS,
        word=ProviderWord.BOUNCED if reason else word,
        provider_id=provider_id,
        addresses=addresses,
        detail=detail[:200] if detail else None,
    )
    brand = delivery.brands.find()
    facts = [make_fact(delivery, reported, at, brand=brand, dedupe_id=provider_id)]
    for address in addresses if reason else ():
        gone = ContactabilityChanged(
            channel=Channel.SMS, address=address, reachable=False, reason=reason or ""
        )
        facts.append(make_fact(delivery, gone, at, brand=brand, dedupe_id=provider_id))
    return tuple(facts)


def _is_reply(body: Mapping[str, Any]) -> bool:
    """Whether a payload is a text that came in."""
    return isinstance(body.get("originationNumber"), str) and "messageBody" in body


def _meaning(text: str, keyword: str = "") -> ProviderWord | None:
    """What a text asks for: STOPPED, RESUMED, or None. ``keyword``: the one that AWS matched."""
    said = unicodedata.normalize("NFKC", text).casefold().strip(_AROUND)
    matched = keyword.casefold().strip(_AROUND)
    first = said.split()[0].strip(_AROUND) if said.split() else ""
    if (
        said in STOP_ALONE
        or matched in STOP_ALONE
        or first in STOP_FIRST
        or said.startswith(STOP_BEGINS)
    ):
        return ProviderWord.STOPPED
    return ProviderWord.RESUMED if said in START_ALONE else None


_AROUND = " \t\r\n.,!?。、「」\"'"


def _answered(delivery: Delivery) -> tuple[Fact, ...]:
    """A refusal or its end: about the message that was answered, and about the number."""
    body = Node(delivery.body)
    word = _meaning(body.text("messageBody") or "", body.text("messageKeyword") or "")
    if word is None:
        return ()
    number = body.text("originationNumber") or ""
    if not _NUMBER.fullmatch(number):
        raise Rejected("INVALID_VALUE", "originationNumber is no number")
    at = body.instant("receivedAt", zone="UTC") or delivery.time
    if at is None:
        raise body.missing("Timestamp")
    brand, own_id = delivery.brands.find(), event_id({}, delivery.body)
    answered = body.text("previousPublishedMessageId")
    said: list[MessageReported] = []
    if answered:
        said.append(
            MessageReported(
                channel=Channel.SMS, word=word, provider_id=answered, addresses=(number,)
            )
        )
    stopped = word is ProviderWord.STOPPED
    contact = ContactabilityChanged(
        channel=Channel.SMS,
        address=number,
        reachable=not stopped,
        reason="OPTED_OUT" if stopped else "OPTED_IN",
    )
    told: list[Data] = [*said, contact]
    return tuple(make_fact(delivery, one, at, brand=brand, dedupe_id=own_id) for one in told)


def _unzipped(data: Any) -> Any:
    try:
        unzip = zlib.decompressobj(wbits=31)
        raw = unzip.decompress(base64.b64decode(str(data), validate=True), MAX_LOG_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise Rejected("MALFORMED", "awslogs.data is not base64 of gzip") from None
    return load_any(raw, limit=MAX_LOG_BYTES)


# --- declaration -------------------------------------------------------------

SOURCE = Source(
    name=NAME,
    title="Amazon SNS (SMS)",
    docs_url="https://docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html",
    kind=Kind.MESSAGES,
    comes_by="CloudWatch Logs; answers by an SNS topic",
    topics={
        REPLY: "MessageReported and ContactabilityChanged for STOP and START; else nothing",
        "sms": "MessageReported; ContactabilityChanged where the number cannot be used any more",
        "endpoint": "nothing: the delivery to an app, a queue or a function, no SMS",
    },
    ignored={
        "SubscriptionConfirmation": "Yoin takes SNS over a queue; SNS confirms that by itself",
        "UnsubscribeConfirmation": "Yoin takes SNS over a queue; nothing is to be confirmed",
        "Notification": "what it holds is no record of a delivery; one of SES is source `ses`",
        "*": "not a record of SNS's delivery status log",
    },
    notes=(
        "Repetition and order: CloudWatch Logs promises neither.",
        "Failures are always logged, successes at the rate that the account sets.",
        "Times are UTC, written without saying so.",
    ),
    recognises=lambda headers: "x-amz-sns-message-type" in headers,
    topic_of=topic_of,
    normalize=normalize,
    split=split,
    event_id=event_id,
    retries_for=timedelta(0),
)
