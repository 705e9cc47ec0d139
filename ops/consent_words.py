"""Words about consent, as the commands of `yoin consent` make, take in and write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ops.errors import WrongUse, choices
from ops.worlds import Workplace
from shared import lifecycles
from shared.contracts import fact_to_json, values
from shared.domain.events import (
    Channel,
    ConsentChanged,
    Fact,
    Metadata,
    Purpose,
)
from shared.domain.values import Party, customer_key, digest, instant_text
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
_SOURCE = "yoin.consent"


def fact_of(
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


def word_in(fact: Fact) -> ConsentChanged:
    """What a fact says. Raises TypeError for one of another kind."""
    if not isinstance(fact.data, ConsentChanged):
        raise TypeError(f"{fact.metadata.type} is no word about consent")
    return fact.data


def take_in(place: Workplace, facts: Sequence[Fact]) -> None:
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


def channel_named(name: str) -> Channel:
    """A channel by its name. Raises WrongUse."""
    if name.lower() not in set(Channel):
        raise WrongUse(f"channel: there is no {name!r}; there are {choices([*Channel])}")
    return Channel(name.lower())


def topic_named(name: str | None) -> str | None:
    """A marketing lifecycle by its name; None for all. Raises WrongUse."""
    known = [s.name for s in lifecycles.specs() if s.purpose is Purpose.MARKETING]
    if name is not None and name not in known:
        raise WrongUse(f"topic: there is no {name!r}; there are {choices(known)}")
    return name


def csv_text(rows: Iterator[dict[str, str]], columns: Sequence[str] = COLUMNS) -> str:
    """Rows as CSV, with their columns first, and without formulas."""
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
