"""The book that the stories are written into: orders and parcels that send events as they live.

Times are wall-clock times of the shop, ``"01-06 20:14"``; December is 2025, every other month
2026. An event arrives a few seconds after it happened (a carrier's after some minutes), unless
``arrives`` says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from local.demo import shopify
from local.demo.shopify import Fulfillment, LineItem, Order, shop_time, stable_id
from local.demo.shops import Person, Shop

BEGINNING = datetime(2025, 12, 26, tzinfo=UTC)
"""The first instant of the demo: 09:00 on the last working day of the year in Japan."""

SHOP_LAG = timedelta(seconds=3)
CARRIER_LAG = timedelta(minutes=4)
ONE_MINUTE = timedelta(minutes=1)

Bilingual = tuple[str, str]
When = str | datetime


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A line of the scenario and when it arrives. ``brand``: whose; None: nobody's."""

    at: datetime
    line: Mapping[str, Any]
    brand: str | None = None

    @property
    def event(self) -> Mapping[str, Any]:
        """The EventBridge envelope that arrives."""
        event: Mapping[str, Any] = self.line["event"]
        return event


@dataclass
class Book:
    """All stories: the events in the order of telling, and a title per order.

    ``numbers``: the next order's number by brand; ``parcels`` counts those sent so far.
    """

    arrivals: list[Arrival] = field(default_factory=list)
    titles: dict[tuple[str, str], Bilingual] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    parcels: int = 0

    def order(
        self,
        shop: Shop,
        who: str | None,
        ja: str,
        en: str,
        *,
        at: When,
        items: Mapping[str, int],
        pay: str = "card",
        gift_to: str | None = None,
        wish: str | None = None,
        slot: str | None = None,
        tags: tuple[str, ...] = (),
        marketing: bool = True,
        sms: bool = False,
        in_stock: bool = True,
        test: bool = False,
        imported_at: When | None = None,
        due: When | None = None,
        email: str | None = None,
        currency: str | None = None,
        subscriber: bool | None = None,
        announced: bool = True,
        arrives: When | None = None,
        times: int = 1,
    ) -> OrderStory:
        """A customer places an order; ``orders/create`` arrives.

        ``who`` is a key of the shop's people (None: nobody is known), ``pay`` one of its
        gateways, ``items`` units by SKU. ``subscriber``: what the subscription app says of the
        buyer and these products; None: nothing. ``announced`` False: the shop says nothing yet.
        """
        number = self.numbers.get(shop.brand, shop.first_number)
        self.numbers[shop.brand] = number + 1
        order_id = 6_101_000_000_000 + number * 1009
        placed = clock(shop, at)
        attributes = {}
        if wish:
            attributes["配送希望日" if shop.brand == "aoba" else "Delivery-Date"] = wish
        if slot:
            attributes["配送時間帯"] = slot
        if gift_to:
            attributes["ギフト" if shop.brand == "aoba" else "Gift"] = (
                "のし・ラッピング希望" if shop.brand == "aoba" else "yes, with a note"
            )
        story = OrderStory(
            book=self,
            shop=shop,
            order=Order(
                shop=shop,
                id=order_id,
                number=number,
                buyer=shop.people[who] if who else None,
                recipient=shop.people[gift_to] if gift_to else None,
                created_at=clock(shop, imported_at) if imported_at else placed,
                processed_at=placed,
                lines=[
                    LineItem(
                        id=14_200_000_000_000 + number * 100 + place,
                        product=shop.products[sku],
                        quantity=quantity,
                    )
                    for place, (sku, quantity) in enumerate(items.items(), start=1)
                ],
                gateway=shop.gateways[pay],
                financial_status="paid" if pay == "card" else "pending",
                attributes=attributes,
                tags=tags,
                accepts_marketing=marketing,
                accepts_sms=sms,
                confirmed=in_stock,
                test=test,
                email=email,
                payment_due_at=clock(shop, due) if due else None,
                currency=currency,
            ),
        )
        self.titles[shop.brand, str(order_id)] = (ja, en)
        if announced:
            created = story.order.created_at
            story.tell("orders/create", created, arrives=arrives, times=times)
        if who is not None and subscriber is not None:
            for sku in items:
                self.subscription(shop, who, sku, active=subscriber, at=placed + ONE_MINUTE)
        return story

    def put(
        self, at: datetime, event: Mapping[str, Any], times: int = 1, *, brand: str | None = None
    ) -> None:
        """An event arrives; ``times`` of it, an hour apart, as retries do."""
        for again in range(times):
            self.say(at + again * timedelta(hours=1), brand, event=event)

    def say(self, at: datetime, brand: str | None, **line: Any) -> None:
        """A line of the scenario: see local/scenario.py."""
        self.arrivals.append(Arrival(at=at, line=line, brand=brand))

    def fact(
        self,
        shop: Shop,
        kind: str,
        at: datetime,
        data: Mapping[str, Any],
        *,
        source: str,
        arrives: datetime | None = None,
    ) -> None:
        """An event of Yoin's own contract, which anybody may put on its bus."""
        fact_id = stable_id(shop.brand, kind, at.isoformat(), data)
        metadata = {
            "id": fact_id,
            "type": kind,
            "version": 1,
            "brand": shop.brand,
            "source": source,
            "occurred_at": shop_time(shop, at),
        }
        event = {
            "version": "0",
            "id": stable_id(fact_id, "envelope"),
            "detail-type": kind,
            "source": source,
            "account": shopify.ACCOUNT,
            "time": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "region": shopify.REGION,
            "resources": [],
            "detail": {"metadata": metadata, "data": data},
        }
        self.put(arrives or at + SHOP_LAG, event, brand=shop.brand)

    def next_parcel(self) -> int:
        """A running number for parcels."""
        self.parcels += 1
        return self.parcels

    def subscription(self, shop: Shop, who: str, sku: str, *, active: bool, at: When) -> None:
        """The subscription app says whether a person subscribes to a product."""
        person = shop.people[who]
        self.fact(
            shop,
            "SubscriptionChanged",
            clock(shop, at),
            {"customer": _party(shop, person), "sku": sku, "active": active},
            source="demo.subscriptions",
        )

    def reads(self, shop: Shop, who: str, lifecycle: str, *, at: When, **does: Any) -> None:
        """A person uses a link of the newest mail of a lifecycle: see local/readers.py."""
        to = shop.people[who].email
        self.say(clock(shop, at), shop.brand, read={"to": to, "lifecycle": lifecycle}, **does)


