"""What Yoin puts on its bus: the facts, and what became of every message.

An entry is what EventBridge's PutEvents takes. ``Detail`` is ``{"metadata": ..., "data": ...}``.
Events about messages hold ids only: whoever may see the order may look up the rest.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from shared.contracts.facts import fact_to_json
from shared.domain.events import Channel, Fact
from shared.domain.values import instant_text, utc
from shared.ports import OutcomeEvent

SOURCE = "yoin"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """What the three events have in common. ``at`` in UTC; ``message`` is the kind of message."""

    brand: str
    order_id: str
    lifecycle: str
    occurrence: str
    channel: Channel
    message: str
    message_id: str
    reason: str
    at: datetime

    VERSION: ClassVar[int] = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", utc(self.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(_Message):
    """A provider took the message. Not yet a delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSkipped(_Message):
    """The message was decided against; ``reason`` is one of shared.domain.reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFailed(_Message):
    """The message was given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconsiderRequested:
    """A lifecycle is to look at an order again, though no fact about it is new: a message bounced,
    somebody approved, a claim was left behind. It states nothing; to repeat it does no harm.

    ``cause``: why, in a word, with the id of the message where there is one. The envelope's time
    is when it was asked for.
    """

    brand: str
    order_id: str
    lifecycle: str
    cause: str

    VERSION: ClassVar[int] = 1


REQUEST_EVENTS: dict[str, type[ReconsiderRequested]] = {"ReconsiderRequested": ReconsiderRequested}
"""What is on the bus and is no fact, and no outcome either."""

MESSAGE_EVENTS: dict[str, type[_Message]] = {
    cls.__name__: cls for cls in (MessageSent, MessageSkipped, MessageFailed)
}


def to_event(fact: Fact, bus: str) -> dict[str, str]:
    """The PutEvents entry of a fact on ``bus`` (its name or ARN)."""
    return _entry(fact.metadata.type, fact_to_json(fact), bus)


def message_event(outcome: OutcomeEvent) -> _Message:
    """An outcome as the event of its type. Raises KeyError for a type that is none."""
    key = outcome.key
    return MESSAGE_EVENTS[outcome.type](
        brand=key.brand,
        order_id=key.order_id,
        lifecycle=key.lifecycle,
        occurrence=key.occurrence,
        channel=key.channel,
        message=outcome.message,
        message_id=outcome.message_id,
        reason=outcome.reason,
        at=outcome.at,
    )


def outcome_to_event(outcome: OutcomeEvent, bus: str) -> dict[str, str]:
    """The PutEvents entry of what became of a message, on ``bus`` (its name or ARN)."""
    event = message_event(outcome)
    data = asdict(event) | {"channel": event.channel.value, "at": instant_text(event.at)}
    metadata = {
        # One message can be skipped many times and sent once: the time is part of the event.
        "id": f"{event.message_id}:{outcome.type}:{instant_text(event.at)}",
        "type": outcome.type,
        "version": event.VERSION,
        "brand": event.brand,
        "source": SOURCE,
        "occurred_at": instant_text(event.at),
    }
    return _entry(outcome.type, {"metadata": metadata, "data": data}, bus)


def reconsider_to_event(request: ReconsiderRequested, bus: str) -> dict[str, str]:
    """The PutEvents entry that wakes a lifecycle, on ``bus`` (its name or ARN)."""
    name = type(request).__name__
    metadata = {
        "id": f"{name}:{request.lifecycle}:{request.order_id}:{request.cause}",
        "type": name,
        "version": request.VERSION,
        "brand": request.brand,
        "source": SOURCE,
    }
    return _entry(name, {"metadata": metadata, "data": asdict(request)}, bus)


def _entry(detail_type: str, detail: dict[str, Any], bus: str) -> dict[str, str]:
    return {
        "Source": SOURCE,
        "DetailType": detail_type,
        "Detail": json.dumps(detail, ensure_ascii=False, separators=(",", ":")),
        "EventBusName": bus,
    }
