"""The bus: vendors' events as they came, facts, and what became of the messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from shared.adapters.aws.failures import calling
from shared.contracts import (
    ReconsiderRequested,
    outcome_to_event,
    reconsider_to_event,
    to_event,
)
from shared.contracts.deliveries import DETAIL_TYPE, WEBHOOK_SOURCE, write_arrived
from shared.domain.deliveries import Arrived
from shared.domain.errors import PermanentError, RetryableError
from shared.domain.events import Fact
from shared.observability import metrics
from shared.ports import OutcomeEvent

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

    Entry = PutEventsRequestEntryTypeDef

# The limits of one PutEvents call (docs.aws.amazon.com/eventbridge/latest/userguide/
# eb-putevents.html): entries, and bytes of UTF-8 over all of them.
MAX_ENTRIES = 10
MAX_BYTES = 256 * 1024


class _Bus:
    """What is put on the bus was taken, or the caller hears of it."""

    def __init__(self, client: Callable[[], EventBridgeClient], bus: str) -> None:
        """``client`` is called when it is first needed; ``bus``: the bus's name or ARN."""
        self._client = client
        self._bus = bus

    def _put(self, entries: list[Entry]) -> None:
        with calling(f"PutEvents {self._bus}"):
            answer = self._client().put_events(Entries=entries)
        if answer["FailedEntryCount"]:
            # All of them again: what comes twice changes nothing.
            codes = sorted({entry.get("ErrorCode", "") for entry in answer["Entries"]} - {""})
            raise RetryableError(
                f"{self._bus}: {answer['FailedEntryCount']} of {len(entries)} events were not "
                f"taken ({', '.join(codes) or 'no reason given'})"
            )


class BusArrivals(_Bus):
    """Fulfils the port ``Arrivals``."""

    def put(self, arrived: Iterable[Arrived]) -> None:
        """Put vendors' events on the bus, in the given order. Raises RetryableError unless all
        were taken, Rejected("OVERSIZED") for one that the bus cannot carry."""
        details = (json.dumps(write_arrived(one), ensure_ascii=False) for one in arrived)
        for entries in chunks(
            {
                "Source": WEBHOOK_SOURCE,
                "DetailType": DETAIL_TYPE,
                "Detail": detail,
                "EventBusName": self._bus,
            }
            for detail in details
        ):
            self._put(entries)


class BusPublisher(_Bus):
    """Fulfils the port ``Publisher``. What became of a message is counted here as well: there is
    no outcome that does not come by."""

    def facts(self, facts: Iterable[Fact]) -> None:
        """Publish facts, in the given order. Raises RetryableError unless all were taken."""
        for entries in chunks(_entry(to_event(fact, self._bus)) for fact in facts):
            self._put(entries)

    def outcome(self, outcome: OutcomeEvent) -> None:
        """Publish what became of a message. Raises RetryableError unless it was taken."""
        self._put([_entry(outcome_to_event(outcome, self._bus))])
        metrics.outcome(outcome.type, lifecycle=outcome.key.lifecycle, reason=outcome.reason)

    def reconsider(self, brand: str, order_id: str, lifecycle: str, cause: str) -> None:
        """Wake a lifecycle for an order. Raises RetryableError unless it was taken."""
        request = ReconsiderRequested(
            brand=brand, order_id=order_id, lifecycle=lifecycle, cause=cause
        )
        self._put([_entry(reconsider_to_event(request, self._bus))])


def chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The entries in their order, in lists that one call may carry.

    Raises PermanentError for an entry that is too large for any call.
    """
    chunk: list[Entry] = []
    filled = 0
    for entry in entries:
        size = size_of(entry)
        if size > MAX_BYTES:
            raise PermanentError(
                f"an event {entry.get('DetailType')} of {size} bytes; the bus takes {MAX_BYTES}"
            )
        if chunk and (len(chunk) == MAX_ENTRIES or filled + size > MAX_BYTES):
            yield chunk
            chunk, filled = [], 0
        chunk.append(entry)
        filled += size
    if chunk:
        yield chunk


def size_of(entry: Entry) -> int:
    """The size of an entry as EventBridge counts it, in bytes."""
    counted = (entry.get("Source", ""), entry.get("DetailType", ""), entry.get("Detail", ""))
    return sum(len(text.encode()) for text in counted)


def _entry(event: dict[str, str]) -> Entry:
    return {
        "Source": event["Source"],
        "DetailType": event["DetailType"],
        "Detail": event["Detail"],
        "EventBusName": event["EventBusName"],
    }
