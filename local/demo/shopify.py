"""Payloads as Shopify's webhooks carry them, and the envelope in which EventBridge delivers them.

Schema: shopify.dev/docs/api/webhooks, REST Admin API 2024-10. Amounts are text in the major
unit, times carry the offset of the shop's zone, ids are 64-bit numbers with a global id beside
them.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.demo.shops import Home, Person, Product, Shop

API_VERSION = "2024-10"
PARTNER_SOURCE = "aws.partner/shopify.com/1234567890/yoin-local"
REGION, ACCOUNT = "ap-northeast-1", "123456789012"
_NAMESPACE = uuid.UUID("6f0d1c52-3b1f-5a56-9d43-0c5a6f1f6e0d")


def stable_id(*parts: object) -> str:
    """A UUID that is the same in every run."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(str(part) for part in parts)))


def shop_time(shop: Shop, at: datetime) -> str:
    """An instant as Shopify writes it: whole seconds with the offset of the shop's zone."""
    return at.astimezone(shop.zone).isoformat(timespec="seconds")


def gid(kind: str, number: int) -> str:
    """A global id."""
    return f"gid://shopify/{kind}/{number}"


@dataclass(kw_only=True)
class LineItem:
    """A line of an order, with what became of it."""

    id: int
    product: Product
    quantity: int
    cancelled: int = 0
    fulfilled: int = 0


@dataclass(kw_only=True)
class Fulfillment:
    """A fulfilment of some lines."""

    id: int
    created_at: datetime
    lines: dict[int, int]
    carrier: str
    number: str | None
    status: str = "success"


