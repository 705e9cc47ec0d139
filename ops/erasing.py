"""Removes one person from a stage. A crash anywhere in it is mended by giving the command again.

What is to be removed is written down first, as digests and order ids (a row ERASING, which goes
last): so the next attempt knows all of it, whatever the first has removed already. The markers come
before anything is removed: no late event brings back what is gone.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ops.traces import Traces
from ops.worlds import Workplace
from shared import lifecycles
from shared.adapters.aws import clients
from shared.adapters.aws.codec import unpack
from shared.adapters.aws.table import Item, table_key
from shared.adapters.indexing import parcel_numbers
from shared.domain.erasure import Erased, Trace, kept_words
from shared.domain.errors import PermanentError, Rejected
from shared.domain.events import Channel, Fact, OrderChanged, OrderPlaced
from shared.domain.orders import OrderRecord
from shared.domain.values import (
    Address,
    Party,
    address_key,
    customer_key,
    digest,
    tracking_key,
)
from shared.sources import Brands, read_event
from shared.usecases.decide import timer_name
from shared.usecases.erasure import identities, keep

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sqs import SQSClient

# Where letters lie. The others are worked off within seconds, into a record that is marked.
QUEUES = (
    "inlet-dead-letters",
    "feedback-dead-letters",
    "fetch-dead-letters",
    "fetch",
    "timer-dead-letters",
    "undelivered",
    "failures",
)
_HIDDEN_SECONDS = 300


@dataclass(kw_only=True)
class Person:
    """Somebody as a brand knows them: by what they gave, and what their orders add to that.

    ``names`` and ``places`` are looked for, and nothing is found by them: others have the same.
    """

    brand: str
    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    customer_ids: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)

    # What the command was given, as one word that names nobody: the next attempt is given the same.
    asked_for: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key under which they are known, sorted."""
        parties = [
            *(Party(email=email) for email in self.emails),
            *(Party(phone=phone) for phone in self.phones),
            *(Party(customer_id=customer_id) for customer_id in self.customer_ids),
        ]
        return tuple(sorted({k for p in parties if (k := customer_key(self.brand, p))}))

    @property
    def addresses(self) -> tuple[str, ...]:
        """The keys of their addresses."""
        channels = [(Channel.EMAIL, one) for one in self.emails]
        channels += [(Channel.SMS, one) for one in self.phones]
        return tuple(sorted(address_key(self.brand, *one) for one in channels))

    def is_party(self, party: Party) -> bool:
        """Whether a party is this person."""
        mail = (party.email or "").strip().lower()
        return (
            mail in {email.strip().lower() for email in self.emails}
            or (party.phone or "") in self.phones
            or (party.customer_id or "") in self.customer_ids
        )

    def learn(self, party: Party, address: Address | None) -> None:
        """What an order of theirs says of them."""
        self.emails |= {party.email} if party.email else set()
        self.phones |= {party.phone} if party.phone else set()
        self.customer_ids |= {party.customer_id} if party.customer_id else set()
        self.names |= {party.name} if party.name else set()
        if address is None or (address.name and party.name and address.name != party.name):
            return  # a gift: where somebody else lives
        self.names |= {address.name} if address.name else set()
        self.places |= {one for one in (address.line1, address.line2) if one and len(one) >= 4}
        self.phones |= {address.phone} if address.phone else set()

    @property
    def contacts(self) -> Traces:
        """What names them and nobody else."""
        return Traces(texts=frozenset(self.emails), phones=frozenset(self.phones))

    @property
    def traces(self) -> Traces:
        """All that they are known by: a name or street may be somebody else's as well."""
        texts = self.emails | self.names | self.places
        return Traces(texts=frozenset(texts), phones=frozenset(self.phones))


@dataclass(kw_only=True)
class Report:
    """What was removed, counted by place, and what was found that stays."""

    removed: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def count(self, where: str, number: int = 1) -> None:
        """Count what was removed somewhere."""
        if number:
            self.removed[where] = self.removed.get(where, 0) + number


def find(place: Workplace, person: Person) -> Person:
    """Follow a person from what is given to their orders, and back, until nothing new is found.

    Whoever has an address is known by it, and by no number. So a number or an id without an address
    is looked for in all orders first: whoever has it is meant, and a family may share a telephone.
    """
    person.asked_for = person.asked_for or digest(*person.keys, length=32)
    if not person.emails:
        _look_through(place, person)
    seen: set[str] = set()
    while True:
        keys = [key for key in person.keys if key not in seen]
        if not keys:
            return person
        for key in keys:
            seen.add(key)
            for row in place.table.rows(_customer(person.brand, key)):
                _learn(place, person, row)


