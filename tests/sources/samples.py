"""Shopify payloads written by us to its documented schema (shopify.dev/docs/api/webhooks).

A Japanese shop, ids beyond 2^53, an order of two lines. Each function takes changes to the
top-level fields; a change to None is null, to ``DROP`` leaves the field out.
"""

from __future__ import annotations

import copy
from typing import Any

from shared.domain.events import Fact
from shared.sources import normalize_event

DROP = object()

ORDER_ID = "9182736455463728190"
LINE_1 = "9182736455463720011"
LINE_2 = "9182736455463720022"
CUSTOMER_ID = "9182736455463730033"
FULFILLMENT_ID = "9182736455463740044"
REFUND_ID = "9182736455463750055"
RETURN_ID = "9182736455463760066"

Json = dict[str, Any]


def rounded(number: str) -> int:
    """A number as it is after somebody's float: what reached us of the id."""
    return int(float(number))


def _with(base: Json, changes: Json) -> Json:
    merged = {**copy.deepcopy(base), **changes}
    return {key: value for key, value in merged.items() if value is not DROP}


def gid(kind: str, number: str) -> str:
    return f"gid://shopify/{kind}/{number}"


def money_set(amount: str, currency: str = "JPY") -> Json:
    money = {"amount": amount, "currency_code": currency}
    return {"shop_money": money, "presentment_money": money}


ADDRESS: Json = {
    "first_name": "花子",
    "last_name": "山田",
    "name": "花子 山田",
    "address1": "神宮前1-2-3",
    "address2": "青葉ハイツ405",
    "city": "渋谷区",
    "zip": "150-0001",
    "province": "Tōkyō",
    "province_code": "JP-13",
    "country": "Japan",
    "country_code": "JP",
    "phone": "090-1234-5678",
    "company": None,
    "latitude": 35.67,
    "longitude": 139.7,
}


def line(number: str = LINE_1, **changes: Any) -> Json:
    base: Json = {
        "id": rounded(number),
        "admin_graphql_api_id": gid("LineItem", number),
        "current_quantity": 2,
        "fulfillable_quantity": 2,
        "fulfillment_service": "manual",
        "fulfillment_status": None,
        "gift_card": False,
        "grams": 120,
        "name": "深蒸し煎茶 - 100g",
        "price": "1200",
        "price_set": money_set("1200"),
        "product_exists": True,
        "product_id": 7130427162777,
        "properties": [],
        "quantity": 2,
        "requires_shipping": True,
        "sku": "SENCHA-100",
        "taxable": True,
        "title": "深蒸し煎茶",
        "total_discount": "0",
        "variant_id": 41266100043929,
        "variant_inventory_management": "shopify",
        "variant_title": "100g",
        "vendor": "青葉茶舗",
        "tax_lines": [],
        "duties": [],
        "discount_allocations": [],
    }
    return _with(base, changes)


def second_line(**changes: Any) -> Json:
    base = {
        "sku": "HOUJI-50",
        "title": "ほうじ茶",
        "name": "ほうじ茶",
        "variant_title": "Default Title",
        "quantity": 1,
        "current_quantity": 1,
        "fulfillable_quantity": 1,
        "price": "800",
    }
    return line(LINE_2, **{**base, **changes})


def customer(**changes: Any) -> Json:
    base: Json = {
        "id": rounded(CUSTOMER_ID),
        "admin_graphql_api_id": gid("Customer", CUSTOMER_ID),
        "email": "hanako@example.com",
        "phone": "+819012345678",
        "first_name": "花子",
        "last_name": "山田",
        "state": "disabled",
        "tags": "",
        "currency": "JPY",
        "email_marketing_consent": {
            "state": "not_subscribed",
            "opt_in_level": "single_opt_in",
            "consent_updated_at": None,
        },
        "sms_marketing_consent": None,
        "default_address": {**ADDRESS, "id": 1, "default": True},
    }
    return _with(base, changes)