@dataclass(kw_only=True)
class Order:
    """An order as the shop has it; ``body`` is what a webhook says of it at a moment.

    ``buyer`` None stands for an order without a customer (``customer: null``, ``email: ""``).
    """

    shop: Shop
    id: int
    number: int
    buyer: Person | None
    created_at: datetime
    processed_at: datetime
    lines: list[LineItem]
    gateway: str | None
    financial_status: str
    recipient: Person | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    accepts_marketing: bool = True
    accepts_sms: bool = False
    confirmed: bool = True
    test: bool = False
    email: str | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    payment_due_at: datetime | None = None
    currency: str | None = None

    def body(self, updated_at: datetime) -> dict[str, Any]:
        """The payload of orders/*."""
        shop, buyer = self.shop, self.buyer
        currency = self.currency or shop.currency
        subtotal = sum(line.product.price * line.quantity for line in self.lines)
        left = sum(line.product.price * (line.quantity - line.cancelled) for line in self.lines)
        total = subtotal + shop.shipping
        unpaid = self.financial_status in {"pending", "authorized"}
        to = self.recipient or buyer
        email = self.email if self.email is not None else (buyer.email if buyer else None)

        def money(name: str, minor: int) -> dict[str, Any]:
            pair = {"amount": shop.amount(minor), "currency_code": currency}
            return {
                name: shop.amount(minor),
                f"{name}_set": {"shop_money": pair, "presentment_money": dict(pair)},
            }

        return {
            "id": self.id,
            "admin_graphql_api_id": gid("Order", self.id),
            "app_id": 580111,
            "browser_ip": None,
            "buyer_accepts_marketing": self.accepts_marketing,
            "cancel_reason": self.cancel_reason,
            "cancelled_at": shop_time(shop, self.cancelled_at) if self.cancelled_at else None,
            "cart_token": None,
            "closed_at": None,
            "confirmation_number": stable_id(shop.brand, self.number)[:9].upper(),
            "confirmed": self.confirmed,
            "contact_email": email,
            "created_at": shop_time(shop, self.created_at),
            "currency": currency,
            **money("current_subtotal_price", left),
            **money("current_total_price", left + shop.shipping if left else 0),
            **money("current_total_discounts", 0),
            **money("current_total_tax", 0),
            "customer_locale": buyer.locale if buyer else None,
            "discount_codes": [],
            "email": email or "",
            "estimated_taxes": False,
            "financial_status": self.financial_status,
            "fulfillment_status": self._fulfillment_status(),
            "location_id": None,
            "name": f"#{self.number}",
            "note": None,
            "note_attributes": [
                {"name": name, "value": value} for name, value in self.attributes.items()
            ],
            "number": self.number - 1000,
            "order_number": self.number,
            "order_status_url": f"https://{shop.domain}/{self.number}/orders/"
            f"{stable_id(shop.brand, self.number, 'token').replace('-', '')}",
            "payment_gateway_names": [self.gateway] if self.gateway else [],
            "payment_terms": self._terms(),
            "phone": buyer.phone if buyer else None,
            "presentment_currency": currency,
            "processed_at": shop_time(shop, self.processed_at),
            "source_name": "web",
            **money("subtotal_price", subtotal),
            "tags": ", ".join(self.tags),
            "tax_exempt": False,
            "tax_lines": [],
            "taxes_included": shop.taxes_included,
            "test": self.test,
            "token": stable_id(shop.brand, self.number, "token").replace("-", ""),
            **money("total_discounts", 0),
            **money("total_line_items_price", subtotal),
            "total_outstanding": shop.amount(total if unpaid else 0),
            **money("total_price", total),
            "total_shipping_price_set": money("x", shop.shipping)["x_set"],
            **money("total_tax", 0),
            "total_tip_received": shop.amount(0),
            "total_weight": 0,
            "updated_at": shop_time(shop, updated_at),
            "user_id": None,
            "billing_address": address(buyer, buyer.home) if buyer else None,
            "customer": customer(self, buyer) if buyer else None,
            "discount_applications": [],
            "fulfillments": [],
            "line_items": [line_item(shop, line, line.quantity, currency) for line in self.lines],
            "refunds": [],
            "shipping_address": address(to, to.home) if to else None,
            "shipping_lines": [
                {
                    "id": self.id + 7,
                    "code": "standard",
                    "title": shop.carrier,
                    "source": "shopify",
                    **money("price", shop.shipping),
                    "discount_allocations": [],
                    "tax_lines": [],
                }
            ],
        }

    def _fulfillment_status(self) -> str | None:
        shipped = sum(line.fulfilled for line in self.lines)
        whole = sum(line.quantity - line.cancelled for line in self.lines)
        if shipped == 0:
            return None
        return "fulfilled" if shipped >= whole else "partial"

    def _terms(self) -> dict[str, Any] | None:
        if self.payment_due_at is None:
            return None
        return {
            "id": self.id + 9,
            "payment_terms_name": "Within 3 days",
            "payment_terms_type": "receipt",
            "due_in_days": None,
            "payment_schedules": [
                {
                    "amount": self.shop.amount(0),
                    "currency": self.shop.currency,
                    "issued_at": shop_time(self.shop, self.created_at),
                    "due_at": shop_time(self.shop, self.payment_due_at),
                    "completed_at": None,
                }
            ],
        }


def customer(order: Order, person: Person) -> dict[str, Any]:
    """The customer inside an order."""
    number = customer_id(order.shop, person)
    created = shop_time(order.shop, order.processed_at - timedelta(days=2))

    def consent(granted: bool) -> dict[str, Any]:
        return {
            "state": "subscribed" if granted else "not_subscribed",
            "opt_in_level": "single_opt_in" if granted else None,
            "consent_updated_at": created if granted else None,
        }

    return {
        "id": number,
        "admin_graphql_api_id": gid("Customer", number),
        "email": person.email,
        "phone": person.phone,
        "first_name": person.first,
        "last_name": person.last,
        "state": "enabled",
        "note": None,
        "verified_email": True,
        "tax_exempt": False,
        "tags": "",
        "currency": order.shop.currency,
        "created_at": created,
        "updated_at": created,
        "email_marketing_consent": consent(order.accepts_marketing) if person.email else None,
        "sms_marketing_consent": consent(order.accepts_sms) if person.phone else None,
        "default_address": {"id": number + 3, "default": True, **address(person, person.home)},
    }


def customer_id(shop: Shop, person: Person) -> int:
    """The number under which a shop knows a person."""
    return 7_400_000_000_000 + shop.first_number * 1_000_000 + person.number * 104_729


