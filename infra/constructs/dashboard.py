"""The one dashboard of a stage: business figures above, resources below.

Written as CloudWatch's own JSON, because that alone knows a time zone: the people who look at it
read their own clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aws_cdk import Aws, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.config import Stage
from shared.domain.events import ProviderWord
from shared.domain.lifecycle import Spec
from shared.domain.limits import GUARDS

NAMESPACE = "Yoin"
PAGES = ("unsubscribed", "resubscribed", "preferences", "snoozed", "confirmed", "expired")
OUTCOMES = ("MessageSent", "MessageSkipped", "MessageFailed")

Metric = list[str | dict[str, str]]


def outcome_metric(stage: Stage, outcome: str, lifecycle: str) -> Metric:
    """One of our own figures, as the functions write it: by service and lifecycle."""
    return [NAMESPACE, outcome, "service", stage.named(), "lifecycle", lifecycle]


def webhook_metric(stage: Stage, figure: str, source: str) -> Metric:
    """One of the webhook function's figures, by service and source."""
    return [NAMESPACE, figure, "service", stage.named(), "source", source]


def standard_offset(zone: str) -> str:
    """The zone's offset from UTC outside summer time, as CloudWatch writes it: +0900.

    A dashboard cannot follow summer time, and synthesis must give the same bytes all year.
    """
    offsets = [
        datetime(2026, month, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
        for month in (1, 7)
    ]
    minutes = int(min(offsets).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}{rest:02d}"


class Dashboard(Construct):
    """Every lifecycle has its row above; queues, functions, workflows and the table are below."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        specs: Sequence[Spec],
        queues: Sequence[str],
        dead_letters: Sequence[str],
        functions: Sequence[str],
        machines: Sequence[str],
    ) -> None:
        """Queues, dead letters and functions by name, state machines by ARN."""
        super().__init__(scope, id)
        self._stage = stage
        self._widgets: list[dict[str, Any]] = []
        self._y = 0

        self._heading(f"# Yoin {stage.name}: what customers hear")
        self._row(
            *(
                self._number(
                    f"{outcome.removeprefix('Message')}, all lifecycles",
                    [outcome_metric(stage, outcome, spec.name) for spec in specs],
                )
                for outcome in OUTCOMES
                if specs
            ),
            height=4,
        )
        for spec in specs:
            self._row(
                self._text(f"### {spec.title[1]}\n{spec.title[0]}\n\n{spec.summary[1]}"),
                self._graph(
                    f"{spec.name}: messages",
                    [outcome_metric(stage, outcome, spec.name) for outcome in OUTCOMES],
                ),
                height=5,
            )
        self._row(
            self._graph(
                "Mail: bounces and complaints (share)",
                [["AWS/SES", "Reputation.BounceRate"], ["AWS/SES", "Reputation.ComplaintRate"]],
                "Average",
            ),
            self._graph(
                "SMS: spent this month (USD)",
                [["AWS/SNS", "SMSMonthToDateSpentUSD"]],
                "Maximum",
            ),
        )

        self._row(
            self._graph(
                "Held back by a guard",
                [
                    [NAMESPACE, "Held", "service", stage.named(), "reason", reason]
                    for reason in sorted(GUARDS)
                ],
            ),
            self._graph(
                "Brakes pulled, claims that nobody settled, reports of nobody's messages",
                [
                    [NAMESPACE, name, "service", stage.named()]
                    for name in ("BrakeTripped", "StaleClaims", "UnclaimedReports")
                ],
            ),
            self._graph(
                "What providers said",
                [
                    [NAMESPACE, "ProviderEvents", "service", stage.named(), "word", word]
                    for word in (*ProviderWord, "UNCLAIMED")
                ],
            ),
        )

        self._heading("# What carries it")
        visible, age = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"
        self._row(
            self._graph(
                "Dead letters",
                [["AWS/SQS", visible, "QueueName", name] for name in dead_letters],
                "Maximum",
            ),
            self._graph(
                "Queues: age of the oldest message (s)",
                [["AWS/SQS", age, "QueueName", name] for name in queues],
                "Maximum",
            ),
        )
        self._row(
            self._graph(
                "Functions: duration, p95 (ms)",
                [["AWS/Lambda", "Duration", "FunctionName", name] for name in functions],
                "p95",
            ),
            self._graph(
                "Functions: errors and throttles",
                [
                    ["AWS/Lambda", figure, "FunctionName", name]
                    for name in functions
                    for figure in ("Errors", "Throttles")
                ],
            ),
        )
        vendors = sorted({hook.partition("/")[0] for hook in stage.webhooks})
        if vendors:
            self._row(
                self._graph(
                    "Webhooks: events and repetitions",
                    [
                        webhook_metric(stage, figure, vendor)
                        for vendor in vendors
                        for figure in ("WebhookEvents", "WebhookRepeated")
                    ],
                ),
                self._graph(
                    "Webhooks: refused",
                    [webhook_metric(stage, "WebhookRefused", vendor) for vendor in vendors],
                ),
            )
        visits = [[NAMESPACE, "PageVisits", "service", stage.named(), "page", p] for p in PAGES]
        self._row(
            self._graph("Preference centre: visits", visits),
            self._graph(
                "Preference centre: answers 4xx and 5xx",
                [
                    ["AWS/Lambda", figure, "FunctionName", stage.named("preferences")]
                    for figure in ("Url4xxCount", "Url5xxCount")
                ],
            ),
        )
        self._row(
            self._graph(
                "Workflows: started",
                [["AWS/States", "ExecutionsStarted", "StateMachineArn", arn] for arn in machines],
            ),
            self._graph(
                "Workflows: failed and timed out",
                [
                    ["AWS/States", figure, "StateMachineArn", arn]
                    for arn in machines
                    for figure in ("ExecutionsFailed", "ExecutionsTimedOut")
                ],
            ),
        )
        self._row(
            self._graph(
                "Table: consumed units",
                [
                    ["AWS/DynamoDB", figure, "TableName", stage.named()]
                    for figure in ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")
                ],
            ),
            self._graph(
                "Timers: fired and dropped",
                [
                    ["AWS/Scheduler", figure, "ScheduleGroup", stage.named()]
                    for figure in ("InvocationAttemptCount", "InvocationDroppedCount")
                ],
            ),
        )
        cloudwatch.CfnDashboard(
            self,
            "Body",
            dashboard_name=stage.named(),
            dashboard_body=Stack.of(self).to_json_string({"widgets": self._widgets}),
        )

    def _heading(self, text: str) -> None:
        self._row(self._text(text), height=1)

    def _row(self, *widgets: dict[str, Any], height: int = 6) -> None:
        """Put widgets side by side over the whole width of 24 columns."""
        for number, widget in enumerate(widgets):
            width = 24 // len(widgets)
            self._widgets.append(
                widget | {"x": number * width, "y": self._y, "width": width, "height": height}
            )
        self._y += height if widgets else 0

    def _text(self, markdown: str) -> dict[str, Any]:
        return {"type": "text", "properties": {"markdown": markdown}}

    def _number(self, title: str, metrics: Sequence[Metric]) -> dict[str, Any]:
        widget = self._graph(title, metrics)
        widget["properties"] |= {"view": "singleValue", "setPeriodToTimeRange": True}
        return widget

    def _graph(
        self, title: str, metrics: Sequence[Metric | list[str]], stat: str = "Sum"
    ) -> dict[str, Any]:
        return {
            "type": "metric",
            "properties": {
                "title": title,
                "view": "timeSeries",
                "metrics": list(metrics),
                "stat": stat,
                "period": 300,
                "region": Aws.REGION,
                "timezone": standard_offset(self._stage.zone),
            },
        }
