"""The mailbox, served on this machine with controls on a live stack.

Only this machine, and only its own page: the server binds to the loopback address; a request
whose Host is another name is refused (DNS rebinding); what changes something needs the token
that stands in the page, in a header that no other site's form can set, and JSON. Mails are shown
under a policy that allows nothing but showing them.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from local.demo.samples import samples
from local.errors import LocalError
from local.mailbox import site
from local.mailbox.engine import Engine, NotReady

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
TOKEN_HEADER = "X-Yoin-Token"  # noqa: S105 - the name of a header
LARGEST = 1024 * 1024
"""Bytes of a request; an event has 256 KB at most."""

STEPS = {"PT1H": timedelta(hours=1), "P1D": timedelta(days=1)}

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_ROUTES = Map(
    [
        Rule("/", endpoint="index", methods=["GET"]),
        Rule("/mails/<name>.html", endpoint="mail", methods=["GET"]),
        Rule("/api/state", endpoint="state", methods=["GET"]),
        Rule("/api/events", endpoint="events", methods=["POST"]),
        Rule("/api/advance", endpoint="advance", methods=["POST"]),
    ]
)


class Server:
    """The WSGI application around an engine.

    Attributes:
        token: what a request that changes something has to carry.
    """

    def __init__(self, engine: Engine, *, port: int) -> None:
        """``port``: under which the browser sees it; the Host header has to say so."""
        self._engine = engine
        self._hosts = {f"{HOST}:{port}", f"localhost:{port}"}
        self.token = secrets.token_urlsafe(24)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        response = self._respond(Request(environ))
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        request.max_content_length = LARGEST
        # What a browser believes to talk to, before anything else is looked at.
        if request.environ.get("HTTP_HOST", "") not in self._hosts:
            return _json({"error": "this mailbox answers only as 127.0.0.1 or localhost"}, 421)
        try:
            endpoint, values = _ROUTES.bind_to_environ(request.environ).match()
            if request.method == "POST":
                refusal = self._refusal(request)
                if refusal is not None:
                    return refusal
            handlers: dict[str, Callable[..., Response]] = {
                "index": self._index,
                "mail": self._mail,
                "state": self._state,
                "events": self._events,
                "advance": self._advance,
            }
            return handlers[endpoint](request, **values)
        except NotReady as error:
            return _json({"error": str(error)}, 503)
        except LocalError as error:
            return _json({"error": " ".join(str(error).split())}, 422)
        except RequestEntityTooLarge:
            return _json({"error": f"a request may have {LARGEST} bytes at most"}, 413)
        except HTTPException as error:
            return _json({"error": error.description or error.name}, error.code or 400)

    def _refusal(self, request: Request) -> Response | None:
        """Why a request that would change something is not from our own page; None if it is."""
        origin = request.headers.get("Origin")
        if origin is not None and origin.removeprefix("http://") not in self._hosts:
            return _json({"error": "another site cannot steer the mailbox"}, 403)
        if not hmac.compare_digest(request.headers.get(TOKEN_HEADER, ""), self.token):
            return _json({"error": "the page is out of date: load it again"}, 403)
        if request.mimetype != "application/json":
            return _json({"error": "send JSON"}, 415)
        return None

    # --- reading -----------------------------------------------------------------------------

    def _index(self, _request: Request) -> Response:
        text = site.page(self._engine.mailbox, live=self._live())
        response = Response(text, mimetype="text/html")
        response.headers["X-Frame-Options"] = "DENY"
        return response

    def _mail(self, _request: Request, name: str) -> Response:
        for mail in self._engine.mailbox.mails:
            if mail.html is not None and site.mail_file(mail) == f"mails/{name}.html":
                response = Response(site.mail_page(mail), mimetype="text/html")
                response.headers["Content-Security-Policy"] = (
                    f"{site.MAIL_POLICY}; sandbox; frame-ancestors 'self'"
                )
                return response
        return _json({"error": "there is no such mail"}, 404)

    def _state(self, _request: Request) -> Response:
        return _json(site.state(self._engine.mailbox, live=self._live()))

    def _live(self) -> dict[str, Any]:
        engine = self._engine
        choice = samples(engine.mailbox.now, engine.put_by_hand)
        return {
            "state": engine.state,
            "progress": round(engine.progress, 3),
            "error": engine.error,
            "token": self.token,
            "samples": [{"name": s.name, "title": s.title, "event": s.event} for s in choice],
        }

    # --- steering ----------------------------------------------------------------------------

    def _events(self, request: Request) -> Response:
        event = _body(request).get("event")
        if not isinstance(event, dict):
            raise BadRequest("an event is a JSON object")
        self._engine.put(event)
        return self._state(request)

    def _advance(self, request: Request) -> Response:
        asked = _body(request)
        by = STEPS.get(str(asked.get("by")))
        if by is None and asked.get("to") != "next":
            raise BadRequest(f'advance {{"by": one of {", ".join(STEPS)}}} or {{"to": "next"}}')
        self._engine.advance(by)
        return self._state(request)


def _body(request: Request) -> Mapping[str, Any]:
    try:
        value = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise BadRequest("this is no JSON") from None
    if not isinstance(value, dict):
        raise BadRequest("send a JSON object")
    return value


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=status, mimetype="application/json")
