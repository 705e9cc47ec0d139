"""What happens to each order of the demo. One function tells one story, in Japan (青葉茶舗) and
in America (Northlight Coffee); its title is shown in the mailbox. Those of the other shops stand in
``linden`` and ``wakaba``.

Read ``book.order`` and ``parcel`` for the words. Holidays on the way: 年末年始 (12-29 to 01-03),
成人の日 01-12, 建国記念の日 02-11, 天皇誕生日 02-23, 春分の日 03-20; Martin Luther King Day 01-19,
Presidents' Day 02-16. Summer time begins in America on 03-08.
"""

from __future__ import annotations

from local.demo import linden, wakaba
from local.demo.book import Book, clock
from local.demo.shopify import envelope
from local.demo.shops import AOBA, NORTHLIGHT

# fmt: off - one line per thing that happens, so that a story can be read as one


def tell(book: Book) -> None:
    """Every story, into the book."""
    for story in JAPAN + AMERICA:
        story(book)
    _what_cannot_be_read(book)
    linden.tell(book)
    wakaba.tell(book)


# --- 青葉茶舗 -----------------------------------------------------------------


def _paid_by_card_and_forgotten(book: Book) -> None:
    order = book.order(
        AOBA,
        "akari",
        "カード払い。買い足しのご案内とその後のご案内まで",
        "Paid by card; reminded when the tea ran out, twice",
        at="12-26 09:40",
        items={"SENCHA-100": 1},
    )
    book.subscription(AOBA, "akari", "SENCHA-100", active=False, at="12-26 09:41")
    order.ship("12-26 16:10").travels("12-26 18:30", "12-28 11:20")


def _label_over_new_year(book: Book) -> None:
    order = book.order(
        AOBA,
        "haruto",
        "年末年始をはさみ、集荷されないままの荷物",
        "A label before New Year that nobody picked up",
        at="12-26 13:05",
        items={"GENMAI-200": 2},
    )
    parcel = order.ship("12-28 15:00")
    parcel.scan("12-28 15:01", "LABEL_CREATED", "出荷指示")
    parcel.travels("01-09 18:00", "01-11 10:40")


def _konbini_paid_next_day(book: Book) -> None:
    order = book.order(
        AOBA,
        "misaki",
        "コンビニ払い、翌日にご入金。配信は月に1通まで",
        "Konbini, paid the next day; wants one mail a month at most",
        at="01-06 20:14",
        items={"SENCHA-100": 2, "HOJICHA-TB20": 1},
        pay="konbini",
        subscriber=False,
    )
    order.pay_by(
        "01-09 23:59",
        "01-06 20:15",
        コンビニ="ローソン / ファミリーマート",
        お支払番号="4820 1173 9065",
    )
    order.paid("01-07 12:31")
    order.ship("01-08 16:10").travels("01-08 18:40", "01-10 10:25")
    # After the review request she wants one a month at most: the second one waits.
    book.reads(
        AOBA,
        "misaki",
        "review_request",
        at="01-18 20:10",
        page="preferences",
        form={
            "do": "save",
            "frequency": "MONTHLY",
            "pause": "none",
            "topic": ["email:review_request", "email:replenishment_reminder"],
        },
    )


def _konbini_never_paid(book: Book) -> None:
    order = book.order(
        AOBA,
        "ren",
        "コンビニ払い、ご入金のないまま期限切れ",
        "Konbini, never paid: reminded, then expired",
        at="01-07 21:30",
        items={"MATCHA-30": 1},
        pay="konbini",
    )
    order.pay_by(
        "01-10 23:59",
        "01-07 21:31",
        コンビニ="セブン-イレブン",
        お支払番号="7712 0046 3318",
    )
    order.cancelled("01-12 10:00", "other")


def _bank_transfer_after_the_reminder(book: Book) -> None:
    order = book.order(
        AOBA,
        "yui",
        "銀行振込、ご案内のあとにご入金",
        "Bank transfer, paid after the reminder",
        at="01-08 11:00",
        items={"KYUSU-01": 1},
        pay="bank",
    )
    order.pay_by(
        "01-13 23:59",
        "01-08 11:01",
        銀行="京都みどり銀行 宇治支店",
        口座="普通 0000000",
        名義="カ）アオバチャホ",
    )
    order.paid("01-13 09:02")
    order.ship("01-13 15:30").travels("01-13 18:20", "01-14 13:15")


