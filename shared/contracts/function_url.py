"""HTTP as a Lambda Function URL brings it: payload format 2.0.

docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call.

    Attributes:
        method: in capitals.
        path: as it was called, escapes and all.
        url: the whole of it, with the query.
        query: its parameters.
        headers: names in small letters, values as they came.
        body: as the transport brought it: in base64 where ``in_base64`` says so.
    """

    method: str
    path: str
    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str
    in_base64: bool

    @property
    def size(self) -> int:
        """The bytes of the body, told without decoding it."""
        if not self.in_base64:
            return len(self.body.encode("utf-8", "surrogatepass"))
        return len(self.body) * 3 // 4 - self.body[-2:].count("=")

    def raw(self) -> bytes:
        """The body as it was sent. Raises Rejected("MALFORMED") where its base64 is none."""
        if not self.in_base64:
            return self.body.encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(self.body, validate=True)
        except ValueError:
            raise Rejected("MALFORMED", "the body is not the base64 that it should be") from None


def read_request(event: Mapping[str, Any]) -> Request:
    """The call in the event that Lambda hands over. Raises KeyError for any other event."""
    context, path = event["requestContext"], event["rawPath"]
    query = event.get("rawQueryString") or ""
    return Request(
        method=context["http"]["method"].upper(),
        path=path,
        url=f"https://{context['domainName']}{path}{'?' if query else ''}{query}",
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): value for name, value in event["headers"].items()},
        body=event.get("body") or "",
        in_base64=bool(event.get("isBase64Encoded")),
    )


def write_response(
    status: int, outcome: str, *, text: str | None = None, allow: str = ""
) -> dict[str, Any]:
    """The answer that Lambda takes: one word as JSON, or ``text`` as it is.

    ``allow``: the methods that there are, for 405.
    """
    headers = {
        "content-type": "application/json" if text is None else "text/plain; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    if allow:
        headers["allow"] = allow
    body = json.dumps({"outcome": outcome}) if text is None else text
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False}
