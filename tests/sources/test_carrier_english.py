"""What carriers' English words say beside a code, and the zones of places."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.carriers import zones
from shared.contracts.carriers.english import cross_check, heard_in
from shared.contracts.carriers.zones import compact_instant, place_zone
from shared.domain.shipments import Actor, Status


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Delivered, Front Door/Porch", Status.DELIVERED),
        ("Picked up by recipient", Status.DELIVERED),
        ("Picked up", Status.ACCEPTED),
        ("Could not be delivered", None),
        ("Your package will be delivered tomorrow", None),
        ("Undelivered", None),
        ("Ready for pickup", Status.AVAILABLE_FOR_PICKUP),
        ("Ready for pickup by carrier", None),
        ("Held at location for pick up", Status.AVAILABLE_FOR_PICKUP),
        ("Pickup attempt: not ready", None),
        ("Pickup attempted - business closed", None),
        ("Attempted pickup, customer not available", None),
        ("Delivery will be attempted tomorrow", None),
        ("Attempted delivery for customer pick up later", Status.DELIVERY_ATTEMPTED),
        ("Unsuccessful delivery. Reason: Absence of addressee", Status.DELIVERY_ATTEMPTED),
        ("The receiver has moved. We're attempting to obtain an address", Status.EXCEPTION),
        ("Delivered to an access point and awaiting customer pickup", Status.AVAILABLE_FOR_PICKUP),
        ("Delivered to Example Onsite location", Status.AVAILABLE_FOR_PICKUP),
        ("Delivered to the pick-up point", Status.AVAILABLE_FOR_PICKUP),
        ("Held at a carrier location for recipient pickup", Status.AVAILABLE_FOR_PICKUP),
        ("The recipient has picked up the shipment", Status.DELIVERED),
        ("Not collected by the recipient", None),
        ("Held at recipient’s request", Status.HELD),
        ("Future delivery requested", Status.HELD),
        ("Will be delivered back to sender", Status.RETURNING),
        ("Wasn't delivered back to shipper", Status.RETURNING),
        ("Delivered back to sender", Status.RETURNED),
        ("Has not been released from customs", None),
        ("Released from import customs", Status.IN_TRANSIT),
        ("Customs hold", Status.EXCEPTION),
        ("Customs hold lifted", Status.IN_TRANSIT),
        ("Shipment is out with courier for delivery", Status.OUT_FOR_DELIVERY),
        ("On vehicle for delivery", Status.OUT_FOR_DELIVERY),
        ("Delivery attempted - No Access to Delivery Location", Status.DELIVERY_ATTEMPTED),
        ("Transferred to local post office for delivery", Status.IN_TRANSIT),
        ("Returning package to shipper", Status.RETURNING),
        ("Delivered, To Original Sender", Status.RETURNED),
        ("Refused by recipient", Status.EXCEPTION),
        ("Shipping Label Created, USPS Awaiting Item", Status.LABEL_CREATED),
        ("At destination sort facility", None),
    ],
)
def test_words(words: str, status: Status | None) -> None:
    heard = heard_in(words)
    assert (heard.status if heard else None) is status


@pytest.mark.parametrize(
    ("coded", "words", "status", "acts", "noted"),
    [
        (Status.DELIVERED, "Delivered, damaged", Status.DELIVERED, None, False),
        (Status.DELIVERED, "Out for delivery", Status.OUT_FOR_DELIVERY, None, True),
        (Status.DELIVERED, "Picked up", Status.DELIVERED, None, False),
        (Status.DELIVERY_ATTEMPTED, "At an access point", Status.AVAILABLE_FOR_PICKUP, None, False),
        (Status.EXCEPTION, "Future delivery requested", Status.HELD, None, False),
        (Status.OUT_FOR_DELIVERY, "Delivered", Status.OUT_FOR_DELIVERY, None, True),
        (Status.EXCEPTION, "Weather delay", Status.IN_TRANSIT, Actor.CARRIER, False),
        (Status.EXCEPTION, "Clearance delay", Status.EXCEPTION, Actor.CARRIER, False),
        (Status.IN_TRANSIT, "Shipment damaged", Status.EXCEPTION, Actor.SHOP, False),
        (Status.UNKNOWN, "Delivered", Status.UNKNOWN, None, False),
        (Status.IN_TRANSIT, "配達完了", Status.IN_TRANSIT, None, False),
        (Status.IN_TRANSIT, None, Status.IN_TRANSIT, None, False),
    ],
)
def test_a_code_and_its_words(
    coded: Status, words: str | None, status: Status, acts: Actor | None, noted: bool
) -> None:
    found = cross_check(coded, words)
    assert found[:2] == (status, acts)
    assert bool(found[2]) is noted


def test_places_have_zones_that_exist() -> None:
    named = {*zones._BY_COUNTRY.values(), *zones._BY_REGION.values()}
    assert all(ZoneInfo(zone) for zone in named)
    assert place_zone("us", "or") == "America/Los_Angeles"
    assert place_zone("JP") == "Asia/Tokyo"
    assert place_zone("US") is None
    assert place_zone(None) is None


@pytest.mark.parametrize(
    ("day", "clock", "zone", "expected"),
    [
        ("20260421", "71356", "-07:00", datetime(2026, 4, 21, 14, 13, 56, tzinfo=UTC)),
        ("2026-04-21", "07:13", "Asia/Tokyo", datetime(2026, 4, 20, 22, 13, tzinfo=UTC)),
        ("20260431", "071356", "+00:00", None),
        ("string", "string", "+00:00", None),
        ("20260421", "251356", "+00:00", None),
        ("20260421", "071356", "+late", None),
    ],
)
def test_compact_times(day: str, clock: str, zone: str, expected: datetime | None) -> None:
    assert compact_instant(day, clock, zone) == expected
