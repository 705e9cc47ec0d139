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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("shared/domain/orders.py", "import time"),
        ("shared/domain/orders.py", "import os"),
        ("shared/domain/orders.py", "import random"),
        ("shared/domain/orders.py", "from shared import ports"),
        ("shared/usecases/decide.py", "import boto3"),
        ("shared/usecases/decide.py", "import shared.contracts"),
        ("shared/lifecycles/delay_alert/lifecycle.py", "import shared.lifecycles.review_request"),
        ("shared/messages/__init__.py", "import botocore"),
        ("functions/decide.py", "import infra"),
        ("shared/settings.py", "import local"),
        ("infra/config.py", "import shared.usecases"),
    ],
)
def test_a_forbidden_import_is_found(file: str, line: str, tmp_path: Path) -> None:
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "templates")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    answer = lint_imports(tmp_path)
    assert answer.returncode == 1, answer.stdout
    assert "BROKEN" in answer.stdout
