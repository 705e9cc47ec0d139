"""What one word of a provider changes: the entry of the message, the address, the brake.

Words may come late, early, twice, by two ways and in any order; the ledger and the addresses end
the same. What follows from an entry (a refusal, a lifecycle that is to look again) is told again
when the word comes again: whoever was to tell it first may have died before it could.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.bounces import SoftBounces
from shared.domain.controls import Brake
from shared.domain.customers import LIFTS, Suppression, fold_customer
from shared.domain.errors import Conflict, RetryableError
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    ContactabilityChanged,
    Fact,
    MessageReported,
    Metadata,
    ProviderWord,
)
from shared.domain.folding import fold
from shared.domain.ledger import IN_FLIGHT, EntryStatus, LedgerEntry, is_message_id
from shared.domain.reasons import Reason
from shared.domain.values import Party, address_key, customer_key, instant_text
from shared.ports import World
from shared.usecases.brake import Figure, check_brake, count, count_sent
from shared.usecases.decide import outcome

# A provider's id is in the ledger as soon as the function that handed the message over has
# ended, which it does within 30 seconds, and the index has followed. A record that finds none
# when it is older than this is about a message that somebody else sent from the same account.
# Less than the three minutes after which Lambda tries for the last time what logs hand to it.
UNCLAIMED_AFTER = timedelta(minutes=2)

# What a person answers to a text message.
ANSWERS = frozenset({ProviderWord.STOPPED, ProviderWord.RESUMED})
OF_NO_CONSEQUENCE = frozenset({ProviderWord.OTHER, ProviderWord.DELAYED})
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a word changed.

    ``brand``: whose message it was about; None where that is not known. ``unclaimed``: it is about
    a message of nobody's. ``refusal``: what the person has said with it, still to be taken in.
    ``brake``: what it has pulled.
    """

    brand: str | None = None
    unclaimed: bool = False
    refusal: Fact | None = None
    brake: Brake | None = None


NOTHING = Told()


def apply(world: World, fact: Fact) -> Told:
    """Apply a provider's word about a message or an address. Publishing it is the caller's.

    Raises RetryableError where the entry cannot be read yet, ValueError for a word about an
    address without a brand.
    """
    if isinstance(fact.data, ContactabilityChanged):
        _contact(world, fact, fact.data)
        return Told(brand=fact.metadata.brand)
    if isinstance(fact.data, MessageReported) and fact.data.word not in OF_NO_CONSEQUENCE:
        if fact.data.word is ProviderWord.SOFT_BOUNCED:
            return _soft_bounce(world, fact, fact.data)
        return _report(world, fact, fact.data)
    return NOTHING


# --- addresses ---------------------------------------------------------------------------------


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


def _soft_bounce(world: World, fact: Fact, data: MessageReported) -> Told:
    """Count it for the addresses that it names, and no other: once per message."""
    brand = fact.metadata.brand
    if brand is None:
        entry = _claimed(world, fact, data)
        if entry is None:
            return Told(unclaimed=True)
        brand = entry.key.brand
    message, at = data.provider_id or data.message_id or "", fact.metadata.occurred_at
    for address in data.addresses:
        _note(world, brand, data.channel, address, lambda known: known.bounce(message, at))
    return Told(brand=brand)


def good_again(
    world: World, brand: str, channel: Channel, address: str, at: datetime
) -> SoftBounces:
    """An address works: what bounced there until then no longer counts. Raises RetryableError."""
    return _note(world, brand, channel, address, lambda known: known.arrived(at))


def _note(
    world: World,
    brand: str,
    channel: Channel,
    address: str,
    change: Callable[[SoftBounces], SoftBounces],
) -> SoftBounces:
    key = address_key(brand, channel, address)
    for _ in range(_ATTEMPTS):
        before = world.customers.soft_bounces(brand, key)
        after = change(before)
        if after == before:
            return before
        try:
            return world.customers.save_soft_bounces(before, after)
        except Conflict:
            continue
    raise RetryableError("an address's record is being written to by too many at once")


# --- messages ----------------------------------------------------------------------------------


def _report(world: World, fact: Fact, data: MessageReported) -> Told:
    """Bring the word into the message's entry, then see to what follows from it."""
    at, counted = fact.metadata.occurred_at, False
    for _ in range(_ATTEMPTS):
        entry = _claimed(world, fact, data)
        if entry is None:
            return Told(unclaimed=True)
        after = _after(entry, fact, data)
        came_back = data.word in _CAME_BACK and after.reason is not entry.reason
        if came_back and not counted:
            count(world, after, _CAME_BACK[data.word], at)
        elif counted and not came_back:
            # The same record by the other way, which was faster.
            count(world, after, _CAME_BACK[data.word], at, -1)
        counted = came_back
        if after != entry:
            if after.status is not entry.status:
                # Told before it is written: a run that dies in between comes again and tells it
                # once more under the same id; the other way round nobody would ever hear of it.
                kind = "MessageSent" if after.status is EntryStatus.SENT else "MessageFailed"
                world.publisher.outcome(outcome(kind, after, at))
            try:
                world.ledger.put(after)
            except Conflict:
                continue
            if after.status is EntryStatus.SENT and entry.status is not EntryStatus.SENT:
                count_sent(world, after, at)
        return _follow_up(world, fact, data, after)
    raise RetryableError(f"message {data.message_id} is being written to by too many at once")


