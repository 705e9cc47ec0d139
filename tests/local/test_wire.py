from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)

from local.errors import NotLocal
from local.runtime import LocalStack
from local.wire import SHORT_CUTS, long_way


class Word(StrEnum):
    ONE = "one"


KEY = {"pk": {"S": "order"}, "sk": {"S": "state"}}
ITEM = {
    **KEY,
    "message_id": {"S": "m-1"},
    "n": {"N": "12.50"},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
    "list": {"L": [{"S": "a"}, {"M": {"b": {"N": "1"}}}]},
    "map": {"M": {"c": {"S": "日本"}}},
    "set": {"SS": ["x", "y"]},
    "bytes": {"B": b"\x00\xff"},
    "enum": {"S": Word.ONE},
}
OTHER = {**ITEM, "sk": {"S": "z"}, "message_id": {"S": "m-2"}}
SCHEDULE: dict[str, Any] = {
    "Name": "timer",
    "GroupName": "small",
    "ScheduleExpression": "at(2026-05-01T00:00:00)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {
        "Arn": "arn:aws:sqs:ap-northeast-1:123456789012:small-failures",
        "RoleArn": "arn:aws:iam::123456789012:role/r",
    },
}

#: Calls of every short cut, in an order in which they make sense together.
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("dynamodb", "put_item", {"TableName": "small", "Item": ITEM}),
    ("dynamodb", "put_item", {"TableName": "small", "Item": ITEM, "ReturnValues": "ALL_OLD"}),
    (
        "dynamodb",
        "put_item",
        {
            "TableName": "small",
            "Item": ITEM,
            "ConditionExpression": "attribute_not_exists(pk)",
        },
    ),
    ("dynamodb", "get_item", {"TableName": "small", "Key": KEY, "ConsistentRead": True}),
    ("dynamodb", "get_item", {"TableName": "small", "Key": {**KEY, "sk": {"S": "none"}}}),
    (
        "dynamodb",
        "get_item",
        {
            "TableName": "small",
            "Key": KEY,
            "ProjectionExpression": "#n, #m",
            "ExpressionAttributeNames": {"#n": "n", "#m": "map"},
        },
    ),
    (
        "dynamodb",
        "update_item",
        {
            "TableName": "small",
            "Key": KEY,
            "UpdateExpression": "SET n = n + :one REMOVE #s",
            "ConditionExpression": "n < :max",
            "ExpressionAttributeNames": {"#s": "set"},
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":max": {"N": "100"}},
            "ReturnValues": "ALL_NEW",
        },
    ),
    (
        "dynamodb",
        "update_item",
        {
            "TableName": "small",
            "Key": KEY,
            "UpdateExpression": "SET n = :one",
            "ConditionExpression": "n > :max",
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":max": {"N": "100"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    ),
    (
        "dynamodb",
        "transact_write_items",
        {
            "TransactItems": [
                {"Put": {"TableName": "small", "Item": OTHER}},
                {
                    "ConditionCheck": {
                        "TableName": "small",
                        "Key": KEY,
                        "ConditionExpression": "attribute_exists(pk)",
                    }
                },
            ]
        },
    ),
    (
        "dynamodb",
        "transact_write_items",
        {
            "TransactItems": [
                {
                    "Put": {
                        "TableName": "small",
                        "Item": OTHER,
                        "ConditionExpression": "attribute_not_exists(pk)",
                    }
                }
            ]
        },
    ),
    (
        "dynamodb",
        "query",
        {
            "TableName": "small",
            "KeyConditionExpression": "pk = :p AND begins_with(sk, :s)",
            "ExpressionAttributeValues": {":p": {"S": "order"}, ":s": {"S": "s"}},
        },
    ),
    (
        "dynamodb",
        "query",
        {
            "TableName": "small",
            "KeyConditionExpression": "pk = :p",
            "ExpressionAttributeValues": {":p": {"S": "order"}},
            "Limit": 1,
            "ScanIndexForward": False,
        },
    ),
    (
        "dynamodb",
        "query",
        {
            "TableName": "small",
            "IndexName": "by_message",
            "KeyConditionExpression": "message_id = :m",
            "ExpressionAttributeValues": {":m": {"S": "m-2"}},
        },
    ),
    (
        "dynamodb",
        "query",
        {"TableName": "none", "KeyConditionExpression": "pk = :p"},
    ),
    (
        "dynamodb",
        "batch_get_item",
        {"RequestItems": {"small": {"Keys": [KEY, {"pk": {"S": "gone"}, "sk": {"S": "x"}}]}}},
    ),
    (
        "dynamodb",
        "transact_get_items",
        {"TransactItems": [{"Get": {"TableName": "small", "Key": KEY}}]},
    ),
    ("dynamodb", "delete_item", {"TableName": "small", "Key": KEY, "ReturnValues": "ALL_OLD"}),
    ("dynamodb", "delete_item", {"TableName": "small", "Key": KEY}),
    (
        "events",
        "put_events",
        {
            "Entries": [
                {"Source": "s", "DetailType": "d", "Detail": "{}", "EventBusName": "small"},
                {"Source": "s", "DetailType": "d", "Detail": "no json"},
            ]
        },
    ),
    ("scheduler", "create_schedule", SCHEDULE),
    ("scheduler", "create_schedule", SCHEDULE),
    ("scheduler", "update_schedule", {**SCHEDULE, "State": "DISABLED"}),
    ("scheduler", "delete_schedule", {"Name": "timer", "GroupName": "small"}),
    ("scheduler", "delete_schedule", {"Name": "timer", "GroupName": "small"}),
]


def play(stack: LocalStack) -> list[Any]:
    """What all calls answer, errors included."""
    stack.reset()
    answers: list[Any] = []
    for service, call, arguments in CALLS:
        try:
            answer = getattr(stack.client(service), call)(**arguments)
            answer["ResponseMetadata"] = answer["ResponseMetadata"]["HTTPStatusCode"]
            answers.append((service, call, answer))
        except ClientError as error:
            said = {k: v for k, v in error.response.items() if k != "ResponseMetadata"}
            answers.append((service, call, type(error).__name__, said))
    return answers


def types(value: Any) -> Iterator[type]:
    """Of all that is in a value."""
    yield type(value)
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list | tuple):
            yield from types(part)
        else:
            yield type(part)


