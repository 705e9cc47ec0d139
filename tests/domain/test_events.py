"""The facts: which statements are the same, and which values cannot be."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, get_args

import pytest

from shared.domain.events import (
    FACTS,
    Channel,
    Data,
    DeliveryPromised,
    Fact,
    Line,
    Metadata,
    OrderData,
    OrderPlaced,
    PaymentStatus,
    PromiseSource,
    ProviderWord,
    Purpose,
    ShipmentUpdated,
)
from shared.domain.lifecycle import Spec
from shared.domain.shipments import Status
from shared.domain.values import Money
from tests.builders import (
    ORDER,
    at,
    cancelled,
    changed,
    confirmed,
    consent,
    contactability,
    delivered,
    details,
    dispatched,
    fact,
    inventory,
    payment,
    placed,
    preferences,
    privacy,
    promised,
    refunded,
    reported,
    return_closed,
    return_opened,
    return_received,
    reviewed,
    scan,
    snoozed,
    stock,
    subscribes,
    ticket_closed,
    ticket_opened,
)

ONE_OF_EACH: list[Fact] = [
    placed(),
    changed(at(1)),
    confirmed(at(1)),
    payment(at(1)),
    stock(at(1)),
    cancelled(at(1)),
    refunded(at(1), ("1", 1)),
    dispatched(at(1)),
    scan("IN_TRANSIT", at(1)),
    promised(at(1), date(2025, 11, 7)),
    return_opened(at(1)),
    return_received(at(1)),
    return_closed(at(1)),
    ticket_opened(at(1)),
    ticket_closed(at(1)),
    reviewed(at(1)),
    snoozed(at(1), "A", None),
    consent(at(1), True),
    preferences(at(1)),
    subscribes(at(1), "A"),
    details(at(1)),
    privacy(at(1)),
    inventory(at(1), 3),
    reported(at(1), ProviderWord.DELIVERED, "m-1"),
    contactability(at(1), "hanako@example.com", False),
]


def test_there_is_a_builder_for_every_fact() -> None:
    assert {one.metadata.type for one in ONE_OF_EACH} == set(FACTS)
    assert set(FACTS.values()) == set(get_args(Data))


def test_no_two_kinds_of_fact_make_the_same_statement() -> None:
    keys = [one.key for one in ONE_OF_EACH]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("one", ONE_OF_EACH, ids=lambda one: str(one.metadata.type))
def test_what_a_fact_is_about(one: Fact) -> None:
    about_an_order = isinstance(one.data, OrderData)
    assert one.order_id == (ORDER if about_an_order else None)
    assert one.stamp == (one.metadata.occurred_at, one.metadata.id)


SAME_OR_NOT: dict[str, tuple[Fact, Fact, bool]] = {
    "a scan told twice": (delivered(at(3)), delivered(at(3), raw_status="配達完了"), True),
    "two scans of one kind": (delivered(at(3)), delivered(at(4)), False),
    "two scans of one second": (delivered(at(3)), scan("RETURNED", at(3)), False),
    "a scan of another parcel": (delivered(at(3)), delivered(at(3), shipment_id="S2"), False),
    "a tracking number that is added later": (
        dispatched(at(1), tracking_number=None),
        dispatched(at(2)),
        True,
    ),
    "two promises": (promised(at(1), date(2025, 11, 7)), promised(at(1), date(2025, 11, 8)), False),
    "one promise told twice": (
        promised(at(1), date(2025, 11, 7)),
        promised(at(2), date(2025, 11, 7)),
        True,
    ),
    "one date, named by two": (
        promised(at(1), date(2025, 11, 7)),
        promised(at(1), date(2025, 11, 7), promised_by=PromiseSource.CARRIER),
        False,
    ),
    "two refunds": (refunded(at(1)), refunded(at(1), refund_id="R2"), False),
    "two payment states": (payment(at(1)), payment(at(1), PaymentStatus.PENDING), False),
    "reviews of the same products": (reviewed(at(1), "A", "B"), reviewed(at(2), "B", "A"), True),
    "consent said again": (consent(at(1), True), consent(at(2), True), True),
    # Both are kept: a grant that comes late must not hide the refusal, nor the other way round.
    "a change of mind": (consent(at(1), True), consent(at(2), False), False),
    "a word about one topic": (
        consent(at(1), False),
        consent(at(2), False, topic="review_request"),
        False,
    ),
    "a word about another channel": (
        consent(at(1), True),
        consent(at(1), True, channel=Channel.SMS),
        False,
    ),
}


@pytest.mark.parametrize("name", SAME_OR_NOT)
def test_which_statements_are_the_same(name: str) -> None:
    one, other, same = SAME_OR_NOT[name]
    assert (one.key == other.key) is same


IMPOSSIBLE: dict[str, Any] = {
    "no id": lambda: Metadata(id="", type="X", brand=None, source="s", occurred_at=at(0)),
    "a year before the web": lambda: fact(placed().data, at(0).replace(year=1970)),
    "a year after all of us": lambda: fact(placed().data, at(0).replace(year=2999)),
    "no zone": lambda: fact(placed().data, datetime.fromisoformat("2025-11-20T11:24:00")),
    "a type that is not the data's": lambda: Fact(
        metadata=Metadata(id="f", type="OrderChanged", brand=None, source="s", occurred_at=at(0)),
        data=placed().data,
    ),
    "an order without an id": lambda: OrderPlaced(order_id="", placed_at=at(0), lines=()),
    "a negative quantity": lambda: Line(line_id="1", quantity=-1),
    "two currencies in one order": lambda: placed(total=Money(100, "USD")),
    "a promise that ends before it begins": lambda: DeliveryPromised(
        order_id="1", earliest=date(2025, 11, 8), latest=date(2025, 11, 7)
    ),
    "a scan of nothing": lambda: ShipmentUpdated(status=Status.DELIVERED, order_id="1"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_values_that_cannot_be_are_refused(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (each row has its own words)
        IMPOSSIBLE[name]()


def test_a_scan_needs_only_a_tracking_number() -> None:
    known = ShipmentUpdated(status=Status.DELIVERED, tracking_number="1234")
    assert fact(known).order_id is None
    assert fact(known).key.startswith("scan:1234:DELIVERED:")


def test_times_are_kept_in_utc() -> None:
    tokyo = at(0).astimezone() + timedelta(0)
    one = fact(placed(tokyo).data, tokyo)
    assert one.metadata.occurred_at == at(0)
    assert one.metadata.occurred_at.utcoffset() == timedelta(0)


# --- the declaration of a lifecycle --------------------------------------------------


def spec(**changes: Any) -> Spec:
    fields: dict[str, Any] = {
        "name": "x",
        "purpose": Purpose.MARKETING,
        "triggers": ("OrderPlaced",),
        "channels": (Channel.EMAIL,),
        "messages": ("m",),
        "title": ("題", "Title"),
        "summary": ("要約", "Summary"),
    }
    return Spec(**(fields | changes))


@pytest.mark.parametrize(
    "changes",
    [{"triggers": ("OrderPlased",)}, {"triggers": ()}, {"channels": ()}, {"messages": ()}],
)
def test_a_lifecycle_declares_what_exists(changes: dict[str, Any]) -> None:
    assert spec().name == "x"
    with pytest.raises(ValueError, match="x: "):
        spec(**changes)
