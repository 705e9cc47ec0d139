"""What each part of the deployed code makes Python load: a cold start pays for every bit of it.

The lists are the budget. A new name on one of them is a decision: change the list and say why.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

POWERTOOLS = {"aws_lambda_powertools", "jmespath", "typing_extensions"}
# Powertools asks botocore for its version, to name itself in the SDK's requests.
OBSERVABILITY = POWERTOOLS | {"botocore"}
SDK = {"boto3", "botocore", "certifi", "dateutil", "jmespath", "s3transfer", "six", "urllib3"}
PYDANTIC = {
    "annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection",
}  # fmt: skip
BRANDS = PYDANTIC | {
    "babel", "dateutil", "email_validator", "holidays", "idna", "iso4217", "six",
}  # fmt: skip
FUNCTION = OBSERVABILITY | SDK | BRANDS

BUDGET: dict[str, set[str]] = {
    "shared.domain": set(),
    "shared.ports": set(),
    "shared.lifecycles; shared.lifecycles.specs()": set(),
    "shared.usecases": set(),
    "shared.adapters.memory": set(),
    "shared.settings": set(),
    "shared.contracts; None": set(),  # pydantic with the first fact that is read or written
    "shared.observability": OBSERVABILITY,
    "shared.adapters.aws": OBSERVABILITY | SDK,
    "functions.decide": FUNCTION,
    "functions.send": FUNCTION,  # the template engine with the first letter
    "functions.ingest": FUNCTION,
    "functions.feedback": FUNCTION,
    "functions.preferences": FUNCTION,  # pages and the library of links with the first visit
    # A vendor waits for its start: no pydantic, no brand files, one source with the first call.
    "functions.webhook": OBSERVABILITY | SDK,
    "functions.webhook; shared.sources.find_source('shopify')": OBSERVABILITY | SDK,
}

LOAD = """
import importlib, json, pkgutil, sys

before = set(sys.modules)
for asked in sys.argv[1:]:
    name, _, then = asked.partition("; ")
    module = importlib.import_module(name)
    if hasattr(module, "__path__") and not then:
        for found in pkgutil.iter_modules(module.__path__, name + "."):
            importlib.import_module(found.name)
    exec(then, {"shared": sys.modules["shared"]} if "shared" in sys.modules else {})
packages = {loaded.partition(".")[0] for loaded in set(sys.modules) - before}
own = {"shared", "functions", "local", "ops", "infra"} & packages
print(json.dumps(sorted(packages - own - sys.stdlib_module_names)))
print(json.dumps(sorted(own)))
"""


def loaded_by(*names: str) -> tuple[set[str], set[str]]:
    """The foreign packages that a fresh process has loaded after importing them, and our own."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    foreign, own = done.stdout.splitlines()
    # Interpreters have modules of the platform, and ways to load themselves, under such names.
    return {p for p in json.loads(foreign) if not p.startswith("_")}, set(json.loads(own))


def test_no_more_is_loaded_than_the_budget_allows() -> None:
    """Those with one and the same budget share a process: together they stay within it exactly
    if each does. Where they do not, each is asked by itself, to name it."""
    for budget in {frozenset(budget) for budget in BUDGET.values()}:
        names = sorted(name for name in BUDGET if BUDGET[name] == budget)
        if not _within(names, budget):
            for name in names:
                assert _within([name], budget), name
            raise AssertionError(f"only together too much: {names}")


def _within(names: list[str], budget: frozenset[str]) -> bool:
    foreign, own = loaded_by(*names)
    return foreign <= budget and own <= {"shared", "functions"}


def test_a_package_too_many_would_show() -> None:
    assert "jinja2" in loaded_by("jinja2")[0]
    assert "pydantic" in loaded_by("shared.brands")[0]
