"""Square: orders (thin events, then a fetch), payments, refunds, customers and stock.

Documentation: developer.squareup.com/docs/webhooks/overview, /docs/orders-api/order-webhooks,
/reference/square/objects/Order and /Fulfillment.

- Events: order.created, order.updated and order.fulfillment.updated name an order and its
  version only; payment.*, refund.*, customer.* and inventory.count.updated bring their object.
- Signature: ``x-square-hmacsha256-signature``, base64 HMAC-SHA256 of the notification URL and the
  raw body. ``square-environment: Sandbox`` marks tests (the header is in Square's guides; its
  values are confirmed by captures only).
- Retry: for 24 hours.
- Order: not guaranteed; an order's ``version`` rises with each change.
- Duplicates: ``event_id`` is the same for a repetition.
- What is fetched: the order; then, where it says no address to write to, the order again with
  its customer (an order is known without one that is gone or may not be read). The sandbox's API
  is https://connect.squareupsandbox.com: ``base_url`` of its credentials.

Readings that are ours
- Amounts are in the smallest unit of the currency, as ISO 4217 has it.
- ``order.created`` is a placement; a bare order is one at version 1. DRAFT is no order yet.
- A SHIPMENT is dispatched when it is COMPLETED (``shipped_at``), never delivered by that; PREPARED
  with a number is a label. Before that it is a plan, no parcel. FAILED is an exception.
- A PICKUP that is PREPARED waits for the customer, one that is COMPLETED was handed over; a
  DELIVERY is delivered at its ``delivered_at``, else dispatched when it is COMPLETED.
- RESERVED means that preparation has begun: the stock is set aside if every fulfilment is so far.
- An order without any fulfilment is a sale over the counter: nothing of it has to be shipped.
- The order names its customer by id only. The contact of the one recipient is the buyer's,
  unless the recipient is said to be another customer. What the customer's profile says, where it
  was fetched, comes first.
- An order with ``returns`` and without lines is a return to the order that it names.
- Refunds come from refund.*: those repeated in an order may have other ids. Only COMPLETED ones
  are facts.
- ``email_unsubscribed`` is a refusal of marketing; false is no word at all.
- Goods sold by measure (``quantity_unit``, or a broken quantity) count as one unit. Less than
  nothing in stock is nothing.
- Of an amount in no currency (Square has UNKNOWN_CURRENCY) nothing is read; of an order's total it
  is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.contracts import orders, values, words
from shared.contracts.fetching import Api, Fetch, segment
from shared.contracts.reading import Node
from shared.contracts.signatures import BodyHmac
from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    ConsentSeen,
    CustomerChanged,
    Data,
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
from shared.sources import Delivery, Source, make_fact, split_list

NAME = "square"
SIGNATURE = "x-square-hmacsha256-signature"
ENVIRONMENT = "square-environment"
API_VERSION = "2025-01-23"

PAYMENT = {
    "APPROVED": PaymentStatus.AUTHORIZED,
    "PENDING": PaymentStatus.PENDING,
    "COMPLETED": PaymentStatus.PAID,
    "CANCELED": PaymentStatus.VOIDED,
    "FAILED": PaymentStatus.FAILED,
}
# Of a payment (source_type) and of an order's tender (type).
METHODS = {
    "CARD": PaymentMethod.CARD,
    "THIRD_PARTY_CARD": PaymentMethod.CARD,
    "WALLET": PaymentMethod.WALLET,
    "SQUARE_ACCOUNT": PaymentMethod.WALLET,
    "BANK_ACCOUNT": PaymentMethod.BANK_TRANSFER,
    "BUY_NOW_PAY_LATER": PaymentMethod.DEFERRED,
    "CASH": PaymentMethod.OTHER,
    "EXTERNAL": PaymentMethod.OTHER,
    "SQUARE_GIFT_CARD": PaymentMethod.OTHER,
    "OTHER": PaymentMethod.OTHER,
}

# What tells an order from other resources of a location.
ORDER_FIELDS = {"version", "line_items", "fulfillments", "returns", "net_amounts"}

# Whether an order is cancelled, by its state.
STATES = {"OPEN": False, "COMPLETED": False, "CANCELED": True}

# What a fulfilment's state says by its type, and the field with the time of it.
PLANNED = {"PROPOSED", "RESERVED"}
SET_ASIDE = {"RESERVED", "PREPARED", "COMPLETED"}
DETAILS = {
    "SHIPMENT": "shipment_details",
    "PICKUP": "pickup_details",
    "DELIVERY": "delivery_details",
}
SCANS = {
    ("SHIPMENT", "PREPARED"): (Status.LABEL_CREATED, "packaged_at"),
    ("PICKUP", "PREPARED"): (Status.AVAILABLE_FOR_PICKUP, "ready_at"),
    ("PICKUP", "COMPLETED"): (Status.DELIVERED, "picked_up_at"),
    ("DELIVERY", "COMPLETED"): (Status.DELIVERED, "delivered_at"),
}
ENDS = {"CANCELED": (Status.CANCELLED, "canceled_at"), "FAILED": (Status.EXCEPTION, "failed_at")}

_Said = Iterator[tuple[Data, datetime]]


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether these are headers of a Square webhook."""
    return any(name.startswith(("x-square-", "square-")) for name in headers)


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The event's type; of a bare resource by its shape, of an order by its version."""
    said = body.get("type")
    if isinstance(said, str) and "data" in body:
        return said.lower()
    for key in ("payment", "refund", "customer"):
        if isinstance(body.get(key), Mapping):
            return f"{key}.updated"
    if "amount_money" in body:
        return "refund.updated" if "payment_id" in body else "payment.updated"
    order = body.get("order", body)
    if isinstance(order, Mapping) and "location_id" in order and ORDER_FIELDS & set(order):
        return "order.created" if str(order.get("version")) == "1" else "order.updated"
    return None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Each of a list; of an answer with several resources each of them."""
    for name in ("order", "payment", "refund"):
        listed = body.get(f"{name}s") if isinstance(body, Mapping) and "id" not in body else None
        if isinstance(listed, list | tuple):
            return tuple({name: one} for one in split_list(listed))
    return split_list(body)


def event_id(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """Square's own id of the event."""
    said = body.get("event_id")
    return said if isinstance(said, str) and said else None


