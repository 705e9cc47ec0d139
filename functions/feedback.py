"""What providers say about our messages: SES over the queue, SNS's logs from CloudWatch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared import wiring
from shared.adapters.aws.batch import work
from shared.contracts.notifications import unwrapped
from shared.contracts.reading import load
from shared.domain.errors import Rejected, RetryableError
from shared.domain.events import MessageReported
from shared.observability import logger, metrics, observed
from shared.sources import find_source, normalize, receive_all
from shared.usecases.feedback import feedback

# What Lambda hands over at most: a batch of log records is larger than an event may be.
MAX_BYTES = 6 * 1024 * 1024
_REPLY = frozenset({"originationNumber", "messageBody"})
_LOGS = frozenset({"awslogs", "logEvents", "notification"})


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """An SQS batch in; the messages to bring again out (``batchItemFailures``).

    CloudWatch Logs invokes with log records instead, asynchronously. Lambda repeats such a call
    twice; then it joins the queue's dead letters, in a form that the queue takes as well.
    """
    if "awslogs" in event:
        take(json.dumps(event), 1)
        return {}
    return work(event, take)


def take(body: str, _receives: int) -> None:
    """One message, which may hold several records. What cannot become facts is kept whole, with
    what is wrong with it. Raises RetryableError, once every record has been tried, where an
    entry cannot be read yet.
    """
    try:
        source, records = _records(body)
    except Rejected as error:
        _refuse(body, error)
        return
    not_yet: RetryableError | None = None
    for record in records:
        try:
            _take_record(record, source)
        except Rejected as error:
            _refuse(body if len(records) == 1 else json.dumps(record, default=str), error)
        except RetryableError as error:
            not_yet = error
    if not_yet is not None:
        raise not_yet


def _records(body: str) -> tuple[str, tuple[Mapping[str, Any], ...]]:
    """Whose records a message holds, and they themselves. Raises Rejected."""
    message = load(body, limit=MAX_BYTES)
    inside = unwrapped(message)
    if isinstance(inside, Mapping) and inside.keys() >= _REPLY:
        return "sns", find_source("sns").split(message)
    if isinstance(inside, Mapping) and _LOGS & inside.keys():
        return "sns", find_source("sns").split(inside)
    return "ses", (message,)


def _take_record(record: Mapping[str, Any], source: str) -> None:
    """One record. The ledger says whose message it is about, where the record does not."""
    for delivery in receive_all(record, source=source):
        facts = normalize(delivery)
        heard = feedback(wiring.world(), facts)
        metrics.count("ProviderEvents", heard.unclaimed, word="UNCLAIMED")
        if heard.brake is not None:
            metrics.count("BrakeTripped")
            logger.warning("marketing is stopped", extra={"cause": heard.brake.cause})
        for fact in facts:
            if isinstance(fact.data, MessageReported):
                metrics.count("ProviderEvents", 1 - heard.unclaimed, word=fact.data.word)


def _refuse(raw: str, error: Rejected) -> None:
    wiring.world().quarantine.put(raw, code=error.code, detail=error.detail)
    logger.warning("rejected", extra={"code": error.code, "detail": error.detail})
    metrics.count("Rejected", code=error.code)
