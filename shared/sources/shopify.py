"""Shopify: orders, fulfilments, carrier events, refunds, returns, customers, stock and privacy.

Documentation: shopify.dev/docs/api/webhooks, and for Events
shopify.dev/docs/apps/build/events/delivery-structure.

- Events: by webhook the topic, shop and ids are in the headers X-Shopify-*. Over EventBridge an
  envelope has ``detail-type`` "shopifyWebhook" and ``detail`` ``{payload, metadata}``; metadata
  holds these headers, in any case, with and without ``x-``. Shopify Events (preview): headers
  without ``x-``, topic and action apart, and a payload ``{topic, action, handle, data, errors,
  fields_changed, query_variables}``, whose ``data`` holds what the subscription's own query asked
  for. Topics here: ``events:order/create`` and the like.
- Signature: ``X-Shopify-Hmac-SHA256``, base64 HMAC-SHA256 of the raw body with the app's client
  secret. A partner event source has none: the raw bytes are gone, the bus itself is the proof.
- Retry: 8 times in 4 hours with the original payload.
- Order: not guaranteed; ``updated_at``, ``happened_at`` and the like decide.
- Duplicates: X-Shopify-Event-Id is one merchant's action, the same for all topics that it sets
  off, so a repetition is told by X-Shopify-Webhook-Id.
- What is fetched: an order or customer that is not in the ``data`` of Events, or not whole; where
  Shopify denied the query the refusal names the access scope. It is fetched by the REST Admin API:
  in a legacy state since October 2024, but open to a shop's own apps, and its answer has every
  field of the webhook in the webhook's words.

Readings that are ours
- Ids come from ``admin_graphql_api_id`` as text. The numbers beside them pass 2^53, and whoever
  handled the JSON as floats has rounded them.
- Amounts are those of the shop's currency (``currency``, ``total_price``), not the presentment
  currency; a refund's are in the currency that its transactions name.
- ``financial_status`` is the payment, ``confirmed: true`` means stock is reserved ("whether
  inventory has been reserved for the order"); false says nothing.
- A fulfilment's ``success`` is a dispatch, not a delivery; ``pending`` and ``open`` are a parcel
  that is announced (LABEL_CREATED with a tracking number, else PENDING); ``cancelled``, ``error``
  and ``failure`` are no parcel any more. A fulfilment of goods that nobody ships is none.
- Consent: a yes at the checkout (``buyer_accepts_marketing``, "subscribed") and "unsubscribed"
  are words of the buyer. "not_subscribed" and false are not: nobody was asked, or did not tick.
- ``email`` may be "": then ``contact_email``, then the customer's. An address or phone number
  that is none is left out, the order stays.
- A refund of goods without restocking leaves the goods with the customer ("no_restock"), unless
  it belongs to a return.
- ``processed_at`` more than a day before ``created_at`` marks an import: placed then, historical.
- Order webhooks do not tell selling plans. An order is of a subscription by ``source_name``, by
  a tag (subscription, 定期) or a ``selling_plan_allocation``; it is of none by a tag (one-time,
  都度購入) or where every line says ``selling_plan_allocation: null``. Else it is not known.
- A wished day or time slot comes from free attributes (配送希望日, Delivery-Date); one that is
  impossible, past, or can be read in two ways is left out, the order stays.
- Customers: payloads since 2025-01 say no consent; consent topics do. Older ones say it with its
  own time. A privacy request is at the time of its delivery: it has none of its own.
- ``returns/update`` names return lines that Yoin never saw, so it says that a return goes on (or
  ended), and no goods: those of returns/request and returns/approve stay.
- A return that ends without naming its order is found by the return. A delta that names no
  order tells nothing that Yoin keeps.
- Stock below 0 (oversold) is stock that is told; null is not tracked there.
- A line's quantity is the ordered one, less what an edit removed before it was shipped. Edits
  are told by quantity - fulfillable - fulfilled - refunded, never by current_quantity alone,
  which returns reduce as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from shared.contracts import orders, shopify_graphql, values, words
from shared.contracts.attributes import is_gift_word, read_wishes
from shared.contracts.fetching import Api, Fetch, segment
from shared.contracts.reading import EXACT, Node, load
from shared.contracts.signatures import BodyHmac, Either
from shared.contracts.tracking import left_at
from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    ConsentSeen,
    CustomerChanged,
    Data,
    DeliveryPromised,
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
    PrivacyKind,
    PrivacyRequested,
    PromiseSource,
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
from shared.domain.shipments import Actor, ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import (
    Delivery,
    Opened,
    Source,
    from_partner,
    lower_headers,
    make_fact,
    split_list,
)

NAME = "shopify"
DETAIL_TYPE = "shopifyWebhook"
PARTNER = "aws.partner/shopify.com/"

API_VERSION = "2026-04"
IMPORT_AFTER = timedelta(days=1)

PAYMENT = {
    "pending": PaymentStatus.PENDING,
    "authorized": PaymentStatus.AUTHORIZED,
    "partially_paid": PaymentStatus.PARTIALLY_PAID,
    "paid": PaymentStatus.PAID,
    "partially_refunded": PaymentStatus.PARTIALLY_REFUNDED,
    "refunded": PaymentStatus.REFUNDED,
    "voided": PaymentStatus.VOIDED,
    "expired": PaymentStatus.EXPIRED,
}

# FulfillmentEventStatus and Fulfillment.shipment_status, in small letters.
TRACKING = {
    "label_purchased": Status.LABEL_CREATED,
    "label_printed": Status.LABEL_CREATED,
    "confirmed": Status.LABEL_CREATED,
    "carrier_picked_up": Status.ACCEPTED,
    "in_transit": Status.IN_TRANSIT,
    "delayed": Status.IN_TRANSIT,
    "out_for_delivery": Status.OUT_FOR_DELIVERY,
    "attempted_delivery": Status.DELIVERY_ATTEMPTED,
    "buyer_action_required": Status.EXCEPTION,
    "ready_for_pickup": Status.AVAILABLE_FOR_PICKUP,
    "ready_for_recipient_pickup": Status.AVAILABLE_FOR_PICKUP,
    "delivered": Status.DELIVERED,
    "picked_up": Status.DELIVERED,
    "failure": Status.EXCEPTION,
    "returning_to_sender": Status.RETURNING,
}
# Whose turn it is, where the status alone does not say so (the house reading, tracking.py).
TURNS = {"delayed": Actor.CARRIER, "buyer_action_required": Actor.RECIPIENT}

# Fulfillment.status: no parcel any more, and none yet.
_NO_PARCEL = frozenset({"cancelled", "error", "failure"})
_ANNOUNCED = frozenset({"pending", "open"})

_GID = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9]{1,20})(\?.*)?", re.ASCII)
_ITEM_IN_GID = re.compile(r"[?&]inventory_item_id=([0-9]{1,20})(?:&|$)", re.ASCII)
_CHANNELS = (
    (Channel.EMAIL, "email_marketing_consent"),
    (Channel.SMS, "sms_marketing_consent"),
)
_CONSENT = {"subscribed": True, "unsubscribed": False}
# CustomerMarketingOptInLevel; "unknown" is none.
_OPT_IN_LEVELS = {"confirmed_opt_in": True, "single_opt_in": False}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])", re.ASCII)
_SCOPE = re.compile(r"\b(?:read|write)_[a-z_]{1,60}\b", re.ASCII)

# Of a bare body: its kind by its global id, and the topic that tells as much.
_KINDS = {
    "Order": "orders/updated",
    "Fulfillment": "fulfillments/update",
    "FulfillmentEvent": "fulfillment_events/create",
    "Refund": "refunds/create",
    "Return": "returns/update",
    "Customer": "customers/update",
    "InventoryLevel": "inventory_levels/update",
}
_RETURN_TOPICS = {
    "requested": "returns/request",
    "declined": "returns/decline",
    "canceled": "returns/cancel",
    "closed": "returns/close",
}
_SHAPES = (
    ("data_request", "customers/data_request"),
    ("orders_requested", "customers/data_request"),
    ("orders_to_redact", "customers/redact"),
    ("refund_line_items", "refunds/create"),
    ("happened_at", "fulfillment_events/create"),
    ("inventory_item_id", "inventory_levels/update"),
    ("financial_status", "orders/updated"),
    ("tracking_numbers", "fulfillments/update"),
    ("email_address", "customers_email_marketing_consent/update"),
)
_WRAPPERS = {
    "order": "Order",
    "fulfillment": "Fulfillment",
    "fulfillment_event": "FulfillmentEvent",
    "refund": "Refund",
    "return": "Return",
    "customer": "Customer",
    "inventory_level": "InventoryLevel",
}
_LISTS = {f"{wrapper}s": wrapper for wrapper in _WRAPPERS}
# Bodies of topics that Yoin has no use for, which say so only by how they are wrapped.
_OTHERS = {
    "order_edit": "orders/edited",
    "fulfillment_order": "fulfillment_orders/update",
    "original_fulfillment_order": "fulfillment_orders/update",
    "admin_graphql_api_customer_kept_id": "customers/merge",
}

# Of Shopify Events: kind -> the webhook's topics for create and update, the scope that the
# query needs, the path of the REST Admin API.
_EVENTS = {
    "order": ({"create": "orders/create", "update": "orders/updated"}, "read_orders", "orders"),
    "customer": (
        {"create": "customers/create", "update": "customers/update"},
        "read_customers",
        "customers",
    ),
}

# What ends a return: its status, or the topic.
_ENDED = {
    "declined": ReturnStatus.DECLINED,
    "canceled": ReturnStatus.CANCELLED,
    "cancelled": ReturnStatus.CANCELLED,
    "closed": ReturnStatus.CLOSED,
}
_ENDS = {
    "returns/decline": ReturnStatus.DECLINED,
    "returns/cancel": ReturnStatus.CANCELLED,
    "returns/close": ReturnStatus.CLOSED,
}
# What is asked for, and the field that lists its orders.
_PRIVACY = {
    "customers/data_request": (PrivacyKind.ACCESS, "orders_requested"),
    "customers/redact": (PrivacyKind.ERASURE, "orders_to_redact"),
    "shop/redact": (PrivacyKind.SHOP_ERASURE, ""),
}


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether these are headers of a Shopify webhook."""
    return any(name.startswith(("x-shopify-", "shopify-")) for name in headers)