def order(**changes: Any) -> Json:
    base: Json = {
        "id": rounded(ORDER_ID),
        "admin_graphql_api_id": gid("Order", ORDER_ID),
        "buyer_accepts_marketing": False,
        "cancel_reason": None,
        "cancelled_at": None,
        "closed_at": None,
        "confirmed": True,
        "contact_email": "hanako@example.com",
        "created_at": "2026-04-10T12:15:00+09:00",
        "currency": "JPY",
        "current_subtotal_price": "3200",
        "current_total_price": "3700",
        "customer_locale": "ja",
        "discount_codes": [],
        "email": "hanako@example.com",
        "financial_status": "pending",
        "fulfillment_status": None,
        "name": "#1001",
        "note": None,
        "note_attributes": [],
        "number": 1,
        "order_number": 1001,
        "order_status_url": "https://aoba.myshopify.com/1/orders/abc/authenticate?key=def",
        "payment_gateway_names": ["コンビニ決済"],
        "phone": None,
        "presentment_currency": "JPY",
        "processed_at": "2026-04-10T12:15:00+09:00",
        "source_name": "web",
        "subtotal_price": "3200",
        "subtotal_price_set": money_set("3200"),
        "tags": "",
        "taxes_included": True,
        "test": False,
        "total_discounts": "0",
        "total_price": "3700",
        "total_price_set": money_set("3700"),
        "total_shipping_price_set": money_set("500"),
        "total_tax": "274",
        "updated_at": "2026-04-10T12:15:01+09:00",
        "billing_address": ADDRESS,
        "customer": customer(),
        "discount_applications": [],
        "fulfillments": [],
        "line_items": [line(), second_line()],
        "payment_terms": None,
        "refunds": [],
        "shipping_address": ADDRESS,
        "shipping_lines": [{"id": 1, "title": "ヤマト運輸", "price": "500"}],
    }
    return _with(base, changes)


def fulfillment(number: str = FULFILLMENT_ID, **changes: Any) -> Json:
    base: Json = {
        "id": rounded(number),
        "admin_graphql_api_id": gid("Fulfillment", number),
        "order_id": int(ORDER_ID),
        "status": "success",
        "created_at": "2026-04-12T10:00:00+09:00",
        "updated_at": "2026-04-12T10:00:00+09:00",
        "service": "manual",
        "shipment_status": None,
        "tracking_company": "Yamato (JA)",
        "tracking_number": "123456789012",
        "tracking_numbers": ["123456789012"],
        "tracking_url": "https://track.example/123456789012",
        "tracking_urls": ["https://track.example/123456789012"],
        "location_id": 1,
        "origin_address": {},
        "receipt": {},
        "name": "#1001.1",
        "line_items": [line(), second_line()],
    }
    return _with(base, changes)


def fulfillment_event(**changes: Any) -> Json:
    base: Json = {
        "id": 944956393,
        "admin_graphql_api_id": gid("FulfillmentEvent", "944956393"),
        "fulfillment_id": int(FULFILLMENT_ID),
        "order_id": int(ORDER_ID),
        "shop_id": 1,
        "status": "in_transit",
        "message": None,
        "happened_at": "2026-04-13T08:30:00+09:00",
        "created_at": "2026-04-13T09:00:00+09:00",
        "updated_at": "2026-04-13T09:00:00+09:00",
        "city": None,
        "province": None,
        "country": None,
        "zip": None,
        "address1": None,
        "latitude": None,
        "longitude": None,
        "estimated_delivery_at": None,
    }
    return _with(base, changes)


def refund_line(number: str = LINE_1, **changes: Any) -> Json:
    base: Json = {
        "id": 104689539,
        "line_item_id": rounded(number),
        "line_item": line(number),
        "quantity": 1,
        "restock_type": "return",
        "location_id": 1,
        "subtotal": 1200.00,
        "total_tax": 0.00,
    }
    return _with(base, changes)


def transaction(**changes: Any) -> Json:
    base: Json = {
        "id": 179259969,
        "admin_graphql_api_id": gid("OrderTransaction", "179259969"),
        "kind": "refund",
        "status": "success",
        "amount": "1200",
        "currency": "JPY",
        "gateway": "コンビニ決済",
        "test": False,
        "processed_at": "2026-04-25T10:00:00+09:00",
    }
    return _with(base, changes)


