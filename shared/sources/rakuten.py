"""Rakuten Ichiba (楽天市場): orders as the RakutenPay Order API of RMS gives them.

Documentation: webservice.rms.rakuten.co.jp/merchant-portal (楽天ペイ受注API, getOrder; a shop's
login is needed). What stands here was read in API clients that cite it (hayabusa-systems/
rms-go-sdk, oh0123/rakuten-spi-sdk): not confirmed in Rakuten's own pages.

- Events: none; Rakuten sends no webhooks. A job of the merchant's asks searchOrder and getOrder and
  posts the answer: ``{"OrderModelList": [...]}``, a list of OrderModels, or a single one.
- Signature: none; the secret is the last segment of the URL that the job posts to.
- Retry: the job's.
- Order: the job's; an order says no time of its last change (see below).
- Duplicates: what is equal byte for byte is a repetition.
- Times are Japan's: ``+0900`` without a colon, ``+09:00``, or without a zone. Money is whole yen;
  -9999 means not fixed yet.

``orderProgress``: 100 注文確認待ち, 200 楽天処理中, 300 発送待ち, 400 変更確定待ち, 500 発送済,
600 支払手続き中, 700 支払手続き済, 800 キャンセル確定待ち, 900 キャンセル確定. 300 is not shipped.

Who is who: ``OrdererModel`` bought; ``PackageModelList[].SenderModel`` is, in spite of its name,
who receives the package (送付先).

Mail addresses: Rakuten shows a forwarding address (…@pc.fw.rakuten.ne.jp, あんしんメルアド) that
stands for one order's customer at Rakuten only. Manuals of mail tools say that Rakuten takes mail
to such an address only from the shop's registered sender through Rakuten's own SMTP server: what
another server sends comes back, and bounces cost the sender's name. So it is left out, and the
order is one without an e-mail address. Rakuten's rules keep it for messages about the order: it
counts as a refusal of marketing by e-mail as well.

Readings that are ours
- An order says no time of its last change: the newest of its times is taken, ``orderProgress``
  breaks ties.
- From 300 on nothing but the shipping remains: the stock is set aside, and what Rakuten's own
  settlement (``rpaySettlementFlag`` not 0) collects in advance (コンビニ, 銀行) is paid, anything
  else authorised. 700 is paid. Before that a payment is pending.
- Dispatched: 500, 600, 700, or a 発送完了報告日時. A number that stands there earlier is a label.
- A package (``basketId``) is a shipment; all its numbers are parcels of it.
- 800 waits for the cancellation and is none; 900 is one, of the whole order. A return after
  delivery ends in 900 as well: the reason says so.
- An item that was taken out (``deleteItemFlag``, ``packageDeleteFlag``) is no line any more.
- Wishes are read from deliveryDate and shippingTerm, not from the remarks, which are free text.
- 定期購入 and 頒布会 (orderType 4, 5) are subscriptions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts import orders, values, words
from shared.contracts.attributes import read_wishes
from shared.contracts.reading import Node
from shared.contracts.signatures import PathToken
from shared.contracts.tracking import carrier_token
from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ConsentSeen,
    Fact,
    Line,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    PaymentMethod,
    PaymentStatus,
    ShipmentDispatched,
    ShipmentUpdated,
    StockStatus,
)
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Address, Money, Party
from shared.sources import Delivery, Source, make_fact, split_list

NAME = "rakuten"
ZONE = "Asia/Tokyo"
CURRENCY = "JPY"
NOT_FIXED = "-9999"
FORWARDING_DOMAIN = "fw.rakuten.ne.jp"

CANCELLED = "900"
PROGRESS = {
    "100": "注文確認待ち",
    "200": "楽天処理中",
    "300": "発送待ち",
    "400": "変更確定待ち",
    "500": "発送済",
    "600": "支払手続き中",
    "700": "支払手続き済",
    "800": "キャンセル確定待ち",
    "900": "キャンセル確定",
}
BEFORE_PAYMENT = {"100", "200"}
GOES_ON = {"300", "400", "500", "600", "700"}
DISPATCHED = {"500", "600", "700"}
SETTLED = "700"

# settlementMethodCode
METHODS = {
    "1": PaymentMethod.CARD,
    "2": PaymentMethod.COD,
    "3": PaymentMethod.DEFERRED,
    "4": PaymentMethod.OTHER,  # ショッピングクレジット／ローン
    "5": PaymentMethod.OTHER,  # オートローン
    "6": PaymentMethod.OTHER,  # リース
    "7": PaymentMethod.DEFERRED,  # 請求書払い
    "8": PaymentMethod.OTHER,  # ポイント
    "9": PaymentMethod.BANK_TRANSFER,
    "12": PaymentMethod.WALLET,  # Apple Pay
    "13": PaymentMethod.KONBINI,  # セブンイレブン（前払）
    "14": PaymentMethod.KONBINI,  # ローソン、郵便局ATM等（前払）
    "16": PaymentMethod.WALLET,  # Alipay
    "17": PaymentMethod.WALLET,  # PayPal
    "21": PaymentMethod.DEFERRED,  # 後払い決済
    "27": PaymentMethod.WALLET,  # Alipay（支付宝）
}
IN_ADVANCE = {PaymentMethod.KONBINI, PaymentMethod.BANK_TRANSFER}

# deliveryCompany; what carrier_token knows becomes its token, else the name stays.
CARRIERS = {
    "1001": "ヤマト運輸",
    "1002": "佐川急便",
    "1003": "日本郵便",
    "1004": "西濃運輸",
    "1005": "セイノースーパーエクスプレス",
    "1006": "福山通運",
    "1007": "名鉄運輸",
    "1008": "トナミ運輸",
    "1009": "第一貨物",
    "1010": "新潟運輸",
    "1011": "中越運送",
    "1012": "岡山県貨物運送",
    "1013": "久留米運送",
    "1014": "山陽自動車運送",
    "1015": "日本トラック",
    "1016": "エコ配",
    "1017": "日本郵便",  # EMS
    "1018": "DHL",
    "1019": "FedEx",
    "1020": "UPS",
    "1021": "日本通運",
    "1022": "TNT",
    "1023": "OCS",
    "1024": "USPS",
    "1025": "SFエクスプレス",
    "1026": "Aramex",
    "1027": "SGHグローバル・ジャパン",
    "1028": "Rakuten EXPRESS",
}

# shippingTerm; anything else is two hours, 1416 for 14 to 16.
TERMS = {"0": None, "1": "午前", "2": "午後", "9": None}

# changeReasonDetail
REASONS = {
    "1": "キャンセル",
    "2": "受取後の返品",
    "3": "長期不在による受取拒否",
    "4": "未入金",
    "5": "代引決済の受取拒否",
    "6": "お客様都合 - その他",
    "8": "欠品",
    "10": "店舗様都合 - その他",
    "13": "発送遅延",
    "14": "顧客・配送対応注意表示",
    "15": "返品(破損・品間違い)",
}
SUBSCRIPTIONS = {"4", "5"}

_TIMES = (
    "orderDatetime",
    "shopOrderCfmDatetime",
    "orderFixDatetime",
    "shippingInstDatetime",
    "shippingCmplRptDatetime",
)


# --- events and topics -------------------------------------------------------


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """ "order" for what looks like an OrderModel, or like an answer without one."""
    keys = (
        "orderNumber", "PackageModelList", "OrdererModel", "OrderModelList", "MessageModelList",
        "orderNumberList",
    )  # fmt: skip
    return "order" if any(key in body for key in keys) else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """The orders in an answer of getOrder. Raises Rejected("MALFORMED")."""
    if isinstance(body, Mapping) and isinstance(body.get("OrderModelList"), list | tuple):
        return split_list(body["OrderModelList"])
    return split_list(body)


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in an OrderModel. Raises Rejected."""
    order = Node(delivery.body)
    if "orderNumberList" in order.value and not order.has("orderNumber"):
        raise Rejected(
            "INCOMPLETE",
            "orderNumberList names orders only (searchOrder): getOrder has to be asked",
        )
    if "MessageModelList" in order.value and not order.has("orderNumber"):
        raise Rejected("INCOMPLETE", "OrderModelList is missing: getOrder answered messages only")
    return tuple(_order(delivery, order))


