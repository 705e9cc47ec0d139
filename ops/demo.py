"""`yoin demo`: four shops, one hundred and twenty days, in about a minute."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from local.demo import scenario as story
from local.demo.book import BEGINNING
from local.mailbox.model import BrandView, Mailbox, Tally, broken_invariants, tally
from ops.errors import OK, PROBLEM
from ops.output import Output, escaped
from shared.contracts.outgoing import SOURCE as OWN
from shared.domain.errors import Rejected
from shared.domain.events import Channel, ConsentMethod
from shared.domain.reasons import REASONS, Reason
from shared.sources import find_source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def play_demo(days: int, output: Output, *, show: bool = False) -> int:
    """Play the demo, print what happened, and say where to look.

    Returns PROBLEM if an invariant is broken; each that is, is named.
    """
    from infra.assembly import current
    from ops.playing import Part, play_parts
    from ops.replay import keep

    output.note("Reading the synthesized template")
    # Before the clock starts and the processes fork: synthesis is part of the set-up.
    current("local")
    started = time.monotonic()
    end = BEGINNING + timedelta(days=days)
    parts = [
        Part(scenario="\n".join(own), until=end, title=story.TITLE, stories=story.titles())
        for own in story.parts(days)
    ]
    mailbox = play_parts(parts, BEGINNING, output)
    scenario = "\n".join(story.lines(days))
    index = keep(mailbox, scenario, end, command=f"yoin demo --days {days}")
    broken = broken_invariants(mailbox)
    for one in tally(mailbox):
        output.line(_record(one))
    for brand in mailbox.brands:
        output.line({"kind": "brand", **_brand(mailbox, brand)})
    for source, counts in _by_source(mailbox).items():
        output.line({"kind": "source", "source": source, **counts})
    output.line({"kind": "answers", **_answers(mailbox)})
    for held in mailbox.held:
        output.line(
            {"kind": "held", "reason": held.name, "lifecycle": held.source, "orders": held.count}
        )
    output.line(
        {
            "kind": "summary",
            "days": days,
            "orders": len(mailbox.orders),
            "events": mailbox.events,
            "rejected": len(mailbox.rejected),
            "duplicates": duplicates(mailbox),
            "broken": broken,
            "mailbox": str(index),
        }
    )
    _show(mailbox, days, time.monotonic() - started, index, output)
    for what in broken:
        output.note(f"[red]must never happen:[/red] {escaped(what)}")
    if show:
        import webbrowser

        webbrowser.open(index.resolve().as_uri())
    return PROBLEM if broken else OK


def duplicates(mailbox: Mailbox) -> int:
    """How many messages went out more than once."""
    ids = [mail.message_id for mail in mailbox.mails]
    return len(ids) - len(set(ids))


def _record(one: Tally) -> dict[str, Any]:
    return {
        "kind": "lifecycle",
        "lifecycle": one.lifecycle,
        "candidates": one.candidates,
        "sent": one.sent,
        "skipped": one.skipped,
        "waiting": one.waiting,
        "failed": one.failed,
        "in_flight": one.in_flight,
        "sent_by_message": one.sent_by_message,
        "skipped_by_reason": one.skipped_by_reason,
        "waiting_by_reason": one.waiting_by_reason,
        "failed_by_reason": one.failed_by_reason,
    }


_COUNTED = {
    "taken": "WebhookEvents",
    "repeated": "WebhookRepeated",
    "refused": "WebhookRefused",
    "fetched": "Fetched",
}


def _by_source(mailbox: Mailbox) -> dict[str, dict[str, int]]:
    """What came of the calls and questions of each source that had any."""
    figures = {(one.source, one.name): one.count for one in mailbox.figures}
    return {
        source: {word: figures.get((source, name), 0) for word, name in _COUNTED.items()}
        for source in sorted({one.source for one in mailbox.figures})
    }


def _brand(mailbox: Mailbox, brand: BrandView) -> dict[str, Any]:
    """A shop's orders, messages, and who told of them: how many facts by source."""
    orders = [order for order in mailbox.orders if order.brand == brand.id]
    sources = Counter(fact.source for order in orders for fact in order.facts)
    del sources[OWN]
    return {
        "brand": brand.id,
        "orders": len(orders),
        "messages": sum(mail.brand == brand.id for mail in mailbox.mails),
        "sources": dict(sources.most_common()),
    }


def _title(source: str) -> str:
    """A source as people call it; a feed of the demo's own by its own name."""
    try:
        return find_source(source).title
    except Rejected:
        return source.replace(".", " ")


