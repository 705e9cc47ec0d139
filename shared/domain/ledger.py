"""The ledger: one entry for every candidate message, sent or not, with its reason.

Identity is (brand, order, lifecycle, occurrence, channel): at most one message each, for ever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from shared.domain.events import Channel
from shared.domain.reasons import Reason
from shared.domain.values import digest


class Priority(IntEnum):
    """Who speaks first when several lifecycles want to speak to one person."""

    PROMOTION = 10
    REVIEW = 20
    CONFIRMATION = 30
    INCIDENT = 40


class EntryStatus(StrEnum):
    """Where a candidate message stands."""

    WAITING = "WAITING"  # will be looked at again at next_check
    SENDING = "SENDING"  # claimed; the lease says until when
    UNKNOWN = "UNKNOWN"  # sent or not: the provider's record decides
    SENT = "SENT"
    SKIPPED = "SKIPPED"  # decided against, with a reason; may become due again
    FAILED = "FAILED"  # given up


_MESSAGE_ID = re.compile(r"m-[0-9a-f]{40}", re.ASCII)

FINAL = frozenset({EntryStatus.SENT, EntryStatus.FAILED})
IN_FLIGHT = frozenset({EntryStatus.SENDING, EntryStatus.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKey:
    """The identity of a message."""

    brand: str
    order_id: str
    lifecycle: str
    occurrence: str
    channel: Channel

    def message_id(self) -> str:
        """The message's own id: the same for every attempt, and free of personal data."""
        parts = (self.brand, self.order_id, self.lifecycle, self.occurrence, self.channel)
        return "m-" + digest(*parts, length=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """What is known of one candidate message. Instants in UTC."""

    key: EntryKey
    status: EntryStatus
    reason: Reason
    rule: str  # the rule that spoke, in a few words: "promise - 48 h"
    message: str  # the kind of message, such as "received"
    marketing: bool = False  # counts toward the person's frequency caps
    decided_at: datetime
    inputs_version: str = ""
    policy_version: str = ""
    next_check: datetime | None = None  # when it is looked at again
    due_at: datetime | None = None  # when it was, or will be, due
    not_before: datetime | None = None  # the gate holds it until then
    lease_until: datetime | None = None
    attempts: int = 0
    provider_id: str | None = None
    sent_at: datetime | None = None
    customer_key: str | None = None
    skus: tuple[str, ...] = ()  # what the message was about
    covers: tuple[str, ...] = ()  # other occurrences that this message speaks for as well
    detail: str | None = None  # an error's text, never personal data
    version: int = 0
    delivered_at: datetime | None = None
    created_at: datetime | None = None
    held_since: datetime | None = None  # since when it waits for approval, being about the past
    priority: Priority = Priority.PROMOTION
    inputs: str | None = None  # the name of the inputs that it was decided on (port Inputs)


def is_message_id(text: str) -> bool:
    """Whether ``text`` can be an id of ours: it has the form of ``EntryKey.message_id``."""
    return _MESSAGE_ID.fullmatch(text) is not None


def was_tried(entry: LedgerEntry) -> bool:
    """Whether a provider may have seen it: then its message id can come back."""
    undecided = entry.status in {EntryStatus.WAITING, EntryStatus.SKIPPED}
    return entry.attempts > 0 or not undecided


def went_out(entry: LedgerEntry) -> bool:
    """Whether it was sent, whatever became of it afterwards."""
    return entry.status is EntryStatus.SENT or entry.sent_at is not None


def claim_due(entry: LedgerEntry) -> datetime | None:
    """By when a claim's outcome should be known; None for an entry that nobody has claimed."""
    return entry.next_check if entry.status in IN_FLIGHT else None


def by_identity(entry: LedgerEntry) -> tuple[str, ...]:
    """The sort key by which an order's entries stand in a list."""
    key = entry.key
    return (key.brand, key.order_id, key.lifecycle, key.occurrence, key.channel)


def by_sending(entry: LedgerEntry) -> tuple[datetime, tuple[str, ...]]:
    """The sort key by which sent messages stand in a list: oldest first."""
    return (entry.sent_at or entry.decided_at, by_identity(entry))
