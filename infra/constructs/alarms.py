"""The one place that makes an alarm. Each names its entry in the runbook."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import Stage

RUNBOOK = "docs/runbook.md"


class Alarms(Construct):
    """The topic that people are told on, and the alarms that publish to it."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, undelivered: sqs.IQueue) -> None:
        super().__init__(scope, id)
        self._stage = stage
        self.topic = sns.Topic(self, "Topic", topic_name=stage.named("alarms"), enforce_ssl=True)
        if stage.alarm_email:
            self.topic.add_subscription(
                subscriptions.EmailSubscription(stage.alarm_email, dead_letter_queue=undelivered)
            )

    def add_url_errors(
        self, scope: Construct, what: str, function_name: str, *, says: str
    ) -> cloudwatch.Alarm:
        """Raise an alarm when calls of a function's URL fail (5xx), three in five minutes, twice in
        a row. ``what`` is also the anchor in the runbook; the rest as in ``add``."""
        failed = cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name="Url5xxCount",
            dimensions_map={"FunctionName": function_name},
            period=Duration.minutes(5),
            statistic="Sum",
        )
        return self.add(scope, what, failed, runbook=what, says=says, threshold=3, periods=2)

    def add(
        self,
        scope: Construct,
        what: str,
        metric: cloudwatch.IMetric,
        *,
        runbook: str,
        says: str,
        threshold: float = 1,
        periods: int = 1,
    ) -> cloudwatch.Alarm:
        """Raise an alarm when the metric is at the threshold or above for so many periods.

        Args:
            scope: the construct that the alarm is about.
            what: the last part of the alarm's name, in kebab case.
            metric: with its period and statistic; missing data is not an alarm.
            runbook: the anchor of the entry in docs/runbook.md that says what to do.
            says: one sentence for whoever is woken: what is wrong.
            threshold: in the metric's unit.
            periods: how many periods in a row.
        """
        alarm = cloudwatch.Alarm(
            scope,
            "".join(part.title() for part in what.split("-")) + "Alarm",
            alarm_name=self._stage.named(what),
            alarm_description=f"{says} What to do: {RUNBOOK}#{runbook}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=(cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD),
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        return alarm
