"""`yoin redrive`: dead letters are shown without being touched, and go back after a fix."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from ops import redrive
from shared.adapters.aws import clients
from shared.adapters.aws.sqs import SqsQuarantine
from shared.contracts.fetching import write_task
from shared.contracts.samples import samples
from shared.domain.deliveries import Fetch, FetchTask
from tests.ops.conftest import Answer, Yoin

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

GOOD = json.dumps(
    {
        "id": "e-1",
        "detail-type": "OrderPlaced",
        "source": "my.shop",
        "time": "2026-04-10T03:15:00Z",
        "detail": samples()["OrderPlaced"],
    },
    ensure_ascii=False,
)
BAD = GOOD.replace('"aoba"', '"nobody"')


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The queues of a deployed stage, with their addresses by name."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    monkeypatch.setattr("ops.redrive.WAIT_SECONDS", 0)
    clients.forget()
    with mock_aws():
        names = [f"{q}{dead}" for q in ("inlet", "fetch") for dead in ("", "-dead-letters")]
        yield {
            name: clients.sqs().create_queue(QueueName=f"yoin-dev-{name}")["QueueUrl"]
            for name in names
        }
    clients.forget()


def refuse(queues: dict[str, str], body: str, code: str = "UNKNOWN_BRAND") -> None:
    url = queues["inlet-dead-letters"]
    SqsQuarantine(clients.sqs, lambda: url).put(body, code=code, detail="there is no brand nobody")


def bodies(url: str) -> list[str]:
    answer = clients.sqs().receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return sorted(message["Body"] for message in answer.get("Messages", []))


def told(answer: Answer, *names: str) -> list[list[Any]]:
    return [[record.get(name) for name in names] for record in answer.records]


def test_letters_are_shown_with_what_would_become_of_them_now(
    yoin: Yoin, queues: dict[str, str]
) -> None:
    refuse(queues, GOOD)
    refuse(queues, BAD)
    answer = yoin("redrive", "--stage", "dev", "--json")
    assert answer.code == 0
    rows = sorted(told(answer, "code", "accepted", "now", "replayed"), key=str)
    assert rows == [
        [
            "UNKNOWN_BRAND",
            False,
            "UNKNOWN_BRAND: there is no brand nobody in this deployment",
            False,
        ],
        ["UNKNOWN_BRAND", True, "1 facts", False],
    ]
    assert "山田" not in answer.out
    # Nothing was taken away, and nothing is hidden from the next look.
    assert len(bodies(queues["inlet-dead-letters"])) == 2


def test_after_the_fix_they_go_back_and_the_rest_stays(yoin: Yoin, queues: dict[str, str]) -> None:
    refuse(queues, GOOD)
    refuse(queues, BAD)
    answer = yoin("redrive", "--stage", "dev", "--replay", "--json")
    assert answer.code == 1  # one stays behind
    assert bodies(queues["inlet"]) == [GOOD]
    assert bodies(queues["inlet-dead-letters"]) == [BAD]
    forced = yoin("redrive", "--stage", "dev", "--replay", "--force", "--json")
    assert forced.code == 0
    assert bodies(queues["inlet-dead-letters"]) == []


def test_only_what_is_chosen_is_replayed(yoin: Yoin, queues: dict[str, str]) -> None:
    refuse(queues, GOOD, "UNKNOWN_BRAND")
    refuse(queues, GOOD.replace("e-1", "e-2"), "MALFORMED")
    answer = yoin("redrive", "--stage", "dev", "--code", "MALFORMED", "--replay", "--json")
    assert told(answer, "code", "replayed") == [["MALFORMED", True]]
    assert bodies(queues["inlet-dead-letters"]) == [GOOD]
    (left,) = yoin("redrive", "--stage", "dev", "--json").records
    one = yoin("redrive", "--stage", "dev", "--id", left["id"], "--replay", "--json")
    assert told(one, "id", "replayed") == [[left["id"], True]]


def test_what_is_to_be_fetched_is_tried_again(yoin: Yoin, queues: dict[str, str]) -> None:
    fetch = Fetch(path="/v2/orders/7", topic="order")
    task = write_task(FetchTask(source="square", brand="aoba", fetch=fetch))
    clients.sqs().send_message(QueueUrl=queues["fetch-dead-letters"], MessageBody=task)
    answer = yoin("redrive", "--stage", "dev", "--queue", "fetch", "--replay")
    assert answer.code == 0
    assert "asks square for order again" in answer.out
    assert bodies(queues["fetch"]) == [task]


def test_more_letters_than_one_call_takes_go_back_once_each(
    yoin: Yoin, queues: dict[str, str]
) -> None:
    """Nothing is lost and nothing is left hidden, whatever the number."""
    for number in range(23):
        refuse(queues, (GOOD if number % 2 else BAD).replace("e-1", f"e-{number}"))
    answer = yoin("redrive", "--stage", "dev", "--replay", "--json")
    assert answer.code == 1
    assert sum(record["replayed"] for record in answer.records) == 11
    assert count(queues["inlet"]) == 11
    assert count(queues["inlet-dead-letters"]) == 12
    assert len(yoin("redrive", "--stage", "dev", "--json").records) == 12, "all can be seen again"


def test_a_letter_that_came_back_by_itself_is_no_error(
    yoin: Yoin, queues: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its receipt has run out: judging and sending took longer than it was hidden."""
    refuse(queues, BAD)
    refuse(queues, GOOD)
    read = redrive._letter
    monkeypatch.setattr(redrive, "_letter", lambda message: replace(read(message), receipt="old"))
    answer = yoin("redrive", "--stage", "dev", "--json")
    assert (answer.code, len(answer.records)) == (0, 2)