def _cash_on_delivery(book: Book) -> None:
    order = book.order(
        AOBA,
        "sota",
        "代金引換",
        "Cash on delivery",
        at="01-09 08:30",
        items={"HOJICHA-TB20": 2},
        pay="cod",
        subscriber=False,
    )
    order.ship("01-09 16:00").travels("01-09 18:10", "01-11 14:05")
    order.paid("01-11 14:06")
    order.fact("ReviewSubmitted", "01-19 12:30", "demo.reviews", skus=["HOJICHA-TB20"])


def _cancelled_before_shipping(book: Book) -> None:
    order = book.order(
        AOBA,
        "aoi",
        "発送前のキャンセル",
        "Cancelled before shipping",
        at="01-10 13:00",
        items={"SENCHA-100": 1},
    )
    order.cancelled("01-10 18:20")


def _cancelled_after_shipping(book: Book) -> None:
    order = book.order(
        AOBA,
        "daiki",
        "発送後のキャンセル、荷物は返送",
        "Cancelled after shipping; the parcel goes back",
        at="01-13 09:10",
        items={"MATCHA-30": 1, "GENMAI-200": 1},
    )
    parcel = order.ship("01-14 15:40")
    parcel.travels("01-14 18:00")
    order.cancelled("01-15 10:00")
    parcel.scan("01-15 13:30", "RETURNING", "返品", location="関西ゲートウェイ")
    parcel.scan("01-17 11:00", "RETURNED", "返品完了", location="宇治営業所")


def _two_parcels(book: Book) -> None:
    order = book.order(
        AOBA,
        "hina",
        "2つの荷物、急須は後から",
        "Two parcels; the teapot comes later",
        at="01-14 19:00",
        items={"SENCHA-100": 1, "KYUSU-01": 1},
        subscriber=False,
    )
    order.ship("01-15 15:00", {"SENCHA-100": 1}).travels("01-15 18:20", "01-17 10:50")
    order.ship("01-21 15:00", {"KYUSU-01": 1}).travels("01-21 18:10", "01-23 16:40")


def _stalled_then_moving(book: Book) -> None:
    order = book.order(
        AOBA,
        "takumi",
        "輸送中に止まり、ふたたび動き出した荷物",
        "Stalled on the way, then moving again",
        at="01-19 10:00",
        items={"SENCHA-100": 3},
        subscriber=False,
    )
    parcel = order.ship("01-19 16:00")
    parcel.travels("01-19 18:00", via="沖縄ベース 行き 海上輸送")
    parcel.scan("01-27 07:40", "ARRIVED_AT_DELIVERY_DEPOT", "配達店到着", location="那覇営業所")
    parcel.scan("01-27 09:10", "OUT_FOR_DELIVERY", "配達中")
    parcel.delivered("01-27 15:35")


def _address_unknown(book: Book) -> None:
    order = book.order(
        AOBA,
        "sakura",
        "住所不明で持ち戻り、確認のうえお届け",
        "Address unknown; put right and delivered",
        at="01-20 10:20",
        items={"HOJICHA-TB20": 1},
    )
    parcel = order.ship("01-20 16:30")
    parcel.travels("01-20 18:20")
    parcel.scan("01-22 11:45", "EXCEPTION", "持戻（住所不明）", location="世田谷営業所")
    parcel.scan("01-23 09:30", "OUT_FOR_DELIVERY", "配達中")
    parcel.delivered("01-23 13:10")


def _absence(book: Book) -> None:
    order = book.order(
        AOBA,
        "kenji",
        "ご不在、翌日に再配達",
        "Nobody at home; delivered again the next day",
        at="01-22 09:05",
        items={"SENCHA-100": 1, "MATCHA-30": 1},
        subscriber=False,
    )
    parcel = order.ship("01-22 15:30")
    parcel.travels("01-22 18:00")
    parcel.scan(
        "01-24 14:20",
        "DELIVERY_ATTEMPTED",
        "持戻（ご不在）",
        location="練馬営業所",
        hold_until="2026-01-31",
    )
    parcel.scan("01-25 17:00", "OUT_FOR_DELIVERY", "配達中")
    parcel.delivered("01-25 19:40")
    order.fact("ReviewSubmitted", "02-06 22:10", "demo.reviews", skus=["SENCHA-100"])


def _picked_up_at_a_konbini(book: Book) -> None:
    order = book.order(
        AOBA,
        "naomi",
        "コンビニ受取、夜の11時に受け取り",
        "Picked up at a konbini, at eleven at night",
        at="01-26 12:15",
        items={"GENMAI-200": 1},
        subscriber=False,
    )
    parcel = order.ship("01-27 15:00")
    parcel.travels("01-27 18:00")
    parcel.scan(
        "01-29 08:30",
        "AVAILABLE_FOR_PICKUP",
        "保管中（ご指定店）",
        place="ローソン 横浜山下町店",
        hold_until="2026-02-07",
    )
    parcel.scan("01-31 23:05", "DELIVERED", "お客様引渡完了", place="ローソン 横浜山下町店")


