"""What an order costs: `python -m ops.costs` measures it and writes docs/costs.md.

What AWS would bill is counted on the local runtime, where the deployed code runs on the deployed
template: invocations, state transitions, DynamoDB's units by the size of each item, events, queue
requests, firings, mails, log bytes. What cannot be counted there, how long things take, is in
``ASSUMED``; prices are in ``PRICES``. It takes some minutes: no short cut is taken.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.runtime import LocalStack
    from local.scenario import Line

PAGE = Path(__file__).parent.parent / "docs" / "costs.md"

REGIONS = {"us-east-1": "N. Virginia", "ap-northeast-1": "Tokyo"}
PRICES_AS_OF = "2025"

MILLION, THOUSAND, GIGABYTE = 1_000_000, 1_000, 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Price:
    """A list price in US dollars. ``per``: how many units it buys; one figure for each region."""

    title: str
    per: int
    usd: tuple[float, float]
    unit: str
    page: str

    def of(self, units: float, region: str) -> float:
        """What so many units cost there."""
        return units / self.per * self.usd[list(REGIONS).index(region)]


_PRICING = "https://aws.amazon.com/{}/pricing/"


def _price(
    title: str, unit: str, per: int, here: float, tokyo: float | None = None, *, page: str
) -> Price:
    usd = (here, here if tokyo is None else tokyo)
    return Price(title=title, unit=unit, per=per, usd=usd, page=_PRICING.format(page))


#: meter → list price, without free tiers and discounts.
PRICES: dict[str, Price] = {
    "lambda.requests": _price("Lambda, requests", "requests", MILLION, 0.20, page="lambda"),
    "lambda.seconds": _price(
        "Lambda, arm64, duration", "GB-seconds", 1, 0.0000133334, page="lambda"
    ),
    "express.requests": _price(
        "Step Functions Express, executions", "requests", MILLION, 1.00, page="step-functions"
    ),
    "express.seconds": _price(
        "Step Functions Express, duration", "GB-seconds", 1, 0.00001667, page="step-functions"
    ),
    "standard.transitions": _price(
        "Step Functions Standard, instead of Express",
        "transitions", MILLION, 25.00, page="step-functions",
    ),
    "dynamodb.writes": _price(
        "DynamoDB on demand, writes", "write units", MILLION, 0.625, 0.715, page="dynamodb"
    ),
    "dynamodb.reads": _price(
        "DynamoDB on demand, reads", "read units", MILLION, 0.125, 0.1425, page="dynamodb"
    ),
    "events": _price("EventBridge, events", "events", MILLION, 1.00, page="eventbridge"),
    "archive": _price("EventBridge, archive", "bytes", GIGABYTE, 0.10, page="eventbridge"),
    "scheduler": _price(
        "EventBridge Scheduler, firings", "firings", MILLION, 1.00, 1.25, page="eventbridge"
    ),
    "sqs": _price("SQS, requests", "requests", MILLION, 0.40, page="sqs"),
    "mails": _price("SES, mails", "mails", THOUSAND, 0.10, page="ses"),
    "logs": _price("CloudWatch Logs, taken in", "bytes", GIGABYTE, 0.50, 0.76, page="cloudwatch"),
    "traces": _price("X-Ray, traces", "traces", MILLION, 5.00, page="xray"),
}  # fmt: skip

#: What is paid by the month whatever happens: title → (how many, price of one).
MONTHLY_ALARM, MONTHLY_METRIC, MONTHLY_DASHBOARD = 0.10, 0.30, 3.00
GIGABYTE_MONTH = {"us-east-1": 0.25 + 0.20, "ap-northeast-1": 0.285 + 0.228}  # table, its backup

#: What the local runtime cannot tell. Seconds of a warm invocation, of a step, bytes of a log.
ASSUMED = {
    "decide": 0.060,
    "send": 0.300,
    "ingest": 0.080,
    "feedback": 0.050,
    "webhook": 0.040,
    "fetch": 0.400,
    "preferences": 0.150,
    "sweep": 0.100,
    "memory GB": 0.5,
    "Scheduler call": 0.060,
    "other step": 0.005,
    "workflow GB": 0.0625,
    "log bytes per state": 1_100,
    "log bytes per invocation": 500,
    "SQS requests per message": 3,
}


@dataclass
class Usage:
    """What was used by ``orders`` orders. ``meters``: units by the keys of ``PRICES``."""

    orders: int = 0
    meters: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    detail: Counter[str] = field(default_factory=Counter)
    table_bytes: int = 0
    metrics: int = 0

    def cost(self, region: str, *, standard: bool = False) -> float:
        """US dollars for one order, with Express workflows or with Standard ones."""
        left_out = "express." if standard else "standard."
        bill = (
            price.of(self.meters[name], region)
            for name, price in PRICES.items()
            if not name.startswith(left_out)
        )
        return sum(bill) / self.orders


# --- measuring -------------------------------------------------------------------------------


def item_size(item: Mapping[str, Any]) -> int:
    """The size of a DynamoDB item in bytes, as AWS counts it (Developer Guide, "Item sizes")."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return len(content.lstrip("-").replace(".", "")) // 2 + 2
        case "B":
            # On the wire it is base64.
            return len(content) * 3 // 4 if isinstance(content, str) else len(content)
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + _value_size(one) for one in content)
        case "M":
            return 3 + sum(1 + len(key) + _value_size(one) for key, one in content.items())
        case _:
            return sum(_value_size({kind[0]: one}) for one in content)


