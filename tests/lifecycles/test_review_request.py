"""The review request: its decision table, what must never happen, and what it says."""

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
from shared.domain.decisions import Candidate, Situation, Verdict
from shared.domain.estimates import expected
from shared.domain.events import Fact, OrderPlaced, RefundKind, ReturnStatus
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.policy import Policy, Product
from shared.domain.reasons import Reason
from shared.domain.shipments import Status
from shared.lifecycles import load
from shared.messages.rendering import render_email
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
    promised,
    refunded,
    return_closed,
    return_opened,
    return_received,
    reviewed,
    scan,
    situation,
    ticket_closed,
    ticket_opened,
)
from tests.player import JAPAN, as_it_happens, misfits, play, sample

NAME = "review_request"
lifecycle = load(NAME)
DAY = timedelta(days=1)
SEND, WAIT, SKIP = Verdict.SEND, Verdict.WAIT, Verdict.SKIP
POLICY = replace(
    JAPAN,
    products={
        "MATCHA-30": Product(sku="MATCHA-30", usage_days=10),
        "KYUSU-01": Product(sku="KYUSU-01", usage_days=14),
        "SAMPLE": Product(sku="SAMPLE", usage_days=0),
    },
)
# Placed on day 0, dispatched on day 1, promised for 6 November, delivered on day 3.
PLACED, OUT, HOME = placed(), dispatched(at(1)), delivered(at(3))
PROMISE = promised(at(0), date(2025, 11, 6), earliest=date(2025, 11, 5))
# The end of 6 November in Tokyo, and seven days.
FALLBACK = datetime.fromisoformat("2025-11-14T00:00+09:00")

Row = tuple[Verdict, Reason, datetime | None]


def row(candidate: Candidate) -> Row:
    when = candidate.due_at if candidate.verdict is SEND else candidate.at
    return (*outcome(candidate), when)


def decide(
    *facts: Fact, now: datetime, policy: Policy = POLICY, **more: Any
) -> dict[str, Candidate]:
    found = lifecycle.decide(situation(*facts, now=now, policy=policy, **more))
    return by_occurrence(found)


def asked(when: datetime, *skus: str, occurrence: str = "request", **more: Any) -> LedgerEntry:
    return entry(NAME, occurrence, when=when, skus=skus, **more)


NOT_OUT: Row = (WAIT, Reason.NOT_YET_DELIVERED, None)


def soon(when: datetime) -> Row:
    return (WAIT, Reason.NOT_YET_DUE, when)


def due(when: datetime) -> Row:
    return (SEND, Reason.DUE, when)


def no(reason: Reason) -> Row:
    return (SKIP, reason, None)


