"""Adobe Commerce (Magento) through Adobe I/O Events: orders, shipments, credit memos, people.

Documentation: developer.adobe.com/commerce/extensibility/events (events-reference) and
developer.adobe.com/events/docs/guides (amazon-eventbridge, webhooks, signature verification).

- Events: observer.* and plugin.* codes, with ``com.adobe.commerce.`` before them. The data of one
  is ``{value: {...}, _metadata, source}``; around it CloudEvents, or ``{event: {data}}``. What is
  in ``value`` is what the subscription names as fields: subscribe with all of them. Use
  EventBridge: the registration's partner event source has ``source``
  "aws.partner/developer.adobe.com..." and ``detail-type`` "<provider>:<event code>"; that
  ``detail`` holds the event's ``data`` as a webhook's body does is not confirmed there.
- Signature: RSA, with public keys that have to be fetched from static.adobeioevents.com
  (``x-adobe-digital-signature-1`` and ``-2``). Yoin fetches no key before it trusts a call: a
  webhook is guarded by the secret segment of its URL, and its registration wants a challenge
  echoed.
- Retry: for 24 hours.
- Order: not guaranteed; ``updated_at`` decides.
- Duplicates: possible, ``event_id`` is the same.

Readings that are ours
- Times are UTC without offset, amounts have four decimals, quantities too.
- ``entity_id`` is the order, as shipments name it; ``increment_id`` is its number.
- A saved order is new by ``_isNew``, or when ``created_at`` is ``updated_at`` (so does Adobe's own
  starter kit); otherwise it has changed. The events of placing an order are its placement. A save
  that says no id tells nothing: INCOMPLETE.
- The lines are the visible ones: a configurable product's simple part belongs to its parent.
  A line's quantity is the ordered one less what was cancelled of it. A part of a unit is one.
- Placing an order reserves its goods, so they are RESERVED unless ``qty_backordered`` or the
  state (canceled, closed, holded) says otherwise.
- ``total_paid`` and ``total_refunded`` are the payment; an invoice is one when it is paid.
- A saved shipment is a dispatch; ``complete`` is not a delivery. A track that is saved alone adds
  its number to its shipment.
- ``canceled`` ends the order; ``closed`` (all refunded) does where nothing was shipped.
- A credit memo's goods are RETURNED where they go back to stock, else KEPT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.contracts import orders, values, words
from shared.contracts.attributes import read_wishes
from shared.contracts.reading import Node
from shared.contracts.signatures import PathToken
from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
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
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import Delivery, Opened, Source, from_partner, make_fact, split_list

NAME = "adobe_commerce"
PARTNER = "aws.partner/developer.adobe.com"

# How far along an order is: its times have whole seconds.
STATES = {
    "new": 10,
    "pending_payment": 11,
    "payment_review": 12,
    "holded": 20,
    "processing": 30,
    "complete": 50,
    "closed": 70,
    "canceled": 80,
}
UNPAID = {"new", "pending_payment", "payment_review"}
NOT_RESERVED = {"holded", "closed", "canceled"}
METHODS = {
    "checkmo": PaymentMethod.OTHER,
    "purchaseorder": PaymentMethod.DEFERRED,
    "companycredit": PaymentMethod.DEFERRED,
    "free": None,
}
RETURNS = {
    "pending": ReturnStatus.OPEN,
    "authorized": ReturnStatus.OPEN,
    "authorized_on_item": ReturnStatus.OPEN,
    "received_on_item": ReturnStatus.OPEN,
    "received": ReturnStatus.RECEIVED,
    "approved": ReturnStatus.RECEIVED,
    "processed_closed": ReturnStatus.CLOSED,
    "closed": ReturnStatus.CLOSED,
    "denied": ReturnStatus.DECLINED,
    "rejected": ReturnStatus.DECLINED,
}
SUBSCRIBED = {"1": True, "3": False}
INVOICE_PAID, MEMO_CANCELLED = "2", "3"

# What happens once to an order, however often it is saved.
PLACEMENTS = {
    "observer.sales_order_place_after",
    "observer.checkout_submit_all_after",
    "plugin.magento.sales.api.order_management.place",
    "plugin.sales.api.order_management.place",
}

_CODE = re.compile(r".*?((observer|plugin)\..+)", re.IGNORECASE)
_ORDER = "observer.sales_order_save_commit_after"
_SHIPMENT = "observer.sales_order_shipment_save_after"
_TRACK = "observer.sales_order_shipment_track_save_after"
_MEMO = "observer.sales_order_creditmemo_save_after"
_INVOICE = "observer.sales_order_invoice_save_after"
_CUSTOMER = "observer.customer_save_commit_after"
_SUBSCRIBER = "observer.newsletter_subscriber_save_commit_after"
_RETURN = "observer.rma_save_commit_after"
_STOCK = "observer.cataloginventory_stock_item_save_commit_after"

# What a value is, where no code came with it: by the first of these that all its fields fit.
SHAPES = (
    ({"track_number"}, _TRACK),
    ({"subscriber_email"}, _SUBSCRIBER),
    ({"order_id", "adjustment"}, _MEMO),
    ({"order_id", "creditmemo_status"}, _MEMO),
    ({"order_id", "grand_total"}, _INVOICE),
    ({"order_id", "date_requested"}, _RETURN),
    ({"order_id", "items"}, _SHIPMENT),
    ({"order_id", "tracks"}, _SHIPMENT),
    ({"increment_id", "state"}, _ORDER),
    ({"increment_id", "grand_total"}, _ORDER),
    ({"stock_id", "product_id"}, _STOCK),
    ({"email", "group_id"}, _CUSTOMER),
    ({"attribute_set_id", "sku"}, "observer.catalog_product_save_commit_after"),
)

_Said = Iterator[tuple[Data, datetime, int]]


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether these are headers of Adobe I/O Events with an event of Commerce."""
    return _code(headers.get("x-adobe-event-code")) is not None


