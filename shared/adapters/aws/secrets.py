"""Secrets Manager: what the vendors sign with, and what opens their APIs.

A secret is a JSON object. Powertools keeps it in the process for five minutes, so that a busy
function asks for it rarely and a new one takes effect soon.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from shared.adapters.aws.failures import calling
from shared.domain.errors import RetryableError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider
    from mypy_boto3_secretsmanager import SecretsManagerClient

MAX_AGE_SECONDS = 300


class Secrets:
    """The secrets of one stage, by the path below its name."""

    def __init__(self, client: Callable[[], SecretsManagerClient], stage: str) -> None:
        """``client`` is called when it is first needed; ``stage``: part of every name."""
        self._client = client
        self._prefix = f"yoin-{stage}/"
        self._provider: SecretsProvider | None = None

    def read(self, path: str, *, fresh: bool = False) -> Mapping[str, str]:
        """The fields of the secret ``yoin-<stage>/<path>``; those that are no text are left out.

        ``fresh``: not from the process's memory. Raises RetryableError where it cannot be read
        (yet), with its name and without any value.
        """
        from aws_lambda_powertools.utilities.parameters import SecretsProvider
        from aws_lambda_powertools.utilities.parameters.exceptions import (
            GetParameterError,
            TransformParameterError,
        )

        if self._provider is None:
            self._provider = SecretsProvider(boto3_client=self._client())
        name = self._prefix + path
        try:
            found = self._provider.get(
                name, max_age=MAX_AGE_SECONDS, transform="json", force_fetch=fresh
            )
        except (GetParameterError, TransformParameterError) as error:
            # The library's text may quote the secret: only its class is told.
            raise RetryableError(f"secret {name}: {type(error).__name__}") from None
        if not isinstance(found, dict):
            raise RetryableError(f"secret {name} is not a JSON object")
        # A line break from a shell would be refused as a header, by an error that quotes it.
        return {key: value.strip() for key, value in found.items() if isinstance(value, str)}

    def api_credentials(self, source: str, brand: str, *, fresh: bool = False) -> Mapping[str, str]:
        """What opens a vendor's API. Raises RetryableError."""
        return self.read(f"api/{source}/{brand}", fresh=fresh)

    def keep_api_credentials(self, source: str, brand: str, fields: Mapping[str, str]) -> None:
        """Replace what opens a vendor's API. Raises RetryableError."""
        name = f"{self._prefix}api/{source}/{brand}"
        with calling(f"PutSecretValue {name}"):
            self._client().put_secret_value(
                SecretId=name, SecretString=json.dumps(dict(fields), ensure_ascii=False)
            )
        self.read(f"api/{source}/{brand}", fresh=True)
