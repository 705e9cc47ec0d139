"""How a secret of the stage is named in a permission."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from constructs import Construct

from infra.config import Stage


def secret_arn(scope: Construct, stage: Stage, path: str) -> str:
    """The ARN that allows exactly `yoin-<stage>/<path>`."""
    return Stack.of(scope).format_arn(
        service="secretsmanager",
        resource="secret",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
        # Secrets Manager adds six characters to a name.
        resource_name=f"{stage.secret(path)}-??????",
    )
