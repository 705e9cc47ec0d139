"""Square payloads written by us to its documented schemas: events, the Order, Payments."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

HEADERS = {
    "x-square-hmacsha256-signature": "bm90aGluZw==",
    "square-environment": "Production",
    "square-version": "2025-01-23",
    "square-subscription-id": "wbhk_1",
}
ORDER_ID = "CAISENgvlJ6jLWAzERDzjyHVybY"


def event(kind: str, name: str, inside: Json, id_: str = ORDER_ID) -> Json:
    return {
        "merchant_id": "5S9MXAOBA",
        "location_id": "LOC1",
        "type": kind,
        "event_id": "116038d3-aaaa-439f-8679-fc86dbf80f69",
        "created_at": "2026-04-21T01:00:00.129Z",
        "data": {"type": name, "id": id_, "object": {name: inside}},
    }


def thin(kind: str, version: int = 2) -> Json:
    name = kind.replace(".", "_")
    told = {"order_id": ORDER_ID, "location_id": "LOC1", "state": "OPEN", "version": version}
    return event(kind, name, told)


SHIPMENT: Json = {
    "uid": "ship1",
    "type": "SHIPMENT",
    "state": "COMPLETED",
    "line_item_application": "ENTRY_LIST",
    "entries": [{"uid": "e1", "line_item_uid": "line-1", "quantity": "2"}],
    "shipment_details": {
        "recipient": {
            "display_name": "Mara Ellison",
            "email_address": "mara@example.com",
            "phone_number": "+12125550147",
            "address": {
                "address_line_1": "1 Main St",
                "locality": "Portland",
                "administrative_district_level_1": "OR",
                "postal_code": "97201",
                "country": "US",
            },
        },
        "carrier": "USPS",
        "tracking_number": "9400 1000 0000 0000 0000 00",
        "tracking_url": "https://track.example.com/9400",
        "placed_at": "2026-04-20T14:40:05.000Z",
        "packaged_at": "2026-04-20T20:00:00.000Z",
        "shipped_at": "2026-04-21T00:10:00.000Z",
    },
}
PICKUP: Json = {
    "uid": "pick1",
    "type": "PICKUP",
    "state": "PREPARED",
    "pickup_details": {
        "recipient": {"display_name": "Noor Haddad", "customer_id": "OTHER"},
        "ready_at": "2026-04-20T22:00:00.000Z",
        "picked_up_at": "2026-04-21T00:30:00.000Z",
    },
}

ORDER: Json = {
    "id": ORDER_ID,
    "location_id": "LOC1",
    "reference_id": "web-88",
    "source": {"name": "Square Online"},
    "customer_id": "CUST1",
    "line_items": [
        {
            "uid": "line-1",
            "name": "Filter coffee",
            "variation_name": "250 g",
            "quantity": "2",
            "catalog_object_id": "CAT1",
            "item_type": "ITEM",
            "base_price_money": {"amount": 1500, "currency": "USD"},
        }
    ],
    "fulfillments": [SHIPMENT],
    "tenders": [
        {"id": "t1", "type": "CARD", "card_details": {"status": "CAPTURED"}, "payment_id": "p1"}
    ],
    "total_money": {"amount": 3650, "currency": "USD"},
    "net_amount_due_money": {"amount": 0, "currency": "USD"},
    "created_at": "2026-04-20T14:40:05.129Z",
    "updated_at": "2026-04-21T00:10:01.000Z",
    "state": "OPEN",
    "version": 4,
}

PAYMENT: Json = {
    "id": "pay1",
    "created_at": "2026-04-20T14:40:05.000Z",
    "updated_at": "2026-04-20T14:40:07.000Z",
    "amount_money": {"amount": 3650, "currency": "USD"},
    "total_money": {"amount": 3650, "currency": "USD"},
    "status": "COMPLETED",
    "source_type": "CARD",
    "order_id": ORDER_ID,
}
REFUND: Json = {
    "id": "pay1_ref1",
    "status": "COMPLETED",
    "amount_money": {"amount": 1500, "currency": "USD"},
    "payment_id": "pay1",
    "order_id": ORDER_ID,
    "created_at": "2026-04-22T10:00:00.000Z",
    "updated_at": "2026-04-22T10:05:00.000Z",
}
CUSTOMER: Json = {
    "id": "CUST1",
    "given_name": "Mara",
    "family_name": "Ellison",
    "email_address": "mara@example.com",
    "preferences": {"email_unsubscribed": True},
    "updated_at": "2026-04-20T14:00:00.000Z",
    "version": 3,
}
COUNTS: Json = {
    "inventory_counts": [
        {
            "catalog_object_id": "CAT1",
            "state": "IN_STOCK",
            "location_id": "LOC1",
            "quantity": "10",
            "calculated_at": "2026-04-20T14:00:00.000Z",
        },
        {"catalog_object_id": "CAT1", "state": "SOLD", "quantity": "1"},
    ]
}


def order(**changes: Any) -> Json:
    return {**copy.deepcopy(ORDER), **changes}


def fetched(kind: str, whole: Json) -> Json:
    """What the fetch function puts together for an event."""
    told = {key: value for key, value in thin(kind).items() if key != "data"}
    return {"event": told, "answer": {"order": whole}}


def record(body: Any, **headers: str) -> Json:
    return {"headers": {**HEADERS, **headers}, "body": body}


SAMPLES: dict[str, Any] = {
    "order created": record(thin("order.created", 1)),
    "order updated": record(thin("order.updated")),
    "fulfillment updated": record(thin("order.fulfillment.updated")),
    "bare order": order(),
    "answer": {"order": order(state="CANCELED", fulfillments=[PICKUP])},
    "payment": record(event("payment.updated", "payment", PAYMENT, "pay1")),
    "refund": record(event("refund.updated", "refund", REFUND, "pay1_ref1")),
    "customer": record(event("customer.updated", "customer", CUSTOMER, "CUST1")),
    "inventory": record(
        {**event("inventory.count.updated", "x", {}), "data": {"object": COUNTS, "id": "1"}}
    ),
}

# Those that can only be fetched: their facts come with the answer.
THIN = {"order created", "order updated", "fulfillment updated"}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "order_created__docs": ("INCOMPLETE", "fetched"),
    "order_updated__docs": ("INCOMPLETE", "fetched"),
}
