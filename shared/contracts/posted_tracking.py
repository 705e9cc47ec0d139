"""What a merchant's own job posts about a parcel: one JSON shape for carriers without webhooks.

No carrier of Japan calls a merchant's webhook (see the sources yamato, sagawa and japanpost): a
job of the merchant's, or somebody in between, asks the carrier and posts the answer. One parcel::

    {
      "tracking_number": "1234-5678-9012",
      "carrier": "yamato",
      "service": "宅急便コレクト",
      "shipped_on": "2026-11-20",
      "history": [
        {"status": "荷物受付", "at": "2026-11-20T18:50:00+09:00", "office": "青葉営業所"},
        {"status": "持戻（ご不在）", "date": "11月21日", "time": "14:22", "office": "渋谷営業所"}
      ],
      "status": "持戻（ご不在）"
    }

    tracking_number     needed. As text or number, with hyphens or spaces, or as the page's URL.
    carrier             for the source `carrier` only: yamato, sagawa, japanpost, or any name.
    history             the carrier's rows, in any order. Always all of them: 保管 means what the
                        row before it says. Each row:
      status            needed: the carrier's word as it stands there, arrows and all.
      detail            a remark beside it (日本郵便: 詳細).
      at                ISO 8601, or as the page has it: "2026/11/21 14:22", "11月21日 14:22".
      date, time        instead of `at`. Without `time`: midnight, but not before the row before.
      office            who scanned it. `location` is the same.
      place             where it was left or waits, if that is known more exactly than by the word.
      hold_until        until when it is kept there (保管期限).
    status, at, ...     the present state, with the fields of a row. Without `history` it is the
                        only row; then `at` may be missing, and the time of arrival counts.
    service             the carrier's product: ネコポス, 宅急便コレクト, 局留, 国際宅急便, ...
    shipped_on          the day it was shipped. It tells the year of rows that have none.
    export              true: it leaves Japan. Otherwise the service or the rows say so.
    cash_on_delivery    true: 代金引換. Otherwise the service says so.
    zone                the IANA zone of times without offset; Asia/Tokyo for yamato, sagawa and
                        japanpost, where it is not needed.
    order_id,           as the shop names them, where the job knows them. Otherwise the parcel is
    shipment_id         found by its number.
    estimated_delivery  the carrier's date (お届け予定日): a promise, with `order_id` only.
    requested_delivery  the recipient's date (配達希望日): likewise.
    event_id, test,     the job's own id of this post; true for a trial, or for an import: neither
    historical          ever mails a customer.

Many parcels: a list of these, or ``{"trackings": [...]}``, where fields beside ``trackings`` are
those of every parcel that does not say otherwise.

Readings that are ours: a "no data" answer (伝票番号未登録) is no error and no fact; a row without
a time is left out, and noted; without an `order_id` dates of delivery are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from shared.contracts import values
from shared.contracts.carriers import times, words
from shared.contracts.reading import Node
from shared.contracts.signatures import BodyHmac, Either, PathToken
from shared.contracts.tracking import (
    Checkpoint,
    Statement,
    Told,
    carrier_token,
    history,
    tracking_number,
)
from shared.domain.errors import Rejected
from shared.domain.events import (
    DeliveryPromised,
    PaymentMethod,
    PaymentStatus,
    PaymentUpdated,
    PromiseSource,
)
from shared.domain.shipments import Status

TOPIC = "tracking"
TOPICS = {
    TOPIC: "ShipmentUpdated for each row; with an order id also DeliveryPromised, and "
    "PaymentUpdated where the carrier collected the money (代金引換)"
}
IGNORED = {"*": "there is one kind of post: the rows of a parcel"}
SIGNATURE_HEADER = "x-yoin-signature"
SIGNATURE = Either(
    schemes=(BodyHmac(header=SIGNATURE_HEADER, encoding="hex", prefix="sha256="), PathToken())
)

_MAX_ROWS = 500
_OFFICES = frozenset({"営業所", "郵便局"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What was posted about one parcel. ``event_id``: the job's own."""

    statements: tuple[Statement, ...]
    event_id: str | None = None
    test: bool = False
    historical: bool = False


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The one topic there is, for a body that names a parcel or its state."""
    return TOPIC if {"tracking_number", "history", "status"} & body.keys() else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """The parcels in a body. Raises Rejected("MALFORMED")."""
    common: dict[str, Any] = {}
    if isinstance(body, Mapping) and "trackings" in body:
        common = {name: value for name, value in body.items() if name != "trackings"}
        body = body["trackings"]
        if not isinstance(body, list | tuple):
            raise Rejected("MALFORMED", "trackings is not a list")
    parts = body if isinstance(body, list | tuple) else [body]
    if not all(isinstance(part, Mapping) and "trackings" not in part for part in parts):
        raise Rejected("MALFORMED", "the body is neither a parcel nor a list of parcels")
    return tuple({**common, **part} if common else part for part in parts)


def event_id(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The job's own id, if it gives one; with the number, as one post may hold many parcels."""
    own, number = body.get("event_id"), body.get("tracking_number")
    return f"{own}:{number}"[:200] if isinstance(own, str | int) and own != "" else None


