"""What mail is sent with: the configuration set and the identities of the brands' domains."""

from __future__ import annotations

from typing import Any

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.config import Stage

# What feedback settles: that a message went out, arrived or never will. Opens and clicks are not
# asked for: they need a tracking pixel and rewritten links.
EVENTS = (
    "SEND",
    "DELIVERY",
    "BOUNCE",
    "COMPLAINT",
    "REJECT",
    "DELIVERY_DELAY",
    "RENDERING_FAILURE",
)


def mail_events(stage: Stage) -> str:
    """The name of the topic by which SES's events come a second time."""
    return stage.named("mail-events")


class Sending(Construct):
    """SES: a configuration set whose events come back by two ways, one identity per domain.

    Each way is best effort: by EventBridge, and by an SNS topic.

    The DNS records that verify an identity are the stack's outputs. In a protected stage all of it
    is kept when the stack is deleted: a new identity would have to be verified anew.
    """

    def __init__(self, scope: Construct, id: str, *, stage: Stage, kept: RemovalPolicy) -> None:
        super().__init__(scope, id)
        configuration_set = ses.CfnConfigurationSet(
            self,
            "ConfigurationSet",
            name=stage.named(),
            # TLS wherever the receiver offers it. To require it would keep an order confirmation
            # from customers whose provider does not.
            delivery_options=ses.CfnConfigurationSet.DeliveryOptionsProperty(tls_policy="OPTIONAL"),
            reputation_options=ses.CfnConfigurationSet.ReputationOptionsProperty(
                reputation_metrics_enabled=True
            ),
            suppression_options=ses.CfnConfigurationSet.SuppressionOptionsProperty(
                suppressed_reasons=["BOUNCE", "COMPLAINT"]
            ),
        )
        configuration_set.apply_removal_policy(kept)
        destinations = ses.CfnConfigurationSetEventDestination
        self._destination(
            "eventbridge",
            configuration_set,
            kept,
            event_bridge_destination=destinations.EventBridgeDestinationProperty(
                # SES knows the default bus only.
                event_bus_arn=Stack.of(self).format_arn(
                    service="events", resource="event-bus", resource_name="default"
                )
            ),
        )
        topic = self._topic(stage, kept)
        second = self._destination(
            "sns",
            configuration_set,
            kept,
            sns_destination=destinations.SnsDestinationProperty(topic_arn=topic.topic_arn),
        )
        # SES tries whether it may publish there before it takes the destination.
        second.node.add_dependency(topic)
        if stage.creates_identities:
            for domain in stage.sender_domains:
                self._identity(domain, configuration_set, kept)

    def _destination(
        self,
        name: str,
        configuration_set: ses.CfnConfigurationSet,
        kept: RemovalPolicy,
        **where: Any,
    ) -> ses.CfnConfigurationSetEventDestination:
        destination = ses.CfnConfigurationSetEventDestination(
            self,
            "Events" if name == "eventbridge" else f"{name.title()}Events",
            configuration_set_name=configuration_set.ref,
            event_destination=ses.CfnConfigurationSetEventDestination.EventDestinationProperty(
                name=name, enabled=True, matching_event_types=list(EVENTS), **where
            ),
        )
        destination.apply_removal_policy(kept)
        return destination

    def _topic(self, stage: Stage, kept: RemovalPolicy) -> sns.Topic:
        """The second way: SES publishes, and only for our configuration set; TLS only.

        Without a key of our own: a message is handed on at once and kept nowhere but in the queue,
        which is encrypted.
        """
        stack = Stack.of(self)
        topic = sns.Topic(self, "Topic", topic_name=mail_events(stage), enforce_ssl=True)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("ses.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={
                    "StringEquals": {
                        "aws:SourceAccount": stack.account,
                        "aws:SourceArn": stack.format_arn(
                            service="ses",
                            resource="configuration-set",
                            resource_name=stage.named(),
                        ),
                    }
                },
            )
        )
        topic.apply_removal_policy(kept)
        return topic

    def _identity(
        self, domain: str, configuration_set: ses.CfnConfigurationSet, kept: RemovalPolicy
    ) -> None:
        name = "".join(part.title() for part in domain.replace("-", ".").split("."))
        identity = ses.CfnEmailIdentity(
            self,
            f"Identity{name}",
            email_identity=domain,
            configuration_set_attributes=ses.CfnEmailIdentity.ConfigurationSetAttributesProperty(
                configuration_set_name=configuration_set.ref
            ),
        )
        identity.apply_removal_policy(kept)
        records = (
            (identity.attr_dkim_dns_token_name1, identity.attr_dkim_dns_token_value1),
            (identity.attr_dkim_dns_token_name2, identity.attr_dkim_dns_token_value2),
            (identity.attr_dkim_dns_token_name3, identity.attr_dkim_dns_token_value3),
        )
        for number, (record, value) in enumerate(records, start=1):
            CfnOutput(
                self,
                f"Dkim{name}{number}",
                description=f"DNS record {number} of 3 that lets {domain} send: CNAME",
                value=f"{record} CNAME {value}",
            )
