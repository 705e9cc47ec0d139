"""The fold: the same order whatever order its facts came in, and however often."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.events import (
    Channel,
    ConsentSeen,
    Fact,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    PaymentStatus,
    PromiseSource,
    RefundKind,
    ReturnStatus,
    StockStatus,
)
from shared.domain.folding import fold, merge
from shared.domain.orders import Order, OrderRecord
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Party
from tests.builders import (
    BRAND,
    ORDER,
    at,
    cancelled,
    changed,
    confirmed,
    delivered,
    dispatched,
    fact,
    line,
    order_of,
    payment,
    placed,
    promised,
    record_of,
    refunded,
    return_closed,
    return_opened,
    return_received,
    reviewed,
    scan,
    snoozed,
    stock,
    ticket_closed,
    ticket_opened,
)

GRANT = ConsentSeen(channel=Channel.EMAIL, granted=True)

# --- permutations and repetitions ------------------------------------------------

HISTORIES: dict[str, list[Fact]] = {
    "bought, paid, shipped, delivered": [
        placed(),
        payment(at(0.1)),
        dispatched(at(1)),
        scan("IN_TRANSIT", at(1.5)),
        delivered(at(3)),
    ],
    "a snapshot and its older statement in either order": [
        placed(stock=StockStatus.BACKORDERED, payment_status=PaymentStatus.PENDING),
        changed(at(2), stock=StockStatus.PARTIAL, consents=(GRANT,)),
        stock(at(1), StockStatus.RESERVED),
        payment(at(1), PaymentStatus.PAID),
        payment(at(1), PaymentStatus.AUTHORIZED),
    ],
    "scans of one second and a word that nobody knows": [
        placed(),
        scan("OUT_FOR_DELIVERY", at(2)),
        scan("DELIVERED", at(2)),
        scan("UNKNOWN", at(3), raw_status="???"),
        scan("RETURNING", at(2)),
    ],
    "two promises of one instant and a new wish": [
        placed(wished_date=date(2025, 11, 8)),
        promised(at(1), date(2025, 11, 7)),
        promised(at(1), date(2025, 11, 9)),
        promised(at(1), date(2025, 11, 7), promised_by=PromiseSource.CARRIER),
        changed(at(2), wished_date=date(2025, 11, 10)),
    ],
    "a return that is opened again": [
        placed(lines=[line(quantity=2)]),
        return_opened(at(5), ("1", 1)),
        return_closed(at(6), ReturnStatus.DECLINED),
        return_opened(at(7)),
        refunded(at(8), ("1", 1)),
    ],
    "tickets, reviews and snoozes": [
        ticket_opened(at(1)),
        ticket_closed(at(2)),
        reviewed(at(3), "A"),
        reviewed(at(4), "B"),
        snoozed(at(5), "A", None),
    ],
    "the same refund told twice, differently": [
        placed(lines=[line(quantity=3)]),
        refunded(at(1), ("1", 1), kind=RefundKind.CANCELLED),
        refunded(at(2), ("1", 2), kind=RefundKind.CANCELLED),
        dispatched(at(3)),
        cancelled(at(4)),
    ],
    "two parcels, six facts": [
        placed(lines=[line("1"), line("2", 2)]),
        dispatched(at(1), ("1", 1)),
        dispatched(at(2), ("2", 2), shipment_id="S2"),
        delivered(at(3)),
        delivered(at(4), shipment_id="S2", place="玄関前"),
        confirmed(at(0.5)),
    ],
    "cancelled, taken back, paid": [
        placed(payment_status=PaymentStatus.PENDING, cancelled=False),
        cancelled(at(1), reason="customer"),
        changed(at(1.5), cancelled=True),
        changed(at(2), cancelled=False),
        payment(at(3)),
    ],
    "six facts, live and replayed, one of a test": [
        placed(historical=True, id="p"),
        placed(id="p"),
        changed(at(1), gift=True, id="c"),
        changed(at(1), gift=False, id="d"),
        scan("DELIVERED", at(3)),
        stock(at(1)),
    ],
    "six facts of one id and time that contradict each other": [
        changed(at(1), gift=True, id="same"),
        changed(at(1), gift=False, id="same"),
        changed(at(1), number="#7", id="same"),
        placed(id="same"),
        placed(id="same", number="#8"),
        stock(at(1)),
    ],
}


@pytest.mark.parametrize("name", HISTORIES)
def test_every_permutation_gives_the_same_order(name: str) -> None:
    facts = HISTORIES[name]
    assert len(facts) in {5, 6}
    wanted = order_of(*facts)
    for permuted in itertools.permutations(facts):
        assert order_of(*permuted) == wanted


@pytest.mark.parametrize("name", HISTORIES)
def test_every_fact_doubled_changes_nothing(name: str) -> None:
    facts = HISTORIES[name]
    record = record_of(facts)
    for position in range(len(facts)):
        for repeated in range(len(facts)):
            doubled = [*facts]
            doubled.insert(position, facts[repeated])
            assert order_of(*doubled) == fold(record)
    assert merge(record, facts) is record, "a repetition is nothing to write"


def some_facts() -> st.SearchStrategy[Fact]:
    """Facts of one order with colliding keys, ids and times."""
    when = st.integers(0, 12).map(lambda hours: at(hours=hours))
    ids = st.sampled_from([None, "x", "y"])
    day = st.dates(date(2025, 11, 1), date(2025, 11, 9))
    parts = st.lists(
        st.tuples(st.sampled_from("12"), st.integers(1, 2)), max_size=2, unique_by=lambda p: p[0]
    )
    shipment = st.sampled_from(["S1", "S2"])

    def with_id(one: Fact, id_: str | None) -> Fact:
        return replace(one, metadata=replace(one.metadata, id=id_)) if id_ else one

    goods = [line("1", 2), line("2")]
    data = st.one_of(
        st.builds(
            lambda w, gift, paid, wish: placed(
                w, lines=goods, gift=gift, payment_status=paid, wished_date=wish
            ),
            when,
            st.sampled_from([None, True]),
            st.sampled_from([None, *PaymentStatus]),
            st.none() | day,
        ),
        st.builds(
            lambda w, said, wish, off: changed(
                w, stock=said, wished_date=wish, cancelled=off, consents=(GRANT,)
            ),
            when,
            st.sampled_from([None, *StockStatus]),
            st.none() | day,
            st.none() | st.booleans(),
        ),
        st.builds(payment, when, st.sampled_from(list(PaymentStatus))),
        st.builds(stock, when, st.sampled_from(list(StockStatus))),
        st.builds(cancelled, when, reason=st.sampled_from([None, "customer"])),
        st.builds(confirmed, when),
        st.builds(
            lambda w, kind, lines, r: refunded(w, *lines, kind=kind, refund_id=r),
            when,
            st.sampled_from(list(RefundKind)),
            parts,
            st.sampled_from("ab"),
        ),
        st.builds(lambda w, s, lines: dispatched(w, *lines, shipment_id=s), when, shipment, parts),
        st.builds(
            lambda w, s, status, place: scan(status, w, shipment_id=s, place=place),
            when,
            shipment,
            st.sampled_from(list(Status)),
            st.sampled_from([None, "宅配ボックス"]),
        ),
        st.builds(
            lambda w, d, by, s: promised(w, d, promised_by=by, shipment_id=s),
            when,
            day,
            st.sampled_from(list(PromiseSource)),
            st.none() | shipment,
        ),
        st.builds(lambda w, lines: return_opened(w, *lines), when, parts),
        st.builds(lambda w, lines: return_received(w, *lines), when, parts),
        st.builds(return_closed, when, st.sampled_from(list(ReturnStatus))),
        st.builds(ticket_opened, when),
        st.builds(ticket_closed, when),
        st.builds(lambda w, skus: reviewed(w, *skus), when, st.lists(st.sampled_from("AB"))),
        st.builds(snoozed, when, st.sampled_from("AB"), st.none() | day),
    )
    return st.builds(with_id, data, ids)


FACTS = st.lists(some_facts(), min_size=1, max_size=12)
FEW_FACTS = st.lists(some_facts(), min_size=1, max_size=5)
CHANCE = st.randoms(use_true_random=False)


@given(FACTS, CHANCE)
def test_random_histories_fold_alike_in_any_order(facts: list[Fact], chance: random.Random) -> None:
    mixed = [*facts, *chance.sample(facts, chance.randint(0, len(facts)))]
    chance.shuffle(mixed)
    assert order_of(*mixed) == order_of(*facts)


@settings(max_examples=50)
@given(FEW_FACTS, FEW_FACTS, FEW_FACTS)
def test_merge_is_associative_commutative_and_idempotent(
    some: list[Fact], more: list[Fact], rest: list[Fact]
) -> None:
    empty = OrderRecord(brand=BRAND, order_id=ORDER)
    left = merge(merge(merge(empty, some), more), rest)
    right = merge(empty, [*rest, *more, *some])
    assert left == right
    assert merge(left, some) is left


@given(FACTS)
def test_no_history_counts_units_that_are_not_there(facts: list[Fact]) -> None:
    order = order_of(*facts)
    for one in order.lines:
        assert 0 <= one.delivered <= one.shipped <= one.ordered
        assert 0 <= one.kept <= one.ordered
    if order.possession_at is not None:
        assert not order.to_ship
        assert not order.awaited_shipments
        assert order.possession_at in {s.possession_at for s in order.shipments}
    for one in order.lines:
        possession = order.line_possession_at(one.line.line_id)
        assert possession is None or possession in {s.possession_at for s in order.shipments}


@settings(max_examples=50)
@given(FEW_FACTS)
def test_the_name_of_the_inputs_follows_from_the_facts_alone(facts: list[Fact]) -> None:
    assert order_of(*facts).inputs_version == order_of(*reversed(facts)).inputs_version
    newer = changed(at(days=1), id="newest", number="#99")
    assert order_of(*facts, newer).inputs_version != order_of(*facts).inputs_version


# --- snapshots ---------------------------------------------------------------------


def test_an_order_is_known_only_with_a_snapshot() -> None:
    assert not order_of(delivered(at(1)), cancelled(at(2))).known
    assert order_of(changed(at(1))).known
    assert order_of(placed()).known


def test_what_a_snapshot_does_not_say_stays_as_it_was() -> None:
    order = order_of(placed(number="#5"), changed(at(1), buyer=Party(phone="+819000000000")))
    assert order.number == "#5"
    assert (order.buyer.email, order.buyer.phone) == ("hanako@example.jp", "+819000000000")
    assert [one.line.line_id for one in order.lines] == ["1"]
    assert order.gift is False


def test_the_newest_of_many_changes_counts() -> None:
    facts = [placed(), changed(at(2), number="#2"), changed(at(1), number="#1")]
    assert order_of(*facts).number == "#2"


@pytest.mark.parametrize(
    ("notify", "wanted"),
    [((True, True), True), ((True, False), False), ((False, True), False)],
)
def test_silence_once_asked_for_stays(notify: tuple[bool, bool], wanted: bool) -> None:
    first, second = notify
    assert order_of(placed(notify=first), changed(at(1), notify=second)).notify is wanted


def test_a_test_fact_makes_a_test_order_and_an_imported_placement_a_past_one() -> None:
    assert order_of(placed(), payment(at(1))).test is False
    assert order_of(placed(test=True), payment(at(1))).test is True
    assert order_of(placed(), fact(payment(at(1)).data, at(1), test=True)).test is True
    assert order_of(placed(historical=True), changed(at(1))).historical is True
    assert order_of(placed(), changed(at(1), historical=True)).historical is False


def test_the_same_fact_live_and_replayed_is_live() -> None:
    live, replayed = placed(id="p"), placed(id="p", historical=True)
    assert order_of(live, replayed).historical is False
    assert order_of(replayed, live).historical is False


def test_consent_seen_at_the_checkout_is_not_renewed_by_a_later_change() -> None:
    order = order_of(placed(consents=(GRANT,)), changed(at(50), consents=(GRANT,)))
    assert {when for when, _ in order.consents} == {at(0)}


# --- stock, payment and promises by their own time -----------------------------------


def test_the_newest_word_about_stock_counts_wherever_it_stands() -> None:
    partial, backordered = StockStatus.PARTIAL, StockStatus.BACKORDERED
    facts = [placed(stock=partial), stock(at(1)), changed(at(2), number="#2")]
    assert order_of(*facts).stock is StockStatus.RESERVED
    assert order_of(*facts, changed(at(3), stock=backordered)).stock is backordered
    assert order_of(*facts, stock(at(4), backordered, expected_on=date(2025, 12, 1))) == replace(
        order_of(*facts, stock(at(4), backordered, expected_on=date(2025, 12, 1))),
        stock=backordered,
        stock_expected_on=date(2025, 12, 1),
    )


def test_payment_follows_the_newest_statement_and_remembers_the_first_acceptance() -> None:
    order = order_of(
        placed(payment_status=PaymentStatus.PENDING),
        payment(at(1), PaymentStatus.AUTHORIZED),
        payment(at(2), PaymentStatus.PAID),
        payment(at(9), PaymentStatus.REFUNDED),
    )
    assert order.payment.status is PaymentStatus.REFUNDED
    assert order.payment.accepted_at == at(1)


def test_of_two_payment_states_of_one_second_the_further_one_counts() -> None:
    facts = [placed(), payment(at(1), PaymentStatus.PAID), payment(at(1), PaymentStatus.PENDING)]
    assert order_of(*facts).payment.status is PaymentStatus.PAID


def test_every_promise_is_kept_and_the_first_one_stays_the_original() -> None:
    order = order_of(
        placed(wished_date=date(2025, 11, 8)),
        promised(at(1), date(2025, 11, 9), earliest=date(2025, 11, 7)),
        changed(at(2), wished_date=date(2025, 11, 12)),
        changed(at(3), wished_date=date(2025, 11, 12), number="#2"),
    )
    assert [(p.made_at, p.latest) for p in order.promises] == [
        (at(0), date(2025, 11, 8)),
        (at(1), date(2025, 11, 9)),
        (at(3), date(2025, 11, 12)),
    ]
    assert order.original_promise == order.promises[0]
    promise = order.promise_for()
    assert promise is not None
    assert promise.latest == date(2025, 11, 12), "the customer's newest wish"


def test_a_parcels_own_promise_comes_before_the_orders() -> None:
    order = order_of(
        placed(),
        promised(at(1), date(2025, 11, 7), shipment_id="S1"),
        promised(at(2), date(2025, 11, 9)),
    )
    latest = {sid: p.latest for sid in ("S1", "S2", None) if (p := order.promise_for(sid))}
    assert latest == {
        "S1": date(2025, 11, 7),
        "S2": date(2025, 11, 9),
        None: date(2025, 11, 9),
    }


def test_a_wish_for_one_parcel_says_nothing_about_another() -> None:
    order = order_of(
        placed(),
        promised(at(1), date(2025, 11, 7)),
        promised(at(2), date(2025, 11, 15), shipment_id="S1", promised_by=PromiseSource.CUSTOMER),
    )
    latest = {sid: p.latest for sid in ("S1", "S2", None) if (p := order.promise_for(sid))}
    assert latest == {
        "S1": date(2025, 11, 15),
        "S2": date(2025, 11, 7),
        None: date(2025, 11, 15),
    }


def test_without_a_promise_there_is_none() -> None:
    assert order_of(placed()).promise_for("S1") is None
    assert order_of(placed()).original_promise is None


# --- quantities ------------------------------------------------------------------------


def quantities(order: Order, line_id: str = "1") -> dict[str, int]:
    one = next(one for one in order.lines if one.line.line_id == line_id)
    names = ("ordered", "shipped", "delivered", "cancelled", "refunded", "returned", "kept")
    return {name: getattr(one, name) for name in names if getattr(one, name)}


THREE = placed(lines=[line("1", 3), line("2")])
QUANTITIES: dict[str, tuple[list[Fact], dict[str, int]]] = {
    "ordered": ([], {"ordered": 3, "kept": 3}),
    "in part shipped": (
        [dispatched(at(1), ("1", 2))],
        {"ordered": 3, "shipped": 2, "kept": 3},
    ),
    "in part delivered": (
        [
            dispatched(at(1), ("1", 2)),
            dispatched(at(1), ("1", 1), shipment_id="S2"),
            delivered(at(2)),
        ],
        {"ordered": 3, "shipped": 3, "delivered": 2, "kept": 3},
    ),
    "a parcel that does not say what is inside holds the rest": (
        [dispatched(at(1), ("1", 2)), dispatched(at(1), shipment_id="S2"), delivered(at(2))],
        {"ordered": 3, "shipped": 3, "delivered": 2, "kept": 3},
    ),
    "a cancelled parcel holds nothing": (
        [dispatched(at(1), ("1", 2)), scan("CANCELLED", at(2))],
        {"ordered": 3, "kept": 3},
    ),
    "announced is not shipped": ([scan("PENDING", at(1))], {"ordered": 3, "kept": 3}),
    "more shipped than ordered": (
        [dispatched(at(1), ("1", 9)), delivered(at(2))],
        {"ordered": 3, "shipped": 3, "delivered": 3, "kept": 3},
    ),
    "cancelled units": (
        [refunded(at(1), ("1", 1), kind=RefundKind.CANCELLED)],
        {"ordered": 3, "cancelled": 1, "kept": 2},
    ),
    "two refunds add up": (
        [refunded(at(1), ("1", 1)), refunded(at(2), ("1", 1), refund_id="R2")],
        {"ordered": 3, "refunded": 2, "kept": 1},
    ),
    "money back for goods that stay": (
        [refunded(at(1), ("1", 2), kind=RefundKind.KEPT)],
        {"ordered": 3, "kept": 3},
    ),
    "returned and refunded is one unit": (
        [return_received(at(1), ("1", 1)), refunded(at(2), ("1", 1))],
        {"ordered": 3, "refunded": 1, "returned": 1, "kept": 2},
    ),
    "an open return has not come back": (
        [return_opened(at(1), ("1", 1))],
        {"ordered": 3, "kept": 3},
    ),
    "a declined return never comes back": (
        [return_opened(at(1), ("1", 1)), return_closed(at(2), ReturnStatus.DECLINED)],
        {"ordered": 3, "kept": 3},
    ),
    "a return that was closed came back": (
        [return_opened(at(1), ("1", 1)), return_closed(at(2))],
        {"ordered": 3, "returned": 1, "kept": 2},
    ),
    "never less than nothing": (
        [refunded(at(1), ("1", 2), kind=RefundKind.CANCELLED), return_received(at(2), ("1", 3))],
        {"ordered": 3, "cancelled": 2, "returned": 3},
    ),
}


@pytest.mark.parametrize("name", QUANTITIES)
def test_quantities(name: str) -> None:
    facts, wanted = QUANTITIES[name]
    assert quantities(order_of(THREE, *facts)) == wanted


def test_an_order_is_cancelled_as_a_whole_or_by_all_its_units() -> None:
    kind = RefundKind.CANCELLED
    assert not order_of(THREE, refunded(at(1), ("1", 3), kind=kind)).cancelled
    by_units = order_of(THREE, refunded(at(1), ("1", 3), ("2", 1), kind=kind))
    assert (by_units.cancelled, by_units.cancelled_at) == (True, at(1))
    assert order_of(THREE, cancelled(at(2), reason="customer")).cancel_reason == "customer"


@pytest.mark.parametrize(
    ("facts", "off_at", "restored_at"),
    [
        ([cancelled(at(2)), changed(at(3), cancelled=False)], None, at(3)),
        ([cancelled(at(2)), changed(at(3))], at(2), None),
        ([cancelled(at(2)), changed(at(2), cancelled=False)], at(2), None),
        ([cancelled(at(2)), changed(at(1), cancelled=False)], at(2), None),
        ([changed(at(3), cancelled=False), cancelled(at(4))], at(4), None),
        ([changed(at(3), cancelled=False)], None, None),
        ([changed(at(3), cancelled=True)], at(3), None),
        ([cancelled(at(2)), changed(at(3), cancelled=True)], at(2), None),
    ],
    ids=[
        "taken back",
        "a snapshot that does not say",
        "of one instant the cancellation counts",
        "an older snapshot",
        "cancelled again",
        "never cancelled",
        "by the snapshot alone",
        "a snapshot that repeats it does not make it later",
    ],
)
def test_a_cancellation_that_is_taken_back(
    facts: list[Fact], off_at: datetime | None, restored_at: datetime | None
) -> None:
    for permuted in itertools.permutations([placed(cancelled=False), *facts]):
        order = order_of(*permuted)
        assert (order.cancelled, order.cancelled_at) == (off_at is not None, off_at)
        assert order.restored_at == restored_at
        assert order.cancel_reason is None


def test_units_cancelled_line_by_line_are_not_taken_back_by_a_snapshot() -> None:
    gone = refunded(at(1), ("1", 3), ("2", 1), kind=RefundKind.CANCELLED)
    order = order_of(THREE, gone, changed(at(2), cancelled=False))
    assert (order.cancelled, order.cancelled_at, order.restored_at) == (True, at(1), None)


@given(FACTS)
def test_a_whole_cancellation_stands_unless_a_newer_snapshot_says_otherwise(
    facts: list[Fact],
) -> None:
    """The rule anew, over the facts that the record keeps."""
    kept = record_of(facts).facts.values()
    off = [f.metadata.occurred_at for f in kept if isinstance(f.data, OrderCancelled)]
    on = [
        f.metadata.occurred_at
        for f in kept
        if isinstance(f.data, OrderPlaced | OrderChanged) and f.data.cancelled is False
    ]
    order = order_of(*facts)
    if off and (not on or max(on) <= off[0]):
        assert (order.cancelled, order.cancelled_at, order.restored_at) == (True, off[0], None)
    elif order.restored_at is not None:
        assert order.restored_at == max(on) > off[0]


# --- possession ------------------------------------------------------------------------


TWO = placed(lines=[line("1"), line("2")])
BOTH = [dispatched(at(1), ("1", 1)), dispatched(at(1), ("2", 1), shipment_id="S2")]
POSSESSION: dict[str, tuple[list[Fact], Any]] = {
    "nothing is shipped": ([], None),
    "one of two": ([*BOTH, delivered(at(3))], None),
    "both": ([*BOTH, delivered(at(3)), delivered(at(5), shipment_id="S2")], at(5)),
    "delivered without a word of dispatch": ([delivered(at(3))], at(3)),
    "only one of two is shipped": ([BOTH[0], delivered(at(3))], None),
    "the other one was cancelled": (
        [BOTH[0], delivered(at(3)), refunded(at(4), ("2", 1), kind=RefundKind.CANCELLED)],
        at(3),
    ),
    "the other one is lost": (
        [*BOTH, delivered(at(3)), scan("EXCEPTION", at(4), shipment_id="S2")],
        None,
    ),
    "the other one is lost and refunded": (
        [
            *BOTH,
            delivered(at(3)),
            scan("EXCEPTION", at(4), shipment_id="S2"),
            refunded(at(6), ("2", 1)),
        ],
        at(3),
    ),
    "the other one is lost and was sent again": (
        [
            *BOTH,
            delivered(at(3)),
            scan("EXCEPTION", at(4), shipment_id="S2"),
            dispatched(at(5), ("2", 1), shipment_id="S3"),
            delivered(at(7), shipment_id="S3"),
        ],
        at(7),
    ),
    "the other one went back": (
        [*BOTH, delivered(at(3)), scan("RETURNED", at(6), shipment_id="S2")],
        None,
    ),
    "the other one went back and was refunded": (
        [
            *BOTH,
            delivered(at(3)),
            scan("RETURNED", at(6), shipment_id="S2"),
            refunded(at(7), ("2", 1)),
        ],
        at(3),
    ),
    "delivered to the sender": (
        [dispatched(at(1)), scan("RETURNING", at(2)), delivered(at(4))],
        None,
    ),
    "fetched at the counter": (
        [dispatched(at(1)), scan("AVAILABLE_FOR_PICKUP", at(2)), delivered(at(4))],
        at(4),
    ),
    "it waits at the counter": ([dispatched(at(1)), scan("AVAILABLE_FOR_PICKUP", at(2))], None),
    "the first delivery counts": ([dispatched(at(1)), delivered(at(4)), delivered(at(5))], at(4)),
}


@pytest.mark.parametrize("name", POSSESSION)
def test_possession(name: str) -> None:
    facts, wanted = POSSESSION[name]
    assert order_of(TWO, *facts).possession_at == wanted


def test_what_needs_no_shipping_is_not_waited_for() -> None:
    goods = placed(lines=[line("1"), line("2", requires_shipping=False)])
    assert order_of(goods, dispatched(at(1)), delivered(at(3))).possession_at == at(3)


def test_possession_of_one_line() -> None:
    order = order_of(TWO, *BOTH, delivered(at(3)))
    assert order.line_possession_at("1") == at(3)
    assert order.line_possession_at("2") is None
    assert order.line_possession_at("9") is None


def test_a_line_in_two_parcels_is_there_with_the_last_one() -> None:
    goods = placed(lines=[line("1", 2)])
    parcels = [dispatched(at(1), ("1", 1)), dispatched(at(1), ("1", 1), shipment_id="S2")]
    first = order_of(goods, *parcels, delivered(at(3)))
    assert first.line_possession_at("1") is None
    both = order_of(goods, *parcels, delivered(at(3)), delivered(at(6), shipment_id="S2"))
    assert both.line_possession_at("1") == at(6)
    refund = order_of(goods, *parcels, delivered(at(3)), refunded(at(5), ("1", 1)))
    assert refund.line_possession_at("1") == at(3)


# --- returns, tickets, reviews -------------------------------------------------------


RETURNS: dict[str, tuple[list[Fact], ReturnStatus]] = {
    "opened": ([return_opened(at(1))], ReturnStatus.OPEN),
    "received": ([return_opened(at(1)), return_received(at(2))], ReturnStatus.RECEIVED),
    "closed": ([return_opened(at(1)), return_closed(at(2))], ReturnStatus.CLOSED),
    "closed after it was received": (
        [return_received(at(2)), return_closed(at(3), ReturnStatus.CANCELLED)],
        ReturnStatus.RECEIVED,
    ),
    "received after it was closed": (
        [return_closed(at(2)), return_received(at(3))],
        ReturnStatus.RECEIVED,
    ),
    "opened again": (
        [return_opened(at(1), ("1", 1)), return_closed(at(2)), return_opened(at(3))],
        ReturnStatus.OPEN,
    ),
    "received, and spoken of once more": (
        [return_received(at(2)), return_opened(at(3))],
        ReturnStatus.RECEIVED,
    ),
}


@pytest.mark.parametrize("name", RETURNS)
def test_returns(name: str) -> None:
    facts, wanted = RETURNS[name]
    order = order_of(placed(), *facts)
    assert [one.status for one in order.returns] == [wanted]
    assert (order.open_return is not None) == (wanted is ReturnStatus.OPEN)


def test_a_return_that_is_opened_again_keeps_its_goods_and_its_first_day() -> None:
    facts = [return_opened(at(1), ("1", 1)), return_closed(at(2)), return_opened(at(3))]
    (back,) = order_of(placed(), *facts).returns
    assert (back.lines, back.opened_at) == ((("1", 1),), at(1))


def test_tickets_are_open_until_their_newest_word_is_closed() -> None:
    opened, closed = ticket_opened(at(1)), ticket_closed(at(2))
    assert order_of(opened).open_tickets == ("K1",)
    assert order_of(opened, closed).open_tickets == ()
    assert order_of(opened, closed, ticket_opened(at(3))).open_tickets == ("K1",)
    assert order_of(opened, ticket_closed(at(2), ticket_id="K2")).open_tickets == ("K1",)


def test_reviews_add_up_and_one_of_everything_is_of_everything() -> None:
    assert order_of(placed()).reviewed is None
    assert order_of(reviewed(at(1), "B"), reviewed(at(2), "A")).reviewed == ("A", "B")
    assert order_of(reviewed(at(1), "B"), reviewed(at(2))).reviewed == ()
    assert order_of(reviewed(at(1)), reviewed(at(2), "B")).reviewed == ()


def test_the_newest_snooze_of_a_product_counts() -> None:
    facts = [snoozed(at(1), "A", None), snoozed(at(2), "A", date(2026, 1, 1))]
    assert order_of(*facts).snoozes == (("A", date(2026, 1, 1)),)


def test_a_scan_that_names_no_shipment_changes_no_order() -> None:
    unassigned = scan("DELIVERED", at(3), shipment_id=None, tracking_number="T-1")
    assert order_of(placed(), dispatched(at(1)), unassigned).shipments[0].status is (
        Status.LABEL_CREATED
    )


def test_an_order_of_no_facts_is_unknown_and_empty() -> None:
    order = fold(OrderRecord(brand=BRAND, order_id=ORDER))
    assert (order.known, order.lines, order.last_fact_at) == (False, (), None)


def test_times_of_another_zone_are_the_same_instant() -> None:
    jst = at(3).astimezone(tz=ZoneInfo("Asia/Tokyo"))
    assert order_of(placed(), delivered(jst)).possession_at == at(3)
    assert fact(delivered(jst).data, jst).key == delivered(at(3)).key


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        placed((at(0) + timedelta(hours=1)).replace(tzinfo=None))


# --- parcels -----------------------------------------------------------------------------


def test_an_announced_parcel_says_what_is_inside_and_who_carries_it() -> None:
    announced = scan("LABEL_CREATED", at(1), lines=(ShippedLine(line_id="1", quantity=2),))
    tracked = scan("IN_TRANSIT", at(2), carrier="sagawa", tracking_number="55")
    (parcel,) = order_of(THREE, announced, tracked).shipments
    assert [(part.line_id, part.quantity) for part in parcel.lines] == [("1", 2)]
    assert (parcel.carrier, parcel.tracking_number) == ("sagawa", "55")
    assert (parcel.dispatched_at, parcel.status) == (None, Status.IN_TRANSIT)


def test_what_the_dispatch_says_comes_first_and_a_later_number_does_not_make_it_later() -> None:
    early = dispatched(at(1), ("1", 1), tracking_number=None)
    late = dispatched(at(2), ("1", 3), dispatched_at=at(1))
    (parcel,) = order_of(THREE, early, late, scan("ACCEPTED", at(1.5), carrier="x")).shipments
    assert (parcel.dispatched_at, parcel.carrier) == (at(1), "yamato")
    assert [(part.line_id, part.quantity) for part in parcel.lines] == [("1", 3)]
    assert parcel.tracking_number == "T-1001-S1"
