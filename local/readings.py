"""What was read from a table is kept until something is written that it could depend on.

A decision reads the same order, ledger and person again and again; moto takes a millisecond for
each. An answer is kept under the very request and given as a copy. It depends on one or more
ranges of keys (a partition and the beginning of the sort key); a write to a key in such a range
makes it stale. A query of an index is never kept.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.dynamodb.models.table import Table

#: The calls that only read, and whose answer may be kept.
READS = frozenset(
    {"dynamodb.BatchGetItem", "dynamodb.GetItem", "dynamodb.Query", "dynamodb.TransactGetItems"}
)

#: Table, partition key, the beginning of the sort key.
Range = tuple[str, str, str]

_PARTITION = re.compile(r"(\w+) = (:\w+)(?: AND begins_with\((\w+), (:\w+)\))?")


class Readings:
    """The answers that are kept."""

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[int, list[Range], bytes]] = {}
        self._written: dict[tuple[str, str], dict[str, int]] = {}
        self._writes = 0

    def forget(self) -> None:
        """Keep nothing."""
        self._kept.clear()
        self._written.clear()

    def get(self, call: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer to a call, as a copy of its own; None where it has to be asked for."""
        name = _name(call, request)
        found = self._kept.get(name)
        if found is None:
            return None
        at, ranges, answer = found
        if any(self._is_written(one, at) for one in ranges):
            del self._kept[name]
            return None
        copy: dict[str, Any] = marshal.loads(answer)  # noqa: S302 - made here, a moment ago
        return copy

    def keep(
        self,
        call: str,
        request: Mapping[str, Any],
        answer: dict[str, Any],
        tables: Mapping[str, Table],
    ) -> None:
        """Remember an answer, where it can be known what it depends on."""
        ranges = list(_ranges(call, request, tables))
        if ranges:
            self._kept[_name(call, request)] = (self._writes, ranges, _frozen(answer))

    def written(self, request: Mapping[str, Any], tables: Mapping[str, Table]) -> None:
        """Note a write: the keys that it touched."""
        self._writes += 1
        for operation in _operations(request):
            table = tables[operation["TableName"]]
            key = operation.get("Item") or operation["Key"]
            partition = self._written.setdefault((table.name, _text(key[table.hash_key_attr])), {})
            partition[_sort_key(table, key)] = self._writes

    def _is_written(self, one: Range, since: int) -> bool:
        table, partition, beginning = one
        written = self._written.get((table, partition))
        return written is not None and any(
            at > since and key.startswith(beginning) for key, at in written.items()
        )


def _name(call: str, request: Any) -> bytes:
    return marshal.dumps((call, request))


def _frozen(answer: Any) -> bytes:
    return marshal.dumps(answer)


def _operations(request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The single writes of a request."""
    for entry in request.get("TransactItems", ({"": request},)):
        yield from entry.values()


def _ranges(call: str, request: Mapping[str, Any], tables: Mapping[str, Table]) -> Iterator[Range]:
    """What an answer depends on; nothing where that is not plain."""
    if call == "dynamodb.GetItem":
        yield _key_range(tables[request["TableName"]], request["Key"])
    elif call == "dynamodb.TransactGetItems":
        for entry in request["TransactItems"]:
            yield _key_range(tables[entry["Get"]["TableName"]], entry["Get"]["Key"])
    elif call == "dynamodb.BatchGetItem":
        for name, wanted in request["RequestItems"].items():
            for key in wanted["Keys"]:
                yield _key_range(tables[name], key)
    elif call == "dynamodb.Query" and "IndexName" not in request:
        table = tables[request["TableName"]]
        found = _PARTITION.fullmatch(request.get("KeyConditionExpression", ""))
        if found is None or found.group(1) != table.hash_key_attr:
            return
        values = request["ExpressionAttributeValues"]
        beginning = _text(values[found.group(4)]) if found.group(4) else ""
        yield table.name, _text(values[found.group(2)]), beginning


def _key_range(table: Table, key: Mapping[str, Any]) -> Range:
    return table.name, _text(key[table.hash_key_attr]), _sort_key(table, key)


def _sort_key(table: Table, key: Mapping[str, Any]) -> str:
    return _text(key[table.range_key_attr]) if table.range_key_attr else ""


def _text(value: Mapping[str, Any]) -> str:
    """A key attribute's value as text; of different types never equal in one table."""
    ((_, text),) = value.items()
    return str(text)
