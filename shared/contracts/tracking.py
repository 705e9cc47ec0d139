"""What a tracking answer says about one parcel: its history of scans and the summary beside it.

Carriers and aggregators tell the same two things: a list of checkpoints, each at the carrier's
own time, and a summary ("status: delivered"). ``history`` makes one ``ShipmentUpdated`` of each
checkpoint. The rules of precedence, the same for all of them:

- Checkpoints count, by the carrier's time. One without a time tells nothing and is left out.
- The summary is a further checkpoint only where no checkpoint says it: at its own carrier time
  if it has one, else at the time of the newest checkpoint.
- A newest checkpoint without a known word is what the summary says it is.
- Where summary and newest checkpoint contradict each other, the later carrier time counts, at
  the same time the status that is further along (``shared.domain.shipments.scan_order``); the
  fact's notes say so.
- A coarser summary ("in transit" of a parcel that was accepted) contradicts nothing. A summary
  that knows nothing (UNKNOWN, PENDING) never stands against a checkpoint that does.

The house reading. Vendors file the same event under different words and codes; whoever says it,
it is one thing here. ``acts`` stands where the status alone does not say whose turn it is::

    what happened                                 status                 acts
    nothing is known of the number                PENDING
    a label was made; a pick-up at the sender's   LABEL_CREATED
    in customs, through customs, handed over to   IN_TRANSIT
      another carrier, delivered in part
    a delay, weather, sent the wrong way          IN_TRANSIT             CARRIER
    another day was asked for or agreed           HELD
    nobody there, no access, closed, not paid     DELIVERY_ATTEMPTED     CARRIER: its own reasons
    a counter, a shop or a locker to collect at   AVAILABLE_FOR_PICKUP   CARRIER: on its way there
    handed over, left somewhere, at a neighbour's DELIVERED
    held or late at customs, held by the carrier, EXCEPTION              CARRIER
      under investigation
    waits for the customer's papers or payment    EXCEPTION              RECIPIENT
    wrong address, moved, refused                 EXCEPTION              SHOP
    damaged, lost, destroyed, not to be carried   EXCEPTION              SHOP
    a problem, and no more is said                EXCEPTION
    going back to the sender; arrived there       RETURNING; RETURNED
    cancelled, label or information voided        CANCELLED
    not scanned for long                          EXPIRED
    anything else                                 UNKNOWN

- A delay is no status but a matter of the way: a vendor's "exception" that says no more than that
  is IN_TRANSIT. What is late shows by its dates.
- ``place``: the counter, where the vendor names it (its scan's location stands for it otherwise),
  or the words that say where a delivered parcel was left.
- A delivery that was damaged is DELIVERED: the goods are there.

The table of carriers brings the vendors' codes (``yamato-jp``, ``FedEx``) to the
one token that Yoin uses; ``shared/messages/carriers.toml`` has the names and tracking pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from shared.contracts import values, words
from shared.contracts.reading import Node
from shared.contracts.values import nfkc
from shared.domain.events import Data, ShipmentUpdated
from shared.domain.shipments import RANK, Actor, Status


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One scan, or the summary, as a carrier or aggregator tells it.

    Attributes:
        at: the carrier's own time, in UTC; None where the vendor names none.
        status: canonical; UNKNOWN for a word that is in no table.
        raw: the vendor's words, for people where it has such.
        location: where it was scanned.
        place: where the parcel was left or is held (locker, 宅配ボックス, a shop).
        hold_until: how long it is held there.
        acts: who has to do something, where the status alone does not say so.
    """

    at: datetime | None
    status: Status
    raw: str | None = None
    location: str | None = None
    place: str | None = None
    hold_until: date | None = None
    acts: Actor | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What one fact says, when that was, and what had to be decided (``make_facts`` takes it)."""

    data: Data
    at: datetime
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told(Statement):
    """A ``ShipmentUpdated`` with the carrier's time, and what was contradictory about it."""

    data: ShipmentUpdated


# A summary that is less exact than the checkpoints which it stands for.
_STANDS_FOR = {
    Status.IN_TRANSIT: {
        Status.ACCEPTED,
        Status.ARRIVED_AT_DELIVERY_DEPOT,
        Status.OUT_FOR_DELIVERY,
        Status.HELD,
    },
    Status.EXCEPTION: {
        Status.DELIVERY_ATTEMPTED,
        Status.HELD,
        Status.RETURNING,
        Status.RETURNED,
        Status.CANCELLED,
    },
    Status.RETURNING: {Status.RETURNED},
}
_SAYS_NOTHING = frozenset({Status.UNKNOWN, Status.PENDING})


