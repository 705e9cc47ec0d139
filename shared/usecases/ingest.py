"""Facts in: fold them into the records, then publish them for whoever listens.

Writing comes before publishing. A crash between the two is healed by the queue: it delivers
the event again, the merge changes nothing, and the facts are published once more.

An event that comes for the first time publishes its news only: aggregators repeat a parcel's
whole history with every scan, and each fact on the bus starts every lifecycle that listens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.customers import CustomerRecord
from shared.domain.errors import Conflict, RetryableError
from shared.domain.events import (
    BrandData,
    ConsentChanged,
    ConsentMethod,
    ContactabilityChanged,
    CustomerData,
    Data,
    Fact,
    MessageData,
    Metadata,
    OrderChanged,
    OrderPlaced,
    PreferencesChanged,
    ReturnClosed,
    ReturnOpened,
    ReturnReceived,
    ShipmentDispatched,
    ShipmentUpdated,
)
from shared.domain.folding import fold, merge
from shared.domain.orders import OrderRecord
from shared.domain.reasons import Reason
from shared.domain.shipments import may_belong
from shared.domain.values import Party, customer_key, return_reference
from shared.ports import World
from shared.usecases import reports
from shared.usecases.erasure import (
    ErasedError,
    is_erased_number,
    of_unknown_order,
    of_unknown_person,
)

_WRITE_ATTEMPTS = 6
# Why marketing is held back that the person can take back by a later word. TOO_LATE: their own
# pause would have ended after the message's expiry.
_THE_PERSON_S_OWN = frozenset(
    {
        Reason.NO_CONSENT,
        Reason.OPTED_OUT,
        Reason.UNCONFIRMED,
        Reason.PRODUCT_STOPPED,
        Reason.SNOOZED,
        Reason.FREQUENCY_CAP,
        Reason.TOO_LATE,
    }
)
# No pause of the preference centre is longer than a quarter, and no message lives longer.
_SAID_LATER_WITHIN = timedelta(days=100)

# Far less than the queue takes to bring a failed message again, or people to redrive one.
_FRESH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What became of an event's facts.

    ``published`` are the facts that went out (carrier facts with the order that they belong
    to), ``parked`` counts those whose shipment is not known yet, ``unclaimed``
    the reports about messages of nobody's, ``erased`` the facts about people who were erased.
    """

    published: tuple[Fact, ...]
    parked: int
    unclaimed: int = 0
    erased: int = 0


def is_first_attempt(receives: int, arrived_at: datetime | None, now: datetime) -> bool:
    """Whether nobody can have tried an event before: then what it changes nothing about was
    published by whoever told it first.

    ``receives``: how often the queue has brought it. A message that was redriven counts anew, but
    its event is older than any first attempt.
    """
    return receives == 1 and arrived_at is not None and now - arrived_at < _FRESH


def ingest(world: World, facts: Iterable[Fact], *, news_only: bool = False) -> Ingested:
    """Merge ``facts`` into their records and publish them. Idempotent.

    A fact about an order that has not been placed yet waits inside its record; a carrier's fact
    with a tracking number that nobody knows is parked under the number. What a provider says
    about a message goes the way of feedback. ``news_only``: facts that change nothing are not
    published; only for an event that comes for the first time. Raises RetryableError when a store
    or the bus could not take it: then the whole event comes again.
    """
    published: list[Fact] = []
    parked = unclaimed = erased = 0
    todo = deque(facts)
    while todo:
        fact = todo.popleft()
        if isinstance(fact.data, MessageData):
            told = reports.apply(world, fact)
            unclaimed += told.unclaimed
            if isinstance(fact.data, ContactabilityChanged):
                published.append(fact)
            if told.refusal is not None:
                todo.append(told.refusal)
            continue
        try:
            taken = _apply(world, fact)
        except ErasedError:
            erased += 1
            continue
        parked += not taken
        published.extend(one for one, news in taken if news or not news_only)
    world.publisher.facts(published)
    return Ingested(published=tuple(published), parked=parked, unclaimed=unclaimed, erased=erased)


def _apply(world: World, fact: Fact) -> list[tuple[Fact, bool]]:
    """Merge a fact into its record; what is to be published, each with whether it is news.

    Nothing where it was parked. Raises ErasedError for a fact about somebody who was erased.
    """
    if isinstance(fact.data, BrandData):
        return [(fact, True)]
    if isinstance(fact.data, CustomerData):
        news = _merge_customer(world, fact, fact.data.customer)
        if news:
            _wake(world, fact, fact.data.customer)
        return [(fact, news)]
    located = _locate(world, fact)
    return [told for own in located for told in _take_in(world, own, unpark=own is fact)]


