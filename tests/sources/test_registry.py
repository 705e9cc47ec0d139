"""How an event finds its source, in any of its forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import shared.sources
from shared.contracts import parse_fact
from shared.contracts.samples import samples
from shared.domain.errors import Ignored, Rejected
from shared.domain.events import Fact
from shared.sources import (
    Brands,
    describe,
    find_source,
    lower_headers,
    normalize,
    normalize_body,
    normalize_event,
    normalize_record,
    receive,
    sources,
)
from tests.sources import samples as shopify
from tests.sources.test_fuzz import samples as vendor_samples

SHOPS = {"aoba.myshopify.com": "aoba"}


def by_envelope(topic: str, payload: shopify.Json) -> tuple[Fact, ...]:
    return normalize_event(shopify.envelope(topic, payload), SHOPS.get)


def test_every_module_is_a_source_that_declares_itself_whole() -> None:
    folder = Path(shared.sources.__file__).parent
    names = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert {source.name for source in sources()} == names
    for source in sources():
        assert source.topics
        assert source.ignored
        assert source.notes
        assert source.event_patterns or source.signature or source.comes_by
        assert source.title
        assert source.docs_url
        assert all(source.topics.values())
        assert all(source.ignored.values())
        assert not set(source.topics) & set(source.ignored)


def test_all_forms_of_an_event_give_the_same_fact() -> None:
    payload = shopify.order()
    brands = Brands(of_shop=SHOPS.get)
    envelope = shopify.envelope("orders/create", payload)
    forms = [
        normalize_event(envelope, SHOPS.get),
        normalize_event(json.dumps(envelope), SHOPS.get),
        normalize_event(json.dumps(envelope).encode(), SHOPS.get),
        normalize_record(shopify.record("orders/create", payload), brands=brands),
        normalize_record(
            {**shopify.record("orders/create", payload), "body": json.dumps(payload)},
            brands=brands,
        ),
    ]
    assert all(form == forms[0] for form in forms)
    bare = normalize_body(payload, "shopify", "orders/create", brands=Brands(default="aoba"))
    assert [fact.data for fact in bare] == [fact.data for fact in forms[0]]
    assert [fact.metadata.id for fact in bare] == [fact.metadata.id for fact in forms[0]]
    assert {fact.metadata.dedupe_id for fact in bare} == {None}


def test_a_record_may_note_its_topic_beside_the_headers() -> None:
    noted = shopify.record("orders/create", shopify.order())
    del noted["headers"]["x-shopify-topic"]
    with pytest.raises(Rejected) as refusal:
        receive(noted)
    assert refusal.value.code == "INCOMPLETE"
    assert receive({**noted, "topic": "orders/create"}).topic == "orders/create"


def test_the_topic_can_be_said_beside_the_event() -> None:
    delivery = receive(shopify.envelope("orders/create", shopify.order()), topic="orders/updated")
    assert normalize(delivery)[0].metadata.type == "OrderChanged"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("{", "MALFORMED"),
        ("[]", "UNKNOWN_SOURCE"),
        ("{}", "UNKNOWN_SOURCE"),
        ('{"id": 1}', "UNKNOWN_SOURCE"),
        ({"headers": {}, "body": {}}, "UNKNOWN_SOURCE"),
        ({"headers": {"x-shopify-topic": "orders/create"}, "body": []}, "MALFORMED"),
        ({"headers": {"x-shopify-topic": "orders/create"}, "body": "nope"}, "MALFORMED"),
        ({"detail-type": "Object Created", "source": "aws.s3", "detail": {}}, "UNKNOWN_SOURCE"),
        ({"detail-type": "shopifyWebhook", "source": "x", "detail": []}, "MALFORMED"),
        ({"detail-type": "shopifyWebhook", "source": "x", "detail": {}}, "MALFORMED"),
        ({"detail-type": 1, "source": None, "detail": {"data": {}}}, "UNKNOWN_SOURCE"),
    ],
)
def test_what_nobody_knows_is_refused(raw: Any, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        normalize(receive(raw))
    assert refusal.value.code == code


def test_an_oversized_event_is_refused_as_text_and_as_an_object() -> None:
    big = shopify.envelope("orders/create", shopify.order(note="茶" * 90_000))
    for form in (big, json.dumps(big), json.dumps(big, ensure_ascii=False).encode()):
        with pytest.raises(Rejected) as refusal:
            normalize_event(form, SHOPS.get)
        assert refusal.value.code == "OVERSIZED"


def test_an_unknown_source_names_those_that_are() -> None:
    with pytest.raises(Rejected) as refusal:
        find_source("nowhere")
    assert "shopify" in refusal.value.detail


def test_the_brand_is_that_of_the_shop() -> None:
    facts = by_envelope("orders/create", shopify.order())
    assert {fact.metadata.brand for fact in facts} == {"aoba"}


def test_a_shop_that_no_brand_claims_is_refused_even_with_a_default() -> None:
    envelope = shopify.envelope("orders/create", shopify.order())
    with pytest.raises(Rejected) as refusal:
        normalize_event(envelope, lambda shop: None, default_brand="aoba")
    assert refusal.value.code == "UNKNOWN_BRAND"
    assert "aoba.myshopify.com" in refusal.value.detail


def test_without_shop_and_default_an_event_has_no_brand() -> None:
    envelope = shopify.envelope("orders/create", shopify.order())
    del envelope["detail"]["metadata"]["X-Shopify-Shop-Domain"]
    with pytest.raises(Rejected) as refusal:
        normalize_event(envelope, SHOPS.get)
    assert refusal.value.code == "UNKNOWN_BRAND"
    facts = normalize_event(envelope, SHOPS.get, default_brand="northlight")
    assert facts[0].metadata.brand == "northlight"
    assert normalize(receive(envelope))[0].metadata.brand is None


def test_a_brand_of_another_deployment_is_refused() -> None:
    envelope = shopify.envelope("orders/create", shopify.order())
    with pytest.raises(Rejected) as refusal:
        normalize_event(envelope, SHOPS.get, known_brands={"northlight"})
    assert refusal.value.code == "UNKNOWN_BRAND"


def test_what_comes_from_an_archive_is_historical() -> None:
    live = by_envelope("orders/create", shopify.order())
    replayed = normalize_event(
        shopify.envelope("orders/create", shopify.order(), **{"replay-name": "again"}), SHOPS.get
    )
    assert [f.metadata.historical for f in live] == [False]
    assert [f.metadata.historical for f in replayed] == [True]
    assert [f.metadata.id for f in live] == [f.metadata.id for f in replayed]


def test_header_names_are_read_in_any_case() -> None:
    assert lower_headers(
        {"X-Shopify-Topic": "a", " x-TEST ": True, "List": ["b", "c"], "n": 1}
    ) == {
        "x-shopify-topic": "a",
        "x-test": "true",
        "list": "b",
        "n": "1",
    }


def test_describe_is_the_fact_as_json() -> None:
    fact = by_envelope("orders/create", shopify.order())[0]
    assert parse_fact(json.loads(json.dumps(describe(fact)))) == fact


def envelopes() -> list[tuple[str, Any]]:
    """EventBridge envelopes among the samples, with the source that they are of."""
    own = [
        ("shopify", shopify.envelope("orders/create", shopify.order())),
        (
            "yoin",
            {
                "detail-type": "OrderPlaced",
                "source": "my.shop",
                "detail": samples()["OrderPlaced"],
            },
        ),
    ]
    vendors = ((name, record) for (name, _), record in vendor_samples().items())
    return own + [(name, record) for name, record in vendors if "detail-type" in record]


def test_the_patterns_match_the_sources_own_events_and_no_others() -> None:
    told = envelopes()
    assert {name for name, _ in told} >= {s.name for s in sources() if s.event_patterns}
    for name, envelope in told:
        assert [s.name for s in sources() if s.matches(envelope)] == [name]
        patterns = find_source(name).event_patterns
        assert any(_matches(pattern, envelope) for pattern in patterns), f"{name}: {envelope}"


def test_the_headers_of_a_webhook_lead_to_its_source() -> None:
    for (name, label), record in vendor_samples().items():
        headers = record.get("headers") if isinstance(record, dict) else None
        recognising = [s.name for s in sources() if s.recognises(lower_headers(headers or {}))]
        assert recognising in ([], [name]), f"{name}: {label}"


def _matches(pattern: Any, event: Any) -> bool:
    """The part of EventBridge's patterns that sources use."""
    for key, allowed in pattern.items():
        value = event.get(key)
        fits = [
            value == one
            if isinstance(one, str)
            else str(value).startswith(one["prefix"])
            if "prefix" in one
            else value is not None
            if "exists" in one
            else value != one["anything-but"]
            for one in allowed
        ]
        if not any(fits):
            return False
    return True


def test_what_a_source_declares_to_be_of_no_use_is_not_kept() -> None:
    def refusal(topic: str) -> Rejected:
        with pytest.raises(Rejected) as refused:
            normalize_body({}, "shopify", topic)
        return refused.value

    assert isinstance(refusal("orders/edited"), Ignored)
    nobody_knows = refusal("feasts/eaten")
    assert not isinstance(nobody_knows, Ignored)
    assert refusal("orders/edited").code == nobody_knows.code == "UNKNOWN_TOPIC"