def matches(envelope: Mapping[str, Any]) -> bool:
    """Shopify's detail-type, or a partner event source of Shopify."""
    return envelope.get("detail-type") == DETAIL_TYPE or from_partner(envelope, PARTNER)


def open_envelope(envelope: Mapping[str, Any]) -> Opened:
    """The payload and its metadata. Raises Rejected("MALFORMED")."""
    detail = envelope["detail"]
    payload, metadata = detail.get("payload"), detail.get("metadata")
    if isinstance(payload, str):
        payload = load(payload)
    if not isinstance(payload, Mapping) or not isinstance(metadata, Mapping):
        raise Rejected("MALFORMED", "detail has not the objects payload and metadata")
    headers = lower_headers(metadata)
    return Opened(headers=headers, body=payload, topic=topic_of(headers, payload))


def _header(headers: Mapping[str, str], name: str) -> str | None:
    """The header X-Shopify-<name>, with or without its x-."""
    return headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}") or None


def topic_of(headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The topic; one of the preview of Shopify Events is "events:<topic>/<action>".

    A body that came without any headers is told by its shape.
    """
    topic, action = _header(headers, "topic"), _header(headers, "action")
    if not topic and "fields_changed" in body:
        said = (body.get("topic"), body.get("action"))
        topic, action = (text if isinstance(text, str) else None for text in said)
    beside = body.get("action")
    if topic and not action and "/" not in topic and isinstance(beside, str):
        action = beside
    if topic and action and "/" not in topic:
        return f"events:{topic}/{action}"
    if topic:
        return topic.lower()
    return None if headers else _topic_by_shape(body)


def _topic_by_shape(body: Mapping[str, Any]) -> str | None:
    for key, topic in _OTHERS.items():
        if key in body:
            return topic
    asked = body.get("data")
    if isinstance(asked, Mapping):
        # An answer of the GraphQL Admin API: what the query of an Events subscription brings.
        kinds = (kind for kind in _EVENTS if isinstance(asked.get(kind), Mapping))
        if answered := next(kinds, None):
            return f"events:{answered}/update"
    wrapped, body = _inside(body)
    if set(body) == {"shop_id", "shop_domain"}:
        return "shop/redact"
    gid = body.get("admin_graphql_api_id")
    found = _GID.fullmatch(gid) if isinstance(gid, str) else None
    kind = found[1] if found else wrapped or ""
    if kind == "Return":
        return _RETURN_TOPICS.get(str(body.get("status")).lower(), _KINDS[kind])
    if kind:
        # Of anything else the name leads to the reason why Yoin has no use for it.
        return _KINDS.get(kind) or f"{_HUMP.sub('_', kind).lower()}s/update"
    return next((topic for key, topic in _SHAPES if key in body), None)


def _inside(body: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    """The object in a wrapper of the REST API ({"order": {...}}), and its kind; else the body."""
    if len(body) == 1:
        ((wrapper, inner),) = body.items()
        if isinstance(inner, Mapping) and (wrapper in _WRAPPERS or "admin_graphql_api_id" in inner):
            return _WRAPPERS.get(wrapper), inner
    return None, body


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Every object of a list as the REST API gives it ({"orders": [...]})."""
    if isinstance(body, Mapping) and len(body) == 1:
        ((name, listed),) = body.items()
        if name in _LISTS and isinstance(listed, list | tuple):
            return tuple({_LISTS[name]: node.value} for node in Node(body).nodes(name))
    return split_list(body)


def event_id(headers: Mapping[str, str], _body: Mapping[str, Any]) -> str | None:
    """The id of one delivery, the same in every repetition of it."""
    return _header(headers, "webhook-id")


# --- what is fetched ---------------------------------------------------------


def _event_parts(delivery: Delivery) -> tuple[str, str]:
    kind, _, action = delivery.topic.removeprefix("events:").partition("/")
    return kind, action


def _queried(delivery: Delivery, kind: str) -> Mapping[str, Any] | None:
    """The object that the subscription's query brought, if it says what is needed."""
    data = Node(delivery.body).node("data")
    found = data.node(kind) if data else None
    if found is None or _gid(found.value.get("id"), kind.capitalize()) is None:
        return None
    if kind == "order":
        dated = found.has("createdAt") or found.has("processedAt")
        if not dated or not shopify_graphql.is_whole(found.value, "lineItems"):
            return None
    return found.value


def _denied(delivery: Delivery, scope: str) -> tuple[str, ...]:
    """The access scopes for want of which Shopify did not answer the query; () if it did."""
    errors = delivery.body.get("errors")
    told = [one for one in errors if isinstance(one, Mapping)] if isinstance(errors, list) else []
    denied = [
        one
        for one in told
        if isinstance(one.get("extensions"), Mapping)
        and one["extensions"].get("code") == "ACCESS_DENIED"
    ]
    texts = (f"{one.get('message')} {one['extensions'].get('requiredAccess')}" for one in denied)
    named = dict.fromkeys(found for text in texts for found in _SCOPE.findall(text))
    return tuple(named) or ((scope,) if denied else ())


def _refuse_denied(delivery: Delivery, kind: str, scope: str) -> None:
    if scopes := _denied(delivery, scope):
        raise Rejected(
            "INCOMPLETE",
            f"data.{kind} is missing: Shopify denied the query of this subscription, the app needs "
            f"the access scope {' and '.join(scopes[:3])}",
        )


def missing(delivery: Delivery) -> Fetch | None:
    """The order or customer that a delivery of Events names but does not bring. Raises Rejected."""
    if not delivery.topic.startswith("events:"):
        return None
    kind, action = _event_parts(delivery)
    topics, scope, path = _EVENTS[kind]
    if _queried(delivery, kind) is not None:
        return None
    _refuse_denied(delivery, kind, scope)
    number = segment(_event_subject(delivery, kind))
    if number is None:
        raise Node(delivery.body).impossible(f"query_variables.{kind}Id", "an id")
    return Fetch(
        path=f"/admin/api/{API_VERSION}/{path}/{number}.json",
        topic=topics[action],
        wrap="fetched",
        extra={"test": _Event.of(delivery).test},
    )


def _event_subject(delivery: Delivery, kind: str) -> str:
    """The id of the order or customer that changed."""
    body = Node(delivery.body)
    variables = body.node("query_variables")
    data = body.node("data")
    inside = data.node(kind) if data else None
    texts: Iterable[Any] = (
        inside.value.get("id") if inside else None,
        variables.value.get(f"{kind}Id") if variables else None,
        variables.value.get(f"{kind}_id") if variables else None,
        _header(delivery.headers, f"{kind}-id"),
    )
    found = next((number for text in texts if (number := _gid(text, kind.capitalize()))), None)
    if found is None:
        raise body.missing(f"query_variables.{kind}Id")
    return found


def _as_webhook(delivery: Delivery) -> tuple[Delivery, tuple[str, ...]]:
    """A delivery of Events as the webhook of the same topic, with what has to be noted."""
    kind, action = _event_parts(delivery)
    topics, scope, _ = _EVENTS[kind]
    found = _queried(delivery, kind)
    if found is None:
        _refuse_denied(delivery, kind, scope)
        raise Rejected("INCOMPLETE", f"data.{kind} does not say enough: it has to be fetched")
    translate = shopify_graphql.order if kind == "order" else shopify_graphql.customer
    notes = ("Shopify denied access to a part of what was asked for: it is missing here.",)
    body = translate(found)
    return (
        replace(delivery, topic=topics[action], body=body),
        notes if _denied(delivery, scope) else (),
    )


# --- normalizing -------------------------------------------------------------


def _gid(text: Any, kind: str) -> str | None:
    """The id in a global id of ``kind``; None for what is none."""
    found = _GID.fullmatch(text) if isinstance(text, str) else None
    return found[2] if found and found[1] == kind else None


def _own_id(node: Node, kind: str, key: str = "id") -> str | None:
    """The id of an object: from its global id, else the number beside it."""
    gid = node.value.get("admin_graphql_api_id")
    if isinstance(gid, str) and (other := _GID.fullmatch(gid)) and other[1] != kind:
        raise Rejected("MALFORMED", f"{node.at('admin_graphql_api_id')} is of a {other[1]}")
    value = node.value.get(key)
    return _gid(gid, kind) or _gid(value, kind) or node.identifier(key)


def _required_id(node: Node, kind: str, key: str = "id") -> str:
    found = _own_id(node, kind, key)
    if found is None:
        raise node.missing(key)
    return found


@dataclass(frozen=True)
class _Event:
    """A delivery with what all its facts have in common."""

    delivery: Delivery
    body: Node
    brand: str | None
    dedupe_id: str | None
    test: bool
    triggered_at: datetime | None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, delivery: Delivery) -> _Event:
        headers = delivery.headers
        body = Node(delivery.body)
        triggered = _header(headers, "triggered-at")
        shop = _header(headers, "shop-domain")
        if shop is None and "shop_domain" in body.value:
            shop = body.text("shop_domain")
        return cls(
            delivery=delivery,
            body=body,
            brand=delivery.brands.find(shop=shop.lower() if shop else None),
            # The event id is the same over retries and subscriptions, the webhook id over retries.
            dedupe_id=_header(headers, "event-id") or _header(headers, "webhook-id"),
            test=(_header(headers, "test") or "").lower() == "true" or body.flag("test") is True,
            triggered_at=values.instant(triggered) if triggered else None,
        )

    def when(self, *said: datetime | None) -> datetime:
        """The first time that the payload says, else when Shopify sent it, else its arrival."""
        found = next((at for at in said if at is not None), None)
        found = found or self.triggered_at or self.delivery.time
        if found is None:
            raise Rejected(
                "INCOMPLETE",
                f"{self.delivery.topic} says no time, and no X-Shopify-Triggered-At came with it",
            )
        return found

    def fact(
        self, data: Data, occurred_at: datetime, *, rank: int = 0, historical: bool = False
    ) -> Fact:
        """A fact of this event."""
        return make_fact(
            self.delivery,
            data,
            occurred_at,
            brand=self.brand,
            rank=rank,
            dedupe_id=self.dedupe_id,
            test=self.test,
            historical=historical,
            notes=self.notes,
        )

    def order_id(self, node: Node) -> str:
        """The order that an object names. Raises Rejected("INCOMPLETE")."""
        found = self.named_order(node)
        if found is None:
            where = node.at("order_id")
            raise Rejected(
                "INCOMPLETE", f"{where} is missing, and no X-Shopify-Order-Id came with it"
            )
        return found

    def named_order(self, node: Node) -> str | None:
        """The order that an object names, or the metadata where they keep it exact."""
        inside = node.node("order")
        found = (_own_id(inside, "Order") if inside else None) or node.identifier("order_id")
        beside = _header(self.delivery.headers, "order-id")
        beside = (_gid(beside, "Order") or beside) if beside else None
        if beside and re.fullmatch(r"[0-9]{1,20}", beside, re.ASCII):
            rounded = found and int(found) > EXACT and float(found) == float(beside)
            found = beside if found is None or rounded else found
        return found


