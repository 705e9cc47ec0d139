"""Logs tell what happened, and of nobody whom it happened to. Figures are the dashboard's."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.logging import Logger

from shared import observability
from shared.domain.errors import PermanentError, ProviderRefused, RetryableError, TemplateError
from shared.domain.events import Channel
from shared.observability import KEYS, AllowListFormatter, Metrics, described, make_logger, observed
from tests.builders import BUYER, T0, TOKYO, at, consent, dispatched, placed, scan

EMAIL, PHONE, NAME = "hanako@example.jp", "+819012345678", "山田 花子"
SECRETS = (EMAIL, "hanako", PHONE, "9012345678", NAME, "花子", "100-0001")


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(out: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> Logger:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"test-{id(out)}")  # a logger of its own
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    return make_logger(out)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(text) for text in out.getvalue().splitlines()]


class TestLines:
    def test_a_line_says_what_it_is_about(self, log: Logger, out: io.StringIO) -> None:
        log.info("sent", extra={"brand": "aoba", "order_id": "1001", "attempts": 2, "parked": None})
        (line,) = lines(out)
        assert line["level"] == "INFO"
        assert line["message"] == "sent"
        assert (line["brand"], line["order_id"], line["attempts"]) == ("aoba", "1001", 2)
        assert datetime.fromisoformat(line["timestamp"]).utcoffset() == UTC.utcoffset(None)

    def test_a_key_that_is_not_allowed_is_dropped(self, log: Logger, out: io.StringIO) -> None:
        log.append_keys(customer=NAME)
        log.info("x", extra={"email": EMAIL, "to": EMAIL, "buyer": BUYER, "order_id": "1"})
        (line,) = lines(out)
        assert set(line) <= KEYS
        assert "order_id" in line

    @pytest.mark.parametrize(
        "value",
        [BUYER, TOKYO, {"email": EMAIL}, [EMAIL], (NAME,), placed(), NAME.encode(), T0],
        ids=lambda value: type(value).__name__,
    )
    def test_under_an_allowed_key_only_plain_values_stand(
        self, log: Logger, out: io.StringIO, value: object
    ) -> None:
        log.info("x", extra={"cause": value})
        assert lines(out)[0]["cause"] == f"[{type(value).__name__}]"

    @pytest.mark.parametrize(
        ("value", "written"),
        [
            (f"mail to {EMAIL} failed", "mail to [blanked] failed"),
            (f"<{EMAIL}>", "<[blanked]>"),
            (f"sms to {PHONE}.", "sms to [blanked]."),
            ("+81 90-1234-5678", "[blanked]"),
            ("transit_delayed:5123456789012:1", "transit_delayed:5123456789012:1"),
            ("2025-11-03T01:00:00+00:00", "2025-11-03T01:00:00+00:00"),
            ("m-0123", "m-0123"),
            (Channel.EMAIL, "email"),
        ],
    )
    def test_what_looks_like_an_address_is_blanked(
        self, log: Logger, out: io.StringIO, value: str, written: str
    ) -> None:
        log.info("x", extra={"detail": value})
        assert lines(out)[0]["detail"] == written

    @pytest.mark.parametrize(
        "value", ["a" * 200_000, "a@" * 50_000, "+1 (" * 50_000, "@a" * 50_000]
    )
    def test_a_value_of_any_length_is_written_at_once_and_cut(
        self, log: Logger, out: io.StringIO, value: str
    ) -> None:
        began = time.process_time()
        log.info("x", extra={"detail": value})
        assert time.process_time() - began < 5, "half a minute once"
        assert len(lines(out)[0]["detail"]) <= 2000

    def test_half_a_character_does_not_cost_the_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"test-{tmp_path}")
        with (tmp_path / "log").open("w", encoding="utf-8") as stream:
            make_logger(stream).info("x", extra={"detail": "a\ud800\nb"})
        assert json.loads((tmp_path / "log").read_text("utf-8"))["detail"] == "a?\nb"

    def test_the_message_is_the_constant_text(self, log: Logger, out: io.StringIO) -> None:
        log.info("to %s", NAME)
        log.info({"to": NAME})
        log.info(f'{{"to": "{EMAIL}"}}')  # noqa: G004 - what a careless caller may do
        assert [line["message"] for line in lines(out)] == ["to %s", "dict", "[dict]"]

    def test_a_handler_elsewhere_still_sees_the_record(
        self, log: Logger, caplog: pytest.LogCaptureFixture
    ) -> None:
        record = logging.LogRecord("x", logging.INFO, "f", 1, "to %s", (NAME,), None)
        AllowListFormatter().format(record)
        assert record.getMessage() == f"to {NAME}"


class TestErrors:
    def test_our_own_text_is_written_and_a_library_s_is_not(
        self, log: Logger, out: io.StringIO
    ) -> None:
        for error in (ProviderRefused("SES: BadRequestException (400)"), ValueError(NAME)):
            try:
                raise error from KeyError(EMAIL)
            except (ProviderRefused, ValueError):
                log.exception("failed")
        ours, theirs = lines(out)
        assert ours["error_type"] == "ProviderRefused"
        assert ours["error"] == "SES: BadRequestException (400)"
        assert theirs["error_type"] == "ValueError"
        assert "error" not in theirs
        for line in (ours, theirs):
            assert line["caused_by"] == "KeyError"
            assert line["frames"].startswith("test_observability.py:")
            assert not {"exception", "stack_trace", "exception_notes"} & set(line)

    def test_the_way_is_told_from_the_inside(self) -> None:
        def inner() -> None:
            raise TemplateError("x")

        def outer() -> None:
            inner()

        with pytest.raises(TemplateError) as caught:
            outer()
        assert [part.split()[1] for part in described(caught.value)["frames"].split(" < ")] == [
            "inner",
            "outer",
            "test_the_way_is_told_from_the_inside",
        ]


class TestSecrets:
    def test_none_gets_out_whatever_is_logged(self, log: Logger, out: io.StringIO) -> None:
        """Everything that a function may have in its hands, in every way to log it."""
        facts = [
            placed(buyer=replace(BUYER, phone=PHONE)),
            consent(T0, granted=True),
            dispatched(at(1)),
            scan("HELD", at(2), place=f"{NAME} 様方"),
        ]
        log.append_keys(buyer=BUYER)
        for fact in facts:
            log.info("fact", extra={"fact": fact, "cause": fact, "detail": repr(fact)[:0]})
            log.warning("%s", fact)
            log.info(fact)
            try:
                raise ValueError(fact)
            except ValueError:
                log.exception("failed", extra={"fact": fact})
        text = out.getvalue()
        assert len(lines(out)) == 4 * len(facts)
        assert [secret for secret in SECRETS if secret in text] == []

    def test_the_sdk_keeps_its_requests_to_itself(self, log: Logger) -> None:
        for name in ("boto3", "botocore", "botocore.endpoint", "urllib3"):
            assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)


class TestFigures:
    def flushed(self, figures: Metrics, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
        figures.flush()
        return [json.loads(text) for text in capsys.readouterr().out.splitlines()]

    @pytest.fixture
    def figures(self, monkeypatch: pytest.MonkeyPatch) -> Metrics:
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "yoin-test")
        monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED", raising=False)
        return Metrics()

    def test_they_are_what_the_dashboard_asks_for(
        self, figures: Metrics, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for _ in range(3):
            figures.outcome("MessageSent", lifecycle="delay_alert", reason="DUE")
        figures.outcome("MessageSkipped", lifecycle="delay_alert", reason="ON_TIME")
        figures.count("FactsIngested", 5)
        figures.count("FactsParked", 0)
        figures.count("Rejected", code="MALFORMED")
        seen = {}
        for line in self.flushed(figures, capsys):
            (said,) = line["_aws"]["CloudWatchMetrics"]
            (dimensions,) = said["Dimensions"]
            (metric,) = said["Metrics"]
            assert said["Namespace"] == "Yoin"
            assert metric["Unit"] == "Count"
            name = metric["Name"]
            seen[name, tuple((d, line[d]) for d in sorted(dimensions))] = line[name]
        service = ("service", "yoin-test")
        lifecycle = ("lifecycle", "delay_alert")
        assert seen == {
            ("MessageSent", (lifecycle, service)): [3.0],
            ("MessageSkipped", (lifecycle, service)): [1.0],
            ("MessageSkipped", (lifecycle, ("reason", "ON_TIME"), service)): [1.0],
            ("FactsIngested", (service,)): [5.0],
            ("Rejected", (("code", "MALFORMED"), service)): [1.0],
        }
        assert self.flushed(figures, capsys) == []

    def test_they_can_be_switched_off(
        self,
        figures: Metrics,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
        figures.count("FactsIngested", 5)
        assert self.flushed(figures, capsys) == []
        monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED")
        assert self.flushed(figures, capsys) == []


class TestHandlers:
    @pytest.fixture(autouse=True)
    def _own(self, log: Logger, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(observability, "logger", log)

    def run(self, handler: Callable[[], object]) -> BaseException | None:
        try:
            observed(handler)()
        except Exception as error:  # noqa: BLE001 - whatever comes out is what is tested
            return error
        return None

    def test_an_answer_passes_and_figures_are_flushed(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED", raising=False)
        observability.metrics.forget()

        @observed
        def handler(event: dict[str, int], _context: object) -> int:
            observability.metrics.count("FactsIngested", event["n"])
            return event["n"]

        assert handler({"n": 3}, None) == 3
        assert handler.__name__ == "handler"
        (line,) = capsys.readouterr().out.splitlines()
        assert json.loads(line)["FactsIngested"] == [3.0]

    def test_our_errors_pass_as_they_are(self, out: io.StringIO) -> None:
        mine = RetryableError("order 1001: somebody else wrote first")

        def handler() -> None:
            raise mine

        assert self.run(handler) is mine
        assert lines(out)[0]["error"] == str(mine)

    def test_any_other_error_loses_its_text(self, out: io.StringIO) -> None:
        def handler() -> None:
            raise KeyError(EMAIL)

        error = self.run(handler)
        assert type(error) is PermanentError
        assert str(error).startswith("KeyError at test_observability.py:")
        # What Lambda would print.
        assert error.__suppress_context__
        assert [secret for secret in SECRETS if secret in out.getvalue() + str(error)] == []
