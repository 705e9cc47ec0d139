"""`yoin lint`: what is wrong with the messages, by rule, with the rule's source."""

from __future__ import annotations

from itertools import groupby

from ops.errors import OK, PROBLEM
from ops.lint.rules import RULES, Finding
from ops.lint.run import lint
from ops.output import Output, escaped


def lint_messages(output: Output) -> int:
    """Print every finding; the exit code says whether there is one."""
    found = sorted(lint(), key=lambda one: ([*RULES].index(one.code), one))
    for code, ones in groupby(found, key=lambda one: one.code):
        _show(code, [*ones], output)
    if not found:
        output.say(f"Every message keeps the {len(RULES)} rules (docs/templates.md).")
        return OK
    output.note(f"{len(found)} findings")
    return PROBLEM


def _show(code: str, found: list[Finding], output: Output) -> None:
    rule = RULES[code]
    output.say(f"[bold]{code}[/bold]  {escaped(rule.ja)} / {escaped(rule.en)}")
    output.say(f"[dim]{escaped(rule.source)}[/dim]")
    for one in found:
        seen = f"  [dim]{escaped(one.seen)}[/dim]" if one.seen else ""
        output.say(f"  {escaped(one.place)}: {escaped(one.what)}{seen}")
        output.line(
            {
                "code": code,
                "place": one.place,
                "what": one.what,
                "seen": one.seen,
                "ja": rule.ja,
                "en": rule.en,
                "source": rule.source,
            }
        )
    output.say()