class Meter:
    """Counts on a running stack; make it before the first event, and take the long way."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._meters: defaultdict[str, float] = defaultdict(float)
        self._detail: Counter[str] = Counter()
        self._noted = (self._meters, self._detail)
        stack.buses.listeners.append(self._event)
        for operation in ("GetItem", "Query", "BatchGetItem"):
            stack.wire.on(f"dynamodb.{operation}", self._read)
        for operation in ("PutItem", "UpdateItem", "DeleteItem"):
            stack.wire.on(f"dynamodb.{operation}", self._write)
        stack.wire.on("dynamodb.TransactWriteItems", self._transaction)

    def note(self, _: datetime) -> None:
        """Remember what was counted so far: what reads the table afterwards is ourselves."""
        self._noted = (self._meters.copy(), self._detail.copy())

    def _event(self, _bus: str, event: Mapping[str, Any]) -> None:
        size = len(json.dumps(event, ensure_ascii=False).encode())
        self._meters["events"] += math.ceil(size / 65_536)
        if event["source"].startswith("aws.ses"):
            self._detail["events of SES"] += 1
            # It comes a second time, by a topic.
            self._meters["sqs"] += 2 * ASSUMED["SQS requests per message"]
            return
        self._meters["archive"] += size
        if event["source"] == "yoin":
            self._detail["events of ours"] += 1
        else:
            self._detail["events from outside"] += 1
            self._meters["sqs"] += ASSUMED["SQS requests per message"]

    def _read(self, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        self._detail["reads"] += 1
        items = answer.get("Items", [answer["Item"]] if "Item" in answer else [])
        size = sum(item_size(item) for item in items)
        units = max(1, math.ceil(size / 4096))
        self._meters["dynamodb.reads"] += units if request.get("ConsistentRead") else units / 2

    def _write(self, request: Mapping[str, Any], _answer: Mapping[str, Any]) -> None:
        self._detail["writes"] += 1
        self._meters["dynamodb.writes"] += _write_units(request)

    def _transaction(self, request: Mapping[str, Any], _answer: Mapping[str, Any]) -> None:
        for part in request["TransactItems"]:
            (one,) = part.values()
            self._detail["writes in transactions"] += 1
            self._meters["dynamodb.writes"] += 2 * _write_units(one)

    def read(self, orders: int) -> Usage:
        """Everything, when all is played."""
        stack, (meters, detail) = self._stack, self._noted
        for name, count in stack.functions.invocations.items():
            short = name.rpartition("-")[2]
            detail[f"invocations of {short}"] = count
            meters["lambda.requests"] += count
            seconds = math.ceil(ASSUMED[short] * 1000) / 1000
            meters["lambda.seconds"] += count * seconds * ASSUMED["memory GB"]
            meters["logs"] += count * ASSUMED["log bytes per invocation"]
        for run in stack.machines.executions:
            meters["express.requests"] += 1
            meters["standard.transitions"] += len(run.states) + 1
            tenths = math.ceil(sum(_duration(state) for state in run.states) * 10)
            meters["express.seconds"] += tenths / 10 * ASSUMED["workflow GB"]
            meters["logs"] += len(run.states) * ASSUMED["log bytes per state"]
        meters["scheduler"] = len(stack.schedules.fired)
        meters["mails"] = len(stack.outbox.mails)
        detail["SMS"] = len(stack.outbox.texts)
        # One trace for a workflow with its functions, one for each other invocation.
        polled = detail["invocations of ingest"] + detail["invocations of feedback"]
        meters["traces"] = len(stack.machines.executions) + polled
        logs = stack.functions.logs.getvalue()
        meters["logs"] += len(logs.encode())
        return Usage(
            orders=orders,
            meters=meters,
            detail=detail,
            table_bytes=sum(item_size(item) for item in stack.items()),
            metrics=len(set(_metrics(logs))),
        )


def _write_units(request: Mapping[str, Any]) -> int:
    """Units of one write; an item with a message's ids also stands in their indexes, whole."""
    item = request.get("Item", {})
    units = max(1, math.ceil(item_size(item) / 1024))
    return units * (1 + len({"message_id", "provider_id", "claimed_by"} & item.keys()))


