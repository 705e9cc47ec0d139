"""What differs between the stages: one typed, frozen value per stage.

A merchant edits STAGES, and the brand files that it names. What is the same in every stage
stands where it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.brands import load_brand


class WorkflowType(StrEnum):
    """The type of the lifecycles' state machines.

    EXPRESS is billed by duration and starts at least once. STANDARD is billed by transition
    and keeps the history of every execution for 90 days.
    """

    EXPRESS = "EXPRESS"
    STANDARD = "STANDARD"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The settings of one stage.

    Attributes:
        name: short, lower case; part of every resource's name.
        brands: ids of the brands that it serves; each is a file in shared/brands.
        zone: IANA zone of the people who operate it; the dashboard's clock.
        account: AWS account id; None for the one that the credentials name.
        region: AWS region; None for the one that the credentials name.
        workflow_type: the type of the lifecycles' state machines.
        partner_event_sources: names of the partner event sources (Shopify and others) whose
            events come straight to EventBridge, as the partner's console shows them.
        apis: "<source>/<brand>" of every platform that is asked for what its events leave out;
            the credentials are the secret `yoin-<stage>/api/<source>/<brand>`.
        webhooks: "<source>/<brand>" of every vendor that calls us over HTTPS; what it signs with is
            the secret `yoin-<stage>/webhook/<source>/<brand>`.
        webhook_concurrency: how many calls are answered at once, reserved in the account; what
            comes beyond is answered 429. None where the account's own quota is too small to
            reserve anything (AWS leaves 100 unreserved): then there is no limit.
        page_concurrency: how many visits of the preference centre are answered at once, reserved
            likewise. None for no limit of its own.
        creates_identities: whether the stage makes what an account has once per region: the SES
            identities of its brands' domains, and the logs of what became of text messages.
            False in a second stage there.
        alarm_email: who is told of alarms; None for nobody (the topic is there all the same).
        sms_monthly_limit_usd: spending on SMS in a month above which an alarm is raised.
        log_level: of the functions.
        log_retention_days: of every log group; one of the values that CloudWatch knows.
        archive_days: how long the bus's events can be replayed.
        retention_days: how long orders, consent and the ledger are kept after the last change.
        protected: whether the data survive the deletion of the stack, and the table cannot be
            deleted before its protection is taken off.
    """

    name: str
    brands: tuple[str, ...]
    zone: str
    account: str | None = None
    region: str | None = None
    workflow_type: WorkflowType = WorkflowType.EXPRESS
    partner_event_sources: tuple[str, ...] = ()
    apis: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    webhook_concurrency: int | None = 20
    page_concurrency: int | None = 10
    creates_identities: bool = True
    alarm_email: str | None = None
    sms_monthly_limit_usd: float = 50
    log_level: str = "INFO"
    log_retention_days: int = 90
    archive_days: int = 90
    retention_days: int = 1100
    protected: bool = True

    def __post_init__(self) -> None:
        if not self.name.isalpha() or not self.name.islower() or len(self.name) > 12:
            raise ValueError(f"stage {self.name!r}: a name is 1 to 12 lower-case letters")
        if not self.brands:
            raise ValueError(f"stage {self.name}: it serves no brand")
        for endpoint in (*self.apis, *self.webhooks):
            source, _, brand = endpoint.partition("/")
            if not source.isidentifier() or brand not in self.brands:
                raise ValueError(
                    f"stage {self.name}: {endpoint!r} is no source and brand, as in "
                    f"'bigcommerce/{self.brands[0]}'"
                )
        if len(set(self.webhooks)) != len(self.webhooks):
            raise ValueError(f"stage {self.name}: a webhook is named twice")
        try:
            ZoneInfo(self.zone)
        except ZoneInfoNotFoundError as error:
            raise ValueError(f"stage {self.name}: there is no zone {self.zone!r}") from error

    def named(self, what: str = "") -> str:
        """The name of one of the stage's resources: `yoin-<stage>` or `yoin-<stage>-<what>`."""
        return f"yoin-{self.name}-{what}" if what else f"yoin-{self.name}"

    def secret(self, path: str) -> str:
        """The name of one of the stage's secrets: `yoin-<stage>/<path>`."""
        return f"{self.named()}/{path}"

    @property
    def sender_domains(self) -> tuple[str, ...]:
        """The domains that the brands send mail from, each once, in a fixed order.

        Raises:
            shared.domain.errors.BrandError: a brand's file is missing or wrong.
        """
        addresses = (load_brand(brand).sender.address for brand in self.brands)
        return tuple(sorted({address.rpartition("@")[2] for address in addresses}))


STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage(
            name="dev",
            brands=("aoba", "northlight"),
            zone="Asia/Tokyo",
            webhooks=("shopify/aoba", "aftership/northlight"),
            workflow_type=WorkflowType.STANDARD,  # every execution's history can be looked at
            log_level="DEBUG",
            log_retention_days=14,
            archive_days=14,
            protected=False,
        ),
        Stage(
            name="prod",
            brands=("aoba", "northlight"),
            zone="Asia/Tokyo",
        ),
        # What the local runtime plays: never deployed.
        Stage(
            name="local",
            brands=("aoba", "northlight", "linden", "wakaba"),
            zone="Asia/Tokyo",
            partner_event_sources=(
                "aws.partner/shopify.com/1234567890/yoin-local",
                "aws.partner/commercetools.com/linden-prod/yoin",
            ),
            apis=("commercetools/linden", "eccube/wakaba"),
            webhooks=(
                "shopify/aoba",
                "aftership/northlight",
                "aftership/linden",
                "eccube/wakaba",
                "yamato/wakaba",
            ),
        ),
    )
}


def stage_named(name: str) -> Stage:
    """Return the stage of this name.

    Raises:
        SystemExit: there is none; the text lists those that there are.
    """
    if name not in STAGES:
        raise SystemExit(f"There is no stage {name!r}: infra/config.py has {', '.join(STAGES)}.")
    return STAGES[name]
