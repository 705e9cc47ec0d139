"""The vendors' APIs over HTTPS, for what thin events leave out.

urllib3 does the talking. Short trouble is waited out within the call; everything longer is left
to the queue, which brings the task again. No redirect is followed: it would carry the token to
somebody else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

import urllib3
from urllib3.util import Retry, Timeout

from shared.adapters.tokens import Credentials, Tokens, Vault, needed
from shared.contracts.deliveries import MAX_DELIVERY_BYTES
from shared.contracts.reading import load_any
from shared.domain.deliveries import Api, Fetch
from shared.domain.errors import Rejected, RetryableError
from shared.ports import Clock

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
# A refresh token may be good for one use only.
_ONCE = Retry(total=0, redirect=0, raise_on_status=False)
_TIMEOUT = Timeout(connect=3, read=8)


class Transport(Protocol):
    """What is used of urllib3's PoolManager."""

    def request(self, method: str, url: str, **more: Any) -> Any:
        """One request; the answer's body is still to be read."""
        ...


class HttpApis:
    """Fulfils the port ``VendorApis``."""

    def __init__(
        self,
        vault: Vault,
        api_of: Callable[[str], Api | None],
        clock: Clock,
        *,
        http: Transport | None = None,
    ) -> None:
        """``vault``: where the credentials are; ``api_of``: how a source's API is spoken to;
        ``http``: for tests."""
        self._vault = vault
        self._api_of = api_of
        self._http = http or urllib3.PoolManager(timeout=_TIMEOUT)
        self._tokens = Tokens(vault, self._post_once, clock)

    def get(self, source: str, brand: str, fetch: Fetch) -> str:
        """The answer to one request, as JSON text. Raises RetryableError, Rejected."""
        api = self._api_of(source)
        if api is None:
            raise Rejected("INCOMPLETE", f"{source}: there is no API that could be asked")
        known = self._vault.api_credentials(source, brand)
        base = _address(known.get("base_url") or api.base_url, f"{source}/{brand}: base_url")
        url = base + fetch.path + (f"?{urlencode(fetch.query)}" if fetch.query else "")
        headers = {"accept": "application/json", **api.headers}
        try:
            headers |= self._authorization(api, known, source, brand)
        except RetryableError as error:
            raise RetryableError(f"{source}/{brand}: {error}") from error
        body = None
        if fetch.body is not None:
            body = json.dumps(fetch.body).encode()
            headers["content-type"] = "application/json"
        status, raw = self._call(fetch.method, url, headers, body, source)
        if status in {404, 410} or (status == 403 and fetch.optional):
            raise Rejected("INCOMPLETE", f"{source}: the vendor has no {fetch.topic} of this id")
        if status in {401, 403}:
            # The token may be a new one by the next time.
            self._tokens.forget(source, brand)
        if status == 204:
            return "null"  # nothing of this kind is there, such as an order without shipments
        if status != 200:
            raise RetryableError(f"{source}/{brand}: the API answered {status}")
        return _json_text(raw, source)

    def _authorization(
        self, api: Api, known: Credentials, source: str, brand: str
    ) -> dict[str, str]:
        match api.auth:
            case "header":
                return {api.header: needed(known, "token")}
            case "basic":
                pair = f"{needed(known, 'username')}:{known.get('password', '')}"
                return urllib3.make_headers(basic_auth=pair)
            case "oauth":
                token = self._tokens.by_client(source, brand, known)
            case "refresh":
                token = self._tokens.by_refresh(source, brand, known)
            case _:
                token = needed(known, "token")
        return {"authorization": f"Bearer {token}"}

    def _post_once(
        self, url: str, headers: Mapping[str, str], body: bytes, source: str
    ) -> tuple[int, bytes]:
        return self._call("POST", url, headers, body, source, retries=_ONCE)

    def _call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        source: str,
        *,
        retries: Retry = _RETRIES,
    ) -> tuple[int, bytes]:
        try:
            answer = self._http.request(
                method,
                url,
                headers=headers,
                body=body,
                redirect=False,
                preload_content=False,
                retries=retries,
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
        load_any(text, limit=MAX_DELIVERY_BYTES)
    except (Rejected, UnicodeDecodeError):
        raise Rejected("MALFORMED", f"{source}: the API's answer is not JSON") from None
    return text
