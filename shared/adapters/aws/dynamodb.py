"""The stores on DynamoDB: one table for all records.

Keys hold brand, order and message tokens and digests only; personal data stands in the
attributes of CONTEXT, PERSON, PARKED and in promises' and scans' facts, encrypted at rest.

    ====================================  ==========================  ==============================
    pk                                    sk                          attributes
    ====================================  ==========================  ==============================
    ORDER#brand#order                     ORDER#STATE                 version, snapshots, facts,
                                                                      first_recorded_at, status,
                                                                      updated_at
    ORDER#brand#order                     ORDER#CONTEXT               snapshots, facts
    ORDER#brand#order                     LEDGER#lifecycle#           version, the entry's fields,
                                          occurrence#channel          message_id once it was tried,
                                                                      claimed_by and claim_due
                                                                      while its claim is open
    CUSTOMER#brand#customer key           PERSON                      version, facts
    CUSTOMER#brand#customer key           ORDER#order                 order_id
    CUSTOMER#brand#customer key           SENT#message id             a copy of the ledger's entry
    TRACKING#brand#tracking key           SHIPMENT#order#shipment     order_id, shipment_id
    TRACKING#brand#tracking key           PARKED#digest of fact id    facts (one)
    ORDER#brand#order                     INPUTS#name                 inputs, parts
    ORDER#brand#order                     INPUTS#name#part            inputs
    CUSTOMER#brand#customer key           SLOTS                       version, taken
    CUSTOMER#brand#customer key           CONSENT#digest of fact id   facts (one)
    ADDRESS#brand#address key             SUPPRESSION                 channel, reason, since,
                                                                      lifted, by, why, ranking
    ADDRESS#brand#address key             SOFT_BOUNCES                version, bounced, arrived_at
    BRAND#brand                           CONTROLS                    version, controls (JSON)
    BRAND#brand                           POLICY#version              policy (compressed)
    COUNTER#brand#name                    PERIOD#period               figure
    FEED#brand                            FEED                        seen_at
    WEBHOOK#source#brand#digest           SEEN                        (shared/adapters/aws/seen.py)
    ====================================  ==========================  ==============================

- ``facts`` is compressed (``codec``). STATE holds all facts but the two snapshots
  (Fact.SNAPSHOTS) and is written with every fact: it stays under 1 KB, one write unit. CONTEXT
  holds the snapshots: items, names, addresses. A write that changes them writes both in a
  transaction. ``snapshots`` names the facts in CONTEXT: where the two rows differ in it, they
  were read from different moments, and are read again.
- Writes are conditional on ``version`` (of SUPPRESSION on ``ranking``), and every read is strongly
  consistent but those of the indexes ``by_message`` (on ``message_id``) and ``by_provider`` (on
  ``provider_id``). Both are sparse and hold LEDGER rows only: the copy in SENT has its provider's
  id under another name. A third, ``by_claim`` (on ``claimed_by``, the brand, and ``claim_due``),
  holds what is claimed and not settled, for the sweeper.
- The rows that lead to an order (CUSTOMER to ORDER, TRACKING to SHIPMENT) are written before the
  order: a crash in between leaves a row that leads to nothing yet, never an order that cannot be
  found. They are not taken back: the order itself says who bought it and what number it has.
- ``expires_at`` (TTL) is for retention and nothing else; no read looks at it. An order's rows go
  ``retention_days`` after they were last written, the rows that lead to it a year later, parked
  facts after 90 days, a decision's inputs after 400 days at most, evidence of consent when its
  policy says. PERSON and SUPPRESSION stay: a refusal does not lapse. POLICY stays: it is small and
  few.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from shared.adapters.aws.codec import pack, unpack
from shared.adapters.aws.table import (
    Item,
    Put,
    Table,
    stored_instant,
    table_key,
)
from shared.adapters.indexing import buyer_key, kept, kept_facts, parcel_numbers, snapshots_of
from shared.contracts.inputs import controls_to_json, pack_inputs, read_controls, unpack_inputs
from shared.domain.bounces import SoftBounces
from shared.domain.controls import Controls
from shared.domain.customers import CustomerRecord, Slot, Slots, Suppression
from shared.domain.errors import RetryableError
from shared.domain.events import Channel, Fact
from shared.domain.folding import fold
from shared.domain.inputs import Inputs
from shared.domain.ledger import (
    EntryKey,
    EntryStatus,
    LedgerEntry,
    Priority,
    by_identity,
    by_sending,
    claim_due,
    was_tried,
    went_out,
)
from shared.domain.orders import Order, OrderRecord
from shared.domain.reasons import Reason
from shared.domain.values import digest, read_instant, tracking_key

PARKED_FOR = timedelta(days=90)
INPUTS_FOR = timedelta(days=400)
COUNTED_FOR = timedelta(days=62)
# What leads to an order must not go before it does, and the order lives on with every write.
_POINTERS_OUTLIVE = timedelta(days=366)
# A carrier's event marks the feed at most so often: one row per brand must not become hot.
FEED_RESOLUTION = timedelta(minutes=1)
_READ_ATTEMPTS = 4
# An item holds 400 KB, its names and keys included.
_PART_BYTES = 390_000


class DynamoOrders:
    """Fulfils the port ``OrderStore``."""

    def __init__(self, table: Table) -> None:
        """``table``: where everything is."""
        self._table = table
        self._feed_marked: dict[str, datetime] = {}

    def load(self, brand: str, order_id: str) -> OrderRecord:
        """The record as last written (strongly consistent); an empty one of version 0 if none."""
        for attempt in range(1, _READ_ATTEMPTS + 1):
            rows = {row["sk"]: row for row in self._table.query(_order(brand, order_id), "ORDER#")}
            state, context = rows.get(_STATE), rows.get(_CONTEXT)
            if state is None:
                return OrderRecord(brand=brand, order_id=order_id)
            if not state["snapshots"]:
                return _record(brand, order_id, state, None)
            if context is not None and context["snapshots"] == state["snapshots"]:
                return _record(brand, order_id, state, context)
            if context is None and attempt == _READ_ATTEMPTS:
                # Its retention ran out first: the state is written more often.
                return _record(brand, order_id, state, None)
        raise RetryableError(f"order {order_id} is written to faster than it can be read")

    def save(self, before: OrderRecord, after: OrderRecord) -> OrderRecord:
        """Write ``after`` where ``before`` is still what is stored. Raises Conflict."""
        self._point(before, after)
        pk, version = _order(after.brand, after.order_id), before.version + 1
        facts, snapshots = kept_facts(after.facts), snapshots_of(after)
        name = _name(snapshots)
        expires_at = self._table.expires_at()
        state = Put(
            item={
                "pk": pk,
                "sk": _STATE,
                "version": version,
                "snapshots": name,
                "first_recorded_at": _stored(after.first_recorded_at),
                "status": _status(fold(after)),
                "updated_at": self._table.now_text(),
                "facts": pack(f for key, f in facts.items() if key not in snapshots),
                "expires_at": expires_at,
            },
            version=before.version,
        )
        if snapshots == snapshots_of(before):
            self._table.put(state)
        else:
            context = {
                "pk": pk,
                "sk": _CONTEXT,
                "snapshots": name,
                "facts": pack(facts[key] for key in snapshots),
                "expires_at": expires_at,
            }
            self._table.put_together([state, Put(item=context)])
        return replace(after, facts=facts, version=version)

    def orders_of(self, brand: str, customer_key: str) -> tuple[str, ...]:
        """The ids of a person's orders, sorted."""
        rows = self._table.query(_customer(brand, customer_key), "ORDER#")
        return tuple(sorted(row["order_id"] for row in rows))

    def by_tracking(self, brand: str, tracking_number: str) -> tuple[tuple[str, str], ...]:
        """(order id, shipment id) of every shipment with this number, sorted."""
        rows = self._table.query(_tracking(brand, tracking_number), "SHIPMENT#")
        return tuple(sorted((row["order_id"], row["shipment_id"]) for row in rows))

    def park(self, brand: str, tracking_number: str, fact: Fact) -> None:
        """Keep a carrier's fact until a shipment with this number is known. Idempotent."""
        item = {
            "pk": _tracking(brand, tracking_number),
            "sk": table_key("PARKED", digest(fact.metadata.id, length=32)),
            "facts": pack([kept(fact)]),
            "expires_at": self._table.expires_at(PARKED_FOR),
        }
        self._table.put(Put(item=item))

    def parked(self, brand: str, tracking_number: str) -> tuple[Fact, ...]:
        """The facts parked under this number, by time. They stay until they expire."""
        rows = self._table.query(_tracking(brand, tracking_number), "PARKED#")
        facts = (fact for row in rows for fact in unpack(row["facts"]))
        return tuple(sorted(facts, key=lambda fact: fact.stamp))

    def mark_feed(self, brand: str, at: datetime) -> None:
        """Remember that a carrier event of the brand arrived at ``at``, to the minute."""
        marked = self._feed_marked.get(brand)
        if marked is not None and marked <= at < marked + FEED_RESOLUTION:
            return
        written = self._table.put_if(
            {"pk": table_key("FEED", brand), "sk": "FEED", "seen_at": stored_instant(at)},
            "attribute_not_exists(pk) OR seen_at <= :due",
            {":due": stored_instant(at - FEED_RESOLUTION)},
        )
        if written:
            self._feed_marked[brand] = at

    def feed_seen_at(self, brand: str) -> datetime | None:
        """When the newest carrier event of the brand arrived; None if none ever did."""
        row = self._table.get(table_key("FEED", brand), "FEED")
        return read_instant(row["seen_at"]) if row else None

    def _point(self, before: OrderRecord, after: OrderRecord) -> None:
        """Write the rows that lead to the order, as far as they are new."""
        expires_at = self._table.expires_at(self._table.retention + _POINTERS_OUTLIVE)
        customer = buyer_key(after)
        if customer is not None and customer != buyer_key(before):
            item: Item = {
                "pk": _customer(after.brand, customer),
                "sk": table_key("ORDER", after.order_id),
                "order_id": after.order_id,
                "expires_at": expires_at,
            }
            self._table.put(Put(item=item))
        for number, shipment_id in sorted(parcel_numbers(after) - parcel_numbers(before)):
            item = {
                "pk": _tracking(after.brand, number),
                "sk": table_key("SHIPMENT", after.order_id, shipment_id),
                "order_id": after.order_id,
                "shipment_id": shipment_id,
                "expires_at": expires_at,
            }
            self._table.put(Put(item=item))


