"""Invariants 2, 3, 5, 6 and 9 in random lives, with everything that happens at once.

A life is one person (sometimes two) with three orders, whose facts arrive late and twice; who says
yes and no to messages, of everything or of one topic; whose addresses bounce; and a brand whose
staff pause, approve and lift, and whose guards brake. Runs start together and meet at every call of
a port, die in the middle of a send, and sleep through outages (tests/journeys/crowd.py).

At every hand-over to a provider an oracle says whether this message may go, from what had happened
by the time the run began to look; it shares no rule with shared/domain/gate.py.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings

from shared import lifecycles
from shared.adapters.memory.providers import Mishap, provider_id
from shared.domain.controls import ALL, MARKETING, Approval, Brake, Controls, Pause
from shared.domain.customers import MANUAL, Slots, Suppression
from shared.domain.errors import RetryableError
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentSeen,
    ContactabilityChanged,
    Fact,
    Frequency,
    MessageReported,
    OrderChanged,
    OrderPlaced,
    PaymentStatus,
    PreferencesChanged,
    ProviderWord,
    Purpose,
    StockStatus,
)
from shared.domain.folding import fold
from shared.domain.gate import MAX_ATTEMPTS, RECORD_GRACE, evaluate
from shared.domain.inputs import situation
from shared.domain.ledger import EntryKey, EntryStatus, LedgerEntry
from shared.domain.orders import Order, OrderRecord
from shared.domain.policy import (
    ConsentBasis,
    ConsentPolicy,
    GuardPolicy,
    MarketingCaps,
    Policy,
    Product,
    SendTimePolicy,
)
from shared.domain.reasons import Reason
from shared.domain.shipments import Status
from shared.domain.values import Address, Party, address_key, customer_key
from shared.ports import Letter, World
from shared.usecases.decide import LEASE, timer_name
from shared.usecases.feedback import feedback
from shared.usecases.limits import switch
from tests.builders import (
    BRAND,
    BUYER,
    T0,
    at,
    cancelled,
    changed,
    dispatched,
    fact,
    line,
    payment,
    placed,
    preferences,
    return_closed,
    return_opened,
    scan,
    stock,
    subscribes,
    ticket_closed,
    ticket_opened,
)
from tests.journeys.crowd import Crash, Crowd, Lane
from tests.player import JAPAN
from tests.worlds import Memory

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("folded_once")]

ORDERS = ("1001", "1002", "1003")
SKUS = ("SENCHA-100", "HOJICHA-TB20", "KYUSU-01")
LINES = tuple(line(str(number), 1, sku) for number, sku in enumerate(SKUS, start=1))
BOTH = replace(BUYER, phone="+819012345678")
OTHER = Party(customer_id="c-2", email="taro@example.jp", phone="+819087654321", locale="ja")
MARKETERS = ("review_request", "replenishment_reminder")
ZONES = {
    "JP": ("Asia/Tokyo",),
    "GB": ("Europe/London",),
    "US": ("America/New_York", "America/Los_Angeles"),  # one cannot tell which
}
END = at(days=75)


# --- the brand -------------------------------------------------------------------------------


def policy_of(random: Random) -> Policy:
    """A brand's decisions: often the defaults, sometimes tight ones."""
    pick = random.choice
    basis = pick([{}, dict.fromkeys(MARKETERS, ConsentBasis.EXISTING_CUSTOMER)])
    return replace(
        JAPAN,
        country_zones=ZONES,
        consent_basis=basis,
        consent=ConsentPolicy(double_opt_in=pick([(), (), tuple(Channel)])),
        marketing_caps=MarketingCaps(per_day=pick([1, 1, 2]), per_7_days=pick([1, 2, 3])),
        send_time=SendTimePolicy(at=pick([{}, {"review_request": time(19, 30)}])),
        guard=GuardPolicy(
            marketing_per_hour=pick([1000, 1000, 1]),
            transactional_per_hour=pick([5000, 5000, 2]),
            sms_monthly_usd=pick([None, None, 0.3]),
        ),
        products={
            "SENCHA-100": Product(sku="SENCHA-100", supply_days=pick([9, 30]), usage_days=3),
            "HOJICHA-TB20": Product(sku="HOJICHA-TB20", supply_days=20, usage_days=3),
            "KYUSU-01": Product(sku="KYUSU-01", usage_days=14),
        },
    )


# --- what happens ----------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Happening:
    """Something happens to a life at an instant."""

    at: datetime
    number: int
    what: str = field(compare=False)
    lane: Callable[[Life], Lane] = field(compare=False)


