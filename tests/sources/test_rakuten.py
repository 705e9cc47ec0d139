"""Rakuten Ichiba: what becomes of the answers of getOrder."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ConsentSeen,
    Fact,
    Line,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    PaymentMethod,
    PaymentStatus,
    ShipmentDispatched,
    ShipmentUpdated,
    StockStatus,
)
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import normalize, receive, receive_all
from shared.sources.rakuten import METHODS, PROGRESS
from tests.sources.vendors import rakuten as v

PLACED_AT = datetime(2026, 4, 10, 3, 15, tzinfo=UTC)
SENT_AT = datetime(2026, 4, 12, 1, tzinfo=UTC)
PARTS = (ShippedLine(line_id="11", quantity=2),)


def facts(order: v.Json) -> tuple[Fact, ...]:
    return normalize(receive(order, source="rakuten"))


def kinds(order: v.Json) -> list[str]:
    return [fact.metadata.type for fact in facts(order)]


def changed(**changes: Any) -> OrderChanged:
    progress = changes.pop("progress", 300)
    data = facts(v.order(progress, **changes))[1].data
    assert isinstance(data, OrderChanged)
    return data


def test_an_order_in_full() -> None:
    said: dict[str, Any] = {
        "order_id": v.ORDER_NUMBER,
        "placed_at": PLACED_AT,
        "number": v.ORDER_NUMBER,
        "buyer": Party(name="山田 花子", phone="+819012345678"),
        # SenderModel is who receives the package, whatever its name.
        "ship_to": Address(
            name="佐藤 太郎",
            country="JP",
            postal_code="540-0001",
            region="大阪府",
            city="大阪市中央区",
            line1="城見1-2-3",
            phone="+819012345678",
        ),
        "lines": (
            Line(
                line_id="11",
                quantity=2,
                sku="SENCHA-100",
                product_id="sencha",
                title="深蒸し煎茶 100g",
                variant="内容量:100g",
                unit_price=Money(1296, "JPY"),
            ),
        ),
        "currency": "JPY",
        "total": Money(2992, "JPY"),
        "subtotal": Money(2592, "JPY"),
        "shipping_fee": Money(500, "JPY"),
        "payment_method": PaymentMethod.CARD,
        "gift": False,
        "subscription": False,
        "consents": (ConsentSeen(channel=Channel.EMAIL, granted=False),),
    }
    placed, now = facts(v.order(100))
    assert placed.data == OrderPlaced(**said)
    assert now.data == OrderChanged(**said, payment_status=PaymentStatus.PENDING, cancelled=False)
    assert facts(v.order(100)) == (placed, now)


def test_300_is_not_shipped_even_with_a_number() -> None:
    numbered = v.order(300, PackageModelList=[v.package(ShippingModelList=[v.parcel()])])
    assert kinds(v.order(300)) == ["OrderPlaced", "OrderChanged"]
    label = facts(numbered)[-1].data
    assert label == ShipmentUpdated(
        order_id=v.ORDER_NUMBER,
        shipment_id="9001",
        status=Status.LABEL_CREATED,
        lines=PARTS,
        carrier="yamato",
        tracking_number="123456789012",
    )


def test_500_is_a_dispatch_of_every_package() -> None:
    _, now, sent = facts(v.SHIPPED)
    assert now.metadata.occurred_at == SENT_AT
    assert sent.data == ShipmentDispatched(
        order_id=v.ORDER_NUMBER,
        shipment_id="9001",
        lines=PARTS,
        carrier="yamato",
        tracking_number="123456789012",
        other_tracking_numbers=("123456789023",),
        dispatched_at=SENT_AT,
    )
    two = v.order(500, PackageModelList=[v.package(), v.package(9002, ItemModelList=[v.item(12)])])
    parcels = [f.data for f in facts(two) if isinstance(f.data, ShipmentDispatched)]
    assert [p.lines[0].line_id for p in parcels] == ["11", "12"]


@pytest.mark.parametrize(
    ("progress", "last", "payment", "stock"),
    [
        (100, "OrderChanged", PaymentStatus.PENDING, None),
        (200, "OrderChanged", PaymentStatus.PENDING, None),
        (300, "OrderChanged", PaymentStatus.AUTHORIZED, StockStatus.RESERVED),
        (400, "OrderChanged", PaymentStatus.AUTHORIZED, StockStatus.RESERVED),
        (500, "ShipmentDispatched", PaymentStatus.AUTHORIZED, StockStatus.RESERVED),
        (600, "ShipmentDispatched", PaymentStatus.AUTHORIZED, StockStatus.RESERVED),
        (700, "ShipmentDispatched", PaymentStatus.PAID, StockStatus.RESERVED),
        (800, "OrderChanged", None, None),
        (900, "OrderCancelled", None, None),
        (950, "OrderChanged", None, None),
        (None, "OrderChanged", None, None),
    ],
)
def test_progress(
    progress: int | None, last: str, payment: PaymentStatus | None, stock: StockStatus | None
) -> None:
    assert kinds(v.order(progress))[-1] == last
    order = changed(progress=progress)
    assert (order.payment_status, order.stock) == (payment, stock)


def test_a_later_progress_counts_among_equal_times() -> None:
    stamps = [facts(v.order(int(progress)))[1].stamp for progress in PROGRESS]
    assert stamps == sorted(stamps)
    assert len(set(stamps)) == len(PROGRESS)


def test_a_cancellation_says_why_and_when() -> None:
    last = facts(v.CANCELLED)[-1]
    assert last.data == OrderCancelled(order_id=v.ORDER_NUMBER, reason="欠品")
    assert last.metadata.occurred_at == datetime(2026, 4, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "name", "own", "expected"),
    [
        (2, "代金引換", 1, (PaymentMethod.COD, PaymentStatus.PENDING)),
        (9, "銀行振込", 1, (PaymentMethod.BANK_TRANSFER, PaymentStatus.PAID)),
        (9, "銀行振込", 0, (PaymentMethod.BANK_TRANSFER, None)),
        (None, "ローソン、郵便局ATM等（前払）", 1, (PaymentMethod.KONBINI, PaymentStatus.PAID)),
        (21, "後払い決済", 1, (PaymentMethod.DEFERRED, PaymentStatus.AUTHORIZED)),
        (12, "Apple Pay", None, (PaymentMethod.WALLET, PaymentStatus.AUTHORIZED)),
        (None, None, None, (None, None)),
    ],
)
def test_payment(code: int | None, name: str | None, own: int | None, expected: Any) -> None:
    settlement = {
        "settlementMethodCode": code,
        "settlementMethod": name,
        "rpaySettlementFlag": own,
    }
    order = changed(SettlementModel=settlement)
    assert (order.payment_method, order.payment_status) == expected


def test_every_way_of_paying_has_a_meaning() -> None:
    assert set(METHODS) == {str(n) for n in (*range(1, 10), 12, 13, 14, 16, 17, 21, 27)}


@pytest.mark.parametrize(
    ("term", "slot"),
    [
        (None, None),
        (0, None),
        (1, "午前"),
        (2, "午後"),
        (9, None),
        (1416, "14:00-16:00"),
        (810, "8:00-10:00"),
        ("1921", "19:00-21:00"),
        (9999, None),
        ("x", None),
        (5, None),
    ],
)
def test_time_slots(term: Any, slot: str | None) -> None:
    assert changed(shippingTerm=term).wished_slot == slot


@pytest.mark.parametrize("written", ["2026-04-16", "2026-04-16T00:00:00+0900"])
def test_wished_day_due_day_and_gift(written: str) -> None:
    order = changed(
        deliveryDate=written,
        DueDateModelList=[
            {"dueDateType": 1, "dueDate": "2026-04-11"},
            {"dueDateType": 0, "dueDate": "2026-04-17"},
        ],
        PackageModelList=[v.package(noshi="内祝")],
        orderType=4,
    )
    assert order.wished_date == date(2026, 4, 16)
    assert order.payment_due_at == datetime(2026, 4, 17, 14, 59, 59, tzinfo=UTC)
    assert (order.gift, order.subscription) == (True, True)
    assert changed(PackageModelList=[v.package(noshi="なし")]).gift is False


def test_amounts_that_are_not_fixed_are_not_told() -> None:
    order = changed(requestPrice=-9999, totalPrice=-9999, postagePrice="-9999")
    assert (order.total, order.shipping_fee) == (None, None)
    assert changed(requestPrice=-9999).total == Money(3092, "JPY")


@pytest.mark.parametrize("written", ["2026-04-10T12:15:00", "2026-04-10T12:15:00+09:00"])
def test_times_are_japan_s(written: str) -> None:
    assert changed(orderDatetime=written).placed_at == PLACED_AT


def test_only_forwarding_addresses_are_left_out_and_refuse_marketing() -> None:
    for email, said in (
        ("a@pc.fw.rakuten.ne.jp", True),
        ("a@example.com", False),
        ("a@notfw.rakuten.ne.jp.example.com", False),
        ("", False),
    ):
        orderer = {**v.PERSON, "emailAddress": email}
        found = changed(OrdererModel=orderer)
        assert bool(found.consents) is said
        assert found.buyer.email == (None if said else email or None)
    assert changed(OrdererModel=None).buyer == Party()


@pytest.mark.parametrize(
    ("company", "number", "expected"),
    [
        ("1002", 123456789012, ("sagawa", "123456789012")),
        ("1003", "1234 5678 9012\n", ("japanpost", "123456789012")),
        ("1028", "R1", ("Rakuten EXPRESS", "R1")),
        ("1000", "X", (None, "X")),
    ],
)
def test_carriers_and_numbers(company: str, number: Any, expected: Any) -> None:
    order = v.order(
        500, PackageModelList=[v.package(ShippingModelList=[v.parcel(number, company)])]
    )
    sent = facts(order)[-1].data
    assert isinstance(sent, ShipmentDispatched)
    assert (sent.carrier, sent.tracking_number) == expected


def test_items_without_an_id_are_told_by_their_place() -> None:
    bare = v.item(itemDetailId=None)
    packages = [v.package(ItemModelList=[bare]), v.package(9002, ItemModelList=[bare])]
    order = changed(PackageModelList=packages)
    assert [line.line_id for line in order.lines] == ["line-1", "line-2"]
    sent = facts(v.order(500, PackageModelList=packages))[-1].data
    assert isinstance(sent, ShipmentDispatched)
    assert sent.lines == (ShippedLine(line_id="line-2", quantity=2),)


@pytest.mark.parametrize("flag", [1, "1", True])
def test_what_was_taken_out_of_an_order_is_no_line(flag: Any) -> None:
    gone = v.item(itemDetailId=99, deleteItemFlag=flag)
    kept = v.item(itemDetailId="a-1", deleteItemFlag=0)
    one = v.package(ItemModelList=[gone, kept])
    other = v.package(basketId=7, packageDeleteFlag=flag)
    order = changed(PackageModelList=[one, other], orderProgress=500)
    assert [line.line_id for line in order.lines] == ["a-1"]
    (sent,) = (
        f.data
        for f in facts(v.order(PackageModelList=[one], orderProgress=500))
        if isinstance(f.data, ShipmentDispatched)
    )
    assert [part.line_id for part in sent.lines] == ["a-1"]
    # Of an order from which everything was taken it stays told what it was.
    assert [
        line.line_id for line in changed(PackageModelList=[v.package(ItemModelList=[gone])]).lines
    ] == ["99"]


def test_a_wish_that_is_no_day_costs_no_order() -> None:
    assert changed(deliveryDate="soon").wished_date is None


def test_an_answer_holds_many_orders_or_none() -> None:
    many = receive_all(v.answer(v.order(), v.SHIPPED), source="rakuten")
    assert [d.topic for d in many] == ["order", "order"]
    assert receive_all([v.order()], source="rakuten") == (receive(v.order(), source="rakuten"),)
    assert receive_all(v.answer(), source="rakuten") == ()


@pytest.mark.parametrize(
    ("body", "code", "word"),
    [
        ({"MessageModelList": [], "OrderModelList": None}, "INCOMPLETE", "OrderModelList"),
        (v.order(orderNumber=None), "INCOMPLETE", "orderNumber"),
        (v.order(orderDatetime=None), "INCOMPLETE", "orderDatetime"),
        (v.order(PackageModelList=None), "INCOMPLETE", "ItemModelList"),
        (v.order(PackageModelList=[v.package(ItemModelList=[v.item(units=None)])]), "INCOMPLETE",
         "units"),
        (v.order(totalPrice=1.5, requestPrice=None), "INVALID_VALUE", "totalPrice"),
        (v.order(OrdererModel="x"), "MALFORMED", "OrdererModel"),
        ({"MessageModelList": [], "orderNumberList": ["1"]}, "INCOMPLETE", "getOrder"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(body: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        facts(body)
    assert refusal.value.code == code
    assert word in refusal.value.detail
