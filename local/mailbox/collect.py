"""From a local stack to a ``Mailbox``: the one module here that knows the runtime's insides.

A ``Recorder`` listens from before the first event: it remembers when each fact arrived and what
was refused, which no store keeps. ``collect`` then reads orders and ledger through the very
adapters that are deployed, and the mails from the outbox.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import formataddr, parseaddr
from typing import Any

from local.mailbox.model import (
    Bilingual,
    Candidate,
    Failure,
    Figure,
    Mail,
    Mailbox,
    RejectedEvent,
    by_placement,
    summed,
)
from local.mailbox.views import brand_view, candidate, lifecycle_views, locale_used, order_view
from local.runtime import LocalStack
from shared import lifecycles
from shared.adapters.aws import clients
from shared.adapters.aws.dynamodb import (
    DynamoCustomers,
    DynamoInputs,
    DynamoLedger,
    DynamoOrders,
)
from shared.adapters.aws.table import Table
from shared.brands import Brand, load_brand
from shared.brands.directory import BrandDirectory
from shared.contracts.outgoing import SOURCE
from shared.domain.events import FACTS, Channel
from shared.domain.folding import fold
from shared.domain.ledger import LedgerEntry
from shared.domain.orders import Order
from shared.domain.reasons import Reason
from shared.settings import DEFAULT_RETENTION_DAYS
from shared.usecases.explain import explain

# A wait that is the plan itself, or for a fact that has to come first, holds nothing back.
NO_HOLD = frozenset(
    {
        Reason.AWAITING_FACT,
        Reason.NOT_YET_DELIVERED,
        Reason.NOT_YET_DUE,
        Reason.NOT_YET_PAID,
        Reason.SETTLING,
        Reason.STOCK_NOT_RESERVED,
        Reason.SUBSCRIPTION_UNKNOWN,
    }
)
FIGURES = ("WebhookEvents", "WebhookRefused", "WebhookRepeated", "Fetched")
"""What is read of the functions' metrics, where it is counted by source."""

RAW_SHOWN = 1200
"""So much of a rejected event is shown; the whole stands in the quarantine."""


