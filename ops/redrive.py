"""`yoin redrive`: what was refused or gave up at a deployed stage, why, and back again.

Dead letters lie in a queue for 14 days. They are read there without being taken away; on
``--replay`` each goes back to the queue that it came from first, and is deleted after that: a
crash in between brings it twice, which changes nothing, and never loses it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.config import STAGES, Stage
from ops.deployed import why
from ops.errors import OK, PROBLEM, CommandError, WrongUse, choices, said
from ops.output import Output, escaped
from shared.adapters.aws import clients
from shared.brands.directory import BrandDirectory
from shared.contracts.fetching import read_task
from shared.domain.errors import Rejected
from shared.domain.values import instant_text
from shared.sources import Brands, read_event, receive_all

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

QUEUES = ("inlet", "feedback", "fetch")

# Long enough to look at a full queue and to send it back; after that what was read is there again
# by itself, as after a crash of this program.
_HIDDEN_SECONDS = 15 * 60
# A short poll asks some of the servers only, and may find nothing where there is something.
WAIT_SECONDS = 1
MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One event that was kept. ``code`` None: it was not refused, something failed on it."""

    message_id: str
    receipt: str
    body: str
    since: datetime
    code: str | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which letters, and what to do with them."""

    code: str | None = None
    message_id: str | None = None
    replay: bool = False
    force: bool = False
    raw: bool = False


def redrive(stage_name: str, queue: str, chosen: Chosen, output: Output) -> int:
    """One line per letter; returns PROBLEM if any that was chosen stays behind.

    Raises WrongUse for a stage or queue that there is not, CommandError where the queue cannot
    be read.
    """
    stage = _stage(stage_name)
    if queue not in QUEUES:
        raise WrongUse(f"--queue: there is no {queue!r}; there are {choices(QUEUES)}")
    brands = _brands(stage)
    name = stage.named(f"{queue}-dead-letters")
    try:
        sqs = clients.sqs()
        dead = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        back = sqs.get_queue_url(QueueName=stage.named(queue))["QueueUrl"]
        return _work(sqs, dead, back, queue, brands, chosen, output)
    except (BotoCoreError, ClientError) as error:
        raise CommandError(why(error, stage_name, f"the queue {name}")) from error


def _work(
    sqs: SQSClient,
    dead: str,
    back: str,
    queue: str,
    brands: Brands,
    chosen: Chosen,
    output: Output,
) -> int:
    left: dict[str, DeadLetter] = {}
    stays = 0
    try:
        for letter in _read(sqs, dead):
            left[letter.message_id] = letter
        found = len(left)
        for letter in sorted(left.values(), key=lambda one: (one.since, one.message_id)):
            if not _is_chosen(letter, chosen):
                continue
            now = judge(letter, queue, brands)
            goes = chosen.replay and (now["accepted"] or chosen.force)
            if goes:
                sqs.send_message(QueueUrl=back, MessageBody=letter.body)
                sqs.delete_message(QueueUrl=dead, ReceiptHandle=letter.receipt)
                del left[letter.message_id]
            elif chosen.replay:
                stays += 1
            _tell(letter, now, goes, chosen, output)
    finally:
        _show_again(sqs, dead, list(left.values()))
    if found >= MOST:
        output.note(f"{found} letters were looked at; there may be more.")
    if not output.as_json and not left and not chosen.replay:
        output.note("Nothing lies there.")
    return PROBLEM if stays else OK


def _show_again(sqs: SQSClient, dead: str, letters: Sequence[DeadLetter]) -> None:
    """Whoever looks next sees the letters at once. One that is there by itself needs no more."""
    for start in range(0, len(letters), 10):
        sqs.change_message_visibility_batch(
            QueueUrl=dead,
            Entries=[
                {"Id": str(number), "ReceiptHandle": letter.receipt, "VisibilityTimeout": 0}
                for number, letter in enumerate(letters[start : start + 10])
            ],
        )


def judge(letter: DeadLetter, queue: str, brands: Brands) -> dict[str, Any]:
    """What would become of a letter now: ``accepted``, and in one sentence why."""
    try:
        if queue == "inlet":
            told = read_event(letter.body, brands)
            words = f"{len(told.facts)} facts"
            words += f", {len(told.tasks)} to be fetched" if told.tasks else ""
            return {"accepted": True, "now": words}
        if queue == "fetch":
            task = read_task(letter.body)
            return {"accepted": True, "now": f"asks {task.source} for {task.fetch.topic} again"}
        found = receive_all(letter.body, brands=brands)
        return {"accepted": True, "now": f"{len(found)} records"}
    except Rejected as error:
        return {"accepted": False, "now": said(error)}


def _read(sqs: SQSClient, url: str) -> Iterator[DeadLetter]:
    """Every letter once; none is taken away."""
    seen: set[str] = set()
    while len(seen) < MOST:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        messages = answer.get("Messages", [])
        if not messages:
            return
        for message in messages:
            letter = _letter(message)
            if letter.message_id not in seen:
                seen.add(letter.message_id)
                yield letter


def _letter(message: MessageTypeDef) -> DeadLetter:
    attributes = message.get("MessageAttributes", {})
    told = {name: value.get("StringValue") for name, value in attributes.items()}
    sent = int(message.get("Attributes", {}).get("SentTimestamp", "0"))
    return DeadLetter(
        message_id=message.get("MessageId", ""),
        receipt=message.get("ReceiptHandle", ""),
        body=message.get("Body", ""),
        since=datetime.fromtimestamp(sent / 1000, tz=UTC),
        code=told.get("code"),
        detail=told.get("detail"),
    )


def _is_chosen(letter: DeadLetter, chosen: Chosen) -> bool:
    if chosen.message_id is not None and letter.message_id != chosen.message_id:
        return False
    return chosen.code is None or letter.code == chosen.code


def _tell(
    letter: DeadLetter, now: dict[str, Any], goes: bool, chosen: Chosen, output: Output
) -> None:
    record: dict[str, Any] = {
        "id": letter.message_id,
        "since": instant_text(letter.since),
        "code": letter.code,
        "detail": letter.detail,
        **now,
        "replayed": goes,
    }
    if chosen.raw:
        record["raw"] = letter.body
    output.line(record)
    was = f"{letter.code}: {letter.detail}" if letter.code else "failed again and again"
    colour = "green" if now["accepted"] else "red"
    done = "  [bold]replayed[/bold]" if goes else ""
    output.say(f"[bold]{letter.message_id}[/bold]  {instant_text(letter.since)}{done}")
    output.say(f"  then  {escaped(was)}")
    output.say(f"  now   [{colour}]{escaped(str(now['now']))}[/{colour}]")
    if chosen.raw:
        output.say(escaped(letter.body))


def _stage(name: str) -> Stage:
    if name not in STAGES:
        raise WrongUse(f"there is no stage {name!r}; there are {choices(sorted(STAGES))}")
    stage = STAGES[name]
    if stage.region:
        os.environ.setdefault("AWS_REGION", stage.region)
    return stage


def _brands(stage: Stage) -> Brands:
    """Whose event it is, by the brand files as they are on this machine."""
    directory = BrandDirectory(stage.brands)
    ids: Sequence[str] = directory.ids()
    return Brands(
        of_shop=directory.of_shop,
        default=ids[0] if len(ids) == 1 else None,
        required=True,
        known=ids,
    )
