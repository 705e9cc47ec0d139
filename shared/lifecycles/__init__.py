"""One folder, one lifecycle. Nothing is registered by hand: the folders are the list."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import cast

from shared.domain.lifecycle import Lifecycle, Spec

_HERE = Path(__file__).parent


@cache
def names() -> tuple[str, ...]:
    """The tokens of all lifecycles, sorted."""
    return tuple(
        sorted(module.name for module in pkgutil.iter_modules([str(_HERE)]) if module.ispkg)
    )


def folder(name: str) -> Path:
    """The folder of a lifecycle: its workflow and templates live there."""
    return _HERE / name


def load(name: str) -> Lifecycle:
    """The module of a lifecycle. Only the one that is asked for is imported.

    Raises KeyError for a name that is none.
    """
    if name not in names():
        raise KeyError(f"no such lifecycle: {name}; there are {', '.join(names())}")
    return cast("Lifecycle", importlib.import_module(f"{__name__}.{name}.lifecycle"))


def specs() -> tuple[Spec, ...]:
    """The declarations of all lifecycles, sorted by name."""
    return tuple(load(name).SPEC for name in names())
