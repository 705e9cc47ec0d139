"""Brand files: what is wrong with one is said in one line, with file and field."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from itertools import combinations
from pathlib import Path

import pytest

from shared import brands
from shared.brands import Brand, brand_ids, load_brand, read_brand
from shared.brands.colours import AA_TEXT, contrast
from shared.brands.models import READABLE_PAIRS, Palette
from shared.domain.errors import BrandError, PermanentError
from shared.domain.policy import ConsentBasis, Policy
from tests.messages.mails import BRANDS, name

Change = Callable[[str], str]
AOBA = (Path(brands.__file__).parent / "aoba.toml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> Change:
    assert old in AOBA, old
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed('zone = "Asia/Tokyo"', 'zone = "Asia/Edo"'), "zone: 'Asia/Edo' is no IANA"),
        (changed('"JPY"', '"YEN"'), "currency: 'YEN' is no ISO 4217 currency"),
        (changed('country = "JP"', 'country = "Japan"'), "country: "),
        (changed('locales = ["ja", "en"]', 'locales = ["ja", "xx"]'), "locales.1: 'xx' is no"),
        (changed('default_locale = "ja"', 'default_locale = "fr"'), "default_locale 'fr' is not"),
        (changed('en = "Aoba Chaho"\n', ""), "name has no text for en"),
        (changed("order@aoba-chaho.example", "order"), "sender.address: 'order' is no email"),
        (changed('sms_id = "AOBACHAHO"', 'sms_id = "0120123456789"'), "sender.sms_id: "),
        (changed('name = { ja = "青葉茶舗"', 'name = { ja = "x\\nBcc: x"'), "sender.name.ja: "),
        (changed('contact = "support', '# contact = "support'), "legal.contact: Field required"),
        (changed("https://aoba-chaho.example/pages/tokushoho", "http://x.example"), "no https://"),
        (changed("?order={number}", ""), "links.order_status: "),
        (changed("?order={number}", "?mail={email}"), "must hold exactly {number}"),
        (changed('text = "#2b2a25"', 'text = "black"'), "theme.light.text: "),
        (changed('muted = "#65614f"', 'muted = "#a9a9a9"'), "theme.light: muted on background"),
        (changed('motif = "seal"', 'motif = "dragon"'), "theme.motif: "),
        (changed("settle_seconds = 60", "settle_second = 60"), "policy.settle_second: Extra"),
        (changed("per_day = 1", "per_day = -1"), "policy: marketing_caps.per_day is negative: -1"),
        (changed("per_day = 1", "per_dya = 1"), "policy.marketing_caps.per_dya"),
        (changed('start = "21:00"', 'start = "25:00"'), "policy.quiet_hours.start"),
        (changed("closed_days = []", 'closed_days = ["13-01"]'), "policy.closed_days.0"),
        (changed("disabled_lifecycles = []", 'disabled_lifecycles = ["x"]'), "'x' is no lifecycle"),
        (changed('"opt_in"', '"none"'), "policy.consent_basis.replenishment_reminder"),
        (changed('successor = "SENCHA-100"', 'successor = "GONE"'), "'GONE' is no product"),
        (changed('sku = "MATCHA-30"', 'sku = "SENCHA-100"'), "names 'SENCHA-100' twice"),
        (changed("supply_days = 30", "supply_days = 0"), "products.0.supply_days"),
        (lambda _: "id = ", "is no TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(change: Change, words: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(change(AOBA), encoding="utf-8")
    with pytest.raises(BrandError) as caught:
        read_brand(path)
    text = str(caught.value)
    assert text.startswith("shop.toml")
    assert words in text
    assert "\n" not in text or "TOML" in text
    assert isinstance(caught.value, PermanentError)


@pytest.mark.parametrize("brand_id", ["nobody", "../aoba", "", "AOBA", "a/b"])
def test_a_brand_that_does_not_exist(brand_id: str) -> None:
    with pytest.raises(BrandError, match=r"nobody\.toml is missing|is no brand id"):
        load_brand(brand_id)


def test_a_file_s_name_is_its_brand_s_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.toml").write_text(AOBA, encoding="utf-8")
    monkeypatch.setattr(brands, "FOLDER", tmp_path)
    with pytest.raises(BrandError, match=r"other\.toml: id is 'aoba', the file's name says"):
        load_brand("other")


def test_the_demo_brands() -> None:
    assert brand_ids() == ("aoba", "linden", "northlight", "wakaba")
    aoba, linden, northlight, wakaba = map(load_brand, brand_ids())
    assert (aoba.default_locale, aoba.currency, aoba.zone) == ("ja", "JPY", "Asia/Tokyo")
    assert aoba.shop_domains == ("aoba.myshopify.com",)
    assert (northlight.default_locale, northlight.currency) == ("en", "USD")
    assert northlight.shop_domains == ("northlight.myshopify.com",)
    assert (linden.default_locale, linden.currency, linden.zone) == ("en", "GBP", "Europe/London")
    assert linden.shop_domains == ("linden-prod",)  # a project of commercetools
    assert (wakaba.default_locale, wakaba.currency, wakaba.zone) == ("ja", "JPY", "Asia/Tokyo")


def test_the_policy_is_the_domain_s_own() -> None:
    policy = load_brand("aoba").policy
    assert isinstance(policy, Policy)
    assert policy.quiet_hours.start == time(21)
    assert policy.consent_basis["review_request"] is ConsentBasis.EXISTING_CUSTOMER
    assert policy.consent_basis["replenishment_reminder"] is ConsentBasis.OPT_IN
    product = policy.product("SENCHA-80-OLD")
    assert product is not None
    assert (product.discontinued, product.successor) == (True, "SENCHA-100")
    assert policy.calendar.is_business_day(date(2025, 12, 26))
    assert not policy.calendar.is_business_day(date(2025, 12, 30))  # 年末年始
    assert not policy.calendar.is_business_day(date(2025, 11, 24))  # a holiday moved to Monday


@pytest.mark.parametrize("brand", BRANDS, ids=name)
@pytest.mark.parametrize("appearance", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), READABLE_PAIRS)
def test_text_reads_at_aa(brand: Brand, appearance: str, text: str, ground: str) -> None:
    palette: Palette = getattr(brand.theme, appearance)
    assert contrast(getattr(palette, text), getattr(palette, ground)) >= AA_TEXT


def test_contrast_as_wcag_computes_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#ffffff", "#ffffff") == pytest.approx(1.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


@pytest.mark.parametrize(("one", "other"), list(combinations(brand_ids(), 2)))
def test_no_two_brands_look_alike(one: str, other: str) -> None:
    first, second = (load_brand(brand_id).theme.light for brand_id in (one, other))
    shared = set(first.model_dump().values()) & set(second.model_dump().values())
    assert not shared - {"#ffffff"}


def test_every_demo_name_is_made_up() -> None:
    # Reserved domains and numbers: a demo can never reach a person.
    for brand_id in brand_ids():
        text = (Path(brands.__file__).parent / f"{brand_id}.toml").read_text(encoding="utf-8")
        hosts = re.findall(r"(?:https://|@)([a-z0-9.-]+)", text)
        assert hosts
        assert all(host.endswith(".example") for host in hosts)
