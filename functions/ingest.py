"""Events of platforms, carriers and merchants, from the inlet queue: made into facts and folded."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from shared.observability import logger, metrics
from shared.sources import normalize_event

from shared import wiring
from shared.domain.errors import Rejected
from shared.usecases.ingest import ingest

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
    """One event. What cannot become facts is kept whole, with what is wrong with it."""
    world = wiring.world()
    try:
        facts = normalize_event(
            record.body, brand_of=world.brands.of_shop, default_brand=wiring.default_brand()
        )
    except Rejected as error:
        world.quarantine.put(record.body, code=error.code, detail=error.detail)
        logger.warning("rejected", extra={"code": error.code, "detail": error.detail})
        metrics.count("Rejected", code=error.code)
        return
    done = ingest(world, facts)
    metrics.count("FactsIngested", len(done.published))
    metrics.count("FactsParked", done.parked)
