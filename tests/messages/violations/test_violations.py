"""Seeded violations: every one is caught, with exactly the rule that it breaks."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
import pytest

from ops.lint import files, run
from ops.lint.rules import RULES
from shared import brands
from shared.brands import Brand, load_brand, read_brand
from shared.messages import rendering
from shared.messages.environment import environment
from shared.messages.letters import Letters
from shared.messages.words import words
from shared.ports import Letter
from tests.messages.violations.corpus import CASES, Case

WORDS = Path(words.__wrapped__.__code__.co_filename).parent


def _name(case: Case) -> str:
    return f"{case.code}: {case.name}"


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=_name)
def test_a_violation_is_caught_by_its_rule(
    case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    brand = _wrong(case, monkeypatch, tmp_path)
    lifecycle, _, message = case.message.partition("/")
    # The sample alone: what its variants would say is the same.
    monkeypatch.setattr(run, "_situations", lambda sample: [dict(sample)])
    found = run.lint([brand], [(lifecycle, message)])
    assert {one.code for one in found} == {case.code}, [str(one) for one in found]
    for one in found:
        assert (Path(__file__).parents[3] / one.place).suffix, one.place


def test_each_rule_has_three_violations() -> None:
    counted = Counter(case.code for case in CASES)
    assert set(counted) == set(RULES)
    assert min(counted.values()) >= 3, counted.most_common()[-3:]


@pytest.mark.slow
def test_the_real_messages_keep_every_rule() -> None:
    assert run.lint() == []


def test_a_palette_that_cannot_be_read_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = (brands.FOLDER / "aoba.toml").read_text(encoding="utf-8")
    pale = text.replace('muted = "#b3b09d"', 'muted = "#3c4031"')
    (tmp_path / "pale.toml").write_text(pale.replace('id = "aoba"', 'id = "pale"'), "utf-8")
    monkeypatch.setattr(brands, "FOLDER", tmp_path)
    (found,) = run.lint(messages=[])
    assert (found.place, found.code) == ("shared/brands/pale.toml", "CONTRAST")
    assert "theme.dark: muted on background" in found.what


def _wrong(case: Case, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Brand:
    """The edits in place; returns the brand, edited where the case says so."""
    edited: dict[str, str | None] = {}
    for file, old, new in case.edits:
        if file.startswith("letter:"):
            _edit_letters(file.removeprefix("letter:"), new or "", monkeypatch)
            continue
        text = edited.get(file) if file in edited else _read(file)
        assert text is not None
        assert old in text, f"{file} has no {old!r}"
        edited[file] = None if new is None else text.replace(old, new)
    brand_file = edited.pop("brand", None)
    brand = load_brand("aoba")
    if brand_file is not None:
        (folder / "aoba.toml").write_text(brand_file, encoding="utf-8")
        brand = read_brand(folder / "aoba.toml")
    _edit_words({k: v for k, v in edited.items() if k.startswith("words/")}, monkeypatch)
    _edit_samples({k: v for k, v in edited.items() if k.endswith(".json")}, monkeypatch)
    _edit_templates({k: v for k, v in edited.items() if k.endswith(".j2")}, monkeypatch)
    return brand


def _read(file: str) -> str:
    if file == "brand":
        return (brands.FOLDER / "aoba.toml").read_text(encoding="utf-8")
    if file.startswith("words/"):
        return (WORDS / file.removeprefix("words/")).read_text(encoding="utf-8")
    loader = environment().loader
    assert loader is not None
    return loader.get_source(environment(), file)[0]


def _edit_templates(edited: Mapping[str, str | None], monkeypatch: pytest.MonkeyPatch) -> None:
    loader, cache = environment().loader, environment().cache
    assert loader is not None
    assert cache is not None
    real = loader.get_source

    def wrong(
        environment: jinja2.Environment, name: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        if name not in edited:
            return real(environment, name)
        text = edited[name]
        if text is None:
            raise jinja2.TemplateNotFound(name)
        return text, None, lambda: False  # never the one to be used again

    for key in [key for key, _ in cache.items() if key[1] in edited]:
        del cache[key]
    monkeypatch.setattr(loader, "get_source", wrong)


def _edit_words(edited: Mapping[str, str | None], monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {Path(file).stem: tomllib.loads(text or "") for file, text in edited.items()}

    def wrong(language: str) -> dict[str, Any]:
        return changed.get(language) or words(language)

    monkeypatch.setattr(rendering, "words", wrong)
    monkeypatch.setattr(files, "words", wrong)


def _edit_samples(edited: Mapping[str, str | None], monkeypatch: pytest.MonkeyPatch) -> None:
    real = files.sample_file
    changed = {Path(file).name: json.loads(text or "{}") for file, text in edited.items()}

    def wrong(folder: Path, message: str) -> dict[str, Any]:
        return changed.get(f"{message}.sample.json") or real(folder, message)

    monkeypatch.setattr(files, "sample_file", wrong)


def _edit_letters(field: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"List-Unsubscribe": value} if value else {}

    class Wrong(Letters):
        def letter(self, **arguments: Any) -> Letter:
            letter = super().letter(**arguments)
            if letter.html is None or (value and letter.headers):
                return letter
            if field == "headers":
                return replace(letter, headers=headers)
            return replace(letter, subject=value)

    monkeypatch.setattr(run, "Letters", Wrong)
