"""How much a brand may send: ceilings per hour, the provider's quota, the budget for SMS.

Pure: the figures are counted elsewhere (shared/usecases/limits.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import floor

from shared.domain.events import Purpose
from shared.domain.lifecycle import Spec
from shared.domain.policy import GuardPolicy
from shared.domain.values import digest

MICRO = 1_000_000
"""Costs are counted in millionths of a US dollar: the figures of a counter are whole numbers."""


def hour_of(instant: datetime) -> str:
    """The clock hour that a ceiling counts in, "2026-11-22T01", in UTC."""
    return instant.strftime("%Y-%m-%dT%H")


def next_hour(instant: datetime) -> datetime:
    """The beginning of the next clock hour."""
    return instant.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def spread(instant: datetime, *names: str) -> datetime:
    """An instant within the half hour after ``instant``, always the same for these names: what was
    parked does not wake in one second."""
    return instant + timedelta(seconds=int(digest(*names, length=8), 16) % 1800)


def ceiling(spec: Spec, guard: GuardPolicy) -> int:
    """How many messages of a lifecycle may go out in a clock hour."""
    marketing = spec.purpose is Purpose.MARKETING
    general = guard.marketing_per_hour if marketing else guard.transactional_per_hour
    return guard.per_hour.get(spec.name, general)


def marketing_may_use(per_day: float, guard: GuardPolicy) -> float:
    """How many of the mails that the provider allows in 24 hours marketing may use up to: the
    rest stays for transactional mail."""
    return per_day * guard.quota_for_marketing


def sms_cost(segments: int, guard: GuardPolicy) -> int:
    """What a text message costs, in millionths of a US dollar."""
    return round(segments * guard.sms_segment_usd * MICRO)


def sms_limit(guard: GuardPolicy, *, marketing: bool) -> int | None:
    """The month's budget in millionths of a US dollar; None where there is none."""
    if guard.sms_monthly_usd is None:
        return None
    share = guard.sms_for_marketing if marketing else 1.0
    return floor(guard.sms_monthly_usd * share * MICRO)
