"""Signed links: what opens, what does not, and for how long."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.memory.providers import ManualClock
from shared.messages.signing import LIFETIME, LinkFor, LinkSigner
from tests.builders import entry

T0 = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
MESSAGE = entry("replenishment_reminder", "due:SENCHA-100").key.message_id()
OLD, NEW = "old key " * 6, "new key " * 6


@dataclass
class Keys:
    """Keys that a test changes."""

    now: tuple[str, ...] = (OLD,)
    newer: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def live(self) -> tuple[str, ...]:
        return self.now

    def renewed(self) -> tuple[str, ...]:
        self.asked.append("renewed")
        return self.newer


def signer(*keys: str, at: datetime = T0) -> LinkSigner:
    return LinkSigner(Keys(keys or (OLD,)), ManualClock(at))


def test_a_link_opens_what_it_is_for_and_nothing_else() -> None:
    for purpose in LinkFor:
        token = signer().sign(purpose, MESSAGE)
        for other in LinkFor:
            opened = signer().open(other, token)
            if other is not purpose:
                assert opened is None
                continue
            assert opened is not None
            assert (opened.message_id, opened.signed_at) == (MESSAGE, T0)
            assert not opened.expired


def test_a_token_is_short_and_says_nothing_of_anybody() -> None:
    token = signer().sign(LinkFor.UNSUBSCRIBE, MESSAGE)
    assert re.fullmatch(r"[A-Za-z0-9_-]{27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{22}", token)


@pytest.mark.parametrize("purpose", LinkFor)
def test_a_link_lives_as_long_as_its_purpose_says(purpose: LinkFor) -> None:
    token = signer().sign(purpose, MESSAGE)
    for late, expired in ((timedelta(), False), (timedelta(seconds=1), True)):
        opened = signer(at=T0 + LIFETIME[purpose] + late).open(purpose, token)
        assert opened is not None, "genuine, however old: its brand can be named"
        assert opened.expired is expired
    assert LIFETIME[LinkFor.UNSUBSCRIBE] >= timedelta(days=30), "CAN-SPAM Act § 7704(a)(3)(A)(ii)"


def test_every_changed_character_makes_it_nobody_s() -> None:
    token = signer().sign(LinkFor.UNSUBSCRIBE, MESSAGE)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\x00é"
    for place, found in enumerate(token):
        for sign in alphabet:
            if sign != found:
                forged = token[:place] + sign + token[place + 1 :]
                assert signer().open(LinkFor.UNSUBSCRIBE, forged) is None, forged
    for place in range(len(token)):
        assert signer().open(LinkFor.UNSUBSCRIBE, token[:place]) is None
    for more in ("=", "A", ".", "\n", token):
        assert signer().open(LinkFor.UNSUBSCRIBE, token + more) is None


@given(st.text(max_size=120))
def test_anything_at_all_can_be_tried(text: str) -> None:
    assert signer().open(LinkFor.PREFERENCES, text) is None


def test_a_token_of_another_deployment_is_forged() -> None:
    assert signer(NEW).open(LinkFor.SNOOZE, signer(OLD).sign(LinkFor.SNOOZE, MESSAGE)) is None


def test_while_the_key_is_replaced_both_open_and_the_new_one_signs() -> None:
    before = signer(OLD).sign(LinkFor.UNSUBSCRIBE, MESSAGE)
    during = signer(NEW, OLD)
    assert during.open(LinkFor.UNSUBSCRIBE, before)
    after = during.sign(LinkFor.UNSUBSCRIBE, MESSAGE)
    assert signer(NEW).open(LinkFor.UNSUBSCRIBE, after)
    assert signer(OLD).open(LinkFor.UNSUBSCRIBE, after) is None
    assert signer(NEW).open(LinkFor.UNSUBSCRIBE, before) is None, "the old key is gone for good"


def test_a_new_key_counts_at_once_where_another_process_signs_already() -> None:
    token = signer(NEW, OLD).sign(LinkFor.UNSUBSCRIBE, MESSAGE)
    keys = Keys((OLD,), newer=(NEW, OLD))
    assert LinkSigner(keys, ManualClock(T0)).open(LinkFor.UNSUBSCRIBE, token)
    assert keys.asked == ["renewed"]


def test_what_has_not_even_the_form_of_a_token_makes_nobody_look_for_keys() -> None:
    keys = Keys(())
    for text in ("", "x", "../..", "a.b.c.d", "x" * 5000):
        assert LinkSigner(keys, ManualClock(T0)).open(LinkFor.UNSUBSCRIBE, text) is None
    assert not keys.asked


@pytest.mark.parametrize("name", ["", "m-1", "山田", "m-" + "g" * 40])
def test_only_messages_of_ours_have_links(name: str) -> None:
    with pytest.raises(ValueError, match="message of ours"):
        signer().sign(LinkFor.CONFIRM, name)
