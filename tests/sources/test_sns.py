"""SNS: text messages in the delivery status log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ContactabilityChanged,
    Data,
    Fact,
    MessageReported,
    ProviderWord,
)
from shared.sources import find_source, normalize, receive_all
from shared.sources.sns import OURS, PASSING, PERMANENT
from tests.sources.vendors.sns import NUMBER, SAMPLES, SNS_ID, awslogs, batch, record

ACCEPTED = "Message has been accepted by phone carrier"
# As the documentation lists them.
REASONS = {
    "Blocked as spam by phone carrier": None,
    "Destination is on a blocked list": "BLOCKED",
    "Invalid phone number": "INVALID",
    "Message body is invalid": None,
    "Phone carrier has blocked this message": None,
    "Phone carrier is currently unreachable/unavailable": None,
    "Phone has blocked SMS": None,
    "Phone is on a blocked list": "BLOCKED",
    "Phone is currently unreachable/unavailable": None,
    "Phone number is opted out": "OPTED_OUT",
    "This delivery would exceed max price": None,
    "Unknown error attempting to reach phone": None,
    # Not there, and written all the same.
    "No quota left for account": None,
}


def read(body: Any) -> tuple[Fact, ...]:
    return tuple(f for one in receive_all(body, source="sns") for f in normalize(one))


def report(word: ProviderWord, detail: str, address: str = NUMBER) -> Data:
    return MessageReported(
        channel=Channel.SMS, word=word, provider_id=SNS_ID, addresses=(address,), detail=detail
    )


def gone(reason: str, address: str = NUMBER) -> Data:
    return ContactabilityChanged(
        channel=Channel.SMS, address=address, reachable=False, reason=reason
    )


W = ProviderWord
EXPECTED: dict[str, list[Data]] = {
    "delivered": [report(W.DELIVERED, ACCEPTED)],
    "opted out": [report(W.BOUNCED, "Phone number is opted out"), gone("OPTED_OUT")],
    "unreachable": [report(W.SOFT_BOUNCED, "Phone is currently unreachable/unavailable")],
    "from the logs": [
        report(W.DELIVERED, ACCEPTED),
        report(W.BOUNCED, "Invalid phone number", "+81901"),
        gone("INVALID", "+81901"),
    ],
    "decoded": [report(W.BOUNCED, "Phone is on a blocked list"), gone("BLOCKED")],
    "a control message": [],
    "from a topic": [report(W.DELIVERED, ACCEPTED)],
    "an app": [],
}


@pytest.mark.parametrize("name", SAMPLES)
def test_what_becomes_of_a_record(name: str) -> None:
    facts = read(SAMPLES[name])
    assert [fact.data for fact in facts] == EXPECTED[name]
    assert read(json.dumps(SAMPLES[name])) == facts
    for fact in facts:
        assert fact.metadata.occurred_at == datetime(2026, 4, 1, 0, 40, 34, 558000, tzinfo=UTC)
        assert (fact.metadata.brand, fact.metadata.dedupe_id) == (None, SNS_ID)


@pytest.mark.parametrize("reason", REASONS)
def test_the_table_of_failures(reason: str) -> None:
    first, *rest = read(record("FAILURE", reason))
    ends = REASONS[reason]
    passing = W.REJECTED if reason.lower() in OURS else W.SOFT_BOUNCED
    assert first.data == report(W.BOUNCED if ends else passing, reason)
    assert [fact.data for fact in rest] == ([gone(ends)] if ends else [])


def test_the_tables_hold_every_documented_reason() -> None:
    assert {reason.lower() for reason in REASONS} == PERMANENT.keys() | OURS | PASSING


def test_a_reason_that_nobody_knows_ends_nothing() -> None:
    (fact,) = read(record("FAILURE", "The moon is in the way"))
    assert fact.data == report(W.SOFT_BOUNCED, "The moon is in the way")
    (other,) = read(record("PENDING"))
    assert other.data == report(W.OTHER, ACCEPTED)


def test_a_number_that_sns_hides_is_nobody_s() -> None:
    (fact,) = read(record("FAILURE", "Invalid phone number", destination="+1XXX5550100"))
    assert isinstance(fact.data, MessageReported)
    assert (fact.data.word, fact.data.addresses) == (W.BOUNCED, ())


@pytest.mark.parametrize(
    ("body", "code", "word"),
    [
        ({"awslogs": {"data": "no base64!"}}, "MALFORMED", "awslogs.data"),
        ({"awslogs": {"data": "bm90IGd6aXA="}}, "MALFORMED", "awslogs.data"),
        ({"awslogs": {}}, "MALFORMED", "awslogs.data"),
        ({"awslogs": []}, "INCOMPLETE", "topic"),
        (batch() | {"logEvents": [{"message": "START"}]}, "MALFORMED", "JSON"),
        (batch() | {"logEvents": {}}, "MALFORMED", "logEvents"),
        (awslogs(batch({"status": "SUCCESS"})), "INCOMPLETE", "topic"),
        (record() | {"notification": {}}, "INCOMPLETE", "messageId"),
        (
            record() | {"notification": {"messageId": "1", "timestamp": "yesterday"}},
            "INVALID_VALUE",
            "timestamp",
        ),
        (record() | {"status": None}, "INCOMPLETE", "status"),
        ({"Type": "SubscriptionConfirmation"}, "UNKNOWN_TOPIC", "queue"),
        ({"Type": "Notification", "Message": "Hello"}, "UNKNOWN_TOPIC", "no record"),
    ],
)
def test_what_is_refused_names_the_field(body: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(body)
    assert refusal.value.code == code
    assert word in refusal.value.detail


def test_a_record_is_its_own_only_part() -> None:
    source = find_source("sns")
    for part in source.split(SAMPLES["from the logs"]):
        assert source.split(part) == (part,)
        assert source.event_id({}, part) == SNS_ID


def test_batches_of_lambda_are_taken_apart() -> None:
    found = record("FAILURE", "Phone number is opted out")
    wrapped = {"Type": "Notification", "Message": json.dumps(batch(found))}
    assert read({"Records": [{"body": json.dumps(wrapped)}, {"Sns": wrapped}]}) == read(found) * 2
