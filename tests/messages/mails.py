"""What the tests of messages share: every message, and an HTML mail taken apart."""

from __future__ import annotations

from functools import cache, lru_cache
from html.parser import HTMLParser
from typing import Any

from shared import lifecycles
from shared.brands import Brand, brand_ids, load_brand
from shared.domain.events import Channel
from shared.messages.rendering import RenderedEmail, RenderedSms, render_email, render_sms
from shared.messages.samples import sample


def has_sms(lifecycle: str) -> bool:
    """Whether a lifecycle's messages go out as SMS as well."""
    return Channel.SMS in lifecycles.load(lifecycle).SPEC.channels


MESSAGES = [(spec.name, message) for spec in lifecycles.specs() for message in spec.messages]
BRANDS = [load_brand(brand_id) for brand_id in brand_ids()]
# Two that differ in all they can.
UNLIKE = [load_brand(brand_id) for brand_id in ("aoba", "northlight")]
# Every message as those send it, in each of their languages. The templates are the same for all:
# of the other brands one message of each purpose is enough.
MAILS = [
    (lifecycle, message, locale, brand)
    for lifecycle, message in MESSAGES
    for brand in BRANDS
    for locale in brand.locales
    if brand in UNLIKE or message in {"confirmed", "request"}
]


def name(value: object) -> str:
    """A readable test id."""
    return value.id if isinstance(value, Brand) else str(value)


def content(lifecycle: str, message: str, locale: str, **changes: Any) -> dict[str, Any]:
    return sample(lifecycle, message, locale) | changes


def email(lifecycle: str, message: str, locale: str, brand: Brand, **changes: Any) -> RenderedEmail:
    if not changes:
        return _plain(lifecycle, message, locale, brand.id)
    context = content(lifecycle, message, locale, **changes)
    return render_email(lifecycle, message, locale, context, brand, message_id="m-1")


def agreed(
    lifecycle: str, message: str, locale: str, brand: Brand, **changes: Any
) -> RenderedEmail:
    """The mail for a person who may get marketing."""
    context = content(lifecycle, message, locale, **changes)
    return render_email(
        lifecycle, message, locale, context, brand, message_id="m-1", marketing=True
    )


@cache
def _plain(lifecycle: str, message: str, locale: str, brand_id: str) -> RenderedEmail:
    """The mail of a sample: many tests look at the same."""
    context = content(lifecycle, message, locale)
    return render_email(lifecycle, message, locale, context, load_brand(brand_id), message_id="m-1")


def sms(lifecycle: str, message: str, locale: str, brand: Brand, **changes: Any) -> RenderedSms:
    context = content(lifecycle, message, locale, **changes)
    return render_sms(lifecycle, message, locale, context, brand, message_id="m-1")


class Page(HTMLParser):
    """An HTML mail: its visible text, links, images and the attributes of its tags."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.links: list[dict[str, str]] = []
        self.images: list[dict[str, str]] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._silent = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {key: value or "" for key, value in attrs}
        self.tags.append((tag, attributes))
        if tag == "a":
            self.links.append(attributes)
        elif tag == "img":
            self.images.append(attributes)
        elif tag in {"style", "title"}:
            self._silent += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "title"}:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text += data + " "

    @property
    def buttons(self) -> list[dict[str, str]]:
        """The links that are drawn as buttons: they have a ground of their own."""
        return [link for link in self.links if "background" in link.get("style", "")]


@lru_cache(maxsize=256)
def page_of(html: str) -> Page:
    """An HTML mail taken apart: once, however many tests look at it."""
    return Page(html)
