"""Signature schemes: what is signed as the vendor says is genuine, and nothing else is."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.contracts.signatures import (
    BodyAndKeyHash,
    BodyHmac,
    Call,
    DetachedJws,
    Either,
    PathToken,
    Scheme,
    SharedHeader,
    StampedHmac,
    StampedRsa,
    StandardWebhooks,
    Verdict,
)
from shared.domain.errors import Rejected
from shared.sources import find_source, sources
from tests.signing import SECRET, alternatives, key_set, private_key, secret_for, sign

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
URL = "https://hooks.example/square/aoba"
RAW = '{"order":"注文1","total":614.40,"é":"\\u00e9"}'.encode()

SCHEMES: dict[str, Scheme] = {
    "base64": BodyHmac(header="x-h"),
    "hex": BodyHmac(header="x-h", encoding="hex"),
    "prefix": BodyHmac(header="x-h", encoding="hex", prefix="hmac-sha256-hex=", nfkd=True),
    "url": BodyHmac(header="x-h", with_url=True),
    "stamped": StampedHmac(header="x-h"),
    "standard": StandardWebhooks(),
    "standard text": StandardWebhooks(secret_is_text=True),
    "hash": BodyAndKeyHash(header="x-h"),
    "jws": DetachedJws(header="x-h"),
    "stamped rsa": StampedRsa(header="x-h", stamp="x-t"),
    "header": SharedHeader(header="authorization", prefix="Bearer "),
    "path": PathToken(),
}
BODY_IS_SIGNED = [name for name in SCHEMES if name not in {"header", "path"}]
STAMPED = ["stamped", "standard", "standard text", "stamped rsa"]

each = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)


def named(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("scheme", [SCHEMES[n] for n in names], ids=names)


def call_of(scheme: Scheme, raw: bytes = RAW, at: datetime = NOW) -> Call:
    signed = sign(scheme, secret_for(scheme), raw, at, URL)
    return Call(headers=signed.headers, raw=raw, url=URL, token=signed.token)


def verdict(scheme: Scheme, call: Call, *secrets: str, now: datetime = NOW) -> Verdict:
    return scheme.check(call, secrets or (secret_for(scheme),), now)


def one_byte_changed(text: bytes, step: int = 1) -> Iterator[bytes]:
    """The text with one byte changed, at every ``step``-th place and at the last."""
    for place in sorted({*range(0, len(text), step), len(text) - 1}):
        changed = bytearray(text)
        changed[place] ^= 1
        yield bytes(changed)


def one_letter_changed(text: str) -> Iterator[str]:
    for place, letter in enumerate(text):
        yield text[:place] + ("A" if letter != "A" else "B") + text[place + 1 :]


@each
def test_what_the_vendor_signed_is_genuine(scheme: Scheme) -> None:
    assert verdict(scheme, call_of(scheme)) is Verdict.GENUINE
    assert verdict(scheme, call_of(scheme, raw=b"")) is Verdict.GENUINE


@each
def test_either_of_two_live_secrets_counts(scheme: Scheme) -> None:
    own, call = secret_for(scheme), call_of(scheme)
    assert verdict(scheme, call, "the new one", own) is Verdict.GENUINE
    assert verdict(scheme, call, own, "the old one") is Verdict.GENUINE
    assert verdict(scheme, call, "the new one", "the old one") is Verdict.WRONG


@each
def test_without_a_secret_nothing_is_genuine(scheme: Scheme) -> None:
    assert scheme.check(call_of(scheme), (), NOW) is Verdict.WRONG
    assert scheme.check(call_of(scheme), ("", ""), NOW) is Verdict.WRONG
    empty = Call(headers=dict.fromkeys(scheme.keeps, ""), raw=RAW, url=URL)
    assert scheme.check(empty, ("",), NOW) is Verdict.UNSIGNED


@each
def test_without_its_header_a_call_is_unsigned(scheme: Scheme) -> None:
    call = call_of(scheme)
    for name in scheme.keeps:
        headers = {key: value for key, value in call.headers.items() if key != name}
        assert verdict(scheme, replace(call, headers=headers)) is Verdict.UNSIGNED
    if not scheme.keeps:
        assert verdict(scheme, replace(call, token="")) is Verdict.UNSIGNED


@named(BODY_IS_SIGNED)
def test_no_byte_of_the_body_can_be_changed(scheme: Scheme) -> None:
    call = call_of(scheme)
    step = 16 if isinstance(scheme, DetachedJws | StampedRsa) else 1
    for changed in one_byte_changed(RAW, step):
        assert verdict(scheme, replace(call, raw=changed)) is Verdict.WRONG
    assert verdict(scheme, replace(call, raw=RAW + b" ")) is Verdict.WRONG
    assert verdict(scheme, replace(call, raw=RAW[:-1])) is Verdict.WRONG


@each
def test_no_letter_of_the_signature_can_be_changed(scheme: Scheme) -> None:
    call = call_of(scheme)
    for name in scheme.keeps:
        letters = list(one_letter_changed(call.headers[name]))
        if isinstance(scheme, DetachedJws | StampedRsa):
            letters = [*letters[::40], letters[-2], letters[-3]]
        for changed in letters:
            headers = {**call.headers, name: changed}
            assert verdict(scheme, replace(call, headers=headers)) is not Verdict.GENUINE, changed
    for changed in one_letter_changed(call.token):
        assert verdict(scheme, replace(call, token=changed)) is Verdict.WRONG


@named([name for name in SCHEMES if "rsa" not in name and name not in {"jws", "standard"}])
def test_no_letter_of_the_secret_can_be_changed(scheme: Scheme) -> None:
    call = call_of(scheme)
    for changed in one_letter_changed(SECRET):
        assert verdict(scheme, call, changed) is Verdict.WRONG


URLS = [URL + "/", URL + "?a=1", URL.replace("https", "http"), URL.upper(), ""]


@pytest.mark.parametrize("url", [*list(one_letter_changed(URL))[::3], *URLS])
def test_the_url_is_signed_letter_by_letter(url: str) -> None:
    scheme = SCHEMES["url"]
    assert verdict(scheme, replace(call_of(scheme), url=url)) is Verdict.WRONG


@named(STAMPED)
@pytest.mark.parametrize("seconds", [-301, 301, 86_400 * 400])
def test_what_was_signed_too_long_ago_or_in_the_future_is_stale(
    scheme: Scheme, seconds: int
) -> None:
    call = call_of(scheme, at=NOW + timedelta(seconds=seconds))
    assert verdict(scheme, call) is Verdict.STALE
    assert verdict(scheme, replace(call, raw=b"other")) is Verdict.WRONG, "stale is said of ours"


@named(STAMPED)
@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_are_tolerated(scheme: Scheme, seconds: int) -> None:
    assert verdict(scheme, call_of(scheme, at=NOW + timedelta(seconds=seconds))) is Verdict.GENUINE


def test_a_vendor_that_rotates_sends_a_signature_of_each_secret() -> None:
    stamped = call_of(SCHEMES["stamped"])
    both = stamped.headers["x-h"].replace(",v1=", ",v1=00ff,v1=")
    assert verdict(SCHEMES["stamped"], replace(stamped, headers={"x-h": both})) is Verdict.GENUINE
    standard = call_of(SCHEMES["standard"])
    given = standard.headers["webhook-signature"]
    headers = {**standard.headers, "webhook-signature": f"v1a,xx v1,AAAA {given}"}
    assert verdict(SCHEMES["standard"], replace(standard, headers=headers)) is Verdict.GENUINE


DEEP = base64.urlsafe_b64encode(b"[" * 3000).decode().rstrip("=") + "..AAAA"


@each
@pytest.mark.parametrize(
    "given", ["é", "\ud800", "=" * 10_000, "t=é,v1=é", "v1,é", "..", "a.b.c", "\ud800..AAAA", DEEP]
)
def test_whatever_a_stranger_sends_is_answered(scheme: Scheme, given: str) -> None:
    headers = dict.fromkeys(scheme.keeps, given)
    strange = Call(headers=headers, raw=b"\xff\xfe", url=URL, token=given)
    assert verdict(scheme, strange) in {Verdict.WRONG, Verdict.UNSIGNED}


def test_secrets_may_have_any_letters() -> None:
    for name in ("base64", "hash", "header", "path", "stamped"):
        scheme, secret = SCHEMES[name], "秘密の言葉 é🍵"
        signed = sign(scheme, secret, RAW, NOW, URL)
        call = Call(headers=signed.headers, raw=RAW, url=URL, token=signed.token)
        assert verdict(scheme, call, secret) is Verdict.GENUINE


def test_a_composed_and_a_decomposed_secret_are_one_where_the_vendor_says_so() -> None:
    scheme = SCHEMES["prefix"]
    signed = sign(scheme, "se\u0301cret", RAW, NOW)
    assert verdict(scheme, Call(headers=signed.headers, raw=RAW), "s\u00e9cret") is Verdict.GENUINE


def test_of_two_schemes_the_one_whose_header_came_decides() -> None:
    first, second = BodyHmac(header="x-1"), SharedHeader(header="x-2")
    both = Either(schemes=(first, second))
    assert both.keeps == ("x-1", "x-2")
    for scheme in (first, second):
        assert verdict(both, call_of(scheme)) is Verdict.GENUINE
    forged = Call(headers={"x-1": "wrong", "x-2": SECRET}, raw=RAW)
    assert both.check(forged, (SECRET,), NOW) is Verdict.WRONG
    assert both.check(Call(headers={}, raw=RAW), (SECRET,), NOW) is Verdict.UNSIGNED


def test_an_access_token_of_the_vendor_s_is_no_signature() -> None:
    """Saleor signs its users' tokens with the key that signs its webhooks: anybody has one."""
    scheme = DetachedJws(header="x-h")
    token = jwt.encode({"sub": "a customer"}, private_key(), algorithm="RS256")
    signed = sign(scheme, key_set(), RAW, NOW).headers["x-h"]
    assert ".." in signed
    filled = signed.replace("..", "." + base64.urlsafe_b64encode(RAW).decode().rstrip("=") + ".")
    for given in (token, filled, f"{signed}, {token}", f"{token}, {signed}", f".{signed}"):
        call = Call(headers={"x-h": given}, raw=RAW)
        assert scheme.check(call, [key_set()], NOW) is Verdict.WRONG


