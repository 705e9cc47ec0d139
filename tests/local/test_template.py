from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.errors import LocalError, UnresolvedReference
from local.template import Assembly, Physical, Resource
from tests.local import small


def assembly(folder: Path, **stacks: dict[str, Any]) -> Assembly:
    return Assembly.read(
        small.write(folder, **stacks), account="123456789012", region="ap-northeast-1"
    )


def resolve(folder: Path, value: Any, **body: Any) -> Any:
    """A value as property of a resource in a stack that also has a queue `Q`, already made."""
    body.setdefault("Resources", {})
    body["Resources"] |= {"Q": {"Type": "T"}, "R": {"Type": "T", "Properties": {"P": value}}}
    found = assembly(folder, S=body)
    for resource in found.resources():
        if resource.logical_id == "Q":
            found.made(resource, Physical("q-url", {"Arn": "q-arn"}))
        if resource.logical_id == "R":
            return found.properties(resource).get("P")
    raise AssertionError("no R")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Q"}, "q-url"),
        ({"Fn::GetAtt": ["Q", "Arn"]}, "q-arn"),
        ({"Fn::GetAtt": "Q.Arn"}, "q-arn"),
        ({"Ref": "AWS::Region"}, "ap-northeast-1"),
        ({"Ref": "AWS::AccountId"}, "123456789012"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "AWS::StackName"}, "S"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Q"}, 3]]}, "a-q-url-3"),
        (
            {"Fn::Sub": "${Q}/${Q.Arn}/${AWS::Region}/${!Left}"},
            "q-url/q-arn/ap-northeast-1/${Left}",
        ),
        ({"Fn::Sub": ["${x}-${Q}", {"x": {"Ref": "AWS::Partition"}}]}, "aws-q-url"),
        ({"Fn::Select": [1, {"Fn::Split": [":", "a:b:c"]}]}, "b"),
        ({"Ref": "AWS::NoValue"}, None),
        ([1, {"Ref": "AWS::NoValue"}, 2], [1, 2]),
        ({"Fn::If": ["Yes", "then", "else"]}, "then"),
        ({"Fn::If": ["No", "then", "else"]}, "else"),
        ({"Fn::FindInMap": ["M", "a", "b"]}, "c"),
        ({"Ref": "Size"}, 5),
        ({"a": {"Ref": "Q"}, "b": 1}, {"a": "q-url", "b": 1}),
    ],
)
def test_references_are_resolved(tmp_path: Path, value: Any, expected: Any) -> None:
    resolved = resolve(
        tmp_path,
        value,
        Conditions={
            "Yes": {"Fn::Equals": [{"Ref": "AWS::Region"}, "ap-northeast-1"]},
            "No": {"Fn::Not": [{"Condition": "Yes"}]},
        },
        Mappings={"M": {"a": {"b": "c"}}},
        Parameters={"Size": {"Default": 5}},
    )
    assert resolved == expected


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"Ref": "Nobody"}, "S/R .*there is no Nobody in S"),
        ({"Fn::GetAtt": ["Q", "Colour"]}, "Q has no attribute Colour"),
        ({"Fn::Transform": {}}, "does not know Fn::Transform"),
        ({"Fn::ImportValue": "nowhere"}, "no stack exports nowhere"),
        ({"Ref": "Needed"}, "parameter Needed has no default"),
    ],
)
def test_what_cannot_be_resolved_is_named(tmp_path: Path, value: Any, says: str) -> None:
    with pytest.raises(UnresolvedReference, match=says):
        resolve(tmp_path, value, Parameters={"Needed": {"Type": "String"}})


def test_each_resource_comes_after_those_that_it_depends_on(tmp_path: Path) -> None:
    found = assembly(
        tmp_path,
        A={
            "Resources": {
                "Last": {"Type": "T", "Properties": {"x": {"Fn::ImportValue": "out"}}},
                "Middle": {"Type": "T", "DependsOn": "First"},
                "First": {"Type": "T"},
            }
        },
        B={
            "Resources": {
                "Exported": {"Type": "T", "Properties": {"x": {"Fn::Sub": "${Other.Arn}"}}},
                "Other": {"Type": "T"},
            },
            "Outputs": {"O": {"Value": {"Ref": "Exported"}, "Export": {"Name": "out"}}},
        },
    )
    names = [resource.logical_id for resource in found.resources()]
    assert names.index("First") < names.index("Middle")
    assert names.index("Other") < names.index("Exported") < names.index("Last")
    assert names == [resource.logical_id for resource in found.resources()]


def test_a_circle_is_named(tmp_path: Path) -> None:
    found = assembly(
        tmp_path,
        A={
            "Resources": {
                "One": {"Type": "T", "Properties": {"x": {"Ref": "Two"}}},
                "Two": {"Type": "T", "Properties": {"x": {"Ref": "One"}}},
            }
        },
    )
    with pytest.raises(UnresolvedReference, match="depend on each other"):
        found.resources()


def test_a_resource_with_a_false_condition_is_not_there(tmp_path: Path) -> None:
    found = assembly(
        tmp_path,
        A={
            "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
            "Resources": {"X": {"Type": "T", "Condition": "Never"}, "Y": {"Type": "T"}},
        },
    )
    assert [resource.logical_id for resource in found.resources()] == ["Y"]


def test_a_folder_without_templates_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"run `python app\.py`"):
        Assembly.read(tmp_path, account="1", region="r")


def test_a_resource_is_named_by_stack_and_logical_id() -> None:
    assert Resource("S", "R", "T", {}).key == ("S", "R")