def without_ids(answers: list[Any]) -> list[Any]:
    """The long way draws request ids from the same row as event ids, so those differ."""
    for answer in answers:
        if answer[1] == "put_events":
            answer[2]["Entries"][0].pop("EventId")
    return answers


def test_the_short_cut_answers_as_the_long_way(stack: LocalStack) -> None:
    play(stack)  # the first call of each form takes the long way anyhow
    short = play(stack)
    with long_way():
        long = play(stack)
    assert without_ids(short) == without_ids(long)
    assert set(types(short)) == set(types(long))
    tried = {f"{service}.{_operation(call)}" for service, call, _ in CALLS}
    assert tried == set(SHORT_CUTS)


def test_parameters_are_checked_at_the_first_call_of_a_form(stack: LocalStack) -> None:
    with pytest.raises(ParamValidationError):
        stack.client("dynamodb").get_item(TableName="small", Key={"pk": "text"}, Nonsense=1)


def _operation(call: str) -> str:
    return "".join(part.title() for part in call.split("_"))


def test_what_a_call_gave_is_not_the_store_itself(stack: LocalStack) -> None:
    client = stack.client("dynamodb")
    client.put_item(TableName="small", Item=ITEM)
    client.get_item(TableName="small", Key=KEY)["Item"]["map"]["M"]["c"]["S"] = "changed"
    assert client.get_item(TableName="small", Key=KEY)["Item"]["map"]["M"]["c"]["S"] == "日本"


@pytest.mark.parametrize(
    "write",
    [
        ("put_item", {"Item": {**ITEM, "n": {"N": "99"}}}),
        ("delete_item", {"Key": KEY}),
        (
            "update_item",
            {
                "Key": KEY,
                "UpdateExpression": "SET n = :n",
                "ExpressionAttributeValues": {":n": {"N": "99"}},
            },
        ),
        (
            "transact_write_items",
            {"TransactItems": [{"Delete": {"TableName": "small", "Key": KEY}}]},
        ),
    ],
)
@pytest.mark.parametrize("long", [False, True])
def test_what_was_read_is_read_again_after_a_write(
    stack: LocalStack, write: tuple[str, dict[str, Any]], long: bool
) -> None:
    client = stack.client("dynamodb")
    client.put_item(TableName="small", Item=ITEM)
    client.put_item(TableName="small", Item={**OTHER, "pk": {"S": "elsewhere"}})

    def read() -> tuple[Any, Any, Any, Any]:
        return (
            client.get_item(TableName="small", Key=KEY).get("Item"),
            client.query(
                TableName="small",
                KeyConditionExpression="pk = :p",
                ExpressionAttributeValues={":p": KEY["pk"]},
            )["Items"],
            client.batch_get_item(RequestItems={"small": {"Keys": [KEY]}})["Responses"]["small"],
            client.query(
                TableName="small",
                IndexName="by_message",
                KeyConditionExpression="message_id = :m",
                ExpressionAttributeValues={":m": {"S": "m-1"}},
            )["Items"],
        )

    before = read()
    assert read() == before
    name, arguments = write
    call = getattr(client, name)
    if name != "transact_write_items":
        arguments = {"TableName": "small", **arguments}
    if long:
        stack.fail_next(f"dynamodb.{_operation(name)}", kind="pause")

    def body() -> None:
        call(**arguments)

    stack.clock.call_soon(body)
    stack.settle()
    after = read()
    assert all(one != other for one, other in zip(before, after, strict=True))