@dataclass
class OrderStory:
    """One order and what happens to it."""

    book: Book
    shop: Shop
    order: Order
    _events: int = 0

    @property
    def id(self) -> str:
        """The order's id as facts have it."""
        return str(self.order.id)

    def tell(
        self, topic: str, at: datetime, *, arrives: When | None = None, times: int = 1
    ) -> None:
        """The shop sends the order as it now stands."""
        self.send(topic, self.order.body(at), at, arrives=arrives, times=times)

    def send(
        self,
        topic: str,
        payload: Mapping[str, Any],
        at: datetime,
        *,
        arrives: When | None = None,
        lag: timedelta = SHOP_LAG,
        times: int = 1,
    ) -> None:
        """The shop sends a webhook about this order."""
        event = shopify.envelope(self.shop, topic, payload, at=at, order_id=self.order.id)
        when = clock(self.shop, arrives) if arrives else at + lag
        self.book.put(when, event, times, brand=self.shop.brand)

    def fact(self, kind: str, at: When, source: str, **data: Any) -> None:
        """An event of Yoin's contract about this order."""
        moment = clock(self.shop, at)
        self.book.fact(self.shop, kind, moment, {"order_id": self.id, **data}, source=source)

    def pay_by(self, due: When, at: When, **instructions: str) -> None:
        """The payment service says how and until when to pay."""
        self.fact(
            "PaymentUpdated",
            at,
            "demo.payments",
            status="PENDING",
            due_at=shop_time(self.shop, clock(self.shop, due)),
            instructions=[{"label": k, "value": v} for k, v in instructions.items()],
        )

    def promised(self, at: When, earliest: str, latest: str) -> None:
        """The shop names delivery dates."""
        self.fact(
            "DeliveryPromised",
            at,
            "demo.warehouse",
            earliest=day(earliest).isoformat(),
            latest=day(latest).isoformat(),
            promised_by="SHOP",
        )

    def paid(self, at: When, *, arrives: When | None = None, times: int = 1) -> None:
        """The money is there."""
        self.order.financial_status = "paid"
        self.order.payment_due_at = None
        self.tell("orders/paid", clock(self.shop, at), arrives=arrives, times=times)

    def cancelled(self, at: When, reason: str = "customer", *, refund: bool = True) -> None:
        """The order is off; what was paid goes back."""
        moment = clock(self.shop, at)
        paid = self.order.financial_status == "paid"
        self.order.cancelled_at, self.order.cancel_reason = moment, reason
        self.order.financial_status = "refunded" if paid and refund else "voided"
        for line in self.order.lines:
            line.cancelled = line.quantity - line.fulfilled
        self.tell("orders/cancelled", moment)
        if paid and refund:
            lines = {line.id: line.cancelled for line in self.order.lines if line.cancelled}
            total = sum(n * self._price(line_id) for line_id, n in lines.items())
            self._refund(moment, lines, "cancel", total + self.shop.shipping)

    def changed(self, at: When, **fields: Any) -> None:
        """The order was edited: ``orders/updated`` brings it as it now stands."""
        for name, value in fields.items():
            setattr(self.order, name, value)
        self.tell("orders/updated", clock(self.shop, at))

    def add(self, at: When, sku: str, quantity: int) -> None:
        """The customer asked for one thing more."""
        line_id = 14_200_000_000_000 + self.order.number * 100 + len(self.order.lines) + 1
        self.order.lines.append(
            LineItem(id=line_id, product=self.shop.products[sku], quantity=quantity)
        )
        self.changed(at)

    def refund(self, at: When, items: Mapping[str, int], kind: str) -> None:
        """Money goes back for some units; ``kind`` is Shopify's restock_type."""
        lines = {self.line(sku).id: quantity for sku, quantity in items.items()}
        if kind == "cancel":
            for sku, quantity in items.items():
                self.line(sku).cancelled += quantity
        total = sum(n * self._price(line_id) for line_id, n in lines.items())
        self.order.financial_status = "partially_refunded"
        self._refund(clock(self.shop, at), lines, kind, total)

    def returning(self, items: Mapping[str, int], *, asked: When, approved: When) -> int:
        """The customer wants to send goods back; returns the number of the return."""
        number = 9_700_000_000 + self.order.number * 10
        lines = {self.line(sku).id: quantity for sku, quantity in items.items()}
        for topic, status, at in (
            ("returns/request", "requested", asked),
            ("returns/approve", "open", approved),
        ):
            body = shopify.return_body(self.order, number, status, lines)
            self.send(topic, body, clock(self.shop, at))
        return number

    def returned(self, items: Mapping[str, int], *, received: When, closed: When) -> None:
        """The goods came back, the money goes back, the return is over."""
        number = 9_700_000_000 + self.order.number * 10
        lines = {self.line(sku).id: quantity for sku, quantity in items.items()}
        body = shopify.return_body(self.order, number, "open", lines)
        self.send("returns/process", body, clock(self.shop, received))
        self.refund(closed, items, "return")
        end = shopify.return_body(self.order, number, "closed")
        self.send("returns/close", end, clock(self.shop, closed) + timedelta(seconds=20))

    def ship(
        self,
        at: When,
        items: Mapping[str, int] | None = None,
        *,
        carrier: str | None = None,
        number: str | None = None,
        arrives: When | None = None,
        times: int = 1,
    ) -> Parcel:
        """A parcel is packed and labelled; ``items`` None: everything that is left."""
        moment = clock(self.shop, at)
        running = self.book.next_parcel()
        if items is None:
            inside = {
                line.id: line.quantity - line.cancelled - line.fulfilled
                for line in self.order.lines
            }
        else:
            inside = {self.line(sku).id: quantity for sku, quantity in items.items()}
        inside = {line_id: quantity for line_id, quantity in inside.items() if quantity}
        for line in self.order.lines:
            line.fulfilled += inside.get(line.id, 0)
        parcel = Parcel(
            story=self,
            fulfillment=Fulfillment(
                id=5_300_000_000_000 + running * 31,
                created_at=moment,
                lines=inside,
                carrier=carrier or self.shop.carrier,
                number=number or tracking_number(self.shop, running),
            ),
        )
        body = shopify.fulfillment_body(self.order, parcel.fulfillment, moment)
        self.send("fulfillments/create", body, moment, arrives=arrives, times=times)
        return parcel

    def line(self, sku: str) -> LineItem:
        """The line of a SKU."""
        return next(line for line in self.order.lines if line.product.sku == sku)

    def next_event(self) -> int:
        """A running number for the carrier's events of this order."""
        self._events += 1
        return self._events

    def _price(self, line_id: int) -> int:
        return next(line.product.price for line in self.order.lines if line.id == line_id)

    def _refund(self, at: datetime, lines: Mapping[int, int], kind: str, amount: int) -> None:
        number = 930_000_000_000 + self.order.number * 1000 + self.next_event() * 20
        body = shopify.refund_body(self.order, number, at, dict(lines), kind, amount=amount)
        self.send("refunds/create", body, at)


