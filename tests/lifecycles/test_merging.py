"""One message for several parcels: what is merged, for how long it waits, what is never lost."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.brands import load_brand
from shared.domain.decisions import Candidate, Verdict
from shared.domain.events import Fact, PaymentStatus, StockStatus
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.policy import DelayPolicy, Policy
from shared.domain.reasons import Reason
from shared.domain.shipments import Status
from shared.lifecycles import load
from shared.lifecycles.delay_alert.occurrences import Token
from shared.messages.rendering import render_email, render_sms
from tests.builders import by_occurrence, dispatched, entry, line, placed, scan, situation
from tests.player import JAPAN, Played, as_it_happens, jst, play

NAME = "delay_alert"
lifecycle = load(NAME)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PARCELS = ("S1", "S2", "S3")
PLACED = jst("2025-11-20 10:00")  # Thursday
OUT = jst("2025-11-21 08:00")
NOON = jst("2025-11-21 12:00")
ABSENT, AT_COUNTER, BAD = (
    Status.DELIVERY_ATTEMPTED,
    Status.AVAILABLE_FOR_PICKUP,
    Status.EXCEPTION,
)
KINDS = {ABSENT: "absence", AT_COUNTER: "pickup_waiting", BAD: "exception"}
URGENT, ALERT = JAPAN.delay.merge_minutes * MINUTE, JAPAN.delay.merge_alert_minutes * MINUTE


def order(*scans: Fact, parcels: Iterable[str] = PARCELS) -> list[Fact]:
    """An order of which each line is in a parcel of its own, all of them out for delivery."""
    named = list(parcels)
    lines = [line(str(number)) for number, _ in enumerate(named)]
    goods: dict[str, Any] = {
        "payment_status": PaymentStatus.PAID,
        "stock": StockStatus.RESERVED,
        "lines": lines,
    }
    return [
        placed(PLACED, **goods),
        *(
            dispatched(PLACED + 5 * HOUR, (str(number), 1), shipment_id=one)
            for number, one in enumerate(named)
        ),
        *(scan(Status.OUT_FOR_DELIVERY, OUT, shipment_id=one) for one in named),
        *scans,
    ]


def said(status: Status, shipment_id: str, after: timedelta = timedelta(0)) -> Fact:
    return scan(status, NOON + after, shipment_id=shipment_id)


def as_scanned(*scans: Fact, hours: float = 6, **given_: Any) -> Played:
    facts = order(*scans, **given_)
    return play(lifecycle, as_it_happens(*facts), until=NOON + timedelta(hours=hours))


def about(played: Played) -> list[tuple[datetime, str, set[str]]]:
    """When, which kind, about which parcels."""
    entries = {one.key.occurrence: one for one in played.entries}
    found = []
    for at, occurrence in played.sent:
        parts = [Token.parse(one) for one in (occurrence, *entries[occurrence].covers)]
        found.append((at, parts[0].message, {part.subject for part in parts}))
    return found


def decide(*scans: Fact, now: datetime, entries: Any = (), **given_: Any) -> dict[str, Candidate]:
    state = situation(
        *order(*scans), now=now, entries=entries, policy=JAPAN, feed_seen_at=now, **given_
    )
    return by_occurrence(lifecycle.decide(state))


def flying(occurrence: str, *covers: str) -> LedgerEntry:
    return entry(NAME, occurrence, EntryStatus.SENDING, NOON, covers=covers, created_at=NOON)


# --- when it waits ----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [ABSENT, AT_COUNTER, BAD])
def test_three_parcels_on_one_afternoon_make_one_message(status: Status) -> None:
    """The third within the window: then nobody can join any more, and nothing waits."""
    scans = [said(status, one, n * 5 * MINUTE) for n, one in enumerate(PARCELS)]
    assert about(as_scanned(*scans)) == [(NOON + 10 * MINUTE, KINDS[status], set(PARCELS))]


@pytest.mark.parametrize(
    ("status", "window"), [(ABSENT, URGENT), (AT_COUNTER, URGENT), (BAD, ALERT)]
)
def test_one_of_three_waits_for_the_window_and_no_longer(status: Status, window: timedelta) -> None:
    played = as_scanned(said(status, "S2"))
    assert about(played) == [(NOON + window, KINDS[status], {"S2"})]


@pytest.mark.parametrize("status", [ABSENT, AT_COUNTER, BAD])
def test_a_single_parcel_does_not_wait(status: Status) -> None:
    played = as_scanned(said(status, "S1"), parcels=["S1"])
    assert about(played) == [(NOON, KINDS[status], {"S1"})]


def test_the_last_parcel_under_way_does_not_wait() -> None:
    delivered = [said(Status.DELIVERED, one, -HOUR) for one in ("S1", "S3")]
    assert about(as_scanned(*delivered, said(ABSENT, "S2"))) == [(NOON, "absence", {"S2"})]


def test_it_says_so_while_it_waits() -> None:
    found = decide(said(ABSENT, "S2"), said(ABSENT, "S1", MINUTE), now=NOON + 2 * MINUTE)
    waiting = {o: c for o, c in found.items() if c.message == "absence"}
    assert list(waiting) == ["absence:S1:20251121:1", "absence:S2:20251121:1"]
    for one in waiting.values():
        assert (one.verdict, one.reason) == (Verdict.WAIT, Reason.MERGING)
        assert one.at == NOON + 2 * MINUTE + URGENT  # since Yoin knew
    # It was due all the same: an expiry counts from then.
    assert waiting["absence:S2:20251121:1"].due_at == NOON


def test_delivered_within_the_window_is_no_message() -> None:
    played = as_scanned(said(BAD, "S1"), said(Status.DELIVERED, "S1", 20 * MINUTE))
    assert played.sent == ()
    assert played.skipped["exception:S1:1"] is Reason.DELIVERED


def test_whoever_is_delivered_within_the_window_is_left_out() -> None:
    played = as_scanned(
        said(BAD, "S1"), said(BAD, "S2", 10 * MINUTE), said(Status.DELIVERED, "S1", 20 * MINUTE)
    )
    assert about(played) == [(NOON + 10 * MINUTE + ALERT, "exception", {"S2"})]


def test_a_window_that_would_outlast_the_news_is_cut_short() -> None:
    """Kept until today, and it is ten to midnight."""
    late = jst("2025-11-21 23:50")
    last = scan(ABSENT, late, shipment_id="S1", hold_until=date(2025, 11, 21))
    played = play(lifecycle, as_it_happens(*order(last)), until=late + HOUR)
    assert about(played) == [(late, "absence", {"S1"})]


def test_no_window_is_a_policy_too() -> None:
    policy: Policy = replace(JAPAN, delay=DelayPolicy(merge_minutes=0, merge_alert_minutes=0))
    scans = [said(ABSENT, "S1"), said(ABSENT, "S2", 5 * MINUTE)]
    played = play(lifecycle, as_it_happens(*order(*scans)), until=NOON + HOUR, policy=policy)
    assert [subjects for _, _, subjects in about(played)] == [{"S1"}, {"S2"}]


def test_a_feed_that_lags_brings_them_all_at_once() -> None:
    """Scanned over two hours, and known within a minute: the window counts from then."""
    scans = [said(ABSENT, one, n * HOUR) for n, one in enumerate(PARCELS)]
    polled = NOON + 3 * HOUR
    arrivals = [
        *as_it_happens(*order()),
        *((polled + n * 20 * timedelta(seconds=1), one) for n, one in enumerate(scans)),
    ]
    played = play(lifecycle, arrivals, until=polled + HOUR)
    assert [subjects for _, _, subjects in about(played)] == [set(PARCELS)]


# --- whose message it is ------------------------------------------------------------------------


@pytest.mark.parametrize("arrival", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_the_oldest_news_names_it_in_whatever_order_they_come(arrival: tuple[int, ...]) -> None:
    scans = [said(BAD, one, n * MINUTE) for n, one in enumerate(("S2", "S3", "S1"))]
    known = NOON + 10 * MINUTE
    arrivals = [
        *as_it_happens(*order()),
        *((known + n * MINUTE, scans[i]) for n, i in enumerate(arrival)),
    ]
    played = play(lifecycle, arrivals, until=NOON + 4 * HOUR)
    assert played.occurrences == ["exception:S2:1"]
    (entry_,) = [e for e in played.entries if e.status is EntryStatus.SENT]
    assert entry_.covers == ("exception:S3:1", "exception:S1:1")
    assert {played.skipped[one] for one in entry_.covers} == {Reason.ALREADY_SENT}


def test_a_message_in_flight_keeps_its_name_and_its_parcels() -> None:
    """An older scan, and a new parcel, arrive while it is being handed over."""
    found = decide(
        *(said(BAD, one, n * MINUTE) for n, one in enumerate(PARCELS)),
        now=NOON + 5 * MINUTE,
        entries=[flying("exception:S2:1", "exception:S3:1")],
    )
    assert found["exception:S2:1"].verdict is Verdict.SEND
    assert found["exception:S2:1"].covers == ("exception:S3:1",)
    assert found["exception:S3:1"].reason is Reason.MERGING
    # S1 is other news: nobody else can join it.
    assert (found["exception:S1:1"].verdict, found["exception:S1:1"].covers) == (Verdict.SEND, ())


def test_if_the_leader_is_gone_while_in_flight_the_others_wait_for_the_outcome() -> None:
    found = decide(
        said(BAD, "S2"),
        said(BAD, "S3"),
        said(Status.DELIVERED, "S2", 3 * MINUTE),
        now=NOON + 5 * MINUTE,
        entries=[flying("exception:S2:1", "exception:S3:1")],
    )
    assert found["exception:S2:1"].verdict is Verdict.SKIP
    assert found["exception:S3:1"].verdict is Verdict.WAIT


def test_whoever_was_told_is_not_told_again() -> None:
    out = entry(NAME, "exception:S1:1", when=NOON, covers=("exception:S2:1",))
    found = decide(said(BAD, "S1"), said(BAD, "S2"), now=NOON + HOUR, entries=[out])
    assert {o for o in found if o.startswith("exception:")} == {"exception:S1:2", "exception:S2:2"}


# --- afterwards -----------------------------------------------------------------------------------


def test_a_parcel_that_comes_later_is_other_news_and_counts_as_an_alert() -> None:
    later = [said(BAD, "S1"), said(BAD, "S2", 90 * MINUTE), said(BAD, "S3", 200 * MINUTE)]
    played = as_scanned(*later)
    assert [(kind, subjects) for _, kind, subjects in about(played)] == [
        ("exception", {"S1"}),
        ("exception", {"S2"}),
    ]
    assert played.skipped["exception:S3:1"] is Reason.ALERT_LIMIT


def test_the_follow_up_is_one_message_too() -> None:
    scans = [said(BAD, one, n * MINUTE) for n, one in enumerate(PARCELS)]
    played = play(
        lifecycle,
        as_it_happens(*order(*scans)),
        until=NOON + timedelta(days=10),
        feed=[NOON + n * HOUR for n in range(240)],
    )
    assert [(kind, subjects) for _, kind, subjects in about(played)] == [
        ("exception", set(PARCELS)),
        ("exception", set(PARCELS)),
    ]


def test_moving_again_is_said_once_when_all_of_them_move() -> None:
    bad = [said(BAD, one) for one in ("S1", "S2")]
    moving = [said(Status.IN_TRANSIT, "S1", 2 * HOUR), said(Status.IN_TRANSIT, "S2", 5 * HOUR)]
    played = as_scanned(*bad, *moving)
    assert [(kind, subjects) for _, kind, subjects in about(played)] == [
        ("exception", {"S1", "S2"}),
        ("moving_again", {"S1", "S2"}),
    ]
    assert played.sent[-1][0] == NOON + 5 * HOUR


def test_a_parcel_that_arrived_holds_no_good_news_back() -> None:
    bad = [said(BAD, one) for one in ("S1", "S2")]
    rest = [said(Status.IN_TRANSIT, "S1", 2 * HOUR), said(Status.DELIVERED, "S2", 3 * HOUR)]
    assert about(as_scanned(*bad, *rest))[-1] == (NOON + 3 * HOUR, "moving_again", {"S1"})


# --- what it says ---------------------------------------------------------------------------------


def words(occurrence: str, *scans: Fact, covers: tuple[str, ...] = (), entries: Any = ()) -> str:
    """All that the message says, in both languages, as text and SMS."""
    now = NOON + 2 * HOUR
    found = decide(*scans, now=now, entries=entries)[occurrence]
    assert found.covers == covers
    state = situation(*order(*scans), now=now, entries=entries, policy=JAPAN)
    content = lifecycle.content(found, state)
    texts = []
    for locale, brand in (("ja", "aoba"), ("en", "northlight")):
        given_ = (NAME, found.message, locale, content, load_brand(brand))
        mail = render_email(*given_, message_id="m-1")
        texts += [mail.subject, mail.text, mail.html, render_sms(*given_, message_id="m-1").text]
    return "\n".join(texts)


@pytest.mark.parametrize("status", [ABSENT, AT_COUNTER, BAD])
def test_the_message_lists_its_parcels(status: Status) -> None:
    scans = [said(status, one, -2 * HOUR) for one in ("S1", "S3")]
    name = {ABSENT: "absence:{}:20251121:1"}.get(status, KINDS[status] + ":{}:1")
    known = entry(NAME, name.format("S1"), EntryStatus.WAITING, NOON, created_at=NOON - 2 * HOUR)
    text = words(name.format("S1"), *scans, covers=(name.format("S3"),), entries=[known])
    for told in ("3個口のうち、2個", "3個口のうち2個", "2 of the 3 parcels", "2 of 3 parcels"):
        assert told in text
    for number in ("T-1001-S1", "T-1001-S3"):
        assert text.count(number) >= 4
    assert "T-1001-S2" not in text
    assert not re.search(
        r"your parcel (is|was|will|has|on)\b", text.split("Northlight Coffee", 1)[1]
    )


def test_a_second_message_says_what_changed() -> None:
    out = entry(NAME, "exception:S1:1", when=NOON, covers=("exception:S2:1",))
    text = words("exception:S3:1", *(said(BAD, one) for one in PARCELS), entries=[out])
    assert "先にお知らせした2個とは別のお荷物です。" in text
    assert "It comes on top of what we wrote about 2 of the others." in text
    assert "1 of the 3 parcels" in text


# --- whatever is scanned --------------------------------------------------------------------------


def clusters(times: Collection[datetime], window: timedelta) -> int:
    """How many windows it takes to cover the times, each beginning with the first left."""
    count, end = 0, min(times) - window
    for at in sorted(times):
        if at > end:
            count, end = count + 1, at + window
    return count


@pytest.mark.slow
@given(
    status=st.sampled_from([ABSENT, AT_COUNTER, BAD]),
    drawn=st.lists(
        st.tuples(st.integers(0, 240), st.integers(0, 90), st.none() | st.integers(1, 240)),
        min_size=2,
        max_size=5,
    ),
)
@settings(max_examples=120, deadline=None)
def test_no_more_messages_than_windows_and_nothing_is_lost(
    status: Status, drawn: list[tuple[int, int, int | None]]
) -> None:
    """Each parcel: scanned so many minutes after noon, known so many later, delivered or not."""
    window = URGENT if status in {ABSENT, AT_COUNTER} else ALERT
    parcels = [f"S{number}" for number, _ in enumerate(drawn)]
    arrivals = as_it_happens(*order(parcels=parcels))
    known: dict[str, datetime] = {}
    for one, (minute, lag, arrived) in zip(parcels, drawn, strict=True):
        known[one] = NOON + (minute + lag) * MINUTE
        arrivals.append((known[one], said(status, one, minute * MINUTE)))
        if arrived is not None:
            after = (minute + arrived) * MINUTE
            arrivals.append((NOON + after + lag * MINUTE, said(Status.DELIVERED, one, after)))
    policy = replace(JAPAN, delay=DelayPolicy(max_alerts_per_order=len(parcels)))
    played = play(lifecycle, arrivals, until=NOON + 12 * HOUR, policy=policy)
    messages = about(played)
    assert len(messages) <= clusters(known.values(), window)
    told = [one for _, _, subjects in messages for one in subjects]
    assert len(told) == len(set(told))
    # Whoever still had it at the window's end heard of it.
    for one, (_, _, arrived) in zip(parcels, drawn, strict=True):
        assert one in told or (arrived is not None and arrived * MINUTE <= window)
    for at, _, subjects in messages:
        assert all(known[one] <= at <= known[one] + window for one in subjects)
