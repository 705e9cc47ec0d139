"""EC-CUBE 4 with the Web API plugin; schema: github.com/EC-CUBE/eccube-api4."""

from __future__ import annotations

import hmac
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import (
    CustomerChanged,
    Fact,
    InventoryChanged,
    Line,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    PaymentMethod,
    PaymentStatus,
    PaymentUpdated,
    ReturnReceived,
    ShipmentDispatched,
    ShipmentUpdated,
    StockStatus,
)
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import Brands, find_source, missing, normalize, receive, receive_all
from tests.sources.vendors import eccube as v

BRANDS = Brands(of_shop={"shop.aoba.example": "aoba"}.get, required=True)
PLACED_AT = datetime(2026, 4, 10, 3, 15, tzinfo=UTC)
SENT_AT = datetime(2026, 4, 12, 1, tzinfo=UTC)
PARTS = (ShippedLine(line_id="11", quantity=2, sku="SENCHA-100"),)


def facts(order: v.Json, kind: str = "order") -> tuple[Fact, ...]:
    return normalize(receive(v.record(kind, order), source="eccube", brands=BRANDS))


def kinds(order: v.Json) -> list[str]:
    return [fact.metadata.type for fact in facts(order)]


def changed(order: v.Json) -> OrderChanged:
    return next(f.data for f in facts(order) if isinstance(f.data, OrderChanged))


# --- thin events ---------------------------------------------------------------


def test_one_call_holds_many_events_and_each_is_fetched() -> None:
    order, product, customer = receive_all(v.SAMPLES["several thin events"])
    assert [d.topic for d in (order, product, customer)] == [
        "order/created",
        "product/updated",
        "customer/updated",
    ]
    asked = missing(order)
    assert asked is not None
    assert (asked.method, asked.path, asked.topic) == ("POST", "/api", "order")
    assert asked.body is not None
    assert asked.body["variables"] == {"id": "2"}
    query = asked.body["query"]
    for field in ("tracking_number", "shipping_delivery_date", "OrderStatus", "payment_method"):
        assert field in query
    assert query.count("{") == query.count("}")
    others = [missing(delivery) for delivery in (product, customer)]
    assert [other.topic for other in others if other] == ["product", "customer"]


def test_a_thin_event_alone_is_incomplete() -> None:
    (delivery,) = receive_all(v.thin(("order", 2, "updated")))
    with pytest.raises(Rejected) as refusal:
        normalize(delivery)
    assert refusal.value.code == "INCOMPLETE"
    assert "order has to be fetched" in refusal.value.detail


@pytest.mark.parametrize("number", ["../1", "1/2", {"a": 1}, True, 0, 1.5])
def test_an_id_that_is_none_is_never_asked_for(number: Any) -> None:
    (delivery,) = receive_all({**v.thin(("order", number, "updated"))})
    with pytest.raises(Rejected) as refusal:
        missing(delivery)
    assert refusal.value.code == "MALFORMED"


@pytest.mark.parametrize("topic", [("order", 2, "deleted"), ("product", 2, "deleted")])
def test_a_deleted_record_is_no_cancellation(topic: tuple[str, int, str]) -> None:
    (delivery,) = receive_all(v.thin(topic))
    with pytest.raises(Rejected) as refusal:
        normalize(delivery)
    assert refusal.value.code == "UNKNOWN_TOPIC"


def test_equal_bodies_are_new_changes_and_the_body_is_signed() -> None:
    source = find_source("eccube")
    assert source.retries_for == timedelta(0)
    assert source.signature is not None
    raw = b'[{"entity":"order","id":2,"action":"updated"}]'
    digest = hmac.new(b"secret", raw, "sha256").hexdigest()
    call = Call(headers={"x-eccube-signature": digest}, raw=raw)
    assert source.signature.check(call, ["secret"], PLACED_AT) is Verdict.GENUINE
    assert source.signature.check(call, ["other"], PLACED_AT) is Verdict.WRONG
    unsigned = Call(headers={}, raw=raw)
    assert source.signature.check(unsigned, ["secret"], PLACED_AT) is Verdict.UNSIGNED


# --- orders --------------------------------------------------------------------


def test_a_new_order_in_full() -> None:
    placed, now = facts(v.order())
    said: dict[str, Any] = {
        "order_id": "2",
        "placed_at": PLACED_AT,
        "number": "2",
        "buyer": Party(
            customer_id="5", name="山田 花子", email="hanako@example.com", phone="+819012345678"
        ),
        "ship_to": Address(
            name="佐藤 太郎",
            country="JP",
            postal_code="5400001",
            region="大阪府",
            city="大阪市中央区城見",
            line1="1-2-3",
            phone="+819012345678",
        ),
        # Shipping and fees are lines in EC-CUBE, but no goods. 1200 without tax is 1296 with.
        "lines": (
            Line(
                line_id="11",
                quantity=2,
                sku="SENCHA-100",
                product_id="7",
                title="深蒸し煎茶",
                variant="100g",
                unit_price=Money(1296, "JPY"),
            ),
        ),
        "currency": "JPY",
        "total": Money(3592, "JPY"),
        "subtotal": Money(2592, "JPY"),
        "shipping_fee": Money(1000, "JPY"),
        "payment_method": PaymentMethod.BANK_TRANSFER,
        "stock": StockStatus.RESERVED,
        "wished_date": date(2026, 4, 16),
        "wished_slot": "午前中",
    }
    assert placed.data == OrderPlaced(**said)
    assert now.data == OrderChanged(**said, payment_status=PaymentStatus.PENDING, cancelled=False)
    assert placed.metadata.occurred_at == PLACED_AT
    assert now.metadata.occurred_at == PLACED_AT + timedelta(seconds=2)
    assert (placed.metadata.brand, placed.metadata.source) == ("aoba", "eccube")
    assert facts(v.order()) == (placed, now)


