"""Reading JSON that somebody else wrote: nothing is taken for granted, a refusal names its field.

``load`` parses text so that numbers stay exact (no float: ids and amounts do not survive one).
``Node`` walks the parsed object. Both raise Rejected: MALFORMED for what has another shape than
documented, INCOMPLETE for a missing field that is needed, INVALID_VALUE for an impossible value.
No message ever holds the value itself: it may be personal data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from shared.contracts import values
from shared.domain.errors import Rejected
from shared.domain.values import Money

# EventBridge takes entries up to 256 KB, so an event that came over it cannot be larger.
MAX_BYTES = 256 * 1024
MAX_QUANTITY = 1_000_000

# Beyond this a whole number may have been rounded by somebody's float.
EXACT = 2**53

_DIGITS = re.compile(r"[0-9]{1,15}", re.ASCII)
_EPOCH = re.compile(r"[0-9]{1,14}([.][0-9]{1,9})?", re.ASCII)
_UNITS = re.compile(r"-?[0-9]{1,24}", re.ASCII)
_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_YES = frozenset({"1", "true", "yes"})
_NO = frozenset({"0", "false", "no"})


def load(raw: str | bytes, *, limit: int = MAX_BYTES) -> Mapping[str, Any]:
    """Parse JSON text to an object; integers stay exact, decimals become Decimal.

    Raises Rejected: OVERSIZED beyond ``limit`` bytes of UTF-8, MALFORMED for what is no JSON
    object.
    """
    loaded = load_any(raw, limit=limit)
    if not isinstance(loaded, dict):
        raise Rejected("MALFORMED", "the event is not a JSON object")
    return loaded


def load_any(raw: str | bytes, *, limit: int = MAX_BYTES) -> Any:
    """Parse JSON text of any kind: some vendors send lists. Else as ``load``."""
    _hold(raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass"), limit)
    try:
        return json.loads(raw, parse_float=Decimal, parse_constant=_no_number)
    # ArithmeticError: an exponent of more digits than a Decimal can have.
    except (ValueError, ArithmeticError, RecursionError) as error:
        # The parser's own words quote nothing of the text but the position.
        at = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Rejected("MALFORMED", f"not JSON{at}") from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def measure(loaded: Mapping[str, Any] | list[Any], *, limit: int = MAX_BYTES) -> None:
    """Hold an object that is parsed already to the same limit. Raises Rejected("OVERSIZED")."""
    try:
        text = json.dumps(loaded, ensure_ascii=False, separators=(",", ":"), default=str)
    except (TypeError, ValueError, RecursionError):
        raise Rejected("MALFORMED", "the event is not JSON") from None
    _hold(text.encode("utf-8", "surrogatepass"), limit)


def _hold(raw: bytes, limit: int) -> None:
    if len(raw) > limit:
        raise Rejected(
            "OVERSIZED", f"the event has {len(raw)} bytes, more than the {limit} that it may have"
        )


def one_line(text: str) -> str:
    """``text`` as one line of valid Unicode: no control characters, no halves of characters."""
    if text.isprintable():  # nearly always: nothing to look for, letter by letter
        return " ".join(text.split())
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in whole).split())


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON object with the path to it, for saying what is wrong where."""

    value: Mapping[str, Any]
    path: str = ""

    def at(self, key: str) -> str:
        """The path of a field."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        """Whether the field is there and not null."""
        return self.value.get(key) is not None

    def missing(self, *keys: str) -> Rejected:
        """The refusal for a field that is needed and not there."""
        return Rejected("INCOMPLETE", f"{' or '.join(self.at(key) for key in keys)} is missing")

    def impossible(self, key: str, what: str) -> Rejected:
        """The refusal for a value that cannot be; ``what`` says what it would have to be."""
        return Rejected("INVALID_VALUE", f"{self.at(key)} is not {what}")

    def misshapen(self, key: str, what: str) -> Rejected:
        """The refusal for a field of another kind than documented."""
        return Rejected("MALFORMED", f"{self.at(key)} is not {what}")

    def node(self, key: str) -> Node | None:
        """An object, or None where it is null, missing, blank, or [] (an empty one of PHP)."""
        value = self.value.get(key)
        if value is None or value in ("", []):
            return None
        if not isinstance(value, Mapping):
            raise self.misshapen(key, "an object")
        return Node(value, self.at(key))

    def required_node(self, key: str) -> Node:
        """As ``node``. Raises Rejected("INCOMPLETE") where there is none."""
        found = self.node(key)
        if found is None:
            raise self.missing(key)
        return found

    def nodes(self, key: str) -> tuple[Node, ...]:
        """A list of objects; empty where it is null, missing or blank."""
        value = self.value.get(key)
        if value is None or value == "":
            return ()
        if not isinstance(value, list | tuple):
            raise self.misshapen(key, "a list")
        if not all(isinstance(item, Mapping) for item in value):
            raise self.misshapen(key, "a list of objects")
        return tuple(Node(item, f"{self.at(key)}[{n}]") for n, item in enumerate(value))

    def text(self, key: str) -> str | None:
        """Text on one line; None where it is null, missing or blank. A number is taken as text."""
        value = self.value.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise self.misshapen(key, "text")
        return one_line(str(value)) or None

    def required_text(self, key: str) -> str:
        """As ``text``. Raises Rejected("INCOMPLETE") where there is none."""
        found = self.text(key)
        if found is None:
            raise self.missing(key)
        return found

    def figure(self, key: str) -> str | None:
        """A number of any kind as text, a float by its shortest; None as ``text``. No id."""
        value = self.value.get(key)
        return str(value) if isinstance(value, float) else self.text(key)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts without the blank ones; empty where it is null, missing or blank."""
        value = self.value.get(key)
        if value is None or value == "":
            return ()
        if not isinstance(value, list | tuple):
            raise self.misshapen(key, "a list")
        items = (Node({key: item}, self.path).text(key) for item in value)
        return tuple(item for item in items if item)

    def flag(self, key: str) -> bool | None:
        """True or False; None where it is null, missing or blank."""
        value = self.value.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, bool):
            return value
        raise self.misshapen(key, "true or false")

    def quantity(self, key: str) -> int | None:
        """A count of units; None where it is null, missing or blank."""
        value = self.value.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise self.misshapen(key, "a whole number")
        text = str(value).strip().removesuffix(".0")
        if not _DIGITS.fullmatch(text) or int(text) > MAX_QUANTITY:
            raise self.impossible(key, f"a whole number from 0 to {MAX_QUANTITY}")
        return int(text)

    def required_quantity(self, key: str) -> int:
        """As ``quantity``. Raises Rejected("INCOMPLETE") where there is none."""
        found = self.quantity(key)
        if found is None:
            raise self.missing(key)
        return found

    def units(self, key: str) -> int | None:
        """As ``quantity``, for goods that may be sold by measure: a part of a unit is one.

        "2.0000" are two, 2.5 are two, 0.5 is one.
        """
        whole, _, part = (self.figure(key) or "").partition(".")
        if part and not part.isdecimal():
            raise self.impossible(key, "a quantity")
        found = Node({key: whole}, self.path).quantity(key)
        return 1 if not found and part.strip("0") else found

    def yes_or_no(self, key: str) -> bool | None:
        """As ``flag``, for vendors that write it as 1 or "true" as well; None for other words."""
        word = str(self.value.get(key)).lower()
        return word in _YES if word in _YES | _NO else None

    def identifier(self, key: str) -> str | None:
        """An id that stands as a number, as text; None where it is null, missing or blank.

        A float has lost digits beyond ``EXACT``: then it is no id any more.
        """
        value = self.value.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise self.misshapen(key, "an id")
        exact = isinstance(value, str | int)
        text = str(value).strip() if exact else str(value).removesuffix(".0")
        if not _ID.fullmatch(text) or int(text) == 0 or (not exact and int(text) > EXACT):
            raise self.misshapen(key, "an id")
        return text

    def required_identifier(self, *keys: str) -> str:
        """The first id that is there. Raises Rejected("INCOMPLETE") where none is."""
        found = next((text for key in keys if (text := self.identifier(key))), None)
        if found is None:
            raise self.missing(*keys)
        return found

    def reference(self, key: str) -> str | None:
        """The id of another object, for vendors whose word for none is 0. Else ``identifier``."""
        return None if self.value.get(key) in (0, "0") else self.identifier(key)

    def instant(self, key: str, zone: str | None = None) -> datetime | None:
        """A time in UTC; None where it is null, missing, blank, or MySQL's date of zeros.

        ``zone``: the IANA zone in which the vendor means a time without offset; without it such
        a time is refused.
        """
        value = self.value.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self.misshapen(key, "a time written as text")
        if value.startswith("0000-00-00"):
            return None
        found = values.local_instant(value, zone) if zone else values.instant(value)
        if found is None or not 1990 <= found.year <= 2100:
            what = "time" if zone else "time with its offset"
            raise self.impossible(key, f"a possible {what} (ISO 8601)")
        return found

    def required_instant(self, *keys: str, zone: str | None = None) -> datetime:
        """The first time that is there. Raises Rejected("INCOMPLETE") where none is."""
        found = next((at for key in keys if (at := self.instant(key, zone))), None)
        if found is None:
            raise self.missing(*keys)
        return found

    def epoch(self, key: str, *, milliseconds: bool = False) -> datetime | None:
        """A time in seconds (or milliseconds) since 1970, in UTC; None where it is null, missing
        or blank."""
        value = self.value.get(key)
        if value is None or value == "":
            return None
        text = str(value).strip()
        if isinstance(value, bool) or not _EPOCH.fullmatch(text):
            raise self.misshapen(key, "a number of seconds since 1970")
        found = values.unix_instant(Decimal(text), milliseconds=milliseconds)
        if found is None or not 1990 <= found.year <= 2100:
            raise self.impossible(key, "a possible time")
        return found

    def currency(self, key: str) -> str | None:
        """The code of a currency; None where it is null, missing or blank."""
        code = self.text(key)
        if code is not None and values.currency_exponent(code) is None:
            raise self.impossible(key, "an ISO 4217 currency code")
        return code

    def money(self, key: str, currency: str | None) -> Money | None:
        """An amount in the major unit; None where it is null, missing, or in no known currency.

        A float is taken by its shortest text: that is what stood in the JSON.
        """
        value = self.value.get(key)
        if value is None or value == "" or currency is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise self.misshapen(key, "an amount")
        found = values.money(str(value).strip(), currency)
        if found is None:
            raise self.impossible(key, f"an amount of {currency}")
        return found

    def exact_money(self, key: str, currency: str | None) -> Money | None:
        """As ``money``; None for what the currency cannot express as well.

        For the amounts below a total: bulk prices, prices without tax and those of platforms
        that count four decimals may be finer than any coin, and cost no order.
        """
        text = self.figure(key)
        return values.money(text, currency) if text and currency else None

    def minor(self, key: str, currency: str | None, digits: int | None = None) -> Money | None:
        """An amount as a whole number of small units; None where it is null, missing, or in no
        known currency.

        ``digits``: how many decimals of the currency the vendor counts; None: those of ISO 4217.
        Scaled exactly; what the currency cannot express is refused.
        """
        value = self.value.get(key)
        exponent = values.currency_exponent(currency) if currency else None
        if value is None or value == "" or currency is None or exponent is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise self.misshapen(key, "a whole number")
        text = str(value).strip().removesuffix(".0")
        if not _UNITS.fullmatch(text):
            raise self.impossible(key, "a whole number of small units")
        scale = exponent if digits is None else min(digits, 30)
        found = values.money(format(Decimal(text).scaleb(-scale), "f"), currency)
        if found is None:
            raise self.impossible(key, f"an amount of {currency}")
        return found
