"""One message as it would be sent: what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ops.lint.contrast import hidden, styled, unreadable
from ops.lint.rules import (
    SMS_SEGMENTS,
    Finding,
    action_limit,
    length,
    preheader_limit,
    subject_limit,
)
from shared.brands import Brand
from shared.domain.events import Channel, Purpose
from shared.messages import links, sms
from shared.messages.linknames import LINKS, OFFERS
from shared.messages.signing import LinkFor
from shared.ports import Letter

PAGES = links.SamplePages()
TEMPLATES = "shared/lifecycles/{lifecycle}/templates/{file}"
FOOTER = "shared/messages/partials/footer.mjml.j2"
PLAIN = "shared/messages/partials/layout.txt.j2"

_FOOTER_LINKS = frozenset(
    {"support", "contact", "unsubscribe", "unsubscribe_mail", "preferences", "shop", "privacy",
     "commerce_disclosure"}
)  # fmt: skip

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s<>\"']+", re.IGNORECASE)
_LEFTOVER = re.compile(
    r"\{\{|\}\}|\{%|%\}|%\(\w*\)?s?|\{\w+\}|\b(?:None|True|False|undefined|NaN)\b|\[object "
)
_SELLS = {
    "ja": re.compile(
        "おすすめ|オススメ|お勧め|セール|クーポン|割引|お買い得|キャンペーン|期間限定|新商品|ご一緒に"
    ),
    "en": re.compile(
        r"\b(?:on sale|sale ends|discounts?|coupons?|promo(?:tion)?s?|special offers?|"
        r"you may also like|recommended for you|best ?sellers?|new arrivals?|limited time|"
        r"goes well with)\b|\d ?% off",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of an email as a reader sees it."""

    name: str
    url: str
    words: str
    button: bool
    visible: bool


class Page:
    """An HTML email: its links, images and visible words."""

    def __init__(self, html: str) -> None:
        self.tree = LexborHTMLParser(html)

    @cached_property
    def links(self) -> list[Link]:
        """Every ``<a>`` in its order."""
        return [self._link(node) for node in self.tree.css("a")]

    @cached_property
    def buttons(self) -> list[Link]:
        """The links that are drawn as buttons, or are called the message's action."""
        return [one for one in self.links if one.button or one.name == "action"]

    @cached_property
    def text(self) -> str:
        """All visible words without blanks, so that they can be searched."""
        return _packed(" ".join(self._words(self.tree.body)))

    @cached_property
    def preheader(self) -> str:
        """The hidden first words that mail programs show beside the subject."""
        body = self.tree.body
        found = body.css_first("div") if body else None
        if found is None or not hidden(found, styled(found)):
            return ""
        return re.sub(r"[\u2007\u034f\u200c\u00a0]+", " ", found.text()).strip()

    @property
    def no_alternative(self) -> list[str]:
        """The images without a text alternative."""
        return [
            node.attributes.get("src") or "(no address)"
            for node in self.tree.css("img")
            if not (node.attributes.get("alt") or "").strip()
            and node.attributes.get("aria-hidden") != "true"
        ]

    @property
    def sources(self) -> list[str]:
        """Where the images are loaded from."""
        return [node.attributes.get("src") or "" for node in self.tree.css("img")]

    def _link(self, node: LexborNode) -> Link:
        return Link(
            name=node.attributes.get("name") or "",
            url=node.attributes.get("href") or "",
            words=" ".join(node.text().split()),
            button=_drawn_as_button(node),
            visible=_visible(node),
        )

    def _words(self, node: LexborNode | None) -> Iterator[str]:
        child = node.first_child if node else None
        while child is not None:
            if child.tag == "-text":
                yield child.text_content or ""
            elif child.tag not in {"style", "script", "-comment"} and not hidden(
                child, styled(child)
            ):
                yield from self._words(child)
            child = child.next


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A message for one brand and language, as the person without consent to marketing gets it
    and as the one with it does: ``plain`` and ``full``.

    They are the same of a lifecycle whose purpose is marketing, and where there is no marketing
    block. ``content`` is the sample that both are made from.
    """

    lifecycle: str
    message: str
    purpose: Purpose
    brand: Brand
    locale: str
    content: Mapping[str, Any]
    message_id: str
    plain: Letter
    full: Letter

    @property
    def channel(self) -> Channel:
        """Email or SMS."""
        return self.plain.channel

    @property
    def variants(self) -> list[tuple[Letter, bool]]:
        """What is sent, and whether it holds marketing: decided by what it says, not by what the
        renderer believes."""
        if self.purpose is Purpose.MARKETING:
            return [(self.full, True)]
        if (self.plain.text, self.plain.html) == (self.full.text, self.full.html):
            return [(self.plain, False)]
        return [(self.plain, False), (self.full, True)]

    @property
    def words_file(self) -> str:
        """Where the words stand."""
        kind = "txt" if self.channel is Channel.EMAIL else "sms"
        return self._file(f"{self.locale}/{self.message}.{kind}.j2")

    @property
    def cards_file(self) -> str:
        """Where the HTML's cards stand."""
        return self._file(f"{self.message}.mjml.j2")

    @property
    def brand_file(self) -> str:
        """Where the brand is set up."""
        return f"shared/brands/{self.brand.id}.toml"

    @cached_property
    def known_hosts(self) -> frozenset[str]:
        """Hosts that a link may lead to: the brand's, the carriers', our pages', the order's."""
        named = self.brand.model_dump_json() + repr(self.content)
        hosts = {urlsplit(url).hostname or "" for url in _ADDRESS.findall(named)}
        pages = PAGES.link(LinkFor.PREFERENCES, self.brand, self.message_id)
        return frozenset(hosts | _carrier_hosts() | {urlsplit(pages).hostname or ""})

    def _file(self, file: str) -> str:
        return TEMPLATES.format(lifecycle=self.lifecycle, file=file)


