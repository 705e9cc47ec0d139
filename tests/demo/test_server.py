from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from local.errors import LocalError
from local.mailbox.engine import Beginning, Engine, NotReady
from local.mailbox.model import Mailbox
from local.mailbox.server import LARGEST, TOKEN_HEADER, Server
from tests.demo import boxes

PORT = 8025
HOST = f"127.0.0.1:{PORT}"


class _Still(Engine):
    """An engine without a stack: it notes what it is asked."""

    def __init__(self) -> None:
        super().__init__(Beginning(scenario="", until=boxes.T0), boxes.hostile())
        self.state = "ready"
        self.asked: list[Any] = []

    def put(self, event: Mapping[str, Any]) -> Mailbox:
        if event.get("bad"):
            raise LocalError("line 1: this is\nno event")
        self.asked.append(event)
        return self.mailbox

    def advance(self, by: timedelta | None) -> Mailbox:
        if self.state != "ready":
            raise NotReady("a moment please")
        self.asked.append(by)
        return self.mailbox


@pytest.fixture
def engine() -> _Still:
    return _Still()


@pytest.fixture
def server(engine: _Still) -> Server:
    return Server(engine, port=PORT)


def _get(server: Server, path: str, host: str = HOST) -> TestResponse:
    return Client(server).get(path, headers={"Host": host})


def _post(server: Server, path: str, body: Any, **headers: str) -> TestResponse:
    sent = {"Host": HOST, TOKEN_HEADER: server.token, "Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    data = body if isinstance(body, bytes) else json.dumps(body)
    return Client(server).post(path, data=data, headers=sent)


def test_the_page_and_its_mails_are_served(server: Server) -> None:
    page = _get(server, "/")
    assert page.status_code == 200
    assert page.headers["X-Frame-Options"] == "DENY"
    assert server.token in page.text
    state = _get(server, "/api/state").get_json()
    (file,) = [m["mail"]["file"] for m in state["messages"] if m["mail"] and m["mail"]["file"]]
    mail = _get(server, f"/{file}")
    assert mail.status_code == 200
    policy = mail.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert _get(server, "/mails/other.html").status_code == 404
    assert _get(server, "/mails/..%2f..%2fetc%2fpasswd.html").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8025", "127.0.0.1:9999", ""])
@pytest.mark.parametrize("path", ["/", "/api/state"])
def test_a_foreign_host_gets_nothing(server: Server, host: str, path: str) -> None:
    answer = _get(server, path, host)
    assert answer.status_code == 421
    assert server.token not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {TOKEN_HEADER: ""},
        {TOKEN_HEADER: "guessed"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["/api/events", "/api/advance"])
def test_nobody_else_can_change_anything(
    server: Server, engine: _Still, headers: dict[str, str], path: str
) -> None:
    answer = _post(server, path, {"by": "P1D", "event": {}}, **headers)
    assert answer.status_code == 403
    assert engine.asked == []


def test_a_plain_form_cannot_steer(server: Server, engine: _Still) -> None:
    answer = _post(server, "/api/advance", {"by": "P1D"}, Content_Type="text/plain")
    assert answer.status_code == 415
    assert engine.asked == []


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ({"by": "PT1H"}, timedelta(hours=1)),
        ({"by": "P1D"}, timedelta(days=1)),
        ({"to": "next"}, None),
    ],
)
def test_time_passes(server: Server, engine: _Still, body: Any, asked: Any) -> None:
    answer = _post(server, "/api/advance", body, Origin=f"http://{HOST}")
    assert answer.status_code == 200
    assert engine.asked == [asked]
    assert answer.get_json()["live"]["state"] == "ready"


def test_an_event_is_put(server: Server, engine: _Still) -> None:
    event = {"source": "x", "detail-type": "OrderPlaced", "detail": {}}
    assert _post(server, "/api/events", {"event": event}).status_code == 200
    assert engine.asked == [event]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/advance", {"by": "P9Y"}, 400),
        ("/api/advance", b"{", 400),
        ("/api/advance", [], 400),
        ("/api/events", {"event": "text"}, 400),
        ("/api/events", {"event": {"bad": True}}, 422),
        ("/api/events", b" " * (LARGEST + 1), 413),
        ("/api/nothing", {}, 404),
    ],
)
def test_a_wrong_request_is_answered_in_one_line(
    server: Server, path: str, body: Any, status: int
) -> None:
    answer = _post(server, path, body)
    assert answer.status_code == status
    assert "\n" not in answer.get_json()["error"]


def test_while_the_stack_starts_nothing_is_steered(server: Server, engine: _Still) -> None:
    engine.state = "starting"
    assert _post(server, "/api/advance", {"by": "P1D"}).status_code == 503
    assert _get(server, "/").status_code == 200


@pytest.mark.slow
def test_a_live_stack_takes_events_and_time() -> None:
    from local.demo.samples import samples

    engine = Engine(Beginning(scenario="", until=boxes.T0), boxes.mailbox())
    engine.start()
    try:
        while engine.state == "starting":
            engine._thread.join(timeout=0.2)
        assert engine.error == ""
        first = {sample.name: sample for sample in samples(boxes.T0, 0)}
        box = engine.put(first["order-card"].event)
        assert [m.message for m in box.mails] == ["confirmed"]
        assert box.next_wake_up is not None
        later = {sample.name: sample for sample in samples(box.now, engine.put_by_hand)}
        box = engine.put(later["shipped"].event)
        box = engine.put(later["delivered"].event)
        assert [fact.type for fact in box.orders[0].facts][-1] == "ShipmentUpdated"
        before = box.now
        assert engine.advance(timedelta(days=8)).now == before + timedelta(days=8)
        assert "request" in {m.message for m in engine.mailbox.mails}
        with pytest.raises(LocalError):
            engine.put({"neither": "nor"})
    finally:
        engine.stop()
    assert not engine._thread.is_alive()
