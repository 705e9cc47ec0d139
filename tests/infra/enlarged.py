"""A copy of this repository with one more lifecycle folder, synthesized for the stage
"local", the one with all kinds of resources.

One synthesis serves two questions, because each takes some ten seconds: what follows from a new
folder, and what cdk-nag would say if nothing were acknowledged.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from infra.wheelhouse import ROOT
from infra.workflows import workflow_file
from shared import lifecycles

NAME = "anniversary"

LIFECYCLE = '''
"""A lifecycle that only the tests know."""

from shared.domain.events import Channel, Purpose
from shared.domain.lifecycle import Spec

SPEC = Spec(
    name="anniversary",
    purpose=Purpose.MARKETING,
    triggers=("OrderPlaced",),
    channels=(Channel.EMAIL,),
    messages=("anniversary",),
    title=("記念日のお知らせ", "Anniversary"),
    summary=("一年後のお礼。", "Thanks after a year."),
)
'''

# Notes what would have been acknowledged instead of acknowledging it. The Lambda package has its
# own tests; an empty one does here.
SYNTHESIZE = """
import json, pathlib, sys
from infra import node
node.provide()
from aws_cdk import Stack
from infra import synthesis
from infra.constructs import nag
said = []
def note(construct, findings, reason):
    assert not isinstance(construct, Stack), "nothing is acknowledged for a whole stack"
    assert len(reason) > 30, reason
    said.extend([construct.node.path, finding] for finding in findings)
for module in list(sys.modules.values()):
    if module.__name__.startswith("infra.") and hasattr(module, "acknowledge"):
        module.acknowledge = note
pathlib.Path("package").mkdir()
pathlib.Path("package/empty.py").touch()
synthesis.package = lambda: pathlib.Path("package")
try:
    synthesis.synthesize()
except SystemExit:
    pathlib.Path("acknowledged.json").write_text(json.dumps(said))
else:
    sys.exit("cdk-nag found nothing: its packs are not attached")
"""


@cache
def _made(folder: Path) -> Path:
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "acknowledged.json").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            _make(folder)
    return folder


def _make(folder: Path) -> None:
    for name in ("infra", "shared", "functions"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "cdk.json", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    new = folder / "shared/lifecycles" / NAME
    new.mkdir()
    (new / "__init__.py").touch()
    (new / "lifecycle.py").write_text(LIFECYCLE, "utf-8")
    shutil.copy(workflow_file(lifecycles.names()[0]), new)
    answer = subprocess.run(
        [sys.executable, "-c", SYNTHESIZE],
        cwd=folder,
        env=os.environ | {"YOIN_STAGE": "local", "CDK_OUTDIR": str(folder / "out")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr


def enlarged(temporary: pytest.TempPathFactory) -> Path:
    """The copy's folder: made once, whatever the number of pytest's workers."""
    shared_by_workers = "PYTEST_XDIST_WORKER" in os.environ
    base = temporary.getbasetemp()
    return _made((base.parent if shared_by_workers else base) / "enlarged")


def acknowledged(folder: Path) -> set[tuple[str, str]]:
    """Construct path and finding of every acknowledgment."""
    return {
        (path, finding)
        for path, finding in json.loads((folder / "acknowledged.json").read_text("utf-8"))
    }


def found(folder: Path) -> set[tuple[str, str]]:
    """Construct path and rule of everything that the packs found."""
    report = json.loads((folder / "out/validation-report.json").read_text("utf-8"))
    return {
        (construct["constructPath"], violation["ruleName"])
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    }
