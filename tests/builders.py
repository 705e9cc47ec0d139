"""Facts, orders and situations in a line each, for the tests of domain, lifecycles and use cases.

Times are UTC. ``T0`` is Monday 3 November 2025, 10:00 in Tokyo (a public holiday there, 文化の日).
An id that is not given follows from what the fact says, so that equal calls are the same fact.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.domain.customers import Customer, CustomerRecord, fold_customer
from shared.domain.decisions import Candidate, History, Situation, Verdict
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ContactabilityChanged,
    CustomerChanged,
    Data,
    DeliveryPromised,
    Fact,
    Frequency,
    InventoryChanged,
    Line,
    MessageReported,
    Metadata,
    OrderCancelled,
    OrderChanged,
    OrderConfirmed,
    OrderPlaced,
    OrderRefunded,
    PaymentStatus,
    PaymentUpdated,
    PreferencesChanged,
    PrivacyKind,
    PrivacyRequested,
    PromiseSource,
    ProviderWord,
    Purpose,
    RefundedLine,
    RefundKind,
    ReminderSnoozed,
    ReturnClosed,
    ReturnOpened,
    ReturnReceived,
    ReturnStatus,
    ReviewSubmitted,
    ShipmentDispatched,
    ShipmentUpdated,
    StockStatus,
    StockUpdated,
    SubscriptionChanged,
    TicketClosed,
    TicketOpened,
)
from shared.domain.folding import fold, merge
from shared.domain.ledger import EntryKey, EntryStatus, LedgerEntry
from shared.domain.orders import Order, OrderRecord
from shared.domain.policy import Policy
from shared.domain.reasons import Reason
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Party, digest, instant_text

T0 = datetime(2025, 11, 3, 1, 0, tzinfo=UTC)
BRAND = "aoba"
ORDER = "1001"
BUYER = Party(customer_id="c-1", name="山田 花子", email="hanako@example.jp", locale="ja")
TOKYO = Address(name="山田 花子", country="JP", postal_code="100-0001", region="東京都")
POLICY = Policy(
    zone="Asia/Tokyo",
    country="JP",
    country_zones={"JP": ("Asia/Tokyo",), "GB": ("Europe/London",)},
)


def at(days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
    """So long after ``T0``."""
    return T0 + timedelta(days=days, hours=hours, minutes=minutes)


def fact(
    data: Data,
    when: datetime = T0,
    *,
    id: str | None = None,
    brand: str = BRAND,
    source: str = "test",
    test: bool = False,
    historical: bool = False,
) -> Fact:
    """A fact around ``data`` that happened at ``when``."""
    named = id or "f-" + digest(brand, data.key(), instant_text(when), repr(data), length=12)
    return Fact(
        metadata=Metadata(
            id=named,
            type=type(data).__name__,
            brand=brand,
            source=source,
            occurred_at=when,
            test=test,
            historical=historical,
        ),
        data=data,
    )


def line(
    line_id: str = "1", quantity: int = 1, sku: str | None = "SENCHA-100", **more: Any
) -> Line:
    """An order line; its product and title follow from the SKU."""
    more.setdefault("product_id", f"p-{sku}" if sku else None)
    more.setdefault("title", f"Title of {sku}" if sku else f"Line {line_id}")
    return Line(line_id=line_id, quantity=quantity, sku=sku, **more)


def placed(
    when: datetime = T0, *, order_id: str = ORDER, lines: Sequence[Line] | None = None, **more: Any
) -> Fact:
    """An order. By default one SENCHA-100 for a buyer in Tokyo, no gift, no subscription."""
    meta = _metadata(more)
    defaults: dict[str, Any] = {
        "number": f"#{order_id}",
        "buyer": BUYER,
        "ship_to": TOKYO,
        "currency": "JPY",
        "gift": False,
        "subscription": False,
    }
    data = OrderPlaced(
        order_id=order_id,
        placed_at=more.pop("placed_at", when),
        lines=tuple(lines) if lines is not None else (line(),),
        **(defaults | more),
    )
    return fact(data, when, **meta)


def changed(when: datetime, *, order_id: str = ORDER, **more: Any) -> Fact:
    """The order as it stands after a change. What is not given is not said."""
    meta = _metadata(more)
    more.setdefault("placed_at", T0)
    more["lines"] = tuple(more.get("lines", ()))
    return fact(OrderChanged(order_id=order_id, **more), when, **meta)


def confirmed(when: datetime, *, order_id: str = ORDER) -> Fact:
    """The platform says: payment accepted, stock set aside."""
    return fact(OrderConfirmed(order_id=order_id), when)


def payment(
    when: datetime,
    status: PaymentStatus = PaymentStatus.PAID,
    *,
    order_id: str = ORDER,
    **more: Any,
) -> Fact:
    """The payment reached a state."""
    return fact(PaymentUpdated(order_id=order_id, status=status, **more), when)


def stock(
    when: datetime,
    status: StockStatus = StockStatus.RESERVED,
    *,
    order_id: str = ORDER,
    expected_on: date | None = None,
) -> Fact:
    """What is said about the goods."""
    return fact(StockUpdated(order_id=order_id, status=status, expected_on=expected_on), when)


def cancelled(when: datetime, *, order_id: str = ORDER, reason: str | None = None) -> Fact:
    """The whole order was cancelled."""
    return fact(OrderCancelled(order_id=order_id, reason=reason), when)


def refunded(
    when: datetime,
    *lines: tuple[str, int],
    kind: RefundKind = RefundKind.RETURNED,
    order_id: str = ORDER,
    refund_id: str = "R1",
) -> Fact:
    """Money went back for (line id, quantity)."""
    parts = tuple(RefundedLine(line_id=i, quantity=n, kind=kind) for i, n in lines)
    return fact(OrderRefunded(order_id=order_id, refund_id=refund_id, lines=parts), when)


def dispatched(
    when: datetime,
    *lines: tuple[str, int],
    shipment_id: str = "S1",
    order_id: str = ORDER,
    **more: Any,
) -> Fact:
    """A shipment with (line id, quantity); without lines its contents are not said."""
    parts = _shipped(lines)
    more.setdefault("carrier", "yamato")
    more.setdefault("tracking_number", f"T-{order_id}-{shipment_id}")
    data = ShipmentDispatched(order_id=order_id, shipment_id=shipment_id, lines=parts, **more)
    return fact(data, when)


def scan(
    status: Status | str,
    when: datetime,
    *,
    shipment_id: str | None = "S1",
    order_id: str | None = ORDER,
    **more: Any,
) -> Fact:
    """The carrier said something."""
    data = ShipmentUpdated(
        order_id=order_id, shipment_id=shipment_id, status=Status(status), **more
    )
    return fact(data, when)


def delivered(when: datetime, **more: Any) -> Fact:
    """The carrier said delivered."""
    return scan(Status.DELIVERED, when, **more)


def promised(
    when: datetime,
    latest: date,
    *,
    earliest: date | None = None,
    shipment_id: str | None = None,
    promised_by: PromiseSource = PromiseSource.SHOP,
    order_id: str = ORDER,
) -> Fact:
    """A delivery date was named."""
    data = DeliveryPromised(
        order_id=order_id,
        latest=latest,
        earliest=earliest,
        shipment_id=shipment_id,
        promised_by=promised_by,
    )
    return fact(data, when)


def return_opened(
    when: datetime, *lines: tuple[str, int], return_id: str = "RT1", order_id: str = ORDER
) -> Fact:
    """A return was asked for."""
    data = ReturnOpened(order_id=order_id, return_id=return_id, lines=_shipped(lines))
    return fact(data, when)


def return_received(
    when: datetime, *lines: tuple[str, int], return_id: str = "RT1", order_id: str = ORDER
) -> Fact:
    """Returned goods came back."""
    data = ReturnReceived(order_id=order_id, return_id=return_id, lines=_shipped(lines))
    return fact(data, when)


def return_closed(
    when: datetime,
    outcome: ReturnStatus = ReturnStatus.CLOSED,
    *,
    return_id: str = "RT1",
    order_id: str = ORDER,
) -> Fact:
    """A return ended."""
    return fact(ReturnClosed(order_id=order_id, return_id=return_id, outcome=outcome), when)


def ticket_opened(when: datetime, *, ticket_id: str = "K1", order_id: str = ORDER) -> Fact:
    """Support has an open conversation."""
    return fact(TicketOpened(order_id=order_id, ticket_id=ticket_id), when)


def ticket_closed(when: datetime, *, ticket_id: str = "K1", order_id: str = ORDER) -> Fact:
    """The conversation ended."""
    return fact(TicketClosed(order_id=order_id, ticket_id=ticket_id), when)


def reviewed(when: datetime, *skus: str, order_id: str = ORDER) -> Fact:
    """The customer reviewed these products; without any, all of them."""
    return fact(ReviewSubmitted(order_id=order_id, skus=skus), when)


def snoozed(when: datetime, sku: str, until: date | None, *, order_id: str = ORDER) -> Fact:
    """The customer still has some."""
    return fact(ReminderSnoozed(order_id=order_id, sku=sku, until=until), when)


def consent(
    when: datetime,
    granted: bool,
    *,
    channel: Channel = Channel.EMAIL,
    purpose: Purpose = Purpose.MARKETING,
    buyer: Party = BUYER,
    topic: str | None = None,
    confirmed: bool | None = None,
) -> Fact:
    """A person's word about messages."""
    data = ConsentChanged(
        customer=buyer,
        channel=channel,
        purpose=purpose,
        granted=granted,
        topic=topic,
        confirmed=confirmed if granted else None,
    )
    return fact(data, when)