def _take_in(world: World, fact: Fact, *, unpark: bool) -> list[tuple[Fact, bool]]:
    """Merge a fact into its order, with what waited for it; each with whether it is news."""
    # One that names its shipment or return itself perhaps does so for the first time.
    found = [(fact, _merge_order(world, fact)), *(_unpark(world, fact) if unpark else ())]
    for party, consent in _consents(fact):
        _merge_customer(world, consent, party)
    return found


def _brand(fact: Fact) -> str:
    if fact.metadata.brand is None:
        raise ValueError("a fact without a brand cannot be stored")
    return fact.metadata.brand


def _locate(world: World, fact: Fact) -> list[Fact]:
    """The fact once for every order, and shipment, that it is about."""
    data = fact.data
    if isinstance(data, ReturnClosed):
        if data.order_id:
            return [fact]
        return _find(world, fact, return_reference(data.return_id))
    if not isinstance(data, ShipmentUpdated):
        return [fact]
    world.orders.mark_feed(_brand(fact), world.clock.now())
    if data.order_id and data.shipment_id:
        return [fact]
    return _find(world, fact, data.tracking_number or "")


def _find(world: World, fact: Fact, reference: str) -> list[Fact]:
    """The fact for every order that the reference leads to; parked where there is none.

    Parked first, looked up again after: a shipment that became known in between either sees the
    parked fact or is seen here.
    """
    found = _matching(world, fact, reference)
    if not found:
        if is_erased_number(world, _brand(fact), reference):
            raise ErasedError
        world.orders.park(_brand(fact), reference, fact)
        found = _matching(world, fact, reference)
    return found


def _matching(world: World, fact: Fact, reference: str) -> list[Fact]:
    pairs = world.orders.by_tracking(_brand(fact), reference)
    named = fact.order_id
    return [
        _assigned(fact, order_id, part_id)
        for order_id, part_id in pairs
        if named in {None, order_id} and _may_belong(world, fact, order_id, part_id)
    ]


def _may_belong(world: World, fact: Fact, order_id: str, part_id: str) -> bool:
    """Whether a scan can be about a shipment with its number: numbers are given out again."""
    data = fact.data
    if not isinstance(data, ShipmentUpdated):
        return True
    order = fold(world.orders.load(_brand(fact), order_id))
    shipment = next((s for s in order.shipments if s.shipment_id == part_id), None)
    return may_belong(
        shipment.dispatched_at if shipment else None,
        scanned_at=fact.metadata.occurred_at,
        shipped_on=data.shipped_on,
    )


def _assigned(fact: Fact, order_id: str, part_id: str) -> Fact:
    """The fact with the order, and the shipment, that it turned out to be about."""
    data = fact.data
    if isinstance(data, ShipmentUpdated):
        return replace(fact, data=replace(data, order_id=order_id, shipment_id=part_id))
    if isinstance(data, ReturnClosed):
        return replace(fact, data=replace(data, order_id=order_id))
    raise TypeError(f"{fact.metadata.type} is not found by a reference")


def _unpark(world: World, fact: Fact) -> list[tuple[Fact, bool]]:
    """What was said about the parcels of a shipment, or a return, before it was known."""
    data = fact.data
    found = []
    for reference, part_id in _references(data):
        for waiting in world.orders.parked(_brand(fact), reference):
            if waiting.order_id not in {None, fact.order_id}:
                continue
            own = _assigned(waiting, fact.order_id or "", part_id)
            if _may_belong(world, own, fact.order_id or "", part_id):
                found.append((own, _merge_order(world, own)))
    return found


def _references(data: Data) -> list[tuple[str, str]]:
    """What a fact can be found by later: (tracking number, shipment id), or its return."""
    if isinstance(data, ShipmentDispatched):
        numbers = (data.tracking_number, *data.other_tracking_numbers)
        return [(number, data.shipment_id) for number in numbers if number]
    if isinstance(data, ShipmentUpdated) and data.tracking_number and data.shipment_id:
        return [(data.tracking_number, data.shipment_id)]
    if isinstance(data, ReturnOpened | ReturnReceived):
        return [(return_reference(data.return_id), data.return_id)]
    return []


def _merge_order(world: World, fact: Fact) -> bool:
    """Merge a fact into its order's record; returns whether it changed anything."""
    order_id = fact.order_id
    if order_id is None:
        raise ValueError(f"{fact.metadata.type} names no order")
    for _ in range(_WRITE_ATTEMPTS):
        before = world.orders.load(_brand(fact), order_id)
        if before.version == 0:
            _remember(world, fact)
        after = merge(before, [fact])
        if after is before:
            return False
        if after.first_recorded_at is None and isinstance(fact.data, OrderPlaced | OrderChanged):
            after = replace(after, first_recorded_at=world.clock.now())
        try:
            world.orders.save(before, after)
        except Conflict:
            continue
        return True
    raise RetryableError(f"order {order_id} is being written to by too many at once")


