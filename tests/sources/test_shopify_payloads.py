"""Payloads that others published, read in place where they are on the machine.

They are not part of this project (see their PROVENANCE.md) and not needed to build or to test it:
without them these tests are skipped. `YOIN_PAYLOADS` names another folder.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import fact_to_json, parse_fact
from shared.domain.errors import Rejected
from shared.domain.events import Fact
from shared.sources import normalize, receive

PAYLOADS = Path(os.environ.get("YOIN_PAYLOADS", Path(__file__).parents[3] / "shared" / "payloads"))
FOLDER = PAYLOADS / "shopify"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the published payloads are not here")

# Files that are bare bodies: the topic under which Shopify sends such a body.
TOPICS = {
    "order_resource": "orders/updated",
    "fulfillment_resource": "fulfillments/update",
    "fulfillment_event_resource": "fulfillment_events/create",
    "refund_resource": "refunds/create",
    "customers_data_request": "customers/data_request",
    "customers_redact": "customers/redact",
    "shop_redact": "shop/redact",
}

# What must come of each file: the facts, or the code and a word of the reason.
EXPECTED: dict[str, list[str] | tuple[str, str]] = {
    "customers_data_request__docs_shape": ("INCOMPLETE", "time"),
    "customers_delete__webhook_2024-10": ("UNKNOWN_TOPIC", "customers/delete"),
    "customers_email_marketing_consent_update__webhook_2024-10": ("INCOMPLETE", "state"),
    "customers_merge__webhook_2024-10": ("UNKNOWN_TOPIC", "customers/merge"),
    "customers_redact__docs_shape": ("INCOMPLETE", "time"),
    "customers_update__webhook_2024-10": ["CustomerChanged"],
    "eventbridge_customers_create__handwritten_min": ("INCOMPLETE", "time"),
    "eventbridge_products_update__captured_2026-04": ("UNKNOWN_TOPIC", "products/update"),
    "fulfillment_event_resource__in_transit_no_location": ["ShipmentUpdated"],
    "fulfillment_events_create__webhook_2024-10": ["ShipmentUpdated"],
    "fulfillment_orders_placed_on_hold__webhook_2024-10": ("UNKNOWN_TOPIC", "warehouse"),
    "fulfillment_resource__success_tnt": ["ShipmentDispatched"],
    "fulfillment_resource__success_ups_1z": ["ShipmentDispatched"],
    "fulfillments_create__webhook_2024-10": ["ShipmentUpdated"],
    "fulfillments_update__webhook_2024-10": ["ShipmentUpdated"],
    "inventory_levels_update__webhook_2024-10": ["InventoryChanged"],
    "order_resource__jpy_no_customer_one_line": ["OrderChanged"],
    "order_resource__pln_paid_unfulfilled_company": ["OrderChanged"],
    "order_resource__usd_fulfilled_one_shipment": ["OrderChanged", "ShipmentDispatched"],
    "order_resource__usd_partially_paid": ["OrderChanged"],
    "order_resource__usd_partially_refunded_bob_norman": [
        "OrderChanged",
        "ShipmentUpdated",
        "OrderRefunded",
    ],
    "orders_cancelled__webhook_2024-10": ["OrderChanged", "OrderCancelled"],
    "orders_create__webhook_2024-10": ["OrderPlaced", "OrderCancelled"],
    "orders_delete__webhook_2024-10": ("UNKNOWN_TOPIC", "orders/delete"),
    "orders_edited__webhook_2024-10": ("UNKNOWN_TOPIC", "orders/updated"),
    "orders_fulfilled__webhook_2024-10": ["OrderChanged", "OrderCancelled"],
    "orders_paid__webhook_2024-10": ["OrderChanged", "PaymentUpdated", "OrderCancelled"],
    "orders_partially_fulfilled__webhook_2024-10": ["OrderChanged", "OrderCancelled"],
    "orders_updated__webhook_2024-10": ["OrderChanged", "OrderCancelled"],
    "refund_resource__two_lines_legacy_restock": ["OrderRefunded"],
    "refunds_create__webhook_2024-10": ["OrderRefunded"],
    "returns_approve__webhook_2024-10": ["ReturnOpened"],
    "returns_cancel__webhook_2024-10": ["ReturnClosed"],
    "returns_close__webhook_2024-10": ["ReturnClosed"],
    "returns_decline__webhook_2024-10": ["ReturnClosed"],
    "returns_request__webhook_2024-10": ["ReturnOpened"],
    "reverse_deliveries_attach_deliverable__webhook_2024-10": ("UNKNOWN_TOPIC", "parcel"),
    "reverse_fulfillment_orders_dispose__webhook_2024-10": ("UNKNOWN_TOPIC", "neither order"),
    "shop_redact__docs_shape": ("INCOMPLETE", "time"),
}


def read(name: str) -> tuple[Fact, ...]:
    raw = (FOLDER / f"{name}.json").read_bytes()
    topic = next((t for start, t in TOPICS.items() if name.startswith(f"{start}__")), None)
    return normalize(receive(raw, source="shopify" if topic else None, topic=topic))


def data(name: str, number: int = 0) -> dict[str, Any]:
    whole = fact_to_json(read(name)[number])
    return {**whole["data"], "metadata": whole["metadata"]}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_published_payload_has_its_outcome(name: str) -> None:
    expected = EXPECTED[name]
    if isinstance(expected, tuple):
        with pytest.raises(Rejected) as refusal:
            read(name)
        code, word = expected
        assert refusal.value.code == code
        assert word in refusal.value.detail
        return
    facts = read(name)
    assert [fact.metadata.type for fact in facts] == expected
    assert read(name) == facts
    for fact in facts:
        assert parse_fact(json.loads(json.dumps(fact_to_json(fact)))) == fact
    if name.endswith("__webhook_2024-10"):
        assert all(fact.metadata.test for fact in facts), "they were sent with X-Shopify-Test"
        assert all(fact.metadata.dedupe_id for fact in facts)


def test_the_table_names_every_file() -> None:
    if "YOIN_PAYLOADS" not in os.environ:
        assert {path.stem for path in FOLDER.glob("*.json")} == set(EXPECTED)


def test_every_other_published_payload_of_that_kind_is_facts_or_a_refusal() -> None:
    """Whatever else lies in the folder, no exception but Rejected comes out."""
    outcomes: Counter[str] = Counter()
    for path in sorted(PAYLOADS.glob("*/*.json")):
        try:
            facts = normalize(receive(path.read_bytes()))
        except Rejected as refusal:
            outcomes[refusal.code] += 1
        else:
            outcomes["facts"] += len(facts)
    assert outcomes["facts"]
    assert outcomes["UNKNOWN_SOURCE"]


def test_yen_have_no_decimals_and_a_missing_customer_stays_missing() -> None:
    found = data("order_resource__jpy_no_customer_one_line")
    assert found["total"] == {"amount": 5900, "currency": "JPY"}
    assert found["buyer"] == dict.fromkeys(("customer_id", "name", "email", "phone", "locale"))
    assert found["placed_at"] == "2021-11-19T09:43:41Z"
    assert found["payment_status"] == "PAID"
    assert found["lines"][0]["quantity"] == 1


def test_ids_beyond_floats_are_exact() -> None:
    found = data("orders_create__webhook_2024-10")
    assert found["order_id"] == "820982911946154508"
    assert found["buyer"]["customer_id"] == "115310627314723954"
    assert [line["line_id"] for line in found["lines"]] == [
        "866550311766439020",
        "141249953214522974",
    ]


def test_zloty_have_two_decimals() -> None:
    found = data("order_resource__pln_paid_unfulfilled_company")
    assert found["total"] == {"amount": 211929, "currency": "PLN"}
    assert found["ship_to"]["phone"] == "+48534612001"


def test_pending_is_a_label_and_success_a_dispatch() -> None:
    pending = data("fulfillments_create__webhook_2024-10")
    assert (pending["status"], pending["tracking_number"]) == ("LABEL_CREATED", "1z827wk74630")
    sent = data("fulfillment_resource__success_ups_1z")
    assert (sent["carrier"], sent["tracking_number"]) == ("UPS", "1Z001985YW99744790")
    failed = data("order_resource__usd_partially_refunded_bob_norman", 1)
    assert (failed["status"], failed["raw_status"]) == ("CANCELLED", "failure")


def test_refunds_tell_goods_and_money() -> None:
    found = data("refund_resource__two_lines_legacy_restock")
    assert found["amount"] == {"amount": 20900, "currency": "USD"}
    assert [line["kind"] for line in found["lines"]] == ["RETURNED", "RETURNED"]
    kept = data("refunds_create__webhook_2024-10")
    assert kept["amount"] is None
    assert [line["kind"] for line in kept["lines"]] == ["KEPT", "KEPT"]


def test_returns_take_their_time_from_the_trigger() -> None:
    found = data("returns_approve__webhook_2024-10")
    assert found["metadata"]["occurred_at"] == "2024-08-07T23:01:31.834007Z"
    assert found["lines"] == [
        {"line_id": "4176556606960", "quantity": 1, "sku": None},
        {"line_id": "7014063798651", "quantity": 1, "sku": None},
    ]
