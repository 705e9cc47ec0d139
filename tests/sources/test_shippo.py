"""Shippo: what becomes of its tracks."""

from __future__ import annotations

import copy
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import Fact, ShipmentUpdated
from shared.domain.shipments import Actor, Status
from shared.sources import normalize, receive_all
from shared.sources.shippo import SOURCE, STATUSES, SUBSTATUSES
from tests.sources.vendors.shippo import SAMPLES, event, scan, track

ON_ITS_WAY = [
    ("04-20T16:00", "LABEL_CREATED"),
    ("04-20T23:30", "ACCEPTED"),
    ("04-21T12:10", "OUT_FOR_DELIVERY"),
]


def read(record: Any) -> tuple[Fact, ...]:
    return tuple(f for one in receive_all(record, source="shippo") for f in normalize(one))


def scans(record: Any) -> list[tuple[str, str]]:
    found = []
    for fact in read(record):
        assert isinstance(fact.data, ShipmentUpdated)
        at = fact.metadata.occurred_at.strftime("%m-%dT%H:%M")
        found.append((at, fact.data.status.value))
    return found


def test_every_scan_of_the_history() -> None:
    assert scans(SAMPLES["delivered"]) == [*ON_ITS_WAY, ("04-21T22:20", "DELIVERED")]
    last = read(SAMPLES["delivered"])[-1]
    assert last.data == ShipmentUpdated(
        status=Status.DELIVERED,
        carrier="usps",
        tracking_number="9205590164917312751089",
        raw_status="In the parcel locker",
        location="Portland, OR, US",
        place="In the parcel locker",
    )
    assert last.metadata.dedupe_id == "usps:9205590164917312751089:DELIVERED:2026-04-21T22:20:00Z"
    assert (last.metadata.test, last.metadata.notes) == (False, ())
    assert read(SAMPLES["delivered"])[-1] == last


@pytest.mark.parametrize("form", ["on its way", "resource", "test", "mock carrier"])
def test_the_same_in_every_form(form: str) -> None:
    assert scans(SAMPLES[form]) == ON_ITS_WAY
    assert {f.metadata.test for f in read(SAMPLES[form])} == {form in {"test", "mock carrier"}}


def test_a_status_that_the_history_does_not_have_yet() -> None:
    assert scans(SAMPLES["history lags"]) == scans(SAMPLES["delivered"])


def test_a_track_of_which_the_carrier_knows_nothing() -> None:
    assert scans(SAMPLES["pending"]) == [("04-22T00:00", "PENDING")]


def test_a_substatus_of_another_status() -> None:
    (fact,) = read(SAMPLES["contradictory"])
    assert isinstance(fact.data, ShipmentUpdated)
    assert (fact.data.status, fact.data.raw_status) == ("DELIVERED", "Done")
    assert "substatus" in fact.metadata.notes[0]


def test_what_goes_back() -> None:
    assert scans(SAMPLES["returning"])[-1] == ("04-23T08:00", "RETURNING")


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        *((word, None, status.value) for word, status in STATUSES.items()),
        *((word, code, status.value) for (word, code), (status, _) in SUBSTATUSES.items()),
        ("TRANSIT", "beamed_up", "IN_TRANSIT"),
        ("BEAMED", None, "UNKNOWN"),
    ],
)
def test_words(status: str, code: str | None, expected: str) -> None:
    record = event(track(None, [scan("2026-04-21T12:00:00Z", status, code, "words")]))
    (fact,) = read(record)
    assert isinstance(fact.data, ShipmentUpdated)
    assert (fact.data.status, fact.data.raw_status) == (expected, "words")
    # Whether it is the recipient's turn is said beside the substatus.
    assert fact.data.acts is not Actor.RECIPIENT


@pytest.mark.parametrize(("required", "acts"), [(True, Actor.RECIPIENT), (False, None)])
def test_the_recipient_acts_where_action_is_required(required: bool, acts: Actor | None) -> None:
    one = scan("2026-04-21T12:00:00Z", "TRANSIT", "contact_carrier", "Call us")
    one["substatus"]["action_required"] = required
    (fact,) = read(event(track(one, [])))
    assert isinstance(fact.data, ShipmentUpdated)
    assert (fact.data.status, fact.data.acts) == (Status.EXCEPTION, acts)


def test_words_of_scans_before_there_were_substatuses() -> None:
    said = {
        "Your shipment has been accepted at the USPS origin facility.": Status.ACCEPTED,
        "Your shipment is out for delivery.": Status.OUT_FOR_DELIVERY,
        "Your shipment has departed the USPS facility.": Status.IN_TRANSIT,
    }
    for words, status in said.items():
        (fact,) = read(event(track(scan("2016-12-08T10:29:00Z", "TRANSIT", None, words), [])))
        assert isinstance(fact.data, ShipmentUpdated)
        assert fact.data.status is status
    written = scan("2016-12-08T10:29:00Z", "TRANSIT", None, "") | {"substatus": "package_accepted"}
    (fact,) = read(event(track(written, [])))
    assert isinstance(fact.data, ShipmentUpdated)
    assert fact.data.status is Status.ACCEPTED


def broken(**changes: Any) -> Any:
    record = copy.deepcopy(SAMPLES["delivered"])
    record["body"]["data"] |= changes
    return record


@pytest.mark.parametrize(
    ("record", "code", "word"),
    [
        (broken(tracking_number=""), "INCOMPLETE", "data.tracking_number"),
        (broken(tracking_history=7), "MALFORMED", "data.tracking_history"),
        (broken(tracking_history=[{"status_date": "never"}]), "INVALID_VALUE", "status_date"),
        (broken(tracking_history=[], tracking_status=None), "INCOMPLETE", "tracking_status"),
        ({"headers": {}, "body": {"event": "transaction_created"}}, "UNKNOWN_TOPIC", "label"),
        (
            {"tracking_number": "1", "tracking_status": "UNKNOWN", "rate": "x"},
            "UNKNOWN_TOPIC",
            "label",
        ),
        ({"headers": {}, "body": {}}, "INCOMPLETE", "topic"),
    ],
)
def test_what_is_refused(record: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(record)
    assert refusal.value.code == code
    assert word in refusal.value.detail


def test_signed_or_by_a_secret_path() -> None:
    now = datetime(2026, 4, 22, tzinfo=UTC)
    stamp = int(now.timestamp())
    digest = hmac.new(b"s3", f"{stamp}.{{}}".encode(), hashlib.sha256).hexdigest()
    headers = {"shippo-auth-signature": f"t={stamp},v1={digest}"}
    assert SOURCE.signature is not None
    assert SOURCE.signature.check(Call(headers=headers, raw=b"{}"), ["s3"], now) is Verdict.GENUINE
    by_path = Call(headers={}, raw=b"{}", token="s3")
    assert SOURCE.signature.check(by_path, ["s3"], now) is Verdict.GENUINE
    wrong = Call(headers=headers, raw=b"{ }", token="s3")
    assert SOURCE.signature.check(wrong, ["s3"], now) is Verdict.WRONG
    assert SOURCE.recognises(headers)
