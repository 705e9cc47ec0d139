"""Saleor: orders, fulfilments, payments and refunds by webhook.

Documentation: docs.saleor.io/developer/extending/webhooks (overview, asynchronous-events,
subscription-webhook-payloads, payload-signature) and the GraphQL reference of Order and
Fulfillment.

- Events: ``Saleor-Event`` names the event in small letters, ``Saleor-Domain`` the shop; older
  versions write X-Saleor-*.
- Signature: ``Saleor-Signature`` is a detached JWS (RS256) of the raw body, whose keys are at
  https://<domain>/.well-known/jwks.json; with the deprecated ``secretKey`` it is the hex
  HMAC-SHA256 of the raw body. The secret that is stored decides which: a key set, or the
  secretKey. A key set is public and never taken as a key for an HMAC.
- Retry: up to 5 times with growing delays.
- Order: not promised; ``issuedAt`` (``meta.issued_at``), else ``updatedAt``, decides. Times carry
  their offset, in old payloads with a space before the clock; without one they are UTC.
- Duplicates: there is no event id, so only what is equal byte for byte is a repetition.

Three forms are read: the payload of a GraphQL subscription, the static payload of older versions
(a list with one object, snake_case, amounts beside the currency), and NOTIFY_USER payloads. The
merchant writes the subscription; fields that it leaves out are not known. Yoin expects this one,
for each of ``... on OrderCreated``, ``OrderConfirmed``, ``OrderPaid``, ``OrderFullyPaid``,
``OrderUpdated``, ``OrderCancelled``, ``OrderExpired``, ``OrderFulfilled``, ``OrderRefunded`` and
``OrderFullyRefunded``::

    fragment Parcel on Fulfillment {
      id status created trackingNumber totalRefundedAmount { amount currency }
      lines { quantity orderLine { id productSku } }
    }
    fragment Home on Address {
      firstName lastName companyName streetAddress1 streetAddress2 city cityArea postalCode
      country { code } countryArea phone
    }
    fragment Whole on Order {
      id number created updatedAt status origin userEmail languageCodeEnum
      isPaid paymentStatus chargeStatus authorizeStatus
      user { id email firstName lastName }
      shippingAddress { ...Home } billingAddress { ...Home }
      total { gross { amount currency } } subtotal { gross { amount currency } }
      shippingPrice { gross { amount currency } } totalRefunded { amount currency }
      metadata { key value }
      lines {
        id productName variantName productSku quantity isShippingRequired
        unitPrice { gross { amount currency } } thumbnail { url } variant { product { id } }
      }
      fulfillments { ...Parcel }
    }
    subscription { event { __typename issuedAt
      ... on OrderCreated { order { ...Whole } }
      ... on FulfillmentCreated { order { ...Whole } fulfillment { ...Parcel } }
    } }

and ``fulfillment`` beside ``order`` for ``FulfillmentCreated``, ``FulfillmentApproved``,
``FulfillmentCanceled`` and ``FulfillmentTrackingNumberUpdated``.

Readings that are ours
- Ids are Saleor's global ids, as they stand.
- A confirmed order (any status after "unconfirmed") has its stock allocated. ORDER_CONFIRMED is a
  confirmation unless the same payload says that nothing is paid or authorised.
- Payment: refunds first (``totalRefunded``, ``paymentStatus``), then ``chargeStatus``, then
  ``authorizeStatus``. "not charged" alone is what orders without any payment say, too: not known.
- A fulfilment is a dispatch; one that waits for approval is announced. Those with the status
  returned or refunded are how Saleor writes down returns and refunds of goods: no parcels. A
  replaced one tells nothing: what replaces it is an order of its own.
- A tracking number may be an address of a carrier's page: its number where it holds one, and the
  address as the link.
- Static and NOTIFY payloads name the goods of a fulfilment by SKU or line; where that is not one
  order line, the contents are not known. NOTIFY names no fulfilment: its first line's id stands
  for it. Subscribe to NOTIFY_USER or to fulfilment events, not to both.
- ORDER_BULK_CREATED, and an order of the origin BULK_CREATE, are imports: historical.
- Nothing marks a test. Draft orders are not placed: nothing is told of them.
- A payload without any time of its event takes its arrival, else the order's ``created``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.contracts import orders, tracking, values, words
from shared.contracts.attributes import Wishes, read_wishes
from shared.contracts.reading import Node
from shared.contracts.signatures import BodyHmac, DetachedJws, Either
from shared.domain.events import (
    Data,
    Fact,
    Line,
    OrderCancelled,
    OrderChanged,
    OrderConfirmed,
    OrderPlaced,
    OrderRefunded,
    PaymentStatus,
    PaymentUpdated,
    RefundedLine,
    RefundKind,
    ReturnReceived,
    ShipmentDispatched,
    ShipmentUpdated,
    StockStatus,
)
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import Delivery, Source, make_fact, split_list

NAME = "saleor"

# PaymentChargeStatusEnum, in small letters with hyphens.
PAYMENT = {
    "not-charged": None,
    "pending": PaymentStatus.PENDING,
    "partially-charged": PaymentStatus.PARTIALLY_PAID,
    "fully-charged": PaymentStatus.PAID,
    "partially-refunded": PaymentStatus.PARTIALLY_REFUNDED,
    "fully-refunded": PaymentStatus.REFUNDED,
    "refused": PaymentStatus.FAILED,
    "cancelled": PaymentStatus.VOIDED,
}
CHARGED = {
    "full": PaymentStatus.PAID,
    "overcharged": PaymentStatus.PAID,
    "partial": PaymentStatus.PARTIALLY_PAID,
}
AUTHORIZED = {"full": PaymentStatus.AUTHORIZED, "none": PaymentStatus.PENDING}
_REFUNDED = frozenset({PaymentStatus.REFUNDED, PaymentStatus.PARTIALLY_REFUNDED})

# OrderStatus: whether the order was confirmed.
ORDER = {
    "draft": False,
    "unconfirmed": False,
    "unfulfilled": True,
    "partially-fulfilled": True,
    "fulfilled": True,
    "partially-returned": True,
    "returned": True,
    "canceled": False,
    "expired": False,
}
_CANCELS = frozenset({"order_cancelled", "order_expired", "notify:order_canceled"})
_OVER = {"canceled": None, "expired": "expired"}

# FulfillmentStatus of a parcel that is, or will be; the others are no parcels.
PARCEL = {"fulfilled": None, "waiting-for-approval": Status.PENDING, "canceled": Status.CANCELLED}
# Those that write down what came back, or was paid back: (goods back, money back).
BACK = {
    "returned": (True, False),
    "refunded": (False, True),
    "refunded-and-returned": (True, True),
    "replaced": (False, False),
}

_SNAKE = re.compile(r"_([a-z0-9])")
_CAMEL = re.compile(r"(?<=[a-z0-9])([A-Z])")


# --- events and topics -------------------------------------------------------


def _word(text: str | None) -> str:
    """PARTIALLY_FULFILLED, "partially fulfilled" and partially-fulfilled are one word."""
    return (text or "").strip().lower().replace("_", "-").replace(" ", "-")


def _camel(value: Any, depth: int = 0) -> Any:
    """The static payload's names as GraphQL has them; metadata keeps the merchant's own."""
    if depth > 12:
        return value
    if isinstance(value, Mapping):
        return {
            _SNAKE.sub(lambda found: found[1].upper(), key): (
                inner if key in {"metadata", "private_metadata"} else _camel(inner, depth + 1)
            )
            for key, inner in value.items()
        }
    return [_camel(one, depth + 1) for one in value] if isinstance(value, list | tuple) else value


def _payload(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an event tells, without the wrappers of GraphQL and of NOTIFY_USER."""
    for key in ("data", "event", "payload"):
        inner = body.get(key)
        if isinstance(inner, Mapping) and not _is_order(body) and not _is_fulfillment(body):
            return _payload(inner)
    if len(body) == 1:
        ((key, inner),) = body.items()
        wraps = key not in {"order", "fulfillment"}
        if wraps and isinstance(inner, Mapping) and {"order", "fulfillment"} & set(inner):
            return inner
        if key == "object" and isinstance(inner, Mapping):
            return inner
    return body


