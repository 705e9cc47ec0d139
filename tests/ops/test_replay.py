from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from local.demo import scenario
from local.mailbox import store
from local.mailbox.model import Failure
from local.scenario import Journey, read, until
from ops.output import json_line
from tests.demo import boxes
from tests.ops.conftest import Yoin

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"at": "2026-01-05T00:00:00Z", "event": {}}\n{', "s.jsonl:2: this is no JSON"),
        ('{"at": "tomorrow", "event": {}}', 's.jsonl:1: "at"'),
        ('{"at": "2026-01-05T00:00:00", "event": {}}', "no offset"),
        ('{"at": "2026-01-05T00:00:00Z", "evnt": {}}', "s.jsonl:1: evnt"),
        (
            '{"at": "2026-01-05T00:00:00Z", "source": "shopify", "topic": "x", "body_file": "no"}',
            "s.jsonl:1: no: no such file",
        ),
        ("\n# nothing\n", "nothing to play"),
    ],
)
def test_a_line_that_cannot_be_played_is_named(
    yoin: Yoin, tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(text)
    answer = yoin("replay", path, "--json")
    assert answer.code == 1
    assert answer.out == ""
    assert says in answer.complaint


@pytest.mark.parametrize("until", ["tomorrow", "+120x", "2026-01-05"])
def test_an_until_that_is_none_is_wrong_use(yoin: Yoin, tmp_path: Path, until: str) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text('{"at": "2026-01-05T00:00:00Z", "event": {}}')
    answer = yoin("replay", path, "--until", until)
    assert answer.code == 2
    assert "--until" in answer.complaint


@pytest.fixture(scope="module")
def two_orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One order of each brand, and an event that cannot be read."""
    wanted = ("6101001050369", "400007919003", "6101002321709")
    lines = [line for line in scenario.lines(30) if any(word in line for word in wanted)]
    stray = {"source": "shopify", "topic": "products/update", "body": {"id": 1}}
    lines.append(json.dumps({"at": "2025-12-27T00:00:00Z", **stray}))
    path = tmp_path_factory.mktemp("replay") / "two.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.slow
def test_the_same_scenario_gives_the_same_bytes(
    yoin: Yoin, two_orders: Path, home: Path, journey: Journey
) -> None:
    """In a process of its own, where sets and dicts hash otherwise, as here."""
    played = subprocess.run(
        [sys.executable, "-m", "ops.cli", "replay", str(two_orders), "--until", "+20d", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "YOIN_HOME": str(home), "PYTHONHASHSEED": _another_seed()},
    )
    assert played.returncode == 0, played.stderr
    lines = read(two_orders)
    here = journey.play(lines, until=until(lines, "+20d"))
    assert played.stdout.splitlines() == [json_line(record) for record in here]
    records = [json.loads(line) for line in played.stdout.splitlines()]
    assert {record["kind"] for record in records} == {"message", "skipped", "rejected", "summary"}
    assert [record["kind"] for record in records].index("summary") == len(records) - 1
    for record in records:
        if record["kind"] == "message":
            assert {"order_id", "lifecycle", "occurrence", "channel", "to", "locale", "subject",
                    "at", "status"} <= record.keys()  # fmt: skip
    # Afterwards the run is there to be asked and looked at.
    assert (home / "mailbox" / "index.html").is_file()
    told = yoin("explain", "1041", "--json")
    assert told.code == 0
    assert {"SENT", "SKIPPED"} <= {record["status"] for record in told.records}


def _another_seed() -> str:
    return "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"


def test_only_one_brand_is_told(
    yoin: Yoin, two_orders: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = boxes.mailbox()
    monkeypatch.setattr("ops.playing.play", lambda *_, **__: box)
    all_of_it = yoin("replay", two_orders, "--json").records
    one = yoin("replay", two_orders, "--json", "--brand", "northlight").records
    assert [record["kind"] for record in all_of_it].count("message") == 2
    assert [record["kind"] for record in one] == ["rejected", "summary"]
    assert store.load().brand == "northlight"
    assert (home / "mailbox" / "index.html").is_file()


def test_for_a_person_it_prints_a_table(
    yoin: Yoin, two_orders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = boxes.hostile()
    monkeypatch.setattr("ops.playing.play", lambda *_, **__: box)
    answer = yoin("replay", two_orders)
    assert answer.code == 0
    assert "1 order, 3 events:" in answer.out
    assert "yoin serve" in answer.out


def test_a_failure_of_the_machinery_is_a_problem(
    yoin: Yoin, two_orders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = Failure(at=boxes.T0, where="decide", error="KeyError")
    box = replace(boxes.mailbox(), failures=(failure,))
    monkeypatch.setattr("ops.playing.play", lambda *_, **__: box)
    answer = yoin("replay", two_orders, "--json")
    assert answer.code == 1
    assert answer.records[-1]["errors"] == 1
