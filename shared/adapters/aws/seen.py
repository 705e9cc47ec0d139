"""Which of the vendors' events were taken already: rows of the one table.

    ====================================  ====  ===========
    pk                                    sk    attributes
    ====================================  ====  ===========
    WEBHOOK#source#brand#digest           SEEN  expires_at
    ====================================  ====  ===========

The digest stands in the partition key: a shop's webhooks spread over all partitions. Apart from
the other stores, so that the webhook function loads nothing that it does not need.
"""

from __future__ import annotations

from datetime import timedelta

from shared.adapters.aws.table import Put, Table, table_key

_SEEN = "SEEN"


class DynamoSeen:
    """Fulfils the port ``SeenEvents``."""

    def __init__(self, table: Table) -> None:
        """``table``: where everything is."""
        self._table = table

    def seen(self, source: str, brand: str, key: str) -> bool:
        """Whether it was taken (strongly consistent). A row that has expired and was not deleted
        yet says so too: the event is no less a repetition."""
        return self._table.get(_row(source, brand, key), _SEEN) is not None

    def remember(self, source: str, brand: str, key: str, keep: timedelta) -> None:
        """It was taken: DynamoDB deletes the row once ``keep`` is over."""
        item = {
            "pk": _row(source, brand, key),
            "sk": _SEEN,
            "expires_at": self._table.expires_at(keep),
        }
        self._table.put(Put(item=item))


def _row(source: str, brand: str, key: str) -> str:
    return table_key("WEBHOOK", source, brand, key)
