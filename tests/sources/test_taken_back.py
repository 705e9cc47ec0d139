"""A cancellation that a shop takes back, as each platform tells it: the order goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.errors import Rejected
from shared.domain.events import OrderChanged, OrderPlaced
from shared.domain.folding import fold, merge
from shared.domain.orders import OrderRecord
from shared.sources import missing, normalize, receive, receive_all
from tests.sources import samples as shopify
from tests.sources.vendors import (
    adobe_commerce,
    bigcommerce,
    commercetools,
    eccube,
    logiless,
    rakuten,
    saleor,
    square,
    woocommerce,
)

Json = dict[str, Any]

# Of each platform: its topic, and an order as it was, cancelled, and as it was set back.
OFF_AT, BACK_AT = "2027-03-01T10:00:00", "2027-03-02T10:00:00"
CASES: dict[str, tuple[str, Callable[[str, bool], Json]]] = {
    "adobe_commerce": (
        "observer.sales_order_save_after",
        lambda at, off: adobe_commerce.data(
            adobe_commerce.order(
                state="canceled" if off else "processing", updated_at=at.replace("T", " ")
            )
        ),
    ),
    "bigcommerce": (
        "store/order/updated",
        lambda at, off: bigcommerce.fetched(
            "store/order/updated",
            order=bigcommerce.order(status_id=5 if off else 11, date_modified=at + "Z"),
        ),
    ),
    "commercetools": (
        "order",
        lambda at, off: commercetools.order(
            orderState="Cancelled" if off else "Open", lastModifiedAt=at + "Z"
        ),
    ),
    "eccube": (
        "order",
        lambda at, off: eccube.fetched(
            "order", eccube.order(3 if off else 1, update_date=at + "+00:00")
        ),
    ),
    "logiless": (
        "sales_order",
        lambda at, off: logiless.order(
            "Cancel" if off else "WaitingForAllocation", updated_at=at + "+00:00"
        ),
    ),
    "rakuten": (
        "order",
        lambda at, off: rakuten.order(900 if off else 300, orderFixDatetime=at + "+0900"),
    ),
    "saleor": (
        "order",
        lambda at, off: saleor.order(status="CANCELED" if off else "UNFULFILLED", updatedAt=at),
    ),
    "shopify": (
        "orders/updated",
        lambda at, off: shopify.order(cancelled_at=at + "Z" if off else None, updated_at=at + "Z"),
    ),
    "square": (
        "order.updated",
        lambda at, off: square.order(
            state="CANCELED" if off else "OPEN", updated_at=at + "Z", closed_at=None
        ),
    ),
    "woocommerce": (
        "order.updated",
        lambda at, off: woocommerce.order(
            status="cancelled" if off else "processing", date_modified_gmt=at
        ),
    ),
}


@pytest.mark.parametrize("source", CASES)
def test_the_order_goes_on_once_the_platform_says_so(source: str) -> None:
    topic, order = CASES[source]

    def told(at: str, *, off: bool) -> tuple[Any, ...]:
        found = receive_all(order(at, off), source=source, topic=topic)
        return tuple(fact for delivery in found for fact in normalize(delivery))

    off, back = told(OFF_AT, off=True), told(BACK_AT, off=False)
    snapshots = [fact.data for fact in back if isinstance(fact.data, OrderChanged)]
    assert [one.cancelled for one in snapshots] == [False]
    for facts in ((*off, *back), (*back, *off)):
        record = OrderRecord(brand="aoba", order_id=snapshots[0].order_id)
        found = fold(merge(record, facts))
        assert not found.cancelled
        assert found.restored_at is not None
    record = OrderRecord(brand="aoba", order_id=snapshots[0].order_id)
    assert fold(merge(record, off)).cancelled
    old = told("2027-02-28T10:00:00", off=False)
    assert fold(merge(record, (*off, *old))).cancelled, "an older snapshot takes nothing back"


@pytest.mark.parametrize(
    ("source", "topic", "body"),
    [
        ("woocommerce", "order.updated", woocommerce.order(status="wc-own")),
        (
            "bigcommerce",
            "store/order/updated",
            bigcommerce.fetched("store/order/updated", order=bigcommerce.order(status_id=77)),
        ),
        ("adobe_commerce", "observer.sales_order_save_after",
         adobe_commerce.data(adobe_commerce.order(state="own"))),
        ("rakuten", "order", rakuten.order(990)),
        ("commercetools", "order", commercetools.order(orderState=None)),
        ("saleor", "order", saleor.order(status=None)),
    ],
)  # fmt: skip
def test_a_state_that_nobody_knows_takes_nothing_back(source: str, topic: str, body: Json) -> None:
    facts = normalize(receive(body, source=source, topic=topic))
    said = [f.data.cancelled for f in facts if isinstance(f.data, OrderPlaced | OrderChanged)]
    assert said
    assert set(said) == {None}


def test_commercetools_says_by_a_state_only_that_an_order_is_on_again() -> None:
    body = commercetools.message("OrderStateChanged", orderState="Open", oldOrderState="Cancelled")
    delivery = receive(body, source="commercetools")
    asked = missing(delivery)
    assert asked is not None
    assert asked.topic == "order"
    with pytest.raises(Rejected, match="fetched"):
        normalize(delivery)
    first = commercetools.message("OrderStateChanged", orderState="Confirmed", oldOrderState="Open")
    assert missing(receive(first, source="commercetools")) is None
