"""Who may import whom: the contracts of pyproject.toml hold, cover everything, and would speak."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("functions", "infra", "local", "ops", "shared")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_hold() -> None:
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout


def test_every_part_has_its_place_in_the_layers() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (layers,) = [c["layers"] for c in settings["contracts"] if c["type"] == "layers"]
    placed = {module.strip() for layer in layers for module in layer.replace(":", "|").split("|")}
    there = {
        f"shared.{path.stem}"
        for path in (ROOT / "shared").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    } - {"shared.__init__"}
    assert there | {"functions", "local", "ops"} == placed


CORE = "The core reaches no SDK, no framework, no environment, no chance, no clock"
LIFECYCLES = "Lifecycles never import each other"
# A line that somebody might add to a file: what it imports, and the contract that forbids it.
FORBIDDEN = (
    ("shared/domain/orders.py", "import time", "time", CORE),
    ("shared/domain/orders.py", "import os", "os", CORE),
    ("shared/domain/orders.py", "import random", "random", CORE),
    ("shared/domain/orders.py", "from shared import ports", "shared.ports", "local, ops ->"),
    ("shared/usecases/decide.py", "import boto3", "boto3", CORE),
    ("shared/usecases/decide.py", "import shared.contracts", "shared.contracts", CORE),
    (
        "shared/lifecycles/delay_alert/lifecycle.py",
        "import shared.lifecycles.review_request",
        "shared.lifecycles.review_request",
        LIFECYCLES,
    ),
    ("shared/messages/__init__.py", "import botocore", "botocore", "Only adapters/aws"),
    ("functions/decide.py", "import infra", "infra", "What is deployed"),
    ("shared/settings.py", "import local", "local", "What is deployed"),
    ("infra/config.py", "import shared.usecases", "shared.usecases", "infra knows a lifecycle"),
)


@pytest.mark.slow
def test_every_forbidden_import_is_found_by_its_contract(tmp_path: Path) -> None:
    """All at once: each has to be named, with its own file, under the contract that it breaks."""
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "templates")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, line, _, _ in FORBIDDEN:
        with (tmp_path / file).open("a", encoding="utf-8") as source:
            source.write(f"\n{line}\n")
    answer = lint_imports(tmp_path)
    assert answer.returncode == 1, answer.stdout
    told = findings(answer.stdout)
    for file, _, imported, contract in FORBIDDEN:
        module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        (section,) = (text for name, text in told.items() if name.startswith(contract))
        assert f"- {module} -> {imported} (l." in section, (file, imported)


def findings(output: str) -> dict[str, str]:
    """What is said of each broken contract, by the contract's name."""
    told = " ".join(output.partition("Broken contracts")[2].split())
    names = [
        contract["name"]
        for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
            "importlinter"
        ]["contracts"]
        if f"{contract['name']} ---" in told
    ]
    starts = [told.index(f"{name} ---") for name in names]
    return {
        name: told[start:end]
        for name, start, end in zip(names, starts, [*starts[1:], len(told)], strict=True)
    }