def _left_at_the_door(book: Book) -> None:
    order = book.order(
        AOBA,
        "makoto",
        "置き配（玄関前）",
        "Left at the door",
        at="01-28 08:50",
        items={"SENCHA-100": 1},
    )
    book.subscription(AOBA, "makoto", "SENCHA-100", active=False, at="01-28 08:51")
    order.ship("01-28 15:20").travels("01-28 18:10", "01-31 12:30", place="玄関前・置き配")


def _later_than_wished(book: Book) -> None:
    order = book.order(
        AOBA,
        "emi",
        "ご希望日に間に合わなかったお届け",
        "Later than the customer had wished",
        at="02-02 22:40",
        items={"MATCHA-30": 2},
        wish="2026-02-07",
        slot="午前中",
        subscriber=False,
    )
    parcel = order.ship("02-05 15:00")
    parcel.travels("02-05 18:00", "02-09 10:15")


def _wished_for_much_later(book: Book) -> None:
    order = book.order(
        AOBA,
        "jun",
        "ご希望日は2週間後。それまではお待ちするだけ",
        "Wished for two weeks later: no delay until then",
        at="01-30 18:05",
        items={"KYUSU-01": 1},
        wish="2026-02-14",
        slot="14時-16時",
    )
    order.ship("02-12 15:00").travels("02-12 18:00", "02-14 15:10")
    order.fact("ReviewSubmitted", "02-16 20:00", "demo.reviews", skus=["KYUSU-01"])


def _returned_unopened(book: Book) -> None:
    order = book.order(
        AOBA,
        "tomoko",
        "返品。レビューのお願いは送りません",
        "Returned: nobody is asked for a review",
        at="02-03 10:10",
        items={"KYUSU-01": 1},
    )
    order.ship("02-03 16:00").travels("02-03 18:00", "02-05 11:30")
    order.returning({"KYUSU-01": 1}, asked="02-09 20:10", approved="02-10 09:30")
    order.returned({"KYUSU-01": 1}, received="02-16 11:00", closed="02-17 14:00")


def _one_thing_sold_out(book: Book) -> None:
    order = book.order(
        AOBA,
        "hiroshi",
        "1点は品切れで取り消し、残りをお届け",
        "One item cancelled, the others delivered",
        at="02-04 11:25",
        items={"SENCHA-100": 2, "MATCHA-30": 1, "HOJICHA-TB20": 1},
        subscriber=False,
    )
    order.refund("02-04 17:30", {"MATCHA-30": 1}, "cancel")
    order.ship("02-05 15:30").travels("02-05 18:30", "02-07 14:45")
    order.fact("ReviewSubmitted", "02-16 19:45", "demo.reviews", skus=[])


def _a_gift(book: Book) -> None:
    order = book.order(
        AOBA,
        "yoko",
        "贈りもの。お届け先は別の方",
        "A gift for somebody else",
        at="02-06 21:15",
        items={"SENCHA-100": 1, "HOJICHA-TB20": 1},
        gift_to="mei",
    )
    order.ship("02-09 15:00").travels("02-09 18:00", "02-12 16:20")


def _a_subscriber(book: Book) -> None:
    order = book.order(
        AOBA,
        "shun",
        "定期購入中のお客様",
        "A subscriber",
        at="02-09 07:30",
        items={"GENMAI-200": 1},
        tags=("定期便",),
    )
    book.subscription(AOBA, "shun", "GENMAI-200", active=True, at="02-09 07:31")
    order.ship("02-09 15:00").travels("02-09 18:00", "02-12 10:20")


def _subscription_unknown(book: Book) -> None:
    order = book.order(
        AOBA,
        "rina",
        "定期購入かどうか分からないお客様",
        "Nobody knows whether she subscribes",
        at="02-12 12:10",
        items={"HOJICHA-TB20": 1},
    )
    order.ship("02-13 15:00").travels("02-13 18:00", "02-15 11:05")


def _ordered_again_in_time(book: Book) -> None:
    first = book.order(
        AOBA,
        "kaito",
        "なくなる前に、次のご注文",
        "Ordered again before it ran out",
        at="01-05 10:30",
        items={"SENCHA-100": 1},
    )
    book.subscription(AOBA, "kaito", "SENCHA-100", active=False, at="01-05 10:31")
    first.ship("01-05 16:00").travels("01-05 18:20", "01-07 12:00")
    second = book.order(
        AOBA,
        "kaito",
        "次のご注文。ご案内の日はこちらに移ります",
        "The next order: it takes the reminder over",
        at="01-28 21:10",
        items={"SENCHA-100": 2},
    )
    second.ship("01-29 15:00").travels("01-29 18:00", "01-31 10:10")


