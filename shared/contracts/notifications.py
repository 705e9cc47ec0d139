"""What SNS wraps a message in on its way to a queue or an HTTPS endpoint.

docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html: ``{"Type": "Notification",
"Message": "<the message as text>", ...}``. A subscription with raw delivery leaves it out.
Lambda gets both in batches: ``{"Records": [{"Sns": {...}}]}`` of SNS, ``{"Records":
[{"body": "<text>"}]}`` of a queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.contracts.reading import Node, load_any
from shared.domain.errors import Rejected


def records(body: Any) -> list[Any]:
    """What is in a batch of Lambda's, each still as it came; else the parts of a list, or the
    body itself. Raises Rejected("MALFORMED")."""
    if not isinstance(body, Mapping) or "Records" not in body:
        return list(body) if isinstance(body, list | tuple) else [body]
    found: list[Any] = []
    for record in Node(body).nodes("Records"):
        sent = record.value.get("Sns", record.value.get("body"))
        found.append(load_any(sent) if isinstance(sent, str) else sent)
    return found


def unwrapped(body: Any) -> Any:
    """The JSON in a notification of SNS; what is none, or holds no JSON, as it is."""
    if not isinstance(body, Mapping) or body.get("Type") != "Notification":
        return body
    message = body.get("Message")
    if not isinstance(message, str):
        return body
    try:
        inside = load_any(message)
    except Rejected:
        return body
    return inside if isinstance(inside, Mapping | list) else body
