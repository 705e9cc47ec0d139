from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.scenario import Journey, ScenarioError, lines_of, parse, read, until

AT = "2026-04-01T09:00:00+09:00"
PLACED: dict[str, Any] = {
    "metadata": {"brand": "aoba", "id": "f-1", "occurred_at": AT},
    "data": {
        "order_id": "1001",
        "number": "#1001",
        "placed_at": AT,
        "buyer": {"name": "山田 花子", "email": "hanako@example.jp", "locale": "ja"},
        "lines": [{"line_id": "1", "quantity": 1, "sku": "SENCHA-100", "title": "煎茶"}],
    },
}
LINE = {"at": AT, "source": "yoin", "topic": "OrderPlaced", "body": PLACED}


def test_a_scenario_is_read_with_its_body_files(tmp_path: Path) -> None:
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / "order.json").write_text('{"id": 1, "name": "山田"}', "utf-8")
    (tmp_path / "s.jsonl").write_text(
        "# an order\n\n"
        + json.dumps(
            {
                "at": AT,
                "source": "shopify",
                "topic": "orders/create",
                "body_file": "bodies/order.json",
                "headers": {"X-Shopify-Shop-Domain": "aoba.myshopify.com"},
            }
        )
        + "\n"
        + json.dumps({"at": "2026-04-02T00:00:00Z", "event": {"source": "s"}}),
        "utf-8",
    )
    first, second = read(tmp_path / "s.jsonl")
    assert first.number == 3
    assert first.at == datetime(2026, 4, 1, tzinfo=UTC)
    assert first.body == {"id": 1, "name": "山田"}
    assert first.headers == {"X-Shopify-Shop-Domain": "aoba.myshopify.com"}
    assert second.event == {"source": "s"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", r"s:1: this is no JSON"),
        ("[]", r"s:1: a line is a JSON object"),
        ({"event": {}}, r's:1: "at": an instant such as'),
        ({"at": "yesterday", "event": {}}, r's:1: "at": Invalid isoformat'),
        ({"at": "2026-04-01T09:00:00", "event": {}}, r"has no offset: write 2026"),
        ({"at": AT, "event": []}, r'"event" is an EventBridge envelope'),
        ({"at": AT, "topic": "t", "body": {}}, r'needs "source"'),
        ({"at": AT, "source": "s", "body": {}}, r'needs "topic"'),
        ({"at": AT, "source": "s", "topic": "t"}, r'either "body" or "body_file"'),
        (
            {"at": AT, "source": "s", "topic": "t", "body": {}, "body_file": "x"},
            r'either "body" or "body_file"',
        ),
        ({"at": AT, "source": "s", "topic": "t", "body_file": "x"}, r"x: no such file beside"),
        ({"at": AT, "source": "s", "topic": "t", "body_file": "bad"}, r"bad is no JSON"),
        ({"at": AT, "source": "s", "topic": "t", "body_file": "raw"}, r"raw: 'utf-8' codec"),
        ({"at": AT, "source": "s", "topic": "t", "body": {}, "headers": 1}, r'"headers" is'),
        ({"at": AT, "event": {}, "until": 1}, r"until: a line has no such key"),
    ],
)
def test_a_wrong_line_is_named_with_what_is_wrong(tmp_path: Path, line: Any, says: str) -> None:
    (tmp_path / "bad").write_text("{", "utf-8")
    (tmp_path / "raw").write_bytes(b"\xff\xfe")
    text = line if isinstance(line, str) else json.dumps(line)
    with pytest.raises(ScenarioError, match=says):
        parse(text, name="s", folder=tmp_path)


def test_the_end_is_an_instant_or_a_time_after_the_first_line() -> None:
    lines = lines_of([{"at": "2026-04-03T00:00:00Z", "event": {}}, {"at": AT, "event": {}}])
    first = datetime(2026, 4, 1, tzinfo=UTC)
    assert until(lines) == first + timedelta(days=120)
    assert until(lines, "+36h") == first + timedelta(hours=36)
    assert until(lines, "+2w") == first + timedelta(days=14)
    assert until(lines, "2026-05-01T00:00:00+09:00") == datetime(2026, 4, 30, 15, tzinfo=UTC)
    for wrong in ("tomorrow", "120d", "2026-05-01", "+99999999999d"):
        with pytest.raises(ScenarioError, match=r"neither an instant|too long"):
            until(lines, wrong)


