"""The preference centre on the local stack: from a mail that was sent to those that never are."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest

from local.outbox import Mail
from local.runtime import LocalStack
from local.urls import HttpAnswer
from shared import wiring
from shared.domain.ledger import EntryStatus
from tests.builders import BRAND, BUYER, at, placed
from tests.workflows.machines import as_event

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Form(HTMLParser):
    """The controls of a page, as a browser without scripts would send them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.buttons: list[tuple[str, str]] = []
        self.methods: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert "action" not in found, "to where it came from"
            self.methods.append(found["method"])
        elif tag == "button":
            self.buttons.append((found["name"], found["value"]))
        elif tag == "input" and "checked" in found:
            self.fields.append((found["name"], found["value"]))

    def pressed(self, value: str) -> str:
        (button,) = [button for button in self.buttons if button[1] == value]
        return urlencode([*self.fields, button])


def one_click_url(mail: Mail) -> str:
    url, mailto = re.findall(r"<([^>]+)>", mail.headers["List-Unsubscribe"])
    assert mailto.startswith("mailto:unsubscribe@")
    assert isinstance(url, str)
    return url


def link(mail: Mail, page: str) -> str:
    found = re.search(rf'href="(https://[^"]+/{page}/[^"]+)"', mail.html)
    assert found, page
    return found[1]


def one_click(stack: LocalStack, mail: Mail) -> HttpAnswer:
    """What a mail program does with RFC 8058's headers."""
    return stack.post(one_click_url(mail), FORM, mail.headers["List-Unsubscribe-Post"])


def marketing(stack: LocalStack) -> list[Mail]:
    return [mail for mail in stack.outbox.mails if "List-Unsubscribe" in mail.headers]


def reasons(stack: LocalStack) -> dict[str, str]:
    entries = wiring.world().ledger.of_order(BRAND, "1001")
    return {
        f"{e.key.lifecycle}/{e.key.occurrence}": e.reason
        for e in entries
        if e.status is EntryStatus.SKIPPED
    }


def test_one_click_from_a_mail_s_own_headers_ends_all_marketing(
    asked: tuple[LocalStack, Mail],
) -> None:
    stack, mail = asked
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    rows = stack.items()
    assert stack.get(one_click_url(mail)).status == 200
    assert stack.post(one_click_url(mail), method="HEAD").body == ""
    assert stack.items() == rows, "scanners follow links"
    answer = one_click(stack, mail)
    assert answer.status == 200
    assert "location" not in answer.headers
    before = len(marketing(stack))
    stack.advance(timedelta(days=120))
    assert len(marketing(stack)) == before == 1
    assert "OPTED_OUT" in reasons(stack).values()
    assert not stack.functions.failures
    logs = stack.functions.logs.getvalue()
    for personal in filter(None, (BUYER.email, BUYER.name, BUYER.phone)):
        assert personal not in logs
    assert one_click_url(mail).rpartition("/")[2] not in logs, "a link is a capability"


def test_without_the_click_there_would_have_been_more(asked: tuple[LocalStack, Mail]) -> None:
    stack, _ = asked
    stack.advance(timedelta(days=120))
    assert len(marketing(stack)) > 1


def test_a_refusal_stops_a_message_that_was_just_about_to_go(
    asked: tuple[LocalStack, Mail],
) -> None:
    """Decided, and on the way to ``send``: which looks again, after its claim."""
    stack, mail = asked
    clicked: list[int] = []

    def click(_: Any) -> bool:
        if not clicked:
            clicked.append(0)
            clicked[0] = one_click(stack, mail).status
        return False

    # The fault never strikes: it only sees the call of `send` for the next message coming.
    stack.fail_next("functions.send", match=click)
    stack.advance(timedelta(days=120))
    assert clicked == [200]
    assert len(marketing(stack)) == 1
    assert "OPTED_OUT" in reasons(stack).values()


