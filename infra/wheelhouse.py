"""The wheels that go into the Lambda package, fetched once so that synthesis needs no network.

Run as `python -m infra.wheelhouse` during set-up. Wheels are for Lambda's architecture and
Python, whatever this machine is. The folder holds one wheel per line of requirements.txt.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements.txt"
WHEELHOUSE = ROOT / ".wheelhouse"

LAMBDA_PYTHON = "3.13"
"""The one place that names Lambda's Python (the Makefile's preference follows it)."""

# Amazon Linux 2023 has glibc 2.34, so every tag up to that one runs there.
GLIBC = ("2_34", "2_31", "2_28", "2_27", "2_24", "2_17")
PLATFORMS = (*(f"manylinux_{tag}_aarch64" for tag in GLIBC), "manylinux2014_aarch64")


def is_current() -> bool:
    """Tell whether the wheelhouse was made from the requirements as they are now."""
    stamp = WHEELHOUSE / REQUIREMENTS.name
    return stamp.is_file() and stamp.read_bytes() == REQUIREMENTS.read_bytes()


def fetch() -> int:
    """Download the wheels; return the installer's exit code.

    The new folder replaces the old one only when it is complete.
    """
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".wheelhouse-") as name:
        fresh = Path(name) / "wheels"
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        command += ["download", "--no-deps", "--only-binary", ":all:", "--dest", str(fresh)]
        command += ["--implementation", "cp", "--python-version", LAMBDA_PYTHON]
        for platform in PLATFORMS:
            command += ["--platform", platform]
        code = subprocess.run([*command, "-r", str(REQUIREMENTS)], check=False).returncode
        if code == 0:
            shutil.copyfile(REQUIREMENTS, fresh / REQUIREMENTS.name)
            shutil.rmtree(WHEELHOUSE, ignore_errors=True)
            fresh.rename(WHEELHOUSE)
        return code


def main() -> int:
    """Fetch the wheels unless they are there; return an exit code."""
    if is_current():
        return 0
    print(f"Fetching the wheels for Lambda (arm64, Python {LAMBDA_PYTHON})")
    return fetch()


if __name__ == "__main__":
    sys.exit(main())
