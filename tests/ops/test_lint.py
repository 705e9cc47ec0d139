"""`yoin lint`, and the build that it stops."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import app
from ops.lint import command, run
from ops.lint.build import LintError, refuse
from ops.lint.rules import RULES, Finding
from tests.ops.conftest import Yoin

PLACE = "shared/messages/partials/footer.mjml.j2"
WRONG = [Finding(PLACE, "SENDER_ADDRESS", "'x' is not in the HTML", "aoba ja email")]


def test_each_rule_says_what_it_is_in_both_languages_and_where_it_comes_from() -> None:
    for code, rule in RULES.items():
        assert code == rule.code
        assert re.search(r"[\u3040-\u9fff]", rule.ja), code
        assert rule.en.isascii(), code
        # A law, a standard, or a reason of ours.
        assert re.search(r"法 第|U\.S\.C|RFC \d|WCAG|3GPP|Ours: .{20}", rule.source), code


def test_findings_are_printed_with_place_rule_and_source(
    yoin: Yoin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "lint", lambda: WRONG)
    answer = yoin("lint")
    assert answer.code == 1
    for part in (PLACE, "SENDER_ADDRESS", "送信者の住所がない", "§ 7704(a)(5)", "aoba ja email"):
        assert part in answer.out
    (record,) = yoin("lint", "--json").records
    assert record["place"] == PLACE
    assert record["source"] == RULES["SENDER_ADDRESS"].source


def test_nothing_to_say_is_said(yoin: Yoin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "lint", list)
    answer = yoin("lint")
    assert answer.code == 0
    assert f"Every message keeps the {len(RULES)} rules" in answer.out
    assert yoin("lint", "--json").out == ""


def test_the_build_stops_and_is_not_remembered_as_clean(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(run, "lint", lambda: WRONG * 30)
    with pytest.raises(LintError, match="nothing is built"):
        refuse(tmp_path)
    with pytest.raises(LintError) as caught:
        refuse(tmp_path)
    assert f"{PLACE}: SENDER_ADDRESS" in str(caught.value)
    assert "and 10 more" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_messages_that_have_not_changed_are_not_looked_at_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[int] = []

    def lint() -> list[Finding]:
        asked.append(1)
        return []

    monkeypatch.setattr(run, "lint", lint)
    (tmp_path / "messages-of-yesterday").touch()
    refuse(tmp_path)
    refuse(tmp_path)
    assert len(asked) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_what_cdk_runs_asks_before_it_builds() -> None:
    source = Path(str(app.__file__)).read_text("utf-8")
    assert source.index("refuse()") < source.index("synthesize()")
    assert '"app": ".venv/bin/python app.py"' in Path("cdk.json").read_text("utf-8")
