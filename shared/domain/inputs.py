"""Everything that a decision is made from, as it was read: so that it can be made again.

``situation`` is the one way from what is stored to what a lifecycle sees. A decision's inputs are
kept with it; `yoin explain` runs them through the same functions and must find the same decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.controls import Controls
from shared.domain.customers import CustomerRecord, Slot, Suppression, fold_customer
from shared.domain.decisions import History, Situation
from shared.domain.events import Channel, Purpose
from shared.domain.folding import fold
from shared.domain.ledger import EntryKey, LedgerEntry
from shared.domain.lifecycle import Spec
from shared.domain.orders import OrderRecord
from shared.domain.policy import Policy
from shared.domain.values import digest, instant_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What was read for one decision of a lifecycle about an order.

    ``entries``: the order's ledger, all lifecycles. ``others`` and ``rivals``: the person's other
    orders and their ledgers, ``sent`` and ``slots`` what the person was sent and what room that
    takes up; empty where the lifecycle does not look at them. ``policy_version`` names the
    policy, ``now`` is the clock. ``claimed``: the message that `send` had claimed when it asked.
    """

    lifecycle: str
    order: OrderRecord
    person: CustomerRecord
    others: tuple[OrderRecord, ...] = ()
    entries: tuple[LedgerEntry, ...] = ()
    rivals: tuple[LedgerEntry, ...] = ()
    sent: tuple[LedgerEntry, ...] = ()
    slots: tuple[Slot, ...] = ()
    suppressions: Mapping[Channel, Suppression] = field(default_factory=dict)
    controls: Controls
    policy_version: str
    now: datetime
    feed_seen_at: datetime | None = None
    claimed: EntryKey | None = None

    @property
    def name(self) -> str:
        """The name to find them by: the lifecycle, the instant, and what was read.

        All that was read: of two decisions in one instant neither takes the other's name.
        """
        records: tuple[OrderRecord | LedgerEntry, ...] = (
            *(self.order, *self.others),
            *(*self.entries, *self.rivals, *self.sent),
        )
        read = (
            self.person.version,
            self.controls.version,
            *(record.version for record in records),
            *(slot.message_id for slot in self.slots),
            *(word.rank for word in self.suppressions.values()),
            self.feed_seen_at,
        )
        claimed = self.claimed.message_id() if self.claimed else ""
        versions = digest(*map(str, read), claimed, length=8)
        return f"{self.lifecycle}:{instant_text(self.now)}:{versions}"


def sees_person(spec: Spec) -> bool:
    """Whether a lifecycle's decisions depend on the person's other orders and messages.

    Those of marketing always do: caps, priorities and open trouble are the person's.
    """
    return spec.purpose is Purpose.MARKETING or spec.sees_other_orders


def situation(inputs: Inputs, spec: Spec, policy: Policy) -> Situation:
    """What the lifecycle and the gate decide on. Pure."""
    order = fold(inputs.order)
    # The index keeps whoever an order once belonged to; the order knows its buyer.
    others = [fold(record) for record in inputs.others]
    mine = [other for other in others if other.customer_key == order.customer_key]
    orders = (order, *mine) if sees_person(spec) else (order,)
    known = {one.order_id for one in orders}
    return Situation(
        order=order,
        customer=fold_customer(
            inputs.person,
            orders=tuple(sorted(orders, key=lambda one: one.order_id)),
            suppressions=inputs.suppressions,
            sent=inputs.sent,
            slots=inputs.slots,
        ),
        history=History(entries=tuple(e for e in inputs.entries if e.key.lifecycle == spec.name)),
        policy=policy,
        now=inputs.now,
        feed_seen_at=inputs.feed_seen_at,
        controls=inputs.controls,
        rivals=tuple(
            entry
            for entry in (*inputs.entries, *inputs.rivals)
            if entry.key.lifecycle != spec.name and entry.key.order_id in known
        )
        if sees_person(spec)
        else (),
    )
