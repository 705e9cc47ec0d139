"""The mailbox as static pages: one ``index.html`` that opens without a server, one file per mail.

Safety: all data stand in the page as JSON in which no character can end the script, and the
page's script puts them into the document as text, never as markup. A mail's HTML is shown as it
was sent, in its own file, inside an iframe whose sandbox allows nothing, and under a content
security policy without scripts.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jinja2

from local.mailbox.model import Candidate, FactView, Mail, Mailbox, OrderView
from local.mailbox.words import ENTRY_STATUSES, FACTS, MESSAGES
from shared.domain.reasons import REASONS
from shared.domain.values import instant_text
from shared.messages.sms import segments

Kind = Literal["run", "gallery"]

_ASSETS = Path(__file__).with_name("assets")

MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; font-src data:"
"""What a mail may do: show itself. No script, no form, no frame, no style from elsewhere."""

# Characters that could end a script element or a line of it.
_JSON_ESCAPES = {
    ord("<"): "\\u003c",
    ord(">"): "\\u003e",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def build(mailbox: Mailbox, folder: Path, *, kind: Kind = "run") -> Path:
    """Write the pages into ``folder`` and return the one to open.

    Files of a former build are replaced; ``folder`` is Yoin's own.
    """
    mails = folder / "mails"
    if mails.exists():
        shutil.rmtree(mails)
    mails.mkdir(parents=True)
    for mail in mailbox.mails:
        if mail.html is not None:
            (folder / mail_file(mail)).write_text(mail_page(mail), encoding="utf-8")
    index = folder / "index.html"
    index.write_text(page(mailbox, kind=kind), encoding="utf-8")
    return index


def page(mailbox: Mailbox, *, kind: Kind = "run", live: Mapping[str, Any] | None = None) -> str:
    """The index page. ``live``: what the page needs to steer a running stack, if it is served."""
    script, style = _asset("app.js"), _asset("style.css")
    # The page's own script and style by their digests, so that nothing that slips in can run.
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            # The script sets single properties (element.style), which needs no permission.
            "img-src data:",
            "frame-src 'self' file:",
            "connect-src 'self'" if live is not None else "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return _template().render(
        title=f"Yoin · {mailbox.title[1]}",
        policy=policy,
        style=style,
        script=script,
        data=embedded(state(mailbox, kind=kind, live=live)),
    )


def state(
    mailbox: Mailbox, *, kind: Kind = "run", live: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The page's data as plain JSON values."""
    mails = {mail.message_id: mail for mail in mailbox.mails}
    entries = {candidate.message_id for candidate in mailbox.candidates}
    used = {candidate.reason for candidate in mailbox.candidates}
    return {
        "kind": kind,
        "title": mailbox.title,
        "started": _at(mailbox.started_at),
        "now": _at(mailbox.now),
        "nextWake": _at(mailbox.next_wake_up),
        "events": mailbox.events,
        "brands": [
            {"id": b.id, "name": b.name, "zone": b.zone, "colour": b.colour} for b in mailbox.brands
        ],
        "lifecycles": [
            {"name": c.name, "title": c.title, "summary": c.summary, "purpose": c.purpose}
            for c in mailbox.lifecycles
        ],
        "statuses": {status.value: words for status, words in ENTRY_STATUSES.items()},
        "reasons": {reason.value: words for reason, words in REASONS.items() if reason in used},
        "factNames": FACTS,
        "kinds": MESSAGES,
        "orders": [_order(order) for order in mailbox.orders],
        "messages": [
            *(_message(c, mails.get(c.message_id)) for c in mailbox.candidates),
            *(_orphan(mail) for mail in mailbox.mails if mail.message_id not in entries),
        ],
        "rejected": [
            {
                "at": _at(r.at),
                "code": r.code,
                "detail": r.detail,
                "source": r.source,
                "topic": r.topic,
                "raw": r.raw,
            }
            for r in mailbox.rejected
        ],
        "failures": [
            {"at": _at(f.at), "where": f.where, "error": f.error} for f in mailbox.failures
        ],
        "live": live,
    }


