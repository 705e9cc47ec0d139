"""Messages that are wrong on purpose: small edits of the real files, each with the rule it breaks.

A file is a template by its name in the loader ("order_confirmation/templates/…", or a partial), a
sample, "words/<language>.toml", "brand" for the brand's file, or "letter:<field>" for what was
rendered. ``new`` None takes the file away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CONFIRMED = "order_confirmation/confirmed"
REVIEW = "review_request/request"
REFILL = "replenishment_reminder/due"
LATE = "delay_alert/transit_delayed"

_CONFIRMED = "order_confirmation/templates/"
CARDS = _CONFIRMED + "confirmed.mjml.j2"
JA, EN = _CONFIRMED + "ja/confirmed.txt.j2", _CONFIRMED + "en/confirmed.txt.j2"
JA_SMS, EN_SMS = _CONFIRMED + "ja/confirmed.sms.j2", _CONFIRMED + "en/confirmed.sms.j2"
SAMPLE = _CONFIRMED + "confirmed.sample.json"
FOOTER, LAYOUT, PLAIN = "footer.mjml.j2", "layout.mjml.j2", "layout.txt.j2"
PARTS, PLAIN_PARTS, STYLE = "cards.mjml.j2", "cards.txt.j2", "style.css.j2"

DETAILS = "{% block details %}\n"
LEAD = "{% set lead %}\n"
CLOSING = "{% set action %}"
UNSUBSCRIBE = '{{ link("unsubscribe", links.unsubscribe, words.unsubscribe) }}'
MARK, END = "{% marketing %}", "{% endmarketing %}"
REFILL_SMS = "replenishment_reminder/templates/ja/due.sms.j2"

Edit = tuple[str, str, str | None]


@dataclass(frozen=True)
class Case:
    """``edits``: (file, old text, new text). Only ``message`` is linted, for the brand aoba."""

    code: str
    name: str
    edits: Sequence[Edit]
    message: str = CONFIRMED


def section(inside: str) -> str:
    return f"<mj-section><mj-column><mj-text>{inside}</mj-text></mj-column></mj-section>"


CASES = (
    Case(
        "SENDER_NAME",
        "company left out of the HTML",
        [(FOOTER, "{{ legal.company }} ({{ legal.responsible }})", "{{ legal.responsible }}")],
    ),
    Case(
        "SENDER_NAME",
        "company left out of the text",
        [(PLAIN, "{{ legal.company }} ({{ legal.responsible }})", "{{ legal.responsible }}")],
    ),
    Case("SENDER_NAME", "short message of nobody", [(JA_SMS, "【{{ brand.name }}】", "")]),
    Case(
        "SENDER_NAME", "short message of nobody, in English", [(EN_SMS, "{{ brand.name }}: o", "O")]
    ),
    Case("SENDER_ADDRESS", "left out of the HTML", [(FOOTER, "{{ legal.address }}", "")]),
    Case("SENDER_ADDRESS", "left out of the text", [(PLAIN, "{{ legal.address }}", "")]),
    Case(
        "SENDER_ADDRESS",
        "blank in the brand's file",
        [
            ("brand", "〒611-0000 京都府宇治市緑ヶ原一丁目2番3号", " "),
            ("brand", "1-2-3 Midorigahara, Uji, Kyoto 611-0000, Japan", " "),
        ],
    ),
    Case(
        "SENDER_ADDRESS",
        "cut off after the town",
        [(FOOTER, "{{ legal.address }}", "{{ legal.address[:12] }}")],
    ),
    Case(
        "SENDER_CONTACT",
        "left out of the HTML",
        [(FOOTER, '{{ link("contact", "mailto:" ~ legal.contact, legal.contact) }}', "")],
    ),
    Case("SENDER_CONTACT", "left out of the text", [(PLAIN, "{{ legal.contact }}", "")]),
    Case(
        "SENDER_CONTACT",
        "hidden",
        [
            (
                FOOTER,
                '{{ link("contact", "mailto:" ~ legal.contact, legal.contact) }}',
                '<span style="display:none">{{ legal.contact }}</span>',
            )
        ],
    ),
    Case(
        "COMMERCE_DISCLOSURE",
        "not set in the brand's file",
        [("brand", 'commerce_disclosure = "https://aoba-chaho.example/pages/tokushoho"\n', "")],
    ),
    Case(
        "COMMERCE_DISCLOSURE",
        "left out of the HTML",
        [(FOOTER, "{% if links.commerce_disclosure %}", "{% if false %}")],
    ),
    Case(
        "COMMERCE_DISCLOSURE",
        "left out of the text",
        [(PLAIN, "{% if links.commerce_disclosure %}", "{% if false %}")],
    ),
    Case(
        "COMMERCE_DISCLOSURE",
        "a link without words",
        [
            (
                FOOTER,
                "links.commerce_disclosure, words.commerce_disclosure",
                'links.commerce_disclosure, ""',
            )
        ],
    ),
    Case(
        "OPT_OUT_MISSING",
        "marketing without a link in the HTML",
        [(FOOTER, "{% if opt_out %}", "{% if false %}")],
        REVIEW,
    ),
    Case(
        "OPT_OUT_MISSING",
        "marketing without a link in the text",
        [(PLAIN, "{% if opt_out %}", "{% if false %}")],
        REVIEW,
    ),
    Case(
        "OPT_OUT_MISSING",
        "only marketing lifecycles get the footer, a block does not",
        [
            (FOOTER, "{% if opt_out %}", '{% if purpose == "marketing" %}'),
            (PLAIN, "{% if opt_out %}", '{% if purpose == "marketing" %}'),
        ],
    ),
    Case(
        "OPT_OUT_MISSING",
        "a link that nobody sees",
        [(FOOTER, UNSUBSCRIBE, f'<div style="display:none">{UNSUBSCRIBE}</div>')],
        REVIEW,
    ),
    Case("OPT_OUT_MISSING", "no headers", [("letter:headers", "", "")], REVIEW),
    Case(
        "OPT_OUT_MISSING",
        "a page of the brand's own that takes no POST",
        [
            (
                "brand",
                "unsubscribe_mailto =",
                'unsubscribe = "https://aoba-chaho.example/stop?m={message}"\nunsubscribe_mailto =',
            )
        ],
        REVIEW,
    ),
    Case(
        "OPT_OUT_MISSING",
        "short message that cannot be stopped",
        [(REFILL_SMS, "配信停止 {{ links.unsubscribe }}", "")],
        REFILL,
    ),
    Case(
        "OPT_OUT_MISSING",
        "block in a short message that cannot be stopped",
        [(JA_SMS, "詳細", MARK + "新茶が入りました。" + END + "詳細")],
    ),
    Case("OPT_OUT_UNDUE", "always in the HTML", [(FOOTER, "{% if opt_out %}", "{% if true %}")]),
    Case("OPT_OUT_UNDUE", "always in the text", [(PLAIN, "{% if opt_out %}", "{% if true %}")]),
    Case(
        "OPT_OUT_UNDUE",
        "promised in words",
        [
            (
                JA,
                CLOSING,
                "{% set closing %}配信停止をご希望の方はご返信ください。{% endset %}\n" + CLOSING,
            )
        ],
    ),
    Case(
        "OPT_OUT_UNDUE",
        "promised in English words",
        [(EN, CLOSING, "{% set closing %}Reply to unsubscribe.{% endset %}\n" + CLOSING)],
    ),
    Case(
        "OPT_OUT_UNDUE",
        "short message that offers to stop",
        [(EN_SMS, "Details:", "Reply STOP to end. Details:")],
    ),
    Case(
        "OPT_OUT_UNDUE",
        "headers on an order's news",
        [("letter:headers", "", "<https://aoba-chaho.example/stop>")],
    ),
    Case(
        "ONE_ACTION",
        "a second button",
        [
            (
                CARDS,
                DETAILS,
                DETAILS + '<mj-section><mj-column><mj-button name="support" '
                'href="{{ links.support }}" >{{ words.support }}</mj-button>'
                "</mj-column></mj-section>",
            )
        ],
    ),
    Case(
        "ONE_ACTION",
        "a link drawn as a button",
        [
            (
                CARDS,
                DETAILS,
                DETAILS
                + section(
                    '<a name="support" href="{{ links.support }}" '
                    'style="background:#2f5a3a;color:#ffffff">{{ words.support }}</a>'
                ),
            )
        ],
    ),
    Case(
        "ONE_ACTION",
        "a cell drawn as a button",
        [
            (
                CARDS,
                DETAILS,
                DETAILS
                + section(
                    '<table role="presentation"><tr><td bgcolor="#2f5a3a">'
                    '<a name="support" href="{{ links.support }}" style="color:#ffffff">'
                    "{{ words.support }}</a></td></tr></table>"
                ),
            )
        ],
    ),
    Case(
        "ONE_ACTION",
        "no button",
        [(LAYOUT, "<mj-button", "<!-- <mj-button"), (LAYOUT, "</mj-button>", "</mj-button> -->")],
    ),
    Case(
        "ONE_ACTION",
        "a short message with two links",
        [(JA_SMS, "詳細", "お問い合わせ {{ links.support }} 詳細")],
    ),
    Case(
        "ONE_ACTION",
        "a short message without a link",
        [(EN_SMS, "Details: {{ links.order_status }}", "")],
    ),
    Case(
        "ACTION_LENGTH",
        "Japanese",
        [(JA, "ご注文状況を見る", "ただいまのご注文の状況を詳しく見る")],
    ),
    Case(
        "ACTION_LENGTH", "English", [(EN, "Follow your order", "See everything about your order")]
    ),
    Case(
        "ACTION_LENGTH",
        "Japanese, full-width Latin",
        [
            (
                "review_request/templates/ja/request.txt.j2",
                "{% set action %}感想を書く",
                "{% set action %}感想をＲＥＶＩＥＷページに書き込む",
            )
        ],
        REVIEW,
    ),
    Case(
        "ACTION_DIFFERS",
        "other words in the HTML",
        [(LAYOUT, ">{{ action }}<", ">{{ words.support }}<")],
    ),
    Case(
        "ACTION_DIFFERS",
        "another address in the HTML",
        [(LAYOUT, 'href="{{ action_url }}"', 'href="{{ links.support }}"')],
    ),
    Case(
        "ACTION_DIFFERS",
        "another address in the text",
        [(PLAIN, "{{ action_url }}", "{{ links.support }}")],
    ),
    Case(
        "ACTION_DIFFERS",
        "other words in the text",
        [(PLAIN, "{{ action }}\n", "{{ words.shop }}\n")],
    ),
    Case(
        "TEXT_DIFFERS",
        "a card in the text only",
        [(CARDS, "{{ card.address(order.shipping_address) }}", "")],
    ),
    Case(
        "TEXT_DIFFERS",
        "a sentence in the text only",
        [(PLAIN, "{{ body }}", "{{ body }}\n{{ words.promise }}")],
    ),
    Case(
        "TEXT_DIFFERS",
        "links in the HTML only",
        [(PLAIN_PARTS, "  {{ product|review_link }}\n", "")],
        REVIEW,
    ),
    Case(
        "TEXT_DIFFERS",
        "a block's links in the HTML only",
        [(PLAIN_PARTS, "  {{ product.url }}\n", "")],
    ),
    Case("LINK_NAME", "a link without a name", [(PARTS, 'name="product_review" ', "")], REVIEW),
    Case("LINK_NAME", "a footer without names", [(FOOTER, 'name="{{ name }}" ', "")]),
    Case(
        "LINK_NAME",
        "a name that is not in the table",
        [(PARTS, 'name="product" ', 'name="buy-now" ')],
    ),
    Case(
        "LINK_NAME",
        "an address written out in a short message",
        [(JA_SMS, "{{ links.order_status }}", "https://aoba-chaho.example/pages/order-status")],
    ),
    Case(
        "LINK_NAME",
        "an address written out in a mail",
        [(EN, "{{ links.order_status }}", "https://aoba-chaho.example/pages/order-status")],
    ),
    Case(
        "LINK_ADDRESS",
        "http",
        [(FOOTER, "links.privacy,", 'links.privacy|replace("https", "http"),')],
    ),
    Case("LINK_ADDRESS", "a script", [(FOOTER, "links.privacy,", '"javascript:void(0)",')]),
    Case(
        "LINK_ADDRESS",
        "a host that nobody knows",
        [(FOOTER, "links.privacy,", '"https://aoba-chaho.example.evil.test/",')],
    ),
    Case(
        "LINK_ADDRESS",
        "a stranger's mailbox",
        [(FOOTER, '"mailto:" ~ legal.contact, legal', '"mailto:boss@evil.test", legal')],
    ),
    Case(
        "LINK_ADDRESS",
        "http in a short message",
        [(EN_SMS, "{{ links.order_status }}", '{{ links.order_status|replace("https", "http") }}')],
    ),
    Case(
        "LINK_ADDRESS",
        "an image of a stranger",
        [
            (
                CARDS,
                DETAILS,
                DETAILS
                + section('<img src="{{ links.shop|replace("aoba", "evil") }}1.png" alt="x" />'),
            )
        ],
    ),
    Case(
        "CONTRAST",
        "grey on white",
        [
            (
                LAYOUT,
                '<mj-text css-class="y-muted" color="{{ c.muted }}" font-size="14px" letter',
                '<mj-text css-class="y-muted" color="#a9a9a9" font-size="14px" letter',
            )
        ],
    ),
    Case(
        "CONTRAST", "a button that cannot be read", [(LAYOUT, "{{ c.on_primary }}", "{{ c.text }}")]
    ),
    Case(
        "CONTRAST",
        "links too pale in the dark",
        [(STYLE, ".y-footer a { color: {{ d.muted }}", ".y-footer a { color: {{ d.line }}")],
    ),
    Case(
        "CONTRAST",
        "a colour that dark appearance forgets",
        [
            (
                CARDS,
                DETAILS,
                DETAILS
                + section(
                    '<a name="support" href="{{ links.support }}" '
                    'style="color:{{ c.primary }}">{{ words.support }}</a>'
                ),
            )
        ],
    ),
    Case(
        "CONTRAST",
        "a tint with words of the same colour",
        [
            (
                PARTS,
                '<mj-column css-class="y-{{ kind }}" background-color="{{ c[kind] }}"',
                '<mj-column css-class="y-{{ kind }}" background-color="{{ c.muted }}"',
            )
        ],
    ),
    Case(
        "CONTRAST",
        "a colour of which nobody knows what it is",
        [(CARDS, DETAILS, DETAILS + section('<b style="color:papayawhip">!</b>'))],
    ),
    Case(
        "ALT_TEXT",
        "no alternative",
        [
            (SAMPLE, '"image_url": null', '"image_url": "https://cdn.example/1.jpg"'),
            (PARTS, ' alt="{{ item|item_title }}"', ""),
        ],
    ),
    Case(
        "ALT_TEXT",
        "an empty alternative",
        [
            (SAMPLE, '"image_url": null', '"image_url": "https://cdn.example/1.jpg"'),
            (PARTS, ' alt="{{ item|item_title }}"', ' alt=""'),
        ],
    ),
    Case(
        "ALT_TEXT",
        "MJML's own image without one",
        [
            (
                CARDS,
                DETAILS,
                DETAILS + '<mj-section><mj-column><mj-image src="{{ links.shop }}a.png" />'
                "</mj-column></mj-section>",
            )
        ],
    ),
    Case("LOCALE", "no English words", [(EN, "", None)]),
    Case("LOCALE", "no English short message", [(EN_SMS, "", None)]),
    Case("LOCALE", "no Japanese words", [(JA, "", None)]),
    Case("LOCALE", "a word that English lacks", [("words/en.toml", "snooze = ", "snoze = ")]),
    Case("LOCALE", "a word that Japanese lacks", [("words/ja.toml", "konbini = ", "conbini = ")]),
    Case(
        "LOCALE",
        "a tagline in one language",
        [
            (
                "brand",
                'tagline = { ja = "京都・宇治", en = "Uji, Kyoto" }',
                'tagline = { ja = "京都・宇治" }',
            )
        ],
    ),
    Case(
        "LOCALE",
        "a product named in one language",
        [("brand", '{ ja = "抹茶 青嵐", en = "Matcha Seiran" }', '{ ja = "抹茶 青嵐" }')],
    ),
    Case("LOCALE", "a sample in one language", [(SAMPLE, '"en": {', '"fr": {')]),
    Case(
        "SUBJECT",
        "too long in Japanese",
        [
            (
                JA,
                "ご注文が確定しました（",
                "ご注文が確定しました。" + "お届けまで今しばらくお待ちください。" * 2 + "（",
            )
        ],
    ),
    Case(
        "SUBJECT",
        "too long in English",
        [
            (
                EN,
                "is confirmed{% endif",
                "is confirmed, and we will write as soon as it is on its way to you{% endif",
            )
        ],
    ),
    Case("SUBJECT", "missing", [("letter:subject", "", " ")]),
    Case(
        "PREHEADER",
        "too long in Japanese",
        [(JA, "{% set preheader %}", "{% set preheader %}" + "お待たせいたしました。" * 6)],
    ),
    Case(
        "PREHEADER",
        "too long in English",
        [
            (
                EN,
                "{% set preheader %}",
                "{% set preheader %}" + "Thank you for waiting so long. " * 4,
            )
        ],
    ),
    Case(
        "PREHEADER",
        "the subject again",
        [
            (
                JA,
                "{% set preheader %}",
                "{% set preheader %}{{ order.number }}{% endset %}\n{% set unused %}",
            ),
            (
                JA,
                "{% set subject %}",
                "{% set subject %}{{ order.number }}{% endset %}\n{% set unread %}",
            ),
        ],
    ),
    Case("PREHEADER", "not in the HTML", [(LAYOUT, "{{ preheader }}", "")]),
    Case(
        "UNMARKED_MARKETING",
        "a block without its mark",
        [(file, text, "") for file in (CARDS, JA, EN) for text in (MARK, END)],
    ),
    Case(
        "UNMARKED_MARKETING",
        "words that sell, in Japanese",
        [(JA, LEAD, LEAD + "ただいま期間限定のご案内中です。\n\n")],
    ),
    Case(
        "UNMARKED_MARKETING",
        "words that sell, in English",
        [(EN, LEAD, LEAD + "Enjoy 10% off this week.\n\n")],
    ),
    Case(
        "UNMARKED_MARKETING",
        "a subject that sells",
        [(EN, "{% set subject %}", "{% set subject %}Special offer. ")],
    ),
    Case(
        "UNMARKED_MARKETING",
        "a short message that sells",
        [(JA_SMS, "詳細", "次回のクーポンをどうぞ。詳細")],
    ),
    Case(
        "UNMARKED_MARKETING",
        "a button that leads to a product",
        [(JA, "{{ links.order_status }}", '{{ (["KYUSU-01"]|offers)[0].url }}')],
    ),
    Case("SMS_LENGTH", "Japanese", [(JA_SMS, "詳細", "今しばらくお待ちください。" * 9 + "詳細")]),
    Case(
        "SMS_LENGTH",
        "English",
        [(EN_SMS, "Details", "We will write again soon. " * 16 + "Details")],
    ),
    Case(
        "SMS_LENGTH",
        "a sign that doubles the price",
        [(EN_SMS, "Details", "We will write again soon ✓ " * 5 + "Details")],
    ),
    Case(
        "LEFTOVER",
        "a variable that is none",
        [(JA, LEAD, LEAD + "{{ '{{ customer.name }}' }}\n\n")],
    ),
    Case(
        "LEFTOVER",
        "a placeholder that nobody filled",
        [(EN, LEAD, LEAD + "{{ words.quantity }}\n\n")],
    ),
    Case("LEFTOVER", "nothing, written out", [(EN, LEAD, LEAD + "{{ none }}\n\n")]),
    Case(
        "LEFTOVER", "a brand's placeholder in a short message", [(JA_SMS, "詳細", "{number} 詳細")]
    ),
    Case("RENDERS", "a variable that there is not", [(JA, LEAD, LEAD + "{{ order.colour }}\n\n")]),
    Case("RENDERS", "a tag that is never closed", [(EN, LEAD, LEAD + "{% if estimate %}\n\n")]),
    Case("RENDERS", "a block in the HTML only", [(JA, MARK, "{# "), (JA, END, " #}")]),
    Case(
        "RENDERS", "a button that leads nowhere", [(EN, "{{ links.order_status }}", "order-status")]
    ),
    Case("RENDERS", "broken MJML", [(CARDS, DETAILS, DETAILS + "<mj-section>")]),
)
