"""What a brand has decided: thresholds, hours, caps. Plain data; a brand file fills it.

The defaults are those of the field, each traced in docs/decisions/0005-defaults.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum

from shared.domain.events import Channel
from shared.domain.timing import BusinessCalendar, QuietHours, WeekdayCalendar


class ConsentBasis(StrEnum):
    """What allows a marketing message. A refusal wins over either.

    ``existing_customer`` is the exception for people with whom the sender already does
    business (特定電子メール法 第3条第1項第3号; in the EU and UK the "soft opt-in").
    """

    OPT_IN = "opt_in"
    EXISTING_CUSTOMER = "existing_customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingCaps:
    """How many marketing messages one person gets from a brand, over all lifecycles."""

    per_day: int = 1
    per_7_days: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPolicy:
    """What a consent needs, and how long its evidence is kept.

    ``double_opt_in``: the channels on which a consent counts only once it is confirmed.
    ``wording``: the version of the text that the brand's own pages show now.
    ``evidence_days``: how long the record of a word is kept once it no longer counts. 特定商取引法
    第12条の3第3項 asks for three years after the last advertising mail; 特定電子メール法 第3条第2項
    and its 施行規則 第4条第2項 for one month after it (one year after an order of the authorities).
    """

    double_opt_in: tuple[Channel, ...] = ()
    wording: str = "1"
    evidence_days: int = 1100


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakePolicy:
    """When marketing stops by itself: what comes back of what went out in ``window_days``.

    Amazon SES reviews an account from 5 % bounces and 0.1 % complaints on; Gmail's limit is
    0.3 %, its target below 0.1 %. The brake comes well before. A rate counts only from
    ``min_bounces`` or ``min_complaints`` on: one complaint in a small list is no rate.
    """

    bounce_rate: float = 0.02
    complaint_rate: float = 0.0005
    window_days: int = 7
    min_bounces: int = 5
    min_complaints: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftBouncePolicy:
    """When an address that bounces for a while is given up: ``limit`` times in a row, over at
    least ``over_days``. It is used again after ``rest_days``."""

    limit: int = 5
    over_days: int = 3
    rest_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardPolicy:
    """Limits against our own mistakes and against bills.

    ``backlog_hours``: what fell due so long before Yoin first learned of it is the past, and
    waits for approval. ``marketing_per_hour``, ``transactional_per_hour``: messages of one
    lifecycle in a clock hour (``per_hour``: of the lifecycles named). ``quota_for_marketing``:
    the share of the SES quota of a day that marketing may use. ``sms_monthly_usd``: the budget
    for text messages per calendar month (UTC), None for none, of which marketing may use
    ``sms_for_marketing``; ``sms_segment_usd``: what a segment costs.
    """

    backlog_hours: int = 24
    marketing_per_hour: int = 1000
    transactional_per_hour: int = 5000
    per_hour: Mapping[str, int] = field(default_factory=dict)
    quota_for_marketing: float = 0.8
    sms_monthly_usd: float | None = None
    sms_for_marketing: float = 0.8
    sms_segment_usd: float = 0.075


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTimePolicy:
    """When marketing goes out within the day, in the recipient's zone.

    ``at``: lifecycle to the wall-clock time that it goes out at; others go when they fall due.
    ``business_days``: lifecycles that rest on the brand's days off.
    """

    at: Mapping[str, time] = field(default_factory=dict)
    business_days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayPolicy:
    """When a delivery counts as delayed. Business days are those of ``Policy.calendar``."""

    before_promise_hours: int = 48
    no_pickup_business_days: int = 4
    no_scan_domestic_business_days: int = 3
    no_scan_international_business_days: int = 5
    max_alerts_per_order: int = 2
    escalate_after_business_days: int = 1
    # So long news of one parcel waits for news of the order's others: where the customer has to
    # act (absence, counter), and where they can only wait. 0: nothing waits.
    merge_minutes: int = 15
    merge_alert_minutes: int = 60
    # Our own feed counts as stale when no carrier event of the brand came for so long.
    feed_stale_hours: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatePolicy:
    """The delivery estimate of an order for which nobody named a date."""

    cutoff_hour: int = 12
    processing_business_days: int = 1
    transit_days_min: int = 1
    transit_days_max: int = 3
    international_transit_days_min: int = 5
    international_transit_days_max: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPolicy:
    """When to ask for a review. Days count from possession."""

    usage_days: int = 7
    fallback_days_after_promise: int = 7
    reminder_after_days: int = 7
    repeat_months: int = 12
    # A parcel left at the door or in a locker is found later than one handed over.
    unattended_extra_days: int = 1
    # No request later than this after it was due: nobody remembers the purchase.
    expires_after_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplenishmentPolicy:
    """When to remind of running out."""

    due_days_before: int = 5
    late_ratio: float = 0.25
    # Products of one order that run out within so many days share one reminder.
    group_days: int = 7
    # The customer's own rhythm replaces the nominal supply from so many purchases on.
    own_interval_min_purchases: int = 3
    expires_after_days: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpaidPolicy:
    """Orders to be paid by konbini or bank transfer."""

    reminder_after_hours: int = 48
    expires_after_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What a brand knows about a SKU beyond the order line."""

    sku: str
    supply_days: int | None = None  # one unit lasts so long
    usage_days: int | None = None  # before a review makes sense
    successor: str | None = None
    discontinued: bool = False
    goes_with: tuple[str, ...] = ()  # SKUs to suggest with it
    population_interval_days: int | None = None  # observed over all customers


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All that the decisions of a brand depend on, beside the facts and the clock.

    ``zone`` is the shop's IANA zone, ``country`` its ISO 3166-1 code: a parcel to another
    country is international. ``version`` names the policy in the ledger.
    """

    zone: str
    country: str
    version: str = "1"
    settle_seconds: int = 60
    quiet_hours: QuietHours = QuietHours()
    marketing_caps: MarketingCaps = MarketingCaps()
    send_time: SendTimePolicy = SendTimePolicy()
    # Marketing gives way to what is more important and falls due within so many hours.
    give_way_hours: int = 24
    consent_basis: Mapping[str, ConsentBasis] = field(default_factory=dict)
    consent: ConsentPolicy = ConsentPolicy()
    brake: BrakePolicy = BrakePolicy()
    soft_bounces: SoftBouncePolicy = SoftBouncePolicy()
    guard: GuardPolicy = GuardPolicy()
    delay: DelayPolicy = DelayPolicy()
    estimate: EstimatePolicy = EstimatePolicy()
    review: ReviewPolicy = ReviewPolicy()
    replenishment: ReplenishmentPolicy = ReplenishmentPolicy()
    unpaid: UnpaidPolicy = UnpaidPolicy()
    products: Mapping[str, Product] = field(default_factory=dict)
    # False where the brand sells no subscriptions at all: then "unknown" cannot mean "yes".
    sells_subscriptions: bool = True
    disabled_lifecycles: frozenset[str] = frozenset()
    # Message kinds that the carrier already tells the customer itself.
    carrier_notifies: frozenset[str] = frozenset()
    calendar: BusinessCalendar = WeekdayCalendar()
    # IANA zones per ISO country, from the tz database: one zone means the zone is certain.
    country_zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def product(self, sku: str | None) -> Product | None:
        """What is known of a SKU; None for an unknown one."""
        return self.products.get(sku) if sku else None
