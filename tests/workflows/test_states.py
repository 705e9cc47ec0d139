"""Every state machine is driven through each of its states, on the template that is deployed.

The business states are reached by lives, facts as they happen (``lives/<lifecycle>.py``), through
all the real functions. What only happens when something goes wrong is reached by faults.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from local.runtime import LocalStack
from shared import lifecycles
from shared.domain.decisions import Candidate, Situation, wait
from shared.domain.reasons import Reason
from tests.builders import T0, placed
from tests.workflows.machines import STATES, Machine, decide_state, states_of

Of = Callable[[str], Machine]

each_lifecycle = pytest.mark.parametrize("name", lifecycles.names())


def lives_of(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"tests.workflows.lives.{name}")
    except ModuleNotFoundError:
        pytest.fail(
            f"the lifecycle {name} has no lives: write tests/workflows/lives/{name}.py with "
            "LIVES (the facts of orders) and UNTIL, so that every one of its messages is sent"
        )


def flapping() -> Callable[[Situation], tuple[Candidate, ...]]:
    """A decision that is another at every look: an hour earlier each time."""
    looks = itertools.count()

    def decide(situation: Situation) -> tuple[Candidate, ...]:
        until = T0 + timedelta(days=30) - timedelta(hours=next(looks))
        return (wait("x", "x", Reason.NOT_YET_DUE, "flaps", until=until),)

    return decide


def test_there_is_a_state_machine_for_every_lifecycle_and_no_other(
    local_stack: LocalStack,
) -> None:
    machines = local_stack.names["AWS::StepFunctions::StateMachine"]
    assert sorted(machines) == [STATES + name for name in lifecycles.names()]


@each_lifecycle
def test_every_state_is_reached(machine: Of, name: str) -> None:
    one = machine(name)
    lives = lives_of(name)
    facts = [fact for life in lives.LIVES for fact in life]
    begins: datetime = min(fact.metadata.occurred_at for fact in facts)
    one.live(facts, until=begins + lives.UNTIL)
    assert {run.status for run in one.executions} == {"SUCCEEDED"}
    assert one.failures == []
    visited = one.visited

    one.know(placed())
    one.script(flapping())
    one.run()
    (failed,) = one.executions
    assert failed.error == "TooManyTurns"
    assert failed.states.count(decide_state(name)) == 13
    visited |= one.visited

    missing = set(states_of(name)) - visited
    assert not missing, (
        f"{name} never reaches {', '.join(sorted(missing))}: a life in "
        f"tests/workflows/lives/{name}.py has to lead there, or the state is of no use"
    )
    assert visited == set(states_of(name))


def test_no_personal_data_in_inputs_names_and_logs(machine: Of) -> None:
    one = machine("delay_alert")
    (life,) = lives_of("delay_alert").LIVES
    one.live(life, until=T0 + timedelta(days=2, hours=6))
    personal = set(words_of(life[0].data))
    assert {"hanako@example.jp", "山田 花子", "100-0001"} <= personal
    stack = one.stack
    for run in stack.machines.executions:
        assert set(run.input) == {"brand", "order_id", "cause"}
    schedules = [
        (schedule.name, schedule.description, schedule.target)
        for group in stack.schedules.backend.schedule_groups.values()
        for schedule in group.schedules.values()
    ]
    written = {
        "executions": repr([(run.name, run.input) for run in stack.machines.executions]),
        "schedules": repr(schedules),
        "logs": stack.functions.logs.getvalue(),
    }
    assert {run.machine for run in stack.machines.executions} == {
        f"yoin-local-{name}" for name in lifecycles.names()
    }
    assert schedules
    assert "decided" in written["logs"]
    for where, text in written.items():
        for told in personal:
            assert told not in text, f"{told} stands in the {where}"


def words_of(order: Any) -> Iterator[str]:
    """What an order says about a person."""
    for party in (order.buyer, order.ship_to):
        for name in ("name", "email", "phone", "postal_code"):
            told = getattr(party, name, None)
            if told:
                yield told
