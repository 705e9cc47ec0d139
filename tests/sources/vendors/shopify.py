"""What Shopify sends besides orders and parcels: Events (preview), customers, privacy, stock.

Written by us to shopify.dev/docs/api/webhooks and /docs/apps/build/events. Orders, fulfilments,
refunds and returns are in tests/sources/samples.py.
"""

from __future__ import annotations

import copy
from typing import Any

from tests.sources import samples as s

Json = dict[str, Any]


def shop_money(amount: str) -> Json:
    return {"shopMoney": {"amount": amount, "currencyCode": "JPY"}}


PLACE: Json = {
    "firstName": "花子",
    "lastName": "山田",
    "address1": "神宮前1-2-3",
    "address2": "青葉ハイツ405",
    "city": "渋谷区",
    "zip": "150-0001",
    "province": "Tōkyō",
    "country": "Japan",
    "countryCodeV2": "JP",
    "phone": "090-1234-5678",
}
GRAPHQL_CUSTOMER: Json = {
    "id": s.gid("Customer", s.CUSTOMER_ID),
    "firstName": "花子",
    "lastName": "山田",
    "locale": "ja",
    "updatedAt": "2026-04-11T00:00:00Z",
    "defaultEmailAddress": {
        "emailAddress": "hanako@example.com",
        "marketingState": "SUBSCRIBED",
        "marketingOptInLevel": "SINGLE_OPT_IN",
        "marketingUpdatedAt": "2026-04-01T00:00:00Z",
    },
    "defaultPhoneNumber": {"phoneNumber": "+819012345678", "marketingState": "NOT_SUBSCRIBED"},
    "defaultAddress": PLACE,
}
GRAPHQL_ORDER: Json = {
    "id": s.gid("Order", s.ORDER_ID),
    "name": "#1001",
    "createdAt": "2026-04-10T03:15:00Z",
    "processedAt": "2026-04-10T03:15:00Z",
    "updatedAt": "2026-04-12T01:00:05Z",
    "currencyCode": "JPY",
    "displayFinancialStatus": "PAID",
    "displayFulfillmentStatus": "FULFILLED",
    "confirmed": True,
    "test": False,
    "email": "hanako@example.com",
    "paymentGatewayNames": ["コンビニ決済"],
    "totalPriceSet": shop_money("3700.0"),
    "subtotalPriceSet": shop_money("3200.0"),
    "totalShippingPriceSet": shop_money("500.0"),
    "tags": ["ギフト"],
    "customAttributes": [{"key": "配送希望日", "value": "2026-04-16"}],
    "statusPageUrl": "https://aoba.myshopify.com/1/orders/abc",
    "customer": GRAPHQL_CUSTOMER,
    "shippingAddress": PLACE,
    "lineItems": {
        "nodes": [
            {
                "id": s.gid("LineItem", s.LINE_1),
                "title": "深蒸し煎茶",
                "variantTitle": "100g",
                "quantity": 2,
                "currentQuantity": 2,
                "sku": "SENCHA-100",
                "requiresShipping": True,
                "originalUnitPriceSet": shop_money("1200.0"),
                "product": {"id": s.gid("Product", "7130427162777")},
            }
        ],
        "pageInfo": {"hasNextPage": False},
    },
    "fulfillments": [
        {
            "id": s.gid("Fulfillment", s.FULFILLMENT_ID),
            "status": "SUCCESS",
            "displayStatus": "IN_TRANSIT",
            "createdAt": "2026-04-12T01:00:00Z",
            "updatedAt": "2026-04-12T01:00:00Z",
            "trackingInfo": [
                {
                    "company": "Yamato (JA)",
                    "number": "1234-5678-9012",
                    "url": "https://track.example/123456789012",
                }
            ],
            "fulfillmentLineItems": {
                "edges": [
                    {
                        "node": {
                            "quantity": 2,
                            "lineItem": {
                                "id": s.gid("LineItem", s.LINE_1),
                                "sku": "SENCHA-100",
                            },
                        }
                    }
                ]
            },
        }
    ],
}
DENIED: Json = {
    "message": "Access denied for order field. Required access: `read_orders` access scope.",
    "path": ["order"],
    "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_orders` access scope."},
}