def preferences(
    when: datetime,
    *,
    frequency: Frequency = Frequency.ALL,
    paused_until: datetime | None = None,
    stopped_skus: tuple[str, ...] = (),
    buyer: Party = BUYER,
) -> Fact:
    """How often a person wants to hear from the brand."""
    data = PreferencesChanged(
        customer=buyer,
        frequency=frequency,
        paused_until=paused_until,
        stopped_skus=stopped_skus,
    )
    return fact(data, when)


def subscribes(when: datetime, sku: str, active: bool = True, *, buyer: Party = BUYER) -> Fact:
    """A person subscribes to a SKU, or no longer."""
    return fact(SubscriptionChanged(customer=buyer, sku=sku, active=active), when)


def details(when: datetime, *, buyer: Party = BUYER) -> Fact:
    """A person's details at the platform."""
    return fact(CustomerChanged(customer=buyer), when)


def privacy(
    when: datetime, kind: PrivacyKind = PrivacyKind.ERASURE, *, buyer: Party = BUYER
) -> Fact:
    """A person asks for their data, or its erasure."""
    return fact(PrivacyRequested(kind=kind, customer=buyer), when)


def inventory(when: datetime, available: int | None, *, item_id: str = "I1") -> Fact:
    """How many units of an item can be sold."""
    return fact(InventoryChanged(item_id=item_id, available=available), when)


