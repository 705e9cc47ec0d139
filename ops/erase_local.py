"""On this machine what was played is kept as well: the lines that name a person go out of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from ops.erasing import Person, Work, names
from ops.errors import CommandError
from ops.output import Output
from shared.brands.directory import BrandDirectory
from shared.domain.errors import PermanentError, Rejected
from shared.domain.events import Fact
from shared.sources import Brands, read_event


def forget_scenario(person: Person, output: Output) -> None:
    """Take every line that names a person out of the last run's scenario.

    The run is not played as it was any more: what is erased never happened there. Raises
    CommandError where there is no run.
    """
    from local.mailbox import store

    try:
        run = store.load()
    except store.NoRun as error:
        raise CommandError(str(error)) from None
    directory = BrandDirectory(tuple(brand.id for brand in run.mailbox.brands))
    brands = Brands(of_shop=directory.of_shop, required=False, known=directory.ids())
    orders = {
        order.order_id
        for order in run.mailbox.orders
        if order.brand == person.brand
        and ((order.email or "") in person.emails or (order.phone or "") in person.phones)
    }
    work = Work(orders=orders, keys={*person.keys}, addresses=set(), numbers=set())
    lines = run.scenario.splitlines()
    numbers = {number for line in lines for number in _parcels(line, work, brands)}
    left = [
        line
        for line in lines
        if not names(person, work, _event(line), brands)
        and not _numbers(_facts(line, brands)) & numbers
    ]
    store.save(replace(run, scenario="\n".join(left) + "\n"))
    output.note(f"{len(lines) - len(left)} lines went out of what was played.")


def _parcels(line: str, work: Work, brands: Brands) -> frozenset[str]:
    """The tracking numbers that a line gives to the person's orders: carriers name nothing else."""
    facts = _facts(line, brands)
    return _numbers(fact for fact in facts if fact.order_id in work.orders)


def _numbers(facts: Iterable[Fact]) -> frozenset[str]:
    named = (getattr(fact.data, "tracking_number", None) for fact in facts)
    return frozenset(number for number in named if number)


def _facts(line: str, brands: Brands) -> tuple[Fact, ...]:
    try:
        return read_event(_event(line), brands).facts
    except (Rejected, PermanentError):
        return ()


def _event(line: str) -> str:
    """What arrives with a line: an envelope by itself can be read as one."""
    said = json.loads(line) if line.lstrip().startswith("{") else {}
    return json.dumps(said["event"]) if "event" in said else line
