from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from local.clock import Rank, VirtualClock

START = datetime(2026, 4, 1, tzinfo=UTC)


def test_actions_run_in_the_order_of_time_rank_key_and_arrival() -> None:
    clock = VirtualClock(START)
    seen: list[str] = []
    later = START + timedelta(seconds=5)
    clock.call_at(later, lambda: seen.append("timer b"), rank=Rank.TIMER, key="b")
    clock.call_at(later, lambda: seen.append("timer a"), rank=Rank.TIMER, key="a")
    clock.call_at(later, lambda: seen.append("work 1"))
    clock.call_at(later, lambda: seen.append("work 2"))
    clock.call_soon(lambda: seen.append("now"))

    clock.run_until(later)

    assert seen == ["now", "work 1", "work 2", "timer a", "timer b"]
    assert clock.now() == later


def test_a_sleeping_task_lets_what_is_due_in_between_run_in_between() -> None:
    clock = VirtualClock(START)
    seen: list[tuple[str, int]] = []

    def note(text: str) -> None:
        seen.append((text, int((clock.now() - START).total_seconds())))

    def long() -> None:
        note("long begins")
        clock.sleep(10)
        note("long goes on")
        clock.sleep(1)
        note("long ends")

    def short() -> None:
        note("short begins")
        clock.sleep(3)
        note("short ends")

    clock.call_soon(long)
    clock.call_after(2, short)
    clock.run_until(START + timedelta(minutes=1))

    assert seen == [
        ("long begins", 0),
        ("short begins", 2),
        ("short ends", 5),
        ("long goes on", 10),
        ("long ends", 11),
    ]


def test_the_run_stops_at_its_instant_and_goes_on_later() -> None:
    clock = VirtualClock(START)
    seen: list[str] = []

    def sleeper() -> None:
        clock.sleep(100)
        seen.append("woken")

    clock.call_soon(sleeper)
    clock.run_until(START + timedelta(seconds=50))
    assert seen == []
    assert clock.next_at() == START + timedelta(seconds=100)
    clock.run_until(START + timedelta(seconds=100))
    assert seen == ["woken"]


def test_settle_finishes_what_is_near_and_leaves_what_is_far() -> None:
    clock = VirtualClock(START)
    seen: list[str] = []
    clock.call_after(50, lambda: seen.append("near"))
    clock.call_after(100, lambda: seen.append("near its predecessor"))
    clock.call_after(3600, lambda: seen.append("far"))

    clock.settle(timedelta(minutes=1))

    assert seen == ["near", "near its predecessor"]
    assert clock.now() == START + timedelta(seconds=100)


def test_a_cancelled_action_does_not_run() -> None:
    clock = VirtualClock(START)
    seen: list[str] = []
    clock.call_soon(lambda: seen.append("no")).cancel()
    clock.run_until(START)
    assert seen == []
    assert clock.next_at() is None


def test_what_an_action_raises_ends_the_run_and_the_clock_still_works() -> None:
    clock = VirtualClock(START)

    def fail() -> None:
        raise KeyError("boom")

    def fail_later() -> None:
        clock.sleep(1)
        raise ValueError("later")

    clock.call_soon(fail)
    clock.call_soon(fail_later)
    with pytest.raises(KeyError, match="boom"):
        clock.run_until(START)
    with pytest.raises(ValueError, match="later"):
        clock.run_until(START + timedelta(seconds=1))
    assert clock.next_at() is None


def test_a_task_can_neither_run_the_clock_nor_anybody_else_sleep() -> None:
    clock = VirtualClock(START)
    with pytest.raises(RuntimeError, match="only a task"):
        clock.sleep(1)
    clock.call_soon(lambda: clock.run_until(START))
    with pytest.raises(RuntimeError, match="already running"):
        clock.run_until(START)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        VirtualClock(START.replace(tzinfo=None))


def test_what_is_done_now_may_sleep_and_nothing_happens_after_it() -> None:
    clock = VirtualClock(START)
    happened: list[str] = []
    for seconds in (1, 3):
        clock.call_after(seconds, partial(happened.append, f"after {seconds} s"))

    def done() -> str:
        clock.sleep(2)
        return clock.do(lambda: "by a task of its own")

    assert clock.do(done) == "by a task of its own"
    assert happened == ["after 1 s"]
    assert clock.now() == START + timedelta(seconds=2)