def history(
    number: str,
    carrier: str | None,
    scans: Iterable[Checkpoint],
    current: Checkpoint | None = None,
    *,
    otherwise: datetime | None = None,
    shipped_on: date | None = None,
    notes: Iterable[str] = (),
) -> tuple[Told, ...]:
    """One ``ShipmentUpdated`` per checkpoint, oldest first, by the rules of this module.

    Args:
        number: the tracking number; ``carrier``: a token of ``carrier_token``.
        scans: the checkpoints, in any order, repeated ones too.
        current: the summary; its ``at`` is None where the vendor gives no carrier time for it.
        otherwise: the summary's time where there is neither its own nor a checkpoint's.
        shipped_on: the carrier's date of dispatch.
        notes: what the vendor's adapter itself found contradictory; each once, on the newest fact.

    Returns:
        The facts' data with their times; empty where nothing has a time. Two checkpoints with
        one time and one status are one statement: the one that says more is kept.
    """
    known = _distinct(scans)
    said: dict[int, list[str]] = {}
    if current is not None:
        known, note = _with_summary(known, current, otherwise)
        if note:
            said.setdefault(len(known) - 1, []).append(note)
    if known:
        said.setdefault(len(known) - 1, []).extend(dict.fromkeys(notes))
    return tuple(
        Told(
            data=ShipmentUpdated(
                status=scan.status,
                carrier=carrier,
                tracking_number=number,
                raw_status=scan.raw,
                location=scan.location,
                place=scan.place,
                hold_until=scan.hold_until,
                shipped_on=shipped_on,
                acts=scan.acts,
            ),
            at=at,
            notes=tuple(said.get(index, ())),
        )
        for index, (at, scan) in enumerate(known)
    )


_Timed = tuple[datetime, Checkpoint]


def _place_in_order(timed: _Timed) -> tuple[datetime, int]:
    at, scan = timed
    return at, RANK[scan.status]


def _distinct(scans: Iterable[Checkpoint]) -> list[_Timed]:
    """The checkpoints with a time, oldest first, one for each time and status."""
    found: dict[tuple[datetime, Status], Checkpoint] = {}
    for scan in scans:
        if scan.at is None:
            continue
        other = found.get((scan.at, scan.status))
        if other is None or _fullness(scan) > _fullness(other):
            found[scan.at, scan.status] = scan
    return sorted(((at, scan) for (at, _), scan in found.items()), key=_place_in_order)


def _fullness(scan: Checkpoint) -> tuple[int, str]:
    """How much it says; with its words, so that the vendor's order cannot matter."""
    fields = (scan.raw, scan.location, scan.place, scan.hold_until, scan.acts)
    return sum(value is not None for value in fields), f"{scan.raw}|{scan.location}|{scan.place}"


def _with_summary(
    known: list[_Timed], current: Checkpoint, otherwise: datetime | None
) -> tuple[list[_Timed], str | None]:
    """The checkpoints with the summary among them where it has to be, and a note for the last."""
    if not known:
        at = current.at or otherwise
        return ([(at, current)] if at else []), None
    newest_at, newest = known[-1]
    at = current.at or newest_at
    if newest.status is Status.UNKNOWN and at == newest_at and current.status not in _SAYS_NOTHING:
        meant = _filled(newest, current)
        others = [o for o in known[:-1] if (o[0], o[1].status) != (newest_at, meant.status)]
        return [*others, (newest_at, meant)], None
    together = sorted([*known, (at, current)], key=_place_in_order)
    if current.status in _SAYS_NOTHING:
        heard = current.status is Status.PENDING or any(
            scan.raw == current.raw or (when, scan.status) == (at, current.status)
            for when, scan in known
        )
        return (known if heard else together), None
    telling = [one for one in known if one[1].status not in _SAYS_NOTHING]
    last_at, last = telling[-1] if telling else (newest_at, newest)
    same = last.status is current.status
    if at <= newest_at:
        if same or last.status in _STANDS_FOR.get(current.status, ()):
            return known, None
        if any(scan.status is current.status for _, scan in telling):
            return known, (
                f"The summary says {current.status}, but the newest scan says {last.status}: "
                "the newest scan counts."
            )
    # That nothing was heard for long is no word against what was heard.
    if same or not telling or current.status is Status.EXPIRED:
        return together, None
    return together, (
        f"The summary says {current.status}, the newest scan says {last.status}, "
        f"and {_which(at, last_at)} counts."
    )


def _filled(scan: Checkpoint, summary: Checkpoint) -> Checkpoint:
    """A scan whose word nobody knows, with the status of the summary that is about it."""
    return replace(
        scan,
        status=summary.status,
        raw=scan.raw or summary.raw,
        location=scan.location or summary.location,
        place=scan.place or left_at(summary.status, scan.raw) or summary.place,
        hold_until=scan.hold_until or summary.hold_until,
        acts=scan.acts or summary.acts,
    )


def _which(at: datetime, last_at: datetime) -> str:
    if at > last_at:
        return "the summary, whose time is later,"
    if at < last_at:
        return "the scan, whose time is later,"
    return "at the same time the one that is further along"


# --- tables and words --------------------------------------------------------

_Meaning = TypeVar("_Meaning")


def by_code(table: Mapping[_Meaning, str]) -> dict[str, _Meaning]:
    """A table that is written by meaning ({IN_TRANSIT: "IT AR"}) turned round: by code."""
    return {code: meaning for meaning, codes in table.items() for code in codes.split()}


