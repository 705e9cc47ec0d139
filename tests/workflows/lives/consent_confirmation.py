"""An order of a brand with double opt-in whose buyer has ticked the box."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.events import Channel, ConsentSeen, Fact
from tests.builders import placed

UNTIL = timedelta(days=5)

LIVES: tuple[tuple[Fact, ...], ...] = (
    (placed(brand="linden", consents=(ConsentSeen(channel=Channel.EMAIL, granted=True),)),),
)
