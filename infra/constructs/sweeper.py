"""What looks for claims that nobody has settled: a function, every quarter of an hour."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import Stage
from infra.constructs.alarms import Alarms
from infra.constructs.function import Function
from infra.constructs.nag import acknowledge

EVERY = Duration.minutes(15)


class Sweeper(Construct):
    """The rule that calls the function by the clock, and the alarm on what it finds.

    The caller grants the table, its index of open claims, and PutEvents.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        function: Function,
        undelivered: sqs.IQueue,
        metric: cloudwatch.IMetric,
        alarms: Alarms,
    ) -> None:
        """
        Args:
            scope: the stack.
            id: of the construct.
            stage: the settings.
            function: the sweeper.
            undelivered: where a call goes that could not be made.
            metric: how many claims a run finds, summed over ``EVERY``.
            alarms: who is told.
        """
        super().__init__(scope, id)
        events.Rule(
            self,
            "Rule",
            rule_name=stage.named("sweep"),
            description="Looks for claims that nobody has settled.",
            schedule=events.Schedule.rate(EVERY),
            targets=[targets.LambdaFunction(function, dead_letter_queue=undelivered)],
        )
        acknowledge(
            function,
            ("Serverless-LambdaDLQ",),
            "Nothing is lost with a call that fails: the next run finds the same claims, and the "
            "alarm sweep-fails tells of one that fails every time.",
        )
        alarms.add(
            self,
            "sweep-fails",
            function.metric_errors(period=EVERY),
            runbook="function-errors",
            says="The sweeper fails: claims that nobody settles are not found.",
            periods=2,
        )
        alarms.add(
            self,
            "stale-claims",
            metric,
            runbook="stale-claims",
            says="Messages were claimed and nobody settled them: timers or events are lost.",
            periods=3,
        )
