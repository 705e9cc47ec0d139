"""When an order will arrive: wish, promise, computed; and in whose zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.calendars import business_calendar
from shared.domain.estimates import DateRange, expected, international, recipient_zone
from shared.domain.events import PaymentStatus, PromiseSource
from shared.domain.policy import EstimatePolicy
from shared.domain.values import Address
from tests.builders import POLICY, at, order_of, payment, placed, promised
from tests.player import JAPAN, jst

LONDON = Address(country="GB")
BOSTON = Address(country="US")


def dates(earliest: str, latest: str) -> DateRange:
    return DateRange(earliest=date.fromisoformat(earliest), latest=date.fromisoformat(latest))


# One business day of processing, one to three days on the way; cut-off at noon.
COMPUTED: list[tuple[str, DateRange]] = [
    ("2025-11-20 11:59", dates("2025-11-22", "2025-11-24")),  # Thursday: out on Friday
    ("2025-11-20 12:00", dates("2025-11-26", "2025-11-28")),  # Monday is 振替休日: out on Tuesday
    ("2025-11-22 09:00", dates("2025-11-27", "2025-11-29")),  # Saturday: taken up on Tuesday
    ("2025-12-26 09:00", dates("2026-01-06", "2026-01-08")),  # the last working day of the year
    ("2025-12-26 13:00", dates("2026-01-07", "2026-01-09")),
    ("2026-01-01 00:30", dates("2026-01-07", "2026-01-09")),
]


@pytest.mark.parametrize(("when", "wanted"), COMPUTED)
def test_the_computed_estimate_in_japanese_business_days(when: str, wanted: DateRange) -> None:
    assert expected(order_of(placed(jst(when))), JAPAN) == wanted


def test_the_cut_off_is_by_the_shops_clock() -> None:
    policy = replace(
        POLICY, zone="America/New_York", calendar=business_calendar("US"), country="US"
    )
    order = order_of(placed(datetime(2025, 11, 20, 16, 30, tzinfo=UTC), ship_to=BOSTON))
    assert expected(order, policy) == dates("2025-11-22", "2025-11-24")
    assert expected(order_of(placed(datetime(2025, 11, 20, 17, tzinfo=UTC))), policy) != (
        expected(order, policy)
    )


def test_abroad_takes_longer() -> None:
    home = order_of(placed(jst("2025-11-20 09:00")))
    abroad = order_of(placed(jst("2025-11-20 09:00"), ship_to=LONDON))
    nowhere = order_of(placed(jst("2025-11-20 09:00"), ship_to=None))
    assert expected(abroad, JAPAN) == dates("2025-11-26", "2025-12-05")
    assert expected(nowhere, JAPAN) == expected(home, JAPAN)
    assert [international(order, JAPAN) for order in (home, abroad, nowhere)] == [
        False,
        True,
        False,
    ]


def test_work_begins_when_it_is_paid() -> None:
    unpaid = placed(jst("2025-11-17 09:00"), payment_status=PaymentStatus.PENDING)
    paid = payment(jst("2025-11-20 09:00"))
    assert expected(order_of(unpaid, paid), JAPAN) == dates("2025-11-22", "2025-11-24")


PROMISES: dict[str, tuple[list[Any], DateRange]] = {
    "a promise": (
        [promised(at(1), date(2025, 12, 3), earliest=date(2025, 12, 1))],
        dates("2025-12-01", "2025-12-03"),
    ),
    "the newest promise": (
        [promised(at(2), date(2025, 12, 5)), promised(at(1), date(2025, 12, 3))],
        dates("2025-12-05", "2025-12-05"),
    ),
    "the customer's wish before any promise": (
        [
            promised(at(1), date(2025, 12, 9), promised_by=PromiseSource.CUSTOMER),
            promised(at(2), date(2025, 12, 5)),
        ],
        dates("2025-12-09", "2025-12-09"),
    ),
}


@pytest.mark.parametrize("name", PROMISES)
def test_what_was_said_counts_before_what_is_computed(name: str) -> None:
    facts, wanted = PROMISES[name]
    assert expected(order_of(placed(), *facts), JAPAN) == wanted


def test_the_wish_at_the_checkout_counts() -> None:
    order = order_of(placed(wished_date=date(2025, 12, 24)))
    assert expected(order, JAPAN) == dates("2025-12-24", "2025-12-24")


def test_of_an_unknown_order_nothing_is_expected() -> None:
    assert expected(order_of(payment(at(1))), JAPAN) is None


def test_the_figures_are_the_brands() -> None:
    quick = replace(
        JAPAN,
        estimate=EstimatePolicy(
            cutoff_hour=18, processing_business_days=0, transit_days_min=1, transit_days_max=1
        ),
    )
    order = order_of(placed(jst("2025-11-20 17:59")))
    assert expected(order, quick) == dates("2025-11-21", "2025-11-21")


@pytest.mark.parametrize(
    ("ship_to", "zone"),
    [
        (Address(country="JP"), "Asia/Tokyo"),
        (LONDON, "Europe/London"),
        (BOSTON, "Asia/Tokyo"),  # many zones: uncertain, so the shop's
        (Address(country="ZZ"), "Asia/Tokyo"),
        (Address(), "Asia/Tokyo"),
        (None, "Asia/Tokyo"),
    ],
)
def test_the_recipients_zone_or_else_the_shops(ship_to: Address | None, zone: str) -> None:
    zones = {
        "JP": ("Asia/Tokyo",),
        "GB": ("Europe/London",),
        "US": ("America/New_York", "Pacific/Honolulu"),
    }
    policy = replace(JAPAN, country_zones=zones)
    assert recipient_zone(order_of(placed(ship_to=ship_to)), policy) == zone
