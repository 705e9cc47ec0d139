"""How vendors sign their webhooks: one class per kind of scheme, the vendor's particulars as data.

A source declares its scheme with these; the webhook function checks a call with it, on the raw
bytes and before anything is parsed. All comparisons take constant time. Nothing here raises for
what a stranger sends: the answer is a ``Verdict``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Protocol

from shared.contracts import values

FIVE_MINUTES = timedelta(minutes=5)

_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class Verdict(StrEnum):
    """What a signature says."""

    GENUINE = "GENUINE"
    UNSIGNED = "UNSIGNED"  # the header that would hold it is missing
    WRONG = "WRONG"
    STALE = "STALE"  # rightly signed, but too long ago, or in the future


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A webhook's request as it came.

    ``headers`` have names in small letters, ``raw`` is the body after the transport's base64,
    ``url`` what the vendor was told to call, ``token`` the secret segment of its path.
    """

    headers: Mapping[str, str]
    raw: bytes
    url: str = ""
    token: str = ""


class Scheme(Protocol):
    """A vendor's way to prove that a call is its own.

    ``title`` is a sentence for the documentation. ``keeps``: the headers that it reads.
    """

    @property
    def title(self) -> str:
        """What is computed over what, and where it stands."""
        ...

    @property
    def keeps(self) -> tuple[str, ...]:
        """The headers that it reads, in small letters."""
        ...

    def check(self, call: Call, secrets: Sequence[str], now: datetime) -> Verdict:
        """Whether one of ``secrets`` signed the call. No secret: nothing is genuine."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _InHeader:
    """A scheme that reads one header, whose name is in small letters."""

    header: str

    @property
    def keeps(self) -> tuple[str, ...]:
        """The headers that it reads."""
        return (self.header,)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyHmac(_InHeader):
    """HMAC-SHA256 of the raw body in a header.

    ``prefix`` stands before the digest, ``with_url``: the vendor signs its URL + the body,
    ``nfkd``: the secret is brought into Unicode's form NFKD first.
    """

    encoding: Literal["base64", "hex"] = "base64"
    prefix: str = ""
    with_url: bool = False
    nfkd: bool = False

    @property
    def title(self) -> str:
        """What is computed over what, and where it stands."""
        what = "the URL and the raw body" if self.with_url else "the raw body"
        prefix = f"`{self.prefix}` and " if self.prefix else ""
        return f"`{self.header}`: {prefix}{self.encoding} HMAC-SHA256 of {what}"

    def check(self, call: Call, secrets: Sequence[str], _now: datetime) -> Verdict:
        """Whether one of ``secrets`` signed the call."""
        given = call.headers.get(self.header)
        if not given:
            return Verdict.UNSIGNED
        signed = (_bytes(call.url) if self.with_url else b"") + call.raw
        keys = (unicodedata.normalize("NFKD", s) if self.nfkd else s for s in secrets if s)
        digests = (_digest(key.encode(), signed, self.encoding) for key in keys)
        return _any_equal((self.prefix + digest for digest in digests), given)


@dataclass(frozen=True, slots=True, kw_only=True)
class StampedHmac(_InHeader):
    """``t=<Unix seconds>,v1=<hex>``: HMAC-SHA256 of ``<t>.<raw body>`` (Stripe, Shippo)."""

    tolerance: timedelta = FIVE_MINUTES

    @property
    def title(self) -> str:
        """What is computed over what, and where it stands."""
        return (
            f"`{self.header}: t=…,v1=…`: hex HMAC-SHA256 of `t.body`, "
            f"at most {_minutes(self.tolerance)} old"
        )

    def check(self, call: Call, secrets: Sequence[str], now: datetime) -> Verdict:
        """Whether one of ``secrets`` signed the call, and lately."""
        parts = [
            part.strip().partition("=") for part in call.headers.get(self.header, "").split(",")
        ]
        stamps = [value for name, _, value in parts if name == "t"]
        given = [value for name, _, value in parts if name == "v1"]
        if not stamps or not given:
            return Verdict.UNSIGNED
        signed = _bytes(stamps[0]) + b"." + call.raw
        keys = [secret.encode() for secret in secrets if secret]
        # While the vendor rotates its own secret it sends a signature of each.
        digests = [_digest(key, signed, "hex") for key in keys]
        verdicts = [_any_equal(digests, one) for one in given[:5]]
        if Verdict.GENUINE not in verdicts:
            return Verdict.WRONG
        return _fresh(stamps[0], self.tolerance, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardWebhooks:
    """The scheme of standardwebhooks.com: base64 HMAC-SHA256 of ``id.timestamp.body``.

    ``secret_is_text``: the key is the secret's text; else what follows ``whsec_``, from base64.
    """

    tolerance: timedelta = FIVE_MINUTES
    secret_is_text: bool = False

    @property
    def title(self) -> str:
        """What is computed over what, and where it stands."""
        return (
            "`webhook-signature: v1,…`: base64 HMAC-SHA256 of `webhook-id.webhook-timestamp.body` "
            f"(Standard Webhooks), at most {_minutes(self.tolerance)} old"
        )

    @property
    def keeps(self) -> tuple[str, ...]:
        """The headers that it reads."""
        return ("webhook-id", "webhook-timestamp", "webhook-signature")

    def check(self, call: Call, secrets: Sequence[str], now: datetime) -> Verdict:
        """Whether one of ``secrets`` signed the call, and lately."""
        id_, stamp, given = (call.headers.get(name, "") for name in self.keeps)
        if not id_ or not stamp or not given:
            return Verdict.UNSIGNED
        signed = _bytes(f"{id_}.{stamp}.") + call.raw
        keys = [key for key in map(self._key, filter(None, secrets)) if key]
        digests = [_digest(key, signed, "base64") for key in keys]
        for one in given.split()[:5]:
            version, _, signature = one.partition(",")
            if version == "v1" and _any_equal(digests, signature) is Verdict.GENUINE:
                return _fresh(stamp, self.tolerance, now)
        return Verdict.WRONG

    def _key(self, secret: str) -> bytes:
        if self.secret_is_text:
            return secret.encode()
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyAndKeyHash(_InHeader):
    """Hex SHA-256 of ``<raw body>/<key>`` in a header (17TRACK): a plain hash, no HMAC."""

    @property
    def title(self) -> str:
        """What is computed over what, and where it stands."""
        return f"`{self.header}`: hex SHA-256 of the raw body, a slash and the key"

    def check(self, call: Call, secrets: Sequence[str], _now: datetime) -> Verdict:
        """Whether one of ``secrets`` signed the call."""
        given = call.headers.get(self.header)
        if not given:
            return Verdict.UNSIGNED
        signed = (call.raw + b"/" + secret.encode() for secret in secrets if secret)
        return _any_equal((hashlib.sha256(one).hexdigest() for one in signed), given)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedHeader(_InHeader):
    """A secret word in a header, such as ``Authorization: Bearer <secret>``: no signature."""

    prefix: str = ""

    @property
    def title(self) -> str:
        """What stands where."""
        return f"`{self.header}: {self.prefix}<secret>`: a shared secret, the body is not signed"

    def check(self, call: Call, secrets: Sequence[str], _now: datetime) -> Verdict:
        """Whether the header holds one of ``secrets``."""
        given = call.headers.get(self.header)
        if not given:
            return Verdict.UNSIGNED
        return _any_equal((self.prefix + secret for secret in secrets if secret), given)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathToken:
    """No signature: the vendor knows a URL whose last segment nobody can guess."""

    @property
    def title(self) -> str:
        """What stands where."""
        return "none: the secret is the last segment of the URL; the body is not signed"

    @property
    def keeps(self) -> tuple[str, ...]:
        """No header."""
        return ()

    def check(self, call: Call, secrets: Sequence[str], _now: datetime) -> Verdict:
        """Whether the path ends in one of ``secrets``."""
        if not call.token:
            return Verdict.UNSIGNED
        return _any_equal((secret for secret in secrets if secret), call.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachedJws(_InHeader):
    """A JWS over the raw body, whose payload part is left empty (RFC 7515, appendix F).

    The secret is the vendor's key set (JWKS, as JSON text): public keys, RS256 only.
    """

    @property
    def title(self) -> str:
        """What is computed over what, and where it stands."""
        return f"`{self.header}`: detached JWS (RS256) of the raw body; the secret is the JWKS"

    def check(self, call: Call, secrets: Sequence[str], _now: datetime) -> Verdict:
        """Whether a key of one of the key sets signed the call."""
        given = call.headers.get(self.header)
        if not given:
            return Verdict.UNSIGNED
        # A payload of its own would be what was signed: the vendor's key also signs its users'
        # access tokens.
        _, _, rest = given.partition(".")
        own, _, signature = rest.partition(".")
        if own or not given.isascii() or not _one_spelling(signature, altchars=b"-_"):
            return Verdict.WRONG
        import jwt

        keys = [key for secret in secrets if secret for key in _key_set(secret)]
        for key in keys:
            try:
                jwt.PyJWS().decode(given, key=key, algorithms=["RS256"], detached_payload=call.raw)
            except (jwt.PyJWTError, RecursionError):  # its header is a stranger's JSON
                continue
            return Verdict.GENUINE
        return Verdict.WRONG


@dataclass(frozen=True, slots=True, kw_only=True)
class StampedRsa:
    """Base64 RSA-SHA256 (PKCS #1 v1.5) of ``<time>.<raw body>``, the time in a header (ShipEngine).

    The secret is the vendor's key set (JWKS, as JSON text). ``stamp``: the header with the time,
    ISO 8601 with its offset.
    """

    header: str
    stamp: str
    tolerance: timedelta = FIVE_MINUTES

    @property
    def title(self) -> str:
        """What is computed over what, and where it stands."""
        return (
            f"`{self.header}`: base64 RSA-SHA256 of the time in `{self.stamp}`, a dot and the raw "
            f"body, at most {_minutes(self.tolerance)} old; the secret is the JWKS"
        )

    @property
    def keeps(self) -> tuple[str, ...]:
        """The headers that it reads."""
        return (self.header, self.stamp)

    def check(self, call: Call, secrets: Sequence[str], now: datetime) -> Verdict:
        """Whether a key of one of the key sets signed the call, and lately."""
        given, stamp = (call.headers.get(name) for name in self.keeps)
        if not given or not stamp:
            return Verdict.UNSIGNED
        from jwt.algorithms import RSAAlgorithm

        try:
            signature = base64.b64decode(given, validate=True)
        except ValueError:
            return Verdict.WRONG
        if not _one_spelling(given):
            return Verdict.WRONG
        rsa = RSAAlgorithm(RSAAlgorithm.SHA256)
        signed = _bytes(stamp) + b"." + call.raw
        keys = [key for secret in secrets if secret for key in _key_set(secret)]
        if not any(rsa.verify(signed, key, signature) for key in keys):
            return Verdict.WRONG
        at = values.instant(stamp)
        fresh = at is not None and abs(now - at) <= self.tolerance
        return Verdict.GENUINE if fresh else Verdict.STALE


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """A vendor with more than one scheme: the first whose header came decides, or another one
    that reads the same header.

    A key set is public: it is for the schemes that verify with public keys alone, and never the
    shared secret of another. The same holds for a public key as PEM, or the key set's address,
    which somebody put in instead: nothing is genuine then.
    """

    schemes: tuple[Scheme, ...]

    @property
    def title(self) -> str:
        """The schemes' own words."""
        return "; or ".join(scheme.title for scheme in self.schemes)

    @property
    def keeps(self) -> tuple[str, ...]:
        """The headers that they read."""
        return tuple(name for scheme in self.schemes for name in scheme.keeps)

    def check(self, call: Call, secrets: Sequence[str], now: datetime) -> Verdict:
        """The verdict of the first scheme that finds what it looks for."""
        public = [secret for secret in secrets if _is_public(secret)]
        shared = [secret for secret in secrets if not _is_public(secret)]
        told, read = Verdict.UNSIGNED, set[str]()
        for scheme in self.schemes:
            if told is not Verdict.UNSIGNED and read.isdisjoint(scheme.keeps):
                continue
            own = public if isinstance(scheme, DetachedJws | StampedRsa) else shared
            verdict = scheme.check(call, own, now)
            if verdict is Verdict.GENUINE:
                return verdict
            if verdict is not Verdict.UNSIGNED and told is Verdict.UNSIGNED:
                told, read = verdict, set(scheme.keeps)
        return told


def _digest(key: bytes, signed: bytes, encoding: str) -> str:
    made = hmac.new(key, signed, hashlib.sha256)
    return made.hexdigest() if encoding == "hex" else base64.b64encode(made.digest()).decode()


def _bytes(text: str) -> bytes:
    """UTF-8, of a stranger's half characters as well."""
    return text.encode("utf-8", "replace")


def _any_equal(expected: Any, given: str) -> Verdict:
    """GENUINE if ``given`` is one of ``expected``; every one is compared, in constant time."""
    told = _bytes(given)
    found = [hmac.compare_digest(_bytes(one), told) for one in expected]
    return Verdict.GENUINE if any(found) else Verdict.WRONG


def _fresh(stamp: str, tolerance: timedelta, now: datetime) -> Verdict:
    if not _SECONDS.fullmatch(stamp):
        return Verdict.STALE
    age = abs(now.timestamp() - int(stamp))
    return Verdict.GENUINE if age <= tolerance.total_seconds() else Verdict.STALE


def _one_spelling(text: str, altchars: bytes = b"+/") -> bool:
    """Whether base64 is written as it would be written anew: its last character may hold bits
    that decoding drops, and a changed signature is a changed signature."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=altchars, validate=True)
    except ValueError:
        return False
    return base64.b64encode(raw, altchars=altchars).decode().rstrip("=") == text.rstrip("=")


def _is_public(secret: str) -> bool:
    return secret.lstrip().startswith(("{", "[", "-----BEGIN", "https://"))


def _key_set(text: str) -> list[Any]:
    import jwt

    try:
        return [key.key for key in jwt.PyJWKSet.from_dict(json.loads(text)).keys]
    except (ValueError, TypeError, AttributeError, jwt.PyJWTError):
        return []


def _minutes(span: timedelta) -> str:
    return f"{int(span.total_seconds() // 60)} minutes"
