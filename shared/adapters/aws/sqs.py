"""The quarantine, a queue that nothing works off but people; and the queue of what is to be
fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.adapters.aws.failures import calling
from shared.contracts.fetching import write_task
from shared.contracts.reading import one_line
from shared.domain.deliveries import FetchTask
from shared.settings import SettingsError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef

# An attribute counts toward the size of a message; the reason is a sentence, not a document.
_MAX_DETAIL = 500


class SqsQuarantine:
    """Fulfils the port ``Quarantine``."""

    def __init__(self, client: Callable[[], SQSClient], queue_url: Callable[[], str]) -> None:
        """``queue_url`` is asked each time: "" for a function without a quarantine."""
        self._client = client
        self._queue_url = queue_url

    def put(self, raw: str, *, code: str, detail: str) -> None:
        """Keep ``raw`` as it came; ``code`` and ``detail`` are the message's attributes.

        Raises RetryableError when it could not be kept, SettingsError where there is no queue.
        """
        url = self._queue_url()
        if not url:
            raise SettingsError("YOIN_QUARANTINE_URL is not set")
        with calling("SendMessage to the quarantine"):
            self._client().send_message(
                QueueUrl=url,
                MessageBody=raw,
                # SQS refuses control characters in an attribute, and the letter with it.
                MessageAttributes={
                    "code": _text(code),
                    "detail": _text(one_line(detail)[:_MAX_DETAIL]),
                },
            )


class SqsFetchQueue:
    """Fulfils the port ``FetchQueue``."""

    def __init__(self, client: Callable[[], SQSClient], queue_url: Callable[[], str]) -> None:
        """``queue_url`` is asked each time: "" for a function that has nothing fetched."""
        self._client = client
        self._queue_url = queue_url

    def put(self, task: FetchTask) -> None:
        """Remember what is to be fetched.

        Raises RetryableError when it could not be kept, SettingsError where there is no queue.
        """
        url = self._queue_url()
        if not url:
            raise SettingsError("YOIN_FETCH_URL is not set")
        with calling("SendMessage to the fetch queue"):
            self._client().send_message(QueueUrl=url, MessageBody=write_task(task))


def _text(value: str) -> MessageAttributeValueTypeDef:
    return {"DataType": "String", "StringValue": value or "-"}
