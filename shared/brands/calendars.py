"""Business days of a country: weekends and public holidays by the ``holidays`` library, plus the
days on which the trade itself rests, such as 年末年始."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import holidays


@dataclass(frozen=True)
class CountryCalendar:
    """A ``BusinessCalendar`` (shared/domain/timing.py) of one country.

    ``country`` is an ISO 3166-1 alpha-2 code; ``closed`` are further days off as (month, day),
    every year. Raises NotImplementedError for a country that the library does not know.
    """

    country: str
    closed: frozenset[tuple[int, int]] = frozenset()
    _public: holidays.HolidayBase = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_public", holidays.country_holidays(self.country))

    def is_business_day(self, day: date) -> bool:
        """Whether ``day`` is neither on a weekend, nor a public holiday, nor a closed day."""
        if (day.month, day.day) in self.closed or self._public.is_weekend(day):
            return False
        return day not in self._public
