"""Two executions for one order at the same time: the schedule that is left is right.

Each lifecycle of an order has one schedule, and a burst of events starts several executions. One
of them is held up at every call that it makes, one after the other, while a second one with newer
facts runs from beginning to end. See docs/decisions/0003-arm-first-then-act-then-verify.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from local.faults import When
from shared import lifecycles
from shared.domain.decisions import Candidate, Situation, wait
from shared.domain.ledger import EntryStatus
from shared.domain.reasons import Reason
from tests.builders import T0, consent, placed
from tests.workflows.machines import Machine

Of = Callable[[str], Machine]

each_lifecycle = pytest.mark.parametrize("name", lifecycles.names())

SOON, MIDDLE, LATE = (T0 + timedelta(days=days) for days in (3, 6, 9))


@dataclass
class Truth:
    """What there is to wait for; None: nothing."""

    until: datetime | None

    def decide(self, _: Situation) -> tuple[Candidate, ...]:
        """The lifecycle's decision."""
        if self.until is None:
            return ()
        return (wait("w", "w", Reason.NOT_YET_DUE, "test", until=self.until),)

    def becomes(self, until: datetime | None, one: Machine, *, after: float) -> None:
        """New facts, so many seconds from now; a second later the execution that they start."""
        one.stack.clock.call_after(after, lambda: setattr(self, "until", until))
        one.stack.clock.call_after(after + 1, lambda: one.start("quick"))


#: Where the slow one is held up: a call, the side of it, and how many such calls pass first.
HOLDS: dict[str, tuple[tuple[str, When, int], ...]] = {
    "waits": (
        ("functions.decide", "after", 0),
        ("scheduler.CreateSchedule", "before", 0),
        ("scheduler.CreateSchedule", "after", 0),
        ("functions.decide", "before", 1),
        ("functions.decide", "after", 1),
    ),
    "finishes": (
        ("functions.decide", "after", 0),
        ("scheduler.DeleteSchedule", "before", 0),
        ("scheduler.DeleteSchedule", "after", 0),
        ("functions.decide", "before", 1),
        ("functions.decide", "after", 1),
    ),
}


@pytest.mark.parametrize("new", [SOON, LATE, None], ids=["sooner", "later", "finished"])
@pytest.mark.parametrize("old", HOLDS)
@each_lifecycle
def test_the_schedule_left_by_two_executions_is_right(
    machine: Of, name: str, old: str, new: datetime | None
) -> None:
    one = machine(name)
    one.know(placed())
    for hold in HOLDS[old]:
        call, when, skip = hold
        one.again()
        truth = Truth(MIDDLE if old == "waits" else None)
        one.script(truth.decide)
        fault = one.stack.fail_next(call, when, kind="pause", seconds=5, skip=skip)
        one.start("slow")
        truth.becomes(new, one, after=1)
        one.stack.advance(timedelta(minutes=1))
        assert fault.times == 0, hold
        assert [run.input["cause"] for run in one.executions] == ["quick", "slow"], hold
        assert {run.status for run in one.executions} == {"SUCCEEDED"}, hold
        # A schedule that fires too early finds nothing due and is moved; one too late is lost.
        if new is None:
            assert not one.schedule_exists, hold
        else:
            assert one.armed is not None, hold
            assert one.armed <= new, hold


@each_lifecycle
def test_the_one_that_was_late_moves_the_timer_back(machine: Of, name: str) -> None:
    one = machine(name)
    truth = Truth(MIDDLE)
    one.know(placed())
    one.script(truth.decide)
    one.stack.fail_next("scheduler.CreateSchedule", kind="pause", seconds=5)
    one.start("slow")
    truth.becomes(SOON, one, after=1)
    one.stack.advance(timedelta(minutes=1))
    quick, slow = one.executions
    assert "MoveTimer" not in quick.states
    # It finds a timer, overwrites it with what it knew, looks again, and puts it right.
    assert slow.errors == ("Scheduler.ConflictException",) * 2
    assert slow.states.count("MoveTimer") == 2
    assert one.armed == SOON


@each_lifecycle
def test_a_timer_that_is_taken_away_while_it_is_moved_is_made_anew(machine: Of, name: str) -> None:
    one = machine(name)
    truth = Truth(MIDDLE)
    one.know(placed())
    one.script(truth.decide)
    one.run()
    truth.until = SOON
    one.stack.fail_next("scheduler.UpdateSchedule", kind="pause", seconds=5)
    one.start("slow")
    truth.becomes(None, one, after=1)
    one.stack.clock.call_after(4, lambda: setattr(truth, "until", LATE))
    one.stack.advance(timedelta(minutes=1))
    slow = one.executions[-1]
    assert "Scheduler.ResourceNotFoundException" in slow.errors
    assert slow.status == "SUCCEEDED"
    assert one.armed == LATE


@each_lifecycle
def test_a_time_that_passes_before_it_is_armed_is_decided_anew(machine: Of, name: str) -> None:
    one = machine(name)
    one.know(placed())
    soon = one.stack.now + timedelta(seconds=2)
    one.script(lambda situation: Truth(soon if situation.now < soon else LATE).decide(situation))
    one.stack.fail_next("scheduler.CreateSchedule", kind="pause", seconds=5)
    run = one.run()
    assert run.errors == ("Scheduler.ValidationException",)
    assert run.status == "SUCCEEDED"
    assert one.armed == LATE
    # The same where there is a timer already.
    soon = one.stack.now + timedelta(seconds=2)
    one.stack.fail_next("scheduler.UpdateSchedule", kind="pause", seconds=5)
    run = one.run()
    assert run.errors == (
        "Scheduler.ConflictException",
        "Scheduler.ValidationException",
        "Scheduler.ConflictException",
    )
    assert run.status == "SUCCEEDED"
    assert one.armed == LATE


@each_lifecycle
def test_two_executions_send_one_message(machine: Of, name: str) -> None:
    one = machine(name)
    sides: tuple[When, ...] = ("before", "after")
    for when in sides:
        one.know(placed(), consent(T0, True))
        one.script_sending(lifecycles.load(name).SPEC.messages[0])
        one.stack.fail_next("functions.send", when, kind="pause", seconds=20)
        one.start("slow")
        one.stack.clock.call_after(2, lambda: one.start("quick"))
        one.stack.advance(timedelta(hours=1))
        (entry,) = one.entries
        assert (entry.status, entry.attempts) == (EntryStatus.SENT, 1), when
        assert len(one.stack.outbox.mails) == 1, when
        assert {run.status for run in one.executions} == {"SUCCEEDED"}, when
        assert not one.schedule_exists, when
