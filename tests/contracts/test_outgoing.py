"""What Yoin puts on its bus."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts import (
    ReconsiderRequested,
    fact_to_json,
    outcome_to_event,
    parse_fact,
    reconsider_to_event,
    to_event,
)
from shared.contracts.outgoing import MESSAGE_EVENTS, message_event
from shared.contracts.samples import samples
from shared.domain.events import FACTS, Channel
from shared.domain.ledger import EntryKey
from shared.ports import OutcomeEvent

KEY = EntryKey(
    brand="aoba",
    order_id="1001",
    lifecycle="review_request",
    occurrence="request",
    channel=Channel.EMAIL,
)


def outcome(kind: str) -> OutcomeEvent:
    return OutcomeEvent(
        type=kind,
        key=KEY,
        message="request",
        message_id=KEY.message_id(),
        reason="DUE",
        at=datetime(2026, 4, 24, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_fact_on_the_bus_is_the_fact(name: str) -> None:
    fact = parse_fact(samples()[name])
    entry = to_event(fact, "yoin-dev")
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == (
        "yoin",
        name,
        "yoin-dev",
    )
    assert json.loads(entry["Detail"]) == fact_to_json(fact)
    assert parse_fact(json.loads(entry["Detail"])) == fact


@pytest.mark.parametrize("kind", sorted(MESSAGE_EVENTS))
def test_what_became_of_a_message(kind: str) -> None:
    entry = outcome_to_event(outcome(kind), "yoin-dev")
    detail: dict[str, Any] = json.loads(entry["Detail"])
    assert entry["DetailType"] == detail["metadata"]["type"] == kind
    assert detail["metadata"]["occurred_at"] == detail["data"]["at"] == "2026-04-24T01:00:00Z"
    assert detail["data"]["channel"] == "email"
    assert isinstance(message_event(outcome(kind)), MESSAGE_EVENTS[kind])
    sample = samples()[kind]
    assert detail["data"].keys() == sample["data"].keys()
    assert detail["metadata"].keys() == sample["metadata"].keys()


def test_events_about_messages_have_no_field_for_personal_data() -> None:
    for kind in MESSAGE_EVENTS.values():
        assert {field.name for field in fields(kind)} == {
            "brand",
            "order_id",
            "lifecycle",
            "occurrence",
            "channel",
            "message",
            "message_id",
            "reason",
            "at",
        }


def test_a_message_skipped_twice_makes_two_events() -> None:
    first = json.loads(outcome_to_event(outcome("MessageSkipped"), "b")["Detail"])
    later = OutcomeEvent(
        type="MessageSkipped",
        key=KEY,
        message="request",
        message_id=KEY.message_id(),
        reason="DUE",
        at=datetime(2026, 4, 25, 1, tzinfo=UTC),
    )
    second = json.loads(outcome_to_event(later, "b")["Detail"])
    assert first["metadata"]["id"] != second["metadata"]["id"]


def test_what_wakes_a_lifecycle() -> None:
    request = ReconsiderRequested(
        brand="aoba", order_id="1003", lifecycle="delay_alert", cause="bounced m-9c03"
    )
    entry = reconsider_to_event(request, "yoin-dev")
    assert (entry["Source"], entry["DetailType"]) == ("yoin", "ReconsiderRequested")
    assert json.loads(entry["Detail"]) == samples()["ReconsiderRequested"]
