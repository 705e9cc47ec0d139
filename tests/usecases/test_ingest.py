"""Facts in: merged, parked, published; a crash or a repetition changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.domain.errors import Conflict, RetryableError
from shared.domain.events import Channel, ConsentSeen, Fact, Purpose, ShipmentUpdated
from shared.domain.folding import fold
from shared.domain.orders import OrderRecord
from shared.domain.shipments import Status
from shared.domain.values import Party
from shared.usecases.ingest import ingest
from shared.usecases.situations import load_situation
from tests.builders import (
    BRAND,
    BUYER,
    ORDER,
    at,
    cancelled,
    changed,
    dispatched,
    fact,
    placed,
    scan,
)
from tests.worlds import Memory, Scripted


def bare_scan(number: str = "1234-5678-9012") -> Fact:
    return fact(
        ShipmentUpdated(status=Status.DELIVERED, tracking_number=number), at(days=2), id="scan-1"
    )


def test_a_repeated_event_is_published_again_and_changes_nothing() -> None:
    memory = Memory()
    ingest(memory.world, [placed()])
    before = memory.orders.load(BRAND, ORDER)
    ingest(memory.world, [placed()])
    assert memory.orders.load(BRAND, ORDER) == before
    # Published twice: the first run may have died between writing and publishing.
    assert [f.metadata.type for f in memory.publisher.published] == ["OrderPlaced"] * 2


def test_a_fact_about_an_unknown_order_waits_in_its_record() -> None:
    memory = Memory()
    ingest(memory.world, [cancelled(at(hours=1))])
    assert not fold(memory.orders.load(BRAND, ORDER)).known
    ingest(memory.world, [placed()])
    order = fold(memory.orders.load(BRAND, ORDER))
    assert order.known
    assert order.cancelled


def test_a_scan_by_number_finds_its_shipment() -> None:
    memory = Memory()
    ingest(memory.world, [placed(), dispatched(at(days=1), tracking_number="123456789012")])
    done = ingest(memory.world, [bare_scan()])
    assert done.parked == 0
    assert fold(memory.orders.load(BRAND, ORDER)).possession_at == at(days=2)


def test_a_scan_of_an_unknown_number_is_parked_until_the_shipment_is_known() -> None:
    memory = Memory()
    done = ingest(memory.world, [bare_scan()])
    assert (done.parked, done.published) == (1, ())
    done = ingest(memory.world, [placed(), dispatched(at(days=1), tracking_number="123456789012")])
    assert fold(memory.orders.load(BRAND, ORDER)).possession_at == at(days=2)
    assert [f.metadata.type for f in done.published][-1] == "ShipmentUpdated"


@pytest.mark.parametrize(
    "names_it",
    [
        dispatched(at(1), tracking_number="1", other_tracking_numbers=("1234-5678-9012",)),
        scan("LABEL_CREATED", at(1), tracking_number="1234-5678-9012"),
    ],
    ids=["a further parcel", "a shop's own word before the dispatch"],
)
def test_whatever_first_names_a_number_finds_what_was_parked(names_it: Fact) -> None:
    for arrivals in ([bare_scan(), names_it], [names_it, bare_scan()]):
        memory = Memory()
        for one in arrivals:
            ingest(memory.world, [placed(), one])
        (shipment,) = fold(memory.orders.load(BRAND, ORDER)).shipments
        assert shipment.status is Status.DELIVERED
        assert memory.publisher.published[-1].order_id == ORDER


def test_one_number_on_two_shipments_reaches_both() -> None:
    memory = Memory()
    for order_id in ("1", "2"):
        ingest(
            memory.world,
            [
                placed(order_id=order_id),
                dispatched(at(days=1), order_id=order_id, tracking_number="123456789012"),
            ],
        )
    done = ingest(memory.world, [bare_scan()])
    assert {f.order_id for f in done.published} == {"1", "2"}


def test_consent_seen_at_the_checkout_becomes_the_persons_word() -> None:
    memory = Memory()
    seen = (ConsentSeen(channel=Channel.EMAIL, granted=True),)
    order = placed(consents=seen)
    ingest(memory.world, [order])
    key = fold(memory.orders.load(BRAND, ORDER)).customer_key
    assert key is not None
    (word,) = memory.customers.load(BRAND, key).facts.values()
    assert word.metadata.type == "ConsentChanged"
    assert BUYER.email is not None
    assert BUYER.email not in key


def test_the_feed_is_marked_by_arrival_not_by_the_carriers_time() -> None:
    memory = Memory()
    memory.clock.move_to(at(days=5))
    ingest(memory.world, [placed(), scan(Status.IN_TRANSIT, at(days=1))])
    assert memory.orders.feed_seen_at(BRAND) == at(days=5)


def test_a_lost_race_is_tried_again_and_then_left_to_the_queue() -> None:
    memory = Memory()
    races = {"left": 2}
    real = memory.orders.save

    def contested(before: OrderRecord, after: OrderRecord) -> OrderRecord:
        if races["left"]:
            races["left"] -= 1
            raise Conflict("somebody else")
        return real(before, after)

    memory.orders.save = contested  # type: ignore[method-assign]
    ingest(memory.world, [placed()])
    assert fold(memory.orders.load(BRAND, ORDER)).known
    races["left"] = 99
    with pytest.raises(RetryableError):
        ingest(memory.world, [placed(order_id="other")])


def test_an_order_that_changed_hands_is_no_longer_its_first_buyers() -> None:
    memory = Memory()
    somebody = Party(email="somebody@example.jp")
    ingest(memory.world, [placed(order_id="1"), placed(order_id="2")])
    ingest(memory.world, [changed(at(hours=1), order_id="2", buyer=somebody)])
    spec = replace(
        Scripted(lambda situation: (), purpose=Purpose.MARKETING).SPEC, sees_other_orders=True
    )
    situation = load_situation(memory.world, spec, BRAND, "1")
    assert [order.order_id for order in situation.customer.orders] == ["1"]
