"""What a buyer wrote into a checkout's free attributes: a wished day, a time slot, a gift.

Shop systems have no field for these; apps and themes put them into named attributes, each with
names of its own (配送希望日, お届け日, Delivery-Date). Names are matched by what they contain,
dates only where they can be read in one way: 04/25/2026 can, 04/05/2026 not. An impossible or
past date is no wish, and does not make an order wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

# A day that goods arrive; not one that they leave (出荷, 発送) or were ordered, and no estimate.
_DAY_NAME = re.compile(
    r"(配送|配達|届け?|到着|納品|着日|希望日|指定日).*日|希望日|指定日|着日"
    r"|(delivery|arrival)(day|date|on)|(wished|wish|desired|requested|preferred)(delivery)?date"
)
_DAY_NAME_NOT = re.compile(r"出荷|発送|注文|予定|目安|曜日|誕生|生年|shipping|ship|order|birth|due")
_SLOT_NAME = re.compile(r"時間|(delivery|arrival|time)(time|slot|window|hours?)")
_SLOT_NAME_NOT = re.compile(r"出荷|発送|注文|営業|shipping|order")
_GIFT_NAME = re.compile(r"gift|ギフト|プレゼント|のし|熨斗|ラッピング|贈り物|贈答")
_GIFT_NAME_NOT = re.compile(r"giftcard|giftcert|ギフトカード|ギフト券|プレゼント応募|キャンペーン")
# Only a question about the gift itself can be answered with no: a gift need not be wrapped.
_GIFT_ITSELF = re.compile(r"(is|as)?(a)?gift|ギフト(設定|指定|希望)?|プレゼント(用)?|贈り物|贈答")

_NOTHING = {
    "", "-", "なし", "無し", "無", "ナシ", "指定なし", "指定しない", "指定無し", "希望なし",
    "希望しない", "未指定", "特になし", "最短", "最短日", "最短でお届け", "おまかせ", "いつでも",
    "none", "no", "n/a", "null", "false", "0", "off", "any", "asap", "nopreference", "anytime",
    "いいえ", "不要", "必要なし", "必要ない", "利用しない", "しない", "つけない",
}  # fmt: skip

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june",
         "jul july", "aug august", "sep september sept", "oct october", "nov november",
         "dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAY = r"(\s*[(\[]?(月|火|水|木|金|土|日)(曜日?)?[)\]]?(?!\d))?"
_YEAR_FIRST = re.compile(
    rf"(?P<y>(19|20)\d\d)\s*[-/.年]\s*(?P<m>\d{{1,2}})\s*[-/.月]\s*(?P<d>\d{{1,2}})日?(?!\d){_WEEKDAY}"
)
_COMPACT = re.compile(r"(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)")
_REIWA = re.compile(
    rf"(令和|r\.?)\s*(?P<e>\d{{1,2}}|元)\s*[-/.年]\s*(?P<m>\d{{1,2}})\s*[-/.月]\s*(?P<d>\d{{1,2}})日?"
    rf"(?!\d){_WEEKDAY}"
)
_NO_YEAR = re.compile(rf"(?P<m>\d{{1,2}})\s*月\s*(?P<d>\d{{1,2}})\s*日{_WEEKDAY}")
_ENGLISH = re.compile(
    r"([a-z]+,?\s+)?((?P<mon>[a-z]{3,9})\.?\s+(?P<d>\d{1,2})|(?P<d2>\d{1,2})\s+(?P<mon2>[a-z]{3,9})\.?)"
    r"(st|nd|rd|th)?,?\s+(?P<y>20\d\d)(?!\d)"
)
_MONTH_OR_DAY = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>20\d\d)(?!\d)")
_CLOCK_TAIL = re.compile(r"t?\s*00:00(:00)?(\.0+)?(z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the attributes say. None: nothing."""

    day: date | None = None
    slot: str | None = None
    gift: bool | None = None


def read_wishes(attributes: Iterable[tuple[str, str]], ordered_on: date) -> Wishes:
    """The wishes in (name, value) pairs; ``ordered_on`` is the order's date at the shop.

    Of several days the first that can be read counts; one before ``ordered_on`` is none.
    """
    day: date | None = None
    slot: str | None = None
    with_day: str | None = None
    gifts: list[bool] = []
    for name, value in attributes:
        key, text = _plain(name[:100]), unicodedata.normalize("NFKC", value[:500]).strip()
        nothing = _plain(text) in _NOTHING
        if _is_gift(key):
            if not nothing:
                gifts.append(True)
            elif _GIFT_ITSELF.fullmatch(key) and text:
                gifts.append(False)
        elif nothing:
            continue
        elif day is None and _DAY_NAME.search(key) and not _DAY_NAME_NOT.search(key):
            day, with_day = _read_day(text, ordered_on)
        elif slot is None and _SLOT_NAME.search(key) and not _SLOT_NAME_NOT.search(key):
            slot = text[:100]
    return Wishes(day=day, slot=slot or with_day, gift=any(gifts) if gifts else None)


def is_gift_word(word: str) -> bool:
    """Whether a tag says that an order is a gift."""
    return _GIFT_ITSELF.fullmatch(_plain(word)) is not None


def _is_gift(key: str) -> bool:
    return _GIFT_NAME.search(key) is not None and not _GIFT_NAME_NOT.search(key)


def _plain(name: str) -> str:
    """A name in small letters, without width, spaces and punctuation."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in text if c.isalnum() or c == "-" == text)


def _read_day(text: str, ordered_on: date) -> tuple[date | None, str | None]:
    """The day at the beginning of ``text``, and a time slot behind it."""
    lower = text.casefold()
    for pattern in (_YEAR_FIRST, _COMPACT, _REIWA, _NO_YEAR, _ENGLISH, _MONTH_OR_DAY):
        found = pattern.match(lower)
        if found:
            day = _day(found.groupdict(), ordered_on)
            rest = text[found.end() :].strip(" 　,、・:()-")
            if day is None or day < ordered_on or day > ordered_on + timedelta(days=730):
                return None, None
            if _CLOCK_TAIL.fullmatch(rest.casefold()):
                return day, None
            if re.match(r"t\d|.*\d\s*[月/]\s*\d", rest.casefold()):
                # An instant in some zone, or a second day: which day is meant is not said.
                return None, None
            return day, rest[:100] or None
    return None, None


def _day(parts: dict[str, str | None], ordered_on: date) -> date | None:
    if parts.get("a"):
        low, high = sorted((int(parts["a"] or 0), int(parts["b"] or 0)))
        if low != high and high <= 12:
            return None  # 04/05: April or May, who knows
        parts = {**parts, "m": str(low), "d": str(high)}
    month_name = parts.get("mon") or parts.get("mon2")
    month = _MONTHS.get(month_name or "", 0) if month_name else int(parts["m"] or 0)
    day = int(parts.get("d") or parts.get("d2") or 0)
    era = parts.get("e")
    try:
        if parts.get("y"):
            return date(int(parts["y"] or 0), month, day)
        if era:
            return date(2018 + (1 if era == "元" else int(era)), month, day)
        # No year: the next such day after the order.
        this_year = date(ordered_on.year, month, day)
        return this_year if this_year >= ordered_on else date(ordered_on.year + 1, month, day)
    except ValueError:
        return None
