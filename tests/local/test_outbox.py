from __future__ import annotations

import base64
import gzip
import json
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from moto import mock_aws

from local.outbox import Outcome, simulator
from local.runtime import LocalStack
from tests.local import handlers

Said = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def said(stack: LocalStack) -> Said:
    """What SES says on the default bus: (detail-type, event)."""
    events: Said = []

    def note(bus: str, event: dict[str, Any]) -> None:
        if bus == "default":
            events.append((event["detail-type"], event))

    stack.buses.listeners.append(note)
    return events


def mail(stack: LocalStack, *to: str, **more: Any) -> str:
    answer = stack.client("sesv2").send_email(
        FromEmailAddress="Shop <hello@shop.example>",
        Destination={"ToAddresses": list(to)},
        ConfigurationSetName="small",
        EmailTags=[{"Name": "message_id", "Value": "m-1"}],
        Content={
            "Simple": {
                "Subject": {"Data": "お買い上げ"},
                "Body": {"Html": {"Data": "<p>hi</p>"}, "Text": {"Data": "hi"}},
                "Headers": [{"Name": "List-Unsubscribe", "Value": "<https://x.example>"}],
            }
        },
        **more,
    )
    return str(answer["MessageId"])


def test_a_mail_is_kept_as_its_recipient_gets_it(stack: LocalStack) -> None:
    message_id = mail(stack, "hana@example.jp")
    (sent,) = stack.outbox.mails
    assert sent.id == message_id
    assert sent.at == stack.now
    assert sent.sender == "Shop <hello@shop.example>"
    assert sent.recipients == ("hana@example.jp",)
    assert (sent.subject, sent.html, sent.text) == ("お買い上げ", "<p>hi</p>", "hi")
    assert sent.tags == {"message_id": "m-1"}
    assert sent.headers == {"List-Unsubscribe": "<https://x.example>"}
    assert sent.configuration_set == "small"


def test_a_raw_mail_is_taken_apart(stack: LocalStack) -> None:
    message = EmailMessage()
    message["Subject"] = "件名"
    message["To"] = "hana@example.jp"
    message["X-Kind"] = "raw"
    message.set_content("text\n")
    message.add_alternative("<p>html</p>\n", subtype="html")
    stack.client("sesv2").send_email(
        FromEmailAddress="hello@shop.example",
        Destination={"ToAddresses": ["hana@example.jp"]},
        Content={"Raw": {"Data": message.as_bytes()}},
    )
    (sent,) = stack.outbox.mails
    assert sent.subject == "件名"
    assert (sent.html.strip(), sent.text.strip()) == ("<p>html</p>", "text")
    assert sent.headers["X-Kind"] == "raw"


def test_a_mail_from_another_s_domain_is_refused(stack: LocalStack) -> None:
    client = stack.client("sesv2")
    with pytest.raises(client.exceptions.MessageRejected):
        client.send_email(
            FromEmailAddress="hello@other.example",
            Destination={"ToAddresses": ["hana@example.jp"]},
            Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
        )
    assert stack.outbox.mails == []


def test_a_text_message_is_kept(stack: LocalStack) -> None:
    answer = stack.client("sns").publish(
        PhoneNumber="+819012345678",
        Message="発送しました",
        MessageAttributes={
            "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}
        },
    )
    (sent,) = stack.outbox.texts
    assert (sent.id, sent.to, sent.text) == (answer["MessageId"], "+819012345678", "発送しました")
    assert sent.attributes == {"AWS.SNS.SMS.SMSType": "Transactional"}


@pytest.mark.parametrize(
    ("number", "group", "status", "reason"),
    [
        ("+819012345678", "", "SUCCESS", "Message has been accepted by phone carrier"),
        ("+819012340001", "/Failure", "FAILURE", "Invalid phone number"),
        ("+819012340002", "/Failure", "FAILURE", "Phone number is opted out"),
    ],
)
def test_the_number_decides_what_sns_logs(
    stack: LocalStack, number: str, group: str, status: str, reason: str
) -> None:
    where = "sns/ap-northeast-1/123456789012/DirectPublishToPhoneNumber"
    message_id = stack.client("sns").publish(PhoneNumber=number, Message="x")["MessageId"]
    stack.advance(timedelta(seconds=2))
    assert handlers.calls == []
    stack.settle()
    ((_, event),) = handlers.calls
    batch = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    assert (batch["messageType"], batch["logGroup"]) == ("DATA_MESSAGE", where + group)
    (line,) = batch["logEvents"]
    record = json.loads(line["message"])
    assert record["notification"] == {
        "messageId": message_id,
        "timestamp": "2026-04-01 00:00:00.000",
    }
    assert record["status"] == status
    assert record["delivery"]["destination"] == number
    assert record["delivery"]["providerResponse"] == reason


