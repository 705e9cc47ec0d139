"""The state machines' tasks: what the use cases return is what the contract names, whole."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args, get_type_hints

from shared.contracts.tasks import DecideOutput, SendOutput
from shared.domain.decisions import Action
from shared.usecases.decide import DecideResult
from shared.usecases.send import SendResult


def test_decide_returns_every_key_of_its_contract() -> None:
    assert {field.name for field in fields(DecideResult)} == set(DecideOutput.__annotations__)
    assert set(get_args(get_type_hints(DecideOutput)["action"])) == {a.value for a in Action}


def test_send_returns_every_key_of_its_contract() -> None:
    assert {field.name for field in fields(SendResult)} == set(SendOutput.__annotations__)
    words = set(get_args(get_type_hints(SendOutput)["outcome"]))
    assert all(word in (SendResult.__doc__ or "") for word in words)
