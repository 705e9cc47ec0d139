"""An EC-CUBE 4 shop: its thin webhooks, and what its Web API answers to the questions they raise.

Schema: doc4.ec-cube.net/eccube-api4 and github.com/EC-CUBE/eccube-api4. A webhook is an array of
``{"entity", "id", "action"}``, with neither time nor id of its own; the order behind it is asked
for by GraphQL. Times have the shop's offset, prices are without tax.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.demo.book import Book, When, clock, day
from local.demo.shopify import shop_time
from local.demo.shops import Home, Person, Shop
from local.demo.yamato import Slip

Json = dict[str, Any]

STATUSES = {
    1: "新規受付",
    3: "注文取消し",
    4: "対応中",
    5: "発送済み",
    6: "入金済み",
    8: "購入処理中",
}
NEW, CANCELLED, IN_PROGRESS, SHIPPED, PAID, PROCESSING = 1, 3, 4, 5, 6, 8
GOODS, FEE = "1", "2"

WEBHOOK_LAG = timedelta(seconds=2)
_GUESTS = 300
"""Ids of members begin here, so that no two things have the same id."""


@dataclass
class Order:
    """One order: the shop calls whenever it changes, and its API tells it as it then stands."""

    book: Book
    shop: Shop
    number: int
    buyer: Person
    recipient: Person
    items: Mapping[str, int]
    pay: str
    placed_at: datetime
    wish: str | None = None
    slot: str | None = None
    status: int = NEW
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    slip: str | None = None
    changed_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.changed_at = self.placed_at

    @property
    def id(self) -> str:
        """The order's id, as facts have it."""
        return str(self.number)

    @property
    def shipment_id(self) -> str:
        """The id of its お届け先."""
        return str(self.number + 60_000)

    def body(self) -> Json:
        """The order as the API tells it."""
        goods = [self._item(place, sku, n) for place, (sku, n) in enumerate(self.items.items())]
        subtotal = sum(self.shop.products[sku].price * n for sku, n in self.items.items())
        total = subtotal + self.shop.shipping
        method = self.shop.gateways[self.pay]
        return {
            "id": self.id,
            "order_no": self.id,
            "order_date": shop_time(self.shop, self.placed_at),
            "payment_date": self._time(self.paid_at),
            "create_date": shop_time(self.shop, self.placed_at - timedelta(minutes=4)),
            "update_date": shop_time(self.shop, self.changed_at),
            "currency_code": self.shop.currency,
            "subtotal": subtotal,
            "delivery_fee_total": self.shop.shipping,
            "total": total,
            "payment_total": total,
            "payment_method": method,
            "name01": self.buyer.last,
            "name02": self.buyer.first,
            "email": self.buyer.email,
            "phone_number": None,
            "OrderStatus": {"id": str(self.status), "name": STATUSES[self.status]},
            "Customer": member(self.buyer),
            "Payment": {"method": method},
            "OrderItems": [*goods, self._fee()],
            "Shippings": [self._shipping()],
        }

    def change(self, at: When, *, arrives: When | None = None, **fields: Any) -> None:
        """Somebody changes it in the shop; the shop calls."""
        moment = clock(self.shop, at)
        for name, value in fields.items():
            setattr(self, name, value)
        self.changed_at = moment
        self.known(moment)
        when = clock(self.shop, arrives) if arrives else moment + WEBHOOK_LAG
        call(self.book, self.shop, when, ("order", self.number, "updated"))

    def known(self, at: datetime) -> None:
        """From now on the API tells it like this."""
        answer(self.book, self.shop, at, self.number, order=self.body())

    def paid(self, at: When) -> None:
        """入金済み."""
        moment = clock(self.shop, at)
        self.change(moment, status=PAID, paid_at=moment)

    def cancelled(self, at: When) -> None:
        """注文取消し."""
        self.change(at, status=CANCELLED)

    def ship(self, at: When, service: str = "宅急便", *, labelled: When | None = None) -> Slip:
        """The parcel goes: 発送済み. ``labelled``: when its number was entered, if before that."""
        moment = clock(self.shop, at)
        running = self.book.next_parcel()
        number = f"{7_000_0000_0000 + running * 7_919_003:012d}"
        if labelled is not None:
            self.change(labelled, status=IN_PROGRESS, slip=number)
        self.change(moment, status=SHIPPED, slip=number, shipped_at=moment)
        return Slip(
            book=self.book,
            shop=self.shop,
            number=f"{number[:4]}-{number[4:8]}-{number[8:]}",
            service=service,
            shipped_on=moment.astimezone(self.shop.zone).date(),
            order_id=self.id,
            shipment_id=self.shipment_id,
        )

    def _time(self, at: datetime | None) -> str | None:
        return shop_time(self.shop, at) if at else None

    def _item(self, place: int, sku: str, quantity: int) -> Json:
        product = self.shop.products[sku]
        tax = round(product.price * 10 / 110)
        return {
            "id": str(self.number * 10 + place + 100_000),
            "product_name": product.title,
            "product_code": sku,
            "class_category_name1": product.variant,
            "class_category_name2": None,
            "price": product.price - tax,
            "tax": tax,
            "quantity": quantity,
            "OrderItemType": {"id": GOODS},
            "TaxDisplayType": {"id": "1"},
            "Product": {"id": str(10 + product.number)},
            "Shipping": {"id": self.shipment_id},
        }

    def _fee(self) -> Json:
        return {
            "id": str(self.number * 10 + 100_009),
            "product_name": "送料",
            "product_code": None,
            "class_category_name1": None,
            "class_category_name2": None,
            "price": self.shop.shipping,
            "tax": 0,
            "quantity": 1,
            "OrderItemType": {"id": FEE},
            "TaxDisplayType": {"id": "2"},
            "Product": None,
            "Shipping": {"id": self.shipment_id},
        }

    def _shipping(self) -> Json:
        wished = f"{day(self.wish).isoformat()}T00:00:00+09:00" if self.wish else None
        return {
            "id": self.shipment_id,
            **place_of(self.recipient),
            "tracking_number": self.slip,
            "shipping_date": self._time(self.shipped_at),
            "shipping_delivery_date": wished,
            "shipping_delivery_time": self.slot,
            "shipping_delivery_name": self.shop.carrier,
            "update_date": shop_time(self.shop, self.changed_at),
            "Delivery": {"name": self.shop.carrier},
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
    pay: str = "card",
    gift_to: str | None = None,
    wish: str | None = None,
    slot: str | None = None,
) -> Order:
    """A customer orders: the shop calls when the checkout begins, and when it ends.

    The second call names the member and what is left of the first product as well.
    """
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
        pay=pay,
        placed_at=placed,
        wish=wish,
        slot=slot,
        status=PROCESSING,
    )
    book.titles[shop.brand, order.id] = (ja, en)
    began = placed - timedelta(minutes=4)
    order.known(began)
    call(book, shop, began + WEBHOOK_LAG, ("order", number, "created"))
    order.status = NEW
    order.known(placed)
    product = shop.products[next(iter(items))]
    stock(book, shop, placed, product.sku)
    answer(book, shop, placed, _GUESTS + order.buyer.number, customer=_customer(order.buyer, order))
    call(
        book,
        shop,
        placed + WEBHOOK_LAG,
        ("order", number, "updated"),
        ("product", 10 + product.number, "updated"),
        ("customer", _GUESTS + order.buyer.number, "updated"),
    )
    return order


