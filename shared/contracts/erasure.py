"""The marker of an erasure as JSON text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from shared.domain.erasure import Erased
from shared.domain.errors import PermanentError

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@cache
def _adapter() -> TypeAdapter[Erased]:
    from pydantic import TypeAdapter

    return TypeAdapter(Erased)


def erased_to_json(erased: Erased) -> str:
    """A marker as JSON text."""
    text: bytes = _adapter().dump_json(erased, exclude_defaults=True)
    return text.decode()


def read_erased(text: str) -> Erased:
    """The marker in ``text``. Raises PermanentError for what is none."""
    try:
        return _adapter().validate_json(text)
    except ValueError as error:
        raise PermanentError("a stored marker that is damaged") from error
