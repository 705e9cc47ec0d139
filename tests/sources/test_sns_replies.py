"""SNS: what people answer to a text message."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.errors import Rejected
from shared.domain.events import Channel, ContactabilityChanged, MessageReported, ProviderWord
from shared.sources import find_source, normalize, receive_all
from shared.sources.sns import _meaning as meaning

# As docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-payload.html shows it.
ANSWER: dict[str, Any] = {
    "originationNumber": "+14255550182",
    "destinationNumber": "+12125550101",
    "messageKeyword": "JOIN",
    "messageBody": "EXAMPLE",
    "inboundMessageId": "cae173d2-66b9-564c-8309-21f858e9fb84",
    "previousPublishedMessageId": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


def notification(**changes: Any) -> dict[str, Any]:
    return {
        "Type": "Notification",
        "MessageId": "n-1",
        "TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:yoin-prod-sms-replies",
        "Message": json.dumps(ANSWER | changes),
        "Timestamp": "2026-04-10T03:15:00.000Z",
    }


def read(**changes: Any) -> list[Any]:
    (one,) = receive_all(notification(**changes), source="sns")
    return [fact.data for fact in normalize(one)]


@pytest.mark.parametrize(
    "text",
    ["STOP", "stop.", " Stop please", "ＳＴＯＰ", "UNSUBSCRIBE", "End", "QUIT!", "cancel",
     "配信停止", "配信停止してください", "停止", "「ストップ」", "解除"],
)  # fmt: skip
def test_a_refusal_is_one_however_it_is_written(text: str) -> None:
    assert meaning(text) is ProviderWord.STOPPED


@pytest.mark.parametrize(
    "text",
    ["", "ok", "When does it arrive?", "end of the week is fine", "cancel my order please",
     "再開", "nonstop", "停止線の前に置いてください", "start when?", "..."],
)  # fmt: skip
def test_anything_else_is_a_conversation(text: str) -> None:
    assert meaning(text) is None
    assert read(messageBody=text) == []


@pytest.mark.parametrize("text", ["START", "unstop"])
def test_only_what_aws_opts_in_again_takes_it_back(text: str) -> None:
    assert meaning(text) is ProviderWord.RESUMED


def test_a_keyword_that_aws_matched_counts() -> None:
    assert meaning("no more of this", "STOP") is ProviderWord.STOPPED


def test_stop_is_about_the_message_and_the_number() -> None:
    assert read(messageBody="STOP") == [
        MessageReported(
            channel=Channel.SMS,
            word=ProviderWord.STOPPED,
            provider_id=ANSWER["previousPublishedMessageId"],
            addresses=("+14255550182",),
        ),
        ContactabilityChanged(
            channel=Channel.SMS, address="+14255550182", reachable=False, reason="OPTED_OUT"
        ),
    ]
    (back,) = read(messageBody="START", previousPublishedMessageId=None)
    assert (back.reachable, back.reason) == (True, "OPTED_IN")


def test_its_time_is_that_of_the_notification_and_its_id_the_answer_s() -> None:
    (one,) = receive_all(notification(messageBody="STOP"), source="sns")
    for fact in normalize(one):
        assert fact.metadata.occurred_at == datetime(2026, 4, 10, 3, 15, tzinfo=UTC)
        assert fact.metadata.dedupe_id == ANSWER["inboundMessageId"]
        assert "4255550182" not in fact.metadata.id
    assert find_source("sns").event_id({}, one.body) == ANSWER["inboundMessageId"]


@pytest.mark.parametrize("number", ["", "AMAZON", "14255550182"])
def test_what_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(Rejected, match="originationNumber"):
        read(messageBody="STOP", originationNumber=number)
