"""`yoin explain`: every candidate message of an order, sent or not, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from local.mailbox import store
from local.mailbox.model import BrandView, Candidate, LifecycleView, Mailbox, OrderView
from local.mailbox.views import brand_view, lifecycle_views
from local.mailbox.words import ENTRY_STATUSES
from ops.errors import OK, CommandError, WrongUse, choices
from ops.output import Output, escaped
from shared import lifecycles
from shared.domain.ledger import EntryStatus
from shared.domain.values import instant_text

if TYPE_CHECKING:
    from rich.table import Table

_COLOURS = {
    EntryStatus.SENT: "green",
    EntryStatus.WAITING: "yellow",
    EntryStatus.SKIPPED: "bright_black",
    EntryStatus.FAILED: "red",
    EntryStatus.SENDING: "magenta",
    EntryStatus.UNKNOWN: "magenta",
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """An order with its candidates, as it is printed."""

    order: OrderView
    candidates: tuple[Candidate, ...]
    brand: BrandView
    cycles: tuple[LifecycleView, ...]


def explain_order(
    order: str, lifecycle: str | None, brand: str | None, stage: str | None, output: Output
) -> int:
    """Print what became of an order's messages.

    ``order`` is an id or a number, with or without "#". Raises WrongUse for a lifecycle, brand or
    stage that there is not, CommandError where the order is unknown or cannot be read.
    """
    if lifecycle is not None and lifecycle not in lifecycles.names():
        raise WrongUse(
            f"there is no lifecycle {lifecycle!r}; there are {choices(lifecycles.names())}"
        )
    if stage is None:
        found = _local(order, brand)
    else:
        from ops.deployed import read_order

        found = read_order(order, brand, stage)
    for told in found:
        wanted = [c for c in told.candidates if lifecycle in {None, c.lifecycle}]
        for candidate in wanted:
            output.line(record(told.order, candidate))
        if not output.as_json:
            _show(told, wanted, output)
    return OK


def record(order: OrderView, candidate: Candidate) -> dict[str, Any]:
    """A candidate as `--json` prints it."""
    ja, en = candidate.explanation
    return {
        "brand": candidate.brand,
        "order_id": candidate.order_id,
        "number": order.number,
        "lifecycle": candidate.lifecycle,
        "message": candidate.message,
        "occurrence": candidate.occurrence,
        "channel": candidate.channel,
        "status": candidate.status,
        "rule": candidate.rule,
        "reason": candidate.reason,
        "explanation": {"ja": ja, "en": en},
        "inputs_version": candidate.inputs_version,
        "policy_version": candidate.policy_version,
        "decided_at": _text(candidate.decided_at),
        "due_at": _text(candidate.due_at),
        "sent_at": _text(candidate.sent_at),
        "delivered_at": _text(candidate.delivered_at),
        "next_check": _text(candidate.next_check),
        "attempts": candidate.attempts,
        "message_id": candidate.message_id,
        "detail": candidate.detail,
    }


def _local(order: str, brand: str | None) -> list[Told]:
    try:
        mailbox = store.load().mailbox
    except store.NoRun as error:
        raise CommandError(str(error)) from None
    known = [view.id for view in mailbox.brands]
    if brand is not None and brand not in known:
        raise WrongUse(f"there is no brand {brand!r} in the last run; there are {choices(known)}")
    found = matching(mailbox, order, brand)
    if not found:
        where = f" of {brand}" if brand else ""
        raise CommandError(
            f"the last run has no order {order!r}{where}; `yoin serve` or {store.site_folder()} "
            "lists those that it has"
        )
    brands = {view.id: view for view in mailbox.brands}
    return [
        Told(
            order=view,
            candidates=tuple(
                c
                for c in mailbox.candidates
                if (c.brand, c.order_id) == (view.brand, view.order_id)
            ),
            brand=brands[view.brand],
            cycles=mailbox.lifecycles,
        )
        for view in found
    ]


def matching(mailbox: Mailbox, order: str, brand: str | None) -> list[OrderView]:
    """The orders with this id, or else with this number."""
    own = [view for view in mailbox.orders if brand in {None, view.brand}]
    by_id = [view for view in own if view.order_id == order]
    number = order.removeprefix("#")
    return by_id or [view for view in own if (view.number or "").removeprefix("#") == number]


def deployed(order: OrderView, candidates: Iterable[Candidate], brand_id: str) -> Told:
    """An order of a deployed stage, as it is printed."""
    from shared.brands import load_brand

    return Told(
        order=order,
        candidates=tuple(candidates),
        brand=brand_view(load_brand(brand_id)),
        cycles=lifecycle_views(),
    )


def _show(told: Told, candidates: list[Candidate], output: Output) -> None:
    from rich.markup import escape
    from rich.padding import Padding

    order = told.order
    title = f"{told.brand.name[1]} {order.number or ''}".strip()
    output.say(f"\n[bold]{escape(title)}[/bold]  [dim]order {escape(order.order_id)}[/dim]")
    if order.story:
        output.say(f"{escape(order.story[0])} / {escape(order.story[1])}")
    who = ", ".join(filter(None, (order.customer, order.email, order.phone)))
    output.say(f"[dim]{escape(who or 'nobody is known')} · times in {told.brand.zone}[/dim]")
    if not candidates:
        output.say("No message of it was ever a candidate.")
    for cycle in told.cycles:
        own = [c for c in candidates if c.lifecycle == cycle.name]
        if own:
            output.say(f"\n[bold]{escape(cycle.title[0])}[/bold] {escape(cycle.title[1])}")
            output.say(Padding(_table(own, told.brand.zone), (0, 0, 0, 2), expand=False))


def _table(candidates: list[Candidate], zone: str) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for name in ("status", "message", "why", "when", "next check"):
        table.add_column(name, overflow="fold")
    for c in sorted(candidates, key=lambda c: (c.sent_at or c.decided_at, c.occurrence)):
        colour = _COLOURS[c.status]
        status = f"[{colour}]{c.status.value}[/{colour}]\n[dim]{ENTRY_STATUSES[c.status][0]}[/dim]"
        ja, en = c.explanation
        why = [f"{en} [dim]{c.reason}[/dim]", ja, f"[dim]rule: {escaped(c.rule)}[/dim]"]
        versions = f"inputs {c.inputs_version or '-'}, policy {c.policy_version or '-'}"
        why.append(f"[dim]{escaped(versions)}[/dim]")
        if c.detail:
            why.append(f"[red]{escaped(c.detail)}[/red]")
        when = [f"decided {_wall(c.decided_at, zone)}"]
        if c.sent_at:
            when.append(f"sent    {_wall(c.sent_at, zone)}")
        if c.delivered_at:
            when.append(f"arrived {_wall(c.delivered_at, zone)}")
        table.add_row(
            status,
            f"{escaped(c.occurrence)}\n[dim]{c.channel}[/dim]",
            "\n".join(why),
            "\n".join(when),
            _next(c, zone),
        )
    return table


def _next(candidate: Candidate, zone: str) -> str:
    if candidate.next_check is not None:
        return _wall(candidate.next_check, zone)
    closed = candidate.status in {EntryStatus.SENT, EntryStatus.FAILED}
    return "[dim]none, closed[/dim]" if closed else "[dim]with the next event[/dim]"


def _wall(instant: datetime, zone: str) -> str:
    from zoneinfo import ZoneInfo

    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _text(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant else None
