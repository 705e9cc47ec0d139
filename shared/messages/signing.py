"""Signed links to Yoin's own pages: what a link is for, which message it came in, and since when.

A token is itsdangerous's ``value.time.signature``: the message's id in 27 characters, the second
in which it was signed in 6, and half of an HMAC-SHA-256 in 22 (RFC 2104, section 5, allows to cut
it to half), because an SMS carries it as well. It names a message and nobody: without the ledger it
says nothing, and with a wrong character it opens nothing. What the link is for is the salt of the
key, so a link to snooze never unsubscribes.

The token is a capability: whoever has the link may do what it says, and nobody else can make one.
That is what lets a page work without a login, and why no page needs another guard against forged
requests (CSRF): a page that knows the token is the one that the person opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from shared.domain.ledger import is_message_id
from shared.ports import Clock

# Longer texts are nobody's token: they are not even looked at.
_LONGEST = 100
_PREFIX = "m-"


class LinkFor(StrEnum):
    """What a link opens; also the first part of its path."""

    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    SNOOZE = "snooze"
    CONFIRM = "confirm"


LIFETIME = {
    # CAN-SPAM Act § 7704(a)(3)(A)(ii): a way to opt out works for 30 days at least. People search
    # for last year's mail when they have had enough.
    LinkFor.UNSUBSCRIBE: timedelta(days=400),
    LinkFor.PREFERENCES: timedelta(days=90),
    LinkFor.SNOOZE: timedelta(days=60),
    LinkFor.CONFIRM: timedelta(days=7),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a genuine token says. ``expired``: it is older than its purpose allows."""

    message_id: str
    signed_at: datetime
    expired: bool


class Keys(Protocol):
    """Where the keys come from. Both raise RetryableError where none can be had."""

    def live(self) -> tuple[str, ...]:
        """The keys that count, the one that signs first."""
        ...

    def renewed(self) -> tuple[str, ...]:
        """The keys anew, after a token that fits none; none where there are no newer."""
        ...


class LinkSigner:
    """Makes tokens, and reads those that it, or a holder of the same keys, made."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        """What is signed, is signed at the time of ``clock``."""
        self._keys = keys
        self._clock = clock

    def sign(self, purpose: LinkFor, message_id: str) -> str:
        """A token for a message of ours, 57 characters of base64url and two dots.

        Raises ValueError for what is no message id, and RetryableError.
        """
        if not is_message_id(message_id):
            raise ValueError("only a message of ours has links")
        from shared.messages import tokens

        raw = bytes.fromhex(message_id.removeprefix(_PREFIX))
        return tokens.sign(raw, self._keys.live(), purpose, self._clock.now())

    def open(self, purpose: LinkFor, token: str) -> Opened | None:
        """What a token for ``purpose`` says; None for one that is forged or for something else.

        A new key counts at once: a token that fits none makes us look whether there is a newer
        one. Raises RetryableError.
        """
        from shared.messages import tokens

        if len(token) > _LONGEST or not tokens.well_formed(token):
            return None
        keys = self._keys.live()
        return self._open(purpose, token, keys) or self._open(purpose, token, self._keys.renewed())

    def _open(self, purpose: LinkFor, token: str, keys: Sequence[str]) -> Opened | None:
        from shared.messages import tokens

        found = tokens.unsign(token, keys, purpose) if keys else None
        if found is None:
            return None
        raw, signed_at = found
        age = self._clock.now() - signed_at
        return Opened(
            message_id=_PREFIX + raw.hex(), signed_at=signed_at, expired=age > LIFETIME[purpose]
        )
