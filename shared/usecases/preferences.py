"""The preference centre: what a person says on Yoin's pages, as facts.

A signed link opens a page about one message (shared/messages/signing.py). GET shows and changes
nothing: scanners of mail follow every link. POST states facts, by ``ingest``, and only what differs
from what is known, so that the same answer twice is one. The token is the capability, so there is
no login and no cookie, and a forged request cannot know it.

What is stated is worked out by pure functions (``plan_…``) from a Visit; around them are the edges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from shared import lifecycles
from shared.contracts.function_url import Request, read_form
from shared.domain.customers import Customer, fold_customer
from shared.domain.errors import Rejected
from shared.domain.estimates import recipient_zone
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    CustomerData,
    Data,
    Fact,
    Frequency,
    Metadata,
    OrderChanged,
    OrderPlaced,
    PreferencesChanged,
    Purpose,
    ReminderSnoozed,
)
from shared.domain.folding import fold
from shared.domain.gate import addresses
from shared.domain.ledger import LedgerEntry
from shared.domain.lifecycle import Spec
from shared.domain.orders import Order
from shared.domain.policy import ConsentBasis, Policy
from shared.domain.timing import at_local
from shared.domain.values import Party, customer_key, digest, instant_text
from shared.messages.signing import LinkFor, LinkSigner, Opened
from shared.ports import World
from shared.usecases.ingest import ingest
from shared.usecases.situations import with_number

METHODS = "GET, HEAD, POST"
# A form of ours is far smaller, with every product of a large order.
MAX_FORM_BYTES = 16 * 1024
# The ledger's index follows within seconds: after that a message that it lacks is gone.
INDEX_LAG = timedelta(hours=1)
RETRY_AFTER = timedelta(minutes=1)

PAUSES = {"week": timedelta(days=7), "month": timedelta(days=30), "quarter": timedelta(days=90)}
SNOOZES = {"fortnight": timedelta(days=14), "month": timedelta(days=30), "two": timedelta(days=60)}
NEVER = "never"

Form = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """All that the preference centre is given."""

    world: World
    links: LinkSigner


class Outcome(StrEnum):
    """What became of a call."""

    SHOWN = "SHOWN"
    SAVED = "SAVED"
    NOT_FOUND = "NOT_FOUND"  # no such page, or a token that is not ours
    EXPIRED = "EXPIRED"  # an old link, or a message whose order is no longer kept
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    UNREADABLE = "UNREADABLE"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the person is shown.

    Attributes:
        status: of HTTP.
        outcome: what there is to count.
        page: which page, as its words are called.
        brand: whose look it has; None for nobody's.
        locale: the buyer's own, as BCP 47.
        content: what the page is made from: plain data.
        changed: how many facts were stated.
    """

    status: int
    outcome: Outcome
    page: str
    brand: str | None = None
    locale: str | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    changed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A person with a link in their hand: all that a plan depends on.

    ``party`` is who got the message, ``reached`` the channels that they have an address on.
    """

    entry: LedgerEntry
    order: Order
    party: Party
    person: Customer
    reached: tuple[Channel, ...]
    policy: Policy
    topics: tuple[Spec, ...]
    now: datetime

    @property
    def channel(self) -> Channel:
        """The channel on which the link came: its address is the person's own."""
        return self.entry.key.channel

    def offers(self, channel: Channel) -> tuple[str, ...]:
        """The topics that there are on a channel."""
        return tuple(spec.name for spec in self.topics if channel in spec.channels)

    def receives(self, channel: Channel, topic: str) -> bool:
        """Whether the person gets a topic on a channel as things stand."""
        word = self.person.word(channel, topic=topic)
        if word is not None:
            return word.granted
        basis = self.policy.consent_basis.get(topic, ConsentBasis.OPT_IN)
        return basis is ConsentBasis.EXISTING_CUSTOMER and channel is Channel.EMAIL

    def refuses_all(self, channel: Channel) -> bool:
        """Whether the person has refused all marketing on a channel, and nothing newer."""
        word = self.person.word(channel)
        refused = word is not None and not word.granted
        return refused and not any(self.receives(channel, topic) for topic in self.offers(channel))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the form of the preference page says. None: as it was."""

    wanted: frozenset[tuple[Channel, str]]
    frequency: Frequency | None = None
    pause: str | None = None
    stopped: frozenset[str] = frozenset()


def visit(reception: Reception, request: Request) -> Answer:
    """Answer one call. Raises RetryableError where a store, the bus or the key cannot be had."""
    parts = request.path.split("/")[1:]
    if len(parts) != 2 or parts[0] not in set(LinkFor):
        return Answer(status=404, outcome=Outcome.NOT_FOUND, page="unknown")
    if request.method not in METHODS.split(", "):
        return Answer(status=405, outcome=Outcome.METHOD_NOT_ALLOWED, page="unknown")
    form: Form | None = None
    if request.method == "POST":
        try:
            form = read_form(request, limit=MAX_FORM_BYTES)
        except Rejected:
            return Answer(status=400, outcome=Outcome.UNREADABLE, page="unknown")
    purpose = LinkFor(parts[0])
    opened = reception.links.open(purpose, parts[1])
    if opened is None:
        return Answer(status=404, outcome=Outcome.NOT_FOUND, page="unknown")
    found = _look_up(reception.world, opened)
    if isinstance(found, Answer):
        return found
    if opened.expired:
        return _answer(found, "expired", status=410, outcome=Outcome.EXPIRED)
    return _PAGES[purpose](reception, found, form)


def unavailable() -> Answer:
    """What is said while a store, the bus or the key cannot be had."""
    return Answer(status=503, outcome=Outcome.UNAVAILABLE, page="unavailable")


def _look_up(world: World, opened: Opened) -> Visit | Answer:
    entry = world.ledger.by_message_id(opened.message_id)
    if entry is None:
        if world.clock.now() - opened.signed_at < INDEX_LAG:
            return unavailable()
        return Answer(status=410, outcome=Outcome.EXPIRED, page="expired")
    record = world.orders.load(entry.key.brand, entry.key.order_id)
    order = fold(record)
    if not order.known:
        return Answer(status=410, outcome=Outcome.EXPIRED, page="expired", brand=entry.key.brand)
    known = world.customers.load(entry.key.brand, entry.customer_key or "").facts
    party = _recipient(entry, order, (*record.facts.values(), *known.values()))
    return _with_person(
        world,
        Visit(
            entry=entry,
            order=order,
            party=party,
            person=Customer(key=None),
            reached=tuple(
                channel
                for channel in (Channel.EMAIL, Channel.SMS)
                if channel in addresses(order) or channel is entry.key.channel
            ),
            policy=world.brands.policy(entry.key.brand),
            topics=_topics(world.brands.policy(entry.key.brand)),
            now=world.clock.now(),
        ),
    )


def _with_person(world: World, found: Visit) -> Visit:
    """The visit with the person as they are now known."""
    brand = found.entry.key.brand
    key = customer_key(brand, found.party)
    record = with_number(world, world.customers.load(brand, key or ""), found.party)
    person = fold_customer(record, orders=(found.order,))
    return replace(found, person=person)


def _recipient(entry: LedgerEntry, order: Order, facts: Iterable[Fact]) -> Party:
    """Who got the message: the buyer, or whom the order named before it was corrected, which the
    order or that person's own record still tells."""
    told = [fact.data.buyer for fact in facts if isinstance(fact.data, OrderPlaced | OrderChanged)]
    told += [fact.data.customer for fact in facts if isinstance(fact.data, CustomerData)]
    for party in (order.buyer, *told):
        if customer_key(entry.key.brand, party) == entry.customer_key:
            return party
    return order.buyer


