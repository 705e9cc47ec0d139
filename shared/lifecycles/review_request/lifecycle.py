"""The review request: once per order, for what the customer has, kept and could try.

    message   due                                            not sent when
    request   possession of every parcel + usage days        the order is a gift
    service   the same, with the brand's own usage days      the order is no gift
    reminder  request sent + reminder days                   any product asked about was reviewed

One order, read from above; the first line that is true speaks:

    the order is cancelled                                   SKIP ORDER_CANCELLED
    no goods are kept (cancelled, refunded, returned)        SKIP NOTHING_KEPT
    all of them are reviewed                                 SKIP ALREADY_REVIEWED
    nothing or not everything is dispatched                  WAIT NOT_YET_DELIVERED for facts
    a return / delivery incident / ticket is open            WAIT until it would be too late
    parcels are out, before promise + fallback days          WAIT NOT_YET_DELIVERED until then
    parcels are out, something is open or they still move    SKIP NEVER_DELIVERED
    every product was asked about within repeat_months       SKIP ASKED_RECENTLY
    not due                                                  WAIT NOT_YET_DUE
    later than due + expiry                                  SKIP TOO_LATE
    else                                                     SEND

Where the rules come from (docs/rules.md): from possession, by the event's own time [BR1];
usage days by product (R38); the fallback where no delivery is ever reported [DS1], [IS18]; kept
items only [YO1]; once per product, not per variant [JM2], and not within twelve months [YO2];
everything anew on every change [JM2]. The hold is neutral: an open return, incident or ticket
pauses the request for everybody alike, and what the customer feels never steers it (FTC rule on
reviews, 2024 [LW6]; 景品表示法 ステルスマーケティング告示, 2023). Ours: the fallback is only for
parcels of which the carrier has said nothing, or nothing after they went out for delivery. One
that was last seen on its way is late or lost, and that is an open incident. A product that needs
longer than the fallback gets its own days there too.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.domain.content import customer, order_slim
from shared.domain.decisions import Candidate, Situation, send, skip, wait
from shared.domain.estimates import expected, recipient_zone
from shared.domain.events import Channel, Purpose
from shared.domain.ledger import LedgerEntry, Priority
from shared.domain.lifecycle import Spec
from shared.domain.orders import Order, OrderLine
from shared.domain.reasons import Reason
from shared.domain.shipments import INCIDENT, Shipment, Status
from shared.domain.timing import end_of_day, local_date

SPEC = Spec(
    name="review_request",
    purpose=Purpose.MARKETING,
    triggers=(
        "OrderPlaced",
        "OrderChanged",
        "OrderCancelled",
        "OrderRefunded",
        "ShipmentDispatched",
        "ShipmentUpdated",
        "DeliveryPromised",
        "ReturnOpened",
        "ReturnReceived",
        "ReturnClosed",
        "TicketOpened",
        "TicketClosed",
        "ReviewSubmitted",
    ),
    channels=(Channel.EMAIL,),
    messages=("request", "reminder", "service"),
    title=("レビューのお願い", "Review request"),
    summary=(
        "商品を使う日数がたってから、感想を一度だけお願いします。問題がある間は待ちます。",
        "Asks once for a review of what was kept and tried; any open problem pauses it for all.",
    ),
    # A product's variants are known by the orders that held them: once per product, not variant.
    sees_other_orders=True,
    priority=Priority.REVIEW,
)

REQUEST, REMINDER, SERVICE = "request", "reminder", "service"

# The carrier's last word leaves open that it has arrived: it never said a thing, or only that
# it was about to hand it over.
MAY_HAVE_ARRIVED = frozenset(
    {
        Status.PENDING,
        Status.LABEL_CREATED,
        Status.OUT_FOR_DELIVERY,
        Status.EXPIRED,
        Status.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timing:
    """When to ask. ``presumed``: no delivery was reported, the promise stands in for it."""

    due_at: datetime
    expires_at: datetime
    presumed: bool


def decide(situation: Situation) -> tuple[Candidate, ...]:
    """Every candidate of this lifecycle for the order, now. See the table above."""
    order, history = situation.order, situation.history
    if not order.known:
        return ()
    asking, instead = (SERVICE, REQUEST) if order.gift else (REQUEST, SERVICE)
    candidates: list[Candidate] = []
    # An order that turns out to be a gift, or none, after it was asked about is not asked again.
    if not history.closed(asking) and not history.sent(instead):
        candidates.append(_asking(asking, situation))
    request = history.sent(REQUEST)
    if request is not None and not order.gift and not history.closed(REMINDER):
        candidates.append(_reminder(request, situation))
    return tuple(candidates)


def _asking(occurrence: str, situation: Situation) -> Candidate:
    """The request, or for a gift the question about the service."""
    order, now = situation.order, situation.now
    about_goods = occurrence == REQUEST
    never = _never(occurrence, situation, _kept(order))
    if never is not None:
        return never
    lines = _not_reviewed(order, _kept(order)) if about_goods else _kept(order)
    timing = _timing(situation, about_goods=about_goods)
    if timing is None:
        return wait(
            occurrence, occurrence, Reason.NOT_YET_DELIVERED, "possession: not shipped", until=None
        )
    held = _held(occurrence, situation, timing)
    if held is not None:
        return held
    rule = "promise + fallback days" if timing.presumed else "possession + usage days"
    if timing.presumed and now < timing.due_at:
        return wait(occurrence, occurrence, Reason.NOT_YET_DELIVERED, rule, until=timing.due_at)
    if not all(shipment.status in MAY_HAVE_ARRIVED for shipment in order.awaited_shipments):
        return skip(occurrence, occurrence, Reason.NEVER_DELIVERED, "last seen on its way")
    if about_goods:
        lines = _not_asked(lines, situation, timing.due_at)
        if not lines:
            return skip(occurrence, occurrence, Reason.ASKED_RECENTLY, "once in repeat months")
    skus = _names(lines) if about_goods else ()
    return _at(occurrence, timing, rule, skus, now)


def _reminder(request: LedgerEntry, situation: Situation) -> Candidate:
    """The one reminder of a request that went out."""
    order, review = situation.order, situation.policy.review
    asked = tuple(line for line in _kept(order) if _name(line) in request.skus)
    never = _never(REMINDER, situation, asked)
    if never is not None:
        return never
    if len(_not_reviewed(order, asked)) < len(asked):
        return skip(REMINDER, REMINDER, Reason.ALREADY_REVIEWED, "reviewed after the request")
    due_at = (request.sent_at or request.decided_at) + timedelta(days=review.reminder_after_days)
    timing = _Timing(
        due_at=due_at,
        expires_at=due_at + timedelta(days=review.expires_after_days),
        presumed=False,
    )
    held = _held(REMINDER, situation, timing)
    if held is not None:
        return held
    lines = _not_asked(asked, situation, due_at)
    if not lines:
        return skip(REMINDER, REMINDER, Reason.ASKED_RECENTLY, "asked with another order")
    return _at(REMINDER, timing, "request + reminder days", _names(lines), situation.now)


def _at(
    occurrence: str, timing: _Timing, rule: str, skus: tuple[str, ...], now: datetime
) -> Candidate:
    """Wait for the due time, send, or let it pass."""
    if now < timing.due_at:
        return wait(
            occurrence, occurrence, Reason.NOT_YET_DUE, rule, until=timing.due_at, skus=skus
        )
    if now >= timing.expires_at:
        return skip(occurrence, occurrence, Reason.TOO_LATE, "due + expiry", skus=skus)
    return send(
        occurrence,
        occurrence,
        rule,
        due_at=timing.due_at,
        expires_at=timing.expires_at,
        skus=skus,
    )


def _never(occurrence: str, situation: Situation, lines: tuple[OrderLine, ...]) -> Candidate | None:
    """What rules a message out whatever the time."""
    order = situation.order
    if order.cancelled:
        return skip(occurrence, occurrence, Reason.ORDER_CANCELLED, "order: cancelled")
    if not lines:
        return skip(occurrence, occurrence, Reason.NOTHING_KEPT, "items: none kept")
    everything = order.reviewed is not None and not _not_reviewed(order, lines)
    if everything or (occurrence == SERVICE and order.reviewed is not None):
        rule = "reviewed after the request" if occurrence == REMINDER else "reviewed unasked"
        return skip(occurrence, occurrence, Reason.ALREADY_REVIEWED, rule)
    return None


def _held(occurrence: str, situation: Situation, timing: _Timing) -> Candidate | None:
    """The neutral hold: the same for everybody, whatever they may think of the goods.

    The end of a hold is a fact that wakes us. Time alone can only make it too late.
    """
    order, now = situation.order, situation.now
    if order.open_return is not None:
        reason, rule = Reason.RETURN_OPEN, "hold: return"
    elif any(shipment.status in INCIDENT for shipment in order.awaited_shipments):
        reason, rule = Reason.OPEN_INCIDENT, "hold: delivery incident"
    elif order.open_tickets:
        reason, rule = Reason.TICKET_OPEN, "hold: ticket"
    else:
        return None
    last = timing.due_at if timing.presumed else timing.expires_at
    if now < last:
        return wait(occurrence, occurrence, reason, rule, until=last)
    too_late = Reason.NEVER_DELIVERED if timing.presumed else Reason.TOO_LATE
    return skip(occurrence, occurrence, too_late, rule)


def _timing(situation: Situation, *, about_goods: bool) -> _Timing | None:
    """When to ask; None while something is still to be shipped."""
    order, policy = situation.order, situation.policy
    usage = policy.review.usage_days
    if about_goods:
        usage = max(_usage_days(line, situation) for line in _kept(order))
    fallback = max(policy.review.fallback_days_after_promise, usage)
    due = [
        _found_at(shipment, situation) + timedelta(days=usage)
        for shipment in order.active_shipments
        if shipment.possession_at is not None
    ] + [
        _presumed_at(shipment, situation) + timedelta(days=fallback)
        for shipment in order.awaited_shipments
    ]
    if order.to_ship or not due:
        return None
    return _Timing(
        due_at=max(due),
        expires_at=max(due) + timedelta(days=policy.review.expires_after_days),
        presumed=bool(order.awaited_shipments),
    )


def _usage_days(line: OrderLine, situation: Situation) -> int:
    product = situation.policy.product(line.line.sku)
    if product is None or product.usage_days is None:
        return situation.policy.review.usage_days
    return product.usage_days


def _found_at(shipment: Shipment, situation: Situation) -> datetime:
    """When the customer has a delivered parcel; one left at a place is found later."""
    scan = next(scan for scan in shipment.scans if scan.status is Status.DELIVERED)
    extra = situation.policy.review.unattended_extra_days if scan.place else 0
    return scan.at + timedelta(days=extra)


def _presumed_at(shipment: Shipment, situation: Situation) -> datetime:
    """The end of the last promised day, or the parcel's last sign of life if that is later."""
    order, policy = situation.order, situation.policy
    dates = expected(order, policy, shipment.shipment_id)
    signs = [shipment.dispatched_at, shipment.last_scan.at if shipment.last_scan else None]
    if dates is not None:
        signs.append(end_of_day(dates.latest, recipient_zone(order, policy)))
    return max(sign for sign in signs if sign is not None)


