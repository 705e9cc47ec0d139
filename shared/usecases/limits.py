"""Spends from the brand's limits just before a message is handed over."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.controls import ALL, MARKETING, Controls
from shared.domain.decisions import Situation
from shared.domain.errors import Conflict, RetryableError
from shared.domain.events import Channel, Purpose
from shared.domain.gate import QUOTA_RECHECK
from shared.domain.lifecycle import Spec
from shared.domain.limits import (
    ceiling,
    hour_of,
    marketing_may_use,
    month_of,
    next_hour,
    sms_budget,
    sms_cost,
    sms_limit,
    spread,
)
from shared.domain.reasons import Reason
from shared.ports import Letter, World

SENT, SMS_SPENT = "sent", "sms"
"""Names of counters: "sent:<lifecycle>" per clock hour, "sms" (millionths of a US dollar) per
month."""

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A limit is reached: why, and until when."""

    reason: Reason
    rule: str
    until: datetime


def spend(world: World, spec: Spec, situation: Situation, letter: Letter) -> Held | None:
    """Count a message against the brand's limits; what holds it back, or None where it may go.

    Raises RetryableError where the figures cannot be had: nothing was handed over yet.
    """
    return (
        _quota(world, spec, situation, letter)
        or _ceiling(world, spec, situation)
        # Money last: what a ceiling holds back costs nothing.
        or _sms(world, spec, situation, letter)
    )


def _quota(world: World, spec: Spec, situation: Situation, letter: Letter) -> Held | None:
    """Transactional before marketing: the provider's quota is not for marketing alone."""
    if letter.channel is not Channel.EMAIL or spec.purpose is not Purpose.MARKETING:
        return None
    quota = world.mail_quota.now()
    if quota is None or quota.sent < marketing_may_use(quota.per_day, situation.policy.guard):
        return None
    rule = "limit: quota of 24 hours"
    return Held(reason=Reason.QUOTA, rule=rule, until=situation.now + QUOTA_RECHECK)


def _sms(world: World, spec: Spec, situation: Situation, letter: Letter) -> Held | None:
    """The month's budget. Once it is spent the gate takes the next channel, where there is one."""
    marketing = spec.purpose is Purpose.MARKETING
    guard, month = situation.policy.guard, month_of(situation.now)
    limit = sms_limit(guard, marketing=marketing)
    if letter.channel is not Channel.SMS or limit is None:
        return None
    cost = sms_cost(letter.segments, guard)
    if world.counters.add(letter.brand, SMS_SPENT, month, cost) <= limit:
        return None
    world.counters.add(letter.brand, SMS_SPENT, month, -cost)
    scope = MARKETING if marketing else ALL
    budget = sms_budget(situation.now, guard, marketing=marketing) or ""
    switch(
        world,
        letter.brand,
        lambda known: replace(known, sms_spent={**known.sms_spent, scope: budget}),
    )
    # At once again: the gate now knows, and looks for another channel.
    until = situation.now + timedelta(minutes=1)
    return Held(reason=Reason.BUDGET, rule="limit: SMS budget", until=until)


def _ceiling(world: World, spec: Spec, situation: Situation) -> Held | None:
    """No lifecycle speaks to everybody at once by mistake.

    Marketing is parked until somebody approves; transactional mail, which may have a good reason
    (a sale), goes on in the next hour. The alarm sounds either way.
    """
    brand, now = situation.order.brand, situation.now
    lifted = situation.controls.lifted.get(spec.name)
    count = world.counters.add(brand, f"{SENT}:{spec.name}", hour_of(now))
    limit = ceiling(spec, situation.policy.guard)
    if count <= limit or (lifted is not None and now < lifted):
        return None
    if spec.purpose is Purpose.MARKETING:
        switch(world, brand, lambda known: _park(known, spec.name, now))
    rule = f"limit: {limit} an hour"
    until = spread(next_hour(now), brand, situation.order.order_id)
    return Held(reason=Reason.CEILING, rule=rule, until=until)


def _park(known: Controls, lifecycle: str, now: datetime) -> Controls:
    """Until somebody approves; where they have just done so, not for longer than that lasts."""
    lifted = known.lifted.get(lifecycle)
    if lifted is not None and now < lifted:
        return known
    return replace(known, ceilings={lifecycle: now, **known.ceilings})


def switch(world: World, brand: str, change: Callable[[Controls], Controls]) -> Controls:
    """Change a brand's switches, whoever else changes them at the same moment.

    Returns them as they stand then. Raises RetryableError where too many write at once.
    """
    for _ in range(_ATTEMPTS):
        before = world.controls.load(brand)
        after = change(before)
        if after == before:
            return before
        with contextlib.suppress(Conflict):
            return world.controls.save(before, after)
    raise RetryableError(f"the controls of {brand} are being written to by too many at once")
