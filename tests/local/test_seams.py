"""A canary on every seam between moto and local/: each fails when moto changes there.

moto is pinned exactly. When a new version is taken, a canary that fails says that the seam can be
taken out (moto learned it) or has to be fitted anew (moto moved it).
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import inspect
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.responses import BaseResponse
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.events.models import EventPattern, EventsBackend, Rule
from moto.scheduler.models import EventBridgeSchedulerBackend
from moto.ses.models import SESBackend
from moto.sqs import models as sqs_models
from moto.stepfunctions.parser.asl.component.common.retry import (
    jitter_strategy_decl,
    retrier_decl,
)
from moto.stepfunctions.parser.asl.component.program import program
from moto.stepfunctions.parser.asl.component.state.exec import execute_state
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import (
    timestamp,
    wait_function,
)
from moto.stepfunctions.parser.asl.jsonata import jsonata
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import boto_client
from moto.stepfunctions.parser.backend import execution_worker

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ROLE = "arn:aws:iam::123456789012:role/r"
SCHEDULE: dict[str, Any] = {
    "ScheduleExpression": "at(2020-01-01T00:00:00)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": "arn:aws:sqs:us-east-1:123456789012:q", "RoleArn": ROLE},
}


@pytest.fixture
def moto() -> Iterator[Any]:
    """moto as it is by itself."""
    config: Any = {"stepfunctions": {"execute_state_machine": True}}
    with mock_aws(config=config):
        yield lambda service: boto3.client(service, region_name="us-east-1")


def machine(moto: Any, states: dict[str, Any], **top: Any) -> str:
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    answer = moto("stepfunctions").create_state_machine(
        name="m", definition=json.dumps(definition | top), roleArn=ROLE
    )
    return str(answer["stateMachineArn"])


def outcome(moto: Any, arn: str, **start: Any) -> dict[str, Any]:
    client = moto("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn, **start)["executionArn"]
    for _ in range(100):
        found: dict[str, Any] = client.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            return found
        time.sleep(0.05)
    raise AssertionError("still running")


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.strip()


def source(thing: Any) -> str:
    return inspect.getsource(thing)


def test_moto_is_pinned_exactly_and_is_the_version_that_the_seams_were_made_for() -> None:
    assert importlib.metadata.version("moto") == "5.2.5"
    assert "==5.2.5" in next(
        line
        for line in (ROOT / "requirements-dev.in").read_text("utf-8").splitlines()
        if line.startswith("moto")
    )


# --- Step Functions ----------------------------------------------------------------------------


def test_moto_s_interpreter_imports_all_of_ec2_for_one_enumeration() -> None:
    asked = "import moto.stepfunctions.parser.models, sys; print('moto.ec2' in sys.modules)"
    assert python(asked) == "True"
    real = (
        "import local.runtime, sys; print('moto.ec2' in sys.modules); "
        "import moto.batch.utils as u; print(len(u.JobStatus.job_statuses()))"
    )
    imported, statuses = python(real).split()
    assert imported == "False"
    assert int(statuses) > 2


def test_moto_has_no_jsonata_evaluator(moto: Any) -> None:
    assert vars(jsonata)["_eval_jsonata"] is None
    arn = machine(moto, {"A": {"Type": "Pass", "Output": "{% 1 + 1 %}", "End": True}})
    assert outcome(moto, arn, name="n")["status"] == "FAILED"


def test_moto_splices_text_into_an_expression_without_escaping_it() -> None:
    assert jsonata.encode_jsonata_variable_declarations({"$x": 'a"b'}) == '$x:="a"b";'


def test_moto_runs_executions_programs_and_tasks_in_threads() -> None:
    assert vars(execution_worker)["Thread"] is threading.Thread
    assert vars(program)["threading"] is threading
    assert vars(execute_state)["Thread"] is threading.Thread
    for thing in (execution_worker.ExecutionWorker.start, program.Program.eval):
        assert "Thread(" in source(thing)
    assert "Thread(" in source(execute_state.ExecutionState)


def test_moto_sleeps_in_real_time() -> None:
    assert vars(retrier_decl)["time"] is time
    assert "time.sleep(interval_seconds)" in source(retrier_decl.RetrierDecl)
    assert "program_state_event.wait(wait_seconds)" in source(wait_function.WaitFunction)
    assert "datetime.datetime.now()" in source(timestamp.Timestamp)
    assert "random.uniform(0, interval_seconds)" in source(jitter_strategy_decl)


def test_moto_parses_a_definition_for_every_execution() -> None:
    entrypoint = vars(execution_worker.ExecutionWorker)["_get_evaluation_entrypoint"]
    assert "AmazonStateLanguageParser.parse(" in source(entrypoint)
    assert not hasattr(AmazonStateLanguageParser.parse, "cache_info")


def test_moto_makes_a_client_for_every_task() -> None:
    assert "boto3.client(" in source(boto_client.boto_client_for)
    assert isinstance(vars(boto_client)["boto3"], ModuleType)


def test_moto_calls_lambda_through_a_client() -> None:
    invoke = vars(lambda_eval_utils)["_invoke_lambda_function"]
    assert list(inspect.signature(invoke).parameters) == [
        "parameters",
        "region",
        "state_credentials",
    ]
    assert "lambda_client.invoke(**parameters)" in source(invoke)


def test_moto_spells_an_sdk_error_in_small_letters(moto: Any) -> None:
    spell = state_task_service_aws_sdk.StateTaskServiceAwsSdk._normalise_service_error_name
    assert spell("scheduler") == "scheduler"
    moto("scheduler").create_schedule(Name="s", **SCHEDULE)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:scheduler:createSchedule",
        "Arguments": {"Name": "s", **SCHEDULE},
        "End": True,
    }
    assert outcome(moto, machine(moto, {"A": task}), name="n")["error"] == (
        "scheduler.ConflictException"
    )


def test_moto_s_executions_without_a_name_collide(moto: Any) -> None:
    arn = machine(moto, {"A": {"Type": "Succeed"}})
    client = moto("stepfunctions")
    first = client.start_execution(stateMachineArn=arn)["executionArn"]
    assert first.endswith(":None")


def test_moto_keeps_null_where_aws_has_nothing() -> None:
    from moto.stepfunctions.parser.asl.eval.states import States

    context: Any = {"Execution": {"Input": {}}}
    states = States(context=context)
    states.reset({})
    assert vars(states)["_states_data"]["result"] is None


# --- EventBridge and Scheduler -----------------------------------------------------------------


def test_moto_cannot_deliver_to_a_state_machine(moto: Any) -> None:
    arn = machine(moto, {"A": {"Type": "Succeed"}})
    events = moto("events")
    events.put_rule(Name="r", EventPattern='{"source": ["s"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "T", "Arn": arn, "RoleArn": ROLE}])
    with pytest.raises(NotImplementedError):
        events.put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}])


def test_moto_takes_the_last_part_of_a_partner_bus_for_its_name(moto: Any) -> None:
    events = moto("events")
    name = "aws.partner/shop.example/1"
    events.create_partner_event_source(Name=name, Account="123456789012")
    events.create_event_bus(Name=name, EventSourceName=name)
    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.put_rule(Name="r", EventBusName=name, EventPattern='{"source": ["s"]}')


def test_what_the_bus_uses_of_moto_is_there() -> None:
    assert list(inspect.signature(EventsBackend.put_events).parameters) == ["self", "events"]
    assert list(inspect.signature(Rule.send_to_targets).parameters) == [
        "self",
        "original_event",
        "transform_input",
    ]
    flatten = vars(EventPattern)["_flatten_dict"]
    assert flatten({"a": {"b": 1}}) == {"a.b": 1}


def test_moto_s_transformer_puts_text_in_without_quotes() -> None:
    from moto.events.utils import EventTemplateParser

    event: Any = {"source": "s", "ingestion-time": 1.0}
    with pytest.raises(json.JSONDecodeError):
        EventTemplateParser.parse('{"x": <x>}', {"x": "$.source"}, event)


def test_moto_s_schedules_never_fire_and_may_be_in_the_past(moto: Any) -> None:
    queue = moto("sqs").create_queue(QueueName="q")["QueueUrl"]
    moto("scheduler").create_schedule(Name="s", **SCHEDULE)
    assert "Messages" not in moto("sqs").receive_message(QueueUrl=queue)


def test_moto_loses_the_state_of_a_schedule_that_is_updated(moto: Any) -> None:
    client = moto("scheduler")
    client.create_schedule(Name="s", **SCHEDULE)
    assert client.get_schedule(Name="s")["State"] == "ENABLED"
    client.update_schedule(Name="s", **SCHEDULE)
    assert "State" not in client.get_schedule(Name="s")


def test_what_the_scheduler_uses_of_moto_is_there() -> None:
    for method in ("create_schedule", "update_schedule"):
        names = inspect.signature(getattr(EventBridgeSchedulerBackend, method)).parameters
        assert {"group_name", "name", "schedule_expression", "target", "state"} <= set(names)


# --- SQS, DynamoDB, SES, the wire --------------------------------------------------------------


def test_moto_s_queues_go_by_two_functions_of_time() -> None:
    assert "unix_time_millis()" in source(sqs_models.Message)
    assert "unix_time()" in source(sqs_models.SQSBackend)
    assert "current_time > self.visible_at" in source(sqs_models.Message)


def test_moto_knows_no_partial_batch_failures() -> None:
    assert "batchItemFailures" not in source(sqs_models)


def test_moto_reads_the_whole_table_for_a_query_and_copies_it_for_a_transaction() -> None:
    assert "self.all_items()" in source(Table.query)
    assert "copy.deepcopy(" in source(DynamoDBBackend.transact_write_items)


def test_moto_sends_no_ses_events(moto: Any) -> None:
    ses = moto("sesv2")
    ses.create_configuration_set(ConfigurationSetName="c")
    with contextlib.suppress(NotImplementedError):
        ses.create_configuration_set_event_destination(
            ConfigurationSetName="c",
            EventDestinationName="d",
            EventDestination={"Enabled": True, "MatchingEventTypes": ["SEND"]},
        )
        raise AssertionError("moto has event destinations now")


def test_what_the_wire_uses_of_moto_is_there() -> None:
    assert list(inspect.signature(BotocoreStubber.__call__).parameters) == [
        "self",
        "event_name",
        "request",
        "kwargs",
    ]
    used = {"body", "headers", "querystring", "region", "response_headers", "uri", "uri_match"}
    for name in used:
        assert f"self.{name}" in source(BaseResponse)


def test_moto_counts_all_mail_for_the_quota_of_a_day() -> None:
    with mock_aws():
        ses = boto3.client("ses", region_name="us-east-1")
        ses.verify_email_identity(EmailAddress="shop@example.com")
        for _ in range(2):
            ses.send_email(
                Source="shop@example.com",
                Destination={"ToAddresses": ["a@example.com"]},
                Message={"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}},
            )
        quota = ses.get_send_quota()
        assert (quota["Max24HourSend"], quota["SentLast24Hours"]) == (200, 2)
        assert list(inspect.signature(SESBackend.get_send_quota).parameters) == ["self"]
