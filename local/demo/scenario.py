"""The demo as a scenario: its lines in the order of arrival, and a title per order."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache

from local.demo.book import BEGINNING, Bilingual, Book
from local.demo.shops import SHOPS
from local.demo.stories import tell
from shared.domain.values import instant_text

DAYS = 120
TITLE: Bilingual = ("2つのお店の120日", "Two shops, one hundred and twenty days")


@cache
def book() -> Book:
    """All stories, told once."""
    written = Book()
    tell(written)
    return written


def lines(days: int = DAYS) -> tuple[str, ...]:
    """The scenario as JSON lines ``{"at", "event"}``, as far as it arrives within ``days``.

    What arrives at the same instant stays in the order of telling.
    """
    end = BEGINNING + timedelta(days=days)
    arrivals = sorted(
        (arrival for arrival in book().arrivals if arrival.at <= end),
        key=lambda arrival: arrival.at,
    )
    return tuple(
        json.dumps(
            {"at": instant_text(arrival.at), "event": arrival.event},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for arrival in arrivals
    )


def parts(days: int = DAYS) -> tuple[tuple[str, ...], ...]:
    """The lines by brand: brands have nothing to do with each other.

    An event of no brand is in the first part.
    """
    shops = {shop.domain: shop.brand for shop in SHOPS}
    found: dict[str, list[str]] = {shop.brand: [] for shop in SHOPS}
    for line in lines(days):
        metadata = json.loads(line)["event"]["detail"]["metadata"]
        brand = metadata.get("brand") or shops.get(metadata.get("X-Shopify-Shop-Domain", ""))
        found[brand or SHOPS[0].brand].append(line)
    return tuple(tuple(own) for own in found.values() if own)


def titles() -> dict[tuple[str, str], Bilingual]:
    """(brand, order id) → (ja, en)."""
    return dict(book().titles)
