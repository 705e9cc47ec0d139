from __future__ import annotations

from collections.abc import Callable

import pytest

from local.runtime import LocalStack
from tests.workflows.machines import Machine


@pytest.fixture
def machine(local_stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Machine]:
    """A lifecycle's state machine on the local stack, by the lifecycle's name."""
    return lambda name: Machine(name, local_stack, monkeypatch)
