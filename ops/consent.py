"""`yoin consent`: how a person stands, the evidence of it, and words that came by other ways.

Whatever is granted or refused here is a fact like any other: it goes through ``ingest``, is kept
as evidence, and the newest word counts, whoever said it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.consent_words import (
    COLUMNS,
    channel_named,
    csv_text,
    fact_of,
    take_in,
    topic_named,
    word_in,
)
from ops.errors import OK, PROBLEM, WrongUse
from ops.operate import one_address
from ops.output import Output, escaped
from ops.worlds import whoami, workplace
from shared import lifecycles
from shared.domain.customers import Customer, fold_customer
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    Fact,
    Purpose,
)
from shared.domain.folding import fold
from shared.domain.gate import objection
from shared.domain.policy import Policy
from shared.domain.values import Party, address_key, customer_key, instant_text
from shared.ports import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom a command is about: the key, and the address that leads to it."""

    brand: str
    party: Party
    key: str

    @property
    def masked(self) -> str:
        """The address as it may stand on a screen that others see."""
        return mask(self.party.email or self.party.phone or "")


def mask(address: str) -> str:
    """``h•••@example.jp``, ``+•••5678``: enough to recognise it, too little to use it."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}•••@{domain}" if at else f"{address[:1]}•••{address[-4:]}"


def person_of(brand: str, email: str | None, phone: str | None) -> Person:
    """The person with one address. Raises WrongUse for none, or two."""
    channel, address = one_address(brand, email, phone)
    party = Party(email=address) if channel is Channel.EMAIL else Party(phone=address)
    return Person(brand=brand, party=party, key=customer_key(brand, party) or "")


# --- show and export ---------------------------------------------------------


def show(
    brand: str,
    email: str | None,
    phone: str | None,
    stage: str | None,
    output: Output,
    *,
    unmask: bool = False,
) -> int:
    """Print how a person stands, and why. PROBLEM where nothing is known of them."""
    person = person_of(brand, email, phone)
    with workplace(stage, brand, output) as place:
        customer, evidence = _known(place.world, person)
        standing = standing_of(customer, place.world.brands.policy(brand))
    shown = (person.party.email or person.party.phone) if unmask else person.masked
    for one in standing:
        output.line({"standing": one, "address": shown, "masked": not unmask})
    for fact in evidence:
        output.line({"evidence": described(fact), "address": shown, "masked": not unmask})
    if not output.as_json:
        _print(brand, str(shown), unmask, standing, evidence, output)
    if not evidence and not customer.words:
        _nothing(phone, output)
        return PROBLEM
    return OK


def export(
    brand: str,
    email: str | None,
    phone: str | None,
    stage: str | None,
    output: Output,
    *,
    as_csv: bool,
) -> int:
    """Print all that is kept of a person's consents, for the person (個人情報保護法 第33条, GDPR
    article 15): JSON, or CSV in the columns that an import takes."""
    person = person_of(brand, email, phone)
    with workplace(stage, brand, output) as place:
        customer, evidence = _known(place.world, person)
        policy = place.world.brands.policy(brand)
        blocked = _suppressed(place.world, person)
    if as_csv:
        output.raw(csv_text(row_of(fact, person.party) for fact in evidence))
    else:
        paused = customer.paused_until
        output.raw(
            json_text(
                {
                    "brand": brand,
                    "email": person.party.email,
                    "phone": person.party.phone,
                    "standing": standing_of(customer, policy),
                    "frequency": customer.frequency,
                    "paused_until": instant_text(paused) if paused else None,
                    "stopped_products": sorted(customer.stopped_skus),
                    "suppressed": blocked,
                    "evidence": [described(fact) for fact in evidence],
                }
            )
        )
    if not evidence and not customer.words:
        _nothing(phone, output)
        return PROBLEM
    return OK


def standing_of(customer: Customer, policy: Policy) -> list[dict[str, Any]]:
    """Per channel and topic: whether marketing may go, the gate's reason if not, and whose word
    it rests on."""
    topics = [s for s in lifecycles.specs() if s.purpose is Purpose.MARKETING]
    found = []
    for spec in topics:
        for channel in spec.channels:
            reason = objection(customer, channel, spec.name, policy)
            word = customer.word(channel, topic=spec.name)
            found.append(
                {
                    "channel": str(channel),
                    "topic": spec.name,
                    "allowed": reason is None,
                    "reason": str(reason) if reason else None,
                    "basis": _basis(word is not None, reason is None),
                    "since": instant_text(word.at) if word else None,
                    "confirmed": word.confirmed if word and word.granted else None,
                }
            )
    return found


def _basis(said: bool, allowed: bool) -> str | None:
    if said:
        return "the person's word"
    return "existing customer" if allowed else None


def described(fact: Fact) -> dict[str, Any]:
    """One piece of evidence, as it is printed. It holds no address."""
    data = word_in(fact)
    return {
        "at": instant_text(fact.metadata.occurred_at),
        "channel": str(data.channel),
        "purpose": str(data.purpose),
        "topic": data.topic,
        "granted": data.granted,
        "method": str(data.method) if data.method else None,
        "wording": data.wording,
        "confirmed": data.confirmed,
        "evidence": data.evidence,
        "source": fact.metadata.source,
        "fact": fact.metadata.id,
        "event": fact.metadata.correlation_id,
    }


def row_of(fact: Fact, party: Party) -> dict[str, str]:
    """One piece of evidence in the columns of an import."""
    told = described(fact)
    return {
        "email": party.email or "",
        "phone": party.phone or "",
        **{name: _text(told[name]) for name in COLUMNS if name in told},
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _known(world: World, person: Person) -> tuple[Customer, tuple[Fact, ...]]:
    orders = [
        fold(world.orders.load(person.brand, order_id))
        for order_id in world.orders.orders_of(person.brand, person.key)
    ]
    own = tuple(order for order in orders if order.customer_key == person.key)
    record = world.customers.load(person.brand, person.key)
    kept = {one.metadata.id: one for one in world.customers.consents(person.brand, person.key)}
    # What counts is in the record for as long as it does, however long ago it was said.
    kept |= {
        one.metadata.id: one
        for one in record.facts.values()
        if isinstance(one.data, ConsentChanged)
    }
    evidence = tuple(sorted(kept.values(), key=lambda one: one.stamp))
    return fold_customer(record, orders=own), evidence


def _suppressed(world: World, person: Person) -> dict[str, str]:
    addresses = {Channel.EMAIL: person.party.email, Channel.SMS: person.party.phone}
    found = {}
    for channel, address in addresses.items():
        if address:
            key = address_key(person.brand, channel, address)
            word = world.customers.suppression(person.brand, key)
            if word is not None:
                found[str(channel)] = word.reason
    return found


def _nothing(phone: str | None, output: Output) -> None:
    output.note("Nothing is known of this address.")
    if phone:
        output.note("  Who has given an email address is kept under that: use --email.")


def _print(
    brand: str,
    address: str,
    unmask: bool,
    standing: Sequence[Mapping[str, Any]],
    evidence: Sequence[Fact],
    output: Output,
) -> None:
    from rich.table import Table

    masked = "" if unmask else "  [dim](masked; --unmask shows it)[/dim]"
    output.say(f"[bold]{escaped(brand)}[/bold]  {escaped(address)}{masked}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("channel", "topic", "marketing", "why", "since"):
        table.add_column(column)
    for one in standing:
        table.add_row(
            one["channel"],
            one["topic"],
            "[green]may go[/green]" if one["allowed"] else "[red]no[/red]",
            one["reason"] or one["basis"] or "",
            one["since"] or "",
        )
    output.say(table)
    for fact in evidence:
        told = described(fact)
        word = "[green]granted[/green]" if told["granted"] else "[red]refused[/red]"
        about = f"{told['channel']} {told['topic'] or 'everything'}"
        how = " ".join(
            part
            for part in (
                told["method"] or "method not said",
                f"wording {told['wording']}" if told["wording"] else "",
                {True: "confirmed", False: "not confirmed"}.get(told["confirmed"], ""),
            )
            if part
        )
        output.say(f"{told['at']}  {word}  {escaped(about)}  {escaped(how)}")
        output.say(f"  [dim]{escaped(told['evidence'] or '')}  {escaped(told['fact'])}[/dim]")


# --- a word that somebody told the shop --------------------------------------


def speak(
    brand: str,
    email: str | None,
    phone: str | None,
    stage: str | None,
    output: Output,
    *,
    granted: bool,
    channel: str,
    topic: str | None,
    by: str | None,
    why: str,
) -> int:
    """Note what a person told the shop's staff: a grant or a refusal, with who heard it."""
    person = person_of(brand, email, phone)
    if not why.strip():
        raise WrongUse("say how they told you: --why TEXT, without personal data")
    heard_by = whoami(by)
    data = ConsentChanged(
        customer=person.party,
        channel=channel_named(channel),
        granted=granted,
        topic=topic_named(topic),
        method=ConsentMethod.SUPPORT,
        evidence=f"{heard_by}: {why.strip()}",
    )
    with workplace(stage, brand, output) as place:
        fact = fact_of(brand, data, place.world.clock.now(), kind="support")
        take_in(place, [fact])
        customer, _ = _known(place.world, person)
        policy = place.world.brands.policy(brand)
    output.line({"evidence": described(fact), "address": person.masked, "masked": True})
    output.say("[green]Noted.[/green]")
    word = customer.word(data.channel, topic=data.topic)
    if granted and data.channel in policy.consent.double_opt_in and word and not word.confirmed:
        output.note(
            f"  {brand} asks for a double opt-in by {data.channel}: it counts once the person "
            "has confirmed it themselves."
        )
    return OK


def json_text(record: Mapping[str, Any]) -> str:
    """A record for people to read and programs to parse."""
    import json

    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"
