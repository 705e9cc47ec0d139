"""Facts as bytes: whatever a fact says, it comes back; and a typical order stays small."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from shared.adapters.aws.codec import pack, unpack
from shared.domain.errors import PermanentError
from shared.domain.events import FACTS, Fact, Metadata, OrderPlaced, ShipmentUpdated
from shared.domain.values import Money
from tests.builders import T0, at, consent, placed, scan, snoozed

START, END = datetime(1990, 1, 2, tzinfo=UTC), datetime(2100, 12, 30, tzinfo=UTC)
TIMES = st.timedeltas(timedelta(0), END - START).map(lambda after: START + after)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    int: st.integers(0, 10**12),
    bool: st.booleans(),
    datetime: TIMES,
    date: st.dates(),
    type(None): st.none(),
    Money: st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(["JPY", "USD"])),
}


@cache
def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type."""
    if hint in PLAIN:
        return PLAIN[hint]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return st.one_of(*map(values, typing.get_args(hint)))
    if typing.get_origin(hint) is tuple:
        return st.lists(values(typing.get_args(hint)[0]), max_size=2).map(tuple)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        fields = {field.name: values(hints[field.name]) for field in dataclasses.fields(hint)}
        return st.fixed_dictionaries(fields).map(lambda given: hint(**given))
    return st.sampled_from(hint)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """Any fact of any kind that can be."""
    kind = draw(st.sampled_from(sorted(FACTS)))
    try:
        data = draw(values(FACTS[kind]))
        metadata = draw(values(Metadata))
    except ValueError:
        reject()
    return Fact(metadata=dataclasses.replace(metadata, type=kind), data=data)


@settings(max_examples=60, deadline=None)  # the first example pays for pydantic
@given(st.lists(facts(), max_size=4))
def test_every_fact_comes_back_as_it_was(given_facts: list[Fact]) -> None:
    back = unpack(pack(given_facts))
    assert sorted(back, key=repr) == sorted(given_facts, key=repr)


def test_the_same_facts_give_the_same_bytes() -> None:
    some = [placed(), consent(at(1), granted=False), scan("DELIVERED", at(2))]
    assert pack(some) == pack(reversed(some))
    assert [fact.metadata.occurred_at for fact in unpack(pack(reversed(some)))] == [
        T0,
        at(1),
        at(2),
    ]


def test_false_and_unknown_stay_apart() -> None:
    for gift in (True, False, None):
        (back,) = unpack(pack([placed(gift=gift)]))
        assert back == placed(gift=gift)
    (back,) = unpack(pack([snoozed(T0, "A", None)]))
    assert back == snoozed(T0, "A", None)


def test_no_facts_are_few_bytes() -> None:
    assert unpack(pack([])) == ()
    assert len(pack([])) < 10


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x02" + pack([placed()])[1:],
        pack([placed()])[:-20],
        b"\x01" + b"\xff" * 40,
        b"\x01",
    ],
    ids=["empty", "form 0", "form 2", "cut off", "noise", "nothing"],
)
def test_what_is_no_record_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(PermanentError, match="stored record"):
        unpack(data)


def test_the_dictionary_of_form_1_is_as_it_was_when_records_were_written() -> None:
    """A record of the first day, as bytes: it must be readable for ever."""
    order, heard = unpack(bytes.fromhex(FIRST_DAY))
    assert isinstance(order.data, OrderPlaced)
    assert (order.metadata.id, order.data.order_id) == ("shopify:orders/create:1", "1001")
    assert order.data.buyer.name == "山田 花子"
    assert isinstance(heard.data, ShipmentUpdated)
    assert (heard.data.raw_status, heard.data.tracking_number) == ("配達完了", "483912345671")
    assert heard.metadata.occurred_at == datetime(2025, 11, 5, 1, tzinfo=UTC)


FIRST_DAY = (
    "0123a20e823adf10e17ea4760292db13f3931291dd0f2e35b138de145452191813763c92330d0d0c40f6835b"
    "62f84dc296ed0d51f3b60eb4c310eceae7ece1080c470348818de85014e8a2c8c13a1d21201ad47e44918577"
    "4ef24a737274507a391011a4ae0e44a028b5b034b328b5381ed682466abdc3bb17502fe3e86424eb8224a17d"
    "aea71b373e9fb241e145d7c6a76b27802a28680f04d87c4bccce7748ad48cc2dc849d5cb2a00f913d22b8138"
    "04bd5b82e8abe13019a577a783d60304ba58d700e26a781ff1d9dc8d4f76ad79d9bc17a4191cfc509b217d4b"
    "04c708c64172602d461302adcb82b55383dc01c29e57d3742d0d4d134d92534c0d9352d288c997a4a56d5312"
    "32268ec20b1afba80558b021d6f2cac4c2d8d2d0c8d8c4d4ccdc10bdec426e24034bae5800"
)
