"""LOGILESS resources as its API answers them, written by us to the documented fields."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]


def line(id_: int = 8837, status: str = "WaitingForAllocation", **changes: Any) -> Json:
    base: Json = {
        "id": id_,
        "status": status,
        "article_code": "SENCHA-100",
        "article_name": "深蒸し煎茶 100g",
        "article_option": None,
        "price": 1296,
        "quantity": 2,
        "is_parent": 0,
        "is_child": 0,
        "is_partial_cancel": 0,
        "updated_at": "2026-04-10 12:15:02",
    }
    return {**base, **changes}


def outbound(id_: int = 1090, status: str = "WaitingForShipment", **changes: Any) -> Json:
    base: Json = {
        "id": id_,
        "code": "2300000010909",
        "document_status": "WaitingForShipment",
        "delivery_status": status,
        "shipper_name_1": "青葉茶舗",
        "recipient_name_1": "佐藤 太郎",
        "delivery_method": "yamato",
        "delivery_tracking_numbers": [],
        "gift": False,
        "updated_at": "2026-04-12 10:00:00",
        "finished_at": None,
        "lines": [line()],
        "warehouse": 6,
        "store": 7,
    }
    return {**base, **changes}


def order(status: str = "WaitingForAllocation", **changes: Any) -> Json:
    base: Json = {
        "id": "7621",
        "code": "A-1001",
        "document_status": status,
        "allocation_status": "WaitingForAllocation",
        "delivery_status": "WaitingForShipment",
        "incoming_payment_status": "NotPaid",
        "authorization_status": "Authorized",
        "customer_code": "C-5",
        "buyer_name1": "山田 花子",
        "buyer_country": "JP",
        "buyer_phone": "09012345678",
        "buyer_email": "hanako@example.com",
        "recipient_name1": "佐藤 太郎",
        "recipient_country": "JP",
        "recipient_post_code": "5400001",
        "recipient_prefecture": "大阪府",
        "recipient_address1": "大阪市中央区",
        "recipient_address2": "城見1-2-3",
        "recipient_address3": "青葉ビル5F",
        "recipient_phone": "0611112222",
        "subtotal": 2592,
        "delivery_fee": 500,
        "total": 3092,
        "payment_method": "credit_card_payment",
        "delivery_method": "yamato",
        "delivery_preferred_date": "2026-04-16",
        "delivery_preferred_time_zone": "14時-16時",
        "gift": 1,
        "wrapping": None,
        "noshi": None,
        "subscription_id": None,
        "payment_due_date": None,
        "tags": ["新規"],
        "ordered_at": "2026-04-10 12:15:00",
        "created_at": "2026-04-10 12:15:01",
        "updated_at": "2026-04-10 12:15:02",
        "lines": [line()],
        "outbound_deliveries": [outbound()],
        "store": {"id": 7, "name": "本店"},
    }
    return copy.deepcopy({**base, **changes})


SHIPPED: Json = order(
    "Shipped",
    allocation_status="Allocated",
    delivery_status="Shipped",
    incoming_payment_status="Paid",
    updated_at="2026-04-12 10:00:05",
    lines=[line(status="Shipped")],
    outbound_deliveries=[
        outbound(
            status="Shipped",
            delivery_tracking_numbers=["1234-5678-9012", "123456789023"],
            finished_at="2026-04-12 10:00:00",
            lines=[line(status="Shipped")],
        )
    ],
)
COMBINED: Json = outbound(
    status="Shipped",
    delivery_tracking_numbers=["123456789012"],
    is_combined=True,
    sales_order={"id": 7621, "code": "A-1001"},
    lines=[
        line(8837, origin={"id": 7621, "code": "A-1001"}),
        line(8840, origin={"id": 7622, "code": "A-1002"}, quantity=1),
    ],
)
INVENTORY: Json = {
    "id": 32509,
    "layer": "Article",
    "allocated": 0,
    "free": 13,
    "updated_at": "2026-04-10 12:15:00",
    "article_id": 113,
    "article": {"id": 113, "code": "SENCHA-100"},
    "warehouse": {"id": 12, "name": "外部倉庫"},
}


def answer(*resources: Json) -> Json:
    """What the API answers to a question for a list."""
    return {"data": list(resources), "current_page": 1, "limit": 20, "total_count": len(resources)}


def record(body: Any) -> Json:
    return {"headers": {"content-type": "application/json"}, "body": body}


SAMPLES: dict[str, Any] = {
    "answer of two orders": record(answer(order(), SHIPPED)),
    "partly shipped": record(
        order(
            "WaitingForShipment",
            delivery_status="PartlyShipped",
            outbound_deliveries=[
                outbound(status="Shipped", delivery_tracking_numbers=["123456789012"]),
                outbound(1091, delivery_tracking_numbers=["123456789023"]),
            ],
        )
    ),
    "cancelled": record(order("Cancel")),
    "a line cancelled": record(order(lines=[line(), line(8838, "Cancel", quantity=1)])),
    "two orders in one parcel": record(answer(COMBINED)),
    "stock": record(answer(INVENTORY)),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "sales_order__unofficial_docs": ["OrderPlaced", "OrderChanged"],
}
PUBLISHED_TOPICS: dict[str, str] = {}
