"""A lifecycle is a folder with everything in it; what is missing is said in one sentence each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import lifecycles
from shared.brands import brand_ids, load_brand
from shared.domain.events import Channel
from shared.domain.lifecycle import Spec

TESTS = Path(__file__).parents[1]
HERE = Path(lifecycles.__file__).parent
LOCALES = sorted({locale for brand in brand_ids() for locale in load_brand(brand).locales})


def missing(folder: Path, spec: Spec | None, tests: Path = TESTS) -> Iterator[str]:
    """What a lifecycle's folder lacks, a sentence each. ``spec`` None: it has none yet."""
    name = folder.name
    needed = {
        folder / "__init__.py": "makes it a package: one line that says what it does",
        folder / "lifecycle.py": "has SPEC, decide and content",
        folder / "workflow.asl.json": "is its state machine: copy another's and rename the steps",
        tests / "lifecycles" / f"test_{name}.py": "holds its rules",
        tests / "workflows" / "lives" / f"{name}.py": "leads its state machine to every state",
    }
    for message in spec.messages if spec else ():
        templates = folder / "templates"
        needed[templates / f"{message}.sample.json"] = "is what its templates get, by example"
        needed[templates / f"{message}.mjml.j2"] = "lays out its mail"
        for locale in LOCALES:
            needed[templates / locale / f"{message}.txt.j2"] = f"has its words ({locale})"
            if spec and Channel.SMS in spec.channels:
                needed[templates / locale / f"{message}.sms.j2"] = f"is its SMS ({locale})"
    for path, purpose in needed.items():
        if not path.exists():
            yield f"{name}: {path.name} is missing in {path.parent.name}/, which {purpose}."
    if spec is not None and spec.name != name:
        yield f"{name}: SPEC.name is {spec.name}, but the folder's name is its token."
    if spec is not None and (folder / "workflow.asl.json").exists():
        text = (folder / "workflow.asl.json").read_text("utf-8")
        steps = json.dumps(json.loads(text)["States"])
        for message in spec.messages:
            if f"'{message}'" not in steps:
                yield f"{name}: no step of its workflow.asl.json sends {message!r}."


@pytest.mark.parametrize(
    "folder",
    [path for path in sorted(HERE.iterdir()) if path.is_dir() and path.name[0] not in "._"],
    ids=lambda folder: folder.name,
)
def test_nothing_is_missing(folder: Path) -> None:
    spec = lifecycles.load(folder.name).SPEC if (folder / "lifecycle.py").exists() else None
    assert list(missing(folder, spec)) == []


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "anniversary"
    folder.mkdir()
    first, *others = missing(folder, None, tmp_path)
    assert first.startswith("anniversary: __init__.py is missing in anniversary/, which makes it")
    assert [sentence.split()[1] for sentence in others] == [
        "lifecycle.py",
        "workflow.asl.json",
        "test_anniversary.py",
        "anniversary.py",
    ]
    spec = lifecycles.load("delay_alert").SPEC
    found = list(missing(folder, spec, tmp_path))
    assert ("anniversary: late.sms.j2 is missing in ja/, which is its SMS (ja).") in found
    assert "anniversary: SPEC.name is delay_alert, but the folder's name is its token." in found
    (folder / "workflow.asl.json").write_text('{"States": {}}', "utf-8")
    found = list(missing(folder, spec, tmp_path))
    assert "anniversary: no step of its workflow.asl.json sends 'late'." in found
