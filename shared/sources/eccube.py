"""EC-CUBE 4 with the Web API plugin (eccube-api4): orders, parcels, stock and customers.

Documentation: doc4.ec-cube.net/eccube-api4, and the plugin's source, github.com/EC-CUBE/eccube-api4
(Service/WebHookService.php, Service/WebHookEvents.php, GraphQL/Types.php).

- Events: a JSON array of thin events ``{"entity", "id", "action"}``; entity is order, product or
  customer, action is created, updated or deleted. A change of a line, a parcel (お届け先) or a
  sent mail is an "updated" of its order. ``X-ECCUBE-URL`` is the shop's address.
- Signature: ``X-ECCUBE-Signature``, hex HMAC-SHA256 of the raw body; missing where the shop has
  set no secret. Then Yoin refuses the call.
- Retry: none. A call that fails (1 s to connect, 5 s in all) is logged in the shop and lost.
- Order: events have no time; what is fetched has ``update_date``.
- Duplicates: events have no id, so two changes of an order are equal byte for byte. They are no
  repetition: each means "look again", and the order is fetched each time.
- What is fetched: the order, product or customer by GraphQL, ``POST /api`` with an OAuth bearer
  token of the scope "read". The plugin gives tokens by authorization code only, not by client
  credentials. Its answer ``{"data": {"order": {...}}}`` has the topic ``order``, ``product`` or
  ``customer``; a shop's own module may post it as well, and lists (``orders``).

The tracking number (伝票番号) appears when somebody in the shop, or a shipping module, enters it;
nothing else of the carrier's is known to EC-CUBE. 発送済み is a dispatch, not a delivery.

Readings that are ours
- Statuses (mtb_order_status): 1 新規受付, 3 注文取消し, 4 対応中, 5 発送済み, 6 入金済み,
  7 決済処理中, 8 購入処理中, 9 返品. 7 and 8 are a checkout that is not finished: no order yet,
  no fact. A status that a shop added itself leaves the order as it is.
- An order that is placed has its stock: EC-CUBE takes the units out when the checkout ends.
- A payment date, or 入金済み, is paid. Payment modules keep a card in 決済処理中 until it is
  authorised, so a card in a placed order is authorised. Unpaid 銀行振込, コンビニ and 代引 are
  pending.
- Each お届け先 is a shipment. It is dispatched once it has a 出荷日 (EC-CUBE's own rule), or the
  order is 発送済み; with a number alone it is a label. Only lines of the type 商品 are goods.
- 返品 is of the whole order: goods came back. EC-CUBE knows no partial return.
- A deleted order is no cancellation: shops also delete what is old, and nobody told the customer.
- Times have the offset of the shop's zone; a wished day is a midnight in Japan.
- Prices of lines (税抜) have the tax added, as the customer saw them.
- The flag for mail magazines belongs to another plugin and is not in this API: no consent.
- A withdrawn customer (退会) has a made-up address: no fact. No test flag exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from shared.contracts import orders, words
from shared.contracts.fetching import Api, Fetch, segment
from shared.contracts.reading import Node
from shared.contracts.signatures import BodyHmac
from shared.contracts.tracking import carrier_token
from shared.domain.errors import Rejected
from shared.domain.events import (
    CustomerChanged,
    Data,
    Fact,
    InventoryChanged,
    Line,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
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

NAME = "eccube"
ZONE = "Asia/Tokyo"

NEW, CANCELLED, IN_PROGRESS, SHIPPED, PAID, PENDING, PROCESSING, RETURNED = (
    "1", "3", "4", "5", "6", "7", "8", "9",
)  # fmt: skip
NOT_PLACED = {PENDING, PROCESSING}
STOCKED = {NEW, IN_PROGRESS, SHIPPED, PAID}
STEPS = (NEW, IN_PROGRESS, PAID, SHIPPED, RETURNED, CANCELLED)
GOODS = "1"  # OrderItemType 商品
TAX_EXCLUDED = "1"  # TaxDisplayType 税抜
WITHDRAWN = "3"  # CustomerStatus 退会
JAPAN = "392"  # Country: ISO 3166-1 numeric

_PAID_LATER = {PaymentMethod.BANK_TRANSFER, PaymentMethod.KONBINI, PaymentMethod.COD}
_PAID_AT_ONCE = {PaymentMethod.CARD, PaymentMethod.WALLET}

_PERSON = "id name01 name02 company_name email phone_number"
_PLACE = (
    "name01 name02 company_name phone_number postal_code addr01 addr02 Country { id } Pref { name }"
)
QUERIES = {
    "order": f"""query ($id: ID!) {{ order(id: $id) {{
  id order_no order_date payment_date create_date update_date currency_code
  subtotal delivery_fee_total total payment_total payment_method
  name01 name02 email phone_number
  OrderStatus {{ id name }} Customer {{ {_PERSON} }} Payment {{ method }}
  OrderItems {{ id product_name product_code class_category_name1 class_category_name2
    price tax quantity
    OrderItemType {{ id }} TaxDisplayType {{ id }} Product {{ id }} Shipping {{ id }} }}
  Shippings {{ id {_PLACE}
    tracking_number shipping_date shipping_delivery_date shipping_delivery_time
    shipping_delivery_name update_date Delivery {{ name }} }}
}} }}""",
    "product": """query ($id: ID!) { product(id: $id) { id update_date
  ProductClasses { id code stock stock_unlimited visible } } }""",
    "customer": f"""query ($id: ID!) {{ customer(id: $id) {{
  {_PERSON} update_date Status {{ id }} }} }}""",
}


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether these are headers of an EC-CUBE webhook."""
    return "x-eccube-url" in headers or "x-eccube-signature" in headers


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The topic of a thin event, or the kind of thing that was fetched."""
    entity, action = body.get("entity"), body.get("action")
    if isinstance(entity, str) and isinstance(action, str):
        return f"{entity}/{action}".lower()
    data = body.get("data")
    inside = data if isinstance(data, Mapping) else body
    for kind in QUERIES:
        if kind in inside:
            return kind
    shapes = {"order": "OrderItems", "product": "ProductClasses", "customer": "name01"}
    return next((kind for kind, key in shapes.items() if key in body), None)


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """The events in a webhook; of a list that was asked for, each thing in it.

    A list has its things under ``nodes``, or each as ``node`` under ``edges``.
    Raises Rejected("MALFORMED").
    """
    data = body.get("data") if isinstance(body, Mapping) else None
    inside = data if isinstance(data, Mapping) else body
    for kind in QUERIES:
        listed = inside.get(f"{kind}s") if isinstance(inside, Mapping) else None
        if isinstance(listed, Mapping):
            found = Node(listed, f"{kind}s")
            edges = (edge.node("node") for edge in found.nodes("edges"))
            nodes = found.nodes("nodes") or tuple(node for node in edges if node)
            return tuple({kind: node.value} for node in nodes)
    return split_list(body)


# --- what is fetched ---------------------------------------------------------


def missing(delivery: Delivery) -> Fetch | None:
    """The order, product or customer that a thin event names. Raises Rejected."""
    kind, _, action = delivery.topic.partition("/")
    if not action:
        return None
    number = segment(Node(delivery.body).required_identifier("id"))
    if number is None:
        raise Node(delivery.body).impossible("id", "an id")
    asked = {"query": QUERIES[kind], "variables": {"id": number}}
    return Fetch(path="/api", method="POST", body=asked, topic=kind)


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in a delivery with one of the topics. Raises Rejected."""
    kind, _, action = delivery.topic.partition("/")
    if action:
        Node(delivery.body).required_identifier("id")
        raise Rejected(
            "INCOMPLETE", f"the event names the {kind} only: the {kind} has to be fetched"
        )
    reader = {"order": _order, "product": _inventory, "customer": _customer}[kind]
    return tuple(reader(delivery, _answer(delivery, kind)))


