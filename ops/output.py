"""Where a command's words go: results to standard output, everything else to standard error.

With ``--json`` standard output carries JSON Lines and nothing else, so that it can be piped.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


class Output:
    """The two streams of a command.

    ``as_json``: whether results are JSON Lines; ``say`` and ``table`` then print nothing.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    @cached_property
    def console(self) -> Console:
        """Rich text on standard output. rich is loaded on first use: `--json` never needs it."""
        return self._console(sys.stdout)

    @cached_property
    def notes(self) -> Console:
        """Rich text on standard error, for progress and hints."""
        return self._console(sys.stderr)

    def line(self, record: Mapping[str, Any]) -> None:
        """One JSON line of the result; nothing unless ``--json`` was given."""
        if self.as_json:
            sys.stdout.write(json_line(record) + "\n")

    def raw(self, text: str) -> None:
        """A document on standard output, as it is: the result of a command that makes one."""
        sys.stdout.write(text)

    def say(self, what: Any = "", **options: Any) -> None:
        """Something for a person on standard output: text with rich's markup, or a table."""
        if not self.as_json:
            self.console.print(what, **options)

    def note(self, what: Any = "", **options: Any) -> None:
        """Something for a person on standard error."""
        self.notes.print(what, **options)

    @staticmethod
    def _console(stream: Any) -> Console:
        from rich.console import Console

        # Into a file or a pipe lines are never folded: they stay lines.
        return Console(
            file=stream,
            highlight=False,
            soft_wrap=not stream.isatty(),
            width=None if stream.isatty() else 200,
        )


def json_line(record: Mapping[str, Any]) -> str:
    """A record as one line of JSON: keys in their order, text as it is, no blanks."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def escaped(text: str) -> str:
    """``text`` for rich's markup, where square brackets would mean something."""
    from rich.markup import escape

    return escape(text)
