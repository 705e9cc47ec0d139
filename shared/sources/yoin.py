"""Yoin's own contract: facts that anybody puts on its bus. docs/events.md lists them all.

``detail`` is ``{"metadata": {...}, "data": {...}}``. Metadata may be left out as far as the
envelope says it: ``id`` (the envelope's id), ``type`` (its detail-type), ``source`` (its source),
``occurred_at`` (its time). A brand must be named unless there is only one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared.contracts import parse_fact
from shared.contracts.outgoing import MESSAGE_EVENTS, REQUEST_EVENTS
from shared.domain.errors import Rejected
from shared.domain.events import FACTS, Fact
from shared.domain.values import digest, instant_text
from shared.sources import Delivery, Kind, Opened, Source


def matches(envelope: Mapping[str, Any]) -> bool:
    """A detail-type that is a fact, or a detail in the form of the contract."""
    detail_type, detail = envelope.get("detail-type"), envelope.get("detail")
    if isinstance(detail_type, str) and detail_type in FACTS:
        return True
    in_form = isinstance(detail, Mapping) and {"metadata", "data"} <= detail.keys()
    return in_form and detail_type != "shopifyWebhook"


def open_envelope(envelope: Mapping[str, Any]) -> Opened:
    """The detail is the body, the detail-type the topic."""
    detail_type = envelope.get("detail-type")
    return Opened(
        headers={},
        body=envelope["detail"],
        topic=detail_type if isinstance(detail_type, str) else None,
    )


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The type in the metadata."""
    metadata = body.get("metadata")
    kind = metadata.get("type") if isinstance(metadata, Mapping) else None
    return kind if isinstance(kind, str) else None


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The one fact of the event. Raises Rejected."""
    given = delivery.body.get("metadata")
    if given is not None and not isinstance(given, Mapping):
        raise Rejected("MALFORMED", "metadata is not an object")
    said = {name: value for name, value in (given or {}).items() if value is not None}
    if said.get("type", delivery.topic) != delivery.topic:
        raise Rejected("INVALID_VALUE", "metadata.type is another than the event's detail-type")
    if "occurred_at" not in said and delivery.time is None:
        raise Rejected("INCOMPLETE", "metadata.occurred_at is missing")
    brand = said.get("brand")
    if brand is not None and not isinstance(brand, str):
        raise Rejected("MALFORMED", "metadata.brand is not text")
    metadata = {
        "id": delivery.event_id or _own_id(delivery.body),
        "type": delivery.topic,
        "source": delivery.sender or delivery.source,
        "occurred_at": instant_text(delivery.time) if delivery.time else None,
        **said,
        "brand": delivery.brands.find(brand=brand),
    }
    if delivery.replayed:
        metadata["historical"] = True
    return (parse_fact({**delivery.body, "metadata": metadata}),)


def _own_id(body: Mapping[str, Any]) -> str:
    """An id for an event that has none: the same text is the same event."""
    text = json.dumps(body, sort_keys=True, default=str)
    return digest("yoin", text, length=40)


SOURCE = Source(
    name="yoin",
    title="Yoin's own events",
    docs_url="docs/events.md",
    kind=Kind.CONTRACT,
    topics={name: (kind.__doc__ or "").partition("\n")[0] for name, kind in FACTS.items()},
    ignored={
        **dict.fromkeys(MESSAGE_EVENTS, "what Yoin itself says about its messages"),
        **dict.fromkeys(REQUEST_EVENTS, "what wakes Yoin's own lifecycles; it states no fact"),
        "*": "no such fact; docs/events.md lists them",
    },
    event_patterns=({"source": [{"anything-but": "yoin"}], "detail-type": sorted(FACTS)},),
    notes=(
        "Repetition: facts with the same metadata.id are one; without it the envelope's id counts.",
        "Order: metadata.occurred_at decides, never the arrival.",
    ),
    matches=matches,
    recognises=lambda _headers: False,
    open=open_envelope,
    topic_of=topic_of,
    normalize=normalize,
)