def told(one: Fact, arrives: datetime, number: int) -> Happening:
    """A fact arrives."""
    data = one.data if isinstance(one.data, ConsentChanged | PreferencesChanged) else one.key
    named = f"{one.metadata.type} {one.order_id} {data} of {one.metadata.occurred_at:%m-%d %H:%M}"
    return Happening(arrives, number, named, lambda life: life.crowd.arrival(one))


def done(when: datetime, number: int, what: str, work: Callable[[World], object]) -> Happening:
    """Somebody at the brand does something."""

    def take(life: Life) -> None:
        work(life.crowd.world)

    return Happening(when, number, what, lambda life: Lane(task=lambda: take(life)))


@dataclass
class Book:
    """All that will happen in a life, as drawn from its seed.

    ``sudden``: what happens in the very instant at which something is about to be sent.
    """

    seed: int
    policy: Policy
    happenings: list[Happening]
    sudden: list[Callable[[datetime, int], Happening]]
    outages: list[tuple[datetime, datetime]]


def book_of(seed: int) -> Book:
    """The book of a life."""
    random = Random(seed)
    ticket = itertools.count()
    happenings: list[Happening] = []

    def hours(until: float = 40 * 24) -> datetime:
        return at(hours=random.uniform(0, until))

    def tell(one: Fact) -> None:
        lag = random.choice([0, 0, 0, 0, 0.01, 3, 50])
        for _ in range(random.choice([1, 1, 1, 2])):
            arrives = one.metadata.occurred_at + timedelta(hours=lag)
            happenings.append(told(one, arrives, next(ticket)))
            lag += random.choice([0, 0.2, 30])

    # Two orders of one evening that arrive in one van fall due for everything at one instant.
    together, evening = random.random() < 0.5, random.random()
    for order_id in ORDERS[: random.choice([1, 2, 3, 3, 3])]:
        for one in _order(random, Random(evening) if together else random, order_id):
            tell(one)
    for _ in range(random.randrange(8)):
        tell(_said(random, hours(), random.choice([BOTH, BOTH, BUYER, OTHER])))
    for _ in range(random.randrange(5)):
        order_id = random.choice(ORDERS)
        tell(random.choice(_TROUBLE)(random, hours(), order_id))
    for _ in range(random.randrange(4)):
        what, work = random.choice(_STAFF)(random)
        happenings.append(done(when := hours(), next(ticket), what, _at(work, when)))
    sudden = [_sudden(random) for _ in range(random.randrange(5))]
    outages = []
    if random.random() < 0.3:
        begins = hours()
        outages.append((begins, begins + timedelta(hours=random.choice([2, 30, 24 * 5]))))
    return Book(seed, policy_of(random), happenings, sudden, outages)


def crowded(seed: int) -> Book:
    """Orders of one evening that arrive in one van, by people who may be written to once a day:
    everything falls due at one instant, and there is room for one of it."""
    random, evening = Random(seed), Random(seed).random()
    facts = [one for order in ORDERS for one in _order(random, Random(evening), order)]
    happenings = [told(one, one.metadata.occurred_at, n) for n, one in enumerate(facts)]
    basis = dict.fromkeys(MARKETERS, ConsentBasis.EXISTING_CUSTOMER)
    policy = replace(
        policy_of(random),
        consent_basis=basis,
        consent=ConsentPolicy(),
        marketing_caps=MarketingCaps(),
        guard=GuardPolicy(),
    )
    return Book(seed, policy, happenings, [], [])


def _order(random: Random, times: Random, order_id: str) -> Iterator[Fact]:
    """An order of the first weeks, mostly as it should go. ``times``: where its times come from."""
    start = at(hours=times.uniform(0, times.choice([3, 20]) * 24))
    buyer = random.choice([BUYER, BUYER, BOTH, BOTH, BOTH, OTHER])
    country = random.choice(["JP", "JP", "GB", "US"])
    consents = random.choice([None, None, True, True, True, True, False])
    yield placed(
        start,
        order_id=order_id,
        lines=LINES[: random.choice([1, 2, 3])],
        buyer=buyer,
        ship_to=Address(name="x", country=country, postal_code="1", region="x"),
        consents=()
        if consents is None
        else tuple(ConsentSeen(channel=c, granted=consents) for c in Channel),
        payment_status=PaymentStatus.PAID,
        stock=StockStatus.RESERVED,
        notify=random.random() > 0.03,
        test=random.random() < 0.03,
        historical=random.random() < 0.05,
    )
    if random.random() < 0.06:
        yield cancelled(start + timedelta(hours=random.uniform(0, 500)), order_id=order_id)
    if random.random() < 0.9:
        sent = start + timedelta(hours=times.uniform(1, 80))
        yield dispatched(sent, order_id=order_id)
        if random.random() < 0.9:
            home = sent + timedelta(hours=times.uniform(12, 100))
            yield scan("DELIVERED", home, order_id=order_id)