def _snoozed(book: Book) -> None:
    order = book.order(
        AOBA,
        "nanami",
        "「まだあります」で見合わせたご案内",
        "Still has some: the reminder is snoozed",
        at="01-06 08:15",
        items={"HOJICHA-TB20": 2},
    )
    book.subscription(AOBA, "nanami", "HOJICHA-TB20", active=False, at="01-06 08:16")
    order.ship("01-06 15:00").travels("01-06 18:00", "01-08 13:40")
    book.reads(
        AOBA,
        "nanami",
        "replenishment_reminder",
        at="02-14 21:05",
        page="snooze",
        form={"do": "snooze", "sku": "HOJICHA-TB20", "until": "month"},
    )


def _reviewed_after_the_request(book: Book) -> None:
    order = book.order(
        AOBA,
        "yuta",
        "レビューをいただき、再度のお願いは不要に",
        "Reviewed; no second request",
        at="01-13 12:20",
        items={"MATCHA-30": 1},
    )
    order.ship("01-14 15:00").travels("01-14 18:00", "01-17 09:50")
    order.fact("ReviewSubmitted", "01-30 20:40", "demo.reviews", skus=["MATCHA-30"])


def _a_test_order(book: Book) -> None:
    order = book.order(
        AOBA,
        "ryo",
        "テスト注文。誰にも送りません",
        "A test order: nobody is mailed",
        at="02-16 15:00",
        items={"SENCHA-100": 1},
        test=True,
    )
    order.ship("02-16 16:00").travels("02-16 18:00", "02-18 10:00")


def _imported_from_the_old_shop(book: Book) -> None:
    for bought, sku in (("01-02 10:00", "SENCHA-100"), ("01-15 20:30", "MATCHA-30")):
        book.order(
            AOBA,
            "old",
            "旧ショップから取り込んだ過去の注文",
            "An order of the past, imported from the old shop",
            at=bought,
            items={sku: 1},
            imported_at="02-16 03:00",
        )


def _everything_twice_and_backwards(book: Book) -> None:
    order = book.order(
        AOBA,
        "fumi",
        "順番が逆に、しかも何度も届いたイベント",
        "Events that came backwards, and more than once",
        at="02-17 09:20",
        items={"GENMAI-200": 1, "SENCHA-100": 1},
        arrives="02-17 17:55",
        times=3,
    )
    parcel = order.ship("02-17 15:00", arrives="02-17 16:40", times=2)
    parcel.scan(
        "02-17 18:00",
        "ACCEPTED",
        "荷物受付",
        location="宇治営業所",
        arrives="02-17 19:30",
        times=2,
    )
    parcel.scan("02-19 13:15", "DELIVERED", "配達完了", arrives="02-19 13:20", times=3)
    parcel.scan("02-19 09:00", "OUT_FOR_DELIVERY", "配達中", arrives="02-19 15:00")
    parcel.scan("02-18 02:10", "IN_TRANSIT", "輸送中", location="九州ベース", arrives="02-19 16:00")


def _by_phone_only(book: Book) -> None:
    order = book.order(
        AOBA,
        "kiyo",
        "電話番号のみのお客様、深夜のご注文（SMS）",
        "Phone only, ordered at night: an SMS in the morning",
        at="02-18 23:10",
        items={"HOJICHA-TB20": 1},
        pay="cod",
        marketing=False,
    )
    parcel = order.ship("02-19 15:00")
    parcel.travels("02-19 18:00")
    parcel.scan(
        "02-21 15:10",
        "DELIVERY_ATTEMPTED",
        "持戻（ご不在）",
        location="福岡天神営業所",
        hold_until="2026-02-28",
    )
    parcel.delivered("02-22 18:30")


def _nobody_to_write_to(book: Book) -> None:
    order = book.order(
        AOBA,
        None,
        "連絡先のないご注文（店頭の代理入力）",
        "An order without any address to write to",
        at="02-19 14:00",
        items={"KYUSU-01": 1},
        marketing=False,
    )
    order.ship("02-20 15:00").travels("02-20 18:00", "02-22 10:00")


def _opted_out(book: Book) -> None:
    order = book.order(
        AOBA,
        "mio",
        "レビューのお願いから、ワンクリックで配信停止",
        "Unsubscribes with one click; no reminder follows",
        at="02-20 10:40",
        items={"SENCHA-100": 1},
    )
    book.subscription(AOBA, "mio", "SENCHA-100", active=False, at="02-20 10:41")
    order.ship("02-20 16:00").travels("02-20 18:00", "02-22 11:15")
    book.reads(AOBA, "mio", "review_request", at="03-04 08:30", one_click=True)


