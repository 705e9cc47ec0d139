"""Send one message that a lifecycle decided on, at most once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from shared import lifecycles, wiring
from shared.domain.limits import GUARDS
from shared.observability import logger, metrics, observed
from shared.usecases.decide import entry_key
from shared.usecases.send import send


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """``{lifecycle, brand, order_id, occurrence, channel}`` in; a SendResult out.

    Raises RetryableError where a store failed; the claim then holds until its lease runs out.
    """
    lifecycle = lifecycles.load(event["lifecycle"])
    key = entry_key(
        event["brand"],
        event["order_id"],
        event["lifecycle"],
        event["occurrence"],
        event["channel"],
    )
    result = send(wiring.world(), lifecycle, key)
    if result.reason in GUARDS:
        metrics.count("Held", reason=result.reason)
    logger.info("send", extra={**event, **asdict(result)})
    return asdict(result)
