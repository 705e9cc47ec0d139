"""A vendor's event on its way from the webhook, or the fetch function, to ingest.

Both put it on the bus as it came: an EventBridge event with the source ``yoin.webhook``, so that
the archive and whoever is interested have the vendor's own words. A body that would be too large
for the bus travels compressed.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.contracts import values
from shared.domain.deliveries import Arrived
from shared.domain.errors import Rejected
from shared.domain.values import instant_text

__all__ = ["Arrived", "part_text", "read_arrived", "write_arrived", "write_envelope"]

WEBHOOK_SOURCE = "yoin.webhook"
DETAIL_TYPE = "WebhookReceived"

# What a webhook may bring. Platforms' largest orders are a few hundred kilobytes.
MAX_DELIVERY_BYTES = 1024 * 1024

# An entry of PutEvents has 256 KB, the envelope included; JSON in JSON needs room for escapes.
_PLAIN_BYTES = 100 * 1024
_ON_THE_BUS = 230 * 1024


def write_arrived(arrived: Arrived) -> dict[str, Any]:
    """The ``detail`` of the event. Raises Rejected("OVERSIZED") for what the bus cannot carry."""
    raw = arrived.body.encode("utf-8", "surrogatepass")
    body, encoding = arrived.body, "text"
    if len(raw) > _PLAIN_BYTES:
        body, encoding = base64.b64encode(gzip.compress(raw, mtime=0)).decode(), "gzip"
        if len(body) > _ON_THE_BUS:
            raise Rejected("OVERSIZED", f"{len(raw)} bytes are more than the bus can carry")
    detail = {
        "source": arrived.source,
        "brand": arrived.brand,
        "headers": dict(arrived.headers),
        "topic": arrived.topic,
        "event_id": arrived.event_id,
        "received_at": instant_text(arrived.received_at) if arrived.received_at else None,
        "rounds": arrived.rounds or None,
        "encoding": encoding,
        "body": body,
        "bundled": True if arrived.bundled else None,
    }
    return {key: value for key, value in detail.items() if value is not None}


def write_envelope(arrived: Arrived) -> str:
    """The event as EventBridge hands it on: what the quarantine keeps, so that a repetition goes
    the way of ingest. All in ASCII: a body that is no text at all is kept as well.

    Raises Rejected("OVERSIZED").
    """
    at = {"time": instant_text(arrived.received_at)} if arrived.received_at else {}
    envelope = {"detail-type": DETAIL_TYPE, "source": WEBHOOK_SOURCE, **at}
    return json.dumps(envelope | {"detail": write_arrived(arrived)})


def part_text(part: Any) -> str:
    """A part of what ``load_any`` parsed as JSON text again, every number with the digits that it
    came with. Raises Rejected("MALFORMED") for what is nested too deep."""
    try:
        return _text_of(part)
    except RecursionError:
        raise Rejected("MALFORMED", "nested too deep") from None


def _text_of(value: Any) -> str:
    if isinstance(value, Mapping):
        fields = (f"{json.dumps(name)}:{_text_of(item)}" for name, item in value.items())
        return "{" + ",".join(fields) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_text_of(item) for item in value) + "]"
    # A Decimal's text is a JSON number, as written but for the form of the exponent.
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def read_arrived(envelope: Mapping[str, Any]) -> Arrived:
    """What ``write_arrived`` wrote, out of its EventBridge envelope.

    Raises Rejected("MALFORMED").
    """
    detail = envelope.get("detail")
    if not isinstance(detail, Mapping):
        raise Rejected("MALFORMED", "detail is not an object")
    said = {key: detail.get(key) for key in ("source", "brand", "body", "encoding")}
    if not all(isinstance(value, str) for value in said.values()):
        raise Rejected("MALFORMED", "detail has not the texts source, brand, body and encoding")
    headers = detail.get("headers") or {}
    if not isinstance(headers, Mapping):
        raise Rejected("MALFORMED", "detail.headers is not an object")
    topic, event_id, at = (detail.get(key) for key in ("topic", "event_id", "received_at"))
    rounds = detail.get("rounds")
    if type(rounds) is not int:
        # What was fetched before there were further rounds says its topic only.
        rounds = 1 if isinstance(topic, str) else 0
    return Arrived(
        source=str(said["source"]),
        brand=str(said["brand"]),
        body=_text(str(said["body"]), str(said["encoding"])),
        headers={str(name): str(value) for name, value in headers.items()},
        topic=topic if isinstance(topic, str) else None,
        event_id=event_id if isinstance(event_id, str) else None,
        received_at=values.instant(at) if isinstance(at, str) else None,
        replayed=bool(envelope.get("replay-name")),
        rounds=rounds,
        bundled=detail.get("bundled") is True,
    )


def _text(body: str, encoding: str) -> str:
    if encoding != "gzip":
        return body
    try:
        unzipped = zlib.decompressobj(wbits=31)
        raw = unzipped.decompress(base64.b64decode(body, validate=True), MAX_DELIVERY_BYTES + 1)
        if len(raw) > MAX_DELIVERY_BYTES:
            raise Rejected("OVERSIZED", "the body is larger than a delivery may be")
        return raw.decode("utf-8", "surrogatepass")
    except (ValueError, zlib.error):
        raise Rejected("MALFORMED", "detail.body is not what its encoding says") from None
