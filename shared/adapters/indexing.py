"""What the stores have in common: what they keep of a fact, and what leads to an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shared.domain.events import (
    Fact,
    ReturnOpened,
    ReturnReceived,
    ShipmentDispatched,
    ShipmentUpdated,
)
from shared.domain.folding import fold
from shared.domain.orders import OrderRecord
from shared.domain.values import return_reference


def kept_facts(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """A record's facts as the stores keep them."""
    return {name: kept(fact) for name, fact in facts.items()}


def kept(fact: Fact) -> Fact:
    """A fact as the stores keep it: without the vendor's id of its delivery.

    That id has done its work when the fact is merged, and at 36 characters each it would make up
    half of an order's record.
    """
    if fact.metadata.dedupe_id is None:
        return fact
    return replace(fact, metadata=replace(fact.metadata, dedupe_id=None))


def snapshots_of(record: OrderRecord) -> dict[str, Fact]:
    """The facts that show the order as a whole, by key, sorted."""
    return {name: record.facts[name] for name in sorted(Fact.SNAPSHOTS) if name in record.facts}


def buyer_key(record: OrderRecord) -> str | None:
    """The customer key of the buyer; None where nothing identifies them yet."""
    return fold(replace(record, facts=snapshots_of(record))).customer_key


def parcel_numbers(record: OrderRecord) -> frozenset[tuple[str, str]]:
    """(tracking number, shipment id) of every parcel that the facts name; likewise
    (``return_reference``, return id) of every return."""
    found: set[tuple[str, str]] = set()
    for fact in record.facts.values():
        data = fact.data
        if isinstance(data, ShipmentDispatched):
            numbers = (data.tracking_number, *data.other_tracking_numbers)
            found.update((number, data.shipment_id) for number in numbers if number)
        elif isinstance(data, ShipmentUpdated) and data.shipment_id and data.tracking_number:
            found.add((data.tracking_number, data.shipment_id))
        elif isinstance(data, ReturnOpened | ReturnReceived):
            found.add((return_reference(data.return_id), data.return_id))
    return frozenset(found)