def test_a_shipped_order_is_dispatched_and_not_delivered() -> None:
    placed, now, paid, sent = facts(v.SHIPPED)
    assert isinstance(placed.data, OrderPlaced)
    assert now.metadata.occurred_at == SENT_AT
    assert paid.data == PaymentUpdated(
        order_id="2",
        status=PaymentStatus.PAID,
        method=PaymentMethod.BANK_TRANSFER,
        amount=Money(3592, "JPY"),
    )
    assert paid.metadata.occurred_at == datetime(2026, 4, 11, tzinfo=UTC)
    assert sent.data == ShipmentDispatched(
        order_id="2",
        shipment_id="31",
        lines=PARTS,
        carrier="yamato",
        tracking_number="123456789012",
        dispatched_at=SENT_AT,
    )


def test_every_place_is_a_shipment_and_one_that_went_out_closes_nothing() -> None:
    sent, label = [f.data for f in facts(v.TWO_PLACES)[2:]]
    assert isinstance(sent, ShipmentDispatched)
    assert (sent.shipment_id, sent.lines) == ("31", PARTS)
    assert label == ShipmentUpdated(
        order_id="2",
        shipment_id="32",
        status=Status.LABEL_CREATED,
        lines=(ShippedLine(line_id="14", quantity=1, sku="HOUJI-50"),),
        carrier="yamato",
        tracking_number="123456789023",
    )


def test_shipped_without_a_date_of_dispatch_is_dispatched_all_the_same() -> None:
    sent = facts(v.order(5))[-1].data
    assert isinstance(sent, ShipmentDispatched)
    assert (sent.tracking_number, sent.dispatched_at) == (None, None)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (1, ["OrderPlaced", "OrderChanged"]),
        (3, ["OrderPlaced", "OrderChanged", "OrderCancelled"]),
        (4, ["OrderPlaced", "OrderChanged"]),
        (5, ["OrderPlaced", "OrderChanged", "ShipmentDispatched"]),
        (6, ["OrderPlaced", "OrderChanged"]),
        (7, []),
        (8, []),
        (9, ["OrderPlaced", "OrderChanged", "ReturnReceived"]),
        (42, ["OrderPlaced", "OrderChanged"]),
    ],
)
def test_statuses(status: int, expected: list[str]) -> None:
    assert kinds(v.order(status)) == expected


def test_cancelled_and_returned() -> None:
    assert facts(v.order(3))[-1].data == OrderCancelled(order_id="2", reason="注文取消し")
    assert facts(v.order(9))[-1].data == ReturnReceived(order_id="2", return_id="2", lines=PARTS)
    assert changed(v.order(3)).stock is None
    assert changed(v.order(42)).payment_status is None


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        (1, "クレジットカード決済", (PaymentMethod.CARD, PaymentStatus.AUTHORIZED)),
        (1, "コンビニ決済", (PaymentMethod.KONBINI, PaymentStatus.PENDING)),
        (4, "代金引換", (PaymentMethod.COD, PaymentStatus.PENDING)),
        (6, "銀行振込", (PaymentMethod.BANK_TRANSFER, PaymentStatus.PAID)),
        (1, "NP後払い", (PaymentMethod.DEFERRED, None)),
        (1, None, (None, None)),
    ],
)
def test_payment(status: int, method: str | None, expected: tuple[Any, Any]) -> None:
    order = changed(v.order(status, payment_method=method, Payment=None))
    assert (order.payment_method, order.payment_status) == expected


def test_the_wished_day_is_japan_s_and_a_later_parcel_makes_the_order_newer() -> None:
    parcel = v.shipping(
        shipping_delivery_date="2026-04-15T15:00:00+00:00", update_date="2026-04-11T00:00:00+09:00"
    )
    now = facts(v.order(Shippings=[parcel]))[1]
    assert isinstance(now.data, OrderChanged)
    assert now.data.wished_date == date(2026, 4, 16)
    assert now.metadata.occurred_at == datetime(2026, 4, 10, 15, tzinfo=UTC)


def test_a_guest_without_address_and_a_buyer_without_mail() -> None:
    order = changed(v.order(Customer=None, email="", phone_number=None, Shippings=[]))
    assert order.buyer == Party(name="山田 花子")
    assert order.ship_to is None


