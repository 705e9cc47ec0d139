from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from infra.config import STAGES
from ops.cli import run
from shared.adapters.aws import clients
from shared.adapters.aws.table import Table
from shared.adapters.memory.providers import ManualClock
from tests.adapters.conftest import create_table


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


@contextmanager
def deployed(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> Iterator[Table]:
    """The stage dev, of three brands, with its table, as moto plays it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    monkeypatch.setattr("tests.adapters.conftest.TABLE", "yoin-dev")
    monkeypatch.setitem(
        STAGES, "dev", replace(STAGES["dev"], brands=("aoba", "northlight", "linden"))
    )
    clients.forget()
    with mock_aws():
        yield create_table(clock)
    clients.forget()


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
