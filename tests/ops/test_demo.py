from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.demo import scenario as story
from local.demo.book import BEGINNING
from local.mailbox.model import Mailbox
from ops.output import Output
from ops.playing import Part, play_parts
from tests.demo import boxes
from tests.ops.conftest import Yoin

if TYPE_CHECKING:
    from local.scenario import Journey


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[Mailbox]:
    """What the demo's run gives, instead of a run."""
    boxes_to_give: list[Mailbox] = []
    monkeypatch.setattr("infra.assembly.current", lambda stage: stage)
    monkeypatch.setattr("ops.playing.play_parts", lambda *_: boxes_to_give[0])
    return boxes_to_give


def test_it_tells_what_happened_and_where_to_look(
    yoin: Yoin, played: list[Mailbox], home: Path
) -> None:
    played.append(boxes.mailbox())
    answer = yoin("demo", "--days", "3")
    assert answer.code == 0
    for words in ("ご注文の確認", "ALREADY_PAID", "The order is paid.", "not JSON"):
        assert words in answer.out
    for words in ("facts by Shopify 1", "AfterShip: 3 taken, 1 refused"):
        assert words in answer.out
    assert "5 candidate messages, every one accounted for; 0 went out twice" in answer.out
    assert str(home / "mailbox" / "index.html") in answer.out
    assert (home / "mailbox" / "index.html").is_file()


def test_as_json_it_prints_lines_only(yoin: Yoin, played: list[Mailbox]) -> None:
    played.append(boxes.mailbox())
    cycle, brand, source, answers, summary = yoin("demo", "--json").records
    assert (cycle["lifecycle"], cycle["candidates"], cycle["sent"]) == ("order_confirmation", 5, 2)
    assert (brand["brand"], brand["orders"], brand["messages"]) == ("aoba", 1, 2)
    assert brand["sources"] == {"shopify": 1}
    assert source == {
        "kind": "source",
        "source": "aftership",
        "taken": 3,
        "repeated": 0,
        "refused": 1,
        "fetched": 0,
    }
    assert (answers["bounced"], answers["unsubscribed with one click"]) == (0, 0)
    assert (summary["duplicates"], summary["broken"]) == (0, [])


def test_a_broken_invariant_is_a_problem(yoin: Yoin, played: list[Mailbox]) -> None:
    box = boxes.mailbox()
    played.append(replace(box, mails=(*box.mails, box.mails[0])))
    answer = yoin("demo")
    assert answer.code == 1
    assert "was sent 2 times" in answer.err
    assert "accounted for" not in answer.out


@pytest.mark.slow
def test_brands_apart_come_to_the_same_as_together(journey: Journey) -> None:
    end = BEGINNING + timedelta(days=12)
    wanted = ("6101001050369", "400007919003", "6101002321709")
    parts = [
        Part(
            scenario="\n".join(line for line in own if any(word in line for word in wanted)),
            until=end,
            title=story.TITLE,
            stories=story.titles(),
        )
        for own in story.parts(12)
    ]
    apart = play_parts(parts, BEGINNING, Output(as_json=True))
    from local.scenario import parse

    journey.play(parse("\n".join(part.scenario for part in parts)), until=end)
    together = journey.mailbox(story.TITLE, stories=story.titles())
    assert len(apart.candidates) > 10
    assert _ledger(apart) == _ledger(together)
    assert [order.order_id for order in apart.orders] == [o.order_id for o in together.orders]
    assert [(m.message_id, m.html) for m in apart.mails] == [
        (m.message_id, m.html) for m in together.mails
    ]


def _ledger(box: Mailbox) -> list[object]:
    # The provider's ids are random.
    return sorted((replace(c, provider_id=None) for c in box.candidates), key=repr)
