"""The order confirmation: its decision table, what must never happen, and what it says."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.brands import load_brand
from shared.domain.decisions import Candidate, Verdict
from shared.domain.events import (
    Fact,
    Instruction,
    OrderRefunded,
    PaymentMethod,
    PaymentStatus,
    RefundedLine,
    RefundKind,
    StockStatus,
)
from shared.domain.ledger import EntryStatus
from shared.domain.reasons import Reason
from shared.domain.shipments import Status
from shared.domain.values import Address, Money
from shared.lifecycles import load
from shared.messages.rendering import render_email, render_sms
from tests.builders import (
    ORDER,
    by_occurrence,
    cancelled,
    changed,
    confirmed,
    delivered,
    dispatched,
    entry,
    fact,
    line,
    outcome,
    payment,
    placed,
    promised,
    refunded,
    scan,
    situation,
    stock,
)
from tests.player import JAPAN, as_it_happens, jst, misfits, play, sample

NAME = "order_confirmation"
lifecycle = load(NAME)
T = jst("2025-11-20 10:00")  # a Thursday, before the shop's cut-off
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = jst("2025-11-23 23:59")

SEND, WAIT, SKIP = Verdict.SEND, Verdict.WAIT, Verdict.SKIP
PENDING, PAID, EXPIRED = PaymentStatus.PENDING, PaymentStatus.PAID, PaymentStatus.EXPIRED
KONBINI: dict[str, Any] = {
    "payment_method": PaymentMethod.KONBINI,
    "payment_status": PENDING,
    "payment_due_at": DUE,
    "payment_instructions": (Instruction(label="確認番号", value="400008"),),
}
BANK: dict[str, Any] = {
    "payment_method": PaymentMethod.BANK_TRANSFER,
    "payment_status": PENDING,
}
CARD: dict[str, Any] = {
    "payment_method": PaymentMethod.CARD,
    "payment_status": PaymentStatus.AUTHORIZED,
}
COD: dict[str, Any] = {"payment_method": PaymentMethod.COD, "payment_status": PENDING}
IN_STOCK: dict[str, Any] = {"stock": StockStatus.RESERVED}


def sent(occurrence: str, when: datetime) -> Any:
    return entry(NAME, occurrence, when=when)


def decide(*facts: Fact, now: datetime, entries: Any = ()) -> dict[str, Candidate]:
    found = lifecycle.decide(situation(*facts, now=now, entries=entries, policy=JAPAN))
    return by_occurrence(found)


Row = tuple[Verdict, Reason]
DUE_NOW: Row = (SEND, Reason.DUE)
SOON: Row = (WAIT, Reason.NOT_YET_DUE)
UNPAID: Row = (WAIT, Reason.NOT_YET_PAID)
NO_STOCK: Row = (WAIT, Reason.STOCK_NOT_RESERVED)
MERGED: Row = (SKIP, Reason.SUPERSEDED)
OFF: Row = (SKIP, Reason.ORDER_CANCELLED)
DONE: Row = (SKIP, Reason.ALREADY_PAID)
LATE: Row = (SKIP, Reason.TOO_LATE)

TABLE: dict[str, tuple[list[Fact], datetime, dict[str, Row]]] = {
    "an authorised card without a word about stock": (
        [placed(T, **CARD)],
        T + HOUR,
        {"received": DUE_NOW, "confirmed": NO_STOCK},
    ),
    "stock without payment": (
        [placed(T, **IN_STOCK)],
        T + HOUR,
        {"received": DUE_NOW, "confirmed": UNPAID},
    ),
    "both at once: one mail": (
        [placed(T, **CARD, **IN_STOCK)],
        T + HOUR,
        {"received": MERGED, "confirmed": DUE_NOW},
    ),
    "the platform's own confirmation says both": (
        [placed(T), confirmed(T + HOUR)],
        T + 2 * HOUR,
        {"received": MERGED, "confirmed": DUE_NOW},
    ),
    "cash on delivery needs no payment": (
        [placed(T, **COD, **IN_STOCK)],
        T + HOUR,
        {"received": MERGED, "confirmed": DUE_NOW},
    ),
    "deferred payment is accepted, its due date is no deadline": (
        [
            placed(
                T,
                payment_method=PaymentMethod.DEFERRED,
                payment_status=PENDING,
                payment_due_at=DUE,
                **IN_STOCK,
            )
        ],
        T + HOUR,
        {"received": MERGED, "confirmed": DUE_NOW},
    ),
    "goods that need no shipping need no stock": (
        [placed(T, lines=[line(requires_shipping=False)], **CARD)],
        T + HOUR,
        {"received": MERGED, "confirmed": DUE_NOW},
    ),
    "an unpaid card is the platform's turn": (
        [placed(T, payment_method=PaymentMethod.CARD, payment_status=PENDING)],
        T + 6 * DAY,
        {"received": DUE_NOW, "confirmed": UNPAID},
    ),
    "konbini, first day": (
        [placed(T, **KONBINI)],
        T + HOUR,
        {
            "received": DUE_NOW,
            "confirmed": UNPAID,
            "payment_reminder": SOON,
            "payment_expired": SOON,
        },
    ),
    "konbini, status not said": (
        [placed(T, **(KONBINI | {"payment_status": None}))],
        T + HOUR,
        {
            "received": DUE_NOW,
            "confirmed": UNPAID,
            "payment_reminder": SOON,
            "payment_expired": SOON,
        },
    ),
    "konbini, a day before it is due": (
        [placed(T, **KONBINI)],
        DUE - DAY,
        {
            "received": DUE_NOW,
            "confirmed": UNPAID,
            "payment_reminder": DUE_NOW,
            "payment_expired": SOON,
        },
    ),
    "konbini, past due: the expiry alone": (
        [placed(T, **KONBINI)],
        DUE + HOUR,
        {
            "received": MERGED,
            "confirmed": UNPAID,
            "payment_reminder": LATE,
            "payment_expired": DUE_NOW,
        },
    ),
    "konbini, in the hour in which a payment is still reported": (
        [placed(T, **KONBINI)],
        DUE + 59 * timedelta(minutes=1),
        {
            "received": DUE_NOW,
            "confirmed": UNPAID,
            "payment_reminder": LATE,
            "payment_expired": SOON,
        },
    ),
    "konbini, the platform says expired before we would": (
        [placed(T, **KONBINI), payment(T + DAY, EXPIRED)],
        T + DAY,
        {
            "received": MERGED,
            "confirmed": UNPAID,
            "payment_reminder": LATE,
            "payment_expired": DUE_NOW,
        },
    ),
    "konbini, paid": (
        [placed(T, **KONBINI, **IN_STOCK), payment(T + DAY, PAID)],
        T + DAY,
        {
            "received": MERGED,
            "confirmed": DUE_NOW,
            "payment_reminder": DONE,
            "payment_expired": DONE,
        },
    ),
    "konbini, paid after the expiry": (
        [
            placed(T, **KONBINI, **IN_STOCK),
            payment(DUE, EXPIRED),
            payment(DUE + DAY, PAID),
        ],
        DUE + DAY,
        {
            "received": MERGED,
            "confirmed": DUE_NOW,
            "payment_reminder": DONE,
            "payment_expired": DONE,
        },
    ),
    "konbini, paid once, then the authorisation ends: never asked again": (
        [placed(T, **KONBINI), payment(T + DAY, PAID), payment(T + 2 * DAY, EXPIRED)],
        DUE + 2 * DAY,
        {
            "received": DUE_NOW,
            "confirmed": UNPAID,
            "payment_reminder": DONE,
            "payment_expired": DONE,
        },
    ),
    "konbini, dispatched before it is paid": (
        [placed(T, **KONBINI), dispatched(T + DAY)],
        DUE + DAY,
        {
            "received": DUE_NOW,
            "confirmed": UNPAID,
            "payment_reminder": MERGED,
            "payment_expired": MERGED,
        },
    ),
    "konbini, the payment failed: the platform's turn": (
        [placed(T, **KONBINI), payment(T + DAY, PaymentStatus.FAILED)],
        DUE + DAY,
        {
            "received": DUE_NOW,
            "confirmed": UNPAID,
            "payment_reminder": (WAIT, Reason.AWAITING_FACT),
            "payment_expired": (WAIT, Reason.AWAITING_FACT),
        },
    ),
    "bank transfer without a date: the policy's hours": (
        [placed(T, **BANK)],
        T + timedelta(hours=48),
        {
            "received": DUE_NOW,
            "confirmed": UNPAID,
            "payment_reminder": DUE_NOW,
            "payment_expired": SOON,
        },
    ),
    "bank transfer without a date: the policy's days": (
        [placed(T, **BANK)],
        T + 7 * DAY + HOUR,
        {
            "received": MERGED,
            "confirmed": UNPAID,
            "payment_reminder": LATE,
            "payment_expired": DUE_NOW,
        },
    ),
    "a due date is waited for, whatever the method": (
        [placed(T, payment_status=PENDING, payment_due_at=DUE)],
        DUE - DAY,
        {
            "received": DUE_NOW,
            "confirmed": UNPAID,
            "payment_reminder": DUE_NOW,
            "payment_expired": SOON,
        },
    ),
    "due tomorrow: the first mail says it": (
        [placed(T, **(BANK | {"payment_due_at": T + timedelta(hours=30)}))],
        T + 10 * HOUR,
        {
            "received": DUE_NOW,
            "confirmed": UNPAID,
            "payment_reminder": (SKIP, Reason.NOTHING_TO_SAY),
            "payment_expired": SOON,
        },
    ),
    "a due time before the order is none": (
        [placed(T, **(BANK | {"payment_due_at": T - DAY}))],
        T + HOUR,
        {
            "received": DUE_NOW,
            "confirmed": UNPAID,
            "payment_reminder": SOON,
            "payment_expired": SOON,
        },
    ),
    "cancelled right away": (
        [placed(T, **CARD, **IN_STOCK), cancelled(T + HOUR)],
        T + HOUR,
        {"received": OFF, "confirmed": OFF, "cancelled": DUE_NOW},
    ),
    "cancelled while unpaid": (
        [placed(T, **KONBINI), cancelled(T + DAY)],
        T + DAY,
        {
            "received": OFF,
            "confirmed": OFF,
            "payment_reminder": OFF,
            "payment_expired": OFF,
            "cancelled": DUE_NOW,
        },
    ),
    "cancelled line by line": (
        [
            placed(T, lines=[line("1", 2), line("2")], **CARD),
            refunded(T + HOUR, ("1", 2), kind=RefundKind.CANCELLED, refund_id="a"),
            refunded(T + DAY, ("2", 1), kind=RefundKind.CANCELLED, refund_id="b"),
        ],
        T + DAY,
        {"received": OFF, "confirmed": OFF, "cancelled": DUE_NOW},
    ),
    "delivered before anybody knew of it": (
        [placed(T, **CARD), dispatched(T + HOUR), delivered(T + DAY)],
        T + DAY,
        {"received": (SKIP, Reason.DELIVERED), "confirmed": (SKIP, Reason.DELIVERED)},
    ),
    "all parcels made is reserved": (
        [placed(T, **CARD), dispatched(T + HOUR)],
        T + HOUR,
        {"received": MERGED, "confirmed": DUE_NOW},
    ),
    "backordered": (
        [placed(T, **CARD, stock=StockStatus.BACKORDERED)],
        T + HOUR,
        {"received": DUE_NOW, "confirmed": NO_STOCK},
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_decision_table(name: str) -> None:
    facts, now, expected = TABLE[name]
    found = decide(*facts, now=now)
    assert {occurrence: outcome(c) for occurrence, c in found.items()} == expected


def test_an_unknown_order_has_no_candidates() -> None:
    assert decide(payment(T, PAID), now=T) == {}


def test_what_was_sent_or_given_up_is_no_candidate() -> None:
    facts = [placed(T, **KONBINI)]
    entries = [
        sent("received", T),
        entry(NAME, "payment_reminder", EntryStatus.FAILED, T),
        entry(NAME, "confirmed", EntryStatus.SKIPPED, T),
    ]
    found = decide(*facts, now=T + DAY, entries=entries)
    assert set(found) == {"confirmed", "payment_expired"}


def test_the_reminder_leaves_a_night_after_a_late_first_mail() -> None:
    now = DUE - 20 * HOUR
    told = [sent("received", now)]
    reminder = decide(placed(T, **KONBINI), now=now, entries=told)["payment_reminder"]
    assert outcome(reminder) == SOON
    assert reminder.at == now + 12 * HOUR
    too_late = [sent("received", DUE - 10 * HOUR)]
    reminder = decide(placed(T, **KONBINI), now=DUE - 10 * HOUR, entries=too_late)[
        "payment_reminder"
    ]
    assert outcome(reminder) == (SKIP, Reason.NOTHING_TO_SAY)


def test_after_the_expiry_notice_a_cancellation_says_nothing_new() -> None:
    facts = [placed(T, **KONBINI), cancelled(DUE + DAY)]
    told = [sent("received", T), sent("payment_expired", DUE + HOUR)]
    found = decide(*facts, now=DUE + DAY, entries=told)
    assert outcome(found["cancelled"]) == (SKIP, Reason.SUPERSEDED)
    paid = [*facts[:1], payment(DUE + 2 * HOUR, PAID), cancelled(DUE + DAY)]
    found = decide(*paid, now=DUE + DAY, entries=told)
    assert outcome(found["cancelled"]) == DUE_NOW


@pytest.mark.parametrize(
    ("facts", "occurrence", "due_at", "expires_at"),
    [
        ([placed(T)], "received", T, T + 3 * DAY),
        ([placed(T, **CARD, **IN_STOCK)], "confirmed", T, T + 7 * DAY),
        (
            [placed(T, **CARD), stock(T + 20 * DAY)],
            "confirmed",
            T + 20 * DAY,
            T + 27 * DAY,
        ),
        (
            [placed(T, **KONBINI, **IN_STOCK), payment(T + 2 * DAY, PAID)],
            "confirmed",
            T + 2 * DAY,
            T + 9 * DAY,
        ),
        # Collected at the door a week later: it was accepted with the order.
        ([placed(T, **COD, **IN_STOCK), payment(T + 7 * DAY, PAID)], "confirmed", T, T + 7 * DAY),
        # Dispatched: nobody needs to hear days later that it will be prepared.
        (
            [placed(T, **CARD, **IN_STOCK), dispatched(T + DAY)],
            "confirmed",
            T,
            T + 2 * DAY,
        ),
        ([placed(T), cancelled(T + DAY)], "cancelled", T + DAY, T + 8 * DAY),
    ],
)
def test_too_late_counts_from_the_event(
    facts: list[Fact], occurrence: str, due_at: datetime, expires_at: datetime
) -> None:
    found = decide(*facts, now=T + 20 * DAY)[occurrence]
    assert (found.due_at, found.expires_at) == (due_at, expires_at)


# --- journeys -------------------------------------------------------------------


def journey(*facts: Fact, until: datetime = T + 30 * DAY, lag: timedelta = timedelta(0)) -> Any:
    return play(lifecycle, as_it_happens(*facts, lag=lag), until=until)


def test_konbini_in_two_stages_with_a_reminder() -> None:
    played = journey(
        placed(T, **KONBINI, **IN_STOCK), payment(DUE - 3 * HOUR, PAID), lag=timedelta(seconds=1)
    )
    assert played.occurrences == ["received", "payment_reminder", "confirmed"]
    times = {occurrence: at for at, occurrence in played.sent}
    assert times["received"] <= T + timedelta(seconds=62)
    assert times["payment_reminder"] == DUE - DAY
    assert times["confirmed"] == DUE - 3 * HOUR + timedelta(seconds=1)


def test_konbini_never_paid() -> None:
    played = journey(placed(T, **KONBINI))
    assert played.occurrences == ["received", "payment_reminder", "payment_expired"]
    assert played.sent[-1][0] == DUE + HOUR
    assert played.waiting == {"confirmed": Reason.NOT_YET_PAID}


def test_a_payment_after_the_expiry_is_still_confirmed() -> None:
    played = journey(placed(T, **KONBINI, **IN_STOCK), payment(DUE + DAY, PAID))
    assert played.occurrences == ["received", "payment_reminder", "payment_expired", "confirmed"]


def test_a_card_order_is_one_mail() -> None:
    played = journey(placed(T, **IN_STOCK), payment(T + timedelta(seconds=3), PAID))
    assert played.occurrences == ["confirmed"]
    assert played.skipped == {"received": Reason.SUPERSEDED}


def test_cancelled_within_the_first_minute() -> None:
    played = journey(placed(T, **CARD, **IN_STOCK), cancelled(T + timedelta(seconds=30)))
    assert played.occurrences == ["cancelled"]
    assert set(played.skipped.values()) == {Reason.ORDER_CANCELLED}


def test_cancelled_between_the_stages() -> None:
    played = journey(placed(T, **KONBINI), cancelled(T + DAY))
    assert played.occurrences == ["received", "cancelled"]
    assert played.skipped == dict.fromkeys(
        ["confirmed", "payment_reminder", "payment_expired"], Reason.ORDER_CANCELLED
    )


def test_a_cancellation_that_is_taken_back_lets_the_order_go_on() -> None:
    facts = [
        placed(T, **KONBINI),
        cancelled(T + DAY),
        changed(T + 2 * DAY, placed_at=T, cancelled=False, **IN_STOCK),
        payment(T + 2 * DAY + HOUR, PAID),
        dispatched(T + 3 * DAY),
    ]
    assert journey(*facts).occurrences == ["received", "cancelled", "confirmed"]


def test_what_was_sent_before_a_cancellation_is_not_sent_again_after_it() -> None:
    back = changed(T + 2 * HOUR, placed_at=T, cancelled=False)
    played = journey(placed(T, **CARD, **IN_STOCK), cancelled(T + HOUR), back)
    assert played.occurrences == ["confirmed", "cancelled"]
    late = changed(T + 20 * DAY, placed_at=T, cancelled=False)
    played = journey(placed(T, **CARD, **IN_STOCK), cancelled(T + timedelta(seconds=30)), late)
    assert played.occurrences == ["cancelled", "confirmed"], "never sent, so it is sent now"


def test_an_order_cancelled_at_once_and_brought_back_is_acknowledged() -> None:
    facts = [placed(T, **BANK), cancelled(T), changed(T + HOUR, placed_at=T, cancelled=False)]
    played = journey(*facts, changed(T + 2 * HOUR, placed_at=T, cancelled=True))
    assert played.occurrences == ["cancelled", "received", "cancelled_again"]
    again = [*facts, cancelled(T + 2 * HOUR), changed(T + 3 * HOUR, placed_at=T, cancelled=False)]
    played = journey(*again, cancelled(T + 4 * HOUR))
    assert played.occurrences == ["cancelled", "received", "cancelled_again"], "told twice at most"


def test_stock_that_is_lost_again_does_not_bring_back_the_first_stage() -> None:
    facts = [placed(T, **COD, **IN_STOCK), stock(T + HOUR, StockStatus.PARTIAL)]
    played = journey(*facts)
    assert played.occurrences == ["confirmed"]
    assert played.skipped == {"received": Reason.SUPERSEDED}


def test_an_order_known_after_a_month_mails_nobody() -> None:
    facts = [placed(T, **CARD, **IN_STOCK)]
    played = play(lifecycle, [(T + 30 * DAY, facts[0])], until=T + 40 * DAY)
    assert played.sent == ()
    assert played.skipped["confirmed"] is Reason.TOO_LATE


def test_a_burst_gives_the_same_mails_in_all_120_orders() -> None:
    facts = [
        placed(T, **KONBINI),
        payment(T + HOUR, PENDING, due_at=DUE),
        stock(T + 2 * HOUR),
        payment(T + 3 * HOUR, PAID),
        changed(T + 4 * HOUR, total=Money(1000, "JPY"), currency="JPY"),
    ]
    begin = T + 5 * HOUR
    played = {
        tuple(
            play(
                lifecycle,
                [(begin + timedelta(seconds=i), one) for i, one in enumerate(order)],
                until=T + 30 * DAY,
            ).occurrences
        )
        for order in itertools.permutations(facts)
    }
    assert played == {("confirmed",)}


# --- properties ------------------------------------------------------------------

HOURS = st.integers(min_value=0, max_value=15 * 24)
METHODS = st.sampled_from([None, *PaymentMethod])


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """An order and up to six things that happen to it."""

    def when() -> datetime:
        return T + timedelta(hours=draw(HOURS))

    due_at = draw(st.sampled_from([None, T + 30 * HOUR, DUE]))
    facts = [
        placed(
            T,
            lines=[line("1", 2)],
            payment_method=draw(METHODS),
            payment_status=draw(st.sampled_from([None, PENDING])),
            payment_due_at=due_at,
        )
    ]
    for _ in range(draw(st.integers(0, 6))):
        kind = draw(st.integers(0, 7))
        if kind == 7:
            facts.append(changed(when(), cancelled=draw(st.booleans())))
        elif kind <= 1:
            facts.append(payment(when(), draw(st.sampled_from(PaymentStatus))))
        elif kind == 2:
            facts.append(stock(when(), draw(st.sampled_from(StockStatus))))
        elif kind == 3:
            facts.append(cancelled(when()))
        elif kind == 4:
            facts.append(dispatched(when()))
        elif kind == 5:
            facts.append(scan(draw(st.sampled_from(Status)), when()))
        else:
            facts.append(refunded(when(), ("1", 1), kind=RefundKind.CANCELLED))
    return facts


@given(facts=histories(), data=st.data(), hours=HOURS)
def test_neither_order_nor_repetition_matters(
    facts: list[Fact], data: st.DataObject, hours: int
) -> None:
    shuffled = data.draw(st.permutations([*facts, *facts]))
    now = T + timedelta(hours=hours)
    assert decide(*facts, now=now) == decide(*shuffled, now=now)


@given(facts=histories(), hours=HOURS)
def test_a_wait_is_for_later_and_changes_something(facts: list[Fact], hours: int) -> None:
    now = T + timedelta(hours=hours)
    for occurrence, candidate in decide(*facts, now=now).items():
        if candidate.verdict is WAIT and candidate.at is not None:
            assert candidate.at > now
            later = decide(*facts, now=candidate.at)[occurrence]
            assert later.verdict is not WAIT


@settings(deadline=None)  # a whole life, on a machine that may be busy
@given(facts=histories())
def test_a_life_ends_and_never_says_what_is_not_true(facts: list[Fact]) -> None:
    played = play(lifecycle, as_it_happens(*facts), until=T + 365 * DAY)
    assert played.wakes < 80
    assert all(c.verdict is not SEND and c.at is None for c in played.last)
    for at, occurrence in played.sent:
        known = [one for one in facts if one.metadata.occurred_at <= at]
        order = situation(*known, now=at).order
        if occurrence == "confirmed":
            assert order.payment_accepted
            assert order.stock_reserved
        if occurrence in {"payment_reminder", "payment_expired"}:
            assert not order.payment_accepted
            assert order.payment.accepted_at is None
        assert order.cancelled == (occurrence in {"cancelled", "cancelled_again"})
    sent_ = played.occurrences
    if "confirmed" in sent_ and "received" in sent_:
        assert sent_.index("received") < sent_.index("confirmed")


# --- content --------------------------------------------------------------------


def contexts() -> dict[str, tuple[list[Fact], datetime, str]]:
    return {
        "received": ([placed(T, **KONBINI)], T + HOUR, "received"),
        "confirmed": ([placed(T, **CARD, **IN_STOCK)], T + HOUR, "confirmed"),
        "payment_reminder": ([placed(T, **KONBINI)], DUE - DAY, "payment_reminder"),
        "payment_expired": ([placed(T, **KONBINI)], DUE + HOUR, "payment_expired"),
        "cancelled": (
            [
                placed(T, payment_status=PAID, ship_to=Address(country="JP")),
                fact(
                    OrderRefunded(
                        order_id=ORDER,
                        refund_id="r",
                        lines=(RefundedLine(line_id="1", quantity=1, kind=RefundKind.CANCELLED),),
                        amount=Money(1000, "JPY"),
                    ),
                    T + HOUR,
                ),
                cancelled(T + HOUR, reason="CUSTOMER"),
            ],
            T + HOUR,
            "cancelled",
        ),
    }


def content(name: str, *facts: Fact, now: datetime, entries: Any = ()) -> dict[str, Any]:
    state = situation(*facts, now=now, entries=entries, policy=JAPAN)
    candidate = by_occurrence(lifecycle.decide(state))[name]
    assert candidate.verdict is SEND
    return lifecycle.content(candidate, state)


@pytest.mark.parametrize("message", lifecycle.SPEC.messages)
def test_every_message_has_the_shape_of_its_sample(message: str) -> None:
    facts, now, occurrence = contexts()[message]
    found = content(occurrence, *facts, now=now)
    assert misfits(found, sample(NAME, message)) == []
    assert misfits(sample(NAME, message), found) == []


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("message", lifecycle.SPEC.messages)
def test_every_message_can_be_rendered(message: str, locale: str) -> None:
    facts, now, occurrence = contexts()[message]
    found, brand = content(occurrence, *facts, now=now), load_brand("aoba")
    assert "#1001" in render_email(NAME, message, locale, found, brand).subject
    assert "#1001" in render_sms(NAME, message, locale, found, brand).text


def test_received_shows_the_estimate_and_how_to_pay() -> None:
    found = content("received", placed(T, **KONBINI), now=T + HOUR)
    # Thursday before noon, dispatched on Friday, one to three days on the road.
    assert found["estimate"] == {"earliest": "2025-11-22", "latest": "2025-11-24"}
    assert found["payment"] == {
        "method": "KONBINI",
        "status": "PENDING",
        "due_at": "2025-11-23T14:59:00Z",
        "instructions": [{"label": "確認番号", "value": "400008"}],
    }


def test_a_paid_order_shows_no_instructions() -> None:
    facts = [placed(T, **KONBINI, **IN_STOCK), payment(T + DAY, PAID)]
    found = content("confirmed", *facts, now=T + DAY)
    assert found["payment"] == {
        "method": "KONBINI",
        "status": "PAID",
        "due_at": None,
        "instructions": [],
    }
    assert found["received_before"] is False
    again = content("confirmed", *facts, now=T + DAY, entries=[sent("received", T)])
    assert again["received_before"] is True


@pytest.mark.parametrize(
    ("bought", "stopped", "suggested"),
    [
        (["SENCHA-100"], [], ["KYUSU-01", "GENMAI-200"]),
        (["MATCHA-30", "SENCHA-100"], [], ["KYUSU-01", "GENMAI-200"]),
        (["SENCHA-100", "KYUSU-01"], [], ["GENMAI-200"]),
        (["SENCHA-100"], ["KYUSU-01"], ["GENMAI-200"]),
        (["GENMAI-200"], [], []),
        (["UNKNOWN", None], [], []),
    ],
)
def test_what_goes_with_an_order(
    bought: list[str | None], stopped: list[str], suggested: list[str]
) -> None:
    lines = [line(str(number), sku=sku) for number, sku in enumerate(bought)]
    order = placed(T, lines=lines, **IN_STOCK)
    state = situation(order, payment(T, PAID), now=T + HOUR, policy=load_brand("aoba").policy)
    state = replace(state, customer=replace(state.customer, stopped_skus=frozenset(stopped)))
    candidate = by_occurrence(lifecycle.decide(state))["confirmed"]
    assert lifecycle.content(candidate, state)["goes_with"] == suggested


def test_nothing_that_is_no_longer_made_is_suggested() -> None:
    products = dict(load_brand("aoba").policy.products)
    products["KYUSU-01"] = replace(products["KYUSU-01"], discontinued=True)
    state = situation(
        placed(T, **IN_STOCK),
        payment(T, PAID),
        now=T + HOUR,
        policy=replace(JAPAN, products=products),
    )
    candidate = by_occurrence(lifecycle.decide(state))["confirmed"]
    assert lifecycle.content(candidate, state)["goes_with"] == ["GENMAI-200"]


def test_the_estimate_moves_with_a_late_payment() -> None:
    """The date of the first mail presumed a prompt payment; see shared/domain/estimates.py."""
    facts = [
        placed(T, **KONBINI, **IN_STOCK),
        promised(T + HOUR, date(2025, 11, 24), earliest=date(2025, 11, 22)),
        payment(jst("2025-11-23 15:00"), PAID),  # a Sunday; Monday is a holiday
    ]
    found = content("confirmed", *facts, now=jst("2025-11-23 15:00"))
    assert found["estimate"] == {"earliest": "2025-11-27", "latest": "2025-11-29"}


@pytest.mark.parametrize(
    ("snapshot", "facts", "expected"),
    [
        ({"lines": [line(requires_shipping=False)]}, [], None),
        ({"stock": StockStatus.BACKORDERED}, [], None),
        (
            {},
            [stock(T, StockStatus.BACKORDERED, expected_on=date(2025, 12, 1))],
            {"earliest": "2025-12-03", "latest": "2025-12-05"},
        ),
        (
            {"wished_date": date(2025, 12, 10)},
            [],
            {"earliest": "2025-12-10", "latest": "2025-12-10"},
        ),
        # What somebody promised stands, whatever our own calculation says of the stock.
        (
            {"stock": StockStatus.BACKORDERED},
            [promised(T, date(2025, 12, 9))],
            {"earliest": "2025-12-09", "latest": "2025-12-09"},
        ),
        # A date that has gone by is not shown; one that has begun is.
        ({}, [promised(T - 5 * DAY, date(2025, 11, 19))], None),
        (
            {},
            [promised(T - 5 * DAY, date(2025, 11, 20), earliest=date(2025, 11, 18))],
            {"earliest": "2025-11-18", "latest": "2025-11-20"},
        ),
    ],
)
def test_an_estimate_is_shown_only_where_there_is_one(
    snapshot: dict[str, Any], facts: list[Fact], expected: dict[str, str] | None
) -> None:
    found = content("received", placed(T, **snapshot), *facts, now=T + HOUR)
    assert found["estimate"] == expected


@pytest.mark.parametrize(
    ("status", "method", "charged"),
    [
        (None, None, None),
        (None, PaymentMethod.COD, False),
        (PENDING, None, False),
        (PaymentStatus.AUTHORIZED, None, False),
        (PaymentStatus.VOIDED, None, False),
        (PAID, None, True),
        (PaymentStatus.REFUNDED, None, True),
    ],
)
def test_a_cancellation_says_whether_money_was_taken(
    status: PaymentStatus | None, method: PaymentMethod | None, charged: bool | None
) -> None:
    snapshot = placed(T, payment_status=status, payment_method=method)
    facts = [snapshot, cancelled(T + HOUR, reason="fraud")]
    found = content("cancelled", *facts, now=T + HOUR)["cancellation"]
    assert found == {
        "cancelled_at": "2025-11-20T02:00:00Z",
        "reason": "other",
        "charged": charged,
        "refund": None,
    }


def test_a_cancellation_names_the_refund_and_what_was_cancelled() -> None:
    facts, now, _ = contexts()["cancelled"]
    found = content("cancelled", *facts, now=now)
    assert found["cancellation"]["refund"] == {"amount": 1000, "currency": "JPY"}
    assert found["cancellation"]["reason"] == "customer"
    assert [one["quantity"] for one in found["order"]["lines"]] == [1]


def test_cancelled_units_are_not_confirmed() -> None:
    facts = [
        placed(T, lines=[line("1", 3), line("2")], **CARD, **IN_STOCK),
        refunded(T + HOUR, ("1", 1), ("2", 1), kind=RefundKind.CANCELLED),
    ]
    found = content("confirmed", *facts, now=T + HOUR)
    assert [(one["sku"], one["quantity"]) for one in found["order"]["lines"]] == [("SENCHA-100", 2)]
