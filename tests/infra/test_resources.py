"""Invariants over every resource of the synthesized templates: house rules, not counts."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from infra.config import STAGES, Stage
from infra.wheelhouse import LAMBDA_PYTHON
from shared import lifecycles
from shared.domain.events import FACTS
from shared.settings import read_settings
from tests.infra.templates import (
    Resource,
    listed,
    referred,
    resources,
    statements,
    template,
    text,
)

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow

STAGE = "local"
"""prod's settings, partners' buses, webhooks and APIs besides: the stage with all kinds of
resources."""


@pytest.fixture
def stage() -> str:
    """The stage whose template is looked at."""
    return STAGE


def test_the_stage_under_test_differs_from_prod_in_what_is_connected_only() -> None:
    def bare(stage: str) -> Stage:
        alike = replace(STAGES[stage], name=STAGE, apis=(), webhooks=())
        return replace(alike, brands=STAGES["prod"].brands, partner_event_sources=())

    assert set(STAGES["prod"].brands) < set(STAGES[STAGE].brands)
    assert bare(STAGE) == bare("prod")


# --- functions ---------------------------------------------------------------


def test_every_function_has_its_own_logs_as_json_and_for_a_time(stage: str) -> None:
    groups = {group.id: group for group in resources(stage, "AWS::Logs::LogGroup")}
    used = []
    for function in resources(stage, "AWS::Lambda::Function"):
        logging = function.properties["LoggingConfig"]
        group = groups[referred(logging["LogGroup"])]
        used.append(group.id)
        assert logging["LogFormat"] == "JSON", function
        assert group.properties["RetentionInDays"] == STAGES[stage].log_retention_days, group
    assert used
    assert len(set(used)) == len(used), "two functions share a log group"


def test_every_function_runs_on_the_pinned_machine_and_is_traced(stage: str) -> None:
    for function in resources(stage, "AWS::Lambda::Function"):
        assert function.properties["Architectures"] == ["arm64"], function
        assert function.properties["Runtime"] == f"python{LAMBDA_PYTHON}", function
        assert function.properties["TracingConfig"] == {"Mode": "Active"}, function
        # Somebody waits for the webhook function: five seconds in all is what Shopify gives.
        waited_for = function.properties["Handler"] == "functions.webhook.handler"
        timeout = function.properties["Timeout"]
        assert timeout == 5 if waited_for else timeout >= 10, function
        assert function.properties["MemorySize"] >= 256, function


def test_every_function_names_a_handler_that_is_there(stage: str) -> None:
    for function in resources(stage, "AWS::Lambda::Function"):
        module, _, name = function.properties["Handler"].rpartition(".")
        source = ROOT / (module.replace(".", "/") + ".py")
        defined = {
            node.name
            for node in ast.parse(source.read_text("utf-8")).body
            if isinstance(node, ast.FunctionDef)
        }
        assert name in defined, function


def test_all_functions_share_one_package(stage: str) -> None:
    keys = {
        text(function.properties["Code"]["S3Key"])
        for function in resources(stage, "AWS::Lambda::Function")
    }
    assert len(keys) == 1


def test_every_function_gets_the_settings_that_the_code_reads(stage: str) -> None:
    queues = {queue.id for queue in resources(stage, "AWS::SQS::Queue")}
    for function in resources(stage, "AWS::Lambda::Function"):
        variables = function.properties["Environment"]["Variables"]
        settings = read_settings({name: text(value) for name, value in variables.items()})
        assert settings.stage == stage
        assert settings.brands == STAGES[stage].brands
        assert settings.retention_days == STAGES[stage].retention_days
        if settings.quarantine_url:
            assert referred(variables["YOIN_QUARANTINE_URL"]) in queues
        assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "Yoin"


def test_every_log_group_has_a_retention(stage: str) -> None:
    for group in resources(stage, "AWS::Logs::LogGroup"):
        assert group.properties["RetentionInDays"] > 0, group


# --- asynchronous edges ------------------------------------------------------


def dead_letter_queues(stage: str) -> set[str]:
    """The logical ids of all queues that something gives up to."""
    found = set()
    for queue in resources(stage, "AWS::SQS::Queue"):
        if "RedrivePolicy" in queue.properties:
            found.add(referred(queue.properties["RedrivePolicy"]["deadLetterTargetArn"]))
    for rule in resources(stage, "AWS::Events::Rule"):
        for target in rule.properties["Targets"]:
            found.add(referred(target["DeadLetterConfig"]["Arn"]))
    for machine in resources(stage, "AWS::StepFunctions::StateMachine"):
        substitutions = machine.properties["DefinitionSubstitutions"]
        found.add(referred(substitutions["ScheduleDeadLetterArn"]))
        found.add(referred(substitutions["FailureQueueUrl"]))
    for function in resources(stage, "AWS::Lambda::Function"):
        variables = function.properties["Environment"]["Variables"]
        if "YOIN_QUARANTINE_URL" in variables:
            found.add(referred(variables["YOIN_QUARANTINE_URL"]))
    return found


def test_every_rule_target_has_dead_letters_and_may_write_them(stage: str) -> None:
    writable = {
        referred(queue)
        for policy in resources(stage, "AWS::SQS::QueuePolicy")
        for queue in policy.properties["Queues"]
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
        and statement["Principal"] == {"Service": "events.amazonaws.com"}
        and "sqs:SendMessage" in listed(statement["Action"])
    }
    invoked = {
        referred(permission.properties["FunctionName"])
        for permission in resources(stage, "AWS::Lambda::Permission")
        if permission.properties["Principal"] == "events.amazonaws.com"
    }
    rules = resources(stage, "AWS::Events::Rule")
    assert rules
    for rule in rules:
        assert rule.properties["Targets"], rule
        for target in rule.properties["Targets"]:
            assert referred(target["DeadLetterConfig"]["Arn"]) in writable, rule
            if "RoleArn" not in target:
                assert referred(target["Arn"]) in writable | invoked, rule


def test_every_queue_that_a_function_works_off_gives_up_in_time(stage: str) -> None:
    queues = {queue.id: queue for queue in resources(stage, "AWS::SQS::Queue")}
    functions = {function.id: function for function in resources(stage, "AWS::Lambda::Function")}
    mappings = resources(stage, "AWS::Lambda::EventSourceMapping")
    assert mappings
    for mapping in mappings:
        queue = queues[referred(mapping.properties["EventSourceArn"])]
        function = functions[referred(mapping.properties["FunctionName"])]
        assert mapping.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert queue.properties["RedrivePolicy"]["maxReceiveCount"] >= 3, queue
        timeout = function.properties["Timeout"]
        assert queue.properties["VisibilityTimeout"] >= 6 * timeout, queue


def test_every_queue_is_encrypted_and_speaks_tls_only(stage: str) -> None:
    closed = {
        referred(queue)
        for policy in resources(stage, "AWS::SQS::QueuePolicy")
        for queue in policy.properties["Queues"]
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    for queue in resources(stage, "AWS::SQS::Queue"):
        assert queue.properties["SqsManagedSseEnabled"] is True, queue
        assert queue.id in closed, queue


def test_nothing_is_subscribed_without_dead_letters(stage: str) -> None:
    for subscription in resources(stage, "AWS::SNS::Subscription"):
        assert "deadLetterTargetArn" in subscription.properties["RedrivePolicy"], subscription


def test_our_own_facts_never_come_back_to_the_inlet(stage: str) -> None:
    (inlet,) = [
        rule
        for rule in resources(stage, "AWS::Events::Rule")
        if rule.properties["Name"] == f"yoin-{stage}-inlet"
    ]
    pattern = inlet.properties["EventPattern"]
    assert pattern["source"] == [{"anything-but": ["yoin"]}] or pattern["source"] == [
        {"anything-but": "yoin"}
    ]
    assert sorted(pattern["detail-type"]) == sorted(FACTS)


def test_every_partner_event_source_has_its_bus_and_reaches_the_inlet() -> None:
    sources = STAGES[STAGE].partner_event_sources
    assert sources
    buses = {
        bus.properties["Name"]
        for bus in resources(STAGE, "AWS::Events::EventBus")
        if bus.properties.get("EventSourceName") == bus.properties["Name"]
    }
    rules = {
        source
        for rule in resources(STAGE, "AWS::Events::Rule")
        for source in rule.properties.get("EventPattern", {}).get("source", ())
        if isinstance(source, str) and rule.properties.get("EventBusName") == source
    }
    assert buses == set(sources)
    assert set(sources) <= rules


# --- alarms ------------------------------------------------------------------


def alarms_on(stage: str, dimension: str) -> set[str]:
    """The logical ids that the stage's alarms have in this dimension."""
    return {
        referred(found["Value"])
        for alarm in resources(stage, "AWS::CloudWatch::Alarm")
        for found in alarm.properties.get("Dimensions", [])
        if found["Name"] == dimension
    }


