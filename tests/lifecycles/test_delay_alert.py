"""The delay alert: incidents, what is said of them, what must never be said."""

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
    PaymentMethod,
    PaymentStatus,
    PromiseSource,
    RefundKind,
    StockStatus,
)
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.policy import DelayPolicy, Policy
from shared.domain.reasons import Reason
from shared.domain.shipments import Actor, Status
from shared.domain.values import Address
from shared.lifecycles import load
from shared.lifecycles.delay_alert import wording
from shared.lifecycles.delay_alert.incidents import find, told
from shared.lifecycles.delay_alert.occurrences import ALERTS, Token
from shared.messages.rendering import render_email, render_sms
from tests.builders import (
    by_occurrence,
    cancelled,
    changed,
    confirmed,
    delivered,
    dispatched,
    entry,
    line,
    order_of,
    outcome,
    payment,
    placed,
    promised,
    refunded,
    scan,
    situation,
    stock,
)
from tests.player import JAPAN, Played, as_it_happens, jst, misfits, play, sample

NAME = "delay_alert"
lifecycle = load(NAME)

# Thursday before the cut-off. Sunday 23 November is 勤労感謝の日, Monday its substitute holiday.
T = jst("2025-11-20 10:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LABEL = jst("2025-11-20 15:00")
SCAN = jst("2025-11-21 14:00")  # Friday
PAID: dict[str, Any] = {"payment_status": PaymentStatus.PAID, "stock": StockStatus.RESERVED}
CARRIER, CUSTOMER = PromiseSource.CARRIER, PromiseSource.CUSTOMER
SEND, WAIT, SKIP = Verdict.SEND, Verdict.WAIT, Verdict.SKIP

DUE = (SEND, Reason.DUE)
SOON = (WAIT, Reason.NOT_YET_DUE)
STALE = (WAIT, Reason.STALE_FEED)
FACT = (WAIT, Reason.AWAITING_FACT)
TOLD = (SKIP, Reason.SUPERSEDED)


def decide(
    *facts: Fact,
    now: datetime,
    entries: Any = (),
    feed: datetime | str | None = "alive",
    policy: Policy = JAPAN,
) -> dict[str, Candidate]:
    seen = now - HOUR if feed == "alive" else feed
    assert not isinstance(seen, str)
    state = situation(*facts, now=now, entries=entries, feed_seen_at=seen, policy=policy)
    return by_occurrence(lifecycle.decide(state))


def outcomes(*facts: Fact, **given: Any) -> dict[str, tuple[Verdict, Reason]]:
    return {name: outcome(c) for name, c in decide(*facts, **given).items()}


def sent(occurrence: str, when: datetime, **more: Any) -> LedgerEntry:
    return entry(NAME, occurrence, when=when, **more)


def paid(**given: Any) -> Fact:
    return placed(T, **(PAID | given))


def parcel(*scans: tuple[Status, datetime], **given: Any) -> list[Fact]:
    """A paid order of which everything is in parcel S1."""
    return [paid(**given), dispatched(LABEL), *(scan(status, at) for status, at in scans)]


# --- not dispatched -------------------------------------------------------------------

STEP_1, STEP_2 = "dispatch_delayed:order:1", "dispatch_delayed:order:2"
PROMISE = promised(T, date(2025, 11, 28), earliest=date(2025, 11, 26))  # ends on the 29th, 0:00
BEFORE = jst("2025-11-27 00:00")
BREACH = jst("2025-11-29 00:00")


def test_48_hours_before_the_promise_and_at_its_breach() -> None:
    found = decide(paid(), PROMISE, now=BEFORE - timedelta(seconds=1))
    assert outcome(found[STEP_1]) == SOON
    assert found[STEP_1].at == BEFORE
    assert outcomes(paid(), PROMISE, now=BEFORE) == {STEP_1: DUE}
    told_ = [sent(STEP_1, BEFORE)]
    found = decide(paid(), PROMISE, now=BEFORE, entries=told_)
    assert set(found) == {STEP_2}
    assert (outcome(found[STEP_2]), found[STEP_2].at) == (SOON, BREACH)
    assert outcomes(paid(), PROMISE, now=BREACH, entries=told_) == {STEP_2: DUE}


def test_without_a_named_date_the_estimate_counts() -> None:
    # Dispatched on Friday, three days on the road: Monday the 24th.
    found = decide(paid(), now=T)[STEP_1]
    assert found.at == jst("2025-11-23 00:00")


def test_a_short_promise_leaves_the_shop_its_day() -> None:
    """Promised for Saturday: not late on Thursday, 48 hours before, but when Friday is over."""
    found = decide(paid(), promised(T, date(2025, 11, 22)), now=T)[STEP_1]
    assert found.at == jst("2025-11-22 00:00")
    # Promised for the same day: the breach itself is the first that can be said.
    found = decide(paid(), promised(T, date(2025, 11, 20)), now=T)[STEP_1]
    assert found.at == jst("2025-11-21 00:00")


def test_a_breach_that_is_news_is_told_twice_a_day_apart() -> None:
    """Nobody was told before: step 1 says that it is broken, step 2 not at once."""
    now = BREACH + 3 * HOUR
    assert outcomes(paid(), PROMISE, now=now) == {STEP_1: DUE}
    found = decide(paid(), PROMISE, now=now, entries=[sent(STEP_1, now)])[STEP_2]
    assert found.at == now + DAY


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        # A date that the customer does not have paid for is not broken.
        ([placed(T), PROMISE], {STEP_1: (WAIT, Reason.NOT_YET_PAID)}),
        (
            [placed(T, payment_method=PaymentMethod.KONBINI), PROMISE],
            {STEP_1: (WAIT, Reason.NOT_YET_PAID)},
        ),
        ([placed(T, payment_method=PaymentMethod.COD), PROMISE], {STEP_1: DUE}),
        # A first parcel shows that the shop went ahead all the same.
        (
            [placed(T, lines=[line("1"), line("2")]), PROMISE, dispatched(LABEL, ("1", 1))],
            {STEP_1: DUE, "pickup_delayed:S1:1": DUE, "late:S1:1": TOLD},
        ),
        # The platform's own confirmation outweighs an older word about stock.
        (
            [paid(stock=StockStatus.PARTIAL), confirmed(T + HOUR), PROMISE],
            {STEP_1: DUE},
        ),
        # Nothing is said about stock: a paid order is the shop's turn.
        ([placed(T, payment_status=PaymentStatus.PAID), PROMISE], {STEP_1: DUE}),
        # No stock: not late in dispatching, but the named date is late once it has passed.
        (
            [paid(stock=StockStatus.BACKORDERED), PROMISE],
            {STEP_1: (WAIT, Reason.STOCK_NOT_RESERVED), "late:order:1": DUE},
        ),
        (
            [paid(stock=StockStatus.BACKORDERED)],
            {STEP_1: (WAIT, Reason.STOCK_NOT_RESERVED)},
        ),
        # Dispatched, cancelled or refunded meanwhile.
        ([paid(), PROMISE, cancelled(T + DAY)], {}),
        (
            [paid(), PROMISE, refunded(T + DAY, ("1", 1), kind=RefundKind.CANCELLED)],
            {},
        ),
        ([paid(lines=[line(requires_shipping=False)]), PROMISE], {}),
    ],
)
def test_who_has_to_dispatch(
    facts: list[Fact], expected: dict[str, tuple[Verdict, Reason]]
) -> None:
    assert outcomes(*facts, now=BREACH + 10 * HOUR) == expected


