"""The one place that makes a queue. A queue comes with its dead letters and its alarms."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import Stage
from infra.constructs.alarms import Alarms
from infra.constructs.nag import acknowledge

RECEIVES = 5
"""How often a message is tried before it becomes a dead letter."""

KEPT_FOR_PEOPLE = "It is itself where dead letters are kept; people empty it, told by its alarm."


def dead_letter_queue(scope: Construct, id: str, stage: Stage, name: str) -> sqs.Queue:
    """Make a queue that keeps what could not be handled for 14 days, the longest there is."""
    queue = sqs.Queue(
        scope,
        id,
        queue_name=stage.named(name),
        retention_period=Duration.days(14),
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
    )
    acknowledge(queue, ("Serverless-SQSRedrivePolicy",), KEPT_FOR_PEOPLE)
    return queue


def letter_box(scope: Construct, id: str, stage: Stage, name: str) -> sqs.Queue:
    """Make a queue of dead letters that come from elsewhere than another queue."""
    queue = dead_letter_queue(scope, id, stage, name)
    # cdk-nag takes only the dead letters of a queue for dead letters.
    acknowledge(queue, ("AwsSolutions-SQS3",), KEPT_FOR_PEOPLE)
    return queue


def alarm_on_letters(
    alarms: Alarms, queue: sqs.Queue, what: str, *, runbook: str, says: str
) -> None:
    """Raise an alarm as soon as there is one message in a queue of dead letters."""
    alarms.add(
        queue,
        what,
        queue.metric_approximate_number_of_messages_visible(
            period=Duration.minutes(1), statistic="Maximum"
        ),
        runbook=runbook,
        says=says,
    )


class WorkQueue(Construct):
    """A queue that a function works off, its dead letters, and an alarm on each.

    Attributes:
        queue: the queue.
        dead_letters: where a message goes after ``receives`` attempts.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        name: str,
        alarms: Alarms,
        consumer_timeout: Duration,
        late_after: Duration,
        receives: int = RECEIVES,
    ) -> None:
        super().__init__(scope, id)
        self.dead_letters = dead_letter_queue(self, "DeadLetters", stage, f"{name}-dead-letters")
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=stage.named(name),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(4),
            # Lambda's own advice: six times the function's time-out.
            visibility_timeout=Duration.seconds(6 * int(consumer_timeout.to_seconds())),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=receives
            ),
        )
        alarm_on_letters(
            alarms,
            self.dead_letters,
            f"{name}-dead-letters",
            runbook=f"{name}-dead-letters",
            says=f"Events on the {name} queue could not be handled and wait to be looked at.",
        )
        alarms.add(
            self,
            f"{name}-late",
            self.queue.metric_approximate_age_of_oldest_message(
                period=Duration.minutes(5), statistic="Maximum"
            ),
            runbook=f"{name}-late",
            says=f"The {name} queue is not worked off in time.",
            threshold=late_after.to_seconds(),
            periods=2,
        )