def test_every_queue_of_dead_letters_has_an_alarm_on_its_first_letter(stage: str) -> None:
    watched = {
        referred(dimension["Value"])
        for alarm in resources(stage, "AWS::CloudWatch::Alarm")
        if alarm.properties.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        and alarm.properties["Threshold"] == 1
        for dimension in alarm.properties["Dimensions"]
    }
    letters = dead_letter_queues(stage)
    assert letters
    assert letters <= watched
    everything = {queue.id for queue in resources(stage, "AWS::SQS::Queue")}
    assert everything == alarms_on(stage, "QueueName"), "a queue that nobody watches"


def test_every_function_and_workflow_has_an_alarm(stage: str) -> None:
    functions = {function.id for function in resources(stage, "AWS::Lambda::Function")}
    machines = {machine.id for machine in resources(stage, "AWS::StepFunctions::StateMachine")}
    assert functions == alarms_on(stage, "FunctionName")
    assert machines == alarms_on(stage, "StateMachineArn")


def runbook_anchors() -> set[str]:
    """The anchors of the runbook's headings, as GitHub makes them."""
    runbook = (ROOT / "docs/runbook.md").read_text("utf-8")
    headings = re.findall(r"^#+ +(.+?) *$", runbook, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a (?:id|name)="([^"]+)"', runbook))


