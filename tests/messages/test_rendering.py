"""The renderer: nothing undefined, nothing unescaped, every error with its place."""

from __future__ import annotations

import copy
import re
import string
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.brands import load_brand
from shared.domain.errors import PermanentError, TemplateError
from shared.messages.environment import Record, environment
from shared.messages.rendering import (
    RENDERER_KEYS,
    RenderedEmail,
    render_email,
    render_sms,
)
from shared.messages.samples import render_sample, sample
from tests.messages.mails import MESSAGES, content, email, has_sms, name, page_of, sms

AOBA = load_brand("aoba")
NORTHLIGHT = load_brand("northlight")

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "{% raw %}",
    "{{ ''.__class__.__mro__ }}",
    "Mallory\r\nBcc: everybody@example.com",
    "Mallory\u2028Bcc: everybody@example.com",
    "\u202egnp.exe",
    "</mj-text><mj-raw><b>",
    "<!-- comment -->",
    "]]>",
    "&lt;b&gt; & &#60;",
    "%(name)s %s",
    "|phrases|",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_only_text(text: str) -> None:
    clean = " ".join(re.sub(r"[\r\n\u2028\u202e]+", " ", text).split())
    mail = email("order_confirmation", "received", "en", NORTHLIGHT, customer={"name": text})
    page = page_of(mail.html)
    assert "".join(f"Hello {clean},".split()) in "".join(page.text.split())
    assert f"Hello {clean}," in " ".join(mail.text.split())
    assert not [tag for tag, _ in page.tags if tag in {"script", "b"}]
    assert not page.images
    assert not any(key.startswith("on") for _, attributes in page.tags for key in attributes)
    assert not re.search(r"^Bcc:", mail.text, re.MULTILINE)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_product_forges_no_subject_and_no_short_message(text: str) -> None:
    products = sample("review_request", "request", "en")["products"]
    products[0] |= {"title": text, "sku": "X", "variant": text}
    mail = email("review_request", "request", "en", NORTHLIGHT, products=products)
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert len(mail.subject.splitlines()) == 1
    assert len(mail.preheader.splitlines()) == 1
    assert not [tag for tag, _ in page_of(mail.html).tags if tag in {"script", "b"}]
    supplies = sample("replenishment_reminder", "due", "en")["products"]
    supplies[0] |= {"title": text, "sku": "X"}
    short = sms("replenishment_reminder", "due", "en", NORTHLIGHT, products=supplies)
    assert len(short.text.splitlines()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,x",
        "http://plain.example/",
        "https://user:pass@phish.example/",
        'https://x.example/"onmouseover="alert(1)',
        "https://x.example/\r\nfoo",
        "https://",
        "//x.example/",
        "https://[::1",
        "",
    ],
)
def test_only_plain_https_addresses_become_links(url: str) -> None:
    order = sample("order_confirmation", "confirmed", "en")["order"] | {"status_url": url}
    order["lines"][0]["image_url"] = url
    mail = email("order_confirmation", "confirmed", "en", NORTHLIGHT, order=order)
    (button,) = page_of(mail.html).buttons
    assert button["href"] == "https://northlight-coffee.example/orders?number=%232317"
    assert not page_of(mail.html).images


@settings(max_examples=60, deadline=None)
@given(text=st.text(min_size=1, max_size=60))
def test_any_name_at_all_stays_inside_its_place(text: str) -> None:
    plain = email("order_confirmation", "confirmed", "ja", AOBA, customer={"name": "名"})
    mail = email("order_confirmation", "confirmed", "ja", AOBA, customer={"name": text})
    assert [tag for tag, _ in page_of(mail.html).tags] == [
        tag for tag, _ in page_of(plain.html).tags
    ]
    assert mail.subject == plain.subject


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every key in a content."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield (*path, key)
            yield from _paths(entry, (*path, key))
    elif isinstance(value, list) and value:
        yield from _paths(value[0], (*path, 0))


