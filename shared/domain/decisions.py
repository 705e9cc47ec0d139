"""The words in which a lifecycle decides, and what follows from them.

A lifecycle's ``decide`` says for every message that could be sent what becomes of it: a
``Candidate``. That list is the whole decision: it goes into the ledger as it stands, and
``next_step`` reduces it to what the state machine does now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.controls import NO_CONTROLS, Controls
from shared.domain.customers import Customer
from shared.domain.events import Channel
from shared.domain.ledger import FINAL, EntryStatus, LedgerEntry
from shared.domain.orders import Order
from shared.domain.policy import Policy
from shared.domain.reasons import Reason


class Verdict(StrEnum):
    """What becomes of a candidate: send it now, look again at ``at``, or not."""

    SEND = "SEND"
    WAIT = "WAIT"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One message that could be sent, and the verdict about it.

    ``at``: for WAIT the instant to look again; None means that only a new fact can change it.
    ``due_at``: when it became, or becomes, due; ``expires_at``: after that it is TOO_LATE.
    ``skus``: the products that it is about. ``rule`` names the rule in a few words.
    ``covers``: other occurrences that this one message speaks for as well. ``channel``: the only
    one that it may go on, where it is about that channel itself; None: the gate chooses.
    """

    occurrence: str
    message: str
    verdict: Verdict
    reason: Reason
    rule: str
    at: datetime | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None
    skus: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    channel: Channel | None = None


def send(
    occurrence: str,
    message: str,
    rule: str,
    *,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    skus: tuple[str, ...] = (),
) -> Candidate:
    """A candidate whose time has come."""
    return Candidate(
        occurrence=occurrence,
        message=message,
        verdict=Verdict.SEND,
        reason=Reason.DUE,
        rule=rule,
        due_at=due_at,
        expires_at=expires_at,
        skus=skus,
    )


def wait(
    occurrence: str,
    message: str,
    reason: Reason,
    rule: str,
    *,
    until: datetime | None,
    skus: tuple[str, ...] = (),
) -> Candidate:
    """A candidate to look at again at ``until``, or (None) when a new fact arrives."""
    return Candidate(
        occurrence=occurrence,
        message=message,
        verdict=Verdict.WAIT,
        reason=reason,
        rule=rule,
        at=until,
        due_at=until,
        skus=skus,
    )


def skip(
    occurrence: str, message: str, reason: Reason, rule: str, *, skus: tuple[str, ...] = ()
) -> Candidate:
    """A candidate that is not sent, and why."""
    return Candidate(
        occurrence=occurrence,
        message=message,
        verdict=Verdict.SKIP,
        reason=reason,
        rule=rule,
        skus=skus,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What this lifecycle has already done for this order."""

    entries: tuple[LedgerEntry, ...] = ()

    def entry(self, occurrence: str) -> LedgerEntry | None:
        """The furthest entry of an occurrence over all channels, or None."""
        found = [e for e in self.entries if e.key.occurrence == occurrence]
        order = list(EntryStatus)
        in_flight_first = [EntryStatus.SENT, EntryStatus.UNKNOWN, EntryStatus.SENDING]
        found.sort(
            key=lambda e: (
                in_flight_first.index(e.status)
                if e.status in in_flight_first
                else 10 + order.index(e.status)
            )
        )
        return found[0] if found else None

    def sent(self, occurrence: str) -> LedgerEntry | None:
        """The entry of an occurrence that went out, or None."""
        entry = self.entry(occurrence)
        return entry if entry and entry.status is EntryStatus.SENT else None

    def told(self, occurrence: str) -> LedgerEntry | None:
        """The entry that went out about an occurrence: its own, or one that covers it; or None."""
        about = (e for e in self.all_sent if occurrence in e.covers)
        return self.sent(occurrence) or next(about, None)

    def closed(self, occurrence: str) -> bool:
        """Whether an occurrence was sent or given up: nothing more can become of it."""
        entry = self.entry(occurrence)
        return entry is not None and entry.status in FINAL

    @property
    def all_sent(self) -> tuple[LedgerEntry, ...]:
        """Everything that went out, oldest first."""
        sent = [e for e in self.entries if e.status is EntryStatus.SENT]
        return tuple(sorted(sent, key=lambda e: (e.sent_at or e.decided_at, e.key.occurrence)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that a decision may depend on. The clock is ``now``, aware, in UTC.

    ``feed_seen_at`` is when the brand's newest carrier event arrived: it tells a stalled
    parcel from a stalled feed. None: nothing is known about the feed. ``rivals``: what the
    person's other lifecycles have in hand, over all their orders (for marketing only).
    """

    order: Order
    customer: Customer
    history: History
    policy: Policy
    now: datetime
    feed_seen_at: datetime | None = None
    controls: Controls = NO_CONTROLS
    rivals: tuple[LedgerEntry, ...] = ()


class Action(StrEnum):
    """What the state machine does next."""

    SEND = "SEND"
    WAIT = "WAIT"
    FINISH = "FINISH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next step: the candidate to send, or the instant to look again, or the end."""

    action: Action
    reason: Reason
    candidate: Candidate | None = None
    channel: Channel | None = None
    wake_at: datetime | None = None


def next_step(candidates: Iterable[tuple[Candidate, Channel]]) -> Step:
    """Reduce candidates to one step: send what is due first, else wait for the earliest.

    Waiting only for facts (no instant) is an end: a fact starts the lifecycle anew.
    """
    pairs = list(candidates)
    due = [(c, ch) for c, ch in pairs if c.verdict is Verdict.SEND]
    if due:
        candidate, channel = min(
            due, key=lambda p: (p[0].due_at is None, p[0].due_at, p[0].occurrence)
        )
        return Step(
            action=Action.SEND, reason=candidate.reason, candidate=candidate, channel=channel
        )
    waiting = [(c, ch) for c, ch in pairs if c.verdict is Verdict.WAIT and c.at is not None]
    if waiting:
        candidate, channel = min(waiting, key=lambda p: (p[0].at, p[0].occurrence))
        return Step(
            action=Action.WAIT,
            reason=candidate.reason,
            candidate=candidate,
            channel=channel,
            wake_at=candidate.at,
        )
    reason = pairs[0][0].reason if pairs else Reason.NOTHING_TO_SAY
    return Step(action=Action.FINISH, reason=reason)
