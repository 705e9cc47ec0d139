"""The synthesized templates: read, put in the order of their dependencies, references resolved.

What AWS CloudFormation does with a template before it creates anything. All stacks of one cloud
assembly are read together, as they are deployed together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from local.errors import LocalError, UnresolvedReference

_SUB = re.compile(r"\$\{(!?)([^}]+)\}")

#: Properties that are left out, as CloudFormation does with ``AWS::NoValue``.
_NO_VALUE = object()


@dataclass(frozen=True)
class Resource:
    """One resource of a template, its references not yet resolved."""

    stack: str
    logical_id: str
    type: str
    properties: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What names it among all stacks."""
        return self.stack, self.logical_id


@dataclass(frozen=True)
class Physical:
    """What became of a resource: its ``Ref`` and its attributes for ``Fn::GetAtt``."""

    ref: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Template:
    """One stack's template."""

    stack: str
    body: Mapping[str, Any]

    def resources(self) -> Iterator[Resource]:
        """Its resources, those with a false condition left out."""
        for logical_id, raw in self.body.get("Resources", {}).items():
            needs = raw.get("DependsOn", [])
            yield Resource(
                self.stack,
                logical_id,
                raw["Type"],
                raw.get("Properties", {}),
                tuple([needs] if isinstance(needs, str) else needs),
            )


