"""What becomes of posts about parcels: the sources yamato, sagawa, japanpost and carrier."""

from __future__ import annotations

import hashlib
import hmac
import importlib
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.contracts.posted_tracking import split
from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import (
    DeliveryPromised,
    Fact,
    PaymentMethod,
    PaymentStatus,
    PaymentUpdated,
    PromiseSource,
    ShipmentUpdated,
)
from shared.domain.folding import fold, merge
from shared.domain.orders import OrderRecord
from shared.domain.shipments import Actor, Status
from shared.sources import find_source, normalize, receive_all

NAMES = ("yamato", "sagawa", "japanpost", "carrier")
SAMPLES = {name: importlib.import_module(f"tests.sources.vendors.{name}").SAMPLES for name in NAMES}

DONE = ["ShipmentUpdated"]
FACTS: dict[str, dict[str, list[str]]] = {
    "yamato": {
        "absent_over_new_year": DONE * 5,
        "parcel_box": DONE * 2,
        "cash_on_delivery": [*DONE * 2, "PaymentUpdated", "DeliveryPromised"],
        "export": DONE * 2,
        "counter": DONE * 2,
        "no_data": [],
        "batch": DONE * 7,
    },
    "sagawa": {
        "kept_after_absence": DONE * 5,
        "kept_for_a_date": DONE * 2,
        "kept_at_the_counter": DONE * 2,
        "one_event": DONE,
        "list": DONE * 6,
    },
    "japanpost": {
        "poste_restante": DONE * 4,
        "collected": DONE * 5,
        "returned": DONE * 4,
        "mailbox": DONE,
        "english": DONE * 3,
    },
    "carrier": {
        "canonical": ["ShipmentUpdated", "DeliveryPromised"],
        "plain_words": DONE * 2,
        "japanese": DONE,
        "trial": ["ShipmentUpdated", "DeliveryPromised"],
        "batch": DONE * 3,
    },
}
NOON = datetime(2026, 11, 21, 3, tzinfo=UTC)
ROW = {"status": "配達中", "at": "2026-11-21T09:00:00+09:00"}
PARCEL: dict[str, Any] = {"tracking_number": "123456789012", "history": [ROW]}


def told(body: Any, source: str = "yamato", at: datetime | None = None) -> list[Fact]:
    raw = json.dumps(body, ensure_ascii=False)
    return [
        fact
        for delivery in receive_all(raw, source=source, received_at=at)
        for fact in normalize(delivery)
    ]


def refused(body: Any, source: str = "yamato", at: datetime | None = None) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        told(body, source, at)
    return refusal.value


def scan(fact: Fact) -> ShipmentUpdated:
    assert isinstance(fact.data, ShipmentUpdated)
    return fact.data


@pytest.mark.parametrize(
    ("source", "sample"), [(name, sample) for name in NAMES for sample in SAMPLES[name]]
)
def test_what_becomes_of_each_sample(source: str, sample: str) -> None:
    record = SAMPLES[source][sample]
    facts = [f for d in receive_all(record, source=source) for f in normalize(d)]
    assert [fact.metadata.type for fact in facts] == FACTS[source][sample]
    assert facts == [f for d in receive_all(record, source=source) for f in normalize(d)]
    # The headers tell the source, too.
    assert {d.source for d in receive_all(record)} == {source}
    assert told(record["body"], source) == facts
    assert {f.metadata.test for f in facts} <= {sample == "trial"}


def test_a_parcel_over_new_year_in_full() -> None:
    facts = told(SAMPLES["yamato"]["absent_over_new_year"]["body"])
    assert [f.metadata.occurred_at.isoformat()[:16] for f in facts] == [
        "2026-12-30T09:50",
        "2026-12-30T09:50",
        "2026-12-30T19:05",
        "2027-01-01T00:12",
        "2027-01-01T05:22",
    ]
    assert facts[-1].data == ShipmentUpdated(
        status=Status.DELIVERY_ATTEMPTED,
        carrier="yamato",
        tracking_number="123456789012",
        raw_status="持戻（ご不在）",
        location="渋谷営業所",
        # Said beside the present state, which is the last row once more.
        hold_until=date(2027, 1, 7),
        shipped_on=date(2026, 12, 30),
        acts=Actor.RECIPIENT,
    )