# --- orders ------------------------------------------------------------------


def _order(delivery: Delivery, order: Node) -> Iterator[Fact]:
    order_id = order.required_text("orderNumber")
    placed_at = order.required_instant("orderDatetime", zone=ZONE)
    progress = order.text("orderProgress")
    reported_at = order.instant("shippingCmplRptDatetime", ZONE)
    changes = [
        node.instant(key, ZONE)
        for node in order.nodes("ChangeReasonModelList")
        for key in ("changeApplyDatetime", "changeFixDatetime", "changeCmplDatetime")
    ]
    known = [*(order.instant(key, ZONE) for key in _TIMES), *changes]
    at = max(when for when in known if when)
    brand = delivery.brands.find()
    rank = int(progress) // 10 if progress in PROGRESS else 0
    said = _snapshot(order, order_id, placed_at, progress)
    # When it was placed neither the payment nor the stock was settled.
    unsettled = {"payment_status": None, "stock": None, "cancelled": None}
    placed = OrderPlaced(**{**said, **unsettled})
    yield make_fact(delivery, placed, placed_at, brand=brand)
    yield make_fact(delivery, OrderChanged(**said), at, brand=brand, rank=rank)
    gone = progress in DISPATCHED or reported_at is not None
    for number, package in enumerate(order.nodes("PackageModelList")):
        parcel = _parcel(order, package, number, order_id, sent=gone)
        if parcel is not None:
            when = reported_at or at
            yield make_fact(delivery, parcel, when if gone else at, brand=brand)
    if progress == CANCELLED:
        cancelled = OrderCancelled(order_id=order_id, reason=_reason(order))
        yield make_fact(delivery, cancelled, at, brand=brand)


