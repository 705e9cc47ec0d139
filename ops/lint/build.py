"""What app.py asks before it builds: no package is made of messages that break a rule.

The answer is kept in .build, under a digest of everything that it depends on: a synthesis of
messages that have not changed waits for nothing, and does not even load the linter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SHOWN = 20


class LintError(Exception):
    """The messages break rules; the text says which and where."""


def refuse(kept: Path | None = None) -> None:
    """End the build where a message breaks a rule.

    Args:
        kept: where the answer is kept; the repository's own .build folder if not given.

    Raises:
        LintError: with the first findings, one line each.
    """
    folder = kept or ROOT / ".build"
    clean = folder / f"messages-{_digest()}"
    if clean.is_file():
        return
    from ops.lint.run import lint

    found = lint()
    if found:
        lines = [f"  {one.place}: {one.code}, {one.what}" for one in found[:_SHOWN]]
        lines += [f"  and {len(found) - _SHOWN} more"] * (len(found) > _SHOWN)
        raise LintError(
            "The messages break rules, so nothing is built. `yoin lint` says more.\n"
            + "\n".join(lines)
        )
    folder.mkdir(exist_ok=True)
    for old in folder.glob("messages-*"):
        old.unlink(missing_ok=True)
    clean.touch()


def _digest() -> str:
    """A digest of the messages, of what they are rendered with, and of the rules."""
    digest = hashlib.sha256((ROOT / "requirements-dev.txt").read_bytes())
    for path in _inputs():
        digest.update(f"{path.relative_to(ROOT).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _inputs() -> Iterator[Path]:
    for folder in ("shared/brands", "shared/lifecycles", "shared/messages", "ops/lint"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                yield path
