"""A shipment's canonical status, its scans, and who has the goods.

The rules of precedence are those that carriers and aggregators share: apply by the carrier's
own event time; an unknown word never overwrites a known status; after a return scan a later
"delivered" means delivered to the sender.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class Status(StrEnum):
    """The canonical shipment status."""

    PENDING = "PENDING"
    LABEL_CREATED = "LABEL_CREATED"
    ACCEPTED = "ACCEPTED"
    IN_TRANSIT = "IN_TRANSIT"
    ARRIVED_AT_DELIVERY_DEPOT = "ARRIVED_AT_DELIVERY_DEPOT"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DELIVERY_ATTEMPTED = "DELIVERY_ATTEMPTED"
    AVAILABLE_FOR_PICKUP = "AVAILABLE_FOR_PICKUP"
    HELD = "HELD"
    DELIVERED = "DELIVERED"
    EXCEPTION = "EXCEPTION"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"


class Actor(StrEnum):
    """Who has to do something before a parcel goes on."""

    RECIPIENT = "RECIPIENT"  # be there, collect it, pay, ask for another delivery
    SHOP = "SHOP"  # correct the address, answer the carrier, take it back
    CARRIER = "CARRIER"  # nobody else can do anything


# The rank breaks ties of scans with the same carrier time: the furthest along wins.
RANK = {status: rank for rank, status in enumerate(Status)}

NO_CARRIER_DATA = frozenset({Status.PENDING, Status.UNKNOWN, Status.EXPIRED})
BEFORE_CARRIER = frozenset({Status.PENDING, Status.LABEL_CREATED, Status.UNKNOWN})
RETURN_LEG = frozenset({Status.RETURNING, Status.RETURNED})
# The parcel is not with the customer, and somebody has to do something about it.
INCIDENT = frozenset(
    {Status.DELIVERY_ATTEMPTED, Status.EXCEPTION, Status.RETURNING, Status.RETURNED}
)
TERMINAL = frozenset({Status.DELIVERED, Status.RETURNED, Status.CANCELLED})
# What the customer has to do something about; not a merchant's delay.
WAITS_FOR_CUSTOMER = frozenset({Status.DELIVERY_ATTEMPTED, Status.AVAILABLE_FOR_PICKUP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One thing that the carrier said, at the carrier's time."""

    at: datetime
    status: Status
    raw: str | None = None
    location: str | None = None
    # Where the parcel was left or is held (宅配ボックス, a konbini), in the carrier's words.
    place: str | None = None
    hold_until: date | None = None
    # Who has to do something now, where the carrier's words say more than the status does.
    acts: Actor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedLine:
    """How many of an order line are in a shipment. ``sku``: where the source repeats it."""

    line_id: str
    quantity: int
    sku: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """One parcel group with its own history.

    ``lines`` is empty where the source does not say what is inside: it then stands for all
    that no other shipment holds.
    """

    shipment_id: str
    lines: tuple[ShippedLine, ...] = ()
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    dispatched_at: datetime | None = None
    scans: tuple[Scan, ...] = ()  # sorted by time

    @property
    def status(self) -> Status:
        """The status after all scans, whatever order they came in."""
        known = current_status(self.scans)
        if known is Status.PENDING and self.dispatched_at is not None:
            return Status.LABEL_CREATED
        return known

    @property
    def active(self) -> bool:
        """Whether the shipment still counts: a cancelled one does not."""
        return self.status is not Status.CANCELLED

    @property
    def possession_at(self) -> datetime | None:
        """When the customer got the goods; None before that and for goods going back."""
        if self.status is not Status.DELIVERED:
            return None
        return next(scan.at for scan in self.scans if scan.status is Status.DELIVERED)

    @property
    def last_scan(self) -> Scan | None:
        """The newest thing the carrier itself said, or None."""
        said = [s for s in self.scans if s.status not in NO_CARRIER_DATA]
        return said[-1] if said else None

    @property
    def accepted_at(self) -> datetime | None:
        """The first scan that shows the carrier has the parcel."""
        no_parcel = BEFORE_CARRIER | NO_CARRIER_DATA | {Status.CANCELLED}
        return next((s.at for s in self.scans if s.status not in no_parcel), None)


# Carriers use a number again after some months (Yamato, Sagawa and Japan Post after about a year).
LONGEST_JOURNEY = timedelta(days=120)
# A label may be made, and a parcel be handed over, some days around the shop's own word.
DISPATCH_MARGIN = timedelta(days=14)


def may_belong(
    dispatched_at: datetime | None, *, scanned_at: datetime, shipped_on: date | None
) -> bool:
    """Whether a scan with a shipment's number can be about that shipment.

    One number can belong to two shipments: carriers give it out again. ``shipped_on`` is the
    carrier's own date of dispatch, the surest sign; without it the scan must fall into a
    journey's time. A shipment that was not dispatched yet may have any.
    """
    if dispatched_at is None:
        return True
    if shipped_on is not None:
        return abs(shipped_on - dispatched_at.date()) <= DISPATCH_MARGIN
    return -DISPATCH_MARGIN <= scanned_at - dispatched_at <= LONGEST_JOURNEY


def scan_order(scan: Scan) -> tuple[datetime, int, str]:
    """The order in which scans are applied: carrier time, then rank, then the raw words."""
    return (scan.at, RANK[scan.status], scan.raw or "")


def current_status(scans: Iterable[Scan]) -> Status:
    """The canonical status after ``scans``. Pure and independent of their order."""
    state = Status.PENDING
    for scan in sorted(scans, key=scan_order):
        if state is Status.CANCELLED or scan.status in {Status.UNKNOWN, Status.PENDING}:
            continue
        if scan.status is Status.CANCELLED:
            state = state if state in TERMINAL else Status.CANCELLED
        elif state in RETURN_LEG:
            # After a return scan, "delivered" is delivered to the sender.
            if scan.status in {Status.DELIVERED, Status.RETURNED}:
                state = Status.RETURNED
        elif state is Status.DELIVERED:
            state = scan.status if scan.status in RETURN_LEG else state
        elif scan.status is Status.EXPIRED:
            state = state if state is not Status.PENDING else Status.EXPIRED
        else:
            state = scan.status
    return state
