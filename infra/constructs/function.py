"""The one place that makes a Lambda function."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import Stage
from infra.constructs.alarms import Alarms
from infra.constructs.logs import log_group
from infra.constructs.nag import acknowledge
from infra.wheelhouse import LAMBDA_PYTHON

RUNTIME = lambda_.Runtime(
    f"python{LAMBDA_PYTHON}", lambda_.RuntimeFamily.PYTHON, supports_inline_code=True
)


class Function(lambda_.Function):
    """One file in functions/: arm64, JSON logs in its own group, traced by the service."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        name: str,
        code: lambda_.Code,
        environment: Mapping[str, str],
        timeout: Duration,
        alarms: Alarms,
        memory_mib: int = 512,
        concurrency: int | None = None,
        asynchronous: bool = False,
    ) -> None:
        role = iam.Role(
            scope,
            f"{id}Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"What the function {name} may do.",
        )
        # The group is the role's neighbour, not the function's child: the function needs it first.
        logs = log_group(Construct(scope, f"{id}Logging"), stage, name)
        logs.grant_write(role)
        super().__init__(
            scope,
            id,
            function_name=stage.named(name),
            runtime=RUNTIME,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"functions.{name}.handler",
            code=code,
            role=role,
            environment=dict(environment),
            timeout=timeout,
            memory_size=memory_mib,
            reserved_concurrent_executions=concurrency,
            log_group=logs,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel[stage.log_level],
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            tracing=lambda_.Tracing.ACTIVE,
        )
        self._acknowledge(role, asynchronous)
        alarms.add(
            self,
            f"{name}-errors",
            self.metric_errors(period=Duration.minutes(5)),
            runbook="function-errors",
            says=f"The function {name} ends in errors again and again.",
            threshold=5,
            periods=2,
        )
        alarms.add(
            self,
            f"{name}-throttles",
            self.metric_throttles(period=Duration.minutes(5)),
            runbook="function-throttles",
            says=f"The function {name} is refused for the account's concurrency.",
            periods=3,
        )

    def give_up_to(self, queue: sqs.IQueue) -> None:
        """Where an asynchronous call goes that failed three times, as it came. The role must
        be allowed to send there."""
        resource = self.node.default_child
        if not isinstance(resource, lambda_.CfnFunction):
            raise TypeError("a function without its resource")
        resource.dead_letter_config = lambda_.CfnFunction.DeadLetterConfigProperty(
            target_arn=queue.queue_arn
        )

    def _acknowledge(self, role: iam.Role, asynchronous: bool) -> None:
        acknowledge(
            role,
            ("AwsSolutions-IAM5[Resource::*]",),
            "X-Ray's two actions for writing traces know no narrower resource.",
        )
        if not asynchronous:  # else it is told where to give up to
            acknowledge(
                self,
                ("Serverless-LambdaDLQ",),
                "Never invoked asynchronously: its caller is a queue with dead letters, a state "
                "machine that records failures, or a vendor who waits for the answer.",
            )
        acknowledge(
            self,
            ("AwsSolutions-L1", "Serverless-LambdaLatestVersion"),
            "The Python is pinned in one constant, and the bundled wheels and bytecode are for it.",
        )
