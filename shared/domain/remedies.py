"""What would have to change for a message to have another outcome: for every reason, in words.

For support staff: what ends the reason, who can end it, and when there is nothing to do.
"""

from __future__ import annotations

from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.reasons import Reason

SENT = ("送信済みです。これ以上することはありません。", "Nothing: it has been sent.")

REMEDIES: dict[Reason, tuple[str, str]] = {
    Reason.DUE: ("このあとすぐに送られます。", "Nothing: it goes out at once."),
    Reason.SETTLING: (
        "1分ほどで自動的に判断します。",
        "Nothing: it is decided by itself within about a minute.",
    ),
    Reason.NOT_YET_DUE: (
        "予定の日時になると、自動的にもう一度判断します。",
        "Nothing: it is looked at again by itself at the time shown.",
    ),
    Reason.AWAITING_FACT: (
        "入金や発送などの連絡がショップから届くと、自動的に判断します。",
        "News from the shop, such as a payment or a dispatch. It is then decided by itself.",
    ),
    Reason.RETRYING: (
        "自動的に再試行します。何時間も続くときは、システム担当者にご連絡ください。",
        "Nothing: it is tried again by itself. If this goes on for hours, tell the engineers.",
    ),
    Reason.IN_FLIGHT: (
        "数分以内に結果が出ます。",
        "Nothing: the outcome is known within minutes.",
    ),
    Reason.OUTCOME_UNKNOWN: (
        (
            "配信サービスの記録が届くと「送信済み」に変わります。お客様に届いたかどうかは、"
            "配信サービスの記録かお客様ご本人に確認できます。"
        ),
        (
            "The delivery service's record, if it still comes, turns this into sent. Whether it "
            "arrived can be seen in that service, or asked of the customer."
        ),
    ),
    Reason.ALREADY_SENT: (
        "同じ内容は二度送りません。もう一度伝えたいときは、直接ご連絡ください。",
        "Nothing: the same is never said twice. To say it again, write to the customer yourself.",
    ),
    Reason.SUPERSEDED: (
        "することはありません。状況が元に戻れば、自動的に判断し直します。",
        "Nothing. If things go back to what they were, it is decided anew by itself.",
    ),
    Reason.NOTHING_TO_SAY: (
        "することはありません。新しい出来事があれば、自動的に判断します。",
        "Nothing. With the next event it is decided anew by itself.",
    ),
    Reason.ORDER_UNKNOWN: (
        (
            "ショップから注文そのものの情報が届くと判断します。届かないときは、"
            "ショップとの連携をシステム担当者にご確認ください。"
        ),
        (
            "The order itself has to arrive from the shop. If it does not, ask the engineers to "
            "look at the connection with the shop."
        ),
    ),
    Reason.ORDER_CANCELLED: (
        "ショップでキャンセルが取り消されたときだけ、判断し直します。",
        "Only if the shop takes the cancellation back is it decided anew.",
    ),
    Reason.TEST_ORDER: (
        "テスト注文には送りません。変わることはありません。",
        "Nothing: a test order never gets messages.",
    ),
    Reason.HISTORICAL: (
        "取り込んだ注文にも送りたいときは、担当者が件数を確かめて「yoin approve」で承認します。",
        "To write to imported orders after all, somebody approves the count with `yoin approve`.",
    ),
    Reason.SILENCED: (
        "ショップ側の「通知しない」の設定が変わったときだけ送ります。",
        "Only if the shop takes back its wish for no notifications about this order.",
    ),
    Reason.LIFECYCLE_DISABLED: (
        "ブランドの設定で、この種類のお知らせを有効にすると送ります。",
        "The brand's settings would have to switch this kind of message on.",
    ),
    Reason.NO_ADDRESS: (
        "ショップの注文かお客様情報に、メールアドレスか電話番号を登録してください。",
        "Add an email address or a phone number to the order or the customer in the shop.",
    ),
    Reason.OPTED_OUT: (
        (
            "お客様ご本人が設定ページで再開すると送れます。お申し出を受けたときは、担当者が"
            "「yoin consent grant」で記録します。"
        ),
        (
            "The customer has to resume on the preference page. If they ask you to, somebody "
            "notes that with `yoin consent grant`; never without their word."
        ),
    ),
    Reason.NO_CONSENT: (
        (
            "お客様が購入時か設定ページで同意すると送れます。お申し出を受けたときは、担当者が"
            "「yoin consent grant」で記録します。"
        ),
        (
            "The customer has to agree, at the checkout or on the preference page. If they tell "
            "you, somebody notes it with `yoin consent grant`."
        ),
    ),
    Reason.SUPPRESSED: (
        (
            "宛先を直すようお客様にご案内ください。届くと確かめられたときは、担当者が"
            "「yoin unsuppress」で戻せます。苦情のあった宛先は戻さないでください。"
        ),
        (
            "Ask the customer for a working address. If this one is known to work again, somebody "
            "can release it with `yoin unsuppress`; never after a complaint."
        ),
    ),
    Reason.QUIET_HOURS: (
        "お客様の地域で朝になると、自動的に送ります。",
        "Nothing: it goes out by itself when it is morning where the customer lives.",
    ),
    Reason.UNCONFIRMED: (
        "お客様が確認メールのリンクを開いて、同意を確定すると送れます。",
        "The customer has to confirm with the link that they were sent.",
    ),
    Reason.PRODUCT_STOPPED: (
        "お客様ご本人が設定ページで、この商品のご案内を再開すると送れます。",
        "The customer has to resume reminders about this product on the preference page.",
    ),
    Reason.SEND_TIME: (
        "ブランドの配信時刻・営業日になると、自動的に送ります。",
        "Nothing: it goes out by itself at the brand's next sending time.",
    ),
    Reason.FREQUENCY_CAP: (
        "前のお知らせから間隔があくと、自動的に送ります。",
        "Nothing: it goes out by itself once there is room since the earlier messages.",
    ),
    Reason.OUTRANKED: (
        "先のお知らせが終わると、自動的にもう一度判断します。",
        "Nothing: it is looked at again by itself when the more important one is through.",
    ),
    Reason.MERGING: (
        "ほかの荷物の連絡をしばらく待ち、自動的にまとめて送ります。",
        "Nothing: after a short wait for the other parcels it goes out by itself.",
    ),
    Reason.PAUSED: (
        "止めた担当者が「yoin resume」で再開すると送ります。",
        "Whoever paused sending has to resume it with `yoin resume`.",
    ),
    Reason.BRAKED: (
        "不達・苦情の原因を直したうえで、担当者が「yoin resume --brake」で再開します。",
        (
            "After the cause of the bounces or complaints is dealt with, somebody resumes with "
            "`yoin resume --brake`."
        ),
    ),
    Reason.CEILING: (
        (
            "取引のお知らせは次の1時間に自動的に送ります。販促は、担当者が件数を確かめて"
            "「yoin approve」で承認します。"
        ),
        (
            "A message about an order goes out by itself in the next hour. Marketing waits until "
            "somebody has checked the count and approves it with `yoin approve`."
        ),
    ),
    Reason.QUOTA: (
        "送信枠があくと、自動的に送ります。",
        "Nothing: it goes out by itself when the quota has room.",
    ),
    Reason.BUDGET: (
        (
            "翌月になるか、ブランドの設定でSMS予算を増やすと送れます。メールアドレスがあれば"
            "メールで送ります。"
        ),
        (
            "The next month, or a larger budget in the brand's settings. Where there is an email "
            "address, email is used."
        ),
    ),
    Reason.UNAPPROVED: (
        "担当者が件数を確かめて「yoin approve」で承認すると送ります。",
        "Somebody has to check the count and approve it with `yoin approve`.",
    ),
    Reason.TOO_LATE: (
        "時期を過ぎたため、もう送りません。必要なら直接ご連絡ください。",
        "Nothing: its time is over. If it matters, write to the customer yourself.",
    ),
    Reason.NOT_YET_PAID: (
        "入金が確認されると、自動的に判断します。",
        "The payment has to arrive. It is then decided by itself.",
    ),
    Reason.ALREADY_PAID: (
        "お支払い済みのため、することはありません。",
        "Nothing: the order is paid.",
    ),
    Reason.STOCK_NOT_RESERVED: (
        "在庫が確保されると、自動的に判断します。",
        "The goods have to be set aside. It is then decided by itself.",
    ),
    Reason.NOT_YET_DELIVERED: (
        "お届けが確認されると、自動的に判断します。",
        "The delivery has to be confirmed. It is then decided by itself.",
    ),
    Reason.NEVER_DELIVERED: (
        "配送会社から「配達完了」の連絡が届くと、判断し直します。",
        "The carrier would have to report the delivery after all.",
    ),
    Reason.DELIVERED: (
        "お届け済みのため、することはありません。",
        "Nothing: it has been delivered.",
    ),
    Reason.ON_TIME: (
        "することはありません。遅れが出れば、自動的に判断します。",
        "Nothing. Should it become late, it is decided anew by itself.",
    ),
    Reason.RESOLVED: (
        "することはありません。問題がまた起きれば、自動的に判断します。",
        "Nothing. Should the problem come back, it is decided anew by itself.",
    ),
    Reason.NO_ALERT_SENT: (
        "することはありません。遅れをお知らせしていないためです。",
        "Nothing: no delay was announced, so none has to be taken back.",
    ),
    Reason.ALERT_LIMIT: (
        "この注文には、もう自動では送りません。直接ご連絡ください。",
        "Nothing more is sent by itself about this order: write to the customer yourself.",
    ),
    Reason.STALE_FEED: (
        (
            "配送情報の受信が再開すると、自動的に判断します。続くときは、システム担当者に"
            "ご連絡ください。"
        ),
        "News from the carrier has to come in again. If this goes on, tell the engineers.",
    ),
    Reason.CARRIER_NOTIFIES: (
        "配送会社がお知らせするため、することはありません。変えるにはブランドの設定を直します。",
        "Nothing: the carrier tells the customer. The brand's settings can change that.",
    ),
    Reason.OPEN_INCIDENT: (
        "配送の問題が解決すると、自動的に判断します。",
        "The delivery problem has to be solved. It is then decided by itself.",
    ),
    Reason.RETURN_OPEN: (
        "返品の手続きが終わると、自動的に判断します。",
        "The return has to come to its end. It is then decided by itself.",
    ),
    Reason.TICKET_OPEN: (
        "お問い合わせの対応を終える（チケットを閉じる）と、自動的に判断します。",
        "Close the support ticket. It is then decided by itself.",
    ),
    Reason.NOTHING_KEPT: (
        "お手元に商品が残らないため、することはありません。",
        "Nothing: the customer keeps none of the goods.",
    ),
    Reason.ALREADY_REVIEWED: (
        "レビューをいただいたため、することはありません。",
        "Nothing: the review is there.",
    ),
    Reason.ASKED_RECENTLY: (
        "同じ商品についてのお願いは、期間をあけます。することはありません。",
        "Nothing: about the same product the customer is not asked again so soon.",
    ),
    Reason.GIFT: (
        "贈り物の注文には送りません。することはありません。",
        "Nothing: this message is not sent about gifts.",
    ),
    Reason.REORDERED: (
        "次のご注文があるため、することはありません。",
        "Nothing: the newer order takes its place.",
    ),
    Reason.SUBSCRIBED: (
        "お客様が定期購入をやめたときだけ、判断し直します。",
        "Only if the customer ends the subscription is it decided anew.",
    ),
    Reason.SUBSCRIPTION_UNKNOWN: (
        (
            "定期購入の情報がショップから届くと判断できます。定期購入を扱わないブランドは、"
            "設定でそう指定します。"
        ),
        (
            "The shop has to tell whether there is a subscription. A brand that sells none says so "
            "in its settings."
        ),
    ),
    Reason.DISCONTINUED: (
        "ブランドの設定で後継品を登録すると、その商品をご案内できます。",
        "The brand's settings can name a successor of the product.",
    ),
    Reason.SNOOZED: (
        "お客様が選んだ日を過ぎるか、お客様ご本人が設定ページで再開すると判断します。",
        "The day that the customer chose, or the customer resuming on the preference page.",
    ),
    Reason.NO_SUPPLY_DATA: (
        "ブランドの設定に、商品の使い切り日数を登録してください。",
        "The brand's settings have to say how long the product lasts.",
    ),
    Reason.REFUSED_BY_PROVIDER: (
        "宛先や本文を確認してください。この宛先に自動で送り直すことはありません。",
        "Check the address and the text. Nothing is sent again by itself to this address.",
    ),
    Reason.TEMPLATE_ERROR: (
        "テンプレートの修正をシステム担当者にご依頼ください。この1通は送り直されません。",
        "Ask the engineers to repair the template. This one message is not sent again.",
    ),
    Reason.BOUNCED: (
        "正しい宛先をお客様に確認し、ショップに登録してください。",
        "Ask the customer for the right address, and put it into the shop.",
    ),
    Reason.COMPLAINED: (
        "ご迷惑のお知らせとして扱い、この宛先には送りません。再開できるのはお客様ご本人だけです。",
        "Nothing: this address gets nothing more. Only the customer can resume.",
    ),
}


def remedy(entry: LedgerEntry) -> tuple[str, str]:
    """What would have to change for this entry (ja, en)."""
    done = entry.status is EntryStatus.SENT and entry.reason in {Reason.DUE, Reason.ALREADY_SENT}
    return SENT if done else REMEDIES[entry.reason]
