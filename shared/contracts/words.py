"""Words that shops and carriers write by hand: ways of paying, tracking numbers, names, tags.

They are no vocabulary of one platform: the names of gateways come from payment providers and from
merchants, a slip's number from whoever typed it. What cannot be told from the words is None.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from shared.contracts.values import nfkc
from shared.domain.events import PaymentMethod

# By what a name contains. The first that fits counts, so that a way of paying later, which needs
# other words to the customer, comes before one that is settled at once.
_METHODS = {
    PaymentMethod.KONBINI: "konbini|convenience store|コンビニ",
    PaymentMethod.BANK_TRANSFER: (
        "bank[ _-]?(deposit|transfer)|wire[ _-]transfer|furikomi|銀行|振込|振替"
    ),
    PaymentMethod.COD: r"cash[ _-]?on[ _-]?delivery|collect on delivery|\bcod\b|代金引換|代引",
    PaymentMethod.DEFERRED: (
        r"後払|あと払|atobarai|atodene|paidy|ペイディ|klarna|afterpay|affirm|net[ _-]?\d+|請求書"
    ),
    PaymentMethod.WALLET: (
        "paypal|paypay|amazon|rakuten|楽天|line[ _]?pay|apple|google|shop[ _]?pay|merpay|メルペイ"
        "|d払い|au[ _]?pay|alipay|wechat|ウォレット|wallet"
    ),
    PaymentMethod.CARD: (
        "^card$|(credit|debit)[ _-]?card|visa|master[ ]?card|amex|american express|jcb|diners"
        "|discover|クレジット"
    ),
}
# These carry several ways of paying, or none: the name alone does not say which.
_SAYS_NOTHING = re.compile(
    "shopify[ _]payments|stripe|komoju|sb payment|gmo|adyen|manual|bogus|gift[ _-]?card"
)
_SUBSCRIPTION_TAG = re.compile(r"subscription.*|(active )?subscriber.*|.*定期(購入|便|注文)?.*")
_ONE_TIME_TAG = re.compile(r"(one[ _-]?time|single)([ _-]?(purchase|order))?|(都度|通常|単品)購入")
_UNATTENDED = re.compile(
    r"宅配ボックス|置き配|玄関|郵便受け|ポスト|投函|ガスメーター|物置|車庫"
    r"|locker|mail\s?box|front door|back door|porch|safe place|parcel box|garage|letter\s?box",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[,、;\r\n]+")
_HYPHENATED = re.compile(r"[0-9]+(-[0-9]+)+", re.ASCII)


def payment_method(names: Iterable[str]) -> PaymentMethod | None:
    """How a customer pays, by the names of the gateways of an order.

    OTHER for a name that says a way which is none of the known ones; None where none is said.
    """
    plain = [nfkc(name).lower().strip()[:200] for name in names]
    telling = [name for name in plain if name and not _SAYS_NOTHING.fullmatch(name)]
    for method, pattern in _METHODS.items():
        if any(re.search(pattern, name) for name in telling):
            return method
    return PaymentMethod.OTHER if telling else None


def tracking_numbers(texts: Iterable[str | None]) -> tuple[str, ...]:
    """The numbers in what was typed, once each: with spaces, commas, line breaks, full width.

    1234-5678-9012 is how a slip prints 123456789012. An address of a page is no number.
    """
    found: dict[str, None] = {}
    for text in filter(None, texts):
        for piece in _SEPARATORS.split(nfkc(text, 10_000)):
            number = "".join(c for c in piece if c.isprintable() and not c.isspace())
            if _HYPHENATED.fullmatch(number):
                number = number.replace("-", "")
            if number and "://" not in number and len(number) <= 100:
                found.setdefault(number)
    return tuple(found)


def full_name(first: str | None, last: str | None, whole: str | None = None) -> str | None:
    """A person's name as it is written where they live: 山田 花子, Mara Ellison.

    ``whole`` is the platform's own composition, which puts the given name first everywhere.
    """
    parts = [part for part in (first, last) if part]
    if any(unicodedata.east_asian_width(c) in "WF" for part in parts for c in part):
        return " ".join(reversed(parts))
    return whole or " ".join(parts) or None


def left_unattended(message: str) -> bool:
    """Whether a carrier's words about a delivery say that nobody took it in person."""
    return _UNATTENDED.search(message) is not None


def is_subscription_tag(tag: str) -> bool:
    """Whether a tag says that an order comes from a subscription."""
    return _SUBSCRIPTION_TAG.fullmatch(tag.lower()[:200]) is not None


def is_one_time_tag(tag: str) -> bool:
    """Whether a tag says that an order comes from no subscription."""
    return _ONE_TIME_TAG.fullmatch(tag.lower()[:200]) is not None
