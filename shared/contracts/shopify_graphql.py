"""Objects of Shopify's GraphQL Admin API in the words of its webhooks.

The preview of Shopify Events brings what the subscription's own query asked for: an Order or a
Customer in GraphQL's words (``createdAt``, ``lineItems { nodes }``, ``displayFinancialStatus``).
Here it gets the words of the webhook that tells the same (``created_at``, ``line_items``,
``financial_status``), so that both are read by one reader. What was not asked for stays missing.

Fields: shopify.dev/docs/api/admin-graphql, objects Order, LineItem, Fulfillment, Customer.
Nothing is checked: values go through as they are, of whatever type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])", re.ASCII)
_GID_NUMBER = re.compile(r"gid://shopify/[A-Za-z]+/([0-9]{1,20})", re.ASCII)
_DEPTH = 20

# In the words of GraphQL after ``_words``; the webhook's word.
_ORDER = {
    "currency_code": "currency",
    "display_financial_status": "financial_status",
    "status_page_url": "order_status_url",
    "custom_attributes": "note_attributes",
}
_LINE = {"custom_attributes": "properties"}
_FULFILLMENT = {"fulfillment_line_items": "line_items", "display_status": "shipment_status"}
_CONSENT = {
    "marketing_state": "state",
    "marketing_opt_in_level": "opt_in_level",
    "marketing_updated_at": "consent_updated_at",
}
# Of FulfillmentDisplayStatus: these are about the fulfilment, no word of a carrier's.
_NO_CARRIER_WORD = {"submitted", "fulfilled", "marked_as_fulfilled", "canceled", "label_voided"}


def order(node: Mapping[str, Any]) -> dict[str, Any]:
    """An Order as orders/updated tells it."""
    found = _renamed(_words(node), _ORDER)
    total = _inside(_inside(found.get("total_price_set")).get("shop_money"))
    found.setdefault("currency", total.get("currency_code"))
    if isinstance(found.get("cancel_reason"), str):
        found["cancel_reason"] = found["cancel_reason"].lower()
    for key in ("shipping_address", "billing_address"):
        found[key] = _address(found.get(key))
    found["customer"] = _customer(found.get("customer"))
    found["line_items"] = _each(found.get("line_items"), _line)
    if "fulfillments" in found:
        found["fulfillments"] = _each(found["fulfillments"], _fulfillment)
    if "refunds" in found:
        # What Events tell of a refund differs with the query; refunds/create tells it whole.
        del found["refunds"]
    return found


def customer(node: Mapping[str, Any]) -> dict[str, Any]:
    """A Customer as customers/update tells it."""
    return _inside(_customer(_words(node)))


def is_whole(node: Mapping[str, Any], connection: str) -> bool:
    """Whether a connection was asked for, and all of it came: no further page."""
    asked = node.get(connection)
    if isinstance(asked, Mapping):
        return _inside(asked.get("pageInfo")).get("hasNextPage") is not True
    return isinstance(asked, list | tuple)


def _words(value: Any, depth: int = 0) -> Any:
    """Names with underscores, and connections as plain lists."""
    if depth > _DEPTH:
        return None
    if isinstance(value, list | tuple):
        return [_words(item, depth + 1) for item in value]
    if not isinstance(value, Mapping):
        return value
    if isinstance(value.get("nodes"), list | tuple):
        return _words(value["nodes"], depth + 1)
    if isinstance(value.get("edges"), list | tuple):
        return [_words(_inside(edge).get("node"), depth + 1) for edge in value["edges"]]
    return {
        _HUMP.sub(r"_\1", str(name)).lower(): _words(inner, depth + 1)
        for name, inner in value.items()
    }


def _renamed(node: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in node.items()}


def _inside(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _each(value: Any, change: Any) -> Any:
    """``change`` of every object in a list; anything else stays for the reader to refuse."""
    if not isinstance(value, list):
        return value
    return [change(item) if isinstance(item, dict) else item for item in value]


def _line(node: dict[str, Any]) -> dict[str, Any]:
    found = _renamed(node, _LINE)
    unit = _inside(found.get("original_unit_price_set") or found.get("discounted_unit_price_set"))
    amount = _inside(unit.get("shop_money")).get("amount")
    if amount is not None:
        found.setdefault("price", amount)
    product = _GID_NUMBER.fullmatch(str(_inside(found.get("product")).get("id")))
    if product:
        found.setdefault("product_id", product[1])
    return found


def _fulfillment(node: dict[str, Any]) -> dict[str, Any]:
    found = _renamed(node, _FULFILLMENT)
    if str(found.get("shipment_status")).lower() in _NO_CARRIER_WORD:
        found["shipment_status"] = None
    found["line_items"] = _each(found.get("line_items"), _fulfilled_line)
    tracks = found.pop("tracking_info", None)
    infos = [_inside(one) for one in tracks] if isinstance(tracks, list) else []
    found.setdefault("tracking_numbers", [i["number"] for i in infos if i.get("number")])
    found.setdefault("tracking_urls", [i["url"] for i in infos if i.get("url")])
    companies = (info["company"] for info in infos if info.get("company"))
    found.setdefault("tracking_company", next(companies, None))
    return found


def _fulfilled_line(node: dict[str, Any]) -> dict[str, Any]:
    """The order's line with the number of units in this parcel."""
    line = _inside(node.get("line_item"))
    return {**line, "quantity": node.get("quantity")} if line else node


def _address(value: Any) -> Any:
    return (
        _renamed(value, {"country_code_v2": "country_code"}) if isinstance(value, dict) else value
    )


def _customer(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    found = dict(value)
    for channel, contact, key in (
        ("email", "default_email_address", "email_address"),
        ("phone", "default_phone_number", "phone_number"),
    ):
        default = found.pop(contact, None)
        if isinstance(default, dict):
            found[channel] = found.get(channel) or default.get(key)
            consent = "email_marketing_consent" if channel == "email" else "sms_marketing_consent"
            if default.get("marketing_state") is not None:
                found.setdefault(consent, default)
    for consent in ("email_marketing_consent", "sms_marketing_consent"):
        if isinstance(found.get(consent), dict):
            found[consent] = _renamed(found[consent], _CONSENT)
    found["default_address"] = _address(found.get("default_address"))
    return found
