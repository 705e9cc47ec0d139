"""`yoin consent`: what is on file of a person, and words that came by other ways."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.consent import mask
from ops.consent_import import read_rows
from ops.consent_words import COLUMNS
from ops.errors import WrongUse
from shared.adapters.aws import clients
from shared.adapters.aws.dynamodb import DynamoCustomers
from shared.adapters.memory.providers import ManualClock
from shared.domain.customers import fold_customer
from shared.domain.events import Channel, ConsentChanged, ConsentMethod
from shared.domain.values import Party, customer_key
from tests.ops.conftest import Yoin, deployed

EMAIL = "hanako@example.jp"
KEY = customer_key("aoba", Party(email=EMAIL)) or ""
NOW = datetime(2026, 6, 1, tzinfo=UTC)
STAGE = ("--stage", "dev")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoCustomers]:
    """The table and the bus of a deployed stage."""
    with deployed(monkeypatch, ManualClock(NOW)) as table:
        clients.events().create_event_bus(Name="yoin-dev")
        keys = json.dumps({"current": "a key of this test"})
        clients.secretsmanager().create_secret(Name="yoin-dev/erasure", SecretString=keys)
        yield DynamoCustomers(table)


def written(path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def row(**changes: str) -> dict[str, str]:
    """A consent of Hanako's, by email to everything."""
    return {
        "email": EMAIL,
        "channel": "email",
        "granted": "true",
        "at": "2025-04-01T09:30:00+09:00",
        "wording": "newsletter-3",
    } | changes


def standing(store: DynamoCustomers) -> bool | None:
    word = fold_customer(store.load("aoba", KEY)).word(Channel.EMAIL, topic="review_request")
    return word.granted if word else None


def test_what_staff_were_told_is_on_file_and_counts_at_once(
    yoin: Yoin, store: DynamoCustomers
) -> None:
    who = ("aoba", "--email", EMAIL, "--channel", "email", *STAGE)
    told = ("--by", "Sato", "--why", "letter of 1 June")
    assert yoin("consent", "grant", *who, *told, "--json").code == 0
    assert standing(store) is True
    assert yoin("consent", "refuse", *who, *told).code == 0
    assert standing(store) is False

    answer = yoin("consent", "show", "aoba", "--email", EMAIL, *STAGE, "--json")
    assert answer.code == 0
    assert EMAIL not in answer.out
    words = [r["evidence"] for r in answer.records if "evidence" in r]
    assert [(w["granted"], w["method"], w["evidence"]) for w in words] == [
        (True, "SUPPORT", "Sato: letter of 1 June"),
        (False, "SUPPORT", "Sato: letter of 1 June"),
    ]
    stands = [r["standing"] for r in answer.records if "standing" in r]
    by_email = {s["topic"]: s["reason"] for s in stands if s["channel"] == "email"}
    assert set(by_email.values()) == {"OPTED_OUT"}
    shown = yoin("consent", "show", "aoba", "--email", EMAIL, *STAGE, "--unmask")
    assert EMAIL in shown.out


def test_a_topic_can_be_refused_alone(yoin: Yoin, store: DynamoCustomers) -> None:
    who = ("aoba", "--email", EMAIL, "--channel", "email", "--by", "S", "--why", "call", *STAGE)
    yoin("consent", "grant", *who)
    yoin("consent", "refuse", *who, "--topic", "review_request")
    customer = fold_customer(store.load("aoba", KEY))
    topics = {t: customer.word(Channel.EMAIL, topic=t) for t in ("review_request", "other")}
    assert {t: w and w.granted for t, w in topics.items()} == {
        "review_request": False,
        "other": True,
    }


def test_where_a_brand_wants_proof_staff_cannot_give_it(yoin: Yoin, store: DynamoCustomers) -> None:
    who = ("linden", "--email", EMAIL, "--channel", "email", "--by", "S", "--why", "call", *STAGE)
    assert "double opt-in" in yoin("consent", "grant", *who).err
    shown = yoin("consent", "show", "linden", "--email", EMAIL, *STAGE, "--json")
    reasons = {
        r["standing"]["reason"]
        for r in shown.records
        if r.get("standing", {}).get("channel") == "email"
    }
    assert reasons == {"UNCONFIRMED"}


def test_an_import_takes_what_is_good_and_loses_nothing(
    yoin: Yoin, store: DynamoCustomers, tmp_path: Path
) -> None:
    file = written(
        tmp_path / "list.csv",
        row(),
        row(email="no address"),
        row(email="", phone="090-1234-5678", channel="sms"),
        row(email="ken@example.jp", at="2025-04-01 09:30"),
        row(email="ken@example.jp", granted="maybe"),
        row(email="ken@example.jp", channel="fax"),
        row(email="ken@example.jp", topic="horoscope"),
        row(email="ken@example.jp", at="2999-01-01T00:00:00Z"),
        row(email="ken@example.jp", confirmed="true", evidence="=1+1"),
    )
    dry = yoin("consent", "import", "aoba", file, *STAGE, "--dry-run", "--json")
    (told,) = dry.records
    assert (told["imported"], told["would_import"], told["rejected"]) == (0, 3, 6)
    assert store.consents("aoba", KEY) == ()

    answer = yoin("consent", "import", "aoba", file, *STAGE, "--json")
    (told,) = answer.records
    assert answer.code == 1
    assert (told["imported"], told["rejected"]) == (3, 6)
    (kept,) = store.consents("aoba", KEY)
    assert kept.metadata.historical
    assert isinstance(kept.data, ConsentChanged)
    assert (kept.data.method, kept.data.wording) == (ConsentMethod.IMPORT, "newsletter-3")
    rejects = list(csv.DictReader(Path(told["rejects"]).read_text("utf-8").splitlines()))
    assert [r["line"] for r in rejects] == ["3", "5", "6", "7", "8", "9"]
    assert rejects[0]["error"].startswith("email:")
    assert "offset" in rejects[1]["error"]

    (again,) = yoin("consent", "import", "aoba", file, *STAGE, "--json").records
    assert (again["imported"], again["known"]) == (0, 3)
    assert len(store.consents("aoba", KEY)) == 1


