from __future__ import annotations

from pathlib import Path

import pytest

from local.mailbox.store import Run, save
from tests.demo import boxes
from tests.ops.conftest import Yoin


@pytest.fixture
def run(yoin: Yoin) -> Yoin:
    """A last run with one order."""
    save(Run(mailbox=boxes.mailbox(), scenario="", until=boxes.T0))
    return yoin


@pytest.mark.parametrize("order", ["1001", "#42", "42"])
def test_every_candidate_with_its_reason(run: Yoin, order: str) -> None:
    answer = run("explain", order, "--json")
    assert answer.code == 0
    assert answer.err == ""
    assert [record["status"] for record in answer.records] == [
        "SENT",
        "SENT",
        "SKIPPED",
        "WAITING",
        "FAILED",
    ]
    waiting = answer.records[3]
    assert waiting["next_check"] == "2026-01-08T00:00:00Z"
    assert waiting["explanation"] == {
        "ja": "まだ送信の時期ではありません。",
        "en": "It is not time yet.",
    }
    for field in ("rule", "inputs_version", "policy_version", "decided_at", "sent_at"):
        assert field in waiting


def test_for_a_person(run: Yoin) -> None:
    answer = run("explain", "1001", "--lifecycle", "order_confirmation")
    assert answer.code == 0
    for words in (
        "Aoba Chaho #42",
        "お支払い済みです。",
        "The order is paid.",
        "a rule",
        "2026-01-08",
    ):
        assert words in answer.out


def test_a_lifecycle_without_candidates(run: Yoin) -> None:
    assert run("explain", "1001", "--lifecycle", "delay_alert", "--json").out == ""
    assert "ever a candidate" in run("explain", "1001", "--lifecycle", "delay_alert").out


@pytest.mark.parametrize("arguments", [["9"], ["1001", "--brand", "aoba", "--stage", "prod"]])
def test_what_cannot_be_found_is_a_problem(
    run: Yoin, arguments: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    answer = run("explain", *arguments)
    assert answer.code == 1
    assert answer.out == ""
    assert "no order '9'" in answer.complaint or "AWS_REGION" in answer.complaint


def test_a_brand_that_the_run_does_not_have(run: Yoin) -> None:
    answer = run("explain", "1001", "--brand", "northlight")
    assert answer.code == 2
    assert "there are aoba" in answer.complaint


def test_without_a_run_it_says_what_to_do(yoin: Yoin) -> None:
    answer = yoin("explain", "1001")
    assert answer.code == 1
    assert "yoin demo" in answer.complaint


def test_hostile_names_do_not_disturb_the_terminal(yoin: Yoin) -> None:
    save(Run(mailbox=boxes.hostile(), scenario="", until=boxes.T0))
    answer = yoin("explain", "1001")
    assert answer.code == 0
    assert boxes.HOSTILE.split("\u2028")[0] in answer.out


def test_by_message_id(run: Yoin) -> None:
    wanted = boxes.mailbox().candidates[3].message_id
    (record,) = run("explain", "--message", wanted, "--json").records
    assert record["message_id"] == wanted
    assert record["remedy"]["en"].startswith("Nothing: it is looked at again by itself")
    assert "no message" in run("explain", "--message", "m-" + "0" * 40).complaint


def test_addresses_are_masked_unless_asked_for(run: Yoin) -> None:
    assert "hanako@example.com" not in run("explain", "1001").out
    assert "hanako@example.com" in run("explain", "1001", "--show-personal").out
