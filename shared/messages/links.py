"""Links that may stand in a message: https only, from the brand's patterns, everything quoted.

A link holds order numbers, product codes and opaque message ids; never a name, an address, an
email address or a telephone number.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from shared.brands import Brand

_CARRIERS = Path(__file__).with_name("carriers.toml")


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


def message_links(brand: Brand, content: Mapping[str, Any], message_id: str) -> dict[str, str]:
    """The links that a template knows as ``links``. An address that a message has none of is "".

    ``content`` is what the lifecycle gave; its ``order`` and ``products`` are looked at.
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
        "preferences": patterns.preferences,
        "order_status": https(order["status_url"]) or fill(patterns.order_status, number=number),
        "service_review": fill(patterns.service_review, number=number),
        "reorder": fill(patterns.reorder, items=items) if items else patterns.shop,
        "snooze": fill(patterns.snooze, message=message_id) if patterns.snooze else "",
        "unsubscribe": fill(patterns.unsubscribe, message=message_id),
        "unsubscribe_mailto": patterns.unsubscribe_mailto,
        "privacy": brand.legal.privacy,
        "commerce_disclosure": brand.legal.commerce_disclosure or "",
    }


def unsubscribe_headers(brand: Brand, message_id: str) -> dict[str, str]:
    """The headers of a marketing email by which a mail program unsubscribes (RFC 2369, RFC 8058).

    One-click is promised only where the brand's page really takes the POST.
    """
    subject = quote(f"unsubscribe {message_id}", safe="")
    mailto = f"mailto:{brand.links.unsubscribe_mailto}?subject={subject}"
    url = fill(brand.links.unsubscribe, message=message_id)
    headers = {"List-Unsubscribe": f"<{mailto}>, <{url}>"}
    if brand.links.one_click:
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
