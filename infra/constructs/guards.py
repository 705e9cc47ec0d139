"""The alarms of the guards: what has stopped or held back messages, and waits for people."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.config import Stage
from infra.constructs.alarms import Alarms
from infra.constructs.dashboard import NAMESPACE


@dataclass(frozen=True)
class Guard:
    """An alarm on one of our own figures. ``alarm`` is also the entry in the runbook."""

    alarm: str
    figure: str
    says: str
    reason: str = ""
    threshold: int = 1


GUARDS = (
    Guard(
        "brake",
        "BrakeTripped",
        "A brand's marketing is stopped: too many of its mails bounced or were complained about.",
    ),
    Guard(
        "ceiling",
        "Held",
        "A lifecycle reached its ceiling of messages an hour; the rest is parked.",
        "CEILING",
    ),
    Guard("sms-budget", "Held", "A brand's budget for SMS of this month is spent.", "BUDGET"),
    Guard(
        "mail-quota",
        "Held",
        "Marketing is held back: SES's quota of 24 hours is nearly used up.",
        "QUOTA",
    ),
    Guard("unapproved", "Held", "Messages about the past wait for approval.", "UNAPPROVED"),
    Guard(
        "unclaimed-reports",
        "UnclaimedReports",
        "Reports on the bus are about messages that are not ours.",
        threshold=5,
    ),
)


def figure(stage: Stage, name: str, period: Duration, **dimensions: str) -> cloudwatch.Metric:
    """The sum of one of our own figures, as the functions write it."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": stage.named(), **dimensions},
        period=period,
        statistic="Sum",
    )


def guard_alarms(scope: Construct, stage: Stage, alarms: Alarms) -> None:
    """Raise an alarm for each guard that has spoken."""
    for guard in GUARDS:
        dimensions = {"reason": guard.reason} if guard.reason else {}
        alarms.add(
            scope,
            guard.alarm,
            figure(stage, guard.figure, Duration.minutes(15), **dimensions),
            runbook=guard.alarm,
            says=guard.says,
            threshold=guard.threshold,
        )
