"""Puts the ports together for the deployed functions: the one place that knows all adapters.
The webhook function has its own (shared/wiring_webhook.py).

Everything is made once per process and no sooner than it is needed: `decide` never imports the
template engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from shared import wiring_webhook
from shared.adapters.aws import clients
from shared.adapters.aws.clock import process_clock
from shared.adapters.aws.dynamodb import (
    DynamoControls,
    DynamoCounters,
    DynamoCustomers,
    DynamoInputs,
    DynamoLedger,
    DynamoOrders,
)
from shared.adapters.aws.erasures import DynamoErasures, ErasureKeys
from shared.adapters.aws.eventbridge import BusArrivals, BusPublisher
from shared.adapters.aws.hook_secrets import LinkKeys, LiveSecrets
from shared.adapters.aws.secrets import Secrets
from shared.adapters.aws.ses import SesQuota, SesSender
from shared.adapters.aws.sns import SnsSender
from shared.adapters.aws.sqs import SqsFetchQueue, SqsQuarantine
from shared.adapters.aws.table import Table
from shared.brands.directory import BrandDirectory
from shared.domain.deliveries import Fetch
from shared.domain.events import Channel, Purpose
from shared.ports import (
    Arrivals,
    Clock,
    FetchQueue,
    Letter,
    Quarantine,
    Renderer,
    VendorApis,
    World,
)
from shared.settings import settings
from shared.sources import Brands, find_source

if TYPE_CHECKING:
    from shared.messages.pages import PageRenderer
    from shared.messages.signing import LinkSigner
    from shared.usecases.preferences import Reception


def use_clock(clock: Clock | None) -> Clock | None:
    """Take the time from ``clock`` from now on (None: from the system); returns the one before.

    For the local runtime, whose time is virtual.
    """
    before, process_clock.other = process_clock.other, clock
    return before


class _LateRenderer:
    """The renderer, imported with the first letter: only `send` pays for the template engine."""

    def letter(
        self,
        *,
        lifecycle: str,
        message: str,
        purpose: Purpose,
        channel: Channel,
        brand: str,
        locale: str | None,
        to: str,
        message_id: str,
        content: Mapping[str, Any],
        marketing: bool = False,
    ) -> Letter:
        """The port's method."""
        return _letters().letter(
            lifecycle=lifecycle,
            message=message,
            purpose=purpose,
            channel=channel,
            brand=brand,
            locale=locale,
            to=to,
            message_id=message_id,
            content=content,
            marketing=marketing,
        )


@cache
def _letters() -> Renderer:
    from shared.messages.letters import Letters
    from shared.messages.links import SignedPages

    return Letters(brands(), SignedPages(link_signer(), settings().pages_url))


@cache
def _secrets() -> LiveSecrets:
    return LiveSecrets(clients.secretsmanager, process_clock, f"yoin-{settings().stage}")


@cache
def link_signer() -> LinkSigner:
    """What signs the links to Yoin's pages, and opens them."""
    from shared.messages.signing import LinkSigner

    return LinkSigner(LinkKeys(_secrets()), process_clock)


def reception() -> Reception:
    """All that the preference centre is given."""
    from shared.usecases.preferences import Reception

    return Reception(world=world(), links=link_signer())


@cache
def pages() -> PageRenderer:
    """What makes the preference centre's answers into HTML."""
    from shared.messages.pages import PageRenderer

    return PageRenderer(brands())


@cache
def brands() -> BrandDirectory:
    """The brands of this deployment. Raises BrandError for a file that is missing or wrong."""
    return BrandDirectory(settings().brands)


def default_brand() -> str | None:
    """The brand of an event that names none: the stage's default, or the only one there is."""
    ids = brands().ids()
    return settings().default_brand or (ids[0] if len(ids) == 1 else None)


def known_brands() -> Brands:
    """Whose event it is, for what comes in by the bus: every event belongs to a brand."""
    directory = brands()
    return Brands(
        of_shop=directory.of_shop,
        default=default_brand(),
        required=True,
        known=directory.ids(),
    )


@cache
def quarantine() -> Quarantine:
    """Where goes what cannot become facts."""
    return SqsQuarantine(clients.sqs, lambda: settings().quarantine_url)


@cache
def arrivals() -> Arrivals:
    """The bus, for vendors' events as they came."""
    return BusArrivals(clients.events, settings().bus)


@cache
def fetch_queue() -> FetchQueue:
    """Where thin events wait."""
    return SqsFetchQueue(clients.sqs, lambda: settings().fetch_url)


class _Vendors:
    """The vendors' APIs over HTTPS, unless others were put in their place."""

    def __init__(self) -> None:
        self.others: VendorApis | None = None

    def get(self, source: str, brand: str, fetch: Fetch) -> str:
        """The port's method."""
        return (self.others or _http_apis()).get(source, brand, fetch)


_vendors = _Vendors()


@cache
def _http_apis() -> VendorApis:
    from shared.adapters.http import HttpApis

    secrets = Secrets(clients.secretsmanager, settings().stage)
    return HttpApis(secrets, lambda source: find_source(source).api, process_clock)


def vendor_apis() -> VendorApis:
    """The APIs of platforms and carriers."""
    return _vendors


def use_vendors(others: VendorApis | None) -> VendorApis | None:
    """Ask ``others`` from now on (None: the vendors themselves); returns those before.

    For the local runtime, which has no network.
    """
    before, _vendors.others = _vendors.others, others
    return before


@cache
def world() -> World:
    """All ports of this deployment. Raises SettingsError for a variable that is missing."""
    own = settings()
    table = Table(clients.dynamodb, own.table, process_clock, retention_days=own.retention_days)
    return World(
        clock=process_clock,
        orders=DynamoOrders(table),
        customers=DynamoCustomers(table),
        ledger=DynamoLedger(table),
        brands=brands(),
        publisher=BusPublisher(clients.events, own.bus),
        renderer=_LateRenderer(),
        senders={
            Channel.EMAIL: SesSender(clients.sesv2, own.configuration_set),
            Channel.SMS: SnsSender(clients.sns),
        },
        quarantine=quarantine(),
        controls=DynamoControls(table),
        counters=DynamoCounters(table),
        mail_quota=SesQuota(clients.ses, process_clock),
        inputs=DynamoInputs(table),
        erasures=DynamoErasures(table, ErasureKeys(_secrets())),
    )


def forget_data() -> None:
    """What this process remembers of the tables and the secrets: for the local runtime, which
    begins anew within one process."""
    for made in (world, link_signer, _letters, _secrets):
        made.cache_clear()


def forget() -> None:
    """Make everything anew when it is next needed: for tests and the local runtime."""
    for made in (
        *(world, quarantine, arrivals, fetch_queue, _http_apis, brands, _letters),
        *(link_signer, pages, _secrets),
    ):
        made.cache_clear()
    wiring_webhook.forget()
    clients.forget()
