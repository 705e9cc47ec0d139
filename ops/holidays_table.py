"""Writes shared/holidays.json from the ``holidays`` library (`make pin` calls this).

Per country: the weekdays of the weekend, days off beside it, and days of it that are worked on
(as in China). Only what differs from the plain week is written.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import holidays

from shared.calendars import FIRST, LAST, TABLE


def country(code: str) -> dict[str, Any]:
    """One country's entry, as the library answers for FIRST to LAST."""
    calendar = holidays.country_holidays(code, years=range(FIRST, LAST + 1))
    weekend = sorted(calendar.weekend)
    off: dict[str, list[str]] = {}
    worked: dict[str, list[str]] = {}
    day = date(FIRST, 1, 1)
    while day.year <= LAST:
        works = calendar.is_working_day(day)
        if works == (day.weekday() in weekend):
            (worked if works else off).setdefault(str(day.year), []).append(f"{day:%m%d}")
        day += timedelta(days=1)
    return {
        "weekend": weekend,
        "off": {year: " ".join(days) for year, days in off.items()},
        "worked": {year: " ".join(days) for year, days in worked.items()},
    }


def main() -> None:
    """Write the table for every country that the library knows."""
    codes = sorted(holidays.list_supported_countries(include_aliases=False))
    rows = [f"{json.dumps(code)}: {json.dumps(country(code))}" for code in codes]
    TABLE.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="ascii")


if __name__ == "__main__":
    main()
