"""What only DynamoDB has: items, sizes, units, retention, lost answers, foul weather."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber
from moto.core.models import botocore_stubber

from shared.adapters.aws import clients
from shared.adapters.aws.dynamodb import DynamoOrders
from shared.adapters.aws.table import (
    BY_MESSAGE,
    BY_PROVIDER,
    Table,
    stored_instant,
    table_key,
)
from shared.adapters.memory.providers import ManualClock
from shared.domain.controls import Controls
from shared.domain.customers import CustomerRecord, Suppression
from shared.domain.errors import Conflict, PermanentError, RetryableError
from shared.domain.events import Channel, Fact
from shared.domain.folding import merge
from shared.domain.inputs import Inputs
from shared.domain.ledger import EntryStatus
from shared.domain.orders import OrderRecord
from shared.domain.shipments import Status
from shared.domain.values import (
    Address,
    Party,
    address_key,
    customer_key,
    digest,
    instant_text,
    read_instant,
)
from tests.adapters.conftest import RETENTION_DAYS, TABLE, Stores, dynamo_stores
from tests.builders import (
    BRAND,
    T0,
    at,
    changed,
    confirmed,
    consent,
    dispatched,
    entry,
    line,
    payment,
    placed,
    promised,
    scan,
    stock,
)

ORDER = "5512345678901"
HANAKO = Party(
    customer_id="7211112222333",
    name="山田 花子",
    email="hanako@example.jp",
    phone="+819012345678",
    locale="ja",
)
HOME = Address(
    name="山田 花子", country="JP", postal_code="611-0021", city="宇治市", line1="宇治蓮華1-2-3"
)
SCANS = (
    (Status.ACCEPTED, "confirmed", "宇治営業所"),
    (Status.IN_TRANSIT, "in_transit", "京都ベース店"),
    (Status.IN_TRANSIT, "in_transit", "羽田クロノゲートベース店"),
    (Status.ARRIVED_AT_DELIVERY_DEPOT, "in_transit", "千代田営業所"),
    (Status.OUT_FOR_DELIVERY, "out_for_delivery", "千代田営業所"),
    (Status.DELIVERY_ATTEMPTED, "attempted_delivery", "千代田営業所"),
    (Status.OUT_FOR_DELIVERY, "out_for_delivery", "千代田営業所"),
    (Status.DELIVERED, "delivered", "千代田営業所"),
)


def from_shopify(fact: Fact) -> Fact:
    """With an id as shared.sources makes it, and the vendor's own beside it."""
    said = f"{ORDER}:{fact.data.key()}:{instant_text(fact.metadata.occurred_at)}"
    metadata = dataclasses.replace(
        fact.metadata,
        id=f"00:shopify:{said}",
        source="shopify",
        dedupe_id="98880550-7158-44d4-b7cd-2c97c8a091b5",
    )
    return dataclasses.replace(fact, metadata=metadata)


def typical_order() -> list[Fact]:
    """5 lines, 2 shipments, 16 scans."""
    lines = [
        line(str(14000000000000 + n), n, f"SENCHA-{n}00", title=f"煎茶 {n}00g") for n in range(1, 6)
    ]
    facts = [
        placed(order_id=ORDER, lines=lines, buyer=HANAKO, ship_to=HOME),
        payment(at(hours=1), order_id=ORDER),
        stock(at(hours=2), order_id=ORDER),
        confirmed(at(hours=3), order_id=ORDER),
        promised(at(hours=1), at(4).date(), earliest=at(2).date(), order_id=ORDER),
    ]
    parcels = (
        ("5123456789012", "483912345671", lines[:3]),
        ("5123456789013", "483912345682", lines[3:]),
    )
    for number, (shipment_id, tracking, inside) in enumerate(parcels):
        same = {"shipment_id": shipment_id, "order_id": ORDER, "tracking_number": tracking}
        facts.append(
            dispatched(
                at(1, number),
                *((each.line_id, each.quantity) for each in inside),
                **same,
                tracking_url=f"https://toi.kuronekoyamato.co.jp/cgi-bin/tneko?number={tracking}",
            )
        )
        for step, (status, word, depot) in enumerate(SCANS):
            when = at(1.2 + 0.31 * step, 2.4 * number)
            facts.append(
                scan(status, when, **same, carrier="yamato", raw_status=word, location=depot)
            )
    return [from_shopify(fact) for fact in facts]


