"""What `yoin lint` refuses: each rule with one line in Japanese and English, and its source.

"Ours" marks a rule, or a number, that no law or standard sets; the reason stands beside it. The
reading of laws is a product's, not legal advice. docs/templates.md shows this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import east_asian_width

SMS_SEGMENTS = 3
"""The most parts of a short message. Ours: each part is billed, and more than three of them arrive
in pieces on some networks (Amazon SNS itself takes 1,600 bytes)."""

_ACTION = {"ja": 16, "en": 30}
# Ours: one line on a phone of 360 CSS px. The card leaves 304 of them, the button's padding 280;
# at 16 px a full-width character takes 16.6 with its spacing, a Latin one 9 on average.
_SUBJECT = {"ja": 45, "en": 78}
# RFC 5322, 2.1.1: a line should have no more than 78 characters. Japanese: ours, since a character
# is twice as wide, and a little more than what a phone shows is still read in the open mail.
_PREHEADER = {"ja": 60, "en": 120}
# Ours: what Gmail and Apple Mail show beside a short subject on a wide screen; more is never seen.


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that is refused. ``source``: the law, the standard, or "Ours" with the reason."""

    code: str
    ja: str
    en: str
    source: str


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A rule that is broken: ``place`` is the file to mend, ``what`` the detail, ``seen`` the
    message, brand, language and channel where it shows."""

    place: str
    code: str
    what: str
    seen: str = ""

    @property
    def rule(self) -> Rule:
        """The rule's line and source."""
        return RULES[self.code]


def _language(locale: str) -> str:
    language = locale.partition("-")[0]
    return language if language in _ACTION else "en"


def width(text: str) -> float:
    """The length of a text in full-width characters: a Latin one is half as wide."""
    return sum(1.0 if east_asian_width(sign) in "WF" else 0.5 for sign in text)


def length(text: str, locale: str) -> float:
    """The length that the limits of a language count: Japanese in full-width characters."""
    return width(text) if _language(locale) == "ja" else float(len(text))


def action_limit(locale: str) -> int:
    """The longest call to action."""
    return _ACTION[_language(locale)]


def subject_limit(locale: str) -> int:
    """The longest subject."""
    return _SUBJECT[_language(locale)]


def preheader_limit(locale: str) -> int:
    """The longest preheader."""
    return _PREHEADER[_language(locale)]


