"""Puts the ports of the webhook function together. Apart from shared/wiring.py, because a vendor
waits for this function's start: no brand file, no template, no store of orders is loaded.
"""

from __future__ import annotations

from functools import cache

from shared.adapters.aws import clients
from shared.adapters.aws.clock import process_clock
from shared.adapters.aws.eventbridge import BusArrivals
from shared.adapters.aws.hook_secrets import ManagedSecrets
from shared.adapters.aws.seen import DynamoSeen
from shared.adapters.aws.sqs import SqsQuarantine
from shared.adapters.aws.table import Table
from shared.settings import settings
from shared.sources import find_source
from shared.usecases.webhook import Entrance


@cache
def entrance() -> Entrance:
    """All ports of this deployment's webhooks. Raises SettingsError for a variable that is
    missing."""
    own = settings()
    table = Table(
        clients.hurried_dynamodb, own.table, process_clock, retention_days=own.retention_days
    )
    return Entrance(
        hooks=own.webhooks,
        vendor=find_source,
        clock=process_clock,
        secrets=ManagedSecrets(
            clients.hurried_secretsmanager, process_clock, f"yoin-{own.stage}/webhook"
        ),
        seen=DynamoSeen(table),
        arrivals=BusArrivals(clients.hurried_events, own.bus),
        quarantine=SqsQuarantine(clients.hurried_sqs, lambda: settings().quarantine_url),
    )


def forget() -> None:
    """Make everything anew when it is next needed: for tests and the local runtime."""
    entrance.cache_clear()