def _topics(policy: Policy) -> tuple[Spec, ...]:
    return tuple(
        spec
        for spec in lifecycles.specs()
        if spec.purpose is Purpose.MARKETING and spec.name not in policy.disabled_lifecycles
    )


# --- what is stated --------------------------------------------------------------------------


def plan_refusal(
    found: Visit, channels: Iterable[Channel], method: ConsentMethod
) -> tuple[Fact, ...]:
    """All marketing on these channels is refused."""
    return tuple(
        _consent(found, channel, False, method=method)
        for channel in channels
        if not found.refuses_all(channel)
    )


def plan_return(found: Visit) -> tuple[Fact, ...]:
    """The refusal of the link's channel is taken back."""
    if not found.refuses_all(found.channel):
        return ()
    return (_consent(found, found.channel, True, method=ConsentMethod.PREFERENCES),)


def plan_confirmation(found: Visit) -> tuple[Fact, ...]:
    """The second half of a double opt-in: who has the link owns the address.

    It proves what was granted, and no more: who asked for one topic has not asked for all.
    """
    method = ConsentMethod.CONFIRMATION
    word = found.person.word(found.channel)
    if word is not None and word.granted and word.confirmed:
        return ()
    topics = [one for one in found.offers(found.channel) if _granted_alone(found, one)]
    if topics and not (word is not None and word.granted):
        return tuple(
            _consent(found, found.channel, True, topic=topic, method=method)
            for topic in topics
            if not found.person.words[found.channel, Purpose.MARKETING, topic].confirmed
        )
    return (_consent(found, found.channel, True, method=method),)


