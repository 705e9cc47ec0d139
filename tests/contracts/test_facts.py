"""Facts as JSON: strict coming in, complete going out, and the schemas say the same."""

from __future__ import annotations

import copy
import dataclasses
import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts import fact_to_json, parse_fact, read_fact, schema, schemas
from shared.contracts.samples import samples
from shared.domain.errors import Rejected
from shared.domain.events import (
    FACTS,
    Channel,
    ConsentSeen,
    Fact,
    Instruction,
    Line,
    Metadata,
    OrderPlaced,
    PaymentMethod,
    PaymentStatus,
    StockStatus,
)
from shared.domain.values import Address, Money, Party

FULL = Fact(
    metadata=Metadata(
        id="f-1",
        type="OrderPlaced",
        brand="aoba",
        source="my.shop",
        occurred_at=datetime(2026, 4, 10, 3, 15, 0, 123456, tzinfo=UTC),
        correlation_id="c-1",
        dedupe_id="d-1",
        test=True,
        historical=True,
    ),
    data=OrderPlaced(
        order_id="1001",
        number="#1001",
        placed_at=datetime(2026, 4, 10, 12, 15, tzinfo=timezone(timedelta(hours=9))),
        lines=(
            Line(
                line_id="1",
                quantity=2,
                sku="SENCHA-100",
                product_id="7",
                title="深蒸し煎茶",
                variant="100g",
                unit_price=Money(1200, "JPY"),
                image_url="https://shop.example/1.jpg",
                requires_shipping=False,
            ),
        ),
        buyer=Party(
            customer_id="c-77",
            name="山田 花子",
            email="hanako@example.com",
            phone="+819012345678",
            locale="ja",
        ),
        ship_to=Address(
            name="山田 花子", country="JP", postal_code="150-0001", phone="+81312345678"
        ),
        currency="JPY",
        total=Money(2900, "JPY"),
        subtotal=Money(2400, "JPY"),
        shipping_fee=Money(500, "JPY"),
        payment_method=PaymentMethod.KONBINI,
        payment_status=PaymentStatus.PENDING,
        payment_due_at=datetime(2026, 4, 13, 14, 59, tzinfo=UTC),
        payment_instructions=(Instruction(label="支払番号", value="1234"),),
        stock=StockStatus.RESERVED,
        wished_date=date(2026, 4, 16),
        wished_slot="午前中",
        gift=True,
        subscription=False,
        status_url="https://shop.example/orders/1",
        tags=("vip",),
        consents=(ConsentSeen(channel=Channel.EMAIL, granted=True),),
        notify=False,
    ),
)


def changed(path: str, value: Any) -> dict[str, Any]:
    """The full fact as JSON with one field set; a path like "data.lines.0.quantity"."""
    obj = fact_to_json(FULL)
    *way, last = path.split(".")
    at: Any = obj
    for step in way:
        at = at[int(step)] if step.isdigit() else at[step]
    at[int(last) if last.isdigit() else last] = value
    return obj


def without(path: str) -> dict[str, Any]:
    obj = fact_to_json(FULL)
    *way, last = path.split(".")
    at: Any = obj
    for step in way:
        at = at[int(step)] if step.isdigit() else at[step]
    del at[last]
    return obj


def test_a_fact_survives_the_way_through_json_whole() -> None:
    text = json.dumps(fact_to_json(FULL), ensure_ascii=False)
    assert parse_fact(json.loads(text)) == FULL
    assert read_fact(json.loads(text)) == FULL


