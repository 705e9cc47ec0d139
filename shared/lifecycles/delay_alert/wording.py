"""What a carrier's own words say beyond the canonical status: the cause, the kind of place.

The words are those of payloads/SEMANTICS and of the carriers' public pages; one that nobody has
met says nothing (None), and the message then does without.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# The first that matches counts: 調査中（転居先不明） is about the address.
CAUSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("refused", ("辞退", "受取拒否", "受取人拒否", "refus", "rejected by")),
    ("damaged", ("破損", "汚損", "damag", "leak")),
    ("lost", ("紛失", "亡失", "lost", "missing")),
    ("customs", ("通関", "税関", "customs", "clearance", "duties")),
    ("weather", ("天候", "台風", "大雪", "豪雨", "地震", "weather", "storm", "snow", "flood")),
    ("address", ("住所", "転居", "宛先", "宛所", "あて所", "尋ねあたりません", "address", "moved")),
    ("investigating", ("調査中", "お問合せ", "お問い合わせ", "investigat", "trace")),
)
PICKUP_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("locker", ("ロッカー", "pudo", "はこぽす", "locker", "packstation", "parcel box")),
    (
        "konbini",
        (
            "コンビニ",
            "ファミリーマート",
            "ファミマ",
            "ローソン",
            "セブン-イレブン",
            "セブンイレブン",
            "ミニストップ",
            "デイリーヤマザキ",
            "セイコーマート",
            "konbini",
            "convenience store",
            "7-eleven",
            "familymart",
            "lawson",
        ),
    ),
    ("counter", ("営業所", "センター", "窓口", "郵便局", "post office", "depot", "ups store")),
    ("shop", ("店頭", "ご来店", "ご指定店", "in store", "shop")),
)

# What the carriers' tables call a place whose name nobody tells: its kind says the same, and says
# it in the customer's language.
_KINDS_ALONE = frozenset({"コンビニ", "宅配便ロッカー", "営業所", "郵便局"})


def exception_cause(raw: str) -> str | None:
    """The cause of an exception, a word of the context contract."""
    return _first(CAUSES, [raw])


def pickup_kind(texts: Iterable[str]) -> str | None:
    """What kind of place a parcel waits at, a word of the context contract."""
    return _first(PICKUP_KINDS, texts)


def names_no_place(text: str | None) -> bool:
    """Whether it is a kind of place only, no particular one."""
    return text is None or unicodedata.normalize("NFKC", text).strip() in _KINDS_ALONE


def _first(table: tuple[tuple[str, tuple[str, ...]], ...], texts: Iterable[str]) -> str | None:
    # Full-width and half-width forms both occur in carriers' texts.
    folded = [unicodedata.normalize("NFKC", text).casefold() for text in texts]
    for name, words in table:
        if any(unicodedata.normalize("NFKC", word) in text for word in words for text in folded):
            return name
    return None
