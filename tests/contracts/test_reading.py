"""Reading JSON of others: numbers exact, refusals that name the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.reading import MAX_BYTES, Node, load, measure, one_line
from shared.domain.errors import Rejected
from shared.domain.values import Money


def code_of(refusal: pytest.ExceptionInfo[Rejected]) -> str:
    return refusal.value.code


def test_numbers_stay_exact() -> None:
    loaded = load('{"id": 820982911946154508, "rate": 614.40, "big": 1e400}')
    assert loaded["id"] == 820982911946154508
    assert loaded["rate"] == Decimal("614.40")
    assert str(loaded["rate"]) == "614.40"


@pytest.mark.parametrize(
    "raw",
    ["", "{", "[1]", '"text"', "null", '{"a": NaN}', '{"a": Infinity}', b"\xff\xfe", "[" * 100_000],
)
def test_what_is_no_json_object_is_malformed(raw: str | bytes) -> None:
    with pytest.raises(Rejected) as refusal:
        load(raw)
    assert code_of(refusal) == "MALFORMED"


def test_integers_beyond_reason_are_malformed() -> None:
    with pytest.raises(Rejected) as refusal:
        load('{"id": ' + "9" * 5000 + "}")
    assert code_of(refusal) == "MALFORMED"


def test_the_limit_counts_bytes_not_characters() -> None:
    fits = json.dumps({"a": "x" * (MAX_BYTES - 9)})
    assert len(fits) == MAX_BYTES
    assert load(fits)
    for raw in (fits + " ", '{"a": "' + "茶" * (MAX_BYTES // 3) + '"}'):
        with pytest.raises(Rejected) as refusal:
            load(raw)
        assert code_of(refusal) == "OVERSIZED"
    with pytest.raises(Rejected) as refusal:
        measure({"a": "茶" * (MAX_BYTES // 3)})
    assert code_of(refusal) == "OVERSIZED"


def test_an_object_that_is_no_json_is_malformed() -> None:
    inside: dict[str, Any] = {}
    inside["self"] = inside
    with pytest.raises(Rejected) as refusal:
        measure(inside)
    assert code_of(refusal) == "MALFORMED"


def test_a_line_has_no_control_characters_and_whole_characters_only() -> None:
    assert one_line(" a\r\nBcc: x\x00\u200b ") == "a Bcc: x"
    one_line("half \ud83d of one").encode()


NODE = Node(
    {
        "text": "  two\nlines ",
        "number": 5,
        "blank": " ",
        "null": None,
        "flag": True,
        "list": [{"a": 1}, {"a": 2}],
        "texts": ["a", "", "b"],
        "quantity": "3",
        "price": "19.80",
        "float": 19.8,
        "at": "2026-04-10T12:00:00+09:00",
        "object": {"inner": {"x": 1}},
    }
)


def test_what_is_there_is_read() -> None:
    assert NODE.text("text") == "two lines"
    assert NODE.text("number") == "5"
    assert NODE.text("blank") is None
    assert NODE.text("null") is None
    assert NODE.text("nowhere") is None
    assert NODE.flag("flag") is True
    assert [node.path for node in NODE.nodes("list")] == ["list[0]", "list[1]"]
    assert NODE.texts("texts") == ("a", "b")
    assert NODE.quantity("quantity") == 3
    assert NODE.money("price", "USD") == Money(1980, "USD")
    assert NODE.money("float", "USD") == Money(1980, "USD")
    assert NODE.money("price", None) is None
    assert NODE.instant("at") == datetime(2026, 4, 10, 3, tzinfo=UTC)
    inner = NODE.node("object")
    assert inner is not None
    assert inner.at("inner") == "object.inner"


@pytest.mark.parametrize(
    ("read", "key", "code"),
    [
        ("text", "list", "MALFORMED"),
        ("text", "flag", "MALFORMED"),
        ("texts", "text", "MALFORMED"),
        ("flag", "text", "MALFORMED"),
        ("node", "list", "MALFORMED"),
        ("nodes", "object", "MALFORMED"),
        ("nodes", "texts", "MALFORMED"),
        ("quantity", "flag", "MALFORMED"),
        ("quantity", "text", "INVALID_VALUE"),
        ("quantity", "price", "INVALID_VALUE"),
        ("instant", "number", "MALFORMED"),
        ("instant", "text", "INVALID_VALUE"),
    ],
)
def test_what_is_of_another_kind_is_refused_with_its_path(read: str, key: str, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        getattr(NODE, read)(key)
    assert code_of(refusal) == code
    assert key in refusal.value.detail
    assert "two" not in refusal.value.detail


@pytest.mark.parametrize(
    ("value", "identifier"),
    [
        (820982911946154508, "820982911946154508"),
        ("820982911946154508", "820982911946154508"),
        (4216041013401.0, "4216041013401"),
        (Decimal("5.0"), "5"),
        ("", None),
        (None, None),
    ],
)
def test_ids_are_text(value: object, identifier: str | None) -> None:
    assert Node({"id": value}).identifier("id") == identifier


NO_IDS: list[object] = [
    float(820982911946154508),
    Decimal("820982911946154508.0"),
    Decimal("NaN"),
    float("inf"),
    *(1.5, 0, -1, True, "1e5", "abc", "5.0", [], {}, 10**20),
]


@pytest.mark.parametrize("value", NO_IDS)
def test_what_lost_its_digits_is_no_id(value: object) -> None:
    with pytest.raises(Rejected) as refusal:
        Node({"id": value}).identifier("id")
    assert code_of(refusal) == "MALFORMED"


@pytest.mark.parametrize("value", [-1, "-1", 1.5, 10**7, "٣"])
def test_impossible_quantities(value: object) -> None:
    with pytest.raises(Rejected) as refusal:
        Node({"quantity": value}).quantity("quantity")
    assert code_of(refusal) == "INVALID_VALUE"


def test_impossible_amounts_name_the_currency_not_the_amount() -> None:
    with pytest.raises(Rejected) as refusal:
        Node({"price": "19.99"}, "lines[0]").money("price", "JPY")
    assert str(refusal.value) == "INVALID_VALUE: lines[0].price is not an amount of JPY"


def test_what_is_blank_is_nothing() -> None:
    node = Node({"address": "", "quantity": "", "at": "0000-00-00 00:00:00"})
    assert node.node("address") is None
    assert node.quantity("quantity") is None
    assert node.instant("at", zone="UTC") is None


def test_a_figure_is_a_number_of_any_kind() -> None:
    node = Node({"amount": 36.39, "text": " 7 ", "odd": True})
    assert (node.figure("amount"), node.figure("text")) == ("36.39", "7")
    with pytest.raises(Rejected, match="odd"):
        node.figure("odd")


def test_an_empty_field_of_any_kind_is_nothing() -> None:
    node = Node({"object": [], "list": "", "texts": "", "flag": "", "count": ""})
    assert node.node("object") is None
    assert node.nodes("list") == ()
    assert node.texts("texts") == ()
    assert node.flag("flag") is node.quantity("count") is None


def test_what_is_required_is_there_or_named_in_the_refusal() -> None:
    at = "2026-04-10T12:00:00"
    node = Node(
        {"id": 5, "name": "tea", "units": "3", "at": at, "home": {"city": "Leeds"}}, "order"
    )
    assert node.required_identifier("entity_id", "id") == "5"
    assert node.required_text("name") == "tea"
    assert node.required_quantity("units") == 3
    assert node.required_instant("on", "at", zone="UTC") == datetime(2026, 4, 10, 12, tzinfo=UTC)
    assert node.required_node("home").path == "order.home"
    refused: list[tuple[Callable[..., object], tuple[str, ...]]] = [
        (node.required_identifier, ("entity_id", "uid")),
        (node.required_text, ("title",)),
        (node.required_quantity, ("count",)),
        (node.required_instant, ("on", "since")),
        (node.required_node, ("shop",)),
    ]
    for read, keys in refused:
        with pytest.raises(Rejected) as refusal:
            read(*keys)
        assert code_of(refusal) == "INCOMPLETE"
        assert all(f"order.{key}" in refusal.value.detail for key in keys)


@pytest.mark.parametrize(
    ("written", "units"),
    [("2.0000", 2), (2.5, 2), ("0.5", 1), (".5", 1), ("0", 0), ("0.00", 0), (4, 4), (None, None)],
)
def test_a_part_of_a_unit_is_one(written: Any, units: int | None) -> None:
    assert Node({"qty": written}).units("qty") == units


@pytest.mark.parametrize("written", ["1.x", "x", "-1", "1e3"])
def test_units_that_are_no_number_are_refused(written: str) -> None:
    with pytest.raises(Rejected) as refusal:
        Node({"qty": written}).units("qty")
    assert code_of(refusal) == "INVALID_VALUE"


@pytest.mark.parametrize(
    ("written", "meant"),
    [(1, True), ("1", True), (True, True), ("Yes", True), (0, False), ("0", False),
     (False, False), ("false", False), ("maybe", None), (None, None), ([], None)],
)  # fmt: skip
def test_yes_and_no_as_vendors_write_them(written: Any, meant: bool | None) -> None:
    assert Node({"gift": written}).yes_or_no("gift") is meant


def test_zero_refers_to_nothing() -> None:
    node = Node({"guest": 0, "nobody": "0", "customer": "12"})
    assert [node.reference(key) for key in ("guest", "nobody", "customer", "x")] == [
        None, None, "12", None,
    ]  # fmt: skip


def test_a_currency_is_one_of_iso_4217_or_refused() -> None:
    assert Node({"currency": "JPY"}).currency("currency") == "JPY"
    assert Node({"currency": " "}).currency("currency") is None
    with pytest.raises(Rejected) as refusal:
        Node({"currency": "XXX"}, "order").currency("currency")
    assert code_of(refusal) == "INVALID_VALUE"
    assert "order.currency" in refusal.value.detail


def test_an_amount_that_is_finer_than_its_currency_is_none() -> None:
    node = Node({"price": "19.8000", "fine": "0.0125", "word": "free", "float": 1.5})
    assert node.exact_money("price", "USD") == Money(1980, "USD")
    assert node.exact_money("float", "USD") == Money(150, "USD")
    assert node.exact_money("fine", "USD") is None
    assert node.exact_money("word", "USD") is None
    assert node.exact_money("price", None) is None
