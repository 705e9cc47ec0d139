"""One attempt, and what its failure means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)

from shared.adapters.aws import clients
from shared.adapters.aws.ses import SesSender
from shared.adapters.aws.sns import SnsSender
from shared.domain.errors import (
    OutcomeUnknown,
    ProviderRefused,
    ProviderThrottled,
    YoinError,
)
from shared.domain.events import Channel, Purpose
from shared.observability import metrics
from shared.ports import ChannelSender, Letter
from shared.usecases.decide import LEASE
from shared.usecases.send import SEND_MARGIN

EMAIL = Letter(
    message_id="m-0123",
    channel=Channel.EMAIL,
    brand="aoba",
    to="hanako@example.jp",
    sender='"Aoba" <order@aoba-chaho.example>',
    reply_to="support@aoba-chaho.example",
    subject="ご注文ありがとうございます",
    text="山田 花子 様",
    html="<p>山田 花子 様</p>",
    headers={"List-Unsubscribe": "<https://aoba-chaho.example/u>"},
    tags={"yoin_message": "m-0123", "yoin_brand": "aoba"},
)
SMS = Letter(
    message_id="m-0456",
    channel=Channel.SMS,
    brand="aoba",
    to="+819012345678",
    sender="AOBACHAHO",
    text="お届けしました。",
)


class Provider:
    """What is on the other side of the wire: remembers requests, answers as it is told."""

    def __init__(self) -> None:
        self.requests: list[AWSPreparedRequest] = []
        self.answer: tuple[int, bytes, dict[str, str]] | Exception = (200, b"", {})

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        status, body, headers = self.answer
        raw: Any = _Raw(body)
        told: Any = headers
        return AWSResponse(request.url, status, told, raw)

    @property
    def bodies(self) -> list[str]:
        """What was sent, as text."""
        sent: list[Any] = [request.body for request in self.requests]
        return [body.decode() if isinstance(body, bytes) else body for body in sent]

    def accept_email(self) -> None:
        self.answer = (200, b'{"MessageId": "ses-1"}', {})

    def accept_sms(self) -> None:
        result = b"<PublishResult><MessageId>sns-1</MessageId></PublishResult>"
        self.answer = (200, b"<PublishResponse>" + result + b"</PublishResponse>", {})

    def refuse(self, code: str, status: int) -> None:
        """An error as both services write it: JSON with a header, and XML."""
        text = "Email address is not verified: hanako@example.jp +819012345678"
        json_body = json.dumps({"message": text}).encode()
        xml_body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
            f"<Message>{text}</Message></Error></ErrorResponse>"
        ).encode()
        self._bodies = json_body, xml_body
        self.answer = (status, json_body, {"x-amzn-errortype": code})

    def refuse_sms(self, code: str, status: int) -> None:
        self.refuse(code, status)
        self.answer = (status, self._bodies[1], {})


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._body


@pytest.fixture
def provider(aws: None) -> Iterator[Provider]:
    there = Provider()
    answer: Any = there
    # After our own handler on the event, before moto.
    clients.sesv2().meta.events.register_last("before-send.sesv2.SendEmail", answer)
    clients.sns().meta.events.register_last("before-send.sns.Publish", answer)
    yield there
    clients.sesv2().meta.events.unregister("before-send.sesv2.SendEmail", answer)
    clients.sns().meta.events.unregister("before-send.sns.Publish", answer)


@pytest.fixture
def ses() -> SesSender:
    return SesSender(clients.sesv2, "yoin-test")


@pytest.fixture
def sns() -> SnsSender:
    return SnsSender(clients.sns)


class TestEmail:
    def test_the_whole_letter_is_handed_over(self, provider: Provider, ses: SesSender) -> None:
        provider.accept_email()
        assert ses.send(EMAIL) == "ses-1"
        (body,) = provider.bodies
        assert json.loads(body) == {
            "FromEmailAddress": '"Aoba" <order@aoba-chaho.example>',
            "Destination": {"ToAddresses": ["hanako@example.jp"]},
            "ReplyToAddresses": ["support@aoba-chaho.example"],
            "Content": {
                "Simple": {
                    "Subject": {"Data": "ご注文ありがとうございます", "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": "山田 花子 様", "Charset": "UTF-8"},
                        "Html": {"Data": "<p>山田 花子 様</p>", "Charset": "UTF-8"},
                    },
                    "Headers": [
                        {"Name": "List-Unsubscribe", "Value": "<https://aoba-chaho.example/u>"}
                    ],
                }
            },
            "EmailTags": [
                {"Name": "yoin_message", "Value": "m-0123"},
                {"Name": "yoin_brand", "Value": "aoba"},
            ],
            "ConfigurationSetName": "yoin-test",
        }

    def test_what_a_letter_has_not_is_not_sent(self, provider: Provider, ses: SesSender) -> None:
        provider.accept_email()
        ses.send(replace(EMAIL, html=None, reply_to=None, headers={}))
        simple = json.loads(provider.bodies[0])["Content"]["Simple"]
        assert set(simple) == {"Subject", "Body"}
        assert set(simple["Body"]) == {"Text"}


class TestSms:
    @pytest.mark.parametrize(
        ("purpose", "kind"),
        [(Purpose.TRANSACTIONAL, "Transactional"), (Purpose.MARKETING, "Promotional")],
    )
    def test_the_whole_letter_is_handed_over(
        self, provider: Provider, sns: SnsSender, purpose: Purpose, kind: str
    ) -> None:
        provider.accept_sms()
        assert sns.send(replace(SMS, purpose=purpose)) == "sns-1"
        form = {name: values[0] for name, values in parse_qs(provider.bodies[0]).items()}
        assert form["PhoneNumber"] == "+819012345678"
        assert form["Message"] == "お届けしました。"
        attributes = {
            form[name]: form[name.replace("Name", "Value.StringValue")]
            for name in form
            if name.endswith(".Name")
        }
        assert attributes == {"AWS.SNS.SMS.SMSType": kind, "AWS.SNS.SMS.SenderID": "AOBACHAHO"}

    def test_without_a_sender_id_none_is_named(self, provider: Provider, sns: SnsSender) -> None:
        provider.accept_sms()
        sns.send(replace(SMS, sender=""))
        assert "SenderID" not in provider.bodies[0]


# What a failure means, one row each: see the table in shared/adapters/aws/failures.py.
BY_CODE: list[tuple[str, int, type[YoinError]]] = [
    # rate and quota
    ("TooManyRequestsException", 429, ProviderThrottled),
    ("ThrottlingException", 400, ProviderThrottled),
    ("Throttling", 400, ProviderThrottled),
    ("Throttling", 503, ProviderThrottled),
    ("LimitExceededException", 400, ProviderThrottled),
    ("SomethingNew", 429, ProviderThrottled),
    # settings that somebody has to mend: nothing was sent, and later it may be
    ("SendingPausedException", 400, ProviderThrottled),
    ("AccountSuspendedException", 400, ProviderThrottled),
    ("MailFromDomainNotVerifiedException", 400, ProviderThrottled),
    ("MessageRejected", 400, ProviderThrottled),
    ("NotFoundException", 404, ProviderThrottled),
    ("AccessDeniedException", 403, ProviderThrottled),
    ("ExpiredTokenException", 403, ProviderThrottled),
    ("AuthorizationError", 403, ProviderThrottled),
    ("SomethingNew", 400, ProviderThrottled),
    # this message, for ever
    ("BadRequestException", 400, ProviderRefused),
    ("InvalidParameter", 400, ProviderRefused),
    ("InvalidParameterValue", 400, ProviderRefused),
    ("ValidationException", 400, ProviderRefused),
    ("OptedOut", 400, ProviderRefused),
    # nobody can tell
    ("InternalServiceErrorException", 500, OutcomeUnknown),
    ("InternalFailure", 500, OutcomeUnknown),
    ("InternalError", 500, OutcomeUnknown),
    ("ServiceUnavailable", 503, OutcomeUnknown),
    ("BadGateway", 502, OutcomeUnknown),
    ("GatewayTimeout", 504, OutcomeUnknown),
]
URL = "https://email.ap-northeast-1.amazonaws.com/hanako@example.jp"
BY_CLASS: list[tuple[Exception, type[YoinError]]] = [
    (ConnectTimeoutError(endpoint_url=URL), ProviderThrottled),
    (EndpointConnectionError(endpoint_url=URL), ProviderThrottled),
    (ProxyConnectionError(proxy_url=URL), ProviderThrottled),
    (NoCredentialsError(), ProviderThrottled),
    (ReadTimeoutError(endpoint_url=URL), OutcomeUnknown),
    (ConnectionClosedError(endpoint_url=URL), OutcomeUnknown),
    (SSLError(endpoint_url=URL, error=EOFError()), OutcomeUnknown),
    (HTTPClientError(error="reset by peer"), OutcomeUnknown),
]


def check(
    sender: ChannelSender, letter: Letter, provider: Provider, means: type[YoinError]
) -> None:
    """The class is exactly this one, one attempt was made, and the text tells of nobody."""
    with pytest.raises(YoinError) as caught:
        sender.send(letter)
    assert type(caught.value) is means
    assert len(provider.requests) == 1
    for secret in ("hanako", "example.jp", "8190"):
        assert secret not in str(caught.value)


@pytest.mark.parametrize(("code", "status", "means"), BY_CODE)
class TestByCode:
    def test_email(
        self, provider: Provider, ses: SesSender, code: str, status: int, means: type[YoinError]
    ) -> None:
        provider.refuse(code, status)
        check(ses, EMAIL, provider, means)

    def test_sms(
        self, provider: Provider, sns: SnsSender, code: str, status: int, means: type[YoinError]
    ) -> None:
        provider.refuse_sms(code, status)
        check(sns, SMS, provider, means)


@pytest.mark.parametrize(("error", "means"), BY_CLASS, ids=lambda case: type(case).__name__)
class TestByClass:
    def test_email(
        self, provider: Provider, ses: SesSender, error: Exception, means: type[YoinError]
    ) -> None:
        provider.answer = error
        check(ses, EMAIL, provider, means)

    def test_sms(
        self, provider: Provider, sns: SnsSender, error: Exception, means: type[YoinError]
    ) -> None:
        provider.answer = error
        check(sns, SMS, provider, means)


def test_every_failure_is_counted_by_its_code(provider: Provider, ses: SesSender) -> None:
    metrics.forget()
    provider.refuse("MessageRejected", 400)
    for _ in range(2):
        with pytest.raises(ProviderThrottled):
            ses.send(EMAIL)
    counted = ("SendFailures", (("code", "MessageRejected"), ("provider", "SES")))
    assert dict(metrics._counts) == {counted: 2}
    metrics.forget()


def test_a_letter_that_the_sdk_will_not_write_is_refused(
    provider: Provider, ses: SesSender
) -> None:
    wrong: Any = 7
    with pytest.raises(ProviderRefused, match="ParamValidationError"):
        ses.send(replace(EMAIL, subject=wrong))
    assert provider.requests == []


def test_every_send_starts_on_a_new_connection(
    provider: Provider, ses: SesSender, sns: SnsSender
) -> None:
    provider.accept_email()
    ses.send(EMAIL)
    provider.accept_sms()
    sns.send(SMS)
    assert [request.headers["Connection"] for request in provider.requests] == ["close"] * 2


def test_a_send_has_ended_long_before_its_lease_has() -> None:
    longest = timedelta(seconds=clients.SEND_CONNECT_TIMEOUT + clients.SEND_READ_TIMEOUT)
    assert longest < SEND_MARGIN < LEASE
    for client in (clients.sesv2(), clients.sns()):
        config: Any = client.meta.config
        assert config.retries == {"mode": "standard", "total_max_attempts": 1}
        assert (config.connect_timeout, config.read_timeout) == (3, 10)
