"""RSA signatures over a time and the raw body, and key sets that must not become secrets."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from shared.contracts.signatures import BodyHmac, Call, Either, PathToken, StampedRsa, Verdict

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
STAMP = "2027-03-01T08:59:30Z"
RAW = b'{"resource_type":"API_TRACK"}'
SCHEME = StampedRsa(header="x-signature", stamp="x-time")


@cache
def private_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def key_set() -> str:
    jwk = json.loads(RSAAlgorithm.to_jwk(private_key().public_key()))
    return json.dumps({"keys": [{**jwk, "kid": "one", "alg": "RS256", "use": "sig"}]})


def sign(stamp: str = STAMP, raw: bytes = RAW) -> str:
    rsa = RSAAlgorithm(RSAAlgorithm.SHA256)
    return base64.b64encode(rsa.sign(stamp.encode() + b"." + raw, private_key())).decode()


def call(
    raw: bytes = RAW, signature: str | None = None, stamp: str = STAMP, token: str = ""
) -> Call:
    headers = {"x-signature": signature or sign(), "x-time": stamp}
    return Call(headers=headers, raw=raw, token=token)


def test_what_was_signed_lately_is_genuine() -> None:
    assert SCHEME.check(call(), [key_set()], NOW) is Verdict.GENUINE
    assert SCHEME.check(call(), ["", "{}", key_set()], NOW) is Verdict.GENUINE


@pytest.mark.parametrize(
    "changed",
    [
        call(raw=RAW + b" "),
        call(stamp="2027-03-01T08:59:31Z"),
        call(signature=base64.b64encode(b"no signature").decode()),
        call(signature="§"),
    ],
)
def test_whatever_was_changed_is_wrong(changed: Call) -> None:
    assert SCHEME.check(changed, [key_set()], NOW) is Verdict.WRONG


def test_without_keys_or_headers_nothing_is_genuine() -> None:
    assert SCHEME.check(call(), [], NOW) is Verdict.WRONG
    assert SCHEME.check(call(), ["not a key set"], NOW) is Verdict.WRONG
    assert SCHEME.check(Call(headers={}, raw=RAW), [key_set()], NOW) is Verdict.UNSIGNED


@pytest.mark.parametrize("stamp", ["2027-03-01T08:54:59Z", "2027-03-01T09:05:01Z", "yesterday"])
def test_what_was_signed_long_ago_or_at_no_time_is_stale(stamp: str) -> None:
    old = call(stamp=stamp, signature=sign(stamp))
    assert SCHEME.check(old, [key_set()], NOW) is Verdict.STALE
    assert SCHEME.tolerance == timedelta(minutes=5)


def test_a_public_key_set_is_no_shared_secret() -> None:
    both = Either(schemes=(SCHEME, BodyHmac(header="x-hmac", encoding="hex"), PathToken()))
    assert both.check(call(), [key_set()], NOW) is Verdict.GENUINE
    by_path = Call(headers={}, raw=RAW, token=key_set())
    assert both.check(by_path, [key_set()], NOW) is Verdict.WRONG
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    forged = algorithm.sign(RAW, key_set().encode()).hex()
    by_hmac = Call(headers={"x-hmac": forged}, raw=RAW)
    assert both.check(by_hmac, [key_set()], NOW) is Verdict.WRONG
    assert both.check(Call(headers={}, raw=RAW, token="s3"), ["s3"], NOW) is Verdict.GENUINE
