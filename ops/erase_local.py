"""On this machine what was played is kept as well: the lines that name a person go out of it."""

from __future__ import annotations

import json
from dataclasses import replace

from ops.erasing import Person, Work, names
from ops.errors import CommandError
from ops.output import Output
from shared.brands.directory import BrandDirectory
from shared.sources import Brands


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
    left = [line for line in lines if not names(person, work, _event(line), brands)]
    store.save(replace(run, scenario="\n".join(left) + "\n"))
    output.note(f"{len(lines) - len(left)} lines went out of what was played.")


def _event(line: str) -> str:
    """What arrives with a line: an envelope by itself can be read as one."""
    said = json.loads(line) if line.lstrip().startswith("{") else {}
    return json.dumps(said["event"]) if "event" in said else line
