"""Counts mail that went out and came back, and stops a brand's marketing where too much did."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from shared.domain.controls import Brake
from shared.domain.errors import RetryableError
from shared.domain.events import Channel
from shared.domain.ledger import LedgerEntry
from shared.domain.limits import brake, brake_days, day_of
from shared.ports import World
from shared.usecases.limits import switch


class Figure(StrEnum):
    """The names of the counters: mails of a brand per UTC day, whatever their purpose."""

    SENT = "mail:sent"
    BOUNCED = "mail:bounced"
    COMPLAINED = "mail:complained"


def count(world: World, entry: LedgerEntry, figure: Figure, at: datetime) -> None:
    """Count a mail; other channels have no brake. To be called by whoever changed the entry, once.

    The entry is written by then and says it for good: where the store cannot count, one mail is
    missing in the figures, and nothing is repeated for that.
    """
    if entry.key.channel is not Channel.EMAIL:
        return
    with contextlib.suppress(RetryableError):
        world.counters.add(entry.key.brand, figure, day_of(min(at, world.clock.now())))


def check_brake(world: World, brand: str) -> Brake | None:
    """Pull the brake where the figures say so; returns it if this call did. Raises
    RetryableError."""
    policy, now = world.brands.policy(brand).brake, world.clock.now()
    controls = world.controls.load(brand)
    if controls.brake is not None:
        return None
    days = brake_days(now, policy, controls.brake_released_at)
    sent, bounced, complained = (sum(world.counters.read(brand, name, days)) for name in Figure)
    pulled = brake(policy, now, sent=sent, bounced=bounced, complained=complained)
    if pulled is None:
        return None
    after = switch(world, brand, lambda known: replace(known, brake=known.brake or pulled))
    return pulled if after.brake == pulled else None