class TestOnTheStack:
    def test_what_arrives_becomes_messages_and_a_summary(self, journey: Journey) -> None:
        days: list[datetime] = []
        told = journey.play([LINE], until=datetime(2026, 4, 3, 12, tzinfo=UTC), on_day=days.append)
        (message,) = [record for record in told if record["kind"] == "message"]
        assert message == {
            "kind": "message",
            "brand": "aoba",
            "order_id": "1001",
            "lifecycle": "order_confirmation",
            "message": "received",
            "occurrence": "received",
            "channel": "email",
            "to": "hanako@example.jp",
            "locale": "ja",
            "subject": message["subject"],
            "at": message["at"],
            "status": "SENT",
        }
        assert "1001" in message["subject"]
        assert journey.messages == [message]
        summary = told[-1]
        assert summary["kind"] == "summary"
        assert (summary["from"], summary["until"]) == (
            "2026-04-01T00:00:00Z",
            "2026-04-03T12:00:00Z",
        )
        assert (summary["events"], summary["orders"], summary["messages"]) == (1, 1, 1)
        assert (summary["rejected"], summary["errors"], summary["in_flight"]) == (0, 0, 0)
        assert [day.day for day in days] == [2, 3, 3]

    def test_the_same_scenario_gives_the_same_bytes(self, journey: Journey) -> None:
        def played() -> str:
            fresh = Journey(journey.stack)
            told = fresh.play([LINE], until=datetime(2026, 6, 1, tzinfo=UTC))
            mails = [(mail.id, mail.at, mail.html) for mail in journey.stack.outbox.mails]
            names = [execution.name for execution in journey.stack.machines.executions]
            return json.dumps([told, mails, names], default=str)

        first = played()
        journey.stack.forget_listeners()
        assert played() == first

    def test_a_later_scenario_goes_on_from_where_time_is(self, journey: Journey) -> None:
        journey.play([LINE], until=datetime(2026, 4, 2, tzinfo=UTC))
        cancelled = {
            "at": "2026-04-02T03:00:00Z",
            "source": "yoin",
            "topic": "OrderCancelled",
            "body": {
                "metadata": {"brand": "aoba", "id": "f-2"},
                "data": {"order_id": "1001"},
            },
        }
        told = journey.play([cancelled], until=datetime(2026, 4, 3, tzinfo=UTC))
        assert [record["message"] for record in told if record["kind"] == "message"] == [
            "received",
            "cancelled",
        ]
        with pytest.raises(ScenarioError, match=r"line 1 is at .* which has passed"):
            journey.play([cancelled])

    def test_what_cannot_become_facts_is_told_with_its_code(self, journey: Journey) -> None:
        wrong = {**LINE, "body": {**PLACED, "data": {**PLACED["data"], "lines": "none"}}}
        unknown = {**LINE, "source": "shopify", "topic": "feasts/eaten", "body": {"id": 1}}
        of_no_use = {**LINE, "source": "shopify", "topic": "orders/edited", "body": {"id": 1}}
        lines = [wrong, unknown, of_no_use, LINE]
        told = journey.play(lines, until=datetime(2026, 4, 2, tzinfo=UTC))
        rejected = [record for record in told if record["kind"] == "rejected"]
        assert {record["code"] for record in rejected} >= {"UNKNOWN_TOPIC"}
        assert len(rejected) == 2
        assert told[-1]["rejected"] == 2
        assert [record["kind"] for record in told].count("message") == 1

    def test_only_one_brand_s_records_if_asked(self, journey: Journey) -> None:
        journey.play([LINE], until=datetime(2026, 4, 2, tzinfo=UTC))
        assert journey.records("aoba")[-1]["messages"] == 1
        (summary,) = journey.records("northlight")
        assert (summary["orders"], summary["messages"]) == (0, 0)

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ({**LINE, "source": "nobody"}, r"line 1: there is no source nobody"),
            ({"at": AT, "event": {"source": "s"}}, r"line 1: this is no EventBridge event"),
            (
                {
                    "at": AT,
                    "event": {
                        "source": "aws.partner/x",
                        "detail-type": "d",
                        "detail": {},
                    },
                },
                r"line 1: the stack has no bus aws\.partner/x",
            ),
        ],
    )
    def test_what_cannot_be_played_is_refused_before_time_passes(
        self, journey: Journey, line: Any, says: str
    ) -> None:
        with pytest.raises(ScenarioError, match=says):
            journey.play([line])
