"""From a vendor's payload to facts: one file per platform or carrier, found by being here.

A source module declares ``SOURCE``. An event reaches it in one of four forms, which all take
the same way (``receive``, then ``normalize``), in the ingest function and in `yoin normalize`:

- an EventBridge envelope: ``{"detail-type", "source", "detail", ...}``
- what the webhook and the fetch function put on the bus (``shared/contracts/deliveries.py``)
- a webhook record: ``{"headers": {...}, "body": {...}}``
- a bare body, with the source and the topic said beside it

One delivery of a vendor may hold many events: ``receive_all`` gives each of them.

Whatever goes wrong is a Rejected with a code, never another exception.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, cast

from shared.contracts import fact_to_json, values
from shared.contracts.deliveries import (
    DETAIL_TYPE,
    MAX_DELIVERY_BYTES,
    WEBHOOK_SOURCE,
    Arrived,
    read_arrived,
)
from shared.contracts.facts import check_fact
from shared.contracts.fetching import Api, Fetch, FetchTask
from shared.contracts.reading import load_any, measure, one_line
from shared.contracts.signatures import Scheme
from shared.contracts.tracking import Statement
from shared.domain.errors import Ignored, Rejected
from shared.domain.events import CustomerData, Data, Fact, Metadata
from shared.domain.values import customer_key, instant_text

describe = fact_to_json

# What is fetched may name one thing more, as an order its customer; never a chain without an end.
MAX_ROUNDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Brands:
    """Whose event it is.

    ``of_shop`` tells the brand that claims a platform's shop. ``default`` stands where an event
    names no shop and no brand. ``required``: without a brand the event is rejected; else the
    facts say None (`yoin normalize` needs no brand). ``known``: the brands of the deployment.
    """

    of_shop: Callable[[str], str | None] = lambda _shop: None
    default: str | None = None
    required: bool = False
    known: Collection[str] | None = None

    def belonging_to(self, brand: str) -> Brands:
        """These brands for an event of which the way that it came says whose it is.

        Only a shop that another brand claims cannot be right: a webhook that was set up with the
        other one's URL, or a call of the other one's that somebody sent here.
        """

        def of_shop(shop: str) -> str:
            claimed = self.of_shop(shop)
            if claimed is not None and claimed != brand:
                told = (
                    f"the shop {one_line(shop)[:100]} is of {claimed}, and came by way of {brand}"
                )
                raise Rejected("UNKNOWN_BRAND", told)
            return brand

        return replace(self, of_shop=of_shop, default=brand)

    def find(self, *, shop: str | None = None, brand: str | None = None) -> str | None:
        """The brand of an event that names a shop, a brand or neither.

        Raises Rejected("UNKNOWN_BRAND") where one is required and none is found.
        """
        found = brand or (self.of_shop(shop) if shop else self.default)
        if found is None and self.required:
            told = f"no brand file claims the shop {shop[:100]}" if shop else "no brand is named"
            raise Rejected("UNKNOWN_BRAND", told)
        if found is not None and self.known is not None and found not in self.known:
            raise Rejected("UNKNOWN_BRAND", f"there is no brand {found[:60]} in this deployment")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event as it arrived. ``headers`` have names in small letters.

    ``time`` is the envelope's, or when it arrived: the last resort for a payload without a time
    of its own. ``replayed``: it comes from an archive. ``fetched``: how often something was
    asked for it; after MAX_ROUNDS it is as whole as it will be.
    """

    source: str
    topic: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    event_id: str | None = None
    sender: str | None = None
    time: datetime | None = None
    replayed: bool = False
    fetched: int = 0
    brands: Brands = Brands()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An envelope or record as its source reads it."""

    headers: Mapping[str, str]
    body: Mapping[str, Any]
    topic: str | None


class Kind(StrEnum):
    """What a source tells about."""

    CONTRACT = "contract"
    COMMERCE = "commerce"
    CARRIER = "carrier"
    AGGREGATOR = "aggregator"
    MESSAGES = "messages"


def _never(_envelope: Mapping[str, Any]) -> bool:
    return False


def _closed(_envelope: Mapping[str, Any]) -> Opened:
    raise Rejected("MALFORMED", "events of this source do not come as EventBridge envelopes")


def _no_id(_headers: Mapping[str, str], _body: Mapping[str, Any]) -> str | None:
    return None


def _nothing(_delivery: Delivery) -> None:
    return None


def _no_ping(_headers: Mapping[str, str], _raw: bytes) -> bool:
    return False


def split_list(body: Any) -> tuple[Mapping[str, Any], ...]:
    """The events in a body: each of a list, else the body itself. Raises Rejected("MALFORMED")."""
    parts = body if isinstance(body, list | tuple) else [body]
    if not all(isinstance(part, Mapping) for part in parts):
        raise Rejected("MALFORMED", "the body is neither an object nor a list of objects")
    return tuple(parts)


def from_partner(envelope: Mapping[str, Any], prefix: str) -> bool:
    """Whether an envelope came from a partner event source whose name begins with ``prefix``."""
    return _said(envelope, "source").startswith(prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A platform or carrier.

    Attributes:
        name: its token, and the name of its file.
        title, docs_url: for people.
        kind: what it tells about.
        topics: the topics that become facts, each with what it becomes.
        ignored: topics (with wildcards) that Yoin has no use for, each with the reason; "*" is
            for those that nobody knows, which are kept for people to look at.
        event_patterns: EventBridge patterns that its events match.
        notes: what it promises about repetition, order and time.
        matches: whether an EventBridge envelope is one of its events.
        recognises: whether the headers of a webhook (names in small letters) are its own.
        open: an envelope's headers, body and topic. Raises Rejected.
        topic_of: the topic of a webhook, from its headers and body; None if it names none.
        normalize: the facts in a delivery with one of ``topics``. Raises Rejected.
        signature: how a webhook proves that it is the vendor's; None for what comes over
            EventBridge only, or is asked for.
        keeps: further headers that ``topic_of``, ``event_id`` and ``normalize`` read; no other
            header of a webhook is stored.
        split: the events in one delivery. A part is its own only part.
        event_id: the vendor's own id of one event, the same in every repetition; None: it has
            none, and what is equal byte for byte is a repetition.
        retries_for: how long the vendor repeats what was not acknowledged. Zero: never;
            of its events without an ``event_id`` equal ones are new changes, not repetitions.
        challenge: the parameter of a GET whose value the vendor wants back before it sends
            anything (Adobe I/O Events); "": it asks for no such thing.
        missing: what a thin event leaves out and has to be fetched; None: it is whole. It is
            asked again about what was fetched, once. Raises Rejected.
        api: where ``missing`` is asked for.
        comes_by: in words, another way in than EventBridge and webhook.
        is_ping: whether a call, by its headers and raw body, is the vendor trying out a new
            webhook: it may be unsigned and no JSON, holds no event, and is answered 200.
    """

    name: str
    title: str
    docs_url: str
    topics: Mapping[str, str]
    ignored: Mapping[str, str]
    notes: tuple[str, ...]
    topic_of: Callable[[Mapping[str, str], Mapping[str, Any]], str | None]
    normalize: Callable[[Delivery], tuple[Fact, ...]]
    recognises: Callable[[Mapping[str, str]], bool]
    kind: Kind = Kind.COMMERCE
    event_patterns: tuple[Mapping[str, Any], ...] = ()
    matches: Callable[[Mapping[str, Any]], bool] = _never
    open: Callable[[Mapping[str, Any]], Opened] = _closed
    signature: Scheme | None = None
    keeps: tuple[str, ...] = ()
    split: Callable[[Any], tuple[Mapping[str, Any], ...]] = split_list
    event_id: Callable[[Mapping[str, str], Mapping[str, Any]], str | None] = _no_id
    retries_for: timedelta = timedelta(days=1)
    challenge: str = ""
    missing: Callable[[Delivery], Fetch | None] = _nothing
    api: Api | None = None
    comes_by: str = ""
    is_ping: Callable[[Mapping[str, str], bytes], bool] = _no_ping


