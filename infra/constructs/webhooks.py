"""Webhooks: the function's own URL, what it may do, its alarms."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import Stage
from infra.constructs.alarms import Alarms
from infra.constructs.dashboard import NAMESPACE
from infra.constructs.function import Function
from infra.constructs.secrets import secret_arn

REPLAY_KEYS = "WEBHOOK#*"
"""The partition keys of the table's rows that the function reads and writes."""


class Webhooks(Construct):
    """What stands around the webhook function of a stage that has webhooks.

    The caller grants PutEvents, as to every function.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        function: Function,
        table_arn: str,
        quarantine: sqs.IQueue,
        alarms: Alarms,
    ) -> None:
        """
        Args:
            scope: the stack.
            id: of the construct.
            stage: the settings.
            function: the webhook function.
            table_arn: of the table with the events that were seen.
            quarantine: where a genuine call goes that cannot be read.
            alarms: who is told.
        """
        super().__init__(scope, id)
        self._stage = stage
        function.add_environment("YOIN_WEBHOOKS", ",".join(stage.webhooks))
        function.add_environment("YOIN_QUARANTINE_URL", quarantine.queue_url)
        self._url(function)
        self._grant(function, table_arn, quarantine)
        self._alarms(function, alarms)

    def _url(self, function: Function) -> None:
        """The URL. Vendors cannot sign for IAM: the function checks what each signs with."""
        url = function.add_function_url(
            auth_type=lambda_.FunctionUrlAuthType.NONE,
            invoke_mode=lambda_.InvokeMode.BUFFERED,
        )
        for hook in self._stage.webhooks:
            CfnOutput(
                self,
                "".join(part.title() for part in hook.replace("/", "_").split("_")),
                description=f"Where {hook} sends its webhooks (docs/webhooks.md)",
                value=f"{url.url}{hook}",
            )

    def _grant(self, function: Function, table_arn: str, quarantine: sqs.IQueue) -> None:
        secrets = [
            secret_arn(self, self._stage, f"webhook/{hook}") for hook in self._stage.webhooks
        ]
        for statement in (
            iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=secrets),
            iam.PolicyStatement(
                actions=["dynamodb:GetItem", "dynamodb:PutItem"],
                resources=[table_arn],
                # Whoever takes over the one function that strangers reach finds no order.
                conditions={
                    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [REPLAY_KEYS]},
                },
            ),
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[quarantine.queue_arn]),
        ):
            function.add_to_role_policy(statement)

    def _alarms(self, function: Function, alarms: Alarms) -> None:
        alarms.add_url_errors(
            self,
            "webhook-5xx",
            function.function_name,
            says="Vendors' calls are not taken; some vendors switch a webhook off for that.",
        )
        for source in sorted({hook.partition("/")[0] for hook in self._stage.webhooks}):
            alarms.add(
                self,
                f"webhook-{source.replace('_', '-')}-refused",
                cloudwatch.Metric(
                    namespace=NAMESPACE,
                    metric_name="WebhookRefused",
                    dimensions_map={"service": self._stage.named(), "source": source},
                    period=Duration.minutes(15),
                    statistic="Sum",
                ),
                runbook="webhook-refused",
                says=f"Calls in the name of {source} are refused: a wrong secret, or strangers.",
                threshold=5,
            )
        alarms.add(
            self,
            "webhook-unremembered",
            cloudwatch.Metric(
                namespace=NAMESPACE,
                metric_name="WebhookUnremembered",
                dimensions_map={"service": self._stage.named()},
                period=Duration.minutes(15),
                statistic="Sum",
            ),
            runbook="webhook-unremembered",
            says="Vendors' repetitions are not recognised: the table does not answer in time.",
            threshold=10,
        )
