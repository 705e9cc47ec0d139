"""A scenario on the ports in memory: the same events, the same use cases, no AWS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from local.simulation import Simulation
from shared.brands import brand_ids
from shared.brands.directory import BrandDirectory
from shared.domain.errors import Rejected
from shared.domain.ledger import LedgerEntry
from shared.sources import normalize_event
from tests.worlds import Memory


def simulate(
    events: Iterable[tuple[datetime, Mapping[str, Any]]], until: datetime
) -> tuple[LedgerEntry, ...]:
    """Play events as they arrive; the ledger at the end."""
    arriving = list(events)
    memory = Memory(start=arriving[0][0])
    brands = BrandDirectory(brand_ids())
    world = replace(memory.world, brands=brands)
    simulation = Simulation(world, arriving[0][0])
    for at, event in arriving:
        simulation.advance(at)
        stamped = {"time": at.isoformat(), **event}
        try:
            facts = normalize_event(stamped, brand_of=brands.of_shop, known_brands=brands.ids())
        except Rejected:
            continue
        simulation.put(*facts)
    simulation.advance(until)
    return memory.ledger.entries()