# --- what is fetched ---------------------------------------------------------


def missing(delivery: Delivery) -> Fetch | None:
    """The order that an event names, then the customer that it names. Raises Rejected."""
    body = Node(delivery.body)
    if not delivery.topic.startswith("order."):
        return None
    if body.has("answer") and "buyer" not in body.value:
        return _missing_buyer(delivery, body)
    if not body.has("data"):
        return None
    data = body.required_node("data")
    told = _object(data)
    order_id = (told.text("order_id") if told else None) or data.text("id")
    if order_id is None:
        raise data.missing("id")
    safe = segment(order_id)
    if safe is None:
        raise data.impossible("id", "an id")
    return Fetch(
        path=f"/v2/orders/{safe}",
        topic=delivery.topic,
        wrap="answer",
        extra={"event": _kept(body)},
        shop=_merchant(body),
    )


def _missing_buyer(delivery: Delivery, body: Node) -> Fetch | None:
    """The customer of a fetched order, which is read again: it may be too large for a task."""
    order, event = _resource(body, "order"), body.node("event") or Node({})
    if order is None or order.nodes("returns"):
        return None
    buyer = _party(order, _only_recipient(order.nodes("fulfillments")), None)
    own, person = segment(order.text("id") or ""), segment(buyer.customer_id or "")
    if buyer.email or own is None or person is None:
        return None
    path = f"/v2/customers/{person}"
    return Fetch(
        path=f"/v2/orders/{own}",
        topic=delivery.topic,
        wrap="answer",
        extra={"event": _kept(event)},
        also=(Fetch(path=path, topic=delivery.topic, wrap="buyer", optional=True),),
        shop=_merchant(event),
    )


def _kept(event: Node) -> dict[str, str]:
    """What of an event the fetched order does not repeat."""
    keys = ("merchant_id", "type", "event_id", "created_at")
    return {key: text for key in keys if (text := event.text(key))}


