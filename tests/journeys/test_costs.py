"""What an order costs is counted on the local runtime; docs/costs.md says what was counted."""

from __future__ import annotations

import re

import pytest

from local.runtime import LocalStack
from ops import costs
from ops.costs import ASSUMED, PRICES, REGIONS, Usage, item_size, measured_on, plain_order


def test_a_plain_order_is_counted_as_it_is_billed(local_stack: LocalStack) -> None:
    plain = measured_on(local_stack, plain_order())
    runs, meters, detail = local_stack.machines.executions, plain.meters, plain.detail
    assert plain.orders == 1
    assert meters["mails"] == len(local_stack.outbox.mails) == 3
    assert meters["express.requests"] == len(runs)
    assert meters["standard.transitions"] == sum(len(run.states) + 1 for run in runs)
    assert meters["lambda.requests"] == sum(local_stack.functions.invocations.values())
    assert detail["events from outside"] == 5
    assert detail["events of SES"] == 2 * 3
    assert meters["sqs"] == (5 + 2 * 6) * ASSUMED["SQS requests per message"]
    assert detail["invocations of send"] == 3
    # Every execution looks at least once, and once more after it has armed a timer.
    assert len(runs) <= detail["invocations of decide"] <= 3 * len(runs)
    assert meters["dynamodb.writes"] >= detail["writes"] + 2 * detail["writes in transactions"]
    assert meters["dynamodb.reads"] >= detail["reads"] / 2
    assert set(meters) == set(PRICES)

    # The page was written from figures like these.
    said = re.search(r"cost \*\*\$([0-9.]+) in N. Virginia", costs.PAGE.read_text("utf-8"))
    assert said is not None
    now = plain.cost("us-east-1") * 1000
    assert now == pytest.approx(float(said[1]), rel=0.25), "run `python -m ops.costs` anew"


def test_a_bill_is_units_times_prices() -> None:
    usage = Usage(orders=2)
    usage.meters |= {"mails": 20, "dynamodb.writes": 2_000_000, "standard.transitions": 2_000_000}
    assert usage.cost("us-east-1") == pytest.approx(10 / 1000 * 0.10 + 0.625)
    assert usage.cost("ap-northeast-1") == pytest.approx(10 / 1000 * 0.10 + 0.715)
    assert usage.cost("us-east-1", standard=True) == pytest.approx(0.001 + 0.625 + 25)


def test_the_page_has_the_prices_that_are_in_the_code() -> None:
    text = costs.PAGE.read_text("utf-8")
    for price in PRICES.values():
        assert f"| [{price.title}]({price.page}) | {costs._shown(price)} |" in text
    for name in REGIONS.values():
        assert name in text


def test_the_size_of_an_item_is_what_aws_counts() -> None:
    assert item_size({"pk": {"S": "é"}}) == 2 + 2
    assert item_size({"n": {"N": "12345"}}) == 1 + 4
    assert item_size({"b": {"B": "AAAA"}}) == item_size({"b": {"B": b"\0\0\0"}}) == 1 + 3
    assert item_size({"flag": {"BOOL": True}, "none": {"NULL": True}}) == 5 + 5
    assert item_size({"l": {"L": [{"S": "ab"}, {"S": "c"}]}}) == 1 + 3 + 3 + 2
    assert item_size({"m": {"M": {"key": {"S": "ab"}}}}) == 1 + 3 + 1 + 3 + 2
    assert item_size({"s": {"SS": ["ab", "c"]}}) == 1 + 3