def reported(when: datetime, word: ProviderWord, message_id: str, *addresses: str) -> Fact:
    """A provider's word about a message by email."""
    data = MessageReported(
        channel=Channel.EMAIL, word=word, message_id=message_id, addresses=addresses
    )
    return fact(data, when)


def contactability(
    when: datetime,
    address: str,
    reachable: bool,
    *,
    channel: Channel = Channel.EMAIL,
    reason: str = "BOUNCED",
) -> Fact:
    """An address can no longer be reached, or again can."""
    data = ContactabilityChanged(
        channel=channel, address=address, reachable=reachable, reason=reason
    )
    return fact(data, when)


def record_of(facts: Iterable[Fact]) -> OrderRecord:
    """The record of one order after these facts, merged one at a time as they come."""
    facts = list(facts)
    record = OrderRecord(
        brand=facts[0].metadata.brand or BRAND, order_id=facts[0].order_id or ORDER
    )
    for one in facts:
        record = merge(record, [one])
    return record


def order_of(*facts: Fact) -> Order:
    """The order that these facts tell."""
    return fold(record_of(facts))


def customer_of(
    *facts: Fact, orders: tuple[Order, ...] = (), sent: tuple[LedgerEntry, ...] = ()
) -> Customer:
    """The person that these facts and orders tell; the buyer of every order here."""
    known = {one.key: one for one in facts}
    record = CustomerRecord(brand=BRAND, key="customer-1", facts=known)
    return fold_customer(record, orders=orders, sent=sent)


