"""What support staff read about a decision: as things stood then, without jargon, masked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from local.mailbox.account import CHANNELS, METHODS, RERUNS, SUPPRESSIONS, masked, seen
from local.mailbox.model import Seen
from local.mailbox.views import candidate
from shared import lifecycles
from shared.domain.controls import MARKETING, Brake, Pause
from shared.domain.customers import Slot, Suppression
from shared.domain.decisions import Verdict
from shared.domain.events import Channel, ConsentMethod, Fact
from shared.domain.inputs import situation
from shared.domain.ledger import EntryStatus, LedgerEntry, Priority
from shared.domain.reasons import Reason
from shared.usecases.explain import Explanation, Rerun, explain
from tests.builders import (
    at,
    consent,
    delivered,
    entry,
    placed,
    preferences,
    snoozed,
    ticket_opened,
)
from tests.journeys.test_invariants import POLICY, Life
from tests.worlds import Memory


def told(*facts: Fact, lifecycle: str = "review_request", days: int = 30) -> Explanation:
    """The first decision of a lifecycle in a life."""
    life = Life(memory=Memory(policy=POLICY))
    for fact in sorted(facts, key=lambda one: one.metadata.occurred_at):
        life.simulation.advance(fact.metadata.occurred_at)
        life.simulation.put(fact)
    life.simulation.advance(at() + timedelta(days=days))
    memory = life.memory
    found = [one for one in memory.ledger.entries() if one.key.lifecycle == lifecycle]
    return explain(memory.inputs, memory.world.brands, lifecycles.load(lifecycle), found[0])


def rows(explanation: Explanation) -> dict[str, Seen]:
    return {row.topic: row for row in seen(explanation)}


def test_the_rows_of_a_refusal(snapshot: SnapshotAssertion) -> None:
    explanation = told(placed(at()), consent(at(hours=1), False), delivered(at(days=2)))
    found = rows(explanation)
    assert [topic for topic, row in found.items() if row.decisive] == ["consent"]
    assert "\n".join(f"{r.label} {r.said}" for r in found.values()) == snapshot


def test_the_rows_of_a_busy_day(snapshot: SnapshotAssertion) -> None:
    """Everything that can stand in a row, in one."""
    plain = told(placed(at()), consent(at(hours=1), True, confirmed=True), delivered(at(days=2)))
    assert plain.inputs is not None
    now = plain.inputs.now
    rival = entry("delay_alert", "late:S1:1", EntryStatus.WAITING, now, due_at=now)
    inputs = replace(
        plain.inputs,
        entries=(*plain.inputs.entries, replace(rival, priority=Priority.INCIDENT)),
        slots=(Slot(message_id="m-1", at=now - timedelta(days=1)),),
        suppressions={
            Channel.EMAIL: Suppression(channel=Channel.EMAIL, reason="BOUNCED", since=at())
        },
        controls=replace(
            plain.inputs.controls,
            pauses={MARKETING: Pause(since=at(), by="somebody")},
            brake=Brake(since=at(), cause="bounces", rate=0.1),
            ceilings={"review_request": at()},
        ),
    )
    spec = lifecycles.load("review_request").SPEC
    busy = replace(plain, inputs=inputs, situation=situation(inputs, spec, POLICY))
    assert "\n".join(f"{row.label} {row.said}" for row in seen(busy)) == snapshot


def test_no_address_stands_there_in_full() -> None:
    explanation = told(placed(at()), delivered(at(days=2)))
    shown = repr(candidate(explanation.entry, explanation))
    assert explanation.situation is not None
    buyer = explanation.situation.order.buyer
    assert buyer.email
    assert buyer.email not in shown
    assert masked(buyer.email) in shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("hanako@example.co.jp", "h•••@e•••.jp"),
        ("a@b", "a•••@b•••"),
        ("+819012345678", "•••678"),
        ("12", "•••"),
        (None, ""),
    ],
)
def test_masked(address: str | None, shown: str) -> None:
    assert masked(address) == shown


def test_the_tables_are_complete() -> None:
    assert set(METHODS) == set(ConsentMethod)
    assert set(CHANNELS) == set(Channel)
    assert set(RERUNS) == set(Rerun)
    assert {"BOUNCED", "COMPLAINED", "BLOCKED", "MANUAL"} <= set(SUPPRESSIONS)


def test_other_rules_are_said_and_not_hidden() -> None:
    plain = told(placed(at()), delivered(at(days=2)))
    assert plain.again is not None
    other = replace(plain.again, verdict=Verdict.SKIP, reason=Reason.GIFT)
    shown = candidate(plain.entry, replace(plain, rerun=Rerun.DIFFERENT, again=other))
    assert shown.again == ("贈り物の注文です。", "The order is a gift.")
    assert shown.rerun_words == RERUNS[Rerun.DIFFERENT]
    assert candidate(plain.entry, plain).again is None


def test_wishes_and_trouble() -> None:
    explanation = told(
        placed(at()),
        delivered(at(days=2)),
        ticket_opened(at(days=3)),
        preferences(at(days=1), stopped_skus=("KYUSU-01",)),
        snoozed(at(days=1), "SENCHA-100", date(2026, 3, 1)),
    )
    found = rows(explanation)
    assert "KYUSU-01" in found["wishes"].said[0]
    assert "2026-03-01" in found["wishes"].said[0]
    assert found["trouble"].said[1] == "Support is talking to the customer."


def test_an_entry_of_which_nothing_is_kept() -> None:
    plain = told(placed(at()), delivered(at(days=2)))
    without: LedgerEntry = replace(plain.entry, inputs=None)
    nothing = replace(plain, entry=without, inputs=None, situation=None, again=None)
    assert seen(replace(nothing, rerun=Rerun.NOT_KEPT)) == ()
