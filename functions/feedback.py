"""What SES says about our messages, from the feedback queue."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from shared.observability import logger, metrics

from shared import wiring
from shared.contracts.ses_events import parse_ses_event
from shared.domain.errors import Rejected
from shared.usecases.feedback import feedback

processor = BatchProcessor(event_type=EventType.SQS)


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An SQS batch in; the records to deliver again out (``batchItemFailures``)."""
    return dict(
        process_partial_response(
            event=event, record_handler=take, processor=processor, context=context
        )
    )


def take(record: SQSRecord) -> None:
    """One record of SES. One that is about no message of ours is left alone."""
    world = wiring.world()
    try:
        told = parse_ses_event(record.body)
    except Rejected as error:
        world.quarantine.put(record.body, code=error.code, detail=error.detail)
        logger.warning("rejected", extra={"code": error.code, "detail": error.detail})
        return
    if told is not None:
        feedback(world, told)
        metrics.count("ProviderEvents", word=told.word)
