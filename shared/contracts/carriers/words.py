"""What carriers' words mean: 持戻, 保管, 営業所止め, 投函完了, and plain English ones.

The words are data: one file per carrier beside this one, one table per service in it, one line
per reading. A line has these columns:

- ``words``, ``en``: the carrier's words, and those of its English page. ``sentences``: what its
  page says instead, at the end of a text, whatever office or time stands before it.
- ``status``: the canonical status.
- ``possession``: whether the goods are then the customer's. It stands where a word sounds like
  an end (配達完了, 引渡, 返品完了), and is true exactly where the status is DELIVERED.
- ``place``: where the parcel was left or waits; ``acts``: who has to do something now.
- ``hold``: why it is kept: "requested" (a date that was asked for), "counter" (the recipient
  collects it), "unsaid" (保管: what was said before decides).
- ``reasons``: whether a detail behind the word changes its meaning, see ``details.toml``.
- ``counter_first``: with a counter scan after it, it was delivered to a counter (局留).
- ``source``: who says so: "official", "third" (lists by others), "ours".

``read`` reads one word, ``read_history`` the words of a parcel in their order. Both are pure.

How a word is found. Widths, spaces, punctuation and the arrows of tracking pages (↓ ⇒ →) do not
count, all brackets are one. The service's table comes before the carrier's. In each, where the
whole is not known, the longest known word counts that ends before, or with, a bracket; the rest
is its detail: 持戻（お留守） is 持戻 for the reason お留守. A word that neither table has is looked
up in the generic one, except of an export, whose delivery is none. What is in no table is UNKNOWN,
and so is a delivery whose detail takes it back.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from shared.contracts.reading import one_line
from shared.contracts.values import nfkc
from shared.domain.shipments import RETURN_LEG, Actor, Status

GENERIC = "generic"
EXPORT = "export"
# The kinds of services, from the one that changes most of what words mean.
SERVICES = (EXPORT, "locker", "konbini", "counter", "mailbox", "cash_on_delivery", "parcel")

_FOLDER = Path(__file__).parent
_ARROWS = "↓↑→←⇒⇓⇨▶►▼➡□■○●◎※*"
_NO_LETTERS = re.compile(r"[\s・、,。.\-_‐‑–—―'’\"/:" + re.escape(_ARROWS) + r"]+")
_BRACKETS = str.maketrans("〔【[{〈《「『<〕】]}〉》」』>", "(((((((((" + ")))))))))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a carrier's word means.

    Attributes:
        status: canonical; PENDING where the carrier has no data, see ``no_data``.
        raw: the carrier's words on one line, without arrows.
        place, acts, hold: see this module's table.
        possession: whether the goods are with the customer.
        paid: whether the carrier collected the money (代金引換).
        detail: what stood behind the word.
        no_data: the carrier knows nothing of the number: no status at all.
        notes: how something was decided that the words leave open.
    """

    status: Status
    raw: str
    place: str | None = None
    acts: Actor | None = None
    hold: str | None = None
    possession: bool = False
    paid: bool = False
    detail: str | None = None
    no_data: bool = False
    counter_first: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One line of a table."""

    words: tuple[str, ...]
    status: Status
    source: str
    sentences: tuple[str, ...] = ()
    possession: bool = False
    place: str | None = None
    acts: Actor | None = None
    hold: str | None = None
    reasons: bool = False
    counter_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A carrier's words, or those of one of its services. ``by_key``: by ``key`` of the word,
    ``by_end``: by that of a sentence."""

    title: str
    lines: tuple[Word, ...] = ()
    by_key: dict[str, Word] = field(default_factory=dict)
    by_end: dict[str, Word] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    cash: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """The file of one carrier."""

    table: Table
    services: dict[str, Table]
    no_data: tuple[str, ...]
    exports: frozenset[str]
    imports: frozenset[str]


@cache
def carriers() -> tuple[str, ...]:
    """The carriers with words of their own, sorted; ``GENERIC`` is no carrier."""
    found = {path.stem for path in _FOLDER.glob("*.toml")} - {GENERIC, "details"}
    return tuple(sorted(found))


@cache
def carrier(name: str) -> Carrier:
    """A carrier's tables, ``GENERIC`` for one that has none of its own."""
    path = _FOLDER / f"{name}.toml"
    data = tomllib.loads(path.read_text("utf-8")) if name in carriers() else _load(GENERIC)
    return Carrier(
        table=_table(data["title"], data),
        services={
            key: _table(f"{data['title']} {key}", service)
            for key, service in data["services"].items()
        },
        no_data=tuple(key(text) for text in data["no_data"]),
        exports=frozenset(key(text) for text in data["exports"]),
        imports=frozenset(key(text) for text in data["imports"]),
    )


def key(text: str) -> str:
    """What counts of a word: no widths, spaces, punctuation, arrows; one kind of brackets."""
    plain = nfkc(text).casefold().translate(_BRACKETS)
    return _NO_LETTERS.sub("", plain)


