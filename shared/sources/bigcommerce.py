"""BigCommerce: orders, shipments, refunds, customers and subscribers; thin events, then a fetch.

Documentation: developer.bigcommerce.com/docs/integrations/webhooks (https-webhook-overview,
aws-webhooks-overview, events) and the orders API (v2/orders, v2/orders/{id}/shipments,
v3/orders/{id}/payment_actions/refunds).

- Events: the scopes store/order/*, store/shipment/*, store/customer/*, store/subscriber/*, and
  store/channel/{id}/order/*, which is read as store/order/*. A body is ``{scope, store_id, data,
  hash, created_at, producer: "stores/<hash>"}``; ``data`` holds ids only. Over EventBridge:
  ``detail-type`` "bigCommerceWebhook"; that ``detail`` is the body is not confirmed in the
  documentation.
- Signature: Standard Webhooks; the key is the text of the app's client secret (the documentation
  gives the library its base64).
- Retry: 11 times in 48 hours, then the webhook is deactivated.
- Order: not said; the fetched resource is newer than its event, its ``date_modified`` decides.
- Duplicates: ``hash`` is the same for a repetition, but also for other scopes: with scope and
  ``created_at`` it is an event.
- What is fetched: the order with ``include=consignments.line_items`` (its addresses and lines) and
  its shipments; for a refund the order's refunds as well. An empty list is answered with 204. The
  credentials name the store's own address as ``base_url``
  (https://api.bigcommerce.com/stores/<hash>): no event can lead a token to another store.

Readings that are ours
- Status 0 is a checkout that nobody finished: no order. The step from 0 to another status is the
  placement, as store/order/created is.
- 5 and 6 end the order, 4 does where nothing was shipped. 2 and 10 without a shipment are a
  dispatch of the whole order. 10 ("receipt is confirmed") is no carrier's word: not a delivery.
- 8 and 9 are packed: stock RESERVED. No other status speaks of stock before the dispatch.
- ``payment_status`` is the payment; without it the status, where its description speaks of it.
- Refunded units of a line of which nothing was shipped are CANCELLED, others KEPT.
- An archived order (``is_deleted``) is one about which nobody shall be told anything.
- The payment method "Test Payment Gateway" marks a test order.
- A subscriber is a yes to e-mails; one who is deleted is named by an id that nothing tells.
- Amounts are in the currency that the shopper paid in (``currency_code``), with tax. They have
  four decimals: one that the currency cannot express is left out.
- A resource of v3 may come in its answer ({"data": ...}), one or a list of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from shared.contracts import orders, values, words
from shared.contracts.attributes import read_wishes
from shared.contracts.fetching import Api, Fetch, segment
from shared.contracts.reading import Node
from shared.contracts.signatures import StandardWebhooks
from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    ConsentSeen,
    CustomerChanged,
    Data,
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
from shared.domain.shipments import Status
from shared.domain.values import Address, Money, Party, utc
from shared.sources import Delivery, Opened, Source, from_partner, make_fact, split_list

NAME = "bigcommerce"
DETAIL_TYPE = "bigCommerceWebhook"
PARTNER = "aws.partner/bigcommerce.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an order status says. ``rank``: how far along the order is, within one second."""

    name: str
    rank: int
    payment: PaymentStatus | None = None
    stock: StockStatus | None = None
    dispatched: bool = False
    ended: bool = False


