"""Faults on order: what can go wrong at a call to AWS or of a function, on purpose.

``faults.fail_next("sesv2.SendEmail", "after", kind="timeout")`` lets the next mail be accepted
and its answer be lost. A fault at an AWS call happens on the wire, below botocore's retries: a
client that retries does retry, and the mailbox shows it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

When = Literal["before", "after"]

#: kind → what happens.
KINDS = {
    "timeout": "no answer within the client's time (AWS call) or the function's (function)",
    "reset": "the connection is cut",
    "unreachable": "no connection comes about",
    "throttled": "refused: too many requests",
    "refused": "refused for good: HTTP 400 with the given code",
    "server_error": "HTTP 500",
    "unavailable": "HTTP 503",
    "crash": "the process dies on the spot",
    "pause": "the call takes the given virtual seconds; others go on meanwhile",
}


class Crash(BaseException):
    """The process that makes the call is gone: nothing in it can catch this."""


class Refusal(Exception):
    """The call is refused before anything happened."""


class Stop(Exception):
    """The caller's time is over."""


@dataclass
class Fault:
    """One armed fault.

    Args:
        call: ``service.Operation`` of boto3, such as ``dynamodb.PutItem``, or
            ``functions.<name>`` for a function.
        when: before the call takes effect or after it.
        kind: one of ``KINDS``.
        times: how many calls it hits.
        skip: how many matching calls pass first.
        match: only calls for whose parameters (an AWS call's JSON or form, a function's event)
            this is true.
        code: the error code of ``refused``.
        seconds: how long a ``pause`` takes.
    """

    call: str
    when: When
    kind: str
    times: int = 1
    skip: int = 0
    match: Callable[[Any], bool] | None = None
    code: str = "ValidationException"
    seconds: float = 0


class Faults:
    """The armed faults, in the order of arming.

    Args:
        sleep: lets virtual time pass (``VirtualClock.sleep``), for ``pause``.
    """

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._armed: list[Fault] = []
        self.struck: list[Fault] = []

    def reset(self) -> None:
        """Disarm all."""
        self._armed.clear()
        self.struck.clear()

    def fail_next(
        self, call: str, when: When = "before", *, kind: str = "timeout", **settings: Any
    ) -> Fault:
        """Arm a fault; see ``Fault`` for the settings.

        Raises:
            ValueError: an unknown kind.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown kind of fault {kind!r}: one of {', '.join(KINDS)}")
        fault = Fault(call, when, kind, **settings)
        self._armed.append(fault)
        return fault

    def armed(self, call: str) -> bool:
        """Whether any fault waits for this call."""
        return any(fault.call == call and fault.times > 0 for fault in self._armed)

    def take(self, call: str, when: When, parameters: Callable[[], Any]) -> Fault | None:
        """The fault that strikes this call now, if any; a ``pause`` is served here.

        Args:
            call: as in ``Fault``.
            when: which side of the call this is.
            parameters: gives the call's parameters, for ``match``.
        """
        for fault in self._armed:
            if (fault.call, fault.when) != (call, when) or fault.times <= 0:
                continue
            if fault.match is not None and not fault.match(parameters()):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            self.struck.append(fault)
            if fault.kind == "pause":
                self._sleep(fault.seconds)
                continue
            return fault
        return None

    @contextlib.contextmanager
    def around(self, call: str, event: Any) -> Iterator[None]:
        """Strike a function before or after its body.

        Raises:
            Refusal: throttled or refused.
            Stop: timed out, or died.
        """
        self._strike_function(self.take(call, "before", lambda: event))
        yield
        self._strike_function(self.take(call, "after", lambda: event))

    @staticmethod
    def _strike_function(fault: Fault | None) -> None:
        if fault is None:
            return
        if fault.kind in ("throttled", "refused"):
            raise Refusal(f"fault: {fault.kind}")
        raise Stop(f"fault: {fault.kind}")
