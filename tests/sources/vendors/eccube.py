"""EC-CUBE 4: thin webhooks, and the GraphQL answers that are fetched for them.

Written by us to the schema of the Web API plugin (github.com/EC-CUBE/eccube-api4). The topics of
what was fetched are ``order``, ``product`` and ``customer``.
"""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

HEADERS: Json = {
    "Content-Type": "application/json",
    "X-ECCUBE-URL": "https://shop.aoba.example/",
    "X-ECCUBE-Signature": "00ff",
}


def thin(*events: tuple[str, int, str]) -> Json:
    """A webhook with events (entity, id, action)."""
    body = [{"entity": entity, "id": id_, "action": action} for entity, id_, action in events]
    return {"headers": dict(HEADERS), "body": body}


STATUSES = {
    1: "新規受付", 3: "注文取消し", 4: "対応中", 5: "発送済み", 6: "入金済み", 7: "決済処理中",
    8: "購入処理中", 9: "返品",
}  # fmt: skip

PERSON: Json = {
    "name01": "山田",
    "name02": "花子",
    "company_name": None,
    "phone_number": "09012345678",
}


def item(id_: int, kind: int = 1, shipping: int | None = 31, **changes: Any) -> Json:
    base: Json = {
        "id": str(id_),
        "product_name": "深蒸し煎茶",
        "product_code": "SENCHA-100",
        "class_category_name1": "100g",
        "class_category_name2": None,
        "price": 1200,
        "tax": 96,
        "quantity": 2,
        "OrderItemType": {"id": str(kind)},
        "TaxDisplayType": {"id": "1" if kind == 1 else "2"},
        "Product": {"id": "7"} if kind == 1 else None,
        "Shipping": {"id": str(shipping)} if shipping else None,
    }
    return {**base, **changes}


def shipping(id_: int = 31, **changes: Any) -> Json:
    base: Json = {
        "id": str(id_),
        **PERSON,
        "name01": "佐藤",
        "name02": "太郎",
        "postal_code": "5400001",
        "addr01": "大阪市中央区城見",
        "addr02": "1-2-3",
        "Country": None,
        "Pref": {"name": "大阪府"},
        "tracking_number": None,
        "shipping_date": None,
        "shipping_delivery_date": "2026-04-16T00:00:00+09:00",
        "shipping_delivery_time": "午前中",
        "shipping_delivery_name": "ヤマト運輸",
        "update_date": "2026-04-10T12:15:00+09:00",
        "Delivery": {"name": "ヤマト運輸"},
    }
    return {**base, **changes}


def order(status: int = 1, **changes: Any) -> Json:
    base: Json = {
        "id": "2",
        "order_no": "2",
        "order_date": "2026-04-10T12:15:00+09:00",
        "payment_date": None,
        "create_date": "2026-04-10T12:10:00+09:00",
        "update_date": "2026-04-10T12:15:02+09:00",
        "currency_code": "JPY",
        "subtotal": 2592,
        "delivery_fee_total": 1000,
        "total": 3592,
        "payment_total": 3592,
        "payment_method": "銀行振込",
        "name01": "山田",
        "name02": "花子",
        "email": "hanako@example.com",
        "phone_number": "09012345678",
        "OrderStatus": {"id": str(status), "name": STATUSES.get(status, "梱包中")},
        "Customer": {"id": "5", "email": "hanako@example.com", **PERSON},
        "Payment": {"method": "銀行振込"},
        "OrderItems": [
            item(11),
            item(12, kind=2, product_name="送料", product_code=None, price=1000, quantity=1),
            item(13, kind=3, shipping=None, product_name="手数料", price=0, quantity=1),
        ],
        "Shippings": [shipping()],
    }
    return copy.deepcopy({**base, **changes})


def fetched(kind: str, thing: Json | None) -> Json:
    """What the API answers."""
    return {"data": {kind: thing}}


SHIPPED: Json = order(
    5,
    update_date="2026-04-12T10:00:00+09:00",
    payment_date="2026-04-11T09:00:00+09:00",
    Shippings=[
        shipping(
            tracking_number="1234-5678-9012",
            shipping_date="2026-04-12T10:00:00+09:00",
            update_date="2026-04-12T10:00:00+09:00",
        )
    ],
)
TWO_PLACES: Json = order(
    4,
    OrderItems=[item(11), item(14, shipping=32, product_code="HOUJI-50", quantity=1)],
    Shippings=[
        shipping(shipping_date="2026-04-12T10:00:00+09:00", tracking_number="123456789012"),
        shipping(32, tracking_number="123456789023"),
    ],
)
PRODUCT: Json = {
    "id": "7",
    "update_date": "2026-04-10T12:00:00+09:00",
    "ProductClasses": [
        {"id": "70", "code": None, "stock": 5, "stock_unlimited": False, "visible": False},
        {"id": "71", "code": "SENCHA-100", "stock": 3, "stock_unlimited": False, "visible": True},
        {"id": "72", "code": "HOUJI-50", "stock": None, "stock_unlimited": True, "visible": True},
    ],
}
CUSTOMER: Json = {
    "id": "5",
    **PERSON,
    "email": "hanako@example.com",
    "update_date": "2026-04-10T12:00:00+09:00",
    "Status": {"id": "2"},
}


def record(kind: str, thing: Json | None) -> Json:
    """What was fetched, as a record."""
    return {"headers": dict(HEADERS), "body": fetched(kind, thing)}


SAMPLES: dict[str, Any] = {
    "several thin events": thin(
        ("order", 2, "created"), ("product", 7, "updated"), ("customer", 5, "updated")
    ),
    "order": record("order", order()),
    "order, paid and shipped": record("order", SHIPPED),
    "order to two places": record("order", TWO_PLACES),
    "order, cancelled": record("order", order(3)),
    "order, returned": record("order", order(9)),
    "checkout that is not finished": record("order", order(8, order_date=None)),
    "product": record("product", PRODUCT),
    "customer": record("customer", CUSTOMER),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "product_updated__sdk_test": ("INCOMPLETE", "fetched"),
}
PUBLISHED_TOPICS: dict[str, str] = {}
