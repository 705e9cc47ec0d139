"""Fault injection for the way of a message: every call of every port fails in every way.

A `Trial` plays a lifecycle's state machine (decide, arm the timer, send, decide again) over the
real use cases, with what Step Functions retries and what it does not. One call of a port is the
victim; then time goes on under a virtual clock, with timers and the provider's records, until
nothing more is due. `Trial.ended` says how it ended, and what of it is against invariant 3.

`python -m tests.usecases.faults` writes the tables in docs/reliability.md; a test compares them.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from shared import lifecycles
from shared.adapters.memory.providers import MemoryTimers
from shared.domain.customers import fold_customer
from shared.domain.decisions import send as due_now
from shared.domain.errors import OutcomeUnknown, ProviderThrottled, RetryableError
from shared.domain.events import (
    Channel,
    ContactabilityChanged,
    MessageReported,
    ProviderWord,
    Purpose,
)
from shared.domain.gate import RECORD_GRACE
from shared.domain.ledger import FINAL, EntryStatus
from shared.domain.limits import day_of
from shared.domain.policy import BrakePolicy, ConsentBasis
from shared.domain.reasons import Reason
from shared.domain.values import address_key, customer_key
from shared.ports import Letter, World
from shared.usecases.brake import Figure
from shared.usecases.decide import decide, entry_key
from shared.usecases.feedback import feedback
from shared.usecases.ingest import ingest
from shared.usecases.send import send
from tests.builders import BRAND, BUYER, ORDER, POLICY, T0, fact, placed
from tests.worlds import Memory, Scripted

BRAND_POLICY = replace(POLICY, consent_basis={"scripted": ConsentBasis.EXISTING_CUSTOMER})
# As in every workflow.asl.json.
MAX_TURNS = 12
RETRIES = 4
HORIZON = timedelta(hours=9)
DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"


class Fault(StrEnum):
    """What happens at the victim."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    REFUSED = "refused"
    ANSWER_LOST = "done, answer lost"
    NO_ANSWER = "not done, no answer"
    RIVAL_BEFORE = "rival before"
    RIVAL_AFTER = "rival after"


CRASHES = frozenset({Fault.CRASH_BEFORE, Fault.CRASH_AFTER})


class Records(StrEnum):
    """When the provider's record of an accepted message comes."""

    PROMPT = "at once, twice"
    LATE = "after 9 minutes"
    TOO_LATE = "after 20 minutes"
    NEVER = "never"


# Within the grace; whatever comes later cannot prevent a second copy.
IN_TIME = frozenset({Records.PROMPT, Records.LATE})

RECORD_DELAYS: dict[Records, tuple[timedelta, ...]] = {
    Records.PROMPT: (timedelta(seconds=2), timedelta(seconds=3)),
    Records.LATE: (timedelta(minutes=9),),
    Records.TOO_LATE: (timedelta(minutes=20),),
    Records.NEVER: (),
}


class Crash(Exception):
    """The function dies: nothing that it holds is left."""


class ExecutionFailed(Exception):
    """The state machine gave up; a person hears of it (RecordFailure)."""


class Call(NamedTuple):
    """One call of a port: in which step, which port and method, and which of its kind there."""

    step: str
    name: str
    number: int


@dataclass
class Plan:
    """Which call is the victim, and what happens to it. ``calls`` are those up to then."""

    victim: int | None = None
    fault: Fault | None = None
    calls: list[Call] = field(default_factory=list)
    step: str = ""
    rival: Callable[[], None] = lambda: None
    _armed: bool = True
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def enter(self, step: str) -> None:
        """A step of the machine begins."""
        self.step = step
        self._seen.clear()

    def take(self, name: str) -> Fault | None:
        """Count a call; the fault, when it is the victim. One fault per trial."""
        if not self._armed:
            return None
        self._seen[self.step, name] += 1
        self.calls.append(Call(self.step, name, self._seen[self.step, name]))
        if len(self.calls) - 1 != self.victim:
            return None
        self._armed = False
        return self.fault


