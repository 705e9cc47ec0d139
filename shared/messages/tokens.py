"""Tokens of signed links as itsdangerous makes and reads them (shared/messages/signing.py).

By itself, so that the library is loaded with the first link and not with whatever names a link.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from itsdangerous import BadData, TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode
from itsdangerous.signer import HMACAlgorithm

_SIGNATURE_BYTES = 16
# Who only reads has no instant to sign at.
_NEVER = datetime.fromtimestamp(0, UTC)


def sign(raw: bytes, keys: Sequence[str], purpose: str, at: datetime) -> str:
    """A token that says ``raw`` and ``at``, by the first of the keys; good for one purpose."""
    return _Signer(keys, purpose, at).sign(base64_encode(raw)).decode("ascii")


def unsign(token: str, keys: Sequence[str], purpose: str) -> tuple[bytes, datetime] | None:
    """What a token says, and when it was signed; None where no key made it for the purpose."""
    try:
        value, signed_at = _Signer(keys, purpose).unsign(token, return_timestamp=True)
        return base64_decode(value), signed_at
    except BadData:
        return None


def well_formed(token: str) -> bool:
    """Whether a text has the form of a token. base64 spells the last bits of a value in several
    ways, and libraries are lenient: only our own spelling passes."""
    parts = token.split(".")
    try:
        return len(parts) == 3 and all(
            base64_encode(base64_decode(part)).decode("ascii") == part for part in parts
        )
    except BadData:
        return False


class _Signer(TimestampSigner):
    """The library's signer, at an instant of ours: the local runtime's time is virtual."""

    def __init__(self, keys: Sequence[str], purpose: str, at: datetime = _NEVER) -> None:
        super().__init__(
            list(reversed(keys)),  # the library signs with the last one
            salt=f"yoin.{purpose}",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
            algorithm=_HalfHmac(hashlib.sha256),
        )
        self._at = at

    def get_timestamp(self) -> int:
        """The second of the signature."""
        return int(self._at.timestamp())


class _HalfHmac(HMACAlgorithm):
    """HMAC cut to half of its length. The library compares it in constant time."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        """The first half."""
        return super().get_signature(key, value)[:_SIGNATURE_BYTES]
