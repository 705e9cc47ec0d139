"""A vendor's call that is larger, odder or less honest than a vendor's calls are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.memory.providers import MemoryArrivals
from shared.adapters.memory.seen import MemorySeen
from shared.contracts.deliveries import DETAIL_TYPE, WEBHOOK_SOURCE, read_arrived, write_arrived
from shared.contracts.signatures import Scheme
from shared.domain.deliveries import Arrived
from shared.domain.errors import RetryableError
from shared.ports import HookSecrets
from shared.sources import Brands, find_source, read_event, receive_all
from shared.usecases.webhook import PUT_AT_MOST, REMEMBERED_SINGLY
from tests.signing import alternatives
from tests.usecases.test_webhook import BRAND, World, vendor

pytestmark = pytest.mark.slow


class Counted(MemorySeen):
    """Says how often it was asked and told."""

    asked = told = 0

    def seen(self, source: str, brand: str, key: str) -> bool:
        self.asked += 1
        return super().seen(source, brand, key)

    def remember(self, source: str, brand: str, key: str, keep: timedelta) -> None:
        self.told += 1
        super().remember(source, brand, key, keep)


def follow(number: int) -> dict[str, Any]:
    return {
        "type": "follow",
        "mode": "active",
        "timestamp": 1775000000000 + number,
        "source": {"type": "user", "userId": f"U{number:032x}"},
        "webhookEventId": f"01HX{number:022d}",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": f"{number:032x}",
    }


# --- many events at once --------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, REMEMBERED_SINGLY, REMEMBERED_SINGLY + 1, 1000, 3000])
def test_however_many_events_a_delivery_brings_the_calls_to_aws_are_few(count: int) -> None:
    world = World(find_source("line"))
    world.seen = seen = Counted()
    body = {"destination": "U0", "events": [follow(n) for n in range(count)]}
    answer = world.post(body, scheme_of(world))
    assert (answer.status, answer.taken, answer.remembered) == (200, count, True)
    assert len(world.arrivals.arrived) <= PUT_AT_MOST
    assert seen.asked + seen.told <= 2 * REMEMBERED_SINGLY
    again = world.post(body, scheme_of(world))
    assert (again.taken, again.repeated) == (0, count)
    # Nothing is lost on the way, and each is what it was.
    brought = [d for one in world.arrivals.arrived for d in receive_all(on_the_bus(one, "line"))]
    assert [delivery.body["events"] for delivery in brought] == [[one] for one in body["events"]]
    assert {delivery.topic for delivery in brought} == {"follow"}


def test_a_thousand_changes_of_a_shop_that_never_repeats_all_arrive() -> None:
    world = World(find_source("eccube"))
    changes = [{"entity": "order", "id": n, "action": "updated"} for n in range(1, 1201)]
    for _ in range(2):  # equal bytes are new changes
        answer = world.post(changes, scheme_of(world))
        assert (answer.status, answer.taken, answer.repeated) == (200, 1200, 0)
    assert not world.seen.kept
    brands = Brands(required=True, known=[BRAND])
    asked = [
        json.dumps(task.fetch.body)
        for one in world.arrivals.arrived
        for task in read_event(on_the_bus(one, "eccube"), brands).tasks
    ]
    for found, change in zip(asked, changes * 2, strict=True):
        assert found.endswith(f'"variables": {{"id": "{change["id"]}"}}}}')


def scheme_of(world: World) -> Scheme:
    return next(alternatives(world.source.signature))


def on_the_bus(arrived: Arrived, source: str) -> dict[str, Any]:
    detail = json.loads(json.dumps(write_arrived(replace(arrived, source=source))))
    assert read_arrived({"detail": detail}) == replace(arrived, source=source)
    return {"detail-type": DETAIL_TYPE, "source": WEBHOOK_SOURCE, "detail": detail}


def test_a_large_delivery_is_known_only_once_it_is_on_the_bus() -> None:
    class Full(MemoryArrivals):
        def put(self, arrived: Iterable[Arrived]) -> None:
            raise RetryableError("full")

    world = World()
    body = [{"id": str(n)} for n in range(REMEMBERED_SINGLY + 1)]
    there, world.arrivals = world.arrivals, Full()
    with pytest.raises(RetryableError):
        world.post(body)
    world.arrivals = there
    assert world.post(body).taken == len(body)


# --- ids that nobody signed -----------------------------------------------------------------------


def test_an_id_in_a_header_cannot_hide_another_event() -> None:
    world = World(vendor(event_id=lambda headers, _body: headers.get("x-id"), keeps=("x-id",)))
    own = {"x-id": "1"}
    assert world.post({"n": 1}, headers=own).taken == 1
    assert world.post({"n": 2}, headers=own).taken == 1, "signatures do not cover the header"
    assert world.post({"n": 1}, headers=own).repeated == 1


def test_an_id_in_the_body_tells_repetitions_that_the_vendor_words_anew() -> None:
    """Stripe's ``pending_webhooks`` and LINE's ``isRedelivery`` change from call to call."""
    world = World(find_source("stripe"))
    event = {"object": "event", "id": "evt_1", "type": "charge.refunded", "pending_webhooks": 2}
    assert world.post(event, scheme_of(world)).taken == 1
    event["pending_webhooks"] = 1
    assert world.post(event, scheme_of(world)).repeated == 1


def test_the_header_s_id_of_shopify_hides_nothing() -> None:
    world = World(find_source("shopify"))
    scheme = scheme_of(world)
    own = {"x-shopify-webhook-id": "w-1", "x-shopify-topic": "inventory_levels/update"}
    levels = [{"inventory_item_id": 7, "location_id": n, "available": n} for n in (1, 2)]
    assert [world.post(one, scheme, headers=own).taken for one in levels] == [1, 1]
    assert [world.post(one, scheme, headers=own).repeated for one in levels] == [1, 1]


# --- another brand's ------------------------------------------------------------------------------


def test_a_shop_s_event_by_another_brand_s_webhook_is_rejected() -> None:
    claimed = {"northlight.myshopify.com": "northlight", "aoba.myshopify.com": "aoba"}
    brands = Brands(of_shop=claimed.get, required=True, known=["aoba", "northlight"])
    by_aoba = brands.belonging_to("aoba")
    assert by_aoba.find(shop="aoba.myshopify.com") == "aoba"
    assert by_aoba.find(shop="not-in-any-file.myshopify.com") == "aoba"
    assert by_aoba.find() == "aoba"
    with pytest.raises(Exception, match=r"UNKNOWN_BRAND: .* northlight, and came by way of aoba"):
        by_aoba.find(shop="northlight.myshopify.com")


# --- numbers --------------------------------------------------------------------------------------

NUMBERS = ["1e9999999999999999999", "-1e-9999999999999999999", "9" * 5000, "1" + "0" * 100_000]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_no_machine_can_hold_is_kept_for_people(number: str) -> None:
    world = World()
    world.secrets.stored["vendor", BRAND] = HookSecrets(live=("",))
    assert world.post(b'{"n":' + number.encode() + b"}", secret="").status == 401
    world = World()
    answer = world.post(b'{"n":' + number.encode() + b"}")
    assert (answer.status, answer.kept, answer.taken) == (200, 1, 0)
    (kept,) = world.quarantine.kept
    assert kept.code == "MALFORMED"
