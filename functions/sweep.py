"""Every quarter of an hour: claims that nobody has settled are looked at again."""

from __future__ import annotations

from typing import Any

from shared import wiring
from shared.observability import logger, metrics, observed
from shared.usecases.sweep import sweep


@observed
def handler(_event: dict[str, Any], _context: object) -> None:
    """The schedule's event in. Raises RetryableError: Lambda tries an asynchronous call again."""
    found = sweep(wiring.world())
    metrics.count("StaleClaims", found)
    if found:
        logger.warning("claims that nobody settled", extra={"count": found})
