"""The order confirmation, in two stages: received (確認), then confirmed (確定).

    message           due                                     not sent when
    received          at once                                 a later stage is due or out
    confirmed         payment accepted AND stock reserved     cancelled, delivered
    payment_reminder  a day before the payment's due time,    paid, cancelled, dispatched; the
                      else order + reminder hours             platform's own turn (a card)
    payment_expired   due time (+ 1 h), else order + expiry   as above; a payment after it is
                      days, or the platform says EXPIRED      still confirmed
    cancelled         at once                                 payment_expired has said so
    cancelled_again   at once; the mail is that of cancelled  nothing else was sent in between

What is not sent of an order that was cancelled is SKIP ORDER_CANCELLED; after the payment
SKIP ALREADY_PAID. While it waits for the payment, confirmed is WAIT NOT_YET_PAID, then
STOCK_NOT_RESERVED, both until a fact comes.

A cancellation that the shop takes back undoes no mail: what was sent is not sent again, what was
not is sent now, for 7 days also where it would be too late (confirmed).

Too late, by the time of the event: received 3 days after the order, confirmed 7 days after it
was ready (1 day after everything was dispatched), the reminder at the payment's due time, the
expiry 3 days after it, the cancellation 7 days after it.

Where the rules come from (docs/rules.md): the estimate in the confirmation R29, as a range [AS9]
and never a stale one [AS1]; reminder, expiry and no thanks before the payment [BA1];
cancellation of what is pending and then one notice [RC4]. Ours: the two stages, one mail per
stage whatever caused it, the hours and days.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from shared.domain import content as view
from shared.domain.decisions import Candidate, History, Situation, send, skip, wait
from shared.domain.estimates import DateRange, computed_estimate, expected, recipient_zone
from shared.domain.events import Channel, PaymentMethod, PaymentStatus, Purpose, StockStatus
from shared.domain.ledger import IN_FLIGHT, EntryStatus
from shared.domain.lifecycle import Spec
from shared.domain.orders import PAY_LATER, Order
from shared.domain.reasons import Reason
from shared.domain.timing import at_local, local_date

SPEC = Spec(
    name="order_confirmation",
    purpose=Purpose.TRANSACTIONAL,
    triggers=(
        "OrderPlaced",
        "OrderChanged",
        "OrderConfirmed",
        "PaymentUpdated",
        "StockUpdated",
        "OrderCancelled",
        "OrderRefunded",
        "ShipmentDispatched",
    ),
    channels=(Channel.EMAIL, Channel.SMS),
    messages=("received", "confirmed", "payment_reminder", "payment_expired", "cancelled"),
    title=("ご注文の確認・確定", "Order confirmation"),
    summary=(
        (
            "ご注文をすぐに確認し、お支払いと在庫がそろったところで確定をお知らせします。"
            "未入金のご案内・期限切れ・キャンセルもここから送ります。"
        ),
        (
            "Acknowledges the order at once and confirms it when payment and stock are certain. "
            "Also reminds of an unpaid order, and tells of its expiry or cancellation."
        ),
    ),
)

RECEIVED, CONFIRMED, CANCELLED = "received", "confirmed", "cancelled"
CANCELLED_AGAIN = "cancelled_again"
REMINDER, EXPIRED = "payment_reminder", "payment_expired"

RECEIVED_UNTIL = timedelta(hours=72)
CONFIRMED_UNTIL = timedelta(days=7)
GOES_WITH_MOST = 2  # a suggestion below a confirmation, no shop window
CONFIRMED_UNTIL_AFTER_DISPATCH = timedelta(days=1)
EXPIRED_UNTIL = timedelta(hours=72)
CANCELLED_UNTIL = timedelta(days=7)

REMINDER_BEFORE_DUE = timedelta(hours=24)
# The mail of the first day names the due time itself: no reminder on its heels.
REMINDER_NOT_WITHIN = timedelta(hours=24)
REMINDER_AFTER_RECEIVED = timedelta(hours=12)
# A payment made at the counter in the last minute takes some minutes to be reported.
EXPIRY_GRACE = timedelta(hours=1)

# Methods for which the customer has to do something after ordering.
PAID_BY_HAND = frozenset({PaymentMethod.KONBINI, PaymentMethod.BANK_TRANSFER})
AWAITS_CUSTOMER = frozenset({None, PaymentStatus.PENDING})
STOCK_SHORT = frozenset({StockStatus.PARTIAL, StockStatus.BACKORDERED})
CHARGED = frozenset(
    {
        PaymentStatus.PAID,
        PaymentStatus.PARTIALLY_PAID,
        PaymentStatus.REFUNDED,
        PaymentStatus.PARTIALLY_REFUNDED,
    }
)


def decide(situation: Situation) -> tuple[Candidate, ...]:
    """Every candidate of this lifecycle for the order, now. See the table above."""
    order, history = situation.order, situation.history
    if not order.known or order.placed_at is None:
        return ()
    candidates = [_received(order, order.placed_at, situation), _confirmed(order)]
    if _paid_by_customer(order):
        candidates += [
            _reminder(order, order.placed_at, situation),
            _expired(order, order.placed_at, situation),
        ]
    if order.cancelled:
        candidates.append(_cancelled(order, history))
    return tuple(c for c in candidates if not history.closed(c.occurrence))


def _received(order: Order, placed_at: datetime, situation: Situation) -> Candidate:
    if situation.history.sent(CONFIRMED) is not None:
        # What happens afterwards is no reason why this was not sent.
        return skip(RECEIVED, RECEIVED, Reason.SUPERSEDED, "confirmed: says both at once")
    if order.cancelled:
        return skip(RECEIVED, RECEIVED, Reason.ORDER_CANCELLED, "cancelled: says it instead")
    if order.possession_at is not None:
        return skip(RECEIVED, RECEIVED, Reason.DELIVERED, "received: delivered already")
    if order.ready_at is not None:
        return skip(RECEIVED, RECEIVED, Reason.SUPERSEDED, "confirmed: says both at once")
    if _said_more(order, situation.history):
        return skip(RECEIVED, RECEIVED, Reason.SUPERSEDED, "received: more was said since")
    if _paid_by_customer(order) and _expiry_due(order, placed_at, situation):
        return skip(RECEIVED, RECEIVED, Reason.SUPERSEDED, "payment expired: says it instead")
    return send(
        RECEIVED,
        RECEIVED,
        "received: at once",
        due_at=placed_at,
        expires_at=placed_at + RECEIVED_UNTIL,
    )


def _said_more(order: Order, history: History) -> bool:
    """Whether a later stage is out, or may be: stock, say, can be lost again after it. A
    cancellation that was taken back is none."""
    before = {RECEIVED, CANCELLED} if order.restored_at is not None else {RECEIVED}
    return any(
        entry.message not in before and entry.status in IN_FLIGHT | {EntryStatus.SENT}
        for entry in history.entries
    )


def _confirmed(order: Order) -> Candidate:
    if order.cancelled:
        return skip(CONFIRMED, CONFIRMED, Reason.ORDER_CANCELLED, "cancelled: says it instead")
    if order.possession_at is not None:
        return skip(CONFIRMED, CONFIRMED, Reason.DELIVERED, "confirmed: delivered already")
    if not order.payment_accepted:
        return wait(
            CONFIRMED, CONFIRMED, Reason.NOT_YET_PAID, "confirmed: after the payment", until=None
        )
    ready_at = order.ready_at
    if ready_at is None:
        return wait(
            CONFIRMED,
            CONFIRMED,
            Reason.STOCK_NOT_RESERVED,
            "confirmed: after the reservation",
            until=None,
        )
    expires_at = max(ready_at, order.restored_at or ready_at) + CONFIRMED_UNTIL
    if order.fully_shipped_at is not None:
        expires_at = min(expires_at, order.fully_shipped_at + CONFIRMED_UNTIL_AFTER_DISPATCH)
    return send(
        CONFIRMED,
        CONFIRMED,
        "confirmed: payment and stock",
        due_at=ready_at,
        expires_at=expires_at,
    )


# --- orders that the customer still has to pay ---------------------------------


def _paid_by_customer(order: Order) -> bool:
    """Whether paying is (or was) up to the customer, not to the platform or the door."""
    payment = order.payment
    if payment.method in PAY_LATER:
        return False
    return payment.method in PAID_BY_HAND or payment.due_at is not None


def _payment_due(order: Order, placed_at: datetime, situation: Situation) -> datetime:
    """Until when the payment is waited for: as named, else by the brand's policy."""
    named = order.payment.due_at
    if named is not None and named > placed_at:
        return named
    return placed_at + timedelta(days=situation.policy.unpaid.expires_after_days)


