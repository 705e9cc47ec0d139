"""Settings come from the environment, and what is wrong with it is named."""

from __future__ import annotations

import dataclasses
import os

import pytest

from shared.domain.errors import PermanentError
from shared.settings import DEFAULT_RETENTION_DAYS, Settings, SettingsError, read_settings, settings

GIVEN = {
    "YOIN_STAGE": "dev",
    "YOIN_TABLE": "yoin-dev",
    "YOIN_BUS": "yoin-dev",
    "YOIN_CONFIGURATION_SET": "yoin-dev",
    "YOIN_BRANDS": "aoba,northlight",
}


def test_what_a_stage_sets_is_enough() -> None:
    assert read_settings(GIVEN) == Settings(
        stage="dev",
        table="yoin-dev",
        bus="yoin-dev",
        configuration_set="yoin-dev",
        brands=("aoba", "northlight"),
    )
    assert read_settings(GIVEN).retention_days == DEFAULT_RETENTION_DAYS == 1100


def test_what_may_be_set_beside_it() -> None:
    more = {
        "YOIN_BRANDS": " aoba , northlight ",
        "YOIN_DEFAULT_BRAND": "aoba",
        "YOIN_QUARANTINE_URL": "https://sqs/rejected",
        "YOIN_RETENTION_DAYS": "400",
    }
    found = read_settings(GIVEN | more)
    assert found.brands == ("aoba", "northlight")
    assert found.default_brand == "aoba"
    assert found.quarantine_url == "https://sqs/rejected"
    assert found.retention_days == 400


@pytest.mark.parametrize("name", sorted(GIVEN))
@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_missing_is_named(name: str, value: str | None) -> None:
    environment = {**GIVEN, name: value}
    given = {key: text for key, text in environment.items() if text is not None}
    with pytest.raises(SettingsError, match=f"{name} is not set"):
        read_settings(given)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("YOIN_RETENTION_DAYS", "0"),
        ("YOIN_RETENTION_DAYS", "-5"),
        ("YOIN_RETENTION_DAYS", "1.5"),
        ("YOIN_RETENTION_DAYS", "three years"),
        ("YOIN_RETENTION_DAYS", "１１００"),
        ("YOIN_BRANDS", "aoba,,northlight"),
        ("YOIN_BRANDS", "aoba,"),
        ("YOIN_DEFAULT_BRAND", "another"),
    ],
)
def test_what_makes_no_sense_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        read_settings(GIVEN | {name: value})
    assert isinstance(caught.value, PermanentError)


def test_settings_are_each_functions_own_and_cannot_be_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in list(os.environ):
        if name.startswith("YOIN_"):
            monkeypatch.delenv(name)
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    first = settings()
    assert first.stage == GIVEN["YOIN_STAGE"]
    # Several functions may share a process: each has its own environment.
    monkeypatch.setenv("YOIN_STAGE", "other")
    assert settings().stage == "other"
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.stage = "prod"  # type: ignore[misc]  # the point of the test
