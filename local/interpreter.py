"""The parts of moto's Step Functions interpreter that local/states.py fits anew.

They are imported here, and only here, because of the import itself: the interpreter imports AWS
Batch for one enumeration, Batch imports EC2, and EC2 reads every instance type there is. That is
more than a second of every start, for a task type that no workflow of ours has.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from enum import Enum
from types import ModuleType

#: What is left out, and of it what the interpreter names.
LEFT_OUT = "moto.batch"
NAMED = ("moto.batch.utils", "JobStatus")


@contextlib.contextmanager
def _without_batch() -> Iterator[None]:
    """Stand-ins for AWS Batch while the interpreter is imported; the real one can come later."""
    if LEFT_OUT in sys.modules:
        yield
        return
    module, name = NAMED
    package, utils = ModuleType(LEFT_OUT), ModuleType(module)
    package.__path__ = []
    setattr(utils, name, Enum(name, {"SUCCEEDED": "SUCCEEDED", "FAILED": "FAILED"}))
    sys.modules[LEFT_OUT], sys.modules[module] = package, utils
    try:
        yield
    finally:
        del sys.modules[LEFT_OUT], sys.modules[module]


with _without_batch():
    from moto.stepfunctions.parser import models as sfn_models
    from moto.stepfunctions.parser.api import HistoryEventType
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
        FailureEvent,
        FailureEventException,
    )
    from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
        StatesErrorName,
    )
    from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
        StatesErrorNameType,
    )
    from moto.stepfunctions.parser.asl.component.common.path import result_path
    from moto.stepfunctions.parser.asl.component.common.retry import (
        jitter_strategy_decl,
        retrier_decl,
    )
    from moto.stepfunctions.parser.asl.component.common.string.string_expression import (
        StringJSONata,
    )
    from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
    from moto.stepfunctions.parser.asl.component.program import program
    from moto.stepfunctions.parser.asl.component.state import state
    from moto.stepfunctions.parser.asl.component.state.exec import execute_state
    from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
        state_task_service_aws_sdk,
    )
    from moto.stepfunctions.parser.asl.component.state.wait.wait_function import (
        timestamp,
        wait_function,
    )
    from moto.stepfunctions.parser.asl.eval import states
    from moto.stepfunctions.parser.asl.eval.event import event_manager
    from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
    from moto.stepfunctions.parser.asl.utils import boto_client
    from moto.stepfunctions.parser.backend import execution as execution_module
    from moto.stepfunctions.parser.backend import execution_worker
    from moto.stepfunctions.parser.utils import TMP_THREADS

__all__ = [
    "TMP_THREADS",
    "AmazonStateLanguageParser",
    "EvalComponent",
    "FailureEvent",
    "FailureEventException",
    "HistoryEventType",
    "StatesErrorName",
    "StatesErrorNameType",
    "StringJSONata",
    "boto_client",
    "event_manager",
    "execute_state",
    "execution_module",
    "execution_worker",
    "jitter_strategy_decl",
    "lambda_eval_utils",
    "program",
    "result_path",
    "retrier_decl",
    "sfn_models",
    "state",
    "state_task_service_aws_sdk",
    "states",
    "timestamp",
    "wait_function",
]