def _remember(world: World, fact: Fact) -> None:
    """Whoever was erased and buys again is the person who had refused this and that.

    Raises ErasedError for a fact about what was erased.
    """
    remembered = of_unknown_order(world, fact)
    for key, stop in remembered.stops:
        world.customers.suppress(_brand(fact), key, stop)
    for refusal in remembered.refusals:
        if isinstance(refusal.data, ConsentChanged):
            _merge_customer(world, refusal, refusal.data.customer, remembered=True)


def _merge_customer(world: World, fact: Fact, party: Party, *, remembered: bool = False) -> bool:
    """Merge a fact into a person's record; returns whether it changed anything.

    ``remembered``: it was kept when the person was erased. Raises ErasedError for any other from
    before that. What is said of consent is kept as evidence first, whether or not it changes how
    the person stands: a crash in between leaves evidence of a word that the queue brings again.
    """
    key = customer_key(_brand(fact), party)
    if key is None:
        return True
    before = world.customers.load(_brand(fact), key)
    facts = [fact]
    if before.version == 0 and not remembered:
        facts += of_unknown_person(world, fact, key, party)
    if isinstance(fact.data, ConsentChanged):
        _note(world, fact, before)
    for _ in range(_WRITE_ATTEMPTS):
        # The rule for orders: per key the newest statement counts.
        record = OrderRecord(brand=before.brand, order_id=key, facts=before.facts)
        merged = merge(record, facts)
        if merged is record:
            return False
        try:
            world.customers.save(before, replace(before, facts=merged.facts))
        except Conflict:
            before = world.customers.load(_brand(fact), key)
            continue
        return True
    raise RetryableError("a customer's record is being written to by too many at once")


def _wake(world: World, fact: Fact, party: Party) -> None:
    """Who says yes again, or ends a pause, may hear what was not said for want of that.

    Such a word names no order, so that it starts no lifecycle by itself. What is imported is about
    the past, and wakes nothing.
    """
    data, brand = fact.data, _brand(fact)
    loosens = isinstance(data, PreferencesChanged) or (
        isinstance(data, ConsentChanged) and data.granted
    )
    key = customer_key(brand, party)
    if not loosens or key is None or fact.metadata.historical:
        return
    since = world.clock.now() - _SAID_LATER_WITHIN
    for order_id in world.orders.orders_of(brand, key):
        held = {
            entry.key.lifecycle
            for entry in world.ledger.of_order(brand, order_id)
            if entry.marketing and entry.reason in _THE_PERSON_S_OWN and entry.decided_at >= since
        }
        for lifecycle in sorted(held):
            world.publisher.reconsider(brand, order_id, lifecycle, fact.metadata.type)


def _note(world: World, fact: Fact, person: CustomerRecord) -> None:
    """Keep a word about consent as evidence, unless it stands in the record: then it was kept.

    The law counts from the last message that was sent under a consent. A word that counts stays in
    the record for as long as it does; one that is replaced is kept anew from then on.
    """
    known = person.facts.get(fact.key)
    if known is not None and known.metadata.id == fact.metadata.id:
        return
    days = world.brands.policy(person.brand).consent.evidence_days
    for one in (known, fact):
        if one is not None:
            world.customers.note_consent(person.brand, person.key, one, timedelta(days=days))


def _consents(fact: Fact) -> list[tuple[Party, Fact]]:
    """What the buyer said at the checkout, as words of that person.

    A word is named by the checkout: platforms repeat it with every change of the order, and each
    repetition is the same evidence.
    """
    data = fact.data
    if not isinstance(data, OrderPlaced | OrderChanged):
        return []
    return [
        (
            data.buyer,
            Fact(
                metadata=Metadata(
                    id=f"checkout:{fact.metadata.source}:{data.order_id}:{seen.channel}"
                    f":{seen.purpose}:{'granted' if seen.granted else 'refused'}",
                    type="ConsentChanged",
                    brand=fact.metadata.brand,
                    source=fact.metadata.source,
                    occurred_at=data.placed_at,
                    correlation_id=fact.metadata.correlation_id or fact.metadata.id,
                    test=fact.metadata.test,
                    historical=fact.metadata.historical,
                ),
                data=ConsentChanged(
                    customer=data.buyer,
                    channel=seen.channel,
                    purpose=seen.purpose,
                    granted=seen.granted,
                    method=ConsentMethod.CHECKOUT,
                    confirmed=seen.confirmed if seen.granted else None,
                    evidence=f"checkout of order {data.order_id}",
                ),
            ),
        )
        for seen in data.consents
    ]
