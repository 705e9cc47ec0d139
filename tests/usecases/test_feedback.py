"""What providers say afterwards: about messages of ours, of others, early, late, in any order."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.errors import RetryableError
from shared.domain.events import (
    Channel,
    ContactabilityChanged,
    Fact,
    MessageReported,
    ProviderWord,
)
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.reasons import Reason
from shared.domain.values import address_key
from shared.usecases.feedback import Heard, feedback
from shared.usecases.ingest import ingest
from shared.usecases.reports import UNCLAIMED_AFTER, apply
from tests.builders import BRAND, T0, at, entry, fact
from tests.worlds import Memory

W = ProviderWord
HANAKO, NUMBER, USER = "hanako@example.jp", "+819012345678", "U0123456789abcdef0123456789abcdef"
CLAIM = entry("scripted", "hello", EntryStatus.SENDING)
OURS = CLAIM.key.message_id()


def known(memory: Memory, one: LedgerEntry = CLAIM) -> LedgerEntry:
    return memory.ledger.put(replace(one, attempts=1))


def sent(memory: Memory, provider_id: str = "p-1") -> LedgerEntry:
    return known(
        memory,
        replace(CLAIM, status=EntryStatus.SENT, sent_at=T0, provider_id=provider_id),
    )


def report(word: ProviderWord, when: datetime = T0, *, brand: bool = True, **more: Any) -> Fact:
    ids = more if {"message_id", "provider_id"} & more.keys() else {"message_id": OURS} | more
    data = MessageReported(channel=Channel.EMAIL, word=word, **ids)
    return _said(fact(data, when), brand)


def contact(
    reason: str,
    when: datetime = T0,
    *,
    channel: Channel = Channel.EMAIL,
    address: str = HANAKO,
    reachable: bool = False,
    brand: bool = True,
) -> Fact:
    data = ContactabilityChanged(
        channel=channel, address=address, reachable=reachable, reason=reason
    )
    return _said(fact(data, when), brand)


def _said(one: Fact, brand: bool) -> Fact:
    return one if brand else replace(one, metadata=replace(one.metadata, brand=None))


def stop(memory: Memory, channel: Channel = Channel.EMAIL, address: str = HANAKO) -> str | None:
    found = memory.customers.suppression(BRAND, address_key(BRAND, channel, address))
    return found.reason if found else None


def told(memory: Memory) -> list[str]:
    return [one.metadata.type for one in memory.publisher.published]


def now(memory: Memory) -> LedgerEntry:
    found = memory.ledger.get(CLAIM.key)
    assert found is not None
    return found


class TestMessages:
    def test_a_record_of_the_send_settles_an_unknown_outcome(self) -> None:
        memory = Memory()
        known(memory)
        feedback(memory.world, [report(W.SENT, at(minutes=1), message_id=OURS, provider_id="p-1")])
        entry = now(memory)
        assert (entry.status, entry.reason) == (EntryStatus.SENT, Reason.DUE)
        assert (entry.sent_at, entry.provider_id) == (at(minutes=1), "p-1")
        assert [one.type for one in memory.publisher.outcomes] == ["MessageSent"]
        feedback(memory.world, [report(W.SENT, at(minutes=1))])
        assert now(memory) == entry

    def test_the_tag_of_a_line_message_is_enough(self) -> None:
        memory = Memory()
        sent(memory)
        apply(memory.world, report(W.DELIVERED, at(minutes=3)))
        assert now(memory).delivered_at == at(minutes=3)
        assert now(memory).provider_id == "p-1"

    def test_a_provider_s_id_leads_to_the_message_and_its_brand(self) -> None:
        memory = Memory()
        sent(memory)
        record = [
            report(W.BOUNCED, provider_id="p-1", brand=False),
            contact("OPTED_OUT", channel=Channel.SMS, address=NUMBER, brand=False),
        ]
        assert feedback(memory.world, record) == Heard()
        assert now(memory).reason is Reason.BOUNCED
        assert stop(memory, Channel.SMS, NUMBER) == "OPTED_OUT"
        (published,) = memory.publisher.published
        assert published.metadata.brand == BRAND

    def test_a_tag_counts_before_the_provider_s_id(self) -> None:
        memory = Memory()
        sent(memory)
        apply(memory.world, report(W.DELIVERED, message_id=OURS, provider_id="another"))
        assert now(memory).delivered_at == T0

    def test_a_record_that_is_early_comes_again(self) -> None:
        memory = Memory()
        for early in (report(W.DELIVERED), report(W.DELIVERED, provider_id="p-1", brand=False)):
            with pytest.raises(RetryableError):
                feedback(memory.world, [early])
        sent(memory)
        feedback(memory.world, [report(W.DELIVERED, provider_id="p-1", brand=False)])
        assert now(memory).delivered_at == T0

    def test_what_another_sends_from_the_same_account_is_dropped_whole(self) -> None:
        memory = Memory(start=T0 + UNCLAIMED_AFTER)
        record = [
            report(W.BOUNCED, provider_id="theirs", brand=False),
            contact("INVALID", channel=Channel.SMS, address=NUMBER, brand=False),
        ]
        assert feedback(memory.world, record) == Heard(unclaimed=1)
        assert stop(memory, Channel.SMS, NUMBER) is None
        assert memory.publisher.published == []

    def test_the_time_for_an_unknown_id_is_over_before_lambda_gives_up(self) -> None:
        """Lambda tries an asynchronous call again after one minute, and after two more."""
        assert timedelta(minutes=1) < UNCLAIMED_AFTER < timedelta(minutes=3)

    def test_a_tag_that_cannot_be_ours_is_dropped_one_that_can_is_not(self) -> None:
        memory = Memory(start=at(days=3))
        assert feedback(
            memory.world, [report(W.DELIVERED, message_id="spring-campaign-1")]
        ) == Heard(unclaimed=1)
        with pytest.raises(RetryableError):
            feedback(memory.world, [report(W.DELIVERED)])

    def test_words_of_no_consequence_ask_nothing(self) -> None:
        memory = Memory()
        for word in (W.OTHER, W.DELAYED, W.SOFT_BOUNCED):
            assert feedback(memory.world, [report(word)]) == Heard()
            apply(memory.world, report(word))

    def test_every_order_of_the_words_ends_the_same(self) -> None:
        words = [
            report(W.SENT, at(minutes=1)),
            report(W.DELIVERED, at(minutes=3)),
            report(W.DELIVERED, at(minutes=2)),
            report(W.BOUNCED, at(minutes=4)),
            report(W.COMPLAINED, at(minutes=5)),
        ]
        ends = set()
        for order in itertools.permutations(words):
            memory = Memory()
            sent(memory)
            for one in order:
                apply(memory.world, one)
            ends.add(replace(now(memory), version=0))
        (end,) = ends
        assert (end.status, end.reason) == (EntryStatus.SENT, Reason.COMPLAINED)
        assert end.delivered_at == at(minutes=2)

    def test_a_message_that_was_never_sent_failed_whatever_else_is_said(self) -> None:
        for order in itertools.permutations([report(W.SENT), report(W.REJECTED)]):
            memory = Memory()
            known(memory)
            for one in order:
                apply(memory.world, one)
            assert now(memory).status is EntryStatus.FAILED
            assert now(memory).reason is Reason.REFUSED_BY_PROVIDER
            assert memory.publisher.outcomes[-1].type == "MessageFailed"


class TestAddresses:
    def test_exactly_the_named_addresses_are_suppressed(self) -> None:
        memory = Memory()
        sent(memory)
        listed = ("Jiro@example.jp", "saburo@example.jp")
        record = [report(W.BOUNCED), *(contact("BOUNCED", address=one) for one in listed)]
        feedback(memory.world, record)
        assert stop(memory, address="jiro@example.jp") == "BOUNCED"
        assert stop(memory, address="saburo@example.jp") == "BOUNCED"
        assert stop(memory) is None
        assert told(memory) == ["ContactabilityChanged"] * 2

    def test_an_address_is_dead_though_the_entry_is_gone(self) -> None:
        memory = Memory()
        with pytest.raises(RetryableError):
            feedback(memory.world, [report(W.BOUNCED), contact("BOUNCED")])
        assert stop(memory) == "BOUNCED"
        assert told(memory) == ["ContactabilityChanged"]

    def test_a_follow_lifts_a_block_and_an_older_one_does_not(self) -> None:
        def line(reason: str, hours: float) -> Fact:
            return contact(
                reason,
                at(hours=hours),
                channel=Channel.LINE,
                address=USER,
                reachable=reason == "FOLLOWED",
            )

        def after(words: Iterable[Fact]) -> str | None:
            memory = Memory()
            ingest(memory.world, words)  # the way of a webhook
            return stop(memory, Channel.LINE, USER)

        first, block, follow, again = (
            line("FOLLOWED", 0), line("BLOCKED", 1), line("FOLLOWED", 2), line("BLOCKED", 3),
        )  # fmt: skip
        for order in itertools.permutations([first, block, follow]):
            assert after(order) is None
        for order in itertools.permutations([first, block, follow, again]):
            assert after(order) == "BLOCKED"

    @pytest.mark.parametrize("reason", ["BOUNCED", "COMPLAINED"])
    def test_no_word_brings_back_a_mail_address(self, reason: str) -> None:
        memory = Memory()
        apply(memory.world, contact(reason))
        for word in ("FOLLOWED", "DELIVERED", reason):
            apply(memory.world, contact(word, at(1), reachable=True))
        assert stop(memory) == reason

    def test_a_block_of_one_channel_is_none_of_another(self) -> None:
        memory = Memory()
        apply(memory.world, contact("BLOCKED", channel=Channel.SMS, address=NUMBER))
        apply(
            memory.world,
            contact("FOLLOWED", at(1), channel=Channel.SMS, address=NUMBER, reachable=True),
        )
        assert stop(memory, Channel.SMS, NUMBER) == "BLOCKED"
        assert stop(memory, Channel.LINE, NUMBER) is None

    def test_ingest_publishes_what_is_said_about_an_address(self) -> None:
        memory = Memory()
        ingest(memory.world, [contact("BOUNCED")])
        assert told(memory) == ["ContactabilityChanged"]
