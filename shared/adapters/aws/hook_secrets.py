"""Secrets with two live values in Secrets Manager, remembered for some minutes: one per webhook,
and the key of the links.

A secret ``yoin-<stage>/webhook/<source>/<brand>`` is JSON: ``{"current", "previous", "url"}``, of
which only ``current`` is needed. ``previous`` still counts while the vendor is being told the new
one; ``url`` is what a vendor signs that signs its URL. A key set (JWKS) may stand there as text or
as the object that it is.

Not by Powertools' parameters, as the APIs' credentials are (``secrets``): its cache tells no age,
which ``renewed`` needs; it gives a value away before it has the next one, and here the old one
serves while Secrets Manager is out of reach; and the start of this function is paid for by vendors
who wait.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.adapters.aws.failures import calling
from shared.domain.errors import RetryableError, YoinError
from shared.observability import logger
from shared.ports import Clock, HookSecrets

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

REMEMBERED_FOR = timedelta(minutes=5)
FRESH_FOR = timedelta(seconds=30)
# A secret that cannot be had is not asked for with every call of a stranger's.
GIVEN_UP_FOR = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class _Known:
    secrets: HookSecrets
    at: datetime


class LiveSecrets:
    """Secrets of one stage by their path."""

    def __init__(
        self, client: Callable[[], SecretsManagerClient], clock: Clock, prefix: str
    ) -> None:
        """``client`` is called when it is first needed; ``prefix`` is what every secret's name
        begins with, such as ``yoin-prod``."""
        self._client = client
        self._clock = clock
        self._prefix = prefix
        self._known: dict[str, _Known] = {}
        self._asked: dict[str, datetime] = {}

    def read(self, path: str) -> HookSecrets:
        """The secrets, at most five minutes old; older ones where Secrets Manager does not answer.

        Raises RetryableError where they cannot be had: never read by this process and out of
        reach, or no such secret, or one that is not the JSON that it should be.
        """
        name = f"{self._prefix}/{path}"
        known = self._known.get(name)
        if known is None:
            asked = self._asked.get(name)
            if asked is not None and self._since(asked) < GIVEN_UP_FOR:
                raise RetryableError(f"{name} could not be had a moment ago")
            return self._ask(name)
        if self._since(known.at) < REMEMBERED_FOR or self._since(self._asked[name]) < FRESH_FOR:
            return known.secrets
        try:
            return self._ask(name)
        except RetryableError:
            logger.exception("secrets not renewed", extra={"detail": name})
            return known.secrets

    def renew(self, path: str) -> HookSecrets | None:
        """The secrets anew; None where they were asked for within half a minute, or cannot be
        had: those known before stand."""
        name = f"{self._prefix}/{path}"
        asked = self._asked.get(name)
        if asked is not None and self._since(asked) < FRESH_FOR:
            return None
        try:
            return self._ask(name)
        except RetryableError:
            logger.exception("secrets not renewed", extra={"detail": name})
            return None

    def _ask(self, name: str) -> HookSecrets:
        now = self._clock.now()
        self._asked[name] = now
        try:
            with calling(f"GetSecretValue {name}"):
                text = self._client().get_secret_value(SecretId=name).get("SecretString", "")
        except RetryableError:
            raise
        except YoinError as error:  # a wrong setting passes once it is mended
            raise RetryableError(str(error)) from error
        secrets = _read(name, text)
        self._known[name] = _Known(secrets, now)
        return secrets

    def _since(self, then: datetime) -> timedelta:
        """How long ago; long ago for what lies ahead, which only a clock set back leaves."""
        passed = self._clock.now() - then
        return passed if passed >= timedelta() else timedelta.max


class ManagedSecrets:
    """Fulfils the port ``WebhookSecrets``."""

    def __init__(
        self, client: Callable[[], SecretsManagerClient], clock: Clock, prefix: str
    ) -> None:
        """As ``LiveSecrets``; ``prefix`` such as ``yoin-prod/webhook``."""
        self._secrets = LiveSecrets(client, clock, prefix)

    def get(self, source: str, brand: str) -> HookSecrets:
        """The port's method."""
        return self._secrets.read(f"{source}/{brand}")

    def renewed(self, source: str, brand: str) -> HookSecrets | None:
        """The port's method."""
        return self._secrets.renew(f"{source}/{brand}")


class LinkKeys:
    """Fulfils ``Keys`` of shared/messages/signing.py: what links to Yoin's pages are signed with.

    Both methods may raise RetryableError: no key was ever had by this process, and none can be.
    """

    def __init__(self, secrets: LiveSecrets) -> None:
        """``secrets`` of the stage."""
        self._secrets = secrets

    def live(self) -> tuple[str, ...]:
        """The keys that count, the one that signs first."""
        return self._secrets.read("links").live

    def renewed(self) -> tuple[str, ...]:
        """The keys anew; none where they were asked for within half a minute."""
        newer = self._secrets.renew("links")
        return newer.live if newer else ()


def _read(name: str, text: str) -> HookSecrets:
    """What the secret's text says. Nothing of it goes into an error."""
    try:
        said = json.loads(text)
        parts = [_text(said.get(key)) for key in ("current", "previous", "url")]
    except (ValueError, AttributeError, RecursionError):
        raise RetryableError(f"{name} is no JSON object") from None
    if not parts[0]:
        raise RetryableError(f"{name} has no text current")
    current, previous, url = parts
    return HookSecrets(live=tuple(filter(None, (current, previous))), url=url)


def _text(said: object) -> str:
    """A field's text; "" for what is none."""
    if isinstance(said, dict):
        return json.dumps(said)
    return said.strip() if isinstance(said, str) else ""
