"""佐川急便: what a merchant's own job reads of a parcel and posts here.

Documentation: https://www.sagawa-exp.co.jp/send/howto-search.html (how to ask; no complete list
of words was found). The words by service: shared/contracts/carriers/sagawa.toml. What to post:
shared/contracts/posted_tracking.py. How to sign it: shared/sources/carrier.py.

Sagawa calls no webhook of a merchant's. e飛伝 makes slips and exports their numbers; the state of
a parcel is on the page お荷物問い合わせサービス for 60 days, or at a middleman's (not confirmed: an
API for contract customers).

- Events: one, "tracking", ours: the rows of a parcel.
- Signature: ours, of whoever posts.
- Retry: the job's own.
- Order: by the times of the rows.
- Duplicates: a scan is its number, status and time: what is posted again is the same facts.

Readings that are ours
- The arrows are no part of a word: ↓ is a step that is finished, ⇒ the present one. A row's time
  is when the parcel arrived at its office, not when it left.
- 保管中 has three meanings; the row before decides: absence, an address, else a requested date;
  after 配達中 nobody says which. With the service 営業所受取 it waits for the recipient.
- The page's sentences (ただいま配達営業所へ輸送中です) are read like its words.
- A parcel that went back may show 調査中 and no rows: an exception, and no more is known.
- 持戻り alone does not say whether anybody was absent: an attempt, no failure.
- 飛脚国際宅配便: 配達完了 is read as with Yamato, no more than a hand-over in Japan.
- e-コレクト: delivered means paid.
"""

from __future__ import annotations

from shared.contracts.posted_tracking import (
    IGNORED,
    SIGNATURE,
    TOPICS,
    event_id,
    read_posted,
    split,
    topic_of,
)
from shared.domain.events import Fact
from shared.sources import Delivery, Kind, Source, make_facts

NAME = "sagawa"


# --- normalizing -------------------------------------------------------------


def normalize(delivery: Delivery) -> tuple[Fact, ...]:
    """One ShipmentUpdated for each row, and what else is told. Raises Rejected."""
    posted = read_posted(delivery.body, carrier=NAME, received_at=delivery.time)
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
    title="佐川急便",
    docs_url="https://www.sagawa-exp.co.jp/send/howto-search.html",
    kind=Kind.CARRIER,
    topics=TOPICS,
    ignored=IGNORED,
    notes=(
        "Sagawa calls no webhook: a job of the merchant's posts what the tracking page says.",
        "Repetition: the same row is the same fact; post all rows of a parcel every time.",
        "Times without offset are Japan's; rows without a year get it from shipped_on.",
        "該当なし is no data: no fact comes of it.",
    ),
    recognises=lambda headers: headers.get("x-yoin-source") == NAME,
    topic_of=topic_of,
    normalize=normalize,
    signature=SIGNATURE,
    split=split,
    event_id=event_id,
)
