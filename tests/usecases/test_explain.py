"""Every decision can be made again from what was kept of it, and gives the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from shared import lifecycles
from shared.adapters.memory.providers import Mishap
from shared.brands import brand_ids, load_brand, read_snapshot
from shared.brands.directory import BrandDirectory
from shared.brands.models import Brand
from shared.contracts.inputs import pack_inputs, unpack_inputs
from shared.domain.decisions import Verdict
from shared.domain.errors import BrandError, PermanentError
from shared.domain.events import Channel, Fact
from shared.domain.inputs import Inputs
from shared.domain.ledger import EntryStatus, LedgerEntry
from shared.domain.policy import Policy
from shared.domain.reasons import REASONS, Reason
from shared.domain.remedies import REMEDIES, SENT, remedy
from shared.usecases.explain import Explanation, Rerun, explain
from tests.builders import T0, at, consent, delivered, entry, placed
from tests.journeys.test_invariants import POLICY, Life, arrivals, mishaps, orders
from tests.worlds import Memory, OneBrand


def explained(memory: Memory, of: LedgerEntry) -> Explanation:
    world = memory.world
    return explain(world.inputs, world.brands, lifecycles.load(of.key.lifecycle), of)


@pytest.mark.slow
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(first=orders("1001"), second=orders("1002"), happening=arrivals, bad_days=mishaps)
def test_every_stored_decision_can_be_made_again(
    first: list[Fact],
    second: list[Fact],
    happening: list[tuple[Fact, timedelta]],
    bad_days: list[Mishap | None],
) -> None:
    life = Life()
    life.memory.mailbox.fail_next(*bad_days)
    arriving = [(fact.metadata.occurred_at, fact) for fact in (*first, *second)]
    arriving += [(fact.metadata.occurred_at + lag, fact) for fact, lag in happening]
    life.live(arriving)
    for one in life.memory.ledger.entries():
        told = explained(life.memory, one)
        assert told.rerun is Rerun.SAME, (told.entry, told.again, told.problem)
        assert told.inputs is not None
        # What is stored is all of it.
        assert unpack_inputs(pack_inputs(told.inputs)) == told.inputs


def decided(*facts: Fact, until: timedelta, lifecycle: str = "review_request") -> Memory:
    """A life in which a lifecycle decided."""
    life = Life(memory=Memory(policy=POLICY))
    for fact in sorted(facts, key=lambda one: one.metadata.occurred_at):
        life.simulation.advance(fact.metadata.occurred_at)
        life.simulation.put(fact)
    life.simulation.advance(at() + until)
    return life.memory


def the_one(memory: Memory, status: EntryStatus, lifecycle: str = "review_request") -> LedgerEntry:
    (found,) = [
        one
        for one in memory.ledger.entries()
        if one.key.lifecycle == lifecycle and one.status is status
    ]
    return found


REFUSED = (placed(at()), consent(at(hours=1), False), delivered(at(days=2)))


def test_what_changed_since_does_not_change_what_was_decided() -> None:
    memory = decided(*REFUSED, until=timedelta(days=30))
    refused = the_one(memory, EntryStatus.SKIPPED)
    assert refused.reason is Reason.OPTED_OUT
    record = memory.customers.load("aoba", refused.customer_key or "")
    memory.customers.save(record, replace(record, facts={}))
    told = explained(memory, refused)
    assert told.rerun is Rerun.SAME
    assert told.situation is not None
    word = told.situation.customer.word(Channel.EMAIL, topic="review_request")
    assert word is not None
    assert not word.granted


def test_inputs_that_say_something_else_give_something_else() -> None:
    memory = decided(*REFUSED, until=timedelta(days=30))
    refused = the_one(memory, EntryStatus.SKIPPED)
    other = replace(refused, reason=Reason.GIFT, rule="gift")
    told = explained(memory, other)
    assert told.rerun is Rerun.DIFFERENT
    assert told.again is not None
    assert told.again.reason is Reason.OPTED_OUT


def test_a_bounce_does_not_hide_the_decision() -> None:
    memory = decided(placed(at()), delivered(at(days=2)), until=timedelta(days=12))
    sent = the_one(memory, EntryStatus.SENT)
    told = explained(memory, replace(sent, reason=Reason.BOUNCED))
    assert told.rerun is Rerun.SAME
    assert told.again is not None
    assert (told.again.verdict, told.again.reason) == (Verdict.SEND, Reason.DUE)
    # What a provider's answer, or none, left behind.
    unknown = replace(
        sent,
        status=EntryStatus.UNKNOWN,
        reason=Reason.OUTCOME_UNKNOWN,
        rule="provider: no answer",
    )
    assert explained(memory, unknown).rerun is Rerun.SAME
    assert explained(memory, replace(sent, message="service")).rerun is Rerun.DIFFERENT


class _Broken(OneBrand):
    def read_policy(self, text: str) -> Policy:
        raise BrandError("of another version")


def test_what_is_not_there_is_said() -> None:
    memory = decided(*REFUSED, until=timedelta(days=30))
    refused = the_one(memory, EntryStatus.SKIPPED)
    lifecycle = lifecycles.load("review_request")
    assert explained(memory, replace(refused, inputs=None)).rerun is Rerun.NOT_KEPT
    assert explained(memory, replace(refused, inputs="gone")).rerun is Rerun.NOT_KEPT
    assert explained(memory, entry("review_request", "request")).rerun is Rerun.NOT_KEPT
    broken = explain(memory.inputs, _Broken(POLICY), lifecycle, refused)
    assert broken.rerun is Rerun.UNREADABLE
    assert broken.problem == "of another version"


# --- policies --------------------------------------------------------------------------------


@pytest.mark.parametrize("brand", brand_ids())
def test_a_stored_policy_is_the_policy(brand: str) -> None:
    directory = BrandDirectory([brand])
    again = directory.read_policy(directory.policy_text(brand))
    assert again == directory.policy(brand)
    assert again.version == load_brand(brand).version


def changed(brand: str, **settings: object) -> Brand:
    """A brand with other settings."""
    plain = load_brand(brand)
    table = plain.settings.model_copy(update=settings)
    return plain.model_copy(update={"settings": table})


def test_a_changed_setting_has_another_version_and_the_old_text_the_old_policy() -> None:
    before, after = load_brand("aoba"), changed("aoba", closed_days=(date(2024, 2, 29),))
    assert before.version != after.version
    assert read_snapshot(before.snapshot) == before.policy
    again = read_snapshot(after.snapshot)
    assert again == after.policy
    assert not again.calendar.is_business_day(date(2028, 2, 29))


def test_what_is_only_shown_is_no_policy() -> None:
    plain = load_brand("aoba")
    shown = [
        product.model_copy(update={"title": {"ja": "別の名前", "en": "another name"}})
        for product in plain.products
    ]
    assert plain.model_copy(update={"products": tuple(shown)}).version == plain.version


def test_a_policy_that_nobody_can_read() -> None:
    with pytest.raises(BrandError, match=r"a stored policy: .*zone"):
        read_snapshot("{}")


def test_inputs_that_nobody_can_read() -> None:
    memory = decided(*REFUSED, until=timedelta(days=30))
    kept = explained(memory, the_one(memory, EntryStatus.SKIPPED)).inputs
    assert isinstance(kept, Inputs)
    with pytest.raises(PermanentError):
        unpack_inputs(pack_inputs(kept)[:-20])


# --- words -----------------------------------------------------------------------------------


def test_every_reason_says_what_would_have_to_change() -> None:
    assert set(REMEDIES) == set(Reason) == set(REASONS)
    for ja, en in REMEDIES.values():
        assert ja.endswith("。")
        assert en.endswith(".")


def test_what_was_sent_needs_nothing() -> None:
    sent = entry("review_request", "request", EntryStatus.SENT, T0)
    assert remedy(sent) == SENT
    assert remedy(replace(sent, reason=Reason.BOUNCED)) == REMEDIES[Reason.BOUNCED]
