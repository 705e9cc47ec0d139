"""Histories of checkpoints and the summary beside them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from shared.contracts.reading import Node
from shared.contracts.tracking import (
    Checkpoint,
    Told,
    carrier_token,
    has_offset,
    history,
    joined,
    local_zone,
    scan_time,
    tracking_number,
)
from shared.domain.errors import Rejected
from shared.domain.shipments import Scan, Status, current_status

NINE = datetime(2027, 3, 1, 9, tzinfo=UTC)


def at(
    hours: int, status: Status, raw: str | None = None, location: str | None = None
) -> Checkpoint:
    return Checkpoint(NINE + timedelta(hours=hours), status, raw or status.lower(), location)


def summary(status: Status, hours: int | None = None) -> Checkpoint:
    when = None if hours is None else NINE + timedelta(hours=hours)
    return Checkpoint(when, status, f"summary {status.lower()}")


def told(found: tuple[Told, ...]) -> list[tuple[int, str]]:
    return [((one.at - NINE) // timedelta(hours=1), one.data.status) for one in found]


def outcome(found: tuple[Told, ...]) -> Status:
    return current_status(Scan(at=o.at, status=o.data.status, raw=o.data.raw_status) for o in found)


WAY = (at(0, Status.ACCEPTED), at(2, Status.IN_TRANSIT), at(5, Status.OUT_FOR_DELIVERY))


def test_every_checkpoint_is_told_once_oldest_first_in_whatever_order_they_came() -> None:
    found = history("12", "ups", WAY)
    assert told(found) == [(0, "ACCEPTED"), (2, "IN_TRANSIT"), (5, "OUT_FOR_DELIVERY")]
    assert all(one.data.tracking_number == "12" and one.data.carrier == "ups" for one in found)
    for order in permutations((*WAY, WAY[0])):
        assert history("12", "ups", order) == found


def test_of_two_checkpoints_with_one_time_and_status_the_fuller_is_kept() -> None:
    short, full = at(0, Status.IN_TRANSIT), at(0, Status.IN_TRANSIT, location="Osaka")
    for order in ((short, full), (full, short)):
        (only,) = history("12", None, order)
        assert only.data.location == "Osaka"


def test_a_checkpoint_without_a_time_is_left_out() -> None:
    assert told(history("12", None, [*WAY[:1], Checkpoint(None, Status.DELIVERED)])) == [
        (0, "ACCEPTED")
    ]


@pytest.mark.parametrize(
    ("current", "expected", "noted"),
    [
        # The newest checkpoint says it, or says it more exactly.
        (summary(Status.OUT_FOR_DELIVERY), WAY, ""),
        (summary(Status.IN_TRANSIT), WAY, ""),
        (summary(Status.PENDING), WAY, ""),
        # No checkpoint says it.
        (summary(Status.DELIVERED), [*WAY, at(5, Status.DELIVERED)], "further along"),
        (summary(Status.DELIVERED, 6), [*WAY, at(6, Status.DELIVERED)], "the summary, whose time"),
        (summary(Status.EXCEPTION, 1), [*WAY, at(1, Status.EXCEPTION)], "the scan, whose time"),
        # Only an older one says it.
        (summary(Status.ACCEPTED), WAY, "the newest scan counts"),
        (summary(Status.ACCEPTED, 6), [*WAY, at(6, Status.ACCEPTED)], "the summary, whose time"),
        (summary(Status.UNKNOWN), [*WAY, at(5, Status.UNKNOWN)], ""),
    ],
)
def test_the_summary(current: Checkpoint, expected: list[Checkpoint], noted: str) -> None:
    found = history("12", None, WAY, current)
    assert sorted(told(found)) == sorted(told(history("12", None, expected)))
    notes = [note for one in found for note in one.notes]
    assert len(notes) == bool(noted)
    assert noted in "".join(notes)


def test_a_newest_word_that_nobody_knows_means_what_the_summary_says() -> None:
    odd = at(7, Status.UNKNOWN, "Handed to Fred")
    found = history("12", None, [*WAY, odd], summary(Status.DELIVERED))
    assert told(found)[-1] == (7, "DELIVERED")
    assert found[-1].data.raw_status == "Handed to Fred"
    assert found[-1].notes == ()
    assert len(found) == 4


def test_announced_and_delivered_at_once() -> None:
    found = history("12", "dhl", [at(0, Status.LABEL_CREATED)], summary(Status.DELIVERED))
    assert told(found) == [(0, "LABEL_CREATED"), (0, "DELIVERED")]
    assert "LABEL_CREATED" in found[-1].notes[0]
    assert outcome(found) is Status.DELIVERED


def test_without_checkpoints_the_summary_stands_alone() -> None:
    assert told(history("12", None, [], summary(Status.PENDING), otherwise=NINE)) == [
        (0, "PENDING")
    ]
    assert told(history("12", None, [], summary(Status.PENDING, 1), otherwise=NINE)) == [
        (1, "PENDING")
    ]
    assert history("12", None, [], summary(Status.PENDING)) == ()


def test_notes_of_the_adapter_stand_at_the_newest_fact() -> None:
    found = history("12", None, WAY, notes=["Signed, but in transit."])
    assert [one.notes for one in found] == [(), (), ("Signed, but in transit.",)]


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("taqbin-jp", "yamato"), ("Yamato Transport", "yamato"), ("ヤマト運輸", "yamato"),
        ("ヤマト運輸株式会社", "yamato"), ("佐川急便㈱", "sagawa"),
        ("株式会社青葉", "株式会社青葉"),
        ("sagawa", "sagawa"), ("佐川急便", "sagawa"), ("japan-post", "japanpost"),
        ("Japan Post", "japanpost"), ("FedEx", "fedex"), ("fedex_ground", "fedex"),
        ("UPS", "ups"), ("ups-mi", "ups"), ("usps", "usps"), ("dhl_express", "dhl"),
        ("DHL eCommerce", "dhl"), ("Royal Mail", "Royal Mail"), ("upsilon", "upsilon"),
        ("", None), (None, None),
    ],
)  # fmt: skip
def test_carriers(name: str | None, token: str | None) -> None:
    assert carrier_token(name) == token


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1Z 999 AA1 01", "1Z999AA101"),
        ("1234-5678-9012\n", "123456789012"),
        ("https://www.ups.com/track?tracknum=1Z999AA101&loc=en", "1Z999AA101"),
        ("https://example.com/where/is/it?page=2", None),
        ("https://[broken?tracknum=1", None),
        (" ", None),
        (None, None),
    ],
)
def test_numbers(text: str | None, number: str | None) -> None:
    assert tracking_number(text) == number


def test_that_nothing_was_heard_for_long_contradicts_nothing() -> None:
    found = history("12", None, WAY, summary(Status.EXPIRED))
    assert [note for one in found for note in one.notes] == []
    assert outcome(found) is Status.OUT_FOR_DELIVERY
    long_ago = [*WAY, at(720, Status.EXPIRED)]
    assert told(history("12", None, long_ago, summary(Status.EXPIRED)))[-2:] == [
        (5, "OUT_FOR_DELIVERY"),
        (720, "EXPIRED"),
    ]


def test_no_two_facts_have_one_id() -> None:
    odd = [at(0, Status.UNKNOWN, "this"), at(1, Status.UNKNOWN, "that"), at(1, Status.ACCEPTED)]
    for status in Status:
        for hours in (None, 0, 1, 2):
            found = told(history("12", None, odd, summary(status, hours)))
            assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("value", "zone", "expected", "told_offset"),
    [
        ("2027-03-01T18:00:00", "Asia/Tokyo", "2027-03-01T09:00:00+00:00", False),
        ("2027-03-01T18:00:00+01:00", "Asia/Tokyo", "2027-03-01T17:00:00+00:00", True),
        ("2027-03-01", "Asia/Tokyo", "2027-02-28T15:00:00+00:00", False),
        ("2027-03-01T18:00:00", "UTC", "2027-03-01T18:00:00+00:00", False),
        (None, "UTC", None, True),
    ],
)
def test_times(value: str | None, zone: str, expected: str | None, told_offset: bool) -> None:
    node = Node({"at": value})
    found = scan_time(node, "at", zone)
    assert (found and found.isoformat()) == expected
    assert has_offset(node, "at") is told_offset


def test_an_impossible_time_is_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        scan_time(Node({"at": "2027-02-30"}, "events[0]"), "at")
    assert (refusal.value.code, "events[0].at" in refusal.value.detail) == ("INVALID_VALUE", True)


def test_places_and_zones() -> None:
    node = Node({"city": "Kyoto", "state": "Kyoto", "country": None})
    assert joined(node, "city", "state", "country") == "Kyoto"
    assert joined(None, "city") is None
    assert (local_zone("sagawa"), local_zone("ups"), local_zone(None)) == (
        "Asia/Tokyo",
        None,
        None,
    )
