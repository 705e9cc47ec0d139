"""Zones, business days, quiet hours. Every function takes its instant; none reads a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class BusinessCalendar(Protocol):
    """Which days count as working days. Implementations come from a holiday library."""

    def is_business_day(self, day: date) -> bool:
        """Whether shops and carriers work on ``day`` (a date at the place)."""
        ...


@dataclass(frozen=True, slots=True)
class WeekdayCalendar:
    """Monday to Friday, no holidays: for places without a better calendar, and for tests."""

    closed: frozenset[date] = frozenset()

    def is_business_day(self, day: date) -> bool:
        """Whether ``day`` is a weekday that is not in ``closed``."""
        return day.weekday() < 5 and day not in self.closed


def local_date(instant: datetime, zone: str) -> date:
    """The calendar date of ``instant`` in ``zone``."""
    return instant.astimezone(ZoneInfo(zone)).date()


def at_local(day: date, wall: time, zone: str) -> datetime:
    """The UTC instant of a wall-clock time in a zone.

    A time that a daylight-saving change skips is moved on by the length of the gap, one that
    occurs twice is the first of the two (PEP 495, fold=0; java.time resolves the same way).
    """
    return datetime.combine(day, wall, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def end_of_day(day: date, zone: str) -> datetime:
    """The first instant after ``day`` in ``zone``: a date is kept until then."""
    return at_local(day + timedelta(days=1), time(0), zone)


def add_business_days(day: date, days: int, calendar: BusinessCalendar) -> date:
    """The date ``days`` (≥ 0) business days after ``day``; the day itself does not count."""
    while days > 0:
        day += timedelta(days=1)
        if calendar.is_business_day(day):
            days -= 1
    return day


def next_business_day(day: date, calendar: BusinessCalendar) -> date:
    """The first business day on or after ``day``."""
    while not calendar.is_business_day(day):
        day += timedelta(days=1)
    return day


def business_deadline(
    start: datetime, days: int, calendar: BusinessCalendar, zone: str
) -> datetime:
    """The same wall-clock time, ``days`` business days after ``start`` in ``zone``.

    A start on a day off counts from the next business day's beginning.
    """
    local = start.astimezone(ZoneInfo(zone))
    day, wall = local.date(), local.time().replace(microsecond=0)
    if not calendar.is_business_day(day):
        day, wall = next_business_day(day, calendar), time(0)
    return at_local(add_business_days(day, days, calendar), wall, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A daily window of silence by the wall clock, over midnight where start > end."""

    start: time = time(21, 0)
    end: time = time(8, 0)

    def contains(self, wall: time) -> bool:
        """Whether a wall-clock time lies in the window; the end itself does not."""
        if self.start == self.end:
            return False
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end

    def release(self, instant: datetime, zone: str) -> datetime | None:
        """When the window that covers ``instant`` ends, in UTC; None when outside of it."""
        local = instant.astimezone(ZoneInfo(zone))
        if not self.contains(local.time()):
            return None
        day = local.date()
        if self.start > self.end and local.time() >= self.start:
            day += timedelta(days=1)
        release = at_local(day, self.end, zone)
        if release <= instant:  # the end strikes twice in this night, and it is the second hour
            local_end = datetime.combine(day, self.end.replace(fold=1), tzinfo=ZoneInfo(zone))
            release = local_end.astimezone(UTC)
        return release
