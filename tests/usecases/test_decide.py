"""What a decision writes into the ledger about a message that somebody has claimed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.domain.decisions import send
from shared.domain.events import Channel
from shared.domain.gate import RECORD_GRACE
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.reasons import Reason
from shared.domain.values import Party
from shared.usecases.decide import LEASE, decide, entry_key
from shared.usecases.ingest import ingest
from shared.usecases.send import send as run_send
from tests.builders import BRAND, ORDER, at, placed
from tests.worlds import Memory, Scripted

# 20:58 in Tokyo: two minutes later nobody gets a text message any more.
LATE = at(hours=10, minutes=58)
MORNING = at(hours=22)
KEY = entry_key(BRAND, ORDER, "scripted", "hello", "sms")


def claimed(memory: Memory) -> LedgerEntry:
    """A run died after its claim, in the last minutes of the day."""
    ingest(memory.world, [placed(buyer=Party(phone="+819012345678"))])
    memory.clock.move_to(LATE)
    assert decide(memory.world, lifecycle(), BRAND, ORDER).action == "SEND"
    waiting = memory.ledger.get(KEY)
    assert waiting is not None
    return memory.ledger.put(
        replace(
            waiting,
            status=EntryStatus.SENDING,
            attempts=1,
            lease_until=LATE + LEASE,
            next_check=LATE + LEASE + RECORD_GRACE,
        )
    )


def lifecycle() -> Any:
    return Scripted(lambda _: (send("hello", "hello", "always"),), channels=(Channel.SMS,))


def test_a_claim_is_left_alone_until_its_record_could_have_come() -> None:
    memory = Memory()
    claim = claimed(memory)
    for moment in (LATE + LEASE, LATE + LEASE + RECORD_GRACE - timedelta(seconds=1)):
        memory.clock.move_to(moment)
        assert decide(memory.world, lifecycle(), BRAND, ORDER).action == "WAIT"
        assert memory.ledger.get(KEY) == claim


def test_a_claim_whose_time_is_over_may_be_held_for_another_reason_and_says_so() -> None:
    """It was left as a claim that is overdue, for the sweeper to find again and again."""
    memory = Memory()
    claimed(memory)
    memory.clock.move_to(LATE + LEASE + RECORD_GRACE)
    step = decide(memory.world, lifecycle(), BRAND, ORDER)
    entry = memory.ledger.get(KEY)
    assert entry is not None
    assert (entry.status, entry.reason) == (EntryStatus.WAITING, Reason.QUIET_HOURS)
    assert (entry.next_check, entry.lease_until, entry.attempts) == (MORNING, None, 1)
    assert step.wake_at == f"{MORNING:%Y-%m-%dT%H:%M:%S}"
    assert memory.ledger.open_claims(BRAND, MORNING, 9) == ()
    memory.clock.move_to(MORNING)
    assert decide(memory.world, lifecycle(), BRAND, ORDER).action == "SEND"
    run_send(memory.world, lifecycle(), KEY)
    assert len(memory.phone.letters) == 1
