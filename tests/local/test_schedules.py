from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.errors import LocalError
from local.runtime import LocalStack
from tests.local import handlers

QUEUE = "arn:aws:sqs:ap-northeast-1:123456789012:small-failures"


def arm(
    stack: LocalStack, name: str, expression: str, *, update: bool = False, **more: Any
) -> None:
    client = stack.client("scheduler")
    target = {
        "Arn": QUEUE,
        "RoleArn": "arn:aws:iam::123456789012:role/r",
        "Input": json.dumps(name),
    } | more.pop("target", {})
    call = client.update_schedule if update else client.create_schedule
    call(
        Name=name,
        GroupName="small",
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
        **more,
    )


def fired(stack: LocalStack) -> list[tuple[str, datetime]]:
    return [(json.loads(letter.body), letter.sent_at) for letter in stack.letters("small-failures")]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_schedule_fires_at_its_instant_and_once(stack: LocalStack) -> None:
    arm(stack, "a", "at(2026-04-02T12:00:30)")
    assert stack.schedules.pending() == [(at("2026-04-02T12:00:30"), "a")]
    stack.run_until(at("2026-04-02T12:00:29"))
    assert fired(stack) == []
    stack.advance(timedelta(days=300))
    assert fired(stack) == [("a", at("2026-04-02T12:00:30"))]
    assert stack.schedules.pending() == []


def test_every_firing_can_be_doubled(stack: LocalStack) -> None:
    stack.schedules.copies = 2
    arm(stack, "a", "at(2026-04-02T00:00:00)")
    stack.advance(timedelta(days=2))
    assert [name for name, _ in fired(stack)] == ["a", "a"]


def test_the_zone_of_a_schedule_counts(stack: LocalStack) -> None:
    arm(stack, "a", "at(2026-04-02T09:00:00)", ScheduleExpressionTimezone="Asia/Tokyo")
    arm(stack, "b", "at(2026-04-02T09:00:00)", ScheduleExpressionTimezone="America/New_York")
    stack.advance(timedelta(days=2))
    assert fired(stack) == [("a", at("2026-04-02T00:00:00")), ("b", at("2026-04-02T13:00:00"))]


def test_moving_and_deleting_are_honoured(stack: LocalStack) -> None:
    arm(stack, "earlier", "at(2026-04-05T00:00:00)")
    arm(stack, "later", "at(2026-04-05T00:00:00)")
    arm(stack, "deleted", "at(2026-04-05T00:00:00)")
    arm(stack, "off", "at(2026-04-05T00:00:00)", State="DISABLED")
    arm(stack, "earlier", "at(2026-04-03T00:00:00)", update=True)
    arm(stack, "later", "at(2026-04-07T00:00:00)", update=True)
    stack.client("scheduler").delete_schedule(Name="deleted", GroupName="small")
    stack.advance(timedelta(days=30))
    assert fired(stack) == [
        ("earlier", at("2026-04-03T00:00:00")),
        ("later", at("2026-04-07T00:00:00")),
    ]


def test_a_schedule_that_fired_can_be_armed_again(stack: LocalStack) -> None:
    arm(stack, "a", "at(2026-04-02T00:00:00)", ActionAfterCompletion="NONE")
    stack.advance(timedelta(days=2))
    with pytest.raises(ClientError, match="ConflictException"):
        arm(stack, "a", "at(2026-04-09T00:00:00)")
    arm(stack, "a", "at(2026-04-09T00:00:00)", update=True)
    stack.advance(timedelta(days=9))
    assert [name for name, _ in fired(stack)] == ["a", "a"]


def test_delete_after_completion_leaves_nothing(stack: LocalStack) -> None:
    arm(stack, "a", "at(2026-04-02T00:00:00)", ActionAfterCompletion="DELETE")
    stack.advance(timedelta(days=2))
    arm(stack, "a", "at(2026-04-09T00:00:00)")
    assert len(fired(stack)) == 1


def test_schedules_of_one_instant_fire_in_the_order_of_their_names(stack: LocalStack) -> None:
    for name in ("c", "a", "b"):
        arm(stack, name, "at(2026-04-02T00:00:00)")
    stack.advance(timedelta(days=2))
    assert [name for name, _ in fired(stack)] == ["a", "b", "c"]


def test_a_rate_comes_again(stack: LocalStack) -> None:
    arm(stack, "a", "rate(12 hours)")
    stack.advance(timedelta(days=2))
    assert [moment.hour for _, moment in fired(stack)] == [12, 0, 12, 0]


@pytest.mark.parametrize("expression", ["at(2026-03-31T23:59:59)", "at(tomorrow)", "now"])
def test_the_past_and_nonsense_are_refused(stack: LocalStack, expression: str) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        arm(stack, "a", expression)
    assert stack.schedules.pending() == []


def test_this_very_instant_is_not_the_past(stack: LocalStack) -> None:
    arm(stack, "a", "at(2026-04-01T00:00:00)")
    stack.settle()
    assert fired(stack) == [("a", at("2026-04-01T00:00:00"))]


def test_what_cannot_be_had_locally_is_said(stack: LocalStack) -> None:
    with pytest.raises(LocalError, match="no recurring schedules"):
        arm(stack, "a", "cron(0 9 * * ? *)")
    with pytest.raises(LocalError, match="cannot fire at arn:aws:kinesis"):
        arm(
            stack,
            "a",
            "at(2026-04-02T00:00:00)",
            target={"Arn": "arn:aws:kinesis:r:1:stream/s"},
        )


def test_a_target_that_is_gone_sends_the_input_to_the_dead_letters(stack: LocalStack) -> None:
    arm(
        stack,
        "a",
        "at(2026-04-02T00:00:00)",
        target={
            "Arn": "arn:aws:states:ap-northeast-1:123456789012:stateMachine:gone",
            "DeadLetterConfig": {"Arn": QUEUE},
        },
    )
    stack.advance(timedelta(days=2))
    assert [name for name, _ in fired(stack)] == ["a"]
    (firing,) = stack.schedules.fired
    assert "gone" in (firing.error or "")


def test_a_schedule_starts_the_state_machine(stack: LocalStack) -> None:
    handlers.behaviour["decide"] = lambda *_: {"action": "FINISH"}
    arm(
        stack,
        "a",
        "at(2026-04-02T00:00:00)",
        target={
            "Arn": "arn:aws:states:ap-northeast-1:123456789012:stateMachine:small",
            "Input": '{"order": "o1"}',
        },
    )
    stack.advance(timedelta(days=2))
    (execution,) = stack.machines.executions
    assert execution.input == {"order": "o1"}
    assert execution.started_at == at("2026-04-02T00:00:00")
