"""The one table, as the stores use it: plain values in and out, AWS's errors as Yoin's own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from shared.adapters.aws.failures import calling
from shared.domain.errors import Conflict
from shared.domain.values import utc
from shared.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
_SERIALIZER, _DESERIALIZER = TypeSerializer(), TypeDeserializer()

BY_MESSAGE = "by_message"
BY_PROVIDER = "by_provider"
BY_CLAIM = "by_claim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """An item to write. ``version``: where this one is still stored (0: none is); None: always."""

    item: Item
    version: int | None = None


class Table:
    """The table and what is common to all records in it."""

    def __init__(
        self,
        client: Callable[[], DynamoDBClient],
        name: str,
        clock: Clock,
        *,
        retention_days: int,
    ) -> None:
        """``client`` is called when it is first needed; ``retention_days`` after the last write
        a record may be deleted (TTL, for retention only)."""
        self._client = client
        self._name = name
        self._clock = clock
        self._retention = timedelta(days=retention_days)

    def expires_at(self, keep: timedelta | None = None) -> int:
        """The value of ``expires_at`` for a record written now, in epoch seconds."""
        return int((self._clock.now() + (keep or self._retention)).timestamp())

    @property
    def retention(self) -> timedelta:
        """How long records are kept."""
        return self._retention

    def now_text(self) -> str:
        """The present instant as it is stored."""
        return stored_instant(self._clock.now())

    def get(self, pk: str, sk: str) -> Item | None:
        """One item as last written, or None."""
        with calling(f"GetItem {pk} {sk}"):
            answer = self._client().get_item(
                TableName=self._name, Key=typed({"pk": pk, "sk": sk}), ConsistentRead=True
            )
        found = answer.get("Item")
        return plain(found) if found else None

    def query(self, pk: str, prefix: str) -> list[Item]:
        """The items of a partition whose sort key begins with ``prefix``, as last written."""
        return self._query(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=typed({":pk": pk, ":prefix": prefix}),
            ConsistentRead=True,
        )

    def by_message(self, message_id: str) -> list[Item]:
        """The items with this message id. An index: it may lag by a moment."""
        return self._query(
            IndexName=BY_MESSAGE,
            KeyConditionExpression="message_id = :id",
            ExpressionAttributeValues=typed({":id": message_id}),
        )

    def by_provider(self, provider_id: str) -> list[Item]:
        """The items with this id of a provider. An index: it may lag by a moment."""
        return self._query(
            IndexName=BY_PROVIDER,
            KeyConditionExpression="provider_id = :id",
            ExpressionAttributeValues=typed({":id": provider_id}),
        )

    def by_claim(self, brand: str, due_by: str, limit: int) -> list[Item]:
        """At most ``limit`` open claims of a brand that are due by an instant, the oldest
        first. An index: it may lag by a moment."""
        with calling("Query"):
            answer = self._client().query(
                TableName=self._name,
                IndexName=BY_CLAIM,
                KeyConditionExpression="claimed_by = :brand AND claim_due <= :due_by",
                ExpressionAttributeValues=typed({":brand": brand, ":due_by": due_by}),
                Limit=limit,
            )
        return [plain(item) for item in answer["Items"]]

    def _query(self, **arguments: Any) -> list[Item]:
        items: list[Item] = []
        start: dict[str, Any] = {}
        while True:
            with calling("Query"):
                answer = self._client().query(TableName=self._name, **arguments, **start)
            items.extend(plain(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return items
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def put(self, put: Put) -> None:
        """Write one item. Raises Conflict where its version is no longer stored.

        The SDK repeats a call whose answer was lost. The repetition then finds the version gone
        because it was this very call that wrote: the mark on the item tells that from a lost
        race.
        """
        mark = secrets.token_hex(6)
        what = f"PutItem {put.item['pk']} {put.item['sk']}"
        with calling(what):
            try:
                self._client().put_item(
                    TableName=self._name,
                    Item=typed(put.item | {"mark": mark}),
                    **_condition(put),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                stored: Any = error.response.get("Item", {})
                if stored.get("mark") != {"S": mark}:
                    raise

    def put_if(self, item: Item, condition: str, values: Mapping[str, Any] | None = None) -> bool:
        """Write one item if ``condition`` holds; whether it did."""
        named: dict[str, Any] = {"ExpressionAttributeValues": typed(values)} if values else {}
        try:
            with calling(f"PutItem {item['pk']} {item['sk']}"):
                self._client().put_item(
                    TableName=self._name,
                    Item=typed(item),
                    ConditionExpression=condition,
                    **named,
                )
        except Conflict:
            return False
        return True

    def add(self, pk: str, sk: str, attribute: str, amount: int, *, expires_at: int) -> int:
        """Add to a number that may not be there yet; returns the new one.

        The SDK repeats a call whose answer was lost: then it is added twice.
        """
        with calling(f"UpdateItem {pk} {sk}"):
            answer = self._client().update_item(
                TableName=self._name,
                Key=typed({"pk": pk, "sk": sk}),
                UpdateExpression="ADD #number :amount SET expires_at = :expires_at",
                ExpressionAttributeNames={"#number": attribute},
                ExpressionAttributeValues=typed({":amount": amount, ":expires_at": expires_at}),
                ReturnValues="UPDATED_NEW",
            )
        return int(answer["Attributes"][attribute]["N"])

    def put_together(self, puts: Sequence[Put]) -> None:
        """Write all of them or none. Raises Conflict. The SDK gives each call a token, by which
        DynamoDB knows a repetition."""
        what = f"TransactWriteItems {puts[0].item['pk']} {puts[0].item['sk']}"
        writes: list[Any] = [
            {"Put": {"TableName": self._name, "Item": typed(put.item), **_condition(put)}}
            for put in puts
        ]
        with calling(what):
            self._client().transact_write_items(TransactItems=writes)


def _condition(put: Put) -> dict[str, Any]:
    if put.version is None:
        return {}
    if put.version == 0:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": typed({":version": put.version}),
    }


def typed(item: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values as DynamoDB's JSON; what is None is left out."""
    return {name: _SERIALIZER.serialize(value) for name, value in item.items() if value is not None}


def plain(item: Mapping[str, Any]) -> Item:
    """DynamoDB's JSON as plain values."""
    return {
        # Bytes are bytes already; boto3 would wrap them.
        name: value["B"] if "B" in value else _DESERIALIZER.deserialize(value)
        for name, value in item.items()
    }


def table_key(*parts: str) -> str:
    """A table key from its parts. No two lists of parts have the same key."""
    return "#".join(part.replace("%", "%25").replace("#", "%23") for part in parts)


def stored_instant(instant: datetime) -> str:
    """An instant as text whose order is the order of time."""
    return utc(instant).isoformat(timespec="microseconds").replace("+00:00", "Z")