def test_one_notice_for_all_lines_that_have_not_left() -> None:
    facts = [
        paid(lines=[line("1", 2), line("2", 1), line("3", 1)]),
        PROMISE,
        dispatched(LABEL, ("1", 1), ("3", 1)),
    ]
    found = decide(*facts, now=BEFORE)
    assert outcome(found[STEP_1]) == DUE
    state = situation(*facts, now=BEFORE, policy=JAPAN)
    said = lifecycle.content(found[STEP_1], state)
    assert [(one["title"], one["quantity"]) for one in said["lines"]] == [
        ("Title of SENCHA-100", 1),
        ("Title of SENCHA-100", 1),
    ]


def test_a_parcel_that_is_only_announced_has_not_left() -> None:
    facts = [paid(), PROMISE, scan(Status.PENDING, LABEL)]
    assert outcomes(*facts, now=BEFORE) == {STEP_1: DUE}


def test_an_order_that_names_no_goods_is_watched_until_a_parcel_exists() -> None:
    assert outcomes(paid(lines=[]), PROMISE, now=BEFORE) == {STEP_1: DUE}
    announced = [paid(lines=[]), PROMISE, scan(Status.PENDING, LABEL)]
    assert outcomes(*announced, now=BEFORE) == {STEP_1: DUE}
    assert STEP_1 not in outcomes(*announced, dispatched(LABEL), now=BEFORE)


# --- the customer's own date ----------------------------------------------------------

WISH = date(2025, 12, 5)


def test_never_before_the_wished_date() -> None:
    """No 48 hours before: only when the parcel can no longer arrive on that day."""
    found = decide(paid(wished_date=WISH), now=jst("2025-12-04 23:59"))[STEP_1]
    assert (outcome(found), found.at) == (SOON, jst("2025-12-05 00:00"))


def test_a_wish_out_of_reach_from_abroad() -> None:
    ship_to = Address(country="GB")
    found = decide(paid(wished_date=WISH, ship_to=ship_to), now=T)[STEP_1]
    # Five days at least: what has not left by the end of 30 November does not arrive in time.
    assert found.at == jst("2025-12-01 00:00", "Europe/London")


def test_clocks_of_a_parcel_rest_until_the_wished_date() -> None:
    facts = parcel((Status.ACCEPTED, SCAN), wished_date=WISH)
    found = decide(*facts, now=jst("2025-12-05 23:59"))
    assert outcome(found["transit_delayed:S1:1"]) == SOON
    assert found["transit_delayed:S1:1"].at == jst("2025-12-06 00:00")
    assert found["late:S1:1"].at == jst("2025-12-06 09:00")
    unscanned = decide(*parcel(wished_date=WISH), now=jst("2025-12-01 12:00"))
    assert unscanned["pickup_delayed:S1:1"].at == jst("2025-12-05 00:00")


def test_a_wish_for_one_parcel_says_nothing_about_another() -> None:
    facts = [
        paid(lines=[line("1"), line("2")]),
        dispatched(LABEL, ("1", 1)),
        scan(Status.IN_TRANSIT, SCAN),
        dispatched(LABEL, ("2", 1), shipment_id="S2"),
        scan(Status.IN_TRANSIT, SCAN, shipment_id="S2"),
        promised(T + HOUR, WISH, promised_by=CUSTOMER, shipment_id="S1"),
        promised(T + DAY, date(2025, 11, 28), promised_by=CARRIER, shipment_id="S2"),
    ]
    found = decide(*facts, now=SCAN)
    assert found["transit_delayed:S1:1"].at == jst("2025-12-06 00:00")
    assert found["transit_delayed:S2:1"].at == STALLED
    assert found["late:S1:1"].at == jst("2025-12-06 09:00")
    assert found["late:S2:1"].at == jst("2025-11-29 09:00")


def test_a_later_wish_moves_everything() -> None:
    facts = [
        *parcel((Status.IN_TRANSIT, SCAN)),
        promised(T, date(2025, 11, 25)),
        changed(SCAN, wished_date=WISH),
    ]
    found = decide(*facts, now=jst("2025-11-30 12:00"))
    assert {outcome(c) for c in found.values()} == {SOON}


def test_an_exception_does_not_wait_for_the_wished_date() -> None:
    facts = parcel((Status.IN_TRANSIT, SCAN), (Status.EXCEPTION, SCAN + HOUR), wished_date=WISH)
    assert outcomes(*facts, now=SCAN + HOUR)["exception:S1:1"] == DUE


# --- parcels --------------------------------------------------------------------------


def test_a_label_without_a_pickup() -> None:
    # Thursday 15:00; Friday, Tuesday, Wednesday, Thursday: the holiday does not count.
    deadline = jst("2025-11-27 15:00")
    found = decide(*parcel(), now=deadline - HOUR)
    assert found["pickup_delayed:S1:1"].at == deadline
    assert outcomes(*parcel(), now=deadline) == {"pickup_delayed:S1:1": DUE, "late:S1:1": TOLD}
    # A label that is printed anew does not begin a new wait.
    again = parcel((Status.LABEL_CREATED, LABEL + DAY))
    assert decide(*again, now=deadline - HOUR)["pickup_delayed:S1:1"].at == deadline


def test_no_scan_at_home_and_abroad() -> None:
    facts = parcel((Status.ACCEPTED, SCAN))
    # Friday 14:00; Tuesday, Wednesday, Thursday.
    found = decide(*facts, now=SCAN)["transit_delayed:S1:1"]
    assert found.at == jst("2025-11-27 14:00")
    abroad = parcel((Status.ACCEPTED, SCAN), ship_to=Address(country="GB"))
    found = decide(*abroad, now=SCAN)["transit_delayed:S1:1"]
    assert found.at == jst("2025-12-01 14:00")


def test_the_clocks_stand_still_over_new_year() -> None:
    facts = [
        placed(jst("2025-12-25 10:00"), **PAID),
        dispatched(jst("2025-12-26 10:00")),
        scan(Status.IN_TRANSIT, jst("2025-12-26 18:00")),  # Friday; the shop returns on 5 January
    ]
    found = decide(*facts, now=jst("2025-12-26 18:00"))["transit_delayed:S1:1"]
    assert found.at == jst("2026-01-07 18:00")


def test_an_exception_is_told_at_once_and_again_the_next_working_day() -> None:
    at = jst("2025-11-21 20:00")
    facts = parcel((Status.IN_TRANSIT, SCAN), (Status.EXCEPTION, at))
    assert outcomes(*facts, now=at) == {"exception:S1:1": DUE, "late:S1:1": TOLD}
    # Said twice is the same exception, and an unknown word after it ends nothing.
    facts += [scan(Status.EXCEPTION, at + HOUR), scan(Status.UNKNOWN, at + 2 * HOUR)]
    assert decide(*facts, now=at + 3 * HOUR)["exception:S1:1"].due_at == at
    told_ = [sent("exception:S1:1", at)]
    found = decide(*facts, now=at, entries=told_)
    assert found["exception:S1:2"].at == jst("2025-11-25 20:00")
    assert outcomes(*facts, now=jst("2025-11-25 20:00"), entries=told_)["exception:S1:2"] == DUE