@dataclass
class Parcel:
    """A parcel on its way. Japanese carriers speak through a feed of the merchant's own, in
    their own words and by tracking number only; American ones through Shopify."""

    story: OrderStory
    fulfillment: Fulfillment

    def scan(
        self,
        at: When,
        status: str,
        raw: str | None = None,
        *,
        location: str | None = None,
        place: str | None = None,
        hold_until: str | None = None,
        arrives: When | None = None,
        times: int = 1,
    ) -> None:
        """The carrier says something; ``status`` is one of Yoin's canonical words."""
        story, moment = self.story, clock(self.story.shop, at)
        arrival = clock(story.shop, arrives) if arrives else moment + CARRIER_LAG
        if story.shop.brand == "aoba":
            data = {
                "tracking_number": self.fulfillment.number,
                "carrier": self.fulfillment.carrier,
                "status": status,
                "raw_status": raw,
                "location": location,
                "place": place,
                "hold_until": hold_until,
            }
            said = {name: value for name, value in data.items() if value is not None}
            for again in range(times):
                story.book.fact(
                    story.shop,
                    "ShipmentUpdated",
                    moment,
                    said,
                    source="demo.carriers",
                    arrives=arrival + again * timedelta(hours=1),
                )
            return
        body = shopify.fulfillment_event_body(
            story.order,
            self.fulfillment,
            90_000_000_000 + story.order.number * 1000 + story.next_event(),
            _SHOPIFY_WORDS.get(status, status),
            moment,
            message=raw,
            city=location,
        )
        story.send("fulfillment_events/create", body, moment, lag=arrival - moment, times=times)

    def travels(
        self,
        accepted: When,
        delivered: When | None = None,
        *,
        via: str | None = None,
        place: str | None = None,
        times: int = 1,
    ) -> None:
        """The usual way: accepted, in transit, out for delivery, delivered.

        ``delivered`` None: it ends in transit.
        """
        shop = self.story.shop
        start = clock(shop, accepted)
        here, hub = (
            ("宇治営業所", "関西ゲートウェイ")
            if shop.brand == "aoba"
            else ("Portland, ME", "Scarborough, ME")
        )
        words = _JA if shop.brand == "aoba" else _EN
        self.scan(accepted, "ACCEPTED", words["ACCEPTED"], location=here, times=times)
        moving = wall(shop, start + timedelta(hours=5, minutes=20))
        self.scan(moving, "IN_TRANSIT", words["IN_TRANSIT"], location=via or hub, times=times)
        if delivered is None:
            return
        end = clock(shop, delivered)
        out = wall(shop, end - timedelta(hours=2, minutes=35))
        self.scan(out, "OUT_FOR_DELIVERY", words["OUT_FOR_DELIVERY"], times=times)
        self.delivered(delivered, place=place, times=times)

    def delivered(self, at: When, *, place: str | None = None, times: int = 1) -> None:
        """The customer has it; ``place`` where it was left."""
        if self.story.shop.brand == "aoba":
            raw = f"配達完了（{place}）" if place else "配達完了"
            self.scan(at, "DELIVERED", raw, place=place, times=times)
        else:
            raw = f"Delivered, {place}" if place else "Delivered, in hand"
            self.scan(at, "DELIVERED", raw, times=times)

    def withdrawn(self, at: When) -> None:
        """The shop cancels the fulfilment: this parcel does not go."""
        story, moment = self.story, clock(self.story.shop, at)
        self.fulfillment = replace(self.fulfillment, status="cancelled")
        for line in story.order.lines:
            line.fulfilled -= self.fulfillment.lines.get(line.id, 0)
        body = shopify.fulfillment_body(story.order, self.fulfillment, moment)
        story.send("fulfillments/update", body, moment)