def test_what_cannot_be_read_to_the_end_is_not_left_hidden(
    yoin: Yoin, queues: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        refuse(queues, GOOD.replace("e-1", f"e-{number}"))
    read = redrive._letter
    seen: list[str] = []

    def interrupted(message: MessageTypeDef) -> redrive.DeadLetter:
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(message["MessageId"])
        return read(message)

    monkeypatch.setattr(redrive, "_letter", interrupted)
    assert yoin("redrive", "--stage", "dev", "--json").code != 0
    assert count(queues["inlet-dead-letters"]) >= 2


def test_a_queue_that_is_larger_than_one_look_says_so(
    yoin: Yoin, queues: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redrive, "MOST", 10)
    for number in range(13):
        refuse(queues, GOOD.replace("e-1", f"e-{number}"))
    assert "there may be more" in yoin("redrive", "--stage", "dev", "--replay").err
    assert count(queues["inlet"]) + count(queues["inlet-dead-letters"]) == 13


def count(url: str) -> int:
    """The letters that whoever looks next would see."""
    told = clients.sqs().get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(told["Attributes"]["ApproximateNumberOfMessages"])


def test_raw_shows_the_payload(yoin: Yoin, queues: dict[str, str]) -> None:
    refuse(queues, BAD)
    (record,) = yoin("redrive", "--stage", "dev", "--raw", "--json").records
    assert record["raw"] == BAD


def test_an_empty_queue_says_so(yoin: Yoin, queues: dict[str, str]) -> None:
    answer = yoin("redrive", "--stage", "dev")
    assert (answer.code, answer.out) == (0, "")
    assert "Nothing lies there" in answer.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--stage", "nowhere"], 2, "there is no stage 'nowhere'"),
        (["--stage", "dev", "--queue", "letters"], 2, "inlet, feedback, fetch"),
        (["--stage", "prod"], 1, "is not in this account and region"),
    ],
)
def test_wrong_use_is_a_sentence(
    yoin: Yoin, queues: dict[str, str], arguments: list[str], code: int, words: str
) -> None:
    answer = yoin("redrive", *arguments)
    assert answer.code == code
    assert words in answer.complaint
