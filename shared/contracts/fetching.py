"""What a thin event leaves out, and how it is asked for at the vendor's API.

A source says *what* is missing (``Fetch``: a path on an API of its own, never an address out of
the payload) and *how* its API is spoken to (``Api``). Only the fetch function has the token and
goes out into the network; what it brings comes back as an event of the same source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

_SAFE_SEGMENT = re.compile(r"[A-Za-z0-9_.~=-]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One resource that an event names.

    Attributes:
        path: below the API's base, beginning with a slash; every id in it went through
            ``segment``.
        topic: under which the answer is normalized.
        query: parameters.
        method, body: a POST with JSON for what is asked by GraphQL.
        wrap: the answer becomes the value of this key of a new object, beside ``extra``; None:
            the answer is the body as it is.
        extra: what of the thin event the answer does not repeat.
    """

    path: str
    topic: str
    query: Mapping[str, str] = field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"
    body: Mapping[str, Any] | None = None
    wrap: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """How a vendor's API is spoken to.

    The credentials are a secret: a JSON object with the fields that ``auth`` needs, and
    ``base_url`` where the vendor has no address in common.

    Attributes:
        base_url: https, without a slash at the end; "" where the secret has to say it.
        auth: "bearer" (``token``); "basic" (``username``, ``password``); "header" (``token``, in
            ``header``); "oauth" (``client_id``, ``client_secret``, ``token_url``, ``scope``):
            the client credentials grant of RFC 6749, 4.4.
        header: the header of "header".
        headers: further headers of every request, such as an API version.
        docs_url: how a merchant gets the credentials.
    """

    base_url: str
    auth: Literal["bearer", "basic", "header", "oauth"]
    header: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    docs_url: str = ""


def segment(text: str) -> str | None:
    """``text`` where it can stand in a path as it is; None for anything else, dots alone too."""
    return text if _SAFE_SEGMENT.fullmatch(text) and text.strip(".") else None
