"""LOGILESS: sales orders, outbound deliveries and stock of a Japanese order and warehouse system.

Documentation: app2.logiless.com/developer (a login is needed), read in its unofficial copy
github.com/solahsoyalp/LOGILESS_API_Docs_Unofficial (sales_order, outbound_delivery,
logical_inventory_summary and the tables of statuses).

- Events: none; LOGILESS sends no webhooks that are documented. A job of the merchant's asks the
  API and posts the answer: ``{"data": [...]}``, a list, or a single resource; what it is, its
  shape tells.
- Signature: none; the secret is the last segment of the URL that the job posts to.
- Retry: the job's.
- Order: ``updated_at`` decides which of two states is newer.
- Duplicates: what is equal byte for byte is a repetition.
- Times are ``2018-01-01 23:59:59``, without a zone and Japan's (``+0900`` is read as well). That
  the zone is Japan's is not confirmed in the vendor's documentation. Money is whole yen.

``document_status`` (``status`` in older answers) is how far the document is, ``delivery_status``
how far the parcels are. ``buyer_*`` ordered, ``recipient_*`` receives: with a gift they differ.

An order's id is LOGILESS's own; ``code`` is the number that the shop or mall gave it. A shop whose
platform is connected to Yoin as well would have every order twice: connect one of the two.

Readings that are ours
- Stock: all lines 引当済み (or shipped) is RESERVED, one 入荷待ち is BACKORDERED, some 引当済み and
  some not PARTIAL. 引当待ち alone says nothing: the allocation has just not run.
- A paid or captured order is PAID, an authorised one AUTHORIZED, else what is not paid PENDING.
- An outbound delivery is a shipment: dispatched when 出荷済み, a label with a number before that.
- 同梱: one delivery for several orders (``lines[].origin``) is a shipment of each of them.
- A line that was cancelled is a refund of kind CANCELLED; the order is cancelled by ``Cancel`` of
  the document only. 一部出荷済み closes nothing.
- Sets: the set's own line is what was ordered; its components (``is_child``) are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts import orders, values, words
from shared.contracts.attributes import read_wishes
from shared.contracts.reading import Node
from shared.contracts.signatures import PathToken
from shared.contracts.tracking import carrier_token
from shared.domain.events import (
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
    RefundedLine,
    RefundKind,
    ShipmentDispatched,
    ShipmentUpdated,
    StockStatus,
    StockUpdated,
)
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Party
from shared.sources import Delivery, Source, make_fact, split_list

NAME = "logiless"
ZONE = "Asia/Tokyo"
CURRENCY = "JPY"
SALES_ORDER, OUTBOUND, INVENTORY = (
    "sales_order",
    "outbound_delivery",
    "logical_inventory_summary",
)

# 伝票ステータス, in the order in which a document goes through them.
DOCUMENT = ("Processing", "WaitingForPayment", "WaitingForAllocation", "WaitingForShipment",
            "Shipped", "Cancel")  # fmt: skip

# 配送ステータス of an outbound delivery but "Shipped"; None: there is no parcel yet.
DELIVERY: dict[str, Status | None] = {
    "WaitingForShipment": None,
    "Working": None,
    "PartlyShipped": None,
    "Pending": None,
    "Cancel": Status.CANCELLED,
}

METHODS = {
    "credit_card_payment": PaymentMethod.CARD,
    "cod": PaymentMethod.COD,
    "bank_transfer": PaymentMethod.BANK_TRANSFER,
    "pay_easy": PaymentMethod.BANK_TRANSFER,
    "postal_transfer": PaymentMethod.BANK_TRANSFER,
    "rakuten_bank_payment": PaymentMethod.BANK_TRANSFER,
    "cvs_payment": PaymentMethod.KONBINI,
    "dsk_cvs_payment": PaymentMethod.KONBINI,
    "post_payment": PaymentMethod.DEFERRED,
    "sales_on_credit": PaymentMethod.DEFERRED,
    "np_atobarai": PaymentMethod.DEFERRED,
    "nissen_collect_post_payment": PaymentMethod.DEFERRED,
    "carrier_billing": PaymentMethod.WALLET,
    "electronic_money_payment": PaymentMethod.WALLET,
    "web_money": PaymentMethod.WALLET,
    "yahoo_wallet": PaymentMethod.WALLET,
    "yahoo_carrier_billing": PaymentMethod.WALLET,
    "rakuten_pay": PaymentMethod.WALLET,
    "rakuten_edy_payment": PaymentMethod.WALLET,
    "rakuten_id_payment": PaymentMethod.WALLET,
    "amazon_pay": PaymentMethod.WALLET,
    "amazon_payment": PaymentMethod.WALLET,
    "paypal": PaymentMethod.WALLET,
    "line_pay": PaymentMethod.WALLET,
    "d_barai": PaymentMethod.WALLET,
    "paypay_balance_payment": PaymentMethod.WALLET,
    "paypay_credit": PaymentMethod.WALLET,
    # Paid at the mall, by whichever way; or not at all.
    "platform_payment": PaymentMethod.OTHER,
    "qoo10_payment": PaymentMethod.OTHER,
    "shopify_payment_gateway": PaymentMethod.OTHER,
    "cash_payment": PaymentMethod.OTHER,
    "registered_mail": PaymentMethod.OTHER,
    "no_payment": PaymentMethod.OTHER,
}

PAYMENT = {
    "Paid": PaymentStatus.PAID,
    "PartlyPaid": PaymentStatus.PARTIALLY_PAID,
    "NotPaid": PaymentStatus.PENDING,
}
AUTHORIZATION = {
    "Captured": PaymentStatus.PAID,
    "Authorized": PaymentStatus.AUTHORIZED,
    "AuthorizationFailure": PaymentStatus.FAILED,
}

# 配送方法, by how it begins; the longest that fits counts.
CARRIERS = {
    "yamato": "ヤマト運輸",
    "sagawa": "佐川急便",
    "you_pack": "日本郵便",
    "yu_packet": "日本郵便",
    "yu_mail": "日本郵便",
    "letter_pack": "日本郵便",
    "standard_size_mail": "日本郵便",
    "non_standard_size_mail": "日本郵便",
    "click_post": "日本郵便",
    "ems": "日本郵便",
    "international_e_packet": "日本郵便",
    "acceptance_recorded_mail": "日本郵便",
    "small_packing": "日本郵便",
    "japan_post": "日本郵便",
    "seino": "西濃運輸",
    "ecohai": "エコ配",
    "dhl": "DHL",
    "fed_ex": "FedEx",
    "ups": "UPS",
    "ecms": "ECMS",
    "pegasus": "Pegasus",
    "global_e_parcel": "Global eParcel",
    "rakuten_express": "Rakuten EXPRESS",
    "yamato_box_charter": "ヤマトボックスチャーター",
    "jad": "JAD",
    "sbs_sokuhai": "SBS即配サポート",
    "nittsu": "日本通運",
    "fukutsu": "福山通運",
    "tonami": "トナミ運輸",
    "kinbutsu_rex": "近物レックス",
    "toll_express": "トールエクスプレス",
    "kurume": "久留米運送",
    "sanyo_jidosha": "山陽自動車運送",
    "last_one_mile": "ラストワンマイル協同組合",
}
# Nobody carries these, or LOGILESS does not say who.
NO_CARRIER = {
    "delivery_provider",
    "in_store_pickup",
    "in_warehouse_pickup",
    "manufacturer_direct",
    "charter",
}

_WRAPPERS = ("sales_order", "outbound_delivery")
_DONE = {"Allocated", "Shipped"}


# --- events and topics -------------------------------------------------------


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """What kind of resource a body is, by its fields."""
    if "supplier_name" in body:
        return "inbound_delivery"
    if "resolution_type" in body or "is_approved" in body:
        return "sales_return"
    if any(key in body for key in ("buyer_name1", "buyer_name_1", "outbound_deliveries")):
        return SALES_ORDER
    telling = ("delivery_tracking_numbers", "shipper_name1", "shipper_name_1", "is_combined")
    if "sales_order" in body or any(key in body for key in telling):
        return OUTBOUND
    if "free" in body and "layer" in body:
        return INVENTORY
    return SALES_ORDER if "incoming_payment_status" in body else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """The resources in an answer. Raises Rejected("MALFORMED")."""
    if isinstance(body, Mapping):
        if isinstance(body.get("data"), list | tuple):
            return split_list(body["data"])
        inner = next((body[key] for key in _WRAPPERS if len(body) == 1 and key in body), None)
        if isinstance(inner, Mapping):
            return (inner,)
    return split_list(body)


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in a resource. Raises Rejected."""
    reader = {SALES_ORDER: _sales_order, OUTBOUND: _outbound, INVENTORY: _inventory}
    return tuple(reader[delivery.topic](delivery, Node(delivery.body)))


