"""WooCommerce payloads written by us to its documented REST schema (wc/v3)."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

HEADERS = {
    "X-WC-Webhook-Source": "https://Aoba.example.com/",
    "X-WC-Webhook-Topic": "order.updated",
    "X-WC-Webhook-Resource": "order",
    "X-WC-Webhook-Event": "updated",
    "X-WC-Webhook-Signature": "bm8gc2lnbmF0dXJlIGF0IGFsbA==",
    "X-WC-Webhook-ID": "3",
    "X-WC-Webhook-Delivery-ID": "3f1e5cfae7cd1a7d0f3c3ad1ab9ac1ef",
}

ORDER: Json = {
    "id": 4711,
    "parent_id": 0,
    "number": "A-4711",
    "order_key": "wc_order_sample",
    "created_via": "checkout",
    "version": "9.8.1",
    "status": "processing",
    "currency": "JPY",
    "date_created": "2026-04-20T23:40:05",
    "date_created_gmt": "2026-04-20T14:40:05",
    "date_modified": "2026-04-21T09:00:00",
    "date_modified_gmt": "2026-04-21T00:00:00",
    "discount_total": "0",
    "shipping_total": "600",
    "shipping_tax": "60",
    "total": "4660",
    "total_tax": "424",
    "prices_include_tax": True,
    "customer_id": 0,
    "customer_note": "玄関前に置いてください",
    "billing": {
        "first_name": "花子",
        "last_name": "山田",
        "company": "",
        "address_1": "神宮前1-2-3",
        "address_2": "青葉ハイツ405",
        "city": "渋谷区",
        "state": "JP13",
        "postcode": "150-0001",
        "country": "JP",
        "email": "hanako@example.com",
        "phone": "090-1234-5678",
    },
    "shipping": {
        "first_name": "次郎",
        "last_name": "佐藤",
        "company": "",
        "address_1": "中央1-1",
        "address_2": "",
        "city": "仙台市青葉区",
        "state": "JP04",
        "postcode": "980-0021",
        "country": "JP",
        "phone": "",
    },
    "payment_method": "komoju_konbini",
    "payment_method_title": "コンビニ決済",
    "transaction_id": "",
    "date_paid": "2026-04-21T09:00:00",
    "date_paid_gmt": "2026-04-21T00:00:00",
    "date_completed": None,
    "date_completed_gmt": None,
    "meta_data": [
        {"id": 1, "key": "wc4jp-delivery-date", "value": "2026-04-25"},
        {"id": 2, "key": "wc4jp-delivery-time-zone", "value": "18:00-20:00"},
        {"id": 3, "key": "_order_stock_reduced", "value": "yes"},
    ],
    "line_items": [
        {
            "id": 91,
            "name": "煎茶 &ndash; 100g",
            "parent_name": "煎茶",
            "product_id": 12,
            "variation_id": 13,
            "quantity": 2,
            "subtotal": "3334",
            "subtotal_tax": "266",
            "total": "3334",
            "total_tax": "266",
            "meta_data": [{"id": 5, "key": "pa_size", "value": "100g"}],
            "sku": "SEN-100",
            "price": 1667,
            "image": {"id": "7", "src": "https://aoba.example.com/sencha.jpg"},
        },
        {
            "id": 92,
            "name": "急須",
            "product_id": 20,
            "variation_id": 0,
            "quantity": 1,
            "subtotal": "370",
            "subtotal_tax": "30",
            "total": "370",
            "total_tax": "30",
            "meta_data": [],
            "sku": "",
            "price": 370,
        },
    ],
    "shipping_lines": [{"id": 93, "method_title": "ヤマト運輸", "method_id": "flat_rate"}],
    "fee_lines": [],
    "coupon_lines": [],
    "refunds": [],
}

TRACKED = {
    "id": 9,
    "key": "_wc_shipment_tracking_items",
    "value": [
        {
            "tracking_provider": "yamato-jp",
            "custom_tracking_provider": "",
            "custom_tracking_link": "",
            "tracking_number": "1234-5678-9012",
            "date_shipped": "1776729600",  # 2026-04-21
            "tracking_id": "abc1",
        },
        {
            "custom_tracking_provider": "佐川急便",
            "custom_tracking_link": "https://track.example.com/4000",
            "tracking_number": "400012345678\n",
            "date_shipped": 1776643200,  # 2026-04-20, before the order's own hour
            "tracking_id": "abc2",
            "products_list": [{"product": "20", "item_id": "92", "qty": "1"}],
        },
    ],
}

REFUND: Json = {
    "id": 4750,
    "parent_id": 4711,
    "date_created": "2026-04-24T10:00:00",
    "date_created_gmt": "2026-04-24T01:00:00",
    "amount": "1800",
    "reason": "",
    "refunded_by": 1,
    "refunded_payment": True,
    "meta_data": [],
    "line_items": [
        {
            "id": 99,
            "name": "煎茶",
            "quantity": -1,
            "total": "-1667",
            "sku": "SEN-100",
            "meta_data": [{"id": 8, "key": "_refunded_item_id", "value": "91"}],
        }
    ],
}

CUSTOMER: Json = {
    "id": 25,
    "date_created_gmt": "2026-04-01T00:00:00",
    "date_modified_gmt": "2026-04-20T14:00:00",
    "email": "mara@example.com",
    "first_name": "Mara",
    "last_name": "Ellison",
    "role": "customer",
    "username": "mara",
    "billing": {"first_name": "", "email": "", "country": "US", "phone": "(212) 555-0147"},
    "is_paying_customer": True,
}

SUBSCRIPTION: Json = {
    "id": 501,
    "status": "on-hold",
    "billing_period": "month",
    "date_created_gmt": "2026-04-01T00:00:00",
    "date_modified_gmt": "2026-04-20T14:00:00",
    "customer_id": 25,
    "billing": {"email": "mara@example.com", "country": "US"},
    "line_items": [{"id": 1, "sku": "SEN-100", "quantity": 1}],
}


def order(**changes: Any) -> Json:
    return {**copy.deepcopy(ORDER), **changes}


def record(topic: str, body: Any) -> Json:
    return {"headers": {**HEADERS, "X-WC-Webhook-Topic": topic}, "body": body}


SAMPLES: dict[str, Any] = {
    "created": record("order.created", order(date_modified_gmt="2026-04-20T14:40:09")),
    "updated": record("order.updated", order()),
    "tracked": record(
        "order.updated", order(status="completed", meta_data=[*ORDER["meta_data"], TRACKED])
    ),
    "completed": record(
        "order.updated", order(status="completed", date_completed_gmt="2026-04-22T03:00:00")
    ),
    "refunded in part": record(
        "order.updated", order(refunds=[{"id": 4750, "reason": "", "total": "-1800"}])
    ),
    "cancelled": record("order.updated", order(status="cancelled", date_paid_gmt=None)),
    "restored": record("order.restored", order(status="on-hold", date_paid_gmt=None)),
    "refund": record("refund", REFUND),
    "customer": record("customer.updated", CUSTOMER),
    "subscription": record("subscription.updated", SUBSCRIPTION),
    "bare order": order(),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "order__docs_created": ["OrderPlaced"],
    "refund__docs": ["OrderRefunded"],
}
