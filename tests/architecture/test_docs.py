"""The documentation does not lie: every path, link, make target and command in it is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]

each_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix()
)


def without_fences(text: str) -> str:
    """The text without its code blocks, whose `#` are no headings."""
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them from its headings."""
    text = without_fences(page.read_text("utf-8"))
    headings = re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)
    named = set(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    return named | {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings
    }


def test_there_are_pages() -> None:
    assert ROOT / "README.md" in PAGES


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    text = without_fences(page.read_text("utf-8"))
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        led = (page.parent / path).resolve() if path else page
        assert led.exists(), f"{target} is not there"
        if anchor and led.suffix == ".md":
            assert anchor in anchors(led), f"{target} has no such heading"


def code(text: str) -> list[str]:
    """What stands in backticks, and the lines of code blocks."""
    blocks = re.findall(r"^```(?!mermaid)[^\n]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return re.findall(r"`([^`\n]+)`", without_fences(text)) + lines


def is_placeholder(path: str) -> bool:
    return bool(re.search(r"[<>*{}…$]|\b[A-Z]{4,}\b|\bname\b|\.\.\.", path))


@each_page
def test_every_path_is_there(page: Path) -> None:
    folders = "|".join(
        sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != ".")
    )
    for span in code(page.read_text("utf-8")):
        for path in re.findall(rf"(?<![\w./-])(?:{folders})/[\w./*<>{{}}…$-]*", span):
            if not is_placeholder(path):
                assert (ROOT / path.rstrip(".:")).exists(), f"{path} is not there"


@each_page
def test_every_make_target_is_there(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^\.PHONY: (\w+)$", makefile, re.MULTILINE))
    for span in code(page.read_text("utf-8")):
        for target in re.findall(r"(?:^|&& )make ([a-z]+)", span):
            assert target in targets, f"make {target} is no target"


@cache
def yoin(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from ops.cli import main; main()", *arguments],
        cwd=ROOT,
        # Wide and plain, so that no option's name is broken in two.
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=False,
    )


@each_page
def test_every_command_and_option_is_there(page: Path) -> None:
    for span in code(page.read_text("utf-8")):
        found = re.match(r"(?:\.venv/bin/)?yoin ((?:consent )?[a-z]+)(.*)", span)
        if not found:
            continue
        answer = yoin(*found[1].split(), "--help")
        assert answer.returncode == 0, f"yoin {found[1]} is no command"
        for option in re.findall(r"(?<=\s)--[a-z-]+", found[2].partition("#")[0]):
            assert option in answer.stdout, f"yoin {found[1]} has no {option}"
