"""What became of text messages: SNS tells it in CloudWatch Logs, and nowhere else.

The account's SMS settings say with which role SNS writes there. CloudFormation cannot set them:
the data stack's output ``SmsLogging`` is the command that does.
docs.aws.amazon.com/sns/latest/dg/sms_stats_cloudwatch.html
"""

from __future__ import annotations

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_logs_destinations as destinations
from constructs import Construct

from infra.config import Stage
from infra.constructs.logs import RETENTION

# SNS's own names below ``sns/<region>/<account>/``, for what is not sent to a topic.
GROUPS = {"Delivered": "DirectPublishToPhoneNumber", "Failed": "DirectPublishToPhoneNumber/Failure"}

# What AWS documents that SNS needs.
ACTIONS = (
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "logs:PutMetricFilter",
    "logs:PutRetentionPolicy",
)


def group_name(scope: Construct, kind: str) -> str:
    """The name of one of the two log groups of the account in the stack's region."""
    stack = Stack.of(scope)
    return f"sns/{stack.region}/{stack.account}/{GROUPS[kind]}"


class SmsLogs(Construct):
    """The two log groups, and the role with which SNS writes into them."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, kept: RemovalPolicy) -> None:
        super().__init__(scope, id)
        groups = [
            logs.LogGroup(
                self,
                kind,
                log_group_name=group_name(self, kind),
                retention=RETENTION[stage.log_retention_days],
                removal_policy=kept,
            )
            for kind in GROUPS
        ]
        role = iam.Role(
            self,
            "Role",
            role_name=stage.named("sms-logs"),
            assumed_by=iam.ServicePrincipal(
                "sns.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            ),
            description="SNS writes what became of text messages.",
        )
        # The ARN of a group ends in its streams: SNS names them as it goes.
        role.add_to_policy(
            iam.PolicyStatement(
                actions=list(ACTIONS), resources=[group.log_group_arn for group in groups]
            )
        )
        CfnOutput(
            self,
            "Logging",
            description="Run once per account and region: SNS logs what became of every SMS",
            value=(
                "aws sns set-sms-attributes --attributes "
                f"DeliveryStatusIAMRole={role.role_arn},DeliveryStatusSuccessSamplingRate=100"
            ),
        ).override_logical_id("SmsLogging")


class SmsFeedback(Construct):
    """Hands every record of the two log groups to a function."""

    def __init__(
        self, scope: Construct, id: str, *, stage: Stage, function: lambda_.IFunction
    ) -> None:
        super().__init__(scope, id)
        for kind in GROUPS:
            logs.SubscriptionFilter(
                self,
                kind,
                log_group=logs.LogGroup.from_log_group_name(
                    self, f"{kind}Logs", group_name(self, kind)
                ),
                destination=destinations.LambdaDestination(function),
                filter_pattern=logs.FilterPattern.all_events(),
                filter_name=stage.named(kind.lower()),
            )
