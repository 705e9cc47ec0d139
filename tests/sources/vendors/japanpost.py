"""Posts about 日本郵便's parcels, to the shape of shared/contracts/posted_tracking.py."""

from __future__ import annotations

from typing import Any

HEADERS = {"x-yoin-source": "japanpost"}

POSTE_RESTANTE: dict[str, Any] = {
    "tracking_number": "4055-4842-4800",
    "service": "ゆうパック",
    "history": [
        {"status": "引受", "at": "2026/11/20 20:14", "office": "青葉郵便局"},
        {"status": "到着", "at": "2026/11/21 06:00", "office": "渋谷郵便局"},
        {"status": "お届け先にお届け済み", "at": "2026/11/21 09:30", "office": "渋谷郵便局"},
        {"status": "保管", "at": "2026/11/21 09:31", "office": "渋谷郵便局"},
    ],
}
COLLECTED: dict[str, Any] = {
    **POSTE_RESTANTE,
    "tracking_number": "405548424801",
    "history": [
        *POSTE_RESTANTE["history"],
        {"status": "窓口でお渡し", "at": "2026/11/22 10:00", "office": "渋谷郵便局"},
    ],
}
RETURNED: dict[str, Any] = {
    "tracking_number": "405548424802",
    "history": [
        {"status": "引受", "at": "2026/11/20 13:57", "office": "青葉郵便局"},
        {"status": "保管", "at": "2026/11/23", "detail": "あて所が不明のため"},
        {"status": "差出人に返送", "at": "2026/11/24", "detail": "あて所が不明のため"},
        {"status": "お届け先にお届け済み", "at": "2026/11/26 11:00", "office": "青葉郵便局"},
    ],
}
MAILBOX: dict[str, Any] = {
    "tracking_number": "405548424803",
    "service": "ゆうパケット",
    "status": "お届け先にお届け済み",
    "at": "2026/11/22 14:21",
    "office": "晴海郵便局",
}
ENGLISH: dict[str, Any] = {
    "tracking_number": "EN123456789JP",
    "service": "EMS",
    "history": [
        {"status": "Posting/Collection", "at": "11/20/2026 16:33"},
        {"status": "Dispatch from outward office of exchange", "at": "11/21/2026 10:00"},
        {"status": "Final delivery", "at": "2026-11-25T12:00:00-05:00", "office": "UNITED STATES"},
    ],
}

SAMPLES: dict[str, Any] = {
    "poste_restante": {"headers": HEADERS, "body": POSTE_RESTANTE},
    "collected": {"headers": HEADERS, "body": COLLECTED},
    "returned": {"headers": HEADERS, "body": RETURNED},
    "mailbox": {"headers": HEADERS, "body": MAILBOX},
    "english": {"headers": HEADERS, "body": ENGLISH},
}
PUBLISHED: dict[str, list[str] | tuple[str, str]] = {}
PUBLISHED_TOPICS: dict[str, str] = {}
