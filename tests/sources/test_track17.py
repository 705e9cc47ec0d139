"""17TRACK: what becomes of its numbers."""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import Fact, ShipmentUpdated
from shared.domain.shipments import Status
from shared.sources import normalize, receive_all
from shared.sources.track17 import SOURCE, STAGES, STATUSES, SUB_STATUSES
from tests.sources.vendors.track17 import SAMPLES, VERSION_1, event, info, scan

ON_ITS_WAY = [
    ("04-20T16:00", "LABEL_CREATED"),
    ("04-20T23:30", "ACCEPTED"),
    ("04-21T12:10", "OUT_FOR_DELIVERY"),
]


def read(record: Any) -> tuple[Fact, ...]:
    arrived = datetime(2026, 4, 22, tzinfo=UTC)
    found = receive_all(record, source="track17", received_at=arrived)
    return tuple(f for one in found for f in normalize(one))


def scans(record: Any) -> list[tuple[str, str]]:
    found = []
    for fact in read(record):
        assert isinstance(fact.data, ShipmentUpdated)
        at = fact.metadata.occurred_at.strftime("%m-%dT%H:%M")
        found.append((at, fact.data.status.value))
    return found


def test_every_event_is_a_scan() -> None:
    assert scans(SAMPLES["delivered"]) == [*ON_ITS_WAY, ("04-21T22:20", "DELIVERED")]
    last = read(SAMPLES["delivered"])[-1]
    assert last.data == ShipmentUpdated(
        status=Status.DELIVERED,
        carrier="ups",
        tracking_number="1Z999AA10123456784",
        raw_status="Left at front door",
        location="Portland, OR, US",
        place="Left at front door",
    )
    assert (last.metadata.test, last.metadata.notes) == (False, ())
    assert read(SAMPLES["delivered"])[-1] == last


@pytest.mark.parametrize("form", ["on its way", "misnested", "resource", "api answer"])
def test_the_same_in_every_form(form: str) -> None:
    assert scans(SAMPLES[form]) == ON_ITS_WAY


@pytest.mark.parametrize(
    "form",
    [
        {"event": "TRACKING_UPDATED", "data": VERSION_1},
        {"code": 0, "data": {"accepted": [VERSION_1], "rejected": []}},
        VERSION_1,
    ],
)
def test_version_1_has_letters_for_fields(form: Any) -> None:
    first, last = read(form)
    assert scans(form) == [("04-20T09:00", "UNKNOWN"), ("04-21T15:20", "DELIVERED")]
    assert isinstance(first.data, ShipmentUpdated)
    assert isinstance(last.data, ShipmentUpdated)
    assert (first.data.raw_status, first.data.location) == ("Accepted", "Portland")
    assert (last.data.carrier, last.data.raw_status) == ("usps", "In the mailbox")
    assert "UTC" in last.metadata.notes[0]


@pytest.mark.parametrize(("status", "sub"), [("delivered", "x"), (40, 4001), ("DELIVERED", None)])
def test_words_as_relays_write_them(status: Any, sub: Any) -> None:
    latest = {"status": status, "sub_status": sub}
    event = {"time_utc": "2026-04-21T22:20:00Z"}
    body = {"number": "1", "track_info": {"latest_status": latest, "latest_event": event}}
    assert scans(body) == [("04-21T22:20", "DELIVERED")]


def test_a_delivery_is_told_at_its_own_time_not_at_that_of_a_later_event() -> None:
    milestone = [{"key_stage": "Delivered", "time_utc": "2026-04-21T22:20:00Z"}]
    later = {"time_utc": "2026-05-01T00:00:00Z"}
    told = {"latest_status": {"status": "Delivered"}, "latest_event": later}
    body = {"number": "1", "track_info": {**told, "milestone": milestone}}
    assert scans(body) == [("04-21T22:20", "DELIVERED")]


def test_a_number_that_is_a_json_number() -> None:
    record = copy.deepcopy(SAMPLES["json number"])
    record["body"]["data"]["track_info"]["tracking"]["providers"][0]["provider"] = None
    data = read(record)[0].data
    assert isinstance(data, ShipmentUpdated)
    assert (data.tracking_number, data.carrier) == ("123456789012", "fedex")


