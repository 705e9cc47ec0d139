"""One suite for every implementation of the stores: what shared/ports.py promises."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.bounces import SoftBounces
from shared.domain.controls import ALL, MARKETING, Approval, Brake, Controls, Pause
from shared.domain.customers import SLOTS_FOR, CustomerRecord, Slot, Slots, Suppression
from shared.domain.errors import Conflict
from shared.domain.events import Channel, Fact
from shared.domain.folding import merge
from shared.domain.inputs import Inputs
from shared.domain.ledger import EntryStatus, LedgerEntry, Priority
from shared.domain.orders import OrderRecord
from shared.domain.reasons import Reason
from shared.domain.shipments import Status
from shared.domain.values import Party, address_key, customer_key
from tests.adapters.conftest import Stores
from tests.builders import (
    BRAND,
    BUYER,
    ORDER,
    T0,
    at,
    changed,
    consent,
    dispatched,
    entry,
    payment,
    placed,
    scan,
)

BUYER_KEY = customer_key(BRAND, BUYER) or ""


def keep(stores: Stores, *facts: Fact, order_id: str = ORDER) -> OrderRecord:
    """Merge facts into a stored order."""
    before = stores.orders.load(BRAND, order_id)
    return stores.orders.save(before, merge(before, facts))


def first_claim(**more: object) -> LedgerEntry:
    claim = entry("order_confirmation", "received", EntryStatus.SENDING, customer_key=BUYER_KEY)
    return replace(claim, attempts=1, **more)  # type: ignore[arg-type]  # any field of the entry


class TestOrders:
    def test_an_order_that_nobody_wrote_is_empty(self, stores: Stores) -> None:
        assert stores.orders.load(BRAND, "none") == OrderRecord(brand=BRAND, order_id="none")

    def test_what_was_saved_is_loaded(self, stores: Stores) -> None:
        empty = stores.orders.load(BRAND, ORDER)
        facts = [placed(), payment(at(hours=1)), dispatched(at(1)), scan(Status.DELIVERED, at(2))]
        after = replace(merge(empty, facts), first_recorded_at=T0 + timedelta(microseconds=7))
        saved = stores.orders.save(empty, after)
        assert saved == replace(after, version=1)
        assert stores.orders.load(BRAND, ORDER) == saved

    def test_the_vendor_s_id_of_a_delivery_is_not_kept(self, stores: Stores) -> None:
        fact = placed()
        delivered = replace(fact, metadata=replace(fact.metadata, dedupe_id="webhook-1"))
        saved = keep(stores, delivered)
        assert list(stores.orders.load(BRAND, ORDER).facts.values()) == [fact]
        assert saved == stores.orders.load(BRAND, ORDER)

    @pytest.mark.parametrize(
        "more",
        [payment(at(hours=1)), changed(at(hours=1), tags=("vip",)), placed(at(hours=1))],
        ids=["no snapshot", "another snapshot", "the same snapshot, newer"],
    )
    def test_a_second_write_adds_to_the_first(self, stores: Stores, more: Fact) -> None:
        first = keep(stores, placed(), scan(Status.ACCEPTED, at(1)))
        second = keep(stores, more)
        assert second.version == 2
        assert stores.orders.load(BRAND, ORDER) == second
        assert set(second.facts) >= set(first.facts)

    def test_facts_may_come_before_their_order(self, stores: Stores) -> None:
        keep(stores, payment(at(hours=1)))
        keep(stores, dispatched(at(1)))
        last = keep(stores, placed())
        assert stores.orders.load(BRAND, ORDER) == last
        assert len(last.facts) == 3

    @pytest.mark.parametrize("late", [payment(at(1)), changed(at(1))], ids=["state", "context"])
    def test_the_later_of_two_writers_loses(self, stores: Stores, late: Fact) -> None:
        keep(stores, placed())
        mine = stores.orders.load(BRAND, ORDER)
        theirs = keep(stores, dispatched(at(1)))
        with pytest.raises(Conflict):
            stores.orders.save(mine, merge(mine, [late]))
        assert stores.orders.load(BRAND, ORDER) == theirs

    def test_the_first_write_of_an_order_happens_once(self, stores: Stores) -> None:
        empty = stores.orders.load(BRAND, ORDER)
        stores.orders.save(empty, merge(empty, [payment(at(1))]))
        with pytest.raises(Conflict):
            stores.orders.save(empty, merge(empty, [placed()]))

    def test_orders_of_brands_and_ids_never_mix(self, stores: Stores) -> None:
        strange = ["#1001", "1001#STATE", "1001", "a#b", "a%23b", "注文1"]
        for order_id in strange:
            keep(stores, placed(order_id=order_id), order_id=order_id)
        for order_id in strange:
            record = stores.orders.load(BRAND, order_id)
            assert [fact.order_id for fact in record.facts.values()] == [order_id]
        assert stores.orders.load("other", "1001").version == 0

    def test_a_person_s_orders_are_found(self, stores: Stores) -> None:
        for order_id in ("3", "1", "2"):
            keep(stores, placed(order_id=order_id), order_id=order_id)
        keep(stores, placed(order_id="4", buyer=Party(email="other@example.jp")), order_id="4")
        keep(stores, placed(order_id="5", buyer=Party()), order_id="5")
        keep(stores, payment(at(1), order_id="1"), order_id="1")
        assert stores.orders.orders_of(BRAND, BUYER_KEY) == ("1", "2", "3")
        assert stores.orders.orders_of("other", BUYER_KEY) == ()

    def test_a_buyer_who_is_named_later_is_found(self, stores: Stores) -> None:
        keep(stores, placed(buyer=Party()))
        assert stores.orders.orders_of(BRAND, BUYER_KEY) == ()
        keep(stores, changed(at(1), buyer=BUYER))
        assert stores.orders.orders_of(BRAND, BUYER_KEY) == (ORDER,)

    def test_shipments_are_found_by_number(self, stores: Stores) -> None:
        keep(
            stores,
            dispatched(at(1), shipment_id="S1", tracking_number="4839-1234-5671"),
            dispatched(
                at(1),
                shipment_id="S2",
                tracking_number="B",
                other_tracking_numbers=("483912345671", "c"),
            ),
            scan(Status.ACCEPTED, at(2), shipment_id="S3", tracking_number="D"),
        )
        find = stores.orders.by_tracking
        assert find(BRAND, "4839 1234 5671") == ((ORDER, "S1"), (ORDER, "S2"))
        assert find(BRAND, "４８３９１２３４５６７１") == ((ORDER, "S1"), (ORDER, "S2"))
        assert find(BRAND, "b") == find(BRAND, "C") == ((ORDER, "S2"),)
        assert find(BRAND, "D") == ((ORDER, "S3"),)
        assert find(BRAND, "E") == find("other", "B") == ()

    def test_a_number_that_is_added_later_is_found(self, stores: Stores) -> None:
        keep(stores, placed(), dispatched(at(1), tracking_number=None))
        keep(stores, dispatched(at(2), tracking_number="N"))
        assert stores.orders.by_tracking(BRAND, "N") == ((ORDER, "S1"),)

    def test_parked_facts_wait_by_time_and_once_each(self, stores: Stores) -> None:
        def heard(hours: float) -> Fact:
            said = {"order_id": None, "shipment_id": None, "tracking_number": "12-34"}
            return scan(Status.IN_TRANSIT, at(hours=hours), **said)

        for hours in (3, 1, 2, 1):
            stores.orders.park(BRAND, "12-34", heard(hours))
        assert stores.orders.parked(BRAND, "1234") == (heard(1), heard(2), heard(3))
        assert stores.orders.parked(BRAND, "1234") == (heard(1), heard(2), heard(3))
        assert stores.orders.parked("other", "1234") == ()
        assert stores.orders.by_tracking(BRAND, "1234") == ()

    def test_the_feed_s_mark_moves_by_the_minute_and_never_back(self, stores: Stores) -> None:
        assert stores.orders.feed_seen_at(BRAND) is None
        for minutes, seen in ((0, 0), (0.9, 0), (1, 1), (-90, 1), (1.5, 1), (600.25, 600.25)):
            stores.orders.mark_feed(BRAND, at(minutes=minutes))
            assert stores.orders.feed_seen_at(BRAND) == at(minutes=seen)
        assert stores.orders.feed_seen_at("other") is None


class TestCustomers:
    def test_a_person_that_nobody_wrote_is_empty(self, stores: Stores) -> None:
        assert stores.customers.load(BRAND, "k") == CustomerRecord(brand=BRAND, key="k")

    def test_what_was_saved_is_loaded_and_a_stale_write_loses(self, stores: Stores) -> None:
        empty = stores.customers.load(BRAND, BUYER_KEY)
        word = consent(T0, granted=True)
        first = stores.customers.save(empty, replace(empty, facts={word.key: word}))
        assert first.version == 1
        assert stores.customers.load(BRAND, BUYER_KEY) == first
        no = consent(at(1), granted=False)
        second = stores.customers.save(first, replace(first, facts={no.key: no}))
        assert stores.customers.load(BRAND, BUYER_KEY) == second
        for stale in (empty, first):
            with pytest.raises(Conflict):
                stores.customers.save(stale, replace(stale, facts={word.key: word}))
        assert stores.customers.load(BRAND, BUYER_KEY) == second

    def test_what_a_person_lifts_is_what_was_said_until_then(self, stores: Stores) -> None:
        def word(reason: str, day: float, *, lifted: bool = False) -> Suppression:
            return Suppression(
                channel=Channel.EMAIL,
                reason=reason,
                since=at(day),
                lifted=lifted,
                by="Sato" if reason == "MANUAL" else "",
                why="called us" if reason == "MANUAL" else "",
            )

        bounced, complained = word("BOUNCED", 1), word("COMPLAINED", 2)
        stopped, lifted, again = (
            word("MANUAL", 3),
            word("MANUAL", 4, lifted=True),
            word("BOUNCED", 5),
        )
        stands: dict[tuple[Suppression, ...], Suppression | None] = {
            (): None,
            (bounced, complained): complained,
            (bounced, complained, lifted): None,
            (stopped, lifted): None,
            (complained, lifted, again): again,
            (word("MANUAL", 4), lifted): word("MANUAL", 4),
        }
        for number, (words, expected) in enumerate(stands.items()):
            for turn, order in enumerate(itertools.permutations(words)):
                key = address_key(BRAND, "email", f"{number}-{turn}@example.jp")
                for one in order:
                    stores.customers.suppress(BRAND, key, one)
                assert stores.customers.suppression(BRAND, key) == expected, order
                assert stores.customers.suppression("other", key) is None

    def test_of_blocks_and_their_end_the_newest_stands_in_whatever_order(
        self, stores: Stores
    ) -> None:
        def word(hours: float, *, lifted: bool) -> Suppression:
            reason = "FOLLOWED" if lifted else "BLOCKED"
            return Suppression(
                channel=Channel.LINE, reason=reason, since=at(hours=hours), lifted=lifted
            )

        blocked, again = word(1, lifted=False), word(3, lifted=False)
        followed, last = word(2, lifted=True), word(4, lifted=True)
        stands = {
            (blocked, followed): None,
            (blocked, followed, again): again,
            (blocked, followed, again, last): None,
            (word(2, lifted=False), followed): word(2, lifted=False),
            (
                followed,
                Suppression(channel=Channel.LINE, reason="INVALID", since=T0),
                last,
            ): Suppression(channel=Channel.LINE, reason="INVALID", since=T0),
        }
        for number, (words, expected) in enumerate(stands.items()):
            for turn, order in enumerate(itertools.permutations((*words, words[0]))):
                key = f"{number}-{turn}"
                for one in order:
                    stores.customers.suppress(BRAND, key, one)
                assert stores.customers.suppression(BRAND, key) == expected, order


class TestSlots:
    """The room under a person's caps: of two who want the last of it, one gets it."""

    def test_room_that_nobody_took_is_empty(self, stores: Stores) -> None:
        assert stores.customers.slots(BRAND, BUYER_KEY) == Slots(brand=BRAND, key=BUYER_KEY)

    def test_what_was_taken_is_read_and_given_back(self, stores: Stores) -> None:
        empty = stores.customers.slots(BRAND, BUYER_KEY)
        one = stores.customers.save_slots(empty, empty.claim("m-1", at(1, minutes=0.5)))
        assert one.taken == (Slot(message_id="m-1", at=at(1, minutes=0.5)),)
        assert stores.customers.slots(BRAND, BUYER_KEY) == one
        assert stores.customers.slots("other", BUYER_KEY).taken == ()
        none = stores.customers.save_slots(one, one.release("m-1"))
        assert stores.customers.slots(BRAND, BUYER_KEY) == none
        assert (none.taken, none.version) == ((), 2)

    def test_a_stale_write_loses(self, stores: Stores) -> None:
        empty = stores.customers.slots(BRAND, BUYER_KEY)
        first = stores.customers.save_slots(empty, empty.claim("m-1", T0))
        with pytest.raises(Conflict):
            stores.customers.save_slots(empty, empty.claim("m-2", T0))
        second = stores.customers.save_slots(first, first.claim("m-2", at(1)))
        with pytest.raises(Conflict):
            stores.customers.save_slots(first, first.release("m-1"))
        assert stores.customers.slots(BRAND, BUYER_KEY) == second

    def test_they_leave_the_person_s_record_alone(self, stores: Stores) -> None:
        word = consent(T0, granted=True)
        before = stores.customers.load(BRAND, BUYER_KEY)
        saved = stores.customers.save(before, replace(before, facts={word.key: word}))
        empty = stores.customers.slots(BRAND, BUYER_KEY)
        stores.customers.save_slots(empty, empty.claim("m-1", at(0) + SLOTS_FOR))
        assert stores.customers.load(BRAND, BUYER_KEY) == saved


