"""The vendor's side of every signature scheme: how a call is signed, written down once more and
apart from shared/contracts/signatures.py."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from shared.contracts.signatures import (
    BodyAndKeyHash,
    BodyHmac,
    DetachedJws,
    Either,
    PathToken,
    Scheme,
    SharedHeader,
    StampedHmac,
    StampedRsa,
    StandardWebhooks,
)

SECRET = "c2VjcmV0IG9mIHR3ZW50eS1zZXZlbiBieXRlcy4="
"""Base64 as well, for the schemes that want it."""


class Signed(NamedTuple):
    """What the vendor sends besides the body: headers, and the end of the URL."""

    headers: dict[str, str]
    token: str = ""


@cache
def private_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def key_set() -> str:
    """The public keys, as a vendor publishes them."""
    jwk = json.loads(RSAAlgorithm.to_jwk(private_key().public_key()))
    return json.dumps({"keys": [{**jwk, "kid": "one", "alg": "RS256", "use": "sig"}]})


def _hmac(key: bytes, message: bytes, encoding: str) -> str:
    digest = hmac.digest(key, message, "sha256")
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def alternatives(scheme: Scheme | None) -> Iterator[Scheme]:
    """The schemes of which a vendor uses one."""
    if isinstance(scheme, Either):
        for one in scheme.schemes:
            yield from alternatives(one)
    elif scheme is not None:
        yield scheme


def secret_for(scheme: Scheme) -> str:
    """A secret as the scheme wants it."""
    return key_set() if isinstance(scheme, DetachedJws | StampedRsa) else SECRET


def sign(scheme: Scheme, secret: str, raw: bytes, now: datetime, url: str = "") -> Signed:
    """A call's signature."""
    stamp = str(int(now.timestamp()))
    match scheme:
        case BodyHmac():
            key = unicodedata.normalize("NFKD", secret) if scheme.nfkd else secret
            message = url.encode() + raw if scheme.with_url else raw
            digest = _hmac(key.encode(), message, scheme.encoding)
            return Signed({scheme.header: scheme.prefix + digest})
        case StampedHmac():
            digest = _hmac(secret.encode(), f"{stamp}.".encode() + raw, "hex")
            return Signed({scheme.header: f"t={stamp},v1={digest}"})
        case StandardWebhooks():
            text = scheme.secret_is_text
            key_bytes = secret.encode() if text else base64.b64decode(secret)
            digest = _hmac(key_bytes, f"msg_1.{stamp}.".encode() + raw, "base64")
            names = {"webhook-id": "msg_1", "webhook-timestamp": stamp}
            return Signed({**names, "webhook-signature": f"v1,{digest}"})
        case BodyAndKeyHash():
            digest = hashlib.sha256(raw + f"/{secret}".encode()).hexdigest()
            return Signed({scheme.header: digest})
        case SharedHeader():
            return Signed({scheme.header: scheme.prefix + secret})
        case PathToken():
            return Signed({}, token=secret)
        case DetachedJws():
            whole = jwt.PyJWS().encode(
                raw, private_key(), "RS256", headers={"b64": False}, is_payload_detached=True
            )
            return Signed({scheme.header: whole})
        case StampedRsa():
            at = now.isoformat(timespec="seconds").replace("+00:00", "Z")
            rsa = RSAAlgorithm(RSAAlgorithm.SHA256)
            digest = base64.b64encode(rsa.sign(f"{at}.".encode() + raw, private_key())).decode()
            return Signed({scheme.header: digest, scheme.stamp: at})
    raise TypeError(f"nobody has written down how {type(scheme).__name__} is signed")