def _said(random: Random, when: datetime, who: Party) -> Fact:
    """A word of a person about messages."""
    kind = random.random()
    if kind < 0.25:
        return preferences(
            when,
            buyer=who,
            frequency=random.choice(list(Frequency)),
            paused_until=random.choice([None, None, when + timedelta(days=9)]),
            stopped_skus=tuple(random.sample(SKUS, random.choice([0, 1, 3]))),
        )
    granted = random.random() < 0.7
    return fact(
        ConsentChanged(
            customer=who,
            channel=random.choice([Channel.EMAIL, Channel.EMAIL, Channel.SMS]),
            granted=granted,
            topic=random.choice([None, None, *MARKETERS]),
            confirmed=random.choice([None, False, True, True]) if granted else None,
        ),
        when,
    )


_TROUBLE: list[Callable[[Random, datetime, str], Fact]] = [
    lambda _, when, order: return_opened(when, order_id=order),
    lambda _, when, order: return_closed(when, order_id=order),
    lambda _, when, order: ticket_opened(when, order_id=order),
    lambda _, when, order: ticket_closed(when, order_id=order),
    lambda random, when, order: scan(random.choice(list(Status)), when, order_id=order),
    lambda random, when, order: payment(when, random.choice(list(PaymentStatus)), order_id=order),
    lambda random, when, order: stock(when, random.choice(list(StockStatus)), order_id=order),
    lambda random, when, order: changed(when, order_id=order, lines=LINES[: random.randrange(3)]),
    lambda random, when, _: subscribes(when, random.choice(SKUS), random.random() < 0.5),
]
Work = Callable[[World, datetime], object]


def _pauses(random: Random) -> tuple[str, Work]:
    scope = random.choice([ALL, MARKETING, *MARKETERS, "order_confirmation"])
    pause = Pause(since=T0, by="mika")
    return f"pause {scope}", lambda world, _: switch(
        world, BRAND, lambda now: replace(now, pauses={**now.pauses, scope: pause})
    )


def _resumes(_: Random) -> tuple[str, Work]:
    return "resume everything", lambda world, when: switch(
        world,
        BRAND,
        lambda now: replace(
            now,
            pauses={},
            brake=None,
            ceilings={},
            lifted=dict.fromkeys(now.ceilings, when + timedelta(hours=1)),
        ),
    )


def _brakes(_: Random) -> tuple[str, Work]:
    return "brake", lambda world, when: switch(
        world,
        BRAND,
        lambda now: replace(now, brake=Brake(since=when, cause="bounces", rate=0.03)),
    )


def _approves(random: Random) -> tuple[str, Work]:
    lifecycle, historical = random.choice(lifecycles.names()), random.random() < 0.5
    return f"approve {lifecycle}, {historical=}", lambda world, when: switch(
        world,
        BRAND,
        lambda now: replace(
            now,
            approvals=(
                *now.approvals,
                Approval(lifecycle=lifecycle, at=when, by="ken", count=1, historical=historical),
            ),
        ),
    )


def _suppresses(random: Random) -> tuple[str, Work]:
    channel, lifted = random.choice([Channel.EMAIL, Channel.SMS]), random.random() < 0.5
    address = BOTH.email if channel is Channel.EMAIL else BOTH.phone
    assert address is not None
    return (
        f"{'lift' if lifted else 'suppress'} {address}",
        lambda world, when: world.customers.suppress(
            BRAND,
            address_key(BRAND, channel, address),
            Suppression(channel=channel, reason=MANUAL, since=when, lifted=lifted),
        ),
    )


_STAFF = [_pauses, _resumes, _resumes, _brakes, _approves, _approves, _suppresses]


def _at(work: Work, when: datetime) -> Callable[[World], object]:
    return lambda world: work(world, when)


def _sudden(random: Random) -> Callable[[datetime, int], Happening]:
    """What happens just when something is about to be sent."""
    kind, seed = random.randrange(4), random.random()

    def happen(now: datetime, number: int) -> Happening:
        drawn = Random(seed)
        if kind == 0:
            what, work = drawn.choice(_STAFF)(drawn)
            return done(now, number, what, _at(work, now))
        if kind == 1:
            order_id = drawn.choice(ORDERS)
            one = drawn.choice(
                [
                    ticket_opened(now, order_id=order_id),
                    return_opened(now, order_id=order_id),
                    cancelled(now, order_id=order_id),
                ]
            )
            return told(one, now, number)
        if kind == 2:
            refusal = ConsentChanged(customer=BOTH, channel=Channel.EMAIL, granted=False)
            return told(fact(refusal, now), now, number)
        return told(_said(drawn, now, BOTH), now, number)

    return happen


