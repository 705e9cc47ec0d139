"""`yoin sources`: the declarations, for people and for programs."""

from __future__ import annotations

from shared.sources import sources
from tests.ops.conftest import Yoin


def test_every_source_is_a_line_with_its_events_and_its_signature(yoin: Yoin) -> None:
    answer = yoin("sources", "--json")
    assert answer.code == 0
    assert [record["source"] for record in answer.records] == [s.name for s in sources()]
    for record, source in zip(answer.records, sources(), strict=True):
        assert list(record["topics"]) == list(source.topics)
        assert record["ways"], f"{source.name} has no way in"
        assert (record["path"] is None) == (source.signature is None)


def test_people_see_all_of_them_and_each(yoin: Yoin) -> None:
    every = yoin("sources").out
    assert all(source.name in every for source in sources())
    assert "x-shopify-hmac-sha256" in every
    one = yoin("sources", "shopify").out
    assert "orders/create" in one
    assert "OrderPlaced" in one


def test_a_source_that_there_is_not(yoin: Yoin) -> None:
    answer = yoin("sources", "magento")
    assert answer.code == 2
    assert "there is no source 'magento'" in answer.complaint
