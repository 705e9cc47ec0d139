"""Adobe Commerce events written by us to the documented wrapper and Magento's models."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

PREFIX = "com.adobe.commerce."
ORDER_SAVED = "observer.sales_order_save_commit_after"

ORDER: Json = {
    "entity_id": "77",
    "increment_id": "000000077",
    "state": "processing",
    "status": "processing",
    "created_at": "2026-04-20 14:40:05",
    "updated_at": "2026-04-21 00:10:00",
    "order_currency_code": "JPY",
    "grand_total": "23600.0000",
    "subtotal_incl_tax": "23000.0000",
    "shipping_incl_tax": "600.0000",
    "total_paid": "23600.0000",
    "customer_id": "12",
    "customer_is_guest": "0",
    "customer_email": "hanako@example.com",
    "customer_firstname": "花子",
    "customer_lastname": "山田",
    "is_virtual": "0",
    "payment": {"method": "banktransfer"},
    "delivery_date": "2026-04-25",
    "items": [
        {
            "item_id": "301",
            "product_id": "55",
            "sku": "SEN-100",
            "name": "煎茶",
            "product_type": "configurable",
            "qty_ordered": "2.0000",
            "qty_canceled": "0.0000",
            "qty_shipped": "0.0000",
            "price_incl_tax": "10000.0000",
        },
        {
            "item_id": "302",
            "parent_item_id": "301",
            "sku": "SEN-100",
            "name": "煎茶 100g",
            "qty_ordered": "2.0000",
        },
        {
            "item_id": "303",
            "product_id": "56",
            "sku": "KYU",
            "name": "急須",
            "qty_ordered": "2.0000",
            "qty_canceled": "1.0000",
            "price_incl_tax": "1500.0000",
        },
    ],
    "addresses": [
        {
            "address_type": "billing",
            "firstname": "花子",
            "lastname": "山田",
            "telephone": "090-1234-5678",
            "country_id": "JP",
        },
        {
            "address_type": "shipping",
            "firstname": "次郎",
            "lastname": "佐藤",
            "street": "中央1-1\n青葉ビル2F",
            "city": "仙台市青葉区",
            "region": "宮城県",
            "postcode": "980-0021",
            "country_id": "JP",
            "telephone": "",
        },
    ],
}

SHIPMENT: Json = {
    "entity_id": "9",
    "increment_id": "000000009",
    "order_id": "77",
    "created_at": "2026-04-21 00:05:00",
    "updated_at": "2026-04-21 00:05:00",
    "total_qty": "2.0000",
    "items": {"1": {"order_item_id": "301", "qty": "2.0000", "sku": "SEN-100"}},
    "tracks": [{"track_number": "1234-5678-9012", "carrier_code": "custom", "title": "ヤマト運輸"}],
}
TRACK: Json = {
    "entity_id": "4",
    "parent_id": "9",
    "order_id": "77",
    "track_number": 123456789012,
    "carrier_code": "custom",
    "title": "ヤマト運輸",
    "created_at": "2026-04-21 00:06:00",
}
MEMO: Json = {
    "entity_id": "5",
    "order_id": "77",
    "state": "2",
    "order_currency_code": "JPY",
    "grand_total": "11500.0000",
    "adjustment": "0.0000",
    "created_at": "2026-04-23 01:00:00",
    "items": [
        {"order_item_id": "301", "qty": "1.0000", "sku": "SEN-100", "back_to_stock": True},
        {"order_item_id": "303", "qty": "1.0000", "sku": "KYU"},
    ],
}
INVOICE: Json = {
    "entity_id": "6",
    "order_id": "77",
    "state": "2",
    "order_currency_code": "JPY",
    "grand_total": "23600.0000",
    "created_at": "2026-04-20 15:00:00",
}
CUSTOMER: Json = {
    "entity_id": "12",
    "email": "hanako@example.com",
    "firstname": "花子",
    "lastname": "山田",
    "group_id": "1",
    "updated_at": "2026-04-20 14:00:00",
}
SUBSCRIBER: Json = {
    "subscriber_id": "3",
    "subscriber_email": "hanako@example.com",
    "subscriber_status": "3",
    "customer_id": "0",
    "change_status_at": "2026-04-20 14:00:00",
}
RETURN: Json = {
    "entity_id": "8",
    "order_id": "77",
    "status": "authorized",
    "date_requested": "2026-04-24 00:00:00",
    "items": [{"order_item_id": "301", "qty_requested": "1.0000"}],
}
STOCK: Json = {"item_id": "1", "product_id": "55", "stock_id": "1", "qty": "333", "manage_stock": 1}


def order(**changes: Any) -> Json:
    return {**copy.deepcopy(ORDER), **changes}


def data(value: Json) -> Json:
    return {"key": "k", "source": "Aoba.Stage", "value": value, "_metadata": {"storeId": "1"}}


def cloud_event(code: str, value: Json) -> Json:
    return {
        "specversion": "1.0",
        "id": "c5f41e0e-aaaa-4f4d-8a83-000000000001",
        "source": "urn:uuid:8dc56ec7-dae2-43cf-bacf-000000000001",
        "type": f"{PREFIX}{code}",
        "time": "2026-04-24T02:00:00Z",
        "datacontenttype": "application/json",
        "data": data(value),
    }


def webhook(code: str, value: Json) -> Json:
    headers = {"x-adobe-event-code": f"{PREFIX}{code}", "x-adobe-event-id": "e-1"}
    return {"headers": headers, "body": {"event_id": "e-1", "event": {"data": data(value)}}}


def envelope(code: str, value: Json) -> Json:
    return {
        "id": "b1",
        "detail-type": f"Aoba Commerce Events:{PREFIX}{code}",
        "source": "aws.partner/developer.adobe.com/8dc56ec7-dae2-43cf-bacf-000000000001",
        "time": "2026-04-24T02:00:00Z",
        "detail": data(value),
    }


SAMPLES: dict[str, Any] = {
    "order by eventbridge": envelope(ORDER_SAVED, ORDER),
    "order by webhook": webhook(ORDER_SAVED, ORDER),
    "order as a cloud event": cloud_event(ORDER_SAVED, ORDER),
    "bare order": order(),
    "shipment": webhook("observer.sales_order_shipment_save_after", SHIPMENT),
    "track": webhook("observer.sales_order_shipment_track_save_after", TRACK),
    "credit memo": webhook("observer.sales_order_creditmemo_save_after", MEMO),
    "invoice": webhook("observer.sales_order_invoice_save_after", INVOICE),
    "customer": webhook("observer.customer_save_commit_after", CUSTOMER),
    "subscriber": webhook("observer.newsletter_subscriber_save_commit_after", SUBSCRIBER),
    "return": webhook("observer.rma_save_commit_after", RETURN),
    "stock": envelope("observer.cataloginventory_stock_item_save_commit_after", STOCK),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "io_event_sample__docs": ("UNKNOWN_TOPIC", "products"),
}
