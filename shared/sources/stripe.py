"""Stripe: what became of a payment, and refunds, for orders that another platform holds.

Documentation: docs.stripe.com/event-destinations (EventBridge), /webhooks, /api/events, and for
Japan /payments/konbini and /payments/bank-transfers.

- Events: payment_intent.*, charge.*, refund.* and checkout.session.*. Over EventBridge ``source``
  is "aws.partner/stripe.com/<event destination>", ``detail-type`` the event's type and ``detail``
  the event; by webhook the event is the body.
- Signature: ``Stripe-Signature``, HMAC-SHA256 of a time stamp and the raw body.
- Retry: for up to 3 days.
- Order: not guaranteed. Times are whole seconds since 1970 (thin events: ISO 8601); ``created`` of
  the event is when it happened. An object alone says only when it was made: that is taken.
- Duplicates: the event's ``id`` stays the same.
- What is fetched: the object of a thin event (``object`` "v2.core.event", ``related_object``), and
  the charge and payment of a refund that names no order. Thin events about objects of API v1 carry
  its event names, with "v1." before them (not confirmed for each type).

Which order a payment is for: Stripe does not know orders. Yoin reads the object's ``metadata``
(``METADATA_KEYS``, in this order), then a Checkout Session's ``client_reference_id``. The value
has to be the order's id at the platform that tells the order. Set metadata on the PaymentIntent
(Stripe copies it to its charge) or on the Session; a refund has metadata of its own.

Readings that are ours
- ``livemode`` false is a test.
- ``payment_intent.amount_capturable_updated``, and a charge that is not captured: authorised.
- A PaymentIntent that requires an action is pending. A konbini voucher or the account of a bank
  transfer become instructions, in Japanese, as both are payments in Japan; a voucher has a due
  date.
- ``payment_failed`` after the voucher ran out ("payment_intent_payment_attempt_expired"), and a
  cancellation that is "automatic" or "expired", are expired; any other cancellation voids.
- A Checkout Session that is completed and "unpaid" is pending where one of its ways of paying is
  settled later. Where none is, money was only authorised: the PaymentIntent's event tells that.
- "no_payment_required" is paid: nothing is left to pay. A Session in mode "setup" sells nothing.
- Stripe calls "refunded" what was authorised and never taken as well: a charge that is refunded
  and was not captured is voided; of one that was captured in part, the rest is no refund
  ("any additional amount is automatically refunded"; not confirmed that it counts in
  ``amount_refunded`` in every API version).
- Keys of metadata are the merchant's: "Order ID" and "order-id" are taken for ``order_id``.
- Only a refund that succeeded is one; one that failed or was cancelled gave nothing back, which is
  told as an amount of 0, because it may have been told as successful before.
- A dispute is between the bank and the merchant: the order stays what it is.
- Amounts are in Stripe's minor units: those of ISO 4217, but ISK with two decimals and MGA with
  none. UGX stands in Stripe's list of zero-decimal currencies and among the special cases with
  two: its amounts are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.fetching import Api, Fetch, segment
from shared.contracts.reading import Node
from shared.contracts.signatures import StampedHmac
from shared.domain.errors import Rejected
from shared.domain.events import (
    Data,
    Fact,
    Instruction,
    OrderRefunded,
    PaymentMethod,
    PaymentStatus,
    PaymentUpdated,
)
from shared.domain.values import Money
from shared.sources import Delivery, Opened, Source, from_partner, make_fact, split_list

NAME = "stripe"
PARTNER = "aws.partner/stripe.com/"

METADATA_KEYS = ("order_id", "orderId", "order", "order_number", "orderNumber")
# As they are compared: "Order ID", "orderID" and "order-id" are all one key.
_ORDER_KEYS = ("orderid", "order", "ordernumber")
_EVENTS = frozenset({"event", "v2.core.event"})

# Where Stripe counts other decimals than ISO 4217; see above for UGX.
DECIMALS = {"ISK": 2, "MGA": 0}
_UNCLEAR = frozenset({"UGX"})

METHODS = {
    "card": PaymentMethod.CARD,
    "card_present": PaymentMethod.CARD,
    "konbini": PaymentMethod.KONBINI,
    "customer_balance": PaymentMethod.BANK_TRANSFER,
    "multibanco": PaymentMethod.BANK_TRANSFER,
    **dict.fromkeys(
        ("alipay", "amazon_pay", "cashapp", "grabpay", "kakao_pay", "link", "mobilepay",
         "naver_pay", "payco", "paynow", "paypal", "paypay", "revolut_pay", "samsung_pay",
         "twint", "wechat_pay"),
        PaymentMethod.WALLET,
    ),
    **dict.fromkeys(
        ("affirm", "afterpay_clearpay", "alma", "billie", "klarna", "zip"), PaymentMethod.DEFERRED
    ),
}  # fmt: skip
# Ways of paying that are settled after the checkout ("delayed notification").
SETTLED_LATER = frozenset({
    "acss_debit", "au_becs_debit", "bacs_debit", "boleto", "customer_balance", "konbini",
    "multibanco", "nz_bank_account", "oxxo", "sepa_debit", "sofort", "us_bank_account",
})  # fmt: skip
EXPIRED_REASONS = frozenset({"automatic", "expired"})
REFUNDS = {"succeeded": True, "failed": False, "canceled": False}
STORES = {
    "familymart": "ファミリーマート",
    "lawson": "ローソン",
    "ministop": "ミニストップ",
    "seicomart": "セイコーマート",
}
_ACCOUNT_TYPES = {"futsu": "普通", "toza": "当座"}

# Objects by their name, and where they are asked for.
_PATHS = {
    "payment_intent": "/v1/payment_intents",
    "charge": "/v1/charges",
    "refund": "/v1/refunds",
    "checkout.session": "/v1/checkout/sessions",
}
# What a refund, a charge or a session belongs to, where it is expanded.
_BELONGS_TO = ("charge", "payment_intent", "latest_charge")


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether these are headers of a webhook of Stripe's."""
    return "stripe-signature" in headers


