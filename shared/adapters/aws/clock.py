"""The real clock."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Fulfils the port ``Clock`` with the machine's own time."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the port's one real implementation
