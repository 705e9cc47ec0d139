"""The world outside in memory: a mailbox, a bus, a quarantine, a clock, timers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.deliveries import Arrived
from shared.domain.errors import (
    OutcomeUnknown,
    ProviderRefused,
    ProviderThrottled,
    RetryableError,
)
from shared.domain.events import Fact
from shared.domain.values import digest, utc
from shared.ports import HookSecrets, Letter, OutcomeEvent, Quota


class Mishap(StrEnum):
    """What can happen to a message on its way to the provider."""

    THROTTLED = "THROTTLED"  # surely not accepted, later
    REFUSED = "REFUSED"  # surely not accepted, never
    LOST = "LOST"  # not accepted, and nobody can tell
    ACCEPTED_UNHEARD = "ACCEPTED_UNHEARD"  # accepted, but the answer was lost


class Mailbox:
    """Fulfils the port ``ChannelSender``: keeps what was accepted, and fails when it is told to.

    A mishap is used up by one send.
    """

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.attempts = 0
        self._mishaps: deque[Mishap | None] = deque()

    def fail_next(self, *mishaps: Mishap | None) -> None:
        """The next sends fail like this, in this order; None: that one succeeds."""
        self._mishaps.extend(mishaps)

    def send(self, letter: Letter) -> str:
        """Take a letter; returns the provider's id. Raises what the mishap means."""
        self.attempts += 1
        mishap = self._mishaps.popleft() if self._mishaps else None
        if mishap is Mishap.THROTTLED:
            raise ProviderThrottled("mailbox: throttled")
        if mishap is Mishap.REFUSED:
            raise ProviderRefused("mailbox: refused")
        if mishap is Mishap.LOST:
            raise OutcomeUnknown("mailbox: no answer")
        self.letters.append(letter)
        if mishap is Mishap.ACCEPTED_UNHEARD:
            raise OutcomeUnknown("mailbox: no answer")
        return provider_id(letter, len(self.letters))


def provider_id(letter: Letter, number: int) -> str:
    """The id that the mailbox gave to its ``number``-th letter."""
    return "p-" + digest(letter.message_id, str(number), length=20)


@dataclass(frozen=True, slots=True)
class Reconsidered:
    """A lifecycle that was asked to look at an order again, and why."""

    brand: str
    order_id: str
    lifecycle: str
    cause: str


class MemoryPublisher:
    """Fulfils the port ``Publisher``: keeps what is published, in order."""

    def __init__(self) -> None:
        self.published: list[Fact] = []
        self.outcomes: list[OutcomeEvent] = []
        self.reconsidered: list[Reconsidered] = []

    def facts(self, facts: Iterable[Fact]) -> None:
        """Publish facts, in the given order."""
        self.published.extend(facts)

    def outcome(self, outcome: OutcomeEvent) -> None:
        """Publish what became of a message."""
        self.outcomes.append(outcome)

    def reconsider(self, brand: str, order_id: str, lifecycle: str, cause: str) -> None:
        """Wake a lifecycle for an order."""
        self.reconsidered.append(Reconsidered(brand, order_id, lifecycle, cause))


class MemoryArrivals:
    """Fulfils the port ``Arrivals``: keeps what is put, in order."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []

    def put(self, arrived: Iterable[Arrived]) -> None:
        """Put vendors' events on the bus."""
        self.arrived.extend(arrived)


class MemorySecrets:
    """Fulfils the port ``WebhookSecrets``. What is put into ``stored`` counts once it is asked
    for anew; before that what was asked for last."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], HookSecrets] = {}
        self._known: dict[tuple[str, str], HookSecrets] = {}

    def get(self, source: str, brand: str) -> HookSecrets:
        """The secrets as last asked for. Raises RetryableError where there are none."""
        return self._known.get((source, brand)) or self._ask(source, brand)

    def renewed(self, source: str, brand: str) -> HookSecrets | None:
        """The secrets anew."""
        return self._ask(source, brand)

    def _ask(self, source: str, brand: str) -> HookSecrets:
        if (source, brand) not in self.stored:
            raise RetryableError(f"there is no secret of {source} for {brand}")
        self._known[source, brand] = self.stored[source, brand]
        return self.stored[source, brand]


@dataclass(frozen=True, slots=True)
class Kept:
    """An event in quarantine, with what is wrong with it."""

    raw: str
    code: str
    detail: str


@dataclass(slots=True)
class MemoryMailQuota:
    """Fulfils the port ``MailQuota``: whatever the test says."""

    quota: Quota | None = None

    def now(self) -> Quota | None:
        """The quota."""
        return self.quota


class MemoryQuarantine:
    """Fulfils the port ``Quarantine``."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []

    def put(self, raw: str, *, code: str, detail: str) -> None:
        """Keep ``raw`` as it came."""
        self.kept.append(Kept(raw, code, detail))


class ManualClock:
    """Fulfils the port ``Clock``: moved by hand, never back."""

    def __init__(self, start: datetime) -> None:
        self._now = utc(start)

    def now(self) -> datetime:
        """The instant it was last moved to, in UTC."""
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Move on to ``instant``. Raises ValueError for one that has passed."""
        if instant < self._now:
            raise ValueError(f"{instant.isoformat()} has passed")
        self._now = utc(instant)

    def advance(self, by: timedelta) -> None:
        """Move on by ``by``."""
        self.move_to(self._now + by)


@dataclass
class MemoryTimers:
    """One-time schedules by name, as EventBridge Scheduler keeps them: a name has one at most."""

    armed: dict[str, datetime] = field(default_factory=dict)

    def arm(self, name: str, at: datetime) -> None:
        """Set the timer, or move it."""
        self.armed[name] = utc(at)

    def disarm(self, name: str) -> None:
        """Take the timer away; nothing happens where there is none."""
        self.armed.pop(name, None)

    def due(self, now: datetime) -> list[str]:
        """Take away and return the timers whose time has come, the earliest first."""
        due = sorted((at, name) for name, at in self.armed.items() if at <= now)
        for _, name in due:
            del self.armed[name]
        return [name for _, name in due]

    @property
    def next_at(self) -> datetime | None:
        """When the next one is due; None when none is armed."""
        return min(self.armed.values(), default=None)
