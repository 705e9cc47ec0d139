"""What the use cases need from the world, as Protocols. Adapters fulfil them, for AWS and in
memory; one test suite holds both to the same behaviour.

Every write that could lose against a concurrent one is a compare-and-set on ``version``: it
raises Conflict, and the caller reads again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from shared.domain.bounces import SoftBounces
from shared.domain.controls import Controls
from shared.domain.customers import CustomerRecord, Slots, Suppression
from shared.domain.deliveries import Arrived, Fetch, FetchTask
from shared.domain.erasure import Erased, Trace
from shared.domain.events import Channel, Fact, Purpose
from shared.domain.inputs import Inputs
from shared.domain.ledger import EntryKey, LedgerEntry
from shared.domain.orders import OrderRecord
from shared.domain.policy import Policy


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class OrderStore(Protocol):
    """The order records, and the ways to find them.

    Of a fact everything is kept but ``metadata.dedupe_id``, which has done its work by then.
    """

    def load(self, brand: str, order_id: str) -> OrderRecord:
        """The record as last written (strongly consistent); an empty one of version 0 if none."""
        ...

    def save(self, before: OrderRecord, after: OrderRecord) -> OrderRecord:
        """Write ``after`` where ``before`` (its version) is still what is stored.

        Also keeps the indexes by customer and by tracking number. Returns the record with its
        new version. Raises Conflict when somebody else wrote first.
        """
        ...

    def orders_of(self, brand: str, customer_key: str) -> tuple[str, ...]:
        """The ids of a person's orders, sorted."""
        ...

    def by_tracking(self, brand: str, tracking_number: str) -> tuple[tuple[str, str], ...]:
        """(order id, shipment id) of every shipment with this number, sorted.

        A ``return_reference`` in place of the number: (order id, return id).
        """
        ...

    def park(self, brand: str, tracking_number: str, fact: Fact) -> None:
        """Keep a carrier's fact until a shipment with this number is known. Idempotent."""
        ...

    def parked(self, brand: str, tracking_number: str) -> tuple[Fact, ...]:
        """The facts parked under this number, by time. They stay until they expire."""
        ...

    def mark_feed(self, brand: str, at: datetime) -> None:
        """Remember that a carrier event of the brand arrived at ``at`` (never moves back)."""
        ...

    def feed_seen_at(self, brand: str) -> datetime | None:
        """When the newest carrier event of the brand arrived; None if none ever did."""
        ...


class CustomerStore(Protocol):
    """What is known of a person beyond the orders: consent, subscriptions, suppression."""

    def load(self, brand: str, key: str) -> CustomerRecord:
        """The record as last written; an empty one of version 0 if there is none."""
        ...

    def save(self, before: CustomerRecord, after: CustomerRecord) -> CustomerRecord:
        """Write where ``before`` is still what is stored. Raises Conflict."""
        ...

    def suppress(self, brand: str, address_key: str, suppression: Suppression) -> None:
        """Never use this address again, or again after all (``lifted``).

        Of all words about an address the one with the highest ``rank`` stands, in whatever
        order they come.
        """
        ...

    def suppression(self, brand: str, address_key: str) -> Suppression | None:
        """Why an address must not be used, or None."""
        ...

    def soft_bounces(self, brand: str, address_key: str) -> SoftBounces:
        """What bounced for now at an address; nothing of version 0 if nothing did."""
        ...

    def save_soft_bounces(self, before: SoftBounces, after: SoftBounces) -> SoftBounces:
        """Write where ``before`` is still what is stored. Raises Conflict."""
        ...

    def slots(self, brand: str, key: str) -> Slots:
        """The room that a person's marketing takes up; none of version 0 if there is none."""
        ...

    def save_slots(self, before: Slots, after: Slots) -> Slots:
        """Write where ``before`` is still what is stored. Raises Conflict."""
        ...

    def note_consent(self, brand: str, key: str, fact: Fact, keep: timedelta) -> None:
        """Keep a ConsentChanged as evidence for as long as ``keep``. Idempotent by its id."""
        ...

    def consents(self, brand: str, key: str) -> tuple[Fact, ...]:
        """All evidence of a person's consents and refusals, by time."""
        ...


class Erasures(Protocol):
    """What is left of people whose data were erased, found by a keyed hash only.

    Both methods raise RetryableError where the key or the store cannot be had.
    """

    def find(self, trace: Trace, brand: str, value: str) -> Erased | None:
        """The marker about something (a customer key, an order id), or None."""
        ...

    def keep(self, trace: Trace, brand: str, value: str, erased: Erased) -> None:
        """Write a marker over the one before."""
        ...