def test_cash_on_delivery_is_paid_at_the_door() -> None:
    body = SAMPLES["yamato"]["cash_on_delivery"]["body"]
    at = datetime(2026, 11, 21, 5, 22, tzinfo=UTC)
    _, done, paid, promise = told(body)
    assert (scan(done).order_id, scan(done).shipment_id) == ("1042", "1042-1")
    assert paid.data == PaymentUpdated(
        order_id="1042", status=PaymentStatus.PAID, method=PaymentMethod.COD
    )
    assert promise.data == DeliveryPromised(
        order_id="1042",
        shipment_id="1042-1",
        latest=date(2026, 11, 21),
        promised_by=PromiseSource.CARRIER,
    )
    assert {f.metadata.occurred_at for f in (done, paid, promise)} == {at}
    # Without the order nobody knows whose money and promise it is; not delivered is not paid.
    assert len(told({**body, "order_id": None})) == 2
    missed = {**body, "history": [{**ROW, "status": "持戻（代金不足）"}], "status": None}
    assert [f.metadata.type for f in told(missed)] == ["ShipmentUpdated", "DeliveryPromised"]


def test_the_day_that_the_recipient_asked_for_is_theirs() -> None:
    body = {**PARCEL, "order_id": "1042", "requested_delivery": "11月25日 14-16時"}
    promise = told({**body, "shipped_on": "2026-11-20"})[-1].data
    assert promise == DeliveryPromised(
        order_id="1042", latest=date(2026, 11, 25), promised_by=PromiseSource.CUSTOMER
    )


@pytest.mark.parametrize(
    ("source", "sample", "status", "possession", "acts"),
    [
        ("yamato", "absent_over_new_year", Status.DELIVERY_ATTEMPTED, False, Actor.RECIPIENT),
        ("yamato", "cash_on_delivery", Status.DELIVERED, True, None),
        ("yamato", "export", Status.IN_TRANSIT, False, None),
        ("sagawa", "kept_for_a_date", Status.HELD, False, Actor.CARRIER),
        ("japanpost", "poste_restante", Status.AVAILABLE_FOR_PICKUP, False, Actor.RECIPIENT),
        ("japanpost", "collected", Status.DELIVERED, True, None),
        ("japanpost", "returned", Status.RETURNED, False, None),
    ],
)
def test_what_an_order_learns_of_it(
    source: str, sample: str, status: Status, possession: bool, acts: Actor | None
) -> None:
    body = SAMPLES[source][sample]["body"]
    facts = told({**body, "order_id": "1042", "shipment_id": "1042-1"}, source)
    (shipment,) = fold(merge(OrderRecord(brand="aoba", order_id="1042"), facts)).shipments
    assert shipment.status is status
    assert (shipment.possession_at is not None) is possession
    assert shipment.scans[-1].acts is acts


def test_rows_count_in_the_carriers_order_whatever_way_they_are_listed() -> None:
    body = SAMPLES["sagawa"]["kept_after_absence"]["body"]
    backwards = {**body, "history": body["history"][::-1]}
    assert told(backwards, "sagawa") == told(body, "sagawa")


def test_a_longer_history_repeats_the_same_facts() -> None:
    body = SAMPLES["sagawa"]["kept_after_absence"]["body"]
    whole = told(body, "sagawa")
    for length in range(1, 5):
        part = told({**body, "history": body["history"][:length]}, "sagawa")
        assert part == whole[:length]


def test_the_present_state_counts_where_no_row_says_it() -> None:
    facts = told({**PARCEL, "status": "配達完了", "at": "2026-11-21T14:22:00+09:00"})
    assert [scan(f).status for f in facts] == [Status.OUT_FOR_DELIVERY, Status.DELIVERED]
    facts = told({**PARCEL, "status": "⇒配達中"})
    assert [scan(f).status for f in facts] == [Status.OUT_FOR_DELIVERY]
    # 保管中 as the present state means what the rows before it say.
    rows = [{**ROW, "status": "ご不在"}]
    kept = told({**PARCEL, "history": rows, "status": "⇒保管中"}, "sagawa")
    assert [scan(f).status for f in kept] == [Status.DELIVERY_ATTEMPTED]


def test_a_remark_beside_the_present_state_is_one_about_the_last_row() -> None:
    rows = [{**ROW, "status": "⇒保管中"}]
    body = {**PARCEL, "history": rows, "status": "保管中", "detail": "ご不在のため持ち帰りました。"}
    assert [scan(f).status for f in told(body, "sagawa")] == [Status.DELIVERY_ATTEMPTED]
    rows[0]["detail"] = "日時指定"
    assert [scan(f).status for f in told(body, "sagawa")] == [
        Status.DELIVERY_ATTEMPTED,
        Status.HELD,
    ]


