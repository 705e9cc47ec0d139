"""The replenishment reminder: its decision table, what must never happen, and what it says."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.brands import load_brand
from shared.domain.customers import Customer
from shared.domain.decisions import Candidate, Verdict
from shared.domain.events import Fact, Line, RefundKind, ReturnStatus
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.orders import Order
from shared.domain.policy import Policy, Product
from shared.domain.reasons import Reason
from shared.lifecycles import load
from shared.messages.rendering import render_email, render_sms
from tests.builders import (
    at,
    by_occurrence,
    cancelled,
    changed,
    consent,
    customer_of,
    delivered,
    dispatched,
    entry,
    line,
    order_of,
    outcome,
    placed,
    preferences,
    refunded,
    return_closed,
    return_opened,
    return_received,
    scan,
    situation,
    snoozed,
    subscribes,
)
from tests.player import JAPAN, as_it_happens, jst, misfits, play, sample

NAME = "replenishment_reminder"
lifecycle = load(NAME)
SEND, WAIT, SKIP = Verdict.SEND, Verdict.WAIT, Verdict.SKIP
PRODUCTS = (
    Product(sku="SENCHA-100", supply_days=30),
    Product(sku="HOJICHA", supply_days=20, population_interval_days=24),
    Product(sku="MATCHA-30", supply_days=25),
    Product(sku="GENMAI", supply_days=40),
    Product(sku="OLD", supply_days=30, discontinued=True, successor="SENCHA-100"),
    Product(sku="OLDER", discontinued=True, successor="OLD"),
    Product(sku="GONE", supply_days=30, discontinued=True),
    Product(sku="LOOP-A", supply_days=30, discontinued=True, successor="LOOP-B"),
    Product(sku="LOOP-B", supply_days=30, discontinued=True, successor="LOOP-A"),
    Product(sku="NEXT", supply_days=30, successor="SENCHA-100"),
    Product(sku="KYUSU"),
    Product(sku="TASTER", supply_days=3),
)
POLICY = replace(JAPAN, products={product.sku: product for product in PRODUCTS})

# One SENCHA-100 (30 days), placed on day 0, delivered on day 3: it lasts until day 33.
PLACED, OUT, HOME = placed(), dispatched(at(1)), delivered(at(3))
ORDER_OF_ONE = [PLACED, OUT, HOME]
DUE, LATE = at(28), at(33 + 7.5)

Row = tuple[Verdict, Reason, datetime | None]


def row(candidate: Candidate) -> Row:
    when = candidate.due_at if candidate.verdict is SEND else candidate.at
    return (*outcome(candidate), when)


def decide(
    *facts: Fact, now: datetime, policy: Policy = POLICY, **more: Any
) -> dict[str, Candidate]:
    found = lifecycle.decide(situation(*facts, now=now, policy=policy, **more))
    return by_occurrence(found)


def bought(*lines: Line, **more: Any) -> list[Fact]:
    """An order of these lines, placed on day 0 and delivered whole on day 3."""
    return [placed(lines=lines, **more), OUT, HOME]


def other(
    order_id: str,
    days: float,
    *,
    sku: str = "SENCHA-100",
    quantity: int = 1,
    home: bool = True,
    more: tuple[Fact, ...] = (),
    **about: Any,
) -> Order:
    """Another order of the person: placed on that day, and delivered three days later."""
    goods = line(sku=sku, quantity=quantity)
    facts = [placed(at(days), order_id=order_id, lines=[goods], **about)]
    facts.append(dispatched(at(days + 1), order_id=order_id))
    if home:
        facts.append(delivered(at(days + 3), order_id=order_id))
    return order_of(*facts, *more)


def reminded(when: datetime, *skus: str, phase: str = "due") -> LedgerEntry:
    return entry(NAME, f"{phase}:{skus[0]}", when=when, skus=skus)


def soon(when: datetime) -> Row:
    return (WAIT, Reason.NOT_YET_DUE, when)


def due(when: datetime) -> Row:
    return (SEND, Reason.DUE, when)


def no(reason: Reason) -> Row:
    return (SKIP, reason, None)


NOT_HOME: Row = (WAIT, Reason.NOT_YET_DELIVERED, None)

TABLE: dict[str, tuple[list[Fact], datetime, Row]] = {
    "placed": ([PLACED], at(90), NOT_HOME),
    "on its way": ([PLACED, OUT, scan("IN_TRANSIT", at(2))], at(2), NOT_HOME),
    "goes back to the sender": (
        [*ORDER_OF_ONE[:2], scan("RETURNING", at(2)), HOME],
        at(9),
        NOT_HOME,
    ),
    "with the customer: run-out - 5 days": (ORDER_OF_ONE, at(4), soon(DUE)),
    "due": (ORDER_OF_ONE, DUE, due(DUE)),
    "a moment before it expires": (ORDER_OF_ONE, at(41.99), due(DUE)),
    "too late": (ORDER_OF_ONE, at(42), no(Reason.TOO_LATE)),
    "two units last twice as long": (bought(line(quantity=2)), at(58), due(at(58))),
    "one of two units came back": (
        [*bought(line(quantity=2)), return_opened(at(4)), return_received(at(6), ("1", 1))],
        at(10),
        soon(DUE),
    ),
    "one of two units was refunded": (
        [*bought(line(quantity=2)), refunded(at(6), ("1", 1))],
        at(10),
        soon(DUE),
    ),
    "one of two units was cancelled": (
        [*bought(line(quantity=2)), refunded(at(0.5), ("1", 1), kind=RefundKind.CANCELLED)],
        at(10),
        soon(DUE),
    ),
    "money back for goods that stay": (
        [*ORDER_OF_ONE, refunded(at(6), ("1", 1), kind=RefundKind.KEPT)],
        at(10),
        soon(DUE),
    ),
    "all of it came back": (
        [*ORDER_OF_ONE, refunded(at(6), ("1", 1))],
        at(10),
        no(Reason.NOTHING_KEPT),
    ),
    "two lines of one product": (
        bought(line("1"), line("2", 2)),
        at(10),
        soon(at(88)),
    ),
    "cancelled": ([PLACED, cancelled(at(1))], at(1), no(Reason.ORDER_CANCELLED)),
    "a gift": (bought(line(), gift=True), DUE, no(Reason.GIFT)),
    "nobody said whether a gift": (bought(line(), gift=None), DUE, due(DUE)),
    "from a subscription": (bought(line(), subscription=True), DUE, no(Reason.SUBSCRIBED)),
    "subscription unknown, not due": (
        bought(line(), subscription=None),
        at(4),
        (WAIT, Reason.SUBSCRIPTION_UNKNOWN, DUE),
    ),
    "subscription unknown": (
        bought(line(), subscription=None),
        DUE,
        no(Reason.SUBSCRIPTION_UNKNOWN),
    ),
    "the order says later that it is no subscription": (
        [*bought(line(), subscription=None), changed(at(5), subscription=False)],
        DUE,
        due(DUE),
    ),
    "observed over all customers before nominal": (
        bought(line(sku="HOJICHA")),
        at(4),
        soon(at(3 + 24 - 5)),
    ),
    "it lasts for less than the notice: the day after possession": (
        bought(line(sku="TASTER")),
        at(3),
        soon(at(4)),
    ),
    "discontinued with a successor": (bought(line(sku="OLD")), DUE, due(DUE)),
    "discontinued with a successor of a successor": (bought(line(sku="OLDER")), DUE, due(DUE)),
    "discontinued without": (bought(line(sku="GONE")), DUE, no(Reason.DISCONTINUED)),
    "successors in a circle": (bought(line(sku="LOOP-A")), DUE, no(Reason.DISCONTINUED)),
    "a successor is named, but it is still sold": (bought(line(sku="NEXT")), DUE, due(DUE)),
    "how long it lasts is unknown": (bought(line(sku="KYUSU")), DUE, no(Reason.NO_SUPPLY_DATA)),
    "an unknown product": (bought(line(sku="X-1")), DUE, no(Reason.NO_SUPPLY_DATA)),
    "snoozed": (
        [*ORDER_OF_ONE, snoozed(at(20), "SENCHA-100", date(2025, 12, 20))],
        at(20),
        (WAIT, Reason.SNOOZED, jst("2025-12-20 08:00")),
    ),
    "snoozed, that morning": (
        [*ORDER_OF_ONE, snoozed(at(20), "SENCHA-100", date(2025, 12, 20))],
        jst("2025-12-20 08:00"),
        due(jst("2025-12-20 08:00")),
    ),
    "snoozed until before it is due": (
        [*ORDER_OF_ONE, snoozed(at(5), "SENCHA-100", date(2025, 11, 20))],
        at(5),
        soon(DUE),
    ),
    "snoozed for another product": (
        [*ORDER_OF_ONE, snoozed(at(5), "GENMAI", None)],
        at(5),
        soon(DUE),
    ),
    "never again": (
        [*ORDER_OF_ONE, snoozed(at(20), "SENCHA-100", None)],
        DUE,
        no(Reason.SNOOZED),
    ),
    "never again, of the successor": (
        [*bought(line(sku="OLD")), snoozed(at(20), "SENCHA-100", None)],
        DUE,
        no(Reason.SNOOZED),
    ),
    "a return is open, not due": (
        [*ORDER_OF_ONE, return_opened(at(20), ("1", 1))],
        at(20),
        (WAIT, Reason.RETURN_OPEN, DUE),
    ),
    "a return is open": (
        [*ORDER_OF_ONE, return_opened(at(20), ("1", 1))],
        DUE,
        (WAIT, Reason.RETURN_OPEN, at(42)),
    ),
    "a return is open until it is too late": (
        [*ORDER_OF_ONE, return_opened(at(20), ("1", 1))],
        at(42),
        no(Reason.RETURN_OPEN),
    ),
    "the return was cancelled": (
        [*ORDER_OF_ONE, return_opened(at(20)), return_closed(at(30), ReturnStatus.CANCELLED)],
        at(30),
        due(DUE),
    ),
    "a return of something else": (
        [*ORDER_OF_ONE, return_opened(at(20), ("9", 1))],
        DUE,
        due(DUE),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_decision_table(name: str) -> None:
    facts, now, wanted = TABLE[name]
    found = decide(*facts, now=now)
    assert [row(c) for c in found.values()] == [wanted]
    (occurrence,) = found
    sku = order_of(*facts).lines[0].line.sku
    assert occurrence == f"due:{sku}"
    assert found[occurrence].skus == (sku,)


def test_an_unknown_order_has_no_candidates() -> None:
    assert decide(OUT, HOME, now=DUE) == {}


def test_what_has_no_sku_or_is_no_goods_is_no_product() -> None:
    lines = [line("1", sku=None), line("2", sku="SENCHA-100", requires_shipping=False)]
    assert decide(*bought(*lines), now=DUE) == {}


def test_the_parcel_with_the_product_counts_not_the_others() -> None:
    facts = [
        placed(lines=[line("1"), line("2", sku="GENMAI")]),
        dispatched(at(1), ("1", 1)),
        dispatched(at(2), ("2", 1), shipment_id="S2"),
        HOME,
    ]
    found = decide(*facts, now=at(4))
    assert row(found["due:SENCHA-100"]) == soon(DUE)
    assert row(found["due:GENMAI"]) == NOT_HOME


# --- subscribers -----------------------------------------------------------------


@pytest.mark.parametrize("said", [False, None])
@pytest.mark.parametrize(
    ("person", "now", "wanted"),
    [
        ([subscribes(at(1), "SENCHA-100")], at(4), (WAIT, Reason.SUBSCRIBED, DUE)),
        ([subscribes(at(1), "SENCHA-100")], DUE, no(Reason.SUBSCRIBED)),
        ([subscribes(at(1), "SENCHA-100", active=False)], DUE, due(DUE)),
    ],
)
def test_what_the_person_is_known_to_subscribe_to(
    said: bool | None, person: list[Fact], now: datetime, wanted: Row
) -> None:
    found = decide(*bought(line(), subscription=said), now=now, person=person)
    assert row(found["due:SENCHA-100"]) == wanted


def test_a_subscription_to_another_product_says_nothing() -> None:
    person = [subscribes(at(1), "GENMAI")]
    unknown = decide(*bought(line(), subscription=None), now=DUE, person=person)
    assert row(unknown["due:SENCHA-100"]) == no(Reason.SUBSCRIPTION_UNKNOWN)
    known = decide(*ORDER_OF_ONE, now=DUE, person=person)
    assert row(known["due:SENCHA-100"]) == due(DUE)


def test_a_shop_without_subscriptions_need_not_know_of_each_buyer() -> None:
    policy = replace(POLICY, sells_subscriptions=False)
    found = decide(*bought(line(), subscription=None), now=DUE, policy=policy)
    assert row(found["due:SENCHA-100"]) == due(DUE)


def test_a_subscription_to_the_successor_counts() -> None:
    found = decide(*bought(line(sku="OLD")), now=DUE, person=[subscribes(at(1), "SENCHA-100")])
    assert row(found["due:OLD"]) == no(Reason.SUBSCRIBED)


# --- other orders -------------------------------------------------------------


NEWER: dict[str, tuple[Order, datetime, Row]] = {
    "on the way, not due": (
        other("1002", 10, home=False),
        at(20),
        (WAIT, Reason.REORDERED, DUE),
    ),
    "on the way: look again tomorrow": (
        other("1002", 10, home=False),
        DUE,
        (WAIT, Reason.REORDERED, at(29)),
    ),
    "on the way on the last day": (
        other("1002", 10, home=False),
        at(41.5),
        (WAIT, Reason.REORDERED, at(42)),
    ),
    "on the way until it is too late": (
        other("1002", 10, home=False),
        at(42),
        no(Reason.REORDERED),
    ),
    "delivered, not due": (other("1002", 10), at(20), (WAIT, Reason.REORDERED, DUE)),
    "delivered": (other("1002", 10), DUE, no(Reason.REORDERED)),
    "delivered at the same moment: by id": (other("1002", 0), DUE, no(Reason.REORDERED)),
    "cancelled": (
        other("1002", 10, home=False, more=(cancelled(at(12), order_id="1002"),)),
        DUE,
        due(DUE),
    ),
    "sent back": (
        other("1002", 10, more=(refunded(at(15), ("1", 1), order_id="1002"),)),
        DUE,
        due(DUE),
    ),
    "for somebody else": (other("1002", 10, gift=True), DUE, due(DUE)),
    "a test": (other("1002", 10, test=True), DUE, due(DUE)),
    "of another product": (other("1002", 10, sku="GENMAI"), DUE, due(DUE)),
    "of the discontinued sister": (other("1002", 10, sku="OLD"), DUE, no(Reason.REORDERED)),
    "not placed yet as far as we know": (
        order_of(dispatched(at(11), order_id="1002"), delivered(at(13), order_id="1002")),
        DUE,
        due(DUE),
    ),
    "placed while this one was on its way, not there yet": (
        other("1002", 2, home=False),
        DUE,
        (WAIT, Reason.REORDERED, at(29)),
    ),
    "placed earlier, still not there": (
        other("0999", -5, home=False),
        DUE,
        due(DUE),
    ),
    "placed earlier, delivered later": (
        other("0999", -5, home=False, more=(delivered(at(9), order_id="0999"),)),
        DUE,
        no(Reason.REORDERED),
    ),
}


@pytest.mark.parametrize("name", NEWER)
def test_a_newer_order_of_the_product(name: str) -> None:
    newer, now, wanted = NEWER[name]
    found = decide(*ORDER_OF_ONE, now=now, others=[newer])
    assert row(found["due:SENCHA-100"]) == wanted


def test_an_order_of_the_successor_covers_the_old_product() -> None:
    found = decide(*bought(line(sku="OLD")), now=DUE, others=[other("1002", 10)])
    assert row(found["due:OLD"]) == no(Reason.REORDERED)


def test_of_two_orders_exactly_one_reminds_at_any_time() -> None:
    first, second = other("1001", 0), other("1002", 20)
    for now in (at(day) for day in range(24, 90)):
        sends = [
            order_id
            for order_id, rest in (("1001", second), ("1002", first))
            for candidate in lifecycle.decide(
                situation(
                    placed(at(0 if order_id == "1001" else 20), order_id=order_id),
                    dispatched(at(1 if order_id == "1001" else 21), order_id=order_id),
                    delivered(at(3 if order_id == "1001" else 23), order_id=order_id),
                    now=now,
                    others=[rest],
                    policy=POLICY,
                )
            )
            if candidate.verdict is SEND
        ]
        assert sends in ([], ["1002"])


# --- how long it lasts ----------------------------------------------------------


def test_what_is_left_is_used_up_first() -> None:
    # 60 days from day -27 on: 30 are left on day 3, and 30 new ones follow.
    found = decide(*ORDER_OF_ONE, now=at(4), others=[other("0900", -30, quantity=2)])
    assert row(found["due:SENCHA-100"]) == soon(at(3 + 30 + 30 - 5))


def test_what_has_run_out_before_adds_nothing() -> None:
    found = decide(*ORDER_OF_ONE, now=at(4), others=[other("0900", -100)])
    assert row(found["due:SENCHA-100"]) == soon(DUE)


def test_a_parcel_that_never_came_is_no_supply() -> None:
    found = decide(*ORDER_OF_ONE, now=at(4), others=[other("0900", -10, home=False)])
    assert row(found["due:SENCHA-100"]) == soon(DUE)


def test_the_customers_own_rhythm_from_three_purchases_on() -> None:
    # Delivered on days -97, -47 and 3: 50 days for one unit, whatever the merchant says.
    two_before = [other("0900", -100), other("0901", -50)]
    found = decide(*ORDER_OF_ONE, now=at(4), others=two_before)
    assert row(found["due:SENCHA-100"]) == soon(at(3 + 50 - 5))
    one_before = decide(*ORDER_OF_ONE, now=at(4), others=two_before[1:])
    assert row(one_before["due:SENCHA-100"]) == soon(DUE)


def test_the_rhythm_is_per_unit() -> None:
    # Two units for 100 days, one for 50: 50 days per unit, and two units now.
    before = [other("0900", -150, quantity=2), other("0901", -50)]
    found = decide(*bought(line(quantity=2)), now=at(4), others=before)
    assert row(found["due:SENCHA-100"]) == soon(at(3 + 100 - 5))


def test_the_rhythm_is_the_median() -> None:
    # Intervals of 40, 40 and 130 days: the holiday does not stretch it. What is left counts.
    before = [other("0900", -210), other("0901", -170), other("0902", -130)]
    found = decide(*ORDER_OF_ONE, now=at(4), others=before)
    assert row(found["due:SENCHA-100"]) == soon(at(3 + 40 - 5))


def test_of_two_intervals_the_median_is_the_middle() -> None:
    # Intervals of 40 and 60 days.
    before = [other("0900", -100), other("0901", -60)]
    found = decide(*ORDER_OF_ONE, now=at(4), others=before)
    assert row(found["due:SENCHA-100"]) == soon(at(3 + 50 - 5))


def test_purchases_of_one_day_are_one() -> None:
    # Two orders on one day are no rhythm of zero days, and not a third purchase.
    before = [other("0900", -100), other("0901", -100)]
    found = decide(*ORDER_OF_ONE, now=at(4), others=before)
    assert row(found["due:SENCHA-100"]) == soon(DUE)


def test_the_rhythm_needs_no_merchants_word() -> None:
    lines = [line(sku="KYUSU")]
    before = [other("0900", -100, sku="KYUSU"), other("0901", -50, sku="KYUSU")]
    found = decide(*bought(*lines), now=at(4), others=before)
    assert row(found["due:KYUSU"]) == soon(at(3 + 50 - 5))


def test_the_rhythm_counts_the_placement_where_no_delivery_is_known() -> None:
    before = [other("0900", -97, home=False), other("0901", -50)]
    found = decide(*ORDER_OF_ONE, now=at(4), others=before)
    assert row(found["due:SENCHA-100"]) == soon(at(3 + 50 - 5))


def test_gifts_and_cancelled_orders_are_no_rhythm() -> None:
    before = [
        other("0900", -100, gift=True),
        other("0901", -50, home=False, more=(cancelled(at(-49), order_id="0901"),)),
    ]
    found = decide(*ORDER_OF_ONE, now=at(4), others=before)
    assert row(found["due:SENCHA-100"]) == soon(DUE)


def test_an_import_of_the_past_is_a_rhythm() -> None:
    before = [other("0900", -100, historical=True), other("0901", -50, historical=True)]
    found = decide(*ORDER_OF_ONE, now=at(4), others=before)
    assert row(found["due:SENCHA-100"]) == soon(at(48))


def test_the_old_product_and_its_successor_are_one_rhythm() -> None:
    before = [other("0900", -100, sku="OLD"), other("0901", -50, sku="OLDER")]
    found = decide(*ORDER_OF_ONE, now=at(4), others=before)
    assert row(found["due:SENCHA-100"]) == soon(at(48))


# --- one message for several products ----------------------------------------


BASKET = [
    line("1", 1, "GENMAI"),  # runs out on day 43
    line("2", 1, "SENCHA-100"),  # on day 33
    line("3", 1, "MATCHA-30"),  # on day 28
    line("4", 1, "HOJICHA"),  # on day 27
]


def test_products_that_run_out_within_a_week_share_a_message() -> None:
    found = decide(*bought(*BASKET), now=at(4))
    assert {occurrence: (row(c), c.skus) for occurrence, c in found.items()} == {
        "due:HOJICHA": (soon(at(22)), ("HOJICHA", "MATCHA-30", "SENCHA-100")),
        "due:GENMAI": (soon(at(38)), ("GENMAI",)),
    }


def test_what_a_sent_message_covered_is_not_reminded_again() -> None:
    sent = [reminded(at(22), "HOJICHA", "MATCHA-30", "SENCHA-100")]
    found = decide(*bought(*BASKET), now=at(28), entries=sent)
    assert set(found) == {"due:GENMAI", "late:HOJICHA", "late:SENCHA-100"}


def test_a_message_that_was_given_up_covers_its_products_as_well() -> None:
    gone = [entry(NAME, "due:HOJICHA", EntryStatus.FAILED, at(22), skus=("HOJICHA", "SENCHA-100"))]
    lines = [line("1"), line("2", sku="HOJICHA")]
    assert decide(*bought(*lines), now=at(60), entries=gone) == {}


def test_without_the_first_product_the_next_one_names_the_message() -> None:
    facts = [*bought(*BASKET), refunded(at(6), ("4", 1))]
    found = decide(*facts, now=at(7))
    assert row(found["due:HOJICHA"]) == no(Reason.NOTHING_KEPT)
    assert found["due:MATCHA-30"].skus == ("MATCHA-30", "SENCHA-100")
    assert row(found["due:MATCHA-30"]) == soon(at(23))


def test_a_product_that_has_an_objection_does_not_join() -> None:
    found = decide(*bought(*BASKET), now=at(22), others=[other("1002", 10, sku="MATCHA-30")])
    assert found["due:HOJICHA"].skus == ("HOJICHA", "SENCHA-100")
    assert row(found["due:HOJICHA"]) == due(at(22))
    assert row(found["due:MATCHA-30"]) == (WAIT, Reason.REORDERED, at(23))


def stops(when: datetime, *skus: str) -> Fact:
    return preferences(when, stopped_skus=skus)


def test_a_stopped_product_is_left_out_and_the_others_are_not() -> None:
    found = decide(*bought(*BASKET), now=at(22), person=[stops(at(10), "MATCHA-30")])
    assert found["due:HOJICHA"].skus == ("HOJICHA", "SENCHA-100")
    assert row(found["due:HOJICHA"]) == due(at(22))
    assert row(found["due:MATCHA-30"]) == (WAIT, Reason.PRODUCT_STOPPED, at(23))


def test_where_all_are_stopped_nothing_is_sent() -> None:
    person = [stops(at(10), "SENCHA-100")]
    assert row(decide(*ORDER_OF_ONE, now=DUE, person=person)["due:SENCHA-100"]) == no(
        Reason.PRODUCT_STOPPED
    )
    # Taken back before it is due, it is as if nothing had been said.
    taken_back = decide(*ORDER_OF_ONE, now=DUE, person=[*person, stops(at(20))])
    assert row(taken_back["due:SENCHA-100"]) == due(DUE)
    late = decide(*ORDER_OF_ONE, now=LATE, person=person, entries=[reminded(DUE, "SENCHA-100")])
    assert row(late["late:SENCHA-100"]) == no(Reason.PRODUCT_STOPPED)


@pytest.mark.parametrize("stopped", ["OLD", "SENCHA-100"])
@pytest.mark.parametrize("bought_sku", ["OLD", "SENCHA-100"])
def test_a_stop_covers_the_product_and_its_successor(stopped: str, bought_sku: str) -> None:
    found = decide(*bought(line(sku=bought_sku)), now=DUE, person=[stops(at(1), stopped)])
    assert row(found[f"due:{bought_sku}"]) == no(Reason.PRODUCT_STOPPED)


def test_a_snoozed_product_does_not_join_an_earlier_message() -> None:
    facts = [*bought(*BASKET), snoozed(at(10), "MATCHA-30", date(2025, 11, 28))]
    found = decide(*facts, now=at(11))
    assert found["due:HOJICHA"].skus == ("HOJICHA", "SENCHA-100")
    assert row(found["due:MATCHA-30"]) == (WAIT, Reason.SNOOZED, jst("2025-11-28 08:00"))


def test_a_message_in_flight_keeps_its_products() -> None:
    # HOJICHA and SENCHA-100 are being sent; then two more of the latter are added to the order.
    in_flight = [
        entry(NAME, "due:HOJICHA", EntryStatus.SENDING, at(22), skus=("HOJICHA", "SENCHA-100"))
    ]
    lines = [line("1", sku="HOJICHA"), line("2", 3), line("3", sku="MATCHA-30")]
    found = decide(*bought(*lines), now=at(22), entries=in_flight)
    assert found["due:HOJICHA"].skus == ("HOJICHA", "SENCHA-100")
    assert row(found["due:HOJICHA"]) == due(at(22))
    assert found["due:MATCHA-30"].skus == ("MATCHA-30",)


def test_what_is_in_flight_with_a_product_that_has_gone_waits_for_the_outcome() -> None:
    unknown = [
        entry(NAME, "due:HOJICHA", EntryStatus.UNKNOWN, at(22), skus=("HOJICHA", "SENCHA-100"))
    ]
    lines = [line("1", sku="HOJICHA"), line("2")]
    facts = [*bought(*lines), refunded(at(22), ("1", 1))]
    found = decide(*facts, now=at(30), entries=unknown)
    assert row(found["due:HOJICHA"]) == no(Reason.NOTHING_KEPT)
    assert row(found["due:SENCHA-100"]) == (WAIT, Reason.IN_FLIGHT, None)


# --- late -------------------------------------------------------------------------


REMINDED = [reminded(DUE, "SENCHA-100")]
LATES: dict[str, tuple[list[Fact], list[Order], datetime, Row]] = {
    "not yet": ([], [], at(33), soon(LATE)),
    "a quarter of the interval after the run-out": ([], [], LATE, due(LATE)),
    "too late": ([], [], LATE + timedelta(days=14), no(Reason.TOO_LATE)),
    "re-ordered": ([], [other("1002", 29)], LATE, no(Reason.REORDERED)),
    "re-ordered, under way": (
        [],
        [other("1002", 39, home=False)],
        LATE,
        (WAIT, Reason.REORDERED, LATE + timedelta(days=1)),
    ),
    "sent back": ([refunded(at(30), ("1", 1))], [], LATE, no(Reason.NOTHING_KEPT)),
    "cancelled": ([cancelled(at(30))], [], LATE, no(Reason.ORDER_CANCELLED)),
    "snoozed": (
        [snoozed(at(29), "SENCHA-100", date(2026, 1, 10))],
        [],
        LATE,
        (WAIT, Reason.SNOOZED, jst("2026-01-10 08:00")),
    ),
    "never again": ([snoozed(at(29), "SENCHA-100", None)], [], LATE, no(Reason.SNOOZED)),
}


@pytest.mark.parametrize("name", LATES)
def test_late(name: str) -> None:
    facts, others, now, wanted = LATES[name]
    found = decide(*ORDER_OF_ONE, *facts, now=now, others=others, entries=REMINDED)
    assert {occurrence: row(c) for occurrence, c in found.items()} == {"late:SENCHA-100": wanted}


def test_late_only_after_due_was_sent() -> None:
    skipped = [entry(NAME, "due:SENCHA-100", EntryStatus.SKIPPED, DUE, skus=("SENCHA-100",))]
    assert set(decide(*ORDER_OF_ONE, now=at(60), entries=skipped)) == {"due:SENCHA-100"}


def test_late_leaves_time_after_a_due_that_had_to_wait() -> None:
    held = [reminded(at(39), "SENCHA-100")]
    found = decide(*ORDER_OF_ONE, now=LATE, entries=held)["late:SENCHA-100"]
    assert row(found) == soon(at(44))


def test_there_is_one_late_message() -> None:
    done = [*REMINDED, reminded(LATE, "SENCHA-100", phase="late")]
    assert decide(*ORDER_OF_ONE, now=at(60), entries=done) == {}


def test_the_interval_of_late_is_that_of_the_quantity() -> None:
    found = decide(*bought(line(quantity=2)), now=at(59), entries=[reminded(at(58), "SENCHA-100")])
    assert row(found["late:SENCHA-100"]) == soon(at(63 + 15))


# --- snoozes of other orders -----------------------------------------------------


def test_never_again_outlives_the_order_it_was_said_with() -> None:
    before = other("0900", -60, more=(snoozed(at(-20), "SENCHA-100", None, order_id="0900"),))
    found = decide(*ORDER_OF_ONE, now=DUE, others=[before])
    assert row(found["due:SENCHA-100"]) == no(Reason.SNOOZED)


# --- what must never happen -----------------------------------------------------

SKUS = ("SENCHA-100", "HOJICHA", "MATCHA-30", "OLD", "KYUSU", "TASTER")
BASKETS = st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 3)), min_size=1, max_size=4).map(
    lambda goods: [line(str(n), units, sku) for n, (sku, units) in enumerate(goods)]
)
HISTORY = st.lists(
    st.sampled_from(
        [
            dispatched(at(1)),
            dispatched(at(1), ("0", 3)),
            dispatched(at(2), ("1", 1), shipment_id="S2"),
            delivered(at(3)),
            delivered(at(6), shipment_id="S2"),
            refunded(at(8), ("0", 1)),
            refunded(at(9), ("1", 2), refund_id="R2"),
            return_opened(at(20)),
            return_received(at(25), ("0", 1)),
            return_closed(at(27)),
            snoozed(at(15), "SENCHA-100", date(2025, 12, 24)),
            snoozed(at(16), "HOJICHA", None),
            cancelled(at(18)),
            changed(at(12), gift=True),
            changed(at(13), subscription=True),
        ]
    ),
    max_size=10,
    unique_by=lambda one: one.metadata.id,
)
OTHERS = st.lists(
    st.sampled_from(
        [
            other("0900", -40),
            other("0901", -80, quantity=2),
            other("1002", 12),
            other("1003", 30, home=False),
            other("1004", 20, sku="HOJICHA"),
        ]
    ),
    max_size=3,
    unique_by=lambda order: order.order_id,
)
NOW = st.integers(0, 100 * 24).map(lambda hours: at(hours=hours))


def basket_of(lines: list[Line], facts: list[Fact]) -> list[Fact]:
    return [placed(lines=lines), *facts]


def covered(candidates: dict[str, Candidate], phase: str) -> list[str]:
    return [
        sku
        for occurrence, candidate in candidates.items()
        if occurrence.startswith(f"{phase}:")
        for sku in candidate.skus
    ]


@given(BASKETS, HISTORY, OTHERS, NOW)
def test_every_product_has_one_verdict_and_only_what_is_kept_is_sold_again(
    lines: list[Line], facts: list[Fact], others: list[Order], now: datetime
) -> None:
    known = basket_of(lines, facts)
    order = order_of(*known)
    found = decide(*known, now=now, others=others)
    skus = covered(found, "due")
    assert len(skus) == len(set(skus))
    # OLD is sold today as SENCHA-100: one of the two stands for both.
    products = {"SENCHA-100" if known.sku == "OLD" else known.sku for known in lines}
    assert {"SENCHA-100" if sku == "OLD" else sku for sku in skus} == products
    for candidate in found.values():
        if candidate.verdict is not SEND:
            continue
        assert not order.cancelled
        assert not order.gift
        assert not order.subscription
        assert candidate.due_at is not None
        assert candidate.due_at <= now
        for sku in candidate.skus:
            names = {"SENCHA-100", "OLD"} if sku in {"SENCHA-100", "OLD"} else {sku}
            kept = [own for own in order.lines if own.line.sku in names and own.kept]
            assert kept
            for own in kept:
                possession = order.line_possession_at(own.line.line_id)
                assert possession is not None
                assert now >= possession + timedelta(days=1)


@given(BASKETS, HISTORY, OTHERS, NOW, st.randoms(use_true_random=False))
def test_order_and_repetition_of_facts_decide_nothing(
    lines: list[Line], facts: list[Fact], others: list[Order], now: datetime, chance: Any
) -> None:
    known = basket_of(lines, facts)
    mixed = known * 2
    chance.shuffle(mixed)
    shuffled = list(others)
    chance.shuffle(shuffled)
    assert decide(*mixed, now=now, others=shuffled) == decide(*known, now=now, others=others)


@given(BASKETS, HISTORY, OTHERS)
def test_the_chain_of_wake_ups_ends_and_no_product_is_reminded_twice(
    lines: list[Line], facts: list[Fact], others: list[Order]
) -> None:
    known, now = basket_of(lines, facts), at(20)
    entries: list[LedgerEntry] = []
    for _ in range(120):
        found = decide(*known, now=now, others=others, entries=entries)
        sends = [c for c in found.values() if c.verdict is SEND]
        entries += [
            entry(NAME, c.occurrence, when=now, skus=c.skus, message=c.message) for c in sends
        ]
        wakes = [c.at for c in found.values() if c.verdict is WAIT and c.at is not None]
        assert all(wake > now for wake in wakes)
        if not sends and not wakes:
            break
        if not sends:
            now = min(wakes)
    else:
        pytest.fail("it never comes to rest")
    for phase in ("due", "late"):
        told = [sku for e in entries if e.message == phase for sku in e.skus]
        assert len(told) == len(set(told))


CONSENTING: Customer = customer_of(consent(at(0), True))


def test_all_orders_of_arrival_give_the_same_messages() -> None:
    facts = [PLACED, OUT, HOME, return_opened(at(5)), return_closed(at(9), ReturnStatus.DECLINED)]
    for order in itertools.permutations(facts):
        arrivals = [(at(10) + n * timedelta(hours=1), one) for n, one in enumerate(order)]
        played = play(lifecycle, arrivals * 2, until=at(120), policy=POLICY, customer=CONSENTING)
        # LATE is at night in Tokyo, so it goes in the morning.
        morning = jst("2025-12-14 08:00")
        assert list(played.sent) == [(DUE, "due:SENCHA-100"), (morning, "late:SENCHA-100")]


def test_a_snooze_after_the_message_moves_the_late_one() -> None:
    facts = [*ORDER_OF_ONE, snoozed(at(29), "SENCHA-100", date(2026, 1, 10))]
    played = play(
        lifecycle, as_it_happens(*facts), until=at(120), policy=POLICY, customer=CONSENTING
    )
    assert list(played.sent) == [
        (DUE, "due:SENCHA-100"),
        (jst("2026-01-10 08:00"), "late:SENCHA-100"),
    ]


# --- what it says ----------------------------------------------------------------


def content_of(
    *facts: Fact, now: datetime, occurrence: str, entries: Any = (), others: Any = ()
) -> dict[str, Any]:
    known = situation(*facts, now=now, entries=entries, others=others, policy=POLICY)
    candidate = by_occurrence(lifecycle.decide(known))[occurrence]
    assert candidate.verdict is SEND
    found: dict[str, Any] = lifecycle.content(candidate, known)
    assert misfits(found, sample(NAME, candidate.message)) == []
    return found


def test_due_names_the_products_as_last_bought() -> None:
    lines = [
        line("1", 2, "HOJICHA", title="ほうじ茶", variant="20包", image_url="https://a.example/h"),
        line("2", 1, "GENMAI"),
    ]
    facts = [*bought(*lines), refunded(at(5), ("1", 1))]
    found = content_of(*facts, now=at(22), occurrence="due:HOJICHA")
    assert found["products"] == [
        {
            "sku": "HOJICHA",
            "title": "ほうじ茶",
            "variant": "20包",
            "quantity": 1,
            "unit_price": None,
            "image_url": "https://a.example/h",
            "url": None,
            "runs_out_on": "2025-11-30",
            "replaces": None,
        }
    ]
    assert found["order"]["number"] == "#1001"
    assert found["zone"] == "Asia/Tokyo"


def test_a_shared_message_names_all_its_products() -> None:
    found = content_of(*bought(*BASKET), now=at(22), occurrence="due:HOJICHA")
    assert [(p["sku"], p["runs_out_on"]) for p in found["products"]] == [
        ("HOJICHA", "2025-11-30"),
        ("MATCHA-30", "2025-12-01"),
        ("SENCHA-100", "2025-12-06"),
    ]


def test_late_has_the_shape_of_due() -> None:
    found = content_of(*ORDER_OF_ONE, now=LATE, occurrence="late:SENCHA-100", entries=REMINDED)
    assert [p["runs_out_on"] for p in found["products"]] == ["2025-12-06"]


def test_the_successor_stands_for_the_discontinued_product() -> None:
    old = bought(line(sku="OLD", title="煎茶 みどり", variant="80g", quantity=2))
    (product,) = content_of(*old, now=at(58), occurrence="due:OLD")["products"]
    assert (product["sku"], product["title"], product["replaces"]) == (
        "SENCHA-100",
        "SENCHA-100",
        "煎茶 みどり",
    )
    assert (product["variant"], product["quantity"]) == (None, 2)


def test_the_successors_name_is_taken_from_an_order_of_it() -> None:
    old = bought(line(sku="OLD", title="煎茶 みどり"))
    before = [other("0900", -100)]
    (product,) = content_of(*old, now=DUE, occurrence="due:OLD", others=before)["products"]
    assert product["title"] == "Title of SENCHA-100"


def test_who_still_has_some_is_not_told_that_it_ran_out() -> None:
    facts = [*ORDER_OF_ONE, snoozed(at(20), "SENCHA-100", date(2025, 12, 20))]
    found = content_of(*facts, now=jst("2025-12-20 09:00"), occurrence="due:SENCHA-100")
    assert found["products"][0]["runs_out_on"] == "2025-12-20"


CONTEXTS: dict[str, tuple[list[Fact], datetime, str, list[LedgerEntry]]] = {
    "due": (bought(line("9", 2, "OLD", title="煎茶 みどり")), at(58), "due:OLD", []),
    "late": (ORDER_OF_ONE, LATE, "late:SENCHA-100", REMINDED),
}


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("message", lifecycle.SPEC.messages)
def test_every_message_can_be_rendered(message: str, locale: str) -> None:
    facts, now, occurrence, entries = CONTEXTS[message]
    found, brand = content_of(*facts, now=now, occurrence=occurrence, entries=entries), "aoba"
    mail = render_email(NAME, message, locale, found, load_brand(brand))
    assert mail.subject
    # The brand's own name of what is sold today.
    assert "やぶきた" in mail.text or "Yabukita" in mail.text
    assert render_sms(NAME, message, locale, found, load_brand(brand)).text
