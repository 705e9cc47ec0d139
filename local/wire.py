"""The wire between botocore and moto: every call to AWS passes here.

- **Safety.** A call that moto would not answer ends in ``NotLocal``; nothing goes out.
- **Faults** strike here, below botocore's own retries, so that a client that retries does.
- **Witnesses** see a call that took effect: the outbox learns of mails this way.
- **Speed.** moto tries several hundred patterns for each call, and both sides turn everything
  into HTTP and back. The address of a service is looked up once. And the calls that make up
  nearly all of a run go straight from the client to moto's own response class (``SHORT_CUTS``);
  moto validates and stores as ever, only the HTTP between is left out. When anything at all is
  unusual (a fault is armed, moto raises), the call takes the long way. What was read from a
  table is kept for a while, ``local.readings``.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import botocore.endpoint
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.useragent import UserAgentString
from moto import backend_index, backends
from moto.core.base_backend import BackendDict
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.request import normalize_request
from moto.core.responses import ActionResult
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler
from moto.events.responses import EventsHandler
from moto.scheduler.responses import EventBridgeSchedulerResponse
from werkzeug.exceptions import HTTPException

from local.errors import NotLocal
from local.faults import Crash, Fault, Faults
from local.readings import READS, Readings

#: botocore's event names → the names under which boto3 makes clients.
SERVICE_NAMES = {
    "eventbridge": "events",
    "secrets-manager": "secretsmanager",
    "sfn": "stepfunctions",
}

#: The services that the local stack has; an address of any other is refused.
SERVICES = (
    "dynamodb",
    "events",
    "iam",
    "lambda",
    "scheduler",
    "secretsmanager",
    "ses",
    "sesv2",
    "sns",
    "sqs",
    "stepfunctions",
    "sts",
)

#: Calls that go straight to moto's response class: its class and method.
SHORT_CUTS: dict[str, tuple[type[Any], str]] = {
    "dynamodb.GetItem": (DynamoHandler, "get_item"),
    "dynamodb.PutItem": (DynamoHandler, "put_item"),
    "dynamodb.UpdateItem": (DynamoHandler, "update_item"),
    "dynamodb.DeleteItem": (DynamoHandler, "delete_item"),
    "dynamodb.Query": (DynamoHandler, "query"),
    "dynamodb.BatchGetItem": (DynamoHandler, "batch_get_item"),
    "dynamodb.TransactWriteItems": (DynamoHandler, "transact_write_items"),
    "dynamodb.TransactGetItems": (DynamoHandler, "transact_get_items"),
    "events.PutEvents": (EventsHandler, "put_events"),
    "scheduler.CreateSchedule": (EventBridgeSchedulerResponse, "create_schedule"),
    "scheduler.UpdateSchedule": (EventBridgeSchedulerResponse, "update_schedule"),
    "scheduler.DeleteSchedule": (EventBridgeSchedulerResponse, "delete_schedule"),
}

# The private part of botocore that is used here, by name.
_MAKE_CALL = attrgetter("_make_api_call")

Witness = Callable[[Mapping[str, Any], Mapping[str, Any]], None]

#: What each service calls it, where the name is its own: (status, code) by kind of fault.
_THROTTLED = {
    "dynamodb": (400, "ThrottlingException"),
    "events": (400, "ThrottlingException"),
    "scheduler": (429, "ThrottlingException"),
    "sns": (429, "Throttled"),
    "sqs": (403, "RequestThrottled"),
    "stepfunctions": (400, "ThrottlingException"),
}
_SERVER_ERRORS = {
    "dynamodb": (500, "InternalServerError"),
    "events": (500, "InternalException"),
    "scheduler": (500, "InternalServerException"),
    "sns": (500, "InternalError"),
    "sqs": (500, "InternalError"),
}


def _error(fault: Fault) -> tuple[int, str]:
    """HTTP status and error code of a fault."""
    service = fault.call.partition(".")[0]
    if fault.kind == "throttled":
        return _THROTTLED.get(service, (429, "TooManyRequestsException"))
    if fault.kind == "server_error":
        return _SERVER_ERRORS.get(service, (500, "InternalServiceErrorException"))
    if fault.kind == "unavailable":
        return 503, "ServiceUnavailable"
    return 400, fault.code


class Wire:
    """The gate for all calls to AWS while it is installed.

    Args:
        faults: the armed faults.
        sleep: virtual sleep, for botocore's back-off.
        region, account: where everything lives.
    """

    def __init__(
        self,
        faults: Faults,
        sleep: Callable[[float], None],
        *,
        region: str,
        account: str = DEFAULT_ACCOUNT_ID,
    ) -> None:
        self._faults = faults
        self._sleep = sleep
        self._region = region
        self._account = account
        self._routes: dict[str, list[tuple[re.Pattern[str], Callable[..., Any]]]] = {}
        self._witnesses: dict[str, list[Witness]] = {}
        self._readings = Readings()
        self._seen: set[tuple[str, ...]] = set()
        self.calls: Counter[str] = Counter()

    def reset(self) -> None:
        """Forget the count of calls and what was read."""
        self.calls.clear()
        self._readings.forget()

    def on(self, call: str, witness: Witness) -> None:
        """Tell ``witness`` the request and the answer of each call that took effect.

        Only for calls without a short cut.
        """
        self._witnesses.setdefault(call, []).append(witness)

    def forget_witnesses(self) -> None:
        """Tell nobody any more."""
        self._witnesses.clear()

    def install(self, stack: contextlib.ExitStack) -> None:
        """Take over until ``stack`` is closed."""
        wire = self

        def send(
            stubber: BotocoreStubber, event_name: str, request: AWSPreparedRequest, **_: Any
        ) -> AWSResponse:
            if not stubber.enabled:
                raise NotLocal(f"{request.url}: moto is not active")
            _event, service, operation = event_name.split(".")
            return wire._send(f"{SERVICE_NAMES.get(service, service)}.{operation}", request)

        real_call = _MAKE_CALL(BaseClient)

        def make_call(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
            call = f"{client.meta.service_model.service_name}.{operation}"
            answer = wire._short_cut(client, call, request)
            return real_call(client, operation, request) if answer is None else answer

        stack.enter_context(patch.object(BotocoreStubber, "__call__", send))
        stack.enter_context(
            patch.object(botocore.endpoint, "time", SimpleNamespace(sleep=self._sleep))
        )
        # Built anew for every call, of twenty parts, and read by nobody here.
        stack.enter_context(patch.object(UserAgentString, "to_string", lambda _: "local"))
        stack.enter_context(patch.object(BaseClient, "_make_api_call", make_call))

    # --- the long way ------------------------------------------------------------------------

    def _send(self, call: str, request: AWSPreparedRequest) -> AWSResponse:
        self.calls[call] += 1
        if call.startswith("dynamodb."):
            self._readings.forget()
        fault = self._faults.take(call, "before", lambda: _parameters(request))
        if fault is not None:
            return _strike(fault, request)
        response = self._answer(request)
        if call in self._witnesses and response.status_code < 300:
            parameters, answer = _parameters(request), _answer_of(response)
            for witness in self._witnesses[call]:
                witness(parameters, answer)
        fault = self._faults.take(call, "after", lambda: _parameters(request))
        if fault is not None:
            return _strike(fault, request)
        return response

    def _answer(self, request: AWSPreparedRequest) -> AWSResponse:
        parts = urlsplit(request.url)
        address = f"{parts.scheme}://{parts.netloc}{parts.path}"
        if parts.netloc not in self._routes:
            self._routes[parts.netloc] = _routes(address)
        for pattern, method in self._routes[parts.netloc]:
            if pattern.match(address):
                normal = normalize_request(request)
                try:
                    status, headers, body = method(normal, normal.raw_url, normal.headers)
                except HTTPException as error:
                    status, headers, body = error.code, error.get_headers(), error.get_body()
                return _response(request.url, status, dict(headers), body)
        raise NotLocal(
            f"{request.method} {address}: the local stack has no such service. "
            f"It has {', '.join(SERVICES)}."
        )

    # --- the short cut -----------------------------------------------------------------------

    def _short_cut(self, client: BaseClient, call: str, request: dict[str, Any]) -> Any:
        """moto's answer to a call; None where the long way has to be taken."""
        if call not in SHORT_CUTS or self._faults.armed(call):
            return None
        request = _as_sent(request)
        form = (call, *sorted(request))
        if form not in self._seen:
            # The first of its form takes the long way, on which botocore checks its parameters.
            self._seen.add(form)
            return None
        tables = dynamodb_backends[self._account][self._region].tables
        answer = self._readings.get(call, request) if call in READS else None
        if answer is None:
            answer = self._ask(client, call, request)
            if answer is None:
                return None
            if call in READS:
                self._readings.keep(call, request, answer, tables)
            elif call.startswith("dynamodb."):
                self._readings.written(request, tables)
        self.calls[call] += 1
        answer["ResponseMetadata"] = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}
        return answer

    def _ask(self, client: BaseClient, call: str, request: dict[str, Any]) -> dict[str, Any] | None:
        """moto's answer, as botocore would parse it; None where it raised."""
        handler_class, method = SHORT_CUTS[call]
        try:
            answer = getattr(self._handler(handler_class, request), method)()
        except Exception:  # noqa: BLE001 - whatever it is, the long way says it as AWS would
            return None
        if not isinstance(answer, ActionResult):
            parsed: dict[str, Any] = json.loads(answer)
            return parsed
        result: Any = answer.result
        operation = client.meta.service_model.operation_model(call.partition(".")[2])
        shape: Any = operation.output_shape
        members = shape.members
        return {name: _copy(value) for name in members if (value := result.get(name)) is not None}

    def _handler(self, handler_class: type[Any], request: dict[str, Any]) -> Any:
        """moto's response class, filled as from an HTTP request."""
        handler = handler_class()
        handler.region = self._region
        handler.current_account = self._account
        handler.response_headers = {}
        handler.headers = {}
        handler.uri_match = {}
        if handler.automated_parameter_parsing:
            handler.body = handler.params = _as_sent(request)  # moto may change it
            handler.querystring = {}
        else:
            # As the Scheduler has it: the name in the path, the rest in the body or the query.
            handler.body = json.dumps(request)
            handler.uri = f"https://local/{request.get('Name', '')}"
            handler.querystring = {"groupName": [request.get("GroupName")]}
        return handler


