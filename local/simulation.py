"""Lives of many orders in little time: the same use cases on the ports in memory.

What the state machines do is played in a few lines of Python (`_run`); a differential test holds
the ledger of a simulation to the ledger of the real state machines on the local runtime.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from shared import lifecycles
from shared.adapters.memory.providers import Reconsidered
from shared.domain.events import Fact
from shared.ports import OutcomeEvent, World
from shared.usecases.decide import decide, entry_key
from shared.usecases.ingest import ingest
from shared.usecases.send import send

# As in the state machines: more turns than this, and the decision does not settle.
MAX_TURNS = 12


class TooManyTurns(Exception):
    """A lifecycle's decision changes at every look."""


@dataclass
class SimulatedClock:
    """A clock that is moved by hand."""

    instant: datetime

    def now(self) -> datetime:
        """The simulated instant, in UTC."""
        return self.instant


@dataclass
class Simulation:
    """Yoin in memory under a virtual clock. It is its own publisher: facts start lifecycles.

    ``base`` gives the stores, brands, renderer and senders; clock and publisher are replaced.
    """

    base: World
    start: datetime
    outcomes: list[OutcomeEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = SimulatedClock(self.start)
        self.world = replace(self.base, clock=self.clock, publisher=self)
        self._published: deque[Fact] = deque()
        self._asked: deque[Reconsidered] = deque()
        self._due: list[tuple[datetime, int, str]] = []
        self._armed: dict[str, tuple[datetime, str, str, str]] = {}
        self._ticket = itertools.count()

    def facts(self, facts: Iterable[Fact]) -> None:
        """The port's method: keep what is published until the writer is done."""
        self._published.extend(facts)

    def outcome(self, outcome: OutcomeEvent) -> None:
        """The port's method: remember what became of a message."""
        self.outcomes.append(outcome)

    def reconsider(self, brand: str, order_id: str, lifecycle: str, cause: str) -> None:
        """The port's method: keep who is to look again until the writer is done."""
        self._asked.append(Reconsidered(brand, order_id, lifecycle, cause))

    def put(self, *facts: Fact) -> None:
        """Facts arrive now; every lifecycle that they start runs until it waits or ends."""
        ingest(self.world, facts)
        self._work()

    def advance(self, to: datetime) -> None:
        """Move the clock, firing every timer at its time on the way."""
        while self._due and self._due[0][0] <= to:
            at, _, timer = heapq.heappop(self._due)
            armed = self._armed.get(timer)
            if armed is None or armed[0] != at:
                continue  # moved or taken away meanwhile
            self.clock.instant = max(self.clock.instant, at)
            self._run(*armed[1:])
            self._work()
        self.clock.instant = max(self.clock.instant, to)

    @property
    def next_wake_up(self) -> datetime | None:
        """When the next timer is due; None when nothing waits for a time."""
        times = [at for at, *_ in self._armed.values() if at > self.clock.instant]
        return min(times, default=None)

    def armed(self, timer: str) -> datetime | None:
        """When a lifecycle's schedule is due; None when it has none."""
        entry = self._armed.get(timer)
        return entry[0] if entry else None

    def _work(self) -> None:
        while self._published or self._asked:
            if self._asked:
                asked = self._asked.popleft()
                self._run(asked.lifecycle, asked.brand, asked.order_id)
                continue
            fact = self._published.popleft()
            brand, order_id = fact.metadata.brand, fact.order_id
            if brand is None or order_id is None:
                continue
            for spec in lifecycles.specs():
                if fact.metadata.type in spec.triggers:
                    self._run(spec.name, brand, order_id)

    def _run(self, name: str, brand: str, order_id: str) -> None:
        """What the state machine does: decide, arm, act, decide again until it agrees."""
        lifecycle = lifecycles.load(name)
        armed = "unknown"
        for _ in range(MAX_TURNS):
            step = decide(self.world, lifecycle, brand, order_id)
            if step.action == "FINISH":
                if armed == "none":
                    return
                self._armed.pop(step.timer, None)
                armed = "none"
                continue
            if step.action == "WAIT" and armed <= step.wake_at:
                return
            at = datetime.fromisoformat(step.wake_at).replace(tzinfo=UTC)
            self._armed[step.timer] = (at, name, brand, order_id)
            heapq.heappush(self._due, (at, next(self._ticket), step.timer))
            armed = step.wake_at
            if step.action == "SEND":
                key = entry_key(brand, order_id, name, step.occurrence, step.channel)
                send(self.world, lifecycle, key)
        raise TooManyTurns(f"{name} of {brand} {order_id}")
