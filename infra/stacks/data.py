"""What must survive: facts, ledger, events, and the right to send mail."""

from __future__ import annotations

import json

from aws_cdk import Duration, Environment, RemovalPolicy, SecretValue, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.config import Stage
from infra.constructs.nag import acknowledge
from infra.constructs.sending import Sending
from infra.constructs.sms_logs import SmsLogs
from infra.constructs.sms_replies import SmsReplies

BY_MESSAGE = "by_message"
"""The sparse index that leads from a message id back to its ledger entry."""

BY_PROVIDER = "by_provider"
"""The sparse index that leads from a provider's id of a message back to its ledger entry."""

BY_CLAIM = "by_claim"
"""The sparse index of what is claimed and not settled, by brand and by when it is overdue."""


class DataStack(Stack):
    """The table, the bus with its archive, the partners' buses, the webhooks' secrets, the key of
    the links, the mail identities.

    Nothing is exported: the lifecycle stack finds all of it by its stable name.
    """

    def __init__(self, scope: Construct, id: str, *, stage: Stage) -> None:
        super().__init__(
            scope,
            id,
            env=Environment(account=stage.account, region=stage.region),
            description=f"Yoin {stage.name}: data. Retained when the stack is deleted.",
            termination_protection=stage.protected,
        )
        kept = RemovalPolicy.RETAIN if stage.protected else RemovalPolicy.DESTROY
        self._table(stage, kept)
        self._buses(stage, kept)
        self._webhook_secrets(stage, kept)
        self._links_key(stage, kept)
        self._erasure_key(stage, kept)
        self._api_secrets(stage, kept)
        Sending(self, "Sending", stage=stage, kept=kept)
        SmsReplies(self, "SmsReplies", stage=stage, kept=kept)
        if stage.creates_identities:
            SmsLogs(self, "SmsLogs", stage=stage, kept=kept)

    def _table(self, stage: Stage, kept: RemovalPolicy) -> None:
        text = dynamodb.AttributeType.STRING
        table = dynamodb.Table(
            self,
            "Table",
            table_name=stage.named(),
            partition_key=dynamodb.Attribute(name="pk", type=text),
            sort_key=dynamodb.Attribute(name="sk", type=text),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            # For retention only: DynamoDB deletes late, so no decision may rest on it.
            time_to_live_attribute="expires_at",
            deletion_protection=stage.protected,
            removal_policy=kept,
        )
        for index, attribute in ((BY_MESSAGE, "message_id"), (BY_PROVIDER, "provider_id")):
            table.add_global_secondary_index(
                index_name=index,
                partition_key=dynamodb.Attribute(name=attribute, type=text),
                projection_type=dynamodb.ProjectionType.ALL,
            )

        table.add_global_secondary_index(
            index_name=BY_CLAIM,
            partition_key=dynamodb.Attribute(name="claimed_by", type=text),
            sort_key=dynamodb.Attribute(name="claim_due", type=text),
            projection_type=dynamodb.ProjectionType.ALL,
        )

    def _buses(self, stage: Stage, kept: RemovalPolicy) -> None:
        bus = events.EventBus(self, "Bus", event_bus_name=stage.named())
        bus.apply_removal_policy(kept)
        archive = events.Archive(
            self,
            "Archive",
            archive_name=stage.named(),
            description="Everything on the bus, to be replayed after a mistake of ours.",
            source_event_bus=bus,
            event_pattern=events.EventPattern(source=events.Match.exists()),
            retention=Duration.days(stage.archive_days),
        )
        archive.apply_removal_policy(kept)
        for number, source in enumerate(stage.partner_event_sources, start=1):
            # AWS wants the bus of a partner to bear the source's own name.
            partner = events.EventBus(self, f"Partner{number}", event_source_name=source)
            partner.apply_removal_policy(kept)

    def _webhook_secrets(self, stage: Stage, kept: RemovalPolicy) -> None:
        """One secret per webhook. What is generated is replaced by what the vendor signs with, or
        is given to the vendor: docs/webhooks.md. A change of how it is generated would generate
        all of them anew."""
        for hook in stage.webhooks:
            secret = self._two_live(
                "Webhook" + "".join(part.title() for part in hook.replace("/", "_").split("_")),
                name=stage.secret(f"webhook/{hook}"),
                says=f"What {hook} signs its webhooks with, or the end of its URL.",
                kept=kept,
            )
            acknowledge(
                secret,
                ("AwsSolutions-SMG4",),
                "The vendor makes the secret: people rotate it on both sides, with two live ones.",
            )

    def _links_key(self, stage: Stage, kept: RemovalPolicy) -> None:
        """What signs the links to Yoin's own pages. Links in mail that is out stay good for more
        than a year, so a new key does not end the old one's life: docs/preferences.md."""
        secret = self._two_live(
            "Links",
            name=stage.secret("links"),
            says="What signs the links to the pages for preferences and unsubscribing.",
            kept=kept,
        )
        acknowledge(
            secret,
            ("AwsSolutions-SMG4",),
            "A rotation by the clock would break unsubscribe links that the law keeps alive: "
            "people rotate it when they have to, with two live keys.",
        )

    def _erasure_key(self, stage: Stage, kept: RemovalPolicy) -> None:
        """What the traces of erased people are hashed with: docs/erasure.md."""
        secret = self._two_live(
            "Erasure",
            name=stage.secret("erasure"),
            says="The key of the hashes that are left of people whose data were erased.",
            kept=kept,
        )
        acknowledge(
            secret,
            ("AwsSolutions-SMG4",),
            "With another key the markers of erasures, and the refusals in them, are not found.",
        )

    def _two_live(
        self, id: str, *, name: str, says: str, kept: RemovalPolicy
    ) -> secretsmanager.Secret:
        """A generated secret with room for the one before it."""
        return secretsmanager.Secret(
            self,
            id,
            secret_name=name,
            description=says,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({"previous": ""}),
                generate_string_key="current",
                exclude_punctuation=True,
                password_length=48,
            ),
            removal_policy=kept,
        )

    def _api_secrets(self, stage: Stage, kept: RemovalPolicy) -> None:
        """One secret per platform that is asked for what its events leave out: empty until people
        fill it in. As long as this text stays, a deployment leaves what they filled in."""
        for api in stage.apis:
            secret = secretsmanager.Secret(
                self,
                "Api" + "".join(part.title() for part in api.replace("/", "_").split("_")),
                secret_name=stage.secret(f"api/{api}"),
                description=f"What opens the API of {api}: docs/sources.md says which fields.",
                secret_string_value=SecretValue.unsafe_plain_text("{}"),
                removal_policy=kept,
            )
            acknowledge(
                secret,
                ("AwsSolutions-SMG4",),
                "The platform gives out the credentials: people renew them there.",
            )