class BrandControls(Protocol):
    """What people and guards have switched for a brand."""

    def load(self, brand: str) -> Controls:
        """The switches as last written (strongly consistent); none of version 0."""
        ...

    def save(self, before: Controls, after: Controls) -> Controls:
        """Write where ``before`` is still what is stored. Raises Conflict."""
        ...


class Counters(Protocol):
    """Figures of a brand that grow: per hour, day or month, as ``period`` names it ("2026-11")."""

    def add(self, brand: str, name: str, period: str, amount: int = 1) -> int:
        """Add, at once and once; returns the new figure. May count twice where an answer is lost:
        a guard then speaks too early, never too late. Raises RetryableError."""
        ...

    def read(self, brand: str, name: str, periods: Iterable[str]) -> tuple[int, ...]:
        """The figures of some periods, 0 for one without. Raises RetryableError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How much mail the account may send in 24 hours, and has sent in the last 24."""

    per_day: float
    sent: float


class MailQuota(Protocol):
    """The provider's own limit. May remember the answer for a minute."""

    def now(self) -> Quota | None:
        """The quota; None where there is none, or it cannot be had: then nothing is held back."""
        ...


class DecisionInputs(Protocol):
    """What decisions were made from."""

    def keep(self, inputs: Inputs) -> str:
        """Keep them; returns the name to find them by. Idempotent. Raises RetryableError."""
        ...

    def load(self, brand: str, order_id: str, name: str) -> Inputs | None:
        """What was kept under this name, or None."""
        ...

    def keep_policy(self, brand: str, version: str, text: str) -> None:
        """Keep a policy under its version, once. Idempotent. Raises RetryableError."""
        ...

    def policy(self, brand: str, version: str) -> str | None:
        """The text of the policy that was kept under this version, or None."""
        ...


class MessageLedger(Protocol):
    """Every candidate message with its outcome."""

    def get(self, key: EntryKey) -> LedgerEntry | None:
        """The entry as last written (strongly consistent), or None."""
        ...

    def put(self, entry: LedgerEntry) -> LedgerEntry:
        """Write an entry where ``entry.version`` is still what is stored (0: nothing is).

        Returns it with its new version. Raises Conflict. A SENT entry with a customer also
        appears in ``sent_to`` from then on, in the same write.
        """
        ...

    def of_order(self, brand: str, order_id: str) -> tuple[LedgerEntry, ...]:
        """All entries of an order (strongly consistent), sorted by their identity."""
        ...

    def sent_to(self, brand: str, customer_key: str) -> tuple[LedgerEntry, ...]:
        """What a person was sent, over all orders, oldest first."""
        ...

    def by_message_id(self, message_id: str) -> LedgerEntry | None:
        """The entry with this message id (may lag by a moment), or None."""
        ...

    def by_provider_id(self, provider_id: str) -> LedgerEntry | None:
        """The entry of the message that a provider calls so (may lag by a moment), or None."""
        ...

    def open_claims(self, brand: str, due_by: datetime, limit: int) -> tuple[LedgerEntry, ...]:
        """At most ``limit`` claims that should have been settled by then and are not, the
        longest overdue first (may lag by a moment)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message ready to go. ``html`` is None for SMS; ``subject`` is then empty.

    ``tags`` come back with every event of the provider; they hold ids only.
    """

    message_id: str
    channel: Channel
    brand: str
    to: str
    sender: str
    text: str
    purpose: Purpose = Purpose.TRANSACTIONAL
    subject: str = ""
    html: str | None = None
    reply_to: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    segments: int = 1  # what the network bills an SMS as


class ChannelSender(Protocol):
    """Hands a message to a provider, once."""

    def send(self, letter: Letter) -> str:
        """Hand over exactly one attempt; returns the provider's id.

        Raises ProviderThrottled (surely not accepted, later), ProviderRefused (surely not
        accepted, never), OutcomeUnknown (a time-out, reset or 5xx: nobody knows).
        """
        ...


class Renderer(Protocol):
    """Turns a lifecycle's content into a Letter."""

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
        """Render. Raises TemplateError naming the template, locale and variable.

        ``marketing``: whether this person may see the marketing blocks of a transactional message.
        """
        ...


