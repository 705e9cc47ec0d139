from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from local.clock import VirtualClock
from local.runtime import LocalStack
from tests.local import handlers, small


def no_application(_undo: contextlib.ExitStack, _clock: VirtualClock) -> None:
    """The handlers of these tests know no clock."""


@pytest.fixture(scope="session")
def small_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    folder = small.write(tmp_path_factory.mktemp("small"))
    stack = LocalStack.start(folder, application=no_application)
    stack.pause()
    yield stack
    stack.resume()
    stack.stop()


@pytest.fixture
def stack(small_stack: LocalStack) -> Iterator[LocalStack]:
    """The small stack, as new."""
    handlers.calls.clear()
    handlers.behaviour.clear()
    small_stack.resume()
    small_stack.reset()
    try:
        yield small_stack
    finally:
        small_stack.forget_listeners()
        small_stack.pause()
