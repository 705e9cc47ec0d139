"""Access tokens for the vendors' APIs, by the two grants of OAuth 2 that need nobody present.

"oauth": client credentials (RFC 6749, 4.4); the token is kept in the process until it ends.
"refresh": a refresh token (RFC 6749, 6), which some vendors replace with every use and accept
once. So what comes of a renewal goes back into the secret before it is used, and the access token
with it: all processes share one, and it is renewed once in its life. A process whose refresh token
was used up by another one reads the secret again. If the answer to a renewal is lost, nobody has
the next refresh token: somebody has to give the consent anew, and the log says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

import urllib3

from shared.domain.errors import RetryableError
from shared.ports import Clock

Credentials = Mapping[str, str]

# A token is renewed before it runs out under a request.
EARLY_SECONDS = 60.0


class Vault(Protocol):
    """Where the credentials are: the secret of a source and brand."""

    def api_credentials(self, source: str, brand: str, *, fresh: bool = False) -> Credentials:
        """Its fields. Raises RetryableError."""
        ...

    def keep_api_credentials(self, source: str, brand: str, fields: Credentials) -> None:
        """Replace them. Raises RetryableError."""
        ...


class Poster(Protocol):
    """One POST, not repeated by itself: the status and the body. Raises RetryableError."""

    def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, source: str
    ) -> tuple[int, bytes]:
        """Post ``body``."""
        ...


class Tokens:
    """The access tokens of all sources and brands."""

    def __init__(self, vault: Vault, post: Poster, clock: Clock) -> None:
        """``post``: how a token is asked for."""
        self._vault = vault
        self._post = post
        self._clock = clock
        self._held: dict[tuple[str, str], tuple[str, float]] = {}

    def by_client(self, source: str, brand: str, known: Credentials) -> str:
        """A token by the client's own credentials. Raises RetryableError."""
        held = self._held.get((source, brand))
        if held and self._now() < held[1]:
            return held[0]
        form = {"grant_type": "client_credentials"}
        if known.get("scope"):
            form["scope"] = known["scope"]
        status, answer = self._ask(source, known, form)
        token, lasts = answer.get("access_token"), answer.get("expires_in")
        if status != 200 or not isinstance(token, str):
            raise RetryableError(f"no token, the API answered {status}")
        self._held[source, brand] = (
            token,
            self._now() + _seconds(lasts) - EARLY_SECONDS,
        )
        return token

    def by_refresh(self, source: str, brand: str, known: Credentials) -> str:
        """A token by the refresh token in the secret. Raises RetryableError."""
        fields = known
        if not self._is_valid(fields):
            fields = self._vault.api_credentials(source, brand, fresh=True)
        if self._is_valid(fields):
            return fields["access_token"]
        form = {"grant_type": "refresh_token", "refresh_token": needed(fields, "refresh_token")}
        status, answer = self._ask(source, fields, form)
        token = answer.get("access_token")
        if status == 200 and isinstance(token, str):
            ends = int(self._now() + _seconds(answer.get("expires_in")))
            renewed = {**fields, "access_token": token, "expires_at": str(ends)}
            if isinstance(answer.get("refresh_token"), str):
                renewed["refresh_token"] = answer["refresh_token"]
            self._vault.keep_api_credentials(source, brand, renewed)
            return token
        # Another process may have been first.
        fields = self._vault.api_credentials(source, brand, fresh=True)
        if self._is_valid(fields):
            return fields["access_token"]
        raise RetryableError(f"the refresh token was refused ({status}); give the consent anew")

    def forget(self, source: str, brand: str) -> None:
        """The API refused the token: ask for another one next time."""
        self._held.pop((source, brand), None)

    def _now(self) -> float:
        """Seconds since 1970: the secret outlives the process."""
        return self._clock.now().timestamp()

    def _is_valid(self, fields: Credentials) -> bool:
        ends = fields.get("expires_at", "")
        lasts = ends.isascii() and ends.isdigit() and self._now() < int(ends) - EARLY_SECONDS
        return bool(fields.get("access_token")) and lasts

    def _ask(
        self, source: str, known: Credentials, form: Mapping[str, str]
    ) -> tuple[int, Mapping[str, Any]]:
        url = known.get("token_url", "")
        if not url.startswith("https://"):
            raise RetryableError("token_url is not an https address")
        pair = f"{needed(known, 'client_id')}:{needed(known, 'client_secret')}"
        headers = urllib3.make_headers(basic_auth=pair)
        headers["content-type"] = "application/x-www-form-urlencoded"
        status, raw = self._post(url, headers, urlencode(form).encode(), source)
        try:
            answer = json.loads(raw)
        except ValueError:
            answer = None
        return status, answer if isinstance(answer, dict) else {}


def needed(known: Credentials, name: str) -> str:
    """A field of the credentials. Raises RetryableError that names it."""
    if not known.get(name):
        raise RetryableError(f"the credentials lack {name}")
    return known[name]


def _seconds(lasts: object) -> float:
    return float(lasts) if isinstance(lasts, int | float) else 0.0
