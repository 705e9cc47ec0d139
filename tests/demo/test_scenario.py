from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.demo import scenario
from local.demo.book import BEGINNING
from local.demo.samples import samples
from shared.brands import load_brand
from shared.brands.directory import BrandDirectory
from shared.domain.errors import Rejected
from shared.domain.events import Fact
from shared.sources import Brands, normalize_body, normalize_event
from shared.sources.eccube import QUERIES

ROOT = Path(__file__).parents[2]
BRANDS = BrandDirectory(["aoba", "northlight", "linden", "wakaba"])
LINDEN, WAKABA = (Brands().belonging_to(brand) for brand in ("linden", "wakaba"))


def _facts(event: Any) -> tuple[Fact, ...]:
    return normalize_event(event, BRANDS.of_shop, known_brands=BRANDS.ids())


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    return [json.loads(line) for line in scenario.lines()]


@pytest.fixture(scope="module")
def events(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line["event"] for line in told if "event" in line]


def test_eighty_orders_of_four_brands() -> None:
    brands = Counter(brand for brand, _ in scenario.titles())
    assert sum(brands.values()) >= 80
    assert min(brands["aoba"], brands["northlight"]) >= 15
    assert min(brands["linden"], brands["wakaba"]) >= 9


def test_every_event_is_read_or_refused_for_the_reason_meant(events: list[dict[str, Any]]) -> None:
    refused: Counter[str] = Counter()
    orders: set[tuple[str | None, str | None]] = set()
    kinds: set[str] = set()
    for event in events:
        try:
            facts = _facts(event)
        except Rejected as error:
            refused[error.code] += 1
            continue
        kinds |= {fact.metadata.type for fact in facts}
        orders |= {(f.metadata.brand, f.order_id) for f in facts if f.order_id}
    assert refused == {
        "UNKNOWN_TOPIC": 1,
        "UNKNOWN_BRAND": 1,
        "INVALID_VALUE": 3,
        "MALFORMED": 1,
        # Too large for a message: not refused by ingest, which has the order fetched.
        "INCOMPLETE": 2,
    }
    # Every order that is announced has a story, and every story an order; EC-CUBE's are fetched.
    assert orders == {title for title in scenario.titles() if title[0] != "wakaba"}
    # Refusals and snoozes come from the pages (local/readers.py), not as events.
    assert len(kinds) >= 16


def test_every_answer_of_an_api_and_every_post_of_a_job_is_read(told: list[dict[str, Any]]) -> None:
    orders: set[tuple[str | None, str | None]] = set()
    kinds: set[str] = set()
    asked = "\n".join(QUERIES.values())
    for line in told:
        if (answer := line.get("answer", {}).get("data")) is not None:
            (inside,) = answer.values()
            # Nothing is answered that nobody asked for.
            assert all(re.search(rf"\b{key}\b", asked) for key in inside)
            facts = normalize_body(line["answer"], "eccube", next(iter(answer)), brands=WAKABA)
            orders |= {(f.metadata.brand, f.order_id) for f in facts if f.order_id}
        elif line.get("post", {}).get("path", "").startswith("/yamato/"):
            facts = normalize_body(line["post"]["body"], "yamato", "tracking", brands=WAKABA)
            assert not any(getattr(f.data, "status", "") == "UNKNOWN" for f in facts)
        elif line.get("post", {}).get("path", "").startswith("/aftership/"):
            body = line["post"]["body"]
            facts = normalize_body(body, "aftership", "tracking_update", brands=LINDEN)
            assert facts
        else:
            continue
        kinds |= {fact.metadata.type for fact in facts}
    assert orders == {title for title in scenario.titles() if title[0] == "wakaba"}
    assert {"InventoryChanged", "CustomerChanged", "ShipmentDispatched", "OrderCancelled"} <= kinds


def test_everything_sold_and_everybody_is_known_to_the_brand(events: list[dict[str, Any]]) -> None:
    sold = {
        item["sku"]
        for event in events
        for item in event["detail"].get("payload", {}).get("line_items", ())
        if isinstance(item, dict)
    }
    listed = {p.sku for brand in BRANDS.ids() for p in load_brand(brand).products}
    assert sold <= listed


def test_lines_come_in_the_order_of_arrival_and_within_the_days() -> None:
    ats = [json.loads(line)["at"] for line in scenario.lines()]
    assert ats == sorted(ats)
    assert ats[0] >= BEGINNING.isoformat().replace("+00:00", "Z")
    assert len(scenario.lines(30)) < len(scenario.lines(60)) < len(ats)


def test_the_parts_are_the_whole_and_no_brand_is_in_two() -> None:
    parts = scenario.parts()
    assert len(parts) == 2
    assert sorted(line for part in parts for line in part) == sorted(scenario.lines())
    brands = [{brand for line in part for brand in _named(line)} for part in parts]
    assert set.union(*brands) == set(BRANDS.ids())
    assert not set.intersection(*brands)
    shares = [len(part) for part in parts]
    assert max(shares) < 1.5 * min(shares)


def _named(line: str) -> set[str]:
    """The brands that a line names in any way."""
    words = {"aoba.myshopify": "aoba", "northlight.myshopify": "northlight"}
    words |= {f'"brand":"{brand}"': brand for brand in BRANDS.ids()}
    words |= {'"linden-prod"': "linden", "/linden": "linden", "/wakaba": "wakaba"}
    return {brand for word, brand in words.items() if word in line}


def test_another_process_tells_the_same_stories() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "from local.demo import scenario; print(*scenario.lines())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONIOENCODING": "utf-8"},
    )
    assert told.stdout.rstrip("\n") == " ".join(scenario.lines())


@pytest.mark.parametrize("put", [0, 1, 12])
def test_every_sample_is_an_event_that_can_be_read(put: int) -> None:
    now = BEGINNING + timedelta(days=400)
    found = samples(now, put)
    assert len({sample.name for sample in found}) == len(found)
    for sample in found:
        assert all(sample.title)
        facts = _facts(sample.event)
        assert facts
        newest = max(fact.metadata.occurred_at for fact in facts)
        assert newest <= now


def test_samples_afterwards_are_about_the_order_put_in_last() -> None:
    before = {sample.name: sample for sample in samples(BEGINNING, 3)}
    after = {sample.name: sample for sample in samples(BEGINNING, 4)}
    placed = _facts(before["order-card"].event)[0].order_id
    assert _facts(after["paid"].event)[0].order_id == placed
    dispatched = _facts(after["shipped"].event)[0].data
    scanned = _facts(after["delivered"].event)[0].data
    assert getattr(dispatched, "tracking_number", "-") == getattr(scanned, "tracking_number", "")