class Brands(Protocol):
    """The brands of this deployment."""

    def ids(self) -> tuple[str, ...]:
        """All brand ids, sorted."""
        ...

    def policy(self, brand: str) -> Policy:
        """A brand's policy. Raises BrandError for an unknown brand."""
        ...

    def policy_text(self, brand: str) -> str:
        """The same as text, to be kept. Raises BrandError for an unknown brand."""
        ...

    def read_policy(self, text: str) -> Policy:
        """The policy in a text of ``policy_text``, whatever the brand's file says now.

        Raises BrandError for one that this version of Yoin cannot read.
        """
        ...

    def of_shop(self, shop_domain: str) -> str | None:
        """The brand that claims a platform's shop, or None."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEvent:
    """What became of a message, for whoever listens on the bus. No personal data.

    ``type`` is MessageSent, MessageSkipped or MessageFailed.
    """

    type: str
    key: EntryKey
    message: str
    message_id: str
    reason: str
    at: datetime


class Publisher(Protocol):
    """Puts events on the bus. Raises RetryableError unless every one of them was taken."""

    def facts(self, facts: Iterable[Fact]) -> None:
        """Publish facts, in the given order."""
        ...

    def outcome(self, outcome: OutcomeEvent) -> None:
        """Publish what became of a message."""
        ...

    def reconsider(self, brand: str, order_id: str, lifecycle: str, cause: str) -> None:
        """Wake a lifecycle, to look at an order again though no fact about it is new.

        Repeating it does no harm: the lifecycle decides afresh. ``cause`` says why, in a word, with
        a message's id where there is one; no personal data.
        """
        ...


class Quarantine(Protocol):
    """Where an event goes that cannot become facts: kept whole, with what is wrong with it."""

    def put(self, raw: str, *, code: str, detail: str) -> None:
        """Keep ``raw`` as it came. Raises RetryableError when it could not be kept."""
        ...


class Arrivals(Protocol):
    """Where vendors' events are put as they came: the bus, on the way to ingest."""

    def put(self, arrived: Iterable[Arrived]) -> None:
        """Put them on the bus. Raises RetryableError unless every one was taken, and
        Rejected("OVERSIZED") for one that the bus cannot carry."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSecrets:
    """What a vendor signs a brand's webhook with.

    ``live``: the secrets that count, two of them while one is being replaced. ``url``: the URL
    as the vendor knows it, for a scheme that signs it; "" for the one that was called.
    """

    live: tuple[str, ...] = field(repr=False)
    url: str = ""


class WebhookSecrets(Protocol):
    """The secrets of the webhooks. May remember them for some minutes."""

    def get(self, source: str, brand: str) -> HookSecrets:
        """The secrets of a brand's webhook. Raises RetryableError where they cannot be had."""
        ...

    def renewed(self, source: str, brand: str) -> HookSecrets | None:
        """The secrets anew, after a signature that fits none; None where there are no newer.

        Strangers make us ask as well: so it really asks once in half a minute at most.
        """
        ...


class SeenEvents(Protocol):
    """Which events of vendors were taken already. ``key``: a digest that names one event."""

    def seen(self, source: str, brand: str, key: str) -> bool:
        """Whether it was taken. Raises RetryableError."""
        ...

    def remember(self, source: str, brand: str, key: str, keep: timedelta) -> None:
        """It was taken: to be known for as long as ``keep``. Idempotent. Raises RetryableError."""
        ...


class FetchQueue(Protocol):
    """Where thin events wait until what they leave out was fetched."""

    def put(self, task: FetchTask) -> None:
        """Remember what is to be fetched. Raises RetryableError when it could not be kept."""
        ...


class VendorApis(Protocol):
    """The APIs of the platforms and carriers."""

    def get(self, source: str, brand: str, fetch: Fetch) -> str:
        """The answer to one request, as JSON text (``fetch.also`` is not looked at).

        Raises RetryableError where it may come later (no credentials yet, refused, throttled, no
        answer), Rejected("INCOMPLETE") where the vendor has no such resource (any more) or
        does not let us have an optional one, and Rejected("MALFORMED") for an answer that is no
        JSON.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All ports together: what a use case is given. Tests build one on fakes."""

    clock: Clock
    orders: OrderStore
    customers: CustomerStore
    ledger: MessageLedger
    brands: Brands
    publisher: Publisher
    renderer: Renderer
    senders: Mapping[Channel, ChannelSender]
    quarantine: Quarantine
    controls: BrandControls
    counters: Counters
    mail_quota: MailQuota
    inputs: DecisionInputs
    erasures: Erasures
