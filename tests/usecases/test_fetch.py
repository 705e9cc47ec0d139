"""What a thin event leaves out: asked for, once more where the answer names one thing more."""

from __future__ import annotations

import contextlib
import importlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from shared.contracts.deliveries import write_arrived
from shared.contracts.fetching import read_task, write_task
from shared.domain.deliveries import Arrived, Fetch, FetchTask
from shared.domain.errors import Rejected
from shared.domain.events import Fact, OrderPlaced
from shared.domain.values import Party
from shared.sources import (
    MAX_ROUNDS,
    Brands,
    Told,
    missing,
    read_event,
    receive,
    receive_all,
    sources,
)
from shared.usecases.fetch import fetch
from tests.sources.vendors import square

BRANDS = Brands(default="aoba", required=True)


@dataclass
class Vendor:
    """An API that has what is in ``answers``, by path; and the bus behind it."""

    answers: dict[str, Any]
    asked: list[str] = field(default_factory=list)
    arrived: list[Arrived] = field(default_factory=list)

    def get(self, source: str, brand: str, wanted: Fetch) -> str:
        assert (source, brand) == ("square", "aoba")
        self.asked.append(wanted.path)
        if wanted.path not in self.answers:
            raise Rejected("INCOMPLETE", "the vendor has no such thing")
        return json.dumps(self.answers[wanted.path])

    def put(self, events: Iterable[Arrived]) -> None:
        self.arrived.extend(events)

    def bring(self, task: FetchTask) -> Told:
        """Through the queue, to the API, over the bus, to ingest."""
        fetch(self, self, read_task(write_task(task)))
        return read_event(on_the_bus(self.arrived[-1]), BRANDS)


def on_the_bus(arrived: Arrived) -> dict[str, Any]:
    return {
        "detail-type": "WebhookReceived",
        "source": "yoin.webhook",
        "detail": write_arrived(arrived),
    }


def first_task() -> FetchTask:
    body = json.dumps(square.thin("order.created"))
    told = read_event(on_the_bus(Arrived(source="square", brand="aoba", body=body)), BRANDS)
    assert told.facts == ()
    (task,) = told.tasks
    return task


def the_placement(told: Told) -> Fact:
    assert told.tasks == ()
    (placed,) = [fact for fact in told.facts if isinstance(fact.data, OrderPlaced)]
    return placed


def buyer_of(told: Told) -> Party:
    data = the_placement(told).data
    assert isinstance(data, OrderPlaced)
    return data.buyer


ORDER = f"/v2/orders/{square.ORDER_ID}"
ANONYMOUS = {"order": square.order(fulfillments=[])}


def test_an_order_that_says_who_bought_it_is_fetched_once() -> None:
    vendor = Vendor({ORDER: {"order": square.order()}})
    assert buyer_of(vendor.bring(first_task())).email == "mara@example.com"
    assert [one.rounds for one in vendor.arrived] == [1]
    assert vendor.asked == [ORDER]


def test_an_order_that_names_its_customer_only_is_fetched_with_the_customer() -> None:
    person = "/v2/customers/CUST1"
    vendor = Vendor({ORDER: ANONYMOUS, person: {"customer": square.CUSTOMER}})
    once = vendor.bring(first_task())
    assert once.facts == ()
    (second,) = once.tasks
    assert second.rounds == 1
    twice = vendor.bring(second)
    assert vendor.asked == [ORDER, ORDER, person]
    assert buyer_of(twice).email == "mara@example.com"
    assert the_placement(twice).metadata.brand == "aoba"


def test_a_customer_that_is_gone_costs_no_order_and_no_third_round() -> None:
    vendor = Vendor({ORDER: ANONYMOUS})
    (second,) = vendor.bring(first_task()).tasks
    buyer = buyer_of(vendor.bring(second))
    assert (buyer.customer_id, buyer.email) == ("CUST1", None)


def test_what_is_needed_and_gone_is_refused() -> None:
    with pytest.raises(Rejected):
        Vendor({}).bring(first_task())


def test_no_event_is_fetched_for_more_than_twice() -> None:
    body = json.dumps({"answer": ANONYMOUS, "event": {}})
    arrived = Arrived(source="square", brand="aoba", body=body, topic="order.created", rounds=1)
    assert len(read_event(on_the_bus(arrived), BRANDS).tasks) == 1
    last = read_event(on_the_bus(replace(arrived, rounds=MAX_ROUNDS)), BRANDS)
    assert buyer_of(last).email is None


def test_what_was_queued_or_archived_before_there_were_rounds_is_still_read() -> None:
    old = json.loads(write_task(first_task()))
    del old["rounds"]
    assert read_task(json.dumps(old)).rounds == 0
    assert "optional" not in old["fetch"], "as it was: both versions run while one is replaced"
    envelope = on_the_bus(
        Arrived(source="square", brand="aoba", body=json.dumps(ANONYMOUS), topic="order.created")
    )
    assert "rounds" not in envelope["detail"]
    assert buyer_of(read_event(envelope, BRANDS)).customer_id == "CUST1"


@pytest.mark.parametrize("source", [one.name for one in sources() if one.api])
def test_only_what_names_one_thing_more_is_fetched_for_again(source: str) -> None:
    """Of each thin event of the samples, with the barest answer."""
    asked = 0
    module = importlib.import_module(f"tests.sources.vendors.{source}")
    for sample in module.SAMPLES.values():
        for delivery in receive_all(sample, source=source):
            with contextlib.suppress(Rejected):
                wanted = missing(delivery)
                if wanted is None:
                    continue
                asked += 1
                answers = ['{"id": "7"}' for _ in (wanted, *wanted.also)]
                whole = json.loads(wanted.together(answers))
                again = receive(whole, source=source, topic=wanted.topic)
                assert missing(replace(again, fetched=1)) is None
    assert asked or source == "shopify", "its thin events are in test_shopify_people.py"
