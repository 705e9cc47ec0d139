"""One message for several parcels: what is true of more than one is said of all of them at once.

An order in three parcels has each of them scanned on its own, seconds or hours apart, and the
customer would get each message three times. So what falls due about one parcel waits for the
others, if there are any, and one of the messages then speaks for all:

    no other parcel can join any more                          SEND at once
    absence, counter, exception: another parcel is under way   WAIT MERGING for the window, then
                                                               SEND with all that joined
    what the clock makes due: another is due in the window     likewise
    moving again: another parcel of which we wrote stands      WAIT MERGING until it moves too
    a message about it is in flight                            WAIT MERGING until that is out

The message has the name of the parcel whose news is the oldest by the facts, and its entry
``covers`` the occurrences of the others: they were told, and never are again. While it waits an
older piece of news may still take the lead. Once it is in flight neither its name nor what it
covers changes any more: a parcel that comes later is other news, with a window of its own.

The window is counted from when the news was due and Yoin knew it (the ledger's first entry), for
a feed that lags brings the scans of an afternoon all at once. See docs/decisions/0035.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.decisions import Candidate, Situation, Verdict
from shared.domain.ledger import IN_FLIGHT
from shared.domain.reasons import Reason
from shared.domain.shipments import WAITS_FOR_CUSTOMER, Status
from shared.lifecycles.delay_alert.incidents import customers_turn, over
from shared.lifecycles.delay_alert.occurrences import (
    ABSENCE,
    EXCEPTION,
    MOVING_AGAIN,
    ORDER,
    PICKUP_WAITING,
    Token,
    subjects,
)

# What the customer has to do something about waits less.
URGENT = frozenset({ABSENCE, PICKUP_WAITING})
# What a scan says, so that nobody knows when the next parcel's comes.
BY_A_SCAN = URGENT | {EXCEPTION}
JOINING, STANDING = "others may join", "others stand still"


def merged(found: Iterable[Candidate], situation: Situation) -> list[Candidate]:
    """The same candidates, of which each message that is due speaks for all parcels it can."""
    solo = list(found)
    due = {c.occurrence: c for c in solo if _due(c, situation.now)}
    answers: dict[str, Candidate] = {}
    for group in _in_flight(due, situation):
        answers |= group
    for kind in dict.fromkeys(_kind(c) for c in due.values()):
        group_of = [c for o, c in due.items() if o not in answers and _kind(c) == kind]
        if group_of:
            answers |= _speaks(group_of, solo, situation)
    return [answers.get(c.occurrence, c) for c in solo]


def _due(candidate: Candidate, now: datetime) -> bool:
    """Whether it is about a parcel and can be said now. News of parcels that move keep: they are
    not too late before the last of them has moved."""
    token = Token.parse(candidate.occurrence)
    if candidate.verdict is not Verdict.SEND or token.subject == ORDER:
        return False
    late = candidate.expires_at is not None and now >= candidate.expires_at
    return not late or token.message == MOVING_AGAIN


def _kind(candidate: Candidate) -> tuple[str, int]:
    token = Token.parse(candidate.occurrence)
    return token.message, token.step


def _in_flight(due: dict[str, Candidate], situation: Situation) -> list[dict[str, Candidate]]:
    """What messages in flight speak for: that, and no more."""
    groups = []
    for entry in situation.history.entries:
        if entry.status not in IN_FLIGHT:
            continue
        leader = entry.key.occurrence
        others = [due[occurrence] for occurrence in entry.covers if occurrence in due]
        group = {c.occurrence: _follows(c, leader) for c in others}
        if leader in due:
            group[leader] = replace(due[leader], covers=tuple(c.occurrence for c in others))
        groups.append(group)
    return groups


def _speaks(
    group: list[Candidate], solo: list[Candidate], situation: Situation
) -> dict[str, Candidate]:
    """One of the group for all of it: at once, or when nobody can join any more."""
    first, *others = sorted(group, key=lambda c: (c.due_at or situation.now, c.occurrence))
    expiries = [c.expires_at for c in group if c.expires_at is not None]
    leader = replace(
        first,
        covers=tuple(c.occurrence for c in others),
        expires_at=max(expiries, default=None),
    )
    if first.message == MOVING_AGAIN:
        # It is news since the last of them moved.
        dues = [c.due_at for c in group if c.due_at is not None]
        leader = replace(leader, due_at=max(dues, default=None))
        if _some_stand(solo, situation):
            return {c.occurrence: _held(c, STANDING, None) for c in (leader, *others)}
    else:
        until = _window_end(group, situation)
        in_time = all(until < expiry for expiry in expiries)
        if situation.now < until and in_time and _may_join(group, solo, until, situation):
            return {c.occurrence: _held(c, JOINING, until) for c in (leader, *others)}
    answers = {c.occurrence: _follows(c, leader.occurrence) for c in others}
    return answers | {leader.occurrence: leader}


def _held(candidate: Candidate, rule: str, until: datetime | None) -> Candidate:
    """It waits, and keeps the time at which it was due."""
    return replace(
        candidate, verdict=Verdict.WAIT, reason=Reason.MERGING, rule=f"merge: {rule}", at=until
    )


def _follows(candidate: Candidate, leader: str) -> Candidate:
    """It is said in another message: that has its own time, and this one looks again after it."""
    return _held(candidate, f"said in {leader}", None)


def _window_end(group: list[Candidate], situation: Situation) -> datetime:
    """The window after the oldest news of the group: since it was due, and Yoin knew of it."""
    delay = situation.policy.delay
    urgent = group[0].message in URGENT
    minutes = delay.merge_minutes if urgent else delay.merge_alert_minutes
    return min(_known_at(c, situation) for c in group) + timedelta(minutes=minutes)


def _known_at(candidate: Candidate, situation: Situation) -> datetime:
    entry = situation.history.entry(candidate.occurrence)
    known_at = situation.now if entry is None else entry.created_at
    known = [at for at in (candidate.due_at, known_at) if at is not None]
    return max(known, default=situation.now)


def _may_join(
    group: list[Candidate], solo: list[Candidate], until: datetime, situation: Situation
) -> bool:
    """Whether the same may become true of another parcel before ``until``."""
    kind = _kind(group[0])
    if kind[1] > 1 or kind[0] not in BY_A_SCAN:
        # Their times are known beforehand.
        soon = [c.at for c in solo if _kind(c) == kind and c.reason is Reason.NOT_YET_DUE]
        return any(at is not None and at <= until for at in soon)
    in_flight = [
        subjects(entry)
        for entry in situation.history.entries
        if entry.status in IN_FLIGHT and entry.message == kind[0]
    ]
    joined = frozenset(Token.parse(c.occurrence).subject for c in group).union(*in_flight)
    return any(
        shipment.shipment_id not in joined
        and shipment.status is not Status.PENDING
        and not customers_turn(shipment)
        and over(situation.order, shipment) is None
        and not _told(kind[0], shipment.shipment_id, situation)
        for shipment in situation.order.active_shipments
    )


def _told(message: str, subject: str, situation: Situation) -> bool:
    """Whether it was said of a parcel. An absence has its day, and may come again."""
    first = Token(message=message, subject=subject, step=1)
    return message != ABSENCE and situation.history.told(str(first)) is not None


def _some_stand(solo: list[Candidate], situation: Situation) -> bool:
    """Whether a parcel of which we wrote neither moves yet nor waits for the customer."""
    waiting = {
        Token.parse(c.occurrence).subject
        for c in solo
        if c.message == MOVING_AGAIN and c.verdict is Verdict.WAIT
    }
    return any(
        shipment.shipment_id in waiting
        and shipment.status not in WAITS_FOR_CUSTOMER | {Status.HELD}
        for shipment in situation.order.active_shipments
    )
