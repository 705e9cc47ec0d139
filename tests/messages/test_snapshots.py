"""What customers read, word for word: a change of words shows in review.

``pytest tests/messages --snapshot-update`` takes new words over.
"""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from shared.brands import load_brand
from tests.messages.mails import MESSAGES, agreed, email, has_sms, name, sms

SHOPS = [("ja", "aoba"), ("en", "northlight")]
STEPS = [
    *[(lifecycle, message, 0) for lifecycle, message in MESSAGES],
    *[(lifecycle, message, 2) for lifecycle, message in MESSAGES if lifecycle == "delay_alert"],
]


@pytest.mark.parametrize(("locale", "brand"), SHOPS)
@pytest.mark.parametrize(("lifecycle", "message", "step"), STEPS, ids=name)
def test_words(
    lifecycle: str,
    message: str,
    step: int,
    locale: str,
    brand: str,
    snapshot: SnapshotAssertion,
) -> None:
    changes = {"step": step} if step else {}
    mail = email(lifecycle, message, locale, load_brand(brand), **changes)
    short = ""
    if has_sms(lifecycle):
        told = sms(lifecycle, message, locale, load_brand(brand), **changes)
        short = f"SMS ({told.segments} × {told.encoding}): {told.text}"
    body, _, _ = mail.text.partition("-" * 40)
    assert snapshot == "\n".join(
        [
            f"Subject: {mail.subject}",
            f"Preheader: {mail.preheader}",
            "",
            body,
            short,
        ]
    )


@pytest.mark.parametrize(("locale", "brand"), SHOPS)
def test_the_confirmation_of_somebody_who_agreed_to_marketing(
    locale: str, brand: str, snapshot: SnapshotAssertion
) -> None:
    mail = agreed("order_confirmation", "confirmed", locale, load_brand(brand))
    assert snapshot == mail.text
    assert snapshot(name="html") == mail.html


@pytest.mark.parametrize(("locale", "brand"), SHOPS)
@pytest.mark.parametrize(
    ("lifecycle", "message"),
    [("order_confirmation", "received"), ("replenishment_reminder", "due")],
)
def test_the_whole_mail(
    lifecycle: str, message: str, locale: str, brand: str, snapshot: SnapshotAssertion
) -> None:
    mail = email(lifecycle, message, locale, load_brand(brand))
    assert snapshot(name="html") == mail.html
    assert snapshot(name="footer") == mail.text.partition("-" * 40)[2]