# --- the life --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stood:
    """What stood in the stores at an instant, with what had been said by then."""

    words: int
    orders: Mapping[tuple[str, str], OrderRecord]
    addresses: Mapping[tuple[str, str], Suppression]
    controls: Controls


@dataclass(frozen=True)
class Sent:
    """A message that a provider took."""

    key: EntryKey
    letter: Letter
    at: datetime
    person: str
    marketing: bool


@dataclass
class Life:
    """One life, watched at every hand-over and whenever nothing runs."""

    book: Book
    sent: list[Sent] = field(default_factory=list)
    words: list[Fact] = field(default_factory=list)
    reported: set[tuple[str, ProviderWord]] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.memory = Memory(policy=self.book.policy)
        self.random = Random(self.book.seed)
        self.ticket = itertools.count(100_000)
        self.agenda = list(self.book.happenings)
        heapq.heapify(self.agenda)
        self.sudden = list(self.book.sudden)
        post = {
            Channel.EMAIL: _Post(self, self.memory.mailbox),
            Channel.SMS: _Post(self, self.memory.phone),
        }
        base = replace(self.memory.world, senders=post)
        self.crowd = Crowd(base, at(), self.random, snapshot=self.stood, heard=self.heard)

    @property
    def now(self) -> datetime:
        return self.crowd.clock.now()

    def stood(self) -> Stood:
        """What can be read now."""
        return Stood(
            words=len(self.words),
            orders=dict(self.memory.orders._records),
            addresses=dict(self.memory.customers._suppressions),
            controls=self.memory.controls.load(BRAND),
        )

    def heard(self, one: Fact) -> None:
        """A fact can be read from now on."""
        if not self.words or self.words[-1] is not one:
            self.words.append(one)

    def live(self) -> None:
        """Until the end of the book, and until nothing is due before it."""
        while (due := self._due()) is not None and due <= END:
            self.crowd.clock.instant = max(self.now, due)
            lanes = []
            while self.agenda and self.agenda[0].at <= self.now:
                lanes.append(heapq.heappop(self.agenda).lane(self))
            wakes = self.crowd.timers(self.now)
            if wakes and self.sudden and self.random.random() < 0.2:
                sudden = self.sudden.pop()(self.now, next(self.ticket))
                lanes.append(sudden.lane(self))
            if wakes and self.random.random() < 0.05:
                # A wake-up that comes late, and one that comes twice.
                wakes.append(self._any_run())
            self.crowd.together([*lanes, *wakes])
            self.check_rest()

    def _due(self) -> datetime | None:
        times = [one.at for one in self.agenda[:1]]
        times += [armed for armed, *_ in self.crowd._armed.values()]
        due = min(times, default=None)
        for begins, ends in self.book.outages:
            if due is not None and begins <= due < ends:
                return ends
        return due

    def _any_run(self) -> Lane:
        name, order_id = self.random.choice(lifecycles.names()), self.random.choice(ORDERS)
        return self.crowd.run_of(name, BRAND, order_id)

    # --- the provider ------------------------------------------------------------------------

    def accepted(self, letter: Letter, claim: LedgerEntry, given: str | None) -> None:
        """A provider took a letter: its records will come, or not. ``given``: the id it told."""
        self.crowd.turns.lane.took = letter.message_id
        self.sent.append(
            Sent(
                key=claim.key,
                letter=letter,
                at=self.now,
                person=self._order(claim.key.order_id).customer_key or "",
                marketing=lifecycles.load(claim.key.lifecycle).SPEC.purpose is Purpose.MARKETING,
            )
        )
        number = provider_id(letter, len(self.sent)) if given is None else given
        draw, mail = self.random.random, letter.channel is Channel.EMAIL
        records: list[tuple[ProviderWord, timedelta]] = []
        if mail and draw() < 0.95:
            late = timedelta(minutes=25) if draw() < 0.05 else timedelta(seconds=2)
            records += [(ProviderWord.SENT, late)] * self.random.choice([1, 1, 2])
        if draw() < 0.8:
            records.append((ProviderWord.DELIVERED, timedelta(seconds=40)))
        if draw() < 0.08:
            records.append((ProviderWord.BOUNCED, timedelta(minutes=3 + 300 * draw())))
        if mail and draw() < 0.03:
            records.append((ProviderWord.COMPLAINED, timedelta(hours=30 * draw())))
        if mail and draw() < 0.05:
            records.append((ProviderWord.SOFT_BOUNCED, timedelta(minutes=2)))
        for word, after in records:
            facts = list(_record(letter, word, number, self.now + after))
            work = self._takes(letter.message_id, word, facts)
            heapq.heappush(
                self.agenda,
                done(self.now + after, next(self.ticket), f"{word} {letter.message_id}", work),
            )

    def _takes(
        self, message_id: str, word: ProviderWord, facts: list[Fact]
    ) -> Callable[[World], object]:
        def take(world: World) -> None:
            try:
                feedback(world, facts)
            except RetryableError:
                # The queue brings it again.
                again, number = self.now + timedelta(minutes=1), next(self.ticket)
                heapq.heappush(self.agenda, done(again, number, f"{word} again", take))
            else:
                self.reported.add((message_id, word))

        return take

    def _order(self, order_id: str) -> Order:
        return fold(self.memory.orders.load(BRAND, order_id))

    # --- the oracle --------------------------------------------------------------------------

    def check_letter(self, letter: Letter, claim: LedgerEntry) -> None:
        """Whether this message may go, by what stood when the run began to look."""
        stood: Stood = self.crowd.turns.lane.seen
        policy, now, key = self.book.policy, self.now, claim.key
        spec = lifecycles.load(key.lifecycle).SPEC
        orders = {one: fold(record) for (_, one), record in stood.orders.items()}
        order, controls = orders[key.order_id], stood.controls
        marketing = spec.purpose is Purpose.MARKETING
        assert claim.status is EntryStatus.SENDING

        # 6: whom nobody writes to
        assert not order.test
        assert order.notify
        if order.cancelled:
            assert letter.subject.endswith("/cancelled"), f"{letter.subject} of a cancelled order"
        if order.historical:
            assert any(
                a.lifecycle == spec.name and a.historical and order.first_recorded_at <= a.at
                for a in controls.approvals
                if order.first_recorded_at is not None
            ), "about an imported order"

        # 5: what people switched off
        scopes = {ALL, spec.name} | ({MARKETING} if marketing else set())
        assert not scopes & set(controls.pauses), "in a pause"
        gone = stood.addresses.get((BRAND, address_key(BRAND, letter.channel, letter.to)))
        assert gone is None or gone.lifted, "to an address that must not be used"
        if marketing or letter.channel is Channel.SMS:
            country = order.ship_to.country if order.ship_to else None
            for zone in ZONES.get(country or "", ("Asia/Tokyo",)):
                wall = now.astimezone(ZoneInfo(zone))
                assert 8 <= wall.hour < 21, f"at {wall:%H:%M} in {zone}"
        if not marketing:
            return
        assert controls.brake is None, "under the brake"
        lifted = controls.lifted.get(spec.name)
        parked = spec.name in controls.ceilings and (lifted is None or now >= lifted)
        assert not parked, "over its ceiling"
        person = order.customer_key or ""
        words = self.words[: stood.words]
        assert_consent(words, person, letter.channel, spec.name, policy)
        wish = newest_wish(words, person)
        if wish is not None:
            assert wish.paused_until is None or now >= wish.paused_until, "in the person's pause"
            about, stopped = set(skus_of(letter)), set(wish.stopped_skus)
            if spec.name == "replenishment_reminder":
                assert not about & stopped, "about a product that was stopped"
            else:
                assert not about or not about <= stopped, "about products that were stopped"
            days = {Frequency.WEEKLY: 7, Frequency.MONTHLY: 30}.get(wish.frequency)
            assert days is None or not self._since(person, timedelta(days=days)), "too often"
        caps = policy.marketing_caps
        assert len(self._since(person, timedelta(days=1))) < caps.per_day, "over the day's cap"
        assert len(self._since(person, timedelta(days=7))) < caps.per_7_days, "over the week's cap"
        for one in orders.values():
            if one.customer_key == person and not one.cancelled and one.known:
                assert not in_trouble(one, now), f"while {one.order_id} is in trouble"

    def _since(self, person: str, window: timedelta) -> list[Sent]:
        """The marketing that the person got in a window that ends now. What is known to have
        bounced nobody got."""
        return [
            one
            for one in self.sent
            if one.marketing
            and one.person == person
            and one.at > self.now - window
            and (one.letter.message_id, ProviderWord.BOUNCED) not in self.reported
        ]

    def check_rest(self) -> None:
        """Nothing runs: whatever waits will be woken in time (invariant 9)."""
        assert self.crowd.failed == []
        for entry in self.memory.ledger.entries():
            if entry.status in {EntryStatus.SENT, EntryStatus.SKIPPED, EntryStatus.FAILED}:
                continue
            key = entry.key
            armed = self.crowd.armed(timer_name(key.brand, key.order_id, key.lifecycle))
            if entry.next_check is None:
                assert entry.status is EntryStatus.WAITING, key
                continue
            assert armed is not None, f"nothing will wake {key} ({entry.status} {entry.reason})"
            # A run that dies while it sends is followed by its guard.
            latest = max(entry.next_check, self.now) + LEASE + RECORD_GRACE + timedelta(minutes=1)
            assert armed <= latest, f"{key} waits for {entry.next_check}, and is woken at {armed}"

    def check_end(self) -> None:
        """What the ledger says at the end is what happened (invariants 2 and 3)."""
        copies = Counter(one.key for one in self.sent)
        entries = {entry.key: entry for entry in self.memory.ledger.entries()}
        assert set(copies) <= set(entries)
        for key, entry in entries.items():
            assert entry.reason
            assert entry.rule
            assert entry.policy_version
            assert entry.inputs is not None, key
            assert self.memory.inputs.load(BRAND, key.order_id, entry.inputs) is not None, key
            self._check_copies(entry, copies[key])
            self._check_channels(entry, entries)
            self._check_past(entry)
            self._check_inputs(entry)
        per_hour = Counter((s.key.lifecycle, s.at.replace(minute=0, second=0)) for s in self.sent)
        guard = self.book.policy.guard
        approved = any("resume" in one.what for one in self.book.happenings) or self.book.sudden
        for (name, _), count in per_hour.items():
            spec = lifecycles.load(name).SPEC
            if spec.purpose is Purpose.MARKETING:
                assert count <= guard.marketing_per_hour or approved
            else:
                assert count <= guard.transactional_per_hour or approved
        if guard.sms_monthly_usd is not None:
            spent = Counter(
                (s.at.month, s.marketing) for s in self.sent if s.letter.channel is Channel.SMS
            )
            for month in {month for month, _ in spent}:
                own = spent[month, True] * guard.sms_segment_usd
                both = own + spent[month, False] * guard.sms_segment_usd
                assert both <= guard.sms_monthly_usd + 1e-9
                assert own == 0 or both <= guard.sms_monthly_usd

    def _check_copies(self, entry: LedgerEntry, copies: int) -> None:
        key, name = entry.key, entry.key.message_id()
        marketing = lifecycles.load(key.lifecycle).SPEC.purpose is Purpose.MARKETING
        if copies > 1:
            # The one window: transactional, nobody was told, and no record came in time.
            assert not marketing, key
            assert name in self.crowd.orphans, key
            times = sorted(one.at for one in self.sent if one.key == key)
            assert all(b - a >= RECORD_GRACE for a, b in itertools.pairwise(times)), key
        if entry.status is EntryStatus.SENT:
            assert copies >= 1, key
        elif entry.status is EntryStatus.FAILED and entry.reason is Reason.OUTCOME_UNKNOWN:
            assert marketing or entry.attempts >= MAX_ATTEMPTS, key
            assert not copies or (name, ProviderWord.SENT) not in self.reported, key
        elif entry.status is EntryStatus.FAILED:
            if entry.reason is Reason.REFUSED_BY_PROVIDER:
                assert name in self.refused or entry.attempts >= MAX_ATTEMPTS, key
            else:
                # Given up, since it was no longer wanted, while nobody knew whether it went out.
                assert entry.attempts, key
            # Perhaps unknown at first, and refused when it was tried again.
            assert not copies or name in self.crowd.orphans, key
        elif entry.status not in {EntryStatus.SENDING, EntryStatus.UNKNOWN}:
            # Perhaps sent long ago, unknown to all, and dropped as no longer true.
            assert not copies or name in self.crowd.orphans, key

    def _check_channels(self, entry: LedgerEntry, entries: Mapping[EntryKey, LedgerEntry]) -> None:
        """A second channel speaks only where the first came back, or was refused."""
        came_back = {Reason.BOUNCED, Reason.COMPLAINED}
        if entry.status is not EntryStatus.SENT or entry.reason in came_back:
            return
        for channel in set(Channel) - {entry.key.channel}:
            other = entries.get(replace(entry.key, channel=channel))
            if other is not None and other.status is EntryStatus.SENT:
                assert other.reason in came_back, entry.key

    def _check_past(self, entry: LedgerEntry) -> None:
        """What was due a day before its order was first heard of went out by approval only."""
        if entry.status is not EntryStatus.SENT or entry.due_at is None or entry.sent_at is None:
            return
        heard = self._order(entry.key.order_id).first_recorded_at
        assert heard is not None
        if heard > entry.due_at + timedelta(hours=self.book.policy.guard.backlog_hours):
            approvals = self.memory.controls.load(BRAND).approvals
            assert any(
                a.lifecycle == entry.key.lifecycle and heard <= a.at <= entry.sent_at
                for a in approvals
            ), f"{entry.key}: about the past"

    def _check_inputs(self, entry: LedgerEntry) -> None:
        """The stored inputs give the stored decision."""
        inputs = self.memory.inputs.load(BRAND, entry.key.order_id, entry.inputs or "")
        assert inputs is not None
        if entry.status not in {EntryStatus.WAITING, EntryStatus.SKIPPED}:
            return
        if entry.rule.startswith(("provider", "limit", "store", "no longer")):
            return
        lifecycle = lifecycles.load(entry.key.lifecycle)
        seen = situation(inputs, lifecycle.SPEC, self.book.policy)
        again = evaluate(lifecycle.SPEC, lifecycle.decide, seen, claimed=inputs.claimed)
        found = {
            (one.candidate.occurrence, one.candidate.reason, one.candidate.rule) for one in again
        }
        assert (entry.key.occurrence, entry.reason, entry.rule) in found, (entry, found)


