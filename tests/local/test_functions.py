from __future__ import annotations

import contextlib
import os
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from local.errors import LocalError
from local.functions import FunctionFailed, FunctionThrottled
from local.runtime import LocalStack
from tests.local import handlers

ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:small-decide"


@pytest.mark.parametrize("name", ["small-decide", ARN, ARN + ":live"])
def test_a_function_is_found_by_name_and_arn(stack: LocalStack, name: str) -> None:
    handlers.behaviour["decide"] = lambda event, _: {"got": event}
    assert stack.functions.invoke(name, {"a": 1}) == {"got": {"a": 1}}


def test_an_unknown_function_is_named(stack: LocalStack) -> None:
    with pytest.raises(LocalError, match="no function nobody; it has small-decide, small-ingest"):
        stack.functions.invoke("nobody", {})


def test_a_handler_gets_a_context_and_the_template_s_environment(stack: LocalStack) -> None:
    seen: dict[str, Any] = {}

    def look(_event: Any, context: Any) -> None:
        seen.update(
            name=context.function_name,
            arn=context.invoked_function_arn,
            memory=context.memory_limit_in_mb,
            left=context.get_remaining_time_in_millis(),
            request=context.aws_request_id,
            bus=os.environ["SMALL_BUS"],
            lambda_name=os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        )

    handlers.behaviour["decide"] = look
    stack.functions.invoke("small-decide", {})
    assert seen == {
        "name": "small-decide",
        "arn": ARN,
        "memory": 256,
        "left": 15_000,
        "request": "00000000-0000-4000-8000-000000000001",
        "bus": "small",
        "lambda_name": "small-decide",
    }
    assert "SMALL_BUS" not in os.environ


def test_event_and_answer_pass_through_json(stack: LocalStack) -> None:
    handlers.behaviour["decide"] = lambda event, _: {"tuple": (1, 2), "same": event["list"]}
    assert stack.functions.invoke("small-decide", {"list": (3,)}) == {"tuple": [1, 2], "same": [3]}


def test_an_answer_that_is_no_json_fails(stack: LocalStack) -> None:
    handlers.behaviour["decide"] = lambda *_: datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(FunctionFailed, match="TypeError"):
        stack.functions.invoke("small-decide", {})


def test_what_a_handler_raises_is_lambda_s_error_payload(stack: LocalStack) -> None:
    def broken(_event: Any, _context: Any) -> None:
        raise handlers.RetryableError("again")

    handlers.behaviour["decide"] = broken
    with pytest.raises(FunctionFailed) as failed:
        stack.functions.invoke("small-decide", {})
    payload = failed.value.payload()
    assert (payload["errorType"], payload["errorMessage"]) == ("RetryableError", "again")
    assert "RetryableError: again" in payload["stackTrace"][-1]
    (failure,) = stack.functions.failures
    assert (failure.function, failure.error, failure.message) == (
        "small-decide",
        "RetryableError",
        "again",
    )


def test_what_a_handler_prints_is_its_log(
    stack: LocalStack, capsys: pytest.CaptureFixture[str]
) -> None:
    def chatty(_event: Any, _context: Any) -> None:
        sys.stdout.write("said by the handler")

    handlers.behaviour["decide"] = chatty
    stack.functions.invoke("small-decide", {})
    assert "said by the handler" in stack.functions.logs.getvalue()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("kind", "when", "error", "called"),
    [
        ("throttled", "before", FunctionThrottled, 0),
        ("timeout", "before", FunctionFailed, 0),
        ("timeout", "after", FunctionFailed, 1),
    ],
)
def test_faults_strike_functions(
    stack: LocalStack, kind: str, when: Any, error: type[Exception], called: int
) -> None:
    stack.fail_next("functions.handlers", when, kind=kind)
    with pytest.raises(error):
        stack.functions.invoke("small-decide", {})
    assert len(handlers.calls) == called
    stack.functions.invoke("small-decide", {})
    assert len(handlers.calls) == called + 1


def test_a_crash_in_an_aws_call_kills_the_handler(stack: LocalStack) -> None:
    reached: list[str] = []

    def store(_event: Any, _context: Any) -> None:
        with contextlib.suppress(Exception):  # a handler that catches everything
            stack.client("sqs").list_queues()
        reached.append("went on")

    handlers.behaviour["decide"] = store
    stack.fail_next("sqs.ListQueues", kind="crash")
    with pytest.raises(FunctionFailed, match=r"Runtime\.ExitError"):
        stack.functions.invoke("small-decide", {})
    assert reached == []
