"""The pages in docs are what the code says, and importing the contracts stays lean."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ops.generate import DOCS, PAGES, _anchor, events_page, sources_page
from shared.domain.events import FACTS
from shared.sources import sources


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_pages_are_current(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run: python -m ops.generate"


def test_every_source_has_its_place() -> None:
    page = sources_page()
    for source in sources():
        assert f"## {source.title}\n" in page
        assert f"](#{_anchor(source.title)})" in page


def test_the_page_has_every_fact() -> None:
    page = events_page()
    assert all(f"### {name}\n" in page for name in FACTS)


def test_a_function_that_parses_nothing_does_not_import_the_libraries() -> None:
    heavy = ("pydantic", "phonenumbers", "email_validator", "iso4217")
    code = (
        "import sys, shared.contracts, shared.sources; shared.sources.sources(); "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run(  # a fresh process: this one has them all
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=DOCS.parent
    )
    assert done.stdout.strip() == "[]"
