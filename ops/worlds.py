"""The world that a command works on: a deployed stage, or the last run on this machine.

A deployed stage is reached with the caller's own AWS credentials, through the very adapters that
are deployed. The last run is played again up to its end, changed, and kept with the change in it:
`yoin explain` and `yoin serve` know it from then on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from infra.config import STAGES, Stage
from ops.errors import CommandError, WrongUse, choices
from ops.output import Output
from shared.domain.errors import PermanentError
from shared.ports import Clock, Letter, World

if TYPE_CHECKING:
    from local.runtime import LocalStack
    from shared.adapters.aws.people import PeoplesTable


class NoLetters:
    """A renderer for commands: they send nothing."""

    def letter(self, **_: object) -> Letter:
        """The port's method."""
        raise PermanentError("a command sends nothing")


@dataclass(kw_only=True)
class Workplace:
    """Where a command works. ``stack``: the local one; None for a deployed stage.

    ``keep``: lines of a scenario by which the same would be done again; ``changed``: the local run
    is kept anew without any.
    """

    stage: Stage
    world: World
    table: PeoplesTable
    stack: LocalStack | None = None
    keep: list[dict[str, Any]] = field(default_factory=list)
    changed: bool = False


def stage_of(name: str, brand: str | None) -> Stage:
    """A stage by its name, its region set. Raises WrongUse for one, or a brand, that is none."""
    if name not in STAGES:
        raise WrongUse(f"there is no stage {name!r}; there are {choices(sorted(STAGES))}")
    stage = STAGES[name]
    if brand is not None and brand not in stage.brands:
        raise WrongUse(f"stage {name} has no brand {brand!r}; it has {choices(stage.brands)}")
    if stage.region:
        os.environ.setdefault("AWS_REGION", stage.region)
    return stage


@contextmanager
def workplace(stage_name: str | None, brand: str, output: Output) -> Iterator[Workplace]:
    """The world of a deployed stage, or (None) of the last local run.

    A local run is kept with what the block put into ``keep``. Raises WrongUse for a stage or brand
    that there is not, CommandError where nothing can be reached.
    """
    stage = stage_of(stage_name or "local", brand)
    if stage_name is None:
        with _last_run(output) as place:
            yield place
        return
    from botocore.exceptions import BotoCoreError, ClientError

    from ops.deployed import why
    from shared.adapters.aws.clock import SystemClock
    from shared.domain.errors import RetryableError

    try:
        yield _place(stage, SystemClock())
    except (RetryableError, BotoCoreError, ClientError) as error:
        raise CommandError(why(error, stage.name, f"stage {stage.named()}")) from error


def _place(stage: Stage, clock: Clock, stack: LocalStack | None = None) -> Workplace:
    from shared.adapters.aws import clients
    from shared.adapters.aws.people import PeoplesTable

    return Workplace(
        stage=stage,
        world=world_of(stage, clock),
        table=PeoplesTable(clients.dynamodb, stage.named()),
        stack=stack,
    )


def local_place(stack: LocalStack) -> Workplace:
    """The world of a running local stack."""
    return _place(STAGES["local"], stack.clock, stack)


def world_of(stage: Stage, clock: Clock) -> World:
    """All ports of a stage, for somebody with credentials for it. Nothing can be sent."""
    from shared.adapters.aws import clients, dynamodb
    from shared.adapters.aws.erasures import DynamoErasures, ErasureKeys
    from shared.adapters.aws.eventbridge import BusPublisher
    from shared.adapters.aws.hook_secrets import LiveSecrets
    from shared.adapters.aws.ses import SesQuota
    from shared.adapters.aws.sqs import SqsQuarantine
    from shared.adapters.aws.table import Table
    from shared.brands.directory import BrandDirectory

    secrets = LiveSecrets(clients.secretsmanager, clock, stage.named())
    table = Table(clients.dynamodb, stage.named(), clock, retention_days=stage.retention_days)
    return World(
        clock=clock,
        orders=dynamodb.DynamoOrders(table),
        customers=dynamodb.DynamoCustomers(table),
        ledger=dynamodb.DynamoLedger(table),
        brands=BrandDirectory(stage.brands),
        publisher=BusPublisher(clients.events, stage.named()),
        renderer=NoLetters(),
        senders={},
        quarantine=SqsQuarantine(clients.sqs, lambda: ""),
        controls=dynamodb.DynamoControls(table),
        counters=dynamodb.DynamoCounters(table),
        mail_quota=SesQuota(clients.ses, clock),
        inputs=dynamodb.DynamoInputs(table),
        erasures=DynamoErasures(table, ErasureKeys(secrets)),
    )


@contextmanager
def _last_run(output: Output) -> Iterator[Workplace]:
    from local.mailbox import site, store
    from local.mailbox.engine import SETTLE
    from local.runtime import LocalStack
    from local.scenario import Journey, parse
    from ops.playing import progress

    try:
        run = store.load()
    except store.NoRun as error:
        raise CommandError(str(error)) from None
    lines = parse(run.scenario)
    first = min((line.at for line in lines), default=run.until)
    stories = {(o.brand, o.order_id): o.story for o in run.mailbox.orders if o.story}
    with progress(output, first, run.until) as (say, on_day):
        say("Playing the last run again")
        stack = LocalStack.start(at=first)
    with stack:
        journey = Journey(stack, brand=run.brand)
        journey.play(lines, until=run.until, on_day=on_day)
        place = local_place(stack)
        yield place
        if not place.keep and not place.changed:
            return
        stack.settle(SETTLE)
        kept = "\n".join(_line(run.until, line) for line in place.keep)
        after = replace(
            run,
            mailbox=journey.mailbox(run.mailbox.title, stories=stories),
            scenario=f"{run.scenario.rstrip()}\n{kept}\n",
            until=stack.now,
        )
        store.save(after)
        site.build(after.mailbox, store.site_folder())


def _line(at: datetime, said: Mapping[str, Any]) -> str:
    return json.dumps({"at": at.isoformat(), **said}, ensure_ascii=False)


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether a person at the terminal says yes; asked on standard error.

    Raises WrongUse where nobody is there to be asked.
    """
    import sys

    if yes:
        return True
    if not sys.stdin.isatty():
        raise WrongUse("nobody is there to be asked; say --yes")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes", "はい"}


def whoami(by: str | None) -> str:
    """Who does it: as given, else the name of this machine's user."""
    import getpass

    try:
        return by or getpass.getuser()
    except (KeyError, OSError):
        raise WrongUse("say who you are: --by NAME") from None