@pytest.fixture
def stores(table: Table) -> Stores:
    return dynamo_stores(table)


def keep(stores: Stores, *facts: Fact, order_id: str = ORDER) -> OrderRecord:
    before = stores.orders.load(BRAND, order_id)
    return stores.orders.save(before, merge(before, facts))


def items() -> list[dict[str, Any]]:
    """Everything in the table, as DynamoDB has it."""
    return [dict(item) for item in clients.dynamodb().scan(TableName=TABLE)["Items"]]


def item_of(sk: str) -> dict[str, Any]:
    (found,) = [item for item in items() if item["sk"]["S"] == sk]
    return found


def size_of(item: dict[str, Any]) -> int:
    """The size of an item as DynamoDB counts it: names and values in bytes, numbers by digits.

    docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    total = 0
    for name, typed in item.items():
        ((kind, value),) = typed.items()
        digits, text = len(value) // 2 + 2, value.encode() if kind == "S" else value
        total += len(name.encode()) + (digits if kind == "N" else len(text))
    return total


def body_of(request: AWSPreparedRequest) -> bytes:
    assert isinstance(request.body, bytes)
    return request.body


@contextmanager
def calls() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The calls to DynamoDB inside, with their parameters, as they leave for the wire."""
    seen: list[tuple[str, dict[str, Any]]] = []

    def witness(request: AWSPreparedRequest, event_name: str, **_: Any) -> None:
        seen.append((event_name.rpartition(".")[2], json.loads(body_of(request))))

    client = clients.dynamodb()
    client.meta.events.register_first("before-send.dynamodb", witness)
    try:
        yield seen
    finally:
        client.meta.events.unregister("before-send.dynamodb", witness)


