"""State machines on the local stack: driven by facts or by a scripted decision, and looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from local.runtime import LocalStack
from local.states import Execution
from shared import lifecycles
from shared.adapters.aws import clients
from shared.adapters.aws.dynamodb import DynamoCustomers, DynamoLedger, DynamoOrders
from shared.adapters.aws.table import Table
from shared.contracts import fact_to_json
from shared.domain.decisions import Candidate, Situation, send
from shared.domain.events import Fact
from shared.domain.ledger import LedgerEntry
from shared.usecases.decide import timer_name
from shared.usecases.ingest import ingest
from tests.builders import BRAND, ORDER, T0
from tests.player import sample
from tests.worlds import Memory

Json = dict[str, Any]
Decide = Callable[[Situation], tuple[Candidate, ...]]

STATES = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:yoin-local-"
FAILURES = "yoin-local-failures"


def states_of(name: str) -> dict[str, Json]:
    """The states of a lifecycle's definition."""
    definition = json.loads((lifecycles.folder(name) / "workflow.asl.json").read_text("utf-8"))
    return cast("dict[str, Json]", definition["States"])


def tasks_of(name: str) -> set[str]:
    """The states that call something."""
    return {state for state, body in states_of(name).items() if body["Type"] == "Task"}


def decide_state(name: str) -> str:
    """The state that asks the lifecycle."""
    (found,) = (
        state
        for state, body in states_of(name).items()
        if body.get("Arguments", {}).get("FunctionName") == "${DecideFunctionArn}"
    )
    return found


def as_event(fact: Fact) -> Json:
    """A fact as a merchant puts it on the bus."""
    return {
        "source": "shop",
        "detail-type": fact.metadata.type,
        "detail": fact_to_json(fact),
    }


@dataclass
class Machine:
    """One lifecycle's state machine on a running stack."""

    name: str
    stack: LocalStack
    patch: pytest.MonkeyPatch

    # --- drive it ------------------------------------------------------------------------

    def live(self, facts: Iterable[Fact], *, until: datetime) -> None:
        """Facts arrive by the bus when they happen; all lifecycles run."""
        ordered = sorted(facts, key=lambda fact: fact.metadata.occurred_at)
        self.stack.reset(at=ordered[0].metadata.occurred_at)
        for fact in ordered:
            self.stack.put_event(as_event(fact), at=fact.metadata.occurred_at)
        self.stack.run_until(until)

    def know(self, *facts: Fact) -> None:
        """These facts are in the table, settled, and nothing has been started for them."""
        self.stack.reset(at=T0)
        world = replace(
            Memory().world,
            clock=self.stack.clock,
            orders=DynamoOrders(self._table()),
            customers=DynamoCustomers(self._table()),
        )
        ingest(world, facts)
        self.stack.advance(timedelta(minutes=2))

    def again(self) -> None:
        """As after ``know``, without its schedule and what ran."""
        for group in self.stack.schedules.backend.schedule_groups.values():
            group.schedules.clear()
        self.stack.machines.executions.clear()

    def script(self, decide: Decide) -> None:
        """The lifecycle decides so from now on; gate, ledger and state machine are real."""
        self.patch.setattr(lifecycles.load(self.name), "decide", decide)

    def script_sending(self, message: str) -> None:
        """From now on the lifecycle wants to send a message, as in its sample, until it is out."""

        def decide(situation: Situation) -> tuple[Candidate, ...]:
            closed = situation.history.closed(message)
            return () if closed else (send(message, message, "test"),)

        self.script(decide)
        content = sample(self.name, message)
        self.patch.setattr(lifecycles.load(self.name), "content", lambda *_: content)

    def start(self, cause: str = "test") -> None:
        """Start an execution, as a rule or a schedule does; it runs as time passes."""
        self.stack.machines.start(
            STATES + self.name,
            json.dumps({"brand": BRAND, "order_id": ORDER, "cause": cause}),
        )

    def run(self, cause: str = "test", *, for_: timedelta = timedelta(minutes=4)) -> Execution:
        """Start an execution and let it end; the schedules that it arms are for later."""
        self.start(cause)
        self.stack.advance(for_)
        return self.executions[-1]

    # --- look at it ----------------------------------------------------------------------

    @property
    def executions(self) -> list[Execution]:
        """Its finished executions, in the order of ending."""
        own = f"yoin-local-{self.name}"
        return [one for one in self.stack.machines.executions if one.machine == own]

    @property
    def visited(self) -> set[str]:
        """The states that its executions entered."""
        return {state for one in self.executions for state in one.states}

    @property
    def failures(self) -> list[Json]:
        """What its executions left in the failures queue."""
        told = [json.loads(letter.body) for letter in self.stack.letters(FAILURES)]
        return [letter for letter in told if letter["lifecycle"] == self.name]

    @property
    def armed(self) -> datetime | None:
        """When its schedule for the order fires; None where there is none."""
        own = timer_name(BRAND, ORDER, self.name)
        due = [at for at, name in self.stack.schedules.pending() if name == own]
        return due[0] if due else None

    @property
    def schedule_exists(self) -> bool:
        """Whether its schedule for the order is there, fired or not."""
        groups = self.stack.schedules.backend.schedule_groups.values()
        own = timer_name(BRAND, ORDER, self.name)
        return any(own in group.schedules for group in groups)

    @property
    def entries(self) -> list[LedgerEntry]:
        """What the ledger says of the order."""
        found = DynamoLedger(self._table()).of_order(BRAND, ORDER)
        return [entry for entry in found if entry.key.lifecycle == self.name]

    def _table(self) -> Table:
        (name,) = self.stack.names["AWS::DynamoDB::Table"]
        return Table(clients.dynamodb, name, self.stack.clock, retention_days=400)
