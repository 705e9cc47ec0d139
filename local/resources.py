"""From a template's resources to moto's: one creator for each type, through the service's own API.

A type that stands neither in ``CREATORS`` nor in ``WITHOUT_LOCAL_MEANING`` is an error with its
name: there is no second list of what the stack consists of.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3

from local.bus import Buses
from local.errors import LocalError, UnknownResourceType
from local.functions import Function, Functions
from local.outbox import Destination, Outbox
from local.queues import Queues, SourceMapping
from local.states import StateMachines
from local.template import Assembly, Physical, Resource


@dataclass(frozen=True)
class Makers:
    """What the creators need besides moto."""

    account: str
    region: str
    functions: Functions
    queues: Queues
    buses: Buses
    machines: StateMachines
    outbox: Outbox

    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: Any) -> Any:
        """A client of moto's service; one for each, since making one takes a while."""
        if service not in self.clients:
            self.clients[service] = boto3.client(service, region_name=self.region)
        return self.clients[service]

    def arn(self, service: str, what: str) -> str:
        """An ARN of this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{what}"


Creator = Callable[[Makers, Resource, dict[str, Any]], Physical]


def create_all(assembly: Assembly, makers: Makers) -> dict[str, list[str]]:
    """Create everything that the assembly holds.

    Args:
        assembly: the templates.
        makers: where it goes.

    Returns:
        The physical names by resource type.

    Raises:
        UnknownResourceType: the type is not known here.
        LocalError: a resource uses something that cannot be had locally.
    """
    made: dict[str, list[str]] = {}
    for resource in assembly.resources():
        if resource.type in WITHOUT_LOCAL_MEANING:
            physical = _nominal(makers, resource)
        elif resource.type in CREATORS:
            physical = CREATORS[resource.type](makers, resource, assembly.properties(resource))
            made.setdefault(resource.type, []).append(physical.ref)
        else:
            raise UnknownResourceType(
                f"{resource.stack}/{resource.logical_id} is a {resource.type}, which the local "
                "runtime does not know: give it a creator in local/resources.py, or put it on "
                "the list of types without local meaning"
            )
        assembly.made(resource, physical)
    return made


# --- types that do nothing here ----------------------------------------------------------------

#: Type → how an ARN of it begins. Watching, logging and permissions: moto checks no permission,
#: nobody looks at alarms. Others may refer to them, so each has a name and an ARN.
WITHOUT_LOCAL_MEANING: Mapping[str, str] = {
    "AWS::CDK::Metadata": "",
    "AWS::CloudWatch::Alarm": "cloudwatch:alarm:",
    "AWS::CloudWatch::CompositeAlarm": "cloudwatch:alarm:",
    "AWS::CloudWatch::Dashboard": "cloudwatch:dashboard/",
    "AWS::Events::EventBusPolicy": "",
    "AWS::IAM::ManagedPolicy": "iam:policy/",
    "AWS::IAM::Policy": "iam:policy/",
    "AWS::IAM::Role": "iam:role/",
    "AWS::Lambda::Permission": "",
    "AWS::Logs::LogGroup": "logs:log-group:",
    "AWS::Logs::MetricFilter": "",
    "AWS::Logs::QueryDefinition": "",
    "AWS::Logs::ResourcePolicy": "",
    "AWS::SNS::TopicPolicy": "",
    "AWS::SQS::QueuePolicy": "",
}


def _nominal(makers: Makers, resource: Resource) -> Physical:
    name = f"{resource.stack}-{resource.logical_id}"
    service, _, prefix = WITHOUT_LOCAL_MEANING[resource.type].partition(":")
    region = "" if service == "iam" else makers.region
    arn = f"arn:aws:{service}:{region}:{makers.account}:{prefix}{name}"
    return Physical(name, {"Arn": arn, "RoleId": name, "Id": name})


# --- data --------------------------------------------------------------------------------------


def _table(makers: Makers, _: Resource, properties: dict[str, Any]) -> Physical:
    client = makers.client("dynamodb")
    wanted = (
        "TableName",
        "AttributeDefinitions",
        "KeySchema",
        "BillingMode",
        "GlobalSecondaryIndexes",
        "LocalSecondaryIndexes",
    )
    if "StreamSpecification" in properties:
        raise LocalError("the local runtime has no DynamoDB streams")
    answer = client.create_table(
        **{name: properties[name] for name in wanted if name in properties}
    )["TableDescription"]
    if "TimeToLiveSpecification" in properties:
        client.update_time_to_live(
            TableName=answer["TableName"],
            TimeToLiveSpecification=properties["TimeToLiveSpecification"],
        )
    return Physical(answer["TableName"], {"Arn": answer["TableArn"]})


def _queue(makers: Makers, resource: Resource, properties: dict[str, Any]) -> Physical:
    client = makers.client("sqs")
    name = properties.get("QueueName", f"{resource.stack}-{resource.logical_id}")
    attributes = {
        key: json.dumps(value) if isinstance(value, dict) else str(value)
        for key in (
            "DelaySeconds",
            "MaximumMessageSize",
            "MessageRetentionPeriod",
            "RedrivePolicy",
            "VisibilityTimeout",
        )
        if (value := properties.get(key)) is not None
    }
    url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return Physical(url, {"Arn": makers.arn("sqs", name), "QueueName": name, "QueueUrl": url})


def _topic(makers: Makers, resource: Resource, properties: dict[str, Any]) -> Physical:
    name = properties.get("TopicName", f"{resource.stack}-{resource.logical_id}")
    arn = makers.client("sns").create_topic(Name=name)["TopicArn"]
    return Physical(arn, {"TopicArn": arn, "TopicName": name})


def _subscription(makers: Makers, _: Resource, properties: dict[str, Any]) -> Physical:
    arn = makers.client("sns").subscribe(
        TopicArn=properties["TopicArn"],
        Protocol=properties["Protocol"],
        Endpoint=properties.get("Endpoint", ""),
        Attributes={"RawMessageDelivery": "true"} if properties.get("RawMessageDelivery") else {},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Physical(arn, {})


# --- events and time ---------------------------------------------------------------------------


def _bus(makers: Makers, _: Resource, properties: dict[str, Any]) -> Physical:
    client = makers.client("events")
    source = properties.get("EventSourceName")
    if source:
        # In AWS the partner has made its event source before the bus can be.
        client.create_partner_event_source(Name=source, Account=makers.account)
        client.create_event_bus(Name=properties["Name"], EventSourceName=source)
    else:
        client.create_event_bus(Name=properties["Name"])
    name = properties["Name"]
    return Physical(name, {"Arn": makers.arn("events", f"event-bus/{name}"), "Name": name})


def _archive(makers: Makers, resource: Resource, properties: dict[str, Any]) -> Physical:
    name = properties.get("ArchiveName", resource.logical_id)
    arn = makers.client("events").create_archive(
        ArchiveName=name,
        EventSourceArn=properties["SourceArn"],
        EventPattern=json.dumps(properties.get("EventPattern", {})),
        RetentionDays=properties.get("RetentionDays", 0),
    )["ArchiveArn"]
    return Physical(name, {"Arn": arn, "ArchiveName": name})


def _rule(makers: Makers, resource: Resource, properties: dict[str, Any]) -> Physical:
    client = makers.client("events")
    name = properties.get("Name", f"{resource.stack}-{resource.logical_id}"[:64])
    bus = properties.get("EventBusName", "default")
    targets = properties.get("Targets", [])
    pattern, schedule = properties.get("EventPattern", {}), properties.get("ScheduleExpression")
    makers.buses.check(name, pattern, [target["Arn"] for target in targets])
    arn = client.put_rule(
        Name=name,
        EventBusName=bus,
        # One that goes by a schedule is fired by hand (Buses.fire): a rule that fires every quarter
        # of an hour would be all that happens in a year of virtual time.
        **({"ScheduleExpression": schedule} if schedule else {"EventPattern": json.dumps(pattern)}),
        State=properties.get("State", "ENABLED"),
    )["RuleArn"]
    if targets:
        client.put_targets(Rule=name, EventBusName=bus, Targets=targets)
    return Physical(name, {"Arn": arn})


def _schedule_group(makers: Makers, resource: Resource, properties: dict[str, Any]) -> Physical:
    name = properties.get("Name", resource.logical_id)
    arn = makers.client("scheduler").create_schedule_group(Name=name)["ScheduleGroupArn"]
    return Physical(name, {"Arn": arn, "Name": name})


# --- code --------------------------------------------------------------------------------------


def _function(makers: Makers, resource: Resource, properties: dict[str, Any]) -> Physical:
    name = properties.get("FunctionName", f"{resource.stack}-{resource.logical_id}"[:64])
    arn = makers.arn("lambda", f"function:{name}")
    makers.functions.register(
        Function(
            name=name,
            arn=arn,
            handler=properties["Handler"],
            environment=properties.get("Environment", {}).get("Variables", {}),
            timeout=int(properties.get("Timeout", 3)),
            memory=int(properties.get("MemorySize", 128)),
        )
    )
    return Physical(name, {"Arn": arn})


def _url(makers: Makers, resource: Resource, properties: dict[str, Any]) -> Physical:
    if properties["AuthType"] != "NONE":
        raise LocalError(f"{resource.logical_id}: the local runtime knows open function URLs only")
    arn = properties["TargetFunctionArn"]
    host = f"{resource.logical_id.lower()}.lambda-url.{makers.region}.on.aws"
    makers.functions.hosts[host] = makers.functions.get(arn).name
    return Physical(arn, {"FunctionArn": arn, "FunctionUrl": f"https://{host}/"})


def _secret(makers: Makers, _: Resource, properties: dict[str, Any]) -> Physical:
    name = properties["Name"]
    generated = properties.get("GenerateSecretString")
    text = properties.get("SecretString", "")
    if generated:
        # The same in every run: AWS would draw it by lot.
        said = json.loads(generated["SecretStringTemplate"])
        text = json.dumps({**said, generated["GenerateStringKey"]: _made_up(name)})
    arn = makers.client("secretsmanager").create_secret(Name=name, SecretString=text)["ARN"]
    return Physical(arn, {"Id": arn})


def _made_up(name: str) -> str:
    return "local" + hashlib.sha256(name.encode()).hexdigest()[:43]


def _source_mapping(makers: Makers, resource: Resource, properties: dict[str, Any]) -> Physical:
    source = properties["EventSourceArn"]
    if ":sqs:" not in source:
        raise LocalError(f"the local runtime cannot poll {source}")
    if "FilterCriteria" in properties:
        raise LocalError(f"{resource.logical_id}: the local runtime has no filter criteria")
    if properties.get("Enabled", True):
        makers.queues.map(
            SourceMapping(
                queue=source.rsplit(":", 1)[1],
                function=properties["FunctionName"],
                batch_size=int(properties.get("BatchSize", 10)),
                report_failures="ReportBatchItemFailures"
                in properties.get("FunctionResponseTypes", ()),
                window=int(properties.get("MaximumBatchingWindowInSeconds", 0)),
            )
        )
    return Physical(resource.logical_id, {"Id": resource.logical_id})


def _state_machine(makers: Makers, resource: Resource, properties: dict[str, Any]) -> Physical:
    name = properties.get("StateMachineName", f"{resource.stack}-{resource.logical_id}"[:80])
    definition = properties.get("DefinitionString")
    if definition is None and "Definition" in properties:
        definition = json.dumps(properties["Definition"])
    if definition is None:
        raise LocalError(f"{name}: its definition is not in the template")
    for variable, value in properties.get("DefinitionSubstitutions", {}).items():
        definition = definition.replace("${" + variable + "}", str(value))
    makers.machines.check(name, definition)
    arn = makers.client("stepfunctions").create_state_machine(
        name=name,
        definition=definition,
        roleArn=properties["RoleArn"],
        type=properties.get("StateMachineType", "STANDARD"),
    )["stateMachineArn"]
    return Physical(arn, {"Arn": arn, "Name": name})


# --- mail --------------------------------------------------------------------------------------


def _configuration_set(makers: Makers, resource: Resource, properties: dict[str, Any]) -> Physical:
    name = properties.get("Name", resource.logical_id)
    makers.client("sesv2").create_configuration_set(ConfigurationSetName=name)
    return Physical(name, {})


def _event_destination(makers: Makers, resource: Resource, properties: dict[str, Any]) -> Physical:
    destination = properties["EventDestination"]
    bus = destination.get("EventBridgeDestination", {}).get("EventBusArn")
    topic = destination.get("SnsDestination", {}).get("TopicARN")
    if not bus and not topic:
        raise LocalError(f"{resource.logical_id}: SES events go to EventBridge or SNS here")
    if destination.get("Enabled", False):
        makers.outbox.add_destination(
            properties["ConfigurationSetName"],
            Destination(bus=bus, topic=topic, types=frozenset(destination["MatchingEventTypes"])),
        )
    return Physical(resource.logical_id, {"Id": resource.logical_id})


def _identity(makers: Makers, _: Resource, properties: dict[str, Any]) -> Physical:
    name = properties["EmailIdentity"]
    makers.client("sesv2").create_email_identity(EmailIdentity=name)
    tokens = {
        f"DkimDNSToken{part}{number}": f"local{number}.{name}"
        for part in ("Name", "Value")
        for number in (1, 2, 3)
    }
    return Physical(name, tokens)


def _log_filter(makers: Makers, resource: Resource, properties: dict[str, Any]) -> Physical:
    if properties["FilterPattern"]:
        raise LocalError(f"{resource.logical_id}: the local runtime filters no logs")
    makers.outbox.add_filter(properties["LogGroupName"], properties["DestinationArn"])
    return Physical(resource.logical_id, {})


CREATORS: Mapping[str, Creator] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::Events::Archive": _archive,
    "AWS::Events::EventBus": _bus,
    "AWS::Events::Rule": _rule,
    "AWS::Lambda::EventSourceMapping": _source_mapping,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Url": _url,
    "AWS::Logs::SubscriptionFilter": _log_filter,
    "AWS::SES::ConfigurationSet": _configuration_set,
    "AWS::SES::ConfigurationSetEventDestination": _event_destination,
    "AWS::SES::EmailIdentity": _identity,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::Topic": _topic,
    "AWS::SQS::Queue": _queue,
    "AWS::Scheduler::ScheduleGroup": _schedule_group,
    "AWS::SecretsManager::Secret": _secret,
    "AWS::StepFunctions::StateMachine": _state_machine,
}