class TestEvidence:
    def test_every_word_is_kept_once_by_time_and_apart_from_the_state(self, stores: Stores) -> None:
        keep_for = timedelta(days=1100)
        words = [consent(at(2), False), consent(at(1), True), consent(at(3), True)]
        for word in (*words, words[0]):
            stores.customers.note_consent(BRAND, BUYER_KEY, word, keep_for)
        assert stores.customers.consents(BRAND, BUYER_KEY) == (words[1], words[0], words[2])
        assert stores.customers.consents("other", BUYER_KEY) == ()
        assert stores.customers.load(BRAND, BUYER_KEY).facts == {}


class TestControls:
    EVERYTHING = Controls(
        brand=BRAND,
        pauses={ALL: Pause(since=at(1), by="mika", why="stock-taking")},
        brake=Brake(since=at(2), cause="complaints", rate=0.0012),
        brake_released_at=at(-3),
        approvals=(
            Approval(lifecycle="review_request", at=at(4), by="ken", count=12, historical=True),
        ),
        ceilings={"review_request": at(5)},
        lifted={"review_request": at(6)},
        sms_spent={MARKETING: "2025-11"},
    )

    def test_a_brand_that_nobody_switched_anything_for_has_none(self, stores: Stores) -> None:
        assert stores.controls.load(BRAND) == Controls(brand=BRAND)

    def test_every_switch_comes_back(self, stores: Stores) -> None:
        empty = Controls(brand=BRAND)
        names = [name for name in Controls.__slots__ if name not in {"brand", "version"}]
        assert [n for n in names if getattr(self.EVERYTHING, n) == getattr(empty, n)] == []
        stores.controls.save(stores.controls.load(BRAND), self.EVERYTHING)
        assert stores.controls.load(BRAND) == replace(self.EVERYTHING, version=1)
        assert stores.controls.load("other") == Controls(brand="other")

    def test_of_two_who_switch_at_once_one_reads_again(self, stores: Stores) -> None:
        before = stores.controls.load(BRAND)
        braked = stores.controls.save(before, replace(before, brake=self.EVERYTHING.brake))
        with pytest.raises(Conflict):
            stores.controls.save(before, replace(before, pauses=self.EVERYTHING.pauses))
        assert stores.controls.load(BRAND) == braked
        again = stores.controls.save(braked, replace(braked, pauses=self.EVERYTHING.pauses))
        assert (again.version, again.brake) == (2, self.EVERYTHING.brake)


