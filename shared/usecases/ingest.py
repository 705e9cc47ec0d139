"""Facts in: fold them into the records, then publish them for whoever listens.

Writing comes before publishing. A crash between the two is healed by the queue: it delivers
the event again, the merge changes nothing, and the facts are published once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.domain.errors import Conflict, RetryableError
from shared.domain.events import (
    ConsentChanged,
    Fact,
    Metadata,
    OrderChanged,
    OrderPlaced,
    ShipmentDispatched,
    ShipmentUpdated,
    SubscriptionChanged,
)
from shared.domain.folding import merge
from shared.domain.orders import OrderRecord
from shared.domain.values import customer_key
from shared.ports import World

_WRITE_ATTEMPTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What became of an event's facts.

    ``published`` are the facts that went out (carrier facts with the order that they belong
    to), ``parked`` counts those whose shipment is not known yet.
    """

    published: tuple[Fact, ...]
    parked: int


def ingest(world: World, facts: Iterable[Fact]) -> Ingested:
    """Merge ``facts`` into their records and publish them. Idempotent.

    A fact about an order that has not been placed yet waits inside its record; a carrier's fact
    with a tracking number that nobody knows is parked under the number. Raises RetryableError
    when a store or the bus could not take it: then the whole event comes again.
    """
    published: list[Fact] = []
    parked = 0
    for fact in facts:
        if isinstance(fact.data, ConsentChanged | SubscriptionChanged):
            _merge_customer(world, fact)
            published.append(fact)
            continue
        located = _locate(world, fact)
        if not located:
            parked += 1
        for own in located:
            _merge_order(world, own)
            published.append(own)
            if own is fact:  # it names its shipment itself: perhaps for the first time
                published.extend(_unpark(world, own))
            for consent in _consents(own):
                _merge_customer(world, consent)
    world.publisher.facts(published)
    return Ingested(published=tuple(published), parked=parked)


def _brand(fact: Fact) -> str:
    if fact.metadata.brand is None:
        raise ValueError("a fact without a brand cannot be stored")
    return fact.metadata.brand


def _locate(world: World, fact: Fact) -> list[Fact]:
    """The fact once for every order and shipment that it is about."""
    data = fact.data
    if not isinstance(data, ShipmentUpdated):
        return [fact]
    world.orders.mark_feed(_brand(fact), world.clock.now())
    if data.order_id and data.shipment_id:
        return [fact]
    number = data.tracking_number or ""
    found = world.orders.by_tracking(_brand(fact), number)
    if data.order_id:
        found = tuple(pair for pair in found if pair[0] == data.order_id)
    if not found:
        # Parked first, looked up again after: a shipment that became known in between either
        # sees the parked fact or is seen here.
        world.orders.park(_brand(fact), number, fact)
        found = world.orders.by_tracking(_brand(fact), number)
    return [_assigned(fact, data, order_id, shipment_id) for order_id, shipment_id in found]


def _assigned(fact: Fact, data: ShipmentUpdated, order_id: str, shipment_id: str) -> Fact:
    return replace(fact, data=replace(data, order_id=order_id, shipment_id=shipment_id))


def _unpark(world: World, fact: Fact) -> list[Fact]:
    """What carriers said about the parcels of a shipment before the shipment was known."""
    data = fact.data
    if isinstance(data, ShipmentDispatched):
        numbers = (data.tracking_number, *data.other_tracking_numbers)
    elif isinstance(data, ShipmentUpdated):
        numbers = (data.tracking_number,)
    else:
        return []
    if data.order_id is None or data.shipment_id is None:
        return []
    found = []
    for number in filter(None, numbers):
        for waiting in world.orders.parked(_brand(fact), number):
            if isinstance(waiting.data, ShipmentUpdated):
                own = _assigned(waiting, waiting.data, data.order_id, data.shipment_id)
                _merge_order(world, own)
                found.append(own)
    return found


def _merge_order(world: World, fact: Fact) -> OrderRecord:
    order_id = fact.order_id
    if order_id is None:
        raise ValueError(f"{fact.metadata.type} names no order")
    for _ in range(_WRITE_ATTEMPTS):
        before = world.orders.load(_brand(fact), order_id)
        after = merge(before, [fact])
        if after is before:
            return before
        if after.first_recorded_at is None and isinstance(fact.data, OrderPlaced | OrderChanged):
            after = replace(after, first_recorded_at=world.clock.now())
        try:
            return world.orders.save(before, after)
        except Conflict:
            continue
    raise RetryableError(f"order {order_id} is being written to by too many at once")


def _merge_customer(world: World, fact: Fact) -> None:
    party = (
        fact.data.customer if isinstance(fact.data, ConsentChanged | SubscriptionChanged) else None
    )
    key = customer_key(_brand(fact), party) if party else None
    if key is None:
        return
    for _ in range(_WRITE_ATTEMPTS):
        before = world.customers.load(_brand(fact), key)
        # The rule for orders: per key the newest statement counts.
        record = OrderRecord(brand=before.brand, order_id=key, facts=before.facts)
        merged = merge(record, [fact])
        if merged is record:
            return
        try:
            world.customers.save(before, replace(before, facts=merged.facts))
        except Conflict:
            continue
        return
    raise RetryableError("a customer's record is being written to by too many at once")


def _consents(fact: Fact) -> list[Fact]:
    """What the buyer said at the checkout, as words of that person."""
    data = fact.data
    if not isinstance(data, OrderPlaced | OrderChanged):
        return []
    return [
        Fact(
            metadata=Metadata(
                id=f"{fact.metadata.id}#{seen.channel}:{seen.purpose}",
                type="ConsentChanged",
                brand=fact.metadata.brand,
                source=fact.metadata.source,
                occurred_at=data.placed_at,
                correlation_id=fact.metadata.correlation_id,
                test=fact.metadata.test,
                historical=fact.metadata.historical,
            ),
            data=ConsentChanged(
                customer=data.buyer,
                channel=seen.channel,
                purpose=seen.purpose,
                granted=seen.granted,
                evidence=f"checkout of order {data.order_id}",
            ),
        )
        for seen in data.consents
    ]