_PENDING, _PACKED = PaymentStatus.PENDING, StockStatus.RESERVED
INCOMPLETE, REFUNDED = 0, 4
STATUSES = {
    INCOMPLETE: Meaning(name="Incomplete", rank=0),
    1: Meaning(name="Pending", rank=10, payment=_PENDING),
    2: Meaning(name="Shipped", rank=60, dispatched=True),
    3: Meaning(name="Partially Shipped", rank=50),
    REFUNDED: Meaning(name="Refunded", rank=80, payment=PaymentStatus.REFUNDED),
    5: Meaning(name="Cancelled", rank=90, ended=True),
    6: Meaning(name="Declined", rank=90, ended=True),
    7: Meaning(name="Awaiting Payment", rank=11, payment=_PENDING),
    8: Meaning(name="Awaiting Pickup", rank=40, stock=_PACKED),
    9: Meaning(name="Awaiting Shipment", rank=40, stock=_PACKED),
    10: Meaning(name="Completed", rank=70, dispatched=True),
    11: Meaning(name="Awaiting Fulfillment", rank=30, payment=PaymentStatus.PAID),
    12: Meaning(name="Manual Verification Required", rank=20),
    13: Meaning(name="Disputed", rank=75),
    14: Meaning(name="Partially Refunded", rank=76, payment=PaymentStatus.PARTIALLY_REFUNDED),
}
UNKNOWN = Meaning(name="", rank=45)

PAYMENT = {
    "authorized": PaymentStatus.AUTHORIZED,
    "capture pending": PaymentStatus.AUTHORIZED,
    "captured": PaymentStatus.PAID,
    "paid": PaymentStatus.PAID,
    "pending": PaymentStatus.PENDING,
    "held for review": PaymentStatus.PENDING,
    "declined": PaymentStatus.FAILED,
    "partially refunded": PaymentStatus.PARTIALLY_REFUNDED,
    "refunded": PaymentStatus.REFUNDED,
    "void": PaymentStatus.VOIDED,
}
TEST_METHODS = {"test payment gateway", "test payment provider"}

_ORDER = "store/order/updated"
_SHIPMENT = "store/shipment/updated"
_REFUND = "store/order/refund/created"
_CHANNEL = re.compile(r"store/channel/[0-9]+/(order/.+)", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,18}([.][0-9]{1,12})?", re.ASCII)
_PRODUCER = re.compile(r"stores/(.+)")


# --- events and topics -------------------------------------------------------


def recognises(_headers: Mapping[str, str]) -> bool:
    """Never: the headers are those of Standard Webhooks, which other vendors send as well."""
    return False


def matches(envelope: Mapping[str, Any]) -> bool:
    """BigCommerce's detail-type, or a partner event source of BigCommerce."""
    return envelope.get("detail-type") == DETAIL_TYPE or from_partner(envelope, PARTNER)


def open_envelope(envelope: Mapping[str, Any]) -> Opened:
    """The body in an EventBridge envelope."""
    detail = envelope["detail"]
    inner = detail.get("payload", detail.get("body"))
    body = inner if "scope" not in detail and isinstance(inner, Mapping) else detail
    return Opened(headers={}, body=body, topic=topic_of({}, body))


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The scope, without the channel; else that of a bare resource by its shape."""
    scope = body.get("scope")
    if isinstance(scope, str) and scope:
        found = _CHANNEL.fullmatch(scope)
        return f"store/{found[1]}" if found else scope
    if "order" in body or {"status_id", "date_created"} <= set(body):
        return _ORDER
    if {"order_id", "items"} <= set(body):
        return _REFUND if "total_amount" in body else _SHIPMENT
    if {"id", "email", "source"} <= set(body):
        return "store/subscriber/updated"
    return "store/customer/updated" if {"id", "email", "first_name"} <= set(body) else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Each of a list; of an answer of v3 what it answers."""
    if isinstance(body, Mapping) and "scope" not in body and set(body) <= {"data", "meta"}:
        body = body.get("data")
    return split_list(body)


