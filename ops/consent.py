"""`yoin consent`: how a person stands, the evidence of it, and words that came by other ways.

Whatever is granted or refused here is a fact like any other: it goes through ``ingest``, is kept
as evidence, and the newest word counts, whoever said it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ops.errors import OK, PROBLEM, WrongUse, choices
from ops.operate import one_address
from ops.output import Output, escaped
from ops.worlds import Workplace, whoami, workplace
from shared import lifecycles
from shared.brands import load_brand
from shared.contracts import fact_to_json, values
from shared.domain.customers import Customer, fold_customer
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    Fact,
    Metadata,
    Purpose,
)
from shared.domain.folding import fold
from shared.domain.gate import objection
from shared.domain.policy import Policy
from shared.domain.values import Party, address_key, customer_key, digest, instant_text
from shared.ports import World
from shared.usecases.ingest import ingest

COLUMNS = (
    "email",
    "phone",
    "channel",
    "topic",
    "granted",
    "at",
    "method",
    "wording",
    "confirmed",
    "evidence",
)
_NEEDED = frozenset({"channel", "granted", "at"})
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_SOURCE = "yoin.consent"
# Facts that one call to the bus takes with ease.
_BATCH = 10


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
        output.raw(_csv(row_of(fact, person.party) for fact in evidence))
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
    data = _said(fact)
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
        channel=_channel(channel),
        granted=granted,
        topic=_topic(topic),
        method=ConsentMethod.SUPPORT,
        evidence=f"{heard_by}: {why.strip()}",
    )
    with workplace(stage, brand, output) as place:
        fact = _fact(brand, data, place.world.clock.now(), kind="support")
        _take(place, [fact])
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


# --- import ------------------------------------------------------------------


class BadRow(Exception):
    """A row that cannot be taken; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a file, by its line number, with what it says or what is wrong with it."""

    number: int
    cells: Mapping[str, str]
    fact: Fact | None = None
    error: str = ""


def read_rows(text: str, brand: str, now: datetime) -> Iterator[Row]:
    """Every row of a CSV file. Raises WrongUse where the columns are not those of an import."""
    reader = csv.DictReader(io.StringIO(text))
    given = [name.strip().lower() for name in reader.fieldnames or ()]
    unknown = sorted({name for name in given if name not in COLUMNS})
    twice = sorted({name for name in given if given.count(name) > 1})
    lacking = sorted(_NEEDED.difference(given))
    if unknown or lacking or twice or not {"email", "phone"} & set(given):
        raise WrongUse(
            f"columns: {choices(COLUMNS)}; not known: {choices(unknown)}; "
            f"twice: {choices(twice)}; missing: {choices(lacking)} "
            "(and one of email, phone)"
        )
    reader.fieldnames = given
    region = load_brand(brand).policy.country
    for raw in reader:
        cells = {k: (v or "").strip() for k, v in raw.items() if k in COLUMNS}
        if not any(cells.values()):
            continue
        try:
            if None in raw:
                raise BadRow("more cells than columns")
            fact = read_row(cells, brand, region, now)
        except (BadRow, WrongUse) as error:
            yield Row(number=reader.line_num, cells=cells, error=str(error))
        else:
            yield Row(number=reader.line_num, cells=cells, fact=fact)


def read_row(cells: Mapping[str, str], brand: str, region: str, now: datetime) -> Fact:
    """The fact in a row; the same row is always the same fact. Raises BadRow, WrongUse."""
    email = values.email(cells["email"]) if cells.get("email") else None
    phone = values.e164(cells["phone"], region) if cells.get("phone") else None
    if cells.get("email") and email is None:
        raise BadRow("email: no address")
    if cells.get("phone") and phone is None:
        raise BadRow("phone: no number; write it as +819012345678")
    if email is None and phone is None:
        raise BadRow("email or phone: one is needed")
    at = values.instant(cells["at"]) if cells.get("at") else None
    if at is None:
        raise BadRow("at: no time with its offset, such as 2025-04-01T09:30:00+09:00")
    if at > now:
        raise BadRow("at: in the future")
    granted = _flag(cells, "granted")
    if granted is None:
        raise BadRow("granted: true or false")
    method = cells.get("method", "").upper() or ConsentMethod.IMPORT
    if method not in set(ConsentMethod):
        raise BadRow(f"method: one of {choices([*ConsentMethod])}")
    data = ConsentChanged(
        customer=Party(email=email, phone=phone),
        channel=_channel(cells.get("channel", "")),
        granted=granted,
        topic=_topic(cells.get("topic") or None),
        method=ConsentMethod(method),
        wording=cells.get("wording") or None,
        confirmed=_flag(cells, "confirmed") if granted else None,
        evidence=cells.get("evidence") or "import",
    )
    try:
        return _fact(brand, data, at, kind="import", historical=True)
    except ValueError as error:
        raise BadRow(f"at: {error}") from None


def _flag(cells: Mapping[str, str], name: str) -> bool | None:
    written = cells.get(name, "").lower()
    if written and written not in _FLAGS:
        raise BadRow(f"{name}: true or false")
    return _FLAGS.get(written)


def import_file(brand: str, path: Path, stage: str | None, output: Output, *, dry_run: bool) -> int:
    """Take in a file of consents; PROBLEM where a row was rejected.

    A bad row stops no other; it is written to ``<file>.rejects.csv`` with its line and its error.
    What is imported is about the past: it mails nobody. Of each person the newest word counts, so
    a refusal on file stands against any older grant. The same file again changes nothing.
    """
    text = path.read_text(encoding="utf-8-sig")
    taken, known, renewed, outdated = 0, 0, 0, 0
    bad: list[Row] = []
    with workplace(stage, brand, output) as place:
        batch: list[Fact] = []
        seen: set[str] = set()
        for row in read_rows(text, brand, place.world.clock.now()):
            if row.fact is None:
                bad.append(row)
                continue
            name = row.fact.metadata.id
            effect = "known" if name in seen else _effect(place.world, row.fact)
            seen.add(name)
            known += effect == "known"
            renewed += effect == "renews"
            outdated += effect == "older"
            taken += effect != "known"
            if effect != "known" and not dry_run:
                batch.append(row.fact)
            if len(batch) == _BATCH:
                _take(place, batch)
                batch = []
        if batch:
            _take(place, batch)
    rejects = path.with_name(path.name + ".rejects.csv")
    if bad and not dry_run:
        rejects.write_text(_rejected(bad), encoding="utf-8")
    for row in bad:
        output.note(f"[red]line {row.number}[/red]: {escaped(row.error)}")
    summary = {
        "imported": 0 if dry_run else taken,
        "would_import": taken if dry_run else 0,
        "known": known,
        "rejected": len(bad),
        "renews_a_refusal": renewed,
        "older_than_a_refusal": outdated,
    }
    output.line({**summary, "rejects": str(rejects) if bad and not dry_run else None})
    does = "would be taken in" if dry_run else "taken in"
    output.say(f"{taken} {does}, {known} known already, [red]{len(bad)}[/red] rejected.")
    if outdated:
        output.say(f"  {outdated} grants are older than a refusal on file: the refusal stands.")
    if renewed:
        output.say(f"  [yellow]{renewed} grants are newer than a refusal and renew it.[/yellow]")
    if bad and not dry_run:
        output.note(f"The rejected rows are in {escaped(str(rejects))}.")
    return PROBLEM if bad else OK


def _effect(world: World, fact: Fact) -> str:
    """What a fact would do: it is "known", "renews" a refusal, is "older" than one, or is "new"."""
    data, brand = _said(fact), fact.metadata.brand or ""
    key = customer_key(brand, data.customer) or ""
    if any(one.metadata.id == fact.metadata.id for one in world.customers.consents(brand, key)):
        return "known"
    word = fold_customer(world.customers.load(brand, key)).word(data.channel, topic=data.topic)
    if not data.granted or word is None or word.granted:
        return "new"
    return "renews" if fact.metadata.occurred_at > word.at else "older"


def _rejected(rows: Sequence[Row]) -> str:
    return _csv(
        ({"line": str(row.number), "error": row.error, **row.cells} for row in rows),
        ("line", "error", *COLUMNS),
    )


# --- what they share ---------------------------------------------------------


def _fact(
    brand: str, data: ConsentChanged, at: datetime, *, kind: str, historical: bool = False
) -> Fact:
    """A fact named by what it says: the same word is the same fact."""
    said = (str(customer_key(brand, data.customer)), repr(replace(data, customer=Party())))
    return Fact(
        metadata=Metadata(
            id=f"{kind}:{digest(brand, *said, instant_text(at), length=32)}",
            type="ConsentChanged",
            brand=brand,
            source=_SOURCE,
            occurred_at=at,
            historical=historical,
        ),
        data=data,
    )


def _said(fact: Fact) -> ConsentChanged:
    if not isinstance(fact.data, ConsentChanged):
        raise TypeError(f"{fact.metadata.type} is no word about consent")
    return fact.data


def _take(place: Workplace, facts: Sequence[Fact]) -> None:
    """Take the facts in; on a local run they become part of what was played."""
    ingest(place.world, facts)
    place.keep += [
        {
            "event": {
                "id": fact.metadata.id,
                "source": _SOURCE,
                "detail-type": fact.metadata.type,
                "time": instant_text(place.world.clock.now()),
                "detail": fact_to_json(fact),
            }
        }
        for fact in facts
    ]


def _channel(name: str) -> Channel:
    if name.lower() not in set(Channel):
        raise WrongUse(f"channel: there is no {name!r}; there are {choices([*Channel])}")
    return Channel(name.lower())


def _topic(name: str | None) -> str | None:
    known = [s.name for s in lifecycles.specs() if s.purpose is Purpose.MARKETING]
    if name is not None and name not in known:
        raise WrongUse(f"topic: there is no {name!r}; there are {choices(known)}")
    return name


def _csv(rows: Iterator[dict[str, str]], columns: Sequence[str] = COLUMNS) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: _harmless(v) for k, v in row.items()} for row in rows)
    return written.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula. A number in E.164 form is left as it is."""
    if cell[:1] in {"=", "@", "\t", "\r", "-"} or (cell[:1] == "+" and not values.is_e164(cell)):
        return f"'{cell}"
    return cell


def json_text(record: Mapping[str, Any]) -> str:
    """A record for people to read and programs to parse."""
    import json

    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"