def test_what_is_public_is_never_a_shared_secret() -> None:
    """A key, a key set or its address, put in where the other scheme expects a secret."""
    shared = BodyHmac(header="x-h", encoding="hex")
    either = Either(schemes=(DetachedJws(header="x-h"), shared, PathToken()))
    pem = private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    keys = json.dumps(json.loads(key_set())["keys"])
    for public in (pem.decode(), key_set(), keys, "https://shop.example/.well-known/jwks.json"):
        forged = Call(headers=sign(shared, public, RAW, NOW).headers, raw=RAW)
        assert either.check(forged, [public], NOW) is Verdict.WRONG
        by_path = Call(headers={}, raw=RAW, token=public)
        assert either.check(by_path, [public], NOW) is Verdict.WRONG


@named([name for name in SCHEMES if name not in {"stamped", "standard", "standard text", "path"}])
def test_a_header_that_came_twice_does_not_count(scheme: Scheme) -> None:
    """A Function URL joins with a comma what came twice: nobody's guess rides along."""
    signed = call_of(scheme)
    for name, value in signed.headers.items():
        for odd in (f"{value},{value}", f"x, {value}", f" {value}", f"{value}\x00"):
            changed = replace(signed, headers={**signed.headers, name: odd})
            assert verdict(scheme, changed) is not Verdict.GENUINE


