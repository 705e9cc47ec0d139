"""Facts and states in plain words, Japanese and English, for marketers and support staff."""

from __future__ import annotations

from datetime import date

from shared.domain import events
from shared.domain.events import Data, Line, PaymentStatus, PromiseSource, ReturnStatus, StockStatus
from shared.domain.ledger import EntryStatus
from shared.domain.shipments import ShippedLine, Status
from shared.domain.values import Money

Bilingual = tuple[str, str]

STATUSES: dict[Status, Bilingual] = {
    Status.PENDING: ("配送情報なし", "no carrier data yet"),
    Status.LABEL_CREATED: ("送り状作成", "label created"),
    Status.ACCEPTED: ("荷物受付", "accepted by the carrier"),
    Status.IN_TRANSIT: ("輸送中", "in transit"),
    Status.ARRIVED_AT_DELIVERY_DEPOT: ("配達店に到着", "at the delivery depot"),
    Status.OUT_FOR_DELIVERY: ("配達中", "out for delivery"),
    Status.DELIVERY_ATTEMPTED: ("ご不在・持ち戻り", "delivery attempted, nobody there"),
    Status.AVAILABLE_FOR_PICKUP: ("受け取り待ち", "waiting to be picked up"),
    Status.HELD: ("保管中", "held"),
    Status.DELIVERED: ("お届け済み", "delivered"),
    Status.EXCEPTION: ("配送の問題", "exception"),
    Status.RETURNING: ("返送中", "on its way back"),
    Status.RETURNED: ("差出人に返送済み", "returned to the sender"),
    Status.CANCELLED: ("配送取消", "shipment cancelled"),
    Status.EXPIRED: ("追跡期限切れ", "tracking expired"),
    Status.UNKNOWN: ("不明な状態", "unknown status"),
}

PAYMENTS: dict[PaymentStatus, Bilingual] = {
    PaymentStatus.PENDING: ("お支払い待ち", "payment pending"),
    PaymentStatus.AUTHORIZED: ("与信済み", "authorised"),
    PaymentStatus.PAID: ("お支払い済み", "paid"),
    PaymentStatus.PARTIALLY_PAID: ("一部お支払い済み", "partially paid"),
    PaymentStatus.FAILED: ("お支払い失敗", "payment failed"),
    PaymentStatus.EXPIRED: ("お支払い期限切れ", "payment expired"),
    PaymentStatus.VOIDED: ("お支払い取消", "payment voided"),
    PaymentStatus.REFUNDED: ("全額返金", "refunded"),
    PaymentStatus.PARTIALLY_REFUNDED: ("一部返金", "partially refunded"),
}

STOCK: dict[StockStatus, Bilingual] = {
    StockStatus.RESERVED: ("在庫確保", "stock reserved"),
    StockStatus.PARTIAL: ("在庫の一部を確保", "stock partly reserved"),
    StockStatus.BACKORDERED: ("お取り寄せ", "backordered"),
}

RETURNS: dict[ReturnStatus, Bilingual] = {
    ReturnStatus.OPEN: ("返品受付", "return opened"),
    ReturnStatus.RECEIVED: ("返品到着", "return received"),
    ReturnStatus.CLOSED: ("返品完了", "return closed"),
    ReturnStatus.DECLINED: ("返品不可", "return declined"),
    ReturnStatus.CANCELLED: ("返品取消", "return cancelled"),
}

PROMISED_BY: dict[PromiseSource, Bilingual] = {
    PromiseSource.SHOP: ("ショップ", "shop"),
    PromiseSource.CARRIER: ("配送会社", "carrier"),
    PromiseSource.CUSTOMER: ("お客様のご希望", "customer's wish"),
}

ENTRY_STATUSES: dict[EntryStatus, Bilingual] = {
    EntryStatus.SENT: ("送信済み", "Sent"),
    EntryStatus.WAITING: ("待機中", "Waiting"),
    EntryStatus.SKIPPED: ("見送り", "Skipped"),
    EntryStatus.FAILED: ("失敗", "Failed"),
    EntryStatus.SENDING: ("送信中", "Sending"),
    EntryStatus.UNKNOWN: ("結果確認中", "Outcome unknown"),
}

FACTS: dict[str, Bilingual] = {
    "OrderPlaced": ("ご注文", "Order placed"),
    "OrderChanged": ("注文の更新", "Order changed"),
    "OrderConfirmed": ("注文確定", "Order confirmed"),
    "PaymentUpdated": ("お支払い", "Payment"),
    "StockUpdated": ("在庫", "Stock"),
    "OrderCancelled": ("注文キャンセル", "Order cancelled"),
    "OrderRefunded": ("返金", "Refund"),
    "ShipmentDispatched": ("出荷", "Shipment dispatched"),
    "ShipmentUpdated": ("配送状況", "Carrier"),
    "DeliveryPromised": ("お届け予定", "Delivery promised"),
    "ReturnOpened": ("返品受付", "Return opened"),
    "ReturnReceived": ("返品到着", "Return received"),
    "ReturnClosed": ("返品終了", "Return ended"),
    "TicketOpened": ("お問い合わせ", "Support ticket opened"),
    "TicketClosed": ("お問い合わせ完了", "Support ticket closed"),
    "ReviewSubmitted": ("レビュー投稿", "Review submitted"),
    "ReminderSnoozed": ("お知らせの見合わせ", "Reminder snoozed"),
    "ConsentChanged": ("配信の同意", "Consent"),
    "PreferencesChanged": ("配信の設定", "Preferences"),
    "SubscriptionChanged": ("定期購入", "Subscription"),
    "CustomerChanged": ("お客様情報の更新", "Customer details"),
    "PrivacyRequested": ("個人情報に関するご請求", "Privacy request"),
    "InventoryChanged": ("在庫数", "Inventory"),
    "MessageReported": ("配信結果", "Message report"),
    "ContactabilityChanged": ("連絡可否", "Contactability"),
}

