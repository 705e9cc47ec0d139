"""Finds a person in bytes, however they are written: the proof of an erasure.

What is looked through is taken apart first (compressed records, base64, hexadecimal, URLs, JSON's
and HTML's escapes, inside each other), and then compared in one spelling: NFKC, which makes kana
and digits of half and full width one, and without case. A telephone number is compared by its
digits, with and without its country.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import quopri
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from shared.adapters.aws.codec import inflated

_DEEP = 4
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){6,}")
_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s().\-‐‑–ー−]+(?=\d)")


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What a person is known by. ``texts``: addresses, names, streets; ``phones``: as E.164."""

    texts: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    _texts: tuple[str, ...] = field(init=False, default=())
    _digits: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        spelt = {plain(text) for text in self.texts if text.strip()}
        object.__setattr__(self, "_texts", tuple(sorted(spelt)))
        object.__setattr__(self, "_digits", tuple(sorted(map(national, self.phones))))

    def found(self, data: bytes | str) -> frozenset[str]:
        """Which of them are in there; empty where none is."""
        raw = data.encode() if isinstance(data, str) else data
        hits: set[str] = set()
        for text in _readings(raw):
            spelt = plain(text)
            hits.update(one for one in self._texts if one in spelt)
            if self._digits:
                joined = _BETWEEN_DIGITS.sub("", spelt)
                hits.update(one for one in self._digits if one in joined)
        return frozenset(hits)


def plain(text: str) -> str:
    """The one spelling in which texts are compared: blanks between words do not count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def national(phone: str) -> str:
    """The digits of a number that every spelling has: those after the country and the zero."""
    import phonenumbers

    try:
        return str(phonenumbers.parse(phone).national_number)
    except phonenumbers.NumberParseException:
        return re.sub(r"\D", "", phone).lstrip("0")


def _readings(data: bytes) -> Iterator[str]:
    """Every text that the bytes can be read as."""
    seen: set[bytes] = set()
    todo = [(data, 0)]
    while todo:
        raw, depth = todo.pop()
        if raw in seen or not raw:
            continue
        seen.add(raw)
        text = raw.decode("utf-8", "replace")
        yield text
        if depth < _DEEP:
            todo.extend((inner, depth + 1) for inner in _inside(raw, text))


def _inside(raw: bytes, text: str) -> Iterable[bytes]:
    yield from _unpacked(raw)
    if "\\" in text:
        joined = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)
        # Pairs of surrogates are one character.
        yield joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    if "%" in text or "+" in text:
        yield unquote_plus(text).encode()
    if "&" in text:
        yield html.unescape(text).encode()
    if "=" in text:
        with_soft_ends = quopri.decodestring(raw)
        if with_soft_ends != raw:
            yield with_soft_ends
    for match in _HEX.finditer(raw):
        yield binascii.unhexlify(match[0])
    for match in _BASE64.finditer(raw):
        chunk = match[0].rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        # Whatever stood before it: one of four beginnings is right.
        for start in range(4):
            part = chunk[start : start + (len(chunk) - start) // 4 * 4]
            tail = chunk[start:]
            padded = tail + b"=" * (-len(tail) % 4)
            for one in (part, padded):
                try:
                    yield base64.b64decode(one, validate=True)
                except binascii.Error:
                    continue


def _unpacked(raw: bytes) -> Iterable[bytes]:
    for unpack in (inflated, zlib.decompress, gzip.decompress):
        try:
            yield unpack(raw)
        except (ValueError, OSError, EOFError, zlib.error):
            continue
