"""Addresses that bounce for a while: how long they rest, and when they are used again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.domain.customers import Suppression
from shared.domain.events import Channel
from shared.domain.policy import SoftBouncePolicy

SOFT_BOUNCED = "SOFT_BOUNCED"
# No policy counts further back than that many in a row.
_KEPT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftBounces:
    """What bounced for now at one address since something last arrived there.

    ``bounced``: the provider's id of a message to when it bounced; ``arrived_at``: when something
    last arrived, or a person said that the address is good. The same words give the same record,
    in whatever order and however often they come.
    """

    brand: str
    address_key: str
    bounced: Mapping[str, datetime] = field(default_factory=dict)
    arrived_at: datetime | None = None
    version: int = 0

    def bounce(self, message: str, at: datetime) -> SoftBounces:
        """With a message that bounced for now; told again it counts once."""
        known = self.bounced.get(message, at)
        return self._with({**self.bounced, message: min(known, at)}, self.arrived_at)

    def arrived(self, at: datetime) -> SoftBounces:
        """Something arrived: what bounced until then no longer counts."""
        return self._with(self.bounced, max(self.arrived_at or at, at))

    def _with(self, bounced: Mapping[str, datetime], arrived_at: datetime | None) -> SoftBounces:
        since = [
            (at, message)
            for message, at in bounced.items()
            if arrived_at is None or at > arrived_at
        ]
        newest = sorted(since)[-_KEPT:]
        return replace(self, bounced={message: at for at, message in newest}, arrived_at=arrived_at)

    def rest(self, channel: Channel, policy: SoftBouncePolicy, now: datetime) -> Suppression | None:
        """Why the address is not used at ``now``; None where it is.

        After its rest one message tries: if it bounces as well the address rests again, if it
        arrives the count begins anew.
        """
        times = sorted(self.bounced.values())
        if len(times) < policy.limit or times[-1] - times[0] < timedelta(days=policy.over_days):
            return None
        until = times[-1] + timedelta(days=policy.rest_days)
        if now >= until:
            return None
        return Suppression(channel=channel, reason=SOFT_BOUNCED, since=times[-1], until=until)
