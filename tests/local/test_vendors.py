"""What vendors do in a scenario: they call, secrets are renewed, APIs answer or do not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.runtime import LocalStack
from local.scenario import Journey, ScenarioError, lines_of, parse
from local.vendors import Apis, secrets_of, signature
from ops.replay import as_text
from shared.contracts.signatures import BodyHmac
from shared.domain.deliveries import Fetch
from shared.domain.errors import Rejected, RetryableError

AT = "2026-04-01T00:00:00Z"
START = datetime(2026, 4, 1, tzinfo=UTC)
ASKED = Fetch(path="/api", topic="order", method="POST", body={"variables": {"id": "7"}})
CALL: dict[str, Any] = {"path": "/aftership/linden", "body": {"event": "x"}}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({"post": "/aftership/linden"}, '"path" of a webhook'),
        ({"post": {"path": "/a/b", "text": ""}}, "text: a line has no such key"),
        ({"post": CALL, "event": {}}, "event: a line has no such key"),
        ({"post": CALL, "sign": 1}, '"sign" is text'),
        ({"post": {**CALL, "headers": []}}, '"headers" is a JSON object'),
        ({"post": {"path": "/nobody/linden"}, "sign": "current"}, "nobody"),
        ({"post": {"path": "/stripe/linden"}, "sign": "current"}, "stripe signs in a way"),
        ({"rotate": "aftership"}, '"rotate" is a source and a brand'),
        ({"api": "eccube/", "down": True}, '"api" is a source and a brand'),
        ({"api": "eccube/wakaba"}, 'either "answer" or "down"'),
        ({"api": "eccube/wakaba", "down": "yes"}, '"down" is true or false'),
        ({"api": "eccube/wakaba", "answer": {}}, 'needs the "path"'),
    ],
)
def test_a_wrong_act_is_named_with_what_is_wrong(line: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError, match=rf"s:1: .*{says}"):
        parse(json.dumps({"at": AT, **line}), name="s")


def test_an_act_is_kept_as_it_was_given() -> None:
    given = {"at": "2026-04-01T00:00:00+00:00", "post": CALL, "sign": "current"}
    (line,) = lines_of([given])
    assert json.loads(as_text(line)) == given


def test_it_signs_as_the_vendor_does() -> None:
    # RFC 4231, test case 2.
    known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    scheme = BodyHmac(header="x", encoding="hex", prefix="sha256=")
    text = signature(scheme, "Jefe", b"what do ya want for nothing?")
    assert text == f"sha256={known}"


def test_an_api_says_what_it_was_told_to_and_nothing_while_it_is_down() -> None:
    apis = Apis()
    with pytest.raises(RetryableError, match="no network here"):
        apis.get("eccube", "wakaba", ASKED)
    apis.answer("eccube/wakaba", "/api", {"id": "7"}, {"data": {"order": {"id": "7"}}})
    assert json.loads(apis.get("eccube", "wakaba", ASKED)) == {"data": {"order": {"id": "7"}}}
    apis.down("eccube/wakaba", down=True)
    with pytest.raises(RetryableError, match="503"):
        apis.get("eccube", "wakaba", ASKED)
    apis.down("eccube/wakaba", down=False)
    with pytest.raises(Rejected, match="no order of this id"):
        apis.get("eccube", "wakaba", Fetch(path="/api", topic="order"))
    with pytest.raises(RetryableError):
        apis.get("eccube", "aoba", ASKED)


def test_calls_come_signed_forged_and_with_the_secret_in_the_path(
    local_stack: LocalStack, journey: Journey
) -> None:
    def call(**more: str) -> dict[str, Any]:
        return {"at": AT, "post": {**CALL, "body": {"event": str(more)}}, **more}

    before = secrets_of(local_stack, "aftership/linden")["current"]
    parcel = {"tracking_number": "4000-0000-0000", "status": "伝票番号未登録"}
    token = {"path": "/yamato/wakaba/{current}", "body": parcel}
    lines = [
        call(sign="current"),
        call(sign="guessed"),
        call(),
        {"at": AT, "post": token},
        {"at": AT, "post": {**token, "path": "/yamato/wakaba/none"}},
        {"at": AT, "rotate": "aftership/linden"},
        call(sign="previous"),
        call(sign=before + ""),
    ]
    journey.play(lines, until=START + timedelta(minutes=1))
    counted = {(one.source, one.name): one.count for one in journey.mailbox().figures}
    assert counted["aftership", "WebhookRefused"] == 2
    assert counted["aftership", "WebhookEvents"] == 3
    assert (counted["yamato", "WebhookEvents"], counted["yamato", "WebhookRefused"]) == (1, 1)
    after = secrets_of(local_stack, "aftership/linden")
    assert after["previous"] == before != after["current"]
