"""What customers answer to text messages: a topic that a dedicated number writes to.

A number is leased and set up by hand (AWS End User Messaging SMS, "two-way"): the data stack's
output ``SmsReplies`` is the command that does the second. A sender ID cannot be answered; in Japan
there is nothing else, and the topic stays empty.
docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms.html
"""

from __future__ import annotations

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.config import Stage


def replies(stage: Stage) -> str:
    """The topic's name."""
    return stage.named("sms-replies")


class SmsReplies(Construct):
    """The topic. Only AWS's own service writes to it, for numbers of this account; TLS only.

    Without a key of our own: a text is handed on at once and kept nowhere but in the queue, which
    is encrypted.
    """

    def __init__(self, scope: Construct, id: str, *, stage: Stage, kept: RemovalPolicy) -> None:
        super().__init__(scope, id)
        topic = sns.Topic(self, "Topic", topic_name=replies(stage), enforce_ssl=True)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("sms-voice.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        topic.apply_removal_policy(kept)
        CfnOutput(
            self,
            "TwoWay",
            description="Run once per number that can be answered: what comes in reaches Yoin",
            value=(
                "aws pinpoint-sms-voice-v2 update-phone-number --phone-number-id ID "
                f"--two-way-enabled --two-way-channel-arn {topic.topic_arn}"
            ),
        ).override_logical_id("SmsReplies")
