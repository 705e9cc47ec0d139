"""Every scenario in ``scenarios/`` gives the lines in ``expected/``, on every way there is.

The expected lines are what ``yoin replay scenarios/X.jsonl --until +120d --json`` prints. They
were read line by line against the rules; a new one has to be as well, before it is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.scenario import Journey, Line, Record, read, until
from ops.output import json_line
from shared.adapters.aws import clients
from shared.adapters.aws.dynamodb import DynamoLedger
from shared.adapters.aws.table import Table
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.settings import DEFAULT_RETENTION_DAYS
from shared.usecases.decide import timer_name
from tests.journeys.memory import simulate

HERE = Path(__file__).parent
SCENARIOS = sorted((HERE / "scenarios").glob("*.jsonl"), key=lambda path: path.name)

each_scenario = pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)


def expected(path: Path) -> list[str]:
    """The lines that a replay of a scenario prints."""
    return (HERE / "expected" / path.name).read_text("utf-8").splitlines()


def printed(records: list[Record]) -> list[str]:
    return [json_line(record) for record in records]


def ledger(journey: Journey) -> list[LedgerEntry]:
    """What the table of the local stack says of all orders."""
    stack = journey.stack
    (name,) = stack.names["AWS::DynamoDB::Table"]
    table = Table(clients.dynamodb, name, stack.clock, retention_days=DEFAULT_RETENTION_DAYS)
    store = DynamoLedger(table)
    orders = [(order.brand, order.order_id) for order in journey.mailbox().orders]
    return [entry for brand, order in orders for entry in store.of_order(brand, order)]


def arrivals(journey: Journey, lines: list[Line]) -> list[tuple[datetime, Mapping[str, Any]]]:
    """When which envelope arrives."""
    return [(line.at, journey._event(line)) for line in sorted(lines, key=lambda line: line.at)]


def told(entry: LedgerEntry) -> LedgerEntry:
    """An entry without the provider's words, the count of writes, and the facts' ids (an event
    without an id gets another one from the bus)."""
    return replace(
        entry, version=0, provider_id=None, delivered_at=None, inputs_version="", inputs=None
    )


def play(journey: Journey, lines: list[Line]) -> list[Record]:
    return journey.play(lines, until=until(lines, "+120d"))


def test_every_scenario_has_its_expected_lines() -> None:
    here = {path.name for path in SCENARIOS}
    assert here == {path.name for path in (HERE / "expected").iterdir()}
    assert len(here) >= 12


@each_scenario
def test_it_gives_the_expected_lines_and_the_same_ledger_in_memory(
    journey: Journey, path: Path
) -> None:
    lines = read(path)
    records = play(journey, lines)
    assert printed(records) == expected(path), (
        f"another outcome: compare `yoin replay {path.name} --until +120d --json`"
    )
    # The differential test: the state machines, queues, timers and SES's records of what was
    # sent on one side, a few lines of Python on the other.
    in_memory = simulate(arrivals(journey, lines), until(lines, "+120d"))
    on_stack = ledger(journey)
    assert {told(entry) for entry in in_memory} == {told(entry) for entry in on_stack}
    assert len(in_memory) == len(on_stack)
    # What SES says comes only there: a record of delivery for each mail.
    emails = [entry for entry in on_stack if entry.sent_at and entry.key.channel == "email"]
    assert all(entry.delivered_at for entry in emails)


@each_scenario
def test_every_event_doubled_gives_the_same_ledger(journey: Journey, path: Path) -> None:
    lines = read(path)
    events = arrivals(journey, lines)
    end = until(lines, "+120d")
    assert simulate([event for event in events for _ in range(2)], end) == simulate(events, end)


@pytest.mark.parametrize(
    "name",
    ["cancelled-in-between", "carrier-exception", "facts-before-their-order", "refused-events"],
)
def test_every_event_doubled_gives_the_same_lines(journey: Journey, name: str) -> None:
    path = HERE / "scenarios" / f"{name}.jsonl"
    lines = [line for line in read(path) for _ in range(2)]
    *records, summary = printed(play(journey, lines))
    *once, _ = expected(path)
    refused = [line for line in once if '"kind":"rejected"' in line]
    # An event that is refused is refused twice, and told twice.
    assert sorted(records) == sorted(once + refused)
    assert json.loads(summary)["events"] == len(lines)


def test_the_same_scenario_gives_the_same_bytes(journey: Journey) -> None:
    lines = read(HERE / "scenarios" / "carrier-exception.jsonl")
    runs = []
    for _ in range(2):
        records = play(journey, lines)
        outbox = journey.stack.outbox
        runs.append((printed(records), list(outbox.mails), list(outbox.texts)))
        journey = Journey(journey.stack)
    assert runs[0] == runs[1]
    assert runs[0][1]


def test_an_oversized_event_is_refused_and_the_next_one_goes_on(journey: Journey) -> None:
    order, *_ = read(HERE / "scenarios" / "konbini-paid.jsonl")
    large = replace(order, body=order.body | {"note": "あ" * 100_000})
    records = play(journey, [large, order])
    refused, received = records[0], records[1]
    assert (refused["kind"], refused["code"]) == ("rejected", "OVERSIZED")
    assert "262144" in refused["detail"]
    assert (received["kind"], received["message"]) == ("message", "received")
    # Nothing is lost: the whole event stands in the dead letters, with what is wrong with it.
    (letter,) = journey.stack.letters("yoin-local-inlet-dead-letters")
    assert "あ" * 100_000 in json.loads(letter.body)["detail"]["payload"]["note"]


@pytest.mark.parametrize("name", ["late-and-wished-date", "return-open-then-closed"])
def test_whatever_waits_for_a_time_has_a_schedule_on_every_day(journey: Journey, name: str) -> None:
    lines = read(HERE / "scenarios" / f"{name}.jsonl")
    stack = journey.stack
    seen = 0

    def check(_: datetime) -> None:
        nonlocal seen
        armed = {timer: at for at, timer in stack.schedules.pending()}
        for entry in ledger(journey):
            if entry.status is EntryStatus.WAITING and entry.next_check is not None:
                key = entry.key
                timer = timer_name(key.brand, key.order_id, key.lifecycle)
                assert armed[timer] <= entry.next_check + timedelta(seconds=1), key
                seen += 1

    journey.play(lines, until=until(lines, "+20d"), on_day=check)
    assert seen > 20
