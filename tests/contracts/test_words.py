"""Words written by hand: gateways, slips, names, tags."""

from __future__ import annotations

import pytest

from shared.contracts import words
from shared.domain.events import PaymentMethod


@pytest.mark.parametrize(
    ("names", "method"),
    [
        (["KOMOJU - コンビニ決済"], PaymentMethod.KONBINI),
        (["komoju-konbini"], PaymentMethod.KONBINI),
        (["Bank Deposit"], PaymentMethod.BANK_TRANSFER),
        (["銀行振込"], PaymentMethod.BANK_TRANSFER),
        (["Cash on Delivery (COD)"], PaymentMethod.COD),
        (["代金引換"], PaymentMethod.COD),
        (["代引き"], PaymentMethod.COD),
        (["NP後払い"], PaymentMethod.DEFERRED),
        (["Paidy"], PaymentMethod.DEFERRED),
        (["PayPay"], PaymentMethod.WALLET),
        (["Amazon Pay"], PaymentMethod.WALLET),
        (["visa", "bogus"], PaymentMethod.CARD),
        (["クレジットカード"], PaymentMethod.CARD),
        (["ｸﾚｼﾞｯﾄｶｰﾄﾞ"], PaymentMethod.CARD),
        (["shopify_payments", "代金引換"], PaymentMethod.COD),
        (["shopify_store_credit"], PaymentMethod.OTHER),
        (["magic beans"], PaymentMethod.OTHER),
        (["codfish money"], PaymentMethod.OTHER),
        # One name, many ways: nothing is said.
        (["shopify_payments"], None),
        (["manual"], None),
        (["gift_card"], None),
        ([""], None),
        ([], None),
    ],
)
def test_payment_methods(names: list[str], method: PaymentMethod | None) -> None:
    assert words.payment_method(names) is method


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        (["1Z001985YW99744790"], ("1Z001985YW99744790",)),
        (["1z827wk74630", "1z827wk74630"], ("1z827wk74630",)),
        (["1234-5678-9012"], ("123456789012",)),
        (["１２３４ ５６７８ ９０１２"], ("123456789012",)),
        (["111111111111\n222222222222"], ("111111111111", "222222222222")),
        (["111111111111、222222222222, "], ("111111111111", "222222222222")),
        (["AB-123-C"], ("AB-123-C",)),
        (["https://carrier.example/track/1"], ()),
        (["", " "], ()),
    ],
)
def test_tracking_numbers(typed: list[str], numbers: tuple[str, ...]) -> None:
    assert words.tracking_numbers(typed) == numbers


def test_names_stand_in_the_order_of_their_country() -> None:
    assert words.full_name("花子", "山田", "花子 山田") == "山田 花子"
    assert words.full_name("Mara", "Ellison") == "Mara Ellison"
    assert words.full_name("Mara", "Ellison", "Ms Mara Ellison") == "Ms Mara Ellison"
    assert words.full_name(None, "山田") == "山田"
    assert words.full_name(None, None) is None


def test_unattended_and_subscription_words() -> None:
    assert words.left_unattended("配達完了（宅配ボックス）")
    assert words.left_unattended("Delivered, Front Door/Porch")
    assert not words.left_unattended("Delivered, signed by MARA")
    assert words.is_subscription_tag("Subscription Recurring Order")
    assert words.is_subscription_tag("定期購入")
    assert not words.is_subscription_tag("vip")
