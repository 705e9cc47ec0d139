from __future__ import annotations

import json
from typing import Any

import pytest

from local.errors import LocalError
from local.runtime import LocalStack
from local.transform import TransformError, at_path, target_input
from tests.local import handlers


def event(**more: Any) -> dict[str, Any]:
    return {"source": "shop", "detail-type": "OrderPlaced", "detail": {"n": 1}, **more}


def test_a_matching_event_reaches_the_queue_and_its_function(stack: LocalStack) -> None:
    stack.put_event(event())
    stack.put_event(event(source="small"))
    stack.put_event(event(**{"detail-type": "Other"}))
    stack.settle()
    ((body,),) = handlers.bodies("ingest")
    assert body["detail"] == {"n": 1}
    assert body["source"] == "shop"
    assert body["time"] == "2026-04-01T00:00:00Z"
    assert body["account"] == "123456789012"


def test_put_events_goes_the_same_way(stack: LocalStack) -> None:
    answer = stack.client("events").put_events(
        Entries=[
            {
                "EventBusName": "small",
                "Source": "shop",
                "DetailType": "OrderPlaced",
                "Detail": json.dumps({"n": 2}),
            },
            {
                "EventBusName": "small",
                "Source": "shop",
                "DetailType": "OrderPlaced",
                "Detail": "{",
            },
        ]
    )
    assert answer["FailedEntryCount"] == 1
    stack.settle()
    ((body,),) = handlers.bodies("ingest")
    assert body["id"] == answer["Entries"][0]["EventId"]
    assert body["time"] == "2026-04-01T00:00:00Z"


def test_a_partner_s_event_goes_to_the_partner_s_bus(stack: LocalStack) -> None:
    partner = "aws.partner/shop.example/1"
    stack.put_event(event(source=partner, **{"detail-type": "anything"}))
    stack.settle()
    ((body,),) = handlers.bodies("ingest")
    assert body["source"] == partner


def test_a_listener_sees_every_event_with_its_bus(stack: LocalStack) -> None:
    seen: list[tuple[str, str]] = []
    stack.buses.listeners.append(lambda bus, body: seen.append((bus, body["source"])))
    stack.put_event(event(source="nobody", **{"detail-type": "Unmatched"}))
    stack.put_event(event(source="aws.ses"))
    stack.settle()
    assert seen == [("small", "nobody"), ("default", "aws.ses")]


def test_every_delivery_can_be_doubled(stack: LocalStack) -> None:
    stack.buses.copies = 2
    stack.put_event(event())
    stack.settle()
    assert [len(batch) for batch in handlers.bodies("ingest")] == [2]
    stack.reset()
    stack.put_event(event())
    stack.settle()
    assert [len(batch) for batch in handlers.bodies("ingest")] == [2, 1]


def test_nothing_is_delivered_before_time_passes(stack: LocalStack) -> None:
    stack.put_event(event())
    assert handlers.calls == []


def test_a_rule_starts_the_state_machine_with_what_its_transformer_makes(stack: LocalStack) -> None:
    handlers.behaviour["decide"] = lambda *_: {"action": "FINISH"}
    stack.put_event(event(source="small", detail={"data": {"order": 'a "b" ü'}}))
    stack.settle()
    (execution,) = stack.machines.executions
    assert execution.input == {"order": 'a "b" ü'}
    assert execution.status == "SUCCEEDED"


def test_what_cannot_be_delivered_lands_in_the_rule_s_dead_letters(stack: LocalStack) -> None:
    stack.put_event(event(source="small", detail={"data": {}}))
    stack.settle()
    (undelivered,) = stack.buses.undelivered
    assert undelivered.rule == "small-machine"
    assert "nothing at $.detail.data.order" in undelivered.reason
    (letter,) = stack.letters("small-letters")
    assert json.loads(letter.body)["detail"] == {"data": {}}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"source": "a"}, "it lacks detail-type, detail"),
        (event(detail="text"), "its detail is no object"),
        (event(source="aws.partner/unknown"), "no bus aws.partner/unknown"),
    ],
)
def test_what_is_no_event_is_refused(stack: LocalStack, wrong: Any, says: str) -> None:
    with pytest.raises(LocalError, match=says):
        stack.put_event(wrong)