def service_of(carrier_name: str, service: str | None) -> str | None:
    """The service's table by its name in the carrier's words.

    A parcel can be of several (代金引換 of one that is collected): the one that changes most.
    """
    if not service:
        return None
    said = key(service)
    found = [
        token
        for token, table in carrier(carrier_name).services.items()
        if any(name in said for name in table.names)
    ]
    return min(found, key=SERVICES.index, default=None)


def read(
    carrier_name: str,
    service: str | None,
    words: str,
    *,
    detail: str | None = None,
    export: bool | None = None,
    cash_on_delivery: bool = False,
) -> Reading:
    """What one word means by itself.

    Args:
        carrier_name: yamato, sagawa, japanpost; any other is read with the generic table.
        service: as the carrier calls it (ネコポス, 宅急便コレクト); None: its usual one.
        words: the carrier's, as they stand on its page.
        detail: a remark beside the word, such as 日本郵便's column 詳細.
        export: the parcel leaves Japan; None: the service says so.
        cash_on_delivery: the carrier collects the money.
    """
    known = carrier(carrier_name)
    token = EXPORT if export else service_of(carrier_name, service)
    if token == EXPORT and export is False:
        token = None
    own = known.services.get(token or "", known.table)
    raw = _shown(f"{words}（{detail}）" if detail else words)
    said = key(f"{words}({detail})" if detail else words)
    if any(phrase in said for phrase in known.no_data):
        return Reading(status=Status.PENDING, raw=raw, no_data=True)
    tables = [own, known.table]
    if token != EXPORT:
        tables.append(carrier(GENERIC).table)
    word, rest = _find(said, *tables)
    if word is None:
        word = _in_two_languages(words, *tables)
    if word is None:
        canonical = said.upper() if token != EXPORT else ""
        by_name = {status.value.replace("_", ""): status for status in Status}
        status = by_name.get(canonical, Status.UNKNOWN)
        return Reading(status=status, raw=raw, possession=status is Status.DELIVERED)
    cash = cash_on_delivery or own.cash or _is_cash(known, service)
    return _reading(word, rest, raw, paid=cash and word.possession)


def read_history(
    carrier_name: str,
    service: str | None,
    words: Sequence[tuple[str, str | None]],
    *,
    export: bool | None = None,
    cash_on_delivery: bool = False,
) -> tuple[Reading, ...]:
    """What the words of one parcel mean, oldest first: (word, detail).

    As ``read``, and by what was said before and after:

    - 保管 is kept for what was said last: a missed recipient, an unclear address, a counter; for
      a requested date where nothing else was, but not where it had been on its way to the door.
    - After 返品 a delivery is one to the sender.
    - お届け済み with a counter scan after it was the delivery to the counter.
    - ``export`` None: the service, or 海外発送 without 海外荷物受付, says so.
    """
    known = carrier(carrier_name)
    said = {key(word) for word, _ in words}
    if export is None:
        abroad = service_of(carrier_name, service) == EXPORT or bool(said & known.exports)
        export = abroad and not said & known.imports
    found: list[Reading] = []
    for word, detail in words:
        one = read(
            carrier_name,
            service,
            word,
            detail=detail,
            export=export,
            cash_on_delivery=cash_on_delivery,
        )
        found.append(_in_context(one, found))
    return _to_the_counter(found)


# --- one word ----------------------------------------------------------------


def _find(said: str, *tables: Table) -> tuple[Word | None, str]:
    """The line of a word in the first table that has it, and what stands behind the word."""
    for table in tables:
        words = table.by_key
        if said in words:
            return words[said], ""
        begins = [name for name in words if said.startswith(name) and _ends_there(said, name)]
        if begins:
            longest = max(begins, key=len)
            return words[longest], said[len(longest) :].strip("()")
        ends = [sentence for sentence in table.by_end if said.endswith(sentence)]
        if ends:
            return table.by_end[max(ends, key=len)], ""
    return None, ""


def _in_two_languages(words: str, *tables: Table) -> Word | None:
    """The line of 配達完了／Delivered: both halves are known, and say the same."""
    halves = nfkc(words).split("/")
    found = [_find(key(half), *tables)[0] for half in halves]
    statuses = {word.status if word else None for word in found}
    return found[0] if len(halves) > 1 and len(statuses) == 1 else None


def _ends_there(said: str, name: str) -> bool:
    return said[len(name)] == "(" or name.endswith(")")


def _reading(word: Word, detail: str, raw: str, *, paid: bool) -> Reading:
    reading = Reading(
        status=word.status,
        raw=raw,
        place=word.place,
        acts=word.acts,
        hold=word.hold,
        possession=word.possession,
        paid=paid,
        detail=detail or None,
        counter_first=word.counter_first,
    )
    if not detail:
        return reading
    if word.possession:
        if any(mark in detail for mark in _details()["undone"]):
            return Reading(status=Status.UNKNOWN, raw=raw, detail=detail)
        left = _first(_details()["places"], detail)
        return replace(reading, place=left["place"] if left else word.place)
    reason = _first(_details()["reasons"], detail) if word.reasons else None
    if reason is None:
        return reading
    acts = reason.get("acts")
    return replace(
        reading,
        status=Status(reason["status"]),
        acts=Actor(acts) if acts else None,
        place=reason.get("place"),
        hold=reason.get("hold"),
    )


