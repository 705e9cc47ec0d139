"""Saleor: payloads written by us: the subscription that Yoin expects, and the static form."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

ORDER_ID = "T3JkZXI6MDAwMDAwMDEtYWFhYS00YmJiLThjY2MtMDAwMDAwMDAwMDAx"
LINE_1 = "T3JkZXJMaW5lOjAwMDAwMDAxLWFhYWEtNGJiYi04Y2NjLTAwMDAwMDAwMDAwMQ=="
LINE_2 = "T3JkZXJMaW5lOjAwMDAwMDAyLWFhYWEtNGJiYi04Y2NjLTAwMDAwMDAwMDAwMg=="
PARCEL = "RnVsZmlsbG1lbnQ6NDI="
DOMAIN = "aoba.saleor.example.com"
CREATED = "2026-04-01T00:00:00.123456+00:00"
UPDATED = "2026-04-02T03:04:05.678901+00:00"
ISSUED = "2026-04-02T03:04:06.000000+00:00"


def money(amount: float) -> Json:
    return {"amount": amount, "currency": "JPY"}


def gross(amount: float) -> Json:
    return {"gross": money(amount)}


HOME: Json = {
    "firstName": "花子",
    "lastName": "山田",
    "companyName": "",
    "streetAddress1": "神宮前1-2-3",
    "streetAddress2": "青葉ハイツ405",
    "city": "渋谷区",
    "cityArea": "",
    "postalCode": "150-0001",
    "country": {"code": "JP"},
    "countryArea": "東京都",
    "phone": "+819012345678",
}


def line(line_id: str = LINE_1, sku: str = "SENCHA-100", **changes: Any) -> Json:
    return {
        "id": line_id,
        "productName": "深蒸し煎茶",
        "variantName": "100g",
        "productSku": sku,
        "quantity": 2,
        "isShippingRequired": True,
        "unitPrice": gross(1200.0),
        "thumbnail": {"url": "https://cdn.example.com/sencha.jpg"},
        "variant": {"product": {"id": "UHJvZHVjdDo3Mg=="}},
    } | changes


def parcel(**changes: Any) -> Json:
    return {
        "id": PARCEL,
        "status": "FULFILLED",
        "created": "2026-04-02T01:00:00+00:00",
        "trackingNumber": "1234-5678-9012",
        "totalRefundedAmount": None,
        "lines": [{"quantity": 1, "orderLine": {"id": LINE_1, "productSku": "SENCHA-100"}}],
    } | changes


def order(**changes: Any) -> Json:
    return {
        "id": ORDER_ID,
        "number": "1001",
        "created": CREATED,
        "updatedAt": UPDATED,
        "status": "UNFULFILLED",
        "origin": "CHECKOUT",
        "userEmail": "hanako@example.com",
        "languageCodeEnum": "JA",
        "isPaid": False,
        "paymentStatus": "NOT_CHARGED",
        "chargeStatus": "NONE",
        "authorizeStatus": "NONE",
        "user": {"id": "VXNlcjo2OA==", "email": "hanako@example.com"},
        "shippingAddress": HOME,
        "billingAddress": {**HOME, "firstName": "太郎", "phone": ""},
        "total": gross(4100.0),
        "subtotal": gross(3600.0),
        "shippingPrice": gross(500.0),
        "totalRefunded": money(0.0),
        "metadata": [{"key": "配送希望日", "value": "2026-04-10"}],
        "lines": [line(), line(LINE_2, "HOJICHA-80", quantity=1)],
        "fulfillments": [],
    } | changes


def webhook(event: str, body: Any) -> Json:
    return {
        "headers": {
            "Saleor-Event": event,
            "Saleor-Domain": DOMAIN,
            "Saleor-Api-Url": f"https://{DOMAIN}/graphql/",
            "Saleor-Signature": "e30..x",
        },
        "body": body,
    }


def subscribed(event: str, **fields: Any) -> Json:
    name = "".join(part.title() for part in event.split("_"))
    body = {"__typename": name, "issuedAt": ISSUED, "order": order(), **fields}
    return webhook(event, body)


STATIC_LINES: list[Json] = [
    {
        "type": "OrderLine",
        "id": LINE_1,
        "product_name": "Sencha",
        "variant_name": "100g",
        "product_sku": "SENCHA-100",
        "quantity": 2,
        "currency": "USD",
        "unit_price_gross_amount": "12.50",
    }
]
STATIC: Json = {
    "type": "Order",
    "id": ORDER_ID,
    "created": "2026-04-01 00:00:00.123456+00:00",
    "status": "partially fulfilled",
    "user_email": "",
    "channel": {"type": "Channel", "id": "Q2hhbm5lbDox", "slug": "us", "currency_code": "USD"},
    "total_gross_amount": "30.00",
    "shipping_price_gross_amount": "5.00",
    "payments": [{"charge_status": "fully-charged", "gateway": "mirumee.payments.dummy"}],
    "shipping_address": {"first_name": "Mara", "last_name": "Ellison", "country": "US"},
    "lines": STATIC_LINES,
    "number": "1002",
    "fulfillments": [
        {
            "type": "Fulfillment",
            "id": PARCEL,
            "status": "fulfilled",
            "created": "2026-04-02T01:00:00Z",
            "tracking_number": "https://carrier.example.com/track?tracknum=1Z999AA10123456784",
            "lines": [{"id": "x", "quantity": 1, "product_sku": "SENCHA-100"}],
        }
    ],
    "meta": {"issued_at": "2026-04-02T03:04:06+00:00", "version": "3.20.0"},
}

SAMPLES: dict[str, Any] = {
    "created": subscribed("order_created"),
    "confirmed": subscribed("order_confirmed", order=order(authorizeStatus="FULL")),
    "confirmed_unpaid": subscribed("order_confirmed"),
    "fully_paid": subscribed("order_fully_paid", order=order(chargeStatus="FULL", isPaid=True)),
    "paid_in_part": subscribed("order_paid", order=order(chargeStatus="PARTIAL")),
    "updated": subscribed("order_updated"),
    "cancelled": subscribed("order_cancelled", order=order(status="CANCELED")),
    "expired": subscribed("order_expired", order=order(status="EXPIRED")),
    "fulfilled": subscribed("order_fulfilled", order=order(fulfillments=[parcel()])),
    "parcel": subscribed(
        "fulfillment_created", order=order(fulfillments=[parcel()]), fulfillment=parcel()
    ),
    "parcel_only": subscribed(
        "fulfillment_created", order={"id": ORDER_ID}, fulfillment=parcel(trackingNumber="")
    ),
    "parcel_waits": subscribed(
        "fulfillment_created",
        order={"id": ORDER_ID},
        fulfillment=parcel(status="WAITING_FOR_APPROVAL"),
    ),
    "parcel_cancelled": subscribed(
        "fulfillment_canceled", order={"id": ORDER_ID}, fulfillment=parcel(status="CANCELED")
    ),
    "number_updated": subscribed(
        "fulfillment_tracking_number_updated",
        order={"id": ORDER_ID},
        fulfillment=parcel(trackingNumber="999"),
    ),
    "returned": subscribed(
        "order_updated",
        order=order(
            fulfillments=[parcel(status="REFUNDED_AND_RETURNED", totalRefundedAmount=money(1200.0))]
        ),
    ),
    "refunded": subscribed("order_refunded", order=order(totalRefunded=money(1200.0))),
    "fully_refunded": subscribed("order_fully_refunded", order=order(totalRefunded=money(4100.0))),
    "imported": webhook("order_bulk_created", {"issuedAt": ISSUED, "orders": [order(), order()]}),
    "static": webhook("order_updated", [STATIC]),
    "static_fulfillment": webhook(
        "fulfillment_created",
        [
            {
                "type": "Fulfillment",
                "id": PARCEL,
                "status": "fulfilled",
                "tracking_code": "999",
                "lines": [{"quantity": 1, "product_sku": "SENCHA-100"}],
                "order": {**STATIC, "fulfillments": []},
            }
        ],
    ),
    "filtered": {"headers": {}, "body": {"data": {"orderCreated": {"order": order()}}}},
    "notified": {
        "headers": {},
        "body": {
            "notify_event": "order_refund_confirmation",
            "payload": {
                "order": {k: v for k, v in STATIC.items() if k != "fulfillments"},
                "amount": "30.00",
                "currency": "USD",
                "domain": DOMAIN,
            },
        },
    },
    "order_alone": order(),
    "draft": subscribed("order_updated", order=order(status="DRAFT")),
    "metadata": subscribed("order_metadata_updated"),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "customer_account_confirmation__docs": ("UNKNOWN_TOPIC", "account"),
    "invoice_sent__docs": ("UNKNOWN_TOPIC", "invoice"),
    "order_confirmed__docs": ["OrderChanged", "OrderConfirmed"],
    "order_created__docs": ["OrderPlaced"],
    "order_fulfilled__docs": ["OrderChanged", "ShipmentDispatched"],
    "payment_confirmed__docs": ["OrderChanged", "PaymentUpdated"],
}
PUBLISHED_TOPICS: dict[str, str] = {}
