"""Dates and times as carriers' pages write them: 11月21日 14:22, 11/21 14:22, 2026/11/21 14:22.

Rows of a tracking page often have no year. It is told by a day near by, such as the one on which
the parcel was shipped: the year that brings the date closest to it, in both directions across
New Year. A date that is further away than half a year can be of no parcel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.contracts.values import nfkc

JST = "Asia/Tokyo"
HALF_A_YEAR = timedelta(days=183)

_WEEKDAY = r"(?:\s*\(?[月火水木金土日](?:曜日?)?\)?(?!\d))?"
_DATES = (
    re.compile(
        r"(?P<y>(?:19|20)\d\d)\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"
        + _WEEKDAY
    ),
    re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>(?:19|20)\d\d)"),  # 日本郵便, in English
    re.compile(r"(?P<m>\d{1,2})\s*(?:月|/)\s*(?P<d>\d{1,2})\s*日?" + _WEEKDAY + r"(?!\s*[/\d]+/)"),
)
_CLOCK = re.compile(r"(?P<h>\d{1,2})(?::|時)(?P<min>\d{2})分?(?::?(?P<s>\d{2})(?:\.\d+)?秒?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A date as it is written, ``year`` None where it says none; ``clock`` None: no time of day."""

    year: int | None
    month: int
    day: int
    clock: tuple[int, int, int] | None = None
    rest: str = ""


def written(text: str) -> Written | None:
    """The date, and time of day, at the beginning of ``text``; None for anything else."""
    plain = nfkc(text).strip()
    for pattern in _DATES:
        found = pattern.match(plain)
        if found is None:
            continue
        parts = found.groupdict()
        rest = plain[found.end() :].lstrip(" T,\t")
        clock, rest = _clock(rest)
        return Written(
            year=int(parts["y"]) if parts.get("y") else None,
            month=int(parts["m"]),
            day=int(parts["d"]),
            clock=clock,
            rest=rest,
        )
    return None


def time_of_day(text: str) -> tuple[int, int, int] | None:
    """Hour, minute and second of "14:22", "14:22:05" or "14時22分"; None for anything else."""
    clock, rest = _clock(nfkc(text).strip())
    return clock if not rest else None


def day_of(said: Written, near: date | None) -> date | None:
    """The date that is meant; None for one that is impossible.

    ``near`` tells the year where none is said; without it such a date is None, too.
    """
    if said.year is not None:
        return _date(said.year, said.month, said.day)
    if near is None:
        return None
    years = (near.year - 1, near.year, near.year + 1)
    days = [day for day in (_date(year, said.month, said.day) for year in years) if day]
    closest = min(days, key=lambda day: abs(day - near), default=None)
    return closest if closest is not None and abs(closest - near) <= HALF_A_YEAR else None


def moment(day: date, clock: tuple[int, int, int], zone: str = JST) -> datetime | None:
    """A time of day on a date in a zone, in UTC; None for 25:00."""
    try:
        local = datetime(day.year, day.month, day.day, *clock, tzinfo=ZoneInfo(zone))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _clock(text: str) -> tuple[tuple[int, int, int] | None, str]:
    found = _CLOCK.match(text)
    if found is None:
        return None, text
    clock = (int(found["h"]), int(found["min"]), int(found["s"] or 0))
    return clock, text[found.end() :].strip()


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