def _unwrapped(delivery: Delivery) -> Delivery:
    """Without the wrapper of the REST API ({"order": {...}}), and of what was fetched."""
    body, test = delivery.body, False
    fetched = body.get("fetched")
    if isinstance(fetched, Mapping):
        body, test = fetched, body.get("test") is True
    _, body = _inside(body)
    return replace(delivery, body={**body, "test": True} if test else body)


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in a delivery with one of TOPICS. Raises Rejected."""
    notes: tuple[str, ...] = ()
    if delivery.topic.startswith("events:"):
        delivery, notes = _as_webhook(delivery)
    event = replace(_Event.of(_unwrapped(delivery)), notes=notes)
    if delivery.topic in _PRIVACY:
        return tuple(_privacy(event))
    resource = delivery.topic.partition("/")[0]
    reader = {
        "orders": _order,
        "fulfillments": _fulfillment,
        "fulfillment_events": _fulfillment_event,
        "refunds": _refund,
        "returns": _return,
        "customers": _customer,
        "inventory_levels": _inventory,
    }.get(resource, _consent)
    return tuple(reader(event))


# --- orders ------------------------------------------------------------------


def _order(event: _Event) -> Iterator[Fact]:
    body, topic = event.body, event.delivery.topic
    order_id = _required_id(body, "Order")
    created, processed = body.instant("created_at"), body.instant("processed_at")
    updated = body.instant("updated_at")
    if created is None and processed is None:
        raise body.missing("created_at")
    placed_at = created or processed
    imported = bool(created and processed and created - processed > IMPORT_AFTER)
    if imported:
        placed_at = processed
    cancelled = body.instant("cancelled_at")
    said = _snapshot(body, order_id, placed_at or event.when())
    if "cancelled_at" in body.value or topic == "orders/cancelled":
        said["cancelled"] = cancelled is not None or topic == "orders/cancelled"
    rank = _rank(body)
    if topic == "orders/create":
        said["consents"] = _consents(body, grants=True)
        snapshot = orders.snapshot(OrderPlaced, said)
        at = event.when(created, processed)
    else:
        # What was ticked at the checkout is no news when the order changes; a refusal always is.
        said["consents"] = _consents(body, grants=False)
        snapshot = orders.snapshot(OrderChanged, said)
        at = event.when(updated, event.triggered_at, created)
    yield event.fact(snapshot, at, rank=rank, historical=imported)
    if topic == "orders/paid":
        status = said["payment_status"] or PaymentStatus.PAID
        paid = PaymentUpdated(
            order_id=order_id, status=status, method=said["payment_method"], amount=said["total"]
        )
        yield event.fact(paid, event.when(updated, processed))
    if cancelled is None and topic == "orders/cancelled":
        cancelled = event.when(updated)
    if cancelled is not None:
        reason = body.text("cancel_reason")
        yield event.fact(OrderCancelled(order_id=order_id, reason=reason), cancelled)
    for fulfillment in body.nodes("fulfillments"):
        yield from _fulfillment_facts(event, fulfillment, order_id, at)
    for refund in body.nodes("refunds"):
        yield _refund_fact(event, refund, order_id, at)


def _snapshot(body: Node, order_id: str, placed_at: datetime) -> dict[str, Any]:
    currency = body.currency("currency")
    customer = body.node("customer")
    shipping, billing = body.node("shipping_address"), body.node("billing_address")
    wishes = read_wishes(_attributes(body), _local_date(body, placed_at))
    tags = _tags(body)
    terms = body.node("payment_terms")
    return {
        "order_id": order_id,
        "placed_at": placed_at,
        "number": body.text("name") or body.text("order_number"),
        "buyer": _buyer(body, customer, billing, shipping),
        "ship_to": _address(shipping),
        "lines": _lines(body, currency),
        "currency": currency,
        "total": _amount(body, "total_price", "total_price_set", currency),
        "subtotal": _amount(body, "subtotal_price", "subtotal_price_set", currency),
        "shipping_fee": _amount(body, "", "total_shipping_price_set", currency),
        "payment_method": _payment_method(body, terms),
        "payment_status": PAYMENT.get((body.text("financial_status") or "").lower()),
        "payment_due_at": _due_at(terms),
        "stock": StockStatus.RESERVED if body.flag("confirmed") else None,
        "wished_date": wishes.day,
        "wished_slot": wishes.slot,
        "gift": True if any(is_gift_word(tag) for tag in tags) else wishes.gift,
        "subscription": _subscription(body, tags),
        "status_url": _link(body, "order_status_url"),
        "tags": tags,
    }


def _rank(body: Node) -> int:
    """How far along a snapshot is: Shopify's times have whole seconds, an order is often paid
    and changed within the one in which it was placed."""
    status = (body.text("financial_status") or "").lower()
    payment = list(PAYMENT).index(status) + 1 if status in PAYMENT else 0
    parts = len(body.nodes("fulfillments")) + len(body.nodes("refunds"))
    return (90 if body.has("cancelled_at") else payment * 10) + min(parts, 9)


def _lines(body: Node, currency: str | None) -> tuple[Line, ...]:
    if not body.has("line_items"):
        raise body.missing("line_items")
    fulfilled = _fulfilled(body)
    gone = _refunded_before_shipping(body)
    return tuple(
        _line(item, currency, fulfilled, gone, settled=body.has("cancelled_at"))
        for item in body.nodes("line_items")
    )


def _line(
    item: Node,
    currency: str | None,
    fulfilled: Mapping[str, int] | None,
    gone: Mapping[str, int],
    *,
    settled: bool,
) -> Line:
    line_id = _required_id(item, "LineItem")
    quantity = item.required_quantity("quantity")
    current, fulfillable = item.quantity("current_quantity"), item.quantity("fulfillable_quantity")
    if fulfilled is not None and not settled and current is not None and fulfillable is not None:
        unaccounted = quantity - fulfillable - fulfilled.get(line_id, 0) - gone.get(line_id, 0)
        quantity -= max(0, min(quantity - current, unaccounted))
    variant = item.text("variant_title")
    ships = item.flag("requires_shipping")
    return Line(
        line_id=line_id,
        quantity=quantity,
        sku=item.text("sku"),
        product_id=item.identifier("product_id"),
        title=item.text("title") or item.text("name"),
        variant=None if variant == "Default Title" else variant,
        unit_price=item.exact_money("price", currency),
        requires_shipping=True if ships is None else ships,
    )


def _fulfilled(body: Node) -> dict[str, int] | None:
    """Units per line in fulfilments that went out; None where the payload has no fulfilments."""
    if body.value.get("fulfillments") is None:
        return None
    units: dict[str, int] = {}
    for fulfillment in body.nodes("fulfillments"):
        if (fulfillment.text("status") or "").lower() not in _NO_PARCEL:
            for part in _shipped_lines(fulfillment):
                units[part.line_id] = units.get(part.line_id, 0) + part.quantity
    return units


def _refunded_before_shipping(body: Node) -> dict[str, int]:
    """Units per line that a refund took out of what can be shipped."""
    units: dict[str, int] = {}
    for refund in body.nodes("refunds"):
        for item in refund.nodes("refund_line_items"):
            if (item.text("restock_type") or "") in {"cancel", "legacy_restock"}:
                line_id, count = _refunded_line_id(item), item.quantity("quantity") or 0
                units[line_id] = units.get(line_id, 0) + count
    return units


def _amount(body: Node, key: str, set_key: str, currency: str | None) -> Money | None:
    found = body.money(key, currency) if key else None
    pair = body.node(set_key)
    shop = pair.node("shop_money") if pair else None
    if found is None and shop and shop.text("currency_code") == currency:
        found = shop.money("amount", currency)
    if found is not None and found.amount < 0:
        raise body.impossible(key or set_key, "an amount of at least 0")
    return found


def _buyer(body: Node, customer: Node | None, billing: Node | None, shipping: Node | None) -> Party:
    default = customer.node("default_address") if customer else None
    homes = [node for node in (billing, shipping, default) if node is not None]
    emails = [body.text("email"), body.text("contact_email")]
    phones = [body.text("phone")]
    if customer is not None:
        emails.append(customer.text("email"))
        phones.append(customer.text("phone"))
    # Who pays is the buyer; the address of the parcel may be somebody else's.
    person = next((node for node in (customer, billing) if node and _name(node)), None)
    return orders.party(
        customer_id=_own_id(customer, "Customer") if customer else None,
        name=_name(person) if person else None,
        emails=emails,
        phones=phones,
        phone_region=next(filter(None, map(_country, homes)), None),
        locale=body.text("customer_locale"),
    )


def _name(node: Node) -> str | None:
    return words.full_name(node.text("first_name"), node.text("last_name"), node.text("name"))


def _country(home: Node) -> str | None:
    return values.country(home.text("country_code") or home.text("country"))


def _address(node: Node | None) -> Address | None:
    if node is None:
        return None
    return orders.address(
        name=_name(node),
        country=_country(node),
        postal_code=node.text("zip"),
        region=node.text("province"),
        city=node.text("city"),
        line1=node.text("address1"),
        line2=node.text("address2"),
        phones=(node.text("phone"),),
    )


def _attributes(body: Node) -> list[tuple[str, str]]:
    """What the buyer wrote into the cart's and the lines' free attributes."""
    lists = [body.value.get("note_attributes")]
    lists += [item.value.get("properties") for item in body.nodes("line_items")]
    found: list[tuple[Any, Any]] = []
    for listed in lists:
        if isinstance(listed, Mapping):  # as carts and many apps write them
            found += listed.items()
        elif isinstance(listed, list | tuple):
            pairs = (one for one in listed if isinstance(one, Mapping))
            found += ((one.get("name") or one.get("key"), one.get("value")) for one in pairs)
    return [
        (name, str(value))
        for name, value in found
        if isinstance(name, str) and isinstance(value, str | bool | int)
    ]


def _local_date(body: Node, placed_at: datetime) -> date:
    """The date of the order at the shop: its times carry the offset of the shop's zone."""
    raw = body.value.get("created_at")
    written = values.instant_as_written(raw) if isinstance(raw, str) else None
    offset = written.utcoffset() if written else None
    return (placed_at + (offset or timedelta(0))).date()


