"""The webhook function on the local stack: from a vendor's call to facts and to the customer."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.runtime import LocalStack
from local.urls import HttpAnswer, http_event
from shared.contracts.function_url import read_request
from shared.contracts.signatures import Scheme
from shared.sources import find_source
from tests.signing import alternatives, sign
from tests.sources import samples as shopify

PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads"
AWS_SAMPLE = PAYLOADS / "aws" / "lambdaFunctionUrlEvent__powertools.json"
AT = "2026-04-01T09:00:00+09:00"
ORDER = shopify.order(created_at=AT, processed_at=AT, updated_at=AT)


def secret(stack: LocalStack, hook: str) -> dict[str, str]:
    found = stack.client("secretsmanager").get_secret_value(SecretId=f"yoin-local/webhook/{hook}")
    said: dict[str, str] = json.loads(found["SecretString"])
    return said


def scheme_of(source: str) -> Scheme:
    return next(alternatives(find_source(source).signature))


def post(
    stack: LocalStack, hook: str, body: Any, *, own: str | None = None, **headers: str
) -> HttpAnswer:
    """Call as the vendor does."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    scheme = scheme_of(hook.partition("/")[0])
    signed = sign(scheme, own or secret(stack, hook)["current"], raw, stack.now)
    sent = {"Content-Type": "application/json", **headers, **signed.headers}
    return stack.post(f"/{hook}", sent, raw)


def order_placed(stack: LocalStack, **more: str) -> HttpAnswer:
    names = {
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Shop-Domain": "aoba.myshopify.com",
        "X-Shopify-Event-Id": "e-1",
        "X-Shopify-Triggered-At": "2026-04-01T00:00:00Z",
    }
    return post(stack, "shopify/aoba", ORDER, **names, **more)


def rows(stack: LocalStack, prefix: str) -> list[dict[str, Any]]:
    return [item for item in stack.items() if item["pk"]["S"].startswith(prefix)]


def test_a_call_becomes_facts_and_the_customer_hears_of_it(local_stack: LocalStack) -> None:
    assert order_placed(local_stack).status == 200
    assert not rows(local_stack, "ORDER#"), "the vendor does not wait for what comes of it"
    local_stack.settle(timedelta(hours=1))
    assert rows(local_stack, "ORDER#aoba#")
    assert [mail.recipients for mail in local_stack.outbox.mails] == [(ORDER["email"],)]
    assert not local_stack.functions.failures
    logs = local_stack.functions.logs.getvalue()
    for personal in (ORDER["email"], "花子", secret(local_stack, "shopify/aoba")["current"]):
        assert personal not in logs


def test_a_repetition_changes_nothing(local_stack: LocalStack) -> None:
    answers = [order_placed(local_stack) for _ in range(3)]
    local_stack.settle(timedelta(hours=1))
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert local_stack.functions.invocations["yoin-local-ingest"] == 1
    assert len(local_stack.outbox.mails) == 1
    assert len(rows(local_stack, "WEBHOOK#shopify#aoba#")) == 1


def test_a_forged_call_leaves_nothing_but_a_figure(local_stack: LocalStack) -> None:
    answer = post(local_stack, "shopify/aoba", ORDER, own="forged")
    assert (answer.status, json.loads(answer.body)) == (401, {"outcome": "REFUSED"})
    local_stack.settle()
    assert not local_stack.items()
    assert not local_stack.letters("yoin-local-inlet-dead-letters")
    logs = local_stack.functions.logs.getvalue()
    assert '"WebhookRefused":[1.0]' in logs
    assert '"reason":"WRONG"' in logs
    assert ORDER["email"] not in logs


def test_strangers_cannot_make_us_ask_for_secrets(local_stack: LocalStack) -> None:
    for _ in range(20):
        assert post(local_stack, "shopify/aoba", ORDER, own="forged").status == 401
        assert local_stack.post("/nobody/aoba").status == 404
    asked = local_stack.wire.calls["secretsmanager.GetSecretValue"]
    assert asked <= 20 + 1, "twenty of them are the test's own"


def test_a_rotated_secret_counts_at_once_and_the_old_one_still(local_stack: LocalStack) -> None:
    old = secret(local_stack, "shopify/aoba")["current"]
    assert order_placed(local_stack).status == 200
    local_stack.advance(timedelta(minutes=1))
    local_stack.client("secretsmanager").put_secret_value(
        SecretId="yoin-local/webhook/shopify/aoba",
        SecretString=json.dumps({"current": "brand new", "previous": old}),
    )
    assert post(local_stack, "shopify/aoba", ORDER, own="brand new").status == 200
    assert post(local_stack, "shopify/aoba", ORDER, own=old).status == 200
    local_stack.reset()
    assert secret(local_stack, "shopify/aoba")["current"] == old