def _answer(delivery: Delivery, kind: str) -> Node:
    """What was fetched, inside GraphQL's wrapper or without it."""
    body = Node(delivery.body)
    data = body.node("data")
    found = (data or body).node(kind)
    if found is None and data is None and kind not in body.value:
        found = body
    if found is None or not found.value:
        asked = "; the API answered with errors" if body.value.get("errors") else ""
        raise Rejected("INCOMPLETE", f"data.{kind} is missing{asked}")
    return found


def _arrival(delivery: Delivery) -> datetime:
    if delivery.time is None:
        raise Rejected("INCOMPLETE", f"{delivery.topic} says no time, and its arrival is not known")
    return delivery.time


def _shop(headers: Mapping[str, str]) -> str | None:
    try:
        return urlsplit(headers.get("x-eccube-url", "")).hostname
    except ValueError:
        return None


def _fact(delivery: Delivery, data: Data, at: datetime, rank: int = 0) -> Fact:
    brand = delivery.brands.find(shop=_shop(delivery.headers))
    return make_fact(delivery, data, at, brand=brand, rank=rank)


# --- orders ------------------------------------------------------------------


def _order(delivery: Delivery, order: Node) -> Iterator[Fact]:
    order_id = order.required_identifier("id")
    status = _id_of(order, "OrderStatus")
    if status in NOT_PLACED:
        return
    placed_at = order.required_instant("order_date", "create_date", zone=ZONE)
    shippings = order.nodes("Shippings")
    # A parcel that changes does not change its order's own date.
    dates = [node.instant("update_date", ZONE) for node in (order, *shippings)]
    at = max((when for when in dates if when), default=delivery.time or placed_at)
    rank = _rank(status, order)
    said = _snapshot(order, order_id, placed_at, status)
    # How far the payment is was not known yet when the order was placed.
    unsettled = {"payment_status": None, "cancelled": None}
    yield _fact(delivery, OrderPlaced(**{**said, **unsettled}), placed_at)
    yield _fact(delivery, OrderChanged(**said), at, rank)
    paid_at = order.instant("payment_date", ZONE)
    if paid_at:
        paid = PaymentUpdated(
            order_id=order_id,
            status=PaymentStatus.PAID,
            method=said["payment_method"],
            amount=said["total"],
        )
        yield _fact(delivery, paid, paid_at)
    lines = _goods(order)
    for shipping in shippings:
        yield from _shipping(delivery, shipping, order_id, status, at, lines)
    if status == CANCELLED:
        yield _fact(delivery, OrderCancelled(order_id=order_id, reason=_status_name(order)), at)
    if status == RETURNED:
        back = tuple(_shipped_lines(lines, None))
        returned = ReturnReceived(order_id=order_id, return_id=order_id, lines=back)
        yield _fact(delivery, returned, at)