def test_late_is_said_the_morning_after_the_promise() -> None:
    facts = [
        *parcel((Status.OUT_FOR_DELIVERY, jst("2025-11-28 08:00"))),
        promised(T, date(2025, 11, 28)),
    ]
    morning = jst("2025-11-29 09:00")
    assert decide(*facts, now=jst("2025-11-28 23:59"))["late:S1:1"].at == morning
    found = outcomes(*facts, now=morning)
    assert found == {"late:S1:1": DUE, "transit_delayed:S1:1": SOON}


def test_late_is_at_the_destination() -> None:
    facts = [
        *parcel((Status.IN_TRANSIT, SCAN), ship_to=Address(country="GB")),
        promised(T, date(2025, 11, 28)),
    ]
    assert decide(*facts, now=SCAN)["late:S1:1"].at == jst("2025-11-29 09:00", "Europe/London")


def test_the_more_specific_incident_wins() -> None:
    facts = parcel((Status.IN_TRANSIT, SCAN))
    now = jst("2025-11-27 14:00")
    assert outcomes(*facts, now=now) == {"transit_delayed:S1:1": DUE, "late:S1:1": TOLD}
    after = outcomes(*facts, now=now, entries=[sent("transit_delayed:S1:1", now)])
    assert after["late:S1:1"] == TOLD


def test_late_is_not_said_to_those_who_heard_of_the_breach() -> None:
    facts = [paid(), PROMISE, dispatched(BREACH + DAY), scan(Status.ACCEPTED, BREACH + DAY)]
    now = BREACH + 2 * DAY
    assert outcomes(*facts, now=now)["late:S1:1"] == DUE
    warned = outcomes(*facts, now=now, entries=[sent(STEP_1, BEFORE)])
    assert warned["late:S1:1"] == DUE
    broken = outcomes(*facts, now=now, entries=[sent(STEP_1, BREACH)])
    assert broken["late:S1:1"] == TOLD


def test_alerts_about_one_parcel_are_a_working_day_apart() -> None:
    """Late on Wednesday morning, the scan clock on Thursday noon: not within the day."""
    facts = [*parcel((Status.IN_TRANSIT, SCAN)), promised(T, date(2025, 11, 26))]
    told_ = [sent("late:S1:1", jst("2025-11-27 09:00"))]
    found = decide(*facts, now=jst("2025-11-27 14:00"), entries=told_)
    assert found["transit_delayed:S1:1"].at == jst("2025-11-28 09:00")
    assert found["late:S1:2"].at == jst("2025-11-28 09:00")
    again = outcomes(*facts, now=jst("2025-11-28 09:00"), entries=told_)
    assert again == {
        "transit_delayed:S1:1": DUE,
        "late:S1:2": TOLD,
        "moving_again:S1:late:1": FACT,
    }


def test_an_exception_does_not_wait_for_a_working_day() -> None:
    facts = [*parcel((Status.EXCEPTION, STALLED)), promised(T, date(2025, 11, 26))]
    told_ = [sent("late:S1:1", jst("2025-11-27 09:00"))]
    assert outcomes(*facts, now=STALLED, entries=told_)["exception:S1:1"] == DUE


def test_a_carrier_that_names_a_later_date_buys_time_only_for_the_second_step() -> None:
    facts = [
        *parcel((Status.IN_TRANSIT, jst("2025-11-26 10:00"))),
        promised(T, date(2025, 11, 26)),
        promised(T + DAY, date(2025, 11, 28), promised_by=CARRIER),
    ]
    now = jst("2025-11-27 09:00")
    assert outcomes(*facts, now=now)["late:S1:1"] == DUE
    found = decide(*facts, now=now, entries=[sent("late:S1:1", now)])
    assert found["late:S1:2"].at == jst("2025-11-29 09:00")


def test_a_carrier_never_makes_it_late_before_the_shops_date() -> None:
    facts = [
        *parcel((Status.OUT_FOR_DELIVERY, SCAN)),
        promised(T, date(2025, 11, 28)),
        promised(T + DAY, date(2025, 11, 24), promised_by=CARRIER),
    ]
    assert decide(*facts, now=SCAN)["late:S1:1"].at == jst("2025-11-29 09:00")
    # Where nobody else named a date, the carrier's counts.
    alone = [*facts[:-2], promised(T + DAY, date(2025, 11, 28), promised_by=CARRIER)]
    assert decide(*alone, now=SCAN)["late:S1:1"].at == jst("2025-11-29 09:00")


@pytest.mark.parametrize(
    "facts",
    [
        # Held at the customer's wish, also if the promise has gone by.
        [scan(Status.HELD, SCAN + DAY)],
        # Delivered, on its way back.
        [delivered(SCAN + DAY)],
        [scan(Status.RETURNING, SCAN + DAY)],
        [delivered(SCAN + DAY), scan(Status.RETURNING, SCAN + 2 * DAY)],
        # Cancelled, as an order and as a parcel that nobody replaced yet.
        [cancelled(SCAN + DAY)],
        # Lost and refunded.
        [refunded(SCAN + DAY, ("1", 1), kind=RefundKind.RETURNED)],
    ],
)
def test_what_stops_every_clock(facts: list[Fact]) -> None:
    moving = [*parcel((Status.IN_TRANSIT, SCAN)), promised(T, date(2025, 11, 25))]
    assert outcomes(*moving, now=T + 30 * DAY)  # the clocks do run without it
    assert outcomes(*moving, *facts, now=T + 30 * DAY) == {}


@pytest.mark.parametrize(
    ("first", "second", "replaced"),
    [
        ([("1", 2)], [("1", 2)], True),  # the same goods again
        ([("1", 1)], [("1", 1)], False),  # two parcels of one order
        ([("1", 2)], [("1", 1)], False),  # one of two sent again
        ([], [("1", 2)], True),  # the first does not say what it holds
        ([], [], False),  # nobody can say
    ],
)
def test_a_parcel_that_was_sent_again_is_no_delay(
    first: list[tuple[str, int]], second: list[tuple[str, int]], replaced: bool
) -> None:
    facts = [
        paid(lines=[line("1", 2)]),
        dispatched(LABEL, *first),
        scan(Status.IN_TRANSIT, SCAN),
        dispatched(SCAN + 5 * DAY, *second, shipment_id="S2"),
        scan(Status.ACCEPTED, SCAN + 5 * DAY, shipment_id="S2"),
    ]
    found = decide(*facts, now=SCAN + 6 * DAY)
    about_first = {name for name in found if ":S1:" in name}
    assert (about_first == set()) is replaced
    assert "transit_delayed:S2:1" in found


# --- parcels that wait for the customer -----------------------------------------------

ABSENT = jst("2025-11-25 17:00")


def test_an_absence_is_told_as_such_and_once_more_before_the_hold_ends() -> None:
    facts = [*parcel((Status.IN_TRANSIT, SCAN)), promised(T, date(2025, 11, 24))]
    facts.append(scan(Status.DELIVERY_ATTEMPTED, ABSENT, hold_until=date(2025, 12, 1)))
    first, again = "absence:S1:20251125:1", "absence:S1:20251125:2"
    # The promise was broken the day before: that is not what the customer has to hear now.
    found = decide(*facts, now=ABSENT)
    assert {name: outcome(c) for name, c in found.items()} == {first: DUE}
    assert found[first].expires_at == jst("2025-12-02 00:00")
    told_ = [sent(first, ABSENT)]
    found = decide(*facts, now=ABSENT, entries=told_)
    assert (set(found), found[again].at) == ({again}, jst("2025-11-30 09:00"))
    later = outcomes(*facts, now=jst("2025-11-30 09:00"), entries=told_)
    assert later == {again: DUE}


