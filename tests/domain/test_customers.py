"""A person's word about messages: the newest counts, and of two at once the refusal."""

from __future__ import annotations

import itertools
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.customers import Customer, CustomerRecord, Suppression, Word, fold_customer
from shared.domain.events import Channel, ConsentSeen, Fact, Purpose
from tests.builders import (
    BRAND,
    at,
    changed,
    consent,
    customer_of,
    fact,
    order_of,
    placed,
    subscribes,
)

EMAIL, SMS = Channel.EMAIL, Channel.SMS
MARKETING = Purpose.MARKETING


def word(customer: Customer, channel: Channel = EMAIL) -> bool | None:
    found = customer.word(channel)
    return found.granted if found else None


def seen(granted: bool, channel: Channel = EMAIL) -> ConsentSeen:
    return ConsentSeen(channel=channel, granted=granted)


def test_who_has_said_nothing_has_said_nothing() -> None:
    customer = customer_of(orders=(order_of(placed()),))
    assert word(customer) is None


@pytest.mark.parametrize("granted", [True, False])
def test_a_word_counts_from_the_checkout_or_from_the_person(granted: bool) -> None:
    at_checkout = order_of(placed(consents=(seen(granted),)))
    assert word(customer_of(orders=(at_checkout,))) is granted
    assert word(customer_of(consent(at(1), granted))) is granted


def test_a_later_word_replaces_an_earlier_one() -> None:
    granted = order_of(placed(consents=(seen(True),)))
    assert word(customer_of(consent(at(1), False), orders=(granted,))) is False
    assert word(customer_of(consent(at(-1), False), orders=(granted,))) is True


def test_of_two_words_at_one_instant_the_refusal_wins() -> None:
    granted, refused = placed(consents=(seen(True),)), consent(at(0), False)
    assert word(customer_of(refused, orders=(order_of(granted),))) is False
    both = order_of(placed(consents=(seen(True), seen(False))))
    assert word(customer_of(orders=(both,))) is False
    both = order_of(placed(consents=(seen(False), seen(True))))
    assert word(customer_of(orders=(both,))) is False


def test_an_order_that_changes_later_does_not_undo_a_refusal() -> None:
    # The platform repeats on every change what was ticked at the checkout.
    order = order_of(placed(consents=(seen(True),)), changed(at(5), consents=(seen(True),)))
    assert word(customer_of(consent(at(3), False), orders=(order,))) is False


def test_a_new_checkout_is_a_new_word() -> None:
    later = order_of(placed(at(9), order_id="1002", consents=(seen(True),)))
    assert word(customer_of(consent(at(3), False), orders=(later,))) is True


def test_channels_and_purposes_are_apart() -> None:
    customer = customer_of(
        consent(at(1), True),
        consent(at(2), False, channel=SMS),
        consent(at(3), False, purpose=Purpose.TRANSACTIONAL),
    )
    assert (word(customer), word(customer, SMS)) == (True, False)
    assert customer.word(EMAIL, Purpose.TRANSACTIONAL) == Word(at=at(3), granted=False)


WORDS = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=6)


@given(WORDS, st.randoms(use_true_random=False))
def test_the_newest_word_counts_whatever_order_the_orders_are_read_in(
    words: list[tuple[int, bool]], chance: object
) -> None:
    orders = [
        order_of(placed(at(day), order_id=f"o{n}", consents=(seen(granted),)))
        for n, (day, granted) in enumerate(words)
    ]
    newest = max(day for day, _ in words)
    wanted = all(granted for day, granted in words if day == newest)
    for permuted in itertools.islice(itertools.permutations(orders), 24):
        assert word(customer_of(orders=tuple(permuted))) is wanted


def test_subscriptions_are_the_newest_state_per_product() -> None:
    customer = customer_of(subscribes(at(1), "A"), subscribes(at(2), "B", active=False))
    assert dict(customer.subscriptions) == {"A": True, "B": False}
    assert "C" not in customer.subscriptions


def test_the_fold_does_not_depend_on_the_order_of_facts() -> None:
    def record(facts: list[Fact]) -> CustomerRecord:
        return CustomerRecord(brand=BRAND, key="k", facts={one.key: one for one in facts})

    facts = [consent(at(1), True), consent(at(2), False, channel=SMS), subscribes(at(3), "A")]
    wanted = fold_customer(record(facts))
    for permuted in itertools.permutations(facts):
        assert fold_customer(record(list(permuted))) == wanted


def test_what_is_given_is_kept() -> None:
    stopped = {EMAIL: Suppression(channel=EMAIL, reason="BOUNCED", since=at(1))}
    order = order_of(placed())
    customer = fold_customer(
        CustomerRecord(brand=BRAND, key="k"), orders=(order,), suppressions=stopped
    )
    assert (customer.key, customer.orders, customer.suppressions) == ("k", (order,), stopped)


def test_a_fact_about_a_person_belongs_to_no_order() -> None:
    word_of_hers: Fact = consent(at(1), True)
    assert word_of_hers.order_id is None
    assert word_of_hers.key == "consent:email:marketing::granted"
    assert isinstance(fact(word_of_hers.data).metadata.occurred_at, datetime)
