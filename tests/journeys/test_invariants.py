"""What holds in every life, whatever happens in it: random lives on the ports in memory.

A life is one person with two orders. Facts happen in any combination (a parcel that is delivered
and then lost, a refund of what was never paid), arrive late or twice, and the mail provider has
bad days. At every stop the timers are looked at, and at every mail the order as it stands at that
moment.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.simulation import Simulation
from shared import lifecycles
from shared.adapters.memory.providers import Mishap
from shared.domain.customers import Customer
from shared.domain.events import (
    Channel,
    Fact,
    PaymentMethod,
    PaymentStatus,
    PromiseSource,
    Purpose,
    RefundKind,
    ReturnStatus,
    StockStatus,
)
from shared.domain.gate import evaluate
from shared.domain.ledger import EntryKey, EntryStatus
from shared.domain.orders import Order
from shared.domain.policy import ConsentBasis, Product
from shared.domain.shipments import Status
from shared.domain.values import Party
from shared.ports import ChannelSender, Letter
from shared.usecases.decide import timer_name
from tests.builders import (
    BRAND,
    BUYER,
    at,
    cancelled,
    changed,
    confirmed,
    consent,
    dispatched,
    line,
    payment,
    placed,
    promised,
    refunded,
    return_closed,
    return_opened,
    return_received,
    reviewed,
    scan,
    snoozed,
    stock,
    subscribes,
    ticket_closed,
    ticket_opened,
)
from tests.player import JAPAN
from tests.worlds import Memory, situation_in

TOKYO = ZoneInfo("Asia/Tokyo")
SKUS = ("SENCHA-100", "HOJICHA-TB20", "KYUSU-01")
POLICY = replace(
    JAPAN,
    consent_basis={"review_request": ConsentBasis.EXISTING_CUSTOMER},
    products={
        "SENCHA-100": Product(sku="SENCHA-100", supply_days=30),
        "HOJICHA-TB20": Product(sku="HOJICHA-TB20", supply_days=20, usage_days=3),
        "KYUSU-01": Product(sku="KYUSU-01", usage_days=14),
    },
)
END = timedelta(days=120)
ORDERS = ("1001", "1002")
PARCELS = ("S1", "S2")
LINES = tuple(line(str(number), 2, sku) for number, sku in enumerate(SKUS, start=1))

# --- lives -----------------------------------------------------------------------------------

moments = st.integers(min_value=0, max_value=45 * 24).map(lambda hours: at(hours=hours))
order_ids = st.sampled_from(ORDERS)
parcels = st.sampled_from(PARCELS)
parts = st.tuples(st.sampled_from(["1", "2", "3"]), st.integers(1, 2))
dates = st.integers(1, 40).map(lambda days: at(days=days).date())
seldom = st.sampled_from([False] * 11 + [True])
often = st.sampled_from([True] * 5 + [False])
buyers = st.sampled_from(
    [
        *[BUYER] * 4,
        replace(BUYER, phone="+819012345678"),
        Party(customer_id="c-1", phone="+819012345678", locale="ja"),
        Party(customer_id="c-1"),
    ]
)


@st.composite
def orders(draw: st.DrawFn, order_id: str) -> list[Fact]:
    """An order, placed on some day of the first month, and often also what should follow."""
    start = draw(st.integers(0, 30 * 24).map(lambda hours: at(hours=hours)))
    order = placed(
        start,
        order_id=order_id,
        lines=LINES[: draw(st.integers(1, 3))],
        buyer=draw(buyers),
        payment_status=draw(st.sampled_from([PaymentStatus.PAID] * 5 + [None, *PaymentStatus])),
        payment_method=draw(st.sampled_from([None] * 5 + [*PaymentMethod])),
        stock=draw(st.sampled_from([StockStatus.RESERVED] * 5 + [None, *StockStatus])),
        gift=draw(st.sampled_from([None, False, False, False, True])),
        subscription=draw(st.sampled_from([None, False, False, False, True])),
        wished_date=draw(st.one_of(st.none(), st.none(), dates)),
        notify=not draw(seldom),
        test=draw(seldom),
        historical=draw(seldom),
    )
    life = [order]
    if draw(often):
        life.append(consent(start, True))
    if draw(often):
        sent = start + timedelta(hours=draw(st.integers(1, 24 * 6)))
        life.append(dispatched(sent, order_id=order_id))
        if draw(often):
            home = sent + timedelta(hours=draw(st.integers(12, 24 * 9)))
            life.append(scan("DELIVERED", home, order_id=order_id))
    return life


facts = st.one_of(
    st.builds(
        lambda when, order, status: payment(when, status, order_id=order),
        moments, order_ids, st.sampled_from(PaymentStatus),
    ),
    st.builds(
        lambda when, order, status: stock(when, status, order_id=order),
        moments, order_ids, st.sampled_from(StockStatus),
    ),
    st.builds(lambda when, order: confirmed(when, order_id=order), moments, order_ids),
    st.builds(lambda when, order: cancelled(when, order_id=order), moments, order_ids),
    st.builds(
        lambda when, order, lines: changed(when, order_id=order, lines=lines),
        moments, order_ids, st.sampled_from([LINES, LINES[:1], ()]),
    ),
    st.builds(
        lambda when, order, parcel, inside: dispatched(
            when, *inside, order_id=order, shipment_id=parcel
        ),
        moments, order_ids, parcels, st.lists(parts, max_size=2),
    ),
    st.builds(
        lambda when, order, parcel, status: scan(
            status, when, order_id=order, shipment_id=parcel
        ),
        moments, order_ids, parcels, st.sampled_from(Status),
    ),
    st.builds(
        lambda when, order, parcel: scan("DELIVERED", when, order_id=order, shipment_id=parcel),
        moments, order_ids, parcels,
    ),
    st.builds(
        lambda when, order, day, who: promised(when, day, order_id=order, promised_by=who),
        moments, order_ids, dates, st.sampled_from(PromiseSource),
    ),
    st.builds(
        lambda when, order, part, kind: refunded(when, part, kind=kind, order_id=order),
        moments, order_ids, parts, st.sampled_from(RefundKind),
    ),
    st.builds(
        lambda when, order, back: return_opened(when, *back, order_id=order),
        moments, order_ids, st.lists(parts, max_size=1),
    ),
    st.builds(lambda when, order: return_received(when, order_id=order), moments, order_ids),
    st.builds(
        lambda when, order, how: return_closed(when, how, order_id=order),
        moments, order_ids,
        st.sampled_from([ReturnStatus.CLOSED, ReturnStatus.DECLINED, ReturnStatus.CANCELLED]),
    ),
    st.builds(lambda when, order: ticket_opened(when, order_id=order), moments, order_ids),
    st.builds(lambda when, order: ticket_closed(when, order_id=order), moments, order_ids),
    st.builds(
        lambda when, order, skus: reviewed(when, *skus, order_id=order),
        moments, order_ids, st.lists(st.sampled_from(SKUS), max_size=1),
    ),
    st.builds(
        lambda when, order, sku, until: snoozed(when, sku, until, order_id=order),
        moments, order_ids, st.sampled_from(SKUS), st.one_of(st.none(), dates),
    ),
    st.builds(
        lambda when, granted, channel: consent(when, granted, channel=channel),
        moments, st.booleans(), st.sampled_from(Channel),
    ),
    st.builds(subscribes, moments, st.sampled_from(SKUS), st.booleans()),
)  # fmt: skip

lags = st.sampled_from([timedelta(0)] * 4 + [timedelta(hours=3), timedelta(days=2)])
arrivals = st.lists(st.tuples(facts, lags), max_size=10)
mishaps = st.lists(
    st.sampled_from([None, None, None, Mishap.THROTTLED, Mishap.REFUSED, Mishap.LOST]), max_size=6
)

# --- looking at it ---------------------------------------------------------------------------


@dataclass
class Sent:
    """A mail, with the order and the person as they stood when it went out."""

    key: EntryKey
    message: str
    at: datetime
    order: Order
    person: Customer


@dataclass
class Life:
    """One life, watched at every stop and at every mail."""

    memory: Memory = field(default_factory=lambda: Memory(policy=POLICY))
    sent: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        base = self.memory.world
        senders = {channel: _Watched(self, sender) for channel, sender in base.senders.items()}
        self.simulation = Simulation(replace(base, senders=senders), at())

    def live(self, arriving: list[tuple[datetime, Fact]]) -> None:
        """Let facts arrive and time pass, looking around at every fact and every timer."""
        for when, fact in sorted(arriving, key=lambda pair: pair[0]):
            self._wake_until(when)
            self.simulation.put(fact)
            self.check_timers()
        self.check_candidates()
        self._wake_until(at() + END)
        self.check_candidates()

    def _wake_until(self, when: datetime) -> None:
        while (due := self.simulation.next_wake_up) is not None and due <= when:
            self.simulation.advance(due)
            self.check_timers()
        self.simulation.advance(when)

    def check_timers(self) -> None:
        """Whatever waits for a time is woken at that time."""
        now = self.simulation.clock.now()
        for entry in self.memory.ledger.entries():
            assert entry.status is not EntryStatus.SENDING
            if entry.status is EntryStatus.WAITING and entry.next_check is not None:
                key = entry.key
                timer = timer_name(key.brand, key.order_id, key.lifecycle)
                armed = self.simulation.armed(timer)
                assert armed is not None, f"nothing will wake {key}"
                assert now <= armed, f"the timer of {key} has fired and was not set again"
                assert armed <= _second(max(entry.next_check, now + timedelta(seconds=1))), key

    def check_candidates(self) -> None:
        """Every candidate stands in the ledger, with what it was decided on."""
        world, now = self.simulation.world, self.simulation.clock.now()
        entries = {entry.key: entry for entry in self.memory.ledger.entries()}
        for entry in entries.values():
            assert entry.reason
            assert entry.rule
            assert entry.inputs_version
            assert entry.policy_version
        for name in lifecycles.names():
            lifecycle = lifecycles.load(name)
            for order_id in ORDERS:
                situation = situation_in(world, lifecycle.SPEC, BRAND, order_id)
                order = situation.order
                settled = order.first_recorded_at
                if settled is None or now < settled + timedelta(seconds=POLICY.settle_seconds):
                    continue
                for one in evaluate(lifecycle.SPEC, lifecycle.decide, situation):
                    key = EntryKey(
                        brand=BRAND,
                        order_id=order_id,
                        lifecycle=name,
                        occurrence=one.candidate.occurrence,
                        channel=one.channel,
                    )
                    others = [k for k in entries if replace(k, channel=key.channel) == key]
                    assert others, f"{key} is a candidate and stands nowhere"


@dataclass
class _Watched:
    """A channel that notes what the order was like when a message went out."""

    life: Life
    sender: ChannelSender

    def send(self, letter: Letter) -> str:
        memory, simulation = self.life.memory, self.life.simulation
        given = self.sender.send(letter)
        claim = memory.ledger.by_message_id(letter.message_id)
        assert claim is not None, "sent without a claim"
        spec = lifecycles.load(claim.key.lifecycle).SPEC
        situation = situation_in(simulation.world, spec, BRAND, claim.key.order_id)
        message = (letter.subject or "").partition("/")[2]
        self.life.sent.append(
            Sent(
                key=claim.key,
                message=message,
                at=simulation.clock.now(),
                order=situation.order,
                person=situation.customer,
            )
        )
        return given


def _second(instant: datetime) -> datetime:
    return datetime.fromtimestamp(math.ceil(instant.timestamp()), UTC)


# --- what holds ------------------------------------------------------------------------------


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    first=orders("1001"), second=orders("1002"), happening=arrivals, bad_days=mishaps,
    again=st.booleans(),
)  # fmt: skip
def test_what_holds_in_every_life(
    first: list[Fact],
    second: list[Fact],
    happening: list[tuple[Fact, timedelta]],
    bad_days: list[Mishap | None],
    again: bool,
) -> None:
    life = Life()
    life.memory.mailbox.fail_next(*bad_days)
    arriving = [(fact.metadata.occurred_at, fact) for fact in (*first, *second)]
    arriving += [(fact.metadata.occurred_at + lag, fact) for fact, lag in happening]
    life.live(arriving * (1 + again))

    check_counts(life)
    check_messages(life)
    check_reviews(life)
    check_marketing(life)
    check_alerts(life)


def check_counts(life: Life) -> None:
    """Candidates = sent + skipped + failed + waiting; one message for each identity."""
    entries = life.memory.ledger.entries()
    counted = dict.fromkeys(EntryStatus, 0)
    for entry in entries:
        counted[entry.status] += 1
    assert counted[EntryStatus.SENDING] == counted[EntryStatus.UNKNOWN] == 0
    letters = [*life.memory.mailbox.letters, *life.memory.phone.letters]
    assert len({letter.message_id for letter in letters}) == len(letters)
    assert {sent.key for sent in life.sent} == {
        entry.key for entry in entries if entry.status is EntryStatus.SENT
    }
    assert len(letters) == len(life.sent) == counted[EntryStatus.SENT]
    # What waits at the end waits for a fact, or for a day that comes after it.
    for entry in entries:
        if entry.status is EntryStatus.WAITING and entry.next_check is not None:
            assert entry.next_check > at() + END


def check_messages(life: Life) -> None:
    """Silent orders are silent, and nothing is said before it is so."""
    for sent in life.sent:
        order = sent.order
        assert not order.test, sent.key
        assert not order.historical, sent.key
        assert order.notify, sent.key
        if order.cancelled:
            assert sent.message == "cancelled", sent.key
        if sent.message == "confirmed":
            assert order.payment_accepted, sent.key
            assert order.stock_reserved, sent.key
        if sent.message in {"payment_reminder", "payment_expired"}:
            assert not order.payment_accepted, sent.key


def check_reviews(life: Life) -> None:
    """No review before possession, with anything open, or for goods that went back."""
    entries = {entry.key: entry for entry in life.memory.ledger.entries()}
    for sent in life.sent:
        if sent.key.lifecycle != "review_request":
            continue
        order = sent.order
        assert order.open_return is None, sent.key
        assert not order.open_tickets, sent.key
        kept = {ln.line.sku for ln in order.lines if ln.kept > 0}
        assert kept, sent.key
        if sent.message == "service":
            assert order.gift, sent.key
            continue
        assert not order.gift, sent.key
        assert set(entries[sent.key].skus) <= kept, sent.key
        if order.possession_at is None:
            assert "fallback" in entries[sent.key].rule or sent.message == "reminder", sent.key
            assert not order.to_ship, sent.key
        else:
            assert sent.at >= order.possession_at + timedelta(days=3), sent.key


def check_marketing(life: Life) -> None:
    """No marketing against or without the person's word, at night, or over the cap."""
    times = []
    for sent in life.sent:
        spec = lifecycles.load(sent.key.lifecycle).SPEC
        wall = sent.at.astimezone(TOKYO)
        if spec.purpose is Purpose.MARKETING or sent.key.channel is Channel.SMS:
            assert 8 <= wall.hour < 21, sent.key
        if spec.purpose is not Purpose.MARKETING:
            continue
        times.append(sent.at)
        word = sent.person.word(sent.key.channel, topic=spec.name)
        assert word is None or word.granted, sent.key
        if spec.name == "replenishment_reminder" or sent.key.channel is Channel.SMS:
            assert word is not None, sent.key
    for number, when in enumerate(times):
        assert all(when - earlier >= timedelta(days=1) for earlier in times[:number])
        assert sum(when - earlier < timedelta(days=7) for earlier in times[: number + 1]) <= 3


def check_alerts(life: Life) -> None:
    """Two alerts for an order at most; good news only after bad; a wish is waited for."""
    alerts = {"dispatch_delayed", "pickup_delayed", "transit_delayed", "exception", "late"}
    for order_id in ORDERS:
        own = [
            s for s in life.sent if s.key.order_id == order_id and s.key.lifecycle == "delay_alert"
        ]
        told = [s for s in own if s.message in alerts]
        assert len(told) <= POLICY.delay.max_alerts_per_order
        for sent in own:
            if sent.message == "moving_again":
                assert any(bad.at < sent.at for bad in told)
            if sent.message == "late" and sent.order.wished_date is not None:
                assert sent.at.astimezone(TOKYO).date() > sent.order.wished_date
            if sent.message in alerts:
                assert sent.order.possession_at is None
