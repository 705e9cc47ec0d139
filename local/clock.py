"""Virtual time: a discrete-event loop.

Nothing here reads the wall clock. ``VirtualClock`` holds a heap of due actions and jumps from one
to the next, so that 120 days pass in seconds. Every action runs as a task of its own (a greenlet):
inside one, ``sleep`` gives the turn back and goes on when its time has come, so that a state
machine's Wait or Retry lets everything else that is due in between happen in between.

One task runs at a time and ties are broken by (rank, key, order of arrival): the same actions
give the same run.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import TypeVar

import greenlet

Action = Callable[[], None]
T = TypeVar("T")


class Rank(IntEnum):
    """What goes first among actions that are due at the same instant."""

    WORK = 0  # deliveries, polls, executions: what has begun is finished first
    TIMER = 1  # schedules
    OUTSIDE = 2  # what a scenario puts in from outside


@dataclass(order=True)
class Due:
    """One action and when it is due. ``cancel`` keeps it from running."""

    at: datetime
    rank: Rank
    key: str
    number: int
    action: Action | greenlet.greenlet = field(compare=False)  # a greenlet: a sleeper to wake
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        """Keep the action from running; harmless when it already ran."""
        self.cancelled = True


class VirtualClock:
    """The loop and its time.

    Args:
        start: the first instant, aware; kept in UTC.
    """

    def __init__(self, start: datetime) -> None:
        self._now = _utc(start)
        self._heap: list[Due] = []
        self._numbers = itertools.count()
        self._hub: greenlet.greenlet | None = None
        self.executed = 0

    def reset(self, start: datetime) -> None:
        """Forget everything that is due, end every sleeping task, begin anew at ``start``."""
        due, self._heap = self._heap, []
        for entry in due:
            if isinstance(entry.action, greenlet.greenlet):
                entry.action.throw()
        self._heap.clear()
        self._now = _utc(start)
        self._numbers = itertools.count()
        self.executed = 0

    def now(self) -> datetime:
        """The virtual instant, aware, in UTC."""
        return self._now

    def call_at(
        self,
        at: datetime,
        action: Action | greenlet.greenlet,
        *,
        rank: Rank = Rank.WORK,
        key: str = "",
    ) -> Due:
        """Run ``action`` at an instant; one in the past is due at once.

        Args:
            at: when, aware.
            action: what.
            rank: what goes first among equals in time.
            key: what goes first among equals in time and rank.
        """
        due = Due(max(_utc(at), self._now), rank, key, next(self._numbers), action)
        heapq.heappush(self._heap, due)
        return due

    def call_after(self, seconds: float, action: Action) -> Due:
        """Run ``action`` after a number of virtual seconds."""
        return self.call_at(self._now + timedelta(seconds=seconds), action)

    def call_soon(self, action: Action) -> Due:
        """Run ``action`` at this instant, after what is already due."""
        return self.call_at(self._now, action)

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass inside a task; everything due in between runs in between.

        Raises:
            RuntimeError: outside a task, where nobody could go on.
        """
        task = greenlet.getcurrent()
        if self._hub is None or task is self._hub:
            raise RuntimeError("only a task of the clock can sleep")
        if seconds > 0:
            self.call_at(self._now + timedelta(seconds=seconds), task)
            self._hub.switch()

    def next_at(self) -> datetime | None:
        """When the next action is due; None where nothing is."""
        while self._heap and self._heap[0].cancelled:
            heapq.heappop(self._heap)
        return self._heap[0].at if self._heap else None

    def run_until(self, until: datetime) -> None:
        """Run all that is due up to and including an instant, which is the time afterwards.

        An exception that an action lets out ends the loop and is raised here.

        Raises:
            RuntimeError: from inside a task.
        """
        until = _utc(until)
        self._run(lambda at: at <= until)
        self._now = max(self._now, until)

    def settle(self, within: timedelta = timedelta(0)) -> None:
        """Run all that is due now and whatever follows at most ``within`` after the step before.

        ``settle()`` finishes the work of this instant; ``settle(timedelta(minutes=5))`` also
        waits for retries and feedback, but not for tomorrow's schedule.
        """
        self._run(lambda at: at <= self._now + within)

    def do(self, action: Callable[[], T]) -> T:
        """What ``action`` gives, done now as a task, which may sleep: what falls due meanwhile
        happens as well, and nothing after it."""
        if self._hub is not None:
            return action()  # a task's own
        given: list[T] = []
        self.call_soon(lambda: given.append(action()))
        self._run(lambda _at: not given)
        return given[0]

    def _run(self, wanted: Callable[[datetime], bool]) -> None:
        if self._hub is not None:
            raise RuntimeError("the clock is already running: a task cannot run it again")
        self._hub = greenlet.getcurrent()
        try:
            while (at := self.next_at()) is not None and wanted(at):
                due = heapq.heappop(self._heap)
                self._now = due.at
                self.executed += 1
                if isinstance(due.action, greenlet.greenlet):
                    due.action.parent = self._hub
                    due.action.switch()
                else:
                    greenlet.greenlet(due.action).switch()
        finally:
            self._hub = None


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"a naive time cannot be used here: {instant.isoformat()}")
    return instant.astimezone(UTC)