def check(mail: Mail) -> Iterator[Finding]:
    """Everything that is wrong with a message, as it goes out with and without marketing."""
    for letter, marketing in mail.variants:
        seen = f"{mail.brand.id} {mail.locale} {mail.channel}"
        if mail.purpose is Purpose.TRANSACTIONAL and marketing:
            seen += " with marketing"
        checks = _EMAIL if mail.channel is Channel.EMAIL else _SMS
        page = Page(letter.html or "")
        for one in checks:
            for place, code, what in one(mail, letter, page, marketing):
                yield Finding(place, code, what, seen)


_Found = Iterator[tuple[str, str, str]]
_Check = Callable[[Mail, Letter, Page, bool], _Found]


def _sender(mail: Mail, letter: Letter, page: Page, _: bool) -> _Found:
    legal, locale = mail.brand.legal, mail.locale
    for code, wanted in (
        ("SENDER_NAME", mail.brand.text(legal.company, locale)),
        ("SENDER_ADDRESS", mail.brand.text(legal.address, locale)),
        ("SENDER_CONTACT", legal.contact),
    ):
        if not wanted.strip():
            yield mail.brand_file, code, "the brand's file has none"
            continue
        if _packed(wanted) not in page.text:
            yield FOOTER, code, f"{wanted!r} is not in the HTML"
        if _packed(wanted) not in _packed(letter.text):
            yield PLAIN, code, f"{wanted!r} is not in the text"


def _disclosure(mail: Mail, letter: Letter, page: Page, _: bool) -> _Found:
    if mail.brand.country != "JP":
        return
    url = mail.brand.legal.commerce_disclosure
    if not url:
        yield mail.brand_file, "COMMERCE_DISCLOSURE", "legal.commerce_disclosure is not set"
        return
    if not _shown(page, url):
        yield FOOTER, "COMMERCE_DISCLOSURE", f"no link to {url} in the HTML"
    if url not in letter.text:
        yield PLAIN, "COMMERCE_DISCLOSURE", f"{url} is not in the text"


def _opt_out(mail: Mail, letter: Letter, page: Page, marketing: bool) -> _Found:
    url = links.unsubscribe_link(mail.brand, mail.message_id, PAGES)
    mailto = mail.brand.links.unsubscribe_mailto
    header = letter.headers.get("List-Unsubscribe", "")
    ways = {
        FOOTER: ("the HTML's link", _shown(page, url)),
        PLAIN: ("the text's link", url in letter.text),
        "shared/messages/letters.py": (
            "the List-Unsubscribe header",
            f"<{url}>" in header and f"<mailto:{mailto}" in header,
        ),
    }
    if marketing:
        for place, (what, there) in ways.items():
            if not there:
                yield place, "OPT_OUT_MISSING", f"{what} is missing"
        if "List-Unsubscribe-Post" not in letter.headers:
            what = "links.unsubscribe takes no POST (one_click): leave it out for Yoin's own page"
            yield mail.brand_file, "OPT_OUT_MISSING", what
        return
    for place, (what, there) in ways.items():
        if there or (header and what.endswith("header")):
            yield place, "OPT_OUT_UNDUE", f"{what} is there"
    promised = re.search(
        r"unsubscribe|opt[ -]out|配信停止|配信を停止", _body(letter.text), re.IGNORECASE
    )
    if promised:
        yield mail.words_file, "OPT_OUT_UNDUE", f"the words promise it: {promised[0]!r}"


