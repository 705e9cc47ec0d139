"""What thin events leave out, from the fetch queue: asked for at the vendor's API."""

from __future__ import annotations

from typing import Any

from shared import wiring
from shared.adapters.aws.batch import work
from shared.contracts.fetching import read_task
from shared.domain.errors import Rejected
from shared.observability import logger, metrics, observed
from shared.usecases.fetch import fetch


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """An SQS batch in; the messages to bring again out (``batchItemFailures``)."""
    return work(event, take)


def take(body: str, _receives: int) -> None:
    """One task. What the vendor does not have (any more) is kept, with what is wrong with it."""
    try:
        task = read_task(body)
        fetch(wiring.vendor_apis(), wiring.arrivals(), task)
    except Rejected as error:
        wiring.quarantine().put(body, code=error.code, detail=error.detail)
        logger.warning("rejected", extra={"code": error.code, "detail": error.detail})
        metrics.count("Rejected", code=error.code)
        return
    metrics.count("Fetched", source=task.source)
