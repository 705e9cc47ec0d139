"""`yoin suppress`, `unsuppress`, `pause`, `resume` and `approve`: what people switch.

Each says who does what to whom before it does it, and asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops.errors import OK, PROBLEM, WrongUse, choices
from ops.output import Output, escaped
from ops.worlds import Workplace, confirmed, whoami, workplace
from shared import lifecycles
from shared.brands import load_brand
from shared.contracts import values
from shared.domain.controls import ALL, MARKETING
from shared.domain.events import Channel
from shared.domain.values import instant_text
from shared.usecases import operate
from shared.usecases.operate import Held

_COMPLAINTS = frozenset({"COMPLAINED", "COMPLAINT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How every one of these commands is given.

    ``stage``: a deployed one; None for the last local run. ``by``: who does it, ``why``: what
    for; both without personal data. ``yes``: nobody has to be asked.
    """

    brand: str
    stage: str | None
    by: str | None
    why: str = ""
    yes: bool = False


def suppress(asked: Asked, email: str | None, phone: str | None, output: Output) -> int:
    """Stop one address for good. Raises WrongUse for no address, or two."""
    return _address(asked, email, phone, output, lift=False)


def unsuppress(asked: Asked, email: str | None, phone: str | None, output: Output) -> int:
    """Use an address after all; PROBLEM where nothing stands against it."""
    return _address(asked, email, phone, output, lift=True)


def _address(
    asked: Asked, email: str | None, phone: str | None, output: Output, *, lift: bool
) -> int:
    channel, address = one_address(asked.brand, email, phone)
    by, why = whoami(asked.by), _reason(asked)
    with workplace(asked.stage, asked.brand, output) as place:
        known = operate.suppression(place.world, asked.brand, channel, address)
        if known is None and lift:
            output.note(f"Nothing stands against this address at {asked.brand}.")
            return PROBLEM
        does = "Use again" if lift else "Never use again"
        _announce(place, output, f"{does}: {address} ({channel}) at {asked.brand}", by, why)
        if known is not None:
            output.note(f"  until now   {_told(known.reason, known.since, known.by, known.why)}")
        if lift and known is not None:
            _warn(known.reason, channel, output)
        if channel is Channel.EMAIL and lift:
            output.note(
                "  SES has a list of its own, for the whole account; see docs/operations.md:"
            )
            output.note(
                f"  aws sesv2 delete-suppressed-destination --email-address {escaped(address)}",
            )
        if not confirmed("Do it?", yes=asked.yes):
            return PROBLEM
        act = operate.unsuppress if lift else operate.suppress
        word = act(place.world, asked.brand, channel, address, by=by, why=why)
        place.keep.append(
            {
                "operate": "unsuppress" if lift else "suppress",
                "brand": asked.brand,
                str(channel): address,
                "by": by,
                "why": why,
            }
        )
    output.line(
        {
            "brand": asked.brand,
            "channel": channel,
            "suppressed": not word.lifted,
            "was": known.reason if known else None,
            "at": instant_text(word.since),
            "by": by,
            "why": why,
        }
    )
    output.say("[green]Done.[/green]")
    return OK


def _warn(reason: str, channel: Channel, output: Output) -> None:
    if reason in _COMPLAINTS:
        output.note(
            "[bold red]  This person marked a message as spam.[/bold red] Whoever does so again "
            "counts against the whole account: SES pauses it at 0.1 %.\n"
            "  Go on only if they asked you to, in writing. Consent is not renewed by this: they "
            "refused marketing with the complaint, and only they can take that back."
        )
    elif reason == "BOUNCED":
        output.note(
            "  The mail server said that this address does not exist. If it bounces once more, it "
            "is suppressed again."
            if channel is Channel.EMAIL
            else "  The network said that this number does not exist."
        )


def pause(asked: Asked, scope: str, output: Output) -> int:
    """Stop a lifecycle, all marketing or everything."""
    by, why = whoami(asked.by), _reason(asked)
    with workplace(asked.stage, asked.brand, output) as place:
        standing = place.world.controls.load(asked.brand).pauses.get(scope)
        if standing is not None:
            output.note(
                f"{_scope(scope)} of {asked.brand} is paused already: "
                f"{_told('', standing.since, standing.by, standing.why)}"
            )
            return PROBLEM
        _announce(place, output, f"Pause {_scope(scope)} of {asked.brand}", by, why)
        output.note("  Messages are held, not lost: those that expire meanwhile are skipped.")
        if not confirmed("Do it?", yes=asked.yes):
            return PROBLEM
        controls = operate.pause(place.world, asked.brand, scope, by=by, why=why)
        place.keep.append(
            {"operate": "pause", "brand": asked.brand, "scope": scope, "by": by, "why": why}
        )
    since = controls.pauses[scope].since
    output.line(
        {"brand": asked.brand, "paused": scope, "at": instant_text(since), "by": by, "why": why}
    )
    output.say("[green]Paused.[/green]")
    return OK


