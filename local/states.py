"""State machines: moto's interpreter, on the virtual clock, its gaps to AWS closed.

moto 5.2.5 runs Step Functions with the LocalStack interpreter. What it lacks or does otherwise,
one seam each (``tests/local/test_seams.py`` holds a canary on every one):

- JSONata: no evaluator. ``local.expressions`` evaluates, with values bound, not spliced in.
- Wait and Retry sleep in real time, jitter is random. Both go by the virtual clock, seeded.
- Threads: one for an execution, one for the program, one for each task. All run in the one task
  of the clock that is the execution.
- The definition is parsed (slowly) for every execution. Parsed once for each definition here.
- ``lambda:invoke`` wants Docker. The real handler is called, ``local.functions``.
- An SDK integration makes a client (5 ms) for every call. One for each service here.
- An SDK error is spelled ``scheduler.ConflictException``; AWS says ``Scheduler.ConflictException``.
- An execution without a name is called ``None``. Each gets a name of its own.
- The path ``$`` is parsed anew for every result. Parsed once here.
- Every look at a state's input is a deep copy. Copied quickly here.
- A failing step renders the whole definition into a log line, at every level. Left out.
"""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import functools
import json
import logging
import marshal
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
import greenlet
from botocore.exceptions import ClientError
from jsonpath_ng.parser import parse as parse_json_path
from moto.moto_api._internal import mock_random

from local.clock import VirtualClock
from local.errors import LocalError
from local.expressions import CLOCK_HOLDER, Expressions, QueryEvaluationError
from local.functions import FunctionFailed, FunctionThrottled
from local.interpreter import (
    TMP_THREADS,
    AmazonStateLanguageParser,
    EvalComponent,
    FailureEvent,
    FailureEventException,
    HistoryEventType,
    StatesErrorName,
    StatesErrorNameType,
    StringJSONata,
    boto_client,
    event_manager,
    execute_state,
    execution_module,
    execution_worker,
    jitter_strategy_decl,
    lambda_eval_utils,
    program,
    result_path,
    retrier_decl,
    sfn_models,
    state,
    state_task_service_aws_sdk,
    states,
    timestamp,
    wait_function,
)

#: How Step Functions spells a service in the error names of its SDK integrations: the service's
#: name in the AWS SDK for Java 2 (Developer Guide, "Integrating with AWS services").
SDK_ERROR_PREFIX = {
    "dynamodb": "DynamoDb",
    "eventbridge": "EventBridge",
    "lambda": "Lambda",
    "scheduler": "Scheduler",
    "sesv2": "SesV2",
    "sfn": "Sfn",
    "sns": "Sns",
    "sqs": "Sqs",
}

#: State types that would need moto's threads; no workflow of ours has them.
UNSUPPORTED_STATES = ("Map", "Parallel")

# The private parts of moto that are read here, by name.
_ENVIRONMENT = attrgetter("_get_evaluation_environment")
_HISTORY = attrgetter("exec_worker.env.event_manager._history_event_list")
_SCOPES = attrgetter("_outer_scope", "_inner_scope")
_STATES_DATA = attrgetter("_states_data")

Invoke = Callable[[str, Any], Any]


@dataclass(frozen=True)
class Execution:
    """One finished execution, as the Step Functions console would show it.

    ``states`` are the names of the states entered, in order; ``errors`` the errors of its tasks,
    caught or not.
    """

    machine: str
    name: str
    input: dict[str, Any]
    status: str
    started_at: dt.datetime
    stopped_at: dt.datetime
    states: tuple[str, ...]
    errors: tuple[str, ...]
    output: Any
    error: str | None
    cause: str | None