def address(person: Person, home: Home) -> dict[str, Any]:
    """An address of somebody."""
    return {
        "first_name": person.first,
        "last_name": person.last,
        "name": person.name,
        "company": None,
        "phone": person.phone,
        "zip": home.zip,
        "province": home.province,
        "province_code": home.province_code,
        "city": home.city,
        "address1": home.address1,
        "address2": home.address2,
        "country": home.country,
        "country_code": home.country_code,
        "latitude": None,
        "longitude": None,
    }


def line_item(shop: Shop, line: LineItem, quantity: int, currency: str) -> dict[str, Any]:
    """A line, as orders, fulfilments and refunds carry it."""
    product = line.product
    price = {"amount": shop.amount(product.price), "currency_code": currency}
    nothing = {"amount": shop.amount(0), "currency_code": currency}
    return {
        "id": line.id,
        "admin_graphql_api_id": gid("LineItem", line.id),
        "current_quantity": line.quantity - line.cancelled,
        "fulfillable_quantity": line.quantity - line.cancelled - line.fulfilled,
        "fulfillment_service": "manual",
        "fulfillment_status": "fulfilled" if line.fulfilled >= line.quantity else None,
        "gift_card": False,
        "grams": 120,
        "name": f"{product.title} - {product.variant}",
        "price": price["amount"],
        "price_set": {"shop_money": price, "presentment_money": dict(price)},
        "product_exists": True,
        "product_id": 8_100_000_000_000 + product.number,
        "properties": [],
        "quantity": quantity,
        "requires_shipping": True,
        "sku": product.sku,
        "taxable": True,
        "title": product.title,
        "total_discount": nothing["amount"],
        "total_discount_set": {"shop_money": nothing, "presentment_money": dict(nothing)},
        "variant_id": 44_100_000_000_000 + product.number,
        "variant_inventory_management": "shopify",
        "variant_title": product.variant,
        "vendor": shop.brand,
        "tax_lines": [],
        "duties": [],
        "discount_allocations": [],
    }


def fulfillment_body(order: Order, parcel: Fulfillment, updated_at: datetime) -> dict[str, Any]:
    """The payload of fulfillments/*."""
    shop, to = order.shop, order.recipient or order.buyer
    numbers = [parcel.number] if parcel.number else []
    lines = {line.id: line for line in order.lines}
    currency = order.currency or shop.currency
    return {
        "id": parcel.id,
        "admin_graphql_api_id": gid("Fulfillment", parcel.id),
        "order_id": order.id,
        "status": parcel.status,
        "created_at": shop_time(shop, parcel.created_at),
        "service": "manual",
        "updated_at": shop_time(shop, updated_at),
        "tracking_company": parcel.carrier,
        "shipment_status": None,
        "location_id": 65_000_000_001,
        "origin_address": None,
        "email": (order.buyer.email if order.buyer else None) or "",
        "destination": address(to, to.home) if to else None,
        "line_items": [
            line_item(shop, lines[line_id], quantity, currency)
            for line_id, quantity in parcel.lines.items()
        ],
        "tracking_number": parcel.number,
        "tracking_numbers": numbers,
        "tracking_url": None,
        "tracking_urls": [],
        "receipt": {},
        "name": f"#{order.number}.{parcel.id % 10}",
    }


def fulfillment_event_body(
    order: Order,
    parcel: Fulfillment,
    number: int,
    status: str,
    at: datetime,
    *,
    message: str | None = None,
    city: str | None = None,
    estimate: datetime | None = None,
) -> dict[str, Any]:
    """The payload of fulfillment_events/create."""
    shop, to = order.shop, order.recipient or order.buyer
    return {
        "id": number,
        "admin_graphql_api_id": gid("FulfillmentEvent", number),
        "fulfillment_id": parcel.id,
        "status": status,
        "message": message,
        "happened_at": shop_time(shop, at),
        "city": city,
        "province": None,
        "country": to.home.country_code if to else None,
        "zip": None,
        "address1": None,
        "latitude": None,
        "longitude": None,
        "shop_id": 61_000_000_000 + shop.first_number,
        "created_at": shop_time(shop, at),
        "updated_at": shop_time(shop, at),
        "estimated_delivery_at": shop_time(shop, estimate) if estimate else None,
        "order_id": order.id,
    }


