"""Every message, in every language of every brand: readable and safe.

That it is complete and lawful, `yoin lint` says: see tests/messages/violations.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared import lifecycles
from shared.brands import Brand, load_brand
from shared.messages.samples import messages, sample
from tests.messages.mails import (
    MAILS,
    MESSAGES,
    UNLIKE,
    email,
    has_sms,
    name,
    page_of,
)

every_mail = pytest.mark.parametrize(("lifecycle", "message", "locale", "brand"), MAILS, ids=name)
every_message = pytest.mark.parametrize(("lifecycle", "message"), MESSAGES, ids=name)

ALERTS = [message for lifecycle, message in MESSAGES if lifecycle == "delay_alert"]

# Gmail cuts a message off beyond this and hides the rest, the legal display with it.
GMAIL_CLIPS_AT = 102 * 1024


def test_no_template_is_left_that_no_lifecycle_sends() -> None:
    known = set(MESSAGES)
    for spec in lifecycles.specs():
        for path in (lifecycles.folder(spec.name) / "templates").rglob("*.*"):
            assert (spec.name, path.name.partition(".")[0]) in known, path.name
            assert ".sms." not in path.name or has_sms(spec.name), path.name
    assert sorted(messages()) == sorted(known)


@every_mail
def test_the_html_is_small_and_loads_nothing(
    lifecycle: str, message: str, locale: str, brand: Brand
) -> None:
    html = email(lifecycle, message, locale, brand).html
    assert len(html.encode()) < GMAIL_CLIPS_AT
    assert not re.search(r"<script|<link|@import|url\(|javascript:", html)
    assert all(image["src"].startswith("https://") for image in page_of(html).images)


@every_mail
def test_the_html_can_be_read_aloud(
    lifecycle: str, message: str, locale: str, brand: Brand
) -> None:
    page = page_of(email(lifecycle, message, locale, brand).html)
    (root,) = [attributes for tag, attributes in page.tags if tag == "html"]
    assert root["lang"] == locale
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    assert all(image.get("alt") for image in page.images)
    for tag, attributes in page.tags:
        if tag == "table" and "cellspacing" in attributes:
            # Layout is announced as layout; only tables of goods and amounts are tables.
            assert attributes.get("role") == "presentation" or "font-size" in attributes["style"]


@every_mail
def test_subjects_and_preheaders_are_one_line(
    lifecycle: str, message: str, locale: str, brand: Brand
) -> None:
    mail = email(lifecycle, message, locale, brand)
    for text in (mail.subject, mail.preheader):
        assert text
        assert not re.search(r"[\x00-\x1f]|  ", text)


@pytest.mark.parametrize("brand", UNLIKE, ids=name)
@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("message", [alert for alert in ALERTS if alert != "moving_again"])
def test_the_second_alert_of_an_incident_has_other_words(
    message: str, locale: str, brand: Brand
) -> None:
    first = email("delay_alert", message, locale, brand, step=1)
    second = email("delay_alert", message, locale, brand, step=2)
    assert first.text != second.text
    assert first.subject != second.subject


@pytest.mark.parametrize("message", ALERTS)
@pytest.mark.parametrize(("locale", "brand"), [("ja", "aoba"), ("en", "northlight")])
def test_a_delay_shows_no_price(message: str, locale: str, brand: str) -> None:
    mail = email("delay_alert", message, locale, load_brand(brand))
    assert not re.search(r"\d円|\$\d", mail.text + page_of(mail.html).text)


@pytest.mark.parametrize("status", ["PENDING", "FAILED", None])
def test_nobody_is_thanked_for_paying_before_the_payment(status: str | None) -> None:
    for locale, brand in (("ja", "aoba"), ("en", "northlight")):
        payment = sample("order_confirmation", "received", locale)["payment"] | {"status": status}
        mail = email("order_confirmation", "received", locale, load_brand(brand), payment=payment)
        assert payment["instructions"][1]["value"] in mail.text
        assert not re.search(
            r"お支払い(いただき)?、?ありがとう|payment went through|for paying", mail.text
        )


def test_payment_instructions_are_gone_once_it_is_paid() -> None:
    payment = sample("order_confirmation", "received", "ja")["payment"] | {"status": "PAID"}
    mail = email("order_confirmation", "received", "ja", load_brand("aoba"), payment=payment)
    assert "確認番号" not in mail.text
    assert "お支払いのご案内" not in mail.subject


def test_absence_is_not_worded_as_a_delay() -> None:
    for message in ("absence", "pickup_waiting"):
        japanese = email("delay_alert", message, "ja", load_brand("aoba"))
        english = email("delay_alert", message, "en", load_brand("northlight"))
        assert "遅れ" not in japanese.text
        assert "申し訳" not in japanese.text
        assert not re.search(r"\bdelay|\blate\b|sorry", english.text)


def test_a_gift_s_buyer_is_asked_about_the_service_and_no_product_is_named() -> None:
    for locale, brand in (("ja", load_brand("aoba")), ("en", load_brand("northlight"))):
        mail = email("review_request", "service", locale, brand)
        for product in brand.products:
            assert product.title[locale] not in mail.text


def test_a_review_is_asked_of_everybody_alike() -> None:
    # Sentiment gating: no template asks how satisfied somebody is before it links to a review.
    folder = lifecycles.folder("review_request") / "templates"
    for path in Path(folder).rglob("*.j2"):
        assert not re.search(r"満足|★|star|happy|love", path.read_text()), path.name


def test_a_successor_is_named_with_what_it_replaces() -> None:
    for locale, brand in (("ja", "aoba"), ("en", "northlight")):
        products = sample("replenishment_reminder", "due", locale)["products"]
        products[0]["replaces"] = "Midori"
        mail = email("replenishment_reminder", "due", locale, load_brand(brand), products=products)
        assert "Midori" in mail.text
        assert "Midori" in page_of(mail.html).text


def test_all_products_that_run_out_are_reordered_by_one_link() -> None:
    (product,) = sample("replenishment_reminder", "due", "ja")["products"]
    other = product | {"sku": "MATCHA-30", "title": None, "quantity": 1}
    brand = load_brand("aoba")
    mail = email("replenishment_reminder", "due", "ja", brand, products=[product, other])
    assert "items=SENCHA-100%3A2%2CMATCHA-30%3A1" in mail.text
    assert "抹茶 青嵐" in mail.text  # by the brand's own list, where the order has no title
