"""Adobe Commerce: every wrapper, and what becomes of each model."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    CustomerChanged,
    Fact,
    InventoryChanged,
    Line,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    OrderRefunded,
    PaymentMethod,
    PaymentStatus,
    PaymentUpdated,
    RefundedLine,
    RefundKind,
    ReturnClosed,
    ReturnOpened,
    ReturnReceived,
    ReturnStatus,
    ShipmentDispatched,
    ShipmentUpdated,
    StockStatus,
)
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import Brands, normalize, receive, receive_all
from shared.sources.adobe_commerce import SOURCE, STATES
from tests.sources.vendors import adobe_commerce as ac

PLACED_AT = datetime(2026, 4, 20, 14, 40, 5, tzinfo=UTC)
CHANGED_AT = datetime(2026, 4, 21, 0, 10, tzinfo=UTC)


def facts(raw: Any, **said: Any) -> tuple[Fact, ...]:
    found = receive_all(raw, source="adobe_commerce", **said)
    return tuple(fact for delivery in found for fact in normalize(delivery))


def saved(**changes: Any) -> list[Any]:
    return [fact.data for fact in facts(ac.webhook(ac.ORDER_SAVED, ac.order(**changes)))]


def test_an_order_is_read_with_everything_that_it_says() -> None:
    brands = Brands(of_shop={"aoba.stage": "aoba"}.get)
    (fact,) = facts(ac.SAMPLES["order by webhook"], brands=brands)
    assert (fact.metadata.brand, fact.metadata.dedupe_id) == ("aoba", "e-1")
    assert fact.metadata.occurred_at == CHANGED_AT
    assert fact.data == OrderChanged(
        order_id="77",
        placed_at=PLACED_AT,
        number="000000077",
        buyer=Party(
            customer_id="12", name="山田 花子", email="hanako@example.com", phone="+819012345678"
        ),
        ship_to=Address(
            name="佐藤 次郎",
            country="JP",
            postal_code="980-0021",
            region="宮城県",
            city="仙台市青葉区",
            line1="中央1-1",
            line2="青葉ビル2F",
        ),
        lines=(
            Line(
                line_id="301",
                quantity=2,
                sku="SEN-100",
                product_id="55",
                title="煎茶",
                unit_price=Money(10000, "JPY"),
            ),
            Line(
                line_id="303",
                quantity=1,
                sku="KYU",
                product_id="56",
                title="急須",
                unit_price=Money(1500, "JPY"),
            ),
        ),
        currency="JPY",
        total=Money(23600, "JPY"),
        subtotal=Money(23000, "JPY"),
        shipping_fee=Money(600, "JPY"),
        payment_method=PaymentMethod.BANK_TRANSFER,
        payment_status=PaymentStatus.PAID,
        stock=StockStatus.RESERVED,
        cancelled=False,
        wished_date=date(2026, 4, 25),
    )


def test_every_wrapper_holds_the_same_order() -> None:
    found = [facts(raw) for name, raw in ac.SAMPLES.items() if "order" in name]
    assert len(found) == 4
    assert all([f.data for f in one] == [f.data for f in found[0]] for one in found)
    assert receive(ac.SAMPLES["order by eventbridge"]).source == "adobe_commerce"
    assert receive(ac.SAMPLES["order by webhook"]).source == "adobe_commerce"
    other = {**ac.envelope(ac.ORDER_SAVED, ac.ORDER), "detail-type": "Imaging API Events:job"}
    assert not SOURCE.matches(other)


def test_what_php_writes_for_an_empty_object_is_nothing() -> None:
    (order,) = saved(extension_attributes=[], payment=[], billing_address="")
    assert order.payment_method is None


def test_the_models_of_a_search_and_of_a_plugin_are_found() -> None:
    found = {"items": [ac.ORDER, ac.order(entity_id=78)], "search_criteria": {}, "total_count": 2}
    assert [f.data.order_id for f in facts(found) if isinstance(f.data, OrderChanged)] == [
        "77",
        "78",
    ]
    shipment = {"entity_id": 9, "order_id": 77, "created_at": "2026-04-21 00:10:00", "tracks": []}
    (fact,) = facts(ac.webhook("observer.sales_order_shipment_save_after", {"shipment": shipment}))
    assert isinstance(fact.data, ShipmentDispatched)
    assert fact.data.shipment_id == "9"


def test_what_python_parses_to_floats_is_read_as_it_stood() -> None:
    floats = {"grand_total": 46.6, "subtotal": 40.25, "order_currency_code": "USD"}
    (order,) = saved(**floats, items=[ac.ORDER["items"][0] | {"qty_ordered": 2.0}])
    assert (order.total, order.lines[0].quantity) == (Money(4660, "USD"), 2)


def test_the_events_of_placing_are_a_placement() -> None:
    (fact,) = facts(ac.webhook("observer.sales_order_place_after", {"order": ac.ORDER}))
    assert isinstance(fact.data, OrderPlaced)


def test_a_new_order_is_placed() -> None:
    (by_times,) = saved(updated_at=ac.ORDER["created_at"])
    (by_flag,) = saved(_isNew=True)
    assert isinstance(by_times, OrderPlaced)
    assert isinstance(by_flag, OrderPlaced)


STATE = {
    "new": (PaymentStatus.PENDING, StockStatus.RESERVED, False),
    "pending_payment": (PaymentStatus.PENDING, StockStatus.RESERVED, False),
    "payment_review": (PaymentStatus.PENDING, StockStatus.RESERVED, False),
    "holded": (None, None, False),
    "processing": (None, StockStatus.RESERVED, False),
    "complete": (None, StockStatus.RESERVED, False),
    "closed": (None, None, True),
    "canceled": (None, None, True),
    "shop_own": (None, StockStatus.RESERVED, False),
}


@pytest.mark.parametrize("state", sorted(STATE))
def test_states(state: str) -> None:
    order, *rest = saved(state=state, total_paid=None)
    payment, stock, ended = STATE[state]
    assert (order.payment_status, order.stock) == (payment, stock)
    assert [type(one) for one in rest] == ([OrderCancelled] if ended else [])
    assert STATE.keys() - {"shop_own"} == STATES.keys()


@pytest.mark.parametrize(
    ("paid", "refunded", "authorized", "expected"),
    [
        ("23600.0000", "0.0000", None, PaymentStatus.PAID),
        ("1000.0000", None, None, PaymentStatus.PARTIALLY_PAID),
        ("23600.0000", "500.0000", None, PaymentStatus.PARTIALLY_REFUNDED),
        ("23600.0000", "23600.0000", None, PaymentStatus.REFUNDED),
        (None, None, "23600.0000", PaymentStatus.AUTHORIZED),
    ],
)
def test_payment(
    paid: str | None, refunded: str | None, authorized: str | None, expected: PaymentStatus
) -> None:
    payment = {"method": "braintree", "amount_authorized": authorized}
    order, *_ = saved(total_paid=paid, total_refunded=refunded, payment=payment)
    assert order.payment_status is expected


def test_a_closed_order_of_which_something_was_shipped_goes_on() -> None:
    items = [{"item_id": "1", "qty_ordered": "1.0000", "qty_shipped": "1.0000"}]
    assert [type(one) for one in saved(state="closed", items=items)] == [OrderChanged]


def test_backorders_and_parts_of_units() -> None:
    items = [{"item_id": "1", "qty_ordered": "0.5000", "qty_backordered": "0.5000"}]
    (order,) = saved(items=items)
    assert (order.stock, order.lines[0].quantity) == (StockStatus.BACKORDERED, 1)


def test_shipments_and_their_tracks() -> None:
    (shipment,) = facts(ac.SAMPLES["shipment"])
    assert shipment.data == ShipmentDispatched(
        order_id="77",
        shipment_id="9",
        lines=(ShippedLine(line_id="301", quantity=2),),
        carrier="ヤマト運輸",
        tracking_number="123456789012",
        dispatched_at=datetime(2026, 4, 21, 0, 5, tzinfo=UTC),
    )
    (track,) = facts(ac.SAMPLES["track"])
    assert track.data == ShipmentUpdated(
        order_id="77",
        shipment_id="9",
        status=Status.LABEL_CREATED,
        carrier="ヤマト運輸",
        tracking_number="123456789012",
    )


def test_money_back_and_money_in() -> None:
    (memo,) = facts(ac.SAMPLES["credit memo"])
    assert memo.data == OrderRefunded(
        order_id="77",
        refund_id="5",
        lines=(
            RefundedLine(line_id="301", quantity=1, kind=RefundKind.RETURNED, sku="SEN-100"),
            RefundedLine(line_id="303", quantity=1, kind=RefundKind.KEPT, sku="KYU"),
        ),
        amount=Money(11500, "JPY"),
    )
    (invoice,) = facts(ac.SAMPLES["invoice"])
    assert invoice.data == PaymentUpdated(
        order_id="77", status=PaymentStatus.PAID, amount=Money(23600, "JPY")
    )
    code = "observer.sales_order_invoice_save_after"
    assert facts(ac.webhook(code, {**ac.INVOICE, "state": "1"})) == ()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("authorized", ReturnOpened),
        ("received", ReturnReceived),
        ("processed_closed", ReturnClosed),
        ("denied", ReturnClosed),
        ("pondered", None),
    ],
)
def test_returns(status: str, expected: type | None) -> None:
    raw = ac.webhook("observer.rma_save_commit_after", {**ac.RETURN, "status": status})
    found = [fact.data for fact in facts(raw)]
    assert [type(one) for one in found] == ([expected] if expected else [])
    declined = ReturnClosed(order_id="77", return_id="8", outcome=ReturnStatus.DECLINED)
    assert (declined in found) == (status == "denied")


def test_people_and_stock() -> None:
    (customer,) = facts(ac.SAMPLES["customer"])
    hanako = Party(customer_id="12", name="山田 花子", email="hanako@example.com")
    assert customer.data == CustomerChanged(customer=hanako)
    (refusal,) = facts(ac.SAMPLES["subscriber"])
    assert refusal.data == ConsentChanged(
        customer=Party(email="hanako@example.com"),
        channel=Channel.EMAIL,
        granted=False,
        method=ConsentMethod.PLATFORM,
        evidence="Adobe Commerce: newsletter unsubscribed",
    )
    (level,) = facts(ac.SAMPLES["stock"])
    assert level.data == InventoryChanged(item_id="55", available=333, location_id="1")
    assert level.metadata.occurred_at == datetime(2026, 4, 24, 2, 0, tzinfo=UTC)


def test_the_shape_tells_the_topic_where_no_code_came() -> None:
    for name in ("shipment", "track", "credit memo", "invoice", "customer", "subscriber", "return"):
        coded = ac.SAMPLES[name]
        value = coded["body"]["event"]["data"]["value"]
        bare = {"event": {"data": {"value": value}}}
        assert [f.data for f in facts(bare)] == [f.data for f in facts(coded)], name


def test_a_product_is_of_no_use() -> None:
    product = {"event": {"data": {"value": {"sku": "x", "attribute_set_id": "4"}}}}
    with pytest.raises(Rejected, match="products") as refusal:
        facts(product)
    assert refusal.value.code == "UNKNOWN_TOPIC"


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"entity_id": None}, "INCOMPLETE", "entity_id"),
        ({"entity_id": "7 7"}, "MALFORMED", "entity_id"),
        ({"created_at": None, "updated_at": None}, "INCOMPLETE", "created_at"),
        ({"created_at": "20.4.2026"}, "INVALID_VALUE", "created_at"),
        ({"grand_total": "1.5000"}, "INVALID_VALUE", "grand_total"),
        ({"grand_total": "-1"}, "INVALID_VALUE", "grand_total"),
        ({"order_currency_code": "YEN!"}, "INVALID_VALUE", "order_currency_code"),
        ({"items": [{"item_id": "1"}]}, "INCOMPLETE", "qty_ordered"),
        ({"items": "none"}, "MALFORMED", "items"),
    ],
)
def test_refusals_name_the_field(changes: dict[str, Any], code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        saved(**changes)
    assert refusal.value.code == code
    assert word in refusal.value.detail


@pytest.mark.parametrize("name", sorted(ac.SAMPLES))
def test_the_same_event_twice_is_the_same_facts(name: str) -> None:
    assert facts(ac.SAMPLES[name]) == facts(ac.SAMPLES[name])
    assert facts(ac.SAMPLES[name])
