"""EasyPost: what becomes of its trackers."""

from __future__ import annotations

import copy
import hashlib
import hmac
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.fetching import Fetch
from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import Fact, ShipmentUpdated
from shared.domain.shipments import Status
from shared.sources import missing, normalize, receive, receive_all
from shared.sources.easypost import DETAILS, SOURCE, STATUSES
from tests.sources.vendors.easypost import SAMPLES, detail, event, tracker


def read(record: Any) -> tuple[Fact, ...]:
    return tuple(f for one in receive_all(record, source="easypost") for f in normalize(one))


def scans(record: Any) -> list[tuple[str, str]]:
    found = []
    for fact in read(record):
        assert isinstance(fact.data, ShipmentUpdated)
        at = fact.metadata.occurred_at.strftime("%m-%dT%H:%M")
        found.append((at, fact.data.status.value))
    return found


WAY = [
    ("04-20T16:00", "LABEL_CREATED"),
    ("04-20T23:30", "IN_TRANSIT"),
    ("04-21T12:10", "OUT_FOR_DELIVERY"),
]


def test_every_detail_is_a_scan() -> None:
    assert scans(SAMPLES["delivered"]) == [*WAY, ("04-21T22:20", "DELIVERED")]
    last = read(SAMPLES["delivered"])[-1]
    assert last.data == ShipmentUpdated(
        status=Status.DELIVERED,
        carrier="ups",
        tracking_number="1Z999AA10123456784",
        raw_status="Left at porch",
        location="PORTLAND, OR, US",
        place="Left at porch",
    )
    assert last.metadata.dedupe_id == "evt_0001"
    assert (last.metadata.test, last.metadata.notes) == (False, ())
    assert read(SAMPLES["delivered"])[-1] == last


@pytest.mark.parametrize("form", ["on its way", "resource", "api list", "test"])
def test_the_same_in_every_form(form: str) -> None:
    assert scans(SAMPLES[form]) == WAY
    assert {f.metadata.test for f in read(SAMPLES[form])} == {form == "test"}


def test_a_trackers_own_mode_marks_a_test_as_well() -> None:
    record = event(
        tracker("out_for_delivery", SAMPLES["resource"]["tracking_details"], mode="test")
    )
    assert {f.metadata.test for f in read(record)} == {True}


def test_a_new_tracker_waits_for_the_carrier() -> None:
    assert scans(SAMPLES["created"]) == [("04-21T23:00", "PENDING")]


def test_signed_but_in_transit() -> None:
    assert scans(SAMPLES["signed in transit"]) == WAY[:2]
    notes = [f.metadata.notes for f in read(SAMPLES["signed in transit"])]
    assert notes[0] == ()
    assert "signed" in notes[1][0]


def test_delivered_where_the_details_know_a_label_only() -> None:
    assert scans(SAMPLES["delivered of a label"]) == [WAY[0], ("04-20T16:00", "DELIVERED")]
    assert "DELIVERED" in read(SAMPLES["delivered of a label"])[-1].metadata.notes[0]


def test_a_return_labels_parcel_is_delivered_to_the_shop() -> None:
    assert scans(SAMPLES["return label"]) == [
        WAY[0],
        ("04-20T23:30", "RETURNING"),
        ("04-21T12:10", "RETURNING"),
        ("04-21T22:20", "RETURNED"),
    ]


@pytest.mark.parametrize(
    ("status", "status_detail", "message", "expected"),
    [
        *((word, "status_update", "words", status.value) for word, status in STATUSES.items()),
        ("in_transit", "received_at_destination_facility", "x", "ARRIVED_AT_DELIVERY_DEPOT"),
        ("in_transit", "return", "x", "RETURNING"),
        ("failure", "delivery_exception", "Delivery attempted, no one there", "DELIVERY_ATTEMPTED"),
        ("failure", "delivery_exception", "Address unknown", "EXCEPTION"),
        ("failure", "refused", "Refused at the first attempt", "EXCEPTION"),
        ("error", "expired", "x", "EXPIRED"),
        ("beamed_up", "x", "words", "UNKNOWN"),
    ],
)
def test_words(status: str, status_detail: str, message: str, expected: str) -> None:
    one = detail("2026-04-21T12:00:00Z", status, status_detail, message)
    (fact,) = read(event(tracker("", [one])))
    assert isinstance(fact.data, ShipmentUpdated)
    assert (fact.data.status, fact.data.raw_status) == (expected, message)


def test_the_details_refine_known_statuses() -> None:
    assert {status for status, _ in DETAILS} <= set(STATUSES)


def test_what_is_fetched() -> None:
    named = receive(SAMPLES["names its tracker"], source="easypost")
    assert missing(named) == Fetch(path="/trackers/trk_0001", topic="tracker")
    with pytest.raises(Rejected, match="fetched"):
        normalize(named)
    for label in ("thin", "delivered", "resource"):
        assert missing(receive(SAMPLES[label], source="easypost")) is None
    record = event({"id": "../secrets", "object": "Tracker"})
    with pytest.raises(Rejected, match=r"result\.id"):
        missing(receive(record, source="easypost"))


def test_a_tracker_without_a_time_has_that_of_its_event() -> None:
    thin = {"tracking_code": "1", "status": "delivered"}
    event = {"description": "tracker.updated", "created_at": "2026-04-22T01:15:00Z"}
    assert scans({**event, "result": thin}) == [("04-22T01:15", "DELIVERED")]


def test_a_tracker_inside_its_shipment() -> None:
    inside = SAMPLES["on its way"]["body"]["result"]
    shipment = {"object": "Shipment", "tracking_code": "1", "status": "unknown", "tracker": inside}
    assert scans(shipment) == scans(SAMPLES["on its way"])


def broken(**changes: Any) -> Any:
    record = copy.deepcopy(SAMPLES["delivered"])
    record["body"]["result"] |= changes
    return record


@pytest.mark.parametrize(
    ("record", "code", "word"),
    [
        (SAMPLES["thin"], "INCOMPLETE", "result"),
        (broken(tracking_code=7.5), "MALFORMED", "result.tracking_code"),
        (broken(tracking_code=None, id=None), "INCOMPLETE", "result.tracking_code"),
        (broken(tracking_details="none"), "MALFORMED", "result.tracking_details"),
        (broken(tracking_details=[{"datetime": "24:61"}]), "INVALID_VALUE", "datetime"),
        ({"headers": {}, "body": {"description": "batch.created"}}, "UNKNOWN_TOPIC", "labels"),
        ({"object": "Shipment", "tracker": None}, "UNKNOWN_TOPIC", "no label"),
        ({"headers": {}, "body": {}}, "INCOMPLETE", "topic"),
    ],
)
def test_what_is_refused(record: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(record)
    assert refusal.value.code == code
    assert word in refusal.value.detail


def test_the_signature() -> None:
    key = unicodedata.normalize("NFKD", "sécret").encode()
    digest = hmac.new(key, b"{}", hashlib.sha256).hexdigest()
    headers = {"x-hmac-signature": f"hmac-sha256-hex={digest}"}
    assert SOURCE.signature is not None
    call = Call(headers=headers, raw=b"{}")
    assert (
        SOURCE.signature.check(call, ["sécret"], datetime(2027, 1, 1, tzinfo=UTC))
        is Verdict.GENUINE
    )
    assert SOURCE.recognises(headers)
    assert not SOURCE.recognises({"x-hmac-signature": digest})
