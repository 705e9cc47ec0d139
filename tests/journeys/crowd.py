"""Many runs at once, one after the other: threads of which one goes on at a time.

At every call of a port the next to go on is drawn, so a refusal arrives between any two steps of a
send, and two lifecycles of one person ask for the last of their room in every order. What is drawn
follows from a seed: a life that fails fails again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any

from local.simulation import MAX_TURNS, Simulation
from shared import lifecycles
from shared.domain.errors import RetryableError
from shared.domain.events import Fact
from shared.ports import World
from shared.usecases.decide import decide, entry_key
from shared.usecases.ingest import ingest
from shared.usecases.send import send

# As Step Functions retries a task.
RETRIES = 4
# So many at once are enough to meet in every way, and few enough to be quick.
AT_ONCE = 5
_POOL = ThreadPoolExecutor(AT_ONCE)


class Crash(Exception):
    """The function dies: nothing that it holds is left."""


class Stuck(Exception):
    """A run that a person would hear of: it would have failed for good."""


@dataclass
class Lane:
    """One run. ``seen``: what stood in the stores when it last began to read; ``took``: the message
    that a provider took from it."""

    task: Callable[[], None]
    step: str = ""
    fact: Fact | None = None
    seen: Any = None
    about_to_see: Any = None
    took: str = ""
    done: bool = False
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


class Turns:
    """Who goes on."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.lane = Lane(task=lambda: None)
        self._back = threading.Semaphore(0)
        self._together = False

    def run(self, lanes: list[Lane]) -> None:
        """Run them all to their ends. Raises the first of their errors."""
        self._together = len(lanes) > 1
        if not self._together:
            for lane in lanes:
                self.lane = lane
                lane.task()
            return
        runs = [_POOL.submit(self._live, lane) for lane in lanes]
        waiting = list(lanes)
        while waiting:
            self.lane = self.random.choice(waiting)
            self.lane.go.release()
            self._back.acquire()
            if self.lane.done:
                waiting.remove(self.lane)
        for run in runs:
            run.result()

    def pass_on(self) -> None:
        """A call of a port: perhaps somebody else goes first."""
        lane = self.lane
        if self._together and self.random.random() < 0.5:
            self._back.release()
            lane.go.acquire()

    def _live(self, lane: Lane) -> None:
        lane.go.acquire()
        try:
            lane.task()
        finally:
            lane.done = True
            self._back.release()


class Watched:
    """A port at whose calls others may go first, and at which a run may die."""

    def __init__(self, port: object, name: str, crowd: Crowd) -> None:
        self._port, self._name, self._crowd = port, name, crowd

    def __getattr__(self, method: str) -> Any:
        work, name = getattr(self._port, method), f"{self._name}.{method}"

        def call(*args: Any, **kwargs: Any) -> Any:
            self._crowd.before(name)
            done = work(*args, **kwargs)
            self._crowd.after(name, args)
            return done

        setattr(self, method, call)
        return call


