"""The function that vendors and strangers reach: its URL, its limits, how little it may do."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, assertions

from infra.config import STAGES, Stage
from infra.stacks.data import DataStack
from infra.stacks.lifecycle import LifecycleStack
from shared.sources import find_source
from tests.infra.templates import Resource, listed, referred, resources, statements, template, text

pytestmark = pytest.mark.slow

STAGE = "local"
HOOKS = STAGES[STAGE].webhooks


@pytest.fixture(scope="module")
def function() -> Resource:
    """The webhook function."""
    (found,) = [
        function
        for function in resources(STAGE, "AWS::Lambda::Function")
        if function.properties["Handler"] == "functions.webhook.handler"
    ]
    return found


def test_every_webhook_is_of_a_source_that_can_prove_its_calls() -> None:
    for stage in STAGES.values():
        for hook in stage.webhooks:
            assert find_source(hook.partition("/")[0]).signature is not None, hook


def test_it_has_one_url_and_a_reserved_share_of_the_account(function: Resource) -> None:
    (url,) = [
        url
        for url in resources(STAGE, "AWS::Lambda::Url")
        if referred(url.properties["TargetFunctionArn"]) == function.id
    ]
    assert url.properties["AuthType"] == "NONE"
    assert url.properties["InvokeMode"] == "BUFFERED"
    assert "Cors" not in url.properties
    assert function.properties["ReservedConcurrentExecutions"] == 20
    variables = function.properties["Environment"]["Variables"]
    assert variables["YOIN_WEBHOOKS"] == ",".join(HOOKS)


def test_the_url_of_every_webhook_is_told() -> None:
    told = [
        text(output["Value"])
        for name, output in template(STAGE, "Lifecycle")["Outputs"].items()
        if name.startswith("Webhooks")
    ]
    assert sorted(told) == sorted(f"{told[0].partition('}')[0]}}}{hook}" for hook in HOOKS)


def may(function: Resource) -> dict[str, list[dict[str, Any]]]:
    """The statements that allow each action to the function."""
    role = referred(function.properties["Role"])
    found: dict[str, list[dict[str, Any]]] = {}
    for where, statement in statements(STAGE):
        roles = {referred(one) for one in where.properties.get("Roles", [])}
        for action in listed(statement["Action"]) if role in roles else ():
            found.setdefault(action, []).append(statement)
    return found


def test_it_may_do_its_work_and_nothing_else(function: Resource) -> None:
    allowed = may(function)
    service = {action for action in allowed if not action.startswith(("logs:", "xray:"))}
    assert service == {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "events:PutEvents",
        "secretsmanager:GetSecretValue",
        "sqs:SendMessage",
    }
    for action in ("dynamodb:GetItem", "dynamodb:PutItem"):
        (rows,) = allowed[action]
        assert rows["Condition"] == {
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["WEBHOOK#*"]}
        }
    (events,) = allowed["events:PutEvents"]
    assert events["Condition"] == {"StringEquals": {"events:source": "yoin.webhook"}}
    (letters,) = allowed["sqs:SendMessage"]
    assert referred(letters["Resource"]).startswith("InletQueueDeadLetters")


def test_it_reads_the_secrets_of_its_webhooks_and_no_other(function: Resource) -> None:
    (statement,) = may(function)["secretsmanager:GetSecretValue"]
    read = {
        text(secret).rpartition(":secret:")[2].removesuffix("-??????")
        for secret in listed(statement["Resource"])
    }
    assert read == {f"yoin-{STAGE}/webhook/{hook}" for hook in HOOKS}
    made = {
        secret.properties["Name"]: secret.properties["GenerateSecretString"]
        for secret in resources(STAGE, "AWS::SecretsManager::Secret")
        if "GenerateSecretString" in secret.properties  # an API's is filled in by people
    }
    for name in read:
        assert json.loads(made[name]["SecretStringTemplate"]) == {"previous": ""}
        assert made[name]["GenerateStringKey"] == "current"
        assert made[name]["PasswordLength"] >= 32
        assert made[name]["ExcludePunctuation"] is True, "it has to fit into a URL"


def test_a_stage_without_webhooks_has_no_function_for_them(tmp_path: Path) -> None:
    stage = Stage(name="test", brands=("aoba",), zone="Asia/Tokyo")
    (tmp_path / "empty.py").touch()
    app = App()
    stacks = (
        DataStack(app, "Data", stage=stage),
        LifecycleStack(app, "Lifecycle", stage=stage, package=tmp_path, lifecycles=[]),
    )
    for stack in stacks:
        made = assertions.Template.from_stack(stack).to_json()["Resources"].values()
        secrets = [r for r in made if r["Type"] == "AWS::SecretsManager::Secret"]
        assert not [s for s in secrets if "/webhook/" in s["Properties"]["Name"]]
        handlers = {r["Properties"].get("Handler") for r in made}
        assert "functions.webhook.handler" not in handlers


HOOKS_THAT_ARE_NONE = [
    *(("aftership",), ("aftership/nobody",), ("after ship/aoba",), ("/aoba",)),
    *(("aftership/aoba", "aftership/aoba"), ("aftership/aoba/x",)),
]


@pytest.mark.parametrize("hooks", HOOKS_THAT_ARE_NONE)
def test_a_webhook_is_a_source_and_a_brand_of_the_stage(hooks: tuple[str, ...]) -> None:
    stage = Stage(name="test", brands=("aoba",), zone="Asia/Tokyo")
    assert replace(stage, webhooks=("aftership/aoba",)).webhooks
    with pytest.raises(ValueError, match=r"named twice|no source and brand"):
        replace(stage, webhooks=hooks)