def read_posted(
    body: Mapping[str, Any], *, carrier: str | None = None, received_at: datetime | None = None
) -> Posted:
    """The facts in one parcel's post.

    Args:
        body: as documented in this module.
        carrier: the source's carrier; None: the body says it.
        received_at: tells the year, and the time, where the post itself does not.

    Raises Rejected: INCOMPLETE, INVALID_VALUE or MALFORMED, naming the field.
    """
    return _Post(Node(body), carrier, received_at).read()


class _Post:
    """One parcel's post while it is read."""

    def __init__(self, body: Node, carrier: str | None, received_at: datetime | None) -> None:
        self.body = body
        self.carrier = carrier or carrier_token(body.text("carrier"))
        japanese = self.carrier in words.carriers()
        self.zone = body.text("zone") or (times.JST if japanese else None)
        if body.has("zone") and self.zone not in _zones():
            raise body.impossible("zone", "an IANA time zone")
        self.received_at = received_at
        self.near = self._near()

    def read(self) -> Posted:
        body = self.body
        number = tracking_number(body.text("tracking_number"))
        if number is None:
            problem = body.impossible("tracking_number", "one tracking number")
            raise problem if body.has("tracking_number") else body.missing("tracking_number")
        statements = tuple(self._statements(number))
        return Posted(
            statements=statements,
            event_id=body.text("event_id"),
            test=bool(body.flag("test")),
            historical=bool(body.flag("historical")),
        )

    def _statements(self, number: str) -> Iterator[Statement]:
        body = self.body
        order_id, shipment_id = body.text("order_id"), body.text("shipment_id")
        told, readings = self._told(number)
        for one in told:
            data = replace(one.data, order_id=order_id, shipment_id=shipment_id)
            reading = readings.get((one.at, one.data.status))
            notes = (*(reading.notes if reading else ()), *one.notes)
            yield Statement(data=data, at=one.at, notes=tuple(dict.fromkeys(notes)))
        if order_id is None:
            return
        paid = [at for (at, _), reading in readings.items() if reading.paid]
        if paid:
            cash = PaymentUpdated(
                order_id=order_id, status=PaymentStatus.PAID, method=PaymentMethod.COD
            )
            yield Statement(data=cash, at=min(paid))
        named = told[-1].at if told else self.received_at
        for field, who in (
            ("estimated_delivery", PromiseSource.CARRIER),
            ("requested_delivery", PromiseSource.CUSTOMER),
        ):
            day = self._day(body, field, self.near)
            if day is None:
                continue
            if named is None:
                raise body.missing("history", "at")
            promise = DeliveryPromised(
                order_id=order_id, shipment_id=shipment_id, latest=day, promised_by=who
            )
            yield Statement(data=promise, at=named)

    # --- rows --------------------------------------------------------------------

    def _told(
        self, number: str
    ) -> tuple[tuple[Told, ...], dict[tuple[datetime, Status], words.Reading]]:
        """The scans, and the reading that each (time, status) came from."""
        body = self.body
        rows = body.nodes("history")
        if len(rows) > _MAX_ROWS:
            raise body.impossible("history", f"a list of at most {_MAX_ROWS} rows")
        timed, left_out = self._in_order(rows)
        summary = body.text("status")
        if not rows and summary is None:
            raise body.missing("history", "status")
        said = [(self._word(row), row.text("detail")) for _, row in timed]
        present = (summary, body.text("detail")) if summary else None
        # The present state is mostly the last row once more, sometimes with a date or a remark
        # that it lacks.
        repeats = present is not None and bool(said) and _same(present, said[-1])
        if present is not None and repeats:
            said[-1] = (said[-1][0], said[-1][1] or present[1])
        elif present is not None:
            said.append(present)
        read = words.read_history(
            self.carrier or words.GENERIC,
            body.text("service"),
            said,
            export=body.flag("export"),
            cash_on_delivery=bool(body.flag("cash_on_delivery")),
        )
        scans: list[Checkpoint] = []
        readings: dict[tuple[datetime, Status], words.Reading] = {}
        for (at, row), reading in zip(timed, read, strict=False):
            if not reading.no_data:
                scans.append(self._checkpoint(row, at, reading))
                readings[at, reading.status] = reading
        current = None
        if repeats and scans:
            more = self._checkpoint(body, None, read[-1])
            scans[-1] = replace(
                scans[-1],
                location=scans[-1].location or more.location,
                place=scans[-1].place or more.place,
                hold_until=scans[-1].hold_until or more.hold_until,
            )
        elif present is not None and not read[-1].no_data:
            own = self._at(body)
            current = self._checkpoint(body, own, read[-1])
            when = own or (timed[-1][0] if timed else self.received_at)
            if when is not None:
                readings.setdefault((when, read[-1].status), read[-1])
        notes = [f"Rows without a time were left out: {left_out}."] if left_out else []
        told = history(
            number,
            self.carrier,
            scans,
            current,
            otherwise=self.received_at,
            shipped_on=self._day(body, "shipped_on", self.near),
            notes=notes,
        )
        if not told and (left_out or current is not None):
            path = "history[0].at" if left_out else "at"
            raise Rejected("INCOMPLETE", f"{path} is missing")
        return told, readings

    def _in_order(self, rows: tuple[Node, ...]) -> tuple[list[tuple[datetime, Node]], int]:
        """The rows with a time, oldest first, and how many have none.

        A row with a date only is not before the row that comes before it on the page.
        """
        days = [self._at(row) for row in rows]
        known = [at for at in days if at is not None]
        if len(known) > 1 and known[0] > known[-1]:
            rows, days = rows[::-1], days[::-1]
        timed: list[tuple[datetime, Node]] = []
        before: datetime | None = None
        for at, row in zip(days, rows, strict=True):
            if at is None:
                continue
            vague = before is not None and not self._has_clock(row)
            before = max(at, before) if vague and before else at
            timed.append((before, row))
        timed.sort(key=lambda pair: pair[0])
        return timed, len(rows) - len(timed)

    def _checkpoint(self, row: Node, at: datetime | None, reading: words.Reading) -> Checkpoint:
        office = row.text("office") or row.text("location")
        place = row.text("place") or reading.place
        waits = reading.status is Status.AVAILABLE_FOR_PICKUP
        if waits and office and place in _OFFICES:
            place = office
        return Checkpoint(
            at=at,
            status=reading.status,
            raw=reading.raw or None,
            location=office,
            place=place,
            hold_until=self._day(row, "hold_until", self.near),
            acts=reading.acts,
        )

    def _word(self, row: Node) -> str:
        word = row.text("status")
        if word is None:
            raise row.missing("status")
        return word

    # --- times -------------------------------------------------------------------

    def _near(self) -> date | None:
        """A day by which the year of a date without one is told."""
        received_on = None
        if self.received_at is not None:
            received_on = self.received_at.astimezone(ZoneInfo(self.zone or "UTC")).date()
        return self._day(self.body, "shipped_on", received_on) or received_on

    def _has_clock(self, row: Node) -> bool:
        said = times.written(row.text("at") or row.text("date") or "")
        return row.has("time") or said is None or said.clock is not None

    def _at(self, row: Node) -> datetime | None:
        """When a row was; None where it says no time."""
        field = "at" if row.text("at") else "date"
        text = row.text(field)
        if text is None:
            return None
        exact = values.instant(text)
        if exact is not None:
            return exact
        said = times.written(text)
        clock = said.clock if said else None
        clock_text = row.text("time")
        if clock is None and clock_text is not None:
            clock = times.time_of_day(clock_text)
            if clock is None:
                raise row.impossible("time", "a time of day such as 14:22")
        if said is None or said.rest:
            raise row.impossible(field, "a possible time, such as 2026-11-21T14:22:00+09:00")
        day = self._meant(row, field, said, self.near)
        if self.zone is None:
            raise row.impossible(field, "a time with its offset; or give the zone")
        found = times.moment(day, clock or (0, 0, 0), self.zone)
        if found is None or not 1990 <= found.year <= 2100:
            raise row.impossible(field, "a possible time")
        return found

    def _day(self, row: Node, field: str, near: date | None) -> date | None:
        """A date, as the page writes it; what stands behind it (14-16時) does not count."""
        text = row.text(field)
        if text is None:
            return None
        exact = values.instant(text)
        if exact is not None:
            return exact.astimezone(ZoneInfo(self.zone or "UTC")).date()
        said = times.written(text)
        if said is None:
            raise row.impossible(field, "a date such as 2026-11-21")
        return self._meant(row, field, said, near)

    def _meant(self, row: Node, field: str, said: times.Written, near: date | None) -> date:
        day = times.day_of(said, near)
        if day is None and said.year is None and near is None:
            raise Rejected("INCOMPLETE", f"{row.at(field)} has no year and shipped_on is missing")
        if day is None or not 1990 <= day.year <= 2100:
            raise row.impossible(field, "a possible date")
        return day


def _same(present: tuple[str, str | None], last: tuple[str, str | None]) -> bool:
    """Whether the present state repeats the last row; one of them may have the detail alone."""
    details = {present[1], last[1]} - {None}
    return words.key(present[0]) == words.key(last[0]) and len(details) < 2


@cache
def _zones() -> frozenset[str]:
    """All IANA zones: looked up in the file system, so once."""
    return frozenset(available_timezones())
