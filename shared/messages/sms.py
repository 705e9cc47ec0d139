"""How many parts an SMS takes: the network bills each, and long ones may arrive in pieces.

3GPP TS 23.038: a text wholly in the GSM 7-bit alphabet has 160 characters in one part, or 153
in each of several (the header takes seven); its extension characters count twice. Any other
text is UCS-2: 70, or 67 in each of several, counted in UTF-16 units.
"""

from __future__ import annotations

import math
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")

# Typographic signs that would push an otherwise 7-bit text into UCS-2, at twice the price.
_ASCII = str.maketrans({"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."})


def plain(text: str) -> str:
    """``text`` with typographic signs as ASCII where that keeps it in the 7-bit alphabet."""
    simple = text.translate(_ASCII)
    return simple if encoding(simple) == "GSM-7" else text


def encoding(text: str) -> Encoding:
    """The alphabet that ``text`` needs."""
    return "GSM-7" if set(text) <= _BASIC | _EXTENDED else "UCS-2"


def segments(text: str) -> int:
    """The number of parts in which ``text`` is sent; an empty text takes one."""
    if encoding(text) == "GSM-7":
        units, one, many = len(text) + sum(c in _EXTENDED for c in text), 160, 153
    else:
        units, one, many = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if units <= one else math.ceil(units / many)
