"""A vendor's event on its way to ingest: as it arrived, or as what is still to be fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One event as the vendor sent it.

    Attributes:
        source: its name in Yoin.
        brand: whose webhook it came to.
        body: JSON text.
        headers: those that the source reads, names in small letters.
        topic: where it is not for the source to tell: of what was fetched.
        event_id: the vendor's own, if it has one.
        received_at: when it arrived.
        replayed: it comes from the bus's archive.
        rounds: how often something was fetched for it.
        bundled: several events, in a list of ours: one delivery brought too many to go singly.
    """

    source: str
    brand: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    topic: str | None = None
    event_id: str | None = None
    received_at: datetime | None = None
    replayed: bool = False
    rounds: int = 0
    bundled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One resource that an event names and does not bring.

    Attributes:
        path: below the API's base, beginning with a slash; every id in it went through
            ``shared.contracts.fetching.segment``.
        topic: under which the answer is normalized.
        query: parameters.
        method, body: a POST with JSON for what is asked by GraphQL.
        wrap: the answer becomes the value of this key of a new object; None: the answer is the
            body as it is. Needed where there is ``extra`` or ``also``.
        extra: what of the thin event the answer does not repeat, beside ``wrap``.
        also: further resources of the same API, each beside it under its own ``wrap``.
        optional: of one in ``also``: null where the vendor does not have it, or not for us.
        shop: the vendor's account that the event names, where the way that it came does not
            already say whose it is.
    """

    path: str
    topic: str
    query: Mapping[str, str] = field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"
    body: Mapping[str, Any] | None = None
    wrap: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[Fetch, ...] = ()
    optional: bool = False
    shop: str | None = None

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise ValueError("a path begins with a slash")
        parts = (self, *self.also) if self.extra or self.also else ()
        if any(part.wrap is None for part in parts):
            raise ValueError("what is put together needs a name for each part")

    def together(self, answers: Sequence[str]) -> str:
        """The body that the answers (JSON text, the own one first, then those of ``also``) make.

        The texts are put together as they are: no number passes through a parser.
        """
        if self.wrap is None:
            return answers[0]
        named = [json.dumps(name) + ":" + json.dumps(value) for name, value in self.extra.items()]
        for part, answer in zip((self, *self.also), answers, strict=True):
            named.append(json.dumps(part.wrap) + ":" + answer)
        return "{" + ",".join(named) + "}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchTask:
    """What is to be fetched for an event that arrived, after ``rounds`` earlier fetches."""

    source: str
    brand: str
    fetch: Fetch
    headers: Mapping[str, str] = field(default_factory=dict)
    event_id: str | None = None
    received_at: datetime | None = None
    replayed: bool = False
    rounds: int = 0

    def arrived(self, body: str) -> Arrived:
        """The event with what was fetched for it."""
        return Arrived(
            source=self.source,
            brand=self.brand,
            body=body,
            headers=self.headers,
            topic=self.fetch.topic,
            event_id=self.event_id,
            received_at=self.received_at,
            replayed=self.replayed,
            rounds=self.rounds + 1,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """How a vendor's API is spoken to.

    The credentials are a secret: a JSON object with the fields that ``auth`` needs, and
    ``base_url`` where the vendor has no address in common.

    Attributes:
        base_url: https, without a slash at the end; "" where the secret has to say it.
        auth: "bearer" (``token``); "basic" (``username``, ``password``); "header" (``token``, in
            ``header``); "oauth" (``client_id``, ``client_secret``, ``token_url``, ``scope``):
            the client credentials grant of RFC 6749, 4.4; "refresh" (``client_id``,
            ``client_secret``, ``token_url``, ``refresh_token``): that of RFC 6749, 6.
        header: the header of "header".
        headers: further headers of every request, such as an API version.
        docs_url: how a merchant gets the credentials.
    """

    base_url: str
    auth: Literal["bearer", "basic", "header", "oauth", "refresh"]
    header: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    docs_url: str = ""
