"""Square: what is fetched for its order events, and what becomes of each object."""

from __future__ import annotations

import json
from datetime import UTC, datetime
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
    ReturnReceived,
    ShipmentDispatched,
    ShipmentUpdated,
    StockStatus,
)
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import Brands, missing, normalize, receive, receive_all
from tests.sources.vendors import square as sq

PLACED_AT = datetime(2026, 4, 20, 14, 40, 5, 129000, tzinfo=UTC)
CHANGED_AT = datetime(2026, 4, 21, 0, 10, 1, tzinfo=UTC)


def facts(raw: Any, **said: Any) -> tuple[Fact, ...]:
    found = receive_all(raw, source="square", **said)
    return tuple(fact for delivery in found for fact in normalize(delivery))


def after(kind: str, **changes: Any) -> list[Any]:
    return [fact.data for fact in facts(sq.fetched(kind, sq.order(**changes)), topic=kind)]


def test_an_order_is_fetched_by_its_id() -> None:
    delivery = receive(sq.SAMPLES["order created"], source="square")
    fetch = missing(delivery)
    assert fetch is not None
    assert (fetch.path, fetch.shop) == (f"/v2/orders/{sq.ORDER_ID}", "5s9mxaoba")
    together = fetch.together([json.dumps({"order": sq.order()})])
    brands = Brands(of_shop={"5s9mxaoba": "north"}.get)
    placed, shipment = facts(together, topic=fetch.topic, brands=brands)
    assert placed.metadata.brand == "north"
    assert placed.metadata.dedupe_id == "116038d3-aaaa-439f-8679-fc86dbf80f69"
    assert placed.metadata.id.startswith("04:")
    line = Line(
        line_id="line-1",
        quantity=2,
        product_id="CAT1",
        title="Filter coffee",
        variant="250 g",
        unit_price=Money(1500, "USD"),
    )
    assert placed.data == OrderPlaced(
        order_id=sq.ORDER_ID,
        placed_at=PLACED_AT,
        number="web-88",
        buyer=Party(
            customer_id="CUST1",
            name="Mara Ellison",
            email="mara@example.com",
            phone="+12125550147",
        ),
        ship_to=Address(
            name="Mara Ellison",
            country="US",
            postal_code="97201",
            region="OR",
            city="Portland",
            line1="1 Main St",
            phone="+12125550147",
        ),
        lines=(line,),
        currency="USD",
        total=Money(3650, "USD"),
        payment_method=PaymentMethod.CARD,
        payment_status=PaymentStatus.PAID,
        stock=StockStatus.RESERVED,
        cancelled=False,
    )
    assert shipment.data == ShipmentDispatched(
        order_id=sq.ORDER_ID,
        shipment_id="ship1",
        lines=(ShippedLine(line_id="line-1", quantity=2),),
        carrier="USPS",
        tracking_number="9400100000000000000000",
        tracking_url="https://track.example.com/9400",
        dispatched_at=datetime(2026, 4, 21, 0, 10, tzinfo=UTC),
    )


def test_the_customer_of_an_order_is_asked_for_where_the_order_says_no_address() -> None:
    def asked(**changes: Any) -> Any:
        answer = sq.fetched("order.updated", sq.order(**changes))
        return missing(receive(answer, source="square", topic="order.updated"))

    assert asked() is None, "the recipient's address is known"
    assert asked(fulfillments=[], customer_id=None) is None
    assert asked(fulfillments=[], customer_id="../orders") is None
    assert asked(fulfillments=[], line_items=[], returns=[{"uid": "r"}]) is None
    fetch = asked(fulfillments=[])
    assert fetch is not None
    assert (fetch.path, fetch.wrap, fetch.shop) == (f"/v2/orders/{sq.ORDER_ID}", "answer",
                                                    "5s9mxaoba")  # fmt: skip
    (customer,) = fetch.also
    assert (customer.path, customer.wrap, customer.optional) == ("/v2/customers/CUST1", "buyer",
                                                                 True)  # fmt: skip


@pytest.mark.parametrize(
    ("buyer", "email", "refusals"),
    [({"customer": sq.CUSTOMER}, "mara@example.com", 1), (None, None, 0)],
)
def test_a_profile_beside_an_order_is_its_buyer_s(
    buyer: Any, email: str | None, refusals: int
) -> None:
    answer = sq.fetched("order.updated", sq.order(fulfillments=[])) | {"buyer": buyer}
    delivery = receive(answer, source="square", topic="order.updated")
    assert missing(delivery) is None
    (changed,) = [fact.data for fact in normalize(delivery)]
    assert isinstance(changed, OrderChanged)
    assert (changed.buyer.customer_id, changed.buyer.email) == ("CUST1", email)
    assert len(changed.consents) == refusals


