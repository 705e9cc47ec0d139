"""SES: what each record says of the mail, and of which addresses."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

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
from tests.sources.vendors import ses
from tests.sources.vendors.ses import AT, MESSAGE_ID, SAMPLES, SES_ID, bounce, event, mail

HANAKO, JIRO = "hanako@example.com", "jiro@example.com"
LATER = datetime(2026, 4, 1, 0, 0, 5, 250000, tzinfo=UTC)
SENT = datetime(2026, 4, 1, 0, 0, 1, tzinfo=UTC)


def read(record: Any, **options: Any) -> tuple[Fact, ...]:
    deliveries = receive_all(record, source="ses", **options)
    return tuple(fact for delivery in deliveries for fact in normalize(delivery))


def report(word: ProviderWord, *addresses: str, detail: str | None = None, **ids: Any) -> Data:
    known = ids or {"message_id": MESSAGE_ID, "provider_id": SES_ID}
    return MessageReported(
        channel=Channel.EMAIL, word=word, addresses=addresses, detail=detail, **known
    )


def gone(address: str, reason: str) -> Data:
    return ContactabilityChanged(
        channel=Channel.EMAIL, address=address, reachable=False, reason=reason
    )


W = ProviderWord
EXPECTED: dict[str, list[Data]] = {
    "sent": [report(W.SENT)],
    "delivered": [report(W.DELIVERED, HANAKO)],
    "bounced": [
        report(W.BOUNCED, HANAKO, JIRO, detail="Permanent/NoEmail"),
        gone(HANAKO, "BOUNCED"),
        gone(JIRO, "BOUNCED"),
    ],
    "on the suppression list": [
        report(W.BOUNCED, JIRO, detail="Permanent/OnAccountSuppressionList"),
        gone(JIRO, "BOUNCED"),
    ],
    "bounced for now": [report(W.SOFT_BOUNCED, JIRO, detail="Transient/MailboxFull")],
    "complained": [report(W.COMPLAINED, JIRO, detail="abuse"), gone(JIRO, "COMPLAINED")],
    "complained before": [
        report(W.REJECTED, JIRO, detail="OnAccountSuppressionList"),
        gone(JIRO, "COMPLAINED"),
    ],
    "rejected": [report(W.REJECTED, detail="Bad content")],
    "not rendered": [report(W.REJECTED, detail="Attribute 'name' is not present")],
    "delayed": [report(W.DELAYED, JIRO, detail="MailboxFull")],
    "opened": [report(W.OTHER, detail="Open")],
    "clicked": [report(W.OTHER, detail="Click")],
    "subscription": [report(W.OTHER, detail="Subscription")],
    "an identity's bounce": [
        report(W.BOUNCED, JIRO, detail="Permanent/General", provider_id=SES_ID),
        gone(JIRO, "BOUNCED"),
    ],
    "an identity's complaint": [
        report(W.COMPLAINED, JIRO, detail="abuse", provider_id=SES_ID),
        gone(JIRO, "COMPLAINED"),
    ],
    "may publish": [],
}


@pytest.mark.parametrize("name", SAMPLES)
def test_what_becomes_of_a_record(name: str) -> None:
    facts = read(SAMPLES[name])
    assert [fact.data for fact in facts] == EXPECTED[name]
    assert read(json.dumps(SAMPLES[name])) == facts
    own = "identity" not in name
    timeless = name in {"sent", "rejected", "not rendered"}
    for fact in facts:
        assert fact.metadata.brand == ("aoba" if own else None)
        assert fact.metadata.occurred_at == (SENT if timeless else LATER)
        assert fact.metadata.dedupe_id
    assert len({fact.metadata.id for fact in facts}) == len(facts)


def test_the_table_of_bounces() -> None:
    """Permanent ends an address, whatever the sub-type; nothing else does."""
    types = {
        "Undetermined": ["Undetermined"],
        "Permanent": ["General", "NoEmail", "Suppressed", "OnAccountSuppressionList"],
        "Transient": [
            "General",
            "MailboxFull",
            "MessageTooLarge",
            "ContentRejected",
            "AttachmentRejected",
        ],
    }
    for kind, narrowers in types.items():
        for narrower in narrowers:
            first, *rest = read(bounce(kind, narrower))
            assert isinstance(first.data, MessageReported)
            ended = kind == "Permanent"
            assert first.data.word is (W.BOUNCED if ended else W.SOFT_BOUNCED)
            assert first.data.detail == f"{kind}/{narrower}"
            assert [fact.data for fact in rest] == ([gone(JIRO, "BOUNCED")] if ended else [])


def test_mail_of_somebody_else_has_no_brand_and_no_id_of_ours() -> None:
    """Whether SES's own id leads to a message of ours, the ledger knows."""
    theirs = bounce() | {"mail": mail(tags={"campaign": ["x"]})}
    first, second = read(theirs)
    assert first.data == report(W.BOUNCED, JIRO, detail="Permanent/General", provider_id=SES_ID)
    assert (first.metadata.brand, second.metadata.brand) == (None, None)


