"""What a provider reports about a message after it was handed over, in words of all channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.domain.events import Channel, ProviderWord


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
