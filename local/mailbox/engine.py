"""A live local stack in a thread of its own, steered from others.

The stack runs on greenlets, which belong to one thread; so one thread owns it and does what it
is asked, one thing after the other. Whoever asks waits for the answer.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from local.errors import LocalError
from local.mailbox.model import Bilingual, Mailbox

State = Literal["starting", "ready", "failed"]

LIVE_TITLE: Bilingual = ("ローカル環境", "Local stack")
# After an event: what follows within so long of the step before is waited for as well. It covers
# the minute in which a burst of first events is let settle, and the provider's records.
SETTLE = timedelta(minutes=2)


class NotReady(Exception):
    """The stack is still starting, or could not start; the text says which."""


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """What a stack begins with: a scenario played up to an instant, or nothing at ``until``."""

    scenario: str
    until: datetime
    title: Bilingual = LIVE_TITLE
    brand: str | None = None
    stories: Mapping[tuple[str, str], Bilingual] | None = None


class Engine:
    """A stack that is started and steered.

    Attributes:
        state: where it stands.
        progress: while it starts, from 0 to 1.
        error: why it failed, in one line.
        mailbox: what the stack last showed.
    """

    def __init__(self, beginning: Beginning, shown: Mailbox) -> None:
        """``shown``: what the mailbox shows until the stack is ready."""
        self._beginning = beginning
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="yoin-stack", daemon=True)
        self._stopping = False
        self._journey: Any = None
        self.state: State = "starting"
        self.progress = 0.0
        self.error = ""
        self.mailbox = shown
        self.put_by_hand = 0

    def start(self) -> None:
        """Begin to start the stack; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Take the stack down, and wait for that."""
        self._stopping = True
        self._work.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def put(self, event: Mapping[str, Any]) -> Mailbox:
        """An event arrives now; returns what came of it.

        ``event`` is an EventBridge envelope or ``{source, topic, body}``. Raises NotReady, and
        LocalError for what is neither.
        """
        if "detail-type" not in event and not {"source", "topic", "body"} <= event.keys():
            raise LocalError("this is neither an EventBridge envelope nor {source, topic, body}")

        def arrive() -> Mailbox:
            now = self._journey.stack.now
            line = {"event": event} if "detail-type" in event else dict(event)
            try:
                self._journey.play([{"at": now.isoformat(), **line}], until=now)
            except LocalError as error:
                # There is no file whose line would be worth a mention.
                raise LocalError(str(error).removeprefix("line 1: ")) from error
            self._journey.stack.settle(SETTLE)
            if "orders/create" in str(event.get("detail", {}).get("metadata", {})):
                self.put_by_hand += 1
            return self._look()

        return self._ask(arrive)

    def advance(self, by: timedelta | None) -> Mailbox:
        """Let time pass: ``by``, or (None) until the next thing that is due. Raises NotReady."""

        def pass_time() -> Mailbox:
            stack = self._journey.stack
            if by is not None:
                stack.advance(by)
            elif (at := stack.clock.next_at()) is not None:
                stack.run_until(at)
                stack.settle(SETTLE)
            return self._look()

        return self._ask(pass_time)

    def _look(self) -> Mailbox:
        self.mailbox = self._journey.mailbox(self._beginning.title, stories=self._beginning.stories)
        return self.mailbox

    def _ask(self, what: Callable[[], Mailbox]) -> Mailbox:
        if self.state != "ready":
            raise NotReady(self.error or "the local stack is still starting; a moment please")
        answer: Future[Mailbox] = Future()

        def work() -> None:
            try:
                answer.set_result(what())
            except Exception as error:  # noqa: BLE001 - whoever asked gets it
                answer.set_exception(error)

        self._work.put(work)
        return answer.result()

    def _run(self) -> None:
        # moto and boto3 take seconds to import: they are not needed to show the last run.
        from local.runtime import LocalStack
        from local.scenario import Journey, parse

        begin = self._beginning
        try:
            lines = parse(begin.scenario)
            first = min((line.at for line in lines), default=begin.until)
            span = max(1.0, (begin.until - first).total_seconds())

            def on_day(now: datetime) -> None:
                self.progress = (now - first).total_seconds() / span
                if self._stopping:
                    raise _Stopped

            with LocalStack.start(at=first) as stack:
                self._journey = Journey(stack, brand=begin.brand)
                self._journey.play(lines, until=begin.until, on_day=on_day)
                self._look()
                self.state = "ready"
                while (work := self._work.get()) is not None:
                    work()
        except _Stopped:
            return
        except Exception as error:  # noqa: BLE001 - shown in the page, the thread's only way out
            self.error = " ".join(f"{type(error).__name__}: {error}".split())
            self.state = "failed"


class _Stopped(Exception):
    """Somebody wants to leave before the stack is ready."""