def test_the_pages_work_as_a_browser_without_scripts_uses_them(
    asked: tuple[LocalStack, Mail],
) -> None:
    stack, mail = asked
    page = stack.get(one_click_url(mail))
    done = stack.post(one_click_url(mail), FORM, Form(page.body).pressed("stop"))
    assert done.status == 200
    assert "配信を" in done.body
    # The way back, and to fewer mails.
    undone = stack.post(one_click_url(mail), FORM, Form(done.body).pressed("undo"))
    found = re.search(r'href="\.\./(preferences/[^"]+)"', undone.body)
    assert found
    centre = one_click_url(mail).rpartition("/unsubscribe/")[0] + "/" + found[1]
    shown = stack.get(centre + "?lang=en")
    assert '<html lang="en">' in shown.body
    saved = stack.post(
        centre + "?lang=en", FORM, Form(shown.body).pressed("save") + "&stop=SENCHA-100"
    )
    assert "Saved." in saved.body
    assert ("stop", "SENCHA-100") in Form(saved.body).fields
    again = stack.post(centre, FORM, Form(saved.body).pressed("save"))
    assert Form(again.body).fields == Form(saved.body).fields
    assert "&lt;b&gt;" not in saved.body, "the brand's own title comes first"
    assert not stack.functions.failures


HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
}


def test_every_answer_is_a_page_with_strict_headers(asked: tuple[LocalStack, Mail]) -> None:
    stack, mail = asked
    url = one_click_url(mail)
    answers = {
        200: [stack.get(url), stack.get(link(mail, "preferences"))],
        404: [stack.get(url[:-1]), stack.get(url.replace("unsubscribe", "snooze"))],
        400: [stack.post(url, {"Content-Type": "application/json"}, "{}")],
        405: [stack.post(url, method="PUT")],
    }
    stack.advance(timedelta(days=401))
    answers[410] = [stack.get(url), one_click(stack, mail)]
    for status, found in answers.items():
        for answer in found:
            assert answer.status == status
            assert HEADERS.items() <= dict(answer.headers).items()
            policy = answer.headers["content-security-policy"]
            assert re.fullmatch(
                r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; form-action 'self'; "
                r"base-uri 'none'; frame-ancestors 'none'",
                policy,
            )
            assert answer.headers.get("allow") == ("GET, HEAD, POST" if status == 405 else None)
            assert "<script" not in answer.body
    assert "support@aoba-chaho.example" in answers[410][0].body, "how to reach the shop"


CALLS = [
    "secretsmanager.GetSecretValue",
    "dynamodb.Query",
    "dynamodb.GetItem",
    "dynamodb.PutItem",
    "events.PutEvents",
]


@pytest.mark.parametrize(
    ("when", "kind"), [("before", "crash"), ("after", "crash"), ("before", "server_error")]
)
@pytest.mark.parametrize("call", CALLS)
def test_whatever_fails_the_second_click_is_enough(
    asked: tuple[LocalStack, Mail], call: str, when: Any, kind: str
) -> None:
    stack, mail = asked
    wiring.forget()  # as in a process that has just started
    stack.fail_next(call, when, kind=kind, times=1 if kind == "crash" else 3)
    first = one_click(stack, mail)
    assert stack.faults.struck
    assert first.status == (502 if kind == "crash" else 503)
    if first.status == 503:
        assert first.headers["retry-after"] == "60"
    stack.advance(timedelta(minutes=1))
    assert one_click(stack, mail).status == 200
    stack.advance(timedelta(days=40))
    assert len(marketing(stack)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["crash", "timeout", "server_error"])
def test_a_key_that_cannot_be_had_delays_a_message_and_loses_none(
    local_stack: LocalStack, kind: str, when: Any
) -> None:
    wiring.forget()  # as in a process that has just started: it has no key yet
    local_stack.reset(at=at())
    local_stack.fail_next("secretsmanager.GetSecretValue", when, kind=kind, times=3)
    local_stack.put_event(as_event(placed(at())))
    local_stack.advance(timedelta(hours=3))
    assert local_stack.faults.struck
    assert [mail.recipients for mail in local_stack.outbox.mails] == [(BUYER.email,)]


def test_a_rotated_key_opens_the_links_of_before_and_signs_those_that_follow(
    asked: tuple[LocalStack, Mail],
) -> None:
    stack, mail = asked
    client, name = stack.client("secretsmanager"), "yoin-local/links"
    old = json.loads(client.get_secret_value(SecretId=name)["SecretString"])["current"]
    rotated = json.dumps({"current": "renewed " * 6, "previous": old})
    client.put_secret_value(SecretId=name, SecretString=rotated)
    stack.advance(timedelta(days=30))
    newest = marketing(stack)[-1]
    assert newest is not mail
    for one in (mail, newest):
        assert stack.get(one_click_url(one)).status == 200
    client.put_secret_value(SecretId=name, SecretString=json.dumps({"current": "renewed " * 6}))
    stack.advance(timedelta(minutes=6))
    assert stack.get(one_click_url(mail)).status == 404
    assert stack.get(one_click_url(newest)).status == 200