def _kept(order: Order) -> tuple[OrderLine, ...]:
    """The lines with goods that the customer keeps and that have a name."""
    return tuple(
        line
        for line in order.lines
        if line.kept > 0 and line.line.requires_shipping and _name(line)
    )


def _name(line: OrderLine) -> str:
    """What the ledger calls a product: its SKU, else the platform's id of it, else its title."""
    return line.line.sku or line.line.product_id or line.line.title or ""


def _product(line: OrderLine) -> str:
    """A product over all its variants."""
    return line.line.product_id or _name(line)


def _names(lines: Iterable[OrderLine]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_name(line) for line in lines))


def _not_reviewed(order: Order, lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
    if order.reviewed is None:
        return lines
    if not order.reviewed:  # a review that names no product is one of all
        return ()
    words = set(order.reviewed)
    products = {_product(ln) for ln in order.lines if words & {_name(ln), _product(ln)}}
    return tuple(line for line in lines if _product(line) not in products)


def _not_asked(
    lines: tuple[OrderLine, ...], situation: Situation, due_at: datetime
) -> tuple[OrderLine, ...]:
    """The lines whose product this person was not asked about with another order.

    ``repeat_months`` count back from the due time, so that the answer does not depend on when
    it is given.
    """
    since = _months_before(due_at, situation.policy.review.repeat_months)
    products = {
        (order.order_id, _name(line)): _product(line)
        for order in situation.customer.orders
        for line in order.lines
    }
    asked: set[str] = set()
    for entry in situation.customer.sent:
        own = entry.key.order_id == situation.order.order_id
        if own or entry.key.lifecycle != SPEC.name or (entry.sent_at or entry.decided_at) <= since:
            continue
        for sku in entry.skus:
            asked |= {sku, products.get((entry.key.order_id, sku), sku)}
    return tuple(line for line in lines if not {_name(line), _product(line)} & asked)


def _months_before(instant: datetime, months: int) -> datetime:
    """The same day of an earlier month; its last day where it has no such day."""
    year, month = divmod(instant.year * 12 + instant.month - 1 - months, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return instant.replace(year=year, month=month + 1, day=min(instant.day, last_day))


def content(candidate: Candidate, situation: Situation) -> dict[str, Any]:
    """What the templates show; no product is named where the order is a gift."""
    order, policy = situation.order, situation.policy
    zone = recipient_zone(order, policy)
    possession = order.possession_at
    context: dict[str, Any] = {
        "order": order_slim(order),
        "customer": customer(order),
        # No delivery was reported: then no date is claimed.
        "delivered_on": local_date(possession, zone).isoformat() if possession else None,
        "zone": zone,
    }
    if candidate.message != SERVICE:
        lines = [line for line in _kept(order) if _name(line) in candidate.skus]
        context["products"] = _products(lines)
    return context


def _products(lines: list[OrderLine]) -> list[dict[str, Any]]:
    """One entry per product; the variant is named where only one was bought."""
    products: dict[str, list[OrderLine]] = {}
    for line in lines:
        products.setdefault(_product(line), []).append(line)
    return [
        {
            "title": bought[0].line.title or _name(bought[0]),
            "variant": bought[0].line.variant
            if len({line.line.variant for line in bought}) == 1
            else None,
            "sku": bought[0].line.sku,
            "image_url": bought[0].line.image_url,
            "review_url": None,
        }
        for bought in products.values()
    ]
