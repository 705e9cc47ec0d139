"""SQS: queues are moto's, polling for the functions and the passing of time are here.

moto's own event-source mapping gives a function one message at a time and knows no partial
failures. Here a queue is polled as Lambda polls it: in batches, deleting what succeeded, leaving
what failed until its visibility time-out is over, until moto moves it to the dead-letter queue.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from moto.sqs import models as sqs_models
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from local.clock import VirtualClock
from local.functions import FunctionFailed, FunctionThrottled

#: moto asks whether "now" is later than the instant at which a message becomes visible again.
_A_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True)
class SourceMapping:
    """An event-source mapping: which function works off which queue, and how."""

    queue: str
    function: str
    batch_size: int
    report_failures: bool
    window: int


@dataclass(frozen=True)
class Letter:
    """A message in a queue."""

    queue: str
    body: str
    sent_at: datetime
    received: int
    message_id: str


class Queues:
    """Polls queues for functions.

    Args:
        clock: virtual time.
        invoke: calls a function by name or ARN with an event.
        region, account: where the queues live.
    """

    def __init__(
        self,
        clock: VirtualClock,
        invoke: Callable[[str, Any], Any],
        *,
        region: str,
        account: str,
    ) -> None:
        self._clock = clock
        self._invoke = invoke
        self._region = region
        self._account = account
        self._mappings: dict[str, SourceMapping] = {}
        self._polls: dict[str, datetime] = {}

    def reset(self) -> None:
        """Empty all queues."""
        for queue in self.backend.queues.values():
            vars(queue)["_messages"].clear()
            queue.pending_messages.clear()
            queue.deleted_messages.clear()
        self._polls.clear()

    @property
    def backend(self) -> SQSBackend:
        """moto's SQS."""
        return sqs_backends[self._account][self._region]

    def map(self, mapping: SourceMapping) -> None:
        """Let a function work off a queue from now on."""
        self._mappings[mapping.queue] = mapping

    def send(self, arn: str, payload: Any) -> None:
        """Put a JSON value into a queue, as EventBridge and the Scheduler do.

        Args:
            arn: of the queue.
            payload: becomes the body, as JSON text.
        """
        self.put(arn.rsplit(":", 1)[1], json.dumps(payload, ensure_ascii=False))

    def put(self, name: str, body: str) -> None:
        """Put a message into a queue by its name."""
        self.backend.send_message(name, body)

    def letters(self, name: str) -> list[Letter]:
        """All messages of a queue, in their order, without receiving them."""
        return [
            Letter(
                queue=name,
                body=message.body,
                sent_at=datetime.fromtimestamp((message.sent_timestamp or 0) / 1000, UTC),
                received=message.approximate_receive_count,
                message_id=message.id,
            )
            for message in vars(self.backend.get_queue(name))["_messages"]
        ]

    def install(self, stack: contextlib.ExitStack) -> None:
        """Give moto's queues virtual time and watch what arrives until ``stack`` is closed."""
        real_add = Queue.add_message

        def add(queue: Queue, message: Message) -> None:
            real_add(queue, message)
            self._arrived(queue, message)

        stack.enter_context(patch.object(Queue, "add_message", add))
        stack.enter_context(patch.object(sqs_models, "unix_time_millis", self._millis))
        stack.enter_context(patch.object(sqs_models, "unix_time", self._seconds))

    def _millis(self, _: Any = None) -> float:
        return self._clock.now().timestamp() * 1000

    def _seconds(self, _: Any = None) -> float:
        return self._clock.now().timestamp()

    def _arrived(self, queue: Queue, message: Message) -> None:
        mapping = self._mappings.get(queue.name)
        if mapping is not None:
            wait = timedelta(seconds=mapping.window)
            if message.delayed_until:
                delayed = datetime.fromtimestamp(message.delayed_until / 1000, UTC)
                wait += max(delayed - self._clock.now(), timedelta(0))
            self._poll_at(queue.name, self._clock.now() + wait)

    def _poll_at(self, name: str, at: datetime) -> None:
        """Poll once at an instant, however many messages ask for it."""
        planned = self._polls.get(name)
        if planned is None or planned > at or planned < self._clock.now():
            self._polls[name] = at
            self._clock.call_at(at, lambda: self._poll(name))

    def _poll(self, name: str) -> None:
        if self._polls.get(name) == self._clock.now():
            del self._polls[name]
        mapping = self._mappings[name]
        queue: Any = self.backend.get_queue(name)
        visibility = int(queue.visibility_timeout)
        batch = self.backend.receive_message(name, mapping.batch_size, 0, visibility)
        if batch:
            # What is left is the next batch; what fails comes back when it is visible again.
            self._poll_at(name, self._clock.now())
            if self._work(mapping, name, batch):
                again = self._clock.now() + timedelta(seconds=visibility) + _A_TICK
                self._clock.call_at(again, lambda: self._poll(name))

    def _work(self, mapping: SourceMapping, name: str, batch: list[Message]) -> bool:
        """Give a batch to the function; whether any of it failed."""
        event = {"Records": [self._record(name, message) for message in batch]}
        try:
            answer = self._invoke(mapping.function, event)
        except (FunctionFailed, FunctionThrottled):
            return True
        failed = _failed(answer) if mapping.report_failures else set()
        known = {message.id for message in batch}
        if failed is None or not failed <= known:
            return True  # as Lambda: an answer that makes no sense fails the whole batch
        for message in batch:
            if message.id not in failed:
                self.backend.delete_message(name, str(message.receipt_handle))
        return bool(failed)

    def _record(self, name: str, message: Message) -> dict[str, Any]:
        return {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": str(message.approximate_receive_count),
                "SentTimestamp": str(message.sent_timestamp),
                "SenderId": message.sender_id,
                "ApproximateFirstReceiveTimestamp": str(
                    message.approximate_first_receive_timestamp
                ),
            },
            "messageAttributes": {},
            "md5OfBody": message.body_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{self._region}:{self._account}:{name}",
            "awsRegion": self._region,
        }


def _failed(answer: Any) -> set[str] | None:
    """The ids in ``batchItemFailures``; None where the answer makes no sense."""
    if answer is None:
        return set()
    if not isinstance(answer, Mapping):
        return None
    failures = answer.get("batchItemFailures") or []
    try:
        ids = {failure["itemIdentifier"] for failure in failures}
    except (KeyError, TypeError):
        return None
    return None if "" in ids or None in ids else ids