def test_a_genuine_call_that_is_no_json_is_kept_for_people(local_stack: LocalStack) -> None:
    kind = {"Content-Type": "application/octet-stream"}
    assert post(local_stack, "aftership/northlight", b"\xff not json", **kind).status == 200
    (letter,) = local_stack.letters("yoin-local-inlet-dead-letters")
    assert json.loads(letter.body)["detail"]["source"] == "aftership"
    assert '"code":"MALFORMED"' in local_stack.functions.logs.getvalue()


def test_a_part_that_is_no_fact_is_rejected_alone_and_kept_whole(local_stack: LocalStack) -> None:
    post(local_stack, "shopify/aoba", {"id": 1}, **{"X-Shopify-Topic": "orders/create"})
    order_placed(local_stack)
    local_stack.settle(timedelta(hours=1))
    (letter,) = local_stack.letters("yoin-local-inlet-dead-letters")
    assert json.loads(json.loads(letter.body)["detail"]["body"]) == {"id": 1}
    assert len(local_stack.outbox.mails) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/shopify/aoba", 405), ("HEAD", "/shopify/aoba?x=1", 405), ("GET", "/x", 404)],
)
def test_other_calls_are_answered_in_a_word(
    local_stack: LocalStack, method: str, path: str, status: int
) -> None:
    answer = local_stack.post(path, method=method)
    assert answer.status == status
    assert answer.headers.get("allow") == ("POST" if status == 405 else None)
    assert set(json.loads(answer.body)) == {"outcome"}
    assert path not in answer.body


def of_the_webhook(parameters: Any) -> bool:
    """Not a call of ingest, which has begun while the vendor still waits."""
    return "webhook" in json.dumps(parameters).lower()


CALLS = [
    "secretsmanager.GetSecretValue",
    "dynamodb.GetItem",
    "events.PutEvents",
    "dynamodb.PutItem",
]


@pytest.mark.parametrize(
    ("when", "kind"), [("before", "crash"), ("after", "crash"), ("before", "server_error")]
)
@pytest.mark.parametrize("call", CALLS)
def test_whatever_fails_the_vendor_s_repetition_brings_it_once(
    local_stack: LocalStack, call: str, when: Any, kind: str
) -> None:
    from shared import wiring

    wiring.forget()  # as in a process that has just started
    body = {"Content-Type": "application/json", "X-Shopify-Topic": "orders/create"}
    own = secret(local_stack, "shopify/aoba")["current"]
    local_stack.fail_next(
        call, when, kind=kind, times=1 if kind == "crash" else 2, match=of_the_webhook
    )
    first = post(local_stack, "shopify/aoba", ORDER, own=own, **body)
    assert first.status in ({502} if kind == "crash" else {200, 503})
    if first.status != 200:
        local_stack.advance(timedelta(minutes=1))
        assert post(local_stack, "shopify/aoba", ORDER, own=own, **body).status == 200
    assert local_stack.faults.struck
    local_stack.settle(timedelta(minutes=1))
    assert {row["sk"]["S"] for row in rows(local_stack, "ORDER#aoba#")} >= {"ORDER#STATE"}
    assert len({row["pk"]["S"] for row in rows(local_stack, "ORDER#aoba#")}) == 1
    if call.startswith("dynamodb.") and kind == "server_error":
        assert first.status == 200
        assert "WebhookUnremembered" in local_stack.functions.logs.getvalue()
    if call == "events.PutEvents" and kind == "server_error":
        assert first.status == 503
        assert '"WebhookUnavailable":[1.0]' in local_stack.functions.logs.getvalue()


@pytest.mark.skipif(not AWS_SAMPLE.is_file(), reason="the sample of AWS is not here")
def test_a_published_event_of_lambda_is_read() -> None:
    event = json.loads(AWS_SAMPLE.read_text("utf-8"))
    request = read_request(event)
    assert (request.method, request.path, request.size) == ("GET", "/", 0)
    assert request.headers["x-forwarded-proto"] == "https"
    assert request.url == "https://<url-id>.lambda-url.us-east-1.on.aws/"
    ours = http_event("POST", "h", "/a?b=c", {"X-A": "1"}, b"x")
    common = {"version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext"}
    assert common <= set(event) & set(ours)
    assert re.fullmatch(r"[0-9.]+", ours["version"])


def test_text_comes_as_text_and_the_rest_in_base64() -> None:
    for kind, in_base64 in (("application/json; charset=utf-8", False), ("text/plain", False),
                            ("application/x-www-form-urlencoded", True), ("", True)):  # fmt: skip
        event = http_event("POST", "h", "/a?b=c&d=", {"Content-Type": kind}, "茶".encode())
        request = read_request(event)
        assert request.in_base64 is in_base64
        assert request.raw().decode() == "茶"
        assert request.size == 3
        assert request.query == {"b": "c", "d": ""}
        assert request.url == "https://h/a?b=c&d="
    padded = http_event("POST", "h", "/a", {}, b"four")
    assert read_request(padded).size == 4
    assert padded["body"].endswith("==")