class Assembly:
    """The templates of a cloud assembly, with all that is needed to resolve their references.

    Args:
        templates: all stacks.
        account, region: of the deployment.
    """

    def __init__(self, templates: list[Template], *, account: str, region: str) -> None:
        self.account = account
        self.region = region
        self._templates = {template.stack: template for template in templates}
        self._made: dict[tuple[str, str], Physical] = {}

    @classmethod
    def read(cls, folder: Path, *, account: str, region: str) -> Assembly:
        """Read the folder that synthesis wrote.

        Raises:
            LocalError: no assembly there.
        """
        manifest = folder / "manifest.json"
        if not manifest.is_file():
            raise LocalError(f"{folder} holds no synthesized templates: run `python app.py` first")
        artifacts = json.loads(manifest.read_text("utf-8"))["artifacts"]
        templates = [
            Template(
                name,
                json.loads((folder / artifact["properties"]["templateFile"]).read_text("utf-8")),
            )
            for name, artifact in sorted(artifacts.items())
            if artifact["type"] == "aws:cloudformation:stack"
        ]
        if not templates:
            raise LocalError(f"{manifest} names no stack")
        return cls(templates, account=account, region=region)

    def resources(self) -> list[Resource]:
        """All resources, each after those that it depends on.

        Raises:
            UnresolvedReference: a reference to what is not there, or round in a circle.
        """
        by_key = {
            resource.key: resource
            for template in self._templates.values()
            for resource in template.resources()
            if self._wanted(resource)
        }
        graph: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for key, resource in by_key.items():
            needed = {(resource.stack, name) for name in resource.depends_on}
            needed |= set(self._references(resource.stack, resource.properties))
            graph[key] = {need for need in needed if need in by_key}
        try:
            # Sorted, so that the same templates are created in the same order.
            order = TopologicalSorter({key: sorted(graph[key]) for key in sorted(graph)})
            return [by_key[key] for key in order.static_order()]
        except CycleError as error:
            raise UnresolvedReference(f"resources depend on each other: {error.args[1]}") from error

    def made(self, resource: Resource, physical: Physical) -> None:
        """Remember what became of a resource, for those that refer to it."""
        self._made[resource.key] = physical

    def properties(self, resource: Resource) -> dict[str, Any]:
        """A resource's properties with all references resolved.

        Raises:
            UnresolvedReference: one cannot be resolved; the text says which.
        """
        try:
            resolved: dict[str, Any] = self.resolve(resource.stack, resource.properties)
        except UnresolvedReference as error:
            raise UnresolvedReference(
                f"{resource.stack}/{resource.logical_id} ({resource.type}): {error}"
            ) from error
        return resolved

    def resolve(self, stack: str, value: Any) -> Any:
        """A value of a template with all references resolved.

        Raises:
            UnresolvedReference: one cannot be resolved, or is of a kind not known here.
        """
        if isinstance(value, list):
            items = [self.resolve(stack, item) for item in value]
            return [item for item in items if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref":
                return self._ref(stack, argument)
            if name in self._intrinsics:
                return self._intrinsics[name](self, stack, argument)
            if name.startswith("Fn::"):
                raise UnresolvedReference(f"the local runtime does not know {name}")
        resolved = {key: self.resolve(stack, item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _NO_VALUE}

    # --- intrinsic functions -----------------------------------------------------------------

    def _ref(self, stack: str, name: str) -> Any:
        pseudo = {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": stack,
            "AWS::StackId": f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{stack}/0",
            "AWS::NoValue": _NO_VALUE,
        }
        if name in pseudo:
            return pseudo[name]
        parameter = self._templates[stack].body.get("Parameters", {}).get(name)
        if parameter is not None:
            if "Default" not in parameter:
                raise UnresolvedReference(f"parameter {name} has no default")
            return parameter["Default"]
        return self._physical(stack, name).ref

    def _physical(self, stack: str, name: str) -> Physical:
        try:
            return self._made[stack, name]
        except KeyError:
            raise UnresolvedReference(f"there is no {name} in {stack}") from None

    def _get_att(self, stack: str, argument: Any) -> Any:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        attributes = self._physical(stack, name).attributes
        if attribute not in attributes:
            raise UnresolvedReference(f"{name} has no attribute {attribute} in the local runtime")
        return attributes[attribute]

    def _join(self, stack: str, argument: Any) -> str:
        separator, parts = argument
        return str(separator).join(str(part) for part in self.resolve(stack, parts))

    def _sub(self, stack: str, argument: Any) -> str:
        text, variables = (argument, {}) if isinstance(argument, str) else argument

        def one(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return "${" + name + "}"
            if name in variables:
                return str(self.resolve(stack, variables[name]))
            return str(self._get_att(stack, name) if "." in name else self._ref(stack, name))

        return _SUB.sub(one, text)

    def _select(self, stack: str, argument: Any) -> Any:
        index, values = self.resolve(stack, argument)
        return values[int(index)]

    def _split(self, stack: str, argument: Any) -> list[str]:
        separator, text = self.resolve(stack, argument)
        return str(text).split(separator)

    def _import_value(self, stack: str, argument: Any) -> Any:
        wanted = self.resolve(stack, argument)
        for exporter, output in self._exports():
            if self.resolve(exporter, output["Export"]["Name"]) == wanted:
                return self.resolve(exporter, output["Value"])
        raise UnresolvedReference(f"no stack exports {wanted}")

    def _exports(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for stack, template in self._templates.items():
            for output in template.body.get("Outputs", {}).values():
                if "Export" in output:
                    yield stack, output

    def _find_in_map(self, stack: str, argument: Any) -> Any:
        name, first, second = self.resolve(stack, argument)
        return self._templates[stack].body["Mappings"][name][first][second]

    def _if(self, stack: str, argument: Any) -> Any:
        condition, then, otherwise = argument
        return self.resolve(stack, then if self._condition(stack, condition) else otherwise)

    _intrinsics: Mapping[str, Callable[..., Any]] = {
        "Fn::GetAtt": _get_att,
        "Fn::Join": _join,
        "Fn::Sub": _sub,
        "Fn::Select": _select,
        "Fn::Split": _split,
        "Fn::ImportValue": _import_value,
        "Fn::FindInMap": _find_in_map,
        "Fn::If": _if,
    }

    def _wanted(self, resource: Resource) -> bool:
        raw = self._templates[resource.stack].body["Resources"][resource.logical_id]
        return "Condition" not in raw or self._condition(resource.stack, raw["Condition"])

    def _condition(self, stack: str, condition: Any) -> bool:
        if isinstance(condition, str):
            return self._condition(stack, self._templates[stack].body["Conditions"][condition])
        ((name, argument),) = condition.items()
        if name == "Condition":
            return self._condition(stack, argument)
        if name == "Fn::Equals":
            first, second = self.resolve(stack, argument)
            return bool(first == second)
        if name == "Fn::Not":
            return not self._condition(stack, argument[0])
        if name in ("Fn::And", "Fn::Or"):
            parts = [self._condition(stack, part) for part in argument]
            return all(parts) if name == "Fn::And" else any(parts)
        raise UnresolvedReference(f"the local runtime does not know the condition {name}")

    def _references(self, stack: str, value: Any) -> Iterator[tuple[str, str]]:
        """The resources that a value refers to, through exports too."""
        if isinstance(value, list):
            for item in value:
                yield from self._references(stack, item)
        elif isinstance(value, dict):
            for key, item in value.items():
                if key == "Ref":
                    yield stack, item
                elif key == "Fn::GetAtt":
                    yield stack, item.split(".")[0] if isinstance(item, str) else item[0]
                elif key == "Fn::Sub":
                    text, variables = (item, {}) if isinstance(item, str) else item
                    yield from self._references(stack, variables)
                    for literal, name in _SUB.findall(text):
                        if not literal and name not in variables:
                            yield stack, name.split(".")[0]
                elif key == "Fn::ImportValue":
                    for exporter, output in self._exports():
                        yield from self._references(exporter, output["Value"])
                else:
                    yield from self._references(stack, item)
