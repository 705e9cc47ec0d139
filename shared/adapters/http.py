"""The vendors' APIs over HTTPS, for what thin events leave out.

urllib3 does the talking. Short trouble is waited out within the call; everything longer is left
to the queue, which brings the task again. No redirect is followed: it would carry the token to
somebody else.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import urllib3
from urllib3.util import Retry, Timeout

from shared.contracts.deliveries import MAX_DELIVERY_BYTES
from shared.domain.deliveries import Api, Fetch
from shared.domain.errors import Rejected, RetryableError

Credentials = Mapping[str, str]

_RETRIES = Retry(
    total=2,
    redirect=0,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=None,  # all that is asked for here only reads
    backoff_factor=0.3,
    # A vendor may name a minute; a function that sleeps is paid for, a queue is not.
    respect_retry_after_header=False,
    raise_on_status=False,
)
_TIMEOUT = Timeout(connect=3, read=8)
# A token is renewed before it runs out under a request.
_EARLY = 60.0


class HttpApis:
    """Fulfils the port ``VendorApis``."""

    def __init__(
        self,
        credentials: Callable[[str, str], Credentials],
        api_of: Callable[[str], Api | None],
        *,
        http: urllib3.PoolManager | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """``credentials``: of a source and brand, raises RetryableError where there are none;
        ``api_of``: how a source's API is spoken to; ``http``, ``seconds``: for tests."""
        self._credentials = credentials
        self._api_of = api_of
        self._http = http or urllib3.PoolManager(retries=_RETRIES, timeout=_TIMEOUT)
        self._seconds = seconds
        self._tokens: dict[tuple[str, str], tuple[str, float]] = {}

    def get(self, source: str, brand: str, fetch: Fetch) -> str:
        """The answer to one request, as JSON text. Raises RetryableError, Rejected."""
        api = self._api_of(source)
        if api is None:
            raise Rejected("INCOMPLETE", f"{source}: there is no API that could be asked")
        known = self._credentials(source, brand)
        base = _address(known.get("base_url") or api.base_url, f"{source}/{brand}: base_url")
        url = base + fetch.path + (f"?{urlencode(fetch.query)}" if fetch.query else "")
        headers = {"accept": "application/json", **api.headers}
        headers |= self._authorization(api, known, source, brand)
        body = None
        if fetch.body is not None:
            body = json.dumps(fetch.body).encode()
            headers["content-type"] = "application/json"
        status, raw = self._call(fetch.method, url, headers, body, source)
        if status in {404, 410}:
            raise Rejected("INCOMPLETE", f"{source}: the vendor has no {fetch.topic} of this id")
        if status in {401, 403}:
            # The token may be a new one by the next time.
            self._tokens.pop((source, brand), None)
        if status == 204:
            return "null"  # nothing of this kind is there, such as an order without shipments
        if status != 200:
            raise RetryableError(f"{source}/{brand}: the API answered {status}")
        return _json_text(raw, source)

    def _authorization(
        self, api: Api, known: Credentials, source: str, brand: str
    ) -> dict[str, str]:
        def told(name: str) -> str:
            if not known.get(name):
                raise RetryableError(f"{source}/{brand}: the credentials lack {name}")
            return known[name]

        if api.auth == "header":
            return {api.header: told("token")}
        if api.auth == "basic":
            pair = f"{told('username')}:{known.get('password', '')}"
            return urllib3.make_headers(basic_auth=pair)
        token = told("token") if api.auth == "bearer" else ""
        if api.auth == "oauth":
            token = self._token(source, brand, known, told("client_id"), told("client_secret"))
        return {"authorization": f"Bearer {token}"}

    def _token(
        self, source: str, brand: str, known: Credentials, client_id: str, client_secret: str
    ) -> str:
        """An access token by the client credentials grant (RFC 6749, 4.4), kept until it ends."""
        held = self._tokens.get((source, brand))
        if held and self._seconds() < held[1]:
            return held[0]
        url = _address(known.get("token_url", ""), f"{source}/{brand}: token_url")
        form = {"grant_type": "client_credentials"}
        if known.get("scope"):
            form["scope"] = known["scope"]
        headers = urllib3.make_headers(basic_auth=f"{client_id}:{client_secret}")
        headers["content-type"] = "application/x-www-form-urlencoded"
        status, raw = self._call("POST", url, headers, urlencode(form).encode(), source)
        if status != 200:
            raise RetryableError(f"{source}/{brand}: no token, the API answered {status}")
        answer: Any = json.loads(_json_text(raw, source))
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise RetryableError(f"{source}/{brand}: an answer without access_token")
        lasts = answer.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int | float) else 0.0
        self._tokens[source, brand] = (token, self._seconds() + seconds - _EARLY)
        return token

    def _call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, source: str
    ) -> tuple[int, bytes]:
        try:
            answer = self._http.request(
                method, url, headers=headers, body=body, redirect=False, preload_content=False
            )
            try:
                raw = answer.read(MAX_DELIVERY_BYTES + 1, decode_content=True)
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise RetryableError(f"{source}: {type(error).__name__}") from error
        if len(raw) > MAX_DELIVERY_BYTES:
            raise Rejected("OVERSIZED", f"{source}: the API's answer is larger than an event")
        return answer.status, raw


def _address(url: str, what: str) -> str:
    if not url.startswith("https://"):
        raise RetryableError(f"{what} is not an https address")
    return url.rstrip("/")


def _json_text(raw: bytes, source: str) -> str:
    try:
        text = raw.decode("utf-8")
        json.loads(text)
    except ValueError:
        raise Rejected("MALFORMED", f"{source}: the API's answer is not JSON") from None
    return text