class DynamoCustomers:
    """Fulfils the port ``CustomerStore``."""

    def __init__(self, table: Table) -> None:
        """``table``: where everything is."""
        self._table = table

    def load(self, brand: str, customer_key: str) -> CustomerRecord:
        """The record as last written; an empty one of version 0 if there is none."""
        row = self._table.get(_customer(brand, customer_key), _PERSON)
        if row is None:
            return CustomerRecord(brand=brand, key=customer_key)
        return CustomerRecord(
            brand=brand,
            key=customer_key,
            facts={fact.key: fact for fact in unpack(row["facts"])},
            version=int(row["version"]),
        )

    def save(self, before: CustomerRecord, after: CustomerRecord) -> CustomerRecord:
        """Write where ``before`` is still what is stored. Raises Conflict."""
        facts, version = kept_facts(after.facts), before.version + 1
        item = {
            "pk": _customer(after.brand, after.key),
            "sk": _PERSON,
            "version": version,
            "updated_at": self._table.now_text(),
            "facts": pack(facts.values()),
        }
        self._table.put(Put(item=item, version=before.version))
        return replace(after, facts=facts, version=version)

    def suppress(self, brand: str, address_key: str, suppression: Suppression) -> None:
        """Never use this address again, or again after all: the highest rank stands."""
        item = {
            "pk": _address(brand, address_key),
            "sk": _SUPPRESSION,
            "channel": str(suppression.channel),
            "reason": suppression.reason,
            "since": stored_instant(suppression.since),
            "lifted": suppression.lifted,
            "by": suppression.by,
            "why": suppression.why,
            "ranking": suppression.rank,
        }
        self._table.put_if(
            item, "attribute_not_exists(pk) OR ranking < :rank", {":rank": suppression.rank}
        )

    def suppression(self, brand: str, address_key: str) -> Suppression | None:
        """Why an address must not be used, or None."""
        row = self._table.get(_address(brand, address_key), _SUPPRESSION)
        if row is None or row.get("lifted"):
            return None
        return Suppression(
            channel=Channel(row["channel"]),
            reason=row["reason"],
            since=read_instant(row["since"]),
            by=row.get("by", ""),
            why=row.get("why", ""),
        )

    def soft_bounces(self, brand: str, address_key: str) -> SoftBounces:
        """What bounced for now at an address; nothing of version 0 if nothing did."""
        row = self._table.get(_address(brand, address_key), _SOFT_BOUNCES)
        if row is None:
            return SoftBounces(brand=brand, address_key=address_key)
        arrived_at = row.get("arrived_at")
        return SoftBounces(
            brand=brand,
            address_key=address_key,
            bounced={message: read_instant(at) for message, at in row["bounced"].items()},
            arrived_at=read_instant(arrived_at) if arrived_at else None,
            version=int(row["version"]),
        )

    def save_soft_bounces(self, before: SoftBounces, after: SoftBounces) -> SoftBounces:
        """Write where ``before`` is still what is stored. Raises Conflict."""
        version = before.version + 1
        item = {
            "pk": _address(after.brand, after.address_key),
            "sk": _SOFT_BOUNCES,
            "version": version,
            "bounced": {message: stored_instant(at) for message, at in after.bounced.items()},
            "arrived_at": _stored(after.arrived_at),
            "expires_at": self._table.expires_at(),
        }
        self._table.put(Put(item=item, version=before.version))
        return replace(after, version=version)

    def slots(self, brand: str, key: str) -> Slots:
        """The room that a person's marketing takes up; none of version 0 if there is none."""
        row = self._table.get(_customer(brand, key), _SLOTS)
        if row is None:
            return Slots(brand=brand, key=key)
        taken = (Slot(message_id=m, at=read_instant(at)) for m, at in row["taken"].items())
        return Slots(
            brand=brand,
            key=key,
            taken=tuple(sorted(taken, key=lambda slot: (slot.at, slot.message_id))),
            version=int(row["version"]),
        )

    def save_slots(self, before: Slots, after: Slots) -> Slots:
        """Write where ``before`` is still what is stored. Raises Conflict."""
        version = before.version + 1
        item = {
            "pk": _customer(after.brand, after.key),
            "sk": _SLOTS,
            "version": version,
            "taken": {slot.message_id: stored_instant(slot.at) for slot in after.taken},
            "expires_at": self._table.expires_at(),
        }
        self._table.put(Put(item=item, version=before.version))
        return replace(after, version=version)

    def note_consent(self, brand: str, key: str, fact: Fact, keep: timedelta) -> None:
        """Keep a ConsentChanged as evidence for as long as ``keep``. Idempotent by its id."""
        item = {
            "pk": _customer(brand, key),
            "sk": table_key("CONSENT", digest(fact.metadata.id, length=32)),
            "facts": pack([kept(fact)]),
            "expires_at": self._table.expires_at(keep),
        }
        self._table.put(Put(item=item))

    def consents(self, brand: str, key: str) -> tuple[Fact, ...]:
        """All evidence of a person's consents and refusals, by time."""
        rows = self._table.query(_customer(brand, key), "CONSENT#")
        facts = (fact for row in rows for fact in unpack(row["facts"]))
        return tuple(sorted(facts, key=lambda fact: fact.stamp))


