"""How facts become an order: ``merge`` keeps them, ``fold`` tells them. Both are pure.

``merge`` is commutative, associative and idempotent, so permutations and repetitions of facts
cannot matter. ``fold`` goes through the kept facts by event time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from shared.domain.events import (
    DeliveryPromised,
    Fact,
    Line,
    OrderCancelled,
    OrderChanged,
    OrderConfirmed,
    OrderPlaced,
    OrderRefunded,
    PaymentStatus,
    PaymentUpdated,
    PromiseSource,
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
    TicketClosed,
    TicketOpened,
)
from shared.domain.orders import (
    ACCEPTED_PAYMENT,
    Order,
    OrderLine,
    OrderRecord,
    Payment,
    Promise,
    Return,
)
from shared.domain.shipments import Scan, Shipment, ShippedLine, Status, scan_order
from shared.domain.values import Money, Party, bare_number

_PAYMENT_RANK = {status: rank for rank, status in enumerate(PaymentStatus)}


def _replaces(fact: Fact, known: Fact) -> bool:
    """Whether ``fact`` counts rather than ``known``, which states the same thing."""

    def precedence(one: Fact) -> tuple[datetime, str, bool, bool]:
        # The same fact live and replayed from an archive: the live one counts; test always does.
        return (*one.stamp, not one.metadata.historical, one.metadata.test)

    if precedence(fact) != precedence(known):
        return precedence(fact) > precedence(known)
    # One id and time with two texts should not be; if it is, arrival must not choose.
    return repr(fact) > repr(known)


def merge(record: OrderRecord, facts: Iterable[Fact]) -> OrderRecord:
    """Return ``record`` with ``facts`` merged in; the same object when they change nothing."""
    merged = dict(record.facts)
    changed = False
    for fact in facts:
        known = merged.get(fact.key)
        if known is None or _replaces(fact, known):
            merged[fact.key] = fact
            changed = True
    return replace(record, facts=merged) if changed else record


def fold(record: OrderRecord) -> Order:
    """The order that a record tells. Pure: equal records give equal orders."""
    facts = sorted(record.facts.values(), key=lambda fact: (fact.stamp, fact.key))
    placed = _only(facts, OrderPlaced)
    changed = _only(facts, OrderChanged)
    snapshots = sorted((f for f in (placed, changed) if f), key=lambda f: f.stamp)
    shipments, returns = _shipments(facts), _returns(facts)
    stock, stock_at, stock_expected_on = _stock(facts)
    confirmed_at: datetime | None = None
    cancelled_at, cancel_reason, restored_at = _cancellation(facts, snapshots)
    reviewed: tuple[str, ...] | None = None
    snoozes: list[tuple[str, date | None]] = []
    for fact in facts:
        if isinstance(fact.data, OrderConfirmed):
            confirmed_at = fact.metadata.occurred_at
        elif isinstance(fact.data, ReviewSubmitted):
            reviewed = _reviewed(reviewed, fact.data.skus)
        elif isinstance(fact.data, ReminderSnoozed):
            snoozes.append((fact.data.sku, fact.data.until))
    order = Order(
        brand=record.brand,
        order_id=record.order_id,
        known=bool(snapshots),
        inputs_version=record.inputs_version,
        first_recorded_at=record.first_recorded_at,
        last_fact_at=facts[-1].metadata.occurred_at if facts else None,
        lines=_lines(snapshots, facts, returns, shipments),
        payment=_payment(facts),
        stock=stock,
        stock_at=stock_at,
        stock_expected_on=stock_expected_on,
        confirmed_at=confirmed_at,
        cancelled_at=cancelled_at,
        cancel_reason=cancel_reason,
        restored_at=restored_at,
        refunded_amount=_refunded_amount(facts),
        shipments=shipments,
        returns=returns,
        open_tickets=_open_tickets(facts),
        promises=_promises(facts, snapshots),
        reviewed=reviewed,
        snoozes=tuple(snoozes),
        test=any(f.metadata.test for f in facts),
        historical=bool(snapshots) and (placed or snapshots[0]).metadata.historical,
    )
    for fact in snapshots:
        order = _apply_snapshot(order, fact)
    if order.cancelled and order.cancelled_at is None:
        order = replace(order, cancelled_at=_last_cancellation(facts) or order.last_fact_at)
    return order


def _only(facts: list[Fact], kind: type) -> Fact | None:
    return next((f for f in facts if isinstance(f.data, kind)), None)


def _apply_snapshot(order: Order, fact: Fact) -> Order:
    """Lay a newer snapshot over an older one; what it does not say stays as it was.

    Its lines are ``_lines``' business.
    """
    said = fact.data
    if not isinstance(said, OrderPlaced | OrderChanged):
        raise TypeError(f"not a snapshot: {fact.metadata.type}")
    buyer = Party(
        customer_id=said.buyer.customer_id or order.buyer.customer_id,
        name=said.buyer.name or order.buyer.name,
        email=said.buyer.email or order.buyer.email,
        phone=said.buyer.phone or order.buyer.phone,
        locale=said.buyer.locale or order.buyer.locale,
    )
    # A later snapshot repeats what was said at the checkout: it is no newer word.
    seen = tuple((said.placed_at, consent) for consent in said.consents)
    return replace(
        order,
        placed_at=min(order.placed_at, said.placed_at) if order.placed_at else said.placed_at,
        number=said.number or order.number,
        buyer=buyer,
        ship_to=said.ship_to or order.ship_to,
        currency=said.currency or order.currency,
        total=said.total or order.total,
        subtotal=said.subtotal or order.subtotal,
        shipping_fee=said.shipping_fee or order.shipping_fee,
        wished_date=said.wished_date or order.wished_date,
        wished_slot=said.wished_slot or order.wished_slot,
        gift=said.gift if said.gift is not None else order.gift,
        subscription=said.subscription if said.subscription is not None else order.subscription,
        status_url=said.status_url or order.status_url,
        tags=said.tags or order.tags,
        consents=(*order.consents, *seen),
        notify=order.notify and said.notify,
    )


def _payment(facts: list[Fact]) -> Payment:
    statements: list[tuple[datetime, int, Payment]] = []
    for fact in facts:
        at, data = fact.metadata.occurred_at, fact.data
        if isinstance(data, PaymentUpdated):
            said = Payment(
                status=data.status,
                method=data.method,
                due_at=data.due_at,
                instructions=data.instructions,
            )
        elif isinstance(data, OrderPlaced | OrderChanged):
            said = Payment(
                status=data.payment_status,
                method=data.payment_method,
                due_at=data.payment_due_at,
                instructions=data.payment_instructions,
            )
        else:
            continue
        rank = _PAYMENT_RANK[said.status] if said.status else -1
        statements.append((at, rank, said))
    payment = Payment()
    for at, _, said in sorted(statements, key=lambda statement: statement[:2]):
        payment = Payment(
            status=said.status or payment.status,
            method=said.method or payment.method,
            due_at=said.due_at or payment.due_at,
            instructions=said.instructions or payment.instructions,
            accepted_at=payment.accepted_at or (at if said.status in ACCEPTED_PAYMENT else None),
        )
    return payment


def _stock(facts: list[Fact]) -> tuple[StockStatus | None, datetime | None, date | None]:
    """The state of the stock, since when, and when goods are expected."""
    stock: StockStatus | None = None
    stock_at: datetime | None = None
    expected_on: date | None = None
    for fact in facts:
        data, since = fact.data, fact.metadata.occurred_at
        if isinstance(data, StockUpdated):
            said: StockStatus | None = data.status
            expected_on = data.expected_on
        elif isinstance(data, OrderPlaced | OrderChanged):
            said = data.stock
            # What the first snapshot to name it says may have been so from the beginning.
            since = since if stock else data.placed_at
        else:
            continue
        # The same word again does not begin a new state.
        if said is not None and said is not stock:
            stock, stock_at = said, since
    return stock, stock_at, expected_on


def _refunded_amount(facts: list[Fact]) -> Money | None:
    """The sum of all refunds, where each says its amount and in one currency."""
    amounts = [fact.data.amount for fact in facts if isinstance(fact.data, OrderRefunded)]
    said = [amount for amount in amounts if amount is not None]
    if not said or len(said) < len(amounts) or len({amount.currency for amount in said}) > 1:
        return None
    return Money(sum(amount.amount for amount in said), said[0].currency)


def _cancellation(
    facts: list[Fact], snapshots: list[Fact]
) -> tuple[datetime | None, str | None, datetime | None]:
    """When and why the whole order was cancelled, or else when that was last known to be undone.

    Of one instant the cancellation counts: rather silent about an order than wrong about it.
    """
    told = _only(facts, OrderCancelled)
    states = [
        (fact.metadata.occurred_at, fact.data.cancelled)
        for fact in snapshots
        if isinstance(fact.data, OrderPlaced | OrderChanged) and fact.data.cancelled is not None
    ]
    standing_at = max((at for at, off in states if not off), default=None)
    if told is not None and isinstance(told.data, OrderCancelled):
        at = told.metadata.occurred_at
        if standing_at is None or at >= standing_at:
            return at, told.data.reason, None
    off_at = min(
        (at for at, off in states if off and (standing_at is None or at >= standing_at)),
        default=None,
    )
    restored_at = standing_at if told is not None and off_at is None else None
    return off_at, None, restored_at


def _last_cancellation(facts: list[Fact]) -> datetime | None:
    """When units were last cancelled line by line."""
    times = [
        fact.metadata.occurred_at
        for fact in facts
        if isinstance(fact.data, OrderRefunded)
        and any(line.kind is RefundKind.CANCELLED for line in fact.data.lines)
    ]
    return max(times, default=None)


def _shipments(facts: list[Fact]) -> tuple[Shipment, ...]:
    dispatched: dict[str, tuple[datetime, ShipmentDispatched]] = {}
    scans: dict[str, set[tuple[str | None, Scan]]] = {}
    numbers: dict[str, str] = {}
    contents: dict[str, tuple[ShippedLine, ...]] = {}
    carriers: dict[str, str | None] = {}
    for fact in facts:
        data, at = fact.data, fact.metadata.occurred_at
        if isinstance(data, ShipmentDispatched):
            dispatched[data.shipment_id] = (data.dispatched_at or at, data)
        elif isinstance(data, ShipmentUpdated) and data.shipment_id:
            scan = Scan(
                at=at,
                status=data.status,
                raw=data.raw_status,
                location=data.location,
                place=data.place,
                hold_until=data.hold_until,
                acts=data.acts,
            )
            scans.setdefault(data.shipment_id, set()).add((data.tracking_number, scan))
            if data.tracking_number:
                numbers[data.shipment_id] = data.tracking_number
            contents[data.shipment_id] = data.lines or contents.get(data.shipment_id, ())
            carriers[data.shipment_id] = data.carrier or carriers.get(data.shipment_id)
    shipments = []
    for shipment_id in sorted(dispatched.keys() | scans.keys()):
        _, dispatch = dispatched.get(shipment_id, (None, None))
        told = scans.get(shipment_id, set())
        own = tuple(sorted(_own_scans(told, dispatch), key=scan_order))
        number = numbers.get(shipment_id)
        inside = contents.get(shipment_id, ())
        if shipment_id not in dispatched:
            shipments.append(
                Shipment(
                    shipment_id=shipment_id,
                    lines=inside,
                    carrier=carriers.get(shipment_id),
                    tracking_number=number,
                    scans=own,
                )
            )
            continue
        dispatched_at, said = dispatched[shipment_id]
        shipments.append(
            Shipment(
                shipment_id=shipment_id,
                lines=said.lines or inside,
                carrier=said.carrier or carriers.get(shipment_id),
                tracking_number=said.tracking_number or number,
                tracking_url=said.tracking_url,
                dispatched_at=dispatched_at,
                scans=own,
            )
        )
    return tuple(shipments)


def _own_scans(
    told: Iterable[tuple[str | None, Scan]], dispatch: ShipmentDispatched | None
) -> set[Scan]:
    """The scans of the parcels that a shipment now has. A number that was corrected since leads
    to somebody else's parcel: what was scanned under it does not count. That a shipment was
    cancelled counts under any number."""
    numbers = (dispatch.tracking_number, *dispatch.other_tracking_numbers) if dispatch else ()
    current = {bare_number(number) for number in numbers if number}
    return {
        scan
        for number, scan in told
        if not current
        or number is None
        or scan.status is Status.CANCELLED
        or bare_number(number) in current
    }


def _returns(facts: list[Fact]) -> tuple[Return, ...]:
    returns: dict[str, Return] = {}
    for fact in facts:
        data, at = fact.data, fact.metadata.occurred_at
        if not isinstance(data, ReturnOpened | ReturnReceived | ReturnClosed):
            continue
        known = returns.get(data.return_id) or Return(
            return_id=data.return_id, status=ReturnStatus.OPEN, opened_at=at
        )
        lines = known.lines
        if not isinstance(data, ReturnClosed) and data.lines:
            lines = tuple((line.line_id, line.quantity) for line in data.lines)
        status = known.status
        if isinstance(data, ReturnReceived):
            status = ReturnStatus.RECEIVED
        elif status is not ReturnStatus.RECEIVED:
            # Closing a return whose goods came back does not undo that they came back. One that
            # is opened after its end is open again.
            status = data.outcome if isinstance(data, ReturnClosed) else ReturnStatus.OPEN
        returns[data.return_id] = replace(known, status=status, lines=lines)
    return tuple(returns[key] for key in sorted(returns))


def _promises(facts: list[Fact], snapshots: list[Fact]) -> tuple[Promise, ...]:
    promises = [
        Promise(
            made_at=fact.metadata.occurred_at,
            latest=fact.data.latest,
            earliest=fact.data.earliest or fact.data.latest,
            promised_by=fact.data.promised_by,
            shipment_id=fact.data.shipment_id,
        )
        for fact in facts
        if isinstance(fact.data, DeliveryPromised)
    ]
    wished: date | None = None
    for fact in snapshots:
        said = fact.data
        if not isinstance(said, OrderPlaced | OrderChanged) or said.wished_date is None:
            continue
        if said.wished_date != wished:
            promises.append(
                Promise(
                    # The first wish was made with the order, another one with its change.
                    made_at=fact.metadata.occurred_at if wished else said.placed_at,
                    latest=said.wished_date,
                    earliest=said.wished_date,
                    promised_by=PromiseSource.CUSTOMER,
                )
            )
        wished = said.wished_date
    return tuple(sorted(promises, key=lambda p: (p.made_at, p.latest, p.promised_by)))


def _open_tickets(facts: list[Fact]) -> tuple[str, ...]:
    tickets: dict[str, bool] = {}
    for fact in facts:
        if isinstance(fact.data, TicketOpened | TicketClosed):
            tickets[fact.data.ticket_id] = isinstance(fact.data, TicketOpened)
    return tuple(sorted(ticket for ticket, is_open in tickets.items() if is_open))


def _reviewed(known: tuple[str, ...] | None, skus: tuple[str, ...]) -> tuple[str, ...]:
    if known == () or not skus:
        return ()
    return tuple(sorted({*(known or ()), *skus}))


def _lines(
    snapshots: list[Fact],
    facts: list[Fact],
    returns: tuple[Return, ...],
    shipments: tuple[Shipment, ...],
) -> tuple[OrderLine, ...]:
    """The lines of the newest snapshot that names any, with what became of their units."""
    lines: tuple[Line, ...] = ()
    for fact in snapshots:
        if isinstance(fact.data, OrderPlaced | OrderChanged):
            lines = fact.data.lines or lines
    cancelled: dict[str, int] = {}
    refunded: dict[str, int] = {}
    returned: dict[str, int] = {}
    for fact in facts:
        if isinstance(fact.data, OrderRefunded):
            for line in fact.data.lines:
                # Money back for goods that stay is no return: those units are kept.
                if line.kind is RefundKind.CANCELLED:
                    cancelled[line.line_id] = cancelled.get(line.line_id, 0) + line.quantity
                elif line.kind is RefundKind.RETURNED:
                    refunded[line.line_id] = refunded.get(line.line_id, 0) + line.quantity
    for back in returns:
        if back.status in {ReturnStatus.RECEIVED, ReturnStatus.CLOSED}:
            for line_id, quantity in back.lines:
                returned[line_id] = returned.get(line_id, 0) + quantity
    shipped, delivered = _shipped(lines, cancelled, shipments)

    def units(counts: dict[str, int], line: Line) -> int:
        return min(line.quantity, counts.get(line.line_id, 0))

    return tuple(
        OrderLine(
            line=line,
            shipped=units(shipped, line),
            delivered=units(delivered, line),
            cancelled=units(cancelled, line),
            refunded=units(refunded, line),
            returned=units(returned, line),
        )
        for line in lines
    )


def _shipped(
    lines: tuple[Line, ...], cancelled: dict[str, int], shipments: tuple[Shipment, ...]
) -> tuple[dict[str, int], dict[str, int]]:
    """Units per line in shipments, and with the customer. A shipment that does not say what
    is inside holds whatever no other shipment names; one that was only announced (PENDING: not
    dispatched, no label, no word of a carrier) has shipped nothing."""
    active = [s for s in shipments if s.status not in {Status.CANCELLED, Status.PENDING}]
    shipped: dict[str, int] = {}
    delivered: dict[str, int] = {}
    for shipment in active:
        for part in shipment.lines:
            shipped[part.line_id] = shipped.get(part.line_id, 0) + part.quantity
            if shipment.possession_at:
                delivered[part.line_id] = delivered.get(part.line_id, 0) + part.quantity
    unnamed = [s for s in active if not s.lines]
    if unnamed:
        arrived = all(s.possession_at for s in unnamed)
        for line in lines:
            line_id = line.line_id
            off = min(line.quantity, cancelled.get(line_id, 0))
            rest = line.quantity - off - shipped.get(line_id, 0)
            if rest > 0 and line.requires_shipping:
                shipped[line_id] = shipped.get(line_id, 0) + rest
                if arrived:
                    delivered[line_id] = delivered.get(line_id, 0) + rest
    return shipped, delivered