def _action(mail: Mail, letter: Letter, page: Page, _: bool) -> _Found:
    if len(page.buttons) != 1:
        told = ", ".join(repr(one.words) for one in page.buttons) or "none"
        yield mail.cards_file, "ONE_ACTION", f"{len(page.buttons)}: {told}"
        return
    (button,) = page.buttons
    if length(button.words, mail.locale) > action_limit(mail.locale):
        yield mail.words_file, "ACTION_LENGTH", repr(button.words)
    if f"\n{button.words}\n{button.url}\n" not in letter.text:
        what = f"{button.words!r} to {button.url} is not in the text"
        yield mail.words_file, "ACTION_DIFFERS", what


def _same(mail: Mail, letter: Letter, page: Page, marketing: bool) -> _Found:
    """Text and HTML: every address and every line of the one is in the other. The legal footer has
    rules of its own, and so has the button."""
    if {"ONE_ACTION", "ACTION_DIFFERS"} & {
        code for _, code, _ in _action(mail, letter, page, marketing)
    }:
        return
    (button,) = page.buttons
    named = {one.url for one in page.links if one.name in LINKS.keys() - _FOOTER_LINKS}
    text = {_clean(url) for url in _ADDRESS.findall(_body(letter.text))}
    for url in sorted(named - text - {button.url}):
        yield mail.words_file, "TEXT_DIFFERS", f"{url} is in the HTML only"
    for url in sorted(text - {one.url for one in page.links}):
        yield mail.cards_file, "TEXT_DIFFERS", f"{url} is in the text only"
    for line in _body(letter.text).splitlines():
        if "://" in line:
            continue
        # The marks that draw a list, a heading or a hint in plain text.
        plain = line.strip().lstrip("-■※").removeprefix("Please note:")
        for part in re.split(r": |\(|\)|  ", plain):
            if _packed(part) not in page.text:
                yield mail.cards_file, "TEXT_DIFFERS", f"{line.strip()!r} is in the text only"
                break


def _links(mail: Mail, letter: Letter, page: Page, _: bool) -> _Found:
    for one in page.links:
        if one.name not in LINKS:
            what = f"{one.name!r} is not in the table" if one.name else "has no name"
            yield mail.cards_file, "LINK_NAME", f"the link {one.words!r} {what}"
    addresses = [one.url for one in page.links] + page.sources
    yield from _addresses(mail, mail.cards_file, addresses)
    yield from _addresses(mail, mail.words_file, _ADDRESS.findall(letter.text))


def _addresses(mail: Mail, place: str, addresses: list[str]) -> _Found:
    own = {mail.brand.legal.contact, mail.brand.links.unsubscribe_mailto}
    for url in dict.fromkeys(map(_clean, addresses)):
        if url.startswith("mailto:"):
            if url.removeprefix("mailto:").partition("?")[0] not in own:
                yield place, "LINK_ADDRESS", f"{url} is not the brand's"
        elif not links.https(url):
            yield place, "LINK_ADDRESS", f"{url or '(empty)'} is no plain https address"
        elif (urlsplit(url).hostname or "") not in mail.known_hosts:
            yield place, "LINK_ADDRESS", f"{urlsplit(url).hostname} is a host that nobody knows"


def _contrast(mail: Mail, _: Letter, page: Page, __: bool) -> _Found:
    for one in {str(found): found for found in unreadable(page.tree)}.values():
        yield mail.cards_file, "CONTRAST", f"{one.text[:24]!r}: {one}"


def _images(mail: Mail, _: Letter, page: Page, __: bool) -> _Found:
    for url in page.no_alternative:
        yield mail.cards_file, "ALT_TEXT", url


def _envelope(mail: Mail, letter: Letter, page: Page, _: bool) -> _Found:
    """Subject and preheader."""
    subject = letter.subject or ""
    if not subject.strip():
        yield mail.words_file, "SUBJECT", "missing"
    elif length(subject, mail.locale) > subject_limit(mail.locale):
        yield mail.words_file, "SUBJECT", f"too long: {subject!r}"
    if not page.preheader:
        yield mail.words_file, "PREHEADER", "missing"
    elif page.preheader == subject:
        yield mail.words_file, "PREHEADER", "the subject again"
    elif length(page.preheader, mail.locale) > preheader_limit(mail.locale):
        yield mail.words_file, "PREHEADER", f"too long: {page.preheader!r}"


