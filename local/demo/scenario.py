"""The demo as a scenario: its lines in the order of arrival, and a title per order."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache

from local.demo.book import BEGINNING, Arrival, Bilingual, Book
from local.demo.shops import SHOPS
from local.demo.stories import tell
from shared.domain.values import instant_text

DAYS = 120
TITLE: Bilingual = ("4つのお店の120日", "Four shops, one hundred and twenty days")


@cache
def book() -> Book:
    """All stories, told once."""
    written = Book()
    tell(written)
    return written


def lines(days: int = DAYS) -> tuple[str, ...]:
    """The scenario as JSON lines (local/scenario.py), as far as it arrives within ``days``.

    What arrives at the same instant stays in the order of telling.
    """
    return tuple(_text(arrival) for arrival in _arrivals(days))


def parts(days: int = DAYS, processes: int = 2) -> tuple[tuple[str, ...], ...]:
    """The lines, divided by brand into about equal parts: brands have nothing to do with each
    other. A line of no brand is in the first part.
    """
    told = _arrivals(days)
    counts = {shop.brand: sum(a.brand == shop.brand for a in told) for shop in SHOPS}
    shares: list[set[str | None]] = [set() for _ in range(processes)]
    for brand in sorted(counts, key=lambda brand: -counts[brand]):
        sizes = [sum(counts.get(one or "", 0) for one in share) for share in shares]
        shares[sizes.index(min(sizes))].add(brand)
    shares[0].add(None)
    found = (tuple(_text(a) for a in told if a.brand in share) for share in shares)
    return tuple(own for own in found if own)


def titles() -> dict[tuple[str, str], Bilingual]:
    """(brand, order id) → (ja, en)."""
    return dict(book().titles)


def _arrivals(days: int) -> list[Arrival]:
    end = BEGINNING + timedelta(days=days)
    return sorted(
        (arrival for arrival in book().arrivals if arrival.at <= end),
        key=lambda arrival: arrival.at,
    )


def _text(arrival: Arrival) -> str:
    return json.dumps(
        {"at": instant_text(arrival.at), **arrival.line},
        ensure_ascii=False,
        separators=(",", ":"),
    )