def test_an_id_that_could_lead_elsewhere_is_refused() -> None:
    raw = sq.thin("order.updated")
    raw["data"]["object"]["order_updated"]["order_id"] = "../customers"
    with pytest.raises(Rejected) as refusal:
        missing(receive(raw, source="square"))
    assert refusal.value.code == "INVALID_VALUE"


@pytest.mark.parametrize(
    ("kind", "state", "expected"),
    [
        ("SHIPMENT", "PROPOSED", None),
        ("SHIPMENT", "RESERVED", None),
        ("SHIPMENT", "PREPARED", Status.LABEL_CREATED),
        ("SHIPMENT", "COMPLETED", "dispatched"),
        ("SHIPMENT", "CANCELED", Status.CANCELLED),
        ("SHIPMENT", "FAILED", Status.EXCEPTION),
        ("SHIPMENT", "TELEPORTED", Status.UNKNOWN),
        ("PICKUP", "PREPARED", Status.AVAILABLE_FOR_PICKUP),
        ("PICKUP", "COMPLETED", Status.DELIVERED),
        ("DELIVERY", "COMPLETED", "dispatched"),
        ("DIGITAL", "COMPLETED", None),
    ],
)
def test_fulfilments(kind: str, state: str, expected: Any) -> None:
    details = {**sq.SHIPMENT["shipment_details"]}
    name = f"{kind.lower()}_details"
    one = {"uid": "f1", "type": kind, "state": state, name: details}
    found = after("order.updated", fulfillments=[one])[1:]
    if expected is None:
        assert found == []
    elif expected == "dispatched":
        assert [type(data) for data in found] == [ShipmentDispatched]
    else:
        assert [(data.status, data.raw_status) for data in found] == [(expected, state)]


def test_a_pickup_is_handed_over_at_its_own_time() -> None:
    done = {**sq.PICKUP, "state": "COMPLETED"}
    _, fact = facts(sq.order(fulfillments=[done]))
    assert isinstance(fact.data, ShipmentUpdated)
    assert fact.metadata.occurred_at == datetime(2026, 4, 21, 0, 30, tzinfo=UTC)


def test_another_recipient_is_not_the_buyer() -> None:
    order, *_ = after("order.updated", fulfillments=[sq.PICKUP])
    assert order.buyer == Party(customer_id="CUST1")


def test_a_sale_over_the_counter_ships_nothing() -> None:
    (order,) = after("order.updated", fulfillments=[])
    assert not any(line.requires_shipping for line in order.lines)


def test_a_cancelled_order_and_a_draft() -> None:
    order, _, cancelled = [fact.data for fact in facts(sq.SAMPLES["answer"])]
    assert isinstance(order, OrderChanged)
    assert cancelled == OrderCancelled(order_id=sq.ORDER_ID)
    assert after("order.updated", state="DRAFT") == []


def test_goods_taken_back_belong_to_the_order_that_they_came_from() -> None:
    back = {
        "source_order_id": "FIRST",
        "return_line_items": [{"source_line_item_uid": "line-1", "quantity": "1"}],
    }
    assert after("order.created", line_items=[], returns=[back]) == [
        ReturnReceived(
            order_id="FIRST",
            return_id=sq.ORDER_ID,
            lines=(ShippedLine(line_id="line-1", quantity=1),),
        )
    ]


@pytest.mark.parametrize(
    ("status", "refunded", "expected"),
    [
        ("APPROVED", 0, PaymentStatus.AUTHORIZED),
        ("PENDING", 0, PaymentStatus.PENDING),
        ("COMPLETED", 0, PaymentStatus.PAID),
        ("COMPLETED", 100, PaymentStatus.PARTIALLY_REFUNDED),
        ("COMPLETED", 3650, PaymentStatus.REFUNDED),
        ("CANCELED", 0, PaymentStatus.VOIDED),
        ("FAILED", 0, PaymentStatus.FAILED),
        ("DREAMING", 0, None),
    ],
)
def test_payments(status: str, refunded: int, expected: PaymentStatus | None) -> None:
    money = {"amount": refunded, "currency": "USD"}
    body = {**sq.PAYMENT, "status": status, "refunded_money": money}
    found = facts(sq.record(sq.event("payment.updated", "payment", body)))
    paid = PaymentUpdated(
        order_id=sq.ORDER_ID,
        status=expected or PaymentStatus.PAID,
        method=PaymentMethod.CARD,
        amount=Money(3650, "USD"),
    )
    assert [fact.data for fact in found] == ([paid] if expected else [])


