"""What leads to an order: whose it is, and the numbers under which carriers know its parcels."""

from __future__ import annotations

from dataclasses import replace

from shared.domain.events import Fact, ShipmentDispatched, ShipmentUpdated
from shared.domain.orders import OrderRecord, fold


def snapshots_of(record: OrderRecord) -> dict[str, Fact]:
    """The facts that show the order as a whole, by key, sorted."""
    return {name: record.facts[name] for name in sorted(Fact.SNAPSHOTS) if name in record.facts}


def buyer_key(record: OrderRecord) -> str | None:
    """The customer key of the buyer; None where nothing identifies them yet."""
    return fold(replace(record, facts=snapshots_of(record))).customer_key


def parcel_numbers(record: OrderRecord) -> frozenset[tuple[str, str]]:
    """(tracking number, shipment id) of every parcel that the facts name."""
    found: set[tuple[str, str]] = set()
    for fact in record.facts.values():
        data = fact.data
        if isinstance(data, ShipmentDispatched):
            numbers = (data.tracking_number, *data.other_tracking_numbers)
            found.update((number, data.shipment_id) for number in numbers if number)
        elif isinstance(data, ShipmentUpdated) and data.shipment_id and data.tracking_number:
            found.add((data.tracking_number, data.shipment_id))
    return frozenset(found)
