"""A person as a brand knows them: consent, suppression, what they were sent, their orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shared.domain.events import (
    Channel,
    ConsentChanged,
    Fact,
    Frequency,
    PreferencesChanged,
    PrivacyKind,
    PrivacyRequested,
    Purpose,
    SubscriptionChanged,
)
from shared.domain.ledger import LedgerEntry
from shared.domain.orders import Order
from shared.domain.values import utc


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecord:
    """What is stored of one person: the newest fact per key, mergeable like an order's."""

    brand: str
    key: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A word about an address: a hard bounce, a complaint, a block, a manual stop.

    Such an address must not be used again. ``lifted``: it may be used after all. The channel
    itself took a block back (the person follows the LINE account again), or a person at the shop
    knows better (reason MANUAL). ``by`` and ``why``: of a person's word, for the record.
    ``until``: of an address that only rests (shared/domain/bounces.py); such a word is never
    stored, it follows from what bounced.
    """

    channel: Channel
    reason: str
    since: datetime
    lifted: bool = False
    by: str = ""
    why: str = ""
    until: datetime | None = None

    @property
    def rank(self) -> str:
        """Of all words about one address the one with the highest rank stands.

        So their order of arrival does not matter. Words that the channel does not take back beat
        those that it does: who follows a LINE account again has not taken a complaint back. Of
        each kind the newest stands, and of two at one instant the one against the address: a
        person lifts what was said until then, and a bounce after that counts anew.
        """
        micros = (utc(self.since) - _EPOCH) // _MICROSECOND
        kind = 0 if (self.channel, self.reason) in REVOCABLE | LIFTS else 1
        return f"{kind}:{micros:020d}:{0 if self.lifted else 1}:{self.reason}"


# What a channel itself takes back: who blocks a LINE account can unblock it, which LINE tells; who
# has answered STOP to a text message can answer START. A mail address that bounced or complained
# comes back by no word of the provider: only people lift it.
MANUAL = "MANUAL"
REVOCABLE = frozenset({(Channel.LINE, "BLOCKED"), (Channel.SMS, "OPTED_OUT")})
LIFTS = frozenset({(Channel.LINE, "FOLLOWED"), (Channel.SMS, "OPTED_IN")})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person said last about a channel and purpose. ``confirmed``: by double opt-in;
    None where nobody says whether it was."""

    at: datetime
    granted: bool
    confirmed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A marketing message that takes up room under the person's caps, from ``at`` on."""

    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """The room that a person's marketing takes up: claimed before a message is handed over, so
    that two lifecycles at one instant cannot both use the last of it."""

    brand: str
    key: str
    taken: tuple[Slot, ...] = ()
    version: int = 0

    def claim(self, message_id: str, now: datetime) -> Slots:
        """With the message, and without what no cap looks back at any more."""
        kept = (s for s in self.taken if s.message_id != message_id and now - s.at < SLOTS_FOR)
        return replace(self, taken=(*kept, Slot(message_id=message_id, at=now)))

    def release(self, message_id: str) -> Slots:
        """Without the message."""
        return replace(self, taken=tuple(s for s in self.taken if s.message_id != message_id))