def test_an_exception_at_the_time_of_a_parcel_that_waits() -> None:
    assert scans(SAMPLES["contradictory"])[-2:] == [
        ("04-21T22:20", "AVAILABLE_FOR_PICKUP"),
        ("04-21T22:20", "EXCEPTION"),
    ]
    note = read(SAMPLES["contradictory"])[-1].metadata.notes[0]
    assert "EXCEPTION" in note
    assert "AVAILABLE_FOR_PICKUP" in note


def test_an_exception_whose_words_say_that_the_parcel_waits() -> None:
    record = copy.deepcopy(SAMPLES["contradictory"])
    info = record["body"]["data"]["track_info"]
    words = "The shipment is available for pick-up from the retail outlet."
    info["tracking"]["providers"][0]["events"][-1]["description"] = words
    info["latest_event"]["description"] = words
    assert scans(record)[-1] == ("04-21T22:20", "AVAILABLE_FOR_PICKUP")
    (note,) = read(record)[-1].metadata.notes
    assert "EXCEPTION" in note
    info["latest_status"]["sub_status"] = "Exception_Lost"
    assert scans(record)[-1] == ("04-21T22:20", "EXCEPTION")


def test_milestones_name_events_without_a_word_and_stand_for_missing_ones() -> None:
    assert scans(SAMPLES["milestones"]) == ON_ITS_WAY[1:]
    first = read(SAMPLES["milestones"])[0].data
    assert isinstance(first, ShipmentUpdated)
    assert first.raw_status == "Origin scan"


def test_a_number_that_no_carrier_knows() -> None:
    assert scans(SAMPLES["not found"]) == [("04-22T00:00", "PENDING")]


@pytest.mark.parametrize(
    ("stage", "sub_status", "expected"),
    [
        *((None, word, status.value) for word, status in STATUSES.items()),
        *((None, word, status.value) for word, (status, _) in SUB_STATUSES.items()),
        *((word, None, status.value) for word, status in STAGES.items()),
        ("Arrival", "InTransit_CustomsReleased", "IN_TRANSIT"),
        (None, "Delivered_ByDrone", "DELIVERED"),
        ("InTransit_PickedUp", None, "ACCEPTED"),
        ("Exception", None, "EXCEPTION"),
        (None, "Beamed_Up", "UNKNOWN"),
        ("Beamed", None, "UNKNOWN"),
        (None, None, "UNKNOWN"),
    ],
)
def test_words(stage: str | None, sub_status: str | None, expected: str) -> None:
    one = scan("2026-04-21T12:00:00Z", stage, sub_status, "words")
    (fact,) = read(event(info("", None, [one])))
    assert isinstance(fact.data, ShipmentUpdated)
    assert (fact.data.status, fact.data.raw_status) == (expected, "words")


def broken(**changes: Any) -> Any:
    record = copy.deepcopy(SAMPLES["delivered"])
    record["body"]["data"] |= changes
    return record


@pytest.mark.parametrize(
    ("record", "code", "word"),
    [
        (SAMPLES["stopped"], "UNKNOWN_TOPIC", "no longer"),
        (broken(number=None), "INCOMPLETE", "data.number"),
        (broken(track_info=7), "MALFORMED", "data.track_info"),
        (broken(track_info=None), "INCOMPLETE", "latest_status"),
        (broken(track_info={"milestone": [{"time_utc": "x"}]}), "INVALID_VALUE", "time_utc"),
        ({"headers": {}, "body": {}}, "INCOMPLETE", "topic"),
    ],
)
def test_what_is_refused(record: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(record)
    assert refusal.value.code == code
    assert word in refusal.value.detail


def test_the_hash_of_the_body_and_the_key() -> None:
    headers = {"sign": hashlib.sha256(b"{}/s3").hexdigest()}
    now = datetime(2026, 4, 22, tzinfo=UTC)
    assert SOURCE.signature is not None
    check = SOURCE.signature.check
    assert check(Call(headers=headers, raw=b"{}"), ["s3"], now) is Verdict.GENUINE
    assert check(Call(headers=headers, raw=b"{ }"), ["s3"], now) is Verdict.WRONG
    assert SOURCE.recognises(headers)
    assert not SOURCE.recognises({"sign": "yes"})
