"""Answers of Rakuten's getOrder (楽天ペイ受注API), written by us to its fields."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

ORDER_NUMBER = "123456-20260410-0000000001"
PERSON: Json = {
    "zipCode1": "150",
    "zipCode2": "0001",
    "prefecture": "東京都",
    "city": "渋谷区",
    "subAddress": "神宮前1-2-3",
    "familyName": "山田",
    "firstName": "花子",
    "phoneNumber1": "090",
    "phoneNumber2": "1234",
    "phoneNumber3": "5678",
}
RECEIVER: Json = {
    **PERSON,
    "zipCode1": "540",
    "prefecture": "大阪府",
    "city": "大阪市中央区",
    "subAddress": "城見1-2-3",
    "familyName": "佐藤",
    "firstName": "太郎",
}


def item(id_: int = 11, **changes: Any) -> Json:
    base: Json = {
        "itemDetailId": id_,
        "itemName": "深蒸し煎茶 100g",
        "itemId": 10000007,
        "itemNumber": "SENCHA-100",
        "manageNumber": "sencha",
        "price": 1200,
        "priceTaxIncl": 1296,
        "units": 2,
        "includeTaxFlag": 0,
        "selectedChoice": None,
        "SkuModelList": [
            {"variantId": "v1", "merchantDefinedSkuId": None, "skuInfo": "内容量:100g"}
        ],
    }
    return {**base, **changes}


def package(id_: int = 9001, **changes: Any) -> Json:
    base: Json = {
        "basketId": id_,
        "postagePrice": 500,
        "noshi": None,
        "SenderModel": RECEIVER,
        "ItemModelList": [item()],
        "ShippingModelList": [],
    }
    return {**base, **changes}


def parcel(number: str | int | None = "1234-5678-9012", company: str = "1001") -> Json:
    return {
        "shippingDetailId": 1,
        "shippingNumber": number,
        "deliveryCompany": company,
        "deliveryCompanyName": None,
        "shippingDate": "2026-04-12",
    }


def order(progress: int | None = 100, **changes: Any) -> Json:
    base: Json = {
        "orderNumber": ORDER_NUMBER,
        "orderProgress": progress,
        "orderDatetime": "2026-04-10T12:15:00+0900",
        "shopOrderCfmDatetime": None,
        "orderFixDatetime": None,
        "shippingInstDatetime": None,
        "shippingCmplRptDatetime": None,
        "deliveryDate": None,
        "shippingTerm": None,
        "remarks": "",
        "giftCheckFlag": 0,
        "orderType": 1,
        "goodsPrice": 2592,
        "postagePrice": 500,
        "totalPrice": 3092,
        "requestPrice": 2992,
        "OrdererModel": {**PERSON, "emailAddress": "abc123@pc.fw.rakuten.ne.jp"},
        "SettlementModel": {
            "settlementMethodCode": 1,
            "settlementMethod": "クレジットカード",
            "rpaySettlementFlag": 1,
        },
        "PackageModelList": [package()],
        "ChangeReasonModelList": [],
        "DueDateModelList": [],
    }
    return copy.deepcopy({**base, **changes})


SHIPPED: Json = order(
    500,
    orderFixDatetime="2026-04-10T12:30:00+0900",
    shippingInstDatetime="2026-04-11T09:00:00+0900",
    shippingCmplRptDatetime="2026-04-12T10:00:00+0900",
    PackageModelList=[package(ShippingModelList=[parcel(), parcel("123456789023")])],
)
CANCELLED: Json = order(
    900,
    ChangeReasonModelList=[
        {
            "changeId": 1,
            "changeType": 2,
            "changeReasonDetail": 8,
            "changeFixDatetime": "2026-04-11T10:00:00+0900",
            "changeCmplDatetime": None,
        }
    ],
)


def answer(*orders: Json) -> Json:
    """What getOrder answers."""
    messages = [{"messageType": "INFO", "messageCode": "ORDER_EXT_API_GET_ORDER_INFO_101"}]
    return {"MessageModelList": messages, "OrderModelList": list(orders), "version": 8}


def record(body: Any) -> Json:
    return {"headers": {"content-type": "application/json"}, "body": body}


SAMPLES: dict[str, Any] = {
    "answer of two orders": record(answer(order(), SHIPPED)),
    "ready to be shipped": record(order(300, shippingTerm=1416, deliveryDate="2026-04-16")),
    "cancelled": record(CANCELLED),
    "gift to two places, paid in advance": record(
        order(
            200,
            giftCheckFlag=1,
            PackageModelList=[package(noshi="内祝"), package(9002, ItemModelList=[item(12)])],
            SettlementModel={
                "settlementMethodCode": 13,
                "settlementMethod": "セブンイレブン（前払）",
                "rpaySettlementFlag": 1,
            },
            DueDateModelList=[{"dueDateType": 0, "dueDate": "2026-04-17"}],
        )
    ),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "order_getOrder__tp_min": ["OrderPlaced", "OrderChanged"],
    "order_getOrder__tp_v8_osaka": ["OrderPlaced", "OrderChanged"],
}
PUBLISHED_TOPICS: dict[str, str] = {}