class DynamoControls:
    """Fulfils the port ``BrandControls``."""

    def __init__(self, table: Table) -> None:
        """``table``: where everything is."""
        self._table = table

    def load(self, brand: str) -> Controls:
        """The switches as last written (strongly consistent); none of version 0."""
        row = self._table.get(_brand(brand), _CONTROLS)
        return read_controls(row["controls"]) if row else Controls(brand=brand)

    def save(self, before: Controls, after: Controls) -> Controls:
        """Write where ``before`` is still what is stored. Raises Conflict."""
        stored = replace(after, version=before.version + 1)
        item = {
            "pk": _brand(after.brand),
            "sk": _CONTROLS,
            "version": stored.version,
            "controls": controls_to_json(stored),
        }
        self._table.put(Put(item=item, version=before.version))
        return stored


class DynamoCounters:
    """Fulfils the port ``Counters``."""

    def __init__(self, table: Table) -> None:
        """``table``: where everything is."""
        self._table = table

    def add(self, brand: str, name: str, period: str, amount: int = 1) -> int:
        """Add; returns the new figure."""
        return self._table.add(
            table_key("COUNTER", brand, name),
            table_key("PERIOD", period),
            "figure",
            amount,
            expires_at=self._table.expires_at(COUNTED_FOR),
        )

    def read(self, brand: str, name: str, periods: Iterable[str]) -> tuple[int, ...]:
        """The figures of some periods, 0 for one without."""
        rows = self._table.query(table_key("COUNTER", brand, name), "PERIOD#")
        figures = {row["sk"]: int(row["figure"]) for row in rows}
        return tuple(figures.get(table_key("PERIOD", period), 0) for period in periods)