class TestItems:
    def test_the_state_of_a_typical_order_is_one_write_unit(self, stores: Stores) -> None:
        facts = typical_order()
        assert len([f for f in facts if f.metadata.type == "ShipmentUpdated"]) == 16
        keep(stores, *facts)
        keep(stores, payment(at(9), order_id=ORDER))  # written alone, with its mark
        size = size_of(item_of("ORDER#STATE"))
        assert size <= 1024, size

    def test_the_state_reads_well_and_holds_no_person(self, stores: Stores) -> None:
        keep(stores, *typical_order())
        state = item_of("ORDER#STATE")
        readable = {name: typed for name, typed in state.items() if name != "facts"}
        assert readable == {
            "pk": {"S": f"ORDER#{BRAND}#{ORDER}"},
            "sk": {"S": "ORDER#STATE"},
            "version": {"N": "1"},
            "snapshots": readable["snapshots"],
            "status": {"S": "DELIVERED"},
            "updated_at": {"S": "2025-11-03T01:00:00.000000Z"},
            "expires_at": readable["expires_at"],
        }

    @pytest.mark.parametrize(
        ("facts", "word"),
        [
            ([payment(T0, order_id=ORDER)], "NOT_PLACED"),
            ([placed(order_id=ORDER)], "PLACED"),
            ([placed(order_id=ORDER, lines=[line("1"), line("2")]),
              dispatched(at(1), ("1", 1), order_id=ORDER)], "PARTLY_SHIPPED"),
            ([placed(order_id=ORDER), dispatched(at(1), order_id=ORDER)], "SHIPPED"),
        ],
    )  # fmt: skip
    def test_the_status_says_how_far_an_order_is(
        self, stores: Stores, facts: list[Fact], word: str
    ) -> None:
        keep(stores, *facts)
        assert item_of("ORDER#STATE")["status"] == {"S": word}

    def test_a_scan_writes_the_state_alone(self, stores: Stores) -> None:
        first, *rest = typical_order()
        keep(stores, first, *rest[:-1])
        with calls() as seen:
            keep(stores, rest[-1])
        assert [name for name, _ in seen] == ["Query", "PutItem"]

    def test_a_changed_order_writes_state_and_context_together(self, stores: Stores) -> None:
        keep(stores, *typical_order())
        with calls() as seen:
            keep(stores, changed(at(5), order_id=ORDER, tags=("vip",)))
        assert [name for name, _ in seen] == ["Query", "TransactWriteItems"]
        puts = [part["Put"] for part in seen[1][1]["TransactItems"]]
        assert [put["Item"]["sk"]["S"] for put in puts] == ["ORDER#STATE", "ORDER#CONTEXT"]
        assert ["ConditionExpression" in put for put in puts] == [True, False]

    def test_what_leads_to_an_order_is_written_before_it(self, stores: Stores) -> None:
        with calls() as seen:
            keep(stores, *typical_order())
        written = [body.get("Item", {}).get("sk", {}).get("S") for _, body in seen]
        assert written == [
            None,
            f"ORDER#{ORDER}",
            f"SHIPMENT#{ORDER}#5123456789012",
            f"SHIPMENT#{ORDER}#5123456789013",
            None,
        ]
        assert seen[-1][0] == "TransactWriteItems"

    def test_reads_are_strongly_consistent_but_for_the_index(self, stores: Stores) -> None:
        key = entry("a", "b").key
        with calls() as seen:
            stores.orders.load(BRAND, ORDER)
            stores.orders.by_tracking(BRAND, "1")
            stores.orders.parked(BRAND, "1")
            stores.orders.orders_of(BRAND, "k")
            stores.orders.feed_seen_at(BRAND)
            stores.customers.load(BRAND, "k")
            stores.customers.suppression(BRAND, "k")
            stores.ledger.get(key)
            stores.ledger.of_order(BRAND, ORDER)
            stores.ledger.sent_to(BRAND, "k")
            stores.ledger.by_message_id("m")
            stores.ledger.by_provider_id("p")
        consistent = [body.get("ConsistentRead", False) for _, body in seen]
        assert consistent == [True] * 10 + [False] * 2

    def test_a_sent_message_is_written_with_its_copy_or_not_at_all(self, stores: Stores) -> None:
        claim = stores.ledger.put(entry("a", "b", EntryStatus.SENDING, customer_key="k"))
        sent = dataclasses.replace(claim, status=EntryStatus.SENT, sent_at=T0)
        with calls() as seen:
            stores.ledger.put(sent)
        assert [name for name, _ in seen] == ["TransactWriteItems"]
        with pytest.raises(Conflict):
            stores.ledger.put(dataclasses.replace(sent, message="another"))
        (copy,) = stores.ledger.sent_to(BRAND, "k")
        assert copy.message == "b"

    def test_the_indexes_hold_the_entry_and_not_its_copy(self, stores: Stores) -> None:
        claim = stores.ledger.put(entry("a", "b", EntryStatus.SENDING, customer_key="k"))
        stores.ledger.put(
            dataclasses.replace(claim, status=EntryStatus.SENT, sent_at=T0, provider_id="p")
        )
        for index in (BY_MESSAGE, BY_PROVIDER):
            rows = clients.dynamodb().scan(TableName=TABLE, IndexName=index)["Items"]
            assert [row["sk"]["S"].partition("#")[0] for row in rows] == ["LEDGER"]


