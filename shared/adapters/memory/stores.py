"""The stores in dicts. Every read sees the last write, every write is a compare-and-set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from shared.adapters.indexing import buyer_key, kept, kept_facts, parcel_numbers, snapshots_of
from shared.domain.bounces import SoftBounces
from shared.domain.controls import Controls
from shared.domain.customers import CustomerRecord, Slots, Suppression
from shared.domain.erasure import Erased, Trace
from shared.domain.errors import Conflict
from shared.domain.events import Fact
from shared.domain.inputs import Inputs
from shared.domain.ledger import (
    EntryKey,
    EntryStatus,
    LedgerEntry,
    by_identity,
    by_sending,
    claim_due,
    was_tried,
    went_out,
)
from shared.domain.orders import OrderRecord
from shared.domain.values import tracking_key, utc

_FEED_RESOLUTION = timedelta(minutes=1)
_Of = tuple[str, str]  # (brand, id or digest)


class MemoryOrders:
    """Fulfils the port ``OrderStore``."""

    def __init__(self) -> None:
        self._records: dict[_Of, OrderRecord] = {}
        self._of_customer: defaultdict[_Of, set[str]] = defaultdict(set)
        self._of_number: defaultdict[_Of, set[tuple[str, str]]] = defaultdict(set)
        self._parked: defaultdict[_Of, dict[str, Fact]] = defaultdict(dict)
        self._feeds: dict[str, datetime] = {}

    def load(self, brand: str, order_id: str) -> OrderRecord:
        """The record as last written; an empty one of version 0 if there is none."""
        empty = OrderRecord(brand=brand, order_id=order_id)
        return self._records.get((brand, order_id), empty)

    def save(self, before: OrderRecord, after: OrderRecord) -> OrderRecord:
        """Write ``after`` where ``before`` is still what is stored. Raises Conflict."""
        brand, order_id = after.brand, after.order_id
        if self.load(brand, order_id).version != before.version:
            raise Conflict(f"order {order_id}: somebody else wrote first")
        if snapshots_of(after) != snapshots_of(before):
            customer = buyer_key(after)
            if customer is not None:
                self._of_customer[brand, customer].add(order_id)
        for number, shipment_id in parcel_numbers(after) - parcel_numbers(before):
            self._of_number[brand, tracking_key(brand, number)].add((order_id, shipment_id))
        stored = replace(after, facts=kept_facts(after.facts), version=before.version + 1)
        self._records[brand, order_id] = stored
        return stored

    def orders_of(self, brand: str, customer_key: str) -> tuple[str, ...]:
        """The ids of a person's orders, sorted."""
        return tuple(sorted(self._of_customer.get((brand, customer_key), ())))

    def by_tracking(self, brand: str, tracking_number: str) -> tuple[tuple[str, str], ...]:
        """(order id, shipment id) of every shipment with this number, sorted."""
        number = tracking_key(brand, tracking_number)
        return tuple(sorted(self._of_number.get((brand, number), ())))

    def park(self, brand: str, tracking_number: str, fact: Fact) -> None:
        """Keep a carrier's fact until a shipment with this number is known. Idempotent."""
        self._parked[brand, tracking_key(brand, tracking_number)][fact.metadata.id] = kept(fact)

    def parked(self, brand: str, tracking_number: str) -> tuple[Fact, ...]:
        """The facts parked under this number, by time."""
        facts = self._parked.get((brand, tracking_key(brand, tracking_number)), {})
        return tuple(sorted(facts.values(), key=lambda fact: fact.stamp))

    def mark_feed(self, brand: str, at: datetime) -> None:
        """Remember that a carrier event of the brand arrived at ``at``, to the minute."""
        seen = self._feeds.get(brand)
        if seen is None or seen <= at - _FEED_RESOLUTION:
            self._feeds[brand] = utc(at)

    def feed_seen_at(self, brand: str) -> datetime | None:
        """When the newest carrier event of the brand arrived; None if none ever did."""
        return self._feeds.get(brand)


