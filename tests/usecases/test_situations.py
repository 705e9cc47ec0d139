"""What a decision is made from: whose words count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.decisions import send
from shared.domain.events import Channel, ConsentChanged, ConsentSeen, Fact, Purpose
from shared.domain.reasons import Reason
from shared.domain.values import Party
from shared.usecases.decide import decide
from shared.usecases.ingest import ingest
from tests.builders import BRAND, ORDER, at, fact, placed
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
