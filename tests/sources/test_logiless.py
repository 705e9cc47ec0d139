"""LOGILESS: sales orders, outbound deliveries, stock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.domain.errors import Rejected
from shared.domain.events import (
    Fact,
    InventoryChanged,
    Line,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    OrderRefunded,
    PaymentMethod,
    PaymentStatus,
    RefundedLine,
    RefundKind,
    ShipmentDispatched,
    ShipmentUpdated,
    StockStatus,
    StockUpdated,
)
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import normalize, receive, receive_all
from shared.sources.logiless import DOCUMENT
from tests.sources.vendors import logiless as v

PLACED_AT = datetime(2026, 4, 10, 3, 15, tzinfo=UTC)
SENT_AT = datetime(2026, 4, 12, 1, tzinfo=UTC)
PARTS = (ShippedLine(line_id="8837", quantity=2, sku="SENCHA-100"),)


def facts(resource: v.Json) -> tuple[Fact, ...]:
    return normalize(receive(resource, source="logiless"))


def changed(**changes: Any) -> OrderChanged:
    data = facts(v.order(**changes))[1].data
    assert isinstance(data, OrderChanged)
    return data


def parcel(**changes: Any) -> Any:
    """What becomes of the one outbound delivery of an order."""
    found = [f.data for f in facts(v.order(outbound_deliveries=[v.outbound(**changes)]))[2:]]
    return found[0] if found else None


def test_an_order_in_full() -> None:
    said: dict[str, Any] = {
        "order_id": "7621",
        "placed_at": PLACED_AT,
        "number": "A-1001",
        "buyer": Party(
            customer_id="C-5", name="山田 花子", email="hanako@example.com", phone="+819012345678"
        ),
        "ship_to": Address(
            name="佐藤 太郎",
            country="JP",
            postal_code="5400001",
            region="大阪府",
            city="大阪市中央区",
            line1="城見1-2-3",
            line2="青葉ビル5F",
            phone="+81611112222",
        ),
        "lines": (
            Line(
                line_id="8837",
                quantity=2,
                sku="SENCHA-100",
                title="深蒸し煎茶 100g",
                unit_price=Money(1296, "JPY"),
            ),
        ),
        "currency": "JPY",
        "total": Money(3092, "JPY"),
        "subtotal": Money(2592, "JPY"),
        "shipping_fee": Money(500, "JPY"),
        "payment_method": PaymentMethod.CARD,
        "wished_date": date(2026, 4, 16),
        "wished_slot": "14時-16時",
        "gift": True,
        "tags": ("新規",),
    }
    placed, now = facts(v.order())
    assert placed.data == OrderPlaced(**said)
    authorized = PaymentStatus.AUTHORIZED
    assert now.data == OrderChanged(**said, payment_status=authorized, cancelled=False)
    assert now.metadata.occurred_at == datetime(2026, 4, 10, 3, 15, 2, tzinfo=UTC)
    assert facts(v.order()) == (placed, now)


def test_a_shipped_order_is_reserved_and_dispatched() -> None:
    _, now, stock, sent = facts(v.SHIPPED)
    assert isinstance(now.data, OrderChanged)
    assert now.data.payment_status is PaymentStatus.PAID
    assert stock.data == StockUpdated(order_id="7621", status=StockStatus.RESERVED)
    assert sent.data == ShipmentDispatched(
        order_id="7621",
        shipment_id="1090",
        lines=PARTS,
        carrier="yamato",
        tracking_number="123456789012",
        other_tracking_numbers=("123456789023",),
        dispatched_at=SENT_AT,
    )


@pytest.mark.parametrize(
    ("status", "numbers", "expected"),
    [
        ("WaitingForShipment", [], None),
        ("Working", [], None),
        ("Pending", [], None),
        ("Working", ["123456789012"], (Status.LABEL_CREATED, "Working")),
        ("Cancel", [], (Status.CANCELLED, "Cancel")),
        ("Teleported", [], (Status.UNKNOWN, "Teleported")),
    ],
)
def test_outbound_deliveries_before_they_leave(
    status: str, numbers: list[str], expected: tuple[Status, str] | None
) -> None:
    said = parcel(status=status, delivery_tracking_numbers=numbers)
    if expected is None:
        assert said is None
    else:
        assert isinstance(said, ShipmentUpdated)
        assert (said.status, said.raw_status) == expected


@pytest.mark.parametrize(
    ("statuses", "allocation", "expected"),
    [
        (["WaitingForAllocation"], "WaitingForAllocation", None),
        (["WaitingForTransfer"], "WaitingForAllocation", StockStatus.BACKORDERED),
        (["Allocated", "WaitingForTransfer"], None, StockStatus.PARTIAL),
        (["Allocated", "WaitingForAllocation"], None, StockStatus.PARTIAL),
        (["Allocated", "Shipped"], None, StockStatus.RESERVED),
        (["Allocated", "Cancel"], None, StockStatus.RESERVED),
        (["Something"], "Allocated", StockStatus.RESERVED),
        ([], None, None),
    ],
)
def test_allocation_is_stock(
    statuses: list[str], allocation: str | None, expected: StockStatus | None
) -> None:
    lines = [v.line(8837 + n, status) for n, status in enumerate(statuses)]
    found = facts(v.order(allocation_status=allocation, lines=lines, outbound_deliveries=[]))
    said = [f.data.status for f in found if isinstance(f.data, StockUpdated)]
    assert said == ([expected] if expected else [])


def test_a_cancelled_line_cancels_no_order() -> None:
    found = facts(v.SAMPLES["a line cancelled"]["body"])
    assert [f.metadata.type for f in found] == ["OrderPlaced", "OrderChanged", "OrderRefunded"]
    assert found[2].data == OrderRefunded(
        order_id="7621",
        refund_id="line-8838",
        lines=(
            RefundedLine(line_id="8838", quantity=1, kind=RefundKind.CANCELLED, sku="SENCHA-100"),
        ),
    )
    assert facts(v.order("Cancel"))[2].data == OrderCancelled(order_id="7621")


def test_partly_shipped_closes_nothing() -> None:
    found = [f.data for f in facts(v.SAMPLES["partly shipped"]["body"])[2:]]
    assert isinstance(found[0], ShipmentDispatched)
    assert isinstance(found[1], ShipmentUpdated)
    assert len(found) == 2


def test_one_parcel_of_two_orders_is_a_shipment_of_each() -> None:
    first, second = [f.data for f in facts(v.COMBINED)]
    assert isinstance(first, ShipmentDispatched)
    assert isinstance(second, ShipmentDispatched)
    assert (first.order_id, first.lines) == ("7621", PARTS)
    assert (second.order_id, second.lines[0].line_id) == ("7622", "8840")
    assert first.tracking_number == second.tracking_number
    alone = {**v.COMBINED, "lines": [v.line()]}
    (only,) = facts(alone)
    assert only.order_id == "7621"


def test_components_of_a_set_are_not_what_was_ordered() -> None:
    lines = [v.line(1, is_parent=1), v.line(2, is_child=1, parent_id=1, quantity=6)]
    assert [line.line_id for line in changed(lines=lines).lines] == ["1"]


@pytest.mark.parametrize(
    ("incoming", "authorization", "expected"),
    [
        ("NotPaid", "NotRequired", PaymentStatus.PENDING),
        ("NotPaid", "Authorized", PaymentStatus.AUTHORIZED),
        ("NotPaid", "Captured", PaymentStatus.PAID),
        ("NotPaid", "AuthorizationFailure", PaymentStatus.FAILED),
        ("PartlyPaid", "NotRequired", PaymentStatus.PARTIALLY_PAID),
        ("Paid", "Authorized", PaymentStatus.PAID),
        (None, None, None),
    ],
)
def test_payment(incoming: str | None, authorization: str | None, expected: Any) -> None:
    order = changed(incoming_payment_status=incoming, authorization_status=authorization)
    assert order.payment_status is expected


@pytest.mark.parametrize(
    ("code", "method"),
    [
        ("cod", PaymentMethod.COD),
        ("cvs_payment", PaymentMethod.KONBINI),
        ("np_atobarai", PaymentMethod.DEFERRED),
        ("a_new_way", PaymentMethod.OTHER),
        (None, None),
    ],
)
def test_ways_of_paying(code: str | None, method: PaymentMethod | None) -> None:
    assert changed(payment_method=code).payment_method is method


@pytest.mark.parametrize(
    ("method", "carrier"),
    [
        ("yamato_nekoposu", "yamato"),
        ("sagawa_rakuten_cvs_receipt", "sagawa"),
        ("you_pack", "japanpost"),
        ("yu_packet_2cm", "japanpost"),
        ("click_post", "japanpost"),
        ("ems", "japanpost"),
        ("fed_ex", "fedex"),
        ("yamato_box_charter", "ヤマトボックスチャーター"),
        ("rakuten_express_mail", "Rakuten EXPRESS"),
        ("in_store_pickup", None),
        ("a_new_one", "a_new_one"),
        (None, None),
    ],
)
def test_carriers(method: str | None, carrier: str | None) -> None:
    said = parcel(status="Shipped", delivery_method=method)
    assert isinstance(said, ShipmentDispatched)
    assert said.carrier == carrier


@pytest.mark.parametrize("written", [1, "1", True, "true"])
def test_flags_are_numbers_and_booleans(written: Any) -> None:
    assert changed(gift=written).gift is True
    assert changed(gift=0, noshi="内祝").gift is True
    assert changed(gift="0", noshi="なし").gift is False


def test_subscriptions_and_due_days() -> None:
    assert changed(subscription_id=5).subscription is True
    assert changed(tags=["定期"]).subscription is True
    assert changed(tags=["新規"]).subscription is None
    due = changed(payment_due_date="2026-04-17").payment_due_at
    assert due == datetime(2026, 4, 17, 14, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("written", ["2026-04-10T12:15:00+0900", "2026-04-10T03:15:00Z"])
def test_times_with_a_zone_are_read_as_written(written: str) -> None:
    assert changed(ordered_at=written).placed_at == PLACED_AT


def test_states_of_one_second_are_told_apart() -> None:
    stamps = [facts(v.order(status))[1].stamp for status in DOCUMENT]
    assert stamps == sorted(stamps)
    assert len(set(stamps)) == len(DOCUMENT)


@pytest.mark.parametrize(("free", "available"), [(13, 13), ("0", 0), (-3, 0)])
def test_free_stock(free: Any, available: int) -> None:
    (fact,) = facts({**v.INVENTORY, "free": free})
    assert fact.data == InventoryChanged(
        item_id="113", available=available, location_id="12", sku="SENCHA-100"
    )
    assert fact.metadata.occurred_at == PLACED_AT


def test_a_price_without_tax_that_is_finer_than_the_yen_costs_no_order() -> None:
    assert changed(lines=[v.line(price="909.09")]).lines[0].unit_price is None


def test_a_wish_that_nobody_can_read_costs_no_order() -> None:
    order = changed(delivery_preferred_date="soon", gift="maybe")
    assert (order.wished_date, order.gift) == (None, None)


def test_an_answer_holds_many_resources_of_each_kind() -> None:
    answer = v.answer(v.order(), v.COMBINED, v.INVENTORY)
    topics = ["sales_order", "outbound_delivery", "logical_inventory_summary"]
    assert [d.topic for d in receive_all(answer, source="logiless")] == topics
    assert [d.topic for d in receive_all(answer["data"], source="logiless")] == topics
    assert receive({"sales_order": v.order()}, source="logiless").topic == "sales_order"
    assert receive_all(v.answer(), source="logiless") == ()


@pytest.mark.parametrize(
    ("resource", "code", "word"),
    [
        (v.order(id=None), "INCOMPLETE", "id"),
        (v.order(ordered_at=None, created_at=None), "INCOMPLETE", "ordered_at"),
        (v.order(lines=None), "INCOMPLETE", "lines"),
        (v.order(lines=[v.line(quantity=None)]), "INCOMPLETE", "quantity"),
        (v.order(total=1.5), "INVALID_VALUE", "total"),
        (v.order(ordered_at="yesterday"), "INVALID_VALUE", "ordered_at"),
        (
            {"id": 1, "supplier_name": "x", "delivery_tracking_numbers": []},
            "UNKNOWN_TOPIC",
            "goods",
        ),
        ({"id": 1, "lines": [], "resolution_type": "Refund"}, "UNKNOWN_TOPIC", "came back"),
        (v.order(outbound_deliveries={}), "MALFORMED", "outbound_deliveries"),
        ({**v.COMBINED, "lines": [], "sales_order": None}, "INCOMPLETE", "sales_order.id"),
        ({**v.INVENTORY, "free": None}, "INCOMPLETE", "free"),
        ({**v.INVENTORY, "article": None, "article_id": None}, "INCOMPLETE", "article"),
    ],
)
def test_what_cannot_be_read_is_refused(resource: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        facts(resource)
    assert refusal.value.code == code
    assert word in refusal.value.detail