def plan_preferences(found: Visit, wish: Wish) -> tuple[Fact, ...]:
    """What the form of the preference page changes, and nothing else."""
    method = ConsentMethod.PREFERENCES
    planned: list[Fact] = []
    for channel in found.reached:
        topics = found.offers(channel)
        wanted = [topic for topic in topics if (channel, topic) in wish.wanted]
        if not wanted and any(found.receives(channel, topic) for topic in topics):
            # Nothing is left: that is meant for what may come to be sent as well.
            planned.extend(plan_refusal(found, (channel,), method))
            continue
        for topic in topics:
            want = topic in wanted
            if want is not found.receives(channel, topic) or (want and _unproved(found, topic)):
                planned.append(_consent(found, channel, want, topic=topic, method=method))
    person = found.person
    wishes = PreferencesChanged(
        customer=found.party,
        frequency=wish.frequency or person.frequency,
        paused_until=_paused_until(found, wish.pause),
        stopped_skus=tuple(sorted(_stopped(found, wish.stopped))),
    )
    if (wishes.frequency, wishes.paused_until, frozenset(wishes.stopped_skus)) != (
        person.frequency,
        _still_paused(found),
        person.stopped_skus,
    ):
        planned.append(_fact(found, wishes))
    return tuple(planned)


def plan_snooze(found: Visit, skus: Iterable[str], choice: str) -> tuple[Fact, ...]:
    """No reminder about these products for a while (a key of SNOOZES), or NEVER again."""
    until = None if choice == NEVER else _shop_day(found, found.now + SNOOZES[choice])
    known = dict(found.order.snoozes)
    return tuple(
        _fact(found, ReminderSnoozed(order_id=found.order.order_id, sku=sku, until=until))
        for sku in skus
        if sku not in known or known[sku] != until
    )


def _granted_alone(found: Visit, topic: str) -> bool:
    """Whether a person has asked for a topic by its name on the link's channel."""
    own = found.person.words.get((found.channel, Purpose.MARKETING, topic))
    return own is not None and own.granted and found.receives(found.channel, topic)


def _unproved(found: Visit, topic: str) -> bool:
    """Whether a grant waits for the proof that this very link is."""
    word = found.person.word(found.channel, topic=topic)
    asked = found.channel in found.policy.consent.double_opt_in
    return asked and word is not None and not word.confirmed


def _still_paused(found: Visit) -> datetime | None:
    until = found.person.paused_until
    return until if until is not None and until > found.now else None


def _paused_until(found: Visit, pause: str | None) -> datetime | None:
    """The midnight, where the person is, until which nothing shall come."""
    if pause is None:
        return _still_paused(found)
    if pause not in PAUSES:
        return None
    zone = recipient_zone(found.order, found.policy)
    day = found.now.astimezone(ZoneInfo(zone)).date() + PAUSES[pause]
    return at_local(day, time(0), zone)