def test_changes_of_one_second_are_told_apart() -> None:
    new, done = facts(v.order(1))[1], facts(v.order(3))[1]
    assert new.metadata.occurred_at == done.metadata.occurred_at
    assert new.stamp < done.stamp


@pytest.mark.parametrize(
    ("body", "code", "word"),
    [
        (v.fetched("order", None), "INCOMPLETE", "data.order"),
        ({"errors": [{"message": "x"}], "data": {"order": None}}, "INCOMPLETE", "errors"),
        (v.fetched("order", v.order(OrderItems=None)), "INCOMPLETE", "OrderItems"),
        (v.fetched("order", v.order(id=None)), "INCOMPLETE", "id"),
        (
            v.fetched("order", v.order(order_date=None, create_date=None)),
            "INCOMPLETE",
            "order_date",
        ),
        (v.fetched("order", v.order(currency_code="YEN")), "INVALID_VALUE", "currency_code"),
        (v.fetched("order", v.order(payment_total=10.5)), "INVALID_VALUE", "payment_total"),
        (v.fetched("order", v.order(order_date="yesterday")), "INVALID_VALUE", "order_date"),
        (v.fetched("order", v.order(Shippings={})), "MALFORMED", "Shippings"),
        (
            v.fetched("order", v.order(OrderItems=[v.item(1, quantity=-1)])),
            "INVALID_VALUE",
            "quant",
        ),
        (v.fetched("customer", {**v.CUSTOMER, "id": None}), "INCOMPLETE", "id"),
        (v.fetched("product", {**v.PRODUCT, "update_date": None}), "INCOMPLETE", "update_date"),
    ],
)
def test_what_cannot_be_read_is_refused(body: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        normalize(receive(body, source="eccube"))
    assert refusal.value.code == code
    assert word in refusal.value.detail


# --- products, customers, forms --------------------------------------------------


def test_stock_of_what_is_sold() -> None:
    first, second = facts(v.PRODUCT, "product")
    assert first.data == InventoryChanged(item_id="71", available=3, sku="SENCHA-100")
    assert second.data == InventoryChanged(item_id="72", available=None, sku="HOUJI-50")
    # A sale changes the stock, not the product: then it is as of when it was asked.
    asked_at = datetime(2026, 4, 20, tzinfo=UTC)
    later = receive(v.fetched("product", v.PRODUCT), source="eccube", received_at=asked_at)
    assert {fact.metadata.occurred_at for fact in normalize(later)} == {asked_at}


def test_a_customer_and_one_who_has_left() -> None:
    (fact,) = facts(v.CUSTOMER, "customer")
    assert fact.data == CustomerChanged(
        customer=Party(
            customer_id="5", name="山田 花子", email="hanako@example.com", phone="+819012345678"
        )
    )
    left = {**v.CUSTOMER, "email": "x@dummy.dummy", "Status": {"id": "3"}}
    assert facts(left, "customer") == ()


def test_a_price_without_tax_that_is_finer_than_the_yen_costs_no_order() -> None:
    for price, tax in ((909.09, 90.91), (909, 90.91)):
        (line, *_) = changed(v.order(OrderItems=[v.item(11, price=price, tax=tax)])).lines
        assert line.unit_price is None


@pytest.mark.parametrize("shape", ["nodes", "edges", "bare"])
def test_a_list_holds_many_orders(shape: str) -> None:
    both = [v.order(id="1"), v.order(id="2")]
    found = {"edges": [{"node": one} for one in both]} if shape == "edges" else {"nodes": both}
    listed = {"orders": {"totalCount": 2, **found}}
    many = receive_all(listed if shape == "bare" else {"data": listed}, source="eccube")
    assert [d.topic for d in many] == ["order", "order"]
    assert [normalize(d)[0].metadata.id for d in many] != [normalize(many[0])[0].metadata.id] * 2
    assert receive_all({"data": {"orders": {"nodes": []}}}, source="eccube") == ()


def test_a_bare_answer_is_told_by_its_shape() -> None:
    whole = facts(v.order())
    for body in (v.fetched("order", v.order()), {"order": v.order()}, v.order()):
        delivery = receive(body, source="eccube")
        assert delivery.topic == "order"
        assert [f.data for f in normalize(delivery)] == [f.data for f in whole]
    assert receive(v.fetched("product", None), source="eccube").topic == "product"
    assert receive(v.CUSTOMER, source="eccube").topic == "customer"


@pytest.mark.parametrize("label", sorted(v.SAMPLES))
def test_samples_are_recognised_by_their_headers(label: str) -> None:
    assert {d.source for d in receive_all(v.SAMPLES[label])} == {"eccube"}


def test_the_shop_is_that_of_the_header_and_one_that_is_no_address_is_none() -> None:
    record = v.record("order", v.order())
    record["headers"]["X-ECCUBE-URL"] = "https://[broken"
    with pytest.raises(Rejected) as refusal:
        normalize(receive(record, brands=BRANDS))
    assert refusal.value.code == "UNKNOWN_BRAND"
