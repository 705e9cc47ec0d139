"""What happens to each order of わかば文具店: on EC-CUBE, sent by ヤマト.

Read ``stories.py`` first, with its holidays.
"""

from __future__ import annotations

from local.demo.book import Book
from local.demo.eccube import out_of_order, place
from local.demo.shops import WAKABA

# fmt: off - one line per thing that happens, so that a story can be read as one


def tell(book: Book) -> None:
    """Every story of the shop, into the book."""
    for story in STORIES:
        story(book)


def _absent_over_new_year(book: Book) -> None:
    order = place(
        book,
        WAKABA,
        "kaede",
        "年をまたいだお届け。ご不在、再配達",
        "Over New Year: nobody at home, delivered again two days later",
        at="12-27 20:12",
        items={"INK-WAKABA-30": 1, "NOTE-A5-HOUGAN": 1},
    )
    slip = order.ship("12-30 16:00", labelled="12-28 11:20")
    slip.travels("12-30 18:10")
    slip.row("01-02 09:05", "配達中", "仙台青葉営業所")
    slip.row("01-02 14:22", "持戻（ご不在）", "仙台青葉営業所", hold_until="01月09日")
    slip.row("01-03 08:40", "依頼受付（再配達）", "仙台青葉営業所")
    slip.row("01-04 17:30", "配達中", "仙台青葉営業所")
    slip.row("01-04 19:15", "配達完了", "仙台青葉営業所")


def _into_the_box(book: Book) -> None:
    order = place(
        book,
        WAKABA,
        "shiori",
        "宅配ボックスにお届け",
        "Left in the parcel box",
        at="01-06 21:40",
        items={"REFILL-05-10": 2},
    )
    order.ship("01-07 15:00", "EAZY").travels(
        "01-07 18:20", "01-08 13:10", done="配達完了（宅配ボックス）"
    )


def _bank_transfer(book: Book) -> None:
    order = place(
        book,
        WAKABA,
        "tetsuya",
        "銀行振込、ご案内のあとにご入金",
        "Bank transfer, paid after the reminder",
        at="01-08 12:05",
        items={"PEN-EF": 1},
        pay="bank",
    )
    order.paid("01-13 10:20")
    order.ship("01-13 15:00").travels("01-13 18:10", "01-14 11:50")


def _at_a_konbini(book: Book) -> None:
    order = place(
        book,
        WAKABA,
        "ayumi",
        "コンビニ受取。お店に届いてから、お受け取りまで",
        "To a konbini: it waits there, and is collected",
        at="01-15 08:20",
        items={"LETTER-SET": 2},
    )
    slip = order.ship("01-15 15:00", "コンビニ受取")
    slip.travels("01-15 18:10")
    slip.row("01-16 15:45", "ご来店予定（保管中）", "横浜中営業所", hold_until="01月19日")
    slip.row("01-18 21:20", "お客様引渡完了", "横浜中営業所")


def _cash_on_delivery(book: Book) -> None:
    order = place(
        book,
        WAKABA,
        "isao",
        "代金引換。配達完了が、お支払いの完了",
        "Cash on delivery: delivered is paid",
        at="01-18 19:30",
        items={"INK-WAKABA-30": 2},
        pay="cod",
    )
    order.ship("01-19 15:00", "宅急便コレクト").travels("01-19 18:10", "01-20 16:05")


def _while_the_shop_did_not_answer(book: Book) -> None:
    out_of_order(book, WAKABA, "01-22 10:00", "01-22 11:00")
    order = place(
        book,
        WAKABA,
        "wakana",
        "APIが1時間止まっていた間のご注文。復旧後にご案内",
        "Ordered while the shop's API was out of order: taken up an hour later",
        at="01-22 10:08",
        items={"NOTE-A5-HOUGAN": 2},
    )
    order.ship("01-23 15:00").travels("01-23 18:10", "01-25 10:40")


def _for_somebody_else_on_a_day(book: Book) -> None:
    order = place(
        book,
        WAKABA,
        "midori",
        "お届け先は別の方、お届け日のご指定",
        "Sent to somebody else, on a wished day",
        at="01-28 22:30",
        items={"PEN-EF": 1, "LETTER-SET": 1},
        gift_to="koji",
        wish="02-10",
        slot="14時～16時",
    )
    order.ship("02-08 15:00").travels("02-08 18:10", "02-10 15:20")


def _at_the_counter(book: Book) -> None:
    order = place(
        book,
        WAKABA,
        "koji",
        "営業所止め。ご来店をお待ちしています",
        "Held at the carrier's office until it is collected",
        at="02-03 11:15",
        items={"INK-WAKABA-30": 1},
    )
    slip = order.ship("02-04 15:00", "営業所止め")
    slip.travels("02-04 18:10")
    slip.row("02-06 10:30", "ご来店予定（保管中）", "札幌中央営業所", hold_until="02月12日")
    slip.row("02-10 18:05", "お客様引渡完了", "札幌中央営業所")


def _cancelled(book: Book) -> None:
    order = place(
        book,
        WAKABA,
        "sayo",
        "ご入金前の注文取消し",
        "Cancelled before it was paid",
        at="02-16 09:50",
        items={"PEN-EF": 1},
        pay="bank",
    )
    order.cancelled("02-16 17:30")


def _address_unknown(book: Book) -> None:
    order = place(
        book,
        WAKABA,
        "minoru",
        "住所不明で持ち戻り、確認のうえお届け",
        "Address unknown; put right and delivered",
        at="02-24 13:20",
        items={"REFILL-05-10": 1, "LETTER-SET": 1},
    )
    slip = order.ship("02-25 15:00")
    slip.travels("02-25 18:10")
    slip.row("02-28 11:20", "持戻（住所不明）", "那覇営業所")
    slip.row("03-02 09:10", "配達中", "那覇営業所")
    slip.row("03-02 14:45", "配達完了", "那覇営業所")


STORIES = (
    _absent_over_new_year,
    _into_the_box,
    _bank_transfer,
    _at_a_konbini,
    _cash_on_delivery,
    _while_the_shop_did_not_answer,
    _for_somebody_else_on_a_day,
    _at_the_counter,
    _cancelled,
    _address_unknown,
)
