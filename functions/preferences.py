"""The preference centre, by the function's own URL: pages for people, and the button of a mail
program that unsubscribes (RFC 8058)."""

from __future__ import annotations

from typing import Any

from shared import wiring
from shared.contracts.function_url import read_request, write_page
from shared.domain.errors import RetryableError
from shared.observability import logger, metrics, observed
from shared.usecases.preferences import METHODS, RETRY_AFTER, Outcome, unavailable, visit


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """An HTTP call in (Function URL, payload 2.0), a page out."""
    request = read_request(event)
    try:
        answer = visit(wiring.reception(), request)
    except RetryableError:
        logger.exception("page not served")
        answer = unavailable()
    metrics.count("PageVisits", page=answer.page)
    shown = wiring.pages().render(
        answer.page,
        answer.brand,
        answer.content,
        asked=request.query.get("lang", ""),
        locale=answer.locale,
        accepted=request.headers.get("accept-language", ""),
    )
    return write_page(
        answer.status,
        shown.html if request.method != "HEAD" else "",
        style=shown.style,
        images=shown.images,
        allow=METHODS if answer.outcome is Outcome.METHOD_NOT_ALLOWED else "",
        retry_after=RETRY_AFTER.seconds if answer.outcome is Outcome.UNAVAILABLE else 0,
    )
