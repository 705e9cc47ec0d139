"""`yoin sources`: which platforms and carriers Yoin understands, and how their events come in."""

from __future__ import annotations

from typing import Any

from ops.errors import OK, WrongUse, choices
from ops.output import Output, escaped
from shared.sources import Kind, Source, sources

KINDS = {
    Kind.COMMERCE: "Commerce platforms and payments",
    Kind.AGGREGATOR: "Tracking aggregators",
    Kind.CARRIER: "Carriers",
    Kind.MESSAGES: "What became of messages",
    Kind.CONTRACT: "Yoin's own contract",
}


def ways_in(source: Source) -> list[str]:
    """How events of a source reach Yoin: over EventBridge, by webhook, or both."""
    ways = ["EventBridge"] if source.event_patterns else []
    if source.signature is not None:
        ways.append("webhook")
    return [*ways, source.comes_by] if source.comes_by else ways


def signature_of(source: Source) -> str:
    """How a webhook proves that it is the vendor's; EventBridge has the right to write instead."""
    return source.signature.title if source.signature else "none: who may write to the bus"


def show_sources(name: str | None, output: Output) -> int:
    """One line per source, or everything about one. Raises WrongUse for one that there is not."""
    known = {source.name: source for source in sources()}
    if name is not None and name not in known:
        raise WrongUse(f"there is no source {name!r}; there are {choices(sorted(known))}")
    chosen = [known[name]] if name else [*known.values()]
    for source in chosen:
        output.line(_record(source))
    if output.as_json:
        return OK
    if name:
        _show(chosen[0], output)
    else:
        _list(chosen, output)
    return OK


def _record(source: Source) -> dict[str, Any]:
    return {
        "source": source.name,
        "title": source.title,
        "kind": str(source.kind),
        "docs": source.docs_url,
        "ways": ways_in(source),
        "signature": signature_of(source),
        "path": f"/{source.name}/BRAND" if source.signature else None,
        "api": source.api.base_url or "the merchant's own" if source.api else None,
        "topics": dict(source.topics),
        "ignored": dict(source.ignored),
        "notes": list(source.notes),
    }


def _list(chosen: list[Source], output: Output) -> None:
    from rich.table import Table

    for kind, title in KINDS.items():
        of_kind = [source for source in chosen if source.kind is kind]
        if not of_kind:
            continue
        table = Table(box=None, padding=(0, 2, 0, 0), title=title, title_justify="left")
        for column in ("source", "comes by", "events", "signature"):
            table.add_column(column, style="bold" if column == "source" else "", overflow="fold")
        for source in of_kind:
            events = [topic for topic in source.topics if topic]
            table.add_row(
                source.name,
                ", ".join(ways_in(source)),
                str(len(events)),
                escaped(signature_of(source)),
            )
        output.say(table)
        output.say()
    output.say("`yoin sources NAME` shows the events of one; docs/sources.md has them all.")


def _show(source: Source, output: Output) -> None:
    from rich.table import Table

    output.say(f"[bold]{escaped(source.title)}[/bold]  {escaped(source.docs_url)}")
    output.say(f"comes by   {', '.join(ways_in(source)) or 'asked for'}")
    output.say(f"signature  {escaped(signature_of(source))}")
    for note in source.notes:
        output.say(f"- {escaped(note)}")
    for title, rows in (("becomes", source.topics), ("is not used because", source.ignored)):
        table = Table(box=None, padding=(0, 2, 0, 0))
        table.add_column("event", style="bold", overflow="fold")
        table.add_column(title, overflow="fold")
        for topic, what in rows.items():
            table.add_row(escaped(topic), escaped(what))
        output.say(table)
