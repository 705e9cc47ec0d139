"""What the provider says about a message afterwards: it closes the loop.

A `Send` record settles a message whose outcome was unknown. A hard bounce or a complaint
suppresses exactly the addresses that it names.
"""

from __future__ import annotations

from dataclasses import replace

from shared.domain.customers import Suppression
from shared.domain.errors import Conflict, RetryableError
from shared.domain.events import ProviderWord
from shared.domain.feedback import ProviderEvent
from shared.domain.ledger import IN_FLIGHT, EntryStatus, LedgerEntry
from shared.domain.reasons import Reason
from shared.domain.values import address_key
from shared.ports import World
from shared.usecases.decide import outcome


def feedback(world: World, event: ProviderEvent) -> None:
    """Apply one record. Idempotent. Raises RetryableError where the entry cannot be read yet."""
    if event.word in {ProviderWord.BOUNCED, ProviderWord.COMPLAINED}:
        for address in event.addresses:
            world.customers.suppress(
                event.brand,
                address_key(event.brand, event.channel, address),
                Suppression(channel=event.channel, reason=event.word, since=event.at),
            )
    if event.word in {ProviderWord.OTHER, ProviderWord.DELAYED, ProviderWord.SOFT_BOUNCED}:
        return
    for _ in range(5):
        found = world.ledger.by_message_id(event.message_id)
        # The index may lag; the entry itself is read as it stands.
        entry = world.ledger.get(found.key) if found else None
        if entry is None:
            raise RetryableError(f"no entry yet for message {event.message_id}")
        after = _after(entry, event)
        if after == entry:
            return
        try:
            world.ledger.put(after)
        except Conflict:
            continue
        if after.status is not entry.status:
            kind = "MessageSent" if after.status is EntryStatus.SENT else "MessageFailed"
            world.publisher.outcome(outcome(kind, after, event.at))
        return
    raise RetryableError(f"message {event.message_id} is being written to by too many at once")


def _after(entry: LedgerEntry, event: ProviderEvent) -> LedgerEntry:
    """The entry as it stands after the provider's word."""
    if event.word is ProviderWord.REJECTED:
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
            provider_id=event.provider_id,
            sent_at=event.at,
            lease_until=None,
            next_check=None,
        )
    if event.word is ProviderWord.DELIVERED and after.delivered_at is None:
        after = replace(after, delivered_at=event.at)
    elif event.word is ProviderWord.BOUNCED:
        after = replace(after, reason=Reason.BOUNCED)
    elif event.word is ProviderWord.COMPLAINED:
        after = replace(after, reason=Reason.COMPLAINED)
    return after
