"""UPS: what becomes of its tracking answers and alerts."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import Fact, ShipmentUpdated
from shared.domain.shipments import Actor, Status
from shared.sources import normalize, receive_all
from shared.sources.ups import CODES, NUMBERS, SOURCE, TYPES, split
from tests.sources.vendors.ups import ALERT_HEADERS, SAMPLES, activity, alert, package

NOW = datetime(2026, 4, 30, tzinfo=UTC)
ON_ITS_WAY = [
    ("04-19T22:00", "LABEL_CREATED"),
    ("04-20T23:30", "ACCEPTED"),
    ("04-21T13:10", "OUT_FOR_DELIVERY"),
]


def read(record: Any) -> tuple[Fact, ...]:
    found = receive_all(record, source="ups", received_at=NOW)
    return tuple(f for one in found for f in normalize(one))


def told(record: Any) -> list[ShipmentUpdated]:
    return [fact.data for fact in read(record) if isinstance(fact.data, ShipmentUpdated)]


def scans(record: Any) -> list[tuple[str, str]]:
    found = zip(read(record), told(record), strict=True)
    return [(f.metadata.occurred_at.strftime("%m-%dT%H:%M"), d.status.value) for f, d in found]


def test_every_activity_is_a_fact_and_who_received_it_is_not_kept() -> None:
    assert scans(SAMPLES["delivered"]) == [*ON_ITS_WAY, ("04-21T22:20", "DELIVERED")]
    last = read(SAMPLES["delivered"])[-1]
    assert last.data == ShipmentUpdated(
        status=Status.DELIVERED,
        carrier="ups",
        tracking_number="1Z999AA10123456784",
        raw_status="DELIVERED",
        location="Portland, OR, US",
        place="Front Door",
        shipped_on=date(2026, 4, 20),
    )
    assert (last.metadata.test, last.metadata.notes) == (False, ())
    assert read(SAMPLES["delivered"]) == read(SAMPLES["delivered"])


def test_an_alert_is_one_scan_the_same_as_the_answers() -> None:
    (fact,) = read(SAMPLES["alert"])
    assert scans(SAMPLES["alert"]) == [("04-21T22:20", "DELIVERED")]
    assert fact.metadata.id == read(SAMPLES["delivered"])[-1].metadata.id


def test_an_access_point_is_no_delivery() -> None:
    last = told(SAMPLES["access point"])[-1]
    assert last.status is Status.AVAILABLE_FOR_PICKUP
    assert (last.place, last.hold_until) == ("1 Example Street, Portland", date(2026, 4, 28))


def test_every_package_is_its_own_and_a_number_without_data_is_none() -> None:
    parts = split(SAMPLES["two packages"]["body"])
    assert len(parts) == 2
    assert all(split(part) == (part,) for part in parts)
    numbers = [one.tracking_number for one in told(SAMPLES["two packages"])]
    assert numbers == ["1Z999AA10123456784"] * 4 + ["1Z999AA10123456793"] * 3
    nameless = copy.deepcopy(SAMPLES["two packages"])
    nameless["body"]["trackResponse"]["shipment"][0]["package"][1]["trackingNumber"] = "string"
    with pytest.raises(Rejected, match="trackingNumber"):
        read(nameless)


def test_a_package_alone_has_the_number_that_was_asked_for() -> None:
    alone = copy.deepcopy(SAMPLES["delivered"])
    alone["body"]["trackResponse"]["shipment"][0]["package"][0]["trackingNumber"] = "string"
    assert read(alone) == read(SAMPLES["delivered"])


def test_times() -> None:
    assert scans(SAMPLES["local times"]) == [("04-21T14:13", "IN_TRANSIT")]
    assert "zone of the place" in read(SAMPLES["local times"])[0].metadata.notes[0]
    one = activity("20260421 x", "I", "AR", "Arrived", gmtDate="") | {"time": "151356"}
    assert scans(package([one])) == [("04-21T22:13", "IN_TRANSIT")]
    nowhere = alert(
        "I", "AR", "", gmtActivityDate="", activityLocation={}, localActivityTime="15:20:00"
    )
    assert scans(nowhere) == [("04-21T15:20", "IN_TRANSIT")]
    assert "UTC" in read(nowhere)[0].metadata.notes[0]


def test_upss_own_numbers_are_tests() -> None:
    assert [fact.metadata.test for fact in read(SAMPLES["test number"])] == [True]


@pytest.mark.parametrize(
    ("kind", "code", "number", "words", "status", "acts"),
    [
        *(("X", code, "", "", CODES[code], None) for code in CODES if code not in ("DY", "SD")),
        *(("X", "", number, "", NUMBERS[number], ...) for number in NUMBERS),
        *((kind, "", "", "", status, None) for kind, status in TYPES.items()),
        ("X", "DY", "", "", Status.IN_TRANSIT, Actor.CARRIER),
        ("I", "DL", "", "Loaded on Delivery Vehicle", Status.OUT_FOR_DELIVERY, None),
        ("X", "48", "", "The receiver was not available", Status.DELIVERY_ATTEMPTED, None),
        ("X", "A1", "", "The address is incorrect", Status.EXCEPTION, Actor.SHOP),
        ("X", "SR", "003", "Released by the customs agency", Status.IN_TRANSIT, None),
        ("D", "XX", "", "Delivered to the local post office", Status.IN_TRANSIT, None),
        ("D", "FS", "", "Delivered to sender", Status.RETURNED, None),
        ("D", "ZZ", "", "Out for Delivery", Status.OUT_FOR_DELIVERY, None),
        ("X", "2Q", "022", "Delivered to an Access Point", Status.AVAILABLE_FOR_PICKUP, None),
        ("", "011", "", "Delivered", Status.DELIVERED, None),
        ("OT", "", "", "Out For Delivery Today", Status.OUT_FOR_DELIVERY, None),
        ("DD", "", "", "Delivered Destination CFS", Status.IN_TRANSIT, None),
        ("QQ", "QQ", "999", "Delivered", Status.UNKNOWN, None),
    ],
)
def test_codes_types_and_the_words_beside_them(
    kind: str, code: str, number: str, words: str, status: Status, acts: Any
) -> None:
    (found,) = told(package([activity("20260421 120000", kind, code, words, number)]))
    assert found.status is status
    assert found.acts is acts or acts is ...


def test_an_alert_may_call_its_number_another_name() -> None:
    other = alert("OT", "", "Out For Delivery Today", trackingNumber=None, inquiryNumber="1Z999")
    assert [(one.tracking_number, one.status) for one in told(other)] == [
        ("1Z999", Status.OUT_FOR_DELIVERY)
    ]


def test_type_d_of_an_alert_is_what_its_words_say() -> None:
    assert [one.status for one in told(alert("D", "", "Delivered"))] == [Status.DELIVERED]
    out = alert("D", "", "Loaded on Delivery Vehicle")
    assert [one.status for one in told(out)] == [Status.OUT_FOR_DELIVERY]
    assert [one.status for one in told(alert("D", "", "Zugestellt"))] == [Status.UNKNOWN]


def broken(**changes: Any) -> Any:
    record = copy.deepcopy(SAMPLES["delivered"])
    record["body"]["trackResponse"]["shipment"][0]["package"][0] |= changes
    return record


@pytest.mark.parametrize(
    ("record", "code", "word"),
    [
        (SAMPLES["error"], "UNKNOWN_TOPIC", "no data"),
        (SAMPLES["no data"], "UNKNOWN_TOPIC", "no data"),
        (SAMPLES["new date"], "UNKNOWN_TOPIC", "promise"),
        (alert("I", "", "", trackingNumber=None), "INCOMPLETE", "trackingNumber"),
        (alert("", "", ""), "INCOMPLETE", "activityStatus"),
        (alert("I", "OT", "", gmtActivityTime="late"), "INVALID_VALUE", "gmtActivityDate"),
        (broken(activity={}), "MALFORMED", "activity"),
        (broken(activity=[], currentStatus=None), "INCOMPLETE", "activity"),
        ({"headers": {}, "body": {}}, "INCOMPLETE", "topic"),
    ],
)
def test_what_is_refused(record: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(record)
    assert refusal.value.code == code
    assert word in refusal.value.detail


def test_an_alert_brings_its_credential_and_a_job_needs_the_secret_path() -> None:
    assert SOURCE.signature is not None
    check = SOURCE.signature.check
    assert check(Call(headers={"credential": "s3"}, raw=b""), ["s3"], NOW) is Verdict.GENUINE
    assert check(Call(headers=ALERT_HEADERS, raw=b"", token="s3"), ["s3"], NOW) is Verdict.WRONG
    assert check(Call(headers={}, raw=b"", token="s3"), ["s3"], NOW) is Verdict.GENUINE
    assert SOURCE.recognises(ALERT_HEADERS)