class DynamoInputs:
    """Fulfils the port ``DecisionInputs``."""

    def __init__(self, table: Table) -> None:
        """``table``: where everything is."""
        self._table = table
        self._policies: set[tuple[str, str]] = set()

    def keep(self, inputs: Inputs) -> str:
        """Keep them; returns the name to find them by.

        Of somebody with hundreds of orders they are larger than an item may be: then in parts, the
        first of which is written last.
        """
        packed = pack_inputs(inputs)
        parts = [packed[at : at + _PART_BYTES] for at in range(0, len(packed), _PART_BYTES)]
        for number in reversed(range(len(parts))):
            item = {
                "pk": _order(inputs.order.brand, inputs.order.order_id),
                "sk": _inputs(inputs.name, number),
                "inputs": parts[number],
                "parts": len(parts) if number == 0 and len(parts) > 1 else None,
                "expires_at": self._table.expires_at(min(INPUTS_FOR, self._table.retention)),
            }
            self._table.put(Put(item=item))
        return inputs.name

    def load(self, brand: str, order_id: str, name: str) -> Inputs | None:
        """What was kept under this name, or None."""
        pk = _order(brand, order_id)
        row = self._table.get(pk, _inputs(name, 0))
        if row is None:
            return None
        others = range(1, int(row.get("parts", 1)))
        parts = [row, *(self._table.get(pk, _inputs(name, number)) for number in others)]
        return unpack_inputs(b"".join(part["inputs"] for part in parts if part))

    def keep_policy(self, brand: str, version: str, text: str) -> None:
        """Keep a policy under its version, once per process and version."""
        if (brand, version) in self._policies:
            return
        item = {
            "pk": table_key("BRAND", brand),
            "sk": table_key("POLICY", version),
            "policy": zlib.compress(text.encode(), 9),
        }
        self._table.put_if(item, "attribute_not_exists(pk)")
        self._policies.add((brand, version))

    def policy(self, brand: str, version: str) -> str | None:
        """The text of the policy that was kept under this version, or None."""
        row = self._table.get(table_key("BRAND", brand), table_key("POLICY", version))
        return zlib.decompress(row["policy"]).decode() if row else None