def _tags(body: Node) -> tuple[str, ...]:
    if isinstance(body.value.get("tags"), list | tuple):
        return body.texts("tags")
    tags = (tag.strip() for tag in (body.text("tags") or "").split(","))
    return tuple(tag for tag in tags if tag)


def _subscription(body: Node, tags: tuple[str, ...]) -> bool | None:
    """Whether the order comes from a subscription; None where nothing says yes or no."""
    items = body.nodes("line_items")
    plan = "selling_plan_allocation"
    if (
        (body.text("source_name") or "").startswith("subscription_contract")
        or any(item.has(plan) for item in items)
        or any(words.is_subscription_tag(tag) for tag in tags)
    ):
        return True
    every_line_without = bool(items) and all(plan in item.value for item in items)
    return False if every_line_without or any(map(words.is_one_time_tag, tags)) else None


def _payment_method(body: Node, terms: Node | None) -> PaymentMethod | None:
    names = [*body.texts("payment_gateway_names"), body.text("gateway") or ""]
    method = words.payment_method(names)
    kind = (terms.text("payment_terms_type") or "").lower() if terms else ""
    agreed_later = kind in {"net", "fixed", "fulfillment"}
    if agreed_later and method in {None, PaymentMethod.OTHER}:
        return PaymentMethod.DEFERRED
    return method


