"""What is left of a person whose data were erased: that they were, and what they refused.

Nothing here names anybody. It is found by a keyed hash (port ``Erasures``): whoever has the table
and not the key cannot even try addresses out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.customers import Suppression
from shared.domain.events import Channel, ConsentChanged, ConsentMethod, Fact, Purpose


class Trace(StrEnum):
    """What a marker is about."""

    CUSTOMER = "customer"  # a customer key
    ADDRESS = "address"  # an address key
    ORDER = "order"  # an order id
    NUMBER = "number"  # a tracking key


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWord:
    """Evidence of one consent or refusal, without the person: what was said, when and how."""

    channel: Channel
    purpose: Purpose
    granted: bool
    at: datetime
    topic: str | None = None
    method: ConsentMethod | None = None
    wording: str | None = None
    confirmed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """A marker: what it is about was erased at ``at``.

    ``words``: evidence of consent (of a customer); ``stop``: why the address must not be used.
    """

    at: datetime
    words: tuple[KeptWord, ...] = ()
    stop: Suppression | None = None

    def also(self, known: Erased | None) -> Erased:
        """With what an earlier erasure, or an earlier attempt at this one, has kept."""
        if known is None:
            return self
        words = dict.fromkeys((*known.words, *self.words))
        stops = [stop for stop in (known.stop, self.stop) if stop is not None]
        return Erased(
            at=max(self.at, known.at),
            words=tuple(sorted(words, key=lambda word: (word.at, word.channel, word.granted))),
            stop=max(stops, key=lambda stop: stop.rank, default=None),
        )


def kept_words(facts: Iterable[Fact]) -> tuple[KeptWord, ...]:
    """The evidence in facts about consent, each word once."""
    words = (
        KeptWord(
            channel=fact.data.channel,
            purpose=fact.data.purpose,
            granted=fact.data.granted,
            at=fact.metadata.occurred_at,
            topic=fact.data.topic,
            method=fact.data.method,
            wording=fact.data.wording,
            confirmed=fact.data.confirmed,
        )
        for fact in facts
        if isinstance(fact.data, ConsentChanged)
    )
    return tuple(dict.fromkeys(words))