MESSAGES: dict[str, Bilingual] = {
    "order_confirmation/received": ("ご注文の受付", "order received"),
    "order_confirmation/confirmed": ("ご注文の確定", "order confirmed"),
    "order_confirmation/payment_reminder": ("お支払いのご案内", "payment reminder"),
    "order_confirmation/payment_expired": ("お支払い期限切れ", "payment expired"),
    "order_confirmation/cancelled": ("キャンセルのお知らせ", "order cancelled"),
    "delay_alert/dispatch_delayed": ("発送の遅れ", "dispatch delayed"),
    "delay_alert/pickup_delayed": ("集荷の遅れ", "not picked up"),
    "delay_alert/transit_delayed": ("輸送の遅れ", "stalled on the way"),
    "delay_alert/exception": ("配送の問題", "delivery problem"),
    "delay_alert/late": ("お届けの遅れ", "late"),
    "delay_alert/absence": ("ご不在", "nobody at home"),
    "delay_alert/pickup_waiting": ("受け取り待ち", "waiting to be picked up"),
    "delay_alert/moving_again": ("輸送の再開", "moving again"),
    "review_request/request": ("レビューのお願い", "request"),
    "review_request/reminder": ("レビューの再度のお願い", "reminder"),
    "review_request/service": ("サービスのご感想（ギフト）", "service feedback (gift)"),
    "replenishment_reminder/due": ("なくなる前のご案内", "running low"),
    "replenishment_reminder/late": ("なくなった後のご案内", "run out"),
}
"""Kinds of message in plain words. One that is not here is shown by its token."""


FREQUENCIES = {
    events.Frequency.ALL: ("すべて", "all"),
    events.Frequency.WEEKLY: ("週に1通まで", "one a week at most"),
    events.Frequency.MONTHLY: ("月に1通まで", "one a month at most"),
}


def money(value: Money | None) -> str:
    """An amount for a person: ``¥1,980``, ``$12.50``; "" where there is none."""
    if value is None:
        return ""
    from babel.numbers import format_currency, get_currency_precision

    digits = get_currency_precision(value.currency)
    return format_currency(value.amount / 10**digits, value.currency, locale="en_US")


def fact_words(data: Data) -> Bilingual:
    """What a fact says, in a few words beside its name. May be empty."""
    ja: list[str] = []
    en: list[str] = []

    def both(pair: Bilingual) -> None:
        ja.append(pair[0])
        en.append(pair[1])

    def same(*texts: str | None) -> None:
        # A carrier's own word is often the very word that we have for it.
        for text in texts:
            if text and text not in ja:
                ja.append(text)
            if text:
                en.append(text)

    match data:
        case events.OrderPlaced() | events.OrderChanged():
            same(items(data.lines), money(data.total))
            if data.payment_status:
                both(PAYMENTS[data.payment_status])
            if data.wished_date:
                both((f"ご希望日 {data.wished_date}", f"wished for {data.wished_date}"))
        case events.PaymentUpdated():
            both(PAYMENTS[data.status])
            same(money(data.amount))
        case events.StockUpdated():
            both(STOCK[data.status])
            same(_day(data.expected_on))
        case events.OrderCancelled():
            same(data.reason)
        case events.OrderRefunded():
            same(money(data.amount))
            for line in data.lines:
                same(f"{line.kind} ×{line.quantity}")
        case events.ShipmentDispatched():
            same(data.carrier, data.tracking_number, _shipped(data.lines))
        case events.ShipmentUpdated():
            both(STATUSES[data.status])
            same(data.raw_status, data.location, data.place)
            if data.hold_until:
                both((f"保管期限 {data.hold_until}", f"held until {data.hold_until}"))
        case events.DeliveryPromised():
            span = [str(day) for day in (data.earliest, data.latest) if day]
            same(" – ".join(dict.fromkeys(span)))
            both(PROMISED_BY[data.promised_by])
        case events.ReturnOpened() | events.ReturnReceived():
            same(_shipped(data.lines))
        case events.ReturnClosed():
            both(RETURNS[data.outcome])
        case events.TicketOpened() | events.TicketClosed():
            same(data.ticket_id)
        case events.ReviewSubmitted():
            both((", ".join(data.skus) or "全商品", ", ".join(data.skus) or "all products"))
        case events.ReminderSnoozed():
            until = (f"{data.until} まで", f"until {data.until}") if data.until else None
            same(data.sku)
            both(until or ("今後送らない", "never again"))
        case events.ConsentChanged():
            both(
                (f"{data.channel}: 同意", f"{data.channel}: granted")
                if data.granted
                else (f"{data.channel}: 拒否", f"{data.channel}: refused")
            )
        case events.PreferencesChanged():
            both(FREQUENCIES[data.frequency])
        case events.SubscriptionChanged():
            same(data.sku)
            both(("あり", "active") if data.active else ("なし", "not active"))
        case events.OrderConfirmed():
            pass
    return " · ".join(ja), " · ".join(en)


def items(lines: tuple[Line, ...]) -> str:
    """The goods of an order in one line: ``煎茶 ×2, 急須 ×1``."""
    return ", ".join(f"{line.title or line.sku or line.line_id} ×{line.quantity}" for line in lines)


def _shipped(lines: tuple[ShippedLine, ...]) -> str:
    return f"×{sum(line.quantity for line in lines)}" if lines else ""


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
