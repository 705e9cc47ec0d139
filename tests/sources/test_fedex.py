"""FedEx: what becomes of its tracking answers and webhooks."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import Fact, ShipmentUpdated
from shared.domain.shipments import Actor, Status
from shared.sources import normalize, receive_all
from shared.sources.fedex import CODES, SOURCE, split
from tests.sources.vendors.fedex import ARRIVED, SAMPLES, answer, result, scan, whole

NOW = datetime(2026, 4, 30, tzinfo=UTC)
ON_ITS_WAY = [
    ("04-19T22:00", "LABEL_CREATED"),
    ("04-20T23:30", "ACCEPTED"),
    ("04-21T13:10", "OUT_FOR_DELIVERY"),
]


def read(record: Any) -> tuple[Fact, ...]:
    found = receive_all(record, source="fedex", received_at=NOW)
    return tuple(f for one in found for f in normalize(one))


def told(record: Any) -> list[ShipmentUpdated]:
    return [fact.data for fact in read(record) if isinstance(fact.data, ShipmentUpdated)]


def scans(record: Any) -> list[tuple[str, str]]:
    found = zip(read(record), told(record), strict=True)
    return [(f.metadata.occurred_at.strftime("%m-%dT%H:%M"), d.status.value) for f, d in found]


def test_every_scan_is_a_fact_and_who_received_it_is_not_kept() -> None:
    assert scans(SAMPLES["delivered"]) == [*ON_ITS_WAY, ("04-21T22:20", "DELIVERED")]
    last = read(SAMPLES["delivered"])[-1]
    assert last.data == ShipmentUpdated(
        status=Status.DELIVERED,
        carrier="fedex",
        tracking_number="794600000012",
        raw_status="Delivered",
        location="PORTLAND, OR, US",
        place="Receptionist/Front Desk",
        shipped_on=date(2026, 4, 20),
    )
    assert (last.metadata.test, last.metadata.notes) == (False, ())
    assert read(SAMPLES["delivered"]) == read(SAMPLES["delivered"])


@pytest.mark.parametrize("form", ["batch", "one number", "one result"])
def test_the_same_in_every_form_and_beside_a_number_that_is_not_found(form: str) -> None:
    assert read(SAMPLES[form]) == read(SAMPLES["delivered"])


def test_one_number_of_two_parcels_is_told_apart_by_the_ship_date() -> None:
    facts = told(SAMPLES["number given out again"])
    assert [one.shipped_on for one in facts] == [date(2026, 4, 20)] * 4 + [date(2025, 6, 1)]
    assert len({one.tracking_number for one in facts}) == 1
    parts = split(SAMPLES["number given out again"]["body"])
    assert len(parts) == 2
    assert all(split(part) == (part,) for part in parts)


def test_a_hold_is_at_its_place_and_an_attempt_is_one() -> None:
    held = told(SAMPLES["hold"])[-1]
    assert held.status is Status.AVAILABLE_FOR_PICKUP
    assert held.place == "Example Copy Shop, 1 Example Street, PORTLAND, OR, 97201"
    attempt = told(SAMPLES["attempt"])[-1]
    assert attempt.status is Status.DELIVERY_ATTEMPTED
    assert attempt.place is None
    waiting = result("PU", "Picked up", [scan("2026-04-20T16:30:00-07:00", "PU", "Picked up")])
    waiting["holdAtLocation"] = SAMPLES["hold"]["body"]["output"]["completeTrackResults"][0][
        "trackResults"
    ][0]["holdAtLocation"]
    assert [(one.status, one.place) for one in told(waiting)] == [(Status.ACCEPTED, None)]


def test_a_time_without_offset_is_the_places_own() -> None:
    assert scans(SAMPLES["local times"]) == [("04-20T23:30", "ACCEPTED")]
    assert "zone of the place" in read(SAMPLES["local times"])[0].metadata.notes[0]
    nowhere = result("PU", "", [scan("2026-04-20T16:30:00", "PU", "Picked up", scanLocation=None)])
    assert scans(nowhere) == [("04-20T16:30", "ACCEPTED")]
    assert "UTC" in read(nowhere)[0].metadata.notes[0]


def test_a_status_without_scans_is_at_the_time_of_arrival() -> None:
    assert scans(SAMPLES["label only"]) == [("04-30T00:00", "LABEL_CREATED")]


def test_batch_and_result_may_name_two_numbers() -> None:
    other = answer(whole(ARRIVED, number="794600000013"))
    (first, *_) = read(other)
    assert told(other)[0].tracking_number == "794600000012"
    assert "two numbers" in read(other)[-1].metadata.notes[0]
    assert first.metadata.notes == ()


@pytest.mark.parametrize(
    ("code", "words", "status", "acts"),
    [
        *(
            (code, "", status, None)
            for code, status in CODES.items()
            if code not in {"DY", "DD", "PD", "CD"}
        ),
        ("DY", "Delay", Status.IN_TRANSIT, Actor.CARRIER),
        ("DD", "Delivery delay", Status.IN_TRANSIT, Actor.CARRIER),
        ("CD", "Clearance delay", Status.EXCEPTION, Actor.CARRIER),
        ("FD", "At FedEx destination facility", Status.ARRIVED_AT_DELIVERY_DEPOT, None),
        ("FD", "Running Late", Status.IN_TRANSIT, Actor.CARRIER),
        ("DE", "Incorrect address", Status.EXCEPTION, Actor.SHOP),
        ("DE", "Delivery exception", Status.EXCEPTION, None),
        ("SE", "Future delivery requested", Status.HELD, None),
        ("DL", "Delivered to Example Onsite location", Status.AVAILABLE_FOR_PICKUP, None),
        ("AE", "Shipment arriving early", Status.IN_TRANSIT, None),
        ("IN", "Label created", Status.LABEL_CREATED, None),
        ("DL", "Out for delivery", Status.OUT_FOR_DELIVERY, None),
        ("ZZ", "", Status.UNKNOWN, None),
        ("ZZ", "Delivered", Status.UNKNOWN, None),
    ],
)
def test_codes_and_the_words_beside_them(
    code: str, words: str, status: Status, acts: Actor | None
) -> None:
    one = scan("2026-04-21T12:00:00Z", code, words, derivedStatusCode="", derivedStatus="")
    (found,) = told(result("", "", [one]))
    assert (found.status, found.acts, found.raw_status) == (status, acts, words or code)


def test_an_unknown_code_is_what_fedex_derives_from_it() -> None:
    one = scan("2026-04-21T12:00:00Z", "ZZ", "", derivedStatusCode="IT")
    assert [found.status for found in told(result("", "", [one]))] == [Status.IN_TRANSIT]


def broken(**changes: Any) -> Any:
    record = copy.deepcopy(SAMPLES["delivered"])
    record["body"]["output"]["completeTrackResults"][0]["trackResults"][0] |= changes
    return record


NAMELESS = {
    "trackResults": [{"trackingNumberInfo": {"carrierCode": "FDXE"}, "scanEvents": [{"date": ""}]}]
}


@pytest.mark.parametrize(
    ("record", "code", "word"),
    [
        (SAMPLES["not found"], "UNKNOWN_TOPIC", "no data"),
        ({"headers": {}, "body": NAMELESS}, "INCOMPLETE", "trackingNumber"),
        (broken(scanEvents={}), "MALFORMED", "scanEvents"),
        (broken(scanEvents=[{"date": "later"}]), "INVALID_VALUE", "scanEvents[0].date"),
        (broken(latestStatusDetail="DL"), "MALFORMED", "latestStatusDetail"),
        ({"headers": {}, "body": {}}, "INCOMPLETE", "topic"),
    ],
)
def test_what_is_refused(record: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(record)
    assert refusal.value.code == code
    assert word in refusal.value.detail


def test_the_webhook_is_signed_and_a_job_needs_the_secret_path() -> None:
    raw = json.dumps(SAMPLES["delivered"]["body"]).encode()
    digest = hmac.new(b"s3", raw, hashlib.sha256).digest()
    signed = {"fdx-signature": base64.b64encode(digest).decode()}
    assert SOURCE.signature is not None
    check = SOURCE.signature.check
    assert check(Call(headers=signed, raw=raw), ["s3"], NOW) is Verdict.GENUINE
    assert check(Call(headers=signed, raw=raw + b" ", token="s3"), ["s3"], NOW) is Verdict.WRONG
    assert check(Call(headers={}, raw=raw, token="s3"), ["s3"], NOW) is Verdict.GENUINE
    assert check(Call(headers={}, raw=raw), ["s3"], NOW) is Verdict.UNSIGNED
    assert SOURCE.recognises(signed)