def test_every_call_is_counted_once(stack: LocalStack) -> None:
    stack.client("dynamodb").get_item(TableName="small", Key=KEY)
    stack.client("sqs").list_queues()
    assert stack.wire.calls == {"dynamodb.GetItem": 1, "sqs.ListQueues": 1}


def test_a_service_that_the_stack_does_not_have_is_refused(stack: LocalStack) -> None:
    with pytest.raises(NotLocal, match="has no such service"):
        stack.client("s3").list_buckets()


# --- faults ------------------------------------------------------------------------------------


def once(stack: LocalStack, service: str) -> Any:
    import boto3

    name: Any = service
    return boto3.client(name, config=Config(retries={"total_max_attempts": 1}))


def send(client: Any) -> None:
    client.send_email(
        FromEmailAddress="hello@shop.example",
        Destination={"ToAddresses": ["hana@example.jp"]},
        Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
    )


@pytest.mark.parametrize(
    ("kind", "error", "says"),
    [
        ("timeout", ReadTimeoutError, "Read timeout"),
        ("reset", ConnectionClosedError, "closed"),
        ("unreachable", EndpointConnectionError, "Could not connect"),
        ("throttled", ClientError, "TooManyRequestsException"),
        ("server_error", ClientError, "InternalServiceError"),
        ("unavailable", ClientError, "ServiceUnavailable"),
        ("refused", ClientError, "MessageRejected"),
    ],
)
@pytest.mark.parametrize(("when", "mails"), [("before", 0), ("after", 1)])
def test_a_fault_strikes_before_or_after_the_mail_went_out(
    stack: LocalStack, kind: str, error: type[Exception], says: str, when: Any, mails: int
) -> None:
    client = once(stack, "sesv2")
    stack.fail_next("sesv2.SendEmail", when, kind=kind, code="MessageRejected")
    with pytest.raises(error, match=says):
        send(client)
    assert len(stack.outbox.mails) == mails
    send(client)
    assert len(stack.outbox.mails) == mails + 1


def test_a_fault_strikes_the_query_protocol_too(stack: LocalStack) -> None:
    client = once(stack, "sns")
    stack.fail_next("sns.Publish", kind="throttled")
    with pytest.raises(client.exceptions.ThrottledException):
        client.publish(PhoneNumber="+819012345678", Message="x")
    assert stack.outbox.texts == []


def test_a_client_that_retries_mails_twice_and_this_shows_it(stack: LocalStack) -> None:
    """Why retries are off on the send call: boto3's default sends again after a time-out."""
    stack.fail_next("sesv2.SendEmail", "after", kind="timeout")
    began = time.monotonic()

    def body() -> None:
        send(stack.client("sesv2"))

    stack.clock.call_soon(body)
    stack.settle()
    assert len(stack.outbox.mails) == 2
    assert time.monotonic() - began < 5


def test_a_fault_strikes_a_call_that_has_a_short_cut(stack: LocalStack) -> None:
    client = once(stack, "dynamodb")
    stack.fail_next("dynamodb.PutItem", "after", kind="timeout")
    with pytest.raises(ReadTimeoutError):
        client.put_item(TableName="small", Item=ITEM)
    assert client.get_item(TableName="small", Key=KEY)["Item"]["n"] == {"N": "12.50"}


def test_a_fault_can_wait_for_its_call(stack: LocalStack) -> None:
    client = once(stack, "dynamodb")
    stack.fail_next(
        "dynamodb.PutItem",
        kind="throttled",
        skip=1,
        match=lambda parameters: parameters["Item"]["sk"]["S"] == "z",
    )
    client.put_item(TableName="small", Item=OTHER)
    client.put_item(TableName="small", Item=ITEM)
    with pytest.raises(client.exceptions.ThrottlingException):
        client.put_item(TableName="small", Item=OTHER)
    assert [fault.call for fault in stack.faults.struck] == ["dynamodb.PutItem"]
    assert not stack.faults.armed("dynamodb.PutItem")


def test_a_pause_lets_others_go_first(stack: LocalStack) -> None:
    order: list[str] = []
    stack.fail_next("dynamodb.PutItem", kind="pause", seconds=5)

    def slow() -> None:
        stack.client("dynamodb").put_item(TableName="small", Item=ITEM)
        order.append("slow")

    stack.clock.call_soon(slow)
    stack.clock.call_after(1, lambda: order.append("other"))
    stack.advance(timedelta(seconds=10))
    assert order == ["other", "slow"]


def test_an_unknown_kind_of_fault_is_refused(stack: LocalStack) -> None:
    with pytest.raises(ValueError, match="one of timeout"):
        stack.fail_next("dynamodb.PutItem", kind="gremlins")
