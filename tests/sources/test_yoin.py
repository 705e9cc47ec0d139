"""Yoin's own contract on the bus: whole, and in its short form."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts import fact_to_json, parse_fact
from shared.contracts.samples import samples
from shared.domain.errors import Rejected
from shared.domain.events import FACTS
from shared.sources import Brands, normalize, normalize_body, normalize_event, receive


def envelope(name: str, detail: Any, **changes: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "b3b1a2c4-0000-4000-8000-000000000001",
        "detail-type": name,
        "source": "my.warehouse",
        "time": "2026-04-14T08:00:00Z",
        "detail": detail,
        **changes,
    }


def no_shop(_shop: str) -> str | None:
    return None


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_fact_comes_in_as_it_is(name: str) -> None:
    (fact,) = normalize_event(envelope(name, samples()[name]), no_shop)
    assert fact == parse_fact(samples()[name])


def test_the_short_form_takes_from_the_envelope_what_it_leaves_out() -> None:
    data = samples()["ShipmentDispatched"]["data"]
    (fact,) = normalize_event(
        envelope("ShipmentDispatched", {"metadata": {"brand": "aoba"}, "data": data}), no_shop
    )
    assert fact_to_json(fact)["metadata"] == {
        "id": "b3b1a2c4-0000-4000-8000-000000000001",
        "type": "ShipmentDispatched",
        "brand": "aoba",
        "source": "my.warehouse",
        "occurred_at": "2026-04-14T08:00:00Z",
        "version": 1,
        "correlation_id": None,
        "dedupe_id": None,
        "test": False,
        "historical": False,
        "notes": [],
    }


@pytest.mark.parametrize("detail", [{"metadata": None}, {"metadata": {"id": None}}, {}])
def test_metadata_may_be_missing_where_there_is_one_brand(detail: dict[str, Any]) -> None:
    event = envelope("OrderConfirmed", {**detail, "data": {"order_id": "1"}})
    (fact,) = normalize_event(event, no_shop, default_brand="aoba")
    assert (fact.metadata.brand, fact.metadata.id) == ("aoba", event["id"])
    with pytest.raises(Rejected) as refusal:
        normalize_event(event, no_shop)
    assert refusal.value.code == "UNKNOWN_BRAND"


def test_a_named_brand_goes_before_the_default() -> None:
    event = envelope("OrderConfirmed", samples()["OrderConfirmed"])
    (fact,) = normalize_event(event, no_shop, default_brand="northlight")
    assert fact.metadata.brand == "aoba"
    with pytest.raises(Rejected) as refusal:
        normalize_event(event, no_shop, known_brands=("northlight",))
    assert refusal.value.code == "UNKNOWN_BRAND"


def test_without_any_time_there_is_no_fact() -> None:
    event = envelope("OrderConfirmed", {"data": {"order_id": "1"}}, time=None)
    with pytest.raises(Rejected) as refusal:
        normalize_event(event, no_shop, default_brand="aoba")
    assert (refusal.value.code, "occurred_at" in refusal.value.detail) == ("INCOMPLETE", True)


@pytest.mark.parametrize(
    ("name", "detail", "code"),
    [
        ("OrderVanished", {"metadata": {}, "data": {}}, "UNKNOWN_TOPIC"),
        ("MessageSent", samples()["MessageSent"], "UNKNOWN_TOPIC"),
        ("OrderCancelled", samples()["OrderConfirmed"], "INVALID_VALUE"),
        ("OrderConfirmed", {"data": {"order_id": ""}}, "INVALID_VALUE"),
        ("OrderConfirmed", {"data": {"order_id": "1", "color": "red"}}, "MALFORMED"),
        ("OrderConfirmed", {"data": {}}, "INCOMPLETE"),
        ("OrderConfirmed", {"metadata": {}}, "INCOMPLETE"),
        ("OrderConfirmed", {"metadata": [], "data": {"order_id": "1"}}, "MALFORMED"),
        ("OrderConfirmed", {"metadata": {"brand": 1}, "data": {"order_id": "1"}}, "MALFORMED"),
        ("OrderConfirmed", {"data": {"order_id": "1"}, "more": 1}, "MALFORMED"),
        ("OrderConfirmed", "text", "MALFORMED"),
    ],
)
def test_what_is_not_in_the_contract_is_refused(name: str, detail: Any, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        normalize_event(envelope(name, detail), no_shop, default_brand="aoba")
    assert refusal.value.code == code


def test_what_comes_from_an_archive_is_historical() -> None:
    event = envelope("OrderConfirmed", samples()["OrderConfirmed"], **{"replay-name": "again"})
    (fact,) = normalize_event(event, no_shop)
    assert fact.metadata.historical


def test_a_bare_body_has_an_id_of_its_own_text() -> None:
    body = samples()["OrderConfirmed"]
    bare = {**body, "metadata": {k: v for k, v in body["metadata"].items() if k != "id"}}
    (first,) = normalize_body(bare, "yoin", "OrderConfirmed")
    (again,) = normalize_body(dict(reversed(bare.items())), "yoin", "OrderConfirmed")
    (other,) = normalize_body({**bare, "data": {"order_id": "2"}}, "yoin", "OrderConfirmed")
    assert first == again
    assert first.metadata.id != other.metadata.id
    assert normalize(receive(body, source="yoin", brands=Brands()))[0] == parse_fact(body)