def _fact(delivery: Delivery, data: Data, at: datetime, rank: int = 0) -> Fact:
    return make_fact(delivery, data, at, brand=delivery.brands.find(), rank=rank)


# --- orders ------------------------------------------------------------------


def _sales_order(delivery: Delivery, order: Node) -> Iterator[Fact]:
    order_id = order.required_identifier("id")
    placed_at = order.required_instant("ordered_at", "created_at", zone=ZONE)
    at = order.instant("updated_at", ZONE) or delivery.time or placed_at
    status = order.text("document_status") or order.text("status")
    rank = (DOCUMENT.index(status) + 1) * 10 if status in DOCUMENT else 0
    said = _snapshot(order, order_id, placed_at)
    said["cancelled"] = status == "Cancel" if status in DOCUMENT else None
    # How far the payment is was not known yet when the order was placed.
    unsettled = {"payment_status": None, "cancelled": None}
    yield _fact(delivery, OrderPlaced(**{**said, **unsettled}), placed_at)
    yield _fact(delivery, OrderChanged(**said), at, rank)
    stock = _stock(order)
    if stock and status != "Cancel":
        yield _fact(delivery, StockUpdated(order_id=order_id, status=stock), at, rank)
    if status == "Cancel":
        yield _fact(delivery, OrderCancelled(order_id=order_id), at)
    else:
        for line in _ordered(order):
            if _is_cancelled(line):
                yield _cancelled_line(delivery, line, order_id, at)
    for outbound in order.nodes("outbound_deliveries"):
        yield from _parcel(delivery, outbound, order_id, at)


