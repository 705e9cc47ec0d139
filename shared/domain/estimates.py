"""When an order will arrive, and where: the deterministic baseline behind every date we show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.events import PromiseSource, StockStatus
from shared.domain.orders import Order, Promise
from shared.domain.policy import Policy
from shared.domain.regions import region_zones
from shared.domain.timing import add_business_days, next_business_day


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """Dates at the destination, both inclusive."""

    earliest: date
    latest: date


def recipient_zones(order: Order, policy: Policy) -> tuple[str, ...]:
    """All IANA zones that the recipient may be in; one where it is certain.

    Those of the address's region or postcode, where its country has several; else all of the
    country. Without an address, or for a country that nobody knows: the shop's. What must not
    happen in somebody's night must not happen while it is night in any of them.
    """
    address = order.ship_to
    if address is None or address.country is None:
        return (policy.zone,)
    zones = policy.country_zones.get(address.country, ())
    if len(zones) > 1:
        zones = region_zones(address) or zones
    return zones or (policy.zone,)


def recipient_zone(order: Order, policy: Policy) -> str:
    """The recipient's IANA zone, to show dates in: the address's if it is certain, else the
    shop's."""
    zones = recipient_zones(order, policy)
    return zones[0] if len(zones) == 1 else policy.zone


def international(order: Order, policy: Policy) -> bool:
    """Whether the parcel leaves the shop's country; an unknown country counts as domestic."""
    country = order.ship_to.country if order.ship_to else None
    return country is not None and country != policy.country


def dispatch_date(policy: Policy, start: datetime) -> date:
    """The shop's day on which goods leave when work begins at ``start``: cut-off, processing."""
    local = start.astimezone(ZoneInfo(policy.zone))
    day = local.date()
    if not policy.calendar.is_business_day(day) or local.hour >= policy.estimate.cutoff_hour:
        day = next_business_day(day + timedelta(days=1), policy.calendar)
    return add_business_days(day, policy.estimate.processing_business_days, policy.calendar)


def transit_days(order: Order, policy: Policy) -> tuple[int, int]:
    """How many calendar days a parcel travels: the fewest and the most."""
    estimate = policy.estimate
    if international(order, policy):
        return estimate.international_transit_days_min, estimate.international_transit_days_max
    return estimate.transit_days_min, estimate.transit_days_max


def computed_estimate(order: Order, policy: Policy, start: datetime) -> DateRange:
    """Order time + cut-off and processing + transit, in the shop's business days.

    ``start`` is when work can begin: the order's time, or that of the payment.
    """
    dispatch = dispatch_date(policy, start)
    shortest, longest = transit_days(order, policy)
    return DateRange(
        earliest=dispatch + timedelta(days=shortest), latest=dispatch + timedelta(days=longest)
    )


def work_start(order: Order) -> datetime | None:
    """When work on an order can begin, as far as known: placed, paid, stock set aside."""
    if order.placed_at is None:
        return None
    reserved_at = order.stock_at if order.stock is StockStatus.RESERVED else None
    known = [order.placed_at, order.payment_accepted_at, reserved_at]
    return max(at for at in known if at is not None)


def expected(order: Order, policy: Policy, shipment_id: str | None = None) -> DateRange | None:
    """The range that counts for an order or one of its shipments.

    The customer's wished date, else the newest promise, else the computed estimate from when
    work can begin. None for an unknown order.

    A date that the shop named before the customer paid presumes a prompt payment: where the
    customer took a day or longer, it counts only if the computed estimate is no later.
    """
    start = work_start(order)
    if start is None:
        return None
    promise = order.promise_for(shipment_id)
    if promise is None:
        return computed_estimate(order, policy, start)
    named = DateRange(earliest=promise.earliest, latest=promise.latest)
    if _presumed_prompt_payment(order, promise):
        computed = computed_estimate(order, policy, start)
        return max(named, computed, key=lambda dates: dates.latest)
    return named


def _presumed_prompt_payment(order: Order, promise: Promise) -> bool:
    paid_at = order.payment_accepted_at
    if promise.promised_by is not PromiseSource.SHOP or paid_at is None or order.placed_at is None:
        return False
    return promise.made_at < paid_at and paid_at - order.placed_at >= timedelta(days=1)
