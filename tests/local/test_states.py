from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.expressions import Expressions, QueryEvaluationError
from local.runtime import LocalStack
from local.states import Execution
from tests.local import handlers

MACHINE = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:small"


def run(stack: LocalStack, order: str = "o1") -> Execution:
    stack.machines.start(MACHINE, json.dumps({"order": order}))
    stack.settle(timedelta(minutes=2))
    return stack.machines.executions[-1]


def decisions(*answers: dict[str, Any]) -> Any:
    """A handler that gives these answers, the last one for ever."""
    left = list(answers)
    return lambda *_: left.pop(0) if len(left) > 1 else left[0]


WAIT = {"action": "WAIT", "wake_at": "2026-05-01T00:00:00", "after": "NONE"}


def test_states_are_entered_in_their_order_and_the_real_handler_is_called(
    stack: LocalStack,
) -> None:
    handlers.behaviour["decide"] = decisions(WAIT)
    execution = run(stack)
    assert execution.status == "SUCCEEDED"
    assert execution.states == ("Begin", "Decide", "Which", "Arm", "Decide", "Which", "Waiting")
    assert handlers.calls == [("decide", {"order": "o1"})] * 2
    assert stack.schedules.pending() == [(datetime(2026, 5, 1, tzinfo=UTC), "timer-o1")]


def test_a_conflict_is_spelled_as_aws_spells_it(stack: LocalStack) -> None:
    handlers.behaviour["decide"] = decisions(WAIT)
    run(stack)
    handlers.behaviour["decide"] = decisions({**WAIT, "wake_at": "2026-06-01T00:00:00"})
    execution = run(stack)
    assert "Move" in execution.states
    assert execution.errors == ("Scheduler.ConflictException",)
    assert stack.schedules.pending() == [(datetime(2026, 6, 1, tzinfo=UTC), "timer-o1")]


def test_the_timer_starts_the_machine_again(stack: LocalStack) -> None:
    handlers.behaviour["decide"] = decisions(WAIT, WAIT, {"action": "FINISH"})
    run(stack)
    stack.run_until(datetime(2026, 5, 2, tzinfo=UTC))
    assert [execution.states[-1] for execution in stack.machines.executions] == [
        "Waiting",
        "Finished",
    ]
    assert stack.machines.executions[1].started_at == datetime(2026, 5, 1, tzinfo=UTC)


def test_retries_go_by_virtual_time_and_name_the_class(stack: LocalStack) -> None:
    times: list[float] = []

    def flaky(_event: Any, _context: Any) -> Any:
        times.append((stack.now - datetime(2026, 4, 1, tzinfo=UTC)).total_seconds())
        if len(times) < 4:
            raise handlers.RetryableError("later")
        return {"action": "FINISH"}

    handlers.behaviour["decide"] = flaky
    execution = run(stack)
    assert execution.status == "SUCCEEDED"
    assert times == [0, 2, 6, 14]
    assert execution.errors == ("RetryableError",) * 3


def test_after_the_last_retry_the_catch_records_the_failure(stack: LocalStack) -> None:
    def always(_event: Any, _context: Any) -> Any:
        raise handlers.RetryableError("never")

    handlers.behaviour["decide"] = always
    execution = run(stack)
    assert len(handlers.calls) == 4
    assert execution.states[-2:] == ("Record", "Failed")
    assert (execution.status, execution.error, execution.cause) == (
        "FAILED",
        "RetryableError",
        "recorded",
    )
    (letter,) = stack.letters("small-failures")
    assert json.loads(letter.body) == {"order": "o1", "error": "RetryableError"}


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("throttled", "Scheduler.ThrottlingException"),
        ("server_error", "Scheduler.InternalServerException"),
        ("refused", "Scheduler.ValidationException"),
    ],
)
def test_the_scheduler_s_errors_have_the_names_that_aws_gives_them(
    stack: LocalStack, kind: str, error: str
) -> None:
    handlers.behaviour["decide"] = decisions(WAIT)
    stack.fail_next("scheduler.CreateSchedule", kind=kind)
    execution = run(stack)
    assert (execution.status, execution.error) == ("FAILED", error)


def test_any_error_of_a_task_is_a_failed_task(stack: LocalStack) -> None:
    def broken(_event: Any, _context: Any) -> Any:
        raise handlers.PermanentError("no")

    handlers.behaviour["decide"] = broken
    stack.fail_next("sqs.SendMessage", kind="server_error")
    execution = run(stack)
    assert execution.states[-2:] == ("Record", "Failed")
    assert len(stack.letters("small-failures")) == 1


def test_another_class_is_not_retried(stack: LocalStack) -> None:
    def broken(_event: Any, _context: Any) -> Any:
        raise handlers.PermanentError("no")

    handlers.behaviour["decide"] = broken
    assert run(stack).error == "PermanentError"
    assert len(handlers.calls) == 1


