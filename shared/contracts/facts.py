"""Facts as JSON: ``{"metadata": {...}, "data": {...}}``, checked against the domain's dataclasses.

There is one definition of a fact, in ``shared/domain/events.py``. pydantic validates those very
dataclasses, strictly: no unknown field, no text where a number belongs, no time without a zone.
What their types cannot say (a currency that exists, an address that could be one) is in
``RULES``, which the check and the JSON Schemas share.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.contracts import values
from shared.contracts.reading import MAX_QUANTITY
from shared.domain.errors import Rejected
from shared.domain.events import FACTS, Fact, Line, Metadata, RefundedLine
from shared.domain.shipments import ShippedLine
from shared.domain.values import Address, Money, Party

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError


class Rule(NamedTuple):
    """What a field's type does not say: the check, the schema's words, and a person's."""

    holds: Callable[[Any], bool]
    schema: Mapping[str, Any]
    what: str


_PHONE = Rule(values.is_e164, {"pattern": r"^\+[1-9]\d{6,14}$"}, "a phone number in E.164")
_QUANTITY = Rule(
    lambda quantity: 0 <= quantity <= MAX_QUANTITY,
    {"minimum": 0, "maximum": MAX_QUANTITY},
    f"a count from 0 to {MAX_QUANTITY}",
)

# Ids become parts of keys in the store, which are limited.
_ID = Rule(
    lambda text: 0 < len(text) <= 200 and text.isprintable(),
    {"minLength": 1, "maxLength": 200},
    "an id of 1 to 200 printable characters",
)

