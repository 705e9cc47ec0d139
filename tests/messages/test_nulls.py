"""What a lifecycle may not know: every message reads well without it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shared.brands import load_brand
from shared.domain.events import PaymentMethod
from shared.messages.rendering import render_email, render_sms
from tests.messages.mails import MESSAGES, content, has_sms, name, page_of

pytestmark = pytest.mark.slow

AOBA, NORTHLIGHT = load_brand("aoba"), load_brand("northlight")

# The keys that the context contract allows to be null, wherever they stand.
NULLABLE = {
    "name", "title", "variant", "sku", "unit_price", "line_total", "image_url",
    "subtotal", "shipping", "total", "status_url", "shipping_address",
    "postal_code", "region", "city", "line1", "line2", "country",
    "estimate", "earliest", "method", "status", "due_at",
    "reason", "charged", "refund",
    "carrier", "tracking_number", "tracking_url", "label_created_at", "last_scan_at",
    "last_location", "cause", "description", "occurred_at", "attempted_at", "hold_until",
    "kind", "place", "address", "code", "review_url", "delivered_on", "url", "replaces",
    "placed_at", "zone",
}  # fmt: skip
# Null in some messages only: a late alert has a promise, and with no shipment it has lines.
NULLABLE_IN = {
    "promise": {"dispatch_delayed", "pickup_delayed", "transit_delayed"},
    "shipment": {"late"},
}


def _nulled(value: Any, message: str, keys: set[str]) -> Any:
    """The content with every nullable key among ``keys`` set to null."""
    if isinstance(value, list):
        return [_nulled(entry, message, keys) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        key: None
        if key in keys and _nullable(key, entry, message)
        else _nulled(entry, message, keys)
        for key, entry in value.items()
    }


def _nullable(key: str, value: Any, message: str) -> bool:
    counted = isinstance(value, int) and key == "total"  # of parcels, not of money
    return not counted and (key in NULLABLE or message in NULLABLE_IN.get(key, ()))


def _keys(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_keys, value))
    if not isinstance(value, dict):
        return set()
    return value.keys() | set().union(*map(_keys, value.values()))


def _reads_well(lifecycle: str, message: str, context: dict[str, Any], locale: str) -> None:
    brand = AOBA if locale == "ja" else NORTHLIGHT
    mail = render_email(lifecycle, message, locale, context, brand, message_id="m-1")
    page = page_of(mail.html)
    texts = [mail.subject, mail.preheader, mail.text, page.text]
    if has_sms(lifecycle):
        texts.append(render_sms(lifecycle, message, locale, context, brand, message_id="m-1").text)
    assert len(page.buttons) == 1
    for text in texts:
        assert not re.search(r"\bNone\b|\(\)|（）|\bnull\b", text)
        # No gap where something is unknown: "by , " or 「にお届け」 alone.
        assert not re.search(r" [,.] |、、|。。|。、|\bon [.,]|\bin [.,]|\bby [.,]", text), text
    assert not re.search(r"^(を|が|の|に|は|、|。|,|\.)", mail.text, re.MULTILINE)


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize(("lifecycle", "message"), MESSAGES, ids=name)
def test_a_message_reads_well_when_everything_optional_is_unknown(
    lifecycle: str, message: str, locale: str
) -> None:
    whole = content(lifecycle, message, locale)
    keys = NULLABLE | NULLABLE_IN.keys()
    _reads_well(lifecycle, message, _nulled(whole, message, set(keys)), locale)


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize(("lifecycle", "message"), MESSAGES, ids=name)
def test_a_message_reads_well_when_one_thing_is_unknown(
    lifecycle: str, message: str, locale: str
) -> None:
    whole = content(lifecycle, message, locale)
    for key in sorted(_keys(whole) & (NULLABLE | NULLABLE_IN.keys())):
        without = _nulled(whole, message, {key})
        if without != whole:  # the sample knows it
            _reads_well(lifecycle, message, without, locale)


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize(
    "cause",
    ["address", "damaged", "lost", "customs", "refused", "weather", "investigating", None],
)
@pytest.mark.parametrize("step", [1, 2])
def test_every_cause_of_an_exception_has_its_words(
    cause: str | None, locale: str, step: int
) -> None:
    whole = content("delay_alert", "exception", locale, step=step)
    whole["exception"] |= {"cause": cause}
    _reads_well("delay_alert", "exception", whole, locale)


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("reason", ["customer", "inventory", "other", None])
@pytest.mark.parametrize("charged", [True, False, None])
def test_a_cancellation_says_what_becomes_of_the_money_only_where_that_is_known(
    reason: str | None, charged: bool | None, locale: str
) -> None:
    whole = content("order_confirmation", "cancelled", locale)
    whole["cancellation"] |= {"reason": reason, "charged": charged, "refund": None}
    _reads_well("order_confirmation", "cancelled", whole, locale)
    brand = AOBA if locale == "ja" else NORTHLIGHT
    text = render_email("order_confirmation", "cancelled", locale, whole, brand).text
    assert bool(re.search("返金|goes back", text)) is (charged is True)
    assert bool(re.search("ご請求はありません|not be charged", text)) is (charged is False)


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("method", list(PaymentMethod))
@pytest.mark.parametrize("status", ["PENDING", "AUTHORIZED", "PAID", "EXPIRED"])
@pytest.mark.parametrize("message", ["received", "confirmed"])
def test_every_way_to_pay_has_its_words(
    message: str, status: str, method: PaymentMethod, locale: str
) -> None:
    whole = content("order_confirmation", message, locale)
    whole["payment"] |= {"status": status, "method": method.value}
    _reads_well("order_confirmation", message, whole, locale)


@pytest.mark.parametrize("message", ["received", "confirmed"])
def test_amounts_that_do_not_add_up_are_not_shown_as_a_sum(message: str) -> None:
    whole = content("order_confirmation", message, "ja")
    assert "小計" in render_email("order_confirmation", message, "ja", whole, AOBA).text
    whole["order"]["total"]["amount"] -= 500  # a coupon that the platform does not name
    text = render_email("order_confirmation", message, "ja", whole, AOBA).text
    assert "小計" not in text
    assert "合計（税込）: 3,506円" in text
