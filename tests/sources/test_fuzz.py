"""Broken payloads, for every source: facts or a Rejected, nothing else, and the same each time.

Each value of each sample is once missing and once something odd; chance does more of it.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.deliveries import DETAIL_TYPE, WEBHOOK_SOURCE
from shared.domain.errors import Rejected
from shared.domain.events import Fact
from shared.sources import (
    Brands,
    find_source,
    missing,
    normalize,
    normalize_event,
    receive_all,
    sources,
)
from tests.sources import vendors
from tests.sources.broken import ODD, ODD_VALUES, having, hold, ways, without

pytestmark = pytest.mark.slow

BRANDS = Brands(of_shop=lambda _shop: "aoba", default="aoba", required=True, known=("aoba",))


@cache
def samples() -> dict[tuple[str, str], Any]:
    """Every sample of every source, by source and label."""
    return {
        (name, label): record
        for _, name, _ in pkgutil.iter_modules(vendors.__path__)
        for label, record in importlib.import_module(f"{vendors.__name__}.{name}").SAMPLES.items()
    }


def attempt(source: str, record: Any) -> tuple[Fact, ...] | None:
    """The facts; None for a refusal, which says why on one line. All else is a failure."""
    refusal: Rejected
    try:
        facts: list[Fact] = []
        declared = find_source(source)
        for delivery in receive_all(record, source=source, brands=BRANDS):
            declared.event_id(delivery.headers, delivery.body)
            if missing(delivery) is None:
                facts.extend(normalize(delivery))
        return tuple(facts)
    except Rejected as error:
        refusal = error
    assert refusal.detail
    assert refusal.detail.isprintable()
    return None


def held(source: str, record: Any) -> None:
    facts = attempt(source, record)
    if facts is not None:
        hold(facts)


def test_every_source_has_samples() -> None:
    with_facts_of_their_own = {"yoin", "shopify"}  # tests/sources/test_yoin.py, samples.py
    without = {s.name for s in sources()} - {n for n, _ in samples()} - with_facts_of_their_own
    assert not without, "write tests/sources/vendors/<name>.py with SAMPLES for these"


@pytest.mark.parametrize("source", sorted({name for name, _ in samples()}))
def test_samples_give_facts_and_the_same_ones_twice(source: str) -> None:
    taken = 0
    for (name, _), record in samples().items():
        if name == source:
            facts = attempt(source, record)
            assert attempt(source, record) == facts
            hold(facts or ())
            assert all(fact.metadata.brand in {"aoba", None} for fact in facts or ())
            taken += bool(facts)
    assert taken


# Lines and checkpoints repeat themselves: so many places of a sample say as much as all.
# YOIN_PLACES=1000000 tries every one.
PLACES = int(os.environ.get("YOIN_PLACES", "24"))


@pytest.mark.parametrize(("source", "label"), sorted(samples()))
def test_any_value_may_be_missing_or_odd(source: str, label: str) -> None:
    record = samples()[source, label]
    found = ways(record)
    stride = -(-len(found) // PLACES)
    for number, way in enumerate(found[len(label) % stride :: stride]):
        odd = ODD_VALUES[(number * 7 + len(label)) % len(ODD_VALUES)]
        held(source, without(record, way) if number % 3 == 0 else having(record, way, odd))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(samples())),
    st.lists(st.tuples(st.integers(0, 10**6), st.none() | ODD), min_size=1, max_size=3),
)
def test_several_values_may_be_odd(which: tuple[str, str], changes: list[tuple[int, Any]]) -> None:
    record = samples()[which]
    for place, odd in changes:
        found = ways(record)
        if found:
            record = having(record, found[place % len(found)], odd)
    held(which[0], record)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([s.name for s in sources()]), ODD, st.text(max_size=20))
def test_any_body_at_all(source: str, body: Any, topic: str) -> None:
    held(source, {"headers": {"x": topic}, "body": body})
    topics = {s.name: [*s.topics, topic] for s in sources()}[source]
    if isinstance(body, dict):
        refused = (Rejected,)
        for one in topics[:3]:
            try:
                for delivery in receive_all(body, source=source, topic=one, brands=BRANDS):
                    if missing(delivery) is None:
                        normalize(delivery)
            except refused:
                continue


def refused_or_taken(event: Any) -> None:
    told = ""
    try:
        hold(normalize_event(event, lambda _shop: "aoba"))
    except Rejected as error:
        told = error.detail
    assert told.isprintable()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_at_all(raw: bytes | str) -> None:
    refused_or_taken(raw)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["id", "detail-type", "source", "detail", "time"]), ODD),
    st.sampled_from([{}, {"source": WEBHOOK_SOURCE, "detail-type": DETAIL_TYPE}]),
)
def test_any_envelope_at_all(envelope: dict[str, Any], webhooks: dict[str, Any]) -> None:
    refused_or_taken({**envelope, **webhooks})
