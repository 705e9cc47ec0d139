"""The pinned requirements: complete, consistent, and free of where they were fetched from."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    found = [re.fullmatch(r"([a-z0-9._-]+)==([^ ;]+)(?: ; .+)?", line) for line in lines if line]
    assert all(found), f"{name}: a line that is no pin"
    return {match[1]: match[2] for match in found if match}


def test_what_is_pinned_is_complete_and_fits_together() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "check", "--no-config", "--python", sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr


def test_what_is_deployed_is_what_is_tested() -> None:
    development = pins("requirements-dev.txt")
    for name, version in pins("requirements.txt").items():
        assert development[name] == version, name


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_everything_asked_for_is_pinned(name: str) -> None:
    pinned = pins(f"{name}.txt")
    for line in (ROOT / f"{name}.in").read_text("utf-8").splitlines():
        asked = re.match(r"[A-Za-z0-9._-]+", line)
        if asked and not line.startswith(("#", "-")):
            assert asked[0].lower() in pinned, asked[0]


def test_moto_is_pinned_where_it_is_asked_for() -> None:
    """The local runtime stands on moto's seams: a new version comes on purpose only."""
    asked = (ROOT / "requirements-dev.in").read_text("utf-8")
    assert re.search(r"^moto\[.+\]==", asked, re.MULTILINE)


def test_no_package_index_is_named() -> None:
    for path in [*ROOT.glob("requirements*"), ROOT / "pyproject.toml", ROOT / "Makefile"]:
        text = path.read_text("utf-8")
        assert not re.search(r"--(?:extra-)?index-url|--find-links|--trusted-host", text), path
