"""The vendors' side of a scenario: they call the webhooks, merchants renew the secrets, and their
APIs answer what thin events leave out.

What a vendor does is one ``act`` of a scenario's line (local/scenario.py):

    {"post": {"path": "/aftership/aoba", "headers": {...}, "body": {...}}, "sign": "current"}
    {"rotate": "aftership/aoba"}
    {"api": "eccube/aoba", "path": "/api", "variables": {"id": "7"}, "answer": {...}}
    {"api": "eccube/aoba", "down": true}

``post`` is a call of the webhook function. A body that is no text is sent as JSON. ``sign`` says
with what: the webhook's "current" or "previous" secret, as they are then, or any other text as it
stands (a forger's). Without ``sign`` the call is not signed. ``{current}`` and ``{previous}`` in
the path are the secrets themselves, for vendors that do not sign.

``rotate`` gives a webhook another secret; the one before counts as the previous one.

``answer`` is what a vendor's API says of one resource from then on, ``down`` whether it is out of
order. Yoin's fetch function asks here instead of the network.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.errors import LocalError
from shared.contracts.signatures import BodyHmac, Either, Scheme
from shared.domain.deliveries import Fetch
from shared.domain.errors import Rejected, RetryableError
from shared.sources import find_source

if TYPE_CHECKING:
    from local.runtime import LocalStack

Act = Callable[["LocalStack"], None]

_POST, _API = {"path", "headers", "body"}, {"api", "path", "variables", "answer", "down"}
_SECRETS = "yoin-local/webhook/"


class Apis:
    """The vendors' APIs, saying what they were last told to. Fulfils the port ``VendorApis``."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, ...], Any] = {}
        self._down: set[str] = set()
        self._known: set[str] = set()

    def reset(self) -> None:
        """Know nothing any more."""
        self._answers.clear()
        self._down.clear()
        self._known.clear()

    def install(self, undo: contextlib.ExitStack) -> None:
        """Answer Yoin's fetch function until ``undo`` is closed."""
        from shared import wiring

        undo.callback(wiring.use_vendors, wiring.use_vendors(self))

    def get(self, source: str, brand: str, fetch: Fetch) -> str:
        """The port's method."""
        api = f"{source}/{brand}"
        if api not in self._known:
            raise RetryableError(
                f"{api}: there is no network here; a scenario has to say its answers"
            )
        if api in self._down:
            raise RetryableError(f"{api}: the API answered 503")
        asked = _asked(api, fetch.path, (fetch.body or {}).get("variables"))
        if asked not in self._answers:
            raise Rejected("INCOMPLETE", f"{source}: the vendor has no {fetch.topic} of this id")
        return json.dumps(self._answers[asked], ensure_ascii=False)

    def answer(self, api: str, path: str, variables: Any, answer: Any) -> None:
        """From now on ``api`` answers this when it is asked for ``path`` with ``variables``."""
        self._known.add(api)
        self._answers[_asked(api, path, variables)] = answer

    def down(self, api: str, *, down: bool) -> None:
        """From now on ``api`` is out of order, or not."""
        self._known.add(api)
        (self._down.add if down else self._down.discard)(api)


def _asked(api: str, path: str, variables: Any) -> tuple[str, ...]:
    return (api, path, json.dumps(variables or {}, sort_keys=True))


def read_act(given: Mapping[str, Any]) -> Act | None:
    """What a vendor does by a line's keys (those beside ``at``); None: the line is of another
    kind.

    Raises:
        LocalError: it is none of the acts; the text says what is wrong.
    """
    if "post" in given:
        return _read_post(given)
    if "rotate" in given:
        _only(given, {"rotate"})
        hook = _endpoint(given["rotate"], "rotate")
        return lambda stack: _rotate(stack, hook)
    if "api" in given:
        return _read_api(given)
    return None


