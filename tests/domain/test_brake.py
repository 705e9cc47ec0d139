"""When a brand's marketing stops by itself: the limits, to the mail."""

from __future__ import annotations

import pytest

from shared.domain.limits import brake, brake_days
from shared.domain.policy import BrakePolicy
from tests.builders import T0, at

POLICY = BrakePolicy()


@pytest.mark.parametrize(
    ("sent", "bounced", "complained", "cause"),
    [
        (0, 0, 0, None),
        # 2 %, of five at least
        (250, 5, 0, "bounces"),
        (251, 5, 0, None),
        (1, 4, 0, None),
        (1000, 19, 0, None),
        (1000, 20, 0, "bounces"),
        # 0.05 %, of two at least
        (4000, 0, 2, "complaints"),
        (4001, 0, 2, None),
        (1, 0, 1, None),
        (6000, 0, 3, "complaints"),
        # about mail from before the window
        (0, 5, 0, "bounces"),
        # complaints weigh more
        (100, 50, 2, "complaints"),
    ],
)
def test_the_boundaries(sent: int, bounced: int, complained: int, cause: str | None) -> None:
    pulled = brake(POLICY, T0, sent=sent, bounced=bounced, complained=complained)
    assert (pulled.cause if pulled else None) == cause
    if pulled is not None:
        assert 0 < pulled.rate <= 1
        assert pulled.since == T0


def test_the_window_ends_today_and_begins_after_a_release() -> None:
    assert brake_days(T0, POLICY, None) == [
        "2025-11-03", "2025-11-02", "2025-11-01", "2025-10-31", "2025-10-30", "2025-10-29",
        "2025-10-28",
    ]  # fmt: skip
    assert brake_days(T0, POLICY, T0) == []
    assert brake_days(at(1), POLICY, T0) == ["2025-11-04"]
    assert len(brake_days(at(9), POLICY, T0)) == 7
