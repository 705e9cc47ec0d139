"""Playing on the local stack, with a display of how far it is: for `replay` and `demo`."""

from __future__ import annotations

import multiprocessing
import os
import queue
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ops.output import Output

if TYPE_CHECKING:
    from local.mailbox.model import Bilingual, Mailbox
    from local.scenario import Line

_A_DAY = timedelta(days=1)
# Without a terminal: a line so often (in virtual days), so that a log shows life.
_REPORT_EVERY = 30

Say = Callable[[str], None]
OnDay = Callable[[datetime], None]


def play(
    lines: Sequence[Line],
    *,
    until: datetime,
    title: Bilingual,
    output: Output,
    brand: str | None = None,
) -> Mailbox:
    """Play a scenario to its end on a stack of its own; returns everything that came of it."""
    from local.runtime import LocalStack
    from local.scenario import Journey

    first = min((line.at for line in lines), default=until)
    with progress(output, first, until) as (say, on_day):
        say("Setting up")
        with LocalStack.start() as stack:
            say("Playing")
            journey = Journey(stack, brand=brand)
            journey.play(lines, until=until, on_day=on_day)
            say("Reading")
            return journey.mailbox(title)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A scenario of its own: nothing in it has to do with any other part."""

    scenario: str
    until: datetime
    title: Bilingual
    stories: Mapping[tuple[str, str], Bilingual]


def play_parts(parts: Sequence[Part], first: datetime, output: Output) -> Mailbox:
    """Play scenarios that have nothing to do with each other at the same time, a process each.

    Brands never meet: neither orders, customers, caps nor feeds. So what comes of it is what
    would come of one run, in half the time on two cores. ``first`` is where the display begins.
    """
    from local.mailbox.model import merged

    if len(parts) == 1 or (os.cpu_count() or 1) == 1:
        with progress(output, first, max(part.until for part in parts)) as (say, on_day):
            say("Playing")
            return merged([_play(part, on_day) for part in parts])
    # A fresh interpreter each: what moto patches in one is not in the other.
    context = multiprocessing.get_context("spawn")
    reports: Any = context.Queue()
    reached = dict.fromkeys(range(len(parts)), first)
    with (
        progress(output, first, max(part.until for part in parts)) as (say, on_day),
        ProcessPoolExecutor(
            len(parts), mp_context=context, initializer=_remember, initargs=(reports,)
        ) as pool,
    ):
        say("Setting up")
        work = [pool.submit(_work, number, part) for number, part in enumerate(parts)]
        shown = first
        while not all(one.done() for one in work):
            _give_up_early(work, pool)
            try:
                number, now = reports.get(timeout=0.2)
            except queue.Empty:
                continue
            say("Playing")
            reached[number] = now
            # As far as the slowest is; every midnight once.
            slowest = min(reached.values())
            while shown < slowest:
                shown = min(shown + _A_DAY, slowest)
                on_day(shown)
        return merged([one.result() for one in work])


def _give_up_early(work: Sequence[Future[Mailbox]], pool: ProcessPoolExecutor) -> None:
    """Where one part failed, the others are not waited for."""
    for one in work:
        if one.done() and (error := one.exception()) is not None:
            pool.shutdown(wait=False, cancel_futures=True)
            raise error


_reports: Any = None


def _remember(reports: Any) -> None:
    """In a worker: where to say how far it is."""
    global _reports  # noqa: PLW0603 - what a process pool's initializer is for
    _reports = reports


def _work(number: int, part: Part) -> Mailbox:
    """In a worker: play a part."""
    return _play(part, lambda now: _reports.put((number, now)))


def _play(part: Part, on_day: OnDay) -> Mailbox:
    from local.runtime import LocalStack
    from local.scenario import Journey, parse

    with LocalStack.start() as stack:
        journey = Journey(stack)
        journey.play(parse(part.scenario), until=part.until, on_day=on_day)
        return journey.mailbox(part.title, stories=part.stories)


@contextmanager
def progress(output: Output, first: datetime, until: datetime) -> Iterator[tuple[Say, OnDay]]:
    """A display on standard error: a bar on a terminal, plain lines elsewhere.

    Gives two functions: one takes what is being done, the other the virtual instant reached.
    """
    days = max(1, round((until - first) / _A_DAY))
    started = time.monotonic()
    if not output.notes.is_terminal:
        said = [""]

        def plain(instant: datetime) -> None:
            done = round((instant - first) / _A_DAY)
            if (done and done % _REPORT_EVERY == 0) or instant >= until:
                seconds = time.monotonic() - started
                output.note(f"{instant:%Y-%m-%d}  day {done} of {days}  ({seconds:.0f} s)")

        def say(what: str) -> None:
            if what != said[0]:
                said[0] = what
                output.note(f"{what} ...")

        yield say, plain
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.completed:.0f} of {task.total:.0f} days"),
        TextColumn("[dim]{task.fields[day]}"),
        TimeElapsedColumn(),
        console=output.notes,
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=days, day="")
        yield (
            lambda what: bar.update(task, description=what),
            lambda instant: bar.update(
                task, completed=min(days, (instant - first) / _A_DAY), day=f"{instant:%Y-%m-%d}"
            ),
        )
