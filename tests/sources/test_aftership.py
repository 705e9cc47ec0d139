"""AfterShip: what becomes of its trackings and returns."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import (
    Fact,
    ReturnClosed,
    ReturnOpened,
    ReturnReceived,
    ReturnStatus,
    ShipmentUpdated,
)
from shared.domain.shipments import Actor, ShippedLine, Status
from shared.sources import normalize, receive_all
from shared.sources.aftership import SIGNATURE, SOURCE, SUBTAGS, TAGS
from tests.sources.vendors.aftership import SAMPLES, WAY, checkpoint, returned, tracking, update

NUMBER = "1Z999AA10123456784"


def read(record: Any) -> tuple[Fact, ...]:
    return tuple(f for one in receive_all(record, source="aftership") for f in normalize(one))


def scans(record: Any) -> list[tuple[str, str, str | None]]:
    found = []
    for fact in read(record):
        assert isinstance(fact.data, ShipmentUpdated)
        at = fact.metadata.occurred_at.strftime("%m-%dT%H:%M")
        found.append((at, fact.data.status.value, fact.data.raw_status))
    return found


def test_every_checkpoint_is_a_scan_at_the_carriers_time() -> None:
    facts = read(SAMPLES["delivered"])
    assert scans(SAMPLES["delivered"]) == [
        ("04-20T16:00", "LABEL_CREATED", "Label created"),
        ("04-20T23:30", "ACCEPTED", "Origin scan"),
        ("04-21T12:10", "OUT_FOR_DELIVERY", "Out for delivery"),
        ("04-21T22:20", "DELIVERED", "Left at front door"),
    ]
    last = facts[-1]
    assert last.data == ShipmentUpdated(
        status=Status.DELIVERED,
        carrier="ups",
        tracking_number=NUMBER,
        raw_status="Left at front door",
        location="Portland, OR",
        place="Left at front door",
    )
    assert last.metadata.occurred_at == datetime(2026, 4, 21, 22, 20, tzinfo=UTC)
    assert last.metadata.dedupe_id == "0b9c4c8e-0000-4000-8000-000000000001"
    assert last.metadata.notes == ()
    assert read(SAMPLES["delivered"]) == facts


def test_a_later_event_repeats_the_same_facts() -> None:
    earlier = {f.metadata.id for f in read(SAMPLES["on its way"])}
    assert earlier < {f.metadata.id for f in read(SAMPLES["delivered"])}


@pytest.mark.parametrize("form", ["resource", "api list"])
def test_trackings_without_an_event(form: str) -> None:
    expected = scans(SAMPLES["on its way"])
    assert scans(SAMPLES[form]) == (expected if form == "resource" else expected[:2])


def test_the_tag_is_read_not_the_events_name() -> None:
    for event in ("edd_revise", "tracking_pending_time", "something_new"):
        record = update(tracking("OutForDelivery", "OutForDelivery_001", WAY), event)
        assert scans(record) == scans(SAMPLES["on its way"])


def test_without_checkpoints_the_tag_is_told_at_the_trackings_time() -> None:
    assert scans(SAMPLES["pending"]) == [("04-22T00:00", "PENDING", "Pending")]
    timeless = copy.deepcopy(SAMPLES["pending"])
    del timeless["body"]["msg"]["updated_at"]
    assert scans(timeless) == [("04-22T00:00", "PENDING", "Pending")], "ts"
    del timeless["body"]["ts"]
    with pytest.raises(Rejected, match=r"msg\.checkpoints or msg\.tag") as refusal:
        read(timeless)
    assert refusal.value.code == "INCOMPLETE"


def test_bare_times_are_japans_for_japanese_carriers_else_utc_with_a_note() -> None:
    assert [at for at, _, _ in scans(SAMPLES["japan"])] == ["04-21T01:15", "04-22T02:30"]
    assert [f.metadata.notes for f in read(SAMPLES["japan"])] == [(), ()]
    (fact,) = read(SAMPLES["bare time"])
    assert fact.metadata.occurred_at == datetime(2026, 4, 21, 10, 15, tzinfo=UTC)
    assert "UTC" in fact.metadata.notes[0]


def test_a_summary_that_no_checkpoint_tells() -> None:
    assert [status for _, status, _ in scans(SAMPLES["contradictory"])] == [
        "LABEL_CREATED",
        "DELIVERED",
    ]
    assert "LABEL_CREATED" in read(SAMPLES["contradictory"])[-1].metadata.notes[0]


@pytest.mark.parametrize(
    ("tag", "number", "status", "acts"),
    [
        ("InTransit", 6, "IN_TRANSIT", None),  # customs have it
        ("InTransit", 9, "IN_TRANSIT", None),  # another address
        ("OutForDelivery", 4, "HELD", None),
        ("AttemptFail", 1, "DELIVERY_ATTEMPTED", None),
        ("AvailableForPickup", 1, "AVAILABLE_FOR_PICKUP", None),
        ("Delivered", 4, "DELIVERED", None),
        ("Exception", 1, "EXCEPTION", None),
        ("Exception", 6, "EXCEPTION", Actor.RECIPIENT),
        ("Exception", 7, "EXCEPTION", Actor.SHOP),
        ("Exception", 10, "RETURNING", None),
        ("Exception", 11, "RETURNED", None),
        ("Exception", 19, "IN_TRANSIT", Actor.CARRIER),
        ("Exception", 20, "CANCELLED", None),
        ("Exception", 21, "EXCEPTION", Actor.SHOP),
        ("Exception", 99, "EXCEPTION", None),
        ("Expired", 1, "EXPIRED", None),
        ("Teleported", 1, "UNKNOWN", None),
    ],
)
def test_tags_and_subtags(tag: str, number: int, status: str, acts: Actor | None) -> None:
    one = checkpoint("2026-04-21T12:00:00Z", tag, number, "words")
    (fact,) = read(update(tracking(tag, one["subtag"], [one])))
    assert isinstance(fact.data, ShipmentUpdated)
    assert (fact.data.status, fact.data.acts) == (status, acts)
    assert fact.data.raw_status == ("Teleported" if status == "UNKNOWN" else "words")


def test_the_tables_name_known_tags_only() -> None:
    assert set(TAGS.values()) >= set(Status) - {
        Status.ACCEPTED, Status.ARRIVED_AT_DELIVERY_DEPOT, Status.HELD, Status.RETURNING,
        Status.RETURNED, Status.CANCELLED, Status.UNKNOWN,
    }  # fmt: skip
    assert {subtag.partition("_")[0] for subtag in SUBTAGS} <= set(TAGS)


def test_where_a_parcel_waits_and_who_has_it() -> None:
    waits = checkpoint("2026-04-21T12:00:00Z", "AvailableForPickup", 1, "Ready")
    (fact,) = read(update(tracking("AvailableForPickup", "x", [waits], pickup_location="Kiosk 7")))
    assert isinstance(fact.data, ShipmentUpdated)
    assert fact.data.place == "Kiosk 7"
    neighbour = checkpoint("2026-04-21T12:00:00Z", "Delivered", 5, "Given to no. 12")
    (fact,) = read(update(tracking("Delivered", "Delivered_005", [neighbour])))
    assert isinstance(fact.data, ShipmentUpdated)
    assert fact.data.place == "Given to no. 12"


def test_returns() -> None:
    (opened,) = read(SAMPLES["return approved"])
    assert opened.data == ReturnOpened(order_id="1001", return_id="ret_1")
    assert opened.metadata.occurred_at == datetime(2026, 4, 28, 7, 34, 56, tzinfo=UTC)
    (closed,) = read(SAMPLES["return rejected"])
    assert closed.data == ReturnClosed(
        order_id="1001", return_id="ret_1", outcome=ReturnStatus.DECLINED
    )


GOODS = [
    {"external_order_item_id": "11", "sku": "SENCHA-100", "intended_return_quantity": 2},
    {"item": {"external_id": "12"}, "intended_return_quantity": 1},
]


def test_the_goods_of_a_return() -> None:
    record = returned("return.approved", external_id="1001")
    record["body"]["data"]["return_items"] = GOODS
    (opened,) = read(record)
    assert opened.data == ReturnOpened(
        order_id="1001",
        return_id="ret_1",
        lines=(
            ShippedLine(line_id="11", quantity=2, sku="SENCHA-100"),
            ShippedLine(line_id="12", quantity=1),
        ),
    )
    # Goods of which one names no line are not told in part.
    record["body"]["data"]["return_items"] = [GOODS[0], {"sku": "X"}]
    assert read(record)[0].data == ReturnOpened(order_id="1001", return_id="ret_1")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("submitted", ReturnOpened),
        ("shipped", ReturnOpened),
        ("received", ReturnReceived),
        ("done", ReturnClosed),
    ],
)
def test_a_return_alone_and_the_events_of_old_versions(status: str, kind: type) -> None:
    record = returned("return.updated", external_id="1001")
    record["body"]["data"] |= {"status": status, "created_at": "2026-04-01T00:00:00Z"}
    (fact,) = read(record)
    assert type(fact.data) is kind
    assert fact.metadata.occurred_at.day == 28
    alone = {**record["body"]["data"], "resolved_at": "2026-04-30T00:00:00Z"}
    for body in (alone, {"meta": {"code": 200}, "data": alone}, {"data": {"return": alone}}):
        (fact,) = read(body)
        assert type(fact.data) is kind
        assert fact.metadata.occurred_at.day == (30 if status == "done" else 1)


def test_the_last_checkpoint_alone() -> None:
    last = tracking("OutForDelivery", "OutForDelivery_001", []) | {"checkpoint": WAY[-1]}
    assert scans({"meta": {"code": 200}, "data": last}) == scans(SAMPLES["on its way"])[-1:]


def broken(**changes: Any) -> Any:
    record = copy.deepcopy(SAMPLES["delivered"])
    record["body"]["msg"] |= changes
    return record


@pytest.mark.parametrize(
    ("record", "code", "word"),
    [
        (SAMPLES["return without order"], "INCOMPLETE", "order.external_id"),
        (broken(tracking_number=None), "INCOMPLETE", "msg.tracking_number"),
        (broken(tracking_number={}), "MALFORMED", "msg.tracking_number"),
        (broken(checkpoints={}), "MALFORMED", "msg.checkpoints"),
        (broken(checkpoints=[{"checkpoint_time": "soon"}]), "INVALID_VALUE", "checkpoint_time"),
        ({"headers": {}, "body": {"event": "return.restock.created"}}, "UNKNOWN_TOPIC", "money"),
        ({"headers": {}, "body": {"event": "label.created"}}, "UNKNOWN_TOPIC", "no parcel"),
        ({"event_type": "create_a_label", "data": {"id": "1"}}, "UNKNOWN_TOPIC", "no parcel"),
        (returned("return.updated", external_id="1"), "INVALID_VALUE", "status"),
        ({"headers": {}, "body": {"event": "tracking_update"}}, "INCOMPLETE", "tracking_number"),
    ],
)
def test_what_is_refused(record: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(record)
    assert refusal.value.code == code
    assert word in refusal.value.detail


@pytest.mark.parametrize(
    ("header", "prefix"),
    [
        ("aftership-hmac-sha256", ""),
        ("as-signature-hmac-sha256", ""),
        ("am-webhook-signature", "hmac-sha256="),
    ],
)
def test_the_signatures_of_three_products(header: str, prefix: str) -> None:
    digest = base64.b64encode(hmac.new(b"s3", b"{}", hashlib.sha256).digest()).decode()
    now = datetime(2027, 1, 1, tzinfo=UTC)
    call = Call(headers={header: prefix + digest}, raw=b"{}")
    assert SIGNATURE.check(call, ["s3"], now) is Verdict.GENUINE
    assert SIGNATURE.check(call, ["other"], now) is Verdict.WRONG
    assert SOURCE.recognises({header: digest})