class Crowd(Simulation):
    """A simulation in which everything that starts at one instant runs at once.

    ``snapshot`` says what stands in the stores, ``heard`` is told of every fact as soon as anybody
    can read it. ``deaths``: how likely a run dies at a call of a port, while it sends.
    """

    def __init__(
        self,
        base: World,
        start: datetime,
        random: Random,
        *,
        snapshot: Callable[[], Any],
        heard: Callable[[Fact], None],
        deaths: float = 0.002,
    ) -> None:
        super().__init__(base, start)
        self.turns = Turns(random)
        self.random, self.deaths = random, deaths
        self._snapshot, self._heard = snapshot, heard
        # Messages that were taken from runs that died before they could say more.
        self.orphans: set[str] = set()
        # More than a race can explain: then it is reported, not repeated.
        self.failed: list[str] = []
        watch: Any = Watched
        names = ("orders", "customers", "ledger", "controls", "counters", "inputs")
        watched = {name: watch(getattr(self.world, name), name, self) for name in names}
        senders = {
            channel: watch(sender, "provider", self)
            for channel, sender in self.world.senders.items()
        }
        self.world = replace(self.world, senders=senders, **watched)

    # --- at the ports ------------------------------------------------------------------------

    def before(self, name: str) -> None:
        """A port is about to be called."""
        self.turns.pass_on()
        lane = self.turns.lane
        if name == "orders.load":
            lane.about_to_see = self._snapshot()
        if name == "controls.load" and lane.about_to_see is not None:
            # The last of what `read_inputs` reads: what was there before its first counts.
            lane.seen, lane.about_to_see = lane.about_to_see, None
        self._perhaps_die(name)

    def after(self, name: str, args: tuple[Any, ...]) -> None:
        """A port has answered."""
        lane = self.turns.lane
        if name in {"orders.save", "customers.save"} and lane.fact is not None:
            self._heard(lane.fact)
        self._perhaps_die(name)

    def _perhaps_die(self, name: str) -> None:
        if self.turns.lane.step == "send" and self.random.random() < self.deaths:
            raise Crash(name)

    # --- what happens ------------------------------------------------------------------------

    def together(self, tasks: Iterable[Lane]) -> None:
        """All of these at once, then what they start, until nothing more is started."""
        lanes = list(tasks)
        while lanes:
            self.turns.run(lanes[:AT_ONCE])
            lanes = lanes[AT_ONCE:] + self._started()

    def arrival(self, fact: Fact) -> Lane:
        """A fact arrives; the queue brings it again where it could not be taken."""

        def take() -> None:
            self._retried("ingest", lambda: ingest(self.world, [fact]))
            self._heard(fact)

        return Lane(task=take, fact=fact)

    def timers(self, until: datetime) -> list[Lane]:
        """Those whose time has come."""
        due = sorted((at, timer) for timer, (at, *_) in self._armed.items() if at <= until)
        return [self.run_of(*self._armed.pop(timer)[1:]) for _, timer in due]

    def run_of(self, name: str, brand: str, order_id: str) -> Lane:
        """An execution of a lifecycle's state machine."""
        return Lane(task=lambda: self._run(name, brand, order_id))

    def _started(self) -> list[Lane]:
        names = [(asked.lifecycle, asked.brand, asked.order_id) for asked in self._asked]
        self._asked.clear()
        while self._published:
            fact = self._published.popleft()
            if fact.metadata.brand is not None and fact.order_id is not None:
                names.extend(
                    (spec.name, fact.metadata.brand, fact.order_id)
                    for spec in lifecycles.specs()
                    if fact.metadata.type in spec.triggers
                )
        # EventBridge delivers at least once.
        names.extend(one for one in list(names) if self.random.random() < 0.05)
        return [self.run_of(*one) for one in names]

    def _run(self, name: str, brand: str, order_id: str) -> None:
        lifecycle, lane = lifecycles.load(name), self.turns.lane
        armed = "unknown"
        for _ in range(MAX_TURNS):
            lane.step = "decide"
            step = self._retried(name, lambda: decide(self.world, lifecycle, brand, order_id))
            lane.step = ""
            self.turns.pass_on()
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
            armed = step.wake_at
            if step.action == "SEND":
                key = entry_key(brand, order_id, name, step.occurrence, step.channel)
                lane.step = "send"
                try:
                    self._retried(name, partial(send, self.world, lifecycle, key))
                except Crash:
                    self.orphans.add(lane.took)
                    return  # the timer is armed: it wakes
        self.failed.append(f"{name} of {order_id}: too many turns")

    def _retried(self, name: str, work: Callable[[], Any]) -> Any:
        for attempt in range(RETRIES + 1):
            try:
                return work()
            except RetryableError as error:
                if attempt == RETRIES:
                    raise Stuck(f"{name}: {error}") from error
        raise AssertionError("it was tried at least once")
