"""Business days and time zones by country, from well-kept public data.

Public holidays and weekends come from the ``holidays`` library, zones from the tz database.
Both are data of the world, not of a brand: nothing here is configured.
"""

from __future__ import annotations

import importlib.resources
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

import holidays

from shared.domain.timing import BusinessCalendar, WeekdayCalendar

# 年末年始, the days on which authorities rest beside weekends and public holidays:
# 行政機関の休日に関する法律 (昭和63年法律第91号) 第1条第1項第3号. Trade follows them, the
# library's public holidays do not hold them (only 1 January is 元日).
YEAR_END: Mapping[str, frozenset[tuple[int, int]]] = MappingProxyType(
    {"JP": frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})}
)


@dataclass(frozen=True, slots=True, eq=False)
class CountryCalendar:
    """A country's weekends and public holidays, and further ``closed`` days as (month, day)."""

    public: holidays.HolidayBase
    closed: frozenset[tuple[int, int]] = frozenset()

    def is_business_day(self, day: date) -> bool:
        """Whether ``day``, a date in that country, is a working day."""
        if (day.month, day.day) in self.closed or self.public.is_weekend(day):
            return False
        return day not in self.public


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
    try:
        public = holidays.country_holidays(country)
    except NotImplementedError:
        return WeekdayCalendar()
    year_end = YEAR_END.get(country, frozenset()) if year_end_closed else frozenset()
    return CountryCalendar(public, year_end | closed_days)


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
