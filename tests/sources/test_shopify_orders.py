"""Shopify's order topics. Schema: shopify.dev/docs/api/webhooks, topic orders/*."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, TypeVar

import pytest

from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ConsentSeen,
    Data,
    Fact,
    Line,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    OrderRefunded,
    PaymentMethod,
    PaymentStatus,
    PaymentUpdated,
    ShipmentDispatched,
    StockStatus,
)
from shared.domain.folding import fold, merge
from shared.domain.orders import OrderRecord
from shared.domain.values import Address, Money, Party
from shared.sources import normalize, normalize_event, receive_all
from tests.sources import samples as s
from tests.sources.samples import facts

D = TypeVar("D", bound=Data)


def one(kind: type[D], topic: str, payload: s.Json) -> tuple[Fact, D]:
    found = [f for f in facts(topic, payload) if isinstance(f.data, kind)]
    assert len(found) == 1
    data = found[0].data
    assert isinstance(data, kind)
    return found[0], data


def placed(**changes: Any) -> OrderPlaced:
    return one(OrderPlaced, "orders/create", s.order(**changes))[1]


def refused(payload: s.Json, topic: str = "orders/create") -> Rejected:
    with pytest.raises(Rejected) as refusal:
        facts(topic, payload)
    return refusal.value


def test_an_order_as_it_was_placed() -> None:
    (fact,) = facts("orders/create", s.order())
    assert fact.metadata.type == "OrderPlaced"
    assert fact.metadata.brand == "aoba"
    assert fact.metadata.source == "shopify"
    assert fact.metadata.occurred_at == datetime(2026, 4, 10, 3, 15, tzinfo=UTC)
    assert fact.metadata.dedupe_id == "8a95126f-859a-4db9-b8f1-350e299e9ea0"
    assert not fact.metadata.test
    assert not fact.metadata.historical
    assert fact.data == OrderPlaced(
        order_id=s.ORDER_ID,
        number="#1001",
        placed_at=datetime(2026, 4, 10, 3, 15, tzinfo=UTC),
        lines=(
            Line(
                line_id=s.LINE_1,
                quantity=2,
                sku="SENCHA-100",
                product_id="7130427162777",
                title="深蒸し煎茶",
                variant="100g",
                unit_price=Money(1200, "JPY"),
            ),
            Line(
                line_id=s.LINE_2,
                quantity=1,
                sku="HOUJI-50",
                product_id="7130427162777",
                title="ほうじ茶",
                unit_price=Money(800, "JPY"),
            ),
        ),
        buyer=Party(
            customer_id=s.CUSTOMER_ID,
            name="山田 花子",
            email="hanako@example.com",
            phone="+819012345678",
            locale="ja",
        ),
        ship_to=Address(
            name="山田 花子",
            country="JP",
            postal_code="150-0001",
            region="Tōkyō",
            city="渋谷区",
            line1="神宮前1-2-3",
            line2="青葉ハイツ405",
            phone="+819012345678",
        ),
        currency="JPY",
        total=Money(3700, "JPY"),
        subtotal=Money(3200, "JPY"),
        shipping_fee=Money(500, "JPY"),
        payment_method=PaymentMethod.KONBINI,
        payment_status=PaymentStatus.PENDING,
        stock=StockStatus.RESERVED,
        cancelled=False,
        status_url="https://aoba.myshopify.com/1/orders/abc/authenticate?key=def",
    )


def test_ids_are_those_of_the_global_ids_not_of_the_rounded_numbers() -> None:
    payload = s.order()
    assert str(payload["id"]) != s.ORDER_ID, "the sample shows what a float does to an id"
    data = placed()
    assert data.order_id == s.ORDER_ID
    assert data.lines[0].line_id == s.LINE_1
    assert data.buyer.customer_id == s.CUSTOMER_ID
    assert placed(admin_graphql_api_id=s.DROP, id=int(s.ORDER_ID)).order_id == s.ORDER_ID
    assert placed(admin_graphql_api_id=s.DROP, id=s.ORDER_ID).order_id == s.ORDER_ID


def test_an_id_that_is_a_float_beyond_exactness_is_no_id() -> None:
    refusal = refused(s.order(admin_graphql_api_id=s.DROP, id=float(s.ORDER_ID)))
    assert refusal.code == "MALFORMED"
    assert placed(admin_graphql_api_id=s.DROP, id=4216041013401.0).order_id == "4216041013401"


def test_an_object_of_another_kind_is_refused() -> None:
    gid = s.gid("DraftOrder", "1")
    assert refused(s.order(admin_graphql_api_id=gid)).code == "MALFORMED"


def test_without_a_customer_nothing_is_made_up() -> None:
    data = placed(
        customer=None,
        email="",
        contact_email=None,
        phone=None,
        billing_address=None,
        shipping_address=s.DROP,
        customer_locale=None,
    )
    assert data.buyer == Party()
    assert data.ship_to is None


@pytest.mark.parametrize(
    ("changes", "email"),
    [
        ({"email": "", "contact_email": "Contact@Example.com"}, "Contact@example.com"),
        ({"email": "", "contact_email": None}, "customer@example.com"),
        ({"email": "not an address", "contact_email": "c@example.com"}, "c@example.com"),
        ({"email": "a@example.com", "contact_email": "c@example.com"}, "a@example.com"),
    ],
)
def test_the_buyer_s_email(changes: s.Json, email: str) -> None:
    someone = s.customer(email="customer@example.com")
    assert placed(customer=someone, **changes).buyer.email == email


def test_an_email_that_is_none_is_left_out_and_the_order_stays() -> None:
    data = placed(email="n/a", contact_email="n/a", customer=s.customer(email="n/a"))
    assert data.buyer.email is None
    assert data.order_id == s.ORDER_ID


@pytest.mark.parametrize(
    ("phone", "e164"),
    [
        ("090-1234-5678", "+819012345678"),
        ("+1 502 459 2181", "+15024592181"),
        ("555-625-1199", None),
        ("なし", None),
        (None, None),
    ],
)
def test_a_phone_number_is_e164_or_none(phone: str | None, e164: str | None) -> None:
    data = placed(phone=phone, customer=s.customer(phone=None))
    assert data.buyer.phone == e164


def test_the_recipient_s_phone_is_not_the_buyer_s() -> None:
    data = placed(phone=None, customer=None)
    assert data.buyer.phone is None
    assert data.ship_to is not None
    assert data.ship_to.phone == "+819012345678"


def test_the_buyer_pays_the_recipient_receives() -> None:
    friend = {**s.ADDRESS, "first_name": "太郎", "last_name": "佐藤", "name": "太郎 佐藤"}
    data = placed(shipping_address=friend, customer=None)
    assert data.buyer.name == "山田 花子"
    assert data.ship_to is not None
    assert data.ship_to.name == "佐藤 太郎"


@pytest.mark.parametrize(
    ("currency", "total", "minor"),
    [
        ("JPY", "23600", 23600),
        ("JPY", "23600.00", 23600),
        ("USD", "19.80", 1980),
        ("USD", "0.00", 0),
        ("KWD", "1.234", 1234),
        ("EUR", 19.8, 1980),
    ],
)
def test_totals_in_minor_units(currency: str, total: Any, minor: int) -> None:
    bare = s.line(price="1")
    data = placed(
        currency=currency,
        total_price=total,
        subtotal_price=None,
        subtotal_price_set=None,
        total_shipping_price_set=None,
        line_items=[bare],
    )
    assert data.total == Money(minor, currency)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"currency": "ABC"}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "jpy"}, "currency"),
        ({"total_price": "19.99"}, "total_price"),
        ({"total_price": "a lot"}, "total_price"),
        ({"total_price": "-1"}, "total_price"),
        ({"created_at": "2026-02-30T00:00:00+09:00"}, "created_at"),
        ({"created_at": "2026-04-10T12:15:00"}, "created_at"),
        ({"updated_at": "soon"}, "updated_at"),
        ({"cancelled_at": "1226-04-10T12:15:00Z"}, "cancelled_at"),
        ({"line_items": [s.line(quantity=-1)]}, "line_items[0].quantity"),
        ({"line_items": [s.line(quantity=1.5)]}, "line_items[0].quantity"),
    ],
)
def test_impossible_values_are_refused_by_field(changes: s.Json, field: str) -> None:
    refusal = refused(s.order(**changes), "orders/updated")
    assert refusal.code == "INVALID_VALUE"
    assert field in refusal.detail


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"line_items": s.DROP}, "INCOMPLETE"),
        ({"line_items": [s.line(quantity=s.DROP)]}, "INCOMPLETE"),
        ({"line_items": [{"quantity": 1}]}, "INCOMPLETE"),
        ({"created_at": None, "processed_at": None}, "INCOMPLETE"),
        ({"id": s.DROP, "admin_graphql_api_id": s.DROP}, "INCOMPLETE"),
        ({"line_items": {}}, "MALFORMED"),
        ({"line_items": ["x"]}, "MALFORMED"),
        ({"customer": "x"}, "MALFORMED"),
        ({"created_at": 1775790900}, "MALFORMED"),
        ({"id": "abc", "admin_graphql_api_id": s.DROP}, "MALFORMED"),
        ({"id": 0, "admin_graphql_api_id": s.DROP}, "MALFORMED"),
        ({"id": -5, "admin_graphql_api_id": s.DROP}, "MALFORMED"),
        ({"confirmed": "true"}, "MALFORMED"),
    ],
)
def test_misshapen_orders_are_refused(changes: s.Json, code: str) -> None:
    assert refused(s.order(**changes)).code == code


def test_no_refusal_holds_personal_data() -> None:
    for changes in ({"created_at": "hanako@example.com"}, {"total_price": "hanako@example.com"}):
        assert "hanako" not in str(refused(s.order(**changes)))


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", PaymentStatus.PENDING),
        ("authorized", PaymentStatus.AUTHORIZED),
        ("partially_paid", PaymentStatus.PARTIALLY_PAID),
        ("paid", PaymentStatus.PAID),
        ("partially_refunded", PaymentStatus.PARTIALLY_REFUNDED),
        ("refunded", PaymentStatus.REFUNDED),
        ("voided", PaymentStatus.VOIDED),
        ("expired", PaymentStatus.EXPIRED),
        (None, None),
        ("never_seen", None),
    ],
)
def test_financial_status_is_the_payment(word: str | None, status: PaymentStatus | None) -> None:
    assert placed(financial_status=word).payment_status is status


def test_confirmed_is_reserved_stock_and_its_absence_says_nothing() -> None:
    assert placed(confirmed=True).stock is StockStatus.RESERVED
    assert placed(confirmed=False).stock is None
    assert placed(confirmed=s.DROP).stock is None


def test_payment_terms_are_payment_later() -> None:
    terms = {
        "payment_terms_type": "net",
        "due_in_days": 30,
        "payment_schedules": [
            {"due_at": "2026-05-10T12:15:00+09:00", "completed_at": None},
            {"due_at": "2026-04-30T12:15:00+09:00", "completed_at": "2026-04-11T00:00:00+09:00"},
        ],
    }
    data = placed(payment_terms=terms, payment_gateway_names=["manual"])
    assert data.payment_method is PaymentMethod.DEFERRED
    assert data.payment_due_at == datetime(2026, 5, 10, 3, 15, tzinfo=UTC)


def test_a_test_order_says_so_from_its_body_or_its_header() -> None:
    assert [f.metadata.test for f in facts("orders/create", s.order(test=True))] == [True]
    assert [f.metadata.test for f in facts("orders/create", s.order(), Test="true")] == [True]
    assert [f.metadata.test for f in facts("orders/create", s.order(), Test="false")] == [False]


def test_wishes_gifts_and_subscriptions_come_from_free_attributes_and_tags() -> None:
    notes = [
        {"name": "配送希望日", "value": "2026-04-16"},
        {"name": "配送時間帯", "value": "午前中"},
        {"name": "ギフト", "value": "はい"},
    ]
    data = placed(note_attributes=notes, tags="VIP, 定期購入")
    assert (data.wished_date, data.wished_slot) == (date(2026, 4, 16), "午前中")
    assert data.gift is True
    assert data.subscription is True
    assert data.tags == ("VIP", "定期購入")


def test_an_impossible_wish_does_not_make_the_order_wrong() -> None:
    notes = [{"name": "配送希望日", "value": "2026-02-31"}]
    assert placed(note_attributes=notes).wished_date is None


def test_a_wish_for_the_day_of_the_order_counts_from_the_shop_s_day() -> None:
    # 08:00 on the 11th in Tokyo is still the 10th in UTC.
    early = {"created_at": "2026-04-11T08:00:00+09:00", "processed_at": None}
    notes = [{"name": "お届け日", "value": "2026-04-10"}]
    assert placed(note_attributes=notes, **early).wished_date is None
    notes = [{"name": "お届け日", "value": "2026-04-11"}]
    assert placed(note_attributes=notes, **early).wished_date == date(2026, 4, 11)


def test_gifts_by_tag_and_by_line() -> None:
    assert placed(tags="gift").gift is True
    wrapped = s.line(properties=[{"name": "ギフト包装", "value": "あり"}])
    assert placed(line_items=[wrapped]).gift is True
    assert placed().gift is None


@pytest.mark.parametrize(
    "changes",
    [
        {"source_name": "subscription_contract_checkout_one"},
        {"line_items": [s.line(selling_plan_allocation={"selling_plan": {"id": 1}})]},
        {"tags": "Subscription, Subscription Recurring Order"},
        {"tags": ["Subscription"]},
    ],
)
def test_subscriptions(changes: s.Json) -> None:
    assert placed(**changes).subscription is True


@pytest.mark.parametrize(
    "changes",
    [
        {"line_items": [s.line(selling_plan_allocation=None)]},
        {"tags": "VIP, 都度購入"},
        {"tags": "One-time purchase"},
    ],
)
def test_no_subscription_where_something_says_so(changes: s.Json) -> None:
    assert placed(**changes).subscription is False


def test_no_sign_of_a_subscription_is_not_a_no() -> None:
    assert placed().subscription is None
    one_says = [s.line(selling_plan_allocation=None), s.second_line()]
    assert placed(line_items=one_says).subscription is None
    assert placed(tags="subscription, one-time").subscription is True


def consents(topic: str = "orders/create", **changes: Any) -> tuple[ConsentSeen, ...]:
    kind = OrderPlaced if topic == "orders/create" else OrderChanged
    found = [f.data for f in facts(topic, s.order(**changes)) if isinstance(f.data, kind)]
    assert isinstance(found[0], OrderPlaced | OrderChanged)
    return found[0].consents


def with_state(state: str | None) -> s.Json:
    return s.customer(email_marketing_consent={"state": state, "opt_in_level": None})


EMAIL_YES = ConsentSeen(channel=Channel.EMAIL, granted=True)
EMAIL_NO = ConsentSeen(channel=Channel.EMAIL, granted=False)


def test_a_tick_is_a_yes_and_no_tick_is_no_no() -> None:
    unsaid = with_state(None)
    assert consents(buyer_accepts_marketing=True, customer=unsaid) == (EMAIL_YES,)
    assert consents(buyer_accepts_marketing=False) == ()
    for state in ("not_subscribed", "pending", "redacted", None):
        assert consents(customer=with_state(state)) == ()


def test_a_refusal_is_one_and_goes_before_a_tick() -> None:
    assert consents(customer=with_state("subscribed")) == (EMAIL_YES,)
    assert consents(customer=with_state("unsubscribed")) == (EMAIL_NO,)
    both = consents(customer=with_state("unsubscribed"), buyer_accepts_marketing=True)
    assert both == (EMAIL_NO,)


@pytest.mark.parametrize(
    ("level", "confirmed"),
    [("confirmed_opt_in", True), ("SINGLE_OPT_IN", False), ("unknown", None), (None, None)],
)
def test_the_opt_in_level_says_whether_the_address_was_confirmed(
    level: str | None, confirmed: bool | None
) -> None:
    someone = s.customer(email_marketing_consent={"state": "subscribed", "opt_in_level": level})
    (word,) = consents(customer=someone)
    assert word == ConsentSeen(channel=Channel.EMAIL, granted=True, confirmed=confirmed)


def test_sms_has_its_own_consent() -> None:
    someone = s.customer(sms_marketing_consent={"state": "subscribed"})
    assert consents(customer=someone) == (ConsentSeen(channel=Channel.SMS, granted=True),)


def test_a_later_snapshot_does_not_grant_again_but_may_refuse() -> None:
    assert consents("orders/updated", buyer_accepts_marketing=True) == ()
    assert consents("orders/updated", customer=with_state("subscribed")) == ()
    assert consents("orders/updated", customer=with_state("unsubscribed")) == (EMAIL_NO,)


@pytest.mark.parametrize(
    "topic",
    [
        "orders/updated",
        "orders/paid",
        "orders/cancelled",
        "orders/fulfilled",
        "orders/partially_fulfilled",
    ],
)
def test_the_other_topics_are_snapshots_of_their_update(topic: str) -> None:
    fact, data = one(OrderChanged, topic, s.order(updated_at="2026-04-11T09:00:00+09:00"))
    assert fact.metadata.occurred_at == datetime(2026, 4, 11, tzinfo=UTC)
    assert data.placed_at == datetime(2026, 4, 10, 3, 15, tzinfo=UTC)
    assert data.total == Money(3700, "JPY")


def test_paid_is_a_payment_at_the_time_of_the_update() -> None:
    payload = s.order(financial_status="paid", updated_at="2026-04-11T09:00:00+09:00")
    fact, data = one(PaymentUpdated, "orders/paid", payload)
    assert fact.metadata.occurred_at == datetime(2026, 4, 11, tzinfo=UTC)
    assert data == PaymentUpdated(
        order_id=s.ORDER_ID,
        status=PaymentStatus.PAID,
        method=PaymentMethod.KONBINI,
        amount=Money(3700, "JPY"),
    )


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated", "orders/cancelled"])
def test_a_cancelled_order_is_cancelled_whatever_the_topic(topic: str) -> None:
    payload = s.order(cancelled_at="2026-04-12T09:00:00+09:00", cancel_reason="inventory")
    fact, data = one(OrderCancelled, topic, payload)
    assert fact.metadata.occurred_at == datetime(2026, 4, 12, tzinfo=UTC)
    assert data == OrderCancelled(order_id=s.ORDER_ID, reason="inventory")


def test_the_topic_alone_cancels_as_well() -> None:
    fact, _ = one(OrderCancelled, "orders/cancelled", s.order())
    assert fact.metadata.occurred_at == datetime(2026, 4, 10, 3, 15, 1, tzinfo=UTC)


def test_fulfilments_and_refunds_inside_an_order_are_the_same_facts_as_on_their_own() -> None:
    payload = s.order(fulfillments=[s.fulfillment()], refunds=[s.refund()])
    inside = facts("orders/updated", payload)
    alone = [
        *facts("fulfillments/create", s.fulfillment()),
        *facts("refunds/create", s.refund()),
    ]
    by_id = {fact.metadata.id: fact for fact in inside}
    assert [by_id[fact.metadata.id] for fact in alone] == alone
    assert {type(fact.data) for fact in inside} == {
        OrderChanged,
        ShipmentDispatched,
        OrderRefunded,
    }


def test_an_import_was_placed_when_it_was_processed_and_mails_nobody() -> None:
    payload = s.order(processed_at="2023-01-05T10:00:00+09:00")
    (fact,) = facts("orders/create", payload)
    assert fact.metadata.historical
    assert isinstance(fact.data, OrderPlaced)
    assert fact.data.placed_at == datetime(2023, 1, 5, 1, tzinfo=UTC)
    (live,) = facts("orders/create", s.order(processed_at="2026-04-10T12:14:58+09:00"))
    assert not live.metadata.historical


@pytest.mark.parametrize(
    ("numbers", "changes", "quantity"),
    [
        # (quantity, current, fulfillable) of a line; what else the order says; units ordered
        ((3, 3, 3), {}, 3),
        ((3, 2, 2), {}, 2),  # an edit removed one
        ((1, 0, 0), {}, 0),  # an edit removed the line
        # All three went out, one came back: three were ordered.
        ((3, 2, 0), {"fulfillments": [s.fulfillment(line_items=[s.line(quantity=3)])]}, 3),
        # One was cancelled before shipping: the refund says so, the line stays as ordered.
        (
            (3, 2, 2),
            {"refunds": [s.refund(refund_line_items=[s.refund_line(restock_type="cancel")])]},
            3,
        ),
        # Money back only: the goods still go out.
        (
            (3, 2, 3),
            {"refunds": [s.refund(refund_line_items=[s.refund_line(restock_type="no_restock")])]},
            3,
        ),
        ((3, 0, 0), {"cancelled_at": "2026-04-12T09:00:00+09:00"}, 3),
        ((3, 0, 0), {"fulfillments": s.DROP}, 3),  # nothing is known about what went out
    ],
)
def test_units_are_as_ordered_less_what_an_edit_removed(
    numbers: tuple[int, int, int], changes: s.Json, quantity: int
) -> None:
    ordered, current, fulfillable = numbers
    item = s.line(quantity=ordered, current_quantity=current, fulfillable_quantity=fulfillable)
    _, data = one(OrderChanged, "orders/updated", s.order(line_items=[item], **changes))
    assert [line.quantity for line in data.lines] == [quantity]


def test_the_same_event_twice_gives_equal_facts() -> None:
    payload = s.order(fulfillments=[s.fulfillment()])
    assert facts("orders/updated", payload) == facts("orders/updated", payload)


def test_a_second_subscription_gives_the_same_facts() -> None:
    first = facts("orders/create", s.order())
    second = facts("orders/create", s.order(), Webhook_Id="another-delivery")
    assert first == second


def test_without_an_event_id_the_webhook_id_tells_a_repeat_and_the_facts_are_the_same() -> None:
    first = facts("orders/create", s.order(), Event_Id="", Webhook_Id="w-1")
    second = facts("orders/create", s.order(), Event_Id="", Webhook_Id="w-2")
    assert first[0].metadata.dedupe_id == "w-1"
    assert first[0].metadata.id == second[0].metadata.id


def test_of_two_snapshots_of_one_second_the_further_one_counts() -> None:
    """An order is often paid within the second in which it was last changed."""
    pending = facts("orders/updated", s.order(financial_status="pending"))
    paid = facts("orders/updated", s.order(financial_status="paid"))
    empty = OrderRecord(brand="aoba", order_id=s.ORDER_ID)
    for order in ((pending, paid), (paid, pending)):
        record = merge(merge(empty, order[0]), order[1])
        assert fold(record).payment.status is PaymentStatus.PAID


def test_names_of_headers_come_with_and_without_x_and_in_any_case() -> None:
    envelope = s.envelope("orders/create", s.order())
    expected = normalize_event(envelope, {"aoba.myshopify.com": "aoba"}.get)
    headers = envelope["detail"]["metadata"]
    for rename in (str.lower, str.upper, lambda name: name.lower().removeprefix("x-")):
        envelope["detail"]["metadata"] = {rename(name): value for name, value in headers.items()}
        assert normalize_event(envelope, {"aoba.myshopify.com": "aoba"}.get) == expected


def test_a_rest_wrapper_is_taken_off() -> None:
    assert facts("orders/create", {"order": s.order()}) == facts("orders/create", s.order())


# --- bare bodies of the API --------------------------------------------------


def bare(body: s.Json) -> list[Fact]:
    return [fact for one in receive_all(body, source="shopify") for fact in normalize(one)]


def test_a_list_of_the_api_is_its_objects() -> None:
    for name, alone in (
        ("orders", s.order()),
        ("fulfillments", s.fulfillment()),
        ("refunds", s.refund()),
        ("fulfillment_events", s.fulfillment_event()),
    ):
        twice = bare({name: [alone, alone]})
        assert twice == bare(alone) * 2
        assert twice
    assert bare({"orders": []}) == []
    level = {"inventory_item_id": 1, "available": 9, "updated_at": "2026-04-10T00:00:00Z"}
    assert bare({"inventory_levels": [level]}) == bare({"inventory_level": level})


@pytest.mark.parametrize(
    ("body", "topic"),
    [
        ({"order_edit": {"id": 1, "order_id": 2}}, "orders/edited"),
        ({"fulfillment_order": {"id": "gid://shopify/FulfillmentOrder/1"}}, "fulfillment_orders/"),
        ({"draft_order": {"admin_graphql_api_id": "gid://shopify/DraftOrder/1"}}, "draft_orders/"),
        ({"admin_graphql_api_id": "gid://shopify/OrderTransaction/1"}, "order_transactions/"),
        ({"admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1"}, "customers/merge"),
    ],
)
def test_a_body_of_no_use_is_refused_with_its_own_reason(body: s.Json, topic: str) -> None:
    with pytest.raises(Rejected) as refusal:
        bare(body)
    assert refusal.value.code == "UNKNOWN_TOPIC"
    assert topic in refusal.value.detail


def test_an_answer_of_graphql_is_read_as_events_bring_it() -> None:
    line = {"id": s.gid("LineItem", s.LINE_1), "quantity": 2}
    order = {
        "id": s.gid("Order", s.ORDER_ID),
        "createdAt": "2026-04-10T03:15:00Z",
        "lineItems": {"nodes": [line]},
    }
    (fact,) = bare({"data": {"order": order}})
    assert isinstance(fact.data, OrderChanged)
    assert fact.data.lines == (Line(line_id=s.LINE_1, quantity=2),)


def test_an_action_is_taken_from_the_body_where_no_header_says_it() -> None:
    changed = {
        "topic": "Order",
        "action": "update",
        "fields_changed": {"added": [], "updated": [], "removed": []},
        "query_variables": {"orderId": s.gid("Order", s.ORDER_ID)},
    }
    (one_,) = receive_all({"headers": {"Shopify-Topic": "Order"}, "body": changed})
    assert one_.topic == "events:Order/update"


def test_what_is_odd_and_optional_costs_the_order_nothing() -> None:
    odd = placed(
        shipping_address="",
        customer=[],
        payment_terms="",
        confirmed="",
        note_attributes={"配送希望日": "2026-04-20"},
        line_items=[s.line(price="12.5", properties={"gift": "yes"}, requires_shipping="")],
    )
    assert odd.ship_to is None
    assert odd.wished_date == date(2026, 4, 20)
    assert odd.gift is True
    assert (odd.lines[0].unit_price, odd.lines[0].requires_shipping) == (None, True)


def test_what_is_inside_an_order_is_told_at_the_order_s_time_where_it_has_none() -> None:
    inside = s.refund(created_at=None, processed_at=None)
    found = bare(s.order(refunds=[inside]))
    assert {fact.metadata.occurred_at for fact in found} == {
        datetime(2026, 4, 10, 3, 15, 1, tzinfo=UTC)
    }


def test_a_country_may_stand_as_a_code_beside_its_field() -> None:
    home = {"country": "JP", "phone": "090-1234-5678", "name": "山田 花子"}
    ship_to = placed(shipping_address=home).ship_to
    assert ship_to is not None
    assert (ship_to.country, ship_to.phone) == ("JP", "+819012345678")