def test_a_wait_takes_virtual_time_and_others_run_meanwhile(stack: LocalStack) -> None:
    handlers.behaviour["decide"] = decisions(
        {"action": "PAUSE", "seconds": 60}, {"action": "FINISH"}
    )
    stack.machines.start(MACHINE, '{"order": "slow"}')
    stack.advance(timedelta(seconds=30))
    assert stack.machines.executions == []
    stack.machines.start(MACHINE, '{"order": "quick"}')
    stack.advance(timedelta(seconds=60))
    quick, slow = stack.machines.executions
    assert (quick.input["order"], slow.input["order"]) == ("quick", "slow")
    assert slow.stopped_at - slow.started_at == timedelta(seconds=60)


def test_an_execution_ends_at_its_time_out(stack: LocalStack) -> None:
    handlers.behaviour["decide"] = decisions({"action": "PAUSE", "seconds": 100})
    stack.machines.start(MACHINE, '{"order": "o1"}')
    stack.advance(timedelta(hours=1))
    (execution,) = stack.machines.executions
    assert execution.status == "TIMED_OUT"
    assert execution.stopped_at - execution.started_at == timedelta(seconds=280)


def test_an_undefined_field_fails_the_state_as_in_aws(stack: LocalStack) -> None:
    handlers.behaviour["decide"] = decisions({"action": "WAIT", "wake_at": "2026-05-01T00:00:00"})
    execution = run(stack)
    assert execution.status == "FAILED"
    assert execution.error == "States.QueryEvaluationError"
    assert "$decision.after" in (execution.cause or "")


def test_values_with_quotes_and_backslashes_pass_unharmed(stack: LocalStack) -> None:
    order = 'q" \\ \n $states {% 日本 %}'
    handlers.behaviour["decide"] = decisions({"action": "FINISH"})
    execution = run(stack, order)
    assert execution.status == "SUCCEEDED"
    assert handlers.calls == [("decide", {"order": order})]


def test_every_execution_has_a_name_of_its_own(stack: LocalStack) -> None:
    handlers.behaviour["decide"] = decisions({"action": "FINISH"})
    names = [run(stack).name for _ in range(3)]
    assert len(set(names)) == 3
    stack.reset()
    handlers.behaviour["decide"] = decisions({"action": "FINISH"})
    assert [run(stack).name for _ in range(3)] == names


def test_an_execution_started_through_the_api_runs_too(stack: LocalStack) -> None:
    handlers.behaviour["decide"] = decisions({"action": "FINISH"})
    stack.client("stepfunctions").start_execution(stateMachineArn=MACHINE, input='{"order": "o2"}')
    stack.settle()
    assert stack.machines.executions[0].input == {"order": "o2"}


# --- JSONata -----------------------------------------------------------------------------------

NOW = 1775001600000
BINDINGS = {
    "states": {"input": {"nil": None, "list": [1], "text": 'a "b"', "number": 3}},
    "turn": 3,
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$turn + 1", 4),
        ("$turn / 2", 1.5),
        ("4 / 2", 2),
        ("$states.input.text", 'a "b"'),
        ("$states.input.list", [1]),
        ("$states.input.nil", None),
        ("$exists($states.input.nil)", True),
        ("$exists($states.input.gone)", False),
        ("$string({'a': $turn, 'b': null})", '{"a":3,"b":null}'),
        ("{'a': [1..3]}", {"a": [1, 2, 3]}),
        ("$partition([1,2,3], 2)", [[1, 2], [3]]),
        ("$range(0, 10, 5)", [0, 5, 10]),
        ("$hash('a', 'MD5')", "0cc175b9c0f1b6a831c399e269772661"),
        ("$parse('{\"a\": 1}').a", 1),
        ("$millis()", NOW),
    ],
)
def test_expressions_give_what_step_functions_gives(
    stack: LocalStack, expression: str, expected: Any
) -> None:
    assert Expressions(lambda: NOW).evaluate(expression, BINDINGS) == expected


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("$states.input.gone", "returned nothing"),
        ("function($x) { $x }", "unsupported result type"),
        ("1 +", "threw an error"),
        ("$error('mine')", "mine"),
        ("$eval('1')", "not allowed"),
        ("$hash('a', 'CRC')", "unknown hash"),
        ("$turn & $nothing()", "threw an error"),
    ],
)
def test_expressions_fail_as_in_step_functions(expression: str, says: str) -> None:
    with pytest.raises(QueryEvaluationError, match=says):
        Expressions(lambda: NOW).evaluate(expression, BINDINGS)


def test_chance_is_the_same_in_every_run() -> None:
    one, two = Expressions(lambda: NOW, seed=1), Expressions(lambda: NOW, seed=1)
    assert one.evaluate("[$uuid(), $random()]", {}) == two.evaluate("[$uuid(), $random()]", {})
    first = one.evaluate("$uuid()", {})
    assert first != one.evaluate("$uuid()", {})