def _object(data: Node) -> Node | None:
    """The one object in an event, whatever its name is."""
    inside = data.node("object")
    if inside is None:
        return None
    names = [name for name, value in inside.value.items() if isinstance(value, Mapping)]
    return inside.node(names[0]) if len(names) == 1 else inside


def _merchant(body: Node) -> str | None:
    merchant = body.text("merchant_id")
    return merchant.lower() if merchant else None


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in a delivery with one of the topics. Raises Rejected."""
    body = Node(delivery.body)
    event = body.node("event") or body
    kind = delivery.topic.partition(".")[0]
    reader = {
        "payment": _payment,
        "refund": _refund,
        "customer": _customer,
        "inventory": _inventory,
    }
    node, rank = _resource(body, kind), 0
    if kind == "order":
        if node is None:
            raise Rejected("INCOMPLETE", f"{delivery.topic} names an order: it has to be fetched")
        answer = body.node("buyer")
        profile = answer.node("customer") if answer else None
        told, rank = _order(node, delivery.topic, profile), node.quantity("version") or 0
    elif node is None:
        raise body.missing(f"data.object.{kind}")
    else:
        told = reader[kind](node, event.instant("created_at") or delivery.time)
    return tuple(
        make_fact(
            delivery,
            data,
            at,
            brand=delivery.brands.find(shop=_merchant(event)),
            rank=rank,
            dedupe_id=event.text("event_id"),
            test=delivery.headers.get(ENVIRONMENT, "").lower() == "sandbox",
        )
        for data, at in told
    )


def _resource(body: Node, kind: str) -> Node | None:
    """The resource itself: of an event, of an answer, or bare. None: there is only its id."""
    holder: Node | None = body.node("answer") or body
    if body.has("data"):
        holder = body.required_node("data").node("object")
        if kind == "inventory":
            return holder
    if holder is None:
        return None
    if holder.has(kind):
        return holder.node(kind)
    bare = kind in {"order", "payment", "refund"} and holder.has("id") and not body.has("data")
    return holder if bare else None


# --- orders ------------------------------------------------------------------


def _order(order: Node, topic: str, profile: Node | None) -> _Said:
    order_id = order.required_text("id")
    placed_at = order.required_instant("created_at")
    changed_at = order.instant("updated_at") or placed_at
    state = (order.text("state") or "").upper()
    if order.nodes("returns") and not order.nodes("line_items"):
        yield from _returned(order, order_id, changed_at)
        return
    if state == "DRAFT":
        return
    fulfilments = order.nodes("fulfillments")
    said = _snapshot(order, order_id, placed_at, fulfilments)
    said["buyer"] = _party(order, _only_recipient(fulfilments), profile)
    if profile is not None and _refused(profile):
        said["consents"] = (ConsentSeen(channel=Channel.EMAIL, granted=False),)
    if topic == "order.created":
        yield orders.snapshot(OrderPlaced, said), placed_at
    else:
        yield orders.snapshot(OrderChanged, said), changed_at
    for fulfilment in fulfilments:
        yield from _fulfilment(fulfilment, order_id, changed_at)
    if state == "CANCELED":
        yield OrderCancelled(order_id=order_id), _first_time(order, "closed_at") or changed_at


def _snapshot(
    order: Node, order_id: str, placed_at: datetime, fulfilments: tuple[Node, ...]
) -> dict[str, Any]:
    total = _total(order)
    if total is not None and total.amount < 0:
        raise order.impossible("total_money.amount", "an amount of at least 0")
    tenders = order.nodes("tenders")
    named = [METHODS.get((tender.text("type") or "").upper()) for tender in tenders]
    states = [(one.text("state") or "").upper() for one in fulfilments]
    active = [state for state in states if state not in ENDS]
    set_aside = bool(active) and all(state in SET_ASIDE for state in active)
    recipient = _only_recipient(fulfilments)
    return {
        "order_id": order_id,
        "placed_at": placed_at,
        "number": order.text("ticket_name") or order.text("reference_id"),
        "ship_to": _address(recipient) if recipient else None,
        "lines": tuple(_line(item, ships=bool(fulfilments)) for item in order.nodes("line_items")),
        "currency": total.currency if total else None,
        "total": total,
        "payment_method": next((method for method in named if method), None),
        "payment_status": _payment_status(order, tenders, total),
        "stock": StockStatus.RESERVED if set_aside else None,
        "cancelled": STATES.get((order.text("state") or "").upper()),
    }


def _payment_status(
    order: Node, tenders: tuple[Node, ...], total: Money | None
) -> PaymentStatus | None:
    """How far the payment is, by the order itself; None where it does not say what is due."""
    due = _money(order, "net_amount_due_money")
    cards = [details.text("status") for t in tenders if (details := t.node("card_details"))]
    if "AUTHORIZED" in cards:
        return PaymentStatus.AUTHORIZED
    if due is None or total is None:
        return None
    if due.amount <= 0:
        return PaymentStatus.PAID
    return PaymentStatus.PARTIALLY_PAID if due.amount < total.amount else PaymentStatus.PENDING


def _line(item: Node, *, ships: bool) -> Line:
    broken = "." in (item.figure("quantity") or "").removesuffix(".0")
    quantity = 1 if broken or item.has("quantity_unit") else item.quantity("quantity")
    if quantity is None:
        raise item.missing("quantity")
    return Line(
        line_id=item.required_text("uid"),
        quantity=quantity,
        product_id=item.text("catalog_object_id"),
        title=item.text("name"),
        variant=item.text("variation_name"),
        unit_price=_money(item, "base_price_money"),
        requires_shipping=ships and item.text("item_type") != "GIFT_CARD",
    )


def _returned(order: Node, order_id: str, at: datetime) -> _Said:
    for one in order.nodes("returns"):
        source = one.text("source_order_id")
        if source is None:
            continue  # goods taken back without an order that they belong to
        parts = [
            (item.text("source_line_item_uid"), item.quantity("quantity"))
            for item in one.nodes("return_line_items")
        ]
        lines = orders.shipped_lines(parts)
        yield ReturnReceived(order_id=source, return_id=order_id, lines=lines), at


# --- fulfilments -------------------------------------------------------------


def _fulfilment(node: Node, order_id: str, changed_at: datetime) -> _Said:
    kind = (node.text("type") or "").upper()
    state = (node.text("state") or "").upper()
    details = node.node(DETAILS.get(kind, ""))
    if kind not in DETAILS or state in PLANNED:
        return
    shipment_id = node.required_text("uid")
    numbers = words.tracking_numbers([details.text("tracking_number") if details else None])
    shipped_at = _first_time(details, "shipped_at", "completed_at")
    delivered = _first_time(details, "delivered_at") is not None
    if state == "COMPLETED" and (kind == "SHIPMENT" or (kind == "DELIVERY" and not delivered)):
        yield (
            ShipmentDispatched(
                order_id=order_id,
                shipment_id=shipment_id,
                lines=_shipped_lines(node),
                carrier=details.text("carrier") if details else None,
                tracking_number=numbers[0] if numbers else None,
                other_tracking_numbers=numbers[1:],
                tracking_url=values.web_address(details.text("tracking_url")) if details else None,
                dispatched_at=shipped_at,
            ),
            changed_at,
        )
        return
    status, key = SCANS.get((kind, state)) or ENDS.get(state, (Status.UNKNOWN, ""))
    if status is Status.LABEL_CREATED and not numbers:
        return
    scan = ShipmentUpdated(
        order_id=order_id,
        shipment_id=shipment_id,
        status=status,
        lines=_shipped_lines(node),
        carrier=details.text("carrier") if details else None,
        tracking_number=numbers[0] if numbers else None,
        raw_status=state or None,
    )
    yield scan, _first_time(details, key) or changed_at


def _shipped_lines(fulfilment: Node) -> tuple[ShippedLine, ...]:
    """What is in a fulfilment; none are named where it is the whole order."""
    entries = fulfilment.nodes("entries")
    return orders.shipped_lines((e.text("line_item_uid"), e.quantity("quantity")) for e in entries)


def _recipient(fulfilment: Node) -> Node | None:
    details = fulfilment.node(DETAILS.get((fulfilment.text("type") or "").upper(), ""))
    return details.node("recipient") if details else None


def _only_recipient(fulfilments: tuple[Node, ...]) -> Node | None:
    recipients = [found for one in fulfilments if (found := _recipient(one))]
    return recipients[0] if len(recipients) == 1 else None


def _party(order: Node, recipient: Node | None, profile: Node | None) -> Party:
    """Who ordered: by the customer's profile, then by the contact of the one recipient."""
    customer_id = order.text("customer_id")
    known = _person(profile) if profile else Party()
    if recipient is None or recipient.text("customer_id") not in {None, customer_id}:
        return replace(known, customer_id=customer_id)
    home = recipient.node("address")
    told = orders.party(
        emails=(recipient.text("email_address"),),
        phones=(recipient.text("phone_number"),),
        phone_region=values.country(home.text("country")) if home else None,
    )
    return Party(
        customer_id=customer_id or recipient.text("customer_id"),
        name=known.name or recipient.text("display_name"),
        email=known.email or told.email,
        phone=known.phone or told.phone,
    )