def test_of_some_numbers_nothing_is_logged(stack: LocalStack) -> None:
    stack.client("sns").publish(PhoneNumber="+819012340004", Message="x")
    stack.settle()
    assert handlers.calls == []


def test_a_publication_to_a_topic_is_no_text_message(stack: LocalStack) -> None:
    topic = stack.client("sns").create_topic(Name="t")["TopicArn"]
    stack.client("sns").publish(TopicArn=topic, Message="x")
    assert stack.outbox.texts == []


@pytest.mark.parametrize(
    ("address", "types"),
    [
        ("hana@example.jp", ["Email Sent", "Email Delivered"]),
        ("success@simulator.amazonses.com", ["Email Sent", "Email Delivered"]),
        ("bounce@simulator.amazonses.com", ["Email Sent", "Email Bounced"]),
        ("Bounce+7@example.jp", ["Email Sent", "Email Bounced"]),
        ("softbounce@example.jp", ["Email Sent", "Email Bounced"]),
        (
            "complaint@example.jp",
            ["Email Sent", "Email Delivered", "Email Complaint Received"],
        ),
        ("silent@example.jp", []),
    ],
)
def test_the_address_decides_what_ses_says(
    stack: LocalStack, said: Said, address: str, types: list[str]
) -> None:
    mail(stack, address)
    assert said == []
    stack.settle()
    assert [kind for kind, _ in said] == types


def test_an_event_carries_what_leads_back_to_the_message(stack: LocalStack, said: Said) -> None:
    message_id = mail(stack, "Hana <bounce@example.jp>")
    stack.settle()
    (_, sent), (_, bounced) = said
    assert sent["source"] == "aws.ses"
    assert sent["time"] == "2026-04-01T00:00:01Z"
    assert sent["detail"]["eventType"] == "Send"
    assert sent["detail"]["send"] == {}
    for event in (sent, bounced):
        told = event["detail"]["mail"]
        assert told["messageId"] == message_id
        assert told["tags"]["message_id"] == ["m-1"]
        assert told["tags"]["ses:configuration-set"] == ["small"]
        assert told["destination"] == ["bounce@example.jp"]
    bounce = bounced["detail"]["bounce"]
    assert bounce["bounceType"] == "Permanent"
    assert bounce["bouncedRecipients"][0]["emailAddress"] == "bounce@example.jp"
    json.dumps(said)


def test_a_test_can_say_what_becomes_of_mail(stack: LocalStack, said: Said) -> None:
    stack.outbox.outcome_of = lambda _: Outcome.SOFT_BOUNCED
    mail(stack, "hana@example.jp")
    stack.settle()
    assert said[1][1]["detail"]["bounce"]["bounceType"] == "Transient"


def test_events_come_after_some_seconds(stack: LocalStack, said: Said) -> None:
    mail(stack, "hana@example.jp")
    stack.advance(timedelta(milliseconds=900))
    assert said == []
    stack.advance(timedelta(seconds=10))
    assert len(said) == 2


def test_a_stack_that_was_made_anew_says_it_once(stack: LocalStack, said: Said) -> None:
    stack.pause()
    with mock_aws():  # somebody else's: it empties moto
        pass
    stack.resume()
    mail(stack, "hana@example.jp")
    stack.settle()
    assert len(said) == 2


def test_mail_without_a_configuration_set_says_nothing(stack: LocalStack, said: Said) -> None:
    stack.client("sesv2").send_email(
        FromEmailAddress="hello@shop.example",
        Destination={"ToAddresses": ["hana@example.jp"]},
        Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
    )
    stack.settle()
    assert said == []


def test_the_simulator_looks_at_the_local_part_only() -> None:
    assert simulator("Bounce <nobounce@bounce.example>") is Outcome.DELIVERED
