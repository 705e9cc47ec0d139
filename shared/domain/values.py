"""Small values that everything else is made of: money, instants, addresses, people."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime


def utc(instant: datetime) -> datetime:
    """Return ``instant`` in UTC. Raises ValueError for a naive datetime or one out of range."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError("a time without a zone")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time before the year 1 or after 9999") from None


def instant_text(instant: datetime) -> str:
    """RFC 3339 text in UTC with a ``Z``; microseconds only where there are any."""
    return utc(instant).isoformat().replace("+00:00", "Z")


def read_instant(text: str) -> datetime:
    """The instant that ``instant_text`` wrote. Raises ValueError for other text."""
    return utc(datetime.fromisoformat(text))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's minor unit (ISO 4217): ``Money(1980, "JPY")`` is ¥1,980."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if len(self.currency) != 3 or not self.currency.isalpha() or not self.currency.isupper():
            raise ValueError(f"not an ISO 4217 currency code: {self.currency!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The buyer. Every field may be unknown; nothing is guessed."""

    customer_id: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None  # E.164
    locale: str | None = None  # BCP 47, such as "ja" or "en-US"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a parcel goes. ``country`` is ISO 3166-1 alpha-2."""

    name: str | None = None
    country: str | None = None
    postal_code: str | None = None
    region: str | None = None
    city: str | None = None
    line1: str | None = None
    line2: str | None = None
    phone: str | None = None


def digest(*parts: str, length: int = 64) -> str:
    """A stable name without personal data: SHA-256 over the parts, in hexadecimal."""
    joined = "\x1f".join(parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:length]


def customer_key(brand: str, party: Party) -> str | None:
    """The key under which Yoin knows a person, or None where nothing identifies them.

    The email address comes first: a guest and a member with the same address are one person
    for consent and frequency. The key is a digest, so it may stand in names and logs.
    """
    if party.email:
        return digest(brand, "email", party.email.strip().lower(), length=32)
    if party.phone:
        return digest(brand, "phone", party.phone, length=32)
    if party.customer_id:
        return digest(brand, "id", party.customer_id, length=32)
    return None


def address_key(brand: str, channel: str, address: str) -> str:
    """The key of one address on one channel, for suppression; a digest as well."""
    return digest(brand, channel, address.strip().lower(), length=32)


def bare_number(number: str) -> str:
    """A tracking number without what a slip prints in between: 1234-5678-9012 is 123456789012."""
    written = unicodedata.normalize("NFKC", number).upper()
    return "".join(character for character in written if character.isalnum()) or written


def tracking_key(brand: str, number: str) -> str:
    """The key of a tracking number, however it is written; a digest."""
    return digest(brand, "tracking", bare_number(number), length=32)


def return_reference(return_id: str) -> str:
    """What stands in for a tracking number where an order is looked for by its return."""
    return f"return:{return_id}"
