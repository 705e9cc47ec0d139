"""What became of text messages comes back: groups, role, filters, dead letters, rights."""

from __future__ import annotations

import pytest

from infra.constructs.sms_logs import GROUPS
from tests.infra.templates import listed, referred, resources, statements, template, text

pytestmark = pytest.mark.slow

STAGE = "local"


def groups() -> set[str]:
    return {
        text(group.properties["LogGroupName"])
        for group in resources(STAGE, "AWS::Logs::LogGroup", stack="Data")
    }


def test_both_log_groups_are_handed_to_feedback_which_may_give_up() -> None:
    assert {name.partition("DirectPublish")[2] for name in groups()} == {
        "ToPhoneNumber",
        "ToPhoneNumber/Failure",
    }
    filters = resources(STAGE, "AWS::Logs::SubscriptionFilter")
    assert {text(one.properties["LogGroupName"]) for one in filters} == groups()
    assert {one.properties["FilterPattern"] for one in filters} == {""}
    (function,) = {referred(one.properties["DestinationArn"]) for one in filters}
    (feedback,) = [f for f in resources(STAGE, "AWS::Lambda::Function") if f.id == function]
    assert feedback.properties["Handler"] == "functions.feedback.handler"
    queue = feedback.properties["DeadLetterConfig"]["TargetArn"]
    variables = feedback.properties["Environment"]["Variables"]
    assert referred(queue) == referred(variables["YOIN_QUARANTINE_URL"])
    callers = [
        one.properties
        for one in resources(STAGE, "AWS::Lambda::Permission")
        if one.properties["Principal"] == "logs.amazonaws.com"
    ]
    assert {referred(one["FunctionName"]) for one in callers} == {function}
    assert len({text(one["SourceArn"]) for one in callers}) == len(GROUPS)


def test_sns_writes_into_these_groups_only_and_the_command_names_its_role() -> None:
    (role,) = [
        one
        for one in resources(STAGE, "AWS::IAM::Role", stack="Data")
        if one.properties.get("RoleName") == f"yoin-{STAGE}-sms-logs"
    ]
    (trust,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "sns.amazonaws.com"}
    assert "aws:SourceAccount" in trust["Condition"]["StringEquals"]
    (may,) = [s for where, s in statements(STAGE) if "SmsLogs" in where.id]
    made = {group.id for group in resources(STAGE, "AWS::Logs::LogGroup", stack="Data")}
    assert {referred(arn) for arn in listed(may["Resource"])} == made
    output = template(STAGE, "Data")["Outputs"]["SmsLogging"]
    assert "set-sms-attributes" in text(output["Value"])
    assert role.id in str(output["Value"])


def test_whoever_takes_reports_may_follow_both_indexes() -> None:
    allowed = {
        where.id.partition("Role")[0]
        for where, statement in statements(STAGE)
        for arn in map(text, listed(statement.get("Resource", [])))
        if arn.endswith("/index/by_provider")
    }
    assert allowed == {"Ingest", "Feedback"}
    (table,) = resources(STAGE, "AWS::DynamoDB::Table")
    indexes = {
        index["IndexName"]: index["KeySchema"][0]["AttributeName"]
        for index in table.properties["GlobalSecondaryIndexes"]
    }
    del indexes["by_claim"]  # the sweeper's alone
    assert indexes == {"by_message": "message_id", "by_provider": "provider_id"}