def test_refunds_people_and_stock() -> None:
    (refund,) = facts(sq.SAMPLES["refund"])
    assert refund.data == OrderRefunded(
        order_id=sq.ORDER_ID, refund_id="pay1_ref1", amount=Money(1500, "USD")
    )
    pending = {**sq.REFUND, "status": "PENDING"}
    assert facts(sq.record(sq.event("refund.created", "refund", pending))) == ()
    details, consent = facts(sq.SAMPLES["customer"])
    mara = Party(customer_id="CUST1", name="Mara Ellison", email="mara@example.com")
    assert details.data == CustomerChanged(customer=mara)
    assert consent.data == ConsentChanged(
        customer=mara,
        channel=Channel.EMAIL,
        granted=False,
        method=ConsentMethod.PLATFORM,
        evidence="Square: email_unsubscribed",
    )
    (level,) = facts(sq.SAMPLES["inventory"])
    assert level.data == InventoryChanged(item_id="CAT1", available=10, location_id="LOC1")


def test_the_sandbox_is_a_test() -> None:
    body = sq.SAMPLES["payment"]["body"]
    raw = sq.record(body, **{"square-environment": "Sandbox"})
    assert [fact.metadata.test for fact in facts(raw)] == [True]
    assert [fact.metadata.test for fact in facts(sq.SAMPLES["payment"])] == [False]


def test_the_shape_tells_what_a_bare_resource_is() -> None:
    refund = sq.REFUND | {"location_id": "LOC1", "version": 2}
    payment = sq.PAYMENT | {"location_id": "LOC1"}
    unversioned = {key: value for key, value in sq.ORDER.items() if key != "version"}
    for body, kind in ((refund, OrderRefunded), (payment, PaymentUpdated)):
        assert [type(fact.data) for fact in facts(body)] == [kind]
    assert isinstance(facts(unversioned)[0].data, OrderChanged)
    several = {"orders": [sq.order(version=1), sq.order(id="b")]}
    placed, _, changed, _ = facts(several)
    assert isinstance(placed.data, OrderPlaced)
    assert isinstance(changed.data, OrderChanged)
    assert changed.data.order_id == "b"


def test_what_is_odd_beside_the_order_costs_no_order() -> None:
    shipment = {"type": "SHIPMENT", "uid": "s", "state": "COMPLETED",
                "shipment_details": {"shipped_at": "2026-04-21", "carrier": ""}}  # fmt: skip
    order, parcel = after(
        "order.updated",
        total_money={"amount": "3650", "currency": "USD"},
        net_amount_due_money={"amount": 1, "currency": "UNKNOWN_CURRENCY"},
        line_items=[{"uid": "a", "quantity": "1.5", "base_price_money": {"amount": 99.0}}],
        fulfillments=[{}, shipment],
    )
    assert (order.total, order.payment_status) == (Money(3650, "USD"), None)
    assert (order.lines[0].quantity, order.lines[0].unit_price) == (1, None)
    assert parcel.dispatched_at is None


def test_less_than_nothing_in_stock_is_nothing() -> None:
    counts = [
        {"catalog_object_id": "A", "state": "IN_STOCK", "quantity": written}
        for written in ("-2", "12.5", "10")
    ]
    raw = sq.event("inventory.count.updated", "inventory_counts", {})
    raw["data"]["object"] = {"inventory_counts": counts}
    assert [getattr(fact.data, "available", None) for fact in facts(raw)] == [0, 12, 10]


def test_yen_are_minor_units_already() -> None:
    order, *_ = after("order.updated", total_money={"amount": 23600, "currency": "JPY"},
                      net_amount_due_money=None)  # fmt: skip
    assert (order.total, order.payment_status) == (Money(23600, "JPY"), None)


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"id": ""}, "INCOMPLETE", "id"),
        ({"created_at": None}, "INCOMPLETE", "created_at"),
        ({"created_at": "2026-04-20T14:40:05"}, "INVALID_VALUE", "created_at"),
        ({"total_money": {"amount": "36.50", "currency": "USD"}}, "MALFORMED", "total_money"),
        ({"total_money": {"amount": 1, "currency": "XQQ"}}, "INVALID_VALUE", "total_money"),
        ({"total_money": {"amount": -1, "currency": "USD"}}, "INVALID_VALUE", "total_money"),
        ({"line_items": [{"uid": "a"}]}, "INCOMPLETE", "line_items[0].quantity"),
        ({"line_items": [{"quantity": "1"}]}, "INCOMPLETE", "line_items[0].uid"),
        ({"fulfillments": "x"}, "MALFORMED", "fulfillments"),
    ],
)
def test_refusals_name_the_field(changes: dict[str, Any], code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        after("order.updated", **changes)
    assert refusal.value.code == code
    assert word in refusal.value.detail


@pytest.mark.parametrize("name", sorted(sq.SAMPLES))
def test_the_same_event_twice_is_the_same(name: str) -> None:
    if name in sq.THIN:
        with pytest.raises(Rejected, match="fetched"):
            facts(sq.SAMPLES[name])
        assert missing(receive(sq.SAMPLES[name], source="square")) is not None
    else:
        assert facts(sq.SAMPLES[name]) == facts(sq.SAMPLES[name])
        assert facts(sq.SAMPLES[name])
