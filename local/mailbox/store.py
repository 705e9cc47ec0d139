"""The last run on this machine, kept under ``.yoin/``: the mailbox, and what was played.

``yoin explain`` reads the mailbox; ``yoin serve`` plays the scenario again to come to the very
same stack, since a run is deterministic.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from local.mailbox.model import Mailbox

_FORMAT = 1


class NoRun(Exception):
    """There is no usable last run; the text says what to do."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run that was kept.

    ``scenario``: the lines that were played (JSON Lines, body files already read in);
    ``until``: the virtual instant at which it ended; ``brand``: the one brand that was played,
    None for all; ``command``: how a person would repeat it.
    """

    mailbox: Mailbox
    scenario: str
    until: datetime
    brand: str | None = None
    command: str = ""
    format: int = _FORMAT


def home() -> Path:
    """The folder of the local store: ``.yoin`` where the command is run, or ``$YOIN_HOME``."""
    return Path(os.environ.get("YOIN_HOME", ".yoin"))


def site_folder() -> Path:
    """Where the pages of the last run are."""
    return home() / "mailbox"


def save(run: Run) -> Path:
    """Keep a run; the one before is replaced. Returns the file."""
    path = home() / "run.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and moved: a reader sees a whole file, and an interrupted run harms nothing.
    aside = path.with_suffix(".new")
    aside.write_bytes(_adapter().dump_json(run))
    aside.replace(path)
    return path


def load() -> Run:
    """The last run. Raises NoRun where there is none or it is of another version."""
    path = home() / "run.json"
    try:
        run = _adapter().validate_json(path.read_bytes())
    except FileNotFoundError:
        raise NoRun(
            f"there is no local run under {home()} yet; run `yoin demo` or `yoin replay` first"
        ) from None
    except ValidationError as error:
        raise NoRun(
            f"{path} is of another version of Yoin; run `yoin demo` or `yoin replay` again"
        ) from error
    if run.format != _FORMAT:
        raise NoRun(f"{path} is of another version of Yoin; run `yoin demo` again")
    return run


@cache
def _adapter() -> TypeAdapter[Run]:
    return TypeAdapter(Run)
