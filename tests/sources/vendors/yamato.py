"""Posts about ヤマト's parcels, to the shape of shared/contracts/posted_tracking.py."""

from __future__ import annotations

from typing import Any

HEADERS = {"x-yoin-source": "yamato"}

ABSENT: dict[str, Any] = {
    "tracking_number": "1234-5678-9012",
    "service": "宅急便",
    "shipped_on": "2026-12-30",
    "history": [
        {"status": "↓荷物受付", "at": "12月30日 18:50", "office": "青葉営業所"},
        {"status": "↓発送", "at": "12月30日 18:50", "office": "青葉営業所"},
        {"status": "↓作業店通過", "at": "12月31日 04:05", "office": "羽田クロノゲートベース"},
        {"status": "↓配達中", "at": "01月01日 09:12", "office": "渋谷営業所"},
        {"status": "□持戻（ご不在）", "at": "01月01日 14:22", "office": "渋谷営業所"},
    ],
    "status": "持戻（ご不在）",
    "hold_until": "2027-01-07",
}
BOX: dict[str, Any] = {
    "tracking_number": 123456789013,
    "service": "EAZY",
    "shipped_on": "2026-11-20",
    "history": [
        {"status": "配達担当店保管中", "date": "11/21", "time": "02:24", "office": "渋谷センター"},
        {"status": "配達完了（宅配ボックス）", "date": "11/21", "time": "13:10"},
    ],
}
CASH: dict[str, Any] = {
    "tracking_number": "123456789014",
    "order_id": "1042",
    "shipment_id": "1042-1",
    "service": "宅急便コレクト",
    "history": [
        {"status": "発送", "at": "2026-11-20T18:50:00+09:00"},
        {"status": "配達完了", "at": "2026-11-21T14:22:00+09:00", "office": "渋谷営業所"},
    ],
    "estimated_delivery": "2026-11-21",
}
EXPORT: dict[str, Any] = {
    "tracking_number": "123456789015",
    "service": "国際宅急便",
    "history": [
        {"status": "海外発送", "at": "2026-11-20T18:50:00+09:00"},
        {"status": "配達完了", "at": "2026-11-21T14:22:00+09:00"},
    ],
}
COUNTER: dict[str, Any] = {
    "tracking_number": "123456789016",
    "history": [
        {"status": "依頼受付（店頭受取）", "at": "2026-11-21T08:00:00+09:00"},
        {
            "status": "ご来店予定（保管中）",
            "at": "2026-11-21T14:22:00+09:00",
            "office": "渋谷営業所",
        },
    ],
}
UNKNOWN_NUMBER: dict[str, Any] = {
    "tracking_number": "123456789017",
    "status": "伝票番号未登録",
}

SAMPLES: dict[str, Any] = {
    "absent_over_new_year": {"headers": HEADERS, "body": ABSENT},
    "parcel_box": {"headers": HEADERS, "body": BOX},
    "cash_on_delivery": {"headers": HEADERS, "body": CASH},
    "export": {"headers": HEADERS, "body": EXPORT},
    "counter": {"headers": HEADERS, "body": COUNTER},
    "no_data": {"headers": HEADERS, "body": UNKNOWN_NUMBER},
    "batch": {"headers": HEADERS, "body": {"trackings": [ABSENT, BOX]}},
}
PUBLISHED: dict[str, list[str] | tuple[str, str]] = {}
PUBLISHED_TOPICS: dict[str, str] = {}
