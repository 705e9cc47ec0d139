"""Finds claims that nobody has settled, and has their lifecycles look again.

A lifecycle arms its timer before it acts: when a run dies after its claim, that timer puts it
right. This is for the case that the timer is lost as well.
"""

from __future__ import annotations

from datetime import timedelta

from shared.domain.ledger import LedgerEntry
from shared.ports import World

# The lifecycle's own timer comes first: it goes off within a minute of the time that the claim
# says, and the run takes seconds.
SWEEP_AFTER = timedelta(minutes=5)
MOST = 100
"""So many claims of a brand are looked at in one run; the next run takes the rest."""


def sweep(world: World) -> int:
    """Wake the lifecycles of all overdue claims; returns how many were found.

    Idempotent: the lifecycle decides afresh. With the provider's record seen the message is sent;
    without it a transactional one is sent again, and marketing is dropped. Raises RetryableError.
    """
    overdue: list[LedgerEntry] = []
    for brand in world.brands.ids():
        overdue += world.ledger.open_claims(brand, world.clock.now() - SWEEP_AFTER, MOST)
    woken = set()
    for entry in overdue:
        key = entry.key
        run = (key.brand, key.order_id, key.lifecycle)
        if run not in woken:
            woken.add(run)
            world.publisher.reconsider(*run, f"swept {key.message_id()}")
    return len(overdue)