@cache
def source_names() -> tuple[str, ...]:
    """The names of all sources, sorted: those of their files. Imports none of them."""
    here = str(Path(__file__).parent)
    return tuple(sorted(m.name for m in pkgutil.iter_modules([here]) if not m.name.startswith("_")))


@cache
def sources() -> tuple[Source, ...]:
    """All sources, sorted by name."""
    return tuple(find_source(name) for name in source_names())


def find_source(name: str) -> Source:
    """A source by its name; no other is imported. Raises Rejected("UNKNOWN_SOURCE")."""
    if name not in source_names():
        known = ", ".join(source_names())
        raise Rejected("UNKNOWN_SOURCE", f"there is no source {name[:40]}; there are {known}")
    return cast("Source", importlib.import_module(f"{__name__}.{name}").SOURCE)


def receive(
    raw: str | bytes | Mapping[str, Any] | list[Any],
    *,
    source: str | None = None,
    topic: str | None = None,
    received_at: datetime | None = None,
    brands: Brands | None = None,
) -> Delivery:
    """The one event in ``raw``; see ``receive_all``. Raises Rejected("MALFORMED") for several."""
    found = receive_all(raw, source=source, topic=topic, received_at=received_at, brands=brands)
    if len(found) != 1:
        raise Rejected("MALFORMED", f"{len(found)} events where one is expected")
    return found[0]


