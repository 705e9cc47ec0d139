"""Business days and time zones by country, from well-kept public data.

Public holidays and weekends come from the ``holidays`` library, zones from the tz database.
Both are data of the world, not of a brand: nothing here is configured.

The library imports all its countries at once, which costs a function a second of its start.
Therefore its answers for the years ``FIRST`` to ``LAST`` stand in shared/holidays.json, written
by ``make pin`` and held to the library by a test.
"""

from __future__ import annotations

import importlib.resources
import json
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shared.domain.timing import BusinessCalendar, WeekdayCalendar

TABLE = Path(__file__).parent / "holidays.json"
# The years that the table holds. Outside of them only weekends are days off.
FIRST, LAST = 2024, 2040

# 年末年始, the days on which authorities rest beside weekends and public holidays:
# 行政機関の休日に関する法律 (昭和63年法律第91号) 第1条第1項第3号. Trade follows them, the
# library's public holidays do not hold them (only 1 January is 元日).
YEAR_END: Mapping[str, frozenset[tuple[int, int]]] = MappingProxyType(
    {"JP": frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})}
)


@dataclass(frozen=True, slots=True, eq=False)
class CountryCalendar:
    """A country's business days.

    ``weekend`` are the weekdays off (Monday is 0), ``off`` further single days, ``worked`` days
    of a weekend that are worked on, ``closed`` days off of every year as (month, day).
    """

    weekend: frozenset[int]
    off: frozenset[date]
    worked: frozenset[date] = frozenset()
    closed: frozenset[tuple[int, int]] = frozenset()

    def is_business_day(self, day: date) -> bool:
        """Whether ``day``, a date in that country, is a working day."""
        if (day.month, day.day) in self.closed or day in self.off:
            return False
        return day.weekday() not in self.weekend or day in self.worked


@cache
def business_calendar(
    country: str,
    *,
    year_end_closed: bool = True,
    closed_days: frozenset[tuple[int, int]] = frozenset(),
) -> BusinessCalendar:
    """The business days of a country (ISO 3166-1 alpha-2).

    ``year_end_closed``: whether trade rests over the year's end where that is the custom (in
    Japan 29 December to 3 January). ``closed_days`` are further days of every year, as (month,
    day). A country that the library does not know has Monday to Friday, without holidays and
    without ``closed_days``, for nothing is known of it.
    """
    known = _table().get(country)
    if known is None:
        return WeekdayCalendar()
    year_end = YEAR_END.get(country, frozenset()) if year_end_closed else frozenset()
    return CountryCalendar(
        weekend=frozenset(known["weekend"]),
        off=_dates(known["off"]),
        worked=_dates(known["worked"]),
        closed=year_end | closed_days,
    )


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(TABLE.read_text(encoding="ascii"))
    return table


def _dates(years: Mapping[str, str]) -> frozenset[date]:
    """``{"2026": "0101 0112"}`` as dates."""
    return frozenset(
        date(int(year), int(day[:2]), int(day[2:]))
        for year, days in years.items()
        for day in days.split()
    )


@cache
def country_zones() -> Mapping[str, tuple[str, ...]]:
    """The IANA zones of every country (ISO 3166-1 alpha-2), from the tz database's zone.tab.

    One zone means that it is certain for an address there. Raises FileNotFoundError where
    neither the package ``tzdata`` nor the system has the table.
    """
    zones: dict[str, tuple[str, ...]] = {}
    for row in _zone_tab().splitlines():
        if row and not row.startswith("#"):
            country, _coordinates, zone, *_comment = row.split("\t")
            zones[country] = (*zones.get(country, ()), zone)
    return MappingProxyType(zones)


def _zone_tab() -> str:
    """The table of the package, which is deployed and pinned; else that of the system."""
    try:
        return (importlib.resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        pass
    for folder in zoneinfo.TZPATH:
        table = Path(folder) / "zone.tab"
        if table.is_file():
            return table.read_text("utf-8")
    raise FileNotFoundError("no zone.tab: neither in the package tzdata nor on this system")
