"""Messages as commercetools publishes them to EventBridge, and the orders that its API answers.

Schema: docs.commercetools.com/api/projects/messages and /orders. Amounts are whole numbers of the
smallest coin, times are UTC with milliseconds, a message counts itself within its order
(``sequenceNumber``).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.demo.book import SHOP_LAG, Book, When, clock
from local.demo.shopify import ACCOUNT, REGION, stable_id
from local.demo.shops import Person, Shop

SENDER = "aws.partner/commercetools.com/linden-prod/yoin"

Json = dict[str, Any]


@dataclass
class Order:
    """One order: it sends messages as it lives, and its API knows it as it stands.

    ``too_large``: types of messages that come without their payload.
    """

    book: Book
    shop: Shop
    number: int
    buyer: Person
    recipient: Person
    items: Mapping[str, int]
    pay: str
    placed_at: datetime
    too_large: frozenset[str] = frozenset()
    state: Json = field(default_factory=lambda: {"orderState": "Open", "paymentState": "Pending"})
    deliveries: list[Json] = field(default_factory=list)
    messages: int = 0

    @property
    def id(self) -> str:
        """The order's id."""
        return self.own_id("order")

    def own_id(self, *what: object) -> str:
        """The id of something that belongs to this order."""
        return stable_id(self.shop.brand, self.number, *what)

    def body(self, at: datetime, *, expanded: bool = False) -> Json:
        """The order as it stands; ``expanded``: with its payment, as the API gives it."""
        total = sum(self._price(sku) * n for sku, n in self.items.items()) + self.shop.shipping
        payment: Json = {"typeId": "payment", "id": self.own_id("payment")}
        if expanded:
            info = {"paymentInterface": "adyen", "method": self.shop.gateways[self.pay]}
            payment["obj"] = {"id": payment["id"], "paymentMethodInfo": info, "transactions": []}
        return {
            "type": "Order",
            "id": self.id,
            "version": self.messages,
            "createdAt": time_text(self.placed_at),
            "lastModifiedAt": time_text(at),
            "orderNumber": f"LA-{self.number}",
            "customerId": stable_id(self.shop.brand, "customer", self.buyer.number),
            "customerEmail": self.buyer.email,
            "locale": self.buyer.locale,
            "country": self.recipient.home.country_code,
            "lineItems": [self._line(sku, n) for sku, n in self.items.items()],
            "customLineItems": [],
            "totalPrice": self._money(total),
            "taxedPrice": {
                "totalNet": self._money(round(total / 1.2)),
                "totalGross": self._money(total),
                "taxPortions": [],
            },
            "shippingMode": "Single",
            "shippingInfo": {
                "shippingMethodName": "Tracked 48",
                "price": self._money(self.shop.shipping),
                "shippingMethodState": "MatchesCart",
                "deliveries": copy.deepcopy(self.deliveries),
            },
            "shippingAddress": address(self.recipient),
            "billingAddress": address(self.buyer),
            "inventoryMode": "ReserveOnOrder",
            "shipping": [],
            "syncInfo": [],
            "origin": "Customer",
            "paymentInfo": {"payments": [payment]},
            **self.state,
        }

    def tell(self, kind: str, at: datetime, *, arrives: When | None = None, **said: Any) -> None:
        """A message of this order; its API knows of it first."""
        self.messages += 1
        detail: Json = {
            "notificationType": "Message",
            "projectKey": self.shop.domain,
            "id": self.own_id("message", self.messages),
            "version": 1,
            "sequenceNumber": self.messages,
            "resource": {"typeId": "order", "id": self.id},
            "resourceVersion": self.messages,
            "resourceUserProvidedIdentifiers": {"orderNumber": f"LA-{self.number}"},
            "type": kind,
            "createdAt": time_text(at),
            "lastModifiedAt": time_text(at),
        }
        if kind in self.too_large:
            reason = "Payload too large to be delivered."
            detail["payloadNotIncluded"] = {"reason": reason, "payloadType": kind}
            self.book.say(
                at,
                self.shop.brand,
                api=f"commercetools/{self.shop.brand}",
                path=f"/{self.shop.domain}/orders/{self.id}",
                answer=self.body(at, expanded=True),
            )
        else:
            detail |= said
        event = {
            "version": "0",
            "id": self.own_id("envelope", self.messages),
            "detail-type": kind,
            "source": SENDER,
            "account": ACCOUNT,
            "time": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "region": REGION,
            "resources": [],
            "detail": detail,
        }
        when = clock(self.shop, arrives) if arrives else at + SHOP_LAG
        self.book.put(when, event, brand=self.shop.brand)

    def paid(self, at: When) -> None:
        """The money is there."""
        self.state["paymentState"] = "Paid"
        moment = clock(self.shop, at)
        self.tell(
            "OrderPaymentStateChanged", moment, paymentState="Paid", oldPaymentState="Pending"
        )

    def cancelled(self, at: When) -> None:
        """The order is off."""
        self.state["orderState"] = "Cancelled"
        moment = clock(self.shop, at)
        self.tell("OrderStateChanged", moment, orderState="Cancelled", oldOrderState="Open")

    def ship(self, at: When, items: Mapping[str, int] | None = None) -> str:
        """A parcel is packed; returns its tracking number.

        The delivery comes first, its parcel after it, the number last, as a warehouse works.
        """
        moment = clock(self.shop, at)
        running = self.book.next_parcel()
        inside = [
            {"id": self.own_id("line", sku), "quantity": n}
            for sku, n in (items or self.items).items()
        ]
        delivery: Json = {
            "id": self.own_id("delivery", running),
            "createdAt": time_text(moment),
            "items": inside,
            "parcels": [],
        }
        self.deliveries.append(delivery)
        self.tell("DeliveryAdded", moment, delivery={**delivery, "parcels": []})
        packed = moment + timedelta(minutes=6)
        number = f"YN{100_000_000 + running * 7_919_003 % 900_000_000}GB"
        tracking = {"trackingId": number, "carrier": self.shop.carrier, "isReturn": False}
        parcel: Json = {
            "id": self.own_id("parcel", running),
            "createdAt": time_text(packed),
            "items": inside,
            "trackingData": tracking,
        }
        delivery["parcels"].append(parcel)
        bare = {name: value for name, value in parcel.items() if name != "trackingData"}
        self.tell(
            "ParcelAddedToDelivery",
            packed,
            delivery={**delivery, "parcels": [bare]},
            parcel=bare,
        )
        self.tell(
            "ParcelTrackingDataUpdated",
            packed + timedelta(minutes=1),
            deliveryId=delivery["id"],
            parcelId=parcel["id"],
            trackingData=tracking,
        )
        return number

    def returned(self, sku: str, *, asked: When, received: When) -> None:
        """The customer sends something back."""
        moment = clock(self.shop, asked)
        item = {
            "type": "LineItemReturnItem",
            "id": self.own_id("return", sku),
            "lineItemId": self.own_id("line", sku),
            "quantity": 1,
            "shipmentState": "Advised",
            "paymentState": "Initial",
            "createdAt": time_text(moment),
            "lastModifiedAt": time_text(moment),
        }
        info = {"items": [item], "returnTrackingId": "", "returnDate": time_text(moment)}
        self.tell("ReturnInfoAdded", moment, returnInfo=info)
        self.tell(
            "OrderReturnShipmentStateChanged",
            clock(self.shop, received),
            returnItemId=item["id"],
            returnShipmentState="Returned",
        )

    def _price(self, sku: str) -> int:
        return self.shop.products[sku].price

    def _money(self, amount: int) -> Json:
        return {
            "type": "centPrecision",
            "currencyCode": self.shop.currency,
            "centAmount": amount,
            "fractionDigits": self.shop.digits,
        }

    def _line(self, sku: str, quantity: int) -> Json:
        product = self.shop.products[sku]
        price = self._money(product.price)
        return {
            "id": self.own_id("line", sku),
            "productId": stable_id(self.shop.brand, "product", sku),
            "name": {"en": f"{product.title}, {product.variant}"},
            "variant": {"id": 1, "sku": sku, "images": [], "attributes": []},
            "price": {"id": stable_id(self.shop.brand, "price", sku), "value": price},
            "quantity": quantity,
            "totalPrice": self._money(product.price * quantity),
            "lineItemMode": "Standard",
            "state": [],
        }


