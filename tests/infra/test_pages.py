"""The preference centre's function: its URL, its share of the account, and how little it may do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.config import STAGES
from tests.infra.templates import Resource, listed, referred, resources, statements, template, text

pytestmark = pytest.mark.slow

STAGE = "prod"


def function(name: str) -> Resource:
    (found,) = [
        one
        for one in resources(STAGE, "AWS::Lambda::Function")
        if one.properties["Handler"] == f"functions.{name}.handler"
    ]
    return found


def may(name: str) -> dict[str, list[dict[str, Any]]]:
    """The statements that allow each action to a function."""
    role = referred(function(name).properties["Role"])
    found: dict[str, list[dict[str, Any]]] = {}
    for where, statement in statements(STAGE):
        roles = {referred(one) for one in where.properties.get("Roles", [])}
        for action in listed(statement["Action"]) if role in roles else ():
            found.setdefault(action, []).append(statement)
    return found


def test_it_has_a_url_of_its_own_which_is_told_and_which_send_knows() -> None:
    own = function("preferences")
    (url,) = [
        url
        for url in resources(STAGE, "AWS::Lambda::Url")
        if referred(url.properties["TargetFunctionArn"]) == own.id
    ]
    assert url.properties["AuthType"] == "NONE"
    assert "Cors" not in url.properties
    assert own.properties["ReservedConcurrentExecutions"] == STAGES[STAGE].page_concurrency
    known = function("send").properties["Environment"]["Variables"]["YOIN_PAGES_URL"]
    assert known == {"Fn::GetAtt": [url.id, "FunctionUrl"]}
    told = [
        output["Value"]
        for name, output in template(STAGE, "Lifecycle")["Outputs"].items()
        if name.startswith("Pages")
    ]
    assert told == [known]


def test_it_may_keep_and_publish_facts_and_read_its_keys() -> None:
    allowed = may("preferences")
    service = {action for action in allowed if not action.startswith(("logs:", "xray:"))}
    assert service == {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "events:PutEvents",
        "secretsmanager:GetSecretValue",
    }
    queried = {
        text(one).rpartition("/")[2]
        for statement in allowed["dynamodb:Query"]
        for one in listed(statement["Resource"])
    }
    assert queried == {f"yoin-{STAGE}", "by_message"}
    (events,) = allowed["events:PutEvents"]
    assert events["Condition"] == {"StringEquals": {"events:source": "yoin"}}


@pytest.mark.parametrize(
    ("secret", "readers"),
    [
        ("links", {"send", "preferences"}),
        # A person's first word is taken in only after a look whether they were erased: without
        # the key nobody could unsubscribe whom the table does not know yet.
        ("erasure", {"ingest", "feedback", "preferences"}),
    ],
)
def test_a_key_is_read_by_who_needs_it_and_nobody_else(secret: str, readers: set[str]) -> None:
    holders = {
        name
        for one in resources(STAGE, "AWS::Lambda::Function")
        for name in [one.properties["Handler"].split(".")[1]]
        for statement in may(name).get("secretsmanager:GetSecretValue", ())
        for read in listed(statement["Resource"])
        if text(read).endswith(f":secret:yoin-{STAGE}/{secret}-??????")
    }
    assert holders == readers


@pytest.mark.parametrize(
    ("name", "secrets"), [("send", {"links"}), ("preferences", {"links", "erasure"})]
)
def test_who_has_a_key_reads_no_other_secret(name: str, secrets: set[str]) -> None:
    read = {
        text(one).rpartition("/")[2].removesuffix("-??????")
        for statement in may(name)["secretsmanager:GetSecretValue"]
        for one in listed(statement["Resource"])
    }
    assert read == secrets


def test_the_key_is_generated_long_and_has_room_for_the_one_before() -> None:
    (secret,) = [
        one
        for one in resources(STAGE, "AWS::SecretsManager::Secret")
        if one.properties["Name"] == f"yoin-{STAGE}/links"
    ]
    made = secret.properties["GenerateSecretString"]
    assert json.loads(made["SecretStringTemplate"]) == {"previous": ""}
    assert (made["GenerateStringKey"], made["PasswordLength"]) == ("current", 48)
    assert secret.body["DeletionPolicy"] == "Retain"
