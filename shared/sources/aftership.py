"""AfterShip: tracking of more than a thousand carriers, and returns.

Documentation: www.aftership.com/docs/tracking/webhook (Tracking), .../docs/returns/webhook.

- Events of Tracking: ``tracking_update``, ``edd_revise``, ``tracking_pending_time``, each
  ``{event, event_id, is_tracking_first_tag, msg, ts}`` with the whole tracking in ``msg``. What
  happened is read from the tracking's ``tag`` and ``subtag``, never from the event's name. The
  tracking alone (as the API gives it, also below ``data.tracking`` or ``trackings``, or with its
  last ``checkpoint`` only) is read too.
- Events of Returns: ``{id, event: "return.…", created_at, data}``; ``data`` is the return, with
  ``approval_status`` (``status`` until 2024-07, when there was ``return.updated`` for every
  change). Events of Shipping have their name in ``event_type``.
- Signature: base64 HMAC-SHA256 of the raw body. Tracking: ``aftership-hmac-sha256``; Returns and
  Warranty: ``as-signature-hmac-sha256``; Shipping: ``am-webhook-signature: hmac-sha256=…``.
- Retry: 14 times, 2^n x 30 s apart, about 68 hours.
- Order: not promised; the checkpoints' own times decide.
- Duplicates: ``event_id`` is the same in every retry; ``ts`` is inside the body, so a replay is
  told by ``event_id`` alone. Every event repeats all checkpoints: each is the same fact again.

Readings that are ours
- Tags and subtags are open lists: an unknown subtag counts as its tag, an unknown tag is UNKNOWN.
- Delays and weather are filed under Exception there; here they are on their way, the carrier's
  turn (the house reading, shared/contracts/tracking.py).
- ``checkpoint_time`` comes with an offset, without one, or as a date alone. "Without" is the
  place's own time, which no field names: that of a Japanese carrier is Asia/Tokyo, any other is
  read as UTC, and a note says so. (``shipment_delivery_date`` is UTC in the published sample; it
  is not read, the checkpoint tells the delivery.)
- ``order_id`` and ``order_number`` are free text of whoever created the tracking: the shipment is
  found by its number.
- A return needs ``data.order.external_id``, the shop's own id. Without it the return cannot be
  joined to an order. Its goods are told where each has its line in the shop's order.
- The events of the dashboard's "send test webhook" carry no mark of a test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.reading import Node
from shared.contracts.signatures import BodyHmac, Either
from shared.contracts.tracking import (
    BARE_TIMES,
    Checkpoint,
    carrier_token,
    has_offset,
    history,
    joined,
    left_at,
    local_zone,
    required_number,
    scan_time,
)
from shared.domain.events import (
    Data,
    Fact,
    ReturnClosed,
    ReturnOpened,
    ReturnReceived,
    ReturnStatus,
)
from shared.domain.shipments import Actor, ShippedLine, Status
from shared.sources import Delivery, Kind, Source, make_fact, make_facts, split_list

NAME = "aftership"

TAGS = {
    "pending": Status.PENDING,
    "inforeceived": Status.LABEL_CREATED,
    "intransit": Status.IN_TRANSIT,
    "outfordelivery": Status.OUT_FOR_DELIVERY,
    "attemptfail": Status.DELIVERY_ATTEMPTED,
    "delivered": Status.DELIVERED,
    "availableforpickup": Status.AVAILABLE_FOR_PICKUP,
    "exception": Status.EXCEPTION,
    "expired": Status.EXPIRED,
}

# Where a subtag says more than its tag: the status, and who has to act.
SUBTAGS: dict[str, tuple[Status, Actor | None]] = {
    "intransit_002": (Status.ACCEPTED, None),
    # Customs, arrival, departure, a solved problem, a new address: on its way.
    "outfordelivery_004": (Status.HELD, None),  # an appointment is made
    "exception_002": (Status.EXCEPTION, Actor.SHOP),  # the customer moved
    "exception_003": (Status.EXCEPTION, Actor.SHOP),  # refused
    "exception_004": (Status.EXCEPTION, Actor.CARRIER),  # delayed at customs
    "exception_005": (Status.IN_TRANSIT, Actor.CARRIER),  # delayed from outside
    "exception_006": (Status.EXCEPTION, Actor.RECIPIENT),  # held for payment
    "exception_007": (Status.EXCEPTION, Actor.SHOP),  # wrong address
    "exception_008": (Status.EXCEPTION, Actor.RECIPIENT),  # not collected
    "exception_009": (Status.EXCEPTION, Actor.SHOP),  # rejected by the carrier
    "exception_010": (Status.RETURNING, None),
    "exception_011": (Status.RETURNED, None),
    "exception_012": (Status.EXCEPTION, Actor.SHOP),  # damaged
    "exception_013": (Status.EXCEPTION, Actor.SHOP),  # lost
    "exception_016": (Status.IN_TRANSIT, Actor.CARRIER),  # delayed inside the network
    "exception_017": (Status.IN_TRANSIT, Actor.CARRIER),  # weather
    "exception_018": (Status.EXCEPTION, Actor.SHOP),  # papers missing
    "exception_019": (Status.IN_TRANSIT, Actor.CARRIER),  # a flight is late
    "exception_020": (Status.CANCELLED, None),  # by the sender or the carrier
    "exception_021": (Status.EXCEPTION, Actor.SHOP),  # disposed of
}
# The names of the versions of Returns, the newer first.
_LINE = ("external_order_item_id", "external_id")
_QUANTITY = ("intended_return_quantity", "return_quantity")
_TO_NEIGHBOUR = "delivered_005"
_PLACE = ("city", "state", "country_name", "country_region_name")

RETURNS: dict[str, ReturnStatus | None] = {
    "return.submitted": None,
    "return.created": None,
    "return.approved": None,
    "return.rejected": ReturnStatus.DECLINED,
    "return.expired": ReturnStatus.CANCELLED,
    "return.resolved": ReturnStatus.CLOSED,
}
RETURN_UPDATED = "return.updated"
_STEPS = {"done": "resolved"}

# The status of a return itself; what is on its way or received is still open here.
RETURN_STATUSES: dict[str, ReturnStatus | None] = {
    "submitted": None,
    "approved": None,
    "shipped": None,
    "received": ReturnStatus.RECEIVED,
    "rejected": ReturnStatus.DECLINED,
    "expired": ReturnStatus.CANCELLED,
    "done": ReturnStatus.CLOSED,
}

SIGNATURE = Either(
    schemes=(
        BodyHmac(header="aftership-hmac-sha256"),
        BodyHmac(header="as-signature-hmac-sha256"),
        BodyHmac(header="am-webhook-signature", prefix="hmac-sha256="),
    )
)


# --- events and topics -------------------------------------------------------


def recognises(headers: Mapping[str, str]) -> bool:
    """Whether a signature of one of AfterShip's products is there."""
    return any(name in headers for name in SIGNATURE.keeps)


