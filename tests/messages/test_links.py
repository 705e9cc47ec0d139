"""Links: from the brand's patterns only, quoted, without personal data."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.brands import Brand, load_brand
from shared.messages import links
from shared.messages.links import (
    SamplePages,
    carrier_name,
    fill,
    https,
    message_links,
    tracking_link,
    unsubscribe_headers,
)
from shared.messages.signing import LinkFor
from tests.messages.mails import BRANDS, MAILS, email, has_sms, name, page_of, sms

AOBA = load_brand("aoba")


@pytest.mark.parametrize("value", ["a b", "a&b=c", "#1042", "../..", "注文", "a/b?c", "%2e", "+"])
def test_a_value_in_a_link_stays_one_value(value: str) -> None:
    url = fill("https://x.example/p?order={number}", number=value)
    assert https(url) == url
    assert parse_qs(urlsplit(url).query) == {"order": [value]}
    assert urlsplit(url).path == "/p"


@pytest.mark.parametrize(
    "url", ["https://x.example", "https://x.example/a?b=c#d", "https://x.example:8443/"]
)
def test_plain_https_addresses_pass(url: str) -> None:
    assert https(url) == url


def shipment(carrier: str | None, number: str | None, url: str | None = None) -> dict[str, object]:
    return {"carrier": carrier, "tracking_number": number, "tracking_url": url}


@pytest.mark.parametrize(
    ("carrier", "number", "address"),
    [
        ("yamato", "1234-5678-9012", "https://jizen.kuronekoyamato.co.jp/jizen/servlet/crjz.b.NQ0010?id=123456789012"),
        ("Yamato (JA)", "123456789012", "https://jizen.kuronekoyamato.co.jp/jizen/servlet/crjz.b.NQ0010?id=123456789012"),
        ("ヤマト運輸", "123456789012", "https://jizen.kuronekoyamato.co.jp/jizen/servlet/crjz.b.NQ0010?id=123456789012"),
        ("佐川急便", "512547514334", "https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo=512547514334"),
        ("Japan Post (JA)", "405548424886", "https://trackings.post.japanpost.jp/services/srv/search/direct?locale=ja&reqCodeNo1=405548424886"),
        ("UPS", "1Z999AA10123456784", "https://www.ups.com/track?tracknum=1Z999AA10123456784"),
        ("Pony Express", "123", ""),
        (None, "123", ""),
        ("yamato", None, ""),
        ("yamato", "\n", ""),
    ],
)  # fmt: skip
def test_a_parcel_is_followed_at_its_carrier(
    carrier: str | None, number: str | None, address: str
) -> None:
    assert tracking_link(shipment(carrier, number)) == address


def test_the_payload_s_own_tracking_address_comes_first_where_it_is_safe() -> None:
    own = "https://track.example/1"
    assert tracking_link(shipment("yamato", "123456789012", own)) == own
    unsafe = tracking_link(shipment("yamato", "123456789012", "javascript:x"))
    assert unsafe.startswith("https://jizen.kuronekoyamato.co.jp/")
    assert tracking_link(None) == ""


def test_a_carrier_is_called_as_customers_call_it() -> None:
    assert carrier_name("Yamato (JA)", "ja") == "ヤマト運輸"
    assert carrier_name("sagawa", "en") == "Sagawa Express"
    assert carrier_name("Pony Express", "ja") == "Pony Express"
    assert carrier_name(None, "ja") == ""


PAGES = SamplePages()
# A merchant who hosts the pages: every link leads there, and nothing is promised for them.
HOSTS_PAGES = AOBA.model_copy(
    update={
        "links": AOBA.links.model_copy(
            update={
                "unsubscribe": "https://aoba-chaho.example/unsubscribe?m={message}",
                "preferences": "https://aoba-chaho.example/mail-settings",
                "snooze": "https://aoba-chaho.example/snooze?m={message}",
            }
        )
    }
)


def test_the_unsubscribe_headers_hold_the_message_and_nobody_s_address() -> None:
    headers = unsubscribe_headers(AOBA, "0a1b-2c", PAGES)
    page = PAGES.link(LinkFor.UNSUBSCRIBE, AOBA, "0a1b-2c")
    assert headers == {
        "List-Unsubscribe": (
            f"<{page}>, <mailto:unsubscribe@aoba-chaho.example?subject=unsubscribe%200a1b-2c>"
        ),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_one_click_is_promised_only_where_the_page_takes_it() -> None:
    own = unsubscribe_headers(HOSTS_PAGES, "m", PAGES)
    assert own["List-Unsubscribe"].startswith("<https://aoba-chaho.example/unsubscribe?m=m>")
    assert "List-Unsubscribe-Post" not in own
    links = HOSTS_PAGES.links.model_copy(update={"one_click": True})
    ready = HOSTS_PAGES.model_copy(update={"links": links})
    headers = unsubscribe_headers(ready, "m", PAGES)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_brand_s_own_pages_and_its_own_domain_come_before_ours() -> None:
    content = {"order": {"number": "1", "status_url": None}}
    own = message_links(HOSTS_PAGES, content, "m-1", PAGES)
    assert own["unsubscribe"] == "https://aoba-chaho.example/unsubscribe?m=m-1"
    assert own["preferences"] == "https://aoba-chaho.example/mail-settings"
    assert own["snooze"] == "https://aoba-chaho.example/snooze?m=m-1"
    links = AOBA.links.model_copy(update={"pages": "https://mail.aoba-chaho.example/"})
    domain = AOBA.model_copy(update={"links": links})
    ours = message_links(domain, content, "m-1", PAGES)
    for purpose in LinkFor:
        assert ours[purpose].startswith(f"https://mail.aoba-chaho.example/{purpose}/"), purpose


@pytest.mark.parametrize("brand", BRANDS, ids=name)
def test_a_message_id_cannot_break_a_header(brand: Brand) -> None:
    headers = unsubscribe_headers(brand, "m\r\nBcc: x@example.com>", PAGES)
    for value in headers.values():
        assert not re.search(r"[\r\n]", value)
        assert value.count(">") in {0, 2}


@pytest.mark.parametrize(("lifecycle", "message", "locale", "brand"), MAILS, ids=name)
def test_no_link_holds_personal_data(
    lifecycle: str, message: str, locale: str, brand: Brand
) -> None:
    mail = email(lifecycle, message, locale, brand)
    found = [link["href"] for link in page_of(mail.html).links]
    short = sms(lifecycle, message, locale, brand).text if has_sms(lifecycle) else ""
    found += re.findall(r"https://\S+", mail.text + short)
    for url in found:
        if url.startswith("mailto:"):
            assert url.removeprefix("mailto:") in {
                brand.legal.contact,
                brand.links.unsubscribe_mailto,
            }
            continue
        assert https(url) == url
        assert not re.search(r"@|%40|Ellison|%E5%B1%B1%E7%94%B0|604-8005|04101", url), url


def test_every_carrier_has_its_names_and_a_quoted_pattern() -> None:
    for entry in links._aliases().values():
        assert set(entry["name"]) == {"ja", "en"}
        assert https(fill(entry["tracking"], number="1 &")) != ""


@pytest.mark.parametrize(("locale", "brand"), [("ja", AOBA), ("en", load_brand("northlight"))])
def test_a_reminder_can_be_put_off(locale: str, brand: Brand) -> None:
    mail = email("replenishment_reminder", "due", locale, brand)
    page = PAGES.link(LinkFor.SNOOZE, brand, "m-1")
    assert page in mail.html
    assert page in mail.text
