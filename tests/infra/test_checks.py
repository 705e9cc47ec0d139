"""cfn-lint and cdk-nag: they are clean, they would speak, and every acknowledgment is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra import assembly
from infra.config import STAGES

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("stage", STAGES)
def test_cfn_lint_is_clean(stage: str) -> None:
    templates = [str(assembly.template(stage, stack)) for stack in ("Data", "Lifecycle")]
    answer = subprocess.run(
        [str(Path(sys.executable).parent / "cfn-lint"), *templates],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout


# Synthesizes with acknowledging switched off, and prints what would have been acknowledged.
WITHOUT_ACKNOWLEDGMENTS = """
import json, sys
from infra import node
node.provide()
from aws_cdk import Stack
from infra.constructs import nag
said = []
def note(construct, findings, reason):
    assert not isinstance(construct, Stack), "nothing is acknowledged for a whole stack"
    assert len(reason) > 30, reason
    said.extend([construct.node.path, finding] for finding in findings)
nag.acknowledge = note
from infra.synthesis import synthesize
try:
    synthesize()
except SystemExit:
    print(json.dumps(said))
else:
    sys.exit("nothing was found: the packs are not attached")
"""


def test_every_finding_is_acknowledged_once_where_it_is_caused(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT_ACKNOWLEDGMENTS],
        cwd=ROOT,
        env=os.environ | {"YOIN_STAGE": "prod", "CDK_OUTDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    acknowledged = {tuple(pair) for pair in json.loads(answer.stdout.splitlines()[-1])}
    findings = set(reported(json.loads((tmp_path / "validation-report.json").read_text("utf-8"))))
    assert {rule.partition("-")[0] for _, rule in findings} == {"AwsSolutions", "Serverless"}

    def covers(acknowledgment: tuple[str, str], finding: tuple[str, str]) -> bool:
        return finding[1] == acknowledgment[1] and f"{finding[0]}/".startswith(
            f"{acknowledgment[0]}/"
        )

    needless = [a for a in acknowledged if not any(covers(a, f) for f in findings)]
    assert not needless, "acknowledged, but not found"


def reported(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Construct path and rule of everything that the packs found."""
    return [
        (construct["constructPath"], violation["ruleName"])
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]
