from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ops.cli import run


@dataclass(frozen=True)
class Answer:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """Standard output as JSON Lines: anything else fails."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """The one line on standard error: more or less of it fails."""
        (line,) = self.err.splitlines()
        assert line.startswith("yoin: ")
        return line


Yoin = Callable[..., Answer]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The local store, in a folder of the test's own."""
    folder = tmp_path / "home"
    monkeypatch.setenv("YOIN_HOME", str(folder))
    monkeypatch.delenv("YOIN_DEBUG", raising=False)
    return folder


@pytest.fixture
def yoin(home: Path, capfd: pytest.CaptureFixture[str]) -> Yoin:
    """Runs the command in this process."""
    assert not home.exists()

    def call(*arguments: str | Path) -> Answer:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Answer(code, out, err)

    return call
