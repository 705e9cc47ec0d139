"""Posts about 佐川's parcels, to the shape of shared/contracts/posted_tracking.py."""

from __future__ import annotations

from typing import Any

HEADERS = {"x-yoin-source": "sagawa"}

KEPT: dict[str, Any] = {
    "tracking_number": "3545-1133-1200",
    "service": "飛脚宅配便",
    "shipped_on": "2026-11-20",
    "history": [
        {"status": "↓集荷", "at": "11/20 17:00", "office": "青葉営業所"},
        {"status": "↓輸送中", "at": "11/20 21:30", "office": "関東中継センター"},
        {"status": "↓配達中", "at": "11/21 08:00", "office": "渋谷営業所"},
        {"status": "↓ご不在", "at": "11/21 14:22", "office": "渋谷営業所"},
        {"status": "⇒保管中", "at": "11/21 20:10", "office": "渋谷営業所"},
    ],
}
REQUESTED: dict[str, Any] = {
    "tracking_number": "354511331201",
    "history": [
        {"status": "↓輸送中", "at": "2026/11/20 21:30", "office": "関東中継センター"},
        {"status": "⇒保管中", "at": "2026/11/21 06:10", "office": "渋谷営業所"},
    ],
}
COUNTER: dict[str, Any] = {**REQUESTED, "tracking_number": "354511331202", "service": "営業所受取"}
DONE: dict[str, Any] = {
    "tracking_number": "354511331203",
    "status": "⇒配達完了",
    "at": "2026年11月21日 17時00分",
    "office": "渋谷営業所",
}

SAMPLES: dict[str, Any] = {
    "kept_after_absence": {"headers": HEADERS, "body": KEPT},
    "kept_for_a_date": {"headers": HEADERS, "body": REQUESTED},
    "kept_at_the_counter": {"headers": HEADERS, "body": COUNTER},
    "one_event": {"headers": HEADERS, "body": DONE},
    "list": {"headers": HEADERS, "body": [KEPT, DONE]},
}
PUBLISHED: dict[str, list[str] | tuple[str, str]] = {}
PUBLISHED_TOPICS: dict[str, str] = {}
