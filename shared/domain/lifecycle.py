"""What a lifecycle declares about itself. From this follow its rule, state machine, alarms,
dashboard row, demo entry and documentation row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from shared.domain.decisions import Candidate, Situation
from shared.domain.events import FACTS, Channel, Purpose
from shared.domain.ledger import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A lifecycle's declaration.

    ``name`` is the one token it has everywhere. ``triggers`` are the fact types that start it,
    ``channels`` its channels in the order of preference: the first that the customer can be
    reached on is used. ``messages`` are the kinds of message, each with its templates.
    ``sees_other_orders``: whether its decisions depend on the customer's other orders;
    ``watches_feed``: whether they depend on when carriers were last heard of at all.
    ``priority``: who speaks first when several want to (None: by the purpose).
    ``title`` and ``summary`` are for people, as (ja, en).
    """

    name: str
    purpose: Purpose
    triggers: tuple[str, ...]
    channels: tuple[Channel, ...]
    messages: tuple[str, ...]
    title: tuple[str, str]
    summary: tuple[str, str]
    sees_other_orders: bool = False
    watches_feed: bool = False
    priority: Priority | None = None

    @property
    def rank(self) -> Priority:
        """The priority that counts."""
        if self.priority is not None:
            return self.priority
        return Priority.PROMOTION if self.purpose is Purpose.MARKETING else Priority.CONFIRMATION

    def __post_init__(self) -> None:
        unknown = [name for name in self.triggers if name not in FACTS]
        if unknown:
            raise ValueError(f"{self.name}: unknown trigger facts {unknown}")
        if not self.messages or not self.channels or not self.triggers:
            raise ValueError(f"{self.name}: needs triggers, channels and messages")


class Lifecycle(Protocol):
    """The module ``shared/lifecycles/<name>/lifecycle.py``."""

    SPEC: Spec
    decide: Callable[[Situation], tuple[Candidate, ...]]
    content: Callable[[Candidate, Situation], dict[str, Any]]
