"""The words of this lifecycle: its message kinds, and the tokens that name a message for ever."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.ledger import LedgerEntry

DISPATCH_DELAYED, PICKUP_DELAYED = "dispatch_delayed", "pickup_delayed"
TRANSIT_DELAYED, EXCEPTION, LATE = "transit_delayed", "exception", "late"
ABSENCE, PICKUP_WAITING, MOVING_AGAIN = "absence", "pickup_waiting", "moving_again"

# The messages that count against the maximum per order.
ALERTS = frozenset({DISPATCH_DELAYED, PICKUP_DELAYED, TRANSIT_DELAYED, EXCEPTION, LATE})
# The subject of a message that is about the order and not about one of its parcels.
ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An occurrence, taken apart. ``episode`` is there for absences and moving_again only."""

    message: str
    subject: str
    step: int
    episode: str = ""

    def __str__(self) -> str:
        middle = f"{self.subject}:{self.episode}" if self.episode else self.subject
        return f"{self.message}:{middle}:{self.step}"

    @classmethod
    def parse(cls, occurrence: str) -> Token:
        """The parts of an occurrence of this lifecycle. A shipment's id may hold colons."""
        message, rest = occurrence.split(":", 1)
        subject, step = rest.rsplit(":", 1)
        episode = ""
        if message in {ABSENCE, MOVING_AGAIN}:
            subject, episode = subject.rsplit(":", 1)
        return cls(message=message, subject=subject, step=int(step), episode=episode)


def subjects(entry: LedgerEntry) -> frozenset[str]:
    """What a message was about: parcels (shipment ids), or the order."""
    return frozenset(Token.parse(one).subject for one in (entry.key.occurrence, *entry.covers))