def _address(recipient: Node) -> Address | None:
    home = recipient.node("address")
    if home is None:
        return None
    name = words.full_name(home.text("first_name"), home.text("last_name"))
    return orders.address(
        name=recipient.text("display_name") or name,
        country=values.country(home.text("country")),
        postal_code=home.text("postal_code"),
        region=home.text("administrative_district_level_1"),
        city=home.text("locality"),
        line1=home.text("address_line_1"),
        line2=home.text("address_line_2"),
        phones=(recipient.text("phone_number"),),
    )


# --- payments, refunds, customers, stock -------------------------------------


def _payment(node: Node, told_at: datetime | None) -> _Said:
    order_id = node.text("order_id")
    status = PAYMENT.get((node.text("status") or "").upper())
    if order_id is None or status is None:
        return  # money without an order, or a word that nobody knows: no known state is overwritten
    amount = _money(node, "total_money") or _money(node, "amount_money")
    refunded = _money(node, "refunded_money")
    if status is PaymentStatus.PAID and refunded and refunded.amount > 0:
        status = orders.refund_status(refunded, amount)
    method = METHODS.get((node.text("source_type") or "").upper())
    paid = PaymentUpdated(order_id=order_id, status=status, method=method, amount=amount)
    yield paid, _changed(node, told_at)


