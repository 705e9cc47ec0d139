"""Logs and figures of the functions, without personal data.

``logger`` writes JSON. Of what it is given it writes the keys in ``KEYS`` and drops every other;
values must be plain, and what looks like an address or a telephone number is blanked out. The
message is the constant text of the call, never filled in. Of an exception it writes the class,
the way it came, and the text only where the text is Yoin's own: those of libraries quote values.

``metrics`` counts, in CloudWatch's embedded format, when the function ends. The names and
dimensions are those of the dashboard (infra/constructs/dashboard.py):

    MessageSent, MessageSkipped, MessageFailed   by service and lifecycle; skipped and failed
                                                 by reason as well
    FactsIngested, FactsParked                   by service
    Rejected                                     by service and code
    ProviderEvents                               by service and word; UNCLAIMED: about a message
                                                 that somebody else sent
    SendFailures                                 by service, provider and code
"""

from __future__ import annotations

import functools
import json
import logging
import os
import re
import traceback
from collections import Counter
from collections.abc import Callable
from typing import IO, Any, ParamSpec, TypeVar

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.functions import is_metrics_disabled
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

from shared.domain.errors import PermanentError, YoinError

P = ParamSpec("P")
R = TypeVar("R")

NAMESPACE = "Yoin"

# What may stand in a log line. Every one holds an id, a word of ours or a number.
KEYS = frozenset(
    {
        # of every line
        "level",
        "location",
        "message",
        "timestamp",
        "service",
        "cold_start",
        "correlation_id",
        "function_arn",
        "function_memory_size",
        "function_name",
        "function_request_id",
        "xray_trace_id",
        # what it is about
        "action",
        "attempts",
        "brand",
        "cause",
        "channel",
        "code",
        "count",
        "detail",
        "execution",
        "fact_type",
        "facts",
        "lifecycle",
        "message_id",
        "occurrence",
        "order_id",
        "outcome",
        "parked",
        "provider_id",
        "reason",
        "shipment_id",
        "source",
        "stage",
        "topic",
        "wake_at",
        "word",
        # what went wrong
        "caused_by",
        "error",
        "error_type",
        "frames",
    }
)
# An address begins where a word begins: tried at every letter, a long word would take for ever.
_IN_WORD = r"[^\s@<>\"',;:()]"
_ADDRESS = re.compile(rf"(?<!{_IN_WORD}){_IN_WORD}+@{_IN_WORD}+|\+\d[\d ()-]{{6,}}\d")
_LONGEST = 2000
_BLANK = "[blanked]"
# Their debug lines quote whole requests, with all that is in them.
_TALKATIVE = ("boto3", "botocore", "urllib3")


class AllowListFormatter(LambdaPowertoolsFormatter):
    """JSON lines that hold the keys in ``KEYS`` only."""

    def format(self, record: logging.LogRecord) -> str:
        """One line. The record itself is left as it is."""
        clean = logging.makeLogRecord(record.__dict__)
        # The constant text, not what a caller may have filled into it.
        clean.msg = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        clean.args = ()
        error = record.exc_info[1] if record.exc_info else None
        clean.exc_info, clean.exc_text, clean.stack_info = None, None, None
        if error is not None:
            clean.__dict__.update(described(error))
        return super().format(clean)

    def serialize(self, log: Any) -> str:
        """Drop what is not allowed, make the rest plain."""
        plain = {name: _plain(value) for name, value in log.items() if name in KEYS}
        return super().serialize(plain)


def described(error: BaseException) -> dict[str, str]:
    """An exception as log keys, without any text that is not Yoin's own."""
    said = {"error_type": type(error).__name__, "frames": " < ".join(_frames(error))}
    if isinstance(error, YoinError):
        said["error"] = str(error)
    if error.__cause__ is not None:
        said["caused_by"] = type(error.__cause__).__name__
    return said


def _frames(error: BaseException) -> list[str]:
    """Where it came from, the innermost first: file, line and function."""
    frames = traceback.extract_tb(error.__traceback__)
    return [
        f"{os.path.basename(f.filename)}:{f.lineno} {f.name}"  # noqa: PTH119 - pathlib costs a start
        for f in reversed(frames)
    ][:12]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        # Half a character would be an error of the stream, and the line would be gone.
        whole = value.encode("utf-8", "replace").decode("utf-8")
        return _ADDRESS.sub(_BLANK, whole)[:_LONGEST]
    return f"[{type(value).__name__}]"


def make_logger(stream: IO[str] | None = None) -> Logger:
    """A logger of the service that the environment names; level: POWERTOOLS_LOG_LEVEL."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.INFO)
    return Logger(stream=stream, logger_formatter=AllowListFormatter(utc=True, use_rfc3339=True))


class Metrics:
    """Counts until ``flush``, then prints one line per set of dimensions."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()

    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        """Add ``value`` to a figure, by service and ``dimensions``."""
        if value:
            self._counts[name, tuple(sorted(dimensions.items()))] += value

    def outcome(self, name: str, *, lifecycle: str, reason: str) -> None:
        """Count what became of a message; of one that was not sent, the reason as well."""
        self.count(name, lifecycle=lifecycle)
        if name != "MessageSent":
            self.count(name, lifecycle=lifecycle, reason=reason)

    def forget(self) -> None:
        """Drop what was counted and not printed: for tests."""
        self._counts.clear()

    def flush(self) -> None:
        """Print what was counted, for CloudWatch to read out of the log."""
        counts, self._counts = self._counts, Counter()
        if is_metrics_disabled():
            return
        for (name, dimensions), value in counts.items():
            line = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
            for dimension, said in dimensions:
                line.add_dimension(dimension, said)
            line.add_metric(name, MetricUnit.Count, value)
            print(json.dumps(line.serialize_metric_set(), separators=(",", ":")))  # noqa: T201 - the format is read out of the log

    def log_metrics(self, handler: Callable[P, R]) -> Callable[P, R]:
        """A handler that flushes when it ends, however it ends."""

        @functools.wraps(handler)
        def flushing(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return handler(*args, **kwargs)
            finally:
                self.flush()

        return flushing


metrics = Metrics()
logger = make_logger()


def observed(handler: Callable[P, R]) -> Callable[P, R]:
    """A handler whose figures are flushed and whose failures are logged without personal data.

    Lambda writes the text of an error that leaves a handler into the log, and hands it to the
    caller. Yoin's own errors pass as they are; any other becomes a PermanentError that names its
    class and place, because its text may quote what it failed on.
    """

    @metrics.log_metrics
    @functools.wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return handler(*args, **kwargs)
        except YoinError:
            logger.exception("failed")
            raise
        except Exception as error:
            logger.exception("failed unexpectedly")
            place = next(iter(_frames(error)), "nowhere")
            raise PermanentError(f"{type(error).__name__} at {place}") from None

    return guarded
