"""commercetools: orders, deliveries and parcels, returns and payment states, as messages.

Documentation: docs.commercetools.com/api/projects/messages and /subscriptions, and the API
reference at github.com/commercetools/commercetools-api-reference.

- Events: the messages of a subscription with the destination EventBridge, with ``source``
  "aws.partner/commercetools.com/<project>/<key>", ``detail-type`` the message's type, and
  ``detail`` the message: in the platform's format, or as CloudEvents with the message under
  ``data``. Other destinations (SQS, SNS) carry the same message.
- Signature: none, as there is no webhook. What comes over the partner bus is commercetools'.
- Retry: for 48 hours (not confirmed in the vendor's documentation).
- Order: not guaranteed; ``sequenceNumber`` counts the messages of one resource without gaps. Times
  are in UTC with milliseconds, and ``occurred_at`` is the message's ``createdAt``;
  ``sequenceNumber``, up to 99, is the rank that decides between two of one millisecond (of a bare
  order, its ``version``). Beyond 99 messages of one order the text of the statement decides.
- Duplicates: at least once; a message's ``id`` stays the same.
- What is fetched: the order from /{projectKey}/orders/{id}, with its payments expanded, for a
  message that was too large (``payloadNotIncluded``), a change notification (ResourceCreated,
  ResourceUpdated), and messages that tell one field of an order (``REFRESHES``).

Readings that are ours
- A parcel is a shipment, with the parcel's own id: parcels of one delivery are scanned one by one.
  A delivery without parcels is a shipment with the delivery's id. DeliveryAdded never has parcels
  (they follow as ParcelAddedToDelivery), so it only announces what will be in them: PENDING.
- A parcel that does not say its items has those of its delivery if it is the only one in it.
- ``trackingData.isReturn`` is a parcel on its way back: no dispatch to the customer.
- ``shipmentState`` is a word of the merchant's about the whole order. Ready and Backorder tell
  the stock. Shipped, and Delivered, need the order beside them: they are about its parcels, and
  where it has no deliveries at all, about one shipment with the order's id.
- ``orderState`` Confirmed ("accepted and being processed") is a confirmation, Cancelled a
  cancellation of the whole; Open and Complete tell nothing that other messages do not. A word
  that is none of the four is refused, so that it is seen.
- ``paymentState`` BalanceDue is pending. CreditOwed is "made on a credit basis": pending, to be
  paid later. Without a ``paymentState`` the expanded payments' successful transactions count.
- The total is ``taxedPrice.totalGross`` where there is one. Of a high-precision price only
  ``preciseAmount`` is exact; where minor units cannot hold it, the unit price is left out.
- The subtotal is what line items and custom line items cost: by their ``taxedPrice.totalGross`` or
  by their ``totalPrice``, whichever adds up to the total with the shipping; else the former, and
  in an order without ``taxedPrice`` the latter.
- A return item is a return: its state changes are told by the item's id. Advised is announced;
  Returned, BackInStock and Unusable are back. ``paymentState`` Refunded is a refund without an
  amount, of goods that are back or (Advised) still with the customer.
- Buyer: ``customerEmail`` and the billing address; ``anonymousId`` is a session, no customer.
- Shipping mode Multiple: one address if all shippings share it, else none.
- A custom line item is a fee or a service, and not shipped, unless a delivery has it inside.
- OrderImported, and an order with ``completedAt`` ("only present if set for Order Import"), are
  historical; ``completedAt`` is then when it was placed, as nothing else tells it.
- ``inventoryMode`` ReserveOnOrder reserves stock by placing the order.
- OrderDeleted is a cancellation for what is still to come. Custom fields and custom states are
  the merchant's own: nothing is read from them. There is no test flag: a test shop is a project.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.contracts import orders, values, words
from shared.contracts.fetching import Api, Fetch, segment
from shared.contracts.reading import Node
from shared.domain.errors import Rejected
from shared.domain.events import (
    Data,
    Fact,
    Line,
    OrderCancelled,
    OrderChanged,
    OrderConfirmed,
    OrderPlaced,
    OrderRefunded,
    PaymentMethod,
    PaymentStatus,
    PaymentUpdated,
    RefundedLine,
    RefundKind,
    ReturnOpened,
    ReturnReceived,
    ShipmentDispatched,
    ShipmentUpdated,
    StockStatus,
    StockUpdated,
)
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import Delivery, Opened, Source, from_partner, make_fact, split_list

NAME = "commercetools"
PARTNER = "aws.partner/commercetools.com/"

ORDER_STATES = frozenset({"Open", "Confirmed", "Complete", "Cancelled"})
PAYMENT = {
    "BalanceDue": PaymentStatus.PENDING,
    "Pending": PaymentStatus.PENDING,
    "CreditOwed": PaymentStatus.PENDING,
    "Failed": PaymentStatus.FAILED,
    "Paid": PaymentStatus.PAID,
}
STOCK = {"Ready": StockStatus.RESERVED, "Backorder": StockStatus.BACKORDERED}
# Where people write the number before the street.
NUMBER_FIRST = frozenset({"AU", "CA", "FR", "GB", "IE", "LU", "NZ", "US"})
# ReturnShipmentState: whether the goods are back.
GOODS_BACK = {"Advised": False, "Returned": True, "BackInStock": True, "Unusable": True}

# Messages that tell one field: the whole order is asked for.
REFRESHES = (
    "OrderCustomerEmailSet",
    "OrderCustomerSet",
    "OrderShippingAddressSet",
    "OrderBillingAddressSet",
    "OrderLineItemAdded",
    "OrderLineItemRemoved",
    "OrderCustomLineItemAdded",
    "OrderCustomLineItemRemoved",
    "OrderEditApplied",
    "OrderPaymentAdded",
    "DeliveryItemsUpdated",
    "ParcelItemsUpdated",
)
_GONE = frozenset({"OrderDeleted", "ResourceDeleted/order"})
_CHANGES = ("ResourceCreated", "ResourceUpdated", "ResourceDeleted")
_EXPAND = {"expand": "paymentInfo.payments[*]"}


# --- events and topics -------------------------------------------------------


def _inner(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message in CloudEvents' envelope, or the body itself."""
    data = body.get("data")
    return data if "specversion" in body and isinstance(data, Mapping) else body


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether these are headers of a CloudEvent of commercetools in binary mode."""
    return headers.get("ce-type", "").startswith("com.commercetools.")


def matches(envelope: Mapping[str, Any]) -> bool:
    """Whether an envelope came from a partner event source of commercetools."""
    return from_partner(envelope, PARTNER)


def open_envelope(envelope: Mapping[str, Any]) -> Opened:
    """The message. An envelope's detail-type is its topic where the message does not say one."""
    body, named = envelope["detail"], envelope.get("detail-type")
    topic = topic_of({}, body) or (named if isinstance(named, str) else None)
    return Opened(headers={}, body=body, topic=topic)