def test_the_usual_holds_where_the_carrier_names_none() -> None:
    facts = [*parcel(), scan(Status.DELIVERY_ATTEMPTED, ABSENT)]
    told_ = [sent("absence:S1:20251125:1", ABSENT)]
    found = decide(*facts, now=ABSENT, entries=told_)["absence:S1:20251125:2"]
    assert found.at == jst("2025-11-30 09:00")  # seven days, the first included
    place = "ファミリーマート 京都三条店"
    facts = [*parcel(), scan(Status.AVAILABLE_FOR_PICKUP, ABSENT, place=place)]
    told_ = [sent("pickup_waiting:S1:1", ABSENT)]
    found = decide(*facts, now=ABSENT, entries=told_)["pickup_waiting:S1:2"]
    assert found.at == jst("2025-11-26 09:00")  # three days


@pytest.mark.parametrize(
    "gone",
    [
        [refunded(ABSENT, ("1", 1), kind=RefundKind.RETURNED)],
        [dispatched(ABSENT, ("1", 1), shipment_id="S2")],
        [cancelled(ABSENT)],
    ],
)
def test_nobody_has_to_fetch_what_is_not_theirs_any_more(gone: list[Fact]) -> None:
    facts = [paid(), dispatched(LABEL, ("1", 1)), scan(Status.DELIVERY_ATTEMPTED, ABSENT)]
    assert "absence:S1:20251125:1" in decide(*facts, now=ABSENT + HOUR)
    assert "absence:S1:20251125:1" not in decide(*facts, *gone, now=ABSENT + HOUR)


def test_a_hold_that_ended_before_it_began_lasts_the_day() -> None:
    wrong = scan(Status.DELIVERY_ATTEMPTED, ABSENT, hold_until=date(2024, 11, 25))
    found = decide(*parcel(), wrong, now=ABSENT)["absence:S1:20251125:1"]
    assert (outcome(found), found.expires_at) == (DUE, jst("2025-11-26 00:00"))


def test_every_attempt_is_told_once() -> None:
    attempts = [
        scan(Status.DELIVERY_ATTEMPTED, ABSENT),
        scan(Status.DELIVERY_ATTEMPTED, ABSENT + 2 * HOUR),  # the same one, filed again
        scan(Status.OUT_FOR_DELIVERY, ABSENT + DAY),
        scan(Status.DELIVERY_ATTEMPTED, ABSENT + DAY + HOUR),
    ]
    played = run(*parcel(), *attempts, until=ABSENT + 2 * DAY)
    assert played.occurrences == ["absence:S1:20251125:1", "absence:S1:20251126:1"]


def test_a_reminder_on_the_last_day_says_nothing_new() -> None:
    facts = [*parcel(), scan(Status.DELIVERY_ATTEMPTED, ABSENT, hold_until=date(2025, 11, 25))]
    told_ = [sent("absence:S1:20251125:1", ABSENT)]
    found = outcomes(*facts, now=ABSENT + HOUR, entries=told_)
    assert found == {"absence:S1:20251125:2": (SKIP, Reason.NOTHING_TO_SAY)}


def test_waiting_for_the_customer_does_not_use_up_the_alerts() -> None:
    facts = [*parcel(), scan(Status.DELIVERY_ATTEMPTED, ABSENT)]
    told_ = [sent("late:S1:1", T), sent("late:S1:2", T + DAY)]
    found = outcomes(*facts, now=ABSENT, entries=told_)
    assert found["absence:S1:20251125:1"] == DUE


def test_after_a_first_attempt_the_promise_is_kept() -> None:
    facts = parcel(
        (Status.DELIVERY_ATTEMPTED, jst("2025-11-24 12:00")),
        (Status.OUT_FOR_DELIVERY, jst("2025-11-25 12:00")),
    )
    found = outcomes(*facts, now=jst("2025-11-27 12:00"))
    assert found == {"transit_delayed:S1:1": SOON}


def test_brought_back_because_of_a_storm_is_not_the_customers_turn() -> None:
    """Nobody was at the door: the clock of silence runs, and the promise is not kept by it."""
    storm = scan(Status.DELIVERY_ATTEMPTED, ABSENT, raw_status="持戻（天候）", acts=Actor.CARRIER)
    found = outcomes(*parcel(), storm, now=ABSENT + HOUR)
    assert set(found) == {"transit_delayed:S1:1", "late:S1:1"}
    absent = scan(Status.DELIVERY_ATTEMPTED, ABSENT + 2 * HOUR, acts=Actor.RECIPIENT)
    found = outcomes(*parcel(), storm, absent, now=ABSENT + 2 * HOUR)
    assert found == {"absence:S1:20251125:1": DUE}


def test_a_parcel_on_its_way_to_the_counter_is_not_waiting_there() -> None:
    """依頼受付（店頭受取）, then ご来店予定: the days of the hold begin with the second."""
    asked = scan(Status.AVAILABLE_FOR_PICKUP, SCAN, acts=Actor.CARRIER)
    assert "pickup_waiting:S1:1" not in decide(*parcel(), asked, now=SCAN + HOUR)
    there = scan(Status.AVAILABLE_FOR_PICKUP, ABSENT, acts=Actor.RECIPIENT)
    found = decide(*parcel(), asked, there, now=ABSENT)
    assert {name: outcome(c) for name, c in found.items()} == {"pickup_waiting:S1:1": DUE}
    assert found["pickup_waiting:S1:1"].expires_at == jst("2025-12-02 00:00")


# --- moving again ---------------------------------------------------------------------

STALLED = jst("2025-11-27 14:00")
MOVING = "moving_again:S1:transit_delayed:1"


def test_moving_again_only_after_an_alert_and_a_scan() -> None:
    facts = [*parcel((Status.IN_TRANSIT, SCAN))]
    told_ = [sent("transit_delayed:S1:1", STALLED)]
    assert outcomes(*facts, now=STALLED, entries=told_)[MOVING] == FACT
    new = [*facts, scan(Status.IN_TRANSIT, STALLED + DAY)]
    assert MOVING not in decide(*new, now=STALLED + DAY)
    found = decide(*new, now=STALLED + DAY, entries=told_)
    assert outcome(found[MOVING]) == DUE
    assert found[MOVING].expires_at == STALLED + 3 * DAY
    # The incident is over: no second step, and nobody is told of a delay again.
    assert outcome(found["transit_delayed:S1:2"]) == SOON
    assert outcome(found["late:S1:1"]) == TOLD
    done = [*told_, sent(MOVING, STALLED + DAY)]
    assert MOVING not in decide(*new, now=STALLED + DAY, entries=done)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.DELIVERED, (SKIP, Reason.DELIVERED)),
        (Status.RETURNING, (SKIP, Reason.RESOLVED)),
        (Status.EXCEPTION, FACT),
        (Status.LABEL_CREATED, FACT),
        (Status.AVAILABLE_FOR_PICKUP, FACT),
        (Status.OUT_FOR_DELIVERY, DUE),
    ],
)
def test_moving_again_is_for_parcels_that_move(
    status: Status, expected: tuple[Verdict, Reason]
) -> None:
    facts = [*parcel((Status.IN_TRANSIT, SCAN)), scan(status, STALLED + DAY)]
    told_ = [sent("transit_delayed:S1:1", STALLED)]
    assert outcomes(*facts, now=STALLED + DAY, entries=told_)[MOVING] == expected


