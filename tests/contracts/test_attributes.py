"""Wishes in a checkout's free attributes: read where they can be read in one way."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.attributes import Wishes, is_gift_word, read_wishes

ORDERED = date(2026, 4, 10)
THURSDAY = date(2026, 4, 16)


@pytest.mark.parametrize(
    ("name", "value", "day", "slot"),
    [
        ("配送希望日", "2026-04-16", THURSDAY, None),
        ("配達希望日", "2026/4/16", THURSDAY, None),
        ("お届け日", "2026年4月16日(木)", THURSDAY, None),
        ("お届け希望日", "２０２６／０４／１６", THURSDAY, None),
        ("お届け希望日", "2026-04-16T00:00:00+09:00", THURSDAY, None),
        ("着日指定", "20260416", THURSDAY, None),
        ("配達日時指定", "令和8年4月16日（木）18時〜20時", THURSDAY, "18時〜20時"),
        ("希望日", "4月16日", THURSDAY, None),
        ("希望日", "1月5日", date(2027, 1, 5), None),
        ("delivery_date", "2026-04-16", THURSDAY, None),
        ("Delivery-Date", "Thu, April 16, 2026", THURSDAY, None),
        ("Delivery Date", "16 April 2026", THURSDAY, None),
        ("Delivery Date", "04/16/2026", THURSDAY, None),
        ("Delivery Date", "16/04/2026", THURSDAY, None),
        ("配達希望日", "2026/4/16 14:00-16:00", THURSDAY, "14:00-16:00"),
        # Not to be read in one way, impossible, past, or no wish at all.
        ("Delivery Date", "04/05/2026", None, None),
        ("お届け希望日", "2026-04-15T15:00:00Z", None, None),
        ("希望日", "2026-04-16〜2026/04/18", None, None),
        ("配送希望日", "2026-02-30", None, None),
        ("配送希望日", "2026-13-01", None, None),
        ("配送希望日", "2020-01-01", None, None),
        ("配送希望日", "2126-01-01", None, None),
        ("配送希望日", "指定なし", None, None),
        ("配送希望日", "最短", None, None),
        ("配送希望日", "", None, None),
        # Not about the day of arrival.
        ("出荷予定日", "2026-04-16", None, None),
        ("発送日", "2026-04-16", None, None),
        ("Shipping Date", "2026-04-16", None, None),
        ("生年月日", "2026-04-16", None, None),
        ("お届け先", "東京都渋谷区", None, None),
        ("時間帯", "午前中", None, "午前中"),
        ("配送時間帯", "14時〜16時", None, "14時〜16時"),
        ("お届け時間", "指定なし", None, None),
        ("delivery time", "9-12", None, "9-12"),
        ("営業時間", "9-17", None, None),
    ],
)
def test_days_and_slots(name: str, value: str, day: date | None, slot: str | None) -> None:
    assert read_wishes([(name, value)], ORDERED) == Wishes(day=day, slot=slot)


def test_a_named_slot_goes_before_one_behind_the_day() -> None:
    pairs = [("配達希望日", "2026/4/16 夕方"), ("時間帯", "18時〜20時")]
    assert read_wishes(pairs, ORDERED) == Wishes(day=THURSDAY, slot="18時〜20時")


@pytest.mark.parametrize(
    ("name", "value", "gift"),
    [
        ("gift", "true", True),
        ("Is this a gift?", "Yes", True),
        ("is_gift", "1", True),
        ("ギフト", "はい", True),
        ("ラッピング", "希望する", True),
        ("Gift Message", "Happy Birthday", True),
        ("のし", "内祝い", True),
        ("gift", "false", False),
        ("ギフト", "いいえ", False),
        ("gift", "", None),
        # A gift need not be wrapped, and a gift card is none.
        ("のし", "なし", None),
        ("gift_wrap", "no", None),
        ("Gift Card Code", "ABC", None),
        ("custom engraving", "Happy Birthday", None),
    ],
)
def test_gifts(name: str, value: str, gift: bool | None) -> None:
    assert read_wishes([(name, value)], ORDERED).gift is gift


def test_one_yes_makes_a_gift() -> None:
    assert read_wishes([("gift", "no"), ("ギフト包装", "あり")], ORDERED).gift is True


def test_gift_words_as_tags() -> None:
    assert [is_gift_word(tag) for tag in ("Gift", "ギフト", "プレゼント用")] == [True] * 3
    assert [is_gift_word(tag) for tag in ("gift card", "giftable", "vip", "")] == [False] * 4


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(), st.text()), max_size=4))
def test_no_text_breaks_the_reading(pairs: list[tuple[str, str]]) -> None:
    wishes = read_wishes(pairs, ORDERED)
    assert wishes.day is None or wishes.day >= ORDERED


@settings(deadline=None)
@given(st.dates(ORDERED, date(2027, 12, 31)))
def test_every_coming_day_can_be_wished_for(day: date) -> None:
    for text in (
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        day.strftime("%Y/%m/%d"),
    ):
        assert read_wishes([("配送希望日", text)], ORDERED).day == day
