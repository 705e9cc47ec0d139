"""The vendors' APIs: what is asked for, with which token, and what each answer means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import urllib3

from shared.adapters.aws import clients
from shared.adapters.aws.secrets import Secrets
from shared.adapters.http import HttpApis
from shared.adapters.memory.providers import ManualClock
from shared.contracts.deliveries import MAX_DELIVERY_BYTES
from shared.domain.deliveries import Api, Fetch
from shared.domain.errors import Rejected, RetryableError
from tests.builders import T0

ORDER = Fetch(path="/orders/7", topic="order", query={"expand": "lines & more"})
BEARER = Api(base_url="https://api.example.com/v2", auth="bearer", headers={"x-version": "3"})


@dataclass
class Vendor:
    """Answers in the given order, and remembers what it was asked."""

    answers: list[tuple[int, bytes] | Exception]
    asked: list[tuple[str, str, Mapping[str, str], bytes | None]] = field(default_factory=list)

    def request(self, method: str, url: str, **more: Any) -> Any:
        assert more["redirect"] is False  # a redirect would carry the token away
        self.asked.append((method, url, more["headers"], more["body"]))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(*answer)


@dataclass
class Answer:
    status: int
    raw: bytes

    def read(self, amount: int, *, decode_content: bool) -> bytes:
        return self.raw[:amount]

    def release_conn(self) -> None:
        pass


@dataclass
class Vault:
    """The secret of the one source and brand, and a process's memory of it."""

    secret: Mapping[str, str]
    remembered: Mapping[str, str] | None = None

    def api_credentials(self, source: str, brand: str, *, fresh: bool = False) -> Mapping[str, str]:
        if fresh or self.remembered is None:
            self.remembered = self.secret
        return self.remembered

    def keep_api_credentials(self, source: str, brand: str, fields: Mapping[str, str]) -> None:
        self.secret = self.remembered = fields


def asking(
    *answers: tuple[int, bytes] | Exception,
    api: Api = BEARER,
    credentials: Mapping[str, str] | None = None,
    vault: Vault | None = None,
    clock: ManualClock | None = None,
) -> tuple[HttpApis, Vendor]:
    vendor = Vendor(list(answers))
    known = {"token": "t-1"} if credentials is None else credentials
    apis = HttpApis(
        vault or Vault(known),
        lambda _source: api,
        clock or ManualClock(T0),
        http=vendor,
    )
    return apis, vendor


def test_a_resource_comes_as_it_was_written() -> None:
    apis, vendor = asking((200, '{"total": 19.80, "name": "山田"}'.encode()))
    assert apis.get("shop", "aoba", ORDER) == '{"total": 19.80, "name": "山田"}'
    ((method, url, headers, body),) = vendor.asked
    assert (method, body) == ("GET", None)
    assert url == "https://api.example.com/v2/orders/7?expand=lines+%26+more"
    assert headers["authorization"] == "Bearer t-1"
    assert headers["x-version"] == "3"


def test_the_base_url_may_be_the_merchants_own() -> None:
    known = {"token": "t", "base_url": "https://shop.example.jp/"}
    apis, vendor = asking((200, b"{}"), credentials=known)
    apis.get("shop", "aoba", ORDER)
    assert vendor.asked[0][1].startswith("https://shop.example.jp/orders/7?")


@pytest.mark.parametrize("base", ["http://shop.example.jp", "", "file:///etc/passwd"])
def test_only_https_is_spoken(base: str) -> None:
    apis, vendor = asking(api=Api(base_url=base, auth="bearer"))
    with pytest.raises(RetryableError, match="https"):
        apis.get("shop", "aoba", ORDER)
    assert not vendor.asked


def test_graphql_is_asked_by_post() -> None:
    apis, vendor = asking((200, b'{"data": {}}'))
    apis.get("shop", "aoba", Fetch(path="/api", topic="order", method="POST", body={"query": "{}"}))
    ((method, _, headers, body),) = vendor.asked
    assert method == "POST"
    assert headers["content-type"] == "application/json"
    assert json.loads(body or b"") == {"query": "{}"}