def _claimed(world: World, fact: Fact, data: MessageReported) -> LedgerEntry | None:
    """The entry that a word is about; None for a message that is none of ours."""
    found = world.ledger.by_message_id(data.message_id) if data.message_id else None
    if found is None and data.provider_id:
        found = world.ledger.by_provider_id(data.provider_id)
    # An index may lag; the entry itself is read as it stands.
    entry = world.ledger.get(found.key) if found else None
    if entry is None and _may_come(world, fact, data):
        raise RetryableError(f"no entry yet for message {data.message_id or data.provider_id}")
    return entry


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


_CAME_BACK = {
    ProviderWord.BOUNCED: Figure.BOUNCED,
    ProviderWord.COMPLAINED: Figure.COMPLAINED,
}


def _follow_up(world: World, fact: Fact, data: MessageReported, after: LedgerEntry) -> Told:
    key, at, word = after.key, fact.metadata.occurred_at, data.word
    refused = word is ProviderWord.REJECTED and after.reason is Reason.REFUSED_BY_PROVIDER
    if word is ProviderWord.DELIVERED:
        for address in data.addresses:
            good_again(world, key.brand, data.channel, address, at)
    if refused or (word is ProviderWord.BOUNCED and after.reason is Reason.BOUNCED):
        # The gate takes the next channel on which the person may be told, where there is one.
        cause = f"{word.lower()} {key.message_id()}"
        world.publisher.reconsider(key.brand, key.order_id, key.lifecycle, cause)
    pulled = None
    if word in {ProviderWord.BOUNCED, ProviderWord.COMPLAINED}:
        pulled = check_brake(world, key.brand)
    refusal = None
    if word is ProviderWord.COMPLAINED:
        refusal = _refusal(world, after, at)
    elif word in ANSWERS:
        refusal = _answer(world, after, data, at)
    return Told(brand=key.brand, refusal=refusal, brake=pulled)


def _answer(world: World, entry: LedgerEntry, data: MessageReported, at: datetime) -> Fact | None:
    """STOP refuses all marketing by SMS; START takes back such a refusal, and grants nothing that
    was never granted. None where the person is no longer known, or there is nothing to take back.

    The order may have another buyer by now: the one that got the message is meant.
    """
    order = fold(world.orders.load(entry.key.brand, entry.key.order_id))
    key = customer_key(entry.key.brand, order.buyer)
    person = order.buyer
    if not order.known or key is None or key != entry.customer_key:
        if not data.addresses:
            return None
        person = Party(phone=data.addresses[0])
        key = customer_key(entry.key.brand, person) or ""
    stopped = data.word is ProviderWord.STOPPED
    if not stopped and not _stopped_by_answer(world, entry.key.brand, key, entry.key.channel):
        return None
    return _said(entry.key.brand, person, entry.key.message_id(), stopped, at)


def _stopped_by_answer(world: World, brand: str, key: str, channel: Channel) -> bool:
    """Whether what stands against marketing is an earlier STOP, and nothing else."""
    record = world.customers.load(brand, key)
    word = fold_customer(record).word(channel)
    return (
        word is not None
        and not word.granted
        and any(
            isinstance(fact.data, ConsentChanged)
            and fact.data.channel is channel
            and fact.data.topic is None
            and fact.data.method is ConsentMethod.REPLY
            and fact.metadata.occurred_at == word.at
            for fact in record.facts.values()
        )
    )


def refusals_of_number(world: World, fact: Fact, data: MessageReported) -> list[Fact]:
    """Of a STOP to a message that nobody knows: the number's own refusals, at every brand that
    knows it without an email address. Whoever else has it is not reached at it any more."""
    if data.word is not ProviderWord.STOPPED:
        return []
    return [
        _said(brand, person, data.provider_id or "", True, fact.metadata.occurred_at)
        for person in (Party(phone=address) for address in data.addresses)
        for brand in world.brands.ids()
        if world.customers.load(brand, customer_key(brand, person) or "").version
    ]


def _said(brand: str, person: Party, message: str, stopped: bool, at: datetime) -> Fact:
    word = "stop" if stopped else "start"
    return Fact(
        metadata=Metadata(
            id=f"{message}:{word}:{instant_text(at)}",
            type=ConsentChanged.__name__,
            brand=brand,
            source="yoin",
            occurred_at=at,
            correlation_id=message,
        ),
        data=ConsentChanged(
            customer=person,
            channel=Channel.SMS,
            granted=not stopped,
            method=ConsentMethod.REPLY,
            # The answer came from the number itself.
            confirmed=None if stopped else True,
            evidence=f"answered {word.upper()} to message {message}",
        ),
    )


def _refusal(world: World, entry: LedgerEntry, at: datetime) -> Fact | None:
    """Who marks a mail as spam wants no more of the kind: the buyer refuses marketing on this
    channel. None where the order, and with it the person, is no longer known."""
    order = fold(world.orders.load(entry.key.brand, entry.key.order_id))
    if not order.known:
        return None
    message_id = entry.key.message_id()
    return Fact(
        metadata=Metadata(
            # The same for every repetition, and by whichever way it came.
            id=f"{message_id}:complaint",
            type=ConsentChanged.__name__,
            brand=entry.key.brand,
            source="yoin",
            occurred_at=at,
            correlation_id=message_id,
        ),
        data=ConsentChanged(
            customer=order.buyer,
            channel=entry.key.channel,
            granted=False,
            method=ConsentMethod.COMPLAINT,
            evidence=f"complaint about message {message_id}",
        ),
    )