def _record(letter: Letter, word: ProviderWord, number: str, when: datetime) -> Iterator[Fact]:
    """A record as SES and SNS give it: only SES's names our id."""
    mail = letter.channel is Channel.EMAIL
    yield fact(
        MessageReported(
            channel=letter.channel,
            word=word,
            message_id=letter.message_id if mail else None,
            provider_id=number,
            addresses=(letter.to,),
        ),
        when,
    )
    reasons = {ProviderWord.BOUNCED: "BOUNCED", ProviderWord.COMPLAINED: "COMPLAINED"}
    if mail and word in reasons:
        yield fact(
            ContactabilityChanged(
                channel=letter.channel, address=letter.to, reachable=False, reason=reasons[word]
            ),
            when,
        )


@dataclass
class _Post:
    """A provider with bad days, and with the oracle at its door."""

    life: Life
    inner: Any

    def send(self, letter: Letter) -> str:
        life = self.life
        claim = life.memory.ledger.by_message_id(letter.message_id)
        assert claim is not None, "sent without a claim"
        try:
            life.check_letter(letter, claim)
        except AssertionError as error:
            raise AssertionError(f"{claim.key} at {life.now:%m-%d %H:%M}: {error}") from error
        draw = life.random.random()
        mishap: Mishap | None = None
        if draw < 0.12:
            mishap = life.random.choice(
                [
                    *(Mishap.THROTTLED, Mishap.THROTTLED, Mishap.REFUSED),
                    *(Mishap.LOST, Mishap.ACCEPTED_UNHEARD),
                ]
            )
        if mishap is Mishap.REFUSED:
            life.refused.add(letter.message_id)
        if mishap is Mishap.ACCEPTED_UNHEARD:
            life.accepted(letter, claim, None)
            life.crowd.orphans.add(letter.message_id)
        self.inner.fail_next(mishap)
        given: str = self.inner.send(letter)
        life.accepted(letter, claim, given)
        if life.random.random() < 0.02:
            raise Crash("provider.send")
        return given


