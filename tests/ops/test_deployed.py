"""`yoin explain --stage`: the same account of a deployed stage, as moto plays it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from local.simulation import Simulation
from shared.adapters.aws.dynamodb import (
    DynamoControls,
    DynamoCustomers,
    DynamoInputs,
    DynamoLedger,
    DynamoOrders,
)
from shared.brands.directory import BrandDirectory
from shared.domain.ledger import EntryStatus, LedgerEntry
from tests.builders import BUYER, ORDER, at, consent, delivered, placed
from tests.ops.conftest import Yoin, deployed
from tests.worlds import Memory

STAGE = ("--stage", "dev")


@pytest.fixture
def life(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoLedger]:
    """A deployed stage in which an order was confirmed, and its customer refused marketing."""
    memory = Memory()
    with deployed(monkeypatch, memory.clock) as table:
        ledger = DynamoLedger(table)
        world = replace(
            memory.world,
            orders=DynamoOrders(table),
            customers=DynamoCustomers(table),
            ledger=ledger,
            controls=DynamoControls(table),
            inputs=DynamoInputs(table),
            brands=BrandDirectory(["aoba"]),
        )
        simulation = Simulation(world, at())
        simulation.put(placed(at()))
        simulation.put(consent(at(), False))
        simulation.advance(at(days=2))
        simulation.put(delivered(at(days=2)))
        simulation.advance(at() + timedelta(days=20))
        yield ledger


def the_sent(ledger: DynamoLedger) -> LedgerEntry:
    found = [e for e in ledger.of_order("aoba", ORDER) if e.status is EntryStatus.SENT]
    return found[0]


def test_a_deployed_order_in_full(life: DynamoLedger, yoin: Yoin) -> None:
    answer = yoin("explain", ORDER, *STAGE, "--json")
    assert answer.code == 0
    assert {record["rerun"] for record in answer.records} == {"SAME"}
    (refused,) = [r for r in answer.records if r["reason"] == "OPTED_OUT"]
    assert [row["topic"] for row in refused["seen"] if row["decisive"]] == ["consent"]
    assert "preference page" in refused["remedy"]["en"]
    assert BUYER.email
    assert BUYER.email not in answer.out


def test_by_message(life: DynamoLedger, yoin: Yoin) -> None:
    sent = the_sent(life)
    answer = yoin("explain", "--message", sent.key.message_id(), *STAGE, "--json")
    (record,) = answer.records
    assert record["occurrence"] == sent.key.occurrence
    unknown = yoin("explain", "--message", "m-" + "0" * 40, *STAGE)
    assert unknown.code == 1
    assert "that was ever tried" in unknown.complaint


def test_what_was_tampered_with_is_not_called_the_same(life: DynamoLedger, yoin: Yoin) -> None:
    sent = the_sent(life)
    life.put(replace(sent, message="other"))
    message = sent.key.message_id()
    (record,) = yoin("explain", "--message", message, *STAGE, "--json").records
    assert record["rerun"] == "DIFFERENT"
    (quiet,) = yoin("explain", "--message", message, *STAGE, "--json", "--no-rerun").records
    assert quiet["rerun"] is None


@pytest.mark.parametrize("arguments", [[], [ORDER, "--message", "m-" + "0" * 40]])
def test_it_is_asked_about_one_thing(yoin: Yoin, arguments: list[str]) -> None:
    answer = yoin("explain", *arguments)
    assert answer.code == 2
    assert "name an order, or a message" in answer.complaint


def test_a_word_that_is_no_message_id(yoin: Yoin) -> None:
    answer = yoin("explain", "--message", "42")
    assert answer.code == 2
    assert "40 hex digits" in answer.complaint