def _snapshot(order: Node, order_id: str, placed_at: datetime) -> dict[str, Any]:
    if not order.has("lines"):
        raise order.missing("lines")
    code = order.text("payment_method")
    tags = order.texts("tags")
    local = placed_at.astimezone(ZoneInfo(ZONE)).date()
    return {
        "order_id": order_id,
        "placed_at": placed_at,
        "number": order.text("code"),
        "buyer": _party(order),
        "ship_to": _address(order),
        "lines": tuple(_line(line) for line in _ordered(order)),
        "currency": CURRENCY,
        "total": order.money("total", CURRENCY),
        "subtotal": order.exact_money("subtotal", CURRENCY),
        "shipping_fee": order.exact_money("delivery_fee", CURRENCY),
        "payment_method": METHODS.get(code, PaymentMethod.OTHER) if code else None,
        "payment_status": _payment_status(order),
        "payment_due_at": _due_at(order),
        "wished_date": _date(order, "delivery_preferred_date"),
        "wished_slot": order.text("delivery_preferred_time_zone"),
        "gift": _gift(order, local),
        "subscription": _subscription(order, tags),
        "tags": tags,
    }


def _ordered(node: Node) -> tuple[Node, ...]:
    """The lines as they were ordered: without the components of sets."""
    return tuple(line for line in node.nodes("lines") if not line.yes_or_no("is_child"))


def _line(line: Node) -> Line:
    return Line(
        line_id=line.required_identifier("id"),
        quantity=line.required_quantity("quantity"),
        sku=line.text("article_code"),
        title=line.text("article_name"),
        variant=line.text("article_option"),
        unit_price=line.exact_money("price", CURRENCY),
    )


def _is_cancelled(line: Node) -> bool:
    return line.text("status") == "Cancel" or bool(line.yes_or_no("is_partial_cancel"))