def topic_of(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The event; a tracking under any other name, or under none, is an update."""
    event = body.get("event") or body.get("event_type")
    if isinstance(event, str) and event in SOURCE.topics:
        return event
    if _tracking(body) is not None:
        return "tracking_update"
    if not event and "rma_number" in _bare_return(body):
        return RETURN_UPDATED
    return event if isinstance(event, str) else None


def split(body: Any) -> tuple[Mapping[str, Any], ...]:
    """A list that the API gives, each tracking for itself. Raises Rejected("MALFORMED")."""
    if isinstance(body, Mapping):
        inside = body.get("data") if isinstance(body.get("data"), Mapping) else body
        if isinstance(inside, Mapping) and isinstance(inside.get("trackings"), list):
            return split_list(inside["trackings"])
    return split_list(body)


def event_id(_headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """``event_id``; of Returns ``id``. A tracking alone has none."""
    found = body.get("event_id") or (body.get("id") if "event" in body else None)
    return found if isinstance(found, str) else None


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """The facts in a delivery. Raises Rejected."""
    if delivery.topic in RETURNS or delivery.topic == RETURN_UPDATED:
        return _return(delivery)
    found = _tracking(delivery.body)
    if found is None:
        raise Node(delivery.body).missing("msg.tracking_number")
    return _scans(delivery, Node(found, "msg" if "msg" in delivery.body else ""))


def _tracking(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The tracking in a webhook, in an answer of the API, or as it is."""
    found = _inside(body, "msg", "tracking", "data.tracking", "data")
    return next((one for one in (*found, body) if "tracking_number" in one), None)


def _bare_return(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The return in an event or in an answer of the API, or the body as it is."""
    return next(_inside(body, "data.return", "return", "data"), body)


def _inside(body: Mapping[str, Any], *paths: str) -> Iterator[Mapping[str, Any]]:
    """The objects at the paths that lead to one."""
    for path in paths:
        found: Any = body
        for key in path.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(found, Mapping):
            yield found


def _scans(delivery: Delivery, tracking: Node) -> tuple[Fact, ...]:
    number = required_number(tracking, "tracking_number")
    carrier = carrier_token(tracking.text("slug"))
    zone = local_zone(carrier)
    last = tracking.node("checkpoint")
    checkpoints = tracking.nodes("checkpoints") or ((last,) if last else ())
    pickup = tracking.text("pickup_location")
    bare = zone is None and not all(has_offset(c, "checkpoint_time") for c in checkpoints)
    sent_at = tracking.instant("updated_at", "UTC") or Node(delivery.body).epoch("ts")
    found = history(
        number,
        carrier,
        [_checkpoint(one, zone or "UTC", pickup) for one in checkpoints],
        _meaning(tracking, None, None, pickup) if _words(tracking)[0] else None,
        otherwise=sent_at or delivery.time,
        notes=(BARE_TIMES,) if bare else (),
    )
    if not found:
        raise tracking.missing("checkpoints", "tag", "updated_at")
    return make_facts(delivery, found, dedupe_id=event_id(delivery.headers, delivery.body))


def _words(node: Node) -> tuple[str | None, str | None]:
    """Tag and subtag; the tag stands before the number in the subtag as well."""
    subtag = node.text("subtag")
    tag = node.text("tag") or (subtag.partition("_")[0] if subtag else None)
    return tag, subtag


def _checkpoint(node: Node, zone: str, pickup: str | None) -> Checkpoint:
    at = scan_time(node, "checkpoint_time", zone)
    return _meaning(node, at, node.text("message"), pickup)


def _meaning(
    node: Node, at: datetime | None, message: str | None, pickup: str | None
) -> Checkpoint:
    tag, subtag = _words(node)
    lower = (subtag or "").lower()
    status, acts = SUBTAGS.get(lower, (TAGS.get((tag or "").lower(), Status.UNKNOWN), None))
    said = message or node.text("subtag_message")
    place = message if lower == _TO_NEIGHBOUR else left_at(status, message)
    if status is Status.AVAILABLE_FOR_PICKUP:
        place = pickup
    return Checkpoint(
        at,
        status,
        (tag or said) if status is Status.UNKNOWN else (said or tag),
        location=node.text("location") or joined(node, *_PLACE),
        place=place,
        acts=acts,
    )


def _return(delivery: Delivery) -> tuple[Fact, ...]:
    body = Node(delivery.body)
    data = Node(_bare_return(delivery.body), "data" if "data" in delivery.body else "")
    return_id = data.text("id")
    if return_id is None:
        raise data.missing("id")
    order = data.node("order")
    order_id = order.text("external_id") if order else None
    if order_id is None:
        raise data.missing("order.external_id")
    status = (data.text("approval_status") or data.text("status") or "").lower()
    # A return alone has a time for each of its statuses, an event has its own.
    alone = () if body.has("event") else (f"{_STEPS.get(status, status)}_at", "updated_at")
    times = (*((data, key) for key in alone), (body, "created_at"), (data, "created_at"))
    at = next((found for node, key in times if (found := node.instant(key))), delivery.time)
    if at is None:
        raise body.missing("created_at")
    if delivery.topic in RETURNS:
        outcome = RETURNS[delivery.topic]
    elif status in RETURN_STATUSES:
        outcome = RETURN_STATUSES[status]
    else:
        raise data.impossible("status", "a known status of a return")
    lines = _returned(data)
    said: Data = ReturnOpened(order_id=order_id, return_id=return_id, lines=lines)
    if outcome is ReturnStatus.RECEIVED:
        said = ReturnReceived(order_id=order_id, return_id=return_id, lines=lines)
    elif outcome is not None:
        said = ReturnClosed(order_id=order_id, return_id=return_id, outcome=outcome)
    fact = make_fact(
        delivery,
        said,
        at,
        brand=delivery.brands.find(),
        dedupe_id=event_id(delivery.headers, delivery.body),
    )
    return (fact,)


def _returned(data: Node) -> tuple[ShippedLine, ...]:
    """The goods in a return; none where one of them does not name its line in the shop's order."""
    found = []
    for goods in data.nodes("return_items"):
        item = goods.node("item") or goods
        line_id = next((text for key in _LINE if (text := item.text(key))), None)
        counts = (one.quantity(key) for one in (goods, item) for key in _QUANTITY)
        count = next((number for number in counts if number), None)
        if line_id is None or count is None:
            return ()
        found.append(ShippedLine(line_id=line_id, quantity=count, sku=item.text("sku")))
    return tuple(found)


# --- declaration -------------------------------------------------------------

_SCANS = "ShipmentUpdated, one for each checkpoint"
_OPENED = "ReturnOpened, where the order is named"
_CLOSED = "ReturnClosed, where the order is named"

SOURCE = Source(
    name=NAME,
    title="AfterShip",
    docs_url="https://www.aftership.com/docs/tracking/webhook/webhook-overview",
    kind=Kind.AGGREGATOR,
    topics={
        "tracking_update": _SCANS,
        "edd_revise": f"{_SCANS}; a date of delivery needs an order, which is not named",
        "tracking_pending_time": _SCANS,
        "return.submitted": _OPENED,
        "return.created": _OPENED,
        "return.approved": _OPENED,
        "return.rejected": _CLOSED,
        "return.expired": _CLOSED,
        "return.resolved": _CLOSED,
        RETURN_UPDATED: "ReturnOpened, ReturnReceived or ReturnClosed, by the return's status",
    },
    ignored={
        "return.*": "the way of a return's parcel, of money or of stock; the shop tells what came",
        "*": "no parcel and no return is told by it",
    },
    notes=(
        "Repetition: up to 14 retries in about 68 hours; event_id is the same in all of them.",
        "Order of arrival is not guaranteed; checkpoint_time decides.",
        "Every event repeats the whole history: equal checkpoints are equal facts.",
        "Times: with an offset, or the place's own; a bare one is JST (Japanese carriers) or UTC.",
    ),
    recognises=recognises,
    topic_of=topic_of,
    normalize=normalize,
    signature=SIGNATURE,
    split=split,
    event_id=event_id,
    retries_for=timedelta(hours=72),
)
