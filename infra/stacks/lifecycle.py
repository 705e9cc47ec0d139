"""Everything that moves: queues, functions, workflows, timers, alarms, the dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import Duration, Environment, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.config import Stage
from infra.constructs.alarms import Alarms
from infra.constructs.dashboard import NAMESPACE, Dashboard
from infra.constructs.function import Function
from infra.constructs.guards import figure, guard_alarms
from infra.constructs.nag import acknowledge
from infra.constructs.pages import Pages
from infra.constructs.queues import RECEIVES, WorkQueue, alarm_on_letters, letter_box
from infra.constructs.secrets import secret_arn
from infra.constructs.sending import mail_events
from infra.constructs.sms_logs import SmsFeedback
from infra.constructs.sms_replies import replies
from infra.constructs.sweeper import EVERY, Sweeper
from infra.constructs.timers import Timers
from infra.constructs.webhooks import Webhooks
from infra.constructs.workflow import Workflow, machine_name
from infra.stacks.data import BY_CLAIM, BY_MESSAGE, BY_PROVIDER
from shared.domain.events import FACTS
from shared.domain.lifecycle import Spec

INGEST_TIMEOUT = Duration.seconds(60)
DECIDE_TIMEOUT = Duration.seconds(15)
SEND_TIMEOUT = Duration.seconds(30)
FEEDBACK_TIMEOUT = Duration.seconds(30)
FETCH_TIMEOUT = Duration.seconds(60)
SWEEP_TIMEOUT = Duration.seconds(60)
# Of all vendors Shopify waits shortest: five seconds for everything, the way included.
WEBHOOK_TIMEOUT = Duration.seconds(5)
# Somebody waits in front of a page; a store that hangs is given up sooner than that.
PREFERENCES_TIMEOUT = Duration.seconds(15)

# A vendor may be out of reach for hours, and credentials take people a while: every six minutes
# (the queue's visibility time-out) for ten hours, then the task is a dead letter.
FETCH_RECEIVES = 100
# A vendor's API has rate limits; two at a time is far from any.
FETCH_CONCURRENCY = 2

# What the stores do with the table: they read, and put conditionally. Nothing is ever deleted.
TABLE_ACTIONS = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query")


class LifecycleStack(Stack):
    """What is deployed anew with every change. It holds no data."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        package: Path,
        lifecycles: Sequence[tuple[Spec, Path]],
    ) -> None:
        """
        Args:
            scope: the app.
            id: the stack's name.
            stage: the settings.
            package: the folder of the Lambda package.
            lifecycles: every lifecycle's SPEC and workflow file.
        """
        super().__init__(
            scope,
            id,
            env=Environment(account=stage.account, region=stage.region),
            description=f"Yoin {stage.name}: queues, functions, workflows, timers, alarms.",
        )
        self._stage = stage
        self._table_arn = self.format_arn(
            service="dynamodb", resource="table", resource_name=stage.named()
        )
        self._bus = events.EventBus.from_event_bus_arn(self, "Bus", self._bus_arn(stage.named()))
        self._undelivered = letter_box(self, "Undelivered", stage, "undelivered")
        self._failures = letter_box(self, "Failures", stage, "failures")
        self._alarms = Alarms(self, "Alarms", stage=stage, undelivered=self._undelivered)

        # The package is named by a digest of what it was made from, so nothing has to be hashed.
        self._code = lambda_.Code.from_asset(str(package), asset_hash=package.name)
        ingest = self._function("ingest", INGEST_TIMEOUT)
        decide = self._function("decide", DECIDE_TIMEOUT)
        send = self._function("send", SEND_TIMEOUT)
        feedback = self._function("feedback", FEEDBACK_TIMEOUT, asynchronous=True)
        fetch = self._function("fetch", FETCH_TIMEOUT)
        sweep = self._function("sweep", SWEEP_TIMEOUT, asynchronous=True)

        inlet = self._work("Inlet", "inlet", ingest, INGEST_TIMEOUT, Duration.minutes(5))
        returns = self._work(
            "Feedback", "feedback", feedback, FEEDBACK_TIMEOUT, Duration.minutes(5)
        )
        thin = self._work(
            "Fetch",
            "fetch",
            fetch,
            FETCH_TIMEOUT,
            Duration.minutes(30),
            receives=FETCH_RECEIVES,
            concurrency=FETCH_CONCURRENCY,
        )
        self._fetches(ingest, fetch, thin)
        self._inlet_rules(inlet)
        self._feedback_rule(returns)
        self._feedback_topic(returns)
        self._replies_topic(returns)
        feedback.give_up_to(returns.dead_letters)
        if stage.creates_identities:
            SmsFeedback(self, "SmsFeedback", stage=stage, function=feedback)
        # Strangers can call it: a flood may cost so much and no more.
        limit = stage.page_concurrency
        preferences = self._function("preferences", PREFERENCES_TIMEOUT, concurrency=limit)
        pages = Pages(self, "Pages", stage=stage, function=preferences, alarms=self._alarms)
        send.add_environment("YOIN_PAGES_URL", pages.url)
        pages.let_read_key(send)
        Sweeper(
            self,
            "Sweeper",
            stage=stage,
            function=sweep,
            undelivered=self._undelivered,
            metric=figure(stage, "StaleClaims", EVERY),
            alarms=self._alarms,
        )
        functions = [ingest, fetch, decide, send, feedback, sweep, preferences]
        if stage.webhooks:
            # A flood of forged calls may cost so much and no more, and leaves the account's
            # concurrency to the other functions. A vendor who meets the limit (429) comes again.
            limit = stage.webhook_concurrency
            webhook = self._function("webhook", WEBHOOK_TIMEOUT, concurrency=limit)
            functions.append(webhook)
            self._grant_arrivals(webhook)
            Webhooks(
                self,
                "Webhooks",
                stage=stage,
                function=webhook,
                table_arn=self._table_arn,
                quarantine=inlet.dead_letters,
                alarms=self._alarms,
            )

        timers = Timers(
            self,
            "Timers",
            stage=stage,
            alarms=self._alarms,
            starts=[machine_name(stage, spec.name) for spec, _ in lifecycles],
        )
        workflows = [
            Workflow(
                self,
                "".join(part.title() for part in spec.name.split("_")),
                stage=stage,
                spec=spec,
                definition=definition,
                bus=self._bus,
                decide=decide,
                send=send,
                timers=timers,
                failures=self._failures,
                undelivered=self._undelivered,
                alarms=self._alarms,
            )
            for spec, definition in lifecycles
        ]

        for function in (ingest, decide, send, feedback, sweep, preferences):
            self._grant_table(function)
            self._grant_publish(function)
        for function in (ingest, feedback):
            self._grant_indexes(function, BY_MESSAGE, BY_PROVIDER)
        self._grant_indexes(preferences, BY_MESSAGE)
        self._grant_indexes(sweep, BY_CLAIM)
        for function in (ingest, send, feedback):
            self._grant_counting(function)
        # Whoever takes in a person's word has to know whether they were erased.
        for function in (ingest, feedback, preferences):
            self._grant_erasure_key(function)
        self._grant_mail(send)
        self._grant_sms(send)
        self._grant_quota(send)

        guard_alarms(self, stage, self._alarms)
        self._account_alarms([spec for spec, _ in lifecycles])
        Dashboard(
            self,
            "Dashboard",
            stage=stage,
            specs=[spec for spec, _ in lifecycles],
            queues=[queue.queue.queue_name for queue in (inlet, returns, thin)],
            dead_letters=[
                queue.queue_name
                for queue in (
                    inlet.dead_letters,
                    returns.dead_letters,
                    thin.dead_letters,
                    timers.dead_letters,
                    self._undelivered,
                    self._failures,
                )
            ],
            functions=[f.function_name for f in functions],
            machines=[workflow.machine.state_machine_arn for workflow in workflows],
        )

    # --- functions and queues ------------------------------------------------

    def _function(
        self,
        name: str,
        timeout: Duration,
        *,
        asynchronous: bool = False,
        concurrency: int | None = None,
    ) -> Function:
        return Function(
            self,
            name.title(),
            stage=self._stage,
            name=name,
            code=self._code,
            timeout=timeout,
            alarms=self._alarms,
            asynchronous=asynchronous,
            concurrency=concurrency,
            environment={
                "YOIN_STAGE": self._stage.name,
                "YOIN_TABLE": self._stage.named(),
                "YOIN_BUS": self._stage.named(),
                "YOIN_CONFIGURATION_SET": self._stage.named(),
                "YOIN_BRANDS": ",".join(self._stage.brands),
                "YOIN_RETENTION_DAYS": str(self._stage.retention_days),
                # One service name for all functions: it is a dimension of the business figures.
                "POWERTOOLS_SERVICE_NAME": self._stage.named(),
                "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
                "POWERTOOLS_LOG_LEVEL": self._stage.log_level,
            },
        )

    def _work(
        self,
        id: str,
        name: str,
        function: Function,
        timeout: Duration,
        late_after: Duration,
        *,
        receives: int = RECEIVES,
        concurrency: int | None = None,
    ) -> WorkQueue:
        """A queue that the function works off; of a batch only what failed comes again."""
        work = WorkQueue(
            self,
            f"{id}Queue",
            stage=self._stage,
            name=name,
            alarms=self._alarms,
            consumer_timeout=timeout,
            late_after=late_after,
            receives=receives,
        )
        # What cannot become facts joins the dead letters at once: trying again would not help.
        function.add_environment("YOIN_QUARANTINE_URL", work.dead_letters.queue_url)
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["sqs:SendMessage"], resources=[work.dead_letters.queue_arn]
            )
        )
        function.add_event_source(
            sources.SqsEventSource(
                work.queue,
                batch_size=10,
                report_batch_item_failures=True,
                max_concurrency=concurrency,
            )
        )
        acknowledge(
            function,
            ("Serverless-LambdaEventSourceMappingDestination",),
            "A queue's failure destination is the queue's own dead letters.",
        )
        return work

    def _fetches(self, ingest: Function, fetch: Function, thin: WorkQueue) -> None:
        """Ingest says what is to be fetched; fetch alone has the vendors' tokens, and puts the
        whole event on our bus."""
        ingest.add_environment("YOIN_FETCH_URL", thin.queue.queue_url)
        thin.queue.grant_send_messages(ingest)
        self._grant_arrivals(fetch)
        secrets = [secret_arn(self, self._stage, f"api/{api}") for api in self._stage.apis]
        if secrets:
            fetch.add_to_role_policy(
                iam.PolicyStatement(
                    # Some platforms replace a refresh token with every use.
                    actions=["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
                    resources=secrets,
                )
            )

    # --- rules ---------------------------------------------------------------

    def _inlet_rules(self, inlet: WorkQueue) -> None:
        """What others put on our bus, and what the partners send, goes to ingest."""
        target = targets.SqsQueue(inlet.queue, dead_letter_queue=self._undelivered)
        events.Rule(
            self,
            "InletRule",
            rule_name=self._stage.named("inlet"),
            description="Facts that others state. Our own have been through ingest already.",
            event_bus=self._bus,
            event_pattern=events.EventPattern(
                source=events.Match.anything_but("yoin"), detail_type=sorted(FACTS)
            ),
            targets=[target],
        )
        events.Rule(
            self,
            "ArrivalsRule",
            rule_name=self._stage.named("arrivals"),
            description="What vendors sent to the webhooks, and what was fetched from them.",
            event_bus=self._bus,
            event_pattern=events.EventPattern(
                source=["yoin.webhook"], detail_type=["WebhookReceived"]
            ),
            targets=[target],
        )
        for number, source in enumerate(self._stage.partner_event_sources, start=1):
            events.Rule(
                self,
                f"Partner{number}Rule",
                rule_name=self._stage.named(f"partner-{number}"),
                description=f"Everything that {source} sends.",
                event_bus=events.EventBus.from_event_bus_arn(
                    self, f"Partner{number}", self._bus_arn(source)
                ),
                event_pattern=events.EventPattern(source=[source]),
                targets=[target],
            )

    def _feedback_rule(self, queue: WorkQueue) -> None:
        """What became of our mail. SES writes to the default bus only."""
        events.Rule(
            self,
            "FeedbackRule",
            rule_name=self._stage.named("feedback"),
            description="SES events of mail that went out with our configuration set.",
            event_pattern=events.EventPattern(
                source=["aws.ses"],
                detail={"mail": {"tags": {"ses:configuration-set": [self._stage.named()]}}},
            ),
            targets=[targets.SqsQueue(queue.queue, dead_letter_queue=self._undelivered)],
        )

    def _feedback_topic(self, queue: WorkQueue) -> None:
        """The same by a second way: what EventBridge loses, SNS may bring, and the other way
        round. What comes twice changes nothing."""
        topic = sns.Topic.from_topic_arn(
            self,
            "MailEvents",
            self.format_arn(service="sns", resource=mail_events(self._stage)),
        )
        topic.add_subscription(
            subscriptions.SqsSubscription(
                queue.queue, raw_message_delivery=True, dead_letter_queue=self._undelivered
            )
        )

    def _replies_topic(self, queue: WorkQueue) -> None:
        """What customers answer to text messages. Not raw: only the notification says when."""
        topic = sns.Topic.from_topic_arn(
            self,
            "SmsReplies",
            self.format_arn(service="sns", resource=replies(self._stage)),
        )
        topic.add_subscription(
            subscriptions.SqsSubscription(queue.queue, dead_letter_queue=self._undelivered)
        )

    # --- permissions ---------------------------------------------------------

    def _bus_arn(self, name: str) -> str:
        return self.format_arn(service="events", resource="event-bus", resource_name=name)

    def _grant_table(self, function: Function) -> None:
        function.add_to_role_policy(
            iam.PolicyStatement(actions=list(TABLE_ACTIONS), resources=[self._table_arn])
        )

    def _grant_indexes(self, function: Function, *indexes: str) -> None:
        """Find the ledger entry that a provider's report, or a link, is about."""
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["dynamodb:Query"],
                resources=[f"{self._table_arn}/index/{index}" for index in indexes],
            )
        )

    def _grant_counting(self, function: Function) -> None:
        """Count: figures of a brand grow by UpdateItem, whoever else counts at that moment."""
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["dynamodb:UpdateItem"], resources=[self._table_arn])
        )

    def _grant_publish(self, function: Function) -> None:
        """Publish facts on our bus, and only under our own name."""
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["events:PutEvents"],
                resources=[self._bus.event_bus_arn],
                conditions={"StringEquals": {"events:source": "yoin"}},
            )
        )

    def _grant_arrivals(self, function: Function) -> None:
        """Put vendors' events on our bus as they came, under the name that says so."""
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["events:PutEvents"],
                resources=[self._bus.event_bus_arn],
                conditions={"StringEquals": {"events:source": "yoin.webhook"}},
            )
        )

    def _grant_erasure_key(self, function: Function) -> None:
        """Know whom not to bring back: the key of the hashes, and no other secret."""
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["secretsmanager:GetSecretValue"],
                resources=[secret_arn(self, self._stage, "erasure")],
            )
        )

    def _grant_mail(self, function: Function) -> None:
        """Send mail from the brands' domains, with the configuration set that reports back."""
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["ses:SendEmail"],
                resources=[
                    self.format_arn(
                        service="ses",
                        resource="configuration-set",
                        resource_name=self._stage.named(),
                    ),
                    *(
                        self.format_arn(service="ses", resource="identity", resource_name=domain)
                        for domain in self._stage.sender_domains
                    ),
                ],
            )
        )

    def _grant_quota(self, function: Function) -> None:
        """Ask how much mail the account may send in a day."""
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["ses:GetSendQuota"], resources=["*"])
        )
        if function.role is not None:
            acknowledge(
                function.role,
                ("AwsSolutions-IAM5[Resource::*]",),
                "The quota is the account's: ses:GetSendQuota knows no resource.",
            )

    def _grant_sms(self, function: Function) -> None:
        """Send SMS. A telephone number is no resource; all that SNS lets us do is leave out
        every topic."""
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["sns:Publish"], not_resources=["arn:*:sns:*:*:*"])
        )

    # --- alarms about the whole stage ----------------------------------------

    def _account_alarms(self, specs: Sequence[Spec]) -> None:
        for queue, what, runbook, says in (
            (
                self._undelivered,
                "undelivered",
                "undelivered",
                "EventBridge could not deliver events to a queue or a lifecycle.",
            ),
            (
                self._failures,
                "failures",
                "lifecycle-failed",
                "Lifecycles could not go on for some orders.",
            ),
        ):
            alarm_on_letters(self._alarms, queue, what, runbook=runbook, says=says)
        for spec in specs:
            self._alarms.add(
                self,
                f"{spec.name}-messages-failed",
                cloudwatch.Metric(
                    namespace=NAMESPACE,
                    metric_name="MessageFailed",
                    dimensions_map={"service": self._stage.named(), "lifecycle": spec.name},
                    period=Duration.minutes(15),
                    statistic="Sum",
                ),
                runbook="messages-failed",
                says=f"Messages of {spec.name} cannot be sent.",
                threshold=5,
            )
        for what, metric, threshold, says in (
            ("bounces", "Reputation.BounceRate", 0.05, "Too many addresses do not exist."),
            ("complaints", "Reputation.ComplaintRate", 0.001, "Too many recipients complain."),
        ):
            self._alarms.add(
                self,
                what,
                cloudwatch.Metric(
                    namespace="AWS/SES",
                    metric_name=metric,
                    period=Duration.hours(1),
                    statistic="Average",
                ),
                runbook=what,
                says=f"{says} SES may stop all sending of the account.",
                threshold=threshold,
            )
        self._alarms.add(
            self,
            "sms-spending",
            cloudwatch.Metric(
                namespace="AWS/SNS",
                metric_name="SMSMonthToDateSpentUSD",
                period=Duration.hours(1),
                statistic="Maximum",
            ),
            runbook="sms-spending",
            says="SMS of this month cost more than planned.",
            threshold=self._stage.sms_monthly_limit_usd,
        )
        self._alarms.add(
            self,
            "table-throttles",
            cloudwatch.Metric(
                namespace="AWS/DynamoDB",
                metric_name="ThrottledRequests",
                dimensions_map={"TableName": self._stage.named()},
                period=Duration.minutes(5),
                statistic="Sum",
            ),
            runbook="table-throttles",
            says="The table refuses requests.",
            periods=3,
        )
