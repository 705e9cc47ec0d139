"""EventBridge: events from buses to the targets of their rules, on the virtual clock.

Buses, rules, patterns and their matching are moto's. moto delivers at once, inside PutEvents, and
knows neither state machines nor functions as targets; here each delivery is an action of its own.
It also takes the last part of a partner bus's name (``aws.partner/shopify.com/1/yoin``) for the
whole name.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter, methodcaller
from typing import Any
from unittest.mock import patch

from moto.events.models import EventPattern, EventsBackend, Rule, events_backends

from local.clock import VirtualClock
from local.errors import LocalError
from local.transform import TransformError, target_input

#: The comparisons that moto's matcher has and that match as AWS documents.
COMPARISONS = {
    "anything-but",
    "cidr",
    "equals-ignore-case",
    "exists",
    "numeric",
    "prefix",
    "suffix",
    "wildcard",
}

# The private parts of moto that are used here, by name.
_FLATTEN: Callable[[Any], dict[str, Any]] = attrgetter("_flatten_dict")(EventPattern)

Event = dict[str, Any]
Listener = Callable[[str, Event], None]
#: Hands a payload to a target: its ARN and what it gets.
Deliver = Callable[[str, Any], None]


class DeliveryFailed(Exception):
    """A target could not take an event."""


@dataclass(frozen=True)
class Undelivered:
    """An event that a rule matched and no target took."""

    rule: str
    target: str
    at: datetime
    reason: str
    event: Event


class Buses:
    """Delivers events.

    Args:
        clock: virtual time.
        region, account: where the buses live.
    """

    def __init__(self, clock: VirtualClock, *, region: str, account: str) -> None:
        self._clock = clock
        self._region = region
        self._account = account
        self._services: dict[str, Deliver] = {"events": self._forward}
        #: How often a rule delivers each event: EventBridge promises at least once.
        self.copies = 1
        self.listeners: list[Listener] = []
        self.undelivered: list[Undelivered] = []

    def reset(self) -> None:
        """Forget what was not delivered; deliver once again."""
        self.copies = 1
        self.undelivered.clear()

    @property
    def backend(self) -> EventsBackend:
        """moto's EventBridge."""
        return events_backends[self._account][self._region]

    def serve(self, service: str, deliver: Deliver) -> None:
        """Say how a target of a service (the third part of its ARN) takes an event."""
        self._services[service] = deliver

    def check(self, name: str, pattern: Mapping[str, Any], targets: Iterable[str]) -> None:
        """Say what of a rule would not work here.

        Raises:
            LocalError: a comparison that cannot be matched, a target that cannot be reached.
        """
        unknown = sorted(set(_comparisons(pattern)) - COMPARISONS)
        if unknown:
            raise LocalError(f"rule {name}: the local runtime cannot match {', '.join(unknown)}")
        for arn in targets:
            if arn.split(":")[2] not in self._services:
                raise LocalError(f"rule {name}: the local runtime cannot deliver to {arn}")

    def install(self, stack: contextlib.ExitStack) -> None:
        """Take delivery over from moto until ``stack`` is closed."""
        real_put = EventsBackend.put_events

        def put_events(
            backend: EventsBackend, events: list[dict[str, Any]]
        ) -> list[dict[str, Any]]:
            # moto checks the entries and gives the ids; each rule's own delivery is silenced.
            answers = real_put(backend, events)
            for entry, answer in zip(events, answers, strict=True):
                if "EventId" in answer:
                    self._accepted(entry, answer["EventId"])
            return answers

        def bus_name(_: EventsBackend, name_or_arn: str | None) -> str:
            return (name_or_arn or "default").rpartition(":event-bus/")[2]

        def nothing(*_: Any, **__: Any) -> None:
            """Delivery is ``Buses.publish``."""

        stack.enter_context(patch.object(EventsBackend, "put_events", put_events))
        stack.enter_context(patch.object(EventsBackend, "_normalize_event_bus_arn", bus_name))
        stack.enter_context(patch.object(Rule, "send_to_targets", nothing))

    def publish(self, bus: str, event: Event) -> None:
        """Put an event on a bus: listeners first, then every rule that matches.

        Args:
            bus: its name or ARN.
            event: the whole envelope. ``aws.*`` sources are allowed here, as AWS and partners
                put them.

        Raises:
            LocalError: there is no such bus.
        """
        name = bus.rpartition(":event-bus/")[2]
        if name not in self.backend.event_buses:
            raise LocalError(
                f"the stack has no bus {name}; it has {', '.join(sorted(self.backend.event_buses))}"
            )
        for listener in self.listeners:
            listener(name, event)
        flat = _FLATTEN(event)
        for rule in self.backend.event_buses[name].rules.values():
            if rule.state == "ENABLED" and not rule.managed_by and _matches(rule, flat):
                for target in rule.targets * self.copies:
                    self._clock.call_soon(self._delivery(rule.name, target, event))

    def fire(self, name: str) -> None:
        """Let a rule of the default bus that goes by a schedule fire, now.

        Raises:
            LocalError: there is no such rule.
        """
        rule = self.backend.event_buses["default"].rules.get(name)
        if rule is None or not rule.scheduled_expression:
            raise LocalError(f"the stack has no rule {name} that goes by a schedule")
        event = {
            "version": "0",
            "id": f"{name}:{self._clock.now().isoformat()}",
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": self._account,
            "time": self._time(None),
            "region": self._region,
            "resources": [rule.arn],
            "detail": {},
        }
        for target in rule.targets * self.copies:
            self._clock.call_soon(self._delivery(rule.name, target, event))

    def _accepted(self, entry: Mapping[str, Any], event_id: str) -> None:
        self.publish(
            entry.get("EventBusName") or "default",
            {
                "version": "0",
                "id": event_id,
                "detail-type": entry["DetailType"],
                "source": entry["Source"],
                "account": self._account,
                "time": self._time(entry.get("Time")),
                "region": self._region,
                "resources": entry.get("Resources", []),
                "detail": json.loads(entry["Detail"]),
            },
        )

    def _time(self, given: Any) -> str:
        at = datetime.fromtimestamp(float(given), UTC) if given else self._clock.now()
        return at.isoformat(timespec="seconds").replace("+00:00", "Z")

    def _delivery(self, rule: str, target: Mapping[str, Any], event: Event) -> Callable[[], None]:
        def deliver() -> None:
            arn: str = target["Arn"]
            try:
                self._services[arn.split(":")[2]](arn, target_input(target, event))
            except (DeliveryFailed, TransformError) as error:
                self._failed(rule, target, event, str(error))

        return deliver

    def _failed(self, rule: str, target: Mapping[str, Any], event: Event, reason: str) -> None:
        self.undelivered.append(Undelivered(rule, target["Arn"], self._clock.now(), reason, event))
        letters = target.get("DeadLetterConfig", {}).get("Arn")
        if letters:
            self._services["sqs"](letters, event)

    def _forward(self, arn: str, payload: Any) -> None:
        self.publish(arn, payload)


def _matches(rule: Rule, flat: dict[str, Any]) -> bool:
    pattern = rule.event_pattern.get_pattern()
    if not pattern:
        return False  # a rule that goes by a schedule
    return bool(methodcaller("_does_event_match", flat, pattern)(rule.event_pattern))


def _comparisons(pattern: Any) -> Iterable[str]:
    """The names of all comparisons in a pattern."""
    if isinstance(pattern, Mapping):
        for key, value in pattern.items():
            if key == "$or":
                for part in value:
                    yield from _comparisons(part)
            elif isinstance(value, list):
                for item in value:
                    if isinstance(item, Mapping):
                        yield from item
            else:
                yield from _comparisons(value)