# The longest window of a cap or a wish ("one a month at most") is 30 days.
SLOTS_FOR = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A person's standing at the moment of a decision.

    ``words``: the last word per (channel, purpose, topic), topic None for all topics.
    ``orders`` are the person's other orders (for marketing, and where a lifecycle asks for
    them), ``sent`` what they were sent over all orders and lifecycles, ``slots`` the room that
    marketing has claimed.
    """

    key: str | None
    words: Mapping[tuple[Channel, Purpose, str | None], Word] = field(default_factory=dict)
    suppressions: Mapping[Channel, Suppression] = field(default_factory=dict)
    subscriptions: Mapping[str, bool] = field(default_factory=dict)
    frequency: Frequency = Frequency.ALL
    paused_until: datetime | None = None
    stopped_skus: frozenset[str] = frozenset()
    sent: tuple[LedgerEntry, ...] = ()
    slots: tuple[Slot, ...] = ()
    orders: tuple[Order, ...] = ()

    def word(
        self, channel: Channel, purpose: Purpose = Purpose.MARKETING, topic: str | None = None
    ) -> Word | None:
        """The word that counts for a topic; None where nothing was ever said.

        A refusal of the topic stands until the topic itself is granted again: a box ticked at a
        checkout does not renew it. A refusal of everything stands until a newer grant, of
        everything or of the topic.
        """
        general = self.words.get((channel, purpose, None))
        own = self.words.get((channel, purpose, topic)) if topic else None
        if own is None or general is None:
            return own or general
        if not own.granted:
            return own
        if not general.granted:
            return general if general.at >= own.at else own
        # Both are yes: the address is confirmed if either was.
        return replace(own, confirmed=own.confirmed or general.confirmed)


NOBODY = Customer(key=None)


@dataclass(slots=True)
class _Said:
    """The newest words of each kind about one (channel, purpose, topic)."""

    refused: datetime | None = None
    granted: datetime | None = None
    confirmed: bool | None = None
    confirmed_at: datetime | None = None

    def add(self, at: datetime, granted: bool, confirmed: bool | None) -> None:
        """Take in a word, in whatever order they come."""
        if not granted:
            self.refused = max(self.refused or at, at)
            return
        if self.granted is None or at > self.granted:
            self.granted, self.confirmed = at, confirmed
        elif at == self.granted and not confirmed:
            # Of two grants at one instant the one that is not confirmed counts.
            self.confirmed = False if False in {confirmed, self.confirmed} else None
        if confirmed:
            self.confirmed_at = max(self.confirmed_at or at, at)

    def word(self, of_everything: _Said | None) -> Word:
        """The word that stands. ``of_everything``: what was said about all topics, for one."""
        if self.granted is None or (self.refused is not None and self.refused >= self.granted):
            return Word(at=self.refused or _EPOCH, granted=False)
        # A proof lasts until the next refusal, of the topic or of everything.
        refusals = [said.refused for said in (self, of_everything) if said and said.refused]
        proved = self.confirmed_at is not None and self.confirmed_at > max(refusals, default=_EPOCH)
        unproved = None if self.confirmed else self.confirmed
        return Word(at=self.granted, granted=True, confirmed=True if proved else unproved)


def fold_customer(
    record: CustomerRecord,
    *,
    orders: tuple[Order, ...] = (),
    suppressions: Mapping[Channel, Suppression] | None = None,
    sent: tuple[LedgerEntry, ...] = (),
    slots: tuple[Slot, ...] = (),
) -> Customer:
    """The person that a record and their orders tell.

    Consent seen at a checkout counts from that checkout on; a later word replaces it, and of
    two words at the same instant the refusal wins. Who asks for the erasure of their data has
    refused all marketing with that.
    """
    said: dict[tuple[Channel, Purpose, str | None], _Said] = {}
    subscriptions: dict[str, bool] = {}
    wishes: PreferencesChanged | None = None
    for fact in sorted(record.facts.values(), key=lambda fact: fact.stamp):
        at, data = fact.metadata.occurred_at, fact.data
        if isinstance(data, ConsentChanged):
            about = (data.channel, data.purpose, data.topic)
            said.setdefault(about, _Said()).add(at, data.granted, data.confirmed)
        elif isinstance(data, PreferencesChanged):
            wishes = data
        elif isinstance(data, SubscriptionChanged):
            subscriptions[data.sku] = data.active
        elif isinstance(data, PrivacyRequested) and data.kind is PrivacyKind.ERASURE:
            for channel in Channel:
                said.setdefault((channel, Purpose.MARKETING, None), _Said()).add(at, False, None)
    for order in orders:
        for at, seen in order.consents:
            about = (seen.channel, seen.purpose, None)
            said.setdefault(about, _Said()).add(at, seen.granted, seen.confirmed)
    return Customer(
        key=record.key,
        words={
            (channel, purpose, topic): words.word(said.get((channel, purpose, None)))
            for (channel, purpose, topic), words in said.items()
        },
        suppressions=suppressions or {},
        subscriptions=subscriptions,
        frequency=wishes.frequency if wishes else Frequency.ALL,
        paused_until=wishes.paused_until if wishes else None,
        stopped_skus=frozenset(wishes.stopped_skus) if wishes else frozenset(),
        sent=sent,
        slots=slots,
        orders=orders,
    )