class MemoryCustomers:
    """Fulfils the port ``CustomerStore``."""

    def __init__(self) -> None:
        self._records: dict[_Of, CustomerRecord] = {}
        self._suppressions: dict[_Of, Suppression] = {}
        self._soft_bounces: dict[_Of, SoftBounces] = {}
        self._slots: dict[_Of, Slots] = {}
        self._evidence: defaultdict[_Of, dict[str, tuple[Fact, timedelta]]] = defaultdict(dict)

    def load(self, brand: str, key: str) -> CustomerRecord:
        """The record as last written; an empty one of version 0 if there is none."""
        return self._records.get((brand, key), CustomerRecord(brand=brand, key=key))

    def save(self, before: CustomerRecord, after: CustomerRecord) -> CustomerRecord:
        """Write where ``before`` is still what is stored. Raises Conflict."""
        if self.load(after.brand, after.key).version != before.version:
            raise Conflict(f"customer {after.key}: somebody else wrote first")
        stored = replace(after, facts=kept_facts(after.facts), version=before.version + 1)
        self._records[after.brand, after.key] = stored
        return stored

    def suppress(self, brand: str, address_key: str, suppression: Suppression) -> None:
        """Never use this address again, or again after all: the highest rank stands."""
        known = self._suppressions.get((brand, address_key))
        if known is None or known.rank < suppression.rank:
            self._suppressions[brand, address_key] = suppression

    def suppression(self, brand: str, address_key: str) -> Suppression | None:
        """Why an address must not be used, or None."""
        found = self._suppressions.get((brand, address_key))
        return None if found is None or found.lifted else found

    def soft_bounces(self, brand: str, address_key: str) -> SoftBounces:
        """What bounced for now at an address; nothing of version 0 if nothing did."""
        empty = SoftBounces(brand=brand, address_key=address_key)
        return self._soft_bounces.get((brand, address_key), empty)

    def save_soft_bounces(self, before: SoftBounces, after: SoftBounces) -> SoftBounces:
        """Write where ``before`` is still what is stored. Raises Conflict."""
        if self.soft_bounces(after.brand, after.address_key).version != before.version:
            raise Conflict("an address's soft bounces: somebody else wrote first")
        stored = replace(after, version=before.version + 1)
        self._soft_bounces[after.brand, after.address_key] = stored
        return stored

    def slots(self, brand: str, key: str) -> Slots:
        """The room that a person's marketing takes up; none of version 0 if there is none."""
        return self._slots.get((brand, key), Slots(brand=brand, key=key))

    def save_slots(self, before: Slots, after: Slots) -> Slots:
        """Write where ``before`` is still what is stored. Raises Conflict."""
        if self.slots(after.brand, after.key).version != before.version:
            raise Conflict("a person's slots: somebody else wrote first")
        stored = replace(after, version=before.version + 1)
        self._slots[after.brand, after.key] = stored
        return stored

    def note_consent(self, brand: str, key: str, fact: Fact, keep: timedelta) -> None:
        """Keep a ConsentChanged as evidence; memory forgets nothing."""
        self._evidence[brand, key][fact.metadata.id] = (kept(fact), keep)

    def consents(self, brand: str, key: str) -> tuple[Fact, ...]:
        """All evidence of a person's consents and refusals, by time."""
        noted = self._evidence.get((brand, key), {})
        return tuple(sorted((fact for fact, _ in noted.values()), key=lambda fact: fact.stamp))


