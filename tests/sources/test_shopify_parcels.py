"""Shopify's fulfilments, carrier events, refunds, returns and consent.

Schema: shopify.dev/docs/api/webhooks, topics fulfillments/*, fulfillment_events/create,
refunds/create, returns/*, customers_*_consent/update.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    DeliveryPromised,
    Fact,
    OrderRefunded,
    PromiseSource,
    RefundedLine,
    RefundKind,
    ReturnClosed,
    ReturnOpened,
    ReturnReceived,
    ReturnStatus,
    ShipmentDispatched,
    ShipmentUpdated,
)
from shared.domain.folding import fold, merge
from shared.domain.orders import Order, OrderRecord
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Money, Party
from shared.sources import normalize_body, normalize_event
from shared.sources.shopify import TURNS
from tests.sources import samples as s
from tests.sources.samples import facts


def refused(topic: str, payload: s.Json) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        facts(topic, payload)
    return refusal.value


def order_of(*groups: tuple[Fact, ...]) -> Order:
    record = OrderRecord(brand="aoba", order_id=s.ORDER_ID)
    for group in groups:
        record = merge(record, group)
    return fold(record)


INSIDE = (
    ShippedLine(line_id=s.LINE_1, quantity=2, sku="SENCHA-100"),
    ShippedLine(line_id=s.LINE_2, quantity=1, sku="HOUJI-50"),
)


# --- fulfilments -------------------------------------------------------------


def test_success_is_a_dispatch_and_no_delivery() -> None:
    (fact,) = facts("fulfillments/create", s.fulfillment())
    assert fact.metadata.occurred_at == datetime(2026, 4, 12, 1, tzinfo=UTC)
    assert fact.data == ShipmentDispatched(
        order_id=s.ORDER_ID,
        shipment_id=s.FULFILLMENT_ID,
        lines=INSIDE,
        carrier="Yamato (JA)",
        tracking_number="123456789012",
        tracking_url="https://track.example/123456789012",
        dispatched_at=datetime(2026, 4, 12, 1, tzinfo=UTC),
    )
    shipment = order_of((fact,)).shipments[0]
    assert shipment.status is Status.LABEL_CREATED
    assert shipment.possession_at is None


def test_a_number_that_is_added_later_does_not_move_the_dispatch() -> None:
    bare = s.fulfillment(
        tracking_number=None, tracking_numbers=[], tracking_url=None, tracking_urls=[]
    )
    first = facts("fulfillments/create", bare)
    later = facts("fulfillments/update", s.fulfillment(updated_at="2026-04-14T10:00:00+09:00"))
    for groups in ((first, later), (later, first)):
        shipment = order_of(*groups).shipments[0]
        assert shipment.tracking_number == "123456789012"
        assert shipment.dispatched_at == datetime(2026, 4, 12, 1, tzinfo=UTC)


def test_a_number_added_within_the_same_second_counts() -> None:
    bare = s.fulfillment(tracking_number=None, tracking_numbers=[])
    first, later = facts("fulfillments/create", bare), facts("fulfillments/update", s.fulfillment())
    for groups in ((first, later), (later, first)):
        assert order_of(*groups).shipments[0].tracking_number == "123456789012"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "pending"}, Status.LABEL_CREATED),
        ({"status": "open"}, Status.LABEL_CREATED),
        ({"status": "pending", "tracking_number": None, "tracking_numbers": []}, Status.PENDING),
        ({"status": "cancelled"}, Status.CANCELLED),
        ({"status": "error"}, Status.CANCELLED),
        ({"status": "failure"}, Status.CANCELLED),
        ({"status": "never_seen"}, Status.UNKNOWN),
        ({"status": None}, Status.UNKNOWN),
    ],
)
def test_other_states_are_no_dispatch(changes: s.Json, status: Status) -> None:
    (fact,) = facts("fulfillments/update", s.fulfillment(**changes))
    assert isinstance(fact.data, ShipmentUpdated)
    assert fact.data.status is status
    assert fact.data.raw_status == changes["status"]
    assert fact.data.lines == INSIDE
    assert fact.data.order_id == s.ORDER_ID
    assert fact.data.shipment_id == s.FULFILLMENT_ID


def test_a_cancelled_fulfilment_takes_the_dispatch_back() -> None:
    placed = facts("orders/create", s.order())
    sent = facts("fulfillments/create", s.fulfillment())
    off = facts(
        "fulfillments/update",
        s.fulfillment(status="cancelled", updated_at="2026-04-13T10:00:00+09:00"),
    )
    order = order_of(placed, sent, off)
    assert order.shipments[0].status is Status.CANCELLED
    assert len(order.to_ship) == 2


def test_a_parcel_without_number_or_dispatch_has_shipped_nothing() -> None:
    placed = facts("orders/create", s.order())
    bare = s.fulfillment(status="open", tracking_number=None, tracking_numbers=[])
    order = order_of(placed, facts("fulfillments/create", bare))
    assert order.shipments[0].status is Status.PENDING
    assert len(order.to_ship) == 2


def test_what_an_announcement_says_is_kept_until_the_dispatch_says_more() -> None:
    announced = facts("fulfillments/create", s.fulfillment(status="open"))
    (shipment,) = order_of(announced).shipments
    assert shipment.carrier == "Yamato (JA)"
    assert shipment.lines == INSIDE
    sent = s.fulfillment(
        line_items=[], tracking_company=None, updated_at="2026-04-13T10:00:00+09:00"
    )
    (shipment,) = order_of(announced, facts("fulfillments/update", sent)).shipments
    assert shipment.carrier == "Yamato (JA)"
    assert shipment.lines == INSIDE


def test_an_announced_parcel_holds_its_own_lines_only() -> None:
    placed = facts("orders/create", s.order())
    announced = facts("fulfillments/create", s.fulfillment(status="open", line_items=[s.line()]))
    (open_line,) = order_of(placed, announced).to_ship
    assert open_line.line.line_id == s.LINE_2


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("label_printed", Status.LABEL_CREATED),
        ("label_purchased", Status.LABEL_CREATED),
        ("confirmed", Status.LABEL_CREATED),
        ("carrier_picked_up", Status.ACCEPTED),
        ("in_transit", Status.IN_TRANSIT),
        ("delayed", Status.IN_TRANSIT),
        ("buyer_action_required", Status.EXCEPTION),
        ("out_for_delivery", Status.OUT_FOR_DELIVERY),
        ("attempted_delivery", Status.DELIVERY_ATTEMPTED),
        ("ready_for_pickup", Status.AVAILABLE_FOR_PICKUP),
        ("picked_up", Status.DELIVERED),
        ("delivered", Status.DELIVERED),
        ("failure", Status.EXCEPTION),
        ("returning_to_sender", Status.RETURNING),
        ("beamed_up", Status.UNKNOWN),
    ],
)
def test_a_carrier_s_word_in_both_places(word: str, status: Status) -> None:
    (event,) = facts("fulfillment_events/create", s.fulfillment_event(status=word))
    assert isinstance(event.data, ShipmentUpdated)
    assert (event.data.status, event.data.raw_status) == (status, word)
    dispatch, scan = facts("fulfillments/update", s.fulfillment(shipment_status=word))
    assert isinstance(dispatch.data, ShipmentDispatched)
    assert isinstance(scan.data, ShipmentUpdated)
    assert event.data.acts is scan.data.acts is TURNS.get(word)
    assert (scan.data.status, scan.data.raw_status) == (status, word)


def test_a_label_is_told_once() -> None:
    payload = s.fulfillment(status="pending", shipment_status="label_printed")
    (fact,) = facts("fulfillments/update", payload)
    assert isinstance(fact.data, ShipmentUpdated)
    assert fact.data.status is Status.LABEL_CREATED


def test_several_parcels_in_one_fulfilment() -> None:
    payload = s.fulfillment(
        tracking_number="1111-1111-1111", tracking_numbers=["1111-1111-1111", "222222222222\n"]
    )
    (fact,) = facts("fulfillments/create", payload)
    assert isinstance(fact.data, ShipmentDispatched)
    assert fact.data.tracking_number == "111111111111"
    assert fact.data.other_tracking_numbers == ("222222222222",)


def test_two_fulfilments_are_two_shipments() -> None:
    one = s.fulfillment(line_items=[s.line()])
    two = s.fulfillment("9182736455463740099", line_items=[s.second_line()], tracking_numbers=[])
    order = order_of(
        facts("orders/updated", s.order(fulfillments=[one, two])),
        facts("fulfillment_events/create", s.fulfillment_event(status="delivered")),
    )
    assert [shipment.status for shipment in order.shipments] == [
        Status.DELIVERED,
        Status.LABEL_CREATED,
    ]
    assert order.possession_at is None


def test_goods_that_nobody_ships_make_no_shipment() -> None:
    item = s.line(requires_shipping=False, gift_card=True)
    digital = s.fulfillment(
        line_items=[item], tracking_company=None, tracking_number=None, tracking_numbers=[]
    )
    assert facts("fulfillments/create", digital) == ()
    (parcel,) = facts("fulfillments/create", {**digital, "tracking_company": "Yamato"})
    assert isinstance(parcel.data, ShipmentDispatched)


def test_an_order_id_that_was_rounded_is_mended_by_the_metadata() -> None:
    payload = s.fulfillment(order_id=s.rounded(s.ORDER_ID))
    envelope = s.envelope("fulfillments/create", payload)
    envelope["detail"]["metadata"]["X-Shopify-Order-Id"] = s.ORDER_ID
    brands = {"aoba.myshopify.com": "aoba"}
    (fact,) = normalize_event(envelope, brands.get)
    assert fact.order_id == s.ORDER_ID
    envelope["detail"]["metadata"]["X-Shopify-Order-Id"] = "5"
    (fact,) = normalize_event(envelope, brands.get)
    assert fact.order_id == str(s.rounded(s.ORDER_ID)), "another order is no correction"


@pytest.mark.parametrize("field", ["order_id", "id"])
def test_a_fulfilment_without_its_ids_is_incomplete(field: str) -> None:
    payload = {**s.fulfillment(), field: None}
    if field == "id":
        payload["admin_graphql_api_id"] = None
    assert refused("fulfillments/create", payload).code == "INCOMPLETE"


# --- carrier events ----------------------------------------------------------


def test_a_carrier_event_happened_when_the_carrier_says() -> None:
    payload = s.fulfillment_event(
        status="delivered",
        message="配達完了（宅配ボックス）",
        city="渋谷区",
        province="東京都",
        country="JP",
    )
    (fact,) = facts("fulfillment_events/create", payload)
    assert fact.metadata.occurred_at == datetime(2026, 4, 12, 23, 30, tzinfo=UTC)
    assert fact.data == ShipmentUpdated(
        order_id=s.ORDER_ID,
        shipment_id=s.FULFILLMENT_ID,
        status=Status.DELIVERED,
        raw_status="配達完了（宅配ボックス）",
        location="渋谷区, 東京都, JP",
        place="配達完了（宅配ボックス）",
    )


def test_only_an_unattended_delivery_names_a_place() -> None:
    for changes in (
        {"status": "delivered", "message": "Delivered, signed by MARA"},
        {"status": "out_for_delivery", "message": "Will be left in the parcel locker"},
    ):
        (fact,) = facts("fulfillment_events/create", s.fulfillment_event(**changes))
        assert isinstance(fact.data, ShipmentUpdated)
        assert fact.data.place is None


def test_an_unknown_word_stays_beside_a_message() -> None:
    payload = s.fulfillment_event(status="beamed_up", message="Energize")
    (fact,) = facts("fulfillment_events/create", payload)
    assert isinstance(fact.data, ShipmentUpdated)
    assert fact.data.raw_status == "beamed_up"


def test_an_estimate_is_the_carrier_s_promise_on_the_day_as_written() -> None:
    payload = s.fulfillment_event(estimated_delivery_at="2026-04-15T00:30:00+09:00")
    _, promise = facts("fulfillment_events/create", payload)
    assert promise.data == DeliveryPromised(
        order_id=s.ORDER_ID,
        shipment_id=s.FULFILLMENT_ID,
        latest=date(2026, 4, 15),
        promised_by=PromiseSource.CARRIER,
    )
    assert promise.metadata.occurred_at == datetime(2026, 4, 12, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": None}, "INCOMPLETE"),
        ({"fulfillment_id": None}, "INCOMPLETE"),
        ({"order_id": None}, "INCOMPLETE"),
        ({"happened_at": "13.04.2026"}, "INVALID_VALUE"),
        ({"estimated_delivery_at": "2026-04-31T00:00:00Z"}, "INVALID_VALUE"),
        ({"status": ["in_transit"]}, "MALFORMED"),
    ],
)
def test_a_carrier_event_that_is_none(changes: s.Json, code: str) -> None:
    assert refused("fulfillment_events/create", s.fulfillment_event(**changes)).code == code


# --- refunds -----------------------------------------------------------------


def refunded(**changes: Any) -> OrderRefunded:
    (fact,) = facts("refunds/create", s.refund(**changes))
    assert isinstance(fact.data, OrderRefunded)
    return fact.data


def test_a_refund() -> None:
    (fact,) = facts("refunds/create", s.refund())
    assert fact.metadata.occurred_at == datetime(2026, 4, 25, 1, tzinfo=UTC)
    assert fact.data == OrderRefunded(
        order_id=s.ORDER_ID,
        refund_id=s.REFUND_ID,
        lines=(
            RefundedLine(line_id=s.LINE_1, quantity=1, kind=RefundKind.RETURNED, sku="SENCHA-100"),
        ),
        amount=Money(1200, "JPY"),
    )


@pytest.mark.parametrize(
    ("restock", "through_return", "kind"),
    [
        ("cancel", None, RefundKind.CANCELLED),
        ("return", None, RefundKind.RETURNED),
        ("legacy_restock", None, RefundKind.RETURNED),
        ("no_restock", None, RefundKind.KEPT),
        ("no_restock", {"id": 1}, RefundKind.RETURNED),
        (None, None, RefundKind.KEPT),
    ],
)
def test_what_became_of_the_goods(
    restock: str | None, through_return: s.Json | None, kind: RefundKind
) -> None:
    lines = [s.refund_line(restock_type=restock)]
    data = refunded(refund_line_items=lines, **{"return": through_return})
    assert [line.kind for line in data.lines] == [kind]


@pytest.mark.parametrize(
    ("transactions", "amount"),
    [
        ([], None),
        ([s.transaction(), s.transaction(amount="800")], Money(2000, "JPY")),
        ([s.transaction(status="failure")], None),
        ([s.transaction(status="pending"), s.transaction()], Money(1200, "JPY")),
        ([s.transaction(kind="sale")], None),
        ([s.transaction(amount="12.50", currency="USD")], Money(1250, "USD")),
        ([s.transaction(), s.transaction(currency="USD")], None),
    ],
)
def test_what_went_back_is_what_succeeded(transactions: list[s.Json], amount: Money | None) -> None:
    assert refunded(transactions=transactions).amount == amount


def test_a_refund_is_a_test_where_its_payment_was() -> None:
    for tried in (True, False):
        (fact,) = facts("refunds/create", s.refund(transactions=[s.transaction(test=tried)]))
        assert fact.metadata.test is tried


def test_a_refund_without_goods() -> None:
    assert refunded(refund_line_items=[]).lines == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"order_id": None}, "INCOMPLETE"),
        ({"refund_line_items": [s.refund_line(quantity=None)]}, "INCOMPLETE"),
        ({"refund_line_items": [{"quantity": 1}]}, "INCOMPLETE"),
        ({"transactions": [s.transaction(currency="ABC")]}, "INVALID_VALUE"),
        ({"transactions": [s.transaction(amount="1.5")]}, "INVALID_VALUE"),
        ({"processed_at": "2026-04-25"}, "INVALID_VALUE"),
        ({"refund_line_items": "all"}, "MALFORMED"),
    ],
)
def test_a_refund_that_is_none(changes: s.Json, code: str) -> None:
    assert refused("refunds/create", s.refund(**changes)).code == code


# --- returns -----------------------------------------------------------------


@pytest.mark.parametrize("topic", ["returns/request", "returns/approve"])
def test_a_return_opens_with_its_goods_when_shopify_says(topic: str) -> None:
    (fact,) = facts(topic, s.return_())
    # The payload has no time: X-Shopify-Triggered-At is when it happened.
    assert fact.metadata.occurred_at == datetime(2026, 4, 10, 3, 15, 1, 507506, tzinfo=UTC)
    assert fact.data == ReturnOpened(
        order_id=s.ORDER_ID,
        return_id=s.RETURN_ID,
        lines=(ShippedLine(line_id=s.LINE_1, quantity=1),),
    )


@pytest.mark.parametrize(
    ("topic", "payload", "outcome"),
    [
        ("returns/cancel", s.return_short("canceled"), ReturnStatus.CANCELLED),
        ("returns/close", s.return_short("closed"), ReturnStatus.CLOSED),
        ("returns/decline", s.return_(status="declined"), ReturnStatus.DECLINED),
        ("returns/update", s.return_short("closed"), ReturnStatus.CLOSED),
    ],
)
def test_a_return_ends(topic: str, payload: s.Json, outcome: ReturnStatus) -> None:
    (fact,) = facts(topic, payload)
    assert fact.data == ReturnClosed(order_id=s.ORDER_ID, return_id=s.RETURN_ID, outcome=outcome)


@pytest.mark.parametrize("topic", ["returns/reopen", "returns/update"])
def test_reopening_and_a_delta_name_no_goods(topic: str) -> None:
    delta = {
        **s.return_short("open"),
        "return_line_items": {"additions": [], "removals": [{"id": 1, "delta": 1}]},
    }
    for payload in (s.return_short("open"), s.return_(), delta):
        (fact,) = facts(topic, payload)
        assert fact.data == ReturnOpened(order_id=s.ORDER_ID, return_id=s.RETURN_ID)


def test_a_delta_that_names_no_order_tells_nothing() -> None:
    delta = {
        "admin_graphql_api_id": s.gid("Return", s.RETURN_ID),
        "return_line_items": {"removals": [{"admin_graphql_api_id": "x", "delta": 2}]},
    }
    assert facts("returns/update", delta) == ()


def test_a_return_keeps_its_goods_through_a_delta_and_a_reopening() -> None:
    def at(topic: str, payload: s.Json, time: str) -> tuple[Fact, ...]:
        return facts(topic, payload, Triggered_At=time)

    asked = at("returns/request", s.return_(), "2026-04-20T00:00:00Z")
    delta = at("returns/update", s.return_short("open"), "2026-04-21T00:00:00Z")
    closed = at("returns/close", s.return_short("closed"), "2026-04-22T00:00:00Z")
    again = at("returns/reopen", s.return_short("open"), "2026-04-23T00:00:00Z")
    (back,) = order_of(asked, delta, closed).returns
    assert (back.status, back.lines) == (ReturnStatus.CLOSED, ((s.LINE_1, 1),))
    (back,) = order_of(again, closed, delta, asked).returns
    assert (back.status, back.lines) == (ReturnStatus.OPEN, ((s.LINE_1, 1),))


def test_processing_receives_the_goods() -> None:
    (fact,) = facts("returns/process", s.return_())
    assert isinstance(fact.data, ReturnReceived)
    assert fact.data.lines == (ShippedLine(line_id=s.LINE_1, quantity=1),)
    received, closed = facts("returns/process", s.return_(status="closed"))
    assert isinstance(received.data, ReturnReceived)
    assert isinstance(closed.data, ReturnClosed)


def test_lines_that_cannot_all_be_told_are_not_told() -> None:
    unclear = {**s.return_line(), "fulfillment_line_item": None}
    (fact,) = facts("returns/request", s.return_(return_line_items=[s.return_line(), unclear]))
    assert isinstance(fact.data, ReturnOpened)
    assert fact.data.lines == ()


def test_a_decline_that_names_no_order_is_found_by_the_metadata_or_the_return() -> None:
    declined = {
        "id": s.rounded(s.RETURN_ID),
        "admin_graphql_api_id": s.gid("Return", s.RETURN_ID),
        "status": "declined",
        "decline": {"reason": "return_period_ended", "note": ""},
    }
    (fact,) = facts("returns/decline", declined)
    assert fact.data == ReturnClosed(return_id=s.RETURN_ID, outcome=ReturnStatus.DECLINED)
    refusal = refused("returns/request", declined)
    assert refusal.code == "INCOMPLETE"
    assert "X-Shopify-Order-Id" in refusal.detail
    (fact,) = facts("returns/decline", declined, Order_Id=s.ORDER_ID)
    assert fact.data == ReturnClosed(
        order_id=s.ORDER_ID, return_id=s.RETURN_ID, outcome=ReturnStatus.DECLINED
    )


def test_without_any_time_there_is_no_fact_but_the_arrival_helps() -> None:
    with pytest.raises(Rejected) as refusal:
        normalize_body(s.return_(), "shopify", "returns/approve")
    assert refusal.value.code == "INCOMPLETE"
    arrived = datetime(2026, 4, 20, tzinfo=UTC)
    (fact,) = normalize_body(s.return_(), "shopify", "returns/approve", received_at=arrived)
    assert fact.metadata.occurred_at == arrived


# --- consent -----------------------------------------------------------------

EMAIL_TOPIC = "customers_email_marketing_consent/update"
SMS_TOPIC = "customers_marketing_consent/update"


def email_consent(state: str | None, **changes: Any) -> s.Json:
    consent = {
        "state": state,
        "opt_in_level": "single_opt_in",
        "consent_updated_at": "2026-05-01T10:00:00+09:00",
    }
    return {
        "customer_id": int(s.CUSTOMER_ID),
        "email_address": "hanako@example.com",
        "email_marketing_consent": consent,
        **changes,
    }


@pytest.mark.parametrize(("state", "granted"), [("subscribed", True), ("unsubscribed", False)])
def test_a_person_s_word_about_mail(state: str, granted: bool) -> None:
    (fact,) = facts(EMAIL_TOPIC, email_consent(state))
    assert fact.metadata.occurred_at == datetime(2026, 5, 1, 1, tzinfo=UTC)
    assert fact.data == ConsentChanged(
        customer=Party(customer_id=s.CUSTOMER_ID, email="hanako@example.com"),
        channel=Channel.EMAIL,
        granted=granted,
        method=ConsentMethod.PLATFORM,
        confirmed=False if granted else None,
        evidence=f"Shopify: {state}, single_opt_in",
    )
    assert "hanako" not in fact.metadata.id


def test_a_person_s_word_about_sms() -> None:
    payload = {
        "id": int(s.CUSTOMER_ID),
        "phone": "+819012345678",
        "sms_marketing_consent": {"state": "unsubscribed", "consent_updated_at": None},
    }
    (fact,) = facts(SMS_TOPIC, payload)
    assert isinstance(fact.data, ConsentChanged)
    assert (fact.data.channel, fact.data.granted) == (Channel.SMS, False)
    assert fact.data.customer == Party(customer_id=s.CUSTOMER_ID, phone="+819012345678")


@pytest.mark.parametrize("state", ["pending", "not_subscribed", "redacted"])
def test_a_state_that_is_nobody_s_word_says_nothing(state: str) -> None:
    assert facts(EMAIL_TOPIC, email_consent(state)) == ()


@pytest.mark.parametrize(
    "payload",
    [
        email_consent(None),
        email_consent("subscribed", email_marketing_consent=None),
        email_consent("subscribed", customer_id=None, email_address=None),
    ],
)
def test_consent_without_word_or_person_is_incomplete(payload: s.Json) -> None:
    assert refused(EMAIL_TOPIC, payload).code == "INCOMPLETE"


# --- topics ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "why"),
    [
        ("products/update", "take it out of the subscription"),
        ("orders/edited", "orders/updated"),
        ("orders/delete", "deleted"),
        ("orders/risk_assessment_changed", "orders/updated"),
        ("fulfillment_orders/placed_on_hold", "warehouse"),
        ("reverse_fulfillment_orders/dispose", "neither order nor return"),
        ("customers/delete", "customers/redact"),
        ("customers/merge", "customers/update"),
        ("no/such/topic", "take it out"),
    ],
)
def test_a_topic_without_use_is_refused_with_the_reason(topic: str, why: str) -> None:
    refusal = refused(topic, {"id": 1})
    assert refusal.code == "UNKNOWN_TOPIC"
    assert topic in refusal.detail
    assert why in refusal.detail


@pytest.mark.parametrize(("topic", "action"), [("Product", "update"), ("Order", "delete")])
def test_the_preview_of_shopify_events_is_named_as_such(topic: str, action: str) -> None:
    envelope = s.envelope("", {"topic": topic, "action": action, "handle": "x", "data": {}})
    envelope["detail"]["metadata"] = {
        "shopify-topic": topic,
        "shopify-action": action,
        "shopify-webhook-id": "w-1",
        "shopify-shop-domain": "aoba.myshopify.com",
    }
    with pytest.raises(Rejected) as refusal:
        normalize_event(envelope, {"aoba.myshopify.com": "aoba"}.get)
    assert refusal.value.code == "UNKNOWN_TOPIC"
    assert "preview" in refusal.value.detail
