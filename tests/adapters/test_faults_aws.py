"""Invariant 3 once more, on the real adapters over moto: faults on the wire, below the SDK.

A selection of the trials in tests/usecases/test_faults.py; there each port fails as a whole, here
each request to AWS does, and the SDK's own repetitions take part.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws
from moto.core.models import botocore_stubber

from shared.adapters.aws import clients
from shared.adapters.aws.eventbridge import BusPublisher
from shared.adapters.aws.ses import SesSender
from shared.adapters.memory.providers import (
    Mailbox,
    ManualClock,
    MemoryMailQuota,
    MemoryPublisher,
    MemoryQuarantine,
)
from shared.adapters.memory.stores import MemoryErasures
from shared.domain.events import Channel, ProviderWord, Purpose
from shared.domain.policy import Policy
from shared.ports import World
from tests.adapters.conftest import create_table, dynamo_stores, quicken
from tests.builders import T0
from tests.usecases.faults import (
    BRAND_POLICY,
    TOUCHY,
    Call,
    Crash,
    Fault,
    Plan,
    Records,
    Report,
    Trial,
)
from tests.worlds import OneBrand, PlainRenderer

pytestmark = pytest.mark.slow

BUS = "yoin-test"


@dataclass
class Wire:
    """The plan at every request that leaves the SDK."""

    plan: Plan
    trial: Trial | None = None

    def __call__(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> Any:
        if not self.plan.step:
            return None  # the order is only just arriving
        _event, service, operation = event_name.split(".")
        fault = self.plan.take(f"{service}.{operation}")
        if fault is Fault.CRASH_BEFORE:
            raise Crash(operation)
        if fault is Fault.RIVAL_BEFORE:
            self.plan.rival()
        if fault in {Fault.CRASH_AFTER, Fault.ANSWER_LOST}:
            botocore_stubber(event_name, request)
            if operation == "SendEmail":
                self.accepted()
            if fault is Fault.CRASH_AFTER:
                raise Crash(operation)
            raise ReadTimeoutError(endpoint_url=request.url)
        return None

    def accepted(self, **_: Any) -> None:
        assert self.trial
        self.trial.accepted()


@contextmanager
def on(wire: Wire) -> Iterator[None]:
    """The wire in place."""
    handler: Any = wire
    made = {"dynamodb": clients.dynamodb(), "events": clients.events(), "sesv2": clients.sesv2()}
    for service, client in made.items():
        client.meta.events.register_first(f"before-send.{service}", handler)
    accepted: Any = wire.accepted
    clients.sesv2().meta.events.register("after-call.sesv2.SendEmail", accepted)
    try:
        yield
    finally:
        for service, client in made.items():
            client.meta.events.unregister(f"before-send.{service}", handler)
        clients.sesv2().meta.events.unregister("after-call.sesv2.SendEmail", accepted)


@contextmanager
def world(policy: Policy) -> Iterator[World]:
    """AWS as moto plays it, with nothing in it."""
    with mock_aws():
        clock = ManualClock(T0)
        stores = dynamo_stores(create_table(clock))
        clients.events().create_event_bus(Name=BUS)
        clients.sesv2().create_configuration_set(ConfigurationSetName=BUS)
        clients.sesv2().create_email_identity(EmailIdentity="shop@example.com")
        yield World(
            clock=clock,
            orders=stores.orders,
            customers=stores.customers,
            ledger=stores.ledger,
            brands=OneBrand(policy),
            publisher=BusPublisher(clients.events, BUS),
            renderer=PlainRenderer(),
            senders={Channel.EMAIL: SesSender(clients.sesv2, BUS)},
            quarantine=MemoryQuarantine(),
            controls=stores.controls,
            counters=stores.counters,
            mail_quota=MemoryMailQuota(),
            inputs=stores.inputs,
            erasures=MemoryErasures(),
        )


def run(plan: Plan, *, purpose: Purpose, records: Records) -> Trial:
    """A trial on AWS, from nothing."""
    with world(BRAND_POLICY) as base:
        wire = Wire(plan)
        wire.trial = Trial(base, base.clock, plan, purpose=purpose, records=records, watch=False)
        with on(wire):
            return wire.trial.run()


def report(plan: Plan, word: ProviderWord) -> tuple[int, list[str]]:
    """What a provider says on AWS, from nothing: how often it counted, and what is wrong."""
    with world(TOUCHY) as aws:
        base = replace(aws, publisher=MemoryPublisher(), senders={Channel.EMAIL: Mailbox()})
        with on(Wire(plan)):
            done = Report(base, base.clock, plan, word, watch=False)
        return done.counted, done.violations()


@pytest.fixture(scope="module")
def _settled(_own_clients: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
        patch.setattr("botocore.endpoint.time.sleep", lambda _: None)
        quicken(patch)
        yield


COUNT = "dynamodb.UpdateItem"
MAIL, COMMIT, PUT = "sesv2.SendEmail", "dynamodb.TransactWriteItems", "dynamodb.PutItem"
WRITES = frozenset({MAIL, COMMIT, PUT})
EFFECTS = WRITES | {COUNT, "eventbridge.PutEvents"}
READS = frozenset({"dynamodb.Query", "dynamodb.GetItem"})
SENDING = EFFECTS | READS
Ended = dict[Call, tuple[str, tuple[str, ...]]]


@cache
def undisturbed(purpose: Purpose, records: Records) -> tuple[Call, ...]:
    """The requests of a message's life in which nothing fails."""
    trial = run(Plan(), purpose=purpose, records=records)
    assert trial.ended == ("1 SENT", ())
    return tuple(trial.plan.calls)