class Watched:
    """A port whose calls go by the plan."""

    def __init__(self, port: object, name: str, plan: Plan) -> None:
        self._port, self._name, self._plan = port, name, plan

    def __getattr__(self, method: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            name = f"{self._name}.{method}"
            fault = self._plan.take(name)
            work = getattr(self._port, method)
            if fault is Fault.CRASH_BEFORE:
                raise Crash(name)
            if fault in {Fault.REFUSED, Fault.NO_ANSWER}:
                raise self._failure(fault)
            if fault is Fault.RIVAL_BEFORE:
                self._plan.rival()
            done = work(*args, **kwargs)
            if fault is Fault.CRASH_AFTER:
                raise Crash(name)
            if fault is Fault.ANSWER_LOST:
                raise self._failure(fault)
            if fault is Fault.RIVAL_AFTER:
                self._plan.rival()
            return done

        return call

    def _failure(self, fault: Fault) -> Exception:
        """What an adapter makes of it: shared/adapters/aws/failures.py."""
        if self._name != "provider":
            return RetryableError(fault)
        return ProviderThrottled(fault) if fault is Fault.REFUSED else OutcomeUnknown(fault)


class Trial:
    """The life of one message, with one fault in it.

    ``base`` is the world; what it sends is told to ``accepted``. ``watch`` puts the plan around
    the ports (on AWS the plan is on the wire instead).
    """

    def __init__(
        self,
        base: World,
        clock: Any,
        plan: Plan,
        *,
        purpose: Purpose,
        records: Records,
        watch: bool = True,
    ) -> None:
        self.clock, self.plan, self.purpose, self.records = clock, plan, purpose, records
        self.base = base
        self.timers = MemoryTimers()
        self.failures: list[str] = []
        self.sent_at: list[datetime] = []
        self.ended: tuple[str, tuple[str, ...]] = ("", ())
        self.lifecycle: Any = Scripted(
            script=lambda _: (due_now("hello", "hello", "always"),),
            purpose=purpose,
            channels=(Channel.EMAIL,),
            estimate={"earliest": "2025-11-05", "latest": "2025-11-07"},
        )
        self.key = entry_key(BRAND, ORDER, "scripted", "hello", "email")
        self._due_records: list[datetime] = []
        plan.rival = self.execute
        self.world, self.schedule = base, self.timers
        if watch:
            self.world, self.schedule = watched(base, plan), self._watched_timers()

    def _watched_timers(self) -> Any:
        return Watched(self.timers, "timers", self.plan)

    # --- the state machine -------------------------------------------------------------------

    def execute(self) -> None:
        """One execution; what makes it fail is noted, as RecordFailure does."""
        try:
            self._machine()
        except ExecutionFailed as error:
            self.failures.append(str(error))

    def _machine(self) -> None:
        armed = "unknown"
        for _ in range(MAX_TURNS):
            step = self._task("decide", self._decide, crash_retried=True)
            if step.action == "FINISH":
                if armed == "none":
                    return
                self._task("disarm", lambda: self.schedule.disarm(self._timer))
                armed = "none"
            elif step.action == "WAIT" and armed <= step.wake_at:
                return
            else:
                self._timer, self._at = step.timer, step.wake_at
                self._task("arm", self._arm)
                armed = step.wake_at
                if step.action == "SEND":
                    self._task("send", self._send)
        raise ExecutionFailed("TooManyTurns")

    def _decide(self) -> Any:
        step = decide(self.world, self.lifecycle, BRAND, ORDER)
        self._timer = step.timer
        return step

    def _arm(self) -> None:
        self.schedule.arm(self._timer, datetime.fromisoformat(self._at).replace(tzinfo=UTC))

    def _send(self) -> None:
        send(self.world, self.lifecycle, self.key)

    def _task(self, step: str, work: Callable[[], Any], *, crash_retried: bool = False) -> Any:
        """A Task state: RetryableError is retried with back-off, a crash where it is listed."""
        for attempt in range(RETRIES + 1):
            self.plan.enter(step)
            try:
                return work()
            except Crash as error:
                if not crash_retried:
                    raise ExecutionFailed(f"crash at {error}") from None
            except RetryableError as error:
                if attempt == RETRIES:
                    raise ExecutionFailed(f"{type(error).__name__}: {error}") from None
            self.clock.advance(timedelta(seconds=2**attempt))
        raise ExecutionFailed("crashed again and again")

    # --- the world around it -----------------------------------------------------------------

    def accepted(self) -> None:
        """The provider took a letter: its record will come, or not."""
        now = self.clock.now()
        self.sent_at.append(now)
        self._due_records.extend(now + delay for delay in RECORD_DELAYS[self.records])

    def _record(self) -> None:
        """The provider's record arrives; its queue brings it again where it cannot be taken."""
        self.plan.enter("feedback")
        reported = MessageReported(
            channel=Channel.EMAIL,
            word=ProviderWord.SENT,
            message_id=self.key.message_id(),
            provider_id="p-1",
        )
        try:
            feedback(self.world, [fact(reported, self.sent_at[0])])
        except (RetryableError, Crash):
            self._due_records.append(self.clock.now() + timedelta(seconds=30))

    def run(self, starts: int = 1) -> Trial:
        """The order arrives, executions start, and time goes on until nothing is due."""
        ingest(self.base, [placed()])
        for _ in range(starts):
            self.execute()
        while self.clock.now() < T0 + HORIZON:
            timer, record = self.timers.next_at, min(self._due_records, default=None)
            if record is not None and (timer is None or record <= timer):
                self._due_records.remove(record)
                self.clock.move_to(max(self.clock.now(), record))
                self._record()
            elif timer is not None:
                self.clock.move_to(max(self.clock.now(), timer))
                self.timers.due(self.clock.now())
                self.execute()
            else:
                break
        self.ended = (self._ending(), tuple(self._violations()))
        return self

    # --- what is left ------------------------------------------------------------------------

    @property
    def mails(self) -> int:
        """How many copies of the one message went out."""
        return len(self.sent_at)

    def _violations(self) -> list[str]:
        """What is wrong with how it ended, in words; nothing is as it should be."""
        entries = self.base.ledger.of_order(BRAND, ORDER)
        counts = Counter(entry.status for entry in entries)
        settled = sum(counts[s] for s in (*FINAL, EntryStatus.SKIPPED, EntryStatus.WAITING))
        if len(entries) != 1 or settled != 1:
            return [f"one candidate, and the ledger has {dict(counts)}"]
        (entry,) = entries
        found = []
        if self.mails > 1:
            apart = self.sent_at[1] - self.sent_at[0]
            if self.purpose is Purpose.MARKETING or self.records in IN_TIME:
                found.append(f"{self.mails} copies, and the provider's record came")
            elif self.mails > 2 or apart < RECORD_GRACE:
                found.append(f"{self.mails} copies, {apart} apart")
        if entry.status is EntryStatus.SENT:
            if not self.mails:
                found.append("SENT, and nothing was")
        elif self.purpose is Purpose.TRANSACTIONAL:
            found.append(f"lost: {entry.status} {entry.reason}")
        elif (entry.status, entry.reason) != (EntryStatus.FAILED, Reason.OUTCOME_UNKNOWN):
            found.append(f"marketing, neither sent nor given up: {entry.status} {entry.reason}")
        elif self.mails and self.records is not Records.NEVER:
            found.append("given up although the provider's record came")
        if self.timers.armed:
            found.append("a timer is left over")
        return found

    def _ending(self) -> str:
        """How it ended, for the table."""
        entry = self.base.ledger.get(self.key)
        status = entry.status if entry else "nothing"
        return f"{self.mails} {status}"


def watched(base: World, plan: Plan) -> World:
    """A world whose calls go by the plan."""
    watch: Any = Watched
    return replace(
        base,
        orders=watch(base.orders, "orders", plan),
        customers=watch(base.customers, "customers", plan),
        ledger=watch(base.ledger, "ledger", plan),
        publisher=watch(base.publisher, "publisher", plan),
        senders={Channel.EMAIL: watch(base.senders[Channel.EMAIL], "provider", plan)},
        controls=watch(base.controls, "controls", plan),
        counters=watch(base.counters, "counters", plan),
        mail_quota=watch(base.mail_quota, "mail_quota", plan),
        inputs=watch(base.inputs, "inputs", plan),
    )


class _TellingSender:
    """A mailbox that tells the trial of what it took."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.tell: Callable[[], None] = lambda: None

    def send(self, letter: Letter) -> str:
        given: str = self.inner.send(letter)
        self.tell()
        return given


def memory_trial(plan: Plan, *, purpose: Purpose, records: Records) -> Trial:
    """A trial in memory."""
    memory = Memory(policy=BRAND_POLICY)
    sender = _TellingSender(memory.mailbox)
    base = replace(memory.world, senders={Channel.EMAIL: sender})
    trial = Trial(base, memory.clock, plan, purpose=purpose, records=records)
    sender.tell = trial.accepted
    return trial


# --- all of them -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What came of one trial."""

    call: Call
    fault: Fault
    purpose: Purpose
    records: Records
    starts: int
    ending: str
    violations: tuple[str, ...]
    told: bool
    delay: timedelta


def combinations() -> Iterator[tuple[Purpose, Records, int]]:
    """Both purposes, with every behaviour of the records; started once, and twice at once."""
    for purpose, records in itertools.product(Purpose, Records):
        yield purpose, records, 1
    for purpose in Purpose:
        yield purpose, Records.LATE, 2


def possible(call: Call, fault: Fault) -> bool:
    """Whether there is such a thing: Step Functions itself does not crash between two calls, and
    only of a send can one not tell whether it was done."""
    if fault is Fault.NO_ANSWER:
        return call.name == "provider.send"
    return not (fault in CRASHES and call.name.startswith("timers."))


def all_results() -> list[Result]:
    """Every call of an undisturbed run, in every combination, with every fault."""
    results = []
    for purpose, records, starts in combinations():
        undisturbed = memory_trial(Plan(), purpose=purpose, records=records).run(starts)
        assert undisturbed.ended == ("1 SENT", ())
        usual = undisturbed.sent_at[0]
        for victim, call in enumerate(undisturbed.plan.calls):
            for fault in Fault:
                if not possible(call, fault):
                    continue
                plan = Plan(victim=victim, fault=fault)
                trial = memory_trial(plan, purpose=purpose, records=records).run(starts)
                assert plan.calls[victim] == call
                results.append(_result(trial, call, fault, starts, usual))
    return results


def _result(trial: Trial, call: Call, fault: Fault, starts: int, usual: datetime) -> Result:
    publisher: Any = trial.base.publisher
    told = {outcome.type for outcome in publisher.outcomes}
    entry = trial.base.ledger.get(trial.key)
    return Result(
        call=call,
        fault=fault,
        purpose=trial.purpose,
        records=trial.records,
        starts=starts,
        ending=trial.ended[0],
        violations=trial.ended[1],
        told=entry is not None
        and {EntryStatus.SENT: "MessageSent"}.get(entry.status, "MessageFailed") in told,
        delay=trial.sent_at[0] - usual if trial.sent_at else timedelta(0),
    )


# --- what a provider says afterwards ----------------------------------------------------------

# One bounce or complaint is enough here, so that pulling the brake takes part.
TOUCHY = replace(BRAND_POLICY, brake=BrakePolicy(min_bounces=1, min_complaints=1))
HANAKO = BUYER.email or ""
WORDS = (
    ProviderWord.DELIVERED, ProviderWord.SOFT_BOUNCED, ProviderWord.BOUNCED,
    ProviderWord.COMPLAINED, ProviderWord.REJECTED,
)  # fmt: skip


@dataclass(frozen=True)
class Reported:
    """What came of one record of a provider, with one fault on its way."""

    call: Call
    fault: Fault
    word: ProviderWord
    violations: tuple[str, ...]
    counted: int


class Report:
    """A message was sent; now its provider says a word about it, by one way or by both.

    The queue brings the record again until it is taken; the rival is the same record by the other
    way (SES tells EventBridge and SNS).
    """

    def __init__(
        self,
        base: World,
        clock: Any,
        plan: Plan,
        word: ProviderWord,
        *,
        watch: bool = True,
    ) -> None:
        """``base``: with a publisher in memory. ``watch``: as of a Trial."""
        self.word, self.base = word, base
        quiet = Trial(
            base, clock, Plan(), purpose=Purpose.TRANSACTIONAL, records=Records.NEVER, watch=False
        )
        quiet.run()
        self.key = quiet.key
        clock.advance(timedelta(minutes=1))
        at = clock.now()
        said = MessageReported(
            channel=Channel.EMAIL,
            word=word,
            message_id=self.key.message_id(),
            provider_id="p-1",
            addresses=(HANAKO,),
        )
        self.record = [fact(said, at)]
        if word in {ProviderWord.BOUNCED, ProviderWord.COMPLAINED}:
            gone = ContactabilityChanged(
                channel=Channel.EMAIL, address=HANAKO, reachable=False, reason=word
            )
            self.record.append(fact(gone, at))
        plan.rival = lambda: self._feed(base)
        world = watched(base, plan) if watch else base
        plan.enter("feedback")
        for _ in range(3):
            try:
                self._feed(world)
                break
            except (RetryableError, Crash):
                clock.advance(timedelta(seconds=30))
        plan.enter("")

    def _feed(self, world: World) -> None:
        feedback(world, self.record)

    @property
    def counted(self) -> int:
        """How often it was counted for the brake."""
        names = {ProviderWord.BOUNCED: Figure.BOUNCED, ProviderWord.COMPLAINED: Figure.COMPLAINED}
        if self.word not in names:
            return 0
        days = [day_of(self.record[0].metadata.occurred_at)]
        return self.base.counters.read(BRAND, names[self.word], days)[0]

    def violations(self) -> list[str]:
        """What is not as the word would have it; nothing where all is."""
        base, word = self.base, self.word
        publisher: Any = base.publisher
        entry, asked = base.ledger.get(self.key), publisher.reconsidered
        assert entry is not None
        gone = word in {ProviderWord.BOUNCED, ProviderWord.COMPLAINED}
        address = address_key(BRAND, Channel.EMAIL, HANAKO)
        person = customer_key(BRAND, BUYER) or ""
        refused = fold_customer(base.customers.load(BRAND, person)).word(Channel.EMAIL)
        controls = base.controls.load(BRAND)
        told = [one for one in publisher.published if one in self.record]
        reasons = {
            ProviderWord.BOUNCED: Reason.BOUNCED,
            ProviderWord.COMPLAINED: Reason.COMPLAINED,
            ProviderWord.REJECTED: Reason.REFUSED_BY_PROVIDER,
        }
        checks = {
            "the entry": entry.reason is reasons.get(word, Reason.DUE),
            "the address": (base.customers.suppression(BRAND, address) is not None) == gone,
            "told on the bus": bool(told) == gone,
            "the refusal": (refused is not None) == (word is ProviderWord.COMPLAINED),
            "the next channel": bool(asked)
            == (word in {ProviderWord.BOUNCED, ProviderWord.REJECTED}),
            "the brake": (controls.brake is not None) == gone,
            "counted": (self.counted >= 1) == gone,
            "the ending": word is not ProviderWord.REJECTED
            or "MessageFailed" in {one.type for one in publisher.outcomes},
            "soft bounces": len(base.customers.soft_bounces(BRAND, address).bounced)
            == (word is ProviderWord.SOFT_BOUNCED),
            "delivered": (entry.delivered_at is not None) == (word is ProviderWord.DELIVERED),
        }
        return [what for what, holds in checks.items() if not holds]


def memory_report(plan: Plan, word: ProviderWord) -> Report:
    """A report in memory."""
    memory = Memory(policy=TOUCHY)
    base = replace(memory.world, senders={Channel.EMAIL: memory.mailbox})
    return Report(base, memory.clock, plan, word)


def all_reports() -> list[Reported]:
    """Every call of an undisturbed record, for every word, with every fault."""
    results = []
    for word in WORDS:
        plan = Plan()
        assert memory_report(plan, word).violations() == []
        for victim, call in enumerate(plan.calls):
            for fault in Fault:
                if possible(call, fault):
                    again = Plan(victim=victim, fault=fault)
                    report = memory_report(again, word)
                    assert again.calls[victim] == call
                    results.append(
                        Reported(call, fault, word, tuple(report.violations()), report.counted)
                    )
    return results


def report_table(results: Iterable[Reported]) -> str:
    """The results as Markdown: one row per word, with its calls and how often it was counted."""
    rows = [
        "| The word | The victims | Trials | Not as it should be | Counted twice after |",
        "|---|---|--:|---|---|",
    ]
    words: dict[str, list[Reported]] = defaultdict(list)
    for one in results:
        words[one.word].append(one)
    for word, those in words.items():
        calls = ", ".join(f"`{name}`" for name in dict.fromkeys(one.call.name for one in those))
        bad = sorted({what for one in those for what in one.violations})
        twice: dict[str, list[str]] = defaultdict(list)
        for one in those:
            if one.counted > 1:
                twice[f"`{one.call.name}`"].append(one.fault)
        said = "; ".join(f"{name}: {', '.join(faults)}" for name, faults in twice.items())
        row = (word, calls, str(len(those)), ", ".join(bad) or "nothing", said or "–")
        rows.append(f"| {' | '.join(row)} |")
    return "\n".join(rows)


# --- the table -------------------------------------------------------------------------------

STEPS = {
    "decide": "Decide",
    "arm": "Arm",
    "send": "Send",
    "disarm": "Disarm",
    "feedback": "Feedback",
}
# What a call is, where its name alone does not say it.
MEANING: dict[tuple[str, str, int], str] = {
    ("send", "ledger.get", 1): "look",
    ("send", "ledger.put", 1): "claim",
    ("send", "orders.load", 1): "look again",
    ("send", "ledger.of_order", 1): "look again",
    ("send", "customers.suppression", 1): "look again",
    ("send", "customers.load", 1): "look again",
    ("send", "ledger.sent_to", 1): "look again",
    ("send", "orders.orders_of", 1): "look again",
    ("send", "customers.slots", 1): "look again",
    ("send", "controls.load", 1): "look again",
    ("send", "customers.soft_bounces", 1): "look again",
    ("send", "customers.slots", 2): "take room",
    ("send", "customers.save_slots", 1): "take room",
    ("send", "inputs.keep", 1): "keep the inputs",
    ("send", "inputs.keep_policy", 1): "keep the inputs",
    ("send", "mail_quota.now", 1): "count",
    ("send", "counters.add", 1): "count",
    ("send", "orders.load", 2): "note the promise",
    ("send", "orders.save", 1): "note the promise",
    ("send", "publisher.facts", 1): "note the promise",
    ("send", "provider.send", 1): "**hand over**",
    ("send", "ledger.put", 2): "commit",
    ("send", "publisher.outcome", 1): "publish",
    ("send", "counters.add", 2): "count what went out",
}


RECORDING = {"inputs.keep", "inputs.keep_policy", "ledger.put"}


def place(call: Call) -> str:
    """Where in the machine a call is, for people."""
    if call.step == "decide":
        what = "record" if call.name in RECORDING else "read"
    else:
        what = MEANING.get((call.step, call.name, call.number), call.name)
    return STEPS[call.step] if what.startswith("timers") else f"{STEPS[call.step]}: {what}"


def table(results: Iterable[Result]) -> str:
    """The results as Markdown: one row per place and fault, equal faults in one row."""
    cells: dict[str, dict[Fault, list[Result]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        cells[place(result.call)][result.fault].append(result)
    rows = [
        "| Where | What happens there | Trials | Transactional | Marketing | Later by at most |",
        "|---|---|--:|---|---|---|",
    ]
    for where in sorted(cells, key=_rank):
        alike: dict[tuple[str, str, str], list[Fault]] = defaultdict(list)
        for fault in Fault:
            if fault in cells[where]:
                alike[_outcome(cells[where][fault])].append(fault)
        for (transactional, marketing, delay), faults in alike.items():
            trials = sum(len(cells[where][fault]) for fault in faults)
            what = ", ".join(faults)
            rows.append(
                f"| {where} | {what} | {trials} | {transactional} | {marketing} | {delay} |"
            )
    return "\n".join(rows)


def _rank(where: str) -> int:
    order = [
        "Decide: read", "Decide: record", "Arm", "Send: look", "Send: claim", "Send: look again",
        "Send: take room", "Send: keep the inputs", "Send: count",
        "Send: note the promise", "Send: **hand over**", "Send: commit", "Send: publish",
        "Send: count what went out", "Disarm",
    ]  # fmt: skip
    return order.index(where) if where in order else len(order)


def _outcome(results: list[Result]) -> tuple[str, str, str]:
    slowest = max(result.delay for result in results)
    return (
        _ending([r for r in results if r.purpose is Purpose.TRANSACTIONAL]),
        _ending([r for r in results if r.purpose is Purpose.MARKETING]),
        _duration(slowest),
    )


def _ending(results: list[Result]) -> str:
    """The endings of some trials in a few words."""
    if not results:
        return "–"
    said: dict[str, set[str]] = {}
    for when, records in (
        ("", IN_TIME),
        ("record too late: ", {Records.TOO_LATE}),
        ("no record: ", {Records.NEVER}),
    ):
        endings = {result.ending for result in results if result.records in records}
        if endings and endings != said.get(""):
            said[when] = endings
    return "; ".join(f"{when}{_say(endings)}" for when, endings in said.items())


def _say(endings: set[str]) -> str:
    words = {"1 SENT": "1", "2 SENT": "2", "0 FAILED": "none, FAILED", "1 FAILED": "1, FAILED"}
    return " or ".join(words[ending] for ending in sorted(endings))


def _duration(delay: timedelta) -> str:
    seconds = int(delay.total_seconds())
    if seconds < 1:
        return "–"
    return f"{seconds} s" if seconds < 120 else f"{-(-seconds // 60)} min"


def document(results: list[Result], reports: list[Reported], text: str) -> str:
    """``text`` with the tables of ``results`` and ``reports`` between their marks."""
    bad = sum(bool(result.violations) for result in results) or "none"
    untold = sorted({f"{place(r.call)}, {r.fault}" for r in results if not r.told})
    body = (
        f"{len(results)} trials on memory, {bad} of them with a violation.\n\n{table(results)}\n\n"
        f"The event on the bus was missing after: {'; '.join(untold)}. The ledger has the ending."
    )
    bad = sum(bool(report.violations) for report in reports) or "none"
    after = (
        f"{len(reports)} trials on memory, {bad} of them with a violation.\n\n"
        f"{report_table(reports)}"
    )
    return _between(_between(text, "table", body), "feedback", after)


def _between(text: str, mark: str, body: str) -> str:
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    return f"{head}{begin}\n{body}\n{end}{tail}"


def crashes_retried() -> list[str]:
    """The lifecycles whose workflow does not start a decide function anew that died."""
    dying = {"Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout", "States.Timeout"}
    found = []
    for name in lifecycles.names():
        text = (lifecycles.folder(name) / "workflow.asl.json").read_text(encoding="utf-8")
        for body in json.loads(text)["States"].values():
            if body.get("Arguments", {}).get("FunctionName") == "${DecideFunctionArn}":
                named = {error for retry in body["Retry"] for error in retry["ErrorEquals"]}
                found.extend([name] if not dying <= named else [])
    return found


if __name__ == "__main__":
    DOCUMENT.write_text(
        document(all_results(), all_reports(), DOCUMENT.read_text(encoding="utf-8")),
        encoding="utf-8",
    )
