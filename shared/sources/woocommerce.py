"""WooCommerce: orders, refunds, customers and subscriptions by webhook.

Documentation: woocommerce.github.io/woocommerce-rest-api-docs (#webhooks, #orders, #order-refunds)
and WooCommerce's own class-wc-webhook.php.

- Events: order.created, order.updated, order.deleted, order.restored, customer.created,
  customer.updated; subscription.* come from WooCommerce Subscriptions. Choose "WP REST API
  Integration v3" (or v2) for the webhook: v1 says no time in UTC. The Legacy REST API v3 is read
  as well: its resources are wrapped ({"order": ...}), have names of their own, and times in UTC.
- Signature: ``X-WC-Webhook-Signature``, base64 HMAC-SHA256 of the raw body. The ping at the
  webhook's creation is a form (``webhook_id=1``), unsigned, and wants the answer 200.
- Retry: none; after more than 5 failures in a row the webhook is disabled.
- Order: not guaranteed, ``date_modified_gmt`` decides.
- Duplicates: an order is told by every topic that fits; ``X-WC-Webhook-Delivery-ID`` is a hash of
  the webhook and the second, so that two orders of one second share it: it counts only together
  with what was delivered.

Readings that are ours
- ``*_gmt`` are UTC without offset; the names without ``_gmt`` are the shop's clock, whose zone
  is not said: only the order's date at the shop is taken from them.
- A bare order that was modified within 10 seconds of its creation is an order.created: that is
  how WooCommerce itself tells its topics apart. Any other is an order.updated.
- ``completed`` says that the shop has nothing left to do: of an order with a way of shipping that
  is no pickup it is read as dispatched, never as delivered.
- Tracking numbers: the meta datum of WooCommerce Shipment Tracking and Advanced Shipment Tracking
  (``_wc_shipment_tracking_items``), that of AfterShip (``_aftership_tracking_items``), else single
  ones (``_tracking_number``); not confirmed in their documentation, seen in many integrations. The
  first parcel has the order's id, so that a number that is added after ``completed`` belongs to
  the same parcel. ``date_shipped`` is a date: midnight UTC, but never before the order.
- ``date_paid`` is the payment; without it pending and on-hold are PENDING, failed is FAILED,
  and processing is PENDING for cash on delivery. on-hold, processing and completed have reduced
  the stock (so the documentation): RESERVED.
- ``cancelled``, ``trash`` and order.deleted end the order; ``refunded`` (all of it) does where
  nothing was shipped. An order that is restored later stays ended: Yoin keeps silent about it.
- The refunds inside an order tell amounts only. A refund's own resource names the lines; whether
  goods came back is not said (KEPT).
- A line's price is its subtotal, before discounts, with tax where the shop's prices have it. A
  part of a unit (goods sold by measure) is one.
- Test orders: by the mode that WooPayments and PayPal note in the meta data (not confirmed in
  their documentation); WooCommerce itself has no such flag.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from shared.contracts import orders, values, words
from shared.contracts.attributes import read_wishes
from shared.contracts.reading import Node, load_any
from shared.contracts.signatures import BodyHmac
from shared.domain.errors import Rejected
from shared.domain.events import (
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
    ShipmentDispatched,
    StockStatus,
    SubscriptionChanged,
)
from shared.domain.shipments import ShippedLine
from shared.domain.values import Address, Money, Party
from shared.sources import Delivery, Source, make_fact

NAME = "woocommerce"
HEADER = "x-wc-webhook-"

# How far along an order is: its times have whole seconds. What is no status of WooCommerce's
# own is a shop's own status.
STATUSES = {
    "pending": 10,
    "failed": 20,
    "on-hold": 30,
    "processing": 40,
    "completed": 60,
    "refunded": 70,
    "cancelled": 80,
    "trash": 90,
}
OWN_STATUS = 50
DRAFTS = {"checkout-draft", "auto-draft", "draft", "new"}
STOCK_REDUCED = {"on-hold", "processing", "completed"}
UNPAID = {
    "pending": PaymentStatus.PENDING,
    "on-hold": PaymentStatus.PENDING,
    "failed": PaymentStatus.FAILED,
}
METHODS = {
    "bacs": PaymentMethod.BANK_TRANSFER,
    "cod": PaymentMethod.COD,
    "cheque": PaymentMethod.OTHER,
}
PICKUP = {"local_pickup", "pickup_location", "local_pickup_plus"}
SUBSCRIPTION = {"_subscription_renewal", "_subscription_resubscribe", "_subscription_switch"}
SUBSCRIBED = {"active": True, "pending-cancel": True, "on-hold": False, "cancelled": False,
              "expired": False, "switched": False, "trash": False}  # fmt: skip
TEST_MODES = {"_wcpay_mode": "test", "_ppcp_paypal_payment_mode": "sandbox"}
TRACKING = ("_wc_shipment_tracking_items", "_aftership_tracking_items")
# The parts of one parcel, as older versions wrote each into a meta datum of its own.
TRACKING_PARTS = ("tracking_number", "tracking_provider", "custom_tracking_provider",
                  "custom_tracking_link", "date_shipped")  # fmt: skip

# What the Legacy REST API calls otherwise.
LEGACY = {
    "order_number": "number",
    "created_at": "date_created_gmt",
    "updated_at": "date_modified_gmt",
    "last_update": "date_modified_gmt",
    "completed_at": "date_completed_gmt",
    "billing_address": "billing",
    "shipping_address": "shipping",
    "total_shipping": "shipping_total",
}

# The states of Japan are JP01 to JP47, in the order of JIS X 0401.
PREFECTURES = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県",
    "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県",
    "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県", "滋賀県", "京都府", "大阪府",
    "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県",
    "香川県", "愛媛県", "高知県", "福岡県", "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県",
    "鹿児島県", "沖縄県",
)  # fmt: skip

_UP = re.compile(r".*/orders/([0-9]{1,20})(/.*)?", re.ASCII)

_Said = Iterator[tuple[Data, datetime, int]]


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether these are headers of a WooCommerce webhook."""
    return any(name.startswith(HEADER) for name in headers)