def _duration(state: str) -> float:
    if state.startswith("Decide"):
        return ASSUMED["decide"] + 0.02
    if state.startswith("Send"):
        return ASSUMED["send"] + 0.02
    if state.endswith("Timer"):
        return ASSUMED["Scheduler call"]
    return ASSUMED["other step"]


def _metrics(logs: str) -> Iterable[tuple[Any, ...]]:
    """The CloudWatch metrics that log lines in the embedded metric format make."""
    for text in logs.splitlines():
        if '"_aws"' not in text:
            continue
        line = json.loads(text)
        for directive in line["_aws"]["CloudWatchMetrics"]:
            for dimensions in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    yield (metric["Name"], *((name, line[name]) for name in dimensions))


def measure(lines: Sequence[Line], until: datetime | None = None) -> Usage:
    """Play a scenario on a stack of its own, and count."""
    from local.runtime import LocalStack

    with LocalStack.start() as stack:
        return measured_on(stack, lines, until)


def measured_on(stack: LocalStack, lines: Sequence[Line], until: datetime | None = None) -> Usage:
    """Play a scenario on a running stack, and count."""
    from local.scenario import Journey
    from local.wire import long_way

    with long_way():
        journey = Journey(stack)
        meter = Meter(stack)
        records = journey.play(lines, until=until, on_day=meter.note)
        return meter.read(records[-1]["orders"])


def plain_order() -> list[Line]:
    """An order without incidents: paid at once, dispatched, scanned twice, delivered."""
    from local.scenario import lines_of

    at = datetime.fromisoformat("2026-04-06T10:00:00+09:00")
    where = {"order_id": "A-1", "shipment_id": "S1"}
    order = {
        "order_id": "A-1",
        "number": "#1001",
        "placed_at": at.isoformat(),
        "buyer": {
            "customer_id": "c-1",
            "name": "山田 花子",
            "email": "hanako@example.jp",
            "locale": "ja",
        },
        "ship_to": {"name": "山田 花子", "country": "JP", "postal_code": "602-8061"},
        "lines": [{"line_id": "1", "sku": "SENCHA-100", "title": "煎茶", "quantity": 1}],
        "payment_status": "PAID",
        "stock": "RESERVED",
    }
    told: list[tuple[timedelta, str, dict[str, Any]]] = [
        (timedelta(0), "OrderPlaced", order),
        (timedelta(days=1), "ShipmentDispatched", {**where, "tracking_number": "4100"}),
        (timedelta(days=1, hours=8), "ShipmentUpdated", {**where, "status": "ACCEPTED"}),
        (timedelta(days=2), "ShipmentUpdated", {**where, "status": "OUT_FOR_DELIVERY"}),
        (timedelta(days=2, hours=4), "ShipmentUpdated", {**where, "status": "DELIVERED"}),
    ]
    return lines_of(
        {
            "at": (at + after).isoformat(),
            "source": "yoin",
            "topic": topic,
            "body": {
                "metadata": {"brand": "aoba", "occurred_at": (at + after).isoformat()},
                "data": data,
            },
        }
        for after, topic, data in told
    )