def _refund(node: Node, told_at: datetime | None) -> _Said:
    order_id = node.text("order_id")
    if order_id is None or (node.text("status") or "").upper() != "COMPLETED":
        return
    amount = _money(node, "amount_money")
    refunded = OrderRefunded(order_id=order_id, refund_id=node.required_text("id"), amount=amount)
    yield refunded, _changed(node, told_at)


def _person(profile: Node) -> Party:
    home = profile.node("address")
    return orders.party(
        customer_id=profile.text("id"),
        name=words.full_name(profile.text("given_name"), profile.text("family_name")),
        emails=(profile.text("email_address"),),
        phones=(profile.text("phone_number"),),
        phone_region=values.country(home.text("country")) if home else None,
    )


def _refused(profile: Node) -> bool:
    preferences = profile.node("preferences")
    return preferences is not None and preferences.flag("email_unsubscribed") is True


def _customer(node: Node, told_at: datetime | None) -> _Said:
    person = replace(_person(node), customer_id=node.required_text("id"))
    at = _changed(node, told_at)
    yield CustomerChanged(customer=person), at
    if _refused(node):
        evidence = "Square: email_unsubscribed"
        refused = ConsentChanged(
            customer=person,
            channel=Channel.EMAIL,
            granted=False,
            method=ConsentMethod.PLATFORM,
            evidence=evidence,
        )
        yield refused, at


def _inventory(node: Node, told_at: datetime | None) -> _Said:
    for count in node.nodes("inventory_counts"):
        if (count.text("state") or "").upper() != "IN_STOCK":
            continue
        at = count.instant("calculated_at") or told_at
        if at is None:
            raise count.missing("calculated_at")
        text = (count.figure("quantity") or "").partition(".")[0]
        left = Node({"quantity": "0" if text.startswith("-") else text}, count.path)
        level = InventoryChanged(
            item_id=count.required_text("catalog_object_id"),
            available=left.quantity("quantity"),
            location_id=count.text("location_id"),
        )
        yield level, at


