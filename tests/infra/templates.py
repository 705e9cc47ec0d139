"""Reading synthesized templates: the helpers of the infrastructure tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from infra import assembly

STACKS = ("Data", "Lifecycle")

Json = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """One resource of a template."""

    stage: str
    stack: str
    id: str
    type: str
    body: Json

    @property
    def properties(self) -> Json:
        properties: Json = self.body.get("Properties", {})
        return properties

    def __str__(self) -> str:
        return f"{self.stage}/{self.stack}/{self.id}"


@cache
def template(stage: str, stack: str) -> Json:
    parsed: Json = json.loads(assembly.template(stage, stack).read_text("utf-8"))
    return parsed


def resources(stage: str, *types: str, stack: str | None = None) -> list[Resource]:
    """The stage's resources of these types; of all types where none is given."""
    return [
        Resource(stage, where, id, body["Type"], body)
        for where in STACKS
        if stack in (None, where)
        for id, body in template(stage, where)["Resources"].items()
        if not types or body["Type"] in types
    ]


def statements(stage: str) -> Iterator[tuple[Resource, Json]]:
    """Every statement of every role's policies, with the policy that it stands in."""
    for policy in resources(stage, "AWS::IAM::Policy"):
        for statement in policy.properties["PolicyDocument"]["Statement"]:
            yield policy, statement
    for role in resources(stage, "AWS::IAM::Role"):
        for inline in role.properties.get("Policies", []):
            for statement in inline["PolicyDocument"]["Statement"]:
                yield role, statement


def listed(value: Any) -> list[Any]:
    """What IAM writes as one value or as a list."""
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """A value with its references spelled out: `arn:${AWS::Partition}:sqs:...`."""
    match value:
        case str():
            return value
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(text(part) for part in parts)
        case {"Fn::Sub": pattern}:
            return str(pattern)
    raise TypeError(f"no text: {value!r}")


def referred(value: Any) -> str:
    """The logical id that a Ref or GetAtt names."""
    match value:
        case {"Ref": str(name)}:
            return name
        case {"Fn::GetAtt": [str(name), _]}:
            return name
    raise TypeError(f"no reference: {value!r}")
