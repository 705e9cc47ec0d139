"""`yoin consent import`: consents that were given elsewhere, from a file, row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ops.consent_words import (
    COLUMNS,
    channel_named,
    csv_text,
    fact_of,
    take_in,
    topic_named,
    word_in,
)
from ops.errors import OK, PROBLEM, WrongUse, choices
from ops.output import Output, escaped
from ops.worlds import workplace
from shared.brands import load_brand
from shared.contracts import values
from shared.domain.customers import fold_customer
from shared.domain.events import (
    ConsentChanged,
    ConsentMethod,
    Fact,
)
from shared.domain.values import Party, customer_key
from shared.ports import World

_NEEDED = frozenset({"channel", "granted", "at"})
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
# Facts that one call to the bus takes with ease.
_BATCH = 10


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
        channel=channel_named(cells.get("channel", "")),
        granted=granted,
        topic=topic_named(cells.get("topic") or None),
        method=ConsentMethod(method),
        wording=cells.get("wording") or None,
        confirmed=_flag(cells, "confirmed") if granted else None,
        evidence=cells.get("evidence") or "import",
    )
    try:
        return fact_of(brand, data, at, kind="import", historical=True)
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
                take_in(place, batch)
                batch = []
        if batch:
            take_in(place, batch)
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
    data, brand = word_in(fact), fact.metadata.brand or ""
    key = customer_key(brand, data.customer) or ""
    if any(one.metadata.id == fact.metadata.id for one in world.customers.consents(brand, key)):
        return "known"
    word = fold_customer(world.customers.load(brand, key)).word(data.channel, topic=data.topic)
    if not data.granted or word is None or word.granted:
        return "new"
    return "renews" if fact.metadata.occurred_at > word.at else "older"


def _rejected(rows: Sequence[Row]) -> str:
    return csv_text(
        ({"line": str(row.number), "error": row.error, **row.cells} for row in rows),
        ("line", "error", *COLUMNS),
    )
