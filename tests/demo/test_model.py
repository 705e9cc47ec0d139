from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from local.mailbox import words
from local.mailbox.model import Mailbox, broken_invariants, merged, tally
from local.mailbox.store import NoRun, Run, load, save
from shared import lifecycles
from shared.domain.events import FACTS
from shared.domain.ledger import EntryStatus
from shared.domain.shipments import Status
from shared.domain.values import Money
from tests.demo import boxes


def test_every_candidate_is_counted_once() -> None:
    (one,) = tally(boxes.mailbox())
    assert one.candidates == 5
    assert (one.sent, one.skipped, one.waiting, one.failed, one.in_flight) == (2, 1, 1, 1, 0)
    assert one.skipped_by_reason == {"ALREADY_PAID": 1}


def test_a_sound_mailbox_breaks_nothing() -> None:
    assert broken_invariants(boxes.mailbox()) == []


def _twice(box: Mailbox) -> Mailbox:
    return replace(box, mails=(*box.mails, box.mails[0]))


def _without_entry(box: Mailbox) -> Mailbox:
    return replace(box, candidates=box.candidates[1:])


def _never_went_out(box: Mailbox) -> Mailbox:
    return replace(box, mails=box.mails[1:])


def _overdue(box: Mailbox) -> Mailbox:
    return replace(box, now=box.now + timedelta(days=30))


def _sent_but_skipped(box: Mailbox) -> Mailbox:
    first, *others = box.candidates
    return replace(box, candidates=(replace(first, status=EntryStatus.SKIPPED), *others))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_twice, "was sent 2 times"),
        (_without_entry, "without an entry"),
        (_never_went_out, "never went out"),
        (_overdue, "still waits"),
        (_sent_but_skipped, "ledger says SKIPPED"),
    ],
)
def test_what_must_never_happen_is_named(spoil: object, says: str) -> None:
    assert callable(spoil)
    assert any(says in sentence for sentence in broken_invariants(spoil(boxes.mailbox())))


def test_two_brands_become_one_run() -> None:
    later = replace(boxes.mailbox(), now=boxes.T0 + timedelta(days=9), orders=(), mails=())
    both = merged([boxes.mailbox(), later])
    assert both.now == later.now
    assert both.events == 6
    assert len(both.candidates) == 10
    assert [(one.name, one.count) for one in both.figures] == [
        ("WebhookEvents", 6),
        ("WebhookRefused", 2),
    ]
    with pytest.raises(ValueError, match="nothing to merge"):
        merged([])


@pytest.mark.usefixtures("home")
def test_a_run_comes_back_as_it_was_saved() -> None:
    with pytest.raises(NoRun, match="yoin demo"):
        load()
    run = Run(mailbox=boxes.hostile(), scenario="{}", until=boxes.T0)
    path = save(run)
    assert load() == run
    path.write_text("{}")
    with pytest.raises(NoRun, match="another version"):
        load()


def test_every_fact_status_and_message_has_words() -> None:
    assert set(words.FACTS) == set(FACTS)
    assert set(words.STATUSES) == set(Status)
    assert set(words.ENTRY_STATUSES) == set(EntryStatus)
    kinds = {f"{spec.name}/{kind}" for spec in lifecycles.specs() for kind in spec.messages}
    assert set(words.MESSAGES) <= kinds


def test_amounts_have_as_many_digits_as_their_currency() -> None:
    assert words.money(Money(1980, "JPY")) == "¥1,980"
    assert words.money(Money(1250, "USD")) == "$12.50"
