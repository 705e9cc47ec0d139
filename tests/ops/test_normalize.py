from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from local.demo.samples import samples
from local.demo.shops import AOBA
from tests.demo.boxes import T0
from tests.ops.conftest import Yoin

ORDER = samples(T0, 0)[0].event


@pytest.fixture
def envelope(tmp_path: Path) -> Path:
    path = tmp_path / "envelope.json"
    path.write_text(json.dumps(ORDER, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def record(tmp_path: Path) -> Path:
    detail = ORDER["detail"]
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"headers": detail["metadata"], "body": detail["payload"]}))
    return path


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_text(json.dumps(ORDER["detail"]["payload"]))
    return path


def test_an_envelope(yoin: Yoin, envelope: Path) -> None:
    answer = yoin("normalize", envelope, "--json")
    assert answer.code == 0
    assert answer.err == ""
    (line,) = answer.records
    assert list(line) == ["file", "source", "topic", "facts"]
    assert (line["file"], line["source"]) == (str(envelope), "shopify")
    assert line["topic"] == "orders/create"
    fact = line["facts"][0]
    assert list(fact) == ["metadata", "data"]
    assert fact["metadata"]["type"] == "OrderPlaced"
    assert fact["metadata"]["brand"] == "aoba"
    assert fact["data"]["total"] == {"amount": 3142, "currency": "JPY"}
    assert fact["data"]["buyer"]["email"] == AOBA.people["akari"].email
    assert fact["data"]["wished_date"] is None  # what the payload does not say stays null


def test_all_three_forms_say_the_same(yoin: Yoin, envelope: Path, record: Path, body: Path) -> None:
    of_envelope, of_record = yoin("normalize", envelope, record, "--json").records
    options = ("--source", "shopify", "--topic", "orders/create", "--json")
    (of_body,) = yoin("normalize", body, *options).records
    data: list[Any] = [line["facts"][0]["data"] for line in (of_envelope, of_record, of_body)]
    assert data[0] == data[1] == data[2]
    # A bare body names no shop: then there is no brand, and none is guessed.
    assert of_body["facts"][0]["metadata"]["brand"] is None


def test_standard_input(yoin: Yoin, envelope: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(envelope.read_bytes()))
    monkeypatch.setattr(sys, "stdin", stream)
    (line,) = yoin("normalize", "-", "--json").records
    assert line["file"] == "-"
    assert line["facts"]


def test_what_cannot_be_read_is_a_line_and_the_rest_goes_on(
    yoin: Yoin, envelope: Path, tmp_path: Path
) -> None:
    broken = {
        "broken.json": b"{",
        "latin.json": '{"name": "caf\u00e9"}'.encode("latin-1"),
        "list.json": b"[]",
        "deep.json": b"[" * 100_000,
        "bare.json": b'{"id": 1}',
        "large.json": b'{"x": "' + b"y" * 300_000 + b'"}',
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
    answer = yoin("normalize", *(tmp_path / name for name in broken), envelope, "--json")
    assert answer.code == 1
    *rejected, good = answer.records
    assert good["facts"]
    for line in rejected:
        assert list(line) == ["file", "rejected"]
        assert "\n" not in line["rejected"]
    words = [line["rejected"].split(":")[0] for line in rejected]
    assert words == [
        "MALFORMED",
        "MALFORMED",
        "UNKNOWN_SOURCE",
        "MALFORMED",
        "UNKNOWN_SOURCE",
        "OVERSIZED",
    ]


def test_for_a_person_it_prints_a_table(yoin: Yoin, envelope: Path, body: Path) -> None:
    answer = yoin("normalize", envelope, body)
    assert answer.code == 1
    assert "OrderPlaced" in answer.out
    assert "3142 JPY\n" in re.sub(r" +\n", "\n", answer.out)
    assert "rejected" in answer.out
    assert "wished_date" not in answer.out


def test_amounts_are_shown_as_people_write_them(yoin: Yoin, tmp_path: Path) -> None:
    order: dict[str, Any] = {
        "type": "Order",
        "id": "o1",
        "version": 1,
        "createdAt": "2026-11-20T09:00:00Z",
    }
    order |= {"lastModifiedAt": "2026-11-20T09:00:00Z", "lineItems": [], "orderState": "Open"}
    price: dict[str, Any] = {"type": "centPrecision", "currencyCode": "GBP", "centAmount": 2705}
    path = tmp_path / "order.json"
    path.write_text(json.dumps({**order, "totalPrice": {**price, "fractionDigits": 2}}))
    assert re.search("total +27[.]05 GBP", yoin("normalize", "--source", "commercetools", path).out)


def test_it_says_why_there_are_no_facts(yoin: Yoin, tmp_path: Path) -> None:
    thin: dict[str, Any] = {
        "scope": "store/order/created",
        "store_id": "1",
        "producer": "stores/abc",
    }
    thin |= {"data": {"type": "order", "id": 250}, "hash": "0a", "created_at": 1761000000}
    chat = {"destination": "U0", "events": [{"type": "message", "timestamp": 1761000000000}]}
    for name, body in (("bigcommerce", thin), ("line", chat)):
        (tmp_path / name).write_text(json.dumps(body))
    waiting = yoin("normalize", "--source", "bigcommerce", tmp_path / "bigcommerce").out
    assert "no facts yet" in waiting
    assert "GET /v2/orders/250" in waiting
    talk = yoin("normalize", "--source", "line", tmp_path / "line").out
    assert "no facts" in talk
    assert "nothing: Yoin does not talk with people" in talk