def left_at(status: Status, said: str | None) -> str | None:
    """``said``, where it tells in which place a delivered parcel was left; else None."""
    return said if said and status is Status.DELIVERED and words.left_unattended(said) else None


# --- carriers ----------------------------------------------------------------

# Token -> how vendors call it, as ``_plain`` makes it (small letters and digits only). A slug
# that only begins with a name counts as well where ``_FAMILIES`` lists it.
_CARRIERS = {
    "yamato": (
        "yamato", "yamatotransport", "yamatojapan", "yamatojp", "jpyamato", "taqbin", "taqbinjp",
        "kuronekoyamato", "kuroneko", "takkyubin", "ヤマト", "ヤマト運輸", "クロネコヤマト",
        "クロネコ", "宅急便",
    ),
    "sagawa": (
        "sagawa", "sagawaexpress", "sagawajp", "sagawajapan", "jpsagawa", "佐川", "佐川急便",
    ),
    "japanpost": (
        "japanpost", "japanpostems", "japanpostjp", "jppost", "jpost", "日本郵便", "ゆうパック",
        "yupack", "yuupack",
    ),
    "fedex": ("fedex", "federalexpress"),
    "ups": ("ups", "upsapi", "unitedparcelservice", "upsmailinnovations", "upsmi"),
    "usps": (
        "usps", "uspostalservice", "unitedstatespostalservice", "uspost", "stampscom",
    ),
    "dhl": ("dhl", "dhlexpress"),
}  # fmt: skip
# fedex_ground, dhl_ecommerce, ups-freight: the company is one, its numbers differ by service.
_FAMILIES = re.compile(r"(fedex|ups|usps|dhl|yamato|sagawa)[-_ ]", re.ASCII)
_TOKENS = {name: token for token, names in _CARRIERS.items() for name in names}


def carrier_token(name: str | None) -> str | None:
    """The token of a carrier by any vendor's code or name; an unknown one as it is written.

    Tokens: yamato, sagawa, japanpost, fedex, ups, usps, dhl.
    """
    if name is None or not name.strip():
        return None
    text = nfkc(name).strip()
    lower = text.casefold().replace("株式会社", "").replace("(株)", "").strip()
    plain = "".join(c for c in lower if c.isalnum())
    family = _FAMILIES.match(lower)
    return _TOKENS.get(plain) or (family[1] if family else text[:60])


# --- times and places --------------------------------------------------------

_JAPANESE = frozenset({"yamato", "sagawa", "japanpost"})
BARE_TIMES = "Times without an offset were read as UTC: whose zone they are in is not told."


def local_zone(carrier: str | None) -> str | None:
    """The IANA zone in which a carrier writes its times, where it has only one; else None."""
    return "Asia/Tokyo" if carrier in _JAPANESE else None


def scan_time(node: Node, key: str, zone: str = "UTC") -> datetime | None:
    """A checkpoint's time, in UTC; a bare one, or a date alone (its midnight), in ``zone``.

    None where it is null, missing or blank. Raises Rejected, as ``Node.instant``.
    """
    value = node.value.get(key)
    if isinstance(value, str) and len(value.strip()) == 10 and values.day(value):
        return Node({key: f"{value.strip()}T00:00:00"}, node.path).instant(key, zone)
    return node.instant(key, zone)


def has_offset(node: Node, key: str) -> bool:
    """Whether a time says its offset. A missing one needs none."""
    value = node.value.get(key)
    return not isinstance(value, str) or not value or values.instant(value) is not None


def joined(node: Node | None, *keys: str) -> str | None:
    """The texts of an address on one line, each once; None where there is none."""
    texts = dict.fromkeys(node.text(key) for key in keys) if node else {}
    return ", ".join(text for text in texts if text) or None


# --- numbers -----------------------------------------------------------------

# The parameters under which tracking pages take a number, in small letters.
_NUMBER_PARAMETERS = frozenset({
    "number", "no", "tracknum", "tracknums", "tracknumber", "tracknumbers", "trackingnumber",
    "tracking_number", "tracking-number", "trackingno", "trknbr", "tlabels", "qtc_tlabels1",
    "tracking-id", "trackingid", "okurijono", "reqcodeno1", "number01", "nums", "tn",
})  # fmt: skip


def tracking_number(text: str | None) -> str | None:
    """The number in what stands where a number should: typed with spaces, or as a page's address.

    Of several numbers the first. None where there is none, or an address that names none in a
    parameter that is known to.
    """
    if text is None:
        return None
    found = words.tracking_numbers((text,))
    if not found and "://" in text:
        try:
            given = parse_qsl(urlsplit(text.strip()).query)
        except ValueError:
            return None
        values = [value for name, value in given if name.casefold() in _NUMBER_PARAMETERS]
        found = words.tracking_numbers(values)
    return found[0] if found else None


def required_number(node: Node, *keys: str) -> str:
    """The number in the first of ``keys`` that has one.

    Raises Rejected("INCOMPLETE") where none has, naming the first.
    """
    found = (tracking_number(node.text(key)) for key in keys)
    number = next((one for one in found if one), None)
    if number is None:
        raise node.missing(keys[0])
    return number