@pytest.mark.parametrize(
    ("api", "known", "header", "value"),
    [
        (Api(base_url="https://a.example", auth="header", header="X-Auth-Token"),
         {"token": "abc"}, "X-Auth-Token", "abc"),
        (Api(base_url="https://a.example", auth="basic"),
         {"username": "key"}, "authorization", "Basic a2V5Og=="),
    ],
)  # fmt: skip
def test_other_ways_to_authorize(api: Api, known: dict[str, str], header: str, value: str) -> None:
    apis, vendor = asking((200, b"{}"), api=api, credentials=known)
    apis.get("shop", "aoba", ORDER)
    assert vendor.asked[0][2][header] == value


OAUTH = Api(base_url="https://a.example", auth="oauth")
CLIENT = {
    "client_id": "id",
    "client_secret": "se cret",
    "token_url": "https://auth.example/token",
    "scope": "view_orders",
}


def test_a_token_is_asked_for_once_and_again_when_it_ends() -> None:
    token = (200, b'{"access_token": "abc", "expires_in": 3600}')
    clock = ManualClock(T0)
    apis, vendor = asking(
        token, (200, b"{}"), (200, b"{}"), token, (200, b"{}"),
        api=OAUTH, credentials=CLIENT, clock=clock,
    )  # fmt: skip
    apis.get("ct", "aoba", ORDER)
    apis.get("ct", "aoba", ORDER)
    clock.advance(timedelta(seconds=3599))  # ends under the request
    apis.get("ct", "aoba", ORDER)
    assert [url.partition("?")[0] for _, url, _, _ in vendor.asked] == [
        "https://auth.example/token",
        "https://a.example/orders/7",
        "https://a.example/orders/7",
        "https://auth.example/token",
        "https://a.example/orders/7",
    ]
    assert vendor.asked[0][3] == b"grant_type=client_credentials&scope=view_orders"
    assert vendor.asked[1][2]["authorization"] == "Bearer abc"


def test_a_refused_token_is_not_used_again() -> None:
    token = (200, b'{"access_token": "abc", "expires_in": 3600}')
    apis, vendor = asking(token, (401, b""), token, (200, b"{}"), api=OAUTH, credentials=CLIENT)
    with pytest.raises(RetryableError, match="401"):
        apis.get("ct", "aoba", ORDER)
    apis.get("ct", "aoba", ORDER)
    assert len(vendor.asked) == 4


def test_no_content_is_null() -> None:
    apis, _ = asking((204, b""))
    assert apis.get("shop", "aoba", ORDER) == "null"


@pytest.mark.parametrize("status", [301, 400, 401, 403, 429, 500, 503])
def test_what_may_come_later_waits(status: int) -> None:
    apis, _ = asking((status, b"<html>"))
    with pytest.raises(RetryableError, match=str(status)):
        apis.get("shop", "aoba", ORDER)


def test_what_is_optional_and_not_for_us_is_not_waited_for() -> None:
    apis, _ = asking((403, b"{}"))
    with pytest.raises(Rejected) as refusal:
        apis.get("shop", "aoba", replace(ORDER, optional=True))
    assert refusal.value.code == "INCOMPLETE"


def test_no_answer_waits() -> None:
    apis, _ = asking(urllib3.exceptions.ProtocolError("the connection was reset"))
    with pytest.raises(RetryableError, match="ProtocolError"):
        apis.get("shop", "aoba", ORDER)


@pytest.mark.parametrize("known", [{}, {"token": ""}, {"base_url": "https://a.example"}])
def test_missing_credentials_wait_for_whoever_fills_them_in(known: dict[str, str]) -> None:
    apis, vendor = asking(credentials=known)
    with pytest.raises(RetryableError, match="token"):
        apis.get("shop", "aoba", ORDER)
    assert not vendor.asked


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((404, b""), "INCOMPLETE"),
        ((410, b""), "INCOMPLETE"),
        ((200, b"<html>maintenance</html>"), "MALFORMED"),
        ((200, b"\xff"), "MALFORMED"),
        ((200, b"[" * 100_000), "MALFORMED"),
        ((200, b'{"n": 1e9999999999999999999}'), "MALFORMED"),
        ((200, b" " * (MAX_DELIVERY_BYTES + 1)), "OVERSIZED"),
    ],
)
def test_what_will_never_come_is_rejected(answer: tuple[int, bytes], code: str) -> None:
    apis, _ = asking(answer)
    with pytest.raises(Rejected) as refusal:
        apis.get("shop", "aoba", ORDER)
    assert refusal.value.code == code


