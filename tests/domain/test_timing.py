"""Zones, business days, quiet hours: across the Japanese year-end and daylight saving."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.timing import (
    QuietHours,
    WeekdayCalendar,
    add_business_days,
    at_local,
    business_deadline,
    end_of_day,
    local_date,
    next_business_day,
    send_at,
)

TOKYO, NEW_YORK, LONDON = "Asia/Tokyo", "America/New_York", "Europe/London"
# 年末年始 2025/26 with the days around it: 28 December 2025 is a Sunday.
YEAR_END = WeekdayCalendar(
    closed=frozenset(
        {*(date(2025, 12, d) for d in (29, 30, 31)), *(date(2026, 1, d) for d in (1, 2, 3))}
    )
)
EVERY_DAY = WeekdayCalendar()


def local(text: str, zone: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def instants() -> st.SearchStrategy[datetime]:
    """Fourteen months by the minute: two changes of daylight saving each way."""
    begin = datetime(2025, 10, 1, tzinfo=UTC)
    return st.integers(0, 14 * 30 * 24 * 60).map(lambda minutes: begin + timedelta(minutes=minutes))


# --- business days -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "days", "wanted"),
    [
        ("2025-12-24", 1, "2025-12-25"),
        ("2025-12-25", 1, "2025-12-26"),
        ("2025-12-26", 0, "2025-12-26"),
        ("2025-12-26", 1, "2026-01-05"),
        ("2025-12-26", 3, "2026-01-07"),
        ("2025-12-27", 1, "2026-01-05"),
        ("2025-12-31", 4, "2026-01-08"),
        ("2026-01-01", 1, "2026-01-05"),
        ("2026-01-04", 5, "2026-01-09"),
        ("2026-01-09", 1, "2026-01-12"),
    ],
)
def test_business_days_over_the_japanese_year_end(start: str, days: int, wanted: str) -> None:
    day = date.fromisoformat(start)
    assert add_business_days(day, days, YEAR_END) == date.fromisoformat(wanted)


def test_the_next_business_day_may_be_today() -> None:
    assert next_business_day(date(2025, 12, 26), YEAR_END) == date(2025, 12, 26)
    assert next_business_day(date(2025, 12, 27), YEAR_END) == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("start", "days", "wanted"),
    [
        # The same wall-clock time, so many business days later.
        ("2025-12-25T15:30", 1, "2025-12-26T15:30"),
        ("2025-12-26T15:30", 1, "2026-01-05T15:30"),
        # A start on a day off counts from the next business day's beginning.
        ("2025-12-27T15:30", 1, "2026-01-06T00:00"),
        ("2025-12-31T23:59", 3, "2026-01-08T00:00"),
        ("2026-01-04T08:00", 0, "2026-01-05T00:00"),
    ],
)
def test_a_deadline_over_the_japanese_year_end(start: str, days: int, wanted: str) -> None:
    deadline = business_deadline(local(start, TOKYO), days, YEAR_END, TOKYO)
    assert deadline == local(wanted, TOKYO)


def test_the_day_is_the_one_at_the_place() -> None:
    # Friday 20:00 UTC is Saturday morning in Tokyo.
    start = datetime(2025, 11, 7, 20, 0, tzinfo=UTC)
    assert business_deadline(start, 1, EVERY_DAY, TOKYO) == local("2025-11-11T00:00", TOKYO)
    assert business_deadline(start, 1, EVERY_DAY, "UTC") == datetime(2025, 11, 10, 20, tzinfo=UTC)


@given(
    instants(),
    st.integers(0, 12),
    st.sampled_from([TOKYO, NEW_YORK, LONDON]),
)
def test_a_deadline_is_never_earlier_for_more_days(start: datetime, days: int, zone: str) -> None:
    first = business_deadline(start, days, YEAR_END, zone)
    second = business_deadline(start, days + 1, YEAR_END, zone)
    assert first < second
    assert first >= start - timedelta(seconds=1)
    if days:
        assert YEAR_END.is_business_day(local_date(first, zone))


# --- wall clocks and daylight saving -----------------------------------------------


def test_the_date_depends_on_the_place() -> None:
    instant = datetime(2025, 11, 6, 15, 30, tzinfo=UTC)
    assert local_date(instant, TOKYO) == date(2025, 11, 7)
    assert local_date(instant, NEW_YORK) == date(2025, 11, 6)


@pytest.mark.parametrize(
    ("day", "wall", "zone", "wanted"),
    [
        (date(2025, 7, 1), time(9), NEW_YORK, "2025-07-01T13:00+00:00"),
        (date(2025, 12, 1), time(9), NEW_YORK, "2025-12-01T14:00+00:00"),
        # 2:30 does not exist on 8 March 2026: an hour later by the wall clock.
        (date(2026, 3, 8), time(2, 30), NEW_YORK, "2026-03-08T07:30+00:00"),
        # 1:30 comes twice on 1 November 2026: the first of the two.
        (date(2026, 11, 1), time(1, 30), NEW_YORK, "2026-11-01T05:30+00:00"),
        (date(2026, 3, 29), time(1, 30), LONDON, "2026-03-29T01:30+00:00"),
        (date(2026, 1, 1), time(0), TOKYO, "2025-12-31T15:00+00:00"),
    ],
)
def test_the_instant_of_a_wall_clock_time(day: date, wall: time, zone: str, wanted: str) -> None:
    assert at_local(day, wall, zone) == datetime.fromisoformat(wanted)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 8), NEW_YORK, 23),
        (date(2026, 11, 1), NEW_YORK, 25),
        (date(2026, 3, 29), LONDON, 23),
        (date(2026, 3, 29), TOKYO, 24),
    ],
)
def test_a_day_ends_where_the_next_one_begins(day: date, zone: str, hours: int) -> None:
    begin = at_local(day, time(0), zone)
    assert end_of_day(day, zone) - begin == timedelta(hours=hours)
    assert local_date(end_of_day(day, zone), zone) == day + timedelta(days=1)
    assert local_date(end_of_day(day, zone) - timedelta(microseconds=1), zone) == day


def test_a_deadline_keeps_the_wall_clock_over_daylight_saving() -> None:
    friday = local("2026-03-06T10:00", NEW_YORK)
    monday = business_deadline(friday, 1, EVERY_DAY, NEW_YORK)
    assert monday == local("2026-03-09T10:00", NEW_YORK)
    assert monday - friday == timedelta(days=3, hours=-1)


# --- quiet hours -------------------------------------------------------------------

NIGHT = QuietHours()
NAP = QuietHours(start=time(13), end=time(15))


@pytest.mark.parametrize(
    ("hours", "wall", "inside"),
    [
        (NIGHT, time(20, 59, 59), False),
        (NIGHT, time(21), True),
        (NIGHT, time(0), True),
        (NIGHT, time(7, 59, 59), True),
        (NIGHT, time(8), False),
        (NAP, time(12, 59), False),
        (NAP, time(13), True),
        (NAP, time(15), False),
        (QuietHours(start=time(8), end=time(8)), time(8), False),
        (QuietHours(start=time(0), end=time(0)), time(3), False),
    ],
)
def test_the_window(hours: QuietHours, wall: time, inside: bool) -> None:
    assert hours.contains(wall) is inside


@pytest.mark.parametrize(
    ("instant", "zone", "release"),
    [
        ("2025-11-06T20:59", TOKYO, None),
        ("2025-11-06T21:00", TOKYO, "2025-11-07T08:00"),
        ("2025-11-07T03:00", TOKYO, "2025-11-07T08:00"),
        ("2025-12-31T23:00", TOKYO, "2026-01-01T08:00"),
        # The night of the change to summer time has an hour less.
        ("2026-03-07T22:00", NEW_YORK, "2026-03-08T08:00"),
        ("2026-10-31T22:00", NEW_YORK, "2026-11-01T08:00"),
    ],
)
def test_the_window_is_left_in_the_morning(instant: str, zone: str, release: str | None) -> None:
    wanted = local(release, zone) if release else None
    assert NIGHT.release(local(instant, zone), zone) == wanted


def test_the_same_instant_is_night_here_and_day_there() -> None:
    instant = local("2025-11-06T23:00", TOKYO)
    assert NIGHT.release(instant, TOKYO) is not None
    assert NIGHT.release(instant, NEW_YORK) is None


def test_an_end_that_strikes_twice_is_still_to_come_in_the_second_hour() -> None:
    early = QuietHours(start=time(22), end=time(1, 30))
    first, second = (local("2026-11-01T01:15", NEW_YORK, fold=f) for f in (0, 1))
    assert early.release(first, NEW_YORK) == first + timedelta(minutes=15)
    assert early.release(second, NEW_YORK) == second + timedelta(minutes=15)


TIMES = st.times(timezones=st.none()).map(lambda t: t.replace(microsecond=0, second=0))


@given(
    st.builds(QuietHours, start=TIMES, end=TIMES),
    instants(),
    st.sampled_from([TOKYO, NEW_YORK, LONDON, "Australia/Lord_Howe"]),
)
def test_a_release_is_later_within_a_day_and_outside_of_the_window(
    hours: QuietHours, instant: datetime, zone: str
) -> None:
    wall = instant.astimezone(ZoneInfo(zone)).time()
    release = hours.release(instant, zone)
    assert (release is not None) is hours.contains(wall)
    if release is not None:
        assert instant < release <= instant + timedelta(hours=25)
        assert hours.release(release, zone) is None


def test_an_end_that_the_clocks_skip_is_the_end_of_the_gap() -> None:
    """2:30 does not come on 8 March 2026: at 3:00 the window is over, not at 3:30."""
    short = QuietHours(start=time(0), end=time(2, 30))
    assert short.release(local("2026-03-08T01:00", NEW_YORK), NEW_YORK) == local(
        "2026-03-08T03:00", NEW_YORK
    )


def test_clocks_that_go_back_before_the_window_end_it() -> None:
    """At 2:00 on 1 November 2026 it is 1:00 again, which is before the window."""
    short = QuietHours(start=time(1, 30), end=time(2, 30))
    assert short.release(local("2026-11-01T01:45", NEW_YORK), NEW_YORK) == local(
        "2026-11-01T01:00", NEW_YORK, fold=1
    )


# --- several zones -----------------------------------------------------------------

HONOLULU = "Pacific/Honolulu"


@pytest.mark.parametrize(
    ("instant", "release"),
    [
        # Ten in the morning in New York is four in Honolulu, where it is day from two on.
        ("2026-07-01T10:00", "2026-07-01T14:00"),
        ("2026-07-01T14:00", None),
        ("2026-07-01T20:59", None),
        # Night here, then night there.
        ("2026-07-01T21:00", "2026-07-02T14:00"),
    ],
)
def test_it_is_day_only_where_it_is_day_everywhere(instant: str, release: str | None) -> None:
    zones = (NEW_YORK, HONOLULU)
    wanted = local(release, NEW_YORK) if release else None
    assert NIGHT.release_in(local(instant, NEW_YORK), zones) == wanted
    assert NIGHT.release_in(local(instant, NEW_YORK), zones[::-1]) == wanted


def test_where_it_is_always_night_somewhere_it_is_held_for_days() -> None:
    long = QuietHours(start=time(12), end=time(8))
    instant = local("2026-07-01T10:00", TOKYO)
    release = long.release_in(instant, (TOKYO, NEW_YORK))
    assert release is not None
    assert release - instant >= timedelta(days=3)
    assert long.release_in(release, (TOKYO, NEW_YORK)) is not None


@given(instants(), st.sets(st.sampled_from([TOKYO, NEW_YORK, LONDON, HONOLULU]), min_size=1))
def test_a_release_in_several_zones_is_the_first_minute_outside_in_all(
    instant: datetime, zones: set[str]
) -> None:
    nap = QuietHours(start=time(23), end=time(6))

    def night(at: datetime) -> bool:
        return any(nap.contains(at.astimezone(ZoneInfo(zone)).time()) for zone in zones)

    release = nap.release_in(instant, zones)
    assert (release is not None) is night(instant)
    if release is not None and release - instant < timedelta(days=2):
        assert not night(release)
        assert all(
            night(instant + timedelta(minutes=n))
            for n in range(int((release - instant) / timedelta(minutes=1)))
        )


# --- when a brand sends ------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "at", "rests", "wanted"),
    [
        ("2025-12-26T15:30", None, False, "2025-12-26T15:30"),
        ("2025-12-27T15:30", None, False, "2025-12-27T15:30"),
        # A day off: the first working day, at the same wall-clock time or at the hour.
        ("2025-12-27T15:30", None, True, "2026-01-05T15:30"),
        ("2025-12-26T09:00", time(10), True, "2025-12-26T10:00"),
        ("2025-12-26T10:00", time(10), True, "2025-12-26T10:00"),
        ("2025-12-26T10:00:01", time(10), True, "2026-01-05T10:00"),
        ("2025-12-26T10:00:01", time(10), False, "2025-12-27T10:00"),
    ],
)
def test_when_a_brand_sends(due: str, at: time | None, rests: bool, wanted: str) -> None:
    calendar = YEAR_END if rests else None
    assert send_at(local(due, TOKYO), TOKYO, at, calendar) == local(wanted, TOKYO)


def test_an_hour_that_strikes_twice_counts_twice_and_a_skipped_one_is_moved_on() -> None:
    between = local("2026-11-01T01:40", NEW_YORK)
    assert send_at(between, NEW_YORK, time(1, 30), None) == local(
        "2026-11-01T01:30", NEW_YORK, fold=1
    )
    before = local("2026-03-08T01:00", NEW_YORK)
    assert send_at(before, NEW_YORK, time(2, 30), None) == local("2026-03-08T03:30", NEW_YORK)