class TestPersonalData:
    SECRETS = ("山田", "花子", "hanako", "example.jp", "9012345678", "宇治蓮華", "7211112222333")

    def test_none_stands_in_keys_or_readable_attributes(self, stores: Stores) -> None:
        """Only the compressed facts and the ledger's provider texts may tell of a person."""
        keep(stores, *typical_order())
        stores.orders.park(BRAND, "483912345671", scan(Status.HELD, at(1), location="花子 様方"))
        stores.orders.mark_feed(BRAND, T0)
        key = customer_key(BRAND, HANAKO) or ""
        person = stores.customers.load(BRAND, key)
        word = consent(T0, granted=False, buyer=HANAKO)
        stores.customers.save(person, dataclasses.replace(person, facts={word.key: word}))
        for channel, address in ((Channel.EMAIL, HANAKO.email), (Channel.SMS, HANAKO.phone)):
            stores.customers.suppress(
                BRAND,
                address_key(BRAND, channel, address or ""),
                Suppression(channel=channel, reason="BOUNCED", since=T0),
            )
        stores.ledger.put(entry("a", "received", order_id=ORDER, customer_key=key))
        stored = items()
        assert {item["sk"]["S"].partition("#")[0] for item in stored} == {
            "ORDER", "LEDGER", "PERSON", "SENT", "SHIPMENT", "PARKED", "SUPPRESSION", "FEED",
        }  # fmt: skip
        readable = json.dumps(
            [{name: typed for name, typed in item.items() if "B" not in typed} for item in stored],
            ensure_ascii=False,
        )
        assert [secret for secret in self.SECRETS if secret in readable] == []
        # And the search would find one.
        assert [secret for secret in self.SECRETS if secret in repr(typical_order())]
        tracking = [item for item in stored if item["pk"]["S"].startswith("TRACKING")]
        assert tracking
        assert "483912345671" not in json.dumps([item["pk"] for item in tracking])


class TestRetention:
    def test_every_row_says_until_when_it_is_kept(self, stores: Stores) -> None:
        keep(stores, *typical_order())
        stores.orders.park(BRAND, "1", scan(Status.HELD, at(1)))
        stores.ledger.put(entry("a", "b", order_id=ORDER, customer_key="k"))
        stores.customers.suppress(
            BRAND, "a", Suppression(channel=Channel.EMAIL, reason="BOUNCED", since=T0)
        )
        person = stores.customers.load(BRAND, "k")
        stores.customers.save(person, person)
        stores.orders.mark_feed(BRAND, T0)
        days: dict[str, float | None] = {}
        for item in items():
            until = item.get("expires_at")
            left = (int(until["N"]) - T0.timestamp()) / 86400 if until else None
            kind = "#".join(item["sk"]["S"].split("#")[:2])
            days[
                kind.replace(ORDER, "id")
                if kind.startswith(("ORDER", "SHIP"))
                else kind.partition("#")[0]
            ] = left
        assert days == {
            "ORDER#STATE": RETENTION_DAYS,
            "ORDER#CONTEXT": RETENTION_DAYS,
            "ORDER#id": RETENTION_DAYS + 366,
            "SHIPMENT#id": RETENTION_DAYS + 366,
            "LEDGER": RETENTION_DAYS,
            "SENT": RETENTION_DAYS,
            "PARKED": 90,
            "PERSON": None,
            "SUPPRESSION": None,
            "FEED": None,
        }

    @pytest.mark.parametrize(("retention", "kept"), [(90, 90), (1100, 400)])
    @pytest.mark.usefixtures("stores")
    def test_a_copy_is_not_kept_longer_than_the_order(
        self, clock: ManualClock, retention: int, kept: int
    ) -> None:
        inputs = Inputs(
            lifecycle="review_request",
            order=OrderRecord(brand=BRAND, order_id=ORDER),
            person=CustomerRecord(brand=BRAND, key="k"),
            controls=Controls(brand=BRAND),
            policy_version="p",
            now=T0,
        )
        table = Table(clients.dynamodb, TABLE, clock, retention_days=retention)
        dynamo_stores(table).inputs.keep(inputs)
        (row,) = items()
        assert int(row["expires_at"]["N"]) == (T0 + timedelta(days=kept)).timestamp()

    def test_a_write_renews_it(self, stores: Stores, clock: ManualClock) -> None:
        keep(stores, *typical_order())
        before = int(item_of("ORDER#STATE")["expires_at"]["N"])
        clock.advance(timedelta(days=40))
        keep(stores, scan(Status.RETURNING, at(40), order_id=ORDER))
        assert int(item_of("ORDER#STATE")["expires_at"]["N"]) - before == 40 * 86400

    def test_reads_do_not_look_at_it(self, stores: Stores, clock: ManualClock) -> None:
        record = keep(stores, *typical_order())
        clock.advance(timedelta(days=4000))
        assert stores.orders.load(BRAND, ORDER) == record

    def test_an_order_whose_context_has_gone_is_no_longer_known(self, stores: Stores) -> None:
        whole = keep(stores, *typical_order())
        delete("ORDER#CONTEXT")
        rest = stores.orders.load(BRAND, ORDER)
        assert rest.version == whole.version
        assert set(whole.facts) - set(rest.facts) == {"placed"}

    def test_an_order_whose_state_has_gone_begins_anew(self, stores: Stores) -> None:
        keep(stores, *typical_order())
        delete("ORDER#STATE")
        assert stores.orders.load(BRAND, ORDER) == OrderRecord(brand=BRAND, order_id=ORDER)
        keep(stores, payment(at(1), order_id=ORDER))
        assert set(stores.orders.load(BRAND, ORDER).facts) == {"payment:PAID"}