def _stopped(found: Visit, wished: frozenset[str]) -> frozenset[str]:
    """Products stopped elsewhere, which this page does not show, stay so."""
    shown = frozenset(sku for sku, _ in goods(found))
    return (found.person.stopped_skus - shown) | (wished & shown)


def _shop_day(found: Visit, at: datetime) -> date:
    return at.astimezone(ZoneInfo(found.policy.zone)).date()


def _consent(
    found: Visit,
    channel: Channel,
    granted: bool,
    *,
    method: ConsentMethod,
    topic: str | None = None,
) -> Fact:
    return _fact(
        found,
        ConsentChanged(
            customer=found.party,
            channel=channel,
            granted=granted,
            topic=topic,
            method=method,
            # A mail program's button shows none of our words.
            wording=None if method is ConsentMethod.ONE_CLICK else found.policy.consent.wording,
            # The link came to this address: nobody else can have it.
            confirmed=True if granted and channel is found.channel else None,
            evidence=f"link in message {found.entry.key.message_id()}",
        ),
    )


def _fact(found: Visit, data: Data) -> Fact:
    message_id = found.entry.key.message_id()
    said = digest(data.key(), instant_text(found.now), length=16)
    return Fact(
        metadata=Metadata(
            id=f"{message_id}:{said}",
            type=type(data).__name__,
            brand=found.entry.key.brand,
            source="yoin",
            occurred_at=found.now,
            correlation_id=message_id,
        ),
        data=data,
    )


# --- the pages -------------------------------------------------------------------------------


def _unsubscribe(reception: Reception, found: Visit, form: Form | None) -> Answer:
    """One button. A mail program presses it without the page (RFC 8058)."""
    preferences = reception.links.sign(LinkFor.PREFERENCES, found.entry.key.message_id())
    if form is None:
        done = found.refuses_all(found.channel)
        return _answer(found, "unsubscribe", done=done, preferences=preferences)
    if _said(form, "do") == "undo":
        facts = plan_return(found)
    else:
        one_click = _said(form, "List-Unsubscribe") == "One-Click"
        method = ConsentMethod.ONE_CLICK if one_click else ConsentMethod.PREFERENCES
        facts = plan_refusal(found, (found.channel,), method)
    found = _state(reception, found, facts)
    refused = found.refuses_all(found.channel)
    return _answer(
        found,
        "unsubscribed" if refused else "resubscribed",
        outcome=Outcome.SAVED,
        changed=len(facts),
        preferences=preferences,
    )


def _preferences(reception: Reception, found: Visit, form: Form | None) -> Answer:
    if form is None:
        return _answer(found, "preferences", **_standing(found))
    do = _said(form, "do")
    if do == "stop":
        facts = plan_refusal(found, found.reached, ConsentMethod.PREFERENCES)
    elif do == "save":
        facts = plan_preferences(found, read_wish(found, form))
    else:
        # Without the button an empty form would be taken for every box left empty.
        return _answer(found, "unreadable", status=400, outcome=Outcome.UNREADABLE)
    found = _state(reception, found, facts)
    return _answer(
        found,
        "preferences",
        outcome=Outcome.SAVED,
        changed=len(facts),
        saved="stopped" if do == "stop" else "saved",
        **_standing(found),
    )


def _snooze(reception: Reception, found: Visit, form: Form | None) -> Answer:
    offered = [sku for sku, _ in _named(found)]
    goods_shown = _shown_goods(_named(found))
    content: dict[str, Any] = {"goods": goods_shown, "choices": [*SNOOZES, NEVER]}
    if form is None:
        return _answer(found, "snooze", **content)
    choice = _said(form, "until")
    # One product needs no box of its own.
    skus = [sku for sku in offered if sku in form.get("sku", ())] or (
        offered if len(offered) == 1 else []
    )
    if choice not in (*SNOOZES, NEVER) or not skus:
        return _answer(
            found, "snooze", status=400, outcome=Outcome.UNREADABLE, wrong=True, **content
        )
    facts = plan_snooze(found, skus, choice)
    found = _state(reception, found, facts)
    until = None if choice == NEVER else _shop_day(found, found.now + SNOOZES[choice])
    return _answer(
        found,
        "snoozed",
        outcome=Outcome.SAVED,
        changed=len(facts),
        until=until.isoformat() if until else None,
        goods=[good for good in goods_shown if good["sku"] in skus],
    )