# --- what the oracle knows -------------------------------------------------------------------


def spoken(words: list[Fact], person: str) -> Iterator[tuple[datetime, ConsentChanged]]:
    """Every word of a person about messages: their own, and the boxes at their checkouts."""
    for one in words:
        at, data = one.metadata.occurred_at, one.data
        if isinstance(data, ConsentChanged) and customer_key(BRAND, data.customer) == person:
            yield at, data
        if not isinstance(data, OrderPlaced | OrderChanged):
            continue
        if customer_key(BRAND, data.buyer) == person:
            for seen in data.consents:
                yield (
                    data.placed_at,
                    ConsentChanged(customer=data.buyer, channel=seen.channel, granted=seen.granted),
                )


def assert_consent(
    words: list[Fact], person: str, channel: Channel, topic: str, policy: Policy
) -> None:
    """The rule of shared/domain/customers.py in other words.

    The person may be written to unless the newest word about everything, or about the topic, is a
    no. A no about everything gives way to a younger yes about the topic; never the other way round.
    """
    about = [(when, w) for when, w in spoken(words, person) if w.channel is channel]
    general = [(when, w) for when, w in about if w.topic is None]
    own = [(when, w) for when, w in about if w.topic == topic]

    def last(those: list[tuple[datetime, ConsentChanged]], granted: bool) -> datetime:
        return max((when for when, w in those if w.granted is granted), default=T0.replace(year=1))

    never = T0.replace(year=1)
    own_no, own_yes = last(own, False), last(own, True)
    all_no, all_yes = last(general, False), last(general, True)
    assert own_no == never or own_yes > own_no, "against a no about the topic"
    assert all_no == never or all_yes > all_no or own_yes > all_no, "against a no about everything"
    if own_yes == all_yes == never:
        basis = policy.consent_basis.get(topic, ConsentBasis.OPT_IN)
        assert basis is ConsentBasis.EXISTING_CUSTOMER, "without a word"
        assert channel is Channel.EMAIL, "without a word"
    elif channel in policy.consent.double_opt_in:
        proofs = [when for when, w in general if w.granted and w.confirmed and when > all_no]
        proofs += [
            when for when, w in own if w.granted and w.confirmed and when > max(own_no, all_no)
        ]
        assert proofs, "to an address that nobody proved to own"


