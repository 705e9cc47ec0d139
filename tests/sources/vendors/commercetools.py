"""commercetools: messages written by us to its API reference. A Japanese project, order in yen."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

PROJECT = "aoba-store"
ORDER_ID = "0f6b9a52-3d1e-4c0f-9a77-2f8a1f4e6c01"
LINE_1 = "11111111-aaaa-4bbb-8ccc-000000000001"
LINE_2 = "11111111-aaaa-4bbb-8ccc-000000000002"
DELIVERY = "22222222-aaaa-4bbb-8ccc-000000000001"
PARCEL = "33333333-aaaa-4bbb-8ccc-000000000001"
RETURN_ITEM = "44444444-aaaa-4bbb-8ccc-000000000001"
AT = "2026-04-02T03:04:05.678Z"


def yen(amount: int) -> Json:
    return {
        "type": "centPrecision",
        "currencyCode": "JPY",
        "centAmount": amount,
        "fractionDigits": 0,
    }


def line(line_id: str = LINE_1, **changes: Any) -> Json:
    return {
        "id": line_id,
        "productId": "55555555-aaaa-4bbb-8ccc-000000000001",
        "name": {"en": "Deep-steamed sencha", "ja": "深蒸し煎茶"},
        "variant": {
            "id": 1,
            "sku": "SENCHA-100",
            "images": [{"url": "https://cdn.example.com/sencha.jpg"}],
        },
        "price": {"id": "p1", "value": yen(1200)},
        "quantity": 2,
        "totalPrice": yen(2400),
        "lineItemMode": "Standard",
    } | changes


ADDRESS: Json = {
    "firstName": "花子",
    "lastName": "山田",
    "streetName": "神宮前",
    "streetNumber": "1-2-3",
    "building": "青葉ハイツ405",
    "postalCode": "150-0001",
    "city": "渋谷区",
    "region": "東京都",
    "country": "JP",
    "phone": "090-1234-5678",
}
TRACKING: Json = {"trackingId": "1234-5678-9012", "carrier": "ヤマト運輸", "isReturn": False}


def parcel(parcel_id: str = PARCEL, **changes: Any) -> Json:
    base: Json = {"id": parcel_id, "createdAt": AT, "trackingData": TRACKING, "items": []}
    return base | changes


def delivery(**changes: Any) -> Json:
    base: Json = {
        "id": DELIVERY,
        "createdAt": AT,
        "items": [{"id": LINE_1, "quantity": 2}],
        "parcels": [],
    }
    return base | changes


def order(**changes: Any) -> Json:
    base: Json = {
        "id": ORDER_ID,
        "version": 1,
        "createdAt": "2026-04-01T00:00:00.000Z",
        "lastModifiedAt": "2026-04-01T00:00:00.000Z",
        "orderNumber": "A-1001",
        "customerId": "66666666-aaaa-4bbb-8ccc-000000000001",
        "customerEmail": "hanako@example.com",
        "locale": "ja-JP",
        "country": "JP",
        "lineItems": [line(), line(LINE_2, quantity=1, variant={"id": 1, "sku": "HOJICHA-80"})],
        "customLineItems": [
            {
                "id": "77777777-aaaa-4bbb-8ccc-000000000001",
                "name": {"ja": "ギフト包装"},
                "money": yen(300),
                "quantity": 1,
                "slug": "wrapping",
            }
        ],
        "totalPrice": yen(3900),
        "taxedPrice": {"totalNet": yen(3900), "totalGross": yen(4212)},
        "shippingMode": "Single",
        "shippingInfo": {"shippingMethodName": "宅急便", "price": yen(500)},
        "shippingAddress": ADDRESS,
        "billingAddress": {**ADDRESS, "firstName": "太郎", "phone": "03-1234-5678"},
        "inventoryMode": "ReserveOnOrder",
        "orderState": "Open",
        "paymentState": "Pending",
        "shipping": [],
        "syncInfo": [],
        "origin": "Customer",
        "refusedGifts": [],
    }
    return copy.deepcopy(base) | changes


def message(kind: str, sequence: int = 2, **fields: Any) -> Json:
    return {
        "notificationType": "Message",
        "projectKey": PROJECT,
        "id": f"88888888-aaaa-4bbb-8ccc-{sequence:012d}",
        "version": 1,
        "sequenceNumber": sequence,
        "resource": {"typeId": "order", "id": ORDER_ID},
        "resourceVersion": sequence,
        "resourceUserProvidedIdentifiers": {"orderNumber": "A-1001"},
        "type": kind,
        "createdAt": AT,
        "lastModifiedAt": AT,
        **fields,
    }


def envelope(kind: str, sequence: int = 2, **fields: Any) -> Json:
    return {
        "version": "0",
        "id": "99999999-aaaa-4bbb-8ccc-000000000001",
        "detail-type": kind,
        "source": f"aws.partner/commercetools.com/{PROJECT}/yoin",
        "account": "111122223333",
        "time": "2026-04-02T03:04:06Z",
        "region": "ap-northeast-1",
        "resources": [],
        "detail": message(kind, sequence, **fields),
    }


def change(kind: str, resource: str = "order") -> Json:
    return {
        "notificationType": kind,
        "projectKey": PROJECT,
        "resource": {"typeId": resource, "id": ORDER_ID},
        "version": 3,
        "modifiedAt": AT,
    }


def cloud_event(kind: str, **fields: Any) -> Json:
    return {
        "specversion": "1.0",
        "id": "88888888-aaaa-4bbb-8ccc-000000000002",
        "type": f"com.commercetools.order.message.{kind}",
        "source": f"/{PROJECT}/orders",
        "subject": ORDER_ID,
        "time": AT,
        "sequence": "2",
        "sequencetype": "Integer",
        "data": message(kind, **fields),
    }


def returned(**changes: Any) -> Json:
    item: Json = {
        "id": RETURN_ITEM,
        "type": "LineItemReturnItem",
        "lineItemId": LINE_1,
        "quantity": 1,
        "shipmentState": "Advised",
        "paymentState": "NonRefundable",
        "createdAt": AT,
        "lastModifiedAt": AT,
    }
    return {"items": [item | changes], "returnTrackingId": "R-1"}


TOO_LARGE: Json = {"reason": "Payload too large.", "payloadType": "DeliveryAdded"}

SAMPLES: dict[str, Any] = {
    "created": envelope("OrderCreated", 1, order=order()),
    "imported": envelope("OrderImported", 1, order=order(completedAt="2020-01-05T10:00:00Z")),
    "confirmed": envelope("OrderStateChanged", orderState="Confirmed", oldOrderState="Open"),
    "cancelled": envelope("OrderStateChanged", orderState="Cancelled", oldOrderState="Open"),
    "complete": envelope("OrderStateChanged", orderState="Complete", oldOrderState="Open"),
    "paid": envelope("OrderPaymentStateChanged", paymentState="Paid", oldPaymentState="Pending"),
    "on_credit": envelope("OrderPaymentStateChanged", paymentState="CreditOwed"),
    "backorder": envelope("OrderShipmentStateChanged", shipmentState="Backorder"),
    "shipped_with_order": envelope(
        "OrderShipmentStateChanged", shipmentState="Shipped", order=order(version=4)
    ),
    "delivered_with_order": envelope(
        "OrderShipmentStateChanged",
        shipmentState="Delivered",
        order=order(shippingInfo={"deliveries": [delivery(parcels=[parcel()])]}),
    ),
    "delivery_added": envelope("DeliveryAdded", 3, delivery=delivery()),
    "parcel_added": envelope(
        "ParcelAddedToDelivery", 4, delivery=delivery(parcels=[parcel()]), parcel=parcel()
    ),
    "tracking": envelope(
        "ParcelTrackingDataUpdated",
        5,
        deliveryId=DELIVERY,
        parcelId=PARCEL,
        trackingData=TRACKING,
    ),
    "return_label": envelope(
        "ParcelAddedToDelivery",
        parcel=parcel(trackingData={"trackingId": "R-2", "isReturn": True}),
        delivery=delivery(),
    ),
    "parcel_removed": envelope("ParcelRemovedFromDelivery", deliveryId=DELIVERY, parcel=parcel()),
    "delivery_removed": envelope("DeliveryRemoved", delivery=delivery(parcels=[parcel()])),
    "return_added": envelope("ReturnInfoAdded", returnInfo=returned()),
    "return_set": envelope(
        "ReturnInfoSet", returnInfo=[returned(shipmentState="Returned", paymentState="Refunded")]
    ),
    "return_back": envelope(
        "OrderReturnShipmentStateChanged",
        returnItemId=RETURN_ITEM,
        returnShipmentState="BackInStock",
    ),
    "deleted": envelope("OrderDeleted", order=order()),
    "cloud_event": cloud_event("OrderStateChanged", orderState="Cancelled"),
    "message_alone": {
        "headers": {},
        "body": message("OrderPaymentStateChanged", paymentState="Paid"),
    },
    "order_alone": order(version=7, lastModifiedAt=AT),
    "too_large": envelope("DeliveryAdded", payloadNotIncluded=TOO_LARGE),
    "email_set": envelope("OrderCustomerEmailSet", email="hanako@example.com"),
    "updated": {"headers": {}, "body": change("ResourceUpdated")},
    "workflow": envelope("LineItemStateTransition", lineItemId=LINE_1, quantity=2),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "OrderCreated__klaviyo_usd_no_lines": ["OrderPlaced"],
    "ReturnInfoSet__klaviyo": ["ReturnOpened", "OrderRefunded"],
    "cloudevents__docs_product_published": ("UNKNOWN_TOPIC", "ProductPublished"),
    "event__docs_import_container": ("UNKNOWN_TOPIC", "ImportContainerCreated"),
    "eventbridge_LineItemStateTransition__edx": ("UNKNOWN_TOPIC", "workflow"),
    "eventbridge_OrderStateChanged__edx_custom_state": ("INVALID_VALUE", "orderState"),
    "message__docs_customer_last_name": ("UNKNOWN_TOPIC", "known by their orders"),
    "order_resource__edx_usd_discounted": [
        "OrderChanged",
        "ShipmentDispatched",
        "ReturnOpened",
        "ReturnOpened",
    ],
    "order_resource__edx_without_discount": ["OrderChanged", "ShipmentDispatched"],
    "payload_not_included__docs": ("UNKNOWN_TOPIC", "ProductPublished"),
    "resource_created__docs": ("UNKNOWN_TOPIC", "no order"),
}
PUBLISHED_TOPICS: dict[str, str] = {}
