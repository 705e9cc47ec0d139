"""Invariant 3: at most one message, and none lost, whatever fails at whatever call.

See tests/usecases/faults.py. The table of what happens is in docs/reliability.md.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from shared.adapters.memory.stores import MemoryLedger
from shared.domain.errors import RetryableError
from shared.domain.events import Purpose
from shared.domain.gate import RECORD_GRACE
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.usecases.decide import LEASE
from shared.usecases.ingest import ingest
from shared.usecases.sweep import SWEEP_AFTER, sweep
from tests.builders import placed
from tests.usecases import faults
from tests.usecases.faults import (
    BRAND_POLICY,
    DOCUMENT,
    Crash,
    Fault,
    Plan,
    Records,
    Reported,
    Result,
    all_reports,
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


@cache
def reports() -> list[Reported]:
    return all_reports()


def test_nothing_that_fails_loses_a_message_or_sends_two() -> None:
    """One candidate in every trial; it is sent, or given up in so many words."""
    print(table(results()))  # noqa: T201 - for whoever runs it with -s
    assert [result for result in results() if result.violations] == []


READS = frozenset(
    {
        "orders.load", "orders.orders_of", "ledger.of_order", "ledger.sent_to", "customers.load",
        "customers.slots", "customers.suppression", "customers.soft_bounces", "controls.load",
    }
)  # fmt: skip
KEPT = frozenset({"inputs.keep", "inputs.keep_policy"})


def test_every_call_of_the_whole_way_was_the_victim() -> None:
    victims = {(result.call.step, result.call.name) for result in results()}
    assert victims == {
        *(("decide", name) for name in READS | KEPT | {"ledger.put"}),
        ("arm", "timers.arm"),
        *(("send", name) for name in READS | KEPT | {
            "ledger.get", "ledger.put", "customers.save_slots", "mail_quota.now", "counters.add",
            "orders.save", "publisher.facts", "provider.send", "publisher.outcome",
        }),
        ("disarm", "timers.disarm"),
        ("feedback", "ledger.by_message_id"),
        ("feedback", "ledger.get"),
    }  # fmt: skip
    assert {result.fault for result in results()} == set(Fault)
    assert {(r.purpose, r.records, r.starts) for r in results()} == set(combinations())


def test_what_a_provider_says_is_heeded_whatever_fails() -> None:
    """The entry, the address, the refusal, the next channel, the brake: each word has all of its
    consequences in the end."""
    assert [report for report in reports() if report.violations] == []
    victims = {report.call.name for report in reports()}
    assert victims == {
        "customers.suppress", "customers.load", "customers.save", "customers.note_consent",
        "customers.soft_bounces", "customers.save_soft_bounces", "ledger.by_message_id",
        "ledger.get", "ledger.put", "counters.add", "counters.read", "controls.load",
        "controls.save", "orders.load", "publisher.facts", "publisher.outcome",
        "publisher.reconsider",
    }  # fmt: skip


def test_a_guard_counts_too_early_rather_than_too_late() -> None:
    """The same record by the other way at any moment counts once; a run that dies may count it
    twice."""
    counted = {Fault.RIVAL_BEFORE: {0, 1}, Fault.RIVAL_AFTER: {0, 1}}
    for report in reports():
        assert report.counted in counted.get(report.fault, {0, 1, 2}), report


class TestTheSweeper:
    """What finds a claim whose timer is lost as well."""

    def died(self, purpose: Purpose) -> faults.Trial:
        """A run that died after its claim, and whose timer never goes off."""
        undisturbed = memory_trial(Plan(), purpose=purpose, records=Records.NEVER).run()
        claim = next(
            number
            for number, call in enumerate(undisturbed.plan.calls)
            if (call.step, call.name) == ("send", "ledger.put")
        )
        plan = Plan(victim=claim, fault=Fault.CRASH_AFTER)
        trial = memory_trial(plan, purpose=purpose, records=Records.NEVER)
        ingest(trial.base, [placed()])
        trial.execute()
        trial.clock.advance(timedelta(seconds=BRAND_POLICY.settle_seconds))
        trial.execute()
        assert trial.failures == ["crash at ledger.put"]
        trial.timers.armed.clear()
        return trial

    @pytest.mark.parametrize(
        ("purpose", "ending"),
        [(Purpose.TRANSACTIONAL, EntryStatus.SENT), (Purpose.MARKETING, EntryStatus.FAILED)],
    )
    def test_it_wakes_the_lifecycle_once_lease_and_grace_have_run_out(
        self, purpose: Purpose, ending: EntryStatus
    ) -> None:
        trial = self.died(purpose)
        publisher: Any = trial.base.publisher
        trial.clock.advance(LEASE + RECORD_GRACE)
        assert sweep(trial.base) == 0  # the timer's turn comes first
        trial.clock.advance(SWEEP_AFTER + timedelta(seconds=1))
        assert sweep(trial.base) == 1
        assert len(publisher.reconsidered) == 1
        trial.execute()
        entry = trial.base.ledger.get(trial.key)
        assert entry is not None
        assert entry.status is ending
        trial.clock.advance(timedelta(days=1))
        assert sweep(trial.base) == 0

    @pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.REFUSED])
    @pytest.mark.parametrize("victim", [0, 1])
    def test_one_that_dies_leaves_it_to_the_next(self, fault: Fault, victim: int) -> None:
        trial = self.died(Purpose.TRANSACTIONAL)
        trial.clock.advance(LEASE + RECORD_GRACE + SWEEP_AFTER + timedelta(seconds=1))
        plan = Plan(victim=victim, fault=fault)
        plan.enter("sweep")
        with pytest.raises((Crash, RetryableError)):
            sweep(faults.watched(trial.base, plan))
        assert [call.name for call in plan.calls] == [
            "ledger.open_claims", "publisher.reconsider",
        ][: victim + 1]  # fmt: skip
        assert sweep(trial.base) == 1


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
    assert document(results(), reports(), text) == text


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