def test_every_alarm_tells_somebody_and_names_an_entry_of_the_runbook(stage: str) -> None:
    anchors = runbook_anchors()
    (topic,) = resources(stage, "AWS::SNS::Topic", stack="Lifecycle")
    missing = {}
    for alarm in resources(stage, "AWS::CloudWatch::Alarm"):
        assert [referred(action) for action in alarm.properties["AlarmActions"]] == [topic.id]
        named = re.search(r"docs/runbook\.md#([\w-]+)$", alarm.properties["AlarmDescription"])
        assert named, alarm
        if named[1] not in anchors:
            missing[str(alarm)] = named[1]
    assert not missing, "docs/runbook.md lacks these entries"


# --- permissions -------------------------------------------------------------

# Actions that know no resource: AWS documents them so, and the CDK writes these statements.
WITHOUT_RESOURCE = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "ses:GetSendQuota",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


def test_no_role_may_do_everything_of_anything(stage: str) -> None:
    for where, statement in statements(stage):
        for action in listed(statement["Action"]):
            assert "*" not in action, where


def test_every_permission_is_narrowed_to_resources(stage: str) -> None:
    schedules = f":schedule/yoin-{stage}/*"
    for where, statement in statements(stage):
        actions = set(listed(statement["Action"]))
        if "Resource" not in statement:
            # A telephone number is no resource: only topics can be left out.
            assert actions == {"sns:Publish"}, where
            assert statement["NotResource"] == "arn:*:sns:*:*:*", where
            continue
        for resource in map(text, listed(statement["Resource"])):
            if resource == "*":
                assert actions <= WITHOUT_RESOURCE, where
            elif "*" in resource:
                assert resource.endswith(schedules), where
                assert {action.partition(":")[0] for action in actions} == {"scheduler"}, where


