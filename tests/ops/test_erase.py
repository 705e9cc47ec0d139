"""The canary: a person's whole life on the local stack, erased, and not found byte by byte."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from local.runtime import LocalStack
from local.scenario import Journey
from ops import erasing
from ops.erasing import Person
from ops.traces import Traces
from ops.worlds import Workplace, local_place
from shared.adapters.aws import clients
from shared.adapters.aws.people import PeoplesTable
from shared.domain.erasure import Trace
from shared.domain.errors import RetryableError
from shared.domain.events import Channel, ConsentChanged, Purpose
from shared.domain.values import Party, address_key, customer_key
from shared.sources import Brands
from shared.usecases.operate import suppress

if TYPE_CHECKING:
    from collections.abc import Callable

BRAND = "aoba"
START = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
CANARY: dict[str, str] = {
    "email": "bounce+kanaria@canary-nest.example",
    "phone": "+819098761234",
    "name": "金糸雀 サエズリ",
    "customer_id": "c-canary-77",
    "street": "鳥籠通り九丁目 41-7",
}
CONTROL: dict[str, str] = {
    "email": "control@steady-hand.example",
    "phone": "+819011112222",
    "name": "対照 ハナコ",
    "customer_id": "c-control-78",
    "street": "並木町 3-2",
}
TRACES = Traces(
    texts=frozenset({CANARY["email"], CANARY["name"], CANARY["street"]}),
    phones=frozenset({CANARY["phone"]}),
)


def event(kind: str, at: datetime, data: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    told = at.isoformat()
    metadata = {"brand": BRAND, "occurred_at": told, "id": f"{kind}-{told}-{data.get('order_id')}"}
    said = {"source": "shop", "detail-type": kind, "detail": {"metadata": metadata, "data": data}}
    return {"at": (at + timedelta(seconds=2)).isoformat(), "event": {**said, **envelope}}


def buyer(who: dict[str, str]) -> dict[str, str]:
    return {name: who[name] for name in ("email", "phone", "name", "customer_id")} | {
        "locale": "ja"
    }


def bought(who: dict[str, str], order_id: str, at: datetime) -> dict[str, Any]:
    return event(
        "OrderPlaced",
        at,
        {
            "order_id": order_id,
            "number": f"#{order_id}",
            "placed_at": at.isoformat(),
            "buyer": buyer(who),
            "ship_to": {
                "name": who["name"],
                "country": "JP",
                "postal_code": "160-0022",
                "line1": who["street"],
                "phone": who["phone"],
            },
            "lines": [
                {
                    "line_id": "1",
                    "sku": "SENCHA-100",
                    "product_id": "1",
                    "title": "煎茶",
                    "quantity": 1,
                }
            ],
            "consents": [{"channel": "email", "granted": True}],
            "payment_status": "PAID",
            "stock": "RESERVED",
        },
    )


def life(who: dict[str, str], prefix: str, number: str) -> list[dict[str, Any]]:
    """Two orders, a parcel, a scan of a parcel that nobody knows yet, a refusal, a broken event."""
    first, day = f"{prefix}-1", timedelta(days=1)
    broken = bought(who, f"{prefix}-X", START + 2 * day)
    del broken["event"]["detail"]["data"]["lines"]
    return [
        bought(who, first, START),
        event(
            "ShipmentUpdated",
            START + day / 2,
            {"tracking_number": number, "status": "ACCEPTED", "place": who["street"]},
        ),
        event(
            "ShipmentDispatched",
            START + day,
            {
                "order_id": first,
                "shipment_id": "P1",
                "carrier": "yamato",
                "tracking_number": number,
            },
        ),
        event(
            "ShipmentUpdated",
            START + 2 * day,
            {"order_id": first, "shipment_id": "P1", "status": "DELIVERED", "place": who["street"]},
        ),
        broken,
        event(
            "ConsentChanged",
            START + 3 * day,
            {"customer": buyer(who), "channel": "sms", "granted": False},
        ),
        bought(who, f"{prefix}-2", START + 4 * day),
    ]


LIVES = [*life(CANARY, "CAN", "410000000001"), *life(CONTROL, "CON", "410000000002")]
END = START + timedelta(days=5)


@pytest.fixture
def lived(local_stack: LocalStack, journey: Journey) -> Workplace:
    journey.play(LIVES, until=END)
    return local_place(local_stack)


def person(**given: Any) -> Person:
    return Person(brand=BRAND, **(given or {"emails": {CANARY["email"]}}))


def erased(place: Workplace) -> erasing.Report:
    return erasing.erase(place, erasing.find(place, person()))


def places(stack: LocalStack) -> dict[str, bytes]:
    """Everything that the stack keeps, by where it is."""
    found = {f"table {n}": json.dumps(_plain(i)).encode() for n, i in enumerate(stack.items())}
    for url in clients.sqs().list_queues().get("QueueUrls", []):
        name = url.rpartition("/")[2]
        for number, letter in enumerate(stack.letters(name)):
            found[f"{name} {number}"] = letter.body.encode()
    schedules = stack.client("scheduler").list_schedules()["Schedules"]
    found["schedules"] = json.dumps(schedules, default=str).encode()
    found["logs"] = stack.functions.logs.getvalue().encode()
    return found


def _plain(item: Any) -> Any:
    """Bytes as base64: to be taken apart by whoever looks through it."""
    if isinstance(item, bytes):
        return base64.b64encode(item).decode()
    if isinstance(item, dict):
        return {key: _plain(value) for key, value in item.items()}
    if isinstance(item, list):
        return [_plain(one) for one in item]
    return item


def where(stack: LocalStack, traces: Traces = TRACES) -> list[str]:
    return [name for name, data in places(stack).items() if traces.found(data)]


def test_the_canary_is_gone_and_stays_gone_and_the_control_is_whole(
    lived: Workplace, local_stack: LocalStack, journey: Journey
) -> None:
    control = Traces(texts=frozenset({CONTROL["email"]}))
    before = where(local_stack)
    kinds = {name.split()[0] for name in before}
    assert {"table", "yoin-local-inlet-dead-letters"} <= kinds, "the canary was somewhere"
    assert "logs" not in kinds, "logs hold no personal data by design"
    assert "schedules" not in kinds
    untouched = len(where(local_stack, control))
    mails = len(local_stack.outbox.mails)

    found = erasing.find(lived, person())
    assert found.orders == {"CAN-1", "CAN-2"}
    report = erasing.erase(lived, found)
    assert erasing.proof(lived, found, report) == []
    assert report.removed["letters in inlet-dead-letters"] == 1
    assert where(local_stack) == []
    assert len(where(local_stack, control)) == untouched

    # The archive is replayed, a late scan and the parked parcel come in: nothing comes back.
    replayed = [
        {**line, "at": END.isoformat(), "event": {**line["event"], "replay-name": "r"}}
        for line in LIVES
        if line["event"]["detail-type"] != "OrderPlaced" or "lines" in str(line)
    ]
    late = event(
        "ShipmentUpdated",
        END,
        {"tracking_number": "410000000001", "status": "DELIVERED", "place": CANARY["street"]},
    )
    hour = timedelta(hours=1)
    who = {"customer": buyer(CANARY)}
    asked = event("PrivacyRequested", END + hour, {**who, "kind": "ERASURE"})
    refused = event("ConsentChanged", END + hour, {**who, "channel": "email", "granted": False})
    broken = [line for line in replayed if "lines" not in line["event"]["detail"]["data"]]
    journey.play(
        [
            line
            for line in [*replayed, late, asked, refused]
            if line not in broken or "-X" not in str(line)
        ],
        until=END + timedelta(days=3),
    )
    assert where(local_stack) == []
    marker = lived.world.erasures.find(
        Trace.CUSTOMER, BRAND, customer_key(BRAND, Party(email=CANARY["email"])) or ""
    )
    assert marker is not None
    assert (Channel.EMAIL, False) in {(word.channel, word.granted) for word in marker.words}
    assert [m for m in local_stack.outbox.mails[mails:] if CANARY["email"] in m.recipients] == []


def test_who_buys_again_is_welcome_and_what_they_refused_stays_refused(
    lived: Workplace, local_stack: LocalStack, journey: Journey
) -> None:
    key = customer_key(BRAND, Party(email=CANARY["email"])) or ""
    assert lived.world.customers.suppression(BRAND, address_key(BRAND, "email", CANARY["email"])), (
        "the first mail bounced"
    )
    erased(lived)
    assert not lived.world.customers.load(BRAND, key).facts
    marker = lived.world.erasures.find(Trace.CUSTOMER, BRAND, key)
    assert marker is not None
    assert {(w.channel, w.purpose, w.granted) for w in marker.words} == {
        (Channel.EMAIL, Purpose.MARKETING, True),
        (Channel.SMS, Purpose.MARKETING, False),
    }
    again = bought(CANARY, "CAN-9", END + timedelta(hours=1))
    again["event"]["detail"]["data"]["consents"] = []
    journey.play([again], until=END + timedelta(days=2))
    assert lived.world.orders.load(BRAND, "CAN-9").version
    stop = lived.world.customers.suppression(BRAND, address_key(BRAND, "email", CANARY["email"]))
    assert stop is not None
    assert stop.reason == "BOUNCED"
    said = [f.data for f in lived.world.customers.load(BRAND, key).facts.values()]
    words = [(one.channel, one.granted) for one in said if isinstance(one, ConsentChanged)]
    assert words == [(Channel.SMS, False)]


@pytest.mark.parametrize(
    "given", [{"phones": {CANARY["phone"]}}, {"customer_ids": {CANARY["customer_id"]}}]
)
def test_a_person_is_found_by_a_number_or_an_id_alone(
    lived: Workplace, given: dict[str, Any]
) -> None:
    found = erasing.find(lived, person(**given))
    assert found.orders == {"CAN-1", "CAN-2"}
    assert found.emails == {CANARY["email"]}


def test_somebody_else_who_was_sent_a_parcel_by_this_person_is_not_touched(
    lived: Workplace, local_stack: LocalStack, journey: Journey
) -> None:
    """A gift of the control to the canary is the control's order: it stays, and is pointed out."""
    gift = bought(CONTROL, "CON-G", END + timedelta(hours=1))
    gift["event"]["detail"]["data"]["ship_to"] |= {
        "name": CANARY["name"],
        "line1": CANARY["street"],
        "phone": CANARY["phone"],
    }
    journey.play([gift], until=END + timedelta(hours=2))
    found = erasing.find(lived, person())
    assert found.orders == {"CAN-1", "CAN-2"}
    report = erasing.erase(lived, found)
    assert lived.world.orders.load(BRAND, "CON-G").version
    left = erasing.proof(lived, found, report)
    assert left
    assert all("CON-G" in one for one in left)


