from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ops import cli
from tests.ops.conftest import Yoin

ROOT = Path(__file__).parents[2]
COMMANDS = (
    *("normalize", "replay", "explain", "preview", "lint", "serve", "demo"),
    *("suppress", "unsuppress", "pause", "resume", "approve", "erase"),
)


def test_help_names_every_command(yoin: Yoin) -> None:
    answer = yoin("--help")
    assert answer.code == 0
    assert answer.err == ""
    for command in COMMANDS:
        assert f"\n  {command}" in answer.out
    # Every line of the overview is whole: nothing is cut off.
    assert not [line for line in answer.out.splitlines()[1:] if line.endswith("...")]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_says_what_it_does(yoin: Yoin, command: str) -> None:
    answer = yoin(command, "--help")
    assert answer.code == 0
    assert f"Usage: yoin {command}" in answer.out
    assert "-h, --help" in answer.out


def test_without_a_command_it_shows_the_help_and_calls_it_wrong_use(yoin: Yoin) -> None:
    answer = yoin()
    assert answer.code == 2
    assert "Usage: yoin" in answer.out


def test_version(yoin: Yoin) -> None:
    answer = yoin("--version")
    assert answer.code == 0
    assert answer.out.startswith("yoin 0.")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["bogus"], "see `yoin --help`"),
        (["replay"], "see `yoin replay --help`"),
        (["replay", "x.jsonl", "--bogus"], "see `yoin replay --help`"),
        (["serve", "--port", "none"], "see `yoin serve --help`"),
        (["serve", "--port", "70000"], "see `yoin serve --help`"),
        (["demo", "--days", "0"], "see `yoin demo --help`"),
        (["normalize"], "see `yoin normalize --help`"),
        (["normalize", "no-such.json"], "no such file"),
        (["normalize", "x.json", "--topic", "orders/create"], "--topic needs --source"),
        (["replay", "no-such.jsonl"], "no such file"),
        (["explain", "1", "--lifecycle", "bogus"], "delay_alert, order_confirmation"),
        (["explain", "1", "--stage", "bogus"], "there are dev"),
        (["explain", "1", "--stage", "dev", "--brand", "bogus"], "it has aoba"),
        (["preview", "bogus/none"], "delay_alert/absence, "),
        (["preview", "--brand", "bogus"], "there are aoba"),
        (["preview", "--channel", "fax"], "there are email, sms"),
        (["preview", "--brand", "aoba", "--locale", "fr"], "it has ja, en"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(yoin: Yoin, arguments: list[str], hint: str) -> None:
    answer = yoin(*arguments)
    assert answer.code == 2
    assert hint in answer.complaint
    assert answer.out == ""


def test_an_error_nobody_foresaw_is_one_line_too(
    yoin: Yoin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a surprise\nin two lines")

    monkeypatch.setattr("ops.normalize.normalize_files", fail)
    answer = yoin("normalize", "x")
    assert answer.code == 1
    assert "RuntimeError: a surprise in two lines" in answer.complaint
    assert "YOIN_DEBUG=1" in answer.complaint
    monkeypatch.setenv("YOIN_DEBUG", "1")
    with pytest.raises(RuntimeError):
        cli.run(["normalize", "x"])


def test_it_starts_without_what_it_does_not_need() -> None:
    script = (
        "import sys, ops.cli\n"
        "heavy = {'boto3', 'botocore', 'moto', 'pydantic', 'rich', 'jinja2', 'aws_cdk', 'local'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_reader_that_goes_away_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m ops.cli preview --help | true; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Traceback" not in done.stderr
    assert done.stdout.strip() in {"0", "1"}
