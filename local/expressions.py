"""JSONata as Step Functions evaluates it, by jsonata-python. Fills moto's empty evaluator.

An expression is compiled once and kept; values come in as bindings, never spliced into the text.
Undefined is an error, null is a value, a function is no result: the rules of the Step Functions
Developer Guide, "Transforming data with JSONata", with its extra functions ``$partition $range
$hash $random $uuid $parse`` and without ``$eval``, which it forbids.
"""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from jsonata import jexception, jsonata, timebox, utils

_HASHES = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}


class QueryEvaluationError(Exception):
    """An expression that Step Functions answers with States.QueryEvaluationError."""


class Expressions:
    """Compiles and evaluates expressions.

    Args:
        millis: the time in milliseconds since the epoch, for ``$now()`` and ``$millis()``.
        seed: of ``$random()`` and ``$uuid()``, so that two runs are the same.
    """

    def __init__(self, millis: Callable[[], int], seed: int = 0) -> None:
        self._compiled: dict[str, jsonata.Jsonata] = {}
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose, guards nothing
        self._millis = millis

    def reset(self, seed: int = 0) -> None:
        """Begin the row of random numbers anew; compiled expressions stay."""
        self._random.seed(seed)

    def evaluate(self, expression: str, bindings: Mapping[str, Any]) -> Any:
        """Evaluate one expression.

        Args:
            expression: without the ``{% %}`` around it.
            bindings: variables by name, without the dollar sign; plain JSON values.

        Returns:
            A plain JSON value.

        Raises:
            QueryEvaluationError: a mistake in the expression, an undefined result or a function.
        """
        try:
            result = self._compile(expression).evaluate(None, dict(bindings))
        except (jexception.JException, RecursionError) as error:
            raise QueryEvaluationError(
                f"The JSONata expression '{expression}' threw an error: {error}"
            ) from error
        if result is None:
            raise QueryEvaluationError(
                f"The JSONata expression '{expression}' returned nothing (undefined)."
            )
        return _plain(result, expression)

    def _compile(self, expression: str) -> jsonata.Jsonata:
        found = self._compiled.get(expression)
        if found is None:
            found = jsonata.Jsonata(expression)
            # Null and undefined are different things to Step Functions.
            found.set_output_convert_nulls(False)
            found.set_validate_input(False)
            for name, function in self._functions().items():
                found.register_lambda(name, function)
            self._compiled[expression] = found
        # The library's $now and $millis look at the expression that was made last.
        jsonata.Jsonata.CURRENT.jsonata = found
        return found

    def _functions(self) -> dict[str, Callable[..., Any]]:
        return {
            "partition": _partition,
            "range": _range,
            "hash": _hash,
            "parse": json.loads,
            "random": self._random_number,
            "uuid": lambda: str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
            "eval": _forbidden,
        }

    def _random_number(self, seed: float | None = None) -> float:
        return (self._random if seed is None else random.Random(seed)).random()  # noqa: S311

    def current_milli_time(self) -> int:
        """What jsonata-python asks for the time (its ``Timebox.current_milli_time``)."""
        return self._millis()


#: Where jsonata-python reads the clock; the runtime puts ``current_milli_time`` there.
CLOCK_HOLDER = timebox.Timebox


def _plain(value: Any, expression: str) -> Any:
    """The result as plain JSON, numbers without a needless fraction."""
    if value is utils.Utils.NULL_VALUE or value is None:
        return None
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return {key: _plain(item, expression) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, expression) for item in value]
    raise QueryEvaluationError(
        f"The JSONata expression '{expression}' returned an unsupported result type."
    )


def _partition(values: list[Any], size: float) -> list[list[Any]]:
    step = int(size)
    return [values[at : at + step] for at in range(0, len(values), step)]


def _range(first: float, last: float, step: float) -> list[float]:
    count = int((last - first) // step) + 1
    return [first + step * index for index in range(max(count, 0))]


def _hash(value: Any, algorithm: str) -> str:
    if algorithm not in _HASHES:
        raise jexception.JException(f"unknown hash algorithm {algorithm}", 0)
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return hashlib.new(_HASHES[algorithm], text.encode()).hexdigest()


def _forbidden(*_: Any) -> Any:
    raise jexception.JException("$eval is not allowed in Step Functions: use $parse", 0)
