"""Gathers what a decision depends on, from the stores, as one Situation."""

from __future__ import annotations

from shared.domain.customers import Customer, CustomerRecord, Suppression, fold_customer
from shared.domain.decisions import History, Situation
from shared.domain.events import Channel, Purpose
from shared.domain.folding import fold
from shared.domain.gate import addresses
from shared.domain.lifecycle import Spec
from shared.domain.orders import Order
from shared.domain.values import address_key
from shared.ports import World


def load_situation(world: World, spec: Spec, brand: str, order_id: str) -> Situation:
    """Read everything that ``spec`` decides on. Raises BrandError for an unknown brand.

    Only marketing needs consent and what the person was sent; other orders and the feed are
    read for the lifecycles that declare so.
    """
    policy = world.brands.policy(brand)
    order = fold(world.orders.load(brand, order_id))
    entries = world.ledger.of_order(brand, order_id)
    return Situation(
        order=order,
        customer=_customer(world, spec, order),
        history=History(entries=tuple(e for e in entries if e.key.lifecycle == spec.name)),
        policy=policy,
        now=world.clock.now(),
        feed_seen_at=world.orders.feed_seen_at(brand) if spec.watches_feed else None,
    )


def _customer(world: World, spec: Spec, order: Order) -> Customer:
    suppressions: dict[Channel, Suppression] = {}
    for channel, address in addresses(order).items():
        found = world.customers.suppression(order.brand, address_key(order.brand, channel, address))
        if found is not None:
            suppressions[channel] = found
    key = order.customer_key
    if key is None or spec.purpose is not Purpose.MARKETING:
        record = CustomerRecord(brand=order.brand, key=key or "")
        return fold_customer(record, orders=(order,), suppressions=suppressions)
    orders = {order.order_id: order}
    if spec.sees_other_orders:
        for other in world.orders.orders_of(order.brand, key):
            if other in orders:
                continue
            its = fold(world.orders.load(order.brand, other))
            # The index keeps whoever an order once belonged to; the order knows its buyer.
            if its.customer_key == key:
                orders[other] = its
    return fold_customer(
        world.customers.load(order.brand, key),
        orders=tuple(orders[order_id] for order_id in sorted(orders)),
        suppressions=suppressions,
        sent=world.ledger.sent_to(order.brand, key),
    )
