"""A vendor's call: every answer there is, and that nothing which was acknowledged can be lost."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.memory.providers import (
    ManualClock,
    MemoryArrivals,
    MemoryQuarantine,
    MemorySecrets,
)
from shared.adapters.memory.seen import MemorySeen
from shared.contracts.deliveries import MAX_DELIVERY_BYTES, read_arrived
from shared.contracts.function_url import Request
from shared.contracts.signatures import BodyHmac, Either, PathToken, Scheme, StampedHmac, Verdict
from shared.domain.deliveries import Arrived
from shared.domain.errors import Rejected, RetryableError
from shared.ports import HookSecrets
from shared.sources import Source, sources, split_list
from shared.usecases.webhook import Answer, Entrance, Outcome, webhook
from tests.builders import T0
from tests.signing import SECRET, alternatives, secret_for, sign

BRAND = "aoba"
HMAC = BodyHmac(header="x-h")


def vendor(**more: Any) -> Source:
    """A source that the test makes up: ids under ``id``, topics under ``topic``."""
    said: dict[str, Any] = {
        "name": "vendor",
        "title": "Vendor",
        "docs_url": "https://vendor.example",
        "topics": {"a": "OrderPlaced"},
        "ignored": {"b": "no use"},
        "notes": ("none",),
        "topic_of": lambda _headers, body: body.get("topic"),
        "normalize": lambda _delivery: (),
        "recognises": lambda _headers: False,
        "signature": HMAC,
        "keeps": ("x-topic",),
        "event_id": lambda _headers, body: body.get("id"),
        "retries_for": timedelta(days=2),
    }
    return Source(**(said | more))


@dataclass
class World:
    """The entrance on memory, its parts at hand."""

    source: Source = field(default_factory=vendor)
    hooks: tuple[str, ...] = (f"vendor/{BRAND}",)

    def __post_init__(self) -> None:
        self.clock = ManualClock(T0)
        self.secrets = MemorySecrets()
        self.secrets.stored["vendor", BRAND] = HookSecrets(live=(SECRET,))
        self.seen = MemorySeen()
        self.arrivals = MemoryArrivals()
        self.quarantine = MemoryQuarantine()

    @property
    def entrance(self) -> Entrance:
        return Entrance(
            hooks=self.hooks,
            vendor=lambda _name: self.source,
            clock=self.clock,
            secrets=self.secrets,
            seen=self.seen,
            arrivals=self.arrivals,
            quarantine=self.quarantine,
        )

    def call(self, request: Request) -> Answer:
        return webhook(self.entrance, request)

    def post(self, body: Any, scheme: Scheme = HMAC, secret: str = SECRET, **more: Any) -> Answer:
        return self.call(self.request(body, scheme, secret, **more))

    def request(
        self, body: Any, scheme: Scheme = HMAC, secret: str = SECRET, **more: Any
    ) -> Request:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = sign(scheme, secret, raw, self.clock.now(), "https://h/vendor/aoba")
        headers = {**signed.headers, **more.pop("headers", {})}
        tail = f"/{signed.token}" if signed.token else ""
        return request(raw, headers=headers, path=f"/vendor/{BRAND}{tail}", **more)

    @property
    def bodies(self) -> list[str]:
        return [arrived.body for arrived in self.arrivals.arrived]

    @property
    def untouched(self) -> bool:
        return not (self.arrivals.arrived or self.seen.kept or self.quarantine.kept)


def request(raw: bytes = b"{}", *, in_base64: bool = False, **more: Any) -> Request:
    path = more.get("path", f"/vendor/{BRAND}")
    said: dict[str, Any] = {
        "method": "POST",
        "path": path,
        "url": f"https://h{path}",
        "query": {},
        "headers": {},
        "body": base64.b64encode(raw).decode() if in_base64 else raw.decode("utf-8", "replace"),
        "in_base64": in_base64,
    }
    return Request(**(said | more))


@pytest.fixture
def world() -> World:
    return World()


# --- the decision table ---------------------------------------------------------------------------

BIG = b'"' + b"x" * (MAX_DELIVERY_BYTES - 1)


@pytest.mark.parametrize(
    ("status", "outcome", "call"),
    [
        (404, "NOT_FOUND", request(path="/")),
        (404, "NOT_FOUND", request(path="")),
        (404, "NOT_FOUND", request(path="/vendor")),
        (404, "NOT_FOUND", request(path="/vendor/nobody")),
        (404, "NOT_FOUND", request(path="/nobody/aoba")),
        (404, "NOT_FOUND", request(path="/vendor/aoba/x/y")),
        (404, "NOT_FOUND", request(path="//vendor/aoba")),
        (404, "NOT_FOUND", request(path="/VENDOR/aoba")),
        (404, "NOT_FOUND", request(path="/nobody/aoba", method="GET")),
        (405, "METHOD_NOT_ALLOWED", request(method="GET")),
        (405, "METHOD_NOT_ALLOWED", request(method="HEAD")),
        (405, "METHOD_NOT_ALLOWED", request(method="OPTIONS")),
        (405, "METHOD_NOT_ALLOWED", request(method="PUT")),
        (405, "METHOD_NOT_ALLOWED", request(method="GET", query={"challenge": "x"})),
        (413, "TOO_LARGE", request(BIG + b'"')),
        (413, "TOO_LARGE", request(BIG + b'"', in_base64=True)),
        (401, "REFUSED", request(BIG)),
        (401, "REFUSED", request(BIG, in_base64=True)),
        (413, "TOO_LARGE", request(body="!" * 2 * MAX_DELIVERY_BYTES, in_base64=True)),
        (400, "UNREADABLE", request(body="!", in_base64=True)),
        (400, "UNREADABLE", request(body="QQ", in_base64=True)),
        (401, "REFUSED", request()),
        (401, "REFUSED", request(headers={"x-h": "wrong"})),
        (401, "REFUSED", request(path="/vendor/aoba/" + SECRET)),
        (401, "REFUSED", request(b"not json")),
    ],
)
def test_what_is_not_taken_leaves_nothing(
    world: World, status: int, outcome: str, call: Request
) -> None:
    answer = world.call(call)
    assert (answer.status, answer.outcome) == (status, outcome)
    assert world.untouched


def test_a_source_that_cannot_prove_its_calls_has_no_webhook() -> None:
    world = World(vendor(signature=None))
    assert world.post({"id": "1"}).status == 404


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [({}, Verdict.UNSIGNED), ({"x-h": "wrong"}, Verdict.WRONG)],
)
def test_a_refusal_says_why_to_us_and_not_to_the_caller(
    world: World, headers: dict[str, str], verdict: Verdict
) -> None:
    answer = world.call(request(headers=headers))
    assert answer.verdict is verdict
    assert (answer.source, answer.brand, answer.text) == ("vendor", BRAND, None)


def test_what_was_signed_long_ago_is_refused() -> None:
    scheme = StampedHmac(header="x-h")
    world = World(vendor(signature=scheme))
    call = world.request({"id": "1"}, scheme)
    world.clock.advance(timedelta(minutes=6))
    answer = world.call(call)
    assert (answer.status, answer.verdict) == (401, Verdict.STALE)
    assert world.untouched


def test_a_genuine_event_goes_on_with_what_the_source_reads(world: World) -> None:
    answer = world.post(b'{"id":"1","x":614.40}', headers={"x-topic": "t ", "cookie": "no"})
    assert (answer.status, answer.outcome, answer.taken) == (200, Outcome.ACCEPTED, 1)
    assert world.arrivals.arrived == [
        Arrived(
            source="vendor",
            brand=BRAND,
            body='{"id":"1","x":614.40}',
            headers={"x-topic": "t"},
            event_id="1",
            received_at=T0,
        )
    ]


@pytest.mark.parametrize("raw", ['{"id":"注文1"}'.encode(), b"\xef\xbb\xbf" + b'{"id":"1"}'])
def test_the_transport_s_base64_is_taken_off_before_anything_else(raw: bytes) -> None:
    world = World()
    signed = world.request(raw)
    encoded = replace(signed, body=base64.b64encode(raw).decode(), in_base64=True)
    assert world.call(encoded).taken == 1
    assert world.bodies == [raw.decode("utf-8-sig")]


def test_one_delivery_may_hold_many_events_or_none(world: World) -> None:
    answer = world.post(
        b'[{"id":"1","n":0.10},{"id":"2","n":1e400,"z":"\\ud800"},{"id":"1","n":3}]'
    )
    assert answer.taken == 3
    assert world.bodies == [
        '{"id":"1","n":0.10}',
        '{"id":"2","n":1E+400,"z":"\\ud800"}',
        '{"id":"1","n":3}',
    ]
    assert world.post([]).status == 200
    assert len(world.bodies) == 3


def test_a_repetition_is_acknowledged_and_not_passed_on(world: World) -> None:
    first = world.post([{"id": "1"}, {"id": "2"}])
    again = world.post([{"id": "1"}, {"id": "2"}, {"id": "3"}])
    assert (first.taken, first.repeated) == (2, 0)
    assert (again.status, again.taken, again.repeated) == (200, 1, 2)
    assert len(world.bodies) == 3


def test_it_is_remembered_beyond_the_vendor_s_repetitions() -> None:
    for retries, kept in ((timedelta(days=3), 6), (timedelta(hours=4), 1), (timedelta(), 1)):
        world = World(vendor(retries_for=retries))
        world.post({"id": "1"})
        assert set(world.seen.kept.values()) == {timedelta(days=kept)}


def test_one_id_under_two_topics_is_two_events(world: World) -> None:
    world.post({"id": "1", "topic": "orders/paid"})
    assert world.post({"id": "1", "topic": "orders/create"}).taken == 1
    assert world.post({"id": "1", "topic": "orders/create", "more": 1}).repeated == 1


def test_without_an_id_what_is_equal_is_a_repetition(world: World) -> None:
    assert world.post({"n": 1}).taken == 1
    assert world.post({"n": 1}).repeated == 1
    assert world.post({"n": 2}).taken == 1


def test_of_a_vendor_that_never_repeats_equal_events_are_new_ones() -> None:
    world = World(vendor(event_id=lambda _headers, _body: None, retries_for=timedelta(0)))
    same = {"entity": "order", "id": 2, "action": "updated"}
    answers = [world.post([same]), world.post([same])]
    assert [(a.taken, a.repeated, a.remembered) for a in answers] == [(1, 0, True)] * 2
    assert len(world.bodies) == 2
    assert not world.seen.kept


def test_brands_and_sources_do_not_share_their_memory() -> None:
    world = World(hooks=("vendor/aoba", "vendor/other"))
    world.secrets.stored["vendor", "other"] = HookSecrets(live=(SECRET,))
    call = world.request({"id": "1"})
    assert world.call(call).taken == 1
    assert world.call(replace(call, path="/vendor/other")).taken == 1
    assert {key[:2] for key in world.seen.kept} == {("vendor", "aoba"), ("vendor", "other")}


def test_an_id_that_the_source_cannot_read_is_for_ingest_to_reject() -> None:
    def refuses(_headers: Mapping[str, str], _body: Mapping[str, Any]) -> str:
        raise Rejected("MALFORMED", "no id")

    world = World(vendor(event_id=refuses))
    assert world.post({"x": "1"}).taken == 1
    assert world.post({"x": "1"}).repeated == 1


def test_an_id_may_have_any_letters(world: World) -> None:
    assert world.post({"id": "é\ud800" + "x" * 500}).taken == 1
    assert world.arrivals.arrived[0].event_id == ("é?" + "x" * 500)[:200]


# --- genuine, and still no event ------------------------------------------------------------------


def refusing(body: Any) -> tuple[Mapping[str, Any], ...]:
    if body == {"id": "odd"}:
        raise Rejected("MALFORMED", "odd")
    return split_list(body)


NO_EVENTS = [
    *(b"not json", b"", b"\xff\xfe\x00", b'{"a":NaN}', b"[1]", b'{"id": "odd"}', b"[" * 5000),
    b'{"n":[' + b"[" * 900 + b"]" * 900 + b"]}",
]


@pytest.mark.parametrize("raw", NO_EVENTS)
def test_a_genuine_call_that_is_no_event_is_acknowledged_and_kept_whole(raw: bytes) -> None:
    world = World(vendor(split=refusing))
    call = world.request(raw)
    answer = world.call(replace(call, body=base64.b64encode(raw).decode(), in_base64=True))
    assert answer.status == 200
    if answer.kept:
        (kept,) = world.quarantine.kept
        assert kept.code == "MALFORMED"
        assert kept.raw.isascii()
        arrived = read_arrived(json.loads(kept.raw))
        assert arrived.body.encode("utf-8", "surrogateescape") == raw
        assert (arrived.source, arrived.brand, arrived.received_at) == ("vendor", BRAND, T0)
        assert not world.bodies
    else:
        assert world.bodies == [raw.decode()]


def test_a_ping_is_answered_and_forgotten() -> None:
    world = World(vendor(is_ping=lambda _headers, raw: raw == b"webhook_id=7"))
    assert world.call(request(b"webhook_id=7")).status == 200
    assert world.call(request(b"webhook_id=8")).status == 401
    assert world.untouched


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ({"challenge": "8ec8d794-e0ab-42df"}, 200, "8ec8d794-e0ab-42df"),
        ({"challenge": "<script>"}, 405, None),
        ({"challenge": ""}, 405, None),
        ({"challenge": "x" * 201}, 405, None),
        ({"other": "x"}, 405, None),
    ],
)
def test_a_challenge_is_given_back_to_the_vendor_that_asks_for_it(
    query: dict[str, str], status: int, text: str | None
) -> None:
    world = World(vendor(challenge="challenge"))
    answer = world.call(request(method="GET", query=query))
    assert (answer.status, answer.text) == (status, text)
    assert world.untouched


def test_what_the_bus_cannot_carry_is_too_large() -> None:
    class Full(MemoryArrivals):
        def put(self, arrived: Iterable[Arrived]) -> None:
            raise Rejected("OVERSIZED", "too large")

    world = World()
    world.arrivals = Full()
    answer = world.post({"id": "1"})
    assert (answer.status, answer.verdict) == (413, Verdict.GENUINE)
    assert world.untouched


# --- secrets --------------------------------------------------------------------------------------


def test_both_live_secrets_count(world: World) -> None:
    world.secrets.stored["vendor", BRAND] = HookSecrets(live=("new", SECRET))
    assert world.post({"id": "1"}).status == 200
    assert world.post({"id": "2"}, secret="new").status == 200
    assert world.post({"id": "3"}, secret="older").status == 401


def test_a_new_secret_counts_with_the_first_call_that_it_signs(world: World) -> None:
    assert world.post({"id": "1"}).status == 200
    world.secrets.stored["vendor", BRAND] = HookSecrets(live=("new", SECRET))
    assert world.post({"id": "2"}, secret="new").status == 200


def test_only_a_wrong_signature_makes_us_ask_again(world: World) -> None:
    class Counting(MemorySecrets):
        asked = 0

        def renewed(self, source: str, brand: str) -> HookSecrets | None:
            self.asked += 1
            return None

    world.secrets = Counting()
    world.secrets.stored["vendor", BRAND] = HookSecrets(live=(SECRET,))
    for call in (world.request({"id": "1"}), request(), request(method="GET"), request(path="/x")):
        world.call(call)
    assert world.secrets.asked == 0
    assert world.call(request(headers={"x-h": "wrong"})).status == 401
    assert world.secrets.asked == 1


def test_the_url_that_is_signed_is_the_secret_s_or_the_called_one() -> None:
    scheme = BodyHmac(header="x-h", with_url=True)
    world = World(vendor(signature=scheme))
    assert world.post({"id": "1"}, scheme).status == 200
    elsewhere = HookSecrets(live=(SECRET,), url="https://shop.example/in")
    world.secrets.stored["vendor", BRAND] = elsewhere
    signed = sign(scheme, SECRET, b"{}", T0, elsewhere.url)
    assert world.call(request(headers=signed.headers)).status == 200


def test_without_its_secret_a_call_is_not_taken_and_comes_again(world: World) -> None:
    world.secrets.stored.clear()
    with pytest.raises(RetryableError):
        world.post({"id": "1"})
    assert world.untouched


# --- failures: nothing that was acknowledged is lost ----------------------------------------------


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Broken:
    """A port of which the n-th call fails, before or after it did its work."""

    port: Any
    error: BaseException
    after: bool
    at: int = 0
    calls: int = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls == self.at + 1 and not self.after:
                raise self.error
            answer = getattr(self.port, name)(*arguments, **named)
            if self.calls == self.at + 1:
                raise self.error
            return answer

        return call


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("error", [RetryableError("down"), Crash()], ids=["refused", "crash"])
@pytest.mark.parametrize(
    ("port", "at"), [("secrets", 0), ("arrivals", 0), *(("seen", n) for n in range(4))]
)
def test_whatever_fails_the_event_is_on_the_bus_once_it_is_acknowledged(
    port: str, at: int, error: BaseException, after: bool
) -> None:
    world = World()
    whole = getattr(world, port)
    setattr(world, port, Broken(whole, error, after, at))
    call = world.request([{"id": "1"}, {"id": "2"}])
    status = None
    try:
        status = world.call(call).status
    except (RetryableError, Crash):
        setattr(world, port, whole)
        assert world.call(call).status == 200, "the vendor's repetition"
    assert set(world.bodies) == {'{"id":"1"}', '{"id":"2"}'}
    if port == "seen" and isinstance(error, RetryableError):
        assert status == 200, "a vendor that never repeats loses nothing for the table"


def test_what_cannot_be_put_is_not_remembered(world: World) -> None:
    arrivals = world.arrivals
    broken: Any = Broken(arrivals, RetryableError("down"), after=False)
    world.arrivals = broken
    with pytest.raises(RetryableError):
        world.post({"id": "1"})
    assert not world.seen.kept
    world.arrivals = arrivals
    assert world.post({"id": "1"}).taken == 1


def test_a_table_that_does_not_answer_is_said(world: World) -> None:
    seen: Any = Broken(world.seen, RetryableError("down"), after=False)
    world.seen = seen
    answer = world.post([{"id": "1"}, {"id": "2"}])
    assert (answer.status, answer.taken, answer.remembered) == (200, 2, False)
    assert seen.calls == 1, "the vendor waits: it is not asked again and again"


def test_a_quarantine_that_does_not_answer_lets_the_vendor_call_again(world: World) -> None:
    quarantine: Any = Broken(world.quarantine, RetryableError("down"), after=False)
    world.quarantine = quarantine
    with pytest.raises(RetryableError):
        world.post(b"not json")
    assert quarantine.calls == 1


# --- the sources that there are -------------------------------------------------------------------

SIGNED = [
    pytest.param(source, scheme, id=f"{source.name}-{number}")
    for source in sources()
    for number, scheme in enumerate(alternatives(source.signature))
]


@pytest.mark.parametrize(("source", "scheme"), SIGNED)
def test_a_source_s_genuine_call_is_taken_and_a_changed_one_refused(
    source: Source, scheme: Scheme
) -> None:
    world = World(source)
    world.secrets.stored["vendor", BRAND] = HookSecrets(live=(secret_for(scheme),))
    raw = b'{"events":[],"order":"1","x":0.10}'
    call = world.request(raw, scheme, secret_for(scheme))
    genuine = world.call(call)
    assert (genuine.status, genuine.verdict) == (200, Verdict.GENUINE)
    world = World(source)
    world.secrets.stored["vendor", BRAND] = HookSecrets(live=("another",))
    assert world.call(call).status == 401
    assert world.untouched
    unsigned = replace(call, headers={}, path=f"/vendor/{BRAND}")
    assert world.call(unsigned).status == 401


def test_a_source_with_several_schemes_takes_each() -> None:
    both = Either(schemes=(HMAC, PathToken()))
    world = World(vendor(signature=both))
    assert world.post({"id": "1"}, HMAC).status == 200
    assert world.post({"id": "2"}, PathToken()).status == 200
