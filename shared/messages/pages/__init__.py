"""Yoin's own pages: preferences, unsubscribing, snoozing, confirming. Server-rendered, no script.

One layout in the brand's theme, one part per page, and the words of each language in a TOML file.
What a page says comes as plain data from shared/usecases/preferences.py; all of it is escaped.
Where nobody's brand is known (a wrong link) the page says it in every language, in neutral colours.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from babel import Locale
from markupsafe import Markup

from shared.brands import Brand
from shared.brands.directory import BrandDirectory
from shared.messages import formats
from shared.messages.environment import Record
from shared.messages.filters import first_letter

LANGUAGES = ("ja", "en")
"""The languages of the pages, in the order in which they stand side by side."""

_FOLDER = Path(__file__).parent
# Nobody's colours: for a page that belongs to no brand. Each pair reads at AA, as a brand's do.
_NEUTRAL = {
    "light": {
        "background": "#f2f3f4", "surface": "#ffffff", "tint": "#f2f3f4", "warning": "#fdf1e2",
        "line": "#d9dce0", "text": "#1d2125", "muted": "#5a6169", "accent": "#3d4f63",
        "primary": "#2d4a68", "on_primary": "#ffffff", "header": "#f2f3f4", "on_header": "#1d2125",
    },
    "dark": {
        "background": "#121416", "surface": "#1b1e21", "tint": "#262a2e", "warning": "#33291c",
        "line": "#3a4046", "text": "#eceef0", "muted": "#aab1b8", "accent": "#a9c2dc",
        "primary": "#9cc0e4", "on_primary": "#0f1a26", "header": "#121416", "on_header": "#eceef0",
    },
    "heading_font": "system-ui, -apple-system, 'Hiragino Sans', 'Noto Sans JP', sans-serif",
    "body_font": "system-ui, -apple-system, 'Hiragino Sans', 'Noto Sans JP', sans-serif",
    "heading_spacing": "0", "wordmark_spacing": "0", "motif": "plain", "horizon": (),
    "radius": 6, "button_radius": 6, "heading_size": 26, "heading_weight": 600,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPage:
    """A page, with what its Content-Security-Policy has to allow: the one style sheet by its
    digest, and the origins of its pictures ("" for none)."""

    html: str
    style: str
    images: str


class PageRenderer:
    """Makes pages in the look of the brands of one deployment."""

    def __init__(self, brands: BrandDirectory) -> None:
        """``brands``: whose pages there are."""
        self._brands = brands

    def render(
        self,
        page: str,
        brand_id: str | None,
        content: Mapping[str, Any],
        *,
        asked: str = "",
        locale: str | None = None,
        accepted: str = "",
    ) -> RenderedPage:
        """A page by the name of its words.

        Its language: ``asked`` for on the page, else the person's own ``locale``, else what their
        browser accepts (``accepted``, an Accept-Language of RFC 9110), else the brand's. Raises
        BrandError for a brand that this deployment does not have.
        """
        if brand_id is None and len(self._brands.ids()) == 1:
            brand_id = self._brands.ids()[0]
        if brand_id is None:
            return _finish("nobody.html.j2", _neutral(page), _NEUTRAL, "")
        brand = self._brands.brand(brand_id)
        language = _language(asked, locale or "", *_accepted(accepted), brand.default_locale)
        theme = _theme(brand, language)
        logo = brand.theme.logo
        images = "https://" + urlsplit(logo.url).netloc if logo else ""
        context = _context(page, brand, language, Record(content, "page"))
        return _finish("page.html.j2", {**context, "theme": theme}, theme, images)


def samples() -> dict[str, dict[str, Any]]:
    """Every page of a brand with content by example: for previews."""
    found: dict[str, dict[str, Any]] = json.loads(
        (_FOLDER / "samples.json").read_text(encoding="utf-8")
    )
    return found


def _finish(
    name: str, context: Mapping[str, Any], theme: Mapping[str, Any], images: str
) -> RenderedPage:
    style = _environment().get_template("style.css.j2").render(theme=theme).strip()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    html = _environment().get_template(name).render(context, style=style)
    return RenderedPage(html=html, style=f"'sha256-{digest}'", images=images)


def _context(page: str, brand: Brand, language: str, content: Record) -> dict[str, Any]:
    """What the templates see."""
    words = _words(language)
    legal = brand.legal
    other = next(one for one in LANGUAGES if one != language)
    names = {
        "brand": brand.text(brand.name, language),
        "channel": words["channel"].get(content.get("channel", ""), ""),
    }
    preferences = content.get("preferences")
    if preferences:
        # Relative, so that it leads to the same domain by which the person came.
        preferences = brand.links.preferences or f"../preferences/{preferences}"
    return {
        "page": page,
        "content": content,
        "words": Record(words, "words"),
        "said": {key: _filled(text, names) for key, text in words[page].items()},
        "language": language,
        "other": {"language": other, "words": _words(other)},
        "name": names["brand"],
        "tagline": brand.text(brand.theme.tagline, language),
        "seal": brand.theme.seal,
        "logo": brand.theme.logo,
        "preferences": preferences,
        "titles": _titles(brand, language, content),
        "topic": LANGUAGES.index(language),
        "links": brand.links,
        "legal": {
            "company": brand.text(legal.company, language),
            "address": brand.text(legal.address, language),
            "contact": legal.contact,
            "phone": legal.phone,
            "privacy": legal.privacy,
            "commerce_disclosure": legal.commerce_disclosure,
        },
        "day": lambda text: formats.day(text, Locale.parse(language)),
    }


def _filled(text: str, names: Mapping[str, str]) -> str:
    """A text with the names in it; a date is filled in where it stands."""
    for name, value in names.items():
        text = text.replace(f"%({name})s", value)
    return text


def _phrases(text: str) -> Markup:
    """A headline whose lines break at "|" before anywhere else; without styles of its own, which
    the policy of the page forbids."""
    part = Markup('<span class="phrase">{}</span>')
    return Markup("").join(part.format(one) for one in text.split("|") if one)


def _titles(brand: Brand, language: str, content: Record) -> dict[str, str]:
    """What each product is called: by the brand in this language, else by the order."""
    titles = {}
    for good in content.get("goods") or ():
        product = brand.product(good["sku"])
        own = brand.text(product.title, language) if product else ""
        titles[good["sku"]] = own or good["title"] or good["sku"]
    return titles


def _theme(brand: Brand, language: str) -> dict[str, Any]:
    theme = brand.theme
    return {
        **theme.model_dump(exclude={"tagline"}),
        "heading_font": brand.text(theme.heading_font, language),
        "body_font": brand.text(theme.body_font, language),
        "heading_spacing": brand.text(theme.heading_spacing, language) or "0",
        "wordmark_spacing": brand.text(theme.wordmark_spacing, language) or "0",
    }


def _neutral(page: str) -> dict[str, Any]:
    """The same in every language."""
    return {"page": page, "said": [(one, _words(one), _words(one)[page]) for one in LANGUAGES]}


def _language(*wishes: str) -> str:
    """The first wish that there are words for; English for everybody else."""
    for wish in wishes:
        language = wish.replace("_", "-").partition("-")[0].lower()
        if language in LANGUAGES:
            return language
    return "en"


def _accepted(header: str) -> list[str]:
    """The language ranges of an Accept-Language, the most wanted first (RFC 9110, 12.5.4)."""
    ranges = re.findall(r"([A-Za-z-]{1,35})\s*(?:;\s*q=([01](?:\.\d{1,3})?))?", header[:500])
    weighed = [(float(weight or 1), -place, tag) for place, (tag, weight) in enumerate(ranges)]
    return [tag for weight, _, tag in sorted(weighed, reverse=True) if weight]


@cache
def _words(language: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(("html.j2",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(phrases=_phrases, first_letter=first_letter)
    return made
