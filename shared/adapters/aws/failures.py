"""What the SDK's errors mean, as Yoin's own. Told apart by code and class, never by their text.

The texts that are made here carry codes only: those of AWS quote addresses and values.

Sending
    ==============================================  ==================  =====================
    what happened                                   surely not sent?    becomes
    ==============================================  ==================  =====================
    no connection could be made                     yes                 ProviderThrottled
    no credentials, or expired ones                 yes                 ProviderThrottled
    throttled, daily quota, sending paused          yes                 ProviderThrottled
    a setting to be mended: identity or sandbox     yes                 ProviderThrottled
      (SES says MessageRejected), MAIL FROM
      domain, configuration set, permission,
      suspended account
    the request itself is wrong (an address that    yes                 ProviderRefused
      is none, a bad header): 400
    any other 4xx                                   yes                 ProviderThrottled
    time-out while reading, reset, closed, 5xx      nobody knows        OutcomeUnknown
    ==============================================  ==================  =====================

    ``ProviderThrottled`` means "surely not accepted; later": the gate tries again, further apart
    each time and not for ever. So mail that meets a wrong setting goes out once it is mended.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
)

from shared.domain.errors import (
    Conflict,
    OutcomeUnknown,
    PermanentError,
    ProviderRefused,
    ProviderThrottled,
    RetryableError,
    YoinError,
)
from shared.observability import logger, metrics

# Raised before a byte of the request has left.
_BEFORE_SENDING = (
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProxyConnectionError,
)

# Faults of this one message; everything else that is refused may pass later.
_WRONG_REQUEST = frozenset(
    {
        "BadRequestException",  # SES
        "InvalidParameter",  # SNS
        "InvalidParameterException",
        "InvalidParameterValue",
        "ParameterValueInvalid",
        "OptedOut",  # SNS: the number's owner has said STOP
        "OptedOutException",
        "ValidationError",
        "ValidationException",
    }
)
# Throttling that comes with a 5xx is throttling all the same: it was not accepted.
_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


def send_failure(provider: str, error: ClientError | BotoCoreError) -> YoinError:
    """What a failed send means: see the table above. ``provider`` goes into the text."""
    if isinstance(error, ClientError):
        code, status = _code(error), _status(error)
        text = f"{provider}: {code} ({status})"
        if code in _THROTTLED or status == 429:
            return ProviderThrottled(text)
        if status >= 500 or status == 0:
            return OutcomeUnknown(text)
        return ProviderRefused(text) if code in _WRONG_REQUEST else ProviderThrottled(text)
    text = f"{provider}: {type(error).__name__}"
    if isinstance(error, _BEFORE_SENDING):
        return ProviderThrottled(text)
    if isinstance(error, ParamValidationError):
        return ProviderRefused(text)
    return OutcomeUnknown(text)


@contextmanager
def sending(provider: str) -> Iterator[None]:
    """Raise what a failure inside means for the message. Counted: a wrong setting shows at once."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        meant = send_failure(provider, error)
        code = _code(error) if isinstance(error, ClientError) else type(error).__name__
        metrics.count("SendFailures", provider=provider, code=code)
        logger.warning("send failed", extra={"code": code, "outcome": type(meant).__name__})
        raise meant from error


# Somebody else has just written, or is writing.
_LOST = frozenset(
    {
        "ConditionalCheckFailed",
        "ConditionalCheckFailedException",
        "TransactionConflict",
        "TransactionConflictException",
    }
)
# The same record will never be taken.
_IMPOSSIBLE = frozenset(
    {"ItemCollectionSizeLimitExceeded", "ValidationError", "ValidationException"}
)


def call_failure(what: str, error: ClientError | BotoCoreError) -> YoinError:
    """What a failed call to a store, the bus or a queue means.

    Conflict: somebody else wrote first. PermanentError: the record itself is at fault.
    RetryableError: everything else, a wrong setting as well: the call passes once it is mended.
    ``what`` names the call and the record, by ids only.
    """
    if isinstance(error, ParamValidationError):
        return PermanentError(f"{what}: a value that the service cannot take")
    if not isinstance(error, ClientError):
        return RetryableError(f"{what}: {type(error).__name__}")
    codes = _cancellations(error) or [_code(error)]
    said = f"{what}: {'/'.join(codes)} ({_status(error)})"
    if any(code in _LOST for code in codes):
        return Conflict(f"{what}: somebody else wrote first")
    if any(code in _IMPOSSIBLE for code in codes):
        return PermanentError(f"{said}: the record is larger than 400 KB, or a key too long")
    return RetryableError(said)


@contextmanager
def calling(what: str) -> Iterator[None]:
    """Raise what a failure inside means for the call."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise call_failure(what, error) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _cancellations(error: ClientError) -> list[str]:
    """Why a transaction was cancelled: one code per part that was at fault."""
    response: dict[str, Any] = dict(error.response)
    reasons = response.get("CancellationReasons", [])
    return [reason["Code"] for reason in reasons if reason.get("Code", "None") != "None"]
