"""USPS: what becomes of its tracking answers."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import Fact, ShipmentUpdated
from shared.domain.shipments import Actor, Status
from shared.sources import normalize, receive_all
from shared.sources.usps import CATEGORIES, CODES, SOURCE, split
from tests.sources.vendors.usps import NUMBER, SAMPLES, event, old, tracking

NOW = datetime(2026, 4, 30, tzinfo=UTC)
ON_ITS_WAY = [
    ("04-19T22:00", "LABEL_CREATED"),
    ("04-20T23:30", "ACCEPTED"),
    ("04-21T12:00", "ARRIVED_AT_DELIVERY_DEPOT"),
    ("04-21T13:10", "OUT_FOR_DELIVERY"),
]


def read(record: Any) -> tuple[Fact, ...]:
    found = receive_all(record, source="usps", received_at=NOW)
    return tuple(f for one in found for f in normalize(one))


def told(record: Any) -> list[ShipmentUpdated]:
    return [fact.data for fact in read(record) if isinstance(fact.data, ShipmentUpdated)]


def scans(record: Any) -> list[tuple[str, str]]:
    found = zip(read(record), told(record), strict=True)
    return [(f.metadata.occurred_at.strftime("%m-%dT%H:%M"), d.status.value) for f, d in found]


def test_every_event_is_a_fact_and_a_locker_is_a_place() -> None:
    assert scans(SAMPLES["delivered"]) == [*ON_ITS_WAY, ("04-21T22:20", "DELIVERED")]
    last = read(SAMPLES["delivered"])[-1]
    assert last.data == ShipmentUpdated(
        status=Status.DELIVERED,
        carrier="usps",
        tracking_number=NUMBER,
        raw_status="Delivered, Parcel Locker",
        location="PORTLAND, OR",
        place="Parcel Locker",
        shipped_on=date(2026, 4, 19),
    )
    assert (last.metadata.test, last.metadata.notes) == (False, ())
    assert read(SAMPLES["delivered"]) == read(SAMPLES["delivered"])


def test_a_notification_holds_an_answer_as_text() -> None:
    body = SAMPLES["delivered"]
    answer = body.get("body", body)
    sent = {
        "subscriptionId": "a1b2",
        "subscriptionType": "TRACKING",
        "timestamp": "2026-04-21T22:25:00Z",
        "payload": json.dumps(answer),
        "links": [{"rel": "self"}],
    }
    assert scans(sent) == scans(SAMPLES["delivered"])
    assert all(split(part) == (part,) for part in split(sent))
    thin = {**sent, "payload": json.dumps({"trackingNumber": NUMBER, "status": "Delivered"})}
    assert scans(thin) == [("04-21T22:25", "DELIVERED")]
    for payload in ("{", "[]", "7", json.dumps(sent)):
        with pytest.raises(Rejected) as refusal:
            read({**sent, "payload": payload})
        assert refusal.value.code == "MALFORMED"


@pytest.mark.parametrize(
    ("words", "status", "acts"),
    [
        ("Arrived at USPS Facility", Status.IN_TRANSIT, None),
        ("Inbound Out of Customs", Status.IN_TRANSIT, None),
        ("Departed Shipping Partner Facility, USPS Awaiting Item", Status.IN_TRANSIT, None),
        ("USPS Currently Awaiting Package", Status.LABEL_CREATED, None),
        ("Redelivery Scheduled", Status.HELD, None),
        ("Delivery Exception, Local Weather Delay", Status.IN_TRANSIT, Actor.CARRIER),
        ("Delivery Exception, Animal Interference", Status.EXCEPTION, None),
        ("Awaiting Delivery Scan", Status.OUT_FOR_DELIVERY, None),
        ("Delivered, Rescheduled", Status.DELIVERED, None),
        ("Quarantined", Status.UNKNOWN, None),
    ],
)
def test_words_without_a_known_code(words: str, status: Status, acts: Actor | None) -> None:
    (found,) = told(tracking("", "", [event("2026-04-21T12:00:00", "Q9", words)]))
    assert (found.status, found.acts, found.raw_status) == (status, acts, words)


def test_attempt_pickup_and_alert() -> None:
    assert scans(SAMPLES["attempt"])[-1] == ("04-21T22:20", "DELIVERY_ATTEMPTED")
    assert scans(SAMPLES["pickup"])[-1] == ("04-22T15:00", "AVAILABLE_FOR_PICKUP")
    assert scans(SAMPLES["alert"]) == [("04-21T22:20", "RETURNING")]


def test_a_summary_has_its_time_in_its_sentence() -> None:
    assert scans(SAMPLES["summary"]) == [("04-21T22:20", "DELIVERED")]
    assert "zone of the place" in read(SAMPLES["summary"])[0].metadata.notes[0]
    bare = tracking("Delivered", "Delivered", [], statusSummary="It was delivered.")
    assert scans(bare) == [("04-30T00:00", "DELIVERED")]


def test_older_answers_have_dates_in_words() -> None:
    assert scans(SAMPLES["web tools"]) == [
        ("04-21T13:10", "OUT_FOR_DELIVERY"),
        ("04-21T22:20", "DELIVERED"),
    ]
    assert told(SAMPLES["web tools"])[-1].place == "FRONT DOOR"
    one = {"TrackInfo": {"ID": NUMBER, "TrackSummary": old("April 21, 2026", "", "OF", "OUT")}}
    assert scans(one) == [("04-21T07:00", "OUT_FOR_DELIVERY")]


def test_local_times_at_their_offset() -> None:
    one = event(None, "OF", "Out for Delivery", eventTimestamp="2026-04-21T06:10:00")
    assert scans(tracking("", "", [one])) == [("04-21T13:10", "OUT_FOR_DELIVERY")]
    assert read(tracking("", "", [one]))[0].metadata.notes == ()


def test_every_number_is_its_own() -> None:
    parts = split(SAMPLES["list"])
    assert len(parts) == 2
    assert all(split(part) == (part,) for part in parts)
    (info,) = split(SAMPLES["web tools"]["body"])
    assert split(info) == (info,)
    assert {one.tracking_number for one in told(SAMPLES["list"])} == {NUMBER, NUMBER[::-1]}


@pytest.mark.parametrize(
    ("code", "words", "status"),
    [
        *((code, "", status) for code, status in CODES.items()),
        *(("", category, status) for category, status in CATEGORIES.items()),
        ("", "Delivered, Left with Individual", Status.DELIVERED),
        ("01", "Delivered, To Original Sender", Status.RETURNED),
        ("01", "Delivered to Agent for Final Delivery", Status.IN_TRANSIT),
        ("", "Held at Post Office, At Customer Request", Status.HELD),
        ("", "Reminder: Available for Redelivery or Pickup", Status.AVAILABLE_FOR_PICKUP),
        ("04", "Refused", Status.EXCEPTION),
        ("1", "Delivered", Status.DELIVERED),
        ("", "", Status.UNKNOWN),
        ("QQ", "Something new", Status.UNKNOWN),
    ],
)
def test_codes_and_words(code: str, words: str, status: Status) -> None:
    (found,) = told(tracking("", "", [event("2026-04-21T12:00:00", code, words)]))
    assert found.status is status
    assert found.place is None


@pytest.mark.parametrize(("category", "status"), list(CATEGORIES.items()))
def test_categories(category: str, status: Status) -> None:
    assert [one.status for one in told(tracking(category, "", []))] == [status]


@pytest.mark.parametrize(
    ("record", "code", "word"),
    [
        (SAMPLES["error"], "UNKNOWN_TOPIC", "no data"),
        (tracking("Delivered", "", [], trackingNumber=None), "INCOMPLETE", "trackingNumber"),
        (tracking("", "", []), "INCOMPLETE", "trackingEvents"),
        (tracking("", "", [event("late", "01", "")]), "INVALID_VALUE", "GMTTimestamp"),
        (tracking("", "", []) | {"trackingEvents": {}}, "MALFORMED", "trackingEvents"),
        (
            {"TrackInfo": {"ID": "1", "TrackSummary": old("some day", "", "", "")}},
            "INVALID_VALUE",
            "EventDate",
        ),
        ({"headers": {}, "body": {}}, "INCOMPLETE", "topic"),
    ],
)
def test_what_is_refused(record: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(record)
    assert refusal.value.code == code
    assert word in refusal.value.detail


def test_only_the_secret_path() -> None:
    assert SOURCE.signature is not None
    check = SOURCE.signature.check
    assert check(Call(headers={}, raw=b"", token="s3"), ["s3"], NOW) is Verdict.GENUINE
    assert check(Call(headers={}, raw=b""), ["s3"], NOW) is Verdict.UNSIGNED
