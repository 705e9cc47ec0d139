"""What providers report afterwards, as facts: about a message, and about an address.

A ``MessageReported`` finds its entry in the ledger and settles it where the outcome was unknown.
A ``ContactabilityChanged`` suppresses exactly the address that it names, or lifts the suppression
where the channel itself takes it back. Both may come late, early, twice and in any order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from shared.domain.customers import LIFTS, Suppression
from shared.domain.errors import Conflict, RetryableError
from shared.domain.events import ContactabilityChanged, Fact, MessageReported, ProviderWord
from shared.domain.ledger import IN_FLIGHT, EntryStatus, LedgerEntry, is_message_id
from shared.domain.reasons import Reason
from shared.domain.values import address_key
from shared.ports import World
from shared.usecases.decide import outcome

# A provider's id is in the ledger as soon as the function that handed the message over has
# ended, which it does within 30 seconds, and the index has followed. A record that finds none
# when it is older than this is about a message that somebody else sent from the same account.
# Less than the three minutes after which Lambda tries for the last time what logs hand to it.
UNCLAIMED_AFTER = timedelta(minutes=2)

OF_NO_CONSEQUENCE = frozenset({ProviderWord.OTHER, ProviderWord.DELAYED, ProviderWord.SOFT_BOUNCED})
_ATTEMPTS = 5


def feedback(world: World, facts: Iterable[Fact]) -> int:
    """Apply the facts of one record of a provider, and publish what is said about addresses.

    Idempotent. A record that names no brand is of the brand whose message it is about; one about
    a message of nobody's is dropped whole. Returns how many reports were dropped so. Raises
    RetryableError where the entry cannot be read yet.
    """
    record = tuple(facts)
    # An address is dead whether or not the message's entry can be found.
    _spread(world, [fact for fact in record if fact.metadata.brand is not None])
    brand, unclaimed = None, 0
    for fact in record:
        if isinstance(fact.data, MessageReported) and fact.data.word not in OF_NO_CONSEQUENCE:
            entry = _report(world, fact, fact.data)
            unclaimed += entry is None
            brand = entry.key.brand if entry else None
    if brand is not None:
        nameless = (fact for fact in record if fact.metadata.brand is None)
        _spread(world, [replace(f, metadata=replace(f.metadata, brand=brand)) for f in nameless])
    return unclaimed


def apply(world: World, fact: Fact) -> None:
    """Apply one fact that names its brand; publishing it is the caller's. Else as ``feedback``."""
    if isinstance(fact.data, ContactabilityChanged):
        _contact(world, fact, fact.data)
    elif isinstance(fact.data, MessageReported) and fact.data.word not in OF_NO_CONSEQUENCE:
        _report(world, fact, fact.data)


def _spread(world: World, facts: Iterable[Fact]) -> None:
    told = []
    for fact in facts:
        if isinstance(fact.data, ContactabilityChanged):
            _contact(world, fact, fact.data)
            told.append(fact)
    if told:
        world.publisher.facts(told)


def _contact(world: World, fact: Fact, data: ContactabilityChanged) -> None:
    if fact.metadata.brand is None:
        raise ValueError("a fact without a brand cannot be stored")
    if data.reachable and (data.channel, data.reason) not in LIFTS:
        return
    word = Suppression(
        channel=data.channel,
        reason=data.reason,
        since=fact.metadata.occurred_at,
        lifted=data.reachable,
    )
    key = address_key(fact.metadata.brand, data.channel, data.address)
    world.customers.suppress(fact.metadata.brand, key, word)


def _report(world: World, fact: Fact, data: MessageReported) -> LedgerEntry | None:
    """Bring the report into the message's entry; None for a message that is none of ours."""
    for _ in range(_ATTEMPTS):
        entry = _entry(world, data)
        if entry is None:
            if _may_come(world, fact, data):
                told = data.message_id or data.provider_id
                raise RetryableError(f"no entry yet for message {told}")
            return None
        after = _after(entry, fact, data)
        if after == entry:
            return entry
        try:
            world.ledger.put(after)
        except Conflict:
            continue
        if after.status is not entry.status:
            kind = "MessageSent" if after.status is EntryStatus.SENT else "MessageFailed"
            world.publisher.outcome(outcome(kind, after, fact.metadata.occurred_at))
        return after
    raise RetryableError(f"message {data.message_id} is being written to by too many at once")


def _entry(world: World, data: MessageReported) -> LedgerEntry | None:
    found = world.ledger.by_message_id(data.message_id) if data.message_id else None
    if found is None and data.provider_id:
        found = world.ledger.by_provider_id(data.provider_id)
    # An index may lag; the entry itself is read as it stands.
    return world.ledger.get(found.key) if found else None


def _may_come(world: World, fact: Fact, data: MessageReported) -> bool:
    """Whether the entry of a report may only not be there yet."""
    if data.message_id:
        return is_message_id(data.message_id)
    return world.clock.now() < fact.metadata.occurred_at + UNCLAIMED_AFTER


def _after(entry: LedgerEntry, fact: Fact, data: MessageReported) -> LedgerEntry:
    """The entry as it stands after the provider's word."""
    at = fact.metadata.occurred_at
    if data.word is ProviderWord.REJECTED:
        if entry.status is EntryStatus.FAILED:
            return entry
        return replace(
            entry,
            status=EntryStatus.FAILED,
            reason=Reason.REFUSED_BY_PROVIDER,
            next_check=None,
            lease_until=None,
        )
    after = entry
    # Any later word (delivered, bounced, complained) proves that it was accepted, even of a
    # message that was given up because no word came in time.
    given_up = entry.status is EntryStatus.FAILED and entry.reason is Reason.OUTCOME_UNKNOWN
    if given_up or entry.status in IN_FLIGHT or entry.status is EntryStatus.WAITING:
        after = replace(
            after,
            status=EntryStatus.SENT,
            reason=Reason.DUE,
            provider_id=data.provider_id or entry.provider_id,
            sent_at=at,
            lease_until=None,
            next_check=None,
        )
    if data.word is ProviderWord.DELIVERED:
        return replace(after, delivered_at=min(after.delivered_at or at, at))
    weightier = {
        ProviderWord.BOUNCED: (Reason.BOUNCED, {Reason.COMPLAINED, Reason.REFUSED_BY_PROVIDER}),
        ProviderWord.COMPLAINED: (Reason.COMPLAINED, {Reason.REFUSED_BY_PROVIDER}),
    }
    if data.word in weightier:
        reason, others = weightier[data.word]
        if after.reason not in others:
            after = replace(after, reason=reason)
    return after
