"""Limits of a brand, switches and room at their boundaries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.controls import ALL, MARKETING, NO_CONTROLS, Approval, Controls, Pause
from shared.domain.customers import SLOTS_FOR, Slot, Slots
from shared.domain.events import Purpose
from shared.domain.limits import (
    ceiling,
    hour_of,
    marketing_may_use,
    month_of,
    next_hour,
    sms_cost,
    sms_limit,
    spread,
)
from shared.domain.policy import GuardPolicy
from tests.builders import BRAND, T0, at
from tests.worlds import Scripted

SECOND = timedelta(seconds=1)
GUARD = GuardPolicy(marketing_per_hour=10, transactional_per_hour=50, per_hour={"other": 1})


def test_an_hour_and_a_month_begin_on_the_clock_in_utc() -> None:
    last = datetime(2025, 11, 30, 23, 59, 59, tzinfo=UTC)
    assert (hour_of(last), month_of(last)) == ("2025-11-30T23", "2025-11")
    assert (hour_of(last + SECOND), month_of(last + SECOND)) == ("2025-12-01T00", "2025-12")
    assert next_hour(last) == next_hour(last.replace(minute=0, second=0)) == last + SECOND


def test_a_lifecycle_s_own_ceiling_comes_before_that_of_its_purpose() -> None:
    marketing = Scripted(lambda _: (), purpose=Purpose.MARKETING).SPEC
    assert ceiling(marketing, GUARD) == 10
    assert ceiling(Scripted(lambda _: ()).SPEC, GUARD) == 50
    assert ceiling(marketing, replace(GUARD, per_hour={"scripted": 3})) == 3


def test_what_was_parked_wakes_spread_over_half_an_hour_and_always_alike() -> None:
    woken = {spread(T0, BRAND, str(order)) for order in range(200)}
    assert woken == {spread(T0, BRAND, str(order)) for order in range(200)}
    assert len(woken) > 150
    assert min(woken) >= T0
    assert max(woken) < T0 + timedelta(minutes=30)


def test_money_for_text_messages_is_counted_in_whole_millionths() -> None:
    guard = GuardPolicy(sms_monthly_usd=1.0, sms_for_marketing=0.8, sms_segment_usd=0.075)
    assert sms_cost(3, guard) == 225_000
    assert sms_limit(guard, marketing=False) == 1_000_000
    assert sms_limit(guard, marketing=True) == 800_000
    assert sms_limit(GuardPolicy(), marketing=True) is None
    assert marketing_may_use(50_000, GuardPolicy(quota_for_marketing=0.8)) == 40_000


@pytest.mark.parametrize(
    ("scope", "marketing", "transactional"),
    [(ALL, True, True), (MARKETING, True, False), ("a", True, True), ("b", False, False)],
)
def test_a_pause_covers_its_scope(scope: str, marketing: bool, transactional: bool) -> None:
    controls = Controls(brand=BRAND, pauses={scope: Pause(since=T0, by="mika")})
    assert (controls.paused("a", marketing=True) is not None) == marketing
    assert (controls.paused("a", marketing=False) is not None) == transactional
    assert NO_CONTROLS.paused("a", marketing=True) is None


def test_an_approval_covers_what_was_known_by_then_of_its_own_kind() -> None:
    grant = Approval(lifecycle="a", at=at(1), by="ken", count=2)
    controls = Controls(brand=BRAND, approvals=(grant,))
    assert controls.approved("a", at(1), historical=False)
    assert not controls.approved("a", at(1) + SECOND, historical=False)
    assert not controls.approved("a", at(1), historical=True)
    assert not controls.approved("b", at(1), historical=False)


def test_room_is_taken_once_per_message_and_forgotten_when_no_cap_looks_back() -> None:
    empty = Slots(brand=BRAND, key="k")
    taken = empty.claim("m-1", T0).claim("m-2", at(1)).claim("m-1", at(2))
    assert taken.taken == (
        Slot(message_id="m-2", at=at(1)),
        Slot(message_id="m-1", at=at(2)),
    )
    assert taken.release("m-2").release("m-3").taken == (Slot(message_id="m-1", at=at(2)),)
    kept = taken.claim("m-4", at(1) + SLOTS_FOR - SECOND)
    gone = taken.claim("m-4", at(1) + SLOTS_FOR)
    assert [slot.message_id for slot in kept.taken] == ["m-2", "m-1", "m-4"]
    assert [slot.message_id for slot in gone.taken] == ["m-1", "m-4"]