def resume(asked: Asked, scope: str | None, output: Output, *, brake: bool) -> int:
    """Take a pause back, and release the brake; what was held looks again at once."""
    by = whoami(asked.by)
    with workplace(asked.stage, asked.brand, output) as place:
        controls = place.world.controls.load(asked.brand)
        paused = scope is not None and scope in controls.pauses
        braked = brake and controls.brake is not None
        if not paused and not braked:
            output.note(f"Nothing to resume: {asked.brand} has {_standing(controls.pauses)}.")
            return PROBLEM
        what = [_scope(scope)] if paused and scope else []
        _announce(
            place,
            output,
            f"Resume {', '.join([*what, *(['the brake'] if braked else [])])} of {asked.brand}",
            by,
            asked.why,
        )
        if braked and controls.brake is not None:
            brake_told = f"{controls.brake.cause} had reached {controls.brake.rate:.2%}"
            output.note(f"  the brake   since {instant_text(controls.brake.since)}: {brake_told}")
        held = operate.behind(
            place.world, place.table, asked.brand, scope if paused else None, brake=braked
        )
        _show(held, output)
        if not confirmed("Do it?", yes=asked.yes):
            return PROBLEM
        done = operate.resume(
            place.world, place.table, asked.brand, scope if paused else None, brake=braked
        )
        place.keep.append(
            {
                "operate": "resume",
                "brand": asked.brand,
                "scope": scope if paused else None,
                "brake": braked,
                "by": by,
            }
        )
    output.line(
        {"brand": asked.brand, "resumed": scope, "brake": braked, "by": by, **_said(done.held)}
    )
    output.say(f"[green]Resumed.[/green] {done.woken} asked to look again.")
    return OK


def approve(
    asked: Asked,
    lifecycle: str,
    output: Output,
    *,
    count: int | None,
    historical: bool,
    ceiling: bool,
) -> int:
    """Let a lifecycle speak about the past, or go on above its ceiling.

    ``count``: how many messages whoever approves expects; it must be exactly as many. PROBLEM
    where there are none, or another number. Raises WrongUse for a lifecycle that there is not.
    """
    if lifecycle not in lifecycles.names():
        raise WrongUse(
            f"there is no lifecycle {lifecycle!r}; there are {choices(lifecycles.names())}"
        )
    if historical and ceiling:
        raise WrongUse("--historical and --ceiling are two approvals; give one at a time")
    by = whoami(asked.by)
    with workplace(asked.stage, asked.brand, output) as place:
        world, at = place.world, place.world.clock.now()
        if ceiling:
            held = operate.parked(world, place.table, asked.brand, lifecycle)
            standing = lifecycle in world.controls.load(asked.brand).ceilings
        else:
            held = operate.awaiting_approval(
                world,
                place.table,
                lifecycles.load(lifecycle),
                asked.brand,
                at=at,
                historical=historical,
            )
            standing = False
        if not held.count and not standing:
            output.note(f"There is nothing to approve: {lifecycle} of {asked.brand} holds nothing.")
            return PROBLEM
        what = "above its ceiling" if ceiling else "about the past"
        what = "of imported orders" if historical else what
        _announce(
            place,
            output,
            f"Approve {held.count} messages {what}: {lifecycle} of {asked.brand}",
            by,
            asked.why,
        )
        _show(held, output)
        if not _agreed(held.count, count, output):
            return PROBLEM
        if ceiling:
            done = operate.lift_ceiling(world, asked.brand, held, lifecycle)
        else:
            done = operate.approve(
                world, asked.brand, held, lifecycle, at=at, by=by, historical=historical
            )
        place.keep.append(
            {
                "operate": "approve",
                "brand": asked.brand,
                "lifecycle": lifecycle,
                "historical": historical,
                "ceiling": ceiling,
                "by": by,
            }
        )
    output.line(
        {
            "brand": asked.brand,
            "lifecycle": lifecycle,
            "historical": historical,
            "ceiling": ceiling,
            "at": instant_text(at),
            "by": by,
            **_said(held),
        }
    )
    output.say(f"[green]Approved.[/green] {done.woken} asked to look again.")
    return OK


