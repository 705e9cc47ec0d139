"""Function URLs and secrets of a template, with the stack's own tests in tests/functions."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from local.errors import LocalError
from local.runtime import LocalStack
from local.urls import http_answer
from tests.local import small
from tests.local.conftest import no_application


def test_a_stack_without_a_url_says_so(stack: LocalStack) -> None:
    with pytest.raises(LocalError, match="the stack has none"):
        stack.post("/x")


def test_a_url_that_iam_protects_cannot_be_had(tmp_path: Path) -> None:
    resources: dict[str, Any] = {
        "Url": {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "AWS_IAM"}}
    }
    folder = small.write(tmp_path, S={"Resources": resources})
    with pytest.raises(LocalError, match="open function URLs only"):
        LocalStack.start(folder, application=no_application)


def test_an_answer_may_come_in_base64() -> None:
    encoded = {"statusCode": "201", "body": base64.b64encode(b"ok").decode()}
    assert http_answer({**encoded, "isBase64Encoded": True}) == (201, "ok", {})
    assert http_answer({"statusCode": 204}) == (204, "", {})


def test_secrets_are_the_same_in_every_run_and_new_after_a_reset(local_stack: LocalStack) -> None:
    client = local_stack.client("secretsmanager")
    name = "yoin-local/webhook/shopify/aoba"
    first = client.get_secret_value(SecretId=name)["SecretString"]
    assert set(json.loads(first)) == {"current", "previous"}
    client.put_secret_value(SecretId=name, SecretString="{}")
    client.create_secret(Name="another", SecretString="{}")
    local_stack.reset()
    assert client.get_secret_value(SecretId=name)["SecretString"] == first
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId="another")
