"""The question of a double opt-in: when it is asked, that it is asked once, and what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.brands import load_brand
from shared.domain.decisions import Candidate, Verdict
from shared.domain.events import Channel, ConsentSeen, Fact, Purpose
from shared.domain.ledger import EntryKey, EntryStatus, LedgerEntry
from shared.domain.policy import ConsentPolicy
from shared.domain.reasons import Reason
from shared.domain.values import Party
from shared.lifecycles import load
from shared.messages.links import SamplePages
from shared.messages.rendering import render_email, render_sms
from shared.messages.signing import LinkFor
from shared.usecases.decide import decide as run_decide
from shared.usecases.ingest import ingest
from shared.usecases.send import send as run_send
from tests.builders import (
    BRAND,
    BUYER,
    ORDER,
    POLICY,
    at,
    by_occurrence,
    cancelled,
    changed,
    consent,
    entry,
    order_of,
    outcome,
    placed,
    situation,
)
from tests.player import misfits, sample
from tests.worlds import Memory

NAME = "consent_confirmation"
lifecycle = load(NAME)
EMAIL, SMS = Channel.EMAIL, Channel.SMS
SEND, SKIP = Verdict.SEND, Verdict.SKIP
ASKS = replace(POLICY, consent=ConsentPolicy(double_opt_in=(EMAIL, SMS)))
BOTH = replace(BUYER, phone="+819012345678")


def ticked(*channels: Channel, confirmed: bool | None = None) -> tuple[ConsentSeen, ...]:
    return tuple(ConsentSeen(channel=c, granted=True, confirmed=confirmed) for c in channels)


def decide(*facts: Fact, now: datetime, **more: Any) -> dict[str, Candidate]:
    more.setdefault("policy", ASKS)
    return by_occurrence(lifecycle.decide(situation(*facts, now=now, **more)))


def asked(when: datetime, channel: Channel = EMAIL, **more: Any) -> LedgerEntry:
    stamp = f"{at(0):%Y%m%dT%H%M%SZ}"
    return entry(NAME, f"request:{channel}:{stamp}", when=when, channel=channel, **more)


MESSAGE_ID = "m-" + "0" * 40
TICKED = placed(consents=ticked(EMAIL))

# What the person has said (and the brand asks for) → whether the question is asked on email.
TABLE: dict[str, tuple[list[Fact], list[Fact], bool]] = {
    "nothing said": ([placed()], [], False),
    "ticked at the checkout": ([TICKED], [], True),
    "ticked, and the platform had it confirmed": (
        [placed(consents=ticked(EMAIL, confirmed=True))],
        [],
        False,
    ),
    "confirmed since": ([TICKED], [consent(at(0.1), True, confirmed=True)], False),
    "confirmed long ago": ([TICKED], [consent(at(-90), True, confirmed=True)], False),
    "confirmed, refused, ticked anew": (
        [TICKED],
        [consent(at(-90), True, confirmed=True), consent(at(-30), False)],
        True,
    ),
    "refused since": ([TICKED], [consent(at(0.1), False)], False),
    "refused at the same instant": ([TICKED], [consent(at(0), False)], False),
    "the platform says yes after the order": ([placed()], [consent(at(0.1), True)], True),
    "a yes to one topic only": (
        [placed()],
        [consent(at(0.1), True, topic="review_request")],
        True,
    ),
    "a topic refused, a general yes": (
        [TICKED],
        [consent(at(-1), False, topic="review_request")],
        True,
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_when_the_question_is_asked(name: str) -> None:
    facts, person, wanted = TABLE[name]
    found = decide(*facts, now=at(0.2), person=person)
    assert {one.channel for one in found.values()} == ({EMAIL} if wanted else set())
    assert all(outcome(one) == (SEND, Reason.DUE) for one in found.values())
    # Who does not ask for proof asks nobody.
    assert decide(*facts, now=at(0.2), person=person, policy=POLICY) == {}


def test_each_channel_has_its_own_question_and_only_where_the_brand_wants_proof() -> None:
    both = placed(buyer=BOTH, consents=ticked(EMAIL, SMS))
    assert {one.channel for one in decide(both, now=at(0.1)).values()} == {EMAIL, SMS}
    only_sms = replace(POLICY, consent=ConsentPolicy(double_opt_in=(SMS,)))
    assert {one.channel for one in decide(both, now=at(0.1), policy=only_sms).values()} == {SMS}


def test_what_was_asked_is_not_asked_again() -> None:
    later = changed(at(1), number="#1")
    assert decide(TICKED, later, now=at(1), entries=[asked(at(0.1))]) == {}
    gone = asked(at(0.1), status=EntryStatus.FAILED)
    assert decide(TICKED, later, now=at(1), entries=[gone]) == {}


def test_a_new_grant_is_a_new_question() -> None:
    person = [consent(at(1), False), consent(at(2), True)]
    (found,) = decide(TICKED, now=at(2.1), person=person, entries=[asked(at(0.1))]).values()
    assert outcome(found) == (SEND, Reason.DUE)
    assert found.expires_at == at(5)


def test_of_several_orders_one_asks() -> None:
    facts = {
        "1": placed(order_id="1", consents=ticked(EMAIL)),
        "2": placed(at(1), order_id="2", placed_at=at(1)),
        "3": placed(at(2), order_id="3", placed_at=at(2), consents=ticked(EMAIL)),
    }
    for day, owner in ((0.5, "1"), (1.5, "1"), (2.5, "3")):
        known = {o: f for o, f in facts.items() if f.metadata.occurred_at <= at(day)}
        asking = [
            order_id
            for order_id, own in known.items()
            if decide(
                own,
                now=at(day),
                others=[order_of(f) for o, f in known.items() if o != order_id],
            )
        ]
        assert asking == [owner]


def test_an_order_that_comes_to_be_known_later_does_not_ask_again() -> None:
    told = asked(at(0.1), order_id="other")
    (found,) = decide(TICKED, now=at(0.2), sent=[told]).values()
    assert outcome(found) == (SKIP, Reason.ALREADY_SENT)


def test_a_test_order_does_not_take_the_question_away() -> None:
    trial = order_of(placed(at(0.1), order_id="0", placed_at=at(0), test=True))
    assert decide(TICKED, now=at(0.2), others=[trial])


# --- through the gate --------------------------------------------------------


def world_with(*facts: Fact) -> Memory:
    memory = Memory(policy=ASKS)
    ingest(memory.world, facts)
    memory.clock.move_to(memory.clock.now() + timedelta(minutes=2))
    return memory


def run(memory: Memory) -> list[str]:
    """Decide and send until there is nothing more to do; the channels on which it went out."""
    went: list[str] = []
    for _ in range(6):
        step = run_decide(memory.world, lifecycle, BRAND, ORDER)
        if step.action != "SEND":
            return went
        key = EntryKey(
            brand=BRAND,
            order_id=ORDER,
            lifecycle=NAME,
            occurrence=step.occurrence,
            channel=Channel(step.channel),
        )
        assert run_send(memory.world, lifecycle, key).outcome == "SENT"
        went.append(step.channel)
    raise AssertionError("it does not come to rest")


def test_who_ticked_both_boxes_gets_one_question_on_each_channel() -> None:
    memory = world_with(placed(buyer=BOTH, consents=ticked(EMAIL, SMS)))
    assert sorted(run(memory)) == ["email", "sms"]
    assert run(memory) == []
    memory.clock.move_to(at(2))
    ingest(memory.world, [changed(at(2), buyer=BOTH, consents=ticked(EMAIL, SMS))])
    assert run(memory) == []


def test_no_question_goes_to_another_channel_than_it_is_about() -> None:
    nobody = Party(phone="+819012345678")
    memory = world_with(placed(buyer=nobody, consents=ticked(EMAIL)))
    assert run(memory) == []
    (told,) = memory.ledger.of_order(BRAND, ORDER)
    assert (told.key.channel, told.reason) == (EMAIL, Reason.NO_ADDRESS)


def test_a_question_that_bounced_is_not_asked_on_another_channel() -> None:
    memory = world_with(placed(buyer=BOTH, consents=ticked(EMAIL)))
    assert run(memory) == ["email"]
    (sent,) = memory.ledger.of_order(BRAND, ORDER)
    memory.ledger.put(replace(sent, reason=Reason.BOUNCED))
    assert run(memory) == []
    refused = replace(sent, status=EntryStatus.FAILED, reason=Reason.REFUSED_BY_PROVIDER)
    memory.ledger.put(replace(refused, version=sent.version + 1))
    assert run(memory) == []
    assert {entry.key.channel for entry in memory.ledger.of_order(BRAND, ORDER)} == {EMAIL}


def test_three_days_after_the_grant_nobody_is_asked_any_more() -> None:
    memory = world_with(placed(at(-3), placed_at=at(-3), consents=ticked(EMAIL)))
    assert run(memory) == []
    (told,) = memory.ledger.of_order(BRAND, ORDER)
    assert told.reason in {Reason.TOO_LATE, Reason.UNAPPROVED}


def test_a_question_is_no_marketing_and_needs_no_consent() -> None:
    assert lifecycle.SPEC.purpose is Purpose.TRANSACTIONAL


# --- what it says ------------------------------------------------------------


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_it_holds_the_question_and_nothing_else(locale: str) -> None:
    (found,) = decide(TICKED, now=at(0.1)).values()
    said = lifecycle.content(found, situation(TICKED, now=at(0.1), policy=ASKS))
    assert misfits(said, sample(NAME, "request", locale)) == []
    assert "lines" not in said["order"]
    brand = load_brand("linden" if locale == "en" else "aoba")
    mail = render_email(NAME, "request", locale, said, brand, message_id=MESSAGE_ID, marketing=True)
    confirm = SamplePages().link(LinkFor.CONFIRM, brand, MESSAGE_ID)
    assert confirm in mail.html
    assert confirm in mail.text
    text = render_sms(NAME, "request", locale, said, brand, message_id=MESSAGE_ID)
    assert confirm in text.text
    assert "SENCHA" not in mail.html + mail.text + text.text


def test_a_cancelled_order_asks_nobody_and_another_asks_in_its_place() -> None:
    gone = (TICKED, cancelled(at(hours=1)))
    now = at(hours=2)
    (one,) = decide(*gone, now=now).values()
    assert outcome(one) == (SKIP, Reason.ORDER_CANCELLED)
    earlier = placed(at(-9), order_id="2")
    (other,) = decide(earlier, now=now, others=(order_of(*gone),)).values()
    assert other.verdict is SEND