def _unmarked(mail: Mail, letter: Letter, page: Page, marketing: bool) -> _Found:
    """What sells although it is sent to somebody who did not agree to it. The shop's front door
    sells nothing: the footer names it, and an order that has lapsed can be placed again."""
    if marketing:
        return
    sold = {product.url for product in mail.brand.products if product.url}
    basket = mail.brand.links.reorder.partition("{")[0]
    for one in page.links:
        if one.name in OFFERS or one.url in sold or one.url.startswith(basket):
            yield mail.cards_file, "UNMARKED_MARKETING", f"the link {one.words!r} to {one.url}"
    body = _body(letter.text)
    for url in map(_clean, _ADDRESS.findall(body)):
        if url in sold or url.startswith(basket):
            yield mail.words_file, "UNMARKED_MARKETING", f"the link to {url}"
    sells = _SELLS.get(mail.locale.partition("-")[0], _SELLS["en"])
    for word in dict.fromkeys(sells.findall("\n".join([letter.subject or "", body]))):
        yield mail.words_file, "UNMARKED_MARKETING", f"the words {word!r}"


def _leftover(mail: Mail, letter: Letter, page: Page, _: bool) -> _Found:
    for text in (letter.subject or "", page.preheader, letter.text, page.text):
        found = _LEFTOVER.search(text)
        if found:
            yield mail.words_file, "LEFTOVER", repr(found[0])


def _short_sender(mail: Mail, letter: Letter, _: Page, __: bool) -> _Found:
    name = mail.brand.text(mail.brand.name, mail.locale)
    if name not in letter.text:
        yield mail.words_file, "SENDER_NAME", f"{name!r} is not in the message"


def _short_opt_out(mail: Mail, letter: Letter, _: Page, marketing: bool) -> _Found:
    url = links.unsubscribe_link(mail.brand, mail.message_id, PAGES)
    words = re.search(
        r"\bSTOP\b|\bstop\b|配信停止|unsubscribe", letter.text.replace(url, ""), re.IGNORECASE
    )
    if marketing and url not in letter.text:
        yield mail.words_file, "OPT_OUT_MISSING", "links.unsubscribe is not in the message"
    if not marketing and (url in letter.text or words):
        yield mail.words_file, "OPT_OUT_UNDUE", "it offers to stop"


def _short_action(mail: Mail, letter: Letter, _: Page, marketing: bool) -> _Found:
    """One link, beside the one to stop; in a message with a block, one more in the block."""
    opt_out = links.unsubscribe_link(mail.brand, mail.message_id, PAGES)
    found = [url for url in map(_clean, _ADDRESS.findall(letter.text)) if url != opt_out]
    most = 1 + (marketing and mail.purpose is Purpose.TRANSACTIONAL)
    if not 1 <= len(found) <= most:
        yield mail.words_file, "ONE_ACTION", f"{len(found)} links: {', '.join(found) or 'none'}"


def _short_links(mail: Mail, letter: Letter, _: Page, __: bool) -> _Found:
    yield from _addresses(mail, mail.words_file, _ADDRESS.findall(letter.text))


def _short_length(mail: Mail, letter: Letter, _: Page, __: bool) -> _Found:
    parts = sms.segments(letter.text)
    if parts > SMS_SEGMENTS:
        yield mail.words_file, "SMS_LENGTH", f"{parts} parts of {sms.encoding(letter.text)}"


_EMAIL: tuple[_Check, ...] = (
    _sender, _disclosure, _opt_out, _action, _same, _links, _contrast, _images, _envelope,
    _unmarked, _leftover,
)  # fmt: skip
_SMS: tuple[_Check, ...] = (
    _short_sender, _short_opt_out, _short_action, _short_links, _short_length, _unmarked, _leftover,
)  # fmt: skip


@cache
def _carrier_hosts() -> frozenset[str]:
    table = Path(links.__file__).with_name("carriers.toml").read_text(encoding="utf-8")
    return frozenset(urlsplit(url).hostname or "" for url in _ADDRESS.findall(table))


def _shown(page: Page, url: str) -> bool:
    return any(one.url == url and one.words and one.visible for one in page.links)


def _body(text: str) -> str:
    """The text without its legal footer."""
    return text.partition("-" * 40)[0]


def _clean(url: str) -> str:
    """An address at the end of a sentence."""
    return url.rstrip(".,;:!?)]。、）」")


def _packed(text: str) -> str:
    return "".join(text.split())


def _visible(node: LexborNode) -> bool:
    above: LexborNode | None = node
    while above is not None and above.tag not in {"body", "html", "-document"}:
        if hidden(above, styled(above)):
            return False
        above = above.parent
    return True


def _drawn_as_button(node: LexborNode) -> bool:
    """A ground of its own, or of the cell that holds nothing but the link."""
    parent = node.parent
    grounds = {"background", "background-color"}
    own = grounds & styled(node).keys()
    if own or parent is None:
        return bool(own)
    alone = _packed(parent.text()) == _packed(node.text())
    return alone and bool(grounds & styled(parent).keys())
