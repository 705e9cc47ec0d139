"""cfn-lint is clean; cdk-nag would speak, and every acknowledgment answers one finding."""

from __future__ import annotations

import hashlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from infra import assembly
from infra.wheelhouse import ROOT
from tests.infra.enlarged import acknowledged, enlarged, found

pytestmark = pytest.mark.slow


def test_cfn_lint_is_clean() -> None:
    """Of the stage with all kinds of resources; `make check` asks for the default stage too.

    Templates that this version found clean are not read again.
    """
    templates = [assembly.template("local", stack) for stack in ("Data", "Lifecycle")]
    digest = hashlib.sha256(importlib.metadata.version("cfn-lint").encode())
    for path in (*templates, ROOT / ".cfnlintrc"):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    clean = templates[0].parent / f"cfn-lint-{digest.hexdigest()[:16]}"
    if not clean.is_file():
        answer = subprocess.run(
            [str(Path(sys.executable).parent / "cfn-lint"), *map(str, templates)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stdout
        clean.touch()


def covers(acknowledgment: tuple[str, str], finding: tuple[str, str]) -> bool:
    """Whether the acknowledgment is of this finding, on the construct or one around it."""
    same_rule = acknowledgment[1] == finding[1]
    return same_rule and f"{finding[0]}/".startswith(f"{acknowledgment[0]}/")


def test_every_finding_is_acknowledged_where_it_is_caused() -> None:
    folder = enlarged()
    findings = found(folder)
    assert {rule.partition("-")[0] for _, rule in findings} == {"AwsSolutions", "Serverless"}
    answers = acknowledged(folder)
    assert not [f for f in findings if not any(covers(a, f) for a in answers)], "open"
    assert not [a for a in answers if not any(covers(a, f) for f in findings)], "needless"
