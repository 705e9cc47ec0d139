"""Time: the group of one-time schedules that wake lifecycles."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.config import Stage
from infra.constructs.alarms import Alarms
from infra.constructs.queues import alarm_on_letters, letter_box


class Timers(Construct):
    """The schedule group, the role that its schedules use, and their dead letters.

    Attributes:
        group_name: of the schedule group.
        role: may start the given state machines and put dead letters, nothing else.
        dead_letters: where a wake-up goes that could not be delivered.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        alarms: Alarms,
        starts: Sequence[str],
    ) -> None:
        """``starts``: names of the state machines that a schedule may start."""
        super().__init__(scope, id)
        stack = Stack.of(self)
        self.group_name = stage.named()
        scheduler.CfnScheduleGroup(self, "Group", name=self.group_name)
        self.dead_letters = letter_box(self, "DeadLetters", stage, "timer-dead-letters")
        self.role = iam.Role(
            self,
            "Role",
            description="What a schedule may do: wake a lifecycle.",
            # Only schedules of this group, of this account, may take the role.
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={
                    "StringEquals": {
                        "aws:SourceAccount": Aws.ACCOUNT_ID,
                        "aws:SourceArn": stack.format_arn(
                            service="scheduler",
                            resource="schedule-group",
                            resource_name=self.group_name,
                        ),
                    }
                },
            ),
        )
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=["sqs:SendMessage"], resources=[self.dead_letters.queue_arn]
            )
        )
        if starts:
            self.role.add_to_policy(
                iam.PolicyStatement(
                    actions=["states:StartExecution"],
                    # By name: the machines' definitions name this role in turn.
                    resources=[state_machine_arn(stack, name) for name in starts],
                )
            )
        alarm_on_letters(
            alarms,
            self.dead_letters,
            "timer-dead-letters",
            runbook="timer-dead-letters",
            says="Lifecycles were not woken at their time.",
        )
        alarms.add(
            self,
            "timers-dropped",
            cloudwatch.Metric(
                namespace="AWS/Scheduler",
                metric_name="InvocationDroppedCount",
                dimensions_map={"ScheduleGroup": self.group_name},
                period=Duration.minutes(5),
                statistic="Sum",
            ),
            runbook="timers-dropped",
            says="The Scheduler gave up waking lifecycles.",
        )

    @property
    def schedule_arns(self) -> str:
        """All schedules of the group: their names are digests, one per order and lifecycle."""
        return Stack.of(self).format_arn(
            service="scheduler", resource="schedule", resource_name=f"{self.group_name}/*"
        )


def state_machine_arn(stack: Stack, name: str) -> str:
    """The ARN of a state machine of the stack's account and region, by its name."""
    return f"arn:{Aws.PARTITION}:states:{stack.region}:{stack.account}:stateMachine:{name}"
