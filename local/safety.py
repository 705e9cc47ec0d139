"""Local mode cannot reach real AWS, or anything else that is not this machine.

Before anything is made: credentials that are worth nothing, no profile, no metadata service, and
sockets that lead to the loopback addresses only. Afterwards ``check`` looks at a client of each
service: it refuses to go on unless moto answers it.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import os
import socket
from collections.abc import Iterable
from typing import Any
from unittest.mock import patch

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.errors import NotLocal

#: Looks like a key, is none (AWS uses it in its examples).
FAKE_KEY = "AKIAIOSFODNN7EXAMPLE"

_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": FAKE_KEY,
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_SESSION_TOKEN": "local",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}

#: Each would lead a client to somebody's account or to another endpoint.
_UNWANTED = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


def install(stack: contextlib.ExitStack, region: str) -> None:
    """Close all ways out until ``stack`` is closed.

    Args:
        stack: undoes everything.
        region: the region of the local stack.
    """
    environment = {**_ENVIRONMENT, "AWS_DEFAULT_REGION": region, "AWS_REGION": region}
    stack.enter_context(patch.dict(os.environ, environment))
    for name in list(os.environ):
        if name in _UNWANTED or name.startswith("AWS_ENDPOINT_URL"):
            del os.environ[name]  # patch.dict puts it back
    # Whoever asks boto3 for a client gets it from here; made once, since it reads large files.
    stack.enter_context(patch.object(boto3, "DEFAULT_SESSION", session()))
    for method in ("connect", "connect_ex"):
        real = getattr(socket.socket, method)
        stack.enter_context(patch.object(socket.socket, method, _guarded(real)))


@functools.cache
def session() -> boto3.Session:
    """The one session of all local stacks, with credentials that are worth nothing."""
    made = boto3.Session()
    made.get_credentials()  # those of ``_ENVIRONMENT``, kept
    return made


def check(services: Iterable[str], account: str) -> None:
    """Make sure that moto answers for every service.

    Args:
        services: boto3's names.
        account: the account that moto plays.

    Raises:
        NotLocal: a client is not moto's, or has credentials that could be real.
    """
    credentials = boto3.Session().get_credentials()
    if credentials is None or credentials.access_key != FAKE_KEY:
        raise NotLocal("the local stack found AWS credentials that it did not set itself")
    try:
        answered: str = boto3.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError, OSError) as error:
        raise NotLocal(f"moto does not answer: {error}") from error
    if answered != account:
        raise NotLocal(f"account {answered} answered instead of moto's {account}")
    for service in services:
        names: Any = service
        endpoint = boto3.client(names).meta.endpoint_url
        if not endpoint.endswith(".amazonaws.com"):
            raise NotLocal(f"{service} would be called at {endpoint}, which moto does not answer")


def _guarded(real: Any) -> Any:
    def connect(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and not _loopback(address):
            raise NotLocal(f"the local stack does not connect to {address}")
        return real(self, address)

    return connect


def _loopback(address: Any) -> bool:
    host = address[0] if isinstance(address, tuple) else str(address)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
