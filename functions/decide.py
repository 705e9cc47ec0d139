"""Decide what a lifecycle does now for an order: the first task of every state machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from shared import lifecycles, wiring
from shared.domain.limits import GUARDS
from shared.observability import logger, metrics, observed
from shared.usecases.decide import decide


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """``{lifecycle, brand, order_id}`` in; a DecideResult with all its keys out.

    Raises KeyError for an unknown lifecycle, BrandError for an unknown brand, RetryableError
    where a store failed.
    """
    lifecycle = lifecycles.load(event["lifecycle"])
    result = decide(wiring.world(), lifecycle, event["brand"], event["order_id"])
    if result.reason in GUARDS:
        metrics.count("Held", reason=result.reason)
    logger.info("decided", extra={**event, "action": result.action, "reason": result.reason})
    return asdict(result)
