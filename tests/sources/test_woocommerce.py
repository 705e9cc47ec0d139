"""WooCommerce: what becomes of each topic and status."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.domain.errors import Rejected
from shared.domain.events import (
    CustomerChanged,
    Fact,
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
    StockStatus,
    SubscriptionChanged,
)
from shared.domain.shipments import ShippedLine
from shared.domain.values import Address, Money, Party
from shared.sources import Brands, normalize, receive_all
from shared.sources.woocommerce import OWN_STATUS, SOURCE, STATUSES
from tests.sources.vendors import woocommerce as woo

LATER = datetime(2026, 4, 26, 3, 0, tzinfo=UTC)


def facts(raw: Any, **said: Any) -> tuple[Fact, ...]:
    found = receive_all(raw, source="woocommerce", **said)
    return tuple(fact for delivery in found for fact in normalize(delivery))


def data(raw: Any, **said: Any) -> list[Any]:
    return [fact.data for fact in facts(raw, **said)]


def updated(**changes: Any) -> list[Any]:
    return data(woo.record("order.updated", woo.order(**changes)))


def test_a_new_order_is_placed_with_everything_that_it_says() -> None:
    (fact,) = facts(woo.SAMPLES["created"], brands=Brands(of_shop={"aoba.example.com": "aoba"}.get))
    placed_at = datetime(2026, 4, 20, 14, 40, 5, tzinfo=UTC)
    assert fact.metadata.occurred_at == placed_at
    assert fact.metadata.brand == "aoba"
    assert fact.metadata.dedupe_id == woo.HEADERS["X-WC-Webhook-Delivery-ID"]
    assert not fact.metadata.test
    assert fact.data == OrderPlaced(
        order_id="4711",
        placed_at=placed_at,
        number="A-4711",
        buyer=Party(name="山田 花子", email="hanako@example.com", phone="+819012345678"),
        ship_to=Address(
            name="佐藤 次郎",
            country="JP",
            postal_code="980-0021",
            region="宮城県",
            city="仙台市青葉区",
            line1="中央1-1",
        ),
        lines=(
            Line(
                line_id="91",
                quantity=2,
                sku="SEN-100",
                product_id="12",
                title="煎茶",
                variant="100g",
                unit_price=Money(1800, "JPY"),
                image_url="https://aoba.example.com/sencha.jpg",
            ),
            Line(
                line_id="92",
                quantity=1,
                product_id="20",
                title="急須",
                unit_price=Money(400, "JPY"),
            ),
        ),
        currency="JPY",
        total=Money(4660, "JPY"),
        subtotal=Money(4000, "JPY"),
        shipping_fee=Money(660, "JPY"),
        payment_method=PaymentMethod.KONBINI,
        payment_status=PaymentStatus.PAID,
        stock=StockStatus.RESERVED,
        cancelled=False,
        wished_date=date(2026, 4, 25),
        wished_slot="18:00-20:00",
    )


def test_parcels_are_told_by_their_numbers() -> None:
    changed, first, second = data(woo.SAMPLES["tracked"])
    assert isinstance(changed, OrderChanged)
    assert first == ShipmentDispatched(
        order_id="4711",
        shipment_id="4711",
        carrier="yamato-jp",
        tracking_number="123456789012",
        dispatched_at=datetime(2026, 4, 21, tzinfo=UTC),
    )
    assert second == ShipmentDispatched(
        order_id="4711",
        shipment_id="abc2",
        lines=(ShippedLine(line_id="92", quantity=1),),
        carrier="佐川急便",
        tracking_number="400012345678",
        tracking_url="https://track.example.com/4000",
        dispatched_at=datetime(2026, 4, 20, 14, 40, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("shipped", "at"),
    [
        ("1776902400", datetime(2026, 4, 23, tzinfo=UTC)),
        ("2026-04-23", datetime(2026, 4, 23, tzinfo=UTC)),
        ("23.4.2026", None),
        ("", None),
    ],
)
def test_the_day_of_a_parcel_as_the_plugins_write_it(shipped: str, at: datetime | None) -> None:
    inside = [{"item_id": "91", "qty": ""}, {"item_id": "92", "qty": "1.0"}]
    parcel = {"tracking_number": "1234", "date_shipped": shipped, "products_list": inside}
    listed = [{"key": "_wc_shipment_tracking_items", "value": [parcel]}]
    _, told = updated(meta_data=listed)
    assert told.dispatched_at == at
    assert told.lines == (ShippedLine(line_id="92", quantity=1),)


@pytest.mark.parametrize(
    "meta",
    [
        [{"key": "_wc_shipment_tracking_items",
          "value": '[{"tracking_number": "1234", "tracking_provider": "ups"}]'}],
        [{"key": "_aftership_tracking_items",
          "value": [{"tracking_number": "1234", "slug": "ups"}]}],
        [{"key": "_tracking_number", "value": "1234"},
         {"key": "_tracking_provider", "value": "ups"}],
    ],
)  # fmt: skip
def test_numbers_where_other_plugins_keep_them(meta: list[Any]) -> None:
    _, told = updated(meta_data=meta)
    assert (told.tracking_number, told.carrier) == ("1234", "ups")
    odd = [{"key": "_wc_shipment_tracking_items", "value": "[none yet"}]
    assert len(updated(meta_data=odd)) == 1


def test_the_legacy_api_is_read_under_its_own_names() -> None:
    said = {"id": 645, "order_number": "A-645", "created_at": "2026-04-20T14:40:05Z"}
    money = {"currency": "USD", "total": "29.80", "total_shipping": "10.00"}
    line = {
        "id": 504,
        "quantity": 2,
        "subtotal": "19.80",
        "name": "Tea",
        "product_id": 5,
        "sku": "",
    }
    billing = {"first_name": "Mara", "last_name": "Ellison", "email": "mara@example.com"}
    legacy = said | money | {
        "updated_at": "2026-04-20T14:40:05Z",
        "completed_at": "1970-01-01T00:00:00Z",
        "status": "processing",
        "payment_details": {"method_id": "bacs", "method_title": "Transfer", "paid": True},
        "billing_address": billing,
        "shipping_address": {},
        "line_items": [line],
        "customer_id": 2,
    }  # fmt: skip
    (order,) = data({"order": legacy})
    assert isinstance(order, OrderPlaced)
    assert (order.order_id, order.number) == ("645", "A-645")
    assert order.placed_at == datetime(2026, 4, 20, 14, 40, 5, tzinfo=UTC)
    assert order.buyer == Party(customer_id="2", name="Mara Ellison", email="mara@example.com")
    assert (order.total, order.shipping_fee) == (Money(2980, "USD"), Money(1000, "USD"))
    assert order.payment_method is PaymentMethod.BANK_TRANSFER
    assert order.payment_status is PaymentStatus.PAID
    (unpaid,) = data({"order": legacy | {"payment_details": {"method_id": "bacs", "paid": False}}})
    assert unpaid.payment_status is None
    with pytest.raises(Rejected, match="parent_id"):
        data(
            {
                "order_refund": {
                    "id": 9,
                    "created_at": said["created_at"],
                    "amount": "1",
                    "reason": "",
                }
            }
        )


def test_what_php_writes_for_nothing_costs_no_order() -> None:
    (order,) = updated(
        billing=[], shipping=[], date_paid_gmt="0000-00-00T00:00:00", prices_include_tax="yes"
    )
    assert order.buyer == Party()
    assert order.ship_to is None
    assert order.payment_status is None
    assert order.subtotal == Money(4000, "JPY")


@pytest.mark.parametrize(("written", "units"), [(0.5, 1), ("2.0", 2), ("2.5", 2), (0, 0)])
def test_a_part_of_a_unit_is_one(written: object, units: int) -> None:
    (order,) = updated(line_items=[woo.ORDER["line_items"][1] | {"quantity": written}])
    assert [line.quantity for line in order.lines] == [units]


def test_completed_is_dispatched_not_delivered() -> None:
    _, parcel = data(woo.SAMPLES["completed"])
    at = datetime(2026, 4, 22, 3, 0, tzinfo=UTC)
    assert parcel == ShipmentDispatched(order_id="4711", shipment_id="4711", dispatched_at=at)
    pickup = [{"id": 1, "method_id": "local_pickup"}]
    assert len(updated(status="completed", shipping_lines=pickup)) == 1
    blank = dict.fromkeys(woo.ORDER["shipping"], "")
    (virtual,) = updated(status="completed", shipping_lines=[], shipping=blank)
    assert virtual.ship_to is None
    assert not any(line.requires_shipping for line in virtual.lines)


@pytest.mark.parametrize(
    ("status", "paid", "method", "payment", "stock"),
    [
        ("pending", False, "stripe", PaymentStatus.PENDING, None),
        ("on-hold", False, "bacs", PaymentStatus.PENDING, StockStatus.RESERVED),
        ("processing", True, "stripe", PaymentStatus.PAID, StockStatus.RESERVED),
        ("processing", False, "cod", PaymentStatus.PENDING, StockStatus.RESERVED),
        ("processing", False, "stripe", None, StockStatus.RESERVED),
        ("completed", True, "cod", PaymentStatus.PAID, StockStatus.RESERVED),
        ("failed", False, "stripe", PaymentStatus.FAILED, None),
        ("cancelled", False, "bacs", None, None),
        ("refunded", True, "stripe", PaymentStatus.REFUNDED, None),
        ("trash", True, "stripe", PaymentStatus.PAID, None),
        ("wc-packing", True, "stripe", PaymentStatus.PAID, None),
    ],
)
def test_statuses(
    status: str,
    paid: bool,
    method: str,
    payment: PaymentStatus | None,
    stock: StockStatus | None,
) -> None:
    order, *rest = updated(
        status=status,
        payment_method=method,
        payment_method_title="",
        date_paid_gmt="2026-04-21T00:00:00" if paid else None,
    )
    assert (order.payment_status, order.stock) == (payment, stock)
    ended = status in {"cancelled", "trash", "refunded"}
    assert any(isinstance(one, OrderCancelled) for one in rest) == ended
    assert order.notify == (status != "trash")


def test_a_later_status_counts_more_within_one_second() -> None:
    ids = [
        facts(woo.record("order.updated", woo.order(status=status)))[0].metadata.id
        for status in ("pending", "on-hold", "processing", "own", "completed", "cancelled")
    ]
    assert ids == sorted(ids)
    assert OWN_STATUS not in STATUSES.values()


def test_a_refund_of_a_part_leaves_the_order_open() -> None:
    order, refund = data(woo.SAMPLES["refunded in part"])
    assert order.payment_status is PaymentStatus.PARTIALLY_REFUNDED
    assert refund == OrderRefunded(order_id="4711", refund_id="4750", amount=Money(1800, "JPY"))
    (whole,) = data(woo.SAMPLES["refund"])
    line = RefundedLine(line_id="91", quantity=1, kind=RefundKind.KEPT, sku="SEN-100")
    assert whole == OrderRefunded(order_id="4711", refund_id="4750", lines=(line,))


def test_a_full_refund_ends_only_what_was_not_shipped() -> None:
    completed = updated(status="refunded", date_completed_gmt="2026-04-22T03:00:00")
    assert [type(one) for one in completed] == [OrderChanged]


def test_what_is_deleted_says_its_id_only() -> None:
    gone = woo.record("order.deleted", {"id": 4711})
    (fact,) = facts(gone, received_at=LATER)
    assert fact.data == OrderCancelled(order_id="4711", reason="deleted")
    assert fact.metadata.occurred_at == LATER
    with pytest.raises(Rejected) as refusal:
        facts(gone)
    assert refusal.value.code == "INCOMPLETE"


def test_people_and_subscriptions() -> None:
    mara = Party(
        customer_id="25", name="Mara Ellison", email="mara@example.com", phone="+12125550147"
    )
    assert data(woo.SAMPLES["customer"]) == [CustomerChanged(customer=mara)]
    buyer = Party(customer_id="25", email="mara@example.com")
    assert data(woo.SAMPLES["subscription"]) == [
        SubscriptionChanged(customer=buyer, sku="SEN-100", active=False)
    ]
    (renewal,) = updated(created_via="subscription")
    assert renewal.subscription is True


@pytest.mark.parametrize("mode", ["test", "prod"])
def test_the_mode_of_the_gateway_marks_tests(mode: str) -> None:
    raw = woo.record("order.updated", woo.order(meta_data=[{"key": "_wcpay_mode", "value": mode}]))
    assert {fact.metadata.test for fact in facts(raw)} == {mode == "test"}


def test_the_shape_tells_the_topic_of_a_bare_resource() -> None:
    topics = {
        "order.updated": woo.order(),
        "order.created": woo.order(date_modified_gmt="2026-04-20T14:40:09"),
        "refund": woo.REFUND,
        "customer.updated": woo.CUSTOMER,
        "subscription.updated": woo.SUBSCRIPTION,
        "product.updated": {"id": 1, "regular_price": "9"},
        "coupon.updated": {"id": 1, "discount_type": "percent"},
    }
    for topic, body in topics.items():
        assert [d.topic for d in receive_all([body, body], source="woocommerce")] == [topic] * 2


def test_the_ping_of_a_new_webhook_is_nothing() -> None:
    ping = {"headers": {}, "body": "webhook_id=12"}
    assert receive_all(ping, source="woocommerce") == ()
    assert SOURCE.is_ping({}, b"webhook_id=12")
    assert not SOURCE.is_ping({}, b'{"webhook_id": 12}')
    assert not SOURCE.is_ping({}, b"webhook_id=12&x=1")


def test_two_orders_of_one_second_are_two_events() -> None:
    headers = {name.lower(): value for name, value in woo.HEADERS.items()}
    ids = {SOURCE.event_id(headers, woo.order(id=number)) for number in (1, 2)}
    assert len(ids) == 2
    assert SOURCE.event_id({}, woo.order()) is None


def test_what_nobody_finished_is_no_order() -> None:
    assert updated(status="checkout-draft") == []


def test_a_currency_that_iso_does_not_know_has_no_amounts() -> None:
    (order,) = updated(currency="BTC", total="0.0012")
    assert (order.currency, order.total, order.subtotal) == (None, None, None)


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"id": None}, "INCOMPLETE", "id"),
        ({"id": 1.5}, "MALFORMED", "id"),
        ({"status": ""}, "INCOMPLETE", "status"),
        ({"date_created_gmt": None}, "INCOMPLETE", "date_created_gmt"),
        ({"date_created_gmt": "yesterday"}, "INVALID_VALUE", "date_created_gmt"),
        ({"total": "12.5"}, "INVALID_VALUE", "total"),
        ({"total": "-1"}, "INVALID_VALUE", "total"),
        ({"currency": "yen"}, "INVALID_VALUE", "currency"),
        ({"line_items": None}, "INCOMPLETE", "line_items"),
        ({"line_items": [{"id": 1}]}, "INCOMPLETE", "line_items[0].quantity"),
        ({"line_items": [{"id": 1, "quantity": "1.2.3"}]}, "INVALID_VALUE", "quantity"),
        ({"line_items": {}}, "MALFORMED", "line_items"),
        ({"billing": "x"}, "MALFORMED", "billing"),
    ],
)
def test_refusals_name_the_field(changes: dict[str, Any], code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        updated(**changes)
    assert refusal.value.code == code
    assert word in refusal.value.detail


@pytest.mark.parametrize("topic", ["product.updated", "customer.deleted", "action.x", "new.topic"])
def test_what_yoin_has_no_use_for(topic: str) -> None:
    with pytest.raises(Rejected) as refusal:
        facts(woo.record(topic, {"id": 1}))
    assert refusal.value.code == "UNKNOWN_TOPIC"


@pytest.mark.parametrize("name", sorted(woo.SAMPLES))
def test_the_same_event_twice_is_the_same_facts(name: str) -> None:
    assert facts(woo.SAMPLES[name]) == facts(woo.SAMPLES[name])
    assert facts(woo.SAMPLES[name])
