"""Gathers what a decision depends on, from the stores."""

from __future__ import annotations

from dataclasses import replace

from shared.domain.customers import CustomerRecord, Suppression
from shared.domain.events import Channel, ConsentChanged
from shared.domain.folding import fold
from shared.domain.gate import addresses
from shared.domain.inputs import Inputs, sees_person
from shared.domain.ledger import LedgerEntry
from shared.domain.lifecycle import Spec
from shared.domain.orders import Order, OrderRecord
from shared.domain.values import Party, address_key, customer_key
from shared.ports import World

MOST_ORDERS = 100


def read_inputs(world: World, spec: Spec, brand: str, order_id: str) -> Inputs:
    """Read everything that ``spec`` decides on. Raises BrandError for an unknown brand.

    Other orders are read for marketing and for the lifecycles that ask for them, the feed for
    those that watch it.
    """
    policy = world.brands.policy(brand)
    record = world.orders.load(brand, order_id)
    entries = world.ledger.of_order(brand, order_id)
    order = fold(record)
    key = order.customer_key
    person = world.customers.load(brand, key) if key else CustomerRecord(brand=brand, key="")
    if sees_person(spec) and Channel.SMS in spec.channels:
        person = with_number(world, person, order.buyer)
    others: list[OrderRecord] = []
    rivals: list[LedgerEntry] = []
    sees = key is not None and sees_person(spec)
    if key is not None and sees:
        # An address that a till gives out for everybody has thousands of orders, and no person.
        for other in world.orders.orders_of(brand, key)[-MOST_ORDERS:]:
            if other != order_id:
                others.append(world.orders.load(brand, other))
                rivals.extend(world.ledger.of_order(brand, other))
    return Inputs(
        lifecycle=spec.name,
        order=record,
        person=person,
        others=tuple(others),
        entries=entries,
        rivals=tuple(rivals),
        sent=world.ledger.sent_to(brand, key) if key is not None and sees else (),
        slots=world.customers.slots(brand, key).taken if key is not None and sees else (),
        suppressions=_suppressions(world, order),
        controls=world.controls.load(brand),
        policy_version=policy.version,
        now=world.clock.now(),
        feed_seen_at=world.orders.feed_seen_at(brand) if spec.watches_feed else None,
    )


def with_number(world: World, person: CustomerRecord, party: Party) -> CustomerRecord:
    """The person, with what was refused of their number by whoever gave no more than that.

    A person with an email address is known by it. Who calls, or stands on a list, by the number
    alone is known by that, and their refusal of text messages is about the very same telephone.
    """
    if not party.email or not party.phone:
        return person
    key = customer_key(person.brand, Party(phone=party.phone)) or ""
    facts = dict(person.facts)
    for fact in world.customers.load(person.brand, key).facts.values():
        data = fact.data
        if isinstance(data, ConsentChanged) and data.channel is Channel.SMS and not data.granted:
            facts[fact.key] = max(fact, facts.get(fact.key, fact), key=lambda one: one.stamp)
    return replace(person, facts=facts)


def keep_inputs(world: World, inputs: Inputs) -> str:
    """Keep what a decision is made from, and the policy that its version names.

    Returns the name to find the inputs by. Raises RetryableError.
    """
    brand = inputs.order.brand
    world.inputs.keep_policy(brand, inputs.policy_version, world.brands.policy_text(brand))
    return world.inputs.keep(inputs)


def suppression_of(world: World, brand: str, channel: Channel, address: str) -> Suppression | None:
    """Why an address must not be used at this moment, or None: a word against it, or the rest that
    it has after what bounced there for now. Raises BrandError for an unknown brand."""
    key = address_key(brand, channel, address)
    word = world.customers.suppression(brand, key)
    if word is not None:
        return word
    policy = world.brands.policy(brand).soft_bounces
    return world.customers.soft_bounces(brand, key).rest(channel, policy, world.clock.now())


def _suppressions(world: World, order: Order) -> dict[Channel, Suppression]:
    found = {
        channel: suppression_of(world, order.brand, channel, address)
        for channel, address in addresses(order).items()
    }
    return {channel: word for channel, word in found.items() if word is not None}
