"""The real clock."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.ports import Clock


class SystemClock:
    """Fulfils the port ``Clock`` with the machine's own time."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the port's one real implementation


class ProcessClock:
    """Fulfils the port ``Clock`` with the system's time, unless another clock was put in its
    place: the local runtime's, whose time is virtual.

    Attributes:
        other: the clock that is asked instead; None for the system's.
    """

    def __init__(self) -> None:
        self.other: Clock | None = None
        self._system = SystemClock()

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return (self.other or self._system).now()


process_clock = ProcessClock()
"""The one clock of this process."""
