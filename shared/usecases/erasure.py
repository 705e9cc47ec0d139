"""What ingest does about people whose data were erased: late and replayed events do not bring them
back; whoever buys again is welcome, and what they had refused stays refused."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.domain.customers import Suppression
from shared.domain.erasure import Erased, KeptWord, Trace, kept_words
from shared.domain.events import (
    Channel,
    ConsentChanged,
    Fact,
    Metadata,
    OrderChanged,
    OrderPlaced,
    PrivacyRequested,
)
from shared.domain.values import (
    Party,
    address_key,
    customer_key,
    digest,
    instant_text,
    tracking_key,
)
from shared.ports import World


class ErasedError(Exception):
    """A fact about what was erased: it is let go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is still known of a person who comes back: refusals, and addresses not to be used."""

    refusals: tuple[Fact, ...] = ()
    stops: tuple[tuple[str, Suppression], ...] = ()


def of_unknown_order(world: World, fact: Fact) -> Remembered:
    """Look whether a fact may begin a record of an order. Raises ErasedError where it may not:
    the order was erased, or its buyer after it was placed.

    An order that is there already was not erased, and needs no look.
    """
    brand = fact.metadata.brand or ""
    if fact.order_id and world.erasures.find(Trace.ORDER, brand, fact.order_id):
        raise ErasedError
    if not isinstance(fact.data, OrderPlaced | OrderChanged):
        return Remembered()
    buyer = fact.data.buyer
    refusals: list[Fact] = []
    for key in identities(brand, buyer):
        refusals.extend(of_unknown_person(world, fact, key, buyer))
    stops = []
    for channel, address in ((Channel.EMAIL, buyer.email), (Channel.SMS, buyer.phone)):
        key = address_key(brand, channel, address) if address else ""
        marker = world.erasures.find(Trace.ADDRESS, brand, key) if key else None
        if marker is not None and marker.stop is not None:
            stops.append((key, marker.stop))
    return Remembered(refusals=tuple(refusals), stops=tuple(stops))


def of_unknown_person(world: World, fact: Fact, key: str, party: Party) -> tuple[Fact, ...]:
    """What a person refused before they were erased, as facts. Raises ErasedError for a fact from
    before that."""
    marker = world.erasures.find(Trace.CUSTOMER, fact.metadata.brand or "", key)
    if marker is None:
        return ()
    if fact.metadata.occurred_at <= marker.at:
        raise ErasedError
    if isinstance(fact.data, PrivacyRequested):
        raise ErasedError  # the platform asks, days later, for what was done
    if isinstance(fact.data, ConsentChanged) and not fact.data.granted:
        # A complaint about an old message is heard, and needs no person.
        brand = fact.metadata.brand or ""
        keep(world, Trace.CUSTOMER, brand, key, replace(marker, words=kept_words([fact])))
        raise ErasedError
    return tuple(_refusal(word, fact, key, party) for word in marker.words if not word.granted)


def is_erased_number(world: World, brand: str, number: str) -> bool:
    """Whether a tracking number was of an erased order only: its scans wait for nothing."""
    return world.erasures.find(Trace.NUMBER, brand, tracking_key(brand, number)) is not None


def identities(brand: str, party: Party) -> tuple[str, ...]:
    """Every key under which a party can be known, the one that counts first."""
    parts = (
        Party(email=party.email),
        Party(phone=party.phone),
        Party(customer_id=party.customer_id),
    )
    keys = (customer_key(brand, part) for part in parts)
    return tuple(key for key in keys if key is not None)


def keep(world: World, trace: Trace, brand: str, value: str, erased: Erased) -> None:
    """Write a marker, with what is there already."""
    world.erasures.keep(trace, brand, value, erased.also(world.erasures.find(trace, brand, value)))


def _refusal(word: KeptWord, fact: Fact, key: str, party: Party) -> Fact:
    said = (key, word.channel, word.purpose, word.topic or "", instant_text(word.at))
    return Fact(
        metadata=Metadata(
            id=f"kept:{digest(*said, length=24)}",
            type="ConsentChanged",
            brand=fact.metadata.brand,
            source="yoin",
            occurred_at=word.at,
        ),
        data=ConsentChanged(
            customer=party,
            channel=word.channel,
            purpose=word.purpose,
            granted=False,
            topic=word.topic,
            method=word.method,
            wording=word.wording,
            evidence="kept without the person when their data were erased",
        ),
    )