def refund_body(
    order: Order,
    number: int,
    at: datetime,
    lines: dict[int, int],
    restock_type: str,
    *,
    amount: int,
    note: str = "",
) -> dict[str, Any]:
    """The payload of refunds/create; ``amount`` in minor units."""
    shop = order.shop
    currency = order.currency or shop.currency
    own = {line.id: line for line in order.lines}
    return {
        "id": number,
        "admin_graphql_api_id": gid("Refund", number),
        "order_id": order.id,
        "created_at": shop_time(shop, at),
        "processed_at": shop_time(shop, at),
        "note": note,
        "user_id": 548_380_009,
        "restock": restock_type != "no_restock",
        "duties": [],
        "return": None,
        "order_adjustments": [],
        "refund_shipping_lines": [],
        "refund_line_items": [
            {
                "id": number + 11 + place,
                "line_item_id": line_id,
                "quantity": quantity,
                "restock_type": restock_type,
                "location_id": None,
                "subtotal": float(shop.amount(own[line_id].product.price * quantity)),
                "total_tax": 0.0,
                "line_item": line_item(shop, own[line_id], own[line_id].quantity, currency),
            }
            for place, (line_id, quantity) in enumerate(lines.items())
        ],
        "transactions": [
            {
                "id": number + 5,
                "admin_graphql_api_id": gid("OrderTransaction", number + 5),
                "order_id": order.id,
                "kind": "refund",
                "status": "success",
                "gateway": order.gateway,
                "amount": shop.amount(amount),
                "currency": currency,
                "created_at": shop_time(shop, at),
                "processed_at": shop_time(shop, at),
                "test": order.test,
            }
        ],
    }


def return_body(
    order: Order, number: int, status: str, lines: dict[int, int] | None = None
) -> dict[str, Any]:
    """The payload of returns/*; ``lines`` are named when it is requested, approved, processed."""
    named = {
        "id": number,
        "admin_graphql_api_id": gid("Return", number),
        "status": status,
    }
    if lines is None:
        return {**named, "order_id": order.id}
    return {
        **named,
        "order": {"id": order.id, "admin_graphql_api_id": gid("Order", order.id)},
        "name": f"#{order.number}-R1",
        "total_return_line_items": len(lines),
        "return_line_items": [
            {
                "id": number + place,
                "admin_graphql_api_id": gid("ReturnLineItem", number + place),
                "fulfillment_line_item": {
                    "id": line_id + 1,
                    "admin_graphql_api_id": gid("FulfillmentLineItem", line_id + 1),
                    "line_item": {"id": line_id, "admin_graphql_api_id": gid("LineItem", line_id)},
                },
                "quantity": quantity,
                "return_reason": "unwanted",
                "return_reason_note": "",
                "customer_note": None,
                "restocking_fee": None,
            }
            for place, (line_id, quantity) in enumerate(lines.items(), start=1)
        ],
        "return_shipping_fees": [],
        "exchange_line_items": [],
        "total_exchange_line_items": 0,
    }


def envelope(
    shop: Shop, topic: str, payload: Any, *, at: datetime, order_id: int | None = None, **more: str
) -> dict[str, Any]:
    """A webhook as Shopify's partner event source puts it on EventBridge.

    The same topic, payload and time have the same event id: a repeated delivery is one.
    """
    event_id = stable_id(shop.domain, topic, at.isoformat(), payload)
    metadata = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": shop.domain,
        "X-Shopify-Hmac-SHA256": "bm90IGNoZWNrZWQgb3ZlciBFdmVudEJyaWRnZQ==",
        "X-Shopify-Webhook-Id": stable_id(event_id, "webhook"),
        "X-Shopify-API-Version": API_VERSION,
        "X-Shopify-Event-Id": event_id,
        "X-Shopify-Triggered-At": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        **more,
    }
    if order_id is not None:
        metadata["X-Shopify-Order-Id"] = str(order_id)
    return {
        "version": "0",
        "id": stable_id(event_id, "envelope"),
        "detail-type": "shopifyWebhook",
        "source": PARTNER_SOURCE,
        "account": ACCOUNT,
        "time": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "region": REGION,
        "resources": [],
        "detail": {"payload": payload, "metadata": metadata},
    }
