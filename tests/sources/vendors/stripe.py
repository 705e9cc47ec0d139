"""Stripe: events written by us to its API reference. Payments of a Japanese and a US shop."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

ORDER_ID = "A-1001"
CREATED = 1775099045  # 2026-04-02T03:04:05Z


def intent(**changes: Any) -> Json:
    base: Json = {
        "id": "pi_1Yoin0001",
        "object": "payment_intent",
        "amount": 4212,
        "amount_capturable": 0,
        "amount_received": 0,
        "created": CREATED - 60,
        "currency": "jpy",
        "livemode": True,
        "metadata": {"order_id": ORDER_ID},
        "next_action": None,
        "payment_method_types": ["card"],
        "status": "requires_action",
    }
    return base | changes


def charge(**changes: Any) -> Json:
    base: Json = {
        "id": "ch_1Yoin0001",
        "object": "charge",
        "amount": 1999,
        "amount_captured": 1999,
        "amount_refunded": 0,
        "captured": True,
        "created": CREATED - 60,
        "currency": "usd",
        "livemode": True,
        "metadata": {"orderId": ORDER_ID},
        "paid": True,
        "payment_intent": "pi_1Yoin0001",
        "payment_method_details": {"type": "card", "card": {"brand": "visa"}},
        "refunded": False,
        "status": "succeeded",
    }
    return base | changes


def refund(**changes: Any) -> Json:
    base: Json = {
        "id": "re_1Yoin0001",
        "object": "refund",
        "amount": 500,
        "charge": "ch_1Yoin0001",
        "created": CREATED - 60,
        "currency": "usd",
        "metadata": {"order": ORDER_ID},
        "payment_intent": "pi_1Yoin0001",
        "status": "succeeded",
    }
    return base | changes


def session(**changes: Any) -> Json:
    base: Json = {
        "id": "cs_live_Yoin0001",
        "object": "checkout.session",
        "amount_total": 4212,
        "client_reference_id": ORDER_ID,
        "created": CREATED - 60,
        "currency": "jpy",
        "livemode": True,
        "metadata": {},
        "mode": "payment",
        "payment_intent": "pi_1Yoin0001",
        "payment_method_types": ["card", "konbini"],
        "payment_status": "paid",
        "status": "complete",
    }
    return base | changes


def event(kind: str, found: Json, **changes: Any) -> Json:
    base: Json = {
        "id": "evt_1Yoin0001",
        "object": "event",
        "api_version": "2025-03-31.basil",
        "created": CREATED,
        "data": {"object": found},
        "livemode": True,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    return base | changes


def envelope(kind: str, found: Json, **changes: Any) -> Json:
    return {
        "version": "0",
        "id": "99999999-aaaa-4bbb-8ccc-000000000002",
        "detail-type": kind,
        "source": "aws.partner/stripe.com/ed_yoin_1",
        "account": "111122223333",
        "time": "2026-04-02T03:04:06Z",
        "region": "ap-northeast-1",
        "resources": [],
        "detail": event(kind, found, **changes),
    }


def webhook(kind: str, found: Json, **changes: Any) -> Json:
    return {
        "headers": {"Stripe-Signature": f"t={CREATED},v1={'0' * 64}"},
        "body": event(kind, found, **changes),
    }


def thin(kind: str, related: Json) -> Json:
    return {
        "id": "evt_thin_Yoin0001",
        "object": "v2.core.event",
        "type": kind,
        "livemode": True,
        "created": "2026-04-02T03:04:05.000Z",
        "related_object": related,
    }


VOUCHER: Json = {
    "type": "konbini_display_details",
    "konbini_display_details": {
        "expires_at": 1775401199,
        "hosted_voucher_url": "https://payments.example.com/konbini/voucher/test",
        "stores": {
            "familymart": {"confirmation_number": "01234567890", "payment_code": "123456"},
            "lawson": {"confirmation_number": "01234567890", "payment_code": "654321"},
            "ministop": None,
        },
    },
}
TRANSFER: Json = {
    "type": "display_bank_transfer_instructions",
    "display_bank_transfer_instructions": {
        "amount_remaining": 4212,
        "currency": "jpy",
        "type": "jp_bank_transfer",
        "hosted_instructions_url": "https://payments.example.com/bank/test",
        "financial_addresses": [
            {
                "type": "zengin",
                "supported_networks": ["zengin"],
                "zengin": {
                    "account_holder_name": "アオバチヤホ",
                    "account_number": "0123456",
                    "account_type": "futsu",
                    "bank_code": "0001",
                    "bank_name": "テスト銀行",
                    "branch_code": "001",
                    "branch_name": "本店",
                },
            }
        ],
    },
}

SAMPLES: dict[str, Any] = {
    "paid": envelope("payment_intent.succeeded", intent(amount_received=4212, status="succeeded")),
    "authorised": webhook(
        "payment_intent.amount_capturable_updated",
        intent(amount_capturable=4212, status="requires_capture"),
    ),
    "konbini": webhook("payment_intent.requires_action", intent(next_action=VOUCHER)),
    "transfer": webhook(
        "payment_intent.requires_action",
        intent(next_action=TRANSFER, payment_method_types=["customer_balance"]),
    ),
    "partially_funded": webhook("payment_intent.partially_funded", intent(next_action=TRANSFER)),
    "failed": webhook(
        "payment_intent.payment_failed", intent(last_payment_error={"code": "card_declined"})
    ),
    "ran_out": webhook(
        "payment_intent.payment_failed",
        intent(
            last_payment_error={"code": "payment_intent_payment_attempt_expired"},
            payment_method_types=["konbini"],
        ),
    ),
    "canceled": webhook(
        "payment_intent.canceled", intent(cancellation_reason="requested_by_customer")
    ),
    "charge_refunded": webhook(
        "charge.refunded",
        charge(amount_refunded=500, refunds={"object": "list", "data": [refund()]}),
    ),
    "charge_refunded_whole": webhook(
        "charge.refunded", charge(amount_refunded=1999, refunded=True)
    ),
    "refund": webhook("refund.created", refund()),
    "refund_pending": webhook("refund.created", refund(status="pending")),
    "refund_failed": webhook("refund.failed", refund(status="failed")),
    "refund_without_order": webhook("refund.updated", refund(metadata={})),
    "session_paid": envelope("checkout.session.completed", session()),
    "session_unpaid": webhook("checkout.session.completed", session(payment_status="unpaid")),
    "session_authorised": webhook(
        "checkout.session.completed",
        session(payment_status="unpaid", payment_method_types=["card", "link"]),
    ),
    "session_settled": webhook("checkout.session.async_payment_succeeded", session()),
    "session_not_settled": webhook("checkout.session.async_payment_failed", session()),
    "session_expired": webhook("checkout.session.expired", session(status="expired")),
    "test_mode": webhook("payment_intent.succeeded", intent(livemode=False), livemode=False),
    "thin": {
        "headers": {"stripe-signature": "t=1,v1=0"},
        "body": thin(
            "v1.payment_intent.succeeded",
            {
                "id": "pi_1Yoin0001",
                "type": "payment_intent",
                "url": "/v1/payment_intents/pi_1Yoin0001",
            },
        ),
    },
    "charge_alone": charge(captured=False, amount_captured=0),
    "intent_alone": intent(status="succeeded", amount_received=4212),
    "refund_alone": refund(),
    "session_alone": session(),
    "dispute": webhook("charge.dispute.created", {"id": "dp_1", "object": "dispute"}),
}

PUBLISHED: dict[str, list[str] | tuple[str, str]] = {
    "charge_resource__openapi_fixture": ("INCOMPLETE", "order_id"),
    "checkout_session_completed__webhook_2022-11-15": ("INCOMPLETE", "client_reference_id"),
    "eventbridge_customer_created__sdk": ("UNKNOWN_TOPIC", "customer.created"),
    "refund_resource__openapi_fixture": ("INCOMPLETE", "fetched"),
}
PUBLISHED_TOPICS: dict[str, str] = {}