def test_the_time_of_arrival_tells_the_year_and_the_time_where_the_post_does_not() -> None:
    new_year = datetime(2027, 1, 1, 1, tzinfo=UTC)
    row = {"tracking_number": "123456789012", "status": "配達完了"}
    (fact,) = told({**row, "at": "12月31日 18:00"}, at=new_year)
    assert fact.metadata.occurred_at == datetime(2026, 12, 31, 9, tzinfo=UTC)
    (fact,) = told(row, at=new_year)
    assert fact.metadata.occurred_at == new_year
    error = refused({**row, "at": "12月31日 18:00"})
    assert (error.code, "shipped_on" in error.detail) == ("INCOMPLETE", True)
    assert refused(row).code == "INCOMPLETE"


def test_a_row_without_a_time_of_day_is_not_before_the_row_above_it() -> None:
    rows = [
        {"status": "引受", "at": "2026/11/21 13:57"},
        {"status": "到着", "at": "2026/11/21"},
        {"status": "持ち出し中", "at": "2026/11/22"},
    ]
    facts = told({**PARCEL, "history": rows}, "japanpost")
    assert [f.metadata.occurred_at.isoformat()[:16] for f in facts] == [
        "2026-11-21T04:57",
        "2026-11-21T04:57",
        "2026-11-21T15:00",
    ]
    assert [scan(f).raw_status for f in facts] == ["引受", "到着", "持ち出し中"]


def test_a_row_without_any_time_is_left_out_and_noted() -> None:
    (fact,) = told({**PARCEL, "history": [{"status": "発送"}, ROW]})
    assert fact.metadata.notes == ("Rows without a time were left out: 1.",)
    error = refused({**PARCEL, "history": [{"status": "発送"}]})
    assert (error.code, error.detail) == ("INCOMPLETE", "history[0].at is missing")


def test_no_data_is_neither_a_fact_nor_an_error() -> None:
    for source, word in (("yamato", "伝票番号未登録"), ("sagawa", "該当なし")):
        assert told({"tracking_number": "123456789012", "status": word}, source) == []
        assert len(told({**PARCEL, "status": word}, source)) == 1


def test_what_nobody_knows_is_kept_and_overwrites_nothing() -> None:
    facts = told({**PARCEL, "status": "はじめて見る言葉", "at": "2026-11-21T10:00:00+09:00"})
    assert [scan(f).status for f in facts] == [Status.OUT_FOR_DELIVERY, Status.UNKNOWN]
    assert scan(facts[-1]).raw_status == "はじめて見る言葉"


def test_a_waiting_parcel_is_at_the_office_that_scanned_it_or_where_it_is_said() -> None:
    row = {**ROW, "status": "ご来店予定（保管中）", "office": "渋谷営業所"}
    assert scan(told({**PARCEL, "history": [row]})[0]).place == "渋谷営業所"
    shop = {**PARCEL, "service": "コンビニ受取", "history": [row]}
    assert scan(told(shop)[0]).place == "コンビニ"
    named = {**row, "place": "ファミリーマート渋谷店"}
    assert scan(told({**shop, "history": [named]})[0]).place == "ファミリーマート渋谷店"


def test_the_generic_source_finds_the_carrier() -> None:
    row = {**PARCEL, "history": [{**ROW, "status": "保管中（ご指定店）"}]}
    for name in ("yamato", "ヤマト運輸", "クロネコヤマト", "Yamato Transport"):
        (fact,) = told({**row, "carrier": name}, "carrier")
        assert (scan(fact).carrier, scan(fact).status) == ("yamato", Status.AVAILABLE_FOR_PICKUP)
    (fact,) = told({**PARCEL, "history": [{**ROW, "status": "Delivered"}]}, "carrier")
    assert (scan(fact).carrier, scan(fact).status) == (None, Status.DELIVERED)


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("1234-5678-9012", "123456789012"),
        ("１２３４ ５６７８\n", "12345678"),
        (123456789012, "123456789012"),
        ("https://toi.example.com/cgi-bin/tneko?number01=123456789012", "123456789012"),
    ],
)
def test_a_number_in_any_of_its_forms(given: Any, number: str) -> None:
    (fact,) = told({**PARCEL, "tracking_number": given})
    assert scan(fact).tracking_number == number


