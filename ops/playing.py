"""Playing on the local stack, with a display of how far it is: for `replay`, `demo` and `serve`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from local.runtime import LocalStack
from local.scenario import Journey, Line
from ops.output import Output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.mailbox.model import Bilingual, Mailbox

# Without a terminal: a line so often (in virtual days), so that a log shows life.
_REPORT_EVERY = 30


def play(
    lines: Sequence[Line],
    *,
    until: datetime,
    title: Bilingual,
    output: Output,
    brand: str | None = None,
    stories: Mapping[tuple[str, str], Bilingual] | None = None,
) -> Mailbox:
    """Play a scenario to its end on a stack of its own; returns everything that came of it."""
    with progress(output, lines, until) as (say, on_day):
        say("Setting up the local stack")
        with LocalStack.start() as stack:
            say("Playing")
            journey = Journey(stack, brand=brand)
            journey.play(lines, until=until, on_day=on_day)
            say("Reading what became of it")
            return journey.mailbox(title, stories=stories)


@contextmanager
def progress(
    output: Output, lines: Sequence[Line], until: datetime
) -> Iterator[tuple[Callable[[str], None], Callable[[datetime], None]]]:
    """A display on standard error: a bar on a terminal, plain lines elsewhere.

    Gives two functions: one takes what is being done, the other the virtual instant reached.
    """
    first = min((line.at for line in lines), default=until)
    days = max(1, round((until - first).total_seconds() / 86400))
    started = time.monotonic()
    if not output.notes.is_terminal:

        def plain(instant: datetime) -> None:
            done = round((instant - first).total_seconds() / 86400)
            if (done and done % _REPORT_EVERY == 0) or instant >= until:
                seconds = time.monotonic() - started
                output.note(f"{instant:%Y-%m-%d}  day {done} of {days}  ({seconds:.0f} s)")

        yield lambda what: output.note(f"{what} ..."), plain
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=36),
        TextColumn("{task.completed:.0f} of {task.total:.0f} days"),
        TextColumn("[dim]{task.fields[day]}"),
        TimeElapsedColumn(),
        console=output.notes,
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=days, day="")

        def shown(instant: datetime) -> None:
            passed = (instant - first).total_seconds() / 86400
            bar.update(task, completed=min(days, passed), day=f"{instant:%Y-%m-%d}")

        yield lambda what: bar.update(task, description=what), shown