def _is_order(body: Mapping[str, Any]) -> bool:
    return body.get("type") == "Order" or (
        "lines" in body and "status" in body and ("order" not in body and "number" in body)
    )


def _is_fulfillment(body: Mapping[str, Any]) -> bool:
    return body.get("type") == "Fulfillment" or (
        "lines" in body and bool({"trackingNumber", "tracking_number"} & set(body))
    )


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether these are headers of a webhook of Saleor's."""
    return "saleor-event" in headers or "x-saleor-event" in headers


def topic_of(headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The event in small letters; "notify:<event>" of NOTIFY_USER; "order" or "fulfillment" of
    an object that no event is named with."""
    notified = body.get("notify_event") or body.get("notifyEvent")
    if isinstance(notified, str) and notified:
        return f"notify:{notified}"
    said = headers.get("saleor-event") or headers.get("x-saleor-event")
    if said:
        return said.lower()
    if isinstance(body.get("event"), str):
        return str(body["event"]).lower()
    wrapped = body.get("data")
    named: list[Any] = list(wrapped) if isinstance(wrapped, Mapping) and len(wrapped) == 1 else []
    payload = _payload(body)
    named = [payload.get("__typename"), *named]
    for name in named:
        if isinstance(name, str) and name not in {"event", "object", "order", "fulfillment"}:
            snake = _CAMEL.sub(r"_\1", name).lower()
            if snake not in {"order", "fulfillment"}:
                return snake
    if isinstance(payload.get("fulfillment"), Mapping) or _is_fulfillment(payload):
        return "fulfillment"
    order = payload.get("order")
    return "order" if isinstance(order, Mapping) or _is_order(payload) else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Each of a list, each order of ORDER_BULK_CREATED, else the body."""
    parts: list[Mapping[str, Any]] = []
    for part in split_list(body):
        orders = part.get("orders")
        if isinstance(orders, list | tuple):
            beside = {key: value for key, value in part.items() if key != "orders"}
            parts += [{**beside, "order": order} for order in orders]
        else:
            parts.append(part)
    return tuple(parts)


# --- normalizing -------------------------------------------------------------


def _time(node: Node, key: str) -> datetime | None:
    return node.instant(key, zone="UTC")


@dataclass(frozen=True)
class _Event:
    """A delivery with what all its facts have in common."""

    delivery: Delivery
    payload: Node
    order: Node
    order_id: str
    brand: str | None
    said_at: datetime | None
    historical: bool

    @classmethod
    def of(cls, delivery: Delivery) -> _Event:
        payload = Node(_camel(_payload(delivery.body)))
        inside = payload.node("fulfillment")
        order = payload.node("order") or (inside.node("order") if inside else None)
        if order is None and (delivery.topic == "order" or _is_order(payload.value)):
            order = payload
        order = order or (payload if delivery.topic.startswith("order_") else None)
        order_id = order.text("id") if order else None
        if order is None or order_id is None:
            raise payload.missing("order.id")
        headers, meta = delivery.headers, payload.node("meta") or order.node("meta")
        shop = headers.get("saleor-domain") or headers.get("x-saleor-domain")
        shop = shop or payload.text("domain")
        said = _time(payload, "issuedAt") or (_time(meta, "issuedAt") if meta else None)
        imported = _word(order.text("origin")) == "bulk-create"
        return cls(
            delivery=delivery,
            payload=payload,
            order=order,
            order_id=order_id,
            brand=delivery.brands.find(shop=shop.lower() if shop else None),
            said_at=said,
            historical=imported or delivery.topic == "order_bulk_created",
        )

    def when(self, *said: datetime | None) -> datetime:
        """The first time that is said, else when Saleor sent it, else the arrival."""
        told = (*said, self.said_at, _time(self.order, "updatedAt"), self.delivery.time)
        found = next(filter(None, told), None) or _time(self.order, "created")
        if found is None:
            raise self.order.missing("updatedAt", "created")
        return found

    def fact(self, data: Data, at: datetime, *, rank: int = 0) -> Fact:
        """A fact of this event."""
        return make_fact(
            self.delivery, data, at, brand=self.brand, rank=rank, historical=self.historical
        )

    @property
    def status(self) -> str:
        """The order's status as one word."""
        return _word(self.order.text("status"))


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in a delivery. Raises Rejected."""
    event = _Event.of(delivery)
    if event.status == "draft":
        return ()
    topic = delivery.topic
    reader = (
        _fulfillment_event if topic.startswith("fulfillment") else _READERS.get(topic, _changed)
    )
    return tuple(reader(event))


def _placed(event: _Event) -> Iterator[Fact]:
    if not event.order.has("lines"):
        raise event.order.missing("lines")
    said = _snapshot(event)
    at = _time(event.order, "created") or event.when()
    yield event.fact(orders.snapshot(OrderPlaced, said), at, rank=_rank(event))
    yield from _inside(event)


def _changed(event: _Event) -> Iterator[Fact]:
    """The order as it stands, as far as the payload tells it."""
    if event.order.has("lines"):
        yield event.fact(
            orders.snapshot(OrderChanged, _snapshot(event)), event.when(), rank=_rank(event)
        )
    yield from _inside(event)


def _rank(event: _Event) -> int:
    """How far along the order is, for two snapshots of one instant."""
    return list(ORDER).index(event.status) + 1 if event.status in ORDER else 0


def _inside(event: _Event) -> Iterator[Fact]:
    if event.status in _OVER and event.delivery.topic not in _CANCELS:
        reason = _OVER[event.status]
        yield event.fact(OrderCancelled(order_id=event.order_id, reason=reason), event.when())
    for fulfillment in event.order.nodes("fulfillments"):
        yield from _fulfillment(event, fulfillment)


def _confirmed(event: _Event) -> Iterator[Fact]:
    yield from _changed(event)
    if _payment_status(event.order) not in {PaymentStatus.PENDING, PaymentStatus.FAILED}:
        yield event.fact(OrderConfirmed(order_id=event.order_id), event.when())


def _cancelled(event: _Event) -> Iterator[Fact]:
    yield from _changed(event)
    reason = "expired" if event.delivery.topic == "order_expired" else None
    yield event.fact(OrderCancelled(order_id=event.order_id, reason=reason), event.when())


def _paid(event: _Event) -> Iterator[Fact]:
    yield from _changed(event)
    status = _payment_status(event.order)
    if event.delivery.topic == "order_fully_paid":
        status = PaymentStatus.PAID
    payment = event.payload.node("payment")
    at, amount = event.when(), _amount(event.order, "total")
    if payment is not None:
        status = PAYMENT.get(_word(payment.text("chargeStatus")))
        at = event.when(_time(payment, "modified"), _time(payment, "created"))
        amount = payment.money("capturedAmount", payment.text("currency")) or amount
    if status is not None:
        data = PaymentUpdated(order_id=event.order_id, status=status, amount=amount)
        yield event.fact(data, at)


def _refunded(event: _Event) -> Iterator[Fact]:
    yield from _changed(event)
    total, back = _amount(event.order, "total"), _total_refunded(event.order)
    back = back or event.payload.money("amount", event.payload.text("currency"))
    status = orders.refund_status(back, total) if back else PaymentStatus.PARTIALLY_REFUNDED
    if event.delivery.topic == "order_fully_refunded":
        status = PaymentStatus.REFUNDED
    data = PaymentUpdated(order_id=event.order_id, status=status, amount=back)
    yield event.fact(data, event.when())


# --- orders ------------------------------------------------------------------


def _snapshot(event: _Event) -> dict[str, Any]:
    order = event.order
    placed_at = _time(order, "created") or event.when()
    total = _amount(order, "total")
    currency = _currency(order)
    tag = order.text("languageCodeEnum") or order.text("languageCode")
    wishes = _wishes(order, placed_at.date())
    names = [
        name
        for payment in order.nodes("payments")
        for name in (payment.text("paymentMethodType"), payment.text("gateway"))
        if name
    ]
    return {
        "order_id": event.order_id,
        "placed_at": placed_at,
        "number": order.text("number"),
        "buyer": _party(order, tag),
        "ship_to": _address(order.node("shippingAddress")),
        "lines": tuple(_line(item, currency) for item in order.nodes("lines")),
        "currency": currency,
        "total": total,
        "subtotal": _amount(order, "subtotal"),
        "shipping_fee": _amount(order, "shippingPrice"),
        "payment_method": words.payment_method(names[:1]),
        "payment_status": _payment_status(order),
        "stock": StockStatus.RESERVED if ORDER.get(event.status) else None,
        "cancelled": _off(event),
        "wished_date": wishes.day,
        "wished_slot": wishes.slot,
        "gift": wishes.gift,
        "status_url": values.web_address(order.text("orderDetailsUrl"), secure=True),
    }


def _off(event: _Event) -> bool | None:
    """Whether the order is cancelled; None where nothing in the payload says it."""
    if event.delivery.topic in _CANCELS or event.status in _OVER:
        return True
    return False if event.status in ORDER else None


def _currency(order: Node) -> str | None:
    """The order's currency, where one of the three forms says it."""
    channel, total = order.node("channel"), order.node("total")
    gross = total.node("gross") if total else None
    found = (
        order.text("currency")
        or (gross.text("currency") if gross else None)
        or (channel.text("currencyCode") if channel else None)
    )
    if found is None:
        found = next(filter(None, (item.text("currency") for item in order.nodes("lines"))), None)
    if found is not None and values.currency_exponent(found) is None:
        raise order.impossible("currency", "an ISO 4217 currency code")
    return found


def _amount(order: Node, key: str) -> Money | None:
    """An amount with tax: total.gross.amount, or totalGrossAmount beside the currency."""
    nested = order.node(key)
    gross = nested.node("gross") if nested else None
    read = Node.money if key == "total" else Node.exact_money
    if gross is not None:
        return read(gross, "amount", gross.text("currency"))
    return read(order, f"{key}GrossAmount", _currency(order))


def _total_refunded(order: Node) -> Money | None:
    node = order.node("totalRefunded")
    return node.money("amount", node.text("currency")) if node else None


def _payment_status(order: Node) -> PaymentStatus | None:
    total, back = _amount(order, "total"), _total_refunded(order)
    if back is not None and back.amount > 0:
        return orders.refund_status(back, total)
    said = PAYMENT.get(_word(order.text("paymentStatus")))
    if said in _REFUNDED:
        return said
    charged, authorized = _word(order.text("chargeStatus")), _word(order.text("authorizeStatus"))
    if charged in CHARGED:
        return CHARGED[charged]
    if authorized in AUTHORIZED and charged in {"", "none"}:
        return AUTHORIZED[authorized] if authorized == "full" or charged else said
    paid = PaymentStatus.PAID if order.flag("isPaid") else None
    payments = (PAYMENT.get(_word(p.text("chargeStatus"))) for p in order.nodes("payments"))
    return said or paid or next((status for status in payments if status), None)


def _line(item: Node, currency: str | None) -> Line:
    variant = item.node("variant")
    product = (variant.node("product") if variant else None) or item.node("product")
    thumbnail = item.node("thumbnail")
    image = thumbnail.text("url") if thumbnail else None
    ships = item.flag("isShippingRequired")
    return Line(
        line_id=item.required_text("id"),
        quantity=item.required_quantity("quantity"),
        sku=item.text("productSku"),
        product_id=product.text("id") if product else None,
        title=item.text("translatedProductName") or item.text("productName"),
        variant=item.text("translatedVariantName") or item.text("variantName"),
        unit_price=_unit_price(item, currency),
        image_url=values.web_address(image, secure=True),
        requires_shipping=True if ships is None else ships,
    )


def _unit_price(item: Node, currency: str | None) -> Money | None:
    price = item.node("unitPrice")
    gross = price.node("gross") if price else None
    if gross is not None:
        return gross.exact_money("amount", gross.text("currency"))
    return item.exact_money("unitPriceGrossAmount", item.text("currency") or currency)


def _party(order: Node, tag: str | None) -> Party:
    user, billing = order.node("user"), order.node("billingAddress")
    named = next((node for node in (user, billing) if node and _name(node)), None)
    return orders.party(
        customer_id=user.text("id") if user else None,
        name=_name(named) if named else None,
        emails=(order.text("userEmail"), order.text("email"), user.text("email") if user else None),
        phones=(billing.text("phone"),) if billing else (),
        phone_region=_country(billing) if billing else None,
        locale=_locale(tag),
    )


def _locale(tag: str | None) -> str:
    """JA and PT_BR (languageCodeEnum), or pt-br: as BCP 47 writes them."""
    language, *more = (tag or "").replace("_", "-").split("-")
    parts = (part.upper() if len(part) == 2 else part.title() for part in more)
    return "-".join((language.lower(), *parts))


def _name(node: Node) -> str | None:
    name = words.full_name(node.text("firstName"), node.text("lastName"))
    return name or node.text("companyName")


def _country(address: Node) -> str | None:
    """Of GraphQL an object with the code, of the static payload the code itself."""
    inside = address.value.get("country")
    node = address.node("country") if isinstance(inside, Mapping) else None
    code = node.text("code") if node else address.text("country")
    return values.country(code)


def _address(node: Node | None) -> Address | None:
    if node is None:
        return None
    places = [node.text("city"), node.text("cityArea")]
    return orders.address(
        name=_name(node),
        country=_country(node),
        postal_code=node.text("postalCode"),
        region=node.text("countryArea"),
        city=" ".join(place for place in places if place) or None,
        line1=node.text("streetAddress1"),
        line2=node.text("streetAddress2"),
        phones=(node.text("phone"),),
    )


def _wishes(order: Node, ordered_on: date) -> Wishes:
    """What the checkout wrote into the order's public metadata."""
    said = order.value.get("metadata")
    if isinstance(said, Mapping):
        pairs = list(said.items())
    else:
        pairs = [(n.value.get("key"), n.value.get("value")) for n in order.nodes("metadata")]
    texts = ((k, v) for k, v in pairs if isinstance(k, str) and isinstance(v, str))
    return read_wishes(texts, ordered_on)


# --- fulfilments -------------------------------------------------------------


def _fulfillment_event(event: _Event) -> Iterator[Fact]:
    topic, payload = event.delivery.topic, event.payload
    own = payload.node("fulfillment")
    if own is None and payload.has("id") and payload.value is not event.order.value:
        own = payload
    if own is None:
        raise payload.missing("fulfillment")
    told = own.text("id")
    if event.order.has("lines"):
        yield event.fact(
            orders.snapshot(OrderChanged, _snapshot(event)), event.when(), rank=_rank(event)
        )
    for other in event.order.nodes("fulfillments"):
        if other.text("id") != told:
            yield from _fulfillment(event, other)
    said = {"fulfillment_canceled": "canceled"}.get(topic) or own.text("status") or "fulfilled"
    yield from _fulfillment(event, Node({**own.value, "status": said}, own.path))


def _notified_fulfillment(event: _Event) -> Iterator[Fact]:
    """NOTIFY_USER names the lines of a fulfilment beside it, and no id of its own."""
    yield from _changed(event)
    own, lines = event.payload.node("fulfillment"), event.payload.value.get("physicalLines")
    parts = event.payload.nodes("physicalLines")
    if own is None:
        raise event.payload.missing("fulfillment")
    if parts:
        fulfillment_id = own.text("id") or parts[0].text("id")
        whole = {**own.value, "id": fulfillment_id, "lines": lines, "status": "fulfilled"}
        yield from _fulfillment(event, Node(whole, own.path))


def _fulfillment(event: _Event, node: Node) -> Iterator[Fact]:
    fulfillment_id = node.required_text("id")
    status = _word(node.text("status"))
    lines = _shipped_lines(event.order, node)
    typed = node.text("trackingNumber") or node.text("trackingCode")
    number = tracking.tracking_number(typed)
    created = _time(node, "created")
    at = event.when()
    if status in BACK:
        yield from _back(event, node, fulfillment_id, lines, created or at)
    elif status == "fulfilled":
        sent = ShipmentDispatched(
            order_id=event.order_id,
            shipment_id=fulfillment_id,
            lines=lines,
            tracking_number=number,
            tracking_url=values.web_address(typed),
            dispatched_at=created,
        )
        yield event.fact(sent, at, rank=1 if typed else 0)
    else:
        scan = ShipmentUpdated(
            order_id=event.order_id,
            shipment_id=fulfillment_id,
            status=PARCEL.get(status) or Status.UNKNOWN,
            lines=lines,
            tracking_number=number,
            raw_status=node.text("status"),
        )
        yield event.fact(scan, at)


def _back(
    event: _Event, node: Node, back_id: str, lines: tuple[ShippedLine, ...], at: datetime
) -> Iterator[Fact]:
    goods, money = BACK[_word(node.text("status"))]
    if goods:
        received = ReturnReceived(order_id=event.order_id, return_id=back_id, lines=lines)
        yield event.fact(received, at)
    if money:
        paid = node.node("totalRefundedAmount")
        amount = paid.money("amount", paid.text("currency")) if paid else None
        kind = RefundKind.RETURNED if goods else RefundKind.KEPT
        refund = OrderRefunded(
            order_id=event.order_id,
            refund_id=back_id,
            lines=tuple(
                RefundedLine(line_id=one.line_id, quantity=one.quantity, kind=kind) for one in lines
            ),
            amount=amount or node.money("totalRefundAmount", _currency(event.order)),
        )
        yield event.fact(refund, at)


def _shipped_lines(order: Node, fulfillment: Node) -> tuple[ShippedLine, ...]:
    """What is inside: by order line, else by a SKU that only one line has. All or nothing."""
    by_sku: dict[str, list[str]] = {}
    for item in order.nodes("lines"):
        sku, line_id = item.text("productSku"), item.text("id")
        if sku and line_id:
            by_sku.setdefault(sku, []).append(line_id)
    parts: list[tuple[str, int]] = []
    for part in fulfillment.nodes("lines"):
        line, count = part.node("orderLine"), part.quantity("quantity")
        sku = (line.text("productSku") if line else None) or part.text("productSku")
        same = by_sku.get(sku or "", [])
        line_id = (line.text("id") if line else None) or (same[0] if len(same) == 1 else None)
        if line_id is None or count is None:
            return ()
        parts.append((line_id, count))
    return orders.shipped_lines(parts)


# --- declaration -------------------------------------------------------------

_READERS = {
    "order_created": _placed,
    "order_bulk_created": _placed,
    "order_confirmed": _confirmed,
    "order_paid": _paid,
    "order_fully_paid": _paid,
    "order_refunded": _refunded,
    "order_fully_refunded": _refunded,
    "order_cancelled": _cancelled,
    "order_expired": _cancelled,
    "notify:order_confirmation": _placed,
    "notify:order_created": _placed,
    "notify:order_confirmed": _confirmed,
    "notify:order_payment_confirmation": _paid,
    "notify:order_canceled": _cancelled,
    "notify:order_refund_confirmation": _refunded,
    "notify:order_fulfillment_confirmation": _notified_fulfillment,
    "notify:order_fulfillment_update": _notified_fulfillment,
}
_SNAPSHOT = "OrderChanged, and what is inside: fulfilments, returns, a cancellation"
_PARCEL = "ShipmentDispatched, or ShipmentUpdated by the fulfilment's status; OrderChanged"

SOURCE = Source(
    name=NAME,
    title="Saleor",
    docs_url="https://docs.saleor.io/developer/extending/webhooks/overview",
    topics={
        "order_created": "OrderPlaced, and what is inside: fulfilments, a cancellation",
        "order_bulk_created": "OrderPlaced (historical) for each order",
        "order_confirmed": f"OrderConfirmed, unless it is unpaid; {_SNAPSHOT}",
        "order_paid": f"PaymentUpdated; {_SNAPSHOT}",
        "order_fully_paid": f"PaymentUpdated: paid; {_SNAPSHOT}",
        "order_refunded": f"PaymentUpdated: refunded in part or wholly; {_SNAPSHOT}",
        "order_fully_refunded": f"PaymentUpdated: refunded; {_SNAPSHOT}",
        "order_updated": _SNAPSHOT,
        "order_fulfilled": _SNAPSHOT,
        "order_cancelled": f"OrderCancelled; {_SNAPSHOT}",
        "order_expired": f"OrderCancelled; {_SNAPSHOT}",
        "fulfillment_created": _PARCEL,
        "fulfillment_approved": _PARCEL,
        "fulfillment_tracking_number_updated": _PARCEL,
        "fulfillment_canceled": "ShipmentUpdated: cancelled; OrderChanged",
        "notify:order_confirmation": "OrderPlaced",
        "notify:order_created": "OrderPlaced",
        "notify:order_confirmed": f"OrderConfirmed; {_SNAPSHOT}",
        "notify:order_payment_confirmation": f"PaymentUpdated; {_SNAPSHOT}",
        "notify:order_canceled": f"OrderCancelled; {_SNAPSHOT}",
        "notify:order_refund_confirmation": f"PaymentUpdated: refunded; {_SNAPSHOT}",
        "notify:order_fulfillment_confirmation": f"ShipmentDispatched; {_SNAPSHOT}",
        "notify:order_fulfillment_update": f"ShipmentDispatched; {_SNAPSHOT}",
        "order": _SNAPSHOT,
        "fulfillment": _PARCEL,
    },
    ignored={
        "draft_order_*": "a draft is no order yet",
        "*_metadata_updated": "a note of the merchant's; the object itself did not change",
        "notify:invoice_ready": "an invoice tells nothing that the order does not",
        "notify:*": "a message of the shop's own about an account, not about an order",
        "customer_*": "a customer is known by their orders",
        "account_*": "a customer is known by their orders",
        "checkout_*": "a checkout is no order yet",
        "payment_*": "a call that wants an answer of a payment app",
        "transaction_*": "a call of a payment app; order events tell the payment",
        "product_variant_*": "stock of a variant over all warehouses; Yoin asks for none of it",
        "*": "no order, parcel or refund is told by it; take it out of the webhook",
    },
    notes=(
        "Repetition: up to 5 retries with growing delays; there is no event id.",
        "Order of arrival is not promised: issuedAt, else updatedAt, decides.",
        "The merchant writes the subscription: the source file holds the query that Yoin expects.",
    ),
    recognises=recognises,
    # The secret tells which: a key set (JWKS), or the deprecated secretKey.
    signature=Either(
        schemes=(
            DetachedJws(header="saleor-signature"),
            BodyHmac(header="saleor-signature", encoding="hex"),
        )
    ),
    keeps=("saleor-event", "x-saleor-event", "saleor-domain", "x-saleor-domain"),
    topic_of=topic_of,
    split=split,
    normalize=normalize,
)
