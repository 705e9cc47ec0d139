"""LINE: who follows or blocks the account, and which notification messages arrived.

Documentation: developers.line.biz/en/reference/messaging-api/#webhooks; delivery completion:
developers.line.biz/en/docs/partner-docs/line-notification-messages/. A request is
``{"destination": <the account's user id>, "events": [...]}``; ``events`` is empty when the
console tries the URL.

- Events: follow, unfollow, delivery; all others are of no consequence here. New types come at
  any time and must be answered with 200.
- Signature: ``x-line-signature``, base64 HMAC-SHA256 of the raw body with the channel secret
  (with LINE Chat Plus: the Switcher Secret).
- Retry: where redelivery is switched on, for a time that LINE does not tell.
- Order: not guaranteed; ``timestamp`` (Unix milliseconds) decides.
- Duplicates: a redelivery has the same ``webhookEventId`` (a ULID), and
  ``deliveryContext.isRedelivery`` true.

Readings that are ours
- A follow is also the end of a block; an unfollow is a block.
- ``delivery.data`` is the ``X-Line-Delivery-Tag`` of 16 to 100 characters, or else the SHA-256
  of the telephone number. Yoin's tag is its message id. A hash says nothing about which message
  it was: no fact.
- Delivered is not read. That a completion does not come within 24 hours means not delivered;
  no event says so.
- ``mode`` "standby" means that another module answers the person. What happened, happened.
- The user id that the console's old test sends is of nobody: a test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from shared.contracts.reading import Node
from shared.contracts.signatures import BodyHmac
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

NAME = "line"
SIGNATURE = "x-line-signature"
OTHER = "other"

_HASH = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_TESTER = "Udeadbeefdeadbeefdeadbeefdeadbeef"
_NOTHING = "nothing: Yoin does not talk with people"

# Type of event, in small letters -> (whether the person can be reached, why)
CONTACT = {"follow": (True, "FOLLOWED"), "unfollow": (False, "BLOCKED")}


# --- events and topics -------------------------------------------------------


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The event's type where it is of any consequence, else "other": LINE adds types."""
    try:
        said = _event(body).value.get("type")
    except Rejected:
        return None
    if not isinstance(said, str):
        return None
    return said.lower() if said.lower() in SOURCE.topics else OTHER


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Every event with the account that it is about; none is LINE's own test."""
    (whole,) = split_list(body) if isinstance(body, Mapping) else ({"events": body},)
    if "events" not in whole:
        return (whole,)
    around = {key: value for key, value in whole.items() if key != "events"}
    return tuple({**around, "events": [one.value]} for one in Node(whole).nodes("events"))


def event_id(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """LINE's id of the event, the same in every redelivery."""
    try:
        found = _event(body).value.get("webhookEventId")
    except Rejected:
        return None
    return found if isinstance(found, str) and found else None


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The fact in an event, if it is of any consequence."""
    if delivery.topic in CONTACT:
        return _contact(delivery)
    if delivery.topic == "delivery":
        return _delivered(delivery)
    return ()


def _event(body: Mapping[str, Any]) -> Node:
    events = Node(body).nodes("events") if "events" in body else (Node(body),)
    if len(events) != 1:
        raise Rejected("MALFORMED", "events is not a list of one event")
    return events[0]


def _contact(delivery: Delivery) -> tuple[Fact, ...]:
    event = _event(delivery.body)
    source = event.node("source")
    user = source.text("userId") if source else None
    if user is None:
        raise (source or event).missing("userId" if source else "source")
    reachable, reason = CONTACT[delivery.topic]
    changed = ContactabilityChanged(
        channel=Channel.LINE, address=user, reachable=reachable, reason=reason
    )
    return (_fact(delivery, event, changed, test=user == _TESTER),)


def _delivered(delivery: Delivery) -> tuple[Fact, ...]:
    event = _event(delivery.body)
    told = event.node("delivery")
    tag = told.text("data") if told else None
    if told is None or tag is None:
        raise (told or event).missing("data" if told else "delivery")
    if _HASH.fullmatch(tag) or not 16 <= len(tag) <= 100:
        return ()
    done = MessageReported(channel=Channel.LINE, word=ProviderWord.DELIVERED, message_id=tag)
    return (_fact(delivery, event, done),)


def _fact(delivery: Delivery, event: Node, data: Data, *, test: bool = False) -> Fact:
    at = event.epoch("timestamp", milliseconds=True) or delivery.time
    if at is None:
        raise event.missing("timestamp")
    account = Node(delivery.body).text("destination")
    return make_fact(
        delivery,
        data,
        at,
        brand=delivery.brands.find(shop=account.lower() if account else None),
        dedupe_id=event_id({}, delivery.body),
        test=test,
    )


# --- declaration -------------------------------------------------------------

SOURCE = Source(
    name=NAME,
    title="LINE",
    docs_url="https://developers.line.biz/en/reference/messaging-api/#webhooks",
    kind=Kind.MESSAGES,
    topics={
        "follow": "ContactabilityChanged (reachable, FOLLOWED)",
        "unfollow": "ContactabilityChanged (not reachable, BLOCKED)",
        "delivery": "MessageReported (DELIVERED) where its tag is not a telephone number's hash",
        "message": _NOTHING,
        "unsend": _NOTHING,
        "postback": _NOTHING,
        "videoplaycomplete": _NOTHING,
        "beacon": _NOTHING,
        "accountlink": _NOTHING,
        "membership": _NOTHING,
        "join": "nothing: groups are no customers",
        "leave": "nothing: groups are no customers",
        "memberjoined": "nothing: groups are no customers",
        "memberleft": "nothing: groups are no customers",
        OTHER: "nothing: a type that is new, or of no use here",
    },
    ignored={"*": "not an event that LINE documents"},
    notes=(
        "Redelivery only where it is switched on; webhookEventId stays the same.",
        "Order is not guaranteed; timestamp decides.",
        "Every type is answered with 200; those of no consequence become nothing.",
    ),
    recognises=lambda headers: SIGNATURE in headers,
    signature=BodyHmac(header=SIGNATURE),
    topic_of=topic_of,
    normalize=normalize,
    split=split,
    event_id=event_id,
)
