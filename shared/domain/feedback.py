"""What a provider reports about a message after it was handed over, in words of all channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.events import Channel


class ProviderWord(StrEnum):
    """What a provider reports about a message."""

    SENT = "SENT"
    DELIVERED = "DELIVERED"
    DELAYED = "DELAYED"
    BOUNCED = "BOUNCED"  # for good
    SOFT_BOUNCED = "SOFT_BOUNCED"
    COMPLAINED = "COMPLAINED"
    REJECTED = "REJECTED"
    OTHER = "OTHER"  # opens, clicks: of no consequence here


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """A provider's record about one message. ``addresses`` are those it is about."""

    word: ProviderWord
    brand: str
    channel: Channel
    message_id: str
    provider_id: str
    at: datetime
    addresses: tuple[str, ...] = ()