def receive_all(
    raw: str | bytes | Mapping[str, Any] | list[Any],
    *,
    source: str | None = None,
    topic: str | None = None,
    received_at: datetime | None = None,
    brands: Brands | None = None,
) -> tuple[Delivery, ...]:
    """Recognise an event in any of its forms; a vendor's delivery may hold several, or none.

    ``source`` and ``topic`` are needed for a bare body; for the other forms they override what
    the event says. ``received_at`` is the time of arrival, where the event itself has none.
    Raises Rejected: OVERSIZED, MALFORMED, UNKNOWN_SOURCE, INCOMPLETE.
    """
    if isinstance(raw, str | bytes):
        event = load_any(raw)
    else:
        measure(raw)
        event = raw
    brands = brands or Brands()
    if not isinstance(event, Mapping):
        found = _from_body(event, source, topic)
    elif "detail-type" in event and "detail" in event:
        if _said(event, "detail-type") == DETAIL_TYPE and event.get("source") == WEBHOOK_SOURCE:
            arrived = read_arrived(event)
            brands = brands.belonging_to(arrived.brand)
            found = _from_arrived(arrived)
        else:
            found = (_from_envelope(event, source),)
    elif isinstance(event.get("headers"), Mapping) and "body" in event:
        found = _from_record(event, source)
    else:
        found = _from_body(event, source, topic)
    for delivery in found:
        if not (topic or delivery.topic):
            raise Rejected("INCOMPLETE", f"{delivery.source}: the event does not say its topic")
    return tuple(
        replace(one, topic=topic or one.topic, time=one.time or received_at, brands=brands)
        for one in found
    )


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in a delivery; the same delivery always gives the same facts.

    Raises Rejected; Ignored, with the reason, for a topic that Yoin has no use for.
    """
    source = find_source(delivery.source)
    delivery = _checked(delivery, source)
    facts = source.normalize(delivery)
    for fact in facts:
        check_fact(fact)
    return facts


def missing(delivery: Delivery) -> Fetch | None:
    """What a delivery leaves out and has to be fetched before it can be normalized, or None.

    Raises Rejected, as ``normalize``.
    """
    source = find_source(delivery.source)
    delivery = _checked(delivery, source)
    return None if delivery.fetched >= MAX_ROUNDS else source.missing(delivery)


def _checked(delivery: Delivery, source: Source) -> Delivery:
    """The delivery with its topic as the source writes it.

    Raises Ignored for a topic that the source declares to be of no use, Rejected("UNKNOWN_TOPIC")
    for one that nobody knows.
    """
    if delivery.topic.lower() in source.topics:
        delivery = replace(delivery, topic=delivery.topic.lower())
    if delivery.topic not in source.topics:
        shown = one_line(delivery.topic)[:80]
        patterns = [p for p in source.ignored if p != "*" and fnmatchcase(shown, p)]
        if patterns:
            raise Ignored(f"{source.name} {shown}: {source.ignored[patterns[0]]}")
        reason = source.ignored.get("*", "Yoin has no use for this topic")
        raise Rejected("UNKNOWN_TOPIC", f"{source.name} {shown}: {reason}")
    return delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an event on the bus tells.

    ``tasks``: what has to be fetched for it; ``arrived_at``: when it was put on the bus, None
    where it does not say so.
    """

    facts: tuple[Fact, ...]
    tasks: tuple[FetchTask, ...] = ()
    arrived_at: datetime | None = None