class TestCounters:
    def test_figures_grow_by_period_and_begin_at_nothing(self, stores: Stores) -> None:
        add, read = stores.counters.add, stores.counters.read
        assert read(BRAND, "sent:a", ["2025-11"]) == (0,)
        assert [add(BRAND, "sent:a", "2025-11") for _ in range(3)] == [1, 2, 3]
        assert add(BRAND, "sent:a", "2025-12", 40) == 40
        assert add(BRAND, "sent:a", "2025-12", -15) == 25
        assert add(BRAND, "sent:b", "2025-11") == 1
        assert add("other", "sent:a", "2025-11") == 1
        assert read(BRAND, "sent:a", ["2025-12", "2025-10", "2025-11"]) == (25, 0, 3)
        assert read(BRAND, "sent:a", []) == ()


class TestInputs:
    def test_what_a_decision_was_made_from_comes_back_whole(self, stores: Stores) -> None:
        order = keep(stores, placed(), dispatched(at(1)), scan(Status.DELIVERED, at(2)))
        other = keep(stores, placed(order_id="2"), order_id="2")
        sent = entry("review_request", "review", when=at(1), marketing=True, covers=("x",))
        waiting = entry("replenishment_reminder", "due:#1", EntryStatus.WAITING, order_id="2")
        word = consent(T0, granted=True)
        whole = Inputs(
            lifecycle="review_request",
            order=order,
            person=CustomerRecord(brand=BRAND, key=BUYER_KEY, facts={word.key: word}, version=3),
            others=(other,),
            entries=(sent,),
            rivals=(waiting,),
            sent=(replace(sent, delivered_at=at(2)),),
            slots=(Slot(message_id="m-1", at=at(1)),),
            suppressions={
                Channel.SMS: Suppression(channel=Channel.SMS, reason="BOUNCED", since=at(1))
            },
            controls=replace(TestControls.EVERYTHING, version=4),
            policy_version="p",
            now=at(3, minutes=1 / 3),
            feed_seen_at=at(2),
            claimed=sent.key,
        )
        bare = Inputs(
            lifecycle="review_request",
            order=OrderRecord(brand=BRAND, order_id=ORDER),
            person=CustomerRecord(brand=BRAND, key=""),
            controls=Controls(brand=BRAND),
            policy_version="p",
            now=at(3),
        )
        names = [name for name in Inputs.__slots__ if name not in {"lifecycle", "policy_version"}]
        assert [n for n in names if getattr(whole, n) == getattr(bare, n)] == []
        for inputs in (whole, bare, whole):
            name = stores.inputs.keep(inputs)
            assert name == inputs.name
            assert stores.inputs.load(BRAND, ORDER, name) == inputs
        assert stores.inputs.load(BRAND, ORDER, "none") is None
        assert stores.inputs.load(BRAND, "2", whole.name) is None
        # Two decisions in one instant, on one thing that is another: each has its own name.
        assert replace(whole, others=(), sent=(), slots=()).name != whole.name
        assert replace(whole, suppressions={}).name != whole.name
        # They are no facts and no messages.
        assert stores.orders.load(BRAND, ORDER) == order
        assert stores.ledger.of_order(BRAND, ORDER) == ()

    def test_a_policy_is_kept_once_per_version(self, stores: Stores) -> None:
        assert stores.inputs.policy(BRAND, "v1") is None
        for version, text in (("v1", "first 一"), ("v2", "second"), ("v1", "another")):
            stores.inputs.keep_policy(BRAND, version, text)
        assert stores.inputs.policy(BRAND, "v1") == "first 一"
        assert stores.inputs.policy(BRAND, "v2") == "second"
        assert stores.inputs.policy("linden", "v1") is None


