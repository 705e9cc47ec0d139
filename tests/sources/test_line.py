"""LINE: one delivery with many events, most of no consequence."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.signatures import Call, Verdict
from shared.domain.errors import Rejected
from shared.domain.events import (
    Channel,
    ContactabilityChanged,
    Data,
    Fact,
    MessageReported,
    ProviderWord,
)
from shared.sources import Brands, find_source, normalize, receive_all
from tests.sources.vendors.line import (
    ACCOUNT,
    EVENT_ID,
    SAMPLES,
    TAG,
    USER,
    delivered,
    event,
    webhook,
)

LINE = find_source("line")


def read(record: Any, **options: Any) -> tuple[Fact, ...]:
    return tuple(f for one in receive_all(record, source="line", **options) for f in normalize(one))


def contact(reachable: bool) -> Data:
    return ContactabilityChanged(
        channel=Channel.LINE,
        address=USER,
        reachable=reachable,
        reason="FOLLOWED" if reachable else "BLOCKED",
    )


EXPECTED: dict[str, list[Data]] = {
    "follow": [contact(True)],
    "unfollow": [contact(False)],
    "delivered": [
        MessageReported(channel=Channel.LINE, word=ProviderWord.DELIVERED, message_id=TAG)
    ],
    "delivered, hash": [],
    "many": [contact(False)],
    "LINE's test of the URL": [],
    "standby, again": [contact(True)],
}


@pytest.mark.parametrize("name", SAMPLES)
def test_what_becomes_of_a_webhook(name: str) -> None:
    shops = Brands(of_shop={ACCOUNT.lower(): "aoba"}.get, required=True)
    facts = read(SAMPLES[name], brands=shops)
    assert [fact.data for fact in facts] == EXPECTED[name]
    assert receive_all(SAMPLES[name]) == receive_all(SAMPLES[name], source="line")
    assert read(json.dumps(SAMPLES[name]), brands=shops) == facts
    for fact in facts:
        assert fact.metadata.brand == "aoba"
        assert fact.metadata.occurred_at == datetime(2026, 4, 1, 0, 40, 34, 558000, tzinfo=UTC)
        assert (fact.metadata.dedupe_id or "").startswith(EVENT_ID[:-1])
        assert not fact.metadata.test


def test_a_redelivery_is_the_same_event() -> None:
    first = webhook(event("unfollow"))["body"]
    again = webhook(event("unfollow", deliveryContext={"isRedelivery": True}))["body"]
    assert LINE.event_id({}, first) == LINE.event_id({}, again) == EVENT_ID
    assert read(first) == read(again)


def test_every_event_keeps_the_account_and_is_its_own_only_part() -> None:
    parts = LINE.split(SAMPLES["many"]["body"])
    assert [LINE.topic_of({}, part) for part in parts] == ["message", "unfollow", "other"]
    for part in parts:
        assert part["destination"] == ACCOUNT
        assert LINE.split(part) == (part,)


@pytest.mark.parametrize("kind", ["message", "membership", "module", "botSuspended", "??"])
@pytest.mark.parametrize("source", [{"type": "group", "groupId": "C1"}, None, "odd"])
def test_no_other_type_is_an_error_whatever_it_holds(kind: str, source: Any) -> None:
    assert read(webhook(event(kind, source=source, timestamp="never"))) == ()


@pytest.mark.parametrize(("tag", "known"), [("t" * 15, 0), ("t" * 16, 1), ("t" * 100, 1)])
def test_a_delivery_tag_has_16_to_100_characters(tag: str, known: int) -> None:
    assert len(read(webhook(delivered(tag)))) == known
    assert read(webhook(delivered("AB" * 32))) == ()


def test_a_bare_event_is_one_too() -> None:
    (fact,) = read(event("follow"))
    assert fact.data == contact(True)
    assert [f.data for f in read([event("follow"), event("unfollow")])] == [
        contact(True),
        contact(False),
    ]


def test_the_console_s_user_is_nobody() -> None:
    nobody = {"type": "user", "userId": "Udeadbeefdeadbeefdeadbeefdeadbeef"}
    (fact,) = read(webhook(event("follow", source=nobody)))
    assert fact.metadata.test


@pytest.mark.parametrize(
    ("body", "code", "word"),
    [
        (event("follow", source={"type": "user"}), "INCOMPLETE", "userId"),
        (event("unfollow", source=None), "INCOMPLETE", "source"),
        (event("follow", timestamp=None), "INCOMPLETE", "timestamp"),
        (event("follow", timestamp="soon"), "MALFORMED", "timestamp"),
        (event("delivery"), "INCOMPLETE", "delivery"),
        (delivered(""), "INCOMPLETE", "data"),
        ({"events": [1]}, "MALFORMED", "events"),
        ({"events": "many"}, "MALFORMED", "events"),
        ({"destination": ACCOUNT}, "INCOMPLETE", "topic"),
    ],
)
def test_what_is_refused_names_the_field(body: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(body)
    assert refusal.value.code == code
    assert word in refusal.value.detail


def test_the_channel_secret_signs_the_raw_body() -> None:
    raw = json.dumps(SAMPLES["follow"]["body"]).encode()
    signature = base64.b64encode(hmac.new(b"secret", raw, hashlib.sha256).digest()).decode()
    assert LINE.signature is not None
    at = datetime(2026, 4, 1, tzinfo=UTC)
    call = Call(headers={"x-line-signature": signature}, raw=raw)
    assert LINE.signature.check(call, ["secret"], at) is Verdict.GENUINE
    assert LINE.signature.check(call, ["another"], at) is Verdict.WRONG
