"""Every decision can be made again from what was kept of it, and gives the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from shared import lifecycles
from shared.adapters.memory.providers import Mishap
from shared.brands import brand_ids, load_brand, read_snapshot
from shared.brands.directory import BrandDirectory
from shared.brands.models import Brand
from shared.contracts.inputs import pack_inputs, unpack_inputs
from shared.domain.decisions import Verdict
from shared.domain.errors import BrandError, PermanentError
from shared.domain.events import Channel, Fact
from shared.domain.inputs import Inputs
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.reasons import REASONS, Reason
from shared.domain.remedies import REMEDIES, SENT, remedy
from shared.usecases.explain import Explanation, Rerun, explain
from tests.builders import ORDER, T0, at, consent, delivered, entry, placed
from tests.journeys.test_invariants import POLICY, Life, arrivals, mishaps, orders
from tests.worlds import Memory, OneBrand


def explained(memory: Memory, of: LedgerEntry) -> Explanation:
    world = memory.world
    return explain(world.inputs, world.brands, lifecycles.load(of.key.lifecycle), of)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(first=orders("1001"), second=orders("1002"), happening=arrivals, bad_days=mishaps)
def test_every_stored_decision_can_be_made_again(
    first: list[Fact],
    second: list[Fact],
    happening: list[tuple[Fact, timedelta]],
    bad_days: list[Mishap | None],
) -> None:
    life = Life()
    life.memory.mailbox.fail_next(*bad_days)
    arriving = [(fact.metadata.occurred_at, fact) for fact in (*first, *second)]
    arriving += [(fact.metadata.occurred_at + lag, fact) for fact, lag in happening]
    life.live(arriving)
    for one in life.memory.ledger.entries():
        told = explained(life.memory, one)
        assert told.rerun is Rerun.SAME, (told.entry, told.again, told.problem)
        assert told.inputs is not None
        # What is stored is all of it.
        assert unpack_inputs(pack_inputs(told.inputs)) == told.inputs
