"""What SES says about our messages, from the feedback queue."""

from __future__ import annotations

from typing import Any

from shared import wiring
from shared.adapters.aws.batch import work
from shared.contracts.ses_events import parse_ses_event
from shared.domain.errors import Rejected
from shared.observability import logger, metrics, observed
from shared.usecases.feedback import feedback


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """An SQS batch in; the messages to bring again out (``batchItemFailures``)."""
    return work(event, take)


def take(body: str) -> None:
    """One record of SES. One about a mail that is not ours is left alone."""
    world = wiring.world()
    try:
        told = parse_ses_event(body)
    except Rejected as error:
        world.quarantine.put(body, code=error.code, detail=error.detail)
        logger.warning("rejected", extra={"code": error.code, "detail": error.detail})
        metrics.count("Rejected", code=error.code)
        return
    if told is not None:
        feedback(world, told)
        metrics.count("ProviderEvents", word=told.word)