def test_a_parcel_that_moved_and_stands_again_is_not_moving() -> None:
    facts = parcel(
        (Status.IN_TRANSIT, SCAN),
        (Status.IN_TRANSIT, STALLED + HOUR),
        (Status.EXCEPTION, STALLED + 2 * HOUR),
    )
    told_ = [sent("transit_delayed:S1:1", STALLED)]
    assert outcomes(*facts, now=STALLED + 3 * HOUR, entries=told_)[MOVING] == FACT


def test_one_word_takes_back_all_alerts_before_it() -> None:
    facts = [*parcel((Status.IN_TRANSIT, SCAN)), scan(Status.IN_TRANSIT, STALLED + 2 * DAY)]
    told_ = [sent("late:S1:1", STALLED - DAY), sent("transit_delayed:S1:1", STALLED)]
    found = decide(*facts, now=STALLED + 2 * DAY, entries=told_)
    assert [name for name in found if name.startswith("moving_again")] == [MOVING]
    done = [*told_, sent(MOVING, STALLED + 2 * DAY)]
    found = decide(*facts, now=STALLED + 2 * DAY, entries=done)
    assert [name for name in found if name.startswith("moving_again")] == []


# --- our own feed ---------------------------------------------------------------------


@pytest.mark.parametrize("heard", [None, STALLED - timedelta(hours=12, seconds=1)])
def test_a_stale_feed_is_no_delay_of_the_carrier(heard: datetime | None) -> None:
    facts = [*parcel((Status.IN_TRANSIT, SCAN)), promised(T, date(2025, 12, 20))]
    found = decide(*facts, now=STALLED, feed=heard)["transit_delayed:S1:1"]
    assert outcome(found) == STALE
    assert found.at == STALLED + (6 * HOUR if heard else DAY)
    unscanned = [*parcel(), promised(T, date(2025, 12, 20))]
    found = decide(*unscanned, now=jst("2025-11-27 15:00"), feed=None)["pickup_delayed:S1:1"]
    assert outcome(found) == STALE


def test_a_feed_within_its_hours_is_alive() -> None:
    facts = parcel((Status.IN_TRANSIT, SCAN))
    seen = STALLED - 12 * HOUR
    assert outcomes(*facts, now=STALLED, feed=seen)["transit_delayed:S1:1"] == DUE


def test_silence_is_dropped_when_the_feed_does_not_come_back() -> None:
    facts = [*parcel((Status.IN_TRANSIT, SCAN)), promised(T, date(2026, 1, 20))]
    found = outcomes(*facts, now=STALLED + 14 * DAY, feed=None)
    assert found["transit_delayed:S1:1"] == (SKIP, Reason.STALE_FEED)


def test_a_broken_promise_waits_for_the_feed_one_working_day() -> None:
    facts = [*parcel((Status.OUT_FOR_DELIVERY, SCAN)), promised(T, date(2025, 11, 25))]
    morning = jst("2025-11-26 09:00")
    found = decide(*facts, now=morning, feed=SCAN)["late:S1:1"]
    assert (outcome(found), found.at) == (STALE, morning + 6 * HOUR)
    assert outcomes(*facts, now=morning + DAY, feed=SCAN)["late:S1:1"] == DUE


def test_the_wait_for_the_feed_ends_when_it_is_over() -> None:
    """Due on a Saturday morning; the working day after it ends with Monday."""
    facts = [*parcel((Status.OUT_FOR_DELIVERY, SCAN)), promised(T, date(2025, 11, 28))]
    found = decide(*facts, now=jst("2025-12-01 21:00"), feed=SCAN)["late:S1:1"]
    assert (outcome(found), found.at) == (STALE, jst("2025-12-02 00:00"))


def test_the_second_word_about_an_exception_needs_the_feed() -> None:
    facts = parcel((Status.EXCEPTION, SCAN))
    told_ = [sent("exception:S1:1", SCAN)]
    due_at = jst("2025-11-25 14:00")
    assert outcomes(*facts, now=SCAN, feed=None)["exception:S1:1"] == DUE
    found = outcomes(*facts, now=due_at, feed=SCAN, entries=told_)
    assert found["exception:S1:2"] == STALE
    assert outcomes(*facts, now=due_at, entries=told_)["exception:S1:2"] == DUE


def test_a_feed_that_is_down_holds_no_dispatch_alert() -> None:
    assert outcomes(paid(), PROMISE, now=BEFORE, feed=None) == {STEP_1: DUE}


def test_a_parcel_of_which_nobody_ever_heard_is_never_late() -> None:
    """A shop without any carrier feed must not tell every customer that the parcel is late."""
    played = run(*parcel(), promised(T, date(2025, 11, 25)), until=T + 90 * DAY)
    assert played.sent == ()
    assert played.skipped == {"pickup_delayed:S1:1": Reason.STALE_FEED, STEP_1: Reason.ON_TIME}
    untracked = [paid(), dispatched(LABEL, tracking_number=None), promised(T, date(2025, 11, 25))]
    played = run(*untracked, until=T + 90 * DAY, feed=alive())
    assert played.sent == ()


# --- the policy of alerting -----------------------------------------------------------


def test_at_most_two_alerts_per_order() -> None:
    facts = [
        paid(lines=[line("1"), line("2")]),
        dispatched(LABEL, ("1", 1)),
        scan(Status.EXCEPTION, SCAN),
        dispatched(LABEL, ("2", 1), shipment_id="S2"),
        scan(Status.EXCEPTION, SCAN, shipment_id="S2"),
    ]
    both = [sent("exception:S1:1", SCAN), sent("exception:S2:1", SCAN)]
    found = outcomes(*facts, now=SCAN + 20 * DAY, entries=both)
    limit = (SKIP, Reason.ALERT_LIMIT)
    assert found["exception:S1:2"] == found["exception:S2:2"] == limit
    one = both[:1]
    assert outcomes(*facts, now=SCAN, entries=one)["exception:S2:1"] == DUE
    generous = replace(JAPAN, delay=DelayPolicy(max_alerts_per_order=3))
    found = outcomes(*facts, now=SCAN + 10 * DAY, entries=both, policy=generous)
    assert found["exception:S1:2"] == DUE


def test_a_claim_is_not_counted_against_itself() -> None:
    facts = parcel((Status.EXCEPTION, SCAN))
    claimed = entry(NAME, "exception:S1:1", EntryStatus.SENDING, SCAN)
    first = sent("dispatch_delayed:order:1", T)
    assert outcomes(*facts, now=SCAN, entries=[first, claimed])["exception:S1:1"] == DUE
    other = entry(NAME, "late:S2:1", EntryStatus.UNKNOWN, SCAN)
    found = outcomes(*facts, now=SCAN, entries=[first, other])
    assert found["exception:S1:1"] == (SKIP, Reason.ALERT_LIMIT)


