"""What is to be fetched: put together, queued, and never led astray by a payload."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from shared.contracts.fetching import read_task, segment, write_task
from shared.domain.deliveries import Fetch, FetchTask
from shared.domain.errors import Rejected

SHIPMENTS = Fetch(path="/orders/7/shipments", topic="shipments", wrap="shipments")
ORDER = Fetch(
    path="/orders/7",
    topic="order",
    query={"include": "lines"},
    wrap="order",
    extra={"scope": "store/order/created"},
    also=(SHIPMENTS,),
)
TASK = FetchTask(
    source="bigcommerce",
    brand="aoba",
    fetch=ORDER,
    headers={"webhook-id": "m-1"},
    event_id="e-1",
    received_at=datetime(2026, 4, 10, 3, 15, tzinfo=UTC),
    replayed=True,
)


@pytest.mark.parametrize("text", ["7", "a-b_c.d~e", "gid=", "x" * 200])
def test_what_may_stand_in_a_path(text: str) -> None:
    assert segment(text) == text


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a/b", "../7", "a?b", "a#b", "a%2e", "７", "a b", "a\n", "x" * 201]
)
def test_what_may_not(text: str) -> None:
    assert segment(text) is None


def test_a_task_survives_the_queue() -> None:
    assert read_task(write_task(TASK)) == TASK


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"source": 1}', '{"fetch": []}'])
def test_what_is_no_task(text: str) -> None:
    with pytest.raises(Rejected):
        read_task(text)


def test_answers_are_put_together_without_touching_a_number() -> None:
    body = ORDER.together(['{"total": 19.80000000000000000001}', "[]"])
    assert "19.80000000000000000001" in body
    assert json.loads(body) == {
        "scope": "store/order/created",
        "order": {"total": 19.8},
        "shipments": [],
    }


def test_an_answer_alone_stays_as_it_is() -> None:
    assert Fetch(path="/x", topic="t").together(['{"a": 1}']) == '{"a": 1}'


def test_what_is_put_together_needs_names() -> None:
    with pytest.raises(ValueError, match="name"):
        Fetch(path="/x", topic="t", also=(SHIPMENTS,))
