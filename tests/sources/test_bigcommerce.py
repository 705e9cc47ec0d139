"""BigCommerce: what is fetched for its thin events, and what becomes of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.contracts.fetching import Fetch
from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentSeen,
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
    ShipmentUpdated,
    StockStatus,
)
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import Brands, missing, normalize, receive, receive_all
from shared.sources.bigcommerce import SOURCE, STATUSES
from tests.sources.vendors import bigcommerce as big

PLACED_AT = datetime(2026, 4, 20, 14, 40, 5, tzinfo=UTC)
CHANGED_AT = datetime(2026, 4, 21, 0, 30, tzinfo=UTC)
TOLD_AT = datetime(2026, 4, 21, 1, 0, tzinfo=UTC)


def facts(raw: Any, **said: Any) -> tuple[Fact, ...]:
    found = receive_all(raw, source="bigcommerce", **said)
    return tuple(fact for delivery in found for fact in normalize(delivery))


def after(scope: str, **parts: Any) -> tuple[Fact, ...]:
    return facts(big.fetched(scope, **parts), topic=scope)


def wanted(scope: str, **data: Any) -> Fetch | None:
    return missing(receive(big.event(scope, **data), source="bigcommerce"))


def test_an_order_is_fetched_with_its_lines_and_shipments() -> None:
    fetch = wanted("store/order/created", type="order", id=250)
    assert fetch is not None
    assert (fetch.path, fetch.wrap, fetch.shop) == (
        "/v2/orders/250",
        "order",
        "abc123",
    )
    assert fetch.query == {"include": "consignments.line_items"}
    assert [(one.path, one.wrap) for one in fetch.also] == [
        ("/v2/orders/250/shipments", "shipments")
    ]
    together = fetch.together([json.dumps(big.order()), "null"])
    (fact,) = facts(together, topic=fetch.topic, brands=Brands(of_shop={"abc123": "north"}.get))
    assert fact.metadata.brand == "north"
    assert fact.metadata.occurred_at == PLACED_AT
    assert fact.metadata.dedupe_id == SOURCE.event_id({}, big.event("store/order/created"))
    assert fact.data == OrderPlaced(
        order_id="250",
        placed_at=PLACED_AT,
        number="250",
        buyer=Party(
            customer_id="7",
            name="Mara Ellison",
            email="mara@example.com",
            phone="+12125550147",
            locale="en",
        ),
        ship_to=Address(
            name="Noor Haddad",
            country="US",
            postal_code="78701",
            region="Texas",
            city="Austin",
            line1="9 Oak Ave",
        ),
        lines=(
            Line(
                line_id="401",
                quantity=2,
                sku="COF-1",
                product_id="77",
                title="Filter coffee",
                variant="250 g",
                unit_price=Money(1500, "USD"),
            ),
            Line(
                line_id="402",
                quantity=1,
                product_id="78",
                title="Brewing course",
                unit_price=Money(1000, "USD"),
                requires_shipping=False,
            ),
        ),
        currency="USD",
        total=Money(4650, "USD"),
        subtotal=Money(4000, "USD"),
        shipping_fee=Money(650, "USD"),
        payment_method=PaymentMethod.CARD,
        payment_status=PaymentStatus.PAID,
        cancelled=False,
        wished_date=date(2026, 4, 27),
        consents=(ConsentSeen(channel=Channel.EMAIL, granted=True),),
    )


@pytest.mark.parametrize(
    ("scope", "data", "path", "also"),
    [
        ("store/order/statusUpdated", {"type": "order", "id": 5}, "v2/orders/5", 1),
        ("store/order/transaction/created", {"type": "order_transaction", "order_id": 5},
         "v2/orders/5", 1),
        ("store/shipment/updated", {"type": "shipment", "id": 9, "orderId": 5}, "v2/orders/5", 1),
        ("store/channel/1/order/updated", {"order_id": 5}, "v2/orders/5", 1),
        ("store/order/refund/created",
         {"type": "order", "id": 5, "refund": {"refund_id": 3}}, "v2/orders/5", 2),
        ("store/customer/updated", {"type": "customer", "id": 8}, "v3/customers", 0),
        ("store/subscriber/created", {"type": "subscriber", "id": 8},
         "v3/customers/subscribers/8", 0),
    ],
)  # fmt: skip
def test_what_is_fetched(scope: str, data: dict[str, Any], path: str, also: int) -> None:
    fetch = wanted(scope, **data)
    assert fetch is not None
    assert fetch.path == f"/{path}"
    assert len(fetch.also) == also
    json.dumps(dict(fetch.extra))


def test_ids_that_could_lead_elsewhere_are_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        wanted("store/order/created", type="order", id="../v3/hooks")
    assert refusal.value.code in {"MALFORMED", "INVALID_VALUE"}


def test_what_needs_no_fetch() -> None:
    deleted = big.SAMPLES["shipment deleted"]
    assert missing(receive(deleted, source="bigcommerce")) is None
    (fact,) = facts(deleted)
    gone = ShipmentUpdated(
        order_id="250", shipment_id="12", status=Status.CANCELLED, raw_status="deleted"
    )
    assert (fact.data, fact.metadata.occurred_at) == (gone, TOLD_AT)
    assert facts(big.SAMPLES["eventbridge"])[0].data == gone
    assert receive(big.SAMPLES["eventbridge"]).source == "bigcommerce"


STATUS = {
    1: (PaymentStatus.PENDING, None, []),
    2: (None, None, [ShipmentDispatched]),
    3: (None, None, []),
    4: (PaymentStatus.REFUNDED, None, [OrderCancelled]),
    5: (None, None, [OrderCancelled]),
    6: (None, None, [OrderCancelled]),
    7: (PaymentStatus.PENDING, None, []),
    8: (None, StockStatus.RESERVED, []),
    9: (None, StockStatus.RESERVED, []),
    10: (None, None, [ShipmentDispatched]),
    11: (PaymentStatus.PAID, None, []),
    12: (None, None, []),
    13: (None, None, []),
    14: (PaymentStatus.PARTIALLY_REFUNDED, None, []),
    99: (None, None, []),
}


@pytest.mark.parametrize("status_id", sorted(STATUS))
def test_statuses(status_id: int) -> None:
    payment, stock, rest = STATUS[status_id]
    found = after("store/order/updated", order=big.order(status_id=status_id, payment_status=""))
    order = found[0].data
    assert isinstance(order, OrderChanged)
    assert (order.payment_status, order.stock) == (payment, stock)
    assert [type(fact.data) for fact in found[1:]] == rest
    assert STATUS.keys() - {99} == STATUSES.keys() - {0}


def test_what_nobody_finished_is_no_order_and_the_step_out_of_it_is_one() -> None:
    assert after("store/order/created", order=big.order(status_id=0)) == ()
    told = big.SAMPLES["status"]["body"]
    scope = "store/order/statusUpdated"
    (fact,) = after(scope, told=told, order=big.order())
    assert isinstance(fact.data, OrderPlaced)
    assert fact.metadata.notes == ()
    changed, _ = after(scope, told=told, order=big.order(status_id=2))
    assert len(changed.metadata.notes) == 1


def test_a_shipment_is_dispatched_with_its_lines() -> None:
    order, shipment = facts(big.SAMPLES["fetched order"])
    assert (order.metadata.type, order.metadata.occurred_at) == ("OrderChanged", CHANGED_AT)
    assert shipment.metadata.occurred_at == TOLD_AT
    assert shipment.data == ShipmentDispatched(
        order_id="250",
        shipment_id="12",
        lines=(ShippedLine(line_id="401", quantity=2),),
        carrier="ups",
        tracking_number="1Z999AA10123456784",
        tracking_url="https://track.example.com/1Z999AA10123456784",
        dispatched_at=datetime(2026, 4, 21, 0, 20, tzinfo=UTC),
    )
    (bare,) = facts(big.SHIPMENT)
    assert bare.data == shipment.data


def test_refunds_say_what_became_of_the_goods() -> None:
    refund = facts(big.SAMPLES["fetched refund"])[-1].data
    line = RefundedLine(line_id="401", quantity=1, kind=RefundKind.CANCELLED)
    assert refund == OrderRefunded(
        order_id="250", refund_id="3", lines=(line,), amount=Money(1500, "USD")
    )
    scope = "store/order/refund/created"
    sent = after(scope, order=big.order(status_id=10), shipments=[big.SHIPMENT],
                 refunds={"data": [big.REFUND]})[-1].data  # fmt: skip
    assert isinstance(sent, OrderRefunded)
    assert [one.kind for one in sent.lines] == [RefundKind.KEPT]


def test_people() -> None:
    (changed,) = after("store/customer/updated", customers={"data": [big.CUSTOMER]})
    mara = Party(customer_id="7", name="Mara Ellison", email="mara@example.com")
    assert changed.data == CustomerChanged(customer=mara)
    reader = {"data": {"id": 5, "email": "noor@example.com", "first_name": "Noor"}}
    (consent,) = after("store/subscriber/created", subscriber=reader)
    assert isinstance(consent.data, ConsentChanged)
    assert consent.data.customer == Party(name="Noor", email="noor@example.com")
    assert consent.data.granted
    assert consent.metadata.occurred_at == TOLD_AT


def test_an_archived_order_and_a_test_order() -> None:
    (archived,) = after("store/order/archived", order=big.order(is_deleted=True))
    assert isinstance(archived.data, OrderChanged)
    assert not archived.data.notify
    tried = big.order(payment_method="Test Payment Gateway")
    assert all(fact.metadata.test for fact in after("store/order/updated", order=tried))


def test_yen_with_four_decimals_are_yen() -> None:
    yen = big.order(currency_code="JPY", total_inc_tax="23600.0000", customer_id=0)
    (fact,) = after("store/order/updated", order=yen)
    assert isinstance(fact.data, OrderChanged)
    assert fact.data.total == Money(23600, "JPY")
    assert fact.data.buyer.customer_id is None


def test_a_v2_order_without_its_products_names_no_lines() -> None:
    bare = big.order(consignments={"url": "https://api.example.com", "resource": "/x"})
    (fact,) = facts(bare)
    assert isinstance(fact.data, OrderChanged)
    assert (fact.data.lines, fact.data.ship_to) == ((), None)


def test_an_amount_finer_than_the_currency_costs_no_order() -> None:
    (fact,) = facts(big.order(total_inc_tax="69.8443", billing_address=[]))
    assert isinstance(fact.data, OrderChanged)
    assert fact.data.total is None


def test_an_answer_of_v3_is_what_it_answers() -> None:
    for answer in ({"data": big.REFUND, "meta": {}}, {"data": [big.REFUND], "meta": {}}):
        assert [type(fact.data) for fact in facts(answer)] == [OrderRefunded]
    (fact,) = facts({"data": [big.CUSTOMER], "meta": {}})
    assert isinstance(fact.data, CustomerChanged)
    subscriber = {"id": 1, "email": "mara@example.com", "source": "storefront", "first_name": ""}
    (told,) = facts({"data": subscriber | {"date_modified": "2026-04-20T14:40:05Z"}})
    assert isinstance(told.data, ConsentChanged)
    assert told.metadata.occurred_at == datetime(2026, 4, 20, 14, 40, 5, tzinfo=UTC)


def test_the_signature_s_key_is_the_text_of_the_client_secret() -> None:
    secret, raw = "b2f3c0ffee", b'{"scope":"store/order/created"}'
    stamp = str(int(TOLD_AT.timestamp()))
    made = hmac.new(secret.encode(), b"msg_1." + stamp.encode() + b"." + raw, hashlib.sha256)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(made.digest()).decode(),
    }
    assert SOURCE.signature is not None
    for body, verdict in ((raw, Verdict.GENUINE), (raw + b" ", Verdict.WRONG)):
        call = Call(headers=headers, raw=body)
        assert SOURCE.signature.check(call, [secret], TOLD_AT) is verdict


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"id": None}, "INCOMPLETE", "order.id"),
        ({"status_id": None}, "INCOMPLETE", "status_id"),
        ({"status_id": "eleven"}, "INVALID_VALUE", "status_id"),
        ({"date_created": None}, "INCOMPLETE", "date_created"),
        ({"date_created": "Someday"}, "INVALID_VALUE", "date_created"),
        ({"currency_code": "???"}, "INVALID_VALUE", "currency_code"),
        ({"total_inc_tax": "-4"}, "INVALID_VALUE", "total_inc_tax"),
        ({"total_inc_tax": "much"}, "INVALID_VALUE", "total_inc_tax"),
        ({"billing_address": "Main St"}, "MALFORMED", "billing_address"),
    ],
)
def test_refusals_name_the_field(changes: dict[str, Any], code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        after("store/order/updated", order=big.order(**changes))
    assert refusal.value.code == code
    assert word in refusal.value.detail


@pytest.mark.parametrize("name", sorted(big.SAMPLES))
def test_the_same_event_twice_is_the_same(name: str) -> None:
    if name in big.THIN:
        with pytest.raises(Rejected, match="fetched"):
            facts(big.SAMPLES[name])
        assert missing(receive(big.SAMPLES[name], source="bigcommerce")) is not None
    else:
        assert facts(big.SAMPLES[name]) == facts(big.SAMPLES[name])
        assert facts(big.SAMPLES[name])
