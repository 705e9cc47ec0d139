"""Saleor: its three forms of a payload, what each event becomes, and its two signatures."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import (
    Fact,
    OrderPlaced,
    OrderRefunded,
    PaymentStatus,
    RefundedLine,
    RefundKind,
    ReturnReceived,
    ShipmentDispatched,
    ShipmentUpdated,
    StockStatus,
)
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import Brands, normalize, receive_all
from shared.sources.saleor import BACK, ORDER, PARCEL, PAYMENT, SOURCE
from tests.sources.vendors import saleor as vendor
from tests.sources.vendors.saleor import LINE_1, ORDER_ID, SAMPLES, order, parcel, subscribed

ISSUED = datetime(2026, 4, 2, 3, 4, 6, tzinfo=UTC)
UNIT = (ShippedLine(line_id=LINE_1, quantity=1),)
SHOPS = Brands(of_shop={vendor.DOMAIN: "aoba"}.get)


def facts(raw: Any) -> tuple[Fact, ...]:
    found = receive_all(raw, source="saleor", brands=SHOPS)
    return tuple(fact for one in found for fact in normalize(one))


def data(raw: Any) -> list[Any]:
    return [fact.data for fact in facts(raw)]


def refused(raw: Any) -> tuple[str, str]:
    with pytest.raises(Rejected) as refusal:
        facts(raw)
    return refusal.value.code, refusal.value.detail


TYPES = {
    "created": ["OrderPlaced"],
    "filtered": ["OrderPlaced"],
    "confirmed": ["OrderChanged", "OrderConfirmed"],
    "confirmed_unpaid": ["OrderChanged"],
    "fully_paid": ["OrderChanged", "PaymentUpdated"],
    "paid_in_part": ["OrderChanged", "PaymentUpdated"],
    "updated": ["OrderChanged"],
    "order_alone": ["OrderChanged"],
    "cancelled": ["OrderChanged", "OrderCancelled"],
    "expired": ["OrderChanged", "OrderCancelled"],
    "fulfilled": ["OrderChanged", "ShipmentDispatched"],
    "parcel": ["OrderChanged", "ShipmentDispatched"],
    "parcel_only": ["ShipmentDispatched"],
    "parcel_waits": ["ShipmentUpdated"],
    "parcel_cancelled": ["ShipmentUpdated"],
    "number_updated": ["ShipmentDispatched"],
    "returned": ["OrderChanged", "ReturnReceived", "OrderRefunded"],
    "refunded": ["OrderChanged", "PaymentUpdated"],
    "fully_refunded": ["OrderChanged", "PaymentUpdated"],
    "imported": ["OrderPlaced", "OrderPlaced"],
    "static": ["OrderChanged", "ShipmentDispatched"],
    "static_fulfillment": ["OrderChanged", "ShipmentDispatched"],
    "notified": ["OrderChanged", "PaymentUpdated"],
    "draft": [],
}


@pytest.mark.parametrize("name", sorted(TYPES))
def test_what_becomes_of_an_event(name: str) -> None:
    found = facts(SAMPLES[name])
    assert [fact.metadata.type for fact in found] == TYPES[name]
    assert facts(SAMPLES[name]) == found
    assert {fact.order_id for fact in found} <= {ORDER_ID}


def test_an_order_is_told_whole() -> None:
    (fact,) = facts(SAMPLES["created"])
    placed = fact.data
    assert isinstance(placed, OrderPlaced)
    assert (fact.metadata.brand, fact.metadata.occurred_at) == ("aoba", placed.placed_at)
    assert placed.number == "1001"
    assert placed.buyer == Party(
        customer_id="VXNlcjo2OA==", name="山田 太郎", email="hanako@example.com", locale="ja"
    )
    assert placed.ship_to == Address(
        name="山田 花子",
        country="JP",
        postal_code="150-0001",
        region="東京都",
        city="渋谷区",
        line1="神宮前1-2-3",
        line2="青葉ハイツ405",
        phone="+819012345678",
    )
    assert (placed.total, placed.shipping_fee) == (Money(4100, "JPY"), Money(500, "JPY"))
    assert placed.lines[0].unit_price == Money(1200, "JPY")
    assert (placed.payment_status, placed.stock) == (PaymentStatus.PENDING, StockStatus.RESERVED)
    assert placed.wished_date == date(2026, 4, 10)


def test_the_static_form_is_the_same_order() -> None:
    changed, sent = data(SAMPLES["static"])
    assert (changed.total, changed.shipping_fee) == (Money(3000, "USD"), Money(500, "USD"))
    assert changed.lines[0].unit_price == Money(1250, "USD")
    assert changed.payment_status is PaymentStatus.PAID
    assert changed.buyer == Party()
    assert changed.ship_to == Address(name="Mara Ellison", country="US")
    assert isinstance(sent, ShipmentDispatched)
    assert (sent.lines, sent.shipment_id) == (UNIT, vendor.PARCEL)
    assert (sent.tracking_url or "").startswith("https://carrier.example.com/")
    assert {fact.metadata.occurred_at for fact in facts(SAMPLES["static"])} == {ISSUED}


def test_a_sku_on_two_lines_does_not_tell_what_is_inside() -> None:
    twice = [line | {"id": f"L{n}"} for n, line in enumerate(vendor.STATIC_LINES * 2)]
    sent = data([{**vendor.STATIC, "lines": twice}])[-1]
    assert sent.lines == ()


def test_parcels() -> None:
    (sent,) = data(SAMPLES["number_updated"])
    assert (sent.tracking_number, sent.lines) == ("999", UNIT)
    assert sent.dispatched_at == datetime(2026, 4, 2, 1, tzinfo=UTC)
    (waits,), (gone,) = data(SAMPLES["parcel_waits"]), data(SAMPLES["parcel_cancelled"])
    assert (waits.status, gone.status) == (Status.PENDING, Status.CANCELLED)
    odd = subscribed(
        "fulfillment_created", order={"id": ORDER_ID}, fulfillment=parcel(status="LOST")
    )
    (unknown,) = data(odd)
    assert isinstance(unknown, ShipmentUpdated)
    assert (unknown.status, unknown.raw_status) == (Status.UNKNOWN, "LOST")


def test_what_came_back_is_no_parcel() -> None:
    _, back, refund = data(SAMPLES["returned"])
    assert back == ReturnReceived(order_id=ORDER_ID, return_id=vendor.PARCEL, lines=UNIT)
    assert refund == OrderRefunded(
        order_id=ORDER_ID,
        refund_id=vendor.PARCEL,
        amount=Money(1200, "JPY"),
        lines=(RefundedLine(line_id=LINE_1, quantity=1, kind=RefundKind.RETURNED),),
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"chargeStatus": "FULL"}, PaymentStatus.PAID),
        ({"chargeStatus": "OVERCHARGED"}, PaymentStatus.PAID),
        ({"chargeStatus": "PARTIAL", "authorizeStatus": "FULL"}, PaymentStatus.PARTIALLY_PAID),
        ({"authorizeStatus": "FULL"}, PaymentStatus.AUTHORIZED),
        ({}, PaymentStatus.PENDING),
        ({"paymentStatus": "FULLY_REFUNDED"}, PaymentStatus.REFUNDED),
        ({"totalRefunded": vendor.money(1.0)}, PaymentStatus.PARTIALLY_REFUNDED),
        (dict.fromkeys(("chargeStatus", "authorizeStatus", "paymentStatus")), None),
        (
            {"chargeStatus": None, "authorizeStatus": None, "paymentStatus": "REFUSED"},
            PaymentStatus.FAILED,
        ),
        (
            {"chargeStatus": None, "authorizeStatus": None, "isPaid": True},
            PaymentStatus.PAID,
        ),
    ],
)
def test_how_far_the_payment_is(changes: dict[str, Any], status: PaymentStatus | None) -> None:
    assert data(order(**changes))[0].payment_status == status


def test_refunds_and_payments_have_amounts() -> None:
    for name, status, amount in (
        ("refunded", PaymentStatus.PARTIALLY_REFUNDED, Money(1200, "JPY")),
        ("fully_refunded", PaymentStatus.REFUNDED, Money(4100, "JPY")),
        ("notified", PaymentStatus.REFUNDED, Money(3000, "USD")),
        ("fully_paid", PaymentStatus.PAID, Money(4100, "JPY")),
    ):
        payment = data(SAMPLES[name])[-1]
        assert (payment.status, payment.amount) == (status, amount)


def test_imports_are_historical() -> None:
    assert all(fact.metadata.historical for fact in facts(SAMPLES["imported"]))


REFUSED = [
    (subscribed("order_created", order=None), "INCOMPLETE", "order.id"),
    (subscribed("order_created", order={"id": ORDER_ID}), "INCOMPLETE", "lines"),
    (subscribed("fulfillment_created"), "INCOMPLETE", "fulfillment"),
    (subscribed("order_updated", order=order(lines=[{"id": "x"}])), "INCOMPLETE", "quantity"),
    (
        subscribed("order_updated", order=order(total=vendor.gross(10.5))),
        "INVALID_VALUE",
        "total.gross.amount",
    ),
    (SAMPLES["metadata"], "UNKNOWN_TOPIC", "note"),
    (vendor.webhook("draft_order_created", {}), "UNKNOWN_TOPIC", "draft"),
    (vendor.webhook("product_updated", {}), "UNKNOWN_TOPIC", "take it out"),
]


@pytest.mark.parametrize(("raw", "code", "word"), REFUSED)
def test_what_is_refused_names_the_field(raw: Any, code: str, word: str) -> None:
    said = refused(raw)
    assert said[0] == code
    assert word in said[1]


def test_the_tables_are_the_documented_words() -> None:
    assert set(PARCEL) | set(BACK) == {
        "fulfilled", "refunded", "returned", "refunded-and-returned", "replaced", "canceled",
        "waiting-for-approval",
    }  # fmt: skip
    assert len(PAYMENT) == 8
    assert set(ORDER) >= {"draft", "unconfirmed", "unfulfilled", "canceled", "expired", "returned"}


def test_a_key_set_is_never_the_key_of_an_hmac() -> None:
    """Key sets are public: whoever knows one must not be able to sign with its text."""
    assert SOURCE.signature is not None
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    jwks = json.dumps({"keys": [{**public, "kid": "1", "alg": "RS256", "use": "sig"}]})
    raw = json.dumps(SAMPLES["created"]["body"]).encode()

    def verdict(signature: str, secret: str, body: bytes = raw) -> Verdict:
        assert SOURCE.signature is not None
        call = Call(headers={"saleor-signature": signature}, raw=body)
        return SOURCE.signature.check(call, [secret], ISSUED)

    signed = jwt.PyJWS().encode(
        raw, private, algorithm="RS256", headers={"b64": False, "crit": ["b64"]},
        is_payload_detached=True,
    )  # fmt: skip
    assert verdict(signed, jwks) is Verdict.GENUINE
    assert verdict(signed, jwks, raw + b" ") is Verdict.WRONG
    forged = hmac.new(jwks.encode(), raw, hashlib.sha256).hexdigest()
    assert verdict(forged, jwks) is Verdict.WRONG
    honest = hmac.new(b"secret", raw, hashlib.sha256).hexdigest()
    assert verdict(honest, "secret") is Verdict.GENUINE
    assert verdict(honest, "another") is Verdict.WRONG
    assert SOURCE.signature.check(Call(headers={}, raw=raw), ["s"], ISSUED) is Verdict.UNSIGNED


def test_three_decimals_cost_a_price_and_no_order() -> None:
    fine = vendor.line(unitPrice={"gross": {"amount": 36.363, "currency": "USD"}})
    fee = {"gross": {"amount": "10.909", "currency": "USD"}}
    total = {"gross": {"amount": "92.000", "currency": "USD"}}
    whole = order(lines=[fine], shippingPrice=fee, total=total, subtotal=None)
    (placed,) = data(subscribed("order_created", order=whole))
    assert placed.total == Money(9200, "USD")
    assert (placed.lines[0].unit_price, placed.shipping_fee) == (None, None)


def test_a_time_without_offset_is_utc() -> None:
    bare = order(created="2026-04-01T00:00:00.123456")
    (placed,) = data(subscribed("order_created", order=bare))
    assert placed.placed_at == datetime(2026, 4, 1, 0, 0, 0, 123456, tzinfo=UTC)