def newest_wish(words: list[Fact], person: str) -> PreferencesChanged | None:
    """What the person said last about how often."""
    wishes = [
        one
        for one in words
        if isinstance(one.data, PreferencesChanged)
        and customer_key(BRAND, one.data.customer) == person
    ]
    last = max(wishes, key=lambda one: one.stamp, default=None)
    return last.data if last is not None and isinstance(last.data, PreferencesChanged) else None


def in_trouble(order: Order, now: datetime) -> bool:
    """Whether something about an order is open that a person would be annoyed about."""
    if order.last_fact_at is None or now - order.last_fact_at > timedelta(days=60):
        return False
    bad = {"DELIVERY_ATTEMPTED", "EXCEPTION", "RETURNING", "RETURNED"}
    return (
        any(one.open for one in order.returns)
        or bool(order.open_tickets)
        or any(shipment.status in bad for shipment in order.awaited_shipments)
    )


def skus_of(letter: Letter) -> tuple[str, ...]:
    """The products that a message names, as the plain renderer prints its content."""
    return tuple(sku for sku in SKUS if sku in letter.text)


# --- all of them -----------------------------------------------------------------------------


def live(book: Book) -> Life:
    """A whole life; raises AssertionError where something does not hold."""
    life = Life(book)
    life.live()
    life.check_end()
    return life


