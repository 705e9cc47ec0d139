"""Values from outside, checked and brought into the one form that Yoin knows.

Each function takes what somebody else wrote and gives the value in Yoin's form, or None where
nothing was written, or no such value: whether that is an error is for the caller to say. Libraries
decide what is valid: ISO 4217 (iso4217), E.164 (phonenumbers), RFC 5321 (email-validator, no DNS).
They are imported on first use, so that a function's start does not pay for what it does not need.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from zoneinfo import ZoneInfo

from shared.domain.values import Money, utc

# A bound for amounts in minor units: more is a slip of somebody's, and 64 bits hold it.
MAX_MINOR_UNITS = 10**15

# ISO 3166-1 knows more countries than have telephones of their own.
_WITHOUT_TELEPHONES = frozenset({"AQ", "BV", "GS", "HM", "PN", "TF", "UM"})
_AMOUNT = re.compile(r"[+-]?\d{1,24}(\.\d{1,12})?", re.ASCII)
_LOCALE = re.compile(r"[a-z]{2,3}([-_][a-z0-9]{2,8}){0,3}", re.ASCII | re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = re.compile(r"\d{4}-?\d{2}-?\d{2}[T ].+", re.ASCII)
_SPACED_OFFSET = re.compile(r"(?<=\d)\s+(?=(?:[+-]\d{2}:?\d{2}|Z)$)", re.ASCII)


@cache
def _exponents() -> dict[str, int]:
    from iso4217 import Currency

    # Metals, test codes and "no currency" have no minor unit: nobody pays with them.
    return {c.code: c.exponent for c in Currency if c.exponent is not None}


def currency_exponent(code: str) -> int | None:
    """How many decimals a currency has (JPY 0, USD 2, KWD 3); None for what is no currency."""
    return _exponents().get(code)


def money(amount: str | int | Decimal, currency: str) -> Money | None:
    """An amount in the major unit ("19.80", "USD") as Money in minor units.

    None for an unknown currency, for what is no number, for an amount that the currency cannot
    express ("19.99" JPY) and for one beyond ``MAX_MINOR_UNITS``.
    """
    exponent = currency_exponent(currency)
    if exponent is None or not _AMOUNT.fullmatch(str(amount)):
        return None
    try:
        minor = Decimal(str(amount)).scaleb(exponent)
    except InvalidOperation:
        return None
    if abs(minor) > MAX_MINOR_UNITS or minor != minor.to_integral_value():
        return None
    return Money(int(minor), currency)


@cache
def _countries() -> frozenset[str]:
    from phonenumbers import SUPPORTED_REGIONS

    return frozenset(SUPPORTED_REGIONS) | _WITHOUT_TELEPHONES


def country(code: str | None) -> str | None:
    """An ISO 3166-1 alpha-2 code in capitals, or None."""
    upper = (code or "").strip().upper()
    return upper if upper and upper in _countries() else None


def e164(number: str | None, region: str | None = None) -> str | None:
    """A phone number as E.164 ("+819012345678"), or None where it cannot be one.

    ``region``: the country whose national form is meant. Without it only an international form
    (+81...) says which number it is; nothing is guessed.
    """
    if not number:
        return None
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def is_e164(number: str) -> bool:
    """Whether ``number`` is a possible number, written as E.164."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    form = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return form == number and phonenumbers.is_possible_number(parsed)


def email(address: str | None) -> str | None:
    """An e-mail address in its normal form (domain in small letters), or None.

    The form is checked, not whether anybody is there. The domain .test is let pass: test shops
    use it.
    """
    if not address:
        return None
    from email_validator import EmailNotValidError, validate_email

    try:
        checked = validate_email(
            address.strip(),
            check_deliverability=False,
            globally_deliverable=False,
            test_environment=True,
        )
    except EmailNotValidError:
        return None
    # An address without a dot in its domain exists on somebody's own machine only.
    return checked.normalized if "." in checked.ascii_domain else None


def locale(tag: str | None) -> str | None:
    """A BCP 47 tag such as "ja" or "en-US", or None."""
    tag = (tag or "").strip()
    return tag.replace("_", "-") if _LOCALE.fullmatch(tag) else None


def web_address(text: str | None, *, secure: bool = False) -> str | None:
    """A link that a mail can hold, or None; ``secure``: only one by HTTPS."""
    schemes = ("https://",) if secure else ("https://", "http://")
    return text if text and text.startswith(schemes) and " " not in text else None


def nfkc(text: str, longest: int = 1000) -> str:
    """``text`` in Unicode's form NFKC, at most ``longest`` letters of it: no word and no name is
    longer, and of a hundred thousand accents it takes half a minute."""
    return unicodedata.normalize("NFKC", text[:longest])


def instant(text: str) -> datetime | None:
    """An ISO 8601 time with its offset, in UTC; None for one without zone, or for none at all.

    More digits of a second than six are cut off. A space before the offset is let pass: Amazon
    SES writes "2018-10-08T14:05:45 +0000".
    """
    found = instant_as_written(text)
    try:
        return utc(found) if found else None
    except (ValueError, OverflowError):
        return None


def instant_as_written(text: str) -> datetime | None:
    """As ``instant``, but in the offset that it is written with: its date is the local one."""
    text = _SPACED_OFFSET.sub("", text.strip())
    if not _INSTANT.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.utcoffset() is not None else None


def local_instant(text: str, zone: str) -> datetime | None:
    """An ISO 8601 time, in UTC; one without offset is read in the IANA ``zone``.

    For vendors that document in which zone their bare times are. Of a time that a change of the
    clocks repeats, the first is meant; a bare date is no time: None.
    """
    found = instant(text)
    if found is not None:
        return found
    text = text.strip()
    if not _INSTANT.fullmatch(text):
        return None
    try:
        bare = datetime.fromisoformat(text)
        return utc(bare.replace(tzinfo=ZoneInfo(zone)))
    except (ValueError, OverflowError):
        return None


def unix_instant(number: int | Decimal, *, milliseconds: bool = False) -> datetime | None:
    """Seconds (or milliseconds) since 1970 as a time in UTC, or None."""
    try:
        return _EPOCH + timedelta(**{"milliseconds" if milliseconds else "seconds": float(number)})
    except (OverflowError, ValueError):
        return None


def day(text: str) -> date | None:
    """An ISO 8601 date, or None."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
