"""A text of any length costs a reading no more than a moment: what a vendor signed may still hold a
customer's words, or a stranger's."""

from __future__ import annotations

import time
from typing import Any

import pytest

from shared.domain.errors import Rejected
from shared.sources import normalize, receive_all
from tests.builders import T0
from tests.sources.vendors import dhl

pytestmark = pytest.mark.slow

LONG = {
    "signs": "- " * 60_000 + "!",
    "accents": "a" + "\u0301\u0316" * 60_000,
    "digits": "1" * 120_000,
    "hyphens": "1-" * 60_000,
    "spaces": " " * 120_000 + "x",
    "letters": "a" * 120_000,
    "tags": "<" * 120_000,
    "dates": "2026-04-" * 15_000,
    "subscriptions": "定期" * 30_000,
}
POSTS: dict[str, Any] = {
    "yamato": {
        "tracking_number": "123456789012",
        "events": [{"status": "配達完了", "at": "2026-04-01 10:00", "place": "x"}],
    },
    "carrier": {
        "tracking_number": "123456789012",
        "carrier": "x",
        "events": [{"status": "delivered", "at": "2026-04-01T10:00:00Z", "place": "x"}],
    },
    "dhl": dhl.answer(
        dhl.shipment([dhl.event("2026-04-01T10:00:00", "delivered", "x", "Delivered, signed by x")])
    ),
}


def everywhere(value: Any, text: str) -> Any:
    """The value with ``text`` in the place of each text, one after the other."""
    if isinstance(value, dict):
        for key, inside in value.items():
            for changed in everywhere(inside, text):
                yield {**value, key: changed}
    elif isinstance(value, list):
        for place, inside in enumerate(value):
            for changed in everywhere(inside, text):
                yield [*value[:place], changed, *value[place + 1 :]]
    elif isinstance(value, str):
        yield text


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
@pytest.mark.parametrize("source", POSTS)
def test_a_long_text_takes_a_moment(source: str, text: str) -> None:
    for body in everywhere(POSTS[source], text):
        began = time.process_time()
        try:
            for delivery in receive_all(body, source=source, topic=None, received_at=T0):
                normalize(delivery)
        except Rejected:
            pass
        assert time.process_time() - began < 2.5
