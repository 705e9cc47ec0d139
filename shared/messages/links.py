"""Links that may stand in a message: https only, from the brand's patterns, everything quoted.

A link holds order numbers, product codes and opaque message ids; never a name, an address, an
email address or a telephone number. Where a person unsubscribes, sets their preferences, snoozes
and confirms are Yoin's own pages (functions/preferences.py), unless the brand names its own.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from shared.brands import Brand
from shared.domain.values import digest
from shared.messages.signing import LinkFor, LinkSigner

_CARRIERS = Path(__file__).with_name("carriers.toml")


class Pages(Protocol):
    """Where Yoin's own pages are."""

    def link(self, purpose: LinkFor, brand: Brand, message_id: str) -> str:
        """The link to the page, for one message. Raises RetryableError."""
        ...


class SignedPages:
    """The deployed pages."""

    def __init__(self, signer: LinkSigner, url: str) -> None:
        """``url``: of the function that serves them; a brand may have a domain before it."""
        self._signer = signer
        self._url = url

    def link(self, purpose: LinkFor, brand: Brand, message_id: str) -> str:
        """The port's method. Raises ValueError where there are no pages at all."""
        base = brand.links.pages or self._url
        if not https(base):
            raise ValueError("there is no address of the pages: YOIN_PAGES_URL, or links.pages")
        return f"{base.rstrip('/')}/{purpose}/{self._signer.sign(purpose, message_id)}"


class SamplePages:
    """For previews: links as long as real ones, which open nothing."""

    def link(self, purpose: LinkFor, brand: Brand, message_id: str) -> str:
        """The port's method."""
        base = brand.links.pages or "https://pages.example"
        return f"{base.rstrip('/')}/{purpose}/{digest(purpose, message_id, length=57)}"


def fill(pattern: str, **values: str) -> str:
    """A brand's pattern with its placeholders filled, each value quoted for a URL."""
    return pattern.format(**{name: quote(value, safe="") for name, value in values.items()})


def https(url: str | None) -> str:
    """``url`` where it is a plain https address, else "".

    Addresses come in with payloads; ``javascript:``, credentials, blanks and quotes never reach
    a customer.
    """
    if not url or re.search(r"[\s\x00-\x1f\x7f\"'<>\\`]", url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme == "https" and parts.hostname and not parts.username else ""


def message_links(
    brand: Brand, content: Mapping[str, Any], message_id: str, pages: Pages
) -> dict[str, str]:
    """The links that a template knows as ``links``. An address that a message has none of is "".

    ``content`` is what the lifecycle gave; its ``order`` and ``products`` are looked at.
    ``confirm`` is the second half of a double opt-in.
    """
    order = content["order"]
    number = str(order["number"])
    items = ",".join(
        f"{p['sku']}:{p.get('quantity', 1)}" for p in content.get("products") or () if p.get("sku")
    )
    patterns = brand.links
    return {
        "shop": patterns.shop,
        "support": patterns.support,
        "preferences": patterns.preferences or pages.link(LinkFor.PREFERENCES, brand, message_id),
        "order_status": https(order["status_url"]) or fill(patterns.order_status, number=number),
        "service_review": fill(patterns.service_review, number=number),
        "reorder": fill(patterns.reorder, items=items) if items else patterns.shop,
        "snooze": _own(patterns.snooze, message_id)
        or pages.link(LinkFor.SNOOZE, brand, message_id),
        "unsubscribe": unsubscribe_link(brand, message_id, pages),
        "unsubscribe_mailto": patterns.unsubscribe_mailto,
        "confirm": pages.link(LinkFor.CONFIRM, brand, message_id),
        "privacy": brand.legal.privacy,
        "commerce_disclosure": brand.legal.commerce_disclosure or "",
    }


def unsubscribe_link(brand: Brand, message_id: str, pages: Pages) -> str:
    """Where a message's reader unsubscribes: the brand's page, or Yoin's."""
    own = _own(brand.links.unsubscribe, message_id)
    return own or pages.link(LinkFor.UNSUBSCRIBE, brand, message_id)


def _own(pattern: str | None, message_id: str) -> str:
    return fill(pattern, message=message_id) if pattern else ""


def unsubscribe_headers(brand: Brand, message_id: str, pages: Pages) -> dict[str, str]:
    """The headers of a marketing email by which a mail program unsubscribes (RFC 2369, RFC 8058).

    One-click is promised where Yoin's own page takes the POST, or the brand says that its does.
    """
    subject = quote(f"unsubscribe {message_id}", safe="")
    mailto = f"mailto:{brand.links.unsubscribe_mailto}?subject={subject}"
    url = unsubscribe_link(brand, message_id, pages)
    headers = {"List-Unsubscribe": f"<{url}>, <{mailto}>"}
    if brand.links.one_click or not brand.links.unsubscribe:
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def carrier_name(carrier: str | None, language: str) -> str:
    """A carrier as customers call it; an unknown one as the payload wrote it; "" for none."""
    if not carrier:
        return ""
    entry = _carrier(carrier)
    if entry is None:
        return carrier
    names: dict[str, str] = entry["name"]
    return names.get(language, names["en"])


def tracking_link(shipment: Mapping[str, Any] | None) -> str:
    """Where a parcel is followed: the payload's address, else the carrier's own page, else ""."""
    if not shipment:
        return ""
    own = https(shipment["tracking_url"])
    if own:
        return own
    number = re.sub(r"[^0-9A-Za-z]", "", shipment["tracking_number"] or "")
    entry = _carrier(shipment["carrier"] or "")
    return fill(entry["tracking"], number=number) if entry and number else ""


def _carrier(name: str) -> dict[str, Any] | None:
    key = re.sub(r"\(.*?\)", "", unicodedata.normalize("NFKC", name)).strip().casefold()
    return _aliases().get(key)


@cache
def _aliases() -> dict[str, dict[str, Any]]:
    carriers: Iterable[dict[str, Any]] = tomllib.loads(
        _CARRIERS.read_text(encoding="utf-8")
    ).values()
    return {alias.casefold(): entry for entry in carriers for alias in entry["aliases"]}
