"""What is left of people whose data were erased, in the table, under keyed hashes.

    ERASED#brand#keyed hash               ERASED                      erased_at, marker (JSON)

The hash is HMAC-SHA-256 of (what it is about, brand, value) with the key ``yoin-<stage>/erasure``
of Secrets Manager. A digest without a key could be tried out with a list of addresses; the key is
never in the table. It is not renewed: without it the markers are lost. Where it has to be, the old
one stays as ``previous``, and markers are found with either.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Protocol

from shared.adapters.aws.hook_secrets import LiveSecrets
from shared.adapters.aws.table import Put, Table, stored_instant, table_key
from shared.contracts.erasure import erased_to_json, read_erased
from shared.domain.erasure import Erased, Trace


class Keys(Protocol):
    """Where the keys come from."""

    def live(self) -> tuple[str, ...]:
        """The keys that count, the newest first. Raises RetryableError."""
        ...


class ErasureKeys:
    """The stage's key, remembered for some minutes. Fulfils ``Keys``."""

    def __init__(self, secrets: LiveSecrets) -> None:
        """``secrets``: those of the stage."""
        self._secrets = secrets

    def live(self) -> tuple[str, ...]:
        """The keys that count, the newest first."""
        return self._secrets.read("erasure").live


class DynamoErasures:
    """Fulfils the port ``Erasures``."""

    def __init__(self, table: Table, keys: Keys) -> None:
        """``table``: where everything is; ``keys`` are asked for when they are first needed."""
        self._table = table
        self._keys = keys

    def find(self, trace: Trace, brand: str, value: str) -> Erased | None:
        """The marker about something, or None."""
        for key in self._keys.live():
            row = self._table.get(_erased(key, trace, brand, value), _SK)
            if row is not None:
                return read_erased(row["marker"])
        return None

    def keep(self, trace: Trace, brand: str, value: str, erased: Erased) -> None:
        """Write a marker over the one before."""
        item = {
            "pk": _erased(self._keys.live()[0], trace, brand, value),
            "sk": _SK,
            "erased_at": stored_instant(erased.at),
            "marker": erased_to_json(erased),
        }
        self._table.put(Put(item=item))


_SK = "ERASED"


def keyed_hash(key: str, trace: Trace, brand: str, value: str) -> str:
    """The name of a marker: nobody without the key can compute it."""
    said = f"{trace}\x1f{brand}\x1f{value}"
    return hmac.new(key.encode(), said.encode(), hashlib.sha256).hexdigest()


def _erased(key: str, trace: Trace, brand: str, value: str) -> str:
    return table_key("ERASED", brand, keyed_hash(key, trace, brand, value))