def refund(**changes: Any) -> Json:
    base: Json = {
        "id": rounded(REFUND_ID),
        "admin_graphql_api_id": gid("Refund", REFUND_ID),
        "order_id": int(ORDER_ID),
        "created_at": "2026-04-25T10:00:00+09:00",
        "processed_at": "2026-04-25T10:00:00+09:00",
        "note": "",
        "restock": True,
        "return": None,
        "refund_line_items": [refund_line()],
        "transactions": [transaction()],
        "order_adjustments": [],
    }
    return _with(base, changes)


def return_line(number: str = LINE_1, quantity: int = 1) -> Json:
    inside = {"id": rounded(number), "admin_graphql_api_id": gid("LineItem", number)}
    return {
        "id": 987654321,
        "admin_graphql_api_id": gid("ReturnLineItem", "987654321"),
        "fulfillment_line_item": {
            "id": 4463854417760,
            "admin_graphql_api_id": gid("FulfillmentLineItem", "4463854417760"),
            "line_item": inside,
        },
        "quantity": quantity,
        "return_reason": "unwanted",
        "return_reason_note": "",
        "restocking_fee": None,
    }


def return_(**changes: Any) -> Json:
    base: Json = {
        "id": rounded(RETURN_ID),
        "admin_graphql_api_id": gid("Return", RETURN_ID),
        "status": "open",
        "order": {"id": rounded(ORDER_ID), "admin_graphql_api_id": gid("Order", ORDER_ID)},
        "name": "#1001-R1",
        "total_return_line_items": 1,
        "return_line_items": [return_line()],
        "return_shipping_fees": [],
        "exchange_line_items": [],
    }
    return _with(base, changes)


def return_short(status: str, **changes: Any) -> Json:
    """The form of returns/cancel, close and reopen."""
    base: Json = {
        "id": rounded(RETURN_ID),
        "admin_graphql_api_id": gid("Return", RETURN_ID),
        "order_id": int(ORDER_ID),
        "status": status,
    }
    return _with(base, changes)


def metadata(topic: str, **changes: Any) -> Json:
    base: Json = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": "aoba.myshopify.com",
        "X-Shopify-Hmac-SHA256": "c2lnbmF0dXJl",
        "X-Shopify-Webhook-Id": "5f5ac51c-0c3a-44b6-8d6d-3d5bd5d5c001",
        "X-Shopify-API-Version": "2026-04",
        "X-Shopify-Event-Id": "8a95126f-859a-4db9-b8f1-350e299e9ea0",
        "X-Shopify-Triggered-At": "2026-04-10T03:15:01.507506882Z",
    }
    return _with(base, changes)


def envelope(topic: str, payload: Json, **changes: Any) -> Json:
    """The EventBridge envelope of Shopify's partner event source."""
    base: Json = {
        "version": "0",
        "id": "33305a23-4886-4909-8a6a-42ef59c41fe2",
        "detail-type": "shopifyWebhook",
        "source": "aws.partner/shopify.com/1234567890/yoin-local",
        "account": "123456789012",
        "time": "2026-04-10T03:15:02Z",
        "region": "ap-northeast-1",
        "resources": [],
        "detail": {"payload": payload, "metadata": metadata(topic)},
    }
    return _with(base, changes)


def record(topic: str, payload: Json) -> Json:
    """A webhook as it comes over HTTPS: header names in small letters."""
    headers = {name.lower(): value for name, value in metadata(topic).items()}
    return {"headers": headers, "body": payload}


def facts(topic: str, payload: Json, **headers: str) -> tuple[Fact, ...]:
    """What becomes of a payload that came over EventBridge; ``headers`` as Webhook_Id="w"."""
    event = envelope(topic, payload)
    for name, value in headers.items():
        event["detail"]["metadata"]["X-Shopify-" + name.replace("_", "-")] = value
    return normalize_event(event, {"aoba.myshopify.com": "aoba"}.get)
