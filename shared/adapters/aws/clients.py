"""The SDK's clients: one per service and process, made when they are first used.

Stores and the bus are retried by the SDK, because a repeated read or conditional write does no
harm. A send is never retried by the SDK: it has no idempotency token, and three attempts would
be three mails. Its time-outs are far shorter than the lease that a message is claimed for
(shared/usecases/decide.py), so that no attempt is still under way when the lease runs out.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

# Seconds. Three attempts of these fit into the shortest time-out of a function.
RETRIED = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
)
SEND_CONNECT_TIMEOUT = 3
SEND_READ_TIMEOUT = 10
ONCE = Config(
    connect_timeout=SEND_CONNECT_TIMEOUT,
    read_timeout=SEND_READ_TIMEOUT,
    retries={"mode": "standard", "total_max_attempts": 1},
)
# Somebody waits for the webhook function's answer, five seconds at most.
HURRIED = Config(
    connect_timeout=1,
    read_timeout=1.5,
    retries={"mode": "standard", "total_max_attempts": 2},
)
# To remember is only a help: while the table is out of reach there has to be time for the bus.
REMEMBERING = Config(
    connect_timeout=0.7,
    read_timeout=0.7,
    retries={"mode": "standard", "total_max_attempts": 2},
)


@cache
def dynamodb() -> DynamoDBClient:
    """The client of the stores."""
    return boto3.client("dynamodb", config=RETRIED)


@cache
def events() -> EventBridgeClient:
    """The client of the bus."""
    return boto3.client("events", config=RETRIED)


@cache
def sqs() -> SQSClient:
    """The client of the quarantine and of the fetch queue."""
    return boto3.client("sqs", config=RETRIED)


@cache
def secretsmanager() -> SecretsManagerClient:
    """The client that reads the vendors' secrets."""
    return boto3.client("secretsmanager", config=RETRIED)


@cache
def sesv2() -> SESV2Client:
    """The client that sends email, once per call."""
    client = boto3.client("sesv2", config=ONCE)
    client.meta.events.register("before-send.sesv2.SendEmail", _fresh_connection)
    return client


@cache
def ses() -> SESClient:
    """The client that asks for the sending quota. Nobody waits long for a figure that only holds
    marketing back."""
    return boto3.client("ses", config=REMEMBERING)


@cache
def sns() -> SNSClient:
    """The client that sends SMS, once per call."""
    client = boto3.client("sns", config=ONCE)
    client.meta.events.register("before-send.sns.Publish", _fresh_connection)
    return client


@cache
def hurried_dynamodb() -> DynamoDBClient:
    """The webhook function's client of the replay table."""
    return boto3.client("dynamodb", config=REMEMBERING)


@cache
def hurried_events() -> EventBridgeClient:
    """The webhook function's client of the bus."""
    return boto3.client("events", config=HURRIED)


@cache
def hurried_sqs() -> SQSClient:
    """The webhook function's client of the quarantine."""
    return boto3.client("sqs", config=HURRIED)


@cache
def hurried_secretsmanager() -> SecretsManagerClient:
    """The webhook function's client of its secrets."""
    return boto3.client("secretsmanager", config=HURRIED)


def forget() -> None:
    """Make the clients anew when they are next used: for tests and the local runtime."""
    for client in (
        *(dynamodb, events, sqs, secretsmanager, sesv2, sns),
        *(hurried_dynamodb, hurried_events, hurried_sqs, hurried_secretsmanager),
    ):
        client.cache_clear()


def _fresh_connection(request: AWSPreparedRequest, **_: Any) -> None:
    """Close the connection after the send, so that the next one starts on a new one.

    A function sleeps for minutes between two sends; a connection that died meanwhile breaks
    under the request, and nobody could tell whether the mail went out. A handshake is cheaper
    than ten minutes of waiting for the provider's record.
    """
    request.headers["Connection"] = "close"