class StateMachines:
    """The interpreter's seams, and a record of what ran.

    Args:
        clock: virtual time.
        expressions: the evaluator.
        invoke: calls a function by name or ARN with a payload (``local.functions``).
        region, account: where the state machines live.
        seed: of the jitter.
    """

    def __init__(
        self,
        clock: VirtualClock,
        expressions: Expressions,
        invoke: Invoke,
        *,
        region: str,
        account: str,
        seed: int = 0,
    ) -> None:
        self._clock = clock
        self._expressions = expressions
        self._invoke = invoke
        self._region = region
        self._account = account
        self._clients: dict[str, Any] = {}
        self._jitter = random.Random(seed)  # noqa: S311 - repeatable on purpose, guards nothing
        self._deadlines: dict[greenlet.greenlet, dt.datetime] = {}
        self.executions: list[Execution] = []
        self.on_finished: list[Callable[[Execution], None]] = []

    def reset(self, seed: int = 0) -> None:
        """Forget what ran; clients stay."""
        self._jitter.seed(seed)
        self._deadlines.clear()
        self.executions.clear()

    def check(self, name: str, definition: str) -> None:
        """Say what the local interpreter cannot run.

        Raises:
            LocalError: a Map or Parallel state.
        """
        for state_name, body in json.loads(definition)["States"].items():
            if body["Type"] in UNSUPPORTED_STATES:
                raise LocalError(
                    f"{name}: state {state_name} is a {body['Type']} state, "
                    "which the local runtime cannot run"
                )

    def start(self, arn: str, payload: str) -> str:
        """Start an execution; it runs as the clock's next task.

        Args:
            arn: of the state machine.
            payload: its input as JSON text.

        Returns:
            The execution's ARN.
        """
        backend = sfn_models.stepfunctions_parser_backends[self._account][self._region]
        return str(backend.start_execution(arn, execution_input=payload).exec_arn)

    def install(self, stack: contextlib.ExitStack) -> None:
        """Put all seams in place until ``stack`` is closed."""
        virtual = SimpleNamespace(
            datetime=_virtual_datetime(self._clock.now),
            timezone=dt.timezone,
            timedelta=timedelta,
        )
        sleeper = SimpleNamespace(sleep=self._sleep)
        real_start = sfn_models.StepFunctionsParserBackend.start_execution
        real_terminated = execution_module.BaseExecutionWorkerCommunication.terminated
        real_environment = _ENVIRONMENT(execution_worker.ExecutionWorker)
        real_program = program.Program.eval

        def start_execution(
            backend: Any, arn: str, name: str | None = None, *args: Any, **kwargs: Any
        ) -> Any:
            return real_start(backend, arn, name or str(mock_random.uuid4()), *args, **kwargs)

        def terminated(communication: Any) -> None:
            real_terminated(communication)
            self._finished(communication.execution)

        def environment(worker: Any) -> Any:
            env = real_environment(worker)
            data = env.states.context_object.context_object_data["Execution"]
            data["StartTime"] = _iso(data["StartTime"])
            return env

        def run_program(component: Any, env: Any) -> None:
            limit = component.timeout_seconds
            task = greenlet.getcurrent()
            if limit is not None:
                self._deadlines[task] = self._clock.now() + timedelta(seconds=limit.timeout_seconds)
            try:
                real_program(component, env)
            except _Overdue:
                env.set_timed_out()
            finally:
                self._deadlines.pop(task, None)

        def wait(_: Any, env: Any, wait_seconds: float) -> None:  # noqa: ARG001 - moto's signature
            self._sleep(wait_seconds)

        patches: list[tuple[Any, str, Any]] = [
            (StringJSONata, "_eval_body", self._evaluate),
            (CLOCK_HOLDER, "current_milli_time", self._expressions.current_milli_time),
            (retrier_decl, "time", sleeper),
            (jitter_strategy_decl, "random", SimpleNamespace(uniform=self._jitter.uniform)),
            (wait_function.WaitFunction, "_wait_interval", wait),
            (timestamp, "datetime", virtual),
            (state, "datetime", virtual),
            (event_manager, "datetime", virtual),
            (execution_module, "datetime", virtual),
            (sfn_models, "datetime", virtual),
            (execution_worker, "Thread", self._thread),
            (program, "threading", SimpleNamespace(Thread=_Inline)),
            (execute_state, "Thread", _Inline),
            (program.Program, "eval", run_program),
            (AmazonStateLanguageParser, "parse", staticmethod(_parse)),
            (execution_worker.ExecutionWorker, "_get_evaluation_environment", environment),
            (execution_module.BaseExecutionWorkerCommunication, "terminated", terminated),
            (sfn_models.StepFunctionsParserBackend, "start_execution", start_execution),
            (lambda_eval_utils, "_invoke_lambda_function", self._invoke_lambda),
            (boto_client, "boto3", SimpleNamespace(client=self._client)),
            (
                state_task_service_aws_sdk.StateTaskServiceAwsSdk,
                "_normalise_service_error_name",
                staticmethod(_service_error_name),
            ),
            (states, "copy", SimpleNamespace(deepcopy=_copy)),
            (result_path, "parse", functools.cache(parse_json_path)),
            (EvalComponent, "_log_failure_event_exception", _silent),
            (EvalComponent, "_log_exception", _silent),
        ]
        for owner, attribute, replacement in patches:
            stack.enter_context(patch.object(owner, attribute, replacement))
        # Its errors are results here: executions carry them.
        logger = logging.getLogger("moto.stepfunctions")
        stack.callback(logger.setLevel, logger.level)
        logger.setLevel(logging.CRITICAL)

    # --- the seams ---------------------------------------------------------------------------

    @property
    def _evaluate(self) -> Callable[[Any, Any], None]:
        expressions = self._expressions

        def evaluate(component: Any, env: Any) -> None:
            data = _STATES_DATA(env.states)
            seen = {"input": data["input"], "context": data["context"]}
            # Outside a task's result or a catch, moto keeps null where AWS has nothing.
            seen |= {
                key: data[key] for key in ("result", "errorOutput") if data.get(key) is not None
            }
            outer, inner = _SCOPES(env.variable_store)
            bindings = {"states": seen, **outer, **inner}
            try:
                env.stack.append(expressions.evaluate(component.expression, bindings))
            except QueryEvaluationError as error:
                raise _query_evaluation_failed(env, str(error)) from error

        return evaluate

    def _thread(self, target: Callable[[], None], **_: Any) -> Any:
        """A stand-in for the thread of an execution: ``start`` makes it a task of the clock."""
        return SimpleNamespace(start=lambda: self._clock.call_soon(target))

    def _sleep(self, seconds: float) -> None:
        deadline = self._deadlines.get(greenlet.getcurrent())
        if deadline is not None and self._clock.now() + timedelta(seconds=seconds) >= deadline:
            self._clock.sleep((deadline - self._clock.now()).total_seconds())
            raise _Overdue
        self._clock.sleep(seconds)

    def _invoke_lambda(self, parameters: dict[str, Any], **_: Any) -> dict[str, Any]:
        answer: dict[str, Any] = {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
        try:
            answer["Payload"] = self._invoke(
                parameters["FunctionName"], json.loads(parameters.get("Payload") or b"{}")
            )
        except FunctionThrottled as error:
            raise _throttled(str(error)) from error
        except FunctionFailed as error:
            answer["FunctionError"] = "Unhandled"
            answer["Payload"] = error.payload()
        return answer

    def _client(self, *, service_name: Any, region_name: str, **settings: Any) -> Any:
        key = f"{service_name}/{region_name}"
        if key not in self._clients:
            self._clients[key] = boto3.client(service_name, region_name=region_name, **settings)
        return self._clients[key]

    def _finished(self, finished: Any) -> None:
        history = _HISTORY(finished)
        record = Execution(
            machine=finished.state_machine.name,
            name=finished.name,
            input=finished.input_data,
            status=finished.status,
            started_at=finished.start_date,
            stopped_at=finished.stop_date,
            states=tuple(
                event["stateEnteredEventDetails"]["name"]
                for event in history
                if "stateEnteredEventDetails" in event
            ),
            errors=tuple(
                str(details["error"])
                for event in history
                if event["type"] != HistoryEventType.ExecutionFailed
                for details in event.values()
                if isinstance(details, dict) and details.get("error")
            ),
            output=finished.output,
            error=finished.error,
            cause=finished.cause,
        )
        # moto keeps every execution, compares each new name with all of them, and keeps the
        # threads for the end of the mock: both grow without use here.
        live = sfn_models.stepfunctions_parser_backends[self._account][self._region]
        live.describe_state_machine(finished.state_machine.arn).executions.remove(finished)
        TMP_THREADS.clear()
        self.executions.append(record)
        for listener in self.on_finished:
            listener(record)


class _Overdue(BaseException):
    """The execution's TimeoutSeconds are over. Not an Exception: moto would make it an error."""


class _Inline:
    """A stand-in for ``threading.Thread`` that runs its target where it is started."""

    def __init__(self, target: Callable[..., None], args: tuple[Any, ...] = (), **_: Any) -> None:
        self._target = target
        self._args = args

    def start(self) -> None:
        self._target(*self._args)

    def join(self, timeout: float | None = None) -> None:
        """It has ended already."""

    def is_alive(self) -> bool:
        return False


#: Parsed once in the life of the process, however many stacks use it. A parsed definition keeps
#: nothing of an execution.
_parse = functools.cache(AmazonStateLanguageParser.parse)


def _copy(value: Any) -> Any:
    """A deep copy; of plain JSON, which nearly all is, in a tenth of the time."""
    try:
        return marshal.loads(marshal.dumps(value))  # noqa: S302 - made here, a moment ago
    except ValueError:
        return copy.deepcopy(value)


def _virtual_datetime(now: Callable[[], dt.datetime]) -> type[dt.datetime]:
    class Virtual(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            # moto's Timestamp wait compares naive UTC times.
            return now().astimezone(tz) if tz else now().replace(tzinfo=None)

    return Virtual


def _query_evaluation_failed(env: Any, cause: str) -> FailureEventException:
    name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
    details: Any = {"evaluationFailedEventDetails": {"error": name.error_name, "cause": cause}}
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=name,
            event_type=HistoryEventType.EvaluationFailed,
            event_details=details,
        )
    )


def _service_error_name(service_name: str) -> str:
    try:
        return SDK_ERROR_PREFIX[service_name.lower()]
    except KeyError:
        raise LocalError(
            f"how Step Functions spells the errors of {service_name} is not known here: "
            "add it to local.states.SDK_ERROR_PREFIX"
        ) from None


def _throttled(message: str) -> ClientError:
    answer: Any = {
        "Error": {"Code": "TooManyRequestsException", "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 429, "RequestId": "local"},
    }
    return ClientError(answer, "Invoke")


def _silent(*_: Any, **__: Any) -> None:
    """No log line."""


def _iso(instant: dt.datetime | str) -> str:
    if isinstance(instant, str):
        return instant
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
