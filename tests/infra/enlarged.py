"""A copy of this repository with one more lifecycle folder, synthesized for the stage
"local", the one with all kinds of resources.

One synthesis serves two questions, because each takes some ten seconds: what follows from a new
folder, and what cdk-nag would say if nothing were acknowledged. What came of it is kept in .build
until something changes that shapes a template, like the stages' own assemblies.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from infra import assembly
from infra.wheelhouse import ROOT
from infra.workflows import workflow_file
from shared import lifecycles

NAME = "anniversary"
KEPT = 2  # folders on the disk

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
def enlarged() -> Path:
    """The folder with what the copy's synthesis left: ``out`` and ``acknowledged.json``."""
    kept = ROOT / ".build"
    kept.mkdir(exist_ok=True)
    folder = kept / f"enlarged-{_digest()}"
    # One at a time, whatever the number of pytest's workers; who waited finds it done.
    with (kept / "enlarged.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=kept, prefix="building-") as name:
                copy, fresh = Path(name) / "copy", Path(name) / "kept"
                _make(copy)
                fresh.mkdir()
                for left in ("out", "acknowledged.json"):
                    (copy / left).rename(fresh / left)
                fresh.rename(folder)
            found = sorted(kept.glob("enlarged-*"), key=lambda path: path.stat().st_mtime)
            for old in found[:-KEPT]:
                shutil.rmtree(old, ignore_errors=True)
    return folder


def _digest() -> str:
    """Of what shapes the stage's templates, what this file adds, and the CDK's and nag's pins."""
    digest = hashlib.sha256(assembly._digest("local").encode())
    for path in (Path(__file__), ROOT / "requirements-dev.txt"):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


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
