"""HTTP as a Lambda Function URL brings it: payload format 2.0.

docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

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


_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_MAX_FIELDS = 400


def read_form(request: Request, *, limit: int) -> dict[str, tuple[str, ...]]:
    """The fields of a form, each with its values in their order. An empty body is an empty form.

    In both encodings that a browser knows: mail programs unsubscribe by multipart/form-data
    (RFC 8058, section 3.1). Raises Rejected("OVERSIZED") for more than ``limit`` bytes, and
    Rejected("MALFORMED") for what is no form.
    """
    if request.size > limit:
        raise Rejected("OVERSIZED", f"the body has more than {limit} bytes")
    raw = request.raw()
    if not raw.strip():
        return {}
    said = request.headers.get("content-type", "")
    kind = said.partition(";")[0].strip().lower()
    try:
        if kind == _FORM:
            pairs = parse_qsl(
                raw.decode("utf-8"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MAX_FIELDS,
            )
        elif kind == _MULTIPART:
            pairs = _parts(said, raw)
        else:
            raise Rejected("MALFORMED", "the body is no form")
    except (ValueError, LookupError, RecursionError):  # the email package reads by recursion
        raise Rejected("MALFORMED", "the body is not the form that it says") from None
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return fields


def _parts(content_type: str, raw: bytes) -> list[tuple[str, str]]:
    """The fields of multipart/form-data (RFC 7578). Raises ValueError."""
    if "\r" in content_type or "\n" in content_type:
        raise ValueError("a header of two lines")
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "strict")
    message = BytesParser(EmailMessage, policy=policy.HTTP).parsebytes(head + raw)
    if not message.is_multipart() or message.defects:
        raise ValueError("no parts")
    found = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise ValueError("a part that is no field")
        found.append((name, content.decode("utf-8").removesuffix("\r\n")))
    return found


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


def write_page(
    status: int, html: str, *, style: str, images: str = "", allow: str = "", retry_after: int = 0
) -> dict[str, Any]:
    """An HTML page as the answer: it may do nothing but look like it does and send its own form.

    ``style``: the source expression of its only style sheet (CSP Level 3), such as 'sha256-…';
    ``images``: the origins of its pictures. ``retry_after``: seconds, for 503. The address of the
    page is a secret of the person's: it goes to no cache, no index and no other site (a Referer).
    """
    sources = f"img-src {images}; " if images else ""
    headers = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
        "cross-origin-opener-policy": "same-origin",
        "content-security-policy": (
            f"default-src 'none'; style-src {style}; {sources}form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
    }
    if allow:
        headers["allow"] = allow
    if retry_after:
        headers["retry-after"] = str(retry_after)
    return {"statusCode": status, "headers": headers, "body": html, "isBase64Encoded": False}
