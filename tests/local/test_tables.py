from __future__ import annotations

import contextlib
import copy
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models import dynamodb_backends

from local.runtime import LocalStack
from local.wire import long_way


def item(pk: str, sk: str, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}, **more}


def put(*keys: tuple[str, str], **more: Any) -> list[dict[str, Any]]:
    return [{"Put": {"TableName": "small", "Item": item(*key), **more}} for key in keys]


@pytest.fixture
def filled(stack: LocalStack) -> LocalStack:
    """Twenty partitions of three items; every second item is in the index."""
    client = stack.client("dynamodb")
    for number in range(60):
        more = {"message_id": {"S": f"m-{number % 7}"}} if number % 2 else {}
        client.put_item(TableName="small", Item=item(f"p-{number % 20}", f"s-{number:02}", **more))
    return stack


def query(stack: LocalStack, index: str | None = None, **values: str) -> list[str]:
    named = {"IndexName": index} if index else {}
    ((name, value),) = values.items()
    answer = stack.client("dynamodb").query(
        TableName="small",
        KeyConditionExpression=f"{name} = :v",
        ExpressionAttributeValues={":v": {"S": value}},
        **named,
    )
    return [found["sk"]["S"] for found in answer["Items"]]


def test_a_query_finds_what_scanning_the_whole_table_finds(filled: LocalStack) -> None:
    everything = filled.items()
    for number in range(20):
        expected = sorted(i["sk"]["S"] for i in everything if i["pk"]["S"] == f"p-{number}")
        assert query(filled, pk=f"p-{number}") == expected
    for number in range(7):
        expected = sorted(
            i["sk"]["S"] for i in everything if i.get("message_id") == {"S": f"m-{number}"}
        )
        assert sorted(query(filled, "by_message", message_id=f"m-{number}")) == expected
    assert query(filled, pk="none") == []
    assert query(filled, "by_message", message_id="none") == []


def test_a_transaction_writes_all(filled: LocalStack) -> None:
    filled.client("dynamodb").transact_write_items(
        TransactItems=[
            *put(("p-0", "new"), ("other", "new")),
            {"Delete": {"TableName": "small", "Key": item("p-1", "s-01")}},
            {
                "Update": {
                    "TableName": "small",
                    "Key": item("p-2", "s-02"),
                    "UpdateExpression": "SET n = :n",
                    "ExpressionAttributeValues": {":n": {"N": "1"}},
                }
            },
        ]
    )
    assert query(filled, pk="p-0")[0] == "new"
    assert query(filled, pk="other") == ["new"]
    assert query(filled, pk="p-1") == ["s-21", "s-41"]
    assert len(filled.items()) == 61
    assert [i["n"] for i in filled.items() if "n" in i] == [{"N": "1"}]


def test_a_transaction_that_fails_changes_nothing(filled: LocalStack) -> None:
    before = copy.deepcopy(filled.items())
    with pytest.raises(ClientError, match="TransactionCanceled"):
        filled.client("dynamodb").transact_write_items(
            TransactItems=[
                *put(("p-0", "new")),
                {
                    "Update": {
                        "TableName": "small",
                        "Key": item("p-2", "s-02"),
                        "UpdateExpression": "SET n = :n",
                        "ExpressionAttributeValues": {":n": {"N": "1"}},
                    }
                },
                {"Delete": {"TableName": "small", "Key": item("p-1", "s-01")}},
                *put(("p-3", "s-03"), ConditionExpression="attribute_not_exists(pk)"),
            ]
        )
    assert filled.items() == before


@pytest.mark.parametrize(
    "entries",
    [
        put(("p", "s"), ("p", "s")),
        [{"Put": {"TableName": "none", "Item": item("p", "s")}}],
        [{"Put": {"TableName": "small", "Item": {"pk": {"S": "p"}}}}],
    ],
)
def test_a_transaction_that_makes_no_sense_is_refused_as_by_moto(
    filled: LocalStack, entries: list[dict[str, Any]]
) -> None:
    def said() -> str:
        with pytest.raises(ClientError) as refused:
            filled.client("dynamodb").transact_write_items(TransactItems=entries)
        return str(refused.value)

    def by_moto() -> str:
        from local import tables

        with contextlib.ExitStack() as undo, long_way():
            # Without the narrow view, as moto is by itself.
            for owner, name, real in tables.REAL:
                undo.callback(setattr, owner, name, getattr(owner, name))
                setattr(owner, name, real)
            return said()

    before = copy.deepcopy(filled.items())
    assert said() == by_moto()
    assert filled.items() == before


def test_the_table_itself_stays_the_same_object(filled: LocalStack) -> None:
    tables = dynamodb_backends["123456789012"]["ap-northeast-1"].tables
    before = tables["small"]
    filled.client("dynamodb").transact_write_items(TransactItems=put(("a", "b")))
    assert tables["small"] is before