@contextlib.contextmanager
def long_way() -> Iterator[None]:
    """Without short cuts, to compare the two ways."""
    with patch.dict(SHORT_CUTS, clear=True):
        yield


def _routes(address: str) -> list[tuple[re.Pattern[str], Callable[..., Any]]]:
    """The URL patterns and methods of all services at this address, in moto's order."""
    routes: list[tuple[re.Pattern[str], Callable[..., Any]]] = []
    get_backend: Any = backends.get_backend
    for service, pattern in backend_index.backend_url_patterns:
        if service in SERVICES and pattern.match(address):
            found = get_backend(service)
            backend = found[DEFAULT_ACCOUNT_ID]["us-east-1" if _regional(found) else "aws"]
            routes += [(re.compile(url), method) for url, method in backend.urls.items()]
    return routes


def _regional(found: BackendDict[Any]) -> bool:
    return "us-east-1" in found[DEFAULT_ACCOUNT_ID]


def _response(url: str, status: int, headers: Any, body: Any) -> AWSResponse:
    raw: Any = MockRawResponse(body)
    return AWSResponse(url, status, headers, raw)


def _parameters(request: AWSPreparedRequest) -> dict[str, Any]:
    """What was asked for: the JSON body, or the form of the query protocol."""
    raw = request.body or b""
    text = raw.decode() if isinstance(raw, bytes) else str(raw)
    if text.startswith("{"):
        parsed: dict[str, Any] = json.loads(text)
        return parsed
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}


