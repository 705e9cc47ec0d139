"""What providers report afterwards, as facts: about a message, and about an address.

A ``MessageReported`` finds its entry in the ledger and settles it where the outcome was unknown.
A ``ContactabilityChanged`` suppresses exactly the address that it names, or lifts the suppression
where the channel itself takes it back. shared/usecases/reports.py has what each word changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shared.domain.controls import Brake
from shared.domain.events import Channel, ContactabilityChanged, Fact, MessageReported
from shared.ports import World
from shared.usecases.ingest import ingest
from shared.usecases.reports import ANSWERS, apply, refusals_of_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a record did: how many reports were about a message of nobody's, and the brake that
    it pulled, if it did."""

    unclaimed: int = 0
    brake: Brake | None = None


def feedback(world: World, facts: Iterable[Fact]) -> Heard:
    """Apply the facts of one record of a provider, and publish what is said about people.

    Idempotent. A record that names no brand is of the brand whose message it is about; one about
    a message of nobody's is dropped whole. Raises RetryableError where the entry cannot be read
    yet.
    """
    record = _of_every_brand(world, tuple(facts))
    # An address is dead whether or not the message's entry can be found.
    _spread(world, [fact for fact in record if fact.metadata.brand is not None])
    heard, brand = Heard(), None
    for fact in record:
        if not isinstance(fact.data, MessageReported):
            continue
        told = apply(world, fact)
        brand = told.brand or brand
        heard = Heard(unclaimed=heard.unclaimed + told.unclaimed, brake=told.brake or heard.brake)
        if told.refusal is not None:
            ingest(world, [told.refusal])
        if told.unclaimed:
            ingest(world, refusals_of_number(world, fact, fact.data))
    if brand is not None:
        nameless = (fact for fact in record if fact.metadata.brand is None)
        _spread(world, [replace(f, metadata=replace(f.metadata, brand=brand)) for f in nameless])
    return heard


def _of_every_brand(world: World, record: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """A record with an answer about a number said for every brand: STOP ends the number for the
    whole account, whoever's message it was an answer to."""
    words = {fact.data.word for fact in record if isinstance(fact.data, MessageReported)}
    if not words <= ANSWERS:
        return record
    return tuple(
        named
        for fact in record
        for named in (
            [
                replace(fact, metadata=replace(fact.metadata, brand=brand))
                for brand in world.brands.ids()
            ]
            if isinstance(fact.data, ContactabilityChanged)
            and fact.metadata.brand is None
            and fact.data.channel is Channel.SMS
            else [fact]
        )
    )


def _spread(world: World, facts: Iterable[Fact]) -> None:
    said = [fact for fact in facts if isinstance(fact.data, ContactabilityChanged)]
    for fact in said:
        apply(world, fact)
    if said:
        world.publisher.facts(said)
