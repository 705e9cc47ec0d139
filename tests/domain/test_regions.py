"""In which zones a recipient may be: region and postcode, country, shop."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.calendars import country_zones
from shared.domain.estimates import recipient_zone, recipient_zones
from shared.domain.regions import _LETTERS, _POSTCODES, _REGIONS, region_zones
from shared.domain.values import Address
from tests.builders import POLICY, order_of, placed

WORLD = replace(POLICY, country_zones=country_zones())
# Antarctic stations have no deliveries.
EMPTY = {"Antarctica/Macquarie"}


def clock(zone: str) -> tuple[timedelta | None, ...]:
    """The zone's offsets every ten days of ten years: two zones with the same keep one time."""
    here, begin = ZoneInfo(zone), datetime(2024, 1, 1, tzinfo=UTC)
    return tuple((begin + timedelta(days=10 * n)).astimezone(here).utcoffset() for n in range(365))


def zones_of(**address: str) -> tuple[str, ...]:
    return recipient_zones(order_of(placed(ship_to=Address(**address))), WORLD)


@pytest.mark.parametrize("country", _REGIONS)
def test_the_regions_of_a_country_have_all_its_zones_and_no_other(country: str) -> None:
    """Against zone.tab of the tz database."""
    here = {clock(zone) for _, _, zones in _REGIONS[country] for zone in zones}
    wanted = {clock(zone) for zone in country_zones()[country] if zone not in EMPTY}
    assert wanted <= here
    beyond = {clock(zone) for zone in ("Pacific/Pago_Pago", "Pacific/Guam", "America/Puerto_Rico")}
    assert here <= wanted | (beyond if country == "US" else set())


def test_no_zone_of_a_region_says_the_same_as_another() -> None:
    for rows in _REGIONS.values():
        for _, name, zones in rows:
            assert len({clock(zone) for zone in zones}) == len(zones), name


def test_every_region_has_a_postcode_and_every_postcode_a_region() -> None:
    codes = {country: {code for code, _, _ in rows} for country, rows in _REGIONS.items()}
    for country, (_, table) in _POSTCODES.items():
        rows = table.split()
        assert rows == sorted(rows)
        named = {row.lstrip("0123456789") for row in rows} - {"-"}
        assert named <= codes[country]
        # Guam and its neighbours share a prefix, and so does Samoa.
        assert codes[country] - named <= {"AS", "GU", "MP"}
    assert codes["CA"] - set(_LETTERS.values()) == {"NT"}  # shares its letter with Nunavut


@pytest.mark.parametrize(
    ("address", "zones"),
    [
        ({"country": "JP", "region": "東京都"}, ("Asia/Tokyo",)),
        ({"country": "US", "region": "ME"}, ("America/New_York",)),
        ({"country": "US", "region": "US-CA"}, ("America/Los_Angeles",)),
        ({"country": "US", "region": " california "}, ("America/Los_Angeles",)),
        ({"country": "US", "region": "TX"}, ("America/Chicago", "America/Denver")),
        ({"country": "US", "postal_code": "04103"}, ("America/New_York",)),
        ({"country": "US", "postal_code": "96813-1234"}, ("Pacific/Honolulu",)),
        ({"country": "US", "postal_code": "90210"}, ("America/Los_Angeles",)),
        ({"country": "US", "region": "PR"}, ("America/Puerto_Rico",)),
        ({"country": "CA", "region": "Québec", "postal_code": "H2X 1Y4"}, zones_of(
            country="CA", region="QC"
        )),
        ({"country": "CA", "postal_code": "T2P 1J9"}, ("America/Edmonton",)),
        ({"country": "AU", "region": "QLD"}, ("Australia/Brisbane",)),
        ({"country": "AU", "postal_code": "3000"}, ("Australia/Melbourne",)),
        ({"country": "AU", "postal_code": "0800"}, ("Australia/Darwin",)),
        ({"country": "XX"}, ("Asia/Tokyo",)),
        ({}, ("Asia/Tokyo",)),
    ],
)  # fmt: skip
def test_where_a_recipient_may_be(address: dict[str, str], zones: tuple[str, ...]) -> None:
    assert zones_of(**address) == zones


@pytest.mark.parametrize(
    "address",
    [
        {"country": "US"},
        {"country": "US", "region": "Elsewhere"},
        {"country": "US", "postal_code": "4103"},  # a spreadsheet has eaten the zero
        {"country": "US", "postal_code": "09012"},  # an army post office, wherever it is
        {"country": "US", "postal_code": "96910"},
        {"country": "CA", "postal_code": "D1A 1A1"},
        {"country": "BR", "region": "SP"},
    ],
)
def test_who_may_be_anywhere_may_be_anywhere_in_the_country(address: dict[str, str]) -> None:
    assert zones_of(**address) == country_zones()[address["country"]]
    assert recipient_zone(order_of(placed(ship_to=Address(**address))), WORLD) == "Asia/Tokyo"


def test_without_an_address_it_is_the_shops_zone() -> None:
    assert recipient_zones(order_of(placed(ship_to=None)), WORLD) == ("Asia/Tokyo",)


def test_a_region_counts_only_where_its_country_has_several_zones() -> None:
    assert region_zones(Address(country="GB", region="CA", postal_code="90210")) == ()
