"""The dashboard's clock."""

from __future__ import annotations

import pytest

from infra.constructs.dashboard import standard_offset

pytestmark = pytest.mark.slow  # importing the CDK starts Node.js


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("Asia/Tokyo", "+0900"),
        ("UTC", "+0000"),
        ("America/New_York", "-0500"),
        ("Asia/Kolkata", "+0530"),
        ("Australia/Sydney", "+1000"),
        ("America/St_Johns", "-0330"),
    ],
)
def test_the_offset_is_that_of_standard_time(zone: str, offset: str) -> None:
    assert standard_offset(zone) == offset
