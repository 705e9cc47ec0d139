"""Consent on the local stack: a double opt-in to its end, and STOP in answer to a text message."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

from local.runtime import LocalStack
from shared import wiring
from shared.domain.customers import fold_customer
from shared.domain.events import Channel, ConsentMethod, ConsentSeen
from shared.domain.values import Party, address_key, customer_key
from tests.builders import BRAND, BUYER, T0, placed
from tests.workflows.machines import as_event

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LINDEN = "linden"
TICKED = (ConsentSeen(channel=Channel.EMAIL, granted=True),)
NUMBER = "+819012345678"


def test_a_double_opt_in_is_asked_once_and_counts_when_it_is_confirmed(
    local_stack: LocalStack,
) -> None:
    stack = local_stack
    stack.reset(at=T0)
    stack.put_event(as_event(placed(brand=LINDEN, consents=TICKED, currency="GBP")))
    stack.advance(timedelta(minutes=5))
    key = customer_key(LINDEN, BUYER) or ""

    def confirmed() -> bool | None:
        word = fold_customer(wiring.world().customers.load(LINDEN, key)).word(Channel.EMAIL)
        return word.confirmed if word else None

    (question,) = [mail for mail in stack.outbox.mails if "/confirm/" in mail.html]
    assert "List-Unsubscribe" not in question.headers
    assert not confirmed()
    found = re.search(r'href="(https://[^"]+/confirm/[^"]+)"', question.html)
    assert found
    assert stack.get(found[1]).status == 200
    assert not confirmed(), "scanners follow links"
    button = re.search(r'<button[^>]* name="([^"]+)" value="([^"]+)"', stack.get(found[1]).body)
    assert button
    assert stack.post(found[1], FORM, f"{button[1]}={button[2]}").status == 200
    assert confirmed()
    methods = [
        getattr(f.data, "method", None) for f in wiring.world().customers.consents(LINDEN, key)
    ]
    assert methods == [ConsentMethod.CHECKOUT, ConsentMethod.CONFIRMATION]
    stack.advance(timedelta(days=10))
    assert len([mail for mail in stack.outbox.mails if "/confirm/" in mail.html]) == 1
    assert not stack.functions.failures


def test_stop_reaches_the_person_who_got_the_message(local_stack: LocalStack) -> None:
    stack = local_stack
    stack.reset(at=T0)
    alone = replace(BUYER, email=None, phone=NUMBER)
    stack.put_event(as_event(placed(buyer=alone)))
    stack.advance(timedelta(minutes=5))
    (text,) = stack.outbox.texts
    answer = {
        "originationNumber": NUMBER,
        "destinationNumber": "+12125550101",
        "messageKeyword": "STOP",
        "messageBody": "配信停止",
        "inboundMessageId": "in-1",
        "previousPublishedMessageId": text.id,
    }
    topic = (
        f"arn:aws:sns:{stack.client('sns').meta.region_name}:123456789012:yoin-local-sms-replies"
    )
    stack.client("sns").publish(TopicArn=topic, Message=json.dumps(answer))
    stack.advance(timedelta(minutes=2))
    world = wiring.world()
    assert world.customers.suppression(BRAND, address_key(BRAND, Channel.SMS, NUMBER)) is not None
    key = customer_key(BRAND, Party(phone=NUMBER)) or ""
    word = fold_customer(world.customers.load(BRAND, key)).word(Channel.SMS)
    assert word is not None
    assert not word.granted
    assert not stack.functions.failures
    assert stack.letters("yoin-local-feedback-dead-letters") == []
