"""Handlers for the tests of the local runtime: they note what they got and do as they are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

#: What every handler was called with, in order: (function, event).
calls: list[tuple[str, Any]] = []
#: What a handler does, by the function's last name; put there by a test.
behaviour: dict[str, Callable[[Any, Any], Any]] = {}


class RetryableError(Exception):
    """Named by the test workflow."""


class PermanentError(Exception):
    """Named by nobody."""


def handler(event: Any, context: Any) -> Any:
    name = context.function_name.rsplit("-", 1)[1]
    calls.append((name, event))
    return behaviour[name](event, context) if name in behaviour else {}


def bodies(name: str) -> list[Any]:
    """The bodies of all SQS records that a function got, batch by batch."""
    return [
        [json.loads(record["body"]) for record in event["Records"]]
        for called, event in calls
        if called == name
    ]
