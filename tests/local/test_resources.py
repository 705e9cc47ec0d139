from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from local.clock import VirtualClock
from local.errors import LocalError, UnknownResourceType
from local.resources import CREATORS, WITHOUT_LOCAL_MEANING
from local.runtime import LocalStack
from tests.local import small


def no_application(_undo: contextlib.ExitStack, _clock: VirtualClock) -> None:
    """No handlers here."""


def start(folder: Path, **resources: dict[str, Any]) -> None:
    template = {"Resources": resources}
    with LocalStack.start(small.write(folder, S=template), application=no_application):
        """Made and taken down again."""


def test_everything_of_the_template_is_made(stack: LocalStack) -> None:
    assert stack.client("dynamodb").list_tables()["TableNames"] == ["small"]
    ttl = stack.client("dynamodb").describe_time_to_live(TableName="small")
    assert ttl["TimeToLiveDescription"]["AttributeName"] == "expires_at"
    queue = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.client("sqs").get_queue_url(QueueName="small-inlet")["QueueUrl"],
        AttributeNames=["All"],
    )["Attributes"]
    assert queue["VisibilityTimeout"] == "60"
    assert '"maxReceiveCount": 3' in queue["RedrivePolicy"]
    assert set(stack.buses.backend.event_buses) == {
        "default",
        "small",
        "aws.partner/shop.example/1",
    }
    rule = stack.buses.backend.event_buses["small"].rules["small-machine"]
    assert rule.targets[0]["Arn"].endswith(":stateMachine:small")
    assert "small" in stack.schedules.backend.schedule_groups
    function = stack.functions.get("small-ingest")
    assert function.environment == {"SMALL_BUS": "small"}
    assert (function.timeout, function.memory) == (15, 256)
    machine = stack.client("stepfunctions").list_state_machines()["stateMachines"][0]
    assert machine["name"] == "small"
    assert stack.client("sesv2").list_email_identities()["EmailIdentities"][0]["IdentityName"] == (
        "shop.example"
    )


def test_an_unknown_type_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(UnknownResourceType, match=r"S/Cache is a AWS::ElastiCache::CacheCluster"):
        start(tmp_path, Cache={"Type": "AWS::ElastiCache::CacheCluster"})


def test_no_type_is_both_made_and_without_meaning() -> None:
    assert not set(CREATORS) & set(WITHOUT_LOCAL_MEANING)


TABLE = small.DATA["Resources"]["Table"]["Properties"]
RULE = {"EventPattern": {"source": ["a"]}}


@pytest.mark.parametrize(
    ("kind", "properties", "says"),
    [
        ("AWS::DynamoDB::Table", {**TABLE, "StreamSpecification": {}}, "no DynamoDB streams"),
        (
            "AWS::Events::Rule",
            {**RULE, "Name": "r", "Targets": [{"Id": "T", "Arn": "arn:aws:kinesis:r:1:stream/s"}]},
            "rule r: the local runtime cannot deliver to arn:aws:kinesis",
        ),
        (
            "AWS::Events::Rule",
            {"Name": "r", "EventPattern": {"detail": {"x": [{"sounds-like": "y"}]}}},
            "cannot match sounds-like",
        ),
        (
            "AWS::Lambda::EventSourceMapping",
            {"EventSourceArn": "arn:aws:kinesis:r:1:stream/s"},
            "cannot poll arn:aws:kinesis",
        ),
        (
            "AWS::StepFunctions::StateMachine",
            {
                "StateMachineName": "m",
                "RoleArn": "arn:aws:iam::123456789012:role/r",
                "DefinitionString": '{"StartAt":"P","States":{"P":{"Type":"Parallel"}}}',
            },
            "m: state P is a Parallel state",
        ),
        (
            "AWS::SES::ConfigurationSetEventDestination",
            {"EventDestination": {"SnsDestination": {}}, "ConfigurationSetName": "c"},
            "SES events go to EventBridge or SNS here",
        ),
    ],
)
def test_what_cannot_be_had_locally_is_said_at_the_start(
    tmp_path: Path, kind: str, properties: dict[str, Any], says: str
) -> None:
    with pytest.raises(LocalError, match=says):
        start(tmp_path, X={"Type": kind, "Properties": properties})