# What IAM calls the SDK's operations that our adapters use.
ACTIONS = {
    "get_item": "dynamodb:GetItem",
    "get_send_quota": "ses:GetSendQuota",
    "get_secret_value": "secretsmanager:GetSecretValue",
    "put_secret_value": "secretsmanager:PutSecretValue",
    "publish": "sns:Publish",
    "put_events": "events:PutEvents",
    "put_item": "dynamodb:PutItem",
    "query": "dynamodb:Query",
    "send_email": "ses:SendEmail",
    "send_message": "sqs:SendMessage",
    "update_item": "dynamodb:UpdateItem",
    "transact_write_items": "dynamodb:PutItem",  # ours only put
}
# What the functions' own surroundings need: logs, traces, working off a queue.
SURROUNDINGS = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


# What people do with their own credentials: they look through the table, and delete.
PEOPLES = "people.py"


def test_functions_may_do_what_the_adapters_do_and_no_more(stage: str) -> None:
    used = {
        ACTIONS[operation]
        for source in (ROOT / "shared/adapters/aws").glob("*.py")
        if source.name != PEOPLES
        for operation in re.findall(r"_client\(\)\.(\w+)\(", source.read_text("utf-8"))
    }
    roles = {
        referred(function.properties["Role"])
        for function in resources(stage, "AWS::Lambda::Function")
    }
    granted = {
        action
        for where, statement in statements(stage)
        if where.type == "AWS::IAM::Policy"
        and {referred(role) for role in where.properties["Roles"]} & roles
        for action in listed(statement["Action"])
    }
    assert granted - SURROUNDINGS == used


def test_nothing_that_is_deployed_deletes_or_looks_through_the_table(stage: str) -> None:
    granted = {
        action for _, statement in statements(stage) for action in listed(statement["Action"])
    }
    rights = {"Scan", "DeleteItem", "BatchWriteItem", "UpdateTable", "PartiQLDelete", "*"}
    assert not granted & {f"dynamodb:{right}" for right in rights}
    # A function that imported it would fail at its first call, and only there.
    deployed = [*(ROOT / "functions").glob("*.py"), *(ROOT / "shared").rglob("*.py")]
    assert not [source for source in deployed if "aws.people" in source.read_text("utf-8")]


