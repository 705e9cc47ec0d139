"""ShipEngine: what becomes of its trackings."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import Fact, ShipmentUpdated
from shared.domain.shipments import Actor, Status
from shared.sources import normalize, receive_all
from shared.sources.shipengine import ACTS, CODES, DETAILS, SOURCE
from tests.sources.vendors.shipengine import SAMPLES, event, scan, tracking

ON_ITS_WAY = [
    ("04-20T16:00", "LABEL_CREATED"),
    ("04-20T23:30", "ACCEPTED"),
    ("04-21T12:10", "OUT_FOR_DELIVERY"),
]


def read(record: Any) -> tuple[Fact, ...]:
    arrived = datetime(2026, 4, 22, tzinfo=UTC)
    found = receive_all(record, source="shipengine", received_at=arrived)
    return tuple(f for one in found for f in normalize(one))


def scans(record: Any) -> list[tuple[str, str]]:
    found = []
    for fact in read(record):
        assert isinstance(fact.data, ShipmentUpdated)
        at = fact.metadata.occurred_at.strftime("%m-%dT%H:%M")
        found.append((at, fact.data.status.value))
    return found


def test_every_event_is_a_scan_at_its_utc_time() -> None:
    assert scans(SAMPLES["delivered"]) == [*ON_ITS_WAY, ("04-21T22:20", "DELIVERED")]
    last = read(SAMPLES["delivered"])[-1]
    assert last.data == ShipmentUpdated(
        status=Status.DELIVERED,
        carrier="ups",
        tracking_number="1Z999AA10123456784",
        raw_status="Given to no. 12",
        location="Portland, OR, US",
        place="Given to no. 12",
    )
    assert (last.metadata.test, last.metadata.notes) == (False, ())
    assert read(SAMPLES["delivered"])[-1] == last


@pytest.mark.parametrize("form", ["on its way", "resource"])
def test_the_same_in_every_form(form: str) -> None:
    assert scans(SAMPLES[form]) == ON_ITS_WAY


def test_a_collection_point_is_no_delivery() -> None:
    last = read(SAMPLES["locker"])[-1].data
    assert isinstance(last, ShipmentUpdated)
    assert (last.status, last.place) == (Status.AVAILABLE_FOR_PICKUP, "Kiosk 7")


def test_the_events_of_version_2() -> None:
    record = copy.deepcopy(SAMPLES["delivered"])
    record["body"]["resource_type"] = "TRACK_EVENT_V2"
    assert scans(record) == scans(SAMPLES["delivered"])


def test_a_number_that_the_carrier_does_not_know_yet() -> None:
    assert scans(SAMPLES["unknown"]) == [("04-22T00:00", "PENDING")]


def test_a_summary_that_no_event_tells() -> None:
    assert scans(SAMPLES["contradictory"]) == [ON_ITS_WAY[0], ("04-20T16:00", "DELIVERED")]
    assert "LABEL_CREATED" in read(SAMPLES["contradictory"])[-1].metadata.notes[0]


def test_the_places_own_time_where_there_is_no_other() -> None:
    assert scans(SAMPLES["local times"]) == [("04-20T09:00", "IN_TRANSIT")]
    assert "UTC" in read(SAMPLES["local times"])[0].metadata.notes[0]


def test_older_payloads_whose_events_have_no_codes() -> None:
    assert scans(SAMPLES["old"]) == [("04-21T12:10", "UNKNOWN"), ("04-21T22:20", "DELIVERED")]
    last = read(SAMPLES["old"])[-1].data
    assert isinstance(last, ShipmentUpdated)
    assert (last.carrier, last.raw_status) == ("usps", "Delivered, Front Door")
    assert last.place == "Delivered, Front Door"


@pytest.mark.parametrize(
    ("code", "detail", "expected"),
    [
        *((code, "", status.value) for code, status in CODES.items()),
        *(("EX", detail, status.value) for detail, status in DETAILS.items()),
        ("DE", "POST_TRANSIT_STATUS", "DELIVERED"),
        ("IT", "INFORMATION", "IN_TRANSIT"),
        ("", "", "UNKNOWN"),
        ("QQ", "", "UNKNOWN"),
    ],
)
def test_codes(code: str, detail: str, expected: str) -> None:
    one = scan("2026-04-21T12:00:00Z", code, detail, "words")
    (fact,) = read(event(tracking("", "", [one])))
    assert isinstance(fact.data, ShipmentUpdated)
    assert (fact.data.status, fact.data.raw_status) == (expected, "words")


def test_what_is_no_delivery_of_the_whole_parcel_to_its_recipient() -> None:
    assert DETAILS["DELIVERED_IN_PART"] is Status.IN_TRANSIT
    assert DETAILS["NOT_COLLECTED_FROM_PICKUP_POINT"] is Status.RETURNING
    assert ACTS["ADDRESS_QUERY"] is Actor.SHOP
    assert set(ACTS) <= set(DETAILS)


def test_a_delivery_that_no_event_tells_has_its_own_time() -> None:
    event = {"occurred_at": "2019-09-13T12:32:00Z", "description": "Arrived at USPS Facility"}
    body = {"tracking_number": "1", "status_code": "DE", "events": [event]}
    body["actual_delivery_date"] = "2019-07-27T11:59:03.289Z"
    assert scans(body) == [("07-27T11:59", "DELIVERED"), ("09-13T12:32", "UNKNOWN")]
    # One that cannot be read, or says no offset, is that of the newest event.
    for written in ("null", "2019-07-27T11:59:03"):
        body["actual_delivery_date"] = written
        assert scans(body) == [("09-13T12:32", "DELIVERED")]


def broken(**changes: Any) -> Any:
    record = copy.deepcopy(SAMPLES["delivered"])
    record["body"]["data"] |= changes
    return record


@pytest.mark.parametrize(
    ("record", "code", "word"),
    [
        (broken(tracking_number=None), "INCOMPLETE", "data.tracking_number"),
        (broken(events={}), "MALFORMED", "data.events"),
        (broken(events=[{"occurred_at": "later"}]), "INVALID_VALUE", "occurred_at"),
        (broken(status_code=[]), "MALFORMED", "data.status_code"),
        ({"headers": {}, "body": {"resource_type": "API_BATCH"}}, "UNKNOWN_TOPIC", "labels"),
        ({"headers": {}, "body": {}}, "INCOMPLETE", "topic"),
        ({"label_id": "se-1", "tracking_number": "1"}, "UNKNOWN_TOPIC", "label"),
    ],
)
def test_what_is_refused(record: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(record)
    assert refusal.value.code == code
    assert word in refusal.value.detail


def test_an_unsigned_call_needs_the_secret_path_and_a_signature_counts_first() -> None:
    now = datetime(2026, 4, 22, tzinfo=UTC)
    signed = {
        "x-shipengine-rsa-sha256-signature": "bm90aGluZw==",
        "x-shipengine-timestamp": "2026-04-22T00:00:00Z",
    }
    assert SOURCE.signature is not None
    assert set(SOURCE.signature.keeps) == set(signed)
    check = SOURCE.signature.check
    assert check(Call(headers={}, raw=b"{}", token="s3"), ["s3"], now) is Verdict.GENUINE
    assert check(Call(headers=signed, raw=b"{}", token="s3"), ["s3"], now) is Verdict.WRONG
    assert SOURCE.recognises(signed)
    assert SOURCE.recognises({"user-agent": "ShipEngine/v1"})
