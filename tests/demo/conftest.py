from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The local store, in a folder of the test's own."""
    folder = tmp_path / "home"
    monkeypatch.setenv("YOIN_HOME", str(folder))
    return folder