def _only(given: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise LocalError(f"{', '.join(unknown)}: a line has no such key beside {min(known)}")


def _endpoint(given: Any, what: str) -> str:
    if not isinstance(given, str) or len(given.split("/")) != 2 or not all(given.split("/")):
        raise LocalError(f'"{what}" is a source and a brand, as in "aftership/aoba"')
    return given


# --- webhooks ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Post:
    """A call of a webhook. ``scheme``: how it is signed, None: not at all."""

    path: str
    headers: Mapping[str, str]
    raw: bytes
    sign: str = ""
    scheme: BodyHmac | None = None

    def __call__(self, stack: LocalStack) -> None:
        source, _, brand = self.path.removeprefix("/").partition("/")
        path, headers = self.path, dict(self.headers)
        if self.scheme or "{" in path:
            secrets = secrets_of(stack, f"{source}/{brand.partition('/')[0]}")
            for name, secret in secrets.items():
                path = path.replace("{" + name + "}", secret)
            if self.scheme:
                key = secrets.get(self.sign, self.sign)
                headers[self.scheme.header] = signature(self.scheme, key, self.raw)
        stack.post(path, headers, self.raw)


def _read_post(given: Mapping[str, Any]) -> Act:
    _only(given, {"post", "sign"})
    post, sign = given["post"], given.get("sign", "")
    if not isinstance(post, Mapping) or not isinstance(post.get("path"), str):
        raise LocalError('"post" is a JSON object with the "path" of a webhook')
    _only(post, _POST)
    headers, body = post.get("headers", {}), post.get("body", "")
    if not isinstance(headers, Mapping) or not isinstance(sign, str):
        raise LocalError('"headers" is a JSON object, and "sign" is text')
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    source = post["path"].removeprefix("/").partition("/")[0]
    return _Post(
        path=post["path"],
        headers={
            "Content-Type": "application/json",
            **{str(name): str(value) for name, value in headers.items()},
        },
        raw=text.encode(),
        sign=sign,
        scheme=_body_hmac(source) if sign else None,
    )


def _body_hmac(source: str) -> BodyHmac:
    """The way of signing that a vendor's calls can be made with here."""
    try:
        scheme: Scheme | None = find_source(source).signature
    except Rejected as error:
        raise LocalError(error.detail) from error
    for one in scheme.schemes if isinstance(scheme, Either) else (scheme,):
        if isinstance(one, BodyHmac) and not one.with_url:
            return one
    raise LocalError(f"{source} signs in a way that is not known here: give the headers, no sign")


def signature(scheme: BodyHmac, secret: str, raw: bytes) -> str:
    """The header's value, as the vendor makes it."""
    digest = hmac.digest(secret.encode(), raw, "sha256")
    hexadecimal = scheme.encoding == "hex"
    return scheme.prefix + (digest.hex() if hexadecimal else base64.b64encode(digest).decode())


def secrets_of(stack: LocalStack, hook: str) -> dict[str, str]:
    """The secrets of a webhook as they now are: "current" and "previous"."""
    found = stack.client("secretsmanager").get_secret_value(SecretId=_SECRETS + hook)
    said: dict[str, str] = json.loads(found["SecretString"])
    return {name: said[name] for name in ("current", "previous") if said.get(name)}


def _rotate(stack: LocalStack, hook: str) -> None:
    before = secrets_of(stack, hook)["current"]
    # Another one, and the same in every run.
    after = "renewed" + hashlib.sha256(before.encode()).hexdigest()[:41]
    stack.client("secretsmanager").put_secret_value(
        SecretId=_SECRETS + hook,
        SecretString=json.dumps({"current": after, "previous": before}),
    )


# --- APIs --------------------------------------------------------------------------------------


def _read_api(given: Mapping[str, Any]) -> Act:
    _only(given, _API)
    api = _endpoint(given["api"], "api")
    if ("answer" in given) == ("down" in given):
        raise LocalError('a line about an "api" has either "answer" or "down"')
    if "down" in given:
        down = given["down"]
        if not isinstance(down, bool):
            raise LocalError('"down" is true or false')
        return lambda stack: stack.apis.down(api, down=down)
    path, variables, answer = given.get("path"), given.get("variables"), given["answer"]
    if not isinstance(path, str) or not path.startswith("/"):
        raise LocalError('an "answer" needs the "path" that is asked for')
    return lambda stack: stack.apis.answer(api, path, variables, answer)
