"""Any carrier: what a merchant's own job, or somebody in between, posts about parcels.

Documentation: shared/contracts/posted_tracking.py has the JSON shape, with every field. This is
Yoin's own contract; the sources yamato, sagawa and japanpost take the same.

- Events: one, "tracking": the rows of a parcel.
- Signature: ``x-yoin-signature: sha256=<hex HMAC-SHA256 of the raw body, with the secret as the
  key>``. A job that cannot sign is given a URL whose last segment is the secret.
- Retry: the sender's own.
- Order: by the times of the rows.
- Duplicates: a scan is its number, status and time, so a repeated post is the same facts (the
  signature carries no time); ``event_id`` is kept where the sender gives one.

How to sign: the bytes that are signed are those that are sent::

    body='{"tracking_number": "123456789012", "carrier": "yamato", "status": "配達中"}'
    hex=$(printf %s "$body" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/^.* //')
    curl -H "x-yoin-signature: sha256=$hex" -H 'content-type: application/json' \\
         --data-binary "$body" "$URL"

Readings that are ours
- All of them, see posted_tracking.py; times without offset need ``zone``.
- ``carrier`` yamato, sagawa or japanpost (also ヤマト運輸, Japan Post ...) is read with the words
  of that carrier. For any other, ``status`` is a canonical status (DELIVERED, out_for_delivery) or
  one of the plain English and Japanese words in shared/contracts/carriers/generic.toml; whatever
  else it is becomes UNKNOWN, with the word kept.
"""

from __future__ import annotations

from shared.contracts.posted_tracking import (
    IGNORED,
    SIGNATURE,
    SIGNATURE_HEADER,
    TOPICS,
    event_id,
    read_posted,
    split,
    topic_of,
)
from shared.domain.events import Fact
from shared.sources import Delivery, Kind, Source, make_facts

NAME = "carrier"


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """One ShipmentUpdated for each row, and what else is told. Raises Rejected."""
    posted = read_posted(delivery.body, received_at=delivery.time)
    return make_facts(
        delivery,
        posted.statements,
        dedupe_id=posted.event_id,
        test=posted.test,
        historical=posted.historical,
    )


# --- declaration -------------------------------------------------------------

SOURCE = Source(
    name=NAME,
    title="Any carrier, posted by a job of your own",
    docs_url="https://www.rfc-editor.org/rfc/rfc2104",
    kind=Kind.CARRIER,
    topics=TOPICS,
    ignored=IGNORED,
    notes=(
        "The sender signs with HMAC-SHA256, or knows an unguessable URL.",
        "Repetition: the same row is the same fact; post all rows of a parcel every time.",
        "Times need an offset or a zone; Japan's carriers are read in Asia/Tokyo.",
    ),
    recognises=lambda headers: (
        SIGNATURE_HEADER in headers and headers.get("x-yoin-source", NAME) == NAME
    ),
    topic_of=topic_of,
    normalize=normalize,
    signature=SIGNATURE,
    split=split,
    event_id=event_id,
)
