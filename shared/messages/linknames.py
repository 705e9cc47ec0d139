"""What each link of a message is called: one table, for clicks, for `yoin explain`, for the linter.

Every ``<a>`` of an email carries its name as the attribute ``name`` (the one that MJML's button
takes as well). No address is rewritten and nobody is followed: the name says which link it is, and
whoever counts clicks (a shop's own pages, SES where it is switched on) can say so in these words.
``yoin lint`` refuses a link without a name and a name that is not here.
"""

from __future__ import annotations

from collections.abc import Mapping

LINKS: Mapping[str, tuple[str, str]] = {
    "action": ("メッセージのボタン", "the button of the message"),
    "track": ("配送状況", "the parcel at its carrier"),
    "product_review": ("お品物の感想", "the review of one product"),
    "snooze": ("お知らせを先に延ばす", "remind me later"),
    "product": ("お品物のページ", "a product's page"),
    "support": ("お問い合わせ", "the shop's help"),
    "contact": ("お問い合わせ先のメール", "an email to the shop"),
    "unsubscribe": ("配信を停止する", "unsubscribe"),
    "unsubscribe_mail": ("メールでの停止", "unsubscribe by email"),
    "preferences": ("配信設定", "the preference page"),
    "shop": ("オンラインショップ", "the shop"),
    "privacy": ("プライバシーポリシー", "the privacy policy"),
    "commerce_disclosure": ("特定商取引法に基づく表記", "the seller's legal notice (Japan)"),
}
"""Each name, and what it is in Japanese and in English."""

OFFERS = frozenset({"product"})
"""Links that sell. In a transactional message they stand within a marketing block."""
