"""Money, dates and times as a customer reads them: plain JSON values in, text out, by CLDR (Babel).

Values are those of the context contract: money is ``{"amount": 1980, "currency": "JPY"}`` in
minor units, a date is ``YYYY-MM-DD`` at the destination, an instant is ISO 8601 with an offset.
A value that is none of these is a ValueError; the renderer says in which template.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import iso4217
from babel import Locale
from babel.dates import format_interval, format_skeleton, get_timezone
from babel.numbers import format_currency

# CLDR sets thin and non-breaking spaces, which cost an SMS its 7-bit alphabet and break the
# search in a mailbox, and a fullwidth tilde where Japanese typography has a wave dash.
_PLAIN = str.maketrans({"\u2009": " ", "\u202f": " ", "\u00a0": " ", "\uff5e": "\u301c"})


def money(value: Mapping[str, Any], locale: Locale) -> str:
    """``1,980円`` for yen in Japanese, else the locale's own way: ``$19.80``, ``¥1,980``."""
    amount, code = value["amount"], value["currency"]
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise ValueError(f"an amount is an integer in minor units, not {amount!r}")
    exponent = iso4217.Currency(code).exponent or 0
    units = Decimal(amount).scaleb(-exponent)
    if code == "JPY" and locale.language == "ja":
        return f"{units:,}円"
    # CLDR's number of decimals differs from ISO 4217's for a few currencies; amounts are ISO's.
    decimals = "0." + "0" * exponent if exponent else "0"
    pattern = locale.currency_formats["standard"].pattern.replace("0.00", decimals)
    text = format_currency(units, code, format=pattern, locale=locale, currency_digits=False)
    return text.translate(_PLAIN)


def day(value: str, locale: Locale) -> str:
    """A date with its weekday: ``11月23日(日)``, ``Sun, Nov 23``."""
    return format_skeleton("MMMEd", date.fromisoformat(value), locale=locale).translate(_PLAIN)


def short_day(value: str, locale: Locale) -> str:
    """A date for a short message: ``11/23(日)``, ``Sun, Nov 23``."""
    skeleton = "MEd" if locale.language == "ja" else "MMMEd"
    return format_skeleton(skeleton, date.fromisoformat(value), locale=locale).translate(_PLAIN)


def span(value: Mapping[str, Any], locale: Locale) -> str:
    """A span of days: ``11月23日(日)〜25日(火)``; one date where its ends are equal."""
    earliest = date.fromisoformat(value["earliest"])
    latest = date.fromisoformat(value["latest"])
    if earliest > latest:
        raise ValueError(f"a span that ends before it begins: {earliest} to {latest}")
    if earliest == latest:
        return day(value["latest"], locale)
    return format_interval(earliest, latest, "MMMEd", locale=locale).translate(_PLAIN)


def local_day(value: str, zone: str) -> str:
    """The date (``YYYY-MM-DD``) of an instant in ``zone``."""
    return _instant(value, zone).date().isoformat()


def clock(value: str, locale: Locale, zone: str) -> str:
    """The time of day in ``zone``: ``23:59``, ``11:59 PM``."""
    skeleton = "Hm" if locale.language == "ja" else "hm"
    return format_skeleton(skeleton, _instant(value, zone), locale=locale).translate(_PLAIN)


def moment(value: str, locale: Locale, zone: str) -> str:
    """Date and time: ``11月23日(日) 23:59``, ``Sun, Nov 23, 11:59 PM``."""
    joint = " " if locale.language == "ja" else ", "
    return day(local_day(value, zone), locale) + joint + clock(value, locale, zone)


def short_moment(value: str, locale: Locale, zone: str) -> str:
    """Date and time for a short message: ``11/23(日) 23:59``."""
    joint = " " if locale.language == "ja" else ", "
    return short_day(local_day(value, zone), locale) + joint + clock(value, locale, zone)


def deadline(value: str, locale: Locale, zone: str) -> str:
    """Date, time and the clock's name: ``Sun, Nov 23, 11:59 PM EST``.

    In Japanese the name is left out for Japan's own time, as everybody there does.
    """
    text = moment(value, locale, zone)
    if locale.language == "ja" and zone == "Asia/Tokyo":
        return text
    return f"{text} {_instant(value, zone).tzname()}"


def _instant(value: str, zone: str) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError(f"a time without a zone: {value}")
    return instant.astimezone(get_timezone(zone))