def endings(fault: Fault, among: frozenset[str], *, purpose: Purpose, records: Records) -> Ended:
    """How a message ends with the fault at each request of the send that is ``among`` these; of
    those that only read, at the first and the last of a kind."""
    calls = undisturbed(purpose, records)
    reads: dict[str, list[Call]] = {name: [] for name in READS}
    for call in calls:
        if call.step == "send" and call.name in READS:
            reads[call.name].append(call)
    ended = {}
    for victim, call in enumerate(calls):
        between = call.name in READS and call not in {reads[call.name][0], reads[call.name][-1]}
        if call.step == "send" and call.name in among and not between:
            plan = Plan(victim=victim, fault=fault)
            ended[call] = run(plan, purpose=purpose, records=records).ended
            assert plan.calls[victim] == call
    assert {call.name for call in ended} == among
    return ended


@pytest.mark.usefixtures("_settled")
class TestOnTheWire:
    @pytest.mark.parametrize(
        ("fault", "among"),
        [
            (Fault.CRASH_BEFORE, SENDING),
            (Fault.CRASH_AFTER, EFFECTS),
            (Fault.ANSWER_LOST, EFFECTS),
            (Fault.RIVAL_BEFORE, WRITES),
        ],
    )
    def test_a_confirmation_arrives_once(self, fault: Fault, among: frozenset[str]) -> None:
        ended = endings(fault, among, purpose=Purpose.TRANSACTIONAL, records=Records.PROMPT)
        assert {call: end for call, end in ended.items() if end != ("1 SENT", ())} == {}

    @pytest.mark.parametrize("fault", [Fault.CRASH_AFTER, Fault.ANSWER_LOST])
    def test_without_any_record_it_may_come_twice_but_not_soon(self, fault: Fault) -> None:
        ended = endings(fault, WRITES, purpose=Purpose.TRANSACTIONAL, records=Records.NEVER)
        twice = {call.name for call, end in ended.items() if end == ("2 SENT", ())}
        assert twice == {MAIL}
        assert {end for call, end in ended.items() if call.name != MAIL} == {("1 SENT", ())}

    def test_marketing_never_comes_twice(self) -> None:
        ended = endings(Fault.CRASH_AFTER, WRITES, purpose=Purpose.MARKETING, records=Records.NEVER)
        assert {end for call, end in ended.items() if call.name == MAIL} == {("1 FAILED", ())}
        assert {end for call, end in ended.items() if call.name == COMMIT} == {("1 SENT", ())}
        assert {end for call, end in ended.items() if call.name == PUT} == {("0 FAILED", ())}

    @pytest.mark.parametrize(
        ("fault", "word"),
        [
            (Fault.CRASH_BEFORE, ProviderWord.BOUNCED),
            (Fault.CRASH_AFTER, ProviderWord.COMPLAINED),
            (Fault.ANSWER_LOST, ProviderWord.BOUNCED),
        ],
    )
    def test_what_came_back_is_heeded_and_counted(self, fault: Fault, word: ProviderWord) -> None:
        """At every write of the feedback; the SDK's own repetitions may count once more. The
        repetition of a transaction is not tried: DynamoDB knows it by its token, moto does not."""
        plan = Plan()
        assert report(plan, word) == (1, [])
        victims = [
            number
            for number, call in enumerate(plan.calls)
            if call.name not in READS and call.step == "feedback"
        ]
        if fault is Fault.ANSWER_LOST:
            victims = [v for v in victims if plan.calls[v].name != COMMIT]
        assert {plan.calls[victim].name for victim in victims} >= {PUT, COUNT}
        for victim in victims:
            again = Plan(victim=victim, fault=fault)
            counted, wrong = report(again, word)
            assert wrong == [], (plan.calls[victim], wrong)
            assert 1 <= counted <= 2
