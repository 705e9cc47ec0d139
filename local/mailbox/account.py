"""What a decision was made on, in words for support staff: Japanese and English, no jargon.

The rows come from the inputs that were kept with the decision, so they tell how things stood
then, and not how they stand today. Addresses are masked always.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from local.mailbox.model import Bilingual, Seen
from local.mailbox.words import FREQUENCIES, PAYMENTS, STATUSES, STOCK
from shared import lifecycles
from shared.domain.decisions import Situation
from shared.domain.estimates import recipient_zones
from shared.domain.events import Channel, ConsentChanged, ConsentMethod, Frequency, Purpose
from shared.domain.gate import addresses, consent_refusal, open_trouble
from shared.domain.ledger import IN_FLIGHT, EntryKey, EntryStatus
from shared.domain.lifecycle import Spec
from shared.domain.orders import Order
from shared.domain.policy import ConsentBasis
from shared.domain.reasons import REASONS, Reason
from shared.usecases.explain import Explanation, Rerun

METHODS: dict[ConsentMethod, Bilingual] = {
    ConsentMethod.CHECKOUT: ("ご購入時", "at the checkout"),
    ConsentMethod.PLATFORM: ("ショップの会員情報", "in the shop's customer record"),
    ConsentMethod.PREFERENCES: ("設定ページ", "on the preference page"),
    ConsentMethod.ONE_CLICK: ("メールソフトの停止ボタン", "with the mail program's button"),
    ConsentMethod.CONFIRMATION: ("確認メールのリンク", "with the confirmation link"),
    ConsentMethod.REPLY: ("SMSへの返信", "by replying to an SMS"),
    ConsentMethod.COMPLAINT: ("迷惑メールの報告", "by marking a mail as spam"),
    ConsentMethod.IMPORT: ("取り込み", "by an import"),
    ConsentMethod.SUPPORT: ("お店のスタッフへの申し出", "told to the shop's staff"),
}

CHANNELS: dict[Channel, Bilingual] = {
    Channel.EMAIL: ("メール", "email"),
    Channel.SMS: ("SMS", "SMS"),
    Channel.LINE: ("LINE", "LINE"),
}

SUPPRESSIONS: dict[str, Bilingual] = {
    "BOUNCED": ("宛先に届かなかったため停止", "stopped: mail to it came back"),
    "COMPLAINED": ("迷惑メールの報告により停止", "stopped: mail was marked as spam"),
    "BLOCKED": ("お客様がブロック中", "blocked by the customer"),
    "SOFT_BOUNCED": ("何度も届かず休止", "resting: mail to it came back several times"),
    "MANUAL": ("担当者が停止", "stopped by somebody at the brand"),
}

RERUNS: dict[Rerun, Bilingual] = {
    Rerun.SAME: (
        "保存した入力で再判断し、同じ結果になりました。",
        "Made again from the stored inputs: the same decision.",
    ),
    Rerun.DIFFERENT: (
        "判断後にルールが変わり、保存した入力で再判断すると別の結果になります。",
        "The rules have changed since: the stored inputs give another decision today.",
    ),
    Rerun.NOT_KEPT: (
        "判断時の入力が残っていないため、再判断できません。",
        "What it was decided on is not kept (any more), so it cannot be made again.",
    ),
    Rerun.UNREADABLE: (
        "判断時の入力は別の版の形式のため、再判断できません。",
        "What it was decided on is in another version's form, so it cannot be made again.",
    ),
    Rerun.OVERTAKEN: (
        "この判断のあとに状況が進んだため、比べられません。",
        "Something later stands in its place, so there is nothing to compare.",
    ),
}

# Which row speaks for a reason: it is marked as the one that decided.
_DECIDES: dict[Reason, str] = {
    **dict.fromkeys(
        (Reason.OPTED_OUT, Reason.NO_CONSENT, Reason.UNCONFIRMED),
        "consent",
    ),
    **dict.fromkeys((Reason.NO_ADDRESS, Reason.SUPPRESSED, Reason.BOUNCED), "address"),
    **dict.fromkeys((Reason.SNOOZED, Reason.PRODUCT_STOPPED), "wishes"),
    **dict.fromkeys((Reason.PAUSED, Reason.BRAKED, Reason.CEILING, Reason.BUDGET), "switches"),
    **dict.fromkeys(
        (Reason.OPEN_INCIDENT, Reason.RETURN_OPEN, Reason.TICKET_OPEN),
        "trouble",
    ),
    **dict.fromkeys(
        (
            Reason.ORDER_CANCELLED,
            Reason.TEST_ORDER,
            Reason.HISTORICAL,
            Reason.SILENCED,
            Reason.GIFT,
            Reason.NOT_YET_PAID,
            Reason.ALREADY_PAID,
            Reason.STOCK_NOT_RESERVED,
        ),
        "order",
    ),
    **dict.fromkeys(
        (Reason.NOT_YET_DELIVERED, Reason.NEVER_DELIVERED, Reason.DELIVERED),
        "delivery",
    ),
    Reason.QUIET_HOURS: "night",
    Reason.SEND_TIME: "hour",
    Reason.FREQUENCY_CAP: "caps",
    Reason.OUTRANKED: "rivals",
    Reason.STALE_FEED: "feed",
}


def seen(told: Explanation) -> tuple[Seen, ...]:
    """What the decision was made on, row by row; none where it is not kept."""
    then = told.situation
    if then is None:
        return ()
    entry = told.entry
    spec, channel = lifecycles.load(entry.key.lifecycle).SPEC, entry.key.channel
    reason = told.again.reason if told.again else entry.reason
    decides = _DECIDES.get(reason)
    rows: list[tuple[str, Bilingual, Bilingual | None]] = [
        ("order", ("注文", "Order"), _order(then.order)),
        ("delivery", ("お届け", "Delivery"), _delivery(then.order, then.policy.zone)),
        ("feed", ("配送情報の受信", "Carrier news last came"), _feed(then)),
        ("address", ("宛先", "Address"), _address(then, channel)),
    ]
    if spec.purpose is Purpose.MARKETING:
        rows += [
            ("consent", ("配信の同意", "Consent"), _consent(told, then, spec, channel)),
            ("wishes", ("お客様のご希望", "The customer's wishes"), _wishes(then)),
            ("trouble", ("未解決の問題", "Open trouble"), _trouble(then)),
            ("rivals", ("先にお知らせすること", "What goes first"), _rivals(then, spec)),
            ("caps", ("頻度の上限", "Frequency"), _caps(then, entry.key)),
            ("hour", ("配信時刻", "Sending time"), _hour(then, spec)),
        ]
    if spec.purpose is Purpose.MARKETING or channel is Channel.SMS:
        rows.append(("night", ("夜間の配信停止", "Quiet hours"), _night(then)))
    rows.append(("switches", ("ブランドの停止設定", "The brand's switches"), _switches(then, spec)))
    return tuple(
        Seen(topic=topic, label=label, said=said, decisive=topic == decides)
        for topic, label, said in rows
        if said is not None
    )


def masked(address: str | None) -> str:
    """An email address or phone number that only its owner would know again."""
    if not address:
        return ""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}•••@{domain[:1]}•••" + domain[domain.rfind(".") :] * ("." in domain)
    return "•••" + address[-3:] if len(address) > 6 else "•••"


def _day(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def _wall(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _joined(parts: Iterable[Bilingual]) -> Bilingual | None:
    pairs = list(parts)
    if not pairs:
        return None
    return "、".join(ja for ja, _ in pairs), ", ".join(en for _, en in pairs)


def _order(order: Order) -> Bilingual | None:
    marks = {
        ("キャンセル済み", "cancelled"): order.known and order.cancelled,
        ("テスト注文", "test order"): order.test,
        ("過去の取り込み", "imported"): order.historical,
        ("通知しない設定", "no notifications wanted"): not order.notify,
        ("ギフト", "gift"): bool(order.gift),
        ("返品の手続き中", "a return is open"): order.open_return is not None,
        ("お問い合わせの対応中", "a support ticket is open"): bool(order.open_tickets),
    }
    said: list[Bilingual] = []
    if order.payment.status is not None:
        said.append(PAYMENTS[order.payment.status])
    if order.stock is not None:
        said.append(STOCK[order.stock])
    said += [words for words, holds in marks.items() if holds]
    return _joined(said)


def _delivery(order: Order, zone: str) -> Bilingual | None:
    if not order.shipments:
        return ("未出荷", "nothing shipped yet") if order.needs_shipping else None
    parcels: list[Bilingual] = []
    for shipment in order.shipments:
        ja, en = STATUSES[shipment.status]
        last = shipment.possession_at or (shipment.scans[-1].at if shipment.scans else None)
        when = f" {_wall(last, zone)}" if last else ""
        parcels.append((ja + when, en + when))
    return _joined(parcels)


def _feed(then: Situation) -> Bilingual | None:
    if then.feed_seen_at is None:
        return None
    at = _wall(then.feed_seen_at, then.policy.zone)
    return at, at


def _address(then: Situation, channel: Channel) -> Bilingual:
    ja, en = CHANNELS[channel]
    address = addresses(then.order).get(channel)
    if address is None:
        return f"{ja}の宛先なし", f"no address for {en}"
    said = masked(address)
    stopped = then.customer.suppressions.get(channel)
    if stopped is None:
        return f"{ja} {said}", f"{en} {said}"
    why_ja, why_en = SUPPRESSIONS.get(stopped.reason, (stopped.reason, stopped.reason))
    since = _day(stopped.since, then.policy.zone)
    if stopped.until is not None:
        until = _day(stopped.until, then.policy.zone)
        why_ja, why_en = f"{why_ja}・{until}まで", f"{why_en}, until {until}"
    return f"{ja} {said}（{since}から{why_ja}）", f"{en} {said} ({why_en}, since {since})"


def _consent(told: Explanation, then: Situation, spec: Spec, channel: Channel) -> Bilingual:
    word = then.customer.word(channel, topic=spec.name)
    if word is None:
        basis = then.policy.consent_basis.get(spec.name, ConsentBasis.OPT_IN)
        if basis is ConsentBasis.EXISTING_CUSTOMER and channel is Channel.EMAIL:
            return (
                "記録なし（ご購入いただいたお客様のため送信可）",
                "none on record (allowed: an existing customer)",
            )
        return "記録なし", "none on record"
    day = _day(word.at, then.policy.zone)
    ja, en = ("同意", "granted") if word.granted else ("停止", "stopped")
    ja, en = f"{day} {ja}", f"{en} {day}"
    how = _method(told, then, channel, spec.name, word.at)
    if how is not None:
        ja, en = f"{ja}（{how[0]}）", f"{en} {how[1]}"
    if word.granted and word.confirmed:
        ja, en = f"{ja}・本人確認済み", f"{en}, address confirmed"
    elif consent_refusal(spec, channel, then) is Reason.UNCONFIRMED:
        ja, en = f"{ja}・本人確認待ち", f"{en}, address not confirmed yet"
    return ja, en


def _method(
    told: Explanation, then: Situation, channel: Channel, topic: str, at: datetime
) -> Bilingual | None:
    """How the word of that instant was said."""
    facts = told.inputs.person.facts.values() if told.inputs else ()
    for fact in facts:
        data = fact.data
        if (
            isinstance(data, ConsentChanged)
            and data.channel is channel
            and data.topic in {None, topic}
            and fact.metadata.occurred_at == at
        ):
            return METHODS[data.method] if data.method else None
    at_checkout = any(
        when == at and consent.channel is channel
        for order in then.customer.orders
        for when, consent in order.consents
    )
    return METHODS[ConsentMethod.CHECKOUT] if at_checkout else None


def _wishes(then: Situation) -> Bilingual | None:
    person, said = then.customer, []
    if person.frequency is not Frequency.ALL:
        said.append(FREQUENCIES[person.frequency])
    if person.paused_until is not None and then.now < person.paused_until:
        day = _day(person.paused_until, then.policy.zone)
        said.append((f"{day}まで休止", f"paused until {day}"))
    if person.stopped_skus:
        skus = ", ".join(sorted(person.stopped_skus))
        said.append((f"停止中の商品 {skus}", f"no reminders about {skus}"))
    for sku, until in then.order.snoozes:
        said.append(
            (f"{sku}: {until or '今後'}{'まで' if until else ''}見合わせ", f"{sku}: snoozed")
        )
    return _joined(said)


def _trouble(then: Situation) -> Bilingual | None:
    trouble = open_trouble(then)
    return REASONS[trouble] if trouble is not None else None


def _rivals(then: Situation, spec: Spec) -> Bilingual | None:
    said: list[Bilingual] = []
    soon = then.now + timedelta(hours=then.policy.give_way_hours)
    for entry in then.rivals:
        due = entry.due_at or entry.next_check
        # What waits for news may never come; what is days away is no rival yet.
        waits = entry.status is EntryStatus.WAITING and due is not None and due <= soon
        if entry.priority > spec.rank and (waits or entry.status in IN_FLIGHT):
            ja, en = lifecycles.load(entry.key.lifecycle).SPEC.title
            when = f" {_wall(due, then.policy.zone)}" if due else ""
            said.append((ja + when, en + when))
    return _joined(dict.fromkeys(said))


def _caps(then: Situation, key: EntryKey) -> Bilingual:
    caps, own = then.policy.marketing_caps, key.message_id()
    week = then.now - timedelta(days=7)
    taken = {slot.message_id: slot.at for slot in then.customer.slots}
    for entry in then.customer.sent:
        if entry.sent_at is not None and entry.marketing:
            taken[entry.key.message_id()] = entry.sent_at
    taken.pop(own, None)
    times = ", ".join(_wall(at, then.policy.zone) for at in sorted(taken.values()) if at > week)
    day, seven = caps.per_day, caps.per_7_days
    return (
        f"1日{day}通・7日間{seven}通まで（直近7日間の送信: {times or 'なし'}）",
        f"at most {day} a day and {seven} in 7 days (sent in the last 7: {times or 'none'})",
    )


def _hour(then: Situation, spec: Spec) -> Bilingual | None:
    send_time, said = then.policy.send_time, []
    at = send_time.at.get(spec.name)
    if at is not None:
        said.append((f"{at:%H:%M}に配信", f"goes out at {at:%H:%M}"))
    if spec.name in send_time.business_days:
        said.append(("営業日のみ", "on business days only"))
    return _joined(said)


def _night(then: Situation) -> Bilingual:
    hours, zones = then.policy.quiet_hours, recipient_zones(then.order, then.policy)
    local = [f"{zone} {then.now.astimezone(ZoneInfo(zone)):%H:%M}" for zone in zones[:2]]
    more = (f" ほか{len(zones) - 2}", f" and {len(zones) - 2} more") if len(zones) > 2 else ("", "")
    span, there = f"{hours.start:%H:%M}–{hours.end:%H:%M}", ", ".join(local)
    return (
        f"{span}は送らない（判断時のお客様の時刻: {there}{more[0]}）",
        f"nothing goes out {span} (the customer's clock then: {there}{more[1]})",
    )


def _switches(then: Situation, spec: Spec) -> Bilingual | None:
    controls, zone = then.controls, then.policy.zone
    marketing, said = spec.purpose is Purpose.MARKETING, []
    pause = controls.paused(spec.name, marketing=marketing)
    if pause is not None:
        since = _wall(pause.since, zone)
        said.append((f"{since}から一時停止", f"paused since {since}"))
    if marketing and controls.brake is not None:
        since = _wall(controls.brake.since, zone)
        said.append((f"{since}から自動停止（不達・苦情）", f"braked since {since}"))
    if spec.name in controls.ceilings:
        since = _wall(controls.ceilings[spec.name], zone)
        said.append((f"{since}に1時間の上限に到達", f"hourly ceiling reached {since}"))
    return _joined(said)
