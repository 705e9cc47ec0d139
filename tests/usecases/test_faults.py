"""Invariant 3: at most one message, and none lost, whatever fails at whatever call.

See tests/usecases/faults.py. The table of what happens is in docs/reliability.md.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from shared.adapters.memory.stores import MemoryLedger
from shared.domain.events import Purpose
from shared.domain.ledger import LedgerEntry
from tests.usecases import faults
from tests.usecases.faults import (
    DOCUMENT,
    Fault,
    Plan,
    Records,
    Result,
    all_results,
    combinations,
    crashes_retried,
    document,
    memory_trial,
    table,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("folded_once")]


@cache
def results() -> list[Result]:
    return all_results()


def test_nothing_that_fails_loses_a_message_or_sends_two() -> None:
    """One candidate in every trial; it is sent, or given up in so many words."""
    print(table(results()))  # noqa: T201 - for whoever runs it with -s
    assert [result for result in results() if result.violations] == []


def test_every_call_of_the_whole_way_was_the_victim() -> None:
    victims = {(result.call.step, result.call.name) for result in results()}
    assert victims == {
        *(("decide", name) for name in (
            "orders.load", "ledger.of_order", "ledger.put", "customers.suppression",
            "customers.load", "ledger.sent_to",
        )),
        ("arm", "timers.arm"),
        *(("send", name) for name in (
            "ledger.get", "ledger.put", "orders.load", "ledger.of_order", "customers.suppression",
            "customers.load", "ledger.sent_to", "orders.save", "publisher.facts", "provider.send",
            "publisher.outcome",
        )),
        ("disarm", "timers.disarm"),
        ("feedback", "ledger.by_message_id"),
        ("feedback", "ledger.get"),
    }  # fmt: skip
    assert {result.fault for result in results()} == set(Fault)
    assert {(r.purpose, r.records, r.starts) for r in results()} == set(combinations())


def test_a_second_copy_needs_a_crash_at_the_hand_over_and_a_record_that_never_comes() -> None:
    twice = {
        (result.call.name, result.call.number, result.fault)
        for result in results()
        if result.ending.startswith("2")
    }
    assert twice == {
        ("provider.send", 1, Fault.CRASH_AFTER),
        ("provider.send", 1, Fault.ANSWER_LOST),
        ("ledger.put", 2, Fault.CRASH_BEFORE),
    }
    assert {r.purpose for r in results() if r.ending.startswith("2")} == {Purpose.TRANSACTIONAL}


def test_marketing_is_given_up_only_where_nobody_can_tell_whether_it_went() -> None:
    """A store or a provider that says no costs no message; a crash or silence after the claim
    may."""
    given_up = {result.fault for result in results() if result.ending == "0 FAILED"}
    assert given_up == {
        Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.ANSWER_LOST, Fault.NO_ANSWER,
    }  # fmt: skip
    assert {
        (r.call.name, r.call.number)
        for r in results()
        if r.ending == "0 FAILED" and r.fault is Fault.ANSWER_LOST
    } == {("ledger.put", 1)}


def test_what_became_of_it_is_told_unless_the_teller_dies() -> None:
    untold = {(r.call.name, r.fault) for r in results() if not r.told}
    assert untold == {
        ("ledger.put", Fault.CRASH_AFTER),
        ("publisher.outcome", Fault.CRASH_BEFORE),
    }


def test_the_document_says_what_was_found() -> None:
    """`python -m tests.usecases.faults` writes it."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert document(results(), text) == text


def test_workflows_start_a_decide_function_anew_that_died() -> None:
    """The trials assume it: a crash before the first timer is armed leaves nothing that wakes."""
    assert crashes_retried() == []


class TestTheSearchFinds:
    """What it is there for, when it is put in on purpose."""

    def endings(self, purpose: Purpose, records: Records) -> Counter[str]:
        found: Counter[str] = Counter()
        calls = memory_trial(Plan(), purpose=purpose, records=records).run().plan.calls
        for victim, call in enumerate(calls):
            for fault in Fault:
                if faults.possible(call, fault):
                    plan = Plan(victim=victim, fault=fault)
                    trial = memory_trial(plan, purpose=purpose, records=records).run()
                    found.update(trial.ended[1])
        return found

    def test_a_claim_that_anybody_may_take(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = MemoryLedger.put

        def careless(ledger: MemoryLedger, entry: LedgerEntry) -> LedgerEntry:
            known = ledger.get(entry.key)
            return real(ledger, replace(entry, version=known.version if known else 0))

        monkeypatch.setattr(MemoryLedger, "put", careless)
        found = self.endings(Purpose.TRANSACTIONAL, Records.PROMPT)
        assert any("2 copies" in violation for violation in found)

    def test_a_grace_that_is_too_short(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The record comes after nine minutes; whoever waits for one only sends twice."""
        for name in ("shared.domain.gate", "shared.usecases.send", "shared.usecases.decide"):
            monkeypatch.setattr(f"{name}.RECORD_GRACE", timedelta(minutes=1))
        found = self.endings(Purpose.TRANSACTIONAL, Records.LATE)
        assert any("the provider's record came" in violation for violation in found)

    def test_a_guard_that_nobody_arms(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = faults.Trial._arm
        monkeypatch.setattr(
            faults.Trial,
            "_arm",
            lambda trial: real(trial) if trial.plan.fault is None else None,
        )
        found = self.endings(Purpose.TRANSACTIONAL, Records.PROMPT)
        assert any("lost" in violation or "candidate" in violation for violation in found)
