"""Mailboxes for tests: one of every kind of entry, with names that want to break out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from local.mailbox.model import (
    BrandView,
    Candidate,
    FactView,
    Figure,
    LifecycleView,
    Mail,
    Mailbox,
    OrderView,
    RejectedEvent,
    Seen,
)
from shared.domain.events import Channel
from shared.domain.ledger import EntryKey, EntryStatus
from shared.domain.reasons import Reason
from shared.domain.remedies import REMEDIES

T0 = datetime(2026, 1, 5, tzinfo=UTC)
HOSTILE = "</title></script><script>alert(1)</script><!--<img src=x onerror=alert(2)>\u2028&amp;\"'"


def candidate(
    occurrence: str,
    status: EntryStatus,
    *,
    reason: Reason = Reason.DUE,
    channel: Channel = Channel.EMAIL,
    order_id: str = "1001",
) -> Candidate:
    key = EntryKey(
        brand="aoba",
        order_id=order_id,
        lifecycle="order_confirmation",
        occurrence=occurrence,
        channel=channel,
    )
    return Candidate(
        brand=key.brand,
        order_id=key.order_id,
        lifecycle=key.lifecycle,
        message=occurrence,
        occurrence=occurrence,
        channel=channel,
        status=status,
        reason=reason,
        rule="a rule",
        message_id=key.message_id(),
        decided_at=T0,
        next_check=T0 + timedelta(days=3) if status is EntryStatus.WAITING else None,
        sent_at=T0 if status is EntryStatus.SENT else None,
        remedy=REMEDIES[reason],
        seen=(Seen(topic="order", label=("注文", "Order"), said=("お支払い済み", "paid")),),
        rerun="SAME",
        rerun_words=("同じ結果になりました。", "the same decision."),
    )


def mail(of: Candidate, *, subject: str = "ご注文の確定", html: str | None = None) -> Mail:
    return Mail(
        message_id=of.message_id,
        channel=of.channel,
        brand=of.brand,
        order_id=of.order_id,
        lifecycle=of.lifecycle,
        message=of.message,
        occurrence=of.occurrence,
        to="hanako@example.com",
        sender="青葉茶舗 <order@aoba-chaho.example>",
        subject=subject,
        text=f"本文 {subject}",
        html=html or f"<html><head><title>x</title></head><body>{subject}</body></html>",
        locale="ja",
        at=T0,
        headers=(("Subject", subject),),
    )


def mailbox() -> Mailbox:
    """Sent, skipped, waiting and failed, by email and SMS, and a rejected event."""
    sent = candidate("confirmed", EntryStatus.SENT)
    text = candidate("received", EntryStatus.SENT, channel=Channel.SMS)
    return Mailbox(
        title=("試験", "Test"),
        started_at=T0,
        now=T0 + timedelta(days=1),
        brands=(BrandView(id="aoba", name=("青葉茶舗", "Aoba Chaho"), zone="Asia/Tokyo"),),
        lifecycles=(
            LifecycleView(
                name="order_confirmation",
                title=("ご注文の確認", "Order confirmation"),
                summary=("", ""),
                purpose="transactional",
                messages=("received", "confirmed"),
            ),
        ),
        orders=(
            OrderView(
                brand="aoba",
                order_id="1001",
                number="#42",
                customer="山田 花子",
                email="hanako@example.com",
                placed_at=T0,
                items=("煎茶 ×1",),
                facts=(
                    FactView(
                        id="f-1",
                        type="OrderPlaced",
                        source="shopify",
                        occurred_at=T0,
                        said=("煎茶", "sencha"),
                        data={"order_id": "1001"},
                    ),
                ),
            ),
        ),
        mails=(mail(sent), replace(mail(text, subject=""), html=None)),
        candidates=(
            sent,
            text,
            candidate("reminder", EntryStatus.SKIPPED, reason=Reason.ALREADY_PAID),
            candidate("expired", EntryStatus.WAITING, reason=Reason.NOT_YET_DUE),
            candidate("cancelled", EntryStatus.FAILED, reason=Reason.TEMPLATE_ERROR),
        ),
        rejected=(RejectedEvent(at=T0, code="MALFORMED", detail="not JSON", raw="{"),),
        events=3,
        figures=(
            Figure(name="WebhookEvents", source="aftership", count=3),
            Figure(name="WebhookRefused", source="aftership", count=1),
        ),
    )


def hostile() -> Mailbox:
    """Every text of a customer or merchant tries to leave its place."""
    plain = mailbox()
    order = replace(
        plain.orders[0],
        customer=HOSTILE,
        email=HOSTILE,
        items=(HOSTILE,),
        story=(HOSTILE, HOSTILE),
        facts=(replace(plain.orders[0].facts[0], said=(HOSTILE, HOSTILE), data={"x": HOSTILE}),),
    )
    return replace(
        plain,
        title=(HOSTILE, HOSTILE),
        orders=(order,),
        mails=tuple(replace(m, subject=HOSTILE, text=HOSTILE, to=HOSTILE) for m in plain.mails),
        rejected=(replace(plain.rejected[0], detail=HOSTILE, raw=HOSTILE),),
    )