def _old_product_new_name(book: Book) -> None:
    order = book.order(
        AOBA,
        "goro",
        "販売終了の煎茶、後継品でご案内",
        "Discontinued: reminded of its successor",
        at="01-09 19:20",
        items={"SENCHA-80-OLD": 1},
    )
    book.subscription(AOBA, "goro", "SENCHA-100", active=False, at="01-09 19:21")
    order.ship("01-13 15:00").travels("01-13 18:00", "01-14 17:30")


def _support_is_talking(book: Book) -> None:
    order = book.order(
        AOBA,
        "asahi",
        "お問い合わせの間は待ち、解決後にお願い",
        "A ticket is open: the request waits until it is closed",
        at="02-24 09:15",
        items={"MATCHA-30": 1, "SENCHA-100": 1},
        subscriber=False,
    )
    order.ship("02-24 15:00").travels("02-24 18:00", "02-26 10:30")
    order.fact("TicketOpened", "03-05 10:00", "demo.helpdesk", ticket_id="T-2041")
    order.fact("TicketClosed", "03-11 17:20", "demo.helpdesk", ticket_id="T-2041")


def _tea_to_brooklyn(book: Book) -> None:
    order = book.order(
        AOBA,
        "emily",
        "海外へのお届け、税関で保留（英語）",
        "To Brooklyn, held by customs",
        at="02-25 02:40",
        items={"SENCHA-100": 2, "MATCHA-30": 1},
    )
    parcel = order.ship("02-26 15:00", carrier="日本郵便 EMS", number="EJ000000017JP")
    parcel.scan("02-26 18:30", "ACCEPTED", "引受", location="宇治郵便局")
    parcel.scan("02-27 22:10", "IN_TRANSIT", "国際交換局から発送", location="東京国際郵便局")
    parcel.scan("03-03 09:40", "EXCEPTION", "税関での保留", location="NEW YORK")
    parcel.scan("03-06 05:00", "IN_TRANSIT", "国際交換局から発送", location="NEW YORK")
    parcel.scan("03-08 23:30", "OUT_FOR_DELIVERY", "持ち出し中", location="BROOKLYN")
    parcel.scan("03-09 01:45", "DELIVERED", "お届け済み", location="BROOKLYN")


def _three_orders_at_once(book: Book) -> None:
    for minute, sku in ((10, "SENCHA-100"), (25, "MATCHA-30"), (40, "GENMAI-200")):
        order = book.order(
            AOBA,
            "chika",
            "同じ日に3つのご注文。お願いは間隔をあけて",
            "Three orders on one day: requests are spaced out",
            at=f"03-02 09:{minute}",
            items={sku: 1},
        )
        order.ship("03-02 15:30").travels("03-02 18:00", "03-04 13:00")


def _damaged_and_sent_again(book: Book) -> None:
    order = book.order(
        AOBA,
        "misaki",
        "破損、新しい商品をお届け",
        "Damaged; sent again",
        at="03-05 10:30",
        items={"KYUSU-01": 1},
    )
    broken = order.ship("03-05 15:00")
    broken.travels("03-05 18:00")
    broken.scan("03-06 10:10", "EXCEPTION", "調査中（破損）", location="横浜ベース")
    broken.withdrawn("03-06 14:00")
    order.ship("03-06 15:30").travels("03-06 18:00", "03-08 11:40")


def _quietly_perfect(book: Book) -> None:
    order = book.order(
        AOBA,
        "ren",
        "なにごともなくお届け、レビューもいただく",
        "Nothing goes wrong, and a review comes",
        at="03-16 09:00",
        items={"SENCHA-100": 1, "GENMAI-200": 1},
        subscriber=False,
    )
    order.ship("03-16 15:00").travels("03-16 18:00", "03-18 10:30")
    order.fact("ReviewSubmitted", "03-26 21:00", "demo.reviews", skus=[])


def _not_dispatched_over_the_equinox(book: Book) -> None:
    order = book.order(
        AOBA,
        "daiki",
        "春分の日をはさみ、発送が遅れたご注文",
        "Not dispatched in time, over a holiday",
        at="03-18 10:00",
        items={"MATCHA-30": 3},
    )
    order.ship("03-27 15:00").travels("03-27 18:00", "03-29 12:20")


# --- Northlight Coffee --------------------------------------------------------


