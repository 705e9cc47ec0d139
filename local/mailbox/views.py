"""From the domain's own values to what the mailbox shows. Pure, and free of the runtime: the
template gallery and `yoin explain --stage` use it as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from local.mailbox.account import RERUNS, seen
from local.mailbox.model import Bilingual, BrandView, Candidate, FactView, LifecycleView, OrderView
from local.mailbox.words import fact_words, items
from shared import lifecycles
from shared.brands import Brand
from shared.contracts.facts import fact_to_json
from shared.domain.events import Fact
from shared.domain.ledger import LedgerEntry
from shared.domain.orders import Order
from shared.domain.reasons import REASONS
from shared.domain.remedies import remedy
from shared.messages.environment import exists
from shared.usecases.explain import Explanation, Rerun


def order_view(
    order: Order,
    facts: Iterable[Fact],
    *,
    arrived: Mapping[str, datetime] | None = None,
    story: Bilingual | None = None,
) -> OrderView:
    """An order with its facts, oldest first."""
    marks = {
        "test": order.test,
        "historical": order.historical,
        "gift": bool(order.gift),
        "cancelled": order.known and order.cancelled,
    }
    return OrderView(
        brand=order.brand,
        order_id=order.order_id,
        number=order.number,
        story=story,
        customer=order.buyer.name,
        email=order.buyer.email,
        phone=order.buyer.phone,
        locale=order.buyer.locale,
        placed_at=order.placed_at,
        items=tuple(items((line.line,)) for line in order.lines),
        marks=tuple(mark for mark, holds in marks.items() if holds),
        facts=tuple(
            FactView(
                id=fact.metadata.id,
                type=fact.metadata.type,
                source=fact.metadata.source,
                occurred_at=fact.metadata.occurred_at,
                said=fact_words(fact.data),
                data=_told(fact_to_json(fact)["data"]),
                arrived_at=(arrived or {}).get(fact.metadata.id),
            )
            for fact in sorted(facts, key=lambda fact: (fact.stamp, fact.key))
        ),
    )


def candidate(entry: LedgerEntry, told: Explanation | None = None) -> Candidate:
    """A ledger entry as the mailbox shows it, with what is known of its decision."""
    plain = _candidate(entry)
    if told is None:
        return plain
    again = told.again if told.rerun is Rerun.DIFFERENT else None
    return replace(
        plain,
        seen=seen(told),
        rerun=told.rerun,
        rerun_words=RERUNS[told.rerun],
        again=(REASONS[again.reason]) if again else None,
        problem=told.problem,
    )


def _candidate(entry: LedgerEntry) -> Candidate:
    return Candidate(
        brand=entry.key.brand,
        order_id=entry.key.order_id,
        lifecycle=entry.key.lifecycle,
        message=entry.message,
        occurrence=entry.key.occurrence,
        channel=entry.key.channel,
        status=entry.status,
        reason=entry.reason,
        rule=entry.rule,
        message_id=entry.key.message_id(),
        decided_at=entry.decided_at,
        due_at=entry.due_at,
        next_check=entry.next_check,
        sent_at=entry.sent_at,
        delivered_at=entry.delivered_at,
        inputs_version=entry.inputs_version,
        policy_version=entry.policy_version,
        attempts=entry.attempts,
        provider_id=entry.provider_id,
        detail=entry.detail,
        remedy=remedy(entry),
    )


def brand_view(brand: Brand) -> BrandView:
    """A brand as the pages show it."""
    return BrandView(
        id=brand.id,
        name=(brand.text(brand.name, "ja"), brand.text(brand.name, "en")),
        zone=brand.zone,
        colour=brand.theme.light.primary,
    )


def lifecycle_views(names: Iterable[str] | None = None) -> tuple[LifecycleView, ...]:
    """Lifecycles (None: all) in the order in which a customer meets them, others after by name."""
    order = ("order_confirmation", "delay_alert", "review_request", "replenishment_reminder")
    views = [
        LifecycleView(
            name=spec.name,
            title=spec.title,
            summary=spec.summary,
            purpose=spec.purpose,
            messages=spec.messages,
        )
        for spec in (lifecycles.load(name).SPEC for name in names or lifecycles.names())
    ]
    rank = {name: number for number, name in enumerate(order)}
    return tuple(sorted(views, key=lambda view: (rank.get(view.name, len(rank)), view.name)))


def locale_used(lifecycle: str, message: str, wanted: str | None, brand: Brand) -> str:
    """The locale of a message's words: the customer's, its language, or the brand's own."""
    asked = (wanted or brand.default_locale).replace("_", "-")
    for locale in (asked, asked.partition("-")[0]):
        if exists(f"{lifecycle}/templates/{locale}/{message}.txt.j2"):
            return locale
    return brand.default_locale


def _told(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a fact says, without the fields that it leaves open."""
    return {name: value for name, value in data.items() if value not in (None, [], {}, "")}
