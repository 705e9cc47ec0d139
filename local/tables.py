"""DynamoDB: moto's tables, made to answer in the time of what is asked for.

moto reads the whole table for every Query and copies the whole table for every transaction,
which is slow from a thousand items on. Both run here on a narrow view that holds just the items
that the call can touch; all rules stay moto's. One is left out: a Query does not measure its
items, so that a page has no limit of 1 MB. Nor does it copy what it found, since every answer is
built anew from it anyhow.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections import defaultdict
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models import table as table_module
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

#: moto's own methods that are replaced here.
REAL = (
    (Table, "query", Table.query),
    (DynamoDBBackend, "transact_write_items", DynamoDBBackend.transact_write_items),
)


def install(stack: contextlib.ExitStack) -> None:
    """Put both seams in place until ``stack`` is closed."""
    real_query = Table.query
    real_transact = DynamoDBBackend.transact_write_items

    signature = inspect.signature(real_query)

    def query(*args: Any, **kwargs: Any) -> tuple[list[Any], int, dict[str, Any] | None]:
        call = signature.bind(*args, **kwargs)
        table, conditions = call.arguments["self"], call.arguments.get("hash_key_conditions")
        if not call.arguments.get("index_name"):
            call.arguments["self"] = _with_hash_key(table, call.arguments["hash_key"])
        elif conditions:
            call.arguments["self"] = _with_attributes(table, conditions)
        with _unmeasured():
            return real_query(*call.args, **call.kwargs)

    def transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        touched: dict[str, set[tuple[DynamoType, DynamoType | None]]] = defaultdict(set)
        for entry in transact_items:
            operation = next(iter(entry.values()))
            table = backend.tables.get(operation.get("TableName", ""))
            attributes = operation.get("Item") or operation.get("Key") or {}
            if table is None or not set(table.table_key_attrs) <= attributes.keys():
                # No such table, or no whole key: moto knows what to say.
                return real_transact(backend, transact_items)
            touched[table.name].add(_key(table, attributes))

        whole = {name: backend.tables[name] for name in touched}
        for name, keys in touched.items():
            backend.tables[name] = _with_keys(whole[name], keys)
        try:
            return real_transact(backend, transact_items)
        finally:
            # After a failure moto has put copies of the items back; those count then.
            for name, keys in touched.items():
                _put_back(backend.tables[name], whole[name], keys)
                backend.tables[name] = whole[name]

    stack.enter_context(patch.object(Table, "query", query))
    stack.enter_context(
        patch.object(table_module, "copy", SimpleNamespace(copy=copy.copy, deepcopy=_deep_copy))
    )
    stack.enter_context(patch.object(DynamoDBBackend, "transact_write_items", transact))


@contextlib.contextmanager
def _unmeasured() -> Iterator[None]:
    """Items without a size: measuring them takes moto as long as the rest of a Query."""
    real_size = Item.size
    setattr(Item, "size", lambda _: 0)  # noqa: B010 - a method of moto's, for a moment
    try:
        yield
    finally:
        setattr(Item, "size", real_size)  # noqa: B010


def _deep_copy(value: Any) -> Any:
    """moto's deep copy, but for the items that a Query found."""
    if isinstance(value, list) and all(isinstance(item, Item) for item in value):
        return value
    return copy.deepcopy(value)


def _view(table: Table) -> Table:
    view = copy.copy(table)
    view.items = defaultdict(dict)
    return view


def _with_hash_key(table: Table, hash_key: DynamoType | None) -> Table:
    view = _view(table)
    if hash_key is not None and hash_key in table.items:
        view.items[hash_key] = table.items[hash_key]
    return view


def _with_attributes(table: Table, conditions: list[tuple[str, DynamoType]]) -> Table:
    """The items that carry the hash key of an index; a sparse index has few."""
    view = _view(table)
    wanted = [(name, value.type, value.value) for name, value in conditions]
    items: Any = table.items
    for hash_key, bucket in items.items():
        entries = bucket.items() if table.range_key_attr else [(None, bucket)]
        for range_key, item in entries:
            attributes = item.attrs
            for name, kind, value in wanted:
                found = attributes.get(name)
                if found is None or found.value != value or found.type != kind:
                    break
            else:
                _set(view, (hash_key, range_key), item)
    return view


def _with_keys(table: Table, keys: set[tuple[DynamoType, DynamoType | None]]) -> Table:
    view = _view(table)
    for key in keys:
        item = _get(table, key)
        if item is not None:
            _set(view, key, item)
    return view


def _put_back(view: Table, table: Table, keys: set[tuple[DynamoType, DynamoType | None]]) -> None:
    for key in keys:
        item = _get(view, key)
        if item is not None:
            _set(table, key, item)
        elif _get(table, key) is not None:
            items: Any = table.items
            if key[1] is None:
                items.pop(key[0])
            else:
                items[key[0]].pop(key[1])


def _key(table: Table, attributes: dict[str, Any]) -> tuple[DynamoType, DynamoType | None]:
    hash_key = DynamoType(attributes[table.hash_key_attr])
    if table.range_key_attr is None:
        return hash_key, None
    return hash_key, DynamoType(attributes[table.range_key_attr])


def _get(table: Table, key: tuple[DynamoType, DynamoType | None]) -> Any:
    items: Any = table.items
    if key[0] not in items:
        return None
    return items[key[0]] if key[1] is None else items[key[0]].get(key[1])


def _set(table: Table, key: tuple[DynamoType, DynamoType | None], item: Any) -> None:
    items: Any = table.items
    if key[1] is None:
        items[key[0]] = item
    else:
        items[key[0]][key[1]] = item
