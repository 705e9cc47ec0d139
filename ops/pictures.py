"""Pictures of messages, taken with a Chromium of this machine: for the README and for reviews."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from local.mailbox.model import Mail
from ops.errors import CommandError

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")

WIDTH = 375
"""CSS pixels: the phone on which most customers read."""

_SCALE = 2
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-prefers-reduced-motion",
    "--virtual-time-budget=4000",
)
_TIMEOUT = 60  # seconds

# The mail stands in a frame that may do nothing; the page around it, which is ours, measures it.
_MEASURE = """<!doctype html><meta charset=utf-8><style>body{{margin:0;background:#fff}}
iframe{{border:0;display:block;width:{width}px}}</style>
<iframe sandbox="allow-same-origin" srcdoc="{mail}"></iframe><script>
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {{
  const height = frame.contentDocument.documentElement.scrollHeight;
  frame.style.height = height + "px";
  document.documentElement.dataset.height = height;
}});
</script>"""


def browser() -> str:
    """The Chromium to use: ``$YOIN_BROWSER``, else the first that is found.

    Raises CommandError where there is none.
    """
    wanted = os.environ.get("YOIN_BROWSER")
    for name in (wanted,) if wanted else BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    raise CommandError(
        f"pictures need {wanted or 'Chromium or Chrome'}, which is not installed; install it, or "
        "name one in YOIN_BROWSER"
    )


def take(mails: Iterable[Mail], folder: Path) -> Iterator[tuple[Mail, Path]]:
    """A picture of every email among ``mails``, in its whole length, as a phone shows it.

    Raises CommandError where there is no browser or it fails.
    """
    program = browser()
    folder.mkdir(parents=True, exist_ok=True)
    for mail in mails:
        if mail.html is not None:
            path = folder / f"{mail.message_id}.png"
            photograph(program, mail.html, path)
            yield mail, path


def photograph(program: str, document: str, path: Path, *, width: int = WIDTH) -> None:
    """One HTML document as PNG, ``width`` CSS pixels wide and as long as it is."""
    with tempfile.TemporaryDirectory(prefix="yoin-picture-") as name:
        page = Path(name) / "page.html"
        page.write_text(_MEASURE.format(width=width, mail=html.escape(document)), encoding="utf-8")
        dumped = _run(program, name, [f"--window-size={width},800", "--dump-dom", page.as_uri()])
        found = re.search(r'data-height="(\d+)"', dumped)
        if found is None:
            raise CommandError(f"{program} could not lay out {path.stem}")
        _run(
            program,
            name,
            [
                f"--window-size={width},{found.group(1)}",
                f"--force-device-scale-factor={_SCALE}",
                f"--screenshot={path.resolve()}",
                page.as_uri(),
            ],
        )
    if not path.is_file():
        raise CommandError(f"{program} wrote no picture of {path.stem}")


def _run(program: str, folder: str, arguments: list[str]) -> str:
    command = [program, *_FLAGS, f"--user-data-dir={folder}/profile", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program and arguments of ours
            command, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise CommandError(f"{program} did not answer within {_TIMEOUT} seconds") from None
    if done.returncode != 0:
        raise CommandError(f"{program} failed: {done.stderr.strip()[-200:]}")
    return done.stdout
