"""A vendor's call: checked, put on the bus, remembered, answered. Nothing else happens while the
vendor waits; what the events mean is found out by ingest.

The bus comes before the memory. A crash between the two makes the vendor call again, and the
event is on the bus twice: ingest takes a repetition for what it is. The other way round a crash
would lose the event, because the repetition would be taken for known.

For the same reason the memory is only a help. While the table cannot be reached, events go on to
the bus unremembered: a vendor that never repeats (WooCommerce) must not lose one for it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from shared.contracts.deliveries import MAX_DELIVERY_BYTES, part_text, write_envelope
from shared.contracts.function_url import Request
from shared.contracts.reading import load_any, one_line
from shared.contracts.signatures import Call, Scheme, Verdict
from shared.domain.deliveries import Arrived
from shared.domain.errors import Rejected, RetryableError
from shared.ports import Arrivals, Clock, HookSecrets, Quarantine, SeenEvents, WebhookSecrets

_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{1,200}", re.ASCII)
_SHORTEST_MEMORY = timedelta(days=1)
_MAX_ID = 200

# The vendor waits five seconds at most, and each event that is remembered takes two calls. A
# delivery of more events is remembered as one: ingest knows those of its repetitions itself.
REMEMBERED_SINGLY = 50
# Fifty calls to the bus. Of still more events some travel together; ingest takes them apart.
PUT_AT_MOST = 500


_Headers = Mapping[str, str]
_Part = Mapping[str, Any]


class Vendor(Protocol):
    """What has to be known of a source: see shared.sources.Source."""

    @property
    def signature(self) -> Scheme | None:
        """How its calls prove that they are its own."""
        ...

    @property
    def keeps(self) -> tuple[str, ...]:
        """The headers that are kept."""
        ...

    @property
    def split(self) -> Callable[[Any], tuple[_Part, ...]]:
        """The events in a body."""
        ...

    @property
    def topic_of(self) -> Callable[[_Headers, _Part], str | None]:
        """What an event is about."""
        ...

    @property
    def event_id(self) -> Callable[[_Headers, _Part], str | None]:
        """Its own id of an event."""
        ...

    @property
    def retries_for(self) -> timedelta:
        """How long it repeats a call; zero: never."""
        ...

    @property
    def challenge(self) -> str:
        """The parameter that it wants back."""
        ...

    @property
    def is_ping(self) -> Callable[[_Headers, bytes], bool]:
        """Whether it only tries the webhook out."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """All that the webhook function is given.

    Attributes:
        hooks: ``<source>/<brand>`` of every webhook of the stage.
        vendor: a source by its name.
    """

    hooks: Collection[str]
    vendor: Callable[[str], Vendor]
    clock: Clock
    secrets: WebhookSecrets
    seen: SeenEvents
    arrivals: Arrivals
    quarantine: Quarantine


class Outcome(StrEnum):
    """What became of a call, as the vendor is told."""

    ACCEPTED = "ACCEPTED"
    UNREADABLE = "UNREADABLE"
    REFUSED = "REFUSED"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    TOO_LARGE = "TOO_LARGE"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the vendor is answered, and what there is to count.

    Attributes:
        status: of HTTP.
        outcome: the word in the answer.
        source, brand: whose webhook it was; "" where it was nobody's.
        verdict: of the signature, once it was looked at.
        text: what is answered instead of the outcome: a challenge.
        taken: events that went onto the bus.
        repeated: events that were known.
        kept: calls that were genuine and no JSON, now in quarantine: 1 or 0.
        remembered: whether the table could be asked and told.
    """

    status: int
    outcome: Outcome
    source: str = ""
    brand: str = ""
    verdict: Verdict | None = None
    text: str | None = None
    taken: int = 0
    repeated: int = 0
    kept: int = 0
    remembered: bool = True


