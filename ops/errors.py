"""What a command says when it cannot go on: one line for a person, and an exit code."""

from __future__ import annotations

import json
from collections.abc import Sequence

# The three answers of the command to the shell.
OK = 0
PROBLEM = 1
WRONG_USE = 2


class CommandError(Exception):
    """The command cannot do what was asked; the text says why and what to do."""

    exit_code = PROBLEM


class WrongUse(CommandError):
    """The command was called in a way that makes no sense."""

    exit_code = WRONG_USE


def one_line(text: str) -> str:
    """``text`` on a single line."""
    return " ".join(text.split())


def choices(what: Sequence[str]) -> str:
    """A list for the end of a sentence: "a, b, c"; "none" where it is empty."""
    return ", ".join(what) or "none"


def said(error: BaseException) -> str:
    """What went wrong, in one line. Knows the errors of files, JSON and of Yoin itself."""
    from local.errors import LocalError
    from shared.domain.errors import YoinError

    if isinstance(error, CommandError | LocalError | YoinError):
        return one_line(str(error)) or type(error).__name__
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 text: {error.reason} at byte {error.start}; save it as UTF-8"
    if isinstance(error, FileNotFoundError):
        return f"{error.filename}: no such file; check the path"
    if isinstance(error, IsADirectoryError):
        return f"{error.filename}: is a folder; name a file"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or one_line(str(error))}"
    name = type(error).__name__
    hint = "run again with YOIN_DEBUG=1 for the whole story"
    return f"{name}: {one_line(str(error))[:300]} ({hint})"
