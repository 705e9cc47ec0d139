"""What goes wrong in a state machine: retried where that helps, else told, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local.states import Execution
from shared import lifecycles
from shared.domain.decisions import Candidate, wait
from shared.domain.ledger import EntryStatus
from shared.domain.reasons import Reason
from tests.builders import BRAND, ORDER, T0, consent, placed
from tests.workflows.machines import FAILURES, Machine, decide_state, tasks_of

Of = Callable[[str], Machine]
Candidates = tuple[Candidate, ...]

each_lifecycle = pytest.mark.parametrize("name", lifecycles.names())

LATER = T0 + timedelta(days=9)
NOTHING: Candidates = ()
WAITS: Candidates = (wait("w", "w", Reason.NOT_YET_DUE, "test", until=LATER),)


def known(one: Machine) -> Machine:
    """An order of somebody who may be written to."""
    one.know(placed(), consent(T0, True))
    return one


def fail_all(one: Machine, call: str, **settings: Any) -> None:
    one.stack.fail_next(call, times=1000, **settings)


def check_told(one: Machine, failed: Execution, state: str, error: str) -> None:
    """The execution failed in ``state``, and the failures queue says so, by ids only."""
    assert failed.status == "FAILED"
    assert failed.error == error
    assert failed.cause == f"in {state}"
    assert failed.states[-2:] == ("RecordFailure", "Failed")
    (told,) = one.failures
    assert told.pop("execution").endswith(f":yoin-local-{one.name}:{failed.name}")
    assert told == {
        "lifecycle": one.name,
        "brand": BRAND,
        "order_id": ORDER,
        "cause": "test",
        "state": state,
        "error": error,
    }


@each_lifecycle
def test_whatever_task_fails_is_told(machine: Of, name: str) -> None:
    one = machine(name)
    told = {"RecordFailure"}  # whose own failure has its own test

    def check(state: str, error: str, *, decide: Candidates, call: str, **settings: Any) -> None:
        one.script(lambda _: decide)
        fail_all(one, call, **settings)
        check_told(one, one.run(), state, error)
        told.add(state)

    known(one)
    check(
        decide_state(name),
        "Lambda.TooManyRequestsException",
        decide=WAITS,
        call="functions.decide",
        kind="throttled",
    )
    known(one)
    check(
        "ArmTimer",
        "Scheduler.ServiceQuotaExceededException",
        decide=WAITS,
        call="scheduler.CreateSchedule",
        kind="refused",
        code="ServiceQuotaExceededException",
    )
    known(one)
    one.script(lambda _: WAITS)
    one.run()
    check(
        "MoveTimer",
        "Scheduler.ThrottlingException",
        decide=(wait("w", "w", Reason.NOT_YET_DUE, "test", until=LATER - timedelta(hours=1)),),
        call="scheduler.UpdateSchedule",
        kind="refused",
        code="ThrottlingException",
    )
    known(one)
    check(
        "DisarmTimer",
        "Scheduler.InternalServerException",
        decide=NOTHING,
        call="scheduler.DeleteSchedule",
        kind="refused",
        code="InternalServerException",
    )
    for message in lifecycles.load(name).SPEC.messages:
        known(one)
        one.script_sending(message)
        fail_all(one, "functions.send", kind="timeout")
        failed = one.run()
        state = failed.states[-3]
        check_told(one, failed, state, "Sandbox.Timedout")
        told.add(state)
        # The guard was armed before, so the message is looked at again.
        assert one.armed is not None
    assert told == tasks_of(name)


@each_lifecycle
def test_a_failure_that_cannot_be_told_is_a_failed_execution_all_the_same(
    machine: Of, name: str
) -> None:
    one = known(machine(name))
    one.script(lambda _: WAITS)
    fail_all(one, "functions.decide", kind="timeout")
    fail_all(one, "sqs.SendMessage", kind="refused", code="AccessDenied")
    failed = one.run()
    assert failed.status == "FAILED"
    assert failed.error == "Sandbox.Timedout"
    assert failed.states[-2:] == ("RecordFailure", "Failed")
    assert one.stack.letters(FAILURES) == []


@each_lifecycle
def test_the_message_goes_out_after_a_failure(machine: Of, name: str) -> None:
    message = lifecycles.load(name).SPEC.messages[0]
    one = known(machine(name))
    one.script_sending(message)
    one.stack.fail_next("functions.send", kind="timeout")
    assert one.run().status == "FAILED"
    assert one.entries[0].status is EntryStatus.WAITING
    # The timer that was armed before the attempt.
    one.stack.advance(timedelta(minutes=15))
    woken = one.executions[1]
    assert woken.input["cause"] == "timer"
    assert woken.status == "SUCCEEDED"
    assert [entry.status for entry in one.entries] == [EntryStatus.SENT]
    assert len(one.stack.outbox.mails) == 1
    assert [told["cause"] for told in one.failures] == ["test"]


# --- retries -----------------------------------------------------------------------------------


@each_lifecycle
def test_a_store_that_fails_for_a_moment_is_asked_again(machine: Of, name: str) -> None:
    one = known(machine(name))
    one.script(lambda _: WAITS)
    # More often than the SDK itself tries: the function gives up with RetryableError.
    one.stack.fail_next("dynamodb.Query", kind="server_error", times=3)
    run = one.run()
    assert run.errors == ("RetryableError",)
    assert run.status == "SUCCEEDED"
    assert run.states.count(decide_state(name)) == 2  # entered once before and once after arming
    assert [failure.error for failure in one.stack.functions.failures] == ["RetryableError"]
    assert one.armed == LATER


@each_lifecycle
def test_retries_take_their_time_and_have_an_end(machine: Of, name: str) -> None:
    one = known(machine(name))
    one.script(lambda _: WAITS)
    one.stack.fail_next("functions.decide", kind="throttled", times=4)
    run = one.run()
    assert run.status == "SUCCEEDED"
    assert run.errors == ("Lambda.TooManyRequestsException",) * 4
    assert timedelta(0) < run.stopped_at - run.started_at < timedelta(seconds=31)

    known(one)
    one.stack.fail_next("functions.decide", kind="throttled", times=5)
    assert one.run().status == "FAILED"


@pytest.mark.parametrize("call", ["CreateSchedule", "UpdateSchedule", "DeleteSchedule"])
@each_lifecycle
def test_a_scheduler_that_is_busy_is_asked_again(machine: Of, name: str, call: str) -> None:
    one = known(machine(name))
    one.script(lambda _: WAITS)
    if call != "CreateSchedule":
        one.run()
        earlier = wait("w", "w", Reason.NOT_YET_DUE, "t", until=LATER - timedelta(hours=1))
        one.script(lambda _: (earlier,) if call == "UpdateSchedule" else NOTHING)
    fault = one.stack.fail_next(
        f"scheduler.{call}", kind="refused", code="ThrottlingException", times=2
    )
    run = one.run()
    assert fault.times == 0
    assert run.errors.count("Scheduler.ThrottlingException") == 2
    assert run.status == "SUCCEEDED"
    expected = {
        "CreateSchedule": LATER,
        "UpdateSchedule": LATER - timedelta(hours=1),
        "DeleteSchedule": None,
    }
    assert one.armed == expected[call]


@each_lifecycle
def test_an_answer_of_the_scheduler_that_is_lost_does_no_harm(machine: Of, name: str) -> None:
    one = known(machine(name))
    one.script(lambda _: WAITS)
    # It was made; asked again, the Scheduler says that it is there: the timer is moved instead.
    one.stack.fail_next(
        "scheduler.CreateSchedule", "after", kind="refused", code="InternalServerException"
    )
    run = one.run()
    assert run.status == "SUCCEEDED"
    assert run.errors[-1] == "Scheduler.ConflictException"
    assert "MoveTimer" in run.states
    assert one.armed == LATER
