"""A whole Yoin on memory in one line, and a lifecycle that a test scripts itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.adapters.memory.providers import (
    Mailbox,
    ManualClock,
    MemoryMailQuota,
    MemoryPublisher,
    MemoryQuarantine,
)
from shared.adapters.memory.stores import (
    MemoryControls,
    MemoryCounters,
    MemoryCustomers,
    MemoryErasures,
    MemoryInputs,
    MemoryLedger,
    MemoryOrders,
)
from shared.domain.decisions import Candidate, Situation
from shared.domain.errors import TemplateError
from shared.domain.events import Channel, Purpose
from shared.domain.inputs import situation
from shared.domain.lifecycle import Spec
from shared.domain.policy import Policy
from shared.ports import Letter, World
from shared.usecases.situations import read_inputs
from tests.builders import BRAND, POLICY, T0


class PlainRenderer:
    """Letters that say which message they are; a message called "broken" has no template."""

    def letter(
        self,
        *,
        lifecycle: str,
        message: str,
        purpose: Purpose,
        channel: Channel,
        brand: str,
        locale: str | None,
        to: str,
        message_id: str,
        content: Mapping[str, Any],
        marketing: bool = False,
    ) -> Letter:
        if message == "broken":
            raise TemplateError(f"{lifecycle}/{message}: no template")
        return Letter(
            message_id=message_id,
            channel=channel,
            brand=brand,
            to=to,
            sender="shop@example.com",
            subject=f"{lifecycle}/{message}",
            text=f"{content!r} in {locale}" + (" with offers" if marketing else ""),
            purpose=purpose,
        )


class OneBrand:
    """One brand with a policy that the test chooses."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def ids(self) -> tuple[str, ...]:
        return (BRAND,)

    def policy(self, brand: str) -> Policy:
        if brand != BRAND:
            raise KeyError(brand)
        return self._policy

    def policy_text(self, brand: str) -> str:
        return self.policy(brand).version

    def read_policy(self, text: str) -> Policy:
        assert text == self._policy.version, "a policy that the test did not choose"
        return self._policy

    def of_shop(self, shop_domain: str) -> str | None:
        return BRAND if shop_domain == f"{BRAND}.myshopify.com" else None


@dataclass
class Memory:
    """A world on memory with its parts at hand."""

    policy: Policy = POLICY
    start: datetime = T0
    clock: ManualClock = field(init=False)
    orders: MemoryOrders = field(default_factory=MemoryOrders)
    customers: MemoryCustomers = field(default_factory=MemoryCustomers)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    publisher: MemoryPublisher = field(default_factory=MemoryPublisher)
    mailbox: Mailbox = field(default_factory=Mailbox)
    phone: Mailbox = field(default_factory=Mailbox)
    quarantine: MemoryQuarantine = field(default_factory=MemoryQuarantine)
    controls: MemoryControls = field(default_factory=MemoryControls)
    counters: MemoryCounters = field(default_factory=MemoryCounters)
    mail_quota: MemoryMailQuota = field(default_factory=MemoryMailQuota)
    inputs: MemoryInputs = field(default_factory=MemoryInputs)
    erasures: MemoryErasures = field(default_factory=MemoryErasures)

    def __post_init__(self) -> None:
        self.clock = ManualClock(self.start)

    @property
    def world(self) -> World:
        """The ports as the use cases get them."""
        return World(
            clock=self.clock,
            orders=self.orders,
            customers=self.customers,
            ledger=self.ledger,
            brands=OneBrand(self.policy),
            publisher=self.publisher,
            renderer=PlainRenderer(),
            senders={Channel.EMAIL: self.mailbox, Channel.SMS: self.phone},
            quarantine=self.quarantine,
            controls=self.controls,
            counters=self.counters,
            mail_quota=self.mail_quota,
            inputs=self.inputs,
            erasures=self.erasures,
        )


@dataclass
class Scripted:
    """A lifecycle whose decision is a function of the test's."""

    script: Callable[[Situation], tuple[Candidate, ...]]
    purpose: Purpose = Purpose.TRANSACTIONAL
    channels: tuple[Channel, ...] = (Channel.EMAIL, Channel.SMS)
    estimate: dict[str, str] | None = None
    name: str = "scripted"

    @property
    def SPEC(self) -> Spec:  # noqa: N802 - the name that lifecycle modules use
        return Spec(
            name=self.name,
            purpose=self.purpose,
            triggers=("OrderPlaced",),
            channels=self.channels,
            messages=("hello",),
            title=("試験", "Test"),
            summary=("試験用", "For tests"),
        )

    def decide(self, situation: Situation) -> tuple[Candidate, ...]:
        return self.script(situation)

    def content(self, candidate: Candidate, situation: Situation) -> dict[str, Any]:
        return {"message": candidate.message, "estimate": self.estimate}


def situation_in(world: World, spec: Spec, brand: str, order_id: str) -> Situation:
    """What a lifecycle would decide on now."""
    inputs = read_inputs(world, spec, brand, order_id)
    return situation(inputs, spec, world.brands.policy(brand))
