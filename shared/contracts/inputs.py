"""A decision's inputs as bytes: JSON, compressed. What `yoin explain` makes the decision from
again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from shared.contracts.facts import fact_to_json, read_fact
from shared.domain.controls import Controls
from shared.domain.customers import CustomerRecord, Slot, Suppression
from shared.domain.errors import PermanentError
from shared.domain.events import Channel, Fact
from shared.domain.inputs import Inputs
from shared.domain.ledger import EntryKey, LedgerEntry
from shared.domain.orders import OrderRecord
from shared.domain.values import instant_text, read_instant

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_PARTS: dict[str, Any] = {
    "entries": tuple[LedgerEntry, ...],
    "rivals": tuple[LedgerEntry, ...],
    "sent": tuple[LedgerEntry, ...],
    "slots": tuple[Slot, ...],
    "suppressions": dict[Channel, Suppression],
    "controls": Controls,
    "claimed": EntryKey | None,
}


@cache
def _adapter(part: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(_PARTS[part])


def pack_inputs(inputs: Inputs) -> bytes:
    """The inputs as bytes; the same inputs give the same bytes."""
    said = {
        part: _adapter(part).dump_python(getattr(inputs, part), mode="json", exclude_defaults=True)
        for part in _PARTS
    }
    said |= {
        "lifecycle": inputs.lifecycle,
        "order": _record(inputs.order),
        "others": [_record(other) for other in inputs.others],
        "person": {
            "brand": inputs.person.brand,
            "key": inputs.person.key,
            "version": inputs.person.version,
            "facts": _facts(inputs.person.facts),
        },
        "policy_version": inputs.policy_version,
        "now": instant_text(inputs.now),
        "feed_seen_at": instant_text(inputs.feed_seen_at) if inputs.feed_seen_at else None,
    }
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return zlib.compress(text.encode(), 9)


def unpack_inputs(data: bytes) -> Inputs:
    """The inputs in ``data``. Raises PermanentError for what is none."""
    try:
        said = json.loads(zlib.decompress(data))
        parts = {part: _adapter(part).validate_python(said[part]) for part in _PARTS}
    except (zlib.error, ValueError, KeyError) as error:
        raise PermanentError("stored inputs that are damaged, or of another version") from error
    person, seen = said["person"], said["feed_seen_at"]
    return Inputs(
        lifecycle=said["lifecycle"],
        order=_read_record(said["order"]),
        others=tuple(_read_record(other) for other in said["others"]),
        person=CustomerRecord(
            brand=person["brand"],
            key=person["key"],
            version=person["version"],
            facts=_read_facts(person["facts"]),
        ),
        policy_version=said["policy_version"],
        now=read_instant(said["now"]),
        feed_seen_at=read_instant(seen) if seen else None,
        **parts,
    )


def _facts(facts: Mapping[str, Fact]) -> list[dict[str, Any]]:
    return [fact_to_json(facts[key]) for key in sorted(facts)]


def _read_facts(said: list[dict[str, Any]]) -> dict[str, Fact]:
    facts = (read_fact(one) for one in said)
    return {fact.key: fact for fact in facts}


def _record(record: OrderRecord) -> dict[str, Any]:
    first = record.first_recorded_at
    return {
        "brand": record.brand,
        "order_id": record.order_id,
        "version": record.version,
        "first_recorded_at": instant_text(first) if first else None,
        "facts": _facts(record.facts),
    }


def _read_record(said: Mapping[str, Any]) -> OrderRecord:
    first = said["first_recorded_at"]
    return OrderRecord(
        brand=said["brand"],
        order_id=said["order_id"],
        version=said["version"],
        first_recorded_at=read_instant(first) if first else None,
        facts=_read_facts(said["facts"]),
    )


def controls_to_json(controls: Controls) -> str:
    """A brand's switches as JSON text."""
    text: bytes = _adapter("controls").dump_json(controls, exclude_defaults=True)
    return text.decode()


def read_controls(text: str) -> Controls:
    """The switches in ``text``. Raises PermanentError for what is none."""
    try:
        found: Controls = _adapter("controls").validate_json(text)
    except ValueError as error:
        raise PermanentError("stored controls that are damaged") from error
    return found
