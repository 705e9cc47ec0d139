"""How many parts a short message takes (3GPP TS 23.038)."""

from __future__ import annotations

import pytest

from shared.messages.sms import encoding, plain, segments


@pytest.mark.parametrize(
    ("text", "alphabet", "parts"),
    [
        ("", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),  # an extension character counts twice
        ("€" * 81, "GSM-7", 2),
        ("あ" * 70, "UCS-2", 1),
        ("あ" * 71, "UCS-2", 2),
        ("あ" * 134, "UCS-2", 2),
        ("あ" * 135, "UCS-2", 3),
        ("🍵" * 35, "UCS-2", 1),  # two UTF-16 units each
        ("🍵" * 36, "UCS-2", 2),
        ("a" * 69 + "あ", "UCS-2", 1),
    ],
)
def test_parts(text: str, alphabet: str, parts: int) -> None:
    assert encoding(text) == alphabet
    assert segments(text) == parts


def test_typography_is_given_up_where_that_saves_the_alphabet() -> None:
    assert plain("“Sun – Tue” it’s…") == '"Sun - Tue" it\'s...'
    assert plain("日 – 火") == "日 – 火"
