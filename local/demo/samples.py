"""Events to choose from in `yoin serve`: a new order, and what may happen to it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from local.demo.book import Bilingual, Book, OrderStory, Parcel
from local.demo.shops import AOBA, NORTHLIGHT, Shop

FIRST_NUMBER = 1900
"""Orders put in by hand have numbers from here on; the demo's own stay below."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """An event that can be put in as it stands."""

    name: str
    title: Bilingual
    event: Mapping[str, Any]


def samples(now: datetime, put: int) -> tuple[Sample, ...]:
    """What can be put in at ``now``, after ``put`` orders were put in by hand.

    A new order has a number of its own; the others are about the one put in last.
    """
    new, last = FIRST_NUMBER + put, FIRST_NUMBER + put - 1
    found = [
        _first(
            "order-card",
            "新しいご注文（青葉茶舗・カード）",
            "A new order (Aoba Chaho, card)",
            _tea(new, now, "card"),
        ),
        _first(
            "order-konbini",
            "新しいご注文（青葉茶舗・コンビニ払い）",
            "A new order (Aoba Chaho, konbini)",
            _tea(new, now, "konbini"),
        ),
        _first(
            "order-coffee",
            "新しいご注文（Northlight）",
            "A new order (Northlight Coffee)",
            _coffee(new, now),
        ),
    ]
    if put > 0:
        found += _afterwards(last, now)
    return tuple(found)


def _afterwards(number: int, now: datetime) -> list[Sample]:
    """What may happen to an order at Aoba Chaho that was placed a while ago."""
    placed = now - timedelta(minutes=30)
    about = f"#{number}"

    def sample(name: str, ja: str, en: str, story: OrderStory) -> Sample:
        return _last(name, f"{ja}（{about}）", f"{en} ({about})", story)

    paid = _tea(number, placed, "konbini")
    paid.paid(now)
    cancelled = _tea(number, placed, "card")
    cancelled.cancelled(now, refund=False)
    shipped = _tea(number, placed, "card")
    shipped.ship(now)
    found = [
        sample("paid", "ご入金", "Paid", paid),
        sample("cancelled", "キャンセル", "Cancelled", cancelled),
        sample("shipped", "発送", "Shipped", shipped),
    ]
    scans = (
        ("accepted", "荷物受付", "Accepted by the carrier", "ACCEPTED", "荷物受付"),
        ("absent", "ご不在", "Nobody at home", "DELIVERY_ATTEMPTED", "持戻（ご不在）"),
        ("exception", "配送の問題", "Exception: address unknown", "EXCEPTION", "持戻（住所不明）"),
        ("delivered", "お届け完了", "Delivered", "DELIVERED", "配達完了"),
    )
    for name, ja, en, status, raw in scans:
        parcel = _parcel(number, placed)
        parcel.scan(now, status, raw)
        found.append(sample(name, ja, en, parcel.story))
    return found


def _parcel(number: int, placed: datetime) -> Parcel:
    return _tea(number, placed, "card").ship(placed)


def _tea(number: int, placed: datetime, pay: str) -> OrderStory:
    due = placed + timedelta(days=3) if pay == "konbini" else None
    return _order(AOBA, number, placed, "akari", {"SENCHA-100": 1, "HOJICHA-TB20": 1}, pay, due)


def _coffee(number: int, placed: datetime) -> OrderStory:
    return _order(NORTHLIGHT, number, placed, "mara", {"AURORA-12-WB": 1}, "card", None)


def _order(
    shop: Shop,
    number: int,
    placed: datetime,
    who: str,
    items: Mapping[str, int],
    pay: str,
    due: datetime | None,
) -> OrderStory:
    # The running number of parcels is the order's: a parcel is the same one in every sample.
    book = Book(numbers={shop.brand: number}, parcels=number)
    return book.order(shop, who, "", "", at=placed, items=items, pay=pay, due=due)


def _first(name: str, ja: str, en: str, story: OrderStory) -> Sample:
    return Sample(name=name, title=(ja, en), event=story.book.arrivals[0].event)


def _last(name: str, ja: str, en: str, story: OrderStory) -> Sample:
    return Sample(name=name, title=(ja, en), event=story.book.arrivals[-1].event)
