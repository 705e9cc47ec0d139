"""Addresses that bounce for a while."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime

from shared.domain.bounces import SoftBounces
from shared.domain.events import Channel
from shared.domain.policy import SoftBouncePolicy
from tests.builders import BRAND, at

POLICY = SoftBouncePolicy(limit=3, over_days=2, rest_days=30)
CLEAN = SoftBounces(brand=BRAND, address_key="k")


def bounced(*days: float) -> SoftBounces:
    record = CLEAN
    for number, day in enumerate(days):
        record = record.bounce(f"m{number}", at(day))
    return record


def rests_until(record: SoftBounces, now: datetime) -> datetime | None:
    word = record.rest(Channel.EMAIL, POLICY, now)
    assert word is None or (word.reason, word.lifted) == ("SOFT_BOUNCED", False)
    return word.until if word else None


def test_the_limit_and_the_days_are_both_needed() -> None:
    assert rests_until(bounced(0, 1), at(1)) is None
    assert rests_until(bounced(0, 1, 1.9), at(2)) is None
    assert rests_until(bounced(0, 1, 2), at(2)) == at(32)


def test_after_the_rest_one_message_tries() -> None:
    record = bounced(0, 1, 2)
    assert rests_until(record, at(31.9)) == at(32)
    assert rests_until(record, at(32)) is None
    assert rests_until(record.bounce("again", at(33)), at(33)) == at(63)
    assert rests_until(record.arrived(at(33)).bounce("again", at(34)), at(34)) is None


def test_what_arrives_begins_the_count_anew() -> None:
    assert rests_until(bounced(0, 1).arrived(at(1.5)).bounce("m", at(2)), at(2)) is None
    assert rests_until(bounced(0, 1, 2).arrived(at(2)), at(2)) is None


def test_a_message_counts_once_however_often_it_is_told() -> None:
    assert bounced(0, 1).bounce("m1", at(2)) == bounced(0, 1)
    assert bounced(0, 1).bounce("m1", at(0.5)).bounced == {"m0": at(0), "m1": at(0.5)}


def test_every_order_of_the_words_ends_the_same() -> None:
    words = [("m0", 0), ("m1", 1), ("m2", 3), ("m2", 4), (None, 0.5), (None, 0.2)]
    ends = set()
    for order in itertools.permutations(words):
        record = CLEAN
        for message, day in order:
            record = record.bounce(message, at(day)) if message else record.arrived(at(day))
        ends.add((tuple(sorted(record.bounced.items())), record.arrived_at))
    assert ends == {((("m1", at(1)), ("m2", at(3))), at(0.5))}


def test_the_record_stays_small() -> None:
    assert len(bounced(*range(500)).bounced) == 50
    assert rests_until(bounced(*range(500)), at(500)) == at(529)
    assert replace(CLEAN, version=3).bounce("m", at(0)).version == 3
