"""Stripe: states of a payment, instructions for paying in Japan, refunds, which order it is."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.fetching import Fetch
from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import (
    Fact,
    Instruction,
    OrderRefunded,
    PaymentMethod,
    PaymentStatus,
    PaymentUpdated,
)
from shared.domain.values import Money
from shared.sources import Brands, missing, normalize, receive, receive_all
from shared.sources.stripe import METADATA_KEYS, METHODS, SETTLED_LATER, SOURCE
from tests.sources.vendors.stripe import (
    CREATED,
    ORDER_ID,
    SAMPLES,
    charge,
    event,
    intent,
    refund,
    session,
    thin,
    webhook,
)

AT = datetime.fromtimestamp(CREATED, UTC)
YEN = Money(4212, "JPY")


def facts(raw: Any, brands: Brands | None = None) -> tuple[Fact, ...]:
    found = receive_all(raw, source="stripe", brands=brands)
    return tuple(fact for one in found for fact in normalize(one))


def refused(raw: Any) -> tuple[str, str]:
    with pytest.raises(Rejected) as refusal:
        facts(raw)
    return refusal.value.code, refusal.value.detail


def told(
    status: PaymentStatus,
    amount: Money | None = YEN,
    method: PaymentMethod | None = PaymentMethod.CARD,
    **more: Any,
) -> PaymentUpdated:
    return PaymentUpdated(order_id=ORDER_ID, status=status, amount=amount, method=method, **more)


ACCOUNT = (
    Instruction(label="銀行", value="テスト銀行(0001)"),
    Instruction(label="支店", value="本店(001)"),
    Instruction(label="口座種別", value="普通"),
    Instruction(label="口座番号", value="0123456"),
    Instruction(label="口座名義", value="アオバチヤホ"),
    Instruction(label="お振込のご案内", value="https://payments.example.com/bank/test"),
)
EXPECTED: dict[str, list[Any]] = {
    "paid": [told(PaymentStatus.PAID)],
    "authorised": [told(PaymentStatus.AUTHORIZED)],
    "konbini": [
        told(
            PaymentStatus.PENDING,
            method=PaymentMethod.KONBINI,
            due_at=datetime(2026, 4, 5, 14, 59, 59, tzinfo=UTC),
            instructions=(
                Instruction(
                    label="ファミリーマート", value="支払いコード 123456、確認番号 01234567890"
                ),
                Instruction(label="ローソン", value="支払いコード 654321、確認番号 01234567890"),
                Instruction(
                    label="お支払い方法のご案内",
                    value="https://payments.example.com/konbini/voucher/test",
                ),
            ),
        )
    ],
    "transfer": [
        told(PaymentStatus.PENDING, method=PaymentMethod.BANK_TRANSFER, instructions=ACCOUNT)
    ],
    "partially_funded": [
        told(
            PaymentStatus.PARTIALLY_PAID,
            None,
            method=PaymentMethod.BANK_TRANSFER,
            instructions=ACCOUNT,
        )
    ],
    "failed": [told(PaymentStatus.FAILED)],
    "ran_out": [told(PaymentStatus.EXPIRED, method=PaymentMethod.KONBINI)],
    "canceled": [told(PaymentStatus.VOIDED, None)],
    "charge_refunded": [
        told(PaymentStatus.PARTIALLY_REFUNDED, Money(500, "USD")),
        OrderRefunded(order_id=ORDER_ID, refund_id="re_1Yoin0001", amount=Money(500, "USD")),
    ],
    "charge_refunded_whole": [told(PaymentStatus.REFUNDED, Money(1999, "USD"))],
    "refund": [
        OrderRefunded(order_id=ORDER_ID, refund_id="re_1Yoin0001", amount=Money(500, "USD"))
    ],
    "refund_pending": [],
    "refund_failed": [
        OrderRefunded(order_id=ORDER_ID, refund_id="re_1Yoin0001", amount=Money(0, "USD"))
    ],
    "session_paid": [told(PaymentStatus.PAID, method=None)],
    "session_unpaid": [told(PaymentStatus.PENDING, method=None)],
    "session_authorised": [],
    "session_settled": [told(PaymentStatus.PAID, method=None)],
    "session_not_settled": [told(PaymentStatus.FAILED, method=None)],
    "session_expired": [told(PaymentStatus.EXPIRED, method=None)],
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_becomes_of_an_event(name: str) -> None:
    found = facts(SAMPLES[name])
    assert [fact.data for fact in found] == EXPECTED[name]
    assert facts(SAMPLES[name]) == found
    for fact in found:
        assert fact.metadata.occurred_at == AT
        assert fact.metadata.dedupe_id == "evt_1Yoin0001"
        assert not fact.metadata.test


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("charge_alone", PaymentStatus.AUTHORIZED),
        ("intent_alone", PaymentStatus.PAID),
        ("session_alone", PaymentStatus.PAID),
    ],
)
def test_an_object_alone_tells_its_status(name: str, status: PaymentStatus) -> None:
    (fact,) = facts(SAMPLES[name])
    assert isinstance(fact.data, PaymentUpdated)
    assert fact.data.status is status
    assert fact.metadata.occurred_at == AT - timedelta(minutes=1)
    assert fact.metadata.dedupe_id is None


@pytest.mark.parametrize("name", ["test_mode", "of_object", "of_charge"])
def test_what_is_not_live_is_a_test(name: str) -> None:
    raws = {
        "test_mode": SAMPLES["test_mode"],
        "of_object": intent(status="succeeded", livemode=False),
        "of_charge": refund(charge=charge(livemode=False)),
    }
    assert [fact.metadata.test for fact in facts(raws[name])] == [True]


@pytest.mark.parametrize("key", METADATA_KEYS)
def test_every_documented_key_names_the_order(key: str) -> None:
    (fact,) = facts(event("payment_intent.succeeded", intent(metadata={key: "B-2"})))
    assert fact.order_id == "B-2"


def test_metadata_goes_before_the_session_s_reference() -> None:
    (fact,) = facts(event("checkout.session.completed", session(metadata={"order_id": "B-2"})))
    assert fact.order_id == "B-2"


@pytest.mark.parametrize(
    ("currency", "amount", "money"),
    [
        ("jpy", 500, Money(500, "JPY")),
        ("usd", 500, Money(500, "USD")),
        ("kwd", 5120, Money(5120, "KWD")),
        ("isk", 500, Money(5, "ISK")),
        ("mga", 500, Money(50000, "MGA")),
        ("huf", 500, Money(500, "HUF")),
        ("ugx", 500, None),
        ("usdc", 500, None),
    ],
)
def test_minor_units_are_stripe_s(currency: str, amount: int, money: Money | None) -> None:
    (fact,) = facts(event("payment_intent.succeeded", intent(currency=currency, amount=amount)))
    assert isinstance(fact.data, PaymentUpdated)
    assert fact.data.amount == money


def test_a_connected_account_is_a_shop() -> None:
    brands = Brands(of_shop={"acct_1yoin": "aoba"}.get, required=True)
    raw = event("payment_intent.succeeded", intent(), account="acct_1Yoin")
    assert facts(raw, brands)[0].metadata.brand == "aoba"


def test_a_refund_that_failed_counts_rather_than_that_it_succeeded() -> None:
    good, bad = facts(SAMPLES["refund"])[0], facts(SAMPLES["refund_failed"])[0]
    assert bad.stamp > good.stamp
    assert bad.key == good.key


def test_a_thin_event_is_fetched_and_keeps_its_own_time() -> None:
    asked = missing(receive(SAMPLES["thin"]))
    assert asked == Fetch(
        path="/v1/payment_intents/pi_1Yoin0001",
        topic="payment_intent.succeeded",
        wrap="fetched",
        extra={
            key: value for key, value in SAMPLES["thin"]["body"].items() if key != "related_object"
        },
    )
    answer = {"fetched": intent(amount_received=4212), **asked.extra}
    (fact,) = normalize(receive(answer, source="stripe", topic=asked.topic))
    assert fact.data == told(PaymentStatus.PAID)
    assert (fact.metadata.occurred_at, fact.metadata.dedupe_id) == (AT, "evt_thin_Yoin0001")
    assert missing(receive(answer, source="stripe", topic=asked.topic)) is None


def test_a_refund_without_order_asks_for_its_charge() -> None:
    asked = missing(receive(SAMPLES["refund_without_order"]))
    assert asked is not None
    assert asked.path == "/v1/refunds/re_1Yoin0001"
    assert asked.query == {"expand[0]": "charge", "expand[1]": "payment_intent"}
    answer = {"fetched": refund(metadata={}, charge=charge()), **asked.extra}
    (fact,) = normalize(receive(answer, source="stripe", topic=asked.topic))
    assert (fact.order_id, fact.metadata.occurred_at) == (ORDER_ID, AT)
    assert missing(receive(SAMPLES["refund"])) is None


REFUSED = [
    (webhook("payment_intent.succeeded", intent(metadata={})), "INCOMPLETE", "order_id, orderId"),
    (SAMPLES["refund_without_order"], "INCOMPLETE", "fetched"),
    (SAMPLES["thin"], "INCOMPLETE", "fetched"),
    (webhook("payment_intent.succeeded", charge()), "INVALID_VALUE", "data.object.object"),
    (webhook("checkout.session.completed", session(payment_status="odd")), "INVALID_VALUE", "paid"),
    (webhook("checkout.session.completed", session(payment_status=None)), "INCOMPLETE", "status"),
    (webhook("payment_intent.succeeded", intent(amount="1.5")), "INVALID_VALUE", "amount"),
    (
        webhook("payment_intent.succeeded", intent(currency="isk", amount=1050)),
        "INVALID_VALUE",
        "amount",
    ),
    (SAMPLES["dispute"], "UNKNOWN_TOPIC", "dispute"),
    (thin("v2.core.account.updated", {"id": "acct_1"}), "UNKNOWN_TOPIC", "billing"),
]


@pytest.mark.parametrize(("raw", "code", "word"), REFUSED)
def test_what_is_refused_says_why(raw: Any, code: str, word: str) -> None:
    said = refused(raw)
    assert said[0] == code
    assert word in said[1]


@pytest.mark.parametrize(
    "related",
    [
        {"id": "../x", "type": "charge"},
        {"id": "ch_1", "type": "product"},
        {"type": "charge"},
    ],
)
def test_nothing_else_is_asked_for(related: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        missing(receive(thin("v1.charge.refunded", related), source="stripe"))


def test_a_capture_in_part_gives_nothing_back() -> None:
    rest = refund(id="re_rest", amount=1399)
    part = charge(amount_captured=600, amount_refunded=1399, refunds={"data": [rest]})
    paid = told(PaymentStatus.PAID, Money(600, "USD"))
    for topic in ("charge.captured", "charge.refunded"):
        assert [fact.data for fact in facts(webhook(topic, part))] == [paid]
    later = charge(amount_captured=600, amount_refunded=1499)
    assert [fact.data for fact in facts(webhook("charge.refunded", later))] == [
        told(PaymentStatus.PARTIALLY_REFUNDED, Money(100, "USD"))
    ]


def test_an_authorisation_that_was_let_go_is_no_refund() -> None:
    gone = charge(captured=False, amount_captured=0, amount_refunded=1999, refunded=True)
    assert [fact.data for fact in facts(webhook("charge.refunded", gone))] == [
        told(PaymentStatus.VOIDED, None)
    ]


@pytest.mark.parametrize("key", ["Order ID", "orderID", "order-id", "ORDER_NUMBER"])
def test_a_key_of_metadata_may_be_written_otherwise(key: str) -> None:
    (fact,) = facts(webhook("charge.succeeded", charge(metadata={"note": "x", key: 77})))
    assert fact.order_id == "77"


def test_other_versions_of_the_api_say_how_was_paid_elsewhere() -> None:
    old = charge(payment_method_details=None, source={"object": "card", "brand": "Visa"})
    listed = intent(
        status="succeeded", payment_method_types=["card", "konbini"], charges={"data": [charge()]}
    )
    for raw in (old, listed):
        (fact,) = facts(raw)
        assert isinstance(fact.data, PaymentUpdated)
        assert fact.data.method is PaymentMethod.CARD
    (fact,) = facts(intent(status="requires_source_action"))
    assert fact.data == told(PaymentStatus.PENDING)


def test_a_list_of_the_api_is_its_objects() -> None:
    listed = {"object": "list", "has_more": False, "data": [charge(), charge(id="ch_2")]}
    assert [fact.order_id for fact in facts(listed)] == [ORDER_ID, ORDER_ID]
    assert facts({"object": "list", "data": []}) == ()


def test_saving_a_card_sells_nothing() -> None:
    saved = session(mode="setup", payment_status="no_payment_required", amount_total=None)
    assert facts(webhook("checkout.session.completed", saved)) == ()


def test_an_object_of_another_kind_is_refused_by_its_own_name() -> None:
    for kind in ("dispute", "payment_method"):
        code, why = refused({"id": "x_1", "object": kind, "type": "card"})
        assert code == "UNKNOWN_TOPIC"
        assert kind in why


def test_the_signature_is_checked_with_its_time() -> None:
    raw = json.dumps(SAMPLES["paid"]["detail"]).encode()
    signed = hmac.new(b"whsec_x", f"{CREATED}.".encode() + raw, hashlib.sha256).hexdigest()
    call = Call(headers={"stripe-signature": f"t={CREATED},v1={signed}"}, raw=raw)
    assert SOURCE.signature is not None
    assert SOURCE.signature.check(call, ["whsec_x"], AT) is Verdict.GENUINE
    assert SOURCE.signature.check(call, ["whsec_y"], AT) is Verdict.WRONG
    assert SOURCE.signature.check(call, ["whsec_x"], AT + timedelta(hours=1)) is Verdict.STALE


def test_the_tables_agree() -> None:
    assert {"konbini", "customer_balance"} <= SETTLED_LATER & set(METHODS)
    assert all(METHODS[name] is not PaymentMethod.CARD for name in SETTLED_LATER & set(METHODS))