_RULES = (
    Rule(
        code="SENDER_NAME",
        ja="送信者の氏名または名称がない",
        en="The sender's name is not shown",
        source="特定電子メール法 第4条第1号; CAN-SPAM Act, 15 U.S.C. § 7704(a)(1). SMS: ours, so "
        "that a reader knows who writes",
    ),
    Rule(
        code="SENDER_ADDRESS",
        ja="送信者の住所がない",
        en="The sender's postal address is not shown",
        source="特定電子メール法 第4条第3号, 施行規則 第9条第2号; CAN-SPAM Act, 15 U.S.C. "
        "§ 7704(a)(5)(A)(iii)",
    ),
    Rule(
        code="SENDER_CONTACT",
        ja="苦情・問合せの連絡先がない",
        en="No contact for questions and complaints is shown",
        source="特定電子メール法 第4条第3号, 施行規則 第9条第3号",
    ),
    Rule(
        code="COMMERCE_DISCLOSURE",
        ja="日本のブランドに「特定商取引法に基づく表記」へのリンクがない",
        en="A Japanese brand does not link to its legal notice",
        source="特定商取引法 第11条",
    ),
    Rule(
        code="OPT_OUT_MISSING",
        ja="広告を含むのに、配信停止の手段がない",
        en="It holds marketing, and there is no way out of it",
        source="特定電子メール法 第3条第3項, 第4条第2号, 施行規則 第9条第1号; CAN-SPAM Act, 15 "
        "U.S.C. § 7704(a)(3), (a)(5)(A)(ii); headers: RFC 2369, RFC 8058. Advertising beside a "
        "notice about a contract is exempt in Japan (施行規則 第6条); asking it there too is ours, "
        "as PECR regulation 22(3) does",
    ),
    Rule(
        code="OPT_OUT_UNDUE",
        ja="広告を含まないのに、配信停止をうたっている",
        en="It promises a way out where there is nothing to refuse",
        source="Ours: who unsubscribes from an order's news and still gets it was told a lie",
    ),
    Rule(
        code="ONE_ACTION",
        ja="主ボタンが1つではない",
        en="There is not exactly one primary call to action",
        source="Ours: one message, one next step (docs/decisions/0034-purpose-of-every-block.md)",
    ),
    Rule(
        code="ACTION_LENGTH",
        ja="ボタンの文言が長すぎる（全角16字、英字30字まで）",
        en="The call to action is too long (16 full-width characters, 30 Latin)",
        source="Ours: one line in a button at 360 CSS px and 16 px type",
    ),
    Rule(
        code="ACTION_DIFFERS",
        ja="テキスト版とHTML版で主ボタンが違う",
        en="Text and HTML do not have the same call to action",
        source="RFC 2046, 5.1.4: the parts of multipart/alternative say the same",
    ),
    Rule(
        code="TEXT_DIFFERS",
        ja="テキスト版とHTML版の内容が違う",
        en="Text and HTML do not hold the same",
        source="RFC 2046, 5.1.4: the parts of multipart/alternative say the same",
    ),
    Rule(
        code="LINK_NAME",
        ja="リンクに名前がない、または表（shared/messages/linknames.py）にない",
        en="A link has no name, or one that is not in shared/messages/linknames.py",
        source="Ours: clicks, `yoin explain` and support speak of a link by one stable name",
    ),
    Rule(
        code="LINK_ADDRESS",
        ja="リンク先がhttpsでない、または知らないホストである",
        en="A link is not https, or leads to a host that nobody knows",
        source="Ours: phishing looks like that. Known are the hosts of the brand's file, of the "
        "carriers, of Yoin's pages and of the order itself",
    ),
    Rule(
        code="CONTRAST",
        ja="文字と背景のコントラストが足りない（AA）",
        en="Text does not stand out from its ground at level AA",
        source="WCAG 2.2, success criterion 1.4.3, for light and for dark appearance",
    ),
    Rule(
        code="ALT_TEXT",
        ja="画像に代替テキストがない",
        en="An image has no text alternative",
        source="WCAG 2.2, success criterion 1.1.1",
    ),
    Rule(
        code="LOCALE",
        ja="ある言語にしかないテンプレート・語句・文言がある",
        en="A template, a word or a brand's text exists in one language only",
        source="Ours: half a message in another language is no message",
    ),
    Rule(
        code="SUBJECT",
        ja="件名がない、または長すぎる（全角45字、英字78字まで）",
        en="The subject is missing or too long (45 full-width characters, 78 Latin)",
        source="RFC 5322, 2.1.1 (78 characters); Japanese: ours, a character is twice as wide",
    ),
    Rule(
        code="PREHEADER",
        ja="プリヘッダーがない、長すぎる、または件名と同じである（全角60字、英字120字まで）",
        en="The preheader is missing, too long, or the subject again (60 full-width, 120 Latin)",
        source="Ours: without one, mail programs show the first words of the mail; more than this "
        "no mail program shows",
    ),
    Rule(
        code="UNMARKED_MARKETING",
        ja="取引メールの、印のない場所に広告がある",
        en="Marketing in a transactional message that is not marked as such",
        source="特定電子メール法 第2条第2号; CAN-SPAM Act, 15 U.S.C. § 7702(17); ePrivacy "
        "Directive 2002/58/EC, article 13",
    ),
    Rule(
        code="SMS_LENGTH",
        ja=f"SMSが{SMS_SEGMENTS}通分を超える",
        en=f"A short message takes more than {SMS_SEGMENTS} parts",
        source="3GPP TS 23.038, 23.040 (what a part holds); the number is ours: every part is "
        "billed, and long ones arrive in pieces",
    ),
    Rule(
        code="LEFTOVER",
        ja="テンプレートの記号や空の値が残っている",
        en="Template syntax or an empty value is left over",
        source="Ours: no reader should see how a message is made",
    ),
    Rule(
        code="RENDERS",
        ja="サンプルを表示できない",
        en="It cannot be rendered from its sample",
        source="Ours: what fails here fails when a customer waits for it",
    ),
)  # fmt: skip

RULES: Mapping[str, Rule] = {rule.code: rule for rule in _RULES}
"""Every rule by its code, in the order in which they are explained."""
