"""The `yoin` command: what it takes, how it fails. What each command does is in its own module.

Exit codes: 0 = all is well, 1 = a problem was found, 2 = the command was used wrongly. With
``--json`` standard output is JSON Lines and nothing else; notes and progress go to standard
error. Whatever goes wrong is one line on standard error; YOIN_DEBUG=1 shows the traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ops.errors import OK, PROBLEM, WRONG_USE, said

app = typer.Typer(
    name="yoin",
    help="Post-purchase lifecycle messages: look into them, play them, preview them.",
    epilog="Exit codes: 0 all is well, 1 a problem was found, 2 wrong use. "
    "YOIN_DEBUG=1 shows the traceback of an error.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[
    bool, typer.Option("--json", help="Print JSON Lines on standard output, and nothing else.")
]
BrandOption = Annotated[
    str | None, typer.Option("--brand", metavar="NAME", help="Only this brand, such as aoba.")
]

Named = Annotated[str, typer.Argument(metavar="BRAND", help="A brand, such as aoba.")]
StageOption = Annotated[
    str | None,
    typer.Option(
        "--stage",
        metavar="NAME",
        help="A deployed stage (with your AWS credentials) instead of the last local run.",
    ),
]
Email = Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help="An address.")]
Phone = Annotated[
    str | None, typer.Option("--phone", metavar="NUMBER", help="A number, as +819012345678.")
]
By = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who does it. Default: your name on this machine."),
]
Why = Annotated[
    str, typer.Option("--why", metavar="TEXT", help="What for, without personal data; recorded.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
CycleOption = Annotated[
    str | None, typer.Option("--lifecycle", metavar="NAME", help="Only this lifecycle.")
]
MarketingOption = Annotated[bool, typer.Option("--marketing", help="All marketing.")]
AllOption = Annotated[bool, typer.Option("--all", help="Everything, transactional mail too.")]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"yoin {version('yoin')}")
        raise typer.Exit


@app.callback()
def _yoin(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Options that stand before the command."""