def _due_at(terms: Node | None) -> datetime | None:
    if terms is None:
        return None
    open_ones = [s for s in terms.nodes("payment_schedules") if not s.has("completed_at")]
    due = (schedule.instant("due_at") for schedule in open_ones)
    return min((at for at in due if at is not None), default=None)


def _consents(body: Node, *, grants: bool) -> tuple[ConsentSeen, ...]:
    """The buyer's words about marketing. A refusal goes before a grant on the same channel."""
    customer = body.node("customer")
    said: dict[Channel, bool] = {}
    if grants and body.flag("buyer_accepts_marketing"):
        said[Channel.EMAIL] = True
    for channel, key in _CHANNELS:
        consent = customer.node(key) if customer else None
        granted = _CONSENT.get((consent.text("state") or "").lower()) if consent else None
        if granted is False or (granted and grants):
            said[channel] = granted
    confirmed = {
        channel: _confirmed(customer.node(key) if customer else None) for channel, key in _CHANNELS
    }
    return tuple(
        ConsentSeen(channel=channel, granted=word, confirmed=confirmed[channel] if word else None)
        for channel, word in said.items()
    )


def _confirmed(consent: Node | None) -> bool | None:
    """Whether the person proved to own the address (double opt-in); None where nobody says."""
    level = consent.text("opt_in_level") if consent else None
    return _OPT_IN_LEVELS.get((level or "").lower())


