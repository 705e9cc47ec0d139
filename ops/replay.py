"""`yoin replay`: a scenario on the local stack, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.mailbox import site, store
from ops.errors import OK, PROBLEM, WrongUse, choices
from ops.output import Output, escaped
from shared.brands import brand_ids

if TYPE_CHECKING:
    from local.mailbox.model import Mailbox
    from local.scenario import Line


def replay_file(path: Path, until: str | None, brand: str | None, output: Output) -> int:
    """Play a scenario file and print what became of it; returns PROBLEM for a failed invariant.

    Raises WrongUse for a file or brand that there is not, ScenarioError for a line that cannot
    be played.
    """
    if not path.is_file():
        raise WrongUse(f"{path}: no such file; check the path")
    if brand is not None and brand not in brand_ids():
        raise WrongUse(f"there is no brand {brand!r}; there are {choices(brand_ids())}")
    from local import scenario

    lines = scenario.read(path)
    if not lines:
        raise scenario.ScenarioError(f"{path.name}: there is no line in it; nothing to play")
    try:
        end = scenario.until(lines, until)
    except scenario.ScenarioError as error:
        raise WrongUse(f"--until: {error}") from error
    from ops.playing import play

    mailbox = play(
        [line for line in lines if line.at <= end],
        until=end,
        title=(f"{path.name} の再生", f"Replay of {path.name}"),
        output=output,
        brand=brand,
    )
    records = scenario.records(mailbox, brand)
    for record in records:
        output.line(record)
    played = "\n".join(as_text(line) for line in lines if line.at <= end)
    index = keep(mailbox, played, end, brand=brand, command=f"yoin replay {path}")
    if not output.as_json:
        _show(records, output)
        output.say(f"\nMailbox: [bold]{escaped(str(index))}[/bold]   or live: yoin serve")
    for failure in mailbox.failures:
        output.note(f"[red]failed:[/red] {escaped(failure.where)} {escaped(failure.error)}")
    return PROBLEM if mailbox.failures else OK


def keep(
    mailbox: Mailbox,
    scenario: str,
    until: datetime,
    *,
    brand: str | None = None,
    command: str = "",
) -> Path:
    """Save a run for `yoin explain` and `yoin serve`, and write its pages; returns the index."""
    run = store.Run(
        mailbox=mailbox,
        scenario=scenario,
        until=until,
        brand=brand,
        command=command,
    )
    store.save(run)
    return site.build(mailbox, store.site_folder())


def as_text(line: Line) -> str:
    """A scenario line as it would stand in a file, with what was beside it read in."""
    from ops.output import json_line

    at = line.at.isoformat()
    if line.said is not None:
        return json_line({"at": at, **line.said})
    if line.event is not None:
        return json_line({"at": at, "event": line.event})
    return json_line(
        {
            "at": at,
            "source": line.source,
            "topic": line.topic,
            "headers": dict(line.headers or {}),
            "body": line.body,
        }
    )


_COLOURS = {"message": "green", "skipped": "bright_black", "failed": "red", "rejected": "magenta"}


def _show(records: Sequence[Mapping[str, Any]], output: Output) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for name in ("at (UTC)", "", "order", "lifecycle", "what"):
        table.add_column(name, no_wrap=name != "what", overflow="fold")
    *told, summary = records
    for one in told:
        kind = one["kind"]
        shown = {key: escaped(str(value)) for key, value in one.items()}
        if kind == "message":
            what = f"{shown['subject'] or shown['message']} [dim]to {shown['to']}[/dim]"
        elif kind == "rejected":
            what = f"{shown['detail']} [dim]{shown['code']}[/dim]"
        else:
            what = f"{shown['occurrence']} [dim]{shown['reason']}[/dim]"
        table.add_row(
            str(one["at"])[:16].replace("T", " "),
            f"[{_COLOURS[kind]}]{kind}[/]",
            shown.get("order_id", ""),
            shown.get("lifecycle", shown.get("source", "")),
            what,
        )
    output.say(table)
    counts = ", ".join(
        f"{summary[name]} {name.replace('_', ' ')}"
        for name in ("messages", "skipped", "waiting", "failed", "in_flight", "rejected")
        if summary[name] or name == "messages"
    )
    played = f"{_count(summary['orders'], 'order')}, {_count(summary['events'], 'event')}"
    output.say(f"\n[bold]{played}:[/bold] {counts}")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
