"""What people do to a brand's sending: they suppress an address, pause, resume and approve.

Each is one write, and then everybody who was held is asked to look again
(``Publisher.reconsider``). A crash in between leaves the switch as it was set: what waits looks by
itself within the hour, and the same command may be given again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.controls import ALL, MARKETING, Approval, Controls, Pause
from shared.domain.customers import MANUAL, Suppression
from shared.domain.decisions import Verdict
from shared.domain.events import Channel
from shared.domain.folding import fold
from shared.domain.gate import evaluate
from shared.domain.inputs import situation
from shared.domain.ledger import LedgerEntry
from shared.domain.lifecycle import Lifecycle
from shared.domain.reasons import Reason
from shared.domain.values import address_key
from shared.ports import World
from shared.usecases.limits import switch
from shared.usecases.reports import good_again
from shared.usecases.situations import read_inputs, suppression_of

# Who approves a ceiling has looked at what is behind it: it is off for a day.
LIFTED_FOR = timedelta(hours=24)
SAMPLE = 5


class HeldMessages(Protocol):
    """Finds what is held. For people only: it reads the whole table."""

    def held(self, brand: str, reasons: Collection[Reason]) -> tuple[LedgerEntry, ...]:
        """The brand's entries that stand at one of these reasons, sorted by their identity."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Messages that wait for people, counted.

    ``people``: how many different ones; ``numbers``: some of the orders, as customers know them.
    """

    entries: tuple[LedgerEntry, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many messages."""
        return len(self.entries)

    @property
    def people(self) -> int:
        """How many people would get them; an order without a person counts as one."""
        return len({entry.customer_key or entry.key.order_id for entry in self.entries})

    @property
    def due(self) -> tuple[datetime | None, datetime | None]:
        """When the oldest and the newest of them were due."""
        times = sorted(entry.due_at for entry in self.entries if entry.due_at is not None)
        return (times[0], times[-1]) if times else (None, None)

    def by(self, what: Callable[[LedgerEntry], str]) -> dict[str, int]:
        """How many of each kind, the most first."""
        return dict(Counter(what(entry) for entry in self.entries).most_common())


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """What a change did: the switches as they stand then, and who was asked to look again."""

    controls: Controls
    woken: int = 0
    held: Held = field(default_factory=Held)


# --- addresses ---------------------------------------------------------------------------------


def suppression(world: World, brand: str, channel: Channel, address: str) -> Suppression | None:
    """Why an address must not be used, or None."""
    return suppression_of(world, brand, channel, address)


def suppress(
    world: World, brand: str, channel: Channel, address: str, *, by: str, why: str
) -> Suppression:
    """Never use this address again. Returns what stands."""
    return _say(world, brand, channel, address, lifted=False, by=by, why=why)


def unsuppress(
    world: World, brand: str, channel: Channel, address: str, *, by: str, why: str
) -> Suppression:
    """Use this address after all, whatever was said of it until now.

    Consent is another matter: who complained has refused marketing as well, and this renews
    nothing. What comes back from now on counts anew.
    """
    good_again(world, brand, channel, address, world.clock.now())
    return _say(world, brand, channel, address, lifted=True, by=by, why=why)


def _say(
    world: World, brand: str, channel: Channel, address: str, *, lifted: bool, by: str, why: str
) -> Suppression:
    word = Suppression(
        channel=channel, reason=MANUAL, since=world.clock.now(), lifted=lifted, by=by, why=why
    )
    world.customers.suppress(brand, address_key(brand, channel, address), word)
    return word


# --- pauses and the brake ----------------------------------------------------------------------


def pause(world: World, brand: str, scope: str, *, by: str, why: str) -> Controls:
    """Stop a lifecycle, MARKETING or ALL. A pause that stands already stays as it is."""
    since = world.clock.now()

    def change(known: Controls) -> Controls:
        pauses = {scope: Pause(since=since, by=by, why=why), **known.pauses}
        return replace(known, pauses=pauses)

    return switch(world, brand, change)


def behind(
    world: World, search: HeldMessages, brand: str, scope: str | None, *, brake: bool
) -> Held:
    """What a pause (``scope``) and the brake hold back."""
    reasons = {Reason.PAUSED} if scope else set()
    reasons |= {Reason.BRAKED} if brake else set()
    entries = search.held(brand, reasons) if reasons else ()
    return _told(world, (e for e in entries if e.reason is Reason.BRAKED or _in(scope, e)))


