"""The current templates of a stage, synthesized only when something that shapes them changed.

For the local runtime and the tests, which read templates again and again: synthesis takes some
ten seconds, this takes none when nothing changed. It does not import the CDK.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.config import stage_named
from infra.wheelhouse import REQUIREMENTS, ROOT
from infra.workflows import workflow_file
from shared import lifecycles
from shared.domain.events import FACTS

KEPT = 6
"""How many assemblies stay on the disk."""


class SynthesisError(Exception):
    """The templates cannot be written; the text is what synthesis said."""


def current(stage_name: str) -> Path:
    """Return the folder with the stage's current templates.

    The templates are current. The Lambda package beside them is of the code as it was when they
    were synthesized; for the package of the code as it is, ask infra.bundling.package().

    Raises:
        SynthesisError: synthesis failed, or cdk-nag found something.
        SystemExit: there is no such stage.
    """
    kept = ROOT / ".build"
    folder = kept / f"assembly-{stage_name}-{_digest(stage_name)}"
    if folder.is_dir():
        return folder
    kept.mkdir(exist_ok=True)
    # One synthesis at a time; who waited finds it done.
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=kept, prefix="building-") as name:
                fresh = Path(name) / "assembly"
                _synthesize(stage_name, fresh)
                fresh.rename(folder)
            _forget_old(kept)
    return folder


def template(stage_name: str, stack: str) -> Path:
    """Return the path of one stack's template: `stack` is "Data" or "Lifecycle"."""
    return current(stage_name) / f"Yoin-{stage_name}-{stack}.template.json"


def _synthesize(stage_name: str, folder: Path) -> None:
    environment = os.environ | {"YOIN_STAGE": stage_name, "CDK_OUTDIR": str(folder)}
    answer = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise SynthesisError(answer.stderr.strip())


def _digest(stage_name: str) -> str:
    """A digest of everything that shapes a template.

    Of a lifecycle that is its SPEC and its workflow file, not the code of its decisions.
    """
    files = [ROOT / "app.py", ROOT / "cdk.json", REQUIREMENTS, *sorted(ROOT.glob("infra/**/*.py"))]
    files += [workflow_file(name) for name in lifecycles.names()]
    digest = hashlib.sha256()
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    values = (sorted(FACTS), lifecycles.specs(), stage_named(stage_name).sender_domains)
    digest.update(repr(values).encode())
    return digest.hexdigest()[:16]


def _forget_old(kept: Path) -> None:
    """Remove all but the newest assemblies and packages."""
    for kind in ("assembly-*", "lambda-*"):
        folders = sorted(kept.glob(kind), key=lambda path: path.stat().st_mtime, reverse=True)
        for folder in folders[KEPT:]:
            shutil.rmtree(folder, ignore_errors=True)
