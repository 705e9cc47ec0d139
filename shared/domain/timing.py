"""Zones, business days, quiet hours. Every function takes its instant; none reads a clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

# How far ahead an hour is looked for that is outside of quiet hours in several zones.
HORIZON = timedelta(days=3)


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
    occurs twice is the first of the two (PEP 495; java.time resolves the same way).
    """
    return _at_local(day, wall.replace(fold=0), zone)


def _at_local(day: date, wall: time, zone: str) -> datetime:
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


def send_at(
    due: datetime, zone: str, at: time | None, calendar: BusinessCalendar | None
) -> datetime:
    """The first instant ≥ ``due`` at which a brand sends, in UTC.

    ``at`` is the wall-clock time in ``zone`` that it sends at, None for any; ``calendar`` tells
    its business days there, None where days off do not matter. A day off is followed by the
    next business day, at ``at`` or else at the wall-clock time of ``due``. A time that a
    daylight-saving change skips is moved on by the gap; one that strikes twice counts twice.
    """
    local = due.astimezone(ZoneInfo(zone))
    if at is None:
        if calendar is None or calendar.is_business_day(local.date()):
            return due.astimezone(UTC)
        return at_local(next_business_day(local.date(), calendar), local.time(), zone)
    # The day before is asked too: where clocks go back over midnight, it may not be over yet.
    day = local.date() - timedelta(days=1)
    while True:
        if calendar is None or calendar.is_business_day(day):
            for strike in _strikes(day, at, zone):
                if strike >= due:
                    return strike
        day += timedelta(days=1)


def _strikes(day: date, wall: time, zone: str) -> tuple[datetime, ...]:
    """The instants of a wall-clock time on a day: two where clocks go back over it."""
    first, second = (_at_local(day, wall.replace(fold=fold), zone) for fold in (0, 1))
    # In a gap fold=1 is the earlier of the two, and no second strike (PEP 495).
    return (first, second) if second > first else (first,)


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
        """The first instant after ``instant`` outside of the window, in UTC; None when outside.

        A change of the clocks in that night may skip the window's end or lead out of the window
        or back into it, so that the end's wall-clock time is not always the answer.
        """
        here = ZoneInfo(zone)
        at = instant.astimezone(UTC)
        while self.contains(at.astimezone(here).time()):
            at = _next_strike_or_change(at, self.end, here)
        return at if at > instant else None

    def release_in(self, instant: datetime, zones: Iterable[str]) -> datetime | None:
        """The first instant outside of the window in every one of ``zones``; None when now is.

        Zones so far apart that it is always night in one of them have none: then an instant
        days away, at which the answer is the same again.
        """
        at, everywhere = instant.astimezone(UTC), tuple(zones)
        while at - instant < HORIZON:
            releases = [self.release(at, zone) for zone in everywhere]
            later = [release for release in releases if release is not None]
            if not later:
                break
            at = max(later)
        return at if at > instant else None


def _next_strike_or_change(at: datetime, wall: time, here: ZoneInfo) -> datetime:
    """When the clock next shows ``wall``, or when it is changed, if that comes first."""
    local = at.astimezone(here)
    ahead = datetime.combine(date.min, wall) - datetime.combine(date.min, local.time())
    strike = at + ahead % timedelta(days=1)
    offset = local.utcoffset()
    if strike.astimezone(here).utcoffset() == offset:
        return strike
    # Changes fall on whole seconds, and never two of them on a day: halve the way to it.
    before, after = at, strike
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(here).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