def _a_good_bag_of_coffee(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "mara",
        "カード払い、順調なお届け",
        "Paid by card, delivered, reminded",
        at="12-26 10:05",
        items={"AURORA-12-WB": 2},
    )
    book.subscription(NORTHLIGHT, "mara", "AURORA-12-WB", active=False, at="12-26 10:06")
    order.ship("12-26 15:00").travels("12-26 18:00", "12-30 13:20")


def _authorised_then_captured(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "owen",
        "与信のみ、発送時に決済",
        "Authorised; captured when it ships",
        at="01-05 09:30",
        items={"FJORD-12-WB": 1, "DRIPPER-02": 1},
        subscriber=False,
    )
    order.order.financial_status = "authorized"
    order.changed("01-05 09:31")
    order.paid("01-06 15:02")
    order.ship("01-06 15:00").travels("01-06 18:30", "01-09 12:10")


def _roasted_next_week(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "lena",
        "お取り寄せ。在庫がそろってから確定",
        "Backordered: received now, confirmed when it is roasted",
        at="01-06 14:45",
        items={"DUSK-12-GR": 2},
        in_stock=False,
    )
    order.fact(
        "StockUpdated",
        "01-06 14:46",
        "demo.warehouse",
        status="BACKORDERED",
        expected_on="2026-01-15",
    )
    order.promised("01-06 14:47", "01-20", "01-23")
    order.fact("StockUpdated", "01-15 10:00", "demo.warehouse", status="RESERVED")
    order.ship("01-16 14:00").travels("01-16 18:00", "01-21 11:30")


def _late_out_of_the_door(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "theo",
        "約束の日が近づいても発送されない",
        "Not dispatched as the promised day comes near",
        at="01-08 11:15",
        items={"AURORA-12-WB": 1, "EMBER-12-WB": 1},
        subscriber=False,
    )
    order.promised("01-08 11:16", "01-13", "01-15")
    order.ship("01-17 10:00").travels("01-17 18:00", "01-22 15:40")


def _two_boxes(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "ruth",
        "2つの荷物、どちらも順調",
        "Two boxes, both on time",
        at="01-12 08:20",
        items={"FJORD-12-WB": 2, "DRIPPER-02": 1},
        subscriber=False,
    )
    order.ship("01-12 15:00", {"DRIPPER-02": 1}).travels("01-12 18:00", "01-15 10:00")
    order.ship("01-13 15:00", {"FJORD-12-WB": 2}).travels("01-13 18:00", "01-16 14:30")
    order.fact("ReviewSubmitted", "01-30 18:20", "demo.reviews", skus=["FJORD-12-WB", "DRIPPER-02"])


def _an_address_that_bounces(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "bounce",
        "届かないアドレス（バウンス）。SMSでお知らせし直す",
        "An address that bounces: said by SMS instead",
        at="01-14 16:00",
        items={"AURORA-12-WB": 1},
    )
    order.ship("01-15 15:00").travels("01-15 18:00", "01-20 12:00")


def _a_complaint(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "complaint",
        "迷惑メールと報告されたアドレス",
        "An address that complains",
        at="01-15 10:30",
        items={"DUSK-12-GR": 1},
    )
    order.ship("01-15 15:30").travels("01-15 18:00", "01-20 13:00")


def _money_back_coffee_stays(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "caleb",
        "返金、商品はそのまま",
        "Money back for one bag, and she keeps it",
        at="01-20 09:10",
        items={"FJORD-12-WB": 2},
    )
    order.ship("01-20 15:00").travels("01-20 18:00", "01-23 12:45")
    order.refund("01-25 10:00", {"FJORD-12-WB": 1}, "no_restock")


def _for_a_friend(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "priya",
        "友人への贈りもの",
        "A present for a friend",
        at="01-26 19:30",
        items={"DRIPPER-02": 1, "AURORA-12-WB": 1},
        gift_to="hugo",
    )
    order.ship("01-27 15:00").travels("01-27 18:00", "01-30 16:10")


def _phone_only_at_dinner(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "june",
        "電話番号のみ（SMS）",
        "Phone only: text messages",
        at="01-27 18:40",
        items={"AURORA-12-WB": 1},
        marketing=False,
        sms=True,
    )
    book.subscription(NORTHLIGHT, "june", "AURORA-12-WB", active=False, at="01-27 18:41")
    order.ship("01-28 15:00").travels("01-28 18:00", "02-02 11:00")


def _never_scanned_as_delivered(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "noor",
        "配達完了の記録がないまま",
        "The carrier never says delivered",
        at="02-02 10:00",
        items={"AURORA-12-WB": 1},
    )
    parcel = order.ship("02-02 15:00")
    parcel.travels("02-02 18:00")
    parcel.scan("02-05 08:40", "OUT_FOR_DELIVERY", "Out for delivery", location="Portland, ME")