def test_trials_and_imports_say_so() -> None:
    (fact,) = told({**PARCEL, "test": True, "historical": True, "event_id": "run-7"})
    assert (fact.metadata.test, fact.metadata.historical) == (True, True)
    assert fact.metadata.dedupe_id == "run-7"
    source = find_source("carrier")
    assert source.event_id({}, {"event_id": "run-7", "tracking_number": "1"}) == "run-7:1"
    assert source.event_id({}, {"tracking_number": "1"}) is None


def test_many_parcels_share_what_is_said_once() -> None:
    parts = split({"carrier": "sagawa", "trackings": [PARCEL, {**PARCEL, "carrier": "yamato"}]})
    assert [part["carrier"] for part in parts] == ["sagawa", "yamato"]
    assert all(split(part) == (part,) for part in parts)
    assert split([PARCEL]) == (PARCEL,)
    assert split({"trackings": []}) == ()
    nested: Any = {"trackings": [{"trackings": []}]}
    wrongs: list[Any] = [{"trackings": 1}, {"trackings": [1]}, [[]], nested]
    for wrong in wrongs:
        with pytest.raises(Rejected):
            split(wrong)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"tracking_number": None}, "INCOMPLETE", "tracking_number"),
        ({"tracking_number": " "}, "INVALID_VALUE", "tracking_number"),
        ({"tracking_number": ["1"]}, "MALFORMED", "tracking_number"),
        ({"history": None}, "INCOMPLETE", "history"),
        ({"history": {}}, "MALFORMED", "history"),
        ({"history": [{"at": ROW["at"]}]}, "INCOMPLETE", "history[0].status"),
        ({"history": [{**ROW, "at": "2月30日 10:00"}]}, "INVALID_VALUE", "history[0].at"),
        ({"history": [{**ROW, "at": "2026-13-01"}]}, "INVALID_VALUE", "history[0].at"),
        ({"history": [{**ROW, "at": "11月21日 25:00"}]}, "INVALID_VALUE", "history[0].at"),
        ({"history": [{**ROW, "at": "yesterday"}]}, "INVALID_VALUE", "history[0].at"),
        ({"history": [{**ROW, "at": 1795222800}]}, "INVALID_VALUE", "history[0].at"),
        (
            {"history": [{"status": "発送", "date": "11/21", "time": "noon"}]},
            "INVALID_VALUE",
            "history[0].time",
        ),
        ({"history": [ROW] * 501}, "INVALID_VALUE", "history"),
        ({"history": [{**ROW, "hold_until": "soon"}]}, "INVALID_VALUE", "history[0].hold_until"),
        ({"shipped_on": "2026-02-30"}, "INVALID_VALUE", "shipped_on"),
        ({"export": "yes"}, "MALFORMED", "export"),
        ({"zone": "Atlantis"}, "INVALID_VALUE", "zone"),
        ({"order_id": "1", "estimated_delivery": "soon"}, "INVALID_VALUE", "estimated_delivery"),
    ],
)
def test_what_is_refused_names_its_field(change: dict[str, Any], code: str, field: str) -> None:
    error = refused({**PARCEL, **change}, at=NOON)
    assert error.code == code
    assert field in error.detail


def test_a_bare_time_of_a_carrier_elsewhere_needs_its_zone() -> None:
    body = {**PARCEL, "carrier": "GLS", "history": [{**ROW, "at": "2026-11-21 09:00"}]}
    error = refused(body, "carrier")
    assert (error.code, "zone" in error.detail) == ("INVALID_VALUE", True)
    (fact,) = told({**body, "zone": "Europe/Berlin"}, "carrier")
    assert fact.metadata.occurred_at == datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_a_body_that_is_no_post_has_no_topic() -> None:
    assert refused({"hello": "world"}).code == "INCOMPLETE"


@pytest.mark.parametrize("name", NAMES)
def test_a_post_is_signed_or_knows_its_url(name: str) -> None:
    scheme = find_source(name).signature
    assert scheme is not None
    raw = json.dumps(PARCEL).encode()
    digest = hmac.new(b"secret", raw, hashlib.sha256).hexdigest()
    signed = Call(headers={"x-yoin-signature": f"sha256={digest}"}, raw=raw)
    forged = Call(headers=signed.headers, raw=raw + b" ", token="secret")
    assert scheme.check(signed, ["secret"], NOON) is Verdict.GENUINE
    assert scheme.check(forged, ["secret"], NOON) is Verdict.WRONG
    assert scheme.check(Call(headers={}, raw=raw, token="secret"), ["secret"], NOON) is (
        Verdict.GENUINE
    )
    assert scheme.check(Call(headers={}, raw=raw), ["secret"], NOON) is Verdict.UNSIGNED