def _without(value: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    changed = copy.deepcopy(value)
    owner: Any = changed
    for part in path[:-1]:
        owner = owner[part]
    del owner[path[-1]]
    return changed


def _outcome(lifecycle: str, message: str, context: dict[str, Any]) -> RenderedEmail | str:
    """The mail, or the words of the error."""
    try:
        return render_email(lifecycle, message, "ja", context, AOBA)
    except TemplateError as error:
        return str(error)


def _written(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")


# A product without a SKU is shown by its title, and the brand's own words for it are not found.
MAY_BE_ABSENT = {"sku"}


@pytest.mark.parametrize(("lifecycle", "message"), MESSAGES, ids=name)
def test_a_missing_variable_is_named_or_was_not_shown(lifecycle: str, message: str) -> None:
    whole = content(lifecycle, message, "ja")
    complete = render_email(lifecycle, message, "ja", whole, AOBA)
    for path in _paths(whole):
        if path[-1] in MAY_BE_ABSENT:
            continue
        written = _written(path)
        said = _outcome(lifecycle, message, _without(whole, path))
        named = f"{lifecycle}/{message} (ja): the variable {written} is undefined"
        assert said in (named, complete), written


def test_an_error_names_lifecycle_message_locale_and_variable() -> None:
    whole = content("order_confirmation", "received", "ja")
    del whole["order"]["total"]
    with pytest.raises(TemplateError) as caught:
        render_email("order_confirmation", "received", "ja", whole, AOBA)
    assert str(caught.value) == (
        "order_confirmation/received (ja): the variable order.total is undefined"
    )
    assert isinstance(caught.value, PermanentError)
    with pytest.raises(TemplateError, match=r"\(en\): the variable payment is undefined"):
        render_sms(
            "order_confirmation",
            "received",
            "en",
            {key: whole[key] for key in ("order", "customer")},
            AOBA,
        )


def test_a_message_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(TemplateError, match=r"order_confirmation/nothing \(ja\): there is no temp"):
        render_email("order_confirmation", "nothing", "ja", {}, AOBA)
    with pytest.raises(TemplateError, match=r"\.\./\.\./x"):
        render_email("order_confirmation", "../../x", "ja", {}, AOBA)
    with pytest.raises(TemplateError, match="there is no nothing"):
        render_sample("order_confirmation", "nothing", "ja", "aoba")


@pytest.mark.parametrize(
    ("asked", "used"),
    [
        ("ja", "ja"),
        ("ja-JP", "ja"),
        ("en-GB", "en"),
        ("en_US", "en"),
        ("EN", "ja"),
        ("fr", "ja"),
        ("", "ja"),
        (None, "ja"),
        ("../ja", "ja"),
        ("x" * 300, "ja"),
    ],
)
def test_the_locale_falls_back_to_its_language_and_then_to_the_brand_s(
    asked: str | None, used: str
) -> None:
    whole = content("order_confirmation", "confirmed", used)
    mail = render_email("order_confirmation", "confirmed", asked, whole, AOBA)
    assert mail.locale == used


def test_dates_follow_the_customer_s_country_where_the_language_is_the_same() -> None:
    whole = content("order_confirmation", "confirmed", "en")
    british = render_email("order_confirmation", "confirmed", "en-GB", whole, NORTHLIGHT)
    american = render_email("order_confirmation", "confirmed", "en-US", whole, NORTHLIGHT)
    assert "Sun 23 Nov – Tue 25 Nov" in british.text
    assert "Sun, Nov 23 – Tue, Nov 25" in american.text


def test_instants_are_shown_in_the_recipient_s_zone() -> None:
    def due(**changes: Any) -> str:
        return email("order_confirmation", "payment_reminder", "en", NORTHLIGHT, **changes).subject

    assert "Sun, Nov 23, 11:59 PM EST" in due()
    assert "Mon, Nov 24, 1:59 PM JST" in due(zone="Asia/Tokyo")
    assert "Sun, Nov 23, 11:59 PM EST" in due(zone=None)


@pytest.mark.parametrize("key", sorted(RENDERER_KEYS))
def test_content_cannot_replace_what_the_renderer_sets(key: str) -> None:
    whole = content("order_confirmation", "confirmed", "ja") | {key: "x"}
    with pytest.raises(TemplateError, match=f"gives {key}, which the renderer sets"):
        render_email("order_confirmation", "confirmed", "ja", whole, AOBA)


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", lambda: None])
def test_content_is_plain_data(value: object) -> None:
    with pytest.raises(TemplateError, match=r"customer\.name is no plain data but"):
        email("order_confirmation", "confirmed", "ja", AOBA, customer={"name": value})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"estimate": {"earliest": "2025-11-31", "latest": "2025-12-02"}}, "day"),
        ({"estimate": {"earliest": "2025-12-03", "latest": "2025-12-02"}}, "before it begins"),
        ({"estimate": {"earliest": "soon", "latest": "2025-12-02"}}, "soon"),
        ({"zone": "Mars/Olympus"}, "Mars/Olympus"),
    ],
)
def test_a_value_that_cannot_be_is_a_template_error(changes: dict[str, Any], words: str) -> None:
    whole = content("order_confirmation", "received", "ja", **changes)
    with pytest.raises(TemplateError, match=words):
        render_email("order_confirmation", "received", "ja", whole, AOBA)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ order.__class__ }}",
        "{{ order['__class__'] }}",
        "{{ order|attr('__class__') }}",
        "{{ order.items() }}",
        "{{ order.update({}) }}",
        "{{ order.copy() }}",
        "{{ lines.append(1) }}",
        "{{ self._TemplateReference__context }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ '{0.__class__}'.format(order) }}",
    ],
)
def test_a_template_reaches_no_object_behind_the_data(source: str) -> None:
    import jinja2

    template = environment().from_string(source)
    with pytest.raises((jinja2.UndefinedError, jinja2.exceptions.SecurityError)):
        template.render(order=Record({"number": "1"}, "order"), lines=[])