def matches(envelope: Mapping[str, Any]) -> bool:
    """Whether an envelope came from a partner event source of Stripe."""
    return from_partner(envelope, PARTNER)


def open_envelope(envelope: Mapping[str, Any]) -> Opened:
    """The event."""
    body, named = envelope["detail"], envelope.get("detail-type")
    topic = topic_of({}, body) or (named if isinstance(named, str) else None)
    return Opened(headers={}, body=body, topic=topic)


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The event's type; an object alone has the topic of its own name."""
    kind, said = body.get("object"), body.get("type")
    if isinstance(kind, str) and kind and kind not in _EVENTS:
        return kind
    return said.removeprefix("v1.") if isinstance(said, str) and said else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """Every object of a list as the API gives it (``{"object": "list", "data": [...]}``)."""
    if isinstance(body, Mapping) and body.get("object") == "list":
        return tuple(node.value for node in Node(body).nodes("data"))
    return split_list(body)


def event_id(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The event's id; an object alone has none."""
    found, kind = body.get("id"), body.get("object")
    alone = isinstance(kind, str) and kind not in _EVENTS
    return found if isinstance(found, str) and found and not alone else None


# --- what is fetched ---------------------------------------------------------


def missing(delivery: Delivery) -> Fetch | None:
    """The object of a thin event, or the payment that a refund belongs to. Raises Rejected."""
    body = Node(delivery.body)
    if body.has("fetched"):
        return None
    found = _object(delivery, body)
    if found is None:
        related = body.node("related_object")
        if related is None:
            raise body.missing("data.object", "related_object")
        return _fetch(delivery, body, related, "type")
    refund = _kind(delivery, found) == "refund"
    if refund and _order_id(found) is None and (found.has("charge") or found.has("payment_intent")):
        return _fetch(delivery, body, found, "object")
    return None


def _fetch(delivery: Delivery, body: Node, named: Node, kind_key: str) -> Fetch:
    kind, object_id = named.text(kind_key) or "refund", named.required_text("id")
    path, last = _PATHS.get(kind), segment(object_id)
    if path is None:
        raise named.impossible(kind_key, f"one of {', '.join(_PATHS)}")
    if last is None:
        raise named.impossible("id", "an id")
    expand = {"expand[0]": "charge", "expand[1]": "payment_intent"} if kind == "refund" else {}
    keeps = ("id", "object", "type", "created", "livemode", "account", "context")
    event = body.value if delivery.topic not in _PATHS else {}
    return Fetch(
        path=f"{path}/{last}",
        topic=delivery.topic,
        query=expand,
        wrap="fetched",
        extra={key: event[key] for key in keeps if key in event},
    )


def _object(delivery: Delivery, body: Node) -> Node | None:
    """The object that an event is about; None in a thin event."""
    if delivery.topic in _PATHS and not body.has("fetched"):
        return body
    data = body.node("data")
    return body.node("fetched") or (data.node("object") if data else None)


def _kind(delivery: Delivery, found: Node) -> str:
    """What kind of object it is; a caller who left it out told the event's type."""
    said = found.text("object")
    if said is not None:
        return said
    return "refund" if "refund." in delivery.topic else delivery.topic.rpartition(".")[0]


# --- normalizing -------------------------------------------------------------


@dataclass(frozen=True)
class _Event:
    """An event with its object."""

    delivery: Delivery
    body: Node
    object: Node
    order_id: str
    at: datetime
    brand: str | None
    test: bool

    @classmethod
    def of(cls, delivery: Delivery) -> _Event:
        body = Node(delivery.body)
        found = _object(delivery, body)
        if found is None:
            raise Rejected("INCOMPLETE", f"{delivery.topic}: its object has to be fetched")
        kind, wanted = _kind(delivery, found), _wanted(delivery.topic)
        if kind != wanted:
            raise found.impossible("object", f'"{wanted}"')
        order_id = _order_id(found)
        if order_id is None:
            keys = ", ".join(METADATA_KEYS)
            refund = ", or that of its charge or payment, which has to be fetched"
            raise Rejected(
                "INCOMPLETE",
                f"{found.at('metadata')} names no order: Yoin looks for one of {keys} there, or for"
                f" client_reference_id of a Checkout Session{refund if kind == 'refund' else ''}",
            )
        account = body.text("account")
        return cls(
            delivery=delivery,
            body=body,
            object=found,
            order_id=order_id,
            at=_when(delivery, body, found),
            brand=delivery.brands.find(shop=account.lower() if account else None),
            test=_is_test(body, found),
        )

    def fact(self, data: Data, *, rank: int = 0) -> Fact:
        """A fact of this event."""
        return make_fact(
            self.delivery,
            data,
            self.at,
            brand=self.brand,
            rank=rank,
            dedupe_id=event_id({}, self.body.value),
            test=self.test,
        )

    def payment(
        self,
        status: PaymentStatus,
        amount: str | Money | None = None,
        *,
        method: PaymentMethod | None = None,
        due_at: datetime | None = None,
        instructions: tuple[Instruction, ...] = (),
    ) -> Fact:
        """A state of the payment; ``amount`` is what was paid, or the field that holds it."""
        data = PaymentUpdated(
            order_id=self.order_id,
            status=status,
            method=method or _payment_method(self.object),
            amount=_money(self.object, amount) if isinstance(amount, str) else amount,
            due_at=due_at,
            instructions=instructions,
        )
        return self.fact(data)


def _is_test(body: Node, found: Node) -> bool:
    """Whether the event, its object, or what is expanded inside it is not of live mode."""
    inside = (found.value.get(key) for key in _BELONGS_TO)
    nodes = (body, found, *(Node(one) for one in inside if isinstance(one, Mapping)))
    return any(node.flag("livemode") is False for node in nodes)


def _wanted(topic: str) -> str:
    """The object that an event of a type is about."""
    if topic in _PATHS:
        return topic
    return "refund" if "refund." in topic else topic.rpartition(".")[0]


def _when(delivery: Delivery, body: Node, found: Node) -> datetime:
    for node in (body, found):
        raw = node.value.get("created")
        iso = isinstance(raw, str) and not raw.strip().isdigit()
        at = node.instant("created") if iso else node.epoch("created")
        if at is not None:
            return at
    if delivery.time is None:
        raise body.missing("created")
    return delivery.time


def _order_id(found: Node) -> str | None:
    """The order that an object names, or one that is expanded inside it."""
    own = _named_order(found.node("metadata")) or found.text("client_reference_id")
    if own is not None:
        return own
    for key in _BELONGS_TO:
        if isinstance(found.value.get(key), Mapping):
            inside = found.node(key)
            other = _order_id(inside) if inside else None
            if other is not None:
                return other
    return None


def _named_order(metadata: Node | None) -> str | None:
    """The order in metadata, whose keys and values are the merchant's."""
    if metadata is None:
        return None
    exact = (metadata.text(key) for key in METADATA_KEYS)
    written = {"".join(filter(str.isalnum, key)).lower(): key for key in metadata.value}
    close = (metadata.text(written[key]) for key in _ORDER_KEYS if key in written)
    return next((text for text in (*exact, *close) if text), None)


def _money(node: Node, key: str) -> Money | None:
    currency = (node.text("currency") or "").upper()
    if currency in _UNCLEAR:
        return None
    return node.minor(key, currency, DECIMALS.get(currency))


def _payment_method(found: Node) -> PaymentMethod | None:
    """How was paid: by the charge, else by the only way that was offered."""
    details = found.node("payment_method_details")
    charge = _expanded(found, "latest_charge") or _last_charge(found)
    if details is None and charge is not None:
        details = charge.node("payment_method_details")
    details = details or _expanded(found, "payment_method")
    source = _expanded(found, "source")
    if details is None and source is not None and source.text("object") == "card":
        return PaymentMethod.CARD  # charges before 2018-11
    offered = found.texts("payment_method_types")
    name = (details.text("type") if details else None) or (
        offered[0] if len(offered) == 1 else None
    )
    return METHODS.get(name, PaymentMethod.OTHER) if name else None


def _expanded(found: Node, key: str) -> Node | None:
    """An object inside, where it is not its id only."""
    return found.node(key) if isinstance(found.value.get(key), Mapping) else None


def _last_charge(intent: Node) -> Node | None:
    """Before API version 2022-11-15 an intent listed its charges, the newest first."""
    listed = _expanded(intent, "charges")
    charges = listed.nodes("data") if listed else ()
    return charges[0] if charges else None


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in a delivery. Raises Rejected."""
    return tuple(_READERS[delivery.topic](_Event.of(delivery)))


# --- payment intents ---------------------------------------------------------


def _succeeded(event: _Event) -> Iterator[Fact]:
    received = event.object.value.get("amount_received")
    yield event.payment(PaymentStatus.PAID, "amount_received" if received else "amount")


def _capturable(event: _Event) -> Iterator[Fact]:
    yield event.payment(PaymentStatus.AUTHORIZED, "amount_capturable")


def _pending(event: _Event) -> Iterator[Fact]:
    yield _open(event, PaymentStatus.PENDING)


def _partially_funded(event: _Event) -> Iterator[Fact]:
    yield _open(event, PaymentStatus.PARTIALLY_PAID)


def _open(event: _Event, status: PaymentStatus) -> Fact:
    """Not paid yet, with what the customer has to do where Stripe says so."""
    action = event.object.node("next_action")
    konbini = action.node("konbini_display_details") if action else None
    transfer = action.node("display_bank_transfer_instructions") if action else None
    amount = "amount" if status is PaymentStatus.PENDING else None
    if konbini is not None:
        return event.payment(
            status,
            amount,
            method=PaymentMethod.KONBINI,
            due_at=konbini.epoch("expires_at") or konbini.epoch("expires_after"),
            instructions=_voucher(konbini),
        )
    if transfer is not None:
        return event.payment(
            status,
            amount,
            method=PaymentMethod.BANK_TRANSFER,
            instructions=_bank_account(transfer),
        )
    return event.payment(status, amount)


def _voucher(konbini: Node) -> tuple[Instruction, ...]:
    stores = konbini.node("stores")
    found = []
    for name, label in STORES.items():
        store = stores.node(name) if stores else None
        code = store.text("payment_code") if store else None
        number = store.text("confirmation_number") if store else None
        said = [f"支払いコード {code}" if code else "", f"確認番号 {number}" if number else ""]
        if any(said):
            found.append(Instruction(label=label, value="、".join(filter(None, said))))
    url = konbini.text("hosted_voucher_url")
    if url:
        found.append(Instruction(label="お支払い方法のご案内", value=url))
    return tuple(found)


def _bank_account(transfer: Node) -> tuple[Instruction, ...]:
    found = []
    for address in transfer.nodes("financial_addresses"):
        bank = address.node("zengin")
        if bank is not None:
            kind = bank.text("account_type")
            said = (
                ("銀行", _with_code(bank, "bank")),
                ("支店", _with_code(bank, "branch")),
                ("口座種別", _ACCOUNT_TYPES.get(kind, kind) if kind else None),
                ("口座番号", bank.text("account_number")),
                ("口座名義", bank.text("account_holder_name")),
            )
            found += [Instruction(label=label, value=value) for label, value in said if value]
    url, reference = transfer.text("hosted_instructions_url"), transfer.text("reference")
    japan = transfer.text("type") in {None, "jp_bank_transfer"}
    if reference:
        found.append(Instruction(label="振込コード" if japan else "Reference", value=reference))
    if url:
        found.append(Instruction(label="お振込のご案内" if japan else "How to pay", value=url))
    return tuple(found)


def _with_code(bank: Node, what: str) -> str | None:
    name, code = bank.text(f"{what}_name"), bank.text(f"{what}_code")
    return f"{name}({code})" if name and code else name or code


def _failed(event: _Event) -> Iterator[Fact]:
    error = event.object.node("last_payment_error")
    ran_out = error is not None and error.text("code") == "payment_intent_payment_attempt_expired"
    yield event.payment(PaymentStatus.EXPIRED if ran_out else PaymentStatus.FAILED, "amount")


def _canceled(event: _Event) -> Iterator[Fact]:
    ran_out = event.object.text("cancellation_reason") in EXPIRED_REASONS
    yield event.payment(PaymentStatus.EXPIRED if ran_out else PaymentStatus.VOIDED)


def _intent(event: _Event) -> Iterator[Fact]:
    """A PaymentIntent alone: its status."""
    status = event.object.text("status") or ""
    readers = {
        "succeeded": _succeeded,
        "requires_capture": _capturable,
        "requires_action": _pending,
        "requires_source_action": _pending,  # its name before API version 2019-02-11
        "processing": _pending,
        "canceled": _canceled,
    }
    unpaid = status in {"requires_payment_method", "requires_source"}
    if unpaid and event.object.has("last_payment_error"):
        return _failed(event)
    return readers[status](event) if status in readers else iter(())


# --- charges and refunds -----------------------------------------------------


def _refunded(charge: Node) -> tuple[bool, Money | None]:
    """Whether money went back, and how much.

    What a capture in part leaves of the authorised amount Stripe counts as refunded ("any
    additional amount is automatically refunded"); nobody had paid it.
    """
    back, taken = _money(charge, "amount_refunded"), _money(charge, "amount_captured")
    whole = _money(charge, "amount")
    if back is None:
        return bool(charge.flag("refunded") or charge.value.get("amount_refunded")), None
    released = whole.amount - taken.amount if whole and taken and taken.amount else 0
    went = max(0, back.amount - max(0, released))
    return bool(went or charge.flag("refunded")), Money(went, back.currency)


def _charge(event: _Event) -> Iterator[Fact]:
    charge = event.object
    if _refunded(charge)[0]:
        yield from _charge_refunded(event)
    elif charge.text("status") == "failed":
        yield event.payment(PaymentStatus.FAILED, "amount")
    elif charge.text("status") == "pending":
        yield event.payment(PaymentStatus.PENDING, "amount")
    elif charge.flag("captured") is False:
        yield event.payment(PaymentStatus.AUTHORIZED, "amount")
    else:
        captured = charge.value.get("amount_captured")
        yield event.payment(PaymentStatus.PAID, "amount_captured" if captured else "amount")


def _charge_expired(event: _Event) -> Iterator[Fact]:
    yield event.payment(PaymentStatus.EXPIRED, "amount")


def _charge_refunded(event: _Event) -> Iterator[Fact]:
    went_back, amount = _refunded(event.object)
    if event.object.flag("captured") is False:
        yield event.payment(PaymentStatus.VOIDED)
        return
    if not went_back and event.object.value.get("amount_captured"):
        yield event.payment(PaymentStatus.PAID, "amount_captured")
        return
    whole = event.object.flag("refunded") is True
    status = PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED
    yield event.payment(status, amount)
    listed = event.object.node("refunds")
    for refund in listed.nodes("data") if listed else ():
        yield from _refund_fact(event, refund)


def _refund(event: _Event) -> Iterator[Fact]:
    yield from _refund_fact(event, event.object)


def _refund_fact(event: _Event, refund: Node) -> Iterator[Fact]:
    refund_id, status = refund.required_text("id"), refund.text("status") or ""
    went_back = REFUNDS.get("failed" if event.delivery.topic == "refund.failed" else status)
    if went_back is None:
        return
    amount = _money(refund, "amount")
    if amount is not None and not went_back:
        amount = Money(0, amount.currency)
    data = OrderRefunded(order_id=event.order_id, refund_id=refund_id, amount=amount)
    yield event.fact(data, rank=0 if went_back else 1)


# --- checkout ----------------------------------------------------------------


def _session_completed(event: _Event) -> Iterator[Fact]:
    session = event.object
    if session.text("mode") == "setup":
        return  # a way of paying was saved, nothing was sold
    status = session.text("payment_status")
    if status in {"paid", "no_payment_required"}:
        yield event.payment(PaymentStatus.PAID, "amount_total")
    elif status == "unpaid":
        if SETTLED_LATER & set(session.texts("payment_method_types")):
            yield event.payment(PaymentStatus.PENDING, "amount_total")
    elif status is None:
        raise session.missing("payment_status")
    else:
        raise session.impossible("payment_status", "paid, unpaid or no_payment_required")


def _session_paid(event: _Event) -> Iterator[Fact]:
    yield event.payment(PaymentStatus.PAID, "amount_total")


def _session_failed(event: _Event) -> Iterator[Fact]:
    yield event.payment(PaymentStatus.FAILED, "amount_total")


def _session_expired(event: _Event) -> Iterator[Fact]:
    yield event.payment(PaymentStatus.EXPIRED, "amount_total")


def _session(event: _Event) -> Iterator[Fact]:
    """A Checkout Session alone: its status."""
    status = event.object.text("status")
    if status == "complete":
        return _session_completed(event)
    return _session_expired(event) if status == "expired" else iter(())


# --- declaration -------------------------------------------------------------

_READERS = {
    "payment_intent.succeeded": _succeeded,
    "payment_intent.amount_capturable_updated": _capturable,
    "payment_intent.requires_action": _pending,
    "payment_intent.processing": _pending,
    "payment_intent.partially_funded": _partially_funded,
    "payment_intent.payment_failed": _failed,
    "payment_intent.canceled": _canceled,
    "charge.succeeded": _charge,
    "charge.captured": _charge,
    "charge.pending": _charge,
    "charge.failed": _charge,
    "charge.expired": _charge_expired,
    "charge.refunded": _charge_refunded,
    "charge.refund.updated": _refund,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "checkout.session.completed": _session_completed,
    "checkout.session.async_payment_succeeded": _session_paid,
    "checkout.session.async_payment_failed": _session_failed,
    "checkout.session.expired": _session_expired,
    "payment_intent": _intent,
    "charge": _charge,
    "refund": _refund,
    "checkout.session": _session,
}
_REFUND = "OrderRefunded, once it succeeded; its charge is fetched where it names no order"
_UNPAID = "PaymentUpdated: pending, with instructions of a konbini voucher or a bank transfer"

SOURCE = Source(
    name=NAME,
    title="Stripe",
    docs_url="https://docs.stripe.com/event-destinations",
    topics={
        "payment_intent.succeeded": "PaymentUpdated: paid",
        "payment_intent.amount_capturable_updated": "PaymentUpdated: authorised",
        "payment_intent.requires_action": _UNPAID,
        "payment_intent.processing": "PaymentUpdated: pending",
        "payment_intent.partially_funded": "PaymentUpdated: partially paid, with instructions",
        "payment_intent.payment_failed": "PaymentUpdated: failed, or expired",
        "payment_intent.canceled": "PaymentUpdated: voided, or expired",
        "charge.succeeded": "PaymentUpdated: paid, or authorised",
        "charge.captured": "PaymentUpdated: paid",
        "charge.pending": "PaymentUpdated: pending",
        "charge.failed": "PaymentUpdated: failed",
        "charge.expired": "PaymentUpdated: expired",
        "charge.refunded": "PaymentUpdated: refunded, wholly or in part; OrderRefunded for each "
        "refund that it lists",
        "charge.refund.updated": _REFUND,
        "refund.created": _REFUND,
        "refund.updated": _REFUND,
        "refund.failed": "OrderRefunded with an amount of 0",
        "checkout.session.completed": "PaymentUpdated: paid, or pending",
        "checkout.session.async_payment_succeeded": "PaymentUpdated: paid",
        "checkout.session.async_payment_failed": "PaymentUpdated: failed",
        "checkout.session.expired": "PaymentUpdated: expired",
        "payment_intent": "PaymentUpdated, by its status",
        "charge": "PaymentUpdated, by its status",
        "refund": _REFUND,
        "checkout.session": "PaymentUpdated, by its status",
    },
    ignored={
        "charge.dispute.*": "a dispute is between the bank and the merchant; the order stays",
        "payment_intent.created": "nothing is paid or tried yet",
        "charge.updated": "a note on a charge; what happened to it comes with its own event",
        "customer.subscription.*": "what is ordered under a subscription comes as an order",
        "customer.*": "a customer is known by their orders",
        "invoice.*": "the payment of an invoice is told by its PaymentIntent",
        "v2.*": "about accounts and billing, not about the payment of an order",
        "*": "no payment of an order is told by it; take it out of the event destination",
    },
    notes=(
        "Repetition: retries for up to 3 days; the event's id stays the same.",
        "Order of arrival is not guaranteed; created, in whole seconds, decides.",
        f"Metadata names the order ({', '.join(METADATA_KEYS)}), or client_reference_id does.",
        "Thin events name their object only: it is fetched.",
    ),
    event_patterns=({"source": [{"prefix": PARTNER}]},),
    recognises=recognises,
    matches=matches,
    open=open_envelope,
    signature=StampedHmac(header="stripe-signature"),
    topic_of=topic_of,
    split=split,
    event_id=event_id,
    retries_for=timedelta(days=3),
    missing=missing,
    api=Api(
        base_url="https://api.stripe.com",
        auth="bearer",
        docs_url="https://docs.stripe.com/keys",
    ),
    normalize=normalize,
)
