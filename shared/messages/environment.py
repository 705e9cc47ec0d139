"""The sandbox in which templates run: plain data in, named errors out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shared import lifecycles
from shared.messages.filters import FILTERS

_PARTIALS = Path(__file__).with_name("partials")
# A context value may hold anything that came in with a payload. Controls and the marks that
# reorder text would let a name forge a line, a header or a link's look.
_FORBIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+"
)


class Record(dict[str, Any]):
    """A JSON object that knows where it stands, so that an error can name the variable."""

    __slots__ = ("path",)

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        """Clean and take over ``values``. Raises TypeError for what is no plain data."""
        self.path = path
        super().__init__(
            (key, _clean(value, f"{path}.{key}" if path else key)) for key, value in values.items()
        )

    def __missing__(self, key: str) -> Any:
        raise jinja2.UndefinedError(f"{self.path}.{key}" if self.path else key)


def _clean(value: Any, path: str) -> Any:
    """A value as templates may see it: plain data, without control characters."""
    if isinstance(value, str):
        return _FORBIDDEN.sub(" ", str(value))
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return Record(value, path)
    if isinstance(value, list | tuple):
        return [_clean(entry, f"{path}[{index}]") for index, entry in enumerate(value)]
    raise TypeError(f"{path} is no plain data but {type(value).__name__}")


class _Missing(jinja2.StrictUndefined):
    """An undefined variable: the message of its error is the variable's path, ``order.total``."""

    @property
    def _undefined_message(self) -> str:
        name = self._undefined_name
        if self._undefined_hint is not None or not isinstance(name, str):
            return super()._undefined_message
        owner = self._undefined_obj
        return f"{owner.path}.{name}" if isinstance(owner, Record) and owner.path else name


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox: no attribute with an underscore, and no method of a data object."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """``order.items`` is the key of a record, never a method of a dictionary."""
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


class MarketingBlocks(Extension):
    """``{% marketing %} … {% endmarketing %}``: the same in HTML, text and SMS.

    What stands between is shown only where the context's ``marketing_blocks`` is a list, which
    counts the blocks that had something to say; it is None for a person without consent.
    """

    def __init__(self, environment: jinja2.Environment) -> None:
        """The tag that begins a block."""
        super().__init__(environment)
        self.tags = {"marketing"}

    def parse(self, parser: Parser) -> nodes.Node:
        """The block becomes a call: its body is not even run where it is not shown."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endmarketing",), drop_needle=True)
        call = self.call_method("show", [nodes.ContextReference()])
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def show(self, context: Context, caller: Macro) -> str:
        """The block's text, or "" for a person who gets no marketing."""
        shown = context["marketing_blocks"]
        if shown is None:
            return ""
        text = caller()
        if text.strip():
            shown.append(context.name)
        return text


@cache
def environment() -> jinja2.Environment:
    """The one environment: lifecycles' templates and the shared partials; HTML is escaped."""
    made = _Environment(
        loader=jinja2.FileSystemLoader([lifecycles.folder("."), _PARTIALS]),
        undefined=_Missing,
        autoescape=lambda name: bool(name and name.endswith(".mjml.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[MarketingBlocks],
    )
    made.filters.update(FILTERS)
    return made


def exists(name: str) -> bool:
    """Whether there is a template of this name, correct or not."""
    loader = environment().loader
    if loader is None:
        return False
    try:
        loader.get_source(environment(), name)
    except jinja2.TemplateNotFound:
        return False
    return True