def _snapshot(
    order: Node, order_id: str, placed_at: datetime, progress: str | None
) -> dict[str, Any]:
    buyer = order.node("OrdererModel")
    packages = order.nodes("PackageModelList")
    receiver = packages[0].node("SenderModel") if packages else None
    person = _party(buyer) if buyer else Party()
    forwarded = _is_forwarding(person.email)
    method = _payment_method(order.node("SettlementModel"))
    lines = tuple(_line(item, number) for _, item, number in _items(order))
    if not lines:
        raise order.missing("PackageModelList[].ItemModelList")
    return {
        "order_id": order_id,
        "placed_at": placed_at,
        "number": order_id,
        "buyer": replace(person, email=None) if forwarded else person,
        "ship_to": _address(receiver) if receiver else None,
        "lines": lines,
        "currency": CURRENCY,
        "total": _yen(order, "requestPrice") or _yen(order, "totalPrice"),
        "subtotal": _yen(order, "goodsPrice"),
        "shipping_fee": _yen(order, "postagePrice"),
        "payment_method": method,
        "payment_status": _payment_status(order, progress, method),
        "payment_due_at": _due_at(order),
        "stock": StockStatus.RESERVED if progress in GOES_ON else None,
        "cancelled": progress == CANCELLED if progress in PROGRESS else None,
        "wished_date": _date(order, "deliveryDate"),
        "wished_slot": _slot(order),
        "gift": _gift(order, packages),
        "subscription": _subscription(order),
        "consents": ((ConsentSeen(channel=Channel.EMAIL, granted=False),) if forwarded else ()),
    }


def _payment_method(settlement: Node | None) -> PaymentMethod | None:
    if settlement is None:
        return None
    name = settlement.text("settlementMethod") or ""
    code = settlement.text("settlementMethodCode") or ""
    if "前払" in name or "セブンイレブン" in name:
        return PaymentMethod.KONBINI
    return METHODS.get(code) or words.payment_method([name])