def test_a_brand_of_another_deployment_is_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        read(bounce(), brands=Brands(known={"northlight"}))
    assert refusal.value.code == "UNKNOWN_BRAND"


def test_the_forms_of_a_record_are_one() -> None:
    bare = read(bounce())
    for form in (ses.on_the_bus(bounce()), ses.from_a_topic(bounce()), [bounce()]):
        assert read(form) == bare
    raw = ses.on_the_bus(bounce())
    assert receive_all(raw) == receive_all(raw, source="ses")


def test_a_topic_that_may_be_published_to_is_told_in_plain_text_too() -> None:
    said = "Successfully validated SNS topic for Amazon SES event publishing."
    assert read({"Type": "Notification", "Message": said}) == ()


def test_batches_of_lambda_are_taken_apart() -> None:
    wrapped = {"Type": "Notification", "Message": json.dumps(bounce())}
    for batch in (
        {"Records": [{"EventSource": "aws:sns", "Sns": wrapped}]},
        {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(wrapped)}]},
        {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(bounce())}]},
    ):
        assert read(batch) == read(bounce())


def test_a_correction_is_no_complaint() -> None:
    listed = [{"emailAddress": JIRO}]
    told = {
        "complainedRecipients": listed,
        "complaintFeedbackType": "not-spam",
        "timestamp": AT,
    }
    assert [fact.data for fact in read(event("Complaint", complaint=told))] == [
        report(W.OTHER, JIRO, detail="not-spam")
    ]


def test_only_a_bounce_for_good_has_to_say_whose_it_is() -> None:
    nobody = {"bounceType": "Undetermined", "bouncedRecipients": [], "timestamp": AT}
    assert [fact.data for fact in read(event("Bounce", bounce=nobody))] == [
        report(W.SOFT_BOUNCED, detail="Undetermined")
    ]


def test_an_address_that_is_none_costs_the_others_nothing() -> None:
    listed = [{"emailAddress": "unknown"}, {"emailAddress": JIRO}]
    told = {"bounceType": "Permanent", "bouncedRecipients": listed, "timestamp": AT}
    assert [fact.data for fact in read(event("Bounce", bounce=told))] == [
        report(W.BOUNCED, JIRO, detail="Permanent"),
        gone(JIRO, "BOUNCED"),
    ]


def test_one_record_has_one_id_in_every_repetition() -> None:
    source = find_source("ses")
    ids = {
        source.event_id({}, one)
        for one in (bounce(), bounce(), event("Send"), event("Open", open={"timestamp": AT}))
    }
    assert len(ids) == 3
    assert source.event_id({}, {}) is source.event_id({}, {"eventType": "Bounce"}) is None


@pytest.mark.parametrize(
    ("record", "code", "word"),
    [
        (
            event("Bounce", bounce={"timestamp": AT, "bounceType": "Permanent"}),
            "INCOMPLETE",
            "bouncedRecipients",
        ),
        (
            event("Bounce", bounce={"timestamp": AT, "bouncedRecipients": [HANAKO]}),
            "INCOMPLETE",
            "bounceType",
        ),
        (event("Bounce", bounce=["x"]), "MALFORMED", "bounce"),
        (
            event("Complaint", complaint={"complainedRecipients": ["nobody"]}),
            "INVALID_VALUE",
            "emailAddress",
        ),
        ({"eventType": "Send"}, "INCOMPLETE", "mail"),
        ({"eventType": "Send", "mail": {"timestamp": AT}}, "INCOMPLETE", "messageId"),
        ({"eventType": "Send", "mail": {"messageId": "1"}}, "INCOMPLETE", "timestamp"),
        ({"eventType": "Received", "mail": {}}, "UNKNOWN_TOPIC", "documents"),
        ({"mail": {}}, "INCOMPLETE", "topic"),
        (
            ses.on_the_bus({"version": "1"}, "Sending Status Disabled"),
            "UNKNOWN_TOPIC",
            "right to send",
        ),
    ],
)
def test_what_is_refused_names_the_field(record: Any, code: str, word: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(record)
    assert refusal.value.code == code
    assert word in refusal.value.detail
    assert "example.com" not in refusal.value.detail
