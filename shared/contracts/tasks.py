"""What the state machines give to the functions and get back: all keys, always.

A state machine reads a missing key as an error, so absence is an empty text. A test holds the
use cases' results to these definitions.
"""

from __future__ import annotations

from typing import Literal, TypedDict

ChannelText = Literal["email", "sms", ""]


class ExecutionInput(TypedDict):
    """What starts a state machine. Ids only; ``cause`` is the fact or timer that started it."""

    brand: str
    order_id: str
    cause: str


class DecideInput(TypedDict):
    """The payload of the decide function."""

    lifecycle: str
    brand: str
    order_id: str


class DecideOutput(TypedDict):
    """What to do next. ``wake_at``: "YYYY-MM-DDTHH:MM:SS" in UTC, as the Scheduler's at() has it.

    ``timer`` is the name of the lifecycle's one schedule for this order.
    """

    action: Literal["SEND", "WAIT", "FINISH"]
    message: str
    occurrence: str
    channel: ChannelText
    wake_at: str
    timer: str
    reason: str


class SendInput(TypedDict):
    """The payload of the send function."""

    lifecycle: str
    brand: str
    order_id: str
    occurrence: str
    channel: Literal["email", "sms"]


class SendOutput(TypedDict):
    """What became of the message."""

    outcome: Literal["SENT", "SKIPPED", "DEFERRED", "FAILED", "UNKNOWN", "BUSY"]
    reason: str
    message_id: str