def place(
    book: Book,
    shop: Shop,
    who: str,
    ja: str,
    en: str,
    *,
    at: When,
    items: Mapping[str, int],
    gift_to: str | None = None,
    too_large: frozenset[str] = frozenset(),
) -> Order:
    """A customer orders and pays by card, which is told half a minute later."""
    number = book.numbers.get(shop.brand, shop.first_number)
    book.numbers[shop.brand] = number + 1
    placed = clock(shop, at)
    order = Order(
        book=book,
        shop=shop,
        number=number,
        buyer=shop.people[who],
        recipient=shop.people[gift_to or who],
        items=items,
        pay="card",
        placed_at=placed,
        too_large=too_large,
    )
    book.titles[shop.brand, order.id] = (ja, en)
    order.tell("OrderCreated", placed, order=order.body(placed))
    order.paid(placed + timedelta(seconds=25))
    return order


def address(person: Person) -> Json:
    """A BaseAddress."""
    number, _, street = person.home.address1.partition(" ")
    return {
        "firstName": person.first,
        "lastName": person.last,
        "streetName": street,
        "streetNumber": number,
        "additionalStreetInfo": person.home.address2,
        "postalCode": person.home.zip,
        "city": person.home.city,
        "region": person.home.province,
        "country": person.home.country_code,
        "email": person.email,
    }


def time_text(at: datetime) -> str:
    """An instant as commercetools writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
