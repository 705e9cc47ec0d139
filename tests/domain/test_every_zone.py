"""Quiet hours and send times in every zone there is, over ten years: 2024 to 2033.

Zones whose clocks are changed at the same instants by the same amounts are one rule here. The
oracle knows the offsets on both sides of a change, and walks minute by minute; it shares no line
with what it checks.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from shared.domain.timing import QuietHours, WeekdayCalendar, send_at

pytestmark = pytest.mark.slow

BEGIN, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2034, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AROUND = 27 * HOUR
WINDOWS = [
    QuietHours(start=start, end=end)
    for start, end in (
        (time(21), time(8)),
        (time(22), time(7)),
        (time(0), time(6)),
        (time(13), time(14)),
        (time(23, 30), time(0, 30)),
        (time(1, 30), time(2, 15)),
        (time(2), time(3)),
        (time(20), time(2, 30)),
    )
]
HOURS = [time(0), time(0, 30), time(1, 30), time(2), time(2, 30), time(3), time(10), time(23, 45)]


@dataclass(frozen=True)
class Change:
    """The clocks of a zone are changed: from the offset ``before`` to ``after``."""

    zone: str
    at: datetime
    before: timedelta
    after: timedelta

    def wall(self, instant: datetime) -> datetime:
        """The clocks around the change, without ``zoneinfo``."""
        return instant + (self.before if instant < self.at else self.after)


@cache
def rules() -> dict[tuple[object, ...], str]:
    """A zone for each different set of changes over the ten years."""
    found: dict[tuple[object, ...], str] = {}
    for zone in sorted(zoneinfo.available_timezones()):
        changes = tuple((c.at, c.before, c.after) for c in _changes(zone))
        found.setdefault((changes or BEGIN.astimezone(ZoneInfo(zone)).utcoffset(),), zone)
    return found


@cache
def changes() -> tuple[Change, ...]:
    return tuple(change for zone in rules().values() for change in _changes(zone))


@cache
def _changes(zone: str) -> tuple[Change, ...]:
    here, found, offset = ZoneInfo(zone), [], None
    step = 4 * DAY
    at = BEGIN
    while at <= END:
        new = at.astimezone(here).utcoffset()
        if offset is not None and new is not None and new != offset:
            found.append(_change(zone, at - step, at, offset, new))
        offset, at = new, at + step
    return tuple(found)


def _change(
    zone: str, early: datetime, late: datetime, before: timedelta, after: timedelta
) -> Change:
    """The minute of the change, by halving."""
    here = ZoneInfo(zone)
    while late - early > MINUTE:
        middle = early + (late - early) // MINUTE // 2 * MINUTE
        if middle.astimezone(here).utcoffset() == before:
            early = middle
        else:
            late = middle
    return Change(zone=zone, at=late, before=before, after=after)


def outside(change: Change, window: QuietHours) -> dict[datetime, datetime]:
    """For every minute around a change the first minute, from it on, outside of the window."""
    found: dict[datetime, datetime] = {}
    minute = change.at + 2 * AROUND
    next_ = minute
    while minute >= change.at - AROUND:
        if not window.contains(change.wall(minute).time()):
            next_ = minute
        found[minute] = next_
        minute -= MINUTE
    return found


def shapes() -> Iterator[Change]:
    """One change of each kind: from when on the wall, by how much."""
    seen = set()
    for change in changes():
        kind = (change.wall(change.at).time(), change.before - change.after)
        if kind not in seen:
            seen.add(kind)
            yield change


def test_there_is_something_to_prove() -> None:
    assert len(zoneinfo.available_timezones()) > 400
    assert len(rules()) > 60
    assert len(changes()) > 500
    # Two changes so close together would need another oracle.
    for one, two in zip(changes(), changes()[1:], strict=False):
        assert one.zone != two.zone or two.at - one.at > 3 * AROUND


@pytest.mark.parametrize("window", WINDOWS, ids=lambda w: f"{w.start:%H%M}-{w.end:%H%M}")
def test_every_minute_around_a_change_of_each_kind(window: QuietHours) -> None:
    for change in shapes():
        firsts = outside(change, window)
        minute = change.at - AROUND
        while minute < change.at + HOUR:
            wanted = firsts[minute]
            found = window.release(minute, change.zone)
            assert found == (None if wanted == minute else wanted), (change, minute)
            minute += 3 * MINUTE


def test_around_every_change_of_every_zone() -> None:
    for number, change in enumerate(changes()):
        window = WINDOWS[number % len(WINDOWS)]
        firsts = outside(change, window)
        for offset in (-25 * 60, -13 * 60, -7 * 60, -179, -61, -31, -1, 0, 1, 29, 59):
            minute = change.at + offset * MINUTE
            wanted = firsts[minute]
            found = window.release(minute, change.zone)
            assert found == (None if wanted == minute else wanted), (change, minute, window)
            assert wanted - minute <= 25 * HOUR


def test_every_day_of_ten_years_in_every_zone() -> None:
    second = timedelta(seconds=1)
    for index, zone in enumerate(rules().values()):
        here = ZoneInfo(zone)
        for number in range((END - BEGIN).days):
            window = WINDOWS[(number + index) % len(WINDOWS)]
            instant = BEGIN + number * DAY + (37 * (number + index)) % 1440 * MINUTE
            found = window.release(instant, zone)
            inside = window.contains(instant.astimezone(here).time())
            assert (found is not None) is inside
            if found is not None:
                assert instant < found <= instant + 25 * HOUR
                assert not window.contains(found.astimezone(here).time())
                assert window.contains((found - second).astimezone(here).time())


# --- when a brand sends --------------------------------------------------------------------


def test_the_hour_of_sending_around_every_change_of_every_zone() -> None:
    """The first minute at which the clock shows the hour; moved on where it is skipped."""
    for number, change in enumerate(changes()):
        at = HOURS[number % len(HOURS)]
        for offset in (-25 * 60, -13 * 60, -61, -31, -1, 0, 1, 29, 59):
            due = change.at + offset * MINUTE
            found = send_at(due, change.zone, at, None)
            minutes = [due + n * MINUTE for n in range(int((found - due) / MINUTE) + 1)]
            shown = [minute for minute in minutes if change.wall(minute).time() == at]
            gap = change.after - change.before
            skipped = (
                gap > timedelta(0)
                and change.wall(found).time() == (datetime.combine(date.min, at) + gap).time()
            )
            assert shown == [found] or (skipped and not shown), (change, due, at)


def test_the_hour_of_sending_on_every_day_of_ten_years_and_in_every_zone() -> None:
    """Each day in a quarter of the zones, each zone on every fourth day."""
    calendar = WeekdayCalendar(closed=frozenset({date(2026, 1, 1), date(2029, 12, 25)}))
    for index, zone in enumerate(rules().values()):
        here = ZoneInfo(zone)
        for number in range(index % 4, (END - BEGIN).days, 4):
            at = time((number + index) % 24, 15)
            due = BEGIN + number * DAY + (41 * (number + index)) % 1440 * MINUTE
            rests = calendar if number % 3 else None
            found = send_at(due, zone, at if number % 5 else None, rests)
            shown = found.astimezone(here)
            assert found >= due
            assert rests is None or calendar.is_business_day(shown.date())
            assert found - due <= (5 * DAY if rests else 25 * HOUR)
            wanted = at if number % 5 else due.astimezone(here).time()
            # One zone in one night skips the hour: then it is the same minute of the next.
            assert shown.time() == wanted or shown.utcoffset() != due.astimezone(here).utcoffset()
