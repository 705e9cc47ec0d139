"""The filters that templates have: formats in the message's locale and zone, products, links.

They read plain values from the context (``format_locale``, ``zone``, ``locale``, ``catalog``,
``patterns``, ``words``); no object of ours is within a template's reach.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from babel import Locale
from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from shared.messages import formats, links

_JAPANESE = r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
_WRAPPED = re.compile(rf"(?<={_JAPANESE})[ \t]*\n\s*(?={_JAPANESE})")


def one_line(text: str) -> str:
    """``text`` on one line: a line break becomes a blank, and nothing within Japanese."""
    return re.sub(r"\s+", " ", _WRAPPED.sub("", text.strip()))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, parted by empty lines, each on one line."""
    return [one_line(part) for part in re.split(r"\n\s*\n", text) if part.strip()]


def phrases(text: str) -> Markup:
    """A headline whose lines break between "|" only where it is too long for one line."""
    parts = [escape(part) for part in text.split("|") if part]
    return Markup("").join(
        Markup('<span style="display:inline-block;white-space:pre-wrap">{}</span>').format(part)
        for part in parts
    )


def unbroken(text: str) -> Markup:
    """A span of dates that breaks only after its dash."""
    return phrases(re.sub(r"(\s*[–〜])", r"\1|", text))


def joined(text: str) -> str:
    """A headline as plain text, without its "|"."""
    return text.replace("|", "")


def first_letter(text: str) -> str:
    """The letter that stands for a product without a picture."""
    return next((c for c in unicodedata.normalize("NFKC", text) if c.isalnum()), "・")


def _in_locale(form: Callable[[Any, Locale], str]) -> Callable[[Context, Any], str]:
    @pass_context
    def apply(context: Context, value: Any) -> str:
        return form(value, Locale.parse(context["format_locale"], sep="-"))

    return apply


def _in_zone(form: Callable[[str, Locale, str], str]) -> Callable[[Context, str], str]:
    @pass_context
    def apply(context: Context, value: str) -> str:
        return form(value, Locale.parse(context["format_locale"], sep="-"), context["zone"])

    return apply


def _local_day(value: str, locale: Locale, zone: str) -> str:
    return formats.day(formats.local_day(value, zone), locale)


@pass_context
def _expected(context: Context, value: Mapping[str, Any]) -> str:
    """A span of days, or "by" the last where the first is not known."""
    locale = Locale.parse(context["format_locale"], sep="-")
    if value["earliest"]:
        return formats.span(value, locale)
    return str(context["words"]["by"] % {"day": formats.day(value["latest"], locale)})


_CODE_BEFORE_TOWN = re.compile("AT|BE|CH|CZ|DE|DK|ES|FI|FR|GR|IT|LI|LU|NL|NO|PL|PT|SE|SK")


@pass_context
def _address_lines(context: Context, address: Mapping[str, str | None]) -> list[str]:
    """An address as it is written in its country: in Japan from the large to the small, on the
    Continent with the code before the town, in Britain without the county."""
    code, region, city = (address[key] or "" for key in ("postal_code", "region", "city"))
    line1, line2 = address["line1"] or "", address["line2"] or ""
    name = context["words"]["recipient"] % {"name": address["name"]} if address["name"] else ""
    if address["country"] == "JP":
        if re.fullmatch("[0-9]{7}", code):  # EC-CUBE and others keep it without its hyphen
            code = f"{code[:3]}-{code[3:]}"
        written = [f"〒{code}" if code else "", f"{region}{city}{line1}", line2, name]
    else:
        if address["country"] == "GB":
            town = [city, code]
        elif _CODE_BEFORE_TOWN.fullmatch(address["country"] or ""):
            town = [f"{code} {city}".strip()]
        else:
            town = [", ".join(part for part in (city, f"{region} {code}".strip()) if part)]
        abroad = address["country"] and address["country"] != context["brand"]["country"]
        territories = Locale.parse(context["format_locale"], sep="-").territories
        country = territories.get(address["country"], "") if abroad else ""
        written = [name, line1, line2, *town, country]
    return [line for line in written if line]


@pass_context
def _item_title(context: Context, item: Mapping[str, Any]) -> str:
    """A product's name: the brand's in the message's locale, else the order's own."""
    known = context["catalog"].get(item.get("sku"), {})
    return str(known.get("title") or item["title"] or item.get("sku") or context["words"]["item"])


@pass_context
def _item_image(context: Context, item: Mapping[str, Any]) -> str:
    known = context["catalog"].get(item.get("sku"), {})
    return links.https(item.get("image_url")) or str(known.get("image") or "")


@pass_context
def _offers(context: Context, skus: Iterable[str]) -> list[dict[str, Any]]:
    """The products that can be shown: those that the brand names in the message's locale and that
    have a page. ``item_title`` and ``item_image`` read them like a line of an order."""
    known = {sku: context["catalog"].get(sku, {}) for sku in skus}
    return [
        {"sku": sku, "title": product["title"], "variant": None, "url": product["url"]}
        for sku, product in known.items()
        if product.get("title") and product.get("url")
    ]


@pass_context
def _review_link(context: Context, product: Mapping[str, Any]) -> str:
    """Where a product is reviewed: its own address, else the brand's page, else the shop."""
    own, sku = links.https(product.get("review_url")), product.get("sku")
    if own or not sku:
        return own or str(context["links"]["shop"])
    return links.fill(context["patterns"]["product_review"], sku=sku)


@pass_context
def _carrier_name(context: Context, carrier: str | None) -> str:
    return links.carrier_name(carrier, context["locale"].partition("-")[0])


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "money": _in_locale(formats.money),
    "day": _in_locale(formats.day),
    "short_day": _in_locale(formats.short_day),
    "expected": _expected,
    "address_lines": _address_lines,
    "local_day": _in_zone(_local_day),
    "moment": _in_zone(formats.moment),
    "short_moment": _in_zone(formats.short_moment),
    "deadline": _in_zone(formats.deadline),
    "item_title": _item_title,
    "item_image": _item_image,
    "offers": _offers,
    "review_link": _review_link,
    "carrier_name": _carrier_name,
    "tracking_link": links.tracking_link,
    "phrases": phrases,
    "unbroken": unbroken,
    "joined": joined,
    "paragraphs": paragraphs,
    "first_letter": first_letter,
}


def _named(name: str, apply: Callable[..., Any]) -> Callable[..., Any]:
    """A filter whose errors say its name, and that fails for an undefined value by its name."""
    at = 1 if hasattr(apply, "jinja_pass_arg") else 0

    @wraps(apply)
    def checked(*arguments: Any) -> Any:
        if isinstance(arguments[at], Undefined):
            str(arguments[at])  # raises: the undefined are strict
        try:
            return apply(*arguments)
        except (ValueError, TypeError) as error:
            raise ValueError(f"the filter {name!r} fails: {error}") from error

    return checked


FILTERS = {name: _named(name, apply) for name, apply in _FILTERS.items()}
"""The filters by the names that templates use."""
