"""Every reason explains itself in both languages."""

from __future__ import annotations

import re

import pytest

from shared.domain.errors import REJECTION_CODES, Rejected
from shared.domain.reasons import REASONS, Reason

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def test_every_reason_and_no_other_is_explained() -> None:
    assert set(REASONS) == set(Reason)
    assert all(reason.value == reason.name for reason in Reason)


@pytest.mark.parametrize("reason", list(Reason))
def test_the_explanation_is_one_sentence_in_each_language(reason: Reason) -> None:
    ja, en = REASONS[reason]
    assert JAPANESE.search(ja)
    assert not JAPANESE.search(en)
    assert ja.endswith("。")
    assert en.endswith(".")
    assert en[0].isupper()
    for text in (ja, en):
        assert text == text.strip()
        assert "\n" not in text


@pytest.mark.parametrize("language", [0, 1])
def test_no_two_reasons_sound_alike(language: int) -> None:
    texts = [texts[language] for texts in REASONS.values()]
    assert len(texts) == len(set(texts))


def test_the_reasons_of_the_design_are_there() -> None:
    named = (
        "OPTED_OUT SUPPRESSED NO_ADDRESS ALREADY_SENT QUIET_HOURS FREQUENCY_CAP ORDER_CANCELLED "
        "NOT_YET_DELIVERED OPEN_INCIDENT RETURN_OPEN REORDERED SUBSCRIBED GIFT TEST_ORDER TOO_LATE"
    )
    assert set(named.split()) <= {reason.name for reason in Reason}


def test_a_rejection_names_a_known_code() -> None:
    assert str(Rejected("MALFORMED", "no body")) == "MALFORMED: no body"
    assert all(re.fullmatch("[A-Z_]+", code) for code in REJECTION_CODES)
    with pytest.raises(ValueError, match="NO_SUCH"):
        Rejected("NO_SUCH", "")
