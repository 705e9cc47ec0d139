"""What the webhook function stands on: the memory of events, the bus, the secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from shared.adapters.aws import clients
from shared.adapters.aws.eventbridge import BusArrivals
from shared.adapters.aws.hook_secrets import ManagedSecrets
from shared.adapters.aws.seen import DynamoSeen
from shared.adapters.aws.table import Table
from shared.adapters.memory.providers import ManualClock
from shared.adapters.memory.seen import MemorySeen
from shared.contracts.deliveries import DETAIL_TYPE, WEBHOOK_SOURCE, read_arrived
from shared.domain.deliveries import Arrived
from shared.domain.errors import Rejected, RetryableError
from shared.ports import SeenEvents
from tests.adapters.conftest import TABLE
from tests.builders import T0

DAY = timedelta(days=1)
NAME = "yoin-test/webhook/aftership/aoba"


# --- the memory of events -------------------------------------------------------------------------


@pytest.fixture(params=["memory", "aws"])
def seen(request: pytest.FixtureRequest) -> SeenEvents:
    if request.param == "memory":
        return MemorySeen()
    table: Table = request.getfixturevalue("table")
    return DynamoSeen(table)


def test_what_was_remembered_is_known_and_nothing_else(seen: SeenEvents) -> None:
    assert not seen.seen("aftership", "aoba", "k")
    seen.remember("aftership", "aoba", "k", DAY)
    seen.remember("aftership", "aoba", "k", DAY)
    assert seen.seen("aftership", "aoba", "k")
    for other in (("shippo", "aoba", "k"), ("aftership", "other", "k"), ("aftership", "aoba", "l")):
        assert not seen.seen(*other)


def test_a_row_has_nothing_but_its_digest_and_its_end(table: Table) -> None:
    DynamoSeen(table).remember("aftership", "aoba", "k", 6 * DAY)
    (row,) = clients.dynamodb().scan(TableName=TABLE)["Items"]
    assert row.pop("mark")
    assert row == {
        "pk": {"S": "WEBHOOK#aftership#aoba#k"},
        "sk": {"S": "SEEN"},
        "expires_at": {"N": str(int((T0 + 6 * DAY).timestamp()))},
    }


def test_a_table_out_of_reach_leaves_time_for_the_bus(aws: None) -> None:
    """Within the five seconds that Shopify waits; a second at most between two attempts."""
    table: Any = clients.hurried_dynamodb().meta.config
    bus: Any = clients.hurried_events().meta.config
    attempts = table.retries["total_max_attempts"]
    assert (table.connect_timeout + table.read_timeout) * attempts + (attempts - 1) < 4
    assert bus.connect_timeout >= table.connect_timeout


# --- the bus --------------------------------------------------------------------------------------


@pytest.fixture
def put(aws: None, monkeypatch: pytest.MonkeyPatch) -> list[list[dict[str, Any]]]:
    """The entries of every PutEvents call; all are taken."""
    calls: list[list[dict[str, Any]]] = []

    def put_events(Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        calls.append(Entries)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in Entries]}

    monkeypatch.setattr(clients.events(), "put_events", put_events)
    return calls


def arrived(body: str = '{"n":"茶"}', **more: Any) -> Arrived:
    return Arrived(source="aftership", brand="aoba", body=body, received_at=T0, **more)


def test_events_go_onto_the_bus_as_they_came(put: list[list[dict[str, Any]]]) -> None:
    events = [arrived(json.dumps({"n": n}), event_id=str(n)) for n in range(23)]
    BusArrivals(clients.events, "yoin-test").put([*events, arrived('"' + "茶" * 60_000 + '"')])
    assert [len(entries) for entries in put] == [10, 10, 4]
    entries = [entry for call in put for entry in call]
    assert {(e["Source"], e["DetailType"], e["EventBusName"]) for e in entries} == {
        (WEBHOOK_SOURCE, DETAIL_TYPE, "yoin-test")
    }
    read = [read_arrived({"detail": json.loads(entry["Detail"])}) for entry in entries]
    assert read[:23] == events
    assert read[23].body == '"' + "茶" * 60_000 + '"'
    assert len(entries[23]["Detail"]) < 10_000, "what is large travels compressed"


def test_a_partly_failed_call_has_failed(aws: None) -> None:
    answer = {
        "FailedEntryCount": 1,
        "Entries": [{"EventId": "e"}, {"ErrorCode": "ThrottlingException"}],
    }
    with Stubber(clients.events()) as stub:
        stub.add_response("put_events", answer)
        with pytest.raises(RetryableError, match="1 of 2"):
            BusArrivals(clients.events, "yoin-test").put([arrived(), arrived("[]")])


def test_what_the_bus_cannot_carry_is_refused(put: list[list[dict[str, Any]]]) -> None:
    import secrets

    with pytest.raises(Rejected, match="OVERSIZED"):
        BusArrivals(clients.events, "yoin-test").put([arrived(secrets.token_hex(400_000))])


# --- the secrets ----------------------------------------------------------------------------------


@pytest.fixture
def stored(aws: None) -> Callable[[str], object]:
    """Put a secret's text into Secrets Manager."""
    client = clients.secretsmanager()
    client.create_secret(Name=NAME, SecretString=json.dumps({"current": "one", "previous": ""}))
    return lambda text: client.put_secret_value(SecretId=NAME, SecretString=text)


