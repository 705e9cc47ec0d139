"""What vendors send over HTTPS, by the function's own URL: verified, put on the bus, answered."""

from __future__ import annotations

from typing import Any

from shared import wiring_webhook
from shared.contracts.function_url import read_request, write_response
from shared.domain.errors import RetryableError
from shared.observability import logger, metrics, observed
from shared.usecases.webhook import UNAVAILABLE, Answer, Outcome, webhook


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """An HTTP call in (Function URL, payload 2.0), the answer to it out."""
    try:
        answer = webhook(wiring_webhook.entrance(), read_request(event))
    except RetryableError:
        logger.exception("webhook not taken")
        answer = UNAVAILABLE
    count(answer)
    allow = "POST" if answer.outcome is Outcome.METHOD_NOT_ALLOWED else ""
    return write_response(answer.status, answer.outcome, text=answer.text, allow=allow)


def count(answer: Answer) -> None:
    """The figures of one call. Of a stranger's nothing is written that the stranger chose."""
    source = answer.source
    metrics.count("WebhookEvents", answer.taken, source=source)
    metrics.count("WebhookRepeated", answer.repeated, source=source)
    metrics.count("Rejected", answer.kept, code="MALFORMED")
    metrics.count("WebhookUnremembered", int(not answer.remembered))
    metrics.count("WebhookUnavailable", int(answer.outcome is Outcome.UNAVAILABLE))
    if answer.outcome in (Outcome.REFUSED, Outcome.TOO_LARGE, Outcome.UNREADABLE):
        reason = str(answer.verdict if answer.outcome is Outcome.REFUSED else answer.outcome)
        metrics.count("WebhookRefused", source=source)
        metrics.count("WebhookRefused", source=source, reason=reason)
        told = {"source": source, "brand": answer.brand, "reason": reason}
        logger.warning("webhook refused", extra=told)
