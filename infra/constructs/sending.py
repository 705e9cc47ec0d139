"""What mail is sent with: the configuration set and the identities of the brands' domains."""

from __future__ import annotations

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_ses as ses
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


class Sending(Construct):
    """SES: a configuration set whose events come back by EventBridge, one identity per domain.

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
        destination = ses.CfnConfigurationSetEventDestination(
            self,
            "Events",
            configuration_set_name=configuration_set.ref,
            event_destination=ses.CfnConfigurationSetEventDestination.EventDestinationProperty(
                name="eventbridge",
                enabled=True,
                matching_event_types=list(EVENTS),
                event_bridge_destination=(
                    ses.CfnConfigurationSetEventDestination.EventBridgeDestinationProperty(
                        # SES knows the default bus only.
                        event_bus_arn=Stack.of(self).format_arn(
                            service="events", resource="event-bus", resource_name="default"
                        )
                    )
                ),
            ),
        )
        destination.apply_removal_policy(kept)
        if stage.creates_identities:
            for domain in stage.sender_domains:
                self._identity(domain, configuration_set, kept)

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