class TestSoftBounces:
    def test_what_bounced_for_now_comes_back_and_a_stale_write_loses(self, stores: Stores) -> None:
        empty = stores.customers.soft_bounces(BRAND, "k")
        assert empty == SoftBounces(brand=BRAND, address_key="k")
        first = stores.customers.save_soft_bounces(empty, empty.bounce("m-1", at(1)))
        assert stores.customers.soft_bounces(BRAND, "k") == first
        assert first.version == 1
        second = stores.customers.save_soft_bounces(first, first.arrived(at(2)))
        assert stores.customers.soft_bounces(BRAND, "k") == second
        assert second == SoftBounces(brand=BRAND, address_key="k", arrived_at=at(2), version=2)
        for stale in (empty, first):
            with pytest.raises(Conflict):
                stores.customers.save_soft_bounces(stale, stale.bounce("m-2", at(3)))
        assert stores.customers.soft_bounces("other", "k").version == 0
        assert stores.customers.suppression(BRAND, "k") is None


class TestLedger:
    def test_every_field_of_an_entry_comes_back(self, stores: Stores) -> None:
        whole = LedgerEntry(
            key=entry("a", "dispatch:#1:二", channel=Channel.SMS).key,
            status=EntryStatus.SENT,
            reason=Reason.BOUNCED,
            rule="promise - 48 h",
            message="received",
            marketing=True,
            decided_at=at(1),
            inputs_version="i",
            policy_version="p",
            next_check=at(2),
            due_at=at(3),
            not_before=at(4),
            lease_until=at(5),
            attempts=3,
            provider_id="p-1",
            sent_at=at(6),
            customer_key=BUYER_KEY,
            skus=("A", "B"),
            covers=("pickup:S2",),
            detail="SES: 400",
            delivered_at=at(7),
            created_at=T0 + timedelta(microseconds=1),
            held_since=at(8),
            priority=Priority.INCIDENT,
            inputs="review_request:2025-11-03T01:00:00Z:0123abcd",
        )
        names = [name for name in LedgerEntry.__slots__ if name != "version"]
        empty = LedgerEntry(
            key=whole.key,
            status=EntryStatus.WAITING,
            reason=Reason.DUE,
            rule="",
            message="",
            decided_at=T0,
        )
        assert [n for n in names if getattr(whole, n) == getattr(empty, n)] == ["key"]
        assert stores.ledger.put(whole) == replace(whole, version=1)
        assert stores.ledger.get(whole.key) == replace(whole, version=1)
        bare = replace(empty, key=replace(whole.key, occurrence="bare"))
        stores.ledger.put(bare)
        assert stores.ledger.get(bare.key) == replace(bare, version=1)

    def test_a_message_is_claimed_once(self, stores: Stores) -> None:
        assert stores.ledger.get(first_claim().key) is None
        stores.ledger.put(first_claim())
        with pytest.raises(Conflict):
            stores.ledger.put(first_claim())

    @pytest.mark.parametrize("status", list(EntryStatus))
    def test_a_stale_write_loses_whatever_it_says(
        self, stores: Stores, status: EntryStatus
    ) -> None:
        claim = stores.ledger.put(first_claim())
        stored = stores.ledger.put(replace(claim, rule="theirs"))
        with pytest.raises(Conflict):
            stores.ledger.put(replace(claim, status=status, sent_at=at(1)))
        assert stores.ledger.get(claim.key) == stored
        assert stores.ledger.sent_to(BRAND, BUYER_KEY) == ()

    def test_an_order_s_entries_come_by_identity(self, stores: Stores) -> None:
        put = [
            stores.ledger.put(entry(lifecycle, occurrence, EntryStatus.WAITING, channel=channel))
            for lifecycle, occurrence, channel in [
                ("b", "x", Channel.EMAIL),
                ("a", "y#2", Channel.EMAIL),
                ("a", "y", Channel.SMS),
                ("a", "y", Channel.EMAIL),
                ("a", "y-1", Channel.EMAIL),
            ]
        ]
        stores.ledger.put(entry("a", "y", EntryStatus.WAITING, order_id="other"))
        found = stores.ledger.of_order(BRAND, ORDER)
        assert [(e.key.lifecycle, e.key.occurrence, e.key.channel) for e in found] == [
            ("a", "y", "email"),
            ("a", "y", "sms"),
            ("a", "y#2", "email"),
            ("a", "y-1", "email"),
            ("b", "x", "email"),
        ]
        assert set(found) == set(put)

    def test_what_a_person_was_sent_comes_oldest_first(self, stores: Stores) -> None:
        def sent(order_id: str, days: float) -> LedgerEntry:
            one = entry("a", "x", when=at(days), order_id=order_id, customer_key=BUYER_KEY)
            return stores.ledger.put(one)

        third, first, second = sent("1", 3), sent("2", 1), sent("3", 2)
        stores.ledger.put(entry("a", "x", EntryStatus.SKIPPED, order_id="4"))
        stores.ledger.put(entry("a", "x", order_id="5", customer_key="somebody else"))
        stores.ledger.put(entry("a", "x", order_id="6"))
        assert stores.ledger.sent_to(BRAND, BUYER_KEY) == (first, second, third)
        assert stores.ledger.sent_to("other", BUYER_KEY) == ()

    def test_what_a_person_was_sent_follows_the_entry(self, stores: Stores) -> None:
        claim = stores.ledger.put(first_claim())
        assert stores.ledger.sent_to(BRAND, BUYER_KEY) == ()
        sent = stores.ledger.put(replace(claim, status=EntryStatus.SENT, sent_at=at(1)))
        assert stores.ledger.sent_to(BRAND, BUYER_KEY) == (sent,)
        arrived = stores.ledger.put(replace(sent, delivered_at=at(2)))
        assert stores.ledger.sent_to(BRAND, BUYER_KEY) == (arrived,)
        stores.ledger.put(replace(arrived, status=EntryStatus.FAILED))
        assert stores.ledger.sent_to(BRAND, BUYER_KEY) == ()

    def test_a_message_id_leads_to_what_was_tried(self, stores: Stores) -> None:
        waiting = entry("order_confirmation", "received", EntryStatus.WAITING)
        name = waiting.key.message_id()
        assert stores.ledger.by_message_id(name) is None
        stored = stores.ledger.put(waiting)
        assert stores.ledger.by_message_id(name) is None
        claim = stores.ledger.put(replace(stored, status=EntryStatus.SENDING, attempts=1))
        assert stores.ledger.by_message_id(name) == claim
        later = stores.ledger.put(replace(claim, status=EntryStatus.WAITING))
        assert stores.ledger.by_message_id(name) == later
        assert stores.ledger.by_message_id("m-none") is None

    def test_a_provider_s_id_leads_to_the_entry(self, stores: Stores) -> None:
        claim = stores.ledger.put(first_claim())
        assert stores.ledger.by_provider_id("p-1") is None
        sent = stores.ledger.put(
            replace(claim, status=EntryStatus.SENT, sent_at=at(1), provider_id="p-1")
        )
        assert stores.ledger.by_provider_id("p-1") == sent
        assert stores.ledger.sent_to(BRAND, BUYER_KEY) == (sent,)
        assert stores.ledger.by_provider_id("p-2") is None

    def test_open_claims_are_found_while_they_are_open_the_oldest_first(
        self, stores: Stores
    ) -> None:
        def claim(order_id: str, hours: float, status: EntryStatus, brand: str = BRAND) -> None:
            one = entry("a", "x", status, order_id=order_id, next_check=at(hours=hours))
            stores.ledger.put(replace(one, key=replace(one.key, brand=brand)))

        claim("3", 3, EntryStatus.SENDING)
        claim("1", 1, EntryStatus.UNKNOWN)
        claim("2", 2, EntryStatus.SENDING)
        claim("waiting", 1, EntryStatus.WAITING)
        claim("theirs", 1, EntryStatus.SENDING, "other")

        def found(hours: float, limit: int = 9) -> list[str]:
            claims = stores.ledger.open_claims(BRAND, at(hours=hours), limit)
            return [one.key.order_id for one in claims]

        assert found(0.9) == []
        assert found(2) == ["1", "2"]
        assert found(9) == ["1", "2", "3"]
        assert found(9, limit=2) == ["1", "2"]
        (first,) = stores.ledger.open_claims(BRAND, at(hours=9), 1)
        assert stores.ledger.get(first.key) == first
        for status in (EntryStatus.SENT, EntryStatus.FAILED):
            stores.ledger.put(
                replace(stores.ledger.open_claims(BRAND, at(hours=9), 1)[0], status=status)
            )
        assert found(9) == ["3"]