def shorter(book: Book, holds: Callable[[Book], bool]) -> Book:
    """A book that still fails, without what the failure does not need."""
    for _ in range(3):
        before = len(book.happenings)
        for one in list(book.happenings):
            less = replace(book, happenings=[h for h in book.happenings if h is not one])
            if not holds(less):
                book = less
        if len(book.happenings) == before:
            break
    return book


def failure_of(book: Book) -> Exception | None:
    """What does not hold in a life; None when all does."""
    try:
        live(book)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        return error
    return None


def lives(seeds: Iterable[int]) -> Counter[str]:
    """Live them all; how often each reason and message came about in them.

    Raises AssertionError with a short story of the first in which something does not hold.
    """
    outcomes: Counter[str] = Counter()
    for seed in seeds:
        book = book_of(seed)
        try:
            life = live(book)
        except Exception as error:
            less = shorter(book, lambda one: failure_of(one) is None)
            story = "\n".join(f"{one.at:%m-%d %H:%M} {one.what}" for one in sorted(less.happenings))
            raise AssertionError(f"life {seed}: {failure_of(less)}\n{story}") from error
        outcomes.update(entry.reason for entry in life.memory.ledger.entries())
        outcomes.update(f"{one.key.lifecycle} {one.letter.channel}" for one in life.sent)
    return outcomes


def test_what_holds_in_every_life() -> None:
    outcomes = lives(range(settings().max_examples))
    # They are worth living: what forbids spoke at the end of some, and messages went out in many.
    assert FORBIDDING - set(outcomes) == set()
    assert {f"{name} email" for name in (*MARKETERS, "order_confirmation")} <= set(outcomes)


FORBIDDING = {
    *(Reason.OPTED_OUT, Reason.UNCONFIRMED, Reason.SUPPRESSED),
    *(Reason.HISTORICAL, Reason.TEST_ORDER, Reason.TOO_LATE),
}


def crowds() -> None:
    for seed in range(12):
        live(crowded(seed))


def test_there_is_room_for_one_whoever_asks_at_once() -> None:
    crowds()


class TestTheSearchFinds:
    """What it is there for, when it is put in on purpose."""

    def search(self) -> None:
        for seed in range(1000, 1060):
            live(book_of(seed))

    def test_two_lifecycles_that_both_take_the_last_room(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Slots, "claim", lambda slots, *_: slots)
        with pytest.raises(AssertionError, match="over the day's cap"):
            crowds()

    def test_a_refusal_that_is_looked_at_too_early(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("shared.domain.gate.consent_refusal", lambda *_: None)
        with pytest.raises(AssertionError, match=r"against a no|without a word|nobody proved"):
            self.search()

    def test_a_pause_that_nobody_heeds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Controls, "paused", lambda *_, marketing: None)
        with pytest.raises(AssertionError, match="in a pause"):
            self.search()

    def test_trouble_that_nobody_sees(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("shared.domain.gate.open_trouble", lambda _: None)
        with pytest.raises(AssertionError, match="is in trouble"):
            self.search()
