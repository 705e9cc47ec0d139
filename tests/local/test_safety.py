from __future__ import annotations

import os
import socket
from typing import Any

import boto3
import pytest

from local import safety
from local.errors import NotLocal
from local.runtime import LocalStack
from tests.local import handlers


def test_credentials_are_worth_nothing_and_profiles_are_gone(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.pause()
    with monkeypatch.context() as shell:
        shell.setenv("AWS_ACCESS_KEY_ID", "AKIAREALREALREALREAL")
        shell.setenv("AWS_PROFILE", "production")
        shell.setenv("AWS_ENDPOINT_URL", "https://real.example")
        shell.setenv("AWS_ENDPOINT_URL_SESV2", "https://real.example")
        stack.resume()
        assert os.environ["AWS_ACCESS_KEY_ID"] == safety.FAKE_KEY
        assert os.environ["AWS_EC2_METADATA_DISABLED"] == "true"
        assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SESV2"} & set(os.environ)
        stack.pause()
        assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIAREALREALREALREAL"
        assert os.environ["AWS_PROFILE"] == "production"
    stack.resume()


@pytest.mark.parametrize("address", [("192.0.2.1", 443), ("example.com", 443), ("2001:db8::1", 1)])
def test_no_socket_leaves_this_machine(stack: LocalStack, address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as outside, pytest.raises(NotLocal, match="does not connect"):
        outside.connect(address)
    with socket.socket(family) as outside, pytest.raises(NotLocal, match="does not connect"):
        outside.connect_ex(address)


def test_the_loopback_stays_open(stack: LocalStack) -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())


def test_a_client_of_another_endpoint_cannot_get_out(stack: LocalStack) -> None:
    client = boto3.client("sqs", endpoint_url="https://sqs.example.com")
    with pytest.raises(NotLocal, match="has no such service"):
        client.list_queues()


def test_a_handler_cannot_get_out_either(stack: LocalStack) -> None:
    caught: list[BaseException] = []

    def leak(_event: Any, _context: Any) -> None:
        with socket.socket() as outside:
            try:
                outside.connect(("192.0.2.1", 25))
            except NotLocal as error:
                caught.append(error)

    handlers.behaviour["decide"] = leak
    stack.functions.invoke("small-decide", {})
    assert len(caught) == 1


def test_it_refuses_credentials_that_it_did_not_set(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session("AKIAREALREALREALREAL", "secret"))
    monkeypatch.setattr(
        boto3, "Session", lambda: boto3.session.Session("AKIAREALREALREALREAL", "secret")
    )
    with pytest.raises(NotLocal, match="did not set itself"):
        safety.check(["sqs"], "123456789012")


def test_it_refuses_an_account_that_is_not_moto_s(stack: LocalStack) -> None:
    with pytest.raises(NotLocal, match="answered instead of moto's 999999999999"):
        safety.check(["sqs"], "999999999999")


def test_it_refuses_where_moto_does_not_answer(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.core.models import botocore_stubber

    monkeypatch.setattr(botocore_stubber, "enabled", False)
    with pytest.raises(NotLocal, match="moto is not active"):
        safety.check(["sqs"], "123456789012")
