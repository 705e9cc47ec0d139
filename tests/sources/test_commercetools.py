"""commercetools: what becomes of each message, what has to be fetched, what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.fetching import Fetch
from shared.domain.errors import Rejected
from shared.domain.events import (
    Fact,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    OrderRefunded,
    PaymentMethod,
    PaymentStatus,
    PaymentUpdated,
    RefundedLine,
    RefundKind,
    ReturnOpened,
    ReturnReceived,
    ShipmentDispatched,
    ShipmentUpdated,
    StockStatus,
    StockUpdated,
)
from shared.domain.folding import fold, merge
from shared.domain.orders import OrderRecord
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import Brands, missing, normalize, receive, receive_all
from shared.sources.commercetools import GOODS_BACK, ORDER_STATES, PAYMENT, STOCK
from tests.sources.vendors.commercetools import (
    DELIVERY,
    LINE_1,
    LINE_2,
    ORDER_ID,
    PARCEL,
    RETURN_ITEM,
    SAMPLES,
    change,
    delivery,
    envelope,
    line,
    message,
    order,
    parcel,
    yen,
)

AT = datetime(2026, 4, 2, 3, 4, 5, 678000, tzinfo=UTC)
GOODS = (ShippedLine(line_id=LINE_1, quantity=2),)
SHOPS = Brands(of_shop={"aoba-store": "aoba"}.get, required=True)


def facts(raw: Any, brands: Brands | None = None) -> tuple[Fact, ...]:
    found = receive_all(raw, source="commercetools", brands=brands)
    return tuple(fact for one in found for fact in normalize(one))


def data(raw: Any) -> list[Any]:
    return [fact.data for fact in facts(raw)]


def refused(raw: Any) -> tuple[str, str]:
    with pytest.raises(Rejected) as refusal:
        facts(raw)
    return refusal.value.code, refusal.value.detail


EXPECTED: dict[str, list[Any]] = {
    "confirmed": [OrderConfirmed(order_id=ORDER_ID)],
    "cancelled": [OrderCancelled(order_id=ORDER_ID)],
    "cloud_event": [OrderCancelled(order_id=ORDER_ID)],
    "complete": [],
    "deleted": [OrderCancelled(order_id=ORDER_ID, reason="deleted")],
    "paid": [PaymentUpdated(order_id=ORDER_ID, status=PaymentStatus.PAID)],
    "message_alone": [PaymentUpdated(order_id=ORDER_ID, status=PaymentStatus.PAID)],
    "on_credit": [
        PaymentUpdated(
            order_id=ORDER_ID, status=PaymentStatus.PENDING, method=PaymentMethod.DEFERRED
        )
    ],
    "backorder": [StockUpdated(order_id=ORDER_ID, status=StockStatus.BACKORDERED)],
    "delivery_added": [
        ShipmentUpdated(order_id=ORDER_ID, shipment_id=DELIVERY, status=Status.PENDING, lines=GOODS)
    ],
    "parcel_added": [
        ShipmentUpdated(order_id=ORDER_ID, shipment_id=PARCEL, status=Status.PENDING, lines=GOODS),
        ShipmentDispatched(
            order_id=ORDER_ID,
            shipment_id=PARCEL,
            lines=GOODS,
            carrier="ヤマト運輸",
            tracking_number="123456789012",
            dispatched_at=AT,
        ),
    ],
    "tracking": [
        ShipmentDispatched(
            order_id=ORDER_ID,
            shipment_id=PARCEL,
            carrier="ヤマト運輸",
            tracking_number="123456789012",
        )
    ],
    "return_label": [],
    "parcel_removed": [
        ShipmentUpdated(
            order_id=ORDER_ID,
            shipment_id=PARCEL,
            status=Status.CANCELLED,
            raw_status="ParcelRemovedFromDelivery",
        )
    ],
    "return_added": [
        ReturnOpened(
            order_id=ORDER_ID,
            return_id=RETURN_ITEM,
            lines=(ShippedLine(line_id=LINE_1, quantity=1),),
        )
    ],
    "return_set": [
        ReturnReceived(
            order_id=ORDER_ID,
            return_id=RETURN_ITEM,
            lines=(ShippedLine(line_id=LINE_1, quantity=1),),
        ),
        OrderRefunded(
            order_id=ORDER_ID,
            refund_id=RETURN_ITEM,
            lines=(RefundedLine(line_id=LINE_1, quantity=1, kind=RefundKind.RETURNED),),
        ),
    ],
    "return_back": [ReturnReceived(order_id=ORDER_ID, return_id=RETURN_ITEM)],
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_becomes_of_a_message(name: str) -> None:
    assert data(SAMPLES[name]) == EXPECTED[name]
    assert facts(SAMPLES[name]) == facts(SAMPLES[name])
    assert {fact.metadata.occurred_at for fact in facts(SAMPLES[name])} <= {AT}


def test_an_order_is_told_whole() -> None:
    (fact,) = facts(SAMPLES["created"], SHOPS)
    placed = fact.data
    assert isinstance(placed, OrderPlaced)
    assert (fact.metadata.brand, fact.metadata.occurred_at) == ("aoba", AT)
    assert fact.metadata.dedupe_id == "88888888-aaaa-4bbb-8ccc-000000000001"
    assert placed.number == "A-1001"
    assert placed.placed_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert placed.buyer == Party(
        customer_id="66666666-aaaa-4bbb-8ccc-000000000001",
        name="山田 太郎",
        email="hanako@example.com",
        phone="+81312345678",
        locale="ja-JP",
    )
    assert placed.ship_to == Address(
        name="山田 花子",
        country="JP",
        postal_code="150-0001",
        region="東京都",
        city="渋谷区",
        line1="神宮前 1-2-3",
        line2="青葉ハイツ405",
        phone="+819012345678",
    )
    assert (placed.total, placed.shipping_fee) == (Money(4212, "JPY"), Money(500, "JPY"))
    assert (placed.payment_status, placed.stock) == (PaymentStatus.PENDING, StockStatus.RESERVED)
    assert [(one.title, one.quantity, one.requires_shipping) for one in placed.lines] == [
        ("深蒸し煎茶", 2, True),
        ("深蒸し煎茶", 1, True),
        ("ギフト包装", 1, False),
    ]
    assert placed.lines[0].unit_price == Money(1200, "JPY")
    assert placed.gift is None
    assert placed.consents == ()


def test_an_anonymous_buyer_is_nobody() -> None:
    bare = order(anonymousId="session-1", billingAddress=None)
    del bare["customerId"], bare["customerEmail"]
    placed = data(envelope("OrderCreated", order=bare))[0]
    assert placed.buyer == Party(locale="ja-JP")


def test_what_was_imported_is_historical() -> None:
    (fact,) = facts(SAMPLES["imported"])
    assert fact.metadata.historical
    (placed,) = data(SAMPLES["imported"])
    assert placed.placed_at == datetime(2020, 1, 5, 10, tzinfo=UTC)


def test_several_shippings_have_one_address_only_if_they_share_it() -> None:
    address = {"country": "JP", "city": "大阪市"}
    info = {"price": yen(500)}
    one = [{"shippingInfo": info, "shippingAddress": address}] * 2
    other = [*one, {"shippingInfo": info, "shippingAddress": {**address, "city": "京都市"}}]
    plain = {"shippingMode": "Multiple", "shippingAddress": None, "shippingInfo": None}
    same = data(order(**plain, shipping=one))[0]
    assert same.ship_to == Address(country="JP", city="大阪市")
    assert same.shipping_fee == Money(1000, "JPY")
    assert data(order(**plain, shipping=other))[0].ship_to is None


@pytest.mark.parametrize(
    ("price", "money"),
    [
        ({"currencyCode": "USD", "centAmount": 1990, "fractionDigits": 2}, Money(1990, "USD")),
        ({"currencyCode": "KWD", "centAmount": 1990, "fractionDigits": 3}, Money(1990, "KWD")),
        ({"currencyCode": "ISK", "centAmount": 500, "fractionDigits": 2}, Money(5, "ISK")),
        (
            {
                "type": "highPrecision",
                "currencyCode": "USD",
                "centAmount": 12,
                "preciseAmount": 120000,
                "fractionDigits": 6,
            },
            Money(12, "USD"),
        ),
        (
            {
                "type": "highPrecision",
                "currencyCode": "USD",
                "centAmount": 12,
                "preciseAmount": 123456,
                "fractionDigits": 6,
            },
            None,
        ),
    ],
)
def test_prices_are_exact(price: dict[str, Any], money: Money | None) -> None:
    changed = order(taxedPrice=None, shippingInfo=None, customLineItems=[])
    changed["totalPrice"] = {"currencyCode": price["currencyCode"], "centAmount": 0}
    changed["lineItems"][0]["price"] = {"value": price}
    assert data(changed)[0].lines[0].unit_price == money


def taxed(amount: int) -> dict[str, Any]:
    return {"taxedPrice": {"totalNet": yen(1), "totalGross": yen(amount)}}


@pytest.mark.parametrize(
    ("lines", "more", "subtotal"),
    [
        # With tax, or in an order that knows of none.
        ([line(**taxed(2592)), line(LINE_2, **taxed(1296))], {}, 3888),
        ([line(), line(LINE_2, totalPrice=yen(1100))], {"taxedPrice": None}, 3500),
        # Perhaps without tax: only where it adds up, 3712 and 500 for the parcel.
        ([line(), line(LINE_2, totalPrice=yen(1312))], {}, 3712),
        ([line(), line(LINE_2)], {}, None),
        ([line(totalPrice=yen(3712), **taxed(4000))], {}, 3712),
        # Fees count, also those that take something off.
        (
            [line(**taxed(2592))],
            {"customLineItems": [{"id": "c", "quantity": 1, **taxed(-92)}]},
            2500,
        ),
        # What a line does not say, or not properly, costs the subtotal and not the order.
        ([line(**taxed(2592)), line(LINE_2, totalPrice=None)], {}, None),
        ([line(totalPrice={"currencyCode": "USD", "centAmount": 1})], {"taxedPrice": None}, None),
        ([line(totalPrice=yen(1) | {"centAmount": 1.5})], {"taxedPrice": None}, None),
        ([line(totalPrice=yen(1) | {"centAmount": "x"})], {"taxedPrice": None}, None),
    ],
)
def test_the_subtotal_is_what_the_lines_cost(
    lines: list[Any], more: dict[str, Any], subtotal: int | None
) -> None:
    placed = data(order(**({"lineItems": lines, "customLineItems": []} | more)))[0]
    assert placed.subtotal == (Money(subtotal, "JPY") if subtotal is not None else None)
    assert placed.shipping_fee == Money(500, "JPY")


@pytest.mark.parametrize(
    ("transactions", "status"),
    [
        ([("Charge", "Success", 4212)], PaymentStatus.PAID),
        ([("Charge", "Success", 100)], PaymentStatus.PARTIALLY_PAID),
        ([("Authorization", "Success", 4212)], PaymentStatus.AUTHORIZED),
        ([("Charge", "Pending", 4212)], None),
    ],
)
def test_transactions_count_where_no_payment_state_is_said(
    transactions: list[tuple[str, str, int]], status: PaymentStatus | None
) -> None:
    payment = {
        "paymentMethodInfo": {"method": "コンビニ"},
        "transactions": [
            {"id": f"t{n}", "type": kind, "state": state, "amount": yen(amount)}
            for n, (kind, state, amount) in enumerate(transactions)
        ],
    }
    paid = order(paymentState=None, paymentInfo={"payments": [{"id": "p", "obj": payment}]})
    assert data(paid)[0].payment_status == status
    assert data(paid)[0].payment_method is PaymentMethod.KONBINI


def test_a_refund_of_money_is_told_with_its_amount() -> None:
    refund = {"id": "t9", "type": "Refund", "state": "Success", "amount": yen(500)}
    paid = order(paymentInfo={"payments": [{"obj": {"transactions": [refund]}}]})
    assert data(paid)[-1] == OrderRefunded(
        order_id=ORDER_ID, refund_id="t9", amount=Money(500, "JPY")
    )


def test_shipped_without_deliveries_is_one_shipment() -> None:
    found = data(SAMPLES["shipped_with_order"])
    assert found[1:] == [ShipmentDispatched(order_id=ORDER_ID, shipment_id=ORDER_ID)]


def test_delivered_is_about_each_parcel() -> None:
    arrived = data(SAMPLES["delivered_with_order"])[-1]
    assert (arrived.shipment_id, arrived.status) == (PARCEL, Status.DELIVERED)


def test_parcels_of_one_delivery_are_shipments_of_their_own() -> None:
    second = parcel("33333333-aaaa-4bbb-8ccc-000000000002", items=[{"id": LINE_2, "quantity": 1}])
    both = delivery(parcels=[parcel(items=[{"id": LINE_1, "quantity": 2}]), second])
    whole = order(shippingInfo={"deliveries": [both]}, shipmentState="Shipped")
    sent = [one for one in data(whole) if isinstance(one, ShipmentDispatched)]
    assert [one.lines[0].line_id for one in sent] == [LINE_1, LINE_2]
    assert len({one.shipment_id for one in sent}) == 2


def test_a_number_that_is_added_later_does_not_forget_what_is_inside() -> None:
    untracked = parcel(trackingData=None)
    later = envelope(
        "ParcelTrackingDataUpdated",
        9,
        deliveryId=DELIVERY,
        parcelId=PARCEL,
        trackingData={"trackingId": "999"},
        createdAt="2026-04-03T00:00:00.000Z",
    )
    told = [
        *facts(SAMPLES["created"]),
        *facts(
            envelope(
                "ParcelAddedToDelivery", 4, delivery=delivery(parcels=[untracked]), parcel=untracked
            )
        ),
        *facts(later),
    ]
    folded = fold(merge(OrderRecord(brand="aoba", order_id=ORDER_ID), told))
    (shipment,) = folded.shipments
    assert (shipment.tracking_number, shipment.lines) == ("999", GOODS)
    assert not folded.fully_shipped


def test_the_sequence_number_decides_within_a_millisecond() -> None:
    first = facts(envelope("OrderPaymentStateChanged", 8, paymentState="BalanceDue"))[0]
    second = facts(envelope("OrderPaymentStateChanged", 11, paymentState="Pending"))[0]
    assert second.stamp > first.stamp
    assert (
        facts(envelope("OrderStateChanged", 400, orderState="Confirmed"))[0].metadata.id[:2] == "99"
    )


def test_the_order_s_own_id_counts_and_the_contradiction_is_noted() -> None:
    raw = envelope("OrderCreated", order=order(id="another"))
    (fact,) = facts(raw)
    assert fact.order_id == "another"
    assert fact.metadata.notes


PATH = f"/aoba-store/orders/{ORDER_ID}"


@pytest.mark.parametrize(
    ("country", "line"),
    [("GB", "12 Mare Street"), ("US", "12 Mare Street"), ("DE", "Mare Street 12")],
)
def test_a_street_and_its_number_stand_as_the_country_writes_them(country: str, line: str) -> None:
    place = {"streetName": "Mare Street", "streetNumber": "12", "country": country}
    told = order(shippingAddress=place)
    first, *_ = facts(envelope("OrderCreated", 1, order=told))
    assert isinstance(first.data, OrderPlaced)
    assert first.data.ship_to is not None
    assert first.data.ship_to.line1 == line


@pytest.mark.parametrize("name", ["too_large", "email_set", "updated"])
def test_what_is_thin_is_fetched(name: str) -> None:
    delivered = receive(SAMPLES[name], source="commercetools")
    assert missing(delivered) == Fetch(
        path=PATH, topic="order", query={"expand": "paymentInfo.payments[*]"}, shop="aoba-store"
    )
    code, detail = refused(SAMPLES[name])
    assert code == "INCOMPLETE"
    assert "fetched" in detail


def test_a_fetched_order_keeps_when_it_was_placed() -> None:
    too_large = {"reason": "Payload too large.", "payloadType": "OrderCreated"}
    thin = envelope("OrderCreated", 1, payloadNotIncluded=too_large)
    asked = missing(receive(thin))
    assert asked is not None
    assert (asked.path, asked.topic, asked.wrap) == (PATH, "OrderCreated", "order")
    now = order(paymentState="Paid", lastModifiedAt="2026-04-05T00:00:00.000Z")
    answer = {"order": now, **asked.extra}
    found = normalize(receive(answer, source="commercetools", topic=asked.topic))
    assert [fact.metadata.type for fact in found] == ["OrderPlaced", "OrderChanged"]
    assert [fact.metadata.occurred_at for fact in found] == [AT, datetime(2026, 4, 5, tzinfo=UTC)]
    said: list[Any] = [fact.data for fact in found]
    assert [snapshot.payment_status for snapshot in said] == [None, PaymentStatus.PAID]
    assert missing(receive(answer, source="commercetools", topic=asked.topic)) is None


@pytest.mark.parametrize("name", ["created", "backorder", "order_alone", "deleted", "tracking"])
def test_what_is_whole_is_not_fetched(name: str) -> None:
    assert missing(receive(SAMPLES[name], source="commercetools")) is None


@pytest.mark.parametrize("nothing", ["", [], None])
def test_an_order_that_is_empty_is_not_there(nothing: Any) -> None:
    raw = envelope("OrderShipmentStateChanged", shipmentState="Shipped", order=nothing)
    assert missing(receive(raw, source="commercetools")) is not None
    assert refused(raw) == ("INCOMPLETE", "OrderShipmentStateChanged: the order has to be fetched")


def test_an_id_that_could_lead_elsewhere_is_not_asked_for() -> None:
    for key, value in (("projectKey", "../x"), ("resource", {"typeId": "order", "id": "a/b"})):
        bad = {**change("ResourceUpdated"), key: value}
        with pytest.raises(Rejected) as refusal:
            missing(receive(bad, source="commercetools"))
        assert refusal.value.code == "INVALID_VALUE"


REFUSED = [
    (envelope("OrderStateChanged", orderState="in review"), "INVALID_VALUE", "orderState"),
    (envelope("OrderStateChanged"), "INCOMPLETE", "orderState"),
    (envelope("OrderPaymentStateChanged", paymentState="Odd"), "INVALID_VALUE", "paymentState"),
    (envelope("ReturnInfoAdded"), "INCOMPLETE", "returnInfo"),
    (envelope("DeliveryAdded"), "INCOMPLETE", "delivery"),
    (envelope("ParcelTrackingDataUpdated"), "INCOMPLETE", "parcelId"),
    (
        envelope("OrderReturnShipmentStateChanged", returnItemId="1", returnShipmentState="Odd"),
        "INVALID_VALUE",
        "returnShipmentState",
    ),
    (envelope("OrderCreated", order=order(totalPrice=None)), "INCOMPLETE", "totalPrice"),
    (
        envelope(
            "OrderCreated", order=order(taxedPrice={"totalGross": yen(1) | {"centAmount": 1.5}})
        ),
        "INVALID_VALUE",
        "centAmount",
    ),
    (
        message("ReturnInfoSet", resource={"typeId": "order-edit", "id": "1"}),
        "INVALID_VALUE",
        "resource.typeId",
    ),
    (SAMPLES["workflow"], "UNKNOWN_TOPIC", "workflow"),
    (change("ResourceUpdated", "product"), "UNKNOWN_TOPIC", "no order"),
]


@pytest.mark.parametrize(("raw", "code", "word"), REFUSED)
def test_what_is_refused_names_the_field(raw: Any, code: str, word: str) -> None:
    said = refused(raw)
    assert said[0] == code
    assert word in said[1]


def test_the_tables_are_the_documented_words() -> None:
    assert {"Open", "Confirmed", "Complete", "Cancelled"} == ORDER_STATES
    assert set(PAYMENT) == {"BalanceDue", "Failed", "Pending", "CreditOwed", "Paid"}
    assert set(GOODS_BACK) == {"Advised", "Returned", "BackInStock", "Unusable"}
    assert set(STOCK) < {
        "Shipped", "Delivered", "Ready", "Pending", "Delayed", "Partial", "Backorder", "Canceled",
    }  # fmt: skip


def test_a_page_of_messages_is_many_events() -> None:
    page = {"results": [SAMPLES["message_alone"]["body"]] * 2, "count": 2}
    found = facts(page)
    assert len(found) == 2
    assert found[0] == found[1]
    assert found[0].metadata.occurred_at - AT == timedelta(0)


def test_a_discount_on_the_shipping_is_taken_off_its_price() -> None:
    reduced = {"price": yen(500), "discountedPrice": {"value": yen(300), "includedDiscounts": []}}
    (told, *_) = data(order(shippingInfo=reduced))
    assert told.shipping_fee == Money(300, "JPY")
