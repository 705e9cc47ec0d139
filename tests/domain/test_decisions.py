"""What follows from candidates, and what the ledger says of an occurrence."""

from __future__ import annotations

import itertools
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.decisions import (
    Action,
    Candidate,
    History,
    Verdict,
    next_step,
    send,
    skip,
    wait,
)
from shared.domain.events import Channel
from shared.domain.ledger import EntryKey, EntryStatus
from shared.domain.reasons import Reason
from tests.builders import BRAND, ORDER, at, entry

EMAIL, SMS = Channel.EMAIL, Channel.SMS


def due(name: str, when: datetime | None = None) -> Candidate:
    return send(name, name, "test", due_at=when)


def later(name: str, when: datetime | None) -> Candidate:
    return wait(name, name, Reason.NOT_YET_DUE, "test", until=when)


def never(name: str) -> Candidate:
    return skip(name, name, Reason.GIFT, "test")


STEPS: dict[str, tuple[list[Candidate], Action, str | None, datetime | None]] = {
    "nothing": ([], Action.FINISH, None, None),
    "nothing but skips": ([never("a"), never("b")], Action.FINISH, None, None),
    "waiting for facts alone is an end": ([later("a", None)], Action.FINISH, None, None),
    "what is due goes before what waits": (
        [later("a", at(1)), due("b", at(2))],
        Action.SEND,
        "b",
        None,
    ),
    "what was due first goes first": (
        [due("a", at(2)), due("b", at(1)), never("c")],
        Action.SEND,
        "b",
        None,
    ),
    "what has no due time goes last": ([due("a"), due("b", at(9))], Action.SEND, "b", None),
    "of two with the same time the name decides": (
        [due("b", at(1)), due("a", at(1))],
        Action.SEND,
        "a",
        None,
    ),
    "of two without a time as well": ([due("b"), due("a")], Action.SEND, "a", None),
    "the earliest wake-up counts": (
        [later("a", at(2)), later("b", at(1)), later("c", None)],
        Action.WAIT,
        "b",
        at(1),
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_the_next_step_in_any_order_of_candidates(name: str) -> None:
    candidates, action, occurrence, wake_at = STEPS[name]
    for permuted in itertools.permutations(candidates):
        step = next_step((candidate, EMAIL) for candidate in permuted)
        found = step.candidate.occurrence if step.candidate else None
        assert (step.action, found, step.wake_at) == (action, occurrence, wake_at)


def test_the_step_names_channel_and_reason() -> None:
    step = next_step([(due("a"), SMS)])
    assert (step.channel, step.reason) == (SMS, Reason.DUE)
    step = next_step([(later("a", at(1)), EMAIL)])
    assert (step.channel, step.reason) == (EMAIL, Reason.NOT_YET_DUE)
    assert next_step([(never("a"), EMAIL)]).reason is Reason.GIFT
    assert next_step([]).reason is Reason.NOTHING_TO_SAY


@given(
    st.lists(
        st.one_of(
            st.builds(due, st.text("ab", max_size=2), st.none() | st.just(at(1))),
            st.builds(later, st.text("ab", max_size=2), st.none() | st.just(at(2))),
            st.builds(never, st.text("ab", max_size=2)),
        ),
        max_size=6,
    )
)
def test_something_due_is_sent_and_something_timed_is_woken(candidates: list[Candidate]) -> None:
    step = next_step((candidate, EMAIL) for candidate in candidates)
    verdicts = {candidate.verdict for candidate in candidates}
    if Verdict.SEND in verdicts:
        assert step.action is Action.SEND
    elif any(candidate.at for candidate in candidates):
        assert step.action is Action.WAIT
        assert step.wake_at == at(2)
    else:
        assert step.action is Action.FINISH


def test_candidates_say_what_they_are() -> None:
    one = wait("o", "m", Reason.SETTLING, "r", until=at(1), skus=("A",))
    assert (one.verdict, one.at, one.due_at, one.skus) == (Verdict.WAIT, at(1), at(1), ("A",))
    two = send("o", "m", "r", due_at=at(1), expires_at=at(2))
    assert (two.verdict, two.reason, two.at) == (Verdict.SEND, Reason.DUE, None)
    assert (two.due_at, two.expires_at) == (at(1), at(2))
    three = skip("o", "m", Reason.GIFT, "r")
    assert (three.verdict, three.reason, three.at) == (Verdict.SKIP, Reason.GIFT, None)


# --- history -----------------------------------------------------------------------


def of(status: EntryStatus, occurrence: str = "a", channel: Channel = EMAIL) -> History:
    return History(entries=(entry("x", occurrence, status, at(1), channel=channel),))


@pytest.mark.parametrize(
    ("status", "sent", "closed"),
    [
        (EntryStatus.SENT, True, True),
        (EntryStatus.FAILED, False, True),
        (EntryStatus.SKIPPED, False, False),
        (EntryStatus.WAITING, False, False),
        (EntryStatus.SENDING, False, False),
        (EntryStatus.UNKNOWN, False, False),
    ],
)
def test_what_is_done(status: EntryStatus, sent: bool, closed: bool) -> None:
    history = of(status)
    assert (history.sent("a") is not None) is sent
    assert history.closed("a") is closed
    assert history.sent("b") is None
    assert not history.closed("b")


@pytest.mark.parametrize("other", list(EntryStatus))
def test_an_occurrence_that_went_out_on_one_channel_went_out(other: EntryStatus) -> None:
    sent = of(EntryStatus.SENT).entries
    rest = of(other, channel=SMS).entries
    for entries in (sent + rest, rest + sent):
        found = History(entries=entries).sent("a")
        assert found is not None
        assert found.status is EntryStatus.SENT


@pytest.mark.parametrize("flight", [EntryStatus.SENDING, EntryStatus.UNKNOWN])
@pytest.mark.parametrize("other", [EntryStatus.WAITING, EntryStatus.SKIPPED, EntryStatus.FAILED])
def test_what_is_in_flight_hides_what_waits(flight: EntryStatus, other: EntryStatus) -> None:
    entries = of(other).entries + of(flight, channel=SMS).entries
    found = History(entries=entries).entry("a")
    assert found is not None
    assert found.status is flight


def test_everything_that_went_out_oldest_first() -> None:
    entries = (
        entry("x", "b", when=at(2)),
        entry("x", "a", when=at(1)),
        entry("x", "c", EntryStatus.SKIPPED, at(0)),
    )
    assert [e.key.occurrence for e in History(entries=entries).all_sent] == ["a", "b"]


def test_the_identity_of_a_message_is_free_of_chance() -> None:
    def key(**changes: str) -> EntryKey:
        parts = {"brand": BRAND, "order_id": ORDER, "lifecycle": "x", "occurrence": "a"} | changes
        return EntryKey(**parts, channel=EMAIL)

    assert key().message_id() == key().message_id()
    others = [key(brand="b"), key(order_id="2"), key(lifecycle="y"), key(occurrence="b")]
    ids = {k.message_id() for k in (key(), *others)}
    assert len(ids) == 5
    # Parts do not run into each other.
    assert key(lifecycle="xa", occurrence="b").message_id() != (
        key(lifecycle="x", occurrence="ab").message_id()
    )
