"""When an order will arrive, and where: the deterministic baseline behind every date we show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.orders import Order
from shared.domain.policy import Policy
from shared.domain.timing import add_business_days, next_business_day


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """Dates at the destination, both inclusive."""

    earliest: date
    latest: date


def recipient_zone(order: Order, policy: Policy) -> str:
    """The recipient's IANA zone: the address's where its country has only one, else the shop's."""
    country = order.ship_to.country if order.ship_to else None
    zones = policy.country_zones.get(country, ()) if country else ()
    return zones[0] if len(zones) == 1 else policy.zone


def international(order: Order, policy: Policy) -> bool:
    """Whether the parcel leaves the shop's country; an unknown country counts as domestic."""
    country = order.ship_to.country if order.ship_to else None
    return country is not None and country != policy.country


def computed_estimate(order: Order, policy: Policy, start: datetime) -> DateRange:
    """Order time + cut-off and processing + transit, in the shop's business days.

    ``start`` is when work can begin: the order's time, or that of the payment.
    """
    estimate = policy.estimate
    local = start.astimezone(ZoneInfo(policy.zone))
    day = local.date()
    if not policy.calendar.is_business_day(day) or local.hour >= estimate.cutoff_hour:
        day = next_business_day(day + timedelta(days=1), policy.calendar)
    dispatch = add_business_days(day, estimate.processing_business_days, policy.calendar)
    if international(order, policy):
        shortest = estimate.international_transit_days_min
        longest = estimate.international_transit_days_max
    else:
        shortest, longest = estimate.transit_days_min, estimate.transit_days_max
    return DateRange(
        earliest=dispatch + timedelta(days=shortest), latest=dispatch + timedelta(days=longest)
    )


def expected(order: Order, policy: Policy, shipment_id: str | None = None) -> DateRange | None:
    """The range that counts for an order or one of its shipments.

    The customer's wished date, else the newest promise, else the computed estimate from when
    payment was accepted (an order without that: from its placement). None for an unknown order.
    """
    promise = order.promise_for(shipment_id)
    if promise is not None:
        return DateRange(earliest=promise.earliest, latest=promise.latest)
    if order.placed_at is None:
        return None
    start = max(order.placed_at, order.payment.accepted_at or order.placed_at)
    return computed_estimate(order, policy, start)