def test_a_key_wins_over_a_method_of_the_same_name() -> None:
    record = Record({"items": "goods", "keys": "brass"})
    template = environment().from_string("{{ it.items }} {{ it.keys }}")
    assert template.render(it=record) == "goods brass"


def test_every_sample_can_be_shown_in_both_languages() -> None:
    for lifecycle, message in MESSAGES:
        for locale, brand in (("ja", "aoba"), ("en", "northlight")):
            mail, short = render_sample(lifecycle, message, locale, brand)
            assert mail.locale == locale
            assert (short is not None) == has_sms(lifecycle)
            assert short is None or short.locale == locale


def test_the_same_content_gives_the_same_bytes() -> None:
    for lifecycle, message in MESSAGES:
        again = render_email(
            lifecycle, message, "ja", content(lifecycle, message, "ja"), AOBA, message_id="m-1"
        )
        assert again == email(lifecycle, message, "ja", AOBA)


def test_placeholders_of_words_are_all_filled() -> None:
    for lifecycle, message in MESSAGES:
        for locale, brand in (("ja", AOBA), ("en", NORTHLIGHT)):
            mail = email(lifecycle, message, locale, brand)
            for text in (mail.subject, mail.preheader, mail.text, page_of(mail.html).text):
                assert not re.search(r"%\(|\{\{|\{%|None|True|False|undefined", text)
                assert not set(text) & set(string.printable[-2:])


@pytest.mark.parametrize(
    ("address", "written"),
    [
        (
            {"country": "JP", "postal_code": "9800000", "region": "宮城県", "city": "仙台市"},
            ["〒980-0000", "宮城県仙台市"],
        ),
        (
            {
                "country": "GB",
                "postal_code": "E8 0AA",
                "region": "Greater London",
                "city": "London",
            },
            ["London", "E8 0AA"],
        ),
        (
            {"country": "DE", "postal_code": "10115", "region": "Berlin", "city": "Berlin"},
            ["10115 Berlin", "Germany"],
        ),
        (
            {"country": "US", "postal_code": "04101", "region": "Maine", "city": "Portland"},
            ["Portland, Maine 04101", "United States"],
        ),
    ],
)
def test_an_address_is_written_as_in_its_country(
    address: dict[str, str], written: list[str]
) -> None:
    plain = {"name": None, "line1": None, "line2": None, **address}
    order = content("order_confirmation", "confirmed", "en")["order"]
    brand = load_brand("linden")
    mail = email(
        "order_confirmation", "confirmed", "en", brand, order={**order, "shipping_address": plain}
    )
    assert written == mail.text.split("Delivering to\n")[1].split("\n\n")[0].splitlines()[1:]