def test_json_names_every_field_and_writes_instants_in_utc() -> None:
    obj = fact_to_json(FULL)
    assert obj["metadata"].keys() == {f.name for f in dataclasses.fields(Metadata)}
    assert obj["data"].keys() == {f.name for f in dataclasses.fields(OrderPlaced)}
    assert obj["metadata"]["occurred_at"] == "2026-04-10T03:15:00.123456Z"
    assert obj["data"]["placed_at"] == "2026-04-10T03:15:00Z"
    assert obj["data"]["wished_date"] == "2026-04-16"
    assert obj["data"]["payment_status"] == "PENDING"
    assert obj["data"]["total"] == {"amount": 2900, "currency": "JPY"}


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_fact_has_a_sample_that_its_schema_and_its_class_take(name: str) -> None:
    sample = samples()[name]
    rules = schema(name)
    jsonschema.Draft202012Validator.check_schema(rules)
    validator = jsonschema.Draft202012Validator(
        rules, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    validator.validate(sample)
    fact = parse_fact(sample)
    assert fact.metadata.type == name
    whole = fact_to_json(fact)
    validator.validate(whole)
    assert parse_fact(whole) == fact


@pytest.mark.parametrize(
    ("path", "value", "code", "field"),
    [
        ("data.buyer.email", "not an address", "INVALID_VALUE", "data.buyer.email"),
        ("data.buyer.email", "a@b", "INVALID_VALUE", "data.buyer.email"),
        ("data.buyer.phone", "090-1234-5678", "INVALID_VALUE", "data.buyer.phone"),
        ("data.buyer.phone", "+8190", "INVALID_VALUE", "data.buyer.phone"),
        ("data.buyer.locale", "japanese!", "INVALID_VALUE", "data.buyer.locale"),
        ("data.ship_to.country", "JPN", "INVALID_VALUE", "data.ship_to.country"),
        ("data.ship_to.country", "jp", "INVALID_VALUE", "data.ship_to.country"),
        ("data.ship_to.country", "ZZ", "INVALID_VALUE", "data.ship_to.country"),
        ("data.ship_to.phone", "none", "INVALID_VALUE", "data.ship_to.phone"),
        ("data.total.currency", "ABC", "INVALID_VALUE", "amounts in ABC in an order in JPY"),
        ("data.lines.0.unit_price.currency", "ABC", "INVALID_VALUE", "unit_price.currency"),
        ("data.lines.0.unit_price.currency", "jpy", "INVALID_VALUE", "data.lines[0].unit_price"),
        ("data.total.amount", 10**16, "INVALID_VALUE", "data.total.amount"),
        ("data.total.amount", 29.5, "MALFORMED", "data.total.amount"),
        ("data.total.amount", "2900", "MALFORMED", "data.total.amount"),
        ("data.lines.0.quantity", -1, "INVALID_VALUE", "data.lines[0]"),
        ("data.lines.0.quantity", 10**7, "INVALID_VALUE", "data.lines[0].quantity"),
        ("data.lines.0.quantity", True, "MALFORMED", "data.lines[0].quantity"),
        ("data.lines.0.sky", "x", "MALFORMED", "data.lines[0].sky"),
        ("data.lines", {}, "MALFORMED", "data.lines"),
        ("data.order_id", "", "INVALID_VALUE", "order_id"),
        ("data.order_id", "x" * 201, "INVALID_VALUE", "data.order_id"),
        ("data.order_id", 1001, "MALFORMED", "data.order_id"),
        ("data.gift", "yes", "MALFORMED", "data.gift"),
        ("data.payment_status", "paid", "INVALID_VALUE", "data.payment_status"),
        ("data.wished_date", "2026-02-30", "INVALID_VALUE", "data.wished_date"),
        ("data.wished_date", "2026-04-16T00:00:00Z", "INVALID_VALUE", "data.wished_date"),
        ("data.placed_at", "2026-04-10T12:15:00", "INVALID_VALUE", "data"),
        ("data.placed_at", "0001-01-01T00:00:00+14:00", "INVALID_VALUE", "data"),
        ("data.placed_at", 1775790900, "MALFORMED", "data.placed_at"),
        ("data.currency", "USD", "INVALID_VALUE", "data"),
        ("data.surprise", 1, "MALFORMED", "data.surprise"),
        ("metadata.occurred_at", "2026-04-10", "INVALID_VALUE", "metadata"),
        ("metadata.occurred_at", "1775790900", "INVALID_VALUE", "metadata.occurred_at"),
        ("metadata.occurred_at", "1889-01-01T00:00:00Z", "INVALID_VALUE", "metadata"),
        ("metadata.version", 2, "INVALID_VALUE", "metadata.version"),
        ("metadata.id", "", "INVALID_VALUE", "metadata"),
        ("metadata.id", "a\nb", "INVALID_VALUE", "metadata.id"),
        ("metadata.type", "OrderVanished", "UNKNOWN_TOPIC", "OrderVanished"),
        ("metadata.extra", "x", "MALFORMED", "metadata.extra"),
        ("metadata", [], "MALFORMED", "metadata"),
        ("data", None, "INCOMPLETE", "data"),
        ("extra", 1, "MALFORMED", "extra"),
    ],
)
def test_what_cannot_be_is_rejected_with_its_field(
    path: str, value: Any, code: str, field: str
) -> None:
    with pytest.raises(Rejected) as refusal:
        parse_fact(changed(path, value))
    assert refusal.value.code == code
    assert field in refusal.value.detail
    assert "\n" not in refusal.value.detail


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("data.order_id", "data.order_id"),
        ("data.lines", "data.lines"),
        ("data.total.currency", "data.total.currency"),
        ("metadata.occurred_at", "metadata.occurred_at"),
        ("metadata.id", "metadata.id"),
    ],
)
def test_what_is_missing_is_named(path: str, field: str) -> None:
    with pytest.raises(Rejected) as refusal:
        parse_fact(without(path))
    assert refusal.value.code == "INCOMPLETE"
    assert f"{field} is missing" in refusal.value.detail