# --- reading -----------------------------------------------------------------


def _changed(node: Node, told_at: datetime | None) -> datetime:
    at = node.instant("updated_at") or node.instant("created_at") or told_at
    if at is None:
        raise node.missing("updated_at")
    return at


def _first_time(node: Node | None, *keys: str) -> datetime | None:
    """The first time that is one; none of them is needed."""
    for key in keys if node else ():
        text = node.value.get(key) if node else None
        at = values.instant(text) if isinstance(text, str) else None
        if at is not None and 1990 <= at.year <= 2100:
            return at
    return None


def _money(node: Node, key: str) -> Money | None:
    """An amount, which is in minor units already; None where it is none, or in no currency."""
    inside = node.value.get(key)
    if not isinstance(inside, Mapping):
        return None
    amount, currency = _minor(inside.get("amount")), inside.get("currency")
    known = isinstance(currency, str) and values.currency_exponent(currency) is not None
    return Money(amount, str(currency)) if known and amount is not None else None


def _total(order: Node) -> Money | None:
    """What the order costs. Raises Rejected where that is no amount."""
    inside = order.node("total_money")
    if inside is None or not inside.has("amount"):
        return None
    if _minor(inside.value["amount"]) is None:
        raise inside.misshapen("amount", "a whole number of minor units")
    found = _money(order, "total_money")
    if found is None:
        raise inside.impossible("currency", "an ISO 4217 currency code")
    return found


def _minor(amount: object) -> int | None:
    """A possible whole number of minor units, also as text or as 1599.0."""
    text = "" if isinstance(amount, bool) else str(amount).removesuffix(".0")
    if not re.fullmatch(r"-?[0-9]{1,16}", text, re.ASCII):
        return None
    return int(text) if abs(int(text)) <= values.MAX_MINOR_UNITS else None


# --- declaration -------------------------------------------------------------

_FETCHED = "after a fetch: OrderChanged, its parcels, OrderCancelled; ReturnReceived"

SOURCE = Source(
    name=NAME,
    title="Square",
    docs_url="https://developer.squareup.com/docs/webhooks/overview",
    topics={
        "order.created": "after a fetch: OrderPlaced, and its parcels",
        "order.updated": _FETCHED,
        "order.fulfillment.updated": _FETCHED,
        "payment.created": "PaymentUpdated",
        "payment.updated": "PaymentUpdated",
        "refund.created": "OrderRefunded, once it is completed",
        "refund.updated": "OrderRefunded, once it is completed",
        "customer.created": "CustomerChanged; ConsentChanged for a refusal",
        "customer.updated": "CustomerChanged; ConsentChanged for a refusal",
        "inventory.count.updated": "InventoryChanged for what is in stock",
    },
    ignored={
        "webhooks.test_notification": "Square trying out the webhook",
        "customer.deleted": "a profile that is gone or merged asks for nothing",
        "order.custom_attribute*": "an app's own data",
        "invoice.*": "its payment is told by payment.*",
        "catalog.*": "an order tells its products itself",
        "dispute.*": "between the shop and the bank",
        "*": "no order, payment or person is told by it; take it out of the subscription",
    },
    notes=(
        "Repetition: for 24 hours; event_id is the same.",
        "Order of arrival is not guaranteed; an order's version and updated_at decide.",
        "Times are UTC with milliseconds.",
        "The API needs ORDERS_READ, and CUSTOMERS_READ for orders that only name their customer.",
        "For the sandbox the credentials name its base_url.",
    ),
    recognises=recognises,
    signature=BodyHmac(header=SIGNATURE, with_url=True),
    keeps=(ENVIRONMENT,),
    topic_of=topic_of,
    split=split,
    event_id=event_id,
    retries_for=timedelta(hours=24),
    missing=missing,
    api=Api(
        base_url="https://connect.squareup.com",
        auth="bearer",
        headers={"square-version": API_VERSION},
        docs_url="https://developer.squareup.com/docs/build-basics/access-tokens",
    ),
    normalize=normalize,
)