def test_an_alert_that_was_given_up_is_not_followed_up() -> None:
    facts = parcel((Status.EXCEPTION, SCAN))
    failed = entry(NAME, "exception:S1:1", EntryStatus.FAILED, SCAN)
    found = decide(*facts, now=SCAN + 10 * DAY, entries=[failed])
    assert not [name for name in found if name.startswith("exception")]
    # Nobody heard of it, so that the broken promise is news.
    assert outcome(found["late:S1:1"]) == DUE


def test_what_the_carrier_tells_is_not_told_twice() -> None:
    policy = replace(JAPAN, carrier_notifies=frozenset({"absence", "transit_delayed"}))
    facts = [*parcel(), scan(Status.DELIVERY_ATTEMPTED, ABSENT)]
    notified = (SKIP, Reason.CARRIER_NOTIFIES)
    assert outcomes(*facts, now=ABSENT, policy=policy) == {"absence:S1:20251125:1": notified}
    facts = parcel((Status.IN_TRANSIT, SCAN))
    found = outcomes(*facts, now=STALLED, policy=policy)
    assert found["transit_delayed:S1:1"] == notified
    assert found["late:S1:1"] == DUE


@pytest.mark.parametrize(
    ("facts", "due_at", "expected"),
    [
        ([cancelled(SCAN + DAY)], STALLED, Reason.ORDER_CANCELLED),
        ([delivered(SCAN + DAY)], STALLED, Reason.DELIVERED),
        ([scan(Status.HELD, SCAN + DAY)], STALLED, Reason.ON_TIME),
        ([scan(Status.HELD, SCAN + DAY)], SCAN, Reason.RESOLVED),
        ([scan(Status.RETURNING, SCAN + DAY)], SCAN, Reason.RESOLVED),
        ([scan(Status.CANCELLED, SCAN + DAY)], STALLED, Reason.RESOLVED),
    ],
)
def test_what_was_waited_for_is_dropped_with_its_reason(
    facts: list[Fact], due_at: datetime, expected: Reason
) -> None:
    waiting = entry(NAME, "transit_delayed:S1:1", EntryStatus.WAITING, SCAN, due_at=due_at)
    moving = parcel((Status.IN_TRANSIT, SCAN))
    found = outcomes(*moving, *facts, now=SCAN + 2 * DAY, entries=[waiting])
    assert found["transit_delayed:S1:1"] == (SKIP, expected)


def test_what_is_in_flight_is_not_forgotten() -> None:
    """Its outcome is still unknown: it stays a candidate, and the gate resolves it."""
    claimed = entry(NAME, "transit_delayed:S1:1", EntryStatus.UNKNOWN, STALLED)
    facts = [*parcel((Status.IN_TRANSIT, SCAN)), delivered(STALLED + HOUR)]
    found = outcomes(*facts, now=STALLED + HOUR, entries=[claimed])
    assert found == {"transit_delayed:S1:1": (SKIP, Reason.DELIVERED)}


def test_an_unknown_order_has_no_candidates() -> None:
    assert decide(scan(Status.EXCEPTION, SCAN), now=SCAN) == {}


# --- journeys -------------------------------------------------------------------------


def alive(days: int = 200) -> list[datetime]:
    """A brand of which some parcel is scanned every six hours."""
    return [T + timedelta(hours=6 * i) for i in range(days * 4)]


def run(*facts: Fact, until: datetime = T + 90 * DAY, feed: Any = (), **given: Any) -> Played:
    return play(lifecycle, as_it_happens(*facts), until=until, feed=feed, **given)


def test_an_order_on_time_is_silent_and_ends() -> None:
    played = run(*parcel((Status.ACCEPTED, SCAN)), delivered(SCAN + DAY), feed=alive())
    assert played.sent == ()
    assert played.waiting == {}
    assert set(played.skipped.values()) == {Reason.ON_TIME, Reason.DELIVERED}


def test_never_dispatched_gives_two_alerts() -> None:
    played = run(paid(), PROMISE)
    assert played.sent == ((BEFORE, STEP_1), (BREACH, STEP_2))


def test_a_parcel_that_stalls_moves_and_arrives() -> None:
    facts = [
        *parcel((Status.ACCEPTED, SCAN)),
        promised(T, date(2025, 12, 10)),
        scan(Status.IN_TRANSIT, jst("2025-12-02 10:00")),
        delivered(jst("2025-12-03 12:00")),
    ]
    played = run(*facts, feed=alive())
    assert played.occurrences == [
        "transit_delayed:S1:1",
        "transit_delayed:S1:2",
        MOVING,
    ]
    assert played.sent[0][0] == STALLED
    assert played.sent[1][0] == jst("2025-11-28 14:00")


def test_a_lone_parcel_of_a_small_shop_is_told_by_its_promise() -> None:
    """Nothing else is on the road, so nobody can tell the feed from the parcel."""
    played = run(*parcel((Status.ACCEPTED, SCAN)), promised(T, date(2025, 11, 25)))
    assert played.occurrences == ["late:S1:1", "late:S1:2"]
    assert played.sent[0][0] == jst("2025-11-27 09:00")


def test_paid_late_is_not_dispatched_late() -> None:
    facts = [
        placed(T, payment_method=PaymentMethod.KONBINI, stock=StockStatus.RESERVED),
        promised(T + HOUR, date(2025, 11, 24)),
        payment(jst("2025-11-26 11:00"), PaymentStatus.PAID),
        dispatched(jst("2025-11-27 15:00")),
        scan(Status.ACCEPTED, jst("2025-11-27 18:00")),
        delivered(jst("2025-11-28 12:00")),
    ]
    assert run(*facts, feed=alive()).sent == ()


def test_stock_that_comes_starts_the_dispatch_clock() -> None:
    facts = [paid(stock=StockStatus.BACKORDERED), stock(T + 10 * DAY)]
    played = run(*facts)
    assert played.occurrences == [STEP_1, STEP_2]
    assert played.sent[0][0] > T + 12 * DAY


def test_a_burst_gives_the_same_messages_in_all_120_orders() -> None:
    facts = [
        paid(),
        dispatched(LABEL),
        scan(Status.ACCEPTED, SCAN),
        scan(Status.EXCEPTION, SCAN + DAY),
        promised(T, date(2025, 12, 20)),
    ]
    begin = SCAN + DAY + 12 * HOUR  # not so late that it would be about the past
    played = {
        tuple(
            play(
                lifecycle,
                [(begin + timedelta(seconds=i), one) for i, one in enumerate(order)],
                until=T + 60 * DAY,
                feed=alive(),
            ).occurrences
        )
        for order in itertools.permutations(facts)
    }
    assert played == {("exception:S1:1", "exception:S1:2")}


# --- properties -----------------------------------------------------------------------

HOURS = st.integers(min_value=0, max_value=20 * 24)
PARCELS = st.sampled_from(["S1", "S2"])


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """A paid order and up to nine things that happen to it and its parcels."""

    def when() -> datetime:
        return T + timedelta(hours=draw(HOURS))

    wish = draw(st.sampled_from([None, None, date(2025, 11, 27), date(2025, 12, 5)]))
    facts = [paid(lines=[line("1", 2), line("2", 1)], wished_date=wish)]
    for _ in range(draw(st.integers(0, 9))):
        kind = draw(st.integers(0, 7))
        if kind <= 3:
            facts.append(scan(draw(st.sampled_from(Status)), when(), shipment_id=draw(PARCELS)))
        elif kind == 4:
            inside = draw(st.sampled_from([[], [("1", 2)], [("1", 1), ("2", 1)]]))
            facts.append(dispatched(when(), *inside, shipment_id=draw(PARCELS)))
        elif kind == 5:
            day = date(2025, 11, 22) + timedelta(days=draw(st.integers(0, 20)))
            by = draw(st.sampled_from([PromiseSource.SHOP, CARRIER, CUSTOMER]))
            facts.append(promised(when(), day, promised_by=by))
        elif kind == 6:
            facts.append(cancelled(when()))
        else:
            facts.append(refunded(when(), ("1", 1), kind=draw(st.sampled_from(RefundKind))))
    return facts


