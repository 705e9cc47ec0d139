"""Every lifecycle's state machine definition: what no linter looks at."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonata import Jsonata

from infra.constructs.workflow import SUBSTITUTIONS
from infra.stacks.lifecycle import DECIDE_TIMEOUT, SEND_TIMEOUT
from infra.workflows import workflow_file
from shared import lifecycles
from shared.domain import errors

pytestmark = pytest.mark.slow  # importing the CDK starts Node.js

Json = dict[str, Any]

each_lifecycle = pytest.mark.parametrize("name", lifecycles.names())

# What Step Functions and the services that our workflows call really raise.
STATES_ERRORS = {"States.ALL", "States.Timeout", "States.TaskFailed"}
SERVICE_ERRORS = {
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",  # a function that died
    "Sandbox.Timedout",  # a function that was stopped at its time-out
    "Scheduler.ConflictException",
    "Scheduler.InternalServerException",
    "Scheduler.ResourceNotFoundException",
    "Scheduler.SdkClientException",
    "Scheduler.ServiceQuotaExceededException",
    "Scheduler.ThrottlingException",
    "Scheduler.ValidationException",  # such as a time that has passed since it was decided on
    "Sqs.SdkClientException",
    "Sqs.SqsException",
}
OUR_ERRORS = {
    name
    for name, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, errors.YoinError)
}


def definition(name: str) -> Json:
    parsed: Json = json.loads(workflow_file(name).read_text("utf-8"))
    return parsed


def states(name: str) -> Json:
    found: Json = definition(name)["States"]
    return found


def tasks(name: str) -> Json:
    return {state: body for state, body in states(name).items() if body["Type"] == "Task"}


def next_states(body: Json) -> Iterator[str]:
    """Everywhere that a state may lead to."""
    for key in ("Next", "Default"):
        if key in body:
            yield body[key]
    for branch in (*body.get("Choices", []), *body.get("Catch", [])):
        yield branch["Next"]


def texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for part in value.values():
                yield from texts(part)
        case list():
            for part in value:
                yield from texts(part)


def expressions(value: Any) -> Iterator[str]:
    for found in texts(value):
        if found.startswith("{%"):
            assert found.endswith("%}"), found
            yield found[2:-2]


@each_lifecycle
def test_it_is_jsonata_throughout(name: str) -> None:
    assert definition(name)["QueryLanguage"] == "JSONata"
    jsonpath = {"InputPath", "OutputPath", "ResultPath", "ResultSelector", "Parameters"}
    for state, body in states(name).items():
        assert "QueryLanguage" not in body, state
        assert not jsonpath & set(body), state


@each_lifecycle
def test_it_ends_in_time(name: str) -> None:
    # An Express workflow is stopped after five minutes; ours stops itself, with an alarm.
    assert 0 < definition(name)["TimeoutSeconds"] <= 290


@each_lifecycle
def test_states_are_named_after_business_steps(name: str) -> None:
    for state in states(name):
        assert re.fullmatch(r"([A-Z][a-z0-9]+)+", state), state


@each_lifecycle
def test_every_target_exists_and_every_state_is_reached(name: str) -> None:
    found = states(name)
    reached: set[str] = set()
    waiting = [definition(name)["StartAt"]]
    while waiting:
        state = waiting.pop()
        assert state in found, f"{state} is no state"
        if state not in reached:
            reached.add(state)
            waiting.extend(next_states(found[state]))
    assert reached == set(found)


@each_lifecycle
def test_every_state_leads_on_or_ends(name: str) -> None:
    for state, body in states(name).items():
        ends = body["Type"] in {"Succeed", "Fail"} or body.get("End") is True
        assert ends != any(True for _ in next_states(body)), state


@each_lifecycle
def test_every_choice_has_a_default(name: str) -> None:
    for state, body in states(name).items():
        if body["Type"] == "Choice":
            assert "Default" in body, state


@each_lifecycle
def test_every_task_has_a_time_out_longer_than_its_function(name: str) -> None:
    functions = {
        "${DecideFunctionArn}": DECIDE_TIMEOUT.to_seconds(),
        "${SendFunctionArn}": SEND_TIMEOUT.to_seconds(),
    }
    for state, body in tasks(name).items():
        function = body["Arguments"].get("FunctionName")
        assert body["TimeoutSeconds"] > functions.get(function, 0), state


@each_lifecycle
def test_every_retry_backs_off_with_full_jitter_and_a_ceiling(name: str) -> None:
    for state, body in tasks(name).items():
        assert body["Retry"], state
        for retry in body["Retry"]:
            assert retry["JitterStrategy"] == "FULL", state
            assert retry["BackoffRate"] > 1, state
            assert 0 < retry["MaxAttempts"] <= 6, state
            assert 0 < retry["MaxDelaySeconds"] <= 60, state
            assert "States.ALL" not in retry["ErrorEquals"], f"{state} retries anything"


@each_lifecycle
def test_every_task_catches_everything_and_records_the_failure(name: str) -> None:
    recorders = {
        state
        for state, body in tasks(name).items()
        if body["Arguments"].get("QueueUrl") == "${FailureQueueUrl}"
    }
    failing = {state for state, body in states(name).items() if body["Type"] == "Fail"}
    assert recorders
    for state, body in tasks(name).items():
        last = body["Catch"][-1]
        assert last["ErrorEquals"] == ["States.ALL"], state
        assert last["Next"] in (failing if state in recorders else recorders), state


@each_lifecycle
def test_a_failure_names_what_is_needed_to_start_again(name: str) -> None:
    for body in tasks(name).values():
        if body["Arguments"].get("QueueUrl") == "${FailureQueueUrl}":
            note = body["Arguments"]["MessageBody"]
            assert note["lifecycle"] == name
            assert {"brand", "order_id", "cause", "state", "error", "execution"} <= set(note)


@each_lifecycle
def test_every_named_error_is_a_real_one(name: str) -> None:
    known = STATES_ERRORS | SERVICE_ERRORS | OUR_ERRORS
    for state, body in tasks(name).items():
        for handler in (*body["Retry"], *body["Catch"]):
            assert set(handler["ErrorEquals"]) <= known, state


@each_lifecycle
def test_every_retryable_error_of_ours_is_retried(name: str) -> None:
    """Lambda reports the class that was raised, not its parents: each has to be named."""
    retryable = {e for e in OUR_ERRORS if issubclass(getattr(errors, e), errors.RetryableError)}
    for state, body in tasks(name).items():
        if body["Arguments"].get("FunctionName") == "${SendFunctionArn}":
            named = {error for retry in body["Retry"] for error in retry["ErrorEquals"]}
            assert retryable <= named, state
            # Its outcome would be unknown; the claim in the ledger settles that, not a retry.
            assert "States.Timeout" not in named, state


@each_lifecycle
def test_every_expression_parses_and_uses_only_what_is_assigned(name: str) -> None:
    assigned = {"states"}
    for body in states(name).values():
        for source in (body, *body.get("Catch", []), *body.get("Choices", [])):
            assigned |= set(source.get("Assign", {}))
    for expression in expressions(definition(name)):
        Jsonata(expression)
        bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", expression)
        for variable in re.findall(r"\$(\w+)\b(?!\()", bare):
            assert variable in assigned, f"${variable} in {expression}"


@each_lifecycle
def test_it_names_only_substitutions_that_there_are(name: str) -> None:
    source = workflow_file(name).read_text("utf-8")
    assert set(re.findall(r"\$\{(\w+)\}", source)) <= set(SUBSTITUTIONS)
    assert "arn:aws:lambda" not in source


@each_lifecycle
def test_every_timer_wakes_this_machine_and_has_dead_letters(name: str) -> None:
    changing = {
        state: body
        for state, body in tasks(name).items()
        if body["Resource"].rpartition(":")[2] in {"createSchedule", "updateSchedule"}
    }
    assert len(changing) == 2
    for state, body in changing.items():
        arguments = body["Arguments"]
        target = arguments["Target"]
        assert target["Arn"] == "{% $states.context.StateMachine.Id %}", state
        assert target["RoleArn"] == "${ScheduleRoleArn}", state
        assert target["DeadLetterConfig"] == {"Arn": "${ScheduleDeadLetterArn}"}, state
        # Deleted by the workflow: deleting itself could race with being armed anew.
        assert arguments["ActionAfterCompletion"] == "NONE", state
        assert arguments["GroupName"] == "${ScheduleGroup}", state


@each_lifecycle
def test_every_kind_of_message_has_its_step(name: str) -> None:
    spec = next(spec for spec in lifecycles.specs() if spec.name == name)
    for kind in spec.messages:
        chosen = [
            branch["Next"]
            for body in states(name).values()
            for branch in body.get("Choices", [])
            if f"'{kind}'" in branch["Condition"]
        ]
        assert chosen, f"no step sends {kind}"
        for state in chosen:
            assert states(name)[state]["Arguments"]["FunctionName"] == "${SendFunctionArn}"


def test_there_are_lifecycles() -> None:
    assert lifecycles.names()
