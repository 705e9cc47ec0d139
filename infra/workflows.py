"""Where a lifecycle's state machine is defined: the one thing besides its SPEC that infra knows."""

from __future__ import annotations

from pathlib import Path

from shared import lifecycles


def workflow_file(name: str) -> Path:
    """Return the path of a lifecycle's workflow.asl.json.

    Raises:
        SystemExit: it is not there; the text says where it belongs.
    """
    path = lifecycles.folder(name) / "workflow.asl.json"
    if not path.is_file():
        raise SystemExit(f"The lifecycle {name} has no workflow: {path} is missing.")
    return path
