"""DHL: what becomes of its tracking answers and pushes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts import fact_to_json
from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import Fact, ShipmentUpdated
from shared.domain.shipments import Actor, Status
from shared.sources import normalize, receive_all
from shared.sources.dhl import CODES, SOURCE, split
from tests.sources.vendors.dhl import (
    OUT,
    SAMPLES,
    answer,
    ecommerce,
    event,
    express,
    parcel,
    shipment,
    step,
)

NOW = datetime(2026, 4, 30, tzinfo=UTC)
ON_ITS_WAY = [
    ("04-19T16:00", "LABEL_CREATED"),
    ("04-20T15:30", "ACCEPTED"),
    ("04-21T06:10", "OUT_FOR_DELIVERY"),
]


def read(record: Any) -> tuple[Fact, ...]:
    found = receive_all(record, source="dhl", received_at=NOW)
    return tuple(f for one in found for f in normalize(one))


def told(record: Any) -> list[ShipmentUpdated]:
    return [fact.data for fact in read(record) if isinstance(fact.data, ShipmentUpdated)]


def scans(record: Any) -> list[tuple[str, str]]:
    found = zip(read(record), told(record), strict=True)
    return [(f.metadata.occurred_at.strftime("%m-%dT%H:%M"), d.status.value) for f, d in found]


def test_every_event_is_a_fact() -> None:
    assert scans(SAMPLES["delivered"]) == [*ON_ITS_WAY, ("04-21T13:20", "DELIVERED")]
    last = read(SAMPLES["delivered"])[-1]
    assert last.data == ShipmentUpdated(
        status=Status.DELIVERED,
        carrier="dhl",
        tracking_number="00340000000000000001",
        raw_status="DELIVERED",
        location="AMSTERDAM - THE NETHERLANDS, NL",
    )
    assert last.metadata.notes == ()
    assert read(SAMPLES["delivered"]) == read(SAMPLES["delivered"])
    assert scans(SAMPLES["pushed"]) == [("04-21T13:20", "DELIVERED")]


def test_a_number_may_be_a_json_number() -> None:
    assert [one.tracking_number for one in told(SAMPLES["numeric id"])] == ["7777777770"]


def test_pre_transit_and_delivered_at_once_is_no_delivery() -> None:
    (fact,) = read(SAMPLES["contradictory"])
    assert scans(SAMPLES["contradictory"]) == [("04-20T07:53", "LABEL_CREATED")]
    assert fact.metadata.notes == (
        "The carrier's code says LABEL_CREATED, its words say DELIVERED: the code counts.",
    )


@pytest.mark.parametrize("label", sorted(SAMPLES))
def test_nobodys_name_is_kept(label: str) -> None:
    try:
        facts = read(SAMPLES[label])
    except Rejected:
        return
    assert "EXAMPLE" not in json.dumps([fact_to_json(fact) for fact in facts]).upper()


def test_attempt_and_pick_up_point() -> None:
    assert scans(SAMPLES["attempt"]) == [*ON_ITS_WAY, ("04-21T13:20", "DELIVERY_ATTEMPTED")]
    last = told(SAMPLES["pick-up point"])[-1]
    assert last.status is Status.AVAILABLE_FOR_PICKUP
    assert last.place == "The parcel is ready for collection at Kiosk"


def test_local_times_by_the_country() -> None:
    assert scans(SAMPLES["local times"]) == [("04-21T06:10", "OUT_FOR_DELIVERY")]
    assert "zone of the place" in read(SAMPLES["local times"])[0].metadata.notes[0]
    nowhere = shipment([event("2026-04-21T08:10:00", "transit", "", location=None)])
    assert scans(nowhere) == [("04-21T08:10", "IN_TRANSIT")]
    assert "UTC" in read(nowhere)[0].metadata.notes[0]


def test_express_and_ecommerce_americas_in_their_own_shapes() -> None:
    assert scans(SAMPLES["express"]) == [
        ("04-21T04:06", "ACCEPTED"),
        ("04-21T23:00", "OUT_FOR_DELIVERY"),
        ("04-22T00:06", "DELIVERED"),
    ]
    assert "zone of the place" in read(SAMPLES["express"])[-1].metadata.notes[0]
    last = told(SAMPLES["express"])[-1]
    assert (last.tracking_number, last.raw_status, last.location) == (
        "1234567890", "Delivered", "Tokyo-JP",
    )  # fmt: skip
    assert scans(SAMPLES["ecommerce"]) == [
        ("04-21T13:49", "LABEL_CREATED"),
        ("04-22T18:10", "DELIVERED"),
    ]
    both = {"packages": SAMPLES["ecommerce"]["body"]["packages"] * 2}
    assert len(split(both)) == 2
    assert all(split(part) == (part,) for part in split(both))


@pytest.mark.parametrize(
    ("record", "status", "acts"),
    [
        (express(step("2026-04-21", "12:00", "PD", "Partial delivery")), Status.IN_TRANSIT, None),
        (express(step("2026-04-21", "12:00", "RD", "")), Status.EXCEPTION, Actor.SHOP),
        (express(step("2026-04-21", "12:00", "OH", "")), Status.EXCEPTION, Actor.CARRIER),
        (express(step("2026-04-21", "12:00", "OH", "Out for delivery")),
         Status.EXCEPTION, Actor.CARRIER),
        (express(step("2026-04-21", "12:00", "MS", "Mis-sort")), Status.IN_TRANSIT, Actor.CARRIER),
        (express(step("2026-04-21", "12:00", "CD", "Cleared customs")), Status.IN_TRANSIT, None),
        (express(step("2026-04-21", "12:00", "QQ", "With courier")), Status.UNKNOWN, None),
        (ecommerce(parcel("2026-04-21", "12:00", 592, "")), Status.IN_TRANSIT, Actor.CARRIER),
        (ecommerce(parcel("2026-04-21", "12:00", 620, "")), Status.EXCEPTION, Actor.SHOP),
        (ecommerce(parcel("2026-04-21", "12:00", 443, "")), Status.EXCEPTION, Actor.CARRIER),
        (ecommerce(parcel("2026-04-21", "12:00", 1, "OUT FOR DELIVERY")),
         Status.OUT_FOR_DELIVERY, None),
        (ecommerce(parcel("2026-04-21", "12:00", 642, "DELIVERED TO AGENT FOR FINAL DELIVERY")),
         Status.IN_TRANSIT, None),
        (ecommerce(status="Delivered"), Status.DELIVERED, None),
    ],
)  # fmt: skip
def test_codes_of_express_and_ecommerce(record: Any, status: Status, acts: Actor | None) -> None:
    assert [(one.status, one.acts) for one in told(record)] == [(status, acts)]


def test_a_place_or_a_status_may_be_plain_text() -> None:
    one = event("2026-04-21T08:10:00Z", "transit", "", "Arrived (<a href='x'>more</a>)")
    (found,) = told(shipment([one | {"location": "Amsterdam"}], status="transit"))
    assert (found.location, found.raw_status) == ("Amsterdam", "Arrived ( more )")


def test_every_shipment_is_its_own() -> None:
    parts = split(SAMPLES["two"]["body"])
    assert len(parts) == 2
    assert all(split(part) == (part,) for part in parts)
    assert len({one.tracking_number for one in told(SAMPLES["two"])}) == 2


@pytest.mark.parametrize(
    ("code", "words", "status"),
    [
        *((code, "", status) for code, status in CODES.items()),
        *(("", code, status) for code, status in CODES.items()),
        ("TRANSIT", "", Status.IN_TRANSIT),
        ("transit", "Returned to shipper", Status.RETURNING),
        ("delivered", "Delivered to a ServicePoint, available for collection",
         Status.AVAILABLE_FOR_PICKUP),
        ("delivered", "Handed over to delivery partner", Status.IN_TRANSIT),
        ("failure", "Refused by recipient", Status.EXCEPTION),
        ("new", "Delivered", Status.UNKNOWN),
    ],
)  # fmt: skip
def test_codes_and_the_words_beside_them(code: str, words: str, status: Status) -> None:
    one = event("2026-04-21T12:00:00Z", code, words)
    assert [found.status for found in told(shipment([one], status=None))] == [status]


@pytest.mark.parametrize(
    ("record", "code", "word"),
    [
        (SAMPLES["not found"], "UNKNOWN_TOPIC", "no data"),
        (SAMPLES["validate"], "UNKNOWN_TOPIC", "secret"),
        (answer(shipment([OUT], None)), "INCOMPLETE", "shipments[0].id"),
        (answer(shipment([])), "INCOMPLETE", "events"),
        (answer(shipment([event("soon", "transit", "")])), "INVALID_VALUE", "timestamp"),
        (answer(shipment([OUT], status=["in transit"])), "MALFORMED", "shipments[0].status"),
        (express(step("soon", "12:00", "PU", "")), "INVALID_VALUE", "events[0].date"),
        (express(), "INCOMPLETE", "events"),
        ({"headers": {}, "body": {"packages": [{"events": []}]}}, "INCOMPLETE", "trackingId"),
        ({"headers": {}, "body": {"packages": []}}, "UNKNOWN_TOPIC", "no data"),
        ({"headers": {}, "body": {}}, "INCOMPLETE", "topic"),
    ],
)
def test_what_is_refused(record: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(record)
    assert refusal.value.code == code
    assert word in refusal.value.detail


def test_the_push_brings_the_secret_in_its_header_and_a_job_in_the_path() -> None:
    assert SOURCE.signature is not None
    check = SOURCE.signature.check
    assert check(Call(headers={"x-api-key": "s3"}, raw=b""), ["s3"], NOW) is Verdict.GENUINE
    assert check(Call(headers={"x-api-key": "s4"}, raw=b""), ["s3"], NOW) is Verdict.WRONG
    assert check(Call(headers={}, raw=b"", token="s3"), ["s3"], NOW) is Verdict.GENUINE
