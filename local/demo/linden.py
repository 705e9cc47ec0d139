"""What happens to each order of Linden Apothecary: on commercetools, followed by AfterShip.

Read ``stories.py`` first. Holidays on the way: New Year's Day, Good Friday 04-03 and Easter Monday
04-06; summer time begins on 03-29.
"""

from __future__ import annotations

from collections.abc import Mapping

from local.demo.aftership import Tracking
from local.demo.book import Book, When, clock
from local.demo.commercetools import Order, place
from local.demo.shops import LINDEN

# fmt: off - one line per thing that happens, so that a story can be read as one


def tell(book: Book) -> None:
    """Every story of the shop, into the book."""
    for story in STORIES:
        story(book)


def _shipped(order: Order, at: When, items: Mapping[str, int] | None = None) -> Tracking:
    number = order.ship(at, items)
    return Tracking(order.book, order.shop, number, f"LA-{order.number}")


def _tea_and_balm(book: Book) -> None:
    order = place(
        book,
        LINDEN,
        "imogen",
        "届いて、使いきる頃のご案内まで",
        "Delivered, asked for a review, reminded when it runs out",
        at="12-29 09:12",
        items={"TEA-SLEEP-40": 1, "BALM-CAL-50": 1},
    )
    _shipped(order, "12-29 15:05").travels("12-29 17:40", "01-02 11:20")


def _two_parcels_one_too_large_to_tell(book: Book) -> None:
    order = place(
        book,
        LINDEN,
        "callum",
        "2つの荷物。本文の入りきらない通知は、APIに尋ねて補う",
        "Two parcels; a message too large to be sent, so the order is asked for",
        at="01-05 20:31",
        items={"OIL-ROSE-30": 1, "JAR-AMBER": 2},
    )
    _shipped(order, "01-06 14:10", {"OIL-ROSE-30": 1}).travels("01-06 17:30", "01-08 12:45")
    order.too_large = frozenset({"ParcelAddedToDelivery"})
    _shipped(order, "01-07 14:20", {"JAR-AMBER": 2}).travels("01-07 17:30", "01-09 10:05")


def _a_delay_and_a_forger(book: Book) -> None:
    order = place(
        book,
        LINDEN,
        "carys",
        "輸送中に止まった荷物。偽の「配達完了」は401で断る",
        "Stalled on the way; a forged delivery is refused and changes nothing",
        at="01-11 13:44",
        items={"TONER-LIME-150": 1},
    )
    parcel = _shipped(order, "01-12 15:00")
    parcel.travels("01-12 17:35")
    parcel.forged("01-15 02:10")
    parcel.scan("01-21 06:50", "InTransit_007", "Item received at delivery office", where="Cardiff")
    parcel.scan("01-21 09:05", "OutForDelivery_001", "Item out for delivery")
    parcel.delivered("01-21 13:30")


def _nobody_in(book: Book) -> None:
    order = place(
        book,
        LINDEN,
        "tamsin",
        "ご不在のため持ち戻り、郵便局で受け取り",
        "Nobody in: kept at the delivery office, collected two days later",
        at="01-18 10:02",
        items={"BALM-CAL-50": 2},
    )
    parcel = _shipped(order, "01-19 14:00")
    parcel.travels("01-19 17:30")
    parcel.scan("01-21 08:40", "OutForDelivery_001", "Item out for delivery", where="Truro")
    parcel.scan("01-21 12:15", "AttemptFail_002", "Nobody in: we left a card", where="Truro")
    parcel.scan(
        "01-21 16:00", "AvailableForPickup_001", "Ready to collect", where="Truro Delivery Office"
    )
    parcel.delivered("01-23 09:25")


def _back_to_sender(book: Book) -> None:
    order = place(
        book,
        LINDEN,
        "jarek",
        "住所に誤り。差出人に戻り、ご注文は取り消し",
        "A wrong address: returned to sender, then cancelled",
        at="01-27 22:15",
        items={"OIL-ROSE-30": 1},
    )
    parcel = _shipped(order, "01-28 14:30")
    parcel.travels("01-28 17:30")
    parcel.scan("01-30 11:10", "Exception_007", "Address incomplete", where="Leeds")
    parcel.scan("02-02 09:00", "Exception_010", "Returning to sender", where="Leeds")
    parcel.scan("02-05 10:30", "Exception_011", "Returned to sender", where="Bath")
    order.cancelled("02-05 15:20")


def _changed_her_mind(book: Book) -> None:
    order = place(
        book,
        LINDEN,
        "bea",
        "1時間後のキャンセル",
        "Cancelled within the hour",
        at="02-02 12:30",
        items={"JAR-AMBER": 1},
    )
    order.cancelled("02-02 13:20")


def _too_large_from_the_start(book: Book) -> None:
    order = place(
        book,
        LINDEN,
        "fergus",
        "本文のない「注文作成」。注文はAPIから受け取る",
        "An order too large for its own message: fetched before anything is sent",
        at="02-06 18:05",
        items={"TEA-SLEEP-40": 3, "BALM-CAL-50": 3, "TONER-LIME-150": 2, "OIL-ROSE-30": 2},
        too_large=frozenset({"OrderCreated"}),
    )
    _shipped(order, "02-09 14:00").travels("02-09 17:30", "02-11 12:10")


def _sent_back(book: Book) -> None:
    order = place(
        book,
        LINDEN,
        "anwen",
        "返品。レビューのお願いは送りません",
        "Sent back: nobody is asked for a review",
        at="02-10 08:48",
        items={"JAR-AMBER": 1},
    )
    _shipped(order, "02-10 14:45").travels("02-10 17:30", "02-12 11:00")
    order.returned("JAR-AMBER", asked="02-15 19:20", received="02-20 10:15")


def _while_the_secret_was_renewed(book: Book) -> None:
    order = place(
        book,
        LINDEN,
        "noah",
        "署名鍵の更新中に届いた通知。順番は逆、配達完了は3度",
        "Signed with the old secret while it was renewed; out of order, and delivered three times",
        at="02-15 16:40",
        items={"TONER-LIME-150": 1, "TEA-SLEEP-40": 1},
    )
    parcel = _shipped(order, "02-16 14:00")
    parcel.travels("02-16 17:30")
    book.say(clock(LINDEN, "02-17 10:00"), LINDEN.brand, rotate="aftership/linden")
    # AfterShip goes on with the old one until somebody has told it the new one.
    parcel.scan(
        "02-18 08:55",
        "OutForDelivery_001",
        "Item out for delivery",
        arrives="02-18 15:30",
        sign="previous",
    )
    parcel.scan(
        "02-18 07:10",
        "InTransit_007",
        "Item received at delivery office",
        where="Truro",
        arrives="02-18 14:50",
        sign="previous",
    )
    parcel.delivered("02-18 12:32", times=3)


STORIES = (
    _tea_and_balm,
    _two_parcels_one_too_large_to_tell,
    _a_delay_and_a_forger,
    _nobody_in,
    _back_to_sender,
    _changed_her_mind,
    _too_large_from_the_start,
    _sent_back,
    _while_the_secret_was_renewed,
)
