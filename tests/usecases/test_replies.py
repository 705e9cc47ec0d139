"""STOP and START, from the topic to how the person stands."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.customers import fold_customer
from shared.domain.events import Channel, ConsentChanged, ConsentMethod, ConsentSeen
from shared.domain.ledger import EntryStatus
from shared.domain.values import Party, address_key, customer_key
from shared.sources import normalize, receive_all
from shared.usecases.feedback import feedback
from shared.usecases.ingest import ingest
from tests.builders import BRAND, BUYER, T0, at, changed, consent, entry, placed
from tests.worlds import Memory

SMS = Channel.SMS
NUMBER = "+819012345678"
HANAKO = replace(BUYER, phone=NUMBER)
ON_FILE = customer_key(BRAND, HANAKO) or ""
TICKED = tuple(ConsentSeen(channel=c, granted=True) for c in (Channel.EMAIL, SMS))


@dataclass
class Shop:
    """A shop that has sent Hanako one text message."""

    memory: Memory

    def hears(self, text: str, when: datetime, *, to: str | None = "sns-1") -> None:
        """An answer of hers comes in."""
        answer: dict[str, Any] = {
            "originationNumber": NUMBER,
            "destinationNumber": "+12125550101",
            "messageBody": text,
            "inboundMessageId": f"in-{text}-{when}",
            "previousPublishedMessageId": to,
        }
        envelope = {
            "Type": "Notification",
            "Message": json.dumps(answer),
            "Timestamp": when.isoformat(),
        }
        self.memory.clock.move_to(max(self.memory.clock.now(), when + timedelta(minutes=5)))
        for one in receive_all(envelope, source="sns"):
            feedback(self.memory.world, normalize(one))

    def stands(self, channel: Channel = SMS, key: str = ON_FILE) -> bool | None:
        """Whether marketing was granted."""
        word = fold_customer(self.memory.customers.load(BRAND, key)).word(channel)
        return word.granted if word else None

    @property
    def reached(self) -> bool:
        """Whether her number may be used."""
        key = address_key(BRAND, SMS, NUMBER)
        return self.memory.customers.suppression(BRAND, key) is None


@pytest.fixture
def shop() -> Shop:
    memory = Memory()
    ingest(memory.world, [placed(buyer=HANAKO, consents=TICKED)])
    memory.ledger.put(
        entry(
            "scripted",
            "hello",
            EntryStatus.SENT,
            channel=SMS,
            provider_id="sns-1",
            customer_key=ON_FILE,
        )
    )
    return Shop(memory)


def test_stop_ends_the_number_and_refuses_marketing_by_sms_alone(shop: Shop) -> None:
    shop.hears("配信停止", at(1))
    assert not shop.reached
    assert shop.stands() is False
    assert shop.stands(Channel.EMAIL) is True
    (word,) = (
        fact.data
        for fact in shop.memory.customers.consents(BRAND, ON_FILE)
        if isinstance(fact.data, ConsentChanged) and not fact.data.granted
    )
    assert (word.method, word.channel) == (ConsentMethod.REPLY, SMS)


def test_twice_is_once(shop: Shop) -> None:
    for _ in range(2):
        shop.hears("STOP", at(1))
    refusals = [
        fact
        for fact in shop.memory.customers.consents(BRAND, ON_FILE)
        if isinstance(fact.data, ConsentChanged) and not fact.data.granted
    ]
    assert len(refusals) == 1


@pytest.mark.parametrize("turned", [False, True])
def test_start_takes_a_stop_back_whichever_comes_first(shop: Shop, turned: bool) -> None:
    said = [("STOP", at(1)), ("START", at(2))]
    for text, when in reversed(said) if turned else said:
        shop.hears(text, when)
    assert shop.reached
    # Heard the other way round nothing was there to be taken back: the refusal stands.
    assert shop.stands() is (not turned)


def test_start_grants_nothing_that_was_refused_elsewhere(shop: Shop) -> None:
    ingest(shop.memory.world, [consent(at(1), False, channel=SMS, buyer=HANAKO)])
    shop.hears("START", at(2))
    assert shop.stands() is False


def test_start_from_somebody_who_never_granted_is_no_consent(shop: Shop) -> None:
    memory = Memory()
    ingest(memory.world, [placed(buyer=HANAKO)])
    other = Shop(memory)
    other.hears("START", at(2), to=None)
    assert other.stands() is None


def test_stop_to_a_message_that_nobody_knows_ends_the_number_all_the_same(shop: Shop) -> None:
    shop.hears("STOP", at(1), to="somebody-else")
    assert not shop.reached


def test_stop_to_no_message_ends_the_number(shop: Shop) -> None:
    shop.hears("STOP", at(1), to=None)
    assert not shop.reached


def test_who_is_known_by_number_alone_is_found_by_it(shop: Shop) -> None:
    alone = Party(phone=NUMBER)
    key = customer_key(BRAND, alone) or ""
    ingest(shop.memory.world, [consent(at(0), True, channel=SMS, buyer=alone)])
    shop.hears("STOP", at(1), to="somebody-else")
    assert shop.stands(key=key) is False


def test_the_person_who_got_the_message_is_meant_not_a_later_buyer(shop: Shop) -> None:
    other = Party(email="ken@example.jp")
    ingest(shop.memory.world, [changed(T0 + timedelta(hours=1), buyer=other)])
    shop.hears("STOP", at(1))
    assert shop.stands(key=customer_key(BRAND, other) or "") is None
    assert not shop.reached
