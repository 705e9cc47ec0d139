"""ヤマト運輸: what a merchant's own job reads of a parcel and posts here.

Documentation: https://www.kuronekoyamato.co.jp/ytc/scn/about-tracking.html (the words, Japanese
and English). The words by service: shared/contracts/carriers/yamato.toml. What to post:
shared/contracts/posted_tracking.py. How to sign it: shared/sources/carrier.py.

Yamato calls no webhook of a merchant's. Contract customers have the API of the slip system
B2クラウド, which tells tracking numbers; the state of a parcel is on the page 荷物お問い合わせ,
ten numbers at a time, or at a middleman's (not confirmed: an API for it).

- Events: one, "tracking", ours: the rows of a parcel.
- Signature: ours, of whoever posts.
- Retry: the job's own.
- Order: by the times of the rows.
- Duplicates: a scan is its number, status and time: what is posted again is the same facts.

Readings that are ours
- Rows have no year ("11月21日 14:22"): it is told by the day of shipping, across New Year.
- 配達完了 of an export (国際宅急便, or 海外発送 in the rows) is the hand-over to a forwarder in
  Japan: IN_TRANSIT. Of a parcel that came from abroad (海外荷物受付) it is a delivery.
- 依頼受付（店頭受取） is AVAILABLE_FOR_PICKUP with nothing to do yet: it is still on its way there.
- 宅急便コレクト: delivered means paid.
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

NAME = "yamato"


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
    title="ヤマト運輸",
    docs_url="https://www.kuronekoyamato.co.jp/ytc/scn/about-tracking.html",
    kind=Kind.CARRIER,
    topics=TOPICS,
    ignored=IGNORED,
    notes=(
        "Yamato calls no webhook: a job of the merchant's posts what the tracking page says.",
        "Repetition: the same row is the same fact; post all rows of a parcel every time.",
        "Times without offset are Japan's; rows without a year get it from shipped_on.",
        "伝票番号未登録 and 伝票番号誤り are no data: no fact comes of them.",
    ),
    recognises=lambda headers: headers.get("x-yoin-source") == NAME,
    topic_of=topic_of,
    normalize=normalize,
    signature=SIGNATURE,
    split=split,
    event_id=event_id,
)