def test_a_refusal_on_file_stands_against_an_older_grant(
    yoin: Yoin, store: DynamoCustomers, tmp_path: Path
) -> None:
    who = ("aoba", "--email", EMAIL, "--channel", "email", "--by", "S", "--why", "call", *STAGE)
    yoin("consent", "refuse", *who)
    file = written(tmp_path / "list.csv", row())
    (told,) = yoin("consent", "import", "aoba", file, *STAGE, "--json").records
    assert told["older_than_a_refusal"] == 1
    assert standing(store) is False
    assert len(store.consents("aoba", KEY)) == 2


def test_an_export_is_whole_and_can_be_imported(
    yoin: Yoin, store: DynamoCustomers, tmp_path: Path
) -> None:
    file = written(
        tmp_path / "list.csv",
        row(),
        row(granted="false", at="2025-05-01T00:00:00Z", method="SUPPORT"),
    )
    yoin("consent", "import", "aoba", file, *STAGE)
    whose = ("consent", "export", "aoba", "--email", EMAIL, *STAGE)
    whole = json.loads(yoin(*whose, "--json").out)
    assert whole["email"] == EMAIL
    assert [one["granted"] for one in whole["evidence"]] == [True, False]
    assert all(not one["allowed"] for one in whole["standing"] if one["channel"] == "email")

    table = yoin(*whose, "--csv").out
    rows = list(read_rows(table, "aoba", NOW))
    assert [one.error for one in rows] == ["", ""]
    assert [one.fact and one.fact.data for one in rows] == [
        fact.data for fact in store.consents("aoba", KEY)
    ]
    assert tuple(csv.DictReader(io.StringIO(table)).fieldnames or ()) == COLUMNS


def test_of_nobody_nothing_is_said_and_the_exit_code_tells(
    yoin: Yoin, store: DynamoCustomers
) -> None:
    answer = yoin("consent", "show", "aoba", "--phone", "+819012345678", *STAGE)
    assert answer.code == 1
    assert "--email" in answer.err


@pytest.mark.parametrize(
    ("header", "wrong"),
    [
        ("email,channel,granted", "missing: at"),
        ("email,channel,granted,at,shoe_size", "not known: shoe_size"),
        ("channel,granted,at", "one of email, phone"),
        ("email,email,channel,granted,at", "twice: email"),
    ],
)
def test_a_file_with_other_columns_is_not_touched(header: str, wrong: str) -> None:
    with pytest.raises(WrongUse, match=wrong):
        list(read_rows(f"{header}\na@example.jp,email,true,x\n", "aoba", NOW))


def test_a_row_with_more_cells_than_columns_is_bad() -> None:
    text = "email,channel,granted,at\nken@example.jp,email,true,2025-04-01T00:00:00Z,extra\n"
    (bad,) = read_rows(text, "aoba", NOW)
    assert "more cells" in bad.error


@pytest.mark.parametrize(
    ("address", "shown"),
    [("hanako@example.jp", "h•••@example.jp"), ("+819012345678", "+•••5678")],
)
def test_a_masked_address_cannot_be_used(address: str, shown: str) -> None:
    assert mask(address) == shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "aoba"],
        ["show", "aoba", "--email", "x@example.jp", "--phone", "+819012345678"],
        ["show", "aoba", "--email", "nobody"],
        ["grant", "aoba", "--email", EMAIL, "--channel", "fax", "--why", "x"],
        ["grant", "aoba", "--email", EMAIL, "--channel", "email"],
        ["grant", "aoba", "--email", EMAIL, "--channel", "email", "--topic", "x", "--why", "x"],
        ["export", "aoba", "--email", EMAIL, "--csv", "--json"],
    ],
)
def test_wrong_use_is_a_sentence(yoin: Yoin, arguments: list[str]) -> None:
    answer = yoin("consent", *arguments, *STAGE)
    assert answer.code == 2
    assert answer.complaint


@pytest.mark.slow
def test_on_the_last_local_run_a_word_becomes_part_of_it(yoin: Yoin, tmp_path: Path) -> None:
    order = Path("tests/journeys/scenarios/by-sms.jsonl")
    assert yoin("replay", order, "--until", "+2h").code == 0
    who = ("aoba", "--email", EMAIL)
    assert (
        yoin("consent", "refuse", *who, "--channel", "email", "--by", "Sato", "--why", "call").code
        == 0
    )
    for _ in range(2):
        shown = yoin("consent", "show", *who, "--json")
        (word,) = (r["evidence"] for r in shown.records if "evidence" in r)
        assert (word["granted"], word["method"]) == (False, "SUPPORT")