EVENT = {
    "id": "e1",
    "detail-type": "T",
    "detail": {"a": {"b": [{"c": "x"}]}, "n": 5, "t": 'say "hi"', "z": None},
}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, EVENT),
        ({"Input": '{"fixed": 1}'}, {"fixed": 1}),
        ({"InputPath": "$.detail.a"}, {"b": [{"c": "x"}]}),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {
                        "c": "$.detail.a.b[0].c",
                        "n": "$.detail.n",
                        "z": "$.detail.z",
                    },
                    "InputTemplate": '{"c": <c>, "n": <n>, "z": <z>}',
                }
            },
            {"c": "x", "n": 5, "z": None},
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"t": "$.detail.t", "d": "$.detail-type"},
                    "InputTemplate": '{"said": "<d>: <t>", "all": <aws.events.event.json>}',
                }
            },
            {"said": 'T: say "hi"', "all": EVENT},
        ),
    ],
)
def test_what_a_target_gets(target: dict[str, Any], expected: Any) -> None:
    assert target_input(target, EVENT) == expected


@pytest.mark.parametrize("path", ["$.detail.none", "$.detail.a.b[7]", "$.id.deeper"])
def test_a_path_that_leads_nowhere_fails(path: str) -> None:
    with pytest.raises(TransformError, match="nothing at"):
        at_path(EVENT, path)


def test_a_template_that_gives_no_json_or_names_an_unknown_value_fails() -> None:
    with pytest.raises(TransformError, match="no JSON"):
        target_input({"InputTransformer": {"InputTemplate": "{"}}, EVENT)
    with pytest.raises(TransformError, match="names <x>"):
        target_input({"InputTransformer": {"InputTemplate": '{"x": <x>}'}}, EVENT)


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ({"detail": {"s": ["abc"]}}, True),
        ({"detail": {"s": ["abd"]}}, False),
        ({"detail": {"s": [{"prefix": "ab"}]}}, True),
        ({"detail": {"s": [{"suffix": "bc"}]}}, True),
        ({"detail": {"s": [{"equals-ignore-case": "ABC"}]}}, True),
        ({"detail": {"s": [{"anything-but": ["abc"]}]}}, False),
        ({"detail": {"s": [{"anything-but": {"prefix": "x"}}]}}, True),
        ({"detail": {"s": [{"wildcard": "a*c"}]}}, True),
        ({"detail": {"none": [{"exists": False}]}}, True),
        ({"detail": {"none": [{"exists": True}]}}, False),
        ({"detail": {"none": [{"anything-but": "x"}]}}, False),
        ({"detail": {"n": [{"numeric": [">", 1, "<=", 5]}]}}, True),
        ({"detail": {"list": ["b"]}}, True),
        ({"detail": {"list": ["z"]}}, False),
        ({"detail": {"nothing": [None]}}, True),
        ({"$or": [{"source": ["x"]}, {"detail": {"s": ["abc"]}}]}, True),
        ({"$or": [{"source": ["x"]}, {"detail": {"s": ["z"]}}]}, False),
        ({"detail": {"deep": {"er": ["v"]}}}, True),
        ({"detail": {"deep": {"other": ["v"]}}}, False),
    ],
)
def test_patterns_match_as_eventbridge_documents(
    stack: LocalStack, pattern: dict[str, Any], matches: bool
) -> None:
    stack.buses.check("r", pattern, [])
    client = stack.client("events")
    client.put_rule(Name="tried", EventBusName="small", EventPattern=json.dumps(pattern))
    client.put_targets(
        Rule="tried",
        EventBusName="small",
        Targets=[{"Id": "T", "Arn": "arn:aws:sqs:ap-northeast-1:123456789012:small-failures"}],
    )
    try:
        detail = {
            "s": "abc", "n": 5, "list": ["a", "b"], "nothing": None, "deep": {"er": "v"}
        }  # fmt: skip
        stack.put_event({"source": "s", "detail-type": "d", "detail": detail})
        stack.settle()
    finally:
        client.remove_targets(Rule="tried", EventBusName="small", Ids=["T"])
        client.delete_rule(Name="tried", EventBusName="small")
    assert bool(stack.letters("small-failures")) is matches
