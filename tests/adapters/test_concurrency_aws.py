"""Two lifecycles send to one person at the same instant, and one more is allowed: on the real
adapters over moto, with the second's whole send between two requests of the first's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest

from shared.adapters.aws import clients
from shared.adapters.aws.table import Table
from shared.adapters.memory.providers import (
    Mailbox,
    ManualClock,
    MemoryMailQuota,
    MemoryPublisher,
    MemoryQuarantine,
)
from shared.adapters.memory.stores import MemoryErasures
from shared.domain.decisions import send as due_now
from shared.domain.events import Channel, ConsentSeen, Purpose
from shared.domain.ledger import EntryKey, EntryStatus
from shared.domain.reasons import Reason
from shared.domain.values import customer_key
from shared.ports import World
from shared.usecases.decide import decide, entry_key
from shared.usecases.ingest import ingest
from shared.usecases.send import SendResult, send
from tests.adapters.conftest import TABLE, dynamo_stores
from tests.builders import BRAND, BUYER, POLICY, at, placed
from tests.worlds import OneBrand, PlainRenderer, Scripted

pytestmark = pytest.mark.slow

YES = (ConsentSeen(channel=Channel.EMAIL, granted=True),)
NAMES = ("first", "second")


def lifecycle(name: str) -> Any:
    return Scripted(
        script=lambda _: (due_now("hello", "hello", "always"),),
        purpose=Purpose.MARKETING,
        channels=(Channel.EMAIL,),
        name=name,
    )


@dataclass
class Meeting:
    """Both have decided to send; each has an order of its own. ``at_request``: of the first's
    send, before which the second's begins and ends."""

    table: Table
    clock: ManualClock
    at_request: int | None = None

    def __post_init__(self) -> None:
        stores = dynamo_stores(self.table)
        self.mailbox = Mailbox()
        self.requests = 0
        # Where it matters who is first: every write, and every look at the person's room.
        self.turning_points: list[int] = []
        self.results: dict[str, SendResult] = {}
        self.world = World(
            clock=self.clock,
            brands=OneBrand(POLICY),  # one marketing message a day
            publisher=MemoryPublisher(),
            renderer=PlainRenderer(),
            senders={Channel.EMAIL: self.mailbox},
            quarantine=MemoryQuarantine(),
            mail_quota=MemoryMailQuota(),
            erasures=MemoryErasures(),
            **vars(stores),
        )

    def key(self, name: str) -> EntryKey:
        return entry_key(BRAND, name, name, "hello", "email")

    def send(self, name: str) -> None:
        self.results[name] = send(self.world, lifecycle(name), self.key(name))

    def request(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> None:
        """A request leaves the SDK."""
        if not event_name.endswith(("Query", "GetItem")) or "SLOTS" in str(request.body):
            self.turning_points.append(self.requests)
        self.requests += 1
        if self.requests - 1 == self.at_request:
            self.send("second")

    def meet(self) -> None:
        for name in NAMES:
            ingest(self.world, [placed(order_id=name, consents=YES)])
        self.clock.move_to(at(minutes=2))
        for name in NAMES:
            assert decide(self.world, lifecycle(name), BRAND, name).action == "SEND"
        events, begin = clients.dynamodb().meta.events, "before-send.dynamodb"
        events.register_first(begin, self.request)
        try:
            self.send("first")
        finally:
            events.unregister(begin, self.request)
        if self.at_request is None:
            self.send("second")


def test_of_two_that_meet_anywhere_one_is_sent_and_the_other_waits(
    table: Table, clock: ManualClock
) -> None:
    undisturbed = Meeting(table, clock)
    undisturbed.meet()
    points = undisturbed.turning_points
    assert len(points) >= 6
    sent_first = set()
    for number in (0, *points):
        empty()
        meeting = Meeting(table, ManualClock(at()), at_request=number)
        meeting.meet()
        statuses = {}
        for name in NAMES:
            entry = meeting.world.ledger.get(meeting.key(name))
            assert entry is not None
            statuses[name] = (entry.status, entry.reason)
        assert sorted(statuses.values()) == [
            (EntryStatus.SENT, Reason.DUE),
            (EntryStatus.WAITING, Reason.FREQUENCY_CAP),
        ], (number, statuses)
        assert len(meeting.mailbox.letters) == 1
        slots = meeting.world.customers.slots(BRAND, customer_key(BRAND, BUYER) or "")
        assert [slot.message_id for slot in slots.taken] == [
            letter.message_id for letter in meeting.mailbox.letters
        ]
        sent_first |= {name for name in NAMES if statuses[name][0] is EntryStatus.SENT}
    assert sent_first == set(NAMES)  # either may be the faster


def empty() -> None:
    """The table as new."""
    dynamodb, name = clients.dynamodb(), TABLE
    for row in dynamodb.scan(TableName=name, ProjectionExpression="pk, sk")["Items"]:
        dynamodb.delete_item(TableName=name, Key=row)
