"""Every port twice: in memory, and on AWS as moto plays it. The tests do not know which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from moto import mock_aws
from moto.core.serialize import ResponseSerializer

from shared.adapters.aws import clients
from shared.adapters.aws.dynamodb import (
    DynamoControls,
    DynamoCounters,
    DynamoCustomers,
    DynamoInputs,
    DynamoLedger,
    DynamoOrders,
)
from shared.adapters.aws.table import BY_CLAIM, BY_MESSAGE, BY_PROVIDER, Table
from shared.adapters.memory.providers import ManualClock
from shared.adapters.memory.stores import (
    MemoryControls,
    MemoryCounters,
    MemoryCustomers,
    MemoryInputs,
    MemoryLedger,
    MemoryOrders,
)
from shared.ports import (
    BrandControls,
    Clock,
    Counters,
    CustomerStore,
    DecisionInputs,
    MessageLedger,
    OrderStore,
)
from tests.builders import T0

TABLE = "yoin-test"
RETENTION_DAYS = 1100


@dataclass
class Stores:
    """The stores, over the same data."""

    orders: OrderStore
    customers: CustomerStore
    ledger: MessageLedger
    controls: BrandControls
    counters: Counters
    inputs: DecisionInputs


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(T0)


@pytest.fixture(scope="session")
def _own_clients() -> Iterator[None]:
    """The clients are made once: that is most of the time that a test takes."""
    clients.forget()
    yield
    clients.forget()


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Spare moto a search: it looks for each of an attribute value's ten kinds ("S", "N", "M" ...)
    under four spellings, which is a third of the time that a request takes. They are plain dicts.
    """
    search = ResponseSerializer.get_value

    def get_value(serializer: ResponseSerializer, value: Any, key: str, shape: Any) -> Any:
        if type(value) is dict and shape.parent.name == "AttributeValue":
            return value.get(key)
        return search(serializer, value, key, shape)

    patch.setattr(ResponseSerializer, "get_value", get_value)


@pytest.fixture
def aws(_own_clients: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS as moto plays it, empty; nothing can go out."""
    quicken(monkeypatch)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    with mock_aws():
        yield


def create_table(clock: Clock) -> Table:
    """The table as infra/stacks/data.py makes it."""
    clients.dynamodb().create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "message_id", "AttributeType": "S"},
            {"AttributeName": "provider_id", "AttributeType": "S"},
            {"AttributeName": "claimed_by", "AttributeType": "S"},
            {"AttributeName": "claim_due", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": attribute, "KeyType": "HASH"},
                    *(({"AttributeName": sort, "KeyType": "RANGE"},) if sort else ()),
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, attribute, sort in (
                (BY_MESSAGE, "message_id", None),
                (BY_PROVIDER, "provider_id", None),
                (BY_CLAIM, "claimed_by", "claim_due"),
            )
        ],
    )
    return Table(clients.dynamodb, TABLE, clock, retention_days=RETENTION_DAYS)


@pytest.fixture
def table(aws: None, clock: ManualClock) -> Table:
    return create_table(clock)


def dynamo_stores(table: Table) -> Stores:
    """The stores on a table."""
    return Stores(
        DynamoOrders(table),
        DynamoCustomers(table),
        DynamoLedger(table),
        DynamoControls(table),
        DynamoCounters(table),
        DynamoInputs(table),
    )


@pytest.fixture(params=["memory", "aws"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        return Stores(
            MemoryOrders(),
            MemoryCustomers(),
            MemoryLedger(),
            MemoryControls(),
            MemoryCounters(),
            MemoryInputs(),
        )
    return dynamo_stores(request.getfixturevalue("table"))
