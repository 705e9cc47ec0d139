"""How much a brand may send: ceilings per hour, the provider's quota, the budget for SMS, the
brake.

Pure: the figures are counted elsewhere (shared/usecases/limits.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import floor

from shared.domain.controls import Brake
from shared.domain.events import Purpose
from shared.domain.lifecycle import Spec
from shared.domain.policy import BrakePolicy, GuardPolicy
from shared.domain.reasons import Reason
from shared.domain.values import digest

GUARDS = frozenset({Reason.UNAPPROVED, Reason.BRAKED, Reason.CEILING, Reason.QUOTA, Reason.BUDGET})
"""Why a message is held back by a limit: people are told of these, not of quiet hours."""

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


def month_of(instant: datetime) -> str:
    """The calendar month that a budget runs in, "2026-11", in UTC."""
    return instant.strftime("%Y-%m")


def sms_budget(instant: datetime, guard: GuardPolicy, *, marketing: bool) -> str | None:
    """What a month's budget is called; None where there is none. One of another sum is another
    one: what somebody raises is not spent any more."""
    limit = sms_limit(guard, marketing=marketing)
    return None if limit is None else f"{month_of(instant)}/{limit}"


def day_of(instant: datetime) -> str:
    """The UTC day that mail and what comes back are counted in, "2026-11-22"."""
    return instant.strftime("%Y-%m-%d")


def brake_days(now: datetime, policy: BrakePolicy, released_at: datetime | None) -> list[str]:
    """The UTC days that the brake looks at, the newest first.

    ``window_days`` of them up to today, and only days that began after somebody released it: of
    that day itself nobody can say which half a figure belongs to.
    """
    days = (day_of(now - timedelta(days=back)) for back in range(policy.window_days))
    return [day for day in days if released_at is None or day > day_of(released_at)]


def brake(
    policy: BrakePolicy, now: datetime, *, sent: int, bounced: int, complained: int
) -> Brake | None:
    """The brake that these figures of a window pull, or None. Complaints weigh more.

    What comes back may be about mail from before the window: the rate is at most 1.
    """
    for cause, came_back, least, limit in (
        ("complaints", complained, policy.min_complaints, policy.complaint_rate),
        ("bounces", bounced, policy.min_bounces, policy.bounce_rate),
    ):
        rate = came_back / max(sent, came_back, 1)
        if came_back >= least and rate >= limit:
            return Brake(since=now, cause=cause, rate=rate)
    return None
