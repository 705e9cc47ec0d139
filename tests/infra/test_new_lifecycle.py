"""A new lifecycle is a new folder: its resources follow, and no existing file is touched."""

from __future__ import annotations

import json

import pytest

from tests.infra.enlarged import NAME, enlarged

pytestmark = pytest.mark.slow


def test_its_resources_follow_from_its_folder() -> None:
    path = enlarged() / "out/Yoin-local-Lifecycle.template.json"
    found = json.loads(path.read_text("utf-8"))["Resources"]
    named = f"yoin-local-{NAME}"
    new = {
        body["Type"]: body["Properties"]
        for body in found.values()
        if named in (body["Properties"].get("Name"), body["Properties"].get("StateMachineName"))
    }
    assert set(new) == {"AWS::StepFunctions::StateMachine", "AWS::Events::Rule"}
    assert new["AWS::Events::Rule"]["EventPattern"]["detail-type"] == ["OrderPlaced"]

    alarms = {
        body["Properties"]["AlarmName"]
        for body in found.values()
        if body["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert {f"{named}-failed", f"{named}-timed-out", f"{named}-messages-failed"} <= alarms

    roles = [id for id, body in found.items() if body["Type"] == "AWS::IAM::Role"]
    assert any(id.startswith("AnniversaryRole") for id in roles)
    (timers,) = [
        body
        for id, body in found.items()
        if body["Type"] == "AWS::IAM::Policy" and id.startswith("TimersRole")
    ]
    assert f"stateMachine:{named}" in json.dumps(timers)

    (dashboard,) = [b for b in found.values() if b["Type"] == "AWS::CloudWatch::Dashboard"]
    assert "記念日のお知らせ" in json.dumps(dashboard, ensure_ascii=False)
