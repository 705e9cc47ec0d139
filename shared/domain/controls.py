"""What people and guards have switched for a brand: pauses, the brake, approvals, ceilings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

ALL, MARKETING = "all", "marketing"
"""What a pause can cover beside a single lifecycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Somebody stopped sending. ``by`` and ``why`` are for the record, without personal data."""

    since: datetime
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """Marketing was stopped because too much came back. ``rate`` is what ``cause`` had reached.

    ``cause``: "bounces" or "complaints".
    """

    since: datetime
    cause: str
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Somebody has seen the count and lets a lifecycle speak about the past.

    It covers what the ledger knew of by ``at``, and nothing that turns up later. ``historical``:
    it is about imported orders.
    """

    lifecycle: str
    at: datetime
    by: str
    count: int
    historical: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """All switches of a brand. ``pauses``: by scope (ALL, MARKETING or a lifecycle).

    ``ceilings``: marketing lifecycles that reached their ceiling: parked since then, until
    somebody approves. ``lifted``: lifecycles without a ceiling until then, because somebody
    approved. ``brake_released_at``: what came back before that no longer counts. ``sms_spent``:
    the budget for text messages that ran out (``limits.sms_budget``), for ALL or for MARKETING.
    """

    brand: str
    pauses: Mapping[str, Pause] = field(default_factory=dict)
    brake: Brake | None = None
    brake_released_at: datetime | None = None
    approvals: tuple[Approval, ...] = ()
    ceilings: Mapping[str, datetime] = field(default_factory=dict)
    lifted: Mapping[str, datetime] = field(default_factory=dict)
    sms_spent: Mapping[str, str] = field(default_factory=dict)
    version: int = 0

    def paused(self, lifecycle: str, *, marketing: bool) -> Pause | None:
        """The pause that covers a lifecycle, or None."""
        for scope in (ALL, *((MARKETING,) if marketing else ()), lifecycle):
            if scope in self.pauses:
                return self.pauses[scope]
        return None

    def with_approval(self, approval: Approval) -> Controls:
        """The switches with one more approval. It covers all that earlier ones of its kind did."""
        kind = (approval.lifecycle, approval.historical)
        others = (one for one in self.approvals if (one.lifecycle, one.historical) != kind)
        return replace(self, approvals=(*others, approval))

    def approved(self, lifecycle: str, known_at: datetime, *, historical: bool) -> bool:
        """Whether somebody approved what the ledger has known of since ``known_at``."""
        return any(
            approval.lifecycle == lifecycle
            and approval.historical == historical
            and known_at <= approval.at
            for approval in self.approvals
        )


NO_CONTROLS = Controls(brand="")