def matches(envelope: Mapping[str, Any]) -> bool:
    """A partner event source of Adobe, and an event of Commerce."""
    return from_partner(envelope, PARTNER) and _code(envelope.get("detail-type")) is not None


def open_envelope(envelope: Mapping[str, Any]) -> Opened:
    """The body in an EventBridge envelope; its code is in the detail-type."""
    detail = envelope["detail"]
    topic = _code(envelope.get("detail-type")) or topic_of({}, detail)
    return Opened(headers={}, body=detail, topic=topic)


def topic_of(headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The event's code without ``com.adobe.commerce.``; else what the value's shape says."""
    said = _code(headers.get("x-adobe-event-code")) or _code(body.get("type"))
    if said:
        return said
    try:
        keys = set(_value(Node(body))[0].value)
    except Rejected:
        return None
    return next((topic for shape, topic in SHAPES if shape <= keys), None)


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Each of a list; of a search of the REST API each of what was found."""
    if isinstance(body, Mapping) and "search_criteria" in body:
        body = body.get("items")
    return split_list(body)


def event_id(headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """Adobe's id of the event."""
    found = [body.get(key) for key in ("event_id", "eventid", "id")]
    of_body = next((one for one in found if isinstance(one, str) and one), None)
    return headers.get("x-adobe-event-id") or (of_body if "data" in body else None)


def _code(text: object) -> str | None:
    found = _CODE.fullmatch(text.strip()) if isinstance(text, str) else None
    return found[1].lower() if found else None


def _value(body: Node) -> tuple[Node, Node]:
    """The Magento model in an event, and the data around it, whichever wrapper there is."""
    data = body
    for key in ("event", "data"):
        data = data.node(key) or data
    data = data.node("data") or data  # CloudEvents inside ``event``
    value = data.node("value") or data
    for key in ("order", "shipment", "creditmemo", "invoice", "result"):
        # What a plugin, or an observer of another moment, says: the model is one level below.
        if isinstance(value.value.get(key), Mapping) and not value.has("entity_id"):
            value = value.node(key) or value
    return value, data


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in a delivery with one of the topics. Raises Rejected."""
    body = Node(delivery.body)
    value, data = _value(body)
    if delivery.topic in PLACEMENTS:
        value = Node({**value.value, "_isNew": True}, value.path)
    reader = next(read for part, read in _READERS if part in delivery.topic)
    shop = data.text("source") if data.has("value") else None
    told_at = delivery.time if body.value.get("time") is None else body.instant("time")
    return tuple(
        make_fact(
            delivery,
            fact,
            at,
            brand=delivery.brands.find(shop=shop.lower() if shop else None),
            rank=rank,
            dedupe_id=event_id(delivery.headers, delivery.body),
        )
        for fact, at, rank in reader(value, told_at)
    )


# --- orders ------------------------------------------------------------------


def _order(order: Node, told_at: datetime | None) -> _Said:
    order_id = order.required_identifier("entity_id", "id")
    placed_at, changed_at = _times(order, told_at)
    state = (order.text("state") or "").lower()
    items = _items(order)
    unshipped = not any(_count(item, "qty_shipped") for item in items)
    off = state == "canceled" or (state == "closed" and bool(items) and unshipped)
    said = _snapshot(order, order_id, state, placed_at, items)
    said["cancelled"] = off if state in STATES else None
    # ``created_at`` alone is no sign: a subscription may leave ``updated_at`` out.
    untouched = order.has("updated_at") and changed_at == placed_at
    new = order.yes_or_no("_isNew") or untouched
    rank = STATES.get(state, 40)
    if new:
        yield orders.snapshot(OrderPlaced, said), placed_at, rank
    else:
        yield orders.snapshot(OrderChanged, said), changed_at, rank
    if off:
        yield OrderCancelled(order_id=order_id, reason=state), changed_at, 0


def _snapshot(
    order: Node, order_id: str, state: str, placed_at: datetime, items: tuple[Node, ...]
) -> dict[str, Any]:
    currency = _currency(order)
    total = order.money("grand_total", currency)
    if total is not None and total.amount < 0:
        raise order.impossible("grand_total", "an amount of at least 0")
    billing, shipping = _home(order, "billing"), _home(order, "shipping")
    wishes = read_wishes(_attributes(order), placed_at.date())
    return {
        "order_id": order_id,
        "placed_at": placed_at,
        "number": order.text("increment_id"),
        "buyer": _party(order, billing),
        "ship_to": _address(shipping),
        "lines": tuple(_line(item, currency, state) for item in items),
        "currency": currency,
        "total": total,
        "subtotal": _exact(order, currency, "subtotal_incl_tax", "subtotal"),
        "shipping_fee": _exact(order, currency, "shipping_incl_tax", "shipping_amount"),
        "payment_method": _payment_method(order),
        "payment_status": _payment_status(order, currency, state, total),
        "stock": _stock(items, state),
        "wished_date": wishes.day,
        "wished_slot": wishes.slot,
        "gift": True if order.value.get("gift_message_id") else wishes.gift,
    }


def _line(item: Node, currency: str | None, state: str) -> Line:
    if not item.has("qty_ordered"):
        raise item.missing("qty_ordered")
    ordered = _count(item, "qty_ordered")
    cancelled = 0 if state == "canceled" else min(ordered, _count(item, "qty_canceled"))
    return Line(
        line_id=item.required_identifier("item_id"),
        quantity=ordered - cancelled,
        sku=item.text("sku"),
        product_id=item.text("product_id"),
        title=item.text("name"),
        unit_price=_exact(item, currency, "price_incl_tax", "price"),
        requires_shipping=not item.yes_or_no("is_virtual"),
    )


def _payment_status(
    order: Node, currency: str | None, state: str, total: Money | None
) -> PaymentStatus | None:
    paid = _exact(order, currency, "total_paid")
    refunded = _exact(order, currency, "total_refunded")
    if refunded and refunded.amount > 0:
        part = paid is not None and refunded.amount < paid.amount
        return PaymentStatus.PARTIALLY_REFUNDED if part else PaymentStatus.REFUNDED
    if paid and paid.amount > 0:
        part = total is not None and paid.amount < total.amount
        return PaymentStatus.PARTIALLY_PAID if part else PaymentStatus.PAID
    payment = order.node("payment")
    authorized = _exact(payment, currency, "amount_authorized") if payment else None
    if authorized and authorized.amount > 0:
        return PaymentStatus.AUTHORIZED
    return PaymentStatus.PENDING if state in UNPAID else None


def _payment_method(order: Node) -> PaymentMethod | None:
    payment = order.node("payment")
    code = ((payment.text("method") if payment else None) or "").lower()
    return METHODS[code] if code in METHODS else words.payment_method([code])


def _stock(items: tuple[Node, ...], state: str) -> StockStatus | None:
    if state in NOT_RESERVED or not state or not items:
        return None
    lacking = [_count(item, "qty_backordered") > 0 for item in items]
    if not any(lacking):
        return StockStatus.RESERVED
    return StockStatus.BACKORDERED if all(lacking) else StockStatus.PARTIAL


# --- shipments, money, returns -----------------------------------------------


def _shipment(node: Node, told_at: datetime | None) -> _Said:
    made_at, changed_at = _times(node, told_at)
    tracks = _listed(node, "tracks")
    numbers = words.tracking_numbers(one.text("track_number") for one in tracks)
    carrier = next((name for one in tracks if (name := _carrier(one))), None)
    dispatched = ShipmentDispatched(
        order_id=node.required_identifier("order_id"),
        shipment_id=node.required_identifier("entity_id", "id"),
        lines=_shipped_lines(node),
        carrier=carrier,
        tracking_number=numbers[0] if numbers else None,
        other_tracking_numbers=numbers[1:],
        dispatched_at=made_at,
    )
    yield dispatched, changed_at, len(numbers)


def _track(node: Node, told_at: datetime | None) -> _Said:
    _, changed_at = _times(node, told_at)
    numbers = words.tracking_numbers([node.text("track_number")])
    if not numbers:
        raise node.missing("track_number")
    scan = ShipmentUpdated(
        order_id=node.required_identifier("order_id"),
        shipment_id=node.required_identifier("parent_id"),
        status=Status.LABEL_CREATED,
        carrier=_carrier(node),
        tracking_number=numbers[0],
    )
    yield scan, changed_at, 0


def _carrier(track: Node) -> str | None:
    """A carrier of Magento's by its code, one that was typed in ("custom") by its title."""
    code = track.text("carrier_code")
    return code if code and code != "custom" else track.text("title")


def _memo(node: Node, told_at: datetime | None) -> _Said:
    if node.text("state") == MEMO_CANCELLED:
        return
    lines = []
    for item in _listed(node, "items"):
        line_id, units = item.text("order_item_id"), _count(item, "qty")
        if line_id and units:
            back = item.yes_or_no("back_to_stock")
            kind = RefundKind.RETURNED if back else RefundKind.KEPT
            lines.append(
                RefundedLine(line_id=line_id, quantity=units, kind=kind, sku=item.text("sku"))
            )
    refunded = OrderRefunded(
        order_id=node.required_identifier("order_id"),
        refund_id=node.required_identifier("entity_id", "id"),
        lines=tuple(lines),
        amount=node.money("grand_total", _currency(node)),
    )
    yield refunded, _times(node, told_at)[0], 0


def _invoice(node: Node, told_at: datetime | None) -> _Said:
    if node.text("state") != INVOICE_PAID:
        return
    amount = node.money("grand_total", _currency(node))
    order_id = node.required_identifier("order_id")
    paid = PaymentUpdated(order_id=order_id, status=PaymentStatus.PAID, amount=amount)
    yield paid, _times(node, told_at)[1], 0


def _return(node: Node, told_at: datetime | None) -> _Said:
    order_id, return_id = (
        node.required_identifier("order_id"),
        node.required_identifier("entity_id", "id"),
    )
    at = node.instant("updated_at", zone="UTC") or told_at
    at = at or node.instant("date_requested", zone="UTC")
    if at is None:
        raise node.missing("date_requested")
    status = RETURNS.get((node.text("status") or "").lower())
    lines = _shipped_lines(node, "qty_requested")
    if status is ReturnStatus.OPEN:
        yield ReturnOpened(order_id=order_id, return_id=return_id, lines=lines), at, 0
    elif status is ReturnStatus.RECEIVED:
        yield ReturnReceived(order_id=order_id, return_id=return_id, lines=lines), at, 0
    elif status is not None:
        yield ReturnClosed(order_id=order_id, return_id=return_id, outcome=status), at, 0


# --- people, stock -----------------------------------------------------------


def _customer(node: Node, told_at: datetime | None) -> _Said:
    person = orders.party(
        customer_id=node.required_identifier("entity_id", "id"),
        name=words.full_name(node.text("firstname"), node.text("lastname")),
        emails=(node.text("email"),),
    )
    yield CustomerChanged(customer=person), _times(node, told_at)[1], 0


def _subscriber(node: Node, told_at: datetime | None) -> _Said:
    granted = SUBSCRIBED.get(node.text("subscriber_status") or "")
    if granted is None:
        return  # not asked, or asked and not answered
    person = orders.party(
        customer_id=node.reference("customer_id"), emails=(node.text("subscriber_email"),)
    )
    if person == Party():
        raise node.missing("subscriber_email")
    at = node.instant("change_status_at", zone="UTC") or told_at
    if at is None:
        raise node.missing("change_status_at")
    evidence = f"Adobe Commerce: newsletter {'subscribed' if granted else 'unsubscribed'}"
    consent = ConsentChanged(
        customer=person,
        channel=Channel.EMAIL,
        granted=granted,
        method=ConsentMethod.PLATFORM,
        evidence=evidence,
    )
    yield consent, at, 0


def _inventory(node: Node, told_at: datetime | None) -> _Said:
    if told_at is None:
        raise Rejected("INCOMPLETE", "a stock item says no time, and none came with the event")
    tracked = not node.has("manage_stock") or node.yes_or_no("manage_stock")
    level = InventoryChanged(
        item_id=node.required_identifier("product_id"),
        available=_count(node, "qty") if tracked else None,
        location_id=node.text("stock_id"),
    )
    yield level, told_at, 0


# --- reading -----------------------------------------------------------------


def _times(node: Node, told_at: datetime | None) -> tuple[datetime, datetime]:
    """When something was made, and when it was changed last."""
    made, changed = (node.instant(key, zone="UTC") for key in ("created_at", "updated_at"))
    found = [at for at in (made, changed, told_at) if at is not None]
    if not found:
        raise node.missing("created_at")
    return made or found[0], changed or found[0]


def _listed(node: Node, key: str) -> tuple[Node, ...]:
    """A list of models; Magento gives some as an object whose keys are ids."""
    value = node.value.get(key)
    if isinstance(value, Mapping):
        return Node({key: list(value.values())}, node.path).nodes(key)
    return node.nodes(key)


def _items(order: Node) -> tuple[Node, ...]:
    return tuple(item for item in _listed(order, "items") if not item.value.get("parent_item_id"))


def _shipped_lines(node: Node, quantity_key: str = "qty") -> tuple[ShippedLine, ...]:
    items = _listed(node, "items")
    return orders.shipped_lines((i.text("order_item_id"), _count(i, quantity_key)) for i in items)


def _count(node: Node, key: str) -> int:
    """Units; where nothing is said, or less than none, there are none."""
    negative = (node.figure(key) or "").startswith("-")
    return 0 if negative else node.units(key) or 0


def _currency(node: Node) -> str | None:
    return node.currency("order_currency_code")


def _exact(node: Node, currency: str | None, *keys: str) -> Money | None:
    """The first amount that is there."""
    key = next((key for key in keys if node.figure(key)), keys[0])
    return node.exact_money(key, currency)


def _home(order: Node, kind: str) -> Node | None:
    """The address of a kind: beside the order, in its list, or in its extension attributes."""
    found = order.node(f"{kind}_address")
    found = found or next(
        (one for one in _listed(order, "addresses") if one.text("address_type") == kind), None
    )
    extension = order.node("extension_attributes")
    if found is None and kind == "shipping" and extension:
        for one in extension.nodes("shipping_assignments"):
            shipping = one.node("shipping")
            found = found or (shipping.node("address") if shipping else None)
    return found


def _party(order: Node, billing: Node | None) -> Party:
    name = words.full_name(order.text("customer_firstname"), order.text("customer_lastname"))
    return orders.party(
        customer_id=order.reference("customer_id"),
        name=name or (_name(billing) if billing else None),
        emails=(order.text("customer_email"),),
        phones=(billing.text("telephone"),) if billing else (),
        phone_region=values.country(billing.text("country_id")) if billing else None,
    )


def _name(home: Node) -> str | None:
    return words.full_name(home.text("firstname"), home.text("lastname"))


def _address(home: Node | None) -> Address | None:
    if home is None:
        return None
    region = home.value.get("region")
    street = _street(home)
    return orders.address(
        name=_name(home),
        country=values.country(home.text("country_id")),
        postal_code=home.text("postcode"),
        region=Node(region).text("region") if isinstance(region, Mapping) else home.text("region"),
        city=home.text("city"),
        line1=street[0] if street else None,
        line2=" ".join(street[1:]) or None,
        phones=(home.text("telephone"),),
    )


def _street(home: Node) -> tuple[str, ...]:
    """The lines of a street: the API gives a list, the database text with line breaks."""
    raw = home.value.get("street")
    if isinstance(raw, str):
        return tuple(line.strip() for line in raw.split("\n") if line.strip())
    return home.texts("street") if isinstance(raw, list | tuple) else ()


def _attributes(order: Node) -> list[tuple[str, str]]:
    """What extensions write beside the order's own fields (delivery_date and the like)."""
    extension = order.node("extension_attributes")
    pairs = [*order.value.items(), *(extension.value.items() if extension else ())]
    return [(str(key), value) for key, value in pairs if isinstance(value, str)]


# --- declaration -------------------------------------------------------------

# The first whose name is in the topic reads the value.
_READERS = (
    ("shipment_track", _track),
    ("shipment", _shipment),
    ("creditmemo", _memo),
    ("invoice", _invoice),
    ("rma_", _return),
    ("newsletter", _subscriber),
    ("stock_item", _inventory),
    ("customer_", _customer),
    ("", _order),
)
_SAVED = "OrderPlaced if it is new, else OrderChanged; OrderCancelled"
_DISPATCHED = "ShipmentDispatched"

SOURCE = Source(
    name=NAME,
    title="Adobe Commerce",
    docs_url="https://developer.adobe.com/commerce/extensibility/events/",
    topics={
        _ORDER: _SAVED,
        "observer.sales_order_save_after": _SAVED,
        "observer.sales_order_place_after": _SAVED,
        "observer.checkout_submit_all_after": _SAVED,
        "plugin.magento.sales.api.order_management.place": _SAVED,
        "plugin.magento.sales.api.order_repository.save": _SAVED,
        "plugin.sales.api.order_management.place": _SAVED,
        "plugin.sales.api.order_repository.save": _SAVED,
        _SHIPMENT: _DISPATCHED,
        "observer.sales_order_shipment_save_commit_after": _DISPATCHED,
        _TRACK: "ShipmentUpdated with the number",
        "observer.sales_order_shipment_track_save_commit_after": "ShipmentUpdated with the number",
        _MEMO: "OrderRefunded",
        "observer.sales_order_creditmemo_save_commit_after": "OrderRefunded",
        _INVOICE: "PaymentUpdated, once it is paid",
        "observer.sales_order_invoice_save_commit_after": "PaymentUpdated, once it is paid",
        "observer.sales_order_invoice_pay": "PaymentUpdated, once it is paid",
        _RETURN: "ReturnOpened, ReturnReceived or ReturnClosed, by its status",
        "observer.rma_save_after": "ReturnOpened, ReturnReceived or ReturnClosed, by its status",
        _CUSTOMER: "CustomerChanged",
        "observer.customer_save_after": "CustomerChanged",
        _SUBSCRIBER: "ConsentChanged",
        "observer.newsletter_subscriber_save_after": "ConsentChanged",
        _STOCK: "InventoryChanged",
    },
    ignored={
        "observer.catalog_*": "an order tells its products itself",
        "plugin.magento.catalog*": "an order tells its products itself",
        "observer.customer_*": "a customer's coming and going is nothing to be told",
        "observer.sales_order_status_history_*": "a comment; the order is saved with its state",
        "*": "no order, shipment or person is told by it; take it out of the registration",
    },
    notes=(
        "Take EventBridge: webhooks are signed with keys that would have to be fetched first.",
        "Repetition: for 24 hours; event_id is the same.",
        "Order of arrival is not guaranteed; updated_at decides.",
        "Times are UTC without offset, in whole seconds.",
        "Subscribe with all fields: what a subscription leaves out is not told.",
    ),
    event_patterns=({"source": [{"prefix": PARTNER}]},),
    recognises=recognises,
    matches=matches,
    open=open_envelope,
    signature=PathToken(),
    challenge="challenge",
    keeps=("x-adobe-event-code", "x-adobe-event-id"),
    topic_of=topic_of,
    split=split,
    event_id=event_id,
    retries_for=timedelta(hours=24),
    normalize=normalize,
)
