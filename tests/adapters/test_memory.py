"""The world outside in memory: it fails when it is told to, and only then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.adapters.memory.providers import (
    Kept,
    Mailbox,
    ManualClock,
    MemoryPublisher,
    MemoryQuarantine,
    MemoryTimers,
    Mishap,
)
from shared.domain.errors import OutcomeUnknown, ProviderRefused, ProviderThrottled
from shared.domain.events import Channel
from shared.ports import Letter
from tests.builders import T0, at, payment, placed

LETTER = Letter(
    message_id="m-1",
    channel=Channel.EMAIL,
    brand="aoba",
    to="hanako@example.jp",
    sender="order@aoba-chaho.example",
    text="text",
)


@pytest.mark.parametrize(
    ("mishap", "error", "kept"),
    [
        (Mishap.THROTTLED, ProviderThrottled, 0),
        (Mishap.REFUSED, ProviderRefused, 0),
        (Mishap.LOST, OutcomeUnknown, 0),
        (Mishap.ACCEPTED_UNHEARD, OutcomeUnknown, 1),
    ],
)
def test_a_mishap_happens_once(mishap: Mishap, error: type[Exception], kept: int) -> None:
    mailbox = Mailbox()
    mailbox.fail_next(mishap)
    with pytest.raises(error):
        mailbox.send(LETTER)
    assert len(mailbox.letters) == kept
    mailbox.send(LETTER)
    assert mailbox.letters == [LETTER] * (kept + 1)
    assert mailbox.attempts == 2


def test_mishaps_come_in_their_order() -> None:
    mailbox = Mailbox()
    mailbox.fail_next(Mishap.THROTTLED, Mishap.LOST)
    for error in (ProviderThrottled, OutcomeUnknown):
        with pytest.raises(error):
            mailbox.send(LETTER)
    assert mailbox.send(LETTER) != mailbox.send(LETTER)


def test_a_timer_of_a_name_is_one() -> None:
    timers = MemoryTimers()
    assert timers.next_at is None
    timers.arm("a", at(2))
    timers.arm("b", at(3))
    timers.arm("a", at(1))
    assert timers.next_at == at(1)
    assert timers.due(T0) == []
    assert timers.due(at(3)) == ["a", "b"]
    assert timers.due(at(4)) == []
    timers.arm("a", at(5))
    timers.disarm("a")
    timers.disarm("a")
    assert timers.next_at is None


def test_what_is_published_is_kept_in_order() -> None:
    publisher = MemoryPublisher()
    publisher.facts([placed(), payment(at(1))])
    publisher.facts([payment(at(2))])
    assert publisher.published == [placed(), payment(at(1)), payment(at(2))]


def test_what_is_rejected_is_kept_whole() -> None:
    quarantine = MemoryQuarantine()
    quarantine.put("{", code="MALFORMED", detail="not JSON")
    assert quarantine.kept == [Kept(raw="{", code="MALFORMED", detail="not JSON")]


def test_a_clock_moves_on_and_never_back() -> None:
    clock = ManualClock(T0)
    clock.advance(timedelta(hours=1))
    assert clock.now() == at(hours=1)
    with pytest.raises(ValueError, match="has passed"):
        clock.move_to(T0)
