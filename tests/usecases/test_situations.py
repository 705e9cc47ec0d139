"""What a decision is made from: whose words count, and which of them are heard at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.simulation import Simulation
from shared.domain.decisions import send
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentSeen,
    Fact,
    PreferencesChanged,
    Purpose,
)
from shared.domain.reasons import Reason
from shared.domain.values import Party
from shared.usecases.decide import decide
from shared.usecases.ingest import ingest
from tests.builders import BRAND, ORDER, at, delivered, dispatched, fact, payment, placed
from tests.worlds import Memory, Scripted

NUMBER = Party(phone="+819012345678")
PERSON = Party(email="hanako@example.jp", phone="+819012345678")
AT_THE_CHECKOUT = (ConsentSeen(channel=Channel.SMS, granted=True),)


def word(party: Party, granted: bool, minutes: float) -> Fact:
    said = ConsentChanged(customer=party, channel=Channel.SMS, granted=granted)
    return fact(said, at(0, minutes=minutes))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([word(NUMBER, False, 5)], Reason.OPTED_OUT),
        ([word(NUMBER, False, -5)], Reason.DUE),  # the checkout renewed it
        ([word(NUMBER, False, 5), word(PERSON, True, 9)], Reason.DUE),
        ([word(NUMBER, False, 9), word(PERSON, True, 5)], Reason.OPTED_OUT),
        # Who has the number may not be who gave the address: a grant is not taken over.
        ([word(PERSON, False, 5), word(NUMBER, True, 9)], Reason.OPTED_OUT),
    ],
)
def test_a_refusal_of_a_number_counts_for_whoever_has_it(words: list[Fact], reason: Reason) -> None:
    memory = Memory()
    texts: Any = Scripted(
        lambda _: (send("hello", "hello", "always"),), Purpose.MARKETING, channels=(Channel.SMS,)
    )
    ingest(memory.world, [placed(buyer=PERSON, consents=AT_THE_CHECKOUT), *words])
    memory.clock.advance(timedelta(hours=2))
    assert decide(memory.world, texts, BRAND, ORDER).reason is reason


def refusal(when: datetime, *, granted: bool = False) -> Fact:
    said = ConsentChanged(customer=PERSON, channel=Channel.EMAIL, granted=granted)
    return fact(said, when)


def pause(when: datetime, until: datetime | None) -> Fact:
    return fact(PreferencesChanged(customer=PERSON, paused_until=until), when)


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        (refusal(at(9)), refusal(at(11), granted=True), True),
        (pause(at(9), at(99)), pause(at(11), None), True),
        (refusal(at(9)), pause(at(11), None), False),
        (refusal(at(9)), pause(at(11), at(99)), False),
    ],
)
@pytest.mark.parametrize("historical", [False, True])
def test_who_takes_a_refusal_or_a_pause_back_is_asked_after_all(
    before: Fact, after: Fact, asked: bool, historical: bool
) -> None:
    memory = Memory()
    life = Simulation(memory.world, at(0))
    yes = (ConsentSeen(channel=Channel.EMAIL, granted=True),)
    life.put(placed(buyer=PERSON, consents=yes), payment(at(0)))
    life.put(dispatched(at(1)), delivered(at(3)), before)
    life.advance(at(11))  # the request for a review was due a day before
    life.put(replace(after, metadata=replace(after.metadata, historical=historical)))
    life.advance(at(13))
    requests = [one for one in memory.mailbox.letters if "review_request" in one.subject]
    # An imported word is about the past: it counts, and brings up nothing by itself.
    assert bool(requests) is (asked and not historical)
