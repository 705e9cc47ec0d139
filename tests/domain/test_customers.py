"""A person's word about messages: the newest counts, and of two at once the refusal."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.customers import Customer, CustomerRecord, Suppression, Word, fold_customer
from shared.domain.events import Channel, ConsentSeen, Fact, Purpose
from shared.domain.folding import merge
from shared.domain.gate import consent_refusal
from shared.domain.lifecycle import Spec
from shared.domain.orders import OrderRecord
from shared.domain.policy import ConsentBasis, ConsentPolicy
from shared.domain.reasons import Reason
from tests.builders import (
    BRAND,
    POLICY,
    at,
    changed,
    consent,
    customer_of,
    fact,
    order_of,
    placed,
    situation,
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


GENERAL, TOPIC, OTHER = None, "review_request", "another"
# What was said, as (day, topic, granted, confirmed); then the word about TOPIC.
Said = tuple[int, str | None, bool, bool | None]
DECISIONS: dict[str, tuple[list[Said], tuple[bool, bool | None] | None]] = {
    "nothing": ([], None),
    "another topic": ([(1, OTHER, True, True)], None),
    "general yes": ([(1, GENERAL, True, None)], (True, None)),
    "general no": ([(1, GENERAL, False, None)], (False, None)),
    "topic yes": ([(1, TOPIC, True, None)], (True, None)),
    "topic no": ([(1, TOPIC, False, None)], (False, None)),
    "topic no, general yes later": (
        [(1, TOPIC, False, None), (2, GENERAL, True, None)],
        (False, None),
    ),
    "topic no, topic yes later": ([(1, TOPIC, False, None), (2, TOPIC, True, None)], (True, None)),
    "topic no and yes at once": ([(1, TOPIC, False, None), (1, TOPIC, True, None)], (False, None)),
    "general no, topic yes later": (
        [(1, GENERAL, False, None), (2, TOPIC, True, None)],
        (True, None),
    ),
    "general no, topic yes at once": (
        [(1, GENERAL, False, None), (1, TOPIC, True, None)],
        (False, None),
    ),
    "topic yes, general no later": (
        [(1, TOPIC, True, None), (2, GENERAL, False, None)],
        (False, None),
    ),
    "topic yes, general no, general yes": (
        [(1, TOPIC, True, None), (2, GENERAL, False, None), (3, GENERAL, True, None)],
        (True, None),
    ),
    "confirmed": ([(1, GENERAL, True, True)], (True, True)),
    "said to be unconfirmed": ([(1, GENERAL, True, False)], (True, False)),
    "confirmed, then ticked again": (
        [(1, GENERAL, True, True), (2, GENERAL, True, False)],
        (True, True),
    ),
    "confirmed, refused, ticked again": (
        [(1, GENERAL, True, True), (2, GENERAL, False, None), (3, GENERAL, True, False)],
        (True, False),
    ),
    "confirmed in general, topic yes": (
        [(1, GENERAL, True, True), (2, TOPIC, True, None)],
        (True, True),
    ),
    "topic confirmed, everything refused, topic ticked": (
        [(1, TOPIC, True, True), (2, GENERAL, False, None), (3, TOPIC, True, None)],
        (True, None),
    ),
    "topic confirmed, everything refused, everything ticked": (
        [(1, TOPIC, True, True), (2, GENERAL, False, None), (3, GENERAL, True, False)],
        (True, False),
    ),
}


def record_of_person(facts: Iterable[Fact]) -> CustomerRecord:
    """The person's record after these facts, merged one at a time as ingest does."""
    record = OrderRecord(brand=BRAND, order_id="k")
    for one in facts:
        record = merge(record, [one])
    return CustomerRecord(brand=BRAND, key="k", facts=record.facts)


def spoken(said: Said) -> Fact:
    day, topic, granted, confirmed = said
    return consent(at(day), granted, topic=topic, confirmed=confirmed)


def stored(said: Iterable[Said]) -> Customer:
    record = record_of_person(spoken(one) for one in said)
    return fold_customer(record)


@pytest.mark.parametrize("name", DECISIONS)
def test_what_counts_for_a_topic(name: str) -> None:
    said, wanted = DECISIONS[name]
    for arrival in itertools.permutations(said):
        found = stored([*arrival, *arrival]).word(EMAIL, topic=TOPIC)
        assert (found and (found.granted, found.confirmed)) == wanted


def by_the_letter(said: Iterable[Said]) -> bool | None:
    """The rule as docs/consent.md says it, word by word: None where nothing was ever said."""
    relevant = [(d, t, g) for d, t, g, _ in said if t in {GENERAL, TOPIC}]
    refused_topic = [d for d, t, g in relevant if t == TOPIC and not g]
    refused_all = [d for d, t, g in relevant if t is GENERAL and not g]
    granted_topic = [d for d, t, g in relevant if t == TOPIC and g]
    granted_any = [d for d, _, g in relevant if g]
    if not relevant:
        return None
    if refused_topic and not any(d > max(refused_topic) for d in granted_topic):
        return False
    return not refused_all or any(d > max(refused_all) for d in granted_any)


SAYINGS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from([GENERAL, TOPIC, OTHER]),
        st.booleans(),
        st.sampled_from([None, False, True]),
    ),
    max_size=8,
)


@given(SAYINGS, st.randoms(use_true_random=False))
def test_a_refusal_wins_until_a_newer_grant_of_what_it_covers(
    said: list[Said], chance: random.Random
) -> None:
    wanted = by_the_letter(said)
    found = stored(said).word(EMAIL, topic=TOPIC)
    assert (found.granted if found else None) == wanted
    shuffled = [*said, *said]
    chance.shuffle(shuffled)
    again = stored(shuffled).word(EMAIL, topic=TOPIC)
    assert (again and again.granted) == (found and found.granted)


@given(SAYINGS)
def test_a_refusal_of_everything_now_ends_everything(said: list[Said]) -> None:
    customer = stored([*said, (6, GENERAL, False, None)])
    for topic in (GENERAL, TOPIC, OTHER):
        word = customer.word(EMAIL, topic=topic)
        assert word is not None
        assert not word.granted


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("basis", [*ConsentBasis])
@pytest.mark.parametrize("word", [None, "no", "yes", "proved"])
def test_what_allows_marketing(double: bool, basis: ConsentBasis, word: str | None) -> None:
    spec = Spec(
        name=TOPIC,
        purpose=MARKETING,
        triggers=("OrderPlaced",),
        channels=(EMAIL, SMS),
        messages=("request",),
        title=("", ""),
        summary=("", ""),
    )
    policy = replace(
        POLICY,
        consent_basis={TOPIC: basis},
        consent=ConsentPolicy(double_opt_in=(EMAIL, SMS) if double else ()),
    )
    for channel in (EMAIL, SMS):
        said = [consent(at(1), word != "no", channel=channel, confirmed=word == "proved")]
        told = situation(placed(), now=at(2), person=said if word else [], policy=policy)
        existing = basis is ConsentBasis.EXISTING_CUSTOMER and channel is EMAIL
        wanted = {
            None: None if existing else Reason.NO_CONSENT,
            "no": Reason.OPTED_OUT,
            "yes": Reason.UNCONFIRMED if double else None,
            "proved": None,
        }[word]
        assert consent_refusal(spec, channel, told) is wanted


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