def _rank(status: str | None, order: Node) -> int:
    """How far along a snapshot is: several changes of one second are one date in EC-CUBE."""
    step = STEPS.index(status) + 1 if status in STEPS else 0
    return step * 10 + min(9, sum(s.has("tracking_number") for s in order.nodes("Shippings")))


def _snapshot(
    order: Node, order_id: str, placed_at: datetime, status: str | None
) -> dict[str, Any]:
    currency = order.currency("currency_code")
    payment = order.node("Payment")
    named = order.text("payment_method") or (payment.text("method") if payment else None)
    method = words.payment_method([named]) if named else None
    shippings = order.nodes("Shippings")
    first = shippings[0] if shippings else None
    return {
        "order_id": order_id,
        "placed_at": placed_at,
        "number": order.text("order_no"),
        "buyer": _party(order, order.node("Customer")),
        "ship_to": _address(first) if first else None,
        "lines": tuple(_line(item, currency) for item in _goods(order)),
        "currency": currency,
        "total": order.money("payment_total", currency) or order.money("total", currency),
        "subtotal": order.exact_money("subtotal", currency),
        "shipping_fee": order.exact_money("delivery_fee_total", currency),
        "payment_method": method,
        "payment_status": _payment_status(order, status, method),
        "stock": StockStatus.RESERVED if status in STOCKED else None,
        "cancelled": status == CANCELLED if status in STEPS else None,
        "wished_date": _day(first, "shipping_delivery_date") if first else None,
        "wished_slot": first.text("shipping_delivery_time") if first else None,
    }