def _payment_status(
    order: Node, progress: str | None, method: PaymentMethod | None
) -> PaymentStatus | None:
    if progress == SETTLED:
        return PaymentStatus.PAID
    if progress in BEFORE_PAYMENT:
        return PaymentStatus.PENDING
    settlement = order.node("SettlementModel")
    own = settlement.text("rpaySettlementFlag") == "0" if settlement else True
    if progress not in GOES_ON or own or method is None:
        return None
    if method is PaymentMethod.COD:
        return PaymentStatus.PENDING
    return PaymentStatus.PAID if method in IN_ADVANCE else PaymentStatus.AUTHORIZED


def _due_at(order: Node) -> datetime | None:
    """The end of the day until which an order in advance has to be paid."""
    days = [
        _date(due, "dueDate")
        for due in order.nodes("DueDateModelList")
        if due.text("dueDateType") == "0"
    ]
    first = min((day for day in days if day), default=None)
    return datetime.combine(first, time(23, 59, 59), ZoneInfo(ZONE)) if first else None


def _line(item: Node, number: int) -> Line:
    skus = item.nodes("SkuModelList")
    own = [text for sku in skus if (text := sku.text("merchantDefinedSkuId"))]
    variants = [text for sku in skus if (text := sku.text("skuInfo"))]
    return Line(
        line_id=_line_id(item, number),
        quantity=item.required_quantity("units"),
        sku=next(iter(own), None) or item.text("itemNumber") or item.text("manageNumber"),
        product_id=item.text("manageNumber"),
        title=item.text("itemName"),
        variant=" / ".join(variants) or item.text("selectedChoice"),
        unit_price=_yen(item, "priceTaxIncl") or _yen(item, "price"),
    )


def _line_id(item: Node, number: int) -> str:
    """The id of an item; one that has none, as of old versions, is told by its place."""
    written = isinstance(item.value.get("itemDetailId"), str)
    found = item.text("itemDetailId") if written else item.identifier("itemDetailId")
    return found or f"line-{number + 1}"


def _party(node: Node) -> Party:
    return orders.party(
        name=words.full_name(node.text("firstName"), node.text("familyName")),
        emails=(node.text("emailAddress"),),
        phones=(_phone(node),),
        phone_region="JP",
    )


def _address(node: Node) -> Address | None:
    zips = [node.text("zipCode1"), node.text("zipCode2")]
    return orders.address(
        name=words.full_name(node.text("firstName"), node.text("familyName")),
        country="JP" if node.text("prefecture") else None,
        postal_code="-".join(part for part in zips if part) or None,
        region=node.text("prefecture"),
        city=node.text("city"),
        line1=node.text("subAddress"),
        phones=(_phone(node),),
        phone_region="JP",
    )


def _phone(node: Node) -> str:
    return "".join(filter(None, (node.text(f"phoneNumber{n}") for n in (1, 2, 3))))


def _is_forwarding(email: str | None) -> bool:
    domain = (email or "").rpartition("@")[2]
    return domain == FORWARDING_DOMAIN or domain.endswith(f".{FORWARDING_DOMAIN}")


def _gift(order: Node, packages: tuple[Node, ...]) -> bool | None:
    flag = order.text("giftCheckFlag")
    noshi = [("のし", text) for package in packages if (text := package.text("noshi"))]
    if flag == "1" or read_wishes(noshi, date.min).gift:
        return True
    return False if flag == "0" else None


def _subscription(order: Node) -> bool | None:
    kind = order.text("orderType")
    return kind in SUBSCRIPTIONS if kind else None


def _slot(order: Node) -> str | None:
    term = order.text("shippingTerm")
    if term is None or term in TERMS:
        return TERMS.get(term or "0")
    hours = (term[:-2], term[-2:])
    if not term.isdecimal() or not all(7 <= int(hour or 0) <= 24 for hour in hours):
        return None
    return f"{int(hours[0])}:00-{int(hours[1])}:00"