def test_no_refusal_holds_personal_data() -> None:
    secret = "Taro.Secret@@example"
    for path in ("data.buyer.email", "data.buyer.phone", "data.ship_to.phone", "data.ship_to"):
        with pytest.raises(Rejected) as refusal:
            parse_fact(changed(path, secret))
        assert "Secret" not in str(refusal.value)


def test_the_type_must_be_that_of_the_data() -> None:
    with pytest.raises(Rejected) as refusal:
        parse_fact(changed("metadata.type", "OrderCancelled"))
    assert refusal.value.code == "MALFORMED"


def test_a_stored_fact_is_readable_though_a_rule_no_longer_holds() -> None:
    stored = changed("data.buyer.email", "an..old@docomo.ne.jp")
    with pytest.raises(Rejected):
        parse_fact(stored)
    data = read_fact(stored).data
    assert isinstance(data, OrderPlaced)
    assert data.buyer.email == "an..old@docomo.ne.jp"


def test_schemas_say_the_rules_that_types_cannot() -> None:
    definitions = schema("OrderPlaced")["$defs"]
    assert definitions["Money"]["properties"]["currency"]["pattern"] == "^[A-Z]{3}$"
    assert definitions["Line"]["properties"]["quantity"]["minimum"] == 0
    email = definitions["Party"]["properties"]["email"]
    assert {"type": "string", "format": "email"} in email["anyOf"]
    assert definitions["OrderPlaced"]["properties"]["order_id"]["minLength"] == 1
    assert definitions["Metadata"]["properties"]["type"] == {
        "const": "OrderPlaced",
        "type": "string",
    }
    assert schemas().keys() == FACTS.keys()
    for rules in schemas().values():
        for name, definition in rules["$defs"].items():
            if definition.get("type") == "object":
                assert definition["additionalProperties"] is False, name


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["2026-04-10T00:00:00Z", "JPY", "email", "PAID", "2026-04-10"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(["amount", "order_id"]), inner)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    name=st.sampled_from(sorted(FACTS)),
    part=st.sampled_from(["metadata", "data"]),
    at=st.integers(0, 30),
    value=JSON,
)
def test_whatever_stands_in_a_field_the_answer_is_a_fact_or_a_refusal(
    name: str, part: str, at: int, value: Any
) -> None:
    obj = copy.deepcopy(fact_to_json(parse_fact(samples()[name])))
    fields = sorted(obj[part])
    obj[part][fields[at % len(fields)]] = value
    try:
        fact = parse_fact(obj)
    except Rejected:
        return
    assert parse_fact(fact_to_json(fact)) == fact