def _payment_status(
    order: Node, status: str | None, method: PaymentMethod | None
) -> PaymentStatus | None:
    if status == PAID or order.has("payment_date"):
        return PaymentStatus.PAID
    if status not in STOCKED:
        return None
    if method in _PAID_LATER:
        return PaymentStatus.PENDING
    return PaymentStatus.AUTHORIZED if method in _PAID_AT_ONCE else None


def _goods(order: Node) -> tuple[Node, ...]:
    if not order.has("OrderItems"):
        raise order.missing("OrderItems")
    items = order.nodes("OrderItems")
    return tuple(item for item in items if _id_of(item, "OrderItemType") in {GOODS, None})


def _line(item: Node, currency: str | None) -> Line:
    categories = (item.text("class_category_name1"), item.text("class_category_name2"))
    product = item.node("Product")
    price, tax = item.exact_money("price", currency), item.exact_money("tax", currency)
    if price and item.has("tax") and _id_of(item, "TaxDisplayType") == TAX_EXCLUDED:
        price = Money(price.amount + tax.amount, price.currency) if tax else None
    return Line(
        line_id=item.required_identifier("id"),
        quantity=item.required_quantity("quantity"),
        sku=item.text("product_code"),
        product_id=product.identifier("id") if product else None,
        title=item.text("product_name"),
        variant=" / ".join(name for name in categories if name) or None,
        unit_price=price,
    )


def _shipped_lines(lines: tuple[Node, ...], shipping_id: str | None) -> Iterator[ShippedLine]:
    """The goods in one お届け先; all of them for None."""
    for item in lines:
        count = item.required_quantity("quantity")
        if count and shipping_id in {None, _id_of(item, "Shipping")}:
            yield ShippedLine(
                line_id=item.required_identifier("id"),
                quantity=count,
                sku=item.text("product_code"),
            )


def _party(order: Node, customer: Node | None) -> Party:
    """Who ordered: EC-CUBE copies the member's details into the order, guests have no member."""
    people = [order, *([customer] if customer else [])]
    return orders.party(
        customer_id=customer.identifier("id") if customer else None,
        name=next(filter(None, map(_name, people)), None),
        emails=(person.text("email") for person in people),
        phones=(person.text("phone_number") for person in people),
        phone_region="JP",
    )


def _name(node: Node) -> str | None:
    return words.full_name(node.text("name02"), node.text("name01"))


def _address(node: Node) -> Address | None:
    pref, country = node.node("Pref"), _id_of(node, "Country")
    # The list of prefectures is Japan's; shops that sell in Japan only ask for no country.
    japan = country == JAPAN or (country is None and pref is not None)
    return orders.address(
        name=_name(node),
        country="JP" if japan else None,
        postal_code=node.text("postal_code"),
        region=pref.text("name") if pref else None,
        city=node.text("addr01"),
        line1=node.text("addr02"),
        line2=node.text("company_name"),
        phones=(node.text("phone_number"),),
    )


def _shipping(
    delivery: Delivery,
    node: Node,
    order_id: str,
    status: str | None,
    order_at: datetime,
    lines: tuple[Node, ...],
) -> Iterator[Fact]:
    shipment_id = node.required_identifier("id")
    shipped_at = node.instant("shipping_date", ZONE)
    numbers = words.tracking_numbers([node.text("tracking_number")])
    vendor = node.node("Delivery")
    named = node.text("shipping_delivery_name") or (vendor.text("name") if vendor else None)
    parts = tuple(_shipped_lines(lines, shipment_id))
    at = node.instant("update_date", ZONE) or order_at
    if shipped_at or status == SHIPPED:
        sent = ShipmentDispatched(
            order_id=order_id,
            shipment_id=shipment_id,
            lines=parts,
            carrier=carrier_token(named),
            tracking_number=numbers[0] if numbers else None,
            other_tracking_numbers=numbers[1:],
            dispatched_at=shipped_at,
        )
        yield _fact(delivery, sent, at, len(numbers))
    elif status == CANCELLED:
        return
    elif numbers:
        label = ShipmentUpdated(
            order_id=order_id,
            shipment_id=shipment_id,
            status=Status.LABEL_CREATED,
            lines=parts,
            carrier=carrier_token(named),
            tracking_number=numbers[0],
        )
        yield _fact(delivery, label, at)