TABLE: dict[str, tuple[list[Fact], datetime, Row]] = {
    "placed": ([PLACED], at(30), NOT_OUT),
    "a part is still to be shipped": (
        [
            placed(lines=[line("1"), line("2", sku="MATCHA-30")]),
            dispatched(at(1), ("1", 1)),
            delivered(at(3)),
        ],
        at(40),
        NOT_OUT,
    ),
    "on its way": (
        [PLACED, PROMISE, OUT, scan("IN_TRANSIT", at(2))],
        at(2.5),
        (WAIT, Reason.NOT_YET_DELIVERED, FALLBACK),
    ),
    "delivered: possession + 7 days": ([PLACED, OUT, HOME], at(4), soon(at(10))),
    "due": ([PLACED, OUT, HOME], at(10), due(at(10))),
    "due, a moment before it expires": ([PLACED, OUT, HOME], at(39.99), due(at(10))),
    "too late": ([PLACED, OUT, HOME], at(40), no(Reason.TOO_LATE)),
    "left at the door: a day more": (
        [PLACED, OUT, delivered(at(3), place="宅配ボックス")],
        at(10),
        soon(at(11)),
    ),
    "the longest usage of what is kept": (
        [
            placed(lines=[line("1"), line("2", sku="KYUSU-01"), line("3", sku="SAMPLE")]),
            OUT,
            HOME,
        ],
        at(10),
        soon(at(17)),
    ),
    "what was sent back does not need its days": (
        [
            placed(lines=[line("1"), line("2", sku="KYUSU-01")]),
            OUT,
            HOME,
            refunded(at(5), ("2", 1)),
        ],
        at(10),
        due(at(10)),
    ),
    "two parcels: the later one counts": (
        [
            placed(lines=[line("1"), line("2")]),
            dispatched(at(1), ("1", 1)),
            dispatched(at(2), ("2", 1), shipment_id="S2"),
            HOME,
            delivered(at(8), shipment_id="S2"),
        ],
        at(10),
        soon(at(15)),
    ),
    "two parcels, one is still out": (
        [
            placed(lines=[line("1"), line("2")]),
            PROMISE,
            dispatched(at(1), ("1", 1)),
            dispatched(at(2), ("2", 1), shipment_id="S2"),
            HOME,
            scan("OUT_FOR_DELIVERY", at(3), shipment_id="S2"),
        ],
        at(10),
        (WAIT, Reason.NOT_YET_DELIVERED, FALLBACK),
    ),
    "the lost parcel of two was refunded": (
        [
            placed(lines=[line("1"), line("2")]),
            dispatched(at(1), ("1", 1)),
            dispatched(at(2), ("2", 1), shipment_id="S2"),
            HOME,
            scan("EXCEPTION", at(5), shipment_id="S2"),
            refunded(at(6), ("2", 1)),
        ],
        at(10),
        due(at(10)),
    ),
    "a lost parcel was sent again": (
        [
            PLACED,
            dispatched(at(1), ("1", 1)),
            scan("EXCEPTION", at(5)),
            dispatched(at(6), ("1", 1), shipment_id="S2"),
            delivered(at(8), shipment_id="S2"),
        ],
        at(9),
        soon(at(15)),
    ),
    "a cancelled parcel does not count": (
        [
            PLACED,
            dispatched(at(1), ("1", 1)),
            scan("CANCELLED", at(2)),
            dispatched(at(2), ("1", 1), shipment_id="S2"),
            delivered(at(4), shipment_id="S2"),
        ],
        at(9),
        soon(at(11)),
    ),
    "a delivery after a return scan is delivered to the sender": (
        [PLACED, PROMISE, OUT, scan("RETURNING", at(2)), HOME],
        at(4),
        (WAIT, Reason.OPEN_INCIDENT, FALLBACK),
    ),
    "never scanned, before the fallback": (
        [PLACED, PROMISE, OUT],
        at(9),
        (WAIT, Reason.NOT_YET_DELIVERED, FALLBACK),
    ),
    "never scanned: the fallback": ([PLACED, PROMISE, OUT], FALLBACK, due(FALLBACK)),
    "never delivered, last seen out for delivery: the fallback": (
        [PLACED, PROMISE, OUT, scan("OUT_FOR_DELIVERY", at(2))],
        FALLBACK,
        due(FALLBACK),
    ),
    "the fallback counts from the last sign of life": (
        [PLACED, PROMISE, OUT, scan("OUT_FOR_DELIVERY", at(8))],
        FALLBACK,
        (WAIT, Reason.NOT_YET_DELIVERED, at(15)),
    ),
    "no word is no sign of life": (
        [PLACED, PROMISE, OUT, scan("EXPIRED", at(9))],
        FALLBACK,
        due(FALLBACK),
    ),
    "the fallback leaves a slow product its days": (
        [placed(lines=[line(sku="KYUSU-01")]), PROMISE, OUT],
        FALLBACK,
        (WAIT, Reason.NOT_YET_DELIVERED, FALLBACK + 7 * DAY),
    ),
    "the fallback expires as well": (
        [PLACED, PROMISE, OUT],
        FALLBACK + 30 * DAY,
        no(Reason.TOO_LATE),
    ),
    "last seen on its way: late or lost": (
        [PLACED, PROMISE, OUT, scan("IN_TRANSIT", at(2))],
        FALLBACK,
        no(Reason.NEVER_DELIVERED),
    ),
    "never fetched from the konbini": (
        [PLACED, PROMISE, OUT, scan("AVAILABLE_FOR_PICKUP", at(3))],
        FALLBACK,
        no(Reason.NEVER_DELIVERED),
    ),
    "fetched from the konbini": (
        [PLACED, OUT, scan("AVAILABLE_FOR_PICKUP", at(3)), delivered(at(5))],
        at(10),
        soon(at(12)),
    ),
    "nobody was home": (
        [PLACED, PROMISE, OUT, scan("DELIVERY_ATTEMPTED", at(3))],
        at(4),
        (WAIT, Reason.OPEN_INCIDENT, FALLBACK),
    ),
    "an exception until the fallback": (
        [PLACED, PROMISE, OUT, scan("EXCEPTION", at(3))],
        FALLBACK,
        no(Reason.NEVER_DELIVERED),
    ),
    "never delivered and a ticket is open": (
        [PLACED, PROMISE, OUT, ticket_opened(at(5))],
        FALLBACK,
        no(Reason.NEVER_DELIVERED),
    ),
    "never delivered, the ticket is closed": (
        [PLACED, PROMISE, OUT, ticket_opened(at(5)), ticket_closed(at(9))],
        FALLBACK,
        due(FALLBACK),
    ),
    "an exception that was resolved": (
        [PLACED, OUT, scan("EXCEPTION", at(2)), HOME],
        at(10),
        due(at(10)),
    ),
    "a return is open": (
        [PLACED, OUT, HOME, return_opened(at(5), ("1", 1))],
        at(10),
        (WAIT, Reason.RETURN_OPEN, at(40)),
    ),
    "a return is open until it is too late": (
        [PLACED, OUT, HOME, return_opened(at(5), ("1", 1))],
        at(40),
        no(Reason.TOO_LATE),
    ),
    "the return was declined": (
        [
            PLACED,
            OUT,
            HOME,
            return_opened(at(5), ("1", 1)),
            return_closed(at(12), ReturnStatus.DECLINED),
        ],
        at(12),
        due(at(10)),
    ),
    "one of two came back": (
        [
            placed(lines=[line("1", 2)]),
            OUT,
            HOME,
            return_opened(at(5), ("1", 1)),
            return_received(at(8), ("1", 1)),
        ],
        at(10),
        due(at(10)),
    ),
    "all of it came back": (
        [
            PLACED,
            OUT,
            HOME,
            return_opened(at(5), ("1", 1)),
            return_received(at(8), ("1", 1)),
        ],
        at(10),
        no(Reason.NOTHING_KEPT),
    ),
    "all of it was refunded": (
        [PLACED, OUT, HOME, refunded(at(5), ("1", 1))],
        at(10),
        no(Reason.NOTHING_KEPT),
    ),
    "money back for goods that stay": (
        [PLACED, OUT, HOME, refunded(at(5), ("1", 1), kind=RefundKind.KEPT)],
        at(10),
        due(at(10)),
    ),
    "only a service without goods": (
        [placed(lines=[line(requires_shipping=False)])],
        at(10),
        no(Reason.NOTHING_KEPT),
    ),
    "a ticket is open": (
        [PLACED, OUT, HOME, ticket_opened(at(5))],
        at(10),
        (WAIT, Reason.TICKET_OPEN, at(40)),
    ),
    "the ticket is closed": (
        [PLACED, OUT, HOME, ticket_opened(at(5)), ticket_closed(at(11))],
        at(11),
        due(at(10)),
    ),
    "one of two tickets is closed": (
        [
            PLACED,
            OUT,
            HOME,
            ticket_opened(at(5)),
            ticket_opened(at(6), ticket_id="K2"),
            ticket_closed(at(11)),
        ],
        at(11),
        (WAIT, Reason.TICKET_OPEN, at(40)),
    ),
    "cancelled": ([PLACED, cancelled(at(1))], at(1), no(Reason.ORDER_CANCELLED)),
    "cancelled line by line": (
        [PLACED, refunded(at(1), ("1", 1), kind=RefundKind.CANCELLED)],
        at(1),
        no(Reason.ORDER_CANCELLED),
    ),
    "reviewed unasked": (
        [PLACED, OUT, HOME, reviewed(at(5), "SENCHA-100")],
        at(10),
        no(Reason.ALREADY_REVIEWED),
    ),
    "a review of everything": (
        [PLACED, OUT, HOME, reviewed(at(5))],
        at(10),
        no(Reason.ALREADY_REVIEWED),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_decision_table(name: str) -> None:
    facts, now, wanted = TABLE[name]
    found = decide(*facts, now=now)
    assert {occurrence: row(c) for occurrence, c in found.items()} == {"request": wanted}


def as_gift(one: Fact) -> Fact:
    if not isinstance(one.data, OrderPlaced):
        return one
    # A product's own days of use are not the buyer's.
    lines = tuple(replace(known, sku="SENCHA-100") for known in one.data.lines)
    return replace(one, data=replace(one.data, gift=True, lines=lines))


WITH_SLOW_PRODUCTS = {
    "the longest usage of what is kept": due(at(10)),
    "the fallback leaves a slow product its days": due(FALLBACK),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_gift_follows_the_same_table_but_asks_about_the_service(name: str) -> None:
    facts, now, wanted = TABLE[name]
    found = decide(*(as_gift(one) for one in facts), now=now)
    assert {occurrence: row(c) for occurrence, c in found.items()} == {
        "service": WITH_SLOW_PRODUCTS.get(name, wanted)
    }
    assert found["service"].skus == ()


def test_the_service_question_takes_no_product_into_account() -> None:
    facts = [placed(gift=True, lines=[line(sku="KYUSU-01")]), OUT, HOME]
    assert row(decide(*facts, now=at(10))["service"]) == due(at(10))


def test_an_unknown_order_has_no_candidates() -> None:
    assert decide(OUT, HOME, now=at(20)) == {}


# --- which products ------------------------------------------------------------


def test_only_kept_goods_that_are_not_reviewed_are_asked_about() -> None:
    lines = [
        line("1", 2, "SENCHA-100"),
        line("2", 1, "MATCHA-30"),
        line("3", 1, "GENMAI-200"),
        line("4", 1, "WRAPPING", requires_shipping=False),
    ]
    facts = [
        placed(lines=lines),
        OUT,
        HOME,
        refunded(at(4), ("1", 1), ("3", 1)),
        reviewed(at(5), "MATCHA-30"),
    ]
    assert decide(*facts, now=at(13))["request"].skus == ("SENCHA-100",)


def other_order(sku: str, product_id: str, order_id: str = "900") -> Any:
    return order_of(
        placed(at(-300), order_id=order_id, lines=[line(sku=sku, product_id=product_id)])
    )


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        (datetime.fromisoformat("2024-11-13T01:00+00:00"), due(at(10))),  # 12 months to the second
        (datetime.fromisoformat("2024-11-13T01:00:01+00:00"), no(Reason.ASKED_RECENTLY)),
        (at(5), no(Reason.ASKED_RECENTLY)),
        (at(10), no(Reason.ASKED_RECENTLY)),
    ],
)
def test_once_per_product_in_twelve_months(when: datetime, wanted: Row) -> None:
    sent = [asked(when, "SENCHA-100", order_id="900")]
    found = decide(PLACED, OUT, HOME, now=at(10.5), sent=sent)["request"]
    assert row(found) == wanted


def test_a_product_is_one_over_its_variants() -> None:
    sent = [asked(at(-100), "SENCHA-200", order_id="900")]
    mine = [placed(lines=[line(sku="SENCHA-100", product_id="sencha")]), OUT, HOME]
    others = [other_order("SENCHA-200", "sencha")]
    found = decide(*mine, now=at(10), sent=sent, others=others)["request"]
    assert row(found) == no(Reason.ASKED_RECENTLY)
    unrelated = [other_order("SENCHA-200", "another")]
    found = decide(*mine, now=at(10), sent=sent, others=unrelated)["request"]
    assert row(found) == due(at(10))


def test_what_was_asked_about_elsewhere_is_dropped_and_the_rest_is_asked() -> None:
    facts = [placed(lines=[line("1"), line("2", sku="GENMAI-200")]), OUT, HOME]
    sent = [
        asked(at(-100), "SENCHA-100", order_id="900"),
        entry(
            "replenishment_reminder",
            "due:GENMAI-200",
            when=at(-50),
            order_id="900",
            skus=("GENMAI-200",),
        ),
    ]
    assert decide(*facts, now=at(10), sent=sent)["request"].skus == ("GENMAI-200",)


def test_a_line_without_sku_is_known_by_its_product() -> None:
    nameless = line(sku=None, product_id="p-77")
    facts = [placed(lines=[nameless]), OUT, HOME]
    assert decide(*facts, now=at(10))["request"].skus == ("p-77",)
    sent = [asked(at(-100), "p-77", order_id="900")]
    assert row(decide(*facts, now=at(10), sent=sent)["request"]) == no(Reason.ASKED_RECENTLY)


@pytest.mark.parametrize(
    ("month_end", "since"),
    [
        ("2025-03-31T10:00+00:00", "2025-02-28T10:00+00:00"),
        ("2025-01-31T10:00+00:00", "2024-12-31T10:00+00:00"),
    ],
)
def test_months_are_calendar_months(month_end: str, since: str) -> None:
    policy = replace(POLICY, review=replace(POLICY.review, repeat_months=1))
    end, limit = datetime.fromisoformat(month_end), datetime.fromisoformat(since)
    start = end - 7 * DAY
    facts = [placed(start - 3 * DAY), dispatched(start - 2 * DAY), delivered(start)]

    def verdict(sent_at: datetime) -> Verdict:
        sent = [asked(sent_at, "SENCHA-100", order_id="900")]
        return decide(*facts, now=end, sent=sent, policy=policy)["request"].verdict

    assert verdict(limit) is SEND
    assert verdict(limit + timedelta(seconds=1)) is SKIP


# --- what was done already ---------------------------------------------------


def test_a_failed_request_is_not_tried_again_and_has_no_reminder() -> None:
    gone = [entry(NAME, "request", EntryStatus.FAILED, at(10))]
    assert decide(PLACED, OUT, HOME, now=at(20), entries=gone) == {}


def test_a_skipped_request_may_become_due_again() -> None:
    skipped = [entry(NAME, "request", EntryStatus.SKIPPED, at(8))]
    assert row(decide(PLACED, OUT, HOME, now=at(10), entries=skipped)["request"]) == due(at(10))


REQUESTED = [asked(at(10), "SENCHA-100")]
REMINDERS: dict[str, tuple[list[Fact], datetime, Row]] = {
    "not yet": ([], at(16), soon(at(17))),
    "due": ([], at(17), due(at(17))),
    "too late": ([], at(47), no(Reason.TOO_LATE)),
    "reviewed meanwhile": ([reviewed(at(12), "SENCHA-100")], at(17), no(Reason.ALREADY_REVIEWED)),
    "all reviewed meanwhile": ([reviewed(at(12))], at(17), no(Reason.ALREADY_REVIEWED)),
    "sent back meanwhile": ([refunded(at(12), ("1", 1))], at(17), no(Reason.NOTHING_KEPT)),
    "cancelled meanwhile": ([cancelled(at(12))], at(17), no(Reason.ORDER_CANCELLED)),
    "a return meanwhile": ([return_opened(at(12))], at(17), (WAIT, Reason.RETURN_OPEN, at(47))),
    "a ticket meanwhile": ([ticket_opened(at(12))], at(17), (WAIT, Reason.TICKET_OPEN, at(47))),
    "the hold ends": ([ticket_opened(at(12)), ticket_closed(at(20))], at(20), due(at(17))),
}


@pytest.mark.parametrize("name", REMINDERS)
def test_the_reminder(name: str) -> None:
    facts, now, wanted = REMINDERS[name]
    found = decide(PLACED, OUT, HOME, *facts, now=now, entries=REQUESTED)
    assert {occurrence: row(c) for occurrence, c in found.items()} == {"reminder": wanted}


def test_one_review_of_several_ends_the_reminder() -> None:
    facts = [placed(lines=[line("1"), line("2", sku="GENMAI-200")]), OUT, HOME]
    sent = [asked(at(10), "SENCHA-100", "GENMAI-200")]
    found = decide(*facts, reviewed(at(12), "GENMAI-200"), now=at(17), entries=sent)
    assert row(found["reminder"]) == no(Reason.ALREADY_REVIEWED)


def test_the_reminder_is_about_what_was_asked_and_is_still_kept() -> None:
    facts = [
        placed(lines=[line("1"), line("2", sku="GENMAI-200"), line("3", sku="MATCHA-30")]),
        OUT,
        HOME,
        refunded(at(12), ("2", 1)),
    ]
    sent = [asked(at(13), "SENCHA-100", "GENMAI-200")]
    assert decide(*facts, now=at(20), entries=sent)["reminder"].skus == ("SENCHA-100",)


def test_a_newer_order_that_asked_about_the_product_ends_the_reminder() -> None:
    sent = [asked(at(12), "SENCHA-100", order_id="1002")]
    found = decide(PLACED, OUT, HOME, now=at(17), entries=REQUESTED, sent=sent)
    assert row(found["reminder"]) == no(Reason.ASKED_RECENTLY)


def test_there_is_one_reminder() -> None:
    done = [*REQUESTED, asked(at(17), "SENCHA-100", occurrence="reminder")]
    assert decide(PLACED, OUT, HOME, now=at(60), entries=done) == {}


def test_an_order_that_was_cancelled_for_a_while_is_asked_about() -> None:
    off, back = cancelled(at(0.5)), changed(at(0.7), cancelled=False)
    assert row(decide(PLACED, off, OUT, HOME, now=at(4))["request"]) == no(Reason.ORDER_CANCELLED)
    assert row(decide(PLACED, off, back, OUT, HOME, now=at(4))["request"]) == soon(at(10))


def test_a_gift_has_no_reminder() -> None:
    facts = [placed(gift=True), OUT, HOME]
    assert decide(*facts, now=at(20), entries=[asked(at(10), occurrence="service")]) == {}


def test_who_was_asked_is_not_asked_again_when_the_order_becomes_a_gift_or_none() -> None:
    became_gift = [PLACED, OUT, HOME, changed(at(12), gift=True)]
    assert decide(*became_gift, now=at(20), entries=REQUESTED) == {}
    no_gift = [placed(gift=True), OUT, HOME, changed(at(12), gift=False)]
    assert decide(*no_gift, now=at(20), entries=[asked(at(10), occurrence="service")]) == {}


def test_a_late_scan_moves_the_request() -> None:
    facts = [PLACED, OUT, HOME]
    assert row(decide(*facts, now=at(4))["request"]) == soon(at(10))
    # The carrier had delivered a day earlier; its first word arrives last.
    assert row(decide(*facts, delivered(at(2)), now=at(4))["request"]) == soon(at(9))


def test_an_unknown_promise_gives_way_to_the_computed_estimate() -> None:
    facts = [PLACED, OUT]
    dates = expected(order_of(*facts), POLICY)
    assert dates is not None
    end = datetime.combine(dates.latest + DAY, datetime.min.time()).isoformat() + "+09:00"
    fallback = datetime.fromisoformat(end) + 7 * DAY
    assert row(decide(*facts, now=at(2))["request"])[2] == fallback


# --- what must never happen -----------------------------------------------------

HISTORY = st.lists(
    st.sampled_from(
        [
            dispatched(at(1), ("1", 1)),
            dispatched(at(2), ("2", 1), shipment_id="S2"),
            dispatched(at(9), ("2", 1), shipment_id="S3"),
            *(scan(s, at(2 + n / 10)) for n, s in enumerate(Status)),
            *(scan(s, at(4 + n / 10), shipment_id="S2") for n, s in enumerate(Status)),
            delivered(at(5)),
            delivered(at(6), shipment_id="S2", place="玄関前"),
            delivered(at(12), shipment_id="S3"),
            PROMISE,
            promised(at(1), date(2025, 11, 20), shipment_id="S2"),
            refunded(at(8), ("2", 1)),
            refunded(at(9), ("1", 1), refund_id="R2", kind=RefundKind.CANCELLED),
            return_opened(at(9), ("1", 1)),
            return_closed(at(15)),
            return_received(at(14), ("1", 1)),
            ticket_opened(at(10)),
            ticket_closed(at(13)),
            reviewed(at(11), "GENMAI-200"),
            cancelled(at(7)),
            changed(at(6), gift=True),
        ]
    ),
    max_size=14,
    unique_by=lambda one: one.metadata.id,
)
TWO_LINES = placed(lines=[line("1"), line("2", sku="GENMAI-200")])
NOW = st.integers(0, 70 * 24).map(lambda hours: at(hours=hours))


def facts_until(facts: list[Fact], now: datetime) -> list[Fact]:
    return [one for one in (TWO_LINES, *facts) if one.metadata.occurred_at <= now]


@given(HISTORY, NOW)
def test_never_before_possession_or_while_anything_is_open(
    facts: list[Fact], now: datetime
) -> None:
    known = facts_until(facts, now)
    order = order_of(*known)
    for candidate in decide(*known, now=now).values():
        if candidate.verdict is not SEND:
            continue
        assert order.open_return is None
        assert not order.open_tickets
        assert not order.cancelled
        assert not order.to_ship
        kept = {line.line.sku for line in order.lines if line.kept}
        assert set(candidate.skus) <= kept
        assert candidate.due_at is not None
        assert candidate.due_at <= now
        if order.possession_at is not None:
            assert now >= order.possession_at + 7 * DAY
        else:
            # The fallback: the promise has long passed and no parcel was seen on its way.
            assert all(
                shipment.status
                in {
                    Status.PENDING,  # beside a parcel that holds everything
                    Status.LABEL_CREATED,
                    Status.OUT_FOR_DELIVERY,
                    Status.EXPIRED,
                    Status.UNKNOWN,
                }
                for shipment in order.awaited_shipments
            )
            assert now >= FALLBACK


@given(HISTORY, NOW, st.randoms(use_true_random=False))
def test_order_and_repetition_of_facts_decide_nothing(
    facts: list[Fact], now: datetime, chance: Any
) -> None:
    known = facts_until(facts, now)
    mixed = known * 2
    chance.shuffle(mixed)
    assert decide(*mixed, now=now) == decide(*known, now=now)


@given(HISTORY)
def test_every_wake_up_makes_progress_and_the_last_one_ends_it(facts: list[Fact]) -> None:
    now, known = at(20), facts_until(facts, at(20))
    seen: list[Any] = []
    for _ in range(5):
        candidate = next(iter(decide(*known, now=now).values()))
        assert (row(candidate), candidate.rule) not in seen
        seen.append((row(candidate), candidate.rule))
        if candidate.verdict is not WAIT or candidate.at is None:
            return
        assert candidate.at > now
        now = candidate.at
    pytest.fail(f"still waiting: {seen}")


CONSENTING: Customer = customer_of(consent(at(0), True))


def test_all_orders_of_arrival_give_the_same_messages() -> None:
    facts = [PLACED, OUT, HOME, ticket_opened(at(5)), ticket_closed(at(10, hours=6))]
    for order in itertools.permutations(facts):
        for step in (timedelta(0), timedelta(hours=1)):
            # On the day that it is due: later it would be about the past.
            arrivals = [(at(10, hours=8) + n * step, one) for n, one in enumerate(order)]
            played = play(
                lifecycle, arrivals * 2, until=at(120), policy=POLICY, customer=CONSENTING
            )
            assert played.occurrences == ["request", "reminder"]


def test_a_life_with_reminder_and_one_with_a_review() -> None:
    facts = [PLACED, OUT, scan("IN_TRANSIT", at(2)), HOME]
    played = play(
        lifecycle, as_it_happens(*facts), until=at(120), policy=POLICY, customer=CONSENTING
    )
    assert list(played.sent) == [(at(10), "request"), (at(17), "reminder")]
    praised = as_it_happens(*facts, reviewed(at(11), "SENCHA-100"))
    played = play(lifecycle, praised, until=at(120), policy=POLICY, customer=CONSENTING)
    assert list(played.sent) == [(at(10), "request")]
    assert played.skipped == {"reminder": Reason.ALREADY_REVIEWED}


def test_a_hold_that_never_ends_ends_by_itself() -> None:
    facts = [PLACED, OUT, HOME, ticket_opened(at(5))]
    played = play(
        lifecycle, as_it_happens(*facts), until=at(120), policy=POLICY, customer=CONSENTING
    )
    assert played.sent == ()
    assert played.skipped == {"request": Reason.TOO_LATE}


# --- what it says ----------------------------------------------------------------


def content_of(*facts: Fact, now: datetime, entries: Any = (), message: str) -> dict[str, Any]:
    known: Situation = situation(*facts, now=now, entries=entries, policy=POLICY)
    candidate = by_occurrence(lifecycle.decide(known))[message]
    assert candidate.verdict is SEND
    found: dict[str, Any] = lifecycle.content(candidate, known)
    return found


def test_the_request_names_each_product_once() -> None:
    lines = [
        line("1", 1, "SENCHA-100", product_id="sencha", title="煎茶", variant="100g"),
        line("2", 1, "SENCHA-200", product_id="sencha", title="煎茶", variant="200g"),
        line("3", 1, "GENMAI-200", title=None, variant="200g", image_url="https://a.example/g"),
    ]
    found = content_of(placed(lines=lines), OUT, HOME, now=at(10), message="request")
    assert misfits(found, sample(NAME, "request")) == []
    assert [(p["title"], p["variant"], p["sku"]) for p in found["products"]] == [
        ("煎茶", None, "SENCHA-100"),
        ("GENMAI-200", "200g", "GENMAI-200"),
    ]
    assert found["delivered_on"] == "2025-11-06"
    assert found["order"]["number"] == "#1001"
    assert found["customer"] == {"name": "山田 花子"}
    assert found["zone"] == "Asia/Tokyo"


def test_the_day_of_delivery_is_the_recipients() -> None:
    late = delivered(datetime.fromisoformat("2025-11-06T15:30+00:00"))
    found = content_of(PLACED, OUT, late, now=at(20), message="request")
    assert found["delivered_on"] == "2025-11-07"


def test_the_fallback_claims_no_day() -> None:
    found = content_of(PLACED, PROMISE, OUT, now=FALLBACK, message="request")
    assert found["delivered_on"] is None


def test_the_reminder_has_the_shape_of_the_request() -> None:
    found = content_of(PLACED, OUT, HOME, now=at(17), entries=REQUESTED, message="reminder")
    assert misfits(found, sample(NAME, "reminder")) == []
    assert [p["sku"] for p in found["products"]] == ["SENCHA-100"]


def test_the_service_question_names_no_product() -> None:
    found = content_of(placed(gift=True), OUT, HOME, now=at(10), message="service")
    assert misfits(found, sample(NAME, "service")) == []
    assert "products" not in found
    assert "SENCHA" not in repr(found)
    assert found["order"]["gift"] is True


CONTEXTS: dict[str, tuple[list[Fact], datetime, list[LedgerEntry]]] = {
    "request": ([PLACED, OUT, HOME], at(10), []),
    "reminder": ([PLACED, OUT, HOME], at(17), REQUESTED),
    "service": ([placed(gift=True), OUT, HOME], at(10), []),
}


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("message", lifecycle.SPEC.messages)
def test_every_message_can_be_rendered(message: str, locale: str) -> None:
    facts, now, entries = CONTEXTS[message]
    found = content_of(*facts, now=now, entries=entries, message=message)
    mail = render_email(NAME, message, locale, found, load_brand("aoba"))
    assert mail.subject
    assert ("やぶきた" in mail.text or "Yabukita" in mail.text) is (message != "service")
    fallback = found | {"delivered_on": None}
    assert render_email(NAME, message, locale, fallback, load_brand("aoba")).subject
