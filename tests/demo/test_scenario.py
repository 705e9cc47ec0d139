from __future__ import annotations

import json
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
from shared.sources import normalize_event

ROOT = Path(__file__).parents[2]
BRANDS = BrandDirectory(["aoba", "northlight"])


def _facts(event: Any) -> tuple[Fact, ...]:
    return normalize_event(event, BRANDS.of_shop, known_brands=BRANDS.ids())


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    return [json.loads(line)["event"] for line in scenario.lines()]


def test_forty_orders_and_more_of_both_brands() -> None:
    brands = Counter(brand for brand, _ in scenario.titles())
    assert sum(brands.values()) >= 40
    assert min(brands["aoba"], brands["northlight"]) >= 15


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
    }
    # Every order that is announced has a story, and every story an order.
    assert orders == set(scenario.titles())
    assert len(kinds) >= 17


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
    brands = [
        {
            fact.metadata.brand
            for line in part
            if (event := json.loads(line)["event"])["detail"].get("payload") is not None
            for fact in _or_nothing(event)
        }
        for part in parts
    ]
    assert brands == [{"aoba"}, {"northlight"}]


def _or_nothing(event: Any) -> tuple[Fact, ...]:
    try:
        return _facts(event)
    except Rejected:
        return ()


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