def test_no_role_has_a_managed_policy(stage: str) -> None:
    for role in resources(stage, "AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role.properties, role


def test_events_are_put_on_our_bus_as_ourselves_only(stage: str) -> None:
    found = [s for _, s in statements(stage) if "events:PutEvents" in listed(s["Action"])]
    assert found
    for statement in found:
        # Facts and outcomes as ourselves; what vendors sent under the name that says so.
        name = statement["Condition"]["StringEquals"]["events:source"]
        assert statement["Condition"] == {"StringEquals": {"events:source": name}}
        assert name in {"yoin", "yoin.webhook"}
        (bus,) = listed(statement["Resource"])
        assert text(bus).endswith(f":event-bus/yoin-{stage}")


def test_mail_is_sent_from_the_brands_domains_only(stage: str) -> None:
    (statement,) = [s for _, s in statements(stage) if "ses:SendEmail" in listed(s["Action"])]
    may = {text(resource).rpartition(":")[2] for resource in statement["Resource"]}
    wanted = {f"identity/{domain}" for domain in STAGES[stage].sender_domains}
    assert may == wanted | {f"configuration-set/yoin-{stage}"}
    identities = {
        identity.properties["EmailIdentity"]
        for identity in resources(stage, "AWS::SES::EmailIdentity")
    }
    assert {f"identity/{name}" for name in identities} == wanted


def test_only_who_counts_may_update_and_only_the_sweeper_reads_open_claims(stage: str) -> None:
    names = {
        referred(function.properties["Role"]): function.properties["FunctionName"].rpartition("-")[
            2
        ]
        for function in resources(stage, "AWS::Lambda::Function")
    }

    def holders(action: str, ending: str) -> set[str]:
        return {
            names[referred(role)]
            for where, statement in statements(stage)
            if where.type == "AWS::IAM::Policy" and action in listed(statement["Action"])
            for role in where.properties["Roles"]
            if referred(role) in names
            for resource in listed(statement["Resource"])
            if text(resource).endswith(ending)
        }

    assert holders("dynamodb:UpdateItem", f":table/yoin-{stage}") == {"feedback", "ingest", "send"}
    assert holders("dynamodb:Query", "/index/by_claim") == {"sweep"}


def test_ses_tells_by_two_ways_and_only_of_our_configuration_set(stage: str) -> None:
    ways = {
        key
        for destination in resources(stage, "AWS::SES::ConfigurationSetEventDestination")
        for key in destination.properties["EventDestination"]
        if key.endswith("Destination")
    }
    assert ways == {"EventBridgeDestination", "SnsDestination"}
    kinds = {
        tuple(destination.properties["EventDestination"]["MatchingEventTypes"])
        for destination in resources(stage, "AWS::SES::ConfigurationSetEventDestination")
    }
    assert len(kinds) == 1

    statement = publisher(stage, "ses.amazonaws.com")
    assert statement["Action"] == "sns:Publish"
    said = statement["Condition"]["StringEquals"]
    assert text(said["aws:SourceArn"]).endswith(f":configuration-set/yoin-{stage}")
    assert "aws:SourceAccount" in said

    assert subscribed(stage, "mail-events")["RawMessageDelivery"] is True


def publisher(stage: str, service: str) -> Mapping[str, Any]:
    """The one statement that lets a service write to a topic of ours."""
    (found,) = (
        statement
        for policy in resources(stage, "AWS::SNS::TopicPolicy", stack="Data")
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and statement["Principal"] == {"Service": service}
    )
    return cast("Mapping[str, Any]", found)


def subscribed(stage: str, topic: str) -> Mapping[str, Any]:
    """How a queue of ours listens to a topic."""
    (found,) = (
        one.properties
        for one in resources(stage, "AWS::SNS::Subscription")
        if one.properties["Protocol"] == "sqs"
        and text(one.properties["TopicArn"]).endswith(f":yoin-{stage}-{topic}")
    )
    return cast("Mapping[str, Any]", found)


def test_answers_to_text_messages_come_from_aws_alone_and_with_their_time(stage: str) -> None:
    statement = publisher(stage, "sms-voice.amazonaws.com")
    assert statement["Action"] == "sns:Publish"
    assert "aws:SourceAccount" in statement["Condition"]["StringEquals"]
    # Only the notification around an answer says when it came.
    assert not subscribed(stage, "sms-replies").get("RawMessageDelivery")


def test_a_schedule_may_only_wake_our_own_workflows(stage: str) -> None:
    started = {
        text(arn).rpartition(":")[2]
        for where, statement in statements(stage)
        if "states:StartExecution" in listed(statement["Action"]) and "Timers" in where.id
        for arn in listed(statement["Resource"])
    }
    machines = {
        machine.properties["StateMachineName"]
        for machine in resources(stage, "AWS::StepFunctions::StateMachine")
    }
    assert started == machines


# --- what must survive -------------------------------------------------------

STATEFUL = {
    "AWS::DynamoDB::Table",
    "AWS::Events::Archive",
    "AWS::Events::EventBus",
    "AWS::SES::ConfigurationSet",
    "AWS::SES::EmailIdentity",
    "AWS::SecretsManager::Secret",
}


def test_what_is_stateful_stands_in_the_data_stack_and_is_kept() -> None:
    kept = [r for r in resources(STAGE) if r.type in STATEFUL]
    assert {r.type for r in kept} == STATEFUL
    for resource in kept:
        assert resource.stack == "Data", resource
        assert resource.body["DeletionPolicy"] == "Retain", resource
        assert resource.body["UpdateReplacePolicy"] == "Retain", resource


def test_the_table_is_protected_encrypted_and_can_be_restored() -> None:
    (table,) = resources(STAGE, "AWS::DynamoDB::Table")
    assert table.properties["BillingMode"] == "PAY_PER_REQUEST"
    assert table.properties["DeletionProtectionEnabled"] is True
    assert table.properties["SSESpecification"] == {"SSEEnabled": True}
    recovery = table.properties["PointInTimeRecoverySpecification"]
    assert recovery["PointInTimeRecoveryEnabled"] is True
    assert table.properties["TimeToLiveSpecification"] == {
        "AttributeName": "expires_at",
        "Enabled": True,
    }


def test_no_stack_exports_what_the_other_finds_by_name(stage: str) -> None:
    for stack in ("Data", "Lifecycle"):
        assert "Fn::ImportValue" not in str(template(stage, stack))
        for output in template(stage, stack).get("Outputs", {}).values():
            assert "Export" not in output


# --- lifecycles --------------------------------------------------------------


def of_lifecycle(stage: str, kind: str, name: str) -> list[Resource]:
    """Resources of a type whose physical name is the lifecycle's."""
    keys = ("StateMachineName", "Name")
    return [
        r
        for r in resources(stage, kind)
        if any(r.properties.get(key) == f"yoin-{stage}-{name}" for key in keys)
    ]


def test_every_lifecycle_has_its_machine_rule_alarms_and_dashboard_row(stage: str) -> None:
    (dashboard,) = resources(stage, "AWS::CloudWatch::Dashboard")
    figures = text(dashboard.properties["DashboardBody"])
    assert lifecycles.specs()
    for spec in lifecycles.specs():
        (machine,) = of_lifecycle(stage, "AWS::StepFunctions::StateMachine", spec.name)
        assert machine.properties["StateMachineType"] == STAGES[stage].workflow_type
        assert machine.properties["TracingConfiguration"] == {"Enabled": True}
        (rule,) = of_lifecycle(stage, "AWS::Events::Rule", spec.name)
        pattern = rule.properties["EventPattern"]
        assert pattern["source"] == ["yoin"]
        assert sorted(pattern["detail-type"]) == sorted(spec.triggers)
        (target,) = rule.properties["Targets"]
        assert referred(target["Arn"]) == machine.id
        assert target["InputTransformer"]["InputPathsMap"] == {
            "detail-metadata-brand": "$.detail.metadata.brand",
            "detail-data-order_id": "$.detail.data.order_id",
            "detail-metadata-id": "$.detail.metadata.id",
        }
        (again,) = of_lifecycle(stage, "AWS::Events::Rule", f"{spec.name}-reconsider")
        assert again.properties["EventPattern"] == {
            "source": ["yoin"],
            "detail-type": ["ReconsiderRequested"],
            "detail": {"data": {"lifecycle": [spec.name]}},
        }
        (target,) = again.properties["Targets"]
        assert referred(target["Arn"]) == machine.id
        assert set(target["InputTransformer"]["InputPathsMap"].values()) == {
            "$.detail.data.brand",
            "$.detail.data.order_id",
            "$.detail.data.cause",
        }
        alarm_names = {
            alarm.properties["AlarmName"] for alarm in resources(stage, "AWS::CloudWatch::Alarm")
        }
        for what in ("failed", "timed-out", "messages-failed"):
            assert f"yoin-{stage}-{spec.name}-{what}" in alarm_names
        assert f'"lifecycle","{spec.name}"' in figures
        assert spec.title[0] in figures


def test_no_lifecycle_is_named_in_infra() -> None:
    assert lifecycles.names()
    for source in (ROOT / "infra").rglob("*.py"):
        text_of_source = source.read_text("utf-8")
        assert not [name for name in lifecycles.names() if name in text_of_source], source
