"""Payloads that others published, read in place where they are on the machine, for every source.

They are not part of this project (see their PROVENANCE.md) and not needed to build or to test it:
without them these tests are skipped. `YOIN_PAYLOADS` names another folder. What must come of each
file stands beside the source's own samples, in ``PUBLISHED``.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import fact_to_json, parse_fact
from shared.domain.errors import Rejected
from shared.sources import normalize, receive_all, sources
from tests.sources import vendors

PAYLOADS = Path(os.environ.get("YOIN_PAYLOADS", Path(__file__).parents[3] / "shared" / "payloads"))

pytestmark = pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the published payloads are not here")

# Not of a platform or carrier: what Lambda gets, and Shopify's, which has a test of its own.
ELSEWHERE = {"aws", "shopify"}

Outcome = list[str] | tuple[str, str]


def _vendor(name: str) -> Any:
    return importlib.import_module(f"{vendors.__name__}.{name}")


def _expected() -> dict[tuple[str, str], Outcome]:
    names = [name for _, name, _ in pkgutil.iter_modules(vendors.__path__)]
    return {
        (name, stem): outcome
        for name in names
        for stem, outcome in getattr(_vendor(name), "PUBLISHED", {}).items()
    }


EXPECTED = _expected()


def outcome(source: str, stem: str) -> Outcome:
    """The types of the facts, or the refusal: of a thin event, that it has to be fetched."""
    topics: dict[str, str] = getattr(_vendor(source), "PUBLISHED_TOPICS", {})
    topic = next((t for prefix, t in topics.items() if stem.startswith(prefix)), None)
    raw = (PAYLOADS / source / f"{stem}.json").read_bytes()
    found = []
    try:
        for delivery in receive_all(raw, source=source, topic=topic):
            for fact in normalize(delivery):
                assert parse_fact(json.loads(json.dumps(fact_to_json(fact)))) == fact
                found.append(fact.metadata.type)
    except Rejected as error:
        return (error.code, error.detail)
    return found


@pytest.mark.parametrize(("source", "stem"), sorted(EXPECTED))
def test_every_published_payload_has_its_outcome(source: str, stem: str) -> None:
    expected, found = EXPECTED[source, stem], outcome(source, stem)
    if isinstance(expected, tuple):
        code, word = expected
        assert isinstance(found, tuple), f"{found}"
        assert found[0] == code
        assert word in found[1]
    else:
        assert found == expected
        assert outcome(source, stem) == found


def test_the_tables_name_every_file() -> None:
    if "YOIN_PAYLOADS" in os.environ:
        pytest.skip("other files than the tables are about")
    files = {
        (path.parent.name, path.stem)
        for path in PAYLOADS.glob("*/*.json")
        if path.parent.name not in ELSEWHERE
    }
    assert files == set(EXPECTED)


def test_every_folder_has_its_source() -> None:
    folders = {path.parent.name for path in PAYLOADS.glob("*/*.json")} - {"aws"}
    assert folders <= {source.name for source in sources()}
