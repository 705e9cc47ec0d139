"""The consent confirmation: the question that makes a consent count where the brand wants proof.

    message  due                                     not sent when
    request  at the grant, one for every channel     the brand asks for no proof on the channel;
             that the brand asks it for; expires     confirmed already, or refused since; asked
             3 days after the grant                  for this grant before, with whatever order;
                                                     the order was cancelled

A grant is asked about once and never again: silence is no consent. Who grants anew (the box of
another checkout) is asked anew. It is asked with one of the person's orders: the last one that
was placed when the grant was given, else the first after it.

The message is transactional, and so it may hold nothing but the question: no offer, no products.
Who gave somebody else's address must not bring them advertising.

Where the rules come from: the guidelines of 総務省 and 消費者庁 on 特定電子メール法
(特定電子メールの送信等に関するガイドライン) recommend the double opt-in against consents
that somebody else gave; Regulation (EU) 2016/679 (GDPR), article 7(1), wants the consent shown,
which German courts take for the double opt-in (BGH, 10 February 2011, I ZR 164/09), the question
itself being no advertising as long as it is nothing else. Ours: the three days, and the order.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.domain import content as view
from shared.domain.customers import Word
from shared.domain.decisions import Candidate, Situation, send, skip
from shared.domain.events import Channel, Purpose
from shared.domain.lifecycle import Spec
from shared.domain.orders import Order
from shared.domain.reasons import Reason

SPEC = Spec(
    name="consent_confirmation",
    purpose=Purpose.TRANSACTIONAL,
    triggers=("OrderPlaced", "OrderChanged"),
    channels=(Channel.EMAIL, Channel.SMS),
    messages=("request",),
    title=("配信同意の確認", "Consent confirmation"),
    summary=(
        (
            "お知らせの配信に同意いただいた方へ、ご本人かどうかを一度だけ確認します"
            "(ダブルオプトインを求めるブランドのみ)。"
        ),
        (
            "Asks once whether a consent was really the person's own, for brands that want a "
            "double opt-in."
        ),
    ),
    sees_other_orders=True,
)

REQUEST = "request"
EXPIRES_AFTER = timedelta(days=3)


def decide(situation: Situation) -> tuple[Candidate, ...]:
    """Every candidate of this lifecycle for the order, now. See the table above."""
    if not situation.order.known:
        return ()
    asked_for = (c for c in SPEC.channels if c in situation.policy.consent.double_opt_in)
    candidates = (_question(channel, situation) for channel in asked_for)
    return tuple(
        one
        for one in candidates
        if one is not None and not situation.history.closed(one.occurrence)
    )


def _question(channel: Channel, situation: Situation) -> Candidate | None:
    """What becomes of the question about a channel; None where there is nothing to ask."""
    grant = _unproved(channel, situation)
    if grant is None or _owner(grant.at, situation).order_id != situation.order.order_id:
        return None
    occurrence = f"{REQUEST}:{channel}:{grant.at:%Y%m%dT%H%M%SZ}"
    if situation.order.cancelled:
        return skip(occurrence, REQUEST, Reason.ORDER_CANCELLED, "order: cancelled")
    if _asked(channel, grant.at, situation):
        return skip(occurrence, REQUEST, Reason.ALREADY_SENT, "asked with another order")
    question = send(
        occurrence,
        REQUEST,
        "double opt-in: granted, not confirmed",
        due_at=grant.at,
        expires_at=grant.at + EXPIRES_AFTER,
    )
    return replace(question, channel=channel)


def _unproved(channel: Channel, situation: Situation) -> Word | None:
    """The newest grant of marketing on a channel that counts but for its proof."""
    topics = {
        topic
        for about, purpose, topic in situation.customer.words
        if about is channel and purpose is Purpose.MARKETING
    }
    words = (situation.customer.word(channel, topic=topic) for topic in topics)
    open_ones = (word for word in words if word and word.granted and not word.confirmed)
    return max(open_ones, key=lambda word: word.at, default=None)


def _owner(granted_at: datetime, situation: Situation) -> Order:
    """The order with which a grant is asked about."""
    orders = {situation.order.order_id: situation.order}
    orders |= {one.order_id: one for one in situation.customer.orders if _could_ask(one)}
    placed = sorted(orders.values(), key=lambda one: (one.placed_at or granted_at, one.order_id))
    before = [one for one in placed if one.placed_at is None or one.placed_at <= granted_at]
    return before[-1] if before else placed[0]


def _could_ask(order: Order) -> bool:
    """Whether an order mails anybody at all."""
    silent = order.test or order.historical or order.cancelled or not order.notify
    return order.known and not silent


def _asked(channel: Channel, granted_at: datetime, situation: Situation) -> bool:
    """Whether the person was asked about a grant with another of their orders."""
    return any(
        entry.key.lifecycle == SPEC.name
        and entry.key.channel is channel
        and entry.key.order_id != situation.order.order_id
        and (entry.sent_at or entry.decided_at) >= granted_at
        for entry in situation.customer.sent
    )


# --- content -----------------------------------------------------------------


def content(_candidate: Candidate, situation: Situation) -> dict[str, Any]:
    """What the templates show: whose order it was, and nothing of what is in it."""
    return {
        "order": view.order_slim(situation.order),
        "customer": view.customer(situation.order),
    }