def _cancelled_line(delivery: Delivery, line: Node, order_id: str, order_at: datetime) -> Fact:
    line_id = line.required_identifier("id")
    gone = RefundedLine(
        line_id=line_id,
        quantity=line.required_quantity("quantity"),
        kind=RefundKind.CANCELLED,
        sku=line.text("article_code"),
    )
    refund = OrderRefunded(order_id=order_id, refund_id=f"line-{line_id}", lines=(gone,))
    return _fact(delivery, refund, line.instant("updated_at", ZONE) or order_at)


def _stock(order: Node) -> StockStatus | None:
    lines = [line for line in _ordered(order) if not _is_cancelled(line)]
    statuses = {line.text("status") for line in lines} - {None}
    if order.text("allocation_status") == "Allocated" or (statuses and statuses <= _DONE):
        return StockStatus.RESERVED
    if statuses & _DONE:
        return StockStatus.PARTIAL
    return StockStatus.BACKORDERED if "WaitingForTransfer" in statuses else None


def _payment_status(order: Node) -> PaymentStatus | None:
    incoming = PAYMENT.get(order.text("incoming_payment_status") or "")
    authorised = AUTHORIZATION.get(order.text("authorization_status") or "")
    if incoming in {None, PaymentStatus.PENDING}:
        return authorised or incoming
    return incoming


def _due_at(order: Node) -> datetime | None:
    day = _date(order, "payment_due_date")
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(ZONE)) if day else None


def _party(order: Node) -> Party:
    code = order.text("buyer_country")
    return orders.party(
        customer_id=order.text("customer_code"),
        name=_name(order, "buyer"),
        emails=(order.text("buyer_email"),),
        phones=(order.text("buyer_phone"),),
        phone_region=values.country(code) if code else "JP",
    )


def _name(node: Node, who: str) -> str | None:
    parts = (_either(node, f"{who}_name", n) for n in (1, 2))
    return " ".join(part for part in parts if part) or None


def _address(node: Node) -> Address | None:
    country = values.country(node.text("recipient_country"))
    return orders.address(
        name=_name(node, "recipient"),
        country=country,
        postal_code=node.text("recipient_post_code"),
        region=node.text("recipient_prefecture"),
        city=_either(node, "recipient_address", 1),
        line1=_either(node, "recipient_address", 2),
        line2=_either(node, "recipient_address", 3),
        phones=(node.text("recipient_phone"),),
        phone_region=country or "JP",
    )


def _either(node: Node, name: str, number: int) -> str | None:
    """recipient_address1 of the documentation, recipient_address_1 of its samples."""
    return node.text(f"{name}{number}") or node.text(f"{name}_{number}")


def _gift(order: Node, ordered_on: date) -> bool | None:
    said = [(name, text) for name in ("noshi", "wrapping") if (text := order.text(name))]
    written = [("のし" if name == "noshi" else "ラッピング", text) for name, text in said]
    return True if read_wishes(written, ordered_on).gift else order.yes_or_no("gift")


def _subscription(order: Node, tags: tuple[str, ...]) -> bool | None:
    if order.has("subscription_id") or any(words.is_subscription_tag(tag) for tag in tags):
        return True
    return False if any(words.is_one_time_tag(tag) for tag in tags) else None


# --- outbound deliveries -----------------------------------------------------


def _outbound(delivery: Delivery, node: Node) -> Iterator[Fact]:
    at = node.instant("updated_at", ZONE) or delivery.time
    if at is None:
        raise node.missing("updated_at")
    named = node.node("sales_order")
    owner = named.identifier("id") if named else None
    origins = [line.node("origin") for line in node.nodes("lines")]
    orders = dict.fromkeys(o.identifier("id") for o in origins if o and o.has("id"))
    if not orders and owner is None:
        raise node.missing("sales_order.id")
    for order_id in orders or {owner: None}:
        if order_id:
            yield from _parcel(delivery, node, order_id, at)


