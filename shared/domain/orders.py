"""The order: what is stored of it, and what its facts together tell.

``OrderRecord`` is what is stored: for every fact key the newest fact. ``shared.domain.folding``
merges facts into a record and folds a record into an ``Order``.

A fact about an order whose placement has not arrived is kept in the same record: that is how
it is parked. ``Order.known`` is False until a snapshot arrives; nothing is decided before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from shared.domain.events import (
    ConsentSeen,
    Fact,
    Instruction,
    Line,
    PaymentMethod,
    PaymentStatus,
    PromiseSource,
    ReturnStatus,
    StockStatus,
)
from shared.domain.shipments import Shipment
from shared.domain.values import Address, Money, Party, customer_key, digest

ACCEPTED_PAYMENT = frozenset({PaymentStatus.AUTHORIZED, PaymentStatus.PAID})
ENDED_PAYMENT = frozenset({PaymentStatus.EXPIRED, PaymentStatus.VOIDED, PaymentStatus.FAILED})
# Paid at the door or afterwards by invoice: nothing has to be paid before dispatch.
PAY_LATER = frozenset({PaymentMethod.COD, PaymentMethod.DEFERRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """What is stored of one order. ``version`` counts writes, for the conditional write.

    ``first_recorded_at`` is when Yoin first heard of the order itself, not of facts that were
    parked for it; it decides nothing but how long a burst of first events is let settle.
    """

    brand: str
    order_id: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    first_recorded_at: datetime | None = None
    version: int = 0

    @property
    def inputs_version(self) -> str:
        """A short name of exactly these facts: the same facts have the same name."""
        names = sorted(f"{key}={fact.metadata.id}" for key, fact in self.facts.items())
        return digest(*names, length=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """An order line with what became of its units."""

    line: Line
    shipped: int = 0
    delivered: int = 0
    cancelled: int = 0
    refunded: int = 0
    returned: int = 0

    @property
    def ordered(self) -> int:
        """Units ordered, before any cancellation."""
        return self.line.quantity

    @property
    def kept(self) -> int:
        """Units that the customer has ordered and neither cancelled nor returned.

        A unit that was sent back and refunded is one unit, so the larger of the two counts.
        """
        gone = max(self.refunded, self.returned)
        return max(0, self.ordered - self.cancelled - gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A return and how far it is."""

    return_id: str
    status: ReturnStatus
    opened_at: datetime
    lines: tuple[tuple[str, int], ...] = ()

    @property
    def open(self) -> bool:
        """Whether it is still going on."""
        return self.status is ReturnStatus.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A delivery date that was named, and when. Dates at the destination."""

    made_at: datetime
    latest: date
    earliest: date
    promised_by: PromiseSource
    shipment_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Where the payment stands. ``status`` None: nobody said."""

    status: PaymentStatus | None = None
    method: PaymentMethod | None = None
    due_at: datetime | None = None
    instructions: tuple[Instruction, ...] = ()
    accepted_at: datetime | None = None  # when it was first said to be authorised or paid

    @property
    def accepted(self) -> bool:
        """Whether the merchant may go ahead: authorised, paid, or agreed to be paid later."""
        if self.status in ENDED_PAYMENT:
            return False
        return self.status in ACCEPTED_PAYMENT or self.method in PAY_LATER


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as all its facts together tell it. See ``fold``."""

    brand: str
    order_id: str
    known: bool
    inputs_version: str
    first_recorded_at: datetime | None
    last_fact_at: datetime | None
    placed_at: datetime | None = None
    number: str | None = None
    buyer: Party = Party()
    ship_to: Address | None = None
    currency: str | None = None
    total: Money | None = None
    subtotal: Money | None = None
    shipping_fee: Money | None = None
    lines: tuple[OrderLine, ...] = ()
    payment: Payment = Payment()
    stock: StockStatus | None = None
    stock_at: datetime | None = None  # since when the stock is in that state
    stock_expected_on: date | None = None
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None  # when the whole of it was off, also line by line
    cancel_reason: str | None = None
    restored_at: datetime | None = None  # newest word that an older cancellation is taken back
    refunded_amount: Money | None = None  # all that went back; None: nothing, or not said
    shipments: tuple[Shipment, ...] = ()
    returns: tuple[Return, ...] = ()
    open_tickets: tuple[str, ...] = ()
    promises: tuple[Promise, ...] = ()
    wished_date: date | None = None
    wished_slot: str | None = None
    gift: bool | None = None
    subscription: bool | None = None
    status_url: str | None = None
    tags: tuple[str, ...] = ()
    consents: tuple[tuple[datetime, ConsentSeen], ...] = ()
    reviewed: tuple[str, ...] | None = None  # () = all products; None = no review yet
    snoozes: tuple[tuple[str, date | None], ...] = ()
    notify: bool = True
    test: bool = False
    historical: bool = False

    @property
    def customer_key(self) -> str | None:
        """The digest under which the buyer is known; None where nothing identifies them."""
        return customer_key(self.brand, self.buyer)

    @property
    def cancelled(self) -> bool:
        """Whether the whole order is off: cancelled, or every unit of it is."""
        if self.cancelled_at is not None:
            return True
        return bool(self.lines) and all(line.cancelled >= line.ordered for line in self.lines)

    @property
    def payment_accepted(self) -> bool:
        """Payment authorised, paid or to be paid at the door; or the platform confirmed it."""
        return self.confirmed_at is not None or self.payment.accepted

    @property
    def payment_accepted_at(self) -> datetime | None:
        """Since when the merchant may go ahead; None before that."""
        if not self.payment_accepted:
            return None
        at_once = self.placed_at if self.payment.method in PAY_LATER else None
        known = [at for at in (at_once, self.payment.accepted_at, self.confirmed_at) if at]
        return min(known, default=None)

    @property
    def stock_reserved(self) -> bool:
        """Goods set aside: said so, confirmed, nothing to set aside, or all in parcels."""
        if self.confirmed_at is not None or self.stock is StockStatus.RESERVED:
            return True
        return self.fully_shipped or not self.needs_shipping

    @property
    def stock_reserved_at(self) -> datetime | None:
        """Since when the goods are set aside; None before that."""
        if not self.stock_reserved:
            return None
        said = self.stock_at if self.stock is StockStatus.RESERVED else None
        nothing = self.placed_at if not self.needs_shipping else None
        known = [at for at in (said, self.confirmed_at, nothing, self.fully_shipped_at) if at]
        return min(known, default=None)

    @property
    def ready_at(self) -> datetime | None:
        """When payment was accepted and stock reserved, whichever came last; None before."""
        paid, reserved = self.payment_accepted_at, self.stock_reserved_at
        if self.placed_at is None or paid is None or reserved is None:
            return None
        return max(self.placed_at, paid, reserved)

    @property
    def needs_shipping(self) -> bool:
        """Whether anything has to be shipped; an order that names no lines counts as goods."""
        return not self.lines or any(line.line.requires_shipping for line in self.lines)

    @property
    def active_shipments(self) -> tuple[Shipment, ...]:
        """The shipments that were not cancelled."""
        return tuple(s for s in self.shipments if s.active)

    @property
    def to_ship(self) -> tuple[OrderLine, ...]:
        """Lines with units that have to be shipped and are not wholly in a shipment yet."""
        return tuple(
            line for line in self.lines if line.line.requires_shipping and line.shipped < line.kept
        )

    @property
    def fully_shipped(self) -> bool:
        """Whether every kept unit that needs shipping is in an active shipment."""
        return bool(self.active_shipments) and not self.to_ship

    @property
    def fully_shipped_at(self) -> datetime | None:
        """When the last parcel came into being, where everything is in one; else None."""
        if not self.fully_shipped:
            return None
        began = [
            s.dispatched_at or (s.scans[0].at if s.scans else None) for s in self.active_shipments
        ]
        return max((at for at in began if at is not None), default=None)

    @property
    def possession_at(self) -> datetime | None:
        """When the customer had all of it; None while anything is still under way.

        A parcel that is lost or goes back no longer keeps the rest from counting once its goods
        are refunded or another parcel brought them.
        """
        if self.to_ship or self.awaited_shipments:
            return None
        times = [s.possession_at for s in self.active_shipments if s.possession_at is not None]
        return max(times, default=None)

    @property
    def awaited_shipments(self) -> tuple[Shipment, ...]:
        """The shipments with goods that the customer is to keep and does not have yet."""
        return tuple(
            shipment
            for shipment in self.active_shipments
            if shipment.possession_at is None and self._awaited(shipment)
        )

    def line_possession_at(self, line_id: str) -> datetime | None:
        """When the customer had all shipped units of a line that they keep; None before that."""
        line = next((line for line in self.lines if line.line.line_id == line_id), None)
        if line is None:
            return None
        holding = [s for s in self.active_shipments if self._holds(s, line)]
        times = [s.possession_at for s in holding if s.possession_at is not None]
        if len(times) < len(holding) and line.delivered < min(line.kept, line.shipped):
            return None
        return max(times, default=None)

    def promise_for(self, shipment_id: str | None = None) -> Promise | None:
        """The date that counts: the customer's own wish, else the newest promise.

        A shipment's own promise comes before the order's. What the customer wished for one
        shipment counts for the order as a whole, but not for another shipment.
        """
        wished = [
            p
            for p in self.promises
            if p.promised_by is PromiseSource.CUSTOMER
            and (shipment_id is None or p.shipment_id in {None, shipment_id})
        ]
        if wished:
            return wished[-1]
        own = [p for p in self.promises if p.shipment_id == shipment_id and shipment_id]
        whole = [p for p in self.promises if p.shipment_id is None]
        newest = own or whole
        return newest[-1] if newest else None

    @property
    def original_promise(self) -> Promise | None:
        """The first date that the customer was told; it is kept for ever."""
        return self.promises[0] if self.promises else None

    @property
    def open_return(self) -> Return | None:
        """The oldest return that is still open."""
        return next((r for r in self.returns if r.open), None)

    def _holds(self, shipment: Shipment, line: OrderLine) -> bool:
        if not shipment.lines:
            return line.line.requires_shipping
        return any(part.line_id == line.line.line_id for part in shipment.lines)

    def _awaited(self, shipment: Shipment) -> bool:
        """Whether a shipment still has to arrive. One whose contents nobody knows has to."""
        inside = [line for line in self.lines if self._holds(shipment, line)]
        return not inside or any(line.delivered < line.kept for line in inside)
