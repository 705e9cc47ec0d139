"""A shipment's status: the precedence of scans, and who has the goods.

The rules are those of the carriers' and aggregators' own words: carrier time counts, not
arrival; an unknown word overwrites nothing; DELIVERED, RETURNED and CANCELLED are the end, except
that a return leg may follow a delivery; after a return scan "delivered" is to the sender.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.shipments import (
    NO_CARRIER_DATA,
    RETURN_LEG,
    TERMINAL,
    Scan,
    Shipment,
    Status,
    current_status,
    scan_order,
)
from tests.builders import at


def scans(*statuses: Status | str, start: float = 0) -> list[Scan]:
    """These scans, an hour apart."""
    return [Scan(at=at(start, hours=n), status=Status(s)) for n, s in enumerate(statuses)]


def status_of(*statuses: Status | str) -> Status:
    return current_status(scans(*statuses))


S = Status
MOVING = [S.LABEL_CREATED, S.ACCEPTED, S.IN_TRANSIT, S.ARRIVED_AT_DELIVERY_DEPOT]
MOVING += [S.OUT_FOR_DELIVERY, S.DELIVERY_ATTEMPTED, S.AVAILABLE_FOR_PICKUP, S.HELD, S.EXCEPTION]
NO_WORD = [S.PENDING, S.UNKNOWN]

# What follows what: (before, word, after). Every pair of statuses stands here once.
PRECEDENCE: list[tuple[Status, Status, Status]] = [
    # On the way the newest word counts, also one that is a step back: a parcel may come back
    # from the door to the depot.
    *((before, word, word) for before in MOVING for word in MOVING),
    *((before, word, word) for before in MOVING for word in (S.DELIVERED, S.CANCELLED)),
    *((before, word, word) for before in MOVING for word in (S.RETURNING, S.RETURNED)),
    # "No scan for a long time" says nothing new of a parcel that somebody has seen.
    *((before, S.EXPIRED, before) for before in [*MOVING, *TERMINAL, S.RETURNING]),
    (S.PENDING, S.EXPIRED, S.EXPIRED),
    (S.EXPIRED, S.EXPIRED, S.EXPIRED),
    # A word that nobody knows, or no data at all, never overwrites anything.
    *((before, word, before) for before in Status if before is not S.UNKNOWN for word in NO_WORD),
    # Nothing was known: any word is news, an unknown one is still nothing.
    *((before, word, word) for before in (S.PENDING, S.EXPIRED) for word in MOVING),
    *((before, word, word) for before in (S.PENDING, S.EXPIRED) for word in TERMINAL),
    *((before, S.RETURNING, S.RETURNING) for before in (S.PENDING, S.EXPIRED)),
    *((S.UNKNOWN, word, word) for word in Status if word not in NO_WORD),
    *((S.UNKNOWN, word, S.PENDING) for word in NO_WORD),
    # Delivered is the end, but for a return leg.
    *((S.DELIVERED, word, S.DELIVERED) for word in [*MOVING, S.DELIVERED, S.CANCELLED]),
    *((S.DELIVERED, word, word) for word in RETURN_LEG),
    # On the way back everything is about the way back; delivered is to the sender.
    *((S.RETURNING, word, S.RETURNING) for word in [*MOVING, S.RETURNING]),
    *((S.RETURNING, word, S.RETURNED) for word in (S.DELIVERED, S.RETURNED)),
    (S.RETURNING, S.CANCELLED, S.CANCELLED),
    *((S.RETURNED, word, S.RETURNED) for word in [*MOVING, *TERMINAL, S.RETURNING]),
    # A cancelled shipment stays cancelled.
    *((S.CANCELLED, word, S.CANCELLED) for word in [*MOVING, *TERMINAL, S.RETURNING]),
]


def test_the_table_names_every_pair_once() -> None:
    pairs = [(before, word) for before, word, _ in PRECEDENCE]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == set(itertools.product(Status, Status))


@pytest.mark.parametrize(("before", "word", "after"), sorted(PRECEDENCE))
def test_precedence(before: Status, word: Status, after: Status) -> None:
    assert status_of(before, word) is after


def test_carrier_time_counts_not_arrival() -> None:
    late_word = scans("OUT_FOR_DELIVERY", start=-1)
    assert current_status([*scans("DELIVERED"), *late_word]) is S.DELIVERED


def test_of_words_of_one_second_the_furthest_counts() -> None:
    # A carrier's own sample says pre-transit and delivered at once.
    both = [Scan(at=at(1), status=S.DELIVERED), Scan(at=at(1), status=S.LABEL_CREATED)]
    assert current_status(both) is S.DELIVERED
    assert current_status(reversed(both)) is S.DELIVERED


@pytest.mark.parametrize(
    ("words", "after"),
    [
        (["ACCEPTED", "IN_TRANSIT", "DELIVERY_ATTEMPTED", "RETURNING", "DELIVERED"], S.RETURNED),
        (
            ["OUT_FOR_DELIVERY", "DELIVERY_ATTEMPTED", "HELD", "OUT_FOR_DELIVERY"],
            S.OUT_FOR_DELIVERY,
        ),
        (["EXCEPTION", "IN_TRANSIT", "UNKNOWN", "EXPIRED"], S.IN_TRANSIT),
        (["DELIVERED", "RETURNING", "IN_TRANSIT", "DELIVERED"], S.RETURNED),
        (["IN_TRANSIT", "CANCELLED", "DELIVERED"], S.CANCELLED),
        (["EXPIRED", "IN_TRANSIT", "EXPIRED"], S.IN_TRANSIT),
        ([], S.PENDING),
    ],
)
def test_longer_histories(words: list[str], after: Status) -> None:
    assert status_of(*words) is after


ANY_SCANS = st.lists(
    st.builds(
        Scan,
        at=st.integers(0, 6).map(lambda hours: at(hours=hours)),
        status=st.sampled_from(list(Status)),
        raw=st.sampled_from([None, "a", "b"]),
    ),
    max_size=8,
)


@given(ANY_SCANS, st.randoms(use_true_random=False))
def test_order_and_repetition_decide_nothing(history: list[Scan], chance: Any) -> None:
    mixed = [*history, *history]
    chance.shuffle(mixed)
    assert current_status(mixed) is current_status(history)


@given(ANY_SCANS)
def test_who_had_a_return_scan_never_has_the_goods_again(history: list[Scan]) -> None:
    ordered = sorted(history, key=scan_order)
    shipment = Shipment(shipment_id="S1", scans=tuple(ordered))
    if shipment.possession_at is None:
        return
    assert shipment.status is S.DELIVERED
    assert shipment.possession_at == min(s.at for s in ordered if s.status is S.DELIVERED)
    before = [s for s in ordered if s.status in RETURN_LEG or s.status is S.CANCELLED]
    assert all(s.status is S.CANCELLED and s.at >= shipment.possession_at for s in before)


@given(ANY_SCANS)
def test_an_unknown_word_changes_nothing(history: list[Scan]) -> None:
    with_noise = [*history, Scan(at=at(9), status=S.UNKNOWN), Scan(at=at(-9), status=S.UNKNOWN)]
    assert current_status(with_noise) is current_status(history)


# --- the shipment ------------------------------------------------------------------


def shipment(*statuses: Status | str, dispatched_at: datetime | None = None) -> Shipment:
    return Shipment(shipment_id="S1", scans=tuple(scans(*statuses)), dispatched_at=dispatched_at)


def test_dispatched_without_a_scan_is_a_label() -> None:
    assert shipment().status is S.PENDING
    assert shipment(dispatched_at=at(0)).status is S.LABEL_CREATED
    assert shipment("UNKNOWN", dispatched_at=at(0)).status is S.LABEL_CREATED
    assert shipment("IN_TRANSIT", dispatched_at=at(0)).status is S.IN_TRANSIT


def test_a_cancelled_shipment_is_not_active() -> None:
    assert not shipment("CANCELLED").active
    assert shipment("DELIVERED", "CANCELLED").active


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        (["IN_TRANSIT", "DELIVERED"], 1),
        (["DELIVERED", "DELIVERED"], 0),
        (["AVAILABLE_FOR_PICKUP"], None),
        (["AVAILABLE_FOR_PICKUP", "DELIVERED"], 1),
        (["DELIVERED", "RETURNING"], None),
        (["RETURNING", "DELIVERED"], None),
        (["OUT_FOR_DELIVERY"], None),
    ],
)
def test_possession(words: list[str], hours: int | None) -> None:
    wanted = None if hours is None else at(0) + timedelta(hours=hours)
    assert shipment(*words).possession_at == wanted


def test_the_carriers_last_word_is_one_that_the_carrier_said() -> None:
    assert shipment("PENDING", "UNKNOWN", "EXPIRED").last_scan is None
    last = shipment("IN_TRANSIT", "EXPIRED").last_scan
    assert last is not None
    assert (last.status, last.at) == (S.IN_TRANSIT, at(0))
    assert all(shipment(word).last_scan is None for word in NO_CARRIER_DATA)


def test_the_carrier_has_it_from_the_first_scan_on() -> None:
    assert shipment("LABEL_CREATED", "ACCEPTED", "IN_TRANSIT").accepted_at == at(hours=1)
    assert shipment("LABEL_CREATED", "DELIVERED").accepted_at == at(hours=1)
    assert shipment("LABEL_CREATED", "CANCELLED").accepted_at is None
    assert shipment("LABEL_CREATED", "EXPIRED").accepted_at is None
