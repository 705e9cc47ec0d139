"""The feedback function's way from a message of the queue, or of the logs, to the ledger."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions import feedback as function
from shared import wiring
from shared.domain.errors import RetryableError
from shared.domain.events import Channel
from shared.domain.ledger import EntryStatus
from shared.domain.reasons import Reason
from shared.domain.values import address_key
from shared.usecases.reports import UNCLAIMED_AFTER
from tests.builders import BRAND, entry
from tests.sources.vendors import ses, sns
from tests.worlds import Memory

LOGGED = datetime(2026, 4, 1, 0, 40, 34, 558000, tzinfo=UTC)
SENT = entry(
    "scripted", "hello", channel=Channel.SMS, provider_id=sns.SNS_ID, when=LOGGED, attempts=1
)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    made = Memory(start=LOGGED + timedelta(seconds=5))
    monkeypatch.setattr(wiring, "world", lambda: made.world)
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
    return made


def queue(*bodies: Any) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": str(number), "body": body if isinstance(body, str) else json.dumps(body)}
            for number, body in enumerate(bodies)
        ]
    }


def failed(answer: dict[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def mail_entry() -> Any:
    claim = entry("scripted", "hello", EntryStatus.SENDING, attempts=1)
    return claim, claim.key.message_id()


def tagged(record: dict[str, Any], message_id: str) -> dict[str, Any]:
    tags = {**record["mail"]["tags"], "yoin_message": [message_id], "yoin_brand": [BRAND]}
    return {**record, "mail": {**record["mail"], "tags": tags}}


def test_the_queue_brings_ses_in_every_form(memory: Memory) -> None:
    claim, message_id = mail_entry()
    memory.ledger.put(claim)
    sent = tagged(ses.event("Send", send={}), message_id)
    bounced = tagged(ses.bounce(), message_id)
    answer = function.handler(
        queue(ses.on_the_bus(sent), ses.from_a_topic(bounced), tagged(ses.complaint(), message_id)),
        None,
    )
    assert failed(answer) == []
    found = memory.ledger.get(claim.key)
    assert found is not None
    assert (found.status, found.reason) == (EntryStatus.SENT, Reason.COMPLAINED)
    key = address_key(BRAND, Channel.EMAIL, "jiro@example.com")
    assert memory.customers.suppression(BRAND, key) is not None
    assert memory.quarantine.kept == []


def test_an_identity_s_feedback_finds_its_message_by_ses_s_id(memory: Memory) -> None:
    claim, _ = mail_entry()
    memory.ledger.put(
        replace(claim, status=EntryStatus.SENT, sent_at=LOGGED, provider_id=ses.SES_ID)
    )
    function.handler(queue(ses.from_a_topic(ses.notification(ses.bounce()))), None)
    found = memory.ledger.get(claim.key)
    assert found is not None
    assert found.reason is Reason.BOUNCED
    (told,) = memory.publisher.published
    assert told.metadata.brand == BRAND


@pytest.mark.parametrize("way", ["invoked", "redriven", "bare", "decoded"])
def test_a_log_record_settles_an_sms(memory: Memory, way: str) -> None:
    memory.ledger.put(SENT)
    record = sns.record("FAILURE", "Phone number is opted out")
    logs = sns.awslogs(sns.batch(record))
    if way == "invoked":
        assert function.handler(logs, None) == {}
    else:
        body = {"redriven": logs, "bare": record, "decoded": sns.batch(record)}[way]
        assert failed(function.handler(queue(body), None)) == []
    found = memory.ledger.get(SENT.key)
    assert found is not None
    assert found.reason is Reason.BOUNCED
    key = address_key(BRAND, Channel.SMS, sns.NUMBER)
    stopped = memory.customers.suppression(BRAND, key)
    assert stopped is not None
    assert stopped.reason == "OPTED_OUT"


def test_one_record_that_is_early_keeps_no_other_waiting(memory: Memory) -> None:
    memory.ledger.put(SENT)
    early = sns.record() | {
        "notification": {"messageId": "theirs", "timestamp": "2026-04-01 00:40:34.558"}
    }
    logs = sns.awslogs(sns.batch(early, sns.record()))
    with pytest.raises(RetryableError):
        function.handler(logs, None)
    found = memory.ledger.get(SENT.key)
    assert found is not None
    assert found.delivered_at == LOGGED
    memory.clock.advance(UNCLAIMED_AFTER)
    assert function.handler(logs, None) == {}
    assert memory.quarantine.kept == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "MALFORMED"),
        ("[]", "MALFORMED"),
        ({}, "INCOMPLETE"),
        ({"awslogs": {"data": "?"}}, "MALFORMED"),
        (ses.from_a_topic({"eventType": "Bounce", "mail": {}}), "INCOMPLETE"),
        ({"Type": "Notification", "Message": "Hello"}, "INCOMPLETE"),
    ],
)
def test_what_cannot_become_facts_is_kept_as_it_came(memory: Memory, body: Any, code: str) -> None:
    assert failed(function.handler(queue(body), None)) == []
    (kept,) = memory.quarantine.kept
    assert kept.raw == (body if isinstance(body, str) else json.dumps(body))
    assert kept.code == code


def test_of_many_records_only_the_wrong_one_is_kept(memory: Memory) -> None:
    memory.ledger.put(SENT)
    wrong = sns.record() | {"status": None}
    function.handler(sns.awslogs(sns.batch(wrong, sns.record())), None)
    (kept,) = memory.quarantine.kept
    assert json.loads(kept.raw)["notification"]["messageId"] == sns.SNS_ID
    assert kept.code == "INCOMPLETE"
    found = memory.ledger.get(SENT.key)
    assert found is not None
    assert found.delivered_at == LOGGED
