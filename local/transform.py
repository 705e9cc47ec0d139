"""What EventBridge makes of an event for a target: Input, InputPath, InputTransformer.

Rules: EventBridge User Guide, "Amazon EventBridge input transformation". moto's own transformer
puts strings into a template without quotes, so that the result is no JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_PLACEHOLDER = re.compile(r"<([^<>\s\"]+)>")


class TransformError(Exception):
    """The event does not have what the target's transformer asks for, or the result is no JSON."""


def target_input(target: Mapping[str, Any], event: Mapping[str, Any]) -> Any:
    """What the target gets.

    Args:
        target: as in ``PutTargets``.
        event: the whole event.

    Returns:
        A JSON value.

    Raises:
        TransformError: a path leads nowhere, or the template gives no JSON.
    """
    if "Input" in target:
        return json.loads(target["Input"])
    if "InputPath" in target:
        return at_path(event, target["InputPath"])
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        paths = transformer.get("InputPathsMap", {})
        values = {name: at_path(event, path) for name, path in paths.items()}
        values["aws.events.event.json"] = event
        return _fill(transformer["InputTemplate"], values)
    return event


def at_path(event: Any, path: str) -> Any:
    """The value at a path such as ``$.detail.items[0].sku``.

    Raises:
        TransformError: there is none.
    """
    found = event
    for name, index in _STEP.findall(path.removeprefix("$")):
        try:
            found = found[int(index)] if index else found[name]
        except (KeyError, IndexError, TypeError):
            raise TransformError(f"the event has nothing at {path}") from None
    return found


def _fill(template: str, values: Mapping[str, Any]) -> Any:
    """Put the values in: bare as JSON, inside a string as text."""
    parts: list[str] = []
    end = 0
    for found in _PLACEHOLDER.finditer(template):
        name = found.group(1)
        if name not in values:
            raise TransformError(f"the template names <{name}>, which the paths do not")
        parts.append(template[end : found.start()])
        text = json.dumps(values[name], ensure_ascii=False)
        if _inside_string(template[: found.start()]):
            value = values[name]
            plain = value if isinstance(value, str) else text
            text = json.dumps(plain, ensure_ascii=False)[1:-1]
        parts.append(text)
        end = found.end()
    parts.append(template[end:])
    try:
        return json.loads("".join(parts))
    except json.JSONDecodeError as error:
        raise TransformError(f"the template gives no JSON: {error}") from error


def _inside_string(before: str) -> bool:
    return len(re.findall(r'(?<!\\)"', before)) % 2 == 1
