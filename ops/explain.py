"""`yoin explain`: every candidate message of an order, sent or not, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.mailbox import store
from local.mailbox.account import masked
from local.mailbox.model import Bilingual, BrandView, Candidate, LifecycleView, Mailbox, OrderView
from local.mailbox.views import brand_view, lifecycle_views
from local.mailbox.words import ENTRY_STATUSES
from ops.errors import OK, CommandError, WrongUse, choices
from ops.output import Output, escaped
from shared import lifecycles
from shared.domain.ledger import EntryStatus, is_message_id
from shared.domain.values import instant_text

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


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked about: an order by its id or number (with or without "#"), or a message."""

    order: str | None = None
    message_id: str | None = None
    lifecycle: str | None = None
    brand: str | None = None

    def takes(self, candidate: Candidate) -> bool:
        """Whether a candidate is asked about."""
        by_name = self.lifecycle in {None, candidate.lifecycle}
        return by_name and self.message_id in {None, candidate.message_id}


def explain_order(
    wanted: Wanted,
    stage: str | None,
    output: Output,
    *,
    rerun: bool = True,
    show_personal: bool = False,
) -> int:
    """Print what became of an order's messages, and why.

    ``rerun``: also say what the stored inputs give when the decision is made again. Email
    addresses and phone numbers are masked unless ``show_personal``. Raises WrongUse for a
    lifecycle, brand or stage that there is not, CommandError where the order is unknown or
    cannot be read.
    """
    lifecycle = wanted.lifecycle
    if (wanted.order is None) == (wanted.message_id is None):
        raise WrongUse("name an order, or a message with --message")
    if wanted.message_id is not None and not is_message_id(wanted.message_id):
        raise WrongUse(f"{wanted.message_id!r} is no message id; one is m- and 40 hex digits")
    if lifecycle is not None and lifecycle not in lifecycles.names():
        raise WrongUse(
            f"there is no lifecycle {lifecycle!r}; there are {choices(lifecycles.names())}"
        )
    if stage is None:
        found = _local(wanted)
    else:
        from ops.deployed import read_order

        found = read_order(wanted, stage, rerun=rerun)
    for told in found:
        own = [c for c in told.candidates if wanted.takes(c)]
        for candidate in own:
            output.line(record(told.order, candidate, rerun=rerun))
        if not output.as_json:
            _show(told, own, output, rerun=rerun, show_personal=show_personal)
    return OK


def record(order: OrderView, candidate: Candidate, *, rerun: bool = True) -> dict[str, Any]:
    """A candidate as `--json` prints it. No addresses stand in it but masked ones."""
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
        "remedy": _both(candidate.remedy),
        "seen": [
            {
                "topic": row.topic,
                "label": _both(row.label),
                "said": _both(row.said),
                "decisive": row.decisive,
            }
            for row in candidate.seen
        ],
        "rerun": candidate.rerun if rerun and candidate.rerun else None,
        "again": _both(candidate.again) if rerun and candidate.again else None,
        "problem": candidate.problem or None,
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


def _both(words: Bilingual) -> dict[str, str]:
    return {"ja": words[0], "en": words[1]}