# --- the page --------------------------------------------------------------------------------

_HEAD = """\
# What it costs

*Written by `python -m ops.costs`; not by hand.*

A thousand orders without incidents cost **${plain} in N. Virginia** and ${plain_tokyo} in Tokyo;
each is five events in and {plain_mails} mails out. A thousand orders like those of the demo, many
with incidents, cost ${demo} and ${demo_tokyo} ({demo_orders} orders, {demo_mails} mails; SMS are
not counted). What is paid by the month comes on top, see below.

These are list prices as we knew them in {as_of}, without free tiers; those of Tokyo that differ are
the least certain. **Check them** on the pages linked below before you decide anything by them.

The counts are measured: the local runtime runs the deployed code on the deployed template, and
every call that AWS would bill is counted, DynamoDB's by the size of the items. What cannot be
measured there is assumed, and listed at the end.
"""


def page(plain: Usage, demo: Usage, alarms: int) -> str:
    """The page's text."""
    here, tokyo = REGIONS
    head = _HEAD.format(
        plain=_usd(plain.cost(here) * THOUSAND),
        plain_tokyo=_usd(plain.cost(tokyo) * THOUSAND),
        plain_mails=f"{plain.meters['mails']:.0f}",
        demo=_usd(demo.cost(here) * THOUSAND),
        demo_tokyo=_usd(demo.cost(tokyo) * THOUSAND),
        demo_orders=demo.orders,
        demo_mails=f"{demo.meters['mails']:.0f}",
        as_of=PRICES_AS_OF,
    )
    parts = [
        head,
        "## Per order\n\n" + _per_order(plain, demo),
        "## Counted\n\n" + _counted(plain, demo),
        "## Per month\n\n" + _per_month(demo, alarms),
        "## SMS\n\n" + _SMS,
        "## Assumed\n\n" + _assumed(),
    ]
    return "\n".join(parts)


