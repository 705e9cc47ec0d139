"""BigCommerce payloads written by us to its documented schemas: events, v2 orders, v3 refunds."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

HEADERS = {
    "webhook-id": "msg_1",
    "webhook-timestamp": "1776700800",
    "webhook-signature": "v1,bm90aGluZw==",
    "content-type": "application/json",
}


def event(scope: str, **data: Any) -> Json:
    return {
        "store_id": "1001",
        "producer": "stores/Abc123",
        "scope": scope,
        "data": data,
        "hash": "0f1b5800def7b505369b08b4a3503a1db2c4b1a6",
        "created_at": 1776733200,  # 2026-04-21T01:00:00Z
    }


ORDER: Json = {
    "id": 250,
    "customer_id": 7,
    "date_created": "Mon, 20 Apr 2026 14:40:05 +0000",
    "date_modified": "Tue, 21 Apr 2026 00:30:00 +0000",
    "date_shipped": "",
    "status_id": 11,
    "status": "Awaiting Fulfillment",
    "subtotal_inc_tax": "40.0000",
    "shipping_cost_inc_tax": "6.5000",
    "total_inc_tax": "46.5000",
    "items_total": 3,
    "items_shipped": 0,
    "payment_method": "Credit Card",
    "payment_status": "captured",
    "currency_code": "USD",
    "default_currency_code": "USD",
    "is_deleted": False,
    "is_email_opt_in": True,
    "customer_locale": "en",
    "order_is_digital": False,
    "billing_address": {
        "first_name": "Mara",
        "last_name": "Ellison",
        "company": "",
        "street_1": "1 Main St",
        "city": "Portland",
        "state": "Oregon",
        "zip": "97201",
        "country": "United States",
        "country_iso2": "US",
        "phone": "212-555-0147",
        "email": "mara@example.com",
        "form_fields": [{"name": "Delivery Date", "value": "2026-04-27"}],
    },
    "products": {"url": "https://api.example.com/products", "resource": "/orders/250/products"},
    "consignments": {
        "shipping": [
            {
                "id": 31,
                "first_name": "Noor",
                "last_name": "Haddad",
                "street_1": "9 Oak Ave",
                "street_2": "",
                "city": "Austin",
                "state": "Texas",
                "zip": "78701",
                "country": "United States",
                "country_iso2": "US",
                "phone": "",
                "form_fields": [],
                "line_items": [
                    {
                        "id": 401,
                        "order_id": 250,
                        "product_id": 77,
                        "name": "Filter coffee",
                        "sku": "COF-1",
                        "type": "physical",
                        "price_inc_tax": "15.0000",
                        "quantity": 2,
                        "quantity_shipped": 0,
                        "wrapping_name": None,
                        "product_options": [{"display_name": "Size", "display_value": "250 g"}],
                    },
                    {
                        "id": 402,
                        "order_id": 250,
                        "product_id": 78,
                        "name": "Brewing course",
                        "sku": "",
                        "type": "digital",
                        "price_inc_tax": "10.0000",
                        "quantity": 1,
                        "quantity_shipped": 0,
                        "product_options": [],
                    },
                ],
            }
        ],
        "pickups": [],
        "downloads": [],
        "email": {"gift_certificates": []},
    },
}

SHIPMENT: Json = {
    "id": 12,
    "order_id": 250,
    "order_address_id": 31,
    "date_created": "Tue, 21 Apr 2026 00:20:00 +0000",
    "tracking_number": "1Z 999 AA1 0123456784",
    "tracking_carrier": "ups",
    "shipping_provider": "",
    "tracking_link": "",
    "generated_tracking_link": "https://track.example.com/1Z999AA10123456784",
    "items": [{"order_product_id": 401, "product_id": 0, "quantity": 2}],
}

REFUND: Json = {
    "id": 3,
    "order_id": 250,
    "created": "2026-04-21T00:50:00Z",
    "reason": "",
    "total_amount": 15,
    "items": [
        {"item_type": "PRODUCT", "item_id": 401, "quantity": 1, "requested_amount": None},
        {"item_type": "SHIPPING", "item_id": 31, "quantity": 1, "requested_amount": 0},
    ],
}

CUSTOMER: Json = {
    "id": 7,
    "email": "mara@example.com",
    "first_name": "Mara",
    "last_name": "Ellison",
    "phone": "",
    "date_modified": "2026-04-20T14:00:00Z",
}


def order(**changes: Any) -> Json:
    return {**copy.deepcopy(ORDER), **changes}


def fetched(scope: str, told: Json | None = None, **parts: Any) -> Json:
    """What the fetch function puts together for an event."""
    return {"event": told or event(scope, type="order", id=250), **parts}


def record(body: Any) -> Json:
    return {"headers": HEADERS, "body": body}


def envelope(body: Json) -> Json:
    return {
        "id": "e1",
        "detail-type": "bigCommerceWebhook",
        "source": "aws.partner/bigcommerce.com/app/yoin",
        "time": "2026-04-21T01:00:01Z",
        "detail": body,
    }


_DELETED = event("store/shipment/deleted", type="shipment", id=12, orderId=250)

SAMPLES: dict[str, Any] = {
    "created": record(event("store/order/created", type="order", id=250)),
    "status": record(
        event(
            "store/order/statusUpdated",
            type="order",
            id=250,
            status={"previous_status_id": 0, "new_status_id": 11},
        )
    ),
    "shipment deleted": record(_DELETED),
    "channel": record(event("store/channel/1/order/updated", order_id=250)),
    "eventbridge": envelope(_DELETED),
    "bare order": order(),
    "bare shipment": SHIPMENT,
    "bare refund": REFUND,
    "fetched order": record(
        fetched("store/order/updated", order=order(status_id=2), shipments=[SHIPMENT])
    ),
    "fetched refund": record(
        fetched("store/order/refund/created", order=order(), shipments=None,
                refunds={"data": [REFUND], "meta": {}})
    ),
}  # fmt: skip

# Those that can only be fetched: their facts come with the answer.
THIN = {"created", "status", "channel"}

_FETCH: tuple[str, str] = ("INCOMPLETE", "fetched")

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "channel_order_updated__docs_2025-04_hookdeck": _FETCH,
    "order_archived__docs": _FETCH,
    "order_created__docs": _FETCH,
    "order_refund_created__docs": _FETCH,
    "order_statusUpdated__docs": _FETCH,
    "shipment_created__docs": _FETCH,
    "shipment_deleted__docs": ["ShipmentUpdated"],
    "subscriber_created__docs": _FETCH,
}
