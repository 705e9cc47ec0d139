"""What is left of erased people: found by a keyed hash, in memory and in the table."""

from __future__ import annotations

import pytest

from shared.adapters.aws.erasures import DynamoErasures, keyed_hash
from shared.adapters.aws.table import Table
from shared.adapters.memory.stores import MemoryErasures
from shared.domain.customers import Suppression
from shared.domain.erasure import Erased, KeptWord, Trace
from shared.domain.events import Channel, ConsentMethod, Purpose
from shared.ports import Erasures
from tests.builders import BRAND, T0, at

WORD = KeptWord(
    channel=Channel.EMAIL,
    purpose=Purpose.MARKETING,
    granted=False,
    at=T0,
    topic="review_request",
    method=ConsentMethod.ONE_CLICK,
    wording="2026-04",
)
STOP = Suppression(channel=Channel.EMAIL, reason="COMPLAINED", since=T0)


class Keys:
    def __init__(self, *keys: str) -> None:
        self.keys = keys

    def live(self) -> tuple[str, ...]:
        return self.keys


@pytest.fixture(params=["memory", "aws"])
def erasures(request: pytest.FixtureRequest) -> Erasures:
    if request.param == "memory":
        return MemoryErasures()
    return DynamoErasures(request.getfixturevalue("table"), Keys("first"))


def test_a_marker_is_found_under_what_it_is_about_and_nothing_else(erasures: Erasures) -> None:
    kept = Erased(at=at(1), words=(WORD,), stop=STOP)
    erasures.keep(Trace.CUSTOMER, BRAND, "k1", kept)
    assert erasures.find(Trace.CUSTOMER, BRAND, "k1") == kept
    assert erasures.find(Trace.ORDER, BRAND, "k1") is None
    assert erasures.find(Trace.CUSTOMER, "other", "k1") is None
    assert erasures.find(Trace.CUSTOMER, BRAND, "k2") is None


def test_what_an_earlier_erasure_kept_is_kept() -> None:
    later = Suppression(channel=Channel.EMAIL, reason="BOUNCED", since=at(2))
    first, second = Erased(at=T0, words=(WORD,), stop=STOP), Erased(at=at(3), stop=later)
    assert second.also(first) == Erased(at=at(3), words=(WORD,), stop=later)
    assert first.also(first) == first
    assert Erased(at=at(3)).also(first) == Erased(at=at(3), words=(WORD,), stop=STOP)


def test_a_renewed_key_finds_what_the_old_one_named(table: Table) -> None:
    DynamoErasures(table, Keys("old")).keep(Trace.ORDER, BRAND, "o1", Erased(at=T0))
    renewed = DynamoErasures(table, Keys("new", "old"))
    assert renewed.find(Trace.ORDER, BRAND, "o1") == Erased(at=T0)
    assert DynamoErasures(table, Keys("new")).find(Trace.ORDER, BRAND, "o1") is None
    assert keyed_hash("new", Trace.ORDER, BRAND, "o1") != keyed_hash(
        "old", Trace.ORDER, BRAND, "o1"
    )
