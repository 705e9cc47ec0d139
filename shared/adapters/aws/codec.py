"""Facts as bytes: compact JSON, compressed. The form in which records are stored.

    byte 0     the form: 1
    the rest   zlib (deflate) of a UTF-8 JSON array of facts, oldest first, each
               {"metadata": {...}, "data": {...}} as shared.contracts writes it, less the fields
               that are null, false or empty and that a reader fills in by itself

The same facts give the same bytes, whatever order they are given in.
"""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from shared.contracts import fact_to_json, read_fact
from shared.domain.errors import PermanentError
from shared.domain.events import FACTS, Fact, Metadata

_FORM = b"\x01"


def pack(facts: Iterable[Fact]) -> bytes:
    """The facts as bytes."""
    ordered = sorted(facts, key=lambda fact: (fact.stamp, fact.key))
    text = json.dumps(
        [_lean(fact_to_json(fact)) for fact in ordered],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return _FORM + zlib.compress(text.encode(), level=9)


def unpack(data: bytes) -> tuple[Fact, ...]:
    """The facts in ``data``, oldest first. Raises PermanentError for what is none."""
    if data[:1] != _FORM:
        raise PermanentError("a stored record in a form that this version does not know")
    try:
        listed = json.loads(zlib.decompress(data[1:]))
    except (zlib.error, ValueError) as error:
        raise PermanentError("a stored record that is damaged") from error
    return tuple(read_fact(item) for item in listed)


def _lean(fact: dict[str, Any]) -> dict[str, Any]:
    """A fact without what is empty and would be filled in anyway."""
    metadata, data = fact["metadata"], fact["data"]
    return {
        "metadata": _without(metadata, _empties(Metadata)),
        "data": _without(data, _empties(FACTS[metadata["type"]])),
    }


def _without(values: dict[str, Any], empties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in values.items()
        if name not in empties or value != empties[name]
    }


@cache
def _empties(kind: type) -> Mapping[str, Any]:
    """The fields whose default is None, False or empty, with that default as JSON has it.

    Only these are left out: they cannot come to mean something else with a later version.
    """
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    return {
        name: [] if default == () else default
        for name, default in defaults.items()
        if default is None or default is False or default in ((), "")
    }