def _first(entries: list[dict[str, Any]], detail: str) -> dict[str, Any] | None:
    hits = (entry for entry in entries if any(part in detail for part in entry["contains"]))
    return next(hits, None)


def _is_cash(known: Carrier, service: str | None) -> bool:
    """Whether one of the services that are named collects the money."""
    said = key(service or "")
    return any(
        table.cash and any(n in said for n in table.names) for table in known.services.values()
    )


def _shown(words: str) -> str:
    """The words for people: on one line, without the page's arrows."""
    return one_line(words).strip(_ARROWS + " 　")[:200]


# --- in its history ----------------------------------------------------------


def _in_context(one: Reading, before: list[Reading]) -> Reading:
    telling = [r for r in before if r.status is not Status.UNKNOWN and not r.no_data]
    if one.possession and any(r.status in RETURN_LEG for r in telling):
        note = "Delivered after a return scan: delivered to the sender."
        return replace(
            one, status=Status.RETURNED, possession=False, paid=False, place=None, notes=(note,)
        )
    if one.hold != "unsaid":
        return one
    last = telling[-1] if telling else None
    if last is None:
        note = "Kept, and nothing before it says why: read as kept for a requested date."
        return replace(one, notes=(note,))
    if last.counter_first:
        note = "Kept after it was brought there: the recipient collects it."
        return replace(
            one,
            status=Status.AVAILABLE_FOR_PICKUP,
            acts=Actor.RECIPIENT,
            place="郵便局",
            hold="counter",
            notes=(note,),
        )
    if last.status is Status.DELIVERY_ATTEMPTED:
        note = "Kept after a delivery that was attempted, not for a requested date."
        acts = last.acts or Actor.RECIPIENT
        return replace(one, status=last.status, acts=acts, hold=None, notes=(note,))
    if last.status is Status.EXCEPTION:
        note = "Kept because of the exception before it, not for a requested date."
        return replace(one, status=last.status, acts=last.acts, hold=None, notes=(note,))
    if last.status in {Status.AVAILABLE_FOR_PICKUP, *RETURN_LEG}:
        note = f"Kept as the scan before it says: {last.status}."
        return replace(
            one,
            status=last.status,
            acts=last.acts,
            place=last.place,
            hold=last.hold,
            notes=(note,),
        )
    if last.hold == "requested":
        return replace(one, acts=Actor.CARRIER, hold="requested")
    if last.status is Status.OUT_FOR_DELIVERY:
        note = "Kept after it was out for delivery: the carrier does not say why."
        return replace(one, notes=(note,))
    note = "Kept without an attempt before it: read as kept for a requested date."
    return replace(one, acts=Actor.CARRIER, notes=(note,))


def _to_the_counter(found: list[Reading]) -> tuple[Reading, ...]:
    """局留: a "delivered" that is followed by a counter scan was the delivery to the counter."""
    told = list(found)
    for index, one in enumerate(found):
        later = found[index + 1 :]
        at_counter = any(
            r.hold in {"counter", "unsaid"} or (r.possession and not r.counter_first) for r in later
        )
        if one.counter_first and one.possession and at_counter:
            note = "Delivered to the counter where the recipient collects it, not to them."
            told[index] = replace(
                one,
                status=Status.ARRIVED_AT_DELIVERY_DEPOT,
                possession=False,
                paid=False,
                place=None,
                notes=(note,),
            )
    return tuple(told)


# --- the files ---------------------------------------------------------------


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


@cache
def _details() -> dict[str, Any]:
    data = _load("details")
    for entry in (*data["reasons"], *data["places"]):
        entry["contains"] = [key(text) for text in entry["contains"]]
    return data


def _table(title: str, data: dict[str, Any]) -> Table:
    lines = tuple(_line(entry) for entry in data.get("words", ()))
    return Table(
        title=title,
        lines=lines,
        by_key={key(name): line for line in lines for name in line.words},
        by_end={key(text): line for line in lines for text in line.sentences},
        names=tuple(key(name) for name in data.get("names", ())),
        cash=bool(data.get("cash")),
    )


def _line(entry: dict[str, Any]) -> Word:
    own = {"words", "en", "sentences", "status", "acts"}
    rest = {k: v for k, v in entry.items() if k not in own}
    acts = entry.get("acts")
    return Word(
        words=(*entry["words"], *entry.get("en", ())),
        sentences=tuple(entry.get("sentences", ())),
        status=Status(entry["status"]),
        acts=Actor(acts) if acts else None,
        **rest,
    )
