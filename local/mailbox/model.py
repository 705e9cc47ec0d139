"""Everything that the mailbox shows, as plain data: no stores, no moto, no clock.

A ``Mailbox`` is collected once from a local stack (or from a deployed one, for one order) and
then rendered, saved, loaded and printed. Instants are aware datetimes in UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.domain.events import Channel
from shared.domain.ledger import IN_FLIGHT, EntryStatus
from shared.domain.reasons import REASONS, Reason

Bilingual = tuple[str, str]
"""Japanese, English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandView:
    """A brand as the pages show it. Colours are CSS."""

    id: str
    name: Bilingual
    zone: str
    colour: str = "#555555"


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleView:
    """A lifecycle's own words about itself."""

    name: str
    title: Bilingual
    summary: Bilingual
    purpose: str
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message that went out, as the customer got it. ``html`` is None for an SMS."""

    message_id: str
    channel: Channel
    brand: str
    order_id: str
    lifecycle: str
    message: str
    occurrence: str
    to: str
    sender: str
    subject: str
    text: str
    at: datetime
    html: str | None = None
    preheader: str = ""
    locale: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    provider_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One thing that a decision was made on, as it stood then. ``decisive``: it decided."""

    topic: str
    label: Bilingual
    said: Bilingual
    decisive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One message that was or could be sent, with all that the ledger knows of it.

    ``seen`` is what it was decided on, ``rerun`` what came of deciding that again (a ``Rerun``;
    "" where nobody tried), ``again`` what today's rules say instead.
    """

    brand: str
    order_id: str
    lifecycle: str
    message: str
    occurrence: str
    channel: Channel
    status: EntryStatus
    reason: Reason
    rule: str
    message_id: str
    decided_at: datetime
    due_at: datetime | None = None
    next_check: datetime | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    inputs_version: str = ""
    policy_version: str = ""
    attempts: int = 0
    provider_id: str | None = None
    detail: str | None = None
    remedy: Bilingual = ("", "")
    seen: tuple[Seen, ...] = ()
    rerun: str = ""
    rerun_words: Bilingual = ("", "")
    again: Bilingual | None = None
    problem: str = ""

    @property
    def explanation(self) -> Bilingual:
        """The reason in Japanese and English."""
        return REASONS[self.reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactView:
    """One fact about an order. ``said`` is the fact in a few words for a person.

    ``arrived_at`` is when Yoin heard of it; None where that was not seen.
    """

    id: str
    type: str
    source: str
    occurred_at: datetime
    said: Bilingual
    data: Mapping[str, Any]
    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order: who, what, and every fact about it. ``story`` is the demo's title for it."""

    brand: str
    order_id: str
    number: str | None = None
    story: Bilingual | None = None
    customer: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: str | None = None
    placed_at: datetime | None = None
    items: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()  # "test", "historical", "gift", "cancelled"
    facts: tuple[FactView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedEvent:
    """An event that could not become facts, and why. ``raw`` is its beginning."""

    at: datetime | None
    code: str
    detail: str
    source: str = ""
    topic: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something of the machinery that failed: a function, a delivery, a workflow."""

    at: datetime
    where: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How often the functions counted something of a source: a metric's name, and its sum; or for
    how many orders a lifecycle (``source``) was held back by a reason (``name``) on the way."""

    name: str
    source: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """All of a run. ``title`` names it; ``now`` is the virtual instant at which it was taken."""

    title: Bilingual
    started_at: datetime
    now: datetime
    brands: tuple[BrandView, ...] = ()
    lifecycles: tuple[LifecycleView, ...] = ()
    orders: tuple[OrderView, ...] = ()
    mails: tuple[Mail, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    rejected: tuple[RejectedEvent, ...] = ()
    failures: tuple[Failure, ...] = ()
    events: int = 0
    next_wake_up: datetime | None = None
    figures: tuple[Figure, ...] = ()
    held: tuple[Figure, ...] = ()

    def mails_of(self, candidate: Candidate) -> tuple[Mail, ...]:
        """The mails that went out for a candidate: one where it was sent, else none."""
        return tuple(m for m in self.mails if m.message_id == candidate.message_id)


def by_placement(order: OrderView) -> tuple[bool, str, str, str]:
    """The sort key of orders in a list: by placement, those not placed yet last."""
    placed = order.placed_at.isoformat() if order.placed_at else ""
    return (order.placed_at is None, placed, order.brand, order.order_id)


def merged(boxes: Sequence[Mailbox]) -> Mailbox:
    """Runs of different brands as one. Raises ValueError for no run at all."""
    if not boxes:
        raise ValueError("nothing to merge")
    wake_ups = [box.next_wake_up for box in boxes if box.next_wake_up is not None]
    return replace(
        boxes[0],
        started_at=min(box.started_at for box in boxes),
        now=max(box.now for box in boxes),
        orders=tuple(sorted((o for box in boxes for o in box.orders), key=by_placement)),
        mails=tuple(
            sorted((m for box in boxes for m in box.mails), key=lambda m: (m.at, m.message_id))
        ),
        candidates=tuple(c for box in boxes for c in box.candidates),
        rejected=tuple(
            sorted((r for box in boxes for r in box.rejected), key=lambda r: (str(r.at), r.raw))
        ),
        failures=tuple(
            sorted((f for box in boxes for f in box.failures), key=lambda f: (f.at, f.where))
        ),
        events=sum(box.events for box in boxes),
        next_wake_up=min(wake_ups, default=None),
        figures=summed(figure for box in boxes for figure in box.figures),
        held=summed(figure for box in boxes for figure in box.held),
    )


def summed(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """One figure per name and source, by name and source."""
    sums: Counter[tuple[str, str]] = Counter()
    for figure in figures:
        sums[figure.name, figure.source] += figure.count
    return tuple(Figure(name=n, source=s, count=c) for (n, s), c in sorted(sums.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of a lifecycle's candidates."""

    lifecycle: str
    candidates: int = 0
    sent: int = 0
    failed: int = 0
    waiting: int = 0
    in_flight: int = 0
    skipped: int = 0
    sent_by_message: Mapping[str, int] = field(default_factory=dict)
    skipped_by_reason: Mapping[str, int] = field(default_factory=dict)
    waiting_by_reason: Mapping[str, int] = field(default_factory=dict)
    failed_by_reason: Mapping[str, int] = field(default_factory=dict)


def tally(mailbox: Mailbox) -> tuple[Tally, ...]:
    """One tally per lifecycle, in the order of ``mailbox.lifecycles``."""
    return tuple(
        _tally(view.name, [c for c in mailbox.candidates if c.lifecycle == view.name])
        for view in mailbox.lifecycles
    )


def _tally(lifecycle: str, candidates: list[Candidate]) -> Tally:
    def count(*statuses: EntryStatus) -> int:
        return sum(c.status in statuses for c in candidates)

    def reasons(status: EntryStatus) -> dict[str, int]:
        return _counted(str(c.reason) for c in candidates if c.status is status)

    return Tally(
        lifecycle=lifecycle,
        candidates=len(candidates),
        sent=count(EntryStatus.SENT),
        failed=count(EntryStatus.FAILED),
        waiting=count(EntryStatus.WAITING),
        in_flight=count(*IN_FLIGHT),
        skipped=count(EntryStatus.SKIPPED),
        sent_by_message=_counted(c.message for c in candidates if c.status is EntryStatus.SENT),
        skipped_by_reason=reasons(EntryStatus.SKIPPED),
        waiting_by_reason=reasons(EntryStatus.WAITING),
        failed_by_reason=reasons(EntryStatus.FAILED),
    )


def _counted(words: Iterator[str]) -> dict[str, int]:
    """How often each word occurs, the most frequent first, then by name."""
    return dict(sorted(Counter(words).items(), key=lambda pair: (-pair[1], pair[0])))


def broken_invariants(mailbox: Mailbox) -> list[str]:
    """What must never be true of a run, in one sentence each; an empty list is what we want.

    1. Every candidate is sent, skipped, failed, waiting or on its way, and there is no mail
       without a candidate that says so.
    2. No message went out twice, and every message that is called sent did go out.
    3. A waiting candidate that has a next check has it in the future.
    4. No function, delivery or workflow failed.
    """
    broken = []
    mails = Counter(mail.message_id for mail in mailbox.mails)
    broken += [f"{message} was sent {n} times" for message, n in mails.items() if n > 1]
    known = {c.message_id: c for c in mailbox.candidates}
    for message_id in mails:
        candidate = known.get(message_id)
        if candidate is None:
            broken.append(f"{message_id} was sent without an entry in the ledger")
        elif candidate.status not in {EntryStatus.SENT, *IN_FLIGHT}:
            broken.append(f"{_name(candidate)} was sent but the ledger says {candidate.status}")
    for candidate in mailbox.candidates:
        if candidate.status is EntryStatus.SENT and candidate.message_id not in mails:
            broken.append(f"{_name(candidate)} is SENT in the ledger but never went out")
        overdue = candidate.next_check is not None and candidate.next_check < mailbox.now
        if candidate.status is EntryStatus.WAITING and overdue:
            broken.append(f"{_name(candidate)} still waits for {candidate.next_check}")
    for one in tally(mailbox):
        told = one.sent + one.skipped + one.failed + one.waiting + one.in_flight
        if told != one.candidates:
            broken.append(f"{one.lifecycle}: {one.candidates} candidates, {told} accounted for")
    known_names = {view.name for view in mailbox.lifecycles}
    for candidate in mailbox.candidates:
        if candidate.lifecycle not in known_names:
            broken.append(f"{_name(candidate)} is of no known lifecycle")
    broken += [f"{failure.where} failed: {failure.error}" for failure in mailbox.failures]
    return broken


def _name(candidate: Candidate) -> str:
    return f"{candidate.brand} {candidate.order_id} {candidate.lifecycle}/{candidate.occurrence}"