@given(facts=histories(), data=st.data(), hours=HOURS)
def test_neither_order_nor_repetition_matters(
    facts: list[Fact], data: st.DataObject, hours: int
) -> None:
    shuffled = data.draw(st.permutations([*facts, *facts]))
    now = T + timedelta(hours=hours)
    assert decide(*facts, now=now) == decide(*shuffled, now=now)


@given(facts=histories(), hours=HOURS, heard=st.sampled_from([None, 1, 20]))
def test_a_wait_is_for_later_and_changes_something(
    facts: list[Fact], hours: int, heard: int | None
) -> None:
    now = T + timedelta(hours=hours)
    seen = now - timedelta(hours=heard) if heard else None
    for occurrence, candidate in decide(*facts, now=now, feed=seen).items():
        if candidate.verdict is WAIT and candidate.at is not None:
            assert candidate.at > now
            later = decide(*facts, now=candidate.at, feed=seen).get(occurrence)
            assert later is None or later.verdict is not WAIT or later.at != candidate.at
            assert later is None or later.at is None or later.at > candidate.at


@settings(deadline=None)  # a whole life, on a machine that may be busy
@given(facts=histories(), living=st.booleans())
def test_a_life_ends_and_is_bearable(facts: list[Fact], living: bool) -> None:
    played = run(*facts, until=T + 365 * DAY, feed=alive(60) if living else ())
    assert played.wakes < 250
    assert all(c.verdict is not SEND and c.at is None for c in played.last)
    tokens = [(at, Token.parse(occurrence)) for at, occurrence in played.sent]
    alerts = [(at, token) for at, token in tokens if token.message in ALERTS]
    assert len(alerts) <= JAPAN.delay.max_alerts_per_order
    for at, token in tokens:
        known = [one for one in facts if one.metadata.occurred_at <= at]
        order = order_of(*known)
        assert not order.cancelled
        parcel_ = next((s for s in order.shipments if s.shipment_id == token.subject), None)
        if token.message == "moving_again":
            earlier = [a for a, one in alerts if one.subject == token.subject and a < at]
            assert earlier
            assert parcel_ is not None
            assert parcel_.last_scan is not None
            assert parcel_.last_scan.at > max(earlier)
        if token.message in ALERTS and parcel_ is not None:
            assert parcel_.status not in {
                Status.DELIVERED,
                Status.RETURNING,
                Status.RETURNED,
                Status.CANCELLED,
                Status.HELD,
                Status.DELIVERY_ATTEMPTED,
                Status.AVAILABLE_FOR_PICKUP,
            }
        if token.message in {"late", "transit_delayed"}:
            wish = order.promise_for()
            if wish is not None and wish.promised_by is CUSTOMER:
                assert at >= jst(f"{wish.latest + timedelta(days=1)}")
        if token.message == "late":
            dates = told(order, JAPAN, parcel_.shipment_id if parcel_ else None)
            assert dates is not None
            assert at >= jst(f"{dates.latest + timedelta(days=1)}")
    twice = [
        (a, b)
        for (a, one), (b, other) in itertools.pairwise(sorted(alerts, key=lambda pair: pair[0]))
        if one.subject == other.subject and "exception" not in {one.message, other.message}
    ]
    assert all(b - a >= DAY for a, b in twice)


@given(facts=histories(), lags=st.lists(st.integers(0, 72), min_size=10, max_size=10))
@settings(deadline=None)
def test_late_arrivals_do_not_multiply_alerts(facts: list[Fact], lags: list[int]) -> None:
    arrivals = [
        (one.metadata.occurred_at + timedelta(hours=lag), one)
        for one, lag in zip(facts, lags, strict=False)
    ]
    played = play(lifecycle, arrivals, until=T + 365 * DAY, feed=alive(60))
    alerts = [one for one in played.occurrences if Token.parse(one).message in ALERTS]
    assert len(alerts) <= JAPAN.delay.max_alerts_per_order
    assert all(c.verdict is not SEND and c.at is None for c in played.last)


@given(facts=histories())
def test_every_subject_has_at_most_one_clock_of_a_kind(facts: list[Fact]) -> None:
    order = order_of(*facts)
    keys = [(one.kind, one.subject) for one in find(order, JAPAN)]
    assert len(keys) == len(set(keys))


# --- tokens and words -----------------------------------------------------------------


@pytest.mark.parametrize(
    "occurrence",
    [
        "dispatch_delayed:order:1",
        "transit_delayed:gid://shopify/Fulfillment/255858046:2",
        "absence:gid://shopify/Fulfillment/255858046:20251125:2",
        "moving_again:S:1:transit_delayed:1",
        "pickup_waiting:S:1:1",
    ],
)
def test_a_token_can_be_taken_apart_and_put_together(occurrence: str) -> None:
    assert str(Token.parse(occurrence)) == occurrence


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        ("調査中（転居先不明）", "address"),
        ("持戻（住所不明）", "address"),
        ("調査中(受取ご辞退)", "refused"),
        ("調査中", "investigating"),
        ("荷物破損のため確認中", "damaged"),
        ("Held in customs clearance", "customs"),
        ("Delay due to severe weather", "weather"),
        ("Package lost", "lost"),
        ("Something new", None),
    ],
)
def test_the_cause_of_an_exception(raw: str, cause: str | None) -> None:
    assert wording.exception_cause(raw) == cause


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["ローソン 四条烏丸店"], "konbini"),
        (["ヤマト運輸 京都三条営業所"], "counter"),
        (["宅配ロッカー PUDO ファミリーマート前"], "locker"),
        (["保管中（ご指定店）"], "shop"),
        (["The UPS Store #0412"], "counter"),
        (["somewhere"], None),
    ],
)
def test_the_kind_of_place(words: list[str], kind: str | None) -> None:
    assert wording.pickup_kind(words) == kind


# --- content --------------------------------------------------------------------------


def contexts() -> dict[str, tuple[list[Fact], datetime, str]]:
    moving = parcel((Status.IN_TRANSIT, SCAN))
    broken = [
        *parcel((Status.IN_TRANSIT, SCAN)),
        promised(T, date(2025, 11, 21)),
        promised(T + DAY, date(2025, 11, 28), promised_by=CARRIER),
    ]
    exception = scan(Status.EXCEPTION, SCAN, raw_status="持戻（住所不明）", location="京都ベース")
    absent = scan(Status.DELIVERY_ATTEMPTED, ABSENT, hold_until=date(2025, 12, 1))
    at_store = scan(
        Status.AVAILABLE_FOR_PICKUP, ABSENT, place="ローソン", hold_until=date(2025, 11, 28)
    )
    return {
        "dispatch_delayed": ([paid(), PROMISE], BEFORE, STEP_1),
        "pickup_delayed": (parcel(), jst("2025-11-27 15:00"), "pickup_delayed:S1:1"),
        "transit_delayed": (moving, STALLED, "transit_delayed:S1:1"),
        "exception": ([*parcel(), exception], SCAN, "exception:S1:1"),
        "late": (broken, jst("2025-11-22 09:00"), "late:S1:1"),
        "absence": ([*parcel(), absent], ABSENT, "absence:S1:20251125:1"),
        "pickup_waiting": ([*parcel(), at_store], ABSENT, "pickup_waiting:S1:1"),
        "moving_again": ([*moving, scan(Status.IN_TRANSIT, STALLED + DAY)], STALLED + DAY, MOVING),
    }