def _link(node: Node, key: str) -> str | None:
    return values.web_address(node.text(key))


# --- fulfilments -------------------------------------------------------------


def _fulfillment(event: _Event) -> Iterator[Fact]:
    yield from _fulfillment_facts(event, event.body, event.order_id(event.body))


def _fulfillment_facts(
    event: _Event, node: Node, order_id: str, otherwise: datetime | None = None
) -> Iterator[Fact]:
    shipment_id = _required_id(node, "Fulfillment")
    created = node.instant("created_at")
    at = event.when(node.instant("updated_at"), created, otherwise)
    numbers = _tracking_numbers(node)
    parcel: dict[str, Any] = {
        "order_id": order_id,
        "shipment_id": shipment_id,
        "lines": _shipped_lines(node),
        "carrier": node.text("tracking_company"),
        "tracking_number": numbers[0] if numbers else None,
    }
    if not numbers and not parcel["carrier"] and _nothing_to_ship(node):
        return
    status = (node.text("status") or "").lower()
    word = (node.text("shipment_status") or "").lower()
    if status in _NO_PARCEL:
        gone = ShipmentUpdated(**parcel, status=Status.CANCELLED, raw_status=status)
        yield event.fact(gone, at)
        return
    if status == "success":
        sent = ShipmentDispatched(
            **parcel,
            other_tracking_numbers=numbers[1:],
            tracking_url=_tracking_url(node),
            dispatched_at=created,
        )
        # Numbers are often added within the second in which the fulfilment was made.
        yield event.fact(sent, at, rank=len(numbers))
    elif status not in _ANNOUNCED:
        unknown = ShipmentUpdated(**parcel, status=Status.UNKNOWN, raw_status=status or None)
        yield event.fact(unknown, at)
    elif TRACKING.get(word) is not Status.LABEL_CREATED:
        so_far = Status.LABEL_CREATED if numbers else Status.PENDING
        yield event.fact(ShipmentUpdated(**parcel, status=so_far, raw_status=status), at)
    if word:
        scan = ShipmentUpdated(
            **parcel,
            status=TRACKING.get(word, Status.UNKNOWN),
            raw_status=word,
            acts=TURNS.get(word),
        )
        yield event.fact(scan, at)
    yield from _promise(event, node, order_id, shipment_id, at)


def _promise(
    event: _Event, node: Node, order_id: str, shipment_id: str, at: datetime
) -> Iterator[Fact]:
    """The carrier's estimate: the date as written, in the offset that it is written with."""
    if node.instant("estimated_delivery_at") is None:
        return
    written = values.instant_as_written(str(node.value["estimated_delivery_at"]))
    if written is None:
        return
    promised = DeliveryPromised(
        order_id=order_id,
        shipment_id=shipment_id,
        latest=written.date(),
        promised_by=PromiseSource.CARRIER,
    )
    yield event.fact(promised, at)


def _shipped_lines(node: Node) -> tuple[ShippedLine, ...]:
    """What is inside a fulfilment. A line that is named twice is one."""
    units: dict[tuple[str, str | None], int] = {}
    for item in node.nodes("line_items"):
        key = (_required_id(item, "LineItem"), item.text("sku"))
        units[key] = units.get(key, 0) + (item.quantity("quantity") or 0)
    return tuple(
        ShippedLine(line_id=line_id, quantity=count, sku=sku)
        for (line_id, sku), count in units.items()
        if count
    )


def _nothing_to_ship(node: Node) -> bool:
    items = node.nodes("line_items")
    return bool(items) and all(item.flag("requires_shipping") is False for item in items)


def _tracking_numbers(node: Node) -> tuple[str, ...]:
    listed = node.value.get("tracking_numbers")
    typed = [node.value.get("tracking_number"), *(listed if isinstance(listed, list) else [])]
    return words.tracking_numbers(str(one) for one in typed if isinstance(one, str | int))


def _tracking_url(node: Node) -> str | None:
    urls = (node.text("tracking_url"), *node.texts("tracking_urls"))
    return next(filter(None, map(values.web_address, urls)), None)


def _fulfillment_event(event: _Event) -> Iterator[Fact]:
    body = event.body
    order_id = event.order_id(body)
    shipment_id = body.required_identifier("fulfillment_id")
    word = (body.text("status") or "").lower()
    if not word:
        raise body.missing("status")
    at = event.when(body.instant("happened_at"), body.instant("created_at"))
    status = TRACKING.get(word, Status.UNKNOWN)
    message = body.text("message")
    places = [body.text(key) for key in ("city", "province", "country")]
    scan = ShipmentUpdated(
        order_id=order_id,
        shipment_id=shipment_id,
        status=status,
        # The carrier's own words where there are any; a word that nobody knows stays as it is.
        raw_status=message if message and status is not Status.UNKNOWN else word,
        location=", ".join(place for place in places if place) or None,
        place=left_at(status, message),
        acts=TURNS.get(word),
    )
    yield event.fact(scan, at)
    yield from _promise(event, body, order_id, shipment_id, at)


# --- refunds and returns -----------------------------------------------------


def _refund(event: _Event) -> Iterator[Fact]:
    yield _refund_fact(event, event.body, event.order_id(event.body))