def _lost(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "silas",
        "紛失した荷物",
        "Lost on the way; refunded",
        at="02-03 13:25",
        items={"DRIPPER-02": 1},
    )
    parcel = order.ship("02-03 16:00")
    parcel.travels("02-03 18:00")
    parcel.scan("02-09 09:20", "EXCEPTION", "Package lost in transit", location="Springfield, MA")
    order.cancelled("02-12 11:00", "other")


def _coffee_to_yokohama(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "kenta",
        "海外へのお届け（日本語）",
        "To Yokohama, in Japanese",
        at="02-04 08:00",
        items={"FJORD-12-WB": 3},
    )
    parcel = order.ship("02-04 15:00", carrier="DHL Express", number="0000000017")
    parcel.travels("02-04 18:00", "02-11 21:30", via="Leipzig")
    order.fact("ReviewSubmitted", "02-20 07:30", "demo.reviews", skus=["FJORD-12-WB"])


def _webhooks_three_times(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "iris",
        "同じWebhookが3回ずつ",
        "Every webhook three times",
        at="02-10 09:45",
        items={"AURORA-12-WB": 1, "DUSK-12-GR": 1},
        times=3,
        subscriber=False,
    )
    order.ship("02-10 15:00", times=3).travels("02-10 18:00", "02-13 13:30", times=3)
    order.fact("ReviewSubmitted", "02-22 09:00", "demo.reviews", skus=[])


def _one_more_bag(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "felix",
        "注文後に1点追加",
        "One more bag, added after ordering",
        at="02-11 12:00",
        items={"AURORA-12-WB": 1},
        subscriber=False,
    )
    order.add("02-11 12:40", "FJORD-12-WB", 1)
    order.ship("02-12 15:00").travels("02-12 18:00", "02-17 12:30")


def _wrong_box(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "ada",
        "出荷を取り消し、送り直し",
        "The wrong box: withdrawn and sent again",
        at="02-17 09:00",
        items={"DUSK-12-GR": 2},
    )
    wrong = order.ship("02-17 15:00")
    wrong.scan("02-17 15:05", "LABEL_CREATED", "Label created")
    wrong.withdrawn("02-18 10:00")
    order.ship("02-18 15:00").travels("02-18 18:00", "02-21 11:20")


def _snowed_in(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "vera",
        "大雪による遅れ",
        "Held up by a snow storm",
        at="02-23 10:20",
        items={"EMBER-12-WB": 1},
        subscriber=False,
    )
    parcel = order.ship("02-23 15:00")
    parcel.travels("02-23 18:00")
    parcel.scan("02-25 07:15", "EXCEPTION", "Delayed: severe weather", location="Buffalo, NY")
    parcel.scan(
        "03-02 16:00",
        "IN_TRANSIT",
        "Departed USPS regional facility",
        location="Chicago, IL",
    )
    parcel.scan("03-03 09:00", "OUT_FOR_DELIVERY", "Out for delivery")
    parcel.delivered("03-03 14:50")


def _every_three_weeks(book: Book) -> None:
    for number, (at, shipped, delivered) in enumerate(
        (
            ("01-05 08:10", "01-05 15:00", "01-08 12:00"),
            ("01-28 20:15", "01-29 15:00", "02-02 13:00"),
            ("02-20 07:45", "02-20 15:00", "02-24 12:30"),
        ),
        start=1,
    ):
        order = book.order(
            NORTHLIGHT,
            "miles",
            f"いつもの1袋（{number}回目）。お客様ご自身の間隔でご案内",
            f"The usual bag, no. {number}: reminded by his own rhythm",
            at=at,
            items={"FJORD-12-WB": 1},
        )
        order.ship(shipped).travels(shipped.replace("15:00", "18:00"), delivered)
    book.subscription(NORTHLIGHT, "miles", "FJORD-12-WB", active=False, at="01-05 08:11")


def _seasonal_is_over(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "nina",
        "季節限定は終了、定番をご案内",
        "The seasonal roast is over: reminded of its successor",
        at="01-29 11:00",
        items={"EMBER-12-WB": 1},
    )
    book.subscription(NORTHLIGHT, "nina", "AURORA-12-WB", active=False, at="01-29 11:01")
    order.ship("01-29 15:00").travels("01-29 18:00", "02-03 10:45")


def _on_the_porch(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "hugo",
        "玄関先に置き配",
        "Left on the front porch",
        at="03-09 09:15",
        items={"AURORA-12-WB": 1},
        subscriber=False,
    )
    order.ship("03-09 15:00").travels("03-09 18:00", "03-12 17:10", place="Front Porch")