def event_id(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The hash with what else tells events apart; None where there is none."""
    parts = [body.get(key) for key in ("hash", "scope", "created_at")]
    return ":".join(map(str, parts)) if parts[0] else None


# --- what is fetched ---------------------------------------------------------


def missing(delivery: Delivery) -> Fetch | None:
    """The resources that an event names. Raises Rejected."""
    body = Node(delivery.body)
    topic = delivery.topic
    if not body.has("scope") or topic == "store/shipment/deleted":
        return None
    store = _store(body)
    extra = {"event": _kept(body)}
    if topic.startswith(("store/customer/", "store/subscriber/")):
        number = _safe(body.required_node("data").identifier("id"), "data.id")
        customers = "/v3/customers"
        if topic.startswith("store/customer/"):
            query = {"id:in": number}
            return Fetch(path=customers, topic=topic, query=query, wrap="customers", extra=extra,
                         shop=store)  # fmt: skip
        path = f"{customers}/subscribers/{number}"
        return Fetch(path=path, topic=topic, wrap="subscriber", extra=extra, shop=store)
    order = _safe(_order_id(body), "data.id")
    own = f"/v2/orders/{order}"
    also = [Fetch(path=f"{own}/shipments", topic=topic, query={"limit": "250"}, wrap="shipments")]
    if topic == _REFUND:
        path = f"/v3/orders/{order}/payment_actions/refunds"
        also.append(Fetch(path=path, topic=topic, wrap="refunds"))
    return Fetch(
        path=own,
        topic=topic,
        query={"include": "consignments.line_items"},
        wrap="order",
        extra=extra,
        also=tuple(also),
        shop=store,
    )


def _kept(event: Node) -> dict[str, Any]:
    """What of an event the fetched resources do not repeat."""
    said = {key: event.value.get(key) for key in ("scope", "producer", "hash", "created_at")}
    kept: dict[str, Any] = {key: str(v) for key, v in said.items() if isinstance(v, str | int)}
    before, after = _step(event)
    if (before, after) != (None, None):
        kept["data"] = {"status": {"previous_status_id": before, "new_status_id": after}}
    return kept


def _safe(text: str | None, name: str) -> str:
    found = segment(text) if text else None
    if found is None:
        raise Rejected("INVALID_VALUE", f"{name} is no id that could stand in a path")
    return found


def _store(event: Node) -> str | None:
    found = _PRODUCER.fullmatch(event.text("producer") or "")
    return found[1].lower() if found else None


def _order_id(event: Node) -> str | None:
    """The order that an event names; ``id`` is that of a shipment or transaction in some."""
    data = event.required_node("data")
    own = data.identifier("id") if (data.text("type") or "order") == "order" else None
    return data.identifier("order_id") or data.identifier("orderId") or own


# --- normalizing -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    data: Data
    at: datetime
    rank: int = 0
    notes: tuple[str, ...] = ()


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in an event with what was fetched for it, or in a bare resource.

    Raises Rejected: INCOMPLETE for an event alone.
    """
    body = Node(delivery.body)
    event = body.node("event") or body
    order = body.node("order") or (body if body.has("status_id") else None)
    store = _store(event)
    method = (order.text("payment_method") or "").lower() if order else ""
    return tuple(
        make_fact(
            delivery,
            told.data,
            told.at,
            brand=delivery.brands.find(shop=store),
            rank=told.rank,
            dedupe_id=event_id({}, event.value),
            test=method in TEST_METHODS,
            notes=told.notes,
        )
        for told in _read(delivery, body, event, order)
    )


def _read(delivery: Delivery, body: Node, event: Node, order: Node | None) -> Iterator[_Told]:
    topic = delivery.topic
    told_at = event.epoch("created_at") or delivery.time
    if order is not None:
        yield from _order(body, event, order, topic, told_at)
    elif topic == "store/shipment/deleted":
        yield _gone(event, told_at)
    elif body.has("customers"):
        yield from _customers(body, told_at)
    elif body.has("subscriber"):
        yield _subscriber(body, told_at)
    elif body.has("items") and topic == _REFUND:
        yield _refund(body, None, told_at)
    elif body.has("items"):
        yield _shipment(body, told_at)
    elif body.has("email") and topic.startswith("store/subscriber/"):
        yield _subscriber(body, _time(body, "date_modified") or told_at)
    elif body.has("email"):
        yield _customer(body, told_at)
    else:
        raise Rejected("INCOMPLETE", f"{topic} says ids only: the rest has to be fetched")


# --- orders ------------------------------------------------------------------


def _order(
    body: Node, event: Node, order: Node, topic: str, told_at: datetime | None
) -> Iterator[_Told]:
    order_id = order.required_identifier("id")
    status_id = order.quantity("status_id")
    if status_id is None:
        raise order.missing("status_id")
    status = STATUSES.get(status_id, UNKNOWN)
    placed_at = _time(order, "date_created")
    if placed_at is None:
        raise order.missing("date_created")
    if status_id == INCOMPLETE:
        return
    changed_at = _time(order, "date_modified") or placed_at
    step = _step(event)
    placed = topic == "store/order/created" or step[0] == INCOMPLETE
    notes: tuple[str, ...] = ()
    if step[1] not in {None, status_id}:
        notes = ("The order had another status again when it was fetched: that one counts.",)
    lines = tuple(_line(product, _currency(order)) for product in _products(order, body))
    shipments = body.nodes("shipments")
    unshipped = status_id == REFUNDED and not shipments and not order.quantity("items_shipped")
    off = status.ended or unshipped
    said = _snapshot(order, body, order_id, status, placed_at, lines)
    said["cancelled"] = None if status is UNKNOWN else off
    data: Data
    if placed:
        data = orders.snapshot(OrderPlaced, {**said, "consents": _opted_in(order)})
    else:
        data = orders.snapshot(OrderChanged, said)
    at = placed_at if placed else changed_at
    yield _Told(data=data, at=at, rank=status.rank, notes=notes)
    # A shipment says when it was made, not when it was changed.
    newest = max(changed_at, told_at or changed_at)
    for shipment in shipments:
        yield _shipment(shipment, newest)
    if status.dispatched and not shipments and any(line.requires_shipping for line in lines):
        at = _time(order, "date_shipped") or changed_at
        whole = ShipmentDispatched(order_id=order_id, shipment_id=order_id, dispatched_at=at)
        yield _Told(data=whole, at=at)
    for refund in _listed(body, "refunds"):
        yield _refund(refund, order, told_at or changed_at, products=_products(order, body))
    if off:
        yield _Told(data=OrderCancelled(order_id=order_id, reason=status.name), at=changed_at)


def _step(event: Node) -> tuple[int | None, int | None]:
    """The status before and after, where an event says it."""
    data = event.node("data")
    step = data.node("status") if data else None
    if step is None:
        return None, None
    return step.quantity("previous_status_id"), step.quantity("new_status_id")


def _snapshot(
    order: Node, body: Node, order_id: str, status: Meaning, placed_at: datetime,
    lines: tuple[Line, ...],
) -> dict[str, Any]:  # fmt: skip
    currency = _currency(order)
    total = order.exact_money("total_inc_tax", currency)
    if not _NUMBER.fullmatch(order.figure("total_inc_tax") or "0"):
        raise order.impossible("total_inc_tax", "an amount of at least 0")
    method = words.payment_method([order.text("payment_method") or ""])
    word = (order.text("payment_status") or "").lower()
    payment = PAYMENT.get(word) or status.payment
    if method is PaymentMethod.COD and not word and payment is PaymentStatus.PAID:
        payment = PaymentStatus.PENDING
    billing = order.node("billing_address")
    wishes = read_wishes(_attributes(order, body, billing), placed_at.date())
    return {
        "order_id": order_id,
        "placed_at": placed_at,
        "number": order_id,
        "buyer": _party(billing, order.reference("customer_id"), order.text("customer_locale")),
        "ship_to": _ship_to(order, body),
        "lines": lines,
        "currency": currency,
        "total": total,
        "subtotal": order.exact_money("subtotal_inc_tax", currency),
        "shipping_fee": order.exact_money("shipping_cost_inc_tax", currency),
        "payment_method": method,
        "payment_status": payment,
        "stock": status.stock,
        "wished_date": wishes.day,
        "wished_slot": wishes.slot,
        "gift": wishes.gift,
        "notify": order.flag("is_deleted") is not True,
    }  # fmt: skip


def _opted_in(order: Node) -> tuple[ConsentSeen, ...]:
    """A tick at the checkout; no tick is no word."""
    ticked = order.flag("is_email_opt_in") is True
    return (ConsentSeen(channel=Channel.EMAIL, granted=True),) if ticked else ()


def _listed(node: Node, key: str) -> tuple[Node, ...]:
    """A list of the API: v2 gives it bare, v3 under ``data``; a link to it is none."""
    value = node.value.get(key)
    if isinstance(value, Mapping):
        return Node(value, node.at(key)).nodes("data")
    return node.nodes(key)


def _consignments(order: Node) -> Iterator[tuple[str, Node]]:
    groups = order.value.get("consignments")
    groups = groups[0] if isinstance(groups, list | tuple) and groups else groups
    if not isinstance(groups, Mapping):
        return
    for kind in ("shipping", "pickups", "downloads"):
        for one in Node(groups, "consignments").nodes(kind):
            yield kind, one


def _products(order: Node, body: Node) -> tuple[Node, ...]:
    """The order's products, wherever they were included."""
    inside = [item for _, one in _consignments(order) for item in _listed(one, "line_items")]
    products = [*inside, *_listed(order, "products"), *_listed(body, "products")]
    return tuple({p.text("id"): p for p in products if p.has("id")}.values())


def _line(product: Node, currency: str | None) -> Line:
    options = [option.text("display_value") for option in product.nodes("product_options")]
    return Line(
        line_id=product.required_identifier("id"),
        quantity=product.required_quantity("quantity"),
        sku=product.text("sku"),
        product_id=product.reference("product_id"),  # 0: typed in by hand
        title=product.text("name"),
        variant=" / ".join(option for option in options if option) or None,
        unit_price=product.exact_money("price_inc_tax", currency),
        requires_shipping=product.text("type") in {None, "physical"},
    )


def _attributes(order: Node, body: Node, billing: Node | None) -> list[tuple[str, str]]:
    found: list[tuple[Any, Any]] = []
    homes = [billing] if billing else []
    homes += [one for _, one in _consignments(order)]
    for home in homes:
        fields = home.nodes("form_fields")
        found += [(one.value.get("name"), one.value.get("value")) for one in fields]
    for product in _products(order, body):
        found.append((product.value.get("event_name"), product.value.get("event_date")))
        found.append(("gift wrapping", product.value.get("wrapping_name")))
        for option in product.nodes("product_options"):
            found.append((option.value.get("display_name"), option.value.get("display_value")))
    return [(k, str(v)) for k, v in found if isinstance(k, str) and isinstance(v, str | int)]


def _ship_to(order: Node, body: Node) -> Address | None:
    """The one address that everything goes to; None where there are several."""
    homes = [one for kind, one in _consignments(order) if kind == "shipping"]
    homes = homes or [*_listed(order, "shipping_addresses"), *_listed(body, "shipping_addresses")]
    if len(homes) != 1:
        return None
    (home,) = homes
    return orders.address(
        name=words.full_name(home.text("first_name"), home.text("last_name")),
        country=values.country(home.text("country_iso2")),
        postal_code=home.text("zip"),
        region=home.text("state"),
        city=home.text("city"),
        line1=home.text("street_1"),
        line2=home.text("street_2"),
        phones=(home.text("phone"),),
    )


# --- shipments, refunds, people ----------------------------------------------


def _shipment(node: Node, told_at: datetime | None) -> _Told:
    order_id = node.required_identifier("order_id")
    made_at = _time(node, "date_created")
    at = max((one for one in (made_at, told_at) if one), default=None)
    if at is None:
        raise node.missing("date_created")
    numbers = words.tracking_numbers([node.text("tracking_number")])
    carriers = ("tracking_carrier", "shipping_provider_display_name", "shipping_provider")
    links = map(node.text, ("tracking_link", "generated_tracking_link"))
    parts = [
        (item.identifier("order_product_id"), item.quantity("quantity"))
        for item in node.nodes("items")
    ]
    data = ShipmentDispatched(
        order_id=order_id,
        shipment_id=node.required_identifier("id"),
        lines=orders.shipped_lines(parts),
        carrier=next(filter(None, map(node.text, carriers)), None),
        tracking_number=numbers[0] if numbers else None,
        other_tracking_numbers=numbers[1:],
        tracking_url=next(filter(None, map(values.web_address, links)), None),
        dispatched_at=made_at,
    )
    return _Told(data=data, at=at, rank=len(numbers))


def _gone(event: Node, told_at: datetime | None) -> _Told:
    order_id, shipment_id = _order_id(event), event.required_node("data").identifier("id")
    if order_id is None or shipment_id is None:
        raise event.required_node("data").missing("id", "orderId")
    if told_at is None:
        raise event.missing("created_at")
    data = ShipmentUpdated(
        order_id=order_id, shipment_id=shipment_id, status=Status.CANCELLED, raw_status="deleted"
    )
    return _Told(data=data, at=told_at)


def _refund(
    node: Node, order: Node | None, told_at: datetime | None, products: tuple[Node, ...] = ()
) -> _Told:
    order_id = node.identifier("order_id") or (order.identifier("id") if order else None)
    if order_id is None:
        raise node.missing("order_id")
    at = _time(node, "created") or told_at
    if at is None:
        raise node.missing("created")
    shipped = {p.text("id"): p.quantity("quantity_shipped") for p in products}
    sent = order is not None and STATUSES.get(order.quantity("status_id") or 0, UNKNOWN).dispatched
    lines = []
    for item in node.nodes("items"):
        units, line_id = item.quantity("quantity"), item.text("item_id")
        if (item.text("item_type") or "").upper() == "PRODUCT" and units and line_id:
            unsent = shipped.get(line_id) == 0 and not sent
            kind = RefundKind.CANCELLED if unsent else RefundKind.KEPT
            lines.append(RefundedLine(line_id=line_id, quantity=units, kind=kind))
    currency = order.text("currency_code") if order else None
    data = OrderRefunded(
        order_id=order_id,
        refund_id=node.required_identifier("id"),
        lines=tuple(lines),
        amount=_absolute(node.exact_money("total_amount", currency)),
    )
    return _Told(data=data, at=at)


def _customers(body: Node, told_at: datetime | None) -> Iterator[_Told]:
    for customer in _listed(body, "customers"):
        yield _customer(customer, told_at)


def _customer(node: Node, told_at: datetime | None) -> _Told:
    at = _time(node, "date_modified") or told_at
    if at is None:
        raise node.missing("date_modified")
    return _Told(data=CustomerChanged(customer=_party(node, node.required_identifier("id"))), at=at)


def _subscriber(body: Node, told_at: datetime | None) -> _Told:
    outer = body.node("subscriber") or body
    person = _party(outer.node("data") or outer, None)
    if person.email is None:
        raise Rejected("INCOMPLETE", "subscriber.email is missing, or none")
    if told_at is None:
        raise body.missing("event.created_at")
    evidence = "BigCommerce: subscriber of the shop's newsletter"
    data = ConsentChanged(
        customer=person,
        channel=Channel.EMAIL,
        granted=True,
        method=ConsentMethod.PLATFORM,
        evidence=evidence,
    )
    return _Told(data=data, at=told_at)


# --- reading -----------------------------------------------------------------


def _time(node: Node, key: str) -> datetime | None:
    """A time as v2 (RFC 2822) or v3 (ISO 8601) writes it; one without offset is in UTC."""
    text = node.text(key)
    if text is None:
        return None
    if text[:1].isalpha():
        try:
            found = parsedate_to_datetime(text)
            return utc(found) if found.tzinfo else utc(found.replace(tzinfo=UTC))
        except (ValueError, TypeError, IndexError, OverflowError):
            raise node.impossible(key, "a possible time (RFC 2822)") from None
    return node.instant(key, zone="UTC")


def _currency(order: Node) -> str | None:
    return order.currency("currency_code") or order.currency("default_currency_code")


def _absolute(amount: Money | None) -> Money | None:
    return Money(abs(amount.amount), amount.currency) if amount else None


def _party(node: Node | None, customer_id: str | None, locale: str | None = None) -> Party:
    if node is None:
        return orders.party(customer_id=customer_id, locale=locale)
    return orders.party(
        customer_id=customer_id,
        name=words.full_name(node.text("first_name"), node.text("last_name")),
        emails=(node.text("email"),),
        phones=(node.text("phone"),),
        phone_region=values.country(node.text("country_iso2")),
        locale=locale,
    )


# --- declaration -------------------------------------------------------------

_FETCHED = "after a fetch: OrderChanged, and its shipments; OrderCancelled"

SOURCE = Source(
    name=NAME,
    title="BigCommerce",
    docs_url="https://developer.bigcommerce.com/docs/integrations/webhooks",
    topics={
        "store/order/created": "after a fetch: OrderPlaced, and its shipments",
        _ORDER: _FETCHED,
        "store/order/statusUpdated": f"{_FETCHED}; OrderPlaced for the step out of Incomplete",
        "store/order/archived": "after a fetch: OrderChanged that asks for silence",
        "store/order/transaction/created": _FETCHED,
        "store/order/transaction/updated": _FETCHED,
        _REFUND: f"{_FETCHED}; OrderRefunded for each of its refunds",
        "store/shipment/created": "after a fetch: OrderChanged, ShipmentDispatched",
        _SHIPMENT: "after a fetch: OrderChanged, ShipmentDispatched",
        "store/shipment/deleted": "ShipmentUpdated (CANCELLED)",
        "store/customer/created": "after a fetch: CustomerChanged",
        "store/customer/updated": "after a fetch: CustomerChanged",
        "store/subscriber/created": "after a fetch: ConsentChanged",
        "store/subscriber/updated": "after a fetch: ConsentChanged",
    },
    ignored={
        "store/order/message/*": "does not say whether the customer or the shop wrote",
        "store/order/metafield/*": "an app's own data",
        "store/subscriber/deleted": "says an id that can no longer be fetched: an unsubscription "
        "has to reach Yoin as ConsentChanged",
        "store/customer/deleted": "an account that is gone asks for nothing",
        "store/customer/*": "addresses and payment instruments; an order tells its own",
        "store/cart/*": "a cart is no order yet",
        "store/product/*": "an order tells its products itself",
        "store/sku/*": "an order tells its products itself",
        "store/inventory/*": "a place of the stock, or an app's own data",
        "*": "no order, shipment or person is told by it; take it out of the webhooks",
    },
    notes=(
        "Repetition: 11 retries in 48 hours, then the webhook is deactivated.",
        "The hash is the same for a repetition and over scopes; with created_at it is an event.",
        "Order of arrival is not said; what is fetched is newer than its event.",
        "Times: created_at in Unix seconds, orders in RFC 2822.",
        "The API needs the scopes Orders, Customers and Newsletter Subscribers, read only.",
    ),
    event_patterns=({"source": [{"prefix": PARTNER}], "detail-type": [DETAIL_TYPE]},),
    recognises=recognises,
    matches=matches,
    open=open_envelope,
    signature=StandardWebhooks(secret_is_text=True),
    topic_of=topic_of,
    split=split,
    event_id=event_id,
    retries_for=timedelta(hours=48),
    missing=missing,
    api=Api(
        base_url="",
        auth="header",
        header="x-auth-token",
        docs_url="https://developer.bigcommerce.com/docs/start/authentication/api-accounts",
    ),
    normalize=normalize,
)
