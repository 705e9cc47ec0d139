"""Shopify's customers, privacy requests and stock, and the preview of Shopify Events.

Schema: shopify.dev/docs/api/webhooks and shopify.dev/docs/apps/build/events.
"""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    CustomerChanged,
    Fact,
    InventoryChanged,
    OrderChanged,
    PaymentMethod,
    PaymentStatus,
    PrivacyKind,
    PrivacyRequested,
    ShipmentDispatched,
    ShipmentUpdated,
)
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Money, Party
from shared.sources import (
    Brands,
    find_source,
    missing,
    normalize,
    normalize_event,
    receive,
)
from tests.sources import samples as s
from tests.sources.samples import facts
from tests.sources.vendors import shopify as v

HANAKO = Party(
    customer_id=s.CUSTOMER_ID, name="山田 花子", email="hanako@example.com", phone="+819012345678"
)
SHOPS = {"aoba.myshopify.com": "aoba"}


def taken(event: Any) -> tuple[Fact, ...]:
    return normalize_event(event, SHOPS.get)


# --- customers, privacy, stock -------------------------------------------------


def test_a_customer_brings_details_and_consents_each_at_its_own_time() -> None:
    changed, mail, sms = facts("customers/update", v.CUSTOMER)
    assert changed.data == CustomerChanged(customer=HANAKO)
    assert changed.metadata.occurred_at == datetime(2026, 4, 11, tzinfo=UTC)
    assert mail.data == ConsentChanged(
        customer=HANAKO,
        channel=Channel.EMAIL,
        granted=False,
        method=ConsentMethod.PLATFORM,
        evidence="Shopify: unsubscribed, single_opt_in",
    )
    assert mail.metadata.occurred_at == datetime(2026, 4, 10, tzinfo=UTC)
    assert isinstance(sms.data, ConsentChanged)
    assert (sms.data.channel, sms.data.granted) == (Channel.SMS, True)
    # No time of its own: then it is as old as the customer's record.
    assert sms.metadata.occurred_at == changed.metadata.occurred_at


def test_a_customer_of_2025_says_no_consent_and_one_without_a_way_to_them_is_incomplete() -> None:
    bare = {k: w for k, w in v.CUSTOMER.items() if not k.endswith("_consent")}
    (fact,) = facts("customers/create", bare)
    assert isinstance(fact.data, CustomerChanged)
    nobody = {**bare, "id": None, "admin_graphql_api_id": None, "email": "", "phone": None}
    with pytest.raises(Rejected) as refusal:
        facts("customers/update", nobody)
    assert refusal.value.code == "INCOMPLETE"


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        (
            "customers/data_request",
            v.DATA_REQUEST,
            PrivacyRequested(
                kind=PrivacyKind.ACCESS,
                customer=Party(customer_id=s.CUSTOMER_ID, email="hanako@example.com"),
                request_id="9999",
                order_ids=(s.ORDER_ID, "280263"),
            ),
        ),
        (
            "customers/redact",
            v.REDACT,
            PrivacyRequested(
                kind=PrivacyKind.ERASURE,
                customer=Party(customer_id=s.CUSTOMER_ID, email="hanako@example.com"),
                order_ids=(s.ORDER_ID,),
            ),
        ),
        ("shop/redact", v.SHOP_REDACT, PrivacyRequested(kind=PrivacyKind.SHOP_ERASURE)),
    ],
)
def test_privacy_requests(topic: str, payload: s.Json, expected: PrivacyRequested) -> None:
    (fact,) = facts(topic, payload)
    assert fact.data == expected
    assert fact.metadata.occurred_at == datetime(2026, 4, 10, 3, 15, 1, 507506, tzinfo=UTC)


def test_a_privacy_request_says_its_shop_itself_and_needs_a_time_and_a_customer() -> None:
    at = datetime(2026, 4, 20, tzinfo=UTC)
    brands = Brands(of_shop=SHOPS.get, required=True)
    bare = receive(v.REDACT, source="shopify", received_at=at, brands=brands)
    assert bare.topic == "customers/redact"
    assert normalize(bare)[0].metadata.brand == "aoba"
    for payload, missing_word in (
        (v.REDACT, "time"),
        ({**v.REDACT, "customer": None}, "customer"),
    ):
        with pytest.raises(Rejected) as refusal:
            normalize(receive(payload, source="shopify"))
        assert refusal.value.code == "INCOMPLETE"
        assert missing_word in refusal.value.detail


@pytest.mark.parametrize(("available", "level"), [(6, 6), (-2, -2), ("0", 0), (None, None)])
def test_stock_is_told_with_the_exact_id(available: object, level: int | None) -> None:
    (fact,) = facts("inventory_levels/update", {**v.INVENTORY, "available": available})
    assert fact.data == InventoryChanged(item_id=v.ITEM_ID, available=level, location_id="24826418")


