"""Facts in: merged, parked, published; a crash or a repetition changes nothing."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from shared.domain.customers import CustomerRecord, Word, fold_customer
from shared.domain.errors import Conflict, RetryableError
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    ConsentSeen,
    Fact,
    PrivacyKind,
    Purpose,
    ReturnClosed,
    ReturnStatus,
    ShipmentUpdated,
)
from shared.domain.folding import fold
from shared.domain.orders import OrderRecord
from shared.domain.shipments import Status
from shared.domain.values import Party, address_key, customer_key
from shared.usecases.ingest import ingest, is_first_attempt
from tests.builders import (
    BRAND,
    BUYER,
    ORDER,
    at,
    cancelled,
    changed,
    consent,
    contactability,
    details,
    dispatched,
    fact,
    inventory,
    placed,
    privacy,
    return_opened,
    scan,
)
from tests.worlds import Memory, Scripted, situation_in


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
    assert isinstance(word.data, ConsentChanged)
    assert word.data.method is ConsentMethod.CHECKOUT
    assert word.metadata.correlation_id == order.metadata.id


def test_every_word_about_consent_is_kept_as_evidence_once() -> None:
    said = [consent(at(3), True), consent(at(1), True), consent(at(2), False)]
    for arrivals in (said, [*reversed(said), *said]):
        memory = Memory()
        ingest(memory.world, arrivals)
        key = customer_key(BRAND, BUYER) or ""
        assert memory.customers.consents(BRAND, key) == tuple(
            sorted(said, key=lambda one: one.stamp)
        )


def test_a_platform_that_repeats_the_checkout_adds_no_evidence() -> None:
    memory = Memory()
    seen = (ConsentSeen(channel=Channel.EMAIL, granted=True),)
    ingest(memory.world, [placed(consents=seen)])
    ingest(memory.world, [changed(at(hours=h), consents=seen) for h in (1, 2)])
    key = customer_key(BRAND, BUYER) or ""
    (kept,) = memory.customers.consents(BRAND, key)
    assert kept.metadata.occurred_at == at(0)


def test_a_word_that_is_replaced_is_kept_anew_from_then_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memory = Memory()
    noted: list[tuple[str, datetime]] = []
    real = memory.customers.note_consent

    def note(brand: str, key: str, fact: Fact, keep: timedelta) -> None:
        noted.append((fact.metadata.id, memory.clock.now() + keep))
        real(brand, key, fact, keep)

    monkeypatch.setattr(memory.customers, "note_consent", note)
    first, second = consent(at(0), True), consent(at(2000), True)
    ingest(memory.world, [first])
    memory.clock.move_to(at(2000))
    ingest(memory.world, [second])
    until = dict(noted)
    days = memory.policy.consent.evidence_days
    assert until == {one.metadata.id: at(2000 + days) for one in (first, second)}


def test_evidence_is_kept_even_if_the_record_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memory = Memory()

    def refused(before: CustomerRecord, after: CustomerRecord) -> CustomerRecord:
        raise Conflict("somebody else, always")

    monkeypatch.setattr(memory.customers, "save", refused)
    with pytest.raises(RetryableError):
        ingest(memory.world, [consent(at(1), False)])
    assert len(memory.customers.consents(BRAND, customer_key(BRAND, BUYER) or "")) == 1


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
    situation = situation_in(memory.world, spec, BRAND, "1")
    assert [order.order_id for order in situation.customer.orders] == ["1"]


def returned() -> Fact:
    return fact(ReturnClosed(return_id="r-9", outcome=ReturnStatus.DECLINED), at(days=4))


def test_a_return_that_ends_without_naming_its_order_finds_it() -> None:
    opens = return_opened(at(days=3), return_id="r-9")
    for arrivals in ([opens, returned()], [returned(), opens]):
        memory = Memory()
        for one in [placed(), *arrivals]:
            ingest(memory.world, [one])
        (back,) = fold(memory.orders.load(BRAND, ORDER)).returns
        assert back.status is ReturnStatus.DECLINED
        assert memory.publisher.published[-1].order_id == ORDER


def carried(number: str, when: datetime, shipped_on: date | None = None) -> Fact:
    data = ShipmentUpdated(status=Status.DELIVERED, tracking_number=number, shipped_on=shipped_on)
    return fact(data, when)


@pytest.mark.parametrize("shipped_on", [None, at(days=399).date()])
def test_a_number_that_is_given_out_again_reaches_the_newer_shipment(
    shipped_on: date | None,
) -> None:
    older = [
        placed(order_id="1"),
        dispatched(at(days=1), order_id="1", tracking_number="123456789012"),
    ]
    newer = [
        placed(at(days=398), order_id="2"),
        dispatched(at(days=399), order_id="2", tracking_number="1234-5678-9012"),
    ]
    again = [carried("123456789012", at(days=401), shipped_on)]
    for arrivals in ([older, newer, again], [older, again, newer], [again, newer, older]):
        memory = Memory()
        for facts in arrivals:
            ingest(memory.world, facts)
        assert fold(memory.orders.load(BRAND, "2")).possession_at == at(days=401)
        assert fold(memory.orders.load(BRAND, "1")).possession_at is None


def test_what_was_scanned_under_a_corrected_number_does_not_count() -> None:
    wrong = dispatched(at(days=1), shipment_id="S1", tracking_number="111111111111")
    right = dispatched(at(days=1, hours=1), shipment_id="S1", tracking_number="222222222222")
    somebody_elses = carried("1111-1111-1111", at(days=2))
    own = carried("222222222222", at(days=3))
    told = [wrong, right, somebody_elses, own]
    for arrivals in itertools.permutations(told):
        memory = Memory()
        ingest(memory.world, [placed()])
        for one in arrivals:
            ingest(memory.world, [one])
        (shipment,) = fold(memory.orders.load(BRAND, ORDER)).shipments
        assert shipment.possession_at == at(days=3)


def test_facts_about_people_and_stock_have_no_order() -> None:
    memory = Memory()
    facts = [details(at(1)), privacy(at(2)), inventory(at(3), 4)]
    ingest(memory.world, facts)
    assert memory.publisher.published == facts
    key = customer_key(BRAND, BUYER)
    assert key is not None
    assert len(memory.customers.load(BRAND, key).facts) == 2


def test_who_asks_for_erasure_gets_no_more_marketing() -> None:
    memory = Memory()
    ingest(memory.world, [consent(at(1), True), privacy(at(2))])
    key = customer_key(BRAND, BUYER)
    assert key is not None
    customer = fold_customer(memory.customers.load(BRAND, key))
    assert customer.word(Channel.EMAIL) == Word(at=at(2), granted=False)
    ingest(memory.world, [privacy(at(3), PrivacyKind.ACCESS), consent(at(4), True)])
    customer = fold_customer(memory.customers.load(BRAND, key))
    assert customer.word(Channel.EMAIL) == Word(at=at(4), granted=True)


def test_a_provider_about_an_address_is_heard_from_the_bus_as_well() -> None:
    memory = Memory()
    blocked = contactability(at(1), "U123", False, channel=Channel.LINE, reason="BLOCKED")
    ingest(memory.world, [blocked])
    assert memory.publisher.published == [blocked]
    assert memory.customers.suppression(BRAND, address_key(BRAND, "line", "U123")) is not None


def test_an_event_that_comes_for_the_first_time_publishes_its_news_only() -> None:
    memory = Memory()
    history = [placed(), dispatched(at(days=1)), scan(Status.IN_TRANSIT, at(days=2))]
    ingest(memory.world, history, news_only=True)
    again = [*history, scan(Status.DELIVERED, at(days=3)), consent(at(1), True)]
    ingest(memory.world, again, news_only=True)
    done = ingest(memory.world, again, news_only=True)
    assert done.published == ()
    assert memory.publisher.published == again


def test_what_was_parked_is_news_once_its_shipment_is_known() -> None:
    memory = Memory()
    ingest(memory.world, [bare_scan()], news_only=True)
    known = [placed(), dispatched(at(days=1), tracking_number="123456789012")]
    done = ingest(memory.world, known, news_only=True)
    assert [f.metadata.type for f in done.published][-1] == "ShipmentUpdated"
    assert ingest(memory.world, known, news_only=True).published == ()


@pytest.mark.parametrize(
    ("receives", "age", "first"),
    [
        (1, timedelta(), True),
        (1, timedelta(minutes=4), True),
        (1, timedelta(minutes=5), False),  # redriven, or replayed
        (1, None, False),
        (2, timedelta(), False),  # an earlier attempt may have died before it could publish
    ],
)
def test_only_what_nobody_can_have_tried_is_a_first_attempt(
    receives: int, age: timedelta | None, first: bool
) -> None:
    arrived_at = None if age is None else at() - age
    assert is_first_attempt(receives, arrived_at, at()) is first