def _agreed(found: int, count: int | None, output: Output) -> bool:
    """Whether a person has named exactly this number."""
    import sys

    if count is None:
        if not sys.stdin.isatty():
            raise WrongUse("nobody is there to type the count; give --count N")
        print("Type the number of messages to approve them: ", end="", file=sys.stderr, flush=True)
        typed = sys.stdin.readline().strip()
        count = int(typed) if typed.isascii() and typed.isdigit() else -1
    if count != found:
        output.note(f"[red]Not approved:[/red] there are {found}. Look at them again.")
    return count == found


# --- words -------------------------------------------------------------------------------------


def scope_of(lifecycle: str | None, *, marketing: bool, everything: bool) -> str | None:
    """The scope that the options name, or None. Raises WrongUse for several, or no lifecycle."""
    named = [lifecycle] if lifecycle is not None else []
    named += [MARKETING] if marketing else []
    named += [ALL] if everything else []
    if len(named) > 1:
        raise WrongUse("give one of --lifecycle, --marketing and --all")
    if lifecycle is not None and lifecycle not in lifecycles.names():
        raise WrongUse(
            f"there is no lifecycle {lifecycle!r}; there are {choices(lifecycles.names())}"
        )
    return named[0] if named else None


def one_address(brand: str, email: str | None, phone: str | None) -> tuple[Channel, str]:
    """The one address that was given, as Yoin writes it. Raises WrongUse."""
    if (email is None) == (phone is None):
        raise WrongUse("give one address: --email or --phone")
    if email is not None:
        address = values.email(email)
        if address is None:
            raise WrongUse(f"--email: {email!r} is no address")
        return Channel.EMAIL, address
    number = values.e164(phone, load_brand(brand).policy.country)
    if number is None:
        raise WrongUse(f"--phone: {phone!r} is no number; write it as +819012345678")
    return Channel.SMS, number


def _reason(asked: Asked) -> str:
    if not asked.why.strip():
        raise WrongUse("say what for: --why TEXT, without personal data")
    return asked.why.strip()


def _announce(place: Workplace, output: Output, what: str, by: str, why: str) -> None:
    where = f"stage {place.stage.name}" if place.stack is None else "the last local run"
    output.note(f"[bold]{escaped(what)}[/bold]")
    output.note(f"  where       {where}")
    output.note(f"  when        {instant_text(place.world.clock.now())}")
    output.note(f"  who         {escaped(by)}" + (f": {escaped(why)}" if why else ""))


def _told(reason: str, since: datetime, by: str, why: str) -> str:
    who = f" by {by}" if by else ""
    return escaped(f"{reason} since {instant_text(since)}{who}{': ' + why if why else ''}".strip())


def _scope(scope: str) -> str:
    return {ALL: "everything", MARKETING: "all marketing"}.get(scope, scope)


def _standing(pauses: Mapping[str, Any]) -> str:
    named = ", ".join(_scope(name) for name in pauses)
    return f"pauses of {named}, and no such other" if named else "no such pause and no brake"


def _said(held: Held) -> dict[str, Any]:
    oldest, newest = held.due
    return {
        "count": held.count,
        "people": held.people,
        "by_lifecycle": held.by(lambda entry: entry.key.lifecycle),
        "by_message": held.by(lambda entry: entry.message),
        "by_channel": held.by(lambda entry: str(entry.key.channel)),
        "oldest_due": instant_text(oldest) if oldest else None,
        "newest_due": instant_text(newest) if newest else None,
        "sample": list(held.numbers),
    }


def _show(held: Held, output: Output) -> None:
    told = _said(held)
    output.note(f"  messages    {held.count}, to {held.people} people")
    for name in ("lifecycle", "message", "channel"):
        counts = ", ".join(f"{kind} {number}" for kind, number in told[f"by_{name}"].items())
        if counts:
            output.note(f"  by {name:<9}{escaped(counts)}")
    if told["oldest_due"]:
        output.note(f"  due         {told['oldest_due']} to {told['newest_due']}")
    if held.numbers:
        output.note(f"  such as     {escaped(', '.join(held.numbers))}")
