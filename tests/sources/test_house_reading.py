"""Whoever says it, and in whatever words: one event has one status, and one whose turn it is.

The table is that of shared/contracts/tracking.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.carriers import dhl as dhl_codes
from shared.contracts.carriers import words
from shared.domain.events import ShipmentUpdated
from shared.domain.shipments import Actor, Status
from shared.sources import aftership as aftership_source
from shared.sources import easypost as easypost_source
from shared.sources import normalize_record
from shared.sources import ship24 as ship24_source
from shared.sources import shipengine as shipengine_source
from shared.sources import shippo as shippo_source
from shared.sources import track17 as track17_source

NUMBER = "123456789012"
AT = "2026-04-21T12:00:00Z"


def aftership(subtag: str, words: str) -> Any:
    scan = {"checkpoint_time": AT, "subtag": subtag, "message": words}
    return {"tracking_number": NUMBER, "slug": "ups", "checkpoints": [scan]}


def easypost(said: str, words: str) -> Any:
    status, _, detail = said.partition("/")
    scan = {"datetime": AT, "status": status, "status_detail": detail, "message": words}
    return {"object": "Tracker", "tracking_code": NUMBER, "tracking_details": [scan]}


def shippo(said: str, words: str) -> Any:
    status, _, code = said.partition("/")
    scan: dict[str, Any] = {"status": status, "status_date": AT, "status_details": words}
    scan |= {"substatus": {"code": code}} if code else {}
    return {"tracking_number": NUMBER, "carrier": "ups", "tracking_history": [scan]}


def shipengine(code: str, words: str) -> Any:
    scan = {
        "occurred_at": AT,
        "status_code": "EX",
        "status_detail_code": code,
        "description": words,
        "company_name": "Corner Shop",
    }
    return {"tracking_number": NUMBER, "status_code": None, "events": [scan]}


def track17(sub_status: str, words: str) -> Any:
    scan = {"time_utc": AT, "sub_status": sub_status, "description": words}
    providers = [{"provider": {"name": "UPS"}, "events": [scan]}]
    return {"number": NUMBER, "track_info": {"tracking": {"providers": providers}}}


def ship24(code: str, words: str) -> Any:
    scan = {
        "occurrenceDatetime": AT,
        "statusCode": code,
        "statusMilestone": "exception",
        "status": words,
    }
    tracker = {"trackingNumber": NUMBER}
    return {"trackings": [{"tracker": tracker, "shipment": {}, "events": [scan]}]}


def fedex(code: str, words: str) -> Any:
    scan = {"date": AT, "eventType": code, "eventDescription": words}
    return {"trackingNumberInfo": {"trackingNumber": NUMBER}, "scanEvents": [scan]}


def ups(said: str, words: str) -> Any:
    kind, _, code = said.partition("/")
    status = {"type": kind, "code": code, "description": words}
    scan = {"gmtDate": "20260421", "gmtTime": "12:00:00", "status": status}
    return {"trackingNumber": NUMBER, "activity": [scan]}


def usps(code: str, words: str) -> Any:
    scan = {"eventCode": code, "eventType": words, "GMTTimestamp": AT}
    return {"trackingNumber": NUMBER, "trackingEvents": [scan]}


def dhl(code: str, words: str) -> Any:
    return {"id": NUMBER, "events": [{"timestamp": AT, "statusCode": code, "status": words}]}


def posted(_: str, words: str) -> Any:
    return {"tracking_number": NUMBER, "at": AT, "status": words, "zone": "UTC"}


VENDORS: dict[str, Callable[[str, str], Any]] = {
    "aftership": aftership,
    "easypost": easypost,
    "shippo": shippo,
    "shipengine": shipengine,
    "track17": track17,
    "ship24": ship24,
    "fedex": fedex,
    "ups": ups,
    "usps": usps,
    "dhl": dhl,
    "carrier": posted,
    "yamato": posted,
    "sagawa": posted,
    "japanpost": posted,
}

# What happened -> how each says it: its code, and the words beside it.
READING: dict[tuple[str, Status, Actor | None], dict[str, tuple[str, str]]] = {
    ("a delay", Status.IN_TRANSIT, Actor.CARRIER): {
        "aftership": ("Exception_017", "Severe weather"),
        "easypost": ("failure", "Delivery exception, weather delay"),
        "shippo": ("TRANSIT/delayed", "Late"),
        "shipengine": ("CARRIER_DELAYS", "Late"),
        "track17": ("Exception_Delayed", "Late"),
        "fedex": ("DE", "Delivery exception: weather delay"),
        "ups": ("X", "Severe weather conditions have delayed delivery"),
        "usps": ("04", "Delivery Exception, Local Weather Delay"),
        "dhl": ("failure", "The shipment is delayed"),
        "carrier": ("", "delayed"),
    },
    ("through customs", Status.IN_TRANSIT, None): {
        "aftership": ("InTransit_006", "Customs cleared"),
        "shipengine": ("CUSTOMS_CLEARED", "Released"),
        "track17": ("InTransit_CustomsReleased", "Released"),
        "ship24": ("customs_cleared", "Released"),
        "fedex": ("CC", "International shipment release - Import"),
        "ups": ("X", "Released by the customs agency"),
        "dhl": ("transit", "Released by customs"),
        "carrier": ("", "customs cleared"),
        "japanpost": ("", "通関手続中"),
    },
    ("late at customs", Status.EXCEPTION, Actor.CARRIER): {
        "aftership": ("Exception_004", "Held"),
        "shipengine": ("HELD_BY_CUSTOMS", "Held"),
        "ship24": ("customs_exception", "Held"),
        "fedex": ("CD", "Clearance delay - Import"),
        "ups": ("X", "The package is held by customs"),
        "usps": ("11", "Held in Customs"),
        "dhl": ("transit", "Clearance delay"),
        "carrier": ("", "held by customs"),
        "yamato": ("", "調査中（通関）"),
    },
    ("damaged", Status.EXCEPTION, Actor.SHOP): {
        "aftership": ("Exception_012", "Damaged"),
        "easypost": ("failure", "The package was damaged"),
        "shippo": ("TRANSIT/package_damaged", "Damaged"),
        "shipengine": ("PARCEL_DAMAGED", "Damaged"),
        "track17": ("Exception_Damaged", "Damaged"),
        "fedex": ("SE", "Shipment exception: damaged"),
        "ups": ("X", "The package was damaged"),
        "usps": ("04", "Item damaged"),
        "dhl": ("failure", "The shipment is damaged"),
        "carrier": ("", "damaged"),
        "yamato": ("", "調査中（破損）"),
        "sagawa": ("", "調査中（破損）"),
        "japanpost": ("", "調査中（破損）"),
    },
    ("refused", Status.EXCEPTION, Actor.SHOP): {
        "aftership": ("Exception_003", "Refused"),
        "easypost": ("failure/refused", "Refused"),
        "track17": ("Exception_Rejected", "Refused"),
        "ship24": ("delivery_refused", "Refused"),
        "fedex": ("DE", "Refused by recipient"),
        "ups": ("X", "The receiver refused the delivery"),
        "dhl": ("failure", "Refused by the recipient"),
        "carrier": ("", "refused"),
        "yamato": ("", "持戻（受取ご辞退）"),
        "sagawa": ("", "受取辞退"),
        "japanpost": ("", "受取拒否"),
    },
    ("on its way back", Status.RETURNING, None): {
        "aftership": ("Exception_010", "Returning"),
        "easypost": ("return_to_sender", "Returning"),
        "shippo": ("RETURNED/return_to_sender", "Returning"),
        "shipengine": ("RETURN_TO_SENDER", "Returning"),
        "track17": ("Exception_Returning", "Returning"),
        "ship24": ("exception_return", "Returning"),
        "fedex": ("RS", "Returning package to shipper"),
        "ups": ("RS", "Returning to sender"),
        "usps": ("09", "Return to Sender"),
        "dhl": ("failure", "Being returned to the shipper"),
        "carrier": ("", "return to sender"),
        "yamato": ("", "返品"),
        "sagawa": ("", "返送"),
        "japanpost": ("", "差出人に返送"),
    },
    ("cancelled", Status.CANCELLED, None): {
        "aftership": ("Exception_020", "Cancelled"),
        "easypost": ("cancelled", "Cancelled"),
        "shipengine": ("CANCELLED", "Cancelled"),
        "track17": ("Exception_Cancel", "Cancelled"),
        "ship24": ("data_order_cancelled", "Cancelled"),
        "fedex": ("CA", "Shipment cancelled by sender"),
        "ups": ("MV", "Shipment information voided"),
        "carrier": ("", "label voided"),
    },
}
# Its turn follows from the status: whether it is said as well does not matter.
WAITING: dict[str, tuple[str, str]] = {
    "aftership": ("AvailableForPickup_001", "At the shop"),
    "easypost": ("available_for_pickup", "At the shop"),
    "shippo": ("TRANSIT/pickup_available", "At the shop"),
    "shipengine": ("AWAITING_COLLECTION_FROM_PICKUP_POINT", "At the shop"),
    "track17": ("AvailableForPickup_Other", "At the shop"),
    "ship24": ("delivery_available_for_pickup", "At the shop"),
    "fedex": ("HL", "Ready for recipient pickup"),
    "ups": ("I/RP", "Delivered to UPS Access Point"),
    "usps": ("14", "Available for Pickup"),
    "dhl": ("transit", "Available for pick-up"),
    "carrier": ("", "ready for pickup"),
    "yamato": ("", "ご来店予定（保管中）"),
    "sagawa": ("", "営業所止め"),
    "japanpost": ("", "窓口で保管"),
}


TABLES: dict[str, dict[str, tuple[Status, Actor | None]]] = {
    "aftership": aftership_source.SUBTAGS,
    "easypost": {"/".join(said): meant for said, meant in easypost_source.DETAILS.items()},
    "shippo": {"/".join(said): meant for said, meant in shippo_source.SUBSTATUSES.items()},
    "shipengine": {
        code: (status, shipengine_source.ACTS.get(code))
        for code, status in shipengine_source.DETAILS.items()
    },
    "track17": track17_source.SUB_STATUSES,
    "ship24": ship24_source.CODES,
    "dhl": {
        code: (status, dhl_codes.ACTS.get(code))
        for code, status in {**dhl_codes.EXPRESS, **dhl_codes.ECOMMERCE}.items()
    },
    **{
        name: {
            word.words[0] if word.words else str(number): (word.status, word.acts)
            for number, word in enumerate(words.carrier(name).table.lines)
        }
        for name in (*words.carriers(), words.GENERIC)
    },
}
# Whose turn it can be, besides what follows from the status.
TURNS = {
    None: set(Status),
    Actor.SHOP: {Status.EXCEPTION},
    Actor.RECIPIENT: {
        Status.EXCEPTION,
        Status.DELIVERY_ATTEMPTED,
        Status.AVAILABLE_FOR_PICKUP,
    },
    Actor.CARRIER: {
        Status.EXCEPTION,
        Status.IN_TRANSIT,
        Status.HELD,
        Status.DELIVERY_ATTEMPTED,
        Status.AVAILABLE_FOR_PICKUP,
    },
}


@pytest.mark.parametrize("vendor", TABLES)
def test_a_turn_is_told_where_it_can_be(vendor: str) -> None:
    strange = {
        code: (status, acts)
        for code, (status, acts) in TABLES[vendor].items()
        if status not in TURNS[acts]
    }
    assert strange == {}
    assert TABLES[vendor]


def scan(vendor: str, code: str, words: str) -> ShipmentUpdated:
    record = {"headers": {}, "body": VENDORS[vendor](code, words)}
    data = normalize_record(record, source=vendor)[-1].data
    assert isinstance(data, ShipmentUpdated)
    return data


@pytest.mark.parametrize(
    ("vendor", "code", "words", "status", "acts"),
    [
        pytest.param(vendor, *said, status, acts, id=f"{event}-{vendor}")
        for (event, status, acts), sayings in READING.items()
        for vendor, said in sayings.items()
    ],
)
def test_one_event_is_one_reading(
    vendor: str, code: str, words: str, status: Status, acts: Actor | None
) -> None:
    found = scan(vendor, code, words)
    assert (found.status, found.acts) == (status, acts)


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_waits_at_a_counter_is_the_recipients_turn(vendor: str) -> None:
    found = scan(vendor, *WAITING[vendor])
    assert found.status is Status.AVAILABLE_FOR_PICKUP
    assert found.acts in {None, Actor.RECIPIENT}
