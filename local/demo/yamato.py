"""What a merchant's own job reads of ヤマト's parcels and posts.

Schema: shared/contracts/posted_tracking.py. The rows stand as on the page 荷物お問い合わせ: in its
words, with its arrows, and without a year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from local.demo.book import Book, When, clock
from local.demo.shops import Shop

Json = dict[str, Any]

JOB_LAG = timedelta(minutes=9)
"""The job looks every quarter of an hour or so, and posts what calls for it."""


@dataclass
class Slip:
    """A parcel by the number on its slip (伝票番号), with the rows there are so far."""

    book: Book
    shop: Shop
    number: str
    service: str
    shipped_on: date
    order_id: str
    shipment_id: str
    rows: list[Json] = field(default_factory=list)

    def row(
        self, at: When, status: str, office: str | None = None, *, post: bool = True, **more: str
    ) -> None:
        """One row more; the job posts all of them, at the URL with the secret in it.

        ``post`` False: it is posted with the next one.
        """
        moment = clock(self.shop, at)
        local = moment.astimezone(self.shop.zone)
        before = f"{'' if not self.rows else '↓'}"
        row: Json = {"status": before + status, "at": f"{local:%m月%d日 %H:%M}", **more}
        if office:
            row["office"] = office
        self.rows.append(row)
        if not post:
            return
        body: Json = {
            "tracking_number": self.number,
            "service": self.service,
            "shipped_on": self.shipped_on.isoformat(),
            "history": list(self.rows),
            "status": status,
            **more,
        }
        if "コレクト" in self.service:
            # Only what names its order can say that it is paid.
            body |= {"order_id": self.order_id, "shipment_id": self.shipment_id}
        called = {"path": f"/yamato/{self.shop.brand}/{{current}}", "body": body}
        self.book.say(moment + JOB_LAG, self.shop.brand, post=called)

    def travels(
        self, accepted: When, delivered: When | None = None, *, done: str = "配達完了"
    ) -> None:
        """The usual way to ``done``; ``delivered`` None: it ends at the hub."""
        start = clock(self.shop, accepted)
        self.row(start, "荷物受付", "松本営業所", post=False)
        self.row(start + timedelta(minutes=25), "発送", "松本営業所")
        passing = start + timedelta(hours=7, minutes=15)
        self.row(passing, "作業店通過", "長野ベース店", post=False)
        if delivered is None:
            return
        end = clock(self.shop, delivered)
        self.row(end - timedelta(hours=2, minutes=40), "配達中", post=False)
        self.row(end, done)