def test_a_crash_between_any_two_steps_is_mended_by_the_next_attempt(
    lived: Workplace, local_stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every attempt dies at its third removal, and the next one goes on; what the table had is
    gone in the end, and so is the list of what was to be done."""
    left, delete = [0], PeoplesTable.delete

    def dying(table: PeoplesTable, pk: str, sk: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise RetryableError("the power went")
        delete(table, pk, sk)

    monkeypatch.setattr(PeoplesTable, "delete", dying)
    for _attempt in range(200):
        left[0] = 3
        try:
            erased(lived)
        except RetryableError:
            continue
        break
    else:
        pytest.fail("it never ends")
    assert where(local_stack) == []
    keys = {item["pk"]["S"] for item in local_stack.items()}
    assert not [key for key in keys if key.startswith("ERASING") or "CAN-" in key]
    marker = lived.world.erasures.find(
        Trace.CUSTOMER, BRAND, customer_key(BRAND, Party(email=CANARY["email"])) or ""
    )
    assert marker is not None
    said = [(word.channel, word.granted) for word in marker.words]
    assert said == [(Channel.EMAIL, True), (Channel.SMS, False), (Channel.EMAIL, True)], (
        "what the first attempt kept is still there, once"
    )


@pytest.mark.parametrize(
    ("letter", "theirs"),
    [
        ({"to": CANARY["email"].upper()}, True),
        ({"body": json.dumps({"phone": "090-9876-1234"})}, True),
        ({"brand": BRAND, "order_id": "CAN-1", "error": "TooManyTurns"}, True),
        ({"Input": json.dumps({"brand": BRAND, "order_id": "CAN-1"})}, True),
        ({"brand": "northlight", "order_id": "CAN-1"}, False),
        ({"brand": BRAND, "order_id": "CON-1"}, False),
        ({"name": CANARY["name"]}, False),  # others have the same
        (bought(CONTROL, "CON-1", START)["event"], False),
    ],
)
def test_a_letter_is_theirs_by_an_address_a_number_or_an_order(
    letter: dict[str, Any], theirs: bool
) -> None:
    known = person(emails={CANARY["email"]}, phones={CANARY["phone"]})
    work = erasing.Work(orders={"CAN-1"}, keys={*known.keys}, addresses=set(), numbers=set())
    assert erasing.names(known, work, json.dumps(letter), Brands()) is theirs


def test_nothing_in_the_table_can_be_tried_out_without_the_key(
    lived: Workplace, local_stack: LocalStack
) -> None:
    suppress(lived.world, BRAND, Channel.SMS, CANARY["phone"], by="Sato", why="asked us")
    erased(lived)
    digests = {
        customer_key(BRAND, Party(email=CANARY["email"])),
        customer_key(BRAND, Party(phone=CANARY["phone"])),
        address_key(BRAND, "email", CANARY["email"]),
        address_key(BRAND, "sms", CANARY["phone"]),
    }
    table = json.dumps(_plain(local_stack.items()))
    assert not [one for one in digests if one and one in table]
    secret = clients.secretsmanager().get_secret_value(SecretId="yoin-local/erasure")
    assert json.loads(secret["SecretString"])["current"] not in table


SPELLINGS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "upper": lambda text: text.upper().encode(),
    "URL": lambda text: quote(text).encode(),
    "JSON": lambda text: json.dumps(text).encode(),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)).encode(),
    "base64": lambda text: base64.b64encode(b"x" + text.encode()),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(b"xy" + text.encode()),
    "hexadecimal": lambda text: text.encode().hex().encode(),
    "full width": lambda text: "".join(
        chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text
    ).encode(),
    "inside a letter": lambda text: json.dumps(
        {"body": base64.b64encode(json.dumps({"to": text}).encode()).decode()}
    ).encode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("known", ["email", "phone", "name", "street"])
def test_a_person_is_found_however_they_are_written(spelling: str, known: str) -> None:
    data = b'{"a": "' + SPELLINGS[spelling](CANARY[known]) + b'"}'
    assert TRACES.found(data)
    assert not TRACES.found(b'{"a": "' + SPELLINGS[spelling](CONTROL[known]) + b'"}')


@pytest.mark.parametrize(
    "written", ["090-9876-1234", "０９０−９８７６−１２３４", "(090) 9876 1234", "81 90 9876 1234"]
)
def test_a_number_is_found_as_people_write_it(written: str) -> None:
    assert TRACES.found(f"tel: {written}")


def test_half_width_kana_are_the_same_name() -> None:
    assert TRACES.found("金糸雀 ｻｴｽﾞﾘ")
