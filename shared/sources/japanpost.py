"""日本郵便: what a merchant's own job reads of a parcel and posts here.

Documentation: https://www.post.japanpost.jp/service/tracking/index.html (the service; no complete
list of words was found). The words by service: shared/contracts/carriers/japanpost.toml. What to
post: shared/contracts/posted_tracking.py. How to sign it: shared/sources/carrier.py.

Japan Post calls no webhook of a merchant's. ゆうプリR makes slips; the API that it opened in 2025
(郵便番号・デジタルアドレス API) is about addresses, not parcels. A parcel's state is on the page
郵便追跡サービス, or at a middleman's.

- Events: one, "tracking", ours: the rows of a parcel.
- Signature: ours, of whoever posts.
- Retry: the job's own.
- Order: by the times of the rows.
- Duplicates: a scan is its number, status and time: what is posted again is the same facts.

Readings that are ours
- 局留: お届け先にお届け済み is the delivery to the post office that was named, then 保管 waits for
  the recipient, 窓口でお渡し is possession. Post the service (局留), or all rows: of the first row
  alone nobody can tell.
- コンビニエンスストアに引渡 is at the shop, not with the customer.
- 保管 means what the row before it says; the column 詳細 is posted as `detail`.
- Of what leaves Japan (EMS) the country of destination tells the delivery: it is one. Its times
  are local there; without offset they are read as Japan's (not confirmed), hours off.
- A row with a date only is at midnight, but not before the row above it.
- 代金引換: delivered means paid.
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

NAME = "japanpost"


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
    title="日本郵便",
    docs_url="https://www.post.japanpost.jp/service/tracking/index.html",
    kind=Kind.CARRIER,
    topics=TOPICS,
    ignored=IGNORED,
    notes=(
        "Japan Post calls no webhook: a job of the merchant's posts what the tracking page says.",
        "Repetition: the same row is the same fact; post all rows of a parcel every time.",
        "Times without offset are Japan's; rows without a year get it from shipped_on.",
        "お問い合わせ番号が見つかりません is no data: no fact comes of it.",
    ),
    recognises=lambda headers: headers.get("x-yoin-source") == NAME,
    topic_of=topic_of,
    normalize=normalize,
    signature=SIGNATURE,
    split=split,
    event_id=event_id,
)