class DynamoLedger:
    """Fulfils the port ``MessageLedger``."""

    def __init__(self, table: Table) -> None:
        """``table``: where everything is."""
        self._table = table

    def get(self, key: EntryKey) -> LedgerEntry | None:
        """The entry as last written (strongly consistent), or None."""
        row = self._table.get(_order(key.brand, key.order_id), _ledger(key))
        return read_entry(row) if row else None

    def put(self, entry: LedgerEntry) -> LedgerEntry:
        """Write an entry where ``entry.version`` is still what is stored. Raises Conflict."""
        after = replace(entry, version=entry.version + 1)
        stored = _entry_attributes(after) | {"expires_at": self._table.expires_at()}
        row = stored | {
            "pk": _order(after.key.brand, after.key.order_id),
            "sk": _ledger(after.key),
            # Only what a provider has seen can come back: nothing else needs the index.
            "message_id": after.key.message_id() if was_tried(after) else None,
            # Only what is claimed and not settled has to be looked for.
            "claimed_by": after.key.brand if claim_due(after) else None,
            "claim_due": _stored(claim_due(after)),
        }
        own = Put(item=row, version=entry.version)
        if after.customer_key is None or not went_out(after):
            self._table.put(own)
            return after
        copy = stored | {
            "pk": _customer(after.key.brand, after.customer_key),
            "sk": table_key("SENT", after.key.message_id()),
            "provider_id": None,
            _COPIED_PROVIDER_ID: after.provider_id,
        }
        self._table.put_together([own, Put(item=copy)])
        return after

    def of_order(self, brand: str, order_id: str) -> tuple[LedgerEntry, ...]:
        """All entries of an order (strongly consistent), sorted by their identity."""
        rows = self._table.query(_order(brand, order_id), "LEDGER#")
        return tuple(sorted((read_entry(row) for row in rows), key=by_identity))

    def sent_to(self, brand: str, customer_key: str) -> tuple[LedgerEntry, ...]:
        """What a person was sent, over all orders, oldest first."""
        rows = self._table.query(_customer(brand, customer_key), "SENT#")
        entries = (read_entry(row) for row in rows)
        return tuple(sorted((e for e in entries if e.status is EntryStatus.SENT), key=by_sending))

    def by_message_id(self, message_id: str) -> LedgerEntry | None:
        """The entry with this message id (may lag by a moment), or None."""
        rows = self._table.by_message(message_id)
        return read_entry(rows[0]) if rows else None

    def by_provider_id(self, provider_id: str) -> LedgerEntry | None:
        """The entry of the message that a provider calls so (may lag by a moment), or None."""
        rows = self._table.by_provider(provider_id)
        return read_entry(rows[0]) if rows else None

    def open_claims(self, brand: str, due_by: datetime, limit: int) -> tuple[LedgerEntry, ...]:
        """Claims that should have been settled by then, the longest overdue first."""
        rows = self._table.by_claim(brand, stored_instant(due_by), limit)
        return tuple(read_entry(row) for row in rows)