@pytest.mark.parametrize("available", [1.5, "many", 10**12, [1]])
def test_stock_that_is_no_number_is_refused(available: object) -> None:
    with pytest.raises(Rejected) as refusal:
        facts("inventory_levels/update", {**v.INVENTORY, "available": available})
    assert "available" in refusal.value.detail


# --- the preview of Events -----------------------------------------------------


def test_an_order_of_events_is_read_as_its_webhook() -> None:
    changed, sent, scan = taken(v.event("Order", "update", {"order": v.GRAPHQL_ORDER}))
    order = changed.data
    assert isinstance(order, OrderChanged)
    assert (changed.metadata.brand, changed.metadata.test) == ("aoba", False)
    assert changed.metadata.occurred_at == datetime(2026, 4, 12, 1, 0, 5, tzinfo=UTC)
    assert (order.order_id, order.number) == (s.ORDER_ID, "#1001")
    assert order.total == Money(3700, "JPY")
    assert order.shipping_fee == Money(500, "JPY")
    assert order.payment_status is PaymentStatus.PAID
    assert order.payment_method is PaymentMethod.KONBINI
    assert order.buyer == Party(
        customer_id=s.CUSTOMER_ID,
        name="山田 花子",
        email="hanako@example.com",
        phone="+819012345678",
    )
    assert order.ship_to is not None
    assert (order.ship_to.country, order.ship_to.phone) == ("JP", "+819012345678")
    assert (order.gift, order.wished_date) == (True, date(2026, 4, 16))
    (line,) = order.lines
    assert (line.line_id, line.quantity, line.sku) == (s.LINE_1, 2, "SENCHA-100")
    assert (line.unit_price, line.product_id) == (Money(1200, "JPY"), "7130427162777")
    parts = (ShippedLine(line_id=s.LINE_1, quantity=2, sku="SENCHA-100"),)
    assert sent.data == ShipmentDispatched(
        order_id=s.ORDER_ID,
        shipment_id=s.FULFILLMENT_ID,
        lines=parts,
        carrier="Yamato (JA)",
        tracking_number="123456789012",
        tracking_url="https://track.example/123456789012",
        dispatched_at=datetime(2026, 4, 12, 1, tzinfo=UTC),
    )
    assert isinstance(scan.data, ShipmentUpdated)
    assert scan.data.status is Status.IN_TRANSIT


def test_marked_as_fulfilled_is_no_word_of_a_carrier() -> None:
    order = v.event("Order", "update", {"order": v.GRAPHQL_ORDER})
    fulfillment = order["detail"]["payload"]["data"]["order"]["fulfillments"][0]
    fulfillment["displayStatus"] = "MARKED_AS_FULFILLED"
    assert [f.metadata.type for f in taken(order)] == ["OrderChanged", "ShipmentDispatched"]


def test_a_new_order_is_placed_and_a_test_order_stays_one() -> None:
    order = {**v.GRAPHQL_ORDER, "test": True, "fulfillments": []}
    (placed,) = taken(v.event("Order", "create", {"order": order}))
    assert placed.metadata.type == "OrderPlaced"
    assert placed.metadata.test


def test_a_customer_of_events_is_read_as_its_webhook() -> None:
    changed, mail = taken(v.event("Customer", "update", {"customer": v.GRAPHQL_CUSTOMER}))
    assert isinstance(changed.data, CustomerChanged)
    assert changed.data.customer == Party(
        customer_id=s.CUSTOMER_ID,
        name="山田 花子",
        email="hanako@example.com",
        phone="+819012345678",
        locale="ja",
    )
    assert isinstance(mail.data, ConsentChanged)
    assert (mail.data.channel, mail.data.granted) == (Channel.EMAIL, True)
    assert mail.metadata.occurred_at == datetime(2026, 4, 1, tzinfo=UTC)


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in v.GRAPHQL_ORDER.items() if name != key}


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"order": None},
        {"order": without("lineItems")},
        {"order": {k: w for k, w in without("createdAt").items() if k != "processedAt"}},
        {
            "order": {
                **v.GRAPHQL_ORDER,
                "lineItems": {"nodes": [], "pageInfo": {"hasNextPage": True}},
            }
        },
    ],
)
def test_an_order_that_events_do_not_bring_whole_is_fetched(data: Any) -> None:
    event = v.event("Order", "update", data)
    delivery = receive(event, brands=Brands(of_shop=SHOPS.get))
    asked = missing(delivery)
    assert asked is not None
    assert asked.path == f"/admin/api/2026-04/orders/{s.ORDER_ID}.json"
    assert (asked.topic, asked.method, asked.wrap) == ("orders/updated", "GET", "fetched")
    with pytest.raises(Rejected) as refusal:
        normalize(delivery)
    assert refusal.value.code == "INCOMPLETE"
    assert "fetched" in refusal.value.detail