UNAVAILABLE = Answer(status=503, outcome=Outcome.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class _Hook:
    source: str
    brand: str
    token: str
    vendor: Vendor
    scheme: Scheme

    def answer(self, status: int, outcome: Outcome, **more: Any) -> Answer:
        return Answer(status=status, outcome=outcome, source=self.source, brand=self.brand, **more)


def webhook(entrance: Entrance, request: Request) -> Answer:
    """Take a call.

    Raises RetryableError where the secrets cannot be had, or the bus or the quarantine does not
    take the events: nothing may be acknowledged then, and the vendor is to call again.
    """
    hook = _hook(entrance, request.path)
    if hook is None:
        return Answer(status=404, outcome=Outcome.NOT_FOUND)
    if request.method != "POST":
        challenge = request.query.get(hook.vendor.challenge, "") if hook.vendor.challenge else ""
        if request.method == "GET" and _CHALLENGE.fullmatch(challenge):
            return hook.answer(200, Outcome.ACCEPTED, text=challenge)
        return hook.answer(405, Outcome.METHOD_NOT_ALLOWED)
    if request.size > MAX_DELIVERY_BYTES:
        return hook.answer(413, Outcome.TOO_LARGE)
    try:
        raw = request.raw()
    except Rejected:
        return hook.answer(400, Outcome.UNREADABLE)
    if hook.vendor.is_ping(request.headers, raw):
        return hook.answer(200, Outcome.ACCEPTED)
    verdict = _verdict(entrance, hook, request, raw)
    if verdict is not Verdict.GENUINE:
        return hook.answer(401, Outcome.REFUSED, verdict=verdict)
    return _take(entrance, hook, request, raw)


def _hook(entrance: Entrance, path: str) -> _Hook | None:
    """Whose webhook is called. None for every path that is not exactly one of ours."""
    parts = path.split("/")[1:]
    if len(parts) not in (2, 3) or f"{parts[0]}/{parts[1]}" not in entrance.hooks:
        return None
    vendor = entrance.vendor(parts[0])
    if vendor.signature is None:
        return None
    token = parts[2] if len(parts) == 3 else ""
    return _Hook(parts[0], parts[1], token, vendor, vendor.signature)


def _verdict(entrance: Entrance, hook: _Hook, request: Request, raw: bytes) -> Verdict:
    """What the signature says. A new secret counts at once: one that fits none makes us look
    whether there is a newer one."""

    def check(secrets: HookSecrets) -> Verdict:
        call = Call(
            headers=request.headers, raw=raw, url=secrets.url or request.url, token=hook.token
        )
        return hook.scheme.check(call, secrets.live, entrance.clock.now())

    verdict = check(entrance.secrets.get(hook.source, hook.brand))
    if verdict is Verdict.WRONG:
        newer = entrance.secrets.renewed(hook.source, hook.brand)
        if newer is not None:
            verdict = check(newer)
    return verdict


def _take(entrance: Entrance, hook: _Hook, request: Request, raw: bytes) -> Answer:
    """Put a genuine call's events on the bus, but those that were there before."""
    now = entrance.clock.now()
    headers = {
        name: one_line(request.headers[name])
        for name in hook.vendor.keeps
        if name in request.headers
    }

    def arrived(body: str, event_id: str | None = None) -> Arrived:
        return Arrived(
            source=hook.source,
            brand=hook.brand,
            body=body,
            headers=headers,
            event_id=event_id,
            received_at=now,
        )

    try:
        parts = _parts(hook.vendor, raw)
    except Rejected as wrong:
        # It is the vendor's own: to refuse it would bring it again, and in the end switch the
        # webhook off. People look at it.
        whole = arrived(raw.decode("utf-8", "surrogateescape"))
        return _keep(entrance, hook, whole, wrong)
    events: dict[str, Arrived] = {}
    for part, body in parts:
        event_id, topic, proven = _said(hook.vendor, headers, part)
        key = _digest(topic, event_id or "", "" if proven else body)
        # Two parts of one id are two events all the same, unless they are equal.
        if key in events and events[key].body != body:
            key = _digest(topic, event_id or "", body)
        events[key] = arrived(body, one_line(event_id)[:_MAX_ID] if event_id else None)
    many = len(events) > REMEMBERED_SINGLY and not all(
        _always_new(hook, event) for event in events.values()
    )
    together = _digest(*events)
    if many:
        known, remembering = _is_known(entrance, hook, together)
        new = {} if known else events
    else:
        new, remembering = _unseen(entrance, hook, events)
    try:
        entrance.arrivals.put(_bundled(list(new.values())))
    except Rejected:
        return hook.answer(413, Outcome.TOO_LARGE, verdict=Verdict.GENUINE)
    if remembering:
        keys = [key for key, event in new.items() if not _always_new(hook, event)]
        if many and new:
            keys = [together]
        remembering = _remember(entrance, hook, keys)
    return hook.answer(
        200,
        Outcome.ACCEPTED,
        verdict=Verdict.GENUINE,
        taken=len(new),
        repeated=len(events) - len(new),
        remembered=remembering,
    )


def _parts(vendor: Vendor, raw: bytes) -> list[tuple[_Part, str]]:
    """The events in a body, each with its text: the vendor's own where it is one event as a whole.

    Raises Rejected("MALFORMED").
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Rejected("MALFORMED", "the body is not UTF-8") from None
    body = load_any(text, limit=MAX_DELIVERY_BYTES)
    parts = vendor.split(body)
    if len(parts) == 1 and parts[0] is body:
        return [(parts[0], text)]
    return [(part, part_text(part)) for part in parts]


def _said(vendor: Vendor, headers: _Headers, part: _Part) -> tuple[str | None, str, bool]:
    """The vendor's id of an event, its topic, and whether the id stands in the body.

    Signatures cover the body. An id out of a header could be another event's on purpose, which
    would then be taken for a repetition: it counts only together with the body. What the vendor
    does not say properly is for ingest.
    """
    try:
        found = vendor.event_id(headers, part)
        topic = vendor.topic_of(headers, part) or ""
        return found, topic, found is not None and vendor.event_id({}, part) == found
    except Rejected:
        return None, "", False


def _digest(*parts: str) -> str:
    """A name for an event that holds nothing of it. In JSON first: ids may hold half characters."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _keep(entrance: Entrance, hook: _Hook, whole: Arrived, wrong: Rejected) -> Answer:
    try:
        raw = write_envelope(whole)
    except Rejected:
        return hook.answer(413, Outcome.TOO_LARGE, verdict=Verdict.GENUINE)
    entrance.quarantine.put(raw, code=wrong.code, detail=wrong.detail)
    return hook.answer(200, Outcome.ACCEPTED, verdict=Verdict.GENUINE, kept=1)


def _bundled(events: list[Arrived]) -> list[Arrived]:
    """The events, in bundles of neighbours where they are too many to be put on the bus singly."""
    size = -(-len(events) // PUT_AT_MOST)
    if size <= 1:
        return events
    bundles = []
    for start in range(0, len(events), size):
        own = events[start : start + size]
        ids = {event.event_id for event in own}
        body = "[" + ",".join(event.body for event in own) + "]"
        event_id = ids.pop() if len(ids) == 1 else None
        bundles.append(replace(own[0], body=body, event_id=event_id, bundled=True))
    return bundles


def _always_new(hook: _Hook, event: Arrived) -> bool:
    """Whether a vendor neither repeats nor says which event it is: EC-CUBE's "order 2 was
    updated" is the same bytes each time, and a new change each time."""
    return not hook.vendor.retries_for and event.event_id is None


def _unseen(
    entrance: Entrance, hook: _Hook, events: Mapping[str, Arrived]
) -> tuple[dict[str, Arrived], bool]:
    """Those that are new, and whether the table could say so."""
    new = {}
    for key, event in events.items():
        if _always_new(hook, event):
            new[key] = event
            continue
        known, answered = _is_known(entrance, hook, key)
        if not answered:
            return dict(events), False
        if not known:
            new[key] = event
    return new, True


def _is_known(entrance: Entrance, hook: _Hook, key: str) -> tuple[bool, bool]:
    """Whether it was taken before, and whether the table could say so."""
    try:
        return entrance.seen.seen(hook.source, hook.brand, key), True
    except RetryableError:
        return False, False


def _remember(entrance: Entrance, hook: _Hook, keys: Collection[str]) -> bool:
    """Whether the table could be told."""
    keep = max(hook.vendor.retries_for * 2, _SHORTEST_MEMORY)
    try:
        for key in keys:
            entrance.seen.remember(hook.source, hook.brand, key, keep)
    except RetryableError:
        return False
    return True
