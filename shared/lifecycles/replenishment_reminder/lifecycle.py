"""The replenishment reminder: before a product runs out, and once more when it has.

    message  due                                        expires
    due      run-out - due days, possession + 1 day     expires_after_days later
             at the earliest
    late     run-out + late ratio x interval; only      expires_after_days later
             after due was sent

Run-out = what is left of earlier purchases + the kept units of this order x days per unit, from
possession. Days per unit: the customer's own (median interval between purchases, per unit; from
three purchases on), else the population's, else the merchant's. Products of an order that run
out within group days share one message; its entry's ``skus`` say which. A discontinued product
stands for its successor everywhere: in purchases, subscriptions, snoozes, stops, and in the
message.

Per product, read from above; the first line that is true speaks:

    the order is cancelled                       SKIP ORDER_CANCELLED
    nothing of it is kept                        SKIP NOTHING_KEPT
    the order is a gift                          SKIP GIFT
    the order came from a subscription           SKIP SUBSCRIBED
    discontinued, no successor                   SKIP DISCONTINUED
    "never again" for this product               SKIP SNOOZED
    nobody knows how long it lasts               SKIP NO_SUPPLY_DATA
    not with the customer yet                    WAIT NOT_YET_DELIVERED for facts
    the person wants no reminders about it       PRODUCT_STOPPED       | these may change without
    the person subscribes to it                  SUBSCRIBED            | a fact about this order:
    subscription unknown (where any are sold)    SUBSCRIPTION_UNKNOWN  | WAIT until due,
    a newer order of it is with the customer     REORDERED             | then SKIP
    a newer order of it is under way             REORDERED: WAIT, from due on look again daily
    a return of it is open                       RETURN_OPEN: WAIT until it would be too late
    snoozed                                      WAIT SNOOZED until that morning in the shop
    not due / too late / else                    WAIT NOT_YET_DUE / SKIP TOO_LATE / SEND

Where the rules come from (docs/rules.md): possession, not order, and a separate late event
[RE1,2]; observed interval before nominal [RX1]; fallback chain that works from the first order
[KL1]; snooze and successor [BO1]; subscription asked at the time of sending, unknown is not "no"
[RP1]; gifts [RP2]. Ours: an open return holds it; "late" never follows "due" by less than the
due days, when "due" itself had to wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from shared.domain.content import customer, order_slim
from shared.domain.decisions import Candidate, Situation, send, skip, wait
from shared.domain.estimates import recipient_zone
from shared.domain.events import Channel, Purpose
from shared.domain.ledger import FINAL, IN_FLIGHT, EntryStatus, LedgerEntry
from shared.domain.lifecycle import Spec
from shared.domain.orders import Order, OrderLine, Return
from shared.domain.policy import Policy
from shared.domain.reasons import Reason
from shared.domain.timing import at_local, local_date

SPEC = Spec(
    name="replenishment_reminder",
    purpose=Purpose.MARKETING,
    triggers=(
        "OrderPlaced",
        "OrderChanged",
        "OrderCancelled",
        "OrderRefunded",
        "ShipmentDispatched",
        "ShipmentUpdated",
        "ReturnReceived",
        "ReturnClosed",
        "ReminderSnoozed",
    ),
    channels=(Channel.EMAIL, Channel.SMS),
    messages=("due", "late"),
    title=("買い足しのご案内", "Replenishment reminder"),
    summary=(
        "お届けした数量と使い切る日数から、なくなる少し前に一度、なくなった後に一度ご案内します。",
        "Reminds shortly before a product runs out and once after it; a new order moves the date.",
    ),
    sees_other_orders=True,
)

DUE, LATE = "due", "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A product of this order. ``sku`` as bought, ``product`` the SKU that is sold today."""

    sku: str
    product: str
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Purchase:
    """An order as far as one product goes: ``lines`` are those with kept units of it."""

    order: Order
    lines: tuple[OrderLine, ...]
    placed_at: datetime
    possession_at: datetime | None

    @property
    def bought_at(self) -> datetime:
        """Possession, or the placement before that."""
        return self.possession_at or self.placed_at

    @property
    def units(self) -> int:
        """How many the customer keeps."""
        return sum(line.kept for line in self.lines)

    def newer(self, own: _Purchase) -> bool:
        """Whether this purchase owns the reminder, or will once it is delivered."""
        if self.possession_at is None:
            return (self.placed_at, self.order.order_id) > (own.placed_at, own.order.order_id)
        return (self.bought_at, self.order.order_id) > (own.bought_at, own.order.order_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Supply:
    """How long a product lasts: what this order brought on top of what was left."""

    possession_at: datetime
    runs_out_at: datetime
    interval: timedelta  # how long this order's units alone last


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """When to remind of a product. ``near``: what products that share a message have close."""

    item: _Item
    at: datetime
    not_before: datetime
    near: datetime
    snoozed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Objection:
    """Why not, as things stand. ``again``: how soon to look again; None: final once due."""

    reason: Reason
    rule: str
    again: timedelta | None = None


def decide(situation: Situation) -> tuple[Candidate, ...]:
    """Every candidate of this lifecycle for the order, now. See the table above."""
    if not situation.order.known:
        return ()
    candidates: list[Candidate] = []
    items = _items(situation.order, situation.policy)
    for phase in (DUE, LATE):
        judged = [_judge(item, phase, situation) for item in items if _open(item, phase, situation)]
        candidates += [one for one in judged if isinstance(one, Candidate)]
        plans = [one for one in judged if isinstance(one, _Plan)]
        candidates += _grouped(plans, phase, situation)
    return tuple(candidates)


# --- what stands in the ledger -----------------------------------------------


def _entries(item: _Item, phase: str, situation: Situation) -> tuple[LedgerEntry, ...]:
    """The entries that cover a product in a phase, whichever message it shared."""
    return tuple(
        entry
        for entry in situation.history.entries
        if entry.key.occurrence == f"{phase}:{item.sku}"
        or (item.sku in entry.skus and entry.key.occurrence.startswith(f"{phase}:"))
    )


def _open(item: _Item, phase: str, situation: Situation) -> bool:
    """Whether a product's message of this phase is still to be decided."""
    if any(entry.status in FINAL for entry in _entries(item, phase, situation)):
        return False
    return phase == DUE or _due_sent_at(item, situation) is not None


def _due_sent_at(item: _Item, situation: Situation) -> datetime | None:
    sent = [e for e in _entries(item, DUE, situation) if e.status is EntryStatus.SENT]
    return max((e.sent_at or e.decided_at for e in sent), default=None)


# --- one product -------------------------------------------------------------


def _judge(item: _Item, phase: str, situation: Situation) -> Candidate | _Plan:
    """What becomes of one product: a verdict of its own, or a plan to be grouped."""
    now, occurrence, skus = situation.now, f"{phase}:{item.sku}", (item.sku,)
    never = _never(item, situation)
    if never is not None:
        return skip(occurrence, phase, never.reason, never.rule, skus=skus)
    supply = _supply(item, situation)
    if supply is None:
        reason = Reason.NOT_YET_DELIVERED
        return wait(occurrence, phase, reason, "from possession", until=None, skus=skus)
    plan = _plan(item, phase, supply, situation)
    objection = _objection(item, situation)
    if objection is None:
        return plan
    reason, rule = objection.reason, objection.rule
    if now < plan.at:
        return wait(occurrence, phase, reason, rule, until=plan.at, skus=skus)
    expires_at = plan.at + timedelta(days=situation.policy.replenishment.expires_after_days)
    if objection.again is None or now >= expires_at:
        return skip(occurrence, phase, reason, rule, skus=skus)
    until = min(now + objection.again, expires_at)
    return wait(occurrence, phase, reason, rule, until=until, skus=skus)


def _never(item: _Item, situation: Situation) -> _Objection | None:
    """What rules a product out whatever the time; only a fact of this order changes it."""
    order = situation.order
    product = situation.policy.product(item.product)
    if order.cancelled:
        return _Objection(reason=Reason.ORDER_CANCELLED, rule="order: cancelled")
    if not any(line.kept for line in item.lines):
        return _Objection(reason=Reason.NOTHING_KEPT, rule="items: none kept")
    if order.gift:
        return _Objection(reason=Reason.GIFT, rule="order: gift")
    if order.subscription:
        return _Objection(reason=Reason.SUBSCRIBED, rule="order: of a subscription")
    if product is not None and product.discontinued:
        return _Objection(reason=Reason.DISCONTINUED, rule="product: no successor")
    if None in _snoozes(item, situation):
        return _Objection(reason=Reason.SNOOZED, rule="snooze: never again")
    if not _lasts(_until_own(item, situation), situation)[-1]:
        return _Objection(reason=Reason.NO_SUPPLY_DATA, rule="supply: unknown")
    return None


def _objection(item: _Item, situation: Situation) -> _Objection | None:
    """What stands against it now and may change without a fact about this order."""
    order, names = situation.order, {item.sku, item.product}
    stopped = (_sold_today(sku, situation.policy) for sku in situation.customer.stopped_skus)
    if item.product in stopped:
        return _Objection(reason=Reason.PRODUCT_STOPPED, rule="person: no more about it")
    told = [active for sku, active in situation.customer.subscriptions.items() if sku in names]
    if any(told):
        return _Objection(reason=Reason.SUBSCRIBED, rule="person: subscribes")
    if not told and order.subscription is None and situation.policy.sells_subscriptions:
        return _Objection(reason=Reason.SUBSCRIPTION_UNKNOWN, rule="subscription: unknown")
    own = _until_own(item, situation)[-1]
    newer = [one for one in _purchases(item, situation) if one.newer(own)]
    if any(one.possession_at is not None for one in newer):
        return _Objection(reason=Reason.REORDERED, rule="newer order: delivered")
    if newer:
        # It may yet be cancelled, and no fact about this order would say so.
        again = timedelta(days=1)
        return _Objection(reason=Reason.REORDERED, rule="newer order: under way", again=again)
    if any(back.open and _concerns(back, item) for back in order.returns):
        # Its end is a fact that wakes us; time alone makes it too late.
        again = timedelta(days=situation.policy.replenishment.expires_after_days)
        return _Objection(reason=Reason.RETURN_OPEN, rule="hold: return", again=again)
    return None


def _concerns(back: Return, item: _Item) -> bool:
    """Whether a return is about a product; one that names no goods is about all."""
    ids = {line.line.line_id for line in item.lines}
    return not back.lines or any(line_id in ids for line_id, _ in back.lines)


def _plan(item: _Item, phase: str, supply: _Supply, situation: Situation) -> _Plan:
    """When the message of a phase is due for a product."""
    policy = situation.policy.replenishment
    ahead = timedelta(days=policy.due_days_before)
    if phase == DUE:
        not_before = supply.possession_at + timedelta(days=1)
        at = max(supply.runs_out_at - ahead, not_before)
        near = supply.runs_out_at
    else:
        not_before = (_due_sent_at(item, situation) or supply.possession_at) + ahead
        at = max(supply.runs_out_at + supply.interval * policy.late_ratio, not_before)
        near = at
    snooze = _snoozed_until(item, situation)
    if snooze is None or snooze <= at:
        return _Plan(item=item, at=at, not_before=not_before, near=near, snoozed=False)
    return _Plan(item=item, at=snooze, not_before=snooze, near=max(near, snooze), snoozed=True)


def _snoozes(item: _Item, situation: Situation) -> tuple[date | None, ...]:
    """What the person said of a product with any order: not before a date; None: never."""
    orders = {one.order_id: one for one in situation.customer.orders}
    orders[situation.order.order_id] = situation.order
    return tuple(
        until
        for one in orders.values()
        for sku, until in one.snoozes
        if _sold_today(sku, situation.policy) == item.product
    )


def _snoozed_until(item: _Item, situation: Situation) -> datetime | None:
    """The morning in the shop's zone until which a product is snoozed."""
    dates = [until for until in _snoozes(item, situation) if until is not None]
    policy = situation.policy
    return at_local(max(dates), policy.quiet_hours.end, policy.zone) if dates else None


# --- how long it lasts -------------------------------------------------------


def _items(order: Order, policy: Policy) -> tuple[_Item, ...]:
    """The products of an order, in the order of its lines."""
    found: dict[str, list[OrderLine]] = {}
    for line in order.lines:
        if line.line.sku and line.line.requires_shipping:
            found.setdefault(_sold_today(line.line.sku, policy), []).append(line)
    return tuple(
        _Item(sku=lines[0].line.sku or product, product=product, lines=tuple(lines))
        for product, lines in found.items()
    )


def _sold_today(sku: str, policy: Policy) -> str:
    """The SKU itself, or the end of its line of successors where it is discontinued."""
    seen = {sku}
    product = policy.product(sku)
    while product and product.discontinued and product.successor:
        if product.successor in seen:
            break
        sku = product.successor
        seen.add(sku)
        product = policy.product(sku)
    return sku


def _purchases(item: _Item, situation: Situation) -> tuple[_Purchase, ...]:
    """This order and the person's others with kept units of a product, oldest first."""
    orders = {
        other.order_id: other
        for other in situation.customer.orders
        if other.known and not (other.cancelled or other.gift or other.test)
    }
    orders[situation.order.order_id] = situation.order
    purchases = []
    for order in orders.values():
        lines = tuple(
            line
            for one in _items(order, situation.policy)
            if one.product == item.product
            for line in one.lines
            if line.kept
        )
        if not lines or order.placed_at is None:
            continue
        times = [order.line_possession_at(line.line.line_id) for line in lines]
        known = [at for at in times if at is not None]
        purchases.append(
            _Purchase(
                order=order,
                lines=lines,
                placed_at=order.placed_at,
                possession_at=max(known) if len(known) == len(times) else None,
            )
        )
    return tuple(sorted(purchases, key=lambda one: (one.bought_at, one.order.order_id)))


def _until_own(item: _Item, situation: Situation) -> tuple[_Purchase, ...]:
    """The purchases up to this order's, which is the last of them."""
    purchases = _purchases(item, situation)
    ids = [one.order.order_id for one in purchases]
    return purchases[: ids.index(situation.order.order_id) + 1]


def _supply(item: _Item, situation: Situation) -> _Supply | None:
    """When a product runs out; None before possession.

    One delivered purchase is used up after the other, each from when it is there.
    """
    purchases = _until_own(item, situation)
    lasts = _lasts(purchases, situation)
    if purchases[-1].possession_at is None:
        return None
    runs_out_at = purchases[-1].possession_at
    end: datetime | None = None
    for one, days in zip(purchases, lasts, strict=True):
        if one.possession_at is not None:
            runs_out_at = max(one.possession_at, end or one.possession_at) + days
            end = runs_out_at
    return _Supply(
        possession_at=purchases[-1].possession_at, runs_out_at=runs_out_at, interval=lasts[-1]
    )


def _lasts(purchases: tuple[_Purchase, ...], situation: Situation) -> list[timedelta]:
    """How long each purchase lasts alone; nothing where nobody knows."""
    rhythm = _rhythm(purchases, situation.policy)
    return [
        timedelta(
            days=sum(
                line.kept * (rhythm or _nominal_days(line.line.sku, situation.policy))
                for line in one.lines
            )
        )
        for one in purchases
    ]


def _rhythm(purchases: tuple[_Purchase, ...], policy: Policy) -> float | None:
    """The customer's own days per unit: the median over their intervals.

    Purchases of one day are one. None where there are too few.
    """
    bought: list[tuple[datetime, int]] = []
    for one in purchases:
        if bought and _day(bought[-1][0], policy) == _day(one.bought_at, policy):
            bought[-1] = (bought[-1][0], bought[-1][1] + one.units)
        else:
            bought.append((one.bought_at, one.units))
    if len(bought) < max(2, policy.replenishment.own_interval_min_purchases):
        return None
    rates = sorted(
        (later - at) / timedelta(days=1) / units for (at, units), (later, _) in pairwise(bought)
    )
    # The median by hand: the statistics module reaches for random numbers when it is imported.
    return (rates[(len(rates) - 1) // 2] + rates[len(rates) // 2]) / 2


def _day(instant: datetime, policy: Policy) -> date:
    return local_date(instant, policy.zone)


def _nominal_days(sku: str | None, policy: Policy) -> int:
    """Days per unit as observed over all customers, else as the merchant says; 0: unknown."""
    today = _sold_today(sku, policy) if sku else None
    for product in (policy.product(sku), policy.product(today)):
        if product is not None:
            days = product.population_interval_days or product.supply_days
            if days:
                return days
    return 0


# --- one message for several products ----------------------------------------


def _grouped(plans: list[_Plan], phase: str, situation: Situation) -> list[Candidate]:
    """Products that run out within group days share a message, named by the first of them."""
    days = timedelta(days=situation.policy.replenishment.group_days)
    heads = _heads(plans, phase, situation)
    planned = {plan.item.sku for plan in plans}
    candidates: list[Candidate] = []
    groups: dict[str, list[_Plan]] = {}
    for plan in sorted(plans, key=lambda one: one.at):  # stable: by line where equal
        head = heads.get(plan.item.sku)
        if head is not None and head not in planned:
            occurrence, rule = f"{phase}:{plan.item.sku}", f"in the message of {head}"
            skus = (plan.item.sku,)
            candidates.append(
                wait(occurrence, phase, Reason.IN_FLIGHT, rule, until=None, skus=skus)
            )
            continue
        if head is None:
            near = (
                sku
                for sku, (first, *_) in groups.items()
                if first.item.sku not in heads
                and abs(plan.near - first.near) <= days
                and plan.not_before <= first.at
            )
            head = next(near, plan.item.sku)
        groups.setdefault(head, []).append(plan)
    return candidates + [_message(sku, group, phase, situation) for sku, group in groups.items()]


def _heads(plans: list[_Plan], phase: str, situation: Situation) -> dict[str, str]:
    """Per product that a message in flight covers, the SKU which names that message.

    What is being sent keeps its products, whatever facts arrive meanwhile.
    """
    return {
        plan.item.sku: entry.key.occurrence.removeprefix(f"{phase}:")
        for plan in plans
        for entry in _entries(plan.item, phase, situation)
        if entry.status in IN_FLIGHT
    }


def _message(head: str, group: list[_Plan], phase: str, situation: Situation) -> Candidate:
    """The candidate of a group: due when its first product is."""
    now, occurrence = situation.now, f"{phase}:{head}"
    skus = tuple(plan.item.sku for plan in group)
    first = group[0]
    expires_at = first.at + timedelta(days=situation.policy.replenishment.expires_after_days)
    rule = "run-out - due days" if phase == DUE else "run-out + late ratio"
    if first.snoozed:
        rule = "snooze: until"
    if now < first.at:
        reason = Reason.SNOOZED if first.snoozed else Reason.NOT_YET_DUE
        return wait(occurrence, phase, reason, rule, until=first.at, skus=skus)
    if now >= expires_at:
        return skip(occurrence, phase, Reason.TOO_LATE, "due + expiry", skus=skus)
    return send(occurrence, phase, rule, due_at=first.at, expires_at=expires_at, skus=skus)


# --- content -----------------------------------------------------------------


def content(candidate: Candidate, situation: Situation) -> dict[str, Any]:
    """What the templates show: the products to buy again, as last bought.

    No price is given: what was paid then need not be today's price.
    """
    order, policy = situation.order, situation.policy
    zone = recipient_zone(order, policy)
    items = {item.sku: item for item in _items(order, policy)}
    return {
        "order": order_slim(order),
        "customer": customer(order),
        "products": [
            _product(items[sku], zone, situation) for sku in candidate.skus if sku in items
        ],
        "zone": zone,
    }


def _product(item: _Item, zone: str, situation: Situation) -> dict[str, Any]:
    """One product; where it is discontinued its successor, by the name on another order or
    its SKU (the brand's own name for it comes first when the message is made)."""
    lines = [
        line
        for order in (situation.order, *situation.customer.orders)
        for line in order.lines
        if line.line.sku == item.product
    ]
    bought = next((line for line in item.lines if line.kept), item.lines[0]).line
    shown = lines[0].line if lines else None
    supply = _supply(item, situation)
    snooze = _snoozed_until(item, situation)
    ends = [supply.runs_out_at if supply else None, snooze]
    return {
        "sku": item.product,
        "title": (shown.title if shown else None) or item.product,
        "variant": shown.variant if shown else None,
        "quantity": sum(line.kept for line in item.lines),
        "unit_price": None,
        "image_url": shown.image_url if shown else None,
        "url": None,
        "runs_out_on": local_date(max(end for end in ends if end), zone).isoformat(),
        "replaces": (bought.title or bought.sku) if bought.sku != item.product else None,
    }