@pytest.fixture
def secrets(clock: ManualClock) -> ManagedSecrets:
    return ManagedSecrets(clients.secretsmanager, clock, "yoin-test/webhook")


def live(secrets: ManagedSecrets) -> tuple[str, ...]:
    return secrets.get("aftership", "aoba").live


def two(current: str, previous: str) -> str:
    return json.dumps({"current": current, "previous": previous})


def test_secrets_are_remembered_for_five_minutes(
    stored: Callable[[str], object], secrets: ManagedSecrets, clock: ManualClock
) -> None:
    assert live(secrets) == ("one",)
    stored(two("two", "one"))
    clock.advance(timedelta(minutes=4, seconds=59))
    assert live(secrets) == ("one",)
    clock.advance(timedelta(seconds=1))
    assert live(secrets) == ("two", "one")


def test_they_are_renewed_once_in_half_a_minute(
    stored: Callable[[str], object], secrets: ManagedSecrets, clock: ManualClock
) -> None:
    live(secrets)
    stored(two("two", "one"))
    assert secrets.renewed("aftership", "aoba") is None, "they are fresh"
    clock.advance(timedelta(seconds=30))
    newer = secrets.renewed("aftership", "aoba")
    assert newer is not None
    assert newer.live == ("two", "one") == live(secrets)
    for _ in range(100):
        assert secrets.renewed("aftership", "aoba") is None


def test_the_old_ones_serve_while_there_are_no_new_ones(
    stored: Callable[[str], object], secrets: ManagedSecrets, clock: ManualClock
) -> None:
    live(secrets)
    stored("broken")
    clock.advance(timedelta(minutes=6))
    asked = []
    clients.secretsmanager().meta.events.register_first(
        "before-call.secrets-manager", lambda **_: asked.append(1), unique_id="count"
    )
    try:
        assert live(secrets) == ("one",)
        assert live(secrets) == ("one",)
        assert secrets.renewed("aftership", "aoba") is None
        assert len(asked) == 1, "a service that is down is not asked with every call"
        clock.advance(timedelta(seconds=31))
        assert secrets.renewed("aftership", "aoba") is None
        assert len(asked) == 2
    finally:
        clients.secretsmanager().meta.events.unregister(
            "before-call.secrets-manager", unique_id="count"
        )


@pytest.mark.parametrize(
    ("text", "expected", "url"),
    [
        ('{"current": " a\\n"}', ("a",), ""),
        ('{"current": "a", "previous": "b", "url": "https://x/y"}', ("a", "b"), "https://x/y"),
        ('{"current": "a", "previous": null, "url": 5}', ("a",), ""),
        ('{"current": {"keys": []}}', ('{"keys": []}',), ""),
    ],
)
def test_what_a_secret_may_say(
    stored: Callable[[str], object],
    secrets: ManagedSecrets,
    text: str,
    expected: tuple[str, ...],
    url: str,
) -> None:
    stored(text)
    found = secrets.get("aftership", "aoba")
    assert (found.live, found.url) == (expected, url)
    assert "live" not in repr(found), "a secret must not get into a log by its repr"


@pytest.mark.parametrize(
    "text", ["s3cret", '"s3cret"', "{}", '{"current": ""}', '{"curent": "s3"}']
)
def test_a_secret_that_is_none_is_said_without_its_text(
    stored: Callable[[str], object],
    secrets: ManagedSecrets,
    text: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stored(text)
    with caplog.at_level(logging.DEBUG), pytest.raises(RetryableError) as error:
        live(secrets)
    assert NAME in str(error.value)
    assert "s3" not in str(error.value) + caplog.text.replace(NAME, "")


def test_strangers_cannot_have_a_missing_secret_asked_for_with_every_call(
    aws: None, secrets: ManagedSecrets, clock: ManualClock
) -> None:
    asked: list[int] = []
    events = clients.secretsmanager().meta.events
    events.register_first("before-call.secrets-manager", lambda **_: asked.append(1))
    for _ in range(50):
        with pytest.raises(RetryableError, match=NAME):
            live(secrets)
    assert len(asked) == 1
    clients.secretsmanager().create_secret(Name=NAME, SecretString=two("one", ""))
    clock.advance(timedelta(seconds=5))
    assert live(secrets) == ("one",)


def test_a_secret_that_is_not_there_is_named(aws: None, secrets: ManagedSecrets) -> None:
    with pytest.raises(RetryableError, match=f"{NAME}: ResourceNotFound"):
        live(secrets)
    assert secrets.renewed("aftership", "aoba") is None
