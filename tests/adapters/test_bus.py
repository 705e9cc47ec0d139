"""The bus takes everything or the caller hears of it; the quarantine keeps what it is given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from shared.adapters.aws import clients
from shared.adapters.aws.eventbridge import MAX_BYTES, BusPublisher, chunks, size_of
from shared.adapters.aws.sqs import SqsQuarantine
from shared.contracts import parse_fact
from shared.domain.errors import PermanentError, RetryableError
from shared.domain.ledger import EntryStatus
from shared.observability import metrics
from shared.ports import OutcomeEvent
from shared.settings import SettingsError
from tests.builders import T0, at, entry, line, payment, placed

BUS = "yoin-test"
Calls = list[list[Any]]


@pytest.fixture
def publisher(aws: None) -> BusPublisher:
    clients.events().create_event_bus(Name=BUS)
    return BusPublisher(clients.events, BUS)


@pytest.fixture
def put(publisher: BusPublisher, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The entries of every PutEvents call; all are taken."""
    calls: Calls = []

    def put_events(Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        calls.append(Entries)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in Entries]}

    monkeypatch.setattr(clients.events(), "put_events", put_events)
    return calls


@pytest.fixture(autouse=True)
def _no_counts() -> Iterator[None]:
    metrics.forget()
    yield
    metrics.forget()


def outcome(kind: str = "MessageSent") -> OutcomeEvent:
    key = entry("review_request", "request", EntryStatus.SENT).key
    return OutcomeEvent(
        type=kind,
        key=key,
        message="request",
        message_id=key.message_id(),
        reason="DUE",
        at=T0,
    )


