"""A new lifecycle is a new folder: its resources follow, and no existing file is touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.wheelhouse import ROOT, WHEELHOUSE
from infra.workflows import workflow_file
from shared import lifecycles

pytestmark = pytest.mark.slow

LIFECYCLE = '''
"""A lifecycle that only this test knows."""

from shared.domain.events import Channel, Purpose
from shared.domain.lifecycle import Spec

SPEC = Spec(
    name="anniversary",
    purpose=Purpose.MARKETING,
    triggers=("OrderPlaced",),
    channels=(Channel.EMAIL,),
    messages=("anniversary",),
    title=("記念日のお知らせ", "Anniversary"),
    summary=("一年後のお礼。", "Thanks after a year."),
)
'''


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The assembly of a copy of this repository with one more lifecycle folder."""
    copy = tmp_path_factory.mktemp("repository")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("infra", "shared", "functions"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in ("app.py", "cdk.json", "requirements.txt"):
        shutil.copy(ROOT / name, copy)
    (copy / WHEELHOUSE.name).symlink_to(WHEELHOUSE)

    folder = copy / "shared/lifecycles/anniversary"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "lifecycle.py").write_text(LIFECYCLE, "utf-8")
    shutil.copy(workflow_file(lifecycles.names()[0]), folder)

    answer = subprocess.run(
        [sys.executable, "app.py"],
        cwd=copy,
        env=os.environ | {"YOIN_STAGE": "prod", "CDK_OUTDIR": str(copy / "out")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return copy / "out"


def test_its_resources_follow_from_its_folder(synthesized: Path) -> None:
    path = synthesized / "Yoin-prod-Lifecycle.template.json"
    found = json.loads(path.read_text("utf-8"))["Resources"]
    new = {
        body["Type"]: body["Properties"]
        for body in found.values()
        if "anniversary" in json.dumps(body["Properties"].get("Name", ""))
        or "anniversary" in json.dumps(body["Properties"].get("StateMachineName", ""))
    }
    assert set(new) == {"AWS::StepFunctions::StateMachine", "AWS::Events::Rule"}
    assert new["AWS::Events::Rule"]["EventPattern"]["detail-type"] == ["OrderPlaced"]

    alarms = {
        body["Properties"]["AlarmName"]
        for body in found.values()
        if body["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert {
        "yoin-prod-anniversary-failed",
        "yoin-prod-anniversary-timed-out",
        "yoin-prod-anniversary-messages-failed",
    } <= alarms

    roles = [id for id, body in found.items() if body["Type"] == "AWS::IAM::Role"]
    assert any(id.startswith("AnniversaryRole") for id in roles)
    (timers,) = [
        body
        for id, body in found.items()
        if body["Type"] == "AWS::IAM::Policy" and id.startswith("TimersRole")
    ]
    assert "stateMachine:yoin-prod-anniversary" in json.dumps(timers)

    (dashboard,) = [b for b in found.values() if b["Type"] == "AWS::CloudWatch::Dashboard"]
    assert "記念日のお知らせ" in json.dumps(dashboard, ensure_ascii=False)