def call(book: Book, shop: Shop, at: datetime, *events: tuple[str, int, str]) -> None:
    """One webhook of the shop, with all of these events (entity, id, action) in it."""
    body = [{"entity": entity, "id": id_, "action": action} for entity, id_, action in events]
    headers = {"X-ECCUBE-URL": f"https://{shop.domain}/"}
    post = {"path": f"/eccube/{shop.brand}", "headers": headers, "body": body}
    book.say(at, shop.brand, post=post, sign="current")


def answer(book: Book, shop: Shop, at: datetime, number: int, **found: Json) -> None:
    """From now on the API answers this to the question for the thing with this number."""
    book.say(
        at,
        shop.brand,
        api=f"eccube/{shop.brand}",
        path="/api",
        variables={"id": str(number)},
        answer={"data": found},
    )


def out_of_order(book: Book, shop: Shop, begins: When, ends: When) -> None:
    """The shop's API does not answer for a while."""
    for when, down in ((begins, True), (ends, False)):
        book.say(clock(shop, when), shop.brand, api=f"eccube/{shop.brand}", down=down)


def stock(book: Book, shop: Shop, at: datetime, sku: str) -> None:
    """How much is left of a product, as the API tells it."""
    product = shop.products[sku]
    number = 10 + product.number
    one = {
        "id": str(number + 40),
        "code": sku,
        "stock": 200 - sum(title[0] == shop.brand for title in book.titles),
        "stock_unlimited": False,
        "visible": True,
    }
    thing = {"id": str(number), "update_date": shop_time(shop, at), "ProductClasses": [one]}
    answer(book, shop, at, number, product=thing)


def member(person: Person) -> Json:
    """A customer, as an order holds them."""
    return {
        "id": str(_GUESTS + person.number),
        "name01": person.last,
        "name02": person.first,
        "company_name": None,
        "email": person.email,
        "phone_number": person.phone,
    }


def place_of(person: Person) -> Json:
    """A お届け先's name and address."""
    home: Home = person.home
    return {
        "name01": person.last,
        "name02": person.first,
        "company_name": None,
        "phone_number": person.phone,
        "postal_code": home.zip.replace("-", ""),
        "addr01": home.city,
        "addr02": " ".join(part for part in (home.address1, home.address2) if part),
        "Country": None,
        "Pref": {"name": home.province},
    }


def _customer(person: Person, order: Order) -> Json:
    changed = shop_time(order.shop, order.placed_at)
    return {**member(person), "update_date": changed, "Status": {"id": "2"}}