def _refund_fact(
    event: _Event, node: Node, order_id: str, otherwise: datetime | None = None
) -> Fact:
    refund_id = _required_id(node, "Refund")
    returned = node.has("return")
    lines = []
    for item in node.nodes("refund_line_items"):
        count = item.required_quantity("quantity")
        if count:
            inside = item.node("line_item")
            lines.append(
                RefundedLine(
                    line_id=_refunded_line_id(item),
                    quantity=count,
                    kind=_refund_kind(item.text("restock_type"), returned=returned),
                    sku=inside.text("sku") if inside else None,
                )
            )
    data = OrderRefunded(
        order_id=order_id, refund_id=refund_id, lines=tuple(lines), amount=_refunded(node)
    )
    at = event.when(node.instant("processed_at"), node.instant("created_at"), otherwise)
    # A refund alone says whether it is a test in its transactions only.
    tried = any(transaction.flag("test") for transaction in node.nodes("transactions"))
    return (replace(event, test=True) if tried else event).fact(data, at)


def _refund_kind(restock_type: str | None, *, returned: bool) -> RefundKind:
    """What became of the goods.

    "cancel": not yet fulfilled, and will not be. "return", "legacy_restock": back in stock.
    "no_restock": money only; the goods came back only where the refund belongs to a return.
    """
    if restock_type == "cancel":
        return RefundKind.CANCELLED
    if restock_type in {"return", "legacy_restock"} or returned:
        return RefundKind.RETURNED
    return RefundKind.KEPT


def _refunded_line_id(item: Node) -> str:
    inside = item.node("line_item")
    found = (_own_id(inside, "LineItem") if inside else None) or item.identifier("line_item_id")
    if found is None:
        raise item.missing("line_item_id")
    return found


def _refunded(node: Node) -> Money | None:
    """What went back: the refunds among the transactions that succeeded."""
    sums: dict[str, int] = {}
    for transaction in node.nodes("transactions"):
        kind, status = transaction.text("kind"), transaction.text("status")
        if kind != "refund" or status != "success":
            continue
        amount = transaction.money("amount", transaction.currency("currency"))
        if amount is not None:
            sums[amount.currency] = sums.get(amount.currency, 0) + amount.amount
    if len(sums) != 1:
        return None
    ((currency, total),) = sums.items()
    return Money(total, currency)


def _return(event: _Event) -> Iterator[Fact]:
    body, topic = event.body, event.delivery.topic
    return_id = _required_id(body, "Return")
    # Most return payloads say no time of their own: Shopify's trigger is when it happened.
    at = event.when(event.triggered_at, body.instant("updated_at"), body.instant("created_at"))
    status = (body.text("status") or "").lower()
    if topic == "returns/process":
        received = ReturnReceived(
            order_id=event.order_id(body), return_id=return_id, lines=_returned_lines(body)
        )
        yield event.fact(received, at)
    if topic in _ENDS or (topic in {"returns/update", "returns/process"} and status in _ENDED):
        outcome = _ENDS.get(topic) or _ENDED[status]
        closed = ReturnClosed(
            return_id=return_id, order_id=event.named_order(body), outcome=outcome
        )
        yield event.fact(closed, at)
    elif topic == "returns/update" and event.named_order(body) is None:
        return  # a bare delta: that the return goes on is known since it was opened
    elif topic != "returns/process":
        # An update tells what changed, not what is in the return: it names no goods here.
        named = _returned_lines(body) if topic in {"returns/request", "returns/approve"} else ()
        opened = ReturnOpened(order_id=event.order_id(body), return_id=return_id, lines=named)
        yield event.fact(opened, at)


def _returned_lines(body: Node) -> tuple[ShippedLine, ...]:
    """The order lines in a return. Where one cannot be told, none are: all or nothing."""
    if not isinstance(body.value.get("return_line_items"), list | tuple):
        return ()
    parts: list[tuple[str, int]] = []
    for item in body.nodes("return_line_items"):
        fulfilled = item.node("fulfillment_line_item")
        line = fulfilled.node("line_item") if fulfilled else item.node("line_item")
        line_id = _own_id(line, "LineItem") if line else None
        count = item.quantity("quantity")
        if line_id is None or count is None:
            return ()
        parts.append((line_id, count))
    return orders.shipped_lines(parts)


# --- people ------------------------------------------------------------------


def _consent(event: _Event) -> Iterator[Fact]:
    body = event.body
    email = event.delivery.topic == "customers_email_marketing_consent/update"
    channel, key = _CHANNELS[0 if email else 1]
    consent = body.node(key)
    if consent is None or not consent.text("state"):
        raise body.missing(f"{key}.state")
    person = orders.party(
        customer_id=body.identifier("customer_id") or _own_id(body, "Customer"),
        emails=(body.text("email_address") or body.text("email"),),
        phones=(body.text("phone"),),
    )
    if person == Party():
        raise body.missing("customer_id", "email_address", "phone")
    yield from _consent_facts(event, person, channel, consent)


def _consent_facts(
    event: _Event,
    person: Party,
    channel: Channel,
    consent: Node,
    otherwise: datetime | None = None,
) -> Iterator[Fact]:
    state = (consent.text("state") or "").lower()
    granted = _CONSENT.get(state)
    if granted is None:
        return  # pending or never asked: no word of the person's
    changed = ConsentChanged(
        customer=person,
        channel=channel,
        granted=granted,
        method=ConsentMethod.PLATFORM,
        confirmed=_confirmed(consent) if granted else None,
        evidence=f"Shopify: {state}, {consent.text('opt_in_level') or 'opt-in level not said'}",
    )
    yield event.fact(changed, event.when(consent.instant("consent_updated_at"), otherwise))


def _party(body: Node) -> Party:
    """A customer's details. Raises Rejected where nothing tells who it is."""
    home = body.node("default_address")
    found = orders.party(
        customer_id=_own_id(body, "Customer"),
        name=_name(body),
        emails=(body.text("email"),),
        phones=(body.text("phone"),),
        phone_region=_country(home) if home else None,
        locale=body.text("locale"),
    )
    if found.customer_id is None and found.email is None and found.phone is None:
        raise body.missing("id", "email", "phone")
    return found


def _customer(event: _Event) -> Iterator[Fact]:
    body = event.body
    person = _party(body)
    at = event.when(body.instant("updated_at"), event.triggered_at, body.instant("created_at"))
    yield event.fact(CustomerChanged(customer=person), at)
    for channel, key in _CHANNELS:
        consent = body.node(key)
        if consent is not None:
            yield from _consent_facts(event, person, channel, consent, at)