def resume(
    world: World, search: HeldMessages, brand: str, scope: str | None, *, brake: bool
) -> Switched:
    """Take a pause back, and release the brake; what they held looks again at once.

    What came back before the brake was released no longer counts against the brand.
    """
    now = world.clock.now()

    def change(known: Controls) -> Controls:
        pauses = {name: pause for name, pause in known.pauses.items() if name != scope}
        if brake and known.brake is not None:
            known = replace(known, brake=None, brake_released_at=now)
        return replace(known, pauses=pauses)

    controls = switch(world, brand, change)
    held = behind(world, search, brand, scope, brake=brake)
    return Switched(controls=controls, woken=wake(world, held, "resume"), held=held)


def _in(scope: str | None, entry: LedgerEntry) -> bool:
    return scope == ALL or (scope == MARKETING and entry.marketing) or scope == entry.key.lifecycle


# --- approval of the past ----------------------------------------------------------------------


def awaiting_approval(
    world: World,
    search: HeldMessages,
    lifecycle: Lifecycle,
    brand: str,
    *,
    at: datetime,
    historical: bool = False,
) -> Held:
    """The messages that an approval given at ``at`` lets go, and no others.

    Each is judged by the very rules that will judge it then: what has expired, was refused or is
    not wanted any more is not among them. ``historical``: what imported orders would still say;
    what is about their past needs an approval of its own after that.
    """
    spec, reason = lifecycle.SPEC, Reason.HISTORICAL if historical else Reason.UNAPPROVED
    approval = Approval(lifecycle=spec.name, at=at, by="", count=0, historical=historical)
    waiting: dict[str, dict[str, LedgerEntry]] = {}
    for entry in search.held(brand, {reason}):
        known_at = at if historical else entry.held_since
        if entry.key.lifecycle == spec.name and known_at is not None and known_at <= at:
            waiting.setdefault(entry.key.order_id, {})[entry.key.occurrence] = entry
    released = []
    for order_id, entries in waiting.items():
        read = read_inputs(world, spec, brand, order_id)
        controls = read.controls.with_approval(approval)
        seen = situation(replace(read, controls=controls), spec, world.brands.policy(brand))
        for one in evaluate(spec, lifecycle.decide, seen):
            said, held = one.candidate, entries.get(one.candidate.occurrence)
            goes = said.verdict is not Verdict.SKIP and said.reason is not Reason.UNAPPROVED
            if held is not None and goes:
                due = said.due_at or held.due_at
                released.append(replace(held, due_at=due, message=said.message))
    return _told(world, released)


def approve(
    world: World, brand: str, held: Held, lifecycle: str, *, at: datetime, by: str, historical: bool
) -> Switched:
    """Let go what was counted: ``held``, known by ``at``. Nothing that turns up later."""
    approval = Approval(lifecycle=lifecycle, at=at, by=by, count=held.count, historical=historical)
    controls = switch(world, brand, lambda known: known.with_approval(approval))
    return Switched(controls=controls, woken=wake(world, held, "approve"), held=held)


def parked(world: World, search: HeldMessages, brand: str, lifecycle: str) -> Held:
    """What a lifecycle's ceiling holds back."""
    entries = search.held(brand, {Reason.CEILING})
    return _told(world, (entry for entry in entries if entry.key.lifecycle == lifecycle))


def lift_ceiling(world: World, brand: str, held: Held, lifecycle: str) -> Switched:
    """No ceiling for a lifecycle for ``LIFTED_FOR``; what it held looks again at once."""
    until = world.clock.now() + LIFTED_FOR

    def change(known: Controls) -> Controls:
        ceilings = {name: at for name, at in known.ceilings.items() if name != lifecycle}
        return replace(known, ceilings=ceilings, lifted={**known.lifted, lifecycle: until})

    controls = switch(world, brand, change)
    return Switched(controls=controls, woken=wake(world, held, "approve"), held=held)


# --- both --------------------------------------------------------------------------------------


def wake(world: World, held: Held, cause: str) -> int:
    """Ask the lifecycles of all that is held to look again, each once per order."""
    keys = (entry.key for entry in held.entries)
    waiting = dict.fromkeys((key.brand, key.order_id, key.lifecycle) for key in keys)
    for brand, order_id, lifecycle in waiting:
        world.publisher.reconsider(brand, order_id, lifecycle, cause)
    return len(waiting)


def _told(world: World, entries: Iterable[LedgerEntry]) -> Held:
    held = tuple(entries)
    orders = dict.fromkeys((entry.key.brand, entry.key.order_id) for entry in held)
    shown = [fold(world.orders.load(brand, order)) for brand, order in list(orders)[:SAMPLE]]
    return Held(entries=held, numbers=tuple(order.number or order.order_id for order in shown))