def _parcel(delivery: Delivery, node: Node, order_id: str, order_at: datetime) -> Iterator[Fact]:
    shipment_id = node.required_identifier("id")
    word = node.text("delivery_status") or node.text("document_status") or ""
    at = node.instant("updated_at", ZONE) or order_at
    numbers = words.tracking_numbers(node.texts("delivery_tracking_numbers"))
    carrier = _carrier(node.text("delivery_method"))
    lines = tuple(_shipped_lines(node, order_id))
    if word == "Shipped":
        sent = ShipmentDispatched(
            order_id=order_id,
            shipment_id=shipment_id,
            lines=lines,
            carrier=carrier,
            tracking_number=numbers[0] if numbers else None,
            other_tracking_numbers=numbers[1:],
            dispatched_at=node.instant("finished_at", ZONE),
        )
        yield _fact(delivery, sent, at, len(numbers))
        return
    status = DELIVERY.get(word, Status.UNKNOWN)
    if status is None and numbers:
        status = Status.LABEL_CREATED
    if status is not None:
        scan = ShipmentUpdated(
            order_id=order_id,
            shipment_id=shipment_id,
            status=status,
            lines=lines,
            carrier=carrier,
            tracking_number=numbers[0] if numbers else None,
            raw_status=word or None,
        )
        yield _fact(delivery, scan, at)


def _shipped_lines(node: Node, order_id: str) -> Iterator[ShippedLine]:
    """What of an order is inside. Lines that name no order belong to the only one there is."""
    for line in _ordered(node):
        origin = line.node("origin")
        count = line.quantity("quantity")
        if count and (origin is None or origin.identifier("id") in {None, order_id}):
            sku = line.text("article_code")
            yield ShippedLine(line_id=line.required_identifier("id"), quantity=count, sku=sku)


def _carrier(method: str | None) -> str | None:
    if method is None or method in NO_CARRIER:
        return None
    fitting = [name for name in CARRIERS if method.startswith(name)]
    return carrier_token(CARRIERS[max(fitting, key=len)] if fitting else method)


# --- stock -------------------------------------------------------------------


def _inventory(delivery: Delivery, node: Node) -> Iterator[Fact]:
    at = node.instant("updated_at", ZONE) or delivery.time
    if at is None:
        raise node.missing("updated_at")
    article, warehouse = node.node("article"), node.node("warehouse")
    item = (article.identifier("id") if article else None) or node.identifier("article_id")
    if item is None:
        raise node.missing("article.id", "article_id")
    place = (warehouse.identifier("id") if warehouse else None) or node.identifier("warehouse_id")
    changed = InventoryChanged(
        item_id=item,
        available=_level(node, "free"),
        location_id=place,
        sku=article.text("code") if article else None,
    )
    yield _fact(delivery, changed, at)


def _level(node: Node, key: str) -> int:
    """Free stock; below 0 where more was ordered than there is, which is nothing to sell."""
    text = node.text(key)
    if text is None:
        raise node.missing(key)
    if text.startswith("-") and text[1:].isdecimal():
        return 0
    return node.quantity(key) or 0


# --- reading -----------------------------------------------------------------


def _date(node: Node, key: str) -> date | None:
    """A day; None for what is none: a wish that nobody can read costs no order."""
    text = node.text(key)
    return values.day(text[:10]) if text else None


# --- declaration -------------------------------------------------------------

SOURCE = Source(
    name=NAME,
    title="LOGILESS",
    docs_url="https://app2.logiless.com/developer/",
    topics={
        SALES_ORDER: "OrderPlaced, OrderChanged, StockUpdated; OrderCancelled, or OrderRefunded "
        "per cancelled line; ShipmentDispatched or ShipmentUpdated per outbound delivery",
        OUTBOUND: "ShipmentDispatched or ShipmentUpdated, for every order in it",
        INVENTORY: "InventoryChanged",
    },
    ignored={
        "sales_return": "says how many units came back, but not of which lines",
        "actual_inventory_summary": "by shelf and lot; logical_inventory_summary has what is free",
        "inbound_delivery": "goods on their way to the warehouse; lines tell when they are there",
        "*": "no order, parcel or stock is told by it",
    },
    notes=(
        "No webhooks: a job of the merchant's posts what the API answers.",
        "Repetition: what is equal byte for byte is one; updated_at decides what is newer.",
        "Times without a zone are Japan's, in whole seconds.",
    ),
    recognises=lambda _headers: False,
    signature=PathToken(),
    topic_of=topic_of,
    split=split,
    normalize=normalize,
)