def _privacy(event: _Event) -> Iterator[Fact]:
    body = event.body
    kind, orders = _PRIVACY[event.delivery.topic]
    customer, request = body.node("customer"), body.node("data_request")
    if customer is None and kind is not PrivacyKind.SHOP_ERASURE:
        raise body.missing("customer")
    asked = PrivacyRequested(
        kind=kind,
        customer=_party(customer) if customer else Party(),
        request_id=request.identifier("id") if request else None,
        order_ids=_ids(body, orders) if orders else (),
    )
    yield event.fact(asked, event.when())


def _ids(body: Node, key: str) -> tuple[str, ...]:
    """A list of ids, exact. Raises Rejected."""
    listed = body.value.get(key)
    if listed is None:
        return ()
    if not isinstance(listed, list | tuple):
        raise body.misshapen(key, "a list of ids")
    found = (Node({key: one}, body.path).identifier(key) for one in listed)
    return tuple(one for one in found if one)


# --- stock -------------------------------------------------------------------


def _inventory(event: _Event) -> Iterator[Fact]:
    body = event.body
    gid = body.value.get("admin_graphql_api_id")
    exact = _ITEM_IN_GID.search(gid) if isinstance(gid, str) else None
    item = exact[1] if exact else body.identifier("inventory_item_id")
    if item is None:
        raise body.missing("inventory_item_id")
    level = InventoryChanged(
        item_id=item,
        available=_level(body),
        location_id=body.identifier("location_id"),
    )
    yield event.fact(level, event.when(body.instant("updated_at")))


def _level(body: Node) -> int | None:
    text = body.text("available")
    if text is None:
        return None
    if not re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII):
        raise body.impossible("available", "a whole number")
    return int(text)


# --- declaration -------------------------------------------------------------

_WAREHOUSE = "what a warehouse was asked to do; what leaves it comes as fulfillments/*"
_SNAPSHOT = "OrderChanged, and what is inside: fulfilments, refunds, a cancellation"

SOURCE = Source(
    name=NAME,
    title="Shopify",
    docs_url="https://shopify.dev/docs/api/webhooks",
    topics={
        "orders/create": "OrderPlaced, and what is inside: fulfilments, refunds, a cancellation",
        "orders/updated": _SNAPSHOT,
        "orders/paid": f"PaymentUpdated; {_SNAPSHOT}",
        "orders/cancelled": f"OrderCancelled; {_SNAPSHOT}",
        "orders/fulfilled": _SNAPSHOT,
        "orders/partially_fulfilled": _SNAPSHOT,
        "fulfillments/create": "ShipmentDispatched or ShipmentUpdated, by the fulfilment's status",
        "fulfillments/update": "ShipmentDispatched or ShipmentUpdated, by the fulfilment's status",
        "fulfillment_events/create": "ShipmentUpdated; DeliveryPromised where there is an estimate",
        "refunds/create": "OrderRefunded",
        "returns/request": "ReturnOpened",
        "returns/approve": "ReturnOpened",
        "returns/reopen": "ReturnOpened, without naming the goods again",
        "returns/update": "ReturnOpened without goods (it tells a change only); ReturnClosed",
        "returns/process": "ReturnReceived; ReturnClosed where the return ended with it",
        "returns/decline": "ReturnClosed",
        "returns/cancel": "ReturnClosed",
        "returns/close": "ReturnClosed",
        "customers_email_marketing_consent/update": "ConsentChanged",
        "customers_marketing_consent/update": "ConsentChanged (SMS)",
        "customers/create": "CustomerChanged; ConsentChanged where it says one",
        "customers/update": "CustomerChanged; ConsentChanged where it says one",
        "customers/data_request": "PrivacyRequested (ACCESS)",
        "customers/redact": "PrivacyRequested (ERASURE)",
        "shop/redact": "PrivacyRequested (SHOP_ERASURE)",
        "inventory_levels/update": "InventoryChanged",
        "events:order/create": "as orders/create; fetched where its query brought too little",
        "events:order/update": "as orders/updated; fetched where its query brought too little",
        "events:customer/create": "as customers/create; fetched where its query brought nothing",
        "events:customer/update": "as customers/update; fetched where its query brought nothing",
    },
    ignored={
        "orders/edited": "orders/updated brings the whole order as it stands after the edit",
        "orders/delete": "only archived or cancelled orders can be deleted: nothing more happens",
        "orders/*": "orders/updated brings the whole order",
        "order_transactions/*": "payment is told by orders/paid and orders/updated",
        "fulfillment_events/delete": "what a carrier said is not unsaid; a newer event counts",
        "fulfillment_orders/*": _WAREHOUSE,
        "fulfillment_holds/*": _WAREHOUSE,
        "reverse_deliveries/*": "the way of a return's parcel; returns/* tell the return",
        "reverse_fulfillment_orders/*": "names neither order nor return; refunds/create and "
        "returns/close tell what came of it",
        "customers/delete": "a record was removed; an erasure comes as customers/redact",
        "customers/*": "customers/update brings the customer as they now are",
        "customer*": "customers/update brings the customer as they now are",
        "inventory_levels/*": "inventory_levels/update brings the level",
        "events:*": "Yoin reads orders and customers from the preview of Shopify Events; "
        "subscribe to the webhook topic for anything else",
        "*": "no order, parcel, return or consent is told by it; take it out of the subscription",
    },
    notes=(
        "Repetition: up to 8 retries in 4 hours, with the original payload.",
        "X-Shopify-Event-Id is the same over subscriptions, X-Shopify-Webhook-Id over retries.",
        "Order of arrival is not guaranteed; updated_at, happened_at and the like decide.",
        "Times carry the offset of the shop's zone, in whole seconds.",
    ),
    event_patterns=({"source": [{"prefix": PARTNER}], "detail-type": [DETAIL_TYPE]},),
    recognises=recognises,
    matches=matches,
    open=open_envelope,
    signature=Either(
        schemes=(
            BodyHmac(header="x-shopify-hmac-sha256"),
            BodyHmac(header="shopify-hmac-sha256"),
        )
    ),
    keeps=tuple(
        prefix + name
        for prefix in ("x-shopify-", "shopify-")
        for name in (
            "topic",
            "action",
            "handle",
            "shop-domain",
            "event-id",
            "webhook-id",
            "triggered-at",
            "test",
            "order-id",
            "customer-id",
            "api-version",
        )
    ),
    topic_of=topic_of,
    split=split,
    event_id=event_id,
    retries_for=timedelta(hours=4),
    missing=missing,
    api=Api(
        base_url="",
        auth="header",
        header="X-Shopify-Access-Token",
        docs_url="https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
    ),
    normalize=normalize,
)