def topic_of(headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The type of a message; "ResourceUpdated/<type of resource>" for a change; "order" for an
    order without anything around it."""
    message = _inner(body)
    if isinstance(message.get("orderState"), str) and "totalPrice" in message:
        return "order"
    change = message.get("notificationType")
    if change in _CHANGES:
        resource = message.get("resource")
        kind = resource.get("typeId") if isinstance(resource, Mapping) else None
        return f"{change}/{kind}"
    left_out = message.get("payloadNotIncluded", message)
    left_out = left_out.get("payloadType") if isinstance(left_out, Mapping) else None
    event = body.get("type") if "specversion" in body else headers.get("ce-type")
    cloud = event.rpartition(".")[2] if isinstance(event, str) else None
    said = message.get("type") if message is not body or "specversion" not in body else None
    found = (said, left_out, cloud)
    return next((name for name in found if isinstance(name, str) and name), None)


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """The parts of a list, or the results of a page of the API's."""
    if isinstance(body, Mapping) and isinstance(body.get("results"), list | tuple):
        body = body["results"]
    return split_list(body)


def event_id(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The message's id; an order alone, or a change, has none."""
    message = _inner(body)
    found = message.get("id") if "resource" in message else None
    return found if isinstance(found, str) and found else None


# --- what is fetched ---------------------------------------------------------


def missing(delivery: Delivery) -> Fetch | None:
    """The order, where the event does not hold what has to be known. Raises Rejected."""
    body = Node(_inner(delivery.body))
    topic = delivery.topic
    if not _needs_order(body, topic):
        return None
    shop = _project(delivery, body).lower()
    project, order_id = segment(_project(delivery, body)), segment(_resource_id(body))
    if project is None:
        raise body.impossible("projectKey", "a project key")
    if order_id is None:
        raise body.impossible("resource.id", "an id")
    path = f"/{project}/orders/{order_id}"
    if topic in {"OrderCreated", "OrderImported", "OrderShipmentStateChanged"}:
        # What was said, and when, stays beside the order.
        said = {key: value for key, value in body.value.items() if key != "payloadNotIncluded"}
        return Fetch(path=path, topic=topic, query=_EXPAND, wrap="order", extra=said, shop=shop)
    return Fetch(path=path, topic="order", query=_EXPAND, shop=shop)


def _needs_order(body: Node, topic: str) -> bool:
    if topic == "order" or topic in _GONE or body.node("order"):
        return False
    if topic == "OrderShipmentStateChanged" and not body.has("payloadNotIncluded"):
        return (body.text("shipmentState") or "") not in STOCK
    if topic == "OrderStateChanged" and body.text("oldOrderState") == "Cancelled":
        return True  # taken back: only the order itself can say that it goes on
    thin = {*REFRESHES, "OrderCreated", "OrderImported"}
    return topic in thin or topic.startswith("Resource") or body.has("payloadNotIncluded")


def _resource_id(body: Node) -> str:
    resource = body.node("resource")
    found = (resource.text("id") if resource else None) or body.text("orderId")
    if found is None:
        raise body.missing("resource.id")
    kind = resource.text("typeId") if resource else None
    if kind not in {None, "order"}:
        raise body.impossible("resource.typeId", '"order"')
    return found


def _project(delivery: Delivery, body: Node) -> str:
    sender = (delivery.sender or "").removeprefix(PARTNER).partition("/")
    found = body.text("projectKey") or (sender[0] if sender[1] else None)
    if found is None:
        raise body.missing("projectKey")
    return found


# --- normalizing -------------------------------------------------------------


@dataclass(frozen=True)
class _Event:
    """A message, or an order alone, with what all its facts have in common."""

    delivery: Delivery
    body: Node
    order: Node | None
    order_id: str
    brand: str | None
    rank: int
    said_at: datetime | None
    historical: bool
    notes: tuple[str, ...]

    @classmethod
    def of(cls, delivery: Delivery) -> _Event:
        body = Node(_inner(delivery.body))
        alone = delivery.topic == "order"
        order = body if alone else body.node("order")
        notes: tuple[str, ...] = ()
        order_id = order.text("id") if order else None
        if alone and order_id is None:
            raise body.missing("id")
        if order_id is None:
            order_id = _resource_id(body)
        elif not alone and body.has("resource") and _resource_id(body) != order_id:
            notes = ("resource.id is not the id of the order inside; the order's own id counts.",)
        state = order.text("orderState") if order else None
        if state is not None and state not in ORDER_STATES:
            notes += ("orderState is a word that is not documented: nothing is read from it.",)
        try:
            project: str | None = _project(delivery, body)
        except Rejected:
            project = None
        count = body.value.get("version" if alone else "sequenceNumber")
        imported = delivery.topic == "OrderImported" or bool(order and order.has("completedAt"))
        return cls(
            delivery=delivery,
            body=body,
            order=order,
            order_id=order_id,
            brand=delivery.brands.find(shop=project.lower() if project else None),
            rank=min(99, max(0, count)) if type(count) is int else 0,
            said_at=None if alone else (_time(body, "createdAt") or _time(body, "modifiedAt")),
            historical=imported,
            notes=notes,
        )

    @property
    def at(self) -> datetime:
        """When it was said; of an order alone, when it was last changed."""
        found = self.said_at
        if found is None and self.order is not None:
            found = _time(self.order, "lastModifiedAt") or _time(self.order, "createdAt")
        found = found or self.delivery.time
        if found is None:
            raise self.body.missing("createdAt")
        return found

    def fact(self, data: Data, at: datetime | None = None) -> Fact:
        """A fact of this event."""
        return make_fact(
            self.delivery,
            data,
            at or self.at,
            brand=self.brand,
            rank=self.rank,
            dedupe_id=event_id({}, self.body.value),
            historical=self.historical,
            notes=self.notes,
        )


def _time(node: Node, key: str) -> datetime | None:
    """All times are UTC; older messages were written without saying so."""
    return node.instant(key, zone="UTC")


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in a delivery. Raises Rejected."""
    event = _Event.of(delivery)
    if _needs_order(event.body, delivery.topic):
        raise Rejected("INCOMPLETE", f"{delivery.topic}: the order has to be fetched")
    reader = _READERS.get(delivery.topic)
    whole = tuple(_order(event)) if event.order and delivery.topic not in _GONE else ()
    return whole + (tuple(reader(event)) if reader else ())


def _state_changed(event: _Event) -> Iterator[Fact]:
    state = event.body.text("orderState")
    if state is None:
        raise event.body.missing("orderState")
    if state not in ORDER_STATES:
        raise event.body.impossible("orderState", f"one of {', '.join(sorted(ORDER_STATES))}")
    if state == "Cancelled":
        yield event.fact(OrderCancelled(order_id=event.order_id))
    elif state == "Confirmed":
        yield event.fact(OrderConfirmed(order_id=event.order_id))


def _payment_changed(event: _Event) -> Iterator[Fact]:
    state = event.body.text("paymentState")
    if state is None:
        raise event.body.missing("paymentState")
    if state not in PAYMENT:
        raise event.body.impossible("paymentState", f"one of {', '.join(sorted(PAYMENT))}")
    method = PaymentMethod.DEFERRED if state == "CreditOwed" else None
    status = PAYMENT[state]
    yield event.fact(PaymentUpdated(order_id=event.order_id, status=status, method=method))


def _shipment_changed(event: _Event) -> Iterator[Fact]:
    """The stock. With the order beside it, _order has told of its parcels."""
    if event.order is None:
        status = STOCK[event.body.text("shipmentState") or ""]
        yield event.fact(StockUpdated(order_id=event.order_id, status=status))


def _deleted(event: _Event) -> Iterator[Fact]:
    yield event.fact(OrderCancelled(order_id=event.order_id, reason="deleted"))


# --- orders ------------------------------------------------------------------


def _order(event: _Event) -> Iterator[Fact]:
    """A snapshot, and what is inside: deliveries, returns, refunds, a cancellation."""
    order = event.order
    if order is None:
        return
    changed = _time(order, "lastModifiedAt")
    said = _snapshot(event, order)
    if event.delivery.topic in {"OrderCreated", "OrderImported"}:
        created = _time(order, "createdAt")
        if changed is None or created is None or changed <= created:
            yield event.fact(orders.snapshot(OrderPlaced, said))
        else:
            # Fetched after the fact: how it was paid by then is told by the change alone.
            yield event.fact(orders.snapshot(OrderPlaced, {**said, "payment_status": None}))
            yield event.fact(orders.snapshot(OrderChanged, said), changed)
    else:
        yield event.fact(orders.snapshot(OrderChanged, said), changed)
    if order.text("orderState") == "Cancelled":
        yield event.fact(OrderCancelled(order_id=event.order_id), changed)
    yield from _shipments(event, order)
    for info in order.nodes("returnInfo"):
        yield from _return_items(event, info)
    yield from _refunds(event, order)


def _snapshot(event: _Event, order: Node) -> dict[str, Any]:
    price = order.node("totalPrice")
    if price is None:
        raise order.missing("totalPrice")
    currency = price.currency("currencyCode")
    if currency is None:
        raise price.missing("currencyCode")
    placed_at = _time(order, "completedAt") or _time(order, "createdAt") or event.at
    taxed = order.node("taxedPrice")
    payments = _payments(order)
    names = event.body.node("resourceUserProvidedIdentifiers")
    tag, state = order.text("locale"), order.text("paymentState")
    total = _money(price)
    if taxed is not None and taxed.has("totalGross"):
        total = _money(taxed.required_node("totalGross"))
    method = words.payment_method(_method_names(payments))
    if method in {None, PaymentMethod.OTHER} and state == "CreditOwed":
        method = PaymentMethod.DEFERRED
    fee = _shipping_fee(order, currency)
    reserved = order.text("inventoryMode") == "ReserveOnOrder"
    default = StockStatus.RESERVED if reserved else None
    return {
        "order_id": event.order_id,
        "placed_at": placed_at,
        "number": order.text("orderNumber") or (names.text("orderNumber") if names else None),
        "buyer": _party(order, tag),
        "ship_to": _ship_to(order),
        "lines": _lines(order, tag),
        "currency": currency,
        "total": total,
        "subtotal": _subtotal(order, total, fee),
        "shipping_fee": fee,
        "payment_method": method,
        "payment_status": PAYMENT.get(state or "") or _payment_status(payments, total),
        "stock": STOCK.get(order.text("shipmentState") or "", default),
        "cancelled": order.text("orderState") == "Cancelled" if order.has("orderState") else None,
        "subscription": True if order.has("recurringOrder") else None,
    }


def _money(node: Node) -> Money | None:
    """A TypedMoney, exactly. Raises Rejected where its currency cannot express it."""
    currency = node.text("currencyCode")
    precise = node.has("preciseAmount")
    digits = node.quantity("fractionDigits")
    return node.minor("preciseAmount" if precise else "centAmount", currency, digits)


def _lines(order: Node, tag: str | None) -> tuple[Line, ...]:
    shipped = {
        part.line_id
        for delivery in _deliveries(order)
        for inside in (delivery, *delivery.nodes("parcels"))
        for part in _shipped_lines(inside)
    }
    own = tuple(_line(item, tag) for item in order.nodes("lineItems"))
    custom = tuple(
        Line(
            line_id=item.required_text("id"),
            quantity=item.required_quantity("quantity"),
            title=_localized(item.node("name"), tag),
            unit_price=_unit_price(item.node("money")),
            requires_shipping=item.required_text("id") in shipped,
        )
        for item in order.nodes("customLineItems")
    )
    return own + custom


def _line(item: Node, tag: str | None) -> Line:
    variant, price = item.node("variant"), item.node("price")
    discounted = price.node("discounted") if price else None
    image = next(iter(variant.nodes("images")), None) if variant else None
    return Line(
        line_id=item.required_text("id"),
        quantity=item.required_quantity("quantity"),
        sku=variant.text("sku") if variant else None,
        product_id=item.text("productId"),
        title=_localized(item.node("name"), tag),
        unit_price=_unit_price((discounted or price or item).node("value")),
        image_url=values.web_address(image.text("url"), secure=True) if image else None,
    )


def _unit_price(node: Node | None) -> Money | None:
    if node is None or not node.has("preciseAmount"):
        return _money(node) if node else None
    # A price per unit may be finer than any coin: then no whole number of them is true.
    currency, amount = node.text("currencyCode"), node.value["preciseAmount"]
    digits = node.quantity("fractionDigits") or 0
    if type(amount) is not int or currency is None or digits > 24:
        return None
    return values.money(format(Decimal(amount).scaleb(-digits).normalize(), "f"), currency)


def _localized(names: Node | None, tag: str | None) -> str | None:
    """A LocalizedString in the order's language, else in English, else as it stands first."""
    if names is None:
        return None
    language = (tag or "").partition("-")[0]
    same = [key for key in names.value if language and key.partition("-")[0] == language]
    for key in (tag, language, *same, "en", *names.value):
        if key and (found := names.text(key)):
            return found
    return None


def _party(order: Node, tag: str | None) -> Party:
    billing, shipping = order.node("billingAddress"), order.node("shippingAddress")
    homes = [node for node in (billing, shipping) if node]
    return orders.party(
        customer_id=order.text("customerId"),
        name=_name(billing) if billing else None,
        emails=(order.text("customerEmail"), billing.text("email") if billing else None),
        phones=_phones(billing) if billing else (),
        phone_region=next(filter(None, map(_country, homes)), None),
        locale=tag,
    )


def _phones(home: Node) -> tuple[str | None, ...]:
    return home.text("phone"), home.text("mobile")


def _name(node: Node) -> str | None:
    return words.full_name(node.text("firstName"), node.text("lastName")) or node.text("company")


def _country(home: Node) -> str | None:
    return values.country(home.text("country"))


def _ship_to(order: Node) -> Address | None:
    if order.has("shippingAddress"):
        return _address(order.node("shippingAddress"))
    several = [_address(one.node("shippingAddress")) for one in order.nodes("shipping")]
    return several[0] if several and all(one == several[0] for one in several) else None


def _address(node: Node | None) -> Address | None:
    if node is None:
        return None
    country = _country(node)
    street = [node.text("streetName"), node.text("streetNumber")]
    if country in NUMBER_FIRST:
        street.reverse()
    more = [node.text(key) for key in ("additionalStreetInfo", "building", "apartment", "pOBox")]
    return orders.address(
        name=_name(node),
        country=country,
        postal_code=node.text("postalCode"),
        region=node.text("state") or node.text("region"),
        city=node.text("city"),
        line1=" ".join(part for part in street if part) or None,
        line2=" ".join(part for part in more if part) or None,
        phones=_phones(node),
    )


def _shipping_infos(order: Node) -> tuple[Node, ...]:
    """Of shipping mode Single one, of Multiple one per shipping."""
    several = (one.node("shippingInfo") for one in order.nodes("shipping"))
    return tuple(info for info in (order.node("shippingInfo"), *several) if info is not None)


def _shipping_fee(order: Node, currency: str) -> Money | None:
    fees = []
    for info in _shipping_infos(order):
        taxed, discounted = info.node("taxedPrice"), info.node("discountedPrice")
        price = taxed.node("totalGross") if taxed else None
        price = price or (discounted.node("value") if discounted else None) or info.node("price")
        fees.append(_money(price) if price else None)
    return _sum(fees, currency) if fees else None


def _subtotal(order: Node, total: Money | None, fee: Money | None) -> Money | None:
    """What the goods cost; None where their lines do not say it. It costs no order."""
    items = (*order.nodes("lineItems"), *order.nodes("customLineItems"))
    if total is None or not items:
        return None
    with_tax = _sum((_cost(item, "taxedPrice", "totalGross") for item in items), total.currency)
    as_said = _sum((_cost(item, "totalPrice") for item in items), total.currency)
    goods = total.amount - (fee.amount if fee else 0)
    adds_up = next((one for one in (with_tax, as_said) if one and one.amount == goods), None)
    found = adds_up or with_tax or (None if order.has("taxedPrice") else as_said)
    return found if found and found.amount >= 0 else None


def _cost(item: Node, *keys: str) -> Money | None:
    try:
        price: Node | None = item
        for key in keys:
            price = price.node(key) if price else None
        return _money(price) if price else None
    except Rejected:
        return None


def _sum(amounts: Iterable[Money | None], currency: str) -> Money | None:
    """All amounts together; None where one is missing or in another currency."""
    known = list(amounts)
    if any(one is None or one.currency != currency for one in known):
        return None
    return Money(sum(one.amount for one in known if one), currency)


def _deliveries(order: Node) -> tuple[Node, ...]:
    return tuple(one for info in _shipping_infos(order) for one in info.nodes("deliveries"))


def _shipments(event: _Event, order: Node) -> Iterator[Fact]:
    state, deliveries = order.text("shipmentState"), _deliveries(order)
    if event.delivery.topic == "OrderShipmentStateChanged":
        state = event.body.text("shipmentState") or state
    gone_out = state in {"Shipped", "Delivered"}
    shipments: list[str] = []
    for delivery in deliveries:
        facts = tuple(_delivery(event, delivery, gone_out=gone_out))
        shipments += [f.data.shipment_id for f in facts if isinstance(f.data, ShipmentDispatched)]
        yield from facts
    if gone_out and not deliveries:
        shipments = [event.order_id]
        yield _dispatched(event, event.order_id, (), None, None)
    if state == "Delivered":
        for shipment_id in shipments:
            arrived = ShipmentUpdated(
                order_id=event.order_id,
                shipment_id=shipment_id,
                status=Status.DELIVERED,
                raw_status=state,
            )
            yield event.fact(arrived)


# --- deliveries and parcels --------------------------------------------------


def _shipped_lines(node: Node) -> tuple[ShippedLine, ...]:
    items = node.nodes("items")
    return orders.shipped_lines(
        (i.required_text("id"), i.required_quantity("quantity")) for i in items
    )


def _announced(event: _Event, shipment_id: str, lines: tuple[ShippedLine, ...]) -> Fact:
    """What is inside, apart from the dispatch, which a later tracking number tells anew."""
    data = ShipmentUpdated(
        order_id=event.order_id, shipment_id=shipment_id, status=Status.PENDING, lines=lines
    )
    return event.fact(data)


def _dispatched(
    event: _Event,
    shipment_id: str,
    lines: tuple[ShippedLine, ...],
    tracking: Node | None,
    created: datetime | None,
) -> Fact:
    numbers = words.tracking_numbers([tracking.text("trackingId") if tracking else None])
    data = ShipmentDispatched(
        order_id=event.order_id,
        shipment_id=shipment_id,
        lines=lines,
        carrier=(tracking.text("carrier") or tracking.text("provider")) if tracking else None,
        tracking_number=numbers[0] if numbers else None,
        other_tracking_numbers=numbers[1:],
        dispatched_at=created,
    )
    return event.fact(data)


def _cancelled(event: _Event, shipment_id: str) -> Fact:
    data = ShipmentUpdated(
        order_id=event.order_id,
        shipment_id=shipment_id,
        status=Status.CANCELLED,
        raw_status=event.delivery.topic,
    )
    return event.fact(data)


def _goes_back(tracking: Node | None) -> bool:
    return tracking is not None and tracking.flag("isReturn") is True


def _parcel(event: _Event, parcel: Node, delivery: Node | None) -> Iterator[Fact]:
    tracking = parcel.node("trackingData")
    if _goes_back(tracking):
        return
    lines = _shipped_lines(parcel)
    if not lines and delivery is not None:
        others = {one.required_text("id") for one in delivery.nodes("parcels")} - {
            parcel.required_text("id")
        }
        lines = () if others else _shipped_lines(delivery)
    if lines:
        yield _announced(event, parcel.required_text("id"), lines)
    yield _dispatched(
        event, parcel.required_text("id"), lines, tracking, _time(parcel, "createdAt")
    )


def _delivery_added(event: _Event) -> Iterator[Fact]:
    delivery = event.body.required_node("delivery")
    yield from _delivery(event, delivery, gone_out=False)


def _delivery(event: _Event, delivery: Node, *, gone_out: bool) -> Iterator[Fact]:
    parcels = delivery.nodes("parcels")
    for parcel in parcels:
        yield from _parcel(event, parcel, delivery)
    if parcels:
        return
    lines, delivery_id = _shipped_lines(delivery), delivery.required_text("id")
    yield _announced(event, delivery_id, lines)
    if gone_out:
        yield _dispatched(event, delivery_id, lines, None, _time(delivery, "createdAt"))


def _parcel_added(event: _Event) -> Iterator[Fact]:
    yield from _parcel(event, event.body.required_node("parcel"), event.body.node("delivery"))


def _tracking_updated(event: _Event) -> Iterator[Fact]:
    tracking = event.body.node("trackingData")
    if not _goes_back(tracking):
        yield _dispatched(event, event.body.required_text("parcelId"), (), tracking, None)


def _parcel_removed(event: _Event) -> Iterator[Fact]:
    yield _cancelled(event, event.body.required_node("parcel").required_text("id"))


def _delivery_removed(event: _Event) -> Iterator[Fact]:
    delivery = event.body.required_node("delivery")
    for gone in (delivery, *delivery.nodes("parcels")):
        yield _cancelled(event, gone.required_text("id"))


# --- returns -----------------------------------------------------------------


def _return_info(event: _Event) -> Iterator[Fact]:
    """One ReturnInfo (ReturnInfoAdded), or all of them (ReturnInfoSet)."""
    body = event.body
    if isinstance(body.value.get("returnInfo"), list | tuple):
        infos = body.nodes("returnInfo")
    else:
        one = body.node("returnInfo")
        infos = (one,) if one else ()
    if not infos and event.delivery.topic == "ReturnInfoAdded":
        raise body.missing("returnInfo")
    for info in infos:
        yield from _return_items(event, info)


def _return_items(event: _Event, info: Node) -> Iterator[Fact]:
    for item in info.nodes("items"):
        item_id = item.required_text("id")
        line_id = item.text("lineItemId") or item.text("customLineItemId")
        lines = orders.shipped_lines([(line_id, item.quantity("quantity"))])
        at = _time(item, "lastModifiedAt") or _time(info, "returnDate")
        back = GOODS_BACK.get(item.text("shipmentState") or "", False)
        kind = ReturnReceived if back else ReturnOpened
        yield event.fact(kind(order_id=event.order_id, return_id=item_id, lines=lines), at)
        if item.text("paymentState") == "Refunded":
            what = RefundKind.RETURNED if back else RefundKind.KEPT
            refunded = tuple(
                RefundedLine(line_id=one.line_id, quantity=one.quantity, kind=what) for one in lines
            )
            data = OrderRefunded(order_id=event.order_id, refund_id=item_id, lines=refunded)
            yield event.fact(data, at)


def _return_state(event: _Event) -> Iterator[Fact]:
    body = event.body
    item_id, state = body.required_text("returnItemId"), body.text("returnShipmentState")
    if state is None:
        raise body.missing("returnShipmentState")
    if state not in GOODS_BACK:
        raise body.impossible("returnShipmentState", f"one of {', '.join(sorted(GOODS_BACK))}")
    kind = ReturnReceived if GOODS_BACK[state] else ReturnOpened
    yield event.fact(kind(order_id=event.order_id, return_id=item_id))


# --- payments ----------------------------------------------------------------


def _payments(order: Node) -> tuple[Node, ...]:
    """The payments that are expanded; a reference alone tells nothing."""
    info = order.node("paymentInfo")
    found = (one.node("obj") for one in (info.nodes("payments") if info else ()))
    return tuple(payment for payment in found if payment is not None)


def _method_names(payments: tuple[Node, ...]) -> Iterator[str]:
    for payment in payments:
        info = payment.node("paymentMethodInfo")
        if info is not None:
            yield from filter(None, [info.text("method"), _localized(info.node("name"), None)])


def _succeeded(payments: tuple[Node, ...], kind: str) -> Iterator[tuple[Node, Money]]:
    for payment in payments:
        for transaction in payment.nodes("transactions"):
            if transaction.text("type") == kind and transaction.text("state") == "Success":
                amount = _money(transaction.required_node("amount"))
                if amount is not None:
                    yield transaction, amount


def _payment_status(payments: tuple[Node, ...], total: Money | None) -> PaymentStatus | None:
    for kind, whole, part in (
        ("Charge", PaymentStatus.PAID, PaymentStatus.PARTIALLY_PAID),
        ("Authorization", PaymentStatus.AUTHORIZED, None),
    ):
        amounts = [amount for _, amount in _succeeded(payments, kind)]
        if total is not None and amounts and all(a.currency == total.currency for a in amounts):
            return whole if sum(a.amount for a in amounts) >= total.amount else part
    return None


def _refunds(event: _Event, order: Node) -> Iterator[Fact]:
    for transaction, amount in _succeeded(_payments(order), "Refund"):
        refund_id = transaction.required_text("id")
        data = OrderRefunded(order_id=event.order_id, refund_id=refund_id, amount=amount)
        yield event.fact(data, _time(transaction, "timestamp"))


# --- declaration -------------------------------------------------------------

_READERS = {
    "OrderStateChanged": _state_changed,
    "OrderPaymentStateChanged": _payment_changed,
    "OrderShipmentStateChanged": _shipment_changed,
    "OrderReturnShipmentStateChanged": _return_state,
    "OrderDeleted": _deleted,
    "ResourceDeleted/order": _deleted,
    "DeliveryAdded": _delivery_added,
    "DeliveryRemoved": _delivery_removed,
    "ParcelAddedToDelivery": _parcel_added,
    "ParcelTrackingDataUpdated": _tracking_updated,
    "ParcelRemovedFromDelivery": _parcel_removed,
    "ReturnInfoAdded": _return_info,
    "ReturnInfoSet": _return_info,
}
_INSIDE = "and what is inside: parcels, returns, refunds, a cancellation"
_FETCHED = f"thin; the order is fetched: OrderChanged, {_INSIDE}"
_WORKFLOW = "a step of the merchant's own workflow, told by ids of states that only they know"

SOURCE = Source(
    name=NAME,
    title="commercetools",
    docs_url="https://docs.commercetools.com/api/projects/messages",
    topics={
        "OrderCreated": f"OrderPlaced, {_INSIDE}",
        "OrderImported": f"OrderPlaced (historical), {_INSIDE}",
        "OrderStateChanged": "OrderConfirmed for Confirmed, OrderCancelled for Cancelled",
        "OrderPaymentStateChanged": "PaymentUpdated",
        "OrderShipmentStateChanged": "StockUpdated for Ready and Backorder; else the order is "
        f"fetched: OrderChanged, {_INSIDE}",
        "DeliveryAdded": "ShipmentUpdated: what is going to be in its parcels",
        "ParcelAddedToDelivery": "ShipmentDispatched, and ShipmentUpdated with what is inside",
        "ParcelTrackingDataUpdated": "ShipmentDispatched with the number",
        "ParcelRemovedFromDelivery": "ShipmentUpdated: cancelled",
        "DeliveryRemoved": "ShipmentUpdated: cancelled",
        "ReturnInfoAdded": "ReturnOpened or ReturnReceived; OrderRefunded where it was refunded",
        "ReturnInfoSet": "ReturnOpened or ReturnReceived; OrderRefunded where it was refunded",
        "OrderReturnShipmentStateChanged": "ReturnOpened or ReturnReceived",
        "OrderDeleted": "OrderCancelled",
        **dict.fromkeys(REFRESHES, _FETCHED),
        "ResourceCreated/order": _FETCHED,
        "ResourceUpdated/order": _FETCHED,
        "ResourceDeleted/order": "OrderCancelled",
        "order": f"OrderChanged, {_INSIDE}",
    },
    ignored={
        "LineItemStateTransition": _WORKFLOW,
        "CustomLineItemStateTransition": _WORKFLOW,
        "OrderStateTransition": _WORKFLOW,
        "OrderEstimatedDeliverySet": "a window in UTC: which day that is at the destination is "
        "not said",
        "Payment*": "names a payment, not an order; OrderPaymentStateChanged tells the payment",
        "Customer*": "a customer is known by their orders",
        "InventoryEntry*": "stock by supply channel; Yoin asks for no stock of this platform",
        "Resource*": "a resource that is no order",
        "*": "no order, parcel or return is told by it; take it out of the subscription",
    },
    notes=(
        "Repetition: at least once; the message's id stays the same. Retries for 48 hours.",
        "Order of arrival is not guaranteed: createdAt decides, then sequenceNumber.",
        "A message that was too large comes without its payload: the order is fetched.",
        "Over the partner bus only; there is no webhook and no signature.",
    ),
    event_patterns=({"source": [{"prefix": PARTNER}]},),
    recognises=recognises,
    matches=matches,
    open=open_envelope,
    keeps=("ce-type",),
    topic_of=topic_of,
    split=split,
    event_id=event_id,
    retries_for=timedelta(hours=48),
    missing=missing,
    api=Api(
        base_url="",
        auth="oauth",
        docs_url="https://docs.commercetools.com/api/authorization",
    ),
    normalize=normalize,
)
