"""Lambda: the real handlers, in this process, with the template's environment.

A handler is imported once, as a warm Lambda would be. Event and answer pass through JSON as they
do in Lambda. What a handler raises becomes Lambda's error payload, so that ``ErrorEquals`` in a
state machine names the exception's class.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import logging
import os
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aws_lambda_powertools.logging.formatter import BasePowertoolsFormatter

from local.clock import VirtualClock
from local.errors import LocalError
from local.faults import Crash, Faults, Refusal, Stop


@dataclass(frozen=True, kw_only=True)
class Function:
    """One Lambda function of the template.

    Args:
        name: function name; the ARN is accepted wherever the name is.
        handler: ``package.module.attribute``.
        environment: its variables.
        timeout: seconds.
        memory: MB.
    """

    name: str
    arn: str
    handler: str
    environment: Mapping[str, str]
    timeout: int = 3
    memory: int = 128


class FunctionFailed(Exception):
    """A handler raised, timed out or died: what Lambda answers with ``FunctionError``."""

    def __init__(self, error_type: str, message: str, trace: tuple[str, ...] = ()) -> None:
        super().__init__(f"{error_type}: {message}")
        self.error_type = error_type
        self.message = message
        self.trace = trace

    def payload(self) -> dict[str, Any]:
        """The error as Lambda's answer carries it."""
        return {
            "errorMessage": self.message,
            "errorType": self.error_type,
            "stackTrace": list(self.trace),
        }


class FunctionThrottled(Exception):
    """The call was refused before the handler ran: 429 TooManyRequestsException."""


@dataclass(frozen=True)
class Failure:
    """One invocation that failed, for the report of a run."""

    function: str
    at: datetime
    error: str
    message: str


@dataclass
class Context:
    """What a handler gets as its second argument."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    aws_request_id: str
    timeout_ms: int
    function_version: str = "$LATEST"
    log_group_name: str = ""
    log_stream_name: str = "local"
    identity: Any = None
    client_context: Any = None
    tenant_id: str | None = None

    def get_remaining_time_in_millis(self) -> int:
        """The whole time-out: a handler takes no virtual time."""
        return self.timeout_ms


class Functions:
    """All functions of the stack.

    Args:
        clock: virtual time.
        faults: faults armed for functions, under ``functions.<last part of the module>``.

    Attributes:
        hosts: the name of the function behind each host of a function URL.
    """

    def __init__(self, clock: VirtualClock, faults: Faults) -> None:
        self._clock = clock
        self._faults = faults
        self._functions: dict[str, Function] = {}
        self.hosts: dict[str, str] = {}
        self._handlers: dict[str, Callable[[Any, Any], Any]] = {}
        self._requests = 0
        self._captured: list[tuple[Any, Any]] = []
        self.logs = io.StringIO()
        self.failures: list[Failure] = []
        self.invocations: Counter[str] = Counter()

    def reset(self) -> None:
        """Forget logs, failures and counts; the functions stay registered and imported."""
        self._requests = 0
        self.invocations.clear()
        self.failures.clear()
        self.logs.seek(0)
        self.logs.truncate()

    def install(self, stack: contextlib.ExitStack) -> None:
        """Take the loggers of imported handlers until ``stack`` is closed."""
        self._capture_loggers()
        stack.callback(self._release_loggers)

    def register(self, function: Function) -> None:
        """Make a function known by its name and ARN."""
        self._functions[function.name] = function

    def names(self) -> list[str]:
        """The names of all functions, sorted."""
        return sorted(self._functions)

    def get(self, name_or_arn: str) -> Function:
        """A function by name or ARN, with or without a version.

        Raises:
            LocalError: the stack has no such function.
        """
        parts = name_or_arn.split(":")
        name = parts[6] if name_or_arn.startswith("arn:") and len(parts) > 6 else parts[0]
        try:
            return self._functions[name]
        except KeyError:
            raise LocalError(
                f"the stack has no function {name}; it has {', '.join(self.names())}"
            ) from None

    def invoke(self, name_or_arn: str, event: Any) -> Any:
        """Call a handler.

        Args:
            name_or_arn: which.
            event: a JSON value.

        Returns:
            The handler's answer as a JSON value.

        Raises:
            FunctionFailed: the handler raised, died or timed out.
            FunctionThrottled: a fault says that the call is refused.
        """
        function = self.get(name_or_arn)
        label = f"functions.{function.handler.rsplit('.', 2)[-2]}"
        self.invocations[function.name] += 1
        try:
            with self._faults.around(label, event):
                return self._run(function, event)
        except FunctionFailed as error:
            self.failures.append(
                Failure(function.name, self._clock.now(), error.error_type, error.message)
            )
            raise
        except Refusal as refusal:
            raise FunctionThrottled(str(refusal)) from refusal
        except Stop as stop:
            timed_out = f"Task timed out after {function.timeout:.2f} seconds"
            failed = FunctionFailed("Sandbox.Timedout", timed_out)
            self.failures.append(
                Failure(function.name, self._clock.now(), failed.error_type, failed.message)
            )
            raise failed from stop

    def _run(self, function: Function, event: Any) -> Any:
        self._requests += 1
        request_id = f"00000000-0000-4000-8000-{self._requests:012d}"
        context = Context(
            function_name=function.name,
            invoked_function_arn=function.arn,
            memory_limit_in_mb=function.memory,
            aws_request_id=request_id,
            timeout_ms=function.timeout * 1000,
            log_group_name=f"/aws/lambda/{function.name}",
        )
        with self._surroundings(function):
            try:
                answer = self._handler(function)(json.loads(json.dumps(event)), context)
                return json.loads(json.dumps(answer))
            except Crash as crash:
                raise FunctionFailed(
                    "Runtime.ExitError", f"RequestId: {request_id} Error: {crash}"
                ) from crash
            except Exception as error:
                trace = tuple(traceback.format_exception(error)[-6:])
                raise FunctionFailed(type(error).__name__, str(error), trace) from error

    def _handler(self, function: Function) -> Callable[[Any, Any], Any]:
        found = self._handlers.get(function.handler)
        if found is None:
            module_name, _, attribute = function.handler.replace("/", ".").rpartition(".")
            found = getattr(importlib.import_module(module_name), attribute)
            self._handlers[function.handler] = found
            self._capture_loggers()
        return found

    def _capture_loggers(self) -> None:
        """Let the functions' loggers write here: each kept the standard output of its import."""
        for logger in logging.Logger.manager.loggerDict.values():
            for handler in getattr(logger, "handlers", ()):
                if not isinstance(handler.formatter, BasePowertoolsFormatter):
                    continue
                if handler.stream is not self.logs:
                    self._captured.append((handler, handler.stream))
                    # Not setStream(): it flushes the old one, which may be closed by now.
                    handler.stream = self.logs

    def _release_loggers(self) -> None:
        for handler, stream in reversed(self._captured):
            handler.stream = stream
        self._captured.clear()

    @contextlib.contextmanager
    def _surroundings(self, function: Function) -> Iterator[None]:
        """The function's environment, and its standard output kept as its log."""
        wanted = {
            **function.environment,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        }
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            with contextlib.redirect_stdout(self.logs):
                yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