@dataclass
class Recorder:
    """What happened in a stack and is kept nowhere else. Make it before the first event."""

    stack: LocalStack
    arrived: dict[str, datetime] = field(default_factory=dict)
    orders: dict[tuple[str, str], None] = field(default_factory=dict)
    rejected: list[RejectedEvent] = field(default_factory=list)
    events: int = 0
    # Decisions that were made again already, by message id and version of the entry.
    told: dict[tuple[str, int], Candidate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stack.buses.listeners.append(self._heard)
        self.stack.wire.on("sqs.SendMessage", self._queued)

    def reset(self) -> None:
        """Forget, as the stack does."""
        self.arrived.clear()
        self.orders.clear()
        self.rejected.clear()
        self.told.clear()
        self.events = 0

    def _heard(self, _bus: str, event: Mapping[str, Any]) -> None:
        if event["source"] != SOURCE:
            self.events += not event["source"].startswith("aws.ses")
            return
        if event["detail-type"] not in FACTS:
            return
        metadata, data = event["detail"]["metadata"], event["detail"]["data"]
        self.arrived.setdefault(metadata["id"], self.stack.now)
        if metadata.get("brand") and data.get("order_id"):
            self.orders[metadata["brand"], data["order_id"]] = None

    def _queued(self, request: Mapping[str, Any], _answer: Mapping[str, Any]) -> None:
        """What the functions put into the quarantine."""
        attributes = request.get("MessageAttributes") or {}
        if "code" not in attributes:
            return
        raw = str(request.get("MessageBody", ""))
        source, topic = _whence(raw)
        self.rejected.append(
            RejectedEvent(
                at=self.stack.now,
                code=attributes["code"]["StringValue"],
                detail=attributes["detail"]["StringValue"],
                source=source,
                topic=topic,
                raw=raw if len(raw) <= RAW_SHOWN else raw[:RAW_SHOWN] + " …",
            )
        )


def collect(
    recorder: Recorder,
    *,
    started_at: datetime,
    title: Bilingual,
    stories: Mapping[tuple[str, str], Bilingual] | None = None,
) -> Mailbox:
    """Everything that the mailbox shows, as it stands now. Changes nothing in the stack."""
    stack = recorder.stack
    table = Table(
        clients.dynamodb,
        _table_name(stack),
        stack.clock,
        retention_days=DEFAULT_RETENTION_DAYS,
    )
    store, people, ledger = DynamoOrders(table), DynamoCustomers(table), DynamoLedger(table)
    brands = {brand: load_brand(brand) for brand in _brand_ids(stack)}
    orders, entries = [], []
    by_message: dict[str, tuple[LedgerEntry, Order]] = {}
    for brand, order_id in recorder.orders:
        record = store.load(brand, order_id)
        order = fold(record)
        facts = [*record.facts.values()]
        if order.customer_key is not None:
            facts += people.load(brand, order.customer_key).facts.values()
        story = (stories or {}).get((brand, order_id))
        orders.append(order_view(order, facts, arrived=recorder.arrived, story=story))
        for entry in ledger.of_order(brand, order_id):
            entries.append(entry)
            by_message[entry.key.message_id()] = (entry, order)
    return Mailbox(
        title=title,
        started_at=started_at,
        now=stack.now,
        brands=tuple(brand_view(brand) for brand in brands.values()),
        lifecycles=lifecycle_views(),
        orders=tuple(sorted(orders, key=by_placement)),
        mails=_mails(stack, brands, by_message),
        candidates=tuple(_told(recorder, table, entry) for entry in entries),
        rejected=tuple(recorder.rejected),
        failures=_failures(stack),
        events=recorder.events,
        next_wake_up=stack.clock.next_at(),
        figures=_figures(stack.functions.logs.getvalue()),
        held=_held(stack.functions.logs.getvalue()),
    )


def _told(recorder: Recorder, table: Table, entry: LedgerEntry) -> Candidate:
    """An entry with its decision made again; once, for a run that is looked at often."""
    known = (entry.key.message_id(), entry.version)
    if known not in recorder.told:
        directory = BrandDirectory(_brand_ids(recorder.stack))
        lifecycle = lifecycles.load(entry.key.lifecycle)
        told = explain(DynamoInputs(table), directory, lifecycle, entry)
        recorder.told[known] = candidate(entry, told)
    return recorder.told[known]


def _figures(logs: str) -> tuple[Figure, ...]:
    """What the functions counted by source alone: lines of CloudWatch's embedded format."""
    found = []
    for line in logs.splitlines():
        if not line.startswith('{"_aws"') or '"source"' not in line or '"reason"' in line:
            continue
        said = json.loads(line)
        found += [
            Figure(name=name, source=said["source"], count=int(sum(said[name])))
            for name in FIGURES
            if name in said
        ]
    return summed(found)


def _held(logs: str) -> tuple[Figure, ...]:
    """What the gate and the lifecycles held back for a while, as `decide` logged it."""
    found = set()
    for line in logs.splitlines():
        if '"message":"decided"' not in line or '"action":"WAIT"' not in line:
            continue
        said = json.loads(line)
        if said["reason"] not in NO_HOLD:
            found.add((said["reason"], said["lifecycle"], said["brand"], said["order_id"]))
    return summed(Figure(name=one[0], source=one[1], count=1) for one in found)


def _mails(
    stack: LocalStack,
    brands: Mapping[str, Brand],
    by_message: Mapping[str, tuple[LedgerEntry, Order]],
) -> tuple[Mail, ...]:
    """What went out, oldest first."""
    by_provider = {e.provider_id: e.key.message_id() for e, _ in by_message.values()}
    found = []
    for email in stack.outbox.mails:
        message_id = email.tags.get("yoin_message", email.id)
        shown = {
            "Message-ID": f"<{email.id}>",
            "From": _readable(email.sender),
            "To": ", ".join(email.recipients),
            "Subject": email.subject,
            **email.headers,
            **{f"SES tag {name}": value for name, value in email.tags.items()},
        }
        found.append(
            Mail(
                message_id=message_id,
                channel=Channel.EMAIL,
                to=", ".join(parseaddr(address)[1] for address in email.recipients),
                sender=_readable(email.sender),
                subject=email.subject,
                text=email.text,
                html=email.html,
                at=email.at,
                headers=tuple(shown.items()),
                provider_id=email.id,
                **_about(message_id, email.tags, brands, by_message),
            )
        )
    for text in stack.outbox.texts:
        message_id = by_provider.get(text.id, text.id)
        about = _about(message_id, {}, brands, by_message)
        brand = brands.get(about["brand"])
        found.append(
            Mail(
                message_id=message_id,
                channel=Channel.SMS,
                to=text.to,
                sender=brand.sender.sms_id if brand else "",
                subject="",
                text=text.text,
                at=text.at,
                headers=tuple(text.attributes.items()),
                provider_id=text.id,
                **about,
            )
        )
    return tuple(sorted(found, key=lambda mail: (mail.at, mail.message_id)))


def _about(
    message_id: str,
    tags: Mapping[str, str],
    brands: Mapping[str, Brand],
    by_message: Mapping[str, tuple[LedgerEntry, Order]],
) -> dict[str, str]:
    """What a mail is about, from the ledger; from its tags where the ledger has no entry."""
    known = by_message.get(message_id)
    if known is None:
        return {
            "brand": tags.get("yoin_brand", ""),
            "order_id": "",
            "lifecycle": tags.get("yoin_lifecycle", ""),
            "message": "",
            "occurrence": "",
        }
    entry, order = known
    brand = brands[entry.key.brand]
    return {
        "brand": entry.key.brand,
        "order_id": entry.key.order_id,
        "lifecycle": entry.key.lifecycle,
        "message": entry.message,
        "occurrence": entry.key.occurrence,
        "locale": locale_used(entry.key.lifecycle, entry.message, order.buyer.locale, brand),
    }


def _failures(stack: LocalStack) -> tuple[Failure, ...]:
    """What failed in the machinery, oldest first."""
    found = [
        Failure(at=one.at, where=one.function, error=f"{one.error}: {one.message}")
        for one in stack.functions.failures
    ]
    found += [
        Failure(at=one.at, where=one.rule, error=f"not delivered: {one.reason}")
        for one in stack.buses.undelivered
    ]
    found += [
        Failure(
            at=one.stopped_at,
            where=one.machine,
            error=f"{one.status} {one.error or ''} {one.cause or ''}".strip(),
        )
        for one in stack.machines.executions
        if one.status != "SUCCEEDED"
    ]
    return tuple(sorted(found, key=lambda failure: (failure.at, failure.where)))


def _table_name(stack: LocalStack) -> str:
    (name,) = stack.names["AWS::DynamoDB::Table"]
    return name


def _brand_ids(stack: LocalStack) -> list[str]:
    return stack.environment("ingest")["YOIN_BRANDS"].split(",")


def _readable(address: str) -> str:
    """An address header for a person: RFC 2047 words decoded."""
    from email.header import decode_header, make_header

    name, plain = parseaddr(str(make_header(decode_header(address))))
    return f"{name} <{plain}>" if name else plain or formataddr(("", address))


def _whence(raw: str) -> tuple[str, str]:
    """Source and topic of a rejected event, as far as it can be read."""
    try:
        event = json.loads(raw)
    except ValueError:
        return "", ""
    if not isinstance(event, dict):
        return "", ""
    detail = event.get("detail")
    metadata = detail.get("metadata") if isinstance(detail, dict) else None
    words = (
        {str(k).lower(): str(v) for k, v in metadata.items()} if isinstance(metadata, dict) else {}
    )
    topic = words.get("x-shopify-topic") or str(event.get("detail-type", ""))
    return str(event.get("source", "")), topic