_COPIED_PROVIDER_ID = "copied_provider_id"
_STATE, _CONTEXT = "ORDER#STATE", "ORDER#CONTEXT"
_PERSON, _SUPPRESSION, _SLOTS, _CONTROLS = "PERSON", "SUPPRESSION", "SLOTS", "CONTROLS"
_SOFT_BOUNCES = "SOFT_BOUNCES"


def _order(brand: str, order_id: str) -> str:
    return table_key("ORDER", brand, order_id)


def _customer(brand: str, customer_key: str) -> str:
    return table_key("CUSTOMER", brand, customer_key)


def _brand(brand: str) -> str:
    return table_key("BRAND", brand)


def _tracking(brand: str, number: str) -> str:
    return table_key("TRACKING", brand, tracking_key(brand, number))


def _address(brand: str, address_key: str) -> str:
    return table_key("ADDRESS", brand, address_key)


def _inputs(name: str, part: int) -> str:
    return table_key("INPUTS", name, *([str(part)] if part else []))


def _ledger(identity: EntryKey) -> str:
    return table_key("LEDGER", identity.lifecycle, identity.occurrence, identity.channel)


def _name(snapshots: dict[str, Fact]) -> str:
    """A short name of exactly these snapshots; "" for none."""
    if not snapshots:
        return ""
    said = [
        f"{fact.metadata.type}={fact.metadata.id}:{fact.metadata.historical}:{fact.metadata.test}"
        for fact in snapshots.values()
    ]
    return digest(*said, length=12)


def _record(brand: str, order_id: str, state: Item, context: Item | None) -> OrderRecord:
    facts = unpack(state["facts"]) + (unpack(context["facts"]) if context else ())
    first = state.get("first_recorded_at")
    return OrderRecord(
        brand=brand,
        order_id=order_id,
        facts={fact.key: fact for fact in facts},
        first_recorded_at=read_instant(first) if first else None,
        version=int(state["version"]),
    )


def _status(order: Order) -> str:
    """One word for people who look at the table; nothing reads it."""
    if not order.known:
        return "NOT_PLACED"
    if order.cancelled:
        return "CANCELLED"
    if order.possession_at is not None:
        return "DELIVERED"
    if order.fully_shipped:
        return "SHIPPED"
    return "PARTLY_SHIPPED" if order.active_shipments else "PLACED"


def _stored(instant: datetime | None) -> str | None:
    return stored_instant(instant) if instant is not None else None


_KEY_FIELDS = tuple(field.name for field in fields(EntryKey))
_ENTRY_FIELDS = tuple(field.name for field in fields(LedgerEntry) if field.name != "key")
_INSTANTS = (
    "decided_at",
    "next_check",
    "due_at",
    "not_before",
    "lease_until",
    "sent_at",
    "delivered_at",
    "created_at",
    "held_since",
)
# How the fields that are not plain text, numbers or booleans are read back.
_READERS: dict[str, Callable[[Any], Any]] = {
    "channel": Channel,
    "status": EntryStatus,
    "reason": Reason,
    "skus": tuple,
    "covers": tuple,
    "attempts": int,
    "version": int,
    "priority": Priority,
} | dict.fromkeys(_INSTANTS, read_instant)


def _entry_attributes(entry: LedgerEntry) -> Item:
    values: Item = {name: getattr(entry.key, name) for name in _KEY_FIELDS}
    values |= {name: getattr(entry, name) for name in _ENTRY_FIELDS}
    return {name: _attribute(value) for name, value in values.items()}


def _attribute(value: Any) -> Any:
    if isinstance(value, datetime):
        return stored_instant(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, StrEnum):
        return str(value)
    return int(value) if isinstance(value, IntEnum) else value


def read_entry(row: Item) -> LedgerEntry:
    """The entry in a row of LEDGER or SENT."""
    if _COPIED_PROVIDER_ID in row:
        row = row | {"provider_id": row[_COPIED_PROVIDER_ID]}
    values = {
        name: _READERS[name](row[name]) if name in _READERS else row[name]
        for name in (*_KEY_FIELDS, *_ENTRY_FIELDS)
        if name in row
    }
    identity = EntryKey(**{name: values.pop(name) for name in _KEY_FIELDS})
    return LedgerEntry(key=identity, **values)
