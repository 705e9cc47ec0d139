"""Payloads broken on purpose: types swapped, fields dropped, lists and objects exchanged, numbers
beyond reason, odd Unicode. Mutations of valid payloads reach deeper than random JSON."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from shared.contracts import fact_to_json, parse_fact
from shared.domain.events import CustomerData, Fact, OrderData
from shared.domain.folding import fold, merge
from shared.domain.orders import OrderRecord

ODD_VALUES: Sequence[Any] = (
    None, True, 0, -1, 10**16, 10**30, 1.5, "", " ", "\x00", "\ud800", "\u202e茶\u0000", "９９９",
    "-0", "1e9999", "0x10", "NaN", "9" * 400, "2026-02-30T00:00:00Z", "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59-23:59", "12月31日", "gid://shopify/Order/", "gid://shopify/Customer/1",
    "gid://shopify/Order/99999999999999999999999", "XXX", "=cmd()", "<script>", "../../etc/passwd",
    "https://example.com/x", Decimal("1E+999999"), Decimal("0.001"), float("inf"), 10**5000,
    {"shop_money": []}, [], {}, [[]], [{}], [None], ["x"], {"id": None}, {"": {"": []}},
)  # fmt: skip

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**15, 10**30),
    st.floats(),
    st.decimals(),
    st.text(max_size=30),
    st.sampled_from(ODD_VALUES),
    st.lists(st.none() | st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=3), max_size=3),
)

Way = tuple[Any, ...]


def ways(value: Any, way: Way = ()) -> list[Way]:
    """The way to every value inside."""
    found = [way] if way else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += ways(inner, (*way, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found += ways(inner, (*way, number))
    return found


def without(payload: Any, way: Way) -> Any:
    """A copy of the payload in which the value at the end of the way is missing."""
    copied, holder = _holder(payload, way)
    if holder is not None:
        del holder[way[-1]]
    return copied


def having(payload: Any, way: Way, odd: Any) -> Any:
    """A copy of the payload with another value at the end of the way."""
    copied, holder = _holder(payload, way)
    if holder is not None:
        holder[way[-1]] = odd
    return copied


def _holder(payload: Any, way: Way) -> tuple[Any, Any]:
    copied = pickle.loads(pickle.dumps(payload))  # many times as quick as copy.deepcopy
    at = copied
    try:
        for step in way[:-1]:
            at = at[step]
        at[way[-1]]
    except (KeyError, IndexError, TypeError):
        return copied, None  # an earlier mutation took the way
    return copied, at if isinstance(at, dict | list) else None


_HELD: set[int] = set()


def hold(facts: Sequence[Fact]) -> None:
    """Facts that satisfy the contract, can be written, and fold.

    Most fields of a payload are never read: the same facts as before hold as before.
    """
    known = hash(repr(facts))
    if known in _HELD:
        return
    record = OrderRecord(brand="aoba", order_id="x")
    for fact in facts:
        told = fact_to_json(fact)
        assert parse_fact(told) == fact
        json.dumps(told, ensure_ascii=False).encode()
        if isinstance(fact.data, OrderData | CustomerData):
            record = merge(record, [fact])
    fold(record)
    _HELD.add(known)