def _a_word_nobody_knows(book: Book) -> None:
    order = book.order(
        NORTHLIGHT,
        "lena",
        "見たことのない配送状態",
        "A carrier's word that nobody has seen",
        at="03-16 10:00",
        items={"DUSK-12-GR": 1},
    )
    parcel = order.ship("03-16 15:00")
    parcel.travels("03-16 18:00")
    parcel.scan("03-17 09:30", "teleporting", "Item is being teleported")
    parcel.scan("03-19 09:00", "OUT_FOR_DELIVERY", "Out for delivery")
    parcel.delivered("03-19 12:10")


JAPAN = (
    _paid_by_card_and_forgotten,
    _label_over_new_year,
    _konbini_paid_next_day,
    _konbini_never_paid,
    _bank_transfer_after_the_reminder,
    _cash_on_delivery,
    _cancelled_before_shipping,
    _cancelled_after_shipping,
    _two_parcels,
    _stalled_then_moving,
    _address_unknown,
    _absence,
    _picked_up_at_a_konbini,
    _left_at_the_door,
    _later_than_wished,
    _wished_for_much_later,
    _returned_unopened,
    _one_thing_sold_out,
    _a_gift,
    _a_subscriber,
    _subscription_unknown,
    _ordered_again_in_time,
    _snoozed,
    _reviewed_after_the_request,
    _a_test_order,
    _imported_from_the_old_shop,
    _everything_twice_and_backwards,
    _by_phone_only,
    _nobody_to_write_to,
    _opted_out,
    _old_product_new_name,
    _support_is_talking,
    _tea_to_brooklyn,
    _three_orders_at_once,
    _damaged_and_sent_again,
    _quietly_perfect,
    _not_dispatched_over_the_equinox,
)
AMERICA = (
    _a_good_bag_of_coffee,
    _authorised_then_captured,
    _roasted_next_week,
    _late_out_of_the_door,
    _two_boxes,
    _an_address_that_bounces,
    _a_complaint,
    _money_back_coffee_stays,
    _for_a_friend,
    _phone_only_at_dinner,
    _never_scanned_as_delivered,
    _lost,
    _coffee_to_yokohama,
    _webhooks_three_times,
    _one_more_bag,
    _wrong_box,
    _snowed_in,
    _every_three_weeks,
    _seasonal_is_over,
    _on_the_porch,
    _a_word_nobody_knows,
)


# --- what cannot be read ------------------------------------------------------


def _what_cannot_be_read(book: Book) -> None:
    """Events that become no facts: each lands in the quarantine with what is wrong with it."""
    at = clock(AOBA, "01-21 11:00")
    # A topic that Yoin has no use for.
    product = {"id": 8_100_000_000_001, "title": "煎茶 やぶきた 一番摘み", "status": "active"}
    book.put(at, envelope(AOBA, "products/update", product, at=at))

    # A shop that no brand claims.
    stray = envelope(AOBA, "orders/create", {"id": 1}, at=clock(AOBA, "01-29 03:00"))
    stray["detail"]["metadata"]["X-Shopify-Shop-Domain"] = "somebody-else.myshopify.com"
    book.put(clock(AOBA, "01-29 03:00"), stray)

    # An impossible date, a currency that does not exist, a field of the wrong kind.
    impossible = (
        ("02-11 09:00", {"created_at": "2026-02-30T09:00:00+09:00"}),
        ("02-12 09:00", {"currency": "JPX"}),
        ("02-13 09:00", {"line_items": "two bags of sencha"}),
    )
    for moment, wrong in impossible:
        when = clock(AOBA, moment)
        order = book.order(
            AOBA,
            "fumi",
            "読めないイベント",
            "An event that cannot be read",
            at=moment,
            items={"SENCHA-100": 1},
            announced=False,
        )
        del book.titles[AOBA.brand, order.id]
        body = order.order.body(when) | wrong
        book.put(when, envelope(AOBA, "orders/create", body, at=when, order_id=order.order.id))

    # A fact of our own contract with a quantity below nothing.
    book.fact(
        NORTHLIGHT,
        "ReturnReceived",
        clock(NORTHLIGHT, "02-19 12:00"),
        {"order_id": "1", "return_id": "rma-1", "lines": [{"line_id": "1", "quantity": -1}]},
        source="demo.returns",
    )
    # A carrier's scan for a number that never becomes known: it is parked, nothing is _lost.
    book.fact(
        AOBA,
        "ShipmentUpdated",
        clock(AOBA, "02-25 12:00"),
        {"tracking_number": "000000000000", "status": "DELIVERED", "raw_status": "配達完了"},
        source="demo.carriers",
    )