def _show_brands(mailbox: Mailbox, output: Output) -> None:
    for view in mailbox.brands:
        told = _brand(mailbox, view)
        name = view.name[0] if view.name[0] == view.name[1] else "  ".join(view.name)
        output.say(
            f"  [bold]{escaped(name)}[/bold]  {told['orders']} orders, {told['messages']} messages"
        )
        heard = (f"{_title(source)} {count}" for source, count in told["sources"].items())
        output.say(f"    [dim]facts by[/dim] {escaped(', '.join(heard))}")
    for source, counts in _by_source(mailbox).items():
        said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        output.say(f"  {escaped(_title(source))}: [dim]{said}[/dim]")


def _show(mailbox: Mailbox, days: int, seconds: float, index: Path, output: Output) -> None:
    output.say(
        f"\n[bold]{len(mailbox.orders)} orders of {len(mailbox.brands)} shops through {days} days, "
        f"{mailbox.events} events, in {seconds:.0f} seconds[/bold]"
    )
    _show_brands(mailbox, output)
    titles = {view.name: view.title for view in mailbox.lifecycles}
    for one in tally(mailbox):
        ja, en = titles[one.lifecycle]
        output.say(f"\n[bold]{escaped(ja)}[/bold]  {escaped(en)}  [dim]{one.lifecycle}[/dim]")
        _row(output, "sent", "green", one.sent, one.sent_by_message)
        _row(output, "skipped", "bright_black", one.skipped, one.skipped_by_reason)
        _row(output, "waiting", "yellow", one.waiting + one.in_flight, one.waiting_by_reason)
        _row(output, "failed", "red", one.failed, one.failed_by_reason)
    _show_answers(mailbox, output)
    if mailbox.rejected:
        output.say(f"\n[bold]Events that could not be read: {len(mailbox.rejected)}[/bold]")
        for event in mailbox.rejected:
            output.say(f"  [magenta]{event.code}[/magenta]  {escaped(event.detail)}")
    total = sum(one.candidates for one in tally(mailbox))
    if not broken_invariants(mailbox):
        twice = duplicates(mailbox)
        output.say(
            f"\n{total} candidate messages, every one accounted for; {twice} went out twice."
        )
    output.say(f"\nLook at the mailbox:  [bold]{escaped(str(index))}[/bold]")
    output.say(f"Ask about an order:   yoin explain {_eventful(mailbox)}")
    output.say("Play with it, live:   yoin serve\n")


def _answers(mailbox: Mailbox) -> dict[str, int]:
    """What mailboxes and people answered, and what came of it."""
    reasons = Counter(one.reason for one in mailbox.candidates)
    bounced = {
        (one.brand, one.order_id, one.occurrence)
        for one in mailbox.candidates
        if one.reason is Reason.BOUNCED
    }
    told = [fact for order in mailbox.orders for fact in order.facts if fact.source == OWN]
    # A person's word stands with each of their orders.
    said = {fact.id: fact for fact in told}.values()
    return {
        "bounced": reasons[Reason.BOUNCED],
        "said by SMS instead": sum(
            one.channel is Channel.SMS and (one.brand, one.order_id, one.occurrence) in bounced
            for one in mailbox.candidates
        ),
        "complained": reasons[Reason.COMPLAINED],
        "unsubscribed with one click": sum(
            fact.data.get("method") == ConsentMethod.ONE_CLICK for fact in said
        ),
        "snoozed": sum(fact.type == "ReminderSnoozed" for fact in said),
        "set how often": sum(fact.type == "PreferencesChanged" for fact in said),
    }


def _show_answers(mailbox: Mailbox, output: Output) -> None:
    output.say("\n[bold]What came back, and what was held on the way[/bold]")
    came = (f"{count} {word}" for word, count in _answers(mailbox).items() if count)
    output.say(f"  {escaped(', '.join(came))}")
    held: Counter[str] = Counter()
    for one in mailbox.held:
        held[one.name] += one.count
    for name, count in held.most_common():
        said = escaped(REASONS[Reason(name)][1])
        output.say(f"                {count:4}  {name:22} [dim]{said}[/dim]")


def _eventful(mailbox: Mailbox) -> str:
    """The number of the order that most was sent about."""
    sent = Counter(mail.order_id for mail in mailbox.mails)
    orders = sorted(mailbox.orders, key=lambda order: -sent[order.order_id])
    return next((o.number.removeprefix("#") for o in orders if o.number), "ORDER")


def _row(output: Output, word: str, colour: str, number: int, details: Mapping[str, int]) -> None:
    if not number:
        return
    output.say(f"  [{colour}]{word:8}[/{colour}] {number:4}")
    for name, count in details.items():
        known = name in Reason.__members__
        said = f"[dim]{escaped(REASONS[Reason(name)][1])}[/dim]" if known else ""
        output.say(f"                {count:4}  {name:22} {said}")