def test_what_was_fetched_is_the_webhook_s_own_body_and_a_test_stays_one() -> None:
    event = v.event("Order", "create", {"order": None})
    event["detail"]["metadata"]["shopify-test"] = "true"
    asked = missing(receive(event))
    assert asked is not None
    assert asked.topic == "orders/create"
    assert asked.extra == {"test": True}
    assert asked.wrap is not None
    answer = {asked.wrap: {"order": s.order()}, **asked.extra}
    delivery = receive(answer, source="shopify", topic=asked.topic)
    assert missing(delivery) is None
    (fact,) = normalize(delivery)
    assert fact.metadata.type == "OrderPlaced"
    assert fact.metadata.test


def test_nothing_is_missing_where_events_bring_the_order_or_the_webhook_came() -> None:
    assert missing(receive(v.event("Order", "update", {"order": v.GRAPHQL_ORDER}))) is None
    assert missing(receive(s.envelope("orders/updated", s.order()))) is None


def test_denied_access_names_the_scope() -> None:
    event = v.event("Order", "update", {"order": None}, errors=[v.DENIED])
    for attempt in (normalize, missing):
        with pytest.raises(Rejected) as refusal:
            attempt(receive(event))
        assert refusal.value.code == "INCOMPLETE"
        assert "access scope read_orders" in refusal.value.detail


def test_denied_access_to_a_part_is_noted() -> None:
    order = {**v.GRAPHQL_ORDER, "customer": None, "email": None, "fulfillments": []}
    (fact,) = taken(v.event("Order", "update", {"order": order}, errors=[v.DENIED]))
    assert fact.metadata.notes
    assert "denied" in fact.metadata.notes[0]


@pytest.mark.parametrize(
    "variables",
    [{}, None, {"orderId": 5}, {"orderId": "gid://shopify/Order/../1"}, {"orderId": s.ORDER_ID}],
)
def test_events_that_name_no_order_are_incomplete(variables: Any) -> None:
    event = v.event("Order", "update", None, query_variables=variables)
    with pytest.raises(Rejected) as refusal:
        missing(receive(event))
    assert refusal.value.code == "INCOMPLETE"
    assert "query_variables.orderId" in refusal.value.detail


def test_events_over_https_are_the_same() -> None:
    event = v.event("Order", "update", {"order": v.GRAPHQL_ORDER})
    record = {"headers": event["detail"]["metadata"], "body": event["detail"]["payload"]}
    brands = Brands(of_shop=SHOPS.get)
    assert normalize(receive(record, brands=brands)) == taken(event)
    bare = receive(record["body"], source="shopify")
    assert bare.topic == "events:Order/update"


# --- topics, signature ---------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "topic"),
    [
        (s.order(), "orders/updated"),
        ({"order": s.order(admin_graphql_api_id=s.DROP)}, "orders/updated"),
        (s.fulfillment(), "fulfillments/update"),
        (s.fulfillment_event(), "fulfillment_events/create"),
        (s.refund(), "refunds/create"),
        (s.return_(status="requested"), "returns/request"),
        (s.return_(), "returns/update"),
        (s.return_short("closed"), "returns/close"),
        (v.CUSTOMER, "customers/update"),
        (v.INVENTORY, "inventory_levels/update"),
        (v.DATA_REQUEST, "customers/data_request"),
        (v.REDACT, "customers/redact"),
        (v.SHOP_REDACT, "shop/redact"),
    ],
)
def test_a_bare_body_is_told_by_its_shape(body: s.Json, topic: str) -> None:
    assert receive(body, source="shopify").topic == topic


def test_events_and_webhooks_sign_with_their_own_header_and_name_one_delivery() -> None:
    source = find_source("shopify")
    assert source.signature is not None
    now = datetime(2026, 4, 10, tzinfo=UTC)
    digest = base64.b64encode(hmac.new(b"secret", b"{}", "sha256").digest()).decode()
    for name in ("x-shopify-hmac-sha256", "shopify-hmac-sha256"):
        call = Call(headers={name: digest}, raw=b"{}")
        assert source.signature.check(call, ["old", "secret"], now) is Verdict.GENUINE
        assert source.signature.check(call, ["other"], now) is Verdict.WRONG
        assert name in source.signature.keeps
    # The event id is shared by all topics of one action: only the webhook id tells repetitions.
    headers = {k.lower(): w for k, w in s.metadata("orders/paid").items()}
    assert source.event_id(headers, {}) == "5f5ac51c-0c3a-44b6-8d6d-3d5bd5d5c001"
