from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from local.runtime import LocalStack
from tests.local import handlers


def failing(*wrong: int) -> Any:
    """A handler that reports the records with these numbers as failed."""

    def handle(event: Any, _context: Any) -> Any:
        return {
            "batchItemFailures": [
                {"itemIdentifier": record["messageId"]}
                for record in event["Records"]
                if json.loads(record["body"]) in wrong
            ]
        }

    return handle


def test_a_queue_is_worked_off_in_batches_and_emptied(stack: LocalStack) -> None:
    for number in range(7):
        stack.send("small-inlet", number)
    stack.settle()
    assert handlers.bodies("ingest") == [[0, 1, 2], [3, 4, 5], [6]]
    assert stack.letters("small-inlet") == []


def test_of_a_batch_only_what_failed_comes_again_after_the_visibility_timeout(
    stack: LocalStack,
) -> None:
    handlers.behaviour["ingest"] = failing(1)
    for number in range(3):
        stack.send("small-inlet", number)
    stack.advance(timedelta(seconds=60))
    assert handlers.bodies("ingest") == [[0, 1, 2]]
    assert [letter.body for letter in stack.letters("small-inlet")] == ["1"]

    handlers.behaviour["ingest"] = failing()
    stack.advance(timedelta(seconds=1))
    assert handlers.bodies("ingest") == [[0, 1, 2], [1]]
    assert stack.letters("small-inlet") == []


def test_after_its_third_failure_a_message_is_a_dead_letter(stack: LocalStack) -> None:
    handlers.behaviour["ingest"] = failing(7)
    stack.send("small-inlet", 7)
    stack.advance(timedelta(minutes=10))
    assert handlers.bodies("ingest") == [[7], [7], [7]]
    assert stack.letters("small-inlet") == []
    (letter,) = stack.letters("small-letters")
    assert (letter.body, letter.received) == ("7", 3)


@pytest.mark.parametrize(
    "answer",
    [
        "not an answer",
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"wrong": "key"}]},
        {"batchItemFailures": [{"itemIdentifier": "of another batch"}]},
    ],
)
def test_an_answer_that_makes_no_sense_fails_the_whole_batch(
    stack: LocalStack, answer: Any
) -> None:
    handlers.behaviour["ingest"] = lambda *_: answer
    stack.send("small-inlet", 1)
    stack.settle(timedelta(0))
    assert [letter.body for letter in stack.letters("small-inlet")] == ["1"]


def test_a_handler_that_raises_fails_the_whole_batch_and_others_go_on(stack: LocalStack) -> None:
    def once(_event: Any, _context: Any) -> None:
        del handlers.behaviour["ingest"]
        raise KeyError("bad")

    handlers.behaviour["ingest"] = once
    for number in range(4):
        stack.send("small-inlet", number)
    stack.settle(timedelta(0))
    assert handlers.bodies("ingest") == [[0, 1, 2], [3]]
    assert [letter.body for letter in stack.letters("small-inlet")] == ["0", "1", "2"]
    stack.advance(timedelta(minutes=2))
    assert handlers.bodies("ingest") == [[0, 1, 2], [3], [0, 1, 2]]
    assert [(f.function, f.error) for f in stack.functions.failures] == [
        ("small-ingest", "KeyError")
    ]


def test_a_delayed_message_waits(stack: LocalStack) -> None:
    client = stack.client("sqs")
    url = client.get_queue_url(QueueName="small-inlet")["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody="9", DelaySeconds=90)
    stack.advance(timedelta(seconds=89))
    assert handlers.calls == []
    stack.advance(timedelta(seconds=2))
    assert handlers.bodies("ingest") == [[9]]


def test_a_queue_without_a_function_keeps_its_messages(stack: LocalStack) -> None:
    stack.send("small-letters", {"a": 1})
    stack.advance(timedelta(days=3))
    (letter,) = stack.letters("small-letters")
    assert json.loads(letter.body) == {"a": 1}
    assert (stack.now - letter.sent_at) == timedelta(days=3)