def _reason(order: Node) -> str | None:
    reasons = order.nodes("ChangeReasonModelList")
    told = [code for node in reasons if (code := node.text("changeReasonDetail"))]
    return REASONS.get(told[-1]) if told else None


# --- packages ----------------------------------------------------------------


def _parcel(
    order: Node, package: Node, number: int, order_id: str, *, sent: bool
) -> ShipmentDispatched | ShipmentUpdated | None:
    """A package that went out, or whose label is made; None before that."""
    models = package.nodes("ShippingModelList")
    typed = [text for model in models if (text := model.text("shippingNumber"))]
    numbers = words.tracking_numbers(typed)
    shipment_id = package.identifier("basketId") or f"{order_id}-{number + 1}"
    carrier = next(filter(None, map(_carrier, models)), None)
    lines = _shipped_lines(order, package)
    if sent:
        return ShipmentDispatched(
            order_id=order_id,
            shipment_id=shipment_id,
            lines=lines,
            carrier=carrier,
            tracking_number=numbers[0] if numbers else None,
            other_tracking_numbers=numbers[1:],
            dispatched_at=order.instant("shippingCmplRptDatetime", ZONE),
        )
    if not numbers:
        return None
    return ShipmentUpdated(
        order_id=order_id,
        shipment_id=shipment_id,
        status=Status.LABEL_CREATED,
        lines=lines,
        carrier=carrier,
        tracking_number=numbers[0],
    )


def _carrier(model: Node) -> str | None:
    code, name = model.text("deliveryCompany"), model.text("deliveryCompanyName")
    return carrier_token(CARRIERS.get(code or "") or name)


def _shipped_lines(order: Node, package: Node) -> tuple[ShippedLine, ...]:
    """The items of one package, numbered as in the whole order."""
    inside = (one for one in _items(order) if one[0] == package.path)
    return orders.shipped_lines(
        (_line_id(item, number), item.quantity("units")) for _, item, number in inside
    )


def _items(order: Node) -> list[tuple[str, Node, int]]:
    """The items with their package's path and their place in the order, without deleted ones.

    An order of which everything is deleted keeps what it was.
    """
    known = [
        (package, item) for package in order.nodes("PackageModelList")
        for item in package.nodes("ItemModelList")
    ]  # fmt: skip
    numbered = [(package, item, number) for number, (package, item) in enumerate(known)]
    left = [
        one for one in numbered
        if not one[0].yes_or_no("packageDeleteFlag") and not one[1].yes_or_no("deleteItemFlag")
    ]  # fmt: skip
    return [(package.path, item, number) for package, item, number in left or numbered]


# --- reading -----------------------------------------------------------------


def _yen(node: Node, key: str) -> Money | None:
    return None if str(node.value.get(key)) == NOT_FIXED else node.money(key, CURRENCY)


def _date(node: Node, key: str) -> date | None:
    """A day, whether it is written as one or as a midnight in Japan; None for what is none."""
    text = node.text(key)
    if text is None:
        return None
    at = values.local_instant(text, ZONE)
    return values.day(text) or (at.astimezone(ZoneInfo(ZONE)).date() if at else None)


# --- declaration -------------------------------------------------------------

SOURCE = Source(
    name=NAME,
    title="Rakuten Ichiba (RMS)",
    docs_url="https://webservice.rms.rakuten.co.jp/merchant-portal/",
    topics={
        "order": "OrderPlaced, OrderChanged; ShipmentDispatched or ShipmentUpdated per package; "
        "OrderCancelled",
    },
    ignored={"*": "the RakutenPay Order API gives orders only"},
    notes=(
        "No webhooks: a job of the merchant's posts what getOrder answers.",
        "Repetition: what is equal byte for byte is one.",
        "Times are Japan's, in whole seconds; orderProgress breaks ties.",
    ),
    recognises=lambda _headers: False,
    signature=PathToken(),
    topic_of=topic_of,
    split=split,
    normalize=normalize,
)
