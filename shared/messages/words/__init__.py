"""The short words of cards and footers, one TOML file per language."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from shared.domain.errors import TemplateError


@cache
def words(language: str) -> dict[str, Any]:
    """The words in ``language`` ("ja"). Raises TemplateError where there is no such file."""
    path = Path(__file__).with_name(f"{language}.toml")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TemplateError(
            f"there are no words in {language!r}: {path.name} is missing"
        ) from error
