"""The facts: what happened at a platform, a carrier or a customer, in the past tense.

A fact is ``metadata`` (who says so, when it happened at the source) and ``data`` (one of the
classes below). ``occurred_at`` is the time at the source; the time of arrival decides nothing.

Every data class has ``key()``: facts of one order with the same key are the same statement,
of which the newest counts. That is what makes the order independent of arrival and repetition.

These dataclasses are the contract itself: ``shared.contracts`` validates JSON against them and
generates the JSON Schemas from them. A value that cannot be is a ValueError.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, get_args

from shared.domain.shipments import Actor, ShippedLine, Status
from shared.domain.values import Address, Money, Party, digest, instant_text, utc


class PaymentStatus(StrEnum):
    """How far the payment is."""

    PENDING = "PENDING"
    AUTHORIZED = "AUTHORIZED"
    PAID = "PAID"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    VOIDED = "VOIDED"
    REFUNDED = "REFUNDED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"


class PaymentMethod(StrEnum):
    """How the customer pays, as far as a lifecycle cares."""

    CARD = "CARD"
    KONBINI = "KONBINI"
    BANK_TRANSFER = "BANK_TRANSFER"
    COD = "COD"
    DEFERRED = "DEFERRED"
    WALLET = "WALLET"
    OTHER = "OTHER"


class StockStatus(StrEnum):
    """Whether the goods are set aside for this order."""

    RESERVED = "RESERVED"
    PARTIAL = "PARTIAL"
    BACKORDERED = "BACKORDERED"


class PromiseSource(StrEnum):
    """Who named a delivery date."""

    SHOP = "SHOP"
    CARRIER = "CARRIER"
    CUSTOMER = "CUSTOMER"


class RefundKind(StrEnum):
    """What a refunded line means for the goods."""

    CANCELLED = "CANCELLED"  # never shipped, removed from the order
    RETURNED = "RETURNED"  # came back
    KEPT = "KEPT"  # money back, goods stay


class Channel(StrEnum):
    """A way to reach a person."""

    EMAIL = "email"
    SMS = "sms"
    LINE = "line"


class ProviderWord(StrEnum):
    """What a provider of messages reports about one of them."""

    SENT = "SENT"
    DELIVERED = "DELIVERED"
    DELAYED = "DELAYED"
    BOUNCED = "BOUNCED"  # for good
    SOFT_BOUNCED = "SOFT_BOUNCED"
    COMPLAINED = "COMPLAINED"
    REJECTED = "REJECTED"
    STOPPED = "STOPPED"  # the person answered STOP
    RESUMED = "RESUMED"  # the person answered START
    OTHER = "OTHER"  # opens, clicks: of no consequence here


class PrivacyKind(StrEnum):
    """What a person, or a shop that leaves, asks for about personal data."""

    ACCESS = "ACCESS"
    ERASURE = "ERASURE"
    SHOP_ERASURE = "SHOP_ERASURE"


class ConsentMethod(StrEnum):
    """How a consent or refusal was said."""

    CHECKOUT = "CHECKOUT"
    PLATFORM = "PLATFORM"  # the platform's own record of subscribers
    PREFERENCES = "PREFERENCES"  # the preference page
    ONE_CLICK = "ONE_CLICK"  # the mail program's button (RFC 8058)
    CONFIRMATION = "CONFIRMATION"  # the link of a double opt-in
    REPLY = "REPLY"  # STOP, 配信停止
    COMPLAINT = "COMPLAINT"  # marked as spam
    IMPORT = "IMPORT"
    SUPPORT = "SUPPORT"  # told to the shop's staff


class Frequency(StrEnum):
    """How many marketing messages a person wants at most."""

    ALL = "ALL"  # as the brand's caps allow
    WEEKLY = "WEEKLY"  # one in 7 days
    MONTHLY = "MONTHLY"  # one in 30 days


class Purpose(StrEnum):
    """Why a message is sent; marketing needs consent."""

    TRANSACTIONAL = "transactional"
    MARKETING = "marketing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The envelope of a fact.

    ``id`` identifies the fact (a repeated delivery has the same), ``dedupe_id`` is the vendor's
    own event id where there is one. ``test`` marks a sandbox or test delivery, ``historical``
    an import, replay or back-fill: neither ever mails a customer. ``notes``: what was
    contradictory in the payload and how it was resolved, without personal data.
    """

    id: str
    type: str
    brand: str | None
    source: str
    occurred_at: datetime
    version: int = 1
    correlation_id: str | None = None
    dedupe_id: str | None = None
    test: bool = False
    historical: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "occurred_at", utc(self.occurred_at))
        if not 1990 <= self.occurred_at.year <= 2100:
            raise ValueError(f"an impossible time: {self.occurred_at.isoformat()}")
        if not self.id:
            raise ValueError("a fact needs an id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An order line. ``quantity`` counts units as ordered."""

    line_id: str
    quantity: int
    sku: str | None = None
    product_id: str | None = None
    title: str | None = None
    variant: str | None = None
    unit_price: Money | None = None
    image_url: str | None = None
    requires_shipping: bool = True

    def __post_init__(self) -> None:
        if self.quantity < 0:
            raise ValueError(f"a negative quantity on line {self.line_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentSeen:
    """A consent as the buyer gave or refused it at checkout.

    ``confirmed``: whether the buyer has proved to own the address, as in ConsentChanged.
    """

    channel: Channel
    purpose: Purpose = Purpose.MARKETING
    granted: bool
    confirmed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One line of how to pay: ``label`` and ``value`` as the customer shall read them."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    """An order as it stands; a field that the source does not say is None.

    ``cancelled`` False takes back an older OrderCancelled; True is one, unless OrderCancelled says
    when and why.
    """

    order_id: str
    placed_at: datetime
    lines: tuple[Line, ...]
    number: str | None = None
    buyer: Party = Party()
    ship_to: Address | None = None
    currency: str | None = None
    total: Money | None = None
    subtotal: Money | None = None
    shipping_fee: Money | None = None
    payment_method: PaymentMethod | None = None
    payment_status: PaymentStatus | None = None
    payment_due_at: datetime | None = None
    payment_instructions: tuple[Instruction, ...] = ()
    stock: StockStatus | None = None
    cancelled: bool | None = None
    wished_date: date | None = None
    wished_slot: str | None = None
    gift: bool | None = None
    subscription: bool | None = None
    status_url: str | None = None
    tags: tuple[str, ...] = ()
    consents: tuple[ConsentSeen, ...] = ()
    notify: bool = True  # False where the merchant asked for silence about this order

    def __post_init__(self) -> None:
        _require(self.order_id, "order_id")
        object.__setattr__(self, "placed_at", utc(self.placed_at))
        if self.payment_due_at is not None:
            object.__setattr__(self, "payment_due_at", utc(self.payment_due_at))
        for money in (self.total, self.subtotal, self.shipping_fee):
            if money and self.currency and money.currency != self.currency:
                raise ValueError(f"amounts in {money.currency} in an order in {self.currency}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(_Snapshot):
    """The customer placed an order."""

    def key(self) -> str:
        """One placement per order."""
        return "placed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged(_Snapshot):
    """The order as it now stands, whole: the newest counts."""

    def key(self) -> str:
        """One newest snapshot per order."""
        return "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed:
    """The platform itself says: payment accepted and stock set aside."""

    order_id: str

    def key(self) -> str:
        """One confirmation per order."""
        return "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentUpdated:
    """The payment reached a state. ``due_at`` and ``instructions`` are for unpaid orders."""

    order_id: str
    status: PaymentStatus
    method: PaymentMethod | None = None
    amount: Money | None = None
    due_at: datetime | None = None
    instructions: tuple[Instruction, ...] = ()

    def __post_init__(self) -> None:
        if self.due_at is not None:
            object.__setattr__(self, "due_at", utc(self.due_at))

    def key(self) -> str:
        """The newest statement per payment state."""
        return f"payment:{self.status}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockUpdated:
    """The goods of the order are set aside, or not yet. ``expected_on`` is the merchant's date."""

    order_id: str
    status: StockStatus
    expected_on: date | None = None

    def key(self) -> str:
        """The newest statement about stock."""
        return "stock"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled:
    """The whole order was cancelled. A part of it is an OrderRefunded of kind CANCELLED.

    It stands until a newer OrderPlaced or OrderChanged says ``cancelled`` False.
    """

    order_id: str
    reason: str | None = None

    def key(self) -> str:
        """One cancellation per order."""
        return "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundedLine:
    """How many units of a line were refunded, and what became of them.

    ``sku``: where the source repeats it.
    """

    line_id: str
    quantity: int
    kind: RefundKind = RefundKind.KEPT
    sku: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefunded:
    """Money went back. No lines: an amount without goods (shipping, goodwill)."""

    order_id: str
    refund_id: str
    lines: tuple[RefundedLine, ...] = ()
    amount: Money | None = None

    def key(self) -> str:
        """One statement per refund."""
        return f"refund:{self.refund_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDispatched:
    """A shipment exists and is handed to a carrier (or is about to be).

    Not a delivery, and not proof that the carrier has scanned it. ``dispatched_at``: when it was
    handed over, where that is not when this was said (a number that is added a day later does
    not make the dispatch later). ``other_tracking_numbers``: of further parcels in it.
    """

    order_id: str
    shipment_id: str
    lines: tuple[ShippedLine, ...] = ()
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    other_tracking_numbers: tuple[str, ...] = ()
    dispatched_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.dispatched_at is not None:
            object.__setattr__(self, "dispatched_at", utc(self.dispatched_at))

    def key(self) -> str:
        """The newest statement per shipment (numbers are often added later)."""
        return f"dispatch:{self.shipment_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentUpdated:
    """The carrier said something; ``occurred_at`` is the carrier's own time.

    A carrier knows the tracking number only: then ``order_id`` and ``shipment_id`` are None and
    Yoin finds the shipments with that number, or parks the fact until one appears. ``lines``:
    what is inside, where a shop's system says so before anything was dispatched. ``shipped_on``:
    the carrier's own date of dispatch, which tells two shipments with one number apart.
    ``acts``: who has to do something now; None where that follows from the status.
    """

    status: Status
    order_id: str | None = None
    shipment_id: str | None = None
    lines: tuple[ShippedLine, ...] = ()
    carrier: str | None = None
    tracking_number: str | None = None
    raw_status: str | None = None
    location: str | None = None
    place: str | None = None
    hold_until: date | None = None
    shipped_on: date | None = None
    acts: Actor | None = None

    def __post_init__(self) -> None:
        if not self.tracking_number and not (self.order_id and self.shipment_id):
            raise ValueError("a scan needs an order and shipment, or a tracking number")

    def key(self) -> str:
        """Every scan is its own statement; ``scan_key`` adds its time."""
        return f"scan:{self.shipment_id or self.tracking_number}:{self.status}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPromised:
    """A delivery date was named. ``shipment_id`` None: for the order as a whole.

    ``earliest`` and ``latest`` are dates at the destination.
    """

    order_id: str
    latest: date
    earliest: date | None = None
    shipment_id: str | None = None
    promised_by: PromiseSource = PromiseSource.SHOP

    def __post_init__(self) -> None:
        if self.earliest is not None and self.earliest > self.latest:
            raise ValueError("a promise that ends before it begins")

    def key(self) -> str:
        """Every promise is kept: the ledger of what the customer was told."""
        scope = self.shipment_id or "order"
        span = f"{self.earliest or self.latest}/{self.latest}"
        return f"promise:{scope}:{self.promised_by}:{span}"


class ReturnStatus(StrEnum):
    """How far a return is."""

    OPEN = "OPEN"
    RECEIVED = "RECEIVED"
    CLOSED = "CLOSED"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnOpened:
    """A return was asked for, approved or opened again. No lines: not said which goods."""

    order_id: str
    return_id: str
    lines: tuple[ShippedLine, ...] = ()

    def key(self) -> str:
        """The newest opening per return; one that names no goods does not replace their list."""
        return f"return:{self.return_id}:{'open' if self.lines else 'reopened'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReceived:
    """Returned goods came back to the merchant."""

    order_id: str
    return_id: str
    lines: tuple[ShippedLine, ...] = ()

    def key(self) -> str:
        """The newest receipt per return."""
        return f"return:{self.return_id}:received"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnClosed:
    """A return ended: ``outcome`` is CLOSED, DECLINED or CANCELLED.

    Some platforms name the return only: then ``order_id`` is None, and Yoin finds the order by
    the return that was opened, or parks the fact until it is.
    """

    return_id: str
    order_id: str | None = None
    outcome: ReturnStatus = ReturnStatus.CLOSED

    def key(self) -> str:
        """The newest ending per return."""
        return f"return:{self.return_id}:closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketOpened:
    """Support has an open conversation about this order."""

    order_id: str
    ticket_id: str

    def key(self) -> str:
        """One newest opening per ticket."""
        return f"ticket:{self.ticket_id}:open"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketClosed:
    """The conversation ended."""

    order_id: str
    ticket_id: str

    def key(self) -> str:
        """One newest closing per ticket."""
        return f"ticket:{self.ticket_id}:closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSubmitted:
    """The customer reviewed products of this order. No SKUs: all of them."""

    order_id: str
    skus: tuple[str, ...] = ()

    def key(self) -> str:
        """Every set of reviewed SKUs is its own statement."""
        return f"review:{','.join(sorted(self.skus))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSnoozed:
    """The customer still has some: no replenishment reminder for ``sku`` before ``until``.

    ``until`` None: never again for this product.
    """

    order_id: str
    sku: str
    until: date | None

    def key(self) -> str:
        """The newest wish per SKU."""
        return f"snooze:{self.sku}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChanged:
    """A person granted or refused messages of a purpose on a channel.

    ``topic``: the lifecycle that the word is about; None: all of them. ``method`` is how it was
    said, ``wording`` the version of the text that the person saw, ``evidence`` where it was seen
    (a checkout, a row of an import). ``confirmed``: whether the person proved to own the address
    (double opt-in); False where they have not yet, None where the source does not say.
    """

    customer: Party
    channel: Channel
    granted: bool
    purpose: Purpose = Purpose.MARKETING
    evidence: str | None = None
    topic: str | None = None
    method: ConsentMethod | None = None
    wording: str | None = None
    confirmed: bool | None = None

    def key(self) -> str:
        """The newest refusal, grant and confirmed grant per channel, purpose and topic.

        Each is kept: a grant that is not confirmed does not undo an earlier one that was, unless
        a refusal came in between.
        """
        word = "refused"
        if self.granted:
            word = "confirmed" if self.confirmed else "granted"
        return f"consent:{self.channel}:{self.purpose}:{self.topic or ''}:{word}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesChanged:
    """How often a person wants to hear from the brand, as they set it; always the whole.

    It is about marketing only. ``paused_until``: nothing before that instant. ``stopped_skus``:
    no reminders about these products.
    """

    customer: Party
    frequency: Frequency = Frequency.ALL
    paused_until: datetime | None = None
    stopped_skus: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.paused_until is not None:
            object.__setattr__(self, "paused_until", utc(self.paused_until))

    def key(self) -> str:
        """The newest state."""
        return "preferences"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChanged:
    """A person subscribes to a SKU, or no longer."""

    customer: Party
    sku: str
    active: bool

    def key(self) -> str:
        """The newest state per SKU."""
        return f"subscription:{self.sku}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChanged:
    """A person's details as they now stand at the platform."""

    customer: Party

    def key(self) -> str:
        """The newest state."""
        return "details"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequested:
    """A person asks for their data or its erasure; SHOP_ERASURE: a shop left the platform.

    ``customer`` is Party() for a shop. ``order_ids``: the orders that the request names.
    """

    kind: PrivacyKind
    customer: Party = Party()
    request_id: str | None = None
    order_ids: tuple[str, ...] = ()

    def key(self) -> str:
        """The newest request of a kind."""
        return f"privacy:{self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryChanged:
    """How many units of an item can be sold at a place; None: not tracked there."""

    item_id: str
    available: int | None
    location_id: str | None = None
    sku: str | None = None

    def key(self) -> str:
        """The newest level per item and place."""
        return f"inventory:{self.item_id}:{self.location_id or ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReported:
    """What a provider says about a message that was handed to it.

    ``message_id`` is Yoin's own (it travels as a tag), ``provider_id`` the provider's; one of
    the two is there. ``addresses`` are those that the word is about (none: all addressees),
    ``detail`` is the provider's own reason.
    """

    channel: Channel
    word: ProviderWord
    message_id: str | None = None
    provider_id: str | None = None
    addresses: tuple[str, ...] = ()
    detail: str | None = None

    def __post_init__(self) -> None:
        if not self.message_id and not self.provider_id:
            raise ValueError("a report needs the id of a message")

    def key(self) -> str:
        """Every word about a message is its own statement."""
        about = digest(*self.addresses, length=16) if self.addresses else ""
        return f"report:{self.message_id or self.provider_id}:{self.word}:{about}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactabilityChanged:
    """An address can no longer be reached on a channel (a hard bounce, a block), or again can.

    ``reason`` is a code: BOUNCED, COMPLAINED, BLOCKED, OPTED_OUT, INVALID, FOLLOWED ...
    """

    channel: Channel
    address: str
    reachable: bool
    reason: str

    def key(self) -> str:
        """The newest word per address; a digest, because keys are not for personal data."""
        return f"contactability:{self.channel}:{digest(self.channel, self.address, length=32)}"


OrderData = (
    OrderPlaced
    | OrderChanged
    | OrderConfirmed
    | PaymentUpdated
    | StockUpdated
    | OrderCancelled
    | OrderRefunded
    | ShipmentDispatched
    | ShipmentUpdated
    | DeliveryPromised
    | ReturnOpened
    | ReturnReceived
    | ReturnClosed
    | TicketOpened
    | TicketClosed
    | ReviewSubmitted
    | ReminderSnoozed
)
CustomerData = (
    ConsentChanged | PreferencesChanged | SubscriptionChanged | CustomerChanged | PrivacyRequested
)
BrandData = InventoryChanged
MessageData = MessageReported | ContactabilityChanged
Data = OrderData | CustomerData | BrandData | MessageData

FACTS: dict[str, type] = {cls.__name__: cls for cls in get_args(Data)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened: ``metadata`` and ``data``."""

    metadata: Metadata
    data: Data

    SNAPSHOTS: ClassVar[frozenset[str]] = frozenset({"placed", "changed"})

    def __post_init__(self) -> None:
        if self.metadata.type != type(self.data).__name__:
            raise ValueError(f"{self.metadata.type} with the data of {type(self.data).__name__}")

    @property
    def order_id(self) -> str | None:
        """The order that the fact is about; None for a person or a bare tracking number."""
        return getattr(self.data, "order_id", None)

    @property
    def key(self) -> str:
        """What the fact states; of two facts with one key the newer counts."""
        if isinstance(self.data, ShipmentUpdated):
            return f"{self.data.key()}:{instant_text(self.metadata.occurred_at)}"
        return self.data.key()

    @property
    def stamp(self) -> tuple[datetime, str]:
        """What newer means: the time at the source, then the id, so that no tie is left."""
        return (self.metadata.occurred_at, self.metadata.id)


def _require(value: str, name: str) -> None:
    if not value:
        raise ValueError(f"{name} is empty")
