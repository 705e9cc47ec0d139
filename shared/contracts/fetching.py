"""What a thin event leaves out, and how it is asked for at the vendor's API.

A source says *what* is missing (``Fetch``: a path on an API of its own, never an address out of
the payload) and *how* its API is spoken to (``Api``). Only the fetch function has the token and
goes out into the network; what it brings comes back as an event of the same source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from shared.contracts import values
from shared.contracts.reading import load
from shared.domain.deliveries import Api, Fetch, FetchTask
from shared.domain.errors import Rejected
from shared.domain.values import instant_text

__all__ = ["Api", "Fetch", "FetchTask", "read_task", "segment", "write_task"]

_SAFE_SEGMENT = re.compile(r"[A-Za-z0-9_.~=-]{1,200}", re.ASCII)


def segment(text: str) -> str | None:
    """``text`` where it can stand in a path as it is; None for anything else, dots alone too."""
    return text if _SAFE_SEGMENT.fullmatch(text) and text.strip(".") else None


def write_task(task: FetchTask) -> str:
    """A task as the JSON text of a queue's message."""
    told = {
        "source": task.source,
        "brand": task.brand,
        "fetch": _fetch_to_json(task.fetch),
        "headers": dict(task.headers),
        "event_id": task.event_id,
        "received_at": instant_text(task.received_at) if task.received_at else None,
        "replayed": task.replayed,
        "rounds": task.rounds,
    }
    return json.dumps(told, ensure_ascii=False)


def read_task(text: str) -> FetchTask:
    """What ``write_task`` wrote. Raises Rejected("MALFORMED")."""
    told = load(text)
    try:
        at = told.get("received_at")
        return FetchTask(
            source=told["source"],
            brand=told["brand"],
            fetch=_fetch_from_json(told["fetch"]),
            headers=told.get("headers") or {},
            event_id=told.get("event_id"),
            received_at=values.instant(at) if at else None,
            replayed=told.get("replayed") is True,
            # A task that was queued before there were further rounds says nothing of them.
            rounds=int(told.get("rounds") or 0),
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Rejected("MALFORMED", "not a task of the fetch queue") from None


def _fetch_to_json(fetch: Fetch) -> dict[str, Any]:
    return {
        "path": fetch.path,
        "topic": fetch.topic,
        "query": dict(fetch.query),
        "method": fetch.method,
        "body": fetch.body,
        "wrap": fetch.wrap,
        "extra": dict(fetch.extra),
        "also": [_fetch_to_json(part) for part in fetch.also],
        "shop": fetch.shop,
    } | ({"optional": True} if fetch.optional else {})


def _fetch_from_json(told: Mapping[str, Any]) -> Fetch:
    also = tuple(_fetch_from_json(part) for part in told["also"])
    return Fetch(**{**told, "also": also})