def _look_through(place: Workplace, person: Person) -> None:
    asked = Person(brand=person.brand, phones={*person.phones}, customer_ids={*person.customer_ids})
    rows = place.table.scan(
        "(sk = :context AND begins_with(pk, :orders))"
        " OR (sk = :person AND begins_with(pk, :people))",
        {
            ":context": "ORDER#CONTEXT",
            ":person": "PERSON",
            ":orders": table_key("ORDER", person.brand, ""),
            ":people": table_key("CUSTOMER", person.brand, ""),
        },
    )
    for fact in _facts(rows):
        party = getattr(fact.data, "buyer", None) or getattr(fact.data, "customer", None)
        if isinstance(party, Party) and asked.is_party(party):
            person.learn(party, None)


def _learn(place: Workplace, person: Person, row: Item) -> None:
    if not row["sk"].startswith("ORDER#"):
        return
    order_id = row["order_id"]
    facts = list(_facts(place.table.rows(_order(person.brand, order_id), "ORDER#")))
    parties = [f.data.buyer for f in facts if isinstance(f.data, OrderPlaced | OrderChanged)]
    marked = place.world.erasures.find(Trace.ORDER, person.brand, order_id)
    if parties and not any(map(person.is_party, parties)) and marked is None:
        return  # its buyer was corrected: it is somebody else's
    person.orders.add(order_id)
    for fact in facts:
        if isinstance(fact.data, OrderPlaced | OrderChanged):
            person.learn(fact.data.buyer, fact.data.ship_to)
    record = OrderRecord(
        brand=person.brand, order_id=order_id, facts={fact.key: fact for fact in facts}
    )
    person.numbers |= {number for number, _ in parcel_numbers(record)}


def erase(place: Workplace, person: Person) -> Report:
    """Remove a person who was found. May be repeated after a crash anywhere in it."""
    report, table, brand = Report(), place.table, person.brand
    work = _written_down(place, person)
    _mark(place, person, work, place.world.clock.now())
    _forget_timers(place, person.brand, work, report)
    for order_id in sorted(work.orders):
        _remove(place, report, table.rows(_order(brand, order_id)))
    for number in sorted(work.numbers):
        _remove(place, report, _of_number(place, brand, number, work))
    for address in sorted(work.addresses):
        _remove(place, report, table.rows(table_key("ADDRESS", brand, address)))
    for key in sorted(work.keys):
        rows = table.rows(_customer(brand, key))
        mine = (r for r in rows if r.get("order_id") in work.orders or not _is_pointer(r))
        _remove(place, report, mine)
    for queue in QUEUES:
        report.count(f"letters in {queue}", _forget_letters(place, person, work, queue))
    table.delete(_erasing(brand), person.asked_for)
    return report


def proof(place: Workplace, person: Person, report: Report) -> list[str]:
    """Look through the whole table for a person, byte by byte; where they still are.

    An order of somebody else that goes to this person names them too: it is the other's, and stays.
    """
    traces = person.traces
    for row in place.table.scan():
        hits = traces.found(_bytes(row))
        if hits:
            report.left.append(f"{row['pk']} {row['sk']}")
    return report.left


# --- what is to be done --------------------------------------------------------------------------


@dataclass(kw_only=True)
class Work:
    """What is to be removed, in words that name nobody: order ids, and keys that are digests."""

    orders: set[str]
    keys: set[str]
    addresses: set[str]
    numbers: set[str]


def _written_down(place: Workplace, person: Person) -> Work:
    """The work with what an earlier attempt had found, kept for the next one."""
    pk, sk = _erasing(person.brand), person.asked_for
    (row,) = place.table.rows(pk, sk) or [{}]
    work = Work(
        orders=person.orders | set(row.get("orders", ())),
        keys={*person.keys} | set(row.get("keys", ())),
        addresses={*person.addresses} | set(row.get("addresses", ())),
        numbers={tracking_key(person.brand, one) for one in person.numbers}
        | set(row.get("numbers", ())),
    )
    place.table.put({"pk": pk, "sk": sk, **{n: sorted(v) for n, v in vars(work).items()}})
    return work


def _mark(place: Workplace, person: Person, work: Work, now: datetime) -> None:
    world, brand = place.world, person.brand
    for key in sorted(work.keys):
        rows = place.table.rows(_customer(brand, key))
        words = kept_words(_facts(r for r in rows if r["sk"] == "PERSON" or _is_consent(r)))
        keep(world, Trace.CUSTOMER, brand, key, Erased(at=now, words=words))
    for address in sorted(work.addresses):
        stop = world.customers.suppression(brand, address)
        keep(world, Trace.ADDRESS, brand, address, Erased(at=now, stop=stop))
    for order_id in sorted(work.orders):
        keep(world, Trace.ORDER, brand, order_id, Erased(at=now))
    for number in sorted(work.numbers):
        if not _others(place.table.rows(_tracking(brand, number)), work):
            keep(world, Trace.NUMBER, brand, number, Erased(at=now))


def _others(rows: Iterable[Item], work: Work) -> bool:
    """Whether a tracking number leads to an order of somebody else: numbers are given out again."""
    return any("order_id" in row and row["order_id"] not in work.orders for row in rows)


# --- rows --------------------------------------------------------------------------------------