def delete(sk: str) -> None:
    """As the TTL does it."""
    key = {name: value for name, value in item_of(sk).items() if name in {"pk", "sk"}}
    clients.dynamodb().delete_item(TableName=TABLE, Key=key)


class TestOtherWriters:
    def test_rows_of_different_moments_are_read_again(
        self, stores: Stores, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A reader that meets a transaction half-way: the old context beside the new state."""
        keep(stores, placed(order_id=ORDER))
        old = item_rows(stores)
        after = keep(stores, changed(at(1), order_id=ORDER, tags=("vip",)))
        new = item_rows(stores)
        answers = [
            [*(row for row in old if row["sk"] == "ORDER#CONTEXT"),
             *(row for row in new if row["sk"] == "ORDER#STATE")],
            new,
        ]  # fmt: skip
        monkeypatch.setattr(Table, "query", lambda *_: answers.pop(0))
        assert stores.orders.load(BRAND, ORDER) == after
        assert answers == []

    def test_rows_that_never_agree_are_no_record(
        self, stores: Stores, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keep(stores, placed(order_id=ORDER))
        rows = [row | {"snapshots": row["sk"]} for row in item_rows(stores)]
        monkeypatch.setattr(Table, "query", lambda *_: rows)
        with pytest.raises(RetryableError, match="faster than it can be read"):
            stores.orders.load(BRAND, ORDER)

    def test_two_writers_of_one_version(self, table: Table, clock: ManualClock) -> None:
        """Both have read, both write: their index rows stay, one of their records."""
        ours, theirs = DynamoOrders(table), DynamoOrders(table)
        one, two = ours.load(BRAND, ORDER), theirs.load(BRAND, ORDER)
        won = ours.save(one, merge(one, [dispatched(at(1), order_id=ORDER, tracking_number="1")]))
        with pytest.raises(Conflict, match=ORDER):
            theirs.save(two, merge(two, [dispatched(at(1), order_id=ORDER, tracking_number="2")]))
        assert ours.load(BRAND, ORDER) == won
        again = theirs.load(BRAND, ORDER)
        last = theirs.save(again, merge(again, [payment(at(2), order_id=ORDER)]))
        assert (last.version, len(last.facts)) == (2, 2)


def item_rows(stores: Stores) -> list[dict[str, Any]]:
    assert isinstance(stores.orders, DynamoOrders)
    return stores.orders._table.query(table_key("ORDER", BRAND, ORDER), "ORDER#")


@contextmanager
def lost_answers(operation: str, number: int = 1) -> Iterator[list[bytes]]:
    """The first answers to ``operation`` are lost on the way back: it took effect all the same."""
    bodies: list[bytes] = []

    def lose(request: AWSPreparedRequest, event_name: str, **_: Any) -> None:
        bodies.append(body_of(request))
        if len(bodies) <= number:
            botocore_stubber(event_name, request)
            raise ReadTimeoutError(endpoint_url=request.url)

    events = clients.dynamodb().meta.events
    events.register_first(f"before-send.dynamodb.{operation}", lose)
    try:
        yield bodies
    finally:
        events.unregister(f"before-send.dynamodb.{operation}", lose)


@pytest.mark.usefixtures("no_waiting")
class TestLostAnswers:
    def test_the_sdk_s_repetition_of_our_own_write_is_no_conflict(self, stores: Stores) -> None:
        claim = entry("a", "b", EntryStatus.SENDING)
        with lost_answers("PutItem") as sent:
            stored = stores.ledger.put(claim)
        assert len(sent) == 2
        assert stores.ledger.get(claim.key) == stored

    def test_a_write_in_between_still_is_one(self, stores: Stores) -> None:
        claim = stores.ledger.put(entry("a", "b", EntryStatus.SENDING))
        ours = dataclasses.replace(claim, rule="ours")
        theirs = dataclasses.replace(claim, rule="theirs")
        with lost_answers("PutItem", number=0):
            stores.ledger.put(theirs)
        with lost_answers("PutItem"), pytest.raises(Conflict):
            stores.ledger.put(ours)
        found = stores.ledger.get(claim.key)
        assert found
        assert found.rule == "theirs"

    def test_a_transaction_is_repeated_under_the_same_token(self, stores: Stores) -> None:
        """DynamoDB knows the repetition by it; moto does not, so here it looks like a lost race."""
        with lost_answers("TransactWriteItems") as sent, pytest.raises(Conflict):
            keep(stores, placed(order_id=ORDER))
        tokens = {json.loads(body)["ClientRequestToken"] for body in sent}
        assert (len(sent), len(tokens)) == (2, 1)

    def test_when_no_answer_comes_at_all_the_caller_may_try_again(self, stores: Stores) -> None:
        with lost_answers("PutItem", number=9) as sent, pytest.raises(RetryableError) as caught:
            stores.ledger.put(entry("a", "b", EntryStatus.SENDING))
        assert not isinstance(caught.value, Conflict)
        assert len(sent) == 3


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's back-off takes no time."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


class TestFailures:
    def test_a_record_that_is_too_large_is_for_ever_so(self, stores: Stores) -> None:
        huge = [line(str(n), 1, None, title=digest(str(n))) for n in range(15_000)]
        with pytest.raises(PermanentError, match=f"ORDER#{BRAND}#{ORDER}.*larger than 400 KB"):
            keep(stores, placed(order_id=ORDER, lines=huge))

    @pytest.mark.parametrize(
        ("code", "status", "means"),
        [
            ("ProvisionedThroughputExceededException", 400, RetryableError),
            ("ThrottlingException", 400, RetryableError),
            ("RequestLimitExceeded", 400, RetryableError),
            ("InternalServerError", 500, RetryableError),
            ("AccessDeniedException", 400, RetryableError),
            ("ResourceNotFoundException", 400, RetryableError),
            ("ExpiredTokenException", 400, RetryableError),
            ("ConditionalCheckFailedException", 400, Conflict),
            ("TransactionConflictException", 400, Conflict),
            ("ValidationException", 400, PermanentError),
        ],
    )
    def test_what_dynamodb_s_answers_mean(
        self, stores: Stores, no_waiting: None, code: str, status: int, means: type[Exception]
    ) -> None:
        with Stubber(clients.dynamodb()) as stub:
            for _ in range(3):
                stub.add_client_error("put_item", code, "told to 花子", status)
            with pytest.raises(means) as caught:
                stores.ledger.put(entry("a", "b"))
        assert type(caught.value) is means
        assert "花子" not in str(caught.value)

    @pytest.mark.parametrize(
        ("reasons", "means"),
        [
            (["ConditionalCheckFailed", "None"], Conflict),
            (["None", "TransactionConflict"], Conflict),
            (["ThrottlingError", "None"], RetryableError),
            (["ProvisionedThroughputExceeded", "None"], RetryableError),
            (["None", "ValidationError"], PermanentError),
            (["None", "ItemCollectionSizeLimitExceeded"], PermanentError),
        ],
    )
    def test_why_a_transaction_was_cancelled(
        self,
        stores: Stores,
        monkeypatch: pytest.MonkeyPatch,
        reasons: list[str],
        means: type[Exception],
    ) -> None:
        answer: Any = {
            "Error": {"Code": "TransactionCanceledException"},
            "CancellationReasons": [{"Code": reason} for reason in reasons],
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }

        def cancel(**_: Any) -> None:
            raise ClientError(answer, "TransactWriteItems")

        monkeypatch.setattr(clients.dynamodb(), "transact_write_items", cancel)
        with pytest.raises(means) as caught:
            stores.ledger.put(entry("a", "b", customer_key="k"))
        assert type(caught.value) is means

    def test_no_network_is_a_reason_to_try_again(
        self, stores: Stores, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(**_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")

        monkeypatch.setattr(clients.dynamodb(), "query", fail)
        with pytest.raises(RetryableError, match="EndpointConnectionError"):
            stores.orders.load(BRAND, ORDER)

    def test_an_answer_in_pages_is_read_to_its_end(
        self, stores: Stores, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(5):
            stores.ledger.put(entry("a", f"o{number}", order_id=ORDER))
        client, whole = clients.dynamodb(), clients.dynamodb().query
        monkeypatch.setattr(client, "query", lambda **given: whole(**given, Limit=2))
        found = stores.ledger.of_order(BRAND, ORDER)
        assert [one.key.occurrence for one in found] == ["o0", "o1", "o2", "o3", "o4"]


def test_stored_instants_sort_as_time_does() -> None:
    instants = [T0, T0 + timedelta(microseconds=1), T0 + timedelta(seconds=1), at(1), at(400)]
    stored = [stored_instant(instant) for instant in instants]
    assert sorted(stored) == stored
    assert [read_instant(text) for text in stored] == instants


def test_no_two_lists_of_parts_have_one_key() -> None:
    parts = ["a", "b", "a#b", "#", "", "%23", "%", "a%", "23"]
    keys = {table_key(one, two) for one in parts for two in parts}
    assert len(keys) == len(parts) ** 2


def test_inputs_that_are_larger_than_an_item_may_be_are_kept_in_parts(stores: Stores) -> None:
    """Those of a till's placeholder address, say, under which hundreds of people bought."""
    others = tuple(
        dataclasses.replace(
            entry("order_confirmation", "received", order_id=str(number), when=at(1)),
            provider_id="".join(digest(str(number), str(half)) for half in range(12)),
        )
        for number in range(1200)
    )
    inputs = Inputs(
        lifecycle="review_request",
        order=OrderRecord(brand=BRAND, order_id=ORDER),
        person=CustomerRecord(brand=BRAND, key="k"),
        rivals=others,
        controls=Controls(brand=BRAND),
        policy_version="p",
        now=at(2),
    )
    name = stores.inputs.keep(inputs)
    assert stores.inputs.load(BRAND, ORDER, name) == inputs
