"""A batch of an SQS queue: each message on its own; one failure does not repeat the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from shared.observability import logger


def work(event: dict[str, Any], take: Callable[[str, int], None]) -> dict[str, Any]:
    """Call ``take`` with the body of every message, and how often the queue has brought it (1:
    for the first time); returns what the queue shall bring again.

    An exception of ``take`` is logged and makes its message come again, and in the end a dead
    letter (``batchItemFailures``, as the event source mapping asks for).
    """

    def one(record: SQSRecord) -> None:
        try:
            take(record.body, _receives(record))
        except Exception:
            logger.exception("message failed", extra={"message_id": record.message_id})
            raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event=event, record_handler=one, processor=processor))


def _receives(record: SQSRecord) -> int:
    """How often it was brought; where nobody says so, as in a call by hand, more than once: then
    nothing is taken for new that may not be."""
    told = (record.raw_event.get("attributes") or {}).get("ApproximateReceiveCount")
    return int(told) if told else 2