def test_every_scheme_that_a_source_declares_is_known_here() -> None:
    tried = {type(scheme) for scheme in SCHEMES.values()}
    for source in sources():
        for scheme in alternatives(source.signature):
            assert type(scheme) in tried, source.name
            assert scheme.title


# --- what others published ------------------------------------------------------------------------

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads"
VECTORS = PAYLOADS / "_signature_vectors.json"
OURS = {"17track": "track17"}


def vectors() -> list[dict[str, Any]]:
    if not VECTORS.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(VECTORS.read_text("utf-8"))["vectors"]
    return found


def published(vector: dict[str, Any]) -> tuple[Scheme, Call, str]:
    """The scheme of our source, the call and the secret of a published vector."""
    name = vector["source"]
    body = vector.get("body", vectors()[2]["body"])
    raw = body.encode()
    if "body_file" in vector:
        # The vector is of the text without the file's last line break.
        raw = (PAYLOADS / vector["body_file"]).read_bytes().removesuffix(b"\n")
    try:
        scheme = find_source(OURS.get(name, name)).signature
    except Rejected:  # said by the skip
        scheme = None
    if not isinstance(scheme, BodyHmac | BodyAndKeyHash):
        pytest.skip(f"there is no source {name} yet")
    given = vector.get("expected") or vector["given"]
    headers = {scheme.header: given}
    return scheme, Call(headers=headers, raw=raw, url=vector.get("url", "")), vector["secret"]


@pytest.mark.skipif(not VECTORS.is_file(), reason="the published vectors are not here")
@pytest.mark.parametrize("number", range(len(vectors())))
def test_published_vectors_verify_and_no_changed_one_does(number: int) -> None:
    vector = vectors()[number]
    scheme, call, secret = published(vector)
    if vector.get("must_fail"):
        assert verdict(scheme, call, secret) is Verdict.WRONG
        return
    assert verdict(scheme, call, secret) is Verdict.GENUINE
    for raw in one_byte_changed(call.raw):
        assert verdict(scheme, replace(call, raw=raw), secret) is Verdict.WRONG
    ((name, given),) = call.headers.items()
    for changed in one_letter_changed(given):
        headers = {name: changed}
        assert verdict(scheme, replace(call, headers=headers), secret) is Verdict.WRONG
    for changed in one_letter_changed(secret):
        assert verdict(scheme, call, changed) is Verdict.WRONG
    for changed in one_letter_changed(call.url):
        assert verdict(scheme, replace(call, url=changed), secret) is Verdict.WRONG
