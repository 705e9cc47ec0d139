"""From a stage's name to its templates. app.py calls this; so may a test."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from infra import node

node.provide()  # jsii starts Node.js when aws_cdk is imported

from aws_cdk import App, Tags, Validations  # noqa: E402  (after Node.js is provided)
from aws_cdk.cx_api import CloudAssembly  # noqa: E402
from cdk_nag import AwsSolutionsChecks, ServerlessChecks  # noqa: E402

from infra.bundling import package  # noqa: E402
from infra.config import stage_named  # noqa: E402
from infra.stacks.data import DataStack  # noqa: E402
from infra.stacks.lifecycle import LifecycleStack  # noqa: E402
from infra.wheelhouse import ROOT  # noqa: E402
from infra.workflows import workflow_file  # noqa: E402
from shared import lifecycles  # noqa: E402


def synthesize(stage_name: str | None = None, folder: Path | None = None) -> CloudAssembly:
    """Write a stage's templates.

    Args:
        stage_name: one of infra/config.py's; if not given, what `cdk -c stage=...` or
            YOIN_STAGE says, or else cdk.json.
        folder: where to; if not given, where the `cdk` command wants it, or else cdk.out.

    Returns:
        The cloud assembly.

    Raises:
        SystemExit: there is no such stage, or cdk-nag found something that is neither mended nor
            acknowledged; the text says what and where.
        infra.bundling.BundlingError: the Lambda package cannot be built.
    """
    # The `cdk` command hands over cdk.json's context; a plain `python app.py` reads it itself,
    # so that both give the same templates.
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    app = App(
        context=context,
        outdir=str(folder or os.environ.get("CDK_OUTDIR") or ROOT / "cdk.out"),
        analytics_reporting=False,
    )
    name = stage_name or os.environ.get("YOIN_STAGE") or app.node.try_get_context("stage")
    stage = stage_named(name)
    data = DataStack(app, f"Yoin-{stage.name}-Data", stage=stage)
    lifecycle = LifecycleStack(
        app,
        f"Yoin-{stage.name}-Lifecycle",
        stage=stage,
        package=package(),
        lifecycles=[(spec, workflow_file(spec.name)) for spec in lifecycles.specs()],
    )
    lifecycle.add_stack_dependency(data, "It finds the table and the bus by their names.")
    Tags.of(app).add("yoin:stage", stage.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    Validations.of(app).add_plugins(ServerlessChecks(app))
    try:
        return app.synth()
    except RuntimeError as error:
        if "ValidationFailed" in str(error):
            raise SystemExit(str(error)) from None
        raise
