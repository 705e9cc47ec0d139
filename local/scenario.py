"""Scenarios: what arrives and when, as JSON Lines; and what became of it, as records.

A line is one of

    {"at": INSTANT, "event": {an EventBridge envelope}}
    {"at": INSTANT, "source": "shopify", "topic": "orders/create", "body": {...}}
    {"at": INSTANT, "source": "shopify", "topic": "orders/create", "body_file": "relative.json"}

and may have ``headers`` beside a body. ``at`` is when it arrives; when it happened is said by the
payload. Or it is what a vendor does: a call of a webhook, a renewed secret, an API's answer
(local/vendors.py):

    {"at": INSTANT, "post": {"path": "/aftership/aoba", "body": {...}}, "sign": "current"}
    {"at": INSTANT, "rotate": "aftership/aoba"}
    {"at": INSTANT, "api": "eccube/aoba", "path": "/api", "variables": {...}, "answer": {...}}
    {"at": INSTANT, "api": "eccube/aoba", "down": true}

or what a reader of our mails does with their links (local/readers.py):

    {"at": INSTANT, "read": {"to": "hanako@example.jp"}, "one_click": true}

or what the shop's people do by `yoin` (local/operators.py):

    {"at": INSTANT, "operate": "pause", "brand": "aoba", "scope": "marketing", "by": "Sato"}

Empty lines, and lines that begin with ``#``, are skipped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from local import operators, readers, vendors
from local.clock import Rank
from local.errors import LocalError
from local.mailbox.collect import Recorder, collect
from local.mailbox.model import Candidate, Mail, Mailbox
from local.runtime import PARTNER, LocalStack
from local.vendors import Act
from shared.brands import load_brand
from shared.domain.errors import Rejected
from shared.domain.ledger import IN_FLIGHT, EntryStatus
from shared.domain.values import digest
from shared.sources import find_source

#: How long a scenario is played after its first line unless somebody says otherwise.
HORIZON = timedelta(days=120)

SHOPIFY = PARTNER + "shopify.com/"
TITLE = ("シナリオ", "Scenario")

Record = dict[str, Any]

_DURATION = re.compile(r"\+(\d+)([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class ScenarioError(LocalError):
    """A scenario that cannot be played; the text names the line and what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One arrival: an envelope, a vendor's body with its source and topic, or an act: what a vendor
    or a reader does.

    ``number`` is where it stands in its file, from 1. ``said``: the line of an act as it was given.
    """

    number: int
    at: datetime
    event: Mapping[str, Any] | None = None
    source: str = ""
    topic: str = ""
    body: Any = None
    headers: Mapping[str, str] | None = None
    act: Act | None = None
    said: Mapping[str, Any] | None = None


def read(path: Path) -> list[Line]:
    """A scenario file, its body files read in.

    Raises:
        ScenarioError: a line that is no arrival.
        OSError: the file cannot be read.
    """
    return list(_lines(path.read_text("utf-8"), name=path.name, folder=path.parent))


def parse(text: str, *, name: str = "scenario", folder: Path | None = None) -> list[Line]:
    """A scenario given as text. ``folder`` is where its body files are; by default nowhere.

    Raises ScenarioError.
    """
    return list(_lines(text, name=name, folder=folder))


def lines_of(arrivals: Iterable[Mapping[str, Any]]) -> list[Line]:
    """A scenario given as the objects that its lines would be. Raises ScenarioError."""
    return [
        _line(dict(arrival), f"line {number}", number, None)
        for number, arrival in enumerate(arrivals, start=1)
    ]


def until(lines: Sequence[Line], text: str | None = None) -> datetime:
    """The instant at which to stop.

    Args:
        lines: the scenario.
        text: an instant with its offset, or ``+120d`` (s, m, h, d, w) after the first line; by
            default ``HORIZON`` after it.

    Raises:
        ScenarioError: neither.
    """
    first = min(line.at for line in lines)
    if text is None:
        return first + HORIZON
    duration = _DURATION.fullmatch(text)
    if duration:
        try:
            return first + timedelta(**{_UNITS[duration.group(2)]: int(duration.group(1))})
        except OverflowError:
            raise ScenarioError(f"{text} is too long a time") from None
    try:
        return _instant(text)
    except ValueError as error:
        raise ScenarioError(
            f"{text!r} is neither an instant such as 2026-08-01T09:00:00+09:00 "
            f"nor a time such as +120d: {error}"
        ) from error


class Journey:
    """Plays scenarios on a stack and tells what became of them.

    Args:
        stack: a running one; its other users' listeners stay.
        brand: the shop that a Shopify body without headers comes from; by default the first.
    """

    def __init__(self, stack: LocalStack, *, brand: str | None = None) -> None:
        self.stack = stack
        self._brand = brand
        self._recorder = Recorder(stack)
        self._started_at = stack.now
        self._lines = 0

    def play(
        self,
        lines: Iterable[Line | Mapping[str, Any]],
        *,
        until: datetime | None = None,
        on_day: Callable[[datetime], None] | None = None,
    ) -> list[Record]:
        """Let all lines arrive in the order of their instants, and time pass.

        The first scenario begins with its own first line; a later one goes on from where the
        stack is.

        Args:
            lines: what arrives; of equal instants in the order given.
            until: when to stop; by default ``HORIZON`` after the first line.
            on_day: called with every virtual midnight (UTC) that passes, and at the end.

        Returns:
            ``records()``.

        Raises:
            ScenarioError: a line that cannot be played.
        """
        wanted = [
            line if isinstance(line, Line) else _line(dict(line), f"line {number}", number, None)
            for number, line in enumerate(lines, start=1)
        ]
        wanted.sort(key=lambda line: line.at)
        events = [(line, None if line.act else self._event(line)) for line in wanted]
        if wanted and self._lines == 0:
            self.stack.reset(at=wanted[0].at)
            self._recorder.reset()
            self._started_at = wanted[0].at
        for line, event in events:
            if line.at < self.stack.now:
                raise ScenarioError(f"line {line.number} is at {line.at}, which has passed")
            self._put(line, event)
        self._lines += len(wanted)
        if until is None:
            until = (wanted[0].at if wanted else self.stack.now) + HORIZON
        for midnight in _days(self.stack.now, until):
            self.stack.run_until(midnight)
            if on_day is not None:
                on_day(midnight)
        return self.records()

    def mailbox(self, title: tuple[str, str] = TITLE, **more: Any) -> Mailbox:
        """Everything as the mailbox pages show it; ``more`` goes to ``collect``."""
        return collect(self._recorder, started_at=self._started_at, title=title, **more)

    def records(self, brand: str | None = None) -> list[Record]:
        """What became of it so far, as ``yoin replay`` prints it. Only one brand's if named."""
        return records(self.mailbox(), brand)

    @property
    def messages(self) -> list[Record]:
        """The records of what went out, in the order of sending."""
        return [record for record in self.records() if record["kind"] == "message"]

    def _put(self, line: Line, event: Mapping[str, Any] | None) -> None:
        act = line.act
        if act is not None:
            self.stack.clock.call_at(line.at, lambda: act(self.stack), rank=Rank.OUTSIDE)
        if event is None:
            return
        try:
            self.stack.put_event(event, at=line.at)
        except LocalError as error:
            raise ScenarioError(f"line {line.number}: {error}") from error

    def _event(self, line: Line) -> Mapping[str, Any]:
        """The envelope in which a line arrives at EventBridge."""
        if line.event is not None:
            return line.event
        try:
            find_source(line.source)
        except Rejected as error:
            raise ScenarioError(f"line {line.number}: {error.detail}") from error
        # The same body is the same event, however often it arrives.
        told = json.dumps([line.source, line.topic, line.headers, line.body], sort_keys=True)
        envelope = {
            "id": digest("scenario", told, length=32),
            "time": line.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        if line.source == "shopify":
            return envelope | self._shopify(line)
        if line.source == "yoin":
            return envelope | {
                "source": "scenario",
                "detail-type": line.topic,
                "detail": line.body,
            }
        raise ScenarioError(
            f"line {line.number}: events of {line.source} do not come by EventBridge; "
            'give the whole envelope as "event"'
        )

    def _shopify(self, line: Line) -> dict[str, Any]:
        buses = self.stack.names.get("AWS::Events::EventBus", ())
        partners = [bus for bus in buses if bus.startswith(SHOPIFY)]
        if not partners:
            raise ScenarioError("the stack has no partner event source of Shopify")
        brands = self.stack.environment("ingest")["YOIN_BRANDS"].split(",")
        (shop, *_) = load_brand(self._brand or brands[0]).shop_domains
        metadata = {"X-Shopify-Topic": line.topic, "X-Shopify-Shop-Domain": shop}
        given = {name.lower() for name in line.headers or {}}
        kept = {name: value for name, value in metadata.items() if name.lower() not in given}
        return {
            "source": partners[0],
            "detail-type": "shopifyWebhook",
            "detail": {"metadata": {**kept, **(line.headers or {})}, "payload": line.body},
        }


# --- what became of it -------------------------------------------------------------------------


def records(mailbox: Mailbox, brand: str | None = None) -> list[Record]:
    """A run as records: messages, skipped, failed and rejected by time, then one summary.

    Args:
        mailbox: the run.
        brand: only what is about this brand; rejected events, which have none, are always told.
    """
    candidates = [c for c in mailbox.candidates if brand in (None, c.brand)]
    mails = [mail for mail in mailbox.mails if brand in (None, mail.brand)]
    by_message = {candidate.message_id: candidate for candidate in candidates}
    told = [_message(mail, by_message.get(mail.message_id)) for mail in mails]
    went_out = {mail.message_id for mail in mails}
    for candidate in candidates:
        if candidate.message_id in went_out:
            continue
        if candidate.status is EntryStatus.SKIPPED:
            told.append(_unsent("skipped", candidate))
        elif candidate.status is EntryStatus.FAILED:
            told.append(_unsent("failed", candidate))
    told += [
        {
            "kind": "rejected",
            "code": event.code,
            "detail": event.detail,
            "source": event.source,
            "topic": event.topic,
            "at": _text(event.at),
        }
        for event in mailbox.rejected
    ]
    told.sort(key=lambda record: (record["at"] or "", json.dumps(record, sort_keys=True)))
    return [*told, _summary(mailbox, candidates, told, brand)]


def _about(what: Mail | Candidate) -> Record:
    return {
        "brand": what.brand,
        "order_id": what.order_id,
        "lifecycle": what.lifecycle,
        "message": what.message,
        "occurrence": what.occurrence,
        "channel": what.channel.value,
    }


def _message(mail: Mail, candidate: Candidate | None) -> Record:
    return {
        "kind": "message",
        **_about(mail),
        "to": mail.to,
        "locale": mail.locale,
        "subject": mail.subject,
        "at": _text(mail.at),
        "status": candidate.status.value if candidate else EntryStatus.UNKNOWN.value,
    }


def _unsent(kind: str, candidate: Candidate) -> Record:
    return {
        "kind": kind,
        **_about(candidate),
        "reason": candidate.reason.value,
        "rule": candidate.rule,
        "at": _text(candidate.decided_at),
    }


def _summary(
    mailbox: Mailbox, candidates: Sequence[Candidate], told: Sequence[Record], brand: str | None
) -> Record:
    kinds = [record["kind"] for record in told]
    orders = [order for order in mailbox.orders if brand in (None, order.brand)]
    return {
        "kind": "summary",
        "from": _text(mailbox.started_at),
        "until": _text(mailbox.now),
        "events": mailbox.events,
        "orders": len(orders),
        "messages": kinds.count("message"),
        "skipped": kinds.count("skipped"),
        "failed": kinds.count("failed"),
        "waiting": sum(c.status is EntryStatus.WAITING for c in candidates),
        "in_flight": sum(c.status in IN_FLIGHT for c in candidates),
        "rejected": kinds.count("rejected"),
        "errors": len(mailbox.failures),
    }


def _text(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


# --- reading -----------------------------------------------------------------------------------


def _lines(text: str, *, name: str, folder: Path | None) -> Iterator[Line]:
    for number, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip() or raw.lstrip().startswith("#"):
            continue
        where = f"{name}:{number}"
        try:
            given = json.loads(raw)
        except json.JSONDecodeError as error:
            raise ScenarioError(f"{where}: this is no JSON: {error.msg}") from error
        if not isinstance(given, dict):
            raise ScenarioError(f"{where}: a line is a JSON object")
        yield _line(given, where, number, folder)


_KEYS = {"at", "event", "source", "topic", "body", "body_file", "headers"}


def _line(given: dict[str, Any], where: str, number: int, folder: Path | None) -> Line:
    try:
        said = {name: value for name, value in given.items() if name != "at"}
        act = vendors.read_act(said) or readers.read_act(said) or operators.read_act(said)
    except LocalError as error:
        raise ScenarioError(f"{where}: {error}") from error
    unknown = sorted(set(given) - _KEYS) if act is None else []
    if unknown:
        raise ScenarioError(f"{where}: {', '.join(unknown)}: a line has no such key")
    try:
        at = _instant(given.get("at"))
    except ValueError as error:
        raise ScenarioError(f'{where}: "at": {error}') from error
    if act is not None:
        return Line(number=number, at=at, act=act, said=said)
    if "event" in given:
        event = given["event"]
        if not isinstance(event, dict):
            raise ScenarioError(f'{where}: "event" is an EventBridge envelope, a JSON object')
        return Line(number=number, at=at, event=event)
    for key in ("source", "topic"):
        if not isinstance(given.get(key), str):
            raise ScenarioError(f'{where}: without "event" a line needs "{key}"')
    if ("body" in given) == ("body_file" in given):
        raise ScenarioError(f'{where}: a line has either "body" or "body_file"')
    headers = given.get("headers", {})
    if not isinstance(headers, dict):
        raise ScenarioError(f'{where}: "headers" is a JSON object')
    return Line(
        number=number,
        at=at,
        source=given["source"],
        topic=given["topic"],
        body=given["body"] if "body" in given else _body(given["body_file"], where, folder),
        headers={name: str(value) for name, value in headers.items()},
    )


def _body(name: Any, where: str, folder: Path | None) -> Any:
    if folder is None or not isinstance(name, str):
        raise ScenarioError(f'{where}: "body_file" names a file beside the scenario')
    try:
        return json.loads((folder / name).read_text("utf-8"))
    except FileNotFoundError:
        raise ScenarioError(f"{where}: {name}: no such file beside the scenario") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{where}: {name}: {error}") from error
    except json.JSONDecodeError as error:
        raise ScenarioError(f"{where}: {name} is no JSON: {error.msg}") from error


def _instant(given: Any) -> datetime:
    if not isinstance(given, str):
        raise ValueError("an instant such as 2026-04-01T09:00:00+09:00 is needed")
    at = datetime.fromisoformat(given)
    if at.tzinfo is None:
        raise ValueError(f"{given} has no offset: write {given}Z or {given}+09:00")
    return at.astimezone(UTC)


def _days(start: datetime, end: datetime) -> Iterator[datetime]:
    """Every midnight (UTC) after ``start`` and before ``end``, then ``end``."""
    midnight = datetime.combine(start.date(), time(), UTC) + timedelta(days=1)
    while midnight < end:
        yield midnight
        midnight += timedelta(days=1)
    if end >= start:
        yield end
