"""Brands: one TOML file each, checked when it is loaded.

``load_brand("aoba")`` reads ``shared/brands/aoba.toml``. What is wrong with a file is one
sentence that names the file and the field.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from shared.brands.models import Brand, Decided
from shared.domain.errors import BrandError
from shared.domain.policy import Policy

__all__ = ["Brand", "brand_ids", "load_brand", "read_brand", "read_snapshot"]

FOLDER = Path(__file__).parent


def brand_ids() -> tuple[str, ...]:
    """The ids of all brands that have a file, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def load_brand(brand_id: str) -> Brand:
    """The brand with this id. Raises BrandError where its file is missing or wrong."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,30}", brand_id):
        raise BrandError(f"{brand_id!r} is no brand id (lower-case letters, digits and hyphens)")
    path = FOLDER / f"{brand_id}.toml"
    brand = read_brand(path)
    if brand.id != brand_id:
        raise BrandError(f"{path.name}: id is {brand.id!r}, the file's name says {brand_id!r}")
    return brand


def read_brand(path: Path) -> Brand:
    """The brand in a TOML file anywhere. Raises BrandError naming the file and the field."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        known = ", ".join(brand_ids())
        raise BrandError(
            f"no brand {path.stem!r}: {path.name} is missing (known: {known})"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrandError(f"{path.name} is no TOML: {error}") from error
    try:
        return Brand.model_validate(values)
    except ValidationError as error:
        raise BrandError(f"{path.name}: {_explain(error)}") from error


def read_snapshot(text: str) -> Policy:
    """The policy in a stored ``Brand.snapshot``. Raises BrandError where this version of Yoin
    cannot read it."""
    try:
        return Decided.model_validate_json(text).policy
    except ValidationError as error:
        raise BrandError(f"a stored policy: {_explain(error)}") from error


def _explain(error: ValidationError) -> str:
    """All findings in one line: ``legal.phone: Field required; …``."""
    findings = []
    for detail in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part) for part in detail["loc"])
        message = detail["msg"].removeprefix("Value error, ")
        findings.append(f"{place}: {message}" if place else message)
    return "; ".join(findings)