def test_no_answer_of_a_vendor_and_no_credential_is_quoted() -> None:
    apis, _ = asking((500, b"hanako@example.com"), credentials={"token": "s3cret"})
    with pytest.raises(RetryableError) as trouble:
        apis.get("shop", "aoba", ORDER)
    assert "hanako" not in str(trouble.value)
    assert "s3cret" not in str(trouble.value)


REFRESH = Api(base_url="https://a.example", auth="refresh")
GRANTED = {**CLIENT, "refresh_token": "r-1"}


def renewal(number: int) -> tuple[int, bytes]:
    answer = {"access_token": f"a-{number}", "refresh_token": f"r-{number}", "expires_in": 3600}
    return 200, json.dumps(answer).encode()


def test_a_refresh_token_is_used_once_and_the_next_one_kept() -> None:
    vault, clock = Vault(GRANTED), ManualClock(T0)
    apis, vendor = asking(
        renewal(2), (200, b"{}"), (200, b"{}"), renewal(3), (200, b"{}"),
        api=REFRESH, vault=vault, clock=clock,
    )  # fmt: skip
    apis.get("ec", "aoba", ORDER)
    assert vendor.asked[0][3] == b"grant_type=refresh_token&refresh_token=r-1"
    assert vendor.asked[1][2]["authorization"] == "Bearer a-2"
    assert (vault.secret["refresh_token"], vault.secret["access_token"]) == ("r-2", "a-2")
    assert vault.secret["client_id"] == "id"
    apis.get("ec", "aoba", ORDER)  # the same token again, and nothing renewed
    clock.advance(timedelta(hours=1))
    apis.get("ec", "aoba", ORDER)
    assert vendor.asked[3][3] == b"grant_type=refresh_token&refresh_token=r-2"
    assert len(vendor.asked) == 5


def test_processes_share_what_one_of_them_renewed() -> None:
    vault = Vault(GRANTED)
    first, _ = asking(renewal(2), (200, b"{}"), api=REFRESH, vault=vault)
    first.get("ec", "aoba", ORDER)
    other = Vault(vault.secret, remembered=GRANTED)  # it read the secret before
    second, vendor = asking((200, b"{}"), api=REFRESH, vault=other)
    second.get("ec", "aoba", ORDER)
    assert vendor.asked[0][2]["authorization"] == "Bearer a-2"


def test_a_refresh_token_that_another_process_used_up_is_no_trouble() -> None:
    class Racing(Vault):
        """Another process renews between our reading and our asking."""

        reads = 0

        def api_credentials(
            self, source: str, brand: str, *, fresh: bool = False
        ) -> Mapping[str, str]:
            if fresh:
                self.reads += 1
                if self.reads == 2:
                    ends = str(int(T0.timestamp()) + 3600)
                    self.secret = {**GRANTED, "access_token": "a-9", "expires_at": ends}
            return super().api_credentials(source, brand, fresh=fresh)

    apis, vendor = asking((400, b"{}"), (200, b"{}"), api=REFRESH, vault=Racing(GRANTED))
    apis.get("ec", "aoba", ORDER)
    assert vendor.asked[1][2]["authorization"] == "Bearer a-9"


def test_a_refused_refresh_token_waits_for_somebody_to_consent_anew() -> None:
    vault = Vault(GRANTED)
    apis, _ = asking((400, b'{"error": "invalid_grant"}'), api=REFRESH, vault=vault)
    with pytest.raises(RetryableError, match="ec/aoba: the refresh token was refused"):
        apis.get("ec", "aoba", ORDER)
    assert vault.secret == GRANTED


def test_the_secret_is_written_whole(aws: None) -> None:
    clients.secretsmanager().create_secret(
        Name="yoin-dev/api/ec/aoba", SecretString=json.dumps(GRANTED)
    )
    secrets = Secrets(clients.secretsmanager, "dev")
    assert secrets.api_credentials("ec", "aoba") == GRANTED
    secrets.keep_api_credentials("ec", "aoba", {**GRANTED, "refresh_token": "r-2"})
    assert secrets.api_credentials("ec", "aoba")["refresh_token"] == "r-2"
    assert Secrets(clients.secretsmanager, "dev").api_credentials("ec", "aoba")["client_id"] == "id"
    with pytest.raises(RetryableError, match="yoin-dev/api/ec/nobody"):
        secrets.api_credentials("ec", "nobody")