def content(message: str) -> dict[str, Any]:
    facts, now, occurrence = contexts()[message]
    entries = [sent("transit_delayed:S1:1", STALLED)] if message == "moving_again" else []
    return say(*facts, now=now, occurrence=occurrence, entries=entries)


def say(*facts: Fact, now: datetime, occurrence: str, entries: Any = ()) -> dict[str, Any]:
    state = situation(*facts, now=now, entries=entries, feed_seen_at=now, policy=JAPAN)
    candidate = by_occurrence(lifecycle.decide(state))[occurrence]
    assert candidate.verdict is SEND
    return lifecycle.content(candidate, state)


@pytest.mark.parametrize("message", lifecycle.SPEC.messages)
def test_every_message_has_the_shape_of_its_sample(message: str) -> None:
    found, model = content(message), sample(NAME, message)
    assert misfits(found, model) == []
    assert misfits(model, {key: found[key] for key in found if key != "zone"}) == []


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("message", lifecycle.SPEC.messages)
def test_every_message_can_be_rendered(message: str, locale: str) -> None:
    found, brand = content(message), load_brand("aoba")
    assert "#1001" in render_email(NAME, message, locale, found, brand).subject
    assert "#1001" in render_sms(NAME, message, locale, found, brand).text


def test_late_dispatch_names_no_date_that_nobody_named() -> None:
    found = content("dispatch_delayed")
    assert found["promise"] == {"earliest": "2025-11-26", "latest": "2025-11-28"}
    assert found["estimate"] is None
    assert found["breached"] is False
    broken = say(paid(), PROMISE, now=BREACH, occurrence=STEP_1)
    assert broken["breached"] is True


def test_a_parcel_as_the_customer_sees_it() -> None:
    facts = [
        paid(lines=[line("1", 2), line("2")]),
        dispatched(LABEL, ("1", 2), carrier="yamato", tracking_number="1234"),
        dispatched(LABEL + HOUR, ("2", 1), shipment_id="S2"),
        scan(Status.LABEL_CREATED, LABEL),
        scan(Status.IN_TRANSIT, SCAN, location="京都ベース"),
    ]
    found = say(*facts, now=STALLED, occurrence="transit_delayed:S1:1")
    assert found["zone"] == "Asia/Tokyo"
    assert found["shipment"] == {
        "number_of": 1,
        "total": 2,
        "carrier": "yamato",
        "tracking_number": "1234",
        "tracking_url": None,
        "status": "IN_TRANSIT",
        "label_created_at": "2025-11-20T06:00:00Z",
        "last_scan_at": "2025-11-21T05:00:00Z",
        "last_location": "京都ベース",
        "lines": [{"title": "Title of SENCHA-100", "variant": None, "quantity": 2}],
    }


def test_a_label_is_no_scan() -> None:
    found = content("pickup_delayed")["shipment"]
    assert (found["last_scan_at"], found["last_location"]) == (None, None)


def test_late_shows_the_carriers_new_date() -> None:
    found = content("late")
    assert found["promise"] == {"earliest": "2025-11-21", "latest": "2025-11-21"}
    assert found["estimate"] == {"earliest": "2025-11-28", "latest": "2025-11-28"}


@pytest.mark.parametrize(
    "named",
    [
        promised(T + DAY, date(2025, 11, 21), promised_by=CARRIER),  # no later than the promise
        promised(T + DAY, date(2025, 11, 22), promised_by=CARRIER),  # gone by as well
        promised(T + DAY, date(2025, 11, 30), promised_by=CARRIER, shipment_id="S2"),
    ],
)
def test_no_new_date_is_shown_that_is_none(named: Fact) -> None:
    facts = [*parcel((Status.IN_TRANSIT, SCAN)), promised(T, date(2025, 11, 21)), named]
    found = say(*facts, now=jst("2025-11-25 09:00"), occurrence="late:S1:1")
    assert found["estimate"] is None


def test_a_carrier_that_repeats_the_promise_names_no_new_date() -> None:
    day = date(2025, 12, 10)
    facts = [*parcel((Status.IN_TRANSIT, SCAN)), promised(T, day)]
    facts.append(promised(T + DAY, day, promised_by=CARRIER))
    found = say(*facts, now=STALLED, occurrence="transit_delayed:S1:1")
    assert (found["promise"]["latest"], found["estimate"]) == ("2025-12-10", None)


def test_late_for_want_of_stock_has_no_parcel() -> None:
    facts = [paid(stock=StockStatus.BACKORDERED), PROMISE]
    found = say(*facts, now=BREACH + 9 * HOUR, occurrence="late:order:1")
    assert found["shipment"] is None
    assert found["lines"] == [{"title": "Title of SENCHA-100", "variant": None, "quantity": 1}]
    assert misfits(found, sample(NAME, "late")) == []


def test_an_exception_is_told_in_the_carriers_words() -> None:
    found = content("exception")
    assert found["exception"] == {
        "cause": "address",
        "description": "持戻（住所不明）",
        "occurred_at": "2025-11-21T05:00:00Z",
    }


def test_a_hold_is_shown_only_where_the_carrier_said_so() -> None:
    assert content("absence")["attempt"]["hold_until"] == "2025-12-01"
    facts = [*parcel(), scan(Status.DELIVERY_ATTEMPTED, ABSENT)]
    found = say(*facts, now=ABSENT, occurrence="absence:S1:20251125:1")
    assert found["attempt"] == {"attempted_at": "2025-11-25T08:00:00Z", "hold_until": None}


def test_a_counter_is_named() -> None:
    assert content("pickup_waiting")["pickup"] == {
        "kind": "konbini",
        "place": "ローソン",
        "address": None,
        "hold_until": "2025-11-28",
        "code": None,
    }


def test_moving_again_expects_the_usual_days() -> None:
    # Scanned on Friday the 28th, one to three days on the road.
    assert content("moving_again")["estimate"] == {"earliest": "2025-11-29", "latest": "2025-12-01"}
    facts = [
        *parcel((Status.IN_TRANSIT, SCAN)),
        promised(T, date(2025, 12, 10)),
        scan(Status.IN_TRANSIT, STALLED + DAY),
    ]
    told_ = [sent("transit_delayed:S1:1", STALLED)]
    found = say(*facts, now=STALLED + DAY, occurrence=MOVING, entries=told_)
    assert found["estimate"]["latest"] == "2025-12-10"
    out = [*parcel((Status.IN_TRANSIT, SCAN)), scan(Status.OUT_FOR_DELIVERY, STALLED + DAY)]
    found = say(*out, now=STALLED + DAY, occurrence=MOVING, entries=told_)
    assert found["estimate"] is None
