"""The one place that makes a lifecycle's state machine, with the rule that starts it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.config import Stage, WorkflowType
from infra.constructs.alarms import Alarms
from infra.constructs.logs import log_group
from infra.constructs.nag import acknowledge
from infra.constructs.timers import Timers
from shared.domain.lifecycle import Spec

SUBSTITUTIONS = (
    "DecideFunctionArn",
    "SendFunctionArn",
    "ScheduleGroup",
    "ScheduleRoleArn",
    "ScheduleDeadLetterArn",
    "FailureQueueUrl",
)
"""What a workflow file may name as ${...}."""


def machine_name(stage: Stage, lifecycle: str) -> str:
    """The name of a lifecycle's state machine."""
    return stage.named(lifecycle)


class Workflow(Construct):
    """A lifecycle's state machine, its role, its rule and its alarms, all from its SPEC.

    Attributes:
        machine: the state machine.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        spec: Spec,
        definition: Path,
        bus: events.IEventBus,
        decide: lambda_.IFunction,
        send: lambda_.IFunction,
        timers: Timers,
        failures: sqs.IQueue,
        undelivered: sqs.IQueue,
        alarms: Alarms,
    ) -> None:
        """
        Args:
            scope: the stack.
            id: the lifecycle's name in Pascal case.
            stage: the settings.
            spec: the lifecycle's own declaration.
            definition: its workflow.asl.json.
            bus: where the facts are published that start it.
            decide: the function that looks at the facts.
            send: the function that sends.
            timers: the schedules that wake it.
            failures: where an execution that cannot go on leaves a note.
            undelivered: where a fact goes that could not start it.
            alarms: who is told.
        """
        super().__init__(scope, id)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            description=f"What the state machine of {spec.name} may do.",
        )
        for statement in self._statements(decide, send, timers, failures):
            role.add_to_policy(statement)
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=machine_name(stage, spec.name),
            state_machine_type=sfn.StateMachineType[stage.workflow_type],
            # Inlined, so that diff, linters and people see it.
            definition_body=sfn.DefinitionBody.from_string(definition.read_text("utf-8")),
            definition_substitutions=self._substitutions(decide, send, timers, failures),
            role=role,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=log_group(self, stage, spec.name),
                level=sfn.LogLevel.ALL,
                include_execution_data=False,
            ),
        )
        acknowledge(
            role,
            ("AwsSolutions-IAM5[Resource::*]",),
            "Log delivery and X-Ray know no narrower resource; the CDK writes these statements.",
        )
        region, account = stage.region or "<AWS::Region>", stage.account or "<AWS::AccountId>"
        schedules = f"scheduler:{region}:{account}:schedule/{timers.group_name}/*"
        acknowledge(
            role,
            (f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:{schedules}]",),
            "All schedules of the stage's own group: their names are digests, one per order.",
        )
        self._rule(stage, spec, bus, undelivered)
        self._reconsider_rule(stage, spec, bus, undelivered)
        self._alarms(stage, spec, alarms)

    @staticmethod
    def _substitutions(
        decide: lambda_.IFunction, send: lambda_.IFunction, timers: Timers, failures: sqs.IQueue
    ) -> Mapping[str, str]:
        values = (
            decide.function_arn,
            send.function_arn,
            timers.group_name,
            timers.role.role_arn,
            timers.dead_letters.queue_arn,
            failures.queue_url,
        )
        return dict(zip(SUBSTITUTIONS, values, strict=True))

    @staticmethod
    def _statements(
        decide: lambda_.IFunction, send: lambda_.IFunction, timers: Timers, failures: sqs.IQueue
    ) -> tuple[iam.PolicyStatement, ...]:
        return (
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction"],
                resources=[decide.function_arn, send.function_arn],
            ),
            iam.PolicyStatement(
                actions=[
                    "scheduler:CreateSchedule",
                    "scheduler:DeleteSchedule",
                    "scheduler:UpdateSchedule",
                ],
                resources=[timers.schedule_arns],
            ),
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[timers.role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
            ),
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[failures.queue_arn]),
        )

    def _rule(
        self, stage: Stage, spec: Spec, bus: events.IEventBus, undelivered: sqs.IQueue
    ) -> None:
        """Start the machine for each fact that the SPEC names, with ids only."""
        events.Rule(
            self,
            "Rule",
            rule_name=stage.named(spec.name),
            description=f"Facts that start {spec.name}.",
            event_bus=bus,
            event_pattern=events.EventPattern(
                source=["yoin"],
                detail_type=list(spec.triggers),
                # A fact about a person, not an order, has no order to look at.
                detail={"data": {"order_id": events.Match.exists()}},
            ),
            targets=[
                targets.SfnStateMachine(
                    self.machine,
                    input=events.RuleTargetInput.from_object(
                        {
                            "brand": events.EventField.from_path("$.detail.metadata.brand"),
                            "order_id": events.EventField.from_path("$.detail.data.order_id"),
                            "cause": events.EventField.from_path("$.detail.metadata.id"),
                        }
                    ),
                    dead_letter_queue=undelivered,
                )
            ],
        )

    def _reconsider_rule(
        self, stage: Stage, spec: Spec, bus: events.IEventBus, undelivered: sqs.IQueue
    ) -> None:
        """Start the machine for an order that Yoin itself asks it to look at again."""
        events.Rule(
            self,
            "ReconsiderRule",
            rule_name=stage.named(f"{spec.name}-reconsider"),
            description=f"What makes {spec.name} look again, beside facts and its own timers.",
            event_bus=bus,
            event_pattern=events.EventPattern(
                source=["yoin"],
                detail_type=["ReconsiderRequested"],
                detail={"data": {"lifecycle": [spec.name]}},
            ),
            targets=[
                targets.SfnStateMachine(
                    self.machine,
                    input=events.RuleTargetInput.from_object(
                        {
                            "brand": events.EventField.from_path("$.detail.data.brand"),
                            "order_id": events.EventField.from_path("$.detail.data.order_id"),
                            "cause": events.EventField.from_path("$.detail.data.cause"),
                        }
                    ),
                    dead_letter_queue=undelivered,
                )
            ],
        )

    def _alarms(self, stage: Stage, spec: Spec, alarms: Alarms) -> None:
        alarms.add(
            self,
            f"{spec.name}-failed",
            self.machine.metric_failed(period=Duration.minutes(5)),
            runbook="lifecycle-failed",
            says=f"Executions of {spec.name} failed; the failures queue names the orders.",
        )
        alarms.add(
            self,
            f"{spec.name}-timed-out",
            self.machine.metric_timed_out(period=Duration.minutes(5)),
            runbook="lifecycle-timed-out",
            says=f"Executions of {spec.name} ran out of time.",
        )
        if stage.workflow_type is WorkflowType.STANDARD:
            alarms.add(
                self,
                f"{spec.name}-throttled",
                self.machine.metric_throttled(period=Duration.minutes(5)),
                runbook="lifecycle-throttled",
                says=f"State transitions of {spec.name} are throttled.",
                periods=3,
            )
