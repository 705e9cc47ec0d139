"""The sweeper: a claim is settled though the run that made it died, and its timer is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions import sweep as function
from shared import wiring
from shared.domain.decisions import send as due_now
from shared.domain.events import Channel, Purpose
from shared.domain.gate import RECORD_GRACE
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.policy import ConsentBasis
from shared.domain.reasons import Reason
from shared.observability import metrics
from shared.usecases.decide import LEASE, decide, entry_key
from shared.usecases.ingest import ingest
from shared.usecases.send import send
from shared.usecases.sweep import MOST, SWEEP_AFTER, sweep
from tests.builders import BRAND, ORDER, POLICY, at, entry, placed
from tests.worlds import Memory, Scripted

TRANSACTIONAL: Any = Scripted(lambda _: (due_now("hello", "hello", "always"),))
MARKETING: Any = replace(TRANSACTIONAL, purpose=Purpose.MARKETING)
OVERDUE = LEASE + RECORD_GRACE + SWEEP_AFTER


class Died(Exception):
    """The process is gone."""


class _Deadly:
    def send(self, letter: object) -> str:
        raise Died


def died_after_the_claim(lifecycle: Any) -> Memory:
    """The claim is written, the mail is not handed over, and nobody arms a timer again."""
    memory = Memory(
        policy=replace(POLICY, consent_basis={"scripted": ConsentBasis.EXISTING_CUSTOMER})
    )
    ingest(memory.world, [placed()])
    memory.clock.advance(timedelta(minutes=5))
    step = decide(memory.world, lifecycle, BRAND, ORDER)
    world = replace(memory.world, senders={Channel.EMAIL: _Deadly()})
    with pytest.raises(Died):
        send(world, lifecycle, entry_key(BRAND, ORDER, "scripted", step.occurrence, step.channel))
    return memory


def woken(memory: Memory, lifecycle: Any) -> LedgerEntry:
    """What the lifecycle makes of it that the sweeper has woken."""
    (asked,) = memory.publisher.reconsidered
    assert (asked.brand, asked.order_id, asked.lifecycle) == (BRAND, ORDER, "scripted")
    step = decide(memory.world, lifecycle, BRAND, ORDER)
    if step.action == "SEND":
        key = entry_key(BRAND, ORDER, "scripted", step.occurrence, step.channel)
        send(memory.world, lifecycle, key)
    (settled,) = memory.ledger.entries()
    return settled


def test_nothing_is_swept_before_its_time() -> None:
    memory = died_after_the_claim(TRANSACTIONAL)
    memory.clock.advance(OVERDUE - timedelta(seconds=1))
    assert sweep(memory.world) == 0
    memory.clock.advance(timedelta(seconds=1))
    assert sweep(memory.world) == 1


def test_a_transactional_message_is_sent_again_and_marketing_is_dropped() -> None:
    for lifecycle, status, mails in (
        (TRANSACTIONAL, EntryStatus.SENT, 1),
        (MARKETING, EntryStatus.FAILED, 0),
    ):
        memory = died_after_the_claim(lifecycle)
        memory.clock.advance(OVERDUE + timedelta(seconds=1))
        assert sweep(memory.world) == 1
        settled = woken(memory, lifecycle)
        assert (settled.status, len(memory.mailbox.letters)) == (status, mails)
        if status is EntryStatus.FAILED:
            assert settled.reason is Reason.OUTCOME_UNKNOWN
        assert sweep(memory.world) == 0


def test_a_lifecycle_is_woken_once_for_all_its_claims_and_a_run_is_bounded() -> None:
    memory = Memory()
    for number in range(MOST + 5):
        one = entry("scripted", f"o{number}", EntryStatus.UNKNOWN, next_check=at(minutes=number))
        memory.ledger.put(one)
    memory.clock.advance(timedelta(days=1))
    assert sweep(memory.world) == MOST
    assert len(memory.publisher.reconsidered) == 1


def test_the_function_counts_what_it_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = died_after_the_claim(TRANSACTIONAL)
    memory.clock.advance(OVERDUE + timedelta(seconds=1))
    monkeypatch.setattr(wiring, "world", lambda: memory.world)
    counted: list[tuple[str, int]] = []
    monkeypatch.setattr(metrics, "count", lambda name, value: counted.append((name, value)))
    function.handler({"source": "aws.events"}, None)
    assert counted == [("StaleClaims", 1)]