def event_metadata(topic: str, action: str, **changes: Any) -> Json:
    """The metadata of Events: small letters, no x-."""
    base = {
        "content-type": "application/json",
        "shopify-topic": topic,
        "shopify-action": action,
        "shopify-handle": "yoin-orders",
        "shopify-shop-domain": "aoba.myshopify.com",
        "shopify-webhook-id": "9d0c1a52-7f0e-4f0a-9a45-0f6a1d1c0001",
        "shopify-event-id": "9d0c1a52-7f0e-4f0a-9a45-0f6a1d1c0002",
        "shopify-triggered-at": "2026-04-12T01:00:06.123456789Z",
        "shopify-api-version": "unstable",
    }
    return {**base, **changes}


def event(topic: str, action: str, data: Json | None, **changes: Any) -> Json:
    """A delivery of Events over EventBridge."""
    number = s.ORDER_ID if topic == "Order" else s.CUSTOMER_ID
    payload = {
        "topic": topic,
        "action": action,
        "handle": "yoin-orders",
        "data": copy.deepcopy(data),
        "fields_changed": [f"{topic.lower()}[{s.gid(topic, number)}].tags"],
        "query_variables": {f"{topic.lower()}Id": s.gid(topic, number)},
        **changes,
    }
    envelope = s.envelope("", payload)
    envelope["detail"]["metadata"] = event_metadata(topic, action)
    return envelope


CUSTOMER: Json = s.customer(
    created_at="2026-04-01T09:00:00+09:00",
    updated_at="2026-04-11T09:00:00+09:00",
    email_marketing_consent={
        "state": "unsubscribed",
        "opt_in_level": "single_opt_in",
        "consent_updated_at": "2026-04-10T09:00:00+09:00",
    },
    sms_marketing_consent={
        "state": "subscribed",
        "opt_in_level": "single_opt_in",
        "consent_updated_at": None,
    },
)
DATA_REQUEST: Json = {
    "shop_id": 954889,
    "shop_domain": "aoba.myshopify.com",
    "orders_requested": [int(s.ORDER_ID), 280263],
    "customer": {"id": int(s.CUSTOMER_ID), "email": "hanako@example.com", "phone": "090-0000"},
    "data_request": {"id": 9999},
}
REDACT: Json = {
    "shop_id": 954889,
    "shop_domain": "aoba.myshopify.com",
    "customer": {"id": int(s.CUSTOMER_ID), "email": "hanako@example.com", "phone": None},
    "orders_to_redact": [int(s.ORDER_ID)],
}
SHOP_REDACT: Json = {"shop_id": 954889, "shop_domain": "aoba.myshopify.com"}
ITEM_ID = "9182736455463760077"
INVENTORY: Json = {
    "inventory_item_id": s.rounded(ITEM_ID),
    "location_id": 24826418,
    "available": 6,
    "updated_at": "2026-04-11T09:00:00+09:00",
    "admin_graphql_api_id": f"gid://shopify/InventoryLevel/24826418?inventory_item_id={ITEM_ID}",
}

SAMPLES: dict[str, Any] = {
    "order created": s.envelope("orders/create", s.order()),
    "order updated, with a parcel and a refund": s.envelope(
        "orders/updated", s.order(fulfillments=[s.fulfillment()], refunds=[s.refund()])
    ),
    "fulfilment": s.record("fulfillments/create", s.fulfillment()),
    "carrier event": s.record("fulfillment_events/create", s.fulfillment_event()),
    "refund": s.record("refunds/create", s.refund()),
    "return": s.record("returns/approve", s.return_()),
    "Events: order": event("Order", "update", {"order": GRAPHQL_ORDER}),
    "Events: order without data": event("Order", "update", {"order": None}, errors=[DENIED]),
    "Events: customer": event("Customer", "update", {"customer": GRAPHQL_CUSTOMER}),
    "customer": s.record("customers/update", CUSTOMER),
    "data request": s.record("customers/data_request", DATA_REQUEST),
    "redact": s.record("customers/redact", REDACT),
    "shop redact": s.record("shop/redact", SHOP_REDACT),
    "stock": s.record("inventory_levels/update", INVENTORY),
}