@app.command()
def normalize(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="An EventBridge envelope, a webhook record {headers, body[, topic]}, or a bare "
            "body with --source and --topic. `-` is standard input.",
        ),
    ],
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="NAME", help="Who sent it, such as shopify."),
    ] = None,
    topic: Annotated[
        str | None,
        typer.Option("--topic", metavar="TOPIC", help="What it is, such as orders/create."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show which facts Yoin makes of a payload.

    The same code as in production. One line per file: the facts, or why it was rejected; exit
    code 1 if any was.

    Example: yoin normalize order.json --source shopify --topic orders/create --json
    """
    from ops.normalize import normalize_files
    from ops.output import Output

    raise typer.Exit(normalize_files(files, source, topic, Output(as_json=as_json)))


@app.command()
def replay(
    scenario: Annotated[
        Path,
        typer.Argument(metavar="SCENARIO.jsonl", help="What arrives, and when: one JSON per line."),
    ],
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="INSTANT|+120d",
            help="Play on until then: an instant with its offset, or a time after the first "
            "event (+12h, +30d). Default: +120d.",
        ),
    ] = None,
    brand: BrandOption = None,
    as_json: Json = False,
) -> None:
    """Play a scenario: what is sent, and what is not.

    The deployed code runs on the local stack under a virtual clock. Each line is
    {"at", "event": envelope}, {"at", "source", "topic", "body"} or
    {"at", "source", "topic", "body_file"}; or what vendors do, such as {"at", "post": {"path",
    "body"}, "sign"}: see local/vendors.py. The same scenario gives the same output, byte for
    byte. Afterwards `yoin explain` and `yoin serve` know the run.
    """
    from ops.output import Output
    from ops.replay import replay_file

    raise typer.Exit(replay_file(scenario, until, brand, Output(as_json=as_json)))


@app.command()
def explain(
    order: Annotated[
        str | None, typer.Argument(metavar="ORDER", help="An order's id or number.")
    ] = None,
    message: Annotated[
        str | None,
        typer.Option("--message", metavar="m-…", help="The message with this id, not an order."),
    ] = None,
    lifecycle: Annotated[
        str | None,
        typer.Option("--lifecycle", metavar="NAME", help="Only this lifecycle."),
    ] = None,
    brand: BrandOption = None,
    stage: Annotated[
        str | None,
        typer.Option(
            "--stage",
            metavar="NAME",
            help="Ask a deployed stage (with your AWS credentials) instead of the last local run.",
        ),
    ] = None,
    rerun: Annotated[
        bool,
        typer.Option(
            "--rerun/--no-rerun",
            help="Make each decision again from its stored inputs, and say whether it is the same.",
        ),
    ] = True,
    show_personal: Annotated[
        bool,
        typer.Option("--show-personal", help="Show the email address and phone number in full."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Say why each message of an order was sent or not.

    And what would have to change for another outcome. Of the last demo or replay on this
    machine, or of a deployed stage.
    """
    from ops.explain import Wanted, explain_order
    from ops.output import Output

    wanted = Wanted(order=order, message_id=message, lifecycle=lifecycle, brand=brand)
    output = Output(as_json=as_json)
    raise typer.Exit(explain_order(wanted, stage, output, rerun=rerun, show_personal=show_personal))


@app.command()
def preview(
    template: Annotated[
        str | None,
        typer.Argument(
            metavar="[TEMPLATE]",
            help="LIFECYCLE/MESSAGE or LIFECYCLE, such as delay_alert/absence. Default: all.",
        ),
    ] = None,
    locale: Annotated[
        str | None, typer.Option("--locale", metavar="ja|en", help="Only in this language.")
    ] = None,
    brand: BrandOption = None,
    channel: Annotated[
        str | None, typer.Option("--channel", metavar="email|sms", help="Only this channel.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to write. Default: .yoin/preview"),
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    png: Annotated[
        bool,
        typer.Option("--png", help="Write a picture of each email instead (needs Chromium)."),
    ] = False,
    pages: Annotated[
        bool, typer.Option("--pages", help="The pages of the preference centre instead.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Render messages from their samples.

    Example: yoin preview order_confirmation/confirmed --locale ja --open
    """
    from local.mailbox.store import home
    from ops.output import Output
    from ops.preview import Wanted, preview_pages, preview_templates
    from shared.domain.events import Channel

    wanted = Wanted(
        template=template,
        locale=locale,
        brand=brand,
        channel=Channel(_one_of("--channel", channel, [*Channel])) if channel else None,
    )
    (preview_pages if pages else preview_templates)(
        wanted,
        Output(as_json=as_json),
        folder=out or home() / "preview",
        show=show,
        pictures=png,
    )


@app.command()
def lint(as_json: Json = False) -> None:
    """Check every message against the law and our rules.

    Each template is rendered as it would be sent, for every brand and language, with and without
    marketing. Exit code 1 if a rule is broken; nothing is deployed then either.
    """
    from ops.lint.command import lint_messages
    from ops.output import Output

    raise typer.Exit(lint_messages(Output(as_json=as_json)))


@app.command()
def serve(
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="On this machine only.")
    ] = 8025,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin with an empty shop instead of the last run.")
    ] = False,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Serve the mailbox, with controls on a live stack.

    At http://127.0.0.1:8025: put events in, let time pass. It goes on where the last demo or
    replay ended. Only this machine can reach it.
    """
    from ops.serve import serve_mailbox

    serve_mailbox(port, fresh=fresh, show=show)


@app.command()
def demo(
    days: Annotated[
        int, typer.Option("--days", min=1, max=400, help="How many days to play.")
    ] = 120,
    show: Annotated[
        bool, typer.Option("--open", help="Open the mailbox in the browser afterwards.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Play 120 days of four shops on this machine.

    The synthesized template and the deployed code run in this process: no account, no network.
    Exit code 1 if anything happened that must never happen.
    """
    from ops.demo import play_demo
    from ops.output import Output

    raise typer.Exit(play_demo(days, Output(as_json=as_json), show=show))


@app.command()
def sources(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Everything about one, such as shopify.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the platforms and carriers that are understood."""
    from ops.output import Output
    from ops.sources import show_sources

    raise typer.Exit(show_sources(name, Output(as_json=as_json)))


@app.command()
def redrive(
    stage: Annotated[str, typer.Option("--stage", metavar="NAME", help="Which deployed stage.")],
    queue: Annotated[
        str, typer.Option("--queue", metavar="inlet|feedback|fetch", help="Whose dead letters.")
    ] = "inlet",
    code: Annotated[
        str | None,
        typer.Option("--code", metavar="CODE", help="Only what was refused with this code."),
    ] = None,
    message: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Only this one.")
    ] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Put what would be accepted now back to work.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="With --replay: what would be refused again as well.")
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Show the payloads too. They hold personal data.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what was refused or gave up, and replay it after a fix.

    For each event: what was wrong with it then, and what this version would make of it now.
    Nothing is taken away without --replay. Exit code 1 if something stays behind on --replay.

    Example: yoin redrive --stage prod --code UNKNOWN_BRAND --replay
    """
    from ops.output import Output
    from ops.redrive import Chosen
    from ops.redrive import redrive as run_redrive

    chosen = Chosen(code=code, message_id=message, replay=replay, force=force, raw=raw)
    raise typer.Exit(run_redrive(stage, queue, chosen, Output(as_json=as_json)))


@app.command()
def suppress(
    brand: Named,
    email: Email = None,
    phone: Phone = None,
    why: Why = "",
    by: By = None,
    yes: Yes = False,
    stage: StageOption = None,
    as_json: Json = False,
) -> None:
    """Never use an address again.

    Only this address of this brand, for every message. Example: yoin suppress aoba --email
    hanako@example.jp --why "asked us by telephone" --by Sato
    """
    from ops import operate
    from ops.output import Output

    asked = operate.Asked(brand=brand, stage=stage, by=by, why=why, yes=yes)
    raise typer.Exit(operate.suppress(asked, email, phone, Output(as_json=as_json)))


@app.command()
def unsuppress(
    brand: Named,
    email: Email = None,
    phone: Phone = None,
    why: Why = "",
    by: By = None,
    yes: Yes = False,
    stage: StageOption = None,
    as_json: Json = False,
) -> None:
    """Use an address again that was suppressed.

    It renews no consent. What bounces or complains after this counts anew.
    """
    from ops import operate
    from ops.output import Output

    asked = operate.Asked(brand=brand, stage=stage, by=by, why=why, yes=yes)
    raise typer.Exit(operate.unsuppress(asked, email, phone, Output(as_json=as_json)))


@app.command()
def pause(
    brand: Named,
    lifecycle: CycleOption = None,
    marketing: MarketingOption = False,
    everything: AllOption = False,
    why: Why = "",
    by: By = None,
    yes: Yes = False,
    stage: StageOption = None,
    as_json: Json = False,
) -> None:
    """Hold back what a brand sends, until `yoin resume`.

    Without an option: all marketing. Nothing is lost; what expires meanwhile is skipped.
    """
    from ops import operate
    from ops.output import Output

    scope = operate.scope_of(lifecycle, marketing=marketing, everything=everything)
    asked = operate.Asked(brand=brand, stage=stage, by=by, why=why, yes=yes)
    raise typer.Exit(operate.pause(asked, scope or "marketing", Output(as_json=as_json)))


@app.command()
def resume(
    brand: Named,
    lifecycle: CycleOption = None,
    marketing: MarketingOption = False,
    everything: AllOption = False,
    brake: Annotated[
        bool, typer.Option("--brake", help="Release the brake: bounces or complaints set it.")
    ] = False,
    why: Why = "",
    by: By = None,
    yes: Yes = False,
    stage: StageOption = None,
    as_json: Json = False,
) -> None:
    """Take a pause back, or release the brake.

    Shows what was held; all of it looks again at once. Without an option: all marketing.
    """
    from ops import operate
    from ops.output import Output

    scope = operate.scope_of(lifecycle, marketing=marketing, everything=everything)
    scope = scope or (None if brake else "marketing")
    asked = operate.Asked(brand=brand, stage=stage, by=by, why=why, yes=yes)
    raise typer.Exit(operate.resume(asked, scope, Output(as_json=as_json), brake=brake))


@app.command()
def approve(
    brand: Named,
    lifecycle: Annotated[str, typer.Argument(metavar="LIFECYCLE", help="Such as review_request.")],
    historical: Annotated[
        bool, typer.Option("--historical", help="What imported orders would still say.")
    ] = False,
    ceiling: Annotated[
        bool, typer.Option("--ceiling", help="Go on above the hourly ceiling for 24 hours.")
    ] = False,
    count: Annotated[
        int | None,
        typer.Option("--count", min=0, metavar="N", help="Instead of typing: exactly so many."),
    ] = None,
    why: Why = "",
    by: By = None,
    stage: StageOption = None,
    as_json: Json = False,
) -> None:
    """Let messages about the past go, by their number.

    A back-fill, a replay, a new lifecycle or a changed rule mails nobody about the past by itself.
    This shows how many wait, and lets exactly those go. Exit code 1 if the number differs.
    """
    from ops import operate
    from ops.output import Output

    asked = operate.Asked(brand=brand, stage=stage, by=by, why=why)
    raise typer.Exit(
        operate.approve(
            asked,
            lifecycle,
            Output(as_json=as_json),
            count=count,
            historical=historical,
            ceiling=ceiling,
        )
    )


# --- yoin consent ------------------------------------------------------------------------------

consent = typer.Typer(
    help="How people stand on consent, and the evidence of it.",
    no_args_is_help=True,
)
app.add_typer(consent, name="consent")

ChannelOption = Annotated[
    str, typer.Option("--channel", metavar="email|sms|line", help="What the word is about.")
]
TopicOption = Annotated[
    str | None,
    typer.Option("--topic", metavar="LIFECYCLE", help="Only this topic. Default: everything."),
]


@consent.command("show")
def consent_show(
    brand: Named,
    email: Email = None,
    phone: Phone = None,
    unmask: Annotated[
        bool, typer.Option("--unmask", help="Show the address in full. It is personal data.")
    ] = False,
    stage: StageOption = None,
    as_json: Json = False,
) -> None:
    """Show how a person stands per channel and topic, with all evidence.

    Exit code 1 if nothing is known of the address.
    """
    from ops.consent import show
    from ops.output import Output

    raise typer.Exit(show(brand, email, phone, stage, Output(as_json=as_json), unmask=unmask))


@consent.command("export")
def consent_export(
    brand: Named,
    email: Email = None,
    phone: Phone = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="The evidence as CSV, as `yoin consent import` takes it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON. That is the default.")] = False,
    stage: StageOption = None,
) -> None:
    """Print everything that is kept of a person's consents, for the person.

    It holds personal data in full.
    """
    from ops.consent import export
    from ops.errors import WrongUse
    from ops.output import Output

    if as_csv and as_json:
        raise WrongUse("--csv or --json, not both")
    raise typer.Exit(export(brand, email, phone, stage, Output(), as_csv=as_csv))


@consent.command("import")
def consent_import(
    brand: Named,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="UTF-8, with a header.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would happen; write nothing.")
    ] = False,
    stage: StageOption = None,
    as_json: Json = False,
) -> None:
    """Take in consents and refusals from elsewhere. It mails nobody.

    Columns: email, phone, channel, topic, granted, at, method, wording, confirmed, evidence. A bad
    row stops no other: it goes to FILE.csv.rejects.csv with what is wrong with it, and the exit
    code is 1. The newest word counts: a refusal on file stands against any older grant.
    """
    from ops.consent_import import import_file
    from ops.output import Output

    raise typer.Exit(import_file(brand, file, stage, Output(as_json=as_json), dry_run=dry_run))


@consent.command("grant")
def consent_grant(
    brand: Named,
    channel: ChannelOption,
    email: Email = None,
    phone: Phone = None,
    topic: TopicOption = None,
    by: By = None,
    why: Why = "",
    stage: StageOption = None,
    as_json: Json = False,
) -> None:
    """Note that a person told the shop: yes.

    Where the brand asks for a double opt-in it counts only once they have confirmed it.
    """
    from ops.consent import speak
    from ops.output import Output

    output = Output(as_json=as_json)
    raise typer.Exit(
        speak(
            brand, email, phone, stage, output,
            granted=True, channel=channel, topic=topic, by=by, why=why,
        )
    )  # fmt: skip


@consent.command("refuse")
def consent_refuse(
    brand: Named,
    channel: ChannelOption,
    email: Email = None,
    phone: Phone = None,
    topic: TopicOption = None,
    by: By = None,
    why: Why = "",
    stage: StageOption = None,
    as_json: Json = False,
) -> None:
    """Note that a person told the shop: no more. It counts at once."""
    from ops.consent import speak
    from ops.output import Output

    output = Output(as_json=as_json)
    raise typer.Exit(
        speak(
            brand, email, phone, stage, output,
            granted=False, channel=channel, topic=topic, by=by, why=why,
        )
    )  # fmt: skip


@app.command()
def erase(
    brand: Named,
    email: Email = None,
    phone: Phone = None,
    customer_id: Annotated[
        str | None, typer.Option("--customer-id", metavar="ID", help="The platform's own id.")
    ] = None,
    requests: Annotated[
        bool, typer.Option("--requests", help="Show who has asked for it and is still there.")
    ] = False,
    why: Why = "",
    by: By = None,
    yes: Yes = False,
    stage: StageOption = None,
    as_json: Json = False,
) -> None:
    """Remove one person everywhere, and prove it.

    Orders, messages, consents, schedules, dead letters. The whole table is looked through
    afterwards, byte by byte; exit code 1 if a trace is left. May be given again after a crash.
    """
    from ops.erase import erase as erase_person
    from ops.erase import requests as show_requests
    from ops.operate import Asked
    from ops.output import Output

    asked, output = (
        Asked(brand=brand, stage=stage, by=by, why=why, yes=yes),
        Output(as_json=as_json),
    )
    if requests:
        raise typer.Exit(show_requests(asked, output))
    raise typer.Exit(erase_person(asked, email, phone, customer_id, output))


def _one_of(option: str, value: str, known: Sequence[str]) -> str:
    from ops.errors import WrongUse, choices

    if value not in known:
        raise WrongUse(f"{option}: there is no {value!r}; there are {choices(known)}")
    return value


def run(arguments: Sequence[str]) -> int:
    """The command with these arguments; returns the exit code. Never raises, never exits."""
    debug = bool(os.environ.get("YOIN_DEBUG"))
    try:
        if not arguments:
            app(["--help"], prog_name="yoin", standalone_mode=False)
            return WRONG_USE
        code = app([*arguments], prog_name="yoin", standalone_mode=False)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever reads has gone (`yoin ... | head`): nothing to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEM
    except Exception as error:
        if debug:
            raise
        _complain(error, arguments)
        code = getattr(error, "exit_code", PROBLEM)
        return code if isinstance(code, int) else PROBLEM
    return code if isinstance(code, int) else OK


def _complain(error: Exception, arguments: Sequence[str]) -> None:
    if isinstance(error, typer.TyperException):
        # The parser's own words, and where to read more.
        commands = {
            command.callback.__name__ for command in app.registered_commands if command.callback
        }
        command = next((word for word in arguments if word in commands), "")
        text = " ".join(error.format_message().split()).rstrip(".")
        print(f"yoin: {text}; see `yoin{' ' if command else ''}{command} --help`", file=sys.stderr)
        return
    print(f"yoin: {said(error)}", file=sys.stderr)


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