def _answer_of(response: AWSResponse) -> dict[str, Any]:
    """The answer as JSON; of an XML answer the message id, which is all that is asked for."""
    text = response.text
    if text.startswith("{"):
        parsed: dict[str, Any] = json.loads(text)
        return parsed
    found = re.search(r"<MessageId>(.*?)</MessageId>", text)
    return {"MessageId": found.group(1)} if found else {}


def _strike(fault: Fault, request: AWSPreparedRequest) -> AWSResponse:
    url = request.url
    if fault.kind == "timeout":
        raise ReadTimeoutError(endpoint_url=url)
    if fault.kind == "reset":
        raise ConnectionClosedError(endpoint_url=url)
    if fault.kind == "unreachable":
        raise EndpointConnectionError(endpoint_url=url)
    if fault.kind == "crash":
        raise Crash(f"fault at {fault.call}")
    status, code = _error(fault)
    message = f"fault: {fault.kind}"
    form = str(request.headers.get("Content-Type", "")).find("form-urlencoded") >= 0
    if form:
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
            f"<Message>{message}</Message></Error><RequestId>local</RequestId></ErrorResponse>"
        )
    else:
        body = json.dumps({"__type": code, "message": message})
    headers = {"x-amzn-errortype": code, "x-amzn-requestid": "local"}
    return _response(url, status, headers, body)


def _as_sent(value: Any) -> Any:
    """A request as it goes over the wire: a copy, bytes as base64, an enum's text as text."""
    if isinstance(value, Mapping):
        return {key: _as_sent(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_sent(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str.__str__(value) if isinstance(value, str) else value


def _copy(value: Any) -> Any:
    """The value without moto's own containers, not shared with its store, its bytes as bytes."""
    if isinstance(value, Mapping):
        if len(value) == 1 and isinstance(value.get("B"), str):
            return {"B": base64.b64decode(value["B"])}
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(item) for item in value]
    return value