def _confirm(reception: Reception, found: Visit, form: Form | None) -> Answer:
    if form is None:
        return _answer(found, "confirm", done=not plan_confirmation(found))
    facts = plan_confirmation(found)
    found = _state(reception, found, facts)
    return _answer(found, "confirmed", outcome=Outcome.SAVED, changed=len(facts))


_PAGES: Mapping[LinkFor, Callable[[Reception, Visit, Form | None], Answer]] = {
    LinkFor.UNSUBSCRIBE: _unsubscribe,
    LinkFor.PREFERENCES: _preferences,
    LinkFor.SNOOZE: _snooze,
    LinkFor.CONFIRM: _confirm,
}


def _state(reception: Reception, found: Visit, facts: tuple[Fact, ...]) -> Visit:
    """State the facts; returns the visit as it is then."""
    if facts:
        ingest(reception.world, facts)
    return _with_person(reception.world, found)


def _answer(
    found: Visit,
    page: str,
    *,
    status: int = 200,
    outcome: Outcome = Outcome.SHOWN,
    changed: int = 0,
    **content: Any,
) -> Answer:
    return Answer(
        status=status,
        outcome=outcome,
        page=page,
        brand=found.entry.key.brand,
        locale=found.party.locale or found.order.buyer.locale,
        content={"channel": str(found.channel), **content},
        changed=changed,
    )


def read_wish(found: Visit, form: Form) -> Wish:
    """The form of the preference page. What it cannot say is as it was."""
    ticked = set(form.get("topic", ()))
    frequency, pause = _said(form, "frequency"), _said(form, "pause")
    return Wish(
        wanted=frozenset(
            (channel, topic)
            for channel in found.reached
            for topic in found.offers(channel)
            if f"{channel}:{topic}" in ticked
        ),
        frequency=Frequency(frequency) if frequency in set(Frequency) else None,
        pause=pause if pause in PAUSES or pause == "none" else None,
        stopped=frozenset(form.get("stop", ())),
    )


def _standing(found: Visit) -> dict[str, Any]:
    """What the preference page shows: plain data."""
    until = _still_paused(found)
    zone = recipient_zone(found.order, found.policy)
    return {
        "channels": [str(channel) for channel in found.reached],
        "topics": [
            {
                "name": spec.name,
                "title": list(spec.title),
                "boxes": [
                    {
                        "channel": str(channel),
                        "on": found.receives(channel, spec.name),
                    }
                    for channel in found.reached
                    if channel in spec.channels
                ],
            }
            for spec in found.topics
        ],
        "frequency": str(found.person.frequency),
        "frequencies": [str(one) for one in Frequency],
        "pauses": list(PAUSES),
        "paused_until": until.astimezone(ZoneInfo(zone)).date().isoformat() if until else None,
        "goods": _shown_goods(goods(found), found.person.stopped_skus),
        "all_refused": all(found.refuses_all(channel) for channel in found.reached),
    }


def goods(found: Visit) -> list[tuple[str, str | None]]:
    """The products that a person may stop: those of the message and its order, and those that are
    stopped; each with the title that the order has for it."""
    named = dict(_named(found))
    named |= {line.line.sku: line.line.title for line in found.order.lines if line.line.sku}
    named |= {sku: None for sku in sorted(found.person.stopped_skus) if sku not in named}
    return list(named.items())


def _named(found: Visit) -> list[tuple[str, str | None]]:
    """The products that the message was about; of one that names none, those of the order."""
    titles = {line.line.sku: line.line.title for line in found.order.lines if line.line.sku}
    return [(sku, titles.get(sku)) for sku in found.entry.skus or titles]


def _shown_goods(
    named: Iterable[tuple[str, str | None]], stopped: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    return [{"sku": sku, "title": title, "stopped": sku in stopped} for sku, title in named]


def _said(form: Form, name: str) -> str:
    """A field's first value; "" where there is none."""
    return next(iter(form.get(name, ())), "")
