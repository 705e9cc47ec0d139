"""A small stack for the tests of the local runtime, as synthesis would write it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WORKFLOW = {
    "QueryLanguage": "JSONata",
    "TimeoutSeconds": 280,
    "StartAt": "Begin",
    "States": {
        "Begin": {
            "Type": "Pass",
            "Assign": {"order": "{% $states.input.order %}", "armed": "none"},
            "Next": "Decide",
        },
        "Decide": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "TimeoutSeconds": 20,
            "Arguments": {
                "FunctionName": "${Decide}",
                "Payload": {"order": "{% $order %}"},
            },
            "Assign": {"decision": "{% $states.result.Payload %}"},
            "Retry": [
                {
                    "ErrorEquals": ["RetryableError", "Lambda.TooManyRequestsException"],
                    "IntervalSeconds": 2,
                    "BackoffRate": 2,
                    "MaxAttempts": 3,
                }
            ],
            "Catch": [
                {
                    "ErrorEquals": ["States.ALL"],
                    "Assign": {"error": "{% $states.errorOutput.Error %}"},
                    "Next": "Record",
                }
            ],
            "Next": "Which",
        },
        "Which": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $decision.action = 'FINISH' %}", "Next": "Finished"},
                {
                    "Condition": "{% $decision.action = 'PAUSE' %}",
                    "Next": "Pause",
                },
                {
                    "Condition": "{% $armed = $decision.wake_at %}",
                    "Next": "Waiting",
                },
            ],
            "Default": "Arm",
        },
        "Arm": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:scheduler:createSchedule",
            "Arguments": {
                "Name": "{% 'timer-' & $order %}",
                "GroupName": "${Group}",
                "ScheduleExpression": "{% 'at(' & $decision.wake_at & ')' %}",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "ActionAfterCompletion": "{% $decision.after %}",
                "Target": {
                    "Arn": "{% $states.context.StateMachine.Id %}",
                    "RoleArn": "${Role}",
                    "Input": "{% $string({'order': $order}) %}",
                },
            },
            "Assign": {"armed": "{% $decision.wake_at %}"},
            "Catch": [{"ErrorEquals": ["Scheduler.ConflictException"], "Next": "Move"}],
            "Next": "Decide",
        },
        "Move": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:scheduler:updateSchedule",
            "Arguments": {
                "Name": "{% 'timer-' & $order %}",
                "GroupName": "${Group}",
                "ScheduleExpression": "{% 'at(' & $decision.wake_at & ')' %}",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {
                    "Arn": "{% $states.context.StateMachine.Id %}",
                    "RoleArn": "${Role}",
                    "Input": "{% $string({'order': $order}) %}",
                },
            },
            "Assign": {"armed": "{% $decision.wake_at %}"},
            "Next": "Decide",
        },
        "Pause": {"Type": "Wait", "Seconds": "{% $decision.seconds %}", "Next": "Decide"},
        "Record": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Arguments": {
                "QueueUrl": "${Failures}",
                "MessageBody": {"order": "{% $order %}", "error": "{% $error %}"},
            },
            "Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1}],
            "Next": "Failed",
        },
        "Failed": {"Type": "Fail", "Error": "{% $error %}", "Cause": "recorded"},
        "Waiting": {"Type": "Succeed"},
        "Finished": {"Type": "Succeed"},
    },
}

DATA: dict[str, Any] = {
    "Resources": {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "small",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    {"AttributeName": "pk", "AttributeType": "S"},
                    {"AttributeName": "sk", "AttributeType": "S"},
                    {"AttributeName": "message_id", "AttributeType": "S"},
                ],
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "by_message",
                        "KeySchema": [{"AttributeName": "message_id", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
                "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
            },
        },
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "small"}},
        "Partner": {
            "Type": "AWS::Events::EventBus",
            "Properties": {
                "Name": "aws.partner/shop.example/1",
                "EventSourceName": "aws.partner/shop.example/1",
            },
        },
        "Mails": {"Type": "AWS::SES::ConfigurationSet", "Properties": {"Name": "small"}},
        "MailEvents": {
            "Type": "AWS::SES::ConfigurationSetEventDestination",
            "Properties": {
                "ConfigurationSetName": {"Ref": "Mails"},
                "EventDestination": {
                    "Enabled": True,
                    "MatchingEventTypes": ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT"],
                    "EventBridgeDestination": {
                        "EventBusArn": {
                            "Fn::Sub": "arn:aws:events:${AWS::Region}:${AWS::AccountId}:"
                            "event-bus/default"
                        }
                    },
                },
            },
        },
        "Domain": {
            "Type": "AWS::SES::EmailIdentity",
            "Properties": {"EmailIdentity": "shop.example"},
        },
    },
    "Outputs": {
        "BusName": {"Value": {"Ref": "Bus"}, "Export": {"Name": "small-bus"}},
    },
}


def _filter(group: str) -> dict[str, Any]:
    name = f"sns/${{AWS::Region}}/${{AWS::AccountId}}/{group}"
    return {
        "Type": "AWS::Logs::SubscriptionFilter",
        "Properties": {
            "LogGroupName": {"Fn::Sub": name},
            "FilterPattern": "",
            "DestinationArn": {"Fn::GetAtt": ["Decide", "Arn"]},
        },
    }


def _function(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": f"small-{name}",
            "Handler": "tests.local.handlers.handler",
            "Timeout": 15,
            "MemorySize": 256,
            "Environment": {"Variables": {"SMALL_BUS": {"Fn::ImportValue": "small-bus"}}},
        },
    }


def _queue(name: str, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"small-{name}", **more}}


def _to(target: str, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "Id": "T",
            "Arn": {"Fn::GetAtt": [target, "Arn"]},
            "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["Letters", "Arn"]}},
            **more,
        }
    ]


MOVING: dict[str, Any] = {
    "Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {}},
        "Letters": _queue("letters"),
        "Failures": _queue("failures"),
        "Inlet": _queue(
            "inlet",
            VisibilityTimeout=60,
            RedrivePolicy={
                "deadLetterTargetArn": {"Fn::GetAtt": ["Letters", "Arn"]},
                "maxReceiveCount": 3,
            },
        ),
        "Ingest": _function("ingest"),
        "Decide": _function("decide"),
        "TextsDelivered": _filter("DirectPublishToPhoneNumber"),
        "TextsFailed": _filter("DirectPublishToPhoneNumber/Failure"),
        "Work": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Inlet", "Arn"]},
                "FunctionName": {"Ref": "Ingest"},
                "BatchSize": 3,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        },
        "Timers": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "small"}},
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": "small",
                "StateMachineType": "EXPRESS",
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "DefinitionString": json.dumps(WORKFLOW),
                "DefinitionSubstitutions": {
                    "Decide": {"Fn::GetAtt": ["Decide", "Arn"]},
                    "Group": {"Ref": "Timers"},
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Failures": {"Ref": "Failures"},
                },
            },
        },
        "InletRule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": "small-inlet",
                "EventBusName": {"Fn::ImportValue": "small-bus"},
                "EventPattern": {
                    "source": [{"anything-but": ["small"]}],
                    "detail-type": ["OrderPlaced"],
                },
                "Targets": _to("Inlet"),
            },
        },
        "PartnerRule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": "small-partner",
                "EventBusName": "aws.partner/shop.example/1",
                "EventPattern": {"source": ["aws.partner/shop.example/1"]},
                "Targets": _to("Inlet"),
            },
        },
        "MachineRule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": "small-machine",
                "EventBusName": "small",
                "EventPattern": {"source": ["small"], "detail-type": ["OrderPlaced"]},
                "Targets": _to(
                    "Machine",
                    RoleArn={"Fn::GetAtt": ["Role", "Arn"]},
                    InputTransformer={
                        "InputPathsMap": {"order": "$.detail.data.order"},
                        "InputTemplate": '{"order":<order>}',
                    },
                ),
            },
        },
    }
}


def write(folder: Path, **stacks: dict[str, Any]) -> Path:
    """A cloud assembly of these stacks; by default the small one."""
    stacks = stacks or {"Small-Data": DATA, "Small-Moving": MOVING}
    artifacts = {}
    for name, body in stacks.items():
        file = f"{name}.template.json"
        (folder / file).write_text(json.dumps(body), "utf-8")
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": file},
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), "utf-8")
    return folder
