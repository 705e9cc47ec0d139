"""What crosses a boundary: facts as JSON, events on the bus, the tasks of the state machines.

The definitions are the domain's own dataclasses; this package validates JSON against them and
writes them as JSON. pydantic is imported on first use.
"""

from shared.contracts.facts import fact_to_json, parse_fact, read_fact, schema, schemas
from shared.contracts.outgoing import (
    MessageFailed,
    MessageSent,
    MessageSkipped,
    ReconsiderRequested,
    outcome_to_event,
    reconsider_to_event,
    to_event,
)

__all__ = [
    "MessageFailed",
    "MessageSent",
    "MessageSkipped",
    "ReconsiderRequested",
    "fact_to_json",
    "outcome_to_event",
    "parse_fact",
    "read_fact",
    "reconsider_to_event",
    "schema",
    "schemas",
    "to_event",
]
