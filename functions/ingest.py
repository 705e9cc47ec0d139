"""Events of platforms, carriers and merchants, from the inlet queue: made into facts and folded."""

from __future__ import annotations

from typing import Any

from shared import wiring
from shared.adapters.aws.batch import work
from shared.domain.errors import Ignored, Rejected
from shared.observability import logger, metrics, observed
from shared.sources import read_event
from shared.usecases.ingest import ingest, is_first_attempt


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """An SQS batch in; the messages to bring again out (``batchItemFailures``)."""
    return work(event, take)


def take(body: str, receives: int) -> None:
    """One event. What cannot become facts is kept whole, with what is wrong with it."""
    world = wiring.world()
    try:
        told = read_event(body, wiring.known_brands())
    except Ignored as error:
        logger.info("ignored", extra={"code": error.code, "detail": error.detail})
        metrics.count("Ignored")
        return
    except Rejected as error:
        world.quarantine.put(body, code=error.code, detail=error.detail)
        logger.warning("rejected", extra={"code": error.code, "detail": error.detail})
        metrics.count("Rejected", code=error.code)
        return
    for task in told.tasks:
        wiring.fetch_queue().put(task)
    first = is_first_attempt(receives, told.arrived_at, world.clock.now())
    done = ingest(world, told.facts, news_only=first)
    metrics.count("FactsIngested", len(done.published))
    metrics.count("FactsParked", done.parked)
    metrics.count("FactsErased", done.erased)
    metrics.count("UnclaimedReports", done.unclaimed)
    metrics.count("FetchesAsked", len(told.tasks))
