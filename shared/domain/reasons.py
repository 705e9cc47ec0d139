"""Why a message was sent, held back, or will be looked at again: a closed list.

Every reason has one line of explanation in Japanese and in English, which `yoin explain` and
the mailbox show to marketers and support staff.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A reason code. ``REASONS[reason]`` explains it as (ja, en)."""

    DUE = "DUE"
    SETTLING = "SETTLING"
    NOT_YET_DUE = "NOT_YET_DUE"
    AWAITING_FACT = "AWAITING_FACT"
    RETRYING = "RETRYING"
    IN_FLIGHT = "IN_FLIGHT"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    ALREADY_SENT = "ALREADY_SENT"
    SUPERSEDED = "SUPERSEDED"
    NOTHING_TO_SAY = "NOTHING_TO_SAY"
    ORDER_UNKNOWN = "ORDER_UNKNOWN"
    ORDER_CANCELLED = "ORDER_CANCELLED"
    TEST_ORDER = "TEST_ORDER"
    HISTORICAL = "HISTORICAL"
    SILENCED = "SILENCED"
    LIFECYCLE_DISABLED = "LIFECYCLE_DISABLED"
    NO_ADDRESS = "NO_ADDRESS"
    OPTED_OUT = "OPTED_OUT"
    NO_CONSENT = "NO_CONSENT"
    SUPPRESSED = "SUPPRESSED"
    QUIET_HOURS = "QUIET_HOURS"
    UNCONFIRMED = "UNCONFIRMED"
    PRODUCT_STOPPED = "PRODUCT_STOPPED"
    SEND_TIME = "SEND_TIME"
    FREQUENCY_CAP = "FREQUENCY_CAP"
    OUTRANKED = "OUTRANKED"
    MERGING = "MERGING"
    PAUSED = "PAUSED"
    BRAKED = "BRAKED"
    CEILING = "CEILING"
    QUOTA = "QUOTA"
    BUDGET = "BUDGET"
    UNAPPROVED = "UNAPPROVED"
    TOO_LATE = "TOO_LATE"
    NOT_YET_PAID = "NOT_YET_PAID"
    ALREADY_PAID = "ALREADY_PAID"
    STOCK_NOT_RESERVED = "STOCK_NOT_RESERVED"
    NOT_YET_DELIVERED = "NOT_YET_DELIVERED"
    NEVER_DELIVERED = "NEVER_DELIVERED"
    DELIVERED = "DELIVERED"
    ON_TIME = "ON_TIME"
    RESOLVED = "RESOLVED"
    NO_ALERT_SENT = "NO_ALERT_SENT"
    ALERT_LIMIT = "ALERT_LIMIT"
    STALE_FEED = "STALE_FEED"
    CARRIER_NOTIFIES = "CARRIER_NOTIFIES"
    OPEN_INCIDENT = "OPEN_INCIDENT"
    RETURN_OPEN = "RETURN_OPEN"
    TICKET_OPEN = "TICKET_OPEN"
    NOTHING_KEPT = "NOTHING_KEPT"
    ALREADY_REVIEWED = "ALREADY_REVIEWED"
    ASKED_RECENTLY = "ASKED_RECENTLY"
    GIFT = "GIFT"
    REORDERED = "REORDERED"
    SUBSCRIBED = "SUBSCRIBED"
    SUBSCRIPTION_UNKNOWN = "SUBSCRIPTION_UNKNOWN"
    DISCONTINUED = "DISCONTINUED"
    SNOOZED = "SNOOZED"
    NO_SUPPLY_DATA = "NO_SUPPLY_DATA"
    REFUSED_BY_PROVIDER = "REFUSED_BY_PROVIDER"
    TEMPLATE_ERROR = "TEMPLATE_ERROR"
    BOUNCED = "BOUNCED"
    COMPLAINED = "COMPLAINED"


