"""A person as a brand knows them: consent, suppression, what they were sent, their orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.domain.events import (
    Channel,
    ConsentChanged,
    Fact,
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

    Such an address must not be used again. ``lifted``: the channel itself took a block back
    (the person follows the LINE account again), and the address may be used.
    """

    channel: Channel
    reason: str
    since: datetime
    lifted: bool = False

    @property
    def rank(self) -> str:
        """Of all words about one address the one with the highest rank stands.

        So their order of arrival does not matter: a word that nobody takes back beats every
        other, the first of them stays; else the newest stands, and of two at one instant the
        one against the address.
        """
        micros = (utc(self.since) - _EPOCH) // _MICROSECOND
        if self.lifted or (self.channel, self.reason) in REVOCABLE:
            return f"0:{micros:020d}:{0 if self.lifted else 1}:{self.reason}"
        return f"1:{_FAR - micros:020d}:{self.reason}"


# What a channel itself takes back: who blocks a LINE account can unblock it, which LINE tells. A
# mail address that bounced or complained comes back by no word of the provider.
REVOCABLE = frozenset({(Channel.LINE, "BLOCKED")})
LIFTS = frozenset({(Channel.LINE, "FOLLOWED")})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FAR = 10**19


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A person's standing at the moment of a decision.

    ``orders`` are the person's other orders (only where a lifecycle asks for them), ``sent``
    the marketing and review messages that they were sent, over all orders and lifecycles.
    """

    key: str | None
    consents: Mapping[tuple[Channel, Purpose], tuple[datetime, bool]] = field(default_factory=dict)
    suppressions: Mapping[Channel, Suppression] = field(default_factory=dict)
    subscriptions: Mapping[str, bool] = field(default_factory=dict)
    sent: tuple[LedgerEntry, ...] = ()
    orders: tuple[Order, ...] = ()


NOBODY = Customer(key=None)


def fold_customer(
    record: CustomerRecord,
    *,
    orders: tuple[Order, ...] = (),
    suppressions: Mapping[Channel, Suppression] | None = None,
    sent: tuple[LedgerEntry, ...] = (),
) -> Customer:
    """The person that a record and their orders tell.

    Consent seen at a checkout counts from that checkout on; a later word replaces it, and of
    two words at the same instant the refusal wins. Who asks for the erasure of their data has
    refused all marketing with that.
    """
    words: list[tuple[datetime, bool, tuple[Channel, Purpose]]] = []
    subscriptions: dict[str, bool] = {}
    for fact in sorted(record.facts.values(), key=lambda fact: fact.stamp):
        if isinstance(fact.data, ConsentChanged):
            data = fact.data
            words.append((fact.metadata.occurred_at, data.granted, (data.channel, data.purpose)))
        elif isinstance(fact.data, SubscriptionChanged):
            subscriptions[fact.data.sku] = fact.data.active
        elif isinstance(fact.data, PrivacyRequested) and fact.data.kind is PrivacyKind.ERASURE:
            at = fact.metadata.occurred_at
            words.extend((at, False, (channel, Purpose.MARKETING)) for channel in Channel)
    for order in orders:
        for at, seen in order.consents:
            words.append((at, seen.granted, (seen.channel, seen.purpose)))
    consents: dict[tuple[Channel, Purpose], tuple[datetime, bool]] = {}
    # granted=True sorts after False: reversed, so that the refusal of an instant comes last.
    for at, granted, what in sorted(words, key=lambda word: (word[0], not word[1], word[2])):
        consents[what] = (at, granted)
    return Customer(
        key=record.key,
        consents=consents,
        suppressions=suppressions or {},
        subscriptions=subscriptions,
        sent=sent,
        orders=orders,
    )