# A value of None is never checked: it says that nothing is known.
RULES: dict[tuple[type, str], Rule] = {
    (Metadata, "version"): Rule(lambda number: number == 1, {"const": 1}, "a version known here"),
    (Party, "email"): Rule(
        lambda text: values.email(text) is not None, {"format": "email"}, "an e-mail address"
    ),
    (Party, "phone"): _PHONE,
    (Party, "locale"): Rule(
        lambda text: values.locale(text) == text,
        {"pattern": r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"},
        "a BCP 47 language tag",
    ),
    (Address, "phone"): _PHONE,
    (Address, "country"): Rule(
        lambda code: values.country(code) == code,
        {"pattern": "^[A-Z]{2}$"},
        "an ISO 3166-1 alpha-2 country code",
    ),
    (Money, "currency"): Rule(
        lambda code: values.currency_exponent(code) is not None,
        {"pattern": "^[A-Z]{3}$"},
        "an ISO 4217 currency code",
    ),
    (Money, "amount"): Rule(
        lambda amount: abs(amount) <= values.MAX_MINOR_UNITS,
        {"minimum": -values.MAX_MINOR_UNITS, "maximum": values.MAX_MINOR_UNITS},
        "a possible amount in minor units",
    ),
    (Line, "quantity"): _QUANTITY,
    (ShippedLine, "quantity"): _QUANTITY,
    (RefundedLine, "quantity"): _QUANTITY,
}

_CURRENCY = RULES[(Money, "currency")]


def _rule(kind: type, field: str) -> Rule | None:
    if field == "id" or field.endswith("_id"):
        return _ID
    if field == "currency":
        return _CURRENCY
    return RULES.get((kind, field))


def parse_fact(obj: Mapping[str, Any]) -> Fact:
    """A fact from its JSON object.

    Raises Rejected with one sentence that names the field, never its value: MALFORMED for an
    unknown field or another type, INCOMPLETE for a missing one, INVALID_VALUE for an impossible
    value, UNKNOWN_TOPIC for a type that is no fact.
    """
    fact = read_fact(obj)
    for path, value, raw in _walk(fact, obj):
        if isinstance(value, datetime) and not (isinstance(raw, str) and values.instant(raw)):
            raise Rejected("INVALID_VALUE", f"{path} is not a time with its offset (ISO 8601)")
    check_fact(fact)
    return fact


def read_fact(obj: Mapping[str, Any]) -> Fact:
    """A fact that Yoin itself wrote (a store, its own bus): the structure, not the rules again.

    A value that passed when it came must be readable for ever, whatever a later library thinks
    of it. Raises Rejected for what has not the structure of a fact.
    """
    if not isinstance(obj, Mapping):
        raise Rejected("MALFORMED", "a fact is an object with metadata and data")
    unknown = sorted(str(key)[:40] for key in obj.keys() - {"metadata", "data"})
    if unknown:
        raise Rejected("MALFORMED", f"{unknown[0]} is no field of a fact")
    for part in ("metadata", "data"):
        if obj.get(part) is None:
            raise Rejected("INCOMPLETE", f"{part} is missing")
        if not isinstance(obj[part], Mapping):
            raise Rejected("MALFORMED", f"{part} is not an object")
    metadata: Metadata = _validate(Metadata, obj["metadata"], "metadata")
    kind = FACTS.get(metadata.type)
    if kind is None:
        raise Rejected("UNKNOWN_TOPIC", f"{metadata.type[:60]} is no fact that Yoin knows")
    return Fact(metadata=metadata, data=_validate(kind, obj["data"], "data"))


def check_fact(fact: Fact) -> None:
    """Hold a fact to ``RULES``. Raises Rejected("INVALID_VALUE") naming the field."""
    _check(fact, "")


def _check(value: Any, path: str) -> None:
    kind: type = type(value)
    for name, rule in _plan(kind):
        found = getattr(value, name)
        if found is None:
            continue
        if rule is not None and not rule.holds(found):
            raise Rejected("INVALID_VALUE", f"{path}{name} is not {rule.what}")
        if isinstance(found, str):
            continue  # most are
        if isinstance(found, tuple):
            for n, item in enumerate(found):
                if dataclasses.is_dataclass(item):
                    _check(item, f"{path}{name}[{n}].")
        elif dataclasses.is_dataclass(found):
            _check(found, f"{path}{name}.")


@cache
def _plan(kind: type) -> tuple[tuple[str, Rule | None], ...]:
    """The fields of a dataclass, each with what its type does not say."""
    return tuple((field.name, _rule(kind, field.name)) for field in dataclasses.fields(kind))


def fact_to_json(fact: Fact) -> dict[str, Any]:
    """The fact as JSON values, every field named: instants in UTC with Z, dates ISO, enums text.

    ``parse_fact(fact_to_json(fact)) == fact``.
    """
    kind: type = type(fact.data)
    return {
        "metadata": _adapter(Metadata).dump_python(fact.metadata, mode="json"),
        "data": _adapter(kind).dump_python(fact.data, mode="json"),
    }


def schemas() -> dict[str, dict[str, Any]]:
    """A JSON Schema (2020-12) of every fact as it stands in an event's ``detail``, by type."""
    return {name: schema(name) for name in sorted(FACTS)}


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one fact. Raises KeyError for what is none."""
    kind = FACTS[name]
    metadata, data = _adapter(Metadata).json_schema(), _adapter(kind).json_schema()
    shared = {**metadata.pop("$defs", {}), **data.pop("$defs", {})}
    metadata["properties"]["type"] = {"const": name, "type": "string"}
    shared |= {"Metadata": metadata, name: data}
    known = {cls.__name__: cls for cls, _ in RULES}
    for title, definition in shared.items():
        for field, words in definition.get("properties", {}).items():
            rule = _rule(known.get(title, kind), field)
            if rule is not None:
                _enrich(words, rule.schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "description": data.get("description", ""),
        "type": "object",
        "properties": {
            "metadata": {"$ref": "#/$defs/Metadata"},
            "data": {"$ref": f"#/$defs/{name}"},
        },
        "required": ["metadata", "data"],
        "additionalProperties": False,
        "$defs": dict(sorted(shared.items())),
    }


def _enrich(field: dict[str, Any], words: Mapping[str, Any]) -> None:
    """Add a rule's words to the branch of a field's schema that is not null."""
    branches = field.get("anyOf", [field])
    next(branch for branch in branches if branch.get("type") != "null").update(words)


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    """pydantic's view of a dataclass; made when first needed, a function uses few of them."""
    from pydantic import ConfigDict, TypeAdapter, with_config

    # Dataclasses inside inherit it: pydantic carries it down unless they have their own.
    return TypeAdapter(with_config(ConfigDict(extra="forbid"))(kind))


def _validate(kind: type, obj: Mapping[str, Any], path: str) -> Any:
    from pydantic import ValidationError

    try:
        # As JSON text, pydantic knows that a time, a date or an enum can only be a string there,
        # and can be strict about everything else. A Decimal is no field of ours: it fails as text.
        text = json.dumps(obj, default=str)
    except (TypeError, ValueError, RecursionError):
        raise Rejected("MALFORMED", f"{path} is not JSON") from None
    try:
        return _adapter(kind).validate_json(text, strict=True)
    except ValidationError as error:
        raise _rejected(error, path) from None


def _rejected(error: ValidationError, path: str) -> Rejected:
    """The first thing that is wrong, in a sentence without the value."""
    first = error.errors(include_url=False, include_input=False)[0]
    kind, where = first["type"], _path(path, first["loc"])
    if kind in {"missing", "missing_argument", "missing_keyword_only_argument"}:
        return Rejected("INCOMPLETE", f"{where} is missing")
    if kind == "unexpected_keyword_argument":
        return Rejected("MALFORMED", f"{where} is no field of this fact")
    if kind == "value_error":
        # The domain's own words about a value that cannot be.
        return Rejected("INVALID_VALUE", f"{where}: {first['ctx']['error']}")
    what = f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}"
    wrong_kind = kind.endswith("_type") or kind in {"json_invalid", "dataclass_exact_type"}
    return Rejected("MALFORMED" if wrong_kind else "INVALID_VALUE", what)


def _path(path: str, parts: tuple[int | str, ...]) -> str:
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{str(part)[:40]}"
    return path


def _walk(value: Any, raw: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every value of a fact with its path and, where given, the JSON that it came from."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield path, value, raw
        for field in dataclasses.fields(value):
            below = raw.get(field.name) if isinstance(raw, Mapping) else None
            inner = getattr(value, field.name)
            yield from _walk(inner, below, f"{path}.{field.name}".removeprefix("."))
    elif isinstance(value, tuple):
        for n, item in enumerate(value):
            below = raw[n] if isinstance(raw, list | tuple) else None
            yield from _walk(item, below, f"{path}[{n}]")
    else:
        yield path, value, raw