def read_event(envelope: str | bytes | Mapping[str, Any], brands: Brands) -> Told:
    """What an event on the bus tells, and what has to be fetched for it: the way of ingest.

    Raises Rejected.
    """
    facts: list[Fact] = []
    tasks: list[FetchTask] = []
    arrived_at: datetime | None = None
    for delivery in receive_all(envelope, brands=brands):
        arrived_at = delivery.time
        wanted = missing(delivery)
        if wanted is None:
            facts.extend(normalize(delivery))
            continue
        tasks.append(
            FetchTask(
                source=delivery.source,
                brand=delivery.brands.find(shop=wanted.shop) or "",
                fetch=wanted,
                headers=delivery.headers,
                event_id=delivery.event_id,
                received_at=delivery.time,
                replayed=delivery.replayed,
                rounds=delivery.fetched,
            )
        )
    return Told(facts=tuple(facts), tasks=tuple(tasks), arrived_at=arrived_at)


def normalize_event(
    envelope: str | bytes | Mapping[str, Any],
    brand_of: Callable[[str], str | None],
    default_brand: str | None = None,
    known_brands: Collection[str] | None = None,
) -> tuple[Fact, ...]:
    """The facts in an EventBridge envelope, every one with its brand: the way of ingest.

    ``brand_of`` tells which brand claims a shop's domain, ``default_brand`` stands where an event
    names neither. Raises Rejected.
    """
    brands = Brands(of_shop=brand_of, default=default_brand, required=True, known=known_brands)
    return _all_facts(receive_all(envelope, brands=brands))


def normalize_record(
    record: Mapping[str, Any], *, source: str | None = None, brands: Brands | None = None
) -> tuple[Fact, ...]:
    """The facts in a webhook record ``{"headers", "body"}``. Raises Rejected."""
    return _all_facts(receive_all(record, source=source, brands=brands))


def normalize_body(
    body: Mapping[str, Any] | list[Any],
    source: str,
    topic: str,
    *,
    received_at: datetime | None = None,
    brands: Brands | None = None,
) -> tuple[Fact, ...]:
    """The facts in a bare body. Raises Rejected."""
    return _all_facts(
        receive_all(body, source=source, topic=topic, received_at=received_at, brands=brands)
    )


def _all_facts(deliveries: Iterable[Delivery]) -> tuple[Fact, ...]:
    return tuple(fact for delivery in deliveries for fact in normalize(delivery))


def make_fact(
    delivery: Delivery,
    data: Data,
    occurred_at: datetime,
    *,
    brand: str | None,
    rank: int = 0,
    dedupe_id: str | None = None,
    test: bool = False,
    historical: bool = False,
    notes: Iterable[str] = (),
) -> Fact:
    """A fact whose id is what it says of what at which time.

    Vendors tell the same thing more than once: a retry, a second subscription, an order that
    repeats its fulfilments under several topics. With an id of the statement, not of the
    delivery, all of them are one fact. ``dedupe_id`` keeps the vendor's id of the event.

    Vendors' times have whole seconds: of two statements of one second the one with the higher
    ``rank`` counts, because the id begins with it and ids break ties. ``notes`` say what was
    contradictory and how it was resolved.
    Raises Rejected("INVALID_VALUE").
    """
    subject = getattr(data, "order_id", None)
    if isinstance(data, CustomerData):
        subject = customer_key(brand or "", data.customer)
    try:
        metadata = Metadata(
            id=f"{min(rank, 99):02d}:{delivery.source}:{subject}:{data.key()}:"
            f"{instant_text(occurred_at)}",
            type=type(data).__name__,
            brand=brand,
            source=delivery.source,
            occurred_at=occurred_at,
            dedupe_id=dedupe_id,
            test=test,
            historical=historical or delivery.replayed,
            notes=tuple(notes),
        )
        return Fact(metadata=metadata, data=data)
    except ValueError as error:
        raise Rejected("INVALID_VALUE", str(error)) from None


