"""The local stack: the synthesized templates, running on this machine under a virtual clock.

    with LocalStack.start() as stack:
        stack.put_event({"source": "shop", "detail-type": "OrderPlaced", "detail": {...}})
        stack.advance(timedelta(days=120))
        print(stack.outbox.mails)

Nothing runs by itself: ``advance``, ``run_until`` and ``settle`` let virtual time pass, and all
that is due in it happens, in an order that is the same every time. A stack belongs to the thread
that made it, and there is one at a time in a process.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import boto3
from moto import mock_aws
from moto.core.exceptions import ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.moto_api._internal import mock_random
from moto.secretsmanager.models import secretsmanager_backends
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends
from werkzeug.exceptions import HTTPException

from local import safety, tables
from local.bus import Buses, DeliveryFailed
from local.clock import Rank, VirtualClock
from local.errors import LocalError
from local.expressions import Expressions
from local.faults import Fault, Faults, When
from local.functions import FunctionFailed, Functions, FunctionThrottled
from local.outbox import Outbox
from local.queues import Letter, Queues
from local.resources import Makers, create_all
from local.schedules import Schedules
from local.states import StateMachines
from local.template import Assembly
from local.urls import HttpAnswer, http_answer, http_event
from local.vendors import Apis
from local.wire import SERVICES, Wire

REGION = "ap-northeast-1"
STAGE = "local"

#: When virtual time begins unless somebody says otherwise.
BEGINNING = datetime(2026, 4, 1, tzinfo=UTC)

PARTNER = "aws.partner/"

#: Prepares the handlers' code for a clock; what is to be undone goes onto the stack.
Application = Callable[[contextlib.ExitStack, VirtualClock], None]


class LocalStack:
    """One running stack. Make it with ``start``; it is a context manager.

    Attributes:
        clock: virtual time.
        buses, queues, schedules, machines, functions, outbox, faults, wire: the parts; each
            keeps a record of what happened in it.
        apis: what the vendors' APIs answer.
        names: the physical names of all resources, by type.
    """

    def __init__(
        self, assembly: Path, *, at: datetime, seed: int, application: Application
    ) -> None:
        self._folder = assembly
        self._application = application
        self._seed = seed
        self._begins = at
        self._mock = mock_aws(
            config={
                "core": {"mock_credentials": False, "reset_boto3_session": False},
                "stepfunctions": {"execute_state_machine": True},
            }
        )
        self._clients: dict[str, Any] = {}
        self._undo: contextlib.ExitStack | None = None
        self.names: dict[str, list[str]] = {}
        where = {"region": REGION, "account": DEFAULT_ACCOUNT_ID}
        self.clock = VirtualClock(at)
        self.faults = Faults(self._sleep)
        self.wire = Wire(self.faults, self._sleep, **where)
        self.functions = Functions(self.clock, self.faults)
        self.queues = Queues(self.clock, self.functions.invoke, **where)
        self.buses = Buses(self.clock, **where)
        self.schedules = Schedules(self.clock, **where)
        self.machines = StateMachines(
            self.clock,
            Expressions(lambda: int(self.clock.now().timestamp() * 1000), seed),
            self.functions.invoke,
            seed=seed,
            **where,
        )
        self.outbox = Outbox(
            self.clock, self.buses.publish, self._invoke_later, self._notify, **where
        )
        self.apis = Apis()
        self.forget_listeners()
        for part in (self.buses, self.schedules):
            part.serve("states", self._start_machine)
            part.serve("sqs", self._send)
            part.serve("lambda", self._invoke_later)
        self.buses.serve("logs", _nothing)

    # --- life --------------------------------------------------------------------------------

    @classmethod
    def start(
        cls,
        assembly: Path | None = None,
        *,
        at: datetime = BEGINNING,
        seed: int = 0,
        application: Application | None = None,
    ) -> Self:
        """Create everything that the templates hold, and be ready.

        Args:
            assembly: the folder that synthesis wrote; by default the current templates of the
                stage ``local``, synthesized now where something changed.
            at: the virtual instant at which it begins, aware.
            seed: of everything that is random.
            application: gives the handlers' code the virtual clock and undoes that; by default
                for ``shared.wiring``.

        Raises:
            LocalError: the templates hold something that cannot be had locally.
            NotLocal: a call could leave this machine.
        """
        if assembly is None:
            from infra.assembly import current

            assembly = current(STAGE)
        stack = cls(assembly, at=at, seed=seed, application=application or yoin)
        stack._open(reset=True)
        try:
            stack._create()
        except BaseException:
            stack.stop()
            raise
        return stack

    def stop(self) -> None:
        """Take everything down."""
        self._close(remove_data=True)

    def pause(self) -> None:
        """Let go of the process, keep all data: others may use moto or the real clock."""
        self._close(remove_data=False)

    def resume(self) -> None:
        """Go on after ``pause``. What another user of moto removed meanwhile is made anew."""
        if self._undo is not None:
            return
        self._open(reset=False)
        if not self._complete():
            self._mock.reset()
            self._create()

    def reset(self, at: datetime | None = None, seed: int | None = None) -> None:
        """Be as new, without creating anything again: empty, at the beginning of time.

        Whoever listens goes on listening.

        Args:
            at: the beginning; by default the one given at the start.
            seed: of everything that is random; by default the one given at the start.
        """
        self._begins = at or self._begins
        self._seed = self._seed if seed is None else seed
        self.clock.reset(self._begins)
        for table in dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables.values():
            table.items.clear()
        mail = ses_backends[DEFAULT_ACCOUNT_ID][REGION]
        mail.sent_messages.clear()
        sms = sns_backends[DEFAULT_ACCOUNT_ID][REGION]
        sms.sms_messages.clear()
        sms.sms_message_objects.clear()
        self.queues.reset()
        self.buses.reset()
        self.schedules.reset()
        self.machines.reset(self._seed)
        self.functions.reset()
        self._restore_secrets()
        self.outbox.reset()
        self.faults.reset()
        self.wire.reset()
        self.apis.reset()
        mock_random.seed(self._seed)
        _forget_data()

    def _restore_secrets(self) -> None:
        """The stack's own secrets, each with the text that it was made with."""
        ours = self.names.get("AWS::SecretsManager::Secret", ())
        store: Any = secretsmanager_backends[DEFAULT_ACCOUNT_ID][REGION].secrets
        for name, secret in list(store.items()):
            if secret.arn not in ours:
                del store[name]
                continue
            version_id, version = next(iter(secret.versions.items()))
            secret.versions = {version_id: {**version, "version_stages": ["AWSCURRENT"]}}
            secret.set_default_version_id(version_id)

    def forget_listeners(self) -> None:
        """Let go of everybody who listens to the buses, the wire or the executions."""
        self.buses.listeners.clear()
        self.machines.on_finished.clear()
        self.wire.forget_witnesses()
        self.wire.on("sesv2.SendEmail", self.outbox.mail_sent)
        self.wire.on("sns.Publish", self.outbox.sms_sent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _open(self, *, reset: bool) -> None:
        undo = contextlib.ExitStack()
        with undo:
            safety.install(undo, REGION)
            self._mock.start(reset=reset)
            undo.callback(self._stop_mock)
            self.wire.install(undo)
            tables.install(undo)
            self.queues.install(undo)
            self.buses.install(undo)
            self.schedules.install(undo)
            self.machines.install(undo)
            self.functions.install(undo)
            self._application(undo, self.clock)
            self.apis.install(undo)
            self.outbox.install(undo)
            self._undo = undo.pop_all()

    def _close(self, *, remove_data: bool) -> None:
        self._remove_data = remove_data
        if self._undo is not None:
            undo, self._undo = self._undo, None
            undo.close()

    _remove_data = True

    def _stop_mock(self) -> None:
        self._mock.stop(remove_data=self._remove_data)

    def _create(self) -> None:
        safety.check(SERVICES, DEFAULT_ACCOUNT_ID)
        mock_random.seed(self._seed)
        self.outbox.forget_destinations()
        assembly = Assembly.read(self._folder, account=DEFAULT_ACCOUNT_ID, region=REGION)
        self.names = create_all(
            assembly,
            Makers(
                account=DEFAULT_ACCOUNT_ID,
                region=REGION,
                functions=self.functions,
                queues=self.queues,
                buses=self.buses,
                machines=self.machines,
                outbox=self.outbox,
            ),
        )
        self.reset()

    def _complete(self) -> bool:
        """Whether all that was created is still there."""
        tables_now = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
        return all(name in tables_now for name in self.names.get("AWS::DynamoDB::Table", ()))

    # --- what others do ----------------------------------------------------------------------

    @property
    def bus(self) -> str:
        """The name of our own bus: the one that no partner owns.

        Raises:
            LocalError: there is none, or more than one.
        """
        ours = [
            name
            for name in self.names.get("AWS::Events::EventBus", ())
            if not name.startswith(PARTNER)
        ]
        if len(ours) != 1:
            raise LocalError(f"name the bus: the stack has {', '.join(ours) or 'none'}")
        return ours[0]

    def put_event(
        self,
        event: Mapping[str, Any],
        *,
        bus: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Put an event on a bus; it is delivered as virtual time passes.

        Args:
            event: an EventBridge envelope; ``source``, ``detail-type`` and ``detail`` are needed,
                the rest is filled in.
            bus: its name; by default a partner's event goes to the partner's bus, one of AWS to
                the default bus, every other to our own.
            at: when; by default now.

        Raises:
            LocalError: it is no envelope, or there is no such bus.
        """
        missing = [key for key in ("source", "detail-type", "detail") if key not in event]
        if missing or not isinstance(event.get("detail"), Mapping):
            wrong = f"it lacks {', '.join(missing)}" if missing else "its detail is no object"
            raise LocalError(f"this is no EventBridge event: {wrong}")
        where = bus or self._bus_of(str(event["source"]))
        if where.rpartition(":event-bus/")[2] not in self.buses.backend.event_buses:
            raise LocalError(f"the stack has no bus {where}")

        def put() -> None:
            now = self.clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
            self.buses.publish(
                where,
                {
                    "version": "0",
                    "id": str(mock_random.uuid4()),
                    "account": DEFAULT_ACCOUNT_ID,
                    "time": now,
                    "region": REGION,
                    "resources": [],
                    **event,
                },
            )

        self.clock.call_at(at or self.clock.now(), put, rank=Rank.OUTSIDE)

    def _bus_of(self, source: str) -> str:
        if source.startswith(PARTNER):
            return source
        return "default" if source.startswith("aws.") else self.bus

    def post(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | str = b"",
        *,
        method: str = "POST",
    ) -> HttpAnswer:
        """Call a function over its URL, now; what it does is as real as its answer.

        Args:
            url: the whole of it, as links have it, or a path such as ``/shopify/aoba`` of the
                only function that has a URL, else of the one for webhooks; with the query if there
                is one.
            headers: as the caller sends them.
            body: as the caller sends it.
            method: of HTTP.

        Raises:
            LocalError: the stack has no such URL.
        """
        host, path = self._host(url)
        name = self.functions.hosts[host]
        raw = body if isinstance(body, bytes) else body.encode()
        event = http_event(method, host, path, headers or {}, raw)
        try:
            return http_answer(self.clock.do(lambda: self.functions.invoke(name, event)))
        except FunctionThrottled:
            return HttpAnswer(429, "", {})
        except FunctionFailed:
            return HttpAnswer(502, "Internal Server Error", {})

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Look at a page; see ``post``."""
        return self.post(url, headers, method="GET")

    def _host(self, url: str) -> tuple[str, str]:
        """Whose URL it is, and the path with the query."""
        hosts = self.functions.hosts
        parts = urlsplit(url)
        path = url[len(f"https://{parts.netloc}") :] if parts.netloc else url
        if parts.netloc:
            found = [host for host in hosts if host == parts.netloc]
        else:
            found = [host for host, name in hosts.items() if name.endswith("-webhook")]
            found = list(hosts) if len(hosts) == 1 else found
        if len(found) != 1:
            raise LocalError(f"name the whole URL: the stack has {', '.join(hosts) or 'none'}")
        return found[0], path or "/"

    def send(self, queue: str, body: Any) -> None:
        """Put a message into a queue by its name: text as it is, anything else as JSON."""
        self.queues.put(queue, body if isinstance(body, str) else json.dumps(body))

    def fail_next(
        self, call: str, when: When = "before", *, kind: str = "timeout", **settings: Any
    ) -> Fault:
        """Arm a fault; see ``local.faults``."""
        return self.faults.fail_next(call, when, kind=kind, **settings)

    # --- time --------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The virtual instant."""
        return self.clock.now()

    def run_until(self, instant: datetime) -> None:
        """Let everything happen that is due up to an instant; it is that instant afterwards."""
        self.clock.run_until(instant)

    def advance(self, time: timedelta) -> None:
        """Let virtual time pass."""
        self.clock.run_until(self.clock.now() + time)

    def settle(self, within: timedelta = timedelta(minutes=15)) -> None:
        """Finish what has begun: deliveries, executions, retries, feedback. Not schedules of
        later than ``within`` after the step before."""
        self.clock.settle(within)

    def _sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    # --- what became of it -------------------------------------------------------------------

    def letters(self, queue: str) -> list[Letter]:
        """The messages in a queue by its name, such as a dead-letter queue."""
        return self.queues.letters(queue)

    def client(self, service: Any) -> Any:
        """A boto3 client of this stack; one for each service."""
        if service not in self._clients:
            self._clients[service] = boto3.client(service, region_name=REGION)
        return self._clients[service]

    def items(self) -> list[dict[str, Any]]:
        """Everything in the table, as DynamoDB's JSON."""
        (table,) = self.names["AWS::DynamoDB::Table"]
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=table)
        return [item for page in pages for item in page["Items"]]

    def environment(self, function: str) -> Mapping[str, str]:
        """The template's environment of a function, by a part of its name."""
        for name in self.functions.names():
            if function in name:
                return self.functions.get(name).environment
        raise LocalError(f"the stack has no function {function}")

    # --- targets -----------------------------------------------------------------------------

    def _start_machine(self, arn: str, payload: Any) -> None:
        try:
            self.machines.start(arn, json.dumps(payload, ensure_ascii=False))
        except HTTPException as error:
            raise DeliveryFailed(f"{arn}: {error.description}") from error

    def _send(self, arn: str, payload: Any) -> None:
        try:
            self.queues.send(arn, payload)
        except ServiceException as error:
            raise DeliveryFailed(f"{arn}: {error}") from error

    def _notify(self, topic: str, text: str) -> None:
        sns_backends[DEFAULT_ACCOUNT_ID][REGION].publish(text, arn=topic)

    def _invoke_later(self, arn: str, payload: Any) -> None:
        def invoke() -> None:
            # As Lambda's asynchronous invocation: the caller never learns of a failure.
            with contextlib.suppress(FunctionFailed, FunctionThrottled):
                self.functions.invoke(arn, payload)

        self.clock.call_soon(invoke)


def yoin(undo: contextlib.ExitStack, clock: VirtualClock) -> None:
    """Give Yoin the virtual clock, and let it make its clients and read its settings anew."""
    from shared import wiring

    wiring.forget()
    undo.callback(wiring.forget)
    undo.callback(wiring.use_clock, wiring.use_clock(clock))


def _forget_data() -> None:
    """What the process remembers of tables and secrets (which policies it has kept, which keys it
    has read) is gone from them."""
    from shared import wiring

    wiring.forget_data()


def _nothing(_arn: str, _payload: Any) -> None:
    """A target without local meaning."""