def _local(wanted: Wanted) -> list[Told]:
    brand = wanted.brand
    try:
        mailbox = store.load().mailbox
    except store.NoRun as error:
        raise CommandError(str(error)) from None
    known = [view.id for view in mailbox.brands]
    if brand is not None and brand not in known:
        raise WrongUse(f"there is no brand {brand!r} in the last run; there are {choices(known)}")
    found = matching(mailbox, wanted)
    if not found:
        where = f" of {brand}" if brand else ""
        what = f"order {wanted.order!r}" if wanted.order else f"message {wanted.message_id!r}"
        raise CommandError(
            f"the last run has no {what}{where}; `yoin serve` or {store.site_folder()} "
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


def matching(mailbox: Mailbox, wanted: Wanted) -> list[OrderView]:
    """The orders with this id, or else with this number; or the one that the message is about."""
    own = [view for view in mailbox.orders if wanted.brand in {None, view.brand}]
    if wanted.order is None:
        about = {
            (c.brand, c.order_id) for c in mailbox.candidates if c.message_id == wanted.message_id
        }
        return [view for view in own if (view.brand, view.order_id) in about]
    by_id = [view for view in own if view.order_id == wanted.order]
    number = wanted.order.removeprefix("#")
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


def _show(
    told: Told,
    candidates: list[Candidate],
    output: Output,
    *,
    rerun: bool,
    show_personal: bool,
) -> None:
    from rich.markup import escape

    order = told.order
    title = f"{told.brand.name[1]} {order.number or ''}".strip()
    output.say(f"\n[bold]{escape(title)}[/bold]  [dim]order {escape(order.order_id)}[/dim]")
    if order.story:
        output.say(f"{escape(order.story[0])} / {escape(order.story[1])}")
    reach = (order.email, order.phone)
    shown = reach if show_personal else tuple(map(masked, reach))
    who = ", ".join(filter(None, (order.customer, *shown)))
    output.say(f"[dim]{escape(who or 'nobody is known')} · times in {told.brand.zone}[/dim]")
    if not candidates:
        output.say("No message of it was ever a candidate.")
    for cycle in told.cycles:
        own = [c for c in candidates if c.lifecycle == cycle.name]
        if own:
            output.say(f"\n[bold]{escape(cycle.title[0])}[/bold] {escape(cycle.title[1])}")
            for one in sorted(own, key=lambda c: (c.sent_at or c.decided_at, c.occurrence)):
                _show_one(one, told.brand.zone, output, rerun=rerun)


def _show_one(c: Candidate, zone: str, output: Output, *, rerun: bool) -> None:
    from rich.padding import Padding
    from rich.table import Table

    colour = _COLOURS[c.status]
    ja, en = ENTRY_STATUSES[c.status]
    output.say(
        f"\n  [{colour} bold]{en}[/] [{colour}]{ja}[/]  [bold]{escaped(c.occurrence)}[/bold]  "
        f"[dim]{escaped(c.message)} · {c.channel}[/dim]"
    )
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, show_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")

    def row(label: str, words: str | Bilingual | None, style: str = "") -> None:
        if words:
            lines = [words] if isinstance(words, str) else [*dict.fromkeys((words[1], words[0]))]
            table.add_row(label, "\n".join(escaped(text) for text in lines if text), style=style)

    row("why", c.explanation)
    row("rule", f"{c.rule}  ({c.reason})")
    row("detail", c.detail, "red")
    for one in c.seen:
        mark = "→ " if one.decisive else ""
        row(mark + one.label[1].lower(), one.said, "bold" if one.decisive else "")
    row("decided", f"{_wall(c.decided_at, zone)}   policy {c.policy_version or '-'}")
    row("due", _wall(c.due_at, zone) if c.due_at else None)
    row("sent", _wall(c.sent_at, zone) if c.sent_at else None)
    row("arrived", _wall(c.delivered_at, zone) if c.delivered_at else None)
    row("next look", _next(c, zone))
    row("what helps", c.remedy)
    if rerun and c.rerun:
        row("proof", c.rerun_words, "" if c.rerun == "SAME" else "yellow")
        row("today", c.again, "yellow")
    row("message", c.message_id)
    output.say(Padding(table, (0, 0, 0, 4), expand=False))


def _next(candidate: Candidate, zone: str) -> str:
    if candidate.next_check is not None:
        return _wall(candidate.next_check, zone)
    closed = candidate.status in {EntryStatus.SENT, EntryStatus.FAILED}
    return "none, closed" if closed else "with the next event"


def _wall(instant: datetime, zone: str) -> str:
    from zoneinfo import ZoneInfo

    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _text(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant else None