def make_facts(
    delivery: Delivery,
    said: Iterable[Statement],
    *,
    dedupe_id: str | None = None,
    test: bool = False,
    historical: bool = False,
) -> tuple[Fact, ...]:
    """The facts of a parcel's history, of which no vendor names the shop. Else as ``make_fact``."""
    brand = delivery.brands.find()
    return tuple(
        make_fact(
            delivery,
            one.data,
            one.at,
            brand=brand,
            dedupe_id=dedupe_id,
            test=test,
            historical=historical,
            notes=one.notes,
        )
        for one in said
    )


def lower_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    """Headers with names in small letters and values as text; a repeated one's first value."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, str | int | bool) and first != "":
            text = str(first).lower() if isinstance(first, bool) else one_line(str(first))
            found.setdefault(str(name).strip().lower(), text)
    return found


def _from_envelope(event: Mapping[str, Any], name: str | None) -> Delivery:
    detail_type, sender = _said(event, "detail-type"), _said(event, "source")
    if not isinstance(event["detail"], Mapping):
        raise Rejected("MALFORMED", "detail is not an object")
    matching = (s for s in sources() if s.matches(event))
    source = find_source(name) if name else next(matching, None)
    if source is None:
        raise Rejected("UNKNOWN_SOURCE", f"no source knows {detail_type} from {sender}")
    opened = source.open(event)
    time = event.get("time")
    return Delivery(
        source=source.name,
        topic=opened.topic or "",
        headers=opened.headers,
        body=opened.body,
        event_id=_said(event, "id") or None,
        sender=sender or None,
        time=values.instant(time) if isinstance(time, str) else None,
        # EventBridge adds this key to what it replays from an archive.
        replayed=bool(event.get("replay-name")),
    )


def _from_arrived(arrived: Arrived) -> tuple[Delivery, ...]:
    """What came by webhook, or was fetched: the source is known, the body is still text."""
    source = find_source(arrived.source)
    whole = load_any(arrived.body, limit=MAX_DELIVERY_BYTES)
    bundle = whole if arrived.bundled and isinstance(whole, list) else [whole]
    return tuple(
        Delivery(
            source=source.name,
            topic=arrived.topic or source.topic_of(arrived.headers, body) or "",
            headers=arrived.headers,
            body=body,
            event_id=arrived.event_id,
            sender=source.name,
            time=arrived.received_at,
            replayed=arrived.replayed,
            fetched=arrived.rounds,
        )
        for one in bundle
        for body in source.split(one)
    )


def _from_record(record: Mapping[str, Any], name: str | None) -> tuple[Delivery, ...]:
    headers = lower_headers(record["headers"])
    recognising = (s for s in sources() if s.recognises(headers))
    source = find_source(name) if name else next(recognising, None)
    if source is None:
        raise Rejected("UNKNOWN_SOURCE", "no source knows these headers; name it with --source")
    body = record["body"]
    if isinstance(body, str | bytes):
        raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
        if source.is_ping(headers, raw):
            return ()
        body = load_any(body)
    return tuple(
        Delivery(
            source=source.name,
            # Some recorders note the topic beside the headers.
            topic=source.topic_of(headers, part) or _said(record, "topic"),
            headers=headers,
            body=part,
        )
        for part in source.split(body)
    )


def _from_body(body: Any, name: str | None, topic: str | None) -> tuple[Delivery, ...]:
    if name is None:
        raise Rejected(
            "UNKNOWN_SOURCE", "neither an envelope nor headers: name the source and the topic"
        )
    source = find_source(name)
    return tuple(
        Delivery(source=source.name, topic=topic or source.topic_of({}, part) or "", body=part)
        for part in source.split(body)
    )


def _said(event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    return one_line(value)[:200] if isinstance(value, str) else ""