def _usd(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= 0.1 else f"{amount:.2g}"


def _per_order(plain: Usage, demo: Usage) -> str:
    here, tokyo = REGIONS
    rows = [
        "Used: by one order. US$: for a thousand orders in N. Virginia.\n",
        "| | list price (in Tokyo) | plain: used | US$ | demo's mean: used | US$ |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for name, price in PRICES.items():
        cells = [f"[{price.title}]({price.page})", _shown(price)]
        for usage in (plain, demo):
            used = usage.meters[name] / usage.orders
            cost = _usd(price.of(used * THOUSAND, here))
            bytes_ = price.per == GIGABYTE
            cells.append(f"{_amount(used / 1000)} kB" if bytes_ else _amount(used))
            cells.append(f"({cost})" if name.startswith("standard") else cost)
        rows.append("| " + " | ".join(cells) + " |")
    for title, region, standard in (
        ("**All, N. Virginia**", here, False),
        ("**All, Tokyo**", tokyo, False),
        ("All, N. Virginia, with Standard workflows", here, True),
    ):
        sums = [_usd(one.cost(region, standard=standard) * THOUSAND) for one in (plain, demo)]
        rows.append(f"| {title} | | | {sums[0]} | | {sums[1]} |")
    return "\n".join(rows) + (
        "\n\nPartner events (Shopify's) and SES's events count as paid here. Schedules are made, "
        "moved and\ndeleted without charge.\n"
    )


def _shown(price: Price) -> str:
    """The price as its page has it."""
    amounts = [f"${usd:.10f}".rstrip("0").rstrip(".") for usd in price.usd]
    shown = amounts[0] if amounts[0] == amounts[1] else f"{amounts[0]} ({amounts[1]})"
    if price.per == 1:
        return f"{shown} per {price.unit.rstrip('s')}"
    return f"{shown} per " + ("GB" if price.per == GIGABYTE else f"{price.per:,} {price.unit}")


def _amount(units: float) -> str:
    if units >= 100:
        return f"{units:,.0f}"
    return f"{units:.1f}".removesuffix(".0") if units >= 10 else f"{units:.3g}"


def _counted(plain: Usage, demo: Usage) -> str:
    names = sorted(set(plain.detail) | set(demo.detail) - {"SMS"})
    rows = ["| per order | plain | demo's mean |", "|---|--:|--:|"]
    for name in names:
        if name != "SMS":
            values = (usage.detail[name] / usage.orders for usage in (plain, demo))
            rows.append(f"| {name} | " + " | ".join(_amount(value) for value in values) + " |")
    sizes = (f"{usage.table_bytes / usage.orders:,.0f}" for usage in (plain, demo))
    rows.append("| bytes in the table at the end | " + " | ".join(sizes) + " |")
    return "\n".join(rows) + "\n"


def _per_month(demo: Usage, alarms: int) -> str:
    here, tokyo = REGIONS
    metrics = demo.metrics
    fixed = alarms * MONTHLY_ALARM + metrics * MONTHLY_METRIC + MONTHLY_DASHBOARD
    # Lambda asks each of two queues by five pollers, each call waits up to 20 s.
    polls = 2 * 5 * 3 * 60 * 24 * 30
    fixed += PRICES["sqs"].of(polls, here)
    rows = [
        f"- {alarms} alarms at ${MONTHLY_ALARM:.2f} and a dashboard at ${MONTHLY_DASHBOARD:.2f};",
        f"- up to {metrics} business metrics at ${MONTHLY_METRIC:.2f}, by the hours with a value;",
        f"- {polls / MILLION:.1f} million requests with which Lambda asks empty queues.",
        f"\nTogether **${fixed:.2f}** at most." + _FREE_TIER,
        "| orders per month | N. Virginia | Tokyo |",
        "|--:|--:|--:|",
    ]
    for orders in (1_000, 10_000, 100_000):
        # Kept for three years: in the end 36 months of orders stand in the table.
        stored = 36 * orders * demo.table_bytes / demo.orders / GIGABYTE
        sums = (
            fixed + orders * demo.cost(region) + stored * GIGABYTE_MONTH[region]
            for region in (here, tokyo)
        )
        rows.append(f"| {orders:,} | " + " | ".join(f"${one:,.0f}" for one in sums) + " |")
    return "\n".join(rows) + "\n"


_FREE_TIER = """\
 CloudWatch's free tier takes ten alarms, ten metrics and three dashboards
off that. With orders like the demo's, and the table and its backup as they are after three years
(`retention_days`):
"""

_SMS = """\
An SMS goes out only to buyers without an email address, and is the one large item: some $0.07 per
part in Japan, about $0.01 with the carrier's fee in the USA, by the prices of
[SNS](https://aws.amazon.com/sns/sms-pricing/). A text in Japanese has 70 characters per part.
`sms_monthly_limit_usd` in `infra/config.py` raises an alarm.
"""


def _assumed() -> str:
    rows = ["| | |", "|---|--:|"]
    for name, value in ASSUMED.items():
        timed = name in {"decide", "send", "ingest", "feedback", "Scheduler call", "other step"}
        rows.append(f"| {name} | {value * 1000:g} ms |" if timed else f"| {name} | {value:g} |")
    return "\n".join(rows) + (
        "\n\nEvery invocation and execution counts as traced; X-Ray records the first in a second "
        "and 5 % of the\nothers. State machines log every step without its data; that is most of "
        "the log bytes.\n"
    )


def count_alarms() -> int:
    """How many alarms a stage has, from its templates."""
    from infra.assembly import current

    found = 0
    for template in current("prod").glob("*.template.json"):
        resources = json.loads(template.read_text("utf-8")).get("Resources", {})
        found += sum(one["Type"] == "AWS::CloudWatch::Alarm" for one in resources.values())
    return found


def main() -> None:
    """Measure and write the page."""
    from local.demo.scenario import lines
    from local.scenario import parse

    plain = measure(plain_order())
    demo = measure(parse("\n".join(lines())))
    PAGE.write_text(page(plain, demo, count_alarms()), "utf-8")
    print(f"{PAGE.name}: ${_usd(plain.cost('us-east-1'))} for a plain order")


if __name__ == "__main__":
    main()