class TestFacts:
    def test_facts_go_out_under_our_name_in_their_order(
        self, publisher: BusPublisher, put: Calls
    ) -> None:
        facts = [placed(), payment(at(1)), payment(at(2))]
        publisher.facts(facts)
        (entries,) = put
        assert [parse_fact(json.loads(e["Detail"])) for e in entries] == facts
        assert [e["DetailType"] for e in entries] == ["OrderPlaced", *["PaymentUpdated"] * 2]
        assert {(e["Source"], e["EventBusName"]) for e in entries} == {("yoin", BUS)}

    def test_moto_s_bus_takes_them(self, publisher: BusPublisher) -> None:
        publisher.facts([placed()])
        publisher.outcome(outcome())

    def test_no_facts_are_no_call(self, publisher: BusPublisher, put: Calls) -> None:
        publisher.facts([])
        assert put == []

    def test_more_than_ten_go_out_in_several_calls(
        self, publisher: BusPublisher, put: Calls
    ) -> None:
        facts = [payment(at(hours=n)) for n in range(23)]
        publisher.facts(facts)
        assert [len(entries) for entries in put] == [10, 10, 3]
        told = [parse_fact(json.loads(e["Detail"])) for entries in put for e in entries]
        assert told == facts

    def test_large_ones_go_out_in_calls_that_fit(self, publisher: BusPublisher, put: Calls) -> None:
        wide = [line(str(n), title="茶" * 1000) for n in range(30)]
        publisher.facts([placed(order_id=str(n), lines=wide) for n in range(5)])
        sizes = [sum(size_of(e) for e in entries) for entries in put]
        assert len(put) == 3
        assert all(90_000 < size <= MAX_BYTES for size in sizes)

    def test_one_that_fits_no_call_is_for_ever_so(
        self, publisher: BusPublisher, put: Calls
    ) -> None:
        huge = [line(str(n), title="茶" * 1000) for n in range(100)]
        with pytest.raises(PermanentError, match="OrderPlaced of 3"):
            publisher.facts([placed(lines=huge)])
        assert put == []

    @pytest.mark.parametrize("size", [MAX_BYTES, MAX_BYTES // 2, MAX_BYTES // 2 + 1])
    def test_the_limit_itself_fits(self, size: int) -> None:
        one: Any = {"Source": "yoin", "DetailType": "A", "Detail": "x" * (size - 5)}
        assert size_of(one) == size
        fitting = MAX_BYTES // size
        assert [len(chunk) for chunk in chunks([one] * 2)] == ([2] if fitting == 2 else [1, 1])


class TestFailures:
    @pytest.mark.parametrize("failed", [[0], [2], [0, 1, 2]])
    def test_a_partly_failed_call_has_failed(
        self, publisher: BusPublisher, failed: list[int]
    ) -> None:
        answer = {
            "FailedEntryCount": len(failed),
            "Entries": [
                {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
                if number in failed
                else {"EventId": "e"}
                for number in range(3)
            ],
        }
        with Stubber(clients.events()) as stub:
            stub.add_response("put_events", answer)
            with pytest.raises(RetryableError, match=rf"{len(failed)} of 3 .*ThrottlingException"):
                publisher.facts([placed(), payment(at(1)), payment(at(2))])

    def test_after_a_failed_call_the_rest_is_not_put(
        self, publisher: BusPublisher, put: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: Calls = []

        def refuse(Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
            calls.append(Entries)
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}

        monkeypatch.setattr(clients.events(), "put_events", refuse)
        with pytest.raises(RetryableError):
            publisher.facts([payment(at(hours=n)) for n in range(23)])
        assert len(calls) == 1

    @pytest.mark.parametrize("code", ["ThrottlingException", "InternalException", "AccessDenied"])
    def test_a_refused_call_may_pass_later(
        self, publisher: BusPublisher, monkeypatch: pytest.MonkeyPatch, code: str
    ) -> None:
        monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
        with Stubber(clients.events()) as stub:
            for _ in range(3):
                stub.add_client_error("put_events", code, http_status_code=400)
            with pytest.raises(RetryableError, match=code):
                publisher.outcome(outcome())


class TestOutcomes:
    @pytest.mark.parametrize("kind", ["MessageSent", "MessageSkipped", "MessageFailed"])
    def test_what_became_of_a_message_is_told_and_counted(
        self, publisher: BusPublisher, put: Calls, kind: str
    ) -> None:
        told = outcome(kind)
        publisher.outcome(told)
        ((event,),) = put
        assert event["DetailType"] == kind
        data = json.loads(event["Detail"])["data"]
        assert (data["message_id"], data["reason"]) == (told.message_id, "DUE")
        by_lifecycle = (kind, (("lifecycle", "review_request"),))
        by_reason = (kind, (("lifecycle", "review_request"), ("reason", "DUE")))
        expected = {by_lifecycle: 1} if kind == "MessageSent" else {by_lifecycle: 1, by_reason: 1}
        assert dict(metrics._counts) == expected

    def test_what_was_not_told_is_not_counted(
        self, publisher: BusPublisher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answer = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}
        monkeypatch.setattr(clients.events(), "put_events", lambda **_: answer)
        with pytest.raises(RetryableError):
            publisher.outcome(outcome())
        assert not metrics._counts


class TestRequests:
    def test_a_lifecycle_is_woken_and_no_outcome_is_counted(
        self, publisher: BusPublisher, put: Calls
    ) -> None:
        publisher.reconsider("aoba", "1003", "delay_alert", "bounced m-9c03")
        ((event,),) = put
        assert (event["Source"], event["DetailType"]) == ("yoin", "ReconsiderRequested")
        assert json.loads(event["Detail"])["data"] == {
            "brand": "aoba",
            "order_id": "1003",
            "lifecycle": "delay_alert",
            "cause": "bounced m-9c03",
        }
        assert not metrics._counts


class TestQuarantine:
    def test_an_event_is_kept_as_it_came_with_what_is_wrong(self, aws: None) -> None:
        sqs = boto3.client("sqs")
        url = sqs.create_queue(QueueName="rejected")["QueueUrl"]
        raw = '{"detail": "壊れた"'
        SqsQuarantine(clients.sqs, lambda: url).put(
            raw, code="MALFORMED", detail="not JSON " + "x" * 900
        )
        (kept,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
        assert kept["Body"] == raw
        said = {name: told["StringValue"] for name, told in kept["MessageAttributes"].items()}
        assert said["code"] == "MALFORMED"
        assert said["detail"].startswith("not JSON xxx")
        assert len(said["detail"]) == 500

    def test_a_reason_that_quotes_odd_characters_is_kept_too(self, aws: None) -> None:
        url = boto3.client("sqs").create_queue(QueueName="rejected")["QueueUrl"]
        sqs = clients.sqs()
        told: list[Any] = []
        sqs.meta.events.register(
            "provide-client-params.sqs.SendMessage", lambda params, **_: told.append(params)
        )
        SqsQuarantine(clients.sqs, lambda: url).put(
            "x", code="UNKNOWN_BRAND", detail="the shop \x00\x1b[31m\ud800\n茶"
        )
        assert told[0]["MessageAttributes"]["detail"]["StringValue"] == "the shop [31m? 茶"

    def test_an_event_without_a_reason_in_words_is_kept_too(self, aws: None) -> None:
        sqs = boto3.client("sqs")
        url = sqs.create_queue(QueueName="rejected")["QueueUrl"]
        SqsQuarantine(clients.sqs, lambda: url).put("x", code="MALFORMED", detail="")
        assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "x"

    def test_what_could_not_be_kept_comes_again(self, aws: None) -> None:
        gone = "https://sqs.ap-northeast-1.amazonaws.com/123456789012/gone"
        with pytest.raises(RetryableError, match="quarantine"):
            SqsQuarantine(clients.sqs, lambda: gone).put("x", code="MALFORMED", detail="y")

    def test_a_function_without_a_quarantine_says_so(self) -> None:
        with pytest.raises(SettingsError, match="YOIN_QUARANTINE_URL"):
            SqsQuarantine(clients.sqs, lambda: "").put("x", code="MALFORMED", detail="y")
