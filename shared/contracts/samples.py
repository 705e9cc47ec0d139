"""A sample of every event on Yoin's bus, for the documentation and for whoever sends us one."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def samples() -> dict[str, dict[str, Any]]:
    """The ``detail`` of one event per type: all facts, and what became of messages."""
    text = Path(__file__).with_name("samples.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = json.loads(text)
    return loaded