_JA = {
    "ACCEPTED": "荷物受付",
    "IN_TRANSIT": "輸送中",
    "OUT_FOR_DELIVERY": "配達中",
}
_EN = {
    "ACCEPTED": "Accepted at USPS origin facility",
    "IN_TRANSIT": "Departed USPS regional facility",
    "OUT_FOR_DELIVERY": "Out for delivery",
}
_SHOPIFY_WORDS = {
    "LABEL_CREATED": "label_printed",
    "ACCEPTED": "carrier_picked_up",
    "IN_TRANSIT": "in_transit",
    "OUT_FOR_DELIVERY": "out_for_delivery",
    "DELIVERY_ATTEMPTED": "attempted_delivery",
    "AVAILABLE_FOR_PICKUP": "ready_for_pickup",
    "DELIVERED": "delivered",
    "EXCEPTION": "failure",
}


def clock(shop: Shop, when: When) -> datetime:
    """``"01-06 20:14"`` on the shop's wall, as an instant; an instant stays one."""
    if isinstance(when, datetime):
        return when
    day, time = when.split()
    month, number = (int(part) for part in day.split("-"))
    hour, minute = (int(part) for part in time.split(":"))
    year = 2025 if month == 12 else 2026
    return datetime(year, month, number, hour, minute, tzinfo=shop.zone)


def wall(shop: Shop, at: datetime) -> str:
    """The other way round."""
    local = at.astimezone(shop.zone)
    return f"{local:%m-%d %H:%M}"


def day(text: str) -> date:
    """``"02-07"`` as a date."""
    month, number = (int(part) for part in text.split("-"))
    return date(2025 if month == 12 else 2026, month, number)


def tracking_number(shop: Shop, running: int) -> str:
    """A number in the form of the shop's carrier; nobody has it."""
    if shop.brand == "aoba":
        return f"{4_000_0000_0000 + running * 7_919_003:012d}"
    return f"9400{1_000_000_000_000_000_000 + running * 7_919_003_117:018d}"[:22]


def _party(shop: Shop, person: Person) -> dict[str, str]:
    party = {
        "customer_id": str(shopify.customer_id(shop, person)),
        "name": f"{person.last} {person.first}" if person.locale == "ja" else person.name,
        "email": person.email,
        "phone": person.phone,
    }
    return {name: value for name, value in party.items() if value}
