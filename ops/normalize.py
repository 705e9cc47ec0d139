"""`yoin normalize`: what an adapter makes of a payload. The same code as the ingest function."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from ops.errors import OK, PROBLEM, WrongUse, said
from ops.output import Output, escaped
from shared.brands import brand_ids, load_brand
from shared.contracts import fact_to_json
from shared.contracts.values import currency_exponent
from shared.domain.errors import Rejected
from shared.sources import Brands, missing, normalize, receive_all, sources

STANDARD_INPUT = "-"


def normalize_files(
    files: Sequence[str], source: str | None, topic: str | None, output: Output
) -> int:
    """One line per file; returns PROBLEM if any was rejected.

    Raises WrongUse for a file that is not there and a topic without a source, before anything
    is printed.
    """
    if topic is not None and source is None:
        raise WrongUse("--topic needs --source: name the platform, such as --source shopify")
    for name in files:
        if name != STANDARD_INPUT and not Path(name).is_file():
            raise WrongUse(f"{name}: no such file; check the path")
    brands = Brands(of_shop=_shops().get)
    code = OK
    for name in files:
        line = _line(name, source, topic, brands)
        if "rejected" in line:
            code = PROBLEM
        output.line(line)
        if not output.as_json:
            _show(line, output)
    return code


def _line(name: str, source: str | None, topic: str | None, brands: Brands) -> dict[str, Any]:
    try:
        raw = sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
        deliveries = receive_all(raw, source=source, topic=topic, brands=brands)
        facts, fetches = [], []
        for delivery in deliveries:
            wanted = missing(delivery)
            if wanted is None:
                facts += [fact_to_json(fact) for fact in normalize(delivery)]
            else:
                fetches += [f"{one.method} {one.path}" for one in (wanted, *wanted.also)]
    except (Rejected, OSError) as error:
        return {"file": name, "rejected": said(error)}
    return {
        "file": name,
        "source": " ".join(dict.fromkeys(delivery.source for delivery in deliveries)),
        "topic": " ".join(dict.fromkeys(delivery.topic for delivery in deliveries)),
        "facts": [{"metadata": fact["metadata"], "data": fact["data"]} for fact in facts],
        **({"fetches": fetches} if fetches else {}),
    }


def _shops() -> dict[str, str]:
    """Which brand claims which shop, over all brand files."""
    return {shop: brand for brand in brand_ids() for shop in load_brand(brand).shop_domains}


def _show(line: dict[str, Any], output: Output) -> None:
    from rich.table import Table

    name = escaped(line["file"])
    if "rejected" in line:
        output.say(f"[bold]{name}[/bold]  [red]rejected[/red]  {escaped(line['rejected'])}")
        return
    count = len(line["facts"])
    fetches = line.get("fetches", [])
    found = "no facts yet" if fetches else f"{count or 'no'} fact{'' if count == 1 else 's'}"
    output.say(
        f"[bold]{name}[/bold]  {escaped(line['source'])} {escaped(line['topic'])}  "
        f"[green]{found}[/green]"
    )
    if fetches:
        output.say("  a thin event: it names its subject only, and Yoin asks the platform for")
        for fetch in fetches:
            output.say(f"    {escaped(fetch)}")
    elif not count:
        output.say(f"  what becomes of such an event: {escaped(_meaning(line))}")
    for fact in line["facts"]:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        head = fact["metadata"]
        table.add_row("[bold]fact", f"[bold]{escaped(head['type'])}")
        for key in ("occurred_at", "brand", "id", "dedupe_id", "test", "historical"):
            if head.get(key):
                table.add_row(key, escaped(str(head[key])))
        for note in head.get("notes", ()):
            table.add_row("[yellow]note", escaped(note))
        for key, value in _flat(fact["data"]):
            table.add_row(escaped(key), escaped(str(value)))
        output.say(table)


def _meaning(line: Mapping[str, Any]) -> str:
    """What becomes of the events of this line, as their source declares it."""
    known = next((one for one in sources() if one.name == line["source"]), None)
    topics = known.topics if known else {}
    said = dict.fromkeys(topics[one] for one in line["topic"].split() if one in topics)
    return "; ".join(said) or "there is no event in it"


def _flat(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every value that is said, with its path; what the payload does not say is left out."""
    if isinstance(value, dict):
        if set(value) == {"amount", "currency"}:
            return [(path, _money(value["amount"], value["currency"]))]
        return [
            pair
            for key, inner in value.items()
            for pair in _flat(inner, f"{path}.{key}" if path else key)
        ]
    if isinstance(value, list):
        if all(not isinstance(inner, dict | list) for inner in value):
            return [(path, ", ".join(str(inner) for inner in value))] if value else []
        return [pair for n, inner in enumerate(value) for pair in _flat(inner, f"{path}[{n}]")]
    return [] if value is None else [(path, value)]


def _money(amount: int, currency: str) -> str:
    """Minor units as people write them: 1300 USD is "13.00 USD", 3142 JPY "3142 JPY"."""
    digits = currency_exponent(currency) or 0
    return f"{Decimal(amount).scaleb(-digits):.{digits}f} {currency}"
