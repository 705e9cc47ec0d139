"""Business days of real countries, and zones of countries."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ops import holidays_table
from shared import calendars
from shared.calendars import business_calendar, country_zones
from shared.domain.timing import WeekdayCalendar, add_business_days, business_deadline


def days_off(country: str, first: date, last: date) -> set[date]:
    calendar = business_calendar(country)
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return {day for day in every if not calendar.is_business_day(day)}


def test_japan_rests_from_29_december_to_3_january_whatever_the_weekday() -> None:
    for year in range(2024, 2030):
        off = days_off("JP", date(year, 12, 29), date(year + 1, 1, 3))
        assert len(off) == 6, year
    assert business_calendar("JP").is_business_day(date(2025, 12, 26))
    assert business_calendar("JP").is_business_day(date(2026, 1, 5))


def test_a_shop_that_works_over_the_year_end_keeps_only_the_public_holiday() -> None:
    calendar = business_calendar("JP", year_end_closed=False)
    assert calendar.is_business_day(date(2025, 12, 30))
    assert not calendar.is_business_day(date(2026, 1, 1))
    assert calendar.is_business_day(date(2026, 1, 2))


@pytest.mark.parametrize(
    ("country", "day", "name"),
    [
        ("JP", date(2026, 5, 6), "憲法記念日 fell on a Sunday: 振替休日"),
        ("JP", date(2026, 9, 22), "between two holidays: 国民の休日"),
        ("JP", date(2026, 3, 20), "春分の日"),
        ("US", date(2026, 11, 26), "Thanksgiving"),
        ("US", date(2026, 7, 3), "Independence Day, observed on the Friday"),
        ("DE", date(2026, 12, 26), "second day of Christmas"),
    ],
)
def test_public_holidays_are_days_off(country: str, day: date, name: str) -> None:
    assert not business_calendar(country).is_business_day(day), name


def test_the_weekend_is_the_countrys_own() -> None:
    friday, saturday, sunday = date(2026, 2, 6), date(2026, 2, 7), date(2026, 2, 8)
    saudi = business_calendar("SA")
    assert [saudi.is_business_day(d) for d in (friday, saturday, sunday)] == [False, False, True]
    japan = business_calendar("JP")
    assert [japan.is_business_day(d) for d in (friday, saturday, sunday)] == [True, False, False]


@pytest.mark.parametrize("country", ["JP", "US", "GB", "DE", "CN", "SA", "TW", "KR"])
def test_the_table_says_what_the_library_says(country: str) -> None:
    table = json.loads(calendars.TABLE.read_text("ascii"))
    assert table[country] == holidays_table.country(country), "run: make pin"


def test_further_closed_days_are_off_every_year() -> None:
    calendar = business_calendar("JP", closed_days=frozenset({(8, 13), (8, 14)}))
    assert not calendar.is_business_day(date(2026, 8, 13))
    assert not calendar.is_business_day(date(2027, 8, 13))
    assert business_calendar("JP").is_business_day(date(2026, 8, 13))


def test_a_country_that_nobody_knows_has_weekdays() -> None:
    assert isinstance(business_calendar("ZZ"), WeekdayCalendar)


def test_a_calendar_is_made_once() -> None:
    assert business_calendar("JP") is business_calendar("JP")
    assert business_calendar("JP") is not business_calendar("JP", year_end_closed=False)


def test_three_business_days_over_the_japanese_year_end() -> None:
    # 26 December 2025 is a Friday; 29 to 3 are 年末年始, 4 January a Sunday.
    assert add_business_days(date(2025, 12, 26), 1, business_calendar("JP")) == date(2026, 1, 5)
    start = datetime(2025, 12, 26, 15, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    deadline = business_deadline(start, 3, business_calendar("JP"), "Asia/Tokyo")
    assert deadline == datetime(2026, 1, 7, 6, 30, tzinfo=UTC)


def test_zones_of_countries() -> None:
    zones = country_zones()
    assert zones["JP"] == ("Asia/Tokyo",)
    assert zones["TW"] == ("Asia/Taipei",)
    assert {"America/New_York", "America/Los_Angeles", "Pacific/Honolulu"} <= set(zones["US"])
    assert all(len(country) == 2 and country.isupper() for country in zones)
    assert len(zones) > 240


def test_every_zone_of_the_table_exists() -> None:
    for zones in country_zones().values():
        for zone in zones:
            ZoneInfo(zone)


def test_without_the_package_the_systems_table_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def gone(_name: str) -> Path:
        raise ModuleNotFoundError("tzdata")

    (tmp_path / "zone.tab").write_text("# a comment\nJP\t+353916+1394441\tAsia/Tokyo\n", "utf-8")
    monkeypatch.setattr("importlib.resources.files", gone)
    monkeypatch.setattr("zoneinfo.TZPATH", ("/nowhere", str(tmp_path)))
    assert dict(calendars.country_zones.__wrapped__()) == {"JP": ("Asia/Tokyo",)}
    monkeypatch.setattr("zoneinfo.TZPATH", ("/nowhere",))
    with pytest.raises(FileNotFoundError, match=r"zone\.tab"):
        calendars.country_zones.__wrapped__()
