"""Which of the vendors' events were taken already, in a dict."""

from __future__ import annotations

from datetime import timedelta


class MemorySeen:
    """Fulfils the port ``SeenEvents``. Nothing expires: DynamoDB deletes when it likes, too.

    Attributes:
        kept: for how long each (source, brand, key) is to be known.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], timedelta] = {}

    def seen(self, source: str, brand: str, key: str) -> bool:
        """Whether it was taken."""
        return (source, brand, key) in self.kept

    def remember(self, source: str, brand: str, key: str, keep: timedelta) -> None:
        """It was taken."""
        self.kept[source, brand, key] = keep