# --- products and customers --------------------------------------------------


def _inventory(delivery: Delivery, product: Node) -> Iterator[Fact]:
    at = product.instant("update_date", ZONE)
    # A sale lowers the stock without touching the product's own date.
    at = max((when for when in (at, delivery.time) if when), default=None)
    if at is None:
        raise product.missing("update_date")
    for one in product.nodes("ProductClasses"):
        if one.flag("visible") is False:
            continue
        level = None if one.flag("stock_unlimited") else one.quantity("stock")
        changed = InventoryChanged(
            item_id=one.required_identifier("id"), available=level, sku=one.text("code")
        )
        yield _fact(delivery, changed, at)


def _customer(delivery: Delivery, customer: Node) -> Iterator[Fact]:
    customer.required_identifier("id")
    if _id_of(customer, "Status") == WITHDRAWN:
        return
    at = customer.instant("update_date", ZONE) or _arrival(delivery)
    yield _fact(delivery, CustomerChanged(customer=_party(customer, customer)), at)


# --- reading -----------------------------------------------------------------


def _id_of(node: Node, key: str) -> str | None:
    """The id of what stands under ``key``."""
    inside = node.node(key)
    return inside.identifier("id") if inside else None


def _status_name(order: Node) -> str | None:
    status = order.node("OrderStatus")
    return status.text("name") if status else None


def _day(node: Node, key: str) -> date | None:
    """The day in Japan of a time."""
    found = node.instant(key, ZONE)
    return found.astimezone(ZoneInfo(ZONE)).date() if found else None


# --- declaration -------------------------------------------------------------

_THIN = "names it only; it is fetched as"

SOURCE = Source(
    name=NAME,
    title="EC-CUBE 4",
    docs_url="https://doc4.ec-cube.net/eccube-api4",
    topics={
        "order": "OrderPlaced, OrderChanged, PaymentUpdated; ShipmentDispatched or ShipmentUpdated "
        "per お届け先; OrderCancelled, ReturnReceived; nothing before the checkout ends",
        "order/created": f"{_THIN} `order`",
        "order/updated": f"{_THIN} `order`",
        "product": "InventoryChanged per 商品規格",
        "product/created": f"{_THIN} `product`",
        "product/updated": f"{_THIN} `product`",
        "customer": "CustomerChanged",
        "customer/created": f"{_THIN} `customer`",
        "customer/updated": f"{_THIN} `customer`",
    },
    ignored={
        "order/deleted": "a record was removed; a cancelled order has the status 注文取消し",
        "product/deleted": "a product that is no longer sold; orders keep their lines",
        "customer/deleted": "a member's record was removed; a request about data it is not",
        "*": "the plugin tells of orders, products and customers only",
    },
    notes=(
        "Repetition: none; a call that fails is lost. Equal bodies are new changes.",
        "Events have no id and no time; what is fetched has update_date in the shop's zone.",
        "Thin: the order is fetched by GraphQL with an OAuth token of the scope read.",
    ),
    recognises=recognises,
    signature=BodyHmac(header="x-eccube-signature", encoding="hex"),
    keeps=("x-eccube-url",),
    topic_of=topic_of,
    split=split,
    retries_for=timedelta(0),
    missing=missing,
    api=Api(
        base_url="",
        auth="refresh",
        docs_url="https://doc4.ec-cube.net/eccube-api4",
    ),
    normalize=normalize,
)