def _not_waiting(order: Order, message: str) -> Candidate | None:
    """Why the payment is not waited for (any more), or not from the customer."""
    if order.cancelled:
        return skip(message, message, Reason.ORDER_CANCELLED, "cancelled: says it instead")
    if order.payment_accepted or order.payment.accepted_at is not None:
        return skip(message, message, Reason.ALREADY_PAID, f"{message}: paid")
    if order.active_shipments:
        return skip(message, message, Reason.SUPERSEDED, f"{message}: dispatched all the same")
    if order.payment.status not in AWAITS_CUSTOMER | {PaymentStatus.EXPIRED}:
        return wait(
            message, message, Reason.AWAITING_FACT, f"{message}: the platform's turn", until=None
        )
    return None


def _reminder(order: Order, placed_at: datetime, situation: Situation) -> Candidate:
    now, policy = situation.now, situation.policy
    not_waiting = _not_waiting(order, REMINDER)
    if not_waiting is not None:
        return not_waiting
    due_at = _payment_due(order, placed_at, situation)
    if now >= due_at or order.payment.status is PaymentStatus.EXPIRED:
        return skip(REMINDER, REMINDER, Reason.TOO_LATE, "payment reminder: the time is over")
    at, rule = due_at - REMINDER_BEFORE_DUE, "payment reminder: due - 24 h"
    if order.payment.due_at != due_at or at < placed_at + REMINDER_NOT_WITHIN:
        hours = policy.unpaid.reminder_after_hours
        at, rule = placed_at + timedelta(hours=hours), f"payment reminder: order + {hours} h"
    # An order that became known late gets the first mail first, and a night to act on it.
    told = situation.history.sent(RECEIVED)
    if told is not None and told.sent_at is not None:
        at = max(at, told.sent_at + REMINDER_AFTER_RECEIVED)
    if at >= due_at:
        return skip(REMINDER, REMINDER, Reason.NOTHING_TO_SAY, "payment reminder: due too soon")
    if now < at:
        return wait(REMINDER, REMINDER, Reason.NOT_YET_DUE, rule, until=at)
    return send(REMINDER, REMINDER, rule, due_at=at, expires_at=due_at)


