"""Ship24: what becomes of its trackings."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import Fact, ShipmentUpdated
from shared.domain.shipments import Status
from shared.sources import normalize, receive_all
from shared.sources.ship24 import CODES, MILESTONES, SOURCE, split
from tests.sources.vendors.ship24 import NUMBER, OTHER, SAMPLES, WAY, message, scan, tracking

ON_ITS_WAY = [
    ("04-20T16:00", "LABEL_CREATED"),
    ("04-20T23:30", "ACCEPTED"),
    ("04-21T12:10", "OUT_FOR_DELIVERY"),
]


def read(record: Any) -> tuple[Fact, ...]:
    return tuple(f for one in receive_all(record, source="ship24") for f in normalize(one))


def scans(record: Any) -> list[tuple[str, str]]:
    found = []
    for fact in read(record):
        assert isinstance(fact.data, ShipmentUpdated)
        at = fact.metadata.occurred_at.strftime("%m-%dT%H:%M")
        found.append((at, fact.data.status.value))
    return found


def test_every_event_is_a_scan_by_the_offset_beside_its_time() -> None:
    assert scans(SAMPLES["delivered"]) == [*ON_ITS_WAY, ("04-21T22:20", "DELIVERED")]
    last = read(SAMPLES["delivered"])[-1]
    assert last.data == ShipmentUpdated(
        status=Status.DELIVERED,
        carrier="ups",
        tracking_number=NUMBER,
        raw_status="Left at front door",
        location="Portland, OR",
        place="Left at front door",
    )
    assert last.metadata.dedupe_id == f"message-{NUMBER}"
    assert (last.metadata.test, last.metadata.notes) == (False, ())
    assert read(SAMPLES["delivered"])[-1] == last


@pytest.mark.parametrize("form", ["on its way", "resource", "api answer", "trying"])
def test_the_same_in_every_form(form: str) -> None:
    assert scans(SAMPLES[form]) == ON_ITS_WAY
    assert {f.metadata.test for f in read(SAMPLES[form])} == {form == "trying"}


def test_scans_under_the_shipments_other_number_stand_under_the_registered_one() -> None:
    facts = read(SAMPLES["two numbers"])
    assert scans(SAMPLES["two numbers"]) == ON_ITS_WAY
    assert {f.data.tracking_number for f in facts if isinstance(f.data, ShipmentUpdated)} == {
        NUMBER
    }
    assert OTHER in facts[-1].metadata.notes[0]


def test_a_message_of_two_trackings() -> None:
    parts = split(SAMPLES["two trackings"]["body"])
    assert len(parts) == 2
    assert all(split(part) == (part,) for part in parts)
    assert scans(SAMPLES["two trackings"]) == [*ON_ITS_WAY, ("04-22T00:00", "PENDING")]
    assert {f.metadata.dedupe_id for f in read(SAMPLES["two trackings"])} == {
        f"message-{NUMBER}",
        "message-JD000000000003",
    }


def test_bare_times_are_japans_for_japanese_carriers_else_utc_with_a_note() -> None:
    assert scans(SAMPLES["japan"]) == [("04-22T02:30", "DELIVERY_ATTEMPTED")]
    assert read(SAMPLES["japan"])[0].metadata.notes == ()
    assert scans(SAMPLES["bare time"]) == [("04-21T10:15", "IN_TRANSIT")]
    assert "UTC" in read(SAMPLES["bare time"])[0].metadata.notes[0]


def test_a_summary_that_no_event_tells() -> None:
    assert scans(SAMPLES["contradictory"]) == [ON_ITS_WAY[0], ("04-20T16:00", "DELIVERED")]
    assert "LABEL_CREATED" in read(SAMPLES["contradictory"])[-1].metadata.notes[0]


@pytest.mark.parametrize(
    ("milestone", "code", "expected"),
    [
        *((word, None, status.value) for word, status in MILESTONES.items()),
        *(("exception", code, status.value) for code, (status, _) in CODES.items()),
        ("in_transit", "data_delivery_proposed", "IN_TRANSIT"),
        ("beamed_up", None, "UNKNOWN"),
    ],
)
def test_words(milestone: str, code: str | None, expected: str) -> None:
    one = scan("2026-04-21T12:00:00Z", milestone, code, "words")
    record = tracking("", [one], shipment=None)
    (fact,) = read(message(record))
    assert isinstance(fact.data, ShipmentUpdated)
    assert (fact.data.status, fact.data.raw_status) == (expected, "words")


def test_couriers() -> None:
    for code, token in {"us-post": "usps", "jp-post": "japanpost", "sagawa": "sagawa"}.items():
        one = scan("2026-04-21T12:00:00Z", "in_transit", None, "x", courierCode=code)
        data = read(message(tracking("in_transit", [one])))[0].data
        assert isinstance(data, ShipmentUpdated)
        assert data.carrier == token


def test_the_shipments_status_has_the_time_at_which_it_was_reached() -> None:
    late = copy.deepcopy(tracking("delivered", [WAY[2]]))
    late["statistics"]["timestamps"]["deliveredDatetime"] = "2026-04-21T15:20:00"
    assert scans(late)[-1] == ("04-21T22:20", "DELIVERED")
    late["statistics"]["timestamps"]["deliveredDatetime"] = "soon"
    assert scans(late)[-1] == ("04-21T12:10", "DELIVERED")


@pytest.mark.parametrize("number", ["SHIP24_SAMPLE_DELIVERED_000", "SHIP24TEST1", "S24DEMO456393"])
def test_sample_numbers_are_tests(number: str) -> None:
    assert all(f.metadata.test for f in read(tracking("out_for_delivery", WAY, number)))


def test_a_proof_of_delivery_is_no_event() -> None:
    proof = {"metadata": {"topic": "tracking/pod"}, "tracker": {"trackingNumber": "1"}, "data": {}}
    with pytest.raises(Rejected) as refusal:
        read({"trackings": [proof]})
    assert refusal.value.code == "UNKNOWN_TOPIC"


def broken(**changes: Any) -> Any:
    record = copy.deepcopy(SAMPLES["delivered"])
    record["body"]["trackings"][0] |= changes
    return record


@pytest.mark.parametrize(
    ("record", "code", "word"),
    [
        (broken(tracker=None, shipment=None), "INCOMPLETE", "tracker.trackingNumber"),
        (broken(events=7), "MALFORMED", "trackings[0].events"),
        (broken(events=[{"occurrenceDatetime": "x"}]), "INVALID_VALUE", "occurrenceDatetime"),
        (broken(events=[], shipment={}), "INCOMPLETE", "events"),
        ({"headers": {}, "body": {"trackings": "none"}}, "MALFORMED", "trackings"),
        ({"headers": {}, "body": {"trackings": [7]}}, "MALFORMED", "object"),
        ({"headers": {}, "body": {}}, "INCOMPLETE", "topic"),
    ],
)
def test_what_is_refused(record: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(record)
    assert refusal.value.code == code
    assert word in refusal.value.detail


def test_the_shared_secret() -> None:
    now = datetime(2026, 4, 22, tzinfo=UTC)
    call = Call(headers={"authorization": "Bearer s3"}, raw=b"{}")
    assert SOURCE.signature is not None
    assert SOURCE.signature.check(call, ["s3"], now) is Verdict.GENUINE
    assert SOURCE.signature.check(call, ["s4"], now) is Verdict.WRONG
