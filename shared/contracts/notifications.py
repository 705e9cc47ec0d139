"""What SNS wraps a message in on its way to a queue or an HTTPS endpoint.

docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html: ``{"Type": "Notification",
"Message": "<the message as text>", ...}``. A subscription with raw delivery leaves it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.contracts.reading import load_any
from shared.domain.errors import Rejected


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
