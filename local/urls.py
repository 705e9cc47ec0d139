"""Function URLs: a call over HTTPS as the event that Lambda makes of it (payload format 2.0).

docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

#: What Lambda hands over as text; every other body comes in base64.
_TEXT = ("text/", "application/json", "application/javascript", "application/xml")


class HttpAnswer(NamedTuple):
    """What the caller gets."""

    status: int
    body: str
    headers: Mapping[str, str]


def http_event(
    method: str, host: str, path: str, headers: Mapping[str, str], body: bytes
) -> dict[str, Any]:
    """The event of a call. ``path`` may have a query."""
    raw_path, _, query = path.partition("?")
    sent = {name.lower(): value for name, value in headers.items()}
    as_text = sent.get("content-type", "").startswith(_TEXT)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": raw_path,
        "rawQueryString": query,
        "headers": {**sent, "host": host, "x-forwarded-proto": "https"},
        "requestContext": {
            "accountId": "anonymous",
            "domainName": host,
            "http": {"method": method, "path": raw_path, "protocol": "HTTP/1.1"},
        },
        "isBase64Encoded": not as_text,
    }
    if query:
        event["queryStringParameters"] = dict(parse_qsl(query, keep_blank_values=True))
    if body:
        event["body"] = (
            body.decode("utf-8", "replace") if as_text else base64.b64encode(body).decode()
        )
    return event


def http_answer(answer: Mapping[str, Any]) -> HttpAnswer:
    """What the caller gets for what the handler returned."""
    body = answer.get("body") or ""
    if answer.get("isBase64Encoded"):
        body = base64.b64decode(body).decode("utf-8", "replace")
    return HttpAnswer(int(answer["statusCode"]), body, dict(answer.get("headers") or {}))
