"""The customers' side of a scenario: they read a mail and use its links.

What a reader does is one act of a scenario's line (local/scenario.py):

    {"read": {"to": "mara@example.com", "lifecycle": "review_request"}, "one_click": true}
    {"read": {"to": "mara@example.com"}, "page": "snooze", "form": {"until": "month", ...}}

``read`` is the newest mail to that address (of that lifecycle). ``one_click`` presses the mail
program's own button: the POST of RFC 8058 to what the mail's header names. ``page`` follows the
link of the mail to that page of Yoin's, looks at it, and sends its ``form`` off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from local.errors import LocalError
from local.outbox import Mail

if TYPE_CHECKING:
    from local.runtime import LocalStack

Act = Callable[["LocalStack"], None]

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def read_act(given: Mapping[str, Any]) -> Act | None:
    """What a reader does by a line's keys (those beside ``at``); None: the line is of another
    kind.

    Raises:
        LocalError: it is no such act; the text says what is wrong.
    """
    if "read" not in given:
        return None
    unknown = sorted(set(given) - {"read", "one_click", "page", "form"})
    if unknown:
        raise LocalError(f"{', '.join(unknown)}: a line has no such key beside read")
    read, page, form = given["read"], given.get("page", ""), given.get("form", {})
    if not isinstance(read, Mapping) or not isinstance(read.get("to"), str):
        raise LocalError('"read" is a JSON object with the address that the mail went "to"')
    one_click = given.get("one_click") is True
    if one_click == bool(page) or not isinstance(form, Mapping):
        raise LocalError('a reader either uses "one_click" or a "page" with its "form"')
    to, lifecycle = read["to"], read.get("lifecycle", "")
    if one_click:
        return lambda stack: _one_click(stack, _mail(stack, to, lifecycle))
    return lambda stack: _fill_in(stack, _mail(stack, to, lifecycle), page, form)


def _mail(stack: LocalStack, to: str, lifecycle: str) -> Mail:
    """The newest mail to an address."""
    for mail in reversed(stack.outbox.mails):
        addressed = any(parseaddr(one)[1] == to for one in mail.recipients)
        if addressed and lifecycle in {"", mail.tags.get("yoin_lifecycle")}:
            return mail
    raise LocalError(f"no mail{' of ' + lifecycle if lifecycle else ''} went to this reader yet")


def _one_click(stack: LocalStack, mail: Mail) -> None:
    """As a mail program does it. RFC 8058, section 3.2."""
    offered = mail.headers.get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    found = re.search(r"<(https://[^>]+)>", mail.headers.get("List-Unsubscribe", ""))
    if not offered or found is None:
        raise LocalError("the mail offers no one-click unsubscription")
    _expect_page(stack.post(found.group(1), _FORM, "List-Unsubscribe=One-Click").status)


def _fill_in(stack: LocalStack, mail: Mail, page: str, form: Mapping[str, Any]) -> None:
    """As a person does it: look at the page, then send its form."""
    found = re.search(rf"https://\S+/{re.escape(page)}/[\w.=-]+", mail.text)
    if found is None:
        raise LocalError(f"the mail has no link to the page {page!r}")
    _expect_page(stack.get(found.group()).status)
    _expect_page(stack.post(found.group(), _FORM, urlencode(form, doseq=True)).status)


def _expect_page(status: int) -> None:
    if status != 200:
        raise LocalError(f"the page answered {status}")
