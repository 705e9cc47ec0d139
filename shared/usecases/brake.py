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


def count(world: World, entry: LedgerEntry, figure: Figure, at: datetime, by: int = 1) -> None:
    """Count a mail; other channels have no brake. To be called by whoever changes the entry.

    What came back is counted before the entry says so, and taken back (``by`` -1) where somebody
    else was faster to say it: of a run that dies in between the word comes again and counts twice,
    and the brake is pulled too early, never too late. For the same reason what went out is
    counted after, by ``count_sent``. Raises RetryableError.
    """
    if entry.key.channel is Channel.EMAIL:
        world.counters.add(entry.key.brand, figure, day_of(min(at, world.clock.now())), by)


def count_sent(world: World, entry: LedgerEntry, at: datetime) -> None:
    """Count a mail that went out. Where the store cannot count it is missing in the figures, and
    nothing is repeated for that."""
    with contextlib.suppress(RetryableError):
        count(world, entry, Figure.SENT, at)


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
