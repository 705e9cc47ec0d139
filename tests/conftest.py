"""Fixtures for all tests: the local stack, made once for each worker and emptied for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes depends on what else the machine does: no reason to fail.
settings.register_profile(
    "yoin", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
# Examples are other ones in every run. `make thorough` looks for longer in one.
settings.register_profile("thorough", settings.get_profile("yoin"), max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "yoin"))

if TYPE_CHECKING:
    from local.runtime import LocalStack
    from local.scenario import Journey


_STACKS = {"_started_stack", "small_stack"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever runs on a local stack is slow."""
    for item in items:
        if _STACKS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def folded_once() -> Iterator[None]:
    """For thousands of lives in memory: four lifecycles look several times at one and the same
    record, and a third of the time goes into folding it anew. That a fold depends on nothing but
    the record is tested in tests/domain/test_fold.py.
    """
    from shared.domain.folding import fold
    from shared.domain.orders import Order, OrderRecord

    known: dict[int, tuple[OrderRecord, Order]] = {}

    def once(record: OrderRecord) -> Order:
        if id(record) not in known:
            if len(known) > 1000:
                known.clear()
            known[id(record)] = record, fold(record)  # held, so that its id stays its own
        return known[id(record)][1]

    with pytest.MonkeyPatch.context() as patch:
        for name in ("shared.usecases.situations", "shared.domain.inputs"):
            patch.setattr(f"{name}.fold", once)
        yield


@pytest.fixture(scope="session")
def _started_stack() -> Iterator[LocalStack]:
    # Imported here: a test that needs no stack does not pay for moto.
    from local.runtime import LocalStack

    stack = LocalStack.start()
    stack.pause()
    yield stack
    stack.resume()
    stack.stop()


@pytest.fixture
def local_stack(_started_stack: LocalStack) -> Iterator[LocalStack]:
    """Yoin on this machine: the synthesized templates of the stage ``local``, empty.

    Time begins at ``local.runtime.BEGINNING``; ``local_stack.reset(at=...)`` begins elsewhere.
    Between tests the stack is paused, so that others may use moto for themselves.
    """
    _started_stack.resume()
    _started_stack.reset()
    try:
        yield _started_stack
    finally:
        _started_stack.forget_listeners()
        _started_stack.pause()


@pytest.fixture
def journey(local_stack: LocalStack) -> Journey:
    """Plays scenarios on the local stack: ``journey.play(lines)``, then ``journey.messages``."""
    from local.scenario import Journey

    return Journey(local_stack)
