"""Whoever opens a source's file finds the same rooms in the same order."""

from __future__ import annotations

import ast
import importlib
import inspect
import re

import pytest

from shared.sources import Kind, sources

TOLD = ("Documentation", "Events", "Signature", "Retry", "Order", "Duplicates", "Readings")
ROOMS = (
    "recognises",
    "matches",
    "open_envelope",
    "is_ping",
    "topic_of",
    "split",
    "event_id",
    "missing",
    "normalize",
)
NAMES = [s.name for s in sources() if s.kind in {Kind.CARRIER, Kind.AGGREGATOR, Kind.MESSAGES}]
# A platform's file is long: its helpers stand beside what they help, in sections.
PLATFORMS = [s.name for s in sources() if s.kind is Kind.COMMERCE]
SECTIONS = ["events and topics", "what is fetched", "normalizing", "orders"]
# What shared/contracts has for all of them, under the names that the copies had.
COPIES = r"^def (_build|_needed\w*|_finer|_yes|_parts)\("


@pytest.mark.parametrize("name", [*NAMES, *PLATFORMS])
def test_the_docstring_tells_the_same_in_the_same_order(name: str) -> None:
    text = inspect.getdoc(importlib.import_module(f"shared.sources.{name}")) or ""
    labels = "|".join(TOLD)
    found = re.findall(rf"^(?:- )?({labels})(?: of \w+)?(?:: | that are ours$)", text, re.MULTILINE)
    assert tuple(dict.fromkeys(found)) == TOLD


@pytest.mark.parametrize("name", NAMES)
def test_the_functions_of_a_source_stand_before_its_readers(name: str) -> None:
    module = importlib.import_module(f"shared.sources.{name}")
    tree = ast.parse(inspect.getsource(module))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    rooms = [function for function in functions if not function.startswith("_")]
    assert rooms == sorted(rooms, key=ROOMS.index)
    assert functions[: len(rooms)] == rooms, "readers come behind normalize"
    last = tree.body[-1]
    assert isinstance(last, ast.Assign), "SOURCE is the last room"
    assert [target.id for target in last.targets if isinstance(target, ast.Name)] == ["SOURCE"]


@pytest.mark.parametrize("name", [*NAMES, *PLATFORMS])
def test_the_sections_of_a_source_stand_in_the_same_order(name: str) -> None:
    text = inspect.getsource(importlib.import_module(f"shared.sources.{name}"))
    sections = re.findall(r"^# --- (.*?) -+$", text, re.MULTILINE)
    told = [section for section in SECTIONS if section in sections]
    assert "normalizing" in told
    assert sections[: len(told)] == told
    assert sections[-1] == "declaration"


@pytest.mark.parametrize("name", PLATFORMS)
def test_the_rooms_of_a_platform_stand_in_the_same_order(name: str) -> None:
    text = inspect.getsource(importlib.import_module(f"shared.sources.{name}"))
    rooms = re.findall(r"^def ([a-z]\w+)\(", text, re.MULTILINE)
    assert rooms == sorted(rooms, key=ROOMS.index)
    assert re.findall(COPIES, text, re.MULTILINE) == []
