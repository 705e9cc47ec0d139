"""EventBridge Scheduler: moto keeps the schedules, the virtual clock fires them.

A schedule fires at its instant (AWS: within the minute). Changing or deleting it in time is
honoured: what is due is looked up in moto again when its time has come. Schedules that are due at
the same instant fire in the order of their names.

One thing is stricter than moto: a one-time schedule in the past is refused, since AWS promises
nothing of one. An equal instant is taken.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends

from local.bus import Deliver, DeliveryFailed
from local.clock import Rank, VirtualClock
from local.errors import LocalError

_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")


@dataclass(frozen=True)
class Firing:
    """One schedule that fired, or could not."""

    name: str
    at: datetime
    target: str
    error: str | None = None


class Schedules:
    """Fires what is due.

    Args:
        clock: virtual time.
        region, account: where the schedules live.
    """

    def __init__(self, clock: VirtualClock, *, region: str, account: str) -> None:
        self._clock = clock
        self._region = region
        self._account = account
        self._services: dict[str, Deliver] = {}
        self._generation: dict[tuple[str, str], int] = {}
        #: How often a schedule fires each time: the Scheduler promises at least once.
        self.copies = 1
        self.fired: list[Firing] = []

    def reset(self) -> None:
        """Delete all schedules and forget what fired; fire once again."""
        self.copies = 1
        for group in self.backend.schedule_groups.values():
            group.schedules.clear()
        self._generation.clear()
        self.fired.clear()

    @property
    def backend(self) -> EventBridgeSchedulerBackend:
        """moto's Scheduler."""
        return scheduler_backends[self._account][self._region]

    def serve(self, service: str, deliver: Deliver) -> None:
        """Say how a target of a service (the third part of its ARN) takes its input."""
        self._services[service] = deliver

    def pending(self) -> list[tuple[datetime, str]]:
        """What will fire and when, the next first."""
        return sorted(
            (due, schedule.name)
            for schedule in self._all()
            if schedule.state == "ENABLED"
            and (due := next_firing(schedule, self._clock.now())) is not None
        )

    def install(self, stack: contextlib.ExitStack) -> None:
        """Watch moto's schedules until ``stack`` is closed."""
        real_create = EventBridgeSchedulerBackend.create_schedule
        real_update = EventBridgeSchedulerBackend.update_schedule

        def create(backend: EventBridgeSchedulerBackend, **settings: Any) -> Schedule:
            self._check(settings)
            return self._arm(real_create(backend, **settings))

        def update(backend: EventBridgeSchedulerBackend, **settings: Any) -> Schedule:
            backend.get_schedule(settings["group_name"], settings["name"])
            self._check(settings)
            # moto takes a state that is not named for none; in AWS the default is ENABLED.
            settings["state"] = settings.get("state") or "ENABLED"
            return self._arm(real_update(backend, **settings))

        stack.enter_context(patch.object(EventBridgeSchedulerBackend, "create_schedule", create))
        stack.enter_context(patch.object(EventBridgeSchedulerBackend, "update_schedule", update))

    def _check(self, settings: dict[str, Any]) -> None:
        expression = settings["schedule_expression"]
        if not _AT.fullmatch(expression) and not _RATE.fullmatch(expression):
            if expression.startswith("cron("):
                raise LocalError(f"the local runtime has no recurring schedules: {expression}")
            raise ValidationException(f"Invalid Schedule Expression {expression}.")
        due = _instant(expression, settings.get("schedule_expression_timezone"))
        if due is not None and due < self._clock.now():
            raise ValidationException(
                f"The schedule expression {expression} is in the past "
                f"(it is {self._clock.now():%Y-%m-%dT%H:%M:%S} UTC)."
            )
        service = settings["target"]["Arn"].split(":")[2]
        if service not in self._services:
            raise LocalError(f"the local runtime cannot fire at {settings['target']['Arn']}")

    def _arm(self, schedule: Schedule) -> Schedule:
        key = (schedule.group_name, schedule.name)
        self._generation[key] = self._generation.get(key, 0) + 1
        due = next_firing(schedule, self._clock.now())
        if due is not None:
            self._clock.call_at(
                due,
                self._firing(key, self._generation[key]),
                rank=Rank.TIMER,
                key="/".join(key),
            )
        return schedule

    def _firing(self, key: tuple[str, str], generation: int) -> Callable[[], None]:
        def fire() -> None:
            group, name = key
            schedules = self.backend.schedule_groups[group].schedules
            schedule = schedules.get(name)
            if schedule is None or self._generation.get(key) != generation:
                return  # deleted or moved meanwhile
            if schedule.state == "ENABLED":
                for _ in range(self.copies):
                    self._deliver(schedule)
            if schedule.schedule_expression.startswith("rate("):
                self._arm(schedule)
            elif schedule.action_after_completion == "DELETE":
                schedules.pop(name, None)

        return fire

    def _deliver(self, schedule: Schedule) -> None:
        target = schedule.target
        arn: str = target["Arn"]
        payload = json.loads(target.get("Input") or "{}")
        error = None
        try:
            self._services[arn.split(":")[2]](arn, payload)
        except DeliveryFailed as failed:
            error = str(failed)
            letters = target.get("DeadLetterConfig", {}).get("Arn")
            if letters:
                self._services["sqs"](letters, payload)
        self.fired.append(Firing(schedule.name, self._clock.now(), arn, error))

    def _all(self) -> Iterator[Schedule]:
        for group in self.backend.schedule_groups.values():
            yield from group.schedules.values()


def next_firing(schedule: Schedule, now: datetime) -> datetime | None:
    """When a schedule fires next; None where it is over.

    Args:
        schedule: moto's.
        now: the instant from which to look, aware.
    """
    due = _instant(schedule.schedule_expression, schedule.schedule_expression_timezone)
    if due is not None:
        return due if due >= now else None
    found = _RATE.fullmatch(schedule.schedule_expression)
    if found is None:
        return None
    count, unit = int(found.group(1)), found.group(2)
    return now + timedelta(**{f"{unit}s": count})


def _instant(expression: str, zone: str | None) -> datetime | None:
    found = _AT.fullmatch(expression)
    if found is None:
        return None
    local = datetime.fromisoformat(found.group(1)).replace(tzinfo=ZoneInfo(zone or "UTC"))
    return local.astimezone(UTC)