class MemoryLedger:
    """Fulfils the port ``MessageLedger``."""

    def __init__(self) -> None:
        self._of_order: defaultdict[_Of, dict[EntryKey, LedgerEntry]] = defaultdict(dict)
        self._of_customer: defaultdict[_Of, dict[EntryKey, LedgerEntry]] = defaultdict(dict)
        self._of_message: dict[str, EntryKey] = {}
        self._of_provider: dict[str, EntryKey] = {}

    def get(self, key: EntryKey) -> LedgerEntry | None:
        """The entry as last written, or None."""
        return self._of_order.get((key.brand, key.order_id), {}).get(key)

    def put(self, entry: LedgerEntry) -> LedgerEntry:
        """Write an entry where ``entry.version`` is still what is stored. Raises Conflict."""
        key, stored = entry.key, self.get(entry.key)
        if (stored.version if stored else 0) != entry.version:
            raise Conflict(f"message {key.message_id()}: somebody else wrote first")
        after = replace(entry, version=entry.version + 1)
        self._of_order[key.brand, key.order_id][key] = after
        self._of_message[key.message_id()] = key
        if after.provider_id is not None:
            self._of_provider[after.provider_id] = key
        if after.customer_key is not None and went_out(after):
            self._of_customer[key.brand, after.customer_key][key] = after
        return after

    def of_order(self, brand: str, order_id: str) -> tuple[LedgerEntry, ...]:
        """All entries of an order, sorted by their identity."""
        entries = self._of_order.get((brand, order_id), {})
        return tuple(sorted(entries.values(), key=by_identity))

    def sent_to(self, brand: str, customer_key: str) -> tuple[LedgerEntry, ...]:
        """What a person was sent, over all orders, oldest first."""
        entries = self._of_customer.get((brand, customer_key), {})
        sent = (entry for entry in entries.values() if entry.status is EntryStatus.SENT)
        return tuple(sorted(sent, key=by_sending))

    def by_message_id(self, message_id: str) -> LedgerEntry | None:
        """The entry with this message id, or None. Only what was tried has one."""
        key = self._of_message.get(message_id)
        entry = self.get(key) if key else None
        return entry if entry and was_tried(entry) else None

    def by_provider_id(self, provider_id: str) -> LedgerEntry | None:
        """The entry of the message that a provider calls so, or None."""
        key = self._of_provider.get(provider_id)
        entry = self.get(key) if key else None
        return entry if entry and entry.provider_id == provider_id else None

    def open_claims(self, brand: str, due_by: datetime, limit: int) -> tuple[LedgerEntry, ...]:
        """Claims that should have been settled by then, the longest overdue first."""
        overdue = [
            (due, by_identity(entry), entry)
            for entry in self.entries()
            if entry.key.brand == brand and (due := claim_due(entry)) is not None and due <= due_by
        ]
        return tuple(entry for *_, entry in sorted(overdue, key=lambda one: one[:2])[:limit])

    def entries(self) -> tuple[LedgerEntry, ...]:
        """Every entry of every order, sorted by its identity: for tests and reports."""
        all_entries = (entry for entries in self._of_order.values() for entry in entries.values())
        return tuple(sorted(all_entries, key=by_identity))


class MemoryControls:
    """Fulfils the port ``BrandControls``."""

    def __init__(self) -> None:
        self._of_brand: dict[str, Controls] = {}

    def load(self, brand: str) -> Controls:
        """The switches as last written; none of version 0."""
        return self._of_brand.get(brand, Controls(brand=brand))

    def save(self, before: Controls, after: Controls) -> Controls:
        """Write where ``before`` is still what is stored. Raises Conflict."""
        if self.load(after.brand).version != before.version:
            raise Conflict(f"controls of {after.brand}: somebody else wrote first")
        stored = replace(after, version=before.version + 1)
        self._of_brand[after.brand] = stored
        return stored


class MemoryCounters:
    """Fulfils the port ``Counters``."""

    def __init__(self) -> None:
        self._figures: defaultdict[tuple[str, str, str], int] = defaultdict(int)

    def add(self, brand: str, name: str, period: str, amount: int = 1) -> int:
        """Add; returns the new figure."""
        self._figures[brand, name, period] += amount
        return self._figures[brand, name, period]

    def read(self, brand: str, name: str, periods: Iterable[str]) -> tuple[int, ...]:
        """The figures of some periods, 0 for one without."""
        return tuple(self._figures.get((brand, name, period), 0) for period in periods)


class MemoryErasures:
    """Fulfils the port ``Erasures``."""

    def __init__(self) -> None:
        self._markers: dict[tuple[Trace, str, str], Erased] = {}

    def find(self, trace: Trace, brand: str, value: str) -> Erased | None:
        """The marker about something, or None."""
        return self._markers.get((trace, brand, value))

    def keep(self, trace: Trace, brand: str, value: str, erased: Erased) -> None:
        """Write a marker over the one before."""
        self._markers[trace, brand, value] = erased


class MemoryInputs:
    """Fulfils the port ``DecisionInputs``."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], Inputs] = {}
        self._policies: dict[tuple[str, str], str] = {}

    def keep(self, inputs: Inputs) -> str:
        """Keep them; returns the name to find them by."""
        name = inputs.name
        self._kept[inputs.order.brand, inputs.order.order_id, name] = inputs
        return name

    def load(self, brand: str, order_id: str, name: str) -> Inputs | None:
        """What was kept under this name, or None."""
        return self._kept.get((brand, order_id, name))

    def keep_policy(self, brand: str, version: str, text: str) -> None:
        """Keep a policy under its version, once."""
        self._policies.setdefault((brand, version), text)

    def policy(self, brand: str, version: str) -> str | None:
        """The text of the policy that was kept under this version, or None."""
        return self._policies.get((brand, version))
