"""What a carrier's English words about a scan mean: a second opinion on its code.

The same two letters mean different things at different carriers (DL, DE), and a carrier itself
uses a code for more than one thing (FedEx's FD is "at destination facility" and "running late").
So a carrier's table of codes comes first, and the words beside the code

- make a coarse status finer: "in transit" may be "out for delivery", an exception may be an
  attempt;
- keep a code from claiming a delivery that its words deny: handed to another carrier, brought to
  a pick-up point, back at the sender, still out for delivery;
- make an exception that is a delay and no more a matter of the way: IN_TRANSIT, the carrier's
  turn (the house reading, shared/contracts/tracking.py);
- never claim a delivery themselves against a code that knows of none.

What contradicts is said in a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.domain.shipments import Actor, Status


@dataclass(frozen=True, slots=True)
class Heard:
    """What words say: a status, None for a delay alone (a delay is none), and who has to act."""

    status: Status | None
    acts: Actor | None = None


_SENDER = "(the )?(original )?(sender|shipper)"
_RECIPIENT = "(the )?(customer|recipient|receiver|consignee|addressee)"
_COLLECTION = r"(pick-?\s?up|collection)\b(?! by (the )?(carrier|courier|driver))"
_PARTNER = "(the )?(local )?(post office|postal service|usps|(shipping|delivery) partner)"

# The first that is found counts, so what qualifies a word comes before the word.
_WORDS: tuple[tuple[Heard, tuple[str, ...]], ...] = (
    # The carrier was at the sender's door, not at the recipient's.
    (Heard(None), (r"(pick-?\s?up|collection) attempt|attempted (pick-?\s?up|collection)\b",)),
    (
        Heard(Status.RETURNING),
        (rf"(\b(not|be|been|being)|n['’]t)( yet)?( been)? delivered,? (back )?to {_SENDER}",),
    ),
    (Heard(Status.RETURNED), (rf"delivered,? (back )?to {_SENDER}",)),
    (
        Heard(Status.RETURNING),
        (
            rf"return(ing|ed)?( \w+){{0,3}} to {_SENDER}",
            "being returned|return in progress|return initiated",
        ),
    ),
    (
        Heard(Status.IN_TRANSIT),
        (
            rf"(transferred|handed( over)?|tendered|delivered|given) to {_PARTNER}",
            "agent for final delivery",
        ),
    ),
    (
        Heard(Status.HELD),
        (
            "(held|hold|holding).* (customer|recipient|receiver|consignee)(['’]s)? request",
            f"(held|hold) at the request of {_RECIPIENT}|(customer|recipient) requested (a )?hold",
            "held for (future|requested) delivery|(future|later) delivery (was )?requested",
            "requested (a )?(future|later) delivery",
        ),
    ),
    (
        Heard(Status.DELIVERED),
        (
            rf"(?<!not )(?<!be )(?<!until )(picked up|collected) by {_RECIPIENT}",
            rf"{_RECIPIENT} (has )?(picked up|collected)\b",
            r"(?<!for )(?<!awaiting )customer pick-?\s?up\b(?! (location|point))",
        ),
    ),
    (
        Heard(Status.AVAILABLE_FOR_PICKUP),
        (
            "(delivered to|at) (an? |the |your )?(ups )?access point",
            "delivered to (an? |the |your )?(\\w+ )?(onsite|retail) location",
            "delivered to (an? |the |your )?(pick-?\\s?up|collection|service)[ -]?(point|location)",
            rf"(available|ready|held|hold|holding|awaiting|waiting)( \w+){{0,6}} {_COLLECTION}",
            "ready for recipient|can be (collected|picked up)|retrieved from full parcel locker",
        ),
    ),
    (
        Heard(Status.OUT_FOR_DELIVERY),
        (
            "out[- ]for[- ]delivery",
            "(?<!not )(on|fedex|ups|the) vehicle for delivery",
            "loaded (on|in)(to)? (the )?delivery vehicle",
            "with (the )?delivery (courier|driver)|out with (the )?(courier|driver)",
        ),
    ),
    (
        Heard(Status.DELIVERY_ATTEMPTED),
        (
            r"(?<!pickup )(?<!pick-up )(?<!pick up )(?<!will be )\battempt(?!ing to)",
            "unsuccessful delivery|unable to complete (your |the )?delivery",
            "could not be delivered,? and the recipient has been notified",
            r"notice left|nobody\b|no (one|access|authorized)\b|not (at )?home|no secure location",
            rf"{_RECIPIENT} (was )?(not (available|in)|unavailable|absent)",
            "business (was |is )?closed|receptacle (full|blocked)",
        ),
    ),
    (Heard(None), (r"(\bnot|n['’]t)( yet)?( been)? (cleared|released)\b",)),
    (
        Heard(Status.IN_TRANSIT),
        (
            "released (by|from) (the |import |export )?customs|cleared customs",
            "international shipment release|customs hold (lifted|released)",
            "customs (clearance )?(released|cleared|complete)",
            "clearance (processing )?(is )?complete",
        ),
    ),
    (
        Heard(Status.EXCEPTION, Actor.CARRIER),
        (r"(clearance|customs) (delay|hold)\b|(held|delayed|detained)( \w+){0,2} customs",),
    ),
    (
        Heard(Status.EXCEPTION, Actor.SHOP),
        (
            r"(incorrect|insufficient|incomplete|invalid|wrong|bad) (\w+ )?address",
            "address (is |was )?(incorrect|insufficient|incomplete|needed|unknown)",
            "undeliverable|no such number|addressee unknown|moved,? left",
            rf"{_RECIPIENT} (has )?moved",
            r"\brefus(ed|al)|damage|destroyed|disposed|seized|\blost\b|missing",
        ),
    ),
    (
        Heard(Status.CANCELLED),
        ("cancel+(ed|ation)|label (has been )?voided|information voided",),
    ),
    (
        Heard(None, Actor.CARRIER),
        (
            "delay|running late|behind schedule|later than (expected|planned)",
            "mis-?(sent|sort|rout|ship)",
        ),
    ),
    (
        Heard(None),
        (r"\b(un|not( yet)? (been )?|(could|can)(n't|not| not) be |(to|will) be )delivered",),
    ),
    (Heard(Status.DELIVERED), (r"\bdelivered\b|proof of delivery",)),
    (
        Heard(Status.LABEL_CREATED),
        (
            "label (has been )?(created|printed|prepared)|created a label|awaiting item",
            "shipment information (received|sent)|pre-?shipment|ready for ups",
        ),
    ),
    (
        Heard(Status.ACCEPTED),
        (
            r"picked up\b|pick-?up scan|origin scan|dropped off|in possession of item",
            "acceptance|shipment (has been )?accepted",
        ),
    ),
    (
        Heard(Status.ARRIVED_AT_DELIVERY_DEPOT),
        (
            "destination (delivery )?facility|local (fedex )?facility|destination scan|at unit",
            "arrived at (the )?(post office|delivery (facility|depot|base|office|cent))",
            "at (the )?delivery (depot|facility)",
        ),
    ),
)
_PATTERNS = tuple(
    (re.compile("|".join(patterns), re.IGNORECASE), heard) for heard, patterns in _WORDS
)

# What words may make of a code's coarse status.
_FINER = {
    Status.IN_TRANSIT: frozenset(
        {
            Status.ACCEPTED,
            Status.ARRIVED_AT_DELIVERY_DEPOT,
            Status.OUT_FOR_DELIVERY,
            Status.DELIVERY_ATTEMPTED,
            Status.AVAILABLE_FOR_PICKUP,
            Status.HELD,
            Status.EXCEPTION,
            Status.RETURNING,
            Status.RETURNED,
        }
    ),
    Status.EXCEPTION: frozenset(
        {
            Status.IN_TRANSIT,
            Status.DELIVERY_ATTEMPTED,
            Status.AVAILABLE_FOR_PICKUP,
            Status.HELD,
            Status.RETURNING,
            Status.RETURNED,
            Status.CANCELLED,
        }
    ),
    Status.DELIVERY_ATTEMPTED: frozenset({Status.AVAILABLE_FOR_PICKUP, Status.RETURNING}),
    Status.DELIVERED: frozenset(
        {Status.IN_TRANSIT, Status.AVAILABLE_FOR_PICKUP, Status.RETURNING, Status.RETURNED}
    ),
}
_DENIES = frozenset({Status.OUT_FOR_DELIVERY, Status.DELIVERY_ATTEMPTED})
_LONGEST = 300


def heard_in(words: str | None) -> Heard | None:
    """What English words about a scan say; None where they say nothing that is known."""
    text = (words or "")[:_LONGEST]
    return next((heard for pattern, heard in _PATTERNS if pattern.search(text)), None)


def cross_check(status: Status, words: str | None) -> tuple[Status, Actor | None, str | None]:
    """A code's status after its words were heard, who has to act, and what was contradictory."""
    heard = heard_in(words)
    if heard is None or status is Status.UNKNOWN:
        return status, None, None
    acts = heard.acts if status is not Status.DELIVERED else None
    if heard.status is None and heard.acts and status is Status.EXCEPTION:
        return Status.IN_TRANSIT, heard.acts, None
    if heard.status is None or heard.status is status:
        return status, acts, None
    if heard.status in _FINER.get(status, ()):
        # A problem on a delivery is a matter of the delivery; what is finer brings its own.
        return heard.status, heard.acts, None
    if status is Status.DELIVERED and heard.status in _DENIES:
        return heard.status, heard.acts, _note(status, heard.status, "wording")
    if heard.status is Status.DELIVERED and status is not Status.AVAILABLE_FOR_PICKUP:
        return status, None, _note(status, heard.status, "code")
    return status, None, None


def _note(coded: Status, heard: Status, which: str) -> str:
    return f"The carrier's code says {coded}, its words say {heard}: the {which} counts."