def is_ping(_headers: Mapping[str, str], raw: bytes) -> bool:
    """Whether a call is the ping that WooCommerce sends when a webhook is made: a form."""
    return re.fullmatch(rb"webhook_id=[0-9]{1,20}", raw.strip()) is not None


def topic_of(headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The topic that the headers name, else that of the resource by its shape."""
    said = headers.get(f"{HEADER}topic")
    if said:
        return said.lower()
    body = _unwrapped(body)
    if set(body) == {"webhook_id"}:
        return "ping"
    if "billing_period" in body:
        return "subscription.updated"
    if {"refunded_by", "refunded_payment"} & set(body) or {"amount", "reason"} <= set(body):
        return "refund"
    if "line_items" in body or "order_key" in body:
        return "order.created" if _fresh(Node(body)) else "order.updated"
    if "is_paying_customer" in body or {"username", "email"} <= set(body):
        return "customer.updated"
    if "discount_type" in body:
        return "coupon.updated"
    return "product.updated" if {"catalog_visibility", "regular_price"} & set(body) else None


def event_id(headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The delivery with what was delivered: alone the delivery's id is not unique."""
    delivery = headers.get(f"{HEADER}delivery-id") or headers.get("x-wc-delivery-id")
    body = _unwrapped(body)
    return f"{delivery}:{body.get('id')}:{body.get('date_modified_gmt')}" if delivery else None


def _unwrapped(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A resource without its wrapper, under the names of today's API."""
    if len(body) == 1:
        ((key, inner),) = body.items()
        if key in {"order", "customer", "refund", "order_refund"} and isinstance(inner, Mapping):
            body = inner
    if "created_at" not in body or "date_created" in body:
        return body
    # A time that there is none of is the beginning of 1970.
    known = {k: v for k, v in body.items() if not str(v).startswith("1970-01-01")}
    modern = {LEGACY.get(key, key): value for key, value in known.items()}
    payment = body.get("payment_details")
    if isinstance(payment, Mapping):
        modern["payment_method"] = payment.get("method_id")
        modern["payment_method_title"] = payment.get("method_title")
        # Whether, not when: nothing is read of it but that there is one.
        modern["date_paid_gmt"] = body["created_at"] if payment.get("paid") is True else None
    return modern


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in a delivery with one of the topics. Raises Rejected."""
    body = Node(_unwrapped(delivery.body))
    reader = {
        "order": _order,
        "refund": _refund,
        "customer": _customer,
        "subscription": _subscription,
    }[delivery.topic.partition(".")[0]]
    if delivery.topic == "order.deleted":
        reader = _deleted
    address = delivery.headers.get(f"{HEADER}source")
    brand = delivery.brands.find(shop=_host(address))
    test = _is_test(body)
    return tuple(
        make_fact(
            delivery,
            data,
            at,
            brand=brand,
            rank=rank,
            dedupe_id=delivery.headers.get(f"{HEADER}delivery-id"),
            test=test,
        )
        for data, at, rank in reader(delivery, body)
    )


# --- orders ------------------------------------------------------------------


def _order(delivery: Delivery, body: Node) -> _Said:
    order_id = _required_id(body)
    status = (body.text("status") or "").lower().removeprefix("wc-")
    if not status:
        raise body.missing("status")
    if status in DRAFTS:
        return  # a checkout that nobody has finished is no order yet
    placed_at = _gmt(body, "date_created")
    if placed_at is None:
        raise body.missing("date_created_gmt")
    changed_at = _gmt(body, "date_modified") or placed_at
    parcels = tuple(_parcels(body, order_id, placed_at))
    completed_at = _gmt(body, "date_completed")
    unshipped = completed_at is None and not parcels
    off = status in {"cancelled", "trash"} or (status == "refunded" and unshipped)
    said = _snapshot(body, order_id, status, placed_at) | {
        "cancelled": off if off or status in STATUSES else None
    }
    rank = STATUSES.get(status, OWN_STATUS)
    if delivery.topic == "order.created":
        yield orders.snapshot(OrderPlaced, said), placed_at, rank
    else:
        yield orders.snapshot(OrderChanged, said), changed_at, rank
    for parcel in parcels:
        yield parcel, changed_at, 1
    if status == "completed" and not parcels and _ships(body):
        at = completed_at or changed_at
        dispatched = ShipmentDispatched(order_id=order_id, shipment_id=order_id, dispatched_at=at)
        yield dispatched, at, 0
    for refund in body.nodes("refunds"):
        amount = _positive(refund, "total", said["currency"])
        refund_id = _required_id(refund)
        yield OrderRefunded(order_id=order_id, refund_id=refund_id, amount=amount), changed_at, 0
    if off:
        yield OrderCancelled(order_id=order_id, reason=status), changed_at, 0


def _deleted(delivery: Delivery, body: Node) -> _Said:
    if delivery.time is None:
        raise Rejected("INCOMPLETE", "order.deleted says an id only, and no time came with it")
    yield OrderCancelled(order_id=_required_id(body), reason="deleted"), delivery.time, 0


def _snapshot(body: Node, order_id: str, status: str, placed_at: datetime) -> dict[str, Any]:
    currency = _currency(body)
    total = body.money("total", currency)
    if total is not None and total.amount < 0:
        raise body.impossible("total", "an amount of at least 0")
    billing, shipping = body.node("billing"), body.node("shipping")
    method = _payment_method(body)
    wishes = read_wishes(_attributes(body), _local_date(body, placed_at))
    subscription = body.text("created_via") == "subscription" or any(
        key in SUBSCRIPTION and value for key, value in _meta(body)
    )
    return {
        "order_id": order_id,
        "placed_at": placed_at,
        "number": body.text("number") or order_id,
        "buyer": _party(body, "customer_id", billing),
        "ship_to": _address(shipping),
        "lines": _lines(body, currency),
        "currency": currency,
        "total": total,
        "subtotal": _subtotal(body, currency),
        "shipping_fee": _with_tax(body, body, "shipping_total", "shipping_tax", currency),
        "payment_method": method,
        "payment_status": _payment_status(body, status, method, total),
        "stock": StockStatus.RESERVED if status in STOCK_REDUCED else None,
        "wished_date": wishes.day,
        "wished_slot": wishes.slot,
        "gift": wishes.gift,
        "subscription": True if subscription else None,
        "notify": status != "trash",
    }


def _payment_status(
    body: Node, status: str, method: PaymentMethod | None, total: Money | None
) -> PaymentStatus | None:
    if status == "refunded":
        return PaymentStatus.REFUNDED
    if _gmt(body, "date_paid") is None or status == "failed":
        unpaid = status == "processing" and method is PaymentMethod.COD
        return PaymentStatus.PENDING if unpaid else UNPAID.get(status)
    refunds = [_positive(refund, "total", _currency(body)) for refund in body.nodes("refunds")]
    refunded = sum(amount.amount for amount in refunds if amount)
    if not refunded:
        return PaymentStatus.PAID
    whole = total is not None and refunded >= total.amount
    return PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED


def _payment_method(body: Node) -> PaymentMethod | None:
    name = (body.text("payment_method") or "").lower()
    title = body.text("payment_method_title") or ""
    return METHODS.get(name) or words.payment_method([title, name])


def _lines(body: Node, currency: str | None) -> tuple[Line, ...]:
    if not body.has("line_items"):
        raise body.missing("line_items")
    ships = not _nothing_ships(body)
    return tuple(_line(item, body, currency, ships=ships) for item in body.nodes("line_items"))


def _line(item: Node, body: Node, currency: str | None, *, ships: bool) -> Line:
    quantity = item.units("quantity")
    if quantity is None:
        raise item.missing("quantity")
    title, variant = _titles(item)
    image = item.value.get("image")
    source = image.get("src") if isinstance(image, Mapping) else None
    return Line(
        line_id=_required_id(item),
        quantity=quantity,
        sku=item.text("sku"),
        product_id=item.reference("product_id"),
        title=title,
        variant=variant,
        unit_price=_unit_price(item, body, quantity, currency),
        image_url=_link(source),
        requires_shipping=ships,
    )


def _unit_price(item: Node, body: Node, quantity: int, currency: str | None) -> Money | None:
    """The price of one; None where the line's price is no multiple of the quantity."""
    whole = _with_tax(body, item, "subtotal", "subtotal_tax", currency)
    if whole is None or quantity == 0 or whole.amount % quantity:
        return None
    return Money(whole.amount // quantity, whole.currency)


def _titles(item: Node) -> tuple[str | None, str | None]:
    """A product and its variation: newer versions name the product beside "Tea - 50 g"."""
    name, parent = html.unescape(item.text("name") or ""), item.text("parent_name")
    parent = html.unescape(parent) if parent else None
    if parent and name.startswith(parent):
        return parent, name[len(parent) :].strip(" -–—:") or None
    return parent or name or None, None


def _subtotal(body: Node, currency: str | None) -> Money | None:
    parts = [
        _with_tax(body, item, "subtotal", "subtotal_tax", currency)
        for item in body.nodes("line_items")
    ]
    if currency is None or not parts or None in parts:
        return None
    return Money(sum(part.amount for part in parts if part), currency)


def _with_tax(body: Node, node: Node, key: str, tax_key: str, currency: str | None) -> Money | None:
    """An amount as the shop shows its prices: with the tax where they include it."""
    amount = node.exact_money(key, currency)
    if amount is None or not body.yes_or_no("prices_include_tax"):
        return amount
    tax = node.exact_money(tax_key, currency)
    return Money(amount.amount + tax.amount, amount.currency) if tax else None


# --- parcels -----------------------------------------------------------------


def _parcels(body: Node, order_id: str, placed_at: datetime) -> Iterator[ShipmentDispatched]:
    seen = 0
    for item in _tracked(body):
        numbers = words.tracking_numbers([item.text("tracking_number")])
        if not numbers:
            continue
        shipped = _shipped_at(item)
        names = ("custom_tracking_provider", "tracking_provider", "slug")
        yield ShipmentDispatched(
            order_id=order_id,
            shipment_id=(item.text("tracking_id") or numbers[0]) if seen else order_id,
            lines=_shipped_lines(item),
            carrier=next(filter(None, map(item.text, names)), None),
            tracking_number=numbers[0],
            tracking_url=_link(item.value.get("custom_tracking_link")),
            other_tracking_numbers=numbers[1:],
            dispatched_at=max(shipped, placed_at) if shipped else None,
        )
        seen += 1


def _tracked(body: Node) -> list[Node]:
    """What the tracking plugins noted about each parcel."""
    meta = _meta(body)
    for name in TRACKING:
        listed = next((value for key, value in meta if key == name), None)
        if isinstance(listed, str) and listed.startswith(("[", "{")):
            try:
                listed = load_any(listed)
            except Rejected:
                continue  # somebody's own text
        if isinstance(listed, Mapping):
            listed = list(listed.values())  # PHP's lists with a gap
        if isinstance(listed, list | tuple) and listed:
            return [Node(item, name) for item in listed if isinstance(item, Mapping)]
    single = {key.lstrip("_"): value for key, value in meta if isinstance(value, str | int)}
    return [Node({key: single.get(key) for key in TRACKING_PARTS}, "meta_data")]


def _shipped_at(item: Node) -> datetime | None:
    """The date as Unix seconds or ISO 8601, as the plugins write it; None for any other text."""
    text = str(item.value.get("date_shipped") or "")
    if text.isdecimal() and len(text) in {9, 10}:
        return item.epoch("date_shipped")
    day = values.day(text[:10])
    return datetime.combine(day, time(), UTC) if day and 1990 <= day.year <= 2100 else None


def _shipped_lines(item: Node) -> tuple[ShippedLine, ...]:
    """What Advanced Shipment Tracking says is in a parcel."""
    listed = item.value.get("products_list")
    if not isinstance(listed, list | tuple):
        return ()
    parts = [Node(part, "products_list") for part in listed if isinstance(part, Mapping)]
    return orders.shipped_lines((p.reference("item_id"), p.units("qty")) for p in parts)


def _ships(body: Node) -> bool:
    methods = [(line.text("method_id") or "") for line in body.nodes("shipping_lines")]
    return bool(methods) and not all(method in PICKUP for method in methods)


def _nothing_ships(body: Node) -> bool:
    """Neither a way of shipping nor an address: WooCommerce asks for none for virtual goods."""
    return body.value.get("shipping_lines") == [] and _address(body.node("shipping")) is None


# --- refunds, customers, subscriptions ---------------------------------------


def _refund(_delivery: Delivery, body: Node) -> _Said:
    order_id = body.reference("parent_id") or body.reference("order_id") or _linked_order(body)
    if order_id is None:
        raise body.missing("parent_id", "_links.up")
    at = _gmt(body, "date_created")
    if at is None:
        raise body.missing("date_created_gmt")
    lines = []
    for item in body.nodes("line_items"):
        line_id = next((str(v) for k, v in _meta(item) if k == "_refunded_item_id" and v), None)
        count = Node({"quantity": (item.figure("quantity") or "").lstrip("-")}, item.path)
        units = count.units("quantity")
        if line_id and units:
            lines.append(RefundedLine(line_id=line_id, quantity=units, sku=item.text("sku")))
    # The resource does not say its currency: the amount would be a number without meaning.
    amount = _positive(body, "amount", _currency(body))
    yield (
        OrderRefunded(
            order_id=order_id, refund_id=_required_id(body), lines=tuple(lines), amount=amount
        ),
        at,
        1,
    )


def _linked_order(body: Node) -> str | None:
    links = body.node("_links")
    for key in ("up", "self"):
        for link in links.nodes(key) if links else ():
            found = _UP.fullmatch(link.text("href") or "")
            if found:
                return found[1]
    return None


def _customer(delivery: Delivery, body: Node) -> _Said:
    at = _gmt(body, "date_modified") or _gmt(body, "date_created") or delivery.time
    if at is None:
        raise body.missing("date_modified_gmt")
    _required_id(body)
    yield CustomerChanged(customer=_party(body, "id", body.node("billing"))), at, 0


def _subscription(delivery: Delivery, body: Node) -> _Said:
    active = SUBSCRIBED.get((body.text("status") or "").lower())
    if delivery.topic == "subscription.deleted" or active is None:
        return
    at = _gmt(body, "date_modified") or _gmt(body, "date_created")
    if at is None:
        raise body.missing("date_modified_gmt")
    person = _party(body, "customer_id", body.node("billing"))
    if person == Party():
        raise body.missing("customer_id", "billing.email")
    for sku in sorted({sku for item in body.nodes("line_items") if (sku := item.text("sku"))}):
        yield SubscriptionChanged(customer=person, sku=sku, active=active), at, 0


# --- reading -----------------------------------------------------------------


def _required_id(node: Node) -> str:
    found = node.reference("id")
    if found is None:
        raise node.missing("id")
    return found


def _gmt(node: Node, key: str) -> datetime | None:
    return node.instant(f"{key}_gmt", zone="UTC")


def _fresh(body: Node) -> bool:
    """Whether an order has not been touched since it was placed. No text is an error here."""
    created, modified = (
        values.local_instant(text, "UTC") if isinstance(text, str) else None
        for text in (body.value.get("date_created_gmt"), body.value.get("date_modified_gmt"))
    )
    return bool(created and modified and modified - created <= timedelta(seconds=10))


def _local_date(body: Node, placed_at: datetime) -> date:
    text = body.value.get("date_created")
    return (values.day(text[:10]) if isinstance(text, str) else None) or placed_at.date()


def _currency(body: Node) -> str | None:
    """The currency; None for those of WooCommerce's that ISO 4217 does not know (such as BTC)."""
    code = body.text("currency")
    if code is not None and not re.fullmatch("[A-Z]{3}", code):
        raise body.impossible("currency", "an ISO 4217 currency code")
    return code if code and values.currency_exponent(code) is not None else None


def _positive(node: Node, key: str, currency: str | None) -> Money | None:
    amount = node.money(key, currency)
    return Money(abs(amount.amount), amount.currency) if amount else None


def _meta(node: Node) -> list[tuple[str, Any]]:
    """Keys and values of the meta data; a value may be of any kind."""
    if not isinstance(node.value.get("meta_data"), list | tuple):
        return []
    pairs = ((meta.value.get("key"), meta.value.get("value")) for meta in node.nodes("meta_data"))
    return [(key, value) for key, value in pairs if isinstance(key, str)]


def _attributes(body: Node) -> list[tuple[str, str]]:
    """What the checkout's fields and the lines' options say."""
    pairs = [*_meta(body), *(p for item in body.nodes("line_items") for p in _meta(item))]
    return [(key.lstrip("_"), str(v)) for key, v in pairs if isinstance(v, str | int | bool)]


def _is_test(body: Node) -> bool:
    return any(value == TEST_MODES.get(key) for key, value in _meta(body) if key in TEST_MODES)


def _party(body: Node, id_key: str, billing: Node | None) -> Party:
    nodes = [node for node in (billing, body) if node is not None]
    names = (words.full_name(n.text("first_name"), n.text("last_name")) for n in nodes)
    return orders.party(
        customer_id=body.reference(id_key),
        name=next(filter(None, names), None),
        emails=(node.text("email") for node in nodes),
        phones=(node.text("phone") for node in nodes),
        phone_region=values.country(billing.text("country")) if billing else None,
    )


def _address(node: Node | None) -> Address | None:
    if node is None:
        return None
    state = node.text("state")
    if state and re.fullmatch("JP(0[1-9]|[1-3][0-9]|4[0-7])", state):
        state = PREFECTURES[int(state[2:]) - 1]
    name = words.full_name(node.text("first_name"), node.text("last_name"))
    found = orders.address(
        name=name or node.text("company"),
        country=values.country(node.text("country")),
        postal_code=node.text("postcode"),
        region=state,
        city=node.text("city"),
        line1=node.text("address_1"),
        line2=node.text("address_2"),
        phones=(node.text("phone"),),
    )
    # A shop with one country writes it even where nothing is sent.
    empty = found is None or replace(found, country=None, region=None) == Address()
    return None if empty else found


def _host(address: str | None) -> str | None:
    try:
        return urlsplit(address).hostname if address else None
    except ValueError:
        return None


def _link(url: object) -> str | None:
    return values.web_address(url) if isinstance(url, str) else None


# --- declaration -------------------------------------------------------------

_INSIDE = "and what is inside: parcels by tracking number, refunds, a cancellation"
_SUBSCRIBED = "SubscriptionChanged for each SKU"

SOURCE = Source(
    name=NAME,
    title="WooCommerce",
    docs_url="https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks",
    topics={
        "order.created": f"OrderPlaced, {_INSIDE}",
        "order.updated": f"OrderChanged, {_INSIDE}",
        "order.restored": f"OrderChanged, {_INSIDE}",
        "order.deleted": "OrderCancelled: it is in the trash",
        "refund": "OrderRefunded with its lines (a refund's own resource; no webhook sends it)",
        "customer.created": "CustomerChanged",
        "customer.updated": "CustomerChanged",
        "subscription.created": _SUBSCRIBED,
        "subscription.updated": _SUBSCRIBED,
        "subscription.switched": _SUBSCRIBED,
    },
    ignored={
        "ping": "the call that tests a new webhook",
        "customer.deleted": "an account that is gone asks for nothing; erasure is asked for at "
        "WordPress, not by webhook",
        "subscription.deleted": "says an id only; its status was told before",
        "product.*": "an order tells its products itself",
        "coupon.*": "what is sold cheaper is of no consequence for what is told",
        "action.*": "an action's payload is an argument without meaning outside the shop; "
        "order.updated tells what came of it",
        "*": "no order, refund or person is told by it; take it out of the webhook",
    },
    notes=(
        "Repetition: none; after more than 5 failures in a row the webhook is disabled.",
        "Order of arrival is not guaranteed; date_modified_gmt decides.",
        "Times: *_gmt are UTC without offset, in whole seconds.",
        "Choose the API version WP REST API Integration v3 (or v2) for the webhook.",
    ),
    recognises=recognises,
    is_ping=is_ping,
    signature=BodyHmac(header=f"{HEADER}signature"),
    keeps=tuple(f"{HEADER}{name}" for name in ("topic", "source", "delivery-id")),
    topic_of=topic_of,
    event_id=event_id,
    normalize=normalize,
)
