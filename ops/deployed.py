"""Reading an order of a deployed stage, with the AWS credentials of whoever asks."""

from __future__ import annotations

import os

from botocore.exceptions import (
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
)

from infra.config import STAGES
from local.mailbox.views import candidate, order_view
from ops.errors import CommandError, WrongUse, choices
from ops.explain import Told, Wanted, deployed
from shared import lifecycles
from shared.adapters.aws import clients
from shared.adapters.aws.clock import SystemClock
from shared.adapters.aws.dynamodb import DynamoInputs, DynamoLedger, DynamoOrders
from shared.adapters.aws.table import Table
from shared.brands.directory import BrandDirectory
from shared.domain.errors import RetryableError
from shared.domain.folding import fold
from shared.domain.ledger import LedgerEntry
from shared.ports import Brands, DecisionInputs
from shared.settings import DEFAULT_RETENTION_DAYS
from shared.usecases.explain import Explanation, explain

_NOT_DEPLOYED = {
    "ResourceNotFoundException",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_WRONG = {"UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException"}
_DENIED = {"AccessDenied", "AccessDeniedException"}


def read_order(wanted: Wanted, stage_name: str, *, rerun: bool = True) -> list[Told]:
    """An order of a deployed stage by its id or by a message of it, of one brand or of all that
    the stage serves. ``rerun``: with what its decisions were made on.

    Raises WrongUse for a stage or brand that there is not, CommandError where nothing can be
    read: no credentials, no such stack, no permission, no such order.
    """
    brand, order_id = wanted.brand, wanted.order
    if stage_name not in STAGES:
        raise WrongUse(f"there is no stage {stage_name!r}; there are {choices(sorted(STAGES))}")
    stage = STAGES[stage_name]
    if brand is not None and brand not in stage.brands:
        raise WrongUse(f"stage {stage_name} has no brand {brand!r}; it has {choices(stage.brands)}")
    if stage.region:
        os.environ.setdefault("AWS_REGION", stage.region)
    table = Table(
        clients.dynamodb,
        stage.named(),
        SystemClock(),
        retention_days=DEFAULT_RETENTION_DAYS,
    )
    orders, ledger, inputs = DynamoOrders(table), DynamoLedger(table), DynamoInputs(table)
    found = []
    try:
        if order_id is None:
            about = ledger.by_message_id(wanted.message_id or "")
            brand, order_id = (about.key.brand, about.key.order_id) if about else (brand, "")
        for brand_id in (brand,) if brand else stage.brands:
            record = orders.load(brand_id, order_id)
            if record.facts:
                entries = ledger.of_order(brand_id, order_id)
                view = order_view(fold(record), record.facts.values())
                directory = BrandDirectory([brand_id])
                told = [_told(entry, inputs, directory) if rerun else None for entry in entries]
                found.append(deployed(view, map(candidate, entries, told), brand_id))
    except (RetryableError, NoRegionError, ProfileNotFound) as error:
        raise CommandError(why(error, stage_name, f"the table {stage.named()}")) from error
    if not found and wanted.order is None:
        raise CommandError(
            f"stage {stage_name} has no message {wanted.message_id!r} that was ever tried; "
            "ask by the order's id"
        )
    if not found:
        raise CommandError(
            f"stage {stage_name} has no order {order_id!r}; give the platform's own id, not the "
            "number that the customer sees"
        )
    return found


def _told(entry: LedgerEntry, inputs: DecisionInputs, brands: Brands) -> Explanation | None:
    """An entry's decision, made again; None for a lifecycle that this version does not have."""
    if entry.key.lifecycle not in lifecycles.names():
        return None
    return explain(inputs, brands, lifecycles.load(entry.key.lifecycle), entry)


def why(error: Exception, stage: str, what: str) -> str:
    """What a failed call means for a person at a terminal, and what to do.

    ``what`` was to be read: "the table yoin-prod".
    """
    cause = error.__cause__ or error
    if isinstance(cause, NoCredentialsError | PartialCredentialsError | TokenRetrievalError):
        return "there are no AWS credentials; set AWS_PROFILE, or run `aws configure`"
    if isinstance(cause, NoRegionError):
        return f"no AWS region is set; set AWS_REGION to the one that stage {stage} is in"
    if isinstance(cause, ProfileNotFound):
        return f"{cause}; set AWS_PROFILE to one that ~/.aws/config has"
    if isinstance(cause, ClientError):
        code = str(cause.response.get("Error", {}).get("Code", ""))
        if code in _NOT_DEPLOYED:
            return (
                f"{what} is not in this account and region; deploy stage {stage}, or "
                "set AWS_PROFILE and AWS_REGION to where it is"
            )
        if code in _EXPIRED:
            return "the AWS credentials have expired; sign in again"
        if code in _WRONG:
            return "AWS does not know these credentials; set AWS_PROFILE, or sign in again"
        if code in _DENIED:
            return f"these credentials may not read {what}; ask for {_needs(cause)} on it"
    return f"{what} cannot be read: {error}"


def _needs(error: ClientError) -> str:
    """The permission that a refused call needs."""
    return f"the permission {error.operation_name}"