def _expiry_at(order: Order, placed_at: datetime, situation: Situation) -> datetime:
    return _payment_due(order, placed_at, situation) + EXPIRY_GRACE


def _expiry_due(order: Order, placed_at: datetime, situation: Situation) -> bool:
    """Whether the customer is to hear that the order has lapsed for want of payment."""
    if _not_waiting(order, EXPIRED) is not None:
        return False
    if order.payment.status is PaymentStatus.EXPIRED:
        return True
    return situation.now >= _expiry_at(order, placed_at, situation)


def _expired(order: Order, placed_at: datetime, situation: Situation) -> Candidate:
    not_waiting = _not_waiting(order, EXPIRED)
    if not_waiting is not None:
        return not_waiting
    at = _expiry_at(order, placed_at, situation)
    if not _expiry_due(order, placed_at, situation):
        return wait(EXPIRED, EXPIRED, Reason.NOT_YET_DUE, "payment expiry: due time", until=at)
    said = order.payment.status is PaymentStatus.EXPIRED
    return send(
        EXPIRED,
        EXPIRED,
        "payment expiry: the platform says so" if said else "payment expiry: due time",
        due_at=at,
        expires_at=at + EXPIRED_UNTIL,
    )


def _cancelled(order: Order, history: History) -> Candidate:
    # It was taken back in the meantime, and the customer heard that the order goes on.
    again = history.sent(CANCELLED) is not None and history.all_sent[-1].message != CANCELLED
    occurrence = CANCELLED_AGAIN if again else CANCELLED
    if history.sent(EXPIRED) is not None and not order.payment_accepted:
        # That mail has said that the order is closed and that nothing is charged.
        return skip(occurrence, CANCELLED, Reason.SUPERSEDED, "payment expired: has said it")
    off_at = order.cancelled_at
    return send(
        occurrence,
        CANCELLED,
        "cancelled: at once",
        due_at=off_at,
        expires_at=off_at + CANCELLED_UNTIL if off_at else None,
    )


