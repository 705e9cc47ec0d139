"""Broken payloads: whatever is in them, the answer is facts or a Rejected, and nothing else.

Mutations of valid payloads reach deeper than random JSON: types swapped, fields dropped, lists
and objects exchanged, numbers beyond reason, odd Unicode.
"""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts import fact_to_json, parse_fact
from shared.domain.errors import Rejected
from shared.domain.events import Fact
from shared.domain.folding import fold, merge
from shared.domain.orders import OrderRecord
from shared.sources import normalize_event, sources
from tests.sources import samples as s
from tests.sources.vendors import shopify as v

RICH_ORDER = s.order(
    note_attributes=[{"name": "配送希望日", "value": "2026-04-16"}],
    payment_terms={
        "payment_terms_type": "net",
        "payment_schedules": [{"due_at": "2026-05-10T00:00:00Z", "completed_at": None}],
    },
    fulfillments=[s.fulfillment(shipment_status="delivered")],
    refunds=[s.refund()],
    tags="a, b",
)
CONSENT = {
    "customer_id": 5,
    "email_address": "hanako@example.com",
    "email_marketing_consent": {"state": "subscribed", "consent_updated_at": None},
}
VALID = {
    "orders/create": RICH_ORDER,
    "orders/paid": RICH_ORDER,
    "orders/cancelled": RICH_ORDER,
    "fulfillments/update": s.fulfillment(shipment_status="in_transit"),
    "fulfillment_events/create": s.fulfillment_event(
        estimated_delivery_at="2026-04-15T00:30:00+09:00"
    ),
    "refunds/create": s.refund(),
    "returns/approve": s.return_(),
    "returns/process": s.return_(status="closed"),
    "returns/close": s.return_short("closed"),
    "customers_email_marketing_consent/update": CONSENT,
    "customers/update": v.CUSTOMER,
    "customers/data_request": v.DATA_REQUEST,
    "shop/redact": v.SHOP_REDACT,
    "inventory_levels/update": v.INVENTORY,
    "events:order/update": v.event("Order", "update", {"order": v.GRAPHQL_ORDER})["detail"][
        "payload"
    ],
    "events:customer/update": v.event("Customer", "update", {"customer": v.GRAPHQL_CUSTOMER})[
        "detail"
    ]["payload"],
}

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**15, 10**30),
    st.floats(),
    st.decimals(),
    st.text(max_size=30),
    st.sampled_from(
        [
            "",
            " ",
            "\x00",
            "\ud800",
            "\u202e茶\u0000",
            "９９９",
            "-0",
            "1e9999",
            "0x10",
            "NaN",
            "9" * 400,
            "2026-02-30T00:00:00Z",
            "0000-00-00T00:00:00Z",
            "9999-12-31T23:59:59-23:59",
            "gid://shopify/Order/",
            "gid://shopify/Customer/1",
            "gid://shopify/Order/99999999999999999999999",
            "XXX",
            "=cmd()",
            "<script>",
            Decimal("1E+999999"),
            float("inf"),
            10**5000,
        ]
    ),
    st.lists(st.none() | st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=3), max_size=3),
    st.just({"shop_money": []}),
    st.just([[]]),
    st.just([{}]),
)


def paths(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value inside."""
    found = [way] if way else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += paths(inner, (*way, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found += paths(inner, (*way, number))
    return found


WAYS = {topic: paths(payload) for topic, payload in VALID.items()}


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, Any]:
    topic = draw(st.sampled_from(sorted(VALID)))
    payload = copy.deepcopy(VALID[topic])
    for _ in range(draw(st.integers(1, 3))):
        way = draw(st.sampled_from(WAYS[topic]))
        drop, odd = draw(st.booleans()), draw(ODD)
        at: Any = payload
        try:
            for step in way[:-1]:
                at = at[step]
            if drop and isinstance(at, dict):
                at.pop(way[-1], None)
            else:
                at[way[-1]] = odd
        except (KeyError, IndexError, TypeError):
            continue  # an earlier mutation took the way
    return topic, payload


def attempt(event: Any) -> tuple[Fact, ...] | None:
    """The facts; None for a refusal, which says why on one line. All else is a failure."""
    try:
        return normalize_event(event, {"aoba.myshopify.com": "aoba"}.get)
    except Rejected as error:
        refusal = error
    assert refusal.detail
    assert refusal.detail.isprintable()
    return None


def held(topic: str, payload: Any) -> None:
    """Facts that satisfy the contract and fold, the same ones each time; or a refusal."""
    event = s.envelope(topic, payload)
    facts = attempt(event)
    if facts is None:
        return
    for fact in facts:
        assert parse_fact(fact_to_json(fact)) == fact
        json.dumps(fact_to_json(fact), ensure_ascii=False).encode()
    fold(merge(OrderRecord(brand="aoba", order_id="x"), facts))
    assert attempt(event) == facts


@settings(max_examples=150, deadline=None)
@given(broken())
def test_a_broken_payload_is_facts_or_a_refusal(case: tuple[str, Any]) -> None:
    held(*case)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(VALID)), ODD)
def test_any_payload_at_all(topic: str, payload: Any) -> None:
    held(topic, payload)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=30), ODD, max_size=4), st.text(max_size=20))
def test_any_metadata_at_all(headers: dict[str, Any], topic: str) -> None:
    event = s.envelope(topic, s.fulfillment())
    event["detail"]["metadata"] |= headers
    attempt(event)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_at_all(raw: bytes | str) -> None:
    attempt(raw)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "detail-type", "source", "detail", "time"]), ODD))
def test_any_envelope_at_all(envelope: dict[str, Any]) -> None:
    attempt(envelope)


def test_every_topic_is_broken_by_some_test() -> None:
    (shopify,) = [source for source in sources() if source.name == "shopify"]
    readers = {topic.partition("/")[0] for topic in shopify.topics}
    assert {topic.partition("/")[0] for topic in VALID} >= readers - {"customers_marketing_consent"}
