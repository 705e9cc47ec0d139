"""The stages' settings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aws_cdk import App, assertions

from infra.config import STAGES, Stage, stage_named
from infra.stacks.data import DataStack
from shared.brands import load_brand
from shared.domain.errors import BrandError

pytestmark = pytest.mark.slow  # importing the CDK starts Node.js


def test_every_stage_serves_brands_that_there_are() -> None:
    for stage in STAGES.values():
        for brand in stage.brands:
            assert load_brand(brand).id == brand


def test_production_keeps_its_data() -> None:
    assert STAGES["prod"].protected


def test_sender_domains_come_from_the_brand_files() -> None:
    stage = Stage(name="test", brands=("aoba",), zone="Asia/Tokyo")
    address = load_brand("aoba").sender.address
    assert stage.sender_domains == (address.partition("@")[2],)


def test_an_unknown_brand_is_named() -> None:
    stage = Stage(name="test", brands=("nobody",), zone="Asia/Tokyo")
    with pytest.raises(BrandError, match="nobody"):
        _ = stage.sender_domains


@pytest.mark.parametrize("name", ["", "Prod", "pre-prod", "averyverylongname", "p1"])
def test_a_stage_has_a_short_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="lower-case"):
        Stage(name=name, brands=("aoba",), zone="Asia/Tokyo")


def test_a_stage_serves_somebody() -> None:
    with pytest.raises(ValueError, match="no brand"):
        Stage(name="test", brands=(), zone="Asia/Tokyo")


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="Nowhere"):
        Stage(name="test", brands=("aoba",), zone="Asia/Nowhere")


def test_an_unknown_stage_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(SystemExit, match="dev, prod, local"):
        stage_named("production")


def test_names_bear_the_stage() -> None:
    assert STAGES["dev"].named() == "yoin-dev"
    assert STAGES["dev"].named("inlet") == "yoin-dev-inlet"


def synthesized(stage: Stage) -> assertions.Template:
    return assertions.Template.from_stack(DataStack(App(), "Data", stage=stage))


def test_a_second_stage_leaves_identities_and_sms_logs_to_the_first() -> None:
    first = Stage(name="first", brands=("aoba",), zone="Asia/Tokyo")
    second = replace(first, name="second", creates_identities=False)
    made, left = synthesized(first), synthesized(second)
    for kind in ("AWS::SES::EmailIdentity", "AWS::Logs::LogGroup"):
        assert made.find_resources(kind)
        assert not left.find_resources(kind)


def test_a_stage_that_is_not_protected_can_be_deleted_and_made_again() -> None:
    stage = Stage(name="test", brands=("aoba",), zone="Asia/Tokyo", protected=False)
    resources = synthesized(stage).to_json()["Resources"]
    assert resources
    for name, body in resources.items():
        assert body.get("DeletionPolicy") != "Retain", name
        assert body["Properties"].get("DeletionProtectionEnabled") is not True, name