def _of_number(place: Workplace, brand: str, number: str, work: Work) -> Iterator[Item]:
    rows = place.table.rows(_tracking(brand, number))
    others = _others(rows, work)
    for row in rows:
        if row.get("order_id") in work.orders or (row["sk"].startswith("PARKED#") and not others):
            yield row


def _remove(place: Workplace, report: Report, rows: Iterable[Item]) -> None:
    for row in rows:
        place.table.delete(row["pk"], row["sk"])
        report.count(f"rows {row['pk'].partition('#')[0]} {row['sk'].partition('#')[0]}")


def _is_pointer(row: Item) -> bool:
    return str(row["sk"]).startswith("ORDER#")


def _is_consent(row: Item) -> bool:
    return str(row["sk"]).startswith("CONSENT#")


def _facts(rows: Iterable[Item]) -> Iterator[Fact]:
    for row in rows:
        if "facts" in row:
            yield from unpack(row["facts"])


def _bytes(row: Item) -> bytes:
    """A row as bytes to be looked through: its text, and what is packed in it."""
    parts = [value if isinstance(value, bytes) else str(value).encode() for value in row.values()]
    return b"\n".join(_opened(part) for part in parts)


def _opened(part: bytes) -> bytes:
    import zlib

    from shared.adapters.aws.codec import inflated

    for unpacked in (inflated, zlib.decompress):
        try:
            return unpacked(part)
        except (ValueError, zlib.error):
            continue
    return part


def _order(brand: str, order_id: str) -> str:
    return table_key("ORDER", brand, order_id)


def _customer(brand: str, key: str) -> str:
    return table_key("CUSTOMER", brand, key)


def _tracking(brand: str, key: str) -> str:
    return table_key("TRACKING", brand, key)


def _erasing(brand: str) -> str:
    return table_key("ERASING", brand)


# --- schedules ---------------------------------------------------------------------------------


def _scheduler(place: Workplace) -> EventBridgeSchedulerClient:
    import boto3

    if place.stack is not None:
        client: EventBridgeSchedulerClient = place.stack.client("scheduler")
        return client
    return boto3.client("scheduler", config=clients.RETRIED)


def _forget_timers(place: Workplace, brand: str, work: Work, report: Report) -> None:
    client = _scheduler(place)
    for order_id in sorted(work.orders):
        for lifecycle in lifecycles.names():
            name = timer_name(brand, order_id, lifecycle)
            try:
                client.delete_schedule(Name=name, GroupName=place.stage.named())
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
                continue
            report.count("schedules")


# --- letters -----------------------------------------------------------------------------------


def _forget_letters(place: Workplace, person: Person, work: Work, queue: str) -> int:
    """Delete the letters that name a person; the others are there again at once."""
    sqs = clients.sqs()
    url = sqs.get_queue_url(QueueName=place.stage.named(queue))["QueueUrl"]
    brands = Brands(
        of_shop=place.world.brands.of_shop, required=False, known=place.world.brands.ids()
    )
    deleted, seen, back = 0, set(), []
    try:
        while True:
            answer = sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=_HIDDEN_SECONDS
            )
            letters = [m for m in answer.get("Messages", []) if m.get("MessageId") not in seen]
            if not letters:
                return deleted
            for letter in letters:
                seen.add(letter.get("MessageId"))
                receipt = letter.get("ReceiptHandle", "")
                if names(person, work, letter.get("Body", ""), brands):
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
                    deleted += 1
                else:
                    back.append(receipt)
    finally:
        _show_again(sqs, url, back)


def _show_again(sqs: SQSClient, url: str, receipts: list[str]) -> None:
    for receipt in receipts:
        # What is not shown now is there again by itself in five minutes.
        with contextlib.suppress(ClientError):
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)


def names(person: Person, work: Work, body: str, brands: Brands) -> bool:
    """Whether a letter is about a person: it has their address or number, or it is about one of
    their orders. A name alone is not enough: others have it too."""
    if person.contacts.found(body):
        return True
    try:
        facts = read_event(body, brands).facts
    except (Rejected, PermanentError):
        facts = ()
    for fact in facts:
        if fact.metadata.brand in {None, person.brand} and fact.order_id in work.orders:
            return True
        party = getattr(fact.data, "customer", None) or getattr(fact.data, "buyer", None)
        if isinstance(party, Party) and set(identities(person.brand, party)) & work.keys:
            return True
    return any(_orders_in(_json(body), person.brand, work))


def _orders_in(said: Any, brand: str, work: Work) -> Iterator[bool]:
    """Tasks and inputs of state machines name brand and order."""
    if isinstance(said, dict):
        if said.get("brand") == brand and said.get("order_id") in work.orders:
            yield True
        for value in said.values():
            yield from _orders_in(value, brand, work)
    elif isinstance(said, list):
        for value in said:
            yield from _orders_in(value, brand, work)
    elif isinstance(said, str) and said[:1] in {"{", "["}:
        yield from _orders_in(_json(said), brand, work)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