def entry(
    lifecycle: str,
    occurrence: str,
    status: EntryStatus = EntryStatus.SENT,
    when: datetime = T0,
    *,
    message: str | None = None,
    order_id: str = ORDER,
    skus: tuple[str, ...] = (),
    channel: Channel = Channel.EMAIL,
    **more: Any,
) -> LedgerEntry:
    """A ledger entry; a SENT one went out at ``when``."""
    sent = status is EntryStatus.SENT
    return LedgerEntry(
        key=EntryKey(
            brand=BRAND,
            order_id=order_id,
            lifecycle=lifecycle,
            occurrence=occurrence,
            channel=channel,
        ),
        status=status,
        reason=Reason.DUE,
        rule="test",
        message=message or occurrence.partition(":")[0],
        decided_at=when,
        sent_at=when if sent else None,
        skus=skus,
        **more,
    )


def situation(
    *facts: Fact,
    now: datetime,
    entries: Iterable[LedgerEntry] = (),
    sent: Iterable[LedgerEntry] = (),
    others: Iterable[Order] = (),
    person: Iterable[Fact] = (),
    policy: Policy = POLICY,
    feed_seen_at: datetime | None = None,
    **policy_changes: Any,
) -> Situation:
    """What a lifecycle decides on: the order of ``facts`` at ``now``.

    ``entries`` are the lifecycle's own of this order, ``sent`` all that the person got beside
    them, ``others`` the person's other orders, ``person`` facts about the person.
    """
    order = order_of(*facts)
    own = tuple(entries)
    orders = sorted((order, *others), key=lambda one: one.order_id)
    mine = tuple(e for e in own if e.status is EntryStatus.SENT)
    return Situation(
        order=order,
        customer=customer_of(*person, orders=tuple(orders), sent=(*mine, *sent)),
        history=History(entries=own),
        policy=dataclasses.replace(policy, **policy_changes) if policy_changes else policy,
        now=now,
        feed_seen_at=feed_seen_at,
    )


def by_occurrence(candidates: Iterable[Candidate]) -> dict[str, Candidate]:
    """Candidates by their occurrence; two with the same one are an error."""
    found: dict[str, Candidate] = {}
    for candidate in candidates:
        assert candidate.occurrence not in found, candidate.occurrence
        found[candidate.occurrence] = candidate
    return found


def outcome(candidate: Candidate) -> tuple[Verdict, Reason]:
    """A candidate's verdict and reason: what a decision table compares."""
    return candidate.verdict, candidate.reason


def shape(value: Any) -> Any:
    """The keys of a context, recursively, without its values; lists by their first element."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


def _shipped(lines: Iterable[tuple[str, int]]) -> tuple[ShippedLine, ...]:
    return tuple(ShippedLine(line_id=line_id, quantity=quantity) for line_id, quantity in lines)


def _metadata(more: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "brand", "source", "test", "historical")
    return {name: more.pop(name) for name in names if name in more}