# --- what the messages say ------------------------------------------------------


def content(candidate: Candidate, situation: Situation) -> dict[str, Any]:
    """The context of a message's templates (the contract is its sample)."""
    base = {"order": view.order_full(situation.order), "customer": view.customer(situation.order)}
    return base | _PARTS[candidate.message](situation)


def _received_parts(situation: Situation) -> dict[str, Any]:
    return {"estimate": _estimate(situation), "payment": _payment(situation.order)}


def _confirmed_parts(situation: Situation) -> dict[str, Any]:
    told = situation.history.entry(RECEIVED)
    return {
        "estimate": _estimate(situation),
        "payment": _payment(situation.order),
        # An outcome that nobody knows counts as sent: thanking twice is the smaller fault.
        "received_before": told is not None and told.status in IN_FLIGHT | {EntryStatus.SENT},
        "goes_with": _goes_with(situation),
    }


def _goes_with(situation: Situation) -> list[str]:
    """The SKUs that the brand says go with what was ordered, in the order of the lines; none that
    is in the order, no longer made, or that the customer wants to hear nothing about."""
    policy = situation.policy
    bought = [one.line.sku for one in situation.order.lines if one.ordered > one.cancelled]
    known = [product for sku in bought if (product := policy.product(sku))]
    wanted = [policy.product(sku) for product in known for sku in product.goes_with]
    unwanted = {*bought, *situation.customer.stopped_skus}
    found = {p.sku: None for p in wanted if p and not p.discontinued and p.sku not in unwanted}
    return [*found][:GOES_WITH_MOST]


def _payment_parts(situation: Situation) -> dict[str, Any]:
    return {"payment": _payment(situation.order)}


def _cancelled_parts(situation: Situation) -> dict[str, Any]:
    order = situation.order
    reason = (order.cancel_reason or "").strip().lower()
    known = reason if reason in {"customer", "inventory"} else "other"
    return {
        "cancellation": {
            "cancelled_at": view.instant(order.cancelled_at),
            "reason": known if reason else None,
            "charged": _charged(order),
            "refund": view.money(order.refunded_amount),
        }
    }


_PARTS: dict[str, Callable[[Situation], dict[str, Any]]] = {
    RECEIVED: _received_parts,
    CONFIRMED: _confirmed_parts,
    REMINDER: _payment_parts,
    EXPIRED: _payment_parts,
    CANCELLED: _cancelled_parts,
}


def _payment(order: Order) -> dict[str, Any]:
    """How it is paid; how and until when it has to be, only while it has to be."""
    payment = order.payment
    open_ = not order.payment_accepted
    return {
        "method": payment.method.value if payment.method else None,
        "status": payment.status.value if payment.status else None,
        "due_at": view.instant(payment.due_at) if open_ else None,
        "instructions": [
            {"label": one.label, "value": one.value} for one in payment.instructions if open_
        ],
    }


def _charged(order: Order) -> bool | None:
    """Whether money was taken: an authorisation that is released took none."""
    if order.payment.status is None:
        return False if order.payment.method in PAY_LATER else None
    return order.payment.status in CHARGED


def _estimate(situation: Situation) -> dict[str, Any] | None:
    """The delivery as now expected; None where nobody can say or the date has gone by."""
    order, policy = situation.order, situation.policy
    if not order.needs_shipping:
        return None
    dates: DateRange | None = expected(order, policy)
    if order.promise_for() is None and order.stock in STOCK_SHORT:
        dates = None
        if order.stock_expected_on is not None:
            arrival = at_local(order.stock_expected_on, time(0), policy.zone)
            dates = computed_estimate(order, policy, arrival)
    if dates is None or dates.latest < local_date(situation.now, recipient_zone(order, policy)):
        return None
    return view.date_range(dates)
