"""What people switch by `yoin`: on a deployed stage as moto plays it, and on the last local run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from moto import mock_aws

from infra.config import STAGES
from ops import erasing
from ops.traces import Traces
from ops.worlds import world_of
from shared.adapters.aws import clients
from shared.adapters.memory.providers import ManualClock
from shared.domain.controls import Brake
from shared.domain.customers import Suppression
from shared.domain.events import Channel, PrivacyKind
from shared.domain.ledger import EntryKey, EntryStatus, LedgerEntry
from shared.domain.reasons import Reason
from shared.domain.values import Party, address_key, customer_key
from shared.ports import World
from shared.usecases.limits import switch
from tests.builders import BRAND, T0, at, placed, privacy
from tests.ops.conftest import Yoin
from tests.ops.test_erase import CANARY, CONTROL, LIVES, START

EMAIL = "hanako@example.jp"
WHO = ("--why", "asked us by telephone", "--by", "Sato", "--yes", "--json", "--stage", "dev")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The stage dev with its table, bus and key, and nothing in it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    clients.forget()
    with mock_aws():
        clients.dynamodb().create_table(
            TableName="yoin-dev",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        clients.events().create_event_bus(Name="yoin-dev")
        yield world_of(STAGES["dev"], ManualClock(T0))
    clients.forget()


def standing(world: World, channel: Channel = Channel.EMAIL) -> Suppression | None:
    return world.customers.suppression(BRAND, address_key(BRAND, channel, EMAIL))


def held(world: World, number: int, reason: Reason) -> None:
    order_id = f"o{number}"
    fact = placed(order_id=order_id)
    empty = world.orders.load(BRAND, order_id)
    world.orders.save(empty, type(empty)(brand=BRAND, order_id=order_id, facts={fact.key: fact}))
    world.ledger.put(
        LedgerEntry(
            key=EntryKey(
                brand=BRAND,
                order_id=order_id,
                lifecycle="review_request",
                occurrence="request",
                channel=Channel.EMAIL,
            ),
            status=EntryStatus.WAITING,
            reason=reason,
            rule="",
            message="request",
            marketing=True,
            decided_at=T0,
            due_at=at(number),
            customer_key=f"person{number % 2}",
        )
    )


def test_an_address_is_suppressed_and_lifted_and_who_did_it_is_kept(
    yoin: Yoin, stage: World
) -> None:
    assert yoin("suppress", BRAND, "--email", EMAIL, *WHO).code == 0
    word = standing(stage)
    assert word is not None
    assert (word.reason, word.by, word.why) == ("MANUAL", "Sato", "asked us by telephone")
    assert standing(stage, Channel.SMS) is None
    answer = yoin("unsuppress", BRAND, "--email", EMAIL, *WHO)
    assert answer.code == 0
    assert answer.records[0]["was"] == "MANUAL"
    assert "delete-suppressed-destination" in answer.err, "SES has a list of its own"
    assert standing(stage) is None
    assert yoin("unsuppress", BRAND, "--email", EMAIL, *WHO).code == 1


def test_whoever_lifts_a_complaint_is_warned(yoin: Yoin, stage: World) -> None:
    key = address_key(BRAND, Channel.EMAIL, EMAIL)
    word = Suppression(channel=Channel.EMAIL, reason="COMPLAINED", since=T0)
    stage.customers.suppress(BRAND, key, word)
    answer = yoin("unsuppress", BRAND, "--email", EMAIL, *WHO)
    assert answer.code == 0
    assert "spam" in answer.err
    assert "Consent is not renewed" in answer.err


def test_nothing_is_done_unasked(yoin: Yoin, stage: World) -> None:
    options = [option for option in WHO if option != "--yes"]
    assert yoin("suppress", BRAND, "--email", EMAIL, *options).code == 2
    assert yoin("pause", BRAND, "--marketing", *options).code == 2
    assert standing(stage) is None
    assert not stage.controls.load(BRAND).pauses


@pytest.mark.parametrize(
    "wrong",
    [
        ("suppress", BRAND, *WHO),
        ("suppress", BRAND, "--email", EMAIL, "--phone", "+819012345678", *WHO),
        ("suppress", BRAND, "--email", "nobody", *WHO),
        ("suppress", BRAND, "--email", EMAIL, "--by", "Sato", "--yes", "--stage", "dev"),
        ("pause", BRAND, "--marketing", "--all", *WHO),
        ("pause", BRAND, "--lifecycle", "nonsense", *WHO),
        ("pause", "nobody", "--all", *WHO),
        ("pause", BRAND, "--all", "--why", "a recall", "--stage", "nowhere"),
        ("approve", BRAND, "nonsense", "--count", "1", "--stage", "dev"),
        ("approve", BRAND, "review_request", "--historical", "--ceiling", "--stage", "dev"),
        ("erase", BRAND, "--stage", "dev"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_line(
    yoin: Yoin, stage: World, wrong: tuple[str, ...]
) -> None:
    answer = yoin(*wrong)
    assert answer.code == 2
    assert answer.complaint


def test_a_pause_is_taken_back_with_what_it_held(yoin: Yoin, stage: World) -> None:
    assert yoin("pause", BRAND, "--marketing", *WHO).code == 0
    assert yoin("pause", BRAND, "--marketing", *WHO).code == 1, "it stands already"
    assert stage.controls.load(BRAND).pauses["marketing"].by == "Sato"
    for number in range(3):
        held(stage, number, Reason.PAUSED)
    held(stage, 3, Reason.QUIET_HOURS)
    answer = yoin("resume", BRAND, "--marketing", *WHO)
    assert answer.code == 0
    (record,) = answer.records
    assert (record["count"], record["people"]) == (3, 2)
    assert record["by_lifecycle"] == {"review_request": 3}
    assert record["sample"] == ["#o0", "#o1", "#o2"]
    assert not stage.controls.load(BRAND).pauses
    assert yoin("resume", BRAND, "--marketing", *WHO).code == 1


def test_the_brake_is_released_and_what_came_back_before_no_longer_counts(
    yoin: Yoin, stage: World
) -> None:
    brake = Brake(since=T0, cause="bounces", rate=0.031)
    switch(stage, BRAND, lambda known: replace(known, brake=brake))
    held(stage, 0, Reason.BRAKED)
    answer = yoin("resume", BRAND, "--brake", *WHO)
    assert answer.code == 0
    assert "3.10%" in answer.err
    after = stage.controls.load(BRAND)
    assert after.brake is None
    assert after.brake_released_at is not None


def test_an_approval_takes_exactly_the_number_that_there_is(yoin: Yoin, stage: World) -> None:
    options = ("--by", "Sato", "--json", "--stage", "dev", "--ceiling")
    assert yoin("approve", BRAND, "review_request", "--count", "0", *options).code == 1
    switch(stage, BRAND, lambda known: replace(known, ceilings={"review_request": T0}))
    for number in range(3):
        held(stage, number, Reason.CEILING)
    wrong = yoin("approve", BRAND, "review_request", "--count", "2", *options)
    assert wrong.code == 1
    assert "there are 3" in wrong.err
    assert "review_request" in stage.controls.load(BRAND).ceilings
    assert yoin("approve", BRAND, "review_request", "--count", "3", *options).code == 0
    after = stage.controls.load(BRAND)
    assert not after.ceilings
    assert "review_request" in after.lifted


def test_a_person_is_removed_from_a_deployed_stage(yoin: Yoin, stage: World) -> None:
    import boto3

    for queue in erasing.QUEUES:
        clients.sqs().create_queue(QueueName=f"yoin-dev-{queue}")
    secret = json.dumps({"current": "k" * 48, "previous": ""})
    clients.secretsmanager().create_secret(Name="yoin-dev/erasure", SecretString=secret)
    boto3.client("scheduler").create_schedule_group(Name="yoin-dev")
    held(stage, 1, Reason.PAUSED)
    dead = clients.sqs().get_queue_url(QueueName="yoin-dev-inlet-dead-letters")["QueueUrl"]
    for body in ({"to": EMAIL}, {"to": "mori@example.jp"}):
        clients.sqs().send_message(QueueUrl=dead, MessageBody=json.dumps(body))
    answer = yoin("erase", BRAND, "--email", EMAIL, *WHO)
    assert answer.code == 0, answer.err
    (record,) = answer.records
    assert record["orders"] == 1
    assert record["left"] == []
    assert record["removed"]["letters in inlet-dead-letters"] == 1
    assert not stage.orders.load(BRAND, "o1").facts
    assert not stage.ledger.of_order(BRAND, "o1")
    (kept,) = clients.sqs().receive_message(QueueUrl=dead)["Messages"]
    assert "mori" in kept.get("Body", ""), "the letter of somebody else is there, at once"
    # Nothing of it was printed where it would be kept: the record names nobody.
    assert EMAIL not in answer.out


def test_who_asked_to_be_erased_is_listed(yoin: Yoin, stage: World) -> None:
    assert yoin("erase", BRAND, "--requests", "--stage", "dev").code == 0
    party = Party(email=EMAIL)
    fact = privacy(T0, PrivacyKind.ERASURE, buyer=party)
    key = customer_key(BRAND, party) or ""
    empty = stage.customers.load(BRAND, key)
    stage.customers.save(empty, replace(empty, facts={fact.key: fact}))
    answer = yoin("erase", BRAND, "--requests", "--stage", "dev", "--json")
    assert answer.code == 1
    assert [record["email"] for record in answer.records] == [EMAIL]


@pytest.mark.slow
def test_the_last_local_run_knows_what_people_did(yoin: Yoin, home: Path, tmp_path: Path) -> None:
    scenario = tmp_path / "lives.jsonl"
    scenario.write_text("\n".join(map(json.dumps, LIVES)), "utf-8")
    until = (START + timedelta(days=6)).isoformat()
    assert yoin("replay", scenario, "--until", until).code == 0
    local = [option for option in WHO if option not in {"--stage", "dev"}]
    assert yoin("pause", BRAND, "--marketing", *local).code == 0
    assert yoin("pause", BRAND, "--marketing", *local).code == 1, "the run was kept with it"
    erased = yoin("erase", BRAND, "--email", CANARY["email"], *local)
    assert erased.code == 0, erased.err
    texts = frozenset({CANARY["email"], CANARY["name"], CANARY["street"]})
    canary = Traces(texts=texts, phones=frozenset({CANARY["phone"]}))
    files = [path for path in home.rglob("*") if path.is_file()]
    assert [path for path in files if canary.found(path.read_bytes())] == []
    control = Traces(texts=frozenset({CONTROL["email"]}))
    assert [path for path in files if control.found(path.read_bytes())]
