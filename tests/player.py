"""Plays a lifecycle over facts as they arrive: the decide loop with the real gate, no stores.

Also Japanese wall-clock times, and the comparison of a context with its sample.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shared.calendars import business_calendar
from shared.domain.customers import NOBODY, Customer
from shared.domain.decisions import Action, Candidate, History, Situation, Verdict, next_step
from shared.domain.events import Fact, ShipmentUpdated
from shared.domain.folding import fold, merge
from shared.domain.gate import evaluate
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.lifecycle import Lifecycle
from shared.domain.orders import OrderRecord
from shared.domain.policy import Policy
from shared.domain.reasons import Reason
from shared.domain.values import utc
from tests.builders import BRAND, ORDER, POLICY, entry

# With 年末年始, as the demo brand keeps it.
JAPAN = replace(POLICY, calendar=business_calendar("JP"))


def jst(text: str, zone: str = "Asia/Tokyo") -> datetime:
    """``"2025-11-20 11:24"`` (or only the date) on Japanese clocks, in UTC."""
    return utc(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


@dataclass(frozen=True)
class Played:
    """What a lifecycle did: messages as (time, occurrence), the ledger, the last decision."""

    sent: tuple[tuple[datetime, str], ...]
    entries: tuple[LedgerEntry, ...]
    last: tuple[Candidate, ...]
    wakes: int

    @property
    def occurrences(self) -> list[str]:
        """The occurrences of the messages, in the order of sending."""
        return [occurrence for _, occurrence in self.sent]

    @property
    def skipped(self) -> dict[str, Reason]:
        """The occurrences that ended unsent, with their reason."""
        gone = [e for e in self.entries if e.status is EntryStatus.SKIPPED]
        return {e.key.occurrence: e.reason for e in gone}

    @property
    def waiting(self) -> dict[str, Reason]:
        """The occurrences that are still waited for, with their reason."""
        open_ = [e for e in self.entries if e.status is EntryStatus.WAITING]
        return {e.key.occurrence: e.reason for e in open_}


def as_it_happens(*facts: Fact, lag: timedelta = timedelta(0)) -> list[tuple[datetime, Fact]]:
    """Arrivals in the order of events, each ``lag`` after it happened."""
    return sorted(
        ((one.metadata.occurred_at + lag, one) for one in facts), key=lambda pair: pair[0]
    )


def play(
    lifecycle: Lifecycle,
    arrivals: Iterable[tuple[datetime, Fact]],
    *,
    until: datetime,
    policy: Policy = JAPAN,
    customer: Customer = NOBODY,
    feed: Iterable[datetime] = (),
) -> Played:
    """Run a lifecycle over facts as they arrive, through the gate, until ``until``.

    ``feed``: instants at which carrier events of other orders of the brand arrived; those of
    this order count by themselves. Every wake-up that a decision asks for happens exactly when
    it asks. A wake-up that is not after its decision, an occurrence sent twice, and a loop that
    does not come to rest are failures.
    """
    queue = sorted(arrivals, key=lambda pair: pair[0])
    others = sorted(feed)
    record = OrderRecord(brand=BRAND, order_id=ORDER)
    ledger: dict[str, LedgerEntry] = {}
    sent: list[tuple[datetime, str]] = []
    last: tuple[Candidate, ...] = ()
    own_scan: datetime | None = None
    wake: datetime | None = None
    wakes = 0
    while True:
        times = [at for at in (queue[0][0] if queue else None, wake) if at is not None]
        if not times or (now := min(times)) > until:
            break
        wake = None
        while queue and queue[0][0] <= now:
            at, one = queue.pop(0)
            record = merge(record, [one])
            record = replace(record, first_recorded_at=record.first_recorded_at or at)
            if isinstance(one.data, ShipmentUpdated):
                own_scan = at
        heard = [at for at in (*others, own_scan) if at is not None and at <= now]
        for _ in range(12):
            wakes += 1
            situation = Situation(
                order=fold(record),
                customer=customer,
                history=History(entries=tuple(ledger.values())),
                policy=policy,
                now=now,
                feed_seen_at=max(heard, default=None),
            )
            judged = evaluate(lifecycle.SPEC, lifecycle.decide, situation)
            last = tuple(one.candidate for one in judged)
            _keep(lifecycle, ledger, last, now)
            step = next_step((one.candidate, one.channel) for one in judged)
            if step.action is not Action.SEND or step.candidate is None:
                break
            occurrence = step.candidate.occurrence
            assert occurrence not in [known for _, known in sent], f"sent twice: {occurrence}"
            lifecycle.content(step.candidate, situation)
            sent.append((now, occurrence))
            ledger[occurrence] = replace(
                ledger[occurrence], status=EntryStatus.SENT, sent_at=now, reason=Reason.DUE
            )
        else:
            raise AssertionError("it does not come to rest")
        if step.wake_at is not None:
            assert step.wake_at > now, f"a wake-up that is not to come: {step.wake_at} at {now}"
            wake = step.wake_at
    return Played(sent=tuple(sent), entries=tuple(ledger.values()), last=last, wakes=wakes)


def _keep(
    lifecycle: Lifecycle,
    ledger: dict[str, LedgerEntry],
    candidates: tuple[Candidate, ...],
    now: datetime,
) -> None:
    """What the use case writes: each candidate its entry, and none left waiting for nothing."""
    for candidate in candidates:
        skipped = candidate.verdict is Verdict.SKIP
        known = ledger.get(candidate.occurrence)
        ledger[candidate.occurrence] = entry(
            lifecycle.SPEC.name,
            candidate.occurrence,
            EntryStatus.SKIPPED if skipped else EntryStatus.WAITING,
            now,
            message=candidate.message,
            skus=candidate.skus,
            covers=candidate.covers,
            due_at=candidate.due_at,
            created_at=known.created_at if known else now,
        )
        ledger[candidate.occurrence] = replace(
            ledger[candidate.occurrence], reason=candidate.reason, rule=candidate.rule
        )
    seen = {candidate.occurrence for candidate in candidates}
    for occurrence, known in ledger.items():
        if known.status is EntryStatus.WAITING and occurrence not in seen:
            ledger[occurrence] = replace(
                known, status=EntryStatus.SKIPPED, reason=Reason.SUPERSEDED
            )


# --- contexts --------------------------------------------------------------------

LIFECYCLES = Path(__file__).parent.parent / "shared" / "lifecycles"


def sample(lifecycle: str, message: str, locale: str = "ja") -> dict[str, Any]:
    """The sample context of a message: the contract with its templates."""
    path = LIFECYCLES / lifecycle / "templates" / f"{message}.sample.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))[locale]
    return found


def misfits(content: object, model: object, path: str = "") -> list[str]:
    """Where a context differs in shape from its sample; [] when nowhere.

    null fits everything; of a list every element must fit the sample's first. The optional
    top-level ``zone`` need not stand in a sample.
    """
    if content is None or model is None:
        return []
    if isinstance(content, dict) and isinstance(model, dict):
        extra = set(content) - set(model) - ({"zone"} if not path else set())
        found = [f"{path}.{key}: not in the sample" for key in sorted(extra)]
        found += [f"{path}.{key}: missing" for key in sorted(set(model) - set(content))]
        for key in sorted(set(content) & set(model)):
            found += misfits(content[key], model[key], f"{path}.{key}")
        return found
    if isinstance(content, list) and isinstance(model, list):
        if not model:
            return []
        return [f for i, one in enumerate(content) for f in misfits(one, model[0], f"{path}[{i}]")]
    if type(content) is not type(model):
        return [f"{path}: {type(content).__name__}, the sample has {type(model).__name__}"]
    return []