def embedded(value: Any) -> str:
    """``value`` as JSON that may stand inside a script element of an HTML page."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_JSON_ESCAPES)


def mail_file(mail: Mail) -> str:
    """Where a mail's HTML is, relative to the index."""
    return f"mails/{_file_name(mail.message_id)}.html"


def mail_page(mail: Mail) -> str:
    """A mail's HTML as it was sent, with the policy that keeps it from doing anything."""
    policy = f'<meta http-equiv="Content-Security-Policy" content="{MAIL_POLICY}">'
    html = mail.html or ""
    head = re.search(r"<head[^>]*>", html, flags=re.IGNORECASE)
    if head is None:
        return f"<!doctype html><head><meta charset=utf-8>{policy}</head>{html}"
    return html[: head.end()] + '<meta charset="utf-8">' + policy + html[head.end() :]


def _order(order: OrderView) -> dict[str, Any]:
    return {
        "brand": order.brand,
        "id": order.order_id,
        "number": order.number,
        "story": order.story,
        "customer": order.customer,
        "email": order.email,
        "phone": order.phone,
        "locale": order.locale,
        "placed": _at(order.placed_at),
        "items": order.items,
        "marks": order.marks,
        "facts": [_fact(fact) for fact in order.facts],
    }


def _fact(fact: FactView) -> dict[str, Any]:
    return {
        "id": fact.id,
        "type": fact.type,
        "source": fact.source,
        "at": _at(fact.occurred_at),
        "arrived": _at(fact.arrived_at),
        "said": fact.said,
        "data": fact.data,
    }


def _message(candidate: Candidate, mail: Mail | None) -> dict[str, Any]:
    return {
        "id": candidate.message_id,
        "brand": candidate.brand,
        "order": candidate.order_id,
        "lifecycle": candidate.lifecycle,
        "message": candidate.message,
        "occurrence": candidate.occurrence,
        "channel": candidate.channel,
        "status": candidate.status,
        "reason": candidate.reason,
        "rule": candidate.rule,
        "decided": _at(candidate.decided_at),
        "due": _at(candidate.due_at),
        "next": _at(candidate.next_check),
        "sent": _at(candidate.sent_at),
        "delivered": _at(candidate.delivered_at),
        "inputs": candidate.inputs_version,
        "policy": candidate.policy_version,
        "attempts": candidate.attempts,
        "provider": candidate.provider_id,
        "detail": candidate.detail,
        "remedy": candidate.remedy,
        "seen": [
            {"label": row.label, "said": row.said, "decisive": row.decisive}
            for row in candidate.seen
        ],
        "rerun": candidate.rerun,
        "rerunWords": candidate.rerun_words,
        "again": candidate.again,
        "mail": _mail(mail) if mail else None,
    }


def _orphan(mail: Mail) -> dict[str, Any]:
    """A mail without a ledger entry: a sample of the gallery."""
    return {
        "id": mail.message_id,
        "brand": mail.brand,
        "order": mail.order_id,
        "lifecycle": mail.lifecycle,
        "message": mail.message,
        "occurrence": mail.occurrence,
        "channel": mail.channel,
        "status": "SENT",
        "reason": "DUE",
        "rule": "",
        "mail": _mail(mail),
    }


def _mail(mail: Mail) -> dict[str, Any]:
    return {
        "to": mail.to,
        "sender": mail.sender,
        "subject": mail.subject,
        "preheader": mail.preheader,
        "text": mail.text,
        "file": mail_file(mail) if mail.html is not None else None,
        "segments": segments(mail.text) if mail.html is None else None,
        "locale": mail.locale,
        "at": _at(mail.at),
        "headers": mail.headers,
    }


def _at(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant else None


def _file_name(message_id: str) -> str:
    # An id of ours is a digest already; anything else must not become a path.
    return re.sub(r"[^A-Za-z0-9_.-]", "_", message_id).lstrip(".") or "_"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_ASSETS),
        undefined=jinja2.StrictUndefined,
        # What goes in is ours (two assets, a policy of digests) or escaped where it stands.
        autoescape=False,  # noqa: S701
    )
    return environment.get_template("page.html.j2")
