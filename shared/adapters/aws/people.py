"""What people do with the table by `yoin`, with their own credentials: they look through all of
it, and delete. No function has the rights to that, and none imports this module.

A scan reads every row of the table. That costs 0.25 read units per KB (strongly consistent), some
USD 0.04 per GB in Tokyo, and a minute or two per GB. People approve, resume and erase a few times a
month; an index of what is held would be paid for with every message that is held, day and night.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

from shared.adapters.aws.dynamodb import read_entry
from shared.adapters.aws.failures import calling
from shared.adapters.aws.table import Item, plain, typed
from shared.domain.ledger import LedgerEntry, by_identity
from shared.domain.reasons import Reason

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class PeoplesTable:
    """The whole table, for people. Fulfils the protocol ``HeldMessages``."""

    def __init__(self, client: Callable[[], DynamoDBClient], name: str) -> None:
        """``client`` is called when it is first needed."""
        self._client = client
        self._name = name

    def held(self, brand: str, reasons: Collection[Reason]) -> tuple[LedgerEntry, ...]:
        """The brand's entries that stand at one of these reasons, sorted by their identity."""
        names = {f":r{number}": str(reason) for number, reason in enumerate(sorted(reasons))}
        rows = self.scan(
            # Of the ledger only: the copies in SENT stand at other reasons.
            f"begins_with(sk, :ledger) AND brand = :brand AND reason IN ({', '.join(names)})",
            {":ledger": "LEDGER#", ":brand": brand, **names},
        )
        return tuple(sorted((read_entry(row) for row in rows), key=by_identity))

    def scan(self, condition: str = "", values: Item | None = None) -> Iterator[Item]:
        """Every row (for which ``condition`` holds), strongly consistent, page by page.

        Raises RetryableError.
        """
        chosen: dict[str, Any] = (
            {"FilterExpression": condition, "ExpressionAttributeValues": typed(values or {})}
            if condition
            else {}
        )
        start: dict[str, Any] = {}
        while True:
            with calling("Scan"):
                answer = self._client().scan(
                    TableName=self._name, ConsistentRead=True, **chosen, **start
                )
            yield from (plain(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def rows(self, pk: str, prefix: str = "") -> list[Item]:
        """All rows of a partition (whose sort key begins with ``prefix``), strongly consistent."""
        condition, values = "pk = :pk", {":pk": pk}
        if prefix:
            condition, values = (
                f"{condition} AND begins_with(sk, :prefix)",
                {
                    **values,
                    ":prefix": prefix,
                },
            )
        found: list[Item] = []
        start: dict[str, Any] = {}
        while True:
            with calling(f"Query {pk}"):
                answer = self._client().query(
                    TableName=self._name,
                    KeyConditionExpression=condition,
                    ExpressionAttributeValues=typed(values),
                    ConsistentRead=True,
                    **start,
                )
            found.extend(plain(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return found
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def put(self, item: Item) -> None:
        """Write a row over the one before."""
        with calling(f"PutItem {item['pk']} {item['sk']}"):
            self._client().put_item(TableName=self._name, Item=typed(item))

    def delete(self, pk: str, sk: str) -> None:
        """Take a row away for good; nothing happens where there is none."""
        with calling(f"DeleteItem {pk} {sk}"):
            self._client().delete_item(TableName=self._name, Key=typed({"pk": pk, "sk": sk}))