REASONS: dict[Reason, tuple[str, str]] = {
    Reason.DUE: ("送信の時期になりました。", "It is time to send."),
    Reason.SETTLING: (
        "続けて届く情報をまとめて判断するため、少し待っています。",
        "Waiting a moment, so that events which come in a burst are judged together.",
    ),
    Reason.NOT_YET_DUE: ("まだ送信の時期ではありません。", "It is not time yet."),
    Reason.AWAITING_FACT: (
        "次の出来事（入金・発送など）を待っています。",
        "Waiting for the next event, such as a payment or a dispatch.",
    ),
    Reason.RETRYING: (
        "一時的に送信できなかったため、あとで再試行します。",
        "The provider could not take it just now; it is tried again later.",
    ),
    Reason.IN_FLIGHT: ("別の処理が送信中です。", "Another run is sending it at this moment."),
    Reason.OUTCOME_UNKNOWN: (
        "送信結果が不明のため、配信記録を確認しています。",
        "Whether it was accepted is unknown; the provider's record is awaited.",
    ),
    Reason.ALREADY_SENT: ("すでに送信済みです。", "It was sent already."),
    Reason.SUPERSEDED: (
        "状況が変わり、このお知らせは不要になりました。",
        "Things have moved on; this message is no longer true.",
    ),
    Reason.NOTHING_TO_SAY: ("お知らせすることはありません。", "There is nothing to say."),
    Reason.ORDER_UNKNOWN: (
        "注文の情報がまだ届いていません。",
        "The order itself has not arrived yet.",
    ),
    Reason.ORDER_CANCELLED: ("注文がキャンセルされました。", "The order was cancelled."),
    Reason.TEST_ORDER: ("テスト注文です。", "It is a test order."),
    Reason.HISTORICAL: (
        "過去の注文の取り込みのため、お客様には送りません。",
        "An import of the past mails nobody.",
    ),
    Reason.SILENCED: (
        "この注文には通知しない設定です。",
        "The merchant asked for no notifications about this order.",
    ),
    Reason.LIFECYCLE_DISABLED: (
        "このブランドでは無効になっています。",
        "The brand has switched this lifecycle off.",
    ),
    Reason.NO_ADDRESS: (
        "メールアドレスも電話番号もありません。",
        "There is neither an email address nor a phone number.",
    ),
    Reason.OPTED_OUT: ("お客様が配信を停止しています。", "The customer has opted out."),
    Reason.NO_CONSENT: (
        "マーケティング配信への同意がありません。",
        "The customer has not consented to marketing.",
    ),
    Reason.SUPPRESSED: (
        "不達または苦情により、この宛先には送れません。",
        "The address bounced or complained and is suppressed.",
    ),
    Reason.QUIET_HOURS: (
        "お客様の時間帯では夜間のため、朝まで待ちます。",
        "It is night where the customer lives; held until the morning.",
    ),
    Reason.UNCONFIRMED: (
        "配信の同意はありますが、ご本人の確認（ダブルオプトイン）がまだです。",
        "The customer agreed, but has not confirmed the address yet (double opt-in).",
    ),
    Reason.PRODUCT_STOPPED: (
        "お客様がこの商品のご案内を停止しています。",
        "The customer wants no reminders about this product.",
    ),
    Reason.SEND_TIME: (
        "ブランドが決めた配信の時刻・営業日まで待ちます。",
        "Held until the hour and the business day that the brand sends at.",
    ),
    Reason.FREQUENCY_CAP: (
        "短い期間に送りすぎないよう、間隔をあけます。",
        "The customer has had enough messages lately; held until there is room.",
    ),
    Reason.OUTRANKED: (
        "より大切なお知らせが控えているため、先を譲ります。",
        "Something more important is about to be said; this one gives way.",
    ),
    Reason.MERGING: (
        "ほかの荷物の情報とまとめてお知らせするため、少し待っています。",
        "Waiting a little for news of the other parcels, to say it in one message.",
    ),
    Reason.PAUSED: (
        "担当者が配信を一時停止しています。",
        "Somebody at the brand has paused sending.",
    ),
    Reason.BRAKED: (
        "不達・苦情の割合が上限を超えたため、販促の配信を止めています。",
        "Too many bounces or complaints: marketing is stopped for the brand.",
    ),
    Reason.CEILING: (
        "1時間の配信数が上限に達したため、止めています。",
        "The lifecycle has sent as many messages as it may in an hour.",
    ),
    Reason.QUOTA: (
        "メール送信枠の残りは、取引のお知らせのために空けてあります。",
        "What is left of the sending quota is kept for transactional mail.",
    ),
    Reason.BUDGET: (
        "今月のSMS予算を使い切りました。",
        "The month's budget for text messages is spent.",
    ),
    Reason.UNAPPROVED: (
        "過去の分のため、担当者が件数を承認するまで送りません。",
        "It is about the past: nothing goes out until somebody approves the count.",
    ),
    Reason.TOO_LATE: ("今お送りしても意味がありません。", "It would come too late to be of use."),
    Reason.NOT_YET_PAID: ("お支払いがまだです。", "The order is not paid yet."),
    Reason.ALREADY_PAID: ("お支払い済みです。", "The order is paid."),
    Reason.STOCK_NOT_RESERVED: ("在庫の確保がまだです。", "The goods are not set aside yet."),
    Reason.NOT_YET_DELIVERED: (
        "まだお手元に届いていません。",
        "The goods are not with the customer yet.",
    ),
    Reason.NEVER_DELIVERED: (
        "配達の記録がないため、お届けを確認できません。",
        "No carrier ever said delivered, and something is still open.",
    ),
    Reason.DELIVERED: ("お届け済みです。", "It has been delivered."),
    Reason.ON_TIME: ("予定どおりです。", "Everything is on time."),
    Reason.RESOLVED: ("問題は解消しました。", "The problem has gone away."),
    Reason.NO_ALERT_SENT: (
        "遅れのお知らせを送っていないため、再開のお知らせも不要です。",
        "No alert went out, so there is nothing to take back.",
    ),
    Reason.ALERT_LIMIT: (
        "この注文へのお知らせは上限に達しました。",
        "The order has had as many alerts as it may.",
    ),
    Reason.STALE_FEED: (
        "配送情報の受信が止まっているため、遅延とは判断しません。",
        "Our own feed is stale; that is no delay of the carrier.",
    ),
    Reason.CARRIER_NOTIFIES: (
        "配送会社から直接お知らせが届くため、送りません。",
        "The carrier tells the customer this itself.",
    ),
    Reason.OPEN_INCIDENT: ("配送の問題が解決していません。", "A delivery problem is still open."),
    Reason.RETURN_OPEN: ("返品の手続き中です。", "A return is open."),
    Reason.TICKET_OPEN: ("お問い合わせの対応中です。", "Support is talking to the customer."),
    Reason.NOTHING_KEPT: (
        "お手元に残る商品がありません。",
        "The customer keeps none of the goods.",
    ),
    Reason.ALREADY_REVIEWED: (
        "すでにレビューをいただいています。",
        "The customer has reviewed already.",
    ),
    Reason.ASKED_RECENTLY: (
        "同じ商品のレビューを1年以内にお願いしています。",
        "The customer was asked about this product within the last months.",
    ),
    Reason.GIFT: ("贈り物の注文です。", "The order is a gift."),
    Reason.REORDERED: ("すでに次のご注文があります。", "A newer order covers it."),
    Reason.SUBSCRIBED: ("定期購入中の商品です。", "The customer subscribes to it."),
    Reason.SUBSCRIPTION_UNKNOWN: (
        "定期購入かどうか確認できないため、送りません。",
        "Whether the customer subscribes is unknown, and unknown is not no.",
    ),
    Reason.DISCONTINUED: (
        "販売終了の商品で、後継品がありません。",
        "The product is discontinued and has no successor.",
    ),
    Reason.SNOOZED: (
        "お客様のご希望で見合わせています。",
        "The customer asked to be reminded later.",
    ),
    Reason.NO_SUPPLY_DATA: (
        "使い切る時期の見込みが立ちません。",
        "Nobody can say how long the product lasts.",
    ),
    Reason.REFUSED_BY_PROVIDER: (
        "配信サービスに拒否されました。",
        "The provider refused the message for good.",
    ),
    Reason.TEMPLATE_ERROR: (
        "テンプレートの不備で作成できませんでした。",
        "The message could not be rendered.",
    ),
    Reason.BOUNCED: ("宛先に届きませんでした。", "The message bounced."),
    Reason.COMPLAINED: ("迷惑メールとして報告されました。", "The customer marked it as spam."),
}
