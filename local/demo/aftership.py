"""Webhooks as AfterShip sends them: the whole way of a parcel, again with every checkpoint.

Schema: www.aftership.com/docs/tracking/webhook. Signed over the raw bytes by whoever plays it
(local/vendors.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local.demo.book import CARRIER_LAG, Book, When, clock
from local.demo.shopify import stable_id
from local.demo.shops import Shop

Json = dict[str, Any]

_TAGS = {"InTransit_002": "Acceptance scan"}


@dataclass
class Tracking:
    """A parcel that AfterShip follows. ``number``: the carrier's."""

    book: Book
    shop: Shop
    number: str
    order_number: str
    slug: str = "royal-mail"
    checkpoints: list[Json] = field(default_factory=list)

    def scan(
        self,
        at: When,
        subtag: str,
        message: str,
        *,
        where: str = "",
        arrives: When | None = None,
        times: int = 1,
        sign: str = "current",
    ) -> None:
        """The carrier says something; AfterShip calls, ``times`` with the same event (0: it tells
        of it with the next one).

        ``subtag``: AfterShip's word, such as ``InTransit_003``. ``sign``: see local/vendors.py.
        """
        moment = clock(self.shop, at)
        local = moment.astimezone(self.shop.zone).isoformat(timespec="seconds")
        self.checkpoints.append(
            {
                "slug": self.slug,
                "tag": subtag.partition("_")[0],
                "subtag": subtag,
                "message": message,
                "location": where or None,
                "city": where or None,
                "country_name": "United Kingdom",
                "country_iso3": "GBR",
                "checkpoint_time": local,
                "created_at": local,
            }
        )
        when = clock(self.shop, arrives) if arrives else moment + CARRIER_LAG
        self._call(when, self.body(subtag), times, sign)

    def forged(self, at: When) -> None:
        """Somebody who does not know the secret says that it was delivered."""
        body = self.body("Delivered_001") | {"event_id": "00000000-0000-4000-8000-000000000000"}
        self._call(clock(self.shop, at), body, 1, "guessed-by-a-stranger")

    def body(self, subtag: str) -> Json:
        """The tracking as it now stands; the latest checkpoint stands first, as on its pages."""
        latest = self.checkpoints[-1]
        at = latest["checkpoint_time"]
        return {
            "event": "tracking_update",
            "event_id": stable_id(self.number, at, subtag),
            "is_tracking_first_tag": True,
            "msg": {
                "id": stable_id(self.number, "tracking").replace("-", "")[:24],
                "tracking_number": self.number,
                "slug": self.slug,
                "active": not subtag.startswith("Delivered"),
                "tag": subtag.partition("_")[0],
                "subtag": subtag,
                "subtag_message": _TAGS.get(subtag, latest["message"]),
                "title": self.order_number,
                "order_id": self.order_number,
                "order_number": self.order_number,
                "updated_at": at,
                "checkpoints": self.checkpoints[::-1],
            },
            "ts": 0,
        }

    def _call(self, at: Any, body: Json, times: int, sign: str) -> None:
        stamped = {**body, "ts": int(at.timestamp())}
        post = {"path": f"/aftership/{self.shop.brand}", "body": stamped}
        for again in range(times):
            # AfterShip's first retry: thirty seconds later.
            later = at + again * timedelta(seconds=30)
            self.book.say(later, self.shop.brand, post=post, sign=sign)

    def travels(self, accepted: When, delivered: When | None = None) -> None:
        """The usual way: accepted, in transit, out for delivery, delivered.

        ``delivered`` None: it ends in transit.
        """
        start = clock(self.shop, accepted)
        self.scan(start, "InTransit_002", "Item received", where="Bath Mail Centre")
        moving = start + timedelta(hours=7, minutes=10)
        ends = delivered is None
        self.scan(
            moving, "InTransit_003", "Item sorted", where="Swindon Super Hub", times=int(ends)
        )
        if delivered is None:
            return
        end = clock(self.shop, delivered)
        self.scan(end - timedelta(hours=3), "OutForDelivery_001", "Item out for delivery")
        self.delivered(end)

    def delivered(self, at: When, *, times: int = 1) -> None:
        """The customer has it."""
        self.scan(at, "Delivered_001", "Item delivered by your postie", times=times)
